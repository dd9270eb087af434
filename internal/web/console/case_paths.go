package console

import "ustaz/internal/web"

// Addresses of the rights desk.
const (
	PathCases  = "/{lang}/console/cases"
	PathMonth  = "/{lang}/console/cases/month"
	PathClosed = "/{lang}/console/cases/closed"

	PathOnPaper     = "/{lang}/console/cases/paper" // what came on paper: who is it from?
	PathPaperFind   = "/{lang}/console/cases/paper/find"
	PathPaperPerson = "/{lang}/console/person/{subject}/paper"
	PathPaperOrder  = "/{lang}/console/person/{subject}/order"

	PathCase         = "/{lang}/console/cases/{number}"
	PathCaseWrite    = "/{lang}/console/cases/{number}/write"
	PathCaseCheck    = "/{lang}/console/cases/{number}/check"
	PathCaseAttach   = "/{lang}/console/cases/{number}/files"
	PathCaseFile     = "/{lang}/console/cases/{number}/files/{file}"
	PathCaseCorrect  = "/{lang}/console/cases/{number}/correct"
	PathCaseProof    = "/{lang}/console/cases/{number}/proof"
	PathCaseAnswer   = "/{lang}/console/cases/{number}/answer"
	PathCaseDestroy  = "/{lang}/console/cases/{number}/destroy"
	PathCaseReceipt  = "/{lang}/console/cases/{number}/receipt.pdf"
	PathCaseDocument = "/{lang}/console/cases/{number}/answer.pdf"
	PathCaseExport   = "/{lang}/console/cases/{number}/export"
	PathCasePlaces   = "/{lang}/console/places.json" // suggestions for a place to be corrected

	PathErasures = "/{lang}/console/erasures"
)

// Addresses of the tables of terms and days.
const (
	PathClocks    = "/{lang}/console/clocks"
	PathDays      = "/{lang}/console/clocks/days"
	PathDayRemove = "/{lang}/console/clocks/days/{day}/remove"
	PathTerm      = "/{lang}/console/clocks/{code}"
	PathTermReset = "/{lang}/console/clocks/{code}/reset"
)

// CasePage is the address of a case's page for the officer, for desk.Config.
func CasePage(lang, number string) string { return web.Path(lang, PathCase, "number", number) }
