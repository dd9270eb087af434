// Package web is the frame around every page: routes and who may call them, languages, rendering, errors, headers,
// cookies, assets, and the components of which pages are made. It guarantees that
//   - a route without a declared Access does not start, and nobody reaches a handler past its Access;
//   - every answer carries the security headers, every form post comes from our own pages, no other cookie leaves than
//     those of the table (1.1.6), and pages for people who signed in are stored nowhere;
//   - a page is rendered whole before its first byte leaves; an error is shown by its kind and message key, never by
//     its cause, and an error while showing an error still gives a page;
//   - the log has one record a request: the pattern of its route, never an address, a query or a value.
//
// A page is a struct, a template that shows it and a handler. In package site, with pages/*.html embedded as files:
//
//	set := web.NewSet(files, "pages/*.html")
//	home := web.AddView[HomePage](set, "home.html") // then set.Err()
//	web.Route{Method: "GET", Pattern: web.PathHome, Access: web.Public(), Handle: func(w http.ResponseWriter, r *web.Request) error {
//		return home.Send(w, r, web.Head{Title: r.T("home.title")}, HomePage{Courses: n})
//	}}
//
// and in home.html: <h1>{{.T "home.title"}}</h1> <p>{{.T "home.courses" (num "n" .P.Courses)}}</p> {{template "button" .P.Join}}
package web

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// Config is what the frame needs to know. All of it is required but Menu, Proxies and InForce.
type Config struct {
	Public       *url.URL // the address under which people know the site
	Catalog      *i18n.Catalog
	Operator     Operator
	Authenticate Authenticator
	Log          *slog.Logger
	Now          func() time.Time
	Routes       []Route
	Menu         []MenuItem
	Proxies      []netip.Prefix   // of our own front servers, whose X-Forwarded-For is believed
	InForce      func() time.Time // since when the policy in force is so; must not wait. The zero time shows no date
}

// Operator is who runs the site and answers for it (1.1.1).
type Operator struct {
	Name        i18n.Text
	BIN         string // business identification number
	Address     i18n.Text
	Email       string
	Phone       string
	Responsible i18n.Text // the person responsible for personal data, as the order appoints them
}

// MenuItem is a link of the header, shown to those who may follow it.
type MenuItem struct {
	Key     string // message
	Pattern string
	Access  Access
	// Count tells what waits there for the reader; it is shown where it is not 0. May be nil; must be quick, since each page asks.
	Count func(r *Request) (int64, error)
}

// Frame serves the site.
type Frame struct {
	Config
	cookies Cookies
	assets  *Assets
	set     *Set
	layout  *View[layout]
	failure *View[failurePage]
	mux     *http.ServeMux
	handler http.Handler
	last    map[string][]byte // by language: shown when nothing else can be
}

// New checks the configuration and makes the frame. The pages that the frame has itself are the error pages, the page
// about cookies, and the stable addresses / and /policy, which lead to the reader's language.
func New(c Config) (*Frame, error) {
	f := &Frame{Config: c, cookies: NewCookies(c.Public), mux: http.NewServeMux()}
	var err error
	if f.assets, err = LoadAssets(assetFiles, pathAssets); err != nil {
		return nil, err
	}
	f.set = NewSet(templateFiles, "templates/frame/*.html")
	f.layout = AddView[layout](f.set, "layout.html")
	f.failure = AddView[failurePage](f.set, "failure.html")
	cookiePage := AddView[cookiesPage](f.set, "cookies.html")
	if err := f.set.Err(); err != nil {
		return nil, err
	}
	f.Routes = append(slices.Clone(c.Routes),
		Route{Method: http.MethodGet, Pattern: "/{$}", Access: Public(), Handle: stable(PathHome)},
		Route{Method: http.MethodGet, Pattern: "/policy", Access: Public(), Handle: stable(PathPolicy)},
		Route{Method: http.MethodGet, Pattern: "/favicon.ico", Access: Public(), Handle: stable(f.assets.names["icon.svg"])}, // asked for where no page names ours
		Route{Method: http.MethodGet, Pattern: pathAssets + "{file}", Access: Public(), Handle: f.assets.Serve},
		Route{Method: http.MethodGet, Pattern: PathCookies, Access: Public(), Handle: showCookies(cookiePage)},
	)
	seen := map[string]bool{}
	for i := range f.Routes {
		name := f.Routes[i].Method + " " + f.Routes[i].Pattern
		if seen[name] {
			return nil, fmt.Errorf("two routes %s", name)
		}
		seen[name] = true
		if err := f.register(&f.Routes[i]); err != nil {
			return nil, err
		}
	}
	if err := f.renderLast(); err != nil {
		return nil, err
	}
	own := http.NewCrossOriginProtection()
	if err := own.AddTrustedOrigin(c.Public.Scheme + "://" + c.Public.Host); err != nil { // a front server may change Host
		return nil, err
	}
	for _, r := range f.Routes {
		if r.Foreign {
			own.AddInsecureBypassPattern(r.Method + " " + r.Pattern)
		}
	}
	own.SetDenyHandler(f.adapter(nil, func(http.ResponseWriter, *Request) error {
		return errs.New(errs.Forbidden, "error.foreign_form")
	}))
	f.handler = Secure(c.Public, own.Handler(http.HandlerFunc(f.dispatch)))
	return f, nil
}

