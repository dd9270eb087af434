// Package site holds the pages for visitors and teachers. Public pages say what the site is, give the policy with all its
// editions, the courses, and who runs the site; they need no cookie and no script (1.1.5, 3.3.1) and show no personal value.
package site

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/media"
	"ustaz/internal/scorm"
	"ustaz/internal/study"
	"ustaz/internal/suggest"
	"ustaz/internal/task"
	"ustaz/internal/web"
	"ustaz/internal/web/play"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets/site.css
var styleSheet []byte

// Deps is what the pages stand on.
type Deps struct {
	DB       *db.DB
	Editions *edition.Store
	Public   *url.URL // the address under which people know the site

	// Letters gives the newest letters of a demonstration, newest first. It is nil on a site that serves people: there
	// is no mailbox on it then.
	Letters func(ctx context.Context, limit int) ([]Letter, error)
	Study   *study.Service   // nil: nobody takes part in courses
	Exams   *exam.Service    // beside Study
	Enrol   *enrol.Service   // beside Study; nil: whoever likes begins
	Suggest *suggest.Service // beside Enrol; nil: nobody is suggested courses
	Tasks   *task.Service    // beside Study
	Media   *media.Store     // nil: courses have no files
	Scorm   *scorm.Service   // beside Study
	Stage   *play.Stage      // where packages are played; nil: courses have none
}

// Letter is a letter of the demonstration, which is to invented people.
type Letter struct {
	To, Subject string
	At          time.Time
	Text        string
	Lang        string // kk, ru or en; empty if it is not known
}

// Addresses of the public pages, beside those of package web.
const (
	PathCourses    = "/{lang}/courses"
	PathClause     = "/{lang}/policy/{number}"
	PathRules      = "/{lang}/policy/rules"
	PathPrint      = "/{lang}/policy/print"
	PathText       = "/{lang}/policy.txt"
	PathEditions   = "/{lang}/policy/editions"
	PathEdition    = web.PathEdition
	PathChanges    = "/{lang}/policy/editions/{seq}/changes"
	PathOldRules   = "/{lang}/policy/editions/{seq}/rules"
	PathOldPrint   = "/{lang}/policy/editions/{seq}/print"
	PathOldText    = "/{lang}/policy/editions/{seq}/policy.txt"
	PathMailbox    = "/{lang}/demo/mail"
	pathStableRule = "/policy/{number}"
)

// Menu is the public part of the header's menu.
func Menu() []web.MenuItem {
	return []web.MenuItem{
		{Key: "site.menu.courses", Pattern: PathCourses, Access: web.Public()},
		{Key: "site.menu.policy", Pattern: web.PathPolicy, Access: web.Public()},
		{Key: "site.menu.contact", Pattern: web.PathContact, Access: web.Public()},
	}
}

// templates are all pages of the package.
func templates() *web.Set { return web.NewSet(pageFiles, "pages/*.html") }

// style is the address of the package's style sheet, which changes with its content, and the route that serves it.
func style() (string, web.Route) {
	sum := sha256.Sum256(styleSheet)
	at := "/assets/site." + hex.EncodeToString(sum[:6]) + ".css"
	return at, get(at, func(w http.ResponseWriter, _ *web.Request) error {
		h := w.Header()
		h.Set("Content-Type", "text/css; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Del("Vary")
		if _, err := w.Write(styleSheet); err != nil {
			return errs.Wrap(errs.Gone, "error.internal", err) // the reader left
		}
		return nil
	})
}

// get is a route that everybody may read.
func get(pattern string, handle web.Handler) web.Route {
	return web.Route{Method: http.MethodGet, Pattern: pattern, Access: web.Public(), Handle: handle}
}
