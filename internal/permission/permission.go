// Package permission keeps what people permitted in writing (6.2.2): to whom, which fields and until when. Any outward flow of their data beside
// those of 5.2, 5.3 and 7.2 would need one; the program has no such flow, and the rules let none through: a permission is the proof for what
// the operator does by hand.
//
// It guarantees: the text is sealed under its giver's key and never changes; a permission that is over, taken back, or of somebody who was
// erased is not good.
package permission

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Signed is how a permission was given. Codes are stored: never renumber.
type Signed int64

const (
	OnSite  Signed = iota + 1 // by its giver, signed in, with a fresh proof
	OnPaper                   // by hand; the officer keeps the paper (see the register of carriers)
)

func (s Signed) String() string {
	if s == OnPaper {
		return "paper"
	}
	return "site"
}

// Permission is one.
type Permission struct {
	ID       int64
	Subject  person.ID
	Receiver string // an organisation, not a person
	Fields   person.Fields
	Signed   Signed
	Given    time.Time
	Until    time.Time // the end of its last day (worktime.Date.End)
	Ended    time.Time // taken back; else zero
	sealed   []byte
}

// Code is its name at the door and in the log.
func (p *Permission) Code() string { return "permission:" + person.ID(p.ID).String() }

// Place is that of it in the register.
func (p *Permission) Place() db.Place { return db.Place{At: p.Given, ID: p.ID} }

// Good tells whether it permits anything at a moment.
func (p *Permission) Good(now time.Time) bool { return p.Ended.IsZero() && !now.After(p.Until) }

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d    *db.DB
	door *keeper.Keeper
}

// New makes it, with its share in erasure: what was permitted, and when, stays as proof; its text went with the key.
func New(d *db.DB, door *keeper.Keeper) *Service {
	door.OnErase(func(t *db.Tx, subject person.ID) error {
		_, err := t.Exec(endAll, db.Micros(t.Now()), []byte{}, subject)
		return err
	})
	return &Service{d: d, door: door}
}

// Limits of a permission.
const (
	MaxReceiver = 200 // characters
	maxYears    = 5
)

const table = "permission"

var errNone = errs.New(errs.NotFound, "permission.none")

// Give records a permission: by its giver, or by the officer who holds the signed paper (keeper.Staff, with Signed OnPaper).
func (s *Service) Give(ctx context.Context, by keeper.Actor, p Permission, text person.Value) (*Permission, error) {
	now := s.d.Now()
	p.Receiver = strings.TrimSpace(p.Receiver)
	var bad []errs.Field
	if p.Receiver == "" || utf8.RuneCountInString(p.Receiver) > MaxReceiver {
		bad = append(bad, errs.Field{Name: "receiver", Key: "permission.receiver"})
	}
	if p.Fields == 0 || !p.Fields.Within(person.Set(person.Profile...)) {
		bad = append(bad, errs.Field{Name: "fields", Key: "permission.fields"})
	}
	if !p.Until.After(now) || p.Until.After(now.AddDate(maxYears, 0, 0)) {
		bad = append(bad, errs.Field{Name: "until", Key: "permission.until"})
	}
	if text.IsZero() {
		bad = append(bad, errs.Field{Name: person.Words.String(), Key: "person.required"})
	}
	if len(bad) > 0 {
		return nil, errs.InvalidFields(bad)
	}
	p.Signed = OnPaper
	if by.ID == p.Subject {
		p.Signed = OnSite
	}
	p.ID = int64(person.NewID(now))
	passage := s.passage(by, &p, policy.Recording, words)
	_, err := s.door.Change(ctx, passage, func(t *keeper.Tx) error {
		p.Given = t.Now()
		var err error
		if p.sealed, err = t.SealAside(table, p.ID, text); err != nil {
			return err
		}
		_, err = t.Exec(insert, p.ID, p.Subject, p.Receiver, int64(p.Fields), int64(p.Signed), p.sealed, db.Micros(p.Given), db.Micros(p.Until))
		return err
	})
	return &p, err
}

// words are what giving a permission writes and reading it opens; taking it back touches none, by which the log tells them apart.
var words = person.Set(person.Words)

func (s *Service) passage(by keeper.Actor, p *Permission, op policy.Operation, fields person.Fields) keeper.Passage {
	return keeper.Passage{Actor: by, Subject: p.Subject, Operation: op, Purpose: policy.Permitted, Fields: fields, Case: p.Code()}
}

// TakeBack ends a permission for its giver. What went out before can't be called back; nothing goes out from now on.
func (s *Service) TakeBack(ctx context.Context, own person.ID, id int64) error {
	p, err := s.one(ctx, id)
	if err != nil {
		return err
	}
	if p.Subject != own {
		return errNone
	}
	_, err = s.door.Change(ctx, s.passage(keeper.Own(own), p, policy.Recording, 0), func(t *keeper.Tx) error {
		n, err := t.Exec(end, db.Micros(t.Now()), id)
		if err == nil && n == 0 {
			err = errs.New(errs.Conflict, "permission.over")
		}
		return err
	})
	return err
}

// Text opens what was signed, for its giver or the officer.
func (s *Service) Text(ctx context.Context, by keeper.Actor, id int64) (person.Value, error) {
	p, err := s.one(ctx, id)
	if err != nil {
		return person.Value{}, err
	}
	plain, err := s.door.ReadAside(ctx, s.passage(by, p, policy.Retrieval, words), []keeper.Aside{{Table: table, Field: person.Words, Row: p.ID, Sealed: p.sealed}})
	if err != nil {
		return person.Value{}, err
	}
	return plain[0], nil
}

// Mine lists a person's permissions, newest first.
func (s *Service) Mine(ctx context.Context, own person.ID) ([]*Permission, error) {
	return s.list(ctx, selectMine, own)
}

// Register lists all for the officer, newest first, from a place on.
func (s *Service) Register(ctx context.Context, before db.Place, most int) ([]*Permission, error) {
	return s.list(ctx, selectRegister, db.Micros(before.At), before.ID, most)
}

// Count tells how many permissions there were, and how many of them are good now.
func (s *Service) Count(ctx context.Context) (all, good int64, err error) {
	_, err = s.d.Get(ctx, []any{&all, &good}, countAll, db.Micros(s.d.Now()))
	return all, good, err
}

func (s *Service) one(ctx context.Context, id int64) (*Permission, error) {
	list, err := s.list(ctx, selectOne, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNone
	}
	return list[0], nil
}

func (s *Service) list(ctx context.Context, query string, args ...any) ([]*Permission, error) {
	rows, err := s.d.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []*Permission
	err = db.Each(rows, func(scan func(...any) error) error {
		p := &Permission{}
		var given, until, ended int64
		err := scan(&p.ID, &p.Subject, &p.Receiver, &p.Fields, &p.Signed, &p.sealed, &given, &until, &ended)
		p.Given, p.Until, p.Ended = db.Time(given), db.Time(until), db.Time(ended)
		out = append(out, p)
		return err
	})
	return out, err
}
