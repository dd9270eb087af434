package account_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

func TestRegistrationConfirmationSignIn(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		e.register(t, address)
		if got := len(e.letters()); got != 0 {
			t.Fatalf("%d letters before the job ran", got)
		}
		if _, err := e.signIn(address, phrase, visitor(1)); !errs.Is(err, errs.Unauthenticated) {
			t.Fatalf("signed in before the address was confirmed: %v", err)
		}
		token := e.link(t, account.ConfirmLink)
		if err := e.CheckLink(ctx, account.ConfirmLink, token); err != nil {
			t.Fatalf("the page that the link opens: %v", err)
		}
		in, err := e.Confirm(ctx, token, secret.New(phrase), visitor(1))
		if err != nil {
			t.Fatal(err)
		}
		s, err := e.Authenticate(ctx, in.Token)
		if err != nil || s.Subject != in.Subject || s.Level != account.OneFactor || s.Lang != "kk" || !s.Personal() || s.Staff {
			t.Fatalf("session %+v %v", s, err)
		}
		list, err := e.consents.List(ctx, s.Subject)
		if err != nil || len(list) != 1 || list[0].Act != consent.Agreed || list[0].Lang != "kk" {
			t.Fatalf("consents %+v %v", list, err)
		}
		again := e.mustSignIn(t, " AYA@Mysal.KZ ", phrase, visitor(2))
		if again.Subject != s.Subject || again.Token.Equal(in.Token) {
			t.Errorf("signed in as %v with the same token: %v", again.Subject, again.Token.Equal(in.Token))
		}
		if got := e.keysTo(address); len(got) != 1 || got[0] != "letter.confirm" {
			t.Errorf("letters %v", got)
		}

		entries, _, err := e.Ledger.BySubject(ctx, s.Subject, 1<<60, 50, nil)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(entries)
		var got []string
		for _, x := range entries {
			if x.Outcome != ledger.Allowed {
				t.Errorf("refused: %+v", x)
			}
			got = append(got, x.Operation.String()+" "+x.Purpose.Clause()+" "+x.Fields.String())
		}
		want := []string{
			"collection 4.1.5 surname,given_name,email", // registered
			"use 4.1.1 given_name,email",                // the letter
			"recording 4.1.5 email",                     // confirmed
			"use 4.1.1 ", "recording 4.1.4 device,address",
			"use 4.1.1 ", "recording 4.1.4 device,address",
		}
		if !slices.Equal(got, want) {
			t.Errorf("entries\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestNothingIsKeptOfARegistrationThatIsNotRight(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		before, err := e.Ledger.Size(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			change func(*account.Registration)
			field  string
			key    string
		}{
			{"not agreed", func(r *account.Registration) { r.Agreed = false }, account.AgreedName, "account.register.agree"},
			{"no surname", func(r *account.Registration) { r.Surname = secret.Text{} }, "surname", "person.required"},
			{"no name", func(r *account.Registration) { r.GivenName = secret.New(" ") }, "given_name", "person.required"},
			{"no address", func(r *account.Registration) { r.Email = secret.New("aya") }, "email", "person.email.at"},
			{"short password", func(r *account.Registration) { r.Password = secret.New("тау бұлақ") }, "password", "password.short"},
			{"password of the address", func(r *account.Registration) { r.Password = secret.New("aya@mysal.kz2026") }, "password", "password.context"},
			{"password of the site", func(r *account.Registration) { r.Password = secret.New("smart ustaz 2026") }, "password", "password.context"},
		} {
			r := e.form(t, address)
			c.change(&r)
			mustFault(t, e.Register(t.Context(), r, visitor(1)), c.field, c.key)
		}
		all := account.Registration{Email: secret.New("x"), Edition: "x"}
		if err := e.Register(t.Context(), all, visitor(1)); len(errs.As(err).Fields) != 5 {
			t.Errorf("not everything that is wrong is told: %v", err)
		}
		r := e.form(t, address)
		r.Edition = strings.Repeat("0", 64)
		mustBe(t, e.Register(t.Context(), r, visitor(1)), errs.Conflict, "account.consent.newer")
		r = e.form(t, address)
		r.Lang = "de"
		mustBe(t, e.Register(t.Context(), r, visitor(1)), errs.Invalid, "account.consent.unknown")
		e.drain(t)
		for _, table := range []string{"subject", "account", "consent", "session"} {
			if n := e.count(t, "SELECT count(*) FROM "+table); n != 0 {
				t.Errorf("%d rows of %s", n, table)
			}
		}
		if n := e.hasher.hashes.Load(); n != 0 {
			t.Errorf("%d hashes for nothing", n)
		}
		if size, err := e.Ledger.Size(t.Context()); err != nil || size != before {
			t.Errorf("%d entries, %v", size, err)
		}
	})
}

