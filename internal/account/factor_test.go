package account_test

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

func (e *env) enter(half account.SignedIn, code string) (account.SignedIn, error) {
	return e.EnterCode(context.Background(), half.Token, secret.New(code), visitor(1))
}

// halfWay signs in as far as the password goes.
func (e *env) halfWay(t testing.TB) account.SignedIn {
	t.Helper()
	in := e.mustSignIn(t, address, phrase, visitor(1))
	if !in.HalfWay || in.Subject != 0 || !in.Device.Empty() {
		t.Fatalf("signed in by the password alone: %+v", in.Session)
	}
	return in
}

func TestTheSecondFactorIsAsked(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		other := e.mustSignIn(t, address, phrase, visitor(2))
		in, begun := e.factor(t, m.Session)
		if in.Level != account.SecondFactor || !in.Factor || e.alive(t, m.Token) || e.alive(t, other.Token) || !e.alive(t, in.Token) {
			t.Errorf("after setting it: %+v; old %v, other %v", in.Session, e.alive(t, m.Token), e.alive(t, other.Token))
		}
		u, err := url.Parse(begun.URI.Reveal())
		if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Query().Get("secret") != begun.Secret.Reveal() || u.Query().Get("issuer") != "Smart Ustaz" {
			t.Errorf("%v %v", u, err)
		}
		e.Clock.Move(time.Hour)
		half := e.halfWay(t)
		if e.alive(t, half.Token) {
			t.Fatal("half a session opens pages")
		}
		if is, err := e.HalfWay(ctx, half.Token); err != nil || !is {
			t.Errorf("half way: %v %v", is, err)
		}
		if is, err := e.HalfWay(ctx, in.Token); err != nil || is {
			t.Errorf("a whole session is half way: %v %v", is, err)
		}
		_, err = e.enter(half, "000000")
		mustFault(t, err, account.CodeName, "account.code.wrong")
		whole, err := e.enter(half, e.code(begun, 0))
		if err != nil || whole.Level != account.SecondFactor || whole.Token.Equal(half.Token) {
			t.Fatalf("%+v %v", whole.Session, err)
		}
		if is, err := e.HalfWay(ctx, half.Token); err != nil || is || e.alive(t, half.Token) {
			t.Errorf("the half session goes on: %v %v", is, err)
		}
		if _, err := e.enter(half, e.code(begun, 1)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("the half session was used twice: %v", err)
		}
		late := e.halfWay(t)
		e.Clock.Move(10 * time.Minute)
		if _, err := e.enter(late, e.code(begun, 0)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("after ten minutes: %v", err)
		}
		e.drain(t)
		if !slices.Contains(e.keysTo(address), "letter.second-factor-set") {
			t.Errorf("letters %v", e.keysTo(address))
		}
	})
}

func TestACodeIsGoodOnceAndForItsTime(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		m := e.member(t, address)
		_, begun := e.factor(t, m.Session)
		// The very code that confirmed the factor was used up by that.
		_, err := e.enter(e.halfWay(t), e.code(begun, 0))
		mustFault(t, err, account.CodeName, "account.code.wrong")
		for _, c := range []struct {
			after time.Duration
			steps int
			ok    bool
		}{
			{time.Minute, 0, true}, {0, 0, false}, {0, -1, false}, // used; older than used
			{0, 1, true}, {0, 0, false}, {0, 1, false}, // one ahead is taken, and then nothing before it
			{time.Minute, -1, false}, {0, 0, true},
			{time.Hour, -1, true}, {time.Hour, -2, false}, {0, 2, false}, {0, 0, true},
		} {
			e.Clock.Move(c.after)
			_, err := e.enter(e.halfWay(t), e.code(begun, c.steps))
			if (err == nil) != c.ok {
				t.Errorf("after %v the code of step %+d: %v", c.after, c.steps, err)
			}
			if err != nil {
				mustFault(t, err, account.CodeName, "account.code.wrong")
			}
		}
	})
}

func TestOneCodeSubmittedManyTimesOpensOneSession(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		m := e.member(t, address)
		_, begun := e.factor(t, m.Session)
		e.Clock.Move(time.Hour)
		const many = 50
		half := e.halfWay(t)
		other := e.halfWay(t)
		code := e.code(begun, 0)
		answers := make([]error, many)
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() { _, answers[i] = e.enter([]account.SignedIn{half, other}[i%2], code) })
		}
		wg.Wait()
		opened := 0
		for _, err := range answers {
			if err == nil {
				opened++
			}
		}
		if opened != 1 {
			t.Errorf("%d sessions of one code", opened)
		}
	})
}

