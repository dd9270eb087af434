package ledger

import (
	"context"
	"errors"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
)

// Indexed is an entry with its place in the log.
type Indexed struct {
	Index int64
	Entry
}

// indexStep is how many entries the index by subject lags behind at the most before a sorted batch takes them in: entries dirty one
// random page each, and sorted together they share pages.
const indexStep = 16384

// Entry gives the entry at a place.
func (l *Ledger) Entry(ctx context.Context, index int64) (Indexed, error) {
	salted, err := l.salted(ctx, index)
	if err != nil {
		return Indexed{}, err
	}
	e, err := decodeEntry(salted[saltBytes:])
	if err != nil {
		return Indexed{}, errs.Wrap(errs.Internal, "ledger.damaged", err)
	}
	return Indexed{index, e}, nil
}

func (l *Ledger) salted(ctx context.Context, index int64) ([]byte, error) {
	var out []byte
	err := leavesFrom(index, index+1, l.reads(ctx), func(_ int64, s []byte) error {
		out = slices.Clone(s)
		return nil
	})
	if err == nil && out == nil {
		err = errs.New(errs.NotFound, "ledger.noentry")
	}
	return out, err
}

// Filter keeps the entries for which it is true; nil keeps all.
type Filter func(*Entry) bool

// BySubject gives a subject's entries that stand before a place, newest first, at most limit that the filter keeps. more tells whether
// there are others.
func (l *Ledger) BySubject(ctx context.Context, subject person.ID, before int64, limit int, keep Filter) (out []Indexed, more bool, err error) {
	e, err := l.current(ctx)
	if err != nil {
		return nil, false, err
	}
	before = min(before, e.front.size)
	var tail []Indexed
	err = l.scan(ctx, e.indexed, before, func(x *Indexed) bool {
		if x.Subject == subject && (keep == nil || keep(&x.Entry)) {
			tail = append(tail, *x)
		}
		return true
	})
	if err != nil {
		return nil, false, err
	}
	slices.Reverse(tail)
	for cursor := min(before, e.indexed); len(tail) <= limit; {
		page, err := l.indexPage(ctx, "SELECT entry FROM ledger_by_subject WHERE subject = $1 AND entry < $2 ORDER BY entry DESC LIMIT $3",
			subject, cursor, limit+1)
		if err != nil {
			return nil, false, err
		}
		for _, index := range page {
			x, err := l.Entry(ctx, index)
			if err != nil {
				return nil, false, err
			}
			if keep == nil || keep(&x.Entry) {
				tail = append(tail, x)
			}
			cursor = index
		}
		if len(page) <= limit {
			break
		}
	}
	if len(tail) > limit {
		return tail[:limit], true, nil
	}
	return tail, false, nil
}

func (l *Ledger) indexPage(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := l.d.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var page []int64
	err = db.Each(rows, func(scan func(...any) error) error {
		var i int64
		err := scan(&i)
		page = append(page, i)
		return err
	})
	return page, err
}

// Latest gives the newest entries before a place that the filter keeps, looking through at most depth entries.
func (l *Ledger) Latest(ctx context.Context, before int64, limit, depth int, keep Filter) (out []Indexed, next int64, err error) {
	size, err := l.Size(ctx)
	if err != nil {
		return nil, 0, err
	}
	hi := min(before, size)
	const step = 1024
	for hi > 0 && len(out) < limit && depth > 0 {
		lo := max(0, hi-int64(min(step, depth)))
		var part []Indexed
		err := l.scan(ctx, lo, hi, func(x *Indexed) bool {
			if keep == nil || keep(&x.Entry) {
				part = append(part, *x)
			}
			return true
		})
		if err != nil {
			return nil, 0, err
		}
		slices.Reverse(part)
		out = append(out, part...)
		depth -= int(hi - lo)
		hi = lo
	}
	if len(out) > limit {
		out = out[:limit]
		hi = out[limit-1].Index
	}
	return out, hi, nil
}

