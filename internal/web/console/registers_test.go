package console

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/archive"
	"ustaz/internal/controls"
	"ustaz/internal/datamap"
	"ustaz/internal/desk"
	"ustaz/internal/disclosure"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/paper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/retention"
	"ustaz/internal/web"
)

// seen lets a test look at what a page is made of, in Kazakh, as the officer.
func (w *world) seen(look func(v *visit)) {
	w.Helper()
	done := false
	route := w.c.on(http.MethodGet, "/{lang}/console/seen", officers, func(rw http.ResponseWriter, v *visit) error {
		look(v)
		done = true
		return v.Text(rw, "")
	})
	frame, err := web.New(web.Config{Public: w.frame.Public, Catalog: w.frame.Catalog, Authenticate: w.authenticate, Log: w.frame.Log, Now: w.Clock.Now,
		Routes: []web.Route{route}, Operator: w.frame.Operator})
	w.must(err)
	r := httptest.NewRequest(http.MethodGet, "/kk/console/seen", nil)
	r.Header.Set(as, "officer")
	frame.ServeHTTP(httptest.NewRecorder(), r)
	if !done {
		w.Fatal("the page was not made")
	}
}

// paperTexts are the words of a paper in their order, the title first.
func paperTexts(d paper.Document) []string {
	out := []string{d.Title, d.To.Reveal()}
	for _, block := range d.Blocks {
		switch b := block.(type) {
		case paper.Heading:
			out = append(out, string(b))
		case paper.Paragraph:
			out = append(out, b.Text.Reveal())
		case paper.Facts:
			for _, f := range b {
				out = append(out, f.Label, f.Value.Reveal())
			}
		case paper.Table:
			for _, row := range b.Rows {
				for _, cell := range row {
					out = append(out, cell.Reveal())
				}
			}
		}
	}
	for _, s := range d.Signed {
		out = append(out, s.Post, s.Name.Reveal())
	}
	return out
}

// registered gives every register something to show.
func (w *world) registered() {
	w.Helper()
	w.tried()
	w.inspectedParts()
	w.aRecipient()
	w.aDisclosure()
	w.inspected.idle = w.People(w, 1)
	w.must(w.c.Kept.Set(w.Context(), w.viewers["officer"].Subject, retention.Rule{Category: "account", Months: 12, Basis: "№ 5 бұйрық"}))
	w.must(w.c.Kept.Run(w.Context()))
	w.inspected.idle = nil
	w.file(w.someone("bota@mysal.kz"), desk.Block)
	k := w.file(w.someone("gone@mysal.kz"), desk.Information)
	w.must(w.c.Cases.Answer(w.Context(), w.anOfficer(), k.Number, desk.Refused, "L 8", person.Stored(person.Words, "Негізсіз.")))
}

// The law's registers stand on one screen, without a person's value; that of cross-border transfers says why it is empty.
func TestRegistersOnOneScreen(t *testing.T) {
	w := newWorld(t)
	w.registered()
	before := len(w.entries())
	p := w.get("officer", "/kk/console/registers").is(http.StatusOK).lacks(shapes...).lacks("Ботақызы", "bota@mysal.kz", "Негізсіз", "Келісемін")
	for _, b := range registerBooks {
		p.has(`id="r-` + b.code + `"`)
	}
	p.has("Әрқашан бос", "Әсем Қайратова", "Қолдау қызметі", "«Білімді ұстаз» журналы", "Оқу-ағарту басқармасы", "Қағаз өтініштер, 1-папка")
	if entries := w.entries(); len(entries) != before+1 || !strings.Contains(entries[0], "|access|4.1.5|") {
		t.Errorf("looking left %d entries", len(entries)-before)
	}
}

