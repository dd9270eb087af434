package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

func okay(w http.ResponseWriter, r *Request) error { return r.Text(w, "ok") }

func fails(err error) Handler { return func(http.ResponseWriter, *Request) error { return err } }

func frame(t testing.TB, routes ...Route) *Frame {
	t.Helper()
	f, err := New(SampleConfig(t, routes...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// ask sends a request: "GET /kk/", headers in pairs.
func ask(f http.Handler, line, body string, headers ...string) *httptest.ResponseRecorder {
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func TestBadRoutesDoNotStart(t *testing.T) {
	good := Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(), Handle: okay}
	for name, spoil := range map[string]func(*Route){
		"no access":          func(r *Route) { r.Access = Access{} },
		"staff without role": func(r *Route) { r.Access = Staff() },
		"role of no staff":   func(r *Route) { r.Access = Staff(policy.Self) },
		"method":             func(r *Route) { r.Method = "PUT" },
		"no handler":         func(r *Route) { r.Handle = nil },
		"twice":              func(r *Route) { r.Pattern = PathCookies },
	} {
		route := good
		spoil(&route)
		if _, err := New(SampleConfig(t, route)); err == nil {
			t.Errorf("%s: started", name)
		}
	}
	if _, err := New(SampleConfig(t, good)); err != nil {
		t.Error(err)
	}
}

// TestAccess asks each kind of route as each kind of reader. A GET that lacks one step is led to that step.
func TestAccess(t *testing.T) {
	accesses := map[string]Access{"public": Public(), "signed in": SignedIn(), "consented": Consented(), "support": Staff(policy.SupportR), "officer": Staff(policy.Officer)}
	var routes []Route
	for name, a := range accesses {
		at := "/{lang}/" + strings.ReplaceAll(name, " ", "-")
		routes = append(routes, Route{Method: "GET", Pattern: at, Access: a, Handle: okay}, Route{Method: "POST", Pattern: at, Access: a, Handle: okay})
	}
	for _, p := range []string{PathSignIn, PathConsent, PathSecondFactor} {
		routes = append(routes, Route{Method: "GET", Pattern: p, Access: Public(), Handle: okay})
	}
	f := frame(t, routes...)
	signIn, consent, second := "/kk/sign-in?next=", "/kk/consent", "/kk/second-factor"
	for _, tc := range []struct {
		viewer, access string
		get, post      int
		to             string
	}{
		{"", "public", 200, 200, ""},
		{"", "signed-in", 303, 401, signIn},
		{"", "consented", 303, 401, signIn},
		{"", "support", 303, 401, signIn},
		{"teacher", "public", 200, 200, ""},
		{"teacher", "signed-in", 200, 200, ""},
		{"teacher", "consented", 200, 200, ""},
		{"teacher", "support", 403, 403, ""},
		{"declined", "signed-in", 200, 200, ""},
		{"declined", "consented", 303, 403, consent},
		{"declined", "officer", 403, 403, ""},
		{"support", "support", 200, 200, ""},
		{"support", "officer", 403, 403, ""},
		{"support without a second factor", "support", 303, 403, second},
		{"support without a second factor", "officer", 403, 403, ""},
		{"database down", "public", 200, 200, ""},
		{"database down", "signed-in", 503, 503, ""},
		{"database down", "support", 503, 503, ""},
	} {
		w := ask(f, "GET /kk/"+tc.access, "", "Test-Viewer", tc.viewer)
		if w.Code != tc.get || !strings.HasPrefix(w.Header().Get("Location"), tc.to) {
			t.Errorf("GET %s as %q: %d %s, want %d %s", tc.access, tc.viewer, w.Code, w.Header().Get("Location"), tc.get, tc.to)
		}
		if w := ask(f, "POST /kk/"+tc.access, "a=b", "Test-Viewer", tc.viewer); w.Code != tc.post {
			t.Errorf("POST %s as %q: %d, want %d", tc.access, tc.viewer, w.Code, tc.post)
		}
	}
	if got := ask(f, "GET /kk/signed-in?page=2", "").Header().Get("Location"); got != "/kk/sign-in?next=%2Fkk%2Fsigned-in%3Fpage%3D2" {
		t.Errorf("led to %s", got)
	}
}

func TestCaching(t *testing.T) {
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/my", Access: SignedIn(), Handle: okay})
	for _, tc := range []struct{ line, viewer, want string }{
		{"GET /kk/cookies", "", "no-cache"},
		{"GET /kk/cookies", "teacher", "no-store"},
		{"GET /kk/my", "teacher", "no-store"},
		{"GET /kk/missing", "", "no-store"},
	} {
		w := ask(f, tc.line, "", "Test-Viewer", tc.viewer)
		if got := w.Header().Get("Cache-Control"); got != tc.want {
			t.Errorf("%s as %q: %q, want %q", tc.line, tc.viewer, got, tc.want)
		}
		if !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), "Cookie") {
			t.Errorf("%s does not vary with the cookie", tc.line)
		}
	}
}

func TestAddressesWithoutLanguage(t *testing.T) {
	f := frame(t)
	for _, tc := range []struct {
		line, accept, want string
		code               int
	}{
		{"GET /", "", "/kk/", 302},
		{"GET /", "ru-RU,ru", "/ru/", 302},
		{"GET /policy", "de", "/en/policy", 302},
		{"GET /kk", "", "/kk/", 308},
		{"GET /favicon.ico", "", frame(t).assets.names["icon.svg"], 302},
		{"GET /kz/policy", "", "", 404},
		{"GET /en/nothing", "", "", 404},
		{"POST /en/cookies", "", "", 405},
		{"TRACE /en/cookies", "", "", 405},
		{"GET /assets/", "", "", 404},
		{"GET /assets/style.css", "", "", 404},
		{"GET /assets/../frame.go", "", "", 404},
	} {
		w := ask(f, tc.line, "", "Accept-Language", tc.accept)
		if w.Code != tc.code || w.Header().Get("Location") != tc.want {
			t.Errorf("%s: %d %q, want %d %q", tc.line, w.Code, w.Header().Get("Location"), tc.code, tc.want)
		}
		if tc.code >= 400 && !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s: no page", tc.line)
		}
	}
	if got := ask(f, "POST /en/cookies", "").Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow is %q", got)
	}
}

