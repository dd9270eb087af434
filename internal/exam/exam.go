// Package exam is tests as people take them (4.1.2): an attempt is drawn, answered, handed in and graded.
//
// It guarantees:
//   - What an attempt asks is what was published when it began, and stays so whatever its author changes meanwhile.
//   - An answer that was acknowledged is on disk; it counts whether or not the attempt is handed in, and comes back wherever one goes on.
//   - The server keeps the time: an attempt ends when it was said to at its beginning, to the second and a few for the way; what comes later is not
//     taken and says so.
//   - Questions, answers and results are sealed under the person's key and seen through the door alone; each act is an entry. What the author sees of how
//     questions went is sums of many.
//   - The same act twice changes nothing more: two beginnings are one attempt, two hand-ins one result.
package exam

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/quiz"
	"ustaz/internal/study"
)

// State is where an attempt stands.
type State int64

// The states.
const (
	Running State = iota
	Over          // graded
	Waiting       // for a person's grade
)

// Attempt is somebody's, opened.
type Attempt struct {
	ID      person.ID
	Course  string // slug
	Lesson  int64
	N       int // 1, 2, 3 …
	Begun   time.Time
	Ends    time.Time // when no answer is taken any more; zero for no limit
	Ended   time.Time
	State   State
	Plan    Plan
	Saved   []time.Time // by place, when its answer was saved; zero where it was not. Of Get alone
	Closed  bool        // the rules in force open none of it; then Plan is empty
	subject person.ID
}

// Plan is what is sealed of an attempt: what it asks, and what came of it.
type Plan struct {
	Seed    []byte                `json:"seed"`
	Asked   []learning.QuestionAt `json:"asked"`
	Shuffle bool                  `json:"shuffle"`
	Pass    int                   `json:"pass"` // percent
	Result  *Result               `json:"result,omitempty"`
}

// Result is what came of an attempt.
type Result struct {
	Won    int   `json:"won"` // thousandths of points
	Of     int   `json:"of"`  // thousandths of points
	Passed bool  `json:"passed"`
	Shares []int `json:"shares"` // by place, thousandths of the question; -1 waits for a person
}

// Percent is how much of all points was won, rounded down: who has 59.9 has not 60.
func (r Result) Percent() int {
	if r.Of == 0 {
		return 0
	}
	return r.Won * 100 / r.Of
}

// Grace is for how long after its end an answer on its way is still taken.
const Grace = 5 * time.Second

// Code is a course's tests at the door and in the log.
func Code(course string) string { return "test:" + course }

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d      *db.DB
	door   *keeper.Keeper
	study  *study.Service
	files  *attachment.Service
	parsed *questions
	passed []func(t *keeper.Tx, own person.ID, c learning.Course) error
	graded []func(t *keeper.Tx, own person.ID, c learning.Course, attempt person.ID) error
}

// New makes it, with its share in erasure and in leaving a course; files are those that answer questions.
func New(d *db.DB, door *keeper.Keeper, st *study.Service, files *attachment.Service) *Service {
	door.OnErase(func(t *db.Tx, subject person.ID) error {
		if _, err := t.Exec(forgetAnswers, subject); err != nil {
			return err
		}
		_, err := t.Exec(forgetAttempts, subject)
		return err
	})
	st.OnLeave(func(t *keeper.Tx, own person.ID, course string) error {
		if _, err := t.Exec(leaveAnswers, own, course); err != nil {
			return err
		}
		_, err := t.Exec(leaveAttempts, own, course)
		return err
	})
	return &Service{d: d, door: door, study: st, files: files, parsed: newQuestions()}
}

// OnPassed has fn called within the change in which somebody passes the final test of a course.
func (s *Service) OnPassed(fn func(t *keeper.Tx, own person.ID, c learning.Course) error) {
	s.passed = append(s.passed, fn)
}

// OnGraded has fn called within the change in which a person grades somebody's attempt.
func (s *Service) OnGraded(fn func(t *keeper.Tx, own person.ID, c learning.Course, attempt person.ID) error) {
	s.graded = append(s.graded, fn)
}

var (
	errUnknown = errs.New(errs.NotFound, "exam.unknown")
	errLate    = errs.New(errs.Gone, "exam.late")
	errClosed  = errs.New(errs.Forbidden, "exam.closed")
	errOver    = errs.New(errs.Conflict, "exam.over")
)

func passage(own person.ID, op policy.Operation, course string) keeper.Passage {
	p := study.Passage(own, op, "")
	p.Case = Code(course)
	return p
}

