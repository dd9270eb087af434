package console

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// tried fills the log: support opens the name of Aya and is refused her IIN, another colleague looks for nobody.
func (w *world) tried() {
	w.Helper()
	w.post("support", w.personPath(), "fields", "given_name").is(http.StatusOK)
	w.post("support", w.personPath(), "fields", "iin").is(http.StatusForbidden)
	w.post("another", findPath, "by", "email", "value", "nobody@mysal.kz").is(http.StatusOK)
}

func TestLogIsListedAndFiltered(t *testing.T) {
	w := newWorld(t)
	w.tried()
	all := len(w.entries())
	rows := func(query string) int {
		t.Helper()
		if mark := "&"; !strings.Contains(query, "before=") { // looking leaves entries too: see TestWhoWatchesIsWatched
			if query == "" {
				mark = "?"
			}
			query += mark + "before=" + strconv.Itoa(all)
		}
		p := w.get("officer", "/kk/console/log"+query).is(http.StatusOK).lacks(shapes...)
		return strings.Count(p.main(), `role="rowheader"`)
	}
	aya := w.aya.String()
	for query, want := range map[string]int{
		"": all, "?outcome=&actor=&for=&subject=": all, "?outcome=refused": 1, "?outcome=allowed": all - 1, "?actor=staff": 3, "?actor=own": all - 3, "?actor=nobody": 0, "?for=4.1.7": 3,
		"?subject=" + aya: all - 1, "?subject=" + aya + "&actor=staff": 2, "?subject=" + aya + "&outcome=refused": 1, "?before=2": 2, "?before=0": 0,
		"?for=5.3": 0, "?purpose=4.1.5&case=check%3A1&for=4.1.7": 3,
	} {
		if got := rows(query); got != want {
			t.Errorf("%q lists %d entries, want %d", query, got, want)
		}
	}
	for _, bad := range []string{"?outcome=x", "?actor=x", "?for=9.9", "?before=-1", "?before=x", "?x=1", "?for=4.1.7&for=4.1.7"} {
		w.get("officer", "/kk/console/log"+bad).is(http.StatusUnprocessableEntity)
	}
	w.get("officer", "/kk/console/log?subject=Aya").is(http.StatusUnprocessableEntity).has("Бұл — адамның коды емес", `value="Aya"`)
	w.get("officer", "/kk/console/log").has("Қолдау қызметі (А. К.)", "Қолдау қызметі (Д. Н.)", "Алу: ЖСН", "рұқсат берілмеді", "6.2.1-тармақ", "№ 214 өтініш")
}

// TestWhoWatchesIsWatched: to look into the log is entered, with whose entries were looked at.
func TestWhoWatchesIsWatched(t *testing.T) {
	w := newWorld(t)
	w.tried()
	refused := strconv.Itoa(len(w.entries()) - 2)
	for _, try := range []struct {
		do      func() page
		subject person.ID
	}{
		{func() page { return w.get("officer", "/kk/console/log") }, 0},
		{func() page { return w.get("officer", "/kk/console/log?subject="+w.aya.String()) }, w.aya},
		{func() page { return w.get("officer", "/kk/console/log/"+refused) }, w.aya},
		{func() page { return w.get("officer", "/kk/console/log/"+refused+"/proof") }, w.aya},
		{func() page { return w.get("officer", "/kk/console/refusals") }, 0},
		{func() page { return w.post("officer", "/kk/console/verify") }, 0},
	} {
		before := len(w.entries())
		if p := try.do(); p.code != http.StatusOK && p.code != http.StatusSeeOther {
			t.Fatalf("%d\n%s", p.code, p.main())
		}
		x, err := w.Ledger.Entry(context.Background(), int64(before))
		if w.must(err); len(w.entries()) != before+1 || x.Kind != ledger.ByStaff || x.Actor != w.viewers["officer"].Subject || x.Role != policy.Officer ||
			x.Subject != try.subject || x.Operation != policy.Access || x.Fields != 0 || x.Outcome != ledger.Allowed {
			t.Errorf("%d entries, then %+v", before, x)
		}
	}
	w.c.checker.under.Wait()
}

func TestLogHasPages(t *testing.T) {
	w := newWorld(t)
	w.People(t, perPage+20)
	size := len(w.entries())
	first := w.get("officer", "/ru/console/log?actor=own").is(http.StatusOK).has("Более старые").lacks("Самые новые")
	next := "/ru/console/log?actor=own&before=" + strconv.Itoa(size-perPage)
	if !strings.Contains(first.main(), next) {
		t.Errorf("no way to %s", next)
	}
	second := w.get("officer", next).is(http.StatusOK).has("Самые новые", `href="/ru/console/log?actor=own"`).lacks("Более старые")
	if n := strings.Count(second.main(), `role="rowheader"`); n != size-perPage {
		t.Errorf("%d entries on the second page, want %d", n, size-perPage)
	}
	bySubject := w.get("officer", "/ru/console/log?subject="+w.aya.String()).is(http.StatusOK)
	bySubject.lacks("Более старые")
}

