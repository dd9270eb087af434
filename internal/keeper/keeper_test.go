package keeper_test

import (
	"context"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

func supportReads(id, staff person.ID, fields ...person.Field) keeper.Passage {
	return keeper.Passage{Actor: keeper.Staff(staff, policy.SupportR), Subject: id, Operation: policy.Retrieval, Purpose: policy.Support,
		Fields: person.Set(fields...), Case: "ticket:214"}
}

func TestReadOpensWhatWasAskedAndLeavesAnEntry(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		aya := e.Subject(t, testdoor.AyaFields)
		rec, err := e.Keeper.Read(ctx, supportReads(aya, 7, person.Surname, person.Email))
		if err != nil {
			t.Fatal(err)
		}
		if got := rec.Value(person.Surname).Reveal(); got != "Әбдіғалиева" {
			t.Errorf("surname %q", got)
		}
		if len(rec.All()) != 2 || !rec.Value(person.IIN).IsZero() {
			t.Errorf("opened %d fields", len(rec.All()))
		}
		x, err := e.Ledger.Entry(ctx, rec.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if x.Subject != aya || x.Actor != 7 || x.Role != policy.SupportR || x.Fields != person.Set(person.Surname, person.Email) ||
			x.Case != "ticket:214" || len(x.Clauses) == 0 || x.Clauses[0] != "4.1.7" {
			t.Errorf("entry %+v", x)
		}
		_, err = e.Keeper.Read(ctx, supportReads(aya, 7, person.Surname, person.IIN))
		if !errs.Is(err, errs.Forbidden) {
			t.Fatalf("IIN for support: %v", err)
		}
		refused, _, err := e.Ledger.Refusals(ctx, 1<<60, 10)
		if err != nil || len(refused) != 1 || refused[0].Subject != aya {
			t.Fatalf("refusals %v %v", refused, err)
		}
		p, err := e.Ledger.Prove(ctx, rec.Entry)
		if err != nil || p.Entry.Subject != aya {
			t.Fatalf("proof %+v %v", p, err)
		}
		r, err := e.Ledger.Verify(ctx, "", nil)
		if err != nil || !r.OK() {
			t.Fatalf("verify %+v %v", r, err)
		}
	})
}
