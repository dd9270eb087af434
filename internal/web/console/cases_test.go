package console

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ustaz/internal/archive"
	"ustaz/internal/desk"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// restricted tells whether somebody's data are blocked.
func (w *world) restricted(id person.ID) bool {
	w.Helper()
	s, err := w.Keeper.State(context.Background(), id)
	w.must(err)
	return s.Restricted
}

func (w *world) theCase(number string) *desk.Case {
	w.Helper()
	c, err := w.c.Cases.Case(context.Background(), number)
	w.must(err)
	return c
}

// order gives the places of texts on a page; each must be there.
func (p page) inOrder(parts ...string) page {
	p.Helper()
	at := 0
	for _, part := range parts {
		i := strings.Index(p.main()[at:], part)
		if i < 0 {
			p.Errorf("no %q after the %d bytes before it\n%s", part, at, p.main())
			return p
		}
		at += i
	}
	return p
}

// 8.2: the officer's first screen is the list of clocks, the most urgent first; what is overdue says so in words and in red.
func TestFirstScreenIsTheListOfClocks(t *testing.T) {
	w := newWorld(t)
	w.get("officer", "/kk/console").is(http.StatusOK).has("Ашық өтініш жоқ")
	bota := w.someone("bota@mysal.kz")
	claim := w.file(bota, desk.Claim)             // 30 days
	information := w.file(bota, desk.Information) // 3 working days
	question := w.file(bota, desk.Question)       // 15 working days
	w.get("officer", "/kk/console").is(http.StatusOK).
		inOrder("Жауап күтіп тұрған өтініштер", "№ "+information.Number, "3 күн қалды", "№ "+question.Number, "21 күн қалды", "№ "+claim.Number, "30 күн қалды", "Дербес деректерге жауапты тұлға").
		lacks("Ботақызы", "bota@mysal.kz")
	w.Clock.Move(3 * 24 * time.Hour)
	w.get("officer", "/kk/console").inOrder("№ "+information.Number, "Мерзімі бүгін бітеді")
	w.Clock.Move(2 * 24 * time.Hour)
	w.session("officer") // five days have ended the one of the first
	p := w.get("officer", "/kk/console").has(`class="tag bad"`, "Мерзімінен 2 күн өтіп кетті")
	p.inOrder("№ "+information.Number, "Мерзімінен 2 күн өтіп кетті", "№ "+question.Number)
	// Others have no clocks there.
	w.session("admin")
	w.get("admin", "/kk/console").is(http.StatusOK).lacks("№ "+claim.Number, "Жауап күтіп тұрған")

	w.get("officer", "/kk/console/cases?kind=claim").is(http.StatusOK).has("№ "+claim.Number).lacks("№ "+question.Number, "№ "+information.Number)
	w.get("officer", "/kk/console/cases?kind=copy").is(http.StatusOK).has("Ашық өтініш жоқ")
	for _, bad := range []string{"kind=nothing", "after=x", "after=1", "after=-1.1", "after=1.-1", "after=1.x", "kind=claim&kind=copy"} {
		w.get("officer", "/kk/console/cases?"+bad).is(http.StatusUnprocessableEntity)
	}
}

func TestListsGoOnByPages(t *testing.T) {
	w := newWorld(t)
	var numbers []string
	for i := range perPage + 2 {
		numbers = append(numbers, w.file(w.someone("b"+strconv.Itoa(i)+"@mysal.kz"), desk.Question).Number)
	}
	p := w.get("officer", "/kk/console/cases").is(http.StatusOK).has("№ "+numbers[perPage-1]+"<", "Келесілері").lacks("№ " + numbers[perPage] + "<")
	_, rest, _ := strings.Cut(p.main(), `rel="next" href="`)
	next, _, _ := strings.Cut(rest, `"`)
	w.get("officer", next).is(http.StatusOK).has("№ "+numbers[perPage]+"<", "№ "+numbers[perPage+1]+"<", "Басына").lacks("№ "+numbers[perPage-1]+"<", "Келесілері")
	w.get("officer", "/kk/console").has("Барлық ашық өтініштер")
	for i := range perPage + 1 {
		w.must(w.c.Cases.Answer(context.Background(), w.anOfficer(), numbers[i], desk.Granted, "", person.Stored(person.Words, "Жарайды.")))
	}
	p = w.get("officer", "/kk/console/cases/closed").is(http.StatusOK).has("№ "+numbers[perPage]+"<", "қанағаттандырылды", "уақытында", "Бұрынғылары")
	_, rest, _ = strings.Cut(p.main(), `rel="next" href="`)
	next, _, _ = strings.Cut(rest, `"`)
	w.get("officer", next).is(http.StatusOK).has("№ " + numbers[0] + "<").lacks("Бұрынғылары")
	for _, bad := range []string{"before=x", "before=1"} {
		w.get("officer", "/kk/console/cases/closed?"+bad).is(http.StatusUnprocessableEntity)
		w.get("officer", "/kk/console/erasures?"+bad).is(http.StatusUnprocessableEntity)
	}
}

