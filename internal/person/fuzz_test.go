package person

import (
	"testing"
	"time"
)

// holds is what a checked field owes: an accepted value parses to itself and has the key that its raw spelling has; a
// key is its own key.
func holds(t *testing.T, f Field, raw string) {
	t.Helper()
	key := Canonical(f, raw)
	if again := Canonical(f, key); again != key {
		t.Errorf("canonical %q becomes %q", key, again)
	}
	v, err := Parse(f, raw, now)
	if err != nil {
		keyOf(t, f, err)
		return
	}
	again, err := Parse(f, v.Reveal(), now.Add(time.Hour))
	if err != nil || again.Reveal() != v.Reveal() {
		t.Errorf("%q was accepted, then %q, %v", v.Reveal(), again.Reveal(), err)
	}
	if f == Email || f == Phone || f == IIN {
		if k := Canonical(f, v.Reveal()); k != key {
			t.Errorf("%q has the key %q, its stored form %q", raw, key, k)
		}
	}
}

func fuzzField(f *testing.F, field Field, seeds ...string) {
	for _, s := range append(seeds, "", " ", "\x00", "\xff", "ә\u0301", "\u202e") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) { holds(t, field, raw) })
}

func FuzzIIN(f *testing.F) {
	fuzzField(f, IIN, "990101100010", "9901 0110 0111", "990101100100", "000000000000")
}

func FuzzPhone(f *testing.F) {
	fuzzField(f, Phone, "8 (701) 234-56-78", "+77012345678", "+4930901820", "810 7 701 234 5678", "++7", "tel:+77012345678", "+39 06 698", "00")
}

func FuzzEmail(f *testing.F) {
	fuzzField(f, Email, "A.b+c@Mail.KZ", "a@почта.рф", "a@xn--80a1acny.xn--p1ai", "a@faß.de", "a@İ.kz", "İ@mail.kz", "a@b@c.kz", "a@xn--a.kz")
}

func FuzzName(f *testing.F) {
	fuzzField(f, Surname, "Қасымова", "О’Коннор", "Нұр‑Ахмет", "Айша  Бибі", "Müller", "İlyas")
}

func FuzzPosition(f *testing.F) {
	fuzzField(f, Position, "teacher", "other:тарихшы", "other:  a  b", "other:other:x")
}
