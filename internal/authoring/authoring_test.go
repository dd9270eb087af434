package authoring_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/authoring"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

const (
	editor person.ID = 101
	second person.ID = 102
	helper person.ID = 103
	slug             = "bagalau"
)

type desk struct {
	*testing.T
	*testdoor.Env
	*authoring.Service
}

func forBoth(t *testing.T, fn func(o *desk)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		o := &desk{t, e, authoring.New(e.DB, media.New(e.DB, media.DefaultLimits()))}
		o.Hire(o, editor, "editor", "А. А.")
		o.Hire(o, second, "editor", "Б. Б.")
		o.Hire(o, helper, "support", "Г. Г.")
		fn(o)
	})
}

func (o *desk) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *desk) refused(err error, kind errs.Kind, key string) {
	o.Helper()
	if e := errs.As(err); err == nil || e.Kind != kind || key != "" && e.Key != key {
		o.Errorf("got %v, want %s: %s", err, kind, key)
	}
}

func about(title string) learning.About {
	return learning.About{Hours: 36, Words: map[string]learning.Words{"kk": {Title: title, Summary: "Бір сөйлем."}}, Body: map[string]string{}}
}

func lesson(title string) learning.Lesson {
	return learning.Lesson{Kind: learning.Reading, Minutes: 10, Words: map[string]string{"kk": title}, Body: map[string]string{"kk": "Мәтін: " + title}}
}

// begun is a draft with lessons of these titles.
func (o *desk) begun(titles ...string) (ids []int64) {
	o.Helper()
	o.must(o.Begin(ctx, editor, slug, about("Бағалау")))
	for _, title := range titles {
		id, err := o.AddLesson(ctx, editor, slug, lesson(title))
		o.must(err)
		ids = append(ids, id)
	}
	return ids
}

func (o *desk) now() *authoring.Draft {
	o.Helper()
	d, err := o.Draft(ctx, slug)
	o.must(err)
	return d
}

// titles are those of the draft's lessons, in order.
func titles(c learning.Course) string {
	var out []string
	for _, l := range c.Lessons {
		out = append(out, l.Words["kk"])
	}
	return strings.Join(out, " ")
}

func (o *desk) publish() int64 {
	o.Helper()
	seq, err := o.Publish(ctx, editor, slug, o.now().Changes, "")
	o.must(err)
	return seq
}

func (o *desk) published() learning.Course {
	o.Helper()
	c, err := learning.Whole(ctx, o.DB, slug)
	o.must(err)
	return c
}

// rewrite saves a lesson under another title.
func (o *desk) rewrite(id int64, title string, auto bool) {
	o.Helper()
	d := o.now()
	_, l, _ := d.Course.Lesson(id)
	l.Words = map[string]string{"kk": title}
	_, err := o.SaveLesson(ctx, editor, d.At(learning.PartOf(id)), l, auto)
	o.must(err)
}

