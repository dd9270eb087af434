package site

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ustaz/internal/certificate"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// awardSamples are the pages of certificates, for TestViewsOfOwnPages.
func awardSamples(l i18n.Lang) []any {
	said := web.Plain("…")
	rows := web.Summary{Rows: []web.Row{{Key: "a", Value: said}}}
	tag := web.Tag{Text: "…", Style: web.Good}
	button := web.Button{Text: "…", Href: "/x"}
	table := web.Table{Caption: "…", Columns: []web.Column{{Label: "…"}}, Rows: [][]web.Cell{{{Text: said}}}}
	card := checkCard{Name: "…", State: tag, Said: "…", Facts: rows}
	sheet := web.NewSheet(l, "/x", "…", web.NewField(l, web.TextField, "code", "…"))
	return []any{
		awardsPage{table}, awardsPage{web.Table{Empty: &web.Empty{Title: "…", Text: said, Act: &button}}},
		awardPage{Title: "…", State: tag, Notices: []web.Notice{web.NewNotice(l, web.Warn, "", said)}, Facts: rows, Steps: table},
		awardPage{Title: "…", State: tag, Facts: rows, Files: []web.Button{button}, Picture: &qrCode{Size: 29, Path: "M1 1h1v1h-1z"}, Anew: &web.Link{Text: "…", Href: "/x"}, Steps: table,
			Public: &nameShown{Text: said, Act: &button, Hide: &web.Post{Action: "/x", Button: web.Button{Text: "…"}}}},
		awardPage{Title: "…", State: tag, Facts: rows, Public: &nameShown{Text: said}, Steps: table},
		showNamePage{Card: card, Ask: web.NewConfirm(l, web.NewSheet(l, "/x", "…"), said, said, []string{"a"}, said)},
		checkPage{Card: card}, checkPage{Card: checkCard{State: tag, Said: "…", Facts: rows}, Hidden: "…", Code: sheet},
	}
}

// award gives somebody a certificate as passing the final test does.
func (w *world) award(own person.ID) string { return w.awardNaming(own, certificate.Fields) }

func (w *world) awardNaming(own person.ID, fields person.Fields) string {
	w.t.Helper()
	c, err := learning.Sample()
	w.must(err)
	var number string
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Recording, Purpose: policy.Personalise, Fields: fields, Case: "course:" + c.Slug}
	_, err = w.Keeper.Change(w.t.Context(), p, func(t *keeper.Tx) error {
		number, err = w.deps.Certificates.Issue(t, own, c)
		return err
	})
	w.must(err)
	return number
}

var codeIn = regexp.MustCompile(`[2-9A-Y]{5}-[2-9A-Y]{5}`)

// awardCode is the code as its owner's page shows it.
func (b *walker) awardCode() string {
	b.t.Helper()
	code := codeIn.FindString(b.words())
	if code == "" {
		b.t.Fatalf("no code: %s", b.words())
	}
	b.w.secrets = append(b.w.secrets, code)
	return code
}

