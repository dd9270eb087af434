package account

import (
	"context"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/person"
)

// Idle lists, after one, people whose account nobody has used since a moment, in order of their numbers: for retention (5.1).
func (a *Accounts) Idle(ctx context.Context, since time.Time, after person.ID, limit int) ([]person.ID, error) {
	rows, err := a.cfg.DB.Query(ctx, selectIdle, db.Micros(since), after, limit)
	if err != nil {
		return nil, err
	}
	var out []person.ID
	err = db.Each(rows, func(scan func(...any) error) error {
		var id person.ID
		err := scan(&id)
		out = append(out, id)
		return err
	})
	return out, err
}