func TestEveryEntryHasAProof(t *testing.T) {
	w := newWorld(t)
	w.tried()
	last := strconv.Itoa(len(w.entries()) - 2)
	w.get("officer", "/kk/console/log").has(`href="/kk/console/log/` + last + `"`)
	page := w.get("officer", "/kk/console/log/"+last).is(http.StatusOK).has("Жазба өзгертілмеген", "Қолдау қызметі (А. К.)", "Алу: ЖСН", "рұқсат берілмеді", w.Ledger.PublicKey())
	page.has(`/kk/console/log/` + last + `/proof"`)
	file := w.get("officer", "/kk/console/log/"+last+"/proof").is(http.StatusOK)
	proof, err := ledger.CheckProof(file.body, w.Ledger.Verifier())
	if err != nil || proof.Entry.Subject != w.aya || proof.Entry.Outcome != ledger.Refused {
		t.Errorf("the file proves %+v: %v", proof.Entry, err)
	}
	if got := file.head.Get("Content-Disposition"); got != `attachment; filename="entry-`+last+`.tlog-proof"` {
		t.Errorf("Content-Disposition: %s", got)
	}
	for _, none := range []string{"999", "-1", "01", "x", "9999999999999999999999"} {
		w.get("officer", "/kk/console/log/"+none).is(http.StatusNotFound)
		w.get("officer", "/kk/console/log/"+none+"/proof").is(http.StatusNotFound)
	}
}

func TestRefusalsAreShownToTheOfficer(t *testing.T) {
	w := newWorld(t)
	w.get("officer", "/kk/console").is(http.StatusOK).has("Бүгін рұқсат берілмеген сұрау болған жоқ.")
	w.tried()
	w.get("officer", "/kk/console/refusals").is(http.StatusOK).has("Қолдау қызметі (А. К.)", "ЖСН").lacks("Д. Н.")
	desk := w.get("officer", "/kk/console").is(http.StatusOK).has("Бүгін рұқсат берілмеген сұраулар: 1", "Алу: ЖСН", "4.1.7-тармақ", "Жазбаны көру", "Деректерді көру шегі")
	desk.has(strconv.Itoa(len(w.entries()))+" жазба", "Журнал әлі тексерілген жоқ.").lacks(shapes...)
	w.Clock.Move(24 * time.Hour)
	w.get("officer", "/kk/console").is(http.StatusOK).has("Бүгін рұқсат берілмеген сұрау болған жоқ.")
	w.get("officer", "/kk/console/refusals").is(http.StatusOK).has("ЖСН")
}

func TestVerificationRunsBesideAndNamesThePlantedFault(t *testing.T) {
	w := newWorld(t)
	w.People(t, 260) // past a full tile of 256 leaves, so that the entry at fault can be named
	verify := "/kk/console/verify"
	w.get("officer", verify).is(http.StatusOK).has("Журнал әлі тексерілген жоқ.", "Тексеруді бастау")
	w.post("officer", verify).leads(verify)
	w.c.checker.under.Wait()
	w.get("officer", verify).is(http.StatusOK).has("Барлығы сәйкес: "+strconv.Itoa(len(w.entries()))+" жазба тексерілді", "Қызметкер (С. О.)", "Тексеруді бастау")
	w.get("officer", "/kk/console").has("Барлығы сәйкес")

	// One reading at a time; while it runs the page says how far it is.
	w.c.checker.note(func(k *check) { *k = check{By: k.By, Started: w.Clock.Now(), Done: 40, All: 160} })
	w.post("officer", verify).leads(verify)
	w.get("officer", verify).is(http.StatusOK).has("Тексеріс жүріп жатыр.", "40 / 160", "Бетті жаңарту").lacks("Тексеруді бастау")
	w.c.checker.note(func(k *check) { k.Ended = w.Clock.Now() })

	const planted = 3
	w.plant(planted)
	w.Clock.Move(time.Minute)
	w.post("officer", verify).leads(verify)
	w.c.checker.under.Wait()
	w.get("officer", verify).is(http.StatusOK).has("Журнал өзгертілген", strconv.Itoa(planted)+"-жазба өзгертілген.")
	w.get("officer", "/kk/console").has("Журнал өзгертілген")

	// How they ended is kept: another process, and this one after a restart, shows it too.
	w.c.checker = &checker{log: w.Ledger, now: w.Clock.Now}
	w.get("officer", verify).is(http.StatusOK).has("Журнал өзгертілген", strconv.Itoa(planted)+"-жазба өзгертілген.", "Соңғы тексерістер", "2 ақау", "барлығы сәйкес", "Қызметкер (С. О.)")
	w.get("officer", "/kk/console").has("Журнал өзгертілген")
	w.get("officer", "/kk/console/log/"+strconv.Itoa(planted)).is(http.StatusOK).has("Жазба тексерістен өтпеді", "Жазбаның хеші қол қойылған түбірге сәйкес келмейді")
}

// plant changes one byte of the case or fields of an entry behind the program's back, as somebody at the database would.
func (w *world) plant(index int64) {
	w.Helper()
	w.must(w.DB.Write(context.Background(), func(t *db.Tx) error {
		var first int64
		var blob []byte
		if _, err := t.Get([]any{&first, &blob}, "SELECT first, entries FROM ledger_segment WHERE first <= $1 ORDER BY first DESC LIMIT 1", index); err != nil {
			return err
		}
		at := 0
		for range index - first {
			at += 2 + int(blob[at])<<8 + int(blob[at+1])
		}
		changed := append([]byte(nil), blob...)
		changed[at+2] ^= 1 // of the salt: the entry still reads as one
		_, err := t.Exec("UPDATE ledger_segment SET entries = $1 WHERE first = $2", changed, first)
		return err
	}))
}

func TestVerificationThatCannotReadSaysSo(t *testing.T) {
	w := newWorld(t)
	w.must(w.DB.Write(context.Background(), func(t *db.Tx) error {
		_, err := t.Exec("DELETE FROM ledger_segment WHERE first = 0")
		return err
	}))
	w.post("officer", "/ru/console/verify").leads("/ru/console/verify")
	w.c.checker.under.Wait()
	w.get("officer", "/ru/console/verify").is(http.StatusOK).has("Начиная с записи 0 записей нет")
}
