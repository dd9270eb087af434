// Package authoring is how a course comes about: an editor writes its parts, sees what is missing, and publishes it; then learners see it, and the
// next draft goes on from there.
//
// It guarantees:
//   - Nobody writes over what they have not seen: a change names the rev of the part that its author had before them, and is a Conflict if another
//     change came between. Nothing is lost by it: both texts are there.
//   - Every part can be taken back step by step, also one that was removed; what was published can be brought back whole.
//   - Learners see what was published, all of it of one moment, and nothing else; what can't be shown is not published, and the draft says why.
//   - A lesson and a question keep their number wherever they stand, so who read a lesson has read it.
//
// Only an editor may write, at that moment. Nothing here is about a learner.
package authoring

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
)

// Head is a draft in a list.
type Head struct {
	Slug      string
	About     learning.About
	Demo      bool
	Published bool
	Hidden    bool
	Version   int64 // of the last publication; 0 before the first
	Waiting   bool  // something was changed since
	ChangedBy person.ID
	ChangedAt time.Time
}

// Draft is a course as it is being written.
type Draft struct {
	Head
	Course  learning.Course // as it would be published, fit for it or not
	Revs    map[string]Rev  // by part
	Changes int64           // how many there have been: what Publish must have seen
	bodies  map[string]string
}

// Rev is where a part stands.
type Rev struct {
	N             int64 // grows with every change
	Before, After bool  // there is something to take back, or to bring on again
	step          int64
	gone          bool
}

// At names a part of a draft at a rev: what its author saw.
type At struct {
	Course, Part string
	Rev          int64
}

// At is the part as the draft has it.
func (d *Draft) At(part string) At { return At{d.Slug, part, d.Revs[part].N} }

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d         *db.DB
	files     *media.Store
	published []func(t *db.Tx, course string) error
}

// New makes it; files are those of courses.
func New(d *db.DB, files *media.Store) *Service { return &Service{d: d, files: files} }

// OnPublish has fn called within the transaction that publishes a course.
func (s *Service) OnPublish(fn func(t *db.Tx, course string) error) {
	s.published = append(s.published, fn)
}

var (
	errUnknown = errs.New(errs.NotFound, "authoring.unknown")
	errMoved   = errs.New(errs.Conflict, "authoring.moved")
)

// Bounds.
const (
	maxSteps   = 50              // that can be taken back of a part; older ones are forgotten
	oneSitting = 5 * time.Minute // in which what is saved by itself is one step
	maxNote    = 300             // characters
)

// Begin begins a course. Errors are Invalid with a line for "slug", "hours", "title.kk", "summary.kk"; Conflict for a slug that is taken.
func (s *Service) Begin(ctx context.Context, by person.ID, slug string, about learning.About) error {
	if !learning.IsSlug(slug) {
		return errs.InvalidFields([]errs.Field{{Name: "slug", Key: "course.invalid.slug"}})
	}
	return s.write(ctx, by, func(t *db.Tx) error {
		if err := free(t, slug); err != nil {
			return err
		}
		return lay(t, by, learning.Course{Slug: slug, About: about})
	})
}

// reserved are no addresses of courses: the console has pages there.
var reserved = []string{"new", "import"}

// free tells whether a slug is nobody's.
func free(t *db.Tx, slug string) error {
	if slices.Contains(reserved, slug) {
		return errs.InvalidFields([]errs.Field{{Name: "slug", Key: "authoring.reserved"}})
	}
	taken, err := t.Get([]any{new(string)}, selectSlug, slug)
	if err == nil && taken {
		err = errs.InvalidFields([]errs.Field{{Name: "slug", Key: "course.taken"}})
	}
	return err
}

// Open begins a draft of a course that was published and has none yet; where there is one it does nothing. NotFound where there is no such course.
func (s *Service) Open(ctx context.Context, by person.ID, slug string) error {
	if found, err := s.d.Get(ctx, []any{new(int64)}, selectChanges, slug); err != nil || found {
		return err
	}
	c, err := learning.Whole(ctx, s.d, slug)
	if err != nil {
		return err
	}
	return s.write(ctx, by, func(t *db.Tx) error {
		if found, err := t.Get([]any{new(int64)}, selectChanges, slug); err != nil || found {
			return err
		}
		if err := lay(t, by, c); err != nil {
			return err
		}
		_, err := t.Exec(markPublished, slug)
		return err
	})
}

