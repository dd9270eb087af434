package account

import (
	"context"
	"encoding/json"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

const (
	editionsEvery = time.Minute // until it is noticed that an edition came into force
	editionStep   = 500         // letters queued in one transaction
)

// editionLetter is the payload of jobEdition.
type editionLetter struct {
	Subject person.ID `json:"subject"`
	Edition int64     `json:"edition"`
}

// TellEdition queues, once for each edition that comes into force, a letter to everybody who has an account (9.1, 9.2). It goes in steps: what
// is queued and how far it got are one transaction, so after a crash it goes on from there and nobody is told twice.
func (a *Accounts) TellEdition(ctx context.Context) error {
	ed, err := a.cfg.Consents.InForce()
	if err != nil {
		return err
	}
	for done := false; !done; {
		err := a.cfg.DB.Write(ctx, func(t *db.Tx) (err error) {
			done, err = a.tellStep(t, ed.Seq)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellStep queues the next letters about an edition, and tells whether those were the last.
func (a *Accounts) tellStep(t *db.Tx, edition int64) (bool, error) {
	if _, err := t.Exec(beginEdition, edition); err != nil {
		return false, err
	}
	var reached person.ID
	var doneAt int64
	if _, err := t.Get([]any{&reached, &doneAt}, selectEdition+a.cfg.DB.ForUpdate(), edition); err != nil || doneAt > 0 {
		return true, err
	}
	rows, err := t.Query(selectTold, reached, editionStep)
	if err != nil {
		return false, err
	}
	var told []person.ID
	err = db.Each(rows, func(scan func(...any) error) error {
		err := scan(&reached)
		told = append(told, reached)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, subject := range told {
		if err := a.cfg.Queue.Enqueue(t, jobEdition, editionLetter{subject, edition}, t.Now()); err != nil {
			return false, err
		}
	}
	last := len(told) < editionStep
	if last {
		doneAt = db.Micros(t.Now())
	}
	_, err = t.Exec(moveEdition, reached, doneAt, edition)
	return last, err
}

// sendEdition writes to one subject, in their language, unless there is nothing to tell any more: another edition took its place, or they have
// answered to this one. Those who are blocked, erased, or no longer agree to the use of their data are left alone: the door would refuse.
func (a *Accounts) sendEdition(ctx context.Context, payload []byte) error {
	var e editionLetter
	if err := json.Unmarshal(payload, &e); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	ed, err := a.cfg.Consents.InForce()
	if err != nil || ed.Seq != e.Edition {
		return err
	}
	acc, found, err := a.record(ctx, e.Subject)
	if err != nil || !found || acc.status != active {
		return err
	}
	last, found, err := a.cfg.Consents.Last(ctx, e.Subject)
	if err != nil || !found || last.Act != consent.Agreed || last.Edition >= ed.Seq {
		return err
	}
	state, err := a.cfg.Door.State(ctx, e.Subject)
	if err != nil || state != (policy.State{Consent: policy.ConsentGiven}) {
		return err
	}
	return a.sendBy(ctx, a.cfg.News, e.Subject, letterEdition, acc.lang, a.pageOf(letterEdition), i18n.Day("since", ed.InForce))
}
