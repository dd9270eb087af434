// Package system knows the outside systems that come in through the API: what each may act as, for which purposes, and the token that it
// shows.
//
// It guarantees: a token is 256 random bits, shown once and kept as a keyed hash alone; it ends at a day set in advance, a year ahead at
// the most; one that was revoked or replaced opens nothing from that moment on in this process, and within a second in any other; a system
// passes for its own purposes only, and an attempt for another is refused by 6.2.1 and stands in the log before the refusal is told. Whoever
// lets a system in, changes its token or sends it away is an administrator in the very transaction that does it, and leaves an entry with it.
package system

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
)

// MaxLife is how long a token may be good for.
const MaxLife = 366 * 24 * time.Hour

const maxName = 80 // code points

// System is an outside system. Its slices are shared: read them, don't write.
type System struct {
	ID        person.ID
	Name      string // of the system, not of a person
	Roles     []policy.Role
	Purposes  []policy.Purpose
	CreatedAt time.Time
	ExpiresAt time.Time
	LastUsed  time.Time // the day, UTC; zero if never
	RevokedAt time.Time // zero while it may come in
}

// Actor is how the system stands before the door.
func (s *System) Actor() keeper.Actor { return keeper.System(s.ID, s.Roles...) }

// Spec is what an administrator decides about a system.
type Spec struct {
	Name     string
	Roles    []policy.Role    // reader, registrar
	Purposes []policy.Purpose // of the closed set
	Expires  time.Time        // of its token
}

// Registry holds the systems of an installation. It is safe for concurrent use.
type Registry struct {
	d        *db.DB
	k        *keeper.Keeper
	log      *ledger.Ledger
	editions *edition.Store

	mu         sync.RWMutex
	known      map[tokenDigest]*known
	generation uint64 // moves whenever a token of this process's knowledge may have ended
}

// New makes a registry over a database and its door.
func New(d *db.DB, k *keeper.Keeper, log *ledger.Ledger, editions *edition.Store) *Registry {
	return &Registry{d: d, k: k, log: log, editions: editions, known: map[tokenDigest]*known{}}
}

// atMachine stands for the operator, who gives commands where the program runs.
const atMachine person.ID = 0

// enter records what an administrator, or the operator at the machine, did with a system (1.1.1). The case names which.
func (r *Registry) enter(t *db.Tx, by, id person.ID, op policy.Operation) error {
	e := ledger.Entry{Kind: ledger.ByStaff, Actor: by, Role: policy.Admin, Operation: op, Purpose: policy.Identify, Outcome: ledger.Allowed,
		Clauses: []string{"1.1.1"}, Case: "api:" + id.String()}
	if by == atMachine {
		e.Kind, e.Role = ledger.ByJob, policy.Job
	}
	return r.log.Append(t, &ledger.Pending{Entry: e})
}

// Add enters a system and gives its token, which nobody can learn later. by is the administrator, 0 the operator at the machine. Errors: Invalid with fields name, roles, purposes, expires;
// Conflict where another system has the name; Forbidden where by manages no systems, or no more.
func (r *Registry) Add(ctx context.Context, by person.ID, s Spec) (System, secret.Text, error) {
	name, faults := checkName(s.Name)
	roles, ok := roleSet(s.Roles)
	if !ok {
		faults = append(faults, errs.Field{Name: "roles", Key: "api.system.roles"})
	}
	purposes, ok := purposeSet(s.Purposes)
	if !ok {
		faults = append(faults, errs.Field{Name: "purposes", Key: "api.system.purposes"})
	}
	now := r.d.Now()
	if err := errs.InvalidFields(append(faults, checkExpiry(s.Expires, now)...)); err != nil {
		return System{}, secret.Text{}, err
	}
	token, random := newToken()
	row := row{id: person.NewID(now), name: name, roles: roles, purposes: purposes, created: db.Micros(now), expires: db.Micros(s.Expires)}
	added := false
	err := r.d.Write(ctx, func(t *db.Tx) (err error) {
		if err := staff.MustManage(t, by); err != nil {
			return err
		}
		if added, err = row.insert(t, r.hash(random)); err != nil || !added {
			return err
		}
		return r.enter(t, by, row.id, policy.Recording)
	})
	if err == nil && !added {
		err = errs.New(errs.Conflict, "api.system.name.taken")
	}
	if err != nil {
		return System{}, secret.Text{}, err
	}
	return row.system(), token, nil
}

