package retention

import (
	"context"
	"slices"

	"ustaz/internal/person"
)

// Due counts whom the next run would erase if a category were kept for so many months, up to most of them: what is asked before a term is set.
// Of those whom something holds back none counts.
func (s *Service) Due(ctx context.Context, category string, months, most int) (people int, err error) {
	i := slices.IndexFunc(s.c.Categories, func(c Category) bool { return c.Code == category })
	if i < 0 || months <= 0 {
		return 0, nil
	}
	since := monthsBefore(s.c.DB.Now(), months)
	for after := person.ID(0); people < most; {
		page, err := s.c.Categories[i].Idle(ctx, since, after, pageOf)
		if err != nil || len(page) == 0 {
			return people, err
		}
		after = page[len(page)-1]
		for _, id := range page {
			holds, err := s.c.Holds(ctx, id)
			if err != nil {
				return people, err
			}
			if len(holds) == 0 {
				people++
			}
		}
	}
	return most, nil
}
