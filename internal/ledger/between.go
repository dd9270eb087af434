package ledger

import (
	"context"
	"sort"
	"time"
)

// skew is how far the clocks of servers that share a log may stand apart.
const skew = time.Minute

// Between walks the entries made in a stretch of time, both ends within it, in the order of the log, until each says false.
func (l *Ledger) Between(ctx context.Context, from, until time.Time, each func(*Indexed) bool) error {
	size, err := l.Size(ctx)
	if err != nil {
		return err
	}
	var failed error
	start := sort.Search(int(size), func(i int) bool {
		if failed != nil {
			return true
		}
		x, err := l.Entry(ctx, int64(i))
		failed = err
		return err != nil || !x.At.Before(from.Add(-skew))
	})
	if failed != nil {
		return failed
	}
	return l.scan(ctx, int64(start), size, func(x *Indexed) bool {
		switch {
		case x.At.After(until.Add(skew)):
			return false
		case x.At.Before(from), x.At.After(until):
			return true
		}
		return each(x)
	})
}