// The calendar counts cases by their last day and shows the days off, decreed ones too (8.4).
func TestCalendarOfLastDays(t *testing.T) {
	w := newWorld(t)
	bota := w.someone("bota@mysal.kz")
	c := w.file(bota, desk.Information) // due on Friday, 6 November
	w.get("officer", "/kk/console/cases/month").is(http.StatusOK).has("2026 жылғы қараша", "1 өтініш", "Демалыс күні", "бүгін")
	w.post("officer", "/kk/console/clocks/days", "day", "2026-11-09", "kind", "off").leads("/kk/console/clocks/days?year=2026&done=day-set")
	w.get("officer", "/kk/console/cases/month").inOrder("2026 жылғы 9 қараша", "Үкімет қаулысымен")
	w.get("officer", "/kk/console/cases/month?month=2026-11&day=2026-11-06").is(http.StatusOK).inOrder("Мерзімі бітетін күн", "№ "+c.Number)
	w.get("officer", "/kk/console/cases/month?month=2026-11&day=2026-11-05").is(http.StatusOK).has("Ашық өтініш жоқ")
	w.get("officer", "/kk/console/cases/month?month=2026-12").is(http.StatusOK).has("Бұл айда мерзімі бітетін ашық өтініш жоқ", "Тәуелсіздік күні")
	for _, bad := range []string{"month=x", "month=2026-13", "month=0001-01", "month=2026-11&day=2026-12-01", "day=x"} {
		w.get("officer", "/kk/console/cases/month?"+bad).is(http.StatusUnprocessableEntity)
	}
}

// 6.2.4: the officer works an application: what is doubted, what was checked, the correction, the answer. The block holds until the answer.
func TestApplicationIsWorked(t *testing.T) {
	w := newWorld(t)
	number := w.aCase()
	id := w.theCase(number).Concerned
	at := casePath(number)
	w.get("officer", at).is(http.StatusOK).has("Тегім қате жазылған.", "Ботақызы Бота", "bota@mysal.kz", "Осы өтініш деректерді бұғаттап тұр", "Бұғаттау сол күйінде қалады",
		"Жауаппен бірге бұғаттау алынады").lacks(`name="email"`)

	w.post("officer", casePath(number, "write"), "message", "").is(http.StatusUnprocessableEntity).has("f-message-error")
	w.post("officer", casePath(number, "write"), "message", "Құжатыңызды көрсетіңіз.").leads(at + "?done=case-written")
	w.post("officer", casePath(number, "check"), "doubt", "Тегі", "finding", " ").is(http.StatusUnprocessableEntity).has("f-finding-error", "Тегі")
	w.post("officer", casePath(number, "check"), "doubt", "Тегі", "finding", "Жеке басын көрдім.").leads(at + "?done=case-checked")
	w.get("officer", at).inOrder("Құжатыңызды көрсетіңіз.", "Күмән тудырғаны:", "Тегі", "Тексерілгені:", "Жеке басын көрдім.")

	for name, form := range map[string][]string{
		"f-surname-error":  {"surname", "123"},
		"f-position-error": {"position", "emperor"},
	} {
		w.post("officer", casePath(number, "correct"), form...).is(http.StatusUnprocessableEntity).has(name)
	}
	w.post("officer", casePath(number, "correct")).is(http.StatusUnprocessableEntity).has("Кемінде бір деректің")
	w.post("officer", casePath(number, "correct"), "email", "thief@mysal.kz").is(http.StatusUnprocessableEntity) // an address changes by its owner alone
	w.post("officer", casePath(number, "correct"), "surname", "Ботабайқызы", "position", "other", "position_words", "қобызшы").leads(at + "?done=case-corrected")
	if !w.restricted(id) {
		t.Fatal("a correction freed the data before the answer")
	}
	rec, err := w.Keeper.Read(context.Background(), keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Access, Purpose: policy.Restriction,
		Fields: person.Set(person.Surname, person.Position), Case: w.theCase(number).Code()})
	w.must(err)
	if rec.Value(person.Surname).Reveal() != "Ботабайқызы" || rec.Value(person.Position).Reveal() != "other:қобызшы" {
		t.Error("the data are not set right")
	}

	w.post("officer", casePath(number, "answer"), "answer", "Түзетілді.").is(http.StatusUnprocessableEntity).has("f-outcome-error", "Шешімді таңдаңыз.", "Түзетілді.")
	w.post("officer", casePath(number, "answer"), "outcome", "refused", "answer", "Жоқ.").is(http.StatusUnprocessableEntity).has("f-outcome-error")
	w.post("officer", casePath(number, "answer"), "outcome", "corrected").is(http.StatusUnprocessableEntity).has("f-answer-error")
	w.post("officer", casePath(number, "answer"), "outcome", "corrected", "answer", "Тегіңіз түзетілді.").leads(at + "?done=case-answered")
	if w.restricted(id) || w.theCase(number).Outcome != desk.Corrected {
		t.Errorf("after the answer: blocked %v, %v", w.restricted(id), w.theCase(number).Outcome)
	}
	w.get("officer", at).is(http.StatusOK).has("Тегіңіз түзетілді.", "деректер түзетілді", "answer.pdf").lacks("<form class=\"sheet\"")
	w.post("officer", casePath(number, "write"), "message", "Тағы бірдеңе.").is(http.StatusConflict)
	w.get("officer", "/kk/console/cases/closed").has("№ "+number, "деректер түзетілді")
}

