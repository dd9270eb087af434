package certificate

import (
	"context"
	"encoding/json"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Revoke ends a certificate for a reason of RevokeReasons, by the officer, and has its owner told. A name that was public is so no more.
func (s *Service) Revoke(ctx context.Context, officer keeper.Actor, number string, why Reason) error {
	return s.turn(ctx, officer, number, Revoked, RevokeReasons, why)
}

// Restore takes a revocation back, for a reason of RestoreReasons. Conflict where the owner has earned another certificate of the course since.
func (s *Service) Restore(ctx context.Context, officer keeper.Actor, number string, why Reason) error {
	return s.turn(ctx, officer, number, Restored, RestoreReasons, why)
}

func (s *Service) turn(ctx context.Context, officer keeper.Actor, number string, act Act, reasons []Reason, why Reason) error {
	if !slices.Contains(reasons, why) {
		return errs.InvalidFields([]errs.Field{{Name: "reason", Key: "certificate.reason.choose"}})
	}
	c, err := s.Find(ctx, number)
	if err != nil {
		return err
	}
	if c.Kept {
		_, err = s.c.Door.Change(ctx, pass(officer, c, policy.Refinement, policy.Verify, 0), func(t *keeper.Tx) error {
			return s.turned(t.Tx, officer, c, act, why)
		})
		return err
	}
	// Nobody is left whom it concerns: the entry is of the certificate alone.
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := s.turned(t, officer, c, act, why); err != nil {
			return err
		}
		return s.c.Log.Append(t, &ledger.Pending{Entry: ledger.Entry{Kind: officer.Kind, Actor: officer.ID, Role: policy.Officer,
			Operation: policy.Refinement, Purpose: policy.Verify, Outcome: ledger.Allowed, Clauses: []string{policy.Verify.Clause()}, Case: Code(c.Number)}})
	})
}

func (s *Service) turned(t *db.Tx, officer keeper.Actor, c *Certificate, act Act, why Reason) error {
	now, err := s.again(t, c)
	if err != nil {
		return err
	}
	at, reason := int64(0), Reason("")
	switch {
	case now.Replaced || now.Revoked.IsZero() != (act == Revoked):
		return errOver
	case act == Revoked:
		at, reason = db.Micros(t.Now()), why
	default:
		if found, err := t.Get([]any{new(string)}, selectHolding, now.subject, now.Course); err != nil {
			return err
		} else if found && now.Kept {
			return errs.New(errs.Conflict, "certificate.another")
		}
	}
	if _, err := t.Exec(setRevoked, at, string(reason), c.ID); err != nil {
		return err
	}
	if !now.Public.IsZero() {
		if err := step(t, c.ID, Closed, officer, ""); err != nil {
			return err
		}
	}
	if err := step(t, c.ID, act, officer, why); err != nil || !now.Kept {
		return err
	}
	return s.c.Queue.Enqueue(t, jobLetter, letter{c.Number, act, why}, t.Now())
}

const jobLetter = "certificate.letter"

// letter is what the job writes to a certificate's owner.
type letter struct {
	Number string `json:"number"`
	Act    Act    `json:"act"`
	Why    Reason `json:"why"`
}

var lettersOf = map[Act]string{Issued: "certificate.letter.issued", Revoked: "certificate.letter.revoked", Restored: "certificate.letter.restored"}

// sendLetter tells the owner; who is blocked, erased or has withdrawn is refused by the door, and sees it with the certificate.
func (s *Service) sendLetter(ctx context.Context, payload []byte) error {
	var l letter
	if err := json.Unmarshal(payload, &l); err != nil || lettersOf[l.Act] == "" {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	c, err := s.Find(ctx, l.Number)
	if err != nil || !c.Kept {
		return err
	}
	lang, err := s.lang(ctx, c.subject)
	if err != nil {
		return err
	}
	args := []i18n.Arg{i18n.Str("number", c.Number), i18n.In("course", i18n.Text{KK: c.Titles["kk"], RU: c.Titles["ru"], EN: c.Titles["en"]})}
	if l.Why != "" {
		args = append(args, i18n.Msg("reason", "certificate.reason."+string(l.Why)))
	}
	return s.c.Notifier.Send(ctx, c.subject, policy.Notify, notify.Letter{Key: lettersOf[l.Act], Lang: lang, Link: s.c.Page(lang), Case: Code(c.Number), Args: args})
}

func (s *Service) lang(ctx context.Context, subject person.ID) (string, error) {
	lang, err := s.c.Lang(ctx, subject)
	if lang == "" {
		lang = i18n.Codes()[0]
	}
	return lang, err
}
