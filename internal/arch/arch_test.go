package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ustaz/internal/i18n"
)

// floors, top first. Imports run downward only. Packages of one floor do not know each other, but for the stairs below.
var floors = [][]string{
	{"cmd/ustaz", "internal/bench"},
	{"internal/cli"},
	{"internal/config"},
	{"internal/web/site", "internal/web/console", "internal/api"},
	{"internal/web/play"},
	{"internal/web"},
	{"internal/demo", "internal/suggest"},
	{"internal/system", "internal/draft", "internal/disclosure", "internal/authoring", "internal/exam", "internal/task", "internal/scorm", "internal/enrol", "internal/ticket"},
	{"internal/attachment"},
	{"internal/staff", "internal/profile", "internal/rights", "internal/support", "internal/study", "internal/desk", "internal/breach", "internal/publication", "internal/permission", "internal/retention", "internal/certificate"},
	{"internal/account"},
	{"internal/notice"},
	{"internal/consent", "internal/notify"},
	{"internal/keeper"},
	{"internal/archive", "internal/cartridge"},
	{"internal/edition", "internal/limit", "internal/jobs", "internal/ledger", "internal/datamap", "internal/clocks", "internal/controls", "internal/learning", "internal/media"},
	{"internal/seal", "internal/db"},
	{"internal/policy", "internal/quiz", "internal/words", "internal/password", "internal/place", "internal/worktime", "internal/paper"},
	{"internal/person"},
	{"internal/i18n", "internal/formula", "internal/password/common"},
	{"internal/errs", "internal/secret"},
}

// only names packages that few may import, and why.
var only = []struct {
	target string
	by     []string
	why    string
}{
	{"internal/seal", []string{"internal/keeper"}, "one door: whoever could open a ciphertext would be a second one"},
	{"internal/keeper", []string{"internal/account", "internal/consent", "internal/notify", "internal/notice", "internal/staff", "internal/profile", "internal/rights",
		"internal/support", "internal/desk", "internal/system", "internal/disclosure", "internal/breach", "internal/publication", "internal/permission", "internal/retention", "internal/study", "internal/attachment", "internal/exam", "internal/task", "internal/scorm", "internal/enrol", "internal/ticket", "internal/suggest", "internal/certificate", "internal/demo", "internal/api", "internal/cli", "internal/bench", "internal/web/console", "internal/web/site"},
		"pages reach people through use cases; web itself holds no personal value"},
	{"modernc.org/sqlite", []string{"internal/db", "internal/bench"}, "one way to the database"},
	{"github.com/jackc/pgx/v5", []string{"internal/db", "internal/bench"}, "one way to the database"},
	{"github.com/tink-crypto/tink-go/v2/aead", []string{"internal/seal"}, "keys stay where they are used"},
	{"filippo.io/age", []string{"internal/disclosure", "internal/bench"}, "one way out: what is encrypted to somebody else is a disclosure"},
	{"os/exec", nil, "the program starts no other program (ASVS 1.2.5)"},
	{"unsafe", nil, "memory safety (ASVS 1.4.1)"},
	{"math/rand", nil, "secrets come from crypto/rand, and nothing else here needs chance"},
	{"text/template", nil, "pages are escaped by html/template"},
}

type pkg struct {
	ImportPath, Dir  string
	Imports, GoFiles []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "ustaz/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, "ustaz/")
		all = append(all, p)
	}
}

// forTests tells whether a package serves tests or the making of data, and is not part of the program.
func forTests(path string) bool {
	base := filepath.Base(path)
	return strings.HasPrefix(base, "test") || strings.Contains(path, "/tools") || base == "arch" || base == "gen" || base == "webtest"
}

func floorOf(path string) int {
	return slices.IndexFunc(floors, func(f []string) bool { return slices.Contains(f, path) })
}

