package disclosure

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
)

// PartSize is how many people are in one part of a package; together is how many pass the door in one commit; shift is how long a job works
// before it hands on to the next, which is less than a job may take.
const (
	PartSize = 5000
	together = 500
	shift    = 2 * time.Minute
)

// make is the job that makes a package. It goes on from what is in the database, so it may be killed at any moment, and run on any server: what
// is done are the people chosen, in rows, and the parts made. Two that run at once do not disturb each other: whoever comes second finds that
// the step is done.
func (s *Service) make(ctx context.Context, payload []byte) error {
	var p named
	if err := json.Unmarshal(payload, &p); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	for began := s.cfg.DB.Now(); ; {
		more, err := s.step(ctx, p.ID)
		if err != nil && errs.As(err).Key == errState.Key {
			more, err = true, nil // somebody moved it on; look again
		}
		if err != nil || !more {
			return err
		}
		if s.cfg.DB.Now().Sub(began) > shift {
			return s.cfg.DB.Write(ctx, func(t *db.Tx) error { return s.cfg.Queue.Enqueue(t, jobMake, p, t.Now()) })
		}
	}
}

// step does the next thing, and tells whether there is more.
func (s *Service) step(ctx context.Context, id int64) (more bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	d, err := s.Get(ctx, id)
	if err != nil {
		return false, err
	}
	switch d.State {
	case Choosing:
		return true, s.chooseStep(ctx, d)
	case Packing:
		return true, s.packStep(ctx, d)
	}
	return false, nil
}

// passage is that of the approving officer, who answers for it.
func passage(d *Disclosure, op policy.Operation, fields person.Fields) keeper.Passage {
	return keeper.Passage{Actor: keeper.Staff(d.DecidedBy, policy.Officer), Operation: op, Purpose: d.Purpose, Fields: fields, Case: d.Code()}
}

// looked is what one step of choosing found.
type looked struct {
	n, unknown int
	to         person.ID
	found      []person.ID
	left       []keeper.Left
}

// chooseStep looks at the next people, or ends the choosing.
func (s *Service) chooseStep(ctx context.Context, d *Disclosure) error {
	var to person.ID
	var chosen int64
	if _, err := s.cfg.DB.Get(ctx, []any{&to, &chosen}, selectLooked, d.ID); err != nil {
		return err
	}
	tickets, err := s.tickets(ctx, d)
	if err != nil {
		return err
	}
	var l looked
	if d.Choice.Query() {
		l, err = s.describe(ctx, d, to)
	} else {
		l, err = s.name(ctx, d, tickets)
	}
	if err != nil {
		return err
	}
	if l.n == 0 {
		return s.chosen(ctx, d, chosen)
	}
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		for _, ticket := range tickets {
			if n, err := t.Exec(deleteTicket, d.ID, []byte(ticket)); err != nil || n != 1 {
				return orState(err)
			}
		}
		rows, unseen := s.rowsOf(d, &l, chosen, db.Micros(t.Now()))
		if err := t.InsertAll(insertSubject, rows); err != nil {
			return err
		}
		n, err := t.Exec(addLooked, l.n, l.to, l.unknown, unseen[LeftBlocked], unseen[LeftConsent], unseen[LeftOther]+unseen[LeftErased],
			chosen+int64(len(l.found)), d.ID, to, chosen)
		if err != nil || n != 1 {
			return orState(err)
		}
		return nil
	})
}

func orState(err error) error {
	if err == nil {
		err = errState
	}
	return err
}

// rowsOf are the rows of those who were found, and the counts of those whom a query could not look at: nobody knows whether they belong to it.
// Those whom a list named and the rules refuse are rows too, outside of every part.
func (s *Service) rowsOf(d *Disclosure, l *looked, chosen, now int64) (rows []any, unseen map[Outcome]int64) {
	unseen = map[Outcome]int64{}
	for i, id := range l.found {
		rows = append(rows, d.ID, id, (chosen+int64(i))/s.partSize, int64(Pending), now)
	}
	for _, left := range l.left {
		if d.Choice.Query() {
			unseen[leftBy(left.Key)]++
		} else {
			rows = append(rows, d.ID, left.Subject, -1, int64(leftBy(left.Key)), now)
		}
	}
	return rows, unseen
}

