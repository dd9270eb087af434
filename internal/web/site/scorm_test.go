package site

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

const (
	gameSlug   = "oiyn"
	gameLesson = 52
)

var (
	gameCourse = "/courses/" + gameSlug
	gameAt     = gameCourse + "/" + person.ID(gameLesson).String()
)

// withPackage puts a course with a text and a package of some files, by name and contents.
func (w *world) withPackage(change func(*learning.Package), files ...string) learning.Package {
	w.t.Helper()
	var members []media.Member
	for i := 0; i+1 < len(files); i += 2 {
		members = append(members, media.Member{Path: files[i], Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(files[i+1])), nil }})
	}
	b, err := w.media.PutBundle(w.t.Context(), gameSlug, 7, "Ойын", members)
	w.must(err)
	p := learning.Package{ID: b.ID, Token: b.Token, Version: learning.SCORM12, Launch: files[0]}
	if change != nil {
		change(&p)
	}
	all := func(kk, ru, en string) map[string]string { return map[string]string{"kk": kk, "ru": ru, "en": en} }
	c := learning.Course{Slug: gameSlug, About: learning.About{Hours: 2, Words: map[string]learning.Words{"kk": {Title: "Ойын", Summary: "Ойын арқылы."}, "ru": {Title: "Игра", Summary: "Через игру."}, "en": {Title: "Game", Summary: "By a game."}}},
		Lessons: []learning.Lesson{
			{ID: 51, Kind: learning.Reading, Minutes: 5, Words: all("Негіздері", "Основы", "Basics"), Body: all("Мәтін", "Текст", "Text")},
			{ID: gameLesson, Kind: learning.Packaged, Minutes: 10, Words: all("Сынып ойыны", "Игра в классе", "Class game"), Body: all("", "", ""), Package: &p}}}
	w.must(w.DB.Write(w.t.Context(), func(x *db.Tx) error { return learning.Put(x, c) }))
	return p
}

var playAttr = regexp.MustCompile(`data-play="([^"]*)"`)

// given is what the page gives the script of the player.
func (b *walker) given() web.PlayerGiven {
	b.t.Helper()
	m := playAttr.FindStringSubmatch(b.body)
	if m == nil {
		b.t.Fatalf("there is no package on %s", b.at)
	}
	var g web.PlayerGiven
	if err := json.Unmarshal([]byte(html.UnescapeString(m[1])), &g); err != nil {
		b.t.Fatal(err)
	}
	return g
}

// tells sends what a package says, and gives what was answered.
func (b *walker) tells(g web.PlayerGiven, seq int, cmi string) kept {
	b.t.Helper()
	b.sendBody(http.MethodPost, g.Commit, "text/plain;charset=UTF-8", fmt.Sprintf(`{"ticket":%q,"seq":%d,"cmi":%s}`, g.Ticket, seq, cmi))
	var k kept
	if err := json.Unmarshal([]byte(b.body), &k); err != nil {
		b.t.Fatalf("%d: %s", b.code, b.body)
	}
	return k
}

