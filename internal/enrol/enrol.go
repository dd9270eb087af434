// Package enrol is how people come to take part in courses: at once, by a code, on application, from a waiting list; and the groups that they are led in.
//
// It guarantees: a course never has more people than seats, a seat being taken or kept from the commit on, on every server; who waits is offered a seat in
// the order of waiting, in the commit in which one falls free (left, erased, lapsed, or seats were added); nobody takes part who did not say so
// themselves; the same act twice changes nothing more. What somebody writes to apply, what they let go along of their profile and the answer to
// it are sealed under their key. An erasure frees the seat; a block (6.2.4) keeps it. A tutor reaches those in groups of their own, and nobody else.
package enrol

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/study"
)

// State is where somebody stands towards a course. Codes are stored: never renumber.
type State uint8

// The states; 0 is nowhere.
const (
	In      State = iota + 1
	Offered       // a seat is kept for them, and they have yet to begin
	Waiting
	Applied
	Refused
)

// String is the end of message keys, "enrol.state." + it.
func (s State) String() string {
	if s > Refused {
		return "state?"
	}
	return [...]string{"none", "in", "offered", "waiting", "applied", "refused"}[s]
}

// Standing is somebody's towards a course.
type Standing struct {
	ID     int64
	Course string // slug
	State  State
	Since  time.Time
	Ends   time.Time // of an offer
	Place  int       // on the waiting list, from 1
	Group  int64     // 0: none
	row    *row
}

// Terms.
const (
	offerLife  = 7 * 24 * time.Hour  // to take up a seat from the waiting list
	acceptLife = 30 * 24 * time.Hour // to begin after an application was accepted
	MaxWords   = 4000                // characters of an application, and of the answer
	maxQueue   = 200
)

var (
	errNone   = errs.New(errs.NotFound, "enrol.none")
	errOver   = errs.New(errs.Conflict, "enrol.over")
	errMoved  = errs.New(errs.Conflict, "enrol.decided")
	errOwn    = errs.New(errs.Forbidden, "enrol.own")
	errClosed = errs.New(errs.Conflict, "enrol.closed")
)

// Config is what the service needs.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Study    *study.Service
	Limiter  *limit.Limiter
	Queue    *jobs.Queue
	Notifier notify.Writer
	Lang     func(ctx context.Context, subject person.ID) (string, error)
	Page     func(lang, course string) string // where a course is shown
}

// Service is the capability. It is safe for concurrent use.
type Service struct{ c Config }

// New makes it, with its shares in erasure and in leaving a course, and its jobs.
func New(c Config) *Service {
	s := &Service{c}
	c.Door.OnErase(s.erased)
	c.Study.OnLeave(func(t *keeper.Tx, own person.ID, course string) error {
		if _, err := t.Exec(remove, own, course); err != nil {
			return err
		}
		return s.Fill(t.Tx, course)
	})
	c.Queue.Handle(jobLetter, s.sendLetter)
	c.Queue.Every("enrol.sweep", time.Hour, s.Sweep)
	return s
}

// erased removes what is somebody's and offers their seats on.
func (s *Service) erased(t *db.Tx, subject person.ID) error {
	mine, err := several(t.Query(selectMine, subject))
	if err != nil || len(mine) == 0 {
		return err
	}
	if _, err := t.Exec(forget, subject); err != nil {
		return err
	}
	for _, r := range mine {
		if err := s.Fill(t, r.course); err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
	}
	return nil
}

// Of is somebody's standing towards a course; of State 0 where they have none.
func (s *Service) Of(ctx context.Context, own person.ID, course string) (Standing, error) {
	r, err := one(s.getter(ctx), selectOf, own, course)
	if err != nil || r == nil {
		return Standing{Course: course}, err
	}
	return s.standing(ctx, r)
}

func (s *Service) standing(ctx context.Context, r *row) (Standing, error) {
	out := Standing{ID: r.id, Course: r.course, State: r.state, Since: db.Time(r.since), Ends: db.Time(r.ends), Group: r.group, row: r}
	if r.state == Waiting {
		if _, err := s.c.DB.Get(ctx, []any{&out.Place}, countBefore, r.course, r.since, r.id); err != nil {
			return out, err
		}
		out.Place++
	}
	return out, nil
}

