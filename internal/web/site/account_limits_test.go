package site

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"ustaz/internal/account"
	"ustaz/internal/jobs"
	"ustaz/internal/limit"
	"ustaz/internal/web"
	"ustaz/internal/web/webtest"
)

// TestNobodyActsWithoutEnd: each act leaves entries in the log for good, and a copy of everything is much work.
func TestNobodyActsWithoutEnd(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	code := http.StatusOK
	for range 25 {
		if code = b.open("/kk/my/data.json").code; code != http.StatusOK {
			break
		}
	}
	if code != http.StatusTooManyRequests {
		t.Errorf("the last of 25 copies: %d", code)
	}
	if b.open("/kk/my/data/print").code != http.StatusTooManyRequests {
		t.Error("a copy on paper is counted apart")
	}
	b.open("/kk/my/profile").is(http.StatusOK, "/kk/my/profile")
	before, err := w.Ledger.Size(t.Context())
	w.must(err)
	for range 320 {
		b.send(http.MethodPost, "/kk/my/profile/confirm", url.Values{})
	}
	if b.code != http.StatusTooManyRequests {
		t.Errorf("the last of 320 declarations: %d", b.code)
	}
	if after, err := w.Ledger.Size(t.Context()); err != nil || after-before > 310 {
		t.Errorf("%d entries, %v", after-before, err)
	}
}

// TestFactorForAll: the setting "everyone" holds on every personal page, and not against those who do not agree and want to go (2.2).
func TestFactorForAll(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	quiet := slog.New(slog.DiscardHandler)
	d := w.deps
	d.Accounts = account.New(account.Config{DB: w.DB, Door: w.Keeper, Consents: d.Consents, Limiter: limit.New(w.DB, w.Keeper.Mac),
		Queue: jobs.New(w.DB, quiet), Log: quiet, FactorForAll: true})
	routes, err := Account(d)
	w.must(err)
	frame, err := web.New(web.Config{Public: d.Public, Catalog: webtest.Catalog(t), Authenticate: Authenticate(d), Log: quiet, Now: w.Clock.Now, Routes: routes})
	w.must(err)
	get := func(path string) (int, string) {
		r := b.request()
		r.URL.Path = path
		rec := httptest.NewRecorder()
		frame.ServeHTTP(rec, r)
		return rec.Code, rec.Header().Get("Location")
	}
	for _, path := range []string{"/kk/my", "/kk/my/data", "/kk/my/profile", "/kk/my/security", "/kk/my/data.json", "/kk/my/deletion"} {
		if code, to := get(path); code != http.StatusSeeOther || to != "/kk/my/security/factor" {
			t.Errorf("%s without a factor: %d %s", path, code, to)
		}
	}
	ed, err := w.Editions.InForce(w.Clock.Now())
	w.must(err)
	b.open("/kk/consent")
	b.send(http.MethodPost, "/kk/consent", url.Values{"answer": {"declined"}, "edition": {ed.Hash}})
	for _, path := range []string{"/kk/my/data.json", "/kk/my/data.zip", "/kk/my/data/print", "/kk/my/deletion"} {
		if code, to := get(path); code != http.StatusOK {
			t.Errorf("%s for who declined: %d %s", path, code, to)
		}
	}
}

// TestOtherPeoplesIINsAreNotToBeGuessed: that a number is taken says that its owner is registered here.
func TestOtherPeoplesIINsAreNotToBeGuessed(t *testing.T) {
	w := openWorld(t, testHome)
	w.signUp("kk", "first.canary@mysal.kz").open("/kk/my/profile").fill("/my/profile", "iin", ayaIIN, "declared", "1").is(http.StatusOK, "/kk/my/profile")
	b := w.signUp("kk", ayaEmail)
	told := 0
	for range 12 {
		b.open("/kk/my/profile").fill("/my/profile", "iin", ayaIIN, "declared", "1")
		if b.code == http.StatusUnprocessableEntity {
			told++
		}
	}
	if b.code != http.StatusTooManyRequests || told > 5 {
		t.Errorf("the answer was given %d times; the last one was %d", told, b.code)
	}
	b.open("/kk/my/profile").fill("/my/profile", "phone", ayaPhone, "declared", "1").is(http.StatusOK, "/kk/my/profile") // nothing else is held up
}
