package console

import (
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/network"

	"ustaz/internal/testchrome"
)

// TestRegistersInABrowser looks at the pages of the registers in Kazakh, on a desk or on a phone: none is wider than its screen, axe finds
// nothing.
func TestRegistersInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	at := "http://" + server.Listener.Addr().String()
	w := worldAt(t, at)
	server.Config.Handler = w
	server.Start()
	defer server.Close()
	w.registered()
	drill := "/kk/console/breaches/2026-2"
	w.entered("drill", "1").leads(drill + "?done=breach_entered")
	w.must(w.queue.Drain(t.Context()))
	w.inspected.idle = w.People(w, 2)
	bota := "/kk/console/person/" + w.aya.String() + "/permission" + inLetter
	viewers := onEachScreen(t, at)
	for i, page := range []struct{ name, path string }{
		{"overview", "/kk/console"}, {"registers", "/kk/console/registers"}, {"clauses", "/kk/console/clauses"}, {"map", "/kk/console/data-map?kind=files"},
		{"breaches", "/kk/console/breaches"}, {"breach-new", "/kk/console/breaches/new"}, {"breach", "/kk/console/breaches/" + w.aBreach()}, {"drill", drill},
		{"tell", drill + "/tell"}, {"retention", "/kk/console/retention"}, {"rule", "/kk/console/retention/account"}, {"carriers", "/kk/console/carriers"},
		{"publications", "/kk/console/publications"}, {"down", "/kk/console/publications/" + w.aPublication() + "/down"}, {"permissions", "/kk/console/permissions"}, {"permission", bota},
	} {
		for k, v := range viewers {
			if testchrome.Turn(i, k) {
				v.Look(page.name, page.path, network.Headers{as: "officer"})
			}
		}
	}
	for _, v := range viewers {
		v.Quiet()
	}
}
