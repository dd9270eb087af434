package account_test

import (
	"context"
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
	e      *env
	n      int // of the account
	email  string
	plain  string
	old    []string // passwords that were replaced
	begun  *account.Enrolment
	on     bool // the factor is set
	used   map[string]bool
	spare  []secret.Text // recovery codes not used yet
	whole  map[string]*held
	half   []secret.Text
	ended  []secret.Text
	closed bool
}

// held is a session that the model believes in.
type held struct {
	session account.Session
	proven  bool // an unused second factor was proven for it
}

func (m *machine) keep(r *rapid.T, in account.SignedIn, proven bool) {
	if (in.Level == account.SecondFactor) != proven {
		r.Fatalf("level %d, and a second factor was proven: %v", in.Level, proven)
	}
	m.whole[in.Token.Reveal()] = &held{in.Session, proven}
}

// endAll moves sessions, but for one, to those that are over.
func (m *machine) endAll(but string) {
	for token := range m.whole {
		if token != but {
			m.ended = append(m.ended, secret.New(token))
			delete(m.whole, token)
		}
	}
	m.ended, m.half = append(m.ended, m.half...), nil
}

// goodCode draws a code that has not been used, of the app or for recovery; empty if there is none.
func (m *machine) goodCode(r *rapid.T) string {
	if len(m.spare) > 0 && rapid.IntRange(0, 3).Draw(r, "use a recovery code") == 0 {
		code := m.spare[0].Reveal()
		m.spare = m.spare[1:]
		return code
	}
	m.e.Clock.Move(90 * time.Second) // past every step accepted so far
	return m.e.code(*m.begun, 0)
}

// badCode draws what must not pass: nothing, a guess, a code from before.
func (m *machine) badCode(r *rapid.T) string {
	m.e.Clock.Move(16 * time.Minute) // waits are not what is tried here
	bad := []string{"", "000000x", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA"}
	for code := range m.used {
		bad = append(bad, code)
	}
	return rapid.SampledFrom(bad).Draw(r, "bad code")
}

func (m *machine) anySession(r *rapid.T) (string, *held) {
	if len(m.whole) == 0 {
		r.Skip("no session")
	}
	var tokens []string
	for token := range m.whole {
		tokens = append(tokens, token)
	}
	token := rapid.SampledFrom(tokens).Draw(r, "session")
	h := m.whole[token]
	s, err := m.e.Authenticate(context.Background(), secret.New(token))
	if errs.Is(err, errs.Unauthenticated) { // idle
		m.ended = append(m.ended, secret.New(token))
		delete(m.whole, token)
		r.Skip("over")
	}
	if err != nil {
		r.Fatal(err)
	}
	h.session = s
	return token, h
}

func (m *machine) proof(r *rapid.T, right bool) account.Proof {
	p := account.Proof{Password: secret.New(m.plain)}
	switch {
	case !right && (!m.on || rapid.Bool().Draw(r, "wrong password")):
		m.e.Clock.Move(16 * time.Minute)
		p.Password = secret.New(m.plain + "x")
		if m.on {
			p.Code = secret.New("000000")
		}
	case !right:
		p.Code = secret.New(m.badCode(r))
	case m.on:
		code := m.goodCode(r)
		p.Code = secret.New(code)
		m.used[code] = true
	}
	return p
}

// TestNoWayRoundTheSecondFactor: whatever people do in whatever order, a session of the second level exists only if an unused second factor
// was proven since, every session that was ended stays so, and no replaced password and no used code opens anything.
func TestNoWayRoundTheSecondFactor(t *testing.T) {
	e := newEnv(t, testdoor.SQLite(t))
	ctx := context.Background()
	n := 0
	words := []string{"тау бұлақ қайың сағат", "кітап жел айна көпір", "алма дала қазан шана", "бала кеме жұлдыз нан"}
	rapid.Check(t, func(r *rapid.T) {
		n++
		m := &machine{e: e, n: n, email: string(rune('a'+n%26)) + time.Duration(n).String() + "@mysal.kz", plain: words[0], used: map[string]bool{}, whole: map[string]*held{}}
		in := e.member(t, m.email)
		m.keep(r, in, false)
		signIn := func(plain string) (account.SignedIn, error) {
			e.Clock.Move(16 * time.Minute)
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
				if len(m.half) == 0 {
					r.Skip("nobody is half way")
				}
				half := m.half[len(m.half)-1]
				if rapid.Bool().Draw(r, "wrong") {
					if in, err := e.EnterCode(ctx, half, secret.New(m.badCode(r)), visitor(n)); err == nil {
						r.Fatalf("a bad code opened %+v", in.Session)
					}
					return
				}
				code := m.goodCode(r)
				in, err := e.EnterCode(ctx, half, secret.New(code), visitor(n))
				m.used[code] = true
				m.half = m.half[:len(m.half)-1]
				m.ended = append(m.ended, half)
				if err == nil {
					m.keep(r, in, true)
				} else if !errs.Is(err, errs.Unauthenticated) { // its ten minutes are over
					r.Fatal(err)
				}
			},
			"set a factor": func(r *rapid.T) {
				if m.on {
					r.Skip("set")
				}
				token, h := m.anySession(r)
				again, err := e.Reauthenticate(ctx, h.session, m.proof(r, true), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				delete(m.whole, token)
				m.ended = append(m.ended, secret.New(token))
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
				m.endAll("")
				m.ended = append(m.ended, again.Token)
				m.begun, m.on, m.spare, m.used = &begun, true, begun.RecoveryCodes, map[string]bool{code: true}
				m.keep(r, in, true)
			},
			"remove the factor": func(r *rapid.T) {
				if !m.on {
					r.Skip("not set")
				}
				token, h := m.anySession(r)
				if rapid.Bool().Draw(r, "wrong") {
					if _, err := e.RemoveFactor(ctx, h.session, m.proof(r, false), visitor(n)); err == nil {
						r.Fatal("removed without proof")
					}
					return
				}
				in, err := e.RemoveFactor(ctx, h.session, m.proof(r, true), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.endAll("")
				_ = token
				m.on, m.begun, m.spare = false, nil, nil
				m.keep(r, in, false)
			},
			"prove presence": func(r *rapid.T) {
				token, h := m.anySession(r)
				if rapid.Bool().Draw(r, "wrong") {
					if _, err := e.Reauthenticate(ctx, h.session, m.proof(r, false), visitor(n)); err == nil {
						r.Fatal("proven by nothing")
					}
					return
				}
				in, err := e.Reauthenticate(ctx, h.session, m.proof(r, true), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				delete(m.whole, token)
				m.ended = append(m.ended, secret.New(token))
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
				m.endAll("")
			},
			"change the password": func(r *rapid.T) {
				_, h := m.anySession(r)
				fresh := rapid.SampledFrom(words).Filter(func(w string) bool { return w != m.plain }).Draw(r, "new password")
				in, err := e.ChangePassword(ctx, h.session, m.proof(r, true), secret.New(fresh), visitor(n))
				if err != nil {
					r.Fatal(err)
				}
				m.replace(fresh)
				m.endAll("")
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
				for token, h := range m.whole {
					s, err := e.Authenticate(ctx, secret.New(token))
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

func (m *machine) replace(fresh string) {
	m.old = append(m.old, m.plain)
	m.plain = fresh
	kept := m.old[:0]
	for _, w := range m.old {
		if w != fresh {
			kept = append(kept, w)
		}
	}
	m.old = kept
}
