// Package edition keeps the published editions of the policy (9.1, 9.2, 9.4). An edition is immutable by its hash: it is added, never
// changed, and what is recorded of its publication is kept in the same transaction; the one in force at a moment is the last whose day has
// come. Nobody decides by a list of editions that was read more than refreshEvery ago.
package edition

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/policy"
)

// Published is an edition with its place among the others.
type Published struct {
	Seq         int64 // 1, 2, 3 … in order of publication
	Hash        string
	PublishedAt time.Time
	*policy.Edition
}

// Store gives editions from memory and looks for new ones, which another process may have published, at most every refreshEvery.
type Store struct {
	d      *db.DB
	decode func(body []byte) (*policy.Edition, error)
	all    atomic.Pointer[[]*Published] // by Seq
	asked  atomic.Int64                 // when the database was last asked: Unix nanoseconds of its clock
	loadMu sync.Mutex
	asking flight
}

const refreshEvery = 2 * time.Second

// Open loads what is published.
func Open(ctx context.Context, d *db.DB) (*Store, error) {
	return OpenWith(ctx, d, policy.DecodeEdition)
}

// OpenWith is Open with another reader of stored editions: who opens the same one again and again need not read it each time.
func OpenWith(ctx context.Context, d *db.DB, decode func(body []byte) (*policy.Edition, error)) (*Store, error) {
	s := &Store{d: d, decode: decode}
	s.all.Store(&[]*Published{})
	return s, s.Refresh(ctx)
}

// Refresh loads what was published since.
func (s *Store) Refresh(ctx context.Context) error {
	s.loadMu.Lock()
	defer s.loadMu.Unlock()
	have, asked := *s.all.Load(), s.d.Now()
	rows, err := s.d.Query(ctx, "SELECT seq, hash, published_at, body FROM edition WHERE seq > $1 ORDER BY seq", int64(len(have)))
	if err != nil {
		return err
	}
	all := append(make([]*Published, 0, len(have)+1), have...)
	err = db.Each(rows, func(scan func(...any) error) error {
		p := &Published{}
		var at int64
		var body []byte
		if err := scan(&p.Seq, &p.Hash, &at, &body); err != nil {
			return err
		}
		e, err := s.decode(body)
		if err != nil {
			return err
		}
		if e.Hash() != p.Hash || p.Seq != int64(len(all)+1) {
			return errs.New(errs.Internal, "edition.damaged")
		}
		p.Edition, p.PublishedAt = e, db.Time(at)
		all = append(all, p)
		return nil
	})
	if err != nil {
		return err
	}
	s.all.Store(&all)
	s.asked.Store(asked.UnixNano())
	return nil
}

func (s *Store) stale() bool {
	age := s.d.Now().UnixNano() - s.asked.Load()
	return age > int64(refreshEvery) || age < 0
}

// fresh gives the editions as they were at most refreshEvery ago. Of any number of callers one asks the database; the others wait for it.
func (s *Store) fresh() ([]*Published, error) {
	err := s.asking.join(s.stale, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return s.Refresh(ctx)
	})
	if err != nil {
		return nil, err // an edition that can't be asked for might be the one that forbids
	}
	return *s.all.Load(), nil
}

// InForce is the edition that rules at a moment.
func (s *Store) InForce(now time.Time) (*Published, error) {
	all, err := s.fresh()
	if err != nil {
		return nil, err
	}
	var best *Published
	for _, p := range all {
		if !p.InForce.After(now) && (best == nil || !p.InForce.Before(best.InForce)) {
			best = p
		}
	}
	if best == nil {
		return nil, errs.New(errs.Unavailable, "edition.none")
	}
	return best, nil
}

// All lists every edition, newest first.
func (s *Store) All() ([]*Published, error) {
	all, err := s.fresh()
	if err != nil {
		return nil, err
	}
	out := make([]*Published, len(all))
	for i, p := range all {
		out[len(all)-1-i] = p
	}
	return out, nil
}

// BySeq gives an edition by its number.
func (s *Store) BySeq(seq int64) (*Published, error) {
	all, err := s.fresh()
	if err != nil {
		return nil, err
	}
	if seq < 1 || seq > int64(len(all)) {
		return nil, errs.New(errs.NotFound, "edition.unknown")
	}
	return all[seq-1], nil
}

// publishTries bounds how often a publication begins anew because another process published in between.
const publishTries = 3

// Publish adds an edition, and in the same transaction what enter records of it (9.1): both are kept or neither. The same text can't be
// published twice in a row: Conflict ("edition.same"), also where another process was first. enter may run again.
func (s *Store) Publish(ctx context.Context, e *policy.Edition, enter func(t *db.Tx, seq int64) error) (*Published, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	body, err := policy.EncodeEdition(e)
	if err != nil {
		return nil, err
	}
	for range publishTries {
		if err := s.Refresh(ctx); err != nil {
			return nil, err
		}
		known := *s.all.Load()
		if len(known) > 0 && undated(known[len(known)-1].Edition) == undated(e) {
			return nil, errs.New(errs.Conflict, "edition.same")
		}
		seq, added := int64(len(known)+1), false
		err := s.d.Write(ctx, func(t *db.Tx) error {
			n, err := t.Exec("INSERT INTO edition (seq, hash, in_force, published_at, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
				seq, e.Hash(), db.Micros(e.InForce), db.Micros(t.Now()), body)
			if added = n == 1; err != nil || !added {
				return err
			}
			return enter(t, seq)
		})
		if err != nil {
			return nil, err
		}
		if !added { // another process took the number
			continue
		}
		if err := s.Refresh(ctx); err != nil {
			return nil, err
		}
		return s.BySeq(seq)
	}
	return nil, errs.New(errs.Unavailable, "error.unavailable")
}

// undated names an edition's content whatever its day: the same words and rules put in force again are no new edition.
func undated(e *policy.Edition) string {
	same := *e
	same.InForce = time.Time{}
	return same.Hash()
}
