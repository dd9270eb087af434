package study_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/study"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

type world struct {
	*testdoor.Env
	t      *testing.T
	s      *study.Service
	aya    person.ID
	course learning.Course
}

func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := &world{Env: e, t: t, s: study.New(e.DB, e.Keeper), aya: e.Subject(t, testdoor.AyaFields)}
		sample, err := learning.Sample()
		w.must(err)
		w.must(e.DB.Write(ctx, func(x *db.Tx) error { return learning.Put(x, sample) }))
		w.course, err = w.s.Course(ctx, sample.Slug)
		w.must(err)
		fn(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) part(id person.ID) *study.Part {
	w.t.Helper()
	p, _, err := w.s.Of(ctx, id, w.course.Slug, "")
	w.must(err)
	return p
}

// entries counts what the log holds of somebody's part in courses.
func (w *world) entries(id person.ID) int {
	w.t.Helper()
	list, _, err := w.Ledger.BySubject(ctx, id, 1<<62, 1000, func(e *ledger.Entry) bool { return e.Fields.Has(person.Study) })
	w.must(err)
	return len(list)
}

// A course is begun, read lesson by lesson, finished and left; the same act twice is one, and each is an entry.
func TestACourseFromItsBeginningToItsEnd(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		slug, lessons := w.course.Slug, w.course.Lessons
		if w.part(w.aya) != nil || w.entries(w.aya) != 0 {
			t.Error("somebody takes part who did not begin, or who takes none is asked about")
		}
		if _, err := w.s.Finish(ctx, w.aya, slug, lessons[0].ID); errs.As(err).Key != "study.none" {
			t.Errorf("a lesson was read in a course that was not begun: %v", err)
		}
		w.must(w.s.Begin(ctx, w.aya, slug))
		begun := w.part(w.aya)
		w.Clock.Move(time.Hour)
		_, err := w.s.Finish(ctx, w.aya, slug, lessons[1].ID)
		w.must(err)
		first := w.Clock.Now()
		w.Clock.Move(time.Hour)
		w.must(w.s.Begin(ctx, w.aya, slug))
		_, err = w.s.Finish(ctx, w.aya, slug, lessons[1].ID)
		w.must(err)
		p := w.part(w.aya)
		if !p.Begun.Equal(begun.Begun) || len(p.Read) != 1 || !p.Read[lessons[1].ID].Equal(first) || !p.Finished.IsZero() {
			t.Errorf("%+v", p)
		}
		for _, l := range lessons {
			_, err := w.s.Finish(ctx, w.aya, slug, l.ID)
			w.must(err)
		}
		end := w.Clock.Now()
		w.Clock.Move(time.Hour)
		_, err = w.s.Finish(ctx, w.aya, slug, lessons[0].ID)
		w.must(err)
		if p = w.part(w.aya); !p.Finished.Equal(end) || len(p.Read) != 3 {
			t.Errorf("finished at %v, want %v; %v", p.Finished, end, p.Read)
		}
		if n := w.entries(w.aya); n != 1+6+3 { // begun, read, looked at; to begin again is nothing
			t.Errorf("%d entries", n)
		}
		w.must(w.s.Leave(ctx, w.aya, slug))
		if w.part(w.aya) != nil {
			t.Error("something stays")
		}
		if err := w.s.Leave(ctx, w.aya, slug); errs.As(err).Key != "study.none" {
			t.Errorf("left twice: %v", err)
		}
	})
}

func TestWhatIsNotThere(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		if err := w.s.Begin(ctx, w.aya, "nothing"); !errs.Is(err, errs.NotFound) {
			t.Errorf("began nothing: %v", err)
		}
		w.must(w.s.Begin(ctx, w.aya, w.course.Slug))
		for _, lesson := range []int64{0, -1, w.course.Lessons[0].ID + 1<<40} {
			if _, err := w.s.Finish(ctx, w.aya, w.course.Slug, lesson); errs.As(err).Key != "course.lesson.unknown" {
				t.Errorf("lesson %d: %v", lesson, err)
			}
		}
		if _, err := w.s.Finish(ctx, w.aya, "nothing", w.course.Lessons[0].ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("a lesson of nothing: %v", err)
		}
	})
}

