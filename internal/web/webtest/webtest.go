// Package webtest tries pages and routes in the same ways wherever they are: templates against their structs in every
// language, the HTML that comes out, words that stand in templates and not in the catalogue, and for each route the
// requests that must be refused.
package webtest

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"ustaz/internal/i18n"
	"ustaz/internal/web"
)

// Catalog is the product's catalogue; a missing message or argument fails t.
func Catalog(t testing.TB) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Watched(func(key, what string) { t.Helper(); t.Errorf("message %q: %s", key, what) })
}

// Views executes every view of set in every language with those samples that have its struct's type, and looks at the
// HTML. A sample is made for a language by samples, since pages carry words.
func Views(t *testing.T, set *web.Set, samples func(l i18n.Lang) []any) {
	t.Helper()
	for _, l := range Catalog(t).Langs() {
		err := set.Try(l, samples(l), func(name string, page []byte) {
			for _, fault := range Lint(string(page)) {
				t.Errorf("%s in %s: %s", name, l.Code(), fault)
			}
		})
		if err != nil {
			t.Errorf("%s: %v", l.Code(), err)
		}
	}
}

// Lint lists what is wrong with the HTML of a page: what the strict policy would block, and what readers who listen or
// use the keyboard would stumble over. It takes no browser and finds less than axe does.
func Lint(page string) []string {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	c := check{ids: map[string]int{}, labels: map[string]bool{}}
	c.walk(doc, nil)
	for id, n := range c.ids {
		if n > 1 {
			c.say("id %s stands %d times", id, n)
		}
	}
	for _, id := range c.refs {
		if c.ids[id] == 0 {
			c.say("nothing has the id %s", id)
		}
	}
	for _, id := range c.controls {
		if !c.labels[id] {
			c.say("control %q has no label", id)
		}
	}
	if c.h1 != 1 {
		c.say("%d headings of the first level", c.h1)
	}
	return c.faults
}

var (
	action  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	spoken  = regexp.MustCompile(`(?:aria-label|alt|title|placeholder|content)="([^"]*)"`)
	tag     = regexp.MustCompile(`(?s)<[^>]*>`)
	machine = regexp.MustCompile(`^(?:width=device-width|light dark|telephone=no|noindex|#)`) // of <meta content>
)

// Words fails t for every template of fsys that holds words of its own: they belong in the catalogue. allowed are names
// that are the same in every language.
func Words(t *testing.T, fsys fs.FS, pattern string, allowed ...string) {
	t.Helper()
	names, err := fs.Glob(fsys, pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no templates (%v)", pattern, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range Literals(string(text)) {
			if !slices.Contains(allowed, word) {
				t.Errorf("%s says %q by itself", name, word)
			}
		}
	}
}

// Literals lists the words that a template says by itself, in its text and in attributes that are read aloud.
func Literals(template string) []string {
	bare := action.ReplaceAllString(template, " ")
	var out []string
	for _, m := range spoken.FindAllStringSubmatch(bare, -1) {
		if !machine.MatchString(m[1]) {
			out = append(out, letters(m[1])...)
		}
	}
	return append(out, letters(html.UnescapeString(tag.ReplaceAllString(bare, " ")))...)
}

func letters(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// As makes a request come from somebody.
type As func(*http.Request)

// Refused tries every route in the ways that must fail: nobody signed in, a form from another site, a method it has not,
// and, where it is for staff, each of the others given. An answer of 500 or without the security headers fails too.
// params fills the parts of patterns; what they name need not exist, since nobody gets that far.
func Refused(t *testing.T, site http.Handler, routes []web.Route, teacher As, params map[string]string) {
	t.Helper()
	nobody := As(func(*http.Request) {})
	for _, route := range routes {
		target := address(route.Pattern, params)
		try := func(who string, as As, method string, foreign bool, want ...int) {
			t.Helper()
			r := httptest.NewRequest(method, target, strings.NewReader(""))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			as(r)
			if foreign {
				r.Header.Set("Sec-Fetch-Site", "cross-site")
			}
			w := httptest.NewRecorder()
			site.ServeHTTP(w, r)
			if !slices.Contains(want, w.Code) {
				t.Errorf("%s %s (%s) as %s: %d, want %v", method, route.Pattern, route.Access, who, w.Code, want)
			}
			for _, fault := range Headers(w.Header()) {
				t.Errorf("%s %s as %s: %s", method, route.Pattern, who, fault)
			}
		}
		closed := []int{http.StatusUnauthorized}
		if route.Method == http.MethodGet {
			closed = []int{http.StatusSeeOther, http.StatusUnauthorized}
		}
		if !route.Access.Public() {
			try("nobody", nobody, route.Method, false, closed...)
		}
		if len(route.Access.Roles()) > 0 {
			try("a teacher", teacher, route.Method, false, http.StatusForbidden)
		}
		if route.Method == http.MethodPost {
			try("another site", teacher, http.MethodPost, true, http.StatusForbidden)
		}
		try("nobody", nobody, http.MethodDelete, false, http.StatusMethodNotAllowed)
	}
}

func address(pattern string, params map[string]string) string {
	pairs := []string{}
	for _, part := range strings.Split(pattern, "/") {
		name := strings.Trim(part, "{}.")
		if name == part || name == "lang" || name == "$" {
			continue
		}
		value := params[name]
		if value == "" {
			value = "x"
		}
		pairs = append(pairs, name, value)
	}
	return web.Path("kk", pattern, pairs...)
}

// required are the headers by the names of their standards, written out here so that a slip in the program is not
// repeated by its test.
var required = map[string]string{
	"Content-Security-Policy":      "default-src 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "geolocation=()",
}

// Headers lists the security headers that h lacks (ASVS V3.4).
func Headers(h http.Header) []string {
	var faults []string
	for name, part := range required {
		if v := h.Get(name); v == "" || !strings.Contains(v, part) {
			faults = append(faults, name+" is "+v)
		}
	}
	words := strings.FieldsFunc(h.Get("Content-Security-Policy"), func(r rune) bool { return r == ' ' || r == ';' })
	for _, unsafe := range []string{"'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "data:", "*"} {
		if slices.Contains(words, unsafe) {
			faults = append(faults, "the content policy allows "+unsafe)
		}
	}
	return faults
}

var assetRefs = regexp.MustCompile(`"(/assets/[^"]+)"`)

// Assets lists the files that a page asks for.
func Assets(page string) []string {
	var out []string
	for _, m := range assetRefs.FindAllStringSubmatch(page, -1) {
		out = append(out, m[1])
	}
	return out
}
