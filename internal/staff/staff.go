// Package staff knows who works for the operator: every member is a named person with an account of their own and roles (1.1.1).
//
// It guarantees: nobody becomes staff but by a one-time link, which is good only while its maker manages staff: who was sent away does not
// come back by one kept for it; nobody gives roles to themselves; roles are read with each request and again in the transaction that
// hands some out, so a change holds at once; there is always somebody who manages staff; every invitation made or accepted, role changed
// and member disabled is an entry of the log.
package staff

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
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
	"ustaz/internal/secret"
)

// Member is a member of staff.
type Member struct {
	Subject  person.ID
	Roles    []policy.Role
	Initials string // "А. К.", as subjects see them
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
		_, err := t.Exec("UPDATE staff SET disabled = 1 WHERE subject = $1", subject)
		return err
	})
	return s
}

const (
	inviteBytes = 32
	inviteLife  = 72 * time.Hour
)

// ErrInvite is the one answer for a link that is wrong, used or too old, or whose maker manages staff no more.
var ErrInvite = errs.New(errs.Gone, "staff.invite.gone")

var (
	// errSelf: who needs another role asks another administrator, or the operator at the machine (1.1.1; ASVS 2.3.5).
	errSelf = errs.New(errs.Forbidden, "staff.self").By("1.1.1")
	// errNoAdmin answers a request that was on its way while the right to it was taken.
	errNoAdmin = errs.New(errs.Forbidden, "error.forbidden")
)

// atMachine stands for the operator, who gives commands where the program runs.
const atMachine person.ID = 0

func (s *Staff) inviteHash(token []byte) []byte { return s.k.Mac("staff invite", token) }

// Invite makes a one-time link's token for somebody who is to have roles. by is the member who invites; 0 is the operator at the machine.
func (s *Staff) Invite(ctx context.Context, by person.ID, roles []policy.Role) (secret.Text, time.Time, error) {
	names, err := encodeRoles(roles)
	if err != nil {
		return secret.Text{}, time.Time{}, err
	}
	token := make([]byte, inviteBytes)
	_, _ = rand.Read(token) // crypto/rand.Read never fails
	var expires time.Time
	err = s.d.Write(ctx, func(t *db.Tx) error {
		if ok, err := managesIn(t, by); err != nil {
			return err
		} else if !ok {
			return errNoAdmin
		}
		expires = t.Now().Add(inviteLife)
		if _, err := t.Exec("INSERT INTO staff_invite (hash, roles, made_by, expires_at, used_by) VALUES ($1, $2, $3, $4, 0)",
			s.inviteHash(token), names, by, db.Micros(expires)); err != nil {
			return err
		}
		return s.enter(t, by, policy.Admin, 0)
	})
	if err != nil {
		return secret.Text{}, time.Time{}, err
	}
	return secret.New(base64.RawURLEncoding.EncodeToString(token)), expires, nil
}

func readToken(token secret.Text) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token.Reveal())
	if err != nil || len(b) != inviteBytes {
		return nil, ErrInvite
	}
	return b, nil
}

// Invited tells which roles a link would give, and leaves it as it is.
func (s *Staff) Invited(ctx context.Context, token secret.Text) ([]policy.Role, error) {
	b, err := readToken(token)
	if err != nil {
		return nil, err
	}
	var names string
	var by person.ID
	found, err := s.d.Get(ctx, []any{&names, &by}, "SELECT roles, made_by FROM staff_invite WHERE hash = $1 AND used_by = 0 AND expires_at > $2",
		s.inviteHash(b), db.Micros(s.d.Now()))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrInvite
	}
	if maker, _, err := s.Member(ctx, by); err != nil || by != atMachine && !maker.Has(policy.Admin) {
		return nil, orGone(err)
	}
	return decodeRoles(names)
}