// test is a test of a published course.
func (s *Service) test(ctx context.Context, course string, lesson int64) (learning.Course, learning.Lesson, int, error) {
	c, err := learning.Get(ctx, s.d, course)
	if err != nil {
		return c, learning.Lesson{}, 0, err
	}
	at, l, found := c.Lesson(lesson)
	if !found || l.Test == nil {
		return c, l, at, errs.New(errs.NotFound, "course.lesson.unknown")
	}
	return c, l, at, nil
}

// Begin begins an attempt at a test, or gives the one that runs. NotFound for who takes no part in the course; Conflict where no attempt is left, the
// test is passed, or lessons before it have to be done first; Forbidden where the rules in force would not let it be handed in.
func (s *Service) Begin(ctx context.Context, own person.ID, course string, lesson int64) (id person.ID, err error) {
	c, l, at, err := s.test(ctx, course, lesson)
	if err != nil {
		return 0, err
	}
	bank, err := learning.Bank(ctx, s.d, course)
	if err != nil {
		return 0, err
	}
	if runs, err := s.running(ctx, own, lesson); err != nil || runs != 0 {
		return runs, err
	}
	if may, err := s.May(ctx, own, course); err != nil {
		return 0, err
	} else if !may {
		return 0, errClosed
	}
	_, err = s.door.Change(ctx, passage(own, policy.Collection, course), func(t *keeper.Tx) error {
		done, err := s.study.Done(t, own, course)
		if err != nil {
			return err
		}
		if l.Test.After && slices.ContainsFunc(c.Lessons[:at], func(l learning.Lesson) bool { return done[l.ID] == 0 }) {
			return errs.New(errs.Conflict, "exam.lessons_first")
		}
		if done[lesson] != 0 {
			return errs.New(errs.Conflict, "exam.passed_already")
		}
		var n, last int64
		var state State
		if _, err := t.Get([]any{&last, &n, &state}, selectLast, own, lesson); err != nil {
			return err
		}
		switch {
		case last != 0 && state == Running: // somebody pressed twice
			id = person.ID(last)
			return nil
		case last != 0 && state == Waiting:
			return errs.New(errs.Conflict, "exam.waits")
		case l.Test.Attempts > 0 && n >= int64(l.Test.Attempts):
			return errs.New(errs.Conflict, "exam.no_attempts")
		}
		plan, err := draw(*l.Test, bank)
		if err != nil {
			return err
		}
		id, err = s.lay(t, own, course, l, n+1, plan)
		return err
	})
	return id, err
}

// May tells whether somebody can hand a test in under the rules in force, and how they stand: who can't begins none. It opens nothing and is no passage.
func (s *Service) May(ctx context.Context, own person.ID, course string) (bool, error) {
	may, err := s.door.May(ctx, passage(own, policy.Use, course))
	return may.Has(person.Study), err
}

func (s *Service) running(ctx context.Context, own person.ID, lesson int64) (person.ID, error) {
	var last int64
	var state State
	_, err := s.d.Get(ctx, []any{&last, new(int64), &state}, selectLast, own, lesson)
	if err != nil || state != Running {
		return 0, err
	}
	return person.ID(last), nil
}

// draw makes an attempt's plan by chance.
func draw(t learning.Test, bank []learning.Question) (Plan, error) {
	p := Plan{Seed: make([]byte, 16), Shuffle: t.Shuffle, Pass: t.Pass}
	_, _ = rand.Read(p.Seed) // crypto/rand.Read never fails
	for _, d := range t.Draws {
		var of []learning.QuestionAt
		for _, q := range bank {
			if q.Topic == d.Topic {
				of = append(of, learning.QuestionAt{ID: q.ID, Rev: q.Rev})
			}
		}
		chosen := quiz.Draw(p.Seed, "draw/"+d.Topic, len(of), d.Count)
		slices.Sort(chosen) // the bank's order, unless shuffled below
		for _, i := range chosen {
			p.Asked = append(p.Asked, of[i])
		}
	}
	if len(p.Asked) == 0 {
		return p, errs.New(errs.Conflict, "exam.empty")
	}
	if t.Shuffle {
		mixed := make([]learning.QuestionAt, len(p.Asked))
		for i, from := range quiz.Shuffle(p.Seed, "order", len(p.Asked)) {
			mixed[i] = p.Asked[from]
		}
		p.Asked = mixed
	}
	return p, nil
}

