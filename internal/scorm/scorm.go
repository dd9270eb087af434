// Package scorm is lessons that are packages of SCORM 1.2 and 2004 as people play them (4.1.2): the package tells how far somebody is, and gets that
// back the next time.
//
// It guarantees:
//   - What a package tells is taken within limits, and only what the standard names and resuming needs: status, score, time, place, objectives and the
//     package's own notes. What somebody answered to single questions is not kept.
//   - What was acknowledged is on disk. What was overtaken on its way never goes over what came later, and a window that is behind another one writes
//     nothing.
//   - It is sealed under the person's key and seen through the door alone; each time it is kept is an entry.
//   - A package writes for somebody only with a ticket that was given to them: for one attempt, and for a day.
package scorm

import (
	"context"
	"crypto/hmac"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/study"
)

// State is where an attempt stands.
type State int64

// The states. What is done once stays so, whatever the package tells later.
const (
	Begun State = iota
	Done
)

// Attempt is somebody's, opened.
type Attempt struct {
	ID      person.ID
	Course  string // slug
	Lesson  int64
	N       int // 1, 2, 3 …; only the last one is written to
	Begun   time.Time
	Changed time.Time // when the package told something last
	State   State
	Kept    Kept
	Closed  bool // the rules in force open none of it; then Kept is empty
	subject person.ID
}

// Kept is what is sealed of an attempt.
type Kept struct {
	CMI  CMI   `json:"cmi"`
	Best *int  `json:"best,omitempty"` // the best score that was told, percent; nil while none was
	View int64 `json:"view"`           // of what came last: which window
	Seq  int64 `json:"seq"`            // and which of its words
}

// Code is a course's packages at the door and in the log.
func Code(course string) string { return "package:" + course }

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d     *db.DB
	door  *keeper.Keeper
	study *study.Service
}

// New makes it, with its share in erasure and in leaving a course.
func New(d *db.DB, door *keeper.Keeper, st *study.Service) *Service {
	door.OnErase(func(t *db.Tx, subject person.ID) error {
		_, err := t.Exec(forget, subject)
		return err
	})
	st.OnLeave(func(t *keeper.Tx, own person.ID, course string) error {
		_, err := t.Exec(leave, own, course)
		return err
	})
	return &Service{d: d, door: door, study: st}
}

// Every statement of this package.
const (
	table = "scorm_attempt"

	columns       = "id, subject, course, lesson, n, begun_at, changed_at, state, sealed"
	selectAttempt = "SELECT " + columns + " FROM scorm_attempt WHERE id = $1"
	selectLast    = "SELECT " + columns + " FROM scorm_attempt WHERE subject = $1 AND lesson = $2 ORDER BY n DESC LIMIT 1"
	selectLater   = "SELECT id FROM scorm_attempt WHERE subject = $1 AND lesson = $2 AND n > $3 LIMIT 1"
	selectList    = "SELECT " + columns + " FROM scorm_attempt WHERE subject = $1 AND lesson = $2 ORDER BY n"
	selectMine    = "SELECT " + columns + " FROM scorm_attempt WHERE subject = $1 ORDER BY lesson, n"
	insert        = "INSERT INTO scorm_attempt (id, subject, course, lesson, n, begun_at, changed_at, state, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)"
	update        = "UPDATE scorm_attempt SET changed_at = $1, state = $2, sealed = $3 WHERE id = $4"
	forget        = "DELETE FROM scorm_attempt WHERE subject = $1"
	leave         = "DELETE FROM scorm_attempt WHERE subject = $1 AND course = $2"
)

// maxAttempts bounds how often somebody begins from the start.
const maxAttempts = 100

// TicketLife is for how long a window may write.
const TicketLife = 24 * time.Hour

var (
	errUnknown   = errs.New(errs.NotFound, "scorm.unknown")
	errTicket    = errs.New(errs.Gone, "scorm.ticket")
	errElsewhere = errs.New(errs.Conflict, "scorm.elsewhere")
	errOvertaken = errors.New("overtaken by later words of the same window") // nothing is lost, and nobody is told
)

func passage(own person.ID, op policy.Operation, course string) keeper.Passage {
	p := study.Passage(own, op, "")
	p.Case = Code(course)
	return p
}

func scan(get func(dest ...any) error, sealed *[]byte) (*Attempt, error) {
	var a Attempt
	var begun, changed int64
	err := get(&a.ID, &a.subject, &a.Course, &a.Lesson, &a.N, &begun, &changed, &a.State, sealed)
	a.Begun, a.Changed = db.Time(begun), db.Time(changed)
	return &a, err
}

