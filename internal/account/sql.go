package account

// Every statement of this package. Status 1 is pending and 2 active: literals, so that partial indexes serve.
const (
	insertAccount = `INSERT INTO account (subject, status, staff, lang, phc, factor, step, created_at, confirmed_at, recovered_at)
		VALUES ($1, $2, 0, $3, $4, 0, 0, $5, 0, 0)`
	inviteAccount = `INSERT INTO account (subject, status, staff, lang, phc, factor, step, created_at, confirmed_at, recovered_at)
		VALUES ($1, $2, 0, $3, $4, 0, 0, $5, 0, 0) ON CONFLICT (subject) DO UPDATE SET lang = excluded.lang WHERE account.status = $2`
	acceptAccount  = `UPDATE account SET status = $1, phc = $2, confirmed_at = $3 WHERE subject = $4 AND status = $5`
	selectAccount  = `SELECT status, staff, lang, phc, factor, step, recovered_at FROM account WHERE subject = $1`
	confirmAccount = `UPDATE account SET status = $1, confirmed_at = $2 WHERE subject = $3`
	useAccount     = `UPDATE account SET used_at = $1 WHERE subject = $2`
	selectIdle     = `SELECT subject FROM account WHERE used_at < $1 AND status = 2 AND subject > $2
		AND NOT EXISTS (SELECT 1 FROM session WHERE session.subject = account.subject AND session.seen_at >= $1) ORDER BY subject LIMIT $3`
	updateStaff       = `UPDATE account SET staff = $1 WHERE subject = $2`
	updateStatus      = `UPDATE account SET status = $1 WHERE subject = $2`
	reopenAccount     = `UPDATE account SET status = $1 WHERE subject = $2 AND status = $3`
	updateHash        = `UPDATE account SET phc = $1 WHERE subject = $2 AND phc = $3`
	recoverAccount    = `UPDATE account SET phc = $1, recovered_at = $2 WHERE subject = $3 AND status = $4`
	updateFactor      = `UPDATE account SET factor = $1 WHERE subject = $2`
	removeFactor      = `UPDATE account SET factor = 0 WHERE subject = $1`
	updateStep        = `UPDATE account SET step = $1 WHERE subject = $2`
	selectUnconfirmed = `SELECT subject, created_at FROM account WHERE status = 1 AND (created_at, subject) > ($1, $2) AND created_at < $3
		ORDER BY created_at, subject LIMIT $4`

	selectAttempt = `SELECT failures, wait_until FROM account_attempt WHERE key = $1`
	upsertAttempt = `INSERT INTO account_attempt (key, kind, subject, failures, wait_until, at) VALUES ($1, $2, $3, 1, $4, $5)
		ON CONFLICT (key) DO UPDATE SET subject = excluded.subject, failures = account_attempt.failures + 1,
		wait_until = excluded.wait_until, at = excluded.at`
	undoAttempt    = `UPDATE account_attempt SET failures = failures - 1 WHERE key = $1 AND failures > 0`
	deleteAttempt  = `DELETE FROM account_attempt WHERE key = $1`
	deleteAttempts = `DELETE FROM account_attempt WHERE subject = $1 AND kind = $2`
	sweepAttempts  = `DELETE FROM account_attempt WHERE key IN (SELECT key FROM account_attempt WHERE subject = 0 AND at < $1 LIMIT $2)`

	insertLink  = `INSERT INTO account_link (hash, subject, about, expires_at, used_at) VALUES ($1, $2, $3, $4, 0)`
	selectLink  = `SELECT subject, about FROM account_link WHERE hash = $1 AND used_at = 0 AND expires_at > $2`
	useLink     = `UPDATE account_link SET used_at = $1 WHERE hash = $2 AND used_at = 0 AND expires_at > $1`
	deleteLinks = `DELETE FROM account_link WHERE subject = $1`
	sweepLinks  = `DELETE FROM account_link WHERE hash IN (SELECT hash FROM account_link WHERE expires_at <= $1 LIMIT $2)`

	insertRecoveryCode  = `INSERT INTO account_recovery_code (subject, hash, used_at) VALUES ($1, $2, 0)`
	useRecoveryCode     = `UPDATE account_recovery_code SET used_at = $1 WHERE subject = $2 AND hash = $3 AND used_at = 0`
	countRecoveryCodes  = `SELECT count(*) FROM account_recovery_code WHERE subject = $1 AND used_at = 0`
	deleteRecoveryCodes = `DELETE FROM account_recovery_code WHERE subject = $1`

	upsertNewEmail = `INSERT INTO account_new_email (subject, serial, email, asked_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (subject) DO UPDATE SET serial = excluded.serial, email = excluded.email, asked_at = excluded.asked_at`
	selectNewEmail = `SELECT serial, email FROM account_new_email WHERE subject = $1`
	deleteNewEmail = `DELETE FROM account_new_email WHERE subject = $1`
	sweepNewEmails = `DELETE FROM account_new_email WHERE subject IN (SELECT subject FROM account_new_email WHERE asked_at < $1 LIMIT $2)`
	insertOldEmail = `INSERT INTO account_old_email (subject, serial, email) VALUES ($1, $2, $3)`
	selectOldEmail = `SELECT email FROM account_old_email WHERE subject = $1 AND serial = $2`
	deleteOldEmail = `DELETE FROM account_old_email WHERE subject = $1 AND serial = $2`

	insertSession = `INSERT INTO session (hash, id, subject, level, remembered, created_at, seen_at, proved_at, code_at, device, address)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10)`
	selectSession = `SELECT s.id, s.subject, s.level, s.remembered, s.created_at, s.seen_at, s.proved_at, s.code_at, a.staff, a.factor, a.lang
		FROM session s JOIN account a ON a.subject = s.subject WHERE s.hash = $1 AND s.level > 0 AND a.status = 2`
	selectHalf = `SELECT s.subject, s.remembered FROM session s JOIN account a ON a.subject = s.subject
		WHERE s.hash = $1 AND s.level = 0 AND s.created_at > $2 AND a.status = 2`
	selectSessions = `SELECT id, level, remembered, created_at, seen_at, device, address FROM session
		WHERE subject = $1 AND level > 0 ORDER BY seen_at DESC, created_at DESC, id`
	touchSession        = `UPDATE session SET level = $1, proved_at = $2, seen_at = $3 WHERE hash = $4`
	renewSession        = `UPDATE session SET hash = $1, code_at = $2, seen_at = $2 WHERE hash = $3 AND level = 2`
	deleteSession       = `DELETE FROM session WHERE hash = $1`
	deleteSessionByID   = `DELETE FROM session WHERE subject = $1 AND id = $2`
	deleteSessions      = `DELETE FROM session WHERE subject = $1`
	deleteOtherSessions = `DELETE FROM session WHERE subject = $1 AND hash <> $2`
	sweepHalfSessions   = `DELETE FROM session WHERE hash IN
		(SELECT hash FROM session WHERE remembered IN (0, 1) AND level = 0 AND created_at < $1 LIMIT $2)`
	sweepSessions = `DELETE FROM session WHERE hash IN
		(SELECT hash FROM session WHERE remembered = 0 AND level IN (1, 2) AND created_at < $1 LIMIT $2)`
	sweepRemembered = `DELETE FROM session WHERE hash IN
		(SELECT hash FROM session WHERE remembered = 1 AND level IN (1, 2) AND created_at < $1 LIMIT $2)`

	// The row of an edition says how far its letters are queued: to all accounts up to a subject.
	beginEdition  = `INSERT INTO edition_letter (edition, reached, done_at) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING`
	selectEdition = `SELECT reached, done_at FROM edition_letter WHERE edition = $1`
	moveEdition   = `UPDATE edition_letter SET reached = $1, done_at = $2 WHERE edition = $3`
	selectTold    = `SELECT subject FROM account WHERE subject > $1 AND status = 2 ORDER BY subject LIMIT $2`
)

// forgetStatements remove all that is kept of a subject, but for the register of wishes to be deleted.
var forgetStatements = []string{
	`DELETE FROM account WHERE subject = $1`,
	`DELETE FROM account_attempt WHERE subject = $1`,
	deleteLinks,
	deleteRecoveryCodes,
	deleteNewEmail,
	`DELETE FROM account_old_email WHERE subject = $1`,
	deleteSessions,
}