// TestAPackageThroughThePages: opened, failed, begun anew, passed; all of it in "My data" and in the copy.
func TestAPackageThroughThePages(t *testing.T) {
	w := openWorld(t, testHome)
	w.withPackage(nil, "index.html", "<p>Ойын")
	guest := w.walker().open("/en" + gameAt)
	guest.is(200, "/en"+gameAt).says("begin the course")
	if strings.Contains(guest.body, "data-play") {
		t.Error("a package is played for who takes no part")
	}
	b := w.signUp("en", ayaEmail)
	b.open("/en" + gameCourse).fill(gameCourse + "/begin").says("Interactive lesson, 10 minutes")
	b.open("/en" + gameAt)
	if strings.Contains(b.body, "data-play") || strings.Contains(b.header.Get("Content-Security-Policy"), "frame-src") {
		t.Error("a package is played that was not opened")
	}
	b.fill(gameAt+"/play").is(200, "/en"+gameAt)
	g := b.given()
	if g.Origin != "http://packages.example" || g.Src != "http://packages.example/player/1.2#"+g.Ticket || g.Alone || !strings.HasSuffix(b.header.Get("Content-Security-Policy"), "; frame-src http://packages.example") {
		t.Errorf("%+v, %s", g, b.header.Get("Content-Security-Policy"))
	}
	if strings.Contains(b.body, ayaSurname) || strings.Contains(b.body, ayaGiven) {
		t.Error("the page of a package says who plays it")
	}
	if k := b.tells(g, 1, `{"status":"incomplete","location":"3","suspend":"<script>\"'&"}`); !strings.HasPrefix(k.Saved, "Saved:") || strings.Contains(k.Saved, "score") {
		t.Errorf("%+v", k)
	}
	if k := b.tells(g, 2, `{"status":"failed","score":{"raw":"40"},"suspend":"<script>\"'&"}`); !strings.Contains(k.Saved, "Not passed this time, best score 40 %.") {
		t.Errorf("%+v", k)
	}
	if k := b.tells(g, 3, `{"status":"great"}`); k.Refused == "" || k.Over {
		t.Errorf("%+v", k)
	}
	b.open("/en"+gameAt).says("not passed", "40 %", "Begin anew")
	old := g
	if g = b.given(); !strings.Contains(fmt.Sprint(g.Open), `<script>"'&`) {
		t.Errorf("it does not go on where it stood: %+v", g.Open)
	}
	w.Clock.Move(time.Minute)
	b.fill(gameAt+"/play").is(200, "/en"+gameAt)
	g = b.given()
	if g.Commit == old.Commit || strings.Contains(fmt.Sprint(g.Open), "script") {
		t.Errorf("it did not begin anew: %+v", g)
	}
	if k := b.tells(old, 4, `{"status":"passed"}`); !k.Over || !strings.Contains(k.Refused, "begun anew") {
		t.Errorf("%+v", k)
	}
	if k := b.tells(g, 1, `{"status":"passed","score":{"raw":"18","max":"20"}}`); !strings.Contains(k.Saved, "The lesson is done, best score 90 %.") {
		t.Errorf("%+v", k)
	}
	b.open("/en"+gameAt).says("You have done this lesson", "90 %", "attempt 2")
	b.open("/en"+gameCourse).says("1 of 2", "done")

	b.open("/en/my/data").says("You began an interactive lesson of the course: Game", "You went on in an interactive lesson, and it was kept: Game")
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/en/my/data.json").body), &got))
	played := got.Courses[0].Packages
	if len(played) != 2 || played[1].N != 2 || !played[1].Done || *played[1].Best != 90 || played[0].Told.Status != "failed" || played[0].Told.Suspend != `<script>"'&` || played[0].Lesson != "Class game" {
		t.Errorf("the copy has %+v", played)
	}
	b.open("/en" + gameCourse + "/leave").fill(gameCourse + "/leave")
	if k := b.tells(g, 2, `{}`); !k.Over {
		t.Errorf("%+v", k)
	}
}

func TestAPackageAgainstTheOdds(t *testing.T) {
	w := openWorld(t, testHome)
	p := w.withPackage(nil, "index.html", "<p>Ойын")
	b := w.signUp("en", ayaEmail)
	b.send(http.MethodPost, "/en"+gameAt+"/play", nil).is(404, "/en"+gameAt+"/play") // takes no part
	b.open("/en" + gameCourse).fill(gameCourse + "/begin")
	for _, to := range []string{"/x/play", "/" + person.ID(51).String() + "/play"} {
		b.send(http.MethodPost, "/en"+gameCourse+to, nil).is(404, "/en"+gameCourse+to)
	}
	b.send(http.MethodPost, "/en"+gameAt+"/play", url.Values{"n": {"1"}}).is(422, "/en"+gameAt+"/play")
	b.open("/en" + gameAt).fill(gameAt + "/play")
	g := b.given()

	// What is no word of a package, and who is not theirs.
	other := w.signUp("en", "bota@demo.example")
	if k := other.tells(g, 1, `{}`); !k.Over {
		t.Errorf("somebody else's: %+v", k)
	}
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data", ""} {
		if b.sendBody(http.MethodPost, g.Commit, kind, `{"ticket":"1","seq":1,"cmi":{}}`); !strings.Contains(b.body, "can't be read") {
			t.Errorf("%s: %d %s", kind, b.code, b.body)
		}
	}
	if b.sendBody(http.MethodPost, g.Commit, "text/plain", strings.Repeat("a", 256<<10+1)); !strings.Contains(b.body, "too much") {
		t.Errorf("much: %d %s", b.code, b.body)
	}
	if k := b.tells(web.PlayerGiven{Commit: g.Commit, Ticket: g.Ticket[:len(g.Ticket)-1] + "!"}, 1, `{}`); !k.Over {
		t.Errorf("a ticket that is none: %+v", k)
	}
	r := httptest.NewRequest(http.MethodPost, g.Commit, strings.NewReader(`{"ticket":"1","seq":1,"cmi":{}}`))
	r.Header.Set("Content-Type", "text/plain")
	r.Header.Set("Sec-Fetch-Site", "same-site")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	if w.frame.ServeHTTP(rec, r); rec.Code != 403 {
		t.Errorf("from another origin: %d", rec.Code)
	}

	// While the data are blocked it is not played, and nothing is kept.
	b.open("/en/my/block").fill("/my/block", "words", "My name is wrong.", "doubted", "surname")
	b.open("/en"+gameAt).is(200, "/en"+gameAt)
	if strings.Contains(b.body, "data-play") {
		t.Error("a package is played while the data are blocked")
	}
	if k := b.tells(g, 1, `{}`); !k.Over {
		t.Errorf("kept while blocked: %+v", k)
	}

	// One that tells nothing is done when its reader says so.
	w.withPackage(func(p *learning.Package) { p.Silent = true }, "index.html", "<p>Ойын")
	other.open("/en" + gameCourse).fill(gameCourse + "/begin")
	other.open("/en" + gameAt)
	if s := other.given(); s.Commit != "" || !strings.HasPrefix(s.Src, "http://packages.example/b/") {
		t.Errorf("%+v", s)
	}
	other.fill(gameAt + "/read").says("1 of 2")
	if p.Token == "" {
		t.Error("no token")
	}
}

