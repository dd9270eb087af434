package task_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/study"
	"ustaz/internal/task"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

const (
	slug   = "jumys"
	lesson = 51
)

// outbox keeps what is sent.
type outbox struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (o *outbox) Send(_ context.Context, m notify.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, m)
	return nil
}

type world struct {
	*testing.T
	*testdoor.Env
	*task.Service
	study  *study.Service
	files  *attachment.Service
	queue  *jobs.Queue
	box    *outbox
	course learning.Course
	aya    person.ID
	editor keeper.Actor
}

func forBoth(t *testing.T, fn func(w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		catalog, err := i18n.Load()
		w := &world{T: t, Env: e, study: study.New(e.DB, e.Keeper), queue: jobs.New(e.DB, slog.New(slog.DiscardHandler)), box: &outbox{}, aya: e.Subject(t, testdoor.AyaFields)}
		w.must(err)
		w.files = attachment.New(e.DB, e.Keeper, w.study, media.New(e.DB, media.DefaultLimits()))
		w.Service = task.New(task.Config{DB: e.DB, Door: e.Keeper, Study: w.study, Files: w.files, Queue: w.queue,
			Notifier: notify.New(e.Keeper, catalog, w.box, "noreply@ustaz.example", i18n.Text{KK: "Қор"}, e.Clock.Now),
			Lang:     func(context.Context, person.ID) (string, error) { return "kk", nil },
			Led: func(_ context.Context, tutor person.ID) (func(person.ID, string) bool, error) {
				return w.led(tutor), nil
			},
			Page: func(lang, course string, _ int64) string { return "https://ustaz.example/" + lang + "/" + course }})
		w.editor = keeper.Staff(7, policy.Editor)
		w.course = learning.Course{Slug: slug, About: learning.About{Hours: 2, Words: map[string]learning.Words{"kk": {Title: "Жұмыс", Summary: "Жұмыс."}}},
			Lessons: []learning.Lesson{{ID: lesson, Kind: learning.Tasking, Minutes: 5, Words: map[string]string{"kk": "Жоспар"}, Body: map[string]string{"kk": "Жазыңыз."},
				Task: &learning.Task{Text: true, Files: 2, Kinds: []learning.FileKind{learning.Documents, learning.Pictures}, Size: 1, Rubric: map[string]string{"kk": "# Мақсат\n2 бар\n0 жоқ"}, Pass: 60, Tries: 2, Days: 3}}}}
		w.put()
		w.must(w.study.Begin(ctx, w.aya, slug))
		fn(w)
	})
}

const tutorOfAya = 9

func (w *world) led(tutor person.ID) func(person.ID, string) bool {
	return func(who person.ID, course string) bool { return tutor == tutorOfAya && who == w.aya && course == slug }
}

