package words

import (
	"slices"
	"strings"
	"unicode"
)

// The endings of a Kazakh noun stand in one order: root, -лық, plural, possessive, case, predicative. They are taken off from the end
// inward, each only where the letter before it and the vowels before it call for that form of it. What is left after each step may be the
// word that was meant, so all of it is kept: «маманы» is маман with -ы and мама with -ны, and only a reader knows.
//
// Words are folded before, since half of what is typed has no Kazakh letters: қ is к here, and й, і and и are one. So of some vowels it is not
// known whether they are front or back; those let both forms pass.

// slot is the place of an ending, counted from the end of the word.
type slot int

const (
	predicative slot = iota + 1
	grammaticalCase
	possessive
	plural
	derived
	attributive // -дағы: before it a noun in any form but a case, after it all slots again (мектептегілердің)
)

// joint is what must stand before an ending.
type joint int

const (
	afterVowel     joint = 1 << iota // а е ы і …, not у
	afterSonorant                    // р й у
	afterLiquid                      // л
	afterNasal                       // м н ң
	afterVoiced                      // з ж
	afterVoiceless                   // к п с т ш …, and б в г д, which at the end of a word sound so
	afterOwner                       // a possessive of the third person: сабағы-нда
	afterMine                        // one of the first or second: сабағым-а
	neutral                          // no harmony: мектеппен

	afterConsonant = afterSonorant | afterLiquid | afterNasal | afterVoiced | afterVoiceless
	voicedEnd      = afterVowel | afterSonorant | afterLiquid | afterNasal | afterVoiced
)

type ending struct {
	letters []rune
	slot    slot
	joint   joint
}

// least is how many letters must be left. -лық makes a new word of a short one (оқулық, мамандық) and an adjective of a long one
// (әдістемелік): only the latter is the same word.
func (e ending) least() int {
	switch e.slot {
	case predicative:
		return 5
	case derived:
		return 6
	}
	return 3
}

// endings are written here in their back forms, folded; the front ones are made of them.
var endings = both([]form{
	{"мын", predicative, afterVowel | afterSonorant | afterLiquid | afterNasal},
	{"бын", predicative, afterVoiced}, {"пын", predicative, afterVoiceless},
	{"мыз", predicative, afterSonorant | afterLiquid},
	{"быз", predicative, afterVoiced | afterNasal}, {"пыз", predicative, afterVoiceless},

	{"нын", grammaticalCase, afterVowel | afterNasal},
	{"дын", grammaticalCase, afterSonorant | afterLiquid | afterVoiced},
	{"тын", grammaticalCase, afterVoiceless},
	{"ны", grammaticalCase, afterVowel},
	{"ды", grammaticalCase, afterSonorant | afterLiquid | afterNasal | afterVoiced},
	{"ты", grammaticalCase, afterVoiceless},
	{"н", grammaticalCase, afterOwner},
	{"га", grammaticalCase, voicedEnd},
	{"ка", grammaticalCase, afterVoiceless},
	{"на", grammaticalCase, afterOwner},
	{"а", grammaticalCase, afterMine},
	{"да", grammaticalCase, voicedEnd},
	{"та", grammaticalCase, afterVoiceless},
	{"нда", grammaticalCase, afterOwner},
	{"дан", grammaticalCase, afterVowel | afterSonorant | afterLiquid | afterVoiced},
	{"тан", grammaticalCase, afterVoiceless},
	{"нан", grammaticalCase, afterNasal}, {"нан", grammaticalCase, afterOwner},
	{"мен", grammaticalCase, afterVowel | afterSonorant | afterLiquid | afterNasal | neutral},
	{"бен", grammaticalCase, afterVoiced | neutral},
	{"пен", grammaticalCase, afterVoiceless | neutral},
	{"менен", grammaticalCase, afterVowel | afterSonorant | afterLiquid | afterNasal | neutral},
	{"бенен", grammaticalCase, afterVoiced | neutral}, {"пенен", grammaticalCase, afterVoiceless | neutral},
	{"даи", grammaticalCase, voicedEnd},
	{"таи", grammaticalCase, afterVoiceless},
	{"дагы", attributive, voicedEnd},
	{"тагы", attributive, afterVoiceless},
	{"ндагы", attributive, afterOwner},

	{"ы", possessive, afterConsonant},
	{"сы", possessive, afterVowel},
	{"ым", possessive, afterConsonant},
	{"ын", possessive, afterConsonant},
	{"ымыз", possessive, afterConsonant},
	{"мыз", possessive, afterVowel},
	{"ыныз", possessive, afterConsonant},
	{"ныз", possessive, afterVowel},

	{"лар", plural, afterVowel | afterSonorant},
	{"дар", plural, afterLiquid | afterNasal | afterVoiced},
	{"тар", plural, afterVoiceless},

	{"лык", derived, afterVowel | afterSonorant},
	{"дык", derived, afterLiquid | afterNasal | afterVoiced},
	{"тык", derived, afterVoiceless},
})

type form struct {
	letters string
	slot    slot
	joint   joint
}

func both(back []form) (all []ending) {
	for _, f := range back {
		all = append(all, ending{[]rune(f.letters), f.slot, f.joint})
		if front := toFront.Replace(f.letters); front != f.letters && f.joint&neutral == 0 {
			all = append(all, ending{[]rune(front), f.slot, f.joint})
		}
	}
	return all
}

var toFront = strings.NewReplacer("а", "е", "ы", "и")

