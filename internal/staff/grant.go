package staff

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// GrantLife is how long roles wait for a second administrator.
const GrantLife = 7 * 24 * time.Hour

// Grant is roles that wait for a second administrator.
type Grant struct {
	ID       person.ID // names it
	Subject  person.ID // who is to have them; a member already, or not yet
	Initials string
	Roles    []policy.Role
	MadeBy   person.ID // who gave them; another must approve
	MadeAt   time.Time
	Expires  time.Time
}

// Bars tells why somebody who manages staff may not approve the grant; nil if they may.
func (g *Grant) Bars(who person.ID) error {
	switch who {
	case g.MadeBy:
		return errs.New(errs.Forbidden, "staff.grant.own").By("1.1.1")
	case g.Subject:
		return errSelf
	}
	return nil
}

// errGrant is the answer for roles that wait no more: approved, withdrawn, too old, or whose maker manages staff no more.
var errGrant = errs.New(errs.Gone, "staff.grant.gone")

// gift is roles that somebody gives to somebody.
type gift struct {
	maker, subject person.ID
	initials       string
	roles          []policy.Role
}

// Alone tells whether roles that somebody gives hold at once, because there is no second person to ask: by is the operator at the machine,
// or nobody else ever managed staff.
func (s *Staff) Alone(ctx context.Context, by person.ID) (bool, error) {
	var others int64
	_, err := s.d.Get(ctx, []any{&others}, countOthers, by)
	return by == atMachine || others == 0, err
}

const countOthers = "SELECT count(*) FROM staff WHERE managed = 1 AND subject <> $1"

// give adds roles to a member, or has them wait for a second administrator. actor, in a role, is who the entry names. All members are held,
// so that nobody becomes an administrator meanwhile.
func (s *Staff) give(t *db.Tx, g gift, actor person.ID, as policy.Role) error {
	if _, err := s.locked(t); err != nil {
		return err
	}
	var others int64
	if _, err := t.Get([]any{&others}, countOthers, g.maker); err != nil {
		return err
	}
	if g.maker == atMachine || others == 0 {
		if err := s.put(t, g); err != nil {
			return err
		}
		return s.enter(t, actor, as, g.subject, Alone, g.roles)
	}
	if _, err := t.Exec("DELETE FROM staff_grant WHERE subject = $1 AND expires_at <= $2", g.subject, db.Micros(t.Now())); err != nil {
		return err
	}
	n, err := t.Exec(`INSERT INTO staff_grant (id, subject, initials, roles, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (subject) DO NOTHING`, person.NewID(t.Now()), g.subject, g.initials, encodeRoles(g.roles), g.maker, db.Micros(t.Now()), db.Micros(t.Now().Add(GrantLife)))
	if err != nil || n == 0 {
		return orElse(err, errs.New(errs.Conflict, "staff.grant.waits"))
	}
	return s.enter(t, actor, as, g.subject, Asked, g.roles)
}

// put makes roles hold.
func (s *Staff) put(t *db.Tx, g gift) error {
	old, _, err := memberIn(t, g.subject)
	if err != nil {
		return err
	}
	roles := append(old.Roles, g.roles...)
	managed := int64(0)
	if slices.Contains(roles, policy.Admin) {
		managed = 1
	}
	if _, err := t.Exec(`INSERT INTO staff (subject, roles, initials, disabled, since, managed) VALUES ($1, $2, $3, 0, $4, $5)
		ON CONFLICT (subject) DO UPDATE SET roles = $2, initials = $3, managed = CASE WHEN staff.managed = 1 THEN 1 ELSE $5 END`,
		g.subject, encodeRoles(roles), g.initials, db.Micros(t.Now()), managed); err != nil {
		return err
	}
	return s.accounts.SetStaff(t, g.subject, true)
}

// Approve makes roles hold that another administrator gave to a third person (1.1.1). Errors: Forbidden for who gave them and for who gets
// them; Gone where they wait no more.
func (s *Staff) Approve(ctx context.Context, by, grant person.ID) error {
	return s.settle(ctx, by, grant, Approved, func(t *db.Tx, g *Grant) error {
		if err := g.Bars(by); err != nil {
			return err
		}
		if ok, err := managesIn(t, g.MadeBy); err != nil || !ok {
			return orElse(err, errGrant)
		}
		return s.put(t, gift{maker: g.MadeBy, subject: g.Subject, initials: g.Initials, roles: g.Roles})
	})
}

// Withdraw takes back roles that wait. Every administrator may. Gone where they wait no more.
func (s *Staff) Withdraw(ctx context.Context, by, grant person.ID) error {
	return s.settle(ctx, by, grant, Withdrawn, func(*db.Tx, *Grant) error { return nil })
}

// settle ends a grant's waiting, once. Members are held first, in the order of all other acts.
func (s *Staff) settle(ctx context.Context, by, grant person.ID, act Act, fn func(*db.Tx, *Grant) error) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		members, err := s.locked(t)
		if err != nil {
			return err
		}
		if by != atMachine && !manages(members, by) {
			return errNoAdmin
		}
		all, err := grants(t.Query("DELETE FROM staff_grant WHERE id = $1 AND expires_at > $2 RETURNING "+grantColumns, grant, db.Micros(t.Now())))
		if err != nil || len(all) == 0 {
			return orElse(err, errGrant)
		}
		if err := fn(t, &all[0]); err != nil {
			return err
		}
		return s.enter(t, by, policy.Admin, all[0].Subject, act, all[0].Roles)
	})
}

const grantColumns = "id, subject, initials, roles, made_by, made_at, expires_at"

func grants(rows *sql.Rows, err error) ([]Grant, error) {
	if err != nil {
		return nil, err
	}
	var out []Grant
	err = db.Each(rows, func(scan func(...any) error) error {
		var g Grant
		var names string
		var made, expires int64
		if err := scan(&g.ID, &g.Subject, &g.Initials, &names, &g.MadeBy, &made, &expires); err != nil {
			return err
		}
		g.MadeAt, g.Expires = db.Time(made), db.Time(expires)
		var err error
		g.Roles, err = decodeRoles(names)
		out = append(out, g)
		return err
	})
	return out, err
}

// Grants lists the roles that wait for a second administrator and could be approved, the oldest first.
func (s *Staff) Grants(ctx context.Context) ([]Grant, error) {
	members, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	all, err := grants(s.d.Query(ctx, "SELECT "+grantColumns+" FROM staff_grant WHERE expires_at > $1 ORDER BY made_at, id", db.Micros(s.d.Now())))
	var out []Grant
	for _, g := range all {
		if manages(members, g.MadeBy) {
			out = append(out, g)
		}
	}
	return out, err
}

// Waiting gives the roles of one person that wait for a second administrator.
func (s *Staff) Waiting(ctx context.Context, subject person.ID) (Grant, bool, error) {
	all, err := s.Grants(ctx)
	for _, g := range all {
		if g.Subject == subject {
			return g, true, err
		}
	}
	return Grant{}, false, err
}

// Sweep removes links and grants whose time is over.
func (s *Staff) Sweep(ctx context.Context) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Exec("DELETE FROM staff_invite WHERE expires_at <= $1", db.Micros(t.Now())); err != nil {
			return err
		}
		_, err := t.Exec("DELETE FROM staff_grant WHERE expires_at <= $1", db.Micros(t.Now()))
		return err
	})
}
