package site

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"ustaz/internal/authoring"
	"ustaz/internal/cartridge"
	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/scorm"
	"ustaz/internal/testchrome"
)

// theatre is a site with packages in a real browser: the site is at localhost, its packages at 127.0.0.1, unless they have no address of their own.
type theatre struct {
	*world
	ctx    context.Context
	home   string
	viewer *walker
	heard  chan string // each request that a package's words came by, once it is answered

	mu      sync.Mutex
	foreign []string // requests to the site that were not its own pages'
	asked   []string // by packages, in windows of their own
}

func openTheatre(t *testing.T, alone bool) *theatre {
	t.Helper()
	site, packages := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	port := func(s *httptest.Server) string {
		_, port, err := net.SplitHostPort(s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	h := &theatre{home: "http://localhost:" + port(site), heard: make(chan string, 1000)}
	h.world = openWorld(t, h.home, func(w *world) {
		if w.packages = nil; !alone {
			w.packages = &url.URL{Scheme: "http", Host: "127.0.0.1:" + port(packages)}
		}
	})
	listen := func(next http.Handler, own bool) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if from := r.Header.Get("Sec-Fetch-Site"); own && from != "same-origin" && from != "none" && from != "" {
				h.mu.Lock()
				h.foreign = append(h.foreign, r.Method+" "+r.URL.Path+" "+r.Header.Get("Cookie"))
				h.mu.Unlock()
			}
			if !own && (len(r.Cookies()) > 0 && r.URL.Path != "") && strings.Contains(r.Header.Get("Cookie"), "ustaz=") && !strings.Contains(r.Header.Get("Cookie"), "ustaz=evil") {
				t.Error("a cookie of the site reached the packages")
			}
			next.ServeHTTP(struct{ http.ResponseWriter }{rw}, r) // no deadlines: the clock of the tests is not that of the connections
			if r.Method == http.MethodPost && (strings.Contains(r.URL.Path, "/my/packages/") || strings.HasSuffix(r.URL.Path, "/end")) {
				h.heard <- r.URL.Path
			}
		})
	}
	site.Config.Handler = listen(h.frame, true)
	site.Start()
	t.Cleanup(site.Close)
	if !alone {
		packages.Config.Handler = listen(h.stage.Handler(), false)
		packages.Start()
		t.Cleanup(packages.Close)
	}
	h.viewer = h.signUp("en", ayaEmail)
	h.ctx = testchrome.New(t)
	h.agree()
	for name, value := range h.viewer.cookies {
		h.must(chromedp.Run(h.ctx, network.SetCookie(name, value).WithURL(h.home).WithHTTPOnly(true)))
	}
	return h
}

// begin lets the viewer take part and opens the package; the browser is on its page then.
func (h *theatre) begin() {
	h.t.Helper()
	h.viewer.open("/en" + gameCourse)
	if strings.Contains(h.viewer.body, gameCourse+"/begin") {
		h.viewer.fill(gameCourse + "/begin")
	}
	h.viewer.open("/en" + gameAt).fill(gameAt + "/play")
	h.show()
}

// show opens the page of the package, a moment later than before.
func (h *theatre) show() {
	h.t.Helper()
	h.Clock.Move(time.Second)
	h.must(chromedp.Run(h.ctx, chromedp.Navigate(h.home+"/en"+gameAt)))
	ctx, end := context.WithTimeout(h.ctx, 20*time.Second)
	defer end()
	if err := chromedp.Run(ctx, chromedp.WaitReady(".player[data-heard]", chromedp.ByQuery)); err != nil {
		h.t.Fatalf("nothing is heard of the package: %v; %v; %v", err, testchrome.Complaints(h.ctx), h.asked)
	}
}

// agree presses OK wherever a package asks something, and remembers what.
func (h *theatre) agree() {
	chromedp.ListenTarget(h.ctx, func(event any) {
		if e, asked := event.(*page.EventJavascriptDialogOpening); asked {
			h.mu.Lock()
			h.asked = append(h.asked, e.Message)
			h.mu.Unlock()
			go func() { _ = chromedp.Run(h.ctx, page.HandleJavaScriptDialog(true)) }()
		}
	})
}

