package site

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/notice"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testchrome"
)

// told tells somebody that a test was graded, and that their password was changed.
func (w *world) told(own person.ID) {
	w.t.Helper()
	var c learning.Course
	c.Words = map[string]learning.Words{"kk": {Title: "Қалыптастырушы бағалау"}}
	for _, n := range []notice.Notice{Graded(c, 7), {Kind: notice.Security, Key: "letter.password-changed", Path: "/my/security", Purpose: policy.Identify}} {
		w.must(w.DB.Write(w.t.Context(), func(t *db.Tx) error { return w.deps.Notices.Tell(t, own, n) }))
	}
	w.must(w.queue.Drain(w.t.Context()))
}

// What somebody is told stands in their inbox, is counted in the menu, leads to its page, is deleted and brought back; nobody else reaches it.
func TestInbox(t *testing.T) {
	w := openWorld(t, testHome)
	b, other := w.signUp("kk", ayaEmail), w.signUp("kk", "second.canary@mysal.kz")
	b.open("/kk/inbox").is(http.StatusOK, "/kk/inbox").says("Хабарлама жоқ")
	w.told(b.subject())
	if b.open("/kk/my"); !strings.Contains(b.body, "Хабарламалар (2)") {
		t.Error("the menu counts nothing")
	}
	b.open("/kk/inbox").says("Тестіңіз бағаланды", "«Қалыптастырушы бағалау»", "жаңа")
	list, _, err := w.deps.Notices.Inbox(t.Context(), b.subject(), 1, "")
	w.must(err)
	var id string
	for _, x := range list {
		if x.Kind == notice.Course {
			id = decimal(x.ID)
		}
	}
	for _, path := range []string{"/kk/inbox/open", "/kk/inbox/delete", "/kk/inbox/restore"} {
		other.send(http.MethodPost, path, url.Values{"notice": {id}}).is(http.StatusNotFound, path)
		other.send(http.MethodPost, path, url.Values{"notice": {"x"}}).is(http.StatusNotFound, path)
	}
	other.open("/kk/inbox").says("Хабарлама жоқ")
	b.send(http.MethodPost, "/kk/inbox/open", url.Values{"notice": {id}})
	if !strings.HasPrefix(b.at, "/kk/my/tests/") {
		t.Errorf("it leads to %s", b.at)
	}
	if b.open("/ru/inbox").says("Ваш тест оценён"); !strings.Contains(b.body, "Уведомления (1)") {
		t.Error("one is read, one is not")
	}
	b.send(http.MethodPost, "/ru/inbox/delete", url.Values{"notice": {id}}).says("Вернуть удалённое уведомление")
	b.fill("/inbox/restore").says("Ваш тест оценён")
	b.fill("/inbox/read")
	if strings.Contains(b.body, "Уведомления (") {
		t.Error("something is still unread")
	}
	b.open("/kk/my/data.json").says("Тестіңіз бағаланды")
}

// Settings are kept and shown again; what is none is refused on the form; the kinds that must come are named with their reason.
func TestNoticeSettings(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	b.open("/kk/inbox/settings").says("Аккаунт қауіпсіздігі", "бірден білуіңіз керек")
	b.fill("/inbox/settings", "course", "off", "certificate", "digest", "digest", "07:30", "quiet_from", "21:00", "quiet_until", "21:00").says("Баптау сақталды")
	set, err := w.deps.Notices.Settings(t.Context(), b.subject())
	w.must(err)
	if set.Of(notice.Course) != notice.Off || set.Of(notice.Certificate) != notice.Digest || set.Of(notice.Support) != notice.AtOnce || set.Hours != (notice.Hours{Digest: 450, QuietFrom: 1260, QuietUntil: 1260}) {
		t.Errorf("%+v", set)
	}
	b.open("/kk/inbox/settings")
	b.fill("/inbox/settings", "digest", "25:00").says("Уақытты 09:00 түрінде жазыңыз.")
	b.open("/kk/inbox/settings")
	b.fill("/inbox/settings", "course", "often").says("Біреуін таңдаңыз.")
}

// The one click of a mail program switches a kind off without a cookie, a look at the address does not, and the page has the way back.
func TestStopLetters(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	w.told(b.subject())
	var stop string
	for _, m := range w.letters {
		if !m.Stop.Empty() {
			stop = strings.TrimPrefix(m.Stop.Reveal(), testHome)
		}
	}
	now := func() notice.Mail {
		set, err := w.deps.Notices.Settings(t.Context(), b.subject())
		w.must(err)
		return set.Of(notice.Course)
	}
	program := w.walker()
	program.open(stop).is(http.StatusOK, stop).says("Хаттарды тоқтату", "Курстар мен тесттер")
	if now() != notice.AtOnce {
		t.Error("looking at it switched it off")
	}
	program.send(http.MethodPost, stop, url.Values{"List-Unsubscribe": {"One-Click"}}).is(http.StatusOK, stop).says("Хаттар тоқтатылды")
	if now() != notice.Off {
		t.Error("it was not switched off")
	}
	program.fill(strings.Replace(stop, "/off/", "/on/", 1)).says("Хаттар қайта қосылды")
	if now() != notice.AtOnce {
		t.Error("it was not switched on again")
	}
	bad := stop[:len(stop)-3]
	program.open(bad).is(http.StatusGone, bad)
	program.send(http.MethodPost, bad, url.Values{"List-Unsubscribe": {"One-Click"}}).is(http.StatusGone, bad)
}

// TestInboxInABrowser holds the pages of notices against axe and their own width, in Kazakh, on a desk and on a phone.
func TestInboxInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	home := "http://" + server.Listener.Addr().String()
	w := openWorld(t, home)
	server.Config.Handler = w.frame
	server.Start()
	defer server.Close()
	b, none := w.signUp("kk", ayaEmail), w.signUp("kk", "second.canary@mysal.kz")
	w.told(b.subject())
	stop := ""
	for _, m := range w.letters {
		if !m.Stop.Empty() {
			stop = strings.TrimPrefix(m.Stop.Reveal(), home)
		}
	}
	for _, screen := range testchrome.Screens {
		t.Run(screen.Name, func(t *testing.T) {
			v := testchrome.NewViewer(t, home, screen)
			v.Look("stop", stop, nil)
			for _, x := range []struct {
				who string
				*walker
			}{{"", b}, {"-empty", none}} {
				for name, value := range x.cookies {
					w.must(chromedp.Run(v.Ctx, network.SetCookie(name, value).WithURL(home)))
				}
				v.Look("inbox"+x.who, "/kk/inbox", nil)
				v.Look("notice-settings"+x.who, "/kk/inbox/settings", nil)
			}
			v.Quiet()
		})
	}
}
