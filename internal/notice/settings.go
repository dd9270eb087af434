package notice

import (
	"context"
	"database/sql"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Settings are how somebody wants to be told.
type Settings struct {
	Mail  map[Kind]Mail // of the kinds for which they chose
	Hours Hours
}

// Of is how a kind is mailed: as it was chosen, at once where nothing was or nothing can be.
func (s Settings) Of(k Kind) Mail {
	if m, chose := s.Mail[k]; chose && !k.Must() {
		return m
	}
	return AtOnce
}

type query func(query string, args ...any) (*sql.Rows, error)

func (s *Service) settings(q query, subject person.ID) (Settings, error) {
	out := Settings{Mail: map[Kind]Mail{}, Hours: DefaultHours}
	rows, err := q(selectChoices, subject)
	if err != nil {
		return out, err
	}
	if err := db.Each(rows, func(scan func(...any) error) error {
		var k Kind
		var m Mail
		err := scan(&k, &m)
		out.Mail[k] = m
		return err
	}); err != nil {
		return out, err
	}
	if rows, err = q(selectHours, subject); err != nil {
		return out, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		return scan(&out.Hours.Digest, &out.Hours.QuietFrom, &out.Hours.QuietUntil)
	})
	return out, err
}

// Settings gives somebody's.
func (s *Service) Settings(ctx context.Context, own person.ID) (Settings, error) {
	return s.settings(func(q string, args ...any) (*sql.Rows, error) { return s.c.DB.Query(ctx, q, args...) }, own)
}

// act is a passage of somebody's own.
func act(own person.ID) keeper.Passage {
	return keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Recording, Purpose: policy.Notify, Case: keeper.ActCase("notices")}
}

// Choose sets how somebody wants to be told. Invalid for a kind that can't be switched off, and for minutes that no day has.
func (s *Service) Choose(ctx context.Context, own person.ID, set Settings) error {
	for k, m := range set.Mail {
		if !k.Valid() || k.Must() && m != AtOnce || m > Digest {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	for _, m := range []Minute{set.Hours.Digest, set.Hours.QuietFrom, set.Hours.QuietUntil} {
		if m < 0 || m >= Day {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	_, err := s.c.Door.Change(ctx, act(own), func(t *keeper.Tx) error {
		for k, m := range set.Mail {
			if _, err := t.Exec(setChoice, own, int64(k), int64(m)); err != nil {
				return err
			}
		}
		_, err := t.Exec(setHours, own, int64(set.Hours.Digest), int64(set.Hours.QuietFrom), int64(set.Hours.QuietUntil))
		return err
	})
	return err
}
