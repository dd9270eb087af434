package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func numbersOf(t *testing.T) []string {
	t.Helper()
	all, err := numbers()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The page is what the generator makes of the checkout: whoever adds a number to code, or moves what is named here, makes it anew.
func TestPageIsUpToDate(t *testing.T) {
	all, err := gather(os.DirFS("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	made, err := data(all)
	if err != nil {
		t.Fatal(err)
	}
	if have, err := os.ReadFile("../../../" + dataPath); err != nil || string(have) != string(made) {
		t.Errorf("%s is not what go generate ./internal/tools/clausemap makes (%v)", dataPath, err)
	}
	want := document(all)
	have, err := os.ReadFile("../../../" + pagePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) == want {
		return
	}
	old := strings.Split(string(have), "\n")
	for line := range strings.SplitSeq(want, "\n") {
		if !slices.Contains(old, line) {
			t.Errorf("docs/clauses.md lacks: %s", line)
		}
	}
	t.Error(pagePath + " is not what go generate ./internal/tools/clausemap makes")
}

func TestPageHasEveryNumber(t *testing.T) {
	page, err := os.ReadFile("../../../" + pagePath)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^##+ (\d(?:\.\d)*)( |$)`).FindAllStringSubmatch(string(page), -1) {
		got = append(got, m[1])
	}
	if want := numbersOf(t); !slices.Equal(got, want) || len(got) != 66 {
		t.Errorf("the page has %d numbers: %v", len(got), got)
	}
}

func TestWhatIsSaidMustBeThere(t *testing.T) {
	order := numbersOf(t)
	s, err := scan(os.DirFS("../../.."), order)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ old, new, fault string }{
		"a test that is gone":   {"internal/keeper.TestErasureLeavesNothing", "internal/keeper.TestErasureLeavesMuch", "5.1 names internal/keeper.TestErasureLeavesMuch"},
		"code that is gone":     {"internal/support.Desk", "internal/support.Bench", "4.1.3 names internal/support.Bench"},
		"a number that is gone": {`["8.4"]`, `["8.5"]`, "8.4 has no demand; 8.5 is no number"},
		"kept without a test":   {`tests = ["internal/person.TestChoices"]`, "", "3.2.6 is said to be kept"},
		"nothing is missing":    {`later = "the table of ASVS with an answer and a test in each row."`, "", "6.2.3 is absent"},
		"a mistyped key":        {"later = ", "latter = ", "nothing is called"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(byHand, tc.old, tc.new, 1)
			if text == byHand {
				t.Fatalf("%q does not stand in clauses.toml", tc.old)
			}
			unmarked := *s // as if no test bore the number
			unmarked.tests = maps.Clone(s.tests)
			delete(unmarked.tests, "3.2.6")
			if _, err := clauses(&unmarked, order, text); err == nil || !strings.Contains(err.Error(), tc.fault) {
				t.Errorf("got %v, want %q", err, tc.fault)
			}
		})
	}
}

func TestMentions(t *testing.T) {
	s := &sources{numbers: map[string]bool{}}
	for _, n := range numbersOf(t) {
		s.numbers[n] = true
	}
	for comment, want := range map[string]string{
		"Restrict blocks the subject's data (6.2.4).":                         "6.2.4",
		"clauses 2.1, 5.5, 6.2.1; law 94-V, articles 8 and 24":                "2.1 5.5 6.2.1",
		"The profile is 3.2.1 to 3.2.3 and nothing else.":                     "3.2.1 3.2.2 3.2.3",
		"3.2.3: never in the clear":                                           "3.2.3",
		"A count belongs to an authenticator (NIST SP 800-63B-4, 3.2.2): it":  "",
		"a mailbox as in RFC 5322, 3.4":                                       "",
		"(ASVS 6.3.3; 5.4, access)":                                           "5.4",
		"the client wrote 1.1.1.1, version v2.1, 10.3.4, file-3.4, №2.1":      "",
		`such as "3.3.1" or /policy/4.1.7`:                                    "",
		"of WCAG 2.2. Why it is asked is said beside it (6.1.1).":             "6.1.1",
		"2.5 and 3.9 are not numbers of the policy, 9.4 is one.":              "9.4",
		"TLS 1.2 and 1.3 with forward secrecy: the keeper of 3.1 asks for it": "3.1",
	} {
		if got := strings.Join(s.mentions(comment), " "); got != want {
			t.Errorf("%q: got %q, want %q", comment, got, want)
		}
	}
}

