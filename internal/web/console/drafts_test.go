package console

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/draft"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// drafted is a draft that the officer began, to be worked on through the pages.
type drafted struct {
	*world
	id person.ID
	at string
}

func newDraft(t *testing.T) *drafted {
	t.Helper()
	w := newWorld(t)
	to := w.post("officer", "/kk/console/drafts").is(http.StatusSeeOther).head.Get("Location")
	at, _, _ := strings.Cut(to, "?")
	all, err := w.c.Drafts.List(t.Context())
	if w.must(err); len(all) != 1 || at != "/kk/console/drafts/"+all[0].ID.String() {
		t.Fatalf("%d drafts, led to %s", len(all), to)
	}
	return &drafted{w, all[0].ID, at}
}

func (d *drafted) now() *draft.Draft {
	d.Helper()
	now, err := d.c.Drafts.Draft(d.Context(), d.id)
	d.must(err)
	return now
}

// send sends a form of the draft as its page would, at the step it stands at.
func (d *drafted) send(who, page string, pairs ...string) page {
	d.Helper()
	return d.post(who, d.at+page, append(pairs, "step", strconv.FormatInt(d.now().Last, 10))...)
}

// upload sends a file.
func (d *drafted) upload(file io.Reader, name, lang string) page {
	d.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	d.must(m.WriteField("step", strconv.FormatInt(d.now().Last, 10)))
	d.must(m.WriteField("doc", lang))
	_, err := m.CreateFormFile("file", name)
	d.must(err)
	r := httptest.NewRequest(http.MethodPost, d.at+"/upload", io.MultiReader(&b, file, strings.NewReader("\r\n--"+m.Boundary()+"--\r\n")))
	r.Header.Set(as, "officer")
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	d.frame.ServeHTTP(rec, r)
	p := page{d.world, rec.Code, rec.Header(), rec.Body.String()}
	p.check("upload " + name)
	return p
}

const shortPolicy = "Ереже\n\n1.  Ұғымдар\n\n1.1. Пԥн мұғалімі туралы\nмына тармақты қараңыз:\n\n7.2. тармағы.\n\n1.2. Екінші\n"

