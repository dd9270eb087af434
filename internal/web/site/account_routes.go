package site

import (
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"ustaz/internal/account"
	"ustaz/internal/certificate"
	"ustaz/internal/clocks"
	"ustaz/internal/consent"
	"ustaz/internal/desk"
	"ustaz/internal/disclosure"
	"ustaz/internal/edition"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/media"
	"ustaz/internal/notice"
	"ustaz/internal/permission"
	"ustaz/internal/profile"
	"ustaz/internal/publication"
	"ustaz/internal/rights"
	"ustaz/internal/scorm"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/study"
	"ustaz/internal/suggest"
	"ustaz/internal/system"
	"ustaz/internal/task"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
)

// AccountDeps is what the pages of registration, sign-in and a person's own data stand on.
type AccountDeps struct {
	Public      *url.URL // the address under which people know the site
	Accounts    *account.Accounts
	Consents    *consent.Consents
	Editions    *edition.Store
	Profiles    *profile.Service
	Places      *profile.Places
	Rights      *rights.Service
	Staff       *staff.Staff
	Systems     *system.Registry
	Ledger      *ledger.Ledger
	Disclosures *disclosure.Service
	Cases       *desk.Service
	Pages       *publication.Service
	Permits     *permission.Service
	Clocks      *clocks.Clocks
	Limiter     *limit.Limiter
	Study       *study.Service
	Exams       *exam.Service
	Enrol       *enrol.Service
	Scorm       *scorm.Service
	Suggest     *suggest.Service
	Tasks       *task.Service
	Media       *media.Store // nil: courses have no files

	Certificates *certificate.Service
	Notices      *notice.Service
	Tickets      *ticket.Service
}

// Addresses of a person's own pages, beside those of package web.
const (
	PathRegisterSent     = "/{lang}/register/sent"
	PathRegisterDeclined = "/{lang}/register/declined"
	PathConfirm          = "/{lang}/confirm/{token}"
	PathSignInCheck      = "/{lang}/sign-in/check"
	PathForgotten        = "/{lang}/password/forgotten"
	PathForgottenSent    = "/{lang}/password/sent"
	PathNewPassword      = "/{lang}/password/new/{token}"
	PathNewEmail         = "/{lang}/email/{token}"
	PathInvite           = "/{lang}/invite/{token}"
	PathAgain            = "/{lang}/again" // to show once more who one is
	PathPlaces           = "/{lang}/places.json"
	PathProfile          = "/{lang}/my/profile"
	PathProfileConfirm   = "/{lang}/my/profile/confirm"
	PathData             = "/{lang}/my/data"
	PathDataJSON         = "/{lang}/my/data.json"
	PathDataZIP          = "/{lang}/my/data.zip" // the same, signed
	PathDataPrint        = "/{lang}/my/data/print"
	PathEarlier          = "/{lang}/my/data/earlier"
	PathForget           = "/{lang}/my/data/earlier/{field}" // to have the earlier values of a field destroyed
	PathProof            = "/{lang}/my/data/proof/{index}"   // with .txt after the number: the file
	PathSecurity         = "/{lang}/my/security"
	PathEndSession       = "/{lang}/my/security/end"
	PathEndOthers        = "/{lang}/my/security/end-others"
	PathPassword         = "/{lang}/my/security/password"
	PathEmail            = "/{lang}/my/security/email"
	PathFactor           = "/{lang}/my/security/factor"
	PathFactorBegin      = "/{lang}/my/security/factor/begin"
	PathFactorRemove     = "/{lang}/my/security/factor/remove"
	PathCodes            = "/{lang}/my/security/codes"
	pathLogKey           = "/log/key"
	pathCheckpoint       = "/log/checkpoint"
)

// LetterPath is the address of the page that a link of a letter opens, for account.Config.Link.
func LetterPath(kind account.LinkKind, lang string, token secret.Text) string {
	pattern := map[account.LinkKind]string{account.ConfirmLink: PathConfirm, account.RecoverLink: PathNewPassword, account.NewEmailLink: PathNewEmail}[kind]
	return web.Path(lang, pattern, "token", token.Reveal())
}

//go:embed own/*.html
var ownFiles embed.FS

