package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Registration is the form, as it was filled in.
type Registration struct {
	Surname   secret.Text
	GivenName secret.Text
	Email     secret.Text
	Password  secret.Text
	Agreed    bool   // the explicit act (2.1)
	Edition   string // hash of the edition that was shown
	Lang      string // in which it was shown; letters are written in it, too
}

// AgreedName is the name of the input by which people agree.
const AgreedName = "agreed"

// pendingLife is how long an account waits for its address to be confirmed; then all of it is erased.
const pendingLife = 24 * time.Hour

var registrationFields = person.Set(person.Surname, person.GivenName, person.Email)

// Register makes an account that waits for its address to be confirmed, and gives its number, for Bookmark. It stores nothing unless
// everything is right and agreed to. What it does and gives is the same whether the address has an account or not: the letter tells.
//
// Errors: Invalid with a line for each input; Conflict ("account.consent.newer") if another edition came into force since the form was
// shown; TooMany.
func (a *Accounts) Register(ctx context.Context, r Registration, v Visitor) (person.ID, error) {
	if err := a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: registrationsOfNetwork, Key: v.network()}, limit.Spend{Rule: registrationsOfAll}); err != nil {
		return 0, err
	}
	values, err := a.checkRegistration(r)
	if err != nil {
		return 0, err
	}
	agreed, err := a.cfg.Consents.Shown(r.Edition, r.Lang, consent.OnSite, consent.Agreed)
	if err != nil {
		return 0, err
	}
	phc, err := a.cfg.Hasher.Hash(ctx, r.Password)
	if err != nil {
		return 0, err
	}
	email := values[len(values)-1]
	ticket := a.cfg.Door.TicketFor(email)
	p := keeper.Passage{Actor: keeper.Own(0), Operation: policy.Collection, Purpose: policy.Verify, Fields: registrationFields}
	made, err := a.cfg.Door.Create(ctx, p, func(t *keeper.Tx) error {
		if err := t.Set(values...); err != nil {
			return err
		}
		if err := a.cfg.Consents.Record(t, agreed); err != nil {
			return err
		}
		if _, err := t.Exec(insertAccount, t.Subject(), int64(pending), r.Lang, phc, db.Micros(t.Now())); err != nil {
			return err
		}
		return a.cfg.Queue.Enqueue(t.Tx, jobConfirm, confirmation{Subject: t.Subject(), Ticket: ticket, Lang: r.Lang}, t.Now())
	})
	return made.Subject, err
}

// Bookmark ties an address of ours to a registration, in a form that a browser may keep until the letter is answered: where several people
// use one browser, nobody comes to another's page.
func (a *Accounts) Bookmark(registered person.ID, where string) secret.Text {
	return secret.New(tokenText.EncodeToString(a.bookmarkMac(registered, where)) + tokenText.EncodeToString([]byte(where)))
}

// Bookmarked reads what Bookmark made; false if it belongs to another registration, or nobody made it.
func (a *Accounts) Bookmarked(registered person.ID, kept secret.Text) (string, bool) {
	text, macText := kept.Reveal(), tokenText.EncodedLen(sha256.Size)
	if len(text) < macText {
		return "", false
	}
	mac, err := tokenText.DecodeString(text[:macText])
	if err != nil {
		return "", false
	}
	where, err := tokenText.DecodeString(text[macText:])
	if err != nil || !hmac.Equal(mac, a.bookmarkMac(registered, string(where))) {
		return "", false
	}
	return string(where), true
}

func (a *Accounts) bookmarkMac(registered person.ID, where string) []byte {
	return a.cfg.Door.Mac("registration bookmark", []byte(registered.String()), []byte(where))
}

// checkRegistration checks every input and gives surname, name and address. Its error lists all that is wrong.
func (a *Accounts) checkRegistration(r Registration) ([]person.Value, error) {
	var faults []errs.Field
	var values []person.Value
	words := append([]string{}, a.cfg.Words...)
	for _, in := range []struct {
		field person.Field
		text  secret.Text
	}{{person.Surname, r.Surname}, {person.GivenName, r.GivenName}, {person.Email, r.Email}} {
		v, err := person.Parse(in.field, in.text.Reveal(), a.cfg.DB.Now())
		if err != nil {
			faults = append(faults, errs.As(err).Fields...)
			continue
		}
		values = append(values, v)
		words = append(words, v.Reveal())
	}
	if err := password.Check(r.Password.Reveal(), false, words); err != nil {
		faults = append(faults, errs.As(err).Fields...)
	}
	if !r.Agreed {
		faults = append(faults, errs.Field{Name: AgreedName, Key: "account.register.agree"})
	}
	return values, errs.InvalidFields(faults)
}

