// Package secret holds text that must not be printed. Text gives its mask under every fmt verb, in JSON, in XML-like
// text encodings and in slog, also as an unexported field of another struct, and cannot be compared with ==.
// The value comes out of Reveal alone.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Mask is what is printed in place of the value.
const Mask = "[secret]"

// Text is a closed string. The zero value is empty.
type Text struct {
	_ [0]func() // == would not be constant in time
	p *string   // fmt prints unexported fields without asking their methods; a pointer shows as an address
}

// New closes s.
func New(s string) Text { return Text{p: &s} }

// Reveal opens the text. Call it only where the value is used up.
func (t Text) Reveal() string {
	if t.p == nil {
		return ""
	}
	return *t.p
}

// Empty tells whether there is no text.
func (t Text) Empty() bool { return t.p == nil || *t.p == "" }

// Equal compares in time that depends on the lengths alone.
func (t Text) Equal(u Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.Reveal()), []byte(u.Reveal())) == 1
}

func (t Text) String() string               { return Mask }
func (t Text) GoString() string             { return Mask }
func (t Text) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, Mask) }
func (t Text) LogValue() slog.Value         { return slog.StringValue(Mask) }
func (t Text) MarshalText() ([]byte, error) { return []byte(Mask), nil }
func (t Text) MarshalJSON() ([]byte, error) { return []byte(`"` + Mask + `"`), nil }
