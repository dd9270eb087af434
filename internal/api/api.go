// Package api is the door's JSON form for other systems, at /api/v1/.
//
// A system says what it knows of people; it does not act for them. An e-mail address that it gives finds nobody until the person has
// followed the letter that goes to it (3.2.2); who has an account of their own agrees to the policy themselves, and whoever declined or
// withdrew does not agree through a system (2.1, 2.2).
//
// It guarantees: nobody comes in without the token of a system that is good at that moment; a system passes for its own purposes and by the
// rules of the edition in force, and every passage, refused or not, stands in the log before the answer leaves; a change is carried out
// once for each Idempotency-Key, however often it is sent; what is not exactly a document of the description is refused with the place at
// fault; no personal value stands in an address, a header, a log line or an error. The description is openapi.json, and the tests hold
// every answer to it.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/place"
	"ustaz/internal/system"
)

// Prefix is where the handler of New is mounted, with its whole path.
const Prefix = "/api/v1/"

// Deps is what the API stands on. All of it is required but Rate.
type Deps struct {
	DB       *db.DB
	Keeper   *keeper.Keeper
	Ledger   *ledger.Ledger
	Editions *edition.Store
	Systems  *system.Registry
	Consents *consent.Consents
	Accounts *account.Accounts
	Limiter  *limit.Limiter
	Places   func() *place.Tree // as it is now; an import may replace it
	Catalog  *i18n.Catalog
	Log      *slog.Logger
	// Rate is how many requests a second each system may make over time, each person of a batch counted; ten seconds' worth may come at
	// once. 0 stands for DefaultRate.
	Rate int
}

// DefaultRate keeps one system from taking the whole server.
const DefaultRate = 500

// timeout bounds a request; whoever waits longer has gone.
const timeout = 10 * time.Second

type api struct {
	Deps
	mux    *http.ServeMux
	routes []route
	rates  rates
}

// route is one method on one path.
type route struct {
	method, path string
	public       bool
	handle       func(*call) error
}

func (rt *route) pattern() string { return strings.TrimSpace(rt.method + " " + rt.path) }

// lost is what serves an address that no route has and that the mux would redirect from.
var lost = &route{path: "/", public: true, handle: func(*call) error { return errs.New(errs.NotFound, "api.nowhere") }}

// New makes the handler. Mount it at Prefix.
func New(d Deps) http.Handler {
	if d.Rate == 0 {
		d.Rate = DefaultRate
	}
	a := &api{Deps: d, mux: http.NewServeMux(), rates: newRates(d.Limiter, d.Rate)}
	a.routes = []route{
		{method: "POST", path: Prefix + "subjects", handle: a.create},
		{method: "PATCH", path: Prefix + "subjects/{id}", handle: a.change},
		{method: "POST", path: Prefix + "subjects/{id}/read", handle: a.read},
		{method: "POST", path: Prefix + "subjects/read", handle: a.readMany},
		{method: "POST", path: Prefix + "subjects/find", handle: a.find},
		{method: "POST", path: Prefix + "subjects/{id}/consent", handle: a.consent},
		{method: "GET", path: Prefix + "subjects/{id}/consents", handle: a.consents},
		{method: "POST", path: Prefix + "subjects/{id}/entries", handle: a.entries},
		{method: "GET", path: Prefix + "entries/{index}/proof", handle: a.proof},
		{method: "GET", path: Prefix + "checkpoint", handle: a.checkpoint},
		{method: "GET", path: Prefix + "policy", handle: a.policy},
		{method: "GET", path: Prefix + "openapi.json", public: true, handle: a.describe},
	}
	for i := range a.routes {
		rt := &a.routes[i]
		a.mux.HandleFunc(rt.pattern(), func(w http.ResponseWriter, r *http.Request) { a.serve(rt, w, r) })
	}
	// net/http's own pages for these are not problem documents.
	nowhere := &route{path: "/", public: true, handle: a.nowhere}
	a.mux.HandleFunc(nowhere.pattern(), func(w http.ResponseWriter, r *http.Request) { a.serve(nowhere, w, r) })
	return a
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p := r.URL.Path; strings.Contains(p, "//") || strings.Contains(p, "/.") {
		a.serve(lost, w, r) // an address of ours has one spelling
		return
	}
	a.mux.ServeHTTP(w, r)
}

// serve is the one adapter: it lets the caller in, runs the handler, renders its error and writes the log line.
func (a *api) serve(rt *route, w http.ResponseWriter, r *http.Request) {
	start := a.DB.Now()
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	c := &call{ctx: ctx, w: w, r: r, api: a}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	err := c.run(rt)
	if err != nil {
		c.fail(err)
	}
	a.note(c, rt, a.DB.Now().Sub(start), err)
}

// note writes a request's line: the pattern of its route, never its address or anything that it holds (16.2.5 of ASVS).
func (a *api) note(c *call, rt *route, took time.Duration, err error) {
	attrs := [8]slog.Attr{slog.String("route", rt.pattern()), slog.Int("status", c.status), slog.Duration("took", took)}
	list := attrs[:3]
	if c.system.ID != 0 {
		list = append(list, slog.String("system", c.system.ID.String()))
	}
	level := slog.LevelInfo
	if err != nil {
		e := errs.As(err)
		list = append(list, slog.String("kind", e.Kind.String()), slog.String("reference", c.reference), slog.String("key", e.Key))
		if c.status >= http.StatusInternalServerError {
			level = slog.LevelError
			list = append(list, slog.String("error", e.Error())) // of an error of the sender's this would name members that they made up
		}
	}
	a.Log.LogAttrs(c.ctx, level, "api", list...)
}

// nowhere answers where no route is: 405 where another method would do, else 404.
func (a *api) nowhere(c *call) error {
	var allowed []string
	for i := range a.routes {
		probe := *c.r
		probe.Method = a.routes[i].method
		if _, pattern := a.mux.Handler(&probe); pattern == a.routes[i].pattern() {
			allowed = append(allowed, a.routes[i].method)
		}
	}
	if len(allowed) == 0 {
		return lost.handle(c)
	}
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return withStatus(http.StatusMethodNotAllowed, errs.New(errs.Invalid, "api.method"))
}
