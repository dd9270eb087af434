package exam_test

import (
	"net/url"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// TestAFileIsAnAnswer: brought, brought again, taken away, graded by a person who opens it through the door, and gone with the person.
func TestAFileIsAnAnswer(t *testing.T) {
	forBoth(t, func(w *world) {
		const plan = "Ботаның жоспары"
		w.course.Questions = []learning.Question{{ID: 104, Topic: "файл", Points: 4, Text: both("Жоспарды қосыңыз.\n\n[file]", "Добавьте план.\n\n[file]")}, {ID: 101, Topic: "сан", Points: 1, Text: both("6 × 7?\n\n= 42", "6 × 7?\n\n= 42")}}
		w.course.Lessons[1].Test.Draws = []learning.Draw{{Topic: "файл", Count: 1}, {Topic: "сан", Count: 1}}
		w.put()
		id := w.begin()
		put := func(place int, name, body string) error {
			return w.SaveFile(ctx, w.aya, id, slug, place, "kk", name, strings.NewReader(body))
		}
		w.refused(put(1, "a.txt", "a"), errs.NotFound, "exam.unknown")
		if err := put(0, "a.exe", "MZ"); !errs.Is(err, errs.Invalid) {
			t.Errorf("a program: %v", err)
		}
		w.must(put(0, "бірінші.txt", plan+" 1"))
		w.must(put(0, "екінші.txt", plan+" 2"))
		w.must(w.answer(id, 104, url.Values{})) // the form beside it takes nothing away
		a, err := w.Get(ctx, w.aya, id, "")
		w.must(err)
		files, err := w.Files(ctx, a, "")
		if err != nil || len(files) != 1 || files[0].Name.Reveal() != "екінші.txt" || a.Saved[0].IsZero() {
			t.Fatalf("%v, %+v, %v", err, files, a.Saved)
		}
		w.must(w.RemoveFile(ctx, w.aya, id, slug, 0))
		if a, err = w.Get(ctx, w.aya, id, ""); err != nil || !a.Saved[0].IsZero() {
			t.Errorf("%v: taken away, and answered", err)
		}
		w.must(put(0, "екінші.txt", plan+" 2"))
		w.must(w.answer(id, 101, right[102]))
		if a = w.submit(id); a.State != exam.Waiting {
			t.Fatalf("%+v", a)
		}
		w.refused(put(0, "кеш.txt", "a"), errs.Conflict, "exam.over")
		editor := keeper.Staff(7, policy.Editor)
		_, open, err := w.ToGrade(ctx, editor, id, "kk")
		if err != nil || len(open) != 1 || open[0].File == nil || open[0].File.Name.Reveal() != "екінші.txt" {
			t.Fatalf("%v, %+v", err, open)
		}
		if _, body, err := w.FileToGrade(ctx, editor, id, open[0].File.ID); err != nil || string(body) != plan+" 2" {
			t.Errorf("%v: %q", err, body)
		}
		_, _, err = w.FileToGrade(ctx, keeper.Staff(w.aya, policy.Editor), id, open[0].File.ID)
		w.refused(err, errs.Forbidden, "exam.own")
		w.must(w.Settle(ctx, editor, id, map[int]int{0: 1000}))
		if f, body, err := w.File(ctx, w.aya, id, 0, ""); err != nil || f.Type != "text/plain" || string(body) != plan+" 2" || !w.done() {
			t.Errorf("%v: %q", err, body)
		}
		bota := w.Subject(w, map[person.Field]string{person.GivenName: "Бота", person.Email: "bota@mysal.kz"})
		_, _, err = w.File(ctx, bota, id, 0, "")
		w.refused(err, errs.NotFound, "exam.unknown")
		w.Erase(w, w.aya)
		var left int64
		if _, err := w.DB.Get(ctx, []any{&left}, "SELECT count(*) FROM attached WHERE subject <> 0"); err != nil || left != 0 {
			t.Errorf("%v: %d files are left", err, left)
		}
	})
}
