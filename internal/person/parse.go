package person

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
)

// Limits of length. Names, positions and devices are counted in code points after NFC; maxRaw in bytes before anything is done.
const (
	maxRaw      = 1024
	maxName     = 60
	maxPosition = 80
	maxDevice   = 200
)

// MaxWords bounds what is written in a case, in bytes: about five pages.
const MaxWords = 20_000

// Parse checks text from outside and closes it. The text is trimmed and NFC-normalised; the value has the one form in
// which its field is stored (see the constants of Field). now bounds ServiceSince and touches no other field.
//
// The error is an *errs.Error of kind Invalid with one errs.Field, named as the field, whose key says what to change
// ("person.<what>", catalogue person.toml). It never holds the text. Words keep their lines; a File is closed by who stores it.
func Parse(f Field, raw string, now time.Time) (Value, error) {
	cleaner := clean
	if f == Words {
		cleaner = cleanLines
	}
	s, bad := cleaner(raw)
	if bad == nil {
		s, bad = check(f, s, now)
	}
	if bad != nil {
		bad.Name = f.String()
		return Value{}, errs.InvalidFields([]errs.Field{*bad})
	}
	return Stored(f, s), nil
}

// Canonical is the form under which a value is looked up: all spellings of one address (case, NFC, international domain,
// spaces), of one phone number and of one IIN give one string. Plus-tags and dots stay: another tag is another address.
// It takes any text and is idempotent; text that is no value of its field gives a string that matches none.
func Canonical(f Field, v string) string {
	s := norm.NFC.String(strings.ToValidUTF8(v, "\uFFFD"))
	switch f {
	case Email:
		return canonicalEmail(s)
	case Phone:
		return canonicalPhone(s)
	case IIN:
		return dropSpaces(s)
	}
	return strings.TrimSpace(s)
}

func check(f Field, s string, now time.Time) (string, *errs.Field) {
	if s == "" {
		return "", fault("person.required")
	}
	switch f {
	case Surname, GivenName:
		return checkName(s)
	case Email:
		return checkEmail(s)
	case IIN:
		return checkIIN(s)
	case Phone:
		return checkPhone(s)
	case Place:
		return checkPlace(s)
	case Workplace:
		return checkWorkplace(s)
	case Position:
		return checkPosition(s)
	case ServiceSince:
		return checkSince(s, now)
	case TOTP:
		return checkTOTP(s)
	case Device:
		if utf8.RuneCountInString(s) > maxDevice {
			return "", tooLong(maxDevice)
		}
		return s, nil
	case Address:
		return checkAddress(s)
	case Words:
		return s, nil
	}
	return "", fault("person.field")
}

// clean refuses what no field may hold and trims and composes the rest.
func clean(raw string) (string, *errs.Field) {
	if len(raw) > maxRaw {
		return "", tooLong(maxRaw)
	}
	return cleanLine(raw)
}

// cleanLines takes a text of several lines, each clean.
func cleanLines(raw string) (string, *errs.Field) {
	if len(raw) > MaxWords {
		return "", tooLong(MaxWords)
	}
	lines := strings.Split(strings.ReplaceAll(raw, "\r\n", "\n"), "\n")
	for i, line := range lines {
		s, bad := cleanLine(strings.ReplaceAll(line, "\t", " "))
		if bad != nil {
			return "", bad
		}
		lines[i] = s
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n"), nil
}

func cleanLine(raw string) (string, *errs.Field) {
	if !utf8.ValidString(raw) {
		return "", fault("person.encoding")
	}
	s := strings.TrimSpace(norm.NFC.String(raw))
	for _, r := range s {
		// Format characters are invisible: they reorder text on screen or make two names look like one.
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == utf8.RuneError {
			return "", fault("person.control")
		}
	}
	return s, nil
}

// checkPlace holds the shape alone; that the code exists is known to place.Tree.
func checkPlace(s string) (string, *errs.Field) {
	if len(s) != 9 || !digits(s) {
		return "", fault("person.place.code")
	}
	return s, nil
}

// checkTOTP takes the base32 (RFC 4648) of 80 to 512 bits, without padding.
func checkTOTP(s string) (string, *errs.Field) {
	s = strings.ToUpper(dropSpaces(s))
	if len(s) < 16 || len(s) > 103 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return "", fault("person.totp")
	}
	return s, nil
}

func checkAddress(s string) (string, *errs.Field) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return "", fault("person.address")
	}
	return a.Unmap().String(), nil
}

func fault(key string) *errs.Field { return &errs.Field{Key: key} }

func tooLong(limit int) *errs.Field {
	return &errs.Field{Key: "person.long", Args: map[string]string{"max": strconv.Itoa(limit)}}
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func dropSpaces(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