// accountPages are the pages of registration, sign-in and a person's own data.
type accountPages struct {
	AccountDeps
	form     *web.View[formPage]
	message  *web.View[messagePage]
	register *web.View[registerPage]
	consent  *web.View[consentPage]
	my       *web.View[myPage]
	security *web.View[securityPage]
	factor   *web.View[factorPage]
	codes    *web.View[codesPage]
	cases    *web.View[casesPage]
	requests *web.View[requestsPage]
	filing   *web.View[filingPage]
	end      *web.View[endingPage]
	oneCase  *web.View[casePage]
	erasure  *web.View[certificatePage]
	profile  *web.View[profilePage]
	data     *web.View[dataPage]
	earlier  *web.View[earlierPage]
	forget   *web.View[forgetPage]
	courses  *web.View[myCoursesPage]
	forYou   *web.View[forYouPage]
	question *web.View[questionPage]
	handing  *web.View[handInPage]
	result   *web.View[attemptPage]
	task     *web.View[taskPage]
	taskDone *web.View[taskResultPage]
	proof    *web.View[proofPage]
	paper    *web.View[paperPage]

	public      *web.View[publicPage]
	publication *web.View[publicationPage]
	preview     *web.View[previewPage]
	permits     *web.View[permissionsPage]
	permit      *web.View[permissionPage]

	awards  *web.View[awardsPage]
	award   *web.View[awardPage]
	help    *web.View[helpPage]
	ticket  *web.View[ticketPage]
	tickets *web.View[ticketsPage]
	show    *web.View[showNamePage]
	check   *web.View[checkPage]

	inbox  *web.View[inboxPage]
	noting *web.View[notingPage]
	stop   *web.View[stopPage]
}

