package attachment

import (
	"database/sql"

	"ustaz/internal/db"
	"ustaz/internal/keeper"
)

// Every statement of this package. SQLite finds its indexes by digits alone: 0 arrives, 1 is there, 2 was taken away.
const (
	insertFile = `INSERT INTO attached (id, subject, course, work, place, type, size, pieces, state, at, name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)`
	touchFile  = "UPDATE attached SET at = $1 WHERE id = $2 AND state = 0"
	showFile   = "UPDATE attached SET state = 1, at = $1 WHERE id = $2 AND state = 0"
	countThere = "SELECT count(*) FROM attached WHERE work = $1 AND place = $2 AND state = 1"
	selectWork = "SELECT id, course, work, place, type, size, pieces, at, name FROM attached WHERE work = $1 AND state = 1 ORDER BY place, at, id"

	gone         = "state = 2, subject = 0, course = '', work = 0, place = 0, name = $1 WHERE "
	dropOne      = "UPDATE attached SET " + gone + "id = $2 AND work = $3 AND place = $4 AND state = 1"
	dropOthers   = "UPDATE attached SET " + gone + "work = $2 AND place = $3 AND state = 1"
	dropSubject  = "UPDATE attached SET " + gone + "subject = $2"
	dropCourse   = "UPDATE attached SET " + gone + "subject = $2 AND course = $3"
	dropArriving = "UPDATE attached SET " + gone + "id = $2 AND state = 0"
	dropBroken   = "UPDATE attached SET " + gone + "state = 0 AND at < $2"

	insertPiece   = "INSERT INTO attached_piece (file, n, sealed) VALUES ($1, $2, $3)"
	selectPieces  = "SELECT n, sealed FROM attached_piece WHERE file = $1 ORDER BY n"
	deletePieces  = "DELETE FROM attached_piece WHERE file = $1 AND n IN (SELECT n FROM attached_piece WHERE file = $1 ORDER BY n LIMIT $2)"
	selectDropped = "SELECT id FROM attached WHERE state = 2 ORDER BY at LIMIT 1"
	deleteFile    = "DELETE FROM attached WHERE id = $1 AND state = 2"
)

func list(rows *sql.Rows, err error) (files []File, closed []keeper.Aside, _ error) {
	if err != nil {
		return nil, nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var f File
		var at int64
		err := scan(&f.ID, &f.At.Course, &f.At.Work, &f.At.Place, &f.Type, &f.Size, &f.pieces, &at, &f.sealed)
		f.Came = db.Time(at)
		files, closed = append(files, f), append(closed, nameAside(f.ID, f.sealed))
		return err
	})
	return files, closed, err
}
