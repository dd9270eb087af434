package password

import (
	"strings"
	"testing"
)

const (
	saltText = "$c29tZXNhbHRzb21lc2FsdA"
	tagText  = "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
)

func TestParsePHC(t *testing.T) {
	good := "$argon2id$v=19$m=19456,t=2,p=1" + saltText + tagText
	r, err := parsePHC(good)
	if err != nil || r.cost != DefaultCost || r.keyID != "" || string(r.salt) != "somesaltsomesalt" || len(r.tag) != 32 || r.String() != good {
		t.Fatalf("got %+v, %v", r, err)
	}
	r, err = parsePHC("$argon2id$v=19$m=19456,t=2,p=1,keyid=azE" + saltText + tagText)
	if err != nil || r.keyID != "k1" {
		t.Fatalf("got %+v, %v", r, err)
	}
	for name, bad := range map[string]string{
		"empty":                         "",
		"another algorithm":             strings.Replace(good, "argon2id", "argon2i", 1),
		"another version":               strings.Replace(good, "v=19", "v=16", 1),
		"no version":                    strings.Replace(good, "v=19$", "", 1),
		"memory 0":                      strings.Replace(good, "m=19456", "m=0", 1),
		"memory too large":              strings.Replace(good, "m=19456", "m=262145", 1),
		"memory overflows":              strings.Replace(good, "m=19456", "m=4294967297", 1),
		"leading zero":                  strings.Replace(good, "m=19456", "m=019456", 1),
		"sign":                          strings.Replace(good, "t=2", "t=+2", 1),
		"time 0":                        strings.Replace(good, "t=2", "t=0", 1),
		"time too large":                strings.Replace(good, "t=2", "t=17", 1),
		"threads 0":                     strings.Replace(good, "p=1", "p=0", 1),
		"threads 257":                   strings.Replace(good, "p=1", "p=257", 1),
		"less memory than threads need": strings.Replace(strings.Replace(good, "m=19456", "m=15", 1), "p=1", "p=2", 1),
		"another order":                 strings.Replace(good, "m=19456,t=2", "t=2,m=19456", 1),
		"a parameter more":              strings.Replace(good, "p=1", "p=1,data=azE", 1),
		"two more":                      strings.Replace(good, "p=1", "p=1,keyid=azE,data=azE", 1),
		"empty key id":                  strings.Replace(good, "p=1", "p=1,keyid=", 1),
		"long key id":                   strings.Replace(good, "p=1", "p=1,keyid=MTIzNDU2Nzg5", 1),
		"short salt":                    strings.Replace(good, saltText, "$c29tZQ", 1),
		"short tag":                     strings.Replace(good, tagText, "$c29tZQ", 1),
		"padding":                       good + "=",
		"line break":                    good + "\n",
		"line break in salt":            strings.Replace(good, saltText, "$c29tZXNhbHRz\nb21lc2FsdA", 1),
		"loose bits":                    strings.Replace(good, saltText, "$c29tZXNhbHRzb21lc2FsdB", 1),
		"a part more":                   good + "$",
		"space before":                  " " + good,
	} {
		if _, err := parsePHC(bad); err == nil {
			t.Errorf("%s is taken: %q", name, bad)
		}
	}
}

// One hash has one spelling, and none asks more of the machine than the bounds say.
func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1" + saltText + tagText)
	f.Add("$argon2id$v=19$m=65536,t=16,p=8,keyid=azE" + saltText + tagText)
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parsePHC(s)
		if err != nil {
			return
		}
		if r.String() != s {
			t.Errorf("%q comes back as %q", s, r.String())
		}
		if r.cost.check() != nil || len(r.salt) > maxSalt || len(r.tag) > maxTag || len(r.tag) < minTag {
			t.Errorf("out of bounds: %q", s)
		}
	})
}
