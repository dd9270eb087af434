package site

import (
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// Addresses of cases: those of who is signed in, and those that a letter's link opens to who has no account.
const (
	PathCases    = "/{lang}/my/cases"
	PathCase     = "/{lang}/my/cases/{number}"
	PathCaseLink = "/{lang}/case/{token}"
)

// CasePage is the address of a case's page for who has an account, for desk.Config.
func CasePage(lang, number string) string { return web.Path(lang, PathCase, "number", number) }

// CaseLink is the address of a case's page that a letter's link opens, for desk.Config.
func CaseLink(lang string, token secret.Text) string {
	return web.Path(lang, PathCaseLink, "token", token.Reveal())
}
