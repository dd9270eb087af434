package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/system"
	"ustaz/internal/testdoor"
)

// forBoth runs a test on both databases.
func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) { fn(t, newWorld(t, e)) })
}

// world is an API on a real door. Every answer that it gives in a test is held to the description, and its log to the rule that no value
// and no token stands in it.
type world struct {
	t       testing.TB
	env     *testdoor.Env
	handler http.Handler
	systems *system.Registry
	log     *lockedBuffer
	queue   *jobs.Queue
	own     *account.Accounts
	letters letterbox
	secrets []string // may not be in the log
	keys    int
	reader  credentials // may read, for 4.1.1, 4.1.2 and 4.1.5
	clerk   credentials // registers and reads, for the same and 5.1
}

type credentials struct {
	system.System
	token string
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

var ourPurposes = []policy.Purpose{policy.Identify, policy.Personalise, policy.Verify, policy.EndOfUse}

func newWorld(t testing.TB, e *testdoor.Env) *world {
	t.Helper()
	w := &world{t: t, env: e, log: &lockedBuffer{}, systems: system.New(e.DB, e.Keeper, e.Ledger, e.Editions)}
	w.accounts()
	w.handler = w.serve(1000)
	for _, v := range values {
		w.secrets = append(w.secrets, v)
	}
	w.reader = w.add("Electronic journal", testdoor.Start.Add(300*24*time.Hour), ourPurposes, policy.Reader)
	w.clerk = w.add("Regional register", testdoor.Start.Add(300*24*time.Hour), ourPurposes, policy.Registrar)
	t.Cleanup(func() {
		for _, s := range w.secrets {
			if strings.Contains(w.log.String(), s) {
				t.Errorf("the log holds %q", s)
			}
		}
	})
	return w
}

// words are read once for all tests: nobody changes them.
var words = sync.OnceValues(i18n.Load)

func (w *world) serve(rate int) http.Handler {
	w.t.Helper()
	catalog, err := words()
	if err != nil {
		w.t.Fatal(err)
	}
	e := w.env
	return New(Deps{DB: e.DB, Keeper: e.Keeper, Ledger: e.Ledger, Editions: e.Editions, Systems: w.systems,
		Consents: consent.New(e.DB, e.Keeper, e.Editions), Accounts: w.own, Limiter: limit.New(e.DB, e.Keeper.Mac), Places: place.Default,
		Catalog: catalog.Watched(func(key, what string) { w.t.Errorf("message %s: %s", key, what) }),
		Log:     slog.New(slog.NewJSONHandler(w.log, nil)), Rate: rate})
}

// letterbox keeps whom letters went to, and the tokens of their links.
type letterbox struct{ to, keys, tokens []string }

func (l *letterbox) Send(_ context.Context, m notify.Message) error {
	l.to, l.keys = append(l.to, m.To.Reveal()), append(l.keys, m.Key)
	return nil
}

func (l *letterbox) Forget(string) error { return nil }

func (w *world) accounts() {
	w.t.Helper()
	e := w.env
	catalog, err := words()
	if err != nil {
		w.t.Fatal(err)
	}
	hasher, err := password.NewHasher(password.Params{Cost: password.Cost{Memory: 8, Time: 1, Threads: 1}}, nil, 4)
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.queue = jobs.New(e.DB, log)
	w.own = account.New(account.Config{DB: e.DB, Door: e.Keeper, Consents: consent.New(e.DB, e.Keeper, e.Editions), Hasher: hasher,
		Limiter: limit.New(e.DB, e.Keeper.Mac), Queue: w.queue, Log: log,
		Notifier: notify.New(e.Keeper, catalog, &w.letters, "noreply@example.kz", i18n.Text{KK: "«Мысал» қоры"}, e.Clock.Now),
		Link: func(_ account.LinkKind, lang string, token secret.Text) string {
			w.letters.tokens = append(w.letters.tokens, token.Reveal())
			return "https://example.kz/" + lang
		}})
}

// deliver sends the letters that wait.
func (w *world) deliver() {
	w.t.Helper()
	if err := w.queue.Drain(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	if failed, err := w.queue.Failed(context.Background()); err != nil || len(failed) > 0 {
		w.t.Fatalf("jobs failed: %+v %v", failed, err)
	}
}

// confirm follows the newest letter's link, as whoever holds the box does.
func (w *world) confirm() {
	w.t.Helper()
	w.deliver()
	if err := w.own.Recover(context.Background(), secret.New(w.letters.tokens[len(w.letters.tokens)-1]), secret.New("тау бұлақ қайың сағат")); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) add(name string, expires time.Time, purposes []policy.Purpose, roles ...policy.Role) credentials {
	w.t.Helper()
	s, token, err := w.systems.Add(context.Background(), 0, system.Spec{Name: name, Roles: roles, Purposes: purposes, Expires: expires})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.known(s, token)
}

func (w *world) known(s system.System, token secret.Text) credentials {
	w.secrets = append(w.secrets, token.Reveal())
	return credentials{s, token.Reveal()}
}

// values are of Aya, an invented teacher; none may be met in the log.
var values = map[person.Field]string{
	person.Surname: "Әбдіғалиева", person.GivenName: "Айжанар", person.Email: "aya@mysal.kz", person.IIN: "990101100010", person.Phone: "+77012345678",
	person.Place: "103200000", person.Workplace: "school", person.Position: "other:қобызшы", person.ServiceSince: "2015-09",
}

// request is one that a test sends.
type request struct {
	as     credentials
	method string
	path   string // below Prefix
	body   string
	header map[string]string // beside those of every request; an empty one takes it away
}

// answer is what came back.
type answer struct {
	w      *world
	status int
	header http.Header
	body   string
}

func (w *world) post(as credentials, path, body string) answer {
	w.t.Helper()
	return w.do(request{as: as, method: "POST", path: path, body: body})
}

func (w *world) get(as credentials, path string) answer {
	w.t.Helper()
	return w.do(request{as: as, method: "GET", path: path})
}

// build makes the HTTP request. Every change has a new key.
func (w *world) build(q request) *http.Request {
	w.t.Helper()
	r := httptest.NewRequest(q.method, Prefix+q.path, nil)
	if q.body != "" {
		r = httptest.NewRequest(q.method, Prefix+q.path, strings.NewReader(q.body))
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+q.as.token)
	r.Header.Set("Accept-Language", "en")
	w.keys++
	r.Header.Set(keyHeader, "change-"+strconv.Itoa(w.keys))
	for name, value := range q.header {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

func (w *world) do(q request) answer {
	w.t.Helper()
	r := w.build(q)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	a := answer{w, rec.Code, rec.Header(), rec.Body.String()}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		w.t.Errorf("%s %s: Cache-Control %q", q.method, q.path, got)
	}
	if got := a.header.Get("X-Content-Type-Options"); got != "nosniff" {
		w.t.Errorf("%s %s: X-Content-Type-Options %q", q.method, q.path, got)
	}
	checkAgainstDescription(w.t, r, q.body, a)
	return a
}

func (a answer) want(status int) answer {
	a.w.t.Helper()
	if a.status != status {
		a.w.t.Fatalf("status %d, not %d: %s", a.status, status, a.body)
	}
	return a
}

// into reads the document of an answer.
func (a answer) into(v any) {
	a.w.t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.w.t.Fatalf("%v in %s", err, a.body)
	}
}

// refused holds an answer to be a problem of a status that names a clause first, "" for none, and, where name is set, an input at fault.
func (a answer) refused(status int, clause, name string) problem {
	a.w.t.Helper()
	a.want(status)
	var p problem
	a.into(&p)
	if clause == "" && len(p.Clauses) > 0 || clause != "" && (len(p.Clauses) == 0 || p.Clauses[0] != clause) {
		a.w.t.Errorf("clauses %v, not %q: %s", p.Clauses, clause, a.body)
	}
	if name != "" && (len(p.Fields) == 0 || p.Fields[0].Name != name) {
		a.w.t.Errorf("at fault is %v, not %s", p.Fields, name)
	}
	for _, v := range values {
		if strings.Contains(a.body, v) {
			a.w.t.Errorf("the problem holds %q: %s", v, a.body)
		}
	}
	return p
}

// edition is the hash of the edition in force.
func (w *world) edition() string {
	w.t.Helper()
	ed, err := w.env.Editions.InForce(w.env.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return ed.Hash
}

// registration is the document that registers somebody with values.
func (w *world) registration(fields map[string]string) string {
	w.t.Helper()
	return w.document(map[string]any{"fields": fields, "purpose": "4.1.5",
		"consent": map[string]string{"edition": w.edition(), "lang": "kk", "channel": "system"}})
}

func (w *world) document(v any) string {
	w.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

// aya registers Aya with all her values.
func (w *world) aya() receipt {
	w.t.Helper()
	fields := map[string]string{}
	for f, v := range values {
		fields[f.String()] = v
	}
	return w.register(fields)
}

func (w *world) register(fields map[string]string) receipt {
	w.t.Helper()
	var r receipt
	w.post(w.clerk, "subjects", w.registration(fields)).want(http.StatusCreated).into(&r)
	return r
}

// somebody registers a person without a look-up.
func (w *world) somebody() receipt {
	w.t.Helper()
	return w.register(map[string]string{"surname": "Сейітқали", "given_name": "Дәурен"})
}

var openAPI = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(description)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

// checkAgainstDescription holds a request that was not refused for its form, and every answer, to openapi.json.
func checkAgainstDescription(t testing.TB, r *http.Request, body string, a answer) {
	t.Helper()
	doc, err := openAPI()
	if err != nil {
		t.Fatal(err)
	}
	input := &openapi3filter.RequestValidationInput{Request: r, Options: &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, SkipSettingDefaults: true}}
	if input.Route, input.PathParams = routeOf(doc, r); input.Route == nil {
		checkUnrouted(t, doc, r, a)
		return
	}
	switch a.status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
	default:
		r.Body = io.NopCloser(strings.NewReader(body))
		if missing := a.status == http.StatusForbidden && strings.Contains(a.body, `"2.1"`); !missing {
			if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
				t.Errorf("the request %s %s is not as described: %v", r.Method, r.URL.Path, err)
			}
		}
	}
	response := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: a.status, Header: a.header,
		Body: io.NopCloser(strings.NewReader(a.body)), Options: input.Options}
	if err := openapi3filter.ValidateResponse(context.Background(), response); err != nil {
		t.Errorf("the answer %d to %s %s is not as described: %v", a.status, r.Method, r.URL.Path, err)
	}
}

// routeOf finds the operation that describes a request.
func routeOf(doc *openapi3.T, r *http.Request) (*routers.Route, map[string]string) {
	var found *routers.Route
	params := map[string]string{}
	mux := http.NewServeMux()
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			mux.HandleFunc(method+" "+strings.TrimSuffix(Prefix, "/")+path, func(_ http.ResponseWriter, r *http.Request) {
				found = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
				for _, p := range item.Parameters {
					params[p.Value.Name] = r.PathValue(p.Value.Name)
				}
			})
		}
	}
	mux.ServeHTTP(httptest.NewRecorder(), r.Clone(context.Background()))
	return found, params
}

// checkUnrouted holds an answer from where no operation is to the description of the kind of problem.
func checkUnrouted(t testing.TB, doc *openapi3.T, r *http.Request, a answer) {
	t.Helper()
	if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed || a.header.Get("Content-Type") != problemType {
		t.Errorf("%s %s, which nothing describes: %d %s", r.Method, r.URL.Path, a.status, a.body)
	}
	var body any
	a.into(&body)
	schema := doc.Components.Schemas["Problem"].Value
	if err := schema.VisitJSON(body, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
}
