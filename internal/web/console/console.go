// Package console holds the pages of staff: the desk where people are found and their fields opened (4.1.3, 4.1.5, 4.1.7), the officer's
// log, refusals, reading brake and verification (5.4, 6.2.1), and the administrator's staff, systems and settings (1.1.1).
//
// It guarantees: every page needs a role and a second factor, and every act that changes who may do what a code of it that is not older than
// ten minutes (fresh); a person's value is shown only on the answer to the POST that opened it through the door, or on the page of a case,
// whose address names the case and each look at which is an entry of the log, and stands in no address, no title and no list; purpose and
// case are named before anybody is looked for and stand on top of every page from then on; a refusal shows its clause and the way on, and
// is in the log by then. Pages of the administrator hold no personal value at all, the editor's none but answers of tests that wait for a person's grade (4.1.2).
package console

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/account"
	"ustaz/internal/authoring"
	"ustaz/internal/breach"
	"ustaz/internal/certificate"
	"ustaz/internal/clocks"
	"ustaz/internal/desk"
	"ustaz/internal/disclosure"
	"ustaz/internal/draft"
	"ustaz/internal/edition"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/media"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/profile"
	"ustaz/internal/publication"
	"ustaz/internal/retention"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/support"
	"ustaz/internal/system"
	"ustaz/internal/task"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
	"ustaz/internal/web/play"
	"ustaz/internal/worktime"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets/console.css
var styleSheet []byte

//go:embed assets/author.js
var authorScript []byte

// Deps is what the pages stand on. All of it is required.
type Deps struct {
	Keeper      *keeper.Keeper
	Ledger      *ledger.Ledger
	Editions    *edition.Store
	Desk        *support.Desk
	Staff       *staff.Staff
	Systems     *system.Registry
	Drafts      *draft.Drafts
	Courses     *authoring.Service
	Media       *media.Store
	Stage       *play.Stage
	Exams       *exam.Service
	Enrol       *enrol.Service
	Tasks       *task.Service
	Cases       *desk.Service
	Disclosures *disclosure.Service
	Pages       *publication.Service
	Permits     *permission.Service
	Breaches    *breach.Register
	Kept        *retention.Service
	Clocks      *clocks.Clocks
	Accounts    *account.Accounts
	Queue       *jobs.Queue
	Places      *profile.Places
	Calendar    *worktime.Calendar
	Terms       []worktime.Clock // within which the operator acts
	Sizes       []Size           // thresholds of the law; DefaultSizes unless the responsible person edited them
	Settings    Settings

	Certificates *certificate.Service
	Tickets      *ticket.Service

	// InviteLink gives the address of the page where a one-time link makes its reader a member of staff.
	InviteLink func(lang string, token secret.Text) string
	Now        func() time.Time
}

// Addresses of the console, beside web.PathConsole, which is its overview.
const (
	PathWork        = "/{lang}/console/work" // choose a purpose, name a case
	PathFind        = "/{lang}/console/find"
	PathPerson      = "/{lang}/console/person/{subject}"
	PathLog         = "/{lang}/console/log"
	PathEntry       = "/{lang}/console/log/{entry}"
	PathProof       = "/{lang}/console/log/{entry}/proof"
	PathRefusals    = "/{lang}/console/refusals"
	PathBrake       = "/{lang}/console/brake"
	PathVerify      = "/{lang}/console/verify"
	PathStaff       = "/{lang}/console/staff"
	PathInvite      = "/{lang}/console/staff/invite"
	PathMember      = "/{lang}/console/staff/{subject}"
	PathDisable     = "/{lang}/console/staff/{subject}/disable"
	PathEnable      = "/{lang}/console/staff/{subject}/enable"
	PathFactor      = "/{lang}/console/staff/{subject}/factor"
	PathApprove     = "/{lang}/console/staff/grants/{grant}/approve"
	PathWithdraw    = "/{lang}/console/staff/grants/{grant}/withdraw"
	PathUninvite    = "/{lang}/console/staff/invitations/{invitation}/withdraw"
	PathSystems     = "/{lang}/console/systems"
	PathAddSystem   = "/{lang}/console/systems/add"
	PathRevoke      = "/{lang}/console/systems/{system}/revoke"
	PathRotate      = "/{lang}/console/systems/{system}/rotate"
	PathSettings    = "/{lang}/console/settings"
	PathRules       = "/{lang}/console/rules"
	pathSheetStart  = "/assets/console."
	pathScriptStart = "/assets/author."
)

