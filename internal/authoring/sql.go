package authoring

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/media"
	"ustaz/internal/person"
)

// Every statement of this package.
const (
	selectSlug    = "SELECT slug FROM course WHERE slug = $1 UNION ALL SELECT course FROM course_draft WHERE course = $1"
	selectChanges = "SELECT changes FROM course_draft WHERE course = $1"
	insertDraft   = `INSERT INTO course_draft (course, demo, begun_by, begun_at, changed_by, changed_at, changes, published) VALUES ($1, $2, $3, $4, $3, $4, 0, 0)`
	touchDraft    = "UPDATE course_draft SET changed_by = $1, changed_at = $2, changes = changes + 1 WHERE course = $3"
	markPublished = "UPDATE course_draft SET published = changes WHERE course = $1"
	selectHeads   = `SELECT course_draft.course, course_draft.demo, changed_by, changed_at, changes, published, coalesce(course.hidden, 0), coalesce(course.version, 0),
		course.slug IS NOT NULL, (SELECT body FROM course_part WHERE course_part.course = course_draft.course AND part = 'about')
		FROM course_draft LEFT JOIN course ON course.slug = course_draft.course`
	selectHead     = selectHeads + " WHERE course_draft.course = $1"
	listHeads      = selectHeads + " ORDER BY changed_at DESC, course_draft.course DESC LIMIT $1"
	selectUnopened = "SELECT slug, words FROM course WHERE slug NOT IN (SELECT course FROM course_draft) ORDER BY created_at DESC, slug"
	selectParts    = "SELECT part, rev, step, last, body FROM course_part WHERE course = $1"
	selectBody     = "SELECT body FROM course_part WHERE course = $1 AND part = $2"

	selectPart = "SELECT rev, step, last, body FROM course_part WHERE course = $1 AND part = $2"
	putPart    = `INSERT INTO course_part (course, part, rev, step, last, body) VALUES ($1, $2, 1, $3, $3, $4)
		ON CONFLICT (course, part) DO UPDATE SET rev = course_part.rev + 1, step = excluded.step, last = excluded.last, body = excluded.body`
	selectStep = "SELECT auto, made_by, made_at FROM course_step WHERE course = $1 AND part = $2 AND n = $3"
	putStep    = `INSERT INTO course_step (course, part, n, auto, made_by, made_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (course, part, n) DO UPDATE SET auto = excluded.auto, made_by = excluded.made_by, made_at = excluded.made_at, body = excluded.body`
	cutSteps = "DELETE FROM course_step WHERE course = $1 AND part = $2 AND (n > $3 OR n <= $4)"
	moveStep = `UPDATE course_part SET rev = rev + 1, step = s.n, body = s.body FROM course_step s
		WHERE course_part.course = $1 AND course_part.part = $2 AND s.course = $1 AND s.part = $2 AND s.n = $3`
	selectRemoved = `SELECT p.part, s.body FROM course_part p JOIN course_step s ON s.course = p.course AND s.part = p.part AND s.n = p.step - 1
		WHERE p.course = $1 AND p.body = '' ORDER BY s.made_at DESC, p.part`

	insertVersion  = "INSERT INTO course_version (course, seq, made_by, made_at, note, body) VALUES ($1, $2, $3, $4, $5, $6)"
	selectVersions = "SELECT seq, note, made_by, made_at FROM course_version WHERE course = $1 ORDER BY seq DESC"
	selectVersion  = "SELECT body FROM course_version WHERE course = $1 AND seq = $2"

	putReport = `INSERT INTO course_report (course, kind, made_by, made_at, body) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (course) DO UPDATE SET kind = excluded.kind, made_by = excluded.made_by, made_at = excluded.made_at, body = excluded.body`
	selectReport   = "SELECT kind, made_by, made_at, body FROM course_report WHERE course = $1"
	selectReported = "SELECT kind FROM course_report WHERE course = $1"

	maxList = 1000
)