// The export is one archive that the log's public key alone checks; it holds all lines, and no value of anybody.
func TestRegistersAreExported(t *testing.T) {
	w := newWorld(t)
	w.registered()
	for n := range 9 { // more than the screen shows
		w.file(w.someone(string(rune('a'+n))+"x@mysal.kz"), desk.Question)
	}
	sent := w.post("officer", "/ru/console/registers/export").is(http.StatusOK)
	if got := sent.head.Get("Content-Disposition"); !strings.Contains(got, "registers-2026-") {
		t.Errorf("offered as %q", got)
	}
	body := []byte(sent.body)
	report, err := archive.Verify(bytes.NewReader(body), int64(len(body)), w.Ledger.PublicKey())
	w.must(err)
	if want := 2*len(registerBooks) + 2; len(report.Files) != want {
		t.Errorf("%d files, want %d", len(report.Files), want)
	}
	files := map[string][]byte{}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	w.must(err)
	for _, f := range z.File {
		r, err := f.Open()
		w.must(err)
		files[f.Name], err = io.ReadAll(r)
		w.must(err)
		for _, s := range append([]string{"Ботақызы", "bota@mysal.kz", "Негізсіз", "Келісемін"}, shapes...) {
			if bytes.Contains(files[f.Name], []byte(s)) {
				t.Errorf("%s holds %q", f.Name, s)
			}
		}
	}
	var about struct {
		Lines map[string]int `json:"lines"`
		BIN   string         `json:"bin"`
	}
	w.must(json.Unmarshal(files["about.json"], &about))
	for _, b := range registerBooks {
		var rows []map[string]string
		w.must(json.Unmarshal(files["registers/"+b.code+".json"], &rows))
		table, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(files["registers/"+b.code+".csv"], []byte("\uFEFF")))).ReadAll()
		w.must(err)
		if len(rows) != about.Lines[b.code] || len(table) != len(rows)+1 || len(table[0]) != len(b.columns) {
			t.Errorf("%s: %d rows, %d lines of CSV, %d said", b.code, len(rows), len(table), about.Lines[b.code])
		}
		if empty := len(rows) == 0; empty != (b.code == "border") {
			t.Errorf("%s has %d lines", b.code, len(rows))
		}
	}
	if about.BIN != "990140000010" || about.Lines["requests"] != 11 || about.Lines["destruction"] != 1 {
		t.Errorf("%+v", about)
	}
	for _, want := range []string{`"item":"6"`, `"fields":"surname,position"`} {
		if !bytes.Contains(files["registers/actions.json"], []byte(want)) {
			t.Errorf("no %s among the actions: %s", want, files["registers/actions.json"])
		}
	}
	inside, err := z.File[0].DataOffset() // between the files are bytes of the format that may be anything
	w.must(err)
	body[inside+int64(z.File[0].CompressedSize64)/2] ^= 1
	if _, err := archive.Verify(bytes.NewReader(body), int64(len(body)), w.Ledger.PublicKey()); !errs.Is(err, errs.Invalid) {
		t.Errorf("a changed export: %v", err)
	}
	w.Clock.Move(account.RecentProof + time.Second)
	w.post("officer", "/ru/console/registers/export").is(http.StatusOK).has(`name="code"`)
}

// What officers write can't become a formula in a spreadsheet.
func TestRegistersAreHarmless(t *testing.T) {
	w := newWorld(t)
	w.post("officer", "/kk/console/carriers/add", "what", "=HYPERLINK(1)", "place", "@x", "sheets", "1").leads("/kk/console/carriers?done=carrier_added")
	var out bytes.Buffer
	w.seen(func(v *visit) { w.must(w.c.writeRegisters(v, &out)) })
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	w.must(err)
	f, err := z.Open("registers/carriers.csv")
	w.must(err)
	text, err := io.ReadAll(f)
	w.must(err)
	if !strings.Contains(string(text), "\n"+disclosure.Harmless("=HYPERLINK(1)")+","+disclosure.Harmless("@x")+",1,") {
		t.Errorf("%s", text)
	}
}

