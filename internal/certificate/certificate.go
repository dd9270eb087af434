// Package certificate keeps certificates of courses (4.1.2): who finished which course, checked by everybody under the certificate's number.
//
// It guarantees: one certificate holds for a person and course; the name on it and its code lie sealed under its owner's key and go with it, number,
// course, hours and dates stay; whoever checks a number learns whose it is only where its owner made that public (7.2) or gave them the code, each
// time through the door, so a block (6.2.4), a withdrawal or an erasure closes the name by its own commit; a number or code that is wrong in any way has
// one answer, and neither can be walked through; what happened to a certificate, and by whom, stays on record.
package certificate

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Certificate is what everybody may know of one.
type Certificate struct {
	ID       int64
	Number   string // "SU-26-7K3M-9XRT-4"
	Course   string // slug
	Titles   map[string]string
	Hours    int       // academic
	Earned   time.Time // when the course was finished
	Issued   time.Time // later where it was made anew
	Public   time.Time // since when its owner shows the name to everybody (7.2); zero if they don't
	Revoked  time.Time // zero unless it is
	Reason   Reason    // of that
	Replaced bool      // by one that was made anew
	Named    bool      // a name stands on it; one that was issued before there was any waits for it
	Kept     bool      // it has an owner: they were not erased

	subject                  person.ID
	surname, givenName, code []byte // sealed
	hash                     []byte
}

// Good tells whether it holds.
func (c *Certificate) Good() bool { return c.Revoked.IsZero() && !c.Replaced }

// Title is that of its course, as it was, in a language or else in Kazakh.
func (c *Certificate) Title(lang string) string {
	if t, has := c.Titles[lang]; has {
		return t
	}
	return c.Titles["kk"]
}

// Code is a certificate's name at the door and in the log.
func Code(number string) string { return kind + number }

const kind = "certificate:"

// Name are the fields that stand on a certificate; Fields are those and the code.
var (
	Name   = person.Set(person.Surname, person.GivenName)
	Fields = Name | person.Set(person.Study)
)

// Act is what happened to a certificate. Codes are stored: never renumber.
type Act uint8

// The acts.
const (
	Issued Act = iota + 1
	NameTaken
	MadePublic
	Closed // the name is public no more
	Revoked
	Restored
	Replaced
)

// String is the end of message keys, "certificate.act." + it.
func (a Act) String() string {
	if a < Issued || a > Replaced {
		return "act?"
	}
	return [...]string{"issued", "named", "public", "closed", "revoked", "restored", "replaced"}[a-1]
}

// Step is one act.
type Step struct {
	Act    Act
	At     time.Time
	Kind   ledger.ActorKind
	By     person.ID // of a member of staff; 0 for others
	Reason Reason
}

// Reason is why a certificate was revoked or restored: the end of message keys, "certificate.reason." + it.
type Reason string

// The reasons, a closed list: no word about a person is kept beside a certificate. RestoreReasons are those to give one back.
var (
	RevokeReasons  = []Reason{"mistake", "rules", "course", "request"}
	RestoreReasons = []Reason{"unfounded", "claim"}
)

// Config is what the service needs.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Log      *ledger.Ledger
	Limiter  *limit.Limiter
	Queue    *jobs.Queue
	Notifier notify.Writer
	Lang     func(ctx context.Context, subject person.ID) (string, error)
	// Page is where somebody sees their certificates.
	Page func(lang string) string
}

// Service is the capability. It is safe for concurrent use.
type Service struct{ c Config }

// New makes it, with its share in erasure and its job.
func New(c Config) *Service {
	s := &Service{c}
	c.Door.OnErase(s.forget)
	c.Queue.Handle(jobLetter, s.sendLetter)
	return s
}

var (
	errNone = errs.New(errs.NotFound, "certificate.none")
	errOver = errs.New(errs.Conflict, "certificate.over")
	nothing = []byte{}
)

// pass is a passage about one certificate.
func pass(a keeper.Actor, c *Certificate, op policy.Operation, why policy.Purpose, fields person.Fields) keeper.Passage {
	return keeper.Passage{Actor: a, Subject: c.subject, Operation: op, Purpose: why, Fields: fields, Case: Code(c.Number)}
}

// Issue gives, within the change by which somebody finishes a course, its certificate, or the one that holds already. The passage of the change names
// person.Study for the code. Where it names Name too, and the profile has one, that is put on the certificate as it is now; else, as where a person
// graded the test, the certificate waits for it and takes it when its owner opens it: before that nobody has its code or can make it public.
func (s *Service) Issue(t *keeper.Tx, own person.ID, c learning.Course) (number string, err error) {
	if t.Subject() != own {
		return "", errs.New(errs.Internal, "error.internal")
	}
	found, err := t.Get([]any{&number}, selectHolding, own, c.Slug)
	if err != nil || found {
		return number, err
	}
	made := &Certificate{ID: int64(person.NewID(t.Now())), subject: own, Course: c.Slug, Titles: map[string]string{}, Hours: c.Hours, Earned: t.Now()}
	for lang, words := range c.Words {
		made.Titles[lang] = words.Title
	}
	var name []person.Value
	if Name.Within(t.Passage().Fields) {
		if name, err = profileName(t); err != nil {
			return "", err
		}
	}
	if err := s.put(t, made, name, keeper.Program()); err != nil {
		return "", err
	}
	return made.Number, s.c.Queue.Enqueue(t.Tx, jobLetter, letter{made.Number, Issued, ""}, t.Now())
}