// A refusal needs an article; that of a deletion calls it off.
func TestRefusalNeedsAnArticle(t *testing.T) {
	w := newWorld(t)
	c := w.file(w.someone("bota@mysal.kz"), desk.Deletion)
	answer := casePath(c.Number, "answer")
	w.get("officer", casePath(c.Number)).has("Жою уақыты белгіленген", "Белгіленген жою болмайды", "L 8-2")
	for _, article := range []string{"", "!", "<b>"} {
		w.post("officer", answer, "outcome", "refused", "article", article, "answer", "Жоқ.").is(http.StatusUnprocessableEntity).has("f-article-error")
	}
	w.post("officer", answer, "outcome", "refused", "article", "L 8-2", "answer", "Міндеттеме бар.").is(http.StatusSeeOther)
	if k := w.theCase(c.Number); k.Outcome != desk.Refused || k.Article != "L 8-2" || !k.EraseAt.IsZero() {
		t.Errorf("%+v", k)
	}
}

// A representative's proof, and an application of somebody who is not in the database.
func TestRepresentative(t *testing.T) {
	w := newWorld(t)
	bota := w.someone("bota@mysal.kz")
	dana := desk.Contact{Surname: person.Stored(person.Surname, "Данақызы"), GivenName: person.Stored(person.GivenName, "Дана"), Email: person.Stored(person.Email, "dana@mysal.kz"), Network: []byte("n")}
	f := desk.Filing{Kind: desk.Block, Words: person.Stored(person.Words, "Анасымын."), Lang: "kk"}
	c, err := w.c.Cases.FileForAnother(context.Background(), dana, person.Stored(person.Email, "bota@mysal.kz"), f)
	w.must(err)
	w.get("officer", casePath(c.Number)).is(http.StatusOK).has("Өкілеттік расталмаған", "Данақызы Дана", "Ботақызы Бота", "Өкілеттікті растау")
	w.post("officer", casePath(c.Number, "proof")).is(http.StatusUnprocessableEntity).has("f-seen-error")
	w.post("officer", casePath(c.Number, "proof"), "seen", "1").is(http.StatusSeeOther)
	w.get("officer", casePath(c.Number)).lacks("Өкілеттік расталмаған")
	if !w.restricted(bota) {
		t.Error("not blocked")
	}
	unknown, err := w.c.Cases.FileForAnother(context.Background(), dana, person.Stored(person.Email, "nobody@mysal.kz"), f)
	w.must(err)
	w.get("officer", casePath(unknown.Number)).is(http.StatusOK).has("базадан табылмады", "бұғаттайтын дерек жоқ").lacks("Деректерді жою")
	w.post("officer", casePath(unknown.Number, "proof"), "seen", "1").is(http.StatusConflict)
	w.get("officer", casePath(unknown.Number, "destroy")).is(http.StatusConflict)
}

