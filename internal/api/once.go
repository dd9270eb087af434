package api

import (
	"errors"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// A change whose commit fails may have happened (nobody can tell), so a system must be able to send it again without it happening twice:
// each carries an Idempotency-Key, and what was done under a key is told again for a day. Of the request only a keyed hash is kept, to
// know it by; of the answer the status, the subject and where the entry is.

const (
	keyHeader   = "Idempotency-Key"
	keptFor     = 24 * time.Hour
	maxKey      = 128 // bytes
	sweepAtOnce = 4   // rows past their day that go with each new one: more than come, and few enough to wait for
)

// ticket stands for one request of one system.
type ticket struct {
	system  person.ID
	key     []byte // keyed hash of the header
	request []byte // keyed hash of method, address and document
}

// done is a change that was carried out.
type done struct {
	request   []byte
	status    int
	subject   person.ID
	operation policy.Operation
	at        int64 // µs; the moment of its entry
	nth       int64 // among the changes of this system, to this subject, at that moment
}

// receipt is the answer to a change: whom it concerns and the place of its entry.
type receipt struct {
	Subject string `json:"subject"`
	Entry   int64  `json:"entry"`
}

var errDone = errors.New("done before")

func (c *call) ticket() (ticket, error) {
	keys := c.r.Header[keyHeader]
	if len(keys) != 1 || keys[0] == "" || len(keys[0]) > maxKey || strings.ContainsFunc(keys[0], func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ticket{}, malformed(keyHeader, "api.once.key")
	}
	const bytes = 16
	return ticket{system: c.system.ID, key: c.Keeper.Mac("api once key", []byte(keys[0]))[:bytes],
		request: c.Keeper.Mac("api once request", []byte(keys[0]), []byte(c.r.Method), []byte(c.r.URL.Path), c.body)[:bytes]}, nil
}

// once carries a change out, or tells what came of it when it was.
func (c *call) once(p keeper.Passage, status int, fn func(*keeper.Tx) error) error {
	mark, err := c.ticket()
	if err != nil {
		return err
	}
	if again, err := c.replay(mark); again || err != nil {
		return err
	}
	carry := c.Keeper.Change
	if p.Subject == 0 {
		carry = c.Keeper.Create
	}
	r, err := carry(c.ctx, p, func(t *keeper.Tx) error {
		if err := mark.claim(t, status, p.Operation); err != nil {
			return err
		}
		return fn(t)
	})
	if errors.Is(err, errDone) { // by another request, since we asked
		again, err := c.replay(mark)
		if err == nil && !again {
			err = errs.New(errs.Conflict, "api.once.busy")
		}
		return err
	}
	if err != nil {
		return err
	}
	return c.answer(status, receipt{Subject: r.Subject.String(), Entry: r.Entry})
}

// claim notes the change in its own transaction, so that both happen or neither.
func (m *ticket) claim(t *keeper.Tx, status int, op policy.Operation) error {
	now := db.Micros(t.Now())
	past := now - keptFor.Microseconds()
	if _, err := t.Exec(`DELETE FROM api_done WHERE system = $1 AND key IN
		(SELECT key FROM api_done WHERE system = $1 AND at <= $2 ORDER BY at LIMIT $3)`, m.system, past, sweepAtOnce); err != nil {
		return err
	}
	var nth int64
	if _, err := t.Get([]any{&nth}, "SELECT count(*) FROM api_done WHERE system = $1 AND at = $2 AND subject = $3 AND operation = $4",
		m.system, now, t.Subject(), int64(op)); err != nil {
		return err
	}
	n, err := t.Exec(`INSERT INTO api_done (system, key, request, status, subject, operation, at, nth) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (system, key) DO UPDATE SET request = $3, status = $4, subject = $5, operation = $6, at = $7, nth = $8 WHERE api_done.at <= $9`,
		m.system, m.key, m.request, status, t.Subject(), int64(op), now, nth, past)
	if err == nil && n == 0 {
		err = errDone
	}
	return err
}

// replay tells again what was done under a key.
func (c *call) replay(m ticket) (bool, error) {
	var was done
	var op int64
	found, err := c.DB.Get(c.ctx, []any{&was.request, &was.status, &was.subject, &op, &was.at, &was.nth},
		"SELECT request, status, subject, operation, at, nth FROM api_done WHERE system = $1 AND key = $2 AND at > $3",
		m.system, m.key, db.Micros(c.DB.Now().Add(-keptFor)))
	if err != nil || !found {
		return false, err
	}
	if string(was.request) != string(m.request) {
		return false, errs.InvalidFields([]errs.Field{{Name: keyHeader, Key: "api.once.reused"}})
	}
	was.operation = policy.Operation(op)
	entry, err := c.entryOf(&was)
	if err != nil {
		return false, err
	}
	c.w.Header().Set("Idempotency-Replayed", "true")
	return true, c.answer(was.status, receipt{Subject: was.subject.String(), Entry: entry})
}

// entryOf finds a change's entry. Its place in the log is given after the transaction that noted the change, so it is known by its moment.
func (c *call) entryOf(was *done) (int64, error) {
	const sameMoment = 1000 // changes of one system to one subject within one commit
	list, _, err := c.Ledger.BySubject(c.ctx, was.subject, 1<<62, sameMoment, func(e *ledger.Entry) bool {
		return e.Kind == ledger.BySystem && e.Actor == c.system.ID && e.Operation == was.operation && e.Outcome == ledger.Allowed &&
			db.Micros(e.At) == was.at
	})
	if err != nil {
		return 0, err
	}
	if int64(len(list)) <= was.nth {
		return 0, errs.New(errs.Internal, "error.internal")
	}
	return list[int64(len(list))-1-was.nth].Index, nil // newest first
}
