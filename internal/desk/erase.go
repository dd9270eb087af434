package desk

import (
	"context"
	"encoding/base32"
	"fmt"
	"slices"
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
		out = append(out, blockerBlocked)
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

const blockerBlocked = "desk.blocker.blocked"

// Stays lists, by message keys, what an erasure leaves: it is told to the person before.
var Stays = []string{"desk.stays.consent", "desk.stays.log", "desk.stays.certificate", "desk.stays.courses", "desk.stays.staff"}

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

// erasePlanned carries out one planned erasure, if nothing holds it back.
func (s *Service) erasePlanned(ctx context.Context, c *Case) error {
	state, err := s.c.Door.State(ctx, c.Concerned)
	if err != nil {
		return err
	}
	if agreedAgain(c, state) {
		return s.stopErasure(ctx, c)
	}
	holds, err := s.Blockers(ctx, c.Concerned)
	if err != nil {
		return err
	}
	if len(holds) > 0 {
		return s.holdBack(ctx, c)
	}
	return s.erase(ctx, keeper.Program(), policy.EndOfUse, c)
}

// agreedAgain tells whether somebody who withdrew has agreed since: then their wish is no longer that everything ends.
func agreedAgain(c *Case, state policy.State) bool {
	return c.Kind == Withdrawal && state.Consent == policy.ConsentGiven
}

func (s *Service) stopErasure(ctx context.Context, c *Case) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := s.mustBeOpen(t, c); err != nil {
			return err
		}
		if _, err := s.step(t, c, ErasureStopped, keeper.Program()); err != nil {
			return err
		}
		if err := s.tell(t, c, c.Concerned, letterStep); err != nil {
			return err
		}
		return s.close(t, c, Retracted, "")
	})
}

// holdBack puts the erasure off: it is tried again tomorrow. That it is held is one step, however many days it takes.
func (s *Service) holdBack(ctx context.Context, c *Case) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := s.mustBeOpen(t, c); err != nil {
			return err
		}
		if _, err := t.Exec(setErase, db.Micros(t.Now().Add(24*time.Hour)), c.ID); err != nil {
			return err
		}
		var last Act
		if _, err := t.Get([]any{&last}, selectLastAct, c.ID); err != nil || last == HeldBack {
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
	holds, err := s.Blockers(ctx, c.Concerned)
	if err != nil {
		return err
	}
	purpose := policy.EndOfUse
	if c.Kind == Block { // that the data are blocked is what it ends
		purpose = policy.Restriction
		holds = slices.DeleteFunc(holds, func(key string) bool { return key == blockerBlocked })
	}
	if len(holds) > 0 {
		return errHeld
	}
	if c.Applicant != 0 && c.Applicant != c.Concerned && !c.unproven() {
		// Its letter goes with the erasure. Where that failed the first time, the words are there already.
		var last Act
		if _, err := s.c.DB.Get(ctx, []any{&last}, selectLastAct, c.ID); err != nil {
			return err
		}
		if last != Answered {
			if err := s.act(ctx, officer, policy.Recording, c, []person.ID{c.Applicant}, Answered, v, "", nil); err != nil {
				return err
			}
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
		var claims int
		if _, err := t.Get([]any{&claims}, countOpen, c.Concerned, int64(Claim)); err != nil {
			return err
		}
		early := by.Kind == ledger.ByJob && (c.EraseAt.IsZero() || c.EraseAt.After(t.Now()))
		if claims > 0 || early || agreedAgain(c, t.State()) {
			return errHeld // since the blockers were looked for; a block since then is the door's own refusal
		}
		if _, err := s.step(t.Tx, c, Erased, by); err != nil {
			return err
		}
		if c.Applicant != 0 && c.Applicant != c.Concerned {
			if err := s.tell(t.Tx, c, c.Applicant, letterAnswered); err != nil {
				return err
			}
		}
		t.Restrict(false)
		return t.Erase()
	})
	return err
}

// forget is the desk's share in every erasure, its own and others': what was written for the person goes, their cases end. What they
// attached can't be read from now on, and a job removes it.
func (s *Service) forget(t *db.Tx, subject person.ID) error {
	rows, err := t.Query(selectEnding, subject)
	if err != nil {
		return err
	}
	ending, err := scanCases(rows)
	if err != nil {
		return err
	}
	for _, c := range ending { // the receipt of each has a code that opens the certificate
		hash := s.certificateHash(s.CertificateCode(c).Reveal())
		if _, err := t.Exec(insertErasure, hash, c.Number, c.Concerned, c.ID, db.Micros(t.Now())); err != nil {
			return err
		}
	}
	for _, statement := range []string{closeAllOf, closeOfNobody} {
		if _, err := t.Exec(statement, db.Micros(t.Now()), subject); err != nil {
			return err
		}
	}
	// What they applied for about somebody else goes on without them: it may hold that person's data blocked.
	if _, err := t.Exec(leaveCases, subject); err != nil {
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
	caseID int64
}

// Place is that of it in the list.
func (e Erasure) Place() db.Place { return db.Place{At: e.At, ID: e.caseID} }

// Erasures lists them, newest first, before a place.
func (s *Service) Erasures(ctx context.Context, before db.Place, limit int) ([]Erasure, error) {
	rows, err := s.c.DB.Query(ctx, listErasures, db.Micros(before.At), before.ID, limit)
	if err != nil {
		return nil, err
	}
	var out []Erasure
	err = db.Each(rows, func(scan func(...any) error) error {
		var e Erasure
		var subject person.ID
		var at int64
		err := scan(&e.Number, &subject, &e.caseID, &at)
		e.At = db.Time(at)
		out = append(out, e)
		return err
	})
	return out, err
}
