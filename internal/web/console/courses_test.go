package console

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"ustaz/internal/authoring"
	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/testchrome"
)

const courseSlug = "bagalau-negizderi"

// aCourse is a course with a lesson, a test and a question, published once and changed since; its address.
func (w *world) aCourse() string {
	w.Helper()
	if w.written.lesson != "" {
		return courseSlug
	}
	by := w.viewers["editor"].Subject
	w.post("editor", "/kk/console/courses", "title.kk", "Бағалау негіздері", "summary.kk", "Қалыптастырушы бағалауды сабақта қолдану.", "hours", "36", "slug", courseSlug).is(http.StatusSeeOther)
	at := "/kk/console/courses/" + courseSlug
	w.post("editor", at+"/lessons", "title", "Бағалау деген не", "kind", "text").is(http.StatusSeeOther)
	d := w.courseDraft()
	w.post("editor", at+"/lessons/"+person.ID(d.Course.Lessons[0].ID).String()+"/kk", "title", "Бағалау деген не", "body", "# Мақсаты\n\nБағалау — оқытудың **бір бөлігі**.\n\n| Түрі | Қашан |\n| --- | --- |\n| Қалыптастырушы | күн сайын |", "minutes", "15", "rev", "1").is(http.StatusSeeOther)
	w.post("editor", at+"/questions/new/kk", "text", "Қалыптастырушы бағалау не үшін керек?\n\n( ) Рейтинг жасау үшін // Рейтинг келесі қадамды көрсетпейді.\n(x) Оқыту кезіндегі кері байланыс үшін", "topic", "Негіздер", "points", "1", "rev", "0").is(http.StatusSeeOther)
	w.post("editor", at+"/lessons", "title", "Қорытынды тест", "kind", "test").is(http.StatusSeeOther)
	d = w.courseDraft()
	w.post("editor", at+"/lessons/"+person.ID(d.Course.Lessons[1].ID).String()+"/kk", "title", "Қорытынды тест", "body", "", "minutes", "20", "draw", "1", "draw_of", "Негіздер", "pass", "60",
		"limit", "40", "attempts", "3", "review", "passed", "shuffle", "1", "final", "1", "rev", "1").is(http.StatusSeeOther)
	d = w.courseDraft()
	if f := d.Course.Faults(); len(f) > 0 {
		w.Fatalf("faults %+v", f)
	}
	if _, err := w.c.Courses.Publish(w.Context(), by, courseSlug, d.Changes, "Алғашқы нұсқа"); err != nil {
		w.Fatal(err)
	}
	id, err := w.c.Courses.AddLesson(w.Context(), by, courseSlug, learning.Lesson{Kind: learning.Reading, Minutes: 5, Words: map[string]string{"kk": "Артық"}})
	w.must(err)
	w.must(w.c.Courses.RemoveLesson(w.Context(), by, courseSlug, id))
	w.written = written{person.ID(d.Course.Lessons[0].ID).String(), person.ID(d.Course.Questions[0].ID).String()}
	return courseSlug
}

// written are the first lesson and question of aCourse.
type written struct{ lesson, question string }

func (w *world) courseDraft() *authoring.Draft {
	w.Helper()
	d, err := w.c.Courses.Draft(w.Context(), courseSlug)
	w.must(err)
	return d
}

func (w *world) lesson() string { w.aCourse(); return w.written.lesson }

func (w *world) question() string { w.aCourse(); return w.written.question }

const courseAt = "/kk/console/courses/" + courseSlug

