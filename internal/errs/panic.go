package errs

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Panicked is the Internal error of what recover gave, with the place for the log. The panic's own words are kept only where they are the
// runtime's: others may hold anything, a person's value too.
func Panicked(key string, p any) *Error {
	what := fmt.Sprintf("panic (%T)", p)
	if err, ok := p.(error); ok {
		if fault := runtime.Error(nil); errors.As(err, &fault) {
			what = "panic: " + fault.Error()
		}
	}
	return Wrap(Internal, key, errors.New(what+"\n"+string(debug.Stack())))
}
