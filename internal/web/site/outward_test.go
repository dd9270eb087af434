package site

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// outwardSamples are the pages of what goes out, for TestViewsOfOwnPages.
func outwardSamples(l i18n.Lang) []any {
	said := web.Plain("…")
	rows := web.Summary{Rows: []web.Row{{Key: "a", Value: said}}}
	notice := web.NewNotice(l, web.Warn, "", said)
	sheet := func() *web.Sheet {
		return web.NewSheet(l, "/x", "…", web.NewField(l, web.Ticks, "fields", "…").Of(web.Option{Value: "a", Text: "…", Hint: "…"}))
	}
	ask := web.NewConfirm(l, web.NewSheet(l, "/x", "…").Carry("fields", "a").Carry("fields", "b"), said, said, []string{"a"}, said)
	table := web.Table{Caption: "…", Columns: []web.Column{{Label: "…"}}, Rows: [][]web.Cell{{{Text: said}}}}
	return []any{
		publicPage{publicCard{Name: "…", Rows: rows}}, publicPage{publicCard{Rows: rows}}, publicPage{publicCard{Name: "…"}},
		publicationPage{Lead: "…", Choice: "…", Choose: sheet(), History: web.Table{Empty: &web.Empty{Title: "…", Text: said}}},
		publicationPage{Lead: "…", Closed: &notice, History: table, Live: &publicationLive{Facts: rows, Address: "…", Picture: qrCode{Size: 29, Path: "M1 1h1v1h-1z"},
			End: web.Post{Action: "/x", Button: web.Button{Text: "…"}}}},
		previewPage{Card: publicCard{Name: "…", Rows: rows}, Ask: ask}, previewPage{Card: publicCard{Rows: rows}, Ask: ask},
		permissionsPage{Lead: said, Give: &web.Button{Text: "…", Href: "/x"}, List: table}, permissionsPage{Lead: said, List: table},
		permissionPage{Title: "…", State: web.Tag{Text: "…"}, Facts: rows, Words: "…", End: &ask}, permissionPage{Title: "…", State: web.Tag{Text: "…"}, Facts: rows, Closed: &notice},
	}
}

var slugIn = regexp.MustCompile(`/kk/p/([0-9a-z]{16})`)

// publish makes a page of chosen fields public as its owner does, and gives its slug.
func (b *walker) publish(fields ...string) string {
	b.t.Helper()
	b.open("/kk/my/data/public/preview?"+url.Values{"fields": fields}.Encode()).is(200, "/kk/my/data/public/preview")
	b.fill("/my/data/public").is(200, "/kk/my/data/public")
	m := slugIn.FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("no address: %s", b.words())
	}
	return m[1]
}

