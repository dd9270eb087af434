// Package testdoor gives tests a whole door on a real database: SQLite always, PostgreSQL where `make test` started one.
package testdoor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testpg"
)

// Clock is a clock that stands still until it is moved. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move moves the clock.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Start is when every test's clock begins.
var Start = time.Date(2026, 11, 3, 9, 2, 0, 0, time.UTC)

// Env is an open door.
type Env struct {
	Clock    *Clock
	URL      string
	KeyDir   string
	DB       *db.DB
	Ledger   *ledger.Ledger
	Editions *edition.Store
	Keeper   *keeper.Keeper
	Brake    map[policy.Role]int
}

// ForBoth runs a test on SQLite and on PostgreSQL.
func ForBoth(t *testing.T, fn func(t *testing.T, e *Env)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// lay makes what every test begins with: the schema, and the default edition in force. It is laid once for all tests of a package, and copied:
// that takes longer than many of them. The edition has no entry: tests of the log begin with an empty one.
func lay(url string) error {
	d, err := db.Open(context.Background(), url, func() time.Time { return Start })
	if err != nil {
		return err
	}
	return errors.Join(publishDefault(d), d.Close())
}

func publishDefault(d *db.DB) error {
	editions, err := edition.Open(context.Background(), d)
	if err != nil {
		return err
	}
	ed, err := policy.Default()
	if err != nil {
		return err
	}
	ed.InForce = Start.Add(-time.Hour)
	_, err = editions.Publish(context.Background(), ed, func(*db.Tx, int64) error { return nil })
	return err
}

var laidInPostgres = testpg.Template{Lay: lay}

// Postgres opens a door on a new database of the tests' cluster.
func Postgres(t testing.TB) *Env {
	t.Helper()
	return Open(t, laidInPostgres.Copy(t), t.TempDir())
}

var laidInSQLite = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "laid")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ustaz.db")
	if err := lay(db.SQLiteURL(path)); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// SQLite opens a door on a new file.
func SQLite(t testing.TB) *Env {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ustaz.db")
	file, err := laidInSQLite()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Open(t, db.SQLiteURL(path), t.TempDir())
}

// Open opens a door on a database in which an edition is in force, and on keys, which are made if absent.
func Open(t testing.TB, url, keyDir string) *Env {
	t.Helper()
	e := &Env{Clock: &Clock{now: Start}, URL: url, KeyDir: keyDir, Brake: map[policy.Role]int{policy.SupportR: 30}}
	e.Reopen(t)
	return e
}

var readBefore sync.Map // of editions, by the text of their bodies

// decoded reads an edition once for all tests of a package: it takes a while, and nobody changes one that was read.
func decoded(body []byte) (*policy.Edition, error) {
	if known, ok := readBefore.Load(string(body)); ok {
		return known.(*policy.Edition), nil
	}
	e, err := policy.DecodeEdition(body)
	if err == nil {
		readBefore.Store(string(body), e)
	}
	return e, err
}

// Reopen opens the same database again, as after a restart.
func (e *Env) Reopen(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if e.DB != nil {
		must(e.DB.Close())
	}
	var err error
	e.DB, err = db.Open(ctx, e.URL, e.Clock.Now)
	must(err)
	d := e.DB
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	e.Ledger, err = ledger.Open(ctx, e.DB, e.KeyDir, true)
	must(err)
	e.Editions, err = edition.OpenWith(ctx, e.DB, decoded)
	must(err)
	e.Keeper, err = keeper.New(keeper.Config{DB: e.DB, Ledger: e.Ledger, Editions: e.Editions, KeyDir: e.KeyDir, Create: true, Brake: e.Brake})
	must(err)
}

// AyaFields are the values of Aya, an invented teacher.
var AyaFields = map[person.Field]string{
	person.Surname: "Әбдіғалиева", person.GivenName: "Ая", person.Email: "aya@mysal.kz", person.IIN: "990101100010", person.Phone: "+77012345678",
	person.Place: "103200000", person.Workplace: "school", person.Position: "teacher", person.ServiceSince: "2015-09",
}

// Subject makes a subject who has agreed, with values; the e-mail address, if any, is claimed.
func (e *Env) Subject(t testing.TB, values map[person.Field]string) person.ID {
	t.Helper()
	atRegistration := person.Set(person.Surname, person.GivenName, person.Email)
	var first, later []person.Value
	var laterFields person.Fields
	for _, f := range person.All {
		switch v, has := values[f]; {
		case has && atRegistration.Has(f):
			first = append(first, person.Stored(f, v))
		case has:
			later, laterFields = append(later, person.Stored(f, v)), laterFields|person.Set(f)
		}
	}
	p := keeper.Passage{Actor: keeper.Own(0), Operation: policy.Collection, Purpose: policy.Verify, Fields: atRegistration}
	r, err := e.Keeper.Create(context.Background(), p, func(tx *keeper.Tx) error {
		tx.SetConsent(policy.ConsentGiven)
		if err := tx.Set(first...); err != nil {
			return err
		}
		_, err := tx.Claim()
		return err
	})
	if err != nil {
		t.Error(err) // not Fatal: People calls from goroutines
		return 0
	}
	if len(later) > 0 {
		p := keeper.Passage{Actor: keeper.Own(r.Subject), Subject: r.Subject, Operation: policy.Recording, Purpose: policy.Verify, Fields: laterFields}
		if _, err := e.Keeper.Change(context.Background(), p, func(tx *keeper.Tx) error { return tx.Set(later...) }); err != nil {
			t.Error(err)
		}
	}
	return r.Subject
}

// Hire makes somebody a member of staff: roles as they are stored, "officer,support".
func (e *Env) Hire(t testing.TB, id person.ID, roles, initials string) {
	t.Helper()
	if err := e.DB.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec("INSERT INTO staff (subject, roles, initials, disabled, since) VALUES ($1, $2, $3, 0, $4)", id, roles, initials, db.Micros(tx.Now()))
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// People makes n subjects who have agreed, with a name and an address each.
func (e *Env) People(t testing.TB, n int) []person.ID {
	t.Helper()
	ids := make([]person.ID, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			ids[i] = e.Subject(t, map[person.Field]string{person.Surname: "Т", person.GivenName: "Т", person.Email: fmt.Sprintf("t%d@mysal.kz", i)})
		})
	}
	wg.Wait()
	return ids
}
