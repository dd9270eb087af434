// Package words knows of Kazakh, Russian and English words what a search over courses needs: how text is split and folded, which forms are of
// one word, which words differ by a slip of typing. It is pure; who asks keeps the terms in a table.
//
// It guarantees: a query and a text go through the same steps, so every word finds itself, with Kazakh letters or with the Russian ones typed
// for them; what is done to any input is bounded; the same input gives the same terms in the same order. Terms are valid UTF-8 without
// spaces, at most MaxTerm bytes, and are to be compared by bytes (COLLATE "C" on PostgreSQL, the default of SQLite).
//
// It does not know verbs in their tenses in Kazakh (бағалау and its cases meet, бағалады does not; the beginning бағала finds both), nor
// what a word means.
package words

import (
	"slices"
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/russian"
)

// Languages of texts, as the site's codes.
const (
	Kazakh  = "kk"
	Russian = "ru"
	English = "en"
)

// MaxTerm bounds a term, in bytes.
const MaxTerm = len("/kk/") + maxWord*4

// Stems gives what word is looked for by besides itself: the stems that its forms in a language have in common, folded. Words meet if they
// share one. A Russian or English word has one, by Snowball; a Kazakh one has itself and each root that its endings allow (see kazakh.go).
// Of another language, or of a word without a letter of the language's script, there is none.
func Stems(lang, word string) []string {
	m := cut(mend(word), maxWord)
	switch has := scriptOf(m); {
	case lang == Kazakh && has == cyrillic:
		return kazakh(key(m))
	case lang == Russian && has == cyrillic:
		return snowball(m, russian.Stem)
	case lang == English && has == latin:
		return snowball(m, english.Stem)
	}
	return nil
}

// key is a mended word as a term.
func key(mended string) string { return cut(foldMended(mended), maxWord) }

// snowball stems with й still in its place (ё is е by now, as Snowball wants it) and folds what comes out.
func snowball(w string, stem func(*snowballstem.Env) bool) []string {
	env := snowballstem.NewEnv(w)
	stem(env)
	if s := key(env.Current()); s != "" {
		return []string{s}
	}
	return nil
}

type script int

const (
	other script = iota
	cyrillic
	latin
)

// scriptOf is that of the first letter which has one of the two: a word in both is left by mend only where it is a foreign word with an
// ending (iPadты), or a name.
func scriptOf(s string) script {
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Cyrillic, r):
			return cyrillic
		case unicode.Is(unicode.Latin, r):
			return latin
		}
	}
	return other
}

// marked are the stems of a word in a text of language lang, or in any if lang is empty, as terms. The letters of a word say more of its
// language than the text it stands in: Latin ones are English, қ and і make it Kazakh.
func marked(lang, word string) []string {
	langs := []string{lang}
	switch m := mend(word); {
	case scriptOf(m) == latin:
		langs = []string{English}
	case strings.ContainsAny(m, "әғқңөұүһі"):
		langs = []string{Kazakh}
	case lang != Kazakh && lang != Russian:
		langs = []string{Kazakh, Russian}
	}
	var out []string
	for _, l := range langs {
		for _, stem := range Stems(l, word) {
			out = append(out, "/"+l+"/"+stem)
		}
	}
	return out
}

// Term is a word of a text, folded, or a stem. A stem begins with a slash and its language («/kk/мугалим»), so that no beginning that is typed
// runs into it.
type Term struct {
	Text  string
	Count int // how often it stands in the text
}

// Terms gives the terms of a text in language lang, sorted, each once. Markup is to be taken off before.
func Terms(lang, text string) []Term {
	counts := map[string]int{}
	known := map[string][]string{}
	for _, w := range Split(text) {
		terms, ok := known[w]
		if !ok {
			if folded := key(mend(w)); folded != "" {
				terms = append(marked(lang, w), folded)
			}
			known[w] = terms
		}
		for _, t := range terms {
			counts[t]++
		}
	}
	out := make([]Term, 0, len(counts))
	for t, n := range counts {
		out = append(out, Term{t, n})
	}
	slices.SortFunc(out, func(a, b Term) int { return strings.Compare(a.Text, b.Text) })
	return out
}
