package edition_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

// next is the default edition under another order, in force from a moment.
func next(t *testing.T, order string, from time.Time) *policy.Edition {
	t.Helper()
	ed, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	ed.Order, ed.InForce = order, from
	return ed
}

// Clause 9.1: each edition stands in the log, with its number.
func TestPublicationIsEntered(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		for i, order := range []string{"2", "3"} {
			if _, err := e.Keeper.Publish(ctx, next(t, order, testdoor.Start)); err != nil {
				t.Fatal(err)
			}
			x, err := e.Ledger.Entry(ctx, int64(i))
			if err != nil || x.Edition != int64(i)+2 || x.Kind != ledger.ByJob || x.Operation != policy.Recording || x.Outcome != ledger.Allowed ||
				!slices.Equal(x.Clauses, []string{"9.1", "9.2"}) {
				t.Errorf("entry %+v, %v", x, err)
			}
		}
		size, _ := e.Ledger.Size(ctx)
		if _, err := e.Keeper.Publish(ctx, next(t, "3", testdoor.Start.Add(time.Hour))); !errs.Is(err, errs.Conflict) {
			t.Errorf("the same words and rules again: %v", err)
		}
		if now, err := e.Ledger.Size(ctx); err != nil || now != size {
			t.Errorf("a publication that was none left %d entries, %v", now-size, err)
		}
	})
}

// Without its entry an edition is not published, and so does not rule.
func TestNoEntryNoEdition(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		boom := errors.New("boom")
		if _, err := e.Editions.Publish(ctx, next(t, "2", testdoor.Start), func(*db.Tx, int64) error { return boom }); !errors.Is(err, boom) {
			t.Errorf("%v", err)
		}
		rename := func(from, to string) {
			t.Helper()
			if err := e.DB.Write(ctx, func(t *db.Tx) error { _, err := t.Exec("ALTER TABLE " + from + " RENAME TO " + to); return err }); err != nil {
				t.Fatal(err)
			}
		}
		rename("ledger_segment", "hidden")
		if _, err := e.Keeper.Publish(ctx, next(t, "2", testdoor.Start)); err == nil {
			t.Error("published without a log")
		}
		rename("hidden", "ledger_segment")
		e.Clock.Move(time.Minute)
		if all, err := e.Editions.All(); err != nil || len(all) != 1 {
			t.Errorf("%d editions, %v", len(all), err)
		}
	})
}

// Several processes start on one empty database, or publish the same: one of them places it.
func TestTheSameEditionIsPublishedOnce(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		stores := make([]*edition.Store, 8)
		for i := range stores {
			var err error
			if stores[i], err = edition.Open(ctx, e.DB); err != nil {
				t.Fatal(err)
			}
		}
		ed := next(t, "2", testdoor.Start)
		var wg sync.WaitGroup
		var mu sync.Mutex
		placed := 0
		for _, s := range stores {
			wg.Go(func() {
				p, err := s.Publish(ctx, ed, func(*db.Tx, int64) error { return nil })
				mu.Lock()
				defer mu.Unlock()
				if err == nil && p.Seq == 2 {
					placed++
				} else if !errs.Is(err, errs.Conflict) {
					t.Error(p, err)
				}
			})
		}
		wg.Wait()
		if all, err := e.Editions.All(); err != nil || placed != 1 {
			t.Errorf("placed %d times, %d editions, %v", placed, len(all), err)
		}
	})
}

// An edition that another process published rules here within refreshEvery; while nobody can tell whether there is one, nothing is decided.
func TestAnotherProcessesEditionRulesSoon(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		other := testdoor.Open(t, e.URL, e.KeyDir)
		lax := next(t, "2", testdoor.Start)
		lax.RulesText = "@id(\"a\") @clause(\"4.1.1\") permit (principal == Role::\"job\", action == Action::\"use\", resource) when { context.purpose == Purpose::\"4.1.1\" };"
		var err error
		if lax.Rules, err = policy.ParseRules(lax.RulesText); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Keeper.Publish(ctx, lax); err != nil {
			t.Fatal(err)
		}
		e.Clock.Move(2*time.Second + 1)
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				_, err := e.Keeper.Read(ctx, keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Access, Purpose: policy.Personalise,
					Fields: person.Set(person.Surname)})
				if !errs.Is(err, errs.Forbidden) {
					t.Errorf("decided by the edition before: %v", err)
				}
			})
		}
		wg.Wait()
		if err := e.DB.Write(ctx, func(t *db.Tx) error { _, err := t.Exec("ALTER TABLE edition RENAME TO hidden"); return err }); err != nil {
			t.Fatal(err)
		}
		e.Clock.Move(2*time.Second + 1)
		for range 64 {
			wg.Go(func() {
				if _, err := e.Editions.InForce(e.Clock.Now()); err == nil {
					t.Error("decided without knowing")
				}
			})
		}
		wg.Wait()
	})
}
