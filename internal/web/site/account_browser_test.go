package site

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ustaz/internal/desk"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/task"
	"ustaz/internal/testchrome"
)

// TestOwnPagesInABrowser holds the pages of a person's own against axe, on a desk in the light and on a phone in the dark. Pages that come
// only as the answer to a form are shown as they were answered.
func TestOwnPagesInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	home := "http://" + server.Listener.Addr().String()
	w := openWorld(t, home)
	answers := map[string]string{}
	mux := http.NewServeMux()
	mux.Handle("/", w.frame)
	mux.HandleFunc("/{lang}/answer/{name}", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		if _, err := rw.Write([]byte(answers[r.PathValue("name")])); err != nil {
			t.Error(err)
		}
	})
	server.Config.Handler = mux
	server.Start()
	defer server.Close()

	b := w.signUp("kk", ayaEmail)
	guest := w.walker().open("/ru/register")
	answers["phrase"] = guest.fill("/register", "surname", ayaSurname, "phrase", "1").body
	_, values := guest.form("/register")
	w.secrets = append(w.secrets, values.Get("password"))
	answers["faults"] = guest.fill("/register", "email", "aya@", "visible", "-").body
	answers["place"] = b.open("/kk/my/profile").fill("/my/profile", "place", "Абай", "iin", ayaIIN, "declared", "1").body
	answers["saved"] = b.fill("/my/profile", "place_choice", "103200000", "iin", ayaIIN, "declared", "1").body
	b.open("/kk/my/profile").fill("/my/profile", "phone", "8 702 765 43 21", "iin_remove", "1", "declared", "1").is(200, "/kk/my/profile")
	b.fill("/my/profile", "phone", "8 702 765 43 22", "declared", "1").is(200, "/kk/my/profile")
	w.secrets = append(w.secrets, "+77027654321", "+77027654322", "702 765 43 21", "702 765 43 22")
	answers["secret"] = b.open("/kk/my/security/factor").fill("/factor/begin").body
	answers["wrong"] = b.fill("/security/factor", "code", "1").body
	second := w.signUp("en", "second.canary@mysal.kz")
	w.newer("77")
	answers["choice"] = second.open("/en/my").body
	answers["declined"] = second.send(http.MethodPost, "/en/consent", url.Values{"answer": {"declined"}, "edition": {formEdition(second)}}).body
	b.open("/kk/consent").fill("/consent").is(200, "/kk/my")
	b.publish("surname", "given_name")
	answers["public"] = b.body
	permission := "/my/data/permissions/" + person.ID(givePermission(b).ID).String()
	answers["permission"] = b.open("/kk" + permission).body
	w.secrets = append(w.secrets, permissionText)
	public := "/p/" + w.signUp("ru", "third.canary@mysal.kz").publish("surname", "given_name")
	b.open("/kk/my/request/claim").upload("/request/claim", map[string]string{"талап және оның негіздері.pdf": aPDF}, "words", "Сертификат берілмеді.")
	w.must(w.deps.Cases.Answer(t.Context(), w.officer(), b.numberOf(), desk.Granted, "", caseWords("Беріледі.")))
	course, lessons := w.withCourse()
	b.open("/kk" + course).fill(course + "/begin")
	b.open("/kk" + lessons[0]).fill(lessons[0] + "/read")
	answers["lesson"] = b.open("/kk" + lessons[1]).body
	answers["begun"] = b.open("/kk" + course).body
	answers["leave"] = b.open("/kk" + course + "/leave").body
	exams, test := w.withTest(func(c *learning.Course) { c.Lessons[1].Test.Review = learning.ReviewAlways })
	b.open("/kk" + exams).fill(exams + "/begin")
	attempt := b.attempt("kk", test)
	for place, answer := range []url.Values{{"choice": {"0"}}, {"choice": {"0"}}, {"truth": {"false"}}, {"text": {"41"}}, {"text": {"Алматы"}}, {"match.0": {"1"}, "match.1": {"1"}}, {"place.0": {"2"}, "place.1": {"1"}}, {"gap.0": {"Алматы"}, "gap.1": {"0"}}} {
		at := attempt + "/" + strconv.Itoa(place+1)
		b.send(http.MethodPost, at, with(answer, "to", strconv.Itoa(place+1)))
		answers["test-"+strconv.Itoa(place+1)] = b.body
	}
	answers["test-wrong"] = b.send(http.MethodPost, attempt+"/4", with(url.Values{"text": {"қырық"}}, "to", "after")).body
	answers["test-end"] = b.open(attempt + "/end").body
	answers["test-failed"] = b.fill("/end").body
	answers["test"] = b.open("/kk" + test).body
	works, lesson := w.withTask()
	b.open("/kk" + works).fill(works + "/begin")
	answers["task-begin"] = b.open("/kk" + lesson).body
	answers["task-text"] = b.fill(lesson + "/task").body
	work := b.at
	answers["task-wrong"] = b.fill("/"+work[strings.LastIndexByte(work, '/')+1:], "text", ownText).upload("/files", map[string]string{"a.html": "a"}).body
	answers["task-files"] = b.open(work+"/files").upload("/files", map[string]string{ownFile: "Сурет"}).body
	answers["task-end"] = b.open(work + "/end").body
	b.fill("/end")
	w.judged(work[strings.LastIndexByte(work, '/')+1:], task.Verdict{Points: []int{1, 1}, Words: []string{"", "Тапсырма аз"}, Said: "Қайта жазыңыз."})
	answers["task-done"] = b.open(work).body
	help := strings.TrimPrefix(w.helped(b), "/kk")
	w.secrets = append(w.secrets, askedForHelp)
	answers["ticket-new"] = b.open("/kk/my/tickets/new").upload("/tickets/new", map[string]string{"a.zip": "PK"}, "words", "Кіре алмаймын").body
	answers["foryou"] = w.forAya(b).open("/kk/my/for-you").body
	answers["forget"] = b.open("/kk/my/data/earlier/phone").body
	b.open("/kk/my/block").fill("/my/block", "words", "Тегім қате жазылған.", "doubted", "surname")
	answers["claim"] = guest.open("/ru/claim").upload("/claim", map[string]string{"a.zip": "PK"}, "surname", "Данаева").body
	w.Clock.Move(time.Minute)

	const signedIn = "" // from here on
	pages := []string{"/register", "/register/sent", "/register/declined", public, "/sign-in", "/sign-in/check", "/password/forgotten", "/claim", "/representative", "/certificate",
		"/filed?number=2026-1&kind=claim"}
	pages = append(pages, lessons[2], course)
	for name := range answers {
		pages = append(pages, "/answer/"+name)
	}
	slices.Sort(pages)
	pages = append(pages, signedIn, "/my", "/my/profile", "/my/data", "/my/data/earlier", "/my/data/proof/1", "/my/data/print", "/my/security", "/my/security/password", "/my/security/email",
		"/my/security/factor", "/my/deletion", "/consent", "/again", "/my/cases", "/my/cases/2026-1", "/my/cases/2026-2", "/my/cases/2026-2/take-back", "/my/request",
		"/my/request/copy", "/my/block", "/my/withdrawal")
	pages = append(pages, "/help", "/my/tickets", help, "/my/courses", "/my/data/public", "/my/data/public/preview?fields=surname", "/my/data/permissions", "/my/data/permissions/new", permission)
	onAPhone := pages
	if !testchrome.Pictured() { // what looks another way there
		onAPhone = []string{"/answer/test-6", "/answer/test-8", "/answer/test-failed", "/answer/faults", "/answer/lesson", "/answer/begun", "/answer/foryou", "/answer/place", "/answer/secret", "/answer/choice", signedIn, "/my", "/my/data", "/my/data/earlier", "/my/data/proof/1", "/my/security", "/help", help, "/my/cases", "/my/cases/2026-1",
			"/my/request", "/my/request/copy", "/my/withdrawal"}
	}
	for screen, pages := range [][]string{pages, onAPhone} {
		t.Run(testchrome.Screens[screen].Name, func(t *testing.T) {
			v := testchrome.NewViewer(t, home, testchrome.Screens[screen])
			for i, page := range pages {
				if page == signedIn {
					for name, value := range b.cookies {
						w.must(chromedp.Run(v.Ctx, network.SetCookie(name, value).WithURL(home)))
					}
					continue
				}
				path := "/" + languageOf(i+screen) + page
				name, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "-"), "?")
				v.Look(name, path, nil)
				var at, title string
				w.must(chromedp.Run(v.Ctx, chromedp.Location(&at), chromedp.Title(&title)))
				if at != home+path || title == "" {
					t.Errorf("%s led to %s, %q", path, at, title)
				}
				for _, value := range []string{ayaSurname, ayaGiven, ayaEmail} {
					if strings.Contains(title, value) {
						t.Errorf("the title of %s says who reads it", path)
					}
				}
			}
			v.Quiet()
		})
	}
}

func formEdition(b *walker) string {
	_, values := b.form("/consent")
	return values.Get("edition")
}
