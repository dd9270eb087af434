package person

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
)

// Octets allowed by RFC 5321, 4.5.3.1, and for the whole path by erratum 1690 of RFC 3696.
const (
	maxLocal   = 64
	maxDomain  = 253
	maxAddress = 254
)

// domains maps a domain as browsers do (UTS 46, non-transitional) and refuses labels that DNS or the Bidi rule forbids.
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.BidiRule())

// checkEmail takes the addr-spec of RFC 5322, 3.4.1, with a dot-atom before the "@" and a host name of two labels or
// more after it: no display name, comment, quoted local part or address literal. The domain becomes lower-case ASCII; the
// local part stays as typed, since the receiving host alone knows its case (RFC 5321, 2.4).
func checkEmail(s string) (string, *errs.Field) {
	if dropSpaces(s) != s {
		return "", fault("person.email.space")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return "", fault("person.email.at")
	}
	local, domain := s[:at], s[at+1:]
	if bad := checkLocal(local); bad != nil {
		return "", bad
	}
	host, err := domains.ToASCII(domain)
	if err != nil || len(host) > maxDomain || !hostName(host) {
		return "", fault("person.email.domain")
	}
	if len(local)+1+len(host) > maxAddress {
		return "", tooLong(maxAddress)
	}
	return local + "@" + host, nil
}

const atomSigns = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~-"

func checkLocal(local string) *errs.Field {
	if len(local) > maxLocal {
		return tooLong(maxLocal)
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" {
			return fault("person.email.local")
		}
		for _, r := range atom {
			if r > 0x7F {
				return fault("person.email.ascii") // mail to such names needs SMTPUTF8, which few hosts offer
			}
			if !strings.ContainsRune(atomSigns, r) {
				return fault("person.email.local")
			}
		}
	}
	return nil
}

// hostName wants a dot and a last label that is no number: "user@1.2.3.4" is an address literal without brackets.
func hostName(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && dot < len(host)-1 && !digits(host[dot+1:])
}

// canonicalEmail checks before it lowers: lowering is not the mapping of domains ("İ" has another small letter there).
func canonicalEmail(s string) string {
	s = dropSpaces(s)
	good, bad := checkEmail(s)
	if bad != nil {
		return norm.NFC.String(strings.ToLower(s))
	}
	return strings.ToLower(good)
}
