package desk

import (
	"context"
	"time"

	"ustaz/internal/db"
)

// Figures are what the desk has done since a moment, and what is open now.
type Figures struct {
	Filed   map[Kind]int64 // since the moment
	Overdue map[Kind]int64 // open now, and late (8.2)
	Blocked int64          // people whose data an open case holds blocked now (6.2.4)
	Erased  int64          // erasures carried out since the moment (5.1)
}

// Figures counts. A case blocks in the transaction that files it, so there is no time between the two to be measured.
func (s *Service) Figures(ctx context.Context, since time.Time) (Figures, error) {
	f := Figures{Filed: map[Kind]int64{}, Overdue: map[Kind]int64{}}
	for _, part := range []struct {
		to    map[Kind]int64
		query string
		at    time.Time
	}{{f.Filed, countSince, since}, {f.Overdue, countLate, s.now()}} {
		rows, err := s.c.DB.Query(ctx, part.query, db.Micros(part.at))
		if err != nil {
			return f, err
		}
		err = db.Each(rows, func(scan func(...any) error) error {
			var kind Kind
			var n int64
			err := scan(&kind, &n)
			part.to[kind] = n
			return err
		})
		if err != nil {
			return f, err
		}
	}
	if _, err := s.c.DB.Get(ctx, []any{&f.Blocked}, countBlocking); err != nil {
		return f, err
	}
	_, err := s.c.DB.Get(ctx, []any{&f.Erased}, countErasures, db.Micros(since))
	return f, err
}
