package api

import (
	"context"
	"encoding/binary"
	"strconv"
	"sync"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/limit"
	"ustaz/internal/person"
)

// rates spends each system's allowance (5.4, blocking by third parties). The limiter counts in the database, for every server of the
// installation; so that a read need not write there, requests are bought from it by the tenth of a second's worth.
type rates struct {
	limiter *limit.Limiter
	rule    limit.Rule
	lot     int // requests in one purchase

	mu    *sync.Mutex
	purse map[person.ID]*purse
}

// purse is what a system has bought and not spent.
type purse struct {
	mu    sync.Mutex
	left  int
	until time.Time // before which there is nothing to buy
}

const (
	lotsASecond = 10
	burstLots   = 10 * lotsASecond
)

func newRates(l *limit.Limiter, perSecond int) rates {
	lot := max(1, perSecond/lotsASecond)
	return rates{limiter: l, lot: lot, mu: &sync.Mutex{}, purse: map[person.ID]*purse{},
		rule: limit.Rule{Name: "api", Burst: burstLots, Every: time.Second * time.Duration(lot) / time.Duration(perSecond)}}
}

func (r *rates) of(id person.ID) *purse {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.purse[id]
	if p == nil {
		p = &purse{}
		r.purse[id] = p
	}
	return p
}

// spend takes n requests, or is TooMany with the seconds to wait.
func (r *rates) spend(ctx context.Context, id person.ID, n int, now time.Time) error {
	p := r.of(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < n {
		if wait := p.until.Sub(now); wait > 0 {
			return errs.New(errs.TooMany, "error.toomany").With("seconds", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		}
		lots := (n - p.left + r.lot - 1) / r.lot
		spends := make([]limit.Spend, lots)
		for i := range spends {
			spends[i] = limit.Spend{Rule: r.rule, Key: binary.BigEndian.AppendUint64(nil, uint64(id))}
		}
		if err := r.limiter.Spend(ctx, spends...); err != nil {
			if seconds, e := strconv.Atoi(errs.As(err).Args["seconds"]); e == nil && errs.Is(err, errs.TooMany) {
				p.until = now.Add(time.Duration(seconds) * time.Second)
			}
			return err
		}
		p.left += lots * r.lot
	}
	p.left -= n
	return nil
}
