package console

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"

	"ustaz/internal/account"
	"ustaz/internal/disclosure"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/web/webtest"
)

// outward is what goes to state bodies in the tests: its jobs, and a recipient, a disclosure and counts that the officer began.
type outward struct {
	queue *jobs.Queue
	key   string
	ids   map[string]int64
}

func (w *world) newDisclosures(accounts *account.Accounts, log *slog.Logger) *disclosure.Service {
	w.Helper()
	key, err := age.GenerateX25519Identity()
	w.must(err)
	cat := webtest.Catalog(w.TB)
	w.outward = &outward{queue: jobs.New(w.DB, log), key: key.Recipient().String(), ids: map[string]int64{}}
	return disclosure.New(disclosure.Config{DB: w.DB, Door: w.Keeper, Ledger: w.Ledger, Queue: w.outward.queue, Catalog: cat, Places: place.Default,
		Notifier: w.notifier(), Lang: accounts.Lang,
		Link:     func(lang string, token secret.Text) string { return home + "/" + lang + "/package/" + token.Reveal() },
		DataLink: func(lang string) string { return home + "/" + lang + "/my/data" }})
}

// once makes a thing for the tests once, and gives its number.
func (w *world) once(name string, made func() (int64, error)) string {
	w.Helper()
	if w.outward.ids[name] == 0 {
		id, err := made()
		w.must(err)
		w.outward.ids[name] = id
	}
	return strconv.FormatInt(w.outward.ids[name], 10)
}

func (w *world) aRecipient() string {
	return w.once("recipient", func() (int64, error) {
		r, err := w.c.Disclosures.AddRecipient(w.Context(), w.viewers["officer"].Subject, disclosure.Recipient{Kind: disclosure.Education,
			NameKK: "Оқу-ағарту басқармасы", NameRU: "Управление просвещения", BIN: "990140000017", Email: "kense@mysal.kz", Key: w.outward.key})
		return r.ID, err
	})
}

func (w *world) aDisclosure() string {
	w.aRecipient()
	return w.once("disclosure", func() (int64, error) {
		id, err := w.c.Disclosures.Draft(w.Context(), w.viewers["officer"].Subject, disclosure.Draft{Recipient: w.outward.ids["recipient"], Purpose: policy.StateBodies,
			Act: "Заң", Article: "5-бап", LetterNumber: "1", LetterDate: "2026-11-02", Query: disclosure.Choice{Workplaces: []string{"lyceum"}},
			Fields: person.Set(person.Surname), KeepDays: 5})
		if err == nil {
			err = w.c.Disclosures.PutLetter(w.Context(), w.viewers["officer"].Subject, id, strings.NewReader(letterPDF))
		}
		return id, err
	})
}

func (w *world) aRelease() string {
	return w.once("release", func() (int64, error) { return w.c.Disclosures.Order(w.Context(), w.viewers["officer"].Subject) })
}

const letterPDF = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"

// TestRecipientsPage: a key that is no key is told at its field; a recipient that is ended stays in the register.
func TestRecipientsPage(t *testing.T) {
	w := newWorld(t)
	good := []string{"kind", "local", "name_kk", "Әкімдік", "name_ru", "Акимат", "bin", "990140000017", "email", "akim@mysal.kz", "key"}
	w.post("officer", "/kk/console/recipients/add", append(good, "ssh-rsa AAAA")...).is(http.StatusUnprocessableEntity).
		has("Бұл age кілті емес", `value="Әкімдік"`)
	w.post("officer", "/kk/console/recipients/add", append(good, w.outward.key)...).leads("/kk/console/recipients?done=disclosure_recipient")
	w.get("officer", "/kk/console/recipients").is(http.StatusOK).has("Әкімдік", "990140000017", "қолданыста")
	w.post("officer", "/kk/console/recipients/1/end").leads("/kk/console/recipients?done=disclosure_recipient_ended")
	w.get("officer", "/kk/console/recipients").has("Әкімдік", "тоқтатылды")
	w.post("officer", "/kk/console/recipients/1/end").is(http.StatusNotFound)
}

