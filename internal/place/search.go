package place

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Match is a place found by typing.
type Match struct {
	Place Place
	Path  string // whole path in the language asked for
}

const (
	maxQuery      = 100 // bytes of a query that are looked at
	maxQueryWords = 6
	minInfix      = 3 // letters from which a word is also looked for inside names
)

// Search finds places by what was typed so far, in any of the three languages and without Kazakh letters if need be
// ("караганды" finds Қарағанды). Each word typed must begin a word of the place's name or of its path, and at least one a
// word of its name: "абай семей" finds Семей in Абай region. Only if that finds fewer than limit, words are also looked for
// inside names. Whole words come before beginnings, regions and districts before villages, then the Kazakh alphabet.
// lang is that of Match.Path.
func (t *Tree) Search(query, lang string, limit int) []Match {
	words := queryWords(query)
	if len(words) == 0 || limit <= 0 {
		return nil
	}
	found := t.find(t.index.byPrefix(words), limit, nil)
	if len(found) < limit {
		if inside := t.index.byInfix(words); inside != nil {
			found = t.find(inside, limit, found)
		}
	}
	out := make([]Match, len(found))
	for i, h := range found {
		p := t.places[h.place]
		out[i] = Match{Place: p, Path: t.PathName(p.Code, lang)}
	}
	return out
}

// index knows the folded words of all names. A word's number is its rank, so the words that begin alike are a range.
type index struct {
	words []string
	text  string    // the words one after another, each behind a space
	at    []int32   // where in text each word begins
	named [][]int32 // for each word the places in whose name it stands; empty for the words of kinds
	own   [][]int32 // for each place the words of its names in the three languages
	inner []bool    // places that stand for their area, which therefore is not offered
}

// accepted is what one typed word matches: the numbers of words, and which of them it equals.
type accepted struct {
	lo, hi int32  // range of words; or
	set    []bool // one flag a word
	exact  int32  // number of the word it equals; -1 if none
}

func (a accepted) has(w int32) bool {
	if a.set != nil {
		return a.set[w]
	}
	return w >= a.lo && w < a.hi
}

// fold lets letters that are typed one for another meet.
var fold = map[rune]rune{
	'ә': 'а', 'ғ': 'г', 'қ': 'к', 'ң': 'н', 'ө': 'о', 'ұ': 'у', 'ү': 'у', 'һ': 'х', 'і': 'и', 'ё': 'е', 'й': 'и',
}

// foldWords splits text into folded words: letters and digits; everything else parts them.
func foldWords(s string) []string {
	s = strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if f, ok := fold[r]; ok {
			return f
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return ' '
		}
		return r
	}, norm.NFC.String(s))
	return strings.Fields(s)
}

func queryWords(query string) []string {
	if len(query) > maxQuery {
		cut := maxQuery
		for cut > 0 && !utf8.RuneStart(query[cut]) {
			cut--
		}
		query = query[:cut]
	}
	words := foldWords(strings.ToValidUTF8(query, " "))
	return words[:min(len(words), maxQueryWords)]
}

// kindWords are in thousands of names and tell places apart only beside another word.
var kindWords = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range ruWords {
		for _, s := range append(foldWords(w.before), foldWords(w.after)...) {
			set[s] = true
		}
	}
	for _, e := range endings {
		for _, s := range slices.Concat(foldWords(e.of), foldWords(e.alone), foldWords(e.en)) {
			set[s] = true
		}
	}
	for _, s := range foldWords("область " + namedAfter) {
		set[s] = true
	}
	return set
}()

func newIndex(t *Tree) index {
	names := make([][]string, len(t.places))
	var all []string
	for i, p := range t.places {
		words := foldWords(p.KK + " " + p.RU + " " + p.EN)
		slices.Sort(words)
		names[i] = slices.Compact(words)
		all = append(all, names[i]...)
	}
	slices.Sort(all)
	x := index{words: slices.Clip(slices.Compact(all)), own: make([][]int32, len(t.places)), inner: make([]bool, len(t.places))}
	number := make(map[string]int32, len(x.words))
	var text strings.Builder
	for n, w := range x.words {
		number[w] = int32(n)
		text.WriteByte(' ')
		x.at = append(x.at, int32(text.Len()))
		text.WriteString(w)
	}
	x.text = text.String()
	x.named = make([][]int32, len(x.words))
	for i, words := range names {
		telling := slices.ContainsFunc(words, func(w string) bool { return !kindWords[w] })
		for _, w := range words {
			n := number[w]
			x.own[i] = append(x.own[i], n)
			if !kindWords[w] || !telling {
				x.named[n] = append(x.named[n], int32(i))
			}
		}
		x.inner[i] = slices.ContainsFunc(t.children[i], func(c int32) bool { return t.places[c].KK == t.places[i].KK })
	}
	return x
}

