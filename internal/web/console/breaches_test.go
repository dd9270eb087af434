package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ustaz/internal/breach"
	"ustaz/internal/ledger"
)

// entered sends the form of a breach that support made between two hours of the first day of the tests.
func (w *world) entered(more ...string) page {
	w.Helper()
	day := w.Clock.Now().Add(5 * time.Hour).UTC().Format(time.DateOnly) // as clocks in Kazakhstan show it
	return w.post("officer", "/kk/console/breaches/new", append([]string{"kind", "read", "day", day, "hour", "00:01", "about", "Қызметкер себепсіз қараған.",
		"who", "member", "member", w.viewers["support"].Subject.String(), "from_day", day, "from_hour", "00:00", "until_day", day, "until_hour", "23:59"}, more...)...)
}

// 7.1, 5.5: a breach from its entry to its end: whom it concerns comes from the log, the letter to the authority names nobody, each step is done
// once.
func TestBreachIsWorkedOn(t *testing.T) {
	w := newWorld(t)
	w.tried() // support opened Aya's name, and was refused her IIN
	w.get("officer", "/kk/console/breaches").is(http.StatusOK).has("Оқиға тіркелмеген")
	w.get("officer", "/kk/console/breaches/new").is(http.StatusOK).has("Қолдау қызметі (А. К.)")
	one := "/kk/console/breaches/2026-1"
	w.entered().leads(one + "?done=breach_entered")
	w.get("officer", one).is(http.StatusOK).has("Кімдерге қатысты екені анықталып жатыр")
	w.must(w.queue.Drain(t.Context()))
	w.get("officer", one).is(http.StatusOK).has("№ 2026-1 оқиға", "Деректерге рұқсатсыз қол жеткізу", "Қызметкер (А. К.)", "Аты", "Уәкілетті органға хабарлау мерзімі", "notice.pdf", "/kk/console/disclosures/new").
		lacks("ЖАТТЫҒУ", "ЖСН</td>", w.aya.String()).lacks(shapes...)
	w.get("officer", "/kk/console/breaches").is(http.StatusOK).has("№ 2026-1").lacks(shapes...)

	// It can't be closed before the authority was told and the measures stand there.
	w.post("officer", one+"/close").is(http.StatusConflict).has("Алдымен қабылданған шараларды жазып")
	w.post("officer", one+"/measures", "measures", " ").is(http.StatusUnprocessableEntity).has("Мәтінді жазыңыз")
	w.post("officer", one+"/measures", "measures", "Рөлі тоқтатылды.").leads(one + "?done=breach_measured")
	w.get("officer", one+"/authority").is(http.StatusOK).has("Қайтаруға болмайды")
	w.post("officer", one+"/authority").leads(one + "?done=breach_authority")
	w.post("officer", one+"/authority").is(http.StatusConflict).has("Бұл қадам бұрын жасалған")
	w.get("officer", one+"/tell").is(http.StatusOK).has("(1)")
	w.post("officer", one+"/tell").leads(one + "?done=breach_letters")
	w.must(w.queue.Drain(t.Context()))
	b, err := w.c.Breaches.ByNumber(t.Context(), "2026-1")
	w.must(err)
	if people, told, err := w.c.Breaches.Count(t.Context(), b); err != nil || people != 1 || told != 1 {
		t.Errorf("%d people, %d told; %v", people, told, err)
	}
	pdf := w.get("officer", one+"/notice.pdf").is(http.StatusOK)
	if !strings.HasPrefix(pdf.body, "%PDF") || pdf.head.Get("Content-Type") != "application/pdf" {
		t.Errorf("the letter is %q", pdf.head.Get("Content-Type"))
	}
	w.post("officer", one+"/close").leads(one + "?done=breach_closed")
	w.get("officer", one).is(http.StatusOK).has("аяқталған", "Рөлі тоқтатылды.").lacks("<textarea", "/tell\"")
	w.post("officer", one+"/measures", "measures", "Тағы.").is(http.StatusConflict)
	for _, path := range []string{"2026-9", "x", "../log"} {
		w.get("officer", "/kk/console/breaches/"+strings.ReplaceAll(path, "/", "%2f")).is(http.StatusNotFound)
	}
}

// The letter to the authority has what the law asks for, and says on which way the names go; it names nobody concerned.
func TestNoticeToTheAuthority(t *testing.T) {
	w := newWorld(t)
	w.tried()
	number := w.aBreach()
	b, err := w.c.Breaches.ByNumber(t.Context(), number)
	w.must(err)
	for _, drill := range []bool{false, true} {
		b.Drill = drill
		var said []string
		w.seen(func(v *visit) {
			n, err := w.c.names(v)
			w.must(err)
			people, told, err := w.c.Breaches.Count(t.Context(), b)
			w.must(err)
			fields, err := w.c.Breaches.Fields(t.Context(), b)
			w.must(err)
			said = paperTexts(n.breachNotice(b, people, told, fields))
		})
		all := strings.Join(said, "\n")
		for _, want := range []string{"Әсем Қайратова, 12-бұйрық", "ustaz@bilim.example", "Қатысты адамдар саны\n1", "Шаралар белгіленіп жатыр", "Аты\n1", "5.3-тармағы"} {
			if !strings.Contains(all, want) {
				t.Errorf("no %q in the letter:\n%s", want, all)
			}
		}
		for _, s := range append(shapes, w.aya.String()) {
			if strings.Contains(all, s) {
				t.Errorf("the letter holds %q", s)
			}
		}
		if strings.HasPrefix(said[0], "ЖАТТЫҒУ.") != drill || strings.Contains(all, "Бұл — жаттығу") != drill {
			t.Errorf("drill %v: %s", drill, all)
		}
	}
}

