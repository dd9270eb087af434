package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

// A secret leaks in none of nine ways of printing, nor in an error or as text.
func TestTextDoesNotLeak(t *testing.T) {
	const plain = "correct horse battery"
	s := New(plain)
	type config struct{ password Text }
	inside := config{s}

	asJSON, err := json.Marshal(map[string]any{"a": s, "b": &s, "c": []Text{s}})
	if err != nil {
		t.Fatal(err)
	}
	asText, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var logJSON, logText bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&logJSON, nil), slog.NewTextHandler(&logText, nil)} {
		slog.New(h).Info("started", "secret", s, "config", inside, "both", []any{s, inside})
	}
	ways := map[string]string{
		"%v":         fmt.Sprintf("%v", s),
		"%#v":        fmt.Sprintf("%#v", s),
		"%x":         fmt.Sprintf("%x", s),
		"%d":         fmt.Sprintf("%d", s),
		"%s and %q":  fmt.Sprintf("%s %q", s, s),
		"field, %v":  fmt.Sprintf("%v", inside),
		"field, %+v": fmt.Sprintf("%+v", inside),
		"field, %#v": fmt.Sprintf("%#v", inside),
		"JSON":       string(asJSON),
		"slog JSON":  logJSON.String(),
		"slog text":  logText.String(),
		"error":      fmt.Errorf("refused: %v", s).Error(),
		"methods":    s.String() + s.GoString() + s.LogValue().String() + string(asText),
	}
	hex := fmt.Sprintf("%x", plain)
	for way, got := range ways {
		if strings.Contains(got, plain) || strings.Contains(strings.ToLower(got), hex) || strings.Contains(got, "horse") {
			t.Errorf("%s leaks: %s", way, got)
		}
	}
	if ways["%v"] != Mask || s.Reveal() != plain {
		t.Errorf("printed %q, revealed %q", ways["%v"], s.Reveal())
	}
	if reflect.TypeFor[Text]().Comparable() {
		t.Error("secrets can be compared with ==")
	}
}

func TestText(t *testing.T) {
	var zero Text
	if !zero.Empty() || zero.Reveal() != "" || !New("").Empty() || New("x").Empty() {
		t.Error("emptiness is wrong")
	}
	for _, c := range []struct {
		a, b  Text
		equal bool
	}{
		{New("abc"), New("abc"), true},
		{New("abc"), New("abd"), false},
		{New("abc"), New("ab"), false},
		{zero, New(""), true},
		{zero, New("a"), false},
	} {
		if c.a.Equal(c.b) != c.equal || c.b.Equal(c.a) != c.equal {
			t.Errorf("Equal(%q, %q) is not %v", c.a.Reveal(), c.b.Reveal(), c.equal)
		}
	}
}
