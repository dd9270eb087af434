package desk

import (
	"context"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/person"
)

// Idle lists, after one, people without an account all of whose cases ended before a moment, in order of their numbers: for retention (5.1).
func (s *Service) Idle(ctx context.Context, since time.Time, after person.ID, limit int) ([]person.ID, error) {
	for {
		rows, err := s.c.DB.Query(ctx, selectIdle, after, db.Micros(since), limit)
		if err != nil {
			return nil, err
		}
		var page []person.ID
		if err := db.Each(rows, func(scan func(...any) error) error {
			var id person.ID
			err := scan(&id)
			page = append(page, id)
			return err
		}); err != nil || len(page) == 0 {
			return nil, err
		}
		var out []person.ID
		for _, id := range page {
			lang, err := s.c.Lang(ctx, id)
			if err != nil {
				return nil, err
			}
			if lang == "" {
				out = append(out, id)
			}
		}
		if len(out) > 0 {
			return out, nil
		}
		after = page[len(page)-1]
	}
}
