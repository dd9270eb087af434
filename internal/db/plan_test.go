package db_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ustaz/internal/db"
)

// small are the tables that do not grow with people nor with time: reading one whole costs what it holds.
var small = map[string]string{
	"edition":            "a few in a decade",
	"policy_draft":       "a few in a decade",
	"edition_letter":     "one row an edition",
	"setting":            "one row a setting",
	"schema_step":        "one row a step",
	"classifier":         "one row an import",
	"outside_system":     "the systems that the operator connected",
	"course":             "what the operator teaches",
	"course_term":        "words of what the operator teaches",
	"course_code":        "what the operator teaches by a code",
	"ticket_canned":      "what support answers often",
	"course_group":       "groups that the operator's people lead",
	"course_draft":       "what the operator teaches, or is about to",
	"stamp":              "one row a kind of thing that is remembered",
	"staff":              "the operator's own people",
	"staff_invite":       "links of three days",
	"staff_grant":        "roles of staff that wait, at most a week",
	"ledger_check":       "the last fifty",
	"ledger_head":        "one row",
	"clock_term":         "one row a term that was edited",
	"clock_day":          "days that were decreed",
	"json_each":          "the parameter itself",
	"recipient":          "the state bodies that data may go to",
	"statistics_release": "one row whenever an officer orders counts",
	"statistics_base":    "one row a table of statistics",
	"retention":          "one row a category",
	"retention_act":      "one row a category and day, at most",
	"carrier":            "what the operator keeps on paper",
	"breach":             "what is hoped not to happen",
	"demo_subject":       "the demonstration's people",
}

// scans are the queries that may read a growing table whole, by how they begin, and why.
var scans = map[string]string{
	"SELECT count(*), coalesce(sum(CASE WHEN ended_at = 0":                      "numbers for the officer's registers",
	"SELECT count(*) FROM subject WHERE erased = 0":                             "a number, for whoever asks for it by name",
	"SELECT (SELECT count(*) FROM ledger_head) + (SELECT count(*) FROM (SELECT": "whether there is anybody: one row",
	"SELECT kind, count(*) FROM desk_case":                                      "a number, for the register of an inspection",
	"SELECT count(DISTINCT concerned) FROM desk_case WHERE blocks = 1":          "who is blocked now: an index of those alone",
	"SELECT id, kind, tries, reason, failed_at FROM job WHERE failed_at > 0 OR": "what failed, for staff; jobs that are done leave the table",
}

func allowed(query string) bool {
	for start := range scans {
		if strings.HasPrefix(query, start) {
			return true
		}
	}
	return false
}

// statements are all SQL texts of the program, as they read on SQLite, with where each stands.
func statements(t *testing.T, d *db.DB) map[string]string {
	t.Helper()
	byFolder := map[string][]*ast.File{}
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && (e.Name() == "testdata" || e.Name() == "bench" || strings.HasPrefix(e.Name(), "test")) {
			if err == nil {
				err = fs.SkipDir // only the program's own
			}
			return err
		}
		if e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		byFolder[filepath.Dir(path)] = append(byFolder[filepath.Dir(path)], f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, files := range byFolder {
		text := folder{d: d, names: constants(files)}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				e, ok := n.(ast.Expr)
				if !ok || !statement.MatchString(text.start(e)) {
					return true
				}
				whole, err := text.of(e)
				if err != nil {
					t.Errorf("%s: a statement that is not constant: %v", set.Position(e.Pos()), err)
				}
				if strings.HasPrefix(whole, "SELECT pg_") { // PostgreSQL's alone
					return false
				}
				out[whole] = set.Position(e.Pos()).String()
				return false
			})
		}
	}
	return out
}

var statement = regexp.MustCompile(`^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) ([a-z(1]|$)`)

// constants are the values of a package's names outside of functions.
func constants(files []*ast.File) map[string]ast.Expr {
	out := map[string]ast.Expr{}
	for _, f := range files {
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
					for i, name := range v.Names {
						out[name.Name] = v.Values[i]
					}
				}
			}
		}
	}
	return out
}

// folder computes texts that are put together from constants and from what differs between the databases.
type folder struct {
	d     *db.DB
	names map[string]ast.Expr
}

// start is the first piece of a text.
func (f *folder) start(e ast.Expr) string {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		return f.start(sum.X)
	}
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		s, _ := strconv.Unquote(lit.Value) // the parser took it
		return s
	}
	return ""
}

func (f *folder) of(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.Unquote(e.Value)
	case *ast.Ident:
		if v, ok := f.names[e.Name]; ok {
			return f.of(v)
		}
		if e.Name == "lock" { // ForUpdate, handed down
			return "", nil
		}
	case *ast.BinaryExpr:
		x, err := f.of(e.X)
		if err != nil {
			return "", err
		}
		y, err := f.of(e.Y)
		return x + y, err
	case *ast.CallExpr:
		if s, ok := e.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "ForUpdate" {
			return f.d.ForUpdate(), nil
		} else if ok && s.Sel.Name == "OneOf" {
			parameter, err := f.of(e.Args[0])
			return f.d.OneOf(parameter), err
		}
	}
	return "", fmt.Errorf("%T", e)
}

// Every query of the program is planned on SQLite: it is valid, its parameters first appear in ascending order, and it reads no table
// whole that grows with people or time.
func TestNoQueryScansATableThatGrows(t *testing.T) {
	d := open(t, db.SQLiteURL(filepath.Join(t.TempDir(), "x.db")))
	all := statements(t, d)
	if len(all) < 100 {
		t.Fatalf("only %d statements found", len(all))
	}
	for _, query := range slices.Sorted(maps.Keys(all)) {
		seen := 0
		for _, p := range regexp.MustCompile(`\$(\d+)`).FindAllStringSubmatch(query, -1) {
			if n, _ := strconv.Atoi(p[1]); n == seen+1 { // digits, by the pattern
				seen++
			} else if n > seen {
				t.Errorf("%s: $%d appears before $%d: %s", all[query], n, seen+1, query)
			}
		}
		plan, err := plan(d, query, seen)
		if err != nil {
			t.Errorf("%s: %v: %s", all[query], err, query)
			continue
		}
		for _, step := range plan {
			table, scanned := strings.CutPrefix(step, "SCAN ")
			table, _, _ = strings.Cut(table, " ")
			if scanned && small[table] == "" && !allowed(query) {
				t.Errorf("%s: %s: %s", all[query], step, query)
			}
		}
	}
}

// plan is how SQLite would go about a query, step by step.
func plan(d *db.DB, query string, parameters int) ([]string, error) {
	var steps []string
	err := d.Write(context.Background(), func(t *db.Tx) error {
		rows, err := t.Query("EXPLAIN QUERY PLAN "+query, make([]any, parameters)...)
		if err != nil {
			return err
		}
		return db.Each(rows, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			steps = append(steps, detail)
			return err
		})
	})
	return steps, err
}
