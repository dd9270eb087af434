package keeper_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/seal"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

const staffID = 7

func supportReads(id person.ID, fields ...person.Field) keeper.Passage {
	return keeper.Passage{Actor: keeper.Staff(staffID, policy.SupportR), Subject: id, Operation: policy.Retrieval, Purpose: policy.Support,
		Fields: person.Set(fields...), Case: "ticket:214"}
}

func ownSees(id person.ID, once string) keeper.Passage {
	return keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Access, Purpose: policy.Personalise,
		Fields: person.Set(person.Profile...), Once: once}
}

func ownChanges(id person.ID, fields ...person.Field) keeper.Passage {
	return keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Refinement, Purpose: policy.Verify, Fields: person.Set(fields...)}
}

func value(f person.Field, s string) person.Value { return person.Stored(f, s) }

func entries(t *testing.T, e *testdoor.Env, subject person.ID) []ledger.Indexed {
	t.Helper()
	list, more, err := e.Ledger.BySubject(ctx, subject, 1<<62, 10_000, nil)
	if err != nil || more {
		t.Fatal(more, err)
	}
	return list
}

func exec(t *testing.T, e *testdoor.Env, query string, args ...any) {
	t.Helper()
	if err := e.DB.Write(ctx, func(t *db.Tx) error { _, err := t.Exec(query, args...); return err }); err != nil {
		t.Fatal(err)
	}
}

func TestReadOpensWhatWasAskedAndLeavesAnEntry(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		rec, err := e.Keeper.Read(ctx, supportReads(aya, person.Surname, person.Email))
		if err != nil {
			t.Fatal(err)
		}
		if got := rec.Value(person.Surname).Reveal(); got != testdoor.AyaFields[person.Surname] {
			t.Errorf("surname %q", got)
		}
		if len(rec.All()) != 2 || !rec.Value(person.IIN).IsZero() {
			t.Errorf("opened %d fields", len(rec.All()))
		}
		if h, ok := rec.Get(person.Email); !ok || h.SetKind != ledger.BySubject || h.SetBy != aya || !h.SetAt.Equal(testdoor.Start) {
			t.Errorf("the e-mail's history: %v", h)
		}
		x, err := e.Ledger.Entry(ctx, rec.Entry)
		if err != nil {
			t.Fatal(err)
		}
		want := ledger.Entry{At: testdoor.Start, Kind: ledger.ByStaff, Actor: staffID, Role: policy.SupportR, Subject: aya, Operation: policy.Retrieval,
			Purpose: policy.Support, Fields: person.Set(person.Surname, person.Email), Outcome: ledger.Allowed, Edition: 1, Clauses: x.Clauses, Case: "ticket:214"}
		if fmt.Sprint(x.Entry) != fmt.Sprint(want) || x.Clauses[0] != "4.1.7" {
			t.Errorf("entry %+v", x)
		}
	})
}

func TestRefusalIsEnteredAndNamesItsClause(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		rec, err := e.Keeper.Read(ctx, supportReads(aya, person.Surname, person.IIN))
		if !errs.Is(err, errs.Forbidden) || rec != nil || len(errs.As(err).Clauses) == 0 {
			t.Fatalf("IIN for support: %v, %v", rec, err)
		}
		list := entries(t, e, aya)
		if x := list[0]; x.Outcome != ledger.Refused || x.Clauses[0] != errs.As(err).Clauses[0] || !x.Fields.Has(person.IIN) {
			t.Errorf("entry %+v", x)
		}
		if _, err := e.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Staff(9, policy.Admin), Subject: aya, Operation: policy.Refinement,
			Purpose: policy.Support, Fields: person.Set(person.Surname)}, func(tx *keeper.Tx) error {
			t.Error("a refused change ran")
			return nil
		}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("change by admin: %v", err)
		}
		if n := len(entries(t, e, aya)); n != len(list)+1 {
			t.Errorf("%d entries after another refusal, had %d", n, len(list))
		}
	})
}

