package account

import (
	"context"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Reason is why somebody wants to be deleted, from a closed list: free words might hold personal values. Codes are stored: never renumber.
type Reason uint8

const (
	NotSaid Reason = iota + 1
	NotNeeded
	NotTrusted
	NotAgreed
	Registered // by mistake, or twice
)

var reasonNames = [...]string{"", "not_said", "not_needed", "not_trusted", "not_agreed", "mistake"}

// Reasons lists them in the order in which they are offered.
var Reasons = []Reason{NotNeeded, NotAgreed, NotTrusted, Registered, NotSaid}

// Valid tells whether r is in the list.
func (r Reason) Valid() bool { return r >= NotSaid && r <= Registered }

// String is the reason's name in forms, JSON and message keys ("account.deletion.reason.<name>").
func (r Reason) String() string {
	if !r.Valid() {
		return "reason?"
	}
	return reasonNames[r]
}

// ReasonByName finds a reason.
func ReasonByName(name string) (Reason, bool) {
	for _, r := range Reasons {
		if reasonNames[r] == name {
			return r, true
		}
	}
	return 0, false
}

// Deletion is an open wish to be deleted (2.2, 5.1).
type Deletion struct {
	Subject person.ID
	Asked   time.Time
	Reason  Reason
}

// AskDeletion records that the subject wants to be deleted and confirms it by letter. It needs a recent proof. While a wish is open another
// changes nothing. Deleting is the operator's act.
func (a *Accounts) AskDeletion(ctx context.Context, s Session, reason Reason) error {
	if !reason.Valid() {
		return wrongInput("reason", "account.deletion.reason")
	}
	if err := a.mustBeProved(s); err != nil {
		return err
	}
	p := keeper.Passage{Actor: keeper.Own(s.Subject), Subject: s.Subject, Operation: policy.Recording, Purpose: policy.EndOfUse,
		Case: keeper.ActCase("deletion")}
	_, err := a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		acc, err := a.activeIn(t.Tx, s.Subject)
		if err != nil {
			return err
		}
		var open int64
		if _, err := t.Get([]any{&open}, countDeletions, s.Subject); err != nil || open > 0 {
			return err
		}
		if _, err := t.Exec(insertDeletion, s.Subject, db.Micros(t.Now()), int64(reason)); err != nil {
			return err
		}
		return a.tell(t.Tx, acc, letterDeletion)
	})
	return noAccount(err)
}

// Deletion gives the subject's own open wish, if there is one.
func (a *Accounts) Deletion(ctx context.Context, s Session) (Deletion, bool, error) {
	var asked, reason int64
	found, err := a.cfg.DB.Get(ctx, []any{&asked, &reason}, selectDeletion, s.Subject)
	return Deletion{Subject: s.Subject, Asked: db.Time(asked), Reason: Reason(reason)}, found, err
}

// Deletions lists open wishes for the officer, the oldest first, at most limit, those after one (the zero Deletion for the first page). They
// hold no personal value.
func (a *Accounts) Deletions(ctx context.Context, after Deletion, limit int) ([]Deletion, error) {
	rows, err := a.cfg.DB.Query(ctx, selectDeletions, micros(after.Asked), after.Subject, limit)
	if err != nil {
		return nil, err
	}
	var out []Deletion
	err = db.Each(rows, func(scan func(...any) error) error {
		var d Deletion
		var asked, reason int64
		err := scan(&d.Subject, &asked, &reason)
		d.Asked, d.Reason = db.Time(asked), Reason(reason)
		out = append(out, d)
		return err
	})
	return out, err
}
