package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ustaz/internal/errs"
)

func TestNumbers(t *testing.T) {
	for _, test := range []struct {
		line, number, rest string
	}{
		{"3.3.1. Text", "3.3.1", "Text"},
		{"3.3.1 Text", "3.3.1", "Text"},
		{"4. PURPOSES", "4", "PURPOSES"},
		{"4.", "4", ""},
		{"4 PURPOSES", "", ""},
		{"30 days", "", ""},
		{"7.2- clauses", "", ""},
		{"5.2., 5.3. and", "", ""},
		{"07.09.2023 on", "", ""},
		{"1.02. Text", "", ""},
		{"0. Text", "", ""},
		{"1..2 Text", "", ""},
		{"1000. Text", "", ""},
		{"1.1.1.1.1.1.1. Text", "", ""},
		{".1. Text", "", ""},
		{"", "", ""},
	} {
		n, rest, ok := cutNumber(test.line)
		if ok != (test.number != "") || ok && (n.String() != test.number || rest != test.rest) {
			t.Errorf("%q: %v %q %v", test.line, n, rest, ok)
		}
	}
}

func TestFollows(t *testing.T) {
	for _, test := range []struct {
		from, to string
		want     bool
	}{
		{"", "1", true}, {"", "2", false}, {"", "1.1", false},
		{"1", "1.1", true}, {"1", "2", true}, {"1", "1.2", false}, {"1", "1.1.1", false}, {"1", "3", false},
		{"3.2.8", "3.3", true}, {"3.2.8", "4", true}, {"3.2.8", "3.2.9", true}, {"3.2.8", "3.2.8.1", true},
		{"3.4", "7.2", false}, {"3.4", "3.4", false}, {"3.4", "3.3", false}, {"3.4", "5", false},
	} {
		from, _ := parseNumber(test.from)
		to, _ := parseNumber(test.to)
		if got := to.follows(from); got != test.want {
			t.Errorf("%s after %s: %v", test.to, test.from, got)
		}
	}
}

func sampleDocument() *Document {
	return &Document{Lang: "en", Title: "Policy", Preamble: []string{"It is short."}, Sections: []Section{
		{"1", "Words", []Clause{{"1.1", "In it:", []string{"one;", "two."}}, {"1.1.1", "a word.", nil}}},
		{"2", "Data", []Clause{{"2.1", "All data.", nil}}},
	}}
}

func TestDocument(t *testing.T) {
	d := sampleDocument()
	if sections, clauses := d.Counts(); sections != 2 || clauses != 3 {
		t.Errorf("%d sections, %d clauses", sections, clauses)
	}
	if c, ok := d.Clause("1.1"); !ok || len(c.Items) != 2 {
		t.Errorf("clause 1.1: %+v %v", c, ok)
	}
	for _, no := range []string{"1", "1.2", "", "1.1."} {
		if _, ok := d.Clause(no); ok {
			t.Errorf("there is no clause %q", no)
		}
	}
	if want := []string{"1", "1.1", "1.1.1", "2", "2.1"}; !slices.Equal(d.Numbers(), want) {
		t.Errorf("numbers %v", d.Numbers())
	}
}

func TestValidate(t *testing.T) {
	if err := sampleDocument().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		spoil func(*Document)
		key   string
	}{
		"language":            {func(d *Document) { d.Lang = "de" }, "policy.document.language"},
		"no title":            {func(d *Document) { d.Title = "" }, "policy.document.text"},
		"numbered title":      {func(d *Document) { d.Title = "1. Policy" }, "policy.document.preamble"},
		"numbered preamble":   {func(d *Document) { d.Preamble[0] = "1.1 It" }, "policy.document.preamble"},
		"no sections":         {func(d *Document) { d.Sections = nil }, "policy.document.empty"},
		"section number":      {func(d *Document) { d.Sections[1].No = "1" }, "policy.document.number"},
		"deep section number": {func(d *Document) { d.Sections[1].No = "2.1" }, "policy.document.number"},
		"clause of another":   {func(d *Document) { d.Sections[1].Clauses[0].No = "1.2" }, "policy.document.number"},
		"clause twice":        {func(d *Document) { d.Sections[0].Clauses[1].No = "1.1" }, "policy.document.number"},
		"odd number":          {func(d *Document) { d.Sections[0].Clauses[1].No = "1.01" }, "policy.document.number"},
		"section title":       {func(d *Document) { d.Sections[0].Title = " " }, "policy.document.text"},
		"empty clause":        {func(d *Document) { d.Sections[0].Clauses[1].Text = "" }, "policy.document.text"},
		"two lines":           {func(d *Document) { d.Sections[0].Clauses[1].Text = "a\nb" }, "policy.document.text"},
		"broken letter":       {func(d *Document) { d.Sections[0].Clauses[1].Text = "жԥне" }, "policy.document.text"},
		"empty item":          {func(d *Document) { d.Sections[0].Clauses[0].Items[1] = "" }, "policy.document.text"},
	} {
		d := sampleDocument()
		test.spoil(d)
		if err := d.Validate(); !errs.Is(err, errs.Invalid) || errs.As(err).Key != test.key {
			t.Errorf("%s: %v, want %s", name, err, test.key)
		}
	}
}