func TestNoCaseNameLetsWordsIntoTheLog(t *testing.T) {
	e := testdoor.SQLite(t)
	aya := e.Subject(t, testdoor.AyaFields)
	for _, name := range []string{"Aya Abdigalieva", "ticket:Әбдіғалиева", "ticket:", "ticket:a b", "ticket:" + strings.Repeat("1", 41), "ticket:1\n", "secret:1"} {
		p := supportReads(aya, person.Email)
		p.Case = name
		if _, err := e.Keeper.Read(ctx, p); !errs.Is(err, errs.Invalid) {
			t.Errorf("case %q: %v", name, err)
		}
	}
}

func TestOwnReadsAreEnteredOncePerSessionAndPage(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		before := len(entries(t, e, aya))
		for _, once := range []string{"s1 data", "s1 data", "s1 data", "s2 data"} {
			if _, err := e.Keeper.Read(ctx, ownSees(aya, once)); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(entries(t, e, aya)) - before; n != 2 {
			t.Errorf("%d entries for two sessions", n)
		}
		p := supportReads(aya, person.Email)
		p.Once = "s1 data"
		for range 3 {
			if _, err := e.Keeper.Read(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(entries(t, e, aya)) - before; n != 5 {
			t.Errorf("staff reads were entered once: %d", n)
		}
	})
}

func TestWrittenByOneReadByAnother(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		e.Clock.Move(48 * time.Hour)
		p := supportReads(aya, person.Surname)
		p.Operation = policy.Refinement
		if _, err := e.Keeper.Change(ctx, p, func(tx *keeper.Tx) error { return tx.Set(value(person.Surname, "Сейітова")) }); err != nil {
			t.Fatal(err)
		}
		rec, err := e.Keeper.Read(ctx, ownSees(aya, ""))
		if err != nil {
			t.Fatal(err)
		}
		h, _ := rec.Get(person.Surname)
		if h.Reveal() != "Сейітова" || h.SetKind != ledger.ByStaff || h.SetBy != staffID || h.Version != 2 || !h.SetAt.Equal(testdoor.Start.Add(48*time.Hour)) {
			t.Errorf("surname %q by %v %d, version %d, at %v", h.Reveal(), h.SetKind, h.SetBy, h.Version, h.SetAt)
		}
	})
}

func TestChangeIsWholeOrNotAtAll(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		before := len(entries(t, e, aya))
		boom := errors.New("boom")
		if _, err := e.Keeper.Change(ctx, ownChanges(aya, person.Phone), func(tx *keeper.Tx) error {
			return errors.Join(tx.Set(value(person.Phone, "+77770000001")), boom)
		}); err == nil {
			t.Error("no error")
		}
		if _, err := e.Keeper.Change(ctx, ownChanges(aya, person.Phone), func(tx *keeper.Tx) error {
			return tx.Set(value(person.IIN, "990101100111")) // not among the passage's fields
		}); err == nil {
			t.Error("a field was set that the passage does not name")
		}
		rec, err := e.Keeper.Read(ctx, ownSees(aya, ""))
		if err != nil || rec.Value(person.Phone).Reveal() != testdoor.AyaFields[person.Phone] || rec.Value(person.IIN).Reveal() != testdoor.AyaFields[person.IIN] {
			t.Errorf("values changed: %v", err)
		}
		if n := len(entries(t, e, aya)); n != before+1 {
			t.Errorf("%d entries, want %d and one read", n, before)
		}
	})
}