// 4.1.2, 7.2: a certificate is listed, opened, downloaded, checked by everybody, shown with the name by its owner's will and to who has the code; each
// opening stands in "My data", and all of it in every copy.
func TestCertificateOfACourse(t *testing.T) {
	w := openWorld(t, testHome)
	b, guest := w.signUp("en", ayaEmail), w.walker()
	b.open("/en/my/certificates").is(200, "/en/my/certificates").says("You have no certificate yet", "as soon as you pass the final test")
	number := w.award(b.subject())
	at, check := "/en/my/certificates/"+number, "/en/check/"+number
	b.open("/en/my/certificates").says("Personal data in class", number, "valid", "3 November 2026")
	b.open(at).is(200, at).says(ayaSurname+" "+ayaGiven, number, "Your name is hidden", "Whoever knows the code", testHome+check, "issued")
	code := b.awardCode()
	if title := titleOf(b.body); strings.Contains(title, ayaSurname) || strings.Contains(title, number) {
		t.Errorf("the title, which browsers keep, says too much: %s", title)
	}
	for _, lang := range []string{"kk", "ru", "en"} {
		if !strings.Contains(b.body, `href="/`+lang+`/my/certificates/`+number+`/pdf"`) {
			t.Errorf("no document in %s", lang)
		}
	}
	for _, lang := range []string{"kk", "ru", "en"} {
		b.open("/" + lang + "/my/certificates/" + number + "/pdf")
		if b.code != 200 || b.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(b.body, "%PDF-") || !strings.Contains(b.header.Get("Content-Disposition"), "certificate-"+number+".pdf") {
			t.Fatalf("%s: %d, %v", lang, b.code, b.header)
		}
	}

	guest.open("/en/check").is(200, "/en/check").says("Type the number")
	guest.open("/en/check?number="+url.QueryEscape(" "+strings.ToLower(number))).is(200, check).says("is valid", "Personal data in class", "academic hours", "3 November 2026", "has not made it public")
	if strings.Contains(guest.body, ayaSurname) || strings.Contains(guest.body, code) {
		t.Error("the name is shown unasked")
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow, noarchive"} {
		if got := guest.header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	guest.fill(check, "code", certificate.ExampleCode).is(422, check).says("The code does not fit", "is valid")
	if strings.Contains(guest.body, certificate.ExampleCode+`"`) {
		t.Error("the code comes back")
	}
	guest.fill(check, "code", "").is(422, check)
	guest.fill(check, "code", strings.ToLower(code)).is(200, check).says(ayaSurname+" "+ayaGiven, "is valid")
	if strings.Contains(guest.body, `name="code"`) {
		t.Error("asked again")
	}

	b.open(at+"/public").is(200, at+"/public").says(ayaSurname, "Your name is still hidden", "without signing in")
	if strings.Contains(guest.open(check).body, ayaSurname) {
		t.Error("looking made it public")
	}
	b.fill(at+"/public").is(200, at).says("Your name is shown on the page", "the name was made public")
	guest.open(check).is(200, check).says(ayaSurname + " " + ayaGiven)
	b.open("/en/my/data").says("Certificates: 1, with the name public: 1", "You opened your certificate No "+number, "You downloaded your certificate No "+number,
		"Somebody who holds the code of your certificate No "+number+" saw your name", "was shown to somebody who has its number", "You made the name on the certificate No "+number+" public")
	b.open("/en/my/data/public").says("Nothing was ever public")
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/en/my/data.json").body), &got))
	if len(got.Certificates) != 1 || got.Certificates[0].Number != number || got.Certificates[0].Name != ayaSurname+" "+ayaGiven || got.Certificates[0].Code != code ||
		got.Certificates[0].Public.IsZero() || len(got.Certificates[0].Steps) != 2 || got.Certificates[0].Title != "Personal data in class" {
		t.Errorf("the copy holds %+v", got.Certificates)
	}
	b.open("/en/my/data/print").says("My certificates", number, "the name was made public")
	b.open(at).fill(at+"/hide").is(200, at).says("Your name is hidden", "the name was hidden again")
	if strings.Contains(guest.open(check).body, ayaSurname) {
		t.Error("still public")
	}
	b.open("/en/my/data").says("You hid the name on the certificate No " + number)
}

// Who passes the final test has the certificate by the same commit, and finds their name on it.
func TestFinalTestGivesTheCertificate(t *testing.T) {
	w := openWorld(t, testHome)
	course, test := w.withTest(nil)
	b := w.signUp("en", ayaEmail)
	b.open("/en" + course).fill(course + "/begin")
	at := b.attempt("en", test)
	for i, answer := range rightAnswers {
		b.send(http.MethodPost, at+"/"+strconv.Itoa(i+1), with(answer, "to", "after"))
	}
	b.open(at+"/end").fill("/end").is(200, at)
	list, err := w.deps.Certificates.Mine(t.Context(), b.subject())
	if err != nil || len(list) != 1 || list[0].Course != testSlug || list[0].Hours != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	b.open("/en/my/certificates").says("Assessment", "2 academic hours", list[0].Number)
	b.open("/en/my/certificates/"+list[0].Number).says(ayaSurname+" "+ayaGiven, "the name was put on it")
	b.awardCode()
	if b.open("/kk/my/certificates/" + list[0].Number + "/pdf"); b.code != 200 {
		t.Errorf("no document: %d", b.code)
	}
	// Who leaves the course keeps what they earned in it.
	b.open("/en" + course + "/leave").fill(course + "/leave")
	b.open("/en/my/certificates/"+list[0].Number).is(200, "/en/my/certificates/"+list[0].Number).says("Assessment", "valid")
}

// After a change of name there is a new certificate; the old one leads to nobody.
func TestCertificateIsMadeAnew(t *testing.T) {
	w := openWorld(t, testHome)
	b, guest := w.signUp("en", ayaEmail), w.walker()
	number := w.award(b.subject())
	at := "/en/my/certificates/" + number
	b.open(at).awardCode()
	b.open(at+"/anew").is(200, at+"/anew").says("The new certificate has the name that stands in your profile")
	b.fill(at+"/anew").is(409, at+"/anew").says("the same name as the certificate")
	b.open("/en/my/profile").fill("/my/profile", "surname", "Сәдуақасова", "declared", "1").is(200, "/en/my/profile")
	w.secrets = append(w.secrets, "Сәдуақасова")
	w.Clock.Move(48 * time.Hour)
	b.open("/en/sign-in").fill("/sign-in", "email", ayaEmail, "password", ayaPassword)
	b.open(at + "/anew").fill(at + "/anew")
	renewed := strings.TrimPrefix(strings.Split(b.at, "?")[0], "/en/my/certificates/")
	if renewed == number || b.code != 200 {
		t.Fatalf("at %s with %d", b.at, b.code)
	}
	b.says("The new certificate is made", "Сәдуақасова", "Issued anew")
	b.awardCode()
	b.open(at).is(200, at).says("A new certificate was made in place of this one", "replaced by a new one")
	for _, never := range []string{ayaSurname, "/pdf", renewed} {
		if strings.Contains(b.body, never) {
			t.Errorf("the old one says %s", never)
		}
	}
	guest.open("/en/check/"+number).is(200, "/en/check/"+number).says("was given a new certificate")
	if strings.Contains(guest.body, renewed) || strings.Contains(guest.body, `name="code"`) {
		t.Error("the old one leads on")
	}
	b.open("/en/my/data").says("The name of your profile was used for the certificate No " + number)
}

// What is wrong has one answer, and what is another's is not there.
func TestCertificatesThatAreNotThere(t *testing.T) {
	w := openWorld(t, testHome)
	b, other, guest := w.signUp("en", ayaEmail), w.signUp("en", "other.canary@mysal.kz"), w.walker()
	number := w.award(b.subject())
	seen := map[string]bool{}
	for _, typed := range []string{certificate.ExampleNumber, "x", "%00", strings.Repeat("7", 2000), "%D3%98", "..%2f", "%3Cscript%3E", "SU-26-2222-2222-2"} {
		guest.open("/en/check/" + typed)
		if guest.code != 404 || guest.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%.20s: %d", typed, guest.code)
		}
		seen[guest.words()] = true
		if guest.send(http.MethodPost, "/en/check/"+typed, url.Values{"code": {"K7M3X-2RTPA"}}); guest.code != 404 {
			t.Errorf("%.20s with a code: %d", typed, guest.code)
		}
		seen[guest.words()] = true
	}
	if len(seen) != 1 {
		t.Errorf("%d answers, all should be one: %v", len(seen), seen)
	}
	guest.open("/en/check?number=").is(422, "/en/check")
	if guest.open("/en/check?number=a&x=1"); guest.code != 422 {
		t.Errorf("a name too many: %d", guest.code)
	}
	if guest.send(http.MethodPost, "/en/check/"+number, url.Values{"x": {"1"}}); guest.code != 422 {
		t.Errorf("a form that nobody's page sends: %d", guest.code)
	}
	theirs := "/en/my/certificates/" + number
	for _, at := range []string{"", "/pdf", "/anew", "/public"} {
		if other.open(theirs + at); other.code != 404 || strings.Contains(other.body, ayaSurname) {
			t.Errorf("%s: %d", at, other.code)
		}
	}
	for _, at := range []string{"/anew", "/public", "/hide"} {
		if other.send(http.MethodPost, theirs+at, url.Values{}); other.code != 404 {
			t.Errorf("%s sent: %d", at, other.code)
		}
		if b.send(http.MethodPost, theirs+at, url.Values{"x": {"1"}}); b.code != 422 {
			t.Errorf("%s with more than was asked: %d", at, b.code)
		}
	}
	if guest.open(theirs).at == theirs {
		t.Error("open to nobody in particular")
	}
}