// Mine are all somebody's standings, the latest first.
func (s *Service) Mine(ctx context.Context, own person.ID) ([]Standing, error) {
	list, err := several(s.c.DB.Query(ctx, selectMine, own))
	if err != nil {
		return nil, err
	}
	out := make([]Standing, len(list))
	for i, r := range list {
		if out[i], err = s.standing(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Lacking is what keeps somebody from a course for now.
type Lacking struct {
	Courses []string // to be finished first
	Fields  []person.Field
}

// Lacks tells what keeps somebody from a course. Of their profile it opens nothing: it asks which fields are filled.
func (s *Service) Lacks(ctx context.Context, own person.ID, c learning.Course) (l Lacking, err error) {
	for _, need := range c.Entry.Needs {
		done, err := s.c.Study.Finished(ctx, own, need)
		if err != nil {
			return l, err
		}
		if !done {
			l.Courses = append(l.Courses, need)
		}
	}
	asked := c.Entry.Asked()
	if len(asked) == 0 {
		return l, nil
	}
	rec, err := s.c.Door.Read(ctx, keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: policy.Personalise, Case: study.Code(c.Slug)})
	if err != nil {
		return l, err
	}
	l.Fields = slices.DeleteFunc(asked, func(f person.Field) bool { return rec.Present.Has(f) })
	return l, nil
}

// ready refuses who lacks something.
func (s *Service) ready(ctx context.Context, own person.ID, c learning.Course) error {
	l, err := s.Lacks(ctx, own, c)
	switch {
	case err != nil:
		return err
	case len(l.Courses) > 0:
		return errs.New(errs.Conflict, "enrol.lacks.courses")
	case len(l.Fields) > 0:
		return errs.New(errs.Conflict, "enrol.lacks.fields")
	}
	return nil
}

// guesses of codes, by person and by course.
var (
	guessed   = limit.Rule{Name: "enrol.code.person", Burst: 10, Every: 10 * time.Minute}
	guessedOf = limit.Rule{Name: "enrol.code.course", Burst: 100, Every: time.Minute}
)

// Enrol lets somebody take part in a course, or puts them on its waiting list; who does already goes on. code is that of a course by code, else
// empty; group is that chosen, or 0. Errors: NotFound; Conflict where it is hidden, over, full in that group, not to be entered so, or something is
// lacking; Invalid of field "code"; TooMany.
func (s *Service) Enrol(ctx context.Context, own person.ID, course string, code secret.Text, group int64) (State, error) {
	c, err := learning.Get(ctx, s.c.DB, course)
	if err != nil {
		return 0, err
	}
	now, err := s.Of(ctx, own, course)
	if err != nil || now.State == In {
		return now.State, err
	}
	if now.State != Offered {
		if err := s.ready(ctx, own, c); err != nil {
			return 0, err
		}
		if c.Entry.Way == learning.ByCode {
			if err := s.checkCode(ctx, own, course, code); err != nil {
				return 0, err
			}
		}
	}
	var state State
	_, err = s.c.Door.Change(ctx, study.Passage(own, policy.Collection, course), func(t *keeper.Tx) (err error) {
		state, err = s.take(t, own, course, group)
		return err
	})
	return state, err
}

// take gives somebody a seat, or a place on the waiting list.
func (s *Service) take(t *keeper.Tx, own person.ID, course string, group int64) (State, error) {
	e, hidden, err := learning.EntryIn(t.Tx, course, s.c.DB.ForUpdate())
	if err != nil {
		return 0, err
	}
	r, err := one(t.Get, selectOf, own, course)
	if err != nil {
		return 0, err
	}
	kept := r != nil && r.state == Offered // also one that is about to lapse: it has not yet
	switch {
	case r != nil && (r.state == In || r.state == Waiting):
		return r.state, nil
	case hidden:
		return 0, errs.New(errs.Conflict, "course.hidden")
	case e.Over(t.Now()):
		return 0, errOver
	case !kept && (e.Way == learning.OnAsking || e.Way == learning.Chosen):
		return 0, errClosed
	}
	fresh := &row{id: int64(person.NewID(t.Now())), subject: own, course: course, group: group, state: In, since: db.Micros(t.Now())}
	if kept {
		fresh.group = r.group
	} else {
		if free, err := seatFree(t.Tx, course, e.Seats); err != nil {
			return 0, err
		} else if !free {
			fresh.state = Waiting
		}
	}
	if fresh.group != 0 && !kept {
		if err := s.roomIn(t.Tx, fresh.group, course); err != nil {
			return 0, err
		}
	}
	if fresh.state == In {
		if err := study.Add(t, own, course); err != nil {
			return 0, err
		}
	}
	return fresh.state, fresh.put(t.Tx)
}

// seatFree tells whether somebody new gets a seat; the course is held. Who waits comes first.
func seatFree(t *db.Tx, course string, seats int) (bool, error) {
	if seats == 0 {
		return true, nil
	}
	var taken, waiting int
	if _, err := t.Get([]any{&taken}, countTaken, course); err != nil || taken >= seats {
		return false, err
	}
	_, err := t.Get([]any{&waiting}, countWaiting, course)
	return waiting == 0, err
}

// Fill offers the free seats of a course to those who wait, in their order, and has them told. Where a course is gone it does nothing.
func (s *Service) Fill(t *db.Tx, course string) error {
	e, _, err := learning.EntryIn(t, course, s.c.DB.ForUpdate())
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil || e.Over(t.Now()) {
		return err
	}
	var taken int
	if _, err := t.Get([]any{&taken}, countTaken, course); err != nil {
		return err
	}
	for ; e.Seats == 0 || taken < e.Seats; taken++ {
		var id int64
		var subject person.ID
		if found, err := t.Get([]any{&id, &subject}, selectNext, course); err != nil || !found {
			return err
		}
		ends := t.Now().Add(offerLife)
		if _, err := t.Exec(offer, db.Micros(ends), id); err != nil {
			return err
		}
		if err := s.tell(t, id, "offered"); err != nil {
			return err
		}
	}
	return nil
}

// Sweep ends the offers that nobody took up in time, and offers those seats on.
func (s *Service) Sweep(ctx context.Context) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		list, err := t.Query(selectLapsed, db.Micros(t.Now()))
		if err != nil {
			return err
		}
		var courses []string
		err = db.Each(list, func(scan func(...any) error) error {
			var course string
			err := scan(&course)
			courses = append(courses, course)
			return err
		})
		for _, course := range courses {
			if err == nil {
				_, err = t.Exec(removeLapsed, course, db.Micros(t.Now()))
			}
			if err == nil {
				err = s.Fill(t, course)
			}
		}
		return err
	})
}

