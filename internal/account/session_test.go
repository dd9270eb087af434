package account_test

import (
	"context"
	"encoding/base64"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/secret"
)

func (e *env) staff(t testing.TB, subject person.ID) {
	t.Helper()
	if err := e.DB.Write(context.Background(), func(x *db.Tx) error { return e.SetStaff(x, subject, true) }); err != nil {
		t.Fatal(err)
	}
}

func TestSessionsEnd(t *testing.T) {
	type step struct {
		after    time.Duration
		alive    bool
		personal bool
	}
	hours := func(n int, s step) []step {
		var out []step
		for range n {
			out = append(out, s)
		}
		return out
	}
	const almostHour, half = time.Hour - time.Second, 30*time.Minute - time.Second
	for _, c := range []struct {
		name            string
		staff, remember bool
		steps           []step
	}{
		{"idle", false, false, []step{{almostHour, true, true}, {time.Hour, false, false}}},
		{"a day", false, false, append(hours(24, step{almostHour, true, true}), step{time.Minute, false, false})},
		{"staff idle", true, false, []step{{half, true, false}, {30 * time.Minute, false, false}}},
		{"staff half a day", true, false, append(hours(24, step{half, true, false}), step{time.Minute, false, false})},
		{"staff is not remembered", true, true, []step{{31 * time.Minute, false, false}}},
		{"remembered", false, true, []step{{almostHour, true, true}, {time.Hour, true, false}, {time.Minute, true, false},
			{29 * 24 * time.Hour, true, false}, {22*time.Hour - time.Minute, true, false}, {time.Minute, false, false}}},
		{"remembered in use", false, true, append(hours(24, step{almostHour, true, true}), step{time.Minute, true, false})},
	} {
		t.Run(c.name, func(t *testing.T) {
			forBoth(t, func(t *testing.T, e *env) {
				m := e.member(t, address)
				if c.staff {
					e.staff(t, m.Subject)
				}
				in, err := e.SignIn(t.Context(), account.Credentials{Email: secret.New(address), Password: secret.New(phrase), Remember: c.remember}, visitor(1))
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range c.steps {
					e.Clock.Move(s.after)
					got, err := e.Authenticate(t.Context(), in.Token)
					if (err == nil) != s.alive || got.Personal() != s.personal {
						t.Fatalf("step %d: %+v, %v; want alive %v, personal %v", i, got, err, s.alive, s.personal)
					}
					if err != nil {
						mustBe(t, err, errs.Unauthenticated, "account.session.over")
					}
				}
			})
		})
	}
}

// TestARememberedTeacherWhoJoinsTheStaff is remembered no longer, and staff never are.
func TestARememberedTeacherWhoJoinsTheStaff(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		remember := account.Credentials{Email: secret.New(address), Password: secret.New(phrase), Remember: true}
		m := e.member(t, address)
		in, err := e.SignIn(t.Context(), remember, visitor(1))
		if err != nil || !in.Remembered {
			t.Fatalf("%+v %v", in.Session, err)
		}
		e.staff(t, m.Subject)
		if in, err := e.SignIn(t.Context(), remember, visitor(1)); err != nil || in.Remembered {
			t.Errorf("a member of staff: %+v %v", in.Session, err)
		}
		e.Clock.Move(31 * time.Minute)
		if e.alive(t, in.Token) {
			t.Error("a session remembered from before goes on")
		}
	})
}

func TestARequestCostsOneReadAndOnceAMinuteAWrite(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		in := e.member(t, address)
		writes := func(n int) int64 {
			return e.cost(func() {
				for range n {
					if !e.alive(t, in.Token) {
						t.Fatal("the session is over")
					}
				}
			}).writes
		}
		if n := writes(10); n != 0 {
			t.Errorf("%d writes within the minute", n)
		}
		e.Clock.Move(time.Minute)
		if n := writes(10); n != 1 {
			t.Errorf("%d writes after a minute", n)
		}
	})
}

func TestOwnSessionsAreListedAndEnded(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		first := e.member(t, address)
		e.Clock.Move(time.Second)
		second := e.mustSignIn(t, address, phrase, visitor(5))
		stranger := e.member(t, "dana@mysal.kz")
		list, err := e.Sessions(ctx, first.Session)
		if err != nil || len(list) != 2 {
			t.Fatalf("%+v %v", list, err)
		}
		if list[0].ID != second.ID || list[0].Current || !list[1].Current {
			t.Errorf("the list: %+v", list)
		}
		if list[0].Address.Reveal() != "10.0.5.7" || list[0].Device.Reveal() != "Firefox, Linux" || list[1].Address.Reveal() != "10.0.1.7" {
			t.Errorf("where: %q %q %q", list[0].Address.Reveal(), list[0].Device.Reveal(), list[1].Address.Reveal())
		}
		mustBe(t, e.End(ctx, stranger.Session, second.ID), errs.NotFound, "account.session.unknown")
		if !e.alive(t, second.Token) {
			t.Fatal("a stranger ended it")
		}
		if err := e.End(ctx, first.Session, second.ID); err != nil {
			t.Fatal(err)
		}
		if e.alive(t, second.Token) || !e.alive(t, first.Token) {
			t.Error("the wrong session ended")
		}
		third := e.mustSignIn(t, address, phrase, visitor(6))
		fourth := e.mustSignIn(t, address, phrase, visitor(7))
		if err := e.EndOthers(ctx, third.Session); err != nil {
			t.Fatal(err)
		}
		if e.alive(t, first.Token) || e.alive(t, fourth.Token) || !e.alive(t, third.Token) || !e.alive(t, stranger.Token) {
			t.Error("the others did not end, or others' did")
		}
		if err := e.SignOut(ctx, third.Session); err != nil {
			t.Fatal(err)
		}
		if e.alive(t, third.Token) || e.count(t, "SELECT count(*) FROM session WHERE subject = $1", third.Subject) != 0 {
			t.Error("signed out, and still there")
		}
	})
}

