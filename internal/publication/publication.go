// Package publication knows what people made public themselves, when and how (7.2): a profile page with the fields they chose.
//
// It guarantees: nothing is public but what its owner chose, field by field, since they chose it; each showing passes the door, so a block
// (6.2.4), a withdrawal or an erasure takes the page down by its own commit; who ended a publication, and when, stays on record.
package publication

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Allowed are the fields that somebody can make public: those that tell who they are and what they do, and no way to reach them.
var Allowed = person.Set(person.Surname, person.GivenName, person.Place, person.Workplace, person.Position)

// Publication is one, from its beginning to its end.
type Publication struct {
	ID      int64
	Subject person.ID
	Slug    string // last part of the page's address
	Fields  person.Fields
	Started time.Time
	Ended   time.Time // zero while it is public
	EndedBy ledger.ActorKind
}

// Code is its name at the door and in the log.
func (p *Publication) Code() string { return "publication:" + p.Slug }

// Place is that of it in the register.
func (p *Publication) Place() db.Place { return db.Place{At: p.Started, ID: p.ID} }

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d       *db.DB
	door    *keeper.Keeper
	limiter *limit.Limiter
}

// New makes it, with its share in erasure.
func New(d *db.DB, door *keeper.Keeper, limiter *limit.Limiter) *Service {
	door.OnErase(func(t *db.Tx, subject person.ID) error {
		_, err := t.Exec(endAll, db.Micros(t.Now()), int64(ledger.ByJob), subject)
		return err
	})
	return &Service{d: d, door: door, limiter: limiter}
}

var (
	errNone  = errs.New(errs.NotFound, "publication.none")
	slugText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
	// shown keeps the log from being filled by one network that asks for public pages over and over.
	shown = limit.Rule{Name: "publication.network", Burst: 60, Every: 2 * time.Second}
)

// newSlug is 80 random bits: an address that is known to whom its owner gave it.
func newSlug() string {
	b := make([]byte, 10)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return slugText.EncodeToString(b)
}

// Publish makes chosen fields of one's own profile public. What was public before ends in the same commit, so a change of the choice has a
// record of its own.
func (s *Service) Publish(ctx context.Context, own person.ID, fields person.Fields) (*Publication, error) {
	if fields == 0 || !fields.Within(Allowed) {
		return nil, errs.InvalidFields([]errs.Field{{Name: "fields", Key: "publication.fields"}})
	}
	p := &Publication{Subject: own, Slug: newSlug(), Fields: fields, EndedBy: 0}
	_, err := s.door.Change(ctx, s.passage(keeper.Own(own), own, policy.Distribution, fields, p.Code()), func(t *keeper.Tx) error {
		if _, err := t.Exec(endAll, db.Micros(t.Now()), int64(ledger.BySubject), own); err != nil {
			return err
		}
		p.ID, p.Started = int64(person.NewID(t.Now())), t.Now()
		_, err := t.Exec(insert, p.ID, own, p.Slug, int64(fields), db.Micros(p.Started))
		return err
	})
	return p, err
}

func (s *Service) passage(a keeper.Actor, subject person.ID, op policy.Operation, f person.Fields, code string) keeper.Passage {
	return keeper.Passage{Actor: a, Subject: subject, Operation: op, Purpose: policy.MadePublic, Fields: f, Case: code}
}

// End takes one's own page down, at once.
func (s *Service) End(ctx context.Context, own person.ID) error {
	p, found, err := s.Current(ctx, own)
	if err != nil {
		return err
	}
	if !found {
		return errNone
	}
	return s.end(ctx, keeper.Own(own), p)
}

// TakeDown is End by the officer, on demand (law 94-V, article 6).
func (s *Service) TakeDown(ctx context.Context, officer keeper.Actor, slug string) error {
	p, err := s.BySlug(ctx, slug)
	if err != nil {
		return err
	}
	return s.end(ctx, officer, p)
}

func (s *Service) end(ctx context.Context, by keeper.Actor, p *Publication) error {
	_, err := s.door.Change(ctx, s.passage(by, p.Subject, policy.Recording, 0, p.Code()), func(t *keeper.Tx) error {
		_, err := t.Exec(endAll, db.Micros(t.Now()), int64(by.Kind), p.Subject)
		return err
	})
	return err
}

// Current is what somebody has public now.
func (s *Service) Current(ctx context.Context, own person.ID) (*Publication, bool, error) {
	list, err := s.list(ctx, selectCurrent, own)
	if err != nil || len(list) == 0 {
		return nil, false, err
	}
	return list[0], true, nil
}

// History lists a person's publications, newest first: the proof of what was public, and since when.
func (s *Service) History(ctx context.Context, own person.ID) ([]*Publication, error) {
	return s.list(ctx, selectAll, own)
}

// Register lists all publications for the officer, newest first, from a place on.
func (s *Service) Register(ctx context.Context, before db.Place, most int) ([]*Publication, error) {
	return s.list(ctx, selectRegister, db.Micros(before.At), before.ID, most)
}

// Count tells how many publications there were, and how many of them are public now.
func (s *Service) Count(ctx context.Context) (all, public int64, err error) {
	_, err = s.d.Get(ctx, []any{&all, &public}, countAll)
	return all, public, err
}

// BySlug finds what is public under an address; NotFound where nothing is.
func (s *Service) BySlug(ctx context.Context, slug string) (*Publication, error) {
	list, err := s.list(ctx, selectSlug, strings.ToLower(slug))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNone
	}
	return list[0], nil
}

func (s *Service) list(ctx context.Context, query string, args ...any) ([]*Publication, error) {
	rows, err := s.d.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []*Publication
	err = db.Each(rows, func(scan func(...any) error) error {
		p := &Publication{}
		var started, ended int64
		err := scan(&p.ID, &p.Subject, &p.Slug, &p.Fields, &started, &ended, &p.EndedBy)
		p.Started, p.Ended = db.Time(started), db.Time(ended)
		out = append(out, p)
		return err
	})
	return out, err
}

// Show opens a public page for a visitor of a network. A page that its owner's state closes is not there.
func (s *Service) Show(ctx context.Context, network []byte, slug string) (*Publication, *keeper.Record, error) {
	if err := s.limiter.Spend(ctx, limit.Spend{Rule: shown, Key: network}); err != nil {
		return nil, nil, err
	}
	p, err := s.BySlug(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	rec, err := s.door.Read(ctx, s.passage(keeper.Program(), p.Subject, policy.Distribution, p.Fields, p.Code()))
	if errs.Is(err, errs.Forbidden) {
		err = errNone
	}
	return p, rec, err
}