// lay writes a new attempt with a row for each answer.
func (s *Service) lay(t *keeper.Tx, own person.ID, course string, l learning.Lesson, n int64, plan Plan) (person.ID, error) {
	id := person.NewID(t.Now())
	sealed, err := seal(t, attemptTable, int64(id), plan)
	if err != nil {
		return 0, err
	}
	ends := int64(0)
	if l.Test.Limit > 0 {
		ends = db.Micros(t.Now().Add(time.Duration(l.Test.Limit) * time.Minute))
	}
	if _, err := t.Exec(insertAttempt, id, own, course, l.ID, n, db.Micros(t.Now()), ends, sealed); err != nil {
		return 0, err
	}
	var rows []any
	for place := range plan.Asked {
		rows = append(rows, id, place, 0, []byte{})
	}
	return id, t.InsertAll(insertAnswer, rows)
}

// answerAt names an answer's place to its seal, so that it opens at no other.
func answerAt(place int) string { return answerTable + "/" + strconv.Itoa(place) }

func seal(t *keeper.Tx, table string, row int64, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	return t.SealAside(table, row, person.Stored(person.Study, string(text)))
}

func unseal[T any](v person.Value, into *T) error {
	if json.Unmarshal([]byte(v.Reveal()), into) != nil {
		return errs.New(errs.Internal, "error.internal")
	}
	return nil
}

func aside(table string, row int64, sealed []byte) keeper.Aside {
	return keeper.Aside{Table: table, Field: person.Study, Row: row, Sealed: sealed}
}

// inside opens an attempt within a change. NotFound where it is not theirs.
func (s *Service) inside(t *keeper.Tx, own, id person.ID) (*Attempt, error) {
	var sealed []byte
	a, err := scanAttempt(func(dest ...any) error { return must(t.Get(dest, selectAttempt+s.d.ForUpdate(), id, own)) }, &sealed)
	if err != nil {
		return nil, err
	}
	v, err := t.OpenAside(aside(attemptTable, int64(a.ID), sealed))
	if err != nil {
		return nil, err
	}
	return a, unseal(v, &a.Plan)
}

// must makes a row that is not there NotFound.
func must(found bool, err error) error {
	if err == nil && !found {
		err = errUnknown
	}
	return err
}

// Late tells whether an attempt's time is up at a moment.
func (a *Attempt) Late(now time.Time) bool { return !a.Ends.IsZero() && now.After(a.Ends.Add(Grace)) }

// Save writes the answer to the question at a place, from a form as quiz.ReadAnswer reads it in the language lang. Errors: Invalid for an answer that can
// be none; Gone when the time is up; Conflict once the attempt is over.
func (s *Service) Save(ctx context.Context, own, id person.ID, course string, place int, lang string, form map[string][]string) (time.Time, error) {
	var at time.Time
	_, err := s.door.Change(ctx, passage(own, policy.Recording, course), func(t *keeper.Tx) error {
		a, err := s.inside(t, own, id)
		switch {
		case err != nil:
			return err
		case a.State != Running:
			return errOver
		case a.Late(t.Now()):
			return errLate
		case place < 0 || place >= len(a.Plan.Asked) || a.Course != course:
			return errUnknown
		}
		q, err := s.parsed.get(t.Get, a.Plan.Asked[place], lang)
		if err != nil {
			return err
		}
		if q.Kind == quiz.File { // it does not come in a form, see SaveFile
			return nil
		}
		answer, err := quiz.ReadAnswer(q.Question, form)
		if err != nil {
			return err
		}
		sealed, err := seal(t, answerAt(place), int64(id), given{lang, answer})
		if err == nil {
			at = t.Now()
			_, err = t.Exec(saveAnswer, db.Micros(at), sealed, id, place)
		}
		return err
	})
	return at, err
}

// given is what is sealed of an answer: words count in the language that they were asked for in.
type given struct {
	Lang   string      `json:"lang"`
	Answer quiz.Answer `json:"answer"`
}

// Asked is a question of an attempt with what was answered.
type Asked struct {
	quiz.Question
	At     learning.QuestionAt
	Points int
	Layout quiz.Layout
	Answer quiz.Answer
	Grade  quiz.Grade
	Saved  time.Time
}

// answered adds an answer and what it is worth.
func (s *Service) answered(get learning.Getter, q *Asked, v person.Value) error {
	var g given
	if err := unseal(v, &g); err != nil {
		return err
	}
	asked, err := s.parsed.get(get, q.At, g.Lang)
	q.Answer, q.Grade = g.Answer, asked.Question.Grade(g.Answer)
	return err
}

