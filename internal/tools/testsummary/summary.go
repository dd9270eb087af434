package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is one line of go test -json (go doc test2json, go help buildjson).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build events, in place of Package
	Test        string
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string
}

// test is one test or subtest of a package; the one without a name holds what the package prints by itself.
type test struct {
	name    string
	outcome string // pass, fail, skip, or empty while it runs
	output  strings.Builder
}

// pkg keeps its tests in the order in which they began.
type pkg struct {
	tests []*test
	byRun map[string]*test
}

func (p *pkg) test(name string) *test {
	t, ok := p.byRun[name]
	if !ok {
		t = &test{name: name}
		p.byRun[name] = t
		p.tests = append(p.tests, t)
	}
	return t
}

// summary gathers what the events say.
type summary struct {
	out      io.Writer
	packages map[string]*pkg
	builds   map[string]*strings.Builder // what the compiler said, by import path
	skips    []string
	failures []string

	passed, failed, skipped       int // tests, subtests included
	passedPkgs, failedPkgs, empty int // packages; empty have no test
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, packages: map[string]*pkg{}, builds: map[string]*strings.Builder{}}
}

// read takes events until the end of the stream. A line that is no event is printed as it is.
func (s *summary) read(in io.Reader) error {
	for lines := bufio.NewReader(in); ; {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil || e.Action == "" {
				fmt.Fprintf(s.out, "%s\n", bytes.TrimRight(line, "\n"))
			} else {
				s.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) take(e event) {
	if e.Action == "build-output" {
		if s.builds[e.ImportPath] == nil {
			s.builds[e.ImportPath] = &strings.Builder{}
		}
		s.builds[e.ImportPath].WriteString(e.Output)
		return
	}
	if e.Package == "" {
		return // the end of a build: the packages that needed it say so
	}
	p := s.packages[e.Package]
	if p == nil {
		p = &pkg{byRun: map[string]*test{}}
		s.packages[e.Package] = p
	}
	t := p.test(e.Test)
	switch e.Action {
	case "output":
		t.output.WriteString(e.Output)
	case "pass", "fail", "skip":
		t.outcome = e.Action
		if e.Test == "" {
			s.packageEnds(e, p)
		}
	}
}

// packageEnds counts a package's tests and prints its line. A package that fails by itself, because it does not compile,
// panics or takes too long, counts as one failed test where none of its tests failed.
func (s *summary) packageEnds(e event, p *pkg) {
	delete(s.packages, e.Package)
	var passed, failed, skipped int
	for _, t := range p.tests {
		name := e.Package + " " + t.name
		switch {
		case t.name == "":
		case t.outcome == "pass":
			passed++
		case t.outcome == "skip":
			skipped++
			s.skips = append(s.skips, name+": "+reason(t.output.String()))
		case t.outcome == "fail", e.Action == "fail": // failed, or running when the package died
			failed++
			s.failures = append(s.failures, name)
			s.show(name, t.output.String())
		}
	}
	if e.Action == "fail" && failed == 0 {
		failed = 1
		s.failures = append(s.failures, e.Package)
	}
	if e.Action == "fail" {
		if build := s.builds[e.FailedBuild]; build != nil {
			s.show(e.FailedBuild, build.String())
		}
		s.show(e.Package, p.test("").output.String())
	}
	s.passed, s.failed, s.skipped = s.passed+passed, s.failed+failed, s.skipped+skipped
	word := "ok  "
	switch {
	case e.Action == "fail":
		s.failedPkgs++
		word = "FAIL"
	case passed+skipped == 0:
		s.empty++
		return
	default:
		s.passedPkgs++
	}
	fmt.Fprintf(s.out, "%s %6.1fs %4d passed %3d failed %3d skipped  %s\n", word, e.Elapsed, passed, failed, skipped, e.Package)
}

// show prints what failed said, without the frames of the test tool.
func (s *summary) show(name, output string) {
	var said []string
	for line := range strings.Lines(output) {
		if line = strings.TrimRight(line, "\n"); !frame(line) {
			said = append(said, line)
		}
	}
	if text := strings.Trim(strings.Join(said, "\n"), "\n"); text != "" {
		fmt.Fprintf(s.out, "--- %s\n%s\n", name, text)
	}
}

// frame tells whether a line of output is the test tool's own.
func frame(line string) bool {
	line = strings.TrimLeft(line, " ")
	return slices.ContainsFunc([]string{"=== RUN ", "=== PAUSE ", "=== CONT ", "=== NAME ", "--- PASS: ", "--- FAIL: ", "--- SKIP: "},
		func(mark string) bool { return strings.HasPrefix(line, mark) })
}

// reason finds why a test was skipped: the line of its output that is no frame of the test tool.
func reason(output string) string {
	for line := range strings.Lines(output) {
		if said := strings.TrimSpace(line); said != "" && !frame(line) {
			return said
		}
	}
	return "no reason given"
}

// close prints the end and tells whether everything passed. Packages that never ended failed.
func (s *summary) close() bool {
	var cut []string
	for name := range s.packages {
		cut = append(cut, name)
	}
	slices.Sort(cut)
	for _, name := range cut {
		s.packageEnds(event{Action: "fail", Package: name}, s.packages[name])
	}
	fmt.Fprintf(s.out, "\npackages: %d passed, %d failed, %d without tests\n", s.passedPkgs, s.failedPkgs, s.empty)
	for _, skip := range s.skips {
		fmt.Fprintln(s.out, "skipped:", skip)
	}
	for _, failure := range s.failures {
		fmt.Fprintln(s.out, "failed:", failure)
	}
	ran := s.passed+s.failed > 0
	if !ran {
		fmt.Fprintln(s.out, "no test ran")
	}
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	return ran && s.failed == 0
}
