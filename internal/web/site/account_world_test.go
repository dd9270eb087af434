package site

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/net/html"

	"ustaz/internal/account"
	"ustaz/internal/attachment"
	"ustaz/internal/certificate"
	"ustaz/internal/clocks"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/disclosure"
	"ustaz/internal/enrol"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/limit"
	"ustaz/internal/media"
	"ustaz/internal/notice"
	"ustaz/internal/notify"
	"ustaz/internal/password"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/policy"
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
	"ustaz/internal/testdoor"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
	"ustaz/internal/web/play"
	"ustaz/internal/web/webtest"
)

// Values that are typed in the tests and must never get into the log.
const (
	ayaSurname  = "Әбдіғалиева"
	ayaGiven    = "Ая-Канарейка"
	ayaEmail    = "aya.canary@mysal.kz"
	ayaPassword = "тау бұлақ қайың сағат"
	ayaIIN      = "990101100010"
	ayaPhone    = "8 701 234 56 78"
	ayaAgent    = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

// world is a whole site with the pages of this file's package.
type world struct {
	*testdoor.Env
	t     testing.TB
	deps  AccountDeps
	queue *jobs.Queue
	frame *web.Frame
	set   *web.Set

	packages *url.URL // where packages are played; nil for the site itself
	media    *media.Store
	stage    *play.Stage

	mu      sync.Mutex
	letters []notify.Message
	log     bytes.Buffer
	secrets []string // that were met on the way
}

// Send makes world the sender of letters.
func (w *world) Send(_ context.Context, m notify.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letters = append(w.letters, m)
	return nil
}

func (w *world) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(b)
}

