package console

import (
	"fmt"

	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ustaz/internal/testchrome"
)

// TestRegistersInABrowser looks at the pages of the registers in Kazakh, on a desk or on a phone: none is wider than its screen, axe finds
// nothing. With USTAZ_SHOTS=DIR each is tried on both, and a picture of it left there to be looked at.
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
	shots := os.Getenv("USTAZ_SHOTS")
	for i, page := range []struct{ name, path string }{
		{"overview", "/kk/console"}, {"registers", "/kk/console/registers"}, {"clauses", "/kk/console/clauses"}, {"map", "/kk/console/data-map?kind=files"},
		{"breaches", "/kk/console/breaches"}, {"breach-new", "/kk/console/breaches/new"}, {"breach", "/kk/console/breaches/" + w.aBreach()}, {"drill", drill},
		{"tell", drill + "/tell"}, {"retention", "/kk/console/retention"}, {"rule", "/kk/console/retention/account"}, {"carriers", "/kk/console/carriers"},
		{"publications", "/kk/console/publications"}, {"down", "/kk/console/publications/" + w.aPublication() + "/down"}, {"permissions", "/kk/console/permissions"}, {"permission", bota},
	} {
		for k, screen := range []struct {
			name   string
			option testchrome.Option
		}{{"desk", testchrome.Desktop()}, {"phone", testchrome.Phone()}} {
			if shots == "" && (i+k)%2 == 0 { // each page on one screen: axe takes its time
				continue
			}
			ctx := testchrome.New(t, screen.option)
			var width, room int
			if err := chromedp.Run(ctx, network.SetExtraHTTPHeaders(network.Headers{as: "officer"}), chromedp.Navigate(at+page.path), chromedp.WaitReady("footer.foot"),
				chromedp.Evaluate("document.documentElement.scrollWidth", &width), chromedp.Evaluate("window.innerWidth", &room)); err != nil {
				t.Fatalf("%s: %v", page.path, err)
			}
			if width > room {
				t.Errorf("%s is %d wide on a screen of %d", page.path, width, room)
			}
			if shots != "" {
				w.must(testchrome.Screenshot(ctx, filepath.Join(shots, fmt.Sprintf("%02d-%s-%s.png", i, page.name, screen.name))))
			}
			for _, v := range testchrome.Axe(t, ctx) {
				t.Errorf("%s on a %s: %s", page.path, screen.name, v)
			}
		}
	}
}
