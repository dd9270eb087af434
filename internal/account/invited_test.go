package account_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// invite registers somebody as an outside system does, with an address, and has the letter written.
func (e *env) invite(t *testing.T, email string) person.ID {
	t.Helper()
	ed, err := e.Editions.InForce(e.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	given, err := e.consents.Shown(ed.Hash, "kk", consent.BySystem, consent.Agreed)
	if err != nil {
		t.Fatal(err)
	}
	p := keeper.Passage{Actor: keeper.System(11, policy.Registrar), Operation: policy.Collection, Purpose: policy.Verify,
		Fields: person.Set(person.Surname, person.GivenName, person.Email)}
	r, err := e.Keeper.Create(context.Background(), p, func(tx *keeper.Tx) error {
		if err := e.consents.Record(tx, given); err != nil {
			return err
		}
		if err := tx.Set(person.Stored(person.Surname, "Әбдіғалиева"), person.Stored(person.GivenName, "Ая"), person.Stored(person.Email, email)); err != nil {
			return err
		}
		return e.Invite(tx, "ru")
	})
	if err != nil {
		t.Fatal(err)
	}
	e.drain(t)
	return r.Subject
}

// Clause 3.2.2: an address that a system gave becomes somebody's by the letter that goes to it, and not before.
func TestWhoWasInvitedConfirmsByALetter(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		id := e.invite(t, address)
		if got := e.letters(); len(got) != 1 || got[0].to != address || got[0].key != "account.letter.invited" || got[0].lang != "ru" {
			t.Fatalf("letters %+v", got)
		}
		ticket := e.Keeper.TicketFor(person.Stored(person.Email, address))
		if owner, found, err := e.Keeper.Resolve(ctx, ticket); err != nil || found {
			t.Errorf("found before it was confirmed: %v %v", owner, err)
		}
		if _, err := e.signIn(address, "", visitor(1)); err == nil {
			t.Error("signed in without a password")
		}
		token := e.link(t, account.RecoverLink)
		e.Clock.Move(6 * 24 * time.Hour)
		if err := e.Recover(ctx, token, secret.New("ая")); !errs.Is(err, errs.Invalid) {
			t.Errorf("a poor password: %v", err)
		}
		if err := e.Recover(ctx, token, secret.New(phrase)); err != nil {
			t.Fatal(err)
		}
		if err := e.Recover(ctx, token, secret.New(another)); !errs.Is(err, errs.Gone) {
			t.Errorf("the link again: %v", err)
		}
		if in := e.mustSignIn(t, address, phrase, visitor(1)); in.Session.Subject != id {
			t.Errorf("signed in as %v, not %v", in.Session.Subject, id)
		}
	})
}

// Who holds the box is not locked out by a system that gave their address first: they register with it as anybody does.
func TestAnInvitationDoesNotKeepTheOwnerFromRegistering(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		id := e.invite(t, address)
		token := e.link(t, account.RecoverLink)
		own := e.member(t, address)
		if own.Session.Subject == id {
			t.Fatal("not registered anew")
		}
		if err := e.Recover(ctx, token, secret.New(another)); !errs.Is(err, errs.Conflict) || errs.As(err).Key != "account.confirm.taken" {
			t.Errorf("the invitation took the address: %v", err)
		}
		e.mustSignIn(t, address, phrase, visitor(1))
		// An address that is an account's already: its owner is told, nobody is invited.
		before := len(e.letters())
		e.invite(t, address)
		if got := e.letters()[before:]; got[len(got)-1].key != "letter.already" || slices.ContainsFunc(got, func(l letter) bool { return l.key == "account.letter.invited" }) {
			t.Errorf("letters %+v", got)
		}
	})
}

func TestInvitationsAreVoidOnceTheAddressIsAnother(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		id := e.invite(t, address)
		token := e.link(t, account.RecoverLink)
		change := func(fn func(*keeper.Tx) error) {
			t.Helper()
			p := keeper.Passage{Actor: keeper.System(11, policy.Registrar), Subject: id, Operation: policy.Refinement, Purpose: policy.Verify, Fields: person.Set(person.Email)}
			if _, err := e.Keeper.Change(ctx, p, func(tx *keeper.Tx) error {
				if err := fn(tx); err != nil {
					return err
				}
				return e.Invite(tx, "kk")
			}); err != nil {
				t.Fatal(err)
			}
			e.drain(t)
		}
		change(func(tx *keeper.Tx) error { return tx.Set(person.Stored(person.Email, "dana@mysal.kz")) })
		if err := e.Recover(ctx, token, secret.New(phrase)); !errs.Is(err, errs.Gone) {
			t.Errorf("the link to the address before: %v", err)
		}
		if got := e.keysTo("dana@mysal.kz"); !slices.Equal(got, []string{"account.letter.invited"}) {
			t.Errorf("letters %v", got)
		}
		links := e.links(account.RecoverLink)
		change(func(tx *keeper.Tx) error { return tx.Unset(person.Email) })
		if err := e.Recover(ctx, links[len(links)-1], secret.New(phrase)); !errs.Is(err, errs.Gone) {
			t.Errorf("the link to an address that was taken away: %v", err)
		}
		// Whoever may not use the data any more may not confirm them: consent comes first (2.2).
		change(func(tx *keeper.Tx) error { return tx.Set(person.Stored(person.Email, "dana@mysal.kz")) })
		links = e.links(account.RecoverLink)
		e.by(t, id, policy.Recording, policy.EndOfUse, func(tx *keeper.Tx) error { tx.SetConsent(policy.ConsentWithdrawn); return nil })
		if err := e.Recover(ctx, links[len(links)-1], secret.New(phrase)); !errs.Is(err, errs.Forbidden) {
			t.Errorf("confirmed after consent was withdrawn: %v", err)
		}
	})
}
