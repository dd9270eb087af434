package policy

import (
	"bytes"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
)

// allNumbers are the 9 sections and 57 clauses of the policy.
var allNumbers = strings.Fields(`
	1 1.1 1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6 1.1.7
	2 2.1 2.2 2.3 2.4
	3 3.1 3.2 3.2.1 3.2.2 3.2.3 3.2.4 3.2.5 3.2.6 3.2.7 3.2.8 3.3 3.3.1 3.3.2 3.4
	4 4.1 4.1.1 4.1.2 4.1.3 4.1.4 4.1.5 4.1.6 4.1.7
	5 5.1 5.2 5.3 5.4 5.5
	6 6.1 6.1.1 6.1.2 6.2 6.2.1 6.2.2 6.2.3 6.2.4
	7 7.1 7.2
	8 8.1 8.2 8.3 8.4
	9 9.1 9.2 9.3 9.4`)

func defaultEdition(t *testing.T) *Edition {
	t.Helper()
	e, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDefaultEdition(t *testing.T) {
	if len(allNumbers) != 66 {
		t.Fatalf("%d numbers in the list", len(allNumbers))
	}
	e := defaultEdition(t)
	if e.Rules == nil || e.RulesText != DefaultRules() {
		t.Error("the default edition has no rules")
	}
	if got := slices.Sorted(maps.Keys(e.Docs)); !slices.Equal(got, []string{"en", "kk", "ru"}) {
		t.Fatalf("languages %v", got)
	}
	for lang, d := range e.Docs {
		if d.Lang != lang {
			t.Errorf("%s is read as %s", lang, d.Lang)
		}
		if !slices.Equal(d.Numbers(), allNumbers) {
			t.Errorf("%s: numbers %v", lang, d.Numbers())
		}
		if sections, clauses := d.Counts(); sections != 9 || clauses != 57 {
			t.Errorf("%s: %d sections, %d clauses", lang, sections, clauses)
		}
		if c, _ := d.Clause("3.3"); len(c.Items) != 3 {
			t.Errorf("%s: items of 3.3: %q", lang, c.Items)
		}
		// The file is in the form that we write ourselves, so that a change of it can be read line by line.
		file, err := os.ReadFile("default/policy." + lang + ".md")
		if err != nil {
			t.Fatal(err)
		}
		if d.Markdown() != string(file) {
			t.Errorf("%s is not in canonical Markdown", lang)
		}
	}
	for _, p := range Purposes {
		if _, ok := e.Docs["kk"].Clause(p.Clause()); !ok {
			t.Errorf("purpose %s has no clause", p)
		}
	}
}

// The default edition has to serve as the text of a consent: Law article 8, paragraph 4.
func TestDefaultEditionStatesTheConsent(t *testing.T) {
	e := defaultEdition(t)
	for lang, clauses := range map[string]map[string]string{
		"kk": {"": "бизнес-сәйкестендіру нөмірі", "5.1": "мерзімі", "5.2": "трансшекаралық", "6.2.2": "жалпыға қолжетімді", "3.2": "мыналар ғана"},
		"ru": {"": "бизнес-идентификационный номер", "5.1": "Срок", "5.2": "трансграничная", "6.2.2": "общедоступных", "3.2": "никакие другие"},
		"en": {"": "business identification number", "5.1": "term", "5.2": "border", "6.2.2": "open to the public", "3.2": "no others"},
	} {
		for no, words := range clauses {
			text := strings.Join(e.Docs[lang].Preamble, " ")
			if no != "" {
				text = clauseText(t, e.Docs[lang], no)
			}
			if !strings.Contains(text, words) {
				t.Errorf("%s: %q does not say %q", lang, no, words)
			}
		}
	}
}

func testEdition(t *testing.T) *Edition {
	t.Helper()
	russian := sampleDocument()
	russian.Lang = "ru"
	return &Edition{Order: "97п", OrderDate: day(2023, time.September, 7), InForce: day(2023, time.September, 8).Add(time.Microsecond),
		Docs: map[string]*Document{"en": sampleDocument(), "ru": russian}, RulesText: DefaultRules()}
}

func TestHash(t *testing.T) {
	e := testEdition(t)
	first := e.Hash()
	if len(first) != 64 || testEdition(t).Hash() != first {
		t.Fatalf("hash %q is not stable", first)
	}
	seen := map[string]string{first: "unchanged"}
	for name, change := range map[string]func(*Edition){
		"order":          func(e *Edition) { e.Order = "97" },
		"order date":     func(e *Edition) { e.OrderDate = e.OrderDate.AddDate(0, 0, 1) },
		"in force":       func(e *Edition) { e.InForce = e.InForce.Add(time.Microsecond) },
		"rules":          func(e *Edition) { e.RulesText += " " },
		"language":       func(e *Edition) { delete(e.Docs, "ru") },
		"title":          func(e *Edition) { e.Docs["en"].Title += "!" },
		"preamble":       func(e *Edition) { e.Docs["en"].Preamble = []string{"It is", "short."} },
		"preamble empty": func(e *Edition) { e.Docs["en"].Preamble = nil },
		"section title":  func(e *Edition) { e.Docs["en"].Sections[0].Title += "!" },
		"clause number":  func(e *Edition) { e.Docs["en"].Sections[1].Clauses[0].No = "2.2" },
		"clause text":    func(e *Edition) { e.Docs["en"].Sections[1].Clauses[0].Text += "!" },
		"items":          func(e *Edition) { e.Docs["en"].Sections[0].Clauses[0].Items = []string{"one;two."} },
		"item moved": func(e *Edition) {
			c := e.Docs["en"].Sections[0].Clauses
			c[1].Items, c[0].Items = c[0].Items, nil
		},
	} {
		e := testEdition(t)
		change(e)
		if other, same := seen[e.Hash()]; same {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[e.Hash()] = name
	}
	e.InForce = e.InForce.In(time.FixedZone("", 5*3600))
	if e.Hash() != first {
		t.Error("the zone in which a time is given changes the hash")
	}
}

func TestDoc(t *testing.T) {
	e := testEdition(t)
	for lang, want := range map[string]string{"en": "en", "ru": "ru", "kk": "ru", "": "ru"} {
		if got := e.Doc(lang).Lang; got != want {
			t.Errorf("%q gives %s, want %s", lang, got, want)
		}
	}
	if (&Edition{}).Doc("kk") != nil {
		t.Error("a document from nowhere")
	}
}

func TestStorage(t *testing.T) {
	for name, e := range map[string]*Edition{"default": defaultEdition(t), "small": testEdition(t)} {
		data, err := EncodeEdition(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeEdition(data)
		if err != nil {
			t.Fatal(err)
		}
		if back.Hash() != e.Hash() || !reflect.DeepEqual(back.Docs, e.Docs) || back.Rules == nil {
			t.Errorf("%s: another edition came back", name)
		}
	}
}

func TestStorageIsStrict(t *testing.T) {
	data, err := EncodeEdition(testEdition(t))
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) []byte { return bytes.Replace(data, []byte(old), []byte(new), 1) }
	for name, damaged := range map[string][]byte{
		"empty":          nil,
		"cut":            data[:len(data)-1],
		"more after it":  append(slices.Clone(data), '{'),
		"a space":        replace(":", ": "),
		"another field":  replace(`{"order"`, `{"extra":1,"order"`),
		"a field twice":  replace(`{"order":`, `{"order":"1","order":`),
		"another case":   replace(`"order"`, `"Order"`),
		"wrong date":     replace("2023-09-07", "2023-13-07"),
		"not valid":      replace(`"No":"2.1"`, `"No":"3.1"`),
		"number differs": replace(`"No":"2.1"`, `"No":"2.2"`),
	} {
		if bytes.Equal(damaged, data) {
			t.Fatalf("%s: nothing was replaced", name)
		}
		if _, err := DecodeEdition(damaged); !errs.Is(err, errs.Internal) || errs.As(err).Key != "policy.edition.damaged" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEditionValidate(t *testing.T) {
	if err := testEdition(t).Validate(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		spoil func(*Edition)
		key   string
	}{
		"no order":       {func(e *Edition) { e.Order = "" }, "policy.edition.order"},
		"no date":        {func(e *Edition) { e.OrderDate = time.Time{} }, "policy.edition.order_date"},
		"a time of day":  {func(e *Edition) { e.OrderDate = e.OrderDate.Add(time.Hour) }, "policy.edition.order_date"},
		"never in force": {func(e *Edition) { e.InForce = time.Time{} }, "policy.edition.in_force"},
		"rules":          {func(e *Edition) { e.RulesText = "\xff" }, "policy.edition.rules"},
		"no document":    {func(e *Edition) { e.Docs = nil }, "policy.edition.no_document"},
		"filed wrongly":  {func(e *Edition) { e.Docs["kk"] = sampleDocument() }, "policy.document.language"},
		"a bad document": {func(e *Edition) { e.Docs["ru"].Title = "" }, "policy.document.text"},
		"one is longer":  {func(e *Edition) { d := e.Docs["ru"]; d.Sections = d.Sections[:1] }, "policy.edition.numbers"},
	} {
		e := testEdition(t)
		test.spoil(e)
		if err := e.Validate(); !errs.Is(err, errs.Invalid) || errs.As(err).Key != test.key {
			t.Errorf("%s: %v, want %s", name, err, test.key)
		}
	}
}

// FuzzDecodeEdition: what decodes is what was encoded, byte for byte.
func FuzzDecodeEdition(f *testing.F) {
	f.Add([]byte(`{"order":"1","order_date":"2023-09-07","in_force":1,"docs":{"en":{"Lang":"en","Title":"T","Preamble":null,"Sections":[{"No":"1","Title":"A","Clauses":null}]}},"rules":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := DecodeEdition(data)
		if err != nil {
			return
		}
		if again, err := EncodeEdition(e); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%v: %s", err, again)
		}
	})
}
