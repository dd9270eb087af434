package arch

import (
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

	"golang.org/x/mod/modfile"
)

const root = "../.."

// required lists the modules of go.mod.
func required(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range file.Require {
		out = append(out, r.Mod.Path)
	}
	return out
}

// moduleOf finds the module of a package: the longest path that it begins with.
func moduleOf(modules []string, path string) string {
	var found string
	for _, m := range modules {
		if (path == m || strings.HasPrefix(path, m+"/")) && len(m) > len(found) {
			found = m
		}
	}
	return found
}

// imported tells which modules the source imports itself, and whether anything of the program does, not tests and tools alone.
func imported(t *testing.T) map[string]bool {
	t.Helper()
	modules := required(t)
	out := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		program := !strings.HasSuffix(path, "_test.go") && !forTests(filepath.ToSlash(filepath.Dir(rel)))
		for _, i := range file.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			first, _, _ := strings.Cut(name, "/")
			if !strings.Contains(first, ".") {
				continue // the standard library, and ours
			}
			m := moduleOf(modules, name)
			if m == "" {
				t.Errorf("%s imports %s, of no module in go.mod", rel, name)
				continue
			}
			out[m] = out[m] || program
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var tableRow = regexp.MustCompile("(?m)^\\| `([a-z0-9-]+\\.[^`@]+)` \\|(.*)\\|$")

// described gives the modules under a heading of the paper.
func described(t *testing.T, text, heading string) []string {
	t.Helper()
	_, section, found := strings.Cut(text, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/dependencies.md has no part %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var out []string
	for _, m := range tableRow.FindAllStringSubmatch(section, -1) {
		cells := strings.Split(m[2], "|")
		if len(cells) != 4 || strings.TrimSpace(cells[0]) == "" || strings.TrimSpace(cells[1]) == "" || strings.TrimSpace(cells[3]) == "" {
			t.Errorf("%s: what for, why this one, instead of what, licence?", m[1])
		}
		out = append(out, m[1])
	}
	return out
}

func TestEachModuleIsDescribed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	uses := imported(t)
	for heading, inProgram := range map[string]bool{"Modules of the program": true, "Modules of tests and tools alone": false} {
		var want []string
		for _, m := range slices.Sorted(maps.Keys(uses)) {
			if uses[m] == inProgram {
				want = append(want, m)
			}
		}
		got := described(t, string(text), heading)
		for _, m := range want {
			if !slices.Contains(got, m) {
				t.Errorf("%s is imported; docs/dependencies.md does not tell of it under %q", m, heading)
			}
		}
		for _, m := range got {
			if !slices.Contains(want, m) {
				t.Errorf("docs/dependencies.md tells of %s under %q; nothing imports it there", m, heading)
			}
		}
	}
}

func TestModuleOf(t *testing.T) {
	modules := []string{"example.kz/a", "example.kz/a/v2", "example.kz/ab"}
	for path, want := range map[string]string{"example.kz/a/x": "example.kz/a", "example.kz/a/v2": "example.kz/a/v2", "example.kz/a/v2/y": "example.kz/a/v2", "example.kz/abc": ""} {
		if got := moduleOf(modules, path); got != want {
			t.Errorf("%s is of %q, want %q", path, got, want)
		}
	}
}