func TestFoundByWhatIsUniqueInEverySpelling(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		find := func(f person.Field, s string) []person.ID {
			t.Helper()
			ids, err := e.Keeper.Find(ctx, supportReads(0), value(f, s))
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		for _, s := range []string{"aya@mysal.kz", "AYA@Mysal.KZ"} {
			if ids := find(person.Email, s); len(ids) != 1 || ids[0] != aya {
				t.Errorf("%q finds %v", s, ids)
			}
		}
		if ids := find(person.IIN, testdoor.AyaFields[person.IIN]); len(ids) != 1 {
			t.Errorf("IIN finds %v", ids)
		}
		if x := entries(t, e, aya)[0]; x.Outcome != ledger.Allowed || x.Fields != 0 || x.Actor != staffID {
			t.Errorf("the look-up's entry: %+v", x)
		}
		size, err := e.Ledger.Size(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if ids := find(person.Email, "nobody@mysal.kz"); len(ids) != 0 {
			t.Errorf("nobody is %v", ids)
		}
		if after, err := e.Ledger.Size(ctx); err != nil || after != size+1 {
			t.Errorf("a look-up that found nobody left %d entries, %v", after-size, err)
		}
		_, err = e.Keeper.Find(ctx, keeper.Passage{Actor: keeper.Staff(9, policy.Editor), Operation: policy.Retrieval, Purpose: policy.Support, Case: "ticket:1"},
			value(person.Email, "nobody@mysal.kz"))
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("an editor learns that there is nobody: %v", err)
		}
		// A second person may share the telephone, not the IIN nor the address.
		second := e.Subject(t, map[person.Field]string{person.Surname: "Б", person.GivenName: "Б", person.Email: "aya@mysal.kz", person.Phone: testdoor.AyaFields[person.Phone]})
		if ids := find(person.Email, "aya@mysal.kz"); len(ids) != 1 || ids[0] != aya {
			t.Errorf("the address moved to %v", ids)
		}
		if ids := find(person.Phone, testdoor.AyaFields[person.Phone]); len(ids) != 2 {
			t.Errorf("the family's telephone finds %v", ids)
		}
		if _, err := e.Keeper.Change(ctx, ownChanges(second, person.IIN), func(tx *keeper.Tx) error {
			return tx.Set(value(person.IIN, testdoor.AyaFields[person.IIN]))
		}); !errs.Is(err, errs.Invalid) || errs.As(err).Fields[0].Key != "door.taken.iin" {
			t.Errorf("another's IIN: %v", err)
		}
		if _, err := e.Keeper.Change(ctx, ownChanges(aya, person.IIN), func(tx *keeper.Tx) error { return tx.Unset(person.IIN) }); err != nil {
			t.Fatal(err)
		}
		if ids := find(person.IIN, testdoor.AyaFields[person.IIN]); len(ids) != 0 {
			t.Errorf("a removed IIN still finds %v", ids)
		}
	})
}

func TestOneAddressClaimedByManyAtOnceIsOnePersons(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		var mu sync.Mutex
		won := 0
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				p := keeper.Passage{Actor: keeper.Own(0), Operation: policy.Collection, Purpose: policy.Verify, Fields: person.Set(person.Surname, person.GivenName, person.Email)}
				_, err := e.Keeper.Create(ctx, p, func(tx *keeper.Tx) error {
					tx.SetConsent(policy.ConsentGiven)
					if err := tx.Set(value(person.Surname, fmt.Sprint("Т", i)), value(person.Email, "one@mysal.kz")); err != nil {
						return err
					}
					free, err := tx.Claim()
					if free && err == nil {
						mu.Lock()
						won++
						mu.Unlock()
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Errorf("%d claimed one address", won)
		}
	})
}

func TestRestrictionHoldsFromItsCommit(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		p := keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Blocking, Purpose: policy.Restriction}
		if _, err := e.Keeper.Change(ctx, p, func(tx *keeper.Tx) error { tx.Restrict(true); return nil }); err != nil {
			t.Fatal(err)
		}
		_, err := e.Keeper.Read(ctx, supportReads(aya, person.Email))
		if !errs.Is(err, errs.Forbidden) || errs.As(err).Clauses[0] != "6.2.4" {
			t.Errorf("support reads a blocked person: %v", err)
		}
		check := keeper.Passage{Actor: keeper.Staff(8, policy.Officer), Subject: aya, Operation: policy.Retrieval, Purpose: policy.Verify,
			Fields: person.Set(person.Email), Case: "check:1"}
		if _, err := e.Keeper.Read(ctx, check); err != nil {
			t.Errorf("the officer can't check: %v", err)
		}
	})
}