func (s *Service) tickets(ctx context.Context, d *Disclosure) ([]keeper.Ticket, error) {
	rows, err := s.cfg.DB.Query(ctx, selectTicket, d.ID, together)
	if err != nil {
		return nil, err
	}
	var out []keeper.Ticket
	err = db.Each(rows, func(scan func(...any) error) error {
		var ticket []byte
		err := scan(&ticket)
		out = append(out, ticket)
		return err
	})
	return out, err
}

// name finds those whom the next lines of a list name.
func (s *Service) name(ctx context.Context, d *Disclosure, tickets []keeper.Ticket) (l looked, err error) {
	l.n = len(tickets)
	if l.n > 0 {
		l.found, l.left, l.unknown, err = s.cfg.Door.FindEach(ctx, passage(d, policy.Systematising, 0), tickets)
	}
	return l, err
}

// describe finds those of the next people who fit a query.
func (s *Service) describe(ctx context.Context, d *Disclosure, after person.ID) (l looked, err error) {
	ids, err := s.candidates(ctx, &d.Choice, after)
	if err != nil || len(ids) == 0 {
		return l, err
	}
	l.n, l.to = len(ids), ids[len(ids)-1]
	opened, left, err := s.cfg.Door.ReadEach(ctx, passage(d, policy.Systematising, d.Choice.fields()), ids)
	l.left = left
	for _, rec := range opened {
		if d.Choice.fits(rec, s.cfg.Places()) {
			l.found = append(l.found, rec.Subject)
		}
	}
	return l, err
}

// candidates are the next people who may belong to a query.
func (s *Service) candidates(ctx context.Context, c *Choice, after person.ID) ([]person.ID, error) {
	if c.Breach != "" {
		return s.cfg.Concerned(ctx, c.Breach, after, together)
	}
	return s.cfg.Door.Everyone(ctx, after, together)
}

// fields are those that a query looks at.
func (c *Choice) fields() (set person.Fields) {
	for field, values := range map[person.Field][]string{person.Place: c.Places, person.Position: c.Positions, person.Workplace: c.Workplaces} {
		if len(values) > 0 {
			set |= person.Set(field)
		}
	}
	return set
}

// fits tells whether somebody belongs to a query: one of the values of each kind that it names.
func (c *Choice) fits(rec *keeper.Record, tree *place.Tree) bool {
	one := func(values []string, field person.Field) bool {
		v := rec.Value(field)
		return len(values) == 0 || !v.IsZero() && slices.Contains(values, v.Reveal())
	}
	within := len(c.Places) == 0
	if at := rec.Value(person.Place); !within && !at.IsZero() {
		within = slices.ContainsFunc(tree.Path(at.Reveal()), func(p place.Place) bool { return slices.Contains(c.Places, p.Code) })
	}
	return within && one(c.Positions, person.Position) && one(c.Workplaces, person.Workplace)
}

// chosen ends the choosing: packing begins, or nobody is in it.
func (s *Service) chosen(ctx context.Context, d *Disclosure, chosen int64) error {
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		if chosen == 0 {
			return s.empty(t, d)
		}
		return s.move(t, d, Packing, setPacking, (chosen+s.partSize-1)/s.partSize, 0)
	})
}

func (s *Service) empty(t *db.Tx, d *Disclosure) error {
	if err := s.move(t, d, Empty, setEmpty, db.Micros(t.Now())); err != nil {
		return err
	}
	if _, err := t.Exec(dropParts, d.ID); err != nil {
		return err
	}
	return s.enterAct(t, 0, d, actEmpty)
}

// Part is a piece of a package as it is stored: encrypted to the recipient.
type Part struct {
	N      int64
	People int64
	SHA256 string // of the encrypted bytes
	Size   int64
}

