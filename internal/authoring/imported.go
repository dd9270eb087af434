package authoring

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"

	"ustaz/internal/cartridge"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
)

// Report tells what became of the package that a draft was last taken over from.
type Report struct {
	Kind  cartridge.Kind
	By    person.ID
	At    time.Time
	Lines []cartridge.Line
}

// Store keeps a file of a course under its name. An error that is Invalid or TooLarge is about this file, and goes into the report; any other ends the
// import.
type Store func(name string, open func() (io.ReadCloser, error)) error

// Keep is the Store of a course's own files.
func (s *Service) Keep(ctx context.Context, by person.ID, course string) Store {
	return func(name string, open func() (io.ReadCloser, error)) (err error) {
		if learning.IsCover(name) { // one of this name is this one, and its address stays
			if there, err := s.there(ctx, course, name); err != nil || there {
				return err
			}
		}
		content, err := open()
		if err != nil {
			return err
		}
		_, _, err = s.files.Put(ctx, course, by, name, content)
		return errors.Join(err, content.Close())
	}
}

const (
	fileLine = "cartridge.file" // the line that tells of a file
	maxLines = 20_000
)

// BeginWith is Begin with what was found in a package. Errors are also Invalid for a package that can't become lessons.
func (s *Service) BeginWith(ctx context.Context, by person.ID, slug string, f cartridge.Found, store Store) error {
	err := s.takeOver(ctx, by, f, store, func(t *db.Tx) error { return free(t, slug) }, func(t *db.Tx) error {
		c := numbered(t, f.Course, nil)
		c.Slug = slug
		stored, err := media.ListIn(t, slug)
		if err != nil {
			return err
		}
		c.Front = atHome(stored, c.Front)
		if err := free(t, slug); err != nil {
			return err
		}
		return lay(t, by, c)
	}, slug)
	if err == nil {
		return nil
	}
	// What was stored for a course that did not come about goes; where the address was taken the files are another's.
	return errors.Join(err, s.d.Write(ctx, func(t *db.Tx) error {
		if free(t, slug) != nil {
			return nil
		}
		return media.RemoveCourse(t, slug)
	}))
}

// Import writes what was found in a package over a draft: each part that differs becomes so, in a step that can be taken back. A lesson or question of
// our own archive that this draft knows by its number stays that one; all others get new numbers. What a package of another system does not say
// of the course stays as it is in the draft.
func (s *Service) Import(ctx context.Context, by person.ID, slug string, f cartridge.Found, store Store) error {
	return s.takeOver(ctx, by, f, store, func(t *db.Tx) error { _, err := load(t, slug); return err }, func(t *db.Tx) error {
		d, err := load(t, slug)
		if err != nil {
			return err
		}
		c := numbered(t, f.Course, d)
		if f.Kind != cartridge.Own {
			c.About = filled(c.About, d.About)
		}
		c.Entry = d.Course.Entry // of that a package says nothing
		if c.Front = d.Course.Front; f.Course.Front.Set() {
			stored, err := media.ListIn(t, slug)
			if err != nil {
				return err
			}
			c.Front = atHome(stored, f.Course.Front)
		}
		return d.become(t, by, c)
	}, slug)
}

// takeOver asks whether it may, stores the files, and then writes the course and the report at once. Files come first, and outside of the
// transaction, since they may be large.
func (s *Service) takeOver(ctx context.Context, by person.ID, f cartridge.Found, store Store, may, write func(t *db.Tx) error, slug string) error {
	if f.Kind != cartridge.Own && f.Kind != cartridge.Common {
		return errs.New(errs.Invalid, "cartridge.scorm")
	}
	if !learning.IsSlug(slug) {
		return errs.InvalidFields([]errs.Field{{Name: "slug", Key: "course.invalid.slug"}})
	}
	if err := s.write(ctx, by, may); err != nil {
		return err
	}
	lines, err := kept(f, store)
	if err != nil {
		return err
	}
	body, err := pack(lines)
	if err != nil {
		return err
	}
	return s.write(ctx, by, func(t *db.Tx) error {
		if err := write(t); err != nil {
			return err
		}
		_, err := t.Exec(putReport, slug, string(f.Kind), by, db.Micros(t.Now()), body)
		return err
	})
}

