package account_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

const (
	address = "aya@mysal.kz"
	phrase  = "тау бұлақ қайың сағат"
	another = "кітап жел айна көпір"
)

// counted counts what a hasher is asked for.
type counted struct {
	*password.Hasher
	hashes, checks atomic.Int64
	busy           bool   // answers as one whose queue is full
	between        func() // runs once, after a password was checked and before anybody hears of it
}

func (c *counted) Hash(ctx context.Context, plain secret.Text) (string, error) {
	c.hashes.Add(1)
	return c.Hasher.Hash(ctx, plain)
}

func (c *counted) Verify(ctx context.Context, plain secret.Text, phc string) (bool, bool, error) {
	c.checks.Add(1)
	if c.busy {
		return false, false, errs.New(errs.Unavailable, "password.busy")
	}
	ok, again, err := c.Hasher.Verify(ctx, plain, phc)
	if act := c.between; act != nil {
		c.between = nil
		act()
	}
	return ok, again, err
}

func (c *counted) VerifyNobody(ctx context.Context, plain secret.Text) error {
	c.checks.Add(1)
	return c.Hasher.VerifyNobody(ctx, plain)
}

type env struct {
	*testdoor.Env
	*account.Accounts
	consents *consent.Consents
	queue    *jobs.Queue
	hasher   *counted
	log      *strings.Builder
	mailbox
}

var cheap = password.Params{Cost: password.Cost{Memory: 8, Time: 1, Threads: 1}}

func newEnv(t testing.TB, d *testdoor.Env) *env {
	t.Helper()
	e := &env{Env: d, log: &strings.Builder{}}
	log := slog.New(slog.NewJSONHandler(e.log, nil))
	h, err := password.NewHasher(cheap, nil, 4)
	if err != nil {
		t.Fatal(err)
	}
	e.hasher = &counted{Hasher: h}
	e.queue = jobs.New(d.DB, log)
	e.consents = consent.New(d.DB, d.Keeper, d.Editions)
	e.mailbox = newMailbox(t, d)
	e.Accounts = account.New(account.Config{DB: d.DB, Door: d.Keeper, Consents: e.consents, Hasher: e.hasher,
		Limiter: limit.New(d.DB, d.Keeper.Mac), Queue: e.queue, Notifier: e.notifier, Log: log, Site: "Smart Ustaz", Words: []string{"Smart Ustaz"},
		Link: func(kind account.LinkKind, lang string, token secret.Text) string {
			return fmt.Sprintf("https://example.kz/%s/%d?t=%s", lang, kind, token.Reveal())
		}, Page: func(page account.Page, lang string) string {
			return fmt.Sprintf("https://example.kz/%s/page/%d", lang, page)
		}})
	return e
}

func forBoth(t *testing.T, fn func(t *testing.T, e *env)) {
	t.Helper()
	testdoor.ForBoth(t, func(t *testing.T, d *testdoor.Env) { fn(t, newEnv(t, d)) })
}

// visitor comes from the n-th network.
func visitor(n int, known ...secret.Text) account.Visitor {
	addr := netip.AddrFrom4([4]byte{10, byte(n >> 8), byte(n), 7})
	return account.NewVisitor(addr, "Firefox, Linux", append(known, secret.Text{})[0])
}