// dropped are roots that lose their last vowel before an ending that begins with one: орын, орны.
var dropped = map[string]string{
	"ауз": "ауыз", "гурп": "гурып", "даус": "дауыс", "ерк": "ерик", "ерн": "ерин", "калп": "калып", "карн": "карын", "кауп": "кауип",
	"коин": "коиын", "конл": "конил", "корк": "корик", "кулк": "кулык", "моин": "моиын", "мурн": "мурын", "орн": "орын", "халк": "халык", "ырк": "ырык",
}

const maxRoots = 12 // of one word; real ones have six at most

// kazakh gives w, which is folded, and the roots that it may be a form of, each as it is heard (кітаб is кітап).
func kazakh(w string) []string {
	var a analysis
	a.walk([]rune(w), 0, 0)
	return a
}

type analysis []string

// walk keeps w and goes on inward. done is the slot of the ending taken off last; owed is the possessive that this ending needs before it,
// without which w is no word.
func (a *analysis) walk(w []rune, done slot, owed joint) {
	if owed == 0 {
		if root := asHeard(w); !slices.Contains(*a, root) {
			*a = append(*a, root)
		}
	}
	for _, e := range endings {
		rest, ok := e.off(w, done, owed)
		if !ok || len(*a) >= maxRoots {
			continue
		}
		next := e.slot
		if next == attributive {
			next = grammaticalCase
		}
		a.walk(rest, next, e.joint&(afterOwner|afterMine))
	}
}

// off takes e from the end of w, if it may stand there.
func (e ending) off(w []rune, done slot, owed joint) ([]rune, bool) {
	n := len(w) - len(e.letters)
	if e.slot <= done || done == derived || n < e.least() || !slices.Equal(w[n:], e.letters) {
		return nil, false
	}
	rest := w[:n]
	if owed != 0 && (e.slot != possessive || e.owner() != owed) || e.joint&(afterOwner|afterMine) == 0 && e.joint&sound(rest) == 0 {
		return nil, false
	}
	if !slices.ContainsFunc(rest, isVowel) || e.joint&neutral == 0 && !harmonious(rest, e.letters) {
		return nil, false
	}
	if e.slot != possessive || !isVowel(e.letters[0]) {
		return rest, true
	}
	last := rest[n-1]
	if e.owner() == afterMine && owed == 0 && n < 5 && last != 'г' && last != 'б' {
		return nil, false // білім is no form of біл
	}
	if (last == 'т' || last == 'д') && rest[n-2] == last {
		return nil, false // сауатты has -ты
	}
	if full, ok := dropped[string(rest)]; ok {
		return []rune(full), true
	}
	return unvoice(rest), true
}

// owner tells whose a possessive is, one that others follow.
func (e ending) owner() joint {
	switch string(e.letters) {
	case "ы", "и", "сы", "си":
		return afterOwner
	case "ым", "им", "ын", "ин":
		return afterMine
	}
	return 0
}

// asHeard gives a root as it sounds alone: without a last ь, which модулі has lost as well.
func asHeard(w []rune) string {
	for n := len(w) - 1; n > 0 && (w[n] == 'ь' || w[n] == 'ъ') && unicode.Is(unicode.Cyrillic, w[n-1]); n-- {
		w = w[:n]
	}
	return string(unvoice(w))
}

// unvoice undoes what a vowel did to the consonant before it: кітаб, кітап.
func unvoice(w []rune) []rune {
	i := len(w) - 1
	if i < 1 || w[i] != 'б' && w[i] != 'г' {
		return w
	}
	w = slices.Clone(w)
	if w[i] == 'б' {
		w[i] = 'п'
	} else {
		w[i] = 'к'
	}
	return w
}

func isVowel(r rune) bool { return strings.ContainsRune("аеыиоуэюя", r) }

// sound is what w ends in, as its ending hears it: и may be і or й, ю has a consonant й in it.
func sound(w []rune) joint {
	i := len(w) - 1
	for i > 0 && (w[i] == 'ь' || w[i] == 'ъ') {
		i--
	}
	switch r := w[i]; {
	case r == 'и' || r == 'ю':
		return afterVowel | afterSonorant
	case r == 'р' || r == 'у':
		return afterSonorant
	case r == 'л':
		return afterLiquid
	case r == 'м' || r == 'н':
		return afterNasal
	case r == 'з' || r == 'ж':
		return afterVoiced
	case strings.ContainsRune("бвгдкпстфхцчшщ", r):
		return afterVoiceless
	case isVowel(r):
		return afterVowel
	}
	return 0
}

// harmonious tells whether the vowels of an ending may follow those of w. The last vowel decides. а, о, у of the first syllable may be ә, ө, ү; у
// of a later one is often a consonant (бағалау, үйрету) and и may be any of three letters, so the vowel before them is asked.
func harmonious(w, ending []rune) bool {
	i := slices.IndexFunc(ending, isVowel)
	if i < 0 {
		return true
	}
	back := ending[i] == 'а' || ending[i] == 'ы'
	first := slices.IndexFunc(w, isVowel)
	for at := len(w) - 1; at >= first; at-- {
		switch w[at] {
		case 'ы', 'я':
			return back
		case 'е', 'э':
			return !back
		case 'а', 'о':
			return back || at == first
		case 'и':
			if at > 0 && isVowel(w[at-1]) {
				continue // й
			}
			return true
		}
	}
	return true
}
