package ticket

// Every statement of this package. Status 4 is solved.
const (
	columns      = `id, subject, lang, topic, role, status, staff, opened_at, due_at, turn_at, answered_at, solved_at`
	insertTicket = `INSERT INTO ticket (id, subject, lang, topic, role, status, staff, opened_at, due_at, turn_at, answered_at, solved_at)
		VALUES ($1, $2, $3, $4, $5, 1, 0, $6, $7, $8, 0, 0) ON CONFLICT (id) DO NOTHING`
	selectTicket  = `SELECT ` + columns + ` FROM ticket WHERE id = $1`
	selectMine    = `SELECT ` + columns + ` FROM ticket WHERE subject = $1 ORDER BY id DESC LIMIT 200`
	selectQueue   = `SELECT ` + columns + ` FROM ticket WHERE role = $1 AND status = $2 AND (turn_at, id) > ($3, $4) ORDER BY turn_at, id LIMIT $5`
	selectQueueOf = `SELECT ` + columns + ` FROM ticket WHERE role = $1 AND status = $2 AND (turn_at, id) > ($3, $4) AND topic = $5 ORDER BY turn_at, id LIMIT $6`
	selectSince   = `SELECT ` + columns + ` FROM ticket WHERE opened_at >= $1 ORDER BY opened_at`
	countOpen     = `SELECT count(*) FROM ticket WHERE subject = $1 AND status < 4`
	updateTicket  = `UPDATE ticket SET status = $1, role = $2, staff = $3, turn_at = $4, answered_at = $5, solved_at = $6 WHERE id = $7`

	countSteps  = `SELECT count(*) FROM ticket_step WHERE ticket = $1`
	insertStep  = `INSERT INTO ticket_step (id, ticket, n, act, actor, at, words) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectSteps = `SELECT id, act, actor, at, words FROM ticket_step WHERE ticket = $1 ORDER BY n`

	countFiles   = `SELECT count(*) FROM ticket_file WHERE ticket = $1`
	insertFile   = `INSERT INTO ticket_file (id, ticket, step, n, type, size, name) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectFiles  = `SELECT id, step, type, size, name FROM ticket_file WHERE ticket = $1 ORDER BY n`
	insertChunk  = `INSERT INTO ticket_chunk (id, file, n, sealed) VALUES ($1, $2, $3, $4)`
	selectChunks = `SELECT id, sealed FROM ticket_chunk WHERE file = $1 ORDER BY n`

	columnsCanned = `id, topic, title, kk, ru, en, rev`
	insertCanned  = `INSERT INTO ticket_canned (id, topic, title, kk, ru, en, rev, staff, at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)`
	updateCanned  = `UPDATE ticket_canned SET topic = $1, title = $2, kk = $3, ru = $4, en = $5, rev = rev + 1, staff = $6, at = $7 WHERE id = $8 AND rev = $9`
	deleteCanned  = `DELETE FROM ticket_canned WHERE id = $1 AND rev = $2`
	selectCanned  = `SELECT ` + columnsCanned + ` FROM ticket_canned ORDER BY topic, title, id`
	countCanned   = `SELECT count(*) FROM ticket_canned`

	forgetChunks = `DELETE FROM ticket_chunk WHERE file IN (SELECT id FROM ticket_file WHERE ticket IN (SELECT id FROM ticket WHERE subject = $1))`
	forgetFiles  = `DELETE FROM ticket_file WHERE ticket IN (SELECT id FROM ticket WHERE subject = $1)`
	forgetSteps  = `DELETE FROM ticket_step WHERE ticket IN (SELECT id FROM ticket WHERE subject = $1)`
	forgetAll    = `DELETE FROM ticket WHERE subject = $1`
)
