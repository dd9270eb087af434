package ticket

// Every statement of this package. Status 4 is solved.
const (
	columns      = `id, subject, topic, status, staff, opened_at, due_at, turn_at, answered_at, solved_at`
	insertTicket = `INSERT INTO ticket (id, subject, topic, status, staff, opened_at, due_at, turn_at, answered_at, solved_at)
		VALUES ($1, $2, $3, 1, 0, $4, $5, $6, 0, 0) ON CONFLICT (id) DO NOTHING`
	selectTicket  = `SELECT ` + columns + ` FROM ticket WHERE id = $1`
	selectMine    = `SELECT ` + columns + ` FROM ticket WHERE subject = $1 ORDER BY id DESC LIMIT 200`
	selectQueue   = `SELECT ` + columns + ` FROM ticket WHERE status = $1 AND (turn_at, id) > ($2, $3) ORDER BY turn_at, id LIMIT $4`
	selectQueueOf = `SELECT ` + columns + ` FROM ticket WHERE status = $1 AND (turn_at, id) > ($2, $3) AND topic = $4 ORDER BY turn_at, id LIMIT $5`
	selectSince   = `SELECT ` + columns + ` FROM ticket WHERE opened_at >= $1 ORDER BY opened_at`
	countOpen     = `SELECT count(*) FROM ticket WHERE subject = $1 AND status < 4`
	updateTicket  = `UPDATE ticket SET status = $1, staff = $2, turn_at = $3, answered_at = $4, solved_at = $5 WHERE id = $6`

	countSteps  = `SELECT count(*) FROM ticket_step WHERE ticket = $1`
	insertStep  = `INSERT INTO ticket_step (id, ticket, n, act, actor, at, words) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectSteps = `SELECT id, act, actor, at, words FROM ticket_step WHERE ticket = $1 ORDER BY n`

	countFiles   = `SELECT count(*) FROM ticket_file WHERE ticket = $1`
	insertFile   = `INSERT INTO ticket_file (id, ticket, step, type, size, name) VALUES ($1, $2, $3, $4, $5, $6)`
	selectFiles  = `SELECT id, step, type, size, name FROM ticket_file WHERE ticket = $1 ORDER BY id`
	insertChunk  = `INSERT INTO ticket_chunk (id, file, n, sealed) VALUES ($1, $2, $3, $4)`
	selectChunks = `SELECT id, sealed FROM ticket_chunk WHERE file = $1 ORDER BY n`

	forgetChunks = `DELETE FROM ticket_chunk WHERE file IN (SELECT id FROM ticket_file WHERE ticket IN (SELECT id FROM ticket WHERE subject = $1))`
	forgetFiles  = `DELETE FROM ticket_file WHERE ticket IN (SELECT id FROM ticket WHERE subject = $1)`
	forgetSteps  = `DELETE FROM ticket_step WHERE ticket IN (SELECT id FROM ticket WHERE subject = $1)`
	forgetAll    = `DELETE FROM ticket WHERE subject = $1`
)
