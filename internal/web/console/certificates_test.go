package console

import (
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/certificate"
)

// 4.1.5: the officer finds a certificate by its number alone, revokes and restores it for a reason of the list, and never sees whose it is.
func TestCertificateIsRevokedAndRestored(t *testing.T) {
	w := newWorld(t)
	number := w.aCertificate()
	at := "/kk/console/certificates/" + number
	w.get("officer", "/kk/console/certificates").is(http.StatusOK).has("нөмірі бойынша ғана").lacks(number)
	w.get("officer", "/kk/console/certificates?number="+strings.ToLower(strings.ReplaceAll(number, "-", ""))).leads(at)
	for _, wrong := range []string{"", certificate.ExampleNumber, "x", strings.Repeat("7", 200)} {
		w.get("officer", "/kk/console/certificates?number="+wrong).is(http.StatusUnprocessableEntity).has("сертификат табылмады")
	}
	w.get("officer", at).is(http.StatusOK).has("жарамды", "берілді", at+"/revoke").lacks(append(shapes, "Ботақызы", "finished@mysal.kz", at+"/restore")...)
	w.get("officer", at+"/revoke").is(http.StatusOK).has("Қорытынды тесттің ережелері бұзылған").lacks("Талап қаралып")
	w.post("officer", at+"/revoke").is(http.StatusUnprocessableEntity).has("Себебін таңдаңыз")
	w.post("officer", at+"/revoke", "reason", "claim").is(http.StatusUnprocessableEntity)
	w.post("officer", at+"/restore", "reason", "claim").is(http.StatusConflict)
	w.post("officer", at+"/revoke", "reason", "rules").leads(at + "?done=certificate_revoked")
	w.get("officer", at).is(http.StatusOK).has("күші жойылған", "ережелері бұзылған", at+"/restore").lacks(at + "/revoke")
	w.post("officer", at+"/revoke", "reason", "rules").is(http.StatusConflict)
	w.post("officer", at+"/restore", "reason", "unfounded").leads(at + "?done=certificate_restored")
	w.get("officer", at).is(http.StatusOK).has("жарамды", "қалпына келтірілді")
	for _, none := range []string{certificate.ExampleNumber, "x", "0"} {
		for _, path := range []string{"", "/revoke", "/restore"} {
			w.get("officer", "/kk/console/certificates/"+none+path).is(http.StatusNotFound)
		}
		w.post("officer", "/kk/console/certificates/"+none+"/revoke", "reason", "rules").is(http.StatusNotFound)
	}
}
