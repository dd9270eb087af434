package site

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ustaz/internal/edition"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

func TestPolicyHasEveryClause(t *testing.T) {
	e := openPublic(t)
	for _, code := range i18n.Codes() {
		doc := e.tree("/" + code + "/policy")
		byID := map[string]*html.Node{}
		for _, n := range find(doc, func(n *html.Node) bool { return attr(n, "id") != "" }) {
			byID[attr(n, "id")] = n
		}
		numbers := e.base.Doc(code).Numbers()
		if len(numbers) != 66 {
			t.Fatalf("%d numbers", len(numbers))
		}
		for _, no := range numbers {
			at, plain := byID["c"+no], byID[no]
			if at == nil || plain == nil {
				t.Errorf("%s %s has no anchor", code, no)
				continue
			}
			var want string
			if c, ok := e.base.Doc(code).Clause(no); ok {
				want = strings.Join(append([]string{c.No, c.Text}, c.Items...), " ")
			}
			if got := said(at); want != "" && squeeze(got) != squeeze(want) {
				t.Errorf("%s %s says %q, want %q", code, no, got, want)
			}
			links := find(plain, func(n *html.Node) bool { return hasClass("c-no")(n) })
			own := "/" + code + "/policy/" + no
			if len(links) == 0 || attr(links[0], "href") != own {
				t.Errorf("%s %s has no address of its own", code, no)
				continue
			}
			alone := e.tree(own)
			heading := find(alone, func(n *html.Node) bool { return n.Data == "h1" })
			if len(heading) != 1 || !strings.Contains(said(heading[0]), no) {
				t.Errorf("%s has another heading", own)
			}
			quote := find(alone, func(n *html.Node) bool { return n.Data == "blockquote" })
			if c, ok := e.base.Doc(code).Clause(no); ok && (len(quote) != 1 || squeeze(said(quote[0])) != squeeze(strings.Join(append([]string{c.Text}, c.Items...), " "))) {
				t.Errorf("%s does not say the clause", own)
			}
		}
	}
}

// squeeze takes all spaces out: markup between words may add some.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func TestPolicySaysWhatItIs(t *testing.T) {
	e := openPublic(t)
	hash := e.base.Hash()
	for target, wants := range map[string][]string{
		"/kk/policy":            {"2026 жылғы 2 қарашадағы № 1", "2026 жылғы 2 қарашадан бастап", "2026 жылғы 22 қараша, 12:00", hash[:12]},
		"/ru/policy":            {"№ 1 от 2 ноября 2026 г.", "с 2 ноября 2026 г."},
		"/en/policy":            {"No 1 of 2 November 2026", "from 2 November 2026"},
		"/en/policy/print":      {"Bilim Foundation", hash, "https://ustaz.example/en/policy"},
		"/en/policy/editions/1": {"from 2 November 2026"},
	} {
		text := strings.ReplaceAll(said(e.tree(target)), "\u00a0", " ")
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", target, want)
			}
		}
	}
}

func TestReferencesAreLinks(t *testing.T) {
	e := openPublic(t)
	clause := find(e.tree("/en/policy"), func(n *html.Node) bool { return attr(n, "id") == "c3.4" })[0]
	var hrefs []string
	for _, a := range find(clause, func(n *html.Node) bool { return n.Data == "a" }) {
		hrefs = append(hrefs, attr(a, "href"))
	}
	if want := []string{"/en/policy/3.4", "#c5.2", "#c5.3", "#c7.2"}; !slices.Equal(hrefs, want) {
		t.Errorf("3.4 links to %v", hrefs)
	}
}

func TestPlainTextIsTheDocument(t *testing.T) {
	e := openPublic(t)
	for _, code := range i18n.Codes() {
		for _, target := range []string{"/" + code + "/policy.txt", "/" + code + "/policy/editions/1/policy.txt"} {
			w := e.get(target)
			if w.Body.String() != e.base.Doc(code).Text() || w.Header().Get("Content-Language") != code {
				t.Errorf("%s is another text", target)
			}
			back, err := policy.Import(bytes.NewReader(w.Body.Bytes()), "policy.txt", policy.MaxImport)
			if err != nil || !slices.Equal(back.Document.Numbers(), e.base.Doc(code).Numbers()) {
				t.Errorf("%s is not read back: %v", target, err)
			}
		}
	}
}