// TestDraftThroughThePages goes the whole way: a document is uploaded and corrected, rules are changed, the order named, a second officer
// approves, and the edition takes force at its time (9.1, 9.2).
func TestDraftThroughThePages(t *testing.T) {
	d := newDraft(t)
	d.get("officer", d.at).is(http.StatusOK).has("Бекіту бұйрығының нөмірін көрсетіңіз", "9 бөлім, 57 тармақ", "басталды", "Қызметкер", "өзгертілуде")

	d.upload(strings.NewReader(shortPolicy), "ереже.txt", "").leads(d.at + "/text/kk?done=draft_imported")
	d.get("officer", d.at+"/text/kk").is(http.StatusOK).has("Пән мұғалімі", "Артық бос орындар", "Бекіту бұйрығының нөмірі табылмады", "Екінші")
	d.get("officer", d.at+"/text/kk/1.1").is(http.StatusOK).has("\nПән мұғалімі туралы", `value="1.1"`)

	d.send("officer", "/text/kk/1.2", "number", "1.1", "text", "Екінші").is(http.StatusUnprocessableEntity).has("1.1 нөмірі бар", "\nЕкінші</textarea>")
	d.send("officer", "/text/kk/1.2", "number", "1.3.", "text", "Үшінші", "items", "бір\n\nекі\n").leads(d.at + "/text/kk?done=draft_saved")
	d.send("officer", "/text/kk/add", "number", "1.2", "text", "Жаңа").leads(d.at + "/text/kk?done=draft_saved")
	d.send("officer", "/text/kk/add", "number", "5.1", "text", "Жаңа").is(http.StatusUnprocessableEntity).has("5-бөлім жоқ")
	d.send("officer", "/text/kk/1.2/merge", "numbered", "1").leads(d.at + "/text/kk?done=draft_saved")
	d.send("officer", "/text/kk/1.3/remove").leads(d.at + "/text/kk?done=draft_saved")
	d.send("officer", "/text/kk/1/remove").is(http.StatusUnprocessableEntity).has("1-бөлімде тармақтар бар")
	d.send("officer", "/text/kk/head", "title", "Жаңа ереже", "preamble", "Бірінші абзац.\n\nЕкінші абзац.").leads(d.at + "/text/kk?done=draft_saved")
	if doc := d.now().Docs["kk"]; doc.Title != "Жаңа ереже" || len(doc.Preamble) != 2 || !strings.HasSuffix(doc.Sections[0].Clauses[0].Text, " 1.2. Жаңа") || len(doc.Sections[0].Clauses) != 1 {
		t.Errorf("the document is %+v", doc)
	}
	d.get("officer", d.at).has("Соңғы өзгерісті қайтару (тақырып пен кіріспе түзетілді, қазақша мәтін)")
	d.send("officer", "/undo").leads(d.at + "?done=draft_undone")
	if d.now().Docs["kk"].Title != "Ереже" {
		t.Error("the title did not go back")
	}
	d.get("officer", d.at).has("қайтарылды: тақырып пен кіріспе түзетілді")
	d.get("officer", d.at+"/changes?doc=kk").is(http.StatusOK).has("9-бөлім", "Алынып тасталды", "<del>", "<ins>", "Қазір", "Жобада")
	d.get("officer", d.at+"/changes?doc=ru").is(http.StatusOK).has("Бұл тілдегі мәтін өзгермейді")
	d.get("officer", d.at+"/changes?doc=de").is(http.StatusUnprocessableEntity)
	for d.now().Docs["kk"].Title != "Құпиялылық саясаты" && len(d.now().Found) > 0 { // back to where it began
		d.send("officer", "/undo").is(http.StatusSeeOther)
	}

	for _, lang := range policy.Languages {
		d.send("officer", "/text/"+lang+"/add", "number", "9.5", "text", "Жаңа тармақ. Новый пункт.").is(http.StatusSeeOther)
	}
	d.rules(t)
	d.send("officer", "/order", "number", "№ 12п", "date", "2026-11-02", "day", "2026-11-05", "hour", "09:30").leads(d.at + "?done=draft_saved")
	d.get("officer", d.at+"/order").has(`value="12п"`, `value="2026-11-02"`, `value="2026-11-05"`, `value="09:30"`)
	d.get("officer", d.at+"/submit").is(http.StatusOK).has("Бекітуге жіберу")
	d.send("officer", "/submit").leads(d.at + "?done=draft_submitted")
	d.send("officer", "/text/kk/9.5", "number", "9.5", "text", "Кеш").is(http.StatusConflict).has("Жоба бекітуді күтіп тұр")

	// Clause 9.1 in words for whoever had a hand in it, whatever they try.
	d.get("officer", d.at).has("Бұл жобаны сіз бекіте алмайсыз", "9.1-тармақ").lacks("Бекітіп, жариялау")
	d.get("officer", d.at+"/approve").is(http.StatusForbidden).has("Бұл жобаны сіз бекіте алмайсыз", "9.1-тармақ")
	d.send("officer", "/approve").is(http.StatusForbidden).has("Бұл жобаны сіз бекіте алмайсыз")

	d.get("all", "/kk/console").has("Бекітуді күтетін жобалар")
	d.get("all", d.at+"/approve").is(http.StatusOK).has("2026 жылғы 2 қарашадағы № 12п", "2026 жылғы 5 қараша, 09:30", "1 жері қолданыстағы редакциядан өзгеше", "Бекітіп, жариялау")
	d.send("all", "/approve").leads(d.at + "?done=draft_approved")
	d.send("all", "/approve").is(http.StatusConflict).has("Бұл жоба жарияланған")
	d.get("officer", d.at).has("жарияланды", `href="/kk/policy/editions/2"`).lacks("Бекітуге жіберу")
	p, err := d.Editions.BySeq(2)
	if d.must(err); p.Order != "12п" || p.InForce.Format(time.RFC3339) != "2026-11-05T04:30:00Z" {
		t.Errorf("published %s, in force from %s", p.Order, p.InForce)
	}
	d.get("officer", "/kk/console/log").has("саясат жобасы "+d.id.String()+": бекітіліп, жарияланды", "бекітуге жіберілді", "9.1-тармақ")
	d.get("officer", "/kk/console/refusals").has("саясат жобасы " + d.id.String())
}