// openWorld opens a site at an address. At the end nothing of what was typed may stand in its log.
func openWorld(t testing.TB, home string, change ...func(*world)) *world {
	t.Helper()
	e := testdoor.SQLite(t)
	w := &world{Env: e, t: t, packages: &url.URL{Scheme: "http", Host: "packages.example"}, secrets: []string{ayaSurname, ayaGiven, ayaEmail, ayaPassword, ayaIIN, "2345678", "192.0.2.7", ayaAgent}}
	for _, c := range change {
		c(w)
	}
	public, err := url.Parse(home)
	w.must(err)
	catalog := webtest.Catalog(t)
	logger := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	hasher, err := password.NewHasher(password.Params{Cost: password.Cost{Memory: 8, Time: 1, Threads: 1}, KeyID: "1"},
		func(b []byte) []byte { return e.Keeper.Mac("password pepper", b) }, 4)
	w.must(err)
	w.queue = jobs.New(e.DB, logger)
	d := AccountDeps{Public: public, Editions: e.Editions, Ledger: e.Ledger}
	d.Consents = consent.New(e.DB, e.Keeper, e.Editions)
	d.Notices = notice.New(notice.Config{DB: e.DB, Door: e.Keeper, Queue: w.queue, Catalog: catalog, Public: public, Inbox: InboxPath, Stop: StopPath,
		Notifier: notify.New(e.Keeper, catalog, w, "noreply@ustaz.example", i18n.Text{KK: "Smart Ustaz"}, e.Clock.Now),
		Lang:     func(ctx context.Context, subject person.ID) (string, error) { return d.Accounts.Lang(ctx, subject) }})
	d.Accounts = account.New(account.Config{DB: e.DB, Door: e.Keeper, Consents: d.Consents, Hasher: hasher, Limiter: limit.New(e.DB, e.Keeper.Mac),
		Queue: w.queue, Notifier: notify.New(e.Keeper, catalog, w, "noreply@ustaz.example", i18n.Text{KK: "Smart Ustaz"}, e.Clock.Now), Log: logger, Site: "Smart Ustaz",
		Words: []string{"Smart Ustaz"},
		Link: func(kind account.LinkKind, lang string, token secret.Text) string {
			return public.JoinPath(LetterPath(kind, lang, token)).String()
		},
		Page: func(page account.Page, lang string) string { return public.JoinPath(LetterPage(page, lang)).String() }})
	d.Places, err = profile.OpenPlaces(context.Background(), e.DB)
	w.must(err)
	d.Profiles = profile.New(e.DB, e.Keeper, d.Places)
	d.Rights = rights.New(e.Keeper, e.Ledger, d.Consents)
	d.Staff = staff.New(e.DB, e.Keeper, e.Ledger, d.Accounts)
	d.Systems = system.New(e.DB, e.Keeper, e.Ledger, e.Editions)
	d.Limiter, d.Clocks = limit.New(e.DB, e.Keeper.Mac), clocks.New(e.DB)
	d.Study = study.New(e.DB, e.Keeper)
	d.Certificates = certificate.New(certificate.Config{DB: e.DB, Door: e.Keeper, Log: e.Ledger, Limiter: d.Limiter, Queue: w.queue, Lang: d.Accounts.Lang,
		Notifier: notify.New(e.Keeper, catalog, w, "noreply@ustaz.example", i18n.Text{KK: "Smart Ustaz"}, e.Clock.Now),
		Page:     func(lang string) string { return public.JoinPath(web.Path(lang, PathMyCertificates)).String() }})
	w.media = media.New(e.DB, media.DefaultLimits())
	d.Tickets = ticket.New(ticket.Config{DB: e.DB, Door: e.Keeper, Media: w.media, Limiter: d.Limiter, Queue: w.queue, Lang: d.Accounts.Lang, Notifier: d.Notices.As(notice.Support),
		Page: func(lang string, t *ticket.Ticket) string { return public.JoinPath(TicketPage(lang, t)).String() }})
	d.Enrol = enrol.New(enrol.Config{DB: e.DB, Door: e.Keeper, Study: d.Study, Limiter: d.Limiter, Queue: w.queue, Lang: d.Accounts.Lang,
		Notifier: notify.New(e.Keeper, catalog, w, "noreply@ustaz.example", i18n.Text{KK: "Smart Ustaz"}, e.Clock.Now),
		Page: func(lang, course string) string {
			return public.JoinPath(web.Path(lang, web.PathCourse, "slug", course)).String()
		}})
	d.Suggest = suggest.New(e.DB, e.Keeper, d.Study, d.Enrol, d.Profiles, d.Places)
	files := attachment.New(e.DB, e.Keeper, d.Study, w.media)
	d.Exams = exam.New(e.DB, e.Keeper, d.Study, files)
	d.Tasks = task.New(task.Config{DB: e.DB, Door: e.Keeper, Study: d.Study, Files: files, Led: d.Enrol.Leading, Queue: w.queue, Lang: d.Accounts.Lang,
		Notifier: notify.New(e.Keeper, catalog, w, "noreply@ustaz.example", i18n.Text{KK: "Smart Ustaz"}, e.Clock.Now),
		Page: func(lang, course string, lesson int64) string {
			return public.JoinPath(TaskLetter(lang, course, lesson)).String()
		}})
	d.Scorm = scorm.New(e.DB, e.Keeper, d.Study)
	w.stage, err = play.New(play.Config{Site: public, Origin: w.packages, Media: w.media, Attempts: d.Scorm, Log: logger})
	w.must(err)
	d.Exams.OnPassed(func(t *keeper.Tx, own person.ID, c learning.Course) error {
		_, err := d.Certificates.Issue(t, own, c)
		return err
	})
	d.Pages, d.Permits = publication.New(e.DB, e.Keeper, d.Limiter), permission.New(e.DB, e.Keeper)
	d.Disclosures = disclosure.New(disclosure.Config{DB: e.DB, Door: e.Keeper, Ledger: e.Ledger, Queue: w.queue, Catalog: catalog, Lang: d.Accounts.Lang,
		Places: d.Places.Tree, Notifier: notify.New(e.Keeper, catalog, w, "noreply@ustaz.example", i18n.Text{KK: "Smart Ustaz"}, e.Clock.Now),
		Link:     func(lang string, token secret.Text) string { return public.JoinPath(PackagePath(lang, token)).String() },
		DataLink: func(lang string) string { return public.JoinPath(web.Path(lang, PathData)).String() }})
	d.Cases = desk.New(desk.Config{DB: e.DB, Door: e.Keeper, Log: e.Ledger, Consents: d.Consents, Limiter: d.Limiter, Queue: w.queue,
		Notifier: notify.New(e.Keeper, catalog, w, "noreply@ustaz.example", i18n.Text{KK: "Smart Ustaz"}, e.Clock.Now), Lang: d.Accounts.Lang,
		Officers: func(context.Context) ([]person.ID, error) { return nil, nil }, Heads: func(context.Context) ([]person.ID, error) { return nil, nil },
		CasePage: func(lang string, c *desk.Case) string { return public.JoinPath(CasePage(lang, c.Number)).String() },
		StaffPage: func(lang string, c *desk.Case) string {
			return public.JoinPath(web.Path(lang, web.PathConsole)).String()
		},
		LinkPage: func(lang string, token secret.Text) string { return public.JoinPath(CaseLink(lang, token)).String() }})
	w.deps = d
	routes, err := Account(d)
	w.must(err)
	others, err := Public(Deps{DB: e.DB, Editions: e.Editions, Public: public, Study: d.Study, Exams: d.Exams, Tasks: d.Tasks, Enrol: d.Enrol, Suggest: d.Suggest, Media: w.media, Scorm: d.Scorm, Stage: w.stage})
	w.must(err)
	_, w.set, err = newAccount(d)
	w.must(err)
	w.frame, err = web.New(web.Config{Public: public, Catalog: catalog, Authenticate: Authenticate(d), Log: logger, Now: e.Clock.Now,
		Routes: slices.Concat(routes, others, w.stage.Routes()), Menu: append(Menu(), InboxMenu(d.Notices)...),
		Operator: web.Operator{Name: i18n.Text{KK: "«Білім» қоры", RU: "Фонд «Білім»", EN: "Bilim Foundation"}, BIN: "990140000010", Email: "ustaz@bilim.example",
			Address:     i18n.Text{KK: "Астана қаласы, Мәңгілік Ел даңғылы, 1", RU: "г. Астана, проспект Мангилик Ел, 1", EN: "1 Mangilik El Avenue, Astana"},
			Responsible: i18n.Text{KK: "Әсем Қайратова", RU: "Асем Кайратова", EN: "Assem Kairatova"}}})
	w.must(err)
	t.Cleanup(func() {
		log := w.log.String()
		for _, value := range w.secrets {
			if strings.Contains(log, value) {
				t.Errorf("the log holds what was typed or sent: %q", value)
			}
		}
		if !strings.Contains(log, `"route"`) {
			t.Error("nothing was logged: the search for values proves nothing")
		}
	})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// link is the link in the newest letter.
func (w *world) link() string {
	w.t.Helper()
	w.must(w.queue.Drain(context.Background()))
	failed, err := w.queue.Failed(context.Background())
	if err != nil || len(failed) > 0 {
		w.t.Fatalf("jobs failed: %+v %v", failed, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.letters) == 0 {
		w.t.Fatal("no letter was sent")
	}
	u, err := url.Parse(w.letters[len(w.letters)-1].Link.Reveal())
	w.must(err)
	if token := u.Path[strings.LastIndexByte(u.Path, '/')+1:]; len(token) == 43 {
		w.secrets = append(w.secrets, token)
	}
	return u.Path
}

func (w *world) count(table string) int {
	w.t.Helper()
	var n int
	_, err := w.DB.Get(context.Background(), []any{&n}, "SELECT count(*) FROM "+table)
	w.must(err)
	return n
}

// walker is somebody's browser: it keeps cookies, follows redirects and sends forms as they stand on the page.
type walker struct {
	w       *world
	t       testing.TB
	site    http.Handler
	cookies map[string]string
	deaf    bool // keeps no cookies
	at      string
	code    int
	header  http.Header
	body    string
	first   http.Header // of the answer before redirects were followed
}

func (w *world) walker() *walker {
	return &walker{w: w, t: w.t, site: w.frame, cookies: map[string]string{}}
}

func (b *walker) send(method, target string, values url.Values) *walker {
	b.t.Helper()
	return b.sendBody(method, target, "application/x-www-form-urlencoded", values.Encode())
}

func (b *walker) sendBody(method, target, kind, sent string) *walker {
	b.t.Helper()
	for hop := range 8 {
		var body io.Reader
		if method == http.MethodPost {
			body = strings.NewReader(sent)
		}
		r := httptest.NewRequest(method, target, body)
		r.RemoteAddr = "192.0.2.7:4000"
		r.Header.Set("User-Agent", ayaAgent)
		if method == http.MethodPost {
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		rec := httptest.NewRecorder()
		b.site.ServeHTTP(rec, r)
		for _, fault := range webtest.Headers(rec.Header()) {
			b.t.Errorf("%s %s: %s", method, target, fault)
		}
		for _, c := range rec.Result().Cookies() {
			switch {
			case b.deaf:
			case c.MaxAge < 0:
				delete(b.cookies, c.Name)
			default:
				b.cookies[c.Name] = c.Value
				b.w.secrets = append(b.w.secrets, c.Value)
			}
		}
		b.at, b.code, b.header, b.body = target, rec.Code, rec.Header(), rec.Body.String()
		if hop == 0 {
			b.first = rec.Header()
		}
		if rec.Code == http.StatusInternalServerError {
			b.t.Log(b.w.log.String()[max(0, b.w.log.Len()-600):])
		}
		if rec.Code != http.StatusSeeOther {
			break
		}
		method, target = http.MethodGet, rec.Header().Get("Location")
	}
	if strings.HasPrefix(b.header.Get("Content-Type"), "text/html") {
		for _, fault := range webtest.Lint(b.body) {
			b.t.Errorf("%s: %s", b.at, fault)
		}
	}
	return b
}

func (b *walker) open(target string) *walker {
	b.t.Helper()
	return b.send(http.MethodGet, target, nil)
}

// fill sends the form of the page whose address ends so, with what stands in it and these pairs of name and value. A value of "-" takes a
// name out.
func (b *walker) fill(action string, pairs ...string) *walker {
	b.t.Helper()
	return b.upload(action, nil, pairs...)
}

// upload is fill with files, by their names. A form that takes files is sent as browsers send it.
func (b *walker) upload(action string, files map[string]string, pairs ...string) *walker {
	b.t.Helper()
	to, values := b.form(action)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "-" {
			values.Del(pairs[i])
			continue
		}
		values.Set(pairs[i], pairs[i+1])
	}
	if _, takes := values[filesName]; !takes {
		return b.send(http.MethodPost, to, values)
	}
	values.Del(filesName)
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for name, all := range values {
		for _, v := range all {
			b.w.must(m.WriteField(name, v))
		}
	}
	if len(files) == 0 { // so browsers send a field in which nothing was chosen
		_, err := m.CreateFormFile(filesName, "")
		b.w.must(err)
	}
	for name, contents := range files {
		part, err := m.CreateFormFile(filesName, name)
		b.w.must(err)
		_, err = io.WriteString(part, contents)
		b.w.must(err)
	}
	b.w.must(m.Close())
	return b.sendBody(http.MethodPost, to, m.FormDataContentType(), body.String())
}

func (b *walker) form(action string) (string, url.Values) {
	b.t.Helper()
	doc, err := html.Parse(strings.NewReader(b.body))
	b.w.must(err)
	for _, form := range find(doc, func(n *html.Node) bool { return n.Data == "form" }) {
		if to := attr(form, "action"); strings.HasSuffix(to, action) {
			return to, formValues(form)
		}
	}
	b.t.Fatalf("%s has no form that goes to %s:\n%s", b.at, action, b.words())
	return "", nil
}

// formValues are what a browser would send of a form as it stands.
func formValues(form *html.Node) url.Values {
	values := url.Values{}
	for _, n := range find(form, func(n *html.Node) bool { return n.Data == "input" || n.Data == "select" || n.Data == "textarea" }) {
		name := attr(n, "name")
		switch kind := attr(n, "type"); {
		case kind == "radio" || kind == "checkbox":
			for _, a := range n.Attr {
				if a.Key == "checked" {
					values.Add(name, attr(n, "value"))
				}
			}
		case n.Data == "select":
			values.Set(name, "")
			for _, o := range find(n, func(n *html.Node) bool { return n.Data == "option" }) {
				for _, a := range o.Attr {
					if a.Key == "selected" {
						values.Set(name, attr(o, "value"))
					}
				}
			}
		case n.Data == "textarea":
			values.Set(name, said(n))
		default:
			values.Add(name, attr(n, "value"))
		}
	}
	return values
}

// words is the page as people read it.
func (b *walker) words() string {
	b.t.Helper()
	doc, err := html.Parse(strings.NewReader(b.body))
	b.w.must(err)
	for _, main := range find(doc, func(n *html.Node) bool { return n.Data == "main" }) {
		return strings.Join(strings.Fields(said(main)), " ")
	}
	return b.body
}

// is holds where the browser ended and with which status.
func (b *walker) is(code int, path string) *walker {
	b.t.Helper()
	at, _, _ := strings.Cut(b.at, "?")
	if b.code != code || at != path {
		b.t.Fatalf("at %s with %d, want %s with %d:\n%s", b.at, b.code, path, code, b.words())
	}
	return b
}

// says holds that words stand on the page.
func (b *walker) says(all ...string) *walker {
	b.t.Helper()
	for _, want := range all {
		if !strings.Contains(b.words(), want) {
			b.t.Fatalf("%s does not say %q:\n%s", b.at, want, b.words())
		}
	}
	return b
}

// signUp registers and confirms Aya, in a language.
func (w *world) signUp(lang, email string) *walker {
	w.t.Helper()
	b := w.walker()
	b.open("/"+lang+"/register").is(200, "/"+lang+"/register")
	b.fill("/register", "surname", ayaSurname, "given_name", ayaGiven, "email", email, "password", ayaPassword, "agreed", "1").is(200, "/"+lang+"/register/sent")
	at := w.link()
	b.open(at).fill(at, "current_password", ayaPassword).is(200, "/"+lang+"/my")
	return b
}

// subject is whose session a browser holds.
func (b *walker) subject() person.ID {
	b.t.Helper()
	return b.session().Subject
}

func (b *walker) session() account.Session {
	b.t.Helper()
	s, err := b.w.deps.Accounts.Authenticate(context.Background(), secret.New(b.cookies[web.NewCookies(b.w.deps.Public).Table()[0].Name]))
	b.w.must(err)
	return s
}

// code is what the authenticator app shows.
func (w *world) totp(typed string) string {
	w.t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(typed, " ", ""), w.Clock.Now())
	w.must(err)
	return code
}

// newer publishes another edition, which is in force at once.
func (w *world) newer(order string) {
	w.t.Helper()
	ed, err := policy.Default()
	w.must(err)
	ed.Order, ed.InForce = order, w.Clock.Now()
	for _, lang := range []string{"kk", "ru", "en"} {
		ed.Docs[lang].Sections[1].Clauses[0].Text += " +."
	}
	_, err = w.Keeper.Publish(context.Background(), ed)
	w.must(err)
	w.Clock.Move(3 * time.Second)
}

// damage changes every entry of the log a little, behind the program's back.
func (w *world) damage() {
	w.t.Helper()
	blobs := map[int64][]byte{}
	rows, err := w.DB.Query(context.Background(), "SELECT first, entries FROM ledger_segment")
	w.must(err)
	w.must(db.Each(rows, func(scan func(...any) error) error {
		var first int64
		var blob []byte
		err := scan(&first, &blob)
		blobs[first] = blob
		return err
	}))
	w.must(w.DB.Write(context.Background(), func(t *db.Tx) error {
		for first, blob := range blobs {
			for at := 0; at < len(blob); at += 2 + int(binary.BigEndian.Uint16(blob[at:])) {
				blob[at+2] ^= 1
			}
			if _, err := t.Exec("UPDATE ledger_segment SET entries = $1 WHERE first = $2", blob, first); err != nil {
				return err
			}
		}
		return nil
	}))
}
