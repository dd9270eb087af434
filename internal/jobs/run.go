package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"ustaz/internal/errs"
)

// Run works until ctx ends; then it takes no more, lets what runs finish for a while, then ends its context. Jobs cut short that way are
// due again and lose no try. The error tells of handlers that did not stop even so. A database that fails is waited for.
func (q *Queue) Run(ctx context.Context) error {
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var running sync.WaitGroup
	q.dispatch(ctx, work, &running)

	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	for range 2 {
		select {
		case <-done:
			return nil
		case <-time.After(q.grace):
			cut()
		}
	}
	return errs.Wrap(errs.Unavailable, "error.unavailable", errors.New("jobs: a handler did not stop"))
}

// dispatch hands jobs to at most workers goroutines until ctx ends.
func (q *Queue) dispatch(ctx, work context.Context, running *sync.WaitGroup) {
	slots := make(chan struct{}, workers)
	planted := false
	for {
		if !planted {
			planted = q.noted(q.plant(ctx))
		}
		select {
		case <-ctx.Done():
			return
		case slots <- struct{}{}:
		}
		if ctx.Err() != nil {
			return // both were ready
		}
		free := 1
		for ; free < workers; free++ {
			select {
			case slots <- struct{}{}:
				continue
			default:
			}
			break
		}
		// Not cut short by a stop: nobody could tell whether the lease was written. What it brings is run.
		claimed, err := q.claim(work, free)
		healthy := q.noted(err)
		for range free - len(claimed) {
			<-slots
		}
		for i := range claimed {
			running.Go(func() {
				q.run(work, &claimed[i])
				<-slots
			})
		}
		if len(claimed) == 0 && !q.idle(ctx, healthy) {
			return
		}
	}
}

// idle waits for work; false when ctx ended. While the database fails it waits the whole time: a job that is due can't be had.
func (q *Queue) idle(ctx context.Context, healthy bool) bool {
	pause := q.poll
	if healthy {
		if at, found, err := q.next(ctx); q.noted(err) && found {
			pause = max(0, min(pause, at.Sub(q.d.Now())))
		}
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-q.wake:
	case <-timer.C:
	}
	return true
}

// noted logs what the database refused; the caller goes on, since work that can't be reached now stays where it is.
func (q *Queue) noted(err error) bool {
	if err != nil && !errors.Is(err, context.Canceled) {
		q.log.Error("jobs: the database fails", "error", err.Error())
	}
	return err == nil
}

// Drain runs, one after the other, all that is due by the database's clock, and what that makes due, until there is none. What became of
// a job is told by Failed and in the log; the error is the database's or the context's.
func (q *Queue) Drain(ctx context.Context) error {
	if err := q.plant(ctx); err != nil {
		return err
	}
	for {
		claimed, err := q.claim(ctx, 1)
		if err != nil {
			return err
		}
		if len(claimed) == 0 {
			return nil
		}
		if err := q.run(ctx, &claimed[0]); err != nil {
			return err
		}
	}
}

var (
	errUnknown = errs.New(errs.Invalid, "jobs.unknown")
	errDied    = errs.New(errs.Internal, "jobs.died")
)

// run runs one job and settles it. If that can't be written the lease runs out and the job runs again.
func (q *Queue) run(ctx context.Context, j *job) error {
	err := q.attempt(ctx, j)
	stopped := ctx.Err() != nil
	if err != nil && !stopped {
		level := slog.LevelWarn
		if j.tries >= maxTries || final(err) {
			level = slog.LevelError
		}
		q.log.Log(ctx, level, "job failed", "job", j.id, "kind", j.kind, "tries", j.tries, "error", err.Error())
	}
	err = q.settle(context.WithoutCancel(ctx), j, err, stopped)
	if err != nil {
		q.log.Error("job not settled; it will run again", "job", j.id, "kind", j.kind, "error", err.Error())
	}
	return err
}

func (q *Queue) attempt(ctx context.Context, j *job) error {
	h, known := q.handlers[j.kind]
	if !known {
		return errUnknown
	}
	if !j.periodic() && j.tries > maxTries {
		return errDied // every try ended with its process: one more would take this one down too
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, idKey{}, j.id), runTime)
	defer cancel()
	var outcome error = errs.Wrap(errs.Internal, "jobs.panic", errors.New("the handler ended its goroutine"))
	done := make(chan struct{})
	go func() { // of its own, since a handler may also end by runtime.Goexit
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				outcome = errs.Panicked("jobs.panic", p)
			}
		}()
		outcome = h.fn(ctx, j.payload)
	}()
	<-done
	return outcome
}

// idKey is the key of ID in a handler's context.
type idKey struct{}

// ID is the number of the job whose handler runs in ctx, the same at each try: by it a handler knows what it has done before. 0 outside of one.
func ID(ctx context.Context) int64 {
	id, _ := ctx.Value(idKey{}).(int64)
	return id
}
