package draft

import (
	"context"
	"strings"
	"unicode/utf8"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Submit hands a draft to a second officer. Errors: Invalid where it could not be published as it is, and where its day has come; Conflict
// ("edition.same") where it changes nothing.
func (s *Drafts) Submit(ctx context.Context, by person.ID, at At) error {
	d, err := s.as(ctx, at, Open)
	if err != nil {
		return err
	}
	e, err := d.Compose()
	if err != nil {
		return err
	}
	all, err := s.editions.All()
	if err != nil {
		return err
	}
	if len(all) > 0 && sameBut(e, all[0].Edition) {
		return errs.New(errs.Conflict, "edition.same")
	}
	return s.d.Write(ctx, func(t *db.Tx) error {
		if !e.InForce.After(t.Now()) { // the day has come since it was named
			return errs.New(errs.Invalid, "draft.past").By("9.2")
		}
		return s.step(t, at, Open, Submitted, written{Step: Step{Act: Sent, By: by}, seq: d.Base})
	})
}

// sameBut tells whether two editions differ in nothing but their day: the store would refuse the second.
func sameBut(e, old *policy.Edition) bool {
	again := *e
	again.InForce = old.InForce
	return again.Hash() == old.Hash()
}

// maxReason is the length of a reason, in characters.
const maxReason = 1000

func checkReason(reason string) (string, error) {
	reason = strings.Join(strings.Fields(reason), " ")
	if reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return "", errs.InvalidFields([]errs.Field{{Name: "reason", Key: "draft.reason"}})
	}
	return reason, nil
}

// SendBack opens a submitted draft again, with a reason. Every officer may, also who submitted it.
func (s *Drafts) SendBack(ctx context.Context, by person.ID, at At, reason string) error {
	return s.end(ctx, by, at, Returned, Open, reason, Submitted)
}

// Withdraw ends a draft for good, with a reason. Every officer may.
func (s *Drafts) Withdraw(ctx context.Context, by person.ID, at At, reason string) error {
	return s.end(ctx, by, at, Dropped, Withdrawn, reason, Open, Submitted)
}

func (s *Drafts) end(ctx context.Context, by person.ID, at At, act Act, to State, reason string, from ...State) error {
	reason, err := checkReason(reason)
	if err != nil {
		return err
	}
	d, err := s.as(ctx, at, from...)
	if err != nil {
		return err
	}
	return s.d.Write(ctx, func(t *db.Tx) error {
		return s.step(t, at, d.State, to, written{Step: Step{Act: act, Reason: reason, By: by}, seq: d.Base})
	})
}

// Approve publishes a submitted draft, which takes force at its time (9.1, 9.2). Errors: Forbidden by 9.1 for an author, which stands in the
// log; Conflict where its day has come ("draft.late"), or where somebody else was first.
func (s *Drafts) Approve(ctx context.Context, by person.ID, at At) (*edition.Published, error) {
	d, err := s.as(ctx, at, Submitted)
	if err != nil {
		return nil, err
	}
	if err := d.Bars(by); err != nil {
		refused := s.entry(by, Approved, d.ID, d.Base)
		refused.Outcome = ledger.Refused
		if err := s.log.Record(ctx, &ledger.Pending{Entry: refused}); err != nil {
			return nil, err
		}
		return nil, err
	}
	e, err := d.Compose()
	if err != nil {
		return nil, err
	}
	p, err := s.editions.Publish(ctx, e, func(t *db.Tx, seq int64) error {
		if !e.InForce.After(t.Now()) {
			return errLate
		}
		if err := s.step(t, at, Submitted, Published, written{Step: Step{Act: Approved, By: by}, seq: seq}); err != nil {
			return err
		}
		_, err := t.Exec(becameEdition, seq, at.Draft)
		return err
	})
	if errs.Is(err, errs.Conflict) { // perhaps another approval was first: then say that
		if _, now := s.as(ctx, at, Submitted); now != nil {
			err = now
		}
	}
	return p, err
}

// entry is what the log says of a step. The policy is about everybody, so it names no subject.
func (s *Drafts) entry(by person.ID, act Act, id person.ID, seq int64) ledger.Entry {
	operation := policy.Recording
	if act != Approved {
		operation = policy.Refinement
	}
	return ledger.Entry{Kind: ledger.ByStaff, Actor: by, Role: policy.Officer, Operation: operation, Purpose: policy.Notify, Outcome: ledger.Allowed,
		Edition: seq, Clauses: []string{"9.1"}, Case: "draft." + string(act) + ":" + id.String()}
}

// ReadCase reads the case of an entry about a draft; ok is false for any other.
func ReadCase(text string) (act Act, number string, ok bool) {
	kind, number, _ := strings.Cut(text, ":")
	name, ours := strings.CutPrefix(kind, "draft.")
	for _, act := range Acts {
		if ours && string(act) == name {
			return act, number, true
		}
	}
	return "", "", false
}
