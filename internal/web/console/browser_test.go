package console

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ustaz/internal/testchrome"
)

// TestConsoleInABrowser holds each page against axe, in a light scheme on a desk or in a dark one on a phone; no page is wider than its
// screen, nothing is asked of another host, and the browser has nothing to complain about. With USTAZ_SHOTS=DIR each is tried on both, and a
// picture of it left there to be looked at.
func TestConsoleInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	at := "http://" + server.Listener.Addr().String()
	w := worldAt(t, at)
	server.Config.Handler = w
	server.Start()
	defer server.Close()
	w.fill()
	dir := os.Getenv("USTAZ_SHOTS")
	for screen, try := range []struct {
		name   string
		screen testchrome.Option
		scheme string
		lang   string
	}{{"desk-kk", testchrome.Desktop(), "light", "kk"}, {"phone-ru", testchrome.Phone(), "dark", "ru"}} {
		t.Run(try.name, func(t *testing.T) {
			ctx := testchrome.New(t, try.screen)
			w.must(chromedp.Run(ctx, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: try.scheme}})))
			for i, visit := range w.visits(try.lang) {
				if dir == "" && i%2 == screen { // each page on one screen: axe takes its time
					continue
				}
				var width, room int
				actions := append([]chromedp.Action{network.SetExtraHTTPHeaders(network.Headers{as: visit.who}), chromedp.Navigate(at + visit.path)}, visit.then...)
				actions = append(actions, chromedp.WaitReady("footer.foot"), chromedp.Evaluate("document.documentElement.scrollWidth", &width), chromedp.Evaluate("window.innerWidth", &room))
				if err := chromedp.Run(ctx, actions...); err != nil {
					t.Fatalf("%s: %v", visit.path, err)
				}
				if width > room {
					t.Errorf("%s is %d wide on a screen of %d", visit.path, width, room)
				}
				if dir != "" {
					w.must(testchrome.Screenshot(ctx, filepath.Join(dir, fmt.Sprintf("%s-%02d-%s.png", try.name, i, visit.name))))
				}
				for _, v := range testchrome.Axe(t, ctx) {
					t.Errorf("%s: %s", visit.path, v)
				}
			}
			for _, r := range testchrome.Abroad(ctx, at) {
				t.Errorf("a request left the host: %s", r)
			}
			for _, c := range testchrome.Complaints(ctx) {
				if !strings.Contains(c, "a status of 422") && !strings.Contains(c, "a status of 403") { // pages that say no, as they should
					t.Errorf("the browser complains: %s", c)
				}
			}
		})
	}
}

// fill gives every page something to show.
func (w *world) fill() {
	w.Helper()
	w.casework()
	w.tried()
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
		{"editor", "rules", "/kk/console/rules?role=support&for=4.1.3&operation=retrieval&situation=ordinary&fields=email&fields=iin", nil},
	}
	for i := range all {
		all[i].path = strings.Replace(all[i].path, "/kk/", "/"+lang+"/", 1)
	}
	return all
}
