package worktime

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

func calendar(t testing.TB, more ...Row) *Calendar {
	t.Helper()
	c, err := NewCalendar(append(DefaultDays(), more...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// daysOff lists the days of a year on which nobody works, weekends apart.
func daysOff(c *Calendar, year int) string {
	var out []string
	for d := (Date{year, 1, 1}); d.Year == year; d = d.AddDays(1) {
		if key, off := c.Off(d); off && key != "day.weekend" && !d.weekend() {
			out = append(out, d.String()[5:])
		}
	}
	return strings.Join(out, " ")
}

func TestDaysOff(t *testing.T) {
	c := calendar(t)
	for year, want := range map[int]string{
		2025: "01-01 01-02 01-07 03-10 03-21 03-24 03-25 05-01 05-07 05-09 06-06 07-07 09-01 10-27 12-16",
		2026: "01-01 01-02 01-07 03-09 03-23 03-24 03-25 05-01 05-07 05-11 05-27 07-06 10-26 12-16",
		2027: "01-01 01-04 01-07 03-08 03-15 03-22 03-23 03-24 05-03 05-07 05-10 07-06 10-25 12-16",
	} {
		if got := daysOff(c, year); got != want {
			t.Errorf("%d: %s\nwant  %s", year, got, want)
		}
	}
	for d, want := range map[string]string{
		"2026-03-08": "day.women", "2026-03-09": "day.moved", "2026-01-07": "day.christmas", "2026-05-27": "day.kurban",
		"2026-11-07": "day.weekend", "2026-11-03": "", "2026-08-31": "", "2025-08-30": "day.constitution", "2027-03-15": "day.constitution",
		"2023-01-07": "day.christmas", "2023-01-09": "", // Christmas on a Saturday does not move
		"2028-01-03": "day.moved", "2028-01-04": "day.moved", // 1 and 2 January 2028 are a weekend
	} {
		key, off := c.Off(day(d))
		if key != want || off != (want != "") || c.Working(day(d)) == off {
			t.Errorf("%s: %q, off %v; want %q", d, key, off, want)
		}
	}
}

func TestDecrees(t *testing.T) {
	c := calendar(t,
		Row{Kind: DayOff, Day: Date{2026, time.December, 17}, Name: "decree"},
		Row{Kind: WorkingDay, Day: Date{2026, time.December, 19}, Name: "decree"},
		Row{Kind: DayOff, Day: Date{2027, time.January, 4}, Name: "decree"},
		Row{Kind: Holiday, Day: Date{2028, time.December, 31}, Name: "decree"},
	)
	for d, working := range map[string]bool{
		"2026-12-15": true, "2026-12-16": false, "2026-12-17": false, "2026-12-18": true, "2026-12-19": true, "2026-12-20": false,
		"2027-01-04": false, "2027-01-05": false, // the moved 2 January goes past a day that is off already
		"2029-01-01": false, "2029-01-02": false, "2029-01-03": false, "2029-01-04": true, // 31 December 2028, a Sunday, moves into the next year
	} {
		if c.Working(day(d)) != working {
			t.Errorf("%s: working is not %v", d, working)
		}
	}
	if got := c.AddWorkingDays(day("2026-12-15"), 2); got != day("2026-12-19") {
		t.Errorf("two working days from 15 December end on %s", got)
	}
}

func TestNewCalendarRefuses(t *testing.T) {
	good := Row{Kind: Holiday, Day: Date{0, time.June, 1}, From: 2020, Until: 2025}
	var many []Row
	for i := range maxYearly + 1 {
		many = append(many, Row{Kind: Holiday, Day: Date{0, time.Month(i/28 + 1), i%28 + 1}})
	}
	for _, c := range []struct {
		rows []Row
		key  string
		row  string
	}{
		{[]Row{good, {Kind: Holiday, Day: Date{0, time.June, 31}}}, "worktime.row.invalid", "2"},
		{[]Row{{Kind: Holiday, Day: Date{0, time.February, 29}}}, "worktime.row.invalid", "1"},
		{[]Row{{Kind: Holiday, Day: Date{2027, time.February, 29}}}, "worktime.row.invalid", "1"},
		{[]Row{{Kind: Holiday, Day: Date{-5, time.February, 1}}}, "worktime.row.invalid", "1"},
		{[]Row{{Kind: Holiday}}, "worktime.row.invalid", "1"},
		{[]Row{{Kind: 9, Day: Date{2026, 1, 1}}}, "worktime.row.invalid", "1"},
		{[]Row{{Day: Date{2026, 1, 1}}}, "worktime.row.invalid", "1"},
		{[]Row{{Kind: Holiday, Day: Date{0, 1, 1}, From: 2026, Until: 2025}}, "worktime.row.invalid", "1"},
		{[]Row{{Kind: DayOff, Day: Date{0, 1, 1}}}, "worktime.row.decree", "1"},
		{[]Row{{Kind: WorkingDay, Day: Date{0, 1, 1}}}, "worktime.row.decree", "1"},
		{[]Row{good, good}, "worktime.row.twice", "2"},
		{[]Row{good, {Kind: FixedHoliday, Day: good.Day, From: 2025}}, "worktime.row.twice", "2"},
		{[]Row{{Kind: DayOff, Day: Date{2026, 1, 5}}, {Kind: WorkingDay, Day: Date{2026, 1, 5}}}, "worktime.row.twice", "2"},
		{many, "worktime.row.full", "61"},
	} {
		_, err := NewCalendar(c.rows)
		if e := errs.As(err); err == nil || e.Kind != errs.Invalid || e.Key != c.key || e.Args["row"] != c.row {
			t.Errorf("%v: %v, want %s on row %s", c.rows, err, c.key, c.row)
		}
	}
	if _, err := NewCalendar([]Row{good, {Kind: Holiday, Day: good.Day, From: 2026}}); err != nil {
		t.Errorf("one holiday after another on the same day: %v", err)
	}
}

func TestDue(t *testing.T) {
	c := calendar(t)
	for _, k := range []struct {
		start string // UTC
		term  Term
		due   string // day in Almaty
	}{
		{"2026-11-03T09:00:00Z", Term{1, WorkingDays}, "2026-11-04"},
		{"2026-11-06T09:00:00Z", Term{1, WorkingDays}, "2026-11-09"},
		{"2026-11-07T09:00:00Z", Term{1, WorkingDays}, "2026-11-09"}, // from a Saturday
		{"2026-11-03T18:59:59Z", Term{1, WorkingDays}, "2026-11-04"}, // 23:59:59 in Almaty
		{"2026-11-03T19:00:00Z", Term{1, WorkingDays}, "2026-11-05"}, // already the 4th
		{"2026-03-20T05:00:00Z", Term{1, WorkingDays}, "2026-03-26"}, // past Nauryz and what moved
		{"2026-03-06T05:00:00Z", Term{3, WorkingDays}, "2026-03-12"},
		{"2026-12-31T05:00:00Z", Term{3, WorkingDays}, "2027-01-08"}, // over two years' holidays: 5, 6, 8 January
		{"2026-04-24T05:00:00Z", Term{15, WorkingDays}, "2026-05-20"},
		{"2026-11-03T09:00:00Z", Term{30, CalendarDays}, "2026-12-03"},
		{"2026-09-25T09:00:00Z", Term{30, CalendarDays}, "2026-10-27"}, // 25 October, a Sunday, and the day it moved to
		{"2026-11-16T09:00:00Z", Term{30, CalendarDays}, "2026-12-17"}, // Independence Day
		{"2026-11-05T09:00:00Z", Term{2, CalendarDays}, "2026-11-09"},  // a Saturday
		{"2027-04-23T09:00:00Z", Term{15, CalendarDays}, "2027-05-11"}, // 8 May, a Saturday, then 9 and 10
	} {
		start, err := time.Parse(time.RFC3339, k.start)
		if err != nil {
			t.Fatal(err)
		}
		due := c.Due(start, k.term)
		if DateOf(due) != day(k.due) || Local(due).Format("15:04:05") != "23:59:59" || due.Location() != time.UTC {
			t.Errorf("%v from %s: due %v, want the end of %s", k.term, k.start, due, k.due)
		}
	}
	start := time.Date(2026, 11, 7, 20, 0, 0, 5, time.UTC)
	if due := c.Due(start, Term{}); !due.Equal(start) {
		t.Errorf("at once is %v", due)
	}
}

func draw(t *rapid.T) (start time.Time, term Term) {
	start = time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.Int64Range(0, 12*365*24*3600).Draw(t, "second")) * time.Second)
	return start, Term{rapid.IntRange(1, 60).Draw(t, "n"), rapid.SampledFrom([]Unit{WorkingDays, CalendarDays}).Draw(t, "unit")}
}

// A term ends on a working day, never before its days have passed, and counts exactly its working days; a later start or
// a longer term never ends earlier.
func TestDueHolds(t *testing.T) {
	c := calendar(t, Row{Kind: DayOff, Day: Date{2026, time.December, 17}, Name: "decree"}, Row{Kind: WorkingDay, Day: Date{2026, time.December, 19}, Name: "decree"})
	rapid.Check(t, func(t *rapid.T) {
		start, term := draw(t)
		due := c.Due(start, term)
		first, last := DateOf(start), DateOf(due)
		if !c.Working(last) || first.DaysTo(last) < term.N {
			t.Fatalf("%v from %v is due on %v", term, first, last)
		}
		if term.Unit == WorkingDays {
			n := 0
			for d := first.AddDays(1); d.Compare(last) <= 0; d = d.AddDays(1) {
				if c.Working(d) {
					n++
				}
			}
			if n != term.N {
				t.Fatalf("%d working days from %v to %v, want %d", n, first, last, term.N)
			}
		}
		later := start.Add(time.Duration(rapid.Int64Range(0, 40*24*3600).Draw(t, "later")) * time.Second)
		if c.Due(later, term).Before(due) || c.Due(start, Term{term.N + 1, term.Unit}).Before(due) {
			t.Fatalf("not monotonic: %v from %v", term, start)
		}
	})
}

// The fixed rule agrees with the zone database.
func TestLocal(t *testing.T) {
	almaty, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	if _, offset := time.Date(2024, 6, 1, 0, 0, 0, 0, almaty).Zone(); offset != 5*60*60 {
		t.Skip("the machine's zone table is older than the change of 1 March 2024")
	}
	check := func(at time.Time) {
		if got, want := Local(at).Format(time.DateTime), at.In(almaty).Format(time.DateTime); got != want {
			t.Errorf("%v is %s in Almaty, want %s", at, got, want)
		}
	}
	for at := time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2035; at = at.Add(17 * time.Hour) {
		check(at)
		if d := DateOf(at); DateOf(d.End()) != d || DateOf(d.End().Add(time.Second)) != d.AddDays(1) {
			t.Errorf("the end of %v is %v", d, d.End())
		}
	}
	for d := (Date{2024, time.February, 25}); d.Month < time.April; d = d.AddDays(1) {
		if DateOf(d.End()) != d || DateOf(d.End().Add(time.Second)) != d.AddDays(1) {
			t.Errorf("the end of %v is %v", d, d.End())
		}
	}
	check(oneZone.Add(-time.Second))
	check(oneZone)
}

func TestLeft(t *testing.T) {
	c := calendar(t)
	due := c.Due(time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), Term{3, WorkingDays}) // 6 November
	for _, k := range []struct {
		now  time.Time
		days int
		late bool
	}{
		{time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), 3, false},
		{time.Date(2026, 11, 3, 19, 0, 0, 0, time.UTC), 2, false},
		{time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC), 0, false},
		{due, 0, false},
		{due.Add(999 * time.Millisecond), 0, false},
		{due.Add(time.Second), 1, true},
		{time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC), 4, true},
	} {
		if days, late := Left(k.now, due); days != k.days || late != k.late {
			t.Errorf("at %v: %d days, late %v; want %d, %v", k.now, days, late, k.days, k.late)
		}
	}
}

