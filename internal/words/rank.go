package words

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Field is where in a document a term stands. The numbers are for storing.
type Field int

// Fields.
const (
	Title Field = iota + 1
	Summary
	Heading // the title of a lesson
	Body
)

// fieldWorth is what finding a word there is worth.
var fieldWorth = map[Field]int{Title: 20, Summary: 6, Heading: 4, Body: 1}

// What a way of finding a word is worth; a word that was meant is worth its likeness of slip.
const (
	exact  = 100
	stem   = 80
	prefix = 50
	slip   = 25
)

// Hit is a row of the index that a query asked for.
type Hit struct {
	Doc   string
	Field Field
	Term  string
	Count int // how often Term stands there
}

// Found is a document in which every word of a query stands.
type Found struct {
	Doc   string
	Score int // greater is better; to be compared within one query alone
}

// Rank orders the documents in which every word of q was found, best first. Of each word the best finding counts: what the field is worth, times
// what the way is. So, found in the same way, a title beats a summary, that a lesson's title, that the text; in the same field the word itself
// beats another form of it, that a beginning, that a slip. Documents that are equal so far are ordered by how often the words stand in them, then
// by Doc. Rows that fit no word are passed over; the order of rows does not matter.
func Rank(q Query, hits []Hit) []Found {
	type tally struct {
		best []int
		more int
	}
	docs := map[string]*tally{}
	for _, h := range hits {
		for i, w := range q.Words {
			worth := w.worth(h.Term) * fieldWorth[h.Field]
			if worth == 0 {
				continue
			}
			t := docs[h.Doc]
			if t == nil {
				t = &tally{best: make([]int, len(q.Words))}
				docs[h.Doc] = t
			}
			t.best[i] = max(t.best[i], worth)
			t.more += worth * bits.Len(uint(max(0, min(h.Count, 1000)))) // twice as often is not twice as good
		}
	}
	type ranked struct {
		Found
		more int
	}
	var all []ranked
	for doc, t := range docs {
		if slices.Contains(t.best, 0) {
			continue
		}
		r := ranked{Found{Doc: doc}, t.more}
		for _, b := range t.best {
			r.Score += b
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.more, a.more), strings.Compare(a.Doc, b.Doc))
	})
	out := make([]Found, len(all))
	for i, r := range all {
		out[i] = r.Found
	}
	return out
}

// worth is 0 where term is not what w looks for.
func (w Word) worth(term string) int {
	switch {
	case term == w.Exact:
		return exact
	case slices.Contains(w.Stems, term):
		return stem
	case w.Prefix != "" && strings.HasPrefix(term, w.Prefix):
		return prefix
	}
	if i := slices.IndexFunc(w.Meant, func(g Guess) bool { return g.Word == term || slices.Contains(g.Stems, term) }); i >= 0 {
		return max(1, slip*w.Meant[i].Like/1000)
	}
	return 0
}
