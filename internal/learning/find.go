package learning

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/words"
)

// Filter is what a list of courses is narrowed to; what is empty narrows nothing.
type Filter struct {
	Query   string // words as they were typed
	Subject Subject
	Level   Level // courses for this step of the ladder, and those for all
	Lang    string
	Open    time.Time // courses that somebody may begin at that moment, by themselves or on application; zero: all
}

// Bounds of the index and of a search.
const (
	maxIndexed = 3000  // terms of a course's texts, beside those of its titles and summary
	maxHits    = 20000 // rows that a word's beginning may bring
	mostSlips  = 2     // words of a query that may be mistyped: each is compared with every word there is
)

// What narrows lists of courses: $1 subject, $2 level, $3 language between spaces, $4 a moment at which they can be begun.
const (
	narrowed = ` WHERE hidden = 0 AND ($1 = '' OR subject = $1) AND ($2 = '' OR level = $2 OR level = '') AND ($3 = '' OR langs LIKE $3) AND (CAST($4 AS BIGINT) = 0 OR way <> 'invited' AND (closes_at = 0 OR closes_at > $4))`

	countCourses  = "SELECT count(*) FROM course" + narrowed
	selectCourses = "SELECT " + courseColumns + " FROM course" + narrowed + " ORDER BY created_at DESC, slug DESC LIMIT $5 OFFSET $6"
	selectFound   = "SELECT " + courseColumns + " FROM course" + narrowed + " AND slug "
	selectTerms   = "SELECT course, field, term, count FROM course_term WHERE term "
	selectBegin   = "SELECT course, field, term, count FROM course_term WHERE term >= $1 AND term < $2 LIMIT $3"
	vocabulary    = "SELECT DISTINCT term FROM course_term WHERE term >= $1"
	insertTerm    = "INSERT INTO course_term (course, term, field, count) VALUES ($1, $2, $3, $4)"
	forgetTerms   = "DELETE FROM course_term WHERE course = $1"
)

// index writes what a course is found by.
func index(t *db.Tx, c Course) error {
	if _, err := t.Exec(forgetTerms, c.Slug); err != nil {
		return err
	}
	counts := map[words.Field]map[string]int{}
	add := func(field words.Field, lang, text string) {
		if counts[field] == nil {
			counts[field] = map[string]int{}
		}
		for _, term := range words.Terms(lang, text) {
			if _, known := counts[field][term.Text]; known || field != words.Body || len(counts[field]) < maxIndexed {
				counts[field][term.Text] += term.Count
			}
		}
	}
	for lang, w := range c.Words {
		add(words.Title, lang, w.Title)
		add(words.Summary, lang, w.Summary)
		add(words.Body, lang, c.Body[lang])
		for _, l := range c.Lessons {
			add(words.Heading, lang, l.Words[lang])
			add(words.Body, lang, l.Body[lang])
		}
	}
	var rows []any
	for _, field := range slices.Sorted(maps.Keys(counts)) {
		for _, term := range slices.Sorted(maps.Keys(counts[field])) {
			rows = append(rows, c.Slug, term, int64(field), counts[field][term])
		}
	}
	return t.InsertAll(insertTerm, rows)
}

func (f Filter) args() []any {
	lang := ""
	if f.Lang != "" {
		lang = "% " + f.Lang + " %"
	}
	return []any{string(f.Subject), string(f.Level), lang, db.Micros(f.Open)}
}

// Find gives up to limit courses that are not hidden and fit f, without their bodies, after leaving out the first skip, and how many fit: those that
// its words were found in, the best first, or else the newest first. What was typed in Latin letters or with a slip is understood if nothing fits else.
func Find(ctx context.Context, d *db.DB, f Filter, skip, limit int) (page []Course, all int, err error) {
	q := words.Parse(f.Query)
	if len(q.Words) == 0 {
		if _, err := d.Get(ctx, []any{&all}, countCourses, f.args()...); err != nil {
			return nil, 0, err
		}
		page, err = scanCourses(d.Query(ctx, selectCourses, append(f.args(), limit, skip)...))
		return page, all, err
	}
	found, err := f.search(ctx, d, q)
	if err != nil {
		return nil, 0, err
	}
	all = len(found)
	return found[min(skip, all):min(skip+limit, all)], all, nil
}

// search gives all courses that fit, best first.
func (f Filter) search(ctx context.Context, d *db.DB, q words.Query) ([]Course, error) {
	found, missed, err := f.ranked(ctx, d, q)
	if err != nil || len(found) > 0 {
		return found, err
	}
	if cyrillic, ok := words.FromLatin(f.Query); ok {
		if found, _, err = f.ranked(ctx, d, words.Parse(cyrillic)); err != nil || len(found) > 0 {
			return found, err
		}
	}
	if len(missed) > mostSlips {
		return nil, nil
	}
	known, err := texts(d.Query(ctx, vocabulary, "0")) // stems begin with a slash, which stands before
	if err != nil {
		return nil, err
	}
	for _, i := range missed {
		q.Words[i].Guess(known)
	}
	found, _, err = f.ranked(ctx, d, q)
	return found, err
}

// ranked looks every word up; missed are those that stand nowhere.
func (f Filter) ranked(ctx context.Context, d *db.DB, q words.Query) (found []Course, missed []int, err error) {
	var hits []words.Hit
	for i, w := range q.Words {
		terms, err := db.Texts(d, w.Terms())
		if err != nil {
			return nil, nil, err
		}
		of, err := scanHits(d.Query(ctx, selectTerms+d.OneOf("$1"), terms))
		if err != nil {
			return nil, nil, err
		}
		if from, below, ok := w.Range(); ok {
			begin, err := scanHits(d.Query(ctx, selectBegin, from, below, maxHits))
			if err != nil {
				return nil, nil, err
			}
			of = append(of, begin...)
		}
		if len(of) == 0 {
			missed = append(missed, i)
		}
		hits = append(hits, of...)
	}
	place := map[string]int{}
	var slugs []string
	for i, r := range words.Rank(q, hits) {
		place[r.Doc] = i
		slugs = append(slugs, r.Doc)
	}
	if len(slugs) == 0 {
		return nil, missed, nil
	}
	list, err := db.Texts(d, slugs)
	if err != nil {
		return nil, nil, err
	}
	found, err = scanCourses(d.Query(ctx, selectFound+d.OneOf("$5"), append(f.args(), list)...))
	slices.SortFunc(found, func(a, b Course) int { return cmp.Compare(place[a.Slug], place[b.Slug]) })
	return found, missed, err
}

func scanCourses(rows *sql.Rows, err error) ([]Course, error) {
	if err != nil {
		return nil, err
	}
	var out []Course
	err = db.Each(rows, func(scan func(...any) error) error {
		c, err := scanCourse(scan)
		out = append(out, c)
		return err
	})
	return out, err
}

func scanHits(rows *sql.Rows, err error) ([]words.Hit, error) {
	if err != nil {
		return nil, err
	}
	var out []words.Hit
	err = db.Each(rows, func(scan func(...any) error) error {
		var h words.Hit
		err := scan(&h.Doc, &h.Field, &h.Term, &h.Count)
		out = append(out, h)
		return err
	})
	return out, err
}

func texts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	var out []string
	err = db.Each(rows, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		out = append(out, s)
		return err
	})
	return out, err
}