func TestAHundredWrongCodesSwitchTheFactorOff(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		m := e.member(t, address)
		_, begun := e.factor(t, m.Session)
		e.Clock.Move(time.Hour)
		tried := 0
		for tried < 100 {
			half := e.halfWay(t)
			answers := make([]error, 50)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() { _, answers[i] = e.enter(half, "000000") })
			}
			wg.Wait()
			now := 0
			for _, err := range answers {
				if errs.Is(err, errs.Invalid) {
					now++
				}
			}
			if now == 0 || now > 4 {
				t.Fatalf("%d of 50 at once were tried", now)
			}
			tried += now
			e.Clock.Move(15 * time.Minute)
		}
		if tried != 100 {
			t.Errorf("%d tried", tried)
		}
		_, err := e.enter(e.halfWay(t), e.code(begun, 0))
		mustBe(t, err, errs.TooMany, "account.code.off")
		// A recovery code has a count of its own.
		in, err := e.enter(e.halfWay(t), begun.RecoveryCodes[3].Reveal())
		if err != nil || in.Level != account.SecondFactor {
			t.Fatalf("a recovery code: %v", err)
		}
		e.drain(t)
		got := e.keysTo(address)
		if !slices.Contains(got, "account.letter.factor-switched-off") || !slices.Contains(got, "account.letter.recovery-code") {
			t.Errorf("letters %v", got)
		}
		in, err = e.RemoveFactor(context.Background(), in.Session, proof(phrase, begun.RecoveryCodes[4].Reveal()), visitor(1))
		if err != nil || in.Level != account.OneFactor {
			t.Fatalf("removed: %+v %v", in.Session, err)
		}
		anew, begun := e.factor(t, in.Session)
		e.Clock.Move(time.Hour)
		if in, err := e.enter(e.halfWay(t), e.code(begun, 0)); err != nil || in.Level != account.SecondFactor {
			t.Errorf("with a new factor, after %+v: %v", anew.Session, err)
		}
	})
}

func TestRecoveryCodes(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		in, begun := e.factor(t, m.Session)
		seen := map[string]bool{}
		for _, c := range begun.RecoveryCodes {
			if seen[c.Reveal()] || len(c.Reveal()) != 26+4 {
				t.Errorf("a code of %d signs", len(c.Reveal()))
			}
			seen[c.Reveal()] = true
		}
		if len(seen) != 10 {
			t.Errorf("%d codes", len(seen))
		}
		code := begun.RecoveryCodes[0].Reveal()
		for _, wrong := range []string{"", code[:29], code + "A", code[1:], "A" + code, "ABCDE-ABCDE-ABCDE-ABCDE-ABCDEF"} {
			_, err := e.enter(e.halfWay(t), wrong)
			mustFault(t, err, account.CodeName, "account.code.wrong")
			e.Clock.Move(time.Minute)
		}
		if _, err := e.enter(e.halfWay(t), " "+code[:11]+" "+code[12:]); err != nil {
			t.Errorf("as people type it: %v", err)
		}
		_, err := e.enter(e.halfWay(t), code)
		mustFault(t, err, account.CodeName, "account.code.wrong")
		if n, err := e.RecoveryCodesLeft(ctx, in.Session); err != nil || n != 9 {
			t.Errorf("%d left, %v", n, err)
		}
		whole, err := e.enter(e.halfWay(t), begun.RecoveryCodes[1].Reveal())
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := e.NewRecoveryCodes(ctx, whole.Session)
		if err != nil || len(fresh) != 10 {
			t.Fatalf("%d new codes, %v", len(fresh), err)
		}
		_, err = e.enter(e.halfWay(t), begun.RecoveryCodes[2].Reveal())
		mustFault(t, err, account.CodeName, "account.code.wrong")
		if _, err = e.enter(e.halfWay(t), fresh[9].Reveal()); err != nil {
			t.Errorf("a new code: %v", err)
		}
	})
}