// What a read saw and its entry are of one moment: whoever follows the log finds no read between a restriction and its end, though other
// servers of the installation read all the while.
func TestNoReadStandsBehindARestriction(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		second := testdoor.Open(t, e.URL, e.KeyDir)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for w := range 8 {
			door := []*keeper.Keeper{e.Keeper, second.Keeper}[w%2]
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := door.Read(ctx, supportReads(aya, person.Email)); err != nil && !errs.Is(err, errs.Forbidden) {
						t.Error(err)
						return
					}
				}
			})
		}
		const rounds = 20
		p := keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Blocking, Purpose: policy.Restriction}
		for i := range 2 * rounds {
			if _, err := e.Keeper.Change(ctx, p, func(tx *keeper.Tx) error { tx.Restrict(i%2 == 0); return nil }); err != nil {
				t.Error(err)
			}
		}
		close(stop)
		wg.Wait()
		list := entries(t, e, aya)
		slices.Reverse(list)
		changes, reads := 0, 0
		for _, x := range list {
			restricted := changes%2 == 1
			switch {
			case x.Operation == policy.Blocking:
				changes++
			case x.Kind != ledger.ByStaff:
			case restricted == (x.Outcome == ledger.Allowed):
				t.Errorf("entry %d: outcome %d while restricted is %v", x.Index, x.Outcome, restricted)
			default:
				reads++
			}
		}
		if changes != 2*rounds || reads < rounds {
			t.Errorf("%d changes and %d reads in the log", changes, reads)
		}
	})
}

// Erasure leaves nothing: not in the row, the look-ups, the file, the write-ahead log.
func TestErasureLeavesNothing(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		called := false
		e.Keeper.OnErase(func(*db.Tx, person.ID) error { called = true; return nil })
		aya := e.Subject(t, testdoor.AyaFields)
		var wrapped, cells []byte
		if _, err := e.DB.Get(ctx, []any{&wrapped, &cells}, "SELECT wrapped, cells FROM subject WHERE id = $1", aya); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Program(), Subject: aya, Operation: policy.Destruction, Purpose: policy.EndOfUse},
			func(tx *keeper.Tx) error { return tx.Erase() }); err != nil {
			t.Fatal(err)
		}
		if !called {
			t.Error("other packages were not told")
		}
		var n int
		if _, err := e.DB.Get(ctx, []any{&n}, "SELECT count(*) FROM blind_index WHERE subject = $1", aya); err != nil || n != 0 {
			t.Errorf("%d look-ups left, %v", n, err)
		}
		var left []byte
		if _, err := e.DB.Get(ctx, []any{&left, &cells}, "SELECT wrapped, cells FROM subject WHERE id = $1", aya); err != nil || len(left) != 0 || len(cells) != 0 {
			t.Errorf("key %d bytes, cells %d bytes, %v", len(left), len(cells), err)
		}
		if _, err := e.Keeper.Read(ctx, ownSees(aya, "")); !errs.Is(err, errs.Forbidden) {
			t.Errorf("an erased person is read: %v", err)
		}
		if x := entries(t, e, aya)[1]; x.Operation != policy.Destruction {
			t.Errorf("the erasure's entry: %+v", x)
		}
		if e.DB.Dialect != db.SQLite {
			return
		}
		if err := e.DB.Settle(ctx); err != nil {
			t.Fatal(err)
		}
		for _, suffix := range []string{"", "-wal"} {
			file, err := os.ReadFile(strings.TrimPrefix(e.URL, "sqlite:") + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(file, wrapped) {
				t.Errorf("the wrapped key is still in the database file%s", suffix)
			}
		}
	})
}