// Submit hands an attempt in: it is graded, and with the pass mark the lesson is done. Who handed it in already gets what came of it. An attempt whose time
// is up is graded by what was saved in time.
func (s *Service) Submit(ctx context.Context, own, id person.ID, course string) (*Attempt, error) {
	c, err := learning.Get(ctx, s.d, course)
	if err != nil {
		return nil, err
	}
	var a *Attempt
	_, err = s.door.Change(ctx, passage(own, policy.Use, course), func(t *keeper.Tx) error {
		if a, err = s.inside(t, own, id); err != nil {
			return err
		}
		if a.Course != course {
			return errUnknown
		}
		if a.State != Running {
			return nil
		}
		asked, err := s.given(t, a)
		if err != nil {
			return err
		}
		return s.grade(t, own, c, a, asked)
	})
	return a, err
}

// given gives within a change all that an attempt asks, with its answers.
func (s *Service) given(t *keeper.Tx, a *Attempt) ([]Asked, error) {
	rows, err := answers(t.Query(selectAnswers, a.ID))
	if err != nil {
		return nil, err
	}
	asked := make([]Asked, len(a.Plan.Asked))
	for place := range a.Plan.Asked {
		if asked[place], err = s.ask(t.Get, a, place, learning.First()); err != nil {
			return nil, err
		}
		if r := rows[place]; len(r.sealed) > 0 {
			v, err := t.OpenAside(aside(answerAt(place), int64(a.ID), r.sealed))
			if err != nil {
				return nil, err
			}
			if err := s.answered(t.Get, &asked[place], v); err != nil {
				return nil, err
			}
		}
	}
	return asked, nil
}

// grade ends an attempt.
func (s *Service) grade(t *keeper.Tx, own person.ID, c learning.Course, a *Attempt, asked []Asked) error {
	r := &Result{}
	a.State, a.Ended = Over, t.Now()
	if !a.Ends.IsZero() && a.Ended.After(a.Ends) {
		a.Ended = a.Ends
	}
	for _, q := range asked {
		share := q.Grade.Share
		if q.Grade.ByPerson {
			a.State, share = Waiting, byPerson
		}
		r.Shares = append(r.Shares, share)
	}
	a.Plan.Result = r
	return s.end(t, own, c, a, asked)
}

// end writes what came of an attempt whose shares are known, or wait for a person.
func (s *Service) end(t *keeper.Tx, own person.ID, c learning.Course, a *Attempt, asked []Asked) error {
	r := a.Plan.Result
	r.Won, r.Of = 0, 0
	for place, q := range asked {
		r.Won += max(0, r.Shares[place]) * q.Points
		r.Of += quiz.Full * q.Points
	}
	r.Passed = a.State == Over && r.Won*100 >= a.Plan.Pass*r.Of
	sealed, err := seal(t, attemptTable, int64(a.ID), a.Plan)
	if err != nil {
		return err
	}
	if _, err := t.Exec(endAttempt, db.Micros(a.Ended), int64(a.State), sealed, a.ID); err != nil {
		return err
	}
	if a.State == Over {
		if err := tally(t, asked, r); err != nil {
			return err
		}
	}
	if !r.Passed {
		return nil
	}
	return s.pass(t, own, c, a.Lesson)
}

// byPerson stands for a share that a person has yet to give.
const byPerson = -1

// pass marks a test as done, and tells who waits for it where it was the final one. A test that is no longer in the course is passed all the same, but
// there is nothing left to be done with it.
func (s *Service) pass(t *keeper.Tx, own person.ID, c learning.Course, lesson int64) error {
	_, l, still := c.Lesson(lesson)
	if !still || l.Test == nil {
		return nil
	}
	if err := s.study.Mark(t, own, c, lesson); err != nil || !l.Test.Final {
		return err
	}
	for _, fn := range s.passed {
		if err := fn(t, own, c); err != nil {
			return err
		}
	}
	return nil
}

// ask is the question at a place, without its answer.
func (s *Service) ask(get learning.Getter, a *Attempt, place int, lang string) (Asked, error) {
	at := a.Plan.Asked[place]
	q, err := s.parsed.get(get, at, lang)
	if err != nil {
		return Asked{}, err
	}
	return Asked{Question: q.Question, At: at, Points: q.points, Layout: q.Question.Layout(a.Plan.Seed, strconv.Itoa(place), a.Plan.Shuffle), Grade: q.Question.Grade(quiz.Answer{})}, nil
}

// List gives somebody's attempts at a test, the first one first. once names the session and page; "" makes an entry of its own.
func (s *Service) List(ctx context.Context, own person.ID, lesson int64, once string) ([]*Attempt, error) {
	return s.open(ctx, own, once, selectList, own, lesson)
}

