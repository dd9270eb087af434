package account_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

// TestSignInTellsNothing: who can't sign in learns nothing from the answer, and it costs the same work whoever the address belongs to.
func TestSignInTellsNothing(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.member(t, address)
		e.register(t, "waits@mysal.kz")
		shut := e.member(t, "shut@mysal.kz")
		e.closeAccount(t, shut.Subject)
		gone := e.member(t, "gone@mysal.kz")
		e.erase(t, gone.Subject)
		e.drain(t)
		people := []struct{ name, email, plain string }{
			{"wrong password", address, another},
			{"unknown", "nobody@mysal.kz", phrase},
			{"not confirmed", "waits@mysal.kz", phrase},
			{"closed", "shut@mysal.kz", phrase},
			{"erased", "gone@mysal.kz", phrase},
		}
		// From the first attempt through the waits to the hundredth and beyond.
		for n := range 103 {
			var first string
			var cost work
			for i, p := range people {
				var err error
				w := e.cost(func() { _, err = e.signIn(p.email, p.plain, visitor(n)) })
				if err == nil {
					t.Fatalf("%s: signed in", p.name)
				}
				if i == 0 {
					first, cost = said(err), w
				}
				if said(err) != first || w != cost {
					t.Fatalf("attempt %d, %s: %q for %+v; a wrong password is %q for %+v", n+1, p.name, said(err), w, first, cost)
				}
				if n == 0 && (w.checks != 1 || w.hashes != 0) {
					t.Fatalf("the first attempt costs %+v", w)
				}
				if n == 102 {
					mustBe(t, err, errs.TooMany, "account.signin.off")
				}
			}
			e.Clock.Move(16 * time.Minute)
		}
	})
}

func TestWaitsGrowAndEndInASwitchThatALinkTurns(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		in := e.member(t, address)
		stranger := func() error { _, err := e.signIn(address, another, visitor(9)); return err }
		for n, wait := range []time.Duration{0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
			mustBe(t, stranger(), errs.Unauthenticated, "account.signin.wrong")
			if wait == 0 {
				continue
			}
			if n == 3 {
				if err := stranger(); errs.As(err).Args["seconds"] != "1" {
					t.Fatalf("after the fourth failure: %v", err)
				}
			}
			e.Clock.Move(wait*time.Second - time.Millisecond)
			mustBe(t, stranger(), errs.TooMany, "error.toomany")
			e.Clock.Move(time.Millisecond)
		}
		// Meanwhile the owner, whose browser is known, is not hindered.
		known := visitor(1, in.Device)
		e.mustSignIn(t, address, phrase, known)
		for range 100 - 15 {
			e.Clock.Move(15 * time.Minute)
			mustBe(t, stranger(), errs.Unauthenticated, "account.signin.wrong")
		}
		e.Clock.Move(24 * time.Hour)
		mustBe(t, stranger(), errs.TooMany, "account.signin.off")
		if _, err := e.signIn(address, phrase, visitor(9)); errs.As(err).Key != "account.signin.off" {
			t.Errorf("the right password from an unknown browser: %v", err)
		}
		e.mustSignIn(t, address, phrase, known)
		e.drain(t)
		if got := e.keysTo(address); got[len(got)-1] != "account.letter.switched-off" {
			t.Errorf("the owner got %v", got)
		}
		if err := e.AskRecovery(ctx, secret.New(address), "ru", visitor(9)); err != nil {
			t.Fatal(err)
		}
		if err := e.Recover(ctx, e.link(t, account.RecoverLink), secret.New(another)); err != nil {
			t.Fatal(err)
		}
		e.mustSignIn(t, address, another, visitor(9))
	})
}

// TestAnAddressTriedBeforeItWasRegistered: failures that strangers left there do not wait for the newcomer.
func TestAnAddressTriedBeforeItWasRegistered(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		for range 100 {
			_, err := e.signIn(address, another, visitor(9))
			mustBe(t, err, errs.Unauthenticated, "account.signin.wrong")
			e.Clock.Move(15 * time.Minute)
		}
		e.member(t, address)
		e.mustSignIn(t, address, phrase, visitor(3))
	})
}

func TestAttemptsAtOnceDoNotPassOnOnePlace(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.member(t, address)
		const many = 50
		answers := make([]error, many)
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() { _, answers[i] = e.signIn(address, another, visitor(i)) })
		}
		wg.Wait()
		tried := 0
		for _, err := range answers {
			if errs.Is(err, errs.Unauthenticated) {
				tried++
			} else {
				mustBe(t, err, errs.TooMany, "error.toomany")
			}
		}
		if tried != 4 {
			t.Errorf("%d of %d were tried; the fourth begins the waits", tried, many)
		}
	})
}

// TestEverySpellingHitsOneCounter: case, spaces and international domains make no second count.
func TestEverySpellingHitsOneCounter(t *testing.T) {
	e := newEnv(t, testdoor.SQLite(t))
	rapid.Check(t, func(r *rapid.T) {
		e.Clock.Move(time.Hour)
		local := rapid.StringMatching(`[a-z]{3,12}`).Draw(r, "local")
		spell := func(label string) string {
			s := []byte(local + "@mysal.kz")
			for i := range s {
				if rapid.Bool().Draw(r, label) {
					s[i] = strings.ToUpper(string(s[i]))[0]
				}
			}
			return rapid.SampledFrom([]string{"", " ", "\t"}).Draw(r, label) + string(s) + rapid.SampledFrom([]string{"", " ", "\n"}).Draw(r, label)
		}
		before := e.count(t, "SELECT count(*) FROM account_attempt")
		had := e.count(t, "SELECT coalesce(sum(failures), 0) FROM account_attempt")
		for range 3 {
			if _, err := e.signIn(spell("spelling"), phrase, visitor(rapid.IntRange(0, 60_000).Draw(r, "network"))); !errs.Is(err, errs.Unauthenticated) && !errs.Is(err, errs.TooMany) {
				r.Fatal(err)
			}
		}
		if n := e.count(t, "SELECT count(*) FROM account_attempt"); n > before+1 {
			r.Fatalf("%d counters for one address", n-before)
		}
		if n := e.count(t, "SELECT coalesce(sum(failures), 0) FROM account_attempt"); n == had {
			r.Fatal("nothing was counted")
		}
	})
}

