package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

// log keeps what was logged.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func queue(d *db.DB) (*Queue, *log) {
	l := &log{}
	return New(d, slog.New(slog.NewJSONHandler(l, nil))), l
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type note struct{ N int }

func number(payload []byte) int {
	var n note
	if err := json.Unmarshal(payload, &n); err != nil {
		return -1
	}
	return n.N
}

// enqueue queues numbers in one transaction.
func enqueue(t *testing.T, q *Queue, kind string, at time.Time, numbers ...int) {
	t.Helper()
	check(t, q.d.Write(ctx, func(tx *db.Tx) error {
		for _, n := range numbers {
			if err := q.Enqueue(tx, kind, note{n}, at); err != nil {
				return err
			}
		}
		return nil
	}))
}

func rows(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	_, err := d.Get(ctx, []any{&n}, "SELECT count(*) FROM job")
	check(t, err)
	return n
}

func TestDrainRunsWhatIsDueInOrder(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		q, _ := queue(e.DB)
		var got []int
		q.Handle("n", func(_ context.Context, payload []byte) error {
			got = append(got, number(payload))
			return nil
		})
		now := e.Clock.Now()
		enqueue(t, q, "n", now.Add(time.Hour), 9)
		enqueue(t, q, "n", now, 1, 2, 3, 4, 5)
		enqueue(t, q, "n", now.Add(-time.Minute), 0)
		check(t, q.Drain(ctx))
		if want := []int{0, 1, 2, 3, 4, 5}; !slices.Equal(got, want) {
			t.Errorf("ran %v, want %v", got, want)
		}
		e.Clock.Move(time.Hour)
		check(t, q.Drain(ctx))
		if len(got) != 7 || got[6] != 9 || rows(t, e.DB) != 0 {
			t.Errorf("ran %v, %d rows left", got, rows(t, e.DB))
		}
	})
}

// The job is there if and only if the change is.
func TestQueuedWithItsTransaction(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		q, _ := queue(e.DB)
		ran := 0
		q.Handle("n", func(context.Context, []byte) error { ran++; return nil })
		changed := errors.New("changed my mind")
		err := e.DB.Write(ctx, func(tx *db.Tx) error {
			if err := q.Enqueue(tx, "n", note{1}, tx.Now()); err != nil {
				return err
			}
			return changed
		})
		if !errors.Is(err, changed) {
			t.Fatal(err)
		}
		check(t, q.Drain(ctx))
		if ran != 0 || rows(t, e.DB) != 0 {
			t.Errorf("ran %d times without its cause, %d rows", ran, rows(t, e.DB))
		}
	})
}

