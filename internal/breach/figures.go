package breach

import (
	"context"

	"ustaz/internal/db"
	"ustaz/internal/person"
)

// FieldCount is of how many people a field was opened.
type FieldCount struct {
	Field  person.Field
	People int64
}

// Fields tells what of people's data a breach concerns, in the order of the fields, without naming anybody: what the authority is told first.
func (r *Register) Fields(ctx context.Context, b *Breach) ([]FieldCount, error) {
	rows, err := r.c.DB.Query(ctx, countFields, b.ID)
	if err != nil {
		return nil, err
	}
	counts := map[person.Field]int64{}
	err = db.Each(rows, func(get func(...any) error) error {
		var fields person.Fields
		var n int64
		err := get(&fields, &n)
		for _, f := range fields.List() {
			counts[f] += n
		}
		return err
	})
	var out []FieldCount
	for _, f := range person.All {
		if counts[f] > 0 {
			out = append(out, FieldCount{f, counts[f]})
		}
	}
	return out, err
}
