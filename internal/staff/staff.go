// Package staff knows who works for the operator: every member is a named person with an account of their own and roles (1.1.1).
//
// It guarantees:
//   - Nobody becomes staff but by a one-time link, which is good only while its maker manages staff: who was sent away does not come back by
//     one kept for it. Links that wait can be listed and taken back. Of links for the first member one is good at a time, and only while
//     nobody manages staff.
//   - Nobody gives roles to themselves, and nobody gives any alone. Roles that one administrator gives, by a link or to a member, wait until
//     a second one approves them: neither who gave them, nor who gets them. They wait for GrantLife, and no longer than their maker manages
//     staff; every administrator can take them back. Two gifts need no second person, since there is none: that of the operator at the
//     machine, and those of an administrator beside whom nobody ever managed staff. Ever: who switches all others off is not alone by that.
//   - Taking roles away and switching off need one administrator and hold at once. There is always somebody who manages staff.
//   - A second factor that was lost is taken away by another administrator or the operator, never by who has it.
//   - Roles are read with each request and again in the transaction that hands some out, so a change holds at once.
//   - Every link, gift, approval and withdrawal, role taken, member switched off or on, and factor taken away is an entry of the log, with the
//     roles; one that held without a second administrator says so.
//
// It can't know that two accounts are one human: the operator sees to it that two people hold the first two.
package staff

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Member is a member of staff.
type Member struct {
	Subject  person.ID
	Roles    []policy.Role // none while all that they were given waits
	Initials string        // "А. К.", as subjects see them
	Disabled bool
	Since    time.Time
}

// Has tells whether the member acts in one of some roles now.
func (m Member) Has(roles ...policy.Role) bool {
	return !m.Disabled && slices.ContainsFunc(roles, func(r policy.Role) bool { return slices.Contains(m.Roles, r) })
}

// Staff is the capability.
type Staff struct {
	d        *db.DB
	k        *keeper.Keeper
	log      *ledger.Ledger
	accounts *account.Accounts
}

// New makes the capability.
func New(d *db.DB, k *keeper.Keeper, log *ledger.Ledger, accounts *account.Accounts) *Staff {
	s := &Staff{d: d, k: k, log: log, accounts: accounts}
	k.OnErase(func(t *db.Tx, subject person.ID) error {
		// Initials and roles stay: subjects must go on seeing who read their data. The account itself goes with its own package.
		if _, err := t.Exec("UPDATE staff SET disabled = 1 WHERE subject = $1", subject); err != nil {
			return err
		}
		_, err := t.Exec("DELETE FROM staff_grant WHERE subject = $1", subject)
		return err
	})
	return s
}

var (
	// errSelf: who needs another role asks another administrator, or the operator at the machine (1.1.1; ASVS 2.3.5).
	errSelf = errs.New(errs.Forbidden, "staff.self").By("1.1.1")
	// errNoAdmin answers a request that was on its way while the right to it was taken.
	errNoAdmin = errs.New(errs.Forbidden, "error.forbidden")
	errUnknown = errs.New(errs.NotFound, "staff.unknown")
)

// atMachine stands for the operator, who gives commands where the program runs.
const atMachine person.ID = 0

// Act is what was done about somebody's rights. With the roles concerned it stands in the log in place of a case: "approved:officer".
type Act string

const (
	Invited   Act = "invited"   // a link was made
	Asked     Act = "asked"     // roles were given that wait for a second administrator
	Alone     Act = "alone"     // roles were given and hold without a second administrator
	Approved  Act = "approved"  // a second administrator agreed
	Withdrawn Act = "withdrawn" // a link, or roles that waited, were taken back
	Taken     Act = "taken"     // roles were taken away
	Off       Act = "off"       // the member was switched off
	On        Act = "on"        // and on again
)

// Acts are all there are.
var Acts = []Act{Invited, Asked, Alone, Approved, Withdrawn, Taken, Off, On}

// caseOf writes an act into an entry; ReadAct reads it.
func caseOf(act Act, roles []policy.Role) string {
	return string(act) + ":" + strings.ReplaceAll(encodeRoles(roles), ",", ".")
}

// ReadAct reads the case of an entry about somebody's rights; ok is false for any other.
func ReadAct(text string) (act Act, roles []policy.Role, ok bool) {
	kind, names, _ := strings.Cut(text, ":")
	if !slices.Contains(Acts, Act(kind)) {
		return "", nil, false
	}
	roles, err := decodeRoles(strings.ReplaceAll(names, ".", ","))
	return Act(kind), roles, err == nil
}

