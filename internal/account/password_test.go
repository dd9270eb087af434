package account_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

func TestPasswordIsChanged(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		other := e.mustSignIn(t, address, phrase, visitor(2))
		if err := e.AskRecovery(ctx, secret.New(address), "kk", visitor(1)); err != nil {
			t.Fatal(err)
		}
		link := e.link(t, account.RecoverLink)
		for name, c := range map[string]struct{ current, fresh, field, key string }{
			"wrong current": {another, another, account.PasswordName, "account.password.wrong"},
			"short":         {phrase, "тау бұлақ", "password", "password.short"},
			"own name":      {phrase, "Ая Әбдіғалиева 7", "password", "password.context"},
			"own address":   {phrase, address + "2026", "password", "password.context"},
		} {
			_, err := e.ChangePassword(ctx, m.Session, proof(c.current), secret.New(c.fresh), visitor(1))
			if err == nil {
				t.Fatalf("%s: changed", name)
			}
			mustFault(t, err, c.field, c.key)
		}
		in, err := e.ChangePassword(ctx, m.Session, proof(phrase), secret.New(another), visitor(1))
		if err != nil {
			t.Fatal(err)
		}
		if e.alive(t, m.Token) || e.alive(t, other.Token) || !e.alive(t, in.Token) {
			t.Error("other sessions go on, or this one does not under a new token")
		}
		if err := e.Recover(ctx, link, secret.New(phrase)); said(err) != said(account.ErrLink) {
			t.Errorf("a link from before sets a password: %v", err)
		}
		if _, err := e.signIn(address, phrase, visitor(3)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the old password: %v", err)
		}
		e.mustSignIn(t, address, another, visitor(3))
		e.drain(t)
		if !slices.Contains(e.keysTo(address), "letter.password-changed") {
			t.Errorf("letters %v", e.keysTo(address))
		}
	})
}

func TestForgottenPassword(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		ask := func(email string) func() {
			return func() {
				if err := e.AskRecovery(ctx, secret.New(email), "ru", visitor(1)); err != nil {
					t.Fatal(err)
				}
			}
		}
		known, unknown := e.cost(ask(address)), e.cost(ask("nobody@mysal.kz"))
		if known != unknown {
			t.Errorf("a known address costs %+v, an unknown one %+v", known, unknown)
		}
		before := len(e.letters())
		token := e.link(t, account.RecoverLink)
		if got := e.letters()[before:]; len(got) != 1 || got[0].to != address || got[0].lang != "ru" {
			t.Fatalf("letters %+v", got)
		}
		if err := e.CheckLink(ctx, account.RecoverLink, token); err != nil {
			t.Fatal(err)
		}
		// What is refused leaves the link good.
		mustFault(t, e.Recover(ctx, token, secret.New("тау бұлақ")), "password", "password.short")
		mustFault(t, e.Recover(ctx, token, secret.New("Ая Әбдіғалиева 7")), "password", "password.context")
		if err := e.Recover(ctx, token, secret.New(another)); err != nil {
			t.Fatal(err)
		}
		if e.alive(t, m.Token) {
			t.Error("a session outlived the recovery")
		}
		if n := e.count(t, "SELECT count(*) FROM session"); n != 0 {
			t.Errorf("recovery signed in: %d sessions", n)
		}
		if err := e.Recover(ctx, token, secret.New(phrase)); said(err) != said(account.ErrLink) {
			t.Errorf("a second use: %v", err)
		}
		e.drain(t)
		got := e.keysTo(address)
		if got[len(got)-1] != "letter.recover-done" {
			t.Errorf("letters %v", got)
		}
		// A browser known before the recovery is a stranger now.
		e.mustSignIn(t, address, another, visitor(1, m.Device))
		e.drain(t)
		if got := e.keysTo(address); got[len(got)-1] != "letter.session-new" {
			t.Errorf("letters %v", got)
		}
	})
}

func TestRecoveryKeepsTheSecondFactor(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		_, begun := e.factor(t, m.Session)
		if err := e.AskRecovery(ctx, secret.New(address), "kk", visitor(1)); err != nil {
			t.Fatal(err)
		}
		const short = "сағат бұлақ" // enough beside a factor
		if err := e.Recover(ctx, e.link(t, account.RecoverLink), secret.New(short)); err != nil {
			t.Fatal(err)
		}
		e.Clock.Move(time.Minute)
		half := e.mustSignIn(t, address, short, visitor(1))
		if !half.HalfWay {
			t.Fatal("the factor was gone round")
		}
		if _, err := e.enter(half, e.code(begun, 0)); err != nil {
			t.Error(err)
		}
	})
}

