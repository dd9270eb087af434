package teste2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ustaz/internal/quiz"
	"ustaz/internal/testchrome"
)

// goOn leads from a question to the next, or to the end.
const goOn = `main form.exam button[value="after"], main form.exam button[value="end"]`

// A teacher begins a course with a final test on a phone, hands it in unanswered and fails, tries again, answers a question of each kind, passes, and has a certificate
// that anybody can check.
func TestATestOnAPhone(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, scripts := range []bool{true, false} {
		name, options := "scripts", []testchrome.Option{testchrome.Phone()}
		if !scripts {
			name, options = "noscript", append(options, testchrome.NoJavaScript())
		}
		t.Run(name, func(t *testing.T) {
			w := &walk{t: t, s: s, ctx: testchrome.New(t, options...), lang: "kk", name: "test-" + name, axe: scripts}
			w.register("asem-"+name+"@demo.example", phrase)
			w.visit("search", "/courses?q=багалау")
			w.press("tested course", `main a[href*="/courses/formative-assessment"]`)
			w.press("tested course begun", `main form[action$="/begin"] button`)
			w.press("lesson with a formula", `main .lessons li:first-child a`)
			w.press("lesson with a formula read", `main form[action$="/read"] button`)
			w.press("test begun", `main form[action$="/attempt"] button`)
			w.press("end of the test", `main button[value="end"]`)
			w.press("test failed", submit)
			w.sees("test failed", "Бұл жолы өтпедіңіз", "0 %")
			w.press("second attempt", `main form[action$="/attempt"] button`)
			for place := range 8 {
				w.answer(place)
			}
			w.press("test passed", submit)
			w.sees("test passed", "Тесттен өттіңіз", "100 %")
			w.press("my certificates", `main a[href$="/my/certificates"]`)
			w.press("my certificate", `main a[href*="/my/certificates/"]`)
			w.sees("my certificate", "Қалыптастырушы бағалау", surname)
			var at string
			w.do("number", chromedp.Location(&at))
			w.visit("check of a certificate", "/check/"+at[strings.LastIndex(at, "/")+1:])
			w.sees("check of a certificate", "Қалыптастырушы бағалау")
			if strings.Contains(w.text(), surname) {
				t.Error("the check page names somebody who did not publish it")
			}
			w.visit("my courses with a test", "/my/courses")
			w.sees("my courses with a test", "Қалыптастырушы бағалау")
			testchrome.Quiet(t, w.ctx, s.url)
		})
	}
}

// answer answers the question on the page as its author would, and goes on.
func (w *walk) answer(place int) {
	w.t.Helper()
	page := w.text()
	for _, kind := range quiz.Kinds() {
		q, err := quiz.Parse(quiz.Sample(kind, w.lang))
		if err != nil {
			w.t.Fatal(err)
		}
		first, _, _ := strings.Cut(q.Prompt, string(quiz.GapMark))
		if !strings.Contains(page, strings.TrimSpace(first)) {
			continue
		}
		for _, in := range inputsOf(q) {
			sel := fmt.Sprintf(`main form.exam [name="%s"]`, in.name)
			switch {
			case in.choice:
				w.tick(sel + fmt.Sprintf(`[value="%s"]`, in.value))
			case in.list:
				w.do("choose", chromedp.SetValue(sel, in.value, chromedp.ByQuery))
			default:
				w.write(sel, in.value)
			}
		}
		w.press(fmt.Sprintf("question %d", place+1), goOn)
		return
	}
	w.t.Fatalf("question %d is none of ours:\n%s", place+1, page)
}

type filledIn struct {
	name, value  string
	choice, list bool
}

