package i18n

import (
	"encoding/json"
	"testing"
	"time"
)

// An argument that was kept reads in each language as the one that was not; one of an unknown kind is none.
func TestKeptArgs(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 3, 9, 2, 0, 123000, time.UTC)
	for _, a := range []Arg{Str("x", "«Ая» {y}"), Num("x", 12345), Day("x", at), Moment("x", at), Msg("x", "frame.my"), In("x", Text{KK: "Бағалау", RU: "Оценивание"})} {
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var back Arg
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		for _, l := range c.Langs() {
			if got, want := back.in(l, Nominative), a.in(l, Nominative); got != want || back.isNum != a.isNum || back.name != "x" {
				t.Errorf("%s in %s: %q, want %q", b, l.Code(), got, want)
			}
		}
	}
	if _, err := json.Marshal(Arg{}); err == nil {
		t.Error("nothing was kept")
	}
}

// Whatever is read is an argument that can be shown and kept again, or an error.
func FuzzKeptArg(f *testing.F) {
	c, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"name":"x","kind":3,"number":1793696520000000}`))
	f.Add([]byte(`{"name":"x","kind":6}`))
	f.Add([]byte(`{"name":"x","kind":9}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var a Arg
		if json.Unmarshal(b, &a) != nil || a.kind == 0 {
			return
		}
		a.in(c.Lang("kk"), Nominative)
		if _, err := json.Marshal(a); err != nil {
			t.Error(err)
		}
	})
}
