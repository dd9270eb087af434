// Package keeper is the one door to personal data: nothing else imports seal, so no plain value comes out but through here.
//
// It guarantees, of every passage: the rules of the edition in force allowed it for this actor, purpose, operation, these fields and the
// subject's state (deny by default, 1.1.4); its entry was durable in the log before anything was opened; no field was opened but those
// asked for. A refusal is an entry too and names the clause. Where the log can't be written nothing is shown. A restriction (6.2.4) or
// an erasure (5.1) holds from its commit, on every server of the installation.
package keeper

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/seal"
)

// Actor is who asks.
type Actor struct {
	Kind  ledger.ActorKind
	ID    person.ID // of the account (staff: their own), of the system; 0 for a job
	Roles []policy.Role
}

// Own is the subject themselves.
func Own(id person.ID) Actor {
	return Actor{Kind: ledger.BySubject, ID: id, Roles: ownRoles}
}

// Staff is a member of staff with their roles.
func Staff(id person.ID, roles ...policy.Role) Actor {
	return Actor{Kind: ledger.ByStaff, ID: id, Roles: roles}
}

// System is an outside system with its roles.
func System(id person.ID, roles ...policy.Role) Actor {
	return Actor{Kind: ledger.BySystem, ID: id, Roles: roles}
}

// Program is the program itself: a job, a sign-in in progress.
func Program() Actor { return Actor{Kind: ledger.ByJob, Roles: jobRoles} }

var (
	ownRoles = []policy.Role{policy.Self}
	jobRoles = []policy.Role{policy.Job}
)

// Passage is one way through the door.
type Passage struct {
	Actor     Actor
	Subject   person.ID
	Operation policy.Operation
	Purpose   policy.Purpose
	Fields    person.Fields
	Case      string // "ticket:214": what the passage belongs to; see ParseCase
	// Once, where set, names a session and kind of page: the subject's own reads are entered once for each.
	Once string
}

// Held is a value with who set it and when (2.4).
type Held struct {
	person.Value
	SetAt   time.Time
	SetKind ledger.ActorKind
	SetBy   person.ID
	Version uint64
}

// Record is what a passage opened.
type Record struct {
	Subject person.ID
	State   policy.State
	Present person.Fields // every field that is held, opened or not
	Entry   int64         // place of the passage in the log; -1 where an earlier entry stands for it (Once)
	Past    []Past        // earlier values of the fields, where person.Past was asked for as well: by field, newest first
	held    []Held
}

// Get gives a field, if the passage opened it and it is held.
func (r *Record) Get(f person.Field) (Held, bool) {
	for i := range r.held {
		if r.held[i].Field() == f {
			return r.held[i], true
		}
	}
	return Held{}, false
}

// Value gives a field's value; the zero Value where there is none.
func (r *Record) Value(f person.Field) person.Value {
	h, _ := r.Get(f)
	return h.Value
}

// All lists what was opened, in order of the fields' codes.
func (r *Record) All() []Held { return r.held }

// Config is what the door needs.
type Config struct {
	DB       *db.DB
	Ledger   *ledger.Ledger
	Editions *edition.Store
	KeyDir   string
	Create   bool // make keys if there are none
	// Brake is how many people per hour a member of staff with a role may read, guesses included; absent means no limit.
	Brake map[policy.Role]int
	// Guesses is how often per hour somebody else with a role may look for people who are not there, or give a value that is another's.
	Guesses map[policy.Role]int
}

// Keeper is the door.
type Keeper struct {
	d        *db.DB
	log      *ledger.Ledger
	editions *edition.Store
	keys     *seal.Keys
	brake    map[policy.Role]int
	guesses  map[policy.Role]int
	onErase  []func(*db.Tx, person.ID) error

	onceMu sync.Mutex
	once   map[string]bool // entered already; forgotten whole when it grows
}

// New opens the door.
func New(c Config) (*Keeper, error) {
	keys, err := seal.Open(c.KeyDir, c.Create)
	if err != nil {
		return nil, err
	}
	return &Keeper{d: c.DB, log: c.Ledger, editions: c.Editions, keys: keys, brake: c.Brake, guesses: c.Guesses, once: map[string]bool{}}, nil
}

