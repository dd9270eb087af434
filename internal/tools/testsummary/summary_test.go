package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const good = `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestOne"}
{"Action":"output","Package":"a","Test":"TestOne","Output":"chatter\n"}
{"Action":"run","Package":"a","Test":"TestOne/sub"}
{"Action":"pass","Package":"a","Test":"TestOne/sub"}
{"Action":"pass","Package":"a","Test":"TestOne"}
{"Action":"pass","Package":"a","Elapsed":1.25}
`

func TestSummary(t *testing.T) {
	tests := []struct {
		name, in  string
		ok        bool
		last      string
		want, not []string
	}{
		{name: "all pass", in: good, ok: true, last: "2 passed, 0 failed, 0 skipped", want: []string{"ok      1.2s    2 passed", "packages: 1 passed, 0 failed, 0 without tests"}, not: []string{"chatter"}},
		{name: "one fails", in: good + `{"Action":"run","Package":"b","Test":"TestBad"}
{"Action":"output","Package":"b","Test":"TestBad","Output":"=== RUN   TestBad\n"}
{"Action":"output","Package":"b","Test":"TestBad","Output":"    b_test.go:7: got 1\n"}
{"Action":"output","Package":"b","Test":"TestBad","Output":"        --- want\n"}
{"Action":"output","Package":"b","Test":"TestBad","Output":"--- FAIL: TestBad (0.00s)\n"}
{"Action":"fail","Package":"b","Test":"TestBad"}
{"Action":"fail","Package":"b","Elapsed":0.1}
`, last: "2 passed, 1 failed, 0 skipped", want: []string{"b_test.go:7: got 1", "--- want", "failed: b TestBad", "packages: 1 passed, 1 failed"}, not: []string{"=== RUN", "--- FAIL:"}},
		{name: "a skip says why", in: good + `{"Action":"run","Package":"b","Test":"TestLater"}
{"Action":"output","Package":"b","Test":"TestLater","Output":"=== RUN   TestLater\n"}
{"Action":"output","Package":"b","Test":"TestLater","Output":"    b_test.go:9: no classifier here\n"}
{"Action":"output","Package":"b","Test":"TestLater","Output":"--- SKIP: TestLater (0.00s)\n"}
{"Action":"skip","Package":"b","Test":"TestLater"}
{"Action":"pass","Package":"b"}
`, ok: true, last: "2 passed, 0 failed, 1 skipped", want: []string{"skipped: b TestLater: b_test.go:9: no classifier here"}},
		{name: "does not compile", in: good + `{"ImportPath":"b [b.test]","Action":"build-output","Output":"b.go:3: undefined: x\n"}
{"ImportPath":"b [b.test]","Action":"build-fail"}
{"Action":"start","Package":"b"}
{"Action":"output","Package":"b","Output":"FAIL\tb [build failed]\n"}
{"Action":"fail","Package":"b","FailedBuild":"b [b.test]"}
`, last: "2 passed, 1 failed, 0 skipped", want: []string{"b.go:3: undefined: x", "failed: b\n"}},
		{name: "a panic", in: good + `{"Action":"run","Package":"b","Test":"TestBoom"}
{"Action":"output","Package":"b","Test":"TestBoom","Output":"panic: boom\n"}
{"Action":"output","Package":"b","Output":"FAIL\tb\t0.1s\n"}
{"Action":"fail","Package":"b"}
`, last: "2 passed, 1 failed, 0 skipped", want: []string{"panic: boom", "failed: b TestBoom"}},
		{name: "fails beside its tests", in: `{"Action":"run","Package":"b","Test":"TestFine"}
{"Action":"pass","Package":"b","Test":"TestFine"}
{"Action":"output","Package":"b","Output":"left a goroutine\n"}
{"Action":"fail","Package":"b"}
`, last: "1 passed, 1 failed, 0 skipped", want: []string{"left a goroutine"}},
		{name: "the stream breaks off", in: good + `{"Action":"run","Package":"b","Test":"TestSlow"}
`, last: "2 passed, 1 failed, 0 skipped", want: []string{"failed: b TestSlow"}},
		{name: "packages without tests", in: good + `{"Action":"start","Package":"c"}
{"Action":"output","Package":"c","Output":"?   \tc\t[no test files]\n"}
{"Action":"skip","Package":"c"}
`, ok: true, last: "2 passed, 0 failed, 0 skipped", want: []string{"1 without tests"}, not: []string{"no test files"}},
		{name: "nothing ran", in: `{"Action":"skip","Package":"c"}
`, last: "0 passed, 0 failed, 0 skipped", want: []string{"no test ran"}},
		{name: "only skipped", in: `{"Action":"skip","Package":"c","Test":"TestA"}
{"Action":"pass","Package":"c"}
`, last: "0 passed, 0 failed, 1 skipped", want: []string{"no test ran", "no reason given"}},
		{name: "empty", last: "0 passed, 0 failed, 0 skipped"},
		{name: "a line that is no event", in: "go: cannot find main module\n" + good, ok: true, last: "2 passed, 0 failed, 0 skipped", want: []string{"go: cannot find main module"}},
		{name: "no line break at the end", in: strings.TrimSuffix(good, "\n"), ok: true, last: "2 passed, 0 failed, 0 skipped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			s := newSummary(&out)
			if err := s.read(strings.NewReader(tt.in)); err != nil {
				t.Fatal(err)
			}
			if ok := s.close(); ok != tt.ok {
				t.Errorf("close is %v", ok)
			}
			text := out.String()
			if !strings.HasSuffix(text, "\n"+tt.last+"\n") {
				t.Errorf("want the last line %q, got\n%s", tt.last, text)
			}
			for _, w := range tt.want {
				if !strings.Contains(text, w) {
					t.Errorf("want %q in\n%s", w, text)
				}
			}
			for _, n := range tt.not {
				if strings.Contains(text, n) {
					t.Errorf("want no %q in\n%s", n, text)
				}
			}
		})
	}
}

func TestReadReportsABrokenStream(t *testing.T) {
	broken := errors.New("broken pipe")
	in := io.MultiReader(strings.NewReader(good), iotest.ErrReader(broken))
	if err := newSummary(io.Discard).read(in); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
