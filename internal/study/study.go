// Package study is what people do in courses: that they take part, and which lessons they have read (4.1.2).
//
// It guarantees: nobody sees it but through the door; what was done is sealed under the person's key, and goes with it; the same act twice
// changes nothing more; of a course that somebody leaves nothing is kept but the entries in the log, which do not say what was read.
package study

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Part is somebody's part in a course.
type Part struct {
	ID       int64
	Course   string // slug
	Begun    time.Time
	Finished time.Time           // when every lesson that there was had been read; zero before
	Read     map[int64]time.Time // by lesson, to the second
	Closed   bool                // the rules in force open none of it; then Read is nil
}

// Code is the course's name at the door and in the log.
func Code(course string) string { return "course:" + course }

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d       *db.DB
	door    *keeper.Keeper
	shelf   *learning.Shelf
	leaving []func(t *keeper.Tx, own person.ID, course string) error
}

// New makes it, with its share in erasure.
func New(d *db.DB, door *keeper.Keeper) *Service {
	door.OnErase(func(t *db.Tx, subject person.ID) error {
		_, err := t.Exec(forgetAll, subject)
		return err
	})
	return &Service{d: d, door: door, shelf: learning.NewShelf(d)}
}

var errNone = errs.New(errs.NotFound, "study.none")

// Passage is the way to what somebody did in courses; course "" is all of them.
func Passage(own person.ID, op policy.Operation, course string) keeper.Passage {
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: op, Purpose: policy.Personalise, Fields: person.Set(person.Study)}
	if course != "" {
		p.Case = Code(course)
	}
	return p
}

// done is what is sealed: when each lesson was read, in seconds since 1970.
type done struct {
	Read map[int64]int64 `json:"read"`
}

func aside(id int64) keeper.Aside {
	return keeper.Aside{Table: table, Field: person.Study, Row: id}
}

func seal(t *keeper.Tx, id int64, d done) ([]byte, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	return t.SealAside(table, id, person.Stored(person.Study, string(text)))
}

func opened(v person.Value) (d done, err error) {
	if json.Unmarshal([]byte(v.Reveal()), &d) != nil {
		return d, errs.New(errs.Internal, "error.internal")
	}
	return d, nil
}

// Begin lets somebody take part in a course; who does already goes on. NotFound where there is no such course, Conflict where it is hidden.
func (s *Service) Begin(ctx context.Context, own person.ID, course string) error {
	c, err := learning.Get(ctx, s.d, course)
	if err != nil {
		return err
	}
	if found, err := s.d.Get(ctx, []any{new(int64)}, selectPart, own, course); err != nil || found {
		return err
	}
	if c.Hidden {
		return errs.New(errs.Conflict, "course.hidden")
	}
	_, err = s.door.Change(ctx, Passage(own, policy.Collection, course), func(t *keeper.Tx) error { return Add(t, own, course) })
	return err
}

// Add is Begin within a change, for a caller who knows that the course may be begun.
func Add(t *keeper.Tx, own person.ID, course string) error {
	id := int64(person.NewID(t.Now()))
	sealed, err := seal(t, id, done{Read: map[int64]int64{}})
	if err == nil {
		_, err = t.Exec(insert, id, own, course, db.Micros(t.Now()), sealed)
	}
	return err
}

// Finished tells whether somebody has done everything in a course.
func (s *Service) Finished(ctx context.Context, own person.ID, course string) (bool, error) {
	var at int64
	_, err := s.d.Get(ctx, []any{new(int64), &at, new([]byte)}, selectForChange, own, course)
	return at != 0, err
}

// Taken lists the courses that somebody takes part in, and whether they have done everything in each.
func (s *Service) Taken(ctx context.Context, own person.ID) (map[string]bool, error) {
	rows, err := s.d.Query(ctx, selectTaken, own)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	return out, db.Each(rows, func(scan func(...any) error) error {
		var course string
		var finished int64
		err := scan(&course, &finished)
		out[course] = finished != 0
		return err
	})
}

