package keeper

import (
	"context"
	"errors"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/seal"
)

// Tx is a change in progress: one transaction with its entry.
type Tx struct {
	*db.Tx
	k       *Keeper
	passage *Passage
	row     *row
	cells   cells
	key     seal.Key
	keyed   bool
	dirty   bool
	created bool          // in this transaction
	ceiling int           // of guesses
	taken   person.Fields // that were found to be another's
	guesses []person.ID
	stopped error // by the brake
}

// Receipt says where a change stands in the log.
type Receipt struct {
	Subject person.ID
	Entry   int64
}

// Create makes a subject and lets fn fill it in, under the same rules: until consent is recorded in the same act nothing is kept.
func (k *Keeper) Create(ctx context.Context, p Passage, fn func(*Tx) error) (Receipt, error) {
	return k.change(ctx, p, true, fn)
}

// Change lets fn change a subject. The entry and the change are durable together or not at all. Where fn met a value that is another's, that is
// entered as a refusal and counted, whatever fn makes of it, before anybody hears of it.
func (k *Keeper) Change(ctx context.Context, p Passage, fn func(*Tx) error) (Receipt, error) {
	return k.change(ctx, p, false, fn)
}

var errRefused = errors.New("refused")

func (k *Keeper) change(ctx context.Context, p Passage, create bool, fn func(*Tx) error) (Receipt, error) {
	var pending *ledger.Pending
	var dec policy.Decision
	var tx *Tx
	err := k.d.Write(ctx, func(t *db.Tx) error {
		tx = &Tx{Tx: t, k: k, passage: &p}
		var err error
		q := p
		if create {
			if err = tx.insert(); err == nil {
				q.Subject = tx.row.id
				if q.Actor.Kind == ledger.BySubject {
					q.Actor.ID = q.Subject
				}
			}
		} else {
			tx.row, err = k.row(t.Query, k.d.ForUpdate(), p.Subject)
		}
		if err != nil {
			return err
		}
		tx.passage = &q
		if pending, dec, err = k.decide(&q, q.Subject, tx.row.state); err != nil {
			return err
		}
		if !dec.Allowed {
			return errRefused
		}
		if tx.cells, err = decodeCells(slices.Clone(tx.row.cells)); err != nil {
			return damaged(err)
		}
		tx.ceiling = k.ceiling(q.Actor.Kind, &pending.Entry)
		if err := fn(tx); err != nil {
			return err
		}
		if tx.stopped != nil {
			return tx.stopped
		}
		if err := tx.flush(); err != nil {
			return err
		}
		if tx.taken != 0 {
			if ok, err := k.enterTaken(t, tx, pending.Entry); err != nil {
				return err
			} else if !ok {
				tx.stopped = braked(t)
				return tx.stopped
			}
		}
		return k.log.Append(t, pending)
	})
	switch {
	case errors.Is(err, errRefused):
		if err := k.log.Record(ctx, pending); err != nil {
			return Receipt{}, err
		}
		return Receipt{}, refusal(&p, dec, pending)
	case err != nil && ctx.Err() != nil: // the transaction may still be under way, and nobody waits for the answer
		return Receipt{}, errs.Wrap(errs.Unavailable, "error.unavailable", ctx.Err())
	case err != nil && tx != nil && (tx.taken != 0 || tx.stopped != nil):
		return Receipt{}, k.hindered(ctx, tx, pending.Entry, err)
	case err != nil:
		return Receipt{}, err
	}
	return Receipt{Subject: tx.row.id, Entry: pending.Index}, nil
}

// hindered enters and counts why a change that was rolled back could not be: a value is another's, or the actor has guessed enough. It gives
// the error to answer with, which is err only where the actor might learn it.
func (k *Keeper) hindered(ctx context.Context, tx *Tx, e ledger.Entry, err error) error {
	stopped := tx.stopped
	failed := k.d.Write(ctx, func(t *db.Tx) error {
		if stopped = tx.stopped; stopped == nil {
			ok, err := k.enterTaken(t, tx, e)
			if err != nil || ok {
				return err
			}
			stopped = braked(t)
		}
		p := &ledger.Pending{Entry: e}
		refusedBy(p, "5.4")
		return k.log.Append(t, p)
	})
	switch {
	case failed != nil:
		return failed
	case stopped != nil:
		return stopped
	}
	return err
}

