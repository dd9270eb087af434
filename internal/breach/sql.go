package breach

// Every statement of this package.
const (
	insertBreach = `INSERT INTO breach (id, number, drill, kind, detected_at, made_by, about, measures, actor_kind, actor, from_at, until_at, due_at,
		counted_at, authority_at, notice_at, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, $10, $11, $12, 0, 0, 0, 0)`
	nextNumber = `SELECT count(*) + 1 FROM breach WHERE id > $1`
	columns    = `id, number, drill, kind, detected_at, made_by, about, measures, actor_kind, actor, from_at, until_at, due_at, counted_at, authority_at,
		notice_at, closed_at`
	selectAll    = `SELECT ` + columns + ` FROM breach ORDER BY id DESC LIMIT 500`
	selectNumber = `SELECT ` + columns + ` FROM breach WHERE number = $1`
	selectID     = `SELECT ` + columns + ` FROM breach WHERE id = $1`
	setMeasures  = `UPDATE breach SET measures = $1 WHERE id = $2`
	setAuthority = `UPDATE breach SET authority_at = $1 WHERE id = $2 AND authority_at = 0`
	setNotice    = `UPDATE breach SET notice_at = $1 WHERE id = $2 AND notice_at = 0`
	setCounted   = `UPDATE breach SET counted_at = $1 WHERE id = $2`
	setClosed    = `UPDATE breach SET closed_at = $1 WHERE id = $2 AND closed_at = 0`

	addSubject = `INSERT INTO breach_subject (breach, subject, fields, told_at) VALUES ($1, $2, $3, 0)
		ON CONFLICT (breach, subject) DO UPDATE SET fields = breach_subject.fields | $3`
	countSubjects = `SELECT count(*), coalesce(sum(CASE WHEN told_at > 0 THEN 1 ELSE 0 END), 0) FROM breach_subject WHERE breach = $1`
	countFields   = `SELECT fields, count(*) FROM breach_subject WHERE breach = $1 GROUP BY fields`
	pageSubjects  = `SELECT subject, fields, told_at FROM breach_subject WHERE breach = $1 AND subject > $2 ORDER BY subject LIMIT $3`
	setTold       = `UPDATE breach_subject SET told_at = $1 WHERE breach = $2 AND subject = $3 AND told_at = 0`
	selectTold    = `SELECT told_at FROM breach_subject WHERE breach = $1 AND subject = $2`
)
