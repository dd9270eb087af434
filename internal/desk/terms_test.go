package desk_test

import (
	"strings"
	"testing"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/worktime"
)

func (w *world) today() worktime.Date { return worktime.DateOf(w.Clock.Now()) }

// cases lists those of the officer's entries, newest first.
func (w *world) cases() string {
	w.t.Helper()
	entries, _, err := w.Ledger.Latest(ctx, 1<<62, 20, 1000, func(e *ledger.Entry) bool {
		return e.Kind == ledger.ByStaff && e.Actor == w.officer.ID && e.Subject == 0
	})
	w.must(err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Case+" "+strings.Join(e.Clauses, " "))
	}
	return strings.Join(out, "; ")
}

// 8.2: an edit of a term is an entry of the log, or does not happen; a case that runs keeps its day.
func TestTermEditedWhileACaseRuns(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		running := w.file(aya, desk.Information)
		line := worktime.Clock{Code: "info", Term: worktime.Term{N: 1, Unit: worktime.CalendarDays}, Basis: "L 25-2(6)", Edition: "2026"}
		w.must(w.desk.SetTerm(ctx, w.officer, line))
		if v := w.officerSees(running.Number); !v.Running.Due.Equal(running.Running.Due) {
			t.Errorf("due moved from %v to %v", running.Running.Due, v.Running.Due)
		}
		if next := w.file(aya, desk.Copy); !next.Running.Due.Before(running.Running.Due) {
			t.Errorf("a case begun after the edit is due %v", next.Running.Due)
		}
		saturday := worktime.Date{Year: 2026, Month: time.November, Day: 7}
		w.must(w.desk.SetDay(ctx, w.officer, saturday, worktime.WorkingDay))
		w.must(w.desk.RemoveDay(ctx, w.officer, saturday))
		w.must(w.desk.ResetTerm(ctx, w.officer, "info"))
		line.Term.N = 0
		w.mustBe(w.desk.SetTerm(ctx, w.officer, line), errs.Invalid, "clocks.term")
		line.Code = "nothing"
		w.mustBe(w.desk.SetTerm(ctx, w.officer, line), errs.NotFound, "clocks.unknown")
		if got, want := w.cases(), "clock:info 8.2; day:2026-11-07 8.4; day:2026-11-07 8.4; clock:info 8.2"; got != want {
			t.Errorf("the log has %s, want %s", got, want)
		}
		lines, err := clocks.New(w.DB).Terms(ctx)
		w.must(err)
		for _, l := range lines {
			if !l.Edited.IsZero() {
				t.Errorf("still edited: %+v", l)
			}
		}
	})
}

// 8.1: a claim on paper of somebody who is not in the database; without an address nobody is written to and nothing fails.
func TestClaimOnPaperOfSomebodyUnknown(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		who := desk.Contact{Surname: person.Stored(person.Surname, "Сәтбек"), GivenName: person.Stored(person.GivenName, "Дана")}
		_, err := w.desk.FileForUnknown(ctx, w.officer, who, filing(desk.Deletion))
		w.mustBe(err, errs.Invalid, "desk.unknown.kind")
		_, err = w.desk.FileForUnknown(ctx, w.officer, desk.Contact{Surname: who.Surname}, filing(desk.Claim))
		w.mustBe(err, errs.Invalid, "error.form")
		c, err := w.desk.FileForUnknown(ctx, w.officer, who, filing(desk.Claim))
		w.must(err)
		if c.Source != desk.OnPaper || c.Concerned == 0 || c.Concerned != c.Applicant || c.Running.Code != "claim.answer" {
			t.Errorf("%+v", c)
		}
		w.must(w.desk.Answer(ctx, w.officer, c.Number, desk.Granted, "", text("Келістік.")))
		w.drain()
		if n := w.count("SELECT count(*) FROM job WHERE tries > 0"); n != 0 {
			t.Errorf("%d letters to nobody fail", n)
		}
		v := w.officerSees(c.Number)
		if said(v) != "Мекенжайым қате жазылған. | Келістік." || v.Names[c.Applicant].Surname.Reveal() != "Сәтбек" || !v.Names[c.Applicant].Email.IsZero() {
			t.Errorf("%s, %+v", said(v), v.Names)
		}
		// With an address they are written to like anybody.
		who.Email = person.Stored(person.Email, danaMail)
		_, err = w.desk.FileForUnknown(ctx, w.officer, who, filing(desk.Question))
		w.must(err)
		w.drain()
		if keys, _ := w.box.to(danaMail); strings.Join(keys, " ") != "filed" {
			t.Errorf("letters %v", keys)
		}
	})
}

