package staff_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"ustaz/internal/account"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
	"ustaz/internal/testdoor"
)

type env struct {
	testing.TB
	*testdoor.Env
	*staff.Staff
	ctx context.Context
}

func forBoth(t *testing.T, fn func(e *env)) {
	t.Helper()
	testdoor.ForBoth(t, func(t *testing.T, d *testdoor.Env) {
		quiet := slog.New(slog.DiscardHandler)
		accounts := account.New(account.Config{DB: d.DB, Door: d.Keeper, Limiter: limit.New(d.DB, d.Keeper.Mac), Queue: jobs.New(d.DB, quiet), Log: quiet,
			Notifier: notify.New(d.Keeper, nil, nil, "", i18n.Text{}, d.Clock.Now)})
		fn(&env{t, d, staff.New(d.DB, d.Keeper, d.Ledger, accounts), context.Background()})
	})
}

func (e *env) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// people makes n people with accounts.
func (e *env) people(n int) []person.ID {
	e.Helper()
	ids := e.People(e, n)
	e.must(e.DB.Write(e.ctx, func(t *db.Tx) error {
		for _, id := range ids {
			if _, err := t.Exec(`INSERT INTO account (subject, status, staff, lang, phc, factor, step, created_at, confirmed_at, recovered_at)
				VALUES ($1, 2, 0, 'kk', '', 0, 0, 0, 0, 0)`, id); err != nil {
				return err
			}
		}
		return nil
	}))
	return ids
}

// join makes somebody a member by a link of the operator at the machine.
func (e *env) join(who person.ID, roles ...policy.Role) {
	e.Helper()
	token, _, err := e.Invite(e.ctx, 0, roles)
	e.must(err)
	e.must(e.Accept(e.ctx, who, token))
}

func (e *env) roles(who person.ID) []policy.Role {
	e.Helper()
	m, _, err := e.Member(e.ctx, who)
	e.must(err)
	return m.Roles
}

func (e *env) wants(err error, kind errs.Kind, key string) {
	e.Helper()
	if !errs.Is(err, kind) || errs.As(err).Key != key {
		e.Errorf("got %v, want %v %q", err, kind, key)
	}
}

// TestALinkLivesNoLongerThanItsMakersRight: an administrator who expects to be sent away could keep a link, and come back by it.
func TestALinkLivesNoLongerThanItsMakersRight(t *testing.T) {
	for name, end := range map[string]func(e *env, by, who person.ID) error{
		"disabled":   func(e *env, by, who person.ID) error { return e.Disable(e.ctx, by, who) },
		"other role": func(e *env, by, who person.ID) error { return e.Change(e.ctx, by, who, []policy.Role{policy.Editor}) },
	} {
		t.Run(name, func(t *testing.T) {
			forBoth(t, func(e *env) {
				ids := e.people(3)
				first, second, friend := ids[0], ids[1], ids[2]
				e.join(first, policy.Admin)
				e.join(second, policy.Admin)
				token, _, err := e.Invite(e.ctx, second, []policy.Role{policy.Admin})
				e.must(err)
				if roles, err := e.Invited(e.ctx, token); err != nil || !slices.Equal(roles, []policy.Role{policy.Admin}) {
					t.Fatalf("%v %v", roles, err)
				}
				e.must(end(e, first, second))
				_, err = e.Invited(e.ctx, token)
				e.wants(err, errs.Gone, "staff.invite.gone")
				e.wants(e.Accept(e.ctx, friend, token), errs.Gone, "staff.invite.gone")
				_, _, err = e.Invite(e.ctx, second, []policy.Role{policy.Admin})
				e.wants(err, errs.Forbidden, "error.forbidden")
				e.wants(e.Disable(e.ctx, second, first), errs.Forbidden, "error.forbidden")
				if len(e.roles(friend)) > 0 {
					t.Error("the friend is a member")
				}
			})
		})
	}
}

func TestNobodyGivesThemselvesARole(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(2)
		first, second := ids[0], ids[1]
		e.join(first, policy.Admin, policy.Editor)
		e.wants(e.Change(e.ctx, first, first, []policy.Role{policy.Admin, policy.SupportR}), errs.Forbidden, "staff.self")
		token, _, err := e.Invite(e.ctx, first, []policy.Role{policy.SupportR})
		e.must(err)
		e.wants(e.Accept(e.ctx, first, token), errs.Forbidden, "staff.self")
		e.must(e.Accept(e.ctx, second, token)) // the link is as good as before
		e.must(e.Change(e.ctx, first, first, []policy.Role{policy.Admin}))
		e.join(first, policy.Officer)
		if got := e.roles(first); !slices.Equal(got, []policy.Role{policy.Officer, policy.Admin}) {
			e.Errorf("roles %v", got)
		}
	})
}