func TestDates(t *testing.T) {
	for _, s := range []string{"", "2026-13-01", "2026-02-29", "03.11.2026", "2026-11-03T00:00"} {
		if _, err := ParseDate(s); !errs.Is(err, errs.Invalid) {
			t.Errorf("ParseDate(%q): %v", s, err)
		}
	}
	d := day("2028-02-28")
	if d.AddDays(1).String() != "2028-02-29" || d.AddDays(-59).String() != "2027-12-31" || d.DaysTo(day("2028-03-01")) != 2 || d.IsZero() || !(Date{}).IsZero() {
		t.Error("arithmetic of days")
	}
	if d.Compare(day("2028-03-01")) != -1 || day("2029-01-01").Compare(d) != 1 || d.Compare(d) != 0 {
		t.Error("order of days")
	}
}

func TestNamesRoundTrip(t *testing.T) {
	for k := Holiday; k <= WorkingDay; k++ {
		if got, ok := RowKindByName(k.String()); !ok || got != k {
			t.Errorf("kind %v came back as %v", k, got)
		}
	}
	for u := AtOnce; u <= CalendarDays; u++ {
		if got, ok := UnitByName(u.String()); !ok || got != u {
			t.Errorf("unit %v came back as %v", u, got)
		}
	}
	if _, ok := RowKindByName("feast"); ok {
		t.Error("a kind that is none")
	}
	if _, ok := UnitByName(""); ok || Unit(9).String() != "unit?" || RowKind(0).String() != "row?" {
		t.Error("a unit that is none")
	}
	for term, valid := range map[Term]bool{{0, AtOnce}: true, {1, AtOnce}: false, {0, WorkingDays}: false, {1, WorkingDays}: true,
		{3660, CalendarDays}: true, {3661, CalendarDays}: false, {-1, CalendarDays}: false, {1, 9}: false} {
		if term.Valid() != valid {
			t.Errorf("%v: valid is not %v", term, valid)
		}
	}
}

