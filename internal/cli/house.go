package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/api"
	"ustaz/internal/attachment"
	"ustaz/internal/authoring"
	"ustaz/internal/breach"
	"ustaz/internal/certificate"
	"ustaz/internal/clocks"
	"ustaz/internal/config"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/demo"
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
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/media"
	"ustaz/internal/notice"
	"ustaz/internal/notify"
	"ustaz/internal/password"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/profile"
	"ustaz/internal/publication"
	"ustaz/internal/retention"
	"ustaz/internal/rights"
	"ustaz/internal/scorm"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/study"
	"ustaz/internal/suggest"
	"ustaz/internal/support"
	"ustaz/internal/system"
	"ustaz/internal/task"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
	"ustaz/internal/web/console"
	"ustaz/internal/web/play"
	"ustaz/internal/web/site"
	"ustaz/internal/worktime"
)

// ground is what every command that touches data stands on.
type ground struct {
	d        *db.DB
	log      *ledger.Ledger
	editions *edition.Store
	k        *keeper.Keeper
}

// brakes are the people an hour that a role may read (5.4, copying).
var brakes = map[policy.Role]int{policy.SupportR: 60, policy.Officer: 300, policy.Tutor: 300}

// guesses are how often an hour others may look for people who are not there, or give a value that is another's (5.4, copying).
var guesses = map[policy.Role]int{policy.Self: 10, policy.Reader: 1000, policy.Registrar: 1000}

// open opens the database, the log, the editions and the door. Keys are made only together with a new database: to give an old one new
// keys would lock everybody out for good.
func (r *run) open() (*ground, error) {
	d, err := db.Open(r.ctx, r.storage.URL(), r.now)
	if err != nil {
		return nil, err
	}
	g := &ground{d: d}
	if err := g.raise(r); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return g, nil
}

func (g *ground) raise(r *run) error {
	if g.d.Dialect == db.SQLite {
		// The folder may have been made by hand with a wider mode.
		if err := os.Chmod(filepath.Dir(r.storage.Data+"/."), 0o700); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errs.Wrap(errs.Unavailable, "error.unavailable", err)
		}
	}
	fresh, err := g.empty(r.ctx)
	if err != nil {
		return err
	}
	if g.log, err = ledger.Open(r.ctx, g.d, r.storage.KeyDir(), fresh); err != nil {
		return err
	}
	if g.editions, err = edition.Open(r.ctx, g.d); err != nil {
		return err
	}
	if g.k, err = keeper.New(keeper.Config{DB: g.d, Ledger: g.log, Editions: g.editions, KeyDir: r.storage.KeyDir(), Create: fresh, Brake: brakes, Guesses: guesses}); err != nil {
		return err
	}
	all, err := g.editions.All()
	if err != nil || len(all) > 0 {
		return err
	}
	ed, err := policy.Default()
	if err != nil {
		return err
	}
	if _, err = g.k.Publish(r.ctx, ed); errs.Is(err, errs.Conflict) {
		return nil // another process that starts on the same database placed it
	}
	return err
}

// empty tells whether nothing was ever sealed or logged.
func (g *ground) empty(ctx context.Context) (bool, error) {
	var n int64
	_, err := g.d.Get(ctx, []any{&n}, "SELECT (SELECT count(*) FROM ledger_head) + (SELECT count(*) FROM (SELECT 1 FROM subject LIMIT 1) x)")
	return n == 0, err
}

func (g *ground) close() error { return g.d.Close() }

// with runs fn on open ground.
func (r *run) with(fn func(g *ground) error) error {
	g, err := r.open()
	if err != nil {
		return err
	}
	return errors.Join(fn(g), g.close())
}

// house is everything that serves the site, on its ground.
type house struct {
	*ground
	cat      *i18n.Catalog
	logger   *slog.Logger
	public   *url.URL
	operator web.Operator
	mailDir  string // where letters are written; empty where a mail server sends them
	limiter  *limit.Limiter
	queue    *jobs.Queue
	consents *consent.Consents
	accounts *account.Accounts
	staff    *staff.Staff
	places   *profile.Places
	profiles *profile.Service
	rights   *rights.Service
	systems  *system.Registry
	desk     *support.Desk
	cases    *desk.Service
	outward  *disclosure.Service
	clocks   *clocks.Clocks
	pages    *publication.Service
	permits  *permission.Service
	study    *study.Service
	awards   *certificate.Service
	tickets  *ticket.Service
	notices  *notice.Service
	exams    *exam.Service
	enrol    *enrol.Service
	suggest  *suggest.Service
	scorm    *scorm.Service
	stage    *play.Stage // of a house that serves
	tasks    *task.Service
	attached *attachment.Service
	breaches *breach.Register
	kept     *retention.Service
	media    *media.Store
	demo     *demo.Demo
}