func seal(t *keeper.Tx, id person.ID, k Kept) ([]byte, error) {
	text, err := json.Marshal(k)
	if err != nil {
		return nil, errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	return t.SealAside(table, int64(id), person.Stored(person.Study, string(text)))
}

func unseal(v person.Value, into *Kept) error {
	if json.Unmarshal([]byte(v.Reveal()), into) != nil {
		return errs.New(errs.Internal, "error.internal")
	}
	return nil
}

func aside(id person.ID, sealed []byte) keeper.Aside {
	return keeper.Aside{Table: table, Field: person.Study, Row: int64(id), Sealed: sealed}
}

// Open gives somebody's attempt at a package to go on with, and begins one where there is none, or where they want to begin anew; one of which nothing
// came yet is new enough. NotFound for who takes no part in the course.
func (s *Service) Open(ctx context.Context, own person.ID, course string, lesson int64, anew bool) (id person.ID, err error) {
	c, err := learning.Get(ctx, s.d, course)
	if err != nil {
		return 0, err
	}
	if _, l, found := c.Lesson(lesson); !found || l.Package == nil {
		return 0, errs.New(errs.NotFound, "course.lesson.unknown")
	}
	fits := func(last *Attempt) bool { return last.N > 0 && (!anew || last.Changed.Equal(last.Begun)) }
	last, err := s.last(func(dest ...any) error {
		_, err := s.d.Get(ctx, dest, selectLast, own, lesson)
		return err
	})
	if err != nil || fits(last) {
		return last.ID, err
	}
	_, err = s.door.Change(ctx, passage(own, policy.Collection, course), func(t *keeper.Tx) error {
		if _, err := s.study.Done(t, own, course); err != nil {
			return err
		}
		last, err := s.last(func(dest ...any) error {
			_, err := t.Get(dest, selectLast, own, lesson)
			return err
		})
		switch {
		case err != nil:
			return err
		case fits(last): // somebody pressed twice
			id = last.ID
			return nil
		case last.N >= maxAttempts:
			return errs.New(errs.Conflict, "scorm.often")
		}
		id = person.NewID(t.Now())
		sealed, err := seal(t, id, Kept{})
		if err != nil {
			return err
		}
		now := db.Micros(t.Now())
		_, err = t.Exec(insert, id, own, course, lesson, last.N+1, now, now, sealed)
		return err
	})
	return id, err
}

// last reads a row that need not be there: then N is 0.
func (s *Service) last(get func(dest ...any) error) (*Attempt, error) { return scan(get, new([]byte)) }

// Commit keeps what a package told in an attempt, and with its completion marks the lesson as done. body is as ParseCommit reads it. Errors: Invalid and
// TooLarge of the body; NotFound where the attempt is not theirs; Gone for a ticket that is over; Conflict where it was begun anew or goes on in
// another window.
func (s *Service) Commit(ctx context.Context, own, id person.ID, body []byte) (*Attempt, error) {
	return s.commit(ctx, body, func(of, subject person.ID) bool { return of == id && subject == own })
}

// Close is Commit by the ticket alone: for what a package says while its window goes, when nothing else of the page can speak any more. Whoever has the
// ticket can do this one thing, and no more: write to that attempt while no later window has.
func (s *Service) Close(ctx context.Context, body []byte) (*Attempt, error) {
	return s.commit(ctx, body, func(person.ID, person.ID) bool { return true })
}

// commit writes to the attempt of a ticket, if may allows it: id is the attempt's, subject whose it is.
func (s *Service) commit(ctx context.Context, body []byte, may func(id, subject person.ID) bool) (*Attempt, error) {
	said, err := ParseCommit(body)
	if err != nil {
		return nil, err
	}
	id, view, err := s.holder(said.Ticket)
	if err != nil {
		return nil, err
	}
	found := false
	a, err := scan(func(dest ...any) (err error) {
		found, err = s.d.Get(ctx, dest, selectAttempt, id)
		return err
	}, new([]byte))
	if err == nil && (!found || !may(id, a.subject)) {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	c, err := learning.Get(ctx, s.d, a.Course)
	if err != nil {
		return nil, err
	}
	holder := a.subject
	_, err = s.door.Change(ctx, passage(holder, policy.Recording, c.Slug), func(t *keeper.Tx) error {
		if a, err = s.inside(t, holder, id); err != nil {
			return err
		}
		if err := a.hear(said, view, t.Now()); err != nil {
			return err
		}
		later, err := t.Get([]any{new(int64)}, selectLater, holder, a.Lesson, a.N)
		if err == nil && later {
			err = errElsewhere
		}
		if err != nil {
			return err
		}
		sealed, err := seal(t, id, a.Kept)
		if err != nil {
			return err
		}
		if _, err := t.Exec(update, db.Micros(a.Changed), int64(a.State), sealed, id); err != nil {
			return err
		}
		if _, l, still := c.Lesson(a.Lesson); a.State != Done || !still || l.Package == nil {
			return nil
		}
		return s.study.Mark(t, holder, c, a.Lesson)
	})
	if errors.Is(err, errOvertaken) {
		err = nil
	}
	return a, err
}

// inside opens an attempt within a change. NotFound where it is not theirs.
func (s *Service) inside(t *keeper.Tx, own, id person.ID) (*Attempt, error) {
	var sealed []byte
	a, err := scan(func(dest ...any) error {
		found, err := t.Get(dest, selectAttempt+s.d.ForUpdate(), id)
		if err == nil && !found {
			err = errUnknown
		}
		return err
	}, &sealed)
	if err == nil && a.subject != own {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	v, err := t.OpenAside(aside(id, sealed))
	if err != nil {
		return nil, err
	}
	return a, unseal(v, &a.Kept)
}

// hear takes over what a package told, if it is later than all before.
func (a *Attempt) hear(said Commit, view int64, now time.Time) error {
	k := &a.Kept
	switch {
	case view < k.View:
		return errElsewhere
	case view == k.View && said.Seq <= k.Seq:
		return errOvertaken
	}
	k.View, k.Seq, k.CMI = view, said.Seq, said.CMI
	if p, told := said.CMI.Percent(); told && (k.Best == nil || p > *k.Best) {
		k.Best = &p
	}
	if said.CMI.Outcome() == Completed {
		a.State = Done
	}
	if a.Changed = now; !now.After(a.Begun) {
		a.Changed = a.Begun.Add(time.Microsecond) // that something was told is told apart from that nothing was
	}
	return nil
}

// List gives somebody's attempts at a package, the first one first. once names the session and page; "" makes an entry of its own.
func (s *Service) List(ctx context.Context, own person.ID, lesson int64, once string) ([]*Attempt, error) {
	return s.open(ctx, own, once, selectList, own, lesson)
}

// Mine is all of somebody's attempts.
func (s *Service) Mine(ctx context.Context, own person.ID, once string) ([]*Attempt, error) {
	return s.open(ctx, own, once, selectMine, own)
}

// open reads attempts and passes the door for what is sealed in them.
func (s *Service) open(ctx context.Context, own person.ID, once, query string, args ...any) ([]*Attempt, error) {
	rows, err := s.d.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var list []*Attempt
	var closed []keeper.Aside
	err = db.Each(rows, func(get func(...any) error) error {
		var sealed []byte
		a, err := scan(get, &sealed)
		list, closed = append(list, a), append(closed, aside(a.ID, sealed))
		return err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	values, may, err := s.study.Read(ctx, own, once, closed)
	if err != nil {
		return nil, err
	}
	if !may {
		for _, a := range list {
			a.Closed = true
		}
		return list, nil
	}
	for i, a := range list {
		if err := unseal(values[i], &a.Kept); err != nil {
			return nil, err
		}
	}
	return list, nil
}

var ticketText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const macSize = 16

// Ticket lets a window that was opened at a time write to an attempt, for TicketLife. It names the window: who finds an old one can't go before a newer.
func (s *Service) Ticket(id person.ID, opened time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(id))
	binary.BigEndian.PutUint64(b[8:], uint64(db.Micros(opened)))
	return ticketText.EncodeToString(append(b[:], s.mac(b[:])...))
}

func (s *Service) mac(b []byte) []byte { return s.door.Mac("scorm ticket", b)[:macSize] }

// holder is the attempt that a ticket is for, and the window's time in microseconds. Gone where it is none, or over.
func (s *Service) holder(ticket string) (id person.ID, view int64, err error) {
	b, err := ticketText.DecodeString(ticket)
	if err != nil || len(b) != 16+macSize || ticketText.EncodeToString(b) != ticket || !hmac.Equal(b[16:], s.mac(b[:16])) {
		return 0, 0, errTicket
	}
	id, view = person.ID(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
	if s.d.Now().After(db.Time(view).Add(TicketLife)) {
		return 0, 0, errTicket
	}
	return id, view, nil
}
