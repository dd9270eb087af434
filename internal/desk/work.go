package desk

import (
	"context"
	"regexp"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// mustBeOpen holds the row of a case for the rest of the transaction, and reads it again.
func (s *Service) mustBeOpen(t *db.Tx, c *Case) error {
	rows, err := t.Query(selectCase+s.c.DB.ForUpdate(), c.ID)
	if err != nil {
		return err
	}
	list, err := scanCases(rows)
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return errNoCase
	case list[0].Status != Open:
		return errClosed
	}
	*c = *list[0]
	return nil
}

// act does something to an open case as one step, with words (if any) sealed for the first reader at once and for the others right after,
// by a job of the same commit. fn, if any, goes into the transaction.
func (s *Service) act(ctx context.Context, by keeper.Actor, op policy.Operation, c *Case, readers []person.ID, a Act, v person.Value, letter string,
	fn func(t *keeper.Tx) error) error {
	if len(readers) == 0 {
		return errNoCase
	}
	state, err := s.c.Door.State(ctx, readers[0])
	if err != nil {
		return err
	}
	p := keeper.Passage{Actor: by, Subject: readers[0], Operation: op, Purpose: c.purpose(state), Case: c.Code()}
	if !v.IsZero() {
		p.Fields = words
	}
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if err := s.mustBeOpen(t.Tx, c); err != nil {
			return err
		}
		step, err := s.step(t.Tx, c, a, by)
		if err != nil {
			return err
		}
		if !v.IsZero() {
			if err := s.write(t, c, step, v); err != nil {
				return err
			}
			for _, r := range readers[1:] {
				if err := s.c.Queue.Enqueue(t.Tx, jobCopy, copied{c.ID, step, readers[0], r}, t.Now()); err != nil {
					return err
				}
			}
		}
		if fn != nil {
			if err := fn(t); err != nil {
				return err
			}
		}
		if letter == "" {
			return nil
		}
		for _, r := range readers {
			if r != by.ID {
				if err := s.tell(t.Tx, c, r, letter); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return err
}

// copied is the payload of jobCopy: words of a step that a second reader is to have under their own key.
type copied struct {
	Case int64     `json:"case"`
	Step int64     `json:"step"`
	From person.ID `json:"from"`
	To   person.ID `json:"to"`
}

// copyWords runs only for applications, whose parties are two (6.2.4).
func (s *Service) copyWords(ctx context.Context, payload []byte) error {
	var j copied
	if err := decode(payload, &j); err != nil {
		return err
	}
	c, err := s.one(ctx, selectCase, j.Case)
	if err != nil {
		return err
	}
	a := keeper.Aside{Table: wordsTable, Field: person.Words, Row: place(c, j.Step)}
	found, err := s.c.DB.Get(ctx, []any{&a.Sealed}, selectText, j.From, j.Case, j.Step)
	if err != nil || !found {
		return err // who had them was erased
	}
	p := keeper.Passage{Actor: keeper.Program(), Subject: j.From, Operation: policy.Retrieval, Purpose: policy.Restriction, Fields: words, Case: c.Code()}
	plain, err := s.c.Door.ReadAside(ctx, p, []keeper.Aside{a})
	if err != nil {
		return err
	}
	p.Subject, p.Operation = j.To, policy.Recording
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error { return s.write(t, c, j.Step, plain[0]) })
	return err
}

// Reply adds what a party writes.
func (s *Service) Reply(ctx context.Context, own person.ID, number string, v person.Value) error {
	c, err := s.ofParty(ctx, own, number)
	if err != nil {
		return err
	}
	return s.act(ctx, keeper.Own(own), policy.Recording, c, []person.ID{own}, Wrote, v, "", func(t *keeper.Tx) error {
		return s.tellOfficers(t.Tx, c, letterReply)
	})
}

// Write adds what the officer writes: to all parties, or to a representative alone until they are proven.
func (s *Service) Write(ctx context.Context, officer keeper.Actor, number string, v person.Value) error {
	c, err := s.Case(ctx, number)
	if err != nil {
		return err
	}
	return s.act(ctx, officer, policy.Recording, c, c.readers(Wrote), Wrote, v, letterWrote, nil)
}

// Found records what the officer checked and found (4.1.5): for all parties, but a representative who is not proven.
func (s *Service) Found(ctx context.Context, officer keeper.Actor, number string, v person.Value) error {
	c, err := s.Case(ctx, number)
	if err != nil {
		return err
	}
	return s.act(ctx, officer, policy.Recording, c, c.readers(Checked), Checked, v, "", nil)
}

// AcceptProof records that the representative has shown the document that proves them. Where spite had been feared, the data are blocked
// from now on.
func (s *Service) AcceptProof(ctx context.Context, officer keeper.Actor, number string) error {
	c, err := s.Case(ctx, number)
	if err != nil {
		return err
	}
	if c.Source != ByRepresentative || c.Concerned == 0 {
		return errs.New(errs.Conflict, "desk.noproof")
	}
	return s.act(ctx, officer, policy.Blocking, c, c.Parties(), ProofAccepted, person.Value{}, letterStep, func(t *keeper.Tx) error {
		if !c.Proved.IsZero() {
			return errs.New(errs.Conflict, "desk.proved")
		}
		if _, err := t.Exec(setProved, db.Micros(t.Now()), c.ID); err != nil {
			return err
		}
		if c.Blocks {
			return nil
		}
		if _, err := s.step(t.Tx, c, Blocked, officer); err != nil {
			return err
		}
		t.Restrict(true)
		_, err := t.Exec(setBlocks, 1, c.ID)
		return err
	})
}

// unblock sets the person concerned free, if no other case holds them.
func (s *Service) unblock(t *keeper.Tx, c *Case, by keeper.Actor) error {
	if !c.Blocks {
		return nil
	}
	var others int
	if _, err := t.Get([]any{&others}, countBlocks, c.Concerned, c.ID); err != nil || others > 0 {
		return err
	}
	t.Restrict(false)
	_, err := s.step(t.Tx, c, Unblocked, by)
	return err
}

func (s *Service) close(t *db.Tx, c *Case, o Outcome, article string) error {
	n, err := t.Exec(closeCase, int64(o), article, db.Micros(t.Now()), c.ID)
	if err == nil && n != 1 {
		err = errClosed
	}
	return err
}

// articleText is "L 8-2", "ст. 8, п. 2", "policy 5.1": letters, digits, few signs. It stands on the answer and in the lists.
var articleText = regexp.MustCompile(`^[\p{L}\p{N} .,()№/–-]{2,80}$`)

// outcomes are what a case of a kind may end with by the officer's answer. Erasing has an answer of its own (Destroy).
func outcomes(k Kind) []Outcome {
	switch k {
	case Block:
		return []Outcome{Lifted, Corrected}
	case Correction:
		return []Outcome{Corrected, Refused}
	case Deletion, Withdrawal:
		return []Outcome{Refused}
	case Lifting:
		return []Outcome{Lifted, Refused}
	}
	return []Outcome{Granted, Refused}
}

// Outcomes lists what the officer may answer.
func (c *Case) Outcomes() []Outcome {
	if c.Kind == Block && c.Concerned == 0 {
		return []Outcome{Refused}
	}
	return outcomes(c.Kind)
}

// Answer ends a case with words to all parties; a representative who was not proven learns that it has ended. A refusal needs the article on
// which it stands. The end of an application, and the granting of a request to lift, set the data free.
func (s *Service) Answer(ctx context.Context, officer keeper.Actor, number string, o Outcome, article string, v person.Value) error {
	c, err := s.Case(ctx, number)
	if err != nil {
		return err
	}
	var bad []errs.Field
	if v.IsZero() {
		bad = append(bad, errs.Field{Name: person.Words.String(), Key: "person.required"})
	}
	if !slices.Contains(c.Outcomes(), o) {
		bad = append(bad, errs.Field{Name: "outcome", Key: "desk.outcome"})
	}
	if o == Refused && !articleText.MatchString(article) {
		bad = append(bad, errs.Field{Name: "article", Key: "desk.article"})
	}
	if len(bad) > 0 {
		return errs.InvalidFields(bad)
	}
	if o != Refused {
		article = ""
	}
	op := policy.Recording
	if c.Kind == Block && c.Concerned != 0 || c.Kind == Lifting && o == Lifted {
		op = policy.Blocking
	}
	readers := c.readers(Answered)
	return s.act(ctx, officer, op, c, readers, Answered, v, letterAnswered, func(t *keeper.Tx) error {
		for _, p := range c.Parties() {
			if !slices.Contains(readers, p) {
				if err := s.tell(t.Tx, c, p, letterStep); err != nil {
					return err
				}
			}
		}
		if c.Kind == Lifting && o == Lifted {
			if err := s.liftAll(t, c, officer); err != nil {
				return err
			}
		}
		if err := s.unblock(t, c, officer); err != nil {
			return err
		}
		return s.close(t.Tx, c, o, article)
	})
}

// liftAll takes back the person's own applications, which they ask to be lifted; what others applied for goes on.
func (s *Service) liftAll(t *keeper.Tx, c *Case, by keeper.Actor) error {
	rows, err := t.Query(selectHolding, c.Concerned)
	if err != nil {
		return err
	}
	holding, err := scanCases(rows)
	if err != nil {
		return err
	}
	for _, h := range holding {
		if h.Applicant != c.Concerned {
			return errs.New(errs.Conflict, "desk.heldbyothers")
		}
		if err := s.unblock(t, h, by); err != nil {
			return err
		}
		if err := s.close(t.Tx, h, Lifted, ""); err != nil {
			return err
		}
	}
	t.Restrict(false) // nothing holds them any more
	return nil
}

// Correct sets right what an application or a request found wrong; the fields must be among those doubted. It may be done more than once
// before the answer.
func (s *Service) Correct(ctx context.Context, officer keeper.Actor, number string, values []person.Value) error {
	c, err := s.Case(ctx, number)
	if err != nil {
		return err
	}
	if c.Kind != Block && c.Kind != Correction || c.Concerned == 0 {
		return errs.New(errs.Conflict, "desk.outcome")
	}
	var fields person.Fields
	for _, v := range values {
		fields |= person.Set(v.Field())
	}
	if fields == 0 || !fields.Within(c.Doubted) || fields.Has(person.Email) {
		return errs.InvalidFields([]errs.Field{{Name: "doubted", Key: "desk.doubted"}}) // an address changes by its owner's letter alone (3.2.2)
	}
	state, err := s.c.Door.State(ctx, c.Concerned)
	if err != nil {
		return err
	}
	p := keeper.Passage{Actor: officer, Subject: c.Concerned, Operation: policy.Refinement, Purpose: policy.Verify, Fields: fields, Case: c.Code()}
	if state.Restricted {
		p.Purpose = policy.Restriction
	}
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if err := s.mustBeOpen(t.Tx, c); err != nil {
			return err
		}
		if err := t.Set(values...); err != nil {
			return err
		}
		_, err := s.step(t.Tx, c, SetRight, officer)
		return err
	})
	return err
}

