package task

import "ustaz/internal/db"

// Every statement of this package. SQLite finds its index by digits alone: 0 is being written, 1 handed in, 2 returned, 3 passed.
const (
	table = "submission"

	columns       = "id, subject, course, lesson, n, state, rev, begun_at, changed_at, due_at, handed_at, seen_at, ended_at, sealed"
	selectOwn     = "SELECT " + columns + " FROM submission WHERE id = $1 AND subject = $2"
	selectList    = "SELECT " + columns + " FROM submission WHERE subject = $1 AND lesson = $2 ORDER BY n"
	selectMine    = "SELECT " + columns + " FROM submission WHERE subject = $1 ORDER BY lesson, n"
	selectWaiting = "SELECT " + columns + " FROM submission WHERE state = 1 AND (handed_at, id) > ($1, $2) ORDER BY handed_at, id LIMIT $3"
	selectToGrade = "SELECT " + columns + " FROM submission WHERE id = $1 AND state > 0"
	selectBefore  = "SELECT " + columns + " FROM submission WHERE subject = $1 AND lesson = $2 AND n < $3 ORDER BY n"
	selectLast    = "SELECT id, n, state FROM submission WHERE subject = $1 AND lesson = $2 ORDER BY n DESC LIMIT 1"

	insert = `INSERT INTO submission (id, subject, course, lesson, n, state, rev, begun_at, changed_at, due_at, handed_at, seen_at, ended_at, sealed)
		VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $6, $7, 0, 0, 0, $8)`
	update = `UPDATE submission SET state = $1, rev = $2, changed_at = $3, due_at = $4, handed_at = $5, seen_at = $6, ended_at = $7, sealed = $8 WHERE id = $9`
	seen   = "UPDATE submission SET seen_at = $1 WHERE id = $2 AND state = 1 AND seen_at = 0"

	forgetAll = "DELETE FROM submission WHERE subject = $1"
	leave     = "DELETE FROM submission WHERE subject = $1 AND course = $2"
)

// scan reads columns.
func scan(into func(...any) error, sealed *[]byte) (*Submission, error) {
	var s Submission
	var begun, changed, due, handed, seen, ended int64
	err := into(&s.ID, &s.subject, &s.Course, &s.Lesson, &s.N, &s.State, &s.Rev, &begun, &changed, &due, &handed, &seen, &ended, sealed)
	s.Begun, s.Changed, s.Due, s.Handed, s.Seen, s.Ended = db.Time(begun), db.Time(changed), db.Time(due), db.Time(handed), db.Time(seen), db.Time(ended)
	return &s, err
}