func TestPayloads(t *testing.T) {
	e := testdoor.SQLite(t)
	q, _ := queue(e.DB)
	for name, payload := range map[string]any{"no JSON": func() {}, "too large": strings.Repeat("x", maxBytes)} {
		err := e.DB.Write(ctx, func(tx *db.Tx) error { return q.Enqueue(tx, "n", payload, tx.Now()) })
		if !errs.Is(err, errs.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := rows(t, e.DB); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestRetriesAndTheirBound(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		q, logged := queue(e.DB)
		tries := 0
		broken := true
		q.Handle("broken", func(context.Context, []byte) error {
			tries++
			if broken {
				return errs.Wrap(errs.Unavailable, "error.unavailable", errors.New("the cause"))
			}
			return nil
		})
		other := 0
		q.Handle("good", func(context.Context, []byte) error { other++; return nil })
		enqueue(t, q, "broken", e.Clock.Now(), 1)
		for try := 1; try <= maxTries; try++ {
			enqueue(t, q, "good", e.Clock.Now(), try)
			check(t, q.Drain(ctx))
			if tries != try || other != try {
				t.Fatalf("after %d waits: %d tries, the others ran %d times", try-1, tries, other)
			}
			e.Clock.Move(wait(try) - time.Second)
			check(t, q.Drain(ctx))
			if tries != try {
				t.Fatalf("tried before the wait of %v was over", wait(try))
			}
			e.Clock.Move(time.Second)
		}
		e.Clock.Move(48 * time.Hour)
		check(t, q.Drain(ctx))
		if tries != maxTries {
			t.Errorf("tried %d times, the bound is %d", tries, maxTries)
		}
		failed, err := q.Failed(ctx)
		check(t, err)
		if len(failed) != 1 || failed[0].Kind != "broken" || failed[0].Tries != maxTries || failed[0].Reason != "error.unavailable" || failed[0].At.IsZero() {
			t.Fatalf("shown: %+v", failed)
		}
		if !strings.Contains(logged.String(), `"level":"ERROR"`) || !strings.Contains(logged.String(), "the cause") {
			t.Errorf("logged %s", logged)
		}

		broken = false
		check(t, q.Retry(ctx, failed[0].ID))
		check(t, q.Drain(ctx))
		failed, err = q.Failed(ctx)
		check(t, err)
		if tries != maxTries+1 || len(failed) != 0 || rows(t, e.DB) != 0 {
			t.Errorf("after the operator's retry: %d tries, %v failed, %d rows", tries, failed, rows(t, e.DB))
		}
		if err := q.Retry(ctx, 1); !errs.Is(err, errs.NotFound) {
			t.Errorf("retry of nothing: %v", err)
		}
	})
}

func TestWaits(t *testing.T) {
	total := time.Duration(0)
	for n := 1; n < maxTries; n++ {
		if wait(n+1) < wait(n) || wait(n) > maxWait {
			t.Errorf("wait %v after try %d, %v after the next", wait(n), n, wait(n+1))
		}
		total += wait(n)
	}
	if wait(1) != 10*time.Second || wait(1000) != maxWait || total < 24*time.Hour {
		t.Errorf("waits from %v to %v, %v in all", wait(1), wait(1000), total)
	}
}

// What can't get better is not tried again.
func TestFinalErrors(t *testing.T) {
	e := testdoor.SQLite(t)
	for kind, want := range map[errs.Kind]bool{errs.Invalid: true, errs.Forbidden: true, errs.NotFound: true, errs.Gone: true, errs.TooLarge: true,
		errs.Internal: false, errs.Unavailable: false, errs.Conflict: false, errs.TooMany: false, errs.Unauthenticated: false} {
		q, _ := queue(e.DB)
		q.Handle("n", func(context.Context, []byte) error { return fmt.Errorf("wrapped: %w", errs.New(kind, "some.key")) })
		before, err := q.Failed(ctx)
		check(t, err)
		enqueue(t, q, "n", e.Clock.Now(), 1)
		check(t, q.Drain(ctx))
		after, err := q.Failed(ctx)
		check(t, err)
		if got := len(after) > len(before); got != want {
			t.Errorf("%v: given up at once %v, want %v", kind, got, want)
		}
	}
}

func TestPanicsAndUnknownKinds(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		q, logged := queue(e.DB)
		ran := 0
		q.Handle("panics", func(context.Context, []byte) error { panic("a slip") })
		q.Handle("exits", func(context.Context, []byte) error { runtime.Goexit(); return nil })
		q.Handle("good", func(context.Context, []byte) error { ran++; return nil })
		for _, kind := range []string{"panics", "exits", "nobody knows", "good"} {
			enqueue(t, q, kind, e.Clock.Now(), 1)
		}
		check(t, q.Drain(ctx))
		if ran != 1 {
			t.Error("a poisoned job stood in the way")
		}
		failed, err := q.Failed(ctx)
		check(t, err)
		if len(failed) != 1 || failed[0].Kind != "nobody knows" || failed[0].Reason != "jobs.unknown" {
			t.Errorf("shown: %+v", failed)
		}
		for _, want := range []string{"panic (string)", "jobs_test.go", "ended its goroutine", "jobs.unknown"} {
			if !strings.Contains(logged.String(), want) {
				t.Errorf("not logged: %s", want)
			}
		}
		if strings.Contains(logged.String(), "a slip") {
			t.Error("the words of a panic, which may hold anything, are logged")
		}
		e.Clock.Move(time.Hour)
		check(t, q.Drain(ctx)) // tried again, and again no harm
		if rows(t, e.DB) != 3 {
			t.Errorf("%d rows, want 3", rows(t, e.DB))
		}
	})
}

