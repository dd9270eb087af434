package disclosure

import (
	"encoding/json"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

// Every statement of this package. States are literals where an index or a condition needs them; see State.
const (
	recipientColumns = `r.id, r.kind, r.name_kk, r.name_ru, r.bin, r.email, r.age_key, r.made_by, r.made_at, r.ended_by, r.ended_at`
	nextRecipient    = `INSERT INTO recipient (id, kind, name_kk, name_ru, bin, email, age_key, made_by, made_at, ended_by, ended_at)
		SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, 0, 0 FROM recipient RETURNING id`
	endRecipient     = `UPDATE recipient SET ended_by = $1, ended_at = $2 WHERE id = $3 AND ended_at = 0`
	selectRecipients = `SELECT id, kind, name_kk, name_ru, bin, email, age_key, made_by, made_at, ended_by, ended_at FROM recipient ORDER BY id DESC`

	columns = `d.id, d.purpose, d.act, d.article, d.letter_number, d.letter_date, d.letter_type, d.letter_size, d.letter_sha256,
		d.choice, d.fields, d.keep_days, d.silent, d.unknown, d.state, d.made_by, d.made_at, d.sent_at, d.decided_by, d.decided_at, d.reason,
		d.looked, d.look_total, d.unseen_blocked, d.unseen_consent, d.unseen_other, d.parts, d.parts_done, d.ready_at, d.expires_at, d.fetched_at,
		d.ended_at, d.told_at, d.letter_by, d.sent_by, ` + recipientColumns
	selectDisclosure  = `SELECT ` + columns + ` FROM disclosure d JOIN recipient r ON r.id = d.recipient WHERE d.id = $1`
	selectDisclosures = `SELECT ` + columns + ` FROM disclosure d JOIN recipient r ON r.id = d.recipient WHERE d.id < $1 ORDER BY d.id DESC LIMIT $2`
	selectByToken     = `SELECT ` + columns + ` FROM disclosure d JOIN recipient r ON r.id = d.recipient WHERE d.token = $1`
	selectExpired     = `SELECT ` + columns + ` FROM disclosure d JOIN recipient r ON r.id = d.recipient WHERE d.state = $1 AND d.expires_at <= $2 LIMIT $3`
	insertDisclosure  = `INSERT INTO disclosure (id, recipient, purpose, act, article, letter_number, letter_date, letter_type, letter_size,
		letter_sha256, choice, fields, keep_days, silent, unknown, state, made_by, made_at, sent_at, decided_by, decided_at, reason, looked, looked_to,
		look_total, unseen_blocked, unseen_consent, unseen_other, chosen, parts, parts_done, ready_at, expires_at, token, fetched_at, ended_at, told_to,
		told_at)
		SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, '', 0, '', $7, $8, $9, $10, 0, 1, $11, $12, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, NULL, 0, 0, 0, 0 FROM disclosure RETURNING id`
	insertTicket = `INSERT INTO disclosure_ticket (disclosure, ticket) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	selectTicket = `SELECT ticket FROM disclosure_ticket WHERE disclosure = $1 ORDER BY ticket LIMIT $2`
	deleteTicket = `DELETE FROM disclosure_ticket WHERE disclosure = $1 AND ticket = $2`
	dropTickets  = `DELETE FROM disclosure_ticket WHERE disclosure = $1`
	setLetter    = `UPDATE disclosure SET letter_type = $1, letter_size = $2, letter_sha256 = $3, letter_by = $4 WHERE id = $5 AND state = $6`
	dropLetter   = `DELETE FROM disclosure_letter WHERE disclosure = $1`
	insertLetter = `INSERT INTO disclosure_letter (disclosure, n, body) VALUES ($1, $2, $3)`
	selectLetter = `SELECT body FROM disclosure_letter WHERE disclosure = $1 AND n = $2`

	setWaiting   = `UPDATE disclosure SET state = 2, sent_at = $1, sent_by = $2 WHERE id = $3 AND state = $4`
	setApproved  = `UPDATE disclosure SET state = 4, decided_by = $1, decided_at = $2, look_total = $3 WHERE id = $4 AND state = $5`
	setRefused   = `UPDATE disclosure SET state = 3, decided_by = $1, decided_at = $2, reason = $3 WHERE id = $4 AND state = $5`
	setWithdrawn = `UPDATE disclosure SET state = 9, ended_at = $1, reason = $2, token = NULL WHERE id = $3 AND state = $4`
	setEmpty     = `UPDATE disclosure SET state = 10, ended_at = $1 WHERE id = $2 AND state = $3`
	setPacking   = `UPDATE disclosure SET state = 5, parts = $1, parts_done = $2, token = NULL WHERE id = $3 AND state = $4`
	// A package that is made anew has the term of the first: nothing is kept longer for it.
	setReady = `UPDATE disclosure SET state = 6, parts_done = $1, ready_at = $2, expires_at = CASE WHEN expires_at = 0 THEN $3 ELSE expires_at END
		WHERE id = $4 AND state = $5`
	setToken   = `UPDATE disclosure SET token = $1 WHERE id = $2 AND state = $3`
	setFetched = `UPDATE disclosure SET state = 7, fetched_at = CASE WHEN fetched_at = 0 THEN $1 ELSE fetched_at END, token = NULL
		WHERE token = $2 AND id = $3 AND state = $4`
	setExpired = `UPDATE disclosure SET state = 8, ended_at = $1, token = NULL WHERE id = $2 AND state = $3`

	selectLooked = `SELECT looked_to, chosen FROM disclosure WHERE id = $1`
	addLooked    = `UPDATE disclosure SET looked = looked + $1, looked_to = $2, unknown = unknown + $3, unseen_blocked = unseen_blocked + $4,
		unseen_consent = unseen_consent + $5, unseen_other = unseen_other + $6, chosen = $7 WHERE id = $8 AND state = 4 AND looked_to = $9 AND chosen = $10`
	addPart = `UPDATE disclosure SET parts_done = parts_done + 1 WHERE id = $1 AND state = $2`

	insertSubject = `INSERT INTO disclosure_subject (disclosure, subject, part, outcome, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	selectPart    = `SELECT subject, outcome FROM disclosure_subject WHERE disclosure = $1 AND part = $2 ORDER BY subject`
	// An erasure that came in between stays: see forget.
	setOutcomes   = `UPDATE disclosure_subject SET outcome = $1, at = $2 WHERE disclosure = $3 AND outcome <> 3 AND subject `
	setErased     = `UPDATE disclosure_subject SET outcome = 3 WHERE disclosure = $1 AND subject = $2`
	countOutcomes = `SELECT outcome, count(*) FROM disclosure_subject WHERE disclosure = $1 GROUP BY outcome`
	countIncluded = `SELECT count(*) FROM disclosure_subject WHERE disclosure = $1 AND outcome = 1`
	selectOf      = `SELECT s.disclosure, s.part, d.state FROM disclosure_subject s JOIN disclosure d ON d.id = s.disclosure WHERE s.subject = $1`
	selectTelling = `SELECT subject, outcome FROM disclosure_subject WHERE disclosure = $1 AND subject > $2 ORDER BY subject LIMIT $3`

	insertPart  = `INSERT INTO disclosure_part (disclosure, part, people, sha256, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	selectParts = `SELECT part, people, sha256, length(body) FROM disclosure_part WHERE disclosure = $1 ORDER BY part`
	selectBody  = `SELECT body FROM disclosure_part WHERE disclosure = $1 AND part = $2`
	deletePart  = `DELETE FROM disclosure_part WHERE disclosure = $1 AND part = $2`
	dropParts   = `DELETE FROM disclosure_part WHERE disclosure = $1`

	selectTold = `SELECT told_to, told_at FROM disclosure WHERE id = $1`
	setTold    = `UPDATE disclosure SET told_to = $1, told_at = $2 WHERE id = $3 AND told_to = $4`

	releaseColumns = `id, made_by, made_at, looked, looked_to, look_total, work, done_at, body`
	insertRelease  = `INSERT INTO statistics_release (id, made_by, made_at, looked, looked_to, look_total, work, done_at, body)
		SELECT coalesce(max(id), 0) + 1, $1, $2, 0, 0, $3, '', 0, '' FROM statistics_release RETURNING id`
	openRelease    = `SELECT id FROM statistics_release WHERE done_at = 0 LIMIT 1`
	selectRelease  = `SELECT ` + releaseColumns + ` FROM statistics_release WHERE id = $1`
	selectReleases = `SELECT ` + releaseColumns + ` FROM statistics_release ORDER BY id DESC LIMIT $1`
	moveRelease    = `UPDATE statistics_release SET looked = $1, looked_to = $2, work = $3 WHERE id = $4 AND done_at = 0 AND looked_to = $5`
	endRelease     = `UPDATE statistics_release SET work = '', done_at = $1, body = $2 WHERE id = $3 AND done_at = 0`
	selectBases    = `SELECT block, counts FROM statistics_base`
	upsertBase     = `INSERT INTO statistics_base (block, counts) VALUES ($1, $2) ON CONFLICT (block) DO UPDATE SET counts = excluded.counts`
)

func scanDisclosure(scan func(...any) error) (*Disclosure, error) {
	d := &Disclosure{Unseen: map[Outcome]int64{}}
	r := &d.Recipient
	var choice string
	var fields, made, sent, decided, ready, expires, fetched, ended, told, rMade, rEnded int64
	var blocked, consent, other int64
	err := scan(&d.ID, &d.Purpose, &d.Act, &d.Article, &d.LetterNumber, &d.LetterDate, &d.Letter.Type, &d.Letter.Size, &d.Letter.SHA256,
		&choice, &fields, &d.KeepDays, &d.Silent, &d.Unknown, &d.State, &d.MadeBy, &made, &sent, &d.DecidedBy, &decided, &d.Reason,
		&d.Looked, &d.LookTotal, &blocked, &consent, &other, &d.Parts, &d.Done, &ready, &expires, &fetched, &ended, &told, &d.LetterBy, &d.SentBy,
		&r.ID, &r.Kind, &r.NameKK, &r.NameRU, &r.BIN, &r.Email, &r.Key, &r.MadeBy, &rMade, &r.EndedBy, &rEnded)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(choice), &d.Choice); err != nil {
		return nil, errs.Wrap(errs.Internal, "error.internal", err)
	}
	d.Fields = fieldsOf(fields)
	d.Unseen[LeftBlocked], d.Unseen[LeftConsent], d.Unseen[LeftOther] = blocked, consent, other
	d.MadeAt, d.SentAt, d.DecidedAt, d.ReadyAt, d.ExpiresAt = db.Time(made), db.Time(sent), db.Time(decided), db.Time(ready), db.Time(expires)
	d.FetchedAt, d.EndedAt, d.ToldAt, r.MadeAt, r.EndedAt = db.Time(fetched), db.Time(ended), db.Time(told), db.Time(rMade), db.Time(rEnded)
	return d, nil
}
