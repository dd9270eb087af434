package keeper_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

func ownSeesPast(id person.ID) keeper.Passage {
	p := ownSees(id, "")
	p.Fields |= person.Set(person.Past)
	return p
}

// change sets, or with an empty value removes, a field an hour later.
func changeLater(t *testing.T, e *testdoor.Env, p keeper.Passage, f person.Field, to string) {
	t.Helper()
	e.Clock.Move(time.Hour)
	if _, err := e.Keeper.Change(ctx, p, func(tx *keeper.Tx) error {
		if to == "" {
			return tx.Unset(f)
		}
		return tx.Set(value(f, to))
	}); err != nil {
		t.Fatal(err)
	}
}

// told gives earlier values as text.
func told(list []keeper.Past) (out []string) {
	for _, p := range list {
		out = append(out, fmt.Sprintf("%s %s v%d: %d+%s to %d+%s", p.Field(), p.Reveal(), p.Version, p.SetKind, p.SetAt.Sub(testdoor.Start),
			p.EndedKind, p.EndedAt.Sub(testdoor.Start)))
	}
	return out
}

// 6.1.2: what was replaced or removed is kept, with who set it and who ended it; the same value again changes nothing.
func TestEarlierValuesAreKept(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		corrects := supportReads(aya, person.Surname)
		corrects.Operation = policy.Refinement
		changeLater(t, e, corrects, person.Surname, "Сейітова")
		changeLater(t, e, ownChanges(aya, person.Surname), person.Surname, "Сейітова") // as it is
		changeLater(t, e, ownChanges(aya, person.Surname), person.Surname, "Сейітқызы")
		changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "")
		changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "+77770000001")
		changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "")
		rec, err := e.Keeper.Read(ctx, ownSeesPast(aya))
		if err != nil {
			t.Fatal(err)
		}
		staff, own := ledger.ByStaff, ledger.BySubject
		want := []string{
			fmt.Sprintf("surname Сейітова v2: %d+1h0m0s to %d+3h0m0s", staff, own),
			fmt.Sprintf("surname %s v1: %d+0s to %d+1h0m0s", testdoor.AyaFields[person.Surname], own, staff),
			fmt.Sprintf("phone +77770000001 v2: %d+5h0m0s to %d+6h0m0s", own, own),
			fmt.Sprintf("phone %s v1: %d+0s to %d+4h0m0s", testdoor.AyaFields[person.Phone], own, own),
		}
		if got := told(rec.Past); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("kept:\n%q\nwant:\n%q", got, want)
		}
		if p := rec.Past; p[0].SetBy != staffID || p[0].EndedBy != aya || p[1].SetBy != aya || p[1].EndedBy != staffID {
			t.Errorf("by %v", p)
		}
		x, err := e.Ledger.Entry(ctx, rec.Entry)
		if err != nil || !x.Fields.Has(person.Past) {
			t.Errorf("the entry names %s; %v", x.Fields, err)
		}
	})
}

// Only what was asked for opens, and nobody sees the past of whom the rules don't name: the person, and the officer who checks.
func TestEarlierValuesOpenByTheRulesAlone(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		changeLater(t, e, ownChanges(aya, person.Surname), person.Surname, "Сейітова")
		changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "+77770000001")
		rec, err := e.Keeper.Read(ctx, ownSees(aya, ""))
		if err != nil || len(rec.Past) != 0 {
			t.Errorf("opened without being asked for: %q, %v", told(rec.Past), err)
		}
		if _, err := e.Keeper.Read(ctx, supportReads(aya, person.Surname, person.Past)); !errs.Is(err, errs.Forbidden) {
			t.Errorf("for support: %v", err)
		}
		officer := keeper.Passage{Actor: keeper.Staff(staffID, policy.Officer), Subject: aya, Operation: policy.Retrieval, Purpose: policy.Verify,
			Fields: person.Set(person.Phone, person.Past), Case: "check:1"}
		if rec, err = e.Keeper.Read(ctx, officer); err != nil || len(rec.Past) != 1 || rec.Past[0].Field() != person.Phone {
			t.Errorf("for the officer: %q, %v", told(rec.Past), err)
		}
	})
}

