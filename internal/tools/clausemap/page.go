package main

import (
	_ "embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"ustaz/internal/controls"
	"ustaz/internal/policy"
)

//go:embed clauses.toml
var byHand string

// entry is what stands in clauses.toml of a number.
type entry struct {
	Demand string   // what a user, an officer or an auditor must be able to do or see
	Later  string   // what is missing; empty where the demand is met
	Frame  bool     // the number only introduces those below it
	Absent bool     // nothing of it is there yet
	Code   []string // "internal/keeper.Tx.Restrict", or a file
	Tests  []string // "internal/keeper.TestErasureLeavesNothing", or a file
}

// clause is a number with everything known of it.
type clause struct {
	entry
	number      string
	code, tests map[place]struct{}
}

func (c *clause) state() controls.State {
	switch {
	case c.Frame:
		return controls.Frame
	case c.Later == "":
		return controls.Kept
	case c.Absent:
		return controls.Later
	}
	return controls.Part
}

// states are told in this order, in these words.
var states = []struct {
	state controls.State
	words string
}{{controls.Kept, "kept"}, {controls.Part, "kept in part"}, {controls.Later, "later"}, {controls.Frame, "introduces the numbers below"}}

// numbers are those of the policy, in its order.
func numbers() ([]string, error) {
	edition, err := policy.Default()
	if err != nil {
		return nil, err
	}
	return edition.Docs["kk"].Numbers(), nil
}

// clauses joins what was written and what was found. The error names everything that is not there.
func clauses(s *sources, numbers []string, byHand string) ([]clause, error) {
	var written map[string]entry
	meta, err := toml.Decode(byHand, &written)
	if err != nil {
		return nil, err
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("clauses.toml: nothing is called %v", extra)
	}
	var faults []string
	var out []clause
	for _, n := range numbers {
		e, has := written[n]
		delete(written, n)
		c := clause{entry: e, number: n, code: s.code[n], tests: s.tests[n]}
		c.code, faults = s.add(c.code, e.Code, n, faults)
		c.tests, faults = s.add(c.tests, e.Tests, n, faults)
		switch {
		case !has || e.Demand == "":
			faults = append(faults, n+" has no demand")
		case e.Frame && (e.Later != "" || len(e.Code)+len(e.Tests) > 0):
			faults = append(faults, n+" introduces others and has something of its own")
		case e.Absent && e.Later == "":
			faults = append(faults, n+" is absent, and it is not said what is missing")
		case !e.Frame && !e.Absent && (len(c.code) == 0 || len(c.tests) == 0):
			faults = append(faults, n+" is said to be kept, if in part, without code or without a test")
		}
		out = append(out, c)
	}
	for n := range written {
		faults = append(faults, n+" is no number of the policy")
	}
	if len(faults) > 0 {
		slices.Sort(faults)
		return nil, fmt.Errorf("clauses.toml: %s", strings.Join(faults, "; "))
	}
	return out, nil
}

// add joins places written by hand; one that does not exist is a fault.
func (s *sources) add(found map[place]struct{}, written []string, number string, faults []string) (map[place]struct{}, []string) {
	all := maps.Clone(found)
	if all == nil {
		all = map[place]struct{}{}
	}
	for _, text := range written {
		p, has := s.known[place{file: text}]
		if folder, name, cut := strings.Cut(path.Base(text), "."); cut && !has {
			p, has = s.known[place{path.Join(path.Dir(text), folder), name}]
		}
		if !has {
			faults = append(faults, number+" names "+text+", which is not there")
			continue
		}
		all[p] = struct{}{}
	}
	return all, faults
}

const head = `# Clauses

For each of the %d numbers of the policy: what it demands of the product, the code that keeps it, the tests that hold it, and what is
missing. Made by ` + "`go generate ./internal/tools/clausemap`" + ` from the numbers that stand beside code, rules, tables and tests, and from
` + "`internal/tools/clausemap/clauses.toml`" + `; a test holds this page to both and fails on a test that is named here and does not exist. Every
number also stands in the default edition in Kazakh, Russian and English (` + "`internal/policy/default`" + `). *Kept* means that a test fails if
the demand is no longer met; *kept in part*, that something of it is missing and said.

`

// gather joins what was found in a checkout and what was written by hand.
func gather(root fs.FS) ([]clause, error) {
	order, err := numbers()
	if err != nil {
		return nil, err
	}
	s, err := scan(root, order)
	if err != nil {
		return nil, err
	}
	return clauses(s, order, byHand)
}

func document(all []clause) string {
	var b strings.Builder
	fmt.Fprintf(&b, head, len(all))
	b.WriteString("| state | clauses | |\n| --- | ---: | --- |\n")
	for _, told := range states {
		var numbers []string
		for _, c := range all {
			if c.state() == told.state {
				numbers = append(numbers, c.number)
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %s |\n", told.words, len(numbers), strings.Join(numbers, ", "))
	}
	for _, c := range all {
		c.write(&b)
	}
	return b.String()
}

func (c *clause) write(b *strings.Builder) {
	if !strings.Contains(c.number, ".") {
		fmt.Fprintf(b, "\n## %s %s\n", c.number, c.Demand)
		return
	}
	fmt.Fprintf(b, "\n### %s\n%s\n", c.number, c.Demand)
	if c.Frame {
		return
	}
	for _, told := range states {
		if told.state == c.state() {
			fmt.Fprintf(b, "\n* State: %s.\n", told.words)
		}
	}
	if c.Later != "" {
		fmt.Fprintf(b, "* Missing: %s\n", c.Later)
	}
	if lines := list(c.code, func(p place) string { return p.file }); len(lines) > 0 {
		fmt.Fprintf(b, "* Code: %s\n", strings.Join(lines, "; "))
	}
	if lines := list(c.tests, func(p place) string { return testFolder(p) }); len(lines) > 0 {
		fmt.Fprintf(b, "* Tests: %s\n", strings.Join(lines, "; "))
	}
}

// testFolder groups tests by package.
func testFolder(p place) string {
	if strings.HasSuffix(p.file, "_test.go") {
		return path.Dir(p.file)
	}
	return p.file
}
