package desk

import (
	"context"
	"fmt"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/worktime"
)

// Filing is what somebody files.
type Filing struct {
	Kind    Kind
	Words   person.Value
	Doubted person.Fields // the fields that are wrong: of an application, of a correction
	Lang    string
	// Received is the day on which what came on paper came: the clock starts with it (law 94-V, article 25). Zero for today.
	Received worktime.Date
}

// Contact is who files without an account: a name, and an address for the answer. Nobody has to give more.
type Contact struct {
	Surname   person.Value
	GivenName person.Value
	Email     person.Value
	Network   []byte // limit.Network of the visitor; nil where the officer enters what came on paper
}

// Limits of filing. They keep the desk from being flooded, and a person from being blocked by others over and over (6.2.4).
var (
	filedByPerson  = limit.Rule{Name: "desk.person", Burst: 20, Every: time.Hour}
	filedByNetwork = limit.Rule{Name: "desk.network", Burst: 20, Every: 15 * time.Minute}
	filedByAddress = limit.Rule{Name: "desk.address", Burst: 6, Every: 4 * time.Hour}
)

// maxOpen is how many cases of one kind a person may have open.
const maxOpen = 10

// quiet is how long, after an application that nobody proved, another representative's blocks only once the officer has seen the proof.
const quiet = 90 * 24 * time.Hour

func (f *Filing) check(today worktime.Date) error {
	switch {
	case !f.Kind.Valid():
		return errs.New(errs.Invalid, "error.form")
	case f.Words.IsZero():
		return errs.InvalidFields([]errs.Field{{Name: person.Words.String(), Key: "person.required"}})
	case f.Kind == Correction && f.Doubted == 0:
		return errs.InvalidFields([]errs.Field{{Name: "doubted", Key: "desk.doubted"}})
	case !f.Doubted.Within(person.Set(person.Profile...)):
		return errs.New(errs.Invalid, "error.form")
	case !f.Received.IsZero() && (f.Received.Compare(today) > 0 || f.Received.Compare(today.AddDays(-longAgo)) < 0):
		return errs.InvalidFields([]errs.Field{{Name: "received", Key: "desk.received"}})
	}
	return nil
}

// longAgo is how many days paper may lie before it is entered: what is older is a slip of the pen.
const longAgo = 366

// started is when the clock of a case starts: now, or at the end of the day on which the paper came.
func (f *Filing) started(now time.Time) time.Time {
	if f.Received.IsZero() || f.Received == worktime.DateOf(now) {
		return now
	}
	return f.Received.End()
}

// number allots a number. One that is not used after all leaves a gap, which tells nothing.
func (s *Service) number(ctx context.Context) (id int64, number string, err error) {
	err = s.c.DB.Write(ctx, func(t *db.Tx) error {
		year := worktime.DateOf(t.Now()).Year
		var n int64
		if _, err := t.Get([]any{&n}, nextCount, year); err != nil {
			return err
		}
		id, number = int64(year)<<32|n, fmt.Sprintf("%d-%d", year, n)
		return nil
	})
	return id, number, err
}

// begin makes the row of a case, its parties and its first step, in the transaction of the passage by which it is filed.
func (s *Service) begin(t *db.Tx, c *Case, f *Filing, by keeper.Actor) (step int64, err error) {
	c.Opened, c.Status = t.Now(), Open
	if c.Running, err = clocks.Start(t, kindInfo[c.Kind].clock, f.started(c.Opened)); err != nil {
		return 0, err
	}
	if c.Source == ByRepresentative {
		proof, err := clocks.Start(t, "block.proof", c.Opened)
		if err != nil {
			return 0, err
		}
		c.ProofDue = proof.Due
	}
	c.Received = f.Received
	if _, err := t.Exec(insertCase, c.ID, int64(c.Kind), c.Number, c.Concerned, c.Applicant, int64(c.Source), c.Lang, db.Micros(c.Opened),
		c.Running.Code, c.Running.Term.N, c.Running.Term.Unit.String(), db.Micros(c.Running.Due), int64(c.Doubted), db.Bit(c.Blocks),
		db.Micros(c.ProofDue), c.Order.Of, c.Order.Number, dayText(c.Order.Date), dayText(c.Received)); err != nil {
		return 0, err
	}
	for _, p := range c.Parties() {
		if _, err := t.Exec(insertParty, p, c.ID); err != nil {
			return 0, err
		}
	}
	if step, err = s.step(t, c, Filed, by); err != nil {
		return 0, err
	}
	if c.Blocks {
		if _, err = s.step(t, c, Blocked, by); err != nil {
			return 0, err
		}
	}
	return step, s.tellFiled(t, c)
}

