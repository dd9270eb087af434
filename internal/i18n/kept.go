package i18n

import (
	"encoding/json"
	"errors"
	"time"
)

// argKind is how an argument is kept. Codes are stored: never renumber.
type argKind uint8

const (
	strArg argKind = iota + 1
	numArg
	dayArg
	momentArg
	msgArg
	textArg
)

// keptArg is an argument as JSON.
type keptArg struct {
	Name   string  `json:"name"`
	Kind   argKind `json:"kind"`
	Text   string  `json:"text,omitempty"`
	Number int64   `json:"number,omitempty"` // of a Num; of a Day or Moment Unix microseconds
	Each   *Text   `json:"each,omitempty"`
}

// In is text that differs by language, as the title of a course.
func In(name string, each Text) Arg {
	return Arg{name: name, kind: textArg, each: &each, show: func(l Lang, _ Case) string { return l.Of(each) }}
}

var errArg = errors.New("i18n: an argument that can't be kept")

// MarshalJSON keeps what the argument is made of, not what it looks like: it is shown in the language in which it is read.
func (a Arg) MarshalJSON() ([]byte, error) {
	if a.kind == 0 {
		return nil, errArg
	}
	return json.Marshal(keptArg{a.name, a.kind, a.text, a.number, a.each})
}

// UnmarshalJSON makes the argument that was kept.
func (a *Arg) UnmarshalJSON(b []byte) error {
	var k keptArg
	if err := json.Unmarshal(b, &k); err != nil {
		return err
	}
	at := time.UnixMicro(k.Number).UTC()
	switch {
	case k.Kind == strArg:
		*a = Str(k.Name, k.Text)
	case k.Kind == numArg:
		*a = Num(k.Name, k.Number)
	case k.Kind == dayArg:
		*a = Day(k.Name, at)
	case k.Kind == momentArg:
		*a = Moment(k.Name, at)
	case k.Kind == msgArg:
		*a = Msg(k.Name, k.Text)
	case k.Kind == textArg && k.Each != nil:
		*a = In(k.Name, *k.Each)
	default:
		return errArg
	}
	return nil
}
