package site

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/person"
)

// forAya makes a browser's reader a teacher, and a course for teachers.
func (w *world) forAya(b *walker) *walker {
	w.t.Helper()
	_, err := w.deps.Profiles.Save(context.Background(), b.subject(), map[person.Field]string{person.Position: "teacher"}, true)
	w.must(err)
	c, err := learning.TestedSample()
	w.must(err)
	c.Slug, c.Lessons, c.Questions = "for-teachers", c.Lessons[:1], nil
	c.Lessons[0].ID = 9051
	c.Front = learning.Front{Positions: []string{"teacher"}}
	w.must(w.DB.Write(context.Background(), func(tx *db.Tx) error { return learning.Put(tx, c) }))
	return b
}

// TestCoursesForAya: each page shows them with the reasons in words, puts one away, and shows none once they are switched off; the copy has them.
func TestCoursesForAya(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	w.forAya(b)
	c, err := learning.TestedSample()
	w.must(err)
	c.Front.Picture = &learning.Picture{Large: learning.Drawn{Name: "cover-1-large.png", Token: "a", Width: 960, Height: 540}, Small: learning.Drawn{Name: "cover-1-small.png", Token: "b", Width: 480, Height: 270},
		Alt: map[string]string{"kk": "Тақта", "ru": "Доска", "en": "A board"}}
	w.must(w.DB.Write(context.Background(), func(tx *db.Tx) error { return learning.Put(tx, c) }))
	why := "Сіздің лауазымыңыз — «Мұғалім», курс соған арналған."
	lacks := func(words string) {
		t.Helper()
		if strings.Contains(b.words(), words) {
			t.Errorf("%s says %q", b.at, words)
		}
	}
	for _, at := range []string{"/kk/", "/kk/courses", "/kk/my/courses", "/kk/my/for-you"} {
		b.open(at).is(200, at).says("Бұл маған неге көрсетілді?", why)
	}
	b.open("/kk/courses?q=бағалау")
	lacks(why)
	visitor := w.walker().open("/kk/courses")
	if strings.Contains(visitor.body, why) || !strings.Contains(visitor.body, `alt="Тақта"`) || !strings.Contains(visitor.body, "/media/b/cover-1-small.png 480w") {
		t.Error("a visitor sees another list")
	}
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/kk/my/data.json").body), &got))
	if len(got.Suggested.Courses) != 2 || got.Suggested.Courses[0].Why[0] != why {
		t.Errorf("the copy holds %+v", got.Suggested)
	}
	b.open("/kk/my/for-you").fill("/for-you/away").is(200, "/kk/my/for-you").fill("/for-you/away").is(200, "/kk/my/for-you")
	lacks(why)
	b.fill("/for-you/back").is(200, "/kk/my/for-you").says(why)
	b.fill("/for-you/turn").is(200, "/kk/my/for-you").says("өшірулі")
	lacks(why)
	b.open("/kk/")
	lacks("Бұл маған неге көрсетілді?")
	b.open("/kk/my/courses").says("Сізге курс ұсыну өшірулі")
	b.open("/kk/my/data").says("Сіз курс ұсынуды өшірдіңіз")
}
