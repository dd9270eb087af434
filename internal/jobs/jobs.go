// Package jobs runs work that was queued in the transaction that causes it: a letter goes out if, and only if, what it tells of was
// committed.
//
// It guarantees: a job whose enqueuing was committed runs at least once, also after a crash, on one of the servers that share the
// database; a handler that fails or panics is tried again after growing waits, and after maxTries the job is kept, marked as failed, for
// the operators to see; no job stands in another's way. A handler MAY RUN TWICE, also at the same time as itself where a server hangs
// beyond its lease: it must look at the state before it acts.
//
// A payload names things by their ids and holds no personal value and no token: a handler reads what it needs when it runs, through the
// door, so that a restriction or an erasure that came in between holds. What is stored of an error is its kind and message key.
package jobs

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

const (
	maxTries = 12              // with the waits below, a day and a half
	maxWait  = 6 * time.Hour   // between two tries
	lease    = 5 * time.Minute // after it the job of a server that died is due again
	runTime  = 4 * time.Minute // what a handler has; less than the lease, so that it ends before another begins
	workers  = 4               // jobs that run at a time in one process
	maxBytes = 4 << 10         // of a payload
)

// wait is the time before the next try: 10 s, 30 s, 90 s … up to maxWait.
func wait(tries int) time.Duration {
	w := 10 * time.Second
	for ; tries > 1 && w < maxWait; tries-- {
		w *= 3
	}
	return min(w, maxWait)
}

// final tells whether trying again can't help: the thing is gone, or the rules forbid it. Another try at a refused passage would only be
// another refusal in the log.
func final(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Forbidden, errs.NotFound, errs.Gone, errs.TooLarge:
		return true
	}
	return false
}

type handler struct {
	fn    func(ctx context.Context, payload []byte) error
	every time.Duration // 0: not periodic
}

// Queue hands out the jobs of a database. It is safe for concurrent use once its handlers are set.
type Queue struct {
	d        *db.DB
	log      *slog.Logger
	handlers map[string]handler
	wake     chan struct{}
	lastID   atomic.Int64
	poll     time.Duration // until work queued by another process is noticed
	grace    time.Duration // how long Run lets handlers finish
}

// New makes a queue.
func New(d *db.DB, log *slog.Logger) *Queue {
	return &Queue{d: d, log: log, handlers: map[string]handler{}, wake: make(chan struct{}, 1), poll: 5 * time.Second, grace: 20 * time.Second}
}

// Handle sets what runs for a kind. Call it before Run. The handler may run twice for one job. Its context ends after four minutes and
// at a stop. An error of kind Invalid, Forbidden, NotFound, Gone or TooLarge ends the job as failed at once; any other is tried again.
func (q *Queue) Handle(kind string, fn func(ctx context.Context, payload []byte) error) {
	q.add(kind, handler{fn: fn})
}

// Every sets what runs periodically, by one process at a time: at the first start of an installation at once, then so long after each
// success. Call it before Run. It is never given up; after a failure it is tried again after the waits of other jobs, if they are shorter.
func (q *Queue) Every(kind string, every time.Duration, fn func(ctx context.Context) error) {
	q.add(kind, handler{every: every, fn: func(ctx context.Context, _ []byte) error { return fn(ctx) }})
}

func (q *Queue) add(kind string, h handler) {
	if _, twice := q.handlers[kind]; twice {
		panic("jobs: two handlers for " + kind) // a fault of the wiring, met by every start
	}
	q.handlers[kind] = h
}

// Enqueue queues work with the change that t makes, to run at a moment or, if that is past, as soon as the change is committed. payload
// becomes JSON. There need not be a handler in this process.
func (q *Queue) Enqueue(t *db.Tx, kind string, payload any, runAt time.Time) error {
	body, err := json.Marshal(payload)
	if err == nil && len(body) > maxBytes {
		err = fmt.Errorf("jobs: a payload of %d bytes for %s", len(body), kind)
	}
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	for range newIDTries {
		n, err := t.Exec(`INSERT INTO job (id, kind, payload, run_at, tries, reason, failed_at) VALUES ($1, $2, $3, $4, 0, '', 0)
			ON CONFLICT DO NOTHING`, q.newID(t.Now()), kind, body, db.Micros(runAt))
		if err != nil {
			return err
		}
		if n == 1 {
			q.stir()
			return nil
		}
	}
	return errs.Wrap(errs.Internal, "error.internal", errors.New("jobs: no free id"))
}

