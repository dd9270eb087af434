package account

import (
	"context"
	"encoding/json"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// invitationLife is how long the letter to a person whom a system registered is good. They did not ask for it, so they may read it late.
const invitationLife = 7 * 24 * time.Hour

// Invite asks a person whom an outside system registered to confirm the address that the system gave (3.2.2), in the transaction that stores
// it. Until they follow the letter's link and set a password, the address finds nobody: whoever holds the box can register with it. Earlier
// invitations are void; where there is no address now, that is all. Whoever has an account of their own is not invited.
func (a *Accounts) Invite(t *keeper.Tx, lang string) error {
	if own, err := a.Owns(t.Tx, t.Subject()); err != nil || own {
		return err
	}
	if _, err := t.Exec(deleteLinks, t.Subject()); err != nil {
		return err
	}
	if address, err := t.Value(person.Email); err != nil || address.IsZero() {
		return err
	}
	if _, err := t.Exec(inviteAccount, t.Subject(), int64(invited), lang, "", db.Micros(t.Now())); err != nil {
		return err
	}
	return a.cfg.Queue.Enqueue(t.Tx, jobInvite, invitation{t.Subject()}, t.Now())
}

// Owns tells whether a person has an account of their own: who was only invited has none yet.
func (a *Accounts) Owns(t *db.Tx, subject person.ID) (bool, error) {
	acc, found, err := a.recordIn(t, subject)
	return found && acc.status != invited, err
}

// invitation is the payload of jobInvite.
type invitation struct {
	Subject person.ID `json:"subject"`
}

// sendInvitation writes to the address that a system gave. Where it is another account's, its owner is told, and there is nothing to confirm.
func (a *Accounts) sendInvitation(ctx context.Context, payload []byte) error {
	var i invitation
	if err := json.Unmarshal(payload, &i); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	acc, found, err := a.record(ctx, i.Subject)
	if err != nil || !found || acc.status != invited {
		return err
	}
	rec, err := a.cfg.Door.Read(ctx, byProgram(i.Subject, person.Email))
	if err != nil {
		return err
	}
	address := rec.Value(person.Email)
	if address.IsZero() {
		return nil // taken away in the meantime
	}
	owner, taken, mayWrite, err := a.lookTo(ctx, a.cfg.Door.TicketFor(address))
	if err != nil || !mayWrite {
		return err // earlier letters are in the box
	}
	if taken && owner != i.Subject {
		return a.send(ctx, owner, letterAlready, acc.lang, a.pageOf(letterAlready))
	}
	return a.send(ctx, i.Subject, letterInvited, acc.lang, a.linkFor(invitationLife, RecoverLink, i.Subject, 0))
}

// accept follows an invitation: the address becomes the one that finds this person, and they have an account with a password of their own.
// Errors: those of Recover; Conflict ("account.confirm.taken") if meanwhile the address became that of another account.
func (a *Accounts) accept(ctx context.Context, l link, acc record, plain secret.Text) error {
	phc, ticket, err := a.newPassword(ctx, acc, plain)
	if err != nil {
		return err
	}
	p := keeper.Passage{Actor: keeper.Own(l.subject), Subject: l.subject, Operation: policy.Recording, Purpose: policy.Verify,
		Fields: person.Set(person.Email)}
	_, err = a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if err := l.use(t.Tx); err != nil {
			return err
		}
		n, err := t.Exec(acceptAccount, int64(active), phc, db.Micros(t.Now()), l.subject, int64(invited))
		if err != nil || n != 1 {
			return orElse(err, ErrLink)
		}
		if free, err := t.Claim(); err != nil || !free {
			return orElse(err, errTaken)
		}
		return a.passwordIsNew(t.Tx, acc, ticket, []byte{})
	})
	if errs.Is(err, errs.NotFound) {
		err = ErrLink
	}
	return err
}
