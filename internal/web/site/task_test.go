package site

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/task"
)

const (
	ownText = "Сабақтың мақсаты: оқушы екі пікірді салыстырады."
	ownFile = "Ботаның суреті.txt"
)

// withTask puts a course with one assignment, and gives the addresses of both.
func (w *world) withTask() (course, at string) {
	w.t.Helper()
	c := learning.Course{Slug: "jumys", About: learning.About{Hours: 1, Words: map[string]learning.Words{"kk": {Title: "Сабақ зерттеу", Summary: "Бір сөйлем."}}},
		Lessons: []learning.Lesson{{ID: 51, Kind: learning.Tasking, Minutes: 30, Words: map[string]string{"kk": "Сабақ жоспары"}, Body: map[string]string{"kk": "Жоспар жазыңыз."},
			Task: &learning.Task{Text: true, Files: 2, Kinds: learning.FileKinds, Size: 1, Rubric: map[string]string{"kk": learning.RubricSample("kk")}, Pass: 60, Days: 5}}}}
	w.must(w.DB.Write(w.t.Context(), func(t *db.Tx) error { return learning.Put(t, c) }))
	w.secrets = append(w.secrets, ownText, ownFile)
	return "/courses/jumys", "/courses/jumys/" + person.ID(51).String()
}

// judged has somebody's work judged.
func (w *world) judged(id string, v task.Verdict) {
	w.t.Helper()
	work, err := person.ParseID(id)
	w.must(err)
	by := keeper.Staff(7, policy.Editor)
	sub, _, err := w.deps.Tasks.ToGrade(w.t.Context(), by, work)
	w.must(err)
	w.must(w.deps.Tasks.Settle(w.t.Context(), by, work, sub.Rev, v))
}

// TestAnAssignmentIsDone walks from the lesson to what was said of the work: two pages of which one is older, files that are taken and not, and the copy of all.
func TestAnAssignmentIsDone(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	course, lesson := w.withTask()
	b.open("/kk"+lesson).says("Сабақ жоспары", "Мақсат өлшенеді", "қабылдануы үшін 5 балдан 3", "Оқығаныңыз белгіленуі үшін")
	b.open("/kk" + course).fill(course + "/begin")
	b.open("/kk" + lesson).fill(lesson + "/task")
	at := b.at
	id := at[strings.LastIndexByte(at, '/')+1:]
	b.says("Тапсыру мерзімі")
	b.open(at+"/end").is(200, at+"/end").says("Жұмыс әзірге бос")
	if auto := b.send(http.MethodPost, at, url.Values{"text": {ownText}, "rev": {"1"}, "auto": {"1"}}).body; !strings.Contains(auto, `"carry":{"rev":"2"}`) {
		t.Errorf("saved by itself: %s", auto)
	}
	if auto := b.send(http.MethodPost, at, url.Values{"text": {"ескі"}, "rev": {"1"}, "auto": {"1"}}).body; !strings.Contains(auto, `"stop":true`) {
		t.Errorf("an older page writes over a newer: %s", auto)
	}
	b.send(http.MethodPost, at, url.Values{"text": {"ескі"}, "rev": {"1"}}).is(409, at).says("басқа бетте өзгертілген", "ескі", ownText)
	b.open(at).fill("/"+id, "text", ownText).is(200, at+"/files")
	b.upload("/files", map[string]string{"a.html": "<script>"}).is(422, at+"/files").says("Мұнда ондай файл қабылданбайды")
	b.open(at + "/files")
	b.upload("/files", nil).is(422, at+"/files").says("Файлды таңдаңыз")
	b.open(at+"/files").upload("/files", map[string]string{ownFile: "Сурет"}).is(200, at+"/files").says(ownFile, "Файл қосылды")
	file := b.body[strings.Index(b.body, at+"/files/"):]
	file = file[:strings.IndexByte(file, '"')]
	b.open(file)
	if h := b.header; b.body != "Сурет" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q %v", b.body, h)
	}
	other := w.signUp("ru", "bota@demo.example")
	for _, page := range []string{at, at + "/files", at + "/end", file} {
		if other.open(page); other.code != 404 {
			t.Errorf("another's %s: %d", page, other.code)
		}
	}
	b.open(at+"/end").says(ownText, ownFile).fill("/end").is(200, at).says("Жұмыс тапсырылды", ownText)
	b.open(at+"/files").is(200, at)
	b.send(http.MethodPost, at+"/end", url.Values{"rev": {"4"}}).is(200, at) // pressed twice
	w.judged(id, task.Verdict{Points: []int{1, 1}, Words: []string{"", "Тапсырма аз"}, Said: "Қайта жазыңыз"})
	b.open(at).says("Жұмыс қайтарылды", "Қайта жазыңыз", "Тапсырма аз", "5 балдан 2")
	b.open("/kk" + lesson).fill(lesson + "/task")
	second := b.at
	if second == at {
		t.Fatal("the first try is written anew")
	}
	b.open(second).fill("/"+second[strings.LastIndexByte(second, '/')+1:], "text", "Түзетілген "+ownText).open(second + "/end").fill("/end")
	w.judged(second[strings.LastIndexByte(second, '/')+1:], task.Verdict{Passed: true, Points: []int{2, 3}, Words: []string{"", ""}})
	b.open("/kk"+lesson).says("Бұл тапсырма қабылданды", "қайтарылды")
	b.open("/kk" + course).says("Барлық сабақ")
	b.open("/kk/my/data").says("Сабақ зерттеу")

	b.open("/kk/my/data/print").says(ownText, ownFile, "Қайта жазыңыз")
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/kk/my/data.json").body), &got))
	if works := got.Courses[0].Works; len(works) != 2 || works[0].Text != ownText || works[0].Files[0].Name != ownFile || works[1].State != "passed" {
		t.Errorf("%+v", works)
	}
	packed := b.open("/kk/my/data.zip").body
	z, err := zip.NewReader(bytes.NewReader([]byte(packed)), int64(len(packed)))
	w.must(err)
	in, err := z.Open(got.Courses[0].Works[0].Files[0].Path)
	w.must(err)
	if body, err := io.ReadAll(in); err != nil || string(body) != "Сурет" {
		t.Errorf("%v: %q", err, body)
	}
}
