package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneWayOut holds that personal data leave for somebody else by internal/disclosure alone (5.2, 5.3, 6.2.2): no other package asks the door
// for the operations by which they do, whatever the rules would say, nor writes tables or archives that people's data could be carried off in.
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
			ast.Inspect(f, func(n ast.Node) bool {
				field, ok := n.(*ast.KeyValueExpr) // of a passage, or of what becomes one
				if !ok {
					return true
				}
				s, ok := field.Value.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := s.X.(*ast.Ident); ok && strings.HasSuffix(x.Name, "policy") && operations[s.Sel.Name] {
					t.Errorf("%s: policy.%s in %s", set.Position(s.Pos()), s.Sel.Name, p.ImportPath)
				}
				return true
			})
		}
	}
}