func TestAFactorIsRemovedOnlyByFullProof(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		m := e.member(t, address)
		in, begun := e.factor(t, m.Session)
		e.Clock.Move(time.Minute)
		if _, err := e.BeginFactor(ctx, in.Session); !errs.Is(err, errs.Conflict) {
			t.Errorf("a factor was put in the place of one that is set: %v", err)
		}
		for name, c := range map[string]struct{ plain, code, field, key string }{
			"no code":        {phrase, "", account.CodeName, "account.code.wrong"},
			"wrong code":     {phrase, "123456", account.CodeName, "account.code.wrong"},
			"wrong password": {another, e.code(begun, 0), account.PasswordName, "account.password.wrong"},
		} {
			_, err := e.RemoveFactor(ctx, in.Session, proof(c.plain, c.code), visitor(1))
			if err == nil {
				t.Fatalf("%s: removed", name)
			}
			mustFault(t, err, c.field, c.key)
		}
		// A short password is enough beside a factor, and not alone.
		const short = "сағат бұлақ"
		in, err := e.ChangePassword(ctx, in.Session, proof(phrase, e.code(begun, 0)), secret.New(short), visitor(1))
		if err != nil {
			t.Fatal(err)
		}
		e.Clock.Move(time.Minute)
		_, err = e.RemoveFactor(ctx, in.Session, proof(short, e.code(begun, 0)), visitor(1))
		mustFault(t, err, "password", "password.short")
		e.Clock.Move(time.Minute)
		if in, err = e.ChangePassword(ctx, in.Session, proof(short, e.code(begun, 0)), secret.New(another), visitor(1)); err != nil {
			t.Fatal(err)
		}
		e.Clock.Move(time.Minute)
		half := e.mustSignIn(t, address, another, visitor(2))
		if in, err = e.RemoveFactor(ctx, in.Session, proof(another, e.code(begun, 0)), visitor(1)); err != nil || in.Factor || in.Level != account.OneFactor {
			t.Fatalf("%+v %v", in.Session, err)
		}
		if is, err := e.HalfWay(ctx, half.Token); err != nil || is {
			t.Errorf("a half session outlived the factor: %v", err)
		}
		if n := e.count(t, "SELECT count(*) FROM account_recovery_code"); n != 0 {
			t.Errorf("%d recovery codes left", n)
		}
		if got := e.mustSignIn(t, address, another, visitor(2)); got.HalfWay {
			t.Error("a code is still asked")
		}
		rec, err := e.Keeper.State(ctx, in.Subject)
		if err != nil || rec.Erased {
			t.Error(err)
		}
	})
}

func TestStaffWithoutAFactorCanOnlySetOne(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		m := e.member(t, address)
		e.staff(t, m.Subject)
		s, err := e.Authenticate(t.Context(), m.Token)
		if err != nil || s.Full() || s.Personal() || e.Proved(s, time.Hour) {
			t.Fatalf("%+v %v", s, err)
		}
		in, begun := e.factor(t, s)
		if !in.Full() || !in.Personal() || !e.Proved(in.Session, time.Minute) {
			t.Errorf("after setting it: %+v", in.Session)
		}
		e.Clock.Move(time.Minute)
		_, err = e.RemoveFactor(t.Context(), in.Session, proof(phrase, e.code(begun, 0)), visitor(1))
		mustBe(t, err, errs.Forbidden, "account.factor.staff")
	})
}

// TestTheSharedSecretIsNowhereInTheClear looks where it could have been left.
func TestTheSharedSecretIsNowhereInTheClear(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		m := e.member(t, address)
		in, begun := e.factor(t, m.Session)
		canaries := []string{address, "Әбдіғалиева", phrase, begun.Secret.Reveal(), begun.RecoveryCodes[0].Reveal(), in.Token.Reveal(), "10.0.1.7", "Firefox"}
		e.drain(t)
		e.search(t, canaries)
	})
}

// staffMember is a member with a second factor whose account is staff's.
func (e *env) staffMember(t *testing.T) (account.SignedIn, account.Enrolment) {
	t.Helper()
	m := e.member(t, address)
	if err := e.DB.Write(t.Context(), func(x *db.Tx) error { return e.SetStaff(x, m.Subject, true) }); err != nil {
		t.Fatal(err)
	}
	return e.factor(t, m.Session)
}