// until waits until what is kept is as it should be, each time that something was heard.
func (h *theatre) until(what string, good func(a *scorm.Attempt) bool) *scorm.Attempt {
	h.t.Helper()
	late := time.After(time.Minute)
	for {
		list, err := h.deps.Scorm.List(h.t.Context(), h.viewer.subject(), gameLesson, "test")
		h.must(err)
		if n := len(list); n > 0 && good(list[n-1]) {
			return list[n-1]
		}
		select {
		case <-h.heard:
		case <-late:
			var said string
			_ = chromedp.Run(h.ctx, chromedp.Evaluate(`document.querySelector(".saved")?.textContent ?? ""`, &said))
			h.t.Fatalf("%s: never; kept %+v; the page says %q; %v; %v; %v", what, list[len(list)-1].Kept, said, testchrome.Complaints(h.ctx), h.asked, h.foreign)
		}
	}
}

// in evaluates an expression on a page of the package, whose address has part in it.
func (h *theatre) in(part, expression string, result any) {
	h.t.Helper()
	h.must(testchrome.Within(h.ctx, part, expression, result))
}

// settles waits until a condition holds on a page of the package.
func (h *theatre) settles(part, condition string) {
	h.t.Helper()
	var err error
	for range 400 {
		good := false
		if err = testchrome.Within(h.ctx, part, "Boolean("+condition+")", &good); good {
			return
		}
		h.must(chromedp.Run(h.ctx, chromedp.Sleep(50*time.Millisecond)))
	}
	h.t.Fatalf("%s: never %s: %v; %v; %v", part, condition, err, h.asked, testchrome.Complaints(h.ctx))
}

// api finds the package's API as packages do.
const findAPI = `<script>
var api = null, w = window;
for (var i = 0; i < 7 && !api; i++) { try { api = w.API || w.API_1484_11; } catch (e) {} if (w.parent === w) break; w = w.parent; }
</script>`

// own12 and own2004 are packages of our own: they begin, say something, and say the last of it only when their window goes.
const own12 = `<!doctype html><title>12</title>` + findAPI + `<p id="was"></p><script>
api.LMSInitialize("");
document.getElementById("was").textContent = api.LMSGetValue("cmi.core.entry") + "/" + api.LMSGetValue("cmi.core.lesson_location") + "/" + api.LMSGetValue("cmi.suspend_data") + "/" + api.LMSGetValue("cmi.core.student_name");
api.LMSSetValue("cmi.core.lesson_status", "incomplete");
api.LMSSetValue("cmi.suspend_data", "first " + document.getElementById("was").textContent);
api.LMSCommit("");
function more(words) { api.LMSSetValue("cmi.suspend_data", words); api.LMSSetValue("cmi.core.lesson_location", "9"); }
onpagehide = function () {
  api.LMSSetValue("cmi.core.score.raw", "80"); api.LMSSetValue("cmi.core.score.max", "100"); api.LMSSetValue("cmi.core.lesson_status", "passed");
  api.LMSSetValue("cmi.core.session_time", "00:01:30"); api.LMSSetValue("cmi.core.exit", "suspend"); api.LMSFinish("");
};
</script>`

const own2004 = `<!doctype html><title>2004</title>` + findAPI + `<p id="was"></p><script>
api.Initialize("");
document.getElementById("was").textContent = api.GetValue("cmi.entry") + "/" + api.GetValue("cmi.location") + "/" + api.GetValue("cmi.suspend_data") + "/" + api.GetValue("cmi.learner_name");
api.SetValue("cmi.completion_status", "incomplete");
api.SetValue("cmi.suspend_data", "first " + document.getElementById("was").textContent);
api.Commit("");
function more(words) { api.SetValue("cmi.suspend_data", words); api.SetValue("cmi.location", "9"); api.SetValue("cmi.objectives.0.id", "o1"); api.SetValue("cmi.objectives.0.success_status", "passed"); }
onpagehide = function () {
  api.SetValue("cmi.score.scaled", "0.8"); api.SetValue("cmi.success_status", "passed"); api.SetValue("cmi.completion_status", "completed");
  api.SetValue("cmi.session_time", "PT1M30S"); api.SetValue("cmi.exit", "suspend"); api.Terminate("");
};
</script>`