// sealedAttempts reads attempts as they lie in the database.
func sealedAttempts(rows *sql.Rows, err error) (list []*Attempt, closed []keeper.Aside, _ error) {
	if err != nil {
		return nil, nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var sealed []byte
		a, err := scanAttempt(scan, &sealed)
		if err == nil {
			list, closed = append(list, a), append(closed, aside(attemptTable, int64(a.ID), sealed))
		}
		return err
	})
	return list, closed, err
}

// open reads attempts and passes the door for what is sealed in them.
func (s *Service) open(ctx context.Context, own person.ID, once, query string, args ...any) ([]*Attempt, error) {
	list, closed, err := sealedAttempts(s.d.Query(ctx, query, args...))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	values, may, err := s.study.Read(ctx, own, once, closed)
	if err != nil {
		return nil, err
	}
	for i, a := range list {
		if !may {
			a.Closed = true
		} else if err := unseal(values[i], &a.Plan); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Whole is an attempt with all that it asked.
type Whole struct {
	*Attempt
	Asked []Asked
}

// All opens everything somebody did in tests, the latest first, in a language: for a copy. It is one entry each time. None where the rules in force open
// none of it.
func (s *Service) All(ctx context.Context, own person.ID, lang string) ([]Whole, error) {
	list, closed, err := sealedAttempts(s.d.Query(ctx, selectMine, own))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	given := make([]map[int]saved, len(list))
	at := make([]map[int]int, len(list)) // where each answer is among what is closed
	for i, a := range list {
		if given[i], err = answers(s.d.Query(ctx, selectAnswers, a.ID)); err != nil {
			return nil, err
		}
		at[i] = map[int]int{}
		for place, r := range given[i] {
			if len(r.sealed) > 0 {
				at[i][place] = len(closed)
				closed = append(closed, aside(answerAt(place), int64(a.ID), r.sealed))
			}
		}
	}
	values, may, err := s.study.Read(ctx, own, "", closed)
	if err != nil || !may {
		return nil, err
	}
	out := make([]Whole, len(list))
	for i, a := range list {
		out[i].Attempt = a
		if err := unseal(values[i], &a.Plan); err != nil {
			return nil, err
		}
		for place := range a.Plan.Asked {
			q, err := s.ask(s.getter(ctx), a, place, lang)
			if err != nil {
				return nil, err
			}
			q.Saved = given[i][place].saved
			if n, is := at[i][place]; is {
				if err := s.answered(s.getter(ctx), &q, values[n]); err != nil {
					return nil, err
				}
			}
			out[i].Asked = append(out[i].Asked, q)
		}
	}
	return out, nil
}

func (s *Service) getter(ctx context.Context) learning.Getter {
	return func(dest []any, query string, args ...any) (bool, error) { return s.d.Get(ctx, dest, query, args...) }
}

// Get opens an attempt of somebody's own, and of its questions which are answered. NotFound where there is none. once names the session.
func (s *Service) Get(ctx context.Context, own, id person.ID, once string) (*Attempt, error) {
	list, err := s.open(ctx, own, once, selectAttempt, id, own)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Closed {
		return nil, errUnknown
	}
	a := list[0]
	rows, err := answers(s.d.Query(ctx, selectSaved, id))
	if err != nil {
		return nil, err
	}
	a.Saved = make([]time.Time, len(a.Plan.Asked))
	for place := range a.Saved {
		a.Saved[place] = rows[place].saved
	}
	return a, nil
}

// At gives the questions at some places of an attempt with what was answered, in a language; of all places where none is named.
func (s *Service) At(ctx context.Context, a *Attempt, lang, once string, places ...int) ([]Asked, error) {
	if len(places) == 0 {
		for place := range a.Plan.Asked {
			places = append(places, place)
		}
	}
	rows, err := answers(s.d.Query(ctx, selectAnswers, a.ID))
	if err != nil {
		return nil, err
	}
	get := s.getter(ctx)
	out := make([]Asked, len(places))
	var closed []keeper.Aside
	var of []int
	for i, place := range places {
		if place < 0 || place >= len(a.Plan.Asked) {
			return nil, errUnknown
		}
		if out[i], err = s.ask(get, a, place, lang); err != nil {
			return nil, err
		}
		r := rows[place]
		out[i].Saved = r.saved
		if len(r.sealed) > 0 {
			closed, of = append(closed, aside(answerAt(place), int64(a.ID), r.sealed)), append(of, i)
		}
	}
	if len(closed) == 0 {
		return out, nil
	}
	values, may, err := s.study.Read(ctx, a.subject, once, closed)
	if err != nil {
		return nil, err
	}
	if !may {
		return nil, errUnknown
	}
	for i, v := range values {
		if err := s.answered(get, &out[of[i]], v); err != nil {
			return nil, err
		}
	}
	return out, nil
}
