package account

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Kinds of jobs.
const (
	jobConfirm     = "account.confirm"
	jobRecover     = "account.recover"
	jobNewEmail    = "account.new_email"
	jobOldEmail    = "account.old_email"
	jobNotice      = "account.notice"
	jobSwitchedOff = "account.switched_off"
	jobInvite      = "account.invite"
	jobForget      = "account.forget_letters"
	jobEdition     = "account.edition"
	jobEditions    = "account.editions"
	jobSweep       = "account.sweep"
)

const sweepEvery = 15 * time.Minute

// Letters, by the prefix of their messages.
const (
	letterConfirm           = "letter.confirm"
	letterAlready           = "letter.already"
	letterRecover           = "letter.recover"
	letterRecovered         = "letter.recover-done"
	letterPassword          = "letter.password-changed"
	letterNewDevice         = "letter.session-new"
	letterFactorOn          = "letter.second-factor-set"
	letterEmailAsked        = "letter.email-old"
	letterEmailNew          = "letter.email-new"
	letterSwitchedOff       = "account.letter.switched-off"
	letterFactorOff         = "account.letter.factor-off"
	letterFactorReset       = "account.letter.factor-reset"
	letterFactorSwitchedOff = "account.letter.factor-switched-off"
	letterRecoveryCode      = "account.letter.recovery-code"
	letterEmailChanged      = "account.letter.email-changed"
	letterEmailTaken        = "account.letter.email-taken"
	letterInvited           = "account.letter.invited"
	letterEdition           = "letter.edition"
)

// Page is one that the button of a letter without a token opens.
type Page uint8

const (
	SignInPage Page = iota + 1
	RecoverPage
	SessionsPage
	AccountPage
	ContactPage
	EditionsPage
)

// kind is what is known of a kind of letter.
type kind struct {
	purpose policy.Purpose
	page    Page // where it leads; 0 for those with a token
}

// kinds are all letters that the program writes. Those of 4.1.1 make sure who somebody is, so they go out also to those who declined or are
// blocked.
var kinds = map[string]kind{
	letterConfirm:           {policy.Identify, 0},
	letterAlready:           {policy.Identify, SignInPage},
	letterRecover:           {policy.Identify, 0},
	letterRecovered:         {policy.Identify, SignInPage},
	letterPassword:          {policy.Identify, AccountPage},
	letterNewDevice:         {policy.Identify, SessionsPage},
	letterFactorOn:          {policy.Identify, AccountPage},
	letterEmailAsked:        {policy.Identify, AccountPage},
	letterEmailNew:          {policy.Identify, 0},
	letterSwitchedOff:       {policy.Identify, RecoverPage},
	letterFactorOff:         {policy.Identify, AccountPage},
	letterFactorSwitchedOff: {policy.Identify, AccountPage},
	letterFactorReset:       {policy.Identify, SignInPage},
	letterRecoveryCode:      {policy.Identify, SessionsPage},
	letterEmailChanged:      {policy.Identify, ContactPage},
	letterEmailTaken:        {policy.Identify, SignInPage},
	letterInvited:           {policy.Identify, 0},
	letterEdition:           {policy.Notify, EditionsPage},
}

// IsLetter tells whether key is the prefix of a letter's messages.
func IsLetter(key string) bool { _, known := kinds[key]; return known }

func (a *Accounts) handleJobs() {
	a.cfg.Queue.Handle(jobConfirm, a.sendConfirmation)
	a.cfg.Queue.Handle(jobRecover, a.sendRecovery)
	a.cfg.Queue.Handle(jobNewEmail, a.sendNewEmail)
	a.cfg.Queue.Handle(jobOldEmail, a.sendOldEmail)
	a.cfg.Queue.Handle(jobNotice, a.sendNotice)
	a.cfg.Queue.Handle(jobSwitchedOff, a.sendSwitchedOff)
	a.cfg.Queue.Handle(jobInvite, a.sendInvitation)
	a.cfg.Queue.Handle(jobForget, a.forgetLetters)
	a.cfg.Queue.Handle(jobEdition, a.sendEdition)
	a.cfg.Queue.Every(jobEditions, editionsEvery, a.TellEdition)
	a.cfg.Queue.Every(jobSweep, sweepEvery, a.Sweep)
}

