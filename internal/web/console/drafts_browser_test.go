package console

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ustaz/internal/policy"
	"ustaz/internal/testchrome"
)

// TestDraftsInABrowser looks at every page of a draft in Kazakh, on a desk or on a phone: none is wider than its screen, axe finds nothing.
// With USTAZ_SHOTS=DIR each is tried on both, and a picture of it left there to be looked at.
func TestDraftsInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	at := "http://" + server.Listener.Addr().String()
	w := worldAt(t, at)
	server.Config.Handler = w.frame
	server.Start()
	defer server.Close()
	w.post("officer", "/kk/console/drafts").is(http.StatusSeeOther)
	all, err := w.c.Drafts.List(t.Context())
	w.must(err)
	d := &drafted{w, all[0].ID, "/kk/console/drafts/" + all[0].ID.String()}
	text := strings.Replace(d.now().Docs["kk"].Text(), "Ә", "Ԥ", 1)
	d.upload(strings.NewReader(text), "ереже.txt", "kk").is(http.StatusSeeOther)
	clause, _ := d.now().Docs["kk"].Clause("4.1.3")
	d.send("officer", "/text/kk/4.1.3", "number", "4.1.3", "text", "Пайдаланушымен жедел "+strings.Join(strings.Fields(clause.Text)[1:], " ")).is(http.StatusSeeOther)
	for _, lang := range policy.Languages {
		d.send("officer", "/text/"+lang+"/add", "number", "9.5", "text", "Саясат туралы сұраққа бес жұмыс күні ішінде жауап беріледі.").is(http.StatusSeeOther)
	}
	d.send("officer", "/text/kk/9.3/remove").is(http.StatusSeeOther)
	d.send("officer", "/undo").is(http.StatusSeeOther)
	d.send("officer", "/rules", "rules", withoutPhone(t, d.now().RulesText)).is(http.StatusSeeOther)
	d.send("officer", "/order", "number", "12п", "date", "2026-11-02", "day", "2026-11-20", "hour", "09:00").is(http.StatusSeeOther)

	shots := os.Getenv("USTAZ_SHOTS")
	looked := 0
	look := func(name, who, path string) {
		looked++
		for i, screen := range []struct {
			name   string
			option testchrome.Option
		}{{"desk", testchrome.Desktop()}, {"phone", testchrome.Phone()}} {
			if shots == "" && (looked+i)%2 == 0 { // each page on one screen: axe takes its time
				continue
			}
			ctx := testchrome.New(t, screen.option)
			var width, room int
			if err := chromedp.Run(ctx, network.SetExtraHTTPHeaders(network.Headers{as: who}), chromedp.Navigate(at+path), chromedp.WaitReady("footer.foot"),
				chromedp.Evaluate("document.documentElement.scrollWidth", &width), chromedp.Evaluate("window.innerWidth", &room)); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if width > room {
				t.Errorf("%s is %d wide on a screen of %d", path, width, room)
			}
			if shots != "" {
				w.must(testchrome.Screenshot(ctx, filepath.Join(shots, fmt.Sprintf("draft-%s-%s.png", name, screen.name))))
			}
			for _, v := range testchrome.Axe(t, ctx) {
				t.Errorf("%s on a %s: %s", path, screen.name, v)
			}
		}
	}
	look("list", "officer", "/kk/console/drafts")
	look("open", "officer", d.at)
	look("upload", "officer", d.at+"/upload")
	look("text", "officer", d.at+"/text/kk")
	look("part", "officer", d.at+"/text/kk/4.1.3")
	look("changes", "all", d.at+"/changes")
	look("rules", "officer", d.at+"/rules")
	look("order", "officer", d.at+"/order")
	d.send("officer", "/submit").is(http.StatusSeeOther)
	look("waiting", "officer", d.at)
	look("approve", "all", d.at+"/approve")
	look("return", "all", d.at+"/return")
}