// 5.1: destroying asks for the number, written out, and leaves a line in the register that names nobody.
func TestDestroying(t *testing.T) {
	w := newWorld(t)
	number := w.aCase()
	id := w.theCase(number).Concerned
	destroy := casePath(number, "destroy")
	w.get("officer", destroy).is(http.StatusOK).has("ешқашан оқылмайды", "Көшірмелерден де қалпына келтіру мүмкін емес", "Қалатыны:")
	for _, typed := range []string{"", "2026-99", "иә"} {
		w.post("officer", destroy, "number", typed).is(http.StatusUnprocessableEntity).has("f-number-error")
	}
	if s, err := w.Keeper.State(context.Background(), id); err != nil || s.Erased {
		t.Fatalf("%+v %v", s, err)
	}
	w.post("officer", destroy, "number", " "+number+" ").leads(casePath(number) + "?done=case-destroyed")
	if s, err := w.Keeper.State(context.Background(), id); err != nil || !s.Erased {
		t.Errorf("%+v %v", s, err)
	}
	w.get("officer", casePath(number)).is(http.StatusOK).has("Бұл адамның деректері жойылған", "Мәтін деректермен бірге жойылды", "деректер жойылды").lacks("Ботақызы", "Тегім қате")
	w.get("officer", "/kk/console/erasures").is(http.StatusOK).has("№ "+number).lacks(id.String(), "Ботақызы")
	w.post("officer", destroy, "number", number).is(http.StatusConflict)
	question := w.file(w.someone("b@mysal.kz"), desk.Question)
	w.post("officer", casePath(question.Number, "destroy"), "number", question.Number).is(http.StatusConflict)
}

// Files come in whole or with a reason, and go out to be saved and never shown.
func TestFilesOfACase(t *testing.T) {
	w := newWorld(t)
	number := w.aCase()
	to := casePath(number, "files")
	w.upload("officer", to, "../../Жауап құжаты.txt", "мәтін").leads(casePath(number) + "?done=case-attached")
	p := w.get("officer", casePath(number)).has("Жауап құжаты.txt")
	_, rest, _ := strings.Cut(p.body, `href="`+to+"/")
	id, _, _ := strings.Cut(rest, `"`)
	file := w.get("officer", to+"/"+id).is(http.StatusOK)
	if file.body != "мәтін" || !strings.HasPrefix(file.head.Get("Content-Disposition"), "attachment") || !strings.Contains(file.head.Get("Content-Security-Policy"), "sandbox") ||
		file.head.Get("X-Content-Type-Options") != "nosniff" || file.head.Get("Cache-Control") != "no-store" {
		t.Errorf("%q %v", file.body, file.head)
	}
	for name, try := range map[string][2]string{
		"desk.file.empty": {"a.txt", ""},
		"desk.file.type":  {"a.zip", "PK\x03\x04"},
		"an exe":          {"a.pdf", "MZ\x90"},
		"a page":          {"a.txt", "<html><script>alert(1)</script>"},
		"no name":         {"", "мәтін"},
	} {
		if p := w.upload("officer", to, try[0], try[1]); p.code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, p.code)
		}
	}
	w.upload("officer", to, "a.txt", strings.Repeat("a", desk.MaxFile+1)).is(http.StatusUnprocessableEntity).has("20 МБ-тан үлкен")
	w.upload("support", to, "a.txt", "a").is(http.StatusForbidden)
	other := w.file(w.someone("b@mysal.kz"), desk.Question)
	for _, bad := range []string{casePath(other.Number, "files", id), casePath(number, "files", "x"), casePath(number, "files", "1"), casePath("2026-99", "files", id)} {
		w.get("officer", bad).is(http.StatusNotFound)
	}
}

