package console

import (
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/task"
)

const (
	workText = "Бесінші сыныптағы сабақта екі топқа бөлдім."
	workFile = "Айгүлдің жоспары.txt"
)

// aWork is an assignment that Aya handed in; its number.
func (w *world) aWork() string {
	w.Helper()
	if w.work != "" {
		return w.work
	}
	c := learning.Course{Slug: "jumys", About: learning.About{Hours: 1, Words: map[string]learning.Words{"kk": {Title: "Сабақ зерттеу", Summary: "Бір сөйлем."}}},
		Lessons: []learning.Lesson{{ID: 51, Kind: learning.Tasking, Minutes: 30, Words: map[string]string{"kk": "Сабақ жоспары"}, Body: map[string]string{"kk": "Жоспар жазыңыз."},
			Task: &learning.Task{Text: true, Files: 2, Kinds: learning.FileKinds, Size: 1, Rubric: map[string]string{"kk": learning.RubricSample("kk")}, Pass: 60}}}}
	w.must(w.DB.Write(w.Context(), func(t *db.Tx) error { return learning.Put(t, c) }))
	w.must(w.study.Begin(w.Context(), w.aya, c.Slug))
	id, err := w.c.Tasks.Begin(w.Context(), w.aya, c.Slug, 51)
	w.must(err)
	_, err = w.c.Tasks.Save(w.Context(), w.aya, id, c.Slug, 1, workText)
	w.must(err)
	w.must(w.c.Tasks.AddFile(w.Context(), w.aya, id, c.Slug, workFile, strings.NewReader("Мақсаты: …")))
	w.must(w.c.Tasks.HandIn(w.Context(), w.aya, id, c.Slug, 3, "kk"))
	w.work = id.String()
	return w.work
}

// TestWorkIsJudged: what was handed in is read without a name, each opening is in the log, a return wants words, and the second of two who judge is told.
func TestWorkIsJudged(t *testing.T) {
	w := newWorld(t)
	w.get("editor", "/kk/console/tasks").is(http.StatusOK).has("Күтіп тұрған жұмыс жоқ")
	at := "/kk/console/tasks/" + w.aWork()
	w.get("editor", "/kk/console/tasks").is(http.StatusOK).has("Сабақ жоспары", "Сабақ зерттеу", "0 сағат").lacks(workText, workFile)
	w.get("editor", "/kk/console/tasks?course=none").is(http.StatusOK).has("Күтіп тұрған жұмыс жоқ")
	w.get("support", at).is(http.StatusForbidden)
	page := w.get("editor", at).is(http.StatusOK).has(workText, workFile, "Мақсат өлшенеді").lacks(shapes...)
	opened := func(want string) {
		t.Helper()
		if first := w.entries()[0]; !strings.HasPrefix(first, want) {
			t.Errorf("the log says %s", first)
		}
	}
	opened("editor|retrieval|4.1.2|study|task:jumys|allowed")
	file := page.body[strings.Index(page.body, at+"/files/"):]
	file = file[:strings.IndexByte(file, '"')]
	before := len(w.entries())
	got := w.get("editor", file).is(http.StatusOK)
	if h := got.head; !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || got.body != "Мақсаты: …" {
		t.Errorf("%v: %q", h, got.body)
	}
	if len(w.entries()) != before+1 {
		t.Error("a file was opened without an entry")
	}
	w.get("support", file).is(http.StatusForbidden)
	w.get("editor", at+"/files/0adwmq383db10").is(http.StatusNotFound)

	judge := func(pairs ...string) []string {
		return append([]string{"rev", "4", "points.0", "2", "words.0", "Анық", "points.1", "1", "words.1", "Тапсырма аз", "said", ""}, pairs...)
	}
	w.post("editor", at, judge()...).is(http.StatusUnprocessableEntity).has("Шешімді таңдаңыз")
	w.post("editor", at, "rev", "4", "points.0", "7", "words.0", "", "points.1", "1", "words.1", "", "said", "", "verdict", "pass").is(http.StatusUnprocessableEntity).has("Деңгейді таңдаңыз")
	w.post("editor", at, "rev", "4", "points.0", "1", "words.0", "", "points.1", "1", "words.1", "", "said", "Жарайды", "verdict", "pass").is(http.StatusUnprocessableEntity).has("кемінде 3 балл керек", "Жарайды")
	w.post("editor", at, "rev", "4", "points.0", "1", "words.0", "", "points.1", "1", "words.1", "", "said", "", "verdict", "return").is(http.StatusUnprocessableEntity).has("не істеу керегін жазыңыз")
	w.post("editor", at, judge("verdict", "pass")...).leads("/kk/console/tasks?done=task_passed")
	w.post("editor", at, judge("verdict", "return")...).is(http.StatusConflict).has("басқа адам бағалап қойған", "Тапсырма аз")
	w.get("editor", at).is(http.StatusOK).has("Бұл жұмыс қабылданған", "Тапсырма аз", "5 балдан 3").lacks("<form class=\"sheet\"")
	id, err := person.ParseID(w.work)
	w.must(err)
	sub, err := w.c.Tasks.Get(t.Context(), w.aya, id, "")
	if err != nil || sub.State != task.Passed || sub.Work.Verdict.Won != 3 {
		t.Errorf("%v, %+v", err, sub)
	}
}