func TestErrorsAreShownByKind(t *testing.T) {
	cause := errors.New("dial tcp 10.0.0.5:5432: surname Бөлекбаева")
	for kind, status := range map[errs.Kind]int{errs.Internal: 500, errs.Invalid: 422, errs.Unauthenticated: 401, errs.Forbidden: 403, errs.NotFound: 404,
		errs.Conflict: 409, errs.Gone: 410, errs.TooMany: 429, errs.TooLarge: 413, errs.Unavailable: 503} {
		f := frame(t, Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(),
			Handle: fails(errs.Wrap(kind, "error.notfound", cause).By("6.2.4").With("seconds", "30"))})
		w := ask(f, "GET /ru/x", "")
		page := w.Body.String()
		if w.Code != status {
			t.Errorf("%v: %d, want %d", kind, w.Code, status)
		}
		if strings.Contains(page, "10.0.0.5") || strings.Contains(page, "Бөлекбаева") {
			t.Errorf("%v: the cause is shown", kind)
		}
		if !strings.Contains(page, `href="/ru/policy#c6.2.4"`) || !strings.Contains(page, "Такой страницы нет") || !strings.Contains(page, "<code>") {
			t.Errorf("%v: clause, words or reference are missing", kind)
		}
		if (w.Header().Get("Retry-After") == "30") != (kind == errs.TooMany) {
			t.Errorf("%v: Retry-After %q", kind, w.Header().Get("Retry-After"))
		}
	}
}