// 8.1, 8.2: receipt and answer are documents.
func TestPapersOfACase(t *testing.T) {
	w := newWorld(t)
	number := w.aCase()
	receipt := w.get("officer", casePath(number, "receipt.pdf")).is(http.StatusOK)
	if !strings.HasPrefix(receipt.body, "%PDF-") || !strings.Contains(receipt.head.Get("Content-Disposition"), "receipt-"+number+".pdf") {
		t.Errorf("%v", receipt.head)
	}
	w.get("officer", casePath(number, "answer.pdf")).is(http.StatusNotFound)
	w.must(w.c.Cases.Answer(context.Background(), w.anOfficer(), number, desk.Lifted, "", person.Stored(person.Words, "Қате жоқ.")))
	if answer := w.get("officer", casePath(number, "answer.pdf")).is(http.StatusOK); !strings.HasPrefix(answer.body, "%PDF-") {
		t.Error("the answer is no PDF")
	}
	w.get("officer", casePath("2026-99", "receipt.pdf")).is(http.StatusNotFound)
}

// 8.3: the case file can be checked with the log's public key alone.
func TestCaseFileIsVerified(t *testing.T) {
	w := newWorld(t)
	claim := w.file(w.someone("bota@mysal.kz"), desk.Claim)
	w.must(w.c.Cases.Answer(context.Background(), w.anOfficer(), claim.Number, desk.Refused, "L 8", person.Stored(person.Words, "Негізсіз.")))
	p := w.post("officer", casePath(claim.Number, "export")).is(http.StatusOK)
	report, err := archive.Verify(bytes.NewReader([]byte(p.body)), int64(len(p.body)), w.Ledger.PublicKey())
	w.must(err)
	if len(report.Entries) == 0 || len(report.Files) < 6 {
		t.Errorf("%+v", report)
	}
	w.post("officer", casePath("2026-99", "export")).is(http.StatusNotFound)
	w.get("officer", casePath("2026-99")).is(http.StatusNotFound)
}

// What changes power over data asks for a fresh code: answering, destroying, orders, papers, the case file, terms and days.
func TestDecisionsAskForAFreshCode(t *testing.T) {
	w := newWorld(t)
	number := w.aCase()
	w.Clock.Move(20 * time.Minute)
	person := "/kk/console/person/" + w.aya.String()
	for _, to := range []string{casePath(number, "answer"), casePath(number, "destroy"), casePath(number, "correct"), casePath(number, "proof"), casePath(number, "export"),
		"/kk/console/cases/paper", person + "/paper" + inLetter, person + "/order" + inLetter, "/kk/console/clocks/info", "/kk/console/clocks/info/reset",
		"/kk/console/clocks/days", "/kk/console/clocks/days/2026-11-07/remove"} {
		w.post("officer", to, "answer", "Жауап", "number", number).is(http.StatusOK).has(`name="code"`)
	}
	if w.theCase(number).Status != desk.Open || len(w.entries()) == 0 {
		t.Error("something was done without a code")
	}
	w.post("officer", casePath(number, "write"), "message", "Қарап жатырмыз.").is(http.StatusSeeOther) // words alone need none
}

