// Package db is the one way to the database, SQLite or PostgreSQL, under one SQL text.
//
// It guarantees: an answer to a write means that it is on disk; every write goes through one committer, which gathers what waits
// and commits it once (many callers, one fsync), each caller behind a savepoint of its own, so that one failure does not touch
// the others; what a package noted during a batch is handed to it before the commit, so that it lands in the same transaction.
// A write that fails with kind Unavailable may or may not have happened; nothing else may be assumed of it.
//
// SQL: placeholders $1…$n whose first appearances ascend, integer microseconds UTC for time, no dialect functions.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"ustaz/internal/errs"
)

// Dialect tells the databases apart where they must differ.
type Dialect uint8

const (
	SQLite Dialect = iota
	Postgres
)

func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

const (
	maxBatch        = 512              // calls in one commit
	queueLength     = 4096             // calls that may wait; more are refused at once
	batchTimeout    = 15 * time.Second // bounds a commit on a hanging disk or network
	postgresPool    = 16               // more connections make PostgreSQL slower
	sqliteReaders   = 4
	retriesOfABatch = 3
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	Dialect Dialect
	read    *sql.DB
	write   *sql.DB
	now     func() time.Time
	hook    Hook
	w       *writer // the committer's
	queue   chan *call
	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once
	stmts   sync.Map // constant SQL text → *sql.Stmt for reading (SQLite; pgx keeps its own)
	batches atomic.Int64
	calls   atomic.Int64
}

// A Note is handed to the hook of the batch whose transaction it belongs to.
type Note interface{ CommitNote() }

// A Hook runs at the end of a batch that has notes, inside its transaction. What it returns runs once the outcome is known.
type Hook func(ctx context.Context, tx *Tx, notes []Note) (done func(committed bool), err error)

// Open opens the database at a URL: "sqlite:PATH" (made if absent) or "postgres://…", brings its schema up to date and starts the committer.
func Open(ctx context.Context, rawURL string, now func() time.Time) (*DB, error) {
	d := &DB{now: now, queue: make(chan *call, queueLength), stop: make(chan struct{}), stopped: make(chan struct{})}
	var err error
	switch {
	case strings.HasPrefix(rawURL, "sqlite:"):
		err = d.openSQLite(strings.TrimPrefix(rawURL, "sqlite:"))
	case strings.HasPrefix(rawURL, "postgres://"), strings.HasPrefix(rawURL, "postgresql://"):
		err = d.openPostgres(rawURL)
	default:
		return nil, errs.New(errs.Invalid, "db.url")
	}
	if err == nil {
		err = d.migrate(ctx)
	}
	if err != nil {
		d.closePools()
		return nil, classify(err)
	}
	go d.commitLoop()
	return d, nil
}

func (d *DB) openSQLite(path string) error {
	d.Dialect = SQLite
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	// Made here so that nobody else can read it: SQLite itself would follow the umask.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil && !errors.Is(err, os.ErrPermission) {
		return err
	}
	if f != nil {
		if err := f.Close(); err != nil {
			return err
		}
	}
	// In the DSN every pooled connection gets the pragmas; by Exec only one would.
	pragmas := url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "trusted_schema(0)",
		"wal_autocheckpoint(20000)", // fewer, larger checkpoints: a lower p99
		"secure_delete(1)",          // erased means overwritten
	}, "_txlock": {"immediate"}, "_dqs": {"0"}}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
	// A commit empties the page caches of every connection but its own: the committer's is worth its memory, the readers' are not.
	if d.write, err = sql.Open("sqlite", dsn+"&_pragma=cache_size(-8000)"); err != nil {
		return err
	}
	d.write.SetMaxOpenConns(1)
	if d.read, err = sql.Open("sqlite", dsn+"&_pragma=cache_size(-2000)&_pragma=query_only(1)"); err != nil {
		return err
	}
	d.read.SetMaxOpenConns(sqliteReaders)
	d.read.SetMaxIdleConns(sqliteReaders)
	return nil
}

func (d *DB) openPostgres(rawURL string) error {
	d.Dialect = Postgres
	cfg, err := pgx.ParseConfig(rawURL)
	if err != nil {
		return errs.New(errs.Invalid, "db.url") // the cause would hold the password
	}
	for k, v := range map[string]string{
		"statement_timeout": "10000", "lock_timeout": "5000", "idle_in_transaction_session_timeout": "20000", "synchronous_commit": "on",
		"application_name": "ustaz",
	} {
		if _, set := cfg.RuntimeParams[k]; !set {
			cfg.RuntimeParams[k] = v
		}
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 5 * time.Second
	}
	d.read = stdlib.OpenDB(*cfg)
	d.read.SetMaxOpenConns(postgresPool)
	d.read.SetMaxIdleConns(postgresPool)
	d.write = d.read
	return nil
}

