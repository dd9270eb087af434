package keeper_test

import (
	"slices"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

func provided(op policy.Operation, fields ...person.Field) keeper.Passage {
	return keeper.Passage{Actor: keeper.Staff(7, policy.Officer), Operation: op, Purpose: policy.StateBodies, Fields: person.Set(fields...), Case: "disclosure:1"}
}

func block(t *testing.T, e *testdoor.Env, id person.ID) {
	t.Helper()
	p := keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Blocking, Purpose: policy.Restriction}
	if _, err := e.Keeper.Change(t.Context(), p, func(tx *keeper.Tx) error { tx.Restrict(true); return nil }); err != nil {
		t.Fatal(err)
	}
}

// TestReadEachLeavesOutWhomTheRulesRefuse: those who are blocked or erased hold up nobody; everybody has an entry, and Refused agrees.
func TestReadEachLeavesOutWhomTheRulesRefuse(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ids := e.People(t, 4)
		block(t, e, ids[1])
		e.Erase(t, ids[2])
		asked := append(slices.Clone(ids), 99)
		p := provided(policy.Provision, person.Surname)
		opened, left, err := e.Keeper.ReadEach(t.Context(), p, asked)
		if err != nil {
			t.Fatal(err)
		}
		if len(opened) != 2 || opened[0].Subject != ids[0] || opened[1].Subject != ids[3] || opened[0].Value(person.Surname).Reveal() != "Т" {
			t.Errorf("opened %v", opened)
		}
		want := []keeper.Left{{Subject: ids[1], Key: "policy.refused.restricted"}, {Subject: ids[2], Key: "policy.refused.erased"}, {Subject: 99, Key: "door.nosubject"}}
		if !slices.Equal(left, want) {
			t.Errorf("left out %v", left)
		}
		for i, id := range ids {
			own, _, err := e.Ledger.BySubject(t.Context(), id, 1<<62, 1, nil)
			if err != nil || len(own) != 1 || own[0].Case != "disclosure:1" || (own[0].Outcome == ledger.Refused) != (i == 1 || i == 2) {
				t.Errorf("%d: %v %v", i, own, err)
			}
		}
		refused, err := e.Keeper.Refused(t.Context(), p, asked)
		if err != nil || !slices.Equal(refused, []person.ID{ids[1], ids[2], 99}) {
			t.Errorf("refused %v, %v", refused, err)
		}
		everyone, err := e.Keeper.Everyone(t.Context(), ids[0], 10)
		if err != nil || slices.Contains(everyone, ids[2]) || slices.Contains(everyone, ids[0]) || !slices.IsSorted(everyone) {
			t.Errorf("everyone %v, %v", everyone, err)
		}
	})
}

// TestBrakeLetsAnAuthorityBeAnswered holds that the brake counts no provision, and still stops a screen.
func TestBrakeLetsAnAuthorityBeAnswered(t *testing.T) {
	e := testdoor.SQLite(t)
	e.Brake = map[policy.Role]int{policy.Officer: 2}
	e.Reopen(t)
	ids := e.People(t, 5)
	for _, op := range []policy.Operation{policy.Provision, policy.Systematising} {
		p := provided(op)
		if op == policy.Provision {
			p.Fields = person.Set(person.Surname)
		}
		if opened, _, err := e.Keeper.ReadEach(t.Context(), p, ids); err != nil || len(opened) != 5 {
			t.Errorf("%v: %d, %v", op, len(opened), err)
		}
	}
	p := keeper.Passage{Actor: keeper.Staff(7, policy.Officer), Operation: policy.Retrieval, Purpose: policy.Verify, Fields: person.Set(person.Surname), Case: "check:1"}
	if _, err := e.Keeper.ReadMany(t.Context(), p, ids[:3]); !errs.Is(err, errs.TooMany) {
		t.Errorf("a screen read three of two: %v", err)
	}
}

func TestFindEach(t *testing.T) {
	e := testdoor.SQLite(t)
	ids := e.People(t, 3)
	block(t, e, ids[1])
	ticket := func(address string) keeper.Ticket { return e.Keeper.TicketOf(person.Stored(person.Email, address)) }
	found, left, unknown, err := e.Keeper.FindEach(t.Context(), provided(policy.Systematising), []keeper.Ticket{ticket("t0@mysal.kz"), ticket("T0@mysal.kz"),
		ticket("t1@mysal.kz"), ticket("nobody@mysal.kz")})
	if err != nil || !slices.Equal(found, ids[:1]) || len(left) != 1 || left[0].Subject != ids[1] || unknown != 1 {
		t.Errorf("%v, %v, %d, %v", found, left, unknown, err)
	}
}