// profileName is the name as the profile has it: what there is of it.
func profileName(t *keeper.Tx) (name []person.Value, err error) {
	for _, f := range Name.List() {
		v, err := t.Value(f)
		if err != nil {
			return nil, err
		}
		if !v.IsZero() {
			name = append(name, v)
		}
	}
	return name, nil
}

const tries = 4 // each fails once in a hundred thousand while a year has half a million certificates

// put stores a certificate under a number and with a code of its own.
func (s *Service) put(t *keeper.Tx, c *Certificate, name []person.Value, by keeper.Actor) error {
	titles, err := json.Marshal(c.Titles)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	for range tries {
		c.Number, c.Issued = newNumber(t.Now()), t.Now()
		code := newCode()
		sealed, err := sealName(t, c.ID, name)
		if err == nil {
			c.code, err = t.SealAside(table, c.ID, person.Stored(person.Study, code.Reveal()))
		}
		if err != nil {
			return err
		}
		n, err := t.Exec(insert, c.ID, c.Number, c.subject, c.Course, string(titles), c.Hours, db.Micros(c.Earned), db.Micros(c.Issued),
			sealed[0], sealed[1], c.code, s.hash(c.Number, code.Reveal()))
		if err != nil {
			return err
		}
		if n == 1 {
			return step(t.Tx, c.ID, Issued, by, "")
		}
	}
	return errs.New(errs.Internal, "error.internal")
}

// sealName gives the columns of surname and given name; what there is none of is empty.
func sealName(t *keeper.Tx, id int64, name []person.Value) (columns [2][]byte, err error) {
	columns = [2][]byte{nothing, nothing}
	for _, v := range name {
		at := 0
		if v.Field() == person.GivenName {
			at = 1
		}
		if columns[at], err = t.SealAside(table, id, v); err != nil {
			return columns, err
		}
	}
	return columns, nil
}

// hash is what a code is compared by. A code that can't be one hashes too, so that each answer takes as long.
func (s *Service) hash(number, code string) []byte {
	return s.c.Door.Mac("certificate code", []byte(number), []byte(parseCode(code)))
}

// step writes down what happened.
func step(t *db.Tx, id int64, act Act, by keeper.Actor, why Reason) error {
	var n int64
	if _, err := t.Get([]any{&n}, countSteps, id); err != nil {
		return err
	}
	who := by.ID
	if by.Kind != ledger.ByStaff {
		who = 0
	}
	_, err := t.Exec(insertStep, id, n+1, int64(act), db.Micros(t.Now()), int64(by.Kind), who, string(why))
	return err
}

// Steps lists what happened to a certificate, the first first.
func (s *Service) Steps(ctx context.Context, c *Certificate) ([]Step, error) {
	rows, err := s.c.DB.Query(ctx, selectSteps, c.ID)
	if err != nil {
		return nil, err
	}
	var out []Step
	err = db.Each(rows, func(scan func(...any) error) error {
		var p Step
		var at int64
		err := scan(&p.Act, &at, &p.Kind, &p.By, &p.Reason)
		p.At = db.Time(at)
		out = append(out, p)
		return err
	})
	return out, err
}

// forget is the share in every erasure: whose it was, the name and the code go, that there is such a certificate stays.
func (s *Service) forget(t *db.Tx, subject person.ID) error {
	rows, err := t.Query(selectPublic, subject)
	if err != nil {
		return err
	}
	var public []int64
	err = db.Each(rows, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		public = append(public, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range public {
		if err := step(t, id, Closed, keeper.Program(), ""); err != nil {
			return err
		}
	}
	_, err = t.Exec(forget, nothing, nothing, nothing, nothing, subject)
	return err
}

func scanned(scan func(...any) error) (*Certificate, error) {
	c := &Certificate{}
	var titles string
	var earned, issued, public, revoked, replaced int64
	if err := scan(&c.ID, &c.Number, &c.subject, &c.Course, &titles, &c.Hours, &earned, &issued, &public, &revoked, &c.Reason, &replaced,
		&c.surname, &c.givenName, &c.code, &c.hash); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(titles), &c.Titles); err != nil {
		return nil, errs.Wrap(errs.Internal, "error.internal", err)
	}
	c.Earned, c.Issued, c.Public, c.Revoked = db.Time(earned), db.Time(issued), db.Time(public), db.Time(revoked)
	c.Replaced, c.Kept, c.Named = replaced != 0, c.subject != 0, len(c.surname)+len(c.givenName) > 0
	return c, nil
}

func (s *Service) list(ctx context.Context, query string, args ...any) ([]*Certificate, error) {
	rows, err := s.c.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []*Certificate
	err = db.Each(rows, func(scan func(...any) error) error {
		c, err := scanned(scan)
		out = append(out, c)
		return err
	})
	return out, err
}

// Find gives the certificate of a number as people type it; NotFound for one that nobody has and for what is none.
func (s *Service) Find(ctx context.Context, typed string) (*Certificate, error) {
	number, good := ParseNumber(typed)
	if !good {
		return nil, errNone
	}
	list, err := s.list(ctx, selectNumber, number)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNone
	}
	return list[0], nil
}

