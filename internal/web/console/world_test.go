package console

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/attachment"
	"ustaz/internal/authoring"
	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/draft"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/limit"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/profile"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/study"
	"ustaz/internal/support"
	"ustaz/internal/system"
	"ustaz/internal/task"
	"ustaz/internal/testdoor"
	"ustaz/internal/web"
	"ustaz/internal/web/play"
	"ustaz/internal/web/webtest"
	"ustaz/internal/worktime"
)

// canaries are values of an invented teacher that would be met nowhere else.
var canaries = map[person.Field]string{
	person.Surname: "Кәнерейқызы", person.GivenName: "Жұпаркүл", person.Email: "kanareika@mysal.kz", person.IIN: "990101100010",
	person.Phone: "+77019876543", person.Place: "103200000", person.Workplace: "lyceum", person.Position: "other:қобызшы", person.ServiceSince: "2015-09",
}

// shapes are the canaries as pages would show them.
var shapes = []string{"Кәнерейқызы", "Жұпаркүл", "kanareika", "990101100010", "9876543", "987 65 43", "103200000", "қобызшы", "2015-09", "2015 жылғы қыркүйек"}

// people of the tests and what they are; each but the teacher and nobody has proven the second factor.
var cast = []struct {
	name     string
	roles    []policy.Role
	initials string
}{
	{"support", []policy.Role{policy.SupportR}, "А. К."},
	{"another", []policy.Role{policy.SupportR}, "Д. Н."},
	{"editor", []policy.Role{policy.Editor}, "Р. Е."},
	{"tutor", []policy.Role{policy.Tutor}, "М. Г."},
	{"officer", []policy.Role{policy.Officer}, "С. О."},
	{"admin", []policy.Role{policy.Admin}, "Б. Ә."},
	{"teacher", nil, ""},
	{"half", []policy.Role{policy.SupportR, policy.Editor, policy.Tutor, policy.Officer, policy.Admin}, "Ж. Т."}, // no second factor yet
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// world is the console on a real door. Every page that it gives is linted, has the headers and no canary in its title or addresses, and
// the log is free of canaries too.
type world struct {
	testing.TB
	*testdoor.Env
	c       *console
	frame   *web.Frame
	cookies map[string]*http.Cookie // sessions of the cast, by name
	log     lockedBuffer
	viewers map[string]web.Viewer
	aya     person.ID
	draft   person.ID // a draft of the policy, see aDraft
	outward *outward  // see newDisclosures
	queue   *jobs.Queue
	number  string  // of a case, see aCase
	fileID  string  // of its file, see aFile
	written written // see aCourse
	attempt string  // see anAttempt
	study   *study.Service
	asked   string // see anApplication
	group   string // see aGroup
	work    string // see aWork
	*inspected
}

const home = "https://ustaz.example"

func newWorld(t testing.TB) *world { return worldAt(t, home) }

func worldAt(t testing.TB, at string) *world {
	t.Helper()
	w := &world{TB: t, Env: testdoor.SQLite(t), viewers: map[string]web.Viewer{"": {}}, cookies: map[string]*http.Cookie{}}
	public, err := url.Parse(at)
	w.must(err)
	places, err := profile.OpenPlaces(context.Background(), w.DB)
	w.must(err)
	calendar, err := worktime.NewCalendar(worktime.DefaultDays())
	w.must(err)
	logger := slog.New(slog.NewJSONHandler(&w.log, nil))
	accounts := account.New(account.Config{DB: w.DB, Door: w.Keeper, Limiter: limit.New(w.DB, w.Keeper.Mac), Queue: jobs.New(w.DB, logger),
		Notifier: w.notifier(), Log: logger})
	files := media.New(w.DB, media.DefaultLimits())
	w.study = study.New(w.DB, w.Keeper)
	entries := enrol.New(enrol.Config{DB: w.DB, Door: w.Keeper, Study: w.study, Limiter: limit.New(w.DB, w.Keeper.Mac), Queue: jobs.New(w.DB, logger), Notifier: w.notifier(), Lang: accounts.Lang,
		Page: func(lang, course string) string { return at + "/" + lang + "/courses/" + course }})
	stage, err := play.New(play.Config{Site: public, Origin: &url.URL{Scheme: "https", Host: "packages.example"}, Media: files, Log: logger})
	w.must(err)
	attached := attachment.New(w.DB, w.Keeper, w.study, files)
	tasks := task.New(task.Config{DB: w.DB, Door: w.Keeper, Study: w.study, Files: attached, Led: entries.Leading, Queue: jobs.New(w.DB, logger), Notifier: w.notifier(),
		Lang: func(context.Context, person.ID) (string, error) { return "kk", nil }, Page: func(lang, course string, lesson int64) string { return at + "/" + lang + "/courses/" + course }})
	w.c, err = newConsole(Deps{Stage: stage, Keeper: w.Keeper, Ledger: w.Ledger, Editions: w.Editions, Desk: support.New(w.Keeper, w.Ledger, w.Clock.Now),
		Staff: staff.New(w.DB, w.Keeper, w.Ledger, accounts), Systems: system.New(w.DB, w.Keeper, w.Ledger, w.Editions), Accounts: accounts, Places: places,
		Drafts: draft.New(w.DB, w.Ledger, w.Editions), Courses: authoring.New(w.DB, files), Media: files, Exams: exam.New(w.DB, w.Keeper, w.study, attached), Tasks: tasks, Enrol: entries, Cases: w.rightsDesk(logger), Clocks: clocks.New(w.DB), Disclosures: w.newDisclosures(accounts, logger), Calendar: calendar, Terms: worktime.DefaultTerms(), Sizes: DefaultSizes(), Settings: Settings{Public: public, MailFrom: "noreply@ustaz.example", Database: "sqlite"},
		InviteLink: func(lang string, token secret.Text) string { return at + "/" + lang + "/invite/" + token.Reveal() }, Now: w.Clock.Now})
	w.must(err)
	w.inspection()
	w.people()
	w.viewers["all"] = whole(w.viewers["half"])
	for _, p := range cast {
		w.session(p.name)
	}
	w.cookies["all"] = w.cookies["half"]
	w.frame, err = web.New(web.Config{Public: public, Catalog: webtest.Catalog(t), Authenticate: w.authenticate, Log: logger, Now: w.Clock.Now,
		Routes: w.c.routes(), Menu: Menu(), Operator: web.Operator{Name: i18n.Text{KK: "«Білім» қоры", RU: "Фонд «Білім»", EN: "Bilim Foundation"}, BIN: "990140000010",
			Address:     i18n.Text{KK: "Астана қаласы, Мәңгілік Ел даңғылы, 1", RU: "г. Астана, проспект Мангилик Ел, 1", EN: "1 Mangilik El Avenue, Astana"},
			Email:       "ustaz@bilim.example",
			Responsible: i18n.Text{KK: "Әсем Қайратова, 12-бұйрық", RU: "Асем Кайратова, приказ № 12", EN: "Assem Kairatova, order No 12"}}})
	w.must(err)
	t.Cleanup(func() {
		for _, s := range shapes {
			if strings.Contains(w.log.String(), s) {
				t.Errorf("the program's log holds %q", s)
			}
		}
	})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// people fills the site: Aya with her canaries, and the cast.
func (w *world) people() {
	w.Helper()
	w.aya = w.Subject(w, canaries)
	for i, p := range cast {
		id := person.NewID(w.Clock.Now().Add(time.Duration(i+1) * time.Second))
		w.viewers[p.name] = web.Viewer{Subject: id, Session: p.name, Roles: p.roles, SecondFactor: len(p.roles) > 0 && p.name != "half"}
		if len(p.roles) == 0 {
			continue
		}
		names := make([]string, len(p.roles))
		managed := 0
		for i, r := range p.roles {
			if names[i] = r.String(); r == policy.Admin {
				managed = 1
			}
		}
		w.must(w.DB.Write(context.Background(), func(t *db.Tx) error {
			_, err := t.Exec("INSERT INTO staff (subject, roles, initials, disabled, since, managed) VALUES ($1, $2, $3, 0, $4, $5)",
				id, strings.Join(names, ","), p.initials, db.Micros(w.Clock.Now()), managed)
			return err
		}))
	}
}

// session gives one of the cast an account and a session that was opened with a code just now.
func (w *world) session(who string) {
	w.Helper()
	token := sha256.Sum256([]byte(who))
	hash := sha256.Sum256(token[:])
	subject, now := w.viewers[who].Subject, db.Micros(w.Clock.Now())
	w.must(w.DB.Write(context.Background(), func(t *db.Tx) error {
		if _, err := t.Exec(`INSERT INTO account (subject, status, staff, lang, phc, factor, step, created_at, confirmed_at, recovered_at)
			VALUES ($1, 2, 1, 'kk', '', 1, 0, $2, $2, 0) ON CONFLICT DO NOTHING`, subject, now); err != nil {
			return err
		}
		_, err := t.Exec(`INSERT INTO session (hash, id, subject, level, remembered, created_at, seen_at, proved_at, code_at, device, address)
			VALUES ($1, $2, $2, 2, 0, $3, $3, $3, $3, $4, $4)
			ON CONFLICT (hash) DO UPDATE SET created_at = $3, seen_at = $3, proved_at = $3, code_at = $3`, hash[:], subject, now, []byte{})
		return err
	}))
	rec := httptest.NewRecorder()
	web.NewCookies(w.c.Settings.Public).SetSession(rec, secret.New(base64.RawURLEncoding.EncodeToString(token[:])), time.Hour)
	w.cookies[who] = rec.Result().Cookies()[0]
}

// ServeHTTP is the site as a browser of the cast meets it: with the cookie of who asks.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if c := w.cookies[r.Header.Get(as)]; c != nil && r.Header.Get("Cookie") == "" {
		r.AddCookie(c)
	}
	w.frame.ServeHTTP(rw, r)
}