// TestPackagesArePlayedInABrowser: what they say arrives, the last of it too, and they get it back; with an address of their own and without.
func TestPackagesArePlayedInABrowser(t *testing.T) {
	for name, tc := range map[string]struct {
		version learning.Version
		body    string
		alone   bool
		time    string
	}{
		"1.2":           {learning.SCORM12, own12, false, "00:01:30"},
		"2004":          {learning.SCORM2004, own2004, false, "PT1M30S"},
		"1.2, sandbox":  {learning.SCORM12, own12, true, "00:01:30"},
		"2004, sandbox": {learning.SCORM2004, own2004, true, "PT1M30S"},
	} {
		t.Run(name, func(t *testing.T) {
			h := openTheatre(t, tc.alone)
			h.withPackage(func(p *learning.Package) { p.Version, p.Launch = tc.version, "sub/Index.html?a=1" }, "sub/index.html", tc.body)
			h.begin()
			h.until("the first words", func(a *scorm.Attempt) bool { return a.Kept.CMI.Suspend == "first ab-initio///" })
			long := strings.Repeat("Ұзақ жазба. ", 100)
			h.in("/b/", `more("`+long+`")`, nil)
			// The page goes within the ten seconds: what was not sent yet is sent now.
			h.must(chromedp.Run(h.ctx, chromedp.Navigate(h.home+"/en"+gameCourse)))
			a := h.until("the last words", func(a *scorm.Attempt) bool { return a.Kept.CMI.Suspend == long && a.State == scorm.Done })
			if a.Kept.Best == nil {
				t.Fatalf("what was said while the window went is not kept: %+v", a.Kept)
			}
			if c := a.Kept.CMI; *a.Kept.Best != 80 || c.Exit != "suspend" || c.Time != tc.time || c.Location != "9" || c.Outcome() != scorm.Completed || tc.version == learning.SCORM2004 && (len(c.Objectives) != 1 || c.Objectives[0].Success != "passed") {
				t.Errorf("%+v", a.Kept)
			}
			h.show()
			h.until("going on", func(a *scorm.Attempt) bool { return strings.HasPrefix(a.Kept.CMI.Suspend, "first resume/9/"+long) })
			var said string
			h.must(chromedp.Run(h.ctx, chromedp.Poll(`document.querySelector(".saved").textContent.includes("Saved:")`, nil), chromedp.Text(".saved", &said, chromedp.ByQuery)))
			if !strings.Contains(said, "best score 80 %") {
				t.Errorf("the page says %q", said)
			}
			for _, c := range testchrome.Complaints(h.ctx) {
				t.Errorf("the browser complains: %s", c)
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, f := range h.foreign {
				if !tc.alone || !strings.HasPrefix(f, "GET /packages/") && !strings.HasPrefix(f, "POST /packages/end ") || strings.Contains(f, "ustaz") {
					t.Errorf("the site was asked by something else: %s", f)
				}
			}
		})
	}
}

// hostile tries what a package must not be able to do, and says of each how it went.
const hostile = `<!doctype html><title>x</title>` + findAPI + `<script>
var init = api.LMSInitialize ? "LMSInitialize" : "Initialize", set = api.LMSSetValue ? "LMSSetValue" : "SetValue";
api[init]("");
var site = new URLSearchParams(location.search).get("site"), went = {}, waits = [];
function attempt(name, fn) { try { var v = fn(); went[name] = v && v.then ? "waits" : String(v); if (v && v.then) waits.push(v.then(function (r) { went[name] = "DONE " + (r && r.status); }, function (e) { went[name] = "refused"; })); } catch (e) { went[name] = "refused"; } }
attempt("cookie", function () { return document.cookie.indexOf("ustaz") < 0 ? "refused" : "DONE"; });
attempt("set cookie", function () { document.cookie = "ustaz=evil; path=/"; return "refused"; });
attempt("top document", function () { return top.document.title; });
attempt("top address", function () { return top.location.href; });
attempt("top storage", function () { return top.localStorage.length; });
attempt("fetch", function () { return fetch(site + "/en/my/data.json", { credentials: "include" }); });
attempt("fetch blind", function () { return fetch(site + "/en/my", { credentials: "include", mode: "no-cors" }); });
attempt("post blind", function () { return fetch(site + "/en/sign-out", { method: "POST", credentials: "include", mode: "no-cors", body: "a=b" }); });
attempt("beacon", function () { navigator.sendBeacon(site + "/en/sign-out", "a=b"); return "refused"; });
attempt("open", function () { return window.open(site + "/en/my") ? "DONE" : "refused"; });
attempt("open above", function () { var w = window.open(site + "/en/my", "_top"); return w && w !== top ? "DONE" : "refused"; });
attempt("go above", function () { top.location = site + "/en/contact"; return "refused"; });
attempt("form", function () { var f = document.createElement("form"); f.action = site + "/en/sign-out"; f.method = "post"; f.target = "_top"; document.body.append(f); f.submit(); return "refused"; });
attempt("form here", function () { var f = document.createElement("form"); f.action = site + "/en/sign-out"; f.method = "post"; document.body.append(f); f.submit(); return "refused"; });
attempt("picture", function () { return new Promise(function (y, n) { var i = new Image(); i.onload = function () { y({ status: 1 }); }; i.onerror = n; i.src = site + "/favicon.ico"; }); });
attempt("script", function () { return new Promise(function (y, n) { var i = document.createElement("script"); i.onload = function () { y({ status: 1 }); }; i.onerror = n; i.src = site + "/en/my"; document.body.append(i); }); });
attempt("frame", function () { var f = document.createElement("iframe"); f.src = site + "/en/my"; document.body.append(f); return "refused"; });
attempt("worker", function () { return new Promise(function (y, n) { var k = new Worker(URL.createObjectURL(new Blob(["fetch('" + site + "/en/my', {credentials:'include',mode:'no-cors'}).then(()=>postMessage(1),()=>postMessage(0))"]))); k.onmessage = function (e) { e.data ? y({ status: 1 }) : n(); }; k.onerror = n; }); });
attempt("forged words", function () { top.postMessage({ ticket: window.parent === top ? "x" : "y", cmi: { status: "passed" }, seq: 99 }, "*"); return "refused"; });
Promise.all(waits).then(function () { api[set](api.LMSSetValue ? "cmi.suspend_data" : "cmi.suspend_data", JSON.stringify(went)); });
</script><body>`

// TestAPackageCanNotReachTheSiteInABrowser tries a hostile one, with an address of its own and without.
func TestAPackageCanNotReachTheSiteInABrowser(t *testing.T) {
	for name, alone := range map[string]bool{"own address": false, "sandbox": true} {
		t.Run(name, func(t *testing.T) {
			h := openTheatre(t, alone)
			h.withPackage(func(p *learning.Package) { p.Launch = "x.html?site=" + url.QueryEscape(h.home) }, "x.html", hostile)
			h.begin()
			a := h.until("the report", func(a *scorm.Attempt) bool { return a.Kept.CMI.Suspend != "" })
			var went map[string]string
			h.must(json.Unmarshal([]byte(a.Kept.CMI.Suspend), &went))
			if len(went) != 20 && len(went) != 19 {
				t.Errorf("%d things were tried: %v", len(went), went)
			}
			for what, how := range went {
				if how != "refused" {
					t.Errorf("%s: %s", what, how)
				}
			}
			if a.Kept.CMI.Status == "passed" || a.State == scorm.Done {
				t.Errorf("words that were not of the player were kept: %+v", a.Kept)
			}
			var at, foot string
			h.must(chromedp.Run(h.ctx, chromedp.Location(&at), chromedp.Text("footer.foot", &foot, chromedp.ByQuery)))
			if at != h.home+"/en"+gameAt || foot == "" {
				t.Errorf("it led the page to %s", at)
			}
			all, err := chromedp.Targets(h.ctx)
			h.must(err)
			for _, i := range all {
				if i.Type == "page" && strings.HasPrefix(i.URL, h.home) && i.URL != at {
					t.Errorf("it opened %s", i.URL)
				}
			}
			h.mu.Lock()
			for _, f := range h.foreign {
				if !alone || !strings.HasPrefix(f, "GET /packages/") && !strings.HasPrefix(f, "POST /packages/end ") || strings.Contains(f, "ustaz") {
					t.Errorf("the site was asked: %s", f)
				}
			}
			h.mu.Unlock()
			// Whoever plays it is still signed in, also by the cookies that the browser has now.
			var title string
			h.must(chromedp.Run(h.ctx, chromedp.Navigate(h.home+"/en/my/courses"), chromedp.Title(&title)))
			if !strings.Contains(title, "courses") {
				t.Errorf("afterwards the site says %q", title)
			}
		})
	}
}

// TestThePageOfAPackageInABrowser in a browser: on a desk and a phone, for axe, and in the whole window.
func TestThePageOfAPackageInABrowser(t *testing.T) {
	h := openTheatre(t, false)
	h.withPackage(nil, "index.html", own12)
	h.begin()
	h.until("the first words", func(a *scorm.Attempt) bool { return a.Kept.CMI.Suspend != "" })
	for _, screen := range testchrome.Screens {
		v := testchrome.NewViewer(t, h.home, screen)
		for name, value := range h.viewer.cookies {
			h.must(chromedp.Run(v.Ctx, network.SetCookie(name, value).WithURL(h.home)))
		}
		h.Clock.Move(time.Second)
		v.Look("package", "/en"+gameAt, nil, chromedp.WaitReady(".player[data-heard]", chromedp.ByQuery))
		var high, whole float64
		h.must(chromedp.Run(v.Ctx, chromedp.Evaluate(`document.querySelector(".player iframe").getBoundingClientRect().height / innerHeight`, &high),
			chromedp.Click("[data-whole]", chromedp.ByQuery), chromedp.Evaluate(`document.querySelector(".player").getBoundingClientRect().height / innerHeight`, &whole)))
		if high < 0.69 || whole < 0.99 {
			t.Errorf("%s: the frame takes %.2f of the window, and %.2f of the whole", screen.Name, high, whole)
		}
		var back string
		h.must(chromedp.Run(v.Ctx, chromedp.Text("[data-whole]", &back, chromedp.ByQuery), chromedp.Click("[data-whole]", chromedp.ByQuery)))
		if back != "Back to the page" {
			t.Errorf("the way back is called %q", back)
		}
	}
	silent := testchrome.New(t, testchrome.NoJavaScript())
	for name, value := range h.viewer.cookies {
		h.must(chromedp.Run(silent, network.SetCookie(name, value).WithURL(h.home)))
	}
	var says string
	h.must(chromedp.Run(silent, chromedp.Navigate(h.home+"/en"+gameAt), chromedp.Text("main", &says, chromedp.ByQuery)))
	if !strings.Contains(says, "This lesson works with JavaScript") {
		t.Errorf("without scripts: %q", says)
	}
}

// shared are real packages, where they lie beside the project.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../../../shared/data/courses", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real package is not here: %v; TestPackagesArePlayedInABrowser plays our own", err)
	}
	return path
}

