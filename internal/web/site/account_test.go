package site

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ustaz/internal/archive"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/rights"
	"ustaz/internal/web"
	"ustaz/internal/web/webtest"
)

const testHome = "https://ustaz.example"

// TestJourney is the product's spine: a teacher registers, fills in the profile, support reads two fields for a stated purpose, and the
// teacher sees that passage with its clause and a proof.
func TestJourney(t *testing.T) {
	for _, lang := range []string{"kk", "ru", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := openWorld(t, testHome)
			b := w.signUp(lang, ayaEmail)
			b.open("/"+lang+"/my/profile").is(200, "/"+lang+"/my/profile")
			b.fill("/my/profile", "iin", ayaIIN, "phone", ayaPhone, "place", w.deps.Places.Tree().PathName("103200000", lang), "workplace", "school",
				"position", "other", "position_other", "Қазақ тілі мұғалімі", "service_years", "11", "service_months", "2", "declared", "1").
				is(200, "/"+lang+"/my/profile")
			own := b.subject()
			helper := w.staffMember("helper@mysal.kz", policy.SupportR)
			_, err := w.Keeper.Read(context.Background(), keeper.Passage{Actor: keeper.Staff(helper, policy.SupportR), Subject: own, Operation: policy.Retrieval,
				Purpose: policy.Support, Fields: person.Set(person.GivenName, person.Email), Case: "ticket:214"})
			w.must(err)
			_, err = w.Keeper.Read(context.Background(), keeper.Passage{Actor: keeper.Staff(helper, policy.SupportR), Subject: own, Operation: policy.Retrieval,
				Purpose: policy.Feedback, Fields: person.Set(person.IIN), Case: "ticket:214"})
			if !errs.Is(err, errs.Forbidden) {
				t.Fatal(err)
			}
			seen := map[string]string{
				"kk": "Қолдау қызметі (А. К.) № 214 өтінішке жауап беру үшін атыңызды және электрондық поштаңызды көрді",
				"ru": "Служба поддержки (А. К.) видела ваше имя и вашу почту, чтобы ответить на обращение № 214",
				"en": "Support (А. К.) saw your name and your e-mail to answer ticket No 214",
			}[lang]
			refused := map[string]string{"kk": "ЖСН-іңізді сұрады", "ru": "запросила ваш ИИН", "en": "asked for your IIN"}[lang]
			b.open("/"+lang+"/my/data").is(200, "/"+lang+"/my/data").says(seen, refused, ayaGiven, "Қазақ тілі мұғалімі")
			b.open("/"+lang+"/my/data?who=staff").says(seen, refused)
			b.open("/" + lang + "/my/data?who=refused").says(refused)
			if strings.Contains(b.words(), seen) {
				t.Error("the filter of refusals shows what was given")
			}
			b.open("/" + lang + "/my/data?who=staff")
			proofs := regexp.MustCompile(`href="(/`+lang+`/my/data/proof/[0-9]+)"`).FindAllStringSubmatch(b.body, -1)
			if len(proofs) != 2 {
				t.Fatalf("%d lines of staff, want 2", len(proofs))
			}
			at := proofs[1][1] // the older one
			b.open(at).is(200, at).says(seen, "4.1.7", w.Ledger.PublicKey())
			b.open(at+".txt").is(200, at+".txt")
			if p, err := ledger.CheckProof(b.body, w.Ledger.Verifier()); err != nil || p.Entry.Subject != own || p.Entry.Clauses[0] != "4.1.7" {
				t.Errorf("the file does not prove: %+v %v", p.Entry, err)
			}
			if got := b.header.Get("Content-Disposition"); got != `attachment; filename="proof.txt"` {
				t.Error(got)
			}
			if key := w.walker().open("/log/key").body; strings.TrimSpace(key) != w.Ledger.PublicKey() {
				t.Error(key)
			}
			if text := w.walker().open("/log/checkpoint").body; !strings.HasPrefix(text, w.Ledger.Origin()) {
				t.Error(text)
			}
		})
	}
}

// staffMember makes a member of staff called «А. К.», at the door alone.
func (w *world) staffMember(email string, roles ...policy.Role) person.ID {
	w.t.Helper()
	b := w.walker()
	b.open("/kk/register").fill("/register", "surname", "Кенжебаев", "given_name", "Айдос", "email", email, "password", ayaPassword, "agreed", "1").is(200, "/kk/register/sent")
	at := w.link()
	b.open(at).fill(at, "current_password", ayaPassword).is(200, "/kk/my")
	subject := b.subject()
	token, _, err := w.deps.Staff.Invite(context.Background(), 0, roles)
	w.must(err)
	w.must(w.deps.Staff.Accept(context.Background(), subject, token))
	return subject
}

