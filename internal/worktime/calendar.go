package worktime

import (
	"slices"
	"strconv"
	"time"

	"ustaz/internal/errs"
)

// RowKind is what a row of the table of days says.
type RowKind uint8

const (
	Holiday      RowKind = iota + 1 // off; on a weekend it moves to the next working day
	FixedHoliday                    // off; never moves: Christmas, the first day of Kurban Ait
	DayOff                          // a working day taken off by decree
	WorkingDay                      // a day off made working by decree
)

var rowKinds = [...]string{"", "holiday", "fixed", "off", "work"}

// String is the kind's name in the table: "holiday", "fixed", "off", "work".
func (k RowKind) String() string {
	if k < Holiday || k > WorkingDay {
		return "row?"
	}
	return rowKinds[k]
}

// RowKindByName finds a kind.
func RowKindByName(name string) (RowKind, bool) {
	i := slices.Index(rowKinds[1:], name)
	return RowKind(i + 1), i >= 0
}

// Sure is how sure we are of a row. The settings show it; the users' pages do not.
type Sure string

const (
	ByPolicy Sure = "policy" // the platform's own policy
	ByUs     Sure = "own"    // no law sets it: the operator does
	Official Sure = "A"      // official text read
	Agreed   Sure = "B"      // several sources of 2026 agree
	Press    Sure = "C"      // press, or an older source
	Memory   Sure = "M"      // from memory, or worked out beforehand
)

// Row is one line of the table of days. A Day with Year 0 comes every year, from year From to year Until (0 is open); a
// dated Day once. Decrees are always dated.
type Row struct {
	Kind  RowKind
	Day   Date
	From  int
	Until int
	Name  string // the day's name by the message key "day.<name>"
	Sure  Sure
}

// Calendar tells working days from others. It does not change; an edited table makes a new one.
type Calendar struct {
	yearly []Row // Holiday and FixedHoliday
	dated  map[Date]Row
}

// maxYearly keeps working days in every year, so that counting them ends.
const maxYearly = 60

// NewCalendar takes the whole table. The error, an *errs.Error Invalid with the arg "row" (from 1), tells of a row that is
// no date, has no kind, is a yearly decree, or stands for a day that another row has.
func NewCalendar(rows []Row) (*Calendar, error) {
	c := &Calendar{dated: map[Date]Row{}}
	for i, r := range rows {
		key := ""
		switch {
		case r.Kind < Holiday || r.Kind > WorkingDay, !exists(r.Day), r.From != 0 && r.Until != 0 && r.From > r.Until:
			key = "worktime.row.invalid"
		case r.Day.Year != 0 && c.dated[r.Day].Kind != 0, r.Day.Year == 0 && c.hasYearly(r):
			key = "worktime.row.twice"
		case r.Day.Year == 0 && r.Kind > FixedHoliday:
			key = "worktime.row.decree"
		case r.Day.Year == 0 && len(c.yearly) == maxYearly:
			key = "worktime.row.full"
		}
		if key != "" {
			return nil, errs.New(errs.Invalid, key).With("row", strconv.Itoa(i+1))
		}
		if r.Day.Year == 0 {
			c.yearly = append(c.yearly, r)
		} else {
			c.dated[r.Day] = r
		}
	}
	return c, nil
}

// exists tells whether the day is in the calendar; 29 February of no year is not, since it would not come every year.
func exists(d Date) bool {
	if d.Year == 0 {
		d.Year = 2001
	}
	return d.Year > 0 && d.Year < 10_000 && d.AddDays(0) == d
}

func (c *Calendar) hasYearly(r Row) bool {
	return slices.ContainsFunc(c.yearly, func(o Row) bool {
		return o.Day == r.Day && (o.Until == 0 || r.From <= o.Until) && (r.Until == 0 || o.From <= r.Until)
	})
}

// Off tells whether nobody works on a day, and why: the message key "day.<name>" of the holiday, "day.moved" where a
// holiday moved there, "day.weekend". A working day has no key.
func (c *Calendar) Off(d Date) (key string, off bool) { return c.year(d.Year).off(d) }

