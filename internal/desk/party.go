package desk

import (
	"context"

	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Clock is the code of the term within which it is answered, in the table of package clocks.
func (k Kind) Clock() string { return kindInfo[k].clock }

// NameForParty opens how a party is called, for the papers about their case. They may see it whatever they agreed to (2.2), and while their
// data are blocked it is part of the application (6.2.4).
func (s *Service) NameForParty(ctx context.Context, own person.ID, number string) (Name, error) {
	c, err := s.ofParty(ctx, own, number)
	if err != nil {
		return Name{}, err
	}
	state, err := s.c.Door.State(ctx, own)
	if err != nil {
		return Name{}, err
	}
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: policy.Personalise,
		Fields: person.Set(person.Surname, person.GivenName), Case: c.Code()}
	if state.Restricted {
		p.Purpose = policy.Restriction
	}
	rec, err := s.c.Door.Read(ctx, p)
	if err != nil {
		return Name{}, err
	}
	return Name{Surname: rec.Value(person.Surname), GivenName: rec.Value(person.GivenName)}, nil
}
