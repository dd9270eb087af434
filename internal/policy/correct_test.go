package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
)

func small() *Document {
	return &Document{Lang: "en", Title: "Policy", Preamble: []string{"Read it."}, Sections: []Section{
		{No: "1", Title: "Words", Clauses: []Clause{{No: "1.1", Text: "One", Items: []string{"a", "b"}}, {No: "1.1.1", Text: "Under"}, {No: "1.3", Text: "Three"}}},
		{No: "2", Title: "Rules", Clauses: []Clause{{No: "2.1", Text: "First"}}},
		{No: "5", Title: "Empty"},
	}}
}

// told is a document in a line.
func told(d *Document) string {
	var parts []string
	for _, p := range d.pieces() {
		part := p.No + " " + p.Text
		if p.Items != nil {
			part += fmt.Sprint(p.Items)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func TestCorrections(t *testing.T) {
	type act = func(*Document) (*Document, error)
	put := func(old, no, text string, items ...string) act {
		return func(d *Document) (*Document, error) { return d.Put(old, Clause{no, text, items}) }
	}
	remove := func(no string) act { return func(d *Document) (*Document, error) { return d.Remove(no) } }
	merge := func(no string, numbered bool) act {
		return func(d *Document) (*Document, error) { return d.Merge(no, numbered) }
	}
	const whole = "1 Words; 1.1 One[a b]; 1.1.1 Under; 1.3 Three; 2 Rules; 2.1 First; 5 Empty"
	for name, tc := range map[string]struct {
		act  act
		want string // the document, or the key of the error
	}{
		"a text":                     {put("1.3", "1.3", "Trois"), strings.Replace(whole, "Three", "Trois", 1)},
		"cleaned as by an import":    {put("1.3", "1.3", " T\u00adrois \n et  \x00quatre "), strings.Replace(whole, "Three", "Trois et quatre", 1)},
		"items":                      {put("1.1", "1.1", "One", "", "c "), strings.Replace(whole, "[a b]", "[c]", 1)},
		"another number":             {put("1.3", "1.2", "Three"), strings.Replace(whole, "1.3", "1.2", 1)},
		"another section":            {put("1.3", "2.2", "Three"), "1 Words; 1.1 One[a b]; 1.1.1 Under; 2 Rules; 2.1 First; 2.2 Three; 5 Empty"},
		"a new one":                  {put("", "1.2", "Two"), strings.Replace(whole, "1.3", "1.2 Two; 1.3", 1)},
		"a new section":              {put("", "3", "Third"), strings.Replace(whole, "5 Empty", "3 Third; 5 Empty", 1)},
		"a section with its clauses": {put("1", "4", "Words"), "2 Rules; 2.1 First; 4 Words; 4.1 One[a b]; 4.1.1 Under; 4.3 Three; 5 Empty"},
		"a title":                    {put("2", "2", "Laws"), strings.Replace(whole, "Rules", "Laws", 1)},
		"a section that was none":    {put("5", "1.4", "Four"), strings.Replace(whole, "; 2 Rules; 2.1 First; 5 Empty", "; 1.4 Four; 2 Rules; 2.1 First", 1)},
		"removed":                    {remove("1.1.1"), strings.Replace(whole, "1.1.1 Under; ", "", 1)},
		"an empty section removed":   {remove("5"), strings.TrimSuffix(whole, "; 5 Empty")},
		"merged":                     {merge("1.3", false), strings.Replace(whole, "; 1.3 Three", " Three", 1)},
		"merged with its number":     {merge("1.3", true), strings.Replace(whole, "; 1.3 Three", " 1.3. Three", 1)},
		"merged into a list":         {merge("1.1.1", false), strings.Replace(whole, "[a b]; 1.1.1 Under", "[a b Under]", 1)},
		"a section merged":           {merge("5", true), strings.Replace(whole, "; 5 Empty", " 5. Empty", 1)},
		"merged into a title":        {merge("2.1", false), strings.Replace(whole, "; 2.1 First", " First", 1)},

		"no number":               {put("1.3", "1.x", "T"), "number policy.correct.number"},
		"a number with a zero":    {put("", "1.0", "T"), "number policy.correct.number"},
		"no text":                 {put("1.3", "1.3", " \u00ad"), "text policy.correct.text"},
		"neither":                 {put("1.3", "", ""), "number policy.correct.number text policy.correct.text"},
		"a number that is taken":  {put("1.3", "1.1", "T"), "number policy.correct.taken"},
		"a new one that is there": {put("", "2", "T"), "number policy.correct.taken"},
		"no such section":         {put("", "3.1", "T"), "number policy.correct.no_section"},
		"a section with a list":   {put("5", "5", "T", "x"), "items policy.correct.section_items"},
		"its own section is gone": {put("1", "1.9", "T"), "number policy.correct.section_full"},
		"nothing to change":       {put("9", "9", "T"), "policy.correct.unknown"},
		"nothing to remove":       {remove("9.1"), "policy.correct.unknown"},
		"a full section removed":  {remove("2"), "policy.correct.section_full"},
		"a full section merged":   {merge("2", false), "policy.correct.section_full"},
		"nothing to merge into": {func(*Document) (*Document, error) {
			return (&Document{Sections: []Section{{No: "1", Title: "A"}}}).Merge("1", false)
		}, "policy.correct.first"},
		"a list has no title": {func(d *Document) (*Document, error) {
			d.Sections[0].Clauses[0].Items = []string{"x"}
			return d.Merge("1.1", false)
		}, "policy.correct.section_items"},
		"a number far too large":   {put("", "1.1000", "T"), "number policy.correct.number"},
		"a number without a point": {put("", "4.", "T"), "number policy.correct.number"},
	} {
		t.Run(name, func(t *testing.T) {
			d := small()
			got, err := tc.act(d)
			said := ""
			if err != nil {
				e := errs.As(err)
				said = e.Key
				if e.Key == "error.fields" {
					said = ""
					for _, f := range e.Fields {
						said = strings.TrimSpace(said + " " + f.Name + " " + f.Key)
					}
				}
			} else {
				said = told(got)
				if err := got.Validate(); err != nil || got.Title != d.Title || got.Lang != d.Lang || !slices.Equal(got.Preamble, d.Preamble) {
					t.Errorf("the document that is left: %+v, %v", got, err)
				}
			}
			if said != tc.want {
				t.Errorf("got  %s\nwant %s", said, tc.want)
			}
			if name != "a list has no title" && !reflect.DeepEqual(d, small()) {
				t.Errorf("the old document was changed: %s", told(d))
			}
		})
	}
}

func TestHead(t *testing.T) {
	for name, tc := range map[string]struct {
		title    string
		preamble string
		want     string
	}{
		"other words":         {" Policy  of us", "One\n\n Two ", "Policy of us|One|Two"},
		"no preamble":         {"Policy", "", "Policy"},
		"no title":            {" ", "One", "title policy.correct.text"},
		"a title of a number": {"1. Words", "One", "title policy.document.preamble"},
		"a numbered preamble": {"Policy", "One\n2. Two\n3. Three", "preamble policy.document.preamble"},
	} {
		d, err := small().Head(tc.title, Lines(tc.preamble))
		got := ""
		if err != nil {
			for _, f := range errs.As(err).Fields {
				got += f.Name + " " + f.Key
			}
		} else {
			got = strings.Join(append([]string{d.Title}, d.Preamble...), "|")
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// FuzzPut: whatever is written, the numbers rise and each clause stands in its section.
func FuzzPut(f *testing.F) {
	f.Add("1.3", "1.2", "Text", "a\nb")
	f.Add("", "5.1", "Text", "")
	f.Add("2", "1", "Title", "")
	f.Fuzz(func(t *testing.T, old, no, text, items string) {
		d, err := small().Put(old, Clause{no, text, Lines(items)})
		if err != nil {
			if k := errs.KindOf(err); k != errs.Invalid && k != errs.NotFound {
				t.Error(err)
			}
			return
		}
		if err := d.Validate(); err != nil {
			t.Errorf("%q, %q: %v", no, text, err)
		}
	})
}

func TestRuleChangeInWords(t *testing.T) {
	cat, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	support := RuleChange{Role: SupportR, Fields: person.Set(person.Phone), Purposes: []Purpose{Feedback}, Operations: []Operation{Retrieval}, Where: Ordinary}
	all := RuleChange{Role: Reader, Gains: true, Bare: true, Fields: person.Set(append([]person.Field{person.TOTP}, person.Profile...)...), Purposes: []Purpose{Feedback, Support}}
	for _, tc := range []struct {
		lang   string
		change RuleChange
		want   string
	}{
		{"en", support, "Support loses phone number under 4.1.3"},
		{"ru", support, "Роли «Служба поддержки» больше не открывается: номер телефона (пункт 4.1.3)"},
		{"kk", support, "«Қолдау қызметі» рөліне енді ашылмайды: телефон нөмірі (4.1.3-тармақ)"},
		{"en", all, "the person's record, the whole profile (3.2) and "},
		{"en", all, " under 4.1.3 and 4.1.7"},
		{"kk", all, "рөліне енді ашылады: адам туралы жазба, бүкіл профиль (3.2) және "},
	} {
		if got := tc.change.Say(cat.Lang(tc.lang)); !strings.Contains(got, tc.want) {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