const langPart = "/{lang}/"

// register puts a route on the mux, once for each language: a pattern with {lang} would stand in conflict with every
// other first part.
func (f *Frame) register(route *Route) error {
	switch {
	case route.Method != http.MethodGet && route.Method != http.MethodPost:
		return fmt.Errorf("route %s: method %q", route.Pattern, route.Method)
	case !route.Access.valid():
		return fmt.Errorf("route %s %s declares no access", route.Method, route.Pattern)
	case route.Handle == nil:
		return fmt.Errorf("route %s %s has no handler", route.Method, route.Pattern)
	}
	if route.MaxBody == 0 {
		route.MaxBody = DefaultBody
	}
	patterns := []string{route.Pattern}
	if rest, ok := strings.CutPrefix(route.Pattern, langPart); ok {
		patterns = nil
		for _, code := range i18n.Codes() {
			patterns = append(patterns, "/"+code+"/"+rest)
		}
	}
	for _, p := range patterns {
		f.mux.Handle(route.Method+" "+p, f.adapter(route, route.Handle))
	}
	return nil
}

// AllRoutes lists every route with its access, so that tests can try each in the same ways.
func (f *Frame) AllRoutes() []Route { return slices.Clone(f.Routes) }

func (f *Frame) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.handler.ServeHTTP(w, r) }

// dispatch keeps the mux's own plain answers from readers: an unknown address and a wrong method get a page.
func (f *Frame) dispatch(w http.ResponseWriter, r *http.Request) {
	builtIn, pattern := f.mux.Handler(r)
	if pattern != "" {
		f.mux.ServeHTTP(w, r)
		return
	}
	if slices.Contains(i18n.Codes(), strings.TrimPrefix(r.URL.Path, "/")) { // /kk
		http.Redirect(w, r, r.URL.Path+"/", http.StatusPermanentRedirect)
		return
	}
	silent := &recorder{ResponseWriter: discard{http.Header{}}}
	builtIn.ServeHTTP(silent, r)
	err := errs.New(errs.NotFound, "error.notfound")
	if silent.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", silent.Header().Get("Allow"))
		err = errs.New(errs.NotFound, "error.method")
	}
	f.adapter(nil, func(http.ResponseWriter, *Request) error { return err }).ServeHTTP(w, r)
}

// shows tells whether a GET of path is one of our pages.
func (f *Frame) shows(path string) bool {
	_, pattern := f.mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Host: f.Public.Host})
	return pattern != "" && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, pathAssets) && !strings.Contains(path, "//")
}

// adapter runs a handler behind its route's access, shows its error, and writes the one record of the log.
// route is nil for answers that belong to no route.
func (f *Frame) adapter(route *Route, handle Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		start := f.Now()
		rec := &recorder{ResponseWriter: w, cookies: f.cookies}
		r := &Request{Request: hr, Lang: f.langOf(hr), Ref: newRef(), Now: start, frame: f, route: route, control: http.NewResponseController(rec)}
		err := f.run(rec, r, handle)
		if err != nil && !rec.wrote() {
			f.showError(rec, r, err)
		}
		f.record(r, rec, err, f.Now().Sub(start))
	})
}

