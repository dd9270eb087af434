package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/testpg"
)

var start = time.Date(2026, 11, 3, 9, 2, 0, 0, time.UTC)

func clock() time.Time { return start }

func open(t *testing.T, url string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// forBoth is the conformance suite's frame: what holds on one database holds on the other.
func forBoth(t *testing.T, fn func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, db.SQLiteURL(filepath.Join(t.TempDir(), "a b%?.db"))) })
	t.Run("postgres", func(t *testing.T) { fn(t, testpg.Database(t)) })
}

func set(t *db.Tx, name, value string) error {
	_, err := t.Exec("INSERT INTO setting (name, value) VALUES ($1, $2)", name, value)
	return err
}

func get(t *testing.T, d *db.DB, name string) (string, bool) {
	t.Helper()
	var v string
	found, err := d.Get(context.Background(), []any{&v}, "SELECT value FROM setting WHERE name = $1", name)
	if err != nil {
		t.Fatal(err)
	}
	return v, found
}

func TestWriteSurvivesReopening(t *testing.T) {
	forBoth(t, func(t *testing.T, url string) {
		d, err := db.Open(context.Background(), url, clock)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(context.Background(), func(t *db.Tx) error { return set(t, "ә", "Ғ") }); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if v, found := get(t, open(t, url), "ә"); !found || v != "Ғ" {
			t.Errorf("got %q, %v", v, found)
		}
	})
}

func TestOneFailureLeavesTheOthersOfItsBatchAlone(t *testing.T) {
	forBoth(t, func(t *testing.T, url string) {
		d := open(t, url)
		boom := errors.New("boom")
		const n = 60
		results := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				results[i] = d.Write(context.Background(), func(t *db.Tx) error {
					if err := set(t, fmt.Sprint(i), "x"); err != nil {
						return err
					}
					switch i % 3 {
					case 1:
						return boom
					case 2:
						return set(t, fmt.Sprint(i), "twice") // breaks the primary key
					}
					return nil
				})
			})
		}
		wg.Wait()
		for i, err := range results {
			_, stored := get(t, d, fmt.Sprint(i))
			if want := i%3 == 0; (err == nil) != want || stored != want {
				t.Errorf("call %d: error %v, stored %v", i, err, stored)
			}
			if i%3 == 2 && !errs.Is(err, errs.Internal) {
				t.Errorf("call %d: kind %v", i, errs.KindOf(err))
			}
		}
		if commits, calls := d.Batches(); commits >= calls {
			t.Errorf("%d calls took %d commits: nothing was shared", calls, commits)
		}
	})
}

func TestPanicIsAnErrorAndRollsBack(t *testing.T) {
	forBoth(t, func(t *testing.T, url string) {
		d := open(t, url)
		err := d.Write(context.Background(), func(t *db.Tx) error {
			if err := set(t, "a", "b"); err != nil {
				return err
			}
			panic("ouch")
		})
		if !errs.Is(err, errs.Internal) {
			t.Errorf("error %v", err)
		}
		if _, stored := get(t, d, "a"); stored {
			t.Error("what the panicking call wrote is there")
		}
		if err := d.Write(context.Background(), func(t *db.Tx) error { return set(t, "a", "b") }); err != nil {
			t.Errorf("the next call: %v", err)
		}
	})
}

type mark string

func (mark) CommitNote() {}

func TestHookRunsInTheTransactionOfItsNotes(t *testing.T) {
	forBoth(t, func(t *testing.T, url string) {
		d := open(t, url)
		var outcomes []bool
		fail := false
		d.BeforeCommit(func(_ context.Context, t *db.Tx, notes []db.Note) (func(bool), error) {
			for _, n := range notes {
				if err := set(t, string(n.(mark)), "noted"); err != nil {
					return nil, err
				}
			}
			done := func(committed bool) { outcomes = append(outcomes, committed) }
			if fail {
				return done, errors.New("no log, no data")
			}
			return done, nil
		})
		ctx := context.Background()
		write := func(name string, err error) error {
			return d.Write(ctx, func(t *db.Tx) error {
				t.Note(mark("note of " + name))
				return errors.Join(set(t, name, "x"), err)
			})
		}
		if err := write("a", nil); err != nil {
			t.Fatal(err)
		}
		if _, ok := get(t, d, "note of a"); !ok {
			t.Error("the note of a successful call did not reach the hook")
		}
		if err := write("b", errors.New("changed my mind")); err == nil {
			t.Error("no error")
		}
		if _, ok := get(t, d, "note of b"); ok {
			t.Error("the note of a failed call reached the hook")
		}
		fail = true
		if err := write("c", nil); !errs.Is(err, errs.Unavailable) {
			t.Errorf("failing hook: %v", err)
		}
		if err := d.Commit(ctx, mark("alone")); err == nil {
			t.Error("failing hook: a note alone was taken")
		}
		for _, name := range []string{"c", "note of c", "alone"} {
			if _, ok := get(t, d, name); ok {
				t.Errorf("%q is there although the hook failed", name)
			}
		}
		fail = false
		if err := d.Commit(ctx, mark("again")); err != nil {
			t.Errorf("after the hook recovered: %v", err)
		}
		if want := []bool{true, false, false, true}; fmt.Sprint(outcomes) != fmt.Sprint(want) {
			t.Errorf("outcomes %v, want %v", outcomes, want)
		}
	})
}