func TestOneOfManyAcceptsALink(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(8)
		token, _, err := e.Invite(e.ctx, 0, []policy.Role{policy.SupportR})
		e.must(err)
		var wg sync.WaitGroup
		answers := make([]error, len(ids))
		for i, id := range ids {
			wg.Go(func() { answers[i] = e.Accept(e.ctx, id, token) })
		}
		wg.Wait()
		in := 0
		for _, err := range answers {
			if err == nil {
				in++
			} else {
				e.wants(err, errs.Gone, "staff.invite.gone")
			}
		}
		if all, err := e.List(e.ctx); err != nil || in != 1 || len(all) != 1 {
			e.Errorf("%d accepted, members %v, %v", in, all, err)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(2)
		for _, id := range ids {
			e.join(id, policy.Admin, policy.Editor)
		}
		var wg sync.WaitGroup
		answers := make([]error, len(ids))
		for i := range ids { // each at the same moment takes the other's right
			wg.Go(func() { answers[i] = e.Change(e.ctx, ids[i], ids[1-i], []policy.Role{policy.Editor}) })
		}
		wg.Wait()
		left, err := e.List(e.ctx)
		if some := slices.ContainsFunc(left, func(m staff.Member) bool { return m.Has(policy.Admin) }); err != nil || !some || (answers[0] == nil) == (answers[1] == nil) {
			e.Errorf("is somebody left: %v %v; answers %v", some, err, answers)
		}
		last := ids[0]
		if answers[1] == nil {
			last = ids[1]
		}
		e.must(e.Enable(e.ctx, last, last)) // nothing changes
		e.wants(e.Change(e.ctx, last, last, []policy.Role{policy.Editor}), errs.Conflict, "staff.last")
		e.wants(e.Disable(e.ctx, last, last), errs.Conflict, "staff.last")
	})
}

func TestADisabledMemberKeepsTheRolesOfThatDay(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(2)
		e.join(ids[0], policy.Admin)
		e.join(ids[1], policy.SupportR, policy.Editor)
		e.must(e.Disable(e.ctx, ids[0], ids[1]))
		e.must(e.Change(e.ctx, ids[0], ids[1], []policy.Role{policy.Editor}))
		if m, _, err := e.Member(e.ctx, ids[1]); err != nil || !m.Disabled {
			e.Errorf("a change of roles lets a member in again: %+v %v", m, err)
		}
		e.must(e.Enable(e.ctx, ids[0], ids[1]))
		if m, _, err := e.Member(e.ctx, ids[1]); err != nil || m.Disabled || !slices.Equal(m.Roles, []policy.Role{policy.Editor}) {
			e.Errorf("%+v %v", m, err)
		}
	})
}

// TestEveryActIsEntered: who gave which rights stands in the log (1.1.1).
func TestEveryActIsEntered(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(3)
		e.join(ids[0], policy.Admin, policy.Officer)
		e.join(ids[2], policy.SupportR)
		type line struct {
			kind    ledger.ActorKind
			actor   person.ID
			role    policy.Role
			subject person.ID
			said    string
		}
		for what, act := range map[string]struct {
			do   func() error
			want line
		}{
			"an invitation": {func() error { _, _, err := e.Invite(e.ctx, ids[0], []policy.Role{policy.Editor}); return err },
				line{ledger.ByStaff, ids[0], policy.Admin, 0, "invited:editor"}},
			"one of the operator": {func() error { _, _, err := e.Invite(e.ctx, 0, []policy.Role{policy.Editor}); return err },
				line{ledger.ByJob, 0, policy.Job, 0, "invited:editor"}},
			"a change": {func() error {
				e.join(ids[1], policy.SupportR)
				return e.Change(e.ctx, ids[0], ids[1], []policy.Role{policy.Editor})
			},
				line{ledger.ByStaff, ids[0], policy.Admin, ids[1], "alone:editor"}},
			"taking away": {func() error { return e.Change(e.ctx, ids[0], ids[0], []policy.Role{policy.Admin}) },
				line{ledger.ByStaff, ids[0], policy.Admin, ids[0], "taken:officer"}},
			"switching off": {func() error { return e.Disable(e.ctx, ids[0], ids[2]) }, line{ledger.ByStaff, ids[0], policy.Admin, ids[2], "off:support"}},
			"switching on":  {func() error { return e.Enable(e.ctx, ids[0], ids[2]) }, line{ledger.ByStaff, ids[0], policy.Admin, ids[2], "on:support"}},
		} {
			e.must(act.do())
			size, err := e.Ledger.Size(e.ctx)
			e.must(err)
			x, err := e.Ledger.Entry(e.ctx, size-1)
			e.must(err)
			if got := (line{x.Kind, x.Actor, x.Role, x.Subject, x.Case}); got != act.want || !slices.Equal(x.Clauses, []string{"1.1.1"}) {
				e.Errorf("%s: %+v by %v, want %+v", what, got, x.Clauses, act.want)
			}
		}
	})
}