func (f *Frame) run(w *recorder, r *Request, handle Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			err = errs.Wrap(errs.Internal, "error.internal", panicked(p))
		}
	}()
	w.Header().Add("Vary", "Cookie")
	w.Header().Set("Cache-Control", "no-store") // until it is known that a visitor asks for a public page (ASVS 14.3.2)
	if r.Viewer, err = f.Authenticate(r.Request); err != nil {
		r.Viewer, r.unknown = Viewer{}, err
		if r.route != nil && !r.route.Access.Public() {
			return err
		}
	}
	if r.route == nil {
		return handle(w, r)
	}
	r.Body = http.MaxBytesReader(w, r.Body, r.route.MaxBody)
	if detour, err := r.route.Access.check(r.Viewer); err != nil {
		return f.turnAway(w, r, detour, err)
	}
	if r.route.Access.Public() && !r.Viewer.SignedIn() && r.Method != http.MethodPost {
		w.Header().Set("Cache-Control", "no-cache")
	}
	return handle(w, r)
}

// turnAway leads a reader who only lacks a step to that step, and shows others why they may not pass.
func (f *Frame) turnAway(w http.ResponseWriter, r *Request, detour string, err error) error {
	if detour == "" || r.Method != http.MethodGet || !f.shows(r.Path(detour)) {
		return err
	}
	to := r.Path(detour)
	if detour == PathSignIn {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	return r.SeeOther(w, to, "")
}

// langOf is the language in the address, or the one that the browser asks for.
func (f *Frame) langOf(r *http.Request) i18n.Lang {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !i18n.Known(first) {
		first = i18n.Match(r.Header.Get("Accept-Language"))
	}
	return f.Catalog.Lang(first)
}

// stable leads from an address without a language to the page in the reader's.
func stable(pattern string) Handler {
	return func(w http.ResponseWriter, r *Request) error {
		w.Header().Add("Vary", "Accept-Language")
		w.Header().Set("Location", r.Path(pattern))
		w.WriteHeader(http.StatusFound)
		return nil
	}
}

// record writes the request's line of the log. Causes stand there for faults of ours alone; errors carry no personal
// value, see package errs.
func (f *Frame) record(r *Request, w *recorder, err error, took time.Duration) {
	route := "none"
	if r.route != nil {
		route = r.route.Pattern
	}
	attrs := []slog.Attr{slog.String("method", method(r.Method)), slog.String("route", route), slog.Int("status", w.status),
		slog.Duration("took", took), slog.String("ref", r.Ref), slog.String("lang", r.Lang.Code())}
	level := slog.LevelInfo
	if err != nil {
		e := errs.As(err)
		attrs = append(attrs, slog.String("kind", e.Kind.String()), slog.String("key", e.Key))
		if e.Kind == errs.Internal || e.Kind == errs.Unavailable {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", err.Error()))
		}
	}
	if r.unknown != nil {
		level = max(level, slog.LevelWarn)
		attrs = append(attrs, slog.String("viewer", r.unknown.Error()))
	}
	if w.refused {
		level = slog.LevelError
		attrs = append(attrs, slog.Bool("cookie_refused", true))
	}
	f.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// method is safe to log: clients may send any word.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

var refText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func newRef() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return refText.EncodeToString(b[:])
}

// panicked tells where a panic came from. Its value is kept only where it is the runtime's own: others may hold anything.
func panicked(p any) error {
	what := fmt.Sprintf("panic (%T)", p)
	if fault := runtime.Error(nil); errors.As(asError(p), &fault) {
		what = "panic: " + fault.Error()
	}
	callers := make([]uintptr, 16)
	frames := runtime.CallersFrames(callers[:runtime.Callers(4, callers)])
	for {
		at, more := frames.Next()
		what += fmt.Sprintf(" < %s:%d", at.Function, at.Line)
		if !more || strings.HasSuffix(at.Function, ".(*Frame).run") {
			return errors.New(what)
		}
	}
}

func asError(p any) error {
	err, _ := p.(error)
	return err
}

// recorder keeps the status, and cookies that are not ours from leaving.
type recorder struct {
	http.ResponseWriter
	cookies Cookies
	status  int
	refused bool
}

func (w *recorder) wrote() bool { return w.status != 0 }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
		w.refused = w.cookies.guard(w.Header())
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discard is an answer nobody gets.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// inForce is the date for the footer, if there is one.
func (f *Frame) inForce() (time.Time, bool) {
	if f.InForce == nil {
		return time.Time{}, false
	}
	t := f.InForce()
	return t, !t.IsZero()
}
