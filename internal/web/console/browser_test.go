package console

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ustaz/internal/testchrome"
)

// TestConsoleInABrowser holds each page against axe, in a light scheme on a desk or in a dark one on a phone; no page is wider than its
// screen, nothing is asked of another host, and the browser has nothing to complain about.
func TestConsoleInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	at := "http://" + server.Listener.Addr().String()
	w := worldAt(t, at)
	server.Config.Handler = w
	server.Start()
	defer server.Close()
	w.fill()
	for screen, lang := range []string{"kk", "ru"} {
		t.Run(lang, func(t *testing.T) {
			v := testchrome.NewViewer(t, at, testchrome.Screens[screen])
			for i, page := range w.visits(lang) {
				if testchrome.Turn(i, screen) {
					v.Look(page.name, page.path, network.Headers{as: page.who}, page.then...)
				}
			}
			v.Quiet(refused...)
		})
	}
}

// refused are complaints of the browser about pages that say no, as they should.
var refused = []string{"a status of 422", "a status of 403"}

// fill gives every page something to show.
func (w *world) fill() {
	w.Helper()
	w.casework()
	w.tried()
	w.changedPhone()
	for _, id := range w.People(w, 24) {
		w.post("support", "/kk/console/person/"+id.String()+inTicket, "fields", "given_name").is(200)
	}
	w.post("admin", "/kk/console/systems/add", "name", "Электрондық журнал", "roles", "reader", "purposes", "4.1.2", "purposes", "4.1.5", "expires", "90").is(200)
	w.waiting()
	w.post("officer", "/kk/console/verify").is(303)
	w.c.checker.under.Wait()
}

// answered opens the form of the answer and sends it empty.
func answered() []chromedp.Action {
	return []chromedp.Action{chromedp.Click("#answer summary", chromedp.ByQuery), chromedp.Evaluate("document.body.dataset.old = 1", nil),
		chromedp.Submit("#answer form", chromedp.ByQuery), chromedp.WaitReady("body:not([data-old])", chromedp.ByQuery)}
}

// seen is a page as somebody comes to it.
type seen struct {
	who, name, path string
	then            []chromedp.Action
}

func (w *world) visits(lang string) []seen {
	w.Helper()
	systems, err := w.c.Systems.List(w.Context())
	w.must(err)
	send := func(ids ...string) []chromedp.Action {
		var out []chromedp.Action
		for _, id := range ids {
			out = append(out, chromedp.Click("#"+id, chromedp.ByID))
		}
		return append(out, chromedp.Evaluate("document.body.dataset.old = 1", nil), chromedp.Submit("main form", chromedp.ByQuery),
			chromedp.WaitReady("body:not([data-old])", chromedp.ByQuery))
	}
	person, system := w.personPath(), systems[0].ID.String()
	typed := func(value string) []chromedp.Action {
		return append([]chromedp.Action{chromedp.SendKeys("#f-value", value, chromedp.ByID)}, send()...)
	}
	all := []seen{
		{"all", "overview", "/kk/console", nil},
		{"support", "work", "/kk/console/work", nil},
		{"support", "work-faults", "/kk/console/work", send()},
		{"support", "find", findPath, nil},
		{"support", "found", findPath, typed(canaries[3])},
		{"support", "nobody", findPath, typed("nobody@mysal.kz")},
		{"support", "person", person, nil},
		{"support", "opened", person, send("f-given_name", "f-phone")},
		{"support", "refused", person, send("f-iin")},
		{"officer", "earlier", "/kk/console/person/" + w.aya.String() + "?purpose=4.1.5&case=check:7", send("f-phone", "f-past")},
		{"officer", "log", "/kk/console/log", nil},
		{"officer", "entry", "/kk/console/log/3", nil},
		{"officer", "refusals", "/kk/console/refusals", nil},
		{"officer", "brake", "/kk/console/brake", nil},
		{"officer", "verify", "/kk/console/verify", nil},
		{"officer", "first", "/kk/console", nil},
		{"officer", "cases", "/kk/console/cases", nil},
		{"officer", "month", "/kk/console/cases/month?month=2026-11&day=2026-11-06", nil},
		{"officer", "closed", "/kk/console/cases/closed", nil},
		{"officer", "erasures", "/kk/console/erasures", nil},
		{"officer", "case", "/kk/console/cases/" + w.aCase(), nil},
		{"officer", "case-faults", "/kk/console/cases/" + w.aCase(), answered()},
		{"officer", "destroy", "/kk/console/cases/" + w.aCase() + "/destroy", nil},
		{"officer", "paper", "/kk/console/cases/paper", nil},
		{"officer", "paper-person", "/kk/console/person/" + w.aya.String() + "/paper" + inLetter, nil},
		{"officer", "paper-order", "/kk/console/person/" + w.aya.String() + "/order" + inLetter, nil},
		{"officer", "terms", "/kk/console/clocks", nil},
		{"officer", "term", "/kk/console/clocks/info", nil},
		{"officer", "days", "/kk/console/clocks/days", nil},
		{"admin", "staff", "/kk/console/staff", nil},
		{"admin", "member", "/kk/console/staff/" + w.viewers["support"].Subject.String(), nil},
		{"admin", "disable", "/kk/console/staff/" + w.viewers["support"].Subject.String() + "/disable", nil},
		{"admin", "factor", "/kk/console/staff/" + w.viewers["support"].Subject.String() + "/factor", nil},
		{"all", "approve", "/kk/console/staff/grants/" + w.grant() + "/approve", nil},
		{"admin", "invited", "/kk/console/staff/invite", send("f-roles")},
		{"admin", "systems", "/kk/console/systems", nil},
		{"admin", "add", "/kk/console/systems/add", nil},
		{"admin", "rotate", "/kk/console/systems/" + system + "/rotate", nil},
		{"admin", "settings", "/kk/console/settings", nil},
		{"admin", "jobs", "/kk/console/jobs", nil},
		{"editor", "rules", "/kk/console/rules?role=support&for=4.1.3&operation=retrieval&situation=ordinary&fields=email&fields=iin", nil},
	}
	for i := range all {
		all[i].path = strings.Replace(all[i].path, "/kk/", "/"+lang+"/", 1)
	}
	return all
}