// rules are edited with faults by line in words, and what they change is told as a table.
func (d *drafted) rules(t *testing.T) {
	t.Helper()
	text := d.now().RulesText
	d.get("officer", d.at+"/rules").is(http.StatusOK).has("Өзгеріс жоқ: ережелер қолданыстағы редакциядағыдай шешеді")
	bad := "@id(\"a\") @clause(\"4.1.7\")\npermit (principal, action, resource == Field::\"patronymic\");\n\n@id(\"b\") @clause(\"x\")\npermit (principal, action, resource);"
	d.send("officer", "/rules", "rules", bad).is(http.StatusUnprocessableEntity).has("1-жол, «a» ережесі.", `Field::"patronymic"`, "4-жол, «b» ережесі.", "тармақ нөмірін көрсетуі керек", `resource == Field::"patronymic"`)
	d.send("officer", "/rules", "rules", "permit (\n\nоо").is(http.StatusUnprocessableEntity).has("3-жол.", "Ережелер мәтіні оқылмады")
	d.send("officer", "/rules", "rules", strings.Repeat("// жжжжжжжжжж\n", policy.MaxRules/20)).is(http.StatusUnprocessableEntity).has("Ережелер мәтіні тым үлкен")
	if d.now().RulesText != text {
		t.Error("rules with faults were kept")
	}
	changed := withoutPhone(t, text)
	d.send("officer", "/rules", "rules", strings.ReplaceAll(changed, "\n", "\r\n")).leads(d.at + "/rules?done=draft_saved")
	if d.now().RulesText != changed {
		t.Error("the rules are not what was sent")
	}
	d.get("officer", d.at+"/rules").has("«Қолдау қызметі» рөліне енді ашылмайды", "телефон нөмірі", "4.1.7-тармақ", "айырылады").lacks("Өзгеріс жоқ")
	d.get("officer", d.at+"/changes").has("«Қолдау қызметі» рөліне енді ашылмайды")
}

// withoutPhone is the default rules with a support that sees no telephone.
func withoutPhone(t *testing.T, text string) string {
	t.Helper()
	changed := text + "\n@id(\"no-phone-for-support\") @clause(\"4.1.7\") @refused(\"field\")\nforbid (principal == Role::\"support\", action, resource == Field::\"phone\");\n"
	if _, err := policy.ParseRules(changed); err != nil {
		t.Fatal(err)
	}
	return changed
}