// enterTaken counts the values that a change found to be another's and enters their refusal; where the actor may not learn so much, it does
// neither and gives false.
func (k *Keeper) enterTaken(t *db.Tx, tx *Tx, e ledger.Entry) (bool, error) {
	ok, err := k.count(t, e.Actor, tx.ceiling, tx.guesses...)
	if err != nil || !ok {
		return false, err
	}
	e.Fields = tx.taken
	p := &ledger.Pending{Entry: e}
	refusedBy(p, takenBy(tx.taken)...)
	return true, k.log.Append(t, p)
}

const newIDTries = 4 // each fails once in two million subjects made in the same millisecond

func (t *Tx) insert() error {
	for range newIDTries {
		id := person.NewID(t.Now())
		key, wrapped, err := t.k.keys.NewKey(int64(id))
		if err != nil {
			return err
		}
		n, err := t.Exec(`INSERT INTO subject (id, consent, restricted, erased, wrapped, cells, created_at) VALUES ($1, 0, 0, 0, $2, $3, $4)
			ON CONFLICT DO NOTHING`, id, wrapped, []byte{}, db.Micros(t.Now()))
		if err != nil {
			return err
		}
		if n == 1 {
			t.row, t.key, t.keyed, t.created = &row{id: id, wrapped: wrapped}, key, true, true
			return nil
		}
	}
	return errs.New(errs.Internal, "error.internal")
}

// Subject is whom the change concerns.
func (t *Tx) Subject() person.ID { return t.row.id }

// Passage is the one that the change is made by.
func (t *Tx) Passage() Passage { return *t.passage }

// State is the subject's state, as changed so far.
func (t *Tx) State() policy.State { return t.row.state }

func (t *Tx) open() error {
	if t.keyed {
		return nil
	}
	key, err := t.k.keys.Unwrap(int64(t.row.id), t.row.wrapped)
	if err != nil {
		return damaged(err)
	}
	t.key, t.keyed = key, true
	return nil
}

// indexed tells which fields people are found by. One e-mail address or IIN belongs to one subject; a telephone may be a family's.
func indexed(f person.Field) (is, unique bool) {
	switch f {
	case person.IIN:
		return true, true
	case person.Phone:
		return true, false
	}
	return false, false // e-mail: see Claim
}

// named tells whether fields are among the passage's.
func (t *Tx) named(fields ...person.Field) error {
	for _, f := range fields {
		if !t.passage.Fields.Has(f) {
			return errs.New(errs.Internal, "error.internal").With("field", f.String())
		}
	}
	return nil
}

// stamp is an empty cell with who sets it and when.
func (t *Tx) stamp(f person.Field) cell {
	c := cell{field: f, setAt: t.Now(), kind: t.passage.Actor.Kind, actor: t.passage.Actor.ID}
	if c.kind == ledger.BySubject {
		c.actor = 0
	}
	return c
}

// Set stores checked values, each among the passage's fields, and keeps the earlier ones. A value that is held already stays as it is, with who set
// it and when. An e-mail address is stored without being claimed.
func (t *Tx) Set(values ...person.Value) error {
	if err := t.open(); err != nil {
		return err
	}
	for _, v := range values {
		f := v.Field()
		if err := t.named(f); err != nil {
			return err
		}
		old, held := t.cells.find(f)
		if held {
			before, err := t.plain(old)
			if err == nil && before.Reveal() == v.Reveal() {
				continue
			}
			if err == nil {
				err = t.end(old, before, false)
			}
			if err != nil {
				return err
			}
		}
		c := t.stamp(f)
		var err error
		if c.version, err = t.version(f); err != nil {
			return err
		}
		if is, unique := indexed(f); is {
			if free, err := t.index(f, v.Reveal(), unique); err != nil {
				return err
			} else if !free {
				return errs.InvalidFields([]errs.Field{{Name: f.String(), Key: "door.taken." + f.String()}})
			}
		}
		c.sealed = t.key.Seal(c.place(), []byte(v.Reveal()))
		if held {
			*old = c
		} else {
			t.cells = append(t.cells, c)
		}
		t.dirty = true
	}
	slices.SortFunc(t.cells, func(a, b cell) int { return int(a.field) - int(b.field) })
	return nil
}