// Unopened lists the courses that were published otherwise and have no draft yet; see Open.
func (s *Service) Unopened(ctx context.Context) ([]learning.Course, error) {
	rows, err := s.d.Query(ctx, selectUnopened)
	if err != nil {
		return nil, err
	}
	var out []learning.Course
	err = db.Each(rows, func(scan func(...any) error) error {
		var c learning.Course
		var words string
		err := scan(&c.Slug, &words)
		if err == nil {
			err = unpack(words, &c.Words)
		}
		out = append(out, c)
		return err
	})
	return out, err
}

// Published gives a course as learners see it; NotFound where there is none.
func (s *Service) Published(ctx context.Context, slug string) (learning.Course, error) {
	return learning.Get(ctx, s.d, slug)
}

// write lets an editor change something.
func (s *Service) write(ctx context.Context, by person.ID, fn func(t *db.Tx) error) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		if err := staff.MustHold(t, by, policy.Editor); err != nil {
			return err
		}
		return fn(t)
	})
}

// lay writes a whole course as a new draft.
func lay(t *db.Tx, by person.ID, c learning.Course) error {
	now := db.Micros(t.Now())
	if _, err := t.Exec(insertDraft, c.Slug, flag(c.Demo), by, now); err != nil {
		return err
	}
	bodies, err := partsOf(c)
	if err != nil {
		return err
	}
	for _, part := range sortedKeys(bodies) {
		if _, err := put(t, by, At{Course: c.Slug, Part: part}, bodies[part], false); err != nil {
			return err
		}
	}
	return nil
}

// partsOf takes a course apart.
func partsOf(c learning.Course) (map[string]string, error) {
	plan := []int64{}
	for _, l := range c.Lessons {
		plan = append(plan, l.ID)
	}
	values := map[string]any{learning.PartAbout: c.About, learning.PartPlan: plan, learning.PartEntry: c.Entry, learning.PartFront: c.Front}
	for _, l := range c.Lessons {
		values[learning.PartOf(l.ID)] = l
	}
	for _, q := range c.Questions {
		values[learning.QuestionPart(q.ID)] = q
	}
	bodies := map[string]string{}
	for part, v := range values {
		text, err := pack(v)
		if err != nil {
			return nil, err
		}
		bodies[part] = text
	}
	return bodies, nil
}

func pack(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", errs.Wrap(errs.Internal, "error.internal", err)
	}
	return string(text), nil
}

func unpack[T any](text string, into *T) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return nil
}

// compose puts a draft's course together. A lesson that the plan does not name stands at the end: it is lost in no case.
func (d *Draft) compose() error {
	c := learning.Course{Slug: d.Slug, Demo: d.Demo, Hidden: d.Hidden, Version: d.Version, Lessons: []learning.Lesson{}, Questions: []learning.Question{}}
	var plan []int64
	for part, body := range d.bodies {
		if body == "" {
			continue
		}
		var err error
		switch {
		case part == learning.PartAbout:
			err = unpack(body, &c.About)
		case part == learning.PartEntry:
			err = unpack(body, &c.Entry)
		case part == learning.PartFront:
			err = unpack(body, &c.Front)
		case part == learning.PartPlan:
			err = unpack(body, &plan)
		case strings.HasPrefix(part, "q"):
			var q learning.Question
			err = unpack(body, &q)
			c.Questions = append(c.Questions, q)
		default:
			var l learning.Lesson
			err = unpack(body, &l)
			c.Lessons = append(c.Lessons, l)
		}
		if err != nil {
			return err
		}
	}
	place := func(id int64) int {
		if at := slices.Index(plan, id); at >= 0 {
			return at
		}
		return len(plan)
	}
	slices.SortFunc(c.Lessons, func(a, b learning.Lesson) int {
		return cmp.Or(cmp.Compare(place(a.ID), place(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(c.Questions, func(a, b learning.Question) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.ID, b.ID))
	})
	d.Course, d.About = c, c.About
	return nil
}

// Languages are those that the course is written in so far.
func (d *Draft) Languages() []string { return d.About.Languages() }

// bounded holds the lengths of texts, which a form counts in letters and a page in bytes. The error names the input.
func bounded(name string, texts map[string]string) error {
	for _, text := range texts {
		if len(text) > learning.MaxBody {
			return errs.InvalidFields([]errs.Field{{Name: name, Key: "course.invalid.text"}})
		}
	}
	return nil
}

// SaveAbout writes what a course says of itself. What a draft holds need not be whole; only its lengths are bounded.
func (s *Service) SaveAbout(ctx context.Context, by person.ID, at At, about learning.About, auto bool) (rev int64, err error) {
	for code, w := range about.Words { // a language of which nothing is written is not there
		if blank(w.Title) && blank(w.Summary) && blank(about.Body[code]) {
			delete(about.Words, code)
			delete(about.Body, code)
		}
	}
	if err := bounded("body", about.Body); err != nil {
		return 0, err
	}
	at.Part = learning.PartAbout
	return s.save(ctx, by, at, about, auto)
}

// SaveEntry writes how people come to take part in a course.
func (s *Service) SaveEntry(ctx context.Context, by person.ID, at At, e learning.Entry) (rev int64, err error) {
	at.Part = learning.PartEntry
	return s.lays(ctx, by, at, e)
}

// SaveFront writes whom a course is meant for, and its picture.
func (s *Service) SaveFront(ctx context.Context, by person.ID, at At, f learning.Front) (rev int64, err error) {
	at.Part = learning.PartFront
	return s.lays(ctx, by, at, f)
}

// lays writes a part that a draft from before there was one has from the first change on.
func (s *Service) lays(ctx context.Context, by person.ID, at At, v any) (rev int64, err error) {
	body, err := pack(v)
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, by, func(t *db.Tx) error {
		rev, err = put(t, by, at, body, false)
		return err
	})
	return rev, err
}

// AddLesson puts a new lesson at the end.
func (s *Service) AddLesson(ctx context.Context, by person.ID, course string, l learning.Lesson) (id int64, err error) {
	err = s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, course)
		if err != nil {
			return err
		}
		if len(d.Course.Lessons) >= learning.MaxLessons {
			return errs.New(errs.Conflict, "course.invalid.lessons")
		}
		l.ID = int64(person.NewID(t.Now()))
		id = l.ID
		if err := d.set(t, by, learning.PartOf(l.ID), l); err != nil {
			return err
		}
		return d.set(t, by, learning.PartPlan, append(d.plan(), l.ID))
	})
	return id, err
}

