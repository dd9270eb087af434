package account

import (
	"context"
	"time"

	"ustaz/internal/limit"
)

// Allowance is how often one person may do what costs the installation something for good, or much at once (ASVS 2.1.3, 2.4.1).
type Allowance uint8

const (
	Acts   Allowance = iota + 1 // whatever changes something: each leaves entries in the log that nobody can remove
	Copies                      // of everything that is held, with thousands of passages
)

var allowances = map[Allowance]limit.Rule{
	Acts:   {Name: "person.acts", Burst: 300, Every: 10 * time.Second},
	Copies: {Name: "person.copies", Burst: 20, Every: 5 * time.Minute},
}

// Spend takes one of an allowance of the person whose session it is; TooMany with "seconds" once it is used up.
func (a *Accounts) Spend(ctx context.Context, s Session, of Allowance) error {
	return a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: allowances[of], Key: []byte(s.Subject.String())})
}
