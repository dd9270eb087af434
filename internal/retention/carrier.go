package retention

import (
	"context"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
)

// Carrier is personal data on paper, or on another thing that can be carried away (1.1.2): what it is, where it lies, how it ended. It says
// nothing about whom it concerns.
type Carrier struct {
	ID       int64
	What     string
	Place    string
	Sheets   int
	Made     time.Time
	By       person.ID
	Ended    time.Time // zero while it is kept
	EndedHow string
}

// Limits of what the officer writes, in bytes.
const (
	maxWhat   = 300
	maxSheets = 1_000_000
)

func text(name, s string) (string, []errs.Field) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxWhat {
		return s, []errs.Field{{Name: name, Key: "retention.carrier.text"}}
	}
	return s, nil
}

// AddCarrier enters a carrier.
func (s *Service) AddCarrier(ctx context.Context, officer person.ID, c Carrier) error {
	var bad, more []errs.Field
	c.What, bad = text("what", c.What)
	c.Place, more = text("place", c.Place)
	bad = append(bad, more...)
	if c.Sheets < 1 || c.Sheets > maxSheets {
		bad = append(bad, errs.Field{Name: "sheets", Key: "retention.carrier.sheets"})
	}
	if len(bad) > 0 {
		return errs.InvalidFields(bad)
	}
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		id := int64(person.NewID(t.Now()))
		if _, err := t.Exec(insertCarrier, id, c.What, c.Place, c.Sheets, db.Micros(t.Now()), officer); err != nil {
			return err
		}
		return s.enter(t, officer, "retention:carrier."+person.ID(id).String())
	})
}

// EndCarrier enters how a carrier ended: destroyed, handed over.
func (s *Service) EndCarrier(ctx context.Context, officer person.ID, id int64, how string) error {
	how, bad := text("how", how)
	if len(bad) > 0 {
		return errs.InvalidFields(bad)
	}
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		n, err := t.Exec(endCarrier, db.Micros(t.Now()), how, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.Conflict, "retention.carrier.ended")
		}
		return s.enter(t, officer, "retention:carrier."+person.ID(id).String())
	})
}

// Carriers lists the register, newest first.
func (s *Service) Carriers(ctx context.Context) ([]Carrier, error) {
	rows, err := s.c.DB.Query(ctx, selectCarriers)
	if err != nil {
		return nil, err
	}
	var out []Carrier
	err = db.Each(rows, func(scan func(...any) error) error {
		var c Carrier
		var made, ended int64
		err := scan(&c.ID, &c.What, &c.Place, &c.Sheets, &made, &c.By, &ended, &c.EndedHow)
		c.Made, c.Ended = db.Time(made), db.Time(ended)
		out = append(out, c)
		return err
	})
	return out, err
}
