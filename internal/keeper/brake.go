package keeper

import (
	"encoding/binary"
	"slices"
	"strconv"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// The reading brake (5.4, copying) bounds of how many people an actor learns something in an hour. For a member of staff each person read
// counts, once. So does a guess: an address, telephone or IIN that nobody was found by, or that a change was refused for because it is
// another's. Whoever could guess without end would learn who is known here. For a subject and an outside system guesses alone count.

// ceiling is what an actor who acts in a role may learn in an hour; 0 is without end.
func (k *Keeper) ceiling(kind ledger.ActorKind, e *ledger.Entry) int {
	if kind == ledger.ByStaff {
		if slices.Contains(unbraked, e.Operation) {
			return 0
		}
		return k.brake[e.Role]
	}
	return k.guesses[e.Role]
}

// unbraked are the operations by which the program answers an authority (5.2, 5.3). The brake is against people who look at more people than
// their work needs; here nobody looks. Who is in a disclosure was named or described beforehand and approved by a second officer; what is
// opened leaves only encrypted to the recipient, or as counts; everybody in it is told. Counted, every disclosure of more people than an
// officer may read in an hour would be stopped, and officers would be given a higher brake for all they do. These operations and no others:
// a screen retrieves, and a test of internal/arch holds that internal/disclosure alone asks for these.
var unbraked = []policy.Operation{policy.Provision, policy.Systematising, policy.Depersonalisation}

const hourSeconds = 3600

func hourOf(t *db.Tx) int64 { return t.Now().Unix() / hourSeconds }

// guess is what stands for a value in the count of an actor's hour, where a person has their id. It is a keyed hash of all three, so the
// same guess counts once, and two hours or two actors have nothing in common.
func (k *Keeper) guess(t *db.Tx, actor person.ID, v person.Value) person.ID {
	var who [16]byte
	binary.BigEndian.PutUint64(who[:8], uint64(actor))
	binary.BigEndian.PutUint64(who[8:], uint64(hourOf(t)))
	h := k.Mac("brake", who[:], k.blind(v.Field(), v.Reveal()))
	return -1 - person.ID(binary.BigEndian.Uint64(h)>>1) // below zero: nobody's id
}

// spent tells whether an actor has learned all that they may this hour.
func (k *Keeper) spent(t *db.Tx, actor person.ID, ceiling int) (bool, error) {
	if ceiling == 0 {
		return false, nil
	}
	var n int
	_, err := t.Get([]any{&n}, "SELECT count(*) FROM brake WHERE actor = $1 AND hour = $2", actor, hourOf(t))
	return n >= ceiling, err
}

// count adds people and guesses to an actor's hour; false where that is more than they may, and then none of them is counted.
func (k *Keeper) count(t *db.Tx, actor person.ID, ceiling int, learned ...person.ID) (bool, error) {
	if ceiling == 0 || len(learned) == 0 {
		return true, nil
	}
	hour := hourOf(t)
	var added []person.ID
	for _, id := range learned {
		n, err := t.Exec("INSERT INTO brake (actor, hour, subject) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", actor, hour, id)
		if err != nil {
			return false, err
		}
		if n == 1 {
			added = append(added, id)
		}
	}
	var n int
	if _, err := t.Get([]any{&n}, "SELECT count(*) FROM brake WHERE actor = $1 AND hour = $2", actor, hour); err != nil || n <= ceiling {
		return err == nil, err
	}
	for _, id := range added {
		if _, err := t.Exec("DELETE FROM brake WHERE actor = $1 AND hour = $2 AND subject = $3", actor, hour, id); err != nil {
			return false, err
		}
	}
	return false, nil
}

// braked is the answer to who has reached their ceiling; it says how long the hour still is.
func braked(t *db.Tx) error {
	left := hourSeconds - t.Now().Unix()%hourSeconds
	return errs.New(errs.TooMany, "door.brake").With("seconds", strconv.FormatInt(left, 10)).By("5.4")
}

// refusedBy makes an entry one of a refusal.
func refusedBy(p *ledger.Pending, clauses ...string) {
	p.Outcome, p.Clauses = ledger.Refused, clauses
}

// takenBy are the clauses of a refusal because a value is another's: those of the data, which are one person's each (3.2.2, 3.2.3), and that
// whoever supplies a value answers for its truth (2.4).
func takenBy(fields person.Fields) []string {
	var out []string
	for _, f := range fields.List() {
		out = append(out, f.Clause())
	}
	return slices.Concat(out, []string{"2.4"})
}
