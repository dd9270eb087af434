package site

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/web/webtest"
)

// openDay is when the tests begin: the default edition is in force.
var openDay = time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)

// publicEnv is a site with the public pages alone.
type publicEnv struct {
	t        *testing.T
	moved    atomic.Int64 // what the clock has been moved on
	db       *db.DB
	editions *edition.Store
	deps     Deps
	operator web.Operator
	viewer   web.Viewer
	frame    *web.Frame
	base     *policy.Edition
	followed map[string]int // links that were tried, and what they gave
	lesson   string         // the first of the sample
	file     media.File     // of the sample's
}

func (e *publicEnv) now() time.Time { return openDay.Add(time.Duration(e.moved.Load())) }

// openPublic opens a site with the default edition, the sample course and a mailbox of one letter. change may alter it
// before it is made.
func openPublic(t *testing.T, change ...func(*publicEnv)) *publicEnv {
	t.Helper()
	e := &publicEnv{t: t, followed: map[string]int{}, operator: web.Operator{
		Name: i18n.Text{KK: "«Білім» қоры", RU: "Фонд «Білім»", EN: "Bilim Foundation"}, BIN: "990140000010",
		Address: i18n.Text{KK: "Астана қаласы, 1-үй", RU: "г. Астана, дом 1", EN: "House 1, Astana"},
		Email:   "ustaz@bilim.example", Phone: "+7 7172 00 00 00", Responsible: i18n.Text{KK: "Ә. Қ.", RU: "А. К.", EN: "A. K."},
	}}
	public, err := url.Parse("https://ustaz.example")
	e.must(err)
	e.db, err = db.Open(context.Background(), db.SQLiteURL(filepath.Join(t.TempDir(), "ustaz.db")), e.now)
	e.must(err)
	t.Cleanup(func() { e.must(e.db.Close()) })
	e.editions, err = edition.Open(context.Background(), e.db)
	e.must(err)
	e.base, err = policy.Default()
	e.must(err)
	e.deps = Deps{DB: e.db, Editions: e.editions, Public: public, Media: media.New(e.db, media.DefaultLimits()),
		Letters: func(context.Context, int) ([]Letter, error) {
			return []Letter{{To: "aya@mysal.example", Subject: "Сілтеме", At: openDay, Text: "https://ustaz.example/kk/policy"}}, nil
		}}
	sample, err := learning.Sample()
	e.must(err)
	e.put(sample)
	for _, c := range change {
		c(e)
	}
	if all, err := e.editions.All(); err != nil || len(all) == 0 {
		e.must(err)
		e.publish(e.base)
	}
	routes, err := Public(e.deps)
	e.must(err)
	e.frame, err = web.New(web.Config{Public: e.deps.Public, Catalog: webtest.Catalog(t), Operator: e.operator, Routes: routes, Menu: Menu(),
		Authenticate: func(*http.Request) (web.Viewer, error) { return e.viewer, nil }, Log: slog.New(slog.DiscardHandler), Now: e.now})
	e.must(err)
	return e
}

func (e *publicEnv) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *publicEnv) put(c learning.Course) {
	e.t.Helper()
	e.must(e.db.Write(context.Background(), func(t *db.Tx) error { return learning.Put(t, c) }))
}

func (e *publicEnv) publish(ed *policy.Edition) {
	e.t.Helper()
	_, err := e.editions.Publish(context.Background(), ed, func(*db.Tx, int64) error { return nil }) // no page of these reads the log
	e.must(err)
}

// another is the default edition with a new order, in force from a day, and changed.
func (e *publicEnv) another(order string, inForce time.Time, change func(*policy.Edition)) *policy.Edition {
	e.t.Helper()
	ed, err := policy.Default()
	e.must(err)
	ed.Order, ed.InForce = order, inForce
	if change != nil {
		change(ed)
	}
	ed.Rules, err = policy.ParseRules(ed.RulesText)
	e.must(err)
	return ed
}