// Unset removes values, each among the passage's fields; they are kept among the earlier ones.
func (t *Tx) Unset(fields ...person.Field) error {
	if err := t.named(fields...); err != nil {
		return err
	}
	for _, f := range fields {
		c, held := t.cells.find(f)
		if !held {
			continue
		}
		before, err := t.plain(c)
		if err == nil {
			err = t.end(c, before, true)
		}
		if err != nil {
			return err
		}
		t.cells = t.cells.without(f)
		t.dirty = true
	}
	return nil
}

// Value opens a field inside of the change; it must be among the passage's fields.
func (t *Tx) Value(f person.Field) (person.Value, error) {
	if err := t.named(f); err != nil {
		return person.Value{}, err
	}
	c, held := t.cells.find(f)
	if !held {
		return person.Value{}, nil
	}
	return t.plain(c)
}

func (t *Tx) plain(c *cell) (person.Value, error) {
	if err := t.open(); err != nil {
		return person.Value{}, err
	}
	plain, err := t.key.Open(c.place(), c.sealed)
	if err != nil {
		return person.Value{}, damaged(err)
	}
	return person.Stored(c.field, string(plain)), nil
}

// Claim makes the stored e-mail address the one that finds this subject; false if it finds another.
func (t *Tx) Claim() (bool, error) {
	c, held := t.cells.find(person.Email)
	if !held {
		return false, nil
	}
	v, err := t.plain(c)
	if err != nil {
		return false, err
	}
	return t.index(person.Email, v.Reveal(), true)
}

// Unclaim lets the stored e-mail address go, if it finds this subject.
func (t *Tx) Unclaim() error {
	c, held := t.cells.find(person.Email)
	if !held {
		return nil
	}
	v, err := t.plain(c)
	if err != nil {
		return err
	}
	return t.unindex(v)
}

// index makes a value find this subject; false where it is another's. Whoever has guessed enough is not told.
func (t *Tx) index(f person.Field, plain string, unique bool) (free bool, err error) {
	slot := int64(0)
	if !unique {
		slot = int64(t.row.id)
	} else if enough, err := t.k.spent(t.Tx, t.passage.Actor.ID, t.ceiling); err != nil {
		return false, err
	} else if enough {
		t.stopped = braked(t.Tx)
		return false, t.stopped
	}
	ix := t.k.blind(f, plain)
	n, err := t.Exec("INSERT INTO blind_index (ix, slot, subject) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", ix, slot, t.row.id)
	if err != nil || n == 1 {
		return err == nil, err
	}
	var owner person.ID
	if _, err := t.Get([]any{&owner}, "SELECT subject FROM blind_index WHERE ix = $1 AND slot = $2", ix, slot); err != nil {
		return false, err
	}
	if owner == t.row.id {
		return true, nil
	}
	t.taken |= person.Set(f)
	t.guesses = append(t.guesses, t.k.guess(t.Tx, t.passage.Actor.ID, person.Stored(f, plain)))
	return false, nil
}

func (t *Tx) unindex(v person.Value) error {
	_, err := t.Exec("DELETE FROM blind_index WHERE ix = $1 AND subject = $2", t.k.blind(v.Field(), v.Reveal()), t.row.id)
	return err
}

