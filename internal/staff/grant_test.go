package staff_test

import (
	"slices"
	"sync"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
)

// administrators makes n people with accounts, of whom the first two manage staff.
func (e *env) administrators(n int) []person.ID {
	e.Helper()
	ids := e.people(n)
	e.join(ids[0], policy.Admin)
	e.join(ids[1], policy.Admin)
	return ids
}

// invited has somebody accept a link of a member.
func (e *env) invited(by, who person.ID, roles ...policy.Role) {
	e.Helper()
	token, _, err := e.Invite(e.ctx, by, roles)
	e.must(err)
	e.must(e.Accept(e.ctx, who, token))
}

// waits gives what waits for somebody.
func (e *env) waits(who person.ID) staff.Grant {
	e.Helper()
	g, found, err := e.Waiting(e.ctx, who)
	e.must(err)
	if !found {
		e.Fatal("nothing waits")
	}
	return g
}

func (e *env) has(who person.ID, want ...policy.Role) {
	e.Helper()
	if got := e.roles(who); !slices.Equal(got, want) {
		e.Errorf("%v has %v, want %v", who, got, want)
	}
}

// told holds what the newest entry about somebody's rights says.
func (e *env) told(want string) {
	e.Helper()
	size, err := e.Ledger.Size(e.ctx)
	e.must(err)
	for i := size - 1; i >= 0; i-- {
		x, err := e.Ledger.Entry(e.ctx, i)
		e.must(err)
		if _, _, ok := staff.ReadAct(x.Case); !ok {
			continue
		}
		if x.Case != want {
			e.Errorf("the log says %q, want %q", x.Case, want)
		}
		return
	}
	e.Errorf("the log says nothing, want %q", want)
}

func TestRolesNeedASecondAdministrator(t *testing.T) {
	for name, give := range map[string]func(e *env, by, who person.ID){
		"by a link": func(e *env, by, who person.ID) { e.invited(by, who, policy.Officer) },
		"to a member": func(e *env, by, who person.ID) {
			e.join(who, policy.SupportR)
			e.must(e.Change(e.ctx, by, who, []policy.Role{policy.Officer}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			forBoth(t, func(e *env) {
				ids := e.administrators(4)
				maker, second, who, other := ids[0], ids[1], ids[2], ids[3]
				e.join(other, policy.Editor)
				give(e, maker, who)
				if m, _, err := e.Member(e.ctx, who); err != nil || m.Has(policy.Officer) || m.Has(policy.SupportR) {
					t.Fatalf("before approval: %+v %v", m, err)
				}
				e.told("asked:officer")
				g := e.waits(who)
				if g.Subject != who || g.MadeBy != maker || g.Initials != "Т. Т." || !slices.Equal(g.Roles, []policy.Role{policy.Officer}) ||
					!g.Expires.Equal(e.Clock.Now().Add(staff.GrantLife)) {
					t.Errorf("%+v", g)
				}
				e.wants(e.Approve(e.ctx, maker, g.ID), errs.Forbidden, "staff.grant.own")
				e.wants(e.Approve(e.ctx, other, g.ID), errs.Forbidden, "error.forbidden")
				e.wants(e.Approve(e.ctx, who, g.ID), errs.Forbidden, "error.forbidden")
				e.must(e.Approve(e.ctx, second, g.ID))
				e.has(who, policy.Officer)
				e.told("approved:officer")
				e.wants(e.Approve(e.ctx, second, g.ID), errs.Gone, "staff.grant.gone")
			})
		})
	}
}

// TestWhoGetsARoleDoesNotApproveIt: an administrator who is given another role is not the second person.
func TestWhoGetsARoleDoesNotApproveIt(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.administrators(3)
		e.must(e.Change(e.ctx, ids[0], ids[1], []policy.Role{policy.Admin, policy.Officer}))
		g := e.waits(ids[1])
		e.has(ids[1], policy.Admin)
		e.wants(e.Approve(e.ctx, ids[1], g.ID), errs.Forbidden, "staff.self")
		e.join(ids[2], policy.Admin)
		e.must(e.Approve(e.ctx, ids[2], g.ID))
		e.has(ids[1], policy.Officer, policy.Admin)
	})
}

