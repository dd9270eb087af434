package paper

import (
	"strings"
	"unicode"
)

// breakLines cuts clean text into lines no wider than width. It breaks at spaces and after the hyphen of a word, and a word that is wider
// than a whole line where the line ends. Each line has at least one sign, however narrow the column.
func breakLines(text string, width float64, measure func(rune) float64) []string {
	var out []string
	for part := range strings.SplitSeq(text, "\n") {
		out = append(out, breakPart([]rune(part), width, measure)...)
	}
	return out
}

func breakPart(rs []rune, width float64, measure func(rune) float64) []string {
	var out []string
	for start := 0; ; {
		end, w, chance := start, 0.0, -1 // chance: where the next line would begin
		for ; end < len(rs); end++ {
			w += measure(rs[end])
			if w > width && end > start && rs[end] != ' ' {
				break
			}
			if rs[end] == ' ' || hyphen(rs, end) {
				chance = end + 1
			}
		}
		if end == len(rs) {
			return append(out, strings.TrimRight(string(rs[start:]), " "))
		}
		if chance > start && strings.TrimRight(string(rs[start:chance]), " ") != "" {
			end = chance
		}
		out = append(out, strings.TrimRight(string(rs[start:end]), " "))
		for start = end; start < len(rs) && rs[start] == ' '; start++ {
		}
	}
}

// hyphen tells whether a line may end after the sign at i: a dash, or a hyphen between letters, not that of «4.1.7-тармақ».
func hyphen(rs []rune, i int) bool {
	switch rs[i] {
	case '—', '–':
		return true
	case '-':
		return i > 0 && unicode.IsLetter(rs[i-1]) && i+1 < len(rs) && unicode.IsLetter(rs[i+1])
	}
	return false
}