// enter records an act of managing staff (1.1.1); member is 0 while it is not known who it will be.
func (s *Staff) enter(t *db.Tx, by person.ID, role policy.Role, member person.ID, act Act, roles []policy.Role) error {
	return s.append(t, by, ledger.Entry{Role: role, Subject: member, Operation: policy.Recording, Clauses: []string{"1.1.1"}, Case: caseOf(act, roles)})
}

// append adds to an entry who did it: a member, or the operator at the machine.
func (s *Staff) append(t *db.Tx, by person.ID, e ledger.Entry) error {
	e.Kind, e.Actor, e.Purpose, e.Outcome = ledger.ByStaff, by, policy.Identify, ledger.Allowed
	if by == atMachine {
		e.Kind, e.Role = ledger.ByJob, policy.Job
	}
	return s.log.Append(t, &ledger.Pending{Entry: e})
}

// managesIn tells whether somebody manages staff at the moment of a transaction.
func managesIn(t *db.Tx, by person.ID) (bool, error) {
	m, _, err := memberIn(t, by)
	return err == nil && (by == atMachine || m.Has(policy.Admin)), err
}

const columns = "subject, roles, initials, disabled, since"

func scan(get func(...any) error) (Member, error) {
	var m Member
	var names string
	var disabled, since int64
	if err := get(&m.Subject, &names, &m.Initials, &disabled, &since); err != nil {
		return m, err
	}
	m.Disabled, m.Since = disabled != 0, db.Time(since)
	var err error
	m.Roles, err = decodeRoles(names)
	return m, err
}

func list(rows *sql.Rows, err error) ([]Member, error) {
	if err != nil {
		return nil, err
	}
	var out []Member
	err = db.Each(rows, func(get func(...any) error) error {
		m, err := scan(get)
		out = append(out, m)
		return err
	})
	return out, err
}

func first(ms []Member, err error) (Member, bool, error) {
	if err != nil || len(ms) == 0 {
		return Member{}, false, err
	}
	return ms[0], true, nil
}

func memberIn(t *db.Tx, subject person.ID) (Member, bool, error) {
	return first(list(t.Query("SELECT "+columns+" FROM staff WHERE subject = $1", subject)))
}

// Member gives a member of staff, disabled ones too.
func (s *Staff) Member(ctx context.Context, subject person.ID) (Member, bool, error) {
	return first(list(s.d.Query(ctx, "SELECT "+columns+" FROM staff WHERE subject = $1", subject)))
}

// List gives everybody who is or was a member, oldest first.
func (s *Staff) List(ctx context.Context) ([]Member, error) {
	return list(s.d.Query(ctx, "SELECT "+columns+" FROM staff ORDER BY since, subject"))
}

// find gives a member of a list; the zero Member if they are not in it.
func find(members []Member, subject person.ID) (Member, bool) {
	i := slices.IndexFunc(members, func(m Member) bool { return m.Subject == subject })
	if i < 0 {
		return Member{}, false
	}
	return members[i], true
}

// manages tells whether somebody of a list manages staff.
func manages(members []Member, subject person.ID) bool {
	m, _ := find(members, subject)
	return m.Has(policy.Admin)
}

// anyManages tells whether somebody does.
func anyManages(members []Member) bool {
	return slices.ContainsFunc(members, func(m Member) bool { return m.Has(policy.Admin) })
}

// Change gives a member other roles. What is taken away is gone at once and in open sessions; what is added waits for a second
// administrator like every gift (see Approve). by may take roles from themselves, but add none. Conflict ("staff.grant.waits") where other
// roles of theirs wait already.
func (s *Staff) Change(ctx context.Context, by, subject person.ID, roles []policy.Role) error {
	if err := checkRoles(roles); err != nil {
		return err
	}
	var added, taken []policy.Role
	return s.change(ctx, by, subject, func(t *db.Tx, m *Member) error {
		added, taken = without(roles, m.Roles), without(m.Roles, roles)
		if by == subject && len(added) > 0 {
			return errSelf
		}
		m.Roles = without(m.Roles, taken)
		if len(taken) == 0 {
			return nil
		}
		return s.enter(t, by, policy.Admin, subject, Taken, taken)
	}, func(t *db.Tx, m *Member) error {
		if len(added) == 0 {
			return nil
		}
		return s.give(t, gift{maker: by, subject: subject, initials: m.Initials, roles: added}, by, policy.Admin)
	})
}

