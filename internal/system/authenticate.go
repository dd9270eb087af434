package system

import (
	"context"
	"crypto/sha256"
	"sync/atomic"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

const (
	knownFor  = time.Second // how long another process's revocation may stay unseen
	knownKept = 1024        // bounds the memory; forgetting means one more look-up
)

// tokenDigest stands for a token in memory, so that a picture of the memory shows none.
type tokenDigest [sha256.Size]byte

// known is what a look-up found.
type known struct {
	System
	asked   time.Time
	lastDay atomic.Int64
}

const day = 24 * time.Hour

func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

// Authenticate tells whose token it is. Errors: Unauthenticated for one that is damaged, unknown, revoked or expired; Unavailable where
// that can't be asked for.
func (r *Registry) Authenticate(ctx context.Context, token string) (System, error) {
	random, err := parseToken(token)
	if err != nil {
		return System{}, err
	}
	now := r.d.Now()
	digest := tokenDigest(sha256.Sum256([]byte(token)))
	r.mu.RLock()
	k, generation := r.known[digest], r.generation
	r.mu.RUnlock()
	if k == nil || now.Sub(k.asked) >= knownFor || now.Before(k.asked) {
		row, found, err := byToken(ctx, r.d, r.hash(random))
		if err != nil {
			return System{}, err
		}
		if !found {
			return System{}, errs.New(errs.Unauthenticated, "api.token.unknown")
		}
		k = &known{System: row.system(), asked: now}
		k.lastDay.Store(row.lastUsed)
		r.remember(digest, k, generation)
	}
	if !k.RevokedAt.IsZero() {
		return System{}, errs.New(errs.Unauthenticated, "api.token.revoked")
	}
	if !now.Before(k.ExpiresAt) {
		return System{}, errs.New(errs.Unauthenticated, "api.token.expired")
	}
	if today := dayOf(now); k.lastDay.Load() < today {
		if err := r.d.Write(ctx, func(t *db.Tx) error { return used(t, k.ID, today) }); err != nil {
			return System{}, err
		}
		k.lastDay.Store(today)
	}
	return k.System, nil
}

// remember keeps what a look-up found, unless a token ended while it was under way: then it may be older than that.
func (r *Registry) remember(digest tokenDigest, k *known, generation uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if generation != r.generation {
		return
	}
	if len(r.known) >= knownKept {
		clear(r.known)
	}
	r.known[digest] = k
}

func (r *Registry) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.generation++
	clear(r.known)
}

// hash is what is stored of a token. The key keeps whoever can write to the database from making a token of their own.
func (r *Registry) hash(random []byte) []byte { return r.k.Mac("system token", random) }