// bring imports a real package into a course, as its author does, and publishes it.
func (h *theatre) bring(path string) []learning.Lesson {
	h.t.Helper()
	f, err := os.Open(path)
	h.must(err)
	defer f.Close()
	info, err := f.Stat()
	h.must(err)
	found, err := cartridge.Read(f, info.Size(), "kk")
	h.must(err)
	editor := h.Subject(h.t, map[person.Field]string{person.Email: "editor@mysal.kz"})
	h.Hire(h.t, editor, "editor", "Р. Е.")
	h.withPackage(nil, "index.html", "")
	ctx := h.t.Context()
	s := authoring.New(h.DB, h.media)
	h.must(s.Open(ctx, editor, gameSlug))
	ids, err := s.AddPackage(ctx, editor, gameSlug, found, "", 20)
	h.must(err)
	d, err := s.Draft(ctx, gameSlug)
	h.must(err)
	_, err = s.Publish(ctx, editor, gameSlug, d.Changes, "")
	h.must(err)
	c, err := learning.Get(ctx, h.DB, gameSlug)
	h.must(err)
	var out []learning.Lesson
	for _, l := range c.Lessons {
		if slices.Contains(ids, l.ID) {
			out = append(out, l)
		}
	}
	return out
}

// become puts a brought lesson in the place of the one that the tests play.
func (h *theatre) become(l learning.Lesson) {
	h.t.Helper()
	c, err := learning.Whole(h.t.Context(), h.DB, gameSlug)
	h.must(err)
	l.ID = gameLesson
	l.Body = map[string]string{}
	c.Lessons = append(c.Lessons[:1], l)
	h.must(h.DB.Write(h.t.Context(), func(x *db.Tx) error { return learning.Put(x, c) }))
}

