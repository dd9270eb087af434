package clocks_test

import (
	"context"
	"testing"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/testdoor"
	"ustaz/internal/worktime"
)

func write(t *testing.T, e *testdoor.Env, fn func(t *db.Tx) error) error {
	t.Helper()
	return e.DB.Write(context.Background(), fn)
}

func start(t *testing.T, e *testdoor.Env, code string) clocks.Running {
	t.Helper()
	var r clocks.Running
	err := write(t, e, func(x *db.Tx) (err error) {
		r, err = clocks.Start(x, code, x.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An edit holds for what begins after it; who was promised a day keeps it.
func TestEditedTermHoldsForWhatBeginsAfterIt(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		before := start(t, e, "info") // 3 November 2026 is a Tuesday
		if want := "2026-11-06T18:59:59Z"; before.Due.Format(time.RFC3339) != want {
			t.Errorf("due %s, want %s", before.Due.Format(time.RFC3339), want)
		}
		line := worktime.Clock{Code: "info", Term: worktime.Term{N: 1, Unit: worktime.CalendarDays}, Basis: "L 25-2(6)"}
		if err := write(t, e, func(x *db.Tx) error { return clocks.SetTerm(x, 7, line) }); err != nil {
			t.Fatal(err)
		}
		after := start(t, e, "info")
		if want := "2026-11-04T18:59:59Z"; after.Due.Format(time.RFC3339) != want || after.Term != line.Term {
			t.Errorf("after the edit %+v, want %s", after, want)
		}
		all, err := clocks.New(e.DB).Terms(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		edited := 0
		for _, l := range all {
			if !l.Edited.IsZero() {
				edited++
				if l.Code != "info" || l.By != 7 || !l.Edited.Equal(testdoor.Start) || l.Sure != worktime.Official {
					t.Errorf("edited line %+v", l)
				}
			}
		}
		if edited != 1 || len(all) != len(worktime.DefaultTerms()) {
			t.Errorf("%d of %d lines edited", edited, len(all))
		}
		if err := write(t, e, func(x *db.Tx) error { return clocks.ResetTerm(x, "info") }); err != nil {
			t.Fatal(err)
		}
		if again := start(t, e, "info"); again != before {
			t.Errorf("after the reset %+v, want %+v", again, before)
		}
	})
}

func TestADecreeMovesADay(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		off := worktime.Date{Year: 2026, Month: time.November, Day: 6}
		if err := write(t, e, func(x *db.Tx) error { return clocks.SetDay(x, 7, off, worktime.DayOff) }); err != nil {
			t.Fatal(err)
		}
		if got := start(t, e, "info").Due.Format(time.RFC3339); got != "2026-11-09T18:59:59Z" {
			t.Errorf("with 6 November off, due %s", got)
		}
		saturday := worktime.Date{Year: 2026, Month: time.November, Day: 7}
		if err := write(t, e, func(x *db.Tx) error { return clocks.SetDay(x, 7, saturday, worktime.WorkingDay) }); err != nil {
			t.Fatal(err)
		}
		if got := start(t, e, "info").Due.Format(time.RFC3339); got != "2026-11-07T18:59:59Z" {
			t.Errorf("with a working Saturday, due %s", got)
		}
		// A decree may stand for a day that the product's table has as well: 27 May 2026 is Kurban Ait.
		ait := worktime.Date{Year: 2026, Month: time.May, Day: 27}
		if err := write(t, e, func(x *db.Tx) error { return clocks.SetDay(x, 7, ait, worktime.WorkingDay) }); err != nil {
			t.Fatal(err)
		}
		cal, err := clocks.New(e.DB).Calendar(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !cal.Working(ait) || cal.Working(off) {
			t.Error("the calendar does not follow the decrees")
		}
		if days, err := clocks.New(e.DB).Days(context.Background()); err != nil || len(days) != 3 || days[0].Day != ait || days[0].By != 7 {
			t.Errorf("decrees %+v, %v", days, err)
		}
		if err := write(t, e, func(x *db.Tx) error { return clocks.RemoveDay(x, off) }); err != nil {
			t.Fatal(err)
		}
		if got := start(t, e, "info").Due.Format(time.RFC3339); got != "2026-11-06T18:59:59Z" {
			t.Errorf("after taking it back, due %s", got)
		}
	})
}

func TestBadEdits(t *testing.T) {
	e := testdoor.SQLite(t)
	good := worktime.Clock{Code: "info", Term: worktime.Term{N: 3, Unit: worktime.WorkingDays}, Basis: "L 25-2"}
	for name, edit := range map[string]func(c *worktime.Clock){
		"no days":     func(c *worktime.Clock) { c.Term.N = 0 },
		"forever":     func(c *worktime.Clock) { c.Term.N = 4000 },
		"no basis":    func(c *worktime.Clock) { c.Basis = "  " },
		"long basis":  func(c *worktime.Clock) { c.Basis = string(make([]byte, 121)) },
		"no such one": func(c *worktime.Clock) { c.Code = "nothing" },
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			edit(&c)
			err := write(t, e, func(x *db.Tx) error { return clocks.SetTerm(x, 7, c) })
			if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.NotFound {
				t.Errorf("answer %v", err)
			}
		})
	}
	for name, c := range map[string]struct {
		day  worktime.Date
		kind worktime.RowKind
	}{
		"every year":    {worktime.Date{Month: time.May, Day: 2}, worktime.DayOff},
		"no such day":   {worktime.Date{Year: 2026, Month: time.February, Day: 30}, worktime.DayOff},
		"not by decree": {worktime.Date{Year: 2026, Month: time.May, Day: 2}, worktime.Holiday},
	} {
		t.Run(name, func(t *testing.T) {
			if err := write(t, e, func(x *db.Tx) error { return clocks.SetDay(x, 7, c.day, c.kind) }); !errs.Is(err, errs.Invalid) {
				t.Errorf("answer %v", err)
			}
		})
	}
	if got, err := clocks.New(e.DB).Terms(context.Background()); err != nil || !got[5].Edited.IsZero() {
		t.Errorf("a refused edit left %+v, %v", got[5], err)
	}
}