func (e *publicEnv) get(target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	e.frame.ServeHTTP(w, r)
	return w
}

// page is the body of an answer that must be a page.
func (e *publicEnv) page(target string) string {
	e.t.Helper()
	w := e.get(target)
	if w.Code != http.StatusOK {
		e.t.Fatalf("%s: %d", target, w.Code)
	}
	return w.Body.String()
}

// tree is a page as a browser reads it.
func (e *publicEnv) tree(target string) *html.Node {
	e.t.Helper()
	doc, err := html.Parse(strings.NewReader(e.page(target)))
	e.must(err)
	return doc
}

// find lists the elements for which fits holds.
func find(n *html.Node, fits func(n *html.Node) bool) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && fits(d) {
			out = append(out, d)
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasClass(class string) func(*html.Node) bool {
	return func(n *html.Node) bool { return strings.Contains(" "+attr(n, "class")+" ", " "+class+" ") }
}

// said is the text of an element, its spaces made one.
func said(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// params name what exists, so that every route shows a page.
func (e *publicEnv) params() map[string]string {
	e.t.Helper()
	if e.lesson == "" {
		c, err := learning.Get(e.t.Context(), e.db, "personal-data-in-class")
		e.must(err)
		e.lesson = person.ID(c.Lessons[0].ID).String()
		e.file = e.putFile("Дәріс 1.pdf", "%PDF-1.7")
	}
	return map[string]string{"number": "4.1.7", "seq": "1", "slug": "personal-data-in-class", "lesson": e.lesson, "token": e.file.Token, "name": e.file.Name}
}

func (e *publicEnv) addressOf(lang, pattern string) string {
	e.t.Helper()
	var pairs []string
	for name, value := range e.params() {
		pairs = append(pairs, name, value)
	}
	return web.Path(lang, pattern, pairs...)
}

// untranslated finds what a missing message would leave on a page: its key.
var untranslated = regexp.MustCompile(`\b(?:site|home|policypage|policy|contact|course|demo|frame|role|purpose|field|operation|term|unit|error|edition)\.[a-z_][a-z_.0-9]*`)

func TestEveryPublicPageInEveryLanguage(t *testing.T) {
	e := openPublic(t)
	for _, route := range e.frame.AllRoutes() {
		if !strings.HasPrefix(route.Pattern, "/{lang}/") {
			continue
		}
		for _, code := range i18n.Codes() {
			target := e.addressOf(code, route.Pattern)
			w := e.get(target)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d", target, w.Code)
				continue
			}
			for _, fault := range webtest.Headers(w.Header()) {
				t.Errorf("%s: %s", target, fault)
			}
			if len(w.Header().Values("Set-Cookie")) > 0 {
				t.Errorf("%s sets a cookie (3.3.1)", target)
			}
			body := w.Body.String()
			if strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
				if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
					t.Errorf("%s: %s", target, got)
				}
				continue
			}
			for _, fault := range webtest.Lint(body) {
				t.Errorf("%s: %s", target, fault)
			}
			if !strings.Contains(body, `<html lang="`+code+`"`) {
				t.Errorf("%s does not say its language", target)
			}
			doc, err := html.Parse(strings.NewReader(body))
			e.must(err)
			if key := untranslated.FindString(said(doc)); key != "" {
				t.Errorf("%s shows the key %s", target, key)
			}
			e.followAnchors(target, doc)
		}
	}
}

// ofAccounts are the pages that public ones link to and that are no public ones.
var ofAccounts = []string{web.PathSignIn, web.PathRegister, PathQuestion, PathClaim, PathRepresentative, PathCertificates, PathCheck, web.PathHelp}

