package teste2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"ustaz/internal/testchrome"
)

// walk is somebody at a browser.
type walk struct {
	t    *testing.T
	s    *site
	ctx  context.Context
	lang string
	name string // of its pictures
	axe  bool
	n    int
}

func (w *walk) do(what string, actions ...chromedp.Action) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		var at, body string
		_ = chromedp.Run(w.ctx, chromedp.Location(&at), chromedp.Text("main", &body, chromedp.ByQuery)) // for the message only
		w.t.Fatalf("%s: %v\nat %s:\n%s", what, err, at, body)
	}
}

// checked are the pages that axe has seen, by what walks call them, their width and their address without numbers and tokens: many a walk goes by the
// same ones.
var (
	checked  sync.Map
	numbered = regexp.MustCompile(`[^/]*[0-9][^/]*`)
)

// look checks what every page must be: right language, no key in place of words, clean under axe. With USTAZ_SCREENSHOTS it is kept as a picture.
func (w *walk) look(what string) {
	w.t.Helper()
	var page struct {
		Lang, Text, Title, Path string
		Headings, Width         int
	}
	w.do(what, chromedp.Evaluate(`({Lang: document.documentElement.lang, Text: document.body.innerText, Title: document.title, Path: location.pathname, Width: innerWidth,
		Headings: document.querySelectorAll("main h1").length})`, &page))
	if page.Lang != w.lang || page.Headings != 1 {
		w.t.Errorf("%s: the page is in %q and has %d headings:\n%s", what, page.Lang, page.Headings, page.Text)
	}
	for _, key := range untranslated.FindAllString(page.Text+"\n"+page.Title, -1) {
		if key != "demo.example" && key != "proof.txt" { // an invented domain, a file
			w.t.Errorf("%s: %q is a key, no words", what, key)
		}
	}
	if w.axe {
		if _, seen := checked.LoadOrStore(fmt.Sprint(what, page.Width, numbered.ReplaceAllString(page.Path, "")), true); !seen {
			for _, v := range testchrome.Axe(w.t, w.ctx) {
				w.t.Errorf("%s: %+v", what, v)
			}
		}
	}
	if dir := os.Getenv("USTAZ_SCREENSHOTS"); dir != "" {
		w.n++
		if err := testchrome.Screenshot(w.ctx, filepath.Join(dir, fmt.Sprintf("%s-%02d-%s.png", w.name, w.n, strings.ReplaceAll(what, " ", "-")))); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *walk) path(p string) string {
	if strings.HasPrefix(p, "http") {
		return p
	}
	return w.s.url + "/" + w.lang + p
}

func (w *walk) visit(what, path string) {
	w.t.Helper()
	w.do(what, chromedp.Navigate(w.path(path)))
	w.look(what)
}

// fill types into inputs by name.
func (w *walk) fill(values map[string]string) {
	w.t.Helper()
	for name, v := range values {
		w.write(fmt.Sprintf(`main [name="%s"]`, name), v)
	}
}

// write puts text where somebody would type it, all at once.
func (w *walk) write(sel, text string) {
	w.t.Helper()
	w.do("write in "+sel, chromedp.Focus(sel, chromedp.ByQuery), input.InsertText(text))
}

func (w *walk) tick(selectors ...string) {
	w.t.Helper()
	for _, sel := range selectors {
		w.do("tick "+sel, chromedp.Click(sel, chromedp.ByQuery))
	}
}

// press clicks and waits for the next page.
func (w *walk) press(what, sel string) {
	w.t.Helper()
	w.do(what, chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.Click(sel, chromedp.ByQuery))
		return err
	}))
	w.look(what)
}

func (w *walk) text() string {
	w.t.Helper()
	var s string
	w.do("read", chromedp.Text("main", &s, chromedp.ByQuery))
	return s
}

func (w *walk) sees(what string, texts ...string) {
	w.t.Helper()
	page := w.text()
	for _, s := range texts {
		if !strings.Contains(page, s) {
			w.t.Errorf("%s: %q is not on the page:\n%s", what, s, page)
		}
	}
}

func (w *walk) at(what, path string) {
	w.t.Helper()
	var at string
	w.do(what, chromedp.Location(&at))
	if at, _, _ = strings.Cut(at, "?"); at != w.path(path) {
		w.t.Fatalf("%s: at %s, not %s:\n%s", what, at, w.path(path), w.text())
	}
}

// letter opens the link of the newest letter in the demonstration's mailbox.
func (w *walk) letter(what, part string) {
	w.t.Helper()
	w.visit("mailbox", "/demo/mail")
	var href string
	var found bool
	w.do(what, chromedp.AttributeValue(fmt.Sprintf(`main a[href*="%s"]`, part), "href", &href, &found, chromedp.ByQuery))
	if !strings.HasPrefix(href, "http") {
		href = w.s.url + href
	}
	// A letter is in its reader's language, and so is the page that it leads to.
	w.visit(what, href)
}

const submit = `main form button.button[type="submit"]:not([name])`

// register takes a teacher from the front page to their own.
func (w *walk) register(mailbox, phrase string) {
	w.t.Helper()
	w.visit("front page", "/")
	w.visit("registration", "/register")
	w.fill(map[string]string{"surname": "Тілеуқызы", "given_name": "Әсем", "email": mailbox, "password": phrase})
	w.tick(`main [name="agreed"]`)
	w.press("letter sent", submit)
	w.at("letter sent", "/register/sent")
	w.letter("confirmation", "/confirm/")
	w.fill(map[string]string{"current_password": phrase})
	w.press("my page", submit)
	w.at("my page", "/my")
}

// factor sets the second factor of somebody who is signed in.
func (w *walk) factor() {
	w.t.Helper()
	w.visit("second factor", "/my/security/factor")
	w.press("secret", `main form[action$="/begin"] button`)
	var typed string
	w.do("secret", chromedp.Text("main code", &typed, chromedp.ByQuery))
	code, err := totp.GenerateCode(strings.ReplaceAll(typed, " ", ""), time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	w.fill(map[string]string{"code": code})
	w.press("second factor is set", submit)
}

func (w *walk) signIn(mailbox, phrase string) {
	w.t.Helper()
	w.visit("sign-in", "/sign-in")
	w.fill(map[string]string{"email": mailbox, "password": phrase})
	w.press("signed in", submit)
}
