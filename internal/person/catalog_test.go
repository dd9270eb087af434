package person

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ustaz/internal/i18n"
)

// Every message key that this package's sources name, and every entry of its lists, has its words.
func TestMessagesExist(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{"position.other": true}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(person\.[a-z._]+)"`).FindAllSubmatch(src, -1) {
			keys[string(m[1])] = true
		}
	}
	if len(keys) < 25 {
		t.Fatalf("only %d keys found in the sources", len(keys))
	}
	for _, c := range append(Workplaces(), Positions()...) {
		keys[c.Key] = true
	}
	for k := range keys {
		if !catalog.Has(k) {
			t.Errorf("no words for %s", k)
		}
	}
	for _, k := range catalog.Keys() {
		for _, area := range []string{"person.", "workplace.", "position."} {
			if strings.HasPrefix(k, area) && !keys[k] {
				t.Errorf("nobody says %s", k)
			}
		}
	}
}

// Every choice is accepted, once.
func TestChoices(t *testing.T) {
	for f, list := range map[Field][]Choice{Workplace: Workplaces(), Position: Positions()} {
		seen := map[string]bool{}
		for _, c := range list {
			if v, err := Parse(f, c.Code, now); err != nil || v.Reveal() != c.Code || seen[c.Code] {
				t.Errorf("%v %s: %v, seen before: %v", f, c.Code, err, seen[c.Code])
			}
			seen[c.Code] = true
		}
	}
	if words, ok := FreePosition(Stored(Position, "other:тарихшы")); !ok || words != "тарихшы" {
		t.Errorf("free words: %q, %v", words, ok)
	}
	if _, ok := FreePosition(Stored(Position, "teacher")); ok {
		t.Error("a position of the list has free words")
	}
	if _, ok := FreePosition(Stored(Surname, "other:тарихшы")); ok {
		t.Error("a surname has free words")
	}
}