// 5.1: a term that makes people fall due at once is asked about with their number; nothing is set before the answer.
func TestTermIsAskedAbout(t *testing.T) {
	w := newWorld(t)
	w.inspected.idle = w.People(w, 3)
	rule := "/kk/console/retention/account"
	months := func() int {
		t.Helper()
		rules, err := w.c.Kept.Rules(t.Context())
		w.must(err)
		return rules[0].Months
	}
	w.get("officer", "/kk/console/retention").is(http.StatusOK).has("мерзімсіз", "Саясаттың 5.1-тармағы", "Мерзімі өткен деректер жойылмаған")
	ask := w.post("officer", rule, "months", "12", "basis", "№ 5 бұйрық").is(http.StatusOK).has("3 адамның деректері жойылады", "қалпына келтіру мүмкін емес", `name="seen" value="12"`)
	if months() != 0 {
		t.Error("set before it was asked")
	}
	w.post("officer", rule, "months", "6", "basis", "№ 5 бұйрық", "seen", "12").is(http.StatusOK).has("3 адамның") // another term, another question
	if got := ask.hidden(); got.Get("basis") != "№ 5 бұйрық" {
		t.Errorf("carried along: %v", got)
	}
	w.post("officer", rule, "months", "12", "basis", "№ 5 бұйрық", "seen", "12").leads("/kk/console/retention?done=kept_set")
	w.get("officer", "/kk/console/retention").is(http.StatusOK).has("12 ай", "№ 5 бұйрық", "(С. О.)")
	if months() != 12 {
		t.Errorf("%d months", months())
	}
	w.post("officer", rule, "months", "0", "basis", "№ 6 бұйрық").leads("/kk/console/retention?done=kept_set")
	for _, bad := range []string{"", "x", "-1", "5", "1201", "99999999999999999999"} {
		w.post("officer", rule, "months", bad, "basis", "№ 5", "seen", bad).is(http.StatusUnprocessableEntity)
	}
	w.post("officer", rule, "months", "0", "basis", "").is(http.StatusUnprocessableEntity).has("Негіздемені жазыңыз")
	w.get("officer", "/kk/console/retention/nobody").is(http.StatusNotFound)
}

// 1.1.2: papers are registered, and a closed record stays.
func TestCarriers(t *testing.T) {
	w := newWorld(t)
	end := "/kk/console/carriers/" + w.aCarrier() + "/end"
	w.get("officer", "/kk/console/carriers").is(http.StatusOK).has("Қағаз өтініштер, 1-папка", "12-бөлме, сейф", "сақтаулы", "40")
	for _, bad := range [][]string{{"what", "", "place", "сейф", "sheets", "1"}, {"what", "а", "place", "сейф", "sheets", "0"}, {"what", "а", "place", "сейф", "sheets", "көп"},
		{"what", strings.Repeat("ж", 151), "place", "сейф", "sheets", "1"}} {
		w.post("officer", "/kk/console/carriers/add", bad...).is(http.StatusUnprocessableEntity)
	}
	w.get("officer", end).is(http.StatusOK).has("Қағаз өтініштер, 1-папка")
	w.post("officer", end, "how", "").is(http.StatusUnprocessableEntity)
	w.post("officer", end, "how", "Ұсақталып жойылды, № 4 акт").leads("/kk/console/carriers?done=carrier_ended")
	w.post("officer", end, "how", "тағы").is(http.StatusConflict).has("бұрын жабылған")
	w.get("officer", "/kk/console/carriers").is(http.StatusOK).has("Ұсақталып жойылды, № 4 акт").lacks(end)
	for _, id := range []string{"0", "x", "7", "99999999999999999999"} {
		w.get("officer", "/kk/console/carriers/"+id+"/end").is(http.StatusNotFound)
	}
}

