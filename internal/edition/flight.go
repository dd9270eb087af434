package edition

import (
	"sync"

	"ustaz/internal/errs"
)

// flight is one asking that many wait for.
type flight struct {
	mu    sync.Mutex
	under *outcome // nil while nobody asks
}

type outcome struct {
	done chan struct{}
	err  error
}

// join returns once nothing is stale: at once, after asking, or after the one who asks already; those who waited have the error of that one.
func (f *flight) join(stale func() bool, ask func() error) error {
	if !stale() {
		return nil
	}
	f.mu.Lock()
	if o := f.under; o != nil {
		f.mu.Unlock()
		<-o.done
		return o.err
	}
	if !stale() { // somebody has asked while we came here
		f.mu.Unlock()
		return nil
	}
	o := &outcome{done: make(chan struct{}), err: errs.New(errs.Unavailable, "error.unavailable")} // the error is for those who wait, if ask panics
	f.under = o
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.under = nil
		f.mu.Unlock()
		close(o.done)
	}()
	o.err = ask()
	return o.err
}