// What came on paper: from somebody in the database, found in the case of the incoming letter; from the authority; from somebody unknown.
func TestOnPaper(t *testing.T) {
	w := newWorld(t)
	w.get("officer", "/kk/console/cases/paper").is(http.StatusOK)
	w.post("officer", "/kk/console/cases/paper/find", "number", "").is(http.StatusUnprocessableEntity).has("f-number-error")
	w.post("officer", "/kk/console/cases/paper/find", "number", "Ая Серікқызы").is(http.StatusUnprocessableEntity)
	w.post("officer", "/kk/console/cases/paper/find", "number", "12-34").leads("/kk/console/find" + inLetter)
	bota := w.someone("bota@mysal.kz")
	at := "/kk/console/person/" + bota.String()
	w.get("officer", at+inLetter).is(http.StatusOK).has(at+"/paper", at+"/order")
	w.get("support", at+"?case=ticket%3A1&purpose=4.1.7").is(http.StatusOK).lacks(at+"/paper", at+"/order")
	w.get("officer", at+"/paper").leads("/kk/console/work") // no case is named
	paper := at + "/paper" + inLetter
	w.post("officer", paper, "kind", "correction", "words", "Тегім басқа.", "lang", "kk").is(http.StatusUnprocessableEntity).has("f-doubted-error", "Тегім басқа.")
	w.post("officer", paper, "lang", "de").is(http.StatusUnprocessableEntity).has("f-kind-error", "f-words-error", "f-lang-error")
	w.post("officer", paper, "kind", "correction", "doubted", "totp", "words", "x", "lang", "kk").is(http.StatusUnprocessableEntity)
	w.post("officer", paper, "kind", "correction", "words", "Тегім басқа.", "doubted", "surname", "received", "32.13", "lang", "ru").is(http.StatusUnprocessableEntity).has("f-received-error", `value="32.13"`)
	w.post("officer", paper, "kind", "correction", "words", "Тегім басқа.", "doubted", "surname", "received", "2027-01-01", "lang", "ru").is(http.StatusUnprocessableEntity).has("f-received-error")
	w.post("officer", paper, "kind", "correction", "words", "Тегім басқа.", "doubted", "surname", "received", "2026-11-02", "lang", "ru").leads("/kk/console/cases/2026-" + "1?done=case-filed")
	w.get("officer", "/kk/console/cases/2026-1").is(http.StatusOK).has("Қағаз келген күн", "2026 жылғы 2 қараша")
	if c := w.theCase("2026-1"); c.Source != desk.OnPaper || c.Concerned != bota || c.Lang != "ru" || c.Doubted != person.Set(person.Surname) {
		t.Errorf("%+v", c)
	}
	w.get("officer", "/kk/console/person/0/paper"+inLetter).is(http.StatusNotFound)

	order := at + "/order" + inLetter
	w.post("officer", order, "words", "Тексеріңіз.", "lang", "kk").is(http.StatusUnprocessableEntity).has("f-order_of-error", "f-order_number-error", "f-order_date-error")
	w.post("officer", order, "order_of", "Комитет", "order_number", "7", "order_date", "2027-01-01", "words", "Тексеріңіз.", "lang", "kk").
		is(http.StatusUnprocessableEntity).has("f-order_date-error")
	if w.restricted(bota) {
		t.Fatal("a bad order blocked")
	}
	w.post("officer", order, "order_of", "Комитет", "order_number", "7", "order_date", "2026-11-02", "words", "Тексеріңіз.", "lang", "kk").is(http.StatusSeeOther)
	if !w.restricted(bota) {
		t.Error("the order does not block")
	}
	cases, err := w.c.Cases.Mine(context.Background(), bota)
	w.must(err)
	w.get("officer", casePath(cases[0].Number)).is(http.StatusOK).has("Комитет, № 7", "Осы өтініш деректерді бұғаттап тұр")

	unknown := "/kk/console/cases/paper"
	w.post("officer", unknown, "kind", "deletion", "surname", "1", "lang", "kk").is(http.StatusUnprocessableEntity).has("f-kind-error", "f-surname-error", "f-given_name-error", "f-words-error")
	p := w.post("officer", unknown, "kind", "claim", "surname", "Данақызы", "given_name", "Дана", "email", "", "words", "Талап.", "lang", "kk").is(http.StatusSeeOther)
	to, _, _ := strings.Cut(p.head.Get("Location"), "?")
	w.get("officer", to).is(http.StatusOK).has("Данақызы Дана", "Пошта мекенжайы жоқ", "Талап.", "қағаз түрінде")
}

// 8.2: an edit of a term is an entry of the log; bad ones stay out, each with its reason beside its field.
func TestTermsAreEdited(t *testing.T) {
	w := newWorld(t)
	running := w.file(w.someone("bota@mysal.kz"), desk.Information)
	w.get("officer", "/kk/console/clocks").is(http.StatusOK).has("Сотқа дейінгі талап-шағымға жазбаша жауап беру", "30 күнтізбелік күн", "Заңгермен", "сол күйінде қалады")
	for field, form := range map[string][]string{
		"f-n-error":       {"n", "0", "unit", "working_days", "basis", "L 25"},
		"f-basis-error":   {"n", "3", "unit", "working_days", "basis", " "},
		"f-edition-error": {"n", "3", "unit", "working_days", "basis", "L", "edition", strings.Repeat("x", 41)},
	} {
		w.post("officer", "/kk/console/clocks/info", form...).is(http.StatusUnprocessableEntity).has(field)
	}
	w.post("officer", "/kk/console/clocks/info", "n", "x", "unit", "working_days", "basis", "L 25").is(http.StatusUnprocessableEntity).has("f-n-error")
	w.post("officer", "/kk/console/clocks/info", "n", "5", "unit", "years", "basis", "L 25").is(http.StatusUnprocessableEntity)
	w.post("officer", "/kk/console/clocks/info", "n", "5", "unit", "working_days", "basis", "L 25-2(6)", "edition", "2026").leads("/kk/console/clocks?done=term-edited")
	w.get("officer", "/kk/console/clocks").has("5 жұмыс күні", "редакциясы: 2026", "С. О.")
	if k := w.theCase(running.Number); !k.Running.Due.Equal(running.Running.Due) {
		t.Error("the case that runs was moved")
	}
	if e := w.entries()[0]; e != "officer|refinement|4.1.5||clock:info|allowed|8.2" {
		t.Errorf("the log ends with %s", e)
	}
	w.get("officer", "/kk/console/log").is(http.StatusOK).has("№ info мерзім")
	w.get("officer", "/kk/console/clocks/info").has("Бағдарламаның өз жолына қайтару")
	w.post("officer", "/kk/console/clocks/info/reset").leads("/kk/console/clocks?done=term-reset")
	w.get("officer", "/kk/console/clocks/info").is(http.StatusOK).lacks("Бағдарламаның өз жолына қайтару")
	for _, bad := range []string{"/kk/console/clocks/nothing", "/kk/console/clocks/nothing/reset"} {
		w.post("officer", bad, "n", "1").is(http.StatusNotFound)
	}
}

