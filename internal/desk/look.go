package desk

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/worktime"
)

// Step is a step of a case.
type Step struct {
	N     int64
	Act   Act
	Kind  ledger.ActorKind
	Actor person.ID
	At    time.Time
	Words person.Value // zero where there are none, or not for who looks
	Files []File
}

// View is a case with what who looks may see of it.
type View struct {
	Case
	State policy.State // of the person concerned
	Steps []Step
	// Names, of the parties, are opened for the officer alone.
	Names map[person.ID]Name
}

// Name is how a party is called and written to.
type Name struct{ Surname, GivenName, Email person.Value }

func (s *Service) one(ctx context.Context, query string, key any) (*Case, error) {
	list, err := s.list(ctx, query, key)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNoCase
	}
	return list[0], nil
}

func (s *Service) list(ctx context.Context, query string, args ...any) ([]*Case, error) {
	rows, err := s.c.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return scanCases(rows)
}

func scanCases(rows *sql.Rows) ([]*Case, error) {
	var out []*Case
	err := db.Each(rows, func(scan func(...any) error) error {
		c := &Case{}
		var opened, due, proofDue, proved, erase, closed, blocks int64
		var unit, orderDate, received string
		if err := scan(&c.ID, &c.Kind, &c.Number, &c.Concerned, &c.Applicant, &c.Source, &c.Lang, &opened, &c.Running.Code, &c.Running.Term.N,
			&unit, &due, &c.Doubted, &blocks, &proofDue, &proved, &erase, &c.Status, &c.Outcome, &c.Article, &closed, &c.Order.Of,
			&c.Order.Number, &orderDate, &received); err != nil {
			return err
		}
		known := false
		if c.Running.Term.Unit, known = worktime.UnitByName(unit); !known || !c.Kind.Valid() {
			return errs.New(errs.Internal, "error.internal")
		}
		var err error
		if c.Order.Date, err = dayOf(orderDate); err != nil {
			return err
		}
		if c.Received, err = dayOf(received); err != nil {
			return err
		}
		c.Opened, c.Running.Due, c.Blocks = db.Time(opened), db.Time(due), blocks != 0
		c.ProofDue, c.Proved, c.EraseAt, c.Closed = db.Time(proofDue), db.Time(proved), db.Time(erase), db.Time(closed)
		out = append(out, c)
		return nil
	})
	return out, err
}

// Case gives a case by its number, for the officer.
func (s *Service) Case(ctx context.Context, number string) (*Case, error) {
	return s.one(ctx, selectNumber, number)
}

// Mine lists the cases of a person, newest first.
func (s *Service) Mine(ctx context.Context, own person.ID) ([]*Case, error) {
	return s.list(ctx, selectMine, own)
}

// Running lists what is open of a kind (0 for any), most urgent first, after a place of last days (the zero Place for the first page).
func (s *Service) Running(ctx context.Context, kind Kind, after db.Place, limit int) ([]*Case, error) {
	if kind != 0 {
		return s.list(ctx, selectOpenOf, db.Micros(after.At), after.ID, int64(kind), limit)
	}
	return s.list(ctx, selectOpen, db.Micros(after.At), after.ID, limit)
}

// DueBetween lists what is open and due in a stretch of time, for the calendar.
func (s *Service) DueBetween(ctx context.Context, from, until time.Time, limit int) ([]*Case, error) {
	return s.list(ctx, selectDueIn, db.Micros(from), db.Micros(until), limit)
}

// Past lists what is closed, newest first, from before a place. Many may be closed in one moment.
func (s *Service) Past(ctx context.Context, before db.Place, limit int) ([]*Case, error) {
	return s.list(ctx, selectClosed, db.Micros(before.At), before.ID, limit)
}

// ofParty gives a case to one of its parties. Another's is not found.
func (s *Service) ofParty(ctx context.Context, own person.ID, number string) (*Case, error) {
	c, err := s.Case(ctx, number)
	if err != nil {
		return nil, err
	}
	var yes int
	found, err := s.c.DB.Get(ctx, []any{&yes}, isParty, own, c.ID)
	if err == nil && !found {
		err = errNoCase
	}
	return c, err
}

// ForParty shows a case to one of its parties: the steps, and the words that are for them. A representative does not learn from it whether the
// person is known here, until the officer has seen what proves them (6.2.4). once names the session and page.
func (s *Service) ForParty(ctx context.Context, own person.ID, number, once string) (*View, error) {
	c, err := s.ofParty(ctx, own, number)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, c)
	if err != nil {
		return nil, err
	}
	state, err := s.c.Door.State(ctx, own)
	if err != nil {
		return nil, err
	}
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: c.purpose(state), Fields: written, Case: c.Code(), Once: once}
	if err := s.fill(ctx, v, p, selectOwn, own, c.ID); err != nil {
		return nil, err
	}
	if own != c.Concerned && c.unproven() {
		v.veil(own)
	}
	return v, nil
}

