package desk

import (
	"context"

	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/worktime"
)

// Cases of the entries about the tables of terms and of days: "clock:info", "day:2026-11-24".
const (
	clockCase = "clock:"
	dayCase   = "day:"
)

// edit changes one of the tables, and enters who did: both or neither (8.2, 8.4). What runs keeps the day it was promised.
func (s *Service) edit(ctx context.Context, officer keeper.Actor, name, clause string, change func(t *db.Tx, by person.ID) error) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := change(t, officer.ID); err != nil {
			return err
		}
		return s.c.Log.Append(t, &ledger.Pending{Entry: ledger.Entry{Kind: officer.Kind, Actor: officer.ID, Role: policy.Officer,
			Operation: policy.Refinement, Purpose: policy.Verify, Outcome: ledger.Allowed, Clauses: []string{clause}, Case: name}})
	})
}

// SetTerm changes a line of the table of terms.
func (s *Service) SetTerm(ctx context.Context, officer keeper.Actor, l worktime.Clock) error {
	return s.edit(ctx, officer, clockCase+l.Code, "8.2", func(t *db.Tx, by person.ID) error { return clocks.SetTerm(t, by, l) })
}

// ResetTerm puts the product's own line back.
func (s *Service) ResetTerm(ctx context.Context, officer keeper.Actor, code string) error {
	return s.edit(ctx, officer, clockCase+code, "8.2", func(t *db.Tx, _ person.ID) error { return clocks.ResetTerm(t, code) })
}

// SetDay enters that a day was decreed off, or working.
func (s *Service) SetDay(ctx context.Context, officer keeper.Actor, day worktime.Date, kind worktime.RowKind) error {
	return s.edit(ctx, officer, dayCase+day.String(), "8.4", func(t *db.Tx, by person.ID) error { return clocks.SetDay(t, by, day, kind) })
}

// RemoveDay takes a decree out of the table.
func (s *Service) RemoveDay(ctx context.Context, officer keeper.Actor, day worktime.Date) error {
	return s.edit(ctx, officer, dayCase+day.String(), "8.4", func(t *db.Tx, _ person.ID) error { return clocks.RemoveDay(t, day) })
}