// followAnchors holds that links within the page lead somewhere, and links of the site to a page of it or one of package web's.
func (e *publicEnv) followAnchors(target string, doc *html.Node) {
	e.t.Helper()
	ids := map[string]bool{}
	for _, n := range find(doc, func(n *html.Node) bool { return attr(n, "id") != "" }) {
		ids[attr(n, "id")] = true
	}
	for _, a := range find(doc, func(n *html.Node) bool { return n.Data == "a" }) {
		href := attr(a, "href")
		if id, ok := strings.CutPrefix(href, "#"); ok && !ids[id] {
			e.t.Errorf("%s: nothing at %s", target, href)
		}
		if !strings.HasPrefix(href, "/") || slices.ContainsFunc(ofAccounts, func(pattern string) bool { return strings.HasSuffix(href, strings.TrimPrefix(pattern, "/{lang}")) }) {
			continue // the pages of accounts and cases have tests of their own
		}
		path, _, _ := strings.Cut(href, "#")
		if e.followed[path] == 0 {
			e.followed[path] = e.get(path).Code
		}
		if e.followed[path] != http.StatusOK {
			e.t.Errorf("%s: the link %s gives %d", target, href, e.followed[path])
		}
	}
}

func TestTemplatesOfPublicPagesHoldNoWords(t *testing.T) {
	webtest.Words(t, pageFiles, "pages/*.html")
}

func TestPublicRoutesRefuse(t *testing.T) {
	e := openPublic(t)
	routes, err := Public(e.deps)
	e.must(err)
	webtest.Refused(t, e.frame, routes, func(*http.Request) {}, e.params())
}

func TestWhatIsNotThere(t *testing.T) {
	e := openPublic(t)
	for _, target := range []string{
		"/kk/policy/4.1.8", "/kk/policy/04.1.7", "/kk/policy/x", "/policy/4.1.8", "/policy/print", "/kk/policy/editions/2", "/kk/policy/editions/0", "/kk/policy/editions/01",
		"/kk/policy/editions/x/changes", "/kk/policy/editions/99999999999999999999", "/kk/courses/unknown", "/kk/courses?page=2", "/kk/courses?page=0", "/kk/courses?page=x",
		"/kk/courses?page=99999999999999999999", "/de/policy", "/kz/", "/de/courses/personal-data-in-class", "/kk/demo", "/assets/site.000000000000.css",
	} {
		w := e.get(target)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", target, w.Code)
		}
		if !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s: no page", target)
		}
	}
}

func TestWithoutADatabase(t *testing.T) {
	e := openPublic(t)
	e.params()
	e.must(e.db.Close())
	e.moved.Add(int64(time.Minute)) // what the editions remember is too old to be believed
	for _, route := range e.frame.AllRoutes() {
		want := http.StatusServiceUnavailable
		switch route.Pattern {
		case web.PathContact, web.PathCookies, PathMailbox:
			want = http.StatusOK // they need none
		}
		if !strings.HasPrefix(route.Pattern, "/{lang}/") {
			continue
		}
		for _, code := range i18n.Codes() {
			target := e.addressOf(code, route.Pattern)
			w := e.get(target)
			if w.Code != want {
				t.Errorf("%s: %d, want %d", target, w.Code, want)
			}
			for _, fault := range append(webtest.Headers(w.Header()), webtest.Lint(w.Body.String())...) {
				t.Errorf("%s: %s", target, fault)
			}
		}
	}
	if w := e.get("/policy/4.1.7"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("the stable address: %d", w.Code)
	}
}

// canary is text that would be markup if it were not escaped.
const canary = `<script>alert("x")</script><img src=x onerror='y'>`