// 7.2: nothing is public until somebody chose, saw what others will see, and pressed the button that says so; then what they chose, no more.
func TestPublicPage(t *testing.T) {
	w := openWorld(t, testHome)
	b, guest := w.signUp("kk", ayaEmail), w.walker()
	b.open("/kk/my/profile").fill("/my/profile", "iin", ayaIIN, "phone", ayaPhone, "position", "teacher", "declared", "1").is(200, "/kk/my/profile")
	b.open("/kk/my/data").says("Ештеңе жария емес", "Күшіндегі рұқсаттар: 0")
	b.open("/kk/my/data/public").says("Қазір сіз туралы ештеңе жария емес", "Ештеңе жария болған емес", ayaSurname)
	if strings.Contains(b.body, "checked") {
		t.Error("something is chosen before anybody chose")
	}
	for _, never := range []string{ayaIIN, "+7 701", ayaEmail} {
		if strings.Contains(b.words(), never) {
			t.Errorf("offered: %s", never)
		}
	}
	b.open("/kk/my/data/public/preview?fields=given_name&fields=position").is(200, "/kk/my/data/public/preview").
		says(ayaGiven, "Бет әлі ашылған жоқ", "кез келген адам", "бірден жаба аласыз", "Бетті жария ету")
	if strings.Contains(b.words(), ayaSurname) {
		t.Error("the preview shows what was not chosen")
	}
	if w.count("publication") != 0 {
		t.Fatal("looking made something public")
	}
	slug := b.publish("given_name", "position")
	at := "/kk/p/" + slug
	b.says("Бет жария болды", testHome+at, "ашылуы")
	if !strings.Contains(b.body, `role="img"`) {
		t.Error("no picture of the address")
	}
	for lang, position := range map[string]string{"kk": "иесі өзі жария етті", "ru": "открыл для всех", "en": "made these data public"} {
		guest.open("/"+lang+"/p/"+slug).is(200, "/"+lang+"/p/"+slug).says(ayaGiven, position)
	}
	for _, never := range []string{ayaSurname, ayaEmail, ayaIIN, "2345678"} {
		if strings.Contains(guest.body, never) {
			t.Errorf("public: %s", never)
		}
	}
	h := guest.header
	if h.Get("Cache-Control") != "no-store" || !strings.HasPrefix(h.Get("X-Robots-Tag"), "noindex") || !strings.Contains(guest.body, `content="noindex"`) {
		t.Errorf("headers %v", h)
	}
	if strings.Contains(testHome, "https") && h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("referrer: %s", h.Get("Referrer-Policy"))
	}
	if strings.Contains(titleOf(guest.body), ayaGiven) {
		t.Error("the title, which browsers keep, says who it is")
	}
	b.open("/kk/my/data").says("Сіз ашық бет жарияладыңыз", "Ашық бетіңіз мекенжайын білетін біреуге көрсетілді", "бастап ашық бет бар")

	// Another choice has another address; the old one is gone, and then the page as a whole.
	second := b.publish("surname")
	if guest.open(at).is(404, at); strings.Contains(guest.body, ayaGiven) {
		t.Error("the old page is still there")
	}
	guest.open("/kk/p/"+second).is(200, "/kk/p/"+second).says(ayaSurname)
	b.open("/kk/my/data/public").fill("/public/end").is(200, "/kk/my/data/public").says("Бет жабылды", "өзіңіз жаптыңыз", "ашылуы · жабылуы")
	guest.open("/kk/p/"+second).is(404, "/kk/p/"+second)
	b.open("/kk/my/data").says("Сіз ашық бетіңізді жаптыңыз", "Ештеңе жария емес")
	proof := regexp.MustCompile(`href="(/kk/my/data/proof/[0-9]+)"`).FindStringSubmatch(b.open("/kk/my/data/public").body)
	if proof == nil {
		t.Fatal("no way to the proof")
	}
	b.open(proof[1]).is(200, proof[1])
	if b.send(http.MethodPost, "/kk/my/data/public/end", url.Values{}); b.code != 404 {
		t.Errorf("a second end: %d", b.code)
	}
}

func titleOf(page string) string {
	_, rest, _ := strings.Cut(page, "<title>")
	title, _, _ := strings.Cut(rest, "</title>")
	return title
}

var refOf = regexp.MustCompile(`<code>[^<]*</code>`)

// A page that never was, one that was taken down, and one of somebody whose data are blocked (6.2.4) are the same to a visitor.
func TestPublicPageThatIsNotThere(t *testing.T) {
	w := openWorld(t, testHome)
	b, other, guest := w.signUp("kk", ayaEmail), w.signUp("kk", "other.canary@mysal.kz"), w.walker()
	ended := other.publish("surname")
	other.open("/kk/my/data/public").fill("/public/end")
	blocked := b.publish("surname")
	w.block(b.subject())
	b.open("/kk/my/data/public").is(200, "/kk/my/data/public").says("бұғатталып тұрғанда")
	if b.send(http.MethodPost, "/kk/my/data/public", url.Values{"fields": {"surname"}}); b.code != 403 {
		t.Errorf("published while blocked: %d", b.code)
	}
	seen := map[string]bool{}
	for _, slug := range []string{ended, blocked, strings.Repeat("0", 16)} {
		guest.open("/kk/p/"+slug).is(404, "/kk/p/"+slug)
		if h := guest.header; h.Get("Cache-Control") != "no-store" {
			t.Errorf("kept: %v", h)
		}
		seen[strings.ReplaceAll(refOf.ReplaceAllString(guest.body, ""), slug, "")] = true
	}
	if len(seen) != 1 {
		t.Errorf("%d answers, all should be one", len(seen))
	}
	for _, slug := range []string{"x", "%00", strings.Repeat("z", 3000), "%D3%98", "..%2f"} {
		if guest.open("/kk/p/" + slug); guest.code != 404 {
			t.Errorf("%.20s: %d", slug, guest.code)
		}
	}
}

// block blocks somebody's data as the officer does.
func (w *world) block(subject person.ID) {
	w.t.Helper()
	p := keeper.Passage{Actor: keeper.Staff(7, policy.Officer), Subject: subject, Operation: policy.Blocking, Purpose: policy.Restriction, Case: "request:1"}
	_, err := w.Keeper.Change(w.t.Context(), p, func(x *keeper.Tx) error { x.Restrict(true); return nil })
	w.must(err)
}