// Accept makes the owner of an account a member of staff. Roles add to those that they have. A second factor must be set before any screen
// of staff opens.
func (s *Staff) Accept(ctx context.Context, subject person.ID, token secret.Text) error {
	b, err := readToken(token)
	if err != nil {
		return err
	}
	p := keeper.Passage{Actor: keeper.Own(subject), Subject: subject, Operation: policy.Access, Purpose: policy.Verify,
		Fields: person.Set(person.Surname, person.GivenName)}
	_, err = s.k.Change(ctx, p, func(tx *keeper.Tx) error {
		var names string
		var by person.ID
		found, err := tx.Get([]any{&names, &by}, "UPDATE staff_invite SET used_by = $1 WHERE hash = $2 AND used_by = 0 AND expires_at > $3 RETURNING roles, made_by",
			subject, s.inviteHash(b), db.Micros(tx.Now()))
		if err != nil || !found {
			return orGone(err)
		}
		if ok, err := managesIn(tx.Tx, by); err != nil || !ok {
			return orGone(err)
		}
		if by == subject {
			return errSelf
		}
		roles, err := decodeRoles(names)
		if err != nil {
			return err
		}
		surname, err := tx.Value(person.Surname)
		if err != nil {
			return err
		}
		given, err := tx.Value(person.GivenName)
		if err != nil {
			return err
		}
		old, member, err := memberIn(tx.Tx, subject)
		if err != nil {
			return err
		}
		if member && old.Disabled {
			return errs.New(errs.Forbidden, "staff.disabled")
		}
		if names, err = encodeRoles(append(old.Roles, roles...)); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO staff (subject, roles, initials, disabled, since) VALUES ($1, $2, $3, 0, $4)
			ON CONFLICT (subject) DO UPDATE SET roles = $2, initials = $3`, subject, names, person.Initials(surname, given), db.Micros(tx.Now())); err != nil {
			return err
		}
		if err := s.accounts.SetStaff(tx.Tx, subject, true); err != nil {
			return err
		}
		return s.enter(tx.Tx, subject, policy.Self, subject)
	})
	return err
}

// enter records an act of managing staff (1.1.1); member is 0 while it is not known who it will be.
func (s *Staff) enter(t *db.Tx, by person.ID, role policy.Role, member person.ID) error {
	kind := ledger.ByStaff
	if by == atMachine {
		kind, role = ledger.ByJob, policy.Job
	}
	return s.log.Append(t, &ledger.Pending{Entry: ledger.Entry{Kind: kind, Actor: by, Role: role, Subject: member,
		Operation: policy.Recording, Purpose: policy.Identify, Outcome: ledger.Allowed, Clauses: []string{"1.1.1"}}})
}

// managesIn tells whether somebody manages staff at the moment of a transaction.
func managesIn(t *db.Tx, by person.ID) (bool, error) {
	m, _, err := memberIn(t, by)
	return err == nil && (by == atMachine || m.Has(policy.Admin)), err
}

func orGone(err error) error {
	if err != nil {
		return err
	}
	return ErrInvite
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

// Any tells whether there is a member who manages staff.
func (s *Staff) Any(ctx context.Context) (bool, error) {
	all, err := s.List(ctx)
	return slices.ContainsFunc(all, func(m Member) bool { return m.Has(policy.Admin) }), err
}

// Change gives a member other roles, at once and in open sessions. by may take roles from themselves, but add none.
func (s *Staff) Change(ctx context.Context, by, subject person.ID, roles []policy.Role) error {
	if _, err := encodeRoles(roles); err != nil {
		return err
	}
	return s.change(ctx, by, subject, func(_ *db.Tx, m *Member) error {
		added := func(r policy.Role) bool { return !slices.Contains(m.Roles, r) }
		if by == subject && slices.ContainsFunc(roles, added) {
			return errSelf
		}
		m.Roles = roles
		return nil
	})
}

// Disable keeps a member from working, at once, and ends their sessions; their roles stay for the day they are let in again.
func (s *Staff) Disable(ctx context.Context, by, subject person.ID) error {
	return s.change(ctx, by, subject, func(t *db.Tx, m *Member) error {
		m.Disabled = true
		return s.accounts.EndSessions(t, subject)
	})
}

// Enable lets a member who was disabled work again.
func (s *Staff) Enable(ctx context.Context, by, subject person.ID) error {
	return s.change(ctx, by, subject, func(_ *db.Tx, m *Member) error { m.Disabled = false; return nil })
}

// change alters a member as they are in the transaction. The last member who manages staff can't be lost.
func (s *Staff) change(ctx context.Context, by, subject person.ID, alter func(*db.Tx, *Member) error) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		all, err := list(t.Query("SELECT " + columns + " FROM staff ORDER BY subject" + s.d.ForUpdate()))
		if err != nil {
			return err
		}
		manages := func(m Member) bool { return m.Has(policy.Admin) }
		if by != atMachine && !slices.ContainsFunc(all, func(m Member) bool { return m.Subject == by && manages(m) }) {
			return errNoAdmin
		}
		i := slices.IndexFunc(all, func(m Member) bool { return m.Subject == subject })
		if i < 0 {
			return errs.New(errs.NotFound, "staff.unknown")
		}
		if err := alter(t, &all[i]); err != nil {
			return err
		}
		if !slices.ContainsFunc(all, manages) {
			return errs.New(errs.Conflict, "staff.last")
		}
		names, err := encodeRoles(all[i].Roles)
		if err != nil {
			return err
		}
		off := int64(0)
		if all[i].Disabled {
			off = 1
		}
		if _, err := t.Exec("UPDATE staff SET roles = $1, disabled = $2 WHERE subject = $3", names, off, subject); err != nil {
			return err
		}
		return s.enter(t, by, policy.Admin, subject)
	})
}

func encodeRoles(roles []policy.Role) (string, error) {
	var names []string
	for _, r := range policy.Roles {
		if slices.Contains(roles, r) {
			if !r.Staff() {
				return "", errs.New(errs.Invalid, "staff.role")
			}
			names = append(names, r.String())
		}
	}
	if len(names) == 0 {
		return "", errs.New(errs.Invalid, "staff.role")
	}
	return strings.Join(names, ","), nil
}

func decodeRoles(names string) ([]policy.Role, error) {
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