func TestForeignWordsStayWords(t *testing.T) {
	e := openPublic(t, func(e *publicEnv) {
		evil := func(at string) i18n.Text { return i18n.Text{KK: at + canary, RU: at + canary, EN: at + canary} }
		e.operator = web.Operator{Name: evil("name"), BIN: canary, Address: evil("address"), Email: "a\"" + canary + "\n@e.example", Phone: "javascript:alert(1)" + canary, Responsible: evil("who")}
		e.base.Order = canary
		for _, d := range e.base.Docs {
			d.Title += " " + canary
			d.Preamble[0] += " " + canary
			d.Sections[3].Title += " " + canary
			d.Sections[3].Clauses[7].Text += " " + canary // 4.1.7
			d.Sections[2].Clauses[9].Items = append(d.Sections[2].Clauses[9].Items, canary)
		}
		e.publish(e.base)
		e.publish(e.another(canary, openDay, func(ed *policy.Edition) { ed.Docs["ru"].Sections[0].Clauses[0].Text = canary }))
		c := learning.Course{Slug: "evil", About: learning.About{Hours: 1, Words: map[string]learning.Words{"kk": {Title: canary, Summary: canary}}, Body: map[string]string{"kk": "# " + canary + "\n\n" + canary}}}
		e.put(c)
		e.deps.Letters = func(context.Context, int) ([]Letter, error) {
			return []Letter{{To: canary, Subject: canary, At: openDay, Text: canary + " https://ustaz.example/\"onmouseover=x javascript:alert(1)"}}, nil
		}
	})
	for _, target := range []string{"/kk/", "/kk/policy", "/kk/policy/4.1.7", "/kk/policy/4", "/kk/policy/rules", "/kk/policy/print", "/kk/policy/editions", "/kk/policy/editions/1",
		"/ru/policy/editions/2/changes", "/kk/contact", "/kk/courses", "/kk/courses/evil", "/kk/demo/mail"} {
		body := e.page(target)
		for _, fault := range webtest.Lint(body) {
			t.Errorf("%s: %s", target, fault)
		}
		doc, err := html.Parse(strings.NewReader(body))
		e.must(err)
		bad := find(doc, func(n *html.Node) bool {
			return n.Data == "script" && !strings.HasPrefix(attr(n, "src"), "/assets/") || n.Data == "img" || strings.HasPrefix(attr(n, "href"), "javascript:")
		})
		for _, n := range bad {
			t.Errorf("%s: <%s> came out of text", target, n.Data)
		}
		if !strings.Contains(body, "&lt;script&gt;") {
			t.Errorf("%s: the words are not there", target)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(e.page("/.well-known/security.txt")), "\n") {
		if name, _, _ := strings.Cut(line, ":"); name != "Contact" && name != "Expires" && name != "Preferred-Languages" && name != "Canonical" {
			t.Errorf("security.txt has a line %q", line)
		}
	}
}

func TestRobotsAndSecurity(t *testing.T) {
	e := openPublic(t)
	robots := e.page("/robots.txt")
	for _, line := range []string{"User-agent: *", "Disallow: /kk/my", "Disallow: /en/console", "Disallow: /ru/demo/mail"} {
		if !strings.Contains(robots, line+"\n") {
			t.Errorf("robots.txt lacks %q", line)
		}
	}
	want := "Contact: mailto:ustaz@bilim.example\nExpires: 2027-05-21T00:00:00Z\nPreferred-Languages: kk, ru, en\nCanonical: https://ustaz.example/.well-known/security.txt\n"
	if got := e.page("/.well-known/security.txt"); got != want {
		t.Errorf("security.txt:\n%s", got)
	}
	silent := openPublic(t, func(e *publicEnv) { e.operator.Email = "" })
	if w := silent.get("/.well-known/security.txt"); w.Code != http.StatusNotFound {
		t.Errorf("with nobody to write to: %d", w.Code)
	}
}

func TestStyleSheet(t *testing.T) {
	e := openPublic(t)
	found := webtest.Assets(e.page("/kk/"))
	for _, at := range found {
		w := e.get(at)
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d %v", at, w.Code, w.Header())
		}
		if strings.HasPrefix(at, "/assets/site.") && strings.HasSuffix(at, ".css") && w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("%s is %s", at, w.Header().Get("Content-Type"))
		}
	}
	if !strings.Contains(strings.Join(found, " "), "/assets/site.") {
		t.Errorf("the page asks for %v", found)
	}
}
