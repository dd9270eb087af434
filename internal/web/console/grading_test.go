package console

import (
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/person"
)

const essay = "Мен сабақтың соңында шығу билетін қолданамын."

// anAttempt is one that waits for a person's grade, of Aya's; its number.
func (w *world) anAttempt() string {
	w.Helper()
	if w.attempt != "" {
		return w.attempt
	}
	c := learning.Course{Slug: "jazba", About: learning.About{Hours: 1, Words: map[string]learning.Words{"kk": {Title: "Жазба жұмыс", Summary: "Бір сөйлем."}}},
		Lessons: []learning.Lesson{{ID: 41, Kind: learning.Testing, Minutes: 5, Words: map[string]string{"kk": "Эссе"}, Body: map[string]string{},
			Test: &learning.Test{Draws: []learning.Draw{{Count: 1}}, Pass: 50, Review: learning.ReviewAlways}}},
		Questions: []learning.Question{{ID: 42, Points: 3, Text: map[string]string{"kk": "Кері байланысты қалай бересіз?\n\n[text]"}}}}
	w.must(w.DB.Write(w.Context(), func(t *db.Tx) error { return learning.Put(t, c) }))
	courses, exams := w.study, w.c.Exams
	w.must(courses.Begin(w.Context(), w.aya, c.Slug))
	id, err := exams.Begin(w.Context(), w.aya, c.Slug, 41)
	w.must(err)
	_, err = exams.Save(w.Context(), w.aya, id, c.Slug, 0, "kk", map[string][]string{"text": {essay}})
	w.must(err)
	_, err = exams.Submit(w.Context(), w.aya, id, c.Slug)
	w.must(err)
	w.attempt = id.String()
	return w.attempt
}

// TestAnEditorGrades: the answer is read without a name, its reading is in the log, and the grade ends the test.
func TestAnEditorGrades(t *testing.T) {
	w := newWorld(t)
	w.get("editor", "/kk/console/grading").is(http.StatusOK).has("Бағалайтын жауап жоқ")
	at := "/kk/console/grading/" + w.anAttempt()
	w.get("editor", "/kk/console/grading").is(http.StatusOK).has("Эссе", "Жазба жұмыс").lacks(essay)
	w.get("editor", at).is(http.StatusOK).has(essay, "0 мен 3 аралығында").lacks(shapes...)
	if first := w.entries()[0]; !strings.HasPrefix(first, "editor|retrieval|4.1.2|study|test:jazba|allowed") {
		t.Errorf("the log says %s", first)
	}
	for _, wrong := range []string{"", "4", "-1", "үш", "1,5x"} {
		w.post("editor", at, "points.0", wrong).is(http.StatusUnprocessableEntity).has("Баллды 0 мен 3 аралығында")
	}
	w.post("editor", at, "points.0", "1,5").leads("/kk/console/grading?done=graded")
	w.post("editor", at, "points.0", "3").is(http.StatusNotFound)
	id, err := person.ParseID(w.attempt)
	w.must(err)
	a, err := w.c.Exams.Get(t.Context(), w.aya, id, "")
	if err != nil || a.Plan.Result.Won != 1500 || !a.Plan.Result.Passed {
		t.Errorf("%v, %+v", err, a.Plan.Result)
	}
}
