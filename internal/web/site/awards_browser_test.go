package site

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ustaz/internal/certificate"
	"ustaz/internal/keeper"
	"ustaz/internal/policy"
	"ustaz/internal/testchrome"
)

// TestCertificatesInABrowser holds the pages of certificates against axe and their own width, in Kazakh, on a desk and on a phone. A name is looked at
// where it is shown, too.
func TestCertificatesInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	home := "http://" + server.Listener.Addr().String()
	w := openWorld(t, home)
	server.Config.Handler = w.frame
	server.Start()
	defer server.Close()
	b, other := w.signUp("kk", ayaEmail), w.signUp("kk", "second.canary@mysal.kz")
	number, public := w.award(b.subject()), w.award(other.subject())
	b.open("/kk/my/certificates/" + number).awardCode()
	other.open("/kk/my/certificates/" + public + "/public").fill("/public")
	revoked := w.award(w.signUp("kk", "third.canary@mysal.kz").subject())
	w.must(w.deps.Certificates.Revoke(t.Context(), keeper.Staff(7, policy.Officer), revoked, "rules"))
	for _, screen := range testchrome.Screens {
		t.Run(screen.Name, func(t *testing.T) {
			v := testchrome.NewViewer(t, home, screen)
			v.Look("check", "/kk/check", nil)
			for _, page := range [][2]string{{"hidden", number}, {"public", public}, {"revoked", revoked}, {"none", certificate.ExampleNumber}} {
				v.Look("check-"+page[0], "/kk/check/"+page[1], nil)
			}
			v.Look("my-certificates-signed-out", "/kk/my/certificates", nil)
			for name, value := range b.cookies {
				w.must(chromedp.Run(v.Ctx, network.SetCookie(name, value).WithURL(home)))
			}
			v.Look("certificates", "/kk/my/certificates", nil)
			for _, page := range []string{"", "/public", "/anew"} {
				v.Look("certificate"+strings.ReplaceAll(page, "/", "-"), "/kk/my/certificates/"+number+page, nil)
			}
			v.Quiet("404")
		})
	}
}