func TestCancelledCallerIsNotServed(t *testing.T) {
	forBoth(t, func(t *testing.T, url string) {
		d := open(t, url)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := d.Write(ctx, func(t *db.Tx) error { return set(t, "late", "x") }); !errs.Is(err, errs.Unavailable) {
			t.Errorf("error %v", err)
		}
		if err := d.Write(context.Background(), func(*db.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if _, ok := get(t, d, "late"); ok {
			t.Error("the cancelled call was carried out")
		}
	})
}

func TestInsertAllTakesEveryRowOnce(t *testing.T) {
	forBoth(t, func(t *testing.T, url string) {
		d := open(t, url)
		const insert = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"
		for _, n := range []int{0, 1, 15, 16, 17, 127, 128, 300} {
			var args []any
			for i := range n {
				args = append(args, fmt.Sprintf("%d of %d", i, n), fmt.Sprint(i))
			}
			if err := d.Write(context.Background(), func(t *db.Tx) error { return t.InsertAll(insert, args) }); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				if v, _ := get(t, d, fmt.Sprintf("%d of %d", i, n)); v != fmt.Sprint(i) {
					t.Fatalf("row %d of %d has %q", i, n, v)
				}
			}
		}
		if err := d.Write(context.Background(), func(t *db.Tx) error { return t.InsertAll(insert, []any{"odd"}) }); err == nil {
			t.Error("half a row was taken")
		}
	})
}

func TestClosedDatabaseRefuses(t *testing.T) {
	d, err := db.Open(context.Background(), db.SQLiteURL(filepath.Join(t.TempDir(), "x.db")), clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(context.Background(), func(*db.Tx) error { return nil }); !errs.Is(err, errs.Unavailable) {
		t.Errorf("error %v", err)
	}
}

func TestUnknownURLIsRefusedWithoutShowingIt(t *testing.T) {
	for _, url := range []string{"", "mysql://u:hush@h/d", "/tmp/x.db", "postgres://u:hush@h:notaport/d"} {
		_, err := db.Open(context.Background(), url, clock)
		if !errs.Is(err, errs.Invalid) || regexp.MustCompile("hush").MatchString(err.Error()) {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// The two databases are made from one text; this holds that they come out alike.
func TestSchemasAreAlike(t *testing.T) {
	ctx := context.Background()
	columns := func(d *db.DB, query string) string {
		t.Helper()
		rows, err := d.Query(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		err = db.Each(rows, func(scan func(...any) error) error {
			var table, column string
			err := scan(&table, &column)
			out += table + "." + column + "\n"
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	lite := columns(open(t, db.SQLiteURL(filepath.Join(t.TempDir(), "x.db"))),
		"SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.name")
	pg := columns(open(t, testpg.Database(t)),
		`SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name COLLATE "C", column_name COLLATE "C"`)
	if lite != pg || lite == "" {
		t.Errorf("SQLite:\n%s\nPostgreSQL:\n%s", lite, pg)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	forBoth(t, func(t *testing.T, url string) {
		d := open(t, url)
		if err := d.Write(context.Background(), func(t *db.Tx) error {
			_, err := t.Exec("INSERT INTO schema_step (step, name) VALUES (9999, 'of tomorrow')")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Open(context.Background(), url, clock); !errs.Is(err, errs.Conflict) {
			t.Errorf("error %v", err)
		}
	})
}

func TestSQLitePragmasHoldOnEveryConnection(t *testing.T) {
	d := open(t, db.SQLiteURL(filepath.Join(t.TempDir(), "x.db")))
	ctx := context.Background()
	check := func(get func(dest []any, q string) (bool, error)) {
		t.Helper()
		for pragma, want := range map[string]string{"synchronous": "2", "foreign_keys": "1", "journal_mode": "wal", "secure_delete": "1", "trusted_schema": "0"} {
			var v string
			if _, err := get([]any{&v}, "PRAGMA "+pragma); err != nil || v != want {
				t.Errorf("%s = %s, want %s (%v)", pragma, v, want, err)
			}
		}
	}
	check(func(dest []any, q string) (bool, error) { return d.Get(ctx, dest, q) })
	if err := d.Write(ctx, func(tx *db.Tx) error {
		check(func(dest []any, q string) (bool, error) { return tx.Get(dest, q) })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Query(ctx, "DELETE FROM setting RETURNING name"); err == nil {
		t.Error("the reading side can write")
	}
}
