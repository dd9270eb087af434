package exam_test

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/study"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

const (
	slug  = "synaq"
	read  = 11 // the lesson before the test
	final = 12
)

type world struct {
	*testing.T
	*testdoor.Env
	*exam.Service
	study  *study.Service
	aya    person.ID
	course learning.Course
	passed int // how often the final test was said to be passed
}

func forBoth(t *testing.T, fn func(w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := &world{T: t, Env: e, study: study.New(e.DB, e.Keeper), aya: e.Subject(t, testdoor.AyaFields)}
		w.Service = exam.New(e.DB, e.Keeper, w.study, attachment.New(e.DB, e.Keeper, w.study, media.New(e.DB, media.DefaultLimits())))
		w.OnPassed(func(*keeper.Tx, person.ID, learning.Course) error { w.passed++; return nil })
		w.course = learning.Course{Slug: slug, About: learning.About{Hours: 2, Words: map[string]learning.Words{"kk": {Title: "Сынақ", Summary: "Сынақ."}, "ru": {Title: "Проба", Summary: "Проба."}}},
			Lessons: []learning.Lesson{
				{ID: read, Kind: learning.Reading, Minutes: 5, Words: both("Оқу", "Чтение"), Body: both("Мәтін", "Текст")},
				{ID: final, Kind: learning.Testing, Minutes: 5, Words: both("Тест", "Тест"), Body: both("", ""), Test: &learning.Test{Draws: []learning.Draw{{Topic: "сан", Count: 2}, {Topic: "сөз", Count: 1}},
					Limit: 10, Attempts: 2, Pass: 60, Review: learning.ReviewPassed, Final: true}}},
			Questions: []learning.Question{
				{ID: 101, Topic: "сан", Points: 2, Text: both("2 + 2?\n\n( ) 3\n(x) 4\n( ) 5", "2 + 2?\n\n( ) 3\n(x) 4\n( ) 5")},
				{ID: 102, Topic: "сан", Points: 1, Text: both("6 × 7?\n\n= 42", "6 × 7?\n\n= 42")},
				{ID: 103, Topic: "сөз", Points: 1, Text: both("Елорда?\n\n= Астана", "Столица Франции?\n\n= Париж")},
			}}
		w.put()
		w.must(w.study.Begin(ctx, w.aya, slug))
		fn(w)
	})
}

func both(kk, ru string) map[string]string { return map[string]string{"kk": kk, "ru": ru} }

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
	if e := errs.As(err); err == nil || e.Kind != kind || key != "" && e.Key != key {
		w.Errorf("got %v, want %s: %s", err, kind, key)
	}
}

func (w *world) begin() person.ID {
	w.Helper()
	id, err := w.Begin(ctx, w.aya, slug, final)
	w.must(err)
	return id
}

// asks lists what an attempt asks, by place.
func (w *world) asks(id person.ID) []int64 {
	w.Helper()
	a, err := w.Get(ctx, w.aya, id, "")
	w.must(err)
	var out []int64
	for _, at := range a.Plan.Asked {
		out = append(out, at.ID)
	}
	return out
}

var right = map[int64]url.Values{101: {"choice": {"1"}}, 102: {"text": {"42"}}, 103: {"text": {" астана. "}}}

// answer answers a question of an attempt in Kazakh.
func (w *world) answer(id person.ID, question int64, form url.Values) error {
	w.Helper()
	_, err := w.Save(ctx, w.aya, id, slug, slices.Index(w.asks(id), question), "kk", form)
	return err
}

func (w *world) submit(id person.ID) *exam.Attempt {
	w.Helper()
	a, err := w.Submit(ctx, w.aya, id, slug)
	w.must(err)
	return a
}

func (w *world) done() bool {
	w.Helper()
	p, _, err := w.study.Of(ctx, w.aya, slug, "")
	w.must(err)
	return p != nil && !p.Read[final].IsZero()
}

