package account

import (
	"context"
	"errors"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/secret"
)

// Credentials is the form of sign-in.
type Credentials struct {
	Email    secret.Text
	Password secret.Text
	Remember bool // keep this browser signed in for courses (RememberFor)
}

// errWrong is the one answer to a sign-in that fails: unknown, wrong, not confirmed, closed.
var errWrong = errs.New(errs.Unauthenticated, "account.signin.wrong")

// SignIn signs in by address and password. With a second factor the result is HalfWay and EnterCode comes next.
//
// The work is the same for every address: one look-up, one attempt counted, one hash. Errors: Invalid where the address has not the form
// of one; Unauthenticated ("account.signin.wrong") for all else that does not fit; TooMany while a wait runs ("seconds") or, under
// "account.signin.off", after a hundred failures in a row: then a link by e-mail sets a new password.
func (a *Accounts) SignIn(ctx context.Context, c Credentials, v Visitor) (SignedIn, error) {
	if err := a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: signInsOfNetwork, Key: v.network()}); err != nil {
		return SignedIn{}, err
	}
	email, err := person.Parse(person.Email, c.Email.Reveal(), a.cfg.DB.Now())
	if err != nil {
		return SignedIn{}, err
	}
	ticket := a.cfg.Door.TicketFor(email)
	subject, _, err := a.cfg.Door.Resolve(ctx, ticket)
	if err != nil {
		return SignedIn{}, err
	}
	acc, found, err := a.record(ctx, subject)
	if err != nil {
		return SignedIn{}, err
	}
	count := a.ofAddress(ticket, subject, a.device(acc, v.known))
	acc, ok, err := a.tryPassword(ctx, count, acc, found, c.Password, func(t *db.Tx) error {
		return a.cfg.Queue.Enqueue(t, jobSwitchedOff, switchedOff{Ticket: ticket}, t.Now())
	})
	if err != nil {
		return SignedIn{}, err
	}
	if !ok {
		a.cfg.Log.InfoContext(ctx, "authn_login_fail", "subject", subject.String())
		return SignedIn{}, errWrong
	}
	if acc.factor {
		return a.openHalf(ctx, acc, c.Remember, count)
	}
	return a.open(ctx, opening{acc: acc, level: OneFactor, remember: c.Remember, visitor: v, counter: count})
}

// tryPassword counts an attempt and then makes it, with as much work for an account that does not exist. atLast runs after the failure
// that switches the password off. Whoever goes on after a success forgets the counter's failures. The account comes back with the hash
// that it has now: one made with old parameters is made anew.
func (a *Accounts) tryPassword(ctx context.Context, c counter, acc record, found bool, plain secret.Text, atLast func(*db.Tx) error) (record, bool, error) {
	var failures int64
	err := a.cfg.DB.Write(ctx, func(t *db.Tx) (err error) {
		failures, err = a.attempt(t, c, "account.signin.off")
		return err
	})
	if err != nil {
		return acc, false, err
	}
	var ok, again bool
	if found {
		ok, again, err = a.cfg.Hasher.Verify(ctx, plain, acc.phc)
	} else {
		err = a.cfg.Hasher.VerifyNobody(ctx, plain)
	}
	if err != nil {
		// Nothing was tried: nobody should wait because the site is busy.
		return acc, false, errors.Join(err, a.undo(ctx, c))
	}
	ok = ok && acc.status == active
	switch {
	case !ok && failures == disabledAt:
		err = a.cfg.DB.Write(ctx, atLast)
	case ok && again:
		acc, err = a.rehash(ctx, acc, plain)
	}
	return acc, ok, err
}

func (a *Accounts) rehash(ctx context.Context, acc record, plain secret.Text) (record, error) {
	phc, err := a.cfg.Hasher.Hash(ctx, plain)
	if err != nil {
		return acc, err
	}
	err = a.cfg.DB.Write(ctx, func(t *db.Tx) error {
		n, err := t.Exec(updateHash, phc, acc.subject, acc.phc)
		if err == nil && n != 1 {
			err = errNoAccount // another password was set in the meantime
		}
		return err
	})
	acc.phc = phc
	return acc, err
}

// openHalf makes the session that waits for a code. It opens nothing and keeps nothing of the visitor.
func (a *Accounts) openHalf(ctx context.Context, acc record, remember bool, c counter) (SignedIn, error) {
	token, plain := newToken()
	err := a.cfg.DB.Write(ctx, func(t *db.Tx) error {
		now, err := a.activeIn(t, acc.subject)
		if err != nil {
			return err
		}
		if now.phc != acc.phc {
			return errNoAccount
		}
		if err := c.right(t); err != nil {
			return err
		}
		at := db.Micros(t.Now())
		_, err = t.Exec(insertSession, sessionHash(plain), randomID(), acc.subject, int64(half), db.Bit(remember), at, at, 0, []byte{}, []byte{})
		return err
	})
	return SignedIn{Token: token, HalfWay: true}, err
}

