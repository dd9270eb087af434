package edition

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// However many find the editions stale at once, the database is asked once, and all have that answer.
func TestOneAsksForAllWhoWait(t *testing.T) {
	down := errors.New("down")
	for name, answer := range map[string]error{"an answer": nil, "a failure": down} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var f flight
				var asked, failed atomic.Int64
				var fresh atomic.Bool
				open := make(chan struct{})
				var wg sync.WaitGroup
				for range 64 {
					wg.Go(func() {
						err := f.join(func() bool { return !fresh.Load() }, func() error {
							asked.Add(1)
							<-open
							fresh.Store(answer == nil)
							return answer
						})
						if errors.Is(err, down) {
							failed.Add(1)
						}
					})
				}
				synctest.Wait() // one asks, all others wait for it
				close(open)
				wg.Wait()
				if asked.Load() != 1 || (failed.Load() == 64) != (answer != nil) {
					t.Errorf("asked %d times, %d failed", asked.Load(), failed.Load())
				}
				err := f.join(func() bool { return !fresh.Load() }, func() error { asked.Add(1); return nil })
				if want := int64(1); err != nil || answer == nil && asked.Load() != want || answer != nil && asked.Load() != want+1 {
					t.Errorf("the next caller: asked %d times, %v", asked.Load(), err)
				}
			})
		})
	}
}

func TestAPanicLeavesNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flight
		open := make(chan struct{})
		always := func() bool { return true }
		go func() {
			defer func() { _ = recover() }()
			_ = f.join(always, func() error { <-open; panic("broken") })
		}()
		synctest.Wait()
		waited := make(chan error)
		go func() { waited <- f.join(always, func() error { return nil }) }()
		synctest.Wait()
		close(open)
		if err := <-waited; err == nil {
			t.Error("who waited took a panic for an answer")
		}
		if err := f.join(always, func() error { return nil }); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}
