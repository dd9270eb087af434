package console

import "ustaz/internal/web"

// Addresses of the rights desk.
const (
	PathCases = "/{lang}/console/cases"
	PathCase  = "/{lang}/console/cases/{number}"
)

// CasePage is the address of a case's page for the officer, for desk.Config.
func CasePage(lang, number string) string { return web.Path(lang, PathCase, "number", number) }
