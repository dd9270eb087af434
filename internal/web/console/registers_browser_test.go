package console

import (
	"net/http"
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
	drafted := "/kk/console/disclosures/" + w.aDisclosure()
	delete(w.outward.ids, "disclosure")
	waiting := "/kk/console/disclosures/" + w.aDisclosure()
	w.post("officer", waiting+"/submit").is(http.StatusSeeOther)
	release := "/kk/console/statistics/" + w.aRelease()
	w.must(w.outward.queue.Drain(t.Context()))
	viewers := onEachScreen(t, at)
	for i, page := range []struct{ name, path string }{
		{"recipients", "/kk/console/recipients"}, {"recipient-new", "/kk/console/recipients/add"}, {"disclosures", "/kk/console/disclosures"},
		{"disclosure-new", "/kk/console/disclosures/new"}, {"disclosure", drafted}, {"disclosure-waits", waiting}, {"statistics", "/kk/console/statistics"}, {"release", release},
		{"overview", "/kk/console"}, {"registers", "/kk/console/registers"}, {"clauses", "/kk/console/clauses"}, {"map", "/kk/console/data-map?kind=files"},
		{"breaches", "/kk/console/breaches"}, {"breach-new", "/kk/console/breaches/new"}, {"breach", "/kk/console/breaches/" + w.aBreach()}, {"drill", drill},
		{"tell", drill + "/tell"}, {"retention", "/kk/console/retention"}, {"rule", "/kk/console/retention/account"}, {"carriers", "/kk/console/carriers"},
		{"publications", "/kk/console/publications"}, {"down", "/kk/console/publications/" + w.aPublication() + "/down"}, {"permissions", "/kk/console/permissions"}, {"permission", bota},
		{"certificates", "/kk/console/certificates"}, {"certificate", "/kk/console/certificates/" + w.aCertificate()}, {"revoke", "/kk/console/certificates/" + w.aCertificate() + "/revoke"},
	} {
		for k, v := range viewers {
			if testchrome.Turn(i, k) {
				v.Look(page.name, page.path, network.Headers{as: "officer"})
			}
		}
	}
	ready := w.aReadyAnswer()
	for i, page := range []struct{ name, path string }{
		{"tickets", "/kk/console/tickets"}, {"ticket", "/kk/console/tickets/" + w.aTicket() + "?ready=" + ready}, {"ticket-times", "/kk/console/tickets/times"},
		{"ready", "/kk/console/ready-answers"}, {"ready-one", "/kk/console/ready-answers/" + ready}, {"ready-remove", "/kk/console/ready-answers/" + ready + "/remove"},
	} {
		for k, v := range viewers {
			if testchrome.Turn(i, k) {
				v.Look(page.name, page.path, network.Headers{as: "support"})
			}
		}
	}
	for _, v := range viewers { // the longest thing on a page that a person compares by eye: the recipient's key
		v.Look("disclosure-approve", waiting+"/approve", network.Headers{as: "all"})
	}
	for _, v := range viewers {
		v.Quiet()
	}
}
