package enrol_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/study"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

var catalog = sync.OnceValues(i18n.Load)

type world struct {
	*testdoor.Env
	t             *testing.T
	s             *enrol.Service
	study         *study.Service
	queue         *jobs.Queue
	course        learning.Course
	mu            sync.Mutex
	letters       []notify.Message
	editor, tutor person.ID
}

func (w *world) Send(_ context.Context, m notify.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letters = append(w.letters, m)
	return nil
}

func forBoth(t *testing.T, entry learning.Entry, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := &world{Env: e, t: t, queue: jobs.New(e.DB, slog.New(slog.DiscardHandler)), study: study.New(e.DB, e.Keeper), editor: person.NewID(e.Clock.Now()), tutor: person.NewID(e.Clock.Now())}
		words, err := catalog()
		w.must(err)
		w.s = enrol.New(enrol.Config{DB: e.DB, Door: e.Keeper, Study: w.study, Limiter: limit.New(e.DB, e.Keeper.Mac), Queue: w.queue,
			Notifier: notify.New(e.Keeper, words, w, "noreply@ustaz.example", i18n.Text{KK: "«Мысал» қоры"}, e.Clock.Now),
			Lang:     func(context.Context, person.ID) (string, error) { return "", nil },
			Page:     func(lang, course string) string { return "https://ustaz.example/" + lang + "/courses/" + course }})
		e.Hire(t, w.editor, "editor", "Р. Е.")
		e.Hire(t, w.tutor, "tutor", "М. Г.")
		w.course, err = learning.Sample()
		w.must(err)
		w.publish(entry)
		fn(t, w)
	})
}

func (w *world) publish(entry learning.Entry) {
	w.t.Helper()
	w.course.Entry = entry
	w.must(w.DB.Write(ctx, func(x *db.Tx) error {
		if err := learning.Put(x, w.course); err != nil {
			return err
		}
		return w.s.Fill(x, w.course.Slug)
	}))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) state(id person.ID) enrol.State {
	w.t.Helper()
	st, err := w.s.Of(ctx, id, w.course.Slug)
	w.must(err)
	return st.State
}

func (w *world) enrols(id person.ID, want enrol.State) {
	w.t.Helper()
	got, err := w.s.Enrol(ctx, id, w.course.Slug, secret.Text{}, 0)
	if err != nil || got != want || w.state(id) != want {
		w.t.Fatalf("%v, %v; want %v", got, err, want)
	}
}

func (w *world) editing() keeper.Actor { return keeper.Staff(w.editor, policy.Editor) }
func (w *world) leading() keeper.Actor { return keeper.Staff(w.tutor, policy.Tutor) }

// told runs the jobs and gives the kinds of letters that went out.
func (w *world) told() (out []string) {
	w.t.Helper()
	w.must(w.queue.Drain(ctx))
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.letters {
		out = append(out, strings.TrimPrefix(m.Key, "enrol.letter."))
	}
	w.letters = nil
	return out
}