// Close ends the committer after what waits and closes the connections.
func (d *DB) Close() error {
	var err error
	d.once.Do(func() {
		close(d.stop)
		<-d.stopped
		d.dropWriter()
		err = d.closePools()
	})
	return err
}

func (d *DB) closePools() error {
	var all []error
	if d.write != nil {
		all = append(all, d.write.Close())
	}
	if d.read != nil && d.read != d.write {
		all = append(all, d.read.Close())
	}
	return errors.Join(all...)
}

// BeforeCommit sets the hook. Call it once, before the first note.
func (d *DB) BeforeCommit(h Hook) { d.hook = h }

// Now is the database's clock.
func (d *DB) Now() time.Time { return d.now().UTC() }

// Ping asks whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return classify(d.read.PingContext(ctx)) }

// Settle moves what is in SQLite's write-ahead log into the file and empties the log, so that what was erased is nowhere.
func (d *DB) Settle(ctx context.Context) error {
	if d.Dialect != SQLite {
		return nil
	}
	_, err := d.read.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return classify(err)
}

// Batches tells how many commits served how many calls since the start.
func (d *DB) Batches() (commits, calls int64) { return d.batches.Load(), d.calls.Load() }

func (d *DB) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := d.stmts.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := d.read.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if old, loaded := d.stmts.LoadOrStore(query, s); loaded {
		_ = s.Close() // somebody prepared the same text first; theirs serves
		return old.(*sql.Stmt), nil
	}
	return s, nil
}

// Query reads outside of any transaction. Queries are constants: each is prepared once.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if d.Dialect == Postgres {
		rows, err := d.read.QueryContext(ctx, query, args...)
		return rows, classify(err)
	}
	s, err := d.stmt(ctx, query)
	if err != nil {
		return nil, classify(err)
	}
	rows, err := s.QueryContext(ctx, args...)
	return rows, classify(err)
}

// Get reads one row into dest and tells whether there was one.
func (d *DB) Get(ctx context.Context, dest []any, query string, args ...any) (bool, error) {
	rows, err := d.Query(ctx, query, args...)
	if err != nil {
		return false, err
	}
	return one(rows, dest)
}

func one(rows *sql.Rows, dest []any) (bool, error) {
	found := rows.Next()
	var err error
	if found {
		err = rows.Scan(dest...)
	}
	// A failed close or a failed read is an error of the query, never "no row".
	if e := errors.Join(err, rows.Err(), rows.Close()); e != nil {
		return false, classify(e)
	}
	return found, nil
}

// Each calls fn for every row of rows and closes them. An error of fn's own comes back as it is.
func Each(rows *sql.Rows, fn func(scan func(dest ...any) error) error) error {
	scan := func(dest ...any) error { return classify(rows.Scan(dest...)) }
	for rows.Next() {
		if err := fn(scan); err != nil {
			return errors.Join(err, classify(rows.Close()))
		}
	}
	return classify(errors.Join(rows.Err(), rows.Close()))
}

// classify gives a database's error its kind. Errors that have one keep it.
func classify(err error) error {
	if err == nil {
		return nil
	}
	var known *errs.Error
	if errors.As(err, &known) {
		return err
	}
	var le *sqlite.Error
	if errors.As(err, &le) {
		switch le.Code() & 0xff {
		case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE:
			return errs.Wrap(errs.Internal, "error.internal", err)
		}
		return errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code[:2] {
		case "22", "23", "42": // data, constraint, syntax: ours
			return errs.Wrap(errs.Internal, "error.internal", err)
		}
		return errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	var ce *pgconn.ConnectError
	if errors.As(err, &ce) || errors.Is(err, sql.ErrConnDone) || strings.Contains(err.Error(), "driver: bad connection") {
		return errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	if strings.HasPrefix(err.Error(), "sql: Scan") {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return errs.Wrap(errs.Unavailable, "error.unavailable", err)
}

// retryable tells whether the whole batch may be run again: it was rolled back because of another transaction.
func retryable(err error) bool {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code == pgSerialization || pe.Code == pgDeadlock
	}
	var le *sqlite.Error
	return errors.As(err, &le) && le.Code()&0xff == sqlite3.SQLITE_BUSY
}

const (
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgDiskFull      = "53100"
)

// Micros is t as the database keeps it: microseconds since 1970, and 0 for no moment, the zero Time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the moment that micros stands for, in UTC; the zero Time where it stands for none.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Full tells whether err came of a disk without room.
func Full(err error) bool {
	var le *sqlite.Error
	if errors.As(err, &le) && le.Code()&0xff == sqlite3.SQLITE_FULL {
		return true
	}
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == pgDiskFull
}

// Place is where a list that goes back in time was left: the next page begins with what is before it. Several rows may be of one moment, so
// their numbers count as well.
type Place struct {
	At time.Time
	ID int64
}

// Bit is b as the database keeps it.
func Bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// SQLiteURL is the URL of a database file.
func SQLiteURL(path string) string { return fmt.Sprintf("sqlite:%s", path) }
