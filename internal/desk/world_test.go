package desk_test

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

var catalog = sync.OnceValues(i18n.Load)

// letterbox keeps what was sent.
type letterbox struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (l *letterbox) Send(_ context.Context, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m)
	return nil
}

// to lists the keys of the letters to an address, and the link of the last.
func (l *letterbox) to(address string) (keys []string, link string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.sent {
		if m.To.Reveal() == address {
			keys, link = append(keys, strings.TrimPrefix(m.Key, "desk.letter.")), m.Link.Reveal()
		}
	}
	return keys, link
}

type world struct {
	*testdoor.Env
	t        *testing.T
	desk     *desk.Service
	queue    *jobs.Queue
	consents *consent.Consents
	box      *letterbox
	officer  keeper.Actor
	members  map[person.ID]bool // who has an account
	holds    map[person.ID][]string

	meanwhile func() // happens while it is looked for what holds an erasure back
}

const (
	officerMail = "officer@mysal.kz"
	headMail    = "head@mysal.kz"
)

func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) { fn(t, newWorld(t, e)) })
}

func newWorld(t *testing.T, e *testdoor.Env) *world {
	t.Helper()
	words, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Env: e, t: t, box: &letterbox{}, members: map[person.ID]bool{}, holds: map[person.ID][]string{}}
	officer := e.Subject(t, map[person.Field]string{person.Surname: "Серікова", person.GivenName: "Анар", person.Email: officerMail})
	head := e.Subject(t, map[person.Field]string{person.Surname: "Басшы", person.GivenName: "Бекзат", person.Email: headMail})
	w.members[officer], w.members[head] = true, true
	w.officer = keeper.Staff(officer, policy.Officer)
	w.queue = jobs.New(e.DB, slog.New(slog.DiscardHandler))
	w.consents = consent.New(e.DB, e.Keeper, e.Editions)
	page := func(kind string) func(string, *desk.Case) string {
		return func(lang string, c *desk.Case) string {
			return "https://ustaz.example/" + lang + "/" + kind + "/" + c.Number
		}
	}
	w.desk = desk.New(desk.Config{DB: e.DB, Door: e.Keeper, Log: e.Ledger, Consents: w.consents, Limiter: limit.New(e.DB, e.Keeper.Mac), Queue: w.queue,
		Notifier: notify.New(e.Keeper, words.Watched(func(key, what string) { t.Errorf("message %s: %s", key, what) }), w.box, "noreply@ustaz.example", i18n.Text{KK: "«Мысал» қоры"}, e.Clock.Now),
		Officers: func(context.Context) ([]person.ID, error) { return []person.ID{officer}, nil },
		Heads:    func(context.Context) ([]person.ID, error) { return []person.ID{head}, nil },
		Lang: func(_ context.Context, id person.ID) (string, error) {
			if w.members[id] {
				return "kk", nil
			}
			return "", nil
		},
		CasePage: page("case"), StaffPage: page("desk"),
		LinkPage: func(lang string, token secret.Text) string {
			return "https://ustaz.example/" + lang + "/link/" + token.Reveal()
		},
		Holders: []func(context.Context, person.ID) ([]string, error){func(_ context.Context, id person.ID) ([]string, error) {
			if w.meanwhile != nil {
				w.meanwhile()
			}
			return w.holds[id], nil
		}},
	})
	return w
}

// aya makes a teacher with a whole profile and an account.
func (w *world) aya() person.ID {
	w.t.Helper()
	id := w.Subject(w.t, testdoor.AyaFields)
	w.members[id] = true
	return id
}

func text(s string) person.Value { return person.Stored(person.Words, s) }

func filing(k desk.Kind) desk.Filing {
	f := desk.Filing{Kind: k, Words: text("Мекенжайым қате жазылған."), Lang: "kk"}
	if k == desk.Correction || k == desk.Block {
		f.Doubted = person.Set(person.Place, person.Surname)
	}
	return f
}

var dana = desk.Contact{Surname: person.Stored(person.Surname, "Данаева"), GivenName: person.Stored(person.GivenName, "Дана"),
	Email: person.Stored(person.Email, danaMail), Network: []byte("n")}

const danaMail = "dana@mysal.kz"

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) file(own person.ID, k desk.Kind) *desk.Case {
	w.t.Helper()
	c, err := w.desk.File(ctx, own, filing(k))
	w.must(err)
	return c
}

func (w *world) drain() {
	w.t.Helper()
	w.must(w.queue.Drain(ctx))
}

func (w *world) tick(d time.Duration) {
	w.t.Helper()
	w.Clock.Move(d)
	w.must(w.desk.Tick(ctx))
	w.drain()
}

func (w *world) restricted(id person.ID) bool {
	w.t.Helper()
	s, err := w.Keeper.State(ctx, id)
	w.must(err)
	return s.Restricted
}

// read tries to open the e-mail address as the program does for a notice.
func (w *world) read(id person.ID) error {
	_, err := w.Keeper.Read(ctx, keeper.Passage{Actor: keeper.Program(), Subject: id, Operation: policy.Use, Purpose: policy.Notify, Fields: person.Set(person.Email)})
	return err
}

func (w *world) officerSees(number string) *desk.View {
	w.t.Helper()
	v, err := w.desk.ForOfficer(ctx, w.officer, number)
	w.must(err)
	return v
}

func (w *world) partySees(own person.ID, number string) *desk.View {
	w.t.Helper()
	v, err := w.desk.ForParty(ctx, own, number, "")
	w.must(err)
	return v
}

func acts(v *desk.View) string {
	var out []string
	for _, s := range v.Steps {
		out = append(out, s.Act.String())
	}
	return strings.Join(out, " ")
}

func said(v *desk.View) string {
	var out []string
	for _, s := range v.Steps {
		if !s.Words.IsZero() {
			out = append(out, s.Words.Reveal())
		}
	}
	return strings.Join(out, " | ")
}

func (w *world) mustBe(err error, kind errs.Kind, key string) {
	w.t.Helper()
	if !errs.Is(err, kind) {
		w.t.Fatalf("answer %v, want %v", err, kind)
	}
	e := errs.As(err)
	if e.Key == key || slices.ContainsFunc(e.Fields, func(f errs.Field) bool { return f.Key == key }) {
		return
	}
	w.t.Fatalf("answer %v %v, want key %s", e.Key, e.Fields, key)
}

// tokenOf is the token at the end of a letter's link.
func tokenOf(t *testing.T, link string) secret.Text {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || !strings.Contains(u.Path, "/link/") {
		t.Fatalf("no link with a token: %q", link)
	}
	return secret.New(u.Path[strings.LastIndex(u.Path, "/")+1:])
}

func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	_, err := w.DB.Get(ctx, []any{&n}, query, args...)
	w.must(err)
	return n
}

func sqlite(t *testing.T) *testdoor.Env { return testdoor.SQLite(t) }

// second opens the same database as another server would: on SQLite there is none, and the same door stands for it.
func (w *world) second(t *testing.T) *keeper.Keeper {
	t.Helper()
	if w.DB.Dialect == db.SQLite {
		return w.Keeper
	}
	other := &testdoor.Env{Clock: w.Clock, URL: w.URL, KeyDir: w.KeyDir, Brake: w.Brake}
	other.Reopen(t)
	return other.Keeper
}