// Nothing that was typed is to be found outside of memory, nor can whoever holds the database tell two people's equal values.
func TestNoPlainValueInTheDatabase(t *testing.T) {
	e := testdoor.SQLite(t)
	aya := e.Subject(t, testdoor.AyaFields)
	if _, err := e.Keeper.Read(ctx, supportReads(aya, person.Surname, person.Email)); err != nil {
		t.Fatal(err)
	}
	if err := e.DB.Close(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Dir(strings.TrimPrefix(e.URL, "sqlite:")), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for f, v := range testdoor.AyaFields {
			if len(v) > 6 && bytes.Contains(content, []byte(v)) {
				t.Errorf("%s holds the %v in the clear", path, f)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Two rows' ciphertexts swapped, cells put under another field or version: an error that names the place, and nothing is shown.
func TestMovedCiphertextsDoNotOpen(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		bek := e.Subject(t, map[person.Field]string{person.Surname: "Бек", person.GivenName: "Бек", person.Email: "bek@mysal.kz"})
		get := func(id person.ID) (w, c []byte) {
			t.Helper()
			if _, err := e.DB.Get(ctx, []any{&w, &c}, "SELECT wrapped, cells FROM subject WHERE id = $1", id); err != nil {
				t.Fatal(err)
			}
			return w, c
		}
		aw, ac := get(aya)
		bw, bc := get(bek)
		broken := func(what string) {
			t.Helper()
			rec, err := e.Keeper.Read(ctx, supportReads(aya, person.Surname, person.GivenName, person.Email))
			if !errs.Is(err, errs.Internal) || errs.As(err).Key != "door.damaged" || rec != nil {
				t.Errorf("%s: %v", what, err)
			}
			if what != "cut" && (!errors.Is(err, seal.ErrOpen) || !strings.Contains(err.Error(), fmt.Sprint("subject ", int64(aya)))) {
				t.Errorf("%s: the place is not named: %v", what, err)
			}
		}
		put := func(w, c []byte) { exec(t, e, "UPDATE subject SET wrapped = $1, cells = $2 WHERE id = $3", w, c, aya) }
		put(aw, bc)
		broken("another's cells")
		put(bw, bc)
		broken("another's key and cells")
		fields := bytes.Clone(ac)
		fields[0] = byte(person.GivenName) // the surname's ciphertext offered as a given name
		put(aw, fields)
		broken("another field")
		version := bytes.Clone(ac)
		version[2]++
		put(aw, version)
		broken("another version")
		put(aw, ac[:len(ac)-1])
		broken("cut")
		put(aw, ac)
		if _, err := e.Keeper.Read(ctx, supportReads(aya, person.Email)); err != nil {
			t.Errorf("put back: %v", err)
		}
	})
}

// The audit table is gone, renamed or full: no answer.
func TestNoEntryNoData(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		for _, table := range []string{"ledger_segment", "ledger_head"} {
			exec(t, e, "ALTER TABLE "+table+" RENAME TO hidden")
			var wg sync.WaitGroup
			for range 32 {
				wg.Go(func() {
					if rec, err := e.Keeper.Read(ctx, supportReads(aya, person.Email)); err == nil || rec != nil {
						t.Errorf("without %s a read was answered", table)
					}
				})
			}
			wg.Wait()
			if _, err := e.Keeper.Change(ctx, ownChanges(aya, person.Phone), func(tx *keeper.Tx) error { return tx.Set(value(person.Phone, "+77770000001")) }); err == nil {
				t.Errorf("without %s a change was made", table)
			}
			exec(t, e, "ALTER TABLE hidden RENAME TO "+table)
			rec, err := e.Keeper.Read(ctx, supportReads(aya, person.Phone))
			if err != nil {
				t.Fatalf("service does not resume after %s came back: %v", table, err)
			}
			if got := rec.Value(person.Phone).Reveal(); got != testdoor.AyaFields[person.Phone] {
				t.Errorf("the change that failed is there: %s", got)
			}
		}
	})
}

func TestBrakeStopsStaffAndIsEntered(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		limit := e.Brake[policy.SupportR]
		var last person.ID
		read := func(id person.ID) error {
			_, err := e.Keeper.Read(ctx, supportReads(id, person.Email))
			return err
		}
		people := e.People(t, limit+1)
		for i, id := range people {
			err := read(id)
			if want := i == limit; (err != nil) != want || want && !errs.Is(err, errs.TooMany) {
				t.Fatalf("person %d of %d: %v", i+1, limit, err)
			}
			last = id
		}
		if err := read(people[0]); err != nil {
			t.Errorf("a person already seen this hour: %v", err)
		}
		if x := entries(t, e, last)[0]; x.Outcome != ledger.Refused || x.Clauses[0] != "5.4" {
			t.Errorf("entry %+v", x)
		}
		counts, err := e.Keeper.BrakeCounts(ctx, testdoor.Start.Unix()/3600)
		if err != nil || len(counts) != 1 || counts[0].Count != limit || counts[0].Actor != staffID {
			t.Errorf("counts %v, %v", counts, err)
		}
		e.Clock.Move(time.Hour)
		if err := read(last); err != nil {
			t.Errorf("the next hour: %v", err)
		}
	})
}

