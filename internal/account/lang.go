package account

import (
	"context"

	"ustaz/internal/person"
)

// Lang is the language in which somebody with an account is written to; "" where they have none that they can sign in to.
func (a *Accounts) Lang(ctx context.Context, subject person.ID) (string, error) {
	r, found, err := a.record(ctx, subject)
	if err != nil || !found || r.status != active {
		return "", err
	}
	return r.lang, nil
}