// TestUploadsStepByStep gives the form what no page would: each has a defined answer, on the form, and leaves nothing.
func TestUploadsStepByStep(t *testing.T) {
	d := newDraft(t)
	for name, c := range map[string]struct {
		file io.Reader
		want string
	}{
		"200 MB":     {io.LimitReader(endless{}, 200<<20), "Файл тым үлкен: шегі — 20 МБ"},
		"21 MB":      {io.LimitReader(endless{}, 20<<20+1), "Файл тым үлкен: шегі — 20 МБ"},
		"binary":     {strings.NewReader("\x89PNG\r\n\x1a\n\x00\x00"), "Бұл мәтін емес"},
		"empty":      {strings.NewReader(""), "Файл бос"},
		"unnumbered": {strings.NewReader("Ереже\n\nМәтін\n"), "Құжат нөмірленбеген"},
		"a PDF":      {strings.NewReader("%PDF-1.7\n"), "Бұл — PDF"},
	} {
		t.Run(name, func(t *testing.T) {
			d.upload(c.file, "../../policy.txt", "").is(http.StatusUnprocessableEntity).has(c.want, `href="#f-file"`)
		})
	}
	d.upload(strings.NewReader(shortPolicy), "a.txt", "de").is(http.StatusUnprocessableEntity)
	d.post("officer", d.at+"/upload", "step", "1").is(http.StatusUnprocessableEntity) // a form of another kind
	if n := len(d.now().Steps); n != 1 {
		t.Errorf("%d steps are left", n)
	}
	d.upload(strings.NewReader(shortPolicy), "a.txt", "ru").leads(d.at + "/text/ru?done=draft_imported")
	d.get("officer", d.at+"/text/ru").has("Мәтін қазақша сияқты")
	d.send("officer", "/text/ru/leave-out").leads(d.at + "?done=draft_saved")
	d.get("officer", d.at+"/text/ru").is(http.StatusNotFound)
	if strings.Contains(d.log.String(), "policy.txt") {
		t.Error("the program's log holds a file's name")
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestSecondOfficer: a draft is sent back with a reason, or withdrawn; approval needs a fresh code.
func TestSecondOfficer(t *testing.T) {
	d := newDraft(t)
	ready := func() {
		d.send("officer", "/order", "number", "7", "date", "2026-11-02", "day", "2026-11-20", "hour", "").is(http.StatusSeeOther)
		d.send("officer", "/submit").is(http.StatusSeeOther)
	}
	ready()
	d.get("all", d.at+"/return").is(http.StatusOK)
	d.send("all", "/return", "reason", " ").is(http.StatusUnprocessableEntity).has("Себебін жазыңыз")
	d.send("all", "/return", "reason", "9.5-тармақ түсініксіз").leads(d.at + "?done=draft_returned")
	d.get("officer", d.at).has("Жоба қайтарылды. Себебі: 9.5-тармақ түсініксіз")
	d.send("officer", "/order", "number", "8", "date", "2026-11-02", "day", "2026-11-20", "hour", "25:00").is(http.StatusUnprocessableEntity).has("Уақытты 09:30 түрінде жазыңыз")
	d.send("officer", "/order", "number", "8", "date", "2.11.2026", "day", "2026-11-03", "hour", "10:00").is(http.StatusUnprocessableEntity).has(`href="#f-date"`)
	d.send("officer", "/order", "number", "", "date", "2026-12-02", "day", "2026-11-03", "hour", "10:00").is(http.StatusUnprocessableEntity).
		has("Бекіту бұйрығының нөмірін көрсетіңіз", "Бұйрықтың күні әлі келген жоқ", "Бұл уақыт өтіп кетті")
	d.send("officer", "/submit").is(http.StatusSeeOther)

	d.Clock.Move(account.RecentProof + time.Second)
	d.send("all", "/approve").is(http.StatusOK).has("Өзіңіз екеніңізді растаңыз", `name="code"`, `name="step"`)
	if d.now().State != draft.Submitted {
		t.Error("approved without a code")
	}
	d.get("all", d.at+"/withdraw").is(http.StatusOK)
	d.send("all", "/withdraw", "reason", "Керек емес").leads(d.at + "?done=draft_withdrawn")
	d.get("officer", d.at).has("Жоба кері алынды. Себебі: Керек емес", "кері алынды")
	d.get("officer", "/kk/console/drafts").has("кері алынды", d.at)
}

// TestLateApproval: the day came before anybody approved.
func TestLateApproval(t *testing.T) {
	d := newDraft(t)
	d.send("officer", "/order", "number", "7", "date", "2026-11-02", "day", "2026-11-03", "hour", "14:05").is(http.StatusSeeOther)
	d.send("officer", "/submit").is(http.StatusSeeOther)
	d.Clock.Move(5 * time.Minute) // 14:02 in Almaty when the tests begin
	d.get("all", d.at).has("бекітуден бұрын келіп қойды")
	d.send("all", "/approve").is(http.StatusConflict).has("бекітуден бұрын келіп қойды")
	if all, err := d.Editions.All(); err != nil || len(all) != 1 {
		t.Errorf("%d editions, %v", len(all), err)
	}
}

// TestTwoOfficersChangeOneDraft: who comes second is told, and what they typed is still there.
func TestTwoOfficersChangeOneDraft(t *testing.T) {
	d := newDraft(t)
	step := strconv.FormatInt(d.now().Last, 10)
	d.send("all", "/text/kk/9.3", "number", "9.3", "text", "Бірінші жазғаны").is(http.StatusSeeOther)
	d.post("officer", d.at+"/text/kk/9.4", "number", "9.4", "text", "Екінші жазғаны", "step", step).is(http.StatusConflict).
		has("Сіз ашқаннан кейін бұл жобаны басқа біреу өзгертті", "\nЕкінші жазғаны</textarea>", `name="step" value="2"`)
	d.post("officer", d.at+"/text/kk/9.4", "number", "9.4", "text", "Екінші жазғаны").is(http.StatusUnprocessableEntity)
	for _, path := range []string{"/text/kk/9.9", "/text/de", "/text/kk/x"} {
		d.get("officer", d.at+path).is(http.StatusNotFound)
	}
	d.get("officer", "/kk/console/drafts/1").is(http.StatusNotFound)
}
