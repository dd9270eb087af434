package teste2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ustaz/internal/testchrome"
)

// inBox counts the letters of the demonstration's mailbox whose links have a part.
func (w *walk) inBox(part string) (n int) {
	w.t.Helper()
	w.do("mailbox", chromedp.Navigate(w.path("/demo/mail")), chromedp.WaitReady("main", chromedp.ByQuery),
		chromedp.Evaluate(fmt.Sprintf(`document.querySelectorAll('main a[href*="%s"]').length`, part), &n))
	return n
}

// next waits for one more letter than there were, and opens its link.
func (w *walk) next(what, part string, were int) {
	w.t.Helper()
	for until := time.Now().Add(time.Minute); w.inBox(part) <= were; {
		if time.Now().After(until) {
			w.t.Fatalf("%s: no letter came", what)
		}
	}
	w.letter(what, part)
}

// number is that of the case at whose page the browser is.
func (w *walk) number() string {
	w.t.Helper()
	var at string
	w.do("address", chromedp.Location(&at))
	at, _, _ = strings.Cut(at, "?")
	return at[strings.LastIndexByte(at, '/')+1:]
}

// decide answers a case at the officer's desk.
func (w *walk) decide(number, outcome, words string) {
	w.t.Helper()
	w.visit("case", "/console/cases/"+number)
	w.do("open", chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil))
	w.tick(fmt.Sprintf(`main form[action$="/answer"] [name="outcome"][value="%s"]`, outcome))
	w.write(`main form[action$="/answer"] [name="answer"]`, words)
	w.press("answered", `main form[action$="/answer"] button.button`)
}

// Somebody blocks their data by the button in "My data", the officer lifts it with words; a visitor claims, follows the letter's link, adds to
// the claim and reads the answer: in each language.
func TestRightsDesk(t *testing.T) {
	t.Parallel()
	s := serve(t)
	officer := &walk{t: t, s: s, ctx: testchrome.New(t, testchrome.Desktop()), lang: "kk", name: "desk", axe: true}
	officer.visit("invitation", s.first)
	officer.register("bastyq@demo.example", phrase)
	officer.visit("invitation again", s.first)
	officer.press("accepted", submit)
	officer.factor()
	canaries := []string{phrase, "bastyq@demo.example"}
	for lang, say := range map[string]struct{ blocked, wrong, found, claim, more, done string }{
		"kk": {"Деректеріңіз бұғатталған", "Тегім қате жазылған.", "Қате табылмады.", "Сертификат берілмеді.", "Курсты қазанда аяқтадым.", "Сертификат жіберілді."},
		"ru": {"Ваши данные заблокированы", "Фамилия написана неверно.", "Ошибки не нашли.", "Сертификат не выдали.", "Курс закончен в октябре.", "Сертификат отправлен."},
		"en": {"Your data are blocked", "My surname is misspelt.", "Nothing wrong was found.", "I got no certificate.", "I finished in October.", "The certificate is on its way."},
	} {
		t.Run(lang, func(t *testing.T) {
			canaries = append(canaries, say.wrong, say.claim, say.more, say.done, "dana-"+lang+"@demo.example", "asem-"+lang+"@demo.example")
			officer.t = t
			teacher := &walk{t: t, s: s, ctx: testchrome.New(t, testchrome.Phone()), lang: lang, name: "block-" + lang, axe: lang == "kk"}
			teacher.register("asem-"+lang+"@demo.example", phrase)
			teacher.visit("my data", "/my/data")
			teacher.press("block", `main a[href$="/my/block"]`)
			teacher.tick(`main [name="doubted"][value="surname"]`)
			teacher.fill(map[string]string{"words": say.wrong})
			teacher.press("blocked", submit)
			number := teacher.number()
			teacher.sees("blocked", say.blocked, say.wrong)
			teacher.visit("profile", "/my/profile")
			teacher.sees("profile", say.blocked)

			officer.visit("first screen", "/console")
			officer.sees("first screen", number)
			officer.decide(number, "lifted", say.found)
			teacher.visit("case", "/my/cases/"+number)
			teacher.sees("case", say.found)
			teacher.visit("my page", "/my")
			if strings.Contains(teacher.text(), say.blocked) {
				t.Error("still blocked")
			}

			visitor := &walk{t: t, s: s, ctx: testchrome.New(t, testchrome.Phone(), testchrome.NoJavaScript()), lang: lang, name: "claim-" + lang}
			were := teacher.inBox("/case/")
			visitor.visit("contact", "/contact")
			visitor.press("claim", `main a[href$="/claim"]`)
			visitor.fill(map[string]string{"surname": "Данаева", "given_name": "Дана", "email": "dana-" + lang + "@demo.example", "words": say.claim})
			visitor.press("filed", submit)
			teacher.next("letter", "/case/", were) // a browser with scripts counts the letters
			link := teacher.here()
			visitor.visit("by link", link)
			visitor.sees("by link", say.claim)
			visitor.fill(map[string]string{"words": say.more})
			visitor.press("added", submit)
			visitor.sees("added", say.claim, say.more)
			_, claim, _ := strings.Cut(visitor.text(), "2026-")
			claim, _, _ = strings.Cut(claim, ":")
			officer.decide("2026-"+claim, "granted", say.done)
			visitor.visit("answer", link)
			visitor.sees("answer", say.done)
			testchrome.Quiet(t, teacher.ctx, s.url)
			testchrome.Quiet(t, visitor.ctx, s.url)
		})
	}
	for _, c := range canaries {
		if strings.Contains(s.log.String(), c) {
			t.Errorf("the log of the program holds %q", c)
		}
	}
}

func (w *walk) here() (at string) {
	w.t.Helper()
	w.do("address", chromedp.Location(&at))
	return at
}