// Account makes the routes of registration, sign-in and a person's own pages.
func Account(d AccountDeps) ([]web.Route, error) {
	a, _, err := newAccount(d)
	if err != nil {
		return nil, err
	}
	open, known, agreed := web.Public(), web.SignedIn(), web.Consented()
	routes := []web.Route{
		{Method: http.MethodGet, Pattern: PathPackage, Access: open, Handle: a.showPackage},
		{Method: http.MethodPost, Pattern: PathPackage, Access: open, Handle: a.sendPackage},
		{Method: http.MethodGet, Pattern: web.PathRegister, Access: open, Handle: a.showRegister},
		{Method: http.MethodPost, Pattern: web.PathRegister, Access: open, Handle: a.doRegister},
		{Method: http.MethodGet, Pattern: PathRegisterSent, Access: open, Handle: a.showRegisterSent},
		{Method: http.MethodGet, Pattern: PathRegisterDeclined, Access: open, Handle: a.showDeclined},
		{Method: http.MethodGet, Pattern: PathConfirm, Access: open, Handle: a.showConfirm},
		{Method: http.MethodPost, Pattern: PathConfirm, Access: open, Handle: a.doConfirm},
		{Method: http.MethodGet, Pattern: web.PathSignIn, Access: open, Handle: a.showSignIn},
		{Method: http.MethodPost, Pattern: web.PathSignIn, Access: open, Handle: a.doSignIn},
		{Method: http.MethodGet, Pattern: PathSignInCheck, Access: open, Handle: a.checkSignIn},
		{Method: http.MethodGet, Pattern: web.PathSecondFactor, Access: open, Handle: a.showCode},
		{Method: http.MethodPost, Pattern: web.PathSecondFactor, Access: open, Handle: a.doCode},
		{Method: http.MethodPost, Pattern: web.PathSignOut, Access: open, Handle: a.doSignOut},
		{Method: http.MethodGet, Pattern: PathForgotten, Access: open, Handle: a.showForgotten},
		{Method: http.MethodPost, Pattern: PathForgotten, Access: open, Handle: a.doForgotten},
		{Method: http.MethodGet, Pattern: PathForgottenSent, Access: open, Handle: a.showForgottenSent},
		{Method: http.MethodGet, Pattern: PathNewPassword, Access: open, Handle: a.showNewPassword},
		{Method: http.MethodPost, Pattern: PathNewPassword, Access: open, Handle: a.doNewPassword},
		{Method: http.MethodGet, Pattern: PathNewEmail, Access: open, Handle: a.showNewEmail},
		{Method: http.MethodPost, Pattern: PathNewEmail, Access: open, Handle: a.doNewEmail},
		{Method: http.MethodGet, Pattern: PathInvite, Access: open, Handle: a.showInvite},
		{Method: http.MethodPost, Pattern: PathInvite, Access: agreed, Handle: a.personal(a.doInvite)},

		// What remains to those who declined the edition in force (2.2).
		{Method: http.MethodGet, Pattern: web.PathConsent, Access: known, Handle: a.withSession(a.showConsent)},
		{Method: http.MethodPost, Pattern: web.PathConsent, Access: known, Handle: a.withSession(a.doConsent)},
		{Method: http.MethodGet, Pattern: PathAgain, Access: known, Handle: a.withSession(a.showAgain)},
		{Method: http.MethodPost, Pattern: PathAgain, Access: known, Handle: a.withSession(a.doAgain)},
		{Method: http.MethodGet, Pattern: PathDataJSON, Access: known, Handle: a.taking(a.sendCopy)},
		{Method: http.MethodGet, Pattern: PathDataZIP, Access: known, Handle: a.taking(a.sendSignedCopy)},
		{Method: http.MethodGet, Pattern: PathDataPrint, Access: known, Handle: a.taking(a.showPaper)},

		{Method: http.MethodGet, Pattern: web.PathMy, Access: agreed, Handle: a.personal(a.showMy)},
		{Method: http.MethodGet, Pattern: PathProfile, Access: agreed, Handle: a.personal(a.showProfile)},
		{Method: http.MethodPost, Pattern: PathProfile, Access: agreed, Handle: a.personal(a.doProfile)},
		{Method: http.MethodPost, Pattern: PathProfileConfirm, Access: agreed, Handle: a.personal(a.doProfileConfirm)},
		{Method: http.MethodGet, Pattern: PathPlaces, Access: agreed, Handle: a.findPlaces},
		{Method: http.MethodGet, Pattern: PathData, Access: agreed, Handle: a.personal(a.showData)},
		{Method: http.MethodGet, Pattern: PathEarlier, Access: agreed, Handle: a.personal(a.showEarlier)},
		{Method: http.MethodGet, Pattern: PathForget, Access: agreed, Handle: a.personal(a.showForget)},
		{Method: http.MethodPost, Pattern: PathForget, Access: agreed, Handle: a.personal(a.doForget)},
		{Method: http.MethodGet, Pattern: PathProof, Access: agreed, Handle: a.personal(a.showProof)},
		{Method: http.MethodGet, Pattern: PathSecurity, Access: agreed, Handle: a.personal(a.showSecurity)},
		{Method: http.MethodPost, Pattern: PathEndSession, Access: agreed, Handle: a.personal(a.doEndSession)},
		{Method: http.MethodPost, Pattern: PathEndOthers, Access: agreed, Handle: a.personal(a.doEndOthers)},
		{Method: http.MethodGet, Pattern: PathPassword, Access: agreed, Handle: a.personal(a.showPassword)},
		{Method: http.MethodPost, Pattern: PathPassword, Access: agreed, Handle: a.personal(a.doPassword)},
		{Method: http.MethodGet, Pattern: PathEmail, Access: agreed, Handle: a.personal(a.showEmail)},
		{Method: http.MethodPost, Pattern: PathEmail, Access: agreed, Handle: a.personal(a.doEmail)},
		{Method: http.MethodGet, Pattern: PathFactorRemove, Access: agreed, Handle: a.personal(a.showFactorRemove)},
		{Method: http.MethodPost, Pattern: PathFactorRemove, Access: agreed, Handle: a.personal(a.doFactorRemove)},
		{Method: http.MethodPost, Pattern: PathCodes, Access: agreed, Handle: a.personal(a.doCodes)},
		// Staff who have no second factor yet come this far and no further.
		{Method: http.MethodGet, Pattern: PathFactor, Access: agreed, Handle: a.withSession(a.showFactor)},
		{Method: http.MethodPost, Pattern: PathFactor, Access: agreed, Handle: a.withSession(a.doFactor)},
		{Method: http.MethodPost, Pattern: PathFactorBegin, Access: agreed, Handle: a.withSession(a.doFactorBegin)},

		// With these anybody checks a proof without us.
		{Method: http.MethodGet, Pattern: pathLogKey, Access: open, Handle: a.sendLogKey},
		{Method: http.MethodGet, Pattern: pathCheckpoint, Access: open, Handle: a.sendCheckpoint},
	}
	return slices.Concat(routes, a.caseRoutes(), a.outwardRoutes(), a.studyRoutes(), a.enrolRoutes(), a.suggestRoutes(), a.examRoutes(), a.taskRoutes(), a.scormRoutes(), a.awardRoutes(), a.inboxRoutes(), a.ticketRoutes()), nil
}

