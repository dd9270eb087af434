// Package task is assignments as people do them (4.1.2): somebody writes, adds files and hands in; a person looks at it, and passes it or returns it.
//
// It guarantees:
//   - What was written is saved as it is typed; a page that has not seen the last change writes over nothing, and says so.
//   - What is handed in is what was last seen: of two pages of which one is older, the older hands nothing in. Twice is once.
//   - It is judged by the rules under which it was handed in, whatever their author changes meanwhile. Late is said and taken.
//   - A person judges, never a program: one, without being told whose it is, never their own; of two who judge at once the second is told.
//   - Earlier tries stay as they were. Text, files and what was said lie under the person's key, are seen through the door alone, and go with the person, or
//     with their part in the course.
package task

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/study"
)

// State is where a try stands.
type State int64

// The states.
const (
	Draft    State = iota // being written
	HandedIn              // waits for a person
	Returned              // not passed, with what is to be done
	Passed
)

// MaxText is how many characters a text may have, MaxSaid what is said of it.
const (
	MaxText = 50_000
	MaxSaid = 5_000
)

// Submission is a try of somebody's at an assignment, opened.
type Submission struct {
	ID      person.ID
	Course  string // slug
	Lesson  int64
	N       int // 1, 2, 3 …
	State   State
	Rev     int64 // grows with every change
	Begun   time.Time
	Changed time.Time
	Due     time.Time // zero for no such day
	Handed  time.Time // zero before
	Seen    time.Time // by who judges it; zero before
	Ended   time.Time // when it was judged; zero before
	Work    Work
	Files   []attachment.File
	Closed  bool // the rules in force open none of it; then Work and Files are empty
	subject person.ID
}

// Work is what is sealed of a submission.
type Work struct {
	Text    string         `json:"text"`
	Lang    string         `json:"lang,omitempty"`    // in which the rubric was read
	Task    *learning.Task `json:"task,omitempty"`    // the rules under which it was handed in; nil before
	Verdict *Verdict       `json:"verdict,omitempty"` // nil before
}

// Verdict is what was said of a submission.
type Verdict struct {
	Passed bool     `json:"passed"`
	Points []int    `json:"points,omitempty"` // by criterion
	Words  []string `json:"words,omitempty"`  // by criterion, may be empty
	Won    int      `json:"won"`              // points
	Of     int      `json:"of"`
	Said   string   `json:"said"` // of the whole, may be empty where it passed
}

// Late tells whether it was handed in, or would be now, after it was due.
func (s *Submission) Late(now time.Time) bool {
	if !s.Handed.IsZero() {
		now = s.Handed
	}
	return !s.Due.IsZero() && now.After(s.Due)
}

// Code is a course's assignments at the door and in the log.
func Code(course string) string { return "task:" + course }

// Config is what the service stands on.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Study    *study.Service
	Files    *attachment.Service
	Queue    *jobs.Queue
	Notifier notify.Writer
	Lang     func(ctx context.Context, subject person.ID) (string, error) // of letters; "" is not known
	Page     func(lang, course string, lesson int64) string               // address of an assignment's page
	// Led tells whom a tutor leads in which course.
	Led func(ctx context.Context, tutor person.ID) (func(who person.ID, course string) bool, error)
}

// Service is the capability. It is safe for concurrent use.
type Service struct{ c Config }

// New makes it, with its share in erasure and in leaving a course, and its letters.
func New(c Config) *Service {
	s := &Service{c}
	c.Door.OnErase(func(t *db.Tx, subject person.ID) error {
		_, err := t.Exec(forgetAll, subject)
		return err
	})
	c.Study.OnLeave(func(t *keeper.Tx, own person.ID, course string) error {
		_, err := t.Exec(leave, own, course)
		return err
	})
	c.Queue.Handle(jobLetter, s.sendLetter)
	return s
}

var (
	errUnknown = errs.New(errs.NotFound, "task.unknown")
	errMoved   = errs.New(errs.Conflict, "task.moved")
	errOver    = errs.New(errs.Conflict, "task.over")
	errClosed  = errs.New(errs.Forbidden, "task.closed")
)

func passage(own person.ID, op policy.Operation, course string) keeper.Passage {
	p := study.Passage(own, op, "")
	p.Case = Code(course)
	return p
}