// Codes can't be tried without end; the page stays, and says how long to wait.
func TestCodesCantBeTriedWithoutEnd(t *testing.T) {
	w := openWorld(t, testHome)
	b, guest := w.signUp("en", ayaEmail), w.walker()
	number := w.award(b.subject())
	check := "/en/check/" + number
	code := b.open("/en/my/certificates/" + number).awardCode()
	guest.open(check)
	for range 10 {
		guest.fill(check, "code", certificate.ExampleCode).is(422, check)
	}
	guest.fill(check, "code", code).is(429, check).says("is valid")
	if guest.header.Get("Retry-After") == "" || strings.Contains(guest.body, ayaSurname) || strings.Contains(guest.body, code) {
		t.Errorf("after too many tries: %v", guest.header)
	}
	w.Clock.Move(11 * time.Minute)
	guest.open(check).fill(check, "code", code).is(200, check).says(ayaSurname)
}

// 6.2.4, 2.2, 5.1: while its owner's data are blocked a certificate holds and tells no name; who does not agree keeps and hides theirs; after an
// erasure it is checked, and is nobody's.
func TestCertificateOutlivesItsOwnersAccount(t *testing.T) {
	w := openWorld(t, testHome)
	b, guest := w.signUp("en", ayaEmail), w.walker()
	number := w.award(b.subject())
	at, check := "/en/my/certificates/"+number, "/en/check/"+number
	code := b.open(at).awardCode()
	b.open(at + "/public").fill(at + "/public")
	w.newer("33")
	b.open(at).is(200, at).says(ayaSurname)
	if b.open(at + "/pdf"); b.code != 200 {
		t.Errorf("no document without agreeing: %d", b.code)
	}
	b.open(at+"/anew").is(200, "/en/consent")
	b.open(at).fill(at+"/hide").is(200, at)
	b.open(at+"/public").is(200, "/en/consent").fill("/consent")
	b.open(at + "/public").fill(at + "/public")
	w.block(b.subject())
	guest.open(check).is(200, check).says("is valid", "has not made it public")
	guest.fill(check, "code", code).is(422, check).says("The code does not fit")
	if strings.Contains(guest.body, ayaSurname) {
		t.Error("shown while blocked")
	}
	b.open(at).is(200, at).says(ayaSurname, "Your data are blocked")
	if strings.Contains(b.body, at+"/anew") {
		t.Error("what the rules refuse while the data are blocked is offered")
	}
	b.open("/en/my/data").says("You opened your certificate No " + number)
	own := b.subject()
	_, err := w.Keeper.Change(t.Context(), keeper.Passage{Actor: keeper.Program(), Subject: own, Operation: policy.Blocking, Purpose: policy.Restriction},
		func(x *keeper.Tx) error { x.Restrict(false); return nil })
	w.must(err)
	w.Erase(t, own)
	guest.open(check).is(200, check).says("is valid", "no longer held", "Personal data in class")
	if strings.Contains(guest.body, `name="code"`) {
		t.Error("a code is asked for where there is no name")
	}
}

