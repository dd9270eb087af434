package words

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Grams gives the runs of three letters of a folded word, sorted, each once; "_" stands for what is not there: two before the word, so that
// its beginning counts more, and one behind it.
func Grams(word string) []string {
	if word == "" {
		return nil
	}
	r := []rune("__" + cut(word, maxWord) + "_")
	out := make([]string, 0, len(r)-2)
	for i := range len(r) - 2 {
		out = append(out, string(r[i:i+3]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Like tells how many runs of three letters two folded words have in common, in thousandths (Dice): 1000 where they are equal.
func Like(a, b string) int { return dice(Grams(a), Grams(b)) }

func dice(a, b []string) int {
	if len(a)+len(b) == 0 {
		return 0
	}
	both := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch order := cmp.Compare(a[i], b[j]); {
		case order < 0:
			i++
		case order > 0:
			j++
		default:
			both++
			i++
			j++
		}
	}
	return 2000 * both / (len(a) + len(b))
}

// Guess is a word that may have been meant.
type Guess struct {
	Word  string
	Like  int      // 1 to 1000
	Stems []string // of Word, as terms, where a query asks
}

const maxGuesses = 8

// Near gives the words of a vocabulary that may have been meant by word, all folded, most alike first: one slip away, or two where word has eight
// letters. A slip is a letter too many, missing, wrong, or changed for its neighbour. In words of less than four letters too many others are
// one slip away; they have none.
func Near(word string, vocabulary []string) []Guess {
	w := []rune(cut(word, maxWord))
	slips := 0
	switch {
	case len(w) >= 8:
		slips = 2
	case len(w) >= 4:
		slips = 1
	default:
		return nil
	}
	grams := Grams(word)
	var out []Guess
	for _, v := range vocabulary {
		n := utf8.RuneCountInString(v)
		if v == word || n < len(w)-slips || n > len(w)+slips || distance(w, []rune(v)) > slips {
			continue
		}
		out = append(out, Guess{Word: v, Like: max(1, dice(grams, Grams(v)))})
	}
	slices.SortFunc(out, func(a, b Guess) int { return cmp.Or(cmp.Compare(b.Like, a.Like), cmp.Compare(a.Word, b.Word)) })
	out = slices.CompactFunc(out, func(a, b Guess) bool { return a.Word == b.Word })
	return out[:min(len(out), maxGuesses)]
}

// distance counts the slips between two words (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			wrong := 1
			if a[i] == b[j] {
				wrong = 0
			}
			row[j+1] = min(last[j]+wrong, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