func TestBadChoicesOfWhatIsPublic(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	const preview = "/kk/my/data/public/preview"
	for query, says := range map[string]string{"": "Кемінде бір деректі таңдаңыз", "?fields=place": "бет бос болар еді"} {
		b.open(preview+query).is(422, preview).says(says)
	}
	b.send(http.MethodPost, "/kk/my/data/public", url.Values{}).is(422, "/kk/my/data/public").says("Кемінде бір деректі таңдаңыз")
	for _, name := range []string{"iin", "email", "phone", "totp", "field?", "", "\x00"} {
		if b.open(preview + "?" + url.Values{"fields": {name}}.Encode()); b.code != 422 {
			t.Errorf("%q: %d", name, b.code)
		}
		if b.send(http.MethodPost, "/kk/my/data/public", url.Values{"fields": {"surname", name}}); b.code != 422 {
			t.Errorf("%q sent: %d", name, b.code)
		}
	}
	if b.send(http.MethodPost, "/kk/my/data/public", url.Values{"fields": {"surname"}, "slug": {"mine"}}); b.code != 422 {
		t.Errorf("an address of one's own choice: %d", b.code)
	}
	if n := w.count("publication"); n != 0 {
		t.Errorf("%d publications", n)
	}
}

const permissionText = "Аты-жөнімді журналдың тоғызыншы санында жариялауға рұқсат беремін."

func givePermission(b *walker) *permission.Permission {
	b.t.Helper()
	b.open("/kk/my/data/permissions/new").is(200, "/kk/my/data/permissions/new")
	to, values := b.form("/permissions/new")
	values.Set("receiver", "«Мысал» журналы")
	values["fields"] = []string{"surname", "given_name"}
	values.Set("until", "2027-03-01")
	values.Set("words", permissionText)
	b.send(http.MethodPost, to, values).is(200, "/kk/my/data/permissions").says("Рұқсат берілді", "«Мысал» журналы", "2027 жылғы 1 наурыз", "күшінде")
	list, err := b.w.deps.Permits.Mine(b.t.Context(), b.subject())
	b.w.must(err)
	return list[0]
}

// 6.2.2: a permission says to whom, which data, until when and in which words; it is given with a fresh proof and taken back at once.
func TestPermissionFromBeginningToEnd(t *testing.T) {
	w := openWorld(t, testHome)
	w.secrets = append(w.secrets, permissionText, "Мысал")
	b := w.signUp("kk", ayaEmail)
	b.open("/kk/my/data/permissions").is(200, "/kk/my/data/permissions").says("жазбаша рұқсатыңызсыз", "6.2.2", "Рұқсат берілмеген")
	p := givePermission(b)
	zone := time.FixedZone("", 5*60*60)
	if !p.Until.Equal(time.Date(2027, 3, 1, 23, 59, 59, 0, zone)) || p.Signed != permission.OnSite || p.Fields != person.Set(person.Surname, person.GivenName) {
		t.Errorf("%+v", p)
	}
	at := "/kk/my/data/permissions/" + person.ID(p.ID).String()
	b.open(at).is(200, at).says(permissionText, "«Мысал» журналы", "Сайтта, жеке басыңызды растап бердіңіз", "қайтару мүмкін емес")
	b.fill(at+"/end").is(200, at).says("Рұқсат қайтарып алынды", "қайтарып алынды", permissionText)
	if strings.Contains(b.body, at+"/end") {
		t.Error("it can be taken back twice")
	}
	if b.send(http.MethodPost, at+"/end", url.Values{}); b.code != 409 {
		t.Errorf("taken back again: %d", b.code)
	}
	b.open("/kk/my/data").says("Сіз жазбаша рұқсат бердіңіз", "Сіз жазбаша рұқсатыңызды қайтарып алдыңыз", "Сіз жазбаша рұқсатыңыздың мәтінін оқыдыңыз")
	// While the data are blocked the words stay closed, and nobody tries the door.
	w.block(b.subject())
	b.open(at).is(200, at).says("мәтіні ашылмайды")
	if strings.Contains(b.body, permissionText) {
		t.Error("opened while blocked")
	}
}