func TestAnEditorWritesACourse(t *testing.T) {
	w := newWorld(t)
	w.get("editor", "/kk/console/courses").is(http.StatusOK).has("Курс әлі жоқ")
	w.post("editor", "/kk/console/courses", "title.kk", "", "summary.kk", "", "hours", "0", "slug", "bagalau").is(http.StatusUnprocessableEntity).has("Тақырыбын бір жолға")
	w.post("editor", "/kk/console/courses", "title.kk", "Бағалау", "summary.kk", "", "hours", "0", "slug", "Бағалау").is(http.StatusUnprocessableEntity).has("кіші латын әріптерінен")
	w.aCourse()
	w.post("editor", "/kk/console/courses", "title.kk", "Басқа", "summary.kk", "Басқа.", "hours", "2", "slug", courseSlug).is(http.StatusUnprocessableEntity).has("курс бұрыннан бар")
	w.get("editor", courseAt).is(http.StatusOK).has("Бағалау деген не", "Қорытынды тест", "Барлығы дайын", "Артық", "жарияланбаған өзгеріс бар")
	c, err := learning.Whole(w.Context(), w.DB, courseSlug)
	w.must(err)
	if c.Hours != 36 || len(c.Lessons) != 2 || c.Lessons[1].Test == nil || !c.Lessons[1].Test.Final || c.Lessons[1].Test.Limit != 40 || c.Lessons[1].Test.Draws[0] != (learning.Draw{Topic: "Негіздер", Count: 1}) || len(c.Questions) != 1 {
		t.Errorf("published %+v", c)
	}

	// Russian: what is missing is named, each with the way to it.
	rev := w.courseDraft().At(learning.PartAbout).Rev
	w.post("editor", courseAt+"/about/ru", "title", "Основы оценивания", "summary", "Как оценивать\nна уроке.", "body", "", "hours", "36", "subject", "assessment", "level", "moderator", "rev", decimal(rev)).is(http.StatusSeeOther)
	w.get("editor", "/ru"+strings.TrimPrefix(courseAt, "/kk")).is(http.StatusOK).has("Чтобы опубликовать курс, дополните", "lessons/"+w.lesson()+"/ru", "questions/"+w.question()+"/ru").lacks("Всё готово")
	w.post("editor", courseAt+"/publish", "note", "", "changes", decimal(w.courseDraft().Changes)).is(http.StatusSeeOther)
	if c, err := learning.Get(w.Context(), w.DB, courseSlug); err != nil || c.Version != 1 {
		t.Errorf("half a language was published: %v %+v", err, c.Words)
	}
	if a := w.courseDraft().About; a.Words["ru"].Summary != "Как оценивать на уроке." || a.Subject != "assessment" || a.Level != "moderator" {
		t.Errorf("about %+v", a)
	}
	w.post("editor", courseAt+"/about/ru", "title", "", "summary", "", "body", "", "hours", "36", "subject", "cooking", "level", "", "rev", decimal(rev+1)).is(http.StatusUnprocessableEntity)
	w.post("editor", courseAt+"/about/ru", "title", "", "summary", "", "body", "", "hours", "36", "subject", "", "level", "", "rev", decimal(rev+1)).is(http.StatusSeeOther)

	w.post("editor", courseAt+"/publish", "note", "", "changes", "1").is(http.StatusConflict)
	w.post("editor", courseAt+"/publish", "note", "Түзетілді", "changes", decimal(w.courseDraft().Changes)).leads(courseAt + "?done=course_published")
	w.get("editor", courseAt+"/versions").is(http.StatusOK).has("Түзетілді", "Алғашқы нұсқа")
	w.get("editor", courseAt+"/versions/1").is(http.StatusOK).has("Бағалау деген не")
	w.get("editor", courseAt+"/versions/9").is(http.StatusNotFound)
	w.post("editor", courseAt+"/versions/1/restore").is(http.StatusSeeOther)
	w.post("editor", courseAt+"/hide", "hidden", "1").is(http.StatusSeeOther)
	w.get("editor", courseAt).has("жасырылған", "Каталогқа қайтару")
	w.post("editor", courseAt+"/bring-back", "part", learning.PartOf(w.removedLesson())).is(http.StatusSeeOther)
	if got := len(w.courseDraft().Course.Lessons); got != 3 {
		t.Errorf("%d lessons", got)
	}
}

func (w *world) removedLesson() int64 {
	w.Helper()
	lessons, _, err := w.c.Courses.Removed(w.Context(), courseSlug)
	w.must(err)
	if len(lessons) == 0 {
		w.Fatal("nothing was removed")
	}
	return lessons[0].ID
}

// TestTwoEditorsOfOneLesson: the second is shown both texts, theirs first, and what they send next goes over it.
func TestTwoEditorsOfOneLesson(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	at := courseAt + "/lessons/" + w.lesson() + "/kk"
	form := func(body, rev string) []string {
		return []string{"title", "Бағалау", "body", body, "minutes", "15", "rev", rev}
	}
	w.get("editor", at).is(http.StatusOK).has(`name="rev" value="2"`, "<strong>бір бөлігі</strong>")
	w.post("editor", at, form("Бірінші автордың сөзі", "2")...).is(http.StatusSeeOther)
	p := w.post("all", at, form("Екінші автордың сөзі", "2")...).is(http.StatusConflict)
	p.has("Бірінші автордың сөзі", "Екінші автордың сөзі", `name="rev" value="3"`, "Басқа редактор сақтаған мәтін")
	w.post("all", at, form("Екінші автордың сөзі", "3")...).is(http.StatusSeeOther)
	w.post("all", courseAt+"/step", "part", learning.PartOf(w.courseDraft().Course.Lessons[0].ID), "rev", "4", "way", "undo", "in", "kk").is(http.StatusSeeOther)
	w.get("editor", at).has("Бірінші автордың сөзі").lacks("Екінші автордың сөзі")
	w.post("all", courseAt+"/step", "part", "5", "rev", "4", "way", "undo", "in", "kk").is(http.StatusNotFound)
	w.post("all", courseAt+"/step", "part", "5", "rev", "x", "way", "undo", "in", "kk").is(http.StatusUnprocessableEntity)
	w.post("all", courseAt+"/step", "part", "5", "rev", "1", "way", "sideways", "in", "kk").is(http.StatusUnprocessableEntity)
}