// OnErase adds what another package must remove in the transaction that erases a subject. Call it before serving.
func (k *Keeper) OnErase(fn func(t *db.Tx, subject person.ID) error) {
	k.onErase = append(k.onErase, fn)
}

var caseKinds = []string{"ticket", "request", "claim", "application", "question", "course", "test", "package", "group", "task", "check", "letter", "api", "disclosure",
	"statistics", "permission", "publication", "breach", "retention", "certificate", actKind}

// CaseKinds lists what a case may be.
func CaseKinds() []string { return slices.Clone(caseKinds) }

// actKind is of cases that are no work of anybody: they tell apart what people do with their own accounts.
const actKind = "act"

// ActCase is the case of an act of somebody on their own account, such as "password", where operation and purpose are those of other acts.
func ActCase(name string) string { return actKind + ":" + name }

// LetterCase is the case of a letter that belongs to none: which letter it was.
func LetterCase(key string) string { return "letter:" + key }

const maxCaseCode = 40

// ParseCase checks the name of a case: a kind from the closed list, a colon, a number or code. Free words would let a person's name
// into the log.
func ParseCase(s string) (string, error) {
	kind, code, _ := strings.Cut(s, ":")
	good := slices.Contains(caseKinds, kind) && code != "" && len(code) <= maxCaseCode
	for i := 0; good && i < len(code); i++ {
		switch c := code[i]; {
		case '0' <= c && c <= '9', 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
		case c == '/', c == '_', c == '.', c == '-':
			good = i > 0
		default:
			good = false
		}
	}
	if !good {
		return "", errs.New(errs.Invalid, "door.case")
	}
	return s, nil
}

// row is a subject as the table has it.
type row struct {
	id      person.ID
	state   policy.State
	wrapped []byte
	cells   []byte
}

// A queryFunc reads inside of a transaction or outside of any.
type queryFunc func(query string, args ...any) (*sql.Rows, error)

func (k *Keeper) reads(ctx context.Context) queryFunc {
	return func(q string, args ...any) (*sql.Rows, error) { return k.d.Query(ctx, q, args...) }
}

// rows gives, in one query, the rows of those of the subjects who exist. lock is "" or ForUpdate's.
func (k *Keeper) rows(query queryFunc, lock string, subjects ...person.ID) (map[person.ID]*row, error) {
	list, err := query("SELECT id, consent, restricted, erased, wrapped, cells FROM subject WHERE id "+k.d.OneOf("$1")+lock, db.Numbers(k.d, subjects))
	if err != nil {
		return nil, err
	}
	out := make(map[person.ID]*row, len(subjects))
	err = db.Each(list, func(scan func(...any) error) error {
		r := &row{}
		var consent, restricted, erased int64
		err := scan(&r.id, &consent, &restricted, &erased, &r.wrapped, &r.cells)
		r.state = policy.State{Consent: policy.Consent(consent), Restricted: restricted != 0, Erased: erased != 0}
		out[r.id] = r
		return err
	})
	return out, err
}

// row gives one subject's row; NotFound where there is none.
func (k *Keeper) row(query queryFunc, lock string, subject person.ID) (*row, error) {
	rows, err := k.rows(query, lock, subject)
	if err == nil && rows[subject] == nil {
		err = nobody()
	}
	return rows[subject], err
}

func nobody() error { return errs.New(errs.NotFound, "door.nosubject") }

// decide asks the rules and makes the entry that the passage leaves, whichever way it goes.
func (k *Keeper) decide(p *Passage, subject person.ID, state policy.State) (*ledger.Pending, policy.Decision, error) {
	if p.Case != "" {
		if _, err := ParseCase(p.Case); err != nil {
			return nil, policy.Decision{}, err
		}
	}
	ed, err := k.editions.InForce(k.d.Now())
	if err != nil {
		return nil, policy.Decision{}, err
	}
	req := policy.Request{Own: p.Actor.Kind == ledger.BySubject && p.Actor.ID == subject, Operation: p.Operation, Purpose: p.Purpose,
		Fields: p.Fields, State: state, Case: p.Case != ""}
	role, dec := ed.Edition.Rules.DecideRoles(p.Actor.Roles, req)
	e := &ledger.Pending{Entry: ledger.Entry{Kind: p.Actor.Kind, Actor: p.Actor.ID, Role: role, Subject: subject, Operation: p.Operation,
		Purpose: p.Purpose, Fields: p.Fields, Outcome: ledger.Allowed, Edition: ed.Seq, Clauses: dec.Clauses, Case: p.Case}}
	if !dec.Allowed {
		e.Outcome = ledger.Refused
	}
	return e, dec, nil
}