// Retract ends a case for who filed it. An application's block ends with it; a planned erasure is off.
func (s *Service) Retract(ctx context.Context, own person.ID, number string) error {
	c, err := s.ofParty(ctx, own, number)
	if err != nil {
		return err
	}
	if c.Applicant != own {
		return errs.New(errs.Forbidden, "desk.notyours")
	}
	by, readers, op := keeper.Own(own), []person.ID{own}, policy.Recording
	switch {
	case c.Concerned != own && c.Concerned != 0:
		// The representative ends it; what it did to another, or does by now, is undone by the program.
		by, readers, op = keeper.Program(), []person.ID{c.Concerned, own}, policy.Blocking
	case c.Blocks:
		op = policy.Blocking
	}
	return s.act(ctx, by, op, c, readers, TakenBack, person.Value{}, letterStep, func(t *keeper.Tx) error {
		if err := s.unblock(t, c, by); err != nil {
			return err
		}
		return s.close(t.Tx, c, Retracted, "")
	})
}

// proofMissing lifts the application of a representative who brought no proof in the set time (6.2.4).
func (s *Service) proofMissing(ctx context.Context, c *Case) error {
	program := keeper.Program()
	if len(c.Parties()) == 0 { // it concerned nobody, and who filed it did not get so far as to be known
		return s.c.DB.Write(ctx, func(t *db.Tx) error { return s.close(t, c, Unproven, "") })
	}
	return s.act(ctx, program, policy.Blocking, c, c.Parties(), ProofMissing, person.Value{}, letterStep, func(t *keeper.Tx) error {
		if !c.Proved.IsZero() {
			return errClosed // it came meanwhile
		}
		if err := s.unblock(t, c, program); err != nil {
			return err
		}
		return s.close(t.Tx, c, Unproven, "")
	})
}