func TestFromAnEmptyCourseToItsReaders(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("Бір", "Екі", "Үш")
		if _, err := learning.Get(ctx, o.DB, slug); !errs.Is(err, errs.NotFound) {
			t.Errorf("a draft is read: %v", err)
		}
		if seq := o.publish(); seq != 1 {
			t.Errorf("version %d", seq)
		}
		if c := o.published(); titles(c) != "Бір Екі Үш" || c.Lessons[0].ID != ids[0] || c.Version != 1 || c.Lessons[1].Body["kk"] != "Мәтін: Екі" {
			t.Errorf("published %+v", c)
		}
		_, err := o.Publish(ctx, editor, slug, o.now().Changes, "")
		o.refused(err, errs.Conflict, "authoring.nothing_new")

		o.must(o.MoveLesson(ctx, editor, slug, ids[2], -2))
		o.must(o.MoveLesson(ctx, editor, slug, ids[2], -5)) // no further than the first
		o.rewrite(ids[0], "Бірінші", false)
		o.must(o.RemoveLesson(ctx, editor, slug, ids[1]))
		if got := titles(o.published()); got != "Бір Екі Үш" {
			t.Errorf("learners see what was not published: %s", got)
		}
		if h, err := o.List(ctx); err != nil || len(h) != 1 || !h[0].Waiting || !h[0].Published || h[0].About.Words["kk"].Title != "Бағалау" {
			t.Errorf("%v, %+v", err, h)
		}
		o.publish()
		if c := o.published(); titles(c) != "Үш Бірінші" || c.Lessons[0].ID != ids[2] || c.Lessons[1].ID != ids[0] || c.Version != 2 {
			t.Errorf("published %+v", c)
		}

		o.must(o.Restore(ctx, second, slug, 1))
		if d := o.now(); titles(d.Course) != "Бір Екі Үш" || !d.Waiting || d.ChangedBy != second {
			t.Errorf("restored %+v", d.Head)
		}
		list, err := o.Versions(ctx, slug)
		if err != nil || len(list) != 2 || list[0].Seq != 2 || list[1].By != editor {
			t.Errorf("%v, %+v", err, list)
		}
		o.refused(o.Restore(ctx, editor, slug, 7), errs.NotFound, "authoring.version.unknown")
	})
}

func TestWhatCanNotBeShownIsNotPublished(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("Бір")
		d := o.now()
		a := d.About
		a.Words["ru"] = learning.Words{Title: "Оценивание", Summary: "Одно предложение."}
		_, err := o.SaveAbout(ctx, editor, d.At(learning.PartAbout), a, false)
		o.must(err)
		d = o.now()
		_, err = o.Publish(ctx, editor, slug, d.Changes, "")
		o.refused(err, errs.Invalid, "")
		faults := d.Course.Faults()
		if len(faults) != 2 || faults[0].Part != learning.PartOf(ids[0]) || faults[0].Lang != "ru" || faults[0].Name != "title.ru" {
			t.Errorf("faults %+v", faults)
		}
		if _, err := learning.Get(ctx, o.DB, slug); !errs.Is(err, errs.NotFound) {
			t.Errorf("half a course is read: %v", err)
		}
		a.Words["ru"] = learning.Words{Title: " "} // emptied again
		_, err = o.SaveAbout(ctx, editor, d.At(learning.PartAbout), a, false)
		o.must(err)
		o.publish()
		_, err = o.Publish(ctx, editor, slug, o.now().Changes, strings.Repeat("ә", 301))
		o.refused(err, errs.Invalid, "")
	})
}

// TestTwoAuthors: of two who change one lesson from the same text, the second is told, and what the first wrote stands.
func TestTwoAuthors(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("Бір", "Екі")
		at := o.now().At(learning.PartOf(ids[0]))
		var wg sync.WaitGroup
		done := make([]error, 8)
		for i := range done {
			wg.Go(func() {
				l := lesson(fmt.Sprint("Автор ", i))
				l.ID = ids[0]
				_, done[i] = o.SaveLesson(ctx, editor, at, l, i%2 == 0)
			})
		}
		wg.Wait()
		saved := ""
		for i, err := range done {
			if err == nil {
				saved += fmt.Sprint("Автор ", i)
			} else {
				o.refused(err, errs.Conflict, "authoring.moved")
			}
		}
		if got := titles(o.now().Course); got != saved+" Екі" {
			t.Errorf("the draft has %q, saved was %q", got, saved)
		}
		changes := o.now().Changes
		o.rewrite(ids[1], "Екінші", false)
		_, err := o.Publish(ctx, second, slug, changes, "")
		o.refused(err, errs.Conflict, "authoring.moved")
		o.must(o.RemoveLesson(ctx, second, slug, ids[0]))
		l := lesson("Кеш")
		l.ID = ids[0]
		_, err = o.SaveLesson(ctx, editor, o.now().At(learning.PartOf(ids[0])), l, true)
		o.refused(err, errs.NotFound, "authoring.unknown")
	})
}

