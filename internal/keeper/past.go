package keeper

import (
	"context"
	"errors"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/seal"
)

// Past is a value of the profile that was replaced or removed (6.1.2): what it was, who set it and when, and who ended it and when.
type Past struct {
	Held
	EndedAt   time.Time
	EndedKind ledger.ActorKind
	EndedBy   person.ID
}

// pastTable is part of each value's place: what is over does not open as what holds, even in the row of its own person and version.
const pastTable = "subject_past"

func pastPlace(f person.Field, version uint64) seal.Place {
	return seal.Place{Table: pastTable, Field: uint8(f), Version: version}
}

// keptWhenOver are the fields whose earlier values are kept: the profile. A second factor that was replaced is gone.
var keptWhenOver = person.Set(person.Profile...)

// version is what a cell that is set now gets: one more than the field ever had, so that no two values share a place, and an old one does not open
// as what holds.
func (t *Tx) version(f person.Field) (uint64, error) {
	if c, held := t.cells.find(f); held {
		return c.version + 1, nil
	}
	if t.created {
		return 1, nil
	}
	var last uint64
	_, err := t.Get([]any{&last}, "SELECT COALESCE(MAX(version), 0) FROM subject_past WHERE subject = $1 AND field = $2", t.row.id, int64(f))
	return last + 1, err
}

// end keeps a value that is about to be replaced or removed; it finds nobody any more. Where the value is not kept, its version is, once nothing else
// tells it: a row without a value.
func (t *Tx) end(c *cell, v person.Value, removed bool) error {
	if is, _ := indexed(c.field); is {
		if err := t.unindex(v); err != nil {
			return err
		}
	}
	kept, err := t.k.keepsPast(t.Now())
	if err != nil {
		return err
	}
	sealed := []byte{}
	switch {
	case kept && keptWhenOver.Has(c.field):
		sealed = t.key.Seal(pastPlace(c.field, c.version), []byte(v.Reveal()))
	case !removed:
		return nil
	}
	by := t.stamp(c.field)
	_, err = t.Exec(`INSERT INTO subject_past (subject, field, version, set_at, set_kind, set_by, ended_at, ended_kind, ended_by, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, t.row.id, int64(c.field), int64(c.version), db.Micros(c.setAt), int64(c.kind), c.actor,
		db.Micros(by.setAt), int64(by.kind), by.actor, sealed)
	return err
}

// keepsPast tells whether the rules in force know of earlier values: under those that don't nobody could see or destroy them, so none are kept.
func (k *Keeper) keepsPast(now time.Time) (bool, error) {
	ed, err := k.editions.InForce(now)
	if err != nil {
		return false, err
	}
	_, dec := ed.Edition.Rules.DecideRoles(ownRoles, policy.Request{Own: true, Operation: policy.Access, Purpose: policy.Personalise,
		Fields: person.Set(person.Past), State: policy.State{Consent: policy.ConsentGiven}})
	return dec.Allowed, nil
}

// Forget destroys the earlier values of a field; NotFound where there are none. The field must be among the passage's, and person.Past with it.
func (t *Tx) Forget(f person.Field) error {
	if err := t.named(f, person.Past); err != nil {
		return err
	}
	var values, last int64
	if _, err := t.Get([]any{&values, &last}, `SELECT COUNT(CASE WHEN length(sealed) > 0 THEN 1 END), COALESCE(MAX(version), 0) FROM subject_past
		WHERE subject = $1 AND field = $2`, t.row.id, int64(f)); err != nil {
		return err
	}
	if values == 0 {
		return errs.New(errs.NotFound, "door.nopast")
	}
	if _, held := t.cells.find(f); held {
		last++ // the version is with the value that holds
	}
	if _, err := t.Exec("DELETE FROM subject_past WHERE subject = $1 AND field = $2 AND version < $3", t.row.id, int64(f), last); err != nil {
		return err
	}
	_, err := t.Exec("UPDATE subject_past SET sealed = $1 WHERE subject = $2 AND field = $3", []byte{}, t.row.id, int64(f))
	return err
}

// May gives those of a passage's fields that the rules would open now, each by itself. It opens nothing and is no passage: so a page offers only
// what it can show.
func (k *Keeper) May(ctx context.Context, p Passage) (person.Fields, error) {
	s, err := k.Standing(ctx, p.Subject)
	if err != nil {
		return 0, err
	}
	return s.May(p)
}

// Standing is how a subject stands, read once for several questions.
type Standing struct {
	k       *Keeper
	subject person.ID
	policy.State
}

// Standing is State, to ask it what the rules would open.
func (k *Keeper) Standing(ctx context.Context, subject person.ID) (Standing, error) {
	r, err := k.row(k.reads(ctx), "", subject)
	if err != nil {
		return Standing{}, err
	}
	return Standing{k, subject, r.state}, nil
}

// May is Keeper.May, of a passage to the same subject.
func (s Standing) May(p Passage) (person.Fields, error) {
	_, dec, err := s.k.decide(&p, s.subject, s.State)
	return p.Fields &^ dec.Denied, err
}

// Ended counts the earlier values of each field. It opens nothing and is no passage.
func (k *Keeper) Ended(ctx context.Context, subject person.ID) (map[person.Field]int, error) {
	rows, err := k.reads(ctx)("SELECT field, COUNT(*) FROM subject_past WHERE subject = $1 AND length(sealed) > 0 GROUP BY field", subject)
	if err != nil {
		return nil, err
	}
	out := map[person.Field]int{}
	err = db.Each(rows, func(scan func(...any) error) error {
		var f person.Field
		var n int
		err := scan(&f, &n)
		out[f] = n
		return err
	})
	return out, err
}

// pair is a cell that is over, and who ended it when.
type pair struct{ was, by cell }

// past opens the earlier values of those of the fields that belong to a record, newest first.
func (k *Keeper) past(ctx context.Context, r *row, fields person.Fields) ([]Past, error) {
	rows, err := k.reads(ctx)(`SELECT field, version, set_at, set_kind, set_by, ended_at, ended_kind, ended_by, sealed FROM subject_past
		WHERE subject = $1 AND length(sealed) > 0 ORDER BY field, version DESC`, r.id)
	if err != nil {
		return nil, err
	}
	holding, err := decodeCells(r.cells)
	if err != nil {
		return nil, errors.Join(damaged(err), rows.Close())
	}
	var over []pair
	err = db.Each(rows, func(scan func(...any) error) error {
		var x pair
		var set, ended int64
		err := scan(&x.was.field, &x.was.version, &set, &x.was.kind, &x.was.actor, &ended, &x.by.kind, &x.by.actor, &x.was.sealed)
		if fields.Has(x.was.field) {
			x.was.setAt, x.by.setAt = db.Time(set), db.Time(ended)
			over = append(over, x)
		}
		return err
	})
	if err != nil || len(over) == 0 {
		return nil, err
	}
	key, err := k.keys.Unwrap(int64(r.id), r.wrapped)
	if err != nil {
		return nil, damaged(err)
	}
	out := make([]Past, 0, len(over))
	for _, x := range over {
		plain, err := key.Open(pastPlace(x.was.field, x.was.version), x.was.sealed)
		if err != nil {
			return nil, damaged(err)
		}
		// What ended after the passage was decided still held then.
		if now, held := holding.find(x.was.field); !held || x.was.version < now.version {
			out = append(out, Past{Held: x.was.held(r.id, plain), EndedAt: x.by.setAt, EndedKind: x.by.kind, EndedBy: x.by.by(r.id)})
		}
	}
	return out, nil
}