// TestSavingWhileTyping: the script is answered with the rev to go on from, or with words that say why not.
func TestSavingWhileTyping(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	at := courseAt + "/lessons/" + w.lesson() + "/kk"
	send := func(body, rev, minutes string) (out savedPart) {
		t.Helper()
		p := w.post("editor", at, "title", "Бағалау", "body", body, "minutes", minutes, "rev", rev, "auto", "1").is(http.StatusOK)
		w.must(json.Unmarshal([]byte(p.body), &out))
		return out
	}
	if got := send("а", "2", ""); got.Carry["rev"] != "3" || got.Saved == "" || got.Refused != "" {
		t.Errorf("%+v", got)
	}
	if got := send("аб", "3", "10"); got.Carry["rev"] != "4" {
		t.Errorf("%+v", got)
	}
	if got := send("кеш", "3", "10"); got.Refused == "" || got.Saved != "" || !got.Stop {
		t.Errorf("%+v", got)
	}
	// As long as the form lets it be in letters, too long in bytes: it is told, and nothing is lost for good.
	long := strings.Repeat("ә", learning.MaxBody/2+1)
	if got := send(long, "4", "10"); got.Refused == "" || got.Stop {
		t.Errorf("%+v", got)
	}
	w.post("editor", at, "title", "Бағалау", "body", long, "minutes", "10", "rev", "4").is(http.StatusUnprocessableEntity).has("тым ұзын", `href="#f-body"`)
	if _, l, _ := w.courseDraft().Course.Lesson(w.courseDraft().Course.Lessons[0].ID); l.Body["kk"] != "аб" || l.Minutes != 10 {
		t.Errorf("%+v", l)
	}
}

func TestPreviews(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	ask := func(path, text string) (out previewed) {
		t.Helper()
		p := w.post("editor", courseAt+path, "text", text).is(http.StatusOK)
		w.must(json.Unmarshal([]byte(p.body), &out))
		return out
	}
	if got := ask("/preview/kk", "# Бір\n\n<script>alert(1)</script>\n\n**сөз**"); !strings.Contains(got.HTML, "<strong>сөз</strong>") || strings.Contains(got.HTML, "<script") {
		t.Errorf("%+v", got)
	}
	if got := ask("/question-preview/kk", "2 + 2?\n\n( ) 3\n(x) 4"); !strings.Contains(got.HTML, `type="radio"`) || !strings.Contains(got.HTML, "checked disabled") || len(got.Problems) != 0 {
		t.Errorf("%+v", got)
	}
	if got := ask("/question-preview/kk", "2 + 2?\n\n( ) 3\n( ) 4"); len(got.Problems) != 1 || strings.Contains(got.HTML, "radio") {
		t.Errorf("%+v", got)
	}
	if got := ask("/question-preview/kk", "![{{а}}](/x.png)"); len(got.Problems) != 1 {
		t.Errorf("a gap in a picture's description: %+v", got)
	}
}

// TestTestsAreSetUpRightAtOnce: what would surprise a learner is told to the author.
func TestTestsAreSetUpRightAtOnce(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	at := courseAt + "/lessons/" + person.ID(w.courseDraft().Course.Lessons[1].ID).String() + "/kk"
	good := url.Values{"title": {"Тест"}, "body": {""}, "minutes": {"20"}, "draw": {"1"}, "draw_of": {"Негіздер"}, "pass": {"60"}, "limit": {""}, "attempts": {"0"}, "review": {"always"}, "rev": {"2"}}
	for name, wrong := range map[string]string{"pass": "101", "limit": "9999", "attempts": "many", "review": "sometimes", "draw": "-1"} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(name, wrong)
		w.do("editor", http.MethodPost, at, form).is(http.StatusUnprocessableEntity)
	}
	form := url.Values{}
	for k, v := range good {
		form[k] = v
	}
	form.Set("draw", "5") // more than the bank has: it can be saved, but not published
	w.do("editor", http.MethodPost, at, form).is(http.StatusSeeOther)
	w.get("editor", courseAt).has("Қорда бұл тақырыптардан сонша сұрақ жоқ")
	w.get("editor", courseAt+"/publish").is(http.StatusSeeOther)
}

