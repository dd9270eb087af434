package disclosure

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/place"
	"ustaz/internal/testdoor"
)

const (
	childURL  = "USTAZ_DISCLOSURE_DB"
	childKeys = "USTAZ_DISCLOSURE_KEYS"
	childOf   = "USTAZ_DISCLOSURE"
)

// TestMain is also the program that gets killed: with the variables set it makes a package, and says after each step that it was done.
func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := makeInSteps(context.Background(), url, os.Getenv(childKeys), os.Getenv(childOf), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func makeInSteps(ctx context.Context, url, keys, of string, out io.Writer) error {
	id, bad := strconv.ParseInt(of, 10, 64)
	d, err := db.Open(ctx, url, func() time.Time { return testdoor.Start })
	if err = errors.Join(bad, err); err != nil {
		return err
	}
	log, err := ledger.Open(ctx, d, keys, false)
	if err != nil {
		return err
	}
	editions, err := edition.Open(ctx, d)
	if err != nil {
		return err
	}
	door, err := keeper.New(keeper.Config{DB: d, Ledger: log, Editions: editions, KeyDir: keys})
	if err != nil {
		return err
	}
	s := New(Config{DB: d, Door: door, Ledger: log, Queue: jobs.New(d, slog.New(slog.DiscardHandler)), Places: place.Default, Notifier: &notify.Notifier{}})
	s.partSize = 3
	for more := true; more; {
		if more, err = s.step(ctx, id); err != nil {
			return err
		}
		fmt.Fprintln(out, "step")
	}
	return d.Close()
}

// TestGoesOnAfterItWasKilled kills the program that makes a package, kill -9, after its first step, the second, and so on, until one gets
// through; everybody is in the package once.
func TestGoesOnAfterItWasKilled(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		w.people(12)
		id := w.approved(nil)
		for kills, whole := 0, false; !whole; kills++ {
			if kills > 20 {
				t.Fatal("it never gets through")
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), childURL+"="+e.URL, childKeys+"="+e.KeyDir, childOf+"="+strconv.FormatInt(id, 10))
			cmd.Stderr = os.Stderr
			said, err := cmd.StdoutPipe()
			w.must(err)
			w.must(cmd.Start())
			steps := 0
			for lines := bufio.NewScanner(said); lines.Scan(); {
				if steps++; steps == 1+kills%3 {
					w.must(cmd.Process.Kill())
				}
			}
			whole = cmd.Wait() == nil
		}
		w.Reopen(t)
		w.open()
		w.drain()
		w.everybodyOnce(8)
		if d := w.get(id); d.Looked != 12 || d.Done != 3 {
			t.Errorf("%+v", d)
		}
	})
}