// kept stores the files of a package, and gives its report with what became of them.
func kept(f cartridge.Found, store Store) ([]cartridge.Line, error) {
	lost := map[string]cartridge.Line{}
	var order []string
	for _, file := range f.Files {
		l := cartridge.Line{Fate: cartridge.Left, Title: file.Name, Place: file.Place, Key: "cartridge.file.store"}
		if store != nil {
			err := store(file.Name, file.Open)
			if err == nil {
				continue
			}
			e := errs.As(err)
			if e.Kind != errs.Invalid && e.Kind != errs.TooLarge {
				return nil, err
			}
			l.Key, l.Args = e.Key, e.Args
		}
		if l.Place == "" { // it stood within a page
			l.Place = file.Name
		}
		lost[file.Name] = l
		order = append(order, file.Name)
	}
	var out []cartridge.Line
	for _, l := range f.Report {
		if instead, is := lost[l.Title]; is && l.Key == fileLine {
			l = instead
			delete(lost, l.Title)
		}
		out = append(out, l)
	}
	for _, name := range order {
		if l, still := lost[name]; still {
			out = append(out, l)
		}
	}
	if n := len(out) - maxLines; n > 0 {
		out = append(out[:maxLines:maxLines], cartridge.Line{Fate: cartridge.Left, Place: "…", Key: "cartridge.more", Args: map[string]string{"n": strconv.Itoa(n)}})
	}
	return out, nil
}

// numbered gives lessons and questions numbers of their own, but for those that d knows, each once.
func numbered(t *db.Tx, c learning.Course, d *Draft) learning.Course {
	next, used := int64(person.NewID(t.Now())), map[string]bool{}
	number := func(id int64, part func(int64) string) int64 {
		if d != nil && id != 0 && !used[part(id)] {
			if _, known := d.Revs[part(id)]; known {
				used[part(id)] = true
				return id
			}
		}
		next++
		return next
	}
	lessons, questions := make([]learning.Lesson, len(c.Lessons)), make([]learning.Question, len(c.Questions))
	for i, l := range c.Lessons {
		l.ID = number(l.ID, learning.PartOf)
		lessons[i] = l
	}
	for i, q := range c.Questions {
		q.ID = number(q.ID, learning.QuestionPart)
		if d != nil {
			for _, before := range d.Course.Questions {
				if before.ID == q.ID {
					q.Rev = before.Rev
				}
			}
		}
		questions[i] = q
	}
	c.Lessons, c.Questions = lessons, questions
	return c
}

// filled is a with what it does not say taken from before.
func filled(a, before learning.About) learning.About {
	if a.Hours == 0 {
		a.Hours = before.Hours
	}
	a.Subject, a.Level = before.Subject, before.Level
	words := map[string]learning.Words{}
	for code, w := range a.Words {
		if w.Title == "" {
			w.Title = before.Words[code].Title
		}
		if w.Summary == "" {
			w.Summary = before.Words[code].Summary
		}
		words[code] = w
	}
	a.Words = words
	return a
}

// Report gives what became of the package that a draft was last taken over from; found is false where there was none.
func (s *Service) Report(ctx context.Context, course string) (r Report, found bool, err error) {
	var body string
	var at int64
	if found, err = s.d.Get(ctx, []any{&r.Kind, &r.By, &at, &body}, selectReport, course); err != nil || !found {
		return r, found, err
	}
	r.At = db.Time(at)
	return r, true, unpack(body, &r.Lines)
}

// Reported tells whether there is a Report.
func (s *Service) Reported(ctx context.Context, course string) (bool, error) {
	return s.d.Get(ctx, []any{new(string)}, selectReported, course)
}