// mangled gives every proper prefix of a token, every flip of a bit of it, and other spellings of it.
func mangled(token secret.Text) []secret.Text {
	text := token.Reveal()
	var out []secret.Text
	for i := range len(text) {
		out = append(out, secret.New(text[:i]))
	}
	for i := range len(text) * 8 {
		b := []byte(text)
		b[i/8] ^= 1 << (i % 8)
		out = append(out, secret.New(string(b)))
	}
	raw, _ := base64.RawURLEncoding.DecodeString(text)
	for _, other := range []string{text + "=", text + "A", " " + text, text + "\n", text[:20] + "\n" + text[20:], base64.RawStdEncoding.EncodeToString(raw) + "/"} {
		out = append(out, secret.New(other))
	}
	return out
}

func TestNoOtherSpellingOfATokenOpensASession(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		in := e.member(t, address)
		for _, m := range mangled(in.Token) {
			if e.alive(t, m) {
				t.Fatalf("%q opens the session of %q", m.Reveal(), in.Token.Reveal())
			}
		}
		if !e.alive(t, in.Token) {
			t.Error("and the token itself does not")
		}
	})
}

func TestReauthenticationGivesANewToken(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		e.member(t, address)
		in, err := e.SignIn(ctx, account.Credentials{Email: secret.New(address), Password: secret.New(phrase), Remember: true}, visitor(1))
		if err != nil {
			t.Fatal(err)
		}
		e.Clock.Move(account.RecentProof + time.Second)
		if e.Proved(in.Session, account.RecentProof) {
			t.Error("a proof stays recent")
		}
		if _, err := e.BeginFactor(ctx, in.Session); !account.NeedsProof(err) {
			t.Errorf("set a factor without a recent proof: %v", err)
		}
		_, err = e.Reauthenticate(ctx, in.Session, proof(another), visitor(1))
		mustFault(t, err, account.PasswordName, "account.password.wrong")
		e.Clock.Move(48 * time.Hour)
		s, err := e.Authenticate(ctx, in.Token)
		if err != nil || s.Personal() {
			t.Fatalf("after two days: %+v %v", s, err)
		}
		again, err := e.Reauthenticate(ctx, s, proof(phrase), visitor(1))
		if err != nil {
			t.Fatal(err)
		}
		if e.alive(t, in.Token) || !e.alive(t, again.Token) || !e.Proved(again.Session, time.Minute) || !again.Remembered {
			t.Errorf("the new session: %+v", again.Session)
		}
		// A session that was ended in the meantime is not brought back.
		if _, err := e.Reauthenticate(ctx, s, proof(phrase), visitor(1)); !errs.Is(err, errs.Unauthenticated) {
			t.Errorf("an ended session came back: %v", err)
		}
	})
}

func TestGuessingInsideOfASessionIsLimited(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		ctx := context.Background()
		in := e.member(t, address)
		for range 100 {
			_, err := e.Reauthenticate(ctx, in.Session, proof(another), visitor(1))
			mustFault(t, err, account.PasswordName, "account.password.wrong")
			e.Clock.Move(15 * time.Minute)
		}
		_, err := e.Reauthenticate(ctx, in.Session, proof(phrase), visitor(1))
		mustBe(t, err, errs.TooMany, "account.signin.off")
		e.mustSignIn(t, address, phrase, visitor(1)) // the owner, elsewhere
	})
}

func TestOldSessionsAreSwept(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		e.member(t, address)
		if _, err := e.SignIn(t.Context(), account.Credentials{Email: secret.New(address), Password: secret.New(phrase), Remember: true}, visitor(1)); err != nil {
			t.Fatal(err)
		}
		for _, s := range []struct {
			after time.Duration
			left  int
		}{{23 * time.Hour, 2}, {2 * time.Hour, 1}, {28 * 24 * time.Hour, 1}, {24 * time.Hour, 0}} {
			e.Clock.Move(s.after)
			if err := e.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := e.count(t, "SELECT count(*) FROM session"); n != s.left {
				t.Errorf("%d sessions left, want %d", n, s.left)
			}
		}
	})
}