func (e *env) form(t testing.TB, email string) account.Registration {
	t.Helper()
	ed, err := e.Editions.InForce(e.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return account.Registration{Surname: secret.New("Әбдіғалиева"), GivenName: secret.New("Ая"), Email: secret.New(email),
		Password: secret.New(phrase), Agreed: true, Edition: ed.Hash, Lang: "kk"}
}

func (e *env) drain(t testing.TB) {
	t.Helper()
	if err := e.queue.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	failed, err := e.queue.Failed(context.Background())
	if err != nil || len(failed) > 0 {
		t.Fatalf("jobs failed: %+v %v", failed, err)
	}
}

// link takes the token out of the newest letter with a link of a kind.
func (e *env) link(t testing.TB, kind account.LinkKind) secret.Text {
	t.Helper()
	e.drain(t)
	all := e.links(kind)
	if len(all) == 0 {
		t.Fatalf("no letter with a link of kind %d", kind)
	}
	return all[len(all)-1]
}

func (e *env) links(kind account.LinkKind) []secret.Text {
	var out []secret.Text
	for _, l := range e.letters() {
		if _, token, ok := strings.Cut(l.link, fmt.Sprintf("/%d?t=", kind)); ok {
			out = append(out, secret.New(token))
		}
	}
	return out
}

// Register is what a visitor sees of a registration.
func (e *env) Register(ctx context.Context, r account.Registration, v account.Visitor) error {
	_, err := e.Accounts.Register(ctx, r, v)
	return err
}

func (e *env) register(t testing.TB, email string) {
	t.Helper()
	if err := e.Register(context.Background(), e.form(t, email), visitor(1)); err != nil {
		t.Fatal(err)
	}
}

// member registers and confirms.
func (e *env) member(t testing.TB, email string) account.SignedIn {
	t.Helper()
	e.register(t, email)
	in, err := e.Confirm(context.Background(), e.link(t, account.ConfirmLink), secret.New(phrase), visitor(1))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (e *env) signIn(email, plain string, v account.Visitor) (account.SignedIn, error) {
	return e.SignIn(context.Background(), account.Credentials{Email: secret.New(email), Password: secret.New(plain)}, v)
}

func (e *env) mustSignIn(t testing.TB, email, plain string, v account.Visitor) account.SignedIn {
	t.Helper()
	in, err := e.signIn(email, plain, v)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// alive tells whether a token still opens a session.
func (e *env) alive(t testing.TB, token secret.Text) bool {
	t.Helper()
	_, err := e.Authenticate(context.Background(), token)
	if err != nil && !errs.Is(err, errs.Unauthenticated) {
		t.Fatal(err)
	}
	return err == nil
}

func proof(plain string, code ...string) account.Proof {
	return account.Proof{Password: secret.New(plain), Code: secret.New(append(code, "")[0])}
}

// factor sets a second factor in a session.
func (e *env) factor(t testing.TB, s account.Session) (account.SignedIn, account.Enrolment) {
	t.Helper()
	begun, err := e.BeginFactor(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	in, err := e.ConfirmFactor(context.Background(), s, secret.New(e.code(begun, 0)), visitor(1))
	if err != nil {
		t.Fatal(err)
	}
	return in, begun
}

// code is what the app shows, a number of steps from now.
func (e *env) code(of account.Enrolment, steps int) string {
	code, err := totp.GenerateCode(of.Secret.Reveal(), e.Clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		panic(err) // the secret is not base32
	}
	return code
}

// by has the operator do something to a subject.
func (e *env) by(t testing.TB, subject person.ID, op policy.Operation, purpose policy.Purpose, fn func(*keeper.Tx) error) {
	t.Helper()
	p := keeper.Passage{Actor: keeper.Staff(7, policy.Officer), Subject: subject, Operation: op, Purpose: purpose, Case: "request:1"}
	if _, err := e.Keeper.Change(context.Background(), p, fn); err != nil {
		t.Fatal(err)
	}
}

func (e *env) erase(t testing.TB, subject person.ID) {
	t.Helper()
	e.by(t, subject, policy.Destruction, policy.EndOfUse, (*keeper.Tx).Erase)
}

func (e *env) restrict(t testing.TB, subject person.ID) {
	t.Helper()
	e.by(t, subject, policy.Blocking, policy.Restriction, func(x *keeper.Tx) error { x.Restrict(true); return nil })
}

func (e *env) closeAccount(t testing.TB, subject person.ID) {
	t.Helper()
	if err := e.DB.Write(context.Background(), func(x *db.Tx) error { return e.Close(x, subject) }); err != nil {
		t.Fatal(err)
	}
}

func (e *env) reopen(subject person.ID) error {
	return e.DB.Write(context.Background(), func(x *db.Tx) error { return e.Accounts.Reopen(x, subject) })
}

func (e *env) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if _, err := e.DB.Get(context.Background(), []any{&n}, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// work is what an act costs: hashes made, passwords checked, calls that wrote.
type work struct{ hashes, checks, writes int64 }

func (e *env) cost(fn func()) work {
	h, c := e.hasher.hashes.Load(), e.hasher.checks.Load()
	_, before := e.DB.Batches()
	fn()
	_, after := e.DB.Batches()
	return work{e.hasher.hashes.Load() - h, e.hasher.checks.Load() - c, after - before}
}

// said is everything that an error would tell.
func said(err error) string {
	if err == nil {
		return "ok"
	}
	x := errs.As(err)
	return fmt.Sprint(x.Kind, x.Key, x.Args, x.Clauses, x.Fields)
}

func mustBe(t testing.TB, err error, kind errs.Kind, key string) {
	t.Helper()
	if !errs.Is(err, kind) || errs.As(err).Key != key {
		t.Fatalf("got %v, want %v %q", err, kind, key)
	}
}

// mustFault wants an error with a line for one input.
func mustFault(t testing.TB, err error, name, key string) {
	t.Helper()
	if !errs.Is(err, errs.Invalid) || len(errs.As(err).Fields) != 1 || errs.As(err).Fields[0].Name != name || errs.As(err).Fields[0].Key != key {
		t.Fatalf("got %v, want %s: %s", err, name, key)
	}
}