// inputsOf is the right answer as it is filled in.
func inputsOf(q quiz.Question) (out []filledIn) {
	a := q.Right()
	for _, i := range a.Chosen {
		out = append(out, filledIn{name: "choice", value: fmt.Sprint(i), choice: true})
	}
	if a.Truth != nil {
		out = append(out, filledIn{name: "truth", value: fmt.Sprint(*a.Truth), choice: true})
	}
	if a.Text != "" {
		out = append(out, filledIn{name: "text", value: a.Text})
	}
	for i, right := range a.Matched {
		out = append(out, filledIn{name: fmt.Sprintf("match.%d", i), value: fmt.Sprint(right), list: true})
	}
	for at, item := range a.Order {
		out = append(out, filledIn{name: fmt.Sprintf("place.%d", item), value: fmt.Sprint(at + 1), list: true})
	}
	for i, text := range a.Gaps {
		out = append(out, filledIn{name: fmt.Sprintf("gap.%d", i), value: text, list: len(q.Gaps[i].Options) > 0})
	}
	return out
}

// An editor writes a course: it saves itself while they type, shows what it will look like, and is published; then anybody reads it.
func TestAnEditorAtTheDesk(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := &walk{t: t, s: s, ctx: testchrome.New(t, testchrome.Desktop()), lang: "kk", name: "editor", axe: true}
	const staff = "erke@demo.example"
	w.signIn(staff, s.password(t, staff))
	w.factor()
	w.visit("courses to write", "/console/courses")
	w.press("new course", `main a[href$="/console/courses/new"]`)
	w.fill(map[string]string{"title.kk": "Ашық сұрақтар", "summary.kk": "Оқушыны ойландыратын сұрақтар.", "hours": "2", "slug": "ashyq-suraqtar"})
	w.press("course to write", submit)
	w.do("open the form", chromedp.Click(`main details.add summary`, chromedp.ByQuery))
	w.fill(map[string]string{"title": "Ашық сұрақ деген не"})
	w.press("lesson to write", `main details.add form button.button`)
	w.write(`main [name="body"]`, "**Ашық** сұрақтың жауабы біреу емес.")
	w.do("saved by itself", chromedp.Poll(`document.querySelector(".saved").textContent.startsWith("Сақталды")`, nil))
	w.do("shown as it will look", chromedp.Poll(`document.querySelector("[data-made] strong")?.textContent === "Ашық"`, nil))
	var rev string
	w.do("rev", chromedp.Value(`main [name="rev"]`, &rev, chromedp.ByQuery))
	if rev != "2" {
		t.Errorf("the form goes on from rev %s", rev)
	}
	// The button is pressed while the form's own saving is on its way: they do not stand in each other's.
	w.do("hold the answer", chromedp.Evaluate(`(() => { const go = window.fetch; window.fetch = async (...what) => {
		const answer = await go(...what); if (!what[1].body.has("auto")) return answer;
		window.held = true; await new Promise((free) => { window.free = free; }); return answer; }; })()`, nil))
	w.write(`main [name="body"]`, " Оны ойланып табады.")
	w.do("on its way", chromedp.Poll(`window.held === true`, nil))
	w.write(`main [name="body"]`, " Содан кейін сұрайды.")
	w.do("pressed meanwhile", chromedp.Click(`main .write-form form button[type="submit"]`, chromedp.ByQuery))
	w.do("saved by hand", chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.Evaluate(`window.free()`, nil))
		return err
	}))
	w.sees("saved by hand", "Сақталды", "Содан кейін")
	w.visit("course with a lesson", "/console/courses/ashyq-suraqtar")
	w.press("question to write", `main a[href$="/questions"]`)
	w.press("first question", `main a[href*="/questions/new/"]`)
	w.do("sample", chromedp.Click(`main .samples details:first-of-type summary`, chromedp.ByQuery), chromedp.Click(`main .samples details:first-of-type button`, chromedp.ByQuery))
	w.do("question as it will look", chromedp.Poll(`document.querySelectorAll("[data-made] input[type=radio]").length > 1`, nil))
	w.press("question saved", submit)
	w.visit("course ready", "/console/courses/ashyq-suraqtar")
	w.press("publish", `main a[href$="/publish"]`)
	w.press("published", submit)
	w.visit("course as published", "/courses/ashyq-suraqtar")
	w.sees("course as published", "Ашық сұрақтар", "Ашық сұрақ деген не")
	testchrome.Quiet(t, w.ctx, s.url)
}