// 8.4: the year's calendar shows holidays, whereto they moved, and decrees, which can be added and taken back.
func TestDaysAreEdited(t *testing.T) {
	w := newWorld(t)
	w.get("officer", "/kk/console/clocks/days").is(http.StatusOK).has("2026 жылғы 26 қазан", "2026 жылғы 11 мамыр", "2026 жылғы 25 наурыз", "Республика күні").
		lacks("2026 жылғы 10 қазан")
	w.get("officer", "/kk/console/clocks/days?year=2027").is(http.StatusOK).has("2027 жылғы 4 қаңтар", "2027 жылғы 3 мамыр", "2027 жылғы 10 мамыр")
	for _, bad := range []string{"x", "1999", "3000"} {
		w.get("officer", "/kk/console/clocks/days?year="+bad).is(http.StatusUnprocessableEntity)
	}
	w.post("officer", "/kk/console/clocks/days", "day", "2026-02-30").is(http.StatusUnprocessableEntity).has("f-day-error", "f-kind-error")
	w.post("officer", "/kk/console/clocks/days", "day", "2026-11-07", "kind", "holiday").is(http.StatusUnprocessableEntity).has("f-kind-error")
	w.post("officer", "/kk/console/clocks/days", "day", "2026-11-07", "kind", "work").is(http.StatusSeeOther)
	w.get("officer", "/kk/console/clocks/days").has("Қаулы бойынша жұмыс күні", "2026 жылғы 7 қараша")
	if e := w.entries()[0]; e != "officer|refinement|4.1.5||day:2026-11-07|allowed|8.4" {
		t.Errorf("the log ends with %s", e)
	}
	w.post("officer", "/kk/console/clocks/days/x/remove").is(http.StatusNotFound)
	w.post("officer", "/kk/console/clocks/days/2026-11-07/remove").is(http.StatusSeeOther)
	w.get("officer", "/kk/console/clocks/days").lacks("2026 жылғы 7 қараша")
}

func TestPlacesAreSuggested(t *testing.T) {
	w := newWorld(t)
	name := w.c.Places.Tree().PathName("103200000", "kk")
	p := w.get("officer", "/kk/console/places.json?q="+url.QueryEscape(name)).is(http.StatusOK)
	if !strings.Contains(p.body, "103200000") {
		t.Errorf("%s", p.body)
	}
	if p := w.get("officer", "/kk/console/places.json"); p.body != "[]" {
		t.Errorf("%s", p.body)
	}
	c := w.someone("bota@mysal.kz")
	f := desk.Filing{Kind: desk.Correction, Words: person.Stored(person.Words, "Мекенжайым басқа."), Lang: "kk", Doubted: person.Set(person.Place)}
	k, err := w.c.Cases.File(context.Background(), c, f)
	w.must(err)
	w.post("officer", casePath(k.Number, "correct"), "place", "Жоқ жер").is(http.StatusUnprocessableEntity).has("f-place-error")
	w.post("officer", casePath(k.Number, "correct"), "place", name).is(http.StatusSeeOther)
	w.post("officer", casePath(k.Number, "correct"), "place", name, "place"+web.CodeEnding, "103200000").is(http.StatusSeeOther)
}
