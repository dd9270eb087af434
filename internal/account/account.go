// Package account knows who is who (4.1.1): registration, sign-in, sessions, passwords, the second factor, the e-mail address that an
// account is found by, and the wish to be deleted.
//
// It guarantees:
//   - Nothing is kept of a person before the act by which they agree (2.1). An address belongs to an account only once a link sent to it
//     was followed (3.2.2), and to one account alone, however many ask at once.
//   - Answers of registration, sign-in and recovery, and the work behind them, are the same whether an address is known or not; what
//     differs is told by letter, from a job.
//   - Every way in goes through open, which looks at the account again in the transaction that makes the session; every request goes
//     through Authenticate. A session of the second level exists only if an unused second factor was proven since.
//   - Attempts are counted before it is known how they end. A stranger can't lock anybody out: a browser that was signed in before has
//     a count of its own, and a link by e-mail sets everything anew.
//   - Passwords, tokens, links and recovery codes are stored hashed; the shared secret of the second factor, the device and the address of
//     a session and an address to be confirmed lie sealed under the subject's key.
//
// Whatever ends an account ends its sessions and links in the same transaction.
package account

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Config is what accounts need.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Consents *consent.Consents
	Hasher   Hasher
	Limiter  *limit.Limiter
	Queue    *jobs.Queue
	Notifier *notify.Notifier
	Alerts   notify.Writer // tells what happened to an account; nil is Notifier
	News     notify.Writer // tells of editions; nil is Notifier
	Log      *slog.Logger
	// Site names the platform in the authenticator app.
	Site string
	// FactorForAll makes everybody set a second factor, not staff alone.
	FactorForAll bool
	// Words may not make up a password: names of the site and its operator.
	Words []string
	// Link gives the address, under the site's configured origin, of the page that a link of a letter opens.
	Link func(kind LinkKind, lang string, token secret.Text) string
	// Page gives the address of a page that letters lead to without a token; nil where such letters have no button.
	Page func(page Page, lang string) string
}

// Hasher is password.Hasher. Tests count the calls of it, to hold that an unknown address costs what a known one does.
type Hasher interface {
	Hash(ctx context.Context, plain secret.Text) (string, error)
	Verify(ctx context.Context, plain secret.Text, phc string) (ok, rehash bool, err error)
	VerifyNobody(ctx context.Context, plain secret.Text) error
}

// Accounts is the capability. It is safe for concurrent use.
type Accounts struct {
	cfg Config
}

// New makes the capability, hangs its jobs into the queue and its share into erasure.
func New(c Config) *Accounts {
	if c.Alerts == nil {
		c.Alerts = c.Notifier
	}
	if c.News == nil {
		c.News = c.Notifier
	}
	a := &Accounts{cfg: c}
	a.handleJobs()
	c.Door.OnErase(a.forget)
	return a
}

// status of an account. Codes are stored: never renumber.
type status int64

const (
	pending status = iota + 1 // registered, its address not confirmed
	active
	closed  // by the operator
	invited // registered by an outside system; neither confirmed the address nor set a password
)

// record is a row of the account table.
type record struct {
	subject   person.ID
	status    status
	staff     bool
	lang      string
	phc       string
	factor    bool  // a second factor is set and confirmed
	step      int64 // last time step whose code was accepted
	recovered int64 // when the password was last set by a link, µs; devices known before are strangers again
}

type getter func(dest []any, query string, args ...any) (bool, error)

func loadRecord(get getter, query string, subject person.ID) (record, bool, error) {
	r := record{subject: subject}
	var st, staff, factor int64
	found, err := get([]any{&st, &staff, &r.lang, &r.phc, &factor, &r.step, &r.recovered}, query, subject)
	r.status, r.staff, r.factor = status(st), staff != 0, factor != 0
	return r, found, err
}

func (a *Accounts) record(ctx context.Context, subject person.ID) (record, bool, error) {
	get := func(dest []any, q string, args ...any) (bool, error) { return a.cfg.DB.Get(ctx, dest, q, args...) }
	return loadRecord(get, selectAccount, subject)
}

// recordIn reads an account that the transaction is about to change.
func (a *Accounts) recordIn(t *db.Tx, subject person.ID) (record, bool, error) {
	return loadRecord(t.Get, selectAccount+a.cfg.DB.ForUpdate(), subject)
}

var errNoAccount = errs.New(errs.Unauthenticated, "account.session.over")

