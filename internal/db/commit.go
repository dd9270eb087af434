package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/errs"
)

// Tx is one caller's share of a batch: a savepoint of the batch's transaction.
type Tx struct {
	ctx   context.Context
	w     *writer
	now   time.Time
	notes []Note
}

// Context is the batch's context.
func (t *Tx) Context() context.Context { return t.ctx }

// Now is the same moment for everything in a batch.
func (t *Tx) Now() time.Time { return t.now }

// Note hands n to the hook if this call succeeds.
func (t *Tx) Note(n Note) { t.notes = append(t.notes, n) }

// Exec runs a constant statement and gives the number of rows that it changed.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	res, err := t.w.exec(t.ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("%w [%s]", err, query)
	}
	return res.RowsAffected()
}

// InsertAll runs an INSERT of one row, "… VALUES ($1, $2) …", for many rows with few statements. args are the rows one behind the other.
func (t *Tx) InsertAll(query string, args []any) error {
	head, rest, _ := strings.Cut(query, " VALUES (")
	row, tail, ok := strings.Cut(rest, ")")
	width := strings.Count(row, "$")
	if !ok || width == 0 || len(args)%width != 0 {
		return fmt.Errorf("db: not an INSERT of rows of %d [%s]", width, query)
	}
	for _, together := range [...]int{128, 16, 1} { // few different texts: each is prepared once
		for ; len(args) >= together*width; args = args[together*width:] {
			text := append(make([]byte, 0, len(query)+together*width*7), head...)
			for n := range together * width {
				switch {
				case n == 0:
					text = append(text, " VALUES ($"...)
				case n%width == 0:
					text = append(text, "), ($"...)
				default:
					text = append(text, ", $"...)
				}
				text = strconv.AppendInt(text, int64(n+1), 10)
			}
			text = append(append(text, ')'), tail...)
			if _, err := t.Exec(string(text), args[:together*width]...); err != nil {
				return err
			}
		}
	}
	return nil
}

// Query reads what this transaction sees.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.w.query(t.ctx, query, args...)
}

// Get reads one row into dest and tells whether there was one.
func (t *Tx) Get(dest []any, query string, args ...any) (bool, error) {
	rows, err := t.Query(query, args...)
	if err != nil {
		return false, err
	}
	return one(rows, dest)
}

// ForUpdate is the suffix that locks the rows of a SELECT where writers run side by side.
func (d *DB) ForUpdate() string {
	if d.Dialect == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// OneOf is what follows a column that is to be one of the numbers or texts which a parameter ("$1") lists: one query for many rows. Numbers or Texts
// makes the parameter.
func (d *DB) OneOf(parameter string) string {
	if d.Dialect == Postgres {
		return "= ANY(" + parameter + ")"
	}
	return "IN (SELECT value FROM json_each(" + parameter + "))"
}

// Texts is Numbers for texts.
func Texts(d *DB, list []string) (any, error) {
	if d.Dialect == Postgres {
		return list, nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, errs.Wrap(errs.Internal, "error.internal", err)
	}
	return string(text), nil
}

// Numbers is the parameter of OneOf.
func Numbers[N ~int64](d *DB, list []N) any {
	if d.Dialect == Postgres {
		numbers := make([]int64, len(list))
		for i, n := range list {
			numbers[i] = int64(n)
		}
		return numbers
	}
	text := append(make([]byte, 0, 20*len(list)+2), '[')
	for i, n := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, int64(n), 10)
	}
	return string(append(text, ']'))
}

type call struct {
	ctx   context.Context
	fn    func(*Tx) error
	notes []Note
	err   error
	done  chan struct{}
}

// Write runs fn in the next batch and returns once it is on disk, or was rolled back. fn may run again if another transaction stood in
// its way; it must not keep t, nor wait for anything but the database.
func (d *DB) Write(ctx context.Context, fn func(t *Tx) error) error {
	return d.submit(ctx, &call{ctx: ctx, fn: fn, done: make(chan struct{})})
}

// Commit makes notes durable with the next batch.
func (d *DB) Commit(ctx context.Context, notes ...Note) error {
	return d.submit(ctx, &call{ctx: ctx, notes: notes, done: make(chan struct{})})
}

var errStopped = errs.New(errs.Unavailable, "error.unavailable")

func (d *DB) submit(ctx context.Context, c *call) error {
	select {
	case <-d.stop:
		return errStopped
	default:
	}
	select {
	case d.queue <- c:
	default:
		return errs.New(errs.Unavailable, "error.unavailable")
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return classify(ctx.Err())
	case <-d.stopped:
		return errStopped
	}
}

