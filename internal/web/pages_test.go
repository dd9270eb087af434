package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/web/webtest"
)

func site(t *testing.T, routes ...web.Route) *web.Frame {
	t.Helper()
	f, err := web.New(web.SampleConfig(t, routes...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func get(f http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func TestComponents(t *testing.T) {
	_, set := web.GalleryRoute(t)
	webtest.Views(t, set, func(l i18n.Lang) []any { return []any{web.Gallery(l)} })
}

func TestWholePages(t *testing.T) {
	route, _ := web.GalleryRoute(t)
	c := web.SampleConfig(t, route)
	c.Menu = []web.MenuItem{{Key: "frame.home", Pattern: web.PathHome, Access: web.Public()}}
	f, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range i18n.Codes() {
		for _, who := range []string{"", "teacher", "support"} {
			for _, path := range []string{"/gallery", "/cookies", "/missing"} {
				for _, fault := range webtest.Lint(get(f, "/"+code+path, "Test-Viewer", who).Body.String()) {
					t.Errorf("/%s%s as %q: %s", code, path, who, fault)
				}
			}
		}
	}
}

func TestNoWordsInTemplates(t *testing.T) {
	for _, dir := range []string{"templates/frame", "templates/components"} {
		webtest.Words(t, os.DirFS("."), dir+"/*.html", "Smart", "Ustaz", "staz",
			"required", "aria", "describedby", "invalid", "true") // attributes that stand in a template of their own
	}
	for template, want := range map[string]string{
		`<p class="lead">{{.T "a.b"}}</p>`:               "",
		`<p>Сәлем {{.P.Name}}</p>`:                       "Сәлем",
		`<a aria-label="Home" href="/x">{{.X}}</a>`:      "Home",
		`{{if .P.On}}<b title="{{.T "x"}}">·</b>{{end}}`: "",
		`&laquo;{{.X}}&raquo; &nbsp;1`:                   "",
	} {
		if got := strings.Join(webtest.Literals(template), " "); got != want {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
	}
}

func TestLintFinds(t *testing.T) {
	for page, want := range map[string]string{
		`<h1>a</h1><p style="x">b</p>`:                                "content policy",
		`<h1>a</h1><p onclick="x">b</p>`:                              "content policy",
		`<h1>a</h1><script>x</script>`:                                "content policy",
		`<h1>a</h1><link rel=stylesheet href=/x.css>`:                 "in the body",
		`<h1>a</h1><p id=x></p><p id=x></p>`:                          "stands 2 times",
		`<h1>a</h1><p aria-describedby=y></p>`:                        "nothing has the id y",
		`<h1>a</h1><input id=z>`:                                      "no label",
		`<h1>a</h1><h3>b</h3>`:                                        "<h3> after <h1>",
		`<h2>a</h2>`:                                                  "0 headings",
		`<h1>a</h1><a href="/x"><svg aria-hidden=true></svg></a>`:     "<a> says nothing",
		`<h1>a</h1><a href="https://x.example">b</a>`:                 "leaves with a referrer",
		`<h1>a</h1><img src=x>`:                                       "without alt",
		`<h1>a</h1><svg></svg>`:                                       "not hidden",
		`<h1>a</h1><label for=q>b</label><input id=q><p>all well</p>`: "",
	} {
		got := strings.Join(webtest.Lint(page), "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", page, got, want)
		}
	}
}

func TestEveryRouteRefuses(t *testing.T) {
	ok := func(w http.ResponseWriter, r *web.Request) error { return r.Text(w, "ok") }
	f := site(t,
		web.Route{Method: "GET", Pattern: web.PathSignIn, Access: web.Public(), Handle: ok},
		web.Route{Method: "POST", Pattern: web.PathSignIn, Access: web.Public(), Handle: ok},
		web.Route{Method: "GET", Pattern: "/{lang}/my/data/{field}", Access: web.Consented(), Handle: ok},
		web.Route{Method: "POST", Pattern: "/{lang}/my/block", Access: web.SignedIn(), Handle: ok},
		web.Route{Method: "GET", Pattern: "/{lang}/console/find", Access: web.Staff(policy.SupportR), Handle: ok},
		web.Route{Method: "POST", Pattern: "/{lang}/console/open/{subject}", Access: web.Staff(policy.SupportR, policy.Officer), Handle: ok},
	)
	webtest.Refused(t, f, f.AllRoutes(), func(r *http.Request) { r.Header.Set("Test-Viewer", "teacher") }, nil)
}

// TestFirstPageIsSmall holds 60 KB, fonts apart, for the largest page there is: the gallery.
func TestFirstPageIsSmall(t *testing.T) {
	route, _ := web.GalleryRoute(t)
	f := site(t, route)
	total := 0
	page := get(f, "/kk/gallery").Body.String()
	for _, at := range append(webtest.Assets(page), "/kk/gallery") {
		w := get(f, at, "Accept-Encoding", "gzip")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", at, w.Code)
		}
		if !strings.Contains(at, ".woff2") {
			total += w.Body.Len()
		}
	}
	if total > 60<<10 {
		t.Errorf("%d bytes compressed", total)
	}
	t.Logf("%d bytes compressed", total)
}
