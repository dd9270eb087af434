package testneed

import (
	"runtime"
	"testing"
)

// recorder stands in for a test that Missing ends.
type recorder struct {
	testing.TB
	ended string
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.ended = "failed"; runtime.Goexit() }
func (r *recorder) Skipf(string, ...any)  { r.ended = "skipped"; runtime.Goexit() }

// Record runs a function that ends its test and tells how.
func endOf(f func(testing.TB)) string {
	r := &recorder{}
	done := make(chan struct{})
	go func() { defer close(done); f(r); r.ended = "went on" }()
	<-done
	return r.ended
}

func TestMissing(t *testing.T) {
	for value, want := range map[string]string{"1": "failed", "": "skipped", "0": "skipped"} {
		t.Setenv("USTAZ_TEST_REQUIRE", value)
		if got := endOf(func(tb testing.TB) { Missing(tb, "no database") }); got != want {
			t.Errorf("with %q it %s, want %s", value, got, want)
		}
	}
}
