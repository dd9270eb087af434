package consent

// There is no statement here that changes or removes a row, and a test holds that.
const (
	insertConsent = `INSERT INTO consent (subject, n, edition, hash, lang, channel, act, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	selectCount   = `SELECT coalesce(max(n), 0) FROM consent WHERE subject = $1`
	selectAll     = `SELECT edition, hash, lang, channel, act, at FROM consent WHERE subject = $1 ORDER BY n DESC`
	selectLast    = `SELECT edition, hash, lang, channel, act, at FROM consent WHERE subject = $1 ORDER BY n DESC LIMIT 1`
)
