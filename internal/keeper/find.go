package keeper

import (
	"context"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/seal"
)

// Find looks for the subjects that an e-mail address, a telephone or an IIN belongs to. It opens nothing; whom it finds, and that it found nobody, is entered.
func (k *Keeper) Find(ctx context.Context, p Passage, v person.Value) ([]person.ID, error) {
	p.Fields = 0
	ids, err := k.lookup(ctx, v)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, k.foundNobody(ctx, &p, v)
	}
	r := k.reading(&p, ids)
	r.lookup = true
	if err := k.ask(ctx, r); err != nil {
		return nil, err
	}
	found := ids[:0]
	for _, s := range r.people {
		if s.row != nil {
			found = append(found, s.id)
		}
	}
	return found, nil
}

// foundNobody enters a look-up that found nobody and counts it. It is decided as of somebody who agreed: the answer "nobody" must need the same
// right as the answer "this one", and costs what reading a person does, or addresses could be tried without end.
func (k *Keeper) foundNobody(ctx context.Context, p *Passage, v person.Value) error {
	var e *ledger.Pending
	var dec policy.Decision
	var stopped error
	err := k.d.Write(ctx, func(t *db.Tx) (err error) {
		stopped = nil
		if e, dec, err = k.decide(p, 0, policy.State{Consent: policy.ConsentGiven}); err != nil {
			return err
		}
		if dec.Allowed {
			ok, err := k.count(t, p.Actor.ID, k.ceiling(p.Actor.Kind, &e.Entry), k.guess(t, p.Actor.ID, v))
			if err != nil {
				return err
			}
			if !ok {
				stopped = braked(t)
				refusedBy(e, "5.4")
			}
		}
		return k.log.Append(t, e)
	})
	switch {
	case err != nil:
		return err
	case !dec.Allowed:
		return refusal(p, dec, e)
	}
	return stopped
}