// TestATakenAddressIsNotTold: the answer and the work are the same; only the letters differ.
func TestATakenAddressIsNotTold(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		owner := e.member(t, address)
		taken := e.cost(func() { e.register(t, address) })
		free := e.cost(func() { e.register(t, "dana@mysal.kz") })
		if taken != free || taken.hashes != 1 {
			t.Errorf("a taken address costs %+v, a free one %+v", taken, free)
		}
		e.drain(t)
		if got := e.keysTo(address); !slices.Equal(got, []string{"letter.confirm", "letter.already"}) {
			t.Errorf("the owner got %v", got)
		}
		if n := e.count(t, "SELECT count(*) FROM account"); n != 2 {
			t.Errorf("%d accounts, want the owner's and the one that waits", n)
		}
		if n := e.count(t, "SELECT count(*) FROM subject WHERE erased = 1 AND wrapped IS NULL"); n != 1 {
			t.Errorf("%d erased", n)
		}
		if s := e.mustSignIn(t, address, phrase, visitor(2)); s.Subject != owner.Subject {
			t.Error("the address finds somebody else")
		}
		if state, err := e.Keeper.State(ctx, owner.Subject); err != nil || state.Erased || state.Consent != policy.ConsentGiven {
			t.Errorf("the owner's state: %+v %v", state, err)
		}
	})
}

func TestManyRegistrationsOfOneAddressMakeOneAccount(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		const many = 64
		ctx := context.Background()
		form := e.form(t, address)
		answers := make([]error, many)
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() { answers[i] = e.Register(ctx, form, visitor(i)) })
		}
		wg.Wait()
		for _, err := range answers {
			if err != nil {
				t.Fatalf("an answer of its own: %v", err)
			}
		}
		e.drain(t)
		links := e.links(account.ConfirmLink)
		if len(links) == 0 || len(links) > 5 {
			t.Fatalf("%d letters to one address", len(links))
		}
		outcomes := make([]error, len(links))
		for i, token := range links {
			wg.Go(func() { _, outcomes[i] = e.Confirm(ctx, token, secret.New(phrase), visitor(i)) })
		}
		wg.Wait()
		confirmed := 0
		for _, err := range outcomes {
			switch {
			case err == nil:
				confirmed++
			default:
				mustBe(t, err, errs.Conflict, "account.confirm.taken")
			}
		}
		if confirmed != 1 {
			t.Errorf("%d confirmed", confirmed)
		}
		if n := e.count(t, "SELECT count(*) FROM account"); n != 1 {
			t.Errorf("%d accounts", n)
		}
		if n := e.count(t, "SELECT count(*) FROM subject WHERE erased = 0"); n != 1 {
			t.Errorf("%d subjects", n)
		}
		if n := e.count(t, "SELECT count(*) FROM blind_index"); n != 1 {
			t.Errorf("%d claims", n)
		}
	})
}

// TestTheJobMayRunTwice: a second letter's link is worth nothing once the first was followed.
func TestTheJobMayRunTwice(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.register(t, address)
		first := e.link(t, account.ConfirmLink)
		again := map[string]any{"ticket": e.Keeper.TicketFor(person.Stored(person.Email, address)), "lang": "kk"}
		var subject person.ID
		if _, err := e.DB.Get(t.Context(), []any{&subject}, "SELECT subject FROM account"); err != nil {
			t.Fatal(err)
		}
		again["subject"] = subject
		if err := e.DB.Write(t.Context(), func(x *db.Tx) error { return e.queue.Enqueue(x, "account.confirm", again, x.Now()) }); err != nil {
			t.Fatal(err)
		}
		second := e.link(t, account.ConfirmLink)
		if second.Equal(first) {
			t.Fatal("no second letter")
		}
		in, err := e.Confirm(t.Context(), first, secret.New(phrase), visitor(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Confirm(t.Context(), second, secret.New(phrase), visitor(2)); said(err) != said(account.ErrLink) {
			t.Errorf("confirmed twice: %v", err)
		}
		if !e.alive(t, in.Token) {
			t.Error("the first session is over")
		}
	})
}

