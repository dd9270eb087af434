package certificate

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/secret"
	"ustaz/internal/worktime"
)

// signs are the digits and letters of numbers and codes: none looks like another, and there are 23 of them, a prime, so that the check sign finds
// every wrong sign and every two that changed places.
const signs = "23456789ACDEFHKMNPRTWXY"

// Examples of how they are written; nobody has them, since the number's check sign is wrong.
const (
	ExampleNumber = "SU-26-7K3M-9XRT-4"
	ExampleCode   = "K7M3X-2RTPA"
)

const (
	prefix     = "SU"
	yearSigns  = 2
	bodySigns  = 8 // 36 random bits
	codeSigns  = 10
	numberSize = yearSigns + bodySigns + 1
	maxTyped   = 64 // bytes
)

// random gives n signs.
func random(n int) string {
	out := make([]byte, 0, n)
	for one := make([]byte, 1); len(out) < n; {
		_, _ = rand.Read(one)                          // crypto/rand.Read never fails
		if int(one[0]) < len(signs)*(256/len(signs)) { // else some would be likelier
			out = append(out, signs[int(one[0])%len(signs)])
		}
	}
	return string(out)
}

// newNumber is one of a year of the calendar of Kazakhstan.
func newNumber(now time.Time) string {
	body := fmt.Sprintf("%02d", worktime.DateOf(now).Year%100) + random(bodySigns)
	return written(body + string(signs[checked(body)]))
}

// written is a number as it is printed: SU-26-7K3M-9XRT-4.
func written(s string) string {
	return strings.Join([]string{prefix, s[:2], s[2:6], s[6:10], s[10:]}, "-")
}

// checked is the place of the sign that belongs behind the year and the signs: their weighted sum.
func checked(body string) int {
	sum := 0
	for i := range len(body) {
		v := strings.IndexByte(signs, body[i])
		if i < yearSigns {
			v = int(body[i] - '0')
		}
		sum += (i + 1) * v
	}
	return sum % len(signs)
}

// ParseNumber reads a number as people type it: in any case, with any hyphens or spaces or none, without SU, in Cyrillic letters that look the same,
// with a sign that is not used in place of the one that looks like it. It gives the number as it is printed.
func ParseNumber(typed string) (string, bool) {
	s, good := latin(typed)
	if len(s) == len(prefix)+numberSize && (s[:2] == prefix || s[:2] == "CY") { // Cyrillic СУ
		s = s[2:]
	}
	if !good || len(s) != numberSize {
		return "", false
	}
	year, rest := s[:yearSigns], meant(s[yearSigns:])
	if strings.Trim(year, "0123456789") != "" || strings.Trim(rest, signs) != "" || signs[checked(year+rest[:bodySigns])] != rest[bodySigns] {
		return "", false
	}
	return written(year + rest), true
}

// newCode is what only the certificate itself says: K7M3X-2RTPA.
func newCode() secret.Text {
	s := random(codeSigns)
	return secret.New(s[:codeSigns/2] + "-" + s[codeSigns/2:])
}

// parseCode reads a code as people type it; what can't be one gives "".
func parseCode(typed string) string {
	s, good := latin(typed)
	s = meant(s)
	if !good || len(s) != codeSigns || strings.Trim(s, signs) != "" {
		return ""
	}
	return s
}

// alike are the letters of the Kazakh and Russian alphabets that look like signs, or like what is taken for one.
var alike = map[rune]byte{'А': 'A', 'В': 'B', 'Е': 'E', 'З': '3', 'К': 'K', 'М': 'M', 'Н': 'H', 'Р': 'P', 'С': 'C', 'Т': 'T', 'У': 'Y', 'Ү': 'Y', 'Х': 'X', 'Һ': 'H'}

// latin is what was typed in capitals and digits alone.
func latin(typed string) (string, bool) {
	if len(typed) > maxTyped || !utf8.ValidString(typed) {
		return "", false
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(typed) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r):
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			b.WriteRune(r)
		case alike[r] != 0:
			b.WriteByte(alike[r])
		default:
			return "", false
		}
	}
	return b.String(), true
}

// meant puts in place of what is no sign the one that looks like it.
func meant(s string) string {
	return strings.NewReplacer("B", "8", "G", "6", "S", "5", "Z", "2").Replace(s)
}