func TestPrintIsTheDocumentAlone(t *testing.T) {
	e := openPublic(t)
	doc := e.tree("/kk/policy/print")
	if notes := find(doc, hasClass("means")); len(notes) > 0 {
		t.Errorf("%d notes of ours in the document", len(notes))
	}
	if clauses := find(doc, hasClass("c")); len(clauses) != 57 {
		t.Errorf("%d clauses", len(clauses))
	}
	if notes := find(e.tree("/kk/policy"), hasClass("means")); len(notes) < len(siteNotes) {
		t.Errorf("%d notes beside the text", len(notes))
	}
}

func TestStableAddressOfAClause(t *testing.T) {
	e := openPublic(t)
	for accept, want := range map[string]string{"": "/kk/policy/4.1.7", "ru-RU,ru;q=0.9": "/ru/policy/4.1.7", "de": "/en/policy/4.1.7"} {
		w := e.get("/policy/4.1.7", "Accept-Language", accept)
		if w.Code != http.StatusFound || w.Header().Get("Location") != want || !slices.Contains(w.Header().Values("Vary"), "Accept-Language") {
			t.Errorf("%q: %d %v", accept, w.Code, w.Header())
		}
	}
}

func TestRulesAreWhatTheEditionSays(t *testing.T) {
	e := openPublic(t)
	doc := e.tree("/en/policy/rules")
	text := said(doc)
	for _, want := range []string{"Roles that see no personal data at all: Administrator.", "to answer a request for help clause 4.1.7surname, name, e-mail, phone number, text of the case and attached fileretrievalonly within a particular case"} {
		if !strings.Contains(text, want) {
			t.Errorf("the rules do not say %q", want)
		}
	}
	// Each line of the matrix that opens a field is in the table of its role, with its clause.
	l := e.deps.lang(t, "en")
	for _, row := range e.base.Rules.Matrix() {
		if row.Fields == 0 {
			continue
		}
		section := find(doc, func(n *html.Node) bool { return attr(n, "aria-labelledby") == "role-"+row.Role.String() })
		if len(section) != 1 {
			t.Fatalf("no table of %v", row.Role)
		}
		found := slices.ContainsFunc(find(section[0], func(n *html.Node) bool { return n.Data == "tr" }), func(n *html.Node) bool {
			line := said(n)
			return strings.Contains(line, "clause "+row.Purpose.Clause()) && strings.Contains(line, fieldNames(l, row.Fields)) && strings.Contains(line, l.T("policypage.act."+row.Operation.String()))
		})
		if !found {
			t.Errorf("no line for %v %v %v", row.Role, row.Purpose, row.Operation)
		}
	}
	who := said(find(e.tree("/en/policy/4.1.7"), func(n *html.Node) bool { return n.Data == "dl" })[0])
	if who != "Supportsurname, name, e-mail, phone number, text of the case and attached fileEditortext of the case and attached fileOfficer for personal datatext of the case and attached fileProgramsurname, name and e-mail" {
		t.Errorf("4.1.7 opens to %q", who)
	}
}

// lang is a language of the product's catalogue.
func (Deps) lang(t *testing.T, code string) i18n.Lang {
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Lang(code)
}

func TestFieldNames(t *testing.T) {
	l := Deps{}.lang(t, "en")
	for want, fields := range map[string]person.Fields{
		"":                                       0,
		"surname and IIN":                        person.Set(person.Surname, person.IIN),
		"the whole profile (3.2)":                person.Set(person.Profile...),
		"the whole profile (3.2) and IP address": person.Set(append([]person.Field{person.Address}, person.Profile...)...),
	} {
		if got := fieldNames(l, fields); got != want {
			t.Errorf("%v: %q, want %q", fields, got, want)
		}
	}
}