func TestEveryStepCanBeTakenBack(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("а")
		part := learning.PartOf(ids[0])
		for _, title := range []string{"б", "в"} {
			o.rewrite(ids[0], title, false)
		}
		undo := func(want string) {
			t.Helper()
			o.must(o.Undo(ctx, editor, o.now().At(part)))
			if got := titles(o.now().Course); got != want {
				t.Errorf("after undo %q, want %q", got, want)
			}
		}
		undo("б")
		undo("а")
		o.refused(o.Undo(ctx, editor, o.now().At(part)), errs.Conflict, "authoring.no_step")
		o.must(o.Redo(ctx, editor, o.now().At(part)))
		if d := o.now(); titles(d.Course) != "б" || !d.Revs[part].Before || !d.Revs[part].After {
			t.Errorf("after redo %+v", d.Revs[part])
		}
		stale := o.now().At(part)
		o.rewrite(ids[0], "г", false) // what was taken back before is gone now
		o.refused(o.Undo(ctx, editor, stale), errs.Conflict, "authoring.moved")
		o.refused(o.Redo(ctx, editor, o.now().At(part)), errs.Conflict, "authoring.no_step")
		undo("б")

		for i := range 70 {
			o.rewrite(ids[0], fmt.Sprint(i), false)
		}
		steps := 0
		for ; o.now().Revs[part].Before; steps++ {
			o.must(o.Undo(ctx, editor, o.now().At(part)))
		}
		if got := titles(o.now().Course); steps != 49 || got != "20" {
			t.Errorf("%d steps back to %q", steps, got)
		}
	})
}

// TestWhatSavesItselfIsOneStep: what is saved while somebody types is taken back as one, until they pause or somebody else writes.
func TestWhatSavesItselfIsOneStep(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("а")
		for _, title := range []string{"аб", "абв", "абвг"} {
			o.rewrite(ids[0], title, true)
			o.Clock.Move(time.Minute)
		}
		o.Clock.Move(10 * time.Minute)
		o.rewrite(ids[0], "кейін", true)
		back := ""
		for part := learning.PartOf(ids[0]); o.now().Revs[part].Before; back += titles(o.now().Course) + " " {
			o.must(o.Undo(ctx, editor, o.now().At(part)))
		}
		if back != "абвг а " {
			t.Errorf("steps back: %s", back)
		}
	})
}

func TestWhatIsRemovedComesBack(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("Бір", "Екі")
		q, _, err := o.SaveQuestion(ctx, editor, authoring.At{Course: slug}, learning.Question{Points: 1, Text: map[string]string{"kk": "Сұрақ?\n\n(x) иә\n( ) жоқ"}}, false)
		o.must(err)
		o.must(o.RemoveLesson(ctx, editor, slug, ids[0]))
		o.must(o.RemoveQuestion(ctx, editor, o.now().At(learning.QuestionPart(q))))
		if d := o.now(); titles(d.Course) != "Екі" || len(d.Course.Questions) != 0 {
			t.Errorf("still there: %+v", d.Course)
		}
		lessons, questions, err := o.Removed(ctx, slug)
		if err != nil || len(lessons) != 1 || lessons[0].ID != ids[0] || len(questions) != 1 || questions[0].ID != q {
			t.Fatalf("%v, %v, %v", err, lessons, questions)
		}
		o.must(o.BringBack(ctx, editor, slug, learning.PartOf(ids[0])))
		o.must(o.BringBack(ctx, editor, slug, learning.QuestionPart(q)))
		o.refused(o.BringBack(ctx, editor, slug, learning.PartOf(ids[0])), errs.NotFound, "authoring.unknown")
		if d := o.now(); titles(d.Course) != "Екі Бір" || len(d.Course.Questions) != 1 || d.Course.Questions[0].Text["kk"] == "" {
			t.Errorf("brought back %+v", d.Course)
		}
	})
}