func TestLettersOfRecoveryAreLimited(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.member(t, address)
		for i := range 20 {
			if err := e.AskRecovery(t.Context(), secret.New(address), "kk", visitor(i)); err != nil {
				t.Fatal(err)
			}
		}
		e.drain(t)
		if n := len(e.links(account.RecoverLink)); n == 0 || n > 5 {
			t.Errorf("%d letters", n)
		}
	})
}

// TestAStrangerCantKeepARecoveryAway: other letters to the address, and wishes for recovery that never end, leave its owner with a link.
func TestAStrangerCantKeepARecoveryAway(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.member(t, address)
		for range 8 {
			e.register(t, address)
		}
		for i := range 40 { // ten hours
			if err := e.AskRecovery(t.Context(), secret.New(address), "kk", visitor(i)); err != nil {
				t.Fatal(err)
			}
			e.drain(t)
			links := e.links(account.RecoverLink)
			if len(links) == 0 {
				t.Fatal("no letter")
			}
			if err := e.CheckLink(t.Context(), account.RecoverLink, links[len(links)-1]); err != nil {
				t.Fatalf("after %d quarters of an hour no link is good: %v", i, err)
			}
			e.Clock.Move(15 * time.Minute)
		}
		if n := len(e.links(account.RecoverLink)); n > 20 {
			t.Errorf("%d letters", n)
		}
	})
}

// TestLinks: a link is good as it is, once, in its time, for what it was made, and in no other way.
func TestLinks(t *testing.T) {
	kinds := []account.LinkKind{account.ConfirmLink, account.RecoverLink, account.NewEmailLink}
	lives := map[account.LinkKind]time.Duration{account.ConfirmLink: 24 * time.Hour, account.RecoverLink: time.Hour, account.NewEmailLink: 24 * time.Hour}
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		use := func(kind account.LinkKind, token secret.Text) error {
			switch kind {
			case account.ConfirmLink:
				_, err := e.Confirm(ctx, token, secret.New(phrase), visitor(1))
				return err
			case account.RecoverLink:
				return e.Recover(ctx, token, secret.New(another))
			}
			return e.ConfirmEmail(ctx, token)
		}
		n := 0
		// make asks for a link of a kind, for somebody new.
		make := func(kind account.LinkKind) secret.Text {
			n++
			email := strings.Repeat("a", n) + address
			if kind == account.ConfirmLink {
				e.register(t, email)
				return e.link(t, kind)
			}
			m := e.member(t, email)
			var err error
			if kind == account.RecoverLink {
				err = e.AskRecovery(ctx, secret.New(email), "kk", visitor(1))
			} else {
				err = e.AskEmail(ctx, m.Session, proof(phrase), secret.New("new-"+email))
			}
			if err != nil {
				t.Fatal(err)
			}
			return e.link(t, kind)
		}
		gone := said(account.ErrLink)
		for _, kind := range kinds {
			token := make(kind)
			for _, m := range mangled(token) {
				if err := e.CheckLink(ctx, kind, m); said(err) != gone {
					t.Fatalf("kind %d: %q passes for %q: %v", kind, m.Reveal(), token.Reveal(), err)
				}
			}
			for _, m := range mangled(token)[:60] {
				if err := use(kind, m); said(err) != gone {
					t.Fatalf("kind %d: %q is used for %q: %v", kind, m.Reveal(), token.Reveal(), err)
				}
			}
			for _, other := range kinds {
				if other == kind {
					continue
				}
				if err := use(other, token); said(err) != gone {
					t.Errorf("a link of kind %d does what %d is for: %v", kind, other, err)
				}
			}
			answers := [8]error{}
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() { answers[i] = use(kind, token) })
			}
			wg.Wait()
			used := 0
			for _, err := range answers {
				switch {
				case err == nil:
					used++
				case said(err) != gone:
					t.Errorf("kind %d: %v", kind, err)
				}
			}
			if used != 1 {
				t.Errorf("kind %d was used %d times", kind, used)
			}
			late := make(kind)
			e.Clock.Move(lives[kind] - time.Second)
			if err := e.CheckLink(ctx, kind, late); err != nil {
				t.Errorf("kind %d, a second before its end: %v", kind, err)
			}
			e.Clock.Move(time.Second)
			if err := use(kind, late); said(err) != gone {
				t.Errorf("kind %d after its time: %v", kind, err)
			}
		}
	})
}