// stir wakes the workers of this process, before the commit: what they do first is to write, and the one committer of the process takes
// that up only after the batch in which the work was queued.
func (q *Queue) stir() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

const newIDTries = 4

// newID gives ids that ascend within a process, so that jobs queued for one moment run in order. Milliseconds and 21 random bits keep
// processes apart; the key of the table settles the rest.
func (q *Queue) newID(now time.Time) int64 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	fresh := now.UnixMilli()<<21 | int64(binary.BigEndian.Uint32(b[:])>>11)
	for {
		last := q.lastID.Load()
		id := max(fresh, last+1)
		if q.lastID.CompareAndSwap(last, id) {
			return id
		}
	}
}

// periodicID is the one row of a periodic kind: negative, so that it can't meet another job's.
func periodicID(kind string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind)) // a hash.Hash never fails
	return -1 - int64(h.Sum64()&math.MaxInt64)
}

// plant puts the periodic jobs' rows into the table. A shorter period than before counts from now.
func (q *Queue) plant(ctx context.Context) error {
	return q.d.Write(ctx, func(t *db.Tx) error {
		for kind, h := range q.handlers {
			if h.every == 0 {
				continue
			}
			if _, err := t.Exec(`INSERT INTO job (id, kind, payload, run_at, tries, reason, failed_at) VALUES ($1, $2, $3, $4, 0, '', 0)
				ON CONFLICT DO NOTHING`, periodicID(kind), kind, []byte{}, db.Micros(t.Now())); err != nil {
				return err
			}
			// Never under a lease, which is a later moment too.
			latest := db.Micros(t.Now().Add(max(h.every, lease)))
			if _, err := t.Exec("UPDATE job SET run_at = $1 WHERE id = $2 AND run_at > $1", latest, periodicID(kind)); err != nil {
				return err
			}
		}
		return nil
	})
}

// job is one that this process has leased.
type job struct {
	id      int64
	kind    string
	payload []byte
	tries   int   // with this one
	lease   int64 // run_at as leased: if it is another, the job is no longer ours
}

func (j *job) periodic() bool { return j.id < 0 }

// claim leases up to n due jobs: their run_at moves to the lease's end, so that those of a server that dies become due by themselves.
// The conditions stand twice because on PostgreSQL another process may have leased a row between the inner look and the outer lock.
func (q *Queue) claim(ctx context.Context, n int) ([]job, error) {
	var out []job
	err := q.d.Write(ctx, func(t *db.Tx) error {
		out = nil
		now := db.Micros(t.Now())
		until := now + lease.Microseconds()
		rows, err := t.Query(`UPDATE job SET run_at = $1, tries = tries + 1 WHERE id IN
			(SELECT id FROM job WHERE failed_at = 0 AND run_at <= $2 ORDER BY run_at, id LIMIT $3)
			AND failed_at = 0 AND run_at <= $2 RETURNING id, kind, payload, tries`, until, now, n)
		if err != nil {
			return err
		}
		return db.Each(rows, func(scan func(...any) error) error {
			j := job{lease: until}
			if err := scan(&j.id, &j.kind, &j.payload, &j.tries); err != nil {
				return err
			}
			out = append(out, j)
			return nil
		})
	})
	return out, err
}

// next is when the earliest job will be due; false if there is none.
func (q *Queue) next(ctx context.Context) (time.Time, bool, error) {
	var at int64
	found, err := q.d.Get(ctx, []any{&at}, "SELECT run_at FROM job WHERE failed_at = 0 ORDER BY run_at LIMIT 1")
	return db.Time(at), found, err
}