// confirmation is the payload of jobConfirm.
type confirmation struct {
	Subject person.ID     `json:"subject"`
	Ticket  keeper.Ticket `json:"ticket"`
	Lang    string        `json:"lang"`
}

// sendConfirmation does what Register must not be seen to do. Where the address has an account, its owner is told and the new subject is
// erased; else the link goes out.
func (a *Accounts) sendConfirmation(ctx context.Context, payload []byte) error {
	var c confirmation
	if err := json.Unmarshal(payload, &c); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	acc, found, err := a.record(ctx, c.Subject)
	if err != nil || !found || acc.status != pending {
		return err
	}
	owner, taken, mayWrite, err := a.lookTo(ctx, c.Ticket)
	if err != nil {
		return err
	}
	switch {
	case taken && mayWrite:
		if err := a.send(ctx, owner, letterAlready, c.Lang, a.pageOf(letterAlready)); err != nil {
			return err
		}
		return a.eraseUnconfirmed(ctx, c.Subject)
	case taken, !mayWrite:
		return a.eraseUnconfirmed(ctx, c.Subject) // without a letter nobody could confirm it
	}
	return a.send(ctx, c.Subject, letterConfirm, c.Lang, a.linkTo(ConfirmLink, c.Subject, 0))
}

// eraseUnconfirmed erases a subject whose address was not confirmed; one that was, in the meantime, stays.
func (a *Accounts) eraseUnconfirmed(ctx context.Context, subject person.ID) error {
	p := keeper.Passage{Actor: keeper.Program(), Subject: subject, Operation: policy.Destruction, Purpose: policy.EndOfUse}
	_, err := a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		acc, found, err := a.recordIn(t.Tx, subject)
		if err != nil {
			return err
		}
		if !found || acc.status != pending {
			return errConfirmed
		}
		return t.Erase()
	})
	if errors.Is(err, errConfirmed) {
		return nil
	}
	return err
}

var errConfirmed = errors.New("account: no longer pending")

// errTaken goes to the one who holds the letter box, so it may say it.
var errTaken = errs.New(errs.Conflict, "account.confirm.taken")

// Confirm follows the link of a registration: the address becomes the one that finds this account (3.2.2), and the visitor is signed in. It
// takes the password that was chosen then: who registers another's address must not get, by that person's click, an account that both
// can open.
// If meanwhile another registration of the address was confirmed, this one is erased and the error is Conflict. Other errors: ErrLink;
// Invalid with a line for PasswordName; TooMany.
func (a *Accounts) Confirm(ctx context.Context, token, plain secret.Text, v Visitor) (SignedIn, error) {
	l, err := a.peek(ctx, ConfirmLink, token)
	if err != nil {
		return SignedIn{}, err
	}
	if err := a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: signInsOfNetwork, Key: v.network()}); err != nil {
		return SignedIn{}, err
	}
	acc, found, err := a.record(ctx, l.subject)
	if err != nil {
		return SignedIn{}, err
	}
	if !found || acc.status != pending {
		return SignedIn{}, ErrLink
	}
	switch right, _, err := a.cfg.Hasher.Verify(ctx, plain, acc.phc); {
	case err != nil:
		return SignedIn{}, err
	case !right:
		return SignedIn{}, wrongInput(PasswordName, "account.password.wrong")
	}
	p := keeper.Passage{Actor: keeper.Own(l.subject), Subject: l.subject, Operation: policy.Recording, Purpose: policy.Verify,
		Fields: person.Set(person.Email)}
	_, err = a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if err := l.use(t.Tx); err != nil {
			return err
		}
		var found bool
		var err error
		if acc, found, err = a.recordIn(t.Tx, l.subject); err != nil {
			return err
		}
		if !found || acc.status != pending {
			return ErrLink
		}
		free, err := t.Claim()
		if err != nil {
			return err
		}
		if !free {
			return errTaken
		}
		email, err := t.Value(person.Email)
		if err != nil {
			return err
		}
		if err := a.passwordsAnew(t.Tx, l.subject, a.cfg.Door.TicketFor(email)); err != nil {
			return err
		}
		acc.status = active
		_, err = t.Exec(confirmAccount, int64(active), db.Micros(t.Now()), l.subject)
		return err
	})
	if errors.Is(err, errTaken) {
		return SignedIn{}, errors.Join(a.eraseUnconfirmed(ctx, l.subject), errTaken)
	}
	if errs.Is(err, errs.NotFound) {
		err = ErrLink
	}
	if err != nil {
		return SignedIn{}, err
	}
	return a.open(ctx, opening{acc: acc, level: OneFactor, visitor: v, first: true})
}
