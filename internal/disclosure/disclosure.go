// Package disclosure is the only way on which personal data leave for somebody else: to the education authority, local executive bodies and
// other state bodies, on the grounds and in the order that the law sets (5.2, 5.3), and as counts from which nobody can be told.
//
// It guarantees: a disclosure has a recipient of one of the three kinds, an act with its article and the incoming letter; it is made only
// after a second officer approved it, who had no hand in it before; each person in it passed the door for it, with an entry that they see, and
// whom the rules refuse, or come to refuse before it is fetched, is left out and counted. What is made of people's data is encrypted to the
// recipient's key before it is stored, a few thousand people at a time: neither disk nor database ever holds it in the clear, and nobody here
// can open it again. An address fetches it once. Erasing a person destroys, in the same transaction, each package that waits with them in it,
// to be made anew without them (5.1). Once it was fetched everybody in it is told by letter, unless the act forbids it by an article that is
// named.
//
// Statistics: see Release.
package disclosure

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/worktime"
)

// Config is what disclosures need.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Ledger   *ledger.Ledger
	Queue    *jobs.Queue
	Notifier *notify.Notifier
	Notices  notify.Writer // to those whose data went; nil is Notifier
	Catalog  *i18n.Catalog
	Places   func() *place.Tree
	// Concerned lists, after one, people whom a breach concerns, in order of their numbers (7.1); NotFound where there is no such breach, or
	// they are still looked for.
	Concerned func(ctx context.Context, breach string, after person.ID, limit int) ([]person.ID, error)
	// Lang is the language in which a subject reads letters; "" where it is not known.
	Lang func(ctx context.Context, subject person.ID) (string, error)
	// Link gives the address at which a package is fetched; DataLink that of "My data".
	Link     func(lang string, token secret.Text) string
	DataLink func(lang string) string
}

// Service is the capability. It is safe for concurrent use.
type Service struct {
	cfg      Config
	partSize int64
}

// Kinds of jobs.
const (
	jobMake   = "disclosure.make"
	jobTell   = "disclosure.tell"
	jobLetter = "disclosure.letter"
	jobReady  = "disclosure.ready"
	jobCount  = "disclosure.count"
	jobSweep  = "disclosure.sweep"
)

const sweepEvery = 15 * time.Minute

// New makes the capability and sets its jobs. Call it before the queue runs.
func New(c Config) *Service {
	if c.Notices == nil {
		c.Notices = c.Notifier
	}
	s := &Service{cfg: c, partSize: PartSize}
	c.Queue.Handle(jobMake, s.make)
	c.Queue.Handle(jobTell, s.tell)
	c.Queue.Handle(jobLetter, s.sendLetter)
	c.Queue.Handle(jobReady, s.sendReady)
	c.Queue.Handle(jobCount, s.countPeople)
	c.Queue.Every(jobSweep, sweepEvery, s.Sweep)
	c.Door.OnErase(s.forget)
	return s
}

// State is how far a disclosure has come. Codes are stored: never renumber.
type State uint8

const (
	Drafted   State = iota + 1 // being written; the letter's file may be missing
	Waiting                    // for a second officer
	Refused                    // by the second officer
	Choosing                   // approved; who belongs to it is being found out
	Packing                    // the package is being made
	Ready                      // waits for the recipient
	Fetched                    // was fetched; kept until its term is over
	Expired                    // the package was removed when its term was over
	Withdrawn                  // taken back by an officer
	Empty                      // nobody was in it
)

var stateNames = [...]string{"", "drafted", "waiting", "refused", "choosing", "packing", "ready", "fetched", "expired", "withdrawn", "empty"}

// String is the last part of the message key "disclosure.state.<name>".
func (s State) String() string {
	if int(s) >= len(stateNames) {
		return "state?"
	}
	return stateNames[s]
}

// Over tells whether nothing more will come of it.
func (s State) Over() bool {
	return s == Refused || s == Expired || s == Withdrawn || s == Empty
}

