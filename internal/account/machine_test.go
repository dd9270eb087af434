package account_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

// machine drives one account through sign-in, second factor and recovery, and knows what it may lead to.
type machine struct {
	e     *env
	email string
	plain string
	old   []string // passwords that were replaced
	begun account.Enrolment
	on    bool // the factor is set
	used  []string
	spare []secret.Text // recovery codes not used yet
	whole []held
	half  []secret.Text
	ended []secret.Text
}

// held is a session that the model believes in.
type held struct {
	token  secret.Text
	proven bool // an unused second factor was proven for it
}

func (m *machine) keep(r *rapid.T, in account.SignedIn, proven bool) {
	if (in.Level == account.SecondFactor) != proven {
		r.Fatalf("level %d, and a second factor was proven: %v", in.Level, proven)
	}
	m.whole = append(m.whole, held{in.Token, proven})
}

// end moves a session to those that are over.
func (m *machine) end(i int) {
	m.ended = append(m.ended, m.whole[i].token)
	m.whole = slices.Delete(m.whole, i, i+1)
}

func (m *machine) endAll() {
	for len(m.whole) > 0 {
		m.end(0)
	}
	m.ended, m.half = append(m.ended, m.half...), nil
}

// rest lets waits pass, which are not what is tried here, and every step whose code was accepted.
func (m *machine) rest() { m.e.Clock.Move(16 * time.Minute) }

// goodCode draws a code that has not been used, of the app or for recovery.
func (m *machine) goodCode(r *rapid.T) string {
	if len(m.spare) > 0 && rapid.IntRange(0, 3).Draw(r, "use a recovery code") == 0 {
		code := m.spare[0].Reveal()
		m.spare = m.spare[1:]
		return code
	}
	return m.e.code(m.begun, 0)
}

