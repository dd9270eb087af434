package site

import (
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// Addresses of cases: those of who is signed in, and those that a letter's link opens to who has no account. What belongs to a case stands
// under either of the two; see caseParts.
const (
	PathCases    = "/{lang}/my/cases"
	PathCase     = "/{lang}/my/cases/{number}"
	PathCaseLink = "/{lang}/case/{token}"
)

// What belongs to a case, under its address.
const (
	partReply   = "/reply"
	partRetract = "/take-back"
	partFile    = "/files/{file}"
	partReceipt = "/receipt.pdf"
	partAnswer  = "/answer.pdf"
)

// Addresses where cases begin: of who is signed in, and of anybody.
const (
	PathBlock          = "/{lang}/my/block"           // 6.2.4
	PathRequests       = "/{lang}/my/request"         // what can be asked for
	PathRequest        = "/{lang}/my/request/{kind}"  // one of desk.Kinds
	PathDeletion       = "/{lang}/my/deletion"        // 5.1
	PathWithdrawal     = "/{lang}/my/withdrawal"      // 2.2
	PathClaim          = "/{lang}/claim"              // 8.1
	PathQuestion       = "/{lang}/question"           // 9.3
	PathRepresentative = "/{lang}/representative"     // 6.2.4
	PathFiled          = "/{lang}/filed"              // what comes next
	PathCertificates   = "/{lang}/certificate"        // asks for the code
	PathCertificate    = "/{lang}/certificate/{code}" // of an erasure
	pathErasureProof   = PathCertificate + "/proof.txt"
	pathErasurePaper   = PathCertificate + "/certificate.pdf"
)

// CasePage is the address of a case's page for who has an account, for desk.Config.
func CasePage(lang, number string) string { return web.Path(lang, PathCase, "number", number) }

// CaseLink is the address of a case's page that a letter's link opens, for desk.Config.
func CaseLink(lang string, token secret.Text) string {
	return web.Path(lang, PathCaseLink, "token", token.Reveal())
}
