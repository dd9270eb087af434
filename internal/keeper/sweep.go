package keeper

import (
	"context"
	"time"

	"ustaz/internal/db"
)

// brakeKept is how long it is kept who read whom for the reading brake: what the officer looks at, and some. The log has the rest.
const brakeKept = 48 * time.Hour

// Sweep forgets what the reading brake counted in hours that are long over.
func (k *Keeper) Sweep(ctx context.Context) error {
	return k.d.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec("DELETE FROM brake WHERE hour < $1", t.Now().Add(-brakeKept).Unix()/3600)
		return err
	})
}
