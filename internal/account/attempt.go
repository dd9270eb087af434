package account

import (
	"context"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/person"
)

// Limits of a network: a class of teachers may stand behind one address, a guesser sooner or later runs dry.
var (
	signInsOfNetwork       = limit.Rule{Name: "signin.network", Burst: 120, Every: 2 * time.Second}
	registrationsOfNetwork = limit.Rule{Name: "register.network", Burst: 120, Every: 15 * time.Second}
	recoveriesOfNetwork    = limit.Rule{Name: "recover.network", Burst: 60, Every: 15 * time.Second}
	// registrationsOfAll is the budget of new accounts for the whole installation.
	registrationsOfAll = limit.Rule{Name: "register.all", Burst: 5000, Every: 200 * time.Millisecond}
	// lettersToAddress keeps us from being the tool with which somebody's letter box is filled.
	lettersToAddress = limit.Rule{Name: "letters.address", Burst: 5, Every: 2 * time.Hour}
	// recoveryLetters counts apart from all others: whatever a stranger has us write to an address, its owner gets a link that sets a new
	// password. Every is shorter than the life of that link, so that whoever is sent none has one in the box that is still good.
	recoveryLetters = limit.Rule{Name: "letters.recovery", Burst: 4, Every: 40 * time.Minute}
)

// A count belongs to an authenticator (NIST SP 800-63B-4, 3.2.2): the password, the code of the second factor, the recovery codes.
type authenticator byte

const (
	byPassword authenticator = iota + 1
	byCode
	byRecoveryCode
)

const (
	freeFailures = 3                // in a row, before waits begin: 1 s, 2 s, 4 s …
	longestWait  = 15 * time.Minute // between two attempts
	disabledAt   = 100              // failures in a row; then the authenticator is off until it is set anew
)

// waitAfter is how long nothing is tried after so many failures in a row.
func waitAfter(failures int64) time.Duration {
	if failures <= freeFailures {
		return 0
	}
	return min(time.Second<<min(failures-freeFailures-1, 20), longestWait)
}

// counter is where attempts of one kind on one account are counted.
type counter struct {
	key     []byte
	by      authenticator
	subject person.ID // 0 for an address that nobody has
}

// counterOf names a counter by what was typed or by whom it is about, and by where it was tried.
func (a *Accounts) counterOf(by authenticator, subject person.ID, who, where []byte) counter {
	return counter{a.cfg.Door.Mac("account attempt", []byte{byte(by)}, who, where), by, subject}
}

// ofAddress counts passwords tried at sign-in. Every spelling of an address has one ticket; device is nil for a browser that the account
// does not know.
func (a *Accounts) ofAddress(ticket keeper.Ticket, subject person.ID, device []byte) counter {
	return a.counterOf(byPassword, subject, ticket, device)
}

// ofSubject counts what can be tried only by somebody who knows the password or has a session: apart from what strangers try at sign-in,
// so that they can't hinder the owner.
func (a *Accounts) ofSubject(by authenticator, subject person.ID) counter {
	return a.counterOf(by, subject, []byte(subject.String()), []byte("within"))
}

// attempt counts an attempt as failed, before it is made, and tells how many failures in a row that would be. It refuses while the wait of
// the last failure runs, and for good after disabledAt of them: off is the message then.
func (a *Accounts) attempt(t *db.Tx, c counter, off string) (failures int64, err error) {
	now := t.Now()
	var until int64
	if _, err := t.Get([]any{&failures, &until}, selectAttempt+a.cfg.DB.ForUpdate(), c.key); err != nil {
		return 0, err
	}
	if failures >= disabledAt {
		return failures, errs.New(errs.TooMany, off)
	}
	if wait := until - db.Micros(now); wait > 0 {
		return failures, errs.New(errs.TooMany, "error.toomany").With("seconds", strconv.FormatInt((wait+999_999)/1_000_000, 10))
	}
	failures++
	until = db.Micros(now.Add(waitAfter(failures)))
	_, err = t.Exec(upsertAttempt, c.key, int64(c.by), c.subject, until, db.Micros(now))
	return failures, err
}

// right forgets the failures of a counter.
func (c counter) right(t *db.Tx) error {
	_, err := t.Exec(deleteAttempt, c.key)
	return err
}

// undo takes back an attempt that could not be made.
func (a *Accounts) undo(ctx context.Context, c counter) error {
	return a.cfg.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(undoAttempt, c.key)
		return err
	})
}

// passwordsAnew forgets every failure with the password of an account that is found by a ticket: the password was set anew, or the address
// became the account's.
func (a *Accounts) passwordsAnew(t *db.Tx, subject person.ID, ticket keeper.Ticket) error {
	if _, err := t.Exec(deleteAttempts, subject, int64(byPassword)); err != nil {
		return err
	}
	return a.ofAddress(ticket, subject, nil).right(t) // counted before the address had an account
}
