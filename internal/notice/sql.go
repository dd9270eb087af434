package notice

// Every statement of this package.
const (
	table = "notice"

	columns = "id, subject, kind, at, read_at, dropped_at, mail, mail_at, claimed, sealed"

	insert = `INSERT INTO notice (id, subject, kind, at, read_at, dropped_at, mail, mail_at, claimed, sealed) VALUES ($1, $2, $3, $4, 0, 0, $5, $6, 0, $7)
		ON CONFLICT (id) DO NOTHING`

	selectKnown = "SELECT 1 FROM notice WHERE id = $1"
	selectPage  = "SELECT " + columns + " FROM notice WHERE subject = $1 AND dropped_at = 0 ORDER BY at DESC, id DESC LIMIT $2 OFFSET $3"
	selectMine  = "SELECT " + columns + " FROM notice WHERE subject = $1 ORDER BY at, id"
	selectOne   = "SELECT " + columns + " FROM notice WHERE id = $1 AND subject = $2"
	countMine   = "SELECT count(*) FROM notice WHERE subject = $1 AND dropped_at = 0"
	countUnread = "SELECT count(*) FROM notice WHERE subject = $1 AND read_at = 0 AND dropped_at = 0"

	setRead    = "UPDATE notice SET read_at = $1 WHERE id = $2 AND subject = $3 AND read_at = 0"
	setAllRead = "UPDATE notice SET read_at = $1 WHERE subject = $2 AND read_at = 0 AND dropped_at = 0"
	setDropped = "UPDATE notice SET dropped_at = $1 WHERE id = $2 AND subject = $3"

	selectDue = "SELECT " + columns + " FROM notice WHERE subject = $1 AND mail = $2 AND mail_at > 0 ORDER BY at, id LIMIT $3"
	setClaim  = "UPDATE notice SET claimed = $1 WHERE id = $2 AND mail_at > 0 AND claimed <= $3"
	setMail   = "UPDATE notice SET mail = $1, mail_at = $2, claimed = 0 WHERE id = $3 AND mail_at > 0"
	setMailed = "UPDATE notice SET mail_at = 0, claimed = 0 WHERE id = $1"
	unclaim   = "UPDATE notice SET claimed = 0 WHERE id = $1"

	selectOld = "SELECT id FROM notice WHERE read_at > 0 AND read_at <= $1 ORDER BY read_at LIMIT $2"
	selectOut = "SELECT id FROM notice WHERE dropped_at > 0 AND dropped_at <= $1 ORDER BY dropped_at LIMIT $2"
	remove    = "DELETE FROM notice WHERE id = $1"

	selectChoices = "SELECT kind, mail FROM notice_choice WHERE subject = $1"
	setChoice     = "INSERT INTO notice_choice (subject, kind, mail) VALUES ($1, $2, $3) ON CONFLICT (subject, kind) DO UPDATE SET mail = $3"
	selectHours   = "SELECT digest, quiet_from, quiet_until FROM notice_hours WHERE subject = $1"
	setHours      = `INSERT INTO notice_hours (subject, digest, quiet_from, quiet_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (subject) DO UPDATE SET digest = $2, quiet_from = $3, quiet_until = $4`

	forget        = "DELETE FROM notice WHERE subject = $1"
	forgetChoices = "DELETE FROM notice_choice WHERE subject = $1"
	forgetHours   = "DELETE FROM notice_hours WHERE subject = $1"
)
