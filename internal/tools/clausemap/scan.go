package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// place is a named thing in a file: a declaration, a rule, a table, a test. The name is empty where the file as a whole is meant.
type place struct{ file, name string }

// sources is what was found in a checkout.
type sources struct {
	numbers map[string]bool               // of the policy
	code    map[string]map[place]struct{} // by number
	tests   map[string]map[place]struct{}
	known   map[place]place // each file, and each declaration of Go by its folder and name, to where it is
}

// aside are files whose numbers are about numbers: tools, the data map, the benchmark, the reading of policy texts. Test helpers keep no
// clause.
var aside = regexp.MustCompile(`^internal/((tools|datamap|bench|arch|test[a-z]+)/|policy/(importer|document|difference))`)

func scan(root fs.FS, numbers []string) (*sources, error) {
	s := &sources{numbers: map[string]bool{}, code: map[string]map[place]struct{}{}, tests: map[string]map[place]struct{}{}, known: map[place]place{}}
	for _, n := range numbers {
		s.numbers[n] = true
	}
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); file != "." && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "docs") {
				return fs.SkipDir
			}
			return nil
		}
		s.known[place{file: file}] = place{file: file}
		read, wanted := readers[path.Ext(file)]
		if !wanted {
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		return read(s, file, string(text))
	})
	return s, err
}

var readers = map[string]func(s *sources, file, text string) error{
	".go": (*sources).readGo, ".cedar": (*sources).readCedar, ".sql": (*sources).readSQL, ".html": (*sources).readTemplate, ".tmpl": (*sources).readTemplate,
}

func put(into map[string]map[place]struct{}, number string, p place) {
	if into[number] == nil {
		into[number] = map[place]struct{}{}
	}
	into[number][p] = struct{}{}
}

func (s *sources) readGo(file, text string) error {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, text, parser.ParseComments)
	if err != nil {
		return err
	}
	isTest := strings.HasSuffix(file, "_test.go")
	for _, d := range declarations(set, tree) {
		s.known[place{path.Dir(file), d.name}] = place{file, d.name}
		if isTest && !isTestName(d.name) || !isTest && aside.MatchString(file) {
			continue
		}
		found := map[string]bool{}
		for _, c := range tree.Comments {
			if c.Pos() >= d.from && c.End() <= d.to {
				for _, n := range s.mentions(c.Text()) {
					found[n] = true
				}
			}
		}
		if !isTest { // in a test a number may be a value like any other: there only comments say why
			maps.Copy(found, s.literals(d.node))
		}
		into := s.code
		if isTest {
			into = s.tests
		}
		for n := range found {
			put(into, n, place{file, d.name})
		}
	}
	return nil
}

// manyNumbers make a declaration a table of the policy's numbers: it keeps none of them.
const manyNumbers = 8

// literals finds numbers that code gives as they are: By("5.4").
func (s *sources) literals(node ast.Node) map[string]bool {
	found := map[string]bool{}
	if node == nil {
		return found
	}
	ast.Inspect(node, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if word, err := strconv.Unquote(lit.Value); err == nil && s.numbers[word] {
				found[word] = true
			}
		}
		return true
	})
	if len(found) > manyNumbers {
		return nil
	}
	return found
}

func isTestName(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz")
}

// declaration is a named part of a file and where it stands, its comments before and behind included.
type declaration struct {
	name     string
	node     ast.Node
	from, to token.Pos
}

// declarations cuts a file: the comment of the package, each function, each type, each variable and constant of a group. A comment that
// stands free belongs to what comes next.
func declarations(set *token.FileSet, tree *ast.File) []declaration {
	out := []declaration{{name: "package", from: tree.FileStart, to: tree.Name.End()}}
	from := tree.Name.End()
	add := func(name string, node ast.Node, end token.Pos) {
		for _, c := range tree.Comments { // one that follows on the line belongs to it
			if c.Pos() >= end && set.Position(c.Pos()).Line == set.Position(end).Line {
				end = c.End()
			}
		}
		out = append(out, declaration{name, node, from, end})
		from = end
	}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			add(name, d, d.End())
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name.Name, spec, spec.End())
				case *ast.ValueSpec:
					add(spec.Names[0].Name, spec, spec.End())
				}
			}
			from = max(from, d.End())
		}
	}
	return out
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