// SaveLesson writes a lesson. auto is for what is saved while its author goes on typing.
func (s *Service) SaveLesson(ctx context.Context, by person.ID, at At, l learning.Lesson, auto bool) (rev int64, err error) {
	if err := bounded("body", l.Body); err != nil {
		return 0, err
	}
	if l.Task != nil {
		if err := bounded("rubric", l.Task.Rubric); err != nil {
			return 0, err
		}
	}
	at.Part = learning.PartOf(l.ID)
	return s.save(ctx, by, at, l, auto)
}

// MoveLesson moves a lesson by some places, to the end at most.
func (s *Service) MoveLesson(ctx context.Context, by person.ID, course string, id int64, places int) error {
	return s.onPlan(ctx, by, course, id, func(plan []int64, at int) []int64 {
		to := max(0, min(len(plan)-1, at+places))
		plan = slices.Delete(plan, at, at+1)
		return slices.Insert(plan, to, id)
	})
}

// RemoveLesson takes a lesson out of a draft. It is among the parts that can be brought back, see Removed.
func (s *Service) RemoveLesson(ctx context.Context, by person.ID, course string, id int64) error {
	return s.onPlan(ctx, by, course, id, func(plan []int64, at int) []int64 { return slices.Delete(plan, at, at+1) })
}

// onPlan changes the order of lessons; a lesson that is no longer in it is removed.
func (s *Service) onPlan(ctx context.Context, by person.ID, course string, id int64, change func(plan []int64, at int) []int64) error {
	return s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, course)
		if err != nil {
			return err
		}
		plan := d.plan()
		at := slices.Index(plan, id)
		if at < 0 {
			return errs.New(errs.NotFound, "course.lesson.unknown")
		}
		plan = change(plan, at)
		if !slices.Contains(plan, id) {
			if err := d.set(t, by, learning.PartOf(id), nil); err != nil {
				return err
			}
		}
		return d.set(t, by, learning.PartPlan, plan)
	})
}

func (d *Draft) plan() []int64 {
	plan := []int64{}
	for _, l := range d.Course.Lessons {
		plan = append(plan, l.ID)
	}
	return plan
}

