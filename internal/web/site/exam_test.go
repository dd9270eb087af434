package site

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/exam"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

const testSlug = "bagalau"

// examCourse is a course with a lesson and a final test of every kind of question that a program grades.
func examCourse() learning.Course {
	all := func(kk, ru, en string) map[string]string { return map[string]string{"kk": kk, "ru": ru, "en": en} }
	c := learning.Course{Slug: testSlug, About: learning.About{Hours: 2, Words: map[string]learning.Words{"kk": {Title: "Бағалау", Summary: "Бағалау туралы."}, "ru": {Title: "Оценивание", Summary: "Об оценивании."},
		"en": {Title: "Assessment", Summary: "About assessment."}}},
		Lessons: []learning.Lesson{
			{ID: 21, Kind: learning.Reading, Minutes: 5, Words: all("Негіздері", "Основы", "Basics"), Body: all("Мәтін", "Текст", "Text")},
			{ID: 22, Kind: learning.Testing, Minutes: 10, Words: all("Қорытынды тест", "Итоговый тест", "Final test"), Body: all("", "", ""),
				Test: &learning.Test{Draws: []learning.Draw{{Count: 8}}, Limit: 30, Attempts: 3, Pass: 60, Review: learning.ReviewPassed, Final: true}}}}
	for i, text := range []map[string]string{
		all("Баға не үшін?\n\n( ) Жаза үшін // Олай емес.\n(x) Кері байланыс үшін", "Зачем оценка?\n\n( ) Для наказания // Это не так.\n(x) Для обратной связи", "What is a mark for?\n\n( ) Punishment // It is not.\n(x) Feedback\n! Because."),
		all("Қайсысы ашық сұрақ?\n\n[x] Неге?\n[ ] Иә ме?\n[x] Қалай?", "Какие открытые?\n\n[x] Почему?\n[ ] Да ли?\n[x] Как?", "Which are open?\n\n[x] Why?\n[ ] Is it?\n[x] How?"),
		all("Жер дөңгелек.\n\n= дұрыс", "Земля круглая.\n\n= верно", "The Earth is round.\n\n= true"),
		all("6 × 7?\n\n= 42", "6 × 7?\n\n= 42", "6 × 7?\n\n= 42"),
		all("Елорда?\n\n= Астана", "Столица?\n\n= Астана", "The capital?\n\n= Astana"),
		all("Жұбын тап.\n\nа -> бір\nә -> екі", "Найдите пару.\n\nа -> один\nб -> два", "Match.\n\na -> one\nb -> two"),
		all("Ретімен қой.\n\n(1) бір\n(2) екі\n(3) үш", "По порядку.\n\n(1) один\n(2) два\n(3) три", "Put in order.\n\n(1) one\n(2) two\n(3) three"),
		all("Елорда — {{Астана}}, айы {{*қыркүйек|мамыр}}.", "Столица — {{Астана}}, месяц {{*сентябрь|май}}.", "The capital is {{Astana}}, the month {{*September|May}}."),
	} {
		c.Questions = append(c.Questions, learning.Question{ID: int64(31 + i), Points: 1, Text: text})
	}
	return c
}

func (w *world) withTest(change func(*learning.Course)) (course, test string) {
	w.t.Helper()
	c := examCourse()
	if change != nil {
		change(&c)
	}
	w.must(w.DB.Write(w.t.Context(), func(x *db.Tx) error { return learning.Put(x, c) }))
	return "/courses/" + testSlug, "/courses/" + testSlug + "/" + person.ID(22).String()
}

var (
	rightAnswers = []url.Values{{"choice": {"1"}}, {"choice": {"0", "2"}}, {"truth": {"true"}}, {"text": {"42"}}, {"text": {"astana"}}, {"match.0": {"0"}, "match.1": {"1"}},
		{"place.0": {"1"}, "place.1": {"2"}, "place.2": {"3"}}, {"gap.0": {"Astana"}, "gap.1": {"0"}}}
	attemptAt = regexp.MustCompile(`^(/../my/tests/[0-9a-z]{13})/1$`)
)