// notice is the payload of jobNotice.
type notice struct {
	Subject person.ID `json:"subject"`
	Letter  string    `json:"letter"`
}

// tell queues a letter about the account to its owner, in the transaction that it tells of (ASVS 6.3.7).
func (a *Accounts) tell(t *db.Tx, acc record, letter string) error {
	return a.cfg.Queue.Enqueue(t, jobNotice, notice{acc.subject, letter}, t.Now())
}

func (a *Accounts) sendNotice(ctx context.Context, payload []byte) error {
	var n notice
	if err := json.Unmarshal(payload, &n); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	acc, found, err := a.record(ctx, n.Subject)
	if err != nil || !found {
		return err
	}
	return a.sendBy(ctx, a.cfg.Alerts, n.Subject, n.Letter, acc.lang, a.pageOf(n.Letter))
}

// switchedOff is the payload of jobSwitchedOff. It is queued for addresses that nobody has, too.
type switchedOff struct {
	Ticket keeper.Ticket `json:"ticket"`
}

func (a *Accounts) sendSwitchedOff(ctx context.Context, payload []byte) error {
	var o switchedOff
	if err := json.Unmarshal(payload, &o); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	subject, found, err := a.cfg.Door.Resolve(ctx, o.Ticket)
	if err != nil || !found {
		return err
	}
	acc, found, err := a.record(ctx, subject)
	if err != nil || !found || acc.status != active {
		return err
	}
	if err := a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: lettersToAddress, Key: o.Ticket}); err != nil {
		if errs.Is(err, errs.TooMany) {
			return nil
		}
		return err
	}
	return a.sendBy(ctx, a.cfg.Alerts, subject, letterSwitchedOff, acc.lang, a.pageOf(letterSwitchedOff))
}

// lookTo tells who is found by an address that a letter is to go to, if anybody is, and whether it may be written to: each letter is one of
// the few that an address gets in a while.
func (a *Accounts) lookTo(ctx context.Context, ticket keeper.Ticket) (owner person.ID, taken, mayWrite bool, err error) {
	mayWrite = true
	if err := a.cfg.Limiter.Spend(ctx, limit.Spend{Rule: lettersToAddress, Key: ticket}); errs.Is(err, errs.TooMany) {
		mayWrite = false
	} else if err != nil {
		return 0, false, false, err
	}
	owner, taken, err = a.cfg.Door.Resolve(ctx, ticket)
	return owner, taken, mayWrite, err
}

// linker makes the address that a letter holds.
type linker func(ctx context.Context, lang string) (string, error)

// linkTo makes a link with a token.
func (a *Accounts) linkTo(kind LinkKind, subject person.ID, about int64) linker {
	return a.linkFor(kind.life(), kind, subject, about)
}

func (a *Accounts) linkFor(life time.Duration, kind LinkKind, subject person.ID, about int64) linker {
	return func(ctx context.Context, lang string) (string, error) {
		token, err := a.mint(ctx, life, kind, subject, about)
		if err != nil {
			return "", err
		}
		return a.cfg.Link(kind, lang, token), nil
	}
}

// pageOf is the page that a letter without a token leads to.
func (a *Accounts) pageOf(letter string) linker {
	return func(_ context.Context, lang string) (string, error) {
		if a.cfg.Page == nil {
			return "", nil
		}
		return a.cfg.Page(kinds[letter].page, lang), nil
	}
}

// send writes to a subject at the address that finds them.
func (a *Accounts) send(ctx context.Context, subject person.ID, key, lang string, link linker, args ...i18n.Arg) error {
	return a.sendBy(ctx, a.cfg.Notifier, subject, key, lang, link, args...)
}

