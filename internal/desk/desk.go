// Package desk is where people claim what the policy and the law promise them: applications to block (6.2.4), requests about their data,
// claims (8.1) and questions (9.3). Each is a case with a number, a clock and a thread.
//
// It guarantees:
//   - From the commit of an application the data of the person concerned are blocked, whoever applied: the same transaction restricts them
//     at the door. They are free again only when no open case holds them.
//   - A case's last day is counted once, when it begins (package clocks), and never moves.
//   - What is written and attached is sealed under the key of each person who may read it and of nobody else; staff read it through the
//     door, in the case.
//   - No case ends without an answer in words; a refusal names an article.
//   - A deletion that something holds back is not carried out until that has ended; one that was carried out leaves a certificate whose
//     entry in the log can be proven.
package desk

import (
	"context"
	"slices"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/worktime"
)

// Kind is what a case is about. Codes are stored: never renumber.
type Kind int64

const (
	Block       Kind = iota + 1 // application to block wrong or unlawfully used data (6.2.4)
	Information                 // what is held, why, to whom it went (L 25-2)
	Copy                        // a copy on paper or as a file, made by the officer
	Correction                  // of data that are wrong
	Lifting                     // of a block
	Deletion                    // of everything (5.1)
	Withdrawal                  // of consent (2.2, 5.1)
	Objection                   // to an automated decision (L 19-1)
	Unpublish                   // stop showing what is public (7.2)
	Claim                       // before court (8.1)
	Question                    // about the policy, or a proposal (9.3)
)

// kindInfo: name in forms, message keys ("desk.kind.<name>") and addresses; kind of the case at the door; clock; clause that promises it.
var kindInfo = [...]struct{ name, series, clock, clause string }{
	Block:       {"block", "application", "block.check", "6.2.4"},
	Information: {"information", "request", "info", "6.2.1"},
	Copy:        {"copy", "request", "info", "6.2.1"},
	Correction:  {"correction", "request", "correct", "6.1.2"},
	Lifting:     {"lifting", "request", "block.lift", "6.2.4"},
	Deletion:    {"deletion", "request", "delete", "5.1"},
	Withdrawal:  {"withdrawal", "request", "withdraw", "2.2"},
	Objection:   {"objection", "request", "object.auto", "4.1.3"},
	Unpublish:   {"unpublish", "request", "unpublish", "7.2"},
	Claim:       {"claim", "claim", "claim.answer", "8.1"},
	Question:    {"question", "question", "question.answer", "9.3"},
}

// Kinds lists them.
var Kinds = []Kind{Block, Information, Copy, Correction, Lifting, Deletion, Withdrawal, Objection, Unpublish, Claim, Question}

// Requests are those that only the person concerned can make.
var Requests = []Kind{Information, Copy, Correction, Lifting, Deletion, Withdrawal, Objection, Unpublish}

// Valid tells whether k is in the list.
func (k Kind) Valid() bool { return k >= Block && k <= Question }

func (k Kind) String() string {
	if !k.Valid() {
		return "kind?"
	}
	return kindInfo[k].name
}

// Clause is the clause that promises it.
func (k Kind) Clause() string { return kindInfo[k].clause }

// ends tells whether carrying it out erases the person.
func (k Kind) ends() bool { return k == Deletion || k == Withdrawal }

// KindByName finds a kind.
func KindByName(name string) (Kind, bool) {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return kindInfo[k].name == name })
	if i < 0 {
		return 0, false
	}
	return Kinds[i], true
}

// Source is who a case came from. Codes are stored: never renumber.
type Source int64

const (
	BySubject        Source = iota + 1 // the person concerned, signed in
	ByVisitor                          // somebody without an account, about themselves
	ByRepresentative                   // a legal representative of the person concerned (6.2.4)
	ByAuthority                        // the data-protection authority, by an order (6.2.4)
	OnPaper                            // the person concerned, in writing; entered by the officer
)

var sourceNames = [...]string{"", "subject", "visitor", "representative", "authority", "paper"}

func (s Source) String() string {
	if s < BySubject || s > OnPaper {
		return "source?"
	}
	return sourceNames[s]
}

// Status of a case. Codes are stored: never renumber.
type Status int64

const (
	Open Status = iota + 1
	Closed
)

// Outcome is how a case ended. Codes are stored: never renumber.
type Outcome int64

const (
	Granted   Outcome = iota + 1 // done as asked
	Refused                      // with an article
	Corrected                    // the data were wrong and are right now
	Destroyed                    // the data were unlawful, or the person wanted it, and are gone
	Lifted                       // the doubt was not confirmed: the block is off
	Unproven                     // the representative brought no proof in time
	Retracted                    // by who had filed it
)

var outcomeNames = [...]string{"", "granted", "refused", "corrected", "destroyed", "lifted", "unproven", "retracted"}

func (o Outcome) String() string {
	if o < Granted || o > Retracted {
		return "outcome?"
	}
	return outcomeNames[o]
}

// OutcomeByName finds an outcome.
func OutcomeByName(name string) (Outcome, bool) {
	i := slices.Index(outcomeNames[1:], name)
	return Outcome(i + 1), i >= 0
}