func (w *world) put() {
	w.Helper()
	w.must(w.DB.Write(ctx, func(t *db.Tx) error { return learning.Put(t, w.course) }))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(err error, kind errs.Kind, key string) {
	w.Helper()
	e := errs.As(err)
	if err != nil && len(e.Fields) > 0 {
		e.Key = e.Fields[0].Key
	}
	if err == nil || e.Kind != kind || e.Key != key {
		w.Errorf("got %v, want %s: %s", err, kind, key)
	}
}

func (w *world) begin() *task.Submission {
	w.Helper()
	id, err := w.Begin(ctx, w.aya, slug, lesson)
	w.must(err)
	return w.get(id)
}

func (w *world) get(id person.ID) *task.Submission {
	w.Helper()
	sub, err := w.Get(ctx, w.aya, id, "")
	w.must(err)
	return sub
}

// hand hands something in, and gives it.
func (w *world) hand(text string) *task.Submission {
	w.Helper()
	sub := w.begin()
	rev, err := w.Save(ctx, w.aya, sub.ID, slug, sub.Rev, text)
	w.must(err)
	w.must(w.HandIn(ctx, w.aya, sub.ID, slug, rev, "kk"))
	return w.get(sub.ID)
}

func (w *world) add(id person.ID, name string, content io.Reader) error {
	return w.AddFile(ctx, w.aya, id, slug, name, content)
}

func (w *world) count(query string) (n int64) {
	w.Helper()
	_, err := w.DB.Get(ctx, []any{&n}, query)
	w.must(err)
	return n
}

func (w *world) done() bool {
	w.Helper()
	p, found, err := w.study.Of(ctx, w.aya, slug, "")
	w.must(err)
	return found && !p.Read[lesson].IsZero()
}

var (
	good = task.Verdict{Passed: true, Points: []int{2}, Words: []string{"Анық"}}
	back = task.Verdict{Points: []int{0}, Words: []string{""}, Said: "Мақсатты өлшенетіндей етіп жазыңыз."}
)

// TestFromBeginningToEnd: written in two tabs, handed in twice, returned, handed in again late, passed; told by letters that say nothing of what was said.
func TestFromBeginningToEnd(t *testing.T) {
	forBoth(t, func(w *world) {
		sub := w.begin()
		if again := w.begin(); again.ID != sub.ID {
			w.Error("a second press began a second try")
		}
		w.refused(w.HandIn(ctx, w.aya, sub.ID, slug, sub.Rev, "kk"), errs.Invalid, "task.empty")
		rev, err := w.Save(ctx, w.aya, sub.ID, slug, sub.Rev, "бірінші\r\nжол")
		w.must(err)
		_, err = w.Save(ctx, w.aya, sub.ID, slug, sub.Rev, "басқа бет")
		w.refused(err, errs.Conflict, "task.moved")
		w.refused(w.HandIn(ctx, w.aya, sub.ID, slug, sub.Rev, "kk"), errs.Conflict, "task.moved")
		w.must(w.HandIn(ctx, w.aya, sub.ID, slug, rev, "kk"))
		w.must(w.HandIn(ctx, w.aya, sub.ID, slug, rev, "kk")) // pressed twice
		_, err = w.Save(ctx, w.aya, sub.ID, slug, rev+1, "кеш")
		w.refused(err, errs.Conflict, "task.over")
		w.refused(w.add(sub.ID, "a.txt", strings.NewReader("a")), errs.Conflict, "task.over")
		if _, err = w.Begin(ctx, w.aya, slug, lesson); err == nil {
			w.Error("begun anew while it waits")
		}

		// Its author changes the rules: it is judged by those under which it was handed in.
		w.course.Lessons[0].Task.Rubric["kk"] = "# Басқа\n9 бар\n0 жоқ"
		w.put()
		queue, err := w.Queue(ctx, w.editor)
		if err != nil || len(queue) != 1 || queue[0].Work.Text != "" {
			w.Fatalf("%v, %+v", err, queue)
		}
		if mine, err := w.Queue(ctx, keeper.Staff(w.aya, policy.Editor)); err != nil || len(mine) != 0 {
			w.Errorf("%v: one's own stands in the queue", err)
		}
		_, _, err = w.ToGrade(ctx, keeper.Staff(w.aya, policy.Editor), sub.ID)
		w.refused(err, errs.Forbidden, "task.own")
		w.refused(w.Settle(ctx, keeper.Staff(w.aya, policy.Editor), sub.ID, rev+1, good), errs.Forbidden, "task.own")
		if _, _, err = w.ToGrade(ctx, keeper.Staff(8, policy.SupportR), sub.ID); !errs.Is(err, errs.Forbidden) {
			w.Errorf("support reads it: %v", err)
		}
		tutor, another := keeper.Staff(tutorOfAya, policy.Tutor), keeper.Staff(10, policy.Tutor)
		if list, err := w.Queue(ctx, another); err != nil || len(list) != 0 {
			w.Errorf("%v: what another's people handed in stands in a tutor's queue", err)
		}
		_, _, err = w.ToGrade(ctx, another, sub.ID)
		w.refused(err, errs.NotFound, "task.unknown")
		w.refused(w.Settle(ctx, another, sub.ID, rev+1, good), errs.NotFound, "task.unknown")
		if list, err := w.Queue(ctx, tutor); err != nil || len(list) != 1 {
			w.Errorf("%v, %d: the tutor's own people", err, len(list))
		}
		if _, _, err := w.ToGrade(ctx, tutor, sub.ID); err != nil {
			w.Errorf("the tutor may not read what their people handed in: %v", err)
		}
		seen, before, err := w.ToGrade(ctx, w.editor, sub.ID)
		if err != nil || len(before) != 0 || seen.Work.Text != "бірінші\nжол" || seen.Work.Task.Most() != 2 {
			w.Fatalf("%v, %+v", err, seen)
		}
		if got := w.get(sub.ID); got.Seen.IsZero() || got.State != task.HandedIn {
			w.Errorf("its author does not see that it is being looked at: %+v", got)
		}
		w.refused(w.Settle(ctx, w.editor, sub.ID, seen.Rev, task.Verdict{Passed: true, Points: []int{0}, Words: []string{""}}), errs.Invalid, "task.points.too_few")
		w.refused(w.Settle(ctx, w.editor, sub.ID, seen.Rev, task.Verdict{Points: []int{0}, Words: []string{""}}), errs.Invalid, "task.said.missing")
		w.refused(w.Settle(ctx, w.editor, sub.ID, seen.Rev, task.Verdict{Points: []int{1}, Words: []string{"a"}}), errs.Invalid, "task.points.choose")
		w.must(w.Settle(ctx, w.editor, sub.ID, seen.Rev, back))
		w.refused(w.Settle(ctx, keeper.Staff(9, policy.Editor), sub.ID, seen.Rev, good), errs.Conflict, "task.graded")
		if w.done() {
			w.Error("returned, and done")
		}

		w.Clock.Move(4 * 24 * time.Hour)
		again := w.hand("екінші")
		if again.N != 2 || !again.Late(w.Clock.Now()) {
			w.Errorf("%+v", again)
		}
		_, before, err = w.ToGrade(ctx, w.editor, again.ID)
		if err != nil || len(before) != 1 || before[0].Work.Verdict.Said != back.Said {
			w.Errorf("%v: earlier tries: %+v", err, before)
		}
		w.must(w.Settle(ctx, w.editor, again.ID, again.Rev, task.Verdict{Passed: true, Points: []int{9}, Words: []string{""}}))
		if got := w.get(again.ID); got.State != task.Passed || !w.done() {
			w.Errorf("%+v", got)
		}
		_, err = w.Begin(ctx, w.aya, slug, lesson)
		w.refused(err, errs.Conflict, "task.passed_already")
		w.must(w.queue.Drain(ctx))
		if len(w.box.sent) != 2 || w.box.sent[0].Key != "task.letter.returned" && w.box.sent[1].Key != "task.letter.returned" {
			w.Fatalf("%+v", w.box.sent)
		}
		for _, m := range w.box.sent {
			if strings.Contains(m.Text.Reveal(), back.Said) || !strings.Contains(m.Text.Reveal(), "Жұмыс") {
				w.Errorf("a letter says %q", m.Text.Reveal())
			}
		}
	})
}

// TestFilesOfATry: vetted, bounded, sealed, opened by their owner and who judges, gone with the course and with the person.
func TestFilesOfATry(t *testing.T) {
	forBoth(t, func(w *world) {
		sub := w.begin()
		const secret = "Айгүл Серікқызының жоспары"
		w.refused(w.add(sub.ID, "a.html", strings.NewReader("<script>")), errs.Invalid, "media.kind.untaken")
		w.refused(w.add(sub.ID, "a.xlsx", strings.NewReader("PK")), errs.Invalid, "media.kind.untaken")
		w.refused(w.add(sub.ID, "a.pdf", strings.NewReader("<html><script>alert(1)</script>")), errs.Invalid, "media.kind.differs")
		w.refused(w.add(sub.ID, "a.txt", bytes.NewReader(bytes.Repeat([]byte("а"), 1<<20))), errs.TooLarge, "media.large.file")
		w.must(w.add(sub.ID, secret+".txt", strings.NewReader(strings.Repeat(secret+"\n", 12000)))) // some pieces
		w.Clock.Move(time.Second)
		var picture bytes.Buffer
		w.must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 3))))
		w.must(w.add(sub.ID, "сурет.png", io.MultiReader(&picture)))
		w.refused(w.add(sub.ID, "b.txt", strings.NewReader("b")), errs.Conflict, "attachment.count")
		got := w.get(sub.ID)
		if len(got.Files) != 2 || got.Files[0].Name.Reveal() != secret+".txt" || got.Rev != sub.Rev+2 {
			w.Fatalf("%+v", got)
		}
		f, body, err := w.File(ctx, w.aya, sub.ID, got.Files[0].ID, "")
		if err != nil || f.Type != "text/plain" || !strings.HasPrefix(string(body), secret) || int64(len(body)) != f.Size {
			w.Errorf("%v, %+v", err, f)
		}
		if w.count("SELECT count(*) FROM attached_piece") < 3 {
			w.Error("it was not stored in pieces")
		}
		_, _, err = w.FileToGrade(ctx, w.editor, sub.ID, got.Files[0].ID)
		w.refused(err, errs.NotFound, "task.unknown") // not handed in
		bota := w.Subject(w, map[person.Field]string{person.GivenName: "Бота", person.Email: "bota@mysal.kz"})
		_, _, err = w.File(ctx, bota, sub.ID, got.Files[0].ID, "")
		w.refused(err, errs.NotFound, "task.unknown")
		w.refused(w.RemoveFile(ctx, bota, sub.ID, slug, got.Files[0].ID), errs.NotFound, "task.unknown")
		w.must(w.RemoveFile(ctx, w.aya, sub.ID, slug, got.Files[1].ID))
		w.refused(w.RemoveFile(ctx, w.aya, sub.ID, slug, got.Files[1].ID), errs.NotFound, "attachment.unknown")
		w.must(w.HandIn(ctx, w.aya, sub.ID, slug, w.get(sub.ID).Rev, "kk"))
		if _, body, err = w.FileToGrade(ctx, w.editor, sub.ID, got.Files[0].ID); err != nil || !strings.HasPrefix(string(body), secret) {
			w.Errorf("%v", err)
		}

		w.must(w.files.Sweep(ctx, time.Hour))
		if n := w.count("SELECT count(*) FROM attached"); n != 1 {
			w.Errorf("%d files", n)
		}
		w.must(w.study.Leave(ctx, w.aya, slug))
		w.gone()

		w.must(w.study.Begin(ctx, w.aya, slug))
		sub = w.begin()
		w.must(w.add(sub.ID, "a.txt", strings.NewReader(secret)))
		w.Erase(w, w.aya)
		w.gone()
	})
}