// The last seats are taken by as many as there are, whoever comes at once and however often; the others wait in one order.
func TestTheLastSeat(t *testing.T) {
	forBoth(t, learning.Entry{Seats: 3}, func(t *testing.T, w *world) {
		people := w.People(t, 12)
		var wg sync.WaitGroup
		for _, id := range people {
			for range 2 { // the button pressed twice
				wg.Go(func() {
					if _, err := w.s.Enrol(ctx, id, w.course.Slug, secret.Text{}, 0); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		in, places := 0, []int{}
		for _, id := range people {
			st, err := w.s.Of(ctx, id, w.course.Slug)
			w.must(err)
			part, _, err := w.study.Of(ctx, id, w.course.Slug, "")
			w.must(err)
			if (part != nil) != (st.State == enrol.In) {
				t.Errorf("takes part: %v, but stands %v", part != nil, st.State)
			}
			if st.State == enrol.In {
				in++
			} else {
				places = append(places, st.Place)
			}
		}
		slices.Sort(places)
		if in != 3 || !slices.Equal(places, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("%d take part, places %v", in, places)
		}
	})
}

// A seat that falls free is offered to the first who waits and is not blocked, in the same commit, by leaving, erasure, a declined or lapsed offer, or
// more seats; who is blocked keeps their place and their seat.
func TestTheWaitingList(t *testing.T) {
	forBoth(t, learning.Entry{Seats: 1}, func(t *testing.T, w *world) {
		people := w.People(t, 6)
		for i, id := range people {
			want := enrol.Waiting
			if i == 0 {
				want = enrol.In
			}
			w.enrols(id, want)
			w.Clock.Move(time.Minute)
		}
		block := func(id person.ID, on bool) {
			_, err := w.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Own(id), Subject: id, Operation: policy.Blocking, Purpose: policy.Restriction},
				func(x *keeper.Tx) error { x.Restrict(on); return nil })
			w.must(err)
		}
		block(people[1], true)
		w.must(w.study.Leave(ctx, people[0], w.course.Slug))
		if w.state(people[0]) != 0 || w.state(people[1]) != enrol.Waiting || w.state(people[2]) != enrol.Offered {
			t.Fatalf("%v %v %v", w.state(people[0]), w.state(people[1]), w.state(people[2]))
		}
		if got := w.told(); !slices.Equal(got, []string{"offered"}) {
			t.Errorf("told %v", got)
		}
		w.enrols(people[0], enrol.Waiting) // behind those who wait
		w.enrols(people[2], enrol.In)
		w.Erase(t, people[2])
		if w.state(people[3]) != enrol.Offered {
			t.Error("an erasure freed no seat")
		}
		w.must(w.s.Withdraw(ctx, people[3], w.course.Slug))
		if w.state(people[3]) != 0 || w.state(people[4]) != enrol.Offered {
			t.Error("a declined seat was not offered on")
		}
		block(people[4], true)
		w.Clock.Move(8 * 24 * time.Hour)
		w.must(w.s.Sweep(ctx))
		if w.state(people[4]) != enrol.Offered {
			t.Error("who is blocked lost the seat")
		}
		block(people[4], false)
		w.must(w.s.Sweep(ctx))
		if w.state(people[4]) != 0 || w.state(people[1]) != enrol.Waiting || w.state(people[5]) != enrol.Offered {
			t.Errorf("a lapsed seat: %v %v %v", w.state(people[4]), w.state(people[1]), w.state(people[5]))
		}
		block(people[1], false)
		w.publish(learning.Entry{Seats: 3})
		if w.state(people[1]) != enrol.Offered || w.state(people[0]) != enrol.Offered {
			t.Error("seats that were added were not offered")
		}
	})
}

// An application is read by who decides it and nobody else; what goes along is what its author chose; it lies sealed; its author reads the answer.
func TestAnApplication(t *testing.T) {
	forBoth(t, learning.Entry{Way: learning.OnAsking}, func(t *testing.T, w *world) {
		slug := w.course.Slug
		aya := w.Subject(t, testdoor.AyaFields)
		if _, err := w.s.Enrol(ctx, aya, slug, secret.Text{}, 0); errs.As(err).Key != "enrol.closed" {
			t.Errorf("begun without an application: %v", err)
		}
		w.must(w.s.Apply(ctx, aya, slug, " Сабақта қолданамын ", []person.Field{person.Surname}, 0))
		w.must(w.s.Apply(ctx, aya, slug, "Екінші рет", nil, 0)) // sent twice: the first stays
		if list, err := w.s.Asked(ctx, w.leading()); err != nil || len(list) != 0 {
			t.Errorf("a tutor sees an application to no group of theirs: %v, %v", list, err)
		}
		list, err := w.s.Asked(ctx, w.editing())
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		id := list[0].ID
		if _, err := w.s.ToDecide(ctx, w.leading(), id); !errs.Is(err, errs.NotFound) {
			t.Errorf("opened by a tutor of no group: %v", err)
		}
		a, err := w.s.ToDecide(ctx, w.editing(), id)
		w.must(err)
		if a.Words != "Сабақта қолданамын" || len(a.Fields) != 1 || a.Fields["surname"] != testdoor.AyaFields[person.Surname] {
			t.Errorf("%+v", a)
		}
		var closed []byte
		_, err = w.DB.Get(ctx, []any{&closed}, "SELECT sealed FROM enrolment WHERE id = $1", id)
		w.must(err)
		if strings.Contains(string(closed), "Сабақта") {
			t.Error("an application lies open")
		}
		if err := w.s.Decide(ctx, w.editing(), id, false, " "); errs.As(err).Fields == nil {
			t.Errorf("refused without a reason: %v", err)
		}
		w.must(w.s.Decide(ctx, w.editing(), id, false, "Алдымен негізгі курсты өтіңіз"))
		if err := w.s.Decide(ctx, w.editing(), id, true, ""); !errs.Is(err, errs.NotFound) {
			t.Errorf("decided twice: %v", err)
		}
		st, err := w.s.Of(ctx, aya, slug)
		w.must(err)
		wrote, err := w.s.Wrote(ctx, aya, st, "")
		w.must(err)
		if st.State != enrol.Refused || wrote.Reason != "Алдымен негізгі курсты өтіңіз" {
			t.Errorf("%+v, %+v", st, wrote)
		}
		w.must(w.s.Apply(ctx, aya, slug, "Өттім", nil, 0))
		list, err = w.s.Asked(ctx, w.editing())
		w.must(err)
		w.must(w.s.Decide(ctx, w.editing(), list[0].ID, true, ""))
		if got := w.told(); !slices.Equal(got, []string{"accepted"}) { // of the refusal they have no need any more
			t.Errorf("told %v", got)
		}
		w.enrols(aya, enrol.In)
		entries, _, err := w.Ledger.BySubject(ctx, aya, 1<<62, 1000, func(e *ledger.Entry) bool { return e.Kind == ledger.ByStaff && e.Outcome == ledger.Allowed })
		w.must(err)
		if len(entries) != 3 {
			t.Errorf("%d entries of who read and decided", len(entries))
		}
	})
}

// A tutor reaches those in their groups: by name and progress, each entry seen by the person; nobody outside of them, and nobody blocked.
func TestGroups(t *testing.T) {
	forBoth(t, learning.Entry{}, func(t *testing.T, w *world) {
		slug := w.course.Slug
		other := person.NewID(w.Clock.Now())
		w.Hire(t, other, "tutor", "Қ. А.")
		if _, err := w.s.SaveGroup(ctx, w.tutor, enrol.Group{Course: slug, Name: "А", Tutor: w.tutor}); !errs.Is(err, errs.Forbidden) {
			t.Errorf("made by a tutor: %v", err)
		}
		if _, err := w.s.SaveGroup(ctx, w.editor, enrol.Group{Course: slug, Name: " ", Tutor: w.editor, Seats: -1}); len(errs.As(err).Fields) != 2 {
			t.Errorf("%v", err)
		}
		first, err := w.s.SaveGroup(ctx, w.editor, enrol.Group{Course: slug, Name: "Күзгі топ", Tutor: w.tutor, Seats: 2})
		w.must(err)
		second, err := w.s.SaveGroup(ctx, w.editor, enrol.Group{Course: slug, Name: "Қысқы топ", Tutor: other, Seats: 1})
		w.must(err)
		people := w.People(t, 4)
		join := func(id person.ID, group int64) error {
			w.Clock.Move(time.Second)
			_, err := w.s.Enrol(ctx, id, slug, secret.Text{}, group)
			return err
		}
		w.must(join(people[0], first))
		w.must(join(people[1], first))
		if err := join(people[2], first); errs.As(err).Fields == nil {
			t.Errorf("a full group: %v", err)
		}
		w.must(join(people[2], second))
		w.must(join(people[3], 0))
		_, err = w.study.Finish(ctx, people[0], slug, w.mustLesson())
		w.must(err)
		g, members, err := w.s.Members(ctx, w.leading(), first)
		w.must(err)
		if len(members) != 2 || members[0].Surname.Reveal() != "Т" || len(members[0].Part.Read) != 1 || len(members[1].Part.Read) != 0 {
			t.Errorf("%+v", members)
		}
		if _, _, err := w.s.Members(ctx, w.leading(), second); !errs.Is(err, errs.NotFound) {
			t.Errorf("another's group was opened: %v", err)
		}
		leads, err := w.s.Leading(ctx, w.tutor)
		w.must(err)
		for i, id := range people {
			if leads(id, slug) != (i < 2) {
				t.Errorf("leads %d: %v", i, leads(id, slug))
			}
			seen, _, err := w.Ledger.BySubject(ctx, id, 1<<62, 1000, func(e *ledger.Entry) bool { return e.Actor == w.tutor })
			w.must(err)
			if (len(seen) > 0) != (i < 2) {
				t.Errorf("%d entries about %d", len(seen), i)
			}
		}
		if err := w.s.Move(ctx, w.leading(), g, people[2], first); !errs.Is(err, errs.NotFound) {
			t.Errorf("moved somebody of another's group: %v", err)
		}
		if err := w.s.Move(ctx, w.leading(), g, people[0], second); errs.As(err).Fields == nil {
			t.Errorf("moved into a full group: %v", err)
		}
		_, err = w.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Own(people[0]), Subject: people[0], Operation: policy.Blocking, Purpose: policy.Restriction},
			func(x *keeper.Tx) error { x.Restrict(true); return nil })
		w.must(err)
		if _, members, err = w.s.Members(ctx, w.leading(), first); err != nil || members[0].Part != nil || !members[0].Surname.IsZero() || members[1].Part == nil {
			t.Errorf("who is blocked: %+v, %v", members, err)
		}
		w.must(w.s.RemoveGroup(ctx, w.editor, first))
		leads, err = w.s.Leading(ctx, w.tutor)
		w.must(err)
		if leads(people[1], slug) || w.state(people[1]) != enrol.In {
			t.Error("a group that was removed is led, or took its people out of the course")
		}
	})
}

