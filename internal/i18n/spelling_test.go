package i18n

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"ustaz/internal/testneed"
)

// Words that hunspell does not know are in testdata/words.kk.txt and words.ru.txt, one on a line, once somebody has read them and found
// them right; a word in small letters stands for the same with capitals, too. To see what waits to be read:
//
//	go test ./internal/i18n -run Spelling -v -list-unknown
var listUnknown = flag.Bool("list-unknown", false, "print words that neither hunspell nor the reviewed lists know, with where they stand, and reviewed words that are gone")

var dictionaries = map[string]string{"kk": "kk_KZ", "ru": "ru_RU"}

// documents are read beside the catalogue; %s is a language.
var documents = []string{"../policy/default/policy.%s.md", "../learning/sample/*.%s.md", "../quiz/sample/*.%s.md"}

func TestSpelling(t *testing.T) {
	for code, dictionary := range dictionaries {
		t.Run(code, func(t *testing.T) {
			used := writtenWords(t, code)
			reviewed := reviewedWords(t, code)
			unknown := unknownWords(t, dictionary, slices.Sorted(maps.Keys(used)))
			for _, word := range unknown {
				if known(reviewed, word) {
					continue
				}
				if *listUnknown {
					fmt.Printf("%s\t%s\t%s\n", code, word, used[word])
					continue
				}
				t.Errorf("%s: %q: is it a mistake? Else it belongs in testdata/words.%s.txt", used[word], word, code)
			}
			if *listUnknown {
				for _, word := range reviewed {
					if !slices.ContainsFunc(unknown, func(u string) bool { return u == word || strings.ToLower(u) == word }) {
						fmt.Printf("%s\t%s\tin the list, not in use\n", code, word)
					}
				}
			}
		})
	}
}

func TestMistakesAreFound(t *testing.T) {
	for code, mistakes := range map[string][]string{"kk": {"деректерр", "Саясатт"}, "ru": {"политка", "Согласее"}} {
		words := append([]string{map[string]string{"kk": "деректер", "ru": "Политика"}[code]}, mistakes...)
		if got := unknownWords(t, dictionaries[code], words); !slices.Equal(got, mistakes) {
			t.Errorf("%s: found %q, want %q", code, got, mistakes)
		}
	}
	if known([]string{"сайт", "Наурыз"}, "наурыз") || !known([]string{"сайт", "Наурыз"}, "САЙТ") {
		t.Error("a word in small letters stands for any, one with capitals for itself")
	}
	got := cyrillicWords("Smart Ustaz: {who} көрді, онлайн-курс, 3.2-тармақ\nи ещё…")
	if want := []string{"көрді", "онлайн", "курс", "тармақ", "и", "ещё"}; !slices.Equal(got, want) {
		t.Errorf("words are %q", got)
	}
}

// writtenWords gives every word of a language with a place where it stands.
func writtenWords(t *testing.T, code string) map[string]string {
	t.Helper()
	used := map[string]string{}
	add := func(text, place string) {
		for _, word := range cyrillicWords(text) {
			if old := used[word]; old == "" || place < old {
				used[word] = place
			}
		}
	}
	entries, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	for key, e := range entries {
		m, err := parse(code, e.texts[code])
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m {
			add(p.text, e.file+" "+key)
		}
	}
	for _, pattern := range documents {
		paths, err := filepath.Glob(fmt.Sprintf(pattern, code))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no document %s in %s: %v", pattern, code, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			add(string(text), path)
		}
	}
	return used
}

// cyrillicWords cuts a text; a word with a hyphen is its parts, and words in Latin letters belong to no dictionary here.
func cyrillicWords(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	return slices.DeleteFunc(words, func(w string) bool {
		return strings.ContainsFunc(w, func(r rune) bool { return !unicode.Is(unicode.Cyrillic, r) })
	})
}

func reviewedWords(t *testing.T, code string) []string {
	t.Helper()
	path := "testdata/words." + code + ".txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(text))
	if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
		t.Errorf("%s is not sorted, or has a word twice: LC_ALL=C sort -u", path)
	}
	return words
}

func known(reviewed []string, word string) bool {
	return slices.Contains(reviewed, word) || slices.Contains(reviewed, strings.ToLower(word))
}

// unknownWords asks hunspell for those that its dictionary lacks, in the order given.
func unknownWords(t *testing.T, dictionary string, words []string) []string {
	t.Helper()
	program, err := exec.LookPath("hunspell")
	if err != nil {
		testneed.Missing(t, "no hunspell")
	}
	cmd := exec.Command(program, "-d", dictionary, "-i", "utf-8", "-w", "-l")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir()) // no words of the developer's own
	cmd.Stdin = strings.NewReader(strings.Join(words, "\n") + "\n")
	var faults bytes.Buffer
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if strings.Contains(faults.String(), "dictionar") {
		testneed.Missing(t, "no dictionary "+dictionary+" for hunspell")
	}
	if err != nil {
		t.Fatalf("hunspell: %v: %s", err, faults.String())
	}
	return strings.Fields(string(out))
}