// A server that dies in the middle leaves a lease; when it ends another server runs the job. A job that kills its server each time is
// given up without another try.
func TestLeaseOfADeadServer(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		q, _ := queue(e.DB)
		ran := 0
		q.Handle("n", func(context.Context, []byte) error { ran++; return nil })
		enqueue(t, q, "n", e.Clock.Now(), 1)
		die := func() {
			dead, _ := queue(e.DB)
			claimed, err := dead.claim(ctx, 9)
			check(t, err)
			if len(claimed) != 1 {
				t.Fatalf("claimed %d", len(claimed))
			}
		}
		die()
		e.Clock.Move(lease - time.Second)
		check(t, q.Drain(ctx))
		if ran != 0 {
			t.Fatal("ran under another's lease")
		}
		e.Clock.Move(time.Second)
		check(t, q.Drain(ctx))
		if ran != 1 || rows(t, e.DB) != 0 {
			t.Fatalf("ran %d times, %d rows", ran, rows(t, e.DB))
		}

		enqueue(t, q, "n", e.Clock.Now(), 2)
		for range maxTries {
			die()
			e.Clock.Move(lease)
		}
		check(t, q.Drain(ctx))
		failed, err := q.Failed(ctx)
		check(t, err)
		if ran != 1 || len(failed) != 1 || failed[0].Reason != "jobs.died" {
			t.Errorf("ran %d times, shown %+v", ran, failed)
		}
	})
}

// A server that hung beyond its lease can't settle what another has meanwhile.
func TestLateServer(t *testing.T) {
	e := testdoor.SQLite(t)
	late, _ := queue(e.DB)
	q, _ := queue(e.DB)
	for _, x := range []*Queue{late, q} {
		x.Handle("n", func(context.Context, []byte) error { return nil })
	}
	enqueue(t, q, "n", e.Clock.Now(), 1)
	first, err := late.claim(ctx, 1)
	check(t, err)
	e.Clock.Move(lease)
	second, err := q.claim(ctx, 1)
	check(t, err)
	check(t, late.settle(ctx, &first[0], nil, false))
	if rows(t, e.DB) != 1 {
		t.Error("the late server removed a job that another runs")
	}
	check(t, q.settle(ctx, &second[0], nil, false))
	if rows(t, e.DB) != 0 {
		t.Error("the job is still there")
	}
}