// 7.2: the officer takes a page down, and sees no value of it.
func TestPublicationIsTakenDown(t *testing.T) {
	w := newWorld(t)
	slug := w.aPublication()
	down := "/kk/console/publications/" + slug + "/down"
	w.get("officer", "/kk/console/publications").is(http.StatusOK).has("ашық", down).lacks("Ботақызы")
	w.get("officer", down).is(http.StatusOK).has("тегі, лауазымы").lacks("Ботақызы")
	w.post("officer", down).leads("/kk/console/publications?done=publication_down")
	if _, err := w.c.Pages.BySlug(t.Context(), slug); !errs.Is(err, errs.NotFound) {
		t.Errorf("still public: %v", err)
	}
	w.post("officer", down).is(http.StatusNotFound)
	w.get("officer", "/kk/console/publications").is(http.StatusOK).has("(Қызметкер)").lacks(down)
	w.get("officer", "/kk/console/publications?before=x").is(http.StatusUnprocessableEntity)
}

// 6.2.2: a permission on paper is entered for a person who was found; its words are opened by a POST, through the door.
func TestPermissionOnPaper(t *testing.T) {
	w := newWorld(t)
	bota := w.someone("bota@mysal.kz")
	enter := "/kk/console/person/" + bota.String() + "/permission" + inLetter
	w.get("officer", "/kk/console/person/"+bota.String()+"/permission").leads("/kk/console/work")
	w.get("officer", "/kk/console/person/"+bota.String()+inLetter).is(http.StatusOK).has("/permission?")
	until := w.Clock.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	good := []string{"receiver", "«Ұстаз» журналы", "fields", "surname", "fields", "position", "until", until, "words", "Келісемін, Бота."}
	for i := 0; i < len(good); i += 2 {
		if good[i] == "fields" {
			continue
		}
		bad := append([]string(nil), good...)
		bad[i+1] = ""
		w.post("officer", enter, bad...).is(http.StatusUnprocessableEntity)
	}
	w.post("officer", enter, append([]string{"fields", "totp"}, good...)...).is(http.StatusUnprocessableEntity)
	w.post("officer", enter, good...).leads("/kk/console/permissions?case=letter%3A12-34&purpose=4.1.5&done=permission_entered")
	list := w.get("officer", "/kk/console/permissions").is(http.StatusOK).has("«Ұстаз» журналы", "қағазда", "тегі, лауазымы").lacks("Келісемін", "Ботақызы")
	_, rest, _ := strings.Cut(list.main(), `/kk/console/permissions/`)
	id, _, _ := strings.Cut(rest, "/text")
	text := "/kk/console/permissions/" + id + "/text"
	w.get("officer", text).is(http.StatusMethodNotAllowed)
	w.post("officer", text).is(http.StatusOK).has("Келісемін, Бота.")
	if !strings.Contains(w.entries()[0], "|retrieval|6.2.2|words|") {
		t.Errorf("opening left %s", w.entries()[0])
	}
	w.post("officer", "/kk/console/permissions/7/text").is(http.StatusNotFound)
	block := keeper.Passage{Actor: keeper.Own(bota), Subject: bota, Operation: policy.Blocking, Purpose: policy.Restriction}
	_, err := w.Keeper.Change(t.Context(), block, func(x *keeper.Tx) error { x.Restrict(true); return nil })
	w.must(err)
	w.post("officer", text).is(http.StatusForbidden).has("6.2.4").lacks("Келісемін")
}

