package i18n

import (
	"errors"

	"ustaz/internal/errs"
)

// Spoken is an error that says itself in a language, where a key and plain arguments would not do.
type Spoken interface {
	error
	Say(l Lang) string
}

// Error is what a user reads of an error: what a Spoken in its chain says, or the message of its key. Nothing of a cause shows.
func (l Lang) Error(err error) string {
	var s Spoken
	if errors.As(err, &s) {
		return s.Say(l)
	}
	e := errs.As(err)
	return l.T(e.Key, Args(e.Args)...)
}