func TestDecliningKeepsNothing(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.walker()
	b.open("/kk/register").is(200, "/kk/register")
	if strings.Contains(b.body, "checked") {
		t.Error("the agreement is ticked beforehand (2.1)")
	}
	b.fill("/register", "surname", ayaSurname, "given_name", ayaGiven, "email", ayaEmail, "password", ayaPassword).is(422, "/kk/register").says("Келіспесеңіз")
	if _, values := b.form("/register"); values.Get("surname") != ayaSurname || values.Get("email") != ayaEmail || values.Get("password") != "" || values.Has("agreed") {
		t.Errorf("the form came back with %v", values)
	}
	b.open("/kk/register/declined").is(200, "/kk/register/declined").says("Ештеңе сақталған жоқ")
	for _, table := range []string{"subject", "blind_index", "consent", "account", "session", "account_link", "job"} {
		if n := w.count(table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
	if len(b.cookies) != 0 {
		t.Error("a cookie was set")
	}
}

func TestPhraseOnDemand(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.walker().open("/ru/register")
	b.fill("/register", "surname", ayaSurname, "email", ayaEmail, "agreed", "1", "phrase", "1").is(200, "/ru/register")
	_, values := b.form("/register")
	phrase := values.Get("password")
	if len(strings.Fields(phrase)) < 5 || values.Get("surname") != ayaSurname || values.Get("agreed") != "1" {
		t.Fatalf("%v", values)
	}
	w.secrets = append(w.secrets, phrase)
	b.fill("/register", "given_name", "").is(422, "/ru/register")
	if _, again := b.form("/register"); again.Get("password") != phrase {
		t.Error("the phrase was lost")
	}
	b.fill("/register", "given_name", ayaGiven).is(200, "/ru/register/sent")
	at := w.link()
	b.open(at).fill(at, "current_password", "бөтен құпиясөз").is(422, at) // whoever opens the letter need not be who registered
	b.fill(at, "current_password", phrase).is(200, "/ru/my").fill("/sign-out").is(200, "/ru/")
	b.open("/ru/sign-in").fill("/sign-in", "email", ayaEmail, "password", phrase).is(200, "/ru/my")
}

// TestSameAnswers: who asks learns nothing about an address.
func TestSameAnswers(t *testing.T) {
	w := openWorld(t, testHome)
	w.signUp("kk", ayaEmail)
	const stranger = "not.canary@mysal.kz"
	same := func(what string, act func(b *walker, email string)) {
		t.Helper()
		var pages []string
		for _, email := range []string{ayaEmail, stranger} {
			b := w.walker()
			act(b, email)
			pages = append(pages, fmt.Sprint(b.code, b.at, strings.ReplaceAll(b.body, email, "…")))
		}
		if pages[0] != pages[1] {
			t.Errorf("%s: the pages differ", what)
		}
	}
	same("sign-in", func(b *walker, email string) {
		b.open("/kk/sign-in").fill("/sign-in", "email", email, "password", "мүлдем басқа құпиясөз").is(422, "/kk/sign-in").says("сәйкес келмейді")
	})
	same("registration", func(b *walker, email string) {
		b.open("/kk/register").fill("/register", "surname", "А", "given_name", "Б", "email", email, "password", ayaPassword, "agreed", "1").is(200, "/kk/register/sent")
	})
	same("recovery", func(b *walker, email string) {
		b.open("/kk/password/forgotten").fill("/password/forgotten", "email", email).is(200, "/kk/password/sent")
	})
}

func TestSignInWaitsAndSaysSo(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.walker()
	for range 4 {
		b.open("/ru/sign-in").fill("/sign-in", "email", ayaEmail, "password", "x").is(422, "/ru/sign-in")
	}
	b.open("/ru/sign-in").fill("/sign-in", "email", ayaEmail, "password", "x").is(429, "/ru/sign-in").says("через 1 секунду")
	if got := b.header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After: %q", got)
	}
}

// TestWithoutCookies: sign-in tells a browser that keeps no cookies what is wrong (3.3.1).
func TestWithoutCookies(t *testing.T) {
	w := openWorld(t, testHome)
	w.signUp("kk", ayaEmail)
	b := w.walker()
	b.deaf = true
	b.open("/kk/sign-in?next=/kk/my/data").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/kk/sign-in/check").
		says("cookie файлдарын қабылдамайды", "3.3.1")
	if !strings.Contains(b.body, "next=%2Fkk%2Fmy%2Fdata") {
		t.Error("where the reader wanted to go is lost")
	}
	b.deaf = false
	b.open("/kk/my/data").is(200, "/kk/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/kk/my/data")
}

func TestNextLeadsNowhereElse(t *testing.T) {
	w := openWorld(t, testHome)
	w.signUp("kk", ayaEmail)
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/kk/nothing"} {
		b := w.walker()
		b.open("/kk/sign-in?next="+url.QueryEscape(next)).fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/kk/my")
	}
}