func TestATestIsTakenFailedAndPassed(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		if again := w.begin(); again != id {
			w.Error("a second press began a second attempt")
		}
		w.must(w.answer(id, 103, right[103]))
		w.must(w.answer(id, 102, url.Values{"text": {"41"}}))
		w.must(w.answer(id, 102, right[102])) // thought better
		a := w.submit(id)
		if r := a.Plan.Result; a.State != exam.Over || r.Won != 2000 || r.Of != 4000 || r.Passed || r.Percent() != 50 || w.done() || w.passed != 0 {
			w.Errorf("%+v, %+v", a, r)
		}
		if again := w.submit(id); again.Ended != a.Ended || again.Plan.Result.Won != 2000 {
			w.Errorf("handed in twice: %+v", again)
		}
		w.refused(w.answer(id, 101, right[101]), errs.Conflict, "exam.over")

		id = w.begin()
		for q, form := range right {
			w.must(w.answer(id, q, form))
		}
		a = w.submit(id)
		if r := a.Plan.Result; !r.Passed || r.Percent() != 100 || a.N != 2 || !w.done() || w.passed != 1 {
			w.Errorf("%+v, %+v, %d", a, r, w.passed)
		}
		w.submit(id)
		if w.passed != 1 {
			w.Errorf("passed %d times", w.passed)
		}
		_, err := w.Begin(ctx, w.aya, slug, final)
		w.refused(err, errs.Conflict, "exam.passed_already")
		list, err := w.List(ctx, w.aya, final, "")
		if err != nil || len(list) != 2 || list[0].Plan.Result.Won != 2000 || list[1].N != 2 {
			w.Errorf("%v, %+v", err, list)
		}
	})
}

// TestAnswersStayWhereverOneGoesOn: the laptop was closed; on another device everything that was saved is there, also in another language.
func TestAnswersStayWhereverOneGoesOn(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		w.must(w.answer(id, 103, right[103]))
		w.Clock.Move(9 * time.Minute)
		if again := w.begin(); again != id {
			w.Error("going on began another attempt")
		}
		a, err := w.Get(ctx, w.aya, id, "")
		w.must(err)
		place := slices.Index(w.asks(id), 103)
		for i, at := range a.Saved {
			if at.IsZero() == (i == place) {
				w.Errorf("place %d was saved at %v", i, at)
			}
		}
		all, err := w.At(ctx, a, "ru", "")
		w.must(err)
		if all[place].Answer.Text != "астана." || all[place].Prompt != "Столица Франции?" || all[place].Grade.Share != 1000 {
			w.Errorf("words count in the language they were asked for in: %+v", all[place])
		}
		if r := w.submit(id).Plan.Result; r.Won != 1000 {
			w.Errorf("%+v", r)
		}
	})
}

func TestTheServerKeepsTheTime(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		w.must(w.answer(id, 101, right[101]))
		w.Clock.Move(10*time.Minute + exam.Grace) // on its way when the time was up
		w.must(w.answer(id, 102, right[102]))
		w.Clock.Move(time.Second)
		w.refused(w.answer(id, 103, right[103]), errs.Gone, "exam.late")
		w.Clock.Move(48 * time.Hour)
		a := w.submit(id)
		if a.Plan.Result.Won != 3000 || !a.Plan.Result.Passed || !a.Ended.Equal(a.Ends) {
			w.Errorf("%+v, %+v", a, a.Plan.Result)
		}
	})
}