// Withdraw takes an application back, leaves a waiting list or declines an offer; what was written is destroyed with it. Who takes part leaves by
// study.Service.Leave. NotFound where there is nothing of it.
func (s *Service) Withdraw(ctx context.Context, own person.ID, course string) error {
	_, err := s.c.Door.Change(ctx, study.Passage(own, policy.Deletion, course), func(t *keeper.Tx) error {
		r, err := one(t.Get, selectOf, own, course)
		if err != nil {
			return err
		}
		if r == nil || r.state == In {
			return errNone
		}
		if _, err := t.Exec(remove, own, course); err != nil {
			return err
		}
		return s.Fill(t.Tx, course)
	})
	return err
}

// Application is what somebody sends to be let into a course.
type Application struct {
	ID     int64
	Course string
	Group  int64
	Since  time.Time
	Sent
	Reason string // of who decided
}

// Sent is what is sealed of an application.
type Sent struct {
	Words  string            `json:"words"`
	Fields map[string]string `json:"fields,omitempty"` // what its author let go along of their profile, as it was, by field
}

// AppCode is an application's name at the door and in the log.
func AppCode(id int64) string { return "application:" + person.ID(id).String() }

func wordsOf(actor keeper.Actor, subject person.ID, op policy.Operation, id int64) keeper.Passage {
	return keeper.Passage{Actor: actor, Subject: subject, Operation: op, Purpose: policy.Feedback, Fields: person.Set(person.Words), Case: AppCode(id)}
}

