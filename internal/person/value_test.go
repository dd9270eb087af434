package person

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// A closed value leaks in none of nine ways of printing, nor as a key, in an error or in an array of text.
func TestValueDoesNotLeak(t *testing.T) {
	const plain = "Құпиябекова"
	v := Stored(Surname, plain)
	type page struct{ name Value }
	inside := page{v}
	ways := map[string]string{
		"%v":            fmt.Sprintf("%v", v),
		"%#v":           fmt.Sprintf("%#v", v),
		"%x":            fmt.Sprintf("%x", v),
		"%d":            fmt.Sprintf("%d", v),
		"%s and %q":     fmt.Sprintf("%s %q", v, v),
		"field, %v":     fmt.Sprintf("%v", inside),
		"field, %+v":    fmt.Sprintf("%+v", inside),
		"field, %#v":    fmt.Sprintf("%#v", inside),
		"JSON":          marshal(t, map[string]any{"v": v, "p": &v, "in": []Value{v}}),
		"slog JSON":     logged(func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }, v, inside),
		"slog text":     logged(func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }, v, inside),
		"error":         fmt.Errorf("no such %v", v).Error(),
		"String":        v.String() + v.GoString() + v.LogValue().String(),
		"text encoding": text(t, v),
	}
	hex := fmt.Sprintf("%x", plain)
	for way, got := range ways {
		if strings.Contains(got, plain) || strings.Contains(strings.ToLower(got), hex) || strings.Contains(got, plain[:6]) {
			t.Errorf("%s leaks: %s", way, got)
		}
	}
	if ways["%v"] != "[surname]" || v.Reveal() != plain {
		t.Errorf("mask %q, revealed %q", ways["%v"], v.Reveal())
	}
	if reflect.TypeFor[Value]().Comparable() {
		t.Error("values can be compared with ==")
	}
}

func marshal(t *testing.T, x any) string {
	t.Helper()
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func text(t *testing.T, v Value) string {
	t.Helper()
	b, err := v.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func logged(handler func(*bytes.Buffer) slog.Handler, values ...any) string {
	var b bytes.Buffer
	l := slog.New(handler(&b))
	for _, v := range values {
		l.Info("seen", "value", v)
	}
	return b.String()
}

func TestZeroValue(t *testing.T) {
	var v Value
	if !v.IsZero() || v.Reveal() != "" || v.Masked() != "" {
		t.Errorf("the zero value holds %q, masked %q", v.Reveal(), v.Masked())
	}
	if Stored(Surname, "").IsZero() {
		t.Error("a stored empty text is a value")
	}
}

func TestMasked(t *testing.T) {
	for _, c := range []struct {
		f           Field
		plain, want string
	}{
		{IIN, "990101100010", "••••••••0010"},
		{IIN, "broken", "•••"},
		{Phone, "+77012345667", "+7 701 ••• •• 67"},
		{Phone, "+4930901820", "+49 ••• •• 20"},
		{Phone, "112", "•••"},
		{Email, "asan@mail.kz", "a•••@mail.kz"},
		{Email, "a@mail.kz", "a•••@mail.kz"},
		{Surname, "Қасымова", "Қ•••"},
		{GivenName, "Әли", "Ә•••"},
		{Position, "other:тарихшы", "т•••"},
		{Position, "teacher", "•••"},
		{Place, "750000000", "•••"},
		{TOTP, "JBSWY3DPEHPK3PXP", "•••"},
		{Address, "192.0.2.7", "•••"},
	} {
		if got := Stored(c.f, c.plain).Masked(); got != c.want {
			t.Errorf("%v %q is masked %q, want %q", c.f, c.plain, got, c.want)
		}
	}
}

func TestInitials(t *testing.T) {
	for _, c := range []struct{ surname, given, want string }{
		{"Қасымова", "Айгүл", "А. Қ."},
		{"ілиясов", "әли", "Ә. І."},
		{"", "Айгүл", "А."},
		{"", "", ""},
	} {
		if got := Initials(Stored(Surname, c.surname), Stored(GivenName, c.given)); got != c.want {
			t.Errorf("Initials(%q, %q) = %q, want %q", c.surname, c.given, got, c.want)
		}
	}
	if got := Initials(Value{}, Value{}); got != "" {
		t.Errorf("initials of nobody: %q", got)
	}
}
