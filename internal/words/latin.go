package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Letters of Kazakh in Latin. Both spellings in use and the one without signs are read; where they differ, in y and ı, the letters that only one
// of them has decide. What is left open does not matter to a search: і, и and й are folded into one, and so are ұ, ү and у.
var (
	latinPairs = map[string]string{"sh": "ш", "ch": "ч", "zh": "ж", "kh": "х", "gh": "ғ", "ya": "я", "ıa": "я", "ia": "ия", "yu": "ю"}
	latin2018  = letters("aаáәbбdдeеfфgгǵғhхiіıиjжkкlлmмnнńңoоóөpпqқrрsсtтuұúүvвwуxхyыýуzз")
	latin2021  = letters("aаäәbбdдeеfфgгğғhхiіıыjжkкlлmмnнŋңñңoоöөpпqқrрsсşшtтuуūұüүvвwуxхyйzз")
)

func letters(s string) map[rune]rune {
	r := []rune(s)
	m := map[rune]rune{}
	for i := 0; i < len(r); i += 2 {
		m[r[i]] = r[i+1]
	}
	return m
}

const maxLatin = 200 // code points

// FromLatin reads Kazakh written in Latin letters, in the spelling of 2018 (á ǵ ń ó ú ý sh ch), that of 2021 (ä ö ü ū ğ ş) or without signs
// («qazaq tili», «mugalim»), and gives it in Cyrillic, for a second try at a query that found nothing. It is false where s has no letter, a
// letter outside those, or more than 200 code points. It is no spelling: names and words from other languages come out as they sound.
func FromLatin(s string) (string, bool) {
	if cut(s, maxLatin) != s {
		return "", false
	}
	r := []rune(strings.Map(unicode.ToLower, strings.ReplaceAll(norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")), "İ", "i")))
	table := latin2018
	if strings.ContainsAny(string(r), "äöüūğşŋñ") {
		table = latin2021
	}
	var b strings.Builder
	any := false
	for i := 0; i < len(r); i++ {
		if !unicode.IsLetter(r[i]) {
			b.WriteRune(r[i])
			continue
		}
		any = true
		if i+1 < len(r) {
			if c := latinPairs[string(r[i:i+2])]; c != "" {
				b.WriteString(c)
				i++
				continue
			}
		}
		c, ok := table[r[i]]
		switch {
		case !ok:
			return "", false
		case r[i] == 'y' && i > 0 && strings.ContainsRune("aáäeoóöiı", r[i-1]):
			c = 'й' // abay in any spelling: ы follows no vowel but у
		}
		b.WriteRune(c)
	}
	if !any {
		return "", false
	}
	return b.String(), true
}
