package account_test

import (
	"log/slog"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/limit"
)

// TestEverybodyMustSetAFactorWhereTheSettingSaysSo: until then the account is good for nothing but setting it.
func TestEverybodyMustSetAFactorWhereTheSettingSaysSo(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		m := e.member(t, address)
		log := slog.New(slog.DiscardHandler)
		strict := account.New(account.Config{DB: e.DB, Door: e.Keeper, Consents: e.consents, Hasher: e.hasher, Limiter: limit.New(e.DB, e.Keeper.Mac),
			Queue: jobs.New(e.DB, log), Notifier: e.notifier, Log: log, Site: "Smart Ustaz", FactorForAll: true})
		s, err := strict.Authenticate(t.Context(), m.Token)
		if err != nil || s.Staff || !s.MustFactor || s.Full() || s.Personal() || !s.Present() || strict.Proved(s, time.Hour) {
			t.Fatalf("%+v %v", s, err)
		}
		in, begun := e.factor(t, s)
		if s, err = strict.Authenticate(t.Context(), in.Token); err != nil || !s.Full() || !s.Personal() {
			t.Errorf("after setting it: %+v %v", s, err)
		}
		e.Clock.Move(time.Minute)
		_, err = strict.RemoveFactor(t.Context(), s, proof(phrase, e.code(begun, 0)), visitor(1))
		mustBe(t, err, errs.Forbidden, "account.factor.all")
	})
}

// TestAllowances: nobody fills the log, or has everything copied, without end.
func TestAllowances(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		one, other := e.member(t, address), e.member(t, "nurlan@mysal.kz")
		spend := func(s account.Session, of account.Allowance, upTo int) (n int) {
			for ; n < upTo; n++ {
				if err := e.Spend(t.Context(), s, of); errs.Is(err, errs.TooMany) && errs.As(err).Args["seconds"] != "" {
					return n
				} else if err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		for of, burst := range map[account.Allowance]int{account.Acts: 300, account.Copies: 20} {
			if n := spend(one.Session, of, 400); n != burst {
				t.Errorf("%d of allowance %d at once", n, of)
			}
			if n := spend(other.Session, of, 1); n != 1 {
				t.Errorf("one person's acts are counted on another")
			}
		}
		e.Clock.Move(5 * time.Minute)
		if acts, copies := spend(one.Session, account.Acts, 400), spend(one.Session, account.Copies, 400); acts != 30 || copies != 1 {
			t.Errorf("after five minutes %d acts, %d copies", acts, copies)
		}
	})
}
