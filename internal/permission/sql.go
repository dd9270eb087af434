package permission

// Every statement of this package.
const (
	insert = `INSERT INTO permission (id, subject, receiver, fields, signed, text, given_at, until_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`
	end            = `UPDATE permission SET ended_at = $1 WHERE id = $2 AND ended_at = 0`
	endAll         = `UPDATE permission SET ended_at = CASE WHEN ended_at = 0 THEN $1 ELSE ended_at END, text = $2 WHERE subject = $3`
	columns        = `id, subject, receiver, fields, signed, text, given_at, until_at, ended_at`
	selectOne      = `SELECT ` + columns + ` FROM permission WHERE id = $1`
	selectMine     = `SELECT ` + columns + ` FROM permission WHERE subject = $1 ORDER BY given_at DESC LIMIT 500`
	countAll       = `SELECT count(*), coalesce(sum(CASE WHEN ended_at = 0 AND until_at >= $1 THEN 1 ELSE 0 END), 0) FROM permission`
	selectRegister = `SELECT ` + columns + ` FROM permission WHERE (given_at, id) < ($1, $2) ORDER BY given_at DESC, id DESC LIMIT $3`
)