// hashers is how many passwords are hashed at once: each takes 19 MiB and a core.
func hashers() int { return runtime.NumCPU() }

func newHouse(r *run, g *ground, settings *config.Site, port string, log *slog.Logger) (*house, error) {
	h := &house{ground: g, cat: r.cat, logger: log, public: settings.Public(port), operator: settings.Operator.Web(r.cat)}
	if settings.Mail.Host == "" {
		h.mailDir = r.storage.MailDir()
	}
	sender, err := settings.Mail.Sender(r.storage.MailDir())
	if err != nil {
		return nil, err
	}
	hasher, err := password.NewHasher(password.Params{Cost: password.DefaultCost, KeyID: "1"},
		func(b []byte) []byte { return g.k.Mac("password pepper", b) }, hashers())
	if err != nil {
		return nil, err
	}
	h.limiter = limit.New(g.d, g.k.Mac)
	h.queue = jobs.New(g.d, log)
	h.consents = consent.New(g.d, g.k, g.editions)
	notifier := notify.New(g.k, r.cat, sender, settings.Mail.From, h.operator.Name, g.d.Now)
	h.notices = notice.New(notice.Config{DB: g.d, Door: g.k, Queue: h.queue, Notifier: notifier, Catalog: r.cat, Public: h.public,
		Lang:  func(ctx context.Context, subject person.ID) (string, error) { return h.accounts.Lang(ctx, subject) },
		Inbox: site.InboxPath, Stop: site.StopPath})
	h.accounts = account.New(account.Config{DB: g.d, Door: g.k, Consents: h.consents, Hasher: hasher, Limiter: h.limiter, Queue: h.queue,
		Notifier: notifier, Alerts: h.notices.As(notice.Security), News: h.notices.As(notice.Edition), Log: log, Site: "Smart Ustaz", FactorForAll: settings.FactorForAll(), Words: []string{"smart ustaz", "smartustaz"},
		Link: func(kind account.LinkKind, lang string, token secret.Text) string {
			return h.public.JoinPath(site.LetterPath(kind, lang, token)).String()
		},
		Page: func(page account.Page, lang string) string {
			return h.public.JoinPath(site.LetterPage(page, lang)).String()
		}})
	h.staff = staff.New(g.d, g.k, g.log, h.accounts)
	h.queue.Every("staff.sweep", everyTidy, h.staff.Sweep)
	h.queue.Every("door.sweep", everyTidy, g.k.Sweep)
	if h.places, err = profile.OpenPlaces(r.ctx, g.d); err != nil {
		return nil, err
	}
	h.profiles = profile.New(g.d, g.k, h.places)
	h.rights = rights.New(g.k, g.log, h.consents)
	h.systems = system.New(g.d, g.k, g.log, g.editions)
	h.clocks = clocks.New(g.d)
	h.breaches = breach.New(breach.Config{DB: g.d, Door: g.k, Log: g.log, Queue: h.queue, Notifier: h.notices.As(notice.Data), Officers: h.having(policy.Officer), Lang: h.accounts.Lang,
		DataPage: func(lang string) string { return h.public.JoinPath(web.Path(lang, site.PathData)).String() }})
	h.outward = h.newOutward(notifier)
	h.cases = h.newCases(notifier)
	h.pages = publication.New(g.d, g.k, h.limiter)
	h.permits = permission.New(g.d, g.k)
	h.study = study.New(g.d, g.k)
	h.awards = certificate.New(certificate.Config{DB: g.d, Door: g.k, Log: g.log, Limiter: h.limiter, Queue: h.queue, Notifier: h.notices.As(notice.Certificate), Lang: h.accounts.Lang,
		Page: func(lang string) string { return h.public.JoinPath(web.Path(lang, site.PathMyCertificates)).String() }})
	room, err := settings.Media.Limits()
	if err != nil {
		return nil, err
	}
	h.media = media.New(g.d, room)
	h.tickets = ticket.New(ticket.Config{DB: g.d, Door: g.k, Media: h.media, Limiter: h.limiter, Queue: h.queue, Notifier: h.notices.As(notice.Support), Lang: h.accounts.Lang,
		Page: func(lang string, t *ticket.Ticket) string {
			return h.public.JoinPath(site.TicketPage(lang, t)).String()
		}})
	h.attached = attachment.New(g.d, g.k, h.study, h.media)
	h.exams = exam.New(g.d, g.k, h.study, h.attached)
	h.exams.OnPassed(func(t *keeper.Tx, own person.ID, c learning.Course) error {
		_, err := h.awards.Issue(t, own, c)
		return err
	})
	h.queue.Every("media.sweep", everySweep, func(ctx context.Context) error { return h.media.Sweep(ctx, brokenUpload) })
	h.queue.Every("attachment.sweep", everySweep, func(ctx context.Context) error { return h.attached.Sweep(ctx, brokenUpload) })
	h.scorm = scorm.New(g.d, g.k, h.study)
	h.exams.OnGraded(func(t *keeper.Tx, own person.ID, c learning.Course, attempt person.ID) error {
		return h.notices.Tell(t.Tx, own, site.Graded(c, attempt))
	})
	h.enrol = enrol.New(enrol.Config{DB: g.d, Door: g.k, Study: h.study, Limiter: h.limiter, Queue: h.queue, Notifier: h.notices.As(notice.Course), Lang: h.accounts.Lang,
		Page: func(lang, course string) string {
			return h.public.JoinPath(web.Path(lang, web.PathCourse, "slug", course)).String()
		}})
	h.suggest = suggest.New(g.d, g.k, h.study, h.enrol, h.profiles, h.places)
	h.tasks = task.New(task.Config{DB: g.d, Led: h.enrol.Leading, Door: g.k, Study: h.study, Files: h.attached, Queue: h.queue, Notifier: h.notices.As(notice.Course), Lang: h.accounts.Lang,
		Page: func(lang, course string, lesson int64) string {
			return h.public.JoinPath(site.TaskLetter(lang, course, lesson)).String()
		}})
	h.kept = retention.New(retention.Config{DB: g.d, Door: g.k, Log: g.log, Queue: h.queue, Holds: h.cases.Blockers,
		Categories: []retention.Category{{Code: "account", Idle: h.accounts.Idle}, {Code: "visitor", Idle: h.cases.Idle}}})
	h.desk = support.New(g.k, g.log, g.d.Now)
	h.demo = demo.New(demo.Config{DB: g.d, Door: g.k, Editions: g.editions, Accounts: h.accounts, Staff: h.staff, Profiles: h.profiles,
		Tickets: h.tickets, Queue: h.queue, Data: r.storage.Data, Mail: h.mailDir})
	return h, nil
}