func newAccount(d AccountDeps) (*accountPages, *web.Set, error) {
	set := web.NewSet(ownFiles, "own/*.html")
	at, _ := style() // served with the public pages
	set.Sheet(at)
	a := &accountPages{
		AccountDeps: d,
		form:        web.AddView[formPage](set, "form.html"),
		message:     web.AddView[messagePage](set, "message.html"),
		register:    web.AddView[registerPage](set, "register.html"),
		consent:     web.AddView[consentPage](set, "consent.html"),
		my:          web.AddView[myPage](set, "my.html"),
		security:    web.AddView[securityPage](set, "security.html"),
		factor:      web.AddView[factorPage](set, "factor.html"),
		codes:       web.AddView[codesPage](set, "codes.html"),
		cases:       web.AddView[casesPage](set, "cases.html"),
		requests:    web.AddView[requestsPage](set, "requests.html"),
		filing:      web.AddView[filingPage](set, "filing.html"),
		end:         web.AddView[endingPage](set, "ending.html"),
		oneCase:     web.AddView[casePage](set, "case.html"),
		erasure:     web.AddView[certificatePage](set, "certificate.html"),
		profile:     web.AddView[profilePage](set, "profile.html"),
		data:        web.AddView[dataPage](set, "data.html"),
		earlier:     web.AddView[earlierPage](set, "earlier.html"),
		forget:      web.AddView[forgetPage](set, "forget.html"),
		courses:     web.AddView[myCoursesPage](set, "mycourses.html"),
		forYou:      web.AddView[forYouPage](set, "foryou.html"),
		question:    web.AddView[questionPage](set, "question.html"),
		handing:     web.AddView[handInPage](set, "handin.html"),
		result:      web.AddView[attemptPage](set, "attempt.html"),
		task:        web.AddView[taskPage](set, "task.html"),
		taskDone:    web.AddView[taskResultPage](set, "task_done.html"),
		proof:       web.AddView[proofPage](set, "proof.html"),
		paper:       web.AddView[paperPage](set, "paper.html"),
		public:      web.AddView[publicPage](set, "public.html"),
		publication: web.AddView[publicationPage](set, "publication.html"),
		preview:     web.AddView[previewPage](set, "preview.html"),
		permits:     web.AddView[permissionsPage](set, "permissions.html"),
		permit:      web.AddView[permissionPage](set, "permission.html"),
		awards:      web.AddView[awardsPage](set, "awards.html"),
		award:       web.AddView[awardPage](set, "award.html"),
		help:        web.AddView[helpPage](set, "help.html"),
		ticket:      web.AddView[ticketPage](set, "ticket.html"),
		tickets:     web.AddView[ticketsPage](set, "tickets.html"),
		show:        web.AddView[showNamePage](set, "show_name.html"),
		check:       web.AddView[checkPage](set, "check.html"),
		inbox:       web.AddView[inboxPage](set, "inbox.html"),
		noting:      web.AddView[notingPage](set, "noting.html"),
		stop:        web.AddView[stopPage](set, "stop.html"),
	}
	return a, set, set.Err()
}

// Authenticate tells who asks, by the session cookie. Roles and the answer to the policy are read anew for each request.
func Authenticate(d AccountDeps) web.Authenticator {
	cookies := web.NewCookies(d.Public)
	return func(r *http.Request) (web.Viewer, error) {
		token, sent := cookies.Session(r)
		if !sent {
			return web.Viewer{}, nil
		}
		s, err := d.Accounts.Authenticate(r.Context(), token)
		if errs.Is(err, errs.Unauthenticated) {
			return web.Viewer{}, nil
		}
		if err != nil {
			return web.Viewer{}, err
		}
		v := web.Viewer{Subject: s.Subject, Session: strconv.FormatInt(s.ID, 36), SecondFactor: s.Level == account.SecondFactor}
		if v.MustConsent, err = d.mustConsent(r, s); err != nil {
			return web.Viewer{}, err
		}
		if !s.Staff {
			return v, nil
		}
		member, found, err := d.Staff.Member(r.Context(), s.Subject)
		if err != nil {
			return web.Viewer{}, err
		}
		if found && !member.Disabled {
			v.Roles = member.Roles
		}
		return v, nil
	}
}

