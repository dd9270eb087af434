// Package learning keeps courses with their lessons and shows them. A course is written in Kazakh and, if its author likes, in Russian and
// English; a language is there whole, in every lesson, or not at all. It guarantees that the HTML made of a course's Markdown holds nothing
// but text, headings, lists, quotations, code, links and pictures of our own: no markup of the author's, no script, no
// address that a browser would run, nothing loaded from another host (2.3). Courses hold no personal data.
package learning

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
)

// Course is one course.
type Course struct {
	Slug      string // its part of the address, and of the case of who studies it: a-z, 0-9 and hyphens, up to 40
	Demo      bool   // put by the demonstration, and removed with it
	Hours     int    // academic hours, 1 to 1000
	Words     map[string]Words
	Body      map[string]string // what stands before the lessons: Markdown by language, may be empty where there are lessons; nil in a list
	Lessons   []Lesson          // in order; nil in a list
	CreatedAt time.Time         // when it was first put
}

// Words are what a list shows of a course.
type Words struct {
	Title   string `json:"title"`   // up to 120 characters
	Summary string `json:"summary"` // one sentence, up to 300 characters
}

// Lesson is a part of a course that is read at one sitting.
type Lesson struct {
	ID      int64             // given when the lesson is first put, and kept while its place in the course is
	Minutes int               // that it takes, 1 to 600
	Words   map[string]string // title by language, up to 120 characters
	Body    map[string]string // Markdown by language; nil with Get, see Read
}

// Has tells whether a lesson is one of the course's.
func (c Course) Has(lesson int64) bool {
	return slices.ContainsFunc(c.Lessons, func(l Lesson) bool { return l.ID == lesson })
}

// Minutes is how long all lessons take together.
func (c Course) Minutes() (n int) {
	for _, l := range c.Lessons {
		n += l.Minutes
	}
	return n
}

// Lang is the language in which c is shown to a reader of the language code: that one, or else Kazakh.
func (c Course) Lang(code string) string {
	if _, ok := c.Words[code]; ok {
		return code
	}
	return first
}

var first = i18n.Codes()[0]

const (
	maxHours   = 1000
	maxTitle   = 120
	maxSummary = 300
	maxBody    = 200_000 // bytes
	maxSlug    = 40
	maxLessons = 200
	maxMinutes = 600
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Validate tells whether c can be put. Errors are Invalid, and name the inputs slug, hours, title, summary, body with the
// language after a point.
func (c Course) Validate() error {
	var faults []errs.Field
	fault := func(name, key string) { faults = append(faults, errs.Field{Name: name, Key: key}) }
	if len(c.Slug) > maxSlug || !slugForm.MatchString(c.Slug) {
		fault("slug", "course.invalid.slug")
	}
	if c.Hours < 1 || c.Hours > maxHours {
		fault("hours", "course.invalid.hours")
	}
	for code := range c.Words {
		if !i18n.Known(code) {
			fault("title", "course.invalid.language")
		}
	}
	for _, code := range i18n.Codes() {
		w, has := c.Words[code]
		body, written := c.Body[code]
		if !has && !written && code != first {
			continue
		}
		if !line(w.Title, maxTitle) {
			fault("title."+code, "course.invalid.title")
		}
		if !line(w.Summary, maxSummary) {
			fault("summary."+code, "course.invalid.summary")
		}
		if (strings.TrimSpace(body) != "" || len(c.Lessons) == 0) && !isText(body) {
			fault("body."+code, "course.invalid.body")
		}
		for _, l := range c.Lessons {
			if !line(l.Words[code], maxTitle) {
				fault("lesson."+code, "course.invalid.title")
			}
			if !isText(l.Body[code]) {
				fault("lesson."+code, "course.invalid.body")
			}
		}
	}
	if len(c.Lessons) > maxLessons || slices.ContainsFunc(c.Lessons, func(l Lesson) bool { return l.Minutes < 1 || l.Minutes > maxMinutes }) {
		fault("lessons", "course.invalid.lessons")
	}
	return errs.InvalidFields(faults)
}

// isText tells whether s is Markdown that a page can show.
func isText(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= maxBody && utf8.ValidString(s)
}

func line(s string, longest int) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= longest && !strings.ContainsFunc(s, unicode.IsControl)
}

