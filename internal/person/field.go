// Package person knows what may be known about a person: the fields of clause 3.2 and the few that come by themselves
// (3.3, 3.4), how each is checked, and how each is masked. It does no I/O. A Value is closed: printing, logging and
// encoding it give a mask; the plain text comes out of Value.Reveal, used only where a page or a letter is made.
package person

import (
	"fmt"
	"io"
	"log/slog"
	"math/bits"
	"strings"
)

// Field is one kind of datum about a person. Codes are stored in the ledger and in ciphertexts: never renumber.
type Field uint8

const (
	Surname      Field = 1  // 3.2.1
	GivenName    Field = 2  // 3.2.1
	Email        Field = 3  // 3.2.2
	IIN          Field = 4  // 3.2.3
	Phone        Field = 5  // 3.2.4, E.164
	Place        Field = 6  // 3.2.5, classifier code of the settlement, district or region: 9 digits
	Workplace    Field = 7  // 3.2.6, code of the kind of organisation
	Position     Field = 8  // 3.2.7, code of the list, or "other:" and free words
	ServiceSince Field = 9  // 3.2.8, month in which service began, adjusted for breaks: YYYY-MM
	TOTP         Field = 10 // 4.1.1, shared secret of the second factor, base32
	Device       Field = 11 // 3.3, 3.4: browser family and system of a session
	Address      Field = 12 // 3.3.2: IP address of a session
	Words        Field = 13 // 4.1.3: what is written in a case: an application, a claim, a question, an answer
	File         Field = 14 // 4.1.3: a file that came with a case: its name, its contents
	Past         Field = 15 // 6.1.2: values of the profile that were replaced or removed
	Study        Field = 16 // 4.1.2: what somebody did in a course
)

// fieldInfo: name as in forms, JSON and catalogues ("field.<name>"); clause that allows it.
var fieldInfo = [...]struct{ name, clause string }{
	Surname:      {"surname", "3.2.1"},
	GivenName:    {"given_name", "3.2.1"},
	Email:        {"email", "3.2.2"},
	IIN:          {"iin", "3.2.3"},
	Phone:        {"phone", "3.2.4"},
	Place:        {"place", "3.2.5"},
	Workplace:    {"workplace", "3.2.6"},
	Position:     {"position", "3.2.7"},
	ServiceSince: {"service_since", "3.2.8"},
	TOTP:         {"totp", "4.1.1"},
	Device:       {"device", "3.4"},
	Address:      {"address", "3.3.2"},
	Words:        {"words", "4.1.3"},
	File:         {"file", "4.1.3"},
	Past:         {"past", "6.1.2"},
	Study:        {"study", "4.1.2"},
}

// Profile lists the fields of the profile in the order of clause 3.2; there are no others (3.2).
var Profile = []Field{Surname, GivenName, Email, IIN, Phone, Place, Workplace, Position, ServiceSince}

// All lists every field.
var All = []Field{Surname, GivenName, Email, IIN, Phone, Place, Workplace, Position, ServiceSince, TOTP, Device, Address, Words, File, Past, Study}

// Valid tells whether f is one of the fields.
func (f Field) Valid() bool { return f >= Surname && int(f) < len(fieldInfo) }

// String is the field's name in forms, JSON and message keys.
func (f Field) String() string {
	if !f.Valid() {
		return "field?"
	}
	return fieldInfo[f].name
}

// Clause is the clause of the policy that allows the field.
func (f Field) Clause() string {
	if !f.Valid() {
		return ""
	}
	return fieldInfo[f].clause
}

// FieldByName finds a field by its name.
func FieldByName(name string) (Field, bool) {
	for _, f := range All {
		if fieldInfo[f].name == name {
			return f, true
		}
	}
	return 0, false
}

// Fields is a set of fields.
type Fields uint32

// Set makes a set.
func Set(fs ...Field) Fields {
	var s Fields
	for _, f := range fs {
		s |= 1 << f
	}
	return s
}

// Has tells whether f is in s.
func (s Fields) Has(f Field) bool { return s&(1<<f) != 0 }

// Within tells whether every field of s is in t.
func (s Fields) Within(t Fields) bool { return s&^t == 0 }

// Len counts.
func (s Fields) Len() int { return bits.OnesCount32(uint32(s)) }

// List gives the fields in order of their codes.
func (s Fields) List() []Field {
	out := make([]Field, 0, s.Len())
	for _, f := range All {
		if s.Has(f) {
			out = append(out, f)
		}
	}
	return out
}

func (s Fields) String() string {
	names := make([]string, 0, s.Len())
	for _, f := range s.List() {
		names = append(names, f.String())
	}
	return strings.Join(names, ",")
}

// Value is a checked value of a field, closed against printing. The zero Value is none.
type Value struct {
	_ [0]func()
	f Field
	p *string
}

// Stored closes text that was checked before it was stored. Input from outside goes through Parse.
func Stored(f Field, plain string) Value { return Value{f: f, p: &plain} }

// Field tells what the value is.
func (v Value) Field() Field { return v.f }

// IsZero tells whether there is no value.
func (v Value) IsZero() bool { return v.p == nil }

// Reveal opens the value: for a page, a letter, a package to its recipient, and nothing else.
func (v Value) Reveal() string {
	if v.p == nil {
		return ""
	}
	return *v.p
}

func (v Value) mask() string                 { return "[" + v.f.String() + "]" }
func (v Value) String() string               { return v.mask() }
func (v Value) GoString() string             { return v.mask() }
func (v Value) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, v.mask()) }
func (v Value) LogValue() slog.Value         { return slog.StringValue(v.mask()) }
func (v Value) MarshalText() ([]byte, error) { return []byte(v.mask()), nil }
func (v Value) MarshalJSON() ([]byte, error) { return []byte(`"` + v.mask() + `"`), nil }