// The terms are those of the policy and the law, and each line can be shown.
func TestDefaultTerms(t *testing.T) {
	want := `claim.answer 30 calendar_days
block.start 0 at_once
block.lift 1 working_days
correct 1 working_days
destroy 1 working_days
info 3 working_days
withdraw 15 working_days
delete 15 calendar_days
object.auto 3 working_days
notify.transfer 10 working_days
unpublish 1 working_days
breach.authority 1 working_days
retention.end 1 calendar_days
consumer 10 calendar_days
block.check 10 working_days
block.proof 5 working_days
delete.wait 3 calendar_days
question.answer 15 working_days
ticket.first 1 working_days`
	var got []string
	for _, c := range DefaultTerms() {
		got = append(got, fmt.Sprintf("%s %d %v", c.Code, c.Term.N, c.Term.Unit))
		if !c.Term.Valid() || c.Basis == "" || !slices.Contains([]Sure{ByPolicy, ByUs, Official, Agreed, Press, Memory}, c.Sure) {
			t.Errorf("line %+v", c)
		}
		if found, ok := TermOf(DefaultTerms(), c.Code); !ok || found != c {
			t.Errorf("%s is not found", c.Code)
		}
	}
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("terms:\n%s", s)
	}
	if _, ok := TermOf(DefaultTerms(), "nothing"); ok {
		t.Error("a term that is none")
	}
}

func TestMessagesExist(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"day.moved", "day.weekend", "day.decree"}
	for _, r := range DefaultDays() {
		keys = append(keys, "day."+r.Name)
	}
	for _, c := range DefaultTerms() {
		keys = append(keys, "term."+c.Code)
	}
	for _, u := range unitNames {
		keys = append(keys, "unit."+u)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(worktime\.[a-z.]+)"`).FindAllSubmatch(src, -1) {
			keys = append(keys, string(m[1]))
		}
	}
	for _, k := range keys {
		if !catalog.Has(k) {
			t.Errorf("no words for %s", k)
		}
	}
}

func BenchmarkDue(b *testing.B) {
	c := calendar(b)
	start := time.Date(2026, 12, 20, 9, 0, 0, 0, time.UTC)
	for b.Loop() {
		c.Due(start, Term{15, WorkingDays})
	}
}
