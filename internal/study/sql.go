package study

// Every statement of this package.
const (
	table = "study"

	insert = `INSERT INTO study (id, subject, course, begun_at, finished_at, sealed) VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (subject, course) DO NOTHING`

	selectPart = "SELECT id FROM study WHERE subject = $1 AND course = $2"

	selectBegun = "SELECT begun_at FROM study WHERE subject = $1 AND course = $2"

	selectForChange = "SELECT id, finished_at, sealed FROM study WHERE subject = $1 AND course = $2"

	update = "UPDATE study SET finished_at = $1, sealed = $2 WHERE id = $3"

	remove = "DELETE FROM study WHERE subject = $1 AND course = $2"

	forgetAll = "DELETE FROM study WHERE subject = $1"

	selectOne = "SELECT id, course, begun_at, finished_at, sealed FROM study WHERE subject = $1 AND course = $2"

	selectTaken = "SELECT course, finished_at FROM study WHERE subject = $1"

	selectMine = "SELECT id, course, begun_at, finished_at, sealed FROM study WHERE subject = $1 ORDER BY begun_at DESC, id DESC"
)
