package publication

// Every statement of this package.
const (
	insert         = `INSERT INTO publication (id, subject, slug, fields, started_at, ended_at, ended_by) VALUES ($1, $2, $3, $4, $5, 0, 0)`
	endAll         = `UPDATE publication SET ended_at = $1, ended_by = $2 WHERE subject = $3 AND ended_at = 0`
	columns        = `id, subject, slug, fields, started_at, ended_at, ended_by`
	selectCurrent  = `SELECT ` + columns + ` FROM publication WHERE subject = $1 AND ended_at = 0`
	selectAll      = `SELECT ` + columns + ` FROM publication WHERE subject = $1 ORDER BY started_at DESC LIMIT 200`
	selectSlug     = `SELECT ` + columns + ` FROM publication WHERE slug = $1 AND ended_at = 0`
	countAll       = `SELECT count(*), coalesce(sum(CASE WHEN ended_at = 0 THEN 1 ELSE 0 END), 0) FROM publication`
	selectRegister = `SELECT ` + columns + ` FROM publication WHERE (started_at, id) < ($1, $2) ORDER BY started_at DESC, id DESC LIMIT $3`
)