func TestSpans(t *testing.T) {
	day := func(n int) time.Time { return openDay.AddDate(0, 0, n) }
	at := func(seq int64, from int) *edition.Published {
		return &edition.Published{Seq: seq, Edition: &policy.Edition{InForce: day(from)}}
	}
	for name, tc := range map[string]struct {
		all   []*edition.Published // the first is asked about
		state standing
		until time.Time
	}{
		"the only one":                  {[]*edition.Published{at(1, -5)}, ruling, time.Time{}},
		"the only one, not yet":         {[]*edition.Published{at(1, 5)}, coming, time.Time{}},
		"from this moment":              {[]*edition.Published{at(1, 0)}, ruling, time.Time{}},
		"another will follow":           {[]*edition.Published{at(1, -5), at(2, 3)}, ruling, day(3)},
		"two will follow":               {[]*edition.Published{at(1, -5), at(3, 2), at(2, 3)}, ruling, day(2)},
		"another has followed":          {[]*edition.Published{at(1, -5), at(2, -3)}, past, day(-3)},
		"another follows now":           {[]*edition.Published{at(1, -5), at(2, 0)}, past, day(0)},
		"replaced before it began":      {[]*edition.Published{at(1, 5), at(2, 5)}, skipped, time.Time{}},
		"it replaced another":           {[]*edition.Published{at(2, 5), at(1, 5)}, coming, time.Time{}},
		"published later, dated before": {[]*edition.Published{at(2, -7), at(1, -5)}, past, day(-5)},
	} {
		if got := spanOf(tc.all[0], tc.all, openDay); got != (span{tc.state, tc.until}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestEditionsInTime(t *testing.T) {
	e := openPublic(t, func(e *publicEnv) {
		e.publish(e.base)
		e.publish(e.another("2", openDay.AddDate(0, 0, 10), func(ed *policy.Edition) {
			for _, d := range ed.Docs {
				d.Sections[1].Clauses[0].Text += " Жаңа сөз."
			}
		}))
	})
	states := func() string {
		var out []string
		for _, tag := range find(e.tree("/en/policy/editions"), hasClass("tag")) {
			out = append(out, said(tag))
		}
		return strings.Join(out, ", ")
	}
	if got := states(); got != "not yet in force, in force" {
		t.Errorf("before: %s", got)
	}
	if strings.Contains(e.page("/en/policy"), "Жаңа сөз") || !strings.Contains(e.page("/en/policy/editions/2"), "Жаңа сөз") {
		t.Error("an edition that is to come rules already, or can't be read")
	}
	if got := said(find(e.tree("/en/policy/editions/2"), hasClass("notice"))[0]); !strings.Contains(got, "comes into force on 2 December 2026") {
		t.Errorf("the edition to come says %q", got)
	}
	// Before its day the page of the policy tells of it, with the way to its text and to what changes (9.2).
	notice := find(e.tree("/en/policy"), hasClass("notice"))
	if len(notice) != 1 || !strings.Contains(said(notice[0]), "takes force on 2 December 2026") {
		t.Fatalf("the policy in force says nothing of the next: %v", notice)
	}
	var ways []string
	for _, a := range find(notice[0], func(n *html.Node) bool { return n.Data == "a" }) {
		ways = append(ways, attr(a, "href"))
	}
	if want := []string{"/en/policy/editions/2", "/en/policy/editions/2/changes"}; !slices.Equal(ways, want) {
		t.Errorf("it leads to %v", ways)
	}
	e.moved.Add(int64(10 * 24 * time.Hour))
	if n := find(e.tree("/en/policy"), hasClass("notice")); len(n) != 0 {
		t.Errorf("there is no next edition, but %q", said(n[0]))
	}
	if got := states(); got != "in force, no longer in force" {
		t.Errorf("after: %s", got)
	}
	if !strings.Contains(e.page("/en/policy"), "Жаңа сөз") {
		t.Error("the new edition does not rule")
	}
	if got := said(find(e.tree("/en/policy/editions/1"), hasClass("notice"))[0]); !strings.Contains(got, "was in force until 2 December 2026") {
		t.Errorf("the old edition says %q", got)
	}
}

func TestChanges(t *testing.T) {
	e := openPublic(t, func(e *publicEnv) {
		e.publish(e.base)
		e.publish(e.another("2", openDay, func(ed *policy.Edition) {
			for _, d := range ed.Docs {
				d.Sections[1].Clauses[0].Text = "Алдымен. " + d.Sections[1].Clauses[0].Text
				d.Sections[2].Clauses[10].Items = d.Sections[2].Clauses[10].Items[:2]
				d.Sections[8].Clauses = append(d.Sections[8].Clauses[:3:3], policy.Clause{No: "9.5", Text: "Қосымша."})
			}
			ed.RulesText = strings.Replace(ed.RulesText, `Field::"phone"`, `Field::"iin"`, 1)
		}))
		e.publish(e.another("3", openDay, func(ed *policy.Edition) { ed.Docs = map[string]*policy.Document{"kk": ed.Docs["kk"]} }))
		e.publish(e.another("4", openDay, func(ed *policy.Edition) { ed.Docs = map[string]*policy.Document{"ru": ed.Docs["ru"]} }))
	})
	if got := said(e.tree("/en/policy/editions/1/changes")); !strings.Contains(got, "This is the first edition") {
		t.Error("the first edition is compared with something")
	}
	doc := e.tree("/kk/policy/editions/2/changes")
	var parts []string
	for _, n := range find(doc, func(n *html.Node) bool { return n.Data == "h3" }) {
		parts = append(parts, said(n))
	}
	if want := []string{"2.1-тармақ Өзгертілді", "3.3-тармақ Өзгертілді", "9.4-тармақ Алынып тасталды", "9.5-тармақ Қосылды"}; !slices.Equal(parts, want) {
		t.Errorf("changed: %q", parts)
	}
	if ins := find(doc, func(n *html.Node) bool { return n.Data == "ins" }); len(ins) == 0 || said(ins[0]) != "[қосылған: Алдымен. ]" {
		t.Errorf("the first insertion is %q", said(ins[0]))
	}
	rows := find(find(doc, func(n *html.Node) bool { return n.Data == "tbody" })[0], func(n *html.Node) bool { return n.Data == "tr" })
	changes := policy.CompareRules(e.base.Rules, e.another("2", openDay, func(ed *policy.Edition) {
		ed.RulesText = strings.Replace(ed.RulesText, `Field::"phone"`, `Field::"iin"`, 1)
	}).Rules)
	if len(changes) == 0 || len(rows) != len(changes) {
		t.Errorf("%d lines for %d changes of rules", len(rows), len(changes))
	}
	if text := said(doc); !strings.Contains(text, "айырылады") || !strings.Contains(text, "телефон нөмірі") {
		t.Error("nobody loses the phone number")
	}
	third := said(e.tree("/ru/policy/editions/3/changes"))
	if !strings.Contains(third, "Алынып тасталды") && !strings.Contains(third, "Исключено") {
		t.Error("editions with only Kazakh in common are not compared")
	}
	if got := said(e.tree("/en/policy/editions/4/changes")); !strings.Contains(got, "no language in common") || !strings.Contains(got, "The rules have not changed") {
		t.Error("editions without a language in common are compared")
	}
}

func TestAnEditionInOneLanguage(t *testing.T) {
	e := openPublic(t, func(e *publicEnv) {
		d := e.base.Docs["kk"]
		d.Sections = d.Sections[:8] // another numbering: our notes are not about it
		e.base.Docs = map[string]*policy.Document{"kk": d}
		e.publish(e.base)
	})
	doc := e.tree("/ru/policy")
	article := find(doc, func(n *html.Node) bool { return n.Data == "article" })[0]
	if attr(article, "lang") != "kk" || !strings.Contains(said(find(doc, hasClass("notice"))[0]), "на казахском языке") {
		t.Error("a Kazakh text on a Russian page is not marked")
	}
	if len(find(doc, hasClass("means"))) > 0 {
		t.Error("notes of ours beside clauses of another numbering")
	}
	if got := e.get("/ru/policy.txt").Header().Get("Content-Language"); got != "kk" {
		t.Errorf("the text says it is %s", got)
	}
}
