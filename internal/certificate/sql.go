package certificate

// Every statement of this package.
const (
	table = "certificate"

	insert = `INSERT INTO certificate (id, number, subject, course, titles, hours, earned_at, issued_at, public_since, revoked_at, reason, replaced_by,
		surname, given_name, code, code_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, '', 0, $9, $10, $11, $12) ON CONFLICT DO NOTHING`

	columns = "id, number, subject, course, titles, hours, earned_at, issued_at, public_since, revoked_at, reason, replaced_by, surname, given_name, code, code_hash"

	selectHolding = "SELECT number FROM certificate WHERE subject = $1 AND course = $2 AND revoked_at = 0 AND replaced_by = 0"
	selectNumber  = "SELECT " + columns + " FROM certificate WHERE number = $1"
	selectMine    = "SELECT " + columns + " FROM certificate WHERE subject = $1 ORDER BY issued_at DESC, id DESC LIMIT 1000"
	selectPublic  = "SELECT id FROM certificate WHERE subject = $1 AND public_since <> 0"

	setName     = "UPDATE certificate SET surname = $1, given_name = $2 WHERE id = $3"
	setPublic   = "UPDATE certificate SET public_since = $1 WHERE id = $2"
	setRevoked  = "UPDATE certificate SET revoked_at = $1, reason = $2, public_since = 0 WHERE id = $3"
	setReplaced = `UPDATE certificate SET replaced_by = $1, public_since = 0, surname = $2, given_name = $3, code = $4, code_hash = $5 WHERE id = $6`
	forget      = `UPDATE certificate SET subject = 0, public_since = 0, surname = $1, given_name = $2, code = $3, code_hash = $4 WHERE subject = $5`

	countSteps  = "SELECT count(*) FROM certificate_step WHERE certificate = $1"
	insertStep  = "INSERT INTO certificate_step (certificate, n, act, at, kind, made_by, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	selectSteps = "SELECT act, at, kind, made_by, reason FROM certificate_step WHERE certificate = $1 ORDER BY n"
)