// 1.1.2: the screen has everything that the document has, and the filter leaves what it says.
func TestDataMapIsFiltered(t *testing.T) {
	w := newWorld(t)
	whole := w.get("officer", "/kk/console/data-map").is(http.StatusOK)
	items := 0
	for _, g := range datamap.Map() {
		items += len(g.Items)
	}
	rows := func(p page) int { return strings.Count(p.main(), `role="rowheader"`) }
	if rows(whole) != items {
		t.Errorf("%d rows, want %d", rows(whole), items)
	}
	letters := w.get("officer", "/kk/console/data-map?kind=letters").is(http.StatusOK).lacks("<code>breach_subject</code>")
	sealed := w.get("officer", "/kk/console/data-map?category=sealed&kind=tables").is(http.StatusOK)
	word := w.get("officer", "/kk/console/data-map?has=BREACH_sub").is(http.StatusOK).has("<code>breach_subject</code>")
	for name, p := range map[string]page{"letters": letters, "sealed": sealed, "word": word} {
		if n := rows(p); n == 0 || n >= items {
			t.Errorf("%s: %d rows of %d", name, n, items)
		}
	}
	w.get("officer", "/kk/console/data-map?for=6.2.4").is(http.StatusOK)
	if p := w.get("officer", "/kk/console/data-map?has=%3Cscript%3Ex").is(http.StatusOK).has("0 элемент"); strings.Contains(p.body, "<script>x") {
		t.Error("what was looked for is shown as it came")
	}
	for _, bad := range []string{"kind=x", "category=x", "for=9.9", "x=1", "kind=letters&kind=tables"} {
		w.get("officer", "/kk/console/data-map?"+bad).is(http.StatusUnprocessableEntity)
	}
}

// Each clause is told with its control; figures move with what happens.
func TestEachClauseIsTold(t *testing.T) {
	w := newWorld(t)
	all, err := controls.All()
	w.must(err)
	first := w.get("officer", "/kk/console/clauses").is(http.StatusOK).lacks(shapes...)
	for _, k := range all {
		if chip := `#c` + k.Number + `"`; strings.Contains(first.main(), chip) == (k.State == controls.Frame) {
			t.Errorf("%s is %s, and its chip stands there: %v", k.Number, k.State, k.State == controls.Frame)
		}
	}
	figure := func(label string) string {
		t.Helper()
		_, after, found := strings.Cut(w.get("officer", "/kk/console/clauses").is(http.StatusOK).main(), label+"</dt>")
		if !found {
			t.Fatalf("no figure %q", label)
		}
		_, value, _ := strings.Cut(after, "<dd>")
		value, _, _ = strings.Cut(value, "</dd>")
		return strings.TrimSpace(value)
	}
	labels := map[string]string{"Биыл бұғаттау туралы өтініштер": "1", "Қазір бұғатталған адамдар": "1", "Биылғы оқиғалар": "1", "Қазір ашық беттер": "1", "Жарамды рұқсаттар": "1", "Сақтаулы тасымалдағыштар": "1",
		"Қолданыстағы алушылар": "1"}
	for label := range labels {
		if got := figure(label); got != "0" {
			t.Errorf("%s: %s before anything happened", label, got)
		}
	}
	w.registered()
	for label, want := range labels {
		if got := figure(label); got != want {
			t.Errorf("%s: %s, want %s", label, got, want)
		}
	}
	first.has("0 секунд", "Журнал әлі тексерілген жоқ.")
	w.post("officer", "/kk/console/verify").is(http.StatusSeeOther)
	w.c.checker.under.Wait()
	w.get("officer", "/kk/console/clauses?state=kept").is(http.StatusOK).has("сәйкес").lacks(`<span class="tag tag-warn">`)
	w.get("officer", "/kk/console/clauses?state=x").is(http.StatusUnprocessableEntity)
}

// The menu shows groups, and the sections of one of them alone.
func TestMenuStandsInGroups(t *testing.T) {
	w := newWorld(t)
	p := w.get("officer", "/kk/console/carriers").is(http.StatusOK)
	p.has("Бөлімдер: Есеп пен тексеріс", `href="/kk/console/carriers" aria-current="page"`, "Сақтау мерзімдері").lacks(`href="/kk/console/recipients"`)
	w.get("editor", "/kk/console").is(http.StatusOK).has(`href="/kk/console/rules"`).lacks("/kk/console/registers", "/kk/console/breaches")
	w.get("officer", "/kk/console/person/"+w.aya.String()+inLetter).is(http.StatusOK).has("Бөлімдер: Адамдар мен өтініштер")
}
