package learning

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
)

// Put adds a course, or changes the one of its slug: its lessons become c's, those with an ID the same as before. A question that has changed is kept
// under another Rev. A course of the demonstration never takes the place of another, nor another its place: that is a Conflict.
func Put(t *db.Tx, c Course) error {
	if err := c.Validate(); err != nil {
		return err
	}
	words, body, err := pack(c.Words, c.Body)
	if err != nil {
		return err
	}
	entry, err := json.Marshal(c.Entry)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	front, err := json.Marshal(c.Front)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	changed, err := t.Exec(`INSERT INTO course (slug, demo, hidden, version, hours, words, body, subject, level, langs, created_at, entry, way, closes_at, front)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (slug) DO UPDATE SET hidden = excluded.hidden, version = excluded.version, hours = excluded.hours, words = excluded.words,
			body = excluded.body, subject = excluded.subject, level = excluded.level, langs = excluded.langs,
			entry = excluded.entry, way = excluded.way, closes_at = excluded.closes_at, front = excluded.front WHERE course.demo = excluded.demo`,
		c.Slug, flag(c.Demo), flag(c.Hidden), c.Version, c.Hours, words, body, string(c.Subject), string(c.Level), " "+strings.Join(c.Languages(), " ")+" ", db.Micros(t.Now()),
		string(entry), string(c.Entry.Way), db.Micros(c.Entry.Closes()), string(front))
	if err == nil && changed == 0 {
		return errs.New(errs.Conflict, "course.taken")
	}
	if err == nil {
		_, err = t.Exec("DELETE FROM lesson WHERE course = $1", c.Slug)
	}
	if err != nil {
		return err
	}
	next := int64(person.NewID(t.Now()))
	for place, l := range c.Lessons {
		if l.ID == 0 {
			l.ID = next + int64(place)
		}
		if err := putLesson(t, c.Slug, place, l); err != nil {
			return err
		}
	}
	if err := putQuestions(t, c); err != nil {
		return err
	}
	if err := index(t, c); err != nil {
		return err
	}
	return t.Changed(db.Courses)
}

