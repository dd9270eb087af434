// Package support is the desk of the people who help (4.1.3, 4.1.7) and of the officer (4.1.5): find a person by what they gave, open the
// fields that the work needs, and see what was opened in the case. Purpose and case are named before anything else.
package support

import (
	"context"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Desk serves members of staff.
type Desk struct {
	k   *keeper.Keeper
	log *ledger.Ledger
	now func() time.Time
}

// New makes the desk.
func New(k *keeper.Keeper, log *ledger.Ledger, now func() time.Time) *Desk {
	return &Desk{k: k, log: log, now: now}
}

// Work is what a member of staff is at: for which purpose, in which case.
type Work struct {
	Staff   person.ID
	Roles   []policy.Role
	Purpose policy.Purpose
	Case    string
}

// ParseWork checks a purpose's clause and a case's name. Both are needed at this desk.
func ParseWork(staff person.ID, roles []policy.Role, clause, name string) (Work, error) {
	var faults []errs.Field
	purpose, ok := policy.PurposeByClause(clause)
	if !ok {
		faults = append(faults, errs.Field{Name: "purpose", Key: "support.purpose"})
	}
	name, err := keeper.ParseCase(name)
	if err != nil {
		faults = append(faults, errs.Field{Name: "case", Key: "door.case"})
	}
	return Work{Staff: staff, Roles: roles, Purpose: purpose, Case: name}, errs.InvalidFields(faults)
}

func (w Work) passage(subject person.ID, fields person.Fields) keeper.Passage {
	return keeper.Passage{Actor: keeper.Staff(w.Staff, w.Roles...), Subject: subject, Operation: policy.Retrieval, Purpose: w.Purpose,
		Fields: fields, Case: w.Case}
}

// Finders are the fields by which a person is found.
var Finders = []person.Field{person.Email, person.Phone, person.IIN}

// Find looks for people by an e-mail address, a telephone or an IIN, given whole (3.2.3: through the keyed index alone).
func (d *Desk) Find(ctx context.Context, w Work, by person.Field, raw string) ([]person.ID, error) {
	v, err := person.Parse(by, raw, d.now())
	if err != nil {
		return nil, err
	}
	return d.k.Find(ctx, w.passage(0, 0), v)
}

// Open reads fields of a person.
func (d *Desk) Open(ctx context.Context, w Work, subject person.ID, fields person.Fields) (*keeper.Record, error) {
	if fields&^person.Set(person.Past) == 0 {
		return nil, errs.InvalidFields([]errs.Field{{Name: "fields", Key: "support.fields"}})
	}
	return d.k.Read(ctx, w.passage(subject, fields))
}

const (
	openedShown = 50
	openedDepth = 20_000 // entries looked through, newest first
)

// Opened lists what the member of staff has asked for in this case lately, newest first.
func (d *Desk) Opened(ctx context.Context, w Work) ([]ledger.Indexed, error) {
	out, _, err := d.log.Latest(ctx, 1<<62, openedShown, openedDepth, func(e *ledger.Entry) bool {
		return e.Kind == ledger.ByStaff && e.Actor == w.Staff && e.Case == w.Case
	})
	return out, err
}