// aDraft is a draft of the policy that half began.
func (w *world) aDraft() string {
	w.Helper()
	if w.draft == 0 {
		var err error
		w.draft, err = w.c.Drafts.Begin(context.Background(), w.viewers["half"].Subject)
		w.must(err)
	}
	return w.draft.String()
}

// whole is a viewer like another who has proven the second factor.
func whole(v web.Viewer) web.Viewer { v.SecondFactor = true; return v }

// as is the header that tells the tests' authenticator who asks; headers of a browser can't hold letters beyond Latin.
const as = "Test-Viewer"

func (w *world) authenticate(r *http.Request) (web.Viewer, error) {
	v, ok := w.viewers[r.Header.Get(as)]
	if !ok {
		return v, errs.New(errs.Unavailable, "error.unavailable")
	}
	return v, nil
}

// page is an answer.
type page struct {
	*world
	code int
	head http.Header
	body string
}

func (w *world) do(who, method, target string, form url.Values) page {
	w.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	r.Header.Set(as, who)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if c.Name == w.cookies["admin"].Name {
			w.cookies[who] = c
		}
	}
	p := page{w, rec.Code, rec.Header(), rec.Body.String()}
	p.check(method + " " + target)
	return p
}

// check holds what is true of every answer.
func (p page) check(what string) {
	p.Helper()
	if p.code == http.StatusInternalServerError {
		p.Errorf("%s: %d", what, p.code)
	}
	for _, s := range shapes {
		if strings.Contains(p.head.Get("Location"), url.QueryEscape(s)) || strings.Contains(p.head.Get("Location"), s) {
			p.Errorf("%s leads to an address with %q", what, s)
		}
	}
	if !strings.HasPrefix(p.head.Get("Content-Type"), "text/html") {
		return
	}
	if p.head.Get("Cache-Control") != "no-store" {
		p.Errorf("%s may be stored", what)
	}
	for _, fault := range webtest.Lint(p.body) {
		p.Errorf("%s: %s", what, fault)
	}
	title, _, _ := strings.Cut(p.body[strings.Index(p.body, "<title>")+1:], "</title>")
	for _, address := range addresses(p.body) {
		title += " " + address
	}
	for _, s := range shapes {
		if strings.Contains(title, s) || strings.Contains(title, url.QueryEscape(s)) {
			p.Errorf("%s: a title or an address holds %q", what, s)
		}
	}
}