func putLesson(t *db.Tx, course string, place int, l Lesson) error {
	test, err := rules(l.Test)
	if err != nil {
		return err
	}
	task, err := rules(l.Task)
	if err != nil {
		return err
	}
	packed, err := rules(l.Package)
	if err != nil {
		return err
	}
	words, body, err := pack(l.Words, l.Body)
	if err != nil {
		return err
	}
	_, err = t.Exec("INSERT INTO lesson (id, course, place, kind, minutes, words, body, test, task, package) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		l.ID, course, place, string(l.Kind), l.Minutes, words, body, test, task, packed)
	return err
}

// rules is how something is done, as JSON; empty where it is not.
func rules[T any](v *T) (string, error) {
	if v == nil {
		return "", nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", errs.Wrap(errs.Internal, "error.internal", err)
	}
	return string(text), nil
}

func putQuestions(t *db.Tx, c Course) error {
	before, err := scanQuestions(t.Query(selectBank, c.Slug))
	if err != nil {
		return err
	}
	if _, err := t.Exec("UPDATE question SET live = 0 WHERE course = $1 AND live = 1", c.Slug); err != nil {
		return err
	}
	for _, q := range c.Questions {
		text, err := json.Marshal(q.Text)
		if err != nil {
			return errs.Wrap(errs.Internal, "error.internal", err)
		}
		rev := int64(1)
		if at := slices.IndexFunc(before, func(old Question) bool { return old.ID == q.ID }); at >= 0 {
			if rev = before[at].Rev; !before[at].same(q) {
				rev++
			}
		} else if _, err := t.Get([]any{&rev}, "SELECT coalesce(max(rev), 0) + 1 FROM question WHERE id = $1", q.ID); err != nil {
			return err
		}
		_, err = t.Exec(`INSERT INTO question (id, rev, course, live, topic, points, body) VALUES ($1, $2, $3, 1, $4, $5, $6)
			ON CONFLICT (id, rev) DO UPDATE SET live = 1`, q.ID, rev, c.Slug, q.Topic, q.Points, string(text))
		if err != nil {
			return err
		}
	}
	return nil
}

const selectBank = "SELECT id, rev, topic, points, body FROM question WHERE course = $1 AND live = 1 ORDER BY id"

func scanQuestions(rows *sql.Rows, err error) ([]Question, error) {
	if err != nil {
		return nil, err
	}
	var out []Question
	err = db.Each(rows, func(scan func(...any) error) error {
		var q Question
		var text string
		if err := scan(&q.ID, &q.Rev, &q.Topic, &q.Points, &text); err != nil {
			return err
		}
		err := read(text, &q.Text)
		out = append(out, q)
		return err
	})
	return out, err
}

func (q Question) same(as Question) bool {
	return q.Topic == as.Topic && q.Points == as.Points && maps.Equal(q.Text, as.Text)
}

// Bank gives the questions of a course that can be drawn now, by their ids.
func Bank(ctx context.Context, d *db.DB, course string) ([]Question, error) {
	return scanQuestions(d.Query(ctx, selectBank, course))
}

// Getter reads one row: db.Tx.Get, or db.DB.Get with its context.
type Getter func(dest []any, query string, args ...any) (bool, error)

// QuestionThen gives a question as it was published at a Rev: what an attempt was given.
func QuestionThen(get Getter, at QuestionAt) (Question, error) {
	q := Question{ID: at.ID, Rev: at.Rev}
	var text string
	found, err := get([]any{&q.Topic, &q.Points, &text}, "SELECT topic, points, body FROM question WHERE id = $1 AND rev = $2", at.ID, at.Rev)
	if err != nil {
		return q, err
	}
	if !found {
		return q, errs.New(errs.NotFound, "course.question.unknown")
	}
	return q, read(text, &q.Text)
}

// pack makes a row's JSON texts.
func pack(words, body any) (w, b string, err error) {
	first, err := json.Marshal(words)
	if err != nil {
		return "", "", errs.Wrap(errs.Internal, "error.internal", err)
	}
	second, err := json.Marshal(body)
	if err != nil {
		return "", "", errs.Wrap(errs.Internal, "error.internal", err)
	}
	return string(first), string(second), nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const selectEntry = "SELECT entry, hidden FROM course WHERE slug = $1"

const courseColumns = "slug, demo, hidden, version, hours, words, subject, level, created_at, entry, front"

// scanCourse reads courseColumns, and then what into adds.
func scanCourse(scan func(...any) error, more ...any) (c Course, err error) {
	var words, entry, front string
	var demo, hidden, at int64
	if err := scan(append([]any{&c.Slug, &demo, &hidden, &c.Version, &c.Hours, &words, &c.Subject, &c.Level, &at, &entry, &front}, more...)...); err != nil {
		return c, err
	}
	if entry != "" {
		if err := read(entry, &c.Entry); err != nil {
			return c, err
		}
	}
	if front != "" {
		if err := read(front, &c.Front); err != nil {
			return c, err
		}
	}
	c.Demo, c.Hidden, c.CreatedAt = demo != 0, hidden != 0, db.Time(at)
	return c, read(words, &c.Words)
}

// Get gives a course with the titles of its lessons, also a hidden one, or NotFound.
func Get(ctx context.Context, d *db.DB, slug string) (c Course, err error) {
	rows, err := d.Query(ctx, "SELECT "+courseColumns+", body FROM course WHERE slug = $1", slug)
	if err != nil {
		return c, err
	}
	found := false
	err = db.Each(rows, func(scan func(...any) error) error {
		var body string
		if c, err = scanCourse(scan, &body); err != nil {
			return err
		}
		found = true
		return read(body, &c.Body)
	})
	if err == nil && !found {
		err = errs.New(errs.NotFound, "course.unknown")
	}
	if err != nil {
		return Course{}, err
	}
	c.Lessons, err = lessons(d.Query(ctx, "SELECT id, kind, minutes, words, test, task, package, '' FROM lesson WHERE course = $1 ORDER BY place", slug))
	return c, err
}

// Whole gives a course with the texts of its lessons and its bank, as Put takes it; or NotFound.
func Whole(ctx context.Context, d *db.DB, slug string) (Course, error) {
	c, err := Get(ctx, d, slug)
	if err != nil {
		return c, err
	}
	if c.Lessons, err = lessons(d.Query(ctx, "SELECT id, kind, minutes, words, test, task, package, body FROM lesson WHERE course = $1 ORDER BY place", slug)); err != nil {
		return c, err
	}
	c.Questions, err = Bank(ctx, d, slug)
	return c, err
}

func lessons(rows *sql.Rows, err error) ([]Lesson, error) {
	if err != nil {
		return nil, err
	}
	var out []Lesson
	err = db.Each(rows, func(scan func(...any) error) error {
		var l Lesson
		var kind, words, test, task, packed, body string
		err := scan(&l.ID, &kind, &l.Minutes, &words, &test, &task, &packed, &body)
		l.Kind = Kind(kind)
		if err == nil && test != "" {
			err = read(test, &l.Test)
		}
		if err == nil && packed != "" {
			err = read(packed, &l.Package)
		}
		if err == nil && task != "" {
			err = read(task, &l.Task)
		}
		if err == nil && body != "" {
			err = read(body, &l.Body)
		}
		if err == nil {
			err = read(words, &l.Words)
		}
		out = append(out, l)
		return err
	})
	return out, err
}

// Read gives the text of a lesson in a language of its course, with its files.
func (c Course) Read(ctx context.Context, d *db.DB, lesson int64, lang string, files Files) (Page, error) {
	var text string
	found, err := d.Get(ctx, []any{&text}, "SELECT body FROM lesson WHERE id = $1 AND course = $2", lesson, c.Slug)
	if err != nil {
		return Page{}, err
	}
	if !found {
		return Page{}, errs.New(errs.NotFound, "course.lesson.unknown")
	}
	var body map[string]string
	if err := read(text, &body); err != nil {
		return Page{}, err
	}
	return Render(body[lang], lang, files)
}

// EntryIn gives within a transaction how people come to take part in a course now, and holds the course until it ends: who counts seats counts alone.
// NotFound where there is no such course.
func EntryIn(t *db.Tx, slug, lock string) (e Entry, hidden bool, err error) {
	var text string
	var off int64
	found, err := t.Get([]any{&text, &off}, selectEntry+lock, slug)
	if err == nil && !found {
		err = errs.New(errs.NotFound, "course.unknown")
	}
	if err == nil && text != "" {
		err = read(text, &e)
	}
	return e, off != 0, err
}

// FrontIn gives within a transaction what a course shows of itself as it was published; the zero value where it was not.
func FrontIn(t *db.Tx, slug string) (f Front, err error) {
	var text string
	if _, err = t.Get([]any{&text}, "SELECT front FROM course WHERE slug = $1", slug); err == nil && text != "" {
		err = read(text, &f)
	}
	return f, err
}

// Hide takes a course out of the catalogue, or puts it back. NotFound where there is none.
func Hide(t *db.Tx, slug string, hidden bool) error {
	n, err := t.Exec("UPDATE course SET hidden = $1 WHERE slug = $2", flag(hidden), slug)
	if err == nil && n == 0 {
		return errs.New(errs.NotFound, "course.unknown")
	}
	if err != nil {
		return err
	}
	return t.Changed(db.Courses)
}

func read[T any](text string, into *T) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return nil
}

// RemoveDemo removes the courses of the demonstration and tells how many there were.
func RemoveDemo(t *db.Tx) (int64, error) {
	if _, err := t.Exec("DELETE FROM lesson WHERE course IN (SELECT slug FROM course WHERE demo = 1)"); err != nil {
		return 0, err
	}
	if _, err := t.Exec("DELETE FROM question WHERE course IN (SELECT slug FROM course WHERE demo = 1)"); err != nil {
		return 0, err
	}
	if _, err := t.Exec("DELETE FROM course_term WHERE course IN (SELECT slug FROM course WHERE demo = 1)"); err != nil {
		return 0, err
	}
	n, err := t.Exec("DELETE FROM course WHERE demo = 1")
	if err != nil {
		return 0, err
	}
	return n, t.Changed(db.Courses)
}
