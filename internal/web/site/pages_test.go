package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

func isLink(n *html.Node) bool { return n.Data == "a" }

func TestFirstPage(t *testing.T) {
	e := openPublic(t)
	doc := e.tree("/ru/")
	notice := find(doc, hasClass("ask"))
	if len(notice) != 1 {
		t.Fatal("a visitor sees no notice about the policy (2.1)")
	}
	choices := find(find(notice[0], hasClass("pair"))[0], isLink)
	if len(choices) != 2 || attr(choices[0], "class") != attr(choices[1], "class") || attr(choices[0], "href") != "/ru/policy" || attr(choices[1], "href") != "/ru/courses" {
		t.Error("the two choices are not alike, or lead elsewhere")
	}
	if steps := find(doc, func(n *html.Node) bool { return n.Data == "li" && n.Parent.Data == "ol" }); len(steps) != 3 {
		t.Errorf("the door takes %d steps", len(steps))
	}
	var buttons []string
	for _, b := range find(find(doc, hasClass("acts"))[0], isLink) {
		buttons = append(buttons, attr(b, "href"))
	}
	if !slices.Equal(buttons, []string{"/ru/register", "/ru/sign-in"}) {
		t.Errorf("buttons lead to %v", buttons)
	}

	e.viewer = web.Viewer{Subject: 7}
	doc = e.tree("/ru/")
	if len(find(doc, hasClass("ask"))) != 0 || attr(find(find(doc, hasClass("acts"))[0], isLink)[0], "href") != "/ru/my" {
		t.Error("who has signed in is asked to register, or to read the notice")
	}
}

func TestCoursesOnTheFirstPage(t *testing.T) {
	e := openPublic(t)
	count := func() (cards, empty, all int) {
		doc := e.tree("/en/")
		return len(find(doc, hasClass("card"))), len(find(doc, hasClass("empty"))), strings.Count(said(doc), "All courses")
	}
	if cards, empty, all := count(); cards != 1 || empty != 0 || all != 0 {
		t.Error("one course:", cards, empty, all)
	}
	for i := range 3 {
		e.put(learning.Course{Slug: fmt.Sprintf("c%d", i), About: learning.About{Hours: 36, Words: map[string]learning.Words{"kk": {Title: "Курс", Summary: "Туралы."}}, Body: map[string]string{"kk": "Мәтін"}}})
	}
	if cards, _, all := count(); cards != 3 || all != 1 {
		t.Error("four courses:", cards, all)
	}
	if foreign := find(e.tree("/en/"), func(n *html.Node) bool { return isLink(n) && attr(n, "lang") == "kk" && said(n) == "Курс" }); len(foreign) == 0 {
		t.Error("a Kazakh title on an English page is not marked as Kazakh")
	}
	bare := openPublic(t, func(e *publicEnv) { mustExec(e, "DELETE FROM course") })
	if got := said(find(bare.tree("/en/"), hasClass("empty"))[0]); !strings.Contains(got, "No courses yet") {
		t.Errorf("without courses: %q", got)
	}
	if got := said(find(bare.tree("/en/courses"), hasClass("empty"))[0]); !strings.Contains(got, "No courses yet") {
		t.Errorf("the list without courses: %q", got)
	}
}

func TestListOfCoursesHasPages(t *testing.T) {
	e := openPublic(t)
	for i := range coursesAPage {
		e.put(learning.Course{Slug: fmt.Sprintf("c%d", i), About: learning.About{Hours: 36, Words: map[string]learning.Words{"kk": {Title: "Курс", Summary: "Туралы."}}, Body: map[string]string{"kk": "Мәтін"}}})
	}
	if n := len(find(e.tree("/kk/courses"), hasClass("card"))); n != coursesAPage {
		t.Errorf("%d on the first page", n)
	}
	if n := len(find(e.tree("/kk/courses?page=2"), hasClass("card"))); n != 1 {
		t.Errorf("%d on the second page", n)
	}
	if w := e.get("/kk/courses?page=3"); w.Code != http.StatusNotFound {
		t.Errorf("a third page: %d", w.Code)
	}
}