// again reads a certificate within a change, locked, and holds that it is still that of the subject of the change.
func (s *Service) again(t *db.Tx, c *Certificate) (*Certificate, error) {
	rows, err := t.Query(selectNumber+s.c.DB.ForUpdate(), c.Number)
	if err != nil {
		return nil, err
	}
	var now *Certificate
	err = db.Each(rows, func(scan func(...any) error) error {
		var err error
		now, err = scanned(scan)
		return err
	})
	if err == nil && (now == nil || now.subject != c.subject) {
		err = errNone
	}
	return now, err
}

// limits of those who check: by network, and of codes also by number.
var (
	looked  = limit.Rule{Name: "certificate.network", Burst: 60, Every: 2 * time.Second}
	tried   = limit.Rule{Name: "certificate.code.network", Burst: 20, Every: time.Minute}
	triedOf = limit.Rule{Name: "certificate.code.number", Burst: 10, Every: 10 * time.Minute}
)

// Checked is what somebody who checks a number sees.
type Checked struct {
	*Certificate
	Surname, GivenName person.Value // zero unless the name is shown
}

// Check tells a visitor of a network of the certificate with a number. The name is among it where its owner made it public and their state lets it be
// shown.
func (s *Service) Check(ctx context.Context, network []byte, typed string) (*Checked, error) {
	if err := s.c.Limiter.Spend(ctx, limit.Spend{Rule: looked, Key: network}); err != nil {
		return nil, err
	}
	c, err := s.Find(ctx, typed)
	if err != nil {
		return nil, err
	}
	out := &Checked{Certificate: c}
	if c.Public.IsZero() {
		return out, nil
	}
	if err := s.show(ctx, out, policy.Distribution); !errs.Is(err, errs.Forbidden) {
		return out, err
	}
	return out, nil
}

// WrongCode is the answer to every code that opens no name.
func WrongCode() error {
	return errs.InvalidFields([]errs.Field{{Name: "code", Key: "certificate.code.wrong"}})
}

// CheckCode is Check for a visitor who was given the code of the certificate as well: they see the name. A wrong code, a certificate that no longer
// holds and a name that may not be shown now have one answer, WrongCode.
func (s *Service) CheckCode(ctx context.Context, network []byte, typed, code string) (*Checked, error) {
	spends := []limit.Spend{{Rule: tried, Key: network}}
	if number, good := ParseNumber(typed); good {
		spends = append(spends, limit.Spend{Rule: triedOf, Key: []byte(number)})
	}
	if err := s.c.Limiter.Spend(ctx, spends...); err != nil {
		return nil, err
	}
	c, err := s.Find(ctx, typed)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(s.hash(c.Number, code), c.hash) || !c.Good() || !c.Named {
		return nil, WrongCode()
	}
	out := &Checked{Certificate: c}
	if err := s.show(ctx, out, policy.Access); errs.Is(err, errs.Forbidden) {
		return nil, WrongCode()
	} else if err != nil {
		return nil, err
	}
	return out, nil
}

// show opens the name for somebody else.
func (s *Service) show(ctx context.Context, c *Checked, op policy.Operation) error {
	name, _ := c.asides()
	values, err := s.c.Door.ReadAside(ctx, pass(keeper.Program(), c.Certificate, op, policy.MadePublic, Name), name)
	for _, v := range values {
		if v.Field() == person.Surname {
			c.Surname = v
		} else {
			c.GivenName = v
		}
	}
	return err
}

// asides are the sealed values that there are: the name, and the code.
func (c *Certificate) asides() (name, code []keeper.Aside) {
	add := func(to []keeper.Aside, f person.Field, sealed []byte) []keeper.Aside {
		if len(sealed) == 0 {
			return to
		}
		return append(to, keeper.Aside{Table: table, Field: f, Row: c.ID, Sealed: sealed})
	}
	return add(add(nil, person.Surname, c.surname), person.GivenName, c.givenName), add(nil, person.Study, c.code)
}

// whole joins what there is of a name.
func whole(surname, given person.Value) string {
	return strings.TrimSpace(surname.Reveal() + " " + given.Reveal())
}