// Who may call what.
var (
	everyone = []policy.Role{policy.SupportR, policy.Editor, policy.Tutor, policy.Officer, policy.Admin}
	helpers  = []policy.Role{policy.SupportR, policy.Officer}
	officers = []policy.Role{policy.Officer}
	admins   = []policy.Role{policy.Admin}
	editors  = []policy.Role{policy.Editor}
)

// section is a part of the console, by its first page.
type section struct {
	key, pattern string
	roles        []policy.Role
	more         []string // where other pages of the section begin
}

// groups are the console's own menu: their names stand in one row, the sections of the group that the reader is in under it. The name of a group
// of which a reader has one section alone is that section's.
var groups = []struct {
	key      string
	sections []section
}{
	{"console.nav.desk", []section{{"console.nav.desk", web.PathConsole, everyone, nil}}},
	{"console.group.people", []section{
		{"console.nav.work", PathWork, helpers, []string{PathFind, "/{lang}/console/person"}},
		{"ticketwork.nav", PathTickets, ticket.Hands, []string{PathCanned}},
		{"casework.nav", PathCases, officers, []string{PathErasures}},
		{"casework.clocks", PathClocks, officers, nil},
	}},
	{"console.group.log", []section{
		{"console.nav.log", PathLog, officers, nil},
		{"console.nav.refusals", PathRefusals, officers, nil},
		{"console.nav.brake", PathBrake, officers, nil},
		{"console.nav.verify", PathVerify, officers, nil},
	}},
	{"console.group.outward", []section{
		{"disclosure.nav", PathDisclosures, officers, nil},
		{"disclosure.nav.recipients", PathRecipients, officers, nil},
		{"disclosure.nav.statistics", PathStatistics, officers, nil},
		{"permitwork.nav", PathPermissions, officers, nil},
		{"publicwork.nav", PathPublications, officers, nil},
		{"certwork.nav", PathCertificates, officers, nil},
	}},
	{"console.group.inspection", []section{
		{"keptbook.nav", PathRegisters, officers, nil},
		{"clausekept.nav", PathClauses, officers, nil},
		{"breachwork.nav", PathBreaches, officers, nil},
		{"keptwork.nav", PathKept, officers, nil},
		{"carrier.nav", PathCarriers, officers, nil},
		{"datamap.nav", PathDataMap, officers, nil},
	}},
	{"coursework.group", []section{
		{"coursework.nav", PathCourses, editors, nil},
		{"grading.nav", PathGrading, editors, nil},
		{"taskwork.nav", PathTasks, deciders, nil},
		{"applications.nav", PathApplications, deciders, nil},
		{"groups.mine", PathGroups, tutors, nil},
	}},
	{"console.group.policy", []section{
		{"draft.nav", PathDrafts, officers, nil},
		{"console.nav.rules", PathRules, everyone, nil},
	}},
	{"console.group.house", []section{
		{"console.nav.staff", PathStaff, admins, nil},
		{"console.nav.systems", PathSystems, admins, nil},
		{"console.nav.settings", PathSettings, admins, nil},
		{"console.nav.jobs", PathJobs, admins, nil},
	}},
}

// Menu is the console's part of the header's menu.
func Menu() []web.MenuItem {
	return []web.MenuItem{{Key: "console.menu", Pattern: web.PathConsole, Access: web.Staff(everyone...)}}
}

// Routes makes the console's routes.
func Routes(d Deps) ([]web.Route, error) {
	c, err := newConsole(d)
	if err != nil {
		return nil, err
	}
	return c.routes(), nil
}