// Pages of the lists meet each case once, also where many were closed in one moment.
func TestListsByPages(t *testing.T) {
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	all := map[string]bool{}
	for _, k := range []desk.Kind{desk.Information, desk.Copy, desk.Claim, desk.Question, desk.Block} {
		all[w.file(aya, k).Number] = true
	}
	seen := func(from db.Place, at func(c *desk.Case) time.Time, page func(last db.Place) ([]*desk.Case, error)) map[string]bool {
		got := map[string]bool{}
		for last := from; ; {
			list, err := page(last)
			w.must(err)
			if len(list) == 0 {
				return got
			}
			last = db.Place{At: at(list[len(list)-1]), ID: list[len(list)-1].ID}
			for _, c := range list {
				if got[c.Number] {
					t.Errorf("%s twice", c.Number)
				}
				got[c.Number] = true
			}
		}
	}
	due, closed := func(c *desk.Case) time.Time { return c.Running.Due }, func(c *desk.Case) time.Time { return c.Closed }
	if got := seen(db.Place{}, due, func(last db.Place) ([]*desk.Case, error) { return w.desk.Running(ctx, 0, last, 2) }); len(got) != len(all) {
		t.Errorf("open: %v", got)
	}
	if got := seen(db.Place{}, due, func(last db.Place) ([]*desk.Case, error) { return w.desk.Running(ctx, desk.Claim, last, 2) }); len(got) != 1 {
		t.Errorf("claims: %v", got)
	}
	held := map[desk.Kind]string{}
	for n := range all {
		c, err := w.desk.Case(ctx, n)
		w.must(err)
		held[c.Kind] = n
	}
	w.must(w.desk.Answer(ctx, w.officer, held[desk.Claim], desk.Granted, "", text("Иә.")))
	w.must(w.desk.Destroy(ctx, w.officer, held[desk.Block], text("Жойылды."))) // ends all the others at once
	if got := seen(db.Place{At: w.Clock.Now().Add(time.Second)}, closed, func(last db.Place) ([]*desk.Case, error) { return w.desk.Past(ctx, last, 2) }); len(got) != len(all) {
		t.Errorf("closed: %v of %d", got, len(all))
	}
}

// What came on paper counts from the day on which it came, whenever it is entered.
func TestPaperCountsFromTheDayItCame(t *testing.T) {
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	f := filing(desk.Information)
	f.Received = worktime.Date{Year: 2026, Month: time.October, Day: 30} // a Friday
	c, err := w.desk.FileOnPaper(ctx, w.officer, aya, f)
	w.must(err)
	if want := (worktime.Date{Year: 2026, Month: time.November, Day: 4}).End(); !c.Running.Due.Equal(want) || !c.Opened.Equal(w.Clock.Now()) {
		t.Errorf("due at %v, not %v; opened %v", c.Running.Due, want, c.Opened)
	}
	kept, err := w.desk.Case(ctx, c.Number)
	w.must(err)
	if kept.Received != f.Received {
		t.Errorf("came on %v, kept %v", f.Received, kept.Received)
	}
	for _, day := range []worktime.Date{worktime.DateOf(w.Clock.Now()).AddDays(1), worktime.DateOf(w.Clock.Now()).AddDays(-400)} {
		f.Received = day
		_, err := w.desk.FileOnPaper(ctx, w.officer, aya, f)
		w.mustBe(err, errs.Invalid, "desk.received")
	}
}