// Act is a step of a case. Codes are stored: never renumber.
type Act int64

const (
	Filed Act = iota + 1
	Blocked
	ProofAccepted
	Wrote    // a message of either side
	Checked  // what the officer looked at and found
	Attached // a file
	Answered
	Unblocked
	ErasurePlanned
	ErasureStopped
	Erased
	ProofMissing
	TakenBack
	HeldBack // the erasure waits: something forbids it
	SetRight // by the officer: which fields is in the log
)

var actNames = [...]string{"", "filed", "blocked", "proof_accepted", "wrote", "checked", "attached", "answered", "unblocked", "erasure_planned",
	"erasure_stopped", "erased", "proof_missing", "taken_back", "held_back", "corrected"}

func (a Act) String() string {
	if a < Filed || a > SetRight {
		return "act?"
	}
	return actNames[a]
}

// Order is the authority's, whose block needs no other proof.
type Order struct {
	Of     string // the authority
	Number string
	Date   worktime.Date
}

// Case is one case. It holds no personal value.
type Case struct {
	ID        int64
	Kind      Kind
	Number    string    // "2026-17"; see Code
	Concerned person.ID // 0: nobody was found whom it could concern, or they never were in the database
	Applicant person.ID // who filed it; 0 for an authority
	Source    Source
	Lang      string
	Opened    time.Time
	Received  worktime.Date // on which paper came, from which the clock counts; else zero
	Running   clocks.Running
	Doubted   person.Fields // of an application, a correction
	Blocks    bool          // it holds the person's data blocked
	ProofDue  time.Time     // of a representative's application; else zero
	Proved    time.Time
	EraseAt   time.Time // when the planned erasure begins; zero if none is planned
	Status    Status
	Outcome   Outcome
	Article   string // on which a refusal stands
	Closed    time.Time
	Order     Order
}

// Code is the case's name at the door and in the log: "claim:2026-17".
func (c *Case) Code() string { return kindInfo[c.Kind].series + ":" + c.Number }

// Parties are who may read it, those concerned first.
func (c *Case) Parties() []person.ID {
	out := make([]person.ID, 0, 2)
	for _, p := range []person.ID{c.Concerned, c.Applicant} {
		if p != 0 && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// unproven tells whether a representative filed it whose document nobody has seen.
func (c *Case) unproven() bool { return c.Source == ByRepresentative && c.Proved.IsZero() }

// readers are who gets the officer's words of an act. Until a representative is proven they get what is written to them, and nothing of what
// is found of the person concerned or answered about them.
func (c *Case) readers(a Act) []person.ID {
	switch {
	case !c.unproven() || c.Concerned == 0 || c.Applicant == 0:
		return c.Parties()
	case a == Wrote:
		return []person.ID{c.Applicant}
	}
	return []person.ID{c.Concerned}
}

// purpose is for which the words of a case are handled: while the data are blocked nothing but the application itself is open (6.2.4), and
// whatever else the person wrote is answered as part of it.
func (c *Case) purpose(s policy.State) policy.Purpose {
	switch {
	case s.Restricted, c.Kind == Block, c.Kind == Lifting:
		return policy.Restriction
	case c.Kind.ends():
		return policy.EndOfUse
	}
	return policy.Feedback
}

// Config is what the desk needs.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Log      *ledger.Ledger
	Consents *consent.Consents
	Limiter  *limit.Limiter
	Queue    *jobs.Queue
	Notifier notify.Writer // to members of staff
	Answers  notify.Writer // to parties; nil is Notifier
	// Officers are who is warned of a clock; Heads who is told of one that ran out.
	Officers func(ctx context.Context) ([]person.ID, error)
	Heads    func(ctx context.Context) ([]person.ID, error)
	// Lang is the language of somebody's account, "" where they have none and are written to with a link.
	Lang func(ctx context.Context, subject person.ID) (string, error)
	// CasePage is the address, under the site's configured origin, of a case's page: for those with an account, by its number; for others, by
	// the token of a link. StaffPage is the officer's.
	CasePage  func(lang string, c *Case) string
	LinkPage  func(lang string, token secret.Text) string
	StaffPage func(lang string, c *Case) string
	// Holders tell what forbids to erase somebody, by message keys; see Blockers.
	Holders []func(ctx context.Context, subject person.ID) ([]string, error)
}

// Service is the desk. It is safe for concurrent use.
type Service struct{ c Config }

// New makes the desk, hangs its jobs into the queue and its share into erasure.
func New(c Config) *Service {
	if c.Answers == nil {
		c.Answers = c.Notifier
	}
	s := &Service{c: c}
	s.handleJobs()
	c.Door.OnErase(s.forget)
	return s
}

func (s *Service) now() time.Time { return s.c.DB.Now() }

var (
	words = person.Set(person.Words)

	errNoCase = errs.New(errs.NotFound, "desk.nocase")
	errHeld   = errs.New(errs.Conflict, "desk.held").By("5.1")
	errClosed = errs.New(errs.Conflict, "desk.closed")
)