// put makes body the state of a part, as a step of its own, or as part of the last one where both came by themselves in one sitting.
func put(t *db.Tx, by person.ID, at At, body string, auto bool) (rev int64, err error) {
	var step, last int64
	var before string
	if _, err := t.Get([]any{&rev, &step, &last, &before}, selectPart, at.Course, at.Part); err != nil {
		return 0, err
	}
	if rev != at.Rev {
		return rev, errMoved
	}
	if rev > 0 && before == body {
		return rev, nil
	}
	n, made := step+1, db.Micros(t.Now())
	if auto && step > 0 {
		var wasAuto, madeAt int64
		var madeBy person.ID
		if _, err := t.Get([]any{&wasAuto, &madeBy, &madeAt}, selectStep, at.Course, at.Part, step); err != nil {
			return 0, err
		}
		if wasAuto == 1 && madeBy == by && t.Now().Sub(db.Time(madeAt)) < oneSitting {
			n, made = step, madeAt
		}
	}
	if _, err := t.Exec(putStep, at.Course, at.Part, n, flag(auto), by, made, body); err != nil {
		return 0, err
	}
	if _, err := t.Exec(cutSteps, at.Course, at.Part, n, n-maxSteps); err != nil {
		return 0, err
	}
	if _, err := t.Exec(putPart, at.Course, at.Part, n, body); err != nil {
		return 0, err
	}
	return rev + 1, touch(t, by, at.Course)
}

func touch(t *db.Tx, by person.ID, course string) error {
	n, err := t.Exec(touchDraft, by, db.Micros(t.Now()), course)
	if err == nil && n == 0 {
		return errUnknown
	}
	return err
}

func scanHeads(rows *sql.Rows, err error) ([]Draft, error) {
	if err != nil {
		return nil, err
	}
	var out []Draft
	err = db.Each(rows, func(scan func(...any) error) error {
		var h Head
		var d Draft
		var demo, at, published, hidden int64
		var body string
		err := scan(&h.Slug, &demo, &h.ChangedBy, &at, &d.Changes, &published, &hidden, &h.Version, &h.Published, &body)
		h.Demo, h.Hidden, h.ChangedAt, h.Waiting = demo != 0, hidden != 0, db.Time(at), d.Changes != published
		if err == nil && body != "" {
			err = unpack(body, &h.About)
		}
		d.Head = h
		out = append(out, d)
		return err
	})
	return out, err
}

// List gives the drafts, the last changed first; the oldest of very many are left out.
func (s *Service) List(ctx context.Context) ([]Head, error) {
	all, err := scanHeads(s.d.Query(ctx, listHeads, maxList))
	out := make([]Head, len(all))
	for i, d := range all {
		out[i] = d.Head
	}
	return out, err
}

// Draft gives a course as it is being written. NotFound where there is none.
func (s *Service) Draft(ctx context.Context, course string) (*Draft, error) {
	return read(func(query string, args ...any) (*sql.Rows, error) { return s.d.Query(ctx, query, args...) }, course)
}

// load is Draft within a change.
func load(t *db.Tx, course string) (*Draft, error) { return read(t.Query, course) }

func read(query func(string, ...any) (*sql.Rows, error), course string) (*Draft, error) {
	list, err := scanHeads(query(selectHead, course))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errUnknown
	}
	rows, err := query(selectParts, course)
	if err != nil {
		return nil, err
	}
	d := &list[0]
	d.Revs, d.bodies = map[string]Rev{}, map[string]string{}
	err = db.Each(rows, func(scan func(...any) error) error {
		var part, body string
		var r Rev
		var last int64
		err := scan(&part, &r.N, &r.step, &last, &body)
		r.Before, r.After, r.gone = r.step > max(1, last-maxSteps+1), r.step < last, body == ""
		d.Revs[part], d.bodies[part] = r, body
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, d.compose()
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// RemoveDemo removes the drafts and files of the demonstration's courses.
func RemoveDemo(t *db.Tx) error {
	courses, err := scanSlugs(t.Query(demoCourses))
	if err != nil {
		return err
	}
	for _, course := range courses {
		if err := media.RemoveCourse(t, course); err != nil {
			return err
		}
	}
	for _, statement := range removeDemo {
		if _, err := t.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

func scanSlugs(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	var out []string
	err = db.Each(rows, func(scan func(...any) error) error {
		var slug string
		err := scan(&slug)
		out = append(out, slug)
		return err
	})
	return out, err
}

const demoCourses = "SELECT course FROM course_draft WHERE demo = 1"

var removeDemo = []string{
	"DELETE FROM course_part WHERE course IN (SELECT course FROM course_draft WHERE demo = 1)",
	"DELETE FROM course_step WHERE course IN (SELECT course FROM course_draft WHERE demo = 1)",
	"DELETE FROM course_report WHERE course IN (SELECT course FROM course_draft WHERE demo = 1)",
	"DELETE FROM course_version WHERE course IN (SELECT course FROM course_draft WHERE demo = 1)",
	"DELETE FROM course_report WHERE course IN (SELECT course FROM course_draft WHERE demo = 1)",
	"DELETE FROM course_draft WHERE demo = 1",
}