// Refusals gives the newest refusals before a place.
func (l *Ledger) Refusals(ctx context.Context, before int64, limit int) (out []Indexed, more bool, err error) {
	e, err := l.current(ctx)
	if err != nil {
		return nil, false, err
	}
	err = l.scan(ctx, e.indexed, min(before, e.front.size), func(x *Indexed) bool {
		if x.Outcome == Refused {
			out = append(out, *x)
		}
		return true
	})
	if err != nil {
		return nil, false, err
	}
	slices.Reverse(out)
	page, err := l.indexPage(ctx, "SELECT entry FROM ledger_refusal WHERE entry < $1 ORDER BY entry DESC LIMIT $2", min(before, e.indexed), limit+1)
	if err != nil {
		return nil, false, err
	}
	for _, index := range page {
		if len(out) > limit {
			break
		}
		x, err := l.Entry(ctx, index)
		if err != nil {
			return nil, false, err
		}
		out = append(out, x)
	}
	if len(out) > limit {
		return out[:limit], true, nil
	}
	return out, false, nil
}

var errStop = errors.New("stop")

// scan walks the entries from lo to hi until each says false.
func (l *Ledger) scan(ctx context.Context, lo, hi int64, each func(*Indexed) bool) error {
	if lo >= hi {
		return nil
	}
	next := lo
	err := leavesFrom(lo, hi, l.reads(ctx), func(index int64, salted []byte) error {
		if index != next {
			return errTree
		}
		next++
		e, err := decodeEntry(salted[saltBytes:])
		if err != nil {
			return err
		}
		if !each(&Indexed{index, e}) {
			return errStop
		}
		return nil
	})
	if errors.Is(err, errStop) {
		return nil
	}
	if err == nil && next != hi {
		err = errTree
	}
	if err != nil && !errs.Is(err, errs.Unavailable) {
		return errs.Wrap(errs.Internal, "ledger.damaged", err)
	}
	return err
}

// Reindex lets the index by subject catch up. Without all, it leaves a tail shorter than indexStep alone.
func (l *Ledger) Reindex(ctx context.Context, all bool) error {
	if !l.indexing.CompareAndSwap(false, true) {
		return nil // somebody is at it
	}
	defer l.indexing.Store(false)
	for {
		e, err := l.current(ctx)
		if err != nil {
			return err
		}
		lo, hi := e.indexed, min(e.front.size, e.indexed+indexStep)
		if lo == hi || (!all && hi-lo < indexStep) {
			return nil
		}
		if err := l.indexRange(ctx, lo, hi); err != nil {
			return err
		}
	}
}

func (l *Ledger) indexRange(ctx context.Context, lo, hi int64) error {
	type row struct {
		subject person.ID
		entry   int64
	}
	list := make([]row, 0, hi-lo)
	var refused []any
	err := l.scan(ctx, lo, hi, func(x *Indexed) bool {
		if x.Subject != 0 {
			list = append(list, row{x.Subject, x.Index})
		}
		if x.Outcome == Refused {
			refused = append(refused, x.Index)
		}
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b row) int {
		if a.subject != b.subject {
			return int(min(1, max(-1, a.subject-b.subject)))
		}
		return int(a.entry - b.entry)
	})
	// Short writes, so that readers' commits come between; the mark moves with the last.
	const step = 512
	for part := range slices.Chunk(list, step) {
		args := make([]any, 0, 2*len(part))
		for _, r := range part {
			args = append(args, r.subject, r.entry)
		}
		err := l.d.Write(ctx, func(t *db.Tx) error {
			return t.InsertAll("INSERT INTO ledger_by_subject (subject, entry) VALUES ($1, $2) ON CONFLICT DO NOTHING", args)
		})
		if err != nil {
			return err
		}
	}
	err = l.d.Write(ctx, func(t *db.Tx) error {
		if err := t.InsertAll("INSERT INTO ledger_refusal (entry) VALUES ($1) ON CONFLICT DO NOTHING", refused); err != nil {
			return err
		}
		_, err := t.Exec("UPDATE ledger_head SET indexed = $1 WHERE id = 1 AND indexed < $1", hi)
		return err
	})
	return err
}