func TestTheLogHasKindsAndNoValues(t *testing.T) {
	var lines bytes.Buffer
	c := SampleConfig(t,
		Route{Method: "GET", Pattern: "/{lang}/people/{id}", Access: Public(), Handle: fails(errs.New(errs.Forbidden, "error.forbidden"))},
		Route{Method: "GET", Pattern: "/{lang}/broken/{id}", Access: Public(), Handle: func(http.ResponseWriter, *Request) error { panic("Бөлекбаева") }},
		Route{Method: "GET", Pattern: "/{lang}/nil/{id}", Access: Public(), Handle: func(http.ResponseWriter, *Request) error { var p *Plot; p.Title = ""; return nil }})
	c.Log = slog.New(slog.NewJSONHandler(&lines, nil))
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		line string
		code int
		want []string
	}{
		{"GET /kk/people/secret-id?q=secret-query", 403, []string{`"route":"/{lang}/people/{id}"`, `"status":403`, `"kind":"forbidden"`, `"level":"INFO"`}},
		{"GET /kk/broken/secret-id", 500, []string{`"kind":"internal"`, `"level":"ERROR"`, "panic (string)", "TestTheLogHasKindsAndNoValues"}},
		{"GET /kk/nil/secret-id", 500, []string{"nil pointer dereference"}},
		{"GET /secret-id", 404, []string{`"route":"none"`, `"kind":"not_found"`}},
		{"secret-verb /kk/people/1", 405, []string{`"method":"other"`}},
	} {
		lines.Reset()
		w := ask(f, tc.line, "", "Cookie", "ustaz=secret-cookie", "User-Agent", "secret-agent")
		line := lines.String()
		if w.Code != tc.code {
			t.Errorf("%s: %d, want %d", tc.line, w.Code, tc.code)
		}
		if strings.Count(line, "\n") != 1 {
			t.Errorf("%s: %d records", tc.line, strings.Count(line, "\n"))
		}
		for _, want := range tc.want {
			if !strings.Contains(line, want) {
				t.Errorf("%s: no %s in %s", tc.line, want, line)
			}
		}
		for _, never := range []string{"secret-", "Бөлекбаева", "192.0.2.1"} {
			if strings.Contains(line, never) {
				t.Errorf("%s: %s stands in %s", tc.line, never, line)
			}
		}
		if strings.Contains(w.Body.String(), "Бөлекбаева") {
			t.Errorf("%s: what the panic said is shown", tc.line)
		}
	}
}

// TestAnErrorWhileShowingAnError gets the page that was rendered at the start.
func TestAnErrorWhileShowingAnError(t *testing.T) {
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(), Handle: fails(errors.New("first"))})
	f.failure = &View[failurePage]{set: f.set, name: "gone.html"}
	w := ask(f, "GET /kk/x", "")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "Қате болды") || !strings.Contains(w.Body.String(), "</html>") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAPageThatFailsSendsNothingOfItself(t *testing.T) {
	set := NewSet(templateFiles, "templates/frame/*.html")
	half := AddView[struct{}](set, "failure.html") // lacks the fields that the template wants
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		return half.Send(w, r, Head{}, struct{}{})
	}})
	w := ask(f, "GET /en/x", "")
	if w.Code != 500 || strings.Count(w.Body.String(), "<h1>") != 1 || !strings.Contains(w.Body.String(), "Something went wrong") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestForeignFormsAreRefused(t *testing.T) {
	f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), Handle: okay})
	for _, tc := range []struct {
		name string
		code int
		head []string
	}{
		{"own page", 200, []string{"Sec-Fetch-Site", "same-origin"}},
		{"typed address", 200, []string{"Sec-Fetch-Site", "none"}},
		{"another site", 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"a neighbour host", 403, []string{"Sec-Fetch-Site", "same-site"}},
		{"old browser, another site", 403, []string{"Origin", "https://evil.example"}},
		{"old browser, own page behind a front server", 200, []string{"Origin", "https://ustaz.example"}},
		{"hidden origin", 403, []string{"Origin", "null"}},
	} {
		w := ask(f, "POST /kk/x", "a=b", tc.head...)
		if w.Code != tc.code {
			t.Errorf("%s: %d, want %d", tc.name, w.Code, tc.code)
		}
		if tc.code == 403 && !strings.Contains(w.Body.String(), "біздің беттен жіберілмеген") {
			t.Errorf("%s: no words of ours", tc.name)
		}
	}
}