var (
	cedarID     = regexp.MustCompile(`^@id\("(.*)"\)$`)
	cedarClause = regexp.MustCompile(`^@clause\("(.*)"\)$`)
	sqlTable    = regexp.MustCompile(`^CREATE TABLE (\w+)`)
	templateTag = regexp.MustCompile(`\.Clause "([0-9.]+)"`)
)

func (s *sources) readCedar(file, text string) error {
	id := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if m := cedarID.FindStringSubmatch(line); m != nil {
			id = m[1]
		} else if m := cedarClause.FindStringSubmatch(line); m != nil && s.numbers[m[1]] {
			put(s.code, m[1], place{file, id})
		}
	}
	return nil
}

// readSQL takes the comments of a schema: those before and in a table are of the table.
func (s *sources) readSQL(file, text string) error {
	var waiting []string
	table := ""
	for line := range strings.Lines(text) {
		if m := sqlTable.FindStringSubmatch(line); m != nil {
			table = m[1]
		}
		if _, comment, has := strings.Cut(line, "--"); has {
			waiting = append(waiting, s.mentions(comment)...)
		}
		if table != "" {
			for _, n := range waiting {
				put(s.code, n, place{file, table})
			}
			waiting = nil
		}
		if strings.HasPrefix(line, ");") {
			table = ""
		}
	}
	return nil
}

// readTemplate takes the clauses that a page shows beside what they rule.
func (s *sources) readTemplate(file, text string) error {
	for _, m := range templateTag.FindAllStringSubmatch(text, -1) {
		if s.numbers[m[1]] {
			put(s.code, m[1], place{file: file})
		}
	}
	return nil
}

var (
	// foreign words say that the numbers beside them are those of another paper.
	foreign  = regexp.MustCompile(`(?i)\b(ASVS|RFC|NIST|SP|WCAG|ITU|ISO|CLDR|C2SP|TLS|HTTP|law|articles?|annex|version|order|PDF|DOCX|SCORM)\b`)
	parts    = regexp.MustCompile(`[();]|\.\s|:\s`)
	numeral  = regexp.MustCompile(`[\pL\d./@-]*\d+(?:\.\d+)+[\pL\d/-]*`)
	upTo     = regexp.MustCompile(`^\s*(to|–)\s*$`)
	numberRE = regexp.MustCompile(`^\d(\.\d){1,2}$`)
)

// mentions finds numbers of the policy in a comment: "(6.2.4)", "3.2.1 to 3.2.8", "clause 9.1".
func (s *sources) mentions(comment string) []string {
	var out []string
	for _, part := range parts.Split(comment+"\n", -1) {
		if foreign.MatchString(part) {
			continue
		}
		last, end := "", 0
		for _, at := range numeral.FindAllStringIndex(part, -1) {
			n := part[at[0]:at[1]]
			if strings.HasSuffix(part[:at[0]], `"`) || strings.HasPrefix(part[at[1]:], `"`) {
				n = "" // an example
			}
			if last != "" && upTo.MatchString(part[end:at[0]]) {
				out = append(out, s.between(last, n)...)
			}
			if last, end = "", at[1]; numberRE.MatchString(n) && s.numbers[n] {
				out = append(out, n)
				last = n
			}
		}
	}
	return out
}

// between gives the numbers between two of one clause.
func (s *sources) between(first, last string) []string {
	i, j := strings.LastIndexByte(first, '.'), strings.LastIndexByte(last, '.')
	from, errFrom := strconv.Atoi(first[i+1:])
	to, errTo := strconv.Atoi(last[j+1:])
	if i != j || first[:i] != last[:j] || errFrom != nil || errTo != nil {
		return nil
	}
	var out []string
	for n := from + 1; n < to; n++ {
		if between := first[:i+1] + strconv.Itoa(n); s.numbers[between] {
			out = append(out, between)
		}
	}
	return out
}

// list sorts places and gives them by file: the file, then its names.
func list(places map[place]struct{}, group func(place) string) []string {
	byFile := map[string][]string{}
	for p := range places {
		byFile[group(p)] = append(byFile[group(p)], p.name)
	}
	var out []string
	for file, names := range byFile {
		slices.Sort(names)
		line := "`" + file + "`"
		if names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" || n == "package" }); len(names) > 0 {
			line += " " + strings.Join(names, ", ")
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}
