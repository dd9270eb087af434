// Package errs is the program's one error type. An error has a kind, which decides the HTTP status or exit code,
// a message key, which is what the user reads in their language, and a cause, which only the log sees.
// An error of another type is Internal: nothing of it reaches a user.
package errs

import (
	"errors"
	"fmt"
)

// Kind classes errors by what the caller can do about them.
type Kind uint8

const (
	Internal        Kind = iota // a fault of ours
	Invalid                     // the input is wrong; the message says what to change
	Unauthenticated             // sign in first
	Forbidden                   // a rule forbids it; Clauses says which
	NotFound                    // no such thing, or not yours
	Conflict                    // somebody else was first
	Gone                        // used up, expired or erased
	TooMany                     // a limit; Args may hold the seconds to wait
	TooLarge                    // more bytes than allowed
	Unavailable                 // the database, the disk or the mail server fails; nothing was shown or the outcome is unknown
)

var kindNames = [...]string{"internal", "invalid", "unauthenticated", "forbidden", "not_found", "conflict", "gone", "too_many", "too_large", "unavailable"}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Error is what packages return across their borders.
type Error struct {
	Kind    Kind
	Key     string            // message key of the catalogue
	Args    map[string]string // fills the message; never a personal value
	Clauses []string          // clauses of the policy that decided, most telling first
	Fields  []Field           // one line for each input at fault
	cause   error
}

// Field names an input and what is wrong with it.
type Field struct {
	Name string // the input's name in the form or JSON document
	Key  string
	Args map[string]string
}

// Error is for the log, never for the user.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Key
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s: %s]", f.Name, f.Key)
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.cause }

// New makes an error without a cause.
func New(k Kind, key string) *Error { return &Error{Kind: k, Key: key} }

// Wrap makes an error whose cause stays in the log.
func Wrap(k Kind, key string, cause error) *Error { return &Error{Kind: k, Key: key, cause: cause} }

// With adds a value for the message. The value must not be personal.
func (e *Error) With(name, value string) *Error {
	if e.Args == nil {
		e.Args = map[string]string{}
	}
	e.Args[name] = value
	return e
}

// By names the clauses that decided.
func (e *Error) By(clauses ...string) *Error {
	e.Clauses = append(e.Clauses, clauses...)
	return e
}

// InvalidFields is an Invalid error that lists inputs; it is nil if there are none.
func InvalidFields(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "error.fields", Fields: fields}
}

// As gives the Error in err's chain, or an Internal one around it.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Wrap(Internal, "error.internal", err)
}

// KindOf is the kind of err; Internal where it is of another type.
func KindOf(err error) Kind { return As(err).Kind }

// Is tells whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }
