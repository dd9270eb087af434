package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"net/url"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Codes of the second factor are those of RFC 6238: SHA-1, six digits, steps of 30 seconds, and one step earlier or later for clocks that
// differ. A step is accepted once.
const (
	stepSeconds   = 30
	skew          = 1
	codeDigits    = 6
	secretBytes   = 20
	recoveryCodes = 10
	recoveryBytes = 16 // 128 bits: a plain keyed hash is enough (ASVS 6.5.2)
	recoveryGroup = 5
)

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// Enrolment is shown once, when a second factor is set.
type Enrolment struct {
	Secret secret.Text // base32, for those who type
	URI    secret.Text // otpauth://, for a QR code
	// RecoveryCodes stand in for a code, each once. They are good as soon as the factor is confirmed.
	RecoveryCodes []secret.Text
}

// BeginFactor makes a shared secret and recovery codes. They count once ConfirmFactor has seen a code of the app; until then Begin may be
// called again. It needs a recent proof. Conflict ("account.factor.on") where a factor is set: remove it first.
func (a *Accounts) BeginFactor(ctx context.Context, s Session) (Enrolment, error) {
	if err := a.mustBeProved(s); err != nil {
		return Enrolment{}, err
	}
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw) // crypto/rand.Read never fails
	text := base32Text.EncodeToString(raw)
	out := Enrolment{Secret: secret.New(text), URI: a.uri(s.Subject, text)}
	p := identify(s.Subject, policy.Collection)
	p.Fields = person.Set(person.TOTP)
	_, err := a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		acc, err := a.activeIn(t.Tx, s.Subject)
		if err != nil {
			return err
		}
		if acc.factor {
			return errs.New(errs.Conflict, "account.factor.on")
		}
		if err := t.Set(person.Stored(person.TOTP, text)); err != nil {
			return err
		}
		out.RecoveryCodes, err = a.newRecoveryCodes(t.Tx, s.Subject)
		return err
	})
	if err != nil {
		return Enrolment{}, noAccount(err)
	}
	return out, nil
}

// uri names the account by the subject's id, so that no personal value gets into the app's backups or a picture of the code.
func (a *Accounts) uri(subject person.ID, text string) secret.Text {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + a.cfg.Site + ":" + subject.String()}
	u.RawQuery = strings.ReplaceAll(url.Values{"secret": {text}, "issuer": {a.cfg.Site}}.Encode(), "+", "%20") // apps read "+" as it stands
	return secret.New(u.String())
}

func (a *Accounts) newRecoveryCodes(t *db.Tx, subject person.ID) ([]secret.Text, error) {
	if _, err := t.Exec(deleteRecoveryCodes, subject); err != nil {
		return nil, err
	}
	out := make([]secret.Text, recoveryCodes)
	for i := range out {
		raw := make([]byte, recoveryBytes)
		_, _ = rand.Read(raw) // crypto/rand.Read never fails
		text := base32Text.EncodeToString(raw)
		if _, err := t.Exec(insertRecoveryCode, subject, a.recoveryHash(subject, text)); err != nil {
			return nil, err
		}
		var groups []string
		for len(text) > recoveryGroup+1 {
			groups, text = append(groups, text[:recoveryGroup]), text[recoveryGroup:]
		}
		out[i] = secret.New(strings.Join(append(groups, text), "-"))
	}
	return out, nil
}

func (a *Accounts) recoveryHash(subject person.ID, text string) []byte {
	return a.cfg.Door.Mac("account recovery code", []byte(subject.String()), []byte(text))
}

// NewRecoveryCodes replaces all recovery codes of a factor that is set. It needs a recent proof.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, s Session) ([]secret.Text, error) {
	if err := a.mustBeProved(s); err != nil {
		return nil, err
	}
	var out []secret.Text
	_, err := a.cfg.Door.Change(ctx, act(s.Subject, "codes"), func(t *keeper.Tx) error {
		acc, err := a.activeIn(t.Tx, s.Subject)
		if err != nil {
			return err
		}
		if !acc.factor {
			return errNoFactor
		}
		out, err = a.newRecoveryCodes(t.Tx, s.Subject)
		return err
	})
	if err != nil {
		return nil, noAccount(err)
	}
	return out, nil
}

// RecoveryCodesLeft counts the recovery codes not used yet.
func (a *Accounts) RecoveryCodesLeft(ctx context.Context, s Session) (int, error) {
	var n int
	_, err := a.cfg.DB.Get(ctx, []any{&n}, countRecoveryCodes, s.Subject)
	return n, err
}

var errNoFactor = errs.New(errs.Conflict, "account.factor.none")

// ConfirmFactor sets the second factor for good with a first code of the app. All sessions end; this one goes on under a new token, at the
// second level. It needs a recent proof. Errors: Invalid for a wrong code; Conflict where no factor was begun or one is set; TooMany.
func (a *Accounts) ConfirmFactor(ctx context.Context, s Session, code secret.Text, v Visitor) (SignedIn, error) {
	if err := a.mustBeProved(s); err != nil {
		return SignedIn{}, err
	}
	var acc record
	err := a.withFactor(ctx, keeper.Own(s.Subject), s.Subject, func(t *keeper.Tx, at record) (wrong, err error) {
		acc = at
		if acc.factor {
			return nil, errs.New(errs.Conflict, "account.factor.on")
		}
		digits := plainCode(code)
		if wrong, err = a.checkTOTP(t, &acc, digits, a.ofSubject(byCode, s.Subject)); wrong != nil || err != nil {
			return wrong, err
		}
		acc.factor = true
		if _, err := t.Exec(updateFactor, db.Bit(true), s.Subject); err != nil {
			return nil, err
		}
		if _, err := t.Exec(deleteOtherSessions, s.Subject, s.hash); err != nil {
			return nil, err
		}
		return nil, a.tell(t.Tx, acc, letterFactorOn)
	})
	if err != nil {
		return SignedIn{}, err
	}
	return a.open(ctx, a.inPlaceOf(s, acc, v))
}

// RemoveFactor takes the second factor away after a full proof. A password that was good enough beside a factor must be good enough alone:
// if not, the error is that of password.Check, and a longer one has to be set first. Other sessions end.
func (a *Accounts) RemoveFactor(ctx context.Context, s Session, p Proof, v Visitor) (SignedIn, error) {
	acc, err := a.prove(ctx, s, p)
	if err != nil {
		return SignedIn{}, err
	}
	if acc.staff {
		return SignedIn{}, errs.New(errs.Forbidden, "account.factor.staff")
	}
	if a.mustFactor(acc.staff) {
		return SignedIn{}, errs.New(errs.Forbidden, "account.factor.all")
	}
	if err := password.Check(p.Password.Reveal(), false, nil); err != nil {
		return SignedIn{}, err
	}
	passage := identify(s.Subject, policy.Deletion)
	passage.Fields = person.Set(person.TOTP)
	_, err = a.cfg.Door.Change(ctx, passage, func(t *keeper.Tx) error {
		now, err := a.activeIn(t.Tx, s.Subject)
		if err != nil {
			return err
		}
		if !now.factor {
			return errNoFactor
		}
		if err := t.Unset(person.TOTP); err != nil {
			return err
		}
		for _, q := range []string{removeFactor, deleteRecoveryCodes} {
			if _, err := t.Exec(q, s.Subject); err != nil {
				return err
			}
		}
		if _, err := t.Exec(deleteOtherSessions, s.Subject, s.hash); err != nil {
			return err
		}
		return a.tell(t.Tx, now, letterFactorOff)
	})
	if err != nil {
		return SignedIn{}, noAccount(err)
	}
	acc.factor = false
	return a.open(ctx, a.inPlaceOf(s, acc, v))
}

// ResetFactor takes away the second factor of an account whose owner lost it: the secret, the recovery codes, what was counted against them,
// and all sessions; the owner is told by letter. An account that must have a factor opens nothing but the page that sets a new one. within
// decides whether that may be and enters who did it, in the same transaction. Errors: its own; Conflict ("account.factor.none") where none
// is set; NotFound.
func (a *Accounts) ResetFactor(ctx context.Context, subject person.ID, within func(t *db.Tx) error) error {
	_, err := a.cfg.Door.Change(ctx, byProgram(subject, person.TOTP), func(t *keeper.Tx) error {
		if err := within(t.Tx); err != nil {
			return err
		}
		acc, found, err := a.recordIn(t.Tx, subject)
		switch {
		case err != nil:
			return err
		case !found || acc.status != active:
			return errs.New(errs.NotFound, "door.nosubject")
		case !acc.factor:
			return errNoFactor
		}
		if err := t.Unset(person.TOTP); err != nil {
			return err
		}
		for _, q := range []string{removeFactor, deleteRecoveryCodes} {
			if _, err := t.Exec(q, subject); err != nil {
				return err
			}
		}
		for _, by := range []authenticator{byCode, byRecoveryCode} {
			if _, err := t.Exec(deleteAttempts, subject, int64(by)); err != nil {
				return err
			}
		}
		if err := a.EndSessions(t.Tx, subject); err != nil {
			return err
		}
		return a.tell(t.Tx, acc, letterFactorReset)
	})
	return err
}

// plainCode is a code as it was typed, without the signs that people put between groups.
func plainCode(code secret.Text) string {
	const longest = 64
	text := code.Reveal()
	if len(text) > longest {
		return ""
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(text))
}

var errCode = wrongInput(CodeName, "account.code.wrong")

// withFactor opens the second factor inside of fn. A wrong code is entered and counted all the same: fn gives it as wrong and what it wrote
// is kept, while err undoes all.
func (a *Accounts) withFactor(ctx context.Context, actor keeper.Actor, subject person.ID, fn func(t *keeper.Tx, acc record) (wrong, err error)) error {
	p := keeper.Passage{Actor: actor, Subject: subject, Operation: policy.Use, Purpose: policy.Identify, Fields: person.Set(person.TOTP)}
	var wrong error
	_, err := a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		wrong = nil
		acc, err := a.activeIn(t.Tx, subject)
		if err != nil {
			return err
		}
		wrong, err = fn(t, acc)
		return err
	})
	if err != nil {
		return noAccount(err)
	}
	return wrong
}

// checkCode takes a code of the app or a recovery code: it is counted, checked and used up in one transaction, with what onRight adds to it.
func (a *Accounts) checkCode(ctx context.Context, actor keeper.Actor, subject person.ID, code secret.Text, onRight func(*keeper.Tx) error) (record, error) {
	var acc record
	err := a.withFactor(ctx, actor, subject, func(t *keeper.Tx, at record) (wrong, err error) {
		acc = at
		if !acc.factor {
			return nil, errNoAccount
		}
		text := plainCode(code)
		if len(text) == codeDigits {
			wrong, err = a.checkTOTP(t, &acc, text, a.ofSubject(byCode, subject))
		} else {
			wrong, err = a.checkRecoveryCode(t, acc, text, a.ofSubject(byRecoveryCode, subject))
		}
		if wrong != nil || err != nil {
			return wrong, err
		}
		return nil, onRight(t)
	})
	return acc, err
}

// wrongCode is the answer to a wrong code; the owner is told when it was one too many.
func (a *Accounts) wrongCode(t *keeper.Tx, acc record, failures int64) (wrong, err error) {
	if failures == disabledAt {
		err = a.tell(t.Tx, acc, letterFactorSwitchedOff)
	}
	return errCode, err
}

// checkTOTP looks for the code among the steps around now that come after the last one accepted, and moves that mark.
func (a *Accounts) checkTOTP(t *keeper.Tx, acc *record, code string, c counter) (wrong, err error) {
	failures, err := a.attempt(t.Tx, c, "account.code.off")
	if err != nil {
		return nil, err
	}
	shared, err := t.Value(person.TOTP)
	if err != nil {
		return nil, err
	}
	if shared.IsZero() {
		return nil, errNoFactor
	}
	now := t.Now().Unix() / stepSeconds
	matched := int64(0)
	for step := now - skew; step <= now+skew; step++ {
		want, err := hotp.GenerateCodeCustom(shared.Reveal(), uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return nil, errs.Wrap(errs.Internal, "error.internal", errors.New("account: a second factor that is no base32"))
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > acc.step {
			matched = step
		}
	}
	if matched == 0 {
		return a.wrongCode(t, *acc, failures)
	}
	acc.step = matched
	if _, err := t.Exec(updateStep, matched, acc.subject); err != nil {
		return nil, err
	}
	return nil, c.right(t.Tx)
}

func (a *Accounts) checkRecoveryCode(t *keeper.Tx, acc record, code string, c counter) (wrong, err error) {
	failures, err := a.attempt(t.Tx, c, "account.code.off")
	if err != nil {
		return nil, err
	}
	n, err := t.Exec(useRecoveryCode, db.Micros(t.Now()), acc.subject, a.recoveryHash(acc.subject, code))
	if err != nil {
		return nil, err
	}
	if n != 1 {
		return a.wrongCode(t, acc, failures)
	}
	if err := a.tell(t.Tx, acc, letterRecoveryCode); err != nil {
		return nil, err
	}
	// The owner was here: the app counts from nothing again. Else a factor that guesses have switched off could never be set anew.
	if err := a.ofSubject(byCode, acc.subject).right(t.Tx); err != nil {
		return nil, err
	}
	return nil, c.right(t.Tx)
}