// halfSession finds a session that waits for a code.
func (a *Accounts) halfSession(ctx context.Context, token secret.Text) (hash []byte, subject person.ID, remember bool, err error) {
	b, ok := tokenOf(token, tokenBytes)
	if !ok {
		return nil, 0, false, errNoAccount
	}
	hash = sessionHash(b)
	var remembered int64
	found, err := a.cfg.DB.Get(ctx, []any{&subject, &remembered}, selectHalf, hash, db.Micros(a.cfg.DB.Now().Add(-halfLife)))
	if err == nil && !found {
		err = errNoAccount
	}
	return hash, subject, remembered != 0, err
}

// HalfWay tells whether a token is that of a session that waits for a code: then EnterCode is the page to show.
func (a *Accounts) HalfWay(ctx context.Context, token secret.Text) (bool, error) {
	_, _, _, err := a.halfSession(ctx, token)
	if errs.Is(err, errs.Unauthenticated) {
		return false, nil
	}
	return err == nil, err
}

// EnterCode completes a sign-in with a code of the second factor, or with a recovery code. The half session ends with it; a wrong code
// leaves it for another try. Errors: Unauthenticated where there is no such half session; Invalid for a wrong code; TooMany while a wait
// runs or after a hundred wrong codes in a row ("account.code.off").
func (a *Accounts) EnterCode(ctx context.Context, token, code secret.Text, v Visitor) (SignedIn, error) {
	hash, subject, remember, err := a.halfSession(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	acc, err := a.checkCode(ctx, keeper.Program(), subject, code, func(t *keeper.Tx) error {
		n, err := t.Exec(deleteSession, hash)
		if err == nil && n != 1 {
			err = errNoAccount
		}
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	return a.open(ctx, opening{acc: acc, level: SecondFactor, remember: remember, visitor: v})
}

// Proof is what shows once more who somebody is: the password, and where the account has a second factor a code of it.
type Proof struct {
	Password secret.Text
	Code     secret.Text
}

// PasswordName and CodeName are the inputs' names in forms and in the errors of a Proof.
const (
	PasswordName = "current_password"
	CodeName     = "code"
)

func wrongInput(name, key string) error {
	return errs.InvalidFields([]errs.Field{{Name: name, Key: key}})
}

// prove checks a proof in full (ASVS 7.5.1) and gives the account as it was then.
func (a *Accounts) prove(ctx context.Context, s Session, p Proof) (record, error) {
	acc, found, err := a.record(ctx, s.Subject)
	if err != nil {
		return record{}, err
	}
	if !found || acc.status != active {
		return record{}, errNoAccount
	}
	count := a.ofSubject(byPassword, s.Subject)
	acc, ok, err := a.tryPassword(ctx, count, acc, true, p.Password, func(t *db.Tx) error { return a.tell(t, acc, letterSwitchedOff) })
	if err != nil {
		return record{}, err
	}
	if !ok {
		return record{}, wrongInput(PasswordName, "account.password.wrong")
	}
	if err := a.cfg.DB.Write(ctx, count.right); err != nil {
		return record{}, err
	}
	if !acc.factor {
		return acc, nil
	}
	return a.checkCode(ctx, keeper.Own(s.Subject), s.Subject, p.Code, func(*keeper.Tx) error { return nil })
}

// Reauthenticate proves presence anew in a session that goes on under a new token: for acts that need a fresh proof, and for a remembered
// session that comes back to personal pages. Errors: Invalid with a line for PasswordName or CodeName; TooMany.
func (a *Accounts) Reauthenticate(ctx context.Context, s Session, p Proof, v Visitor) (SignedIn, error) {
	acc, err := a.prove(ctx, s, p)
	if err != nil {
		return SignedIn{}, err
	}
	return a.open(ctx, a.inPlaceOf(s, acc, v))
}

// inPlaceOf is the session that stands in for s after everything was proven.
func (a *Accounts) inPlaceOf(s Session, acc record, v Visitor) opening {
	o := opening{acc: acc, level: OneFactor, remember: s.Remembered, visitor: v, replaces: s.hash}
	if acc.factor {
		o.level = SecondFactor
	}
	return o
}

// ConfirmCode takes a code of the second factor, or a recovery code, in a session that was opened with one: Fresh is true then. The session
// goes on under a new token (ASVS 7.2.4) and lives no longer for it; what needs a full proof still does. A code that was used is refused.
// Errors: Invalid with a line for CodeName; TooMany; Unauthenticated where the session has ended.
func (a *Accounts) ConfirmCode(ctx context.Context, s Session, code secret.Text) (SignedIn, error) {
	token, plain := newToken()
	_, err := a.checkCode(ctx, keeper.Own(s.Subject), s.Subject, code, func(t *keeper.Tx) error {
		n, err := t.Exec(renewSession, sessionHash(plain), db.Micros(t.Now()), s.hash)
		s.Coded = t.Now()
		return orElse(err, gone(n))
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.Seen, s.hash = s.Coded, sessionHash(plain)
	return SignedIn{Session: s, Token: token}, nil
}

// gone is the error of a statement that met no session.
func gone(n int64) error {
	if n != 1 {
		return errNoAccount
	}
	return nil
}
