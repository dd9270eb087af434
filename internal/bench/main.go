// Command bench measures the door against what it is compared with, on SQLite and PostgreSQL, and prints a table. See `make bench`.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

func main() {
	subjects := flag.Int("subjects", 100_000, "people in the database")
	length := flag.Duration("for", 3*time.Second, "how long each case runs")
	url := flag.String("db", "", "database; a new SQLite file where empty")
	flag.Parse()
	if err := measure(context.Background(), *url, *subjects, *length); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, url string, subjects int, length time.Duration) error {
	dir, err := os.MkdirTemp("", "ustaz-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if url == "" {
		url = db.SQLiteURL(filepath.Join(dir, "ustaz.db"))
	}
	h, err := openHouse(ctx, url, filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	defer h.d.Close()
	start := time.Now()
	if err := h.fill(ctx, subjects); err != nil {
		return err
	}
	fmt.Printf("%s: %d subjects in %.1f s\n", h.d.Dialect, subjects, time.Since(start).Seconds())
	cases := []struct {
		name string
		op   func(context.Context, int, int) error
	}{
		{"(a) row, no audit", h.plainRow},
		{"(c) door", h.door},
	}
	for _, callers := range []int{1, 16, 64, 256} {
		for _, c := range cases {
			r := run(ctx, callers, length, c.op)
			fmt.Printf("%-28s %4d callers %9.0f/s  p50 %8s  p99 %8s  failed %d\n", c.name, callers, r.rate(), r.p50.Round(time.Microsecond), r.p99.Round(time.Microsecond), r.failed)
		}
	}
	return nil
}

type house struct {
	d        *db.DB
	log      *ledger.Ledger
	k        *keeper.Keeper
	subjects []person.ID
	reader   *sql.DB
}

func openHouse(ctx context.Context, url, keys string) (*house, error) {
	d, err := db.Open(ctx, url, time.Now)
	if err != nil {
		return nil, err
	}
	h := &house{d: d}
	if h.log, err = ledger.Open(ctx, d, keys, true); err != nil {
		return nil, err
	}
	eds, err := edition.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	ed, err := policy.Default()
	if err != nil {
		return nil, err
	}
	ed.InForce = time.Now().Add(-time.Hour).Truncate(time.Microsecond)
	if _, err := eds.Publish(ctx, ed); err != nil {
		return nil, err
	}
	h.k, err = keeper.New(keeper.Config{DB: d, Ledger: h.log, Editions: eds, KeyDir: keys, Create: true})
	return h, err
}

func (h *house) fill(ctx context.Context, n int) error {
	for done := 0; done < n; {
		part := min(n-done, 256)
		errs := make(chan error, part)
		ids := make([]person.ID, part)
		for i := range part {
			go func() {
				var err error
				ids[i], err = h.add(ctx, done+i)
				errs <- err
			}()
		}
		for range part {
			if err := <-errs; err != nil {
				return err
			}
		}
		h.subjects = append(h.subjects, ids...)
		done += part
	}
	return nil
}

func (h *house) add(ctx context.Context, n int) (person.ID, error) {
	p := keeper.Passage{Actor: keeper.System(1, policy.Registrar), Operation: policy.Collection, Purpose: policy.Verify, Fields: person.Set(person.Profile...)}
	r, err := h.k.Create(ctx, p, func(tx *keeper.Tx) error {
		tx.SetConsent(policy.ConsentGiven)
		if err := tx.Set(profileOf(n)...); err != nil {
			return err
		}
		_, err := tx.Claim()
		return err
	})
	return r.Subject, err
}

// profileOf invents a person. The IINs are of the range that belongs to nobody living only in shape; the benchmark needs more of them
// than that range has.
func profileOf(n int) []person.Value {
	return []person.Value{
		person.Stored(person.Surname, fmt.Sprintf("Сынақбаева%d", n)), person.Stored(person.GivenName, "Айгерім"),
		person.Stored(person.Email, fmt.Sprintf("mugalim%d@mysal.kz", n)), person.Stored(person.IIN, fmt.Sprintf("9901%08d", n)),
		person.Stored(person.Phone, fmt.Sprintf("+7701%07d", n)), person.Stored(person.Place, "103233100"),
		person.Stored(person.Workplace, "school"), person.Stored(person.Position, "teacher"), person.Stored(person.ServiceSince, "2015-09"),
	}
}

func (h *house) any() person.ID { return h.subjects[rand.IntN(len(h.subjects))] }

func (h *house) plainRow(ctx context.Context, _, _ int) error {
	var wrapped, cells []byte
	var a, b, c int64
	found, err := h.d.Get(ctx, []any{&a, &b, &c, &wrapped, &cells}, "SELECT consent, restricted, erased, wrapped, cells FROM subject WHERE id = $1", h.any())
	if err == nil && !found {
		err = fmt.Errorf("nobody")
	}
	return err
}

func (h *house) door(ctx context.Context, _, _ int) error {
	_, err := h.k.Read(ctx, keeper.Passage{Actor: keeper.System(1, policy.Reader), Subject: h.any(), Operation: policy.Retrieval,
		Purpose: policy.Feedback, Fields: person.Set(person.Surname, person.Email), Case: "request:1"})
	return err
}
