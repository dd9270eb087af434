package person

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestService(t *testing.T) {
	for _, c := range []struct {
		since         string
		now           time.Time
		years, months int
	}{
		{"2020-03", now, 6, 8},
		{"2026-11", now, 0, 0},
		{"2025-12", now, 0, 11},
		{"2027-01", now, 0, 0},
		// 20:00 UTC on 30 November is December in Kazakhstan.
		{"2025-12", time.Date(2026, 11, 30, 20, 0, 0, 0, time.UTC), 1, 0},
		{"broken", now, 0, 0},
	} {
		y, m := Service(Stored(ServiceSince, c.since), c.now)
		if y != c.years || m != c.months {
			t.Errorf("since %s at %v: %d years %d months, want %d and %d", c.since, c.now, y, m, c.years, c.months)
		}
	}
	if y, m := Service(Stored(Surname, "2020-03"), now); y != 0 || m != 0 {
		t.Error("a surname has a length of service")
	}
}

// What a form asks for in years and months comes back as the same years and months.
func TestServiceRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		years, months := rapid.IntRange(0, 69).Draw(t, "years"), rapid.IntRange(0, 11).Draw(t, "months")
		at := now.Add(time.Duration(rapid.IntRange(0, 20*365*24).Draw(t, "hours")) * time.Hour)
		v, err := Parse(ServiceSince, SinceFromService(years, months, at), at)
		if err != nil {
			t.Fatal(err)
		}
		if y, m := Service(v, at); y != years || m != months {
			t.Fatalf("%d and %d became %d and %d", years, months, y, m)
		}
	})
}