func TestHeadersFollowTheScheme(t *testing.T) {
	for public, want := range map[string][3]string{
		"https://ustaz.example":   {"no-referrer", "max-age=63072000; includeSubDomains", "same-origin"},
		"http://localhost:8080":   {"same-origin", "", "same-origin"},
		"http://127.0.0.1:8080":   {"same-origin", "", "same-origin"},
		"http://192.168.1.5:8080": {"same-origin", "", ""},
	} {
		u, err := url.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		h := ask(Secure(u, http.NotFoundHandler()), "GET /", "").Header()
		if h.Get("Referrer-Policy") != want[0] || h.Get("Strict-Transport-Security") != want[1] || h.Get("Cross-Origin-Opener-Policy") != want[2] {
			t.Errorf("%s: %v", public, h)
		}
	}
}

func TestForms(t *testing.T) {
	long := strings.Repeat("ә", 257)
	inputs := []Input{Line("a"), Lines("b", 10), Many("c")}
	for _, tc := range []struct {
		name, body string
		want       string // a, b, c joined; or the error's key and its fields
	}{
		{"plain", "a=1&b=2&c=3&c=4", "1 2 3,4"},
		{"empty", "", "  "},
		{"part", "b=2", " 2 "},
		{"Kazakh", "a=" + url.QueryEscape("Әсем Қайратова"), "Әсем Қайратова  "},
		{"lines", "b=x%0D%0Ay", " x\ny "},
		{"unknown name", "a=1&z=2", "error.form"},
		{"twice", "a=1&a=2", "error.form"},
		{"no UTF-8", "a=%FF", "error.form"},
		{"broken escape", "a=%zz", "error.form"},
		{"semicolon", "a=1;b=2", "error.form"},
		{"NUL", "a=x%00", "error.fields a:error.control"},
		{"line break in a line", "a=x%0Ay", "error.fields a:error.control"},
		{"escape in lines", "b=%1B%5B", "error.fields b:error.control"},
		{"too long", "a=" + url.QueryEscape(long), "error.fields a:error.long"},
		{"just long enough", "a=" + url.QueryEscape(long[2:]), long[2:] + "  "},
		{"both", "a=%00&b=12345678901", "error.fields a:error.control b:error.long"},
		{"too many", strings.Repeat("c=1&", 65) + "c=1", "error.form"},
		{"over the limit", "a=" + strings.Repeat("x", DefaultBody), "error.toolarge"},
	} {
		got := ""
		f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
			sent, err := r.Form(inputs...)
			if err != nil {
				got = errs.As(err).Key
				for _, fault := range errs.As(err).Fields {
					got += " " + fault.Name + ":" + fault.Key
				}
				return r.Text(w, "")
			}
			got = sent.Get("a") + " " + sent.Get("b") + " " + strings.Join(sent.All("c"), ",")
			return r.Text(w, "")
		}})
		ask(f, "POST /kk/x?a=from-the-address", tc.body, "Content-Type", "application/x-www-form-urlencoded")
		if got != tc.want {
			t.Errorf("%s: %.80q, want %.80q", tc.name, got, tc.want)
		}
	}
}

func TestFormWantsAForm(t *testing.T) {
	f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		_, err := r.Form(Line("a"))
		return err
	}})
	for _, kind := range []string{"", "application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencoded; ="} {
		if w := ask(f, "POST /kk/x", "a=1", "Content-Type", kind); w.Code != 422 {
			t.Errorf("%q: %d", kind, w.Code)
		}
	}
}

