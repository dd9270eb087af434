package site

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// publicPages are the pages that everybody may read.
type publicPages struct {
	Deps
	shelf    *learning.Shelf
	numbered []string // the numbers that our notes to the clauses are about

	matrices memo[string, []policy.Row] // by hash
	changes  memo[[2]string, []policy.RuleChange]

	home     *web.View[homePage]
	document *web.View[policyPage]
	clause   *web.View[clausePage]
	paper    *web.View[printPage]
	rules    *web.View[rulesPage]
	editions *web.View[editionsPage]
	changed  *web.View[changesPage]
	contact  *web.View[contactPage]
	courses  *web.View[coursesPage]
	course   *web.View[coursePage]
	lesson   *web.View[lessonPage]
	mailbox  *web.View[mailboxPage]

	suggested *web.View[forYouPart]
}

// Public makes the routes that need no sign-in.
func Public(d Deps) ([]web.Route, error) {
	s, sheet, err := newPublic(d)
	if err != nil {
		return nil, err
	}
	routes := []web.Route{
		sheet,
		get(web.PathHome, s.showHome),
		get(web.PathPolicy, s.inForce(s.showPolicy)),
		get(PathClause, s.inForce(s.showClause)),
		get(PathRules, s.inForce(s.showRules)),
		get(PathPrint, s.inForce(s.showPrint)),
		get(PathText, s.inForce(s.showText)),
		get(PathEditions, s.showEditions),
		get(PathEdition, s.bySeq(s.showPolicy)),
		get(PathChanges, s.bySeq(s.showChanges)),
		get(PathOldRules, s.bySeq(s.showRules)),
		get(PathOldPrint, s.bySeq(s.showPrint)),
		get(PathOldText, s.bySeq(s.showText)),
		get(pathStableRule, s.inForce(s.leadToClause)),
		get(web.PathContact, s.showContact),
		get(PathCourses, s.showCourses),
		get(web.PathCourse, s.showCourse),
		get(PathLesson, s.showLesson),
		get("/robots.txt", showRobots),
		get(pathSecurityTxt, s.showSecurity),
	}
	if d.Media != nil {
		routes = append(routes, get(web.PathMedia, s.showMedia))
	}
	if d.Letters != nil {
		routes = append(routes, get(PathMailbox, s.showMailbox))
	}
	return routes, nil
}

// newPublic makes the pages ready, and the route of their style sheet.
func newPublic(d Deps) (*publicPages, web.Route, error) {
	known, err := policy.Default()
	if err != nil {
		return nil, web.Route{}, err
	}
	at, sheet := style()
	set := templates()
	set.Sheet(at)
	s := &publicPages{
		Deps: d, numbered: known.Doc("").Numbers(),
		home:     web.AddView[homePage](set, "home.html"),
		document: web.AddView[policyPage](set, "policy.html"),
		clause:   web.AddView[clausePage](set, "clause.html"),
		paper:    web.AddView[printPage](set, "print.html"),
		rules:    web.AddView[rulesPage](set, "rules.html"),
		editions: web.AddView[editionsPage](set, "editions.html"),
		changed:  web.AddView[changesPage](set, "changes.html"),
		contact:  web.AddView[contactPage](set, "contact.html"),
		courses:  web.AddView[coursesPage](set, "courses.html"),
		course:   web.AddView[coursePage](set, "course.html"),
		lesson:   web.AddView[lessonPage](set, "lesson.html"),
		mailbox:  web.AddView[mailboxPage](set, "mailbox.html"),

		suggested: web.AddView[forYouPart](set, "foryou.html"),
	}
	if s.shelf = learning.NewShelf(d.DB); d.Study != nil {
		s.shelf = d.Study.Shelf()
	}
	return s, sheet, set.Err()
}

// ofEdition answers with an edition of the policy.
type ofEdition func(w http.ResponseWriter, r *web.Request, e *shown) error

// inForce answers with the edition that rules now.
func (s *publicPages) inForce(handle ofEdition) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		p, err := s.Editions.InForce(r.Now)
		if err != nil {
			return err
		}
		all, err := s.Editions.All()
		if err != nil {
			return err
		}
		return handle(w, r, newShown(r, p, all, ""))
	}
}

// bySeq answers with the edition that the address names.
func (s *publicPages) bySeq(handle ofEdition) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		all, err := s.Editions.All()
		if err != nil {
			return err
		}
		asked := r.PathValue("seq")
		i := slices.IndexFunc(all, func(p *edition.Published) bool { return fmt.Sprint(p.Seq) == asked })
		if i < 0 {
			return errs.New(errs.NotFound, "edition.unknown")
		}
		return handle(w, r, newShown(r, all[i], all, asked))
	}
}

// showRobots asks search engines to leave alone what is not for them. Nothing is hidden by it.
func showRobots(w http.ResponseWriter, r *web.Request) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, code := range i18n.Codes() {
		for _, pattern := range []string{web.PathMy, web.PathConsole, web.PathConsent, PathMailbox} {
			b.WriteString("Disallow: " + web.Path(code, pattern) + "\n")
		}
	}
	return r.Text(w, b.String())
}

const pathSecurityTxt = "/.well-known/security.txt"

// securityLife is how long a copy of security.txt may be believed; RFC 9116 advises less than a year.
const securityLife = 180 * 24 * time.Hour

// showSecurity tells finders of holes whom to write to (RFC 9116).
func (s *publicPages) showSecurity(w http.ResponseWriter, r *web.Request) error {
	address := r.Operator().Email
	if address == "" {
		return errs.New(errs.NotFound, "error.notfound")
	}
	return r.Text(w, "Contact: mailto:"+url.PathEscape(address)+
		"\nExpires: "+r.Now.UTC().Add(securityLife).Truncate(24*time.Hour).Format(time.RFC3339)+
		"\nPreferred-Languages: "+strings.Join(i18n.Codes(), ", ")+
		"\nCanonical: "+s.Public.JoinPath(pathSecurityTxt).String()+"\n")
}