func TestSignOut(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	token := b.cookies["__Host-ustaz"]
	b.fill("/sign-out").is(200, "/kk/").says("Сіз шықтыңыз")
	if got := b.first.Get("Clear-Site-Data"); !strings.Contains(got, `"storage"`) {
		t.Errorf("Clear-Site-Data: %s", got)
	}
	if _, there := b.cookies["__Host-ustaz"]; there {
		t.Error("the cookie stays")
	}
	b.cookies["__Host-ustaz"] = token
	b.open("/kk/my").is(200, "/kk/sign-in")
	if n := w.count("session"); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

func TestForgottenPassword(t *testing.T) {
	w := openWorld(t, testHome)
	old := w.signUp("ru", ayaEmail)
	b := w.walker()
	b.open("/ru/password/forgotten").fill("/password/forgotten", "email", ayaEmail).is(200, "/ru/password/sent")
	at := w.link()
	b.open(at).is(200, at).fill(at, "password", "коротко").is(422, at)
	b.fill(at, "password", "совсем другая длинная фраза").is(200, "/ru/sign-in").says("Новый пароль задан")
	w.secrets = append(w.secrets, "совсем другая")
	b.open(at).is(410, at)
	old.open("/ru/my").is(200, "/ru/sign-in")
	b.open("/ru/sign-in").fill("/sign-in", "email", ayaEmail, "password", "совсем другая длинная фраза").is(200, "/ru/my")
}

func TestChangeOfPasswordAndEmail(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	other := w.walker()
	other.open("/kk/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/kk/my")
	const fresh = "кітап жел айна көпір"
	w.secrets = append(w.secrets, fresh, "new.canary@mysal.kz")
	b.open("/kk/my/security/password").fill("/security/password", "current_password", "қате", "password", fresh).is(422, "/kk/my/security/password").says("дұрыс емес")
	b.fill("/security/password", "current_password", ayaPassword, "password", fresh).is(200, "/kk/my/security").says("Құпиясөз ауыстырылды")
	other.open("/kk/my").is(200, "/kk/sign-in")
	b.open("/kk/my/security/email").fill("/security/email", "email", "new.canary@mysal.kz", "current_password", fresh).is(200, "/kk/my/security")
	at := w.link()
	if !strings.Contains(at, "/email/") {
		t.Fatalf("the newest letter leads to %s", at)
	}
	b.open(at).fill(at).is(200, "/kk/my/security").says("Поштаңыз ауыстырылды")
	other.open("/kk/sign-in").fill("/sign-in", "email", "new.canary@mysal.kz", "password", fresh).is(200, "/kk/my")
}

func TestSessions(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("ru", ayaEmail)
	other := w.walker()
	other.open("/ru/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/ru/my")
	stranger := w.signUp("ru", "other.canary@mysal.kz")
	theirs := fmt.Sprint(stranger.session().ID)

	b.open("/ru/my/security").is(200, "/ru/my/security").says("Firefox, Linux", "192.0.2.7", "это устройство")
	b.send(http.MethodPost, "/ru/my/security/end", url.Values{"session": {theirs}}).is(404, "/ru/my/security/end")
	b.send(http.MethodPost, "/ru/my/security/end", url.Values{"session": {"x"}}).is(404, "/ru/my/security/end")
	stranger.open("/ru/my").is(200, "/ru/my")
	b.open("/ru/my/security").fill("/security/end").is(200, "/ru/my/security").says("завершён")
	other.open("/ru/my").is(200, "/ru/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/ru/my")
	b.open("/ru/my/security").fill("/security/end-others").is(200, "/ru/my/security")
	other.open("/ru/my").is(200, "/ru/sign-in")
}

var (
	typedKey  = regexp.MustCompile(`<code>((?:[A-Z2-7]{4} ?)+)</code>`)
	codeInPre = regexp.MustCompile(`<li><code>([A-Z2-7-]+)</code></li>`)
)

func TestSecondFactor(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	w.Clock.Move(11 * time.Minute)
	b.open("/kk/my/security/factor").is(200, "/kk/my/security/factor")
	b.fill("/factor/begin").is(200, "/kk/again") // the proof is not fresh
	b.fill("/again", "current_password", ayaPassword).is(200, "/kk/my/security/factor")
	b.fill("/factor/begin").is(200, "/kk/my/security/factor/begin")
	typed := typedKey.FindStringSubmatch(b.body)
	codes := codeInPre.FindAllStringSubmatch(b.body, -1)
	if typed == nil || len(codes) != 10 || !strings.Contains(b.body, "<svg role=\"img\"") {
		t.Fatal(b.body)
	}
	w.secrets = append(w.secrets, typed[1], strings.ReplaceAll(typed[1], " ", ""), codes[0][1])
	b.fill("/security/factor", "code", "000000").is(422, "/kk/my/security/factor")
	b.fill("/security/factor", "code", w.totp(typed[1])).is(200, "/kk/my/security").says("Екінші фактор қосылды", "Пайдаланылмаған қалпына келтіру коды: 10")

	w.Clock.Move(time.Minute)
	other := w.walker()
	other.open("/kk/sign-in?next=/kk/my/profile").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/kk/second-factor")
	other.open("/kk/my").is(200, "/kk/sign-in") // half a sign-in opens nothing
	other.open("/kk/second-factor?next=/kk/my/profile").fill("/second-factor", "code", "12").is(422, "/kk/second-factor")
	other.fill("/second-factor", "code", codes[0][1]).is(200, "/kk/my/profile")
	other.open("/kk/sign-in").is(200, "/kk/my")

	w.Clock.Move(time.Minute)
	b.open("/kk/my/security").fill("/security/codes").is(200, "/kk/my/security/codes")
	if again := codeInPre.FindAllStringSubmatch(b.body, -1); len(again) != 10 || again[0][1] == codes[0][1] {
		t.Error("no new codes")
	}
	b.open("/kk/my/security/factor/remove").fill("/factor/remove", "current_password", ayaPassword, "code", w.totp(typed[1])).is(200, "/kk/my/security").says("алып тасталды")
}

// TestRememberedOpensNoPersonalPage: thirty days are for courses alone.
func TestRememberedOpensNoPersonalPage(t *testing.T) {
	w := openWorld(t, testHome)
	w.signUp("kk", ayaEmail)
	b := w.walker()
	b.open("/kk/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword, "remember", "1").is(200, "/kk/my")
	w.Clock.Move(48 * time.Hour)
	for _, page := range []string{"/kk/my", "/kk/my/profile", "/kk/my/data", "/kk/my/data.json", "/kk/my/data/print", "/kk/my/security", "/kk/my/deletion"} {
		b.open(page).is(200, "/kk/again")
	}
	// It speaks for nobody either.
	w.newer("14")
	b.open("/kk/consent").fill("/consent").is(200, "/kk/again").fill("/again", "current_password", ayaPassword).is(200, "/kk/consent").fill("/consent").is(200, "/kk/my")
	w.Clock.Move(2 * time.Hour)
	b.open("/kk/my/data?who=own").fill("/again", "current_password", ayaPassword).is(200, "/kk/my/data")
	if !strings.HasSuffix(b.at, "?who=own") {
		t.Error(b.at)
	}
}

// TestNewEditionAsksAgain: who declines keeps only the way out (2.2, 9.2).
func TestNewEditionAsksAgain(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	first := w.signUp("kk", "second.canary@mysal.kz")
	w.newer("12")
	b.open("/kk/my").is(200, "/kk/consent").says("Не өзгерді", "+.")
	hash := func() string { _, v := b.form("/consent"); return v.Get("edition") }
	for _, values := range []url.Values{{"answer": {"withdrawn"}, "edition": {hash()}}, {"edition": {hash()}}, {"answer": {"agreed"}, "edition": {hash()}, "x": {"1"}}} {
		if b.send(http.MethodPost, "/kk/consent", values); b.code != 422 {
			t.Errorf("%v: %d", values, b.code)
		}
	}
	b.send(http.MethodPost, "/kk/consent", url.Values{"answer": {"agreed"}, "edition": {"0"}}).is(409, "/kk/consent")
	b.open("/kk/consent")
	b.send(http.MethodPost, "/kk/consent", url.Values{"answer": {"declined"}, "edition": {hash()}}).is(200, "/kk/consent").says("келіспедіңіз")
	for _, closed := range []string{"/kk/my", "/kk/my/profile", "/kk/my/data", "/kk/my/security", "/kk/my/security/factor", "/kk/places.json"} {
		b.open(closed).is(200, "/kk/consent")
	}
	for _, open := range []string{"/kk/policy", "/kk/contact", "/kk/my/data.json", "/kk/my/data/print", "/kk/my/deletion"} {
		b.open(open).is(200, open)
	}
	b.fill("/my/deletion", "words", "Келіспеймін.").is(200, "/kk/my/cases/2026-1").says("18 қараша", "Келіспеймін.")
	b.open("/kk/my/cases/2026-1/take-back").fill("/take-back").is(200, "/kk/my/cases/2026-1").says("қайтарып алынды")
	b.open("/kk/consent").fill("/consent").is(200, "/kk/my") // agrees after all
	b.open("/kk/my/data").says("келіспедіңіз", "келістіңіз")

	// At sign-in the question comes first, and then the page that was asked for.
	first.fill("/sign-out")
	first.open("/kk/my/data").fill("/sign-in", "email", "second.canary@mysal.kz", "password", ayaPassword).is(200, "/kk/consent")
	first.fill("/consent").is(200, "/kk/my/data")
}

func TestInvitation(t *testing.T) {
	w := openWorld(t, testHome)
	token, _, err := w.deps.Staff.Invite(context.Background(), 0, []policy.Role{policy.SupportR})
	w.must(err)
	w.signUp("en", ayaEmail).fill("/sign-out")
	at := "/en/invite/" + token.Reveal()
	w.secrets = append(w.secrets, token.Reveal())
	b := w.walker()
	b.open(at).is(200, at).says("Support")
	b.send(http.MethodPost, at, url.Values{}).is(401, at)
	b.open("/en/sign-in?next="+at).fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, at)
	b.fill(at).is(200, "/en/my/security/factor").says("staff console")
	for _, page := range []string{"/en/my", "/en/my/profile", "/en/my/data", "/en/my/security"} {
		b.open(page).is(200, "/en/my/security/factor") // nothing before the second factor
	}
	b.open("/en/second-factor").is(200, "/en/my/security/factor")
	b.fill("/factor/begin").is(200, "/en/my/security/factor/begin")
	typed := typedKey.FindStringSubmatch(b.body)[1]
	b.fill("/security/factor", "code", w.totp(typed)).is(200, "/en/my").says("Staff console")
	b.open(at).is(410, at)
	w.walker().open("/en/invite/x").is(410, "/en/invite/x")
	v, err := Authenticate(w.deps)(b.request())
	if err != nil || !v.Holds(policy.SupportR) || !v.SecondFactor || v.MustConsent {
		t.Errorf("%+v %v", v, err)
	}
}

// An invitation that was opened before there was an account is come back to once the registration is confirmed in the same browser, by the
// one who registered to accept it and by nobody else.
func TestInvitationOutlivesRegistration(t *testing.T) {
	w := openWorld(t, testHome)
	token, _, err := w.deps.Staff.Invite(context.Background(), 0, []policy.Role{policy.SupportR})
	w.must(err)
	at := "/kk/invite/" + token.Reveal()
	w.secrets = append(w.secrets, token.Reveal())
	b := w.walker()
	register := func(from, email string) string {
		t.Helper()
		b.open(from).is(200, "/kk/register")
		b.fill("/register", "surname", ayaSurname, "given_name", ayaGiven, "email", email, "password", ayaPassword, "agreed", "-").is(422, "/kk/register")
		b.fill("/register", "password", ayaPassword, "agreed", "1").is(200, "/kk/register/sent")
		return w.link()
	}
	to := regexp.MustCompile(`href="(/kk/register\?[^"]+)"`).FindStringSubmatch(b.open(at).is(200, at).body)
	if to == nil {
		t.Fatal("no way from the invitation to registration")
	}
	letter := register(html.UnescapeString(to[1]), ayaEmail)
	other := register("/kk/register", "other@mysal.kz")

	b.open(other).fill(other, "current_password", ayaPassword).is(200, "/kk/my") // a colleague at the same machine
	b.fill("/sign-out")
	b.open(letter).fill(letter, "current_password", ayaPassword).is(200, at).says("Қолдау")
	if len(b.cookies) != 2 {
		t.Errorf("the browser still has %d cookies", len(b.cookies))
	}
	b.fill(at).is(200, "/kk/my/security/factor")
}

func (b *walker) request() *http.Request {
	r, err := http.NewRequest(http.MethodGet, "/", nil)
	b.w.must(err)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

func TestProfileForm(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	page := "/kk/my/profile"
	b.open(page).is(200, page)

	// Nothing typed is lost, and every fault is told at once.
	b.fill(page, "surname", "", "iin", "990101100011", "phone", "12", "place", "Абай", "service_years", "x", "service_months", "12", "position", "other").is(422, page)
	_, values := b.form(page)
	for name, want := range map[string]string{"surname": "", "iin": "990101100011", "phone": "12", "place": "Абай", "service_years": "x", "service_months": "12", "position": "other"} {
		if values.Get(name) != want {
			t.Errorf("%s came back as %q", name, values.Get(name))
		}
	}
	b.says("Қайсысын айттыңыз?", "0 мен 99", "0 мен 11", "дұрыс екенін растаңыз", "ЖСН цифрларының бірі қате", "онсыз сайтты пайдалану мүмкін емес")

	// Without a script a place is found and chosen among those found; the choice outlives another fault.
	b.open(page).fill(page, "place", "Абай", "declared", "1").is(422, page)
	b.fill(page, "place_choice", "103200000", "iin", "1", "declared", "1").is(422, page)
	if _, values := b.form(page); values.Get("place_code") != "103200000" || !strings.Contains(values.Get("place"), ",") {
		t.Errorf("%v", values)
	}
	b.fill(page, "iin", ayaIIN, "declared", "1").is(200, page).says("Профиль сақталды", "••••••••0010")
	if strings.Contains(b.body, ayaIIN) {
		t.Error("the IIN is shown")
	}
	held := func(f person.Field) string {
		rec, err := w.deps.Rights.Holdings(context.Background(), b.subject(), "")
		w.must(err)
		return rec.Value(f).Reveal()
	}
	if held(person.Place) != "103200000" || held(person.IIN) != ayaIIN {
		t.Error("not stored")
	}
	b.fill(page, "place", "Жоқ-Мұндай-Жер", "declared", "1").is(422, page).says("Мұндай жер табылмады")
	b.open(page).fill(page, "place", "", "declared", "1").is(200, page)
	if held(person.Place) != "" || held(person.IIN) != ayaIIN {
		t.Error("emptied fields must go, and an empty IIN stays as it is")
	}
	b.fill(page, "iin_remove", "1", "service_years", "3", "declared", "1").is(200, page)
	if held(person.IIN) != "" || held(person.ServiceSince) != "2023-11" {
		t.Error(held(person.ServiceSince))
	}

	// An act tells the log what was changed, and no more.
	b.fill(page, "phone", ayaPhone, "declared", "1").is(200, page)
	list, _, err := w.deps.Rights.Passages(context.Background(), b.subject(), "", firstPage, 20)
	w.must(err)
	found := false
	for _, x := range list {
		found = found || x.Operation == policy.Refinement && x.Fields == person.Set(person.Phone)
	}
	if !found {
		t.Error("no entry names the phone alone")
	}
	if held(person.Phone) != "+77012345678" {
		t.Error(held(person.Phone))
	}
	if _, values := b.open(page).form(page); values.Get("phone") != "+7 701 234 56 78" {
		t.Errorf("the phone is shown as %q", values.Get("phone"))
	}
	b.open("/kk/my/data").says("+7 701 234 56 78").open(page)

	// Declared again after a year.
	w.Clock.Move(370 * 24 * time.Hour)
	b.open("/kk/my").is(200, "/kk/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword).is(200, "/kk/my").says("тексеретін уақыт")
	b.open(page).fill("/profile/confirm").is(200, page)
	if strings.Contains(b.words(), "тексеретін уақыт") {
		t.Error("it asks again at once")
	}
}

func TestPlacesForTheScript(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("ru", ayaEmail)
	b.open("/ru/places.json?q="+url.QueryEscape("абай")).is(200, "/ru/places.json")
	var found []foundPlace
	w.must(json.Unmarshal([]byte(b.body), &found))
	if len(found) == 0 || len(found) > placesOffered || found[0].Text != w.deps.Places.Tree().PathName(found[0].Value, "ru") {
		t.Errorf("%+v", found)
	}
	if b.open("/ru/places.json"); b.body != "[]" {
		t.Error(b.body)
	}
	if b.open("/ru/places.json?q=a&x=1"); b.code != 422 {
		t.Error(b.code)
	}
}

func TestStrictForms(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	for _, page := range []string{"/kk/my/profile", "/kk/my/security/password", "/kk/my/security/email", "/kk/my/deletion", "/kk/again", "/kk/my/security/factor"} {
		b.open(page)
		if b.code != 200 {
			t.Errorf("%s: %d", page, b.code)
		}
		for _, values := range []url.Values{{"patronymic": {"x"}}, {"surname": {"a", "b"}}, {"subject": {"1"}}} {
			if b.send(http.MethodPost, page, values); b.code != 422 {
				t.Errorf("%s with %v: %d", page, values, b.code)
			}
		}
	}
	guest := w.walker()
	for _, page := range []string{"/kk/register", "/kk/sign-in", "/kk/password/forgotten", "/kk/second-factor"} {
		if guest.send(http.MethodPost, page, url.Values{"role": {"admin"}}); guest.code != 422 {
			t.Errorf("%s: %d", page, guest.code)
		}
	}
	for _, query := range []string{"?x=1", "?who=boss", "?before=x", "?before=-1", "?who=own&who=staff"} {
		if b.open("/kk/my/data" + query); b.code != 422 {
			t.Errorf("%s: %d", query, b.code)
		}
	}
	for value, shown := range map[string]string{"\x00": "басқару таңбалары", strings.Repeat("я", 300): "тым ұзын"} {
		b.open("/kk/my/profile").fill("/my/profile", "surname", value).is(422, "/kk/my/profile").says(shown)
	}
}

func TestOtherPeoplesThings(t *testing.T) {
	w := openWorld(t, testHome)
	b, other := w.signUp("kk", ayaEmail), w.signUp("kk", "other.canary@mysal.kz")
	list, _, err := w.deps.Rights.Passages(context.Background(), other.subject(), "", firstPage, 1)
	w.must(err)
	theirs := fmt.Sprintf("/kk/my/data/proof/%d", list[0].Index)
	other.open(theirs).is(200, theirs)
	for _, at := range []string{theirs, theirs + ".txt", "/kk/my/data/proof/999999", "/kk/my/data/proof/-1", "/kk/my/data/proof/x", "/kk/my/data/proof/00", "/kk/my/data/proof/.txt"} {
		if b.open(at); b.code != 404 {
			t.Errorf("%s: %d", at, b.code)
		}
	}
	if strings.Contains(b.open("/kk/my/data").body, "other.canary") {
		t.Error("another's address is shown")
	}
	for _, at := range []string{"/kk/confirm/x", "/kk/password/new/x", "/kk/email/x"} {
		b.open(at).is(410, at)
		b.send(http.MethodPost, at, url.Values{}).is(410, at)
	}
}

func TestPassagesGoOn(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("en", ayaEmail)
	for i := range 25 {
		w.must(w.deps.Profiles.Confirm(context.Background(), b.subject()))
		w.Clock.Move(time.Duration(i) * time.Second)
	}
	lines := func() int { return strings.Count(b.body, `class="passage"`) }
	if b.open("/en/my/data?who=own"); lines() != perPage {
		t.Fatalf("%d lines", lines())
	}
	older := regexp.MustCompile(`href="(/en/my/data\?who=own&amp;before=[0-9]+)#passages"`).FindStringSubmatch(b.body)
	if older == nil {
		t.Fatal("no way to older lines")
	}
	if b.open(strings.ReplaceAll(older[1], "&amp;", "&")); lines() == 0 || lines() == perPage || !strings.Contains(b.words(), "The newest") {
		t.Errorf("%d lines", lines())
	}
}

// TestCopy holds everything that is known, and says nothing in the file's name.
func TestCopy(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("ru", ayaEmail)
	b.open("/ru/my/profile").fill("/my/profile", "iin", ayaIIN, "phone", ayaPhone, "declared", "1").is(200, "/ru/my/profile")
	b.open("/ru/my/data.json").is(200, "/ru/my/data.json")
	if got := b.header.Get("Content-Disposition"); got != `attachment; filename="my-data.json"` || b.header.Get("Cache-Control") != "no-store" {
		t.Error(b.header)
	}
	var got copyFile
	w.must(json.Unmarshal([]byte(b.body), &got))
	values := map[string]string{}
	for _, f := range got.Fields {
		values[f.Name] = f.Value
	}
	if values["iin"] != ayaIIN || values["phone"] != "+77012345678" || values["email"] != ayaEmail || values["surname"] != ayaSurname {
		t.Errorf("%v", values)
	}
	if len(got.Consents) != 1 || got.Consents[0].Act != "agreed" || got.Consents[0].Language != "ru" || len(got.Sessions) != 1 || got.Sessions[0].Address != "192.0.2.7" {
		t.Errorf("%+v %+v", got.Consents, got.Sessions)
	}
	if size, _, err := ledger.OpenCheckpoint(got.Checkpoint, w.Ledger.Verifier()); err != nil || size == 0 || got.LogKey != w.Ledger.PublicKey() || len(got.Passages) < 5 {
		t.Errorf("%d %v", size, err)
	}
	b.open("/ru/my/data/print").is(200, "/ru/my/data/print").says(ayaSurname, ayaIIN, "192.0.2.7", "Вы зарегистрировались")
}

// TestEarlierValues: what was replaced is kept and shown to its owner, with who set and who changed it; the owner has it destroyed, and the log
// knows of both (6.1.2).
func TestEarlierValues(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("en", ayaEmail)
	page := "/en/my/profile"
	b.open("/en/my/data/earlier").is(200, "/en/my/data/earlier").says("No earlier values")
	b.open(page).fill(page, "iin", ayaIIN, "phone", ayaPhone, "declared", "1").is(200, page)
	b.fill(page, "phone", "+7 702 765 43 21", "iin_remove", "1", "declared", "1").is(200, page)
	b.open(page).fill(page, "phone", "", "declared", "1").is(200, page)
	w.secrets = append(w.secrets, "+77027654321", "702 765 43 21")

	b.open("/en/my/data").is(200, "/en/my/data").says("2 earlier values", "1 earlier value")
	earlier := "/en/my/data/earlier"
	b.open(earlier).is(200, earlier).says("+7 702 765 43 21", "+7 701 234 56 78", ayaIIN, "Entered by you", "Changed by you", "Now: Not given")
	if first, last := strings.Index(b.body, "702 765 43 21"), strings.Index(b.body, "701 234 56 78"); first > last {
		t.Error("the newest does not stand first")
	}
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/en/my/data.json").is(200, "/en/my/data.json").body), &got))
	var told []string
	for _, x := range got.Earlier {
		told = append(told, x.Name+" "+x.Value)
	}
	slices.Sort(told)
	if fmt.Sprint(told) != fmt.Sprintf("[iin %s phone +77012345678 phone +77027654321]", ayaIIN) || got.Earlier[0].EndedBy == "" || got.Earlier[0].SetAt.After(got.Earlier[0].EndedAt) {
		t.Errorf("the copy holds %+v", got.Earlier)
	}
	b.open("/en/my/data/print").says("702 765 43 21", "Changed by you")

	b.open("/en/my/data").says("You opened the earlier values of your data", "You took a copy of everything held about you")

	forget := earlier + "/phone"
	b.open(earlier+"/totp").is(404, earlier+"/totp")
	b.open(forget).is(200, forget).says("2 earlier values of this field")
	b.fill(forget).is(200, earlier).says("The earlier values were destroyed", ayaIIN)
	if strings.Contains(b.body, "702 765 43 21") {
		t.Error("a destroyed value is shown")
	}
	b.open(forget).is(200, earlier) // nothing left to ask about
	b.open("/en/my/data").says("You had earlier values destroyed")

	// While the data are blocked the person sees them, and nothing is destroyed (6.2.4).
	b.open("/en/my/block").fill("/my/block", "words", "My number is wrong.", "doubted", "iin")
	b.open(earlier).is(200, earlier).says(ayaIIN)
	if strings.Contains(b.body, "/earlier/iin") {
		t.Error("what the rules refuse is offered")
	}
	b.open(earlier+"/iin").is(200, earlier)
	if b.send(http.MethodPost, earlier+"/iin", url.Values{}); b.code != 403 {
		t.Errorf("destroyed while blocked: %d", b.code)
	}
	b.open("/en/my/data").says("You had your data blocked")
}

// TestCopyHoldsWhatWasDone: what somebody made public, permitted and asked for is theirs too, with its words; also where they do not agree to
// a new edition (2.2).
func TestCopyHoldsWhatWasDone(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	w.secrets = append(w.secrets, permissionText)
	slug := b.publish("surname")
	givePermission(b)
	b.open("/kk/my/request/claim").upload("/request/claim", map[string]string{"талап.pdf": aPDF}, "words", "Сертификат берілмеді.")
	w.must(w.deps.Cases.Answer(t.Context(), w.officer(), b.numberOf(), desk.Granted, "", caseWords("Беріледі.")))
	read := func() (got copyFile) {
		t.Helper()
		b.open("/kk/my/data.json").is(200, "/kk/my/data.json")
		w.must(json.Unmarshal([]byte(b.body), &got))
		return got
	}
	got := read()
	if len(got.Publications) != 1 || !strings.HasSuffix(got.Publications[0].Address, slug) || len(got.Permissions) != 1 || got.Permissions[0].Words != permissionText {
		t.Errorf("%+v, %+v", got.Publications, got.Permissions)
	}
	if len(got.Cases) != 1 || got.Cases[0].Outcome != "granted" {
		t.Fatalf("%+v", got.Cases)
	}
	var words, files []string
	for _, s := range got.Cases[0].Steps {
		words, files = append(words, s.Words), append(files, s.Files...)
	}
	if said := strings.Join(words, " "); !strings.Contains(said, "Сертификат берілмеді.") || !strings.Contains(said, "Беріледі.") || strings.Join(files, " ") != "талап.pdf" {
		t.Errorf("%q, %q", words, files)
	}
	b.open("/kk/my/data.zip").is(200, "/kk/my/data.zip")
	if _, err := archive.Verify(strings.NewReader(b.body), int64(len(b.body)), w.Ledger.PublicKey()); err != nil || strings.Contains(b.body, permissionText) {
		t.Errorf("the signed copy: %v", err)
	}
	b.open("/kk/my/data/print").is(200, "/kk/my/data/print").says("«Мысал» журналы", "№ 2026-1", "Не және қашан жария болды")
	w.newer("77")
	b.open("/kk/my").send(http.MethodPost, "/kk/consent", url.Values{"answer": {"declined"}, "edition": {formEdition(b)}})
	if got = read(); len(got.Cases) != 1 || got.Permissions[0].Words != permissionText {
		t.Errorf("after a refusal of the next edition: %+v, %+v", got.Cases, got.Permissions)
	}
}

func TestEveryRouteRefuses(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	routes, err := Account(w.deps)
	w.must(err)
	webtest.Refused(t, w.frame, routes, func(r *http.Request) {
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}, map[string]string{"token": "x", "index": "0", "file": "1", "kind": "claim", "field": "phone", "slug": "x", "lesson": "x", "attempt": "0adwmq383db10", "place": "1"})
	// Who has not agreed passes no route that asks for it.
	w.newer("13")
	for _, route := range routes {
		if route.Access.String() != web.Consented().String() {
			continue
		}
		to := web.Path("kk", route.Pattern, "token", "x", "index", "0", "number", "2026-1", "file", "1", "kind", "claim", "permission", "x", "field", "phone", "slug", "x", "lesson", "x", "attempt", "0adwmq383db10", "ticket", "0adwmq383db10", "attachment", "0adwmq383db10", "place", "1")
		if b.send(route.Method, to, url.Values{}); b.at != "/kk/consent" && b.code != 403 {
			t.Errorf("%s %s: %d at %s", route.Method, to, b.code, b.at)
		}
	}
}

// TestWithoutTheDatabase: nothing is shown, and the page says that it will pass.
func TestNothingIsShownWithoutTheDatabase(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	routes, err := Account(w.deps)
	w.must(err)
	w.must(w.DB.Close())
	w.Clock.Move(3 * time.Second) // editions are remembered for a moment
	for _, route := range routes {
		if route.Access.Public() {
			continue
		}
		to := web.Path("kk", route.Pattern, "token", "x", "index", "0", "number", "2026-1", "file", "1", "kind", "claim", "permission", "x", "field", "phone", "slug", "x", "lesson", "x", "attempt", "0adwmq383db10", "ticket", "0adwmq383db10", "attachment", "0adwmq383db10", "place", "1")
		if b.send(route.Method, to, url.Values{}); b.code != 503 || !strings.Contains(b.body, "қолжетімсіз") {
			t.Errorf("%s %s: %d", route.Method, to, b.code)
		}
	}
	for _, form := range []struct {
		to     string
		values url.Values
	}{
		{"/kk/sign-in", url.Values{"email": {ayaEmail}, "password": {ayaPassword}}},
		{"/kk/register", url.Values{"surname": {"А"}, "given_name": {"Б"}, "email": {ayaEmail}, "password": {ayaPassword}, "agreed": {"1"}}},
		{"/kk/password/forgotten", url.Values{"email": {ayaEmail}}},
		{"/kk/confirm/" + strings.Repeat("A", 43), url.Values{}},
	} {
		if b.send(http.MethodPost, form.to, form.values); b.code != 503 {
			t.Errorf("%s: %d", form.to, b.code)
		}
	}
}

// TestDamagedLog: a log that does not agree with itself is told as such in place of a proof.
func TestDamagedLog(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("en", ayaEmail)
	list, _, err := w.deps.Rights.Passages(context.Background(), b.subject(), "", firstPage, 5)
	w.must(err)
	at := fmt.Sprintf("/en/my/data/proof/%d", list[len(list)-1].Index)
	b.open(at).is(200, at)
	w.damage()
	b.open(at).is(500, at).says("does not agree with the signed log")
}

func TestBlockedPerson(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("ru", ayaEmail)
	p := keeper.Passage{Actor: keeper.Staff(7, policy.Officer), Subject: b.subject(), Operation: policy.Blocking, Purpose: policy.Restriction, Case: "request:1"}
	_, err := w.Keeper.Change(context.Background(), p, func(x *keeper.Tx) error { x.Restrict(true); return nil })
	w.must(err)
	refused := func() int {
		t.Helper()
		list, _, err := w.deps.Rights.Passages(context.Background(), b.subject(), rights.Refused, firstPage, 50)
		w.must(err)
		return len(list)
	}
	b.open("/ru/my").is(200, "/ru/my").says("Ваши данные заблокированы")
	b.open("/ru/my/data").is(200, "/ru/my/data").says(ayaSurname)
	b.open("/ru/my/profile").is(200, "/ru/my/profile").says("Ваши данные заблокированы с 3 ноября 2026", "6.2.4", "Видит их только ответственное лицо")
	for _, value := range []string{ayaSurname, ayaGiven, ayaEmail} {
		if strings.Contains(b.body, value) {
			t.Errorf("the page says %q", value)
		}
	}
	if !strings.Contains(b.body, `href="/ru/my/data"`) {
		t.Error("no way to what is held")
	}
	if n := refused(); n != 0 {
		t.Errorf("%d passages were tried that the rules refuse", n)
	}
	b.open("/kk/my/profile").says("2026 жылғы 3 қарашадан (")
	b.send(http.MethodPost, "/ru/my/profile", url.Values{"surname": {"Иванова"}, "declared": {"1"}}).is(403, "/ru/my/profile").says("6.2.4")
}