// gone tells that nothing of anybody is left, and after a sweep no ciphertext either.
func (w *world) gone() {
	w.Helper()
	if n := w.count("SELECT count(*) FROM submission") + w.count("SELECT count(*) FROM attached WHERE subject <> 0 OR length(name) > 0 OR work <> 0"); n != 0 {
		w.Errorf("%d rows are left", n)
	}
	w.must(w.files.Sweep(ctx, time.Hour))
	if n := w.count("SELECT count(*) FROM attached") + w.count("SELECT count(*) FROM attached_piece"); n != 0 {
		w.Errorf("%d rows of files are left", n)
	}
}

// TestBlockedClockAndChangedCourse: while the data are blocked nothing is written or judged, and what is there is seen; a clock that is set back does no harm; an
// assignment that was taken away takes nothing in.
func TestBlockedClockAndChangedCourse(t *testing.T) {
	forBoth(t, func(w *world) {
		sub := w.hand("мәтін")
		w.Clock.Move(-time.Minute)
		if _, _, err := w.ToGrade(ctx, w.editor, sub.ID); err != nil {
			w.Error(err)
		}
		w.Clock.Move(time.Minute)
		w.restrict(true)
		if got := w.get(sub.ID); got.Work.Text != "мәтін" {
			w.Error("the owner does not see their own")
		}
		if _, _, err := w.ToGrade(ctx, w.editor, sub.ID); !errs.Is(err, errs.Forbidden) {
			w.Errorf("blocked, and read: %v", err)
		}
		if err := w.Settle(ctx, w.editor, sub.ID, sub.Rev, good); !errs.Is(err, errs.Forbidden) {
			w.Errorf("blocked, and judged: %v", err)
		}
		w.restrict(false)
		w.must(w.Settle(ctx, w.editor, sub.ID, sub.Rev, back))
		draft := w.begin()
		rev, err := w.Save(ctx, w.aya, draft.ID, slug, draft.Rev, "екінші")
		w.must(err)
		w.course.Lessons[0].ID = 77
		w.put()
		w.refused(w.HandIn(ctx, w.aya, draft.ID, slug, rev, "kk"), errs.NotFound, "course.lesson.unknown")
		if got := w.get(draft.ID); got.Work.Text != "екінші" {
			w.Error("what was written is lost")
		}
	})
}

func (w *world) restrict(on bool) {
	w.Helper()
	p := keeper.Passage{Actor: keeper.Staff(6, policy.Officer), Subject: w.aya, Operation: policy.Blocking, Purpose: policy.Restriction, Case: "request:1"}
	_, err := w.Keeper.Change(ctx, p, func(t *keeper.Tx) error { t.Restrict(on); return nil })
	w.must(err)
}