// TestOnlyTheFirstAreAlone: who sends everybody else away does not come to give roles alone by that.
func TestOnlyTheFirstAreAlone(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(5)
		first, second := ids[0], ids[1]
		e.join(first, policy.Admin)
		e.told("alone:admin")
		if alone, err := e.Alone(e.ctx, first); err != nil || !alone {
			t.Errorf("the first is not alone: %v", err)
		}
		e.invited(first, ids[2], policy.SupportR)
		e.has(ids[2], policy.SupportR)
		e.invited(first, second, policy.Admin)
		e.has(second, policy.Admin)
		e.told("alone:admin")
		late, _, err := e.Invite(e.ctx, first, []policy.Role{policy.Officer})
		e.must(err)
		for what, end := range map[string]func() error{
			"disabled":   func() error { return e.Disable(e.ctx, first, second) },
			"other role": func() error { return e.Change(e.ctx, first, second, []policy.Role{policy.Editor}) },
		} {
			e.must(end())
			if alone, err := e.Alone(e.ctx, first); err != nil || alone {
				t.Errorf("%s: alone again: %v", what, err)
			}
		}
		e.must(e.Accept(e.ctx, ids[3], late))
		e.has(ids[3])
		e.wants(e.Approve(e.ctx, first, e.waits(ids[3]).ID), errs.Forbidden, "staff.grant.own")
		// The operator at the machine makes another administrator, who is the second person.
		e.join(ids[4], policy.Admin)
		e.must(e.Approve(e.ctx, ids[4], e.waits(ids[3]).ID))
		e.has(ids[3], policy.Officer)
	})
}

func TestAGrantEnds(t *testing.T) {
	for name, end := range map[string]func(e *env, ids []person.ID, g staff.Grant){
		"withdrawn by another": func(e *env, ids []person.ID, g staff.Grant) { e.must(e.Withdraw(e.ctx, ids[1], g.ID)) },
		"withdrawn by its maker": func(e *env, ids []person.ID, g staff.Grant) {
			e.must(e.Withdraw(e.ctx, ids[0], g.ID))
			e.told("withdrawn:officer")
		},
		"too old":          func(e *env, _ []person.ID, _ staff.Grant) { e.Clock.Move(staff.GrantLife) },
		"its maker is off": func(e *env, ids []person.ID, _ staff.Grant) { e.must(e.Disable(e.ctx, ids[1], ids[0])) },
		"its maker changed": func(e *env, ids []person.ID, _ staff.Grant) {
			e.must(e.Change(e.ctx, ids[1], ids[0], []policy.Role{policy.Editor}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			forBoth(t, func(e *env) {
				ids := e.administrators(4)
				e.join(ids[3], policy.Admin)
				e.invited(ids[0], ids[2], policy.Officer)
				g := e.waits(ids[2])
				end(e, ids, g)
				for _, by := range ids[1:2] {
					e.wants(e.Approve(e.ctx, by, g.ID), errs.Gone, "staff.grant.gone")
				}
				if all, err := e.Grants(e.ctx); err != nil || slices.ContainsFunc(all, func(x staff.Grant) bool { return x.ID == g.ID }) {
					t.Errorf("listed: %v %v", all, err)
				}
				e.has(ids[2])
				if name == "too old" || name == "withdrawn by another" { // and another can be made
					e.invited(ids[0], ids[2], policy.Officer)
					e.must(e.Approve(e.ctx, ids[3], e.waits(ids[2]).ID))
					e.has(ids[2], policy.Officer)
				}
			})
		})
	}
}

func TestOneGrantWaitsForAPerson(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.administrators(3)
		e.invited(ids[0], ids[2], policy.Officer)
		token, _, err := e.Invite(e.ctx, ids[0], []policy.Role{policy.Editor})
		e.must(err)
		e.wants(e.Accept(e.ctx, ids[2], token), errs.Conflict, "staff.grant.waits")
		e.must(e.Approve(e.ctx, ids[1], e.waits(ids[2]).ID))
		e.must(e.Accept(e.ctx, ids[2], token)) // the link is as good as before
		e.must(e.Approve(e.ctx, ids[1], e.waits(ids[2]).ID))
		e.has(ids[2], policy.Editor, policy.Officer)
	})
}