// SaveQuestion writes a question of the bank, a new one where its ID is 0, and gives its ID and rev.
func (s *Service) SaveQuestion(ctx context.Context, by person.ID, at At, q learning.Question, auto bool) (id, rev int64, err error) {
	if err := bounded("text", q.Text); err != nil {
		return 0, 0, err
	}
	if q.ID == 0 {
		err = s.write(ctx, by, func(t *db.Tx) error {
			d, err := load(t, at.Course)
			if err != nil {
				return err
			}
			if len(d.Course.Questions) >= learning.MaxQuestions {
				return errs.New(errs.Conflict, "course.invalid.questions")
			}
			q.ID = int64(person.NewID(t.Now()))
			return d.set(t, by, learning.QuestionPart(q.ID), q)
		})
		return q.ID, 1, err
	}
	at.Part = learning.QuestionPart(q.ID)
	rev, err = s.save(ctx, by, at, q, auto)
	return q.ID, rev, err
}

// RemoveQuestion takes a question out of the bank; see Removed.
func (s *Service) RemoveQuestion(ctx context.Context, by person.ID, at At) error {
	return s.write(ctx, by, func(t *db.Tx) error {
		_, err := put(t, by, at, "", false)
		return err
	})
}

func (s *Service) save(ctx context.Context, by person.ID, at At, v any, auto bool) (rev int64, err error) {
	body, err := pack(v)
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, by, func(t *db.Tx) error {
		var removed string
		if found, err := t.Get([]any{&removed}, selectBody, at.Course, at.Part); err != nil {
			return err
		} else if !found || removed == "" {
			return errUnknown
		}
		rev, err = put(t, by, at, body, auto)
		return err
	})
	return rev, err
}

// set changes a part of a draft that was loaded in the same transaction; nil removes it.
func (d *Draft) set(t *db.Tx, by person.ID, part string, v any) error {
	body := ""
	if v != nil {
		var err error
		if body, err = pack(v); err != nil {
			return err
		}
	}
	_, err := put(t, by, d.At(part), body, false)
	return err
}

// Undo takes the last change of a part back, Redo brings it on again. Conflict where there is none, or the part has moved on.
func (s *Service) Undo(ctx context.Context, by person.ID, at At) error {
	return s.step(ctx, by, at, -1)
}

// Redo is the opposite of Undo.
func (s *Service) Redo(ctx context.Context, by person.ID, at At) error { return s.step(ctx, by, at, 1) }

func (s *Service) step(ctx context.Context, by person.ID, at At, move int64) error {
	return s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, at.Course)
		if err != nil {
			return err
		}
		rev, known := d.Revs[at.Part]
		switch {
		case !known:
			return errUnknown
		case rev.N != at.Rev:
			return errMoved
		case move < 0 && !rev.Before || move > 0 && !rev.After:
			return errs.New(errs.Conflict, "authoring.no_step")
		}
		if _, err := t.Exec(moveStep, at.Course, at.Part, rev.step+move); err != nil {
			return err
		}
		return touch(t, by, at.Course)
	})
}

// Removed lists the lessons and questions that were taken out and can be brought back by BringBack, the last first.
func (s *Service) Removed(ctx context.Context, course string) ([]learning.Lesson, []learning.Question, error) {
	rows, err := s.d.Query(ctx, selectRemoved, course)
	if err != nil {
		return nil, nil, err
	}
	var lessons []learning.Lesson
	var questions []learning.Question
	err = db.Each(rows, func(scan func(...any) error) error {
		var part, body string
		err := scan(&part, &body)
		switch {
		case err != nil:
		case strings.HasPrefix(part, "q"):
			var q learning.Question
			err = unpack(body, &q)
			questions = append(questions, q)
		default:
			var l learning.Lesson
			err = unpack(body, &l)
			lessons = append(lessons, l)
		}
		return err
	})
	return lessons, questions, err
}

// BringBack undoes a removal.
func (s *Service) BringBack(ctx context.Context, by person.ID, course, part string) error {
	return s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, course)
		if err != nil {
			return err
		}
		if !d.Revs[part].gone || !d.Revs[part].Before {
			return errUnknown
		}
		if _, err := t.Exec(moveStep, course, part, d.Revs[part].step-1); err != nil {
			return err
		}
		if id, err := strconv.ParseInt(part, 10, 64); err == nil {
			return d.set(t, by, learning.PartPlan, append(d.plan(), id))
		}
		return touch(t, by, course)
	})
}

// PutFile keeps a file of a course, in place of the one of its name, see media.Store.Put. It is not part of a draft: what names it is.
func (s *Service) PutFile(ctx context.Context, by person.ID, course, name string, content io.Reader) (replaced bool, err error) {
	if learning.IsCover(name) { // such names are given once
		return false, errs.InvalidFields([]errs.Field{{Name: "file", Key: "front.in_use"}})
	}
	if err := s.write(ctx, by, func(t *db.Tx) error { _, err := load(t, course); return err }); err != nil {
		return false, err
	}
	_, replaced, err = s.files.Put(ctx, course, by, name, content)
	return replaced, err
}