// A certificate that was revoked says why to its owner alone.
func TestRevokedCertificate(t *testing.T) {
	w := openWorld(t, testHome)
	b, guest := w.signUp("en", ayaEmail), w.walker()
	number := w.award(b.subject())
	at, check := "/en/my/certificates/"+number, "/en/check/"+number
	w.must(w.deps.Certificates.Revoke(t.Context(), keeper.Staff(7, policy.Officer), number, "rules"))
	if link := w.link(); link != "/en/my/certificates" {
		t.Errorf("the letter leads to %s", link)
	}
	b.open(at).is(200, at).says("revoked on 3 November 2026", "the rules of the final test were broken", "write to us")
	if codeIn.MatchString(b.words()) {
		t.Error("a code that opens nothing is shown")
	}
	if b.open(at + "/pdf"); b.code != 409 {
		t.Errorf("a document of one that was revoked: %d", b.code)
	}
	guest.open(check).is(200, check).says("was revoked on 3 November 2026")
	if strings.Contains(guest.body, "final test") || strings.Contains(guest.body, `name="code"`) {
		t.Error("everybody is told why")
	}
	b.open("/en/my/data").says("changed whether your certificate No " + number + " is valid")
}

// One that was issued before a name was there to put on it takes it when its owner opens it, and until then says what to do.
func TestCertificateTakesItsName(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("en", ayaEmail)
	number := w.awardNaming(b.subject(), person.Set(person.Study))
	at := "/en/my/certificates/" + number
	if b.open(at + "/public"); b.code != 200 { // opening it took the name
		t.Errorf("%d: %s", b.code, b.words())
	}
	b.open(at).is(200, at).says(ayaSurname, "the name was put on it")
	b.awardCode()
	other := w.signUp("en", "other.canary@mysal.kz")
	number = w.awardNaming(other.subject(), person.Set(person.Study))
	at = "/en/my/certificates/" + number
	w.block(other.subject())
	other.open(at).is(200, at).says("There is no name on the certificate yet", "in your profile")
	if other.open(at + "/pdf"); other.code != 409 {
		t.Errorf("a document without a name: %d", other.code)
	}
	other.open(at).awardCode()
}