func (x *index) byPrefix(words []string) []accepted {
	out := make([]accepted, len(words))
	for i, w := range words {
		lo, same := slices.BinarySearch(x.words, w)
		hi := lo
		for hi < len(x.words) && strings.HasPrefix(x.words[hi], w) {
			hi++
		}
		out[i] = accepted{lo: int32(lo), hi: int32(hi), exact: -1}
		if same {
			out[i].exact = int32(lo)
		}
	}
	return out
}

// byInfix is nil where every word is too short to be looked for inside others.
func (x *index) byInfix(words []string) []accepted {
	out := x.byPrefix(words)
	useful := false
	for i, w := range words {
		if utf8.RuneCountInString(w) < minInfix {
			continue
		}
		useful = true
		out[i].set = x.containing(w)
	}
	if !useful {
		return nil
	}
	return out
}

// containing flags the words in which w stands. One look through the joined text is several times faster than one a word.
func (x *index) containing(w string) []bool {
	set := make([]bool, len(x.words))
	for from := 0; ; {
		i := strings.Index(x.text[from:], w)
		if i < 0 {
			return set
		}
		n, found := slices.BinarySearch(x.at, int32(from+i))
		if !found {
			n--
		}
		set[n] = true
		if n+1 == len(x.at) {
			return set
		}
		from = int(x.at[n+1])
	}
}

// hit is a place found, and what puts it before others.
type hit struct {
	place      int32
	whole, own int8 // typed words that equal a word of its name, that begin one
	extra      int16
	prominence uint8
	rank       int32
}

func (a hit) compare(b hit) int {
	return cmp.Or(
		cmp.Compare(b.whole, a.whole), cmp.Compare(b.own, a.own),
		cmp.Compare(a.prominence, b.prominence), cmp.Compare(a.extra, b.extra), cmp.Compare(a.rank, b.rank),
	)
}

// find gives the first limit hits that are not in before, after those.
func (t *Tree) find(words []accepted, limit int, before []hit) []hit {
	x := &t.index
	seen := make([]uint64, (len(t.places)+63)/64)
	mark := func(p int32) (first bool) {
		bit := uint64(1) << (p % 64)
		first = seen[p/64]&bit == 0
		seen[p/64] |= bit
		return first
	}
	for _, h := range before {
		mark(h.place)
	}
	limit -= len(before)
	var best []hit
	try := func(p int32) {
		if !mark(p) || x.inner[p] {
			return
		}
		h, ok := t.judge(p, words)
		if !ok {
			return
		}
		at, _ := slices.BinarySearchFunc(best, h, hit.compare)
		if at >= limit {
			return
		}
		best = slices.Insert(best, at, h)
		best = best[:min(len(best), limit)]
	}
	for _, a := range words {
		if a.set == nil {
			for w := a.lo; w < a.hi; w++ {
				for _, p := range x.named[w] {
					try(p)
				}
			}
			continue
		}
		for w, in := range a.set {
			if in {
				for _, p := range x.named[w] {
					try(p)
				}
			}
		}
	}
	return append(before, best...)
}

// judge tells whether every typed word stands in the place's name or in its path.
func (t *Tree) judge(p int32, words []accepted) (hit, bool) {
	x := &t.index
	h := hit{place: p, prominence: prominence[t.places[p].Kind], rank: t.order[p]}
	for _, a := range words {
		if a.exact >= 0 && slices.Contains(x.own[p], a.exact) {
			h.whole++
			h.own++
			continue
		}
		if slices.ContainsFunc(x.own[p], a.has) {
			h.own++
			continue
		}
		up := t.parent[p]
		for up >= 0 && !slices.ContainsFunc(x.own[up], a.has) {
			up = t.parent[up]
		}
		if up < 0 {
			return hit{}, false
		}
	}
	h.extra = int16(len(x.own[p])) - int16(h.own)
	return h, true
}
