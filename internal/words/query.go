package words

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxQuery  = 200 // code points
	maxWords  = 8
	minPrefix = 2 // letters of the last word, which may still be being typed
	minBefore = 4 // letters of a word before it: «тіл» is not to find «тілек», «мектептегі» is found by «мектеп»
)

// Query is what was typed, as it is looked for.
type Query struct {
	Words []Word // at most 8, each once; none where nothing can be looked for
}

// Word is one word of a query. It may be found in four ways, the best of which counts: as it is, as another form of it, as a beginning, as what
// was meant by it.
type Word struct {
	Exact  string   // folded
	Stems  []string // terms; in every language that its letters may be of, since nobody tells in which they were typed
	Prefix string   // Exact, where it is long enough to be looked for as a beginning: 2 letters in the last word, 4 before it; else ""
	Meant  []Guess  // set by Guess
}

// functional are words that say nothing of what is looked for, folded.
var functional = set(`
	және мен бен пен үшін туралы бойынша арқылы да де та те
	и а в во на с со по для о об от до из к ко у за при под над не но или как что это
	the a an and or of in on for to with by at from is are`)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[Fold(w)] = true
	}
	return m
}

// Parse reads a query: its first 200 code points, of them the first 8 words. Of a hyphenated word the parts are looked for. Words such as «және»,
// «для», "the" are left out unless there are no others. Anything can be parsed.
func Parse(text string) Query {
	var all, telling []Word
	for _, w := range split(cut(text, maxQuery), false) {
		exact := key(mend(w))
		if exact == "" || slices.ContainsFunc(all, func(x Word) bool { return x.Exact == exact }) {
			continue
		}
		word := Word{Exact: exact, Stems: marked("", w)}
		all = append(all, word)
		if !functional[exact] {
			telling = append(telling, word)
		}
	}
	if len(telling) == 0 {
		telling = all
	}
	q := Query{Words: telling[:min(len(telling), maxWords)]}
	for i := range q.Words {
		least := minBefore
		if i == len(q.Words)-1 {
			least = minPrefix
		}
		if w := &q.Words[i]; utf8.RuneCountInString(w.Exact) >= least {
			w.Prefix = w.Exact
		}
	}
	return q
}

// Guess sets what may have been meant by the word, of a vocabulary of folded words.
func (w *Word) Guess(vocabulary []string) {
	w.Meant = Near(w.Exact, vocabulary)
	for i := range w.Meant {
		w.Meant[i].Stems = marked("", w.Meant[i].Word)
	}
}

// Terms gives the terms that a row may equal, sorted, each once: the word, its stems, what was meant and the stems of that. Rows that begin with
// Prefix are found by Range.
func (w Word) Terms() []string {
	out := append([]string{w.Exact}, w.Stems...)
	for _, g := range w.Meant {
		out = append(append(out, g.Word), g.Stems...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Range gives the bounds of the terms that begin with Prefix: from <= term AND term < below, by bytes. It is false where there is no Prefix.
func (w Word) Range() (from, below string, ok bool) {
	return w.Prefix, w.Prefix + string(utf8.MaxRune), w.Prefix != ""
}