// TestDisclosurePages goes from the form to the package, with the two officers at their screens.
func TestDisclosurePages(t *testing.T) {
	w := newWorld(t)
	w.get("officer", "/kk/console/disclosures/new").is(http.StatusOK).has("Тізілім бос")
	w.aRecipient()
	form := func(more ...string) []string {
		return append([]string{"recipient", "1", "purpose", "5.3", "act", "Заң", "article", "5-бап", "letter_number", "77", "letter_date", "2026-11-02",
			"fields", "surname", "fields", "phone", "keep", "10", "silent", ""}, more...)
	}
	w.post("officer", "/kk/console/disclosures/new", form()...).is(http.StatusUnprocessableEntity).has("Тізімді жазыңыз немесе кемінде бір шарт таңдаңыз")
	w.post("officer", "/kk/console/disclosures/new", form("list", "kanareika@mysal.kz\nАя")...).is(http.StatusUnprocessableEntity).has("2-жол")
	w.post("officer", "/kk/console/disclosures/new", form("workplaces", "lyceum")...).leads("/kk/console/disclosures/1?done=disclosure_drafted")
	const at = "/kk/console/disclosures/1"
	w.get("officer", at).is(http.StatusOK).has("файл әлі тіркелмеген", "Хатты тіркеу", "№ 77, 2026 жылғы 2 қараша").lacks("Екінші жауапты тұлғаға жіберу")
	w.upload("officer", at+"/letter", "x.pdf", "MZ\x90").is(http.StatusUnprocessableEntity).has("Файл құжат емес")
	w.upload("officer", at+"/letter", "x.pdf", "").is(http.StatusUnprocessableEntity).has("Файл бос")
	w.upload("officer", at+"/letter", "../../хат.pdf", letterPDF).leads(at + "?done=disclosure_letter")
	file := w.get("officer", at+"/letter").is(http.StatusOK)
	if file.body != letterPDF || !strings.HasPrefix(file.head.Get("Content-Disposition"), "attachment") {
		t.Errorf("the letter came back as %q, %v", file.body, file.head)
	}
	w.post("officer", at+"/submit").leads(at + "?done=disclosure_sent")
	w.get("officer", at).has("Екінші жауапты тұлғаны күтуде").lacks("Беруді бекіту")
	w.post("officer", at+"/approve").is(http.StatusForbidden).has("Деректерді беруді екі адам шешеді")
	w.get("all", at+"/approve").is(http.StatusOK).has("Оқу-ағарту басқармасы", "Лицей", "kense@mysal.kz", w.outward.key, "Мекенжай мен кілтті тіркеген")
	w.post("all", at+"/approve").leads(at + "?done=disclosure_approved")
	w.get("officer", at).has("Адамдарды іздеу", "0 / 1")
	w.must(w.outward.queue.Drain(t.Context()))
	w.get("officer", at).has("пакет дайын", "Пакетке кірді", "Жаңа сілтеме жіберу").lacks(shapes...)
	w.post("officer", at+"/withdraw", "reason", "").is(http.StatusUnprocessableEntity)
	w.post("officer", at+"/withdraw", "reason", "хат қайтарылды").leads(at + "?done=disclosure_withdrawn")
	w.get("officer", at).has("кері қайтарылды", "хат қайтарылды")
	w.get("officer", "/kk/console/disclosures").has("№ 1", "Оқу-ағарту басқармасы")
	for _, strange := range []string{"0", "01", "-1", "x", "99"} {
		w.get("officer", "/kk/console/disclosures/"+strange).is(http.StatusNotFound)
	}
}

// TestRefuseAndEmpty: the second officer's no, and a query that nobody fits.
func TestRefuseAndEmpty(t *testing.T) {
	w := newWorld(t)
	at := "/kk/console/disclosures/" + w.aDisclosure()
	w.post("officer", at+"/submit").is(http.StatusSeeOther)
	w.post("officer", at+"/refuse", "reason", "негіз жоқ").is(http.StatusForbidden)
	w.post("all", at+"/refuse", "reason", "негіз жоқ").leads(at + "?done=disclosure_refused")
	w.get("officer", at).has("екінші жауапты тұлға бас тартты", "негіз жоқ")

	delete(w.outward.ids, "disclosure")
	second := "/kk/console/disclosures/" + w.aDisclosure()
	w.must(w.c.Disclosures.Submit(t.Context(), w.viewers["officer"].Subject, w.outward.ids["disclosure"]))
	blocking := keeper.Passage{Actor: keeper.Own(w.aya), Subject: w.aya, Operation: policy.Blocking, Purpose: policy.Restriction}
	_, err := w.Keeper.Change(t.Context(), blocking, func(tx *keeper.Tx) error { tx.Restrict(true); return nil })
	w.must(err) // who would have fitted
	w.post("all", second+"/approve").is(http.StatusSeeOther)
	w.must(w.outward.queue.Drain(t.Context()))
	w.get("officer", second).has("ешкім табылмады, пакет жасалмады", "Органға осылай жауап беріңіз")
}

// TestOutwardNeedsAFreshCode: what makes or approves a disclosure is not done on a screen left open.
func TestOutwardNeedsAFreshCode(t *testing.T) {
	w := newWorld(t)
	at := "/kk/console/disclosures/" + w.aDisclosure()
	w.post("officer", at+"/submit").is(http.StatusSeeOther)
	w.Clock.Move(account.RecentProof + 1)
	for _, target := range []string{at + "/approve", "/kk/console/disclosures/new", "/kk/console/recipients/add", "/kk/console/statistics"} {
		w.post("all", target).is(http.StatusOK).has("Өзіңіз екеніңізді растаңыз")
	}
	if d, err := w.c.Disclosures.Get(t.Context(), w.outward.ids["disclosure"]); err != nil || d.State != disclosure.Waiting {
		t.Errorf("%v, %v", d, err)
	}
}

func TestStatisticsPages(t *testing.T) {
	w := newWorld(t)
	w.get("officer", "/kk/console/statistics").is(http.StatusOK).has("Сандар неге дәл емес")
	w.post("officer", "/kk/console/statistics").leads("/kk/console/statistics/1")
	w.get("officer", "/kk/console/statistics/1").has("саналуда")
	w.post("officer", "/kk/console/statistics").is(http.StatusConflict).has("Бір есеп қазір жасалуда")
	for i := range 12 {
		w.Subject(t, map[person.Field]string{person.Surname: "Т", person.GivenName: "Т", person.Email: "s" + strconv.Itoa(i) + "@mysal.kz", person.Position: "teacher"})
	}
	w.must(w.outward.queue.Drain(t.Context()))
	w.get("officer", "/kk/console/statistics/1").is(http.StatusOK).has("Лауазымдар", "көрсетілмейді", "<td class=\"number\">10</td>")
	csv := w.get("officer", "/kk/console/statistics/1/csv").is(http.StatusOK).body
	if !strings.Contains(csv, "Лауазымдар,teacher,Педагог,10\r\n") && !strings.Contains(csv, ",teacher,") {
		t.Errorf("%s", csv)
	}
	if strings.Contains(csv, ",12\r\n") || strings.Contains(csv, ",1\r\n") {
		t.Errorf("an exact or small count goes out:\n%s", csv)
	}
	all, _, err := w.Ledger.BySubject(t.Context(), w.aya, 1<<62, 10, func(e *ledger.Entry) bool { return e.Case == "statistics:1" })
	if err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}