// attempt begins an attempt, or goes on with it, and gives its address.
func (b *walker) attempt(lang, test string) string {
	b.t.Helper()
	b.open("/" + lang + test).fill(test + "/attempt")
	m := attemptAt.FindStringSubmatch(b.at)
	if m == nil {
		b.t.Fatalf("led to %s", b.at)
	}
	return m[1]
}

// with adds to a form.
func with(form url.Values, name, value string) url.Values {
	out := url.Values{name: {value}}
	for k, v := range form {
		out[k] = v
	}
	return out
}

// TestATestThroughThePages: begun, answered, failed; tried again, answered on another device, passed; all of it in "My data" and in the copy.
func TestATestThroughThePages(t *testing.T) {
	w := openWorld(t, testHome)
	course, test := w.withTest(nil)
	guest := w.walker().open("/en" + test)
	guest.is(200, "/en"+test).says("8 questions", "pass mark 60 %", "30 minutes an attempt", "3 attempts", "final test")

	b := w.signUp("en", ayaEmail)
	b.open("/en"+course).fill(course+"/begin").says("You have begun the course", "Test, 10 minutes")
	at := b.attempt("en", test)
	b.says("Question 1 of 8", "What is a mark for?", "Answers are taken until")
	if strings.Contains(b.body, "It is not.") || strings.Contains(b.body, "Because.") {
		t.Error("feedback is shown before the answer")
	}
	b.send(http.MethodPost, at+"/1", with(rightAnswers[0], "to", "after")).is(200, at+"/2").says("Which are open?")
	b.send(http.MethodPost, at+"/2", with(url.Values{"choice": {"1"}}, "to", "before")).is(200, at+"/1")
	if !strings.Contains(b.body, `value="1" checked`) {
		t.Error("the answer did not come back")
	}
	b.send(http.MethodPost, at+"/4", with(url.Values{"text": {"forty"}}, "to", "after")).is(422, at+"/4").says("Write a number without units")
	if !strings.Contains(b.body, `value="forty"`) {
		t.Error("what was typed is lost")
	}
	b.open(at+"/end").is(200, at+"/end").says("2 of 8 answered", "6 questions are not answered", "Question 4")
	b.fill("/end").is(200, at).says("Not passed this time", "You reached 12 %", "60 % are needed", "a person will look at it", "Answers are shown once you pass")
	if strings.Contains(b.body, "What is a mark for?") {
		t.Error("answers are shown though there are attempts left")
	}
	b.open(at+"/3").is(200, at)
	b.open(at+"/end").is(200, at)
	b.send(http.MethodPost, at+"/3", with(rightAnswers[2], "to", "after")).is(200, at)

	again := b.open("/en"+test).says("not passed, 12 %").attempt("en", test)
	if again == at {
		t.Error("the attempt that is over goes on")
	}
	for i, answer := range rightAnswers {
		b.send(http.MethodPost, again+"/"+string(rune('1'+i)), with(answer, "auto", "1"))
		var got saved
		w.must(json.Unmarshal([]byte(b.body), &got))
		if got.Saved == "" {
			t.Errorf("question %d: %+v", i+1, got)
		}
	}
	b.fillAt(again+"/end", "/end").is(200, again).says("You passed", "8 of 8 (100 %)", "Your answers", "Because.", "Put in order.")
	b.open("/en"+test).says("You have passed this test", "passed, 100 %")
	b.open("/en"+course).says("1 of 2", "passed")

	b.open("/en/my/data").says("You began a test of the course: Assessment", "You answered a question of a test in the course: Assessment", "You handed in a test of the course: Assessment")
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/en/my/data.json").body), &got))
	tests := got.Courses[0].Tests
	if len(tests) != 2 || tests[0].N != 2 || len(tests[0].Answers) != 8 || !tests[0].Result.Passed || tests[0].Answers[4].Answer.Text != "astana" || tests[0].Test != "Final test" {
		t.Errorf("the copy has %+v", tests)
	}
	b.open("/en" + course + "/leave").fill(course + "/leave")
	b.open(again).is(404, again)
}