// right answers every question of the examples' quiz: each right answer is marked in the page.
const right = `(() => {
	for (const a of document.querySelectorAll(".correctAnswer")) {
		const input = a.querySelector("input");
		if (input.type === "radio") input.checked = true; else input.value = a.textContent.match(/\((.*)\)/)[1];
	}
	SubmitAnswers();
	return document.querySelector("#test h3").textContent;
})()`

// TestARealPackageOf2004InABrowser: fifteen pages in a frame of its first page, which is told the score by the last; and gone on with afterwards.
func TestARealPackageOf2004InABrowser(t *testing.T) {
	path := shared(t, "scorm2004_golf.zip")
	for name, alone := range map[string]bool{"own address": false, "sandbox": true} {
		t.Run(name, func(t *testing.T) {
			h := openTheatre(t, alone)
			lessons := h.bring(path)
			if len(lessons) != 1 || lessons[0].Package.Version != learning.SCORM2004 || !lessons[0].Package.Frames || lessons[0].Words["kk"] != "Golf Explained" {
				t.Fatalf("%+v", lessons)
			}
			h.become(lessons[0])
			h.begin()
			h.until("its beginning", func(a *scorm.Attempt) bool { return a.Kept.CMI.Status == "incomplete" })
			for range 14 { // each page is there before the next one is turned to
				h.in("launchpage.html", `new Promise((there) => { document.getElementById("contentFrame").onload = () => there(1); doNext(); })`, nil)
			}
			h.settles("assessmenttemplate.html", `document.querySelector("#test input[type=button]")`)
			var said string
			if h.in("assessmenttemplate.html", right, &said); said != "Score: 100" {
				t.Errorf("the quiz says %q", said)
			}
			a := h.until("its end", func(a *scorm.Attempt) bool { return a.Kept.CMI.Success == "passed" && a.Kept.CMI.Status == "completed" })
			if c := a.Kept.CMI; c.Score.Raw != "100" || c.Score.Scaled != "1" || a.State != scorm.Done || *a.Kept.Best != 100 || c.Location != "14" {
				t.Errorf("%+v", a.Kept)
			}
			h.must(chromedp.Run(h.ctx, chromedp.Navigate(h.home+"/en"+gameCourse)))
			h.until("its last words", func(a *scorm.Attempt) bool { return a.Kept.CMI.Time != "" && a.Kept.CMI.Time != "PT0S" })
			h.viewer.open("/en"+gameAt).says("You have done this lesson", "100 %")
			h.show()
			h.settles("launchpage.html", "currentPage === 14")
		})
	}
}

