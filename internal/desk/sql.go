package desk

// Every statement of this package. Status 1 is open and 2 closed: literals, so that indexes serve.
const (
	nextCount = `INSERT INTO desk_count (year, n) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET n = desk_count.n + 1 RETURNING n`

	insertCase = `INSERT INTO desk_case (id, kind, number, concerned, applicant, source, lang, opened_at, clock, term_n, term_unit, due_at, doubted,
		blocks, proof_due, proved_at, erase_at, status, outcome, article, closed_at, order_of, order_number, order_date, warned, received)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 0, 1, 0, '', 0, $16, $17, $18, 0, $19)`
	caseColumns = `id, kind, number, concerned, applicant, source, lang, opened_at, clock, term_n, term_unit, due_at, doubted, blocks, proof_due,
		proved_at, erase_at, status, outcome, article, closed_at, order_of, order_number, order_date, received`
	selectCase    = `SELECT ` + caseColumns + ` FROM desk_case WHERE id = $1`
	selectNumber  = `SELECT ` + caseColumns + ` FROM desk_case WHERE number = $1`
	selectMine    = `SELECT ` + caseColumns + ` FROM desk_case WHERE id IN (SELECT case_id FROM desk_party WHERE subject = $1) ORDER BY id DESC LIMIT 200`
	selectOpen    = `SELECT ` + caseColumns + ` FROM desk_case WHERE status = 1 AND (due_at, id) > ($1, $2) ORDER BY due_at, id LIMIT $3`
	selectOpenOf  = `SELECT ` + caseColumns + ` FROM desk_case WHERE status = 1 AND (due_at, id) > ($1, $2) AND kind = $3 ORDER BY due_at, id LIMIT $4`
	selectDueIn   = `SELECT ` + caseColumns + ` FROM desk_case WHERE status = 1 AND due_at >= $1 AND due_at < $2 ORDER BY due_at, id LIMIT $3`
	selectClosed  = `SELECT ` + caseColumns + ` FROM desk_case WHERE status = 2 AND (closed_at, id) < ($1, $2) ORDER BY closed_at DESC, id DESC LIMIT $3`
	countOpen     = `SELECT count(*) FROM desk_case WHERE status = 1 AND id IN (SELECT case_id FROM desk_party WHERE subject = $1) AND kind = $2`
	countBlocks   = `SELECT count(*) FROM desk_case WHERE concerned = $1 AND blocks = 1 AND id <> $2`
	selectHolding = `SELECT ` + caseColumns + ` FROM desk_case WHERE concerned = $1 AND blocks = 1`
	countUnproven = `SELECT count(*) FROM desk_case WHERE id IN (SELECT case_id FROM desk_party WHERE subject = $1) AND concerned = $1 AND source = 3
		AND applicant <> 0 AND status = 2 AND proved_at = 0 AND closed_at > $2`
	setApplicant = `UPDATE desk_case SET applicant = $1 WHERE id = $2`
	setProved    = `UPDATE desk_case SET proved_at = $1 WHERE id = $2`
	setBlocks    = `UPDATE desk_case SET blocks = $1 WHERE id = $2`
	setErase     = `UPDATE desk_case SET erase_at = $1 WHERE id = $2`
	closeCase    = `UPDATE desk_case SET status = 2, outcome = $1, article = $2, closed_at = $3, blocks = 0, erase_at = 0 WHERE id = $4 AND status = 1`
	selectEnding = `SELECT ` + caseColumns + ` FROM desk_case WHERE status = 1 AND concerned = $1 AND id IN (SELECT case_id FROM desk_party WHERE subject = $1)
		AND kind IN (1, 6, 7) ORDER BY id`
	closeAllOf = `UPDATE desk_case SET status = 2, outcome = 4, closed_at = $1, blocks = 0, erase_at = 0
		WHERE status = 1 AND concerned = $2 AND id IN (SELECT case_id FROM desk_party WHERE subject = $2)`
	closeOfNobody = `UPDATE desk_case SET status = 2, outcome = 7, closed_at = $1
		WHERE status = 1 AND concerned = 0 AND id IN (SELECT case_id FROM desk_party WHERE subject = $2)`
	leaveCases = `UPDATE desk_case SET applicant = 0 WHERE applicant = $1 AND concerned <> $1 AND id IN (SELECT case_id FROM desk_party WHERE subject = $1)`
	setWarned  = `UPDATE desk_case SET warned = $1 WHERE id = $2 AND warned < $1`

	selectWarnings = `SELECT id, due_at, warned FROM desk_case WHERE status = 1 AND (due_at, id) > ($1, $2) AND due_at < $3 AND warned < 4
		ORDER BY due_at, id LIMIT $4`
	selectUnproven = `SELECT ` + caseColumns + ` FROM desk_case WHERE status = 1 AND proof_due > 0 AND proof_due < $1 AND proved_at = 0 ORDER BY due_at, id LIMIT $2`
	selectErasable = `SELECT ` + caseColumns + ` FROM desk_case WHERE status = 1 AND erase_at > 0 AND erase_at <= $1 ORDER BY due_at, id LIMIT $2`

	insertParty   = `INSERT INTO desk_party (subject, case_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	isParty       = `SELECT 1 FROM desk_party WHERE subject = $1 AND case_id = $2`
	deleteParties = `DELETE FROM desk_party WHERE subject = $1`

	selectIdle = `SELECT DISTINCT subject FROM desk_party WHERE subject > $1 AND NOT EXISTS (SELECT 1 FROM desk_party q
		JOIN desk_case c ON c.id = q.case_id WHERE q.subject = desk_party.subject AND (c.status = 1 OR c.closed_at >= $2)) ORDER BY subject LIMIT $3`

	insertStep = `INSERT INTO desk_step (case_id, n, act, actor_kind, actor, at)
		SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5 FROM desk_step WHERE case_id = $1 RETURNING n`
	selectLastAct = `SELECT act FROM desk_step WHERE case_id = $1 ORDER BY n DESC LIMIT 1`
	selectSteps   = `SELECT n, act, actor_kind, actor, at FROM desk_step WHERE case_id = $1 ORDER BY n`

	insertWords = `INSERT INTO desk_words (reader, case_id, n, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
	selectOwn   = `SELECT reader, n, sealed FROM desk_words WHERE reader = $1 AND case_id = $2 ORDER BY n`
	selectText  = `SELECT sealed FROM desk_words WHERE reader = $1 AND case_id = $2 AND n = $3`
	deleteWords = `DELETE FROM desk_words WHERE reader = $1`

	insertFile   = `INSERT INTO desk_file (id, case_id, owner, n, type, size, chunks, name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	selectFiles  = `SELECT id, case_id, owner, n, type, size, chunks, name, at FROM desk_file WHERE case_id = $1 ORDER BY id`
	selectFile   = `SELECT id, case_id, owner, n, type, size, chunks, name, at FROM desk_file WHERE id = $1`
	sumFiles     = `SELECT count(*), coalesce(sum(size), 0) FROM desk_file WHERE case_id = $1`
	orphanFiles  = `UPDATE desk_file SET owner = 0, name = $1 WHERE owner = $2`
	selectOrphan = `SELECT id FROM desk_file WHERE owner = 0 LIMIT $1`
	deleteFile   = `DELETE FROM desk_file WHERE id = $1`
	insertChunk  = `INSERT INTO desk_chunk (file, n, sealed) VALUES ($1, $2, $3)`
	selectChunks = `SELECT n, sealed FROM desk_chunk WHERE file = $1 ORDER BY n`
	deleteChunks = `DELETE FROM desk_chunk WHERE file = $1`

	insertLink  = `INSERT INTO desk_link (hash, subject, case_id, expires_at) VALUES ($1, $2, $3, $4)`
	selectLink  = `SELECT subject, case_id FROM desk_link WHERE hash = $1 AND expires_at > $2`
	deleteLinks = `DELETE FROM desk_link WHERE subject = $1`
	sweepLinks  = `DELETE FROM desk_link WHERE hash IN (SELECT hash FROM desk_link WHERE expires_at <= $1 LIMIT $2)`

	insertErasure = `INSERT INTO desk_erasure (hash, number, subject, case_id, at) VALUES ($1, $2, $3, $4, $5)`
	selectErasure = `SELECT number, subject, case_id, at FROM desk_erasure WHERE hash = $1`
	countSince    = `SELECT kind, count(*) FROM desk_case WHERE opened_at >= $1 GROUP BY kind`
	countLate     = `SELECT kind, count(*) FROM desk_case WHERE status = 1 AND due_at < $1 GROUP BY kind`
	countBlocking = `SELECT count(DISTINCT concerned) FROM desk_case WHERE blocks = 1`
	countErasures = `SELECT count(*) FROM desk_erasure e WHERE at >= $1 AND case_id = (SELECT min(case_id) FROM desk_erasure WHERE subject = e.subject)`
	listErasures  = `SELECT number, subject, case_id, at FROM desk_erasure e WHERE (at, case_id) < ($1, $2)
		AND case_id = (SELECT min(case_id) FROM desk_erasure WHERE subject = e.subject) ORDER BY at DESC, case_id DESC LIMIT $3`
)