// having lists the members of staff who act in a role.
func (h *house) having(role policy.Role) func(ctx context.Context) ([]person.ID, error) {
	return func(ctx context.Context) ([]person.ID, error) {
		members, err := h.staff.List(ctx)
		var out []person.ID
		for _, m := range members {
			if m.Has(role) {
				out = append(out, m.Subject)
			}
		}
		return out, err
	}
}

// newOutward makes what goes to state bodies.
func (h *house) newOutward(notifier *notify.Notifier) *disclosure.Service {
	at := func(path string) string { return h.public.JoinPath(path).String() }
	return disclosure.New(disclosure.Config{DB: h.d, Door: h.k, Ledger: h.log, Queue: h.queue, Notifier: notifier, Notices: h.notices.As(notice.Data), Catalog: h.cat,
		Places: func() *place.Tree { return h.places.Tree() }, Lang: h.accounts.Lang, Concerned: h.breaches.Concerned,
		Link:     func(lang string, token secret.Text) string { return at(site.PackagePath(lang, token)) },
		DataLink: func(lang string) string { return at(web.Path(lang, site.PathData)) }})
}

// newCases makes the rights desk. A member of staff is not erased before their roles are taken away (1.1.1).
func (h *house) newCases(notifier *notify.Notifier) *desk.Service {
	working := func(ctx context.Context, subject person.ID) ([]string, error) {
		m, found, err := h.staff.Member(ctx, subject)
		if err != nil || !found || m.Disabled {
			return nil, err
		}
		return []string{"desk.blocker.staff"}, nil
	}
	at := func(path string) string { return h.public.JoinPath(path).String() }
	return desk.New(desk.Config{DB: h.d, Door: h.k, Log: h.log, Consents: h.consents, Limiter: h.limiter, Queue: h.queue, Notifier: notifier, Answers: h.notices.As(notice.Answer),
		Officers: h.having(policy.Officer), Heads: h.having(policy.Admin), Lang: h.accounts.Lang,
		CasePage:  func(lang string, c *desk.Case) string { return at(site.CasePage(lang, c.Number)) },
		StaffPage: func(lang string, c *desk.Case) string { return at(console.CasePage(lang, c.Number)) },
		LinkPage:  func(lang string, token secret.Text) string { return at(site.CaseLink(lang, token)) },
		Holders:   []func(context.Context, person.ID) ([]string, error){working}})
}