// A second factor that was replaced is gone.
func TestEarlierSecondFactorsAreNotKept(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		e.TOTP(t, aya, "JBSWY3DPEHPK3PXP")
		e.TOTP(t, aya, "KRSXG5CTMVRXEZLU")
		if n := pastRows(t, e, aya); n != 0 {
			t.Errorf("%d rows of the past", n)
		}
	})
}

func pastRows(t *testing.T, e *testdoor.Env, subject person.ID) (n int) {
	t.Helper()
	if _, err := e.DB.Get(ctx, []any{&n}, "SELECT COUNT(*) FROM subject_past WHERE subject = $1", subject); err != nil {
		t.Fatal(err)
	}
	return n
}

// The person can have earlier values destroyed; with the person's key all of them go.
func TestEarlierValuesAreForgotten(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		changeLater(t, e, ownChanges(aya, person.Surname), person.Surname, "Сейітова")
		changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "+77770000001")
		if got, err := e.Keeper.Ended(ctx, aya); err != nil || fmt.Sprint(got) != fmt.Sprint(map[person.Field]int{person.Surname: 1, person.Phone: 1}) {
			t.Errorf("counted %v, %v", got, err)
		}
		forget := keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Deletion, Purpose: policy.Verify, Fields: person.Set(person.Phone, person.Past)}
		if _, err := e.Keeper.Change(ctx, forget, func(tx *keeper.Tx) error { return tx.Forget(person.Surname) }); err == nil {
			t.Error("a field was forgotten that the passage does not name")
		}
		if _, err := e.Keeper.Change(ctx, forget, func(tx *keeper.Tx) error { return tx.Forget(person.Phone) }); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Keeper.Change(ctx, forget, func(tx *keeper.Tx) error { return tx.Forget(person.Phone) }); errs.As(err).Key != "door.nopast" {
			t.Errorf("nothing was forgotten: %v", err)
		}
		rec, err := e.Keeper.Read(ctx, ownSeesPast(aya))
		if err != nil || len(rec.Past) != 1 || rec.Past[0].Field() != person.Surname || rec.Value(person.Phone).Reveal() != "+77770000001" {
			t.Errorf("left %q, %v", told(rec.Past), err)
		}
		e.Erase(t, aya)
		if n := pastRows(t, e, aya); n != 0 {
			t.Errorf("%d rows outlive the key", n)
		}
	})
}

// What is over does not open as what holds, nor as another's, nor as another field's or version's.
func TestMovedEarlierValuesDoNotOpen(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		other := e.Subject(t, map[person.Field]string{person.Surname: "Ә", person.GivenName: "Б", person.Email: "b@mysal.kz"})
		for _, v := range []string{"Сейітова", "Сейітқызы"} {
			changeLater(t, e, ownChanges(aya, person.Surname), person.Surname, v)
		}
		changeLater(t, e, ownChanges(other, person.Surname), person.Surname, "Құрманова")
		for name, move := range map[string]string{
			"field":   "UPDATE subject_past SET field = 2 WHERE subject = $1",
			"version": "UPDATE subject_past SET version = version + 7 WHERE subject = $1",
			"person":  "UPDATE subject_past SET sealed = (SELECT o.sealed FROM subject_past o WHERE o.subject <> $1) WHERE subject = $1",
		} {
			var before [][]any
			rows, err := e.DB.Query(ctx, "SELECT version, sealed FROM subject_past WHERE subject = $1", aya)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Each(rows, func(scan func(...any) error) error {
				var version int64
				var sealed []byte
				err := scan(&version, &sealed)
				before = append(before, []any{version, sealed})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			exec(t, e, move, aya)
			if rec, err := e.Keeper.Read(ctx, ownSeesPast(aya)); errs.As(err).Key != "door.damaged" || rec != nil {
				t.Errorf("%s moved: %v", name, err)
			}
			exec(t, e, "DELETE FROM subject_past WHERE subject = $1", aya)
			for _, row := range before {
				exec(t, e, `INSERT INTO subject_past (subject, field, version, set_at, set_kind, set_by, ended_at, ended_kind, ended_by, sealed)
					VALUES ($1, 1, $2, 0, 1, 0, 0, 1, 0, $3)`, aya, row[0], row[1])
			}
		}
		if rec, err := e.Keeper.Read(ctx, ownSeesPast(aya)); err != nil || len(rec.Past) != 2 {
			t.Errorf("put back: %v", err)
		}
	})
}

