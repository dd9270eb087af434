package desk

import (
	"context"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Blockers tell what forbids to erase somebody now, by message keys: their data are blocked (6.2.4), a claim of theirs is open (8.2), or
// what another package answers for (Config.Holders).
func (s *Service) Blockers(ctx context.Context, subject person.ID) ([]string, error) {
	state, err := s.c.Door.State(ctx, subject)
	if err != nil {
		return nil, err
	}
	var out []string
	if state.Restricted {
		out = append(out, "desk.blocker.blocked")
	}
	var claims int
	if _, err := s.c.DB.Get(ctx, []any{&claims}, countOpen, subject, int64(Claim)); err != nil {
		return nil, err
	}
	if claims > 0 {
		out = append(out, "desk.blocker.claim")
	}
	for _, h := range s.c.Holders {
		more, err := h(ctx, subject)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// Stays lists, by message keys, what an erasure leaves: it is told to the person before.
var Stays = []string{"desk.stays.consent", "desk.stays.log", "desk.stays.certificate", "desk.stays.staff"}

// withdraw records that consent is withdrawn: from this commit on nothing is done with the data but the way out (2.2).
func (s *Service) withdraw(t *keeper.Tx) error {
	last, found, err := s.c.Consents.LastIn(t)
	if err != nil || !found || last.Act == consent.Withdrawn {
		return err
	}
	last.Act = consent.Withdrawn
	return s.c.Consents.Record(t, last)
}

// plan sets the day on which the erasure begins: after the time to change one's mind.
func (s *Service) plan(t *db.Tx, c *Case, by keeper.Actor) error {
	wait, err := clocks.Start(t, "delete.wait", t.Now())
	if err != nil {
		return err
	}
	c.EraseAt = wait.Due
	if _, err := t.Exec(setErase, db.Micros(c.EraseAt), c.ID); err != nil {
		return err
	}
	_, err = s.step(t, c, ErasurePlanned, by)
	return err
}

// erasePlanned carries out one planned erasure, if nothing holds it back; what does is told once, as a step.
func (s *Service) erasePlanned(ctx context.Context, c *Case) error {
	holds, err := s.Blockers(ctx, c.Concerned)
	if err != nil {
		return err
	}
	if len(holds) > 0 {
		return s.holdBack(ctx, c)
	}
	return s.erase(ctx, keeper.Program(), policy.EndOfUse, c)
}

// holdBack puts the erasure off: it is tried again tomorrow.
func (s *Service) holdBack(ctx context.Context, c *Case) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := s.mustBeOpen(t, c); err != nil {
			return err
		}
		if _, err := t.Exec(setErase, db.Micros(t.Now().Add(24*time.Hour)), c.ID); err != nil {
			return err
		}
		_, err := s.step(t, c, HeldBack, keeper.Program())
		return err
	})
}

// Destroy ends an application or a deletion by erasing the person concerned: their data were unlawful (6.2.4), or nothing stands against
// their wish. The words are the answer to a representative; the person concerned can't be written to any more.
func (s *Service) Destroy(ctx context.Context, officer keeper.Actor, number string, v person.Value) error {
	c, err := s.Case(ctx, number)
	if err != nil {
		return err
	}
	if c.Concerned == 0 || c.Kind != Block && !c.Kind.ends() {
		return errs.New(errs.Conflict, "desk.outcome")
	}
	purpose := policy.EndOfUse
	if c.Kind == Block {
		purpose = policy.Restriction
	} else if holds, err := s.Blockers(ctx, c.Concerned); err != nil {
		return err
	} else if len(holds) > 0 {
		return errs.New(errs.Conflict, "desk.held").By("5.1")
	}
	if c.Applicant != 0 && c.Applicant != c.Concerned {
		if err := s.act(ctx, officer, policy.Recording, c, []person.ID{c.Applicant}, Answered, v, letterAnswered, nil); err != nil {
			return err
		}
	}
	return s.erase(ctx, officer, purpose, c)
}