func FuzzStrict(f *testing.F) {
	for _, s := range []string{"a=1&b=2", "a=%FF", "a=%00", "c=1&c=2", "a", "=", "&&", "a=%E2%80%AE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		form, err := strict(values, []Input{Line("a"), Lines("b", 8), Many("c")})
		if err != nil {
			return
		}
		if again, err := url.ParseQuery(url.Values(form.values).Encode()); err != nil || len(again) != len(form.values) {
			t.Errorf("%q: what was accepted does not come back: %v", query, err)
		}
		if strings.ContainsAny(form.Get("a"), "\x00\n\r\x1b") || len(form.All("a")) > 1 {
			t.Errorf("%q was accepted", query)
		}
	})
}

func TestNextStaysHere(t *testing.T) {
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/my/{part}", Access: SignedIn(), Handle: okay}, Route{Method: "POST", Pattern: "/{lang}/go", Access: SignedIn(), Handle: okay})
	r := &Request{Request: httptest.NewRequest("GET", "/ru/sign-in", nil), Lang: f.Catalog.Lang("ru"), frame: f}
	for asked, want := range map[string]string{
		"/ru/my/data":                  "/ru/my/data",
		"/kk/my/data?page=2":           "/kk/my/data?page=2",
		"":                             "/ru/my",
		"https://evil.example/ru/my/x": "/ru/my",
		"//evil.example/ru/my/x":       "/ru/my",
		"/\\evil.example":              "/ru/my",
		"/ru/my/x\\..\\..":             "/ru/my",
		"\t//evil.example":             "/ru/my",
		"javascript:alert(1)":          "/ru/my",
		"/ru/go":                       "/ru/my", // only takes forms
		"/ru/nothing":                  "/ru/my",
		"/assets/style.css":            "/ru/my",
		"/ru/my/data#x":                "/ru/my",
		"ru/my/data":                   "/ru/my",
	} {
		if got := r.Next(asked); got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
}

func FuzzNext(f *testing.F) {
	for _, s := range []string{"/kk/my", "//x", "/\\x", "/kk//x", "http:x", "/kk/cookies?a=\n", "/kk/cookies/../../x"} {
		f.Add(s)
	}
	site := frame(f, Route{Method: "GET", Pattern: "/{lang}/my/{part}", Access: SignedIn(), Handle: okay})
	r := &Request{Request: httptest.NewRequest("GET", "/ru/sign-in", nil), Lang: site.Catalog.Lang("ru"), frame: site}
	base := &url.URL{Scheme: "https", Host: "ustaz.example", Path: "/kk/sign-in"}
	f.Fuzz(func(t *testing.T, asked string) {
		got := r.Next(asked)
		to, err := url.Parse(got)
		if err != nil || base.ResolveReference(to).Host != base.Host || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got[1:], "\\\r\n\t") {
			t.Errorf("%q leads to %q", asked, got)
		}
	})
}

func TestLanguageSwitchKeepsThePage(t *testing.T) {
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/list/{id}", Access: Public(), Handle: okay}, Route{Method: "POST", Pattern: "/{lang}/list/{id}", Access: Public(), Handle: okay})
	for _, tc := range []struct{ line, want string }{
		{"GET /kk/list/7?page=2&done=saved", "/en/list/7?page=2"},
		{"GET /kk/list/a%20b", "/en/list/a%20b"},
		{"POST /kk/list/7", "/en/list/7"},
		{"POST /kk/list/7?purpose=4.1.7&case=ticket%3A214&done=saved", "/en/list/7?case=ticket%3A214&purpose=4.1.7"},
		{"GET /kk/missing", "/en/"},
		{"GET /missing", "/en/"},
	} {
		method, target, _ := strings.Cut(tc.line, " ")
		hr := httptest.NewRequest(method, target, nil)
		if got := (&Request{Request: hr, Lang: f.langOf(hr), frame: f}).InLang("en"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.line, got, tc.want)
		}
	}
}