// OfOthers opens for a member of staff what people did in a course, each by a passage of their own in the case named. Who takes no part in it is
// left out, and who is refused: their data are blocked, or they agree no more.
func (s *Service) OfOthers(ctx context.Context, by keeper.Actor, people []person.ID, course, inCase string) (map[person.ID]*Part, error) {
	out := map[person.ID]*Part{}
	for _, id := range people {
		list, closed, err := rows(s.d.Query(ctx, selectOne, id, course))
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			continue
		}
		values, err := s.door.ReadAside(ctx, keeper.Passage{Actor: by, Subject: id, Operation: policy.Retrieval, Purpose: policy.Personalise, Fields: person.Set(person.Study), Case: inCase}, closed)
		if errs.Is(err, errs.Forbidden) {
			continue
		}
		if err == nil {
			err = list[0].fill(values[0])
		}
		if err != nil {
			return nil, err
		}
		out[id] = list[0]
	}
	return out, nil
}

// Shelf is where courses are read.
func (s *Service) Shelf() *learning.Shelf { return s.shelf }

// Course is a course with the titles of its lessons, or NotFound. It is shared, see learning.Shelf.
func (s *Service) Course(ctx context.Context, slug string) (learning.Course, error) {
	look, err := s.shelf.Look(ctx)
	if err != nil {
		return learning.Course{}, err
	}
	return look.Course(ctx, slug)
}

// Finish records that somebody has read a lesson, and gives its course. NotFound where they take no part in it or it has no such lesson to read.
func (s *Service) Finish(ctx context.Context, own person.ID, course string, lesson int64) (learning.Course, error) {
	c, err := learning.Get(ctx, s.d, course)
	if err != nil {
		return c, err
	}
	if _, l, has := c.Lesson(lesson); !has || !l.Told() {
		return c, errs.New(errs.NotFound, "course.lesson.unknown")
	}
	_, err = s.door.Change(ctx, Passage(own, policy.Recording, course), func(t *keeper.Tx) error { return s.Mark(t, own, c, lesson) })
	return c, err
}

// Mark records within a change that a lesson is done; with the last one the course is finished. NotFound where they take no part in it.
func (s *Service) Mark(t *keeper.Tx, own person.ID, c learning.Course, lesson int64) error {
	p, err := load(t, own, c.Slug, s.d.ForUpdate())
	if err != nil {
		return err
	}
	if p.Read[lesson] == 0 {
		p.Read[lesson] = t.Now().Unix()
	}
	all := true
	for _, l := range c.Lessons {
		all = all && p.Read[l.ID] != 0
	}
	if all && p.finished == 0 {
		p.finished = db.Micros(t.Now())
	}
	sealed, err := seal(t, p.id, p.done)
	if err == nil {
		_, err = t.Exec(update, p.finished, sealed, p.id)
	}
	return err
}

// Since tells within a change when somebody began a course. NotFound where they take no part in it.
func (s *Service) Since(t *keeper.Tx, own person.ID, course string) (time.Time, error) {
	var begun int64
	found, err := t.Get([]any{&begun}, selectBegun, own, course)
	if err == nil && !found {
		err = errNone
	}
	return db.Time(begun), err
}

// Done tells within a change when somebody did each lesson, in seconds since 1970. NotFound where they take no part in the course.
func (s *Service) Done(t *keeper.Tx, own person.ID, course string) (map[int64]int64, error) {
	p, err := load(t, own, course, "")
	return p.Read, err
}

// inside is a part within a change.
type inside struct {
	id, finished int64
	done
}

func load(t *keeper.Tx, own person.ID, course, lock string) (p inside, err error) {
	var sealed []byte
	found, err := t.Get([]any{&p.id, &p.finished, &sealed}, selectForChange+lock, own, course)
	if err != nil {
		return p, err
	}
	if !found {
		return p, errNone
	}
	a := aside(p.id)
	a.Sealed = sealed
	v, err := t.OpenAside(a)
	if err == nil {
		p.done, err = opened(v)
	}
	return p, err
}

// OnLeave has fn called within the change in which somebody leaves a course: what else they did in it goes with it.
func (s *Service) OnLeave(fn func(t *keeper.Tx, own person.ID, course string) error) {
	s.leaving = append(s.leaving, fn)
}

