package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

const aPDF = "%PDF-1.4\nтест"

// officer is somebody who works at the desk.
func (w *world) officer() keeper.Actor {
	w.t.Helper()
	return keeper.Staff(w.staffMember("officer@mysal.kz", policy.Officer), policy.Officer)
}

func caseWords(s string) person.Value { return person.Stored(person.Words, s) }

// numberOf is the case's number in the address at which a browser is.
func (b *walker) numberOf() string {
	b.t.Helper()
	at, _, _ := strings.Cut(b.at, "?")
	number := at[strings.LastIndexByte(at, '/')+1:]
	if !caseNumber.MatchString(number) {
		b.t.Fatalf("at %s, which is no case:\n%s", b.at, b.words())
	}
	return number
}

// TestBlockMyData: one button in "My data" blocks at once (6.2.4); every page says so, those that must keep working do, and who applied can
// take it back.
func TestBlockMyData(t *testing.T) {
	for lang, say := range map[string]struct{ button, blocked, case1, open string }{
		"kk": {"Деректерімді бұғаттау", "Деректеріңіз бұғатталған", "№ 2026-1", "қаралып жатыр"},
		"ru": {"Заблокировать мои данные", "Ваши данные заблокированы", "№ 2026-1", "рассматривается"},
		"en": {"Block my data", "Your data are blocked", "No 2026-1", "being worked"},
	} {
		t.Run(lang, func(t *testing.T) {
			w := openWorld(t, testHome)
			b := w.signUp(lang, ayaEmail)
			my := "/" + lang + "/my"
			b.open(my + "/data").says(say.button)
			b.open(my+"/block").is(200, my+"/block").says(say.button, "6.2.4")
			// Nothing typed is lost on an error; nothing is blocked yet.
			b.fill("/my/block", "doubted", "place", "words", " ").is(422, my+"/block")
			if state, err := w.Keeper.State(t.Context(), b.subject()); err != nil || state.Restricted {
				t.Fatalf("blocked without words: %v, %v", state, err)
			}
			if _, values := b.form("/my/block"); values.Get("doubted") != "place" {
				t.Errorf("the mark is lost: %v", values)
			}
			w.Clock.Move(time.Minute)
			b.fill("/my/block", "words", "Мекенжайым қате.").is(200, my+"/cases/2026-1").says(say.blocked, "Мекенжайым қате.", "6.2.4")
			if _, err := w.Keeper.Read(t.Context(), keeper.Passage{Actor: keeper.Program(), Subject: b.subject(), Operation: policy.Use, Purpose: policy.Notify,
				Fields: person.Set(person.Email)}); !errs.Is(err, errs.Forbidden) {
				t.Errorf("the data are used: %v", err)
			}
			for _, page := range []string{"", "/data", "/cases", "/cases/2026-1", "/security", "/profile", "/request", "/security/password", "/data/print"} {
				b.open(my+page).is(200, my+page).says(say.blocked, say.case1)
			}
			b.open(my)
			if strings.Contains(b.body, `href="`+my+`/profile"`) {
				t.Error("a way to change what can't be changed")
			}
			b.open(my + "/data").says(ayaSurname)
			b.open(my + "/cases").says(say.open)
			b.open(my + "/profile")
			if strings.Contains(b.body, ayaSurname) {
				t.Error("the profile shows a value")
			}
			other := w.walker()
			other.open("/"+lang+"/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, my).says(say.blocked)
			b.open(my + "/data")
			if !strings.Contains(b.body, `href="`+my+`/cases/2026-1/take-back"`) {
				t.Error("no way to take it back")
			}
			b.open(my+"/cases/2026-1/take-back").fill("/take-back").is(200, my+"/cases/2026-1")
			b.open(my + "/data").says(say.button)
			if strings.Contains(b.words(), say.blocked) {
				t.Error("blocked after it was taken back")
			}
			b.fill("/sign-out").is(200, "/"+lang+"/")
		})
	}
}

// TestEveryRequest: each is offered with its clause and term, and filed with words and files.
func TestEveryRequest(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("ru", ayaEmail)
	b.open("/ru/my/request").says("3 рабочих дня", "календарных дней", "пункт 8.1")
	if strings.Contains(b.words(), "Попросить снять блокировку") {
		t.Error("lifting is offered, and nothing is blocked")
	}
	b.open("/ru/my/request/copy").says("Копию можно взять сейчас")
	if !strings.Contains(b.body, `href="/ru/my/data.json"`) || !strings.Contains(b.body, `href="/ru/my/data/print"`) {
		t.Error("the copies that are there are not offered")
	}
	n := 0
	for _, k := range desk.Kinds {
		to := "/ru/my/request/" + k.String()
		if k == desk.Block || k == desk.Deletion || k == desk.Withdrawal {
			b.open(to)
			if strings.HasPrefix(b.at, "/ru/my/request/") {
				t.Errorf("%v has a page of its own: %s", k, b.at)
			}
			b.send(http.MethodPost, to, url.Values{"words": {"x"}}).is(404, to)
			continue
		}
		n++
		b.open(to).is(200, to)
		pairs := []string{"words", "Слова о «" + k.String() + "».", "doubted", "place"}
		if k != desk.Correction {
			pairs = pairs[:2]
		}
		at := fmt.Sprintf("/ru/my/cases/2026-%d", n)
		b.upload(to[3:], map[string]string{"файл.pdf": aPDF}, pairs...).is(200, at).says(pairs[1], "файл.pdf", "1 КБ", "Вы", "Последний день")
	}
	b.open("/ru/my/request/correction").fill("/request/correction", "words", "Исправьте.").is(422, "/ru/my/request/correction").says("Отметьте, какие данные неверны")
	if _, values := b.form("/request/correction"); values.Get("words") != "Исправьте." {
		t.Errorf("the words are lost: %v", values)
	}
	b.open("/ru/my/request/nonsense").is(404, "/ru/my/request/nonsense")
	b.open("/ru/my/cases").says("претензия", "№ 2026-8", "остался 1 день")
	w.Clock.Move(5 * 24 * time.Hour)
	b.open("/ru/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword)
	b.open("/ru/my/cases").says("просрочено на")
	b.open("/ru/my/cases/2026-1").says("Срок ответа истёк", "Это наша вина")
}

// A form with a bad file loses no word, and says that files are to be chosen again.
func TestNothingTypedIsLostStepByStep(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.walker().open("/en/claim")
	for name, c := range map[string]struct {
		files map[string]string
		email string
		says  []string
	}{
		"an archive":       {map[string]string{"a.zip": "PK\x03\x04"}, "dana@mysal.kz", []string{"This file is not taken"}},
		"a wrong address":  {map[string]string{"a.pdf": aPDF}, "dana", []string{"Choose the files once more"}},
		"more than a case": {map[string]string{"a.pdf": aPDF + strings.Repeat("x", desk.MaxFile+1)}, "dana@mysal.kz", []string{"larger than 20 MB"}},
		"more than a form": {map[string]string{"a.pdf": aPDF + strings.Repeat("x", filesBody)}, "dana@mysal.kz", []string{"larger than 50 MB together"}},
		"fifty of them": {func() map[string]string {
			out := map[string]string{}
			for i := range 50 {
				out[fmt.Sprint(i, ".pdf")] = aPDF
			}
			return out
		}(), "dana@mysal.kz", []string{"Too many files"}},
	} {
		t.Run(name, func(t *testing.T) {
			b.open("/en/claim").upload("/claim", c.files, "surname", "Данаева", "given_name", "Дана", "email", c.email, "words", "Талабым осы").is(422, "/en/claim").says(c.says...)
			if _, v := b.form("/claim"); v.Get("words") != "Талабым осы" || v.Get("surname") != "Данаева" || v.Get("email") != c.email {
				t.Errorf("lost: %v", v)
			}
		})
	}
	if n := w.count("desk_case"); n != 0 {
		t.Errorf("%d cases", n)
	}
}

// TestClaimOfAnybody: 8.1 to 8.3, 9.3 without an account: filed with a file, answered by the link of the letter, with receipt and answer as papers.
func TestClaimOfAnybody(t *testing.T) {
	for path, kind := range map[string]string{"claim": "claim", "question": "question"} {
		t.Run(kind, func(t *testing.T) {
			w := openWorld(t, testHome)
			w.secrets = append(w.secrets, "Данаева", "dana.canary@mysal.kz", "құпия-сөз", "тақырып.pdf")
			b := w.walker().open("/kk/" + path)
			b.upload("/"+path, map[string]string{"тақырып.pdf": aPDF}, "surname", "Данаева", "given_name", "Дана", "email", "dana.canary@mysal.kz", "words", "Талабым: құпия-сөз").
				is(200, "/kk/filed").says("№ 2026-1")
			link := w.link()
			b.open(link).is(200, link).says("Талабым: құпия-сөз", "Сіз", "тақырып.pdf")
			if h := b.header; h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%v", h)
			}
			b.upload("/reply", map[string]string{"қосымша.txt": "мәтін"}, "words", "Толықтырамын").is(200, link).says("Толықтырамын", "қосымша.txt")
			b.fill("/reply", "words", "").is(422, link+"/reply")
			file := regexp.MustCompile(regexp.QuoteMeta(link) + `/files/[0-9]+`).FindString(b.body)
			b.open(file).is(200, file)
			if b.body != aPDF || !strings.HasPrefix(b.header.Get("Content-Disposition"), "attachment") || !strings.HasSuffix(b.header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%v %q", b.header, b.body)
			}
			b.open(link + "/receipt.pdf")
			if !strings.HasPrefix(b.body, "%PDF-") || b.header.Get("Content-Disposition") != "attachment; filename=receipt-2026-1.pdf" {
				t.Errorf("%v", b.header)
			}
			b.open(link+"/answer.pdf").is(404, link+"/answer.pdf")
			w.must(w.deps.Cases.Answer(t.Context(), w.officer(), "2026-1", desk.Granted, "", caseWords("Қанағаттандырылды.")))
			answer := w.link() // of the letter that says so: a link of its own
			b.open(answer).is(200, answer).says("Қанағаттандырылды.", "қанағаттандырылды")
			b.open(answer + "/answer.pdf")
			if !strings.HasPrefix(b.body, "%PDF-") {
				t.Errorf("%d %v", b.code, b.header)
			}
			b.open(answer)
			if strings.Contains(b.body, `action="`+answer+`/reply"`) || strings.Contains(b.body, "take-back") {
				t.Error("a closed case can be written to")
			}
			b.open(answer+"/take-back").is(409, answer+"/take-back")
		})
	}
}

// Who is signed in claims as themselves, also when they do not agree any more (2.2).
func TestClaimOfWhoIsSignedIn(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("ru", ayaEmail)
	b.open("/ru/claim").is(200, "/ru/my/request/claim")
	w.newer("13")
	b.open("/ru/my").is(200, "/ru/consent")
	b.send(http.MethodPost, "/ru/consent", url.Values{"answer": {"declined"}, "edition": {formEdition(b)}})
	b.open("/ru/question").is(200, "/ru/my/request/question").fill("/request/question", "words", "Почему?").is(200, "/ru/my/cases/2026-1").says("Почему?")
}

// TestCasesAreTheirPartiesAlone tries every address of a case: without a session, as somebody else, with a link that is no good.
func TestCasesAreTheirPartiesAlone(t *testing.T) {
	w := openWorld(t, testHome)
	aya := w.signUp("kk", ayaEmail)
	aya.open("/kk/my/request/claim").upload("/request/claim", map[string]string{"a.pdf": aPDF}, "words", "Талап")
	number := aya.numberOf()
	file := regexp.MustCompile(`/files/[0-9]+`).FindString(aya.body)
	w.must(w.deps.Cases.Answer(t.Context(), w.officer(), number, desk.Granted, "", caseWords("Жарайды.")))
	other := w.signUp("kk", "other.canary@mysal.kz")
	other.open("/kk/my/request/question").fill("/request/question", "words", "Сұрақ")
	own := other.numberOf()
	parts := []struct{ method, path string }{{"GET", ""}, {"POST", "/reply"}, {"GET", "/take-back"}, {"POST", "/take-back"}, {"GET", file}, {"GET", "/receipt.pdf"}, {"GET", "/answer.pdf"}}
	try := func(b *walker, method, to string) int {
		if strings.HasSuffix(to, "/reply") {
			return b.sendBody(method, to, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"words\"\r\n\r\nx\r\n--x--\r\n").code
		}
		return b.send(method, to, url.Values{}).code
	}
	for _, part := range parts {
		to := "/kk/my/cases/" + number + part.path
		if code := try(other, part.method, to); code != 404 || strings.Contains(other.body, "Талап") {
			t.Errorf("%s %s as somebody else: %d", part.method, to, code)
		}
		nobody := w.walker()
		if code := try(nobody, part.method, to); code != 401 && nobody.at != "/kk/sign-in" && !strings.HasPrefix(nobody.at, "/kk/sign-in?") {
			t.Errorf("%s %s as nobody: %d at %s", part.method, to, code, nobody.at)
		}
		for _, token := range []string{"x", strings.Repeat("A", 43)} {
			if code := try(w.walker(), part.method, "/kk/case/"+token+part.path); code != 410 {
				t.Errorf("%s %s by a link that is no good: %d", part.method, part.path, code)
			}
		}
	}
	// A file of another case, by one's own; a case that is not there.
	if code := other.open("/kk/my/cases/" + own + file).code; code != 404 {
		t.Errorf("a file of another case: %d", code)
	}
	for _, to := range []string{"/files/0", "/files/x", "/files/-1", "/files/99999999999999999999"} {
		if code := aya.open("/kk/my/cases/" + number + to).code; code != 404 {
			t.Errorf("%s: %d", to, code)
		}
	}
	aya.open("/kk/my/cases/2026-999").is(404, "/kk/my/cases/2026-999")
	aya.open("/kk/my/cases/"+number+"/answer.pdf").is(200, "/kk/my/cases/"+number+"/answer.pdf")
}

var numbersAndDays = regexp.MustCompile(`[0-9]{4}-[0-9]+`)

// TestRepresentative: the form takes no file, and nothing that the representative sees tells whether the person is known.
func TestRepresentative(t *testing.T) {
	w := openWorld(t, testHome)
	aya := w.signUp("kk", ayaEmail)
	pages := map[string][]string{}
	for _, found := range []string{ayaEmail, "nobody.canary@mysal.kz"} {
		b := w.walker().open("/kk/representative").says("суретін немесе көшірмесін жібермеңіз")
		if strings.Contains(b.body, `type="file"`) || strings.Contains(b.body, "multipart") {
			t.Fatal("the form takes files")
		}
		pairs := []string{"surname", "Данаева", "given_name", "Дана", "email", "dana.canary@mysal.kz", "relation", "анасы", "found", found, "paper", "туу туралы куәлік",
			"paper_number", "000123", "paper_date", "2020-05-01", "words", "Тегі қате."}
		b.fill("/representative", append(append([]string{}, pairs...), "found", "12", "paper_date", "2099-01-01", "relation", "")...).is(422, "/kk/representative").
			says("12 цифрдан тұратын ЖСН", "болашақта болмауы керек")
		if _, v := b.form("/representative"); v.Get("paper_number") != "000123" || v.Get("words") != "Тегі қате." {
			t.Errorf("lost: %v", v)
		}
		b.fill("/representative", pairs...).is(200, "/kk/filed")
		pages[found] = append(pages[found], numbersAndDays.ReplaceAllString(b.words(), "N"))
		link := w.link()
		b.open(link).says("анасы", "000123", "Тегі қате.")
		pages[found] = append(pages[found], numbersAndDays.ReplaceAllString(b.words(), "N"))
		b.open(link+"/receipt.pdf").is(200, link+"/receipt.pdf")
		b.open(link+"/take-back").fill("/take-back").is(200, link)
		pages[found] = append(pages[found], numbersAndDays.ReplaceAllString(b.words(), "N"))
		if found == ayaEmail {
			aya.open("/kk/my/cases").is(200, "/kk/my/cases").says("№ 2026-1", "қайтарып алды")
			aya.open("/kk/my/cases/2026-1").says("заңды өкіл", "Тегі қате.")
		}
	}
	a, b := pages[ayaEmail], pages["nobody.canary@mysal.kz"]
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("page %d tells whether the person is known:\n%s\n%s", i, a[i], b[i])
		}
	}
	w.secrets = append(w.secrets, "Данаева", "dana.canary@mysal.kz", "000123")
}

