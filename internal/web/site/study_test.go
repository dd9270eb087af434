package site

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/learning"
	"ustaz/internal/person"
)

// withCourse puts the sample, and gives the path of its page and of its lessons, without the language.
func (w *world) withCourse() (course string, lessons []string) {
	w.t.Helper()
	sample, err := learning.Sample()
	w.must(err)
	w.must(w.DB.Write(w.t.Context(), func(x *db.Tx) error { return learning.Put(x, sample) }))
	c, err := learning.Get(w.t.Context(), w.DB, sample.Slug)
	w.must(err)
	course = "/courses/" + c.Slug
	for _, l := range c.Lessons {
		lessons = append(lessons, course+"/"+person.ID(l.ID).String())
	}
	return course, lessons
}

// TestStudy: a teacher begins a course, reads its lessons, comes back to where they stopped, finishes and leaves; each act stands in "My data".
func TestStudy(t *testing.T) {
	w := openWorld(t, testHome)
	course, lessons := w.withCourse()
	guest := w.walker().open("/en" + course)
	guest.is(200, "/en"+course).says("When data have got out", "Sign in to begin", "30 minutes")
	guest.open("/en"+lessons[0]).is(200, "/en"+lessons[0]).says("lesson 1 of 3", "10 minutes", "begin the course")
	if strings.Contains(guest.body, "/read") {
		t.Error("a visitor is offered to mark a lesson")
	}

	b := w.signUp("en", ayaEmail)
	b.open("/en/my/courses").is(200, "/en/my/courses").says("You do not take part in a course yet")
	b.open("/en"+course).fill(course+"/begin").is(200, "/en"+course).says("You have begun the course", "0 of 3, 30 minutes to go", "Go on")
	b.open("/en"+lessons[0]).fill(lessons[0]+"/read").is(200, "/en"+lessons[1]).says("The lesson is marked as read", "1 of 3, 20 minutes to go")
	b.open("/en/my/courses").is(200, "/en/my/courses").says("Personal data in class", "1 of 3, 20 minutes to go")
	b.open("/en"+course).is(200, "/en"+course).says("Go on")
	if !strings.Contains(b.body, `href="/en`+lessons[1]+`"`) || strings.Count(b.body, "/begin") != 0 {
		t.Error("the way on does not lead to the first unread lesson")
	}
	b.open("/en"+lessons[1]).fill(lessons[1]+"/read").is(200, "/en"+lessons[2])
	b.fill(lessons[2]+"/read").is(200, "/en"+course).says("All lessons are read", "3 of 3, all done")
	b.open("/en" + lessons[2])
	if strings.Contains(b.body, lessons[2]+"/read") {
		t.Error("a lesson that is read is offered again")
	}

	b.open("/en/my/data").says("You began the course: Personal data in class", "You read a lesson of the course: Personal data in class", "You opened your progress in courses")
	var got copyFile
	w.must(json.Unmarshal([]byte(b.open("/en/my/data.json").body), &got))
	if len(got.Courses) != 1 || len(got.Courses[0].Read) != 3 || got.Courses[0].Finished.IsZero() || got.Courses[0].Title != "Personal data in class" {
		t.Errorf("the copy holds %+v", got.Courses)
	}
	b.open("/en/my/data/print").says("Lessons read", "Personal data in class")

	b.open("/en"+course+"/leave").is(200, "/en"+course+"/leave").says("What you have read is forgotten: 3 lessons")
	b.fill(course+"/leave").is(200, "/en/my/courses").says("You have left the course", "You do not take part in a course yet")
	b.open("/en"+course+"/leave").is(200, "/en/my/courses")
	b.open("/en/my/data").says("You left the course: Personal data in class")
}

// TestStudyAgainstTheOdds: what is not there, who takes no part, who has not agreed, whose data are blocked, and a course that was taken away.
func TestStudyAgainstTheOdds(t *testing.T) {
	w := openWorld(t, testHome)
	course, lessons := w.withCourse()
	b := w.signUp("en", ayaEmail)
	for _, to := range []string{"/courses/nothing/begin", course + "/x/read", lessons[0] + "x/read", lessons[0] + "/read"} {
		if b.send(http.MethodPost, "/en"+to, url.Values{}); b.code != 404 {
			t.Errorf("%s: %d", to, b.code)
		}
	}
	for _, to := range []string{course + "/x", course + "/0000000000000", "/courses/nothing/" + lessons[0][len(course)+1:]} {
		if b.open("/en" + to); b.code != 404 {
			t.Errorf("%s: %d", to, b.code)
		}
	}
	if b.send(http.MethodPost, "/en"+course+"/begin", url.Values{"x": {"y"}}); b.code != 422 {
		t.Errorf("a form with more than was asked: %d", b.code)
	}
	b.open("/en" + course).fill(course + "/begin")
	b.open("/en/my/block").fill("/my/block", "words", "My name is wrong.", "doubted", "surname")
	b.open("/en"+course).is(200, "/en"+course).says("0 of 3")
	if strings.Contains(b.body, "/leave") || strings.Contains(b.open("/en"+lessons[0]).body, "/read") {
		t.Error("what the rules refuse while the data are blocked is offered")
	}
	b.open("/en"+course+"/leave").is(200, "/en/my/courses").says("Your data are blocked")
	if b.send(http.MethodPost, "/en"+lessons[0]+"/read", url.Values{}); b.code != 403 {
		t.Errorf("read while blocked: %d", b.code)
	}
	w.must(w.DB.Write(t.Context(), func(x *db.Tx) error { _, err := learning.RemoveDemo(x); return err }))
	b.open("/en/my/courses").is(200, "/en/my/courses").says("The course was removed")
	b.open("/en/my/data").says("personal-data-in-class")

	other := w.signUp("en", "second.canary@mysal.kz")
	w.withCourse()
	w.newer("5")
	other.open("/en"+course).is(200, "/en"+course).says("Begin the course")
	if other.send(http.MethodPost, "/en"+course+"/begin", url.Values{}); other.at != "/en/consent" && other.code != 403 {
		t.Errorf("begun without agreeing: %d at %s", other.code, other.at)
	}
}