func (c *console) routes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return slices.Concat([]web.Route{
		{Method: get, Pattern: c.style, Access: web.Public(), Handle: serve("text/css", styleSheet)}, // they say nothing that a visitor may not know
		{Method: get, Pattern: c.script, Access: web.Public(), Handle: serve("text/javascript", authorScript)},
		c.on(get, web.PathConsole, everyone, c.showDesk),

		c.on(get, PathWork, helpers, c.showWork),
		c.on(post, PathWork, helpers, c.beginWork),
		c.on(get, PathFind, helpers, atWork(c.showFind)),
		c.on(post, PathFind, helpers, atWork(c.find)),
		c.on(get, PathPerson, helpers, atWork(c.showPerson)),
		c.on(post, PathPerson, helpers, atWork(c.openPerson)),

		c.on(get, PathLog, officers, c.showLog, logInputs...),
		c.on(get, PathEntry, officers, c.showEntry),
		c.on(get, PathProof, officers, c.sendProof),
		c.on(get, PathRefusals, officers, c.showRefusals, web.Line("before")),
		c.on(get, PathBrake, officers, c.showBrake, web.Line("member")),
		c.on(get, PathVerify, officers, c.showVerify),
		c.on(post, PathVerify, officers, c.startVerify),

		c.on(get, PathStaff, admins, c.showStaff),
		c.on(get, PathInvite, admins, c.showInvite),
		c.on(post, PathInvite, admins, c.fresh(c.invite)),
		c.on(get, PathMember, admins, c.showMember),
		c.on(post, PathMember, admins, c.fresh(c.changeRoles)),
		c.on(get, PathDisable, admins, c.askSwitch(true)),
		c.on(post, PathDisable, admins, c.fresh(c.doSwitch(true))),
		c.on(get, PathEnable, admins, c.askSwitch(false)),
		c.on(post, PathEnable, admins, c.fresh(c.doSwitch(false))),
		c.on(get, PathFactor, admins, c.askFactor),
		c.on(post, PathFactor, admins, c.fresh(c.resetFactor)),
		c.on(get, PathApprove, admins, c.askApprove),
		c.on(post, PathApprove, admins, c.fresh(c.approve)),
		c.on(post, PathWithdraw, admins, c.fresh(c.withdraw)),
		c.on(post, PathUninvite, admins, c.fresh(c.uninvite)),
		c.on(get, PathSystems, admins, c.showSystems),
		c.on(get, PathAddSystem, admins, c.showAddSystem),
		c.on(post, PathAddSystem, admins, c.fresh(c.addSystem)),
		c.on(get, PathRevoke, admins, c.askRevoke),
		c.on(post, PathRevoke, admins, c.fresh(c.revoke)),
		c.on(get, PathRotate, admins, c.askRotate),
		c.on(post, PathRotate, admins, c.fresh(c.rotate)),
		c.on(get, PathSettings, admins, c.showSettings),

		c.on(get, PathRules, everyone, c.showRules, rulesInputs...),
	}, c.jobRoutes(), c.courseRoutes(), c.gradingRoutes(), c.taskRoutes(), c.enrolRoutes(), c.frontRoutes(), c.draftRoutes(), c.caseRoutes(), c.ticketRoutes(), c.outwardRoutes(), c.inspectionRoutes())
}

// console serves the pages.
type console struct {
	Deps
	style   string // address of the style sheet
	script  string // and of the script of those who write courses
	checker *checker
	tables  tables
	courseViews
	caseViews
	registerViews

	desk      *web.View[deskPage]
	work      *web.View[workPage]
	finder    *web.View[findPage]
	person    *web.View[personPage]
	log       *web.View[logPage]
	entry     *web.View[entryPage]
	brake     *web.View[brakePage]
	verify    *web.View[verifyPage]
	staff     *web.View[staffPage]
	list      *web.View[listPage]
	form      *web.View[formPage]
	confirm   *web.View[confirmPage]
	shownOnce *web.View[shownOncePage]
	settings  *web.View[settingsPage]
	rules     *web.View[rulesPage]

	outward    *web.View[disclosurePage]
	statistics *web.View[statisticsPage]
	releases   *web.View[releasesPage]

	drafts       *web.View[draftsPage]
	draft        *web.View[draftPage]
	draftText    *web.View[draftTextPage]
	draftPart    *web.View[draftPartPage]
	draftRules   *web.View[draftRulesPage]
	draftChanges *web.View[draftChangesPage]
}