// While a representative's application holds, the person concerned sees it, and can't take it back.
func TestBlockedByARepresentative(t *testing.T) {
	w := openWorld(t, testHome)
	aya := w.signUp("en", ayaEmail)
	w.walker().open("/en/representative").fill("/representative", "surname", "Данаева", "given_name", "Дана", "email", "dana@mysal.kz", "relation", "mother", "found", ayaEmail,
		"paper", "birth certificate", "paper_number", "7", "paper_date", "2020-05-01", "words", "The name is wrong.").is(200, "/en/filed").says("No 2026-1")
	aya.open("/en/my/data").says("Your data are blocked", "No 2026-1")
	if strings.Contains(aya.body, "take-back") {
		t.Error("somebody else's application can be taken back")
	}
	aya.open("/en/my/cases/2026-1").says("legal representative", "The name is wrong.", "the block is lifted by itself")
	aya.send(http.MethodPost, "/en/my/cases/2026-1/take-back", url.Values{}).is(403, "/en/my/cases/2026-1/take-back")
	aya.open("/en/my/cases/2026-1/take-back").is(403, "/en/my/cases/2026-1/take-back")
}

// TestDeletionToTheEnd: the page tells first what holds it back and what stays; it needs a fresh proof and loses no word over it; the case can
// be taken back; at the end the code of the receipt opens the certificate.
func TestDeletionToTheEnd(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("en", ayaEmail)
	b.open("/en/my/request/claim").fill("/request/claim", "words", "A claim.")
	claim := b.numberOf()
	b.open("/en/my/deletion").says("A claim is open", "The record of your consents", "6 November 2026", "a copy to print")
	w.Clock.Move(11 * time.Minute)
	b.fill("/my/deletion", "words", "Enough is enough.").is(422, "/en/my/deletion").says("Time has passed")
	if _, v := b.form("/my/deletion"); v.Get("words") != "Enough is enough." || !v.Has("current_password") {
		t.Errorf("lost: %v", v)
	}
	b.fill("/my/deletion", "current_password", "wrong wrong wrong").is(422, "/en/my/deletion")
	b.fill("/my/deletion", "current_password", ayaPassword).is(200, "/en/my/cases/2026-2").says("Enough is enough.", "destroyed when 6 November 2026 is over")
	b.open("/en/my/deletion").says("Your request has been taken")
	b.open("/en/my/cases/2026-2/take-back").fill("/take-back").is(200, "/en/my/cases/2026-2")
	b.open("/en/my/cases/" + claim + "/take-back").fill("/take-back")
	w.Clock.Move(11 * time.Minute)
	b.open("/en/my/deletion").is(200, "/en/again").fill("/again", "current_password", ayaPassword).is(200, "/en/my/deletion")
	b.fill("/my/deletion", "words", "").is(200, "/en/my/cases/2026-3").says("No reason was given.")
	code := regexp.MustCompile(`[2-9A-Z]{4}(-[2-9A-Z]{4}){3}`).FindString(b.words())
	if code == "" {
		t.Fatalf("no code:\n%s", b.words())
	}
	visitor := w.walker().open("/en/certificate/"+code).is(404, "/en/certificate/"+code).says("There is no certificate with that code")
	w.Clock.Move(5 * 24 * time.Hour)
	w.must(w.deps.Cases.Tick(context.Background()))
	if state, err := w.Keeper.State(t.Context(), b.w.erased()); err != nil || !state.Erased {
		t.Fatalf("%v, %v", state, err)
	}
	visitor.open("/en/certificate?code="+strings.ToLower(code)).is(200, "/en/certificate/"+strings.ToLower(code)).says("2026-3", "Destroyed", "The certificate names nobody", w.Ledger.PublicKey())
	visitor.open("/en/certificate/" + code + "/proof.txt")
	if p, err := ledger.CheckProof(visitor.body, w.Ledger.Verifier()); err != nil || p.Entry.Operation != policy.Destruction {
		t.Errorf("the file does not prove: %v %v", p.Entry, err)
	}
	visitor.open("/en/certificate/" + code + "/certificate.pdf")
	if !strings.HasPrefix(visitor.body, "%PDF-") {
		t.Errorf("%d", visitor.code)
	}
	visitor.open("/en/certificate/AAAA/proof.txt").is(404, "/en/certificate/AAAA/proof.txt")
	visitor.open("/en/certificate?code=").is(422, "/en/certificate")
}