// Made tells whether a package is being made, or is there.
func (s State) Made() bool { return s >= Choosing && s <= Fetched }

// Purposes are those for which data may be disclosed: 5.2 and 5.3. Another outward flow needs the person's written permission (6.2.2) and has
// no list of people.
var Purposes = []policy.Purpose{policy.Transfer, policy.StateBodies}

// Disclosure is one answer to an authority.
type Disclosure struct {
	ID           int64
	Recipient    Recipient
	Purpose      policy.Purpose
	Act, Article string
	LetterNumber string
	LetterDate   string // YYYY-MM-DD
	Letter       File
	LetterBy     person.ID
	Choice       Choice
	Fields       person.Fields
	KeepDays     int
	Silent       string // the article that forbids telling; empty where everybody is told
	State        State
	MadeBy       person.ID
	MadeAt       time.Time
	SentBy       person.ID
	SentAt       time.Time // for approval
	DecidedBy    person.ID
	DecidedAt    time.Time
	Reason       string // why it was refused or taken back
	Unknown      int    // lines of the list that nobody here belongs to
	Looked       int64  // people passed while choosing, of
	LookTotal    int64
	Unseen       map[Outcome]int64 // people whom a query could not look at, by reason
	Parts, Done  int64             // of the package
	ReadyAt      time.Time
	ExpiresAt    time.Time
	FetchedAt    time.Time
	EndedAt      time.Time
	ToldAt       time.Time
}

// LetterDay is the date of the incoming letter, as it was checked when the disclosure was drafted.
func (d *Disclosure) LetterDay() time.Time {
	day, err := worktime.ParseDate(d.LetterDate)
	if err != nil {
		return time.Time{}
	}
	return day.Noon()
}

// Code is the disclosure as a case of the door's.
func (d *Disclosure) Code() string { return caseOf(d.ID) }

func caseOf(id int64) string { return "disclosure:" + strconv.FormatInt(id, 10) }

// Outcome is what became of a person in a disclosure. Codes are stored: never renumber.
type Outcome uint8

const (
	Pending     Outcome = iota // not passed yet
	Included                   // in the package
	LeftBlocked                // 6.2.4
	LeftErased                 // 5.1
	LeftConsent                // 2.2
	LeftOther                  // for another reason of the rules
)

var outcomeNames = [...]string{"pending", "included", "blocked", "erased", "consent", "other"}

// String is the last part of the message key "disclosure.outcome.<name>".
func (o Outcome) String() string {
	if int(o) >= len(outcomeNames) {
		return "outcome?"
	}
	return outcomeNames[o]
}

// Outcomes lists them.
var Outcomes = []Outcome{Pending, Included, LeftBlocked, LeftErased, LeftConsent, LeftOther}

// leftBy is the outcome of a refusal at the door.
func leftBy(key string) Outcome {
	switch key {
	case "policy.refused.restricted":
		return LeftBlocked
	case "policy.refused.erased", "door.nosubject":
		return LeftErased
	case "policy.refused.consent":
		return LeftConsent
	}
	return LeftOther
}

// HadAHand tells whether an officer took part in what a second one has to approve.
func (d *Disclosure) HadAHand(officer person.ID) bool {
	return officer == d.MadeBy || officer == d.LetterBy || officer == d.SentBy
}

// acts, as the end of a case in the log: "disclosure:12/approved".
const (
	actDrafted   = "drafted"
	actLetter    = "letter"
	actRead      = "letter-read"
	actSent      = "sent"
	actApproved  = "approved"
	actRefused   = "refused"
	actWithdrawn = "withdrawn"
	actReady     = "ready"
	actFetched   = "fetched"
	actResent    = "resent"
	actExpired   = "expired"
	actEmpty     = "empty"
	actAnew      = "anew"
)

