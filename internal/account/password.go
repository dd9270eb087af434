package account

import (
	"context"
	"encoding/json"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/secret"
)

// ChangePassword sets a new password after a full proof (ASVS 6.2.3). Other sessions end, links on their way are void; this session goes on
// under a new token. Errors: Invalid with a line for PasswordName, CodeName or password.FieldName; TooMany.
func (a *Accounts) ChangePassword(ctx context.Context, s Session, p Proof, plain secret.Text, v Visitor) (SignedIn, error) {
	acc, err := a.prove(ctx, s, p)
	if err != nil {
		return SignedIn{}, err
	}
	phc, ticket, err := a.newPassword(ctx, acc, plain)
	if err != nil {
		return SignedIn{}, err
	}
	_, err = a.cfg.Door.Change(ctx, act(s.Subject, "password"), func(t *keeper.Tx) error {
		n, err := t.Exec(updateHash, phc, s.Subject, acc.phc)
		if err != nil {
			return err
		}
		if n != 1 {
			return errNoAccount // another password was set in the meantime
		}
		if err := a.passwordIsNew(t.Tx, acc, ticket, s.hash); err != nil {
			return err
		}
		return a.tell(t.Tx, acc, letterPassword)
	})
	if err != nil {
		return SignedIn{}, noAccount(err)
	}
	acc.phc = phc
	return a.open(ctx, a.inPlaceOf(s, acc, v))
}

// passwordIsNew ends what the old password opened, but for one session, or for none with an empty hash.
func (a *Accounts) passwordIsNew(t *db.Tx, acc record, ticket keeper.Ticket, but []byte) error {
	if _, err := t.Exec(deleteOtherSessions, acc.subject, but); err != nil {
		return err
	}
	if _, err := t.Exec(deleteLinks, acc.subject); err != nil {
		return err
	}
	return a.passwordsAnew(t, acc.subject, ticket)
}

// recovery is the payload of jobRecover.
type recovery struct {
	Ticket keeper.Ticket `json:"ticket"`
	Lang   string        `json:"lang"`
}

// AskRecovery asks for a link that sets a new password, in the language of the page. What it does, and that it returns nil, is the same
// whether the address has an account or not. Errors: Invalid where the address has not the form of one; TooMany for a network.
func (a *Accounts) AskRecovery(ctx context.Context, email secret.Text, lang string, v Visitor) error {
	if err := a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: recoveriesOfNetwork, Key: v.network()}); err != nil {
		return err
	}
	address, err := person.Parse(person.Email, email.Reveal(), a.cfg.DB.Now())
	if err != nil {
		return err
	}
	r := recovery{Ticket: a.cfg.Door.TicketFor(address), Lang: lang}
	return a.cfg.DB.Write(ctx, func(t *db.Tx) error { return a.cfg.Queue.Enqueue(t, jobRecover, r, t.Now()) })
}

func (a *Accounts) sendRecovery(ctx context.Context, payload []byte) error {
	var r recovery
	if err := json.Unmarshal(payload, &r); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	subject, found, err := a.cfg.Door.Resolve(ctx, r.Ticket)
	if err != nil || !found {
		return err
	}
	acc, found, err := a.record(ctx, subject)
	if err != nil || !found || acc.status != active {
		return err
	}
	if err := a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: recoveryLetters, Key: r.Ticket}); err != nil {
		if errs.Is(err, errs.TooMany) {
			return nil // the last one's link is still good
		}
		return err
	}
	return a.send(ctx, subject, letterRecover, r.Lang, a.linkTo(RecoverLink, subject, 0))
}

// Recover sets a new password by a link. It signs nobody in and leaves the second factor as it is (ASVS 6.4.3); all sessions end, known
// devices are strangers again, and failed attempts are forgotten. For who was invited it is the first password, and the address becomes theirs
// (3.2.2). Errors: ErrLink; Conflict ("account.confirm.taken") if an invitation's address is another account's by now; Invalid with a line for password.FieldName, which
// leaves the link good for another try.
func (a *Accounts) Recover(ctx context.Context, token, plain secret.Text) error {
	l, err := a.peek(ctx, RecoverLink, token)
	if err != nil {
		return err
	}
	acc, found, err := a.record(ctx, l.subject)
	if err != nil {
		return err
	}
	if found && acc.status == invited {
		return a.accept(ctx, l, acc, plain)
	}
	if !found || acc.status != active {
		return ErrLink
	}
	phc, ticket, err := a.newPassword(ctx, acc, plain)
	if err != nil {
		return err
	}
	_, err = a.cfg.Door.Change(ctx, act(l.subject, "recovery"), func(t *keeper.Tx) error {
		if err := l.use(t.Tx); err != nil {
			return err
		}
		n, err := t.Exec(recoverAccount, phc, db.Micros(t.Now()), l.subject, int64(active))
		if err != nil {
			return err
		}
		if n != 1 {
			return ErrLink
		}
		if err := a.passwordIsNew(t.Tx, acc, ticket, []byte{}); err != nil {
			return err
		}
		return a.tell(t.Tx, acc, letterRecovered)
	})
	if errs.Is(err, errs.NotFound) {
		err = ErrLink
	}
	return err
}