// A version is never given twice, whatever was forgotten in between: a ciphertext from an old copy of the database does not open again.
func TestOldCiphertextsStayOld(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		forget := keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Deletion, Purpose: policy.Verify, Fields: person.Set(person.Phone, person.Past)}
		version := uint64(1)
		for range 3 {
			changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "")
			if _, err := e.Keeper.Change(ctx, forget, func(tx *keeper.Tx) error { return tx.Forget(person.Phone) }); err != nil {
				t.Fatal(err)
			}
			changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "+77770000001")
			rec, err := e.Keeper.Read(ctx, ownSeesPast(aya))
			if err != nil || len(rec.Past) != 0 {
				t.Fatalf("%q, %v", told(rec.Past), err)
			}
			if h, _ := rec.Get(person.Phone); h.Version <= version {
				t.Fatalf("version %d after %d", h.Version, version)
			} else {
				version = h.Version
			}
		}
		// A second factor that was removed leaves its version and nothing else.
		factor := keeper.Passage{Actor: keeper.Own(aya), Subject: aya, Operation: policy.Deletion, Purpose: policy.Identify, Fields: person.Set(person.TOTP)}
		e.TOTP(t, aya, "JBSWY3DPEHPK3PXP")
		if _, err := e.Keeper.Change(ctx, factor, func(tx *keeper.Tx) error { return tx.Unset(person.TOTP) }); err != nil {
			t.Fatal(err)
		}
		e.TOTP(t, aya, "JBSWY3DPEHPK3PXP")
		var kept int
		if _, err := e.DB.Get(ctx, []any{&kept}, "SELECT COUNT(*) FROM subject_past WHERE subject = $1 AND field = $2 AND length(sealed) = 0", aya, int64(person.TOTP)); err != nil || kept != 1 {
			t.Errorf("%d versions of the second factor, %v", kept, err)
		}
	})
}

// Under rules that know nothing of earlier values none are kept: nobody could see or destroy them.
func TestNoneAreKeptUnderRulesThatDoNotKnowThem(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		aya := e.Subject(t, testdoor.AyaFields)
		changeLater(t, e, ownChanges(aya, person.Surname), person.Surname, "Сейітова")
		older, err := policy.Default()
		if err != nil {
			t.Fatal(err)
		}
		older.Order, older.InForce = "older", e.Clock.Now()
		older.RulesText = strings.ReplaceAll(older.RulesText, `Field::"past"`, `Field::"none"`)
		if older.Rules, err = policy.ParseRules(older.RulesText); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Keeper.Publish(ctx, older); err != nil {
			t.Fatal(err)
		}
		changeLater(t, e, ownChanges(aya, person.Surname), person.Surname, "Сейітқызы")
		changeLater(t, e, ownChanges(aya, person.Phone), person.Phone, "")
		if got, err := e.Keeper.Ended(ctx, aya); err != nil || len(got) != 1 || got[person.Surname] != 1 {
			t.Errorf("kept %v, %v", got, err)
		}
		if may, err := e.Keeper.May(ctx, ownSeesPast(aya)); err != nil || may != person.Set(person.Profile...) {
			t.Errorf("may %s, %v", may, err)
		}
	})
}
