package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// folded are letters that are typed one for another, in lower case. The last line is what text of the code page KZ-1048 becomes where it
// was read as Windows-1251: «Ќараѓанды» has lost no letter, it has the wrong ones.
var folded = map[rune]rune{
	'ә': 'а', 'ғ': 'г', 'қ': 'к', 'ң': 'н', 'ө': 'о', 'ұ': 'у', 'ү': 'у', 'һ': 'х', 'і': 'и', 'й': 'и',
	'ћ': 'х', 'ј': 'а', 'ґ': 'о', 'є': 'г', 'ѕ': 'н',
}

// plain are Latin letters whose sign is not a combining one, and what is typed for them.
var plain = map[rune]string{
	'ı': "i", 'ə': "a", 'ǝ': "a", 'ø': "o", 'ł': "l", 'đ': "d", 'ħ': "h", 'ß': "ss", 'æ': "ae", 'œ': "oe",
}

// alike are Latin letters that look like Cyrillic ones, which stand in the middle of Cyrillic words in many texts («бiлiм» with Latin i).
var alike = map[rune]rune{
	'a': 'а', 'c': 'с', 'e': 'е', 'h': 'һ', 'i': 'і', 'o': 'о', 'p': 'р', 'x': 'х', 'y': 'у',
	'A': 'а', 'B': 'в', 'C': 'с', 'E': 'е', 'H': 'н', 'I': 'і', 'K': 'к', 'M': 'м', 'O': 'о', 'P': 'р', 'T': 'т', 'X': 'х', 'Y': 'у',
}

// breve turns и into й; of the combining marks it alone changes how a word is stemmed.
const breve = '\u0306'

// Fold gives s as it is looked for: in lower case, Kazakh letters as the Russian ones typed for them, ё as е, й as и, Latin letters without
// their signs, letters of a wrong script or code page mended. «Қарағанды» and «караганды» become one. ь and ъ stay: leaving them out is a
// slip (see Near), and without them «мел» would be «мель». Folding twice is folding once. The result has at most three times the code points
// of s, and is valid UTF-8.
func Fold(s string) string { return foldMended(mend(s)) }

func foldMended(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if f, ok := folded[r]; ok {
			return f
		}
		return r
	}, s))
}

// mend does what comes before stemming: all of Fold but the table of letters, й kept.
func mend(s string) string {
	s = strings.ReplaceAll(norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")), "ї", "ү") // before the sign is taken off
	s = strings.ReplaceAll(s, "Ї", "Ү")
	var b strings.Builder
	var last rune
	for _, r := range norm.NFD.String(s) {
		switch short := plain[unicode.ToLower(r)]; {
		case short != "":
			b.WriteString(short)
		case r == breve && (last == 'и' || last == 'И'):
			b.WriteRune(r)
		case r >= 0x300 && r <= 0x36F || unicode.Is(unicode.Cf, r) || r == 0:
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return strings.Map(unicode.ToLower, norm.NFC.String(mendScript(b.String())))
}

// mendScript makes words of Cyrillic and look-alike Latin letters Cyrillic. A word with any other Latin letter is left alone.
func mendScript(s string) string {
	runes := []rune(s)
	for from := 0; from < len(runes); {
		to := from
		cyrillic, latin, mendable := false, false, true
		for ; to < len(runes) && (unicode.IsLetter(runes[to]) || runes[to] == breve); to++ {
			if unicode.Is(unicode.Cyrillic, runes[to]) {
				cyrillic = true
			} else if unicode.Is(unicode.Latin, runes[to]) {
				latin = true
				mendable = mendable && alike[runes[to]] != 0
			}
		}
		if cyrillic && latin && mendable {
			for i := from; i < to; i++ {
				if c := alike[runes[i]]; c != 0 {
					runes[i] = c
				}
			}
		}
		from = to + 1
	}
	return string(runes)
}
