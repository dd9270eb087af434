package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/policy"
)

// ground is what every command that touches data stands on.
type ground struct {
	d        *db.DB
	log      *ledger.Ledger
	editions *edition.Store
	k        *keeper.Keeper
}

// brakes are the people an hour that a role may read (5.4, copying).
var brakes = map[policy.Role]int{policy.SupportR: 60, policy.Officer: 300}

// open opens the database, the log, the editions and the door. Keys are made only together with a new database: to give an old one new
// keys would lock everybody out for good.
func (r *run) open() (*ground, error) {
	d, err := db.Open(r.ctx, r.storage.URL(), r.now)
	if err != nil {
		return nil, err
	}
	g := &ground{d: d}
	if err := g.raise(r); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return g, nil
}

func (g *ground) raise(r *run) error {
	if g.d.Dialect == db.SQLite {
		// The folder may have been made by hand with a wider mode.
		if err := os.Chmod(filepath.Dir(r.storage.Data+"/."), 0o700); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errs.Wrap(errs.Unavailable, "error.unavailable", err)
		}
	}
	fresh, err := g.empty(r.ctx)
	if err != nil {
		return err
	}
	if g.log, err = ledger.Open(r.ctx, g.d, r.storage.KeyDir(), fresh); err != nil {
		return err
	}
	if g.editions, err = edition.Open(r.ctx, g.d); err != nil {
		return err
	}
	if g.k, err = keeper.New(keeper.Config{DB: g.d, Ledger: g.log, Editions: g.editions, KeyDir: r.storage.KeyDir(), Create: fresh, Brake: brakes}); err != nil {
		return err
	}
	all, err := g.editions.All()
	if err != nil || len(all) > 0 {
		return err
	}
	ed, err := policy.Default()
	if err != nil {
		return err
	}
	_, err = g.editions.Publish(r.ctx, ed)
	return err
}

// empty tells whether nothing was ever sealed or logged.
func (g *ground) empty(ctx context.Context) (bool, error) {
	var n int64
	_, err := g.d.Get(ctx, []any{&n}, "SELECT (SELECT count(*) FROM ledger_head) + (SELECT count(*) FROM (SELECT 1 FROM subject LIMIT 1) x)")
	return n == 0, err
}

func (g *ground) close() error { return g.d.Close() }

// with runs fn on open ground.
func (r *run) with(fn func(g *ground) error) error {
	g, err := r.open()
	if err != nil {
		return err
	}
	return errors.Join(fn(g), g.close())
}