// Working is the contrary of Off.
func (c *Calendar) Working(d Date) bool {
	_, off := c.Off(d)
	return !off
}

// AddWorkingDays goes n working days forth; day itself is not counted. With n of 0 or less it is day, or the next working
// day if day is off.
func (c *Calendar) AddWorkingDays(day Date, n int) Date {
	y := c.year(day.Year)
	working := func() bool {
		if day.Year != y.year {
			y = c.year(day.Year)
		}
		_, off := y.off(day)
		return !off
	}
	for ; n > 0; n-- {
		for day = day.AddDays(1); !working(); {
			day = day.AddDays(1)
		}
	}
	for !working() {
		day = day.AddDays(1)
	}
	return day
}

// year is one year laid out: what the rows say of its days, by message key; work has the empty key.
type year struct {
	year int
	keys map[Date]string
	work map[Date]bool
}

func (y year) off(d Date) (string, bool) {
	if y.work[d] {
		return "", false
	}
	if key, ok := y.keys[d]; ok {
		return key, true
	}
	if d.weekend() {
		return "day.weekend", true
	}
	return "", false
}

// year lays a year out. The year before is laid too: a holiday at its end may move into this one.
func (c *Calendar) year(n int) year {
	y := year{n, map[Date]string{}, map[Date]bool{}}
	var movable []Date
	add := func(d Date, r Row) {
		if d.Year < n-1 || d.Year > n+1 {
			return
		}
		if r.Kind == WorkingDay {
			y.work[d] = true
			return
		}
		y.keys[d] = "day." + r.Name
		if r.Kind == Holiday && d.weekend() && d.Year <= n {
			movable = append(movable, d)
		}
	}
	for _, r := range c.yearly {
		for at := n - 1; at <= n+1; at++ {
			if at >= r.From && (r.Until == 0 || at <= r.Until) {
				add(Date{at, r.Day.Month, r.Day.Day}, r)
			}
		}
	}
	for d, r := range c.dated {
		add(d, r)
	}
	// Earlier holidays take the earlier days: 21 and 22 March on a weekend move to 24 and 25, past 23.
	slices.SortFunc(movable, Date.Compare)
	for _, d := range movable {
		to := d.AddDays(1)
		for to.weekend() || y.keys[to] != "" {
			to = to.AddDays(1)
		}
		y.keys[to] = "day.moved"
	}
	return y
}

// DefaultDays is the table for years from 2022 on: holidays by the law on holidays, the first days of Kurban Ait as they
// are announced or, from 2027 on, worked out beforehand. Swaps by decree are for the responsible person to add.
func DefaultDays() []Row {
	rows := []Row{
		{Kind: Holiday, Day: Date{0, time.January, 1}, Name: "new_year", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.January, 2}, Name: "new_year", Sure: Official},
		{Kind: FixedHoliday, Day: Date{0, time.January, 7}, Name: "christmas", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.March, 8}, Name: "women", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.March, 15}, From: 2027, Name: "constitution", Sure: Agreed},
		{Kind: Holiday, Day: Date{0, time.March, 21}, Name: "nauryz", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.March, 22}, Name: "nauryz", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.March, 23}, Name: "nauryz", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.May, 1}, Name: "unity", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.May, 7}, Name: "defender", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.May, 9}, Name: "victory", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.July, 6}, Name: "capital", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.August, 30}, Until: 2025, Name: "constitution", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.October, 25}, From: 2022, Name: "republic", Sure: Official},
		{Kind: Holiday, Day: Date{0, time.December, 16}, Name: "independence", Sure: Official},
	}
	for _, d := range []Date{{2022, time.July, 9}, {2023, time.June, 28}, {2024, time.June, 16}, {2025, time.June, 6}, {2026, time.May, 27},
		{2027, time.May, 16}, {2028, time.May, 5}, {2029, time.April, 24}, {2030, time.April, 13}} {
		sure := Press
		if d.Year > 2026 {
			sure = Memory
		}
		rows = append(rows, Row{Kind: FixedHoliday, Day: d, Name: "kurban", Sure: sure})
	}
	return rows
}