func TestATestAgainstTheOdds(t *testing.T) {
	w := openWorld(t, testHome)
	course, test := w.withTest(func(c *learning.Course) { c.Lessons[1].Test.After = true })
	b := w.signUp("en", ayaEmail)
	b.open("/en" + course).fill(course + "/begin")
	b.open("/en" + test).says("The test opens once the lessons before it are done")
	if strings.Contains(b.body, "/attempt") {
		t.Error("a test that is not open is offered")
	}
	b.send(http.MethodPost, "/en"+test+"/attempt", nil).is(409, "/en"+test+"/attempt")
	lesson := course + "/" + person.ID(21).String()
	b.open("/en" + lesson).fill(lesson + "/read")
	at := b.attempt("en", test)

	other := w.signUp("en", "bota@demo.example")
	for _, path := range []string{at, at + "/1", at + "/end"} {
		other.open(path).is(404, path)
	}
	other.send(http.MethodPost, at+"/1", with(rightAnswers[0], "to", "after")).is(404, at+"/1")
	for _, path := range []string{at + "/0", at + "/9", at + "/x"} {
		b.open(path).is(404, path)
	}
	b.send(http.MethodPost, at+"/1", url.Values{"choice": {"9"}, "to": {"after"}}).is(422, at+"/1")
	b.send(http.MethodPost, at+"/1", url.Values{"answer": {"9"}}).is(422, at+"/1")

	b.send(http.MethodPost, at+"/1", with(rightAnswers[0], "to", "after")).is(200, at+"/2")
	w.Clock.Move(30*time.Minute + exam.Grace + time.Second)
	b.send(http.MethodPost, at+"/2", with(rightAnswers[1], "auto", "1"))
	if !strings.Contains(b.body, "Time is up") {
		t.Errorf("late: %s", b.body)
	}
	b.open(at+"/2").is(200, at).says("Not passed this time", "You reached 12 %")
}

// fillAt opens a page and sends the form on it whose action ends so.
func (b *walker) fillAt(page, action string) *walker { return b.open(page).fill(action) }

// TestTheCatalogueIsSearched: by words and filters, with an address that can be passed on.
func TestTheCatalogueIsSearched(t *testing.T) {
	w := openWorld(t, testHome)
	w.withTest(func(c *learning.Course) { c.Subject, c.Level = "assessment", "moderator" })
	w.withCourse()
	g := w.walker().open("/kk/courses").is(200, "/kk/courses").says("Бағалау", "Сабақтағы дербес деректер")
	g.open("/kk/courses?q="+url.QueryEscape("багалаудын")).says("1 курс табылды", "Бағалау туралы", "Педагог-модератор")
	if strings.Contains(g.body, "Сабақтағы дербес деректер") {
		t.Error("a course without the word is shown")
	}
	g.open("/ru/courses?q="+url.QueryEscape("оценивания")+"&level=expert").says("Ничего не нашлось", "Все курсы")
	g.open("/en/courses?subject=assessment&in=ru").says("1 course was found", "Assessment")
	g.open("/en/courses?subject=cooking").is(404, "/en/courses")
	g.open("/en/courses?q=a&x=1").is(422, "/en/courses")
}

// opened counts the entries by which somebody's studies were opened to themselves.
func (w *world) opened(b *walker) int {
	w.t.Helper()
	list, _, err := w.Ledger.BySubject(w.t.Context(), b.subject(), 1<<62, 1000, func(e *ledger.Entry) bool {
		return e.Operation == policy.Access && e.Fields == person.Set(person.Study)
	})
	w.must(err)
	return len(list)
}