// RemoveFile takes a file of a course away, from lessons that name it too; Conflict for its picture.
func (s *Service) RemoveFile(ctx context.Context, by person.ID, course, name string) error {
	return s.write(ctx, by, func(t *db.Tx) error {
		if err := shown(t, course, name); err != nil {
			return err
		}
		return media.Remove(t, course, name)
	})
}

// Version is a publication.
type Version struct {
	Seq  int64 // 1, 2, 3 …
	Note string
	By   person.ID
	At   time.Time
}

// Publish shows a draft to learners. note says to other authors what is new. changes is Draft.Changes that its author saw. Errors: Invalid as of
// learning.Course.Faults; Conflict where the draft has moved on, or nothing was changed since the last time.
func (s *Service) Publish(ctx context.Context, by person.ID, course string, changes int64, note string) (seq int64, err error) {
	if utf8.RuneCountInString(note) > maxNote {
		return 0, errs.InvalidFields([]errs.Field{{Name: "note", Key: "error.long", Args: map[string]string{"max": strconv.Itoa(maxNote)}}})
	}
	err = s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, course)
		switch {
		case err != nil:
			return err
		case d.Changes != changes:
			return errMoved
		case !d.Waiting:
			return errs.New(errs.Conflict, "authoring.nothing_new")
		}
		d.Course.Version++
		seq = d.Course.Version
		if err := learning.Put(t, d.Course); err != nil {
			return err
		}
		body, err := pack(d.Course)
		if err != nil {
			return err
		}
		if _, err := t.Exec(insertVersion, course, seq, by, db.Micros(t.Now()), note, body); err != nil {
			return err
		}
		for _, fn := range s.published {
			if err := fn(t, course); err != nil {
				return err
			}
		}
		_, err = t.Exec(markPublished, course)
		return err
	})
	return seq, err
}

// Hide takes a published course out of the catalogue, or puts it back: who takes part goes on.
func (s *Service) Hide(ctx context.Context, by person.ID, course string, hidden bool) error {
	return s.write(ctx, by, func(t *db.Tx) error { return learning.Hide(t, course, hidden) })
}

// Versions lists what was published of a course, the newest first.
func (s *Service) Versions(ctx context.Context, course string) ([]Version, error) {
	rows, err := s.d.Query(ctx, selectVersions, course)
	if err != nil {
		return nil, err
	}
	var out []Version
	err = db.Each(rows, func(scan func(...any) error) error {
		var v Version
		var at int64
		err := scan(&v.Seq, &v.Note, &v.By, &at)
		v.At = db.Time(at)
		out = append(out, v)
		return err
	})
	return out, err
}

// AsPublished gives a course as it was published. NotFound where it was not.
func (s *Service) AsPublished(ctx context.Context, course string, seq int64) (c learning.Course, err error) {
	var body string
	found, err := s.d.Get(ctx, []any{&body}, selectVersion, course, seq)
	if err != nil {
		return c, err
	}
	if !found {
		return c, errs.New(errs.NotFound, "authoring.version.unknown")
	}
	return c, unpack(body, &c)
}

// Restore makes a draft what it was at a publication: each part that differs becomes so, in a step that can be taken back.
func (s *Service) Restore(ctx context.Context, by person.ID, course string, seq int64) error {
	c, err := s.AsPublished(ctx, course, seq)
	if err != nil {
		return err
	}
	return s.replace(ctx, by, course, c)
}

// replace writes a whole course over a draft.
func (s *Service) replace(ctx context.Context, by person.ID, course string, c learning.Course) error {
	return s.write(ctx, by, func(t *db.Tx) error {
		d, err := load(t, course)
		if err != nil {
			return err
		}
		return d.become(t, by, c)
	})
}

// become writes a whole course over a draft that was loaded in the same transaction.
func (d *Draft) become(t *db.Tx, by person.ID, c learning.Course) error {
	bodies, err := partsOf(c)
	if err != nil {
		return err
	}
	for part := range d.bodies {
		if _, kept := bodies[part]; !kept {
			bodies[part] = ""
		}
	}
	for _, part := range sortedKeys(bodies) {
		if bodies[part] == d.bodies[part] {
			continue
		}
		if _, err := put(t, by, d.At(part), bodies[part], false); err != nil {
			return err
		}
	}
	return nil
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }
