package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"ustaz/internal/policy"
	"ustaz/internal/testchrome"
)

// TestDraftsInABrowser looks at every page of a draft in Kazakh, on a desk or on a phone: none is wider than its screen, axe finds nothing.
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

	viewers, looked := onEachScreen(t, at), 0
	look := func(name, who, path string) {
		for k, v := range viewers {
			if testchrome.Turn(looked, k) {
				v.Look("draft-"+name, path, network.Headers{as: who})
			}
		}
		looked++
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
	for _, v := range viewers {
		v.Quiet()
	}
}

// onEachScreen opens a browser on each screen.
func onEachScreen(t *testing.T, at string) (out []*testchrome.Viewer) {
	t.Helper()
	for _, s := range testchrome.Screens {
		out = append(out, testchrome.NewViewer(t, at, s))
	}
	return out
}