func TestEvery(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ran := 0
		var fail error
		servers := make([]*Queue, 2)
		for i := range servers {
			servers[i], _ = queue(e.DB)
			servers[i].Every("sweep", time.Hour, func(context.Context) error { ran++; return fail })
		}
		drain := func(want int, when string) {
			t.Helper()
			for _, q := range servers {
				check(t, q.Drain(ctx))
			}
			if ran != want {
				t.Fatalf("%s: ran %d times, want %d", when, ran, want)
			}
		}
		drain(1, "at the first start")
		e.Clock.Move(59 * time.Minute)
		drain(1, "before the hour")
		e.Clock.Move(time.Minute)
		drain(2, "after the hour")

		fail = errs.New(errs.Forbidden, "some.key") // not even a final error ends it
		e.Clock.Move(time.Hour)
		drain(3, "failing")
		for n := 1; n < failing; n++ {
			e.Clock.Move(min(wait(n), time.Hour))
			drain(3+n, "after a wait")
		}
		failed, err := servers[0].Failed(ctx)
		check(t, err)
		if len(failed) != 1 || failed[0].Kind != "sweep" || failed[0].Reason != "some.key" || !failed[0].At.IsZero() {
			t.Errorf("shown: %+v", failed)
		}
		for n := range 20 {
			e.Clock.Move(time.Hour)
			drain(8+n, "never given up")
		}
		fail = nil
		e.Clock.Move(time.Hour)
		drain(28, "healed")
		if failed, err = servers[0].Failed(ctx); err != nil || len(failed) != 0 {
			t.Errorf("shown: %+v, %v", failed, err)
		}

		// A new version wants it more often.
		newer, _ := queue(e.DB)
		newer.Every("sweep", 10*time.Minute, func(context.Context) error { ran++; return nil })
		servers = []*Queue{newer}
		drain(28, "a shorter period, not yet over")
		e.Clock.Move(10 * time.Minute)
		drain(29, "a shorter period")

		// A version that has no such work leaves the row to those who have.
		without, _ := queue(e.DB)
		e.Clock.Move(10 * time.Minute)
		check(t, without.Drain(ctx))
		e.Clock.Move(time.Minute)
		drain(30, "after a server that does not know it")
		if rows(t, e.DB) != 1 {
			t.Errorf("%d rows", rows(t, e.DB))
		}
	})
}

func TestTwoHandlersForOneKind(t *testing.T) {
	q := New(nil, slog.New(slog.DiscardHandler))
	q.Handle("n", nil)
	defer func() {
		if recover() == nil {
			t.Error("the second took the place of the first")
		}
	}()
	q.Every("n", time.Hour, nil)
}

// start runs a queue until the function that it gives is called, which gives Run's error.
func start(q *Queue) (stop func() error) {
	c, cancel := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- q.Run(c) }()
	return func() error {
		cancel()
		return <-ended
	}
}

// Work is taken up by the commit that queues it: with a poll of an hour a lost signal would hang this test.
func TestWakesAtOnce(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		q, _ := queue(e.DB)
		q.poll = time.Hour
		ran := make(chan int)
		q.Handle("n", func(_ context.Context, payload []byte) error {
			ran <- number(payload)
			return nil
		})
		stop := start(q)
		for n := range 50 {
			enqueue(t, q, "n", e.Clock.Now(), n)
			if got := <-ran; got != n {
				t.Errorf("ran %d, want %d", got, n)
			}
		}
		check(t, stop())
		if rows(t, e.DB) != 0 {
			t.Errorf("%d rows", rows(t, e.DB))
		}
	})
}

// Three servers share the work: everything runs, nothing twice, a poisoned job hinders nobody.
func TestSeveralServers(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		const all = 150
		var mu sync.Mutex
		times := map[int]int{}
		var done sync.WaitGroup
		done.Add(all)
		var stops []func() error
		var first *Queue
		for range 3 {
			d, err := db.Open(ctx, e.URL, e.Clock.Now)
			check(t, err)
			defer func() { check(t, d.Close()) }()
			q, _ := queue(d)
			q.poll = time.Millisecond
			q.Handle("n", func(_ context.Context, payload []byte) error {
				n := number(payload)
				mu.Lock()
				times[n]++
				if times[n] == 1 {
					done.Done()
				}
				mu.Unlock()
				if n%10 == 0 {
					panic("poison")
				}
				return nil
			})
			if first == nil {
				first = q
			}
			stops = append(stops, start(q))
		}
		for n := range all {
			enqueue(t, first, "n", e.Clock.Now(), n)
		}
		done.Wait()
		for _, stop := range stops {
			check(t, stop())
		}
		for n := range all {
			if times[n] != 1 {
				t.Errorf("job %d ran %d times", n, times[n])
			}
		}
		if got := rows(t, e.DB); got != all/10 {
			t.Errorf("%d rows are left, want the %d poisoned ones", got, all/10)
		}
	})
}