// What somebody read is nobody else's to see, lies sealed, and goes with their key; while they are blocked it is shown to them and does not grow.
func TestPartsAreTheirOwners(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		bota := w.Subject(t, map[person.Field]string{person.Surname: "Б", person.GivenName: "Б", person.Email: "b@mysal.kz"})
		w.must(w.s.Begin(ctx, w.aya, w.course.Slug))
		_, err := w.s.Finish(ctx, w.aya, w.course.Slug, w.course.Lessons[0].ID)
		w.must(err)
		if w.part(bota) != nil {
			t.Error("another's part is found")
		}
		if err := w.s.Leave(ctx, bota, w.course.Slug); !errs.Is(err, errs.NotFound) {
			t.Errorf("another's part was left: %v", err)
		}
		var sealed []byte
		found, err := w.DB.Get(ctx, []any{&sealed}, "SELECT sealed FROM study WHERE subject = $1", w.aya)
		w.must(err)
		if !found || strings.Contains(string(sealed), "read") {
			t.Error("what was read lies open")
		}
		block := keeper.Passage{Actor: keeper.Own(w.aya), Subject: w.aya, Operation: policy.Blocking, Purpose: policy.Restriction}
		_, err = w.Keeper.Change(ctx, block, func(x *keeper.Tx) error { x.Restrict(true); return nil })
		w.must(err)
		if p := w.part(w.aya); p == nil || len(p.Read) != 1 {
			t.Errorf("while blocked: %+v", p)
		}
		if _, err := w.s.Finish(ctx, w.aya, w.course.Slug, w.course.Lessons[1].ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("read while blocked: %v", err)
		}
		_, err = w.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Program(), Subject: w.aya, Operation: policy.Blocking, Purpose: policy.Restriction},
			func(x *keeper.Tx) error { x.Restrict(false); return nil })
		w.must(err)
		w.Erase(t, w.aya)
		var n int
		_, err = w.DB.Get(ctx, []any{&n}, "SELECT COUNT(*) FROM study WHERE subject = $1", w.aya)
		w.must(err)
		if n != 0 {
			t.Errorf("%d parts outlive the key", n)
		}
	})
}

// A part that was moved to another row does not open.
func TestMovedPartsDoNotOpen(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.must(w.s.Begin(ctx, w.aya, w.course.Slug))
		w.must(w.DB.Write(ctx, func(x *db.Tx) error { _, err := x.Exec("UPDATE study SET id = id + 1"); return err }))
		if p, _, err := w.s.Of(ctx, w.aya, w.course.Slug, ""); errs.As(err).Key != "door.damaged" || p != nil {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// Under an edition whose rules know nothing of studying nothing is opened, nothing offered and nothing entered.
func TestUnderRulesThatDoNotKnowIt(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.must(w.s.Begin(ctx, w.aya, w.course.Slug))
		if _, may, err := w.s.Of(ctx, w.aya, w.course.Slug, ""); err != nil || !may {
			t.Errorf("under the default rules: %v, %v", may, err)
		}
		older, err := policy.Default()
		w.must(err)
		older.Order, older.InForce = "older", w.Clock.Now()
		older.RulesText = strings.ReplaceAll(older.RulesText, `Field::"study"`, `Field::"none"`)
		older.Rules, err = policy.ParseRules(older.RulesText)
		w.must(err)
		_, err = w.Keeper.Publish(ctx, older)
		w.must(err)
		w.Clock.Move(time.Minute)
		before := w.entries(w.aya)
		if _, may, err := w.s.Of(ctx, w.aya, w.course.Slug, ""); err != nil || may {
			t.Errorf("under older rules: %v, %v", may, err)
		}
		list, err := w.s.Mine(ctx, w.aya, "")
		w.must(err)
		if len(list) != 1 || !list[0].Closed || list[0].Read != nil || w.entries(w.aya) != before {
			t.Errorf("%+v, %d entries", list, w.entries(w.aya)-before)
		}
	})
}

// TestAHiddenCourse is begun by nobody new; who takes part goes on to its end.
func TestAHiddenCourse(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		slug := w.course.Slug
		w.must(w.s.Begin(ctx, w.aya, slug))
		w.must(w.DB.Write(ctx, func(x *db.Tx) error { return learning.Hide(x, slug, true) }))
		bota := w.Subject(t, map[person.Field]string{person.Email: "bota@mysal.kz"})
		if err := w.s.Begin(ctx, bota, slug); errs.As(err).Key != "course.hidden" {
			t.Errorf("begun by somebody new: %v", err)
		}
		w.must(w.s.Begin(ctx, w.aya, slug))
		for _, l := range w.course.Lessons {
			_, err := w.s.Finish(ctx, w.aya, slug, l.ID)
			w.must(err)
		}
		if w.part(w.aya).Finished.IsZero() {
			t.Error("who took part could not finish")
		}
	})
}