func TestCourse(t *testing.T) {
	e := openPublic(t)
	for _, code := range i18n.Codes() {
		doc := e.tree("/" + code + "/courses/personal-data-in-class")
		if got := said(find(doc, hasClass("notice"))[0]); !strings.Contains(got, e.deps.lang(t, code).T("course.demo")) {
			t.Errorf("%s: the sample is not marked as one", code)
		}
		lessons := find(find(doc, hasClass("lessons"))[0], func(n *html.Node) bool { return n.Data == "a" })
		if len(lessons) != 3 || len(find(doc, func(n *html.Node) bool { return n.Data == "form" && strings.HasSuffix(attr(n, "action"), "/begin") })) != 0 {
			t.Errorf("%s: %d lessons, or a visitor may begin", code, len(lessons))
		}
		last := e.tree(attr(lessons[2], "href"))
		article := find(last, hasClass("course"))[0]
		away := find(article, func(n *html.Node) bool { return strings.HasPrefix(attr(n, "href"), "http") })
		if len(away) != 1 || !strings.Contains(attr(away[0], "rel"), "noreferrer") || attr(away[0], "class") != "away" {
			t.Errorf("%s: the link that leaves is not marked (2.3)", code)
		}
		if ways := find(last, func(n *html.Node) bool { return attr(n, "rel") == "prev" || attr(n, "rel") == "next" }); len(ways) != 1 || attr(ways[0], "href") != attr(lessons[1], "href") {
			t.Errorf("%s: from the last lesson one comes to %v", code, ways)
		}
	}
	e.put(learning.Course{Slug: "kk-only", About: learning.About{Hours: 1, Words: map[string]learning.Words{"kk": {Title: "Курс", Summary: "Туралы."}}, Body: map[string]string{"kk": "Мәтін"}}})
	doc := e.tree("/ru/courses/kk-only")
	if attr(find(doc, hasClass("course"))[0], "lang") != "kk" || !strings.Contains(said(find(doc, hasClass("notice"))[0]), "на казахском языке") {
		t.Error("a Kazakh course on a Russian page is not marked")
	}
}

func TestContact(t *testing.T) {
	e := openPublic(t)
	e.must(e.db.Write(t.Context(), func(x *db.Tx) error {
		for _, edit := range []worktime.Clock{{Code: "info", Term: worktime.Term{N: 21, Unit: worktime.WorkingDays}, Basis: "L 25-2(6)(7); rules 395/НҚ p.16"},
			{Code: "withdraw", Term: worktime.Term{N: 1, Unit: worktime.WorkingDays}, Basis: "№ 5 бұйрық"}} {
			if err := clocks.SetTerm(x, 7, edit); err != nil {
				return err
			}
		}
		return nil
	}))
	doc := e.tree("/ru/contact")
	text := said(doc)
	for _, want := range []string{"Фонд «Білім»", "990140000010", "г. Астана, дом 1", "+7 7172 00 00 00", "А. К."} {
		if !strings.Contains(text, want) {
			t.Errorf("the operator is not named: %q (1.1.1)", want)
		}
	}
	var rows []string
	for _, n := range find(find(doc, func(n *html.Node) bool { return n.Data == "tbody" })[0], func(n *html.Node) bool { return n.Data == "tr" }) {
		var cells []string
		for c := range n.ChildNodes() {
			cells = append(cells, said(c))
		}
		rows = append(rows, strings.Join(cells, " | "))
	}
	forms := map[string]bool{}
	for _, a := range find(doc, isLink) {
		forms[attr(a, "href")] = true
	}
	for _, path := range []string{"/ru/question", "/ru/claim", "/ru/representative", "/ru/certificate"} {
		if !forms[path] {
			t.Errorf("no way to %s (8.1, 9.3)", path)
		}
	}
	want := []string{
		"Ответ о том, какие данные хранятся | 21 рабочий день | Закон № 94-V, ст. 25-2(6)(7)", // as it was edited
		"Исправление или дополнение данных по документам | 1 рабочий день | Закон № 94-V, ст. 25-2(8)",
		"Блокирование данных по обращению | немедленно | пункт 6.2.4",
		"Прекращение обработки после отзыва согласия | 1 рабочий день | № 5 бұйрық",
		"Удаление данных по просьбе пользователя | 15 календарных дней | Цифровой кодекс, ст. 41",
		"Письменный ответ на досудебную претензию | 30 календарных дней | пункт 8.2",
		"Ответ на вопрос или предложение | 15 рабочих дней | пункт 9.3",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("terms:\n%s", strings.Join(rows, "\n"))
	}
	var letters []string
	for _, a := range find(doc, func(n *html.Node) bool { return isLink(n) && strings.Contains(attr(n, "href"), "subject=") }) {
		u, err := url.Parse(attr(a, "href"))
		e.must(err)
		letters = append(letters, u.Scheme+" "+u.Opaque+" "+u.Query().Get("subject"))
	}
	if !slices.Equal(letters, []string{"mailto ustaz@bilim.example Политика конфиденциальности"}) {
		t.Errorf("letters begin as %q", letters)
	}

	silent := openPublic(t, func(e *publicEnv) { e.operator = web.Operator{Name: i18n.Text{KK: "Қор"}} })
	doc = silent.tree("/en/contact")
	if len(find(doc, hasClass("notice"))) != 1 || strings.Contains(said(doc), "If you would rather write a letter") {
		t.Error("an operator without an address is not told of")
	}
}