// A stop lets running work finish; what will not finish is cut, is due again and loses no try.
func TestStop(t *testing.T) {
	e := testdoor.SQLite(t)
	t.Run("finishes", func(t *testing.T) {
		q, _ := queue(e.DB)
		begun, release := make(chan bool), make(chan bool)
		q.Handle("slow", func(c context.Context, _ []byte) error {
			begun <- true
			<-release
			return c.Err()
		})
		stop := start(q)
		enqueue(t, q, "slow", e.Clock.Now(), 1)
		<-begun
		stopped := make(chan error)
		go func() { stopped <- stop() }()
		close(release)
		check(t, <-stopped)
		if rows(t, e.DB) != 0 {
			t.Error("the job that finished is still there")
		}
	})
	t.Run("is cut", func(t *testing.T) {
		q, _ := queue(e.DB)
		q.grace = time.Millisecond
		begun := make(chan bool)
		q.Handle("hangs", func(c context.Context, _ []byte) error {
			begun <- true
			<-c.Done()
			return c.Err()
		})
		stop := start(q)
		enqueue(t, q, "hangs", e.Clock.Now(), 1)
		<-begun
		// Run may give up waiting before the cut job is written; the job itself must be settled whichever way.
		if err := stop(); err != nil && !errs.Is(err, errs.Unavailable) {
			t.Fatal(err)
		}
		again, _ := queue(e.DB)
		ran := 0
		again.Handle("hangs", func(context.Context, []byte) error { ran++; return nil })
		for ran == 0 {
			check(t, again.Drain(ctx)) // as soon as it is given back
		}
	})
	t.Run("never stops", func(t *testing.T) {
		q, _ := queue(e.DB)
		q.grace = time.Millisecond
		begun, release := make(chan bool), make(chan bool)
		q.Handle("deaf", func(context.Context, []byte) error {
			begun <- true
			<-release
			return nil
		})
		stop := start(q)
		enqueue(t, q, "deaf", e.Clock.Now(), 1)
		<-begun
		if err := stop(); !errs.Is(err, errs.Unavailable) {
			t.Errorf("Run gave %v", err)
		}
		close(release)
	})
}

// What a cut job is given back with.
func TestCutJobLosesNoTry(t *testing.T) {
	e := testdoor.SQLite(t)
	q, _ := queue(e.DB)
	enqueue(t, q, "n", e.Clock.Now(), 1)
	for range maxTries + 3 {
		claimed, err := q.claim(ctx, 1)
		check(t, err)
		if len(claimed) != 1 || claimed[0].tries != 1 {
			t.Fatalf("claimed %+v", claimed)
		}
		check(t, q.settle(ctx, &claimed[0], context.Canceled, true))
	}
}

// While the database fails Run goes on, and it works when the database is back.
func TestRunOutlivesTheDatabase(t *testing.T) {
	e := testdoor.SQLite(t)
	d, err := db.Open(ctx, db.SQLiteURL(filepath.Join(t.TempDir(), "own.db")), e.Clock.Now)
	check(t, err)
	check(t, d.Close())
	q, logged := queue(d)
	q.poll = time.Millisecond
	stop := start(q)
	for !strings.Contains(logged.String(), "the database fails") {
		runtime.Gosched()
	}
	check(t, stop())
	if err := q.Drain(ctx); !errs.Is(err, errs.Unavailable) {
		t.Errorf("Drain gave %v", err)
	}
}

func TestMessagesExist(t *testing.T) {
	catalog, err := i18n.Load()
	check(t, err)
	for _, file := range []string{"jobs.go", "run.go"} {
		src, err := os.ReadFile(file)
		check(t, err)
		for _, m := range regexp.MustCompile(`errs\.\w+\(errs\.\w+, "([a-z.]+)"`).FindAllSubmatch(src, -1) {
			if !catalog.Has(string(m[1])) {
				t.Errorf("%s: no words for %s", file, m[1])
			}
		}
	}
}