// TestAClockThatJumps: back, the attempt still ends when it was said to; far ahead, it is over with what was saved, and the next one is whole.
func TestAClockThatJumps(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		a, err := w.Get(ctx, w.aya, id, "")
		w.must(err)
		w.Clock.Move(-time.Hour)
		w.must(w.answer(id, 101, right[101]))
		if b, err := w.Get(ctx, w.aya, id, ""); err != nil || !b.Ends.Equal(a.Ends) {
			w.Errorf("%v, ends %v, then %v", err, a.Ends, b.Ends)
		}
		w.Clock.Move(1000 * time.Hour)
		if r := w.submit(id).Plan.Result; r.Won != 2000 || r.Passed {
			w.Errorf("%+v", r)
		}
		if b, err := w.Get(ctx, w.aya, w.begin(), ""); err != nil || !b.Ends.Equal(w.Clock.Now().Add(10*time.Minute)) {
			w.Errorf("%v, %+v", err, b)
		}
	})
}

// TestATestThatIsChangedWhileItIsTaken asks on what it asked, and counts what it counted.
func TestATestThatIsChangedWhileItIsTaken(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		w.must(w.answer(id, 101, right[101]))
		w.course.Questions[0].Text = both("2 + 2?\n\n(x) 3\n( ) 4", "2 + 2?\n\n(x) 3\n( ) 4")
		w.course.Questions[1].Points = 50
		w.course.Questions[2] = learning.Question{ID: 104, Topic: "сөз", Points: 1, Text: both("Жаңа\n\n= ия", "Новый\n\n= да")}
		w.course.Lessons[1].Test.Pass = 100
		w.put()
		w.must(w.answer(id, 103, right[103]))
		if r := w.submit(id).Plan.Result; r.Won != 3000 || r.Of != 4000 || !r.Passed {
			w.Errorf("%+v", r)
		}
		if !w.done() {
			w.Error("the test is not done")
		}
	})
}

// TestATestThatIsTakenAwayWhileItIsTaken is graded all the same.
func TestATestThatIsTakenAwayWhileItIsTaken(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		for q, form := range right {
			w.must(w.answer(id, q, form))
		}
		w.course.Lessons, w.course.Questions = w.course.Lessons[:1], nil
		w.put()
		if a := w.submit(id); !a.Plan.Result.Passed || w.passed != 0 {
			w.Errorf("%+v", a)
		}
	})
}

func TestAPersonGradesWhatAProgramCanNot(t *testing.T) {
	forBoth(t, func(w *world) {
		w.course.Questions[2].Text = both("Айтып беріңіз.\n\n[text]", "Расскажите.\n\n[text]")
		w.put()
		id := w.begin()
		for _, q := range []int64{101, 102} {
			w.must(w.answer(id, q, right[q]))
		}
		w.must(w.answer(id, 103, url.Values{"text": {"Менің сабағым."}}))
		a := w.submit(id)
		if a.State != exam.Waiting || a.Plan.Result.Passed || a.Plan.Result.Shares[slices.Index(w.asks(id), 103)] != -1 || w.done() {
			w.Errorf("%+v, %+v", a, a.Plan.Result)
		}
		_, err := w.Begin(ctx, w.aya, slug, final)
		w.refused(err, errs.Conflict, "exam.waits")

		editor := keeper.Staff(201, policy.Editor)
		queue, err := w.Queue(ctx)
		if err != nil || len(queue) != 1 || queue[0].ID != id {
			w.Fatalf("%v, %+v", err, queue)
		}
		_, open, err := w.ToGrade(ctx, editor, id, "ru")
		place := slices.Index(w.asks(id), 103)
		if err != nil || len(open) != 1 || open[0].Place != place || open[0].Answer.Text != "Менің сабағым." || open[0].Prompt != "Расскажите." {
			w.Fatalf("%v, %+v", err, open)
		}
		for _, role := range []policy.Role{policy.SupportR, policy.Officer, policy.Admin} {
			_, _, err := w.ToGrade(ctx, keeper.Staff(202, role), id, "ru")
			w.refused(err, errs.Forbidden, "")
			w.refused(w.Settle(ctx, keeper.Staff(202, role), id, map[int]int{place: 1000}), errs.Forbidden, "")
		}
		_, _, err = w.ToGrade(ctx, keeper.Staff(w.aya, policy.Editor), id, "ru")
		w.refused(err, errs.Forbidden, "exam.own")
		w.refused(w.Settle(ctx, keeper.Staff(w.aya, policy.Editor), id, map[int]int{place: 1000}), errs.Forbidden, "exam.own")
		for _, wrong := range []map[int]int{nil, {place: -1}, {place: 1001}, {place + 1: 5}} {
			w.refused(w.Settle(ctx, editor, id, wrong), errs.Invalid, "exam.grades")
		}
		var told []person.ID
		w.OnGraded(func(_ *keeper.Tx, own person.ID, c learning.Course, attempt person.ID) error {
			told = append(told, own, attempt)
			return nil
		})
		w.must(w.Settle(ctx, editor, id, map[int]int{place: 500}))
		if !slices.Equal(told, []person.ID{w.aya, id}) {
			w.Errorf("told %v", told)
		}
		got, err := w.Get(ctx, w.aya, id, "")
		if err != nil || got.State != exam.Over || got.Plan.Result.Won != 3500 || !got.Plan.Result.Passed || !w.done() || w.passed != 1 {
			w.Errorf("%v, %+v, %+v", err, got, got.Plan.Result)
		}
		w.refused(w.Settle(ctx, editor, id, map[int]int{place: 1000}), errs.NotFound, "exam.unknown")
		if queue, err := w.Queue(ctx); err != nil || len(queue) != 0 {
			w.Errorf("%v, %+v", err, queue)
		}
	})
}

