package person

import (
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

const dots = "•••"

// Masked is the value as screens show it until it is opened: enough to recognise one's own, too little to learn
// another's. A code or a secret shows nothing but that it is there.
func (v Value) Masked() string {
	s := v.Reveal()
	if s == "" {
		return ""
	}
	switch v.f {
	case IIN:
		if len(s) == 12 {
			return strings.Repeat("•", 8) + s[8:]
		}
	case Phone:
		return maskPhone(s)
	case Email:
		if at := strings.LastIndexByte(s, '@'); at > 0 {
			return firstLetter(s) + dots + s[at:]
		}
	case Surname, GivenName:
		return firstLetter(s) + dots
	case Position:
		if words, ok := FreePosition(v); ok {
			return firstLetter(words) + dots
		}
	}
	return dots
}

// maskPhone keeps the country, for +7 the operator or town, and the last two digits: "+7 701 ••• •• 67".
func maskPhone(s string) string {
	n, err := phonenumbers.Parse(s, homeRegion)
	if err != nil || len(s) < 8 {
		return dots
	}
	end := s[len(s)-2:]
	if n.GetCountryCode() == 7 && len(s) == 12 {
		return s[:2] + " " + s[2:5] + " ••• •• " + end
	}
	country, _, _ := strings.Cut(phonenumbers.Format(n, phonenumbers.INTERNATIONAL), " ")
	return country + " " + dots + " •• " + end
}

func firstLetter(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}