// badCode draws what must not pass: nothing, a guess, a code from before.
func (m *machine) badCode(r *rapid.T) string {
	bad := []string{"", "000000x", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA"}
	for _, code := range m.used {
		if m.on && slices.Contains([]string{m.e.code(m.begun, -1), m.e.code(m.begun, 0), m.e.code(m.begun, 1)}, code) {
			continue // six digits come again, now and then
		}
		bad = append(bad, code)
	}
	return rapid.SampledFrom(bad).Draw(r, "bad code")
}

// anySession draws one that is alive.
func (m *machine) anySession(r *rapid.T) (int, account.Session) {
	if len(m.whole) == 0 {
		r.Skip("no session")
	}
	i := rapid.IntRange(0, len(m.whole)-1).Draw(r, "session")
	s, err := m.e.Authenticate(context.Background(), m.whole[i].token)
	if errs.Is(err, errs.Unauthenticated) { // idle
		m.end(i)
		r.Skip("over")
	}
	if err != nil {
		r.Fatal(err)
	}
	return i, s
}

func (m *machine) proof(r *rapid.T, right bool) account.Proof {
	m.rest()
	p := account.Proof{Password: secret.New(m.plain)}
	switch {
	case !right && (!m.on || rapid.Bool().Draw(r, "wrong password")):
		p.Password = secret.New(m.plain + "x")
		if m.on {
			p.Code = secret.New(m.e.code(m.begun, 0))
		}
	case !right:
		p.Code = secret.New(m.badCode(r))
	case m.on:
		code := m.goodCode(r)
		p.Code = secret.New(code)
		m.used = append(m.used, code)
	}
	return p
}

// TestNoWayRoundTheSecondFactorStepByStep: whatever people do in whatever order, a session of the second level exists only if an unused second factor
// was proven since, every session that was ended stays so, and no replaced password and no used code opens anything.
func TestNoWayRoundTheSecondFactorStepByStep(t *testing.T) {
	e := newEnv(t, testdoor.SQLite(t))
	ctx := context.Background()
	n := 0
	words := []string{"тау бұлақ қайың сағат", "кітап жел айна көпір", "алма дала қазан шана", "бала кеме жұлдыз нан"}
	rapid.Check(t, func(r *rapid.T) {
		n++
		m := &machine{e: e, email: strconv.Itoa(n) + "@mysal.kz", plain: words[0]}
		in := e.member(t, m.email)
		m.keep(r, in, false)
		signIn := func(plain string) (account.SignedIn, error) {
			m.rest()
			return e.signIn(m.email, plain, visitor(n))
		}
		r.Repeat(map[string]func(*rapid.T){
			"sign in": func(r *rapid.T) {
				in, err := signIn(m.plain)
				if err != nil {
					r.Fatal(err)
				}
				if in.HalfWay != m.on {
					r.Fatalf("half way %v, factor %v", in.HalfWay, m.on)
				}
				if in.HalfWay {
					m.half = append(m.half, in.Token)
				} else {
					m.keep(r, in, false)
				}
			},
			"sign in with a wrong password": func(r *rapid.T) {
				if _, err := signIn(rapid.SampledFrom(append(m.old, "x")).Draw(r, "old")); !errs.Is(err, errs.Unauthenticated) {
					r.Fatalf("an old or wrong password: %v", err)
				}
			},
			"enter a code": func(r *rapid.T) {
				if !m.on {
					r.Skip("no factor")
				}
				half, err := signIn(m.plain)
				if err != nil {
					r.Fatal(err)
				}
				if rapid.Bool().Draw(r, "wrong") {
					if in, err := e.EnterCode(ctx, half.Token, secret.New(m.badCode(r)), visitor(n)); err == nil {
						r.Fatalf("a bad code opened %+v", in.Session)
					}
					m.half = append(m.half, half.Token)
					return
				}
				code := m.goodCode(r)
				in, err := e.EnterCode(ctx, half.Token, secret.New(code), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.used = append(m.used, code)
				m.ended = append(m.ended, half.Token)
				m.keep(r, in, true)
			},
			"set a factor": func(r *rapid.T) {
				if m.on {
					r.Skip("set")
				}
				i, s := m.anySession(r)
				again, err := e.Reauthenticate(ctx, s, m.proof(r, true), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.end(i)
				begun, err := e.BeginFactor(ctx, again.Session)
				if err != nil {
					r.Fatal(err)
				}
				e.Clock.Move(90 * time.Second)
				code := e.code(begun, 0)
				in, err := e.ConfirmFactor(ctx, again.Session, secret.New(code), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.endAll()
				m.ended = append(m.ended, again.Token)
				m.begun, m.on, m.spare, m.used = begun, true, slices.Clone(begun.RecoveryCodes), []string{code}
				m.keep(r, in, true)
			},
			"remove the factor": func(r *rapid.T) {
				if !m.on {
					r.Skip("not set")
				}
				_, s := m.anySession(r)
				if rapid.Bool().Draw(r, "wrong") {
					if _, err := e.RemoveFactor(ctx, s, m.proof(r, false), visitor(n)); err == nil {
						r.Fatal("removed without proof")
					}
					return
				}
				in, err := e.RemoveFactor(ctx, s, m.proof(r, true), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.endAll()
				m.on, m.spare = false, nil
				m.keep(r, in, false)
			},
			"prove presence": func(r *rapid.T) {
				i, s := m.anySession(r)
				if rapid.Bool().Draw(r, "wrong") {
					if _, err := e.Reauthenticate(ctx, s, m.proof(r, false), visitor(n)); err == nil {
						r.Fatal("proven by nothing")
					}
					return
				}
				in, err := e.Reauthenticate(ctx, s, m.proof(r, true), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.end(i)
				m.keep(r, in, m.on)
			},
			"forget the password": func(r *rapid.T) {
				e.Clock.Move(3 * time.Hour) // a letter each
				if err := e.AskRecovery(ctx, secret.New(m.email), "kk", visitor(n)); err != nil {
					r.Fatal(err)
				}
				fresh := rapid.SampledFrom(words).Filter(func(w string) bool { return w != m.plain }).Draw(r, "new password")
				if err := e.Recover(ctx, e.link(t, account.RecoverLink), secret.New(fresh)); err != nil {
					r.Fatal(err)
				}
				m.replace(fresh)
				m.endAll()
			},
			"change the password": func(r *rapid.T) {
				_, s := m.anySession(r)
				fresh := rapid.SampledFrom(words).Filter(func(w string) bool { return w != m.plain }).Draw(r, "new password")
				in, err := e.ChangePassword(ctx, s, m.proof(r, true), secret.New(fresh), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.replace(fresh)
				m.endAll()
				m.keep(r, in, m.on)
			},
			"wait": func(r *rapid.T) {
				e.Clock.Move(time.Duration(rapid.IntRange(1, 90).Draw(r, "minutes")) * time.Minute)
			},
			"": func(r *rapid.T) {
				for _, token := range append(append([]secret.Text{}, m.ended...), m.half...) {
					if s, err := e.Authenticate(ctx, token); err == nil {
						r.Fatalf("a session that is over, or half of one, opens: %+v", s)
					}
				}
				for _, h := range m.whole {
					s, err := e.Authenticate(ctx, h.token)
					if errs.Is(err, errs.Unauthenticated) {
						continue // idle
					}
					if err != nil {
						r.Fatal(err)
					}
					if (s.Level == account.SecondFactor) != h.proven || s.Factor != m.on || m.on && !h.proven && s.Full() {
						r.Fatalf("%+v; proven %v", s, h.proven)
					}
				}
			},
		})
	})
}

// replace makes another password the one that is right.
func (m *machine) replace(fresh string) {
	m.old = slices.DeleteFunc(append(m.old, m.plain), func(w string) bool { return w == fresh })
	m.plain = fresh
}
