package clocks

// Every statement of this package.
const (
	selectTerms = `SELECT code, n, unit, basis, edition, changed_at, changed_by FROM clock_term`
	upsertTerm  = `INSERT INTO clock_term (code, n, unit, basis, edition, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (code) DO UPDATE SET n = $2, unit = $3, basis = $4, edition = $5, changed_at = $6, changed_by = $7`
	deleteTerm = `DELETE FROM clock_term WHERE code = $1`

	selectDays = `SELECT day, kind, changed_at, changed_by FROM clock_day ORDER BY day`
	upsertDay  = `INSERT INTO clock_day (day, kind, changed_at, changed_by) VALUES ($1, $2, $3, $4)
		ON CONFLICT (day) DO UPDATE SET kind = $2, changed_at = $3, changed_by = $4`
	deleteDay = `DELETE FROM clock_day WHERE day = $1`
)
