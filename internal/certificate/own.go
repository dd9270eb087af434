package certificate

import (
	"context"
	"errors"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Own is a certificate as its owner sees it.
type Own struct {
	*Certificate
	Surname, GivenName person.Value
	Code               secret.Text // empty of one that was made anew since
	Closed             bool        // the rules in force open neither name nor code now
}

// Whole is the name as it stands on the certificate.
func (o *Own) Whole() secret.Text { return secret.New(whole(o.Surname, o.GivenName)) }

// Mine lists somebody's certificates, the latest first. It opens nothing and is no passage.
func (s *Service) Mine(ctx context.Context, own person.ID) ([]*Certificate, error) {
	return s.list(ctx, selectMine, own)
}

// mine is one of somebody's own; NotFound where it is another's.
func (s *Service) mine(ctx context.Context, own person.ID, number string) (*Certificate, error) {
	c, err := s.Find(ctx, number)
	if err == nil && c.subject != own {
		err = errNone
	}
	return c, err
}

// Open shows somebody their certificate. One that waits for a name takes it first, if the profile has one by now. once names the session.
func (s *Service) Open(ctx context.Context, own person.ID, number, once string) (*Own, error) {
	if once != "" {
		once += " " + number
	}
	return s.open(ctx, own, number, policy.Access, once)
}

// Print is Open to make the document; it is an entry each time. Conflict where it no longer holds, or has no name yet.
func (s *Service) Print(ctx context.Context, own person.ID, number string) (*Own, error) {
	c, err := s.mine(ctx, own, number)
	if err != nil {
		return nil, err
	}
	if !c.Good() {
		return nil, errOver
	}
	o, err := s.open(ctx, own, number, policy.Retrieval, "")
	switch {
	case err != nil:
		return nil, err
	case !o.Named:
		return nil, errs.New(errs.Conflict, "certificate.waits")
	case o.Closed:
		return nil, errs.New(errs.Conflict, "certificate.closed")
	}
	return o, nil
}

func (s *Service) open(ctx context.Context, own person.ID, number string, op policy.Operation, once string) (*Own, error) {
	c, err := s.mine(ctx, own, number)
	if err != nil {
		return nil, err
	}
	if !c.Named && c.Good() {
		if c, err = s.takeName(ctx, c); err != nil {
			return nil, err
		}
	}
	p := pass(keeper.Own(own), c, op, policy.Personalise, Fields)
	p.Once = once
	list, err := s.read(ctx, p, c)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// All opens everything that somebody holds, for a copy: one entry.
func (s *Service) All(ctx context.Context, own person.ID) ([]*Own, error) {
	list, err := s.Mine(ctx, own)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return s.read(ctx, keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: policy.Personalise, Fields: Fields}, list...)
}

// read passes the door for names and codes; while the data are blocked that is part of the application (6.2.4). What has neither is not asked about.
func (s *Service) read(ctx context.Context, p keeper.Passage, list ...*Certificate) ([]*Own, error) {
	out := make([]*Own, len(list))
	var closed []keeper.Aside
	for i, c := range list {
		out[i] = &Own{Certificate: c}
		name, code := c.asides()
		closed = append(append(closed, name...), code...)
	}
	if len(closed) == 0 {
		return out, nil
	}
	state, err := s.c.Door.State(ctx, p.Subject)
	if err != nil {
		return nil, err
	}
	if state.Restricted {
		p.Purpose = policy.Restriction
	}
	may, err := s.c.Door.May(ctx, p)
	if err != nil {
		return nil, err
	}
	if may != p.Fields {
		for _, o := range out {
			o.Closed = true
		}
		return out, nil
	}
	values, err := s.c.Door.ReadAside(ctx, p, closed)
	if err != nil {
		return nil, err
	}
	for _, o := range out {
		name, code := o.asides()
		for range len(name) + len(code) {
			switch v := values[0]; v.Field() {
			case person.Surname:
				o.Surname = v
			case person.GivenName:
				o.GivenName = v
			default:
				o.Code = secret.New(v.Reveal())
			}
			values = values[1:]
		}
	}
	return out, nil
}

// takeName puts the name of the profile on a certificate that waits for it. Where there is none yet, or the rules do not let it be put now, it goes
// on waiting.
func (s *Service) takeName(ctx context.Context, c *Certificate) (*Certificate, error) {
	p := pass(keeper.Own(c.subject), c, policy.Recording, policy.Personalise, Fields)
	if may, err := s.c.Door.May(ctx, p); err != nil || may != p.Fields {
		return c, err
	}
	_, err := s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		now, err := s.again(t.Tx, c)
		if err != nil {
			return err
		}
		name, err := profileName(t)
		if err == nil && (now.Named || len(name) == 0) {
			err = errNoName
		}
		if err != nil {
			return err
		}
		sealed, err := sealName(t, c.ID, name)
		if err == nil {
			_, err = t.Exec(setName, sealed[0], sealed[1], c.ID)
		}
		if err == nil {
			err = step(t.Tx, c.ID, NameTaken, p.Actor, "")
		}
		return err
	})
	if err != nil && !errors.Is(err, errNoName) {
		return nil, err
	}
	return s.mine(ctx, c.subject, c.Number)
}