// assignment is one of a published course.
func (s *Service) assignment(ctx context.Context, course string, lesson int64) (learning.Course, learning.Lesson, error) {
	c, err := learning.Get(ctx, s.c.DB, course)
	if err != nil {
		return c, learning.Lesson{}, err
	}
	_, l, found := c.Lesson(lesson)
	if !found || l.Task == nil {
		return c, l, errs.New(errs.NotFound, "course.lesson.unknown")
	}
	return c, l, nil
}

func seal(t *keeper.Tx, id person.ID, w Work) ([]byte, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return nil, errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	return t.SealAside(table, int64(id), person.Stored(person.Study, string(text)))
}

func aside(id person.ID, sealed []byte) keeper.Aside {
	return keeper.Aside{Table: table, Field: person.Study, Row: int64(id), Sealed: sealed}
}

func (s *Submission) unseal(v person.Value) error {
	if json.Unmarshal([]byte(v.Reveal()), &s.Work) != nil {
		return errs.New(errs.Internal, "error.internal")
	}
	return nil
}

// Begin begins a try, or gives the one that is being written. NotFound for who takes no part in the course; Conflict where one waits to be judged, the
// assignment is passed, or no try is left.
func (s *Service) Begin(ctx context.Context, own person.ID, course string, lesson int64) (id person.ID, err error) {
	_, l, err := s.assignment(ctx, course, lesson)
	if err != nil {
		return 0, err
	}
	if may, err := s.May(ctx, own, course); err != nil {
		return 0, err
	} else if !may {
		return 0, errClosed
	}
	if last, state, _, err := s.last(ctx, own, lesson); err != nil || last != 0 && state == Draft {
		return last, err
	}
	_, err = s.c.Door.Change(ctx, passage(own, policy.Collection, course), func(t *keeper.Tx) error {
		begun, err := s.c.Study.Since(t, own, course)
		if err != nil {
			return err
		}
		var last, n int64
		var state State
		if _, err := t.Get([]any{&last, &n, &state}, selectLast, own, lesson); err != nil {
			return err
		}
		switch {
		case last != 0 && state == Draft: // somebody pressed twice
			id = person.ID(last)
			return nil
		case last != 0 && state == HandedIn:
			return errs.New(errs.Conflict, "task.waits")
		case last != 0 && state == Passed:
			return errs.New(errs.Conflict, "task.passed_already")
		case l.Task.Tries > 0 && n >= int64(l.Task.Tries):
			return errs.New(errs.Conflict, "task.no_tries")
		}
		id = person.NewID(t.Now())
		sealed, err := seal(t, id, Work{})
		if err == nil {
			_, err = t.Exec(insert, id, own, course, lesson, n+1, db.Micros(t.Now()), due(begun, *l.Task), sealed)
		}
		return err
	})
	return id, err
}

// due is when an assignment is due of who began its course at a moment; 0 for no such day.
func due(begun time.Time, rules learning.Task) int64 {
	if rules.Days == 0 {
		return 0
	}
	return db.Micros(begun.AddDate(0, 0, rules.Days))
}

// May tells whether somebody can hand in under the rules in force, and how they stand. It opens nothing and is no passage.
func (s *Service) May(ctx context.Context, own person.ID, course string) (bool, error) {
	may, err := s.c.Door.May(ctx, passage(own, policy.Use, course))
	return may.Has(person.Study), err
}

func (s *Service) last(ctx context.Context, own person.ID, lesson int64) (id person.ID, state State, n int64, err error) {
	_, err = s.c.DB.Get(ctx, []any{&id, &n, &state}, selectLast, own, lesson)
	return id, state, n, err
}

// inside opens a submission within a change. NotFound where it is not theirs, or of another course than the passage's.
func (s *Service) inside(t *keeper.Tx, own, id person.ID, course string) (*Submission, error) {
	var sealed []byte
	sub, err := scan(func(dest ...any) error { return must(t.Get(dest, selectOwn+s.c.DB.ForUpdate(), id, own)) }, &sealed)
	if err == nil && sub.Course != course {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	v, err := t.OpenAside(aside(id, sealed))
	if err != nil {
		return nil, err
	}
	return sub, sub.unseal(v)
}

// must makes a row that is not there NotFound.
func must(found bool, err error) error {
	if err == nil && !found {
		err = errUnknown
	}
	return err
}

// store writes a submission as it is now, as its next rev.
func (s *Submission) store(t *keeper.Tx) error {
	sealed, err := seal(t, s.ID, s.Work)
	if err != nil {
		return err
	}
	s.Rev++
	_, err = t.Exec(update, int64(s.State), s.Rev, db.Micros(t.Now()), db.Micros(s.Due), db.Micros(s.Handed), db.Micros(s.Seen), db.Micros(s.Ended), sealed, s.ID)
	return err
}

// CheckText tells whether a text can be handed in. Errors are Invalid, of the input text.
func CheckText(text string) error { return bounded("text", text, MaxText) }

func bounded(name, text string, most int) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > most || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		return errs.InvalidFields([]errs.Field{{Name: name, Key: "task.text.long"}})
	}
	return nil
}