func TestOneOfManyApproves(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.administrators(5)
		e.join(ids[3], policy.Admin)
		e.join(ids[4], policy.Admin)
		e.invited(ids[0], ids[2], policy.Officer)
		g := e.waits(ids[2])
		answers := make([]error, 3)
		var wg sync.WaitGroup
		for i, by := range []person.ID{ids[1], ids[3], ids[4]} {
			wg.Go(func() { answers[i] = e.Approve(e.ctx, by, g.ID) })
		}
		wg.Wait()
		done := 0
		for _, err := range answers {
			if err == nil {
				done++
			} else {
				e.wants(err, errs.Gone, "staff.grant.gone")
			}
		}
		if done != 1 {
			t.Errorf("%d approved: %v", done, answers)
		}
	})
}

func TestWhatWaitsGoesWithThePerson(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.administrators(3)
		e.invited(ids[0], ids[2], policy.Officer)
		g := e.waits(ids[2])
		e.Erase(e, ids[2])
		e.wants(e.Approve(e.ctx, ids[1], g.ID), errs.Gone, "staff.grant.gone")
	})
}

func TestInvitationsAreListedAndWithdrawn(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.administrators(4)
		mine, until, err := e.Invite(e.ctx, ids[0], []policy.Role{policy.Officer})
		e.must(err)
		theirs, _, err := e.Invite(e.ctx, ids[1], []policy.Role{policy.Editor})
		e.must(err)
		used, _, err := e.Invite(e.ctx, ids[1], []policy.Role{policy.SupportR})
		e.must(err)
		e.must(e.Accept(e.ctx, ids[2], used))
		all, err := e.Invitations(e.ctx)
		if e.must(err); len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		i := slices.IndexFunc(all, func(x staff.Invitation) bool { return x.MadeBy == ids[0] })
		if i < 0 || !slices.Equal(all[i].Roles, []policy.Role{policy.Officer}) || !all[i].Expires.Equal(until) || all[i].First {
			t.Errorf("%+v", all)
		}
		e.wants(e.Uninvite(e.ctx, ids[2], all[i].ID), errs.Forbidden, "error.forbidden")
		e.must(e.Uninvite(e.ctx, ids[1], all[i].ID))
		e.told("withdrawn:officer")
		e.wants(e.Uninvite(e.ctx, ids[1], all[i].ID), errs.Gone, "staff.invite.gone")
		e.wants(e.Accept(e.ctx, ids[3], mine), errs.Gone, "staff.invite.gone")
		_, err = e.Invited(e.ctx, mine)
		e.wants(err, errs.Gone, "staff.invite.gone")
		_, err = e.Invited(e.ctx, theirs)
		e.must(err)
		e.must(e.Disable(e.ctx, ids[0], ids[1])) // their links are good no more
		if all, err := e.Invitations(e.ctx); err != nil || len(all) != 0 {
			t.Errorf("%+v %v", all, err)
		}
	})
}

// TestOneFirstLinkIsGood: each start of the site prints one, and older ones lie about in terminals and logs of the system.
func TestOneFirstLinkIsGood(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(3)
		first := func() secret.Text {
			token, _, err := e.First(e.ctx, []policy.Role{policy.Admin})
			e.must(err)
			return token
		}
		old, ordinary := first(), secret.Text{}
		ordinary, _, err := e.Invite(e.ctx, 0, []policy.Role{policy.Editor})
		e.must(err)
		last := first()
		_, err = e.Invited(e.ctx, old)
		e.wants(err, errs.Gone, "staff.invite.gone")
		e.wants(e.Accept(e.ctx, ids[0], old), errs.Gone, "staff.invite.gone")
		e.must(e.Accept(e.ctx, ids[0], last))
		e.has(ids[0], policy.Admin)
		e.must(e.Accept(e.ctx, ids[1], ordinary))
		if token := first(); !token.Empty() {
			t.Error("a first link beside an administrator")
		}
	})
}