// entry is that of an act on a disclosure as a whole. by is 0 for the program.
func entry(by person.ID, purpose policy.Purpose, op policy.Operation, what string) *ledger.Pending {
	e := ledger.Entry{Kind: ledger.ByStaff, Actor: by, Role: policy.Officer, Operation: op, Purpose: purpose, Outcome: ledger.Allowed,
		Clauses: []string{purpose.Clause()}, Case: what}
	if by == 0 {
		e.Kind, e.Role = ledger.ByJob, policy.Job
	}
	return &ledger.Pending{Entry: e}
}

// enter enters an act, and refuses it where whoever does it is no officer any more; by is 0 for the program.
func (s *Service) enter(t *db.Tx, by person.ID, e *ledger.Pending) error {
	if by != 0 {
		if err := staff.MustHold(t, by, policy.Officer); err != nil {
			return err
		}
	}
	return s.cfg.Ledger.Append(t, e)
}

func (s *Service) enterAct(t *db.Tx, by person.ID, d *Disclosure, act string) error {
	return s.enter(t, by, entry(by, d.Purpose, policy.Recording, d.Code()+"/"+act))
}

var (
	errUnknown = errs.New(errs.NotFound, "error.notfound")
	// errState answers an act on a disclosure that somebody moved on meanwhile.
	errState = errs.New(errs.Conflict, "disclosure.moved_on")
	// errSpoiled answers where a package that was fetched once can't be fetched again.
	errSpoiled = errs.New(errs.Conflict, "disclosure.spoiled").By("6.2.4", "5.1", "2.2")
	// errSameOfficer: two people answer for what goes out (5.3).
	errSameOfficer = errs.New(errs.Forbidden, "disclosure.same_officer").By("5.3")
)

// querier reads inside of a transaction or outside of any.
type querier func(query string, args ...any) (*sql.Rows, error)

func (s *Service) reads(ctx context.Context) querier {
	return func(q string, args ...any) (*sql.Rows, error) { return s.cfg.DB.Query(ctx, q, args...) }
}

// Get gives a disclosure. NotFound where there is none.
func (s *Service) Get(ctx context.Context, id int64) (*Disclosure, error) {
	return s.get(s.reads(ctx), selectDisclosure, id)
}

func (s *Service) get(query querier, text string, args ...any) (*Disclosure, error) {
	list, err := s.list(query, text, args...)
	if err == nil && len(list) == 0 {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (s *Service) list(query querier, text string, args ...any) ([]*Disclosure, error) {
	rows, err := query(text, args...)
	if err != nil {
		return nil, err
	}
	var out []*Disclosure
	err = db.Each(rows, func(scan func(...any) error) error {
		d, err := scanDisclosure(scan)
		out = append(out, d)
		return err
	})
	return out, err
}

// List gives disclosures, the newest first, with ids below before.
func (s *Service) List(ctx context.Context, before int64, limit int) ([]*Disclosure, error) {
	return s.list(s.reads(ctx), selectDisclosures, before, limit)
}

// Counts tells how many people have which outcome.
func (s *Service) Counts(ctx context.Context, id int64) (map[Outcome]int64, error) {
	rows, err := s.cfg.DB.Query(ctx, countOutcomes, id)
	if err != nil {
		return nil, err
	}
	out := map[Outcome]int64{}
	err = db.Each(rows, func(scan func(...any) error) error {
		var o Outcome
		var n int64
		err := scan(&o, &n)
		out[o] = n
		return err
	})
	return out, err
}

// move changes a disclosure from a state; it is errState where it is in another by then.
func (s *Service) move(t *db.Tx, d *Disclosure, to State, statement string, args ...any) error {
	n, err := t.Exec(statement, append(args, d.ID, int64(d.State))...)
	if err == nil && n == 0 {
		err = errState
	}
	if err == nil {
		d.State = to
	}
	return err
}

// lock reads a disclosure for a change.
func (s *Service) lock(t *db.Tx, id int64) (*Disclosure, error) {
	return s.get(t.Query, selectDisclosure+s.cfg.DB.ForUpdate(), id)
}
