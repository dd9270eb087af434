package account

import (
	"context"
	"encoding/json"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Tables whose rows hold an address sealed under its subject's key.
const (
	newEmailTable = "account_new_email"
	oldEmailTable = "account_old_email"
)

// emailChange is the payload of jobNewEmail and jobOldEmail.
type emailChange struct {
	Subject person.ID `json:"subject"`
	Serial  int64     `json:"serial"`
}

// AskEmail asks to change the address, after a full proof (ASVS 7.5.1). A link goes to the new address and a notice to the old one; until
// the link is followed nothing changes (3.2.2). A second wish takes the place of the first. The answer does not tell whether the new
// address belongs to somebody. Errors: Invalid with a line for the address, PasswordName or CodeName; TooMany.
func (a *Accounts) AskEmail(ctx context.Context, s Session, p Proof, email secret.Text) error {
	address, err := person.Parse(person.Email, email.Reveal(), a.cfg.DB.Now())
	if err != nil {
		return err
	}
	acc, err := a.prove(ctx, s, p)
	if err != nil {
		return err
	}
	passage := keeper.Passage{Actor: keeper.Own(s.Subject), Subject: s.Subject, Operation: policy.Collection, Purpose: policy.Verify,
		Fields: person.Set(person.Email)}
	_, err = a.cfg.Door.Change(ctx, passage, func(t *keeper.Tx) error {
		if _, err := a.activeIn(t.Tx, s.Subject); err != nil {
			return err
		}
		c := emailChange{Subject: s.Subject, Serial: randomID()}
		sealed, err := t.SealAside(newEmailTable, c.Serial, address)
		if err != nil {
			return err
		}
		if _, err := t.Exec(upsertNewEmail, s.Subject, c.Serial, sealed, db.Micros(t.Now())); err != nil {
			return err
		}
		if err := a.tell(t.Tx, acc, letterEmailAsked); err != nil {
			return err
		}
		return a.cfg.Queue.Enqueue(t.Tx, jobNewEmail, c, t.Now())
	})
	return noAccount(err)
}

// sendNewEmail writes to the address that somebody wants: a link, or, where it belongs to an account, a notice to its owner.
func (a *Accounts) sendNewEmail(ctx context.Context, payload []byte) error {
	var c emailChange
	if err := json.Unmarshal(payload, &c); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	acc, found, err := a.record(ctx, c.Subject)
	if err != nil || !found || acc.status != active {
		return err
	}
	var serial int64
	var sealed []byte
	found, err = a.cfg.DB.Get(ctx, []any{&serial, &sealed}, selectNewEmail, c.Subject)
	if err != nil || !found || serial != c.Serial {
		return err // another wish took its place
	}
	address, err := a.aside(ctx, newEmailTable, letterEmailNew, c, sealed)
	if err != nil {
		return err
	}
	owner, taken, mayWrite, err := a.lookTo(ctx, a.cfg.Door.TicketFor(address))
	if err != nil || !mayWrite {
		return err // earlier letters are in the box
	}
	if taken && owner != c.Subject {
		return a.send(ctx, owner, letterEmailTaken, acc.lang, a.pageOf(letterEmailTaken))
	}
	return a.sendTo(ctx, c.Subject, address, letterEmailNew, acc.lang, a.linkTo(NewEmailLink, c.Subject, c.Serial))
}

// aside opens an address that lies beside the profile, for a letter.
func (a *Accounts) aside(ctx context.Context, table, letter string, c emailChange, sealed []byte) (person.Value, error) {
	p := byProgram(c.Subject, person.Email)
	p.Case = keeper.LetterCase(letter)
	values, err := a.cfg.Door.ReadAside(ctx, p,
		[]keeper.Aside{{Table: table, Field: person.Email, Row: c.Serial, Sealed: sealed}})
	if err != nil {
		return person.Value{}, err
	}
	return values[0], nil
}

// ConfirmEmail follows the link sent to a new address: it takes the old one's place, both in one transaction, and the old one is told.
// Links on their way to the old address are void. Errors: ErrLink; Conflict ("account.confirm.taken") if the address became somebody
// else's in the meantime.
func (a *Accounts) ConfirmEmail(ctx context.Context, token secret.Text) error {
	l, err := a.peek(ctx, NewEmailLink, token)
	if err != nil {
		return err
	}
	p := keeper.Passage{Actor: keeper.Own(l.subject), Subject: l.subject, Operation: policy.Refinement, Purpose: policy.Verify,
		Fields: person.Set(person.Email)}
	_, err = a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if err := l.use(t.Tx); err != nil {
			return err
		}
		if acc, found, err := a.recordIn(t.Tx, l.subject); err != nil || !found || acc.status != active {
			return orElse(err, ErrLink)
		}
		var serial int64
		var sealed []byte
		if found, err := t.Get([]any{&serial, &sealed}, selectNewEmail, l.subject); err != nil || !found || serial != l.about {
			return orElse(err, ErrLink)
		}
		address, err := t.OpenAside(keeper.Aside{Table: newEmailTable, Field: person.Email, Row: serial, Sealed: sealed})
		if err != nil {
			return err
		}
		return a.swapEmail(t, address, emailChange{Subject: l.subject, Serial: serial})
	})
	if errs.Is(err, errs.NotFound) {
		err = ErrLink
	}
	return err
}

// swapEmail puts a new address in the place of the old one, which is kept sealed until it was told.
func (a *Accounts) swapEmail(t *keeper.Tx, address person.Value, c emailChange) error {
	old, err := t.Value(person.Email)
	if err != nil {
		return err
	}
	if err := t.Unclaim(); err != nil {
		return err
	}
	if err := t.Set(address); err != nil {
		return err
	}
	if free, err := t.Claim(); err != nil || !free {
		return orElse(err, errTaken)
	}
	if err := a.passwordsAnew(t.Tx, c.Subject, a.cfg.Door.TicketFor(address)); err != nil {
		return err
	}
	for _, q := range []string{deleteNewEmail, deleteLinks} {
		if _, err := t.Exec(q, c.Subject); err != nil {
			return err
		}
	}
	sealed, err := t.SealAside(oldEmailTable, c.Serial, old)
	if err != nil {
		return err
	}
	if _, err := t.Exec(insertOldEmail, c.Subject, c.Serial, sealed); err != nil {
		return err
	}
	return a.cfg.Queue.Enqueue(t.Tx, jobOldEmail, c, t.Now())
}

// sendOldEmail tells the former address that it no longer finds the account, and drops what was put aside for that.
func (a *Accounts) sendOldEmail(ctx context.Context, payload []byte) error {
	var c emailChange
	if err := json.Unmarshal(payload, &c); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	acc, found, err := a.record(ctx, c.Subject)
	if err != nil || !found {
		return err
	}
	var sealed []byte
	if found, err := a.cfg.DB.Get(ctx, []any{&sealed}, selectOldEmail, c.Subject, c.Serial); err != nil || !found {
		return err
	}
	old, err := a.aside(ctx, oldEmailTable, letterEmailChanged, c, sealed)
	if err != nil {
		return err
	}
	if err := a.sendTo(ctx, c.Subject, old, letterEmailChanged, acc.lang, a.pageOf(letterEmailChanged)); err != nil {
		return err
	}
	return a.cfg.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(deleteOldEmail, c.Subject, c.Serial)
		return err
	})
}
