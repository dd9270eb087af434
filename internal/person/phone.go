package person

import (
	"errors"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"ustaz/internal/errs"
)

const homeRegion = "KZ"

// checkPhone reads a number as people write it, of Kazakhstan unless it begins with "+", and gives E.164.
func checkPhone(s string) (string, *errs.Field) {
	for _, r := range s {
		// The library would read letters as keys of the dial and "ext." as an extension.
		if !strings.ContainsRune("+0123456789()-./\u2010\u2011\u2013", r) && !unicode.IsSpace(r) {
			return "", fault("person.phone.signs")
		}
	}
	n, err := phonenumbers.Parse(s, homeRegion)
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return "", fault("person.phone.country")
	case err != nil, !phonenumbers.IsValidNumber(n):
		return "", fault("person.phone.number")
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// PhoneText groups the digits of an E.164 number as people read them: "+7 701 555 77 88". What is no number comes back as it is.
func PhoneText(e164 string) string {
	if len(e164) == 12 && strings.HasPrefix(e164, "+7") {
		return strings.Join([]string{e164[:2], e164[2:5], e164[5:8], e164[8:10], e164[10:]}, " ")
	}
	n, err := phonenumbers.Parse(e164, homeRegion)
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

func canonicalPhone(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, s)
	if good, bad := checkPhone(s); bad == nil {
		return good
	}
	return s
}