const goFile = `// Package a keeps 1.1.4.
package a

// T is said by 2.1.
type T struct {
	f int // 2.2
}

const (
	one = 1 // 3.2.1
	two = 2 // 3.2.2
)

// A free comment on 9.4.

// M does it.
func (t *T) M() error {
	// 5.1 inside
	return errs.New("x").By("6.2.4") // 4.1.7
}

var table = []string{"1.1.1", "1.1.2", "1.1.3", "2.3", "2.4", "3.1", "3.3", "3.4", "5.4"}
`

const testFile = `package a

// TestM holds 5.1.
func TestM(t *testing.T) { say("6.2.4") }

// helper of 5.5
func helper() {}
`

func TestScan(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	s, err := scan(fstest.MapFS{
		"internal/a/a.go": file(goFile), "internal/a/a_test.go": file(testFile), "internal/tools/b/b.go": file("package b\n\n// C is 5.3.\ntype C int\n"),
		"internal/a/rules.cedar": file("@id(\"shut\")\n@clause(\"6.2.4\")\nforbid (principal, action, resource);\n"),
		"internal/a/page.html":   file("{{template \"clause\" (.Clause \"1.1.6\")}}"),
		"internal/a/0001.sql":    file("-- What was agreed to (2.1).\n\nCREATE TABLE consent (\n  at BIGINT -- 2.2\n);\n"),
		".git/x.go":              file("not Go"), "docs/y.go": file("not Go"),
	}, numbersOf(t))
	if err != nil {
		t.Fatal(err)
	}
	flat := func(found map[string]map[place]struct{}) string {
		var out []string
		for n, places := range found {
			for _, line := range list(places, func(p place) string { return p.file }) {
				out = append(out, n+" "+strings.ReplaceAll(line, "internal/a/", ""))
			}
		}
		slices.Sort(out)
		return strings.Join(out, "\n")
	}
	wantCode := "1.1.4 `a.go`\n1.1.6 `page.html`\n2.1 `0001.sql` consent\n2.1 `a.go` T\n2.2 `0001.sql` consent\n2.2 `a.go` T\n3.2.1 `a.go` one\n3.2.2 `a.go` two\n" +
		"4.1.7 `a.go` T.M\n5.1 `a.go` T.M\n6.2.4 `a.go` T.M\n6.2.4 `rules.cedar` shut\n9.4 `a.go` T.M"
	if got := flat(s.code); got != wantCode {
		t.Errorf("code:\n%s\nwant:\n%s", got, wantCode)
	}
	if got := flat(s.tests); got != "5.1 `a_test.go` TestM" {
		t.Errorf("tests:\n%s", got)
	}
	if p := s.known[place{"internal/a", "T.M"}]; p != (place{"internal/a/a.go", "T.M"}) {
		t.Errorf("T.M is known at %v among %v", p, slices.Collect(maps.Keys(s.known)))
	}
}

// Moving lines moves nothing on the page.
func TestLinesDoNotMatter(t *testing.T) {
	found := func(text string) map[string]map[place]struct{} {
		s, err := scan(fstest.MapFS{"a.go": &fstest.MapFile{Data: []byte(text)}}, numbersOf(t))
		if err != nil {
			t.Fatal(err)
		}
		return s.code
	}
	moved := strings.Replace(goFile, "// M does it.", "\n\n// M does it.", 1)
	if !maps.EqualFunc(found(goFile), found(moved), maps.Equal) {
		t.Error("the page depends on lines")
	}
}