// erase destroys the key of the person concerned, and with it everything; the case ends in the same commit.
func (s *Service) erase(ctx context.Context, by keeper.Actor, purpose policy.Purpose, c *Case) error {
	p := keeper.Passage{Actor: by, Subject: c.Concerned, Operation: policy.Destruction, Purpose: purpose, Case: c.Code()}
	_, err := s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if err := s.mustBeOpen(t.Tx, c); err != nil {
			return err
		}
		if _, err := s.step(t.Tx, c, Erased, by); err != nil {
			return err
		}
		hash := s.certificateHash(s.CertificateCode(c).Reveal())
		if _, err := t.Exec(insertErasure, hash, c.Number, c.Concerned, c.ID, db.Micros(t.Now())); err != nil {
			return err
		}
		t.Restrict(false)
		return t.Erase()
	})
	return err
}

// forget is the desk's share in every erasure, its own and others': what was written for the person goes, their cases end. What they
// attached can't be read from now on, and a job removes it.
func (s *Service) forget(t *db.Tx, subject person.ID) error {
	if _, err := t.Exec(closeAllOf, db.Micros(t.Now()), subject); err != nil {
		return err
	}
	for _, statement := range []string{deleteWords, deleteLinks, deleteParties} {
		if _, err := t.Exec(statement, subject); err != nil {
			return err
		}
	}
	n, err := t.Exec(orphanFiles, []byte{}, subject)
	if err != nil || n == 0 {
		return err
	}
	return s.c.Queue.Enqueue(t, jobFiles, struct{}{}, t.Now())
}

var certificateText = base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").WithPadding(base32.NoPadding)

// CertificateCode is what opens the certificate of an erasure. It stands on the receipt of the request, because afterwards nobody can be
// written to; it follows from the case and is nowhere kept.
func (s *Service) CertificateCode(c *Case) secret.Text {
	mac := s.c.Door.Mac("desk erasure", fmt.Appendf(nil, "%d", c.ID))
	return secret.New(certificateText.EncodeToString(mac[:10]))
}

func (s *Service) certificateHash(code string) []byte {
	return s.c.Door.Mac("desk certificate", []byte(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))))
}

// Certificate proves an erasure (5.1). It names nobody.
type Certificate struct {
	Number string
	At     time.Time
	Entry  ledger.Indexed
	Proof  ledger.Proof
}

// Certificate gives the certificate that a code opens.
func (s *Service) Certificate(ctx context.Context, code string) (*Certificate, error) {
	var c Certificate
	var subject person.ID
	var id, at int64
	found, err := s.c.DB.Get(ctx, []any{&c.Number, &subject, &id, &at}, selectErasure, s.certificateHash(code))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errs.New(errs.NotFound, "desk.nocertificate")
	}
	c.At = db.Time(at)
	destroyed := func(e *ledger.Entry) bool { return e.Operation == policy.Destruction && e.Outcome == ledger.Allowed }
	entries, _, err := s.c.Log.BySubject(ctx, subject, 1<<62, 1, destroyed)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, errs.New(errs.Internal, "error.internal")
	}
	c.Entry = entries[0]
	c.Proof, err = s.c.Log.Prove(ctx, c.Entry.Index)
	return &c, err
}

// Erasure is a line of the register of destructions.
type Erasure struct {
	Number string
	At     time.Time
}

// Erasures lists them, newest first, before a moment.
func (s *Service) Erasures(ctx context.Context, before time.Time, limit int) ([]Erasure, error) {
	rows, err := s.c.DB.Query(ctx, listErasures, db.Micros(before), limit)
	if err != nil {
		return nil, err
	}
	var out []Erasure
	err = db.Each(rows, func(scan func(...any) error) error {
		var e Erasure
		var subject person.ID
		var id, at int64
		err := scan(&e.Number, &subject, &id, &at)
		e.At = db.Time(at)
		out = append(out, e)
		return err
	})
	return out, err
}