func TestTextIsWrapped(t *testing.T) {
	for _, lang := range Languages {
		for line := range strings.Lines(defaultEdition(t).Docs[lang].Text()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > textWidth+20 {
				t.Errorf("%s: %d characters in %q", lang, n, line)
			}
		}
	}
}

// drawDocument draws any valid document, with the characters that mean something to Markdown or to the reader of plain
// text in every place, and gaps in the numbers.
func drawDocument(t *rapid.T) *Document {
	lang := rapid.SampledFrom(Languages).Draw(t, "language")
	letters := map[string]string{"kk": "абәқңіұ", "ru": "абвдежр", "en": "abcdefg"}[lang]
	word := rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom([]rune(letters)), 1, 9, -1),
		rapid.StringOfN(rapid.SampledFrom([]rune(letters)), 1, 9, -1),
		rapid.SampledFrom([]string{"1.", "2.1.", "7.2", "3", "*", "-", "–", "•", "+", "#", "##", ">", "=", "---", "***", "a)", "1)", "12)", "№", "«", "»",
			"_", "__", "`", "\\", "&amp;", "<b>", "[x](y)", "|", "~~~", "...........", "5", "IP-", "-", ":", ";", "http://a.kz/_b_"}),
	)
	line := func(label string, numbered bool) string {
		return rapid.Custom(func(t *rapid.T) string {
			return clean(strings.Join(rapid.SliceOfN(word, 1, 24).Draw(t, "words"), " "))
		}).Filter(func(s string) bool {
			_, _, isNumbered := cutNumber(s)
			return s != "" && (numbered || !isNumbered)
		}).Draw(t, label)
	}
	step := rapid.SampledFrom([]int{1, 1, 1, 2})
	// Letters of the language decide what language is found.
	d := &Document{Lang: lang, Title: strings.Repeat(letters, 40) + " " + line("title", false)}
	for range rapid.IntRange(0, 2).Draw(t, "preamble") {
		d.Preamble = append(d.Preamble, line("paragraph", false))
	}
	section := 0
	for range rapid.IntRange(1, 4).Draw(t, "sections") {
		section += step.Draw(t, "step")
		last := number{section}
		s := Section{No: last.String(), Title: line("heading", true)}
		for range rapid.IntRange(0, 6).Draw(t, "clauses") {
			depth := rapid.IntRange(2, min(len(last)+1, maxDepth)).Draw(t, "depth")
			next := append(slices.Clone(last), 0)[:depth]
			next[depth-1] += step.Draw(t, "step")
			c := Clause{No: next.String(), Text: line("clause", true)}
			for range rapid.IntRange(0, 2).Draw(t, "items") {
				c.Items = append(c.Items, line("item", true))
			}
			s.Clauses = append(s.Clauses, c)
			last = next
		}
		d.Sections = append(d.Sections, s)
	}
	return d
}

func comesBack(t *rapid.T, d *Document, text, name string) {
	im, err := Import(strings.NewReader(text), name, MaxImport)
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if !reflect.DeepEqual(im.Document, d) {
		t.Fatalf("want %+v\ngot  %+v\nfrom\n%s", d, im.Document, text)
	}
}

func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDocument(t)
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		comesBack(t, d, d.Markdown(), "policy.md")
		comesBack(t, d, d.Text(), "policy.txt")
	})
}
