package account_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

const fresh = "aya.new@mysal.kz"

func (e *env) askEmail(t testing.TB, s account.Session, email string) {
	t.Helper()
	if err := e.AskEmail(context.Background(), s, proof(phrase), secret.New(email)); err != nil {
		t.Fatal(err)
	}
}

func TestAddressIsChangedOnceTheNewOneIsConfirmed(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		mustFault(t, e.AskEmail(ctx, m.Session, proof(another), secret.New(fresh)), account.PasswordName, "account.password.wrong")
		mustFault(t, e.AskEmail(ctx, m.Session, proof(phrase), secret.New("aya")), "email", "person.email.at")
		e.askEmail(t, m.Session, fresh)
		token := e.link(t, account.NewEmailLink)
		if got := e.keysTo(address); !slices.Equal(got, []string{"letter.confirm", "letter.email-old"}) {
			t.Errorf("the old address got %v", got)
		}
		if got := e.keysTo(fresh); !slices.Equal(got, []string{"letter.email-new"}) {
			t.Errorf("the new address got %v", got)
		}
		e.mustSignIn(t, address, phrase, visitor(1, m.Device)) // until then nothing changes
		if _, err := e.signIn(fresh, phrase, visitor(1)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the new address signs in before it is confirmed: %v", err)
		}
		if err := e.AskRecovery(ctx, secret.New(address), "kk", visitor(1)); err != nil {
			t.Fatal(err)
		}
		recover := e.link(t, account.RecoverLink)
		e.search(t, []string{address, fresh})
		if err := e.ConfirmEmail(ctx, token); err != nil {
			t.Fatal(err)
		}
		e.drain(t)
		if got := e.keysTo(address); got[len(got)-1] != "account.letter.email-changed" {
			t.Errorf("the old address got %v", got)
		}
		if in := e.mustSignIn(t, fresh, phrase, visitor(1)); in.Subject != m.Subject {
			t.Error("the new address finds somebody else")
		}
		if _, err := e.signIn(address, phrase, visitor(1)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the old address still signs in: %v", err)
		}
		if err := e.Recover(ctx, recover, secret.New(another)); said(err) != said(account.ErrLink) {
			t.Errorf("a link sent to the old address: %v", err)
		}
		for _, table := range []string{"account_new_email", "account_old_email", "account_link"} {
			if n := e.count(t, "SELECT count(*) FROM "+table); n != 0 {
				t.Errorf("%d rows left in %s", n, table)
			}
		}
		if d := e.member(t, address); d.Subject == m.Subject {
			t.Error("the old address was not set free")
		}
	})
}

func TestANewWishTakesThePlaceOfTheFirst(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		e.askEmail(t, m.Session, "first@mysal.kz")
		first := e.link(t, account.NewEmailLink)
		e.askEmail(t, m.Session, fresh)
		second := e.link(t, account.NewEmailLink)
		if err := e.ConfirmEmail(ctx, first); said(err) != said(account.ErrLink) {
			t.Errorf("the first wish: %v", err)
		}
		if err := e.ConfirmEmail(ctx, second); err != nil {
			t.Fatal(err)
		}
		e.askEmail(t, m.Session, "third@mysal.kz")
		e.Clock.Move(25 * time.Hour)
		e.drain(t)
		if n := e.count(t, "SELECT count(*) FROM account_new_email"); n != 0 {
			t.Errorf("an address that was not confirmed is kept: %d", n)
		}
	})
}

func TestATakenAddressIsNotTakenOver(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		owner := e.member(t, "dana@mysal.kz")
		m := e.member(t, address)
		e.drain(t)
		taken := e.cost(func() { e.askEmail(t, m.Session, "dana@mysal.kz") })
		free := e.cost(func() { e.askEmail(t, m.Session, fresh) })
		if taken != free {
			t.Errorf("a taken address costs %+v, a free one %+v", taken, free)
		}
		e.askEmail(t, m.Session, "dana@mysal.kz") // stands for all wishes before it
		e.drain(t)
		if got := e.keysTo("dana@mysal.kz"); !slices.Equal(got, []string{"letter.confirm", "account.letter.email-taken"}) {
			t.Errorf("the owner got %v", got)
		}
		// Taken between the letter and the link.
		e.askEmail(t, m.Session, fresh)
		token := e.link(t, account.NewEmailLink)
		e.member(t, fresh)
		mustBe(t, e.ConfirmEmail(ctx, token), errs.Conflict, "account.confirm.taken")
		if in := e.mustSignIn(t, address, phrase, visitor(1)); in.Subject != m.Subject {
			t.Error("the address was lost")
		}
		if in := e.mustSignIn(t, "dana@mysal.kz", phrase, visitor(1)); in.Subject != owner.Subject {
			t.Error("the owner's was")
		}
	})
}