func (s *Service) parts(query querier, id int64) ([]Part, error) {
	rows, err := query(selectParts, id)
	if err != nil {
		return nil, err
	}
	var out []Part
	err = db.Each(rows, func(scan func(...any) error) error {
		var p Part
		err := scan(&p.N, &p.People, &p.SHA256, &p.Size)
		out = append(out, p)
		return err
	})
	return out, err
}

// packStep makes the first part that is missing, or ends the making.
func (s *Service) packStep(ctx context.Context, d *Disclosure) error {
	parts, err := s.parts(s.reads(ctx), d.ID)
	if err != nil {
		return err
	}
	for n := range d.Parts {
		if !slices.ContainsFunc(parts, func(p Part) bool { return p.N == n }) {
			return s.packPart(ctx, d, n)
		}
	}
	return s.ready(ctx, d)
}

// members are those of a part who are still to be in it.
func (s *Service) members(ctx context.Context, id, part int64) ([]person.ID, error) {
	rows, err := s.cfg.DB.Query(ctx, selectPart, id, part)
	if err != nil {
		return nil, err
	}
	var out []person.ID
	err = db.Each(rows, func(scan func(...any) error) error {
		var subject person.ID
		var o Outcome
		err := scan(&subject, &o)
		if o <= Included {
			out = append(out, subject)
		}
		return err
	})
	return out, err
}

func (s *Service) packPart(ctx context.Context, d *Disclosure, n int64) error {
	members, err := s.members(ctx, d.ID, n)
	if err != nil {
		return err
	}
	w, err := newPartWriter(d, n)
	if err != nil {
		return err
	}
	var included []person.ID
	left := map[Outcome][]person.ID{}
	for some := range slices.Chunk(members, together) {
		opened, out, err := s.cfg.Door.ReadEach(ctx, passage(d, policy.Provision, d.Fields), some)
		if err != nil {
			return err
		}
		for _, rec := range opened {
			included = append(included, rec.Subject)
			if err := w.add(rec); err != nil {
				return err
			}
		}
		for _, l := range out {
			left[leftBy(l.Key)] = append(left[leftBy(l.Key)], l.Subject)
		}
	}
	body, sum, err := w.seal()
	if err != nil {
		return err
	}
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		if n, err := t.Exec(addPart, d.ID, int64(d.State)); err != nil || n != 1 {
			return orState(err)
		}
		if inserted, err := t.Exec(insertPart, d.ID, n, len(included), sum, body); err != nil || inserted != 1 {
			return orState(err)
		}
		for o, ids := range left {
			if _, err := t.Exec(setOutcomes+s.cfg.DB.OneOf("$4"), int64(o), db.Micros(t.Now()), d.ID, db.Numbers(s.cfg.DB, ids)); err != nil {
				return err
			}
		}
		changed, err := t.Exec(setOutcomes+s.cfg.DB.OneOf("$4"), int64(Included), db.Micros(t.Now()), d.ID, db.Numbers(s.cfg.DB, included))
		if err == nil && changed != int64(len(included)) {
			err = errState // somebody was erased since they were read: what was packed goes, and the part is made again
		}
		return err
	})
}

// ready ends the making, and the recipient is told. Where the rules refused everybody nothing goes out.
func (s *Service) ready(ctx context.Context, d *Disclosure) error {
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		d, err := s.lock(t, d.ID)
		if err != nil {
			return err
		}
		parts, err := s.parts(t.Query, d.ID)
		if err != nil {
			return err
		}
		if d.State != Packing || int64(len(parts)) != d.Parts {
			return errState
		}
		var people int64
		if _, err := t.Get([]any{&people}, countIncluded, d.ID); err != nil {
			return err
		}
		if people == 0 {
			return s.empty(t, d)
		}
		now := t.Now()
		if err := s.move(t, d, Ready, setReady, d.Parts, db.Micros(now), db.Micros(now.AddDate(0, 0, d.KeepDays))); err != nil {
			return err
		}
		if err := s.enterAct(t, 0, d, actReady); err != nil {
			return err
		}
		return s.cfg.Queue.Enqueue(t, jobReady, named{d.ID}, now)
	})
}
