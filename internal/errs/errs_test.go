package errs

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestKinds(t *testing.T) {
	seen := map[string]bool{}
	for k := Internal; k <= Unavailable; k++ {
		if seen[k.String()] {
			t.Errorf("kind %d has the name of another: %s", k, k)
		}
		seen[k.String()] = true
	}
	if got := (Unavailable + 1).String(); got != "internal" {
		t.Errorf("an unknown kind is %q", got)
	}
}

func TestEachKindHasAStatusOfItsOwn(t *testing.T) {
	seen := map[int]Kind{}
	for k := Internal; k <= Unavailable; k++ {
		if other, taken := seen[k.Status()]; taken || k.Status() < 400 {
			t.Errorf("%v has status %d, as %v has", k, k.Status(), other)
		}
		seen[k.Status()] = k
	}
	if Gone.Status() != 410 || TooMany.Status() != 429 || (Unavailable+1).Status() != 500 {
		t.Errorf("%d %d %d", Gone.Status(), TooMany.Status(), (Unavailable + 1).Status())
	}
}

// An error of another type is Internal, and what it says stays in the log.
func TestAs(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind Kind
		key  string
	}{
		{New(Gone, "link.used"), Gone, "link.used"},
		{fmt.Errorf("sign in: %w", New(Gone, "link.used")), Gone, "link.used"},
		{errors.Join(io.EOF, New(TooMany, "wait")), TooMany, "wait"},
		{io.EOF, Internal, "error.internal"},
		{Wrap(Unavailable, "db.down", io.EOF), Unavailable, "db.down"},
	} {
		e := As(c.err)
		if e.Kind != c.kind || e.Key != c.key || KindOf(c.err) != c.kind || !Is(c.err, c.kind) {
			t.Errorf("%v became %v %s", c.err, e.Kind, e.Key)
		}
	}
	if Is(nil, Internal) {
		t.Error("nil is of a kind")
	}
	if e := As(io.EOF); !errors.Is(e, io.EOF) || !strings.Contains(e.Error(), "EOF") {
		t.Errorf("the cause is lost: %v", e)
	}
}

func TestErrorForTheLog(t *testing.T) {
	e := Wrap(Forbidden, "rules.no", io.EOF).With("role", "support").With("purpose", "4.1.3").By("4.1.3").By("1.1.4", "3.2")
	e.Fields = []Field{{Name: "iin", Key: "person.iin.control"}}
	if got, want := e.Error(), "forbidden: rules.no [iin: person.iin.control]: EOF"; got != want {
		t.Errorf("logged %q, want %q", got, want)
	}
	if e.Args["role"] != "support" || e.Args["purpose"] != "4.1.3" || !slices.Equal(e.Clauses, []string{"4.1.3", "1.1.4", "3.2"}) {
		t.Errorf("args %v, clauses %v", e.Args, e.Clauses)
	}
}

func TestInvalidFields(t *testing.T) {
	if err := InvalidFields(nil); err != nil {
		t.Errorf("no fault gives %v", err)
	}
	err := InvalidFields([]Field{{Name: "phone", Key: "person.phone.number"}})
	if e := As(err); e.Kind != Invalid || e.Key != "error.fields" || len(e.Fields) != 1 || e.Fields[0].Name != "phone" {
		t.Errorf("got %#v", e)
	}
}
