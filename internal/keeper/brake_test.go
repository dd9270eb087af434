package keeper_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

// guesser is the door with a ceiling of guesses for systems and subjects.
func guesser(t *testing.T, e *testdoor.Env, ceiling int) *keeper.Keeper {
	t.Helper()
	k, err := keeper.New(keeper.Config{DB: e.DB, Ledger: e.Ledger, Editions: e.Editions, KeyDir: e.KeyDir, Brake: e.Brake,
		Guesses: map[policy.Role]int{policy.Reader: ceiling, policy.Registrar: ceiling, policy.Self: ceiling}})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const systemID = 11

func systemFinds() keeper.Passage {
	return keeper.Passage{Actor: keeper.System(systemID, policy.Reader), Operation: policy.Retrieval, Purpose: policy.Identify, Case: "api:1"}
}

func last(t *testing.T, e *testdoor.Env) ledger.Indexed {
	t.Helper()
	size, err := e.Ledger.Size(ctx)
	if err != nil {
		t.Fatal(err)
	}
	x, err := e.Ledger.Entry(ctx, size-1)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func wantBraked(t *testing.T, e *testdoor.Env, what string, err error) {
	t.Helper()
	if !errs.Is(err, errs.TooMany) || errs.As(err).Key != "door.brake" || errs.As(err).Args["seconds"] == "" {
		t.Errorf("%s: %v", what, err)
	}
	if x := last(t, e); x.Outcome != ledger.Refused || !slices.Equal(x.Clauses, []string{"5.4"}) {
		t.Errorf("%s: the entry %+v", what, x)
	}
}

// Clause 5.4: to find nobody costs a member of staff what reading a person does, so that addresses can't be tried without end.
func TestFindingNobodyCountsForStaff(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		limit := e.Brake[policy.SupportR]
		aya, bek := e.Subject(t, testdoor.AyaFields), e.People(t, 1)[0]
		find := func(address string) error {
			_, err := e.Keeper.Find(ctx, supportReads(0), value(person.Email, address))
			return err
		}
		if err := find(testdoor.AyaFields[person.Email]); err != nil { // one person
			t.Fatal(err)
		}
		for i := range limit - 1 {
			for range 2 { // the same guess is one
				if err := find(fmt.Sprintf("nobody%d@mysal.kz", i)); err != nil {
					t.Fatalf("guess %d: %v", i, err)
				}
			}
		}
		wantBraked(t, e, "one guess more", find("more@mysal.kz"))
		wantBraked(t, e, "a person more", find("t0@mysal.kz"))
		_, err := e.Keeper.Read(ctx, supportReads(bek, person.Email))
		wantBraked(t, e, "reading a person more", err)
		if _, err := e.Keeper.Read(ctx, supportReads(aya, person.Email)); err != nil {
			t.Errorf("a person already seen this hour: %v", err)
		}
		if err := find("NOBODY1@mysal.kz"); err != nil {
			t.Errorf("a guess already made this hour: %v", err)
		}
		counts, err := e.Keeper.BrakeCounts(ctx, testdoor.Start.Unix()/3600)
		if err != nil || len(counts) != 1 || counts[0].Count != limit {
			t.Errorf("counts %v, %v", counts, err)
		}
		e.Clock.Move(time.Hour)
		if err := find("more@mysal.kz"); err != nil {
			t.Errorf("the next hour: %v", err)
		}
	})
}

// A system that has guessed enough finds nobody more, those who are there no more than others: else the refusal would tell them apart. What it
// reads of people whom it knows does not count.
func TestFindingNobodyCountsForSystems(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		k := guesser(t, e, 5)
		aya := e.Subject(t, testdoor.AyaFields)
		find := func(iin string) ([]person.ID, error) { return k.Find(ctx, systemFinds(), value(person.IIN, iin)) }
		for i := range 5 {
			if ids, err := find(fmt.Sprintf("99010110%04d", i)); err != nil || len(ids) != 0 {
				t.Fatalf("guess %d: %v %v", i, ids, err)
			}
			if ids, err := find(testdoor.AyaFields[person.IIN]); i < 4 && (err != nil || len(ids) != 1) {
				t.Fatalf("who is there: %v %v", ids, err)
			}
		}
		_, err := find("990101109999")
		wantBraked(t, e, "nobody", err)
		_, err = find(testdoor.AyaFields[person.IIN])
		wantBraked(t, e, "somebody", err)
		p := systemFinds()
		p.Subject, p.Fields = aya, person.Set(person.IIN)
		if _, err := k.Read(ctx, p); err != nil {
			t.Errorf("reading whom it knows: %v", err)
		}
		e.Clock.Move(time.Hour)
		if ids, err := find(testdoor.AyaFields[person.IIN]); err != nil || len(ids) != 1 {
			t.Errorf("the next hour: %v %v", ids, err)
		}
	})
}