func (d *DB) commitLoop() {
	defer close(d.stopped)
	batch := make([]*call, 0, maxBatch)
	for {
		batch = batch[:0]
		select {
		case c := <-d.queue:
			batch = append(batch, c)
		case <-d.stop:
			if len(d.queue) == 0 {
				return
			}
			continue
		}
		runtime.Gosched() // lets those just released come back into this batch
		for len(batch) < maxBatch {
			select {
			case c := <-d.queue:
				batch = append(batch, c)
				continue
			default:
			}
			break
		}
		d.run(batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

// run commits a batch; on return every call of it has its error.
func (d *DB) run(batch []*call) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
	defer cancel()
	for try := 1; ; try++ {
		err := d.attempt(ctx, batch)
		if err == nil {
			d.batches.Add(1)
			d.calls.Add(int64(len(batch)))
			return
		}
		if retryable(err) && try < retriesOfABatch {
			continue
		}
		err = classify(err)
		for _, c := range batch {
			c.err = err
		}
		return
	}
}

func (d *DB) attempt(ctx context.Context, batch []*call) (err error) {
	w, err := d.writer(ctx)
	if err != nil {
		return err
	}
	done := func(bool) {}
	defer func() {
		if p := recover(); p != nil {
			err = errs.Wrap(errs.Internal, "error.internal", fmt.Errorf("panic in a batch: %v\n%s", p, debug.Stack()))
		}
		if err != nil {
			// The connection goes, and with it the transaction: nobody can tell what state an error left it in.
			d.dropWriter()
			done(false)
		}
	}()
	if _, err := w.exec(ctx, w.begin); err != nil {
		return err
	}
	now := d.Now()
	notes := make([]Note, 0, len(batch))
	for _, c := range batch {
		if c.err = classify(c.ctx.Err()); c.err != nil {
			continue
		}
		if c.fn != nil {
			t := &Tx{ctx: ctx, w: w, now: now}
			fatal, err := savepoint(t, c.fn)
			if fatal {
				return err
			}
			if c.err = err; err != nil {
				continue
			}
			notes = append(notes, t.notes...)
		}
		notes = append(notes, c.notes...)
	}
	if len(notes) > 0 && d.hook != nil {
		after, err := d.hook(ctx, &Tx{ctx: ctx, w: w, now: now}, notes)
		if after != nil {
			done = after
		}
		if err != nil {
			return err
		}
	}
	if _, err := w.exec(ctx, "COMMIT"); err != nil {
		return err
	}
	done(true)
	return nil
}

// savepoint runs fn so that its failure leaves no trace in the batch. It is fatal where the whole transaction can't go on.
func savepoint(t *Tx, fn func(*Tx) error) (fatal bool, err error) {
	if _, err := t.w.exec(t.ctx, "SAVEPOINT call"); err != nil {
		return true, err
	}
	if err = guarded(t, fn); err == nil {
		_, err = t.w.exec(t.ctx, "RELEASE SAVEPOINT call")
		return err != nil, err
	}
	if retryable(err) {
		return true, err
	}
	if _, e := t.w.exec(t.ctx, "ROLLBACK TO SAVEPOINT call"); e != nil {
		return true, errors.Join(err, e) // the database ended the transaction itself: disk full, connection lost
	}
	if _, e := t.w.exec(t.ctx, "RELEASE SAVEPOINT call"); e != nil {
		return true, errors.Join(err, e)
	}
	return false, classify(err)
}

func guarded(t *Tx, fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errs.Wrap(errs.Internal, "error.internal", fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack()))
		}
	}()
	return fn(t)
}

// writer is the committer's own connection with its prepared statements.
type writer struct {
	conn  *sql.Conn
	begin string
	stmts map[string]*sql.Stmt // nil where the driver keeps its own
}

func (d *DB) writer(ctx context.Context) (*writer, error) {
	if d.w != nil {
		return d.w, nil
	}
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	d.w = &writer{conn: conn, begin: "BEGIN"}
	if d.Dialect == SQLite {
		d.w.begin = "BEGIN IMMEDIATE"
		d.w.stmts = map[string]*sql.Stmt{}
	}
	return d.w, nil
}

// dropWriter rolls back and closes the connection for good, so that no open transaction returns to the pool. None of its errors tells
// more than the one that led here: a connection that can't roll back is closed, and closing rolls back.
func (d *DB) dropWriter() {
	if d.w == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = d.w.conn.ExecContext(ctx, "ROLLBACK")
	for _, s := range d.w.stmts {
		_ = s.Close()
	}
	_ = d.w.conn.Raw(func(any) error { return driver.ErrBadConn }) // ErrBadConn is what makes the pool discard it
	d.w = nil
}

func (w *writer) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err == nil {
		w.stmts[query] = s
	}
	return s, err
}

func (w *writer) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if w.stmts == nil {
		return w.conn.ExecContext(ctx, query, args...)
	}
	s, err := w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (w *writer) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if w.stmts == nil {
		return w.conn.QueryContext(ctx, query, args...)
	}
	s, err := w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}