// refusal is the error of a passage that the rules forbid; it can say so in any language.
func refusal(p *Passage, dec policy.Decision, e *ledger.Pending) error {
	why := &policy.Refused{Decision: dec, Request: policy.Request{Role: e.Role, Operation: p.Operation, Purpose: p.Purpose, Fields: p.Fields}}
	return errs.Wrap(errs.Forbidden, dec.Key, why).By(dec.Clauses...)
}

// Read opens the fields of one subject that the passage names; with person.Past among them, their earlier values too.
func (k *Keeper) Read(ctx context.Context, p Passage) (*Record, error) {
	r, err := k.passOne(ctx, &p)
	if err != nil {
		return nil, err
	}
	rec, err := r.open(0)
	if err == nil && p.Fields.Has(person.Past) {
		rec.Past, err = k.past(ctx, r.people[0].row, p.Fields)
	}
	if err != nil {
		return nil, err
	}
	return rec, nil
}

// ReadMany opens the same fields of several subjects; each is an entry, all share one commit. One refusal refuses all; those that do not
// exist are left out.
func (k *Keeper) ReadMany(ctx context.Context, p Passage, subjects []person.ID) ([]*Record, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	r, err := k.pass(ctx, &p, subjects...)
	if err != nil {
		return nil, err
	}
	out := make([]*Record, 0, len(subjects))
	for i := range r.people {
		if r.people[i].row == nil {
			continue
		}
		rec, err := r.open(i)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// onceKept bounds the memory of what was entered; forgetting only means one more entry.
const onceKept = 50_000

func (p *Passage) onceKey() (string, bool) {
	if p.Once == "" || p.Actor.Kind != ledger.BySubject || p.Actor.ID != p.Subject {
		return "", false
	}
	return p.Subject.String() + p.Fields.String() + p.Purpose.Clause() + "\x00" + p.Once, true
}

func (k *Keeper) entered(p *Passage) bool {
	key, ok := p.onceKey()
	if !ok {
		return false
	}
	k.onceMu.Lock()
	defer k.onceMu.Unlock()
	return k.once[key]
}

func (k *Keeper) enter(p *Passage) {
	key, ok := p.onceKey()
	if !ok {
		return
	}
	k.onceMu.Lock()
	defer k.onceMu.Unlock()
	if len(k.once) >= onceKept {
		clear(k.once)
	}
	k.once[key] = true
}

// open is the only place where fields of a subject become plain. A blob that is damaged anywhere gives nothing.
func (k *Keeper) open(r *row, fields person.Fields) (*Record, error) {
	rec := &Record{Subject: r.id, State: r.state}
	wanted := make([]cell, 0, fields.Len())
	for rest := r.cells; len(rest) > 0; {
		var c cell
		var err error
		if c, rest, err = nextCell(rest); err != nil {
			return nil, damaged(err)
		}
		rec.Present |= person.Set(c.field)
		if fields.Has(c.field) {
			wanted = append(wanted, c)
		}
	}
	if len(wanted) == 0 {
		return rec, nil
	}
	key, err := k.keys.Unwrap(int64(r.id), r.wrapped)
	if err != nil {
		return nil, damaged(err)
	}
	rec.held = make([]Held, len(wanted))
	for i, c := range wanted {
		plain, err := key.Open(c.place(), c.sealed)
		if err != nil {
			return nil, damaged(err)
		}
		rec.held[i] = c.held(r.id, plain)
	}
	return rec, nil
}

// damaged is an alarm: a ciphertext that does not open was changed or moved by somebody.
func damaged(err error) error {
	if errors.Is(err, seal.ErrOpen) || errors.Is(err, errCells) {
		return errs.Wrap(errs.Internal, "door.damaged", err)
	}
	return err
}
