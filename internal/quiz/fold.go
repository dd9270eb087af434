package quiz

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold is what two short texts are compared by. Nothing is left of a case, of spaces at the ends and more than one between words, of quotation
// marks, of invisible characters, of a full stop at the end; dashes are all the same, and so are apostrophes, which
// stay inside a word. Letters stay what they are: «қ» is not «к», «ё» is not «е».
func fold(s string) string {
	in := []rune(norm.NFC.String(s))
	out := make([]rune, 0, len(in))
	letter := func(i int) bool { return i >= 0 && i < len(in) && unicode.IsLetter(in[i]) }
	for i, r := range in {
		switch {
		case strings.ContainsRune("'’‘ʼ", r):
			if letter(i-1) && letter(i+1) {
				out = append(out, '\'')
			}
		case unicode.In(r, unicode.Pi, unicode.Pf, unicode.Cf), strings.ContainsRune("\"„‚‟″`", r):
		case unicode.Is(unicode.Pd, r), r == '−':
			out = append(out, '-')
		default:
			out = append(out, unicode.ToLower(unicode.ToUpper(r)))
		}
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	return strings.TrimSpace(strings.TrimSuffix(text, "."))
}

// accepts tells whether given is one of accepted.
func accepts(accepted []string, given string) bool {
	f := fold(given)
	for _, a := range accepted {
		if f != "" && fold(a) == f {
			return true
		}
	}
	return false
}

var truths = map[string]bool{"true": true, "дұрыс": true, "верно": true, "false": false, "бұрыс": false, "неверно": false}

// truth reads a word that says whether a statement is true.
func truth(s string) (isTrue, ok bool) {
	isTrue, ok = truths[strings.ToLower(norm.NFC.String(s))]
	return isTrue, ok
}