// TestPackagesWithoutAnAddressOfTheirOwn run in a sandbox at the site's, unless they have frames.
func TestPackagesWithoutAnAddressOfTheirOwn(t *testing.T) {
	w := openWorld(t, testHome, func(w *world) { w.packages = nil })
	p := w.withPackage(func(p *learning.Package) { p.Launch = "a%20b/index.html" }, "a b/index.html", "<!DOCTYPE html><html><HEAD lang=x><script>first()</script></head><p>Ойын", "a b/x.js", "1")
	b := w.signUp("en", ayaEmail)
	b.open("/en" + gameCourse).fill(gameCourse + "/begin")
	b.open("/en" + gameAt).fill(gameAt + "/play")
	if g := b.given(); !g.Alone || g.Origin != "null" || g.Src != "/packages/b/"+p.Token+"/1.2/a%20b/index.html" || !strings.Contains(b.body, `sandbox="allow-scripts allow-forms allow-modals"`) {
		t.Errorf("%+v", g)
	}
	get := func(path string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		w.frame.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		return rec
	}
	page := get("/packages/b/" + p.Token + "/1.2/a%20b/index.html")
	csp := page.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "sandbox allow-scripts allow-forms allow-modals; ") || strings.Contains(csp, "same-origin") || strings.Contains(csp, "'self'") || !strings.Contains(csp, "connect-src "+testHome+"/packages/b/"+p.Token+"/ "+testHome+"/packages/end ") {
		t.Errorf("under %s", csp)
	}
	if !regexp.MustCompile(`^<!DOCTYPE html><html><HEAD lang=x><script src="/packages/player/files/scorm12.min.[0-9a-f]{12}.js"></script><script src="/packages/player/files/player.[0-9a-f]{12}.js" data-main="` + testHome + `" data-version="1.2" data-end="` + testHome + `/packages/end"></script><script>first`).MatchString(page.Body.String()) {
		t.Errorf("the page has %s", page.Body)
	}
	if js := get("/packages/b/" + p.Token + "/1.2/a%20b/x.js"); js.Body.String() != "1" || js.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.HasPrefix(js.Header().Get("Content-Security-Policy"), "sandbox allow-scripts") {
		t.Errorf("%d, %v", js.Code, js.Header())
	}
	for _, path := range []string{"/packages/b/" + p.Token + "/1.3/a%20b/index.html", "/packages/b/" + p.Token + "/1.2/none.html", "/packages/player/files/none.js", "/packages/player/1.2", "/packages/end/x"} {
		if rec := get(path); rec.Code != 404 {
			t.Errorf("%s: %d", path, rec.Code)
		}
	}
	w.withPackage(func(p *learning.Package) { p.Frames = true }, "index.html", "<iframe src=x>")
	b.open("/en"+gameAt).is(200, "/en"+gameAt).says("it may need an address of its own").given()

	// The last words come by the ticket alone, from a page that has no origin; nothing else may come from there.
	send := func(path, body string) int {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "text/plain")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "null")
		rec := httptest.NewRecorder()
		w.frame.ServeHTTP(rec, r)
		return rec.Code
	}
	g := b.given()
	for name, tc := range map[string]struct {
		path, ticket string
		code         int
	}{"the ticket": {"/packages/end", g.Ticket, 204}, "none": {"/packages/end", "x", 410}, "another address": {g.Commit, g.Ticket, 403}} {
		if code := send(tc.path, `{"ticket":"`+tc.ticket+`","seq":1,"cmi":{"status":"failed","score":{"raw":"30"}}}`); code != tc.code {
			t.Errorf("%s: %d", name, code)
		}
	}
	b.open("/en"+gameAt).says("not passed", "30 %", "a person will look at it")
}