// TestACodeMakesASessionFresh: for ten minutes, under a new token, and for nothing but what asks for it.
func TestACodeMakesASessionFresh(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		in, begun := e.staffMember(t)
		fresh := func(token secret.Text) bool {
			t.Helper()
			s, err := e.Authenticate(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			return e.Fresh(s)
		}
		if !fresh(in.Token) {
			t.Error("a session just opened with a code is not fresh")
		}
		e.Clock.Move(account.RecentProof)
		if !fresh(in.Token) {
			t.Error("not fresh at the tenth minute")
		}
		e.Clock.Move(time.Second)
		if fresh(in.Token) {
			t.Fatal("fresh for ever")
		}
		s, err := e.Authenticate(ctx, in.Token)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.ConfirmCode(ctx, s, secret.New("000000"))
		mustFault(t, err, account.CodeName, "account.code.wrong")
		if !e.alive(t, in.Token) || fresh(in.Token) {
			t.Error("a wrong code changed the session")
		}
		code := secret.New(e.code(begun, 0))
		next, err := e.ConfirmCode(ctx, s, code)
		if err != nil {
			t.Fatal(err)
		}
		if e.alive(t, in.Token) || !fresh(next.Token) || next.ID != s.ID || !next.Device.Empty() {
			t.Errorf("the old token lives: %v; fresh: %v; %+v", e.alive(t, in.Token), fresh(next.Token), next.Session)
		}
		after, err := e.Authenticate(ctx, next.Token)
		if err != nil || !after.Created.Equal(s.Created) || !after.Proved.Equal(s.Proved) || e.Proved(after, account.RecentProof) {
			t.Errorf("a code alone counts as a full proof, or makes the session live longer: %+v %v", after, err)
		}
		if _, err := e.NewRecoveryCodes(ctx, after); !account.NeedsProof(err) {
			t.Errorf("recovery codes for a code alone: %v", err)
		}
		// Used once, the code is no good a second time, and the session that it replaced is over.
		_, err = e.ConfirmCode(ctx, after, code)
		mustFault(t, err, account.CodeName, "account.code.wrong")
		e.Clock.Move(time.Minute)
		if _, err := e.ConfirmCode(ctx, s, secret.New(e.code(begun, 0))); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("a session that ended goes on: %v", err)
		}
		if list, err := e.Sessions(ctx, after); err != nil || len(list) != 1 || list[0].Device.IsZero() {
			t.Errorf("the session lost what it knew of its device: %+v %v", list, err)
		}
	})
}

func TestOneCodeMakesOneSessionFresh(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		in, begun := e.staffMember(t)
		e.Clock.Move(time.Hour / 4)
		s, err := e.Authenticate(t.Context(), in.Token)
		if err != nil {
			t.Fatal(err)
		}
		code := secret.New(e.code(begun, 0))
		answers := make([]error, 8)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { _, answers[i] = e.ConfirmCode(t.Context(), s, code) })
		}
		wg.Wait()
		good := 0
		for _, err := range answers {
			if err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("%d went on: %v", good, answers)
		}
	})
}

// TestALostFactorIsReset: nothing is left of it, whoever was signed in is not, and the first thing that opens is the page for a new one.
func TestALostFactorIsReset(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		in, begun := e.staffMember(t)
		e.Clock.Move(time.Hour / 4)
		half := e.halfWay(t)
		for range 3 {
			_, _ = e.enter(half, "000000") // failures that are to be forgotten
		}
		refused := errs.New(errs.Forbidden, "staff.unknown")
		if err := e.ResetFactor(ctx, in.Subject, func(*db.Tx) error { return refused }); !errs.Is(err, errs.Forbidden) || !e.alive(t, in.Token) {
			t.Fatalf("whoever may not: %v", err)
		}
		may := func(*db.Tx) error { return nil }
		if err := e.ResetFactor(ctx, in.Subject, may); err != nil {
			t.Fatal(err)
		}
		if e.alive(t, in.Token) {
			t.Error("a session goes on")
		}
		if _, err := e.enter(half, e.code(begun, 0)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("half a session goes on: %v", err)
		}
		for _, table := range []string{"account_recovery_code", "session", "account_attempt WHERE kind > 1"} {
			if n := e.count(t, "SELECT count(*) FROM "+table); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
		mustBe(t, e.ResetFactor(ctx, in.Subject, may), errs.Conflict, "account.factor.none")
		again := e.mustSignIn(t, address, phrase, visitor(1))
		if again.Full() || again.Personal() || e.Fresh(again.Session) {
			t.Errorf("more than the page for a new factor is open: %+v", again.Session)
		}
		// The app that was lost still knows the old secret: its codes set nothing.
		if _, err := e.ConfirmFactor(ctx, again.Session, secret.New(e.code(begun, 0)), visitor(1)); !errs.Is(err, errs.Conflict) {
			t.Errorf("the old secret came back: %v", err)
		}
		e.Clock.Move(time.Minute)
		if set, _ := e.factor(t, again.Session); !set.Personal() || !e.Fresh(set.Session) {
			t.Errorf("with a new factor: %+v", set.Session)
		}
		e.drain(t)
		if !slices.Contains(e.keysTo(address), "account.letter.factor-reset") {
			t.Errorf("letters %v", e.keysTo(address))
		}
	})
}