// A permission needs a fresh proof; one that became old while somebody wrote is asked for on the form, and no word is lost.
func TestPermissionNeedsProof(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	b.open("/kk/my/data/permissions/new")
	to, values := b.form("/permissions/new")
	for name, value := range map[string]string{"receiver": "«Мысал» журналы", "fields": "surname", "until": "2027-03-01", "words": permissionText} {
		values.Set(name, value)
	}
	w.Clock.Move(11 * time.Minute)
	b.send(http.MethodPost, to, values).is(422, to).says(permissionText)
	if w.count("permission") != 0 {
		t.Fatal("given without a proof")
	}
	b.fill("/permissions/new", "current_password", "бұл басқа құпиясөз").is(422, to).says(permissionText)
	if w.count("permission") != 0 {
		t.Fatal("given with a wrong password")
	}
	b.fill("/permissions/new", "current_password", ayaPassword).is(200, "/kk/my/data/permissions").says("күшінде")
	w.Clock.Move(11 * time.Minute)
	b.open("/kk/my/data/permissions/new").is(200, "/kk/again")
	w.secrets = append(w.secrets, permissionText, "бұл басқа құпиясөз")
}

func TestBadPermissionForms(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	const at = "/kk/my/data/permissions/new"
	good := url.Values{"receiver": {"«Мысал» журналы"}, "fields": {"surname"}, "until": {"2027-03-01"}, "words": {permissionText}}
	for says, change := range map[string]url.Values{
		"Деректерді кім алатынын жазыңыз": {"receiver": {" "}},
		"Қай деректерге рұқсат":           {"fields": nil},
		"Рұқсаттың соңғы күнін таңдаңыз":  {"until": {"2027-02-30"}},
		"бүгіннен кейін":                  {"until": {"2026-11-02"}},
		"бес жылдан аспайды":              {"until": {"2032-01-01"}},
	} {
		sent := url.Values{}
		for name, v := range good {
			sent[name] = v
			if v, changed := change[name]; changed {
				sent[name] = v
			}
		}
		b.send(http.MethodPost, at, sent).is(422, at).says(says)
		if !strings.Contains(b.body, permissionText) {
			t.Errorf("%s: words lost", says)
		}
	}
	b.send(http.MethodPost, at, url.Values{}).is(422, at).says("Деректерді кім алатынын жазыңыз", "Қай деректерге рұқсат", "Рұқсаттың соңғы күнін таңдаңыз")
	for _, name := range []string{"totp", "words", "x"} {
		if b.send(http.MethodPost, at, url.Values{"fields": {name}}); b.code != 422 {
			t.Errorf("%s: %d", name, b.code)
		}
	}
	if n := w.count("permission"); n != 0 {
		t.Errorf("%d permissions", n)
	}
	w.secrets = append(w.secrets, permissionText)
}

// Another's permission is not found, by reading as by taking back, and its owner's log tells of no attempt that opened anything.
func TestPermissionsOfOthers(t *testing.T) {
	w := openWorld(t, testHome)
	b, other := w.signUp("kk", ayaEmail), w.signUp("kk", "other.canary@mysal.kz")
	p := givePermission(b)
	theirs := "/kk/my/data/permissions/" + person.ID(p.ID).String()
	for _, at := range []string{theirs, "/kk/my/data/permissions/0000000000000", "/kk/my/data/permissions/x", "/kk/my/data/permissions/" + fmt.Sprint(p.ID)} {
		if other.open(at); other.code != 404 || strings.Contains(other.body, "Мысал") {
			t.Errorf("%s: %d", at, other.code)
		}
		if other.send(http.MethodPost, at+"/end", url.Values{}); other.code != 404 {
			t.Errorf("%s taken back: %d", at, other.code)
		}
	}
	if strings.Contains(other.open("/kk/my/data/permissions").body, "Мысал") {
		t.Error("listed to another")
	}
	if w.walker().open(theirs).at == theirs {
		t.Error("open to nobody in particular")
	}
	b.open(theirs).is(200, theirs).says("күшінде")
}

// 2.2: who does not agree to a new edition can still take back what is out, and open nothing new.
func TestWhatIsOutCanBeTakenBackWithoutAgreeing(t *testing.T) {
	w := openWorld(t, testHome)
	b, guest := w.signUp("kk", ayaEmail), w.walker()
	slug, p := b.publish("surname"), givePermission(b)
	w.newer("21")
	b.open("/kk/my/data/public/preview?fields=surname").is(200, "/kk/consent")
	b.open("/kk/my/data/permissions/new").is(200, "/kk/consent")
	at := "/kk/my/data/permissions/" + person.ID(p.ID).String()
	b.open(at).fill(at+"/end").is(200, at).says("қайтарып алынды")
	b.open("/kk/my/data/public").fill("/public/end").is(200, "/kk/my/data/public").says("Бет жабылды")
	guest.open("/kk/p/"+slug).is(404, "/kk/p/"+slug)
}
