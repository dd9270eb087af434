package system

import (
	"context"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// row is a system as its table has it: sets as bits by code, moments in microseconds, 0 for "never".
type row struct {
	id               person.ID
	name             string
	roles, purposes  int64
	created, expires int64
	lastUsed         int64 // days since 1970
	revoked          int64
}

const columns = "id, name, roles, purposes, created_at, expires_at, last_used, revoked_at"

func (r *row) dest() []any {
	return []any{&r.id, &r.name, &r.roles, &r.purposes, &r.created, &r.expires, &r.lastUsed, &r.revoked}
}

func (r *row) system() System {
	s := System{ID: r.id, Name: r.name, CreatedAt: db.Time(r.created), ExpiresAt: db.Time(r.expires), RevokedAt: db.Time(r.revoked)}
	for _, role := range policy.Roles {
		if r.roles&(1<<role) != 0 {
			s.Roles = append(s.Roles, role)
		}
	}
	for _, p := range policy.Purposes {
		if r.purposes&(1<<p) != 0 {
			s.Purposes = append(s.Purposes, p)
		}
	}
	if r.lastUsed != 0 {
		s.LastUsed = time.Unix(r.lastUsed*int64(day/time.Second), 0).UTC()
	}
	return s
}

// insert tells whether the name was free.
func (r *row) insert(t *db.Tx, token []byte) (bool, error) {
	n, err := t.Exec(`INSERT INTO outside_system (id, name, roles, purposes, token, created_at, expires_at, last_used, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0) ON CONFLICT (name) WHERE revoked_at = 0 DO NOTHING`,
		r.id, r.name, r.roles, r.purposes, token, r.created, r.expires)
	return n == 1, err
}

func list(ctx context.Context, d *db.DB) ([]System, error) {
	rows, err := d.Query(ctx, "SELECT "+columns+" FROM outside_system ORDER BY name, id")
	if err != nil {
		return nil, err
	}
	var out []System
	err = db.Each(rows, func(scan func(...any) error) error {
		var r row
		err := scan(r.dest()...)
		out = append(out, r.system())
		return err
	})
	return out, err
}

func byToken(ctx context.Context, d *db.DB, token []byte) (r row, found bool, err error) {
	found, err = d.Get(ctx, r.dest(), "SELECT "+columns+" FROM outside_system WHERE token = $1", token)
	return r, found, err
}

func revoke(t *db.Tx, id person.ID) (bool, error) {
	n, err := t.Exec("UPDATE outside_system SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0", db.Micros(t.Now()), id)
	return n == 1, err
}

func replaceToken(t *db.Tx, id person.ID, token []byte, expires time.Time) (bool, error) {
	n, err := t.Exec("UPDATE outside_system SET token = $1, expires_at = $2 WHERE id = $3 AND revoked_at = 0", token, db.Micros(expires), id)
	return n == 1, err
}

func used(t *db.Tx, id person.ID, today int64) error {
	_, err := t.Exec("UPDATE outside_system SET last_used = $1 WHERE id = $2 AND last_used < $1", today, id)
	return err
}