// Goes reads what would go along with an application, to be shown before it is sent: of those fields that the profile holds.
func (s *Service) Goes(ctx context.Context, own person.ID, course string, fields []person.Field) ([]person.Value, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	rec, err := s.c.Door.Read(ctx, keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: policy.Personalise, Fields: person.Set(fields...), Case: study.Code(course)})
	if err != nil {
		return nil, err
	}
	var out []person.Value
	for _, f := range fields {
		if v := rec.Value(f); !v.IsZero() {
			out = append(out, v)
		}
	}
	return out, nil
}

// Apply asks to be let into a course, once at a time. Errors: Invalid of field "words"; Conflict as of Enrol.
func (s *Service) Apply(ctx context.Context, own person.ID, course, words string, fields []person.Field, group int64) error {
	c, err := learning.Get(ctx, s.c.DB, course)
	if err != nil {
		return err
	}
	words = strings.TrimSpace(words)
	if words == "" || !utf8.ValidString(words) || utf8.RuneCountInString(words) > MaxWords {
		return errs.InvalidFields([]errs.Field{{Name: "words", Key: "enrol.words.wrong"}})
	}
	if err := s.ready(ctx, own, c); err != nil {
		return err
	}
	values, err := s.Goes(ctx, own, course, fields)
	if err != nil {
		return err
	}
	sent := Sent{Words: words, Fields: map[string]string{}}
	for _, v := range values {
		sent.Fields[v.Field().String()] = v.Reveal()
	}
	r := &row{id: int64(person.NewID(s.c.DB.Now())), subject: own, course: course, group: group, state: Applied}
	_, err = s.c.Door.Change(ctx, wordsOf(keeper.Own(own), own, policy.Recording, r.id), func(t *keeper.Tx) error {
		e, hidden, err := learning.EntryIn(t.Tx, course, s.c.DB.ForUpdate())
		if err != nil {
			return err
		}
		before, err := one(t.Get, selectOf, own, course)
		switch {
		case err != nil:
			return err
		case before != nil && before.state != Refused:
			return nil // sent already
		case hidden:
			return errs.New(errs.Conflict, "course.hidden")
		case e.Over(t.Now()):
			return errOver
		case e.Way != learning.OnAsking:
			return errClosed
		}
		if group != 0 {
			if err := s.roomIn(t.Tx, group, course); err != nil {
				return err
			}
		}
		r.since = db.Micros(t.Now())
		if r.sealed, err = sealed(t, table, r.id, sent); err != nil {
			return err
		}
		return r.put(t.Tx)
	})
	return err
}

func sealed(t *keeper.Tx, in string, id int64, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	return t.SealAside(in, id, person.Stored(person.Words, string(text)))
}

// Wrote opens what somebody wrote to apply, and what they were answered; nil where they wrote nothing. once names the session and page.
func (s *Service) Wrote(ctx context.Context, own person.ID, st Standing, once string) (*Application, error) {
	if st.row == nil || len(st.row.sealed) == 0 {
		return nil, nil
	}
	p := wordsOf(keeper.Own(own), own, policy.Access, st.ID)
	p.Once = once
	return s.application(ctx, p, st.row)
}

func (s *Service) application(ctx context.Context, p keeper.Passage, r *row) (*Application, error) {
	closed := []keeper.Aside{{Table: table, Field: person.Words, Row: r.id, Sealed: r.sealed}}
	if len(r.reason) > 0 {
		closed = append(closed, keeper.Aside{Table: reasonTable, Field: person.Words, Row: r.id, Sealed: r.reason})
	}
	values, err := s.c.Door.ReadAside(ctx, p, closed)
	if err != nil {
		return nil, err
	}
	a := &Application{ID: r.id, Course: r.course, Group: r.group, Since: db.Time(r.since)}
	if json.Unmarshal([]byte(values[0].Reveal()), &a.Sent) != nil || len(values) > 1 && json.Unmarshal([]byte(values[1].Reveal()), &a.Reason) != nil {
		return nil, errs.New(errs.Internal, "error.internal")
	}
	return a, nil
}

