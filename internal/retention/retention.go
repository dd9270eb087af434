// Package retention keeps for how long each category of data is kept, erases what falls due, and registers the paper carriers (5.1, 1.1.2;
// law 94-V, article 18).
//
// It guarantees: nothing falls due unless the responsible person set a term (5.1: without one, there is no end); what falls due passes the
// door one person at a time, so that a block, an open claim or a role of staff holds it back; each run leaves an act with the number of
// people, whose entries in the log can be proven one by one.
package retention

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Category is data that are kept for the same time. Its owner knows what is in it.
type Category struct {
	Code string // in the table, and in message keys ("retention.category.<code>")
	// Idle lists, after one, people of the category for whom nothing has happened since a moment, in order of their numbers.
	Idle func(ctx context.Context, since time.Time, after person.ID, limit int) ([]person.ID, error)
}

// Rule is for how long a category is kept.
type Rule struct {
	Category string
	Months   int // 0: without an end (5.1)
	Basis    string
	Edited   time.Time
	By       person.ID
}

// Done is the act of one run: what fell due was destroyed.
type Done struct {
	ID       int64
	Category string
	Months   int
	At       time.Time
	People   int64
}

// Code is its name at the door and in the log.
func (d *Done) Code() string { return "retention:" + person.ID(d.ID).String() }

// Config is what retention needs.
type Config struct {
	DB         *db.DB
	Door       *keeper.Keeper
	Log        *ledger.Ledger
	Queue      *jobs.Queue
	Categories []Category
	// Holds tell what forbids to erase somebody now; see desk.Service.Blockers.
	Holds func(ctx context.Context, subject person.ID) ([]string, error)
}

// Service is the capability. It is safe for concurrent use.
type Service struct{ c Config }

const runEvery = 24 * time.Hour

// New makes it and hangs its job into the queue.
func New(c Config) *Service {
	s := &Service{c: c}
	c.Queue.Every("retention.run", runEvery, s.Run)
	return s
}

// Rules lists the schedule, every category.
func (s *Service) Rules(ctx context.Context) ([]Rule, error) {
	var out []Rule
	for _, c := range s.c.Categories {
		out = append(out, Rule{Category: c.Code})
	}
	rows, err := s.c.DB.Query(ctx, selectRules)
	if err != nil {
		return nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var r Rule
		var at int64
		if err := scan(&r.Category, &r.Months, &r.Basis, &at, &r.By); err != nil {
			return err
		}
		r.Edited = db.Time(at)
		if i := slices.IndexFunc(out, func(o Rule) bool { return o.Category == r.Category }); i >= 0 {
			out[i] = r
		}
		return nil
	})
	return out, err
}

// Limits of a rule.
const (
	leastMonths = 6 // so that a slip of the hand does not erase everybody tonight
	mostMonths  = 1200
	maxBasis    = 200
)

// Set changes a line of the schedule.
func (s *Service) Set(ctx context.Context, officer person.ID, r Rule) error {
	r.Basis = strings.TrimSpace(r.Basis)
	var bad []errs.Field
	if !slices.ContainsFunc(s.c.Categories, func(c Category) bool { return c.Code == r.Category }) {
		bad = append(bad, errs.Field{Name: "category", Key: "error.form"})
	}
	if r.Months != 0 && (r.Months < leastMonths || r.Months > mostMonths) {
		bad = append(bad, errs.Field{Name: "months", Key: "retention.months"})
	}
	if r.Basis == "" || len(r.Basis) > maxBasis {
		bad = append(bad, errs.Field{Name: "basis", Key: "retention.basis"})
	}
	if len(bad) > 0 {
		return errs.InvalidFields(bad)
	}
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Exec(upsertRule, r.Category, r.Months, r.Basis, db.Micros(t.Now()), officer); err != nil {
			return err
		}
		return s.enter(t, officer, "retention:"+r.Category)
	})
}

// enter records an officer's act in the log, in its transaction.
func (s *Service) enter(t *db.Tx, officer person.ID, code string) error {
	return s.c.Log.Append(t, &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByStaff, Actor: officer, Role: policy.Officer, Operation: policy.Recording,
		Purpose: policy.EndOfUse, Outcome: ledger.Allowed, Clauses: []string{"5.1"}, Case: code}})
}

// pageOf is how many people are looked for at a time.
const pageOf = 200

// Run erases what fell due. Somebody who can't be erased hinders nobody else; they come again with the next run.
func (s *Service) Run(ctx context.Context) error {
	rules, err := s.Rules(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for i, r := range rules {
		if r.Months > 0 {
			failed = append(failed, s.run(ctx, s.c.Categories[i], r))
		}
	}
	return errors.Join(failed...)
}

// monthsBefore is the same day so many months earlier, or the month's last where it has no such day: nobody falls due before their time.
func monthsBefore(t time.Time, n int) time.Time {
	out := t.AddDate(0, -n, 0)
	if out.Day() != t.Day() {
		out = out.AddDate(0, 0, -out.Day())
	}
	return out
}

func (s *Service) run(ctx context.Context, c Category, r Rule) error {
	now := s.c.DB.Now()
	since := monthsBefore(now, r.Months)
	act := Done{ID: int64(person.NewID(now)), Category: c.Code, Months: r.Months, At: now}
	var failed []error
	for after := person.ID(0); ; {
		page, err := c.Idle(ctx, since, after, pageOf)
		if err != nil {
			failed = append(failed, err)
			break
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1]
		for _, id := range page {
			// Asked again: a page takes a while, and they may have come back meanwhile.
			if still, err := c.Idle(ctx, since, id-1, 1); err != nil || !slices.Contains(still, id) {
				failed = append(failed, err)
				continue
			}
			failed = append(failed, s.erase(ctx, id, &act))
		}
	}
	return errors.Join(failed...)
}

// erase erases somebody and counts them in the act, in one commit; whoever is held back stays.
func (s *Service) erase(ctx context.Context, id person.ID, act *Done) error {
	holds, err := s.c.Holds(ctx, id)
	if err != nil || len(holds) > 0 {
		return err
	}
	p := keeper.Passage{Actor: keeper.Program(), Subject: id, Operation: policy.Destruction, Purpose: policy.EndOfUse, Case: act.Code()}
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if _, err := t.Exec(countErased, act.ID, act.Category, act.Months, db.Micros(act.At)); err != nil {
			return err
		}
		return t.Erase()
	})
	if errs.Is(err, errs.Forbidden) {
		return nil // blocked since: the refusal is in the log
	}
	return err
}

// Acts lists what was destroyed when it fell due, newest first.
func (s *Service) Acts(ctx context.Context, limit int) ([]Done, error) {
	rows, err := s.c.DB.Query(ctx, selectActs, limit)
	if err != nil {
		return nil, err
	}
	var out []Done
	err = db.Each(rows, func(scan func(...any) error) error {
		var d Done
		var at int64
		err := scan(&d.ID, &d.Category, &d.Months, &at, &d.People)
		d.At = db.Time(at)
		out = append(out, d)
		return err
	})
	return out, err
}