// A drill goes the whole way, says so on each page of it, and writes to nobody concerned.
func TestDrillSaysSoOnEveryPage(t *testing.T) {
	w := newWorld(t)
	w.tried()
	one := "/kk/console/breaches/2026-1"
	w.entered("drill", "1", "about", "").is(http.StatusUnprocessableEntity) // a name that comes twice is no form of ours
	w.entered("drill", "1").leads(one + "?done=breach_entered")
	w.must(w.queue.Drain(t.Context()))
	drill := func(p page) {
		t.Helper()
		if !strings.Contains(p.body, "ЖАТТЫҒУ") || !strings.Contains(p.body, "Бұл — жаттығу") {
			t.Errorf("a page of the drill does not say so:\n%s", p.main())
		}
	}
	for _, path := range []string{"", "/authority", "/tell", "/close"} {
		drill(w.get("officer", one+path).is(http.StatusOK))
	}
	drill(w.post("officer", one+"/close").is(http.StatusConflict))
	w.get("officer", "/kk/console/breaches").is(http.StatusOK).has("ЖАТТЫҒУ")
	w.post("officer", one+"/measures", "measures", "Жаттығу өтті.").leads(one + "?done=breach_measured")
	w.post("officer", one+"/authority").leads(one + "?done=breach_authority")
	w.post("officer", one+"/tell").leads(one + "?done=breach_letters")
	w.must(w.queue.Drain(t.Context()))
	b, err := w.c.Breaches.ByNumber(t.Context(), "2026-1")
	w.must(err)
	if people, told, err := w.c.Breaches.Count(t.Context(), b); err != nil || people != 1 || told != 0 {
		t.Errorf("%d people, %d told in a drill; %v", people, told, err)
	}
	// Also the question for a code says it.
	w.Clock.Move(20 * time.Minute)
	drill(w.post("officer", one+"/close").is(http.StatusOK).has(`name="code"`))
}

func TestBreachFormRefuses(t *testing.T) {
	w := newWorld(t)
	for name, try := range map[string]struct {
		sent []string
		said string
	}{
		"nothing":          {nil, "Кім және қай уақыт аралығында"},
		"in the future":    {[]string{"kind", "lost", "day", "2030-01-01", "hour", "10:00", "about", "а", "who", "nobody"}, "болашақта болмауы керек"},
		"no kind":          {[]string{"day", "2026-01-01", "hour", "10:00", "about", "а", "who", "nobody"}, "class=\"faults\""},
		"no such day":      {[]string{"kind", "lost", "day", "2026-02-30", "hour", "10:00", "about", "а", "who", "nobody"}, "f-day"},
		"no such hour":     {[]string{"kind", "lost", "day", "2026-01-01", "hour", "25:00", "about", "а", "who", "nobody"}, "14:05"},
		"not of the staff": {[]string{"kind", "lost", "day", "2026-01-01", "hour", "10:00", "about", "а", "who", "member", "member", w.aya.String()}, "f-member"},
		"no account":       {[]string{"kind", "lost", "day", "2026-01-01", "hour", "10:00", "about", "а", "who", "account", "account", "'; DROP"}, "f-account"},
		"until before": {[]string{"kind", "lost", "day", "2026-01-01", "hour", "10:00", "about", "а", "who", "account", "account", w.aya.String(), "from_day", "2026-01-02",
			"from_hour", "10:00", "until_day", "2026-01-01", "until_hour", "10:00"}, "f-from_day"},
	} {
		if p := w.post("officer", "/kk/console/breaches/new", try.sent...).is(http.StatusUnprocessableEntity); !strings.Contains(p.main(), try.said) {
			t.Errorf("%s: no %q on the page\n%s", name, try.said, p.main())
		}
	}
	if all, err := w.c.Breaches.All(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%d breaches; %v", len(all), err)
	}
	// Words of the officer are words, whatever is in them.
	w.post("officer", "/ru/console/breaches/new", "kind", "lost", "day", "2026-01-01", "hour", "10:00", "about", `<script>alert(1)</script>`, "who", "nobody").is(http.StatusSeeOther)
	if p := w.get("officer", "/ru/console/breaches/2026-1").is(http.StatusOK); strings.Contains(p.body, "<script>alert") {
		t.Error("the page runs what was written")
	}
	account := w.breachBy(breach.Breach{Kind: breach.Copied, About: "а", Detected: w.Clock.Now(),
		Window: breach.Window{Kind: ledger.BySubject, Actor: w.aya, From: w.Clock.Now().Add(-time.Hour), Until: w.Clock.Now()}})
	w.get("officer", "/ru/console/breaches/"+account).is(http.StatusOK).has("учётная запись " + w.aya.String())
}
