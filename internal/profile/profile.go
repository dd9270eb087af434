// Package profile is the form of clause 3.2: the eight groups of data and nothing else. It guarantees that a value is checked before it is
// sealed, that its owner declares it true at each save (2.4), and that who set it and when is kept with it.
package profile

import (
	"context"
	"slices"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
)

// Service reads and saves profiles.
type Service struct {
	d      *db.DB
	k      *keeper.Keeper
	places *Places
	limits *limit.Limiter
	saved  []func(t *keeper.Tx, changed person.Fields) error
}

// iinsGiven bounds how many IINs one person may give: that a number is taken tells that its owner is registered here, and numbers are easy
// to guess for who knows a birthday (5.4).
var iinsGiven = limit.Rule{Name: "profile.iin", Burst: 5, Every: 12 * time.Hour}

// New makes the service.
func New(d *db.DB, k *keeper.Keeper, places *Places) *Service {
	s := &Service{d: d, k: k, places: places, limits: limit.New(d, k.Mac)}
	k.OnErase(func(t *db.Tx, subject person.ID) error {
		_, err := t.Exec("DELETE FROM declaration WHERE subject = $1", subject)
		return err
	})
	return s
}

// OnSave has fn called within the change in which an owner saves their profile, with the fields that became others.
func (s *Service) OnSave(fn func(t *keeper.Tx, changed person.Fields) error) {
	s.saved = append(s.saved, fn)
}

// Required tells whether the site can't be used without a field (6.1.1): an account needs a name to speak to and an address to reach.
func Required(f person.Field) bool {
	return f == person.Surname || f == person.GivenName || f == person.Email
}

// Editable lists the fields of the form; the e-mail address is changed by a way of its own, which proves the new one first (3.2.2).
var Editable = []person.Field{person.Surname, person.GivenName, person.IIN, person.Phone, person.Place, person.Workplace, person.Position, person.ServiceSince}

// reconfirmAfter is how long a declaration holds before the owner is asked again (4.1.5).
const reconfirmAfter = 365 * 24 * time.Hour

// Page is what the form shows.
type Page struct {
	Record     *keeper.Record
	DeclaredAt time.Time // zero if never
	Reconfirm  bool      // a year has gone by
	Held, All  int       // completeness: fields held, of how many
}

// Open reads the owner's profile for the form (4.1.5). once names the session: opening the form again leaves no second entry.
func (s *Service) Open(ctx context.Context, own person.ID, once string) (*Page, error) {
	rec, err := s.k.Read(ctx, keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: policy.Verify,
		Fields: person.Set(person.Profile...), Once: once})
	if err != nil {
		return nil, err
	}
	declared, err := s.DeclaredAt(ctx, own)
	if err != nil {
		return nil, err
	}
	p := &Page{Record: rec, DeclaredAt: declared, All: len(person.Profile)}
	p.Held = (rec.Present & person.Set(person.Profile...)).Len()
	p.Reconfirm = !declared.IsZero() && s.d.Now().Sub(declared) > reconfirmAfter
	return p, nil
}

// DeclaredAt is when the owner last declared the profile true; zero if never.
func (s *Service) DeclaredAt(ctx context.Context, own person.ID) (time.Time, error) {
	var at int64
	found, err := s.d.Get(ctx, []any{&at}, "SELECT declared_at FROM declaration WHERE subject = $1", own)
	if err != nil || !found {
		return time.Time{}, err
	}
	return db.Time(at), nil
}

// Save stores what the owner wrote. Fields absent from raw stay; empty ones are removed unless required. Without the declaration
// nothing is stored. It gives the fields that changed.
func (s *Service) Save(ctx context.Context, own person.ID, raw map[person.Field]string, declared bool) (person.Fields, error) {
	now := s.d.Now()
	var faults []errs.Field
	var set []person.Value
	var unset []person.Field
	var asked person.Fields
	for _, f := range Editable {
		text, sent := raw[f]
		if !sent {
			continue
		}
		asked |= person.Set(f)
		if text == "" {
			if Required(f) {
				faults = append(faults, errs.Field{Name: f.String(), Key: "profile.required"})
			} else {
				unset = append(unset, f)
			}
			continue
		}
		v, err := s.parse(f, text, now)
		if err != nil {
			faults = append(faults, errs.As(err).Fields...)
			continue
		}
		set = append(set, v)
	}
	for f := range raw {
		if !asked.Has(f) { // 3.2: nothing else
			faults = append(faults, errs.Field{Name: f.String(), Key: "profile.notinform"})
		}
	}
	if !declared {
		faults = append(faults, errs.Field{Name: "declared", Key: "profile.declare"})
	}
	if err := errs.InvalidFields(faults); err != nil {
		return 0, err
	}
	if slices.ContainsFunc(set, func(v person.Value) bool { return v.Field() == person.IIN }) {
		if err := s.limits.Spend(ctx, limit.Spend{Rule: iinsGiven, Key: []byte(own.String())}); err != nil {
			return 0, err
		}
	}
	var changed person.Fields
	_, err := s.k.Change(ctx, keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Refinement, Purpose: policy.Verify, Fields: asked},
		func(tx *keeper.Tx) error {
			changed = 0
			for _, v := range set {
				old, err := tx.Value(v.Field())
				if err != nil {
					return err
				}
				if !old.IsZero() && old.Reveal() == v.Reveal() {
					continue // who set it and when stay as they were
				}
				if err := tx.Set(v); err != nil {
					return err
				}
				changed |= person.Set(v.Field())
			}
			for _, f := range unset {
				old, err := tx.Value(f)
				if err != nil {
					return err
				}
				if old.IsZero() {
					continue
				}
				if err := tx.Unset(f); err != nil {
					return err
				}
				changed |= person.Set(f)
			}
			for _, fn := range s.saved {
				if err := fn(tx, changed); err != nil {
					return err
				}
			}
			return declare(tx)
		})
	return changed, err
}

// Confirm declares, without a change, that the profile is still true (4.1.5).
func (s *Service) Confirm(ctx context.Context, own person.ID) error {
	_, err := s.k.Change(ctx, keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Recording, Purpose: policy.Verify}, declare)
	return err
}

func declare(tx *keeper.Tx) error {
	_, err := tx.Exec("INSERT INTO declaration (subject, declared_at) VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET declared_at = $2",
		tx.Subject(), db.Micros(tx.Now()))
	return err
}

func (s *Service) parse(f person.Field, text string, now time.Time) (person.Value, error) {
	v, err := person.Parse(f, text, now)
	if err != nil || f != person.Place {
		return v, err
	}
	if _, known := s.places.Tree().Place(v.Reveal()); !known {
		return v, errs.InvalidFields([]errs.Field{{Name: f.String(), Key: "person.place.unknown"}})
	}
	return v, nil
}

// Place gives a place of the classifier; ok is false for one that has left it.
func (s *Service) Place(code string) (place.Place, bool) { return s.places.Tree().Place(code) }