func TestDone(t *testing.T) {
	f := frame(t)
	asked := func(query string, headers ...string) bool {
		return strings.Contains(ask(f, "GET /kk/cookies"+query, "", headers...).Body.String(), `role="status"`)
	}
	if !asked("?done=saved") {
		t.Error("a notice of ours is not shown")
	}
	if asked("?done=%3Cb%3E") || asked("?done=") || asked("?done=internal.title") {
		t.Error("words from the address are shown")
	}
	if asked("?done=saved", "Sec-Fetch-Site", "cross-site") {
		t.Error("another site's link puts words into our mouth")
	}
	w := httptest.NewRecorder()
	r := &Request{Request: httptest.NewRequest("POST", "/kk/x", nil), frame: f}
	if err := r.SeeOther(w, "/kk/list?page=2", "saved"); err != nil || w.Code != 303 || w.Header().Get("Location") != "/kk/list?page=2&done=saved" {
		t.Errorf("%v %d %v", err, w.Code, w.Header())
	}
}

func TestCookies(t *testing.T) {
	for public, want := range map[string]string{
		"https://ustaz.example": "__Host-ustaz=token; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax",
		"http://localhost:8080": "ustaz=token; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax",
	} {
		u, err := url.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		c := NewCookies(u)
		w := httptest.NewRecorder()
		c.SetSession(w, secret.New("token"), 400*24*time.Hour)
		if got := w.Header().Get("Set-Cookie"); got != want {
			t.Errorf("%s: %s", public, got)
		}
		r := httptest.NewRequest("GET", "/", nil)
		if _, ok := c.Session(r); ok {
			t.Error("a token out of nothing")
		}
		r.AddCookie(&http.Cookie{Name: c.session(), Value: "token"})
		if got, ok := c.Session(r); !ok || got.Reveal() != "token" {
			t.Error("the token is not read")
		}
		r.AddCookie(&http.Cookie{Name: c.session(), Value: "planted"})
		if _, ok := c.Session(r); ok {
			t.Error("of two tokens one is taken")
		}
		w = httptest.NewRecorder()
		c.ClearSession(w)
		if !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") || w.Header().Get("Clear-Site-Data") == "" {
			t.Errorf("%s: not cleared: %v", public, w.Header())
		}
	}
}

func TestOtherCookiesDoNotLeave(t *testing.T) {
	var lines bytes.Buffer
	c := SampleConfig(t, Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		http.SetCookie(w, &http.Cookie{Name: "tracker", Value: "1"})
		r.Cookies().SetSession(w, secret.New("t"), time.Hour)
		return r.Text(w, "ok")
	}})
	c.Log = slog.New(slog.NewJSONHandler(&lines, nil))
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	got := ask(f, "GET /kk/x", "").Header().Values("Set-Cookie")
	if len(got) != 1 || !strings.HasPrefix(got[0], "__Host-ustaz=") || !strings.Contains(lines.String(), "cookie_refused") {
		t.Errorf("%v %s", got, &lines)
	}
}

func TestCookiePageNamesThemAll(t *testing.T) {
	f := frame(t)
	page := ask(f, "GET /en/cookies", "").Body.String()
	for _, c := range f.cookies.Table() {
		if !strings.Contains(page, c.Name) || !strings.Contains(page, f.Catalog.Lang("en").T(c.Purpose)) || !strings.Contains(page, "30 days") {
			t.Errorf("%s is not explained", c.Name)
		}
	}
}