func TestWhoDoesNotConfirmIsErasedAfterADay(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		e.register(t, address)
		token := e.link(t, account.ConfirmLink)
		e.Clock.Move(24*time.Hour - time.Second)
		if err := e.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if err := e.CheckLink(ctx, account.ConfirmLink, token); err != nil {
			t.Fatalf("a second before its time: %v", err)
		}
		e.Clock.Move(2 * time.Second)
		e.drain(t) // the sweep is a periodic job
		if _, err := e.Confirm(ctx, token, secret.New(phrase), visitor(1)); said(err) != said(account.ErrLink) {
			t.Errorf("confirmed after a day: %v", err)
		}
		for query, want := range map[string]int{
			"SELECT count(*) FROM account":                                                       0,
			"SELECT count(*) FROM account_link":                                                  0,
			"SELECT count(*) FROM subject WHERE erased = 1 AND wrapped IS NULL":                  1,
			"SELECT count(*) FROM subject WHERE erased = 0":                                      0,
			"SELECT count(*) FROM consent":                                                       1,
			"SELECT count(*) FROM job WHERE kind = 'account.confirm' OR kind = 'account.notice'": 0,
		} {
			if n := e.count(t, query); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		e.member(t, address) // the address is free again
	})
}

// TestOneThatCantBeErasedHindersNoOther: a blocked subject is not destroyed (6.2.4).
func TestOneThatCantBeErasedHindersNoOther(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.register(t, address)
		e.register(t, "dana@mysal.kz")
		e.drain(t)
		var first person.ID
		if _, err := e.DB.Get(t.Context(), []any{&first}, "SELECT subject FROM account ORDER BY created_at, subject LIMIT 1"); err != nil {
			t.Fatal(err)
		}
		e.restrict(t, first)
		e.Clock.Move(25 * time.Hour)
		if err := e.Sweep(t.Context()); !errs.Is(err, errs.Forbidden) {
			t.Errorf("the one that stays is not told: %v", err)
		}
		if n := e.count(t, "SELECT count(*) FROM account"); n != 1 {
			t.Errorf("%d accounts left", n)
		}
		if n := e.count(t, "SELECT count(*) FROM account_link"); n != 0 {
			t.Errorf("%d links left", n)
		}
	})
}

func TestRegistrationsOfANetworkAreLimited(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		bad := account.Registration{}
		var err error
		tries := 0
		for err = e.Register(t.Context(), bad, visitor(1)); errs.Is(err, errs.Invalid) && tries < 1000; tries++ {
			err = e.Register(t.Context(), bad, visitor(1))
		}
		mustBe(t, err, errs.TooMany, "error.toomany")
		if err := e.Register(t.Context(), bad, visitor(2)); !errs.Is(err, errs.Invalid) {
			t.Errorf("another network: %v", err)
		}
	})
}

// Somebody registers another's address with a password of their own. The owner's click must not open that account: both would hold it.
func TestWhoOpensTheLetterMustKnowThePassword(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.register(t, address)
		token := e.link(t, account.ConfirmLink)
		_, err := e.Confirm(t.Context(), token, secret.New("мен басқа құпиясөз білемін"), visitor(1))
		if !errs.Is(err, errs.Invalid) || errs.As(err).Fields[0].Name != account.PasswordName {
			t.Errorf("confirmed with another password: %v", err)
		}
		if _, err := e.signIn(address, phrase, visitor(1)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the account is open: %v", err)
		}
		if _, err := e.Confirm(t.Context(), token, secret.New(phrase), visitor(1)); err != nil {
			t.Errorf("the link is used up by a wrong password: %v", err)
		}
	})
}

// A bookmark is read for the registration that it was made for and for no other, and nobody else can make or change one.
func TestBookmark(t *testing.T) {
	e := newEnv(t, testdoor.SQLite(t))
	const where = "/kk/invite/abc?x=1"
	kept := e.Bookmark(7, where)
	if got, ok := e.Bookmarked(7, kept); !ok || got != where {
		t.Errorf("read %q, %v", got, ok)
	}
	text := kept.Reveal()
	for name, bad := range map[string]string{"another end": text[:len(text)-4] + "AAAA", "shorter": text[:43], "empty": "", "no mac": text[:10], "not ours": strings.Repeat("A", len(text))} {
		if got, ok := e.Bookmarked(7, secret.New(bad)); ok {
			t.Errorf("%s: read %q", name, got)
		}
	}
	if got, ok := e.Bookmarked(8, kept); ok {
		t.Errorf("read %q for another registration", got)
	}
}
