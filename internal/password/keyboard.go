package password

import (
	"slices"
	"strings"
)

// The keys of a keyboard, row by row, as three layouts name them: Latin, Russian, Kazakh. Keys stand at equal places.
const (
	latinKeys   = "`1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./"
	russianKeys = "ё1234567890-=йцукенгшщзхъфывапролджэячсмитьбю."
	kazakhKeys  = "(\"әіңғ,.үұқөһйцукенгшщзхъфывапролджэячсмитьбю№"
)

var (
	fromRussian = translation(russianKeys, latinKeys)
	fromKazakh  = translation(kazakhKeys, latinKeys)
	toRussian   = translation(latinKeys, russianKeys)
	toKazakh    = translation(latinKeys, kazakhKeys)
)

func translation(from, to string) map[rune]rune {
	f, t := []rune(from), []rune(to)
	m := make(map[rune]rune, len(f))
	for i, r := range f {
		m[r] = t[i]
	}
	return m
}

// layouts gives a folded password as typed and as the same keys give it under the other layouts, each once.
func layouts(s string) []string {
	out := []string{s}
	for _, m := range []map[rune]rune{fromRussian, fromKazakh, toRussian, toKazakh} {
		t := strings.Map(func(r rune) rune {
			if to, ok := m[r]; ok {
				return to
			}
			return r
		}, s)
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// lines are the orders that fingers and memory follow: alphabets, digits, rows and columns of the keyboard.
var lines = runes(
	"01234567890", "abcdefghijklmnopqrstuvwxyz", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгдежзийклмнопрстуфхцчшщыэюя",
	"аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
	"qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю.", "әіңғүұқөһ",
	"!@#$%^&*()_+", "!\"№;%:?*()_+",
	"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.",
	"1йфя", "2цыч", "3увс", "4кам", "5епи", "6нрт", "7гоь", "8шлб", "9щдю",
)

func runes(lines ...string) [][]rune {
	out := make([][]rune, len(lines))
	for i, l := range lines {
		out[i] = []rune(l)
	}
	return out
}

const (
	minRun  = 3 // neighbours in a line that count as one choice
	perMove = 3 // characters for each choice on average from which a password is a mere sequence
)

// sequential tells whether a folded password is little more than runs along such lines, or of one character.
// Spaces, dots and dashes between do not count.
func sequential(s string) bool {
	r := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-_", r) {
			return -1
		}
		return r
	}, s))
	choices := 0
	for i := 0; i < len(r); choices++ {
		n := run(r[i:])
		if n < minRun {
			n = 1
		}
		i += n
	}
	return choices*perMove <= len(r)
}

// run counts the characters from the start of r that are one character again and again or follow a line either way.
func run(r []rune) int {
	longest := along(r, func(a, b rune) bool { return a == b })
	for _, line := range lines {
		for _, step := range []int{1, -1} {
			longest = max(longest, along(r, func(a, b rune) bool { return follows(line, step, a, b) }))
		}
	}
	return longest
}

func along(r []rune, next func(a, b rune) bool) int {
	n := 1
	for n < len(r) && next(r[n-1], r[n]) {
		n++
	}
	return n
}

// follows tells whether b stands a step after a in the line; a character may stand there twice, as the zero does.
func follows(line []rune, step int, a, b rune) bool {
	for i, r := range line {
		if j := i + step; r == a && j >= 0 && j < len(line) && line[j] == b {
			return true
		}
	}
	return false
}
