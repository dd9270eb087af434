package enrol

import (
	"context"
	"database/sql"

	"ustaz/internal/db"
	"ustaz/internal/person"
)

// Every statement of this package. Who is blocked keeps their place: no seat is offered to them meanwhile, and none is taken from them (6.2.4).
const (
	table, reasonTable = "enrolment", "enrolment.reason"

	columns    = "id, subject, course, grp, state, since, ends_at, sealed, reason"
	selectOf   = "SELECT " + columns + " FROM enrolment WHERE subject = $1 AND course = $2"
	selectMine = "SELECT " + columns + " FROM enrolment WHERE subject = $1 ORDER BY since DESC, id DESC"
	selectByID = "SELECT " + columns + " FROM enrolment WHERE id = $1"

	selectApplied  = "SELECT " + columns + " FROM enrolment WHERE state = 4 AND grp = 0 ORDER BY since, id LIMIT $1"
	selectAppliedG = "SELECT " + columns + " FROM enrolment WHERE state = 4 AND grp IN (SELECT id FROM course_group WHERE tutor = $1) ORDER BY since, id LIMIT $2"

	put = `INSERT INTO enrolment (id, subject, course, grp, state, since, ends_at, sealed, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (subject, course) DO UPDATE SET id = excluded.id, grp = excluded.grp, state = excluded.state, since = excluded.since,
			ends_at = excluded.ends_at, sealed = excluded.sealed, reason = excluded.reason`
	remove    = "DELETE FROM enrolment WHERE subject = $1 AND course = $2"
	forget    = "DELETE FROM enrolment WHERE subject = $1"
	setGroup  = "UPDATE enrolment SET grp = $1 WHERE subject = $2 AND course = $3 AND state = 1"
	leaveNone = "UPDATE enrolment SET grp = 0 WHERE grp = $1"

	countTaken   = "SELECT count(*) FROM enrolment WHERE course = $1 AND state IN (1, 2)"
	countWaiting = "SELECT count(*) FROM enrolment WHERE course = $1 AND state = 3"
	countBefore  = "SELECT count(*) FROM enrolment WHERE course = $1 AND state = 3 AND (since < $2 OR since = $2 AND id < $3)"
	countGroup   = "SELECT count(*) FROM enrolment WHERE grp = $1 AND state IN (1, 2)"
	countStates  = "SELECT state, count(*) FROM enrolment WHERE course = $1 GROUP BY state"

	selectNext = `SELECT id, subject FROM enrolment WHERE course = $1 AND state = 3
		AND NOT EXISTS (SELECT 1 FROM subject WHERE subject.id = enrolment.subject AND subject.restricted = 1) ORDER BY since, id LIMIT 1`
	offer        = "UPDATE enrolment SET state = 2, ends_at = $1 WHERE id = $2"
	selectLapsed = `SELECT DISTINCT course FROM enrolment WHERE state = 2 AND ends_at < $1
		AND NOT EXISTS (SELECT 1 FROM subject WHERE subject.id = enrolment.subject AND subject.restricted = 1)`
	removeLapsed = `DELETE FROM enrolment WHERE course = $1 AND state = 2 AND ends_at < $2
		AND NOT EXISTS (SELECT 1 FROM subject WHERE subject.id = enrolment.subject AND subject.restricted = 1)`

	groupColumns    = "id, course, name, tutor, starts_at, ends_at, seats"
	selectGroup     = "SELECT " + groupColumns + " FROM course_group WHERE id = $1"
	selectGroups    = "SELECT " + groupColumns + " FROM course_group WHERE course = $1 ORDER BY id"
	selectGroupsLed = "SELECT " + groupColumns + " FROM course_group WHERE tutor = $1 ORDER BY id DESC"
	putGroup        = `INSERT INTO course_group (id, course, name, tutor, starts_at, ends_at, seats) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, tutor = excluded.tutor, starts_at = excluded.starts_at, ends_at = excluded.ends_at, seats = excluded.seats`
	removeGroup   = "DELETE FROM course_group WHERE id = $1"
	selectMembers = "SELECT subject FROM enrolment WHERE grp = $1 AND state = 1 ORDER BY since, id"
	selectLed     = `SELECT course_group.id FROM enrolment JOIN course_group ON course_group.id = enrolment.grp
		WHERE enrolment.subject = $1 AND enrolment.course = $2 AND enrolment.state = 1 AND course_group.tutor = $3`

	selectLedBy = `SELECT enrolment.subject, enrolment.course FROM course_group JOIN enrolment ON enrolment.grp = course_group.id
		WHERE course_group.tutor = $1 AND enrolment.state = 1`

	selectCode = "SELECT hash FROM course_code WHERE course = $1"
	putCode    = `INSERT INTO course_code (course, hash, made_by, made_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (course) DO UPDATE SET hash = excluded.hash, made_by = excluded.made_by, made_at = excluded.made_at`

	removeDemoRows   = "DELETE FROM enrolment WHERE course IN (SELECT slug FROM course WHERE demo = 1)"
	removeDemoGroups = "DELETE FROM course_group WHERE course IN (SELECT slug FROM course WHERE demo = 1)"
	removeDemoCodes  = "DELETE FROM course_code WHERE course IN (SELECT slug FROM course WHERE demo = 1)"
)

// row is an enrolment as the table has it.
type row struct {
	id             int64
	subject        person.ID
	course         string
	group          int64
	state          State
	since, ends    int64
	sealed, reason []byte
}

func (r *row) scan(scan func(...any) error) error {
	return scan(&r.id, &r.subject, &r.course, &r.group, &r.state, &r.since, &r.ends, &r.sealed, &r.reason)
}

func (r *row) put(t *db.Tx) error {
	if r.sealed == nil {
		r.sealed = []byte{}
	}
	if r.reason == nil {
		r.reason = []byte{}
	}
	_, err := t.Exec(put, r.id, r.subject, r.course, r.group, int64(r.state), r.since, r.ends, r.sealed, r.reason)
	return err
}

type getter func(dest []any, query string, args ...any) (bool, error)

func (s *Service) getter(ctx context.Context) getter {
	return func(dest []any, query string, args ...any) (bool, error) {
		return s.c.DB.Get(ctx, dest, query, args...)
	}
}

// one reads a row; nil where there is none.
func one(get getter, query string, args ...any) (*row, error) {
	var r row
	found := false
	err := r.scan(func(dest ...any) (err error) {
		found, err = get(dest, query, args...)
		return err
	})
	if err != nil || !found {
		return nil, err
	}
	return &r, nil
}

func several(list *sql.Rows, err error) ([]*row, error) {
	if err != nil {
		return nil, err
	}
	var out []*row
	err = db.Each(list, func(scan func(...any) error) error {
		var r row
		err := r.scan(scan)
		out = append(out, &r)
		return err
	})
	return out, err
}

func groups(list *sql.Rows, err error) ([]Group, error) {
	if err != nil {
		return nil, err
	}
	var out []Group
	err = db.Each(list, func(scan func(...any) error) error {
		var g Group
		var from, until int64
		err := scan(&g.ID, &g.Course, &g.Name, &g.Tutor, &from, &until, &g.Seats)
		g.From, g.Until = db.Time(from), db.Time(until)
		out = append(out, g)
		return err
	})
	return out, err
}

// RemoveDemo removes what belongs to courses of the demonstration; it comes before learning.RemoveDemo.
func RemoveDemo(t *db.Tx) error {
	for _, statement := range []string{removeDemoRows, removeDemoGroups, removeDemoCodes} {
		if _, err := t.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}