func (a *Accounts) sendBy(ctx context.Context, w notify.Writer, subject person.ID, key, lang string, link linker, args ...i18n.Arg) error {
	to, err := link(ctx, lang)
	if err != nil {
		return err
	}
	return w.Send(ctx, subject, kinds[key].purpose, notify.Letter{Key: key, Lang: lang, Link: to, Args: args, Case: keeper.LetterCase(key)})
}

// sendTo writes to an address that does not find the account: the new one, or the old one.
func (a *Accounts) sendTo(ctx context.Context, about person.ID, address person.Value, key, lang string, link linker) error {
	to, err := link(ctx, lang)
	if err != nil {
		return err
	}
	return a.cfg.Notifier.SendTo(ctx, about, address, notify.Letter{Key: key, Lang: lang, Link: to})
}

// forgotten is the payload of jobForget: it must not say who was erased.
type forgotten struct {
	Owner string `json:"owner"`
}

// forgetAgain is when a letter that was being written while its subject was erased has long been left in its folder.
const forgetAgain = 10 * time.Minute

// queueForgetting has the letters go that the program itself keeps of a subject who is erased (5.1). Letters still queued find nobody.
func (a *Accounts) queueForgetting(t *db.Tx, subject person.ID) error {
	for _, at := range []time.Time{t.Now(), t.Now().Add(forgetAgain)} {
		if err := a.cfg.Queue.Enqueue(t, jobForget, forgotten{a.cfg.Notifier.Owner(subject)}, at); err != nil {
			return err
		}
	}
	return nil
}

func (a *Accounts) forgetLetters(_ context.Context, payload []byte) error {
	var f forgotten
	if err := json.Unmarshal(payload, &f); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	return a.cfg.Notifier.Forget(f.Owner)
}

// sweepStep is how many rows one transaction removes.
const sweepStep = 500

// Sweep removes what has had its time: accounts never confirmed, with all that was collected for them; sessions and links that are over;
// failures counted for addresses that nobody has; wishes for a new address that were not confirmed. One that can't be removed hinders no
// other.
func (a *Accounts) Sweep(ctx context.Context) error {
	now := a.cfg.DB.Now()
	var failed []error
	for _, s := range []struct {
		statement string
		before    time.Time
	}{
		{sweepHalfSessions, now.Add(-halfLife)},
		{sweepSessions, now.Add(-teacherAbsolute)},
		{sweepRemembered, now.Add(-RememberFor)},
		{sweepLinks, now},
		{sweepAttempts, now.Add(-30 * 24 * time.Hour)},
		{sweepNewEmails, now.Add(-NewEmailLink.life())},
	} {
		failed = append(failed, a.sweep(ctx, s.statement, db.Micros(s.before)))
	}
	failed = append(failed, a.eraseAllUnconfirmed(ctx, db.Micros(now.Add(-pendingLife))))
	return errors.Join(failed...)
}

func (a *Accounts) sweep(ctx context.Context, statement string, before int64) error {
	for {
		var n int64
		err := a.cfg.DB.Write(ctx, func(t *db.Tx) (err error) {
			n, err = t.Exec(statement, before, sweepStep)
			return err
		})
		if err != nil || n < sweepStep {
			return err
		}
	}
}

func (a *Accounts) eraseAllUnconfirmed(ctx context.Context, before int64) error {
	var failed []error
	for at, last := int64(0), person.ID(0); ; {
		rows, err := a.cfg.DB.Query(ctx, selectUnconfirmed, at, last, before, sweepStep)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		var stale []person.ID
		err = db.Each(rows, func(scan func(...any) error) error {
			err := scan(&last, &at)
			stale = append(stale, last)
			return err
		})
		if err != nil || len(stale) == 0 {
			return errors.Join(append(failed, err)...)
		}
		for _, id := range stale {
			if err := a.eraseUnconfirmed(ctx, id); err != nil {
				failed = append(failed, err)
			}
		}
	}
}
