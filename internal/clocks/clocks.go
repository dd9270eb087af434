// Package clocks keeps the table of terms and the table of days, which the responsible person edits (8.2, 8.4; law 94-V).
//
// It guarantees: an edit holds for what begins after it; what is running keeps the last day that it was promised, because Start gives that
// day once and the caller stores it; a table that can't be counted with is refused whole.
package clocks

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/worktime"
)

// Clocks are the two tables. It is safe for concurrent use.
type Clocks struct{ d *db.DB }

// New opens the tables.
func New(d *db.DB) *Clocks { return &Clocks{d: d} }

// Line is a term as it stands.
type Line struct {
	worktime.Clock
	Edited time.Time // zero where the product's own line stands
	By     person.ID
}

// Day is what was decreed of one day: off, or working.
type Day struct {
	worktime.Row
	Edited time.Time
	By     person.ID
}

type queryFunc func(query string, args ...any) (*sql.Rows, error)

func (c *Clocks) reads(ctx context.Context) queryFunc {
	return func(q string, args ...any) (*sql.Rows, error) { return c.d.Query(ctx, q, args...) }
}

// Terms lists every term, in the order of the product's table.
func (c *Clocks) Terms(ctx context.Context) ([]Line, error) { return lines(c.reads(ctx)) }

// Days lists the decrees, by date.
func (c *Clocks) Days(ctx context.Context) ([]Day, error) { return decrees(c.reads(ctx)) }

// Calendar counts with the decrees.
func (c *Clocks) Calendar(ctx context.Context) (*worktime.Calendar, error) {
	return calendar(c.reads(ctx))
}

// Running is a clock that was set going.
type Running struct {
	Code string
	Term worktime.Term
	Due  time.Time // last moment in which the term is kept, UTC
}

// Start sets a clock going inside of the transaction that causes it.
func Start(t *db.Tx, code string, at time.Time) (Running, error) {
	all, err := lines(t.Query)
	if err != nil {
		return Running{}, err
	}
	i := slices.IndexFunc(all, func(l Line) bool { return l.Code == code })
	if i < 0 {
		return Running{}, unknown()
	}
	cal, err := calendar(t.Query)
	if err != nil {
		return Running{}, err
	}
	return Running{Code: code, Term: all[i].Term, Due: cal.Due(at, all[i].Term)}, nil
}

func unknown() error { return errs.New(errs.NotFound, "clocks.unknown") }

func lines(query queryFunc) ([]Line, error) {
	var out []Line
	for _, c := range worktime.DefaultTerms() {
		out = append(out, Line{Clock: c})
	}
	rows, err := query(selectTerms)
	if err != nil {
		return nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var code, unit, basis, edition string
		var n int
		var at int64
		var by person.ID
		if err := scan(&code, &n, &unit, &basis, &edition, &at, &by); err != nil {
			return err
		}
		i := slices.IndexFunc(out, func(l Line) bool { return l.Code == code })
		u, known := worktime.UnitByName(unit)
		if i < 0 || !known {
			return nil // of an older version of the program
		}
		l := &out[i]
		l.Term, l.Basis, l.Clock.Edition, l.Edited, l.By = worktime.Term{N: n, Unit: u}, basis, edition, db.Time(at), by
		return nil
	})
	return out, err
}

func decrees(query queryFunc) ([]Day, error) {
	rows, err := query(selectDays)
	if err != nil {
		return nil, err
	}
	var out []Day
	err = db.Each(rows, func(scan func(...any) error) error {
		var day, kind string
		var at int64
		var by person.ID
		if err := scan(&day, &kind, &at, &by); err != nil {
			return err
		}
		date, err := worktime.ParseDate(day)
		if err != nil {
			return err
		}
		k, known := worktime.RowKindByName(kind)
		if !known {
			return errs.New(errs.Internal, "error.internal")
		}
		out = append(out, Day{Row: worktime.Row{Kind: k, Day: date, Name: "decree", Sure: worktime.Official}, Edited: db.Time(at), By: by})
		return nil
	})
	return out, err
}

// calendar is the product's table with the decrees over it.
func calendar(query queryFunc) (*worktime.Calendar, error) {
	more, err := decrees(query)
	if err != nil {
		return nil, err
	}
	rows := worktime.DefaultDays()
	for _, d := range more {
		rows = slices.DeleteFunc(rows, func(r worktime.Row) bool { return r.Day == d.Day })
		rows = append(rows, d.Row)
	}
	return worktime.NewCalendar(rows)
}

// Limits of the texts of a line, in bytes.
const (
	maxBasis   = 120
	maxEdition = 40
)

// SetTerm changes a line, in the transaction of the act that orders it. What is running keeps its day.
func SetTerm(t *db.Tx, by person.ID, l worktime.Clock) error {
	if _, known := worktime.TermOf(worktime.DefaultTerms(), l.Code); !known {
		return unknown()
	}
	l.Basis, l.Edition = strings.TrimSpace(l.Basis), strings.TrimSpace(l.Edition)
	var bad []errs.Field
	if !l.Term.Valid() {
		bad = append(bad, errs.Field{Name: "n", Key: "clocks.term"})
	}
	if l.Basis == "" || len(l.Basis) > maxBasis {
		bad = append(bad, errs.Field{Name: "basis", Key: "clocks.basis"})
	}
	if len(l.Edition) > maxEdition {
		bad = append(bad, errs.Field{Name: "edition", Key: "clocks.edition"})
	}
	if len(bad) > 0 {
		return errs.InvalidFields(bad)
	}
	_, err := t.Exec(upsertTerm, l.Code, l.Term.N, l.Term.Unit.String(), l.Basis, l.Edition, db.Micros(t.Now()), by)
	return err
}

// ResetTerm puts the product's own line back.
func ResetTerm(t *db.Tx, code string) error {
	if _, known := worktime.TermOf(worktime.DefaultTerms(), code); !known {
		return unknown()
	}
	_, err := t.Exec(deleteTerm, code)
	return err
}

// SetDay decrees a day off, or working.
func SetDay(t *db.Tx, by person.ID, day worktime.Date, kind worktime.RowKind) error {
	if day.Year == 0 || kind != worktime.DayOff && kind != worktime.WorkingDay {
		return errs.InvalidFields([]errs.Field{{Name: "day", Key: "worktime.row.invalid"}})
	}
	if _, err := worktime.ParseDate(day.String()); err != nil {
		return errs.InvalidFields([]errs.Field{{Name: "day", Key: "worktime.row.invalid"}})
	}
	_, err := t.Exec(upsertDay, day.String(), kind.String(), db.Micros(t.Now()), by)
	return err
}

// RemoveDay takes a decree back.
func RemoveDay(t *db.Tx, day worktime.Date) error {
	_, err := t.Exec(deleteDay, day.String())
	return err
}