// TestAFirstLinkEndsWithTheFirst: one that nobody used makes no second administrator later.
func TestAFirstLinkEndsWithTheFirst(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.people(2)
		token, _, err := e.First(e.ctx, []policy.Role{policy.Admin})
		e.must(err)
		e.join(ids[0], policy.Admin)
		_, err = e.Invited(e.ctx, token)
		e.wants(err, errs.Gone, "staff.invite.gone")
		e.wants(e.Accept(e.ctx, ids[1], token), errs.Gone, "staff.invite.gone")
	})
}

func TestSweep(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.administrators(3)
		rows := func() (n int64) {
			_, err := e.DB.Get(e.ctx, []any{&n}, "SELECT (SELECT count(*) FROM staff_invite) + (SELECT count(*) FROM staff_grant)")
			e.must(err)
			return n
		}
		e.invited(ids[0], ids[2], policy.Officer)
		_, _, err := e.Invite(e.ctx, ids[0], []policy.Role{policy.Officer})
		e.must(err)
		before := rows()
		if e.must(e.Sweep(e.ctx)); rows() != before {
			t.Errorf("%d rows, want %d: what is good was removed", rows(), before)
		}
		e.Clock.Move(staff.GrantLife)
		if e.must(e.Sweep(e.ctx)); rows() != 0 {
			t.Errorf("%d rows are left", rows())
		}
	})
}

func TestReadAct(t *testing.T) {
	for text, want := range map[string]bool{"approved:officer.admin": true, "off:": true, "ticket:214": false, "": false, "approved:boss": false, "approved:job": false} {
		act, roles, ok := staff.ReadAct(text)
		if ok != want {
			t.Errorf("%q: %v %v %v", text, act, roles, ok)
		}
	}
}

// factor gives a member a second factor at the door, as if they had set it.
func (e *env) factor(who person.ID) {
	e.Helper()
	e.TOTP(e, who, "JBSWY3DPEHPK3PXP")
	e.must(e.DB.Write(e.ctx, func(t *db.Tx) error {
		_, err := t.Exec("UPDATE account SET factor = 1 WHERE subject = $1", who)
		return err
	}))
}

func TestALostFactorIsTakenAwayByAnother(t *testing.T) {
	forBoth(t, func(e *env) {
		ids := e.administrators(4)
		maker, lost, helper, stranger := ids[0], ids[1], ids[2], ids[3]
		e.join(helper, policy.SupportR)
		e.factor(lost)
		e.wants(e.ResetFactor(e.ctx, lost, lost), errs.Forbidden, "staff.factor.self")
		e.wants(e.ResetFactor(e.ctx, helper, lost), errs.Forbidden, "error.forbidden")
		e.wants(e.ResetFactor(e.ctx, maker, stranger), errs.NotFound, "staff.unknown")
		e.wants(e.ResetFactor(e.ctx, maker, helper), errs.Conflict, "account.factor.none")
		e.must(e.ResetFactor(e.ctx, maker, lost))
		size, err := e.Ledger.Size(e.ctx)
		e.must(err)
		found := false
		for i := size - 2; i < size; i++ { // beside the program's own passage
			x, err := e.Ledger.Entry(e.ctx, i)
			e.must(err)
			found = found || x.Kind == ledger.ByStaff && x.Actor == maker && x.Role == policy.Admin && x.Subject == lost &&
				x.Operation == policy.Deletion && x.Fields == person.Set(person.TOTP)
		}
		if !found {
			t.Error("it is not in the log")
		}
		e.factor(lost)
		e.must(e.ResetFactor(e.ctx, 0, lost)) // the operator at the machine
		e.wants(e.ResetFactor(e.ctx, 0, lost), errs.Conflict, "account.factor.none")
	})
}