// handler is the whole site: pages, the interface for other systems, and the operator's health check.
func (h *house) handler(c *serveCmd, demo bool) (http.Handler, error) {
	networks, err := c.Networks()
	if err != nil {
		return nil, err
	}
	public := site.Deps{DB: h.d, Editions: h.editions, Public: h.public, Study: h.study, Exams: h.exams, Tasks: h.tasks, Enrol: h.enrol, Suggest: h.suggest, Media: h.media, Scorm: h.scorm, Stage: h.stage}
	if demo {
		public.Letters = h.letters
	}
	routes, err := site.Public(public)
	if err != nil {
		return nil, err
	}
	own := site.AccountDeps{Public: h.public, Accounts: h.accounts, Consents: h.consents, Editions: h.editions, Profiles: h.profiles,
		Places: h.places, Rights: h.rights, Staff: h.staff, Systems: h.systems, Ledger: h.log, Cases: h.cases, Clocks: h.clocks, Pages: h.pages, Permits: h.permits,
		Limiter: h.limiter, Disclosures: h.outward, Study: h.study, Exams: h.exams, Tasks: h.tasks, Enrol: h.enrol, Suggest: h.suggest, Scorm: h.scorm, Media: h.media, Certificates: h.awards, Notices: h.notices, Tickets: h.tickets}
	more, err := site.Account(own)
	if err != nil {
		return nil, err
	}
	routes = append(routes, more...)
	calendar, err := worktime.NewCalendar(worktime.DefaultDays())
	if err != nil {
		return nil, err
	}
	if more, err = console.Routes(console.Deps{Keeper: h.k, Ledger: h.log, Editions: h.editions, Desk: h.desk, Staff: h.staff, Systems: h.systems, Cases: h.cases, Clocks: h.clocks, Disclosures: h.outward,
		Pages: h.pages, Permits: h.permits, Breaches: h.breaches, Kept: h.kept, Certificates: h.awards, Tickets: h.tickets,
		Drafts: draft.New(h.d, h.log, h.editions), Courses: h.courses(), Enrol: h.enrol, Media: h.media, Stage: h.stage, Exams: h.exams, Tasks: h.tasks, Accounts: h.accounts, Queue: h.queue, Places: h.places, Calendar: calendar, Terms: worktime.DefaultTerms(), Sizes: console.DefaultSizes(),
		Settings: c.shown(h), InviteLink: h.inviteLink, Now: h.d.Now}); err != nil {
		return nil, err
	}
	routes = append(append(routes, more...), h.stage.Routes()...)
	frame, err := web.New(web.Config{Public: h.public, Catalog: h.cat, Operator: h.operator, Authenticate: site.Authenticate(own), Log: h.logger,
		Now: time.Now, Routes: routes, Menu: slices.Concat(site.Menu(), site.InboxMenu(h.notices), console.Menu()), Proxies: networks, InForce: h.inForce})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(api.Prefix, api.New(api.Deps{DB: h.d, Keeper: h.k, Ledger: h.log, Editions: h.editions, Systems: h.systems,
		Consents: h.consents, Accounts: h.accounts, Limiter: h.limiter, Places: h.places.Tree, Catalog: h.cat, Log: h.logger}))
	mux.HandleFunc("GET /healthz", h.health)
	mux.Handle("/", frame)
	return web.Secure(h.public, mux), nil // also around what the mux answers by itself
}

// courses is how courses are written: who waits for one is offered the seats that its publication adds.
func (h *house) courses() *authoring.Service {
	s := authoring.New(h.d, h.media)
	s.OnPublish(h.enrol.Fill)
	return s
}

// shown is what the console tells an administrator of the settings.
func (c *serveCmd) shown(h *house) console.Settings {
	s := console.Settings{Public: h.public, MailFrom: c.Mail.From, Database: h.d.Dialect.String()}
	if c.Mail.Host != "" {
		s.MailHost = net.JoinHostPort(c.Mail.Host, strconv.Itoa(c.Mail.Port))
	}
	return s
}

// inForce is since when the policy in force is so, for the foot of each page; the zero time where it can't be told.
func (h *house) inForce() time.Time {
	p, err := h.editions.InForce(h.d.Now())
	if err != nil {
		return time.Time{}
	}
	return p.InForce
}

// letters are those of the demonstration's mailbox.
func (h *house) letters(ctx context.Context, most int) ([]site.Letter, error) {
	stored, err := h.demo.Letters(ctx, most)
	if err != nil {
		return nil, err
	}
	out := make([]site.Letter, len(stored))
	for i, l := range stored {
		out[i] = site.Letter{To: l.To.Reveal(), Subject: l.Subject, At: l.Date, Lang: l.Lang, Text: l.Text.Reveal()}
	}
	return out, nil
}

// inviteLink is the address at which somebody invited becomes a member of staff.
func (h *house) inviteLink(lang string, token secret.Text) string {
	return h.public.JoinPath(web.Path(lang, site.PathInvite, "token", token.Reveal())).String()
}