// veil hides from a representative who is not proven what would tell whether the person is known here: who else acts in the case, and what
// becomes of the data.
func (v *View) veil(own person.ID) {
	v.Blocks, v.State = false, policy.State{}
	v.Steps = slices.DeleteFunc(v.Steps, func(x Step) bool {
		switch x.Act {
		case Filed, Wrote, Attached, ProofMissing, TakenBack:
			return x.Kind == ledger.BySubject && x.Actor != own
		}
		return x.Act != Answered || x.Words.IsZero()
	})
	if v.Status == Closed && v.Outcome != Retracted {
		v.Outcome, v.Article = Unproven, ""
	}
}

var written = person.Set(person.Words, person.File)

// ForOfficer shows a case with all its words, and who the parties are.
func (s *Service) ForOfficer(ctx context.Context, officer keeper.Actor, number string) (*View, error) {
	c, err := s.Case(ctx, number)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, c)
	if err != nil {
		return nil, err
	}
	v.Names = map[person.ID]Name{}
	for _, party := range c.Parties() {
		state, err := s.c.Door.State(ctx, party)
		if err != nil {
			return nil, err
		}
		if state.Erased {
			continue
		}
		p := keeper.Passage{Actor: officer, Subject: party, Operation: policy.Retrieval, Purpose: c.purpose(state), Fields: written, Case: c.Code()}
		if err := s.fill(ctx, v, p, selectOwn, party, c.ID); err != nil {
			return nil, err
		}
		p.Fields = person.Set(person.Surname, person.GivenName, person.Email)
		if p.Purpose == policy.EndOfUse {
			p.Purpose = policy.Verify // 4.1.5: that it is them who ask for it
		}
		rec, err := s.c.Door.Read(ctx, p)
		if errs.Is(err, errs.Forbidden) {
			continue // who withdrew consent is not named any more; the words say what is to be done
		}
		if err != nil {
			return nil, err
		}
		v.Names[party] = Name{rec.Value(person.Surname), rec.Value(person.GivenName), rec.Value(person.Email)}
	}
	return v, nil
}

// view is a case and its steps without words.
func (s *Service) view(ctx context.Context, c *Case) (*View, error) {
	v := &View{Case: *c}
	if c.Concerned != 0 {
		state, err := s.c.Door.State(ctx, c.Concerned)
		if err != nil {
			return nil, err
		}
		v.State = state
	}
	rows, err := s.c.DB.Query(ctx, selectSteps, c.ID)
	if err != nil {
		return nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var x Step
		var at int64
		err := scan(&x.N, &x.Act, &x.Kind, &x.Actor, &at)
		x.At = db.Time(at)
		v.Steps = append(v.Steps, x)
		return err
	})
	return v, err
}

// fill opens, by one passage, the words and file names that are sealed for the passage's subject, and puts those that are missing yet into
// their steps.
func (s *Service) fill(ctx context.Context, v *View, p keeper.Passage, query string, args ...any) error {
	rows, err := s.c.DB.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	var asides []keeper.Aside
	var steps []int64
	err = db.Each(rows, func(scan func(...any) error) error {
		var reader person.ID
		var n int64
		var sealed []byte
		if err := scan(&reader, &n, &sealed); err != nil {
			return err
		}
		asides, steps = append(asides, keeper.Aside{Table: wordsTable, Field: person.Words, Row: place(&v.Case, n), Sealed: sealed}), append(steps, n)
		return nil
	})
	if err != nil {
		return err
	}
	files, err := s.files(ctx, &v.Case, p.Subject)
	if err != nil {
		return err
	}
	for i := range files {
		asides = append(asides, keeper.Aside{Table: filesTable, Field: person.File, Row: files[i].ID, Sealed: files[i].sealed})
	}
	if len(asides) == 0 {
		return nil
	}
	plain, err := s.c.Door.ReadAside(ctx, p, asides)
	if err != nil {
		return err
	}
	at := map[int64]*Step{}
	for i := range v.Steps {
		at[v.Steps[i].N] = &v.Steps[i]
	}
	for i, n := range steps {
		if x := at[n]; x != nil && x.Words.IsZero() {
			x.Words = plain[i]
		}
	}
	for i, f := range files {
		if x := at[f.Step]; x != nil {
			f.Name = plain[len(steps)+i]
			x.Files = append(x.Files, f)
		}
	}
	return nil
}

// Left is how many days of the calendar the case has, or by how many it is late.
func (c *Case) Left(now time.Time) (days int, late bool) { return worktime.Left(now, c.Running.Due) }