// Waits is an application that waits, unopened: whose it is is not told.
type Waits struct {
	ID     int64
	Course string
	Group  int64
	Since  time.Time
}

// Asked lists the applications that somebody has to decide, the longest waiting first: a tutor those for their groups, an editor those for none.
func (s *Service) Asked(ctx context.Context, by keeper.Actor) ([]Waits, error) {
	var all []*row
	for _, role := range by.Roles {
		var list []*row
		var err error
		switch role {
		case policy.Editor:
			list, err = several(s.c.DB.Query(ctx, selectApplied, maxQueue))
		case policy.Tutor:
			list, err = several(s.c.DB.Query(ctx, selectAppliedG, by.ID, maxQueue))
		}
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b *row) int { return int(a.since - b.since) })
	out := make([]Waits, len(all))
	for i, r := range all {
		out[i] = Waits{r.id, r.course, r.group, db.Time(r.since)}
	}
	return out, nil
}

// decides is the role in which somebody decides an application: Tutor for one to their group, Editor for one to none. NotFound where it is not theirs.
func (s *Service) decides(get getter, by person.ID, roles []policy.Role, id int64) (*row, keeper.Actor, error) {
	r, err := one(get, selectByID, id)
	if err != nil {
		return nil, keeper.Actor{}, err
	}
	if r == nil || r.state != Applied {
		return nil, keeper.Actor{}, errNone
	}
	if r.subject == by {
		return nil, keeper.Actor{}, errOwn
	}
	if r.group == 0 && slices.Contains(roles, policy.Editor) {
		return r, keeper.Staff(by, policy.Editor), nil
	}
	var tutor person.ID
	if _, err := get([]any{&tutor}, "SELECT tutor FROM course_group WHERE id = $1", r.group); err != nil {
		return nil, keeper.Actor{}, err
	}
	if tutor == by && slices.Contains(roles, policy.Tutor) {
		return r, keeper.Staff(by, policy.Tutor), nil
	}
	return nil, keeper.Actor{}, errNone
}

// ToDecide opens an application for who has to decide it.
func (s *Service) ToDecide(ctx context.Context, by keeper.Actor, id int64) (*Application, error) {
	r, actor, err := s.decides(s.getter(ctx), by.ID, by.Roles, id)
	if err != nil {
		return nil, err
	}
	return s.application(ctx, wordsOf(actor, r.subject, policy.Retrieval, id), r)
}

// Decide accepts an application or refuses it, with the reason, which its author reads. Who is accepted is kept a seat, or waits for one. Errors:
// NotFound; Forbidden for one's own; Conflict where it was decided meanwhile; Invalid of field "reason", which a refusal needs.
func (s *Service) Decide(ctx context.Context, by keeper.Actor, id int64, accept bool, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" && !accept || !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > MaxWords {
		return errs.InvalidFields([]errs.Field{{Name: "reason", Key: "enrol.reason.wrong"}})
	}
	r, actor, err := s.decides(s.getter(ctx), by.ID, by.Roles, id)
	if err != nil {
		return err
	}
	_, err = s.c.Door.Change(ctx, wordsOf(actor, r.subject, policy.Recording, id), func(t *keeper.Tx) error {
		if err := staff.MustHold(t.Tx, by.ID, actor.Roles[0]); err != nil {
			return err
		}
		e, _, err := learning.EntryIn(t.Tx, r.course, s.c.DB.ForUpdate())
		if err != nil {
			return err
		}
		if r, _, err = s.decides(t.Get, by.ID, actor.Roles, id); errs.Is(err, errs.NotFound) {
			return errMoved
		} else if err != nil {
			return err
		}
		if r.reason, err = sealed(t, reasonTable, id, reason); err != nil {
			return err
		}
		key := "refused"
		r.state = Refused
		if accept {
			key, r.state, r.ends = "accepted", Offered, db.Micros(t.Now().Add(acceptLife))
			if free, err := seatFree(t.Tx, r.course, e.Seats); err != nil {
				return err
			} else if !free {
				key, r.state, r.ends, r.since = "waits", Waiting, 0, db.Micros(t.Now())
			}
		}
		if err := r.put(t.Tx); err != nil {
			return err
		}
		return s.tell(t.Tx, id, key)
	})
	return err
}

