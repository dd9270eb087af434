package notice

import (
	"testing"
	"time"
)

// Quiet hours over midnight, within a day, of no length and of all but a minute; the edges belong to their beginning and not to their end.
func TestQuietHours(t *testing.T) {
	night, noon, none, all := Hours{QuietFrom: 22 * 60, QuietUntil: 7*60 + 30}, Hours{QuietFrom: 12 * 60, QuietUntil: 14 * 60}, Hours{QuietFrom: 600, QuietUntil: 600}, Hours{QuietFrom: 1, QuietUntil: 0}
	for _, tc := range []struct {
		hours Hours
		at    string // by the clocks of Kazakhstan
		due   string
	}{
		{night, "2026-11-03 21:59", "2026-11-03 21:59"},
		{night, "2026-11-03 22:00", "2026-11-04 07:30"},
		{night, "2026-11-03 23:59", "2026-11-04 07:30"},
		{night, "2026-11-04 00:00", "2026-11-04 07:30"},
		{night, "2026-11-04 07:29", "2026-11-04 07:30"},
		{night, "2026-11-04 07:30", "2026-11-04 07:30"},
		{night, "2026-12-31 23:00", "2027-01-01 07:30"},
		{noon, "2026-11-03 13:00", "2026-11-03 14:00"},
		{noon, "2026-11-03 14:00", "2026-11-03 14:00"},
		{none, "2026-11-03 10:00", "2026-11-03 10:00"},
		{all, "2026-11-03 00:00", "2026-11-03 00:00"},
		{all, "2026-11-03 00:01", "2026-11-04 00:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", tc.at, kazakhstan)
		if err != nil {
			t.Fatal(err)
		}
		if got := tc.hours.due(at.UTC(), Course, AtOnce).In(kazakhstan).Format("2006-01-02 15:04"); got != tc.due {
			t.Errorf("%+v at %s: due %s, want %s", tc.hours, tc.at, got, tc.due)
		}
		if got := tc.hours.due(at, Security, AtOnce); !got.Equal(at) {
			t.Errorf("safety at %s waits until %s", tc.at, got)
		}
	}
}

// Every kind is on the list once, with its name and its clause.
func TestKinds(t *testing.T) {
	seen := map[Kind]bool{}
	for _, k := range Kinds {
		if k.String() == "" || k.Clause() == "" || seen[k] {
			t.Errorf("%d %s", k, k)
		}
		seen[k] = true
	}
	if len(seen) != len(kindInfo)-1 || Kind(0).Valid() || Kind(len(kindInfo)).Valid() {
		t.Errorf("%d kinds", len(seen))
	}
}
