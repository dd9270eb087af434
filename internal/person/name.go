package person

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// kazakhCyrillic has the 42 letters of the Kazakh alphabet; the 33 Russian ones are among them.
const kazakhCyrillic = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"

type script uint8

const (
	noScript script = iota
	cyrillic
	latin
)

// scriptOf tells which of the two alphabets of clause 3.2.1 a letter belongs to. Latin are the letters with and without
// marks in use for languages; full-width and other look-alike forms are not.
func scriptOf(r rune) script {
	switch {
	case strings.ContainsRune(kazakhCyrillic, unicode.ToLower(r)):
		return cyrillic
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z',
		r >= 0xC0 && r <= 0x24F && r != '×' && r != '÷',
		r >= 0x1E00 && r <= 0x1EFF:
		return latin
	}
	return noScript
}

// checkName keeps the letters of 3.2.1 as they were typed. Hyphens of other codes become "-", runs of spaces one space.
func checkName(s string) (string, *errs.Field) {
	s = strings.Map(func(r rune) rune {
		if r >= '\u2010' && r <= '\u2013' {
			return '-'
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
	if utf8.RuneCountInString(s) > maxName {
		return "", tooLong(maxName)
	}
	var word script // alphabet of the part being read
	joined := true  // the last sign was no letter
	for _, r := range s {
		switch sc := scriptOf(r); {
		case sc != noScript:
			if word != noScript && word != sc {
				return "", fault("person.name.mixed")
			}
			word, joined = sc, false
		case strings.ContainsRune(" -'’ʼ", r):
			if joined {
				return "", fault("person.name.joint")
			}
			joined = true
			if r == ' ' || r == '-' {
				word = noScript
			}
		default:
			return "", badSign(r)
		}
	}
	if joined {
		return "", fault("person.name.joint")
	}
	return s, nil
}

// badSign says why a sign may not stand in words.
func badSign(r rune) *errs.Field {
	switch {
	case unicode.IsDigit(r):
		return fault("person.name.digit")
	case unicode.IsLetter(r), unicode.IsMark(r):
		return fault("person.script")
	}
	return fault("person.name.sign")
}

// Initials gives the given name's first letter and the surname's, "А. К.", as staff are named in passage lines.
func Initials(surname, given Value) string {
	var out []string
	for _, v := range []Value{given, surname} {
		if r, n := utf8.DecodeRuneInString(v.Reveal()); n > 0 {
			out = append(out, string(unicode.ToUpper(r))+".")
		}
	}
	return strings.Join(out, " ")
}