func (w *world) mustLesson() int64 {
	c, err := w.study.Course(ctx, w.course.Slug)
	w.must(err)
	return c.Lessons[0].ID
}

// A code opens its course in any spelling, is guessed by nobody, and ends with the next; what is needed first is asked for, and a course that is over is
// begun by nobody, however the clock stood before.
func TestWhatOpensACourse(t *testing.T) {
	forBoth(t, learning.Entry{Way: learning.ByCode, Until: "2026-12-31"}, func(t *testing.T, w *world) {
		slug := w.course.Slug
		people := w.People(t, 4)
		by := func(id person.ID, code string) error {
			_, err := w.s.Enrol(ctx, id, slug, secret.New(code), 0)
			return err
		}
		if err := by(people[0], ""); errs.As(err).Fields == nil {
			t.Errorf("no code: %v", err)
		}
		old, err := w.s.NewCode(ctx, w.editor, slug)
		w.must(err)
		code, err := w.s.NewCode(ctx, w.editor, slug)
		w.must(err)
		if err := by(people[0], old.Reveal()); errs.As(err).Fields == nil {
			t.Errorf("an earlier code: %v", err)
		}
		w.must(by(people[0], " "+strings.ToLower(strings.ReplaceAll(code.Reveal(), "-", " "))))
		for range 10 {
			if err := by(people[1], "AAAAA-AAAAA"); errs.As(err).Fields == nil {
				t.Fatalf("a guess: %v", err)
			}
		}
		if err := by(people[1], code.Reveal()); !errs.Is(err, errs.TooMany) {
			t.Errorf("guessed on: %v", err)
		}
		w.publish(learning.Entry{Needs: []string{slug + "-2"}, Fields: map[string]map[string]string{"phone": {"kk": "Қоңырау шаламыз", "ru": "Позвоним", "en": "We call"}}})
		lacks, err := w.s.Lacks(ctx, people[2], w.course)
		w.must(err)
		if len(lacks.Courses) != 1 || !slices.Equal(lacks.Fields, []person.Field{person.Phone}) {
			t.Errorf("%+v", lacks)
		}
		if err := by(people[2], ""); errs.As(err).Key != "enrol.lacks.courses" {
			t.Errorf("%v", err)
		}
		w.publish(learning.Entry{Until: "2020-01-31"})
		if err := by(people[3], ""); errs.As(err).Key != "enrol.over" {
			t.Errorf("begun after its end: %v", err)
		}
		w.must(by(people[0], "")) // who takes part goes on
	})
}