// Leave ends somebody's part in a course: nothing of it is kept.
func (s *Service) Leave(ctx context.Context, own person.ID, course string) error {
	_, err := s.door.Change(ctx, Passage(own, policy.Deletion, course), func(t *keeper.Tx) error {
		n, err := t.Exec(remove, own, course)
		if err == nil && n == 0 {
			return errNone
		}
		for _, fn := range s.leaving {
			if err == nil {
				err = fn(t, own, course)
			}
		}
		return err
	})
	return err
}

// Of is somebody's part in a course, nil where they take none. may tells whether they can take part in courses now: whether the rules in force know of it,
// and nothing in how they stand forbids it; that opens nothing and is no passage. once names the session.
func (s *Service) Of(ctx context.Context, own person.ID, course, once string) (p *Part, may bool, err error) {
	stands, err := s.door.Standing(ctx, own)
	if err != nil {
		return nil, false, err
	}
	fields, err := stands.May(Passage(own, policy.Recording, ""))
	if err != nil {
		return nil, false, err
	}
	list, err := s.open(ctx, stands, own, once, selectOne, own, course)
	if err == nil && len(list) > 0 {
		p = list[0]
	}
	return p, fields.Has(person.Study), err
}

// Mine is everything that somebody takes part in, the latest first. once names the session and page; "" makes an entry of its own.
func (s *Service) Mine(ctx context.Context, own person.ID, once string) ([]*Part, error) {
	stands, err := s.door.Standing(ctx, own)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, stands, own, once, selectMine, own)
}

// open reads rows and then passes the door for what is sealed in them. Who takes part in nothing is not asked about: there is nothing to open.
func (s *Service) open(ctx context.Context, stands keeper.Standing, own person.ID, once, query string, args ...any) ([]*Part, error) {
	list, closed, err := rows(s.d.Query(ctx, query, args...))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	values, may, err := s.read(ctx, stands, own, once, closed)
	if err != nil {
		return nil, err
	}
	if !may {
		for _, p := range list {
			p.Closed = true
		}
		return list, nil
	}
	for i, v := range values {
		if err := list[i].fill(v); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// rows are parts with what is sealed in them.
func rows(found *sql.Rows, err error) (list []*Part, closed []keeper.Aside, _ error) {
	if err != nil {
		return nil, nil, err
	}
	err = db.Each(found, func(scan func(...any) error) error {
		var p Part
		var begun, finished int64
		var sealed []byte
		err := scan(&p.ID, &p.Course, &begun, &finished, &sealed)
		p.Begun, p.Finished = db.Time(begun), db.Time(finished)
		a := aside(p.ID)
		a.Sealed = sealed
		list, closed = append(list, &p), append(closed, a)
		return err
	})
	return list, closed, err
}

// fill adds what was sealed.
func (p *Part) fill(v person.Value) error {
	d, err := opened(v)
	if err != nil {
		return err
	}
	p.Read = make(map[int64]time.Time, len(d.Read))
	for lesson, at := range d.Read {
		p.Read[lesson] = time.Unix(at, 0).UTC()
	}
	return nil
}

// Read passes the door for what is sealed of somebody's own studies, theirs here or another package's; may is false where the rules in force open none of
// it. While the data are blocked that is part of the application (6.2.4). once names the session and page; "" makes an entry of its own.
func (s *Service) Read(ctx context.Context, own person.ID, once string, closed []keeper.Aside) (values []person.Value, may bool, err error) {
	stands, err := s.door.Standing(ctx, own)
	if err != nil {
		return nil, false, err
	}
	return s.read(ctx, stands, own, once, closed)
}

func (s *Service) read(ctx context.Context, stands keeper.Standing, own person.ID, once string, closed []keeper.Aside) (values []person.Value, may bool, err error) {
	pass := Passage(own, policy.Access, "")
	if stands.Restricted {
		pass.Purpose = policy.Restriction
	}
	fields, err := stands.May(pass)
	if err != nil || !fields.Has(person.Study) {
		return nil, false, err
	}
	pass.Once = once
	values, err = s.door.ReadAside(ctx, pass, closed)
	return values, true, err
}
