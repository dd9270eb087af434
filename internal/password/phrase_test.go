package password

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var languages = map[string]string{
	"kk": "аәбвгғдежзийкқлмнңоөпрстуұүфхцчшщыьіэюя", // without һ and ё, which not every keyboard shows
	"ru": "абвгдежзийклмнопрстуфхцчшщыьэюя",         // without ё, which is often written е
	"en": "abcdefghijklmnopqrstuvwxyz",
}

// unkind lists stems that no phrase may contain, in the three languages; whoever adds words adds here what comes to mind.
var unkind = []string{
	"kill", "dead", "death", "blood", "gun ", "war ", "bomb", "sex", "nude", "drug", "hell ", "devil", "ugly", "fat ", "idiot", "stupid", "enemy", "hate", "poison", "slave",
	"убий", "смерт", "труп", "кров", "войн", "бомб", "оруж", "секс", "голый", "пьян", "водка", "наркот", "дурак", "глуп", "урод", "враг", "тюрьм", "черт ", "дьявол", "гроб",
	"өлтір", "өлік", "өлім", "қанды", "соғыс", "жарылғыш", "арақ", "есірткі", "ақымақ", "жындыл", "шайтан", "түрме", "табыт", "бейіт", "жезөкше", "құл ",
}

func TestWordLists(t *testing.T) {
	for lang, alphabet := range languages {
		t.Run(lang, func(t *testing.T) {
			list := words(lang)
			if len(list) < 1024 {
				t.Errorf("%d words", len(list))
			}
			seen := map[string]bool{}
			for _, w := range list {
				if seen[w] {
					t.Errorf("%s stands twice", w)
				}
				seen[w] = true
				if n := utf8.RuneCountInString(w); n < 4 || n > 8 {
					t.Errorf("%s has %d letters", w, n)
				}
				if strings.Trim(w, alphabet) != "" {
					t.Errorf("%s has other letters", w)
				}
				if slices.ContainsFunc(unkind, func(stem string) bool { return strings.HasPrefix(w+" ", stem) }) {
					t.Errorf("%s is unkind", w)
				}
			}
		})
	}
}

func TestPhrase(t *testing.T) {
	for lang := range languages {
		list := words(lang)
		for range 200 {
			p := Phrase(lang)
			chosen := strings.Split(p, " ")
			if bits := float64(len(chosen)) * math.Log2(float64(len(list))); bits < PhraseBits {
				t.Fatalf("%s: %.1f bits", lang, bits)
			}
			for _, w := range chosen {
				if !slices.Contains(list, w) {
					t.Fatalf("%s: %q is not in the list", lang, w)
				}
			}
			if err := Check(p, false, nil); err != nil {
				t.Fatalf("%s: our own phrase is refused: %v", lang, err)
			}
		}
	}
}

// Each word comes as often as chance has it: of 60 000 draws, no word's count is further from the mean than seven
// standard deviations, which happens by chance less than once in a hundred million runs.
func TestPickIsFair(t *testing.T) {
	list := words("kk")
	const draws = 60_000
	counts := map[string]int{}
	for _, w := range pick(list, draws) {
		counts[w]++
	}
	mean := draws / float64(len(list))
	for _, w := range list {
		if d := math.Abs(float64(counts[w]) - mean); d > 7*math.Sqrt(mean) {
			t.Errorf("%s came %d times, mean %.1f", w, counts[w], mean)
		}
	}
}

func TestPhraseOfAnotherLanguageIsKazakh(t *testing.T) {
	for _, lang := range []string{"", "de", "../words/en", "en.txt"} {
		for _, w := range strings.Split(Phrase(lang), " ") {
			if !slices.Contains(words("kk"), w) {
				t.Errorf("%q: %s is not Kazakh", lang, w)
			}
		}
	}
}
