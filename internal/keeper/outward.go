package keeper

import (
	"context"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/person"
)

// Left is somebody whom a passage of many left out.
type Left struct {
	Subject person.ID
	Key     string // message key of the rules' refusal: policy.refused.…
}

// Key of Left for an id that nobody has.
const leftNobody = "door.nosubject"

// ReadEach opens the same fields of several subjects. Unlike ReadMany it leaves out whom the rules refuse, and tells so: what goes to an
// authority goes without those who are blocked, erased or do not agree (6.2.4, 5.1, 2.2). Each, also who was refused, is an entry; all share
// one commit.
func (k *Keeper) ReadEach(ctx context.Context, p Passage, subjects []person.ID) (opened []*Record, left []Left, err error) {
	if len(subjects) == 0 {
		return nil, nil, nil
	}
	asked := k.reading(&p, subjects)
	asked.each = true
	if err := k.ask(ctx, asked); err != nil {
		return nil, nil, err
	}
	for i, s := range asked.people {
		switch {
		case s.row == nil:
			left = append(left, Left{s.id, leftNobody})
		case s.why != "":
			left = append(left, Left{s.id, s.why})
		default:
			rec, err := asked.open(i)
			if err != nil {
				return nil, nil, err
			}
			opened = append(opened, rec)
		}
	}
	return opened, left, nil
}

// TicketOf stands for a look-up by e-mail address, telephone or IIN that will be made later, if it is approved: what is kept until then tells
// nothing without the key.
func (k *Keeper) TicketOf(v person.Value) Ticket { return k.blind(v.Field(), v.Reveal()) }

// FindEach gives those whom tickets stand for, each an entry of the passage without fields; left are those whom the rules refuse, unknown is
// how many tickets nobody belongs to.
func (k *Keeper) FindEach(ctx context.Context, p Passage, tickets []Ticket) (found []person.ID, left []Left, unknown int, err error) {
	p.Fields = 0
	var ids []person.ID
	for _, ticket := range tickets {
		id, there, err := k.Resolve(ctx, ticket)
		if err != nil {
			return nil, nil, 0, err
		}
		switch {
		case !there:
			unknown++
		case !slices.Contains(ids, id):
			ids = append(ids, id)
		}
	}
	opened, left, err := k.ReadEach(ctx, p, ids)
	for _, rec := range opened {
		found = append(found, rec.Subject)
	}
	return found, left, unknown, err
}

// Refused tells whom of the subjects the rules would refuse a passage now. Nothing is opened and nothing entered: it is for who holds what an
// earlier passage opened and must know whether it still may go out.
func (k *Keeper) Refused(ctx context.Context, p Passage, subjects []person.ID) ([]person.ID, error) {
	rows, err := k.rows(k.reads(ctx), "", subjects...)
	if err != nil {
		return nil, err
	}
	var out []person.ID
	for _, id := range subjects {
		r := rows[id]
		if r == nil {
			out = append(out, id)
			continue
		}
		_, dec, err := k.decide(&p, id, r.state)
		if err != nil {
			return nil, err
		}
		if !dec.Allowed {
			out = append(out, id)
		}
	}
	return out, nil
}

// Everyone lists the numbers of those who are not erased, in order, behind a number, at most limit. It opens nothing: whoever chooses among
// them passes the door for each.
func (k *Keeper) Everyone(ctx context.Context, after person.ID, limit int) ([]person.ID, error) {
	rows, err := k.d.Query(ctx, "SELECT id FROM subject WHERE id > $1 AND erased = 0 ORDER BY id LIMIT $2", after, limit)
	if err != nil {
		return nil, err
	}
	var ids []person.ID
	err = db.Each(rows, func(scan func(...any) error) error {
		var id person.ID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