// TestQuestionsKeepWhatWasPublished: a question that is changed or removed can still be read as it was given.
func TestQuestionsKeepWhatWasPublished(t *testing.T) {
	forBoth(t, func(o *desk) {
		o.begun("Бір")
		text := map[string]string{"kk": "2 + 2?\n\n= 4"}
		q, _, err := o.SaveQuestion(ctx, editor, authoring.At{Course: slug}, learning.Question{Points: 1, Topic: "сан", Text: text}, false)
		o.must(err)
		o.publish()
		change := func(points int) {
			t.Helper()
			_, _, err := o.SaveQuestion(ctx, editor, o.now().At(learning.QuestionPart(q)), learning.Question{ID: q, Points: points, Text: text}, false)
			o.must(err)
			o.publish()
		}
		change(2)
		o.rewrite(o.now().Course.Lessons[0].ID, "Басқа", false)
		o.publish() // it did not change: no new rev
		bank, err := learning.Bank(ctx, o.DB, slug)
		if err != nil || len(bank) != 1 || bank[0].Rev != 2 || bank[0].Points != 2 {
			o.Fatalf("%v, %+v", err, bank)
		}
		o.must(o.RemoveQuestion(ctx, editor, o.now().At(learning.QuestionPart(q))))
		o.publish()
		if bank, err := learning.Bank(ctx, o.DB, slug); err != nil || len(bank) != 0 {
			o.Errorf("%v, %v", err, bank)
		}
		get := func(dest []any, query string, args ...any) (bool, error) { return o.DB.Get(ctx, dest, query, args...) }
		for rev, points := range map[int64]int{1: 1, 2: 2} {
			if then, err := learning.QuestionThen(get, learning.QuestionAt{ID: q, Rev: rev}); err != nil || then.Points != points || then.Text["kk"] != text["kk"] {
				o.Errorf("%v, %+v", err, then)
			}
		}
		if _, err := learning.QuestionThen(get, learning.QuestionAt{ID: q, Rev: 9}); !errs.Is(err, errs.NotFound) {
			o.Error(err)
		}
		o.must(o.BringBack(ctx, editor, slug, learning.QuestionPart(q)))
		change(3)
		if bank, err := learning.Bank(ctx, o.DB, slug); err != nil || len(bank) != 1 || bank[0].Rev != 3 {
			o.Errorf("%v, %+v", err, bank)
		}
	})
}

func TestWhoMayWriteAndWhere(t *testing.T) {
	forBoth(t, func(o *desk) {
		o.refused(o.Begin(ctx, helper, slug, about("а")), errs.Forbidden, "")
		o.refused(o.Begin(ctx, 999, slug, about("а")), errs.Forbidden, "")
		o.refused(o.Begin(ctx, editor, "Бағалау", about("а")), errs.Invalid, "")
		ids := o.begun("Бір")
		o.refused(o.Begin(ctx, editor, slug, about("а")), errs.Invalid, "")
		_, err := o.AddLesson(ctx, helper, slug, lesson("а"))
		o.refused(err, errs.Forbidden, "")
		_, err = o.AddLesson(ctx, editor, "other", lesson("а"))
		o.refused(err, errs.NotFound, "authoring.unknown")
		o.refused(o.MoveLesson(ctx, editor, slug, 5, 1), errs.NotFound, "course.lesson.unknown")
		o.refused(o.Undo(ctx, editor, authoring.At{Course: slug, Part: "5"}), errs.NotFound, "authoring.unknown")
		_, err = o.Publish(ctx, helper, slug, o.now().Changes, "")
		o.refused(err, errs.Forbidden, "")
		o.refused(o.Hide(ctx, editor, slug, true), errs.NotFound, "course.unknown")
		o.publish()
		o.must(o.Hide(ctx, editor, slug, true))
		if _, all, err := learning.Find(ctx, o.DB, learning.Filter{}, 0, 10); err != nil || all != 0 {
			t.Errorf("a hidden course is listed: %v, %d", err, all)
		}
		if c := o.published(); !c.Hidden || c.Lessons[0].ID != ids[0] {
			t.Errorf("who takes part can't go on: %+v", c)
		}
	})
}

