package site

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/testchrome"
)

// TestPublicPagesInABrowser holds the public pages against axe, on a desk in the light and, where they look another way
// there, on a phone in the dark; nothing is asked of another host and the browser has nothing to complain about (2.3).
func TestPublicPagesInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	home := "http://" + server.Listener.Addr().String()
	e := openPublic(t, func(e *publicEnv) {
		var err error
		e.deps.Public, err = url.Parse(home)
		e.must(err)
		e.publish(e.base)
		e.publish(e.another("2", openDay.AddDate(0, 0, 10), func(ed *policy.Edition) {
			ed.Docs["kk"].Sections[1].Clauses[0].Text += " Жаңа сөз."
			ed.RulesText = strings.Replace(ed.RulesText, `Field::"phone"`, `Field::"iin"`, 1)
		}))
	})
	server.Config.Handler = e.frame
	server.Start()
	defer server.Close()
	for screen, pages := range [][]string{
		{"/", "/policy", "/policy/4.1.7", "/policy/rules", "/policy/print", "/policy/editions", "/policy/editions/2/changes",
			"/contact", "/courses", "/courses/personal-data-in-class", "/demo/mail"},
		{"/", "/policy/4.1", "/policy/rules", "/policy/editions", "/policy/editions/2/changes", "/contact", "/courses/personal-data-in-class", "/demo/mail"},
	} {
		t.Run(testchrome.Screens[screen].Name, func(t *testing.T) {
			v := testchrome.NewViewer(t, home, testchrome.Screens[screen])
			for i, page := range pages {
				path := "/" + languageOf(i) + page
				v.Look(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "-"), path, nil)
				var astray []string
				if err := chromedp.Run(v.Ctx, chromedp.Evaluate(crowded, &astray)); err != nil || len(astray) > 0 {
					t.Errorf("%s: crowded cells %q (%v)", path, astray, err)
				}
			}
			v.Quiet()
		})
	}
}

// languageOf lets the languages take turns; pictures are in Kazakh.
func languageOf(page int) string {
	if testchrome.Pictured() {
		return "kk"
	}
	return i18n.Codes()[page%3]
}

// crowded lists the cells of tables in which words, links and chips do not follow each other as a line of text does: on a phone they would
// stand each in a column of its own, among the labels.
const crowded = `[...document.querySelectorAll(".table td")].filter(e => /grid|flex/.test(getComputedStyle(e).display)).map(e => e.outerHTML)`
