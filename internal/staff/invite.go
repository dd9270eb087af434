package staff

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

const (
	inviteBytes = 32
	inviteLife  = 72 * time.Hour
)

// ErrInvite is the one answer for a link that is wrong, used, withdrawn or too old, or whose maker manages staff no more.
var ErrInvite = errs.New(errs.Gone, "staff.invite.gone")

func (s *Staff) inviteHash(token []byte) []byte { return s.k.Mac("staff invite", token) }

// Invite makes a one-time link's token for somebody who is to have roles. by is the member who invites; 0 is the operator at the machine.
func (s *Staff) Invite(ctx context.Context, by person.ID, roles []policy.Role) (secret.Text, time.Time, error) {
	return s.invite(ctx, by, roles, false, func(t *db.Tx) error {
		ok, err := managesIn(t, by)
		if err == nil && !ok {
			err = errNoAdmin
		}
		return err
	})
}

// First makes a link for the first member of staff, in place of any made before: a token is kept as its hash alone and can't be shown
// again. Where somebody manages staff the token is empty.
func (s *Staff) First(ctx context.Context, roles []policy.Role) (secret.Text, time.Time, error) {
	token, expires, err := s.invite(ctx, atMachine, roles, true, func(t *db.Tx) error {
		members, err := s.locked(t)
		if err != nil || anyManages(members) {
			return orElse(err, errManaged)
		}
		_, err = t.Exec("DELETE FROM staff_invite WHERE first = 1 AND used_by = 0")
		return err
	})
	if errors.Is(err, errManaged) {
		err = nil
	}
	return token, expires, err
}

// errManaged ends First; nobody sees it.
var errManaged = errs.New(errs.Conflict, "staff.last")

func (s *Staff) invite(ctx context.Context, by person.ID, roles []policy.Role, first bool, before func(*db.Tx) error) (secret.Text, time.Time, error) {
	if err := checkRoles(roles); err != nil {
		return secret.Text{}, time.Time{}, err
	}
	token := make([]byte, inviteBytes)
	_, _ = rand.Read(token) // crypto/rand.Read never fails
	var expires time.Time
	mark := int64(0)
	if first {
		mark = 1
	}
	err := s.d.Write(ctx, func(t *db.Tx) error {
		if err := before(t); err != nil {
			return err
		}
		expires = t.Now().Add(inviteLife)
		if _, err := t.Exec("INSERT INTO staff_invite (hash, id, roles, made_by, first, expires_at, used_by) VALUES ($1, $2, $3, $4, $5, $6, 0)",
			s.inviteHash(token), person.NewID(t.Now()), encodeRoles(roles), by, mark, db.Micros(expires)); err != nil {
			return err
		}
		return s.enter(t, by, policy.Admin, 0, Invited, roles)
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
	var i Invitation
	var names string
	var first int64
	found, err := s.d.Get(ctx, []any{&names, &i.MadeBy, &first}, "SELECT roles, made_by, first FROM staff_invite WHERE hash = $1 AND used_by = 0 AND expires_at > $2",
		s.inviteHash(b), db.Micros(s.d.Now()))
	if err != nil || !found {
		return nil, orElse(err, ErrInvite)
	}
	members, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	i.First = first != 0
	if !i.good(members) {
		return nil, ErrInvite
	}
	return decodeRoles(names)
}

// Invitation is a link that nobody has used yet. Its token is known to nobody but who was given it.
type Invitation struct {
	ID      person.ID // names it; it opens nothing
	Roles   []policy.Role
	MadeBy  person.ID // 0 is the operator at the machine
	First   bool      // for the first member of staff
	Expires time.Time
}

// good tells whether a link would still be taken: its maker manages staff, and the first link only while nobody does.
func (i *Invitation) good(members []Member) bool {
	if i.MadeBy != atMachine {
		return manages(members, i.MadeBy)
	}
	return !i.First || !anyManages(members)
}

// Invitations lists the links that are good now, the one that ends first first.
func (s *Staff) Invitations(ctx context.Context) ([]Invitation, error) {
	members, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.d.Query(ctx, "SELECT id, roles, made_by, first, expires_at FROM staff_invite WHERE used_by = 0 AND expires_at > $1 ORDER BY expires_at, id", db.Micros(s.d.Now()))
	if err != nil {
		return nil, err
	}
	var out []Invitation
	err = db.Each(rows, func(scan func(...any) error) error {
		var i Invitation
		var names string
		var first, expires int64
		if err := scan(&i.ID, &names, &i.MadeBy, &first, &expires); err != nil {
			return err
		}
		i.First, i.Expires = first != 0, db.Time(expires)
		if i.Roles, err = decodeRoles(names); err != nil {
			return err
		}
		if i.good(members) {
			out = append(out, i)
		}
		return nil
	})
	return out, err
}

// Uninvite takes a link back that nobody has used. Gone where there is none.
func (s *Staff) Uninvite(ctx context.Context, by, invitation person.ID) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		if ok, err := managesIn(t, by); err != nil || !ok {
			return orElse(err, errNoAdmin)
		}
		var names string
		found, err := t.Get([]any{&names}, "DELETE FROM staff_invite WHERE id = $1 AND used_by = 0 RETURNING roles", invitation)
		if err != nil || !found {
			return orElse(err, ErrInvite)
		}
		roles, err := decodeRoles(names)
		if err != nil {
			return err
		}
		return s.enter(t, by, policy.Admin, 0, Withdrawn, roles)
	})
}

// Accept gives the owner of an account the roles of a link, in addition to those that they have; they may have to wait for a second
// administrator first, see Waiting. A second factor must be set before any screen of staff opens. Errors: Gone; Forbidden for one's own
// link, and for a member who is switched off; Conflict ("staff.grant.waits") where other roles of theirs wait already: the link stays good.
func (s *Staff) Accept(ctx context.Context, subject person.ID, token secret.Text) error {
	b, err := readToken(token)
	if err != nil {
		return err
	}
	p := keeper.Passage{Actor: keeper.Own(subject), Subject: subject, Operation: policy.Access, Purpose: policy.Verify,
		Fields: person.Set(person.Surname, person.GivenName)}
	_, err = s.k.Change(ctx, p, func(tx *keeper.Tx) error {
		i := Invitation{}
		var names string
		var first int64
		found, err := tx.Get([]any{&names, &i.MadeBy, &first}, "UPDATE staff_invite SET used_by = $1 WHERE hash = $2 AND used_by = 0 AND expires_at > $3 RETURNING roles, made_by, first",
			subject, s.inviteHash(b), db.Micros(tx.Now()))
		if err != nil || !found {
			return orElse(err, ErrInvite)
		}
		members, err := s.locked(tx.Tx)
		if err != nil {
			return err
		}
		i.First = first != 0
		switch old, _ := find(members, subject); {
		case !i.good(members):
			return ErrInvite
		case i.MadeBy == subject:
			return errSelf
		case old.Disabled:
			return errs.New(errs.Forbidden, "staff.disabled")
		}
		g := gift{maker: i.MadeBy, subject: subject}
		if g.roles, err = decodeRoles(names); err != nil {
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
		g.initials = person.Initials(surname, given)
		return s.give(tx.Tx, g, subject, policy.Self)
	})
	return err
}