// Put adds a course, or changes the one of its slug. A course of the demonstration never takes the place of another, nor
// another its place: that is a Conflict.
func Put(t *db.Tx, c Course) error {
	if err := c.Validate(); err != nil {
		return err
	}
	words, err := json.Marshal(c.Words)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	body, err := json.Marshal(c.Body)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	changed, err := t.Exec(`INSERT INTO course (slug, demo, hours, words, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (slug) DO UPDATE SET hours = excluded.hours, words = excluded.words, body = excluded.body WHERE course.demo = excluded.demo`,
		c.Slug, flag(c.Demo), c.Hours, string(words), string(body), db.Micros(t.Now()))
	if err == nil && changed == 0 {
		return errs.New(errs.Conflict, "course.taken")
	}
	if err != nil {
		return err
	}
	first := int64(person.NewID(t.Now()))
	for place, l := range c.Lessons {
		l.ID = first + int64(place)
		if err := putLesson(t, c.Slug, place, l); err != nil {
			return err
		}
	}
	_, err = t.Exec("DELETE FROM lesson WHERE course = $1 AND place >= $2", c.Slug, len(c.Lessons))
	return err
}

func putLesson(t *db.Tx, course string, place int, l Lesson) error {
	words, err := json.Marshal(l.Words)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	body, err := json.Marshal(l.Body)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	_, err = t.Exec(`INSERT INTO lesson (id, course, place, minutes, words, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (course, place) DO UPDATE SET minutes = excluded.minutes, words = excluded.words, body = excluded.body`,
		l.ID, course, place, l.Minutes, string(words), string(body))
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Get gives a course with the titles of its lessons, or NotFound.
func Get(ctx context.Context, d *db.DB, slug string) (Course, error) {
	c := Course{Slug: slug}
	var words, body string
	var demo, at int64
	found, err := d.Get(ctx, []any{&demo, &c.Hours, &words, &body, &at}, "SELECT demo, hours, words, body, created_at FROM course WHERE slug = $1", slug)
	switch {
	case err != nil:
		return Course{}, err
	case !found:
		return Course{}, errs.New(errs.NotFound, "course.unknown")
	}
	c.Demo, c.CreatedAt = demo != 0, db.Time(at)
	if err := read(words, &c.Words); err != nil {
		return Course{}, err
	}
	if err := read(body, &c.Body); err != nil {
		return Course{}, err
	}
	c.Lessons, err = lessons(ctx, d, slug)
	return c, err
}

func lessons(ctx context.Context, d *db.DB, course string) (out []Lesson, err error) {
	rows, err := d.Query(ctx, "SELECT id, minutes, words FROM lesson WHERE course = $1 ORDER BY place", course)
	if err != nil {
		return nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var l Lesson
		var words string
		if err := scan(&l.ID, &l.Minutes, &words); err != nil {
			return err
		}
		out = append(out, l)
		return read(words, &out[len(out)-1].Words)
	})
	return out, err
}

// Read gives the text of a lesson in a language of its course.
func (c Course) Read(ctx context.Context, d *db.DB, lesson int64, lang string) (Page, error) {
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
	return Render(body[lang], lang, nil)
}

// List gives up to limit courses without their bodies, the newest first, after leaving out the first skip; and how many
// there are.
func List(ctx context.Context, d *db.DB, skip, limit int) (page []Course, all int, err error) {
	if _, err := d.Get(ctx, []any{&all}, "SELECT count(*) FROM course"); err != nil {
		return nil, 0, err
	}
	rows, err := d.Query(ctx, "SELECT slug, demo, hours, words, created_at FROM course ORDER BY created_at DESC, slug DESC LIMIT $1 OFFSET $2", limit, skip)
	if err != nil {
		return nil, 0, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var c Course
		var words string
		var demo, at int64
		if err := scan(&c.Slug, &demo, &c.Hours, &words, &at); err != nil {
			return err
		}
		c.Demo, c.CreatedAt = demo != 0, db.Time(at)
		if err := read(words, &c.Words); err != nil {
			return err
		}
		page = append(page, c)
		return nil
	})
	return page, all, err
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
	return t.Exec("DELETE FROM course WHERE demo = 1")
}

// Languages lists the languages c is written in, Kazakh first.
func (c Course) Languages() []string {
	return slices.DeleteFunc(i18n.Codes(), func(code string) bool { _, ok := c.Words[code]; return !ok })
}
