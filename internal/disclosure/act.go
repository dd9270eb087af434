package disclosure

import (
	"context"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// act lets one officer move a disclosure on, with an entry of it.
func (s *Service) act(ctx context.Context, by person.ID, id int64, from []State, name string, change func(t *db.Tx, d *Disclosure) error) error {
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		d, err := s.lock(t, id)
		if err != nil {
			return err
		}
		for _, state := range from {
			if d.State == state {
				if err := change(t, d); err != nil {
					return err
				}
				return s.enterAct(t, by, d, name)
			}
		}
		return errState
	})
}

// Submit asks a second officer. The incoming letter's file must be there: without it there is no ground (5.3).
func (s *Service) Submit(ctx context.Context, by person.ID, id int64) error {
	return s.act(ctx, by, id, []State{Drafted}, actSent, func(t *db.Tx, d *Disclosure) error {
		if d.Letter.Size == 0 {
			return errs.InvalidFields([]errs.Field{{Name: "file", Key: "disclosure.file.none"}})
		}
		return s.move(t, d, Waiting, setWaiting, db.Micros(t.Now()), by)
	})
}

// Approve is the second officer's agreement; the making begins. Forbidden by 5.3 where that officer had a hand in it: that stands in the log
// too. Conflict where the recipient is not in use any more.
func (s *Service) Approve(ctx context.Context, by person.ID, id int64) error {
	everybody, err := s.cfg.Door.Subjects(ctx)
	if err != nil {
		return err
	}
	return s.decide(ctx, by, id, actApproved, func(t *db.Tx, d *Disclosure) error {
		if !d.Recipient.EndedAt.IsZero() {
			return errs.New(errs.Conflict, "disclosure.recipient.notinuse")
		}
		if !d.Choice.Query() {
			everybody = int64(d.Choice.Lines)
		}
		if err := s.move(t, d, Choosing, setApproved, by, db.Micros(t.Now()), everybody); err != nil {
			return err
		}
		return s.cfg.Queue.Enqueue(t, jobMake, named{d.ID}, t.Now())
	})
}

// named is a payload that names a disclosure or a release.
type named struct {
	ID int64 `json:"id"`
}

// Refuse is the second officer's no, with the reason. Errors as of Approve, and Invalid with field reason.
func (s *Service) Refuse(ctx context.Context, by person.ID, id int64, reason string) error {
	reason, ok := line(reason, maxText)
	if !ok {
		return errs.InvalidFields([]errs.Field{{Name: "reason", Key: "disclosure.text.wrong"}})
	}
	return s.decide(ctx, by, id, actRefused, func(t *db.Tx, d *Disclosure) error {
		if _, err := t.Exec(dropTickets, d.ID); err != nil {
			return err
		}
		return s.move(t, d, Refused, setRefused, by, db.Micros(t.Now()), reason)
	})
}

// decide is the act of a second officer. The attempt of one who had a hand in the disclosure is entered as refused.
func (s *Service) decide(ctx context.Context, by person.ID, id int64, name string, change func(t *db.Tx, d *Disclosure) error) error {
	purpose := policy.StateBodies
	err := s.act(ctx, by, id, []State{Waiting}, name, func(t *db.Tx, d *Disclosure) error {
		purpose = d.Purpose
		if d.HadAHand(by) {
			return errSameOfficer
		}
		return change(t, d)
	})
	if err == nil || errs.As(err).Key != errSameOfficer.Key {
		return err
	}
	e := entry(by, purpose, policy.Recording, caseOf(id)+"/"+name)
	e.Outcome = ledger.Refused
	if failed := s.cfg.Ledger.Record(ctx, e); failed != nil {
		return failed
	}
	return err
}