func newConsole(d Deps) (*console, error) {
	set := web.NewSet(pageFiles, "pages/*.html")
	c := &console{Deps: d, style: pathSheetStart + digest(styleSheet) + ".css", script: pathScriptStart + digest(authorScript) + ".js", checker: &checker{log: d.Ledger, now: d.Now},
		desk:      web.AddView[deskPage](set, "desk.html"),
		work:      web.AddView[workPage](set, "work.html"),
		finder:    web.AddView[findPage](set, "find.html"),
		person:    web.AddView[personPage](set, "person.html"),
		log:       web.AddView[logPage](set, "log.html"),
		entry:     web.AddView[entryPage](set, "entry.html"),
		brake:     web.AddView[brakePage](set, "brake.html"),
		verify:    web.AddView[verifyPage](set, "verify.html"),
		staff:     web.AddView[staffPage](set, "staff.html"),
		list:      web.AddView[listPage](set, "list.html"),
		form:      web.AddView[formPage](set, "form.html"),
		confirm:   web.AddView[confirmPage](set, "confirm.html"),
		shownOnce: web.AddView[shownOncePage](set, "once.html"),
		settings:  web.AddView[settingsPage](set, "settings.html"),
		rules:     web.AddView[rulesPage](set, "rules.html"),

		outward:    web.AddView[disclosurePage](set, "disclosure.html"),
		statistics: web.AddView[statisticsPage](set, "statistics.html"),
		releases:   web.AddView[releasesPage](set, "releases.html"),

		drafts:       web.AddView[draftsPage](set, "drafts.html"),
		draft:        web.AddView[draftPage](set, "draft.html"),
		draftText:    web.AddView[draftTextPage](set, "draft_text.html"),
		draftPart:    web.AddView[draftPartPage](set, "draft_part.html"),
		draftRules:   web.AddView[draftRulesPage](set, "draft_rules.html"),
		draftChanges: web.AddView[draftChangesPage](set, "draft_changes.html"),
	}
	c.courseViews = newCourseViews(set)
	c.caseViews = newCaseViews(set)
	c.registerViews = newRegisterViews(set)
	set.Sheet(c.style)
	return c, set.Err()
}

// digest is the part of an asset's name that changes with its content.
func digest(asset []byte) string {
	sum := sha256.Sum256(asset)
	return hex.EncodeToString(sum[:6])
}