func TestANetworkRunsDry(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		var err error
		for n := range 1000 {
			if _, err = e.signIn(person.NewID(e.Clock.Now()).String()+"@mysal.kz", phrase, visitor(1)); errs.Is(err, errs.TooMany) {
				if n < 100 {
					t.Errorf("a class of teachers does not fit: %d", n)
				}
				break
			}
		}
		mustBe(t, err, errs.TooMany, "error.toomany")
	})
}

func TestNewBrowserIsToldToTheOwner(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		in := e.member(t, address)
		e.mustSignIn(t, address, phrase, visitor(1, in.Device))
		e.drain(t)
		if got := e.keysTo(address); len(got) != 1 {
			t.Errorf("a known browser is told of: %v", got)
		}
		other := e.member(t, "dana@mysal.kz")
		for name, known := range map[string]secret.Text{"none": {}, "another account's": other.Device, "cut": secret.New(in.Device.Reveal()[:74])} {
			before := len(e.keysTo(address))
			e.mustSignIn(t, address, phrase, visitor(2, known))
			e.drain(t)
			if got := e.keysTo(address); len(got) != before+1 || got[before] != "letter.session-new" {
				t.Errorf("device token %s: letters %v", name, got)
			}
		}
		before := len(e.keysTo(address))
		e.Clock.Move(account.KnownFor + time.Hour)
		e.mustSignIn(t, address, phrase, visitor(1, in.Device))
		e.drain(t)
		if len(e.keysTo(address)) != before+1 {
			t.Error("a device token is good for ever")
		}
	})
}

func TestAStrongerHashComesWithTheNextSignIn(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		in := e.member(t, address)
		stronger := cheap
		stronger.Time = 2
		h, err := password.NewHasher(stronger, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		e.hasher.Hasher = h
		for i, want := range []int64{1, 0} {
			w := e.cost(func() { e.mustSignIn(t, address, phrase, visitor(1, in.Device)) })
			if w.hashes != want {
				t.Errorf("sign-in %d hashed %d times", i+1, w.hashes)
			}
		}
	})
}

// TestABusySiteCountsNobody: where the hash could not be made nothing was tried.
func TestABusySiteCountsNobody(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.member(t, address)
		for range 10 {
			e.hasher.busy = true
			_, err := e.signIn(address, phrase, visitor(2))
			mustBe(t, err, errs.Unavailable, "password.busy")
		}
		e.hasher.busy = false
		if n := e.count(t, "SELECT coalesce(sum(failures), 0) FROM account_attempt"); n != 0 {
			t.Errorf("%d failures counted", n)
		}
	})
}

// TestWhatChangesWhileAPasswordIsCheckedCounts: no session is made of a proof that is worth nothing any more.
func TestWhatChangesWhileAPasswordIsCheckedCounts(t *testing.T) {
	recovered := func(t *testing.T, e *env, _ account.SignedIn) {
		if err := e.AskRecovery(t.Context(), secret.New(address), "kk", visitor(1)); err != nil {
			t.Fatal(err)
		}
		if err := e.Recover(t.Context(), e.link(t, account.RecoverLink), secret.New(another)); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		factor bool
		act    func(t *testing.T, e *env, in account.SignedIn)
	}{
		"another password":              {false, recovered},
		"another password, with factor": {true, recovered},
		"closed":                        {false, func(t *testing.T, e *env, in account.SignedIn) { e.closeAccount(t, in.Subject) }},
		"closed, with factor":           {true, func(t *testing.T, e *env, in account.SignedIn) { e.closeAccount(t, in.Subject) }},
		"erased":                        {false, func(t *testing.T, e *env, in account.SignedIn) { e.erase(t, in.Subject) }},
		"a factor was set":              {false, func(t *testing.T, e *env, in account.SignedIn) { e.factor(t, in.Session) }},
	} {
		t.Run(name, func(t *testing.T) {
			forBoth(t, func(t *testing.T, e *env) {
				in := e.member(t, address)
				if c.factor {
					in, _ = e.factor(t, in.Session)
				}
				kept := 0
				e.hasher.between = func() {
					c.act(t, e, in)
					kept = e.count(t, "SELECT count(*) FROM session")
				}
				if got, err := e.signIn(address, phrase, visitor(2)); !errs.Is(err, errs.Unauthenticated) {
					t.Errorf("signed in: %+v %v", got.Session, err)
				}
				if n := e.count(t, "SELECT count(*) FROM session"); n != kept {
					t.Errorf("%d sessions, %d before", n, kept)
				}
			})
		})
	}
}

func TestNoPasswordOrAddressInTheLog(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.member(t, address)
		if _, err := e.signIn(address, another, visitor(2)); err == nil {
			t.Fatal("signed in")
		}
		text := e.log.String()
		if !strings.Contains(text, "authn_login_fail") {
			t.Error("a failed sign-in is not in the log")
		}
		for _, canary := range []string{address, "mysal", phrase, another, "10.0.", "Әбдіғалиева"} {
			if strings.Contains(text, canary) {
				t.Errorf("the log has %q", canary)
			}
		}
	})
}