// mustConsent tells whether somebody has yet to agree: they were not asked about the edition in force, or declined it, or withdrew.
func (d AccountDeps) mustConsent(r *http.Request, s account.Session) (bool, error) {
	last, found, err := d.Consents.Last(r.Context(), s.Subject)
	if err != nil || !found || last.Act != consent.Agreed {
		return true, err
	}
	return d.Consents.Must(r.Context(), s.Subject)
}

// ofSession answers somebody who has signed in.
type ofSession func(w http.ResponseWriter, r *web.Request, s account.Session) error

// withSession answers with the session of the request. Whatever changes something is counted on the person.
func (a *accountPages) withSession(handle ofSession) web.Handler {
	return func(w http.ResponseWriter, r *web.Request) error {
		s, err := a.session(r)
		if err == nil && r.Method == http.MethodPost {
			err = a.Accounts.Spend(r.Context(), s, account.Acts)
		}
		if err != nil {
			return err
		}
		return handle(w, r, s)
	}
}

func (a *accountPages) session(r *web.Request) (account.Session, error) {
	token, _ := r.Cookies().Session(r.Request)
	return a.Accounts.Authenticate(r.Context(), token)
}

// personal answers only sessions that were opened with everything their account is protected with. A remembered session opens courses
// alone until presence is proven again, and who must have a second factor sets it before anything else; but not those who do not agree:
// they take their data and go without being asked for more (2.2).
func (a *accountPages) personal(handle ofSession) web.Handler {
	return a.withSession(func(w http.ResponseWriter, r *web.Request, s account.Session) error {
		switch {
		case s.MustFactor && !s.Factor && !r.Viewer.MustConsent:
			return r.SeeOther(w, r.Path(PathFactor), "")
		case !s.Personal() && !(r.Viewer.MustConsent && s.Present()):
			return a.proveFirst(w, r)
		}
		if err := a.sayBlocked(r, s); err != nil {
			return err
		}
		return handle(w, r, s)
	})
}

// taking answers with a copy of everything that is held.
func (a *accountPages) taking(handle ofSession) web.Handler {
	return a.personal(func(w http.ResponseWriter, r *web.Request, s account.Session) error {
		if err := a.Accounts.Spend(r.Context(), s, account.Copies); err != nil {
			return err
		}
		return handle(w, r, s)
	})
}

// proveFirst asks who somebody is once more and leads back to the page that wanted to know.
func (a *accountPages) proveFirst(w http.ResponseWriter, r *web.Request) error {
	back := r.URL.Path
	if r.Method == http.MethodGet {
		back = r.URL.RequestURI()
	}
	return r.SeeOther(w, withNext(r.Path(PathAgain), back), "")
}

// nextName is the query's and the forms' name for where to go afterwards.
const nextName = "next"

// withNext adds where to go afterwards to an address.
func withNext(to, next string) string {
	if next == "" {
		return to
	}
	return to + "?" + nextName + "=" + url.QueryEscape(next)
}

// nextOf reads where to go afterwards; r.Next decides whether it is followed.
func nextOf(r *web.Request) (string, error) {
	q, err := r.Query(web.Line(nextName))
	return q.Get(nextName), err
}

func (a *accountPages) sendLogKey(w http.ResponseWriter, r *web.Request) error {
	return r.Text(w, a.Ledger.PublicKey()+"\n")
}

func (a *accountPages) sendCheckpoint(w http.ResponseWriter, r *web.Request) error {
	text, err := a.Ledger.Checkpoint(r.Context())
	if err != nil {
		return err
	}
	return r.Text(w, text)
}

// LetterPage is the address of the page that the button of a letter without a token opens, for account.Config.Page.
func LetterPage(page account.Page, lang string) string {
	pattern := map[account.Page]string{account.SignInPage: web.PathSignIn, account.RecoverPage: PathForgotten, account.SessionsPage: PathSecurity,
		account.AccountPage: PathSecurity, account.ContactPage: web.PathContact,
		account.EditionsPage: PathEditions}[page]
	return web.Path(lang, pattern)
}
