package account_test

import (
	"context"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

// TestNothingIsLeftOfWhoIsErased: every row and every value but the proofs goes.
func TestNothingIsLeftOfWhoIsErased(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		e.factor(t, m.Session)
		if err := e.AskRecovery(ctx, secret.New(address), "kk", visitor(1)); err != nil {
			t.Fatal(err)
		}
		e.drain(t)
		if _, err := e.signIn(address, another, visitor(3)); err == nil {
			t.Fatal("signed in")
		}
		e.halfWay(t)
		e.drain(t)
		e.erase(t, m.Subject)
		for _, table := range []string{"account", "account_attempt", "account_link", "account_recovery_code", "account_new_email", "account_old_email", "session", "blind_index", "job WHERE id > 0 AND kind <> 'account.forget_letters'"} {
			if n := e.count(t, "SELECT count(*) FROM "+table); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
		if list, err := e.consents.List(ctx, m.Subject); err != nil || len(list) != 1 {
			t.Errorf("the proof of consent: %v %v", list, err)
		}
	})
}

// TestEveryWayInAsksTheSameQuestion enumerates the ways to a session and to a change of what opens one, against every state of an account.
func TestEveryWayInAsksTheSameQuestion(t *testing.T) {
	type held struct {
		in, half         account.SignedIn
		begun            account.Enrolment
		recover, address secret.Text
	}
	ways := map[string]func(e *env, h held) error{
		"request":       func(e *env, h held) error { _, err := e.Authenticate(context.Background(), h.in.Token); return err },
		"password":      func(e *env, h held) error { _, err := e.signIn(address, phrase, visitor(1)); return err },
		"known browser": func(e *env, h held) error { _, err := e.signIn(address, phrase, visitor(1, h.in.Device)); return err },
		"code":          func(e *env, h held) error { _, err := e.enter(h.half, e.code(h.begun, 0)); return err },
		"recovery code": func(e *env, h held) error { _, err := e.enter(h.half, h.begun.RecoveryCodes[0].Reveal()); return err },
		"recovery":      func(e *env, h held) error { return e.Recover(context.Background(), h.recover, secret.New(another)) },
		"new address":   func(e *env, h held) error { return e.ConfirmEmail(context.Background(), h.address) },
		"proof": func(e *env, h held) error {
			_, err := e.Reauthenticate(context.Background(), h.in.Session, proof(phrase, e.code(h.begun, 0)), visitor(1))
			return err
		},
		"password again": func(e *env, h held) error {
			_, err := e.ChangePassword(context.Background(), h.in.Session, proof(phrase, e.code(h.begun, 0)), secret.New(another), visitor(1))
			return err
		},
		"no factor": func(e *env, h held) error {
			_, err := e.RemoveFactor(context.Background(), h.in.Session, proof(phrase, e.code(h.begun, 0)), visitor(1))
			return err
		},
		"new codes": func(e *env, h held) error {
			_, err := e.NewRecoveryCodes(context.Background(), h.in.Session)
			return err
		},
		"other address": func(e *env, h held) error {
			return e.AskEmail(context.Background(), h.in.Session, proof(phrase, e.code(h.begun, 0)), secret.New("x@mysal.kz"))
		},
	}
	states := map[string]struct {
		put  func(t *testing.T, e *env, h held)
		open func(way string) bool
	}{
		"active": {func(*testing.T, *env, held) {}, func(string) bool { return true }},
		// 6.2.4: signing in and keeping the account safe stay open; the address is a datum that is being checked.
		"restricted": {func(t *testing.T, e *env, h held) { e.restrict(t, h.in.Subject) },
			func(way string) bool { return way != "new address" && way != "other address" }},
		"closed": {func(t *testing.T, e *env, h held) { e.closeAccount(t, h.in.Subject) }, func(string) bool { return false }},
		"erased": {func(t *testing.T, e *env, h held) { e.erase(t, h.in.Subject) }, func(string) bool { return false }},
	}
	for state, s := range states {
		for way, try := range ways {
			t.Run(state+"/"+way, func(t *testing.T) {
				e := newEnv(t, testdoor.SQLite(t))
				ctx := context.Background()
				m := e.member(t, address)
				var h held
				h.in, h.begun = e.factor(t, m.Session)
				e.Clock.Move(time.Minute)
				h.half = e.halfWay(t)
				if err := e.AskRecovery(ctx, secret.New(address), "kk", visitor(1)); err != nil {
					t.Fatal(err)
				}
				h.recover = e.link(t, account.RecoverLink)
				if err := e.AskEmail(ctx, h.in.Session, proof(phrase, e.code(h.begun, 0)), secret.New(fresh)); err != nil {
					t.Fatal(err)
				}
				h.address = e.link(t, account.NewEmailLink)
				e.Clock.Move(time.Minute)
				s.put(t, e, h)
				before := e.count(t, "SELECT count(*) FROM session")
				err := try(e, h)
				if (err == nil) != s.open(way) {
					t.Fatalf("%v", err)
				}
				if err != nil {
					if !errs.Is(err, errs.Unauthenticated) && !errs.Is(err, errs.Gone) && !errs.Is(err, errs.Forbidden) {
						t.Errorf("an answer of the wrong kind: %v", err)
					}
					if n := e.count(t, "SELECT count(*) FROM session"); n > before {
						t.Error("a session was made")
					}
				}
			})
		}
	}
}

// TestReopened: what the operator closed the operator can open; sessions from before stay ended.
func TestReopened(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		m := e.member(t, address)
		e.closeAccount(t, m.Subject)
		if err := e.reopen(m.Subject); err != nil {
			t.Fatal(err)
		}
		if e.alive(t, m.Token) {
			t.Error("a session came back")
		}
		e.mustSignIn(t, address, phrase, visitor(1))
	})
}
