package ticket

import (
	"context"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
)

// Canned is what support answers often, ready in three languages. Nothing in it is about anybody.
type Canned struct {
	ID    person.ID // 0 for one that is new
	Topic Topic     // 0 for any
	Title string    // what support calls it
	Words i18n.Text
	Rev   int64
}

// In is its text in a language; it has all three.
func (c *Canned) In(lang string) string {
	return map[string]string{"kk": c.Words.KK, "ru": c.Words.RU, "en": c.Words.EN}[lang]
}

// Limits of what is ready, in letters.
const (
	MaxCannedTitle = 120
	MaxCanned      = person.MaxWords / 2
	mostCanned     = 200
)

// Canned lists what is ready, by topic and title.
func (s *Service) Canned(ctx context.Context) ([]Canned, error) {
	rows, err := s.c.DB.Query(ctx, selectCanned)
	if err != nil {
		return nil, err
	}
	var out []Canned
	err = db.Each(rows, func(scan func(...any) error) error {
		var c Canned
		err := scan(&c.ID, &c.Topic, &c.Title, &c.Words.KK, &c.Words.RU, &c.Words.EN, &c.Rev)
		out = append(out, c)
		return err
	})
	return out, err
}

var errCannedMoved = errs.New(errs.Conflict, "ticket.canned.moved")

// KeepCanned stores one for all of support. One that is there is changed only under the rev that was seen: another's change is a Conflict.
func (s *Service) KeepCanned(ctx context.Context, staff person.ID, c Canned) error {
	var bad []errs.Field
	for _, x := range []struct{ name, text string }{{"title", c.Title}, {"kk", c.Words.KK}, {"ru", c.Words.RU}, {"en", c.Words.EN}} {
		if x.text == "" {
			bad = append(bad, errs.Field{Name: x.name, Key: "person.required"})
		}
	}
	if len(bad) > 0 {
		return errs.InvalidFields(bad)
	}
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if c.ID == 0 {
			var n int
			if _, err := t.Get([]any{&n}, countCanned); err != nil {
				return err
			}
			if n >= mostCanned {
				return errs.New(errs.Conflict, "ticket.canned.toomany")
			}
			_, err := t.Exec(insertCanned, person.NewID(t.Now()), int64(c.Topic), c.Title, c.Words.KK, c.Words.RU, c.Words.EN, staff, db.Micros(t.Now()))
			return err
		}
		n, err := t.Exec(updateCanned, int64(c.Topic), c.Title, c.Words.KK, c.Words.RU, c.Words.EN, staff, db.Micros(t.Now()), c.ID, c.Rev)
		if err == nil && n == 0 {
			err = errCannedMoved
		}
		return err
	})
}

// RemoveCanned takes one away, as it was seen.
func (s *Service) RemoveCanned(ctx context.Context, id person.ID, rev int64) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		n, err := t.Exec(deleteCanned, id, rev)
		if err == nil && n == 0 {
			err = errCannedMoved
		}
		return err
	})
}