func TestWhatIsNotTheirs(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		bota := w.Subject(w.T, map[person.Field]string{person.Email: "bota@mysal.kz"})
		_, err := w.Begin(ctx, bota, slug, final)
		w.refused(err, errs.NotFound, "study.none")
		_, err = w.Get(ctx, bota, id, "")
		w.refused(err, errs.NotFound, "exam.unknown")
		_, err = w.Save(ctx, bota, id, slug, 0, "kk", url.Values{})
		w.refused(err, errs.NotFound, "exam.unknown")
		_, err = w.Submit(ctx, bota, id, slug)
		w.refused(err, errs.NotFound, "exam.unknown")
		for _, place := range []int{-1, 3} {
			_, err = w.Save(ctx, w.aya, id, slug, place, "kk", url.Values{})
			w.refused(err, errs.NotFound, "exam.unknown")
		}
		w.refused(w.answer(id, 101, url.Values{"choice": {"7"}}), errs.Invalid, "")
		_, err = w.Begin(ctx, w.aya, slug, read)
		w.refused(err, errs.NotFound, "course.lesson.unknown")
		_, err = w.study.Finish(ctx, w.aya, slug, final)
		w.refused(err, errs.NotFound, "course.lesson.unknown") // a test is passed, not read
		w.must(w.study.Leave(ctx, w.aya, slug))
		_, err = w.Get(ctx, w.aya, id, "")
		w.refused(err, errs.NotFound, "exam.unknown")
	})
}

func TestLessonsFirst(t *testing.T) {
	forBoth(t, func(w *world) {
		w.course.Lessons[1].Test.After = true
		w.put()
		_, err := w.Begin(ctx, w.aya, slug, final)
		w.refused(err, errs.Conflict, "exam.lessons_first")
		_, err = w.study.Finish(ctx, w.aya, slug, read)
		w.must(err)
		w.begin()
	})
}

func TestNoMoreAttemptsThanThereAre(t *testing.T) {
	forBoth(t, func(w *world) {
		for range 2 {
			w.submit(w.begin())
		}
		_, err := w.Begin(ctx, w.aya, slug, final)
		w.refused(err, errs.Conflict, "exam.no_attempts")
	})
}