func TestRotationWhileServing(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ids := e.People(t, 450)
		other, err := keeper.New(keeper.Config{DB: e.DB, Ledger: e.Ledger, Editions: e.Editions, KeyDir: e.KeyDir})
		if err != nil {
			t.Fatal(err)
		}
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := w; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := e.Keeper.Read(ctx, ownSees(ids[i%len(ids)], "")); err != nil {
						t.Errorf("a read during rotation: %v", err)
						return
					}
				}
			})
		}
		id, n, err := other.RotateKeys(ctx, nil)
		close(stop)
		wg.Wait()
		if err != nil || n != 450 {
			t.Fatalf("%d rewrapped, %v", n, err)
		}
		var wrapped []byte
		if _, err := e.DB.Get(ctx, []any{&wrapped}, "SELECT wrapped FROM subject WHERE id = $1", ids[300]); err != nil || seal.KeyID(wrapped) != id {
			t.Errorf("under key %d, want %d, %v", seal.KeyID(wrapped), id, err)
		}
		before, err := e.Ledger.Size(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if removed, err := other.RetireKeys(ctx); err != nil || removed != 1 {
			t.Errorf("retired %d, %v", removed, err)
		}
		if after, err := e.Ledger.Size(ctx); err != nil || after != before+1 {
			t.Errorf("retiring keys left %d entries, %v", after-before, err)
		}
		e.Reopen(t)
		if _, err := e.Keeper.Read(ctx, ownSees(ids[0], "")); err != nil {
			t.Errorf("after retiring: %v", err)
		}
	})
}

func TestAsideOpensOnlyInItsRow(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		p := keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Recording, Purpose: policy.Locate, Fields: person.Set(person.Device)}
		a := keeper.Aside{Table: "session", Field: person.Device, Row: 5}
		if _, err := e.Keeper.Change(ctx, p, func(tx *keeper.Tx) (err error) {
			a.Sealed, err = tx.SealAside("session", 5, value(person.Device, "Firefox · Android"))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		see := p
		see.Operation = policy.Access
		vs, err := e.Keeper.ReadAside(ctx, see, []keeper.Aside{a})
		if err != nil || vs[0].Reveal() != "Firefox · Android" {
			t.Fatalf("%v %v", vs, err)
		}
		moved := a
		moved.Row = 6
		if _, err := e.Keeper.ReadAside(ctx, see, []keeper.Aside{moved}); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("in another row: %v", err)
		}
	})
}

func TestReadManyEntersEachAndRefusesAll(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		bek := e.Subject(t, map[person.Field]string{person.Surname: "Бек", person.GivenName: "Бек", person.Email: "bek@mysal.kz"})
		p := supportReads(0, person.Surname)
		recs, err := e.Keeper.ReadMany(ctx, p, []person.ID{aya, 12345, bek})
		if err != nil || len(recs) != 2 || recs[0].Subject != aya || recs[1].Value(person.Surname).Reveal() != "Бек" {
			t.Fatalf("%v %v", recs, err)
		}
		for _, r := range recs {
			if x := entries(t, e, r.Subject)[0]; x.Index != r.Entry || x.Fields != p.Fields {
				t.Errorf("entry %+v", x)
			}
		}
		if _, err := e.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Own(bek), Subject: bek, Operation: policy.Blocking, Purpose: policy.Restriction},
			func(tx *keeper.Tx) error { tx.Restrict(true); return nil }); err != nil {
			t.Fatal(err)
		}
		if recs, err := e.Keeper.ReadMany(ctx, p, []person.ID{aya, bek}); !errs.Is(err, errs.Forbidden) || recs != nil {
			t.Errorf("one of them is blocked: %v", err)
		}
	})
}