// TestARealPackageOf12InABrowser: nine lessons of one package, each played to its end, which comes when its window goes. By what it calls, of a test only that it was
// finished is told, and no score.
func TestARealPackageOf12InABrowser(t *testing.T) {
	path := shared(t, "scorm12_golf.zip")
	for name, alone := range map[string]bool{"own address": false, "sandbox": true} {
		t.Run(name, func(t *testing.T) {
			h := openTheatre(t, alone)
			lessons := h.bring(path)
			if len(lessons) != 9 || lessons[5].Package.Version != learning.SCORM12 || lessons[5].Words["kk"] != "Playing Golf Quiz" || lessons[5].Package.Launch != "shared/assessmenttemplate.html?questions=Playing" ||
				lessons[0].Package.Token != lessons[8].Package.Token {
				t.Fatalf("%+v", lessons)
			}
			h.become(lessons[5])
			h.begin()
			h.settles("assessmenttemplate.html", `document.querySelector("#test input[type=button]")`)
			var said string
			if h.in("assessmenttemplate.html", right, &said); said != "Score: 100" {
				t.Errorf("the quiz says %q", said)
			}
			h.must(chromedp.Run(h.ctx, chromedp.Navigate(h.home+"/en"+gameCourse), chromedp.WaitReady(".lessons", chromedp.ByQuery)))
			if a := h.until("its end", func(a *scorm.Attempt) bool { return a.State == scorm.Done }); a.Kept.CMI.Status != "completed" || a.Kept.Best != nil {
				t.Errorf("%+v", a.Kept)
			}
		})
	}
}