func (k *Keeper) lookup(ctx context.Context, v person.Value) ([]person.ID, error) {
	rows, err := k.d.Query(ctx, "SELECT subject FROM blind_index WHERE ix = $1 ORDER BY slot LIMIT 50", k.blind(v.Field(), v.Reveal()))
	if err != nil {
		return nil, err
	}
	var ids []person.ID
	err = db.Each(rows, func(scan func(...any) error) error {
		var id person.ID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Ticket stands for a look-up by e-mail address that a job will make: the blind index, which tells nothing without the key.
type Ticket []byte

// TicketFor makes the ticket of an address. Known and unknown addresses give tickets alike, at the same cost.
func (k *Keeper) TicketFor(email person.Value) Ticket { return k.blind(person.Email, email.Reveal()) }

// Resolve gives the subject that a ticket's address belongs to. It is for sign-in and recovery (4.1.1) alone: no value is opened, nobody is
// told whether there was one, and what follows from it has its own entry.
func (k *Keeper) Resolve(ctx context.Context, ticket Ticket) (person.ID, bool, error) {
	var id person.ID
	found, err := k.d.Get(ctx, []any{&id}, "SELECT subject FROM blind_index WHERE ix = $1 AND slot = 0", []byte(ticket))
	return id, found, err
}

// State tells how a subject stands, which is no personal datum: it decides what the frame may offer.
func (k *Keeper) State(ctx context.Context, id person.ID) (policy.State, error) {
	s, err := k.Standing(ctx, id)
	return s.State, err
}

// Note enters an act that opens no field: a sign-in, a consent, a check of the log.
func (k *Keeper) Note(ctx context.Context, p Passage) (Receipt, error) {
	p.Fields = 0
	return k.Change(ctx, p, func(*Tx) error { return nil })
}

// SealDocument seals a piece of what is nobody's own datum but may name people, as an authority's letter. No rule decides who opens it: whoever
// keeps it does, and enters each opening.
func (k *Keeper) SealDocument(table string, row, piece int64, plain []byte) ([]byte, error) {
	key, err := k.keys.Document(table, row)
	if err != nil {
		return nil, err
	}
	return key.Seal(seal.Place{Table: table, Row: piece}, plain), nil
}

// OpenDocument opens what SealDocument sealed for the same place.
func (k *Keeper) OpenDocument(table string, row, piece int64, sealed []byte) ([]byte, error) {
	key, err := k.keys.Document(table, row)
	if err != nil {
		return nil, err
	}
	plain, err := key.Open(seal.Place{Table: table, Row: piece}, sealed)
	if err != nil {
		return nil, damaged(err)
	}
	return plain, nil
}

// Mac is a keyed hash for a label: tokens, limits, the pepper of passwords. Labels keep uses apart.
func (k *Keeper) Mac(label string, parts ...[]byte) []byte { return k.keys.Mac(label, parts...) }

// BrakeCount is how many people an actor has read, or guessed for, within an hour that began at a Unix hour.
type BrakeCount struct {
	Actor person.ID
	Hour  int64
	Count int
}

// BrakeCounts lists, for the officer, who has read how many people since an hour.
func (k *Keeper) BrakeCounts(ctx context.Context, sinceHour int64) ([]BrakeCount, error) {
	rows, err := k.d.Query(ctx, "SELECT actor, hour, count(*) FROM brake WHERE hour >= $1 GROUP BY actor, hour ORDER BY hour DESC, count(*) DESC", sinceHour)
	if err != nil {
		return nil, err
	}
	var out []BrakeCount
	err = db.Each(rows, func(scan func(...any) error) error {
		var b BrakeCount
		err := scan(&b.Actor, &b.Hour, &b.Count)
		out = append(out, b)
		return err
	})
	return out, err
}

// BrakeLimit is a role's ceiling for an hour; 0 is none.
func (k *Keeper) BrakeLimit(r policy.Role) int { return k.brake[r] }

// Subjects counts those who are not erased.
func (k *Keeper) Subjects(ctx context.Context) (int64, error) {
	var n int64
	_, err := k.d.Get(ctx, []any{&n}, "SELECT count(*) FROM subject WHERE erased = 0")
	return n, err
}

// rotateStep is how many keys are wrapped anew in one transaction: short, so that the site goes on serving.
const rotateStep = 200

// RotateKeys adds a key-encryption key and wraps every subject's key under it, while the site serves. Old keys stay in the keyset until
// retired. progress, if any, hears how many are done.
func (k *Keeper) RotateKeys(ctx context.Context, progress func(done int64)) (id uint32, rewrapped int64, err error) {
	if id, err = k.keys.Rotate(); err != nil {
		return 0, 0, err
	}
	for cursor := person.ID(0); ; {
		var seen int
		var n int64
		err := k.d.Write(ctx, func(t *db.Tx) error {
			seen, n = 0, 0
			type held struct {
				id      person.ID
				wrapped []byte
			}
			var page []held
			rows, err := t.Query("SELECT id, wrapped FROM subject WHERE id > $1 AND wrapped IS NOT NULL ORDER BY id LIMIT $2"+k.d.ForUpdate(), cursor, rotateStep)
			if err != nil {
				return err
			}
			if err := db.Each(rows, func(scan func(...any) error) error {
				var h held
				err := scan(&h.id, &h.wrapped)
				page = append(page, h)
				return err
			}); err != nil {
				return err
			}
			for _, h := range page {
				wrapped, err := k.keys.Rewrap(int64(h.id), h.wrapped)
				if err != nil {
					return damaged(err)
				}
				if _, err := t.Exec("UPDATE subject SET wrapped = $1 WHERE id = $2", wrapped, h.id); err != nil {
					return err
				}
				n++
			}
			if seen = len(page); seen > 0 {
				cursor = page[seen-1].id
			}
			return nil
		})
		if err != nil {
			return id, rewrapped, err
		}
		if seen == 0 {
			break
		}
		rewrapped += n
		if progress != nil {
			progress(rewrapped)
		}
	}
	return id, rewrapped, k.enterKeys(ctx)
}

// enterKeys enters that the keys were changed: an act on everybody that opens nothing.
func (k *Keeper) enterKeys(ctx context.Context) error {
	e, _, err := k.decide(&Passage{Actor: Program(), Operation: policy.Storage, Purpose: policy.Identify}, 0, policy.State{Consent: policy.ConsentGiven})
	if err != nil {
		return err
	}
	return k.log.Record(ctx, e)
}

// RetireKeys removes old key-encryption keys once no subject's key is wrapped under one of them.
func (k *Keeper) RetireKeys(ctx context.Context) (removed int, err error) {
	primary, err := k.keys.Primary()
	if err != nil {
		return 0, err
	}
	for cursor := person.ID(0); ; {
		rows, err := k.d.Query(ctx, "SELECT id, wrapped FROM subject WHERE id > $1 AND wrapped IS NOT NULL ORDER BY id LIMIT 1000", cursor)
		if err != nil {
			return 0, err
		}
		n := 0
		err = db.Each(rows, func(scan func(...any) error) error {
			var wrapped []byte
			if err := scan(&cursor, &wrapped); err != nil {
				return err
			}
			n++
			if seal.KeyID(wrapped) != primary {
				return errs.New(errs.Conflict, "keys.inuse")
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		if n == 0 {
			if removed, err = k.keys.Retire(); err != nil {
				return removed, err
			}
			return removed, k.enterKeys(ctx)
		}
	}
}