func TestImportsRunDownward(t *testing.T) {
	for _, p := range packages(t) {
		if forTests(p.ImportPath) || len(p.GoFiles) == 0 {
			continue
		}
		from := floorOf(p.ImportPath)
		if from < 0 {
			t.Errorf("%s has no floor: give it one in the table", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			target, ours := strings.CutPrefix(imported, "ustaz/")
			if ours && forTests(target) {
				t.Errorf("%s imports %s, which is for tests", p.ImportPath, target)
			} else if ours && floorOf(target) <= from {
				t.Errorf("%s imports %s, which is not on a lower floor", p.ImportPath, target)
			}
			for _, o := range only {
				if (imported == o.target || target == o.target) && !slices.Contains(o.by, p.ImportPath) {
					t.Errorf("%s imports %s: %s", p.ImportPath, o.target, o.why)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItGuarantees(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		documented := false
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			documented = documented || f.Doc != nil && len(f.Doc.Text()) > 60
		}
		if !documented {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// revealers are where a closed value may be opened: where it is checked, sealed, looked up, or shown to whom the door let it.
var revealers = []string{
	"internal/person", "internal/secret", "internal/keeper", "internal/password", "internal/paper", "internal/notify", "internal/notice", "internal/account", "internal/staff",
	"internal/profile", "internal/desk", "internal/system", "internal/disclosure", "internal/demo", "internal/study", "internal/attachment", "internal/exam", "internal/task", "internal/scorm", "internal/enrol", "internal/ticket", "internal/suggest", "internal/certificate", "internal/web", "internal/web/site", "internal/web/console", "internal/api", "internal/cli", "internal/bench",
}

func TestPlainValuesComeOutInFewPlaces(t *testing.T) {
	for _, p := range packages(t) {
		if forTests(p.ImportPath) || slices.Contains(revealers, p.ImportPath) {
			continue
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Reveal" {
					t.Errorf("%s: a closed value is opened in %s", set.Position(s.Pos()), p.ImportPath)
				}
				return true
			})
		}
	}
}

// Time comes from a clock that is passed in; the few places that read the machine's are named.
func TestClockIsPassedIn(t *testing.T) {
	may := map[string]string{
		"internal/cli":   "the program's clock starts here",
		"internal/bench": "measures",
		"internal/web":   "how long a request took",
		"internal/api":   "how long a request took",
	}
	for _, p := range packages(t) {
		if forTests(p.ImportPath) || may[p.ImportPath] != "" {
			continue
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Sleep") {
					t.Errorf("%s: time.%s in %s", set.Position(s.Pos()), s.Sel.Name, p.ImportPath)
				}
				return true
			})
		}
	}
}

// TestEveryErrorHasWords: whatever key an error is made with, the catalogue has words for it.
func TestEveryErrorHasWords(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	check := func(set *token.FileSet, e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return // made of parts: the package's own tests see it
		}
		found++
		if key, err := strconv.Unquote(lit.Value); err != nil || !catalog.Has(key) && !catalog.Has(key+".other") {
			t.Errorf("%s: an error with the key %s, which has no words", set.Position(lit.Pos()), lit.Value)
		}
	}
	for _, p := range packages(t) {
		if forTests(p.ImportPath) {
			continue
		}
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if fn, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) >= 2 {
						if of, ok := fn.X.(*ast.Ident); ok && of.Name == "errs" && (fn.Sel.Name == "New" || fn.Sel.Name == "Wrap") {
							check(set, n.Args[1])
						}
					}
				case *ast.CompositeLit:
					if of, ok := n.Type.(*ast.SelectorExpr); ok && of.Sel.Name == "Field" {
						for _, e := range n.Elts {
							if kv, ok := e.(*ast.KeyValueExpr); ok {
								if k, ok := kv.Key.(*ast.Ident); ok && k.Name == "Key" {
									check(set, kv.Value)
								}
							}
						}
					}
				}
				return true
			})
		}
	}
	if found < 300 {
		t.Errorf("%d errors were found: the search has gone blind", found)
	}
}