// List gives every system, also those revoked, by name.
func (r *Registry) List(ctx context.Context) ([]System, error) { return list(ctx, r.d) }

// Revoke ends a system's token for good. NotFound where there is none or it was revoked; Forbidden as of Add.
func (r *Registry) Revoke(ctx context.Context, by, id person.ID) error {
	return r.end(ctx, by, id, policy.Blocking, func(t *db.Tx) (bool, error) { return revoke(t, id) })
}

// Rotate gives a system a new token that is good until expires; the old one ends at once. NotFound where there is no such system or it
// was revoked; Forbidden as of Add.
func (r *Registry) Rotate(ctx context.Context, by, id person.ID, expires time.Time) (secret.Text, error) {
	if err := errs.InvalidFields(checkExpiry(expires, r.d.Now())); err != nil {
		return secret.Text{}, err
	}
	token, random := newToken()
	err := r.end(ctx, by, id, policy.Refinement, func(t *db.Tx) (bool, error) { return replaceToken(t, id, r.hash(random), expires) })
	if err != nil {
		return secret.Text{}, err
	}
	return token, nil
}

// end runs a change after which a token is good no more. What is remembered goes whatever the outcome: a failed commit may have happened.
func (r *Registry) end(ctx context.Context, by, id person.ID, op policy.Operation, change func(*db.Tx) (bool, error)) error {
	defer r.forget()
	found := false
	err := r.d.Write(ctx, func(t *db.Tx) (err error) {
		if err := staff.MustManage(t, by); err != nil {
			return err
		}
		if found, err = change(t); err != nil || !found {
			return err
		}
		return r.enter(t, by, id, op)
	})
	if err == nil && !found {
		err = errs.New(errs.NotFound, "api.system.unknown")
	}
	return err
}

func checkName(raw string) (string, []errs.Field) {
	name := strings.TrimSpace(norm.NFC.String(raw))
	bad := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if name == "" || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, bad) {
		return "", []errs.Field{{Name: "name", Key: "api.system.name"}}
	}
	return name, nil
}

func checkExpiry(expires, now time.Time) []errs.Field {
	if expires.After(now) && !expires.After(now.Add(MaxLife)) {
		return nil
	}
	return []errs.Field{{Name: "expires", Key: "api.system.expires"}}
}

// Outside systems read or register (1.1.4); a role of staff or of the subject is nobody's to lend.
var lent = []policy.Role{policy.Reader, policy.Registrar}

func roleSet(roles []policy.Role) (set int64, ok bool) {
	for _, role := range roles {
		if !slices.Contains(lent, role) {
			return 0, false
		}
		set |= 1 << role
	}
	return set, set != 0
}

func purposeSet(purposes []policy.Purpose) (set int64, ok bool) {
	for _, p := range purposes {
		if !p.Valid() {
			return 0, false
		}
		set |= 1 << p
	}
	return set, set != 0
}

// Allow tells whether a system may ask for the purpose of p at all. The rules of the edition, which the door asks afterwards, may still
// refuse. An error is Forbidden by 6.2.1, and its entry is in the log.
func (r *Registry) Allow(ctx context.Context, s *System, p *keeper.Passage) error {
	if slices.Contains(s.Purposes, p.Purpose) {
		return nil
	}
	why := errs.New(errs.Forbidden, "api.purpose.foreign").With("purpose", p.Purpose.Clause()).By("6.2.1")
	return r.Refuse(ctx, s, p, why)
}

// Refuse enters a refusal of a system's passage by the clauses of why, and gives why; or, where the log can't be written, that error.
func (r *Registry) Refuse(ctx context.Context, s *System, p *keeper.Passage, why *errs.Error) error {
	ed, err := r.editions.InForce(r.d.Now())
	if err != nil {
		return err
	}
	err = r.log.Record(ctx, &ledger.Pending{Entry: ledger.Entry{Kind: ledger.BySystem, Actor: s.ID, Role: s.Roles[0], Subject: p.Subject,
		Operation: p.Operation, Purpose: p.Purpose, Fields: p.Fields, Outcome: ledger.Refused, Edition: ed.Seq, Clauses: why.Clauses, Case: p.Case}})
	if err != nil {
		return err
	}
	return why
}
