// Package limit counts attempts: at sign-in, at registration, at the guessing of codes (5.4, access and blocking by third parties).
//
// It guarantees: what is spent on a key is spent on every server of the installation; several limits are spent together or not at all;
// two attempts at once never pass on one place; nobody is told more than how long to wait; no address and no e-mail is stored, only keyed
// hashes. Where the database fails, the attempt fails: a limit never opens by itself.
//
// Each key has one number, the "theoretical arrival time" of the generic cell rate algorithm (ITU-T I.371, Annex A): the moment at which
// everything spent will have come back. A key that was never used and one whose moment has passed are the same.
package limit

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

// Rule allows Burst attempts at once, then one per Every. Rules of different names count apart.
type Rule struct {
	Name  string
	Burst int
	Every time.Duration
}

// Spend is one attempt against a rule. Key tells who or what is counted: an account, a network, an address that was typed.
// Callers give its canonical form (person.Canonical), so that every spelling hits one counter.
type Spend struct {
	Rule Rule
	Key  []byte
}

// Limiter counts in a database. It is safe for concurrent use.
type Limiter struct {
	d   *db.DB
	mac func(label string, parts ...[]byte) []byte
}

// New makes a limiter; mac is a keyed hash with separate labels, such as keeper.Mac.
func New(d *db.DB, mac func(label string, parts ...[]byte) []byte) *Limiter {
	return &Limiter{d: d, mac: mac}
}

// Spend takes all that is asked, in one transaction, or nothing. If one of the limits is reached the error is of kind TooMany and its
// argument "seconds" is the whole number of seconds after which all of them would let one more attempt pass.
func (l *Limiter) Spend(ctx context.Context, spends ...Spend) error {
	charges, err := l.charges(spends)
	if err != nil {
		return err
	}
	return l.d.Write(ctx, func(t *db.Tx) error {
		now := db.Micros(t.Now())
		if err := check(t.Get, charges, now); err != nil {
			return err
		}
		for _, c := range charges {
			// Checked again by the statement itself: another process may have spent since.
			n, err := t.Exec(`INSERT INTO limit_bucket (key, tat) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE
				SET tat = CASE WHEN limit_bucket.tat > $3 THEN limit_bucket.tat ELSE $3 END + $4
				WHERE limit_bucket.tat <= $5`, c.key, now+c.cost, now, c.cost, now+c.room)
			if err != nil {
				return err
			}
			if n == 0 {
				return tooMany(c.cost)
			}
		}
		return nil
	})
}

// Check is Spend without spending.
func (l *Limiter) Check(ctx context.Context, spends ...Spend) error {
	charges, err := l.charges(spends)
	if err != nil {
		return err
	}
	get := func(dest []any, query string, args ...any) (bool, error) { return l.d.Get(ctx, dest, query, args...) }
	return check(get, charges, db.Micros(l.d.Now()))
}

// Reset forgets what was spent, as after a success.
func (l *Limiter) Reset(ctx context.Context, spends ...Spend) error {
	charges, err := l.charges(spends)
	if err != nil {
		return err
	}
	return l.d.Write(ctx, func(t *db.Tx) error {
		for _, c := range charges {
			if _, err := t.Exec("DELETE FROM limit_bucket WHERE key = $1", c.key); err != nil {
				return err
			}
		}
		return nil
	})
}

// charge is what one key is to pay, in microseconds.
type charge struct {
	key  []byte
	cost int64 // by how much the arrival time moves
	room int64 // how far ahead of now it may lie before that
}

var (
	errRule = errors.New("limit: a rule needs a name, a burst of 1 or more and a time")
	errMuch = errors.New("limit: more is asked at once than the rule ever allows")
)

// charges puts spends on one key together and orders them by key, so that two processes lock rows in the same order.
func (l *Limiter) charges(spends []Spend) ([]charge, error) {
	var out []charge
	for _, s := range spends {
		every := s.Rule.Every.Microseconds()
		if s.Rule.Name == "" || s.Rule.Burst < 1 || every < 1 {
			return nil, errs.Wrap(errs.Internal, "error.internal", errRule)
		}
		key := l.mac("limit", []byte(s.Rule.Name), s.Key)
		i := slices.IndexFunc(out, func(c charge) bool { return bytes.Equal(c.key, key) })
		if i < 0 {
			i = len(out)
			out = append(out, charge{key: key, room: int64(s.Rule.Burst) * every})
		}
		out[i].cost += every
		if out[i].room -= every; out[i].room < 0 {
			return nil, errs.Wrap(errs.Internal, "error.internal", errMuch)
		}
	}
	slices.SortFunc(out, func(a, b charge) int { return bytes.Compare(a.key, b.key) })
	return out, nil
}

func check(get func([]any, string, ...any) (bool, error), charges []charge, now int64) error {
	wait := int64(0)
	for _, c := range charges {
		var tat int64
		if _, err := get([]any{&tat}, "SELECT tat FROM limit_bucket WHERE key = $1", c.key); err != nil {
			return err
		}
		wait = max(wait, tat-now-c.room)
	}
	if wait > 0 {
		return tooMany(wait)
	}
	return nil
}

func tooMany(wait int64) error {
	seconds := (wait + 999_999) / 1_000_000
	return errs.New(errs.TooMany, "error.toomany").With("seconds", strconv.FormatInt(seconds, 10))
}

const (
	ipv4Network = 24 // what one household or office commonly has; a provider's customers share it, so bursts are generous
	ipv6Network = 64 // the smallest network that a customer is given
)

// Network is the key of a visitor's network: the first 24 bits of an IPv4 address, also of one written as IPv6, the first 64 of an IPv6
// address. All addresses that can't be read are one network.
func Network(addr netip.Addr) []byte {
	addr = addr.Unmap().WithZone("")
	bits := ipv6Network
	if addr.Is4() {
		bits = ipv4Network
	}
	p, _ := addr.Prefix(bits) // fails only for more bits than the address has; the zero Addr gives the zero Prefix
	return []byte(p.String())
}

const (
	sweepStep = 500
	// A bucket is worth nothing once its time is past; the clocks of several servers may differ by less than this.
	sweepAfter = time.Hour
)

// Sweep drops the buckets that came back to full an hour before now or earlier, a bounded number in each transaction.
func (l *Limiter) Sweep(ctx context.Context, now time.Time) error {
	past := db.Micros(now.Add(-sweepAfter))
	for after := []byte{}; ; {
		last, stale, n := after, 0, 0
		rows, err := l.d.Query(ctx, "SELECT key, tat FROM limit_bucket WHERE key > $1 ORDER BY key LIMIT $2", after, sweepStep)
		if err != nil {
			return err
		}
		err = db.Each(rows, func(scan func(...any) error) error {
			var key []byte
			var tat int64
			if err := scan(&key, &tat); err != nil {
				return err
			}
			last = key
			n++
			if tat < past {
				stale++
			}
			return nil
		})
		if err != nil {
			return err
		}
		if stale > 0 {
			err := l.d.Write(ctx, func(t *db.Tx) error {
				_, err := t.Exec("DELETE FROM limit_bucket WHERE key > $1 AND key <= $2 AND tat < $3", after, last, past)
				return err
			})
			if err != nil {
				return err
			}
		}
		if n < sweepStep {
			return nil
		}
		after = last
	}
}
