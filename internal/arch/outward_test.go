package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// TestOneWayOut holds that no package but internal/disclosure so much as names the operations by which personal data leave for somebody else (5.2,
// 5.3), other than to tell whether an entry was one; so none asks the door for them, whatever the rules would say. Nor does any other write CSV.
// What a page shows and what an API call gives are reads, and have their own tests.
func TestOneWayOut(t *testing.T) {
	operations := map[string]bool{"Provision": true, "Systematising": true, "Depersonalisation": true}
	knows := map[string]bool{
		"internal/policy":     true, // names them
		"internal/keeper":     true, // tells them apart for the reading brake
		"internal/disclosure": true,
	}
	// Tables are written where people's own values can't be had, or by their owner: see what each is for.
	tables := map[string]string{"internal/disclosure": "packages", "internal/web/console": "counts from which nobody can be told",
		"internal/place": "reads the classifier of places"}
	for _, p := range packages(t) {
		if forTests(p.ImportPath) {
			continue
		}
		for _, i := range p.Imports {
			if i == "encoding/csv" && tables[p.ImportPath] == "" {
				t.Errorf("%s imports %s: a list of people leaves by internal/disclosure or not at all", p.ImportPath, i)
			}
		}
		if knows[p.ImportPath] {
			continue
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			asked := map[ast.Node]bool{} // sides of comparisons, and lists to compare with
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BinaryExpr:
					asked[n.X], asked[n.Y] = true, true
				case *ast.CaseClause:
					for _, e := range n.List {
						asked[e] = true
					}
				case *ast.CompositeLit:
					if _, list := n.Type.(*ast.ArrayType); list {
						for _, e := range n.Elts {
							asked[e] = true
						}
					}
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == "policy" && operations[n.Sel.Name] && !asked[n] {
						t.Errorf("%s: policy.%s in %s", set.Position(n.Pos()), n.Sel.Name, p.ImportPath)
					}
				}
				return true
			})
		}
	}
}
