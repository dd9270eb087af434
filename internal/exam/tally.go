package exam

import (
	"context"
	"database/sql"
	"math"

	"ustaz/internal/db"
	"ustaz/internal/keeper"
	"ustaz/internal/quiz"
)

const (
	addTally = `INSERT INTO question_stat (question, rev, n, sum, squares, rest, rest_squares, products) VALUES ($1, $2, 1, $3, $4, $5, $6, $7)
		ON CONFLICT (question, rev) DO UPDATE SET n = question_stat.n + 1, sum = question_stat.sum + excluded.sum, squares = question_stat.squares + excluded.squares,
			rest = question_stat.rest + excluded.rest, rest_squares = question_stat.rest_squares + excluded.rest_squares, products = question_stat.products + excluded.products`
	selectTally = `SELECT question_stat.question, question_stat.n, sum, squares, rest, rest_squares, products FROM question
		JOIN question_stat ON question_stat.question = question.id AND question_stat.rev = question.rev WHERE question.course = $1 AND question.live = 1`
)

const removeDemo = "DELETE FROM question_stat WHERE question IN (SELECT id FROM question WHERE course IN (SELECT slug FROM course WHERE demo = 1))"

// RemoveDemo removes the sums of the demonstration's questions; it comes before learning.RemoveDemo.
func RemoveDemo(t *db.Tx) error {
	_, err := t.Exec(removeDemo)
	return err
}

// LeastSeen is of how many attempts sums are shown: of fewer, one person's could be guessed.
const LeastSeen = 10

// tally adds an attempt to the sums of its questions. rest is the share of all the other points that was won, in thousandths.
func tally(t *keeper.Tx, asked []Asked, r *Result) error {
	for place, q := range asked {
		share := int64(r.Shares[place])
		rest := int64(0)
		if others := r.Of - quiz.Full*q.Points; others > 0 {
			rest = int64(r.Won-r.Shares[place]*q.Points) * quiz.Full / int64(others)
		}
		if _, err := t.Exec(addTally, q.At.ID, q.At.Rev, share, share*share, rest, rest*rest, share*rest); err != nil {
			return err
		}
	}
	return nil
}

// Stat is how a question went, of LeastSeen attempts or more.
type Stat struct {
	N          int64
	Difficulty float64 // mean share of its points, 0 to 1: the classical item difficulty, of which more is easier
	// Discrimination is the corrected item-total correlation (Pearson's, of the item with the rest of the attempt), -1 to 1. Known is false where either
	// does not vary.
	Discrimination float64
	Known          bool
}

// Stats tells how the questions of a course that can be drawn now went, by id; those of which too little is known are left out.
func (s *Service) Stats(ctx context.Context, course string) (map[int64]Stat, error) {
	return scanStats(s.d.Query(ctx, selectTally, course))
}

func scanStats(rows *sql.Rows, err error) (map[int64]Stat, error) {
	if err != nil {
		return nil, err
	}
	out := map[int64]Stat{}
	err = db.Each(rows, func(scan func(...any) error) error {
		var id, n int64
		var sums [5]int64
		if err := scan(&id, &n, &sums[0], &sums[1], &sums[2], &sums[3], &sums[4]); err != nil {
			return err
		}
		if n >= LeastSeen {
			out[id] = stat(n, sums)
		}
		return nil
	})
	return out, err
}

// stat makes the figures of sums of x, x², y, y² and xy.
func stat(n int64, sums [5]int64) Stat {
	s := Stat{N: n, Difficulty: float64(sums[0]) / float64(n) / quiz.Full}
	varX, varY := n*sums[1]-sums[0]*sums[0], n*sums[3]-sums[2]*sums[2]
	if varX > 0 && varY > 0 {
		s.Known = true
		s.Discrimination = float64(n*sums[4]-sums[0]*sums[2]) / (math.Sqrt(float64(varX)) * math.Sqrt(float64(varY)))
	}
	return s
}
