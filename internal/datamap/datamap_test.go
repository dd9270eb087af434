package datamap_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ustaz/internal/config"
	"ustaz/internal/datamap"
	"ustaz/internal/db"
	"ustaz/internal/demo"
	"ustaz/internal/i18n"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// names gives "group.item" of a kind.
func names(kind datamap.Kind) []string {
	var out []string
	for _, g := range datamap.Map() {
		for _, i := range g.Items {
			if g.Kind == kind {
				out = append(out, g.Name+"."+i.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// differences compares what there is with what is classified.
func differences(live, mapped []string) []string {
	var out []string
	for _, n := range live {
		if !slices.Contains(mapped, n) {
			out = append(out, n+" is not classified")
		}
	}
	for _, n := range mapped {
		if !slices.Contains(live, n) {
			out = append(out, n+" is classified, but is not there")
		}
	}
	return out
}

func report(t *testing.T, faults []string) {
	t.Helper()
	for _, f := range faults {
		t.Error(f)
	}
}

func TestDifferencesAreFound(t *testing.T) {
	got := differences([]string{"a.kept", "a.new"}, []string{"a.gone", "a.kept"})
	want := []string{"a.new is not classified", "a.gone is classified, but is not there"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func columns(t *testing.T, d *db.DB) []string {
	t.Helper()
	query := `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	if d.Dialect == db.SQLite {
		query = `SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite%'`
	}
	rows, err := d.Query(t.Context(), query)
	must(t, err)
	var out []string
	must(t, db.Each(rows, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	}))
	slices.Sort(out)
	return out
}

func TestEveryColumnIsClassified(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		report(t, differences(columns(t, e.DB), names(datamap.Table)))
	})
}

// A column that no one knew about is found on the live database, not in the files of the schema.
func TestAnUnknownColumnIsFound(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		must(t, e.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec("ALTER TABLE staff ADD COLUMN nickname TEXT")
			return err
		}))
		if got := differences(columns(t, e.DB), names(datamap.Table)); !slices.Equal(got, []string{"staff.nickname is not classified"}) {
			t.Errorf("got %q", got)
		}
	})
}

func TestItemsAreWhole(t *testing.T) {
	ed, err := policy.Default()
	must(t, err)
	clauses := ed.Docs["kk"].Numbers()
	groups := map[string]bool{}
	for _, g := range datamap.Map() {
		if groups[string(g.Kind)+g.Name] || g.About == "" || len(g.Items) == 0 || !slices.Contains(datamap.Kinds, g.Kind) {
			t.Errorf("%s: a group twice, of no kind, without items or without words", g.Name)
		}
		groups[string(g.Kind)+g.Name] = true
		seen := map[string]bool{}
		for _, i := range g.Items {
			name := g.Name + "." + i.Name
			switch {
			case i.Name == "" || seen[i.Name]:
				t.Errorf("%s stands twice, or has no name", name)
			case i.Holds == "" || i.Goes == "" || i.Kept == "":
				t.Errorf("%s does not say what it holds, where it goes, how long it stays", name)
			case !slices.Contains(datamap.Categories, i.Category):
				t.Errorf("%s is of no category", name)
			case len(i.Clauses) == 0:
				t.Errorf("%s names no clause", name)
			case i.Category.Personal() && len(i.Purposes) == 0:
				t.Errorf("%s is personal and serves no purpose", name)
			case g.Kind == datamap.Table && i.Category == datamap.Clear:
				t.Errorf("%s is a column in the clear", name)
			case strings.Contains(name+i.Holds+i.Goes+i.Kept, "|"):
				t.Errorf("%s would break the table of the document", name)
			}
			for _, c := range i.Clauses {
				if !slices.Contains(clauses, c) {
					t.Errorf("%s names a clause %q, which the policy does not have", name, c)
				}
			}
			for _, p := range i.Purposes {
				if !p.Valid() {
					t.Errorf("%s serves a purpose that the policy does not have", name)
				}
			}
			seen[i.Name] = true
		}
	}
}

// Every field that may be known of a person has its clause beside some sealed item.
func TestSealedItemsCoverTheFields(t *testing.T) {
	var sealed []string
	for _, g := range datamap.Map() {
		for _, i := range g.Items {
			if g.Kind == datamap.Table && i.Category == datamap.Sealed {
				sealed = append(sealed, i.Clauses...)
			}
		}
	}
	for _, f := range person.All {
		if !slices.Contains(sealed, f.Clause()) {
			t.Errorf("no sealed column says that it holds %s (%s)", f, f.Clause())
		}
	}
}

