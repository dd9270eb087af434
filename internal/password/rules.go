// Package password decides which passwords are taken, makes phrases that are easy to type, and hashes.
//
// It keeps NIST SP 800-63B-4 §3.1.1.2: length counts in code points after NFC; nothing is asked of the mixture of
// characters; the whole password is compared with what attackers try first, and the answer says why one is refused.
// Hashes are Argon2id (RFC 9106) with a secret that is not in the database. No password, and nothing made from one, is in
// an error of this package.
package password

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
	"ustaz/internal/password/common"
)

// Lengths in code points.
const (
	MinAlone        = 15  // the password is the only factor (§3.1.1.2)
	MinSecondFactor = 8   // it is one of two
	Max             = 128 // more than the 64 that must be permitted
)

// FieldName is the input's name in forms and in the errors of Check.
const FieldName = "password"

const (
	minContext = 3 // code points of the shortest word taken from the context
	ownLetters = 5 // letters or digits besides such words that make a password the person's own
)

// site holds the words that everybody here thinks of first.
var site = []string{"smart", "смарт", "ustaz", "ұстаз", "устаз", "teacher", "мұғалім", "учитель", "password", "пароль", "құпиясөз"}

// Check tells whether a new password may be taken. With a second factor it may be shorter. The context is what is known
// about the person and the site: names, e-mail address, phone, name of the operator; none of it comes back in the error.
// The error is Invalid with one line for FieldName, under the key of the first rule that the password breaks.
func Check(plain string, secondFactor bool, context []string) error {
	least := MinAlone
	if secondFactor {
		least = MinSecondFactor
	}
	if key, limit := broken(plain, least, context); key != "" {
		f := errs.Field{Name: FieldName, Key: key}
		if limit > 0 {
			f.Args = map[string]string{"limit": strconv.Itoa(limit)}
		}
		return errs.InvalidFields([]errs.Field{f})
	}
	return nil
}

// broken gives the key of the first broken rule, and the limit if the rule has one.
func broken(plain string, least int, context []string) (key string, limit int) {
	if !utf8.ValidString(plain) || strings.ContainsFunc(plain, unicode.IsControl) {
		return "password.characters", 0 // pasted with a line break; it could not be typed again
	}
	switch n := utf8.RuneCountInString(norm.NFC.String(plain)); {
	case n < least:
		return "password.short", least
	case n > Max:
		return "password.long", Max
	}
	whole := common.Fold(plain)
	unit := repeatedUnit(whole)
	if utf8.RuneCountInString(unit) < least {
		return "password.repeated", 0
	}
	if sequential(whole) {
		return "password.sequence", 0
	}
	words := contextWords(append(slices.Clone(site), context...))
	for _, typed := range append(layouts(whole), layouts(unit)...) {
		if madeOf(typed, words) {
			return "password.context", 0
		}
		if common.Has(typed) {
			return "password.common", 0
		}
	}
	return "", 0
}

// repeatedUnit gives the shortest start of s that makes s by being repeated, the last time perhaps cut; s itself if
// nothing comes twice.
func repeatedUnit(s string) string {
	r := []rune(s)
	border := make([]int, len(r)) // longest proper start of r[:i+1] that is also its end
	for i, k := 1, 0; i < len(r); i++ {
		for k > 0 && r[i] != r[k] {
			k = border[k-1]
		}
		if r[i] == r[k] {
			k++
		}
		border[i] = k
	}
	if len(r) == 0 {
		return s
	}
	if period := len(r) - border[len(r)-1]; 2*period <= len(r) {
		return string(r[:period])
	}
	return s
}

// contextWords gives the folded words of the context in both scripts, letters and digits only, the longest first.
func contextWords(context []string) []string {
	var words []string
	add := func(s string) {
		for _, w := range []string{bare(s), bare(common.Latin(s))} {
			if utf8.RuneCountInString(w) >= minContext {
				words = append(words, w)
			}
		}
	}
	for _, c := range context {
		c = common.Fold(c)
		add(c)
		if local, _, found := strings.Cut(c, "@"); found {
			add(local)
		}
		for _, part := range strings.FieldsFunc(c, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			add(part)
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(words)
}

// madeOf tells whether s is one of the words or what people make of them: several together, and a few letters or digits
// more, such as a year. The words are sorted, the longest first.
func madeOf(s string, words []string) bool {
	rest := bare(s)
	var found bool
	for _, w := range words {
		if strings.Contains(rest, w) {
			found = true
			rest = strings.ReplaceAll(rest, w, " ") // a gap, so that the halves do not make a word
		}
	}
	return found && utf8.RuneCountInString(strings.ReplaceAll(rest, " ", "")) < ownLetters
}

// loose makes the usual Latin spellings of one Cyrillic letter equal: Aigul and Aygul, Zhanar and Janar.
var loose = strings.NewReplacer("kh", "h", "gh", "g", "zh", "j", "q", "k", "w", "v", "y", "i", "ё", "е")

// bare leaves the letters and digits, Latin ones in one spelling.
func bare(s string) string {
	return loose.Replace(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s))
}
