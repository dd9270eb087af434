package teste2e

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// stranger asks without cookies and follows nothing.
var stranger = http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func ask(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	answer, err := stranger.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func request(t *testing.T, method, address string, form url.Values) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// TestEveryAnswerIsGuarded: also those that no page and no handler of ours makes.
func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, path := range []string{"/kk/", "/healthz", "/api/v1/policy", "/nowhere", "//evil.example/", "/kk//evil.example", "/log/checkpoint"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			answer, _ := ask(t, request(t, method, s.url+path, nil))
			for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"} {
				if len(answer.Header.Values(name)) != 1 {
					t.Errorf("%s %s: %s is %q", method, path, name, answer.Header.Values(name))
				}
			}
			if to := answer.Header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "://") {
				t.Errorf("%s leads away to %s", path, to)
			}
		}
	}
}

// TestTheMailboxOfTheDemonstrationOpensNobodysAccount: who registers on it with an address of their own has letters of their own.
func TestTheMailboxOfTheDemonstrationOpensNobodysAccount(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, who := range []string{"gulnar@mektep.kz", "aya@demo.example"} {
		answer, _ := ask(t, request(t, http.MethodPost, s.url+"/kk/password/forgotten", url.Values{"email": {who}}))
		if answer.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d", answer.StatusCode)
		}
	}
	_, form := ask(t, request(t, http.MethodGet, s.url+"/kk/register", nil))
	_, edition, _ := strings.Cut(form, `name="edition" value="`)
	edition, _, _ = strings.Cut(edition, `"`)
	answer, body := ask(t, request(t, http.MethodPost, s.url+"/kk/register", url.Values{"surname": {"Сейіт"}, "given_name": {"Гүлнар"}, "email": {"gulnar@mektep.kz"},
		"password": {"тау бұлақ қайың сағат"}, "agreed": {"1"}, "edition": {edition}}))
	if answer.StatusCode != http.StatusSeeOther {
		t.Fatalf("registration: %d\n%s", answer.StatusCode, body)
	}
	for until := time.Now().Add(time.Minute); ; {
		answer, box := ask(t, request(t, http.MethodGet, s.url+"/kk/demo/mail", nil))
		if answer.Header.Get("Cache-Control") != "no-store" {
			t.Fatal("the mailbox may be kept")
		}
		if strings.Contains(box, "gulnar@") || strings.Contains(box, "Гүлнар") {
			t.Fatal("everybody can read the letters of somebody who is not invented")
		}
		if strings.Contains(box, "/password/new/") && s.lettersTo(t, "gulnar@mektep.kz") > 0 {
			return // both letters are there, one is shown
		}
		if time.Now().After(until) {
			t.Fatal("no letter came")
		}
	}
}
