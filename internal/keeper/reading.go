package keeper

import (
	"context"
	"fmt"

	"ustaz/internal/db"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
)

// reading is a passage on its way to opening fields: whom it names, what is seen of them, what it leaves in the log. What is seen, the
// rules' answer to it and the entry are of one moment, and readings that happen together share one query: see ledger.Question.
type reading struct {
	k       *Keeper
	passage *Passage
	people  []sight
	lookup  bool  // they were found by a value
	each    bool  // who is refused is left out, and does not refuse the others
	err     error // why nothing may be opened, though the database answered
}

// sight is what a reading saw of one person.
type sight struct {
	id    person.ID
	row   *row            // nil where there is no such person
	entry *ledger.Pending // nil where there is no such person
	why   string          // message key of a refusal
}

// CommitNote makes a reading a note of package db.
func (*reading) CommitNote() {}

func (k *Keeper) reading(p *Passage, subjects []person.ID) *reading {
	r := &reading{k: k, passage: p, people: make([]sight, len(subjects))}
	for i, id := range subjects {
		r.people[i].id = id
	}
	return r
}

// pass sees people and enters the passage, durably, for each of them. Until it returns without an error nothing may be opened.
func (k *Keeper) pass(ctx context.Context, p *Passage, subjects ...person.ID) (*reading, error) {
	r := k.reading(p, subjects)
	return r, k.ask(ctx, r)
}

func (k *Keeper) ask(ctx context.Context, r *reading) error {
	// Asked here too, so that the many who share a commit do not wait while one of them looks for a new edition.
	_, err := k.editions.InForce(k.d.Now())
	if err == nil {
		err = k.log.Ask(ctx, r)
	}
	if err == nil {
		err = r.err
	}
	return err
}

// passOne is pass for the subject of the passage, who must exist. Their own reads are entered once for a session and kind of page.
func (k *Keeper) passOne(ctx context.Context, p *Passage) (*reading, error) {
	if k.entered(p) {
		r := k.reading(p, []person.ID{p.Subject})
		rows, err := k.rows(k.reads(ctx), "", p.Subject)
		if err != nil {
			return nil, err
		}
		if r.judge(rows); r.err == nil && r.people[0].row != nil {
			return r, nil
		}
	}
	r, err := k.pass(ctx, p, p.Subject)
	if err == nil && r.people[0].row == nil {
		err = nobody()
	}
	if err != nil {
		return nil, err
	}
	k.enter(p)
	return r, nil
}

// Answer looks at everybody whom a batch of readings names, in one query, decides, and enters.
func (*reading) Answer(t *db.Tx, questions []ledger.Question, enter func(*ledger.Pending) error) error {
	together := make([]*reading, len(questions))
	ids := make([]person.ID, 0, len(questions))
	for i, q := range questions {
		r, ok := q.(*reading)
		if !ok {
			return fmt.Errorf("keeper: a question of type %T", q)
		}
		together[i] = r
		for _, s := range r.people {
			ids = append(ids, s.id)
		}
	}
	rows, err := together[0].k.rows(t.Query, "", ids...)
	if err != nil {
		return err
	}
	for _, r := range together {
		if r.judge(rows); r.err == nil {
			if err := r.brake(t); err != nil {
				return err
			}
		}
		for _, s := range r.people {
			if s.entry != nil && (r.err == nil || s.entry.Outcome == ledger.Refused) {
				if err := enter(s.entry); err != nil {
					r.err = err
					break
				}
			}
		}
	}
	return nil
}

// judge asks the rules about everybody who was seen. One refusal refuses all, unless each stands for themselves.
func (r *reading) judge(rows map[person.ID]*row) {
	r.err = nil
	for i := range r.people {
		s := &r.people[i]
		s.row, s.entry, s.why = rows[s.id], nil, ""
		if s.row == nil {
			continue
		}
		e, dec, err := r.k.decide(r.passage, s.id, s.row.state)
		if err != nil {
			r.err = err
			return
		}
		e.Index = -1
		s.entry = e
		if !dec.Allowed {
			if s.why = dec.Key; !r.each {
				r.err = refusal(r.passage, dec, e)
			}
		}
	}
}

// brake stops members of staff who read more people in an hour than their role may, and systems that look for people after they have guessed
// more than theirs may (5.4, copying).
func (r *reading) brake(t *db.Tx) error {
	actor := r.passage.Actor
	ceiling := 0
	var seen []person.ID
	for _, s := range r.people {
		if s.entry == nil {
			continue
		}
		if c := r.k.ceiling(actor.Kind, &s.entry.Entry); c > 0 {
			ceiling, seen = c, append(seen, s.id)
		}
	}
	ok, err := true, error(nil)
	switch {
	case actor.Kind == ledger.ByStaff:
		ok, err = r.k.count(t, actor.ID, ceiling, seen...)
	case r.lookup:
		ok, err = r.k.spent(t, actor.ID, ceiling)
		ok = !ok
	}
	if err != nil || ok {
		return err
	}
	for _, s := range r.people {
		if s.entry != nil {
			refusedBy(s.entry, "5.4")
		}
	}
	r.err = braked(t)
	return nil
}

// open opens the passage's fields of one of its people.
func (r *reading) open(i int) (*Record, error) {
	s := &r.people[i]
	rec, err := r.k.open(s.row, r.passage.Fields)
	if err == nil {
		rec.Entry = s.entry.Index
	}
	return rec, err
}
