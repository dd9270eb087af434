package worktime

import "time"

// Unit is what a term is counted in.
type Unit uint8

const (
	AtOnce       Unit = iota // no delay is allowed
	WorkingDays              // of Kazakhstan
	CalendarDays             // ending on a day off, they end on the next working day
)

var unitNames = [...]string{"at_once", "working_days", "calendar_days"}

// String is the unit's name in the table and the last part of the message key "unit.<name>".
func (u Unit) String() string {
	if int(u) >= len(unitNames) {
		return "unit?"
	}
	return unitNames[u]
}

// UnitByName finds a unit.
func UnitByName(name string) (Unit, bool) {
	for i, n := range unitNames {
		if n == name {
			return Unit(i), true
		}
	}
	return 0, false
}

// maxTerm is the longest term, in days of its unit: ten years.
const maxTerm = 3660

// Term is how long something may take.
type Term struct {
	N    int
	Unit Unit
}

// Valid tells whether the term can be counted: at once and nothing, or 1 to 3660 days.
func (t Term) Valid() bool {
	switch t.Unit {
	case AtOnce:
		return t.N == 0
	case WorkingDays, CalendarDays:
		return t.N >= 1 && t.N <= maxTerm
	}
	return false
}

// Due is the last moment in which a term that start set going is kept, in UTC: start itself if at once, otherwise the last
// second of the last day in Almaty, which is a working day. The day of start is not counted.
func (c *Calendar) Due(start time.Time, t Term) time.Time {
	day := DateOf(start)
	switch t.Unit {
	case WorkingDays:
		return c.AddWorkingDays(day, t.N).End()
	case CalendarDays:
		return c.AddWorkingDays(day.AddDays(t.N), 0).End()
	}
	return start.UTC()
}

// Left counts the days of the calendar in Almaty from now to the day of due: 0 is today. late tells that due is over; the
// days are then those gone by since.
func Left(now, due time.Time) (days int, late bool) {
	days = DateOf(now).DaysTo(DateOf(due))
	// A day's last second has begun when Due names it, and is not over.
	late = !now.Before(due.Add(time.Second))
	if days < 0 {
		days = -days
	}
	return days, late
}

// Clock is one line of the table of terms: what the message "term.<code>" describes must be done within the term.
type Clock struct {
	Code    string
	Term    Term
	Basis   string // clause of the policy or article of the law; L is the law № 94-V on personal data
	Edition string // which edition of the basis was read: a date or a year; empty if none was
	Sure    Sure
}

// DefaultTerms is the table as it stands in November 2026. The responsible person edits it; none of it is legal advice.
func DefaultTerms() []Clock {
	return []Clock{
		{"claim.answer", Term{30, CalendarDays}, "policy 8.2", "2023-09-07", ByPolicy},
		{"block.start", Term{0, AtOnce}, "policy 6.2.4", "2023-09-07", ByPolicy},
		{"block.lift", Term{1, WorkingDays}, "L 25-2(8)", "2021", Official},
		{"correct", Term{1, WorkingDays}, "L 25-2(8)", "2026", Official},
		{"destroy", Term{1, WorkingDays}, "L 25-2(8)", "2026", Official},
		{"info", Term{3, WorkingDays}, "L 25-2(6)(7); rules 395/НҚ p.16", "2026", Official},
		{"withdraw", Term{15, WorkingDays}, "L 8-7", "2026", Agreed},
		{"delete", Term{15, CalendarDays}, "Digital Code 41", "", Press},
		{"object.auto", Term{3, WorkingDays}, "L 19-1", "2026", Agreed},
		{"notify.transfer", Term{10, WorkingDays}, "L 19-1..2", "2021", Official},
		{"unpublish", Term{1, WorkingDays}, "L 6", "", Press},
		{"breach.authority", Term{1, WorkingDays}, "L 25-2(8); rules 481/НҚ", "2026", Agreed},
		{"retention.end", Term{1, CalendarDays}, "L 18; rules 395/НҚ", "", Press},
		{"consumer", Term{10, CalendarDays}, "consumer law 42-4", "2026", Agreed},
		{"block.check", Term{10, WorkingDays}, "policy 6.2.4", "", ByUs},
		{"block.proof", Term{5, WorkingDays}, "policy 6.2.4", "", ByUs},
		{"delete.wait", Term{3, CalendarDays}, "policy 5.1", "", ByUs},
		{"question.answer", Term{15, WorkingDays}, "policy 9.3", "", ByUs},
		{"ticket.first", Term{1, WorkingDays}, "policy 4.1.7", "", ByUs},
	}
}

// TermOf finds the line for a code.
func TermOf(table []Clock, code string) (Clock, bool) {
	for _, c := range table {
		if c.Code == code {
			return c, true
		}
	}
	return Clock{}, false
}
