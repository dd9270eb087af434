package policy

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean is s as an edition may hold it: one line, single spaces, whole letters, one alphabet to a word, ә written as ә,
// nothing invisible. It is idempotent.
func clean(s string) string { return cleanLine(s, 0, &repairs{}) }

func cleanLine(s string, at int, log *repairs) string {
	s = repairLetters(s, at, log)
	if composed := norm.NFC.String(s); composed != s {
		log.add(RepairComposed, at, "", "")
		s = composed
	}
	// A letter that changed its alphabet may compose anew.
	s = norm.NFC.String(repairHomoglyphs(s, at, log))
	spaced := strings.Join(strings.Fields(s), " ")
	if spaced != strings.TrimSpace(s) {
		log.add(RepairSpaces, at, "", "")
	}
	return spaced
}

// strayLetters are what PDF text layers and foreign keyboards write for ә.
var strayLetters = map[rune]rune{'\u0525': 'ә', '\u0524': 'Ә', '\u0259': 'ә', '\u018F': 'Ә'}

func repairLetters(s string, at int, log *repairs) string {
	return strings.Map(func(r rune) rune {
		if right, stray := strayLetters[r]; stray {
			log.add(RepairLetters, at, string(r), string(right))
			return right
		}
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
			log.add(RepairInvisible, at, "", "")
			return -1
		}
		return r
	}, s)
}

// The letters that look alike in the Latin and the Cyrillic alphabets of Kazakhstan, pair by pair.
const (
	latinTwins    = "aceiopxyhABCEHIKMOPTX"
	cyrillicTwins = "асеіорхуһАВСЕНІКМОРТХ"
)

var toCyrillic, toLatin = twins(latinTwins, cyrillicTwins), twins(cyrillicTwins, latinTwins)

func twins(from, to string) map[rune]rune {
	pairs := map[rune]rune{}
	target := []rune(to)
	for i, r := range []rune(from) {
		pairs[r] = target[i]
	}
	return pairs
}

// repairHomoglyphs gives each word of two alphabets one: that of most of its letters if the others have twins in it,
// else the other one, else it is left.
func repairHomoglyphs(s string, at int, log *repairs) string {
	var b strings.Builder
	for len(s) > 0 {
		start := strings.IndexFunc(s, unicode.IsLetter)
		if start < 0 {
			start = len(s)
		}
		b.WriteString(s[:start])
		s = s[start:]
		end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
		if end < 0 {
			end = len(s)
		}
		word := s[:end]
		if one := oneAlphabet(word); one != word {
			log.add(RepairHomoglyphs, at, word, one)
			word = one
		}
		b.WriteString(word)
		s = s[end:]
	}
	return b.String()
}

func oneAlphabet(word string) string {
	latin, cyrillic := countScripts(word)
	if latin == 0 || cyrillic == 0 {
		return word
	}
	first, firstTwins, second, secondTwins := unicode.Latin, toCyrillic, unicode.Cyrillic, toLatin
	if latin > cyrillic {
		first, firstTwins, second, secondTwins = second, secondTwins, first, firstTwins
	}
	if one, ok := replaceScript(word, first, firstTwins); ok {
		return one
	}
	if one, ok := replaceScript(word, second, secondTwins); ok {
		return one
	}
	return word
}

func countScripts(s string) (latin, cyrillic int) {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.Is(unicode.Cyrillic, r):
			cyrillic++
		}
	}
	return latin, cyrillic
}

func replaceScript(word string, script *unicode.RangeTable, twins map[rune]rune) (string, bool) {
	whole := true
	one := strings.Map(func(r rune) rune {
		if !unicode.Is(script, r) {
			return r
		}
		twin, ok := twins[r]
		whole = whole && ok
		return twin
	}, word)
	return one, whole
}