// activeIn is recordIn for acts that need an account people can sign in to.
func (a *Accounts) activeIn(t *db.Tx, subject person.ID) (record, error) {
	r, found, err := a.recordIn(t, subject)
	if err == nil && (!found || r.status != active) {
		err = errNoAccount
	}
	return r, err
}

// Visitor is where a request comes from: closed against printing like every personal value.
type Visitor struct {
	address person.Value
	device  person.Value
	known   secret.Text
}

// NewVisitor describes a visitor: the network address; the browser and system in a few words, empty if not known; and the token of the
// browser's device cookie (SignedIn.Device), empty if it sent none. Words that can't be kept are left out.
func NewVisitor(address netip.Addr, device string, known secret.Text) Visitor {
	v := Visitor{known: known}
	if address.IsValid() {
		v.address = person.Stored(person.Address, address.Unmap().WithZone("").String())
	}
	if d, err := person.Parse(person.Device, device, time.Time{}); err == nil {
		v.device = d
	}
	return v
}

// network is the key of the visitor's network for limits.
func (v Visitor) network() []byte {
	addr, err := netip.ParseAddr(v.address.Reveal())
	if err != nil {
		addr = netip.Addr{}
	}
	return limit.Network(addr)
}

// identify is a passage by which the subject proves or keeps safe who they are; it opens no field.
func identify(subject person.ID, op policy.Operation) keeper.Passage {
	return keeper.Passage{Actor: keeper.Own(subject), Subject: subject, Operation: op, Purpose: policy.Identify}
}

// act is a passage by which the subject keeps the account safe; name tells it from others of its sort in the log.
func act(subject person.ID, name string) keeper.Passage {
	p := identify(subject, policy.Recording)
	p.Case = keeper.ActCase(name)
	return p
}

// byProgram is a passage of the program itself while it finds out who somebody is.
func byProgram(subject person.ID, fields ...person.Field) keeper.Passage {
	return keeper.Passage{Actor: keeper.Program(), Subject: subject, Operation: policy.Use, Purpose: policy.Identify, Fields: person.Set(fields...)}
}

// SetStaff marks the account of a member of staff: shorter sessions, none remembered, a second factor required. It holds from the commit
// on for sessions that are open, too.
func (a *Accounts) SetStaff(t *db.Tx, subject person.ID, on bool) error {
	n, err := t.Exec(updateStaff, db.Bit(on), subject)
	if err == nil && n == 0 {
		err = errs.New(errs.NotFound, "door.nosubject")
	}
	return err
}

// Close shuts an account in the transaction that decides so: nobody signs in to it any more, its sessions and links end (ASVS 7.4.2).
func (a *Accounts) Close(t *db.Tx, subject person.ID) error {
	if _, err := t.Exec(updateStatus, int64(closed), subject); err != nil {
		return err
	}
	if err := a.EndSessions(t, subject); err != nil {
		return err
	}
	_, err := t.Exec(deleteLinks, subject)
	return err
}

// Reopen lets the owner of a closed account sign in again.
func (a *Accounts) Reopen(t *db.Tx, subject person.ID) error {
	_, err := t.Exec(reopenAccount, int64(active), subject, int64(closed))
	return err
}

// forget removes what this package keeps of a subject who is erased.
func (a *Accounts) forget(t *db.Tx, subject person.ID) error {
	for _, statement := range forgetStatements {
		if _, err := t.Exec(statement, subject); err != nil {
			return err
		}
	}
	return a.queueForgetting(t, subject)
}

// newPassword checks and hashes a password for an account, and gives the ticket that finds it. What must not make up the password is opened
// for that like everything else.
func (a *Accounts) newPassword(ctx context.Context, acc record, plain secret.Text) (phc string, ticket keeper.Ticket, err error) {
	rec, err := a.cfg.Door.Read(ctx, byProgram(acc.subject, person.Surname, person.GivenName, person.Email))
	if err != nil {
		return "", nil, noAccount(err)
	}
	words := slices.Clone(a.cfg.Words)
	for _, h := range rec.All() {
		words = append(words, h.Reveal())
	}
	if err := password.Check(plain.Reveal(), acc.factor, words); err != nil {
		return "", nil, err
	}
	phc, err = a.cfg.Hasher.Hash(ctx, plain)
	return phc, a.cfg.Door.TicketFor(rec.Value(person.Email)), err
}