// The files are those that a door, the folder of letters and the demonstration make.
func TestEveryFileIsClassified(t *testing.T) {
	e := testdoor.SQLite(t)
	e.Subject(t, testdoor.AyaFields)
	must(t, e.Ledger.Anchor(t.Context()))
	data := filepath.Dir(strings.TrimPrefix(e.URL, "sqlite:"))
	sender, err := notify.Folder(config.Storage{Data: data}.MailDir())
	must(t, err)
	must(t, sender.Send(t.Context(), notify.Message{From: "noreply@ustaz.example.kz", To: person.Stored(person.Email, "aya@mysal.kz"), ID: "word@ustaz.example.kz",
		Date: testdoor.Start, Subject: "Хат", Text: secret.New("Хат"), HTML: secret.New("<p>Хат</p>")}))

	live := []string{"Data folder." + filepath.Base(demo.New(demo.Config{Data: data}).NoteFile()), "Brought by the operator." + config.FileName}
	for folder, root := range map[string]string{"Data folder": data, "Key folder": e.KeyDir} {
		must(t, fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if strings.HasPrefix(path, "mail/") {
				path = "mail/*" + filepath.Ext(path)
			}
			live = append(live, folder+"."+path)
			return nil
		}))
	}
	for _, path := range []string{"mail password", "certificate", "certificate key"} { // wherever the settings say
		live = append(live, "Brought by the operator."+path)
	}
	report(t, differences(live, names(datamap.Files)))
}

// The letters are the keys of the catalogue that have a subject and a body.
func TestEveryLetterIsClassified(t *testing.T) {
	cat, err := i18n.Load()
	must(t, err)
	var live []string
	for _, key := range cat.Keys() {
		if name, is := strings.CutSuffix(key, ".subject"); is && cat.Has(name+".body") {
			live = append(live, name)
		}
	}
	var mapped []string
	for _, g := range datamap.Map() {
		for _, i := range g.Items {
			if g.Kind == datamap.Letters {
				mapped = append(mapped, i.Name)
			}
		}
	}
	report(t, differences(live, mapped))
}

// The log lines are those in the source: calls of a logger with their message, and the attributes named in the same function.
func TestEveryLogLineIsClassified(t *testing.T) {
	live := map[string]bool{}
	must(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			for _, line := range logged(d) {
				live[line] = true
			}
		}
		return nil
	}))
	report(t, differences(slices.Sorted(maps.Keys(live)), names(datamap.Logs)))
}

var (
	logger = regexp.MustCompile(`(?i)^(slog|log|logger)$`)
	// where the message stands in a call of each method
	methods = map[string]int{"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1, "Log": 2, "LogAttrs": 2}
	makers  = []string{"String", "Int", "Int64", "Uint64", "Float64", "Bool", "Time", "Duration", "Any", "Group"}
)

// logged gives "message.attribute" of the log lines that a declaration writes.
func logged(d ast.Decl) []string {
	var out, messages, attributes []string
	ast.Inspect(d, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		var of string
		switch x := method.X.(type) {
		case *ast.Ident:
			of = x.Name
		case *ast.SelectorExpr:
			of = x.Sel.Name
		}
		at, logs := methods[method.Sel.Name]
		switch {
		case of == "slog" && slices.Contains(makers, method.Sel.Name):
			attributes = append(attributes, text(call.Args[0]))
		case logger.MatchString(of) && logs && len(call.Args) > at:
			message := text(call.Args[at])
			if method.Sel.Name == "LogAttrs" {
				messages = append(messages, message)
				break
			}
			for i := at + 1; i < len(call.Args); i += 2 {
				out = append(out, message+"."+text(call.Args[i]))
			}
		}
		return true
	})
	for _, message := range messages {
		for _, attribute := range attributes {
			out = append(out, message+"."+attribute)
		}
	}
	return out
}

// text is a string literal; anything else can't be classified and is told as it is.
func text(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if s, err := strconv.Unquote(lit.Value); err == nil {
			return s
		}
	}
	return "a text that is no literal"
}

func TestDocumentIsUpToDate(t *testing.T) {
	have, err := os.ReadFile("../../docs/data-map.md")
	must(t, err)
	if want := datamap.Markdown(); string(have) != want {
		t.Errorf("docs/data-map.md is not what go generate ./internal/datamap makes: line %d", firstDifference(string(have), want))
	}
}

func firstDifference(a, b string) int {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return i + 1
		}
	}
	return cmp.Or(min(len(as), len(bs)), 1)
}