var errNoName = errors.New("certificate: there is no name to take, or another request took it")

// Renew makes a certificate anew after its owner's name has changed, and gives the new number. The old one is marked as replaced, its name and
// code are destroyed. Conflict where the profile has the name that stands on it, or none.
func (s *Service) Renew(ctx context.Context, own person.ID, number string) (string, error) {
	c, err := s.mine(ctx, own, number)
	if err != nil {
		return "", err
	}
	made := *c
	made.ID = int64(person.NewID(s.c.DB.Now()))
	_, err = s.c.Door.Change(ctx, pass(keeper.Own(own), c, policy.Recording, policy.Personalise, Fields), func(t *keeper.Tx) error {
		now, err := s.again(t.Tx, c)
		if err != nil {
			return err
		}
		if !now.Good() {
			return errOver
		}
		name, err := profileName(t)
		if err != nil {
			return err
		}
		if same, err := sameName(t, now, name); err != nil {
			return err
		} else if same || len(name) == 0 {
			return errs.New(errs.Conflict, "certificate.same")
		}
		if _, err := t.Exec(setReplaced, made.ID, nothing, nothing, nothing, nothing, c.ID); err != nil {
			return err
		}
		if !now.Public.IsZero() {
			if err := step(t.Tx, c.ID, Closed, keeper.Own(own), ""); err != nil {
				return err
			}
		}
		if err := step(t.Tx, c.ID, Replaced, keeper.Own(own), ""); err != nil {
			return err
		}
		return s.put(t, &made, name, keeper.Own(own))
	})
	return made.Number, err
}

// sameName tells whether a certificate has this name already.
func sameName(t *keeper.Tx, c *Certificate, name []person.Value) (bool, error) {
	sealed, _ := c.asides()
	if len(sealed) != len(name) {
		return false, nil
	}
	held := map[person.Field]string{}
	for _, a := range sealed {
		v, err := t.OpenAside(a)
		if err != nil {
			return false, err
		}
		held[a.Field] = v.Reveal()
	}
	for _, v := range name {
		if held[v.Field()] != v.Reveal() {
			return false, nil
		}
	}
	return true, nil
}

// Publish shows the name on the certificate's page to everybody, from now on (7.2).
func (s *Service) Publish(ctx context.Context, own person.ID, number string) error {
	return s.showing(ctx, own, number, true)
}

// Hide ends that, at once.
func (s *Service) Hide(ctx context.Context, own person.ID, number string) error {
	return s.showing(ctx, own, number, false)
}

func (s *Service) showing(ctx context.Context, own person.ID, number string, public bool) error {
	c, err := s.mine(ctx, own, number)
	if err != nil {
		return err
	}
	p, act := pass(keeper.Own(own), c, policy.Recording, policy.MadePublic, 0), Closed
	if public {
		p.Operation, p.Fields, act = policy.Distribution, Name, MadePublic
	}
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		now, err := s.again(t.Tx, c)
		if err != nil {
			return err
		}
		since := int64(0)
		if public {
			since = db.Micros(t.Now())
		}
		if now.Public.IsZero() != public || public && !(now.Good() && now.Named) {
			return errOver
		}
		if _, err := t.Exec(setPublic, since, c.ID); err != nil {
			return err
		}
		return step(t.Tx, c.ID, act, p.Actor, "")
	})
	return err
}