// Clauses 3.2.3, 2.4, 5.4: who gives a value that is another's has learned that it is known here. That stands in the log before the answer,
// with the field's code alone, and has its end.
func TestTakenValuesAreEnteredAndCounted(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		k := guesser(t, e, 2)
		e.Subject(t, testdoor.AyaFields)
		iins := []string{testdoor.AyaFields[person.IIN]}
		for i, iin := range []string{"990101100111", "990101100210", "990101100319"} {
			iins = append(iins, iin)
			e.Subject(t, map[person.Field]string{person.Surname: "Т", person.GivenName: "Т", person.IIN: iin, person.Email: fmt.Sprintf("taken%d@mysal.kz", i)})
		}
		bek := e.Subject(t, map[person.Field]string{person.Surname: "Бек", person.GivenName: "Бек"})
		for _, c := range []struct {
			name  string
			actor keeper.Actor
		}{{"the subject", keeper.Own(bek)}, {"a system", keeper.System(systemID, policy.Registrar)}} {
			p := keeper.Passage{Actor: c.actor, Subject: bek, Operation: policy.Recording, Purpose: policy.Verify, Fields: person.Set(person.IIN, person.Phone)}
			set := func(iin string) error {
				_, err := k.Change(ctx, p, func(tx *keeper.Tx) error { return tx.Set(value(person.Phone, "+77770000001"), value(person.IIN, iin)) })
				return err
			}
			before, err := e.Ledger.Size(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 2 {
				if err := set(iins[i]); !errs.Is(err, errs.Invalid) || errs.As(err).Fields[0].Key != "door.taken.iin" {
					t.Fatalf("%s, %d: %v", c.name, i, err)
				}
				x := last(t, e)
				if x.Index != before+int64(i) || x.Outcome != ledger.Refused || x.Subject != bek || x.Actor != c.actor.ID || x.Fields != person.Set(person.IIN) ||
					!slices.Equal(x.Clauses, []string{"3.2.3", "2.4"}) || x.Operation != policy.Recording {
					t.Errorf("%s: the entry %+v", c.name, x)
				}
			}
			wantBraked(t, e, c.name+": another's once more", set(iins[2]))
			wantBraked(t, e, c.name+": nobody's", set("990101100418"))
			if _, err := k.Change(ctx, p, func(tx *keeper.Tx) error { return tx.Set(value(person.Phone, "+77770000002")) }); err != nil {
				t.Errorf("%s: a value that may be several people's: %v", c.name, err)
			}
		}
		if rec, err := e.Keeper.Read(ctx, ownSees(bek, "")); err != nil || !rec.Value(person.IIN).IsZero() || rec.Value(person.Phone).Reveal() != "+77770000002" {
			t.Errorf("a refused change left something: %v", err)
		}
	})
}

// Whoever registers people can't learn by it who is known, not with many requests at once either.
func TestManyTakenAtOnceAreToldNoMoreThanTheCeiling(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		k := guesser(t, e, 4)
		people := make([]string, 32)
		for i := range people {
			people[i] = fmt.Sprintf("9901011%05d", i)
			e.Subject(t, map[person.Field]string{person.Surname: "Т", person.GivenName: "Т", person.IIN: people[i]})
		}
		subjects, err := e.Keeper.Subjects(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p := keeper.Passage{Actor: keeper.System(systemID, policy.Registrar), Operation: policy.Collection, Purpose: policy.Verify,
			Fields: person.Set(person.Surname, person.GivenName, person.IIN)}
		var mu sync.Mutex
		told, stopped := 0, 0
		var wg sync.WaitGroup
		for _, iin := range people {
			wg.Go(func() {
				_, err := k.Create(ctx, p, func(tx *keeper.Tx) error {
					tx.SetConsent(policy.ConsentGiven)
					return tx.Set(value(person.Surname, "О"), value(person.GivenName, "О"), value(person.IIN, iin))
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errs.Is(err, errs.Invalid):
					told++
				case errs.Is(err, errs.TooMany):
					stopped++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if told != 4 || stopped != len(people)-4 {
			t.Errorf("%d told, %d stopped", told, stopped)
		}
		refused, more, err := e.Ledger.Refusals(ctx, 1<<60, 100)
		if err != nil || more || len(refused) != len(people) {
			t.Errorf("%d refusals in the log, %v", len(refused), err)
		}
		if now, err := e.Keeper.Subjects(ctx); err != nil || now != subjects {
			t.Errorf("%d subjects, had %d, %v", now, subjects, err)
		}
	})
}

// An address that finds another is entered also where the change goes on without it.
func TestAClaimThatFailsIsEnteredBesideTheChange(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		e.Subject(t, testdoor.AyaFields)
		second := e.Subject(t, map[person.Field]string{person.Surname: "Б", person.GivenName: "Б", person.Email: testdoor.AyaFields[person.Email]})
		list := entries(t, e, second)
		if len(list) != 2 || list[0].Outcome != ledger.Allowed || list[1].Outcome != ledger.Refused || list[1].Fields != person.Set(person.Email) ||
			!slices.Equal(list[1].Clauses, []string{"3.2.2", "2.4"}) {
			t.Errorf("entries %+v", list)
		}
	})
}

// Without the entry nobody hears that a value is another's.
func TestNoEntryNoTakenAnswer(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		e.Subject(t, testdoor.AyaFields)
		bek := e.Subject(t, map[person.Field]string{person.Surname: "Бек", person.GivenName: "Бек"})
		p := ownChanges(bek, person.IIN)
		exec(t, e, "ALTER TABLE ledger_segment RENAME TO hidden")
		_, err := e.Keeper.Change(ctx, p, func(tx *keeper.Tx) error { return tx.Set(value(person.IIN, testdoor.AyaFields[person.IIN])) })
		if err == nil || errs.Is(err, errs.Invalid) {
			t.Errorf("told without an entry: %v", err)
		}
		exec(t, e, "ALTER TABLE hidden RENAME TO ledger_segment")
		gone, leave := context.WithCancel(ctx)
		if _, err := e.Keeper.Change(gone, p, func(tx *keeper.Tx) error {
			defer leave()
			return tx.Set(value(person.IIN, testdoor.AyaFields[person.IIN]))
		}); !errs.Is(err, errs.Unavailable) {
			t.Errorf("told to somebody who had left: %v", err)
		}
	})
}