// TestFilesOfACourse: brought, shown where a lesson names them, taken away; what is no file of ours says why on the form.
func TestFilesOfACourse(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	at := courseAt + "/files"
	w.get("editor", at).is(http.StatusOK).has("Файл әлі жоқ")
	w.upload("editor", at, "Сабақ жоспары.txt", "Мақсаты: …").leads(at + "?done=file_added")
	w.upload("editor", at, "Сабақ жоспары.txt", "Мақсаты: басқа").leads(at + "?done=file_replaced")
	w.get("editor", at).has("[Сабақ жоспары](<Сабақ жоспары.txt>)", "/media/")
	w.upload("editor", at, "a.html", "<script>alert(1)</script>").is(http.StatusUnprocessableEntity).has(`href="#f-file"`)
	w.upload("editor", at, "", "").is(http.StatusUnprocessableEntity)
	w.upload("support", at, "a.txt", "a").is(http.StatusForbidden)
	var got previewed
	w.must(json.Unmarshal([]byte(w.post("editor", courseAt+"/preview/kk", "text", "[Жоспар](<Сабақ жоспары.txt>) және ![сурет](жоқ.png)").body), &got))
	if !strings.Contains(got.HTML, "/media/") || len(got.Problems) != 1 {
		t.Errorf("%+v", got)
	}
	w.post("editor", at+"/remove", "name", "Сабақ жоспары.txt").leads(at + "?done=file_removed")
	w.post("editor", at+"/remove", "name", "Сабақ жоспары.txt").is(http.StatusNotFound)
}

func TestCoursesOfTheDemonstrationAreOpened(t *testing.T) {
	w := newWorld(t)
	sample, err := learning.Sample()
	w.must(err)
	w.must(w.DB.Write(t.Context(), func(x *db.Tx) error { return learning.Put(x, sample) }))
	w.get("editor", "/kk/console/courses").is(http.StatusOK).has(sample.Words["kk"].Title, "/kk/console/courses/"+sample.Slug+"/open")
	w.post("editor", "/kk/console/courses/"+sample.Slug+"/open").leads("/kk/console/courses/" + sample.Slug)
	w.get("editor", "/kk/console/courses/"+sample.Slug).is(http.StatusOK).has(sample.Lessons[0].Words["kk"])
	w.post("editor", "/kk/console/courses/none/open").is(http.StatusNotFound)
}

// TestCoursesInABrowser looks at every page of those who write courses, in Kazakh: none is wider than its screen, axe finds nothing; and a text is
// saved and shown while it is typed.
func TestCoursesInABrowser(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	at := "http://" + server.Listener.Addr().String()
	w := worldAt(t, at)
	server.Config.Handler = w
	server.Start()
	defer server.Close()
	w.aCourse()
	test := courseAt + "/lessons/" + person.ID(w.courseDraft().Course.Lessons[1].ID).String() + "/kk"
	imported := w.aPackage()
	viewers := onEachScreen(t, at)
	for i, page := range []struct{ name, path string }{{"list", "/kk/console/courses"}, {"new", "/kk/console/courses/new"}, {"package", "/kk/console/courses/import"}, {"import", courseAt + "/import"}, {"report", imported + "/report"}, {"outline", courseAt}, {"about", courseAt + "/about/ru"},
		{"lesson", courseAt + "/lessons/" + w.lesson() + "/kk"}, {"test", test}, {"files", courseAt + "/files"}, {"bank", courseAt + "/questions"}, {"question", courseAt + "/questions/" + w.question() + "/kk"},
		{"grading", "/kk/console/grading"}, {"grade", "/kk/console/grading/" + w.anAttempt()},
		{"publish", courseAt + "/publish"}, {"versions", courseAt + "/versions"}, {"restore", courseAt + "/versions/1"}} {
		for k, v := range viewers {
			if testchrome.Turn(i, k) {
				v.Look("course-"+page.name, page.path, network.Headers{as: "editor"})
			}
		}
	}
	for _, v := range viewers {
		v.Quiet()
	}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
