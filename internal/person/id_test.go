package person

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := ID(rapid.Int64Range(1, 1<<63-1).Draw(t, "id"))
		got, err := ParseID(id.String())
		if err != nil || got != id || len(id.String()) != 13 {
			t.Fatalf("%d became %q and %d, %v", id, id, got, err)
		}
	})
}

func TestNewID(t *testing.T) {
	early, late := NewID(now), NewID(now.Add(time.Millisecond))
	if early <= 0 || early >= late {
		t.Errorf("ids are not in the order of time: %d, %d", early, late)
	}
	seen := map[ID]bool{}
	for range 50 {
		seen[NewID(now)] = true
	}
	if len(seen) < 45 {
		t.Errorf("%d different ids of 50 in one millisecond", len(seen))
	}
}

// One subject has one address: any other spelling is refused.
func TestParseIDOtherSpellings(t *testing.T) {
	good := NewID(now).String()
	last := good[len(good)-1]
	for _, s := range []string{
		"", " " + good, good + "\n", good[:12], good + "0", strings.ToUpper(good),
		"0000000000000", "zzzzzzzzzzzzz", strings.Repeat("u", 13), "-" + good[1:],
		good[:12] + string(last+1), // the unused bit of the last character
		good[:6] + "\r\n" + good[6:], good + "=",
	} {
		if id, err := ParseID(s); !errors.Is(err, ErrID) {
			t.Errorf("ParseID(%q) = %d, %v", s, id, err)
		}
	}
	if id, err := ParseID(good); err != nil || id.String() != good {
		t.Errorf("ParseID(%q) = %d, %v", good, id, err)
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("0000000000002")
	f.Add("zzzz")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseID(s); err == nil && id.String() != s {
			t.Errorf("%q and %q are one id", s, id)
		}
	})
}

// TestNoIDTwice: what a whole batch of changes asks for at one moment differs; of independent numbers some would be equal.
func TestNoIDTwice(t *testing.T) {
	const many = 20_000
	seen := make(map[ID]bool, many)
	for range many {
		seen[NewID(now)] = true
	}
	if len(seen) != many {
		t.Errorf("%d of %d differ", len(seen), many)
	}
}
