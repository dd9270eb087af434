package keeper

import (
	"context"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/ledger"
	"ustaz/internal/policy"
)

// Publish adds an edition of the policy and the entry of that in one transaction (9.1, 9.2): no edition rules that the log does not know of,
// the first one included. It is the act of the operator at the machine. Errors: as of edition.Store.Publish.
func (k *Keeper) Publish(ctx context.Context, e *policy.Edition) (*edition.Published, error) {
	return k.editions.Publish(ctx, e, func(t *db.Tx, seq int64) error {
		return k.log.Append(t, &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByJob, Role: policy.Job, Operation: policy.Recording,
			Purpose: policy.Notify, Outcome: ledger.Allowed, Edition: seq, Clauses: []string{"9.1", "9.2"}}})
	})
}
