package system

import (
	"testing"
)

// FuzzParseToken: what is taken is the one spelling of its bytes.
func FuzzParseToken(f *testing.F) {
	text, _ := newToken()
	f.Add(text.Reveal())
	f.Add("ustz_00000000000000000000000000000000000000000000000000000000")
	f.Add("ustz_\n")
	f.Fuzz(func(t *testing.T, s string) {
		random, err := parseToken(s)
		if err != nil {
			return
		}
		if len(random) != randomBytes || tokenPrefix+tokenText.EncodeToString(appendSum(append([]byte{}, random...))) != s {
			t.Errorf("%q is %x", s, random)
		}
	})
}

func TestTokenIsReadBack(t *testing.T) {
	for range 100 {
		text, random := newToken()
		if got, err := parseToken(text.Reveal()); err != nil || string(got) != string(random[:randomBytes]) {
			t.Fatalf("%q: %x, not %x: %v", text.Reveal(), got, random, err)
		}
	}
}