// Withdraw takes a disclosure back as long as nobody has fetched it: what was made of it is destroyed. Invalid with field reason; Conflict where
// it is too late.
func (s *Service) Withdraw(ctx context.Context, by person.ID, id int64, reason string) error {
	reason, ok := line(reason, maxText)
	if !ok {
		return errs.InvalidFields([]errs.Field{{Name: "reason", Key: "disclosure.text.wrong"}})
	}
	return s.act(ctx, by, id, []State{Drafted, Waiting, Choosing, Packing, Ready}, actWithdrawn, func(t *db.Tx, d *Disclosure) error {
		for _, drop := range []string{dropTickets, dropParts} {
			if _, err := t.Exec(drop, d.ID); err != nil {
				return err
			}
		}
		return s.move(t, d, Withdrawn, setWithdrawn, db.Micros(t.Now()), reason)
	})
}

// Resend sends the recipient a new one-time address, where the first was lost or the download broke off. The earlier one is void. Conflict where
// it was fetched and somebody in it may not be handed over again.
func (s *Service) Resend(ctx context.Context, by person.ID, id int64) error {
	return s.act(ctx, by, id, []State{Ready, Fetched}, actResent, func(t *db.Tx, d *Disclosure) error {
		parts, err := s.parts(t.Query, d.ID)
		if err != nil {
			return err
		}
		if int64(len(parts)) != d.Parts {
			return errSpoiled
		}
		return s.cfg.Queue.Enqueue(t, jobReady, named{d.ID}, t.Now())
	})
}

// Sweep removes packages whose term is over.
func (s *Service) Sweep(ctx context.Context) error {
	for _, state := range []State{Ready, Fetched} {
		over, err := s.list(s.reads(ctx), selectExpired, int64(state), db.Micros(s.cfg.DB.Now()), sweepStep)
		if err != nil {
			return err
		}
		for _, d := range over {
			err := s.act(ctx, 0, d.ID, []State{state}, actExpired, func(t *db.Tx, d *Disclosure) error {
				if _, err := t.Exec(dropParts, d.ID); err != nil {
					return err
				}
				return s.move(t, d, Expired, setExpired, db.Micros(t.Now()))
			})
			if err != nil && !errs.Is(err, errs.Conflict) {
				return err
			}
		}
	}
	return nil
}

const sweepStep = 100

// forget is part of the transaction that erases a subject (5.1). Each package that is being made or waits with them in it loses the part that they
// are in, and is made anew without them.
func (s *Service) forget(t *db.Tx, subject person.ID) error {
	rows, err := t.Query(selectOf, subject)
	if err != nil {
		return err
	}
	type in struct {
		id, part int64
		state    State
	}
	var all []in
	err = db.Each(rows, func(scan func(...any) error) error {
		var i in
		err := scan(&i.id, &i.part, &i.state)
		all = append(all, i)
		return err
	})
	if err != nil {
		return err
	}
	// The row first: whoever packs them right now has its lock or finds it changed, so no part with them comes after this.
	for _, i := range all {
		if !i.state.Made() {
			continue
		}
		if i.state != Fetched { // whoever was handed over stays counted as such
			if _, err := t.Exec(setErased, i.id, subject); err != nil {
				return err
			}
		}
		if err := s.spoil(t, i.id, i.part); err != nil {
			return err
		}
	}
	return nil
}

// spoil destroys a part of a package. One that was ready is made anew and gets a new address; of one that was fetched nothing more is made.
func (s *Service) spoil(t *db.Tx, id, part int64) error {
	n, err := t.Exec(deletePart, id, part)
	if err != nil || n == 0 {
		return err
	}
	d, err := s.lock(t, id)
	if err != nil {
		return err
	}
	switch d.State {
	case Packing, Ready:
		if err := s.move(t, d, Packing, setPacking, d.Parts, max(0, d.Done-1)); err != nil {
			return err
		}
		if err := s.enterAct(t, 0, d, actAnew); err != nil {
			return err
		}
		return s.cfg.Queue.Enqueue(t, jobMake, named{id}, t.Now())
	}
	return nil
}
