package testdoor

import (
	"context"
	"testing"

	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// TOTP seals a shared secret of the second factor, in base32, as a subject who sets one does.
func (e *Env) TOTP(t testing.TB, subject person.ID, base32 string) {
	t.Helper()
	p := keeper.Passage{Actor: keeper.Own(subject), Subject: subject, Operation: policy.Collection, Purpose: policy.Identify, Fields: person.Set(person.TOTP)}
	if _, err := e.Keeper.Change(context.Background(), p, func(tx *keeper.Tx) error { return tx.Set(person.Stored(person.TOTP, base32)) }); err != nil {
		t.Fatal(err)
	}
}

// Erase destroys a subject's key, as at the end of use.
func (e *Env) Erase(t testing.TB, subject person.ID) {
	t.Helper()
	p := keeper.Passage{Actor: keeper.Program(), Subject: subject, Operation: policy.Destruction, Purpose: policy.EndOfUse}
	if _, err := e.Keeper.Change(context.Background(), p, func(tx *keeper.Tx) error { return tx.Erase() }); err != nil {
		t.Fatal(err)
	}
}
