package exam

import (
	"database/sql"
	"time"

	"ustaz/internal/db"
)

// Every statement of this package, but for those of tally.
const (
	attemptTable = "attempt"
	answerTable  = "attempt_answer"

	columns       = "id, subject, course, lesson, n, begun_at, ends_at, ended_at, state, sealed"
	selectAttempt = "SELECT " + columns + " FROM attempt WHERE id = $1 AND subject = $2"
	selectList    = "SELECT " + columns + " FROM attempt WHERE subject = $1 AND lesson = $2 ORDER BY n"
	selectMine    = "SELECT " + columns + " FROM attempt WHERE subject = $1 ORDER BY begun_at DESC, n DESC, id"
	selectWaiting = "SELECT " + columns + " FROM attempt WHERE state = 2 ORDER BY ended_at, id LIMIT $1"
	selectToGrade = "SELECT " + columns + " FROM attempt WHERE id = $1 AND state = 2"
	selectLast    = "SELECT id, n, state FROM attempt WHERE subject = $1 AND lesson = $2 ORDER BY n DESC LIMIT 1"
	insertAttempt = `INSERT INTO attempt (id, subject, course, lesson, n, begun_at, ends_at, ended_at, state, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)`
	endAttempt    = "UPDATE attempt SET ended_at = $1, state = $2, sealed = $3 WHERE id = $4"

	insertAnswer  = "INSERT INTO attempt_answer (attempt, place, saved_at, sealed) VALUES ($1, $2, $3, $4)"
	saveAnswer    = "UPDATE attempt_answer SET saved_at = $1, sealed = $2 WHERE attempt = $3 AND place = $4"
	selectAnswers = "SELECT place, saved_at, sealed FROM attempt_answer WHERE attempt = $1"
	selectSaved   = "SELECT place, saved_at, NULL FROM attempt_answer WHERE attempt = $1"

	forgetAnswers  = "DELETE FROM attempt_answer WHERE attempt IN (SELECT id FROM attempt WHERE subject = $1)"
	forgetAttempts = "DELETE FROM attempt WHERE subject = $1"
	leaveAnswers   = "DELETE FROM attempt_answer WHERE attempt IN (SELECT id FROM attempt WHERE subject = $1 AND course = $2)"
	leaveAttempts  = "DELETE FROM attempt WHERE subject = $1 AND course = $2"
)

// scanAttempt reads columns.
func scanAttempt(scan func(...any) error, sealed *[]byte) (*Attempt, error) {
	var a Attempt
	var begun, ends, ended int64
	err := scan(&a.ID, &a.subject, &a.Course, &a.Lesson, &a.N, &begun, &ends, &ended, &a.State, sealed)
	a.Begun, a.Ends, a.Ended = db.Time(begun), db.Time(ends), db.Time(ended)
	return &a, err
}

type saved struct {
	saved  time.Time
	sealed []byte
}

// answers are rows of answers by place.
func answers(rows *sql.Rows, err error) (map[int]saved, error) {
	if err != nil {
		return nil, err
	}
	out := map[int]saved{}
	err = db.Each(rows, func(scan func(...any) error) error {
		var place int
		var at int64
		var r saved
		err := scan(&place, &at, &r.sealed)
		r.saved = db.Time(at)
		out[place] = r
		return err
	})
	return out, err
}