func TestPacking(t *testing.T) {
	long := strings.Repeat("құпиялылық ", 300)
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error { return r.Text(w, long) }})
	for _, tc := range []struct {
		accept, site string
		packed       bool
	}{
		{"gzip, br", "", true}, {"br;q=1, GZIP ; q=0.5", "", true}, {"", "", false}, {"gzip;q=0", "", false}, {"gzip;q=x", "", false}, {"identity", "", false},
		{"gzip", "cross-site", false}, {"gzip", "same-origin", true},
	} {
		w := ask(f, "GET /kk/x", "", "Accept-Encoding", tc.accept, "Sec-Fetch-Site", tc.site)
		body := io.Reader(w.Body)
		if packed := w.Header().Get("Content-Encoding") == "gzip"; packed != tc.packed {
			t.Errorf("%q %q: packed %v", tc.accept, tc.site, packed)
		} else if packed {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != long {
			t.Errorf("%q: %d bytes, %v", tc.accept, len(got), err)
		}
	}
	if w := ask(f, "HEAD /kk/x", ""); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestAssets(t *testing.T) {
	f := frame(t)
	style, err := f.assets.Address("style.css")
	if err != nil {
		t.Fatal(err)
	}
	w := ask(f, "GET "+style, "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	rest := w.Body.String()
	found := 0
	for {
		_, after, ok := strings.Cut(rest, "url(")
		if !ok {
			break
		}
		at, _, _ := strings.Cut(after, ")")
		if got := ask(f, "GET "+at, ""); got.Code != 200 || got.Body.Len() == 0 {
			t.Errorf("the style names %s: %d", at, got.Code)
		}
		rest, found = after, found+1
	}
	if found < 5 {
		t.Errorf("%d files in the style sheet", found)
	}
	if _, err := f.assets.Address("OFL.txt"); err == nil {
		t.Error("a file of no known kind is served")
	}
	if _, err := f.assets.Address("none.css"); err == nil {
		t.Error("a missing asset has an address")
	}
}

func TestAddress(t *testing.T) {
	f := frame(t)
	f.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, tc := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7:1", "", "203.0.113.7"},
		{"203.0.113.7:1", "198.51.100.1", "203.0.113.7"}, // not ours: not believed
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"}, // the client wrote 1.1.1.1
		{"10.0.0.1:1", "rubbish", "10.0.0.1"},
		{"[::1]:1", "2001:db8::5%eth0", "2001:db8::5"},
		{"[::ffff:10.0.0.1]:1", "198.51.100.1", "198.51.100.1"},
		{"@", "", "invalid IP"},
	} {
		hr := httptest.NewRequest("GET", "/", nil)
		hr.RemoteAddr = tc.remote
		hr.Header.Set("X-Forwarded-For", tc.forwarded)
		if got := (&Request{Request: hr, frame: f}).Address().String(); got != tc.want {
			t.Errorf("%s, %s: %s, want %s", tc.remote, tc.forwarded, got, tc.want)
		}
	}
}

func TestPath(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		pairs   []string
		want    string
	}{
		{PathHome, nil, "/kk/"},
		{PathPolicy, nil, "/kk/policy"},
		{"/{lang}/a/{id}/b/{rest...}", []string{"rest", "r", "id", "x/y z"}, "/kk/a/x%2Fy%20z/b/r"},
		{"/{lang}/a/{id}", []string{"other", "id", "id", "7"}, "/kk/a/7"},
	} {
		if got := Path("kk", tc.pattern, tc.pairs...); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.pattern, got, tc.want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a part without a value makes an address")
		}
	}()
	Path("kk", "/{lang}/a/{id}")
}

// FuzzCookies: whatever a browser sends, at most one token is read, and it is what one cookie of our name held.
func FuzzCookies(f *testing.F) {
	for _, header := range []string{"", "ustaz=t", "ustaz=a; ustaz=b", "__Host-ustaz=t; ustaz=u", `ustaz="q"; x=y`, "ustaz=\x00;;=", "ustaz-device=d; ustaz=t"} {
		f.Add(header)
	}
	public, err := url.Parse("http://localhost:8080")
	if err != nil {
		f.Fatal(err)
	}
	c := NewCookies(public)
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", header)
		token, ok := c.Session(r)
		if ok != (token.Reveal() != "") {
			t.Errorf("%q: read %v, %d bytes", header, ok, len(token.Reveal()))
		}
		if ok && (strings.Count(header, "ustaz=") < 1 || !strings.Contains(header, token.Reveal()) || strings.ContainsAny(token.Reveal(), ";\r\n\x00")) {
			t.Errorf("%q: gives %q", header, token.Reveal())
		}
	})
}