// TestAtTheSameMoment: of many presses one attempt comes, and one result.
func TestAtTheSameMoment(t *testing.T) {
	forBoth(t, func(w *world) {
		ids := make([]person.ID, 8)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() { ids[i] = w.begin() })
		}
		wg.Wait()
		if slices.ContainsFunc(ids, func(id person.ID) bool { return id != ids[0] }) {
			w.Errorf("attempts %v", ids)
		}
		for q, form := range right {
			w.must(w.answer(ids[0], q, form))
		}
		for range 8 {
			wg.Go(func() { w.submit(ids[0]) })
		}
		wg.Wait()
		if w.passed != 1 {
			w.Errorf("passed %d times", w.passed)
		}
	})
}

// TestEachActIsAnEntryAndNothingIsInTheClear.
func TestEachActIsAnEntry(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.begin()
		w.must(w.answer(id, 103, right[103]))
		w.submit(id)
		list, _, err := w.Ledger.BySubject(ctx, w.aya, 1<<62, 1000, func(e *ledger.Entry) bool { return e.Case == exam.Code(slug) })
		w.must(err)
		var ops []policy.Operation
		for _, e := range list {
			ops = append(ops, e.Operation)
		}
		slices.Sort(ops)
		if !slices.Equal(ops, []policy.Operation{policy.Collection, policy.Recording, policy.Use}) {
			w.Errorf("entries %v", ops)
		}
		w.Erase(w.T, w.aya)
		for _, table := range []string{"attempt", "attempt_answer"} {
			var n int
			_, err := w.DB.Get(ctx, []any{&n}, "SELECT count(*) FROM "+table)
			w.must(err)
			if n != 0 {
				w.Errorf("%d rows of %s outlive their owner", n, table)
			}
		}
	})
}

// TestSumsOfMany: what the author sees are sums, of ten attempts or more, and they are what the attempts say.
func TestSumsOfMany(t *testing.T) {
	forBoth(t, func(w *world) {
		w.course.Lessons[1].Test.Limit = 0
		w.put()
		for i := range exam.LeastSeen {
			if stats, err := w.Stats(ctx, slug); err != nil || len(stats) != 0 {
				w.Fatalf("after %d attempts: %v, %v", i, err, stats)
			}
			w.aya = w.Subject(w.T, map[person.Field]string{person.Email: fmt.Sprintf("u%d@mysal.kz", i)})
			w.must(w.study.Begin(ctx, w.aya, slug))
			id := w.begin()
			if i%2 == 0 { // who knows one knows the other
				w.must(w.answer(id, 101, right[101]))
				w.must(w.answer(id, 102, right[102]))
			}
			w.submit(id)
		}
		stats, err := w.Stats(ctx, slug)
		w.must(err)
		if s := stats[101]; s.N != 10 || s.Difficulty != 0.5 || !s.Known || math.Abs(s.Discrimination-1) > 1e-9 {
			w.Errorf("%+v", s)
		}
		if s := stats[103]; s.Difficulty != 0 || s.Known {
			w.Errorf("%+v", s)
		}
	})
}

// TestUnderAnOlderEdition: under rules that would not let a test be handed in none is begun.
func TestUnderAnOlderEdition(t *testing.T) {
	forBoth(t, func(w *world) {
		older, err := policy.Default()
		w.must(err)
		older.Order, older.InForce = "older", w.Clock.Now()
		older.RulesText = strings.Replace(older.RulesText, `Action::"collection", Action::"recording", Action::"use", Action::"access"`, `Action::"collection", Action::"recording", Action::"access"`, 1)
		older.Rules, err = policy.ParseRules(older.RulesText)
		w.must(err)
		_, err = w.Keeper.Publish(ctx, older)
		w.must(err)
		w.Clock.Move(time.Minute)
		if may, err := w.May(ctx, w.aya, slug); err != nil || may {
			w.Errorf("%v, %v", may, err)
		}
		_, err = w.Begin(ctx, w.aya, slug, final)
		w.refused(err, errs.Forbidden, "exam.closed")
	})
}
