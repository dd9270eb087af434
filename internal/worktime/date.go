// Package worktime counts the terms that the policy and the law set: days of the calendar of Kazakhstan, working and not,
// and the moment when a term runs out. It holds the country's rules of counting (the day of the event is not counted; a
// term that would end on a day off ends on the next working day) and nothing that a decree may change: holidays, swaps
// and terms are tables that the responsible person edits, of which this package has the defaults. The clock is passed in.
package worktime

import (
	"cmp"
	"fmt"
	"time"

	"ustaz/internal/errs"
)

// Date is a day in Kazakhstan. The zero Date is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// oneZone is when the clocks of Almaty went back for good: midnight of 1 March 2024, then still UTC+6.
var oneZone = time.Date(2024, 2, 29, 18, 0, 0, 0, time.UTC)

var (
	utc5 = time.FixedZone("UTC+5", 5*60*60)
	utc6 = time.FixedZone("UTC+6", 6*60*60)
)

// Local shows a moment by the clocks of Almaty: UTC+5 since 1 March 2024, UTC+6 before (right back to 2004).
func Local(t time.Time) time.Time {
	if t.Before(oneZone) {
		return t.In(utc6)
	}
	return t.In(utc5)
}

// DateOf is the day on which a moment falls in Almaty.
func DateOf(t time.Time) Date {
	y, m, d := Local(t).Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-11-03". The error is an *errs.Error Invalid.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, errs.Wrap(errs.Invalid, "worktime.date", err)
	}
	y, m, d := t.Date()
	return Date{y, m, d}, nil
}

// String is "2026-11-03".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// Compare orders days: -1, 0, +1.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// AddDays goes n days of the calendar forth, or back.
func (d Date) AddDays(n int) Date {
	y, m, day := d.Noon().AddDate(0, 0, n).Date()
	return Date{y, m, day}
}

// DaysTo counts the days of the calendar from d to e; negative if e is earlier.
func (d Date) DaysTo(e Date) int { return int(e.Noon().Sub(d.Noon()) / (24 * time.Hour)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.Noon().Weekday() }

// End is the last second of the day in Almaty, in UTC. 29 February 2024 had 25 hours and ended in UTC+5.
func (d Date) End() time.Time {
	zone := utc5
	if d.Compare(Date{2024, time.February, 29}) < 0 {
		zone = utc6
	}
	return time.Date(d.Year, d.Month, d.Day, 23, 59, 59, 0, zone).UTC()
}

// Noon is the middle of the day in UTC: the same day in every zone of the country.
func (d Date) Noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

func (d Date) weekend() bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }
