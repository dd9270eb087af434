package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxText = 1 << 20 // bytes of a text that are looked at
	maxWord = 40      // code points of a word; of a longer one the beginning stands for it
)

// Split gives the words of s in order, as they are written: runs of letters and digits. An apostrophe inside a word is left out (teacher's is
// teachers, as it is typed in haste), and so is a soft hyphen. After the parts of a hyphenated word comes the whole, without its hyphens:
// «онлайн-сабақ» is онлайн, сабақ and онлайнсабақ. Words are cut to 40 code points; of s the first MiB is read.
func Split(s string) []string { return split(s, true) }

func split(s string, wholes bool) []string {
	var out []string
	var word, whole []rune
	parts := 0
	part := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			whole = append(whole, word...)
			parts++
		}
		word = word[:0]
	}
	end := func() {
		part()
		if parts > 1 && wholes {
			out = append(out, string(whole[:min(len(whole), maxWord)]))
		}
		whole, parts = whole[:0], 0
	}
	runes := []rune(strings.ToValidUTF8(head(s), " "))
	for i, r := range runes {
		inside := len(word) > 0 && i+1 < len(runes) && isPart(runes[i+1])
		switch {
		case isPart(r) || unicode.Is(unicode.M, r) && len(word) > 0:
			if len(word) < maxWord {
				word = append(word, r)
			}
		case unicode.Is(unicode.Cf, r):
		case inside && strings.ContainsRune("'’ʼ‘`´ʹ′", r):
		case inside && strings.ContainsRune("-‐‑", r):
			part()
			whole = whole[:min(len(whole), maxWord)]
		default:
			end()
		}
	}
	end()
	return out
}

func isPart(r rune) bool {
	return unicode.IsLetter(r) && !strings.ContainsRune("ʼʹ", r) || unicode.IsDigit(r)
}

func head(s string) string {
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}

// cut gives the first n code points of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