// serve gives an asset, under a name that changes with its content.
func serve(kind string, asset []byte) web.Handler {
	return func(w http.ResponseWriter, _ *web.Request) error {
		h := w.Header()
		h.Set("Content-Type", kind+"; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Del("Vary")
		if _, err := w.Write(asset); err != nil {
			return errs.Wrap(errs.Gone, "error.internal", err) // the reader left
		}
		return nil
	}
}

// visit is a request to the console with what its address carries.
type visit struct {
	*web.Request
	query web.Form
	work  *support.Work // nil while no work is begun
}

type handler func(w http.ResponseWriter, v *visit) error

// on makes a route. Its address may carry the work and the inputs named, and nothing else.
func (c *console) on(method, pattern string, roles []policy.Role, handle handler, inputs ...web.Input) web.Route {
	inputs = append([]web.Input{web.Line("purpose"), web.Line("case")}, inputs...)
	return web.Route{Method: method, Pattern: pattern, Access: web.Staff(roles...), Handle: func(w http.ResponseWriter, r *web.Request) error {
		query, err := r.Query(inputs...)
		if err != nil {
			return err
		}
		v := &visit{Request: r, query: query}
		if query.Has("purpose") || query.Has("case") {
			work, err := support.ParseWork(r.Viewer.Subject, r.Viewer.Roles, query.Get("purpose"), query.Get("case"))
			if err != nil {
				return err
			}
			v.work = &work
		}
		return handle(w, v)
	}}
}

// to is an address of the console that goes on with the work in hand; more is added to its query.
func (v *visit) to(pattern string, more url.Values, pairs ...string) string {
	q := url.Values{}
	if v.work != nil {
		q.Set("purpose", v.work.Purpose.Clause())
		q.Set("case", v.work.Case)
	}
	for name, values := range more {
		q[name] = values
	}
	to := v.Path(pattern, pairs...)
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	return to
}

// chrome is what stands above every page of the console.
type chrome struct {
	Label    string
	Menu     string // opens the groups on a phone
	Groups   []web.Link
	Inside   string     // name of the group that the reader is in
	Sections []web.Link // of that group; none where it has but one
	Work     *workBar
}

// workBar keeps purpose and case in sight.
type workBar struct {
	Purpose, Case web.Text
	Find, End     web.Link
}

func (c *console) chrome(v *visit) chrome {
	p := chrome{Label: v.T("console.nav")}
	here := 0 // length of the address of the section that the reader is in: the longest, since every page lies under the overview
	for _, g := range groups {
		var links []web.Link
		inside := false
		for _, s := range g.sections {
			if !v.Viewer.Holds(s.roles...) {
				continue
			}
			links = append(links, web.Link{Text: v.T(s.key), Href: v.to(s.pattern, nil)})
			if at := v.within(s); at > here {
				here, inside = at, true
				for i := range links {
					links[i].Current = i == len(links)-1
				}
			}
		}
		if len(links) == 0 {
			continue
		}
		head := web.Link{Text: v.T(g.key), Href: links[0].Href}
		if len(links) == 1 {
			head.Text = links[0].Text
		}
		p.Groups = append(p.Groups, head)
		if inside {
			for i := range p.Groups {
				p.Groups[i].Current = i == len(p.Groups)-1
			}
			p.Inside, p.Sections = head.Text, links
		}
	}
	p.Menu = v.T("console.nav.menu", i18n.Str("group", p.Inside))
	if len(p.Sections) == 1 {
		p.Sections = nil
	}
	if v.work != nil {
		p.Work = c.workBar(v)
	}
	return p
}

// within tells how long the address is by which the page belongs to a section; 0 if it does not.
func (v *visit) within(s section) (length int) {
	for _, pattern := range append([]string{s.pattern}, s.more...) {
		if at := v.Path(pattern); v.URL.Path == at || strings.HasPrefix(v.URL.Path, at+"/") {
			length = max(length, len(at))
		}
	}
	return length
}

// noPerson answers for an id that is none, and for one that nobody has.
var noPerson = errs.New(errs.NotFound, "door.nosubject")

func (v *visit) id(name string) (person.ID, error) {
	id, err := person.ParseID(v.PathValue(name))
	if err != nil {
		return 0, errs.New(errs.NotFound, "error.notfound")
	}
	return id, nil
}

// member is who works here now, with the initials that subjects see.
func (c *console) member(ctx context.Context, v *visit) (staff.Member, error) {
	m, found, err := c.Staff.Member(ctx, v.Viewer.Subject)
	if err == nil && !found {
		err = errs.New(errs.Forbidden, "error.forbidden")
	}
	return m, err
}

// clauses are chips in a row of text.
func (v *visit) clauses(numbers []string) web.Text {
	var out web.Text
	for _, n := range numbers {
		c := v.Clause(n)
		if len(out) > 0 {
			out = append(out, web.Run{Text: " "})
		}
		out = append(out, web.Run{Text: c.Text, Href: c.Href, Clause: true})
	}
	return out
}

// refusal shows why the door stayed shut and the way on; ok is false for an error of another sort.
func (v *visit) refusal(err error) (n *web.Notice, ok bool) {
	e := errs.As(err)
	if e.Kind != errs.Forbidden && e.Kind != errs.TooMany {
		return nil, false
	}
	text := append(web.Plain(v.Lang.Error(err)+" "), v.clauses(e.Clauses)...)
	text = append(text, web.Run{Text: " "}, web.Run{Text: v.T("console.work.other"), Href: v.Path(PathWork)})
	notice := web.NewNotice(v.Lang, web.Bad, v.T("console.refused"), text)
	return &notice, true
}

// roles names roles in a row.
func (v *visit) roles(roles []policy.Role) string {
	if len(roles) == 0 {
		return "—"
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = v.T(r.Key())
	}
	return strings.Join(names, ", ")
}

// purposes names purposes by their clauses.
func purposes(list []policy.Purpose) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.Clause()
	}
	return out
}

// heading writes a name of the catalogue as the head of a row: with a capital letter.
func heading(name string) string {
	first, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[n:]
}

// options turns what may be chosen into the choices of a field.
func options[T any](items []T, choice func(T) web.Option) []web.Option {
	out := make([]web.Option, 0, len(items))
	for _, item := range items {
		out = append(out, choice(item))
	}
	return out
}

// chosen reads the values of a form by name; one that is not offered is no answer of our form.
func chosen[T any](values []string, find func(string) (T, bool), offered func(T) bool) ([]T, error) {
	var out []T
	for _, name := range values {
		item, ok := find(name)
		if !ok || !offered(item) {
			return nil, errs.New(errs.Invalid, "error.form")
		}
		out = append(out, item)
	}
	return out, nil
}

// staffRoles are those that a member of staff can hold.
func staffRoles() []policy.Role {
	return slices.DeleteFunc(slices.Clone(policy.Roles), func(r policy.Role) bool { return !r.Staff() })
}