// erased is the one whose erasure the desk did.
func (w *world) erased() (id person.ID) {
	w.t.Helper()
	_, err := w.DB.Get(context.Background(), []any{&id}, "SELECT subject FROM desk_erasure")
	w.must(err)
	return id
}

// TestWithdrawal: from it on only the way out is open, the case among it; who takes it back agrees anew (2.2).
func TestWithdrawalOfConsent(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	b.open("/kk/my/withdrawal").says("Келісімдеріңіздің жазбасы").fill("/my/withdrawal", "words", "Енді келіспеймін.").is(200, "/kk/my/cases/2026-1").says("Енді келіспеймін.")
	if _, err := w.Keeper.Read(t.Context(), keeper.Passage{Actor: keeper.Program(), Subject: b.subject(), Operation: policy.Use, Purpose: policy.Notify,
		Fields: person.Set(person.Email)}); !errs.Is(err, errs.Forbidden) {
		t.Errorf("the data are used: %v", err)
	}
	for _, page := range []string{"/kk/my/cases", "/kk/my/cases/2026-1", "/kk/my/cases/2026-1/receipt.pdf", "/kk/my/data.json", "/kk/my/withdrawal", "/kk/my/deletion"} {
		b.open(page).is(200, page)
	}
	b.open("/kk/my").is(200, "/kk/consent")
	b.open("/kk/my/cases/2026-1/take-back").fill("/take-back").is(200, "/kk/my/cases/2026-1")
	b.open("/kk/consent").fill("/consent").is(200, "/kk/my")
	w.Clock.Move(10 * 24 * time.Hour)
	w.must(w.deps.Cases.Tick(context.Background()))
	w.walker().open("/kk/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/kk/my")
}

// Forms that anybody sends have an end, and say when it goes on.
func TestAnybodyHasAnEnd(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.walker().open("/en/representative")
	for range 40 {
		b.send(http.MethodPost, "/en/representative", url.Values{})
	}
	if b.code != http.StatusTooManyRequests || b.header.Get("Retry-After") == "" {
		t.Errorf("%d %v", b.code, b.header)
	}
	for range 70 {
		b.open("/en/certificate/ABCD")
	}
	if b.code != http.StatusTooManyRequests {
		t.Errorf("codes may be guessed without end: %d", b.code)
	}
}

// Only what the desk gives is repeated on a page of ours.
func TestFiledPageSaysNothingOfOthers(t *testing.T) {
	w := openWorld(t, testHome)
	for query, code := range map[string]int{"number=2026-1&kind=claim": 200, "number=Pay+here&kind=claim": 404, "number=2026-1&kind=x": 404, "": 404, "number=2026-1&kind=claim&x=1": 422} {
		if b := w.walker().open("/kk/filed?" + query); b.code != code {
			t.Errorf("%s: %d, want %d", query, b.code, code)
		}
	}
	if to := web.Path("kk", PathFiled); to != "/kk/filed" {
		t.Error(to)
	}
}