// addresses lists where a page leads to.
func addresses(body string) []string {
	var out []string
	for _, attr := range []string{`href="`, `action="`} {
		for _, part := range strings.Split(body, attr)[1:] {
			to, _, _ := strings.Cut(part, `"`)
			out = append(out, html.UnescapeString(to))
		}
	}
	return out
}

func (w *world) get(who, target string) page {
	w.Helper()
	return w.do(who, http.MethodGet, target, nil)
}

func (w *world) post(who, target string, pairs ...string) page {
	w.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return w.do(who, http.MethodPost, target, form)
}

// is holds the status.
func (p page) is(code int) page {
	p.Helper()
	if p.code != code {
		p.Errorf("status %d, want %d\n%s", p.code, code, p.main())
	}
	return p
}

// main is the page without its frame.
func (p page) main() string {
	_, after, _ := strings.Cut(p.body, "<main")
	main, _, _ := strings.Cut(after, "</main>")
	return strings.ReplaceAll(html.UnescapeString(main), "\u00a0", " ")
}

func (p page) has(parts ...string) page {
	p.Helper()
	for _, part := range parts {
		if !strings.Contains(p.main(), part) {
			p.Errorf("no %q on the page\n%s", part, p.main())
		}
	}
	return p
}

func (p page) lacks(parts ...string) page {
	p.Helper()
	for _, part := range parts {
		if strings.Contains(p.main(), part) {
			p.Errorf("%q is on the page", part)
		}
	}
	return p
}

// leads holds where a redirect goes.
func (p page) leads(to string) page {
	p.Helper()
	if p.is(http.StatusSeeOther).head.Get("Location") != to {
		p.Errorf("leads to %q, want %q", p.head.Get("Location"), to)
	}
	return p
}

// Addresses of the tests, in Kazakh.
const (
	inTicket = "?case=ticket%3A214&purpose=4.1.7"
	findPath = "/kk/console/find" + inTicket
)

func (w *world) personPath() string { return "/kk/console/person/" + w.aya.String() + inTicket }

// entries gives the log, the newest first.
func (w *world) entries() []string {
	w.Helper()
	all, _, err := w.Ledger.Latest(context.Background(), newest, 10_000, 10_000, nil)
	w.must(err)
	out := make([]string, len(all))
	for i, e := range all {
		outcome := "allowed"
		if e.Outcome != 1 {
			outcome = "refused"
		}
		out[i] = strings.Join([]string{e.Role.String(), e.Operation.String(), e.Purpose.Clause(), e.Fields.String(), e.Case, outcome, strings.Join(e.Clauses, " ")}, "|")
	}
	return out
}