func (k *Keeper) blind(f person.Field, plain string) []byte {
	return k.keys.Index(uint8(f), person.Canonical(f, plain))
}

// SetConsent moves the subject to where they stand towards the edition in force. The proof of it is the caller's, in the same transaction.
func (t *Tx) SetConsent(c policy.Consent) {
	t.row.state.Consent = c
	t.dirty = true
}

// Restrict blocks the subject's data from the commit on, or lifts the block (6.2.4).
func (t *Tx) Restrict(on bool) {
	t.row.state.Restricted = on
	t.dirty = true
}

// Erase destroys the subject's key and look-ups, and with them every value that was sealed (5.1). What other packages keep of the
// subject goes in the same transaction.
func (t *Tx) Erase() error {
	for i := range t.cells {
		c := &t.cells[i]
		if is, _ := indexed(c.field); is || c.field == person.Email {
			v, err := t.plain(c)
			if err == nil {
				err = t.unindex(v)
			}
			if err != nil {
				return err
			}
		}
	}
	if _, err := t.Exec("DELETE FROM subject_past WHERE subject = $1", t.row.id); err != nil {
		return err
	}
	for _, fn := range t.k.onErase {
		if err := fn(t.Tx, t.row.id); err != nil {
			return err
		}
	}
	t.cells, t.row.wrapped, t.row.state.Erased, t.dirty = nil, nil, true, true
	return nil
}

func (t *Tx) flush() error {
	if !t.dirty {
		return nil
	}
	n, err := t.Exec("UPDATE subject SET consent = $1, restricted = $2, erased = $3, wrapped = $4, cells = $5 WHERE id = $6",
		int64(t.row.state.Consent), db.Bit(t.row.state.Restricted), db.Bit(t.row.state.Erased), t.row.wrapped, t.cells.encode(), t.row.id)
	if err == nil && n != 1 {
		err = errs.New(errs.Internal, "error.internal")
	}
	return err
}

// Aside is a value sealed under a subject's key in another package's table.
type Aside struct {
	Table  string
	Field  person.Field
	Row    int64
	Sealed []byte
}

func (a *Aside) place() seal.Place {
	return seal.Place{Table: a.Table, Field: uint8(a.Field), Row: a.Row, Version: 1}
}

// SealAside seals a value for a row of another package's table; its field must be among the passage's.
func (t *Tx) SealAside(table string, rowID int64, v person.Value) ([]byte, error) {
	if err := t.named(v.Field()); err != nil {
		return nil, err
	}
	if err := t.open(); err != nil {
		return nil, err
	}
	a := Aside{Table: table, Field: v.Field(), Row: rowID}
	return t.key.Seal(a.place(), []byte(v.Reveal())), nil
}

// OpenAside opens what SealAside sealed, inside of a change.
func (t *Tx) OpenAside(a Aside) (person.Value, error) {
	if err := t.named(a.Field); err != nil {
		return person.Value{}, err
	}
	if err := t.open(); err != nil {
		return person.Value{}, err
	}
	return openAside(t.key, a)
}

func openAside(key seal.Key, a Aside) (person.Value, error) {
	plain, err := key.Open(a.place(), a.Sealed)
	if err != nil {
		return person.Value{}, damaged(err)
	}
	return person.Stored(a.Field, string(plain)), nil
}

// ReadAside opens values that stand in another package's table, after the same decision and entry as Read.
func (k *Keeper) ReadAside(ctx context.Context, p Passage, as []Aside) ([]person.Value, error) {
	r, err := k.passOne(ctx, &p)
	if err != nil {
		return nil, err
	}
	row := r.people[0].row
	key, err := k.keys.Unwrap(int64(row.id), row.wrapped)
	if err != nil {
		return nil, damaged(err)
	}
	out := make([]person.Value, len(as))
	for i, a := range as {
		if !p.Fields.Has(a.Field) {
			return nil, errs.New(errs.Internal, "error.internal").With("field", a.Field.String())
		}
		if out[i], err = openAside(key, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}