func TestMailbox(t *testing.T) {
	e := openPublic(t, func(e *publicEnv) {
		e.deps.Letters = func(_ context.Context, limit int) ([]Letter, error) {
			return []Letter{
				{To: "aya@mysal.example", Subject: "Екінші", At: openDay, Text: "Ашыңыз: https://ustaz.example/kk/confirm/abc?x=1&y=2.\nhttps://ustaz.example.evil.example/a http://ustaz.example/b https://u@ustaz.example/c (https://ustaz.example//evil.example)"},
				{To: "aya@mysal.example", Subject: "Первое", At: openDay, Text: fmt.Sprint(limit), Lang: "ru"},
			}, nil
		}
	})
	w := e.get("/kk/demo/mail")
	if w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), `content="noindex"`) {
		t.Errorf("letters may be kept: %v", w.Header())
	}
	doc := e.tree("/kk/demo/mail")
	letters := find(doc, hasClass("letter"))
	if len(letters) != 2 || !strings.HasPrefix(said(letters[0]), "Екінші") || !strings.Contains(said(letters[1]), fmt.Sprint(lettersAPage)) {
		t.Errorf("%d letters", len(letters))
	}
	if marked := find(letters[1], func(n *html.Node) bool { return attr(n, "lang") == "ru" }); len(marked) != 2 {
		t.Error("a Russian letter on a Kazakh page is not marked")
	}
	var hrefs []string
	for _, a := range find(letters[0], isLink) {
		hrefs = append(hrefs, attr(a, "href"))
	}
	if want := []string{"/kk/confirm/abc?x=1&y=2", "/evil.example"}; !slices.Equal(hrefs, want) {
		t.Errorf("links to %q, want %q", hrefs, want)
	}
	if !strings.Contains(said(find(doc, hasClass("notice"))[0]), "Тек сынап көру үшін") {
		t.Error("the mailbox is not marked as one of a demonstration")
	}

	real := openPublic(t, func(e *publicEnv) { e.deps.Letters = nil })
	if w := real.get("/kk/demo/mail"); w.Code != http.StatusNotFound {
		t.Errorf("a site that serves people shows letters: %d", w.Code)
	}
	broken := openPublic(t, func(e *publicEnv) {
		e.deps.Letters = func(context.Context, int) ([]Letter, error) {
			return nil, errs.New(errs.Unavailable, "error.unavailable")
		}
	})
	if w := broken.get("/kk/demo/mail"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a folder that can't be read: %d", w.Code)
	}
	empty := openPublic(t, func(e *publicEnv) { e.deps.Letters = func(context.Context, int) ([]Letter, error) { return nil, nil } })
	if len(find(empty.tree("/kk/demo/mail"), hasClass("empty"))) != 1 {
		t.Error("an empty mailbox says nothing")
	}
}

func mustExec(e *publicEnv, statement string) {
	e.t.Helper()
	e.must(e.db.Write(context.Background(), func(t *db.Tx) error { _, err := t.Exec(statement); return err }))
}
