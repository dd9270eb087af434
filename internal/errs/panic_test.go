package errs

import (
	"errors"
	"strings"
	"testing"
)

func TestPanickedKeepsNoWordsButTheRuntimes(t *testing.T) {
	caught := func(act func()) (e *Error) {
		defer func() { e = Panicked("jobs.panic", recover()) }()
		act()
		return nil
	}
	for name, act := range map[string]func(){
		"text":  func() { panic("aya@mysal.kz") },
		"error": func() { panic(errors.New("aya@mysal.kz")) },
	} {
		if e := caught(act); e.Kind != Internal || e.Key != "jobs.panic" || strings.Contains(e.Error(), "aya@") || !strings.Contains(e.Error(), "panic_test.go") {
			t.Errorf("%s: %v", name, e)
		}
	}
	none := []int{}
	if e := caught(func() { none[len(none)] = 1 }); !strings.Contains(e.Error(), "index out of range [0] with length 0") {
		t.Error(e)
	}
}
