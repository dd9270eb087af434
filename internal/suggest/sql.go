package suggest

// Every statement of this package.
const (
	table = "suggestion"

	selectRow = "SELECT off, made_at, basis, list, hidden FROM suggestion WHERE subject = $1"

	keep = `INSERT INTO suggestion (subject, off, made_at, basis, list, hidden) VALUES ($1, 0, $2, $3, $4, $5)
		ON CONFLICT (subject) DO UPDATE SET made_at = excluded.made_at, basis = excluded.basis, list = excluded.list`

	hide = `INSERT INTO suggestion (subject, off, made_at, basis, list, hidden) VALUES ($1, 0, 0, '', $2, $3)
		ON CONFLICT (subject) DO UPDATE SET hidden = excluded.hidden`

	turn = `INSERT INTO suggestion (subject, off, made_at, basis, list, hidden) VALUES ($1, $2, 0, '', $3, $3)
		ON CONFLICT (subject) DO UPDATE SET off = excluded.off, made_at = 0, basis = '', list = excluded.list`

	lapse = "UPDATE suggestion SET made_at = 0 WHERE subject = $1"

	forget = "DELETE FROM suggestion WHERE subject = $1"
)