// Disable keeps a member from working, at once, and ends their sessions; their roles stay for the day they are let in again.
func (s *Staff) Disable(ctx context.Context, by, subject person.ID) error {
	return s.change(ctx, by, subject, func(t *db.Tx, m *Member) error {
		m.Disabled = true
		return s.accounts.EndSessions(t, subject)
	}, func(t *db.Tx, m *Member) error { return s.enter(t, by, policy.Admin, subject, Off, m.Roles) })
}

// Enable lets a member who was disabled work again, with the roles that they had and nobody took from them: two people gave them.
func (s *Staff) Enable(ctx context.Context, by, subject person.ID) error {
	return s.change(ctx, by, subject, func(_ *db.Tx, m *Member) error { m.Disabled = false; return nil },
		func(t *db.Tx, m *Member) error { return s.enter(t, by, policy.Admin, subject, On, m.Roles) })
}

// ResetFactor takes away the second factor that a member lost: their sessions end, they are told by letter, and set a new factor before
// any screen of staff opens. by is another administrator, or 0 for the operator at the machine. Errors: Forbidden; NotFound where subject
// is no member; Conflict where no factor is set.
func (s *Staff) ResetFactor(ctx context.Context, by, subject person.ID) error {
	if by == subject {
		return errs.New(errs.Forbidden, "staff.factor.self").By("1.1.1")
	}
	return s.accounts.ResetFactor(ctx, subject, func(t *db.Tx) error {
		if ok, err := managesIn(t, by); err != nil || !ok {
			return orElse(err, errNoAdmin)
		}
		if _, found, err := memberIn(t, subject); err != nil || !found {
			return orElse(err, errUnknown)
		}
		return s.append(t, by, ledger.Entry{Role: policy.Admin, Subject: subject, Operation: policy.Deletion, Fields: person.Set(person.TOTP),
			Clauses: []string{"4.1.1"}})
	})
}

// locked reads all members, and holds them until the transaction ends.
func (s *Staff) locked(t *db.Tx) ([]Member, error) {
	return list(t.Query("SELECT " + columns + " FROM staff ORDER BY subject" + s.d.ForUpdate()))
}

// change alters a member as they are in the transaction, and then does what follows from it. The last member who manages staff can't be
// lost.
func (s *Staff) change(ctx context.Context, by, subject person.ID, alter, then func(*db.Tx, *Member) error) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		all, err := s.locked(t)
		if err != nil {
			return err
		}
		if by != atMachine && !manages(all, by) {
			return errNoAdmin
		}
		i := slices.IndexFunc(all, func(m Member) bool { return m.Subject == subject })
		if i < 0 {
			return errUnknown
		}
		if err := alter(t, &all[i]); err != nil {
			return err
		}
		if !anyManages(all) {
			return errs.New(errs.Conflict, "staff.last")
		}
		off := int64(0)
		if all[i].Disabled {
			off = 1
		}
		if _, err := t.Exec("UPDATE staff SET roles = $1, disabled = $2 WHERE subject = $3", encodeRoles(all[i].Roles), off, subject); err != nil {
			return err
		}
		return then(t, &all[i])
	})
}

// without gives the roles of a list that are not in another.
func without(roles, other []policy.Role) []policy.Role {
	return slices.DeleteFunc(slices.Clone(roles), func(r policy.Role) bool { return slices.Contains(other, r) })
}

// checkRoles holds what may be asked for: at least one role, and only roles of staff.
func checkRoles(roles []policy.Role) error {
	if len(roles) == 0 || slices.ContainsFunc(roles, func(r policy.Role) bool { return !r.Staff() }) {
		return errs.New(errs.Invalid, "staff.role")
	}
	return nil
}

// encodeRoles gives names in the order of policy.Roles, each once; no role is the empty text: that of a member whose only roles wait.
func encodeRoles(roles []policy.Role) string {
	var names []string
	for _, r := range policy.Roles {
		if slices.Contains(roles, r) {
			names = append(names, r.String())
		}
	}
	return strings.Join(names, ",")
}

func decodeRoles(names string) ([]policy.Role, error) {
	if names == "" {
		return nil, nil
	}
	var roles []policy.Role
	for name := range strings.SplitSeq(names, ",") {
		r, ok := policy.RoleByName(name)
		if !ok || !r.Staff() {
			return nil, errs.New(errs.Internal, "error.internal")
		}
		roles = append(roles, r)
	}
	return roles, nil
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