// settle writes what became of a job, unless its lease ran out and another has it.
func (q *Queue) settle(ctx context.Context, j *job, outcome error, stopped bool) error {
	h := q.handlers[j.kind]
	now := q.d.Now()
	later := func(d time.Duration) int64 { return db.Micros(now.Add(d)) }
	return q.d.Write(ctx, func(t *db.Tx) error {
		var err error
		switch {
		case outcome == nil && j.periodic():
			_, err = t.Exec("UPDATE job SET run_at = $1, tries = 0, reason = '' WHERE id = $2 AND run_at = $3", later(h.every), j.id, j.lease)
		case outcome == nil:
			_, err = t.Exec("DELETE FROM job WHERE id = $1 AND run_at = $2", j.id, j.lease)
		case stopped: // not the job's fault
			_, err = t.Exec("UPDATE job SET run_at = $1, tries = $2 WHERE id = $3 AND run_at = $4", later(0), j.tries-1, j.id, j.lease)
		case !j.periodic() && (final(outcome) || j.tries >= maxTries):
			_, err = t.Exec("UPDATE job SET failed_at = $1, reason = $2 WHERE id = $3 AND run_at = $4", later(0), reason(outcome), j.id, j.lease)
		default:
			w := wait(j.tries)
			if j.periodic() && h.every > 0 {
				w = min(w, h.every)
			}
			_, err = t.Exec("UPDATE job SET run_at = $1, reason = $2 WHERE id = $3 AND run_at = $4", later(w), reason(outcome), j.id, j.lease)
		}
		return err
	})
}

// reason is what is kept of an error: its message key and, as a query, the arguments of the message, which are never personal.
func reason(err error) string {
	e := errs.As(err)
	if len(e.Args) == 0 {
		return e.Key
	}
	args := url.Values{}
	for name, value := range e.Args {
		args.Set(name, value)
	}
	return e.Key + "?" + args.Encode()
}

// readReason takes apart what reason made.
func readReason(kept string) (key string, args map[string]string, err error) {
	key, query, found := strings.Cut(kept, "?")
	if !found {
		return key, nil, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", nil, errs.Wrap(errs.Internal, "error.internal", err)
	}
	args = make(map[string]string, len(values))
	for name := range values {
		args[name] = values.Get(name)
	}
	return key, args, nil
}

// Failure is a job that was given up, or a periodic one that goes on failing.
type Failure struct {
	ID     int64
	Kind   string
	Tries  int
	Reason string            // message key of the last error; the log has the rest
	Args   map[string]string // of that message, such as a mail server's code
	At     time.Time         // when it was given up; zero for a periodic one, which is not
}

// failing is from how many tries on a periodic job is shown to the operators.
const failing = 5

// maxFailures bounds what is shown.
const maxFailures = 200

// Failed lists, for operators, what needs them; the latest first, at most maxFailures.
func (q *Queue) Failed(ctx context.Context) ([]Failure, error) {
	rows, err := q.d.Query(ctx, `SELECT id, kind, tries, reason, failed_at FROM job WHERE failed_at > 0 OR (id < 0 AND tries >= $1)
		ORDER BY failed_at DESC, id DESC LIMIT $2`, failing, maxFailures)
	if err != nil {
		return nil, err
	}
	var out []Failure
	err = db.Each(rows, func(scan func(...any) error) error {
		var f Failure
		var at int64
		var kept string
		if err := scan(&f.ID, &f.Kind, &f.Tries, &kept, &at); err != nil {
			return err
		}
		var err error
		if f.Reason, f.Args, err = readReason(kept); err != nil {
			return err
		}
		if at > 0 {
			f.At = db.Time(at)
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

// Retry makes a job that was given up due again, with all its tries. It is NotFound if there is no such job.
func (q *Queue) Retry(ctx context.Context, id int64) error {
	return q.d.Write(ctx, func(t *db.Tx) error {
		n, err := t.Exec("UPDATE job SET failed_at = 0, tries = 0, run_at = $1 WHERE id = $2 AND failed_at > 0", db.Micros(t.Now()), id)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "error.notfound")
		}
		if err == nil {
			q.stir()
		}
		return err
	})
}