const jobLetter = "enrol.letter"

// letter is what the job writes: about which row, and what: the end of message keys, "enrol.letter." + Key.
type letter struct {
	ID  int64  `json:"id"`
	Key string `json:"key"`
}

func (s *Service) tell(t *db.Tx, id int64, key string) error {
	return s.c.Queue.Enqueue(t, jobLetter, letter{id, key}, t.Now())
}

// letterStates are the states in which each letter still says what holds.
var letterStates = map[string]State{"offered": Offered, "accepted": Offered, "waits": Waiting, "refused": Refused}

func (s *Service) sendLetter(ctx context.Context, payload []byte) error {
	var l letter
	if err := json.Unmarshal(payload, &l); err != nil || letterStates[l.Key] == 0 {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	r, err := one(s.getter(ctx), selectByID, l.ID)
	if err != nil || r == nil || r.state != letterStates[l.Key] {
		return err // they acted meanwhile
	}
	c, err := learning.Get(ctx, s.c.DB, r.course)
	if err != nil {
		return err
	}
	lang, err := s.c.Lang(ctx, r.subject)
	if err != nil {
		return err
	}
	if lang == "" {
		lang = learning.First()
	}
	return s.c.Notifier.Send(ctx, r.subject, policy.Notify, notify.Letter{Key: "enrol.letter." + l.Key, Lang: lang, Link: s.c.Page(lang, r.course), Case: AppCode(r.id),
		Args: letterArgs(c, lang, db.Time(r.ends))})
}

// codeAlphabet has no letter that is taken for another.
const (
	codeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	codeLength   = 10 // 50 bits
)

func (s *Service) codeHash(course, code string) []byte {
	code = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, code))
	return s.c.Door.Mac("course code", []byte(course), []byte(code))
}

// NewCode makes the code of a course anew; an earlier one ends. It is shown this once: a keyed hash is kept.
func (s *Service) NewCode(ctx context.Context, by person.ID, course string) (secret.Text, error) {
	b := make([]byte, codeLength)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	for i := range b {
		b[i] = codeAlphabet[int(b[i])%len(codeAlphabet)]
	}
	code := string(b[:codeLength/2]) + "-" + string(b[codeLength/2:])
	err := s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := staff.MustHold(t, by, policy.Editor); err != nil {
			return err
		}
		if _, _, err := learning.EntryIn(t, course, ""); err != nil {
			return err
		}
		_, err := t.Exec(putCode, course, s.codeHash(course, code), by, db.Micros(t.Now()))
		return err
	})
	return secret.New(code), err
}

func (s *Service) checkCode(ctx context.Context, own person.ID, course string, code secret.Text) error {
	if err := s.c.Limiter.Spend(ctx, limit.Spend{Rule: guessed, Key: []byte(own.String())}, limit.Spend{Rule: guessedOf, Key: []byte(course)}); err != nil {
		return err
	}
	var hash []byte
	found, err := s.c.DB.Get(ctx, []any{&hash}, selectCode, course)
	if err != nil {
		return err
	}
	if !found || !hmac.Equal(hash, s.codeHash(course, code.Reveal())) {
		return errs.InvalidFields([]errs.Field{{Name: "code", Key: "enrol.code.wrong"}})
	}
	return nil
}

// Full tells whether who came now would wait.
func (s *Service) Full(ctx context.Context, c learning.Course) (bool, error) {
	if c.Entry.Seats == 0 {
		return false, nil
	}
	n, err := s.Counts(ctx, c.Slug)
	return n[In]+n[Offered] >= int64(c.Entry.Seats) || n[Waiting] > 0, err
}

// Counts tells how many stand where towards a course.
func (s *Service) Counts(ctx context.Context, course string) (map[State]int64, error) {
	list, err := s.c.DB.Query(ctx, countStates, course)
	if err != nil {
		return nil, err
	}
	out := map[State]int64{}
	err = db.Each(list, func(scan func(...any) error) error {
		var state State
		var n int64
		err := scan(&state, &n)
		out[state] = n
		return err
	})
	return out, err
}