// unix makes lines end as they do here.
func unix(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// Save writes the text of a try, whose page was made of rev, and gives the new rev. Conflict where another page was faster, or it is handed in already;
// Invalid for a text that is too long.
func (s *Service) Save(ctx context.Context, own, id person.ID, course string, rev int64, text string) (now int64, err error) {
	text = unix(text)
	if err := CheckText(text); err != nil {
		return 0, err
	}
	_, err = s.c.Door.Change(ctx, passage(own, policy.Recording, course), func(t *keeper.Tx) error {
		sub, err := s.inside(t, own, id, course)
		switch {
		case err != nil:
			return err
		case sub.State != Draft:
			return errOver
		case sub.Rev != rev:
			return errMoved
		}
		sub.Work.Text = text
		if err := sub.store(t); err != nil {
			return err
		}
		now = sub.Rev
		return nil
	})
	return now, err
}

// AddFile takes a file for a try as it arrives. Errors of the file itself name the input file; Conflict where there are as many as may be, or it is handed
// in already.
func (s *Service) AddFile(ctx context.Context, own, id person.ID, course string, name string, content io.Reader) error {
	sub, err := s.plain(ctx, selectOwn, id, own)
	if err != nil {
		return err
	}
	_, l, err := s.assignment(ctx, sub.Course, sub.Lesson)
	if err != nil {
		return err
	}
	if l.Task.Files == 0 {
		return errs.New(errs.Conflict, "task.no_files")
	}
	take := attachment.Take{Endings: attachment.Endings(l.Task.Kinds...), Most: l.Task.Files, Size: int64(l.Task.Size) << 20,
		May:  func(t *keeper.Tx) error { _, err := s.draft(t, own, id, course); return err },
		Then: func(t *keeper.Tx, _ person.ID) error { return s.touch(t, own, id, course) }}
	_, err = s.c.Files.Put(ctx, passage(own, policy.Collection, course), attachment.At{Course: course, Work: id}, take, name, content)
	return err
}

func (s *Service) draft(t *keeper.Tx, own, id person.ID, course string) (*Submission, error) {
	sub, err := s.inside(t, own, id, course)
	if err == nil && sub.State != Draft {
		err = errOver
	}
	return sub, err
}

// touch makes the next rev of a draft whose files have changed.
func (s *Service) touch(t *keeper.Tx, own, id person.ID, course string) error {
	sub, err := s.draft(t, own, id, course)
	if err != nil {
		return err
	}
	return sub.store(t)
}

// RemoveFile takes a file out of a try that is being written.
func (s *Service) RemoveFile(ctx context.Context, own, id person.ID, course string, file person.ID) error {
	_, err := s.c.Door.Change(ctx, passage(own, policy.Deletion, course), func(t *keeper.Tx) error {
		if err := s.touch(t, own, id, course); err != nil {
			return err
		}
		return s.c.Files.Remove(t, attachment.At{Course: course, Work: id}, file)
	})
	return err
}

// HandIn hands a try in, as its author saw it at rev, under the rules that are published now; lang is the language in which they read them. Who handed it
// in already changes nothing more. Conflict where it has changed since, or there are more files than may be now; Invalid where there is nothing in it.
func (s *Service) HandIn(ctx context.Context, own, id person.ID, course string, rev int64, lang string) error {
	got, err := s.plain(ctx, selectOwn, id, own)
	if err != nil {
		return err
	}
	if got.State != Draft {
		return nil
	}
	c, l, err := s.assignment(ctx, got.Course, got.Lesson)
	if err != nil {
		return err
	}
	_, err = s.c.Door.Change(ctx, passage(own, policy.Use, course), func(t *keeper.Tx) error {
		sub, err := s.inside(t, own, id, course)
		switch {
		case err != nil:
			return err
		case sub.State != Draft:
			return nil
		case sub.Rev != rev:
			return errMoved
		}
		files, err := s.c.Files.Has(t.Tx, id)
		if err != nil {
			return err
		}
		if !l.Task.Text {
			sub.Work.Text = "" // its author changed the rules: only files are handed in
		}
		switch {
		case strings.TrimSpace(sub.Work.Text) == "" && files[0] == 0:
			return errs.InvalidFields([]errs.Field{{Name: "text", Key: "task.empty"}})
		case files[0] > l.Task.Files:
			return errs.New(errs.Conflict, "task.files.fewer")
		}
		begun, err := s.c.Study.Since(t, own, course)
		if err != nil {
			return err
		}
		rules := *l.Task
		sub.State, sub.Handed, sub.Due = HandedIn, t.Now(), db.Time(due(begun, rules))
		sub.Work.Task, sub.Work.Lang = &rules, c.Lang(lang)
		return sub.store(t)
	})
	return err
}

// Get opens a try of somebody's own. NotFound where there is none. once names the session and page; "" makes an entry of its own.
func (s *Service) Get(ctx context.Context, own, id person.ID, once string) (*Submission, error) {
	list, err := s.open(ctx, own, once, selectOwn, id, own)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Closed {
		return nil, errUnknown
	}
	return list[0], nil
}

// List gives somebody's tries at an assignment, the first one first.
func (s *Service) List(ctx context.Context, own person.ID, lesson int64, once string) ([]*Submission, error) {
	return s.open(ctx, own, once, selectList, own, lesson)
}

// All opens everything that somebody handed in or began to write, the first one first: for a copy.
func (s *Service) All(ctx context.Context, own person.ID) ([]*Submission, error) {
	return s.open(ctx, own, "", selectMine, own)
}

// sealed reads submissions with their files as they lie in the database, and the places of what is closed: first their works, then the names of files.
func (s *Service) sealed(ctx context.Context, rows *sql.Rows, err error) (list []*Submission, closed []keeper.Aside, _ error) {
	if err != nil {
		return nil, nil, err
	}
	err = db.Each(rows, func(into func(...any) error) error {
		var sealed []byte
		sub, err := scan(into, &sealed)
		if err == nil {
			list, closed = append(list, sub), append(closed, aside(sub.ID, sealed))
		}
		return err
	})
	for _, sub := range list {
		var names []keeper.Aside
		if err == nil {
			sub.Files, names, err = s.c.Files.List(ctx, sub.ID)
		}
		closed = append(closed, names...)
	}
	return list, closed, err
}

// fill puts what was opened of sealed where it belongs.
func fill(list []*Submission, values []person.Value) error {
	names := values[len(list):]
	for i, sub := range list {
		if err := sub.unseal(values[i]); err != nil {
			return err
		}
		attachment.Named(sub.Files, names)
		names = names[len(sub.Files):]
	}
	return nil
}

func (s *Service) open(ctx context.Context, own person.ID, once, query string, args ...any) ([]*Submission, error) {
	rows, err := s.c.DB.Query(ctx, query, args...)
	list, closed, err := s.sealed(ctx, rows, err)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	values, may, err := s.c.Study.Read(ctx, own, once, closed)
	if err != nil {
		return nil, err
	}
	if !may {
		for _, sub := range list {
			sub.Closed, sub.Files = true, nil
		}
		return list, nil
	}
	return list, fill(list, values)
}

// plain is a submission as the table has it, unopened.
func (s *Service) plain(ctx context.Context, query string, args ...any) (*Submission, error) {
	return scan(func(dest ...any) error { return must(s.c.DB.Get(ctx, dest, query, args...)) }, new([]byte))
}

// File gives its owner a file of a try with its contents.
func (s *Service) File(ctx context.Context, own, id, file person.ID, once string) (attachment.File, []byte, error) {
	if _, err := s.plain(ctx, selectOwn, id, own); err != nil {
		return attachment.File{}, nil, err
	}
	return s.c.Files.Open(ctx, id, file, func(closed []keeper.Aside) ([]person.Value, error) {
		values, may, err := s.c.Study.Read(ctx, own, once, closed)
		if err == nil && !may {
			err = errUnknown
		}
		return values, err
	})
}
