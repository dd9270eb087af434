package retention

// Every statement of this package.
const (
	selectRules = `SELECT category, months, basis, changed_at, changed_by FROM retention`
	upsertRule  = `INSERT INTO retention (category, months, basis, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (category) DO UPDATE SET months = $2, basis = $3, changed_at = $4, changed_by = $5`

	countErased = `INSERT INTO retention_act (id, category, months, at, people) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (id) DO UPDATE SET people = retention_act.people + 1`
	selectActs = `SELECT id, category, months, at, people FROM retention_act ORDER BY at DESC, id DESC LIMIT $1`

	insertCarrier  = `INSERT INTO carrier (id, what, place, sheets, made_at, made_by, ended_at, ended_how) VALUES ($1, $2, $3, $4, $5, $6, 0, '')`
	endCarrier     = `UPDATE carrier SET ended_at = $1, ended_how = $2 WHERE id = $3 AND ended_at = 0`
	selectCarriers = `SELECT id, what, place, sheets, made_at, made_by, ended_at, ended_how FROM carrier ORDER BY id DESC LIMIT 2000`
)
