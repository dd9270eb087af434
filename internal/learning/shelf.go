package learning

import (
	"context"
	"errors"
	"html/template"
	"sync"
	"time"

	"ustaz/internal/db"
)

// Shelf remembers courses, lists of them and the HTML of their texts, until any course or file of one is changed, on whichever server: what a page asks
// of the database is whether one was. It is safe for concurrent use. What it gives is shared, and not to be changed.
type Shelf struct {
	d    *db.DB
	mu   sync.Mutex
	held *Look
}

// NewShelf makes an empty one.
func NewShelf(d *db.DB) *Shelf { return &Shelf{d: d, held: newLook(d, 0)} }

// Look is the shelf as it stands, for as long as one page is made.
type Look struct {
	d       *db.DB
	stamp   int64
	courses memory[string, Course]
	pages   memory[textOf, Page]
	lists   memory[list, found]
	made    memory[string, template.HTML]
	bases   memory[time.Time, string]
}

type textOf struct {
	course string
	lesson int64 // 0 is what the course says of itself
	lang   string
}

type list struct {
	Filter
	skip, limit int
}

type found struct {
	page []Course
	all  int
}

// What a shelf remembers at most, counted roughly; then it begins anew.
const (
	heldCourses = 20_000   // lessons
	heldPages   = 32 << 20 // bytes of HTML
	heldLists   = 10_000   // courses in lists
	heldMade    = 32 << 20 // bytes of HTML
	heldBases   = 48       // hours
)

func newLook(d *db.DB, stamp int64) *Look {
	return &Look{d: d, stamp: stamp,
		courses: memory[string, Course]{most: heldCourses, size: func(c Course) int { return 1 + len(c.Lessons) }},
		pages:   memory[textOf, Page]{most: heldPages, size: func(p Page) int { return 1000 + len(p.HTML) }},
		lists:   memory[list, found]{most: heldLists, size: func(f found) int { return 1 + len(f.page) }},
		made:    memory[string, template.HTML]{most: heldMade, size: func(h template.HTML) int { return 1000 + len(h) }},
		bases:   memory[time.Time, string]{most: heldBases, size: func(string) int { return 1 }}}
}

// Look asks whether what is remembered still holds.
func (s *Shelf) Look(ctx context.Context) (*Look, error) {
	n, err := s.d.Stamp(ctx, db.Courses)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case n > s.held.stamp:
		s.held = newLook(s.d, n)
	case n < s.held.stamp: // asked before somebody else, answered after them
		return newLook(s.d, n), nil
	}
	return s.held, nil
}

// Course is Get.
func (l *Look) Course(ctx context.Context, slug string) (Course, error) {
	return l.courses.get(slug, func() (Course, error) { return Get(ctx, l.d, slug) })
}

// Find is Find.
func (l *Look) Find(ctx context.Context, f Filter, skip, limit int) (page []Course, all int, err error) {
	got, err := l.lists.get(list{f, skip, limit}, func() (v found, err error) {
		v.page, v.all, err = Find(ctx, l.d, f, skip, limit)
		return v, err
	})
	return got.page, got.all, err
}

// Basis is Basis of the courses that can be begun at a full hour.
func (l *Look) Basis(open []Course, hour time.Time) (string, error) {
	return l.bases.get(hour, func() (string, error) { return Basis(open, hour) })
}

// Made is what a page makes, under a key, of what the look gives and of nothing else.
func (l *Look) Made(key string, render func() (template.HTML, error)) (template.HTML, error) {
	return l.made.get(key, render)
}

// CourseFiles are a course's files, and what went wrong with reading them.
type CourseFiles interface {
	File(name string) (File, bool)
	Err() error
}

// About is what a course says of itself, in one of its languages.
func (l *Look) About(c Course, lang string, files CourseFiles) (Page, error) {
	return l.page(textOf{c.Slug, 0, lang}, files, func() (Page, error) { return Render(c.Body[lang], lang, files.File) })
}

// Lesson is Course.Read.
func (l *Look) Lesson(ctx context.Context, c Course, lesson int64, lang string, files CourseFiles) (Page, error) {
	return l.page(textOf{c.Slug, lesson, lang}, files, func() (Page, error) { return c.Read(ctx, l.d, lesson, lang, files.File) })
}

func (l *Look) page(of textOf, files CourseFiles, render func() (Page, error)) (Page, error) {
	return l.pages.get(of, func() (Page, error) {
		p, err := render()
		return p, errors.Join(err, files.Err())
	})
}

// memory is a map that begins anew when it has grown too large.
type memory[K comparable, V any] struct {
	mu         sync.Mutex
	known      map[K]V
	held, most int
	size       func(V) int
}

// get gives what is known, or else loads it: without keeping others up, so that two may load the same.
func (m *memory[K, V]) get(key K, load func() (V, error)) (V, error) {
	m.mu.Lock()
	v, known := m.known[key]
	m.mu.Unlock()
	if known {
		return v, nil
	}
	v, err := load()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held += m.size(v); m.known == nil || m.held > m.most {
		m.known, m.held = map[K]V{}, m.size(v)
	}
	m.known[key] = v
	return v, nil
}