// dayText is a day as the table has it; empty for none.
func dayText(d worktime.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// dayOf reads what dayText wrote.
func dayOf(s string) (worktime.Date, error) {
	if s == "" {
		return worktime.Date{}, nil
	}
	d, err := worktime.ParseDate(s)
	if err != nil {
		err = errs.Wrap(errs.Internal, "error.internal", err)
	}
	return d, err
}

// step adds a step and gives its number.
func (s *Service) step(t *db.Tx, c *Case, act Act, by keeper.Actor) (n int64, err error) {
	_, err = t.Get([]any{&n}, insertStep, c.ID, int64(act), int64(by.Kind), by.ID, db.Micros(t.Now()))
	most := int64(maxSteps)
	if by.Kind == ledger.BySubject && (act == Wrote || act == Attached) {
		most = partySteps
	}
	if err == nil && n > most {
		err = errs.New(errs.TooLarge, "desk.full")
	}
	return n, err
}

// maxSteps bounds a case, so that a step's place fits beside it in one number.
const maxSteps = 1000

// partySteps is where messages and files of the parties end: what the officer and the program still have to do always finds room, so nobody
// can keep a case, and a block with it, from ending.
const partySteps = 200

// place is the row that words of a step are sealed for.
func place(c *Case, step int64) int64 { return c.ID<<10 | step }

// write seals words for the person of the transaction.
func (s *Service) write(t *keeper.Tx, c *Case, step int64, v person.Value) error {
	sealed, err := t.SealAside(wordsTable, place(c, step), v)
	if err == nil {
		_, err = t.Exec(insertWords, t.Subject(), c.ID, step, sealed)
	}
	return err
}

const wordsTable = "desk_words"

// File files a case of the person who is signed in. An application blocks by the same commit; a withdrawal ends consent by it; both, and a
// deletion, plan the erasure.
func (s *Service) File(ctx context.Context, own person.ID, f Filing) (*Case, error) {
	if err := f.check(worktime.DateOf(s.now())); err != nil {
		return nil, err
	}
	if err := s.c.Limiter.Spend(ctx, limit.Spend{Rule: filedByPerson, Key: []byte(own.String())}); err != nil {
		return nil, err
	}
	return s.fileAs(ctx, keeper.Own(own), own, BySubject, f)
}

// FileOnPaper enters what the person concerned wrote on paper; the officer has made sure who they are.
func (s *Service) FileOnPaper(ctx context.Context, officer keeper.Actor, subject person.ID, f Filing) (*Case, error) {
	if err := f.check(worktime.DateOf(s.now())); err != nil {
		return nil, err
	}
	return s.fileAs(ctx, officer, subject, OnPaper, f)
}

func (s *Service) fileAs(ctx context.Context, by keeper.Actor, subject person.ID, source Source, f Filing) (*Case, error) {
	state, err := s.c.Door.State(ctx, subject)
	if err != nil {
		return nil, err
	}
	id, number, err := s.number(ctx)
	if err != nil {
		return nil, err
	}
	c := &Case{ID: id, Kind: f.Kind, Number: number, Concerned: subject, Applicant: subject, Source: source, Lang: f.Lang, Doubted: f.Doubted,
		Blocks: f.Kind == Block}
	p := keeper.Passage{Actor: by, Subject: subject, Operation: policy.Recording, Purpose: c.purpose(state), Fields: words, Case: c.Code()}
	if c.Blocks {
		p.Operation = policy.Blocking
	}
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		var open int
		if _, err := t.Get([]any{&open}, countOpen, subject, int64(f.Kind)); err != nil {
			return err
		}
		if open >= maxOpen || open > 0 && f.Kind.ends() {
			return errs.New(errs.Conflict, "desk.already")
		}
		step, err := s.begin(t.Tx, c, &f, by)
		if err != nil {
			return err
		}
		if c.Blocks {
			t.Restrict(true)
		}
		if c.Kind == Withdrawal {
			if err := s.withdraw(t); err != nil {
				return err
			}
		}
		if c.Kind.ends() {
			if err := s.plan(t.Tx, c, by); err != nil {
				return err
			}
		}
		return s.write(t, c, step, f.Words)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// FileAsVisitor files a claim or a question of somebody without an account: they become known for the sake of the answer alone.
func (s *Service) FileAsVisitor(ctx context.Context, v Contact, f Filing) (*Case, error) {
	if f.Kind != Claim && f.Kind != Question {
		return nil, errs.New(errs.Invalid, "error.form")
	}
	if err := s.admit(ctx, v, f); err != nil {
		return nil, err
	}
	id, number, err := s.number(ctx)
	if err != nil {
		return nil, err
	}
	c := &Case{ID: id, Kind: f.Kind, Number: number, Source: ByVisitor, Lang: f.Lang}
	return c, s.introduce(ctx, keeper.Own(0), c, v, f, func(t *keeper.Tx) (int64, error) {
		c.Concerned, c.Applicant = t.Subject(), t.Subject()
		return s.begin(t.Tx, c, &f, keeper.Own(t.Subject()))
	})
}

// FileForUnknown enters a claim or a question that somebody who is not in the database sent on paper. An address for letters is not needed:
// who has none is answered by post.
func (s *Service) FileForUnknown(ctx context.Context, officer keeper.Actor, v Contact, f Filing) (*Case, error) {
	if f.Kind != Claim && f.Kind != Question {
		return nil, errs.InvalidFields([]errs.Field{{Name: "kind", Key: "desk.unknown.kind"}})
	}
	if err := f.check(worktime.DateOf(s.now())); err != nil {
		return nil, err
	}
	if v.Surname.IsZero() || v.GivenName.IsZero() {
		return nil, errs.New(errs.Invalid, "error.form")
	}
	id, number, err := s.number(ctx)
	if err != nil {
		return nil, err
	}
	c := &Case{ID: id, Kind: f.Kind, Number: number, Source: OnPaper, Lang: f.Lang}
	return c, s.introduce(ctx, officer, c, v, f, func(t *keeper.Tx) (int64, error) {
		c.Concerned, c.Applicant = t.Subject(), t.Subject()
		return s.begin(t.Tx, c, &f, officer)
	})
}

// admit checks what a visitor files and spends from the limits.
func (s *Service) admit(ctx context.Context, v Contact, f Filing) error {
	if err := f.check(worktime.DateOf(s.now())); err != nil {
		return err
	}
	if v.Surname.IsZero() || v.GivenName.IsZero() || v.Email.IsZero() {
		return errs.New(errs.Invalid, "error.form")
	}
	return s.c.Limiter.Spend(ctx, limit.Spend{Rule: filedByNetwork, Key: v.Network},
		limit.Spend{Rule: filedByAddress, Key: []byte(person.Canonical(person.Email, v.Email.Reveal()))})
}

// introduce makes a person of a visitor and lets begin open or join the case.
func (s *Service) introduce(ctx context.Context, by keeper.Actor, c *Case, v Contact, f Filing, begin func(t *keeper.Tx) (step int64, err error)) error {
	given := []person.Value{v.Surname, v.GivenName}
	if !v.Email.IsZero() {
		given = append(given, v.Email)
	}
	fields := words
	for _, g := range given {
		fields |= person.Set(g.Field())
	}
	p := keeper.Passage{Actor: by, Operation: policy.Collection, Purpose: policy.Feedback, Fields: fields, Case: c.Code()}
	_, err := s.c.Door.Create(ctx, p, func(t *keeper.Tx) error {
		if err := t.Set(given...); err != nil {
			return err
		}
		step, err := begin(t)
		if err != nil {
			return err
		}
		return s.write(t, c, step, f.Words)
	})
	return err
}

// FileForAnother files the application of a legal representative (6.2.4). found is by what the person concerned is found: an e-mail address
// or an IIN. Whether there is such a person, nobody is told. The words hold who the representative is, and which document proves it.
func (s *Service) FileForAnother(ctx context.Context, v Contact, found person.Value, f Filing) (*Case, error) {
	f.Kind = Block
	if err := s.admit(ctx, v, f); err != nil {
		return nil, err
	}
	id, number, err := s.number(ctx)
	if err != nil {
		return nil, err
	}
	c := &Case{ID: id, Kind: Block, Number: number, Source: ByRepresentative, Lang: f.Lang, Doubted: f.Doubted}
	program := keeper.Program()
	ids, err := s.c.Door.Find(ctx, keeper.Passage{Actor: program, Operation: policy.Retrieval, Purpose: policy.Restriction, Case: c.Code()}, found)
	if err != nil {
		return nil, err
	}
	var step int64
	if len(ids) == 1 {
		c.Concerned = ids[0]
		p := keeper.Passage{Actor: program, Subject: c.Concerned, Operation: policy.Blocking, Purpose: policy.Restriction, Fields: words, Case: c.Code()}
		_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
			var spite int
			if _, err := t.Get([]any{&spite}, countUnproven, c.Concerned, db.Micros(t.Now().Add(-quiet))); err != nil {
				return err
			}
			c.Blocks = spite == 0
			if step, err = s.begin(t.Tx, c, &f, program); err != nil {
				return err
			}
			if c.Blocks {
				t.Restrict(true)
			}
			return s.write(t, c, step, f.Words)
		})
	} else {
		err = s.c.DB.Write(ctx, func(t *db.Tx) error {
			step, err = s.begin(t, c, &f, program)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	return c, s.introduce(ctx, keeper.Own(0), c, v, f, func(t *keeper.Tx) (int64, error) {
		c.Applicant = t.Subject()
		if _, err := t.Exec(setApplicant, c.Applicant, c.ID); err != nil {
			return 0, err
		}
		if _, err := t.Exec(insertParty, c.Applicant, c.ID); err != nil {
			return 0, err
		}
		return step, s.tell(t.Tx, c, c.Applicant, letterFiled)
	})
}

// Limits of the texts of an order, in bytes.
const (
	maxOrderOf     = 200
	maxOrderNumber = 40
)

// FileOrder enters the order of the data-protection authority, by which the data of the person concerned are blocked (6.2.4).
func (s *Service) FileOrder(ctx context.Context, officer keeper.Actor, subject person.ID, o Order, f Filing) (*Case, error) {
	f.Kind = Block
	if err := f.check(worktime.DateOf(s.now())); err != nil {
		return nil, err
	}
	var bad []errs.Field
	if o.Of == "" || len(o.Of) > maxOrderOf {
		bad = append(bad, errs.Field{Name: "order_of", Key: "desk.order.of"})
	}
	if o.Number == "" || len(o.Number) > maxOrderNumber {
		bad = append(bad, errs.Field{Name: "order_number", Key: "desk.order.number"})
	}
	if o.Date.IsZero() || o.Date.Compare(worktime.DateOf(s.now())) > 0 {
		bad = append(bad, errs.Field{Name: "order_date", Key: "desk.order.date"})
	}
	if len(bad) > 0 {
		return nil, errs.InvalidFields(bad)
	}
	id, number, err := s.number(ctx)
	if err != nil {
		return nil, err
	}
	c := &Case{ID: id, Kind: Block, Number: number, Concerned: subject, Source: ByAuthority, Lang: f.Lang, Doubted: f.Doubted, Blocks: true, Order: o}
	p := keeper.Passage{Actor: officer, Subject: subject, Operation: policy.Blocking, Purpose: policy.Restriction, Fields: words, Case: c.Code()}
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		step, err := s.begin(t.Tx, c, &f, officer)
		if err != nil {
			return err
		}
		t.Restrict(true)
		return s.write(t, c, step, f.Words)
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}