// TestACourseThatCameOtherwise: the course of the demonstration is opened as a draft, and stays one of the demonstration.
func TestACourseThatCameOtherwise(t *testing.T) {
	forBoth(t, func(o *desk) {
		sample, err := learning.Sample()
		o.must(err)
		o.must(o.DB.Write(ctx, func(t *db.Tx) error { return learning.Put(t, sample) }))
		if list, err := o.Unopened(ctx); err != nil || len(list) != 1 || list[0].Words["kk"] != sample.Words["kk"] {
			t.Errorf("%v, %+v", err, list)
		}
		o.must(o.Open(ctx, editor, sample.Slug))
		o.must(o.Open(ctx, editor, sample.Slug))
		if list, err := o.Unopened(ctx); err != nil || len(list) != 0 {
			t.Errorf("%v, %+v", err, list)
		}
		d, err := o.Draft(ctx, sample.Slug)
		o.must(err)
		if titles(d.Course) != titles(sample) || d.Waiting || !d.Published || len(d.Course.Faults()) != 0 {
			t.Errorf("opened %+v", d.Head)
		}
		o.must(o.RemoveLesson(ctx, editor, sample.Slug, 2))
		d, err = o.Draft(ctx, sample.Slug)
		o.must(err)
		_, err = o.Publish(ctx, editor, sample.Slug, d.Changes, "")
		o.must(err)
		if c, err := learning.Get(ctx, o.DB, sample.Slug); err != nil || !c.Demo || len(c.Lessons) != 2 || c.Lessons[1].ID != 3 {
			t.Errorf("%v, %+v", err, c)
		}
		o.refused(o.Open(ctx, editor, "none"), errs.NotFound, "course.unknown")
		o.must(o.DB.Write(ctx, authoring.RemoveDemo))
		if _, err := o.Draft(ctx, sample.Slug); !errs.Is(err, errs.NotFound) {
			t.Errorf("a draft outlives the demonstration: %v", err)
		}
	})
}

// TestLengths: a text that no page could show is not kept, whatever it is part of.
func TestLengths(t *testing.T) {
	forBoth(t, func(o *desk) {
		id := o.begun("Бір")[0]
		long := map[string]string{"kk": strings.Repeat("ә", learning.MaxBody/2+1)}
		l := lesson("Бір")
		l.ID, l.Body = id, long
		_, err := o.SaveLesson(ctx, editor, o.now().At(learning.PartOf(id)), l, false)
		o.refused(err, errs.Invalid, "")
		a := about("Бағалау")
		a.Body = long
		_, err = o.SaveAbout(ctx, editor, o.now().At(learning.PartAbout), a, false)
		o.refused(err, errs.Invalid, "")
		_, _, err = o.SaveQuestion(ctx, editor, authoring.At{Course: slug}, learning.Question{Points: 1, Text: long}, false)
		o.refused(err, errs.Invalid, "")
	})
}

func TestFilesOfACourse(t *testing.T) {
	forBoth(t, func(o *desk) {
		o.begun("Бір")
		put := func(by person.ID, course string) (bool, error) {
			return o.PutFile(ctx, by, course, "Жоспар.txt", strings.NewReader("Сабақ жоспары"))
		}
		_, err := put(helper, slug)
		o.refused(err, errs.Forbidden, "")
		_, err = put(editor, "none")
		o.refused(err, errs.NotFound, "authoring.unknown")
		for _, again := range []bool{false, true} {
			if replaced, err := put(editor, slug); err != nil || replaced != again {
				o.Errorf("%v, %v", replaced, err)
			}
		}
		o.refused(o.RemoveFile(ctx, helper, slug, "Жоспар.txt"), errs.Forbidden, "")
		o.must(o.RemoveFile(ctx, editor, slug, "Жоспар.txt"))
		o.refused(o.RemoveFile(ctx, editor, slug, "Жоспар.txt"), errs.NotFound, "media.unknown")
	})
}
