// Package rights is what a subject can see and take of their own data: every field held, every consent, and every passage through the
// door with its clause and a proof (clauses 2.1, 5.5, 6.2.1; law 94-V, articles 8 and 24).
package rights

import (
	"context"
	"slices"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Service answers a subject about themselves.
type Service struct {
	k        *keeper.Keeper
	log      *ledger.Ledger
	consents *consent.Consents
}

// New makes the service.
func New(k *keeper.Keeper, log *ledger.Ledger, consents *consent.Consents) *Service {
	return &Service{k: k, log: log, consents: consents}
}

// Holdings opens every field that is held, for "My data": to see one's own data is a personal resource (4.1.2), and while they are blocked it
// is part of the application (6.2.4). once names the session and page.
func (s *Service) Holdings(ctx context.Context, own person.ID, once string) (*keeper.Record, error) {
	p, err := s.sight(ctx, own, person.Set(person.Profile...), once)
	if err != nil {
		return nil, err
	}
	return s.k.Read(ctx, p)
}

// sight is the passage by which somebody sees what is held of them.
func (s *Service) sight(ctx context.Context, own person.ID, fields person.Fields, once string) (keeper.Passage, error) {
	state, err := s.k.State(ctx, own)
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: policy.Personalise, Fields: fields, Once: once}
	if state.Restricted {
		p.Purpose = policy.Restriction
	}
	return p, err
}

// WithPast are the fields of the profile with their earlier values (6.1.2).
var WithPast = person.Set(append(slices.Clone(person.Profile), person.Past)...)

// Earlier opens the values of the profile with those that they replaced (6.1.2). once names the session and page.
func (s *Service) Earlier(ctx context.Context, own person.ID, once string) (*keeper.Record, error) {
	p, err := s.sight(ctx, own, WithPast, once)
	if err != nil {
		return nil, err
	}
	return s.k.Read(ctx, p)
}

// Ended counts the earlier values of each field. It opens nothing and is no passage.
func (s *Service) Ended(ctx context.Context, own person.ID) (map[person.Field]int, error) {
	return s.k.Ended(ctx, own)
}

// Forget destroys the earlier values of a field at the owner's will. What an application doubts stays as it is until that is decided: while the
// data are blocked the rules refuse it (6.2.4).
func (s *Service) Forget(ctx context.Context, own person.ID, f person.Field) error {
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Deletion, Purpose: policy.Verify, Fields: person.Set(f, person.Past)}
	_, err := s.k.Change(ctx, p, func(t *keeper.Tx) error { return t.Forget(f) })
	return err
}

// Block is why a subject's data can't be used (6.2.4).
type Block struct {
	Since time.Time // of the last entry of a block; zero if there is none
}

// Blocked tells whether the subject's data are blocked now. It opens nothing and is no passage.
func (s *Service) Blocked(ctx context.Context, own person.ID) (Block, bool, error) {
	state, err := s.k.State(ctx, own)
	if err != nil || !state.Restricted {
		return Block{}, false, err
	}
	last, _, err := s.log.BySubject(ctx, own, 1<<62, 1, func(e *ledger.Entry) bool {
		return e.Outcome == ledger.Allowed && e.Operation == policy.Blocking && e.Purpose == policy.Restriction
	})
	if err != nil || len(last) == 0 {
		return Block{}, err == nil, err
	}
	return Block{Since: last[0].At}, true, nil
}

// Who narrows the list of passages.
type Who string

const (
	Everybody Who = ""       // all
	ByStaff   Who = "staff"  // people of the operator
	BySystems Who = "system" // outside systems
	ByMyself  Who = "own"
	ByProgram Who = "job"
	Refused   Who = "refused" // asked for and not given
)

// Whos lists the filters in the order in which a page offers them.
var Whos = []Who{Everybody, ByStaff, BySystems, ByProgram, ByMyself, Refused}

func (w Who) keep(e *ledger.Entry) bool {
	switch w {
	case ByStaff:
		return e.Kind == ledger.ByStaff
	case BySystems:
		return e.Kind == ledger.BySystem
	case ByMyself:
		return e.Kind == ledger.BySubject
	case ByProgram:
		return e.Kind == ledger.ByJob
	case Refused:
		return e.Outcome == ledger.Refused
	}
	return true
}

// ParseWho reads a filter's name.
func ParseWho(s string) (Who, error) {
	for _, w := range Whos {
		if string(w) == s {
			return w, nil
		}
	}
	return "", errs.New(errs.Invalid, "error.form")
}

// Passages lists who asked for what of the subject, newest first, from before a place in the log.
func (s *Service) Passages(ctx context.Context, own person.ID, who Who, before int64, limit int) ([]ledger.Indexed, bool, error) {
	return s.log.BySubject(ctx, own, before, limit, who.keep)
}

// Proof proves a passage to its subject; another's is not found.
func (s *Service) Proof(ctx context.Context, own person.ID, index int64) (ledger.Proof, error) {
	x, err := s.log.Entry(ctx, index)
	if err != nil {
		return ledger.Proof{}, err
	}
	if x.Subject != own {
		return ledger.Proof{}, errs.New(errs.NotFound, "ledger.noentry")
	}
	return s.log.Prove(ctx, index)
}

// Copy is everything that is held about a subject, to be written as JSON or printed.
type Copy struct {
	MadeAt     time.Time
	Record     *keeper.Record
	Consents   []consent.Given
	Passages   []ledger.Indexed
	More       bool // older passages were left out
	Checkpoint string
}

// maxCopied bounds the passages in a copy; the page lists them all.
const maxCopied = 10_000

// Export makes the copy. Each is an entry of its own. Under an edition whose rules open no earlier values it lacks them.
func (s *Service) Export(ctx context.Context, own person.ID) (*Copy, error) {
	p, err := s.sight(ctx, own, WithPast, "")
	if err != nil {
		return nil, err
	}
	p.Case = keeper.ActCase("copy")
	may, err := s.k.May(ctx, p)
	if err != nil {
		return nil, err
	}
	if !may.Has(person.Past) {
		p.Fields &^= person.Set(person.Past)
	}
	rec, err := s.k.Read(ctx, p)
	if err != nil {
		return nil, err
	}
	c := &Copy{Record: rec}
	if c.Consents, err = s.consents.List(ctx, own); err != nil {
		return nil, err
	}
	if c.Passages, c.More, err = s.log.BySubject(ctx, own, 1<<62, maxCopied, nil); err != nil {
		return nil, err
	}
	c.Checkpoint, err = s.log.Checkpoint(ctx)
	return c, err
}
