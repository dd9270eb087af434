package policy

import (
	"math/bits"
	"slices"
	"strings"

	"ustaz/internal/person"
)

// Row is one line of an edition shown as a table: what a role may do for a purpose, about a person who has agreed and is
// not blocked; the subject about themselves, all others about others.
type Row struct {
	Role      Role
	Purpose   Purpose
	Operation Operation
	Fields    person.Fields
	Bare      bool // also without opening a field
	Case      bool // only within a case
}

// Matrix is everything that the rules permit, by role, purpose and operation. What needs a case and what does not stand
// in rows of their own.
func (r *Rules) Matrix() []Row {
	var rows []Row
	for _, role := range Roles {
		for _, purpose := range Purposes {
			for _, op := range Operations {
				q := plain(role, op, purpose)
				within := r.reach[role]()[purpose][op]
				q.Case = false
				without := r.permitted(q)
				for _, row := range []Row{{Fields: without}, {Fields: within &^ without, Case: true}} {
					if row.Fields == 0 {
						continue
					}
					row.Role, row.Purpose, row.Operation = role, purpose, op
					row.Bare, row.Fields = row.Fields.Has(bare), row.Fields&^bareAct
					rows = append(rows, row)
				}
			}
		}
	}
	return rows
}

// Situations is a set of the situations in which a change of the rules shows.
type Situations uint8

const (
	Ordinary   Situations = 1 << iota // a person who has agreed, within a case; the subject about themselves, others about others
	Caseless                          // no case is named
	Crossed                           // the subject about another, somebody else about themselves
	NeverAsked                        // no consent yet
	Declined
	Withdrawn
	Blocked // 6.2.4, whatever the consent
	Erased  // 5.1, whatever else
)

var situationNames = [...]string{"ordinary", "caseless", "crossed", "never_asked", "declined", "withdrawn", "blocked", "erased"}

// Has tells whether one of t is in s.
func (s Situations) Has(t Situations) bool { return s&t != 0 }

// Names lists the situations as in the message keys policy.situation.….
func (s Situations) Names() []string {
	var names []string
	for i, name := range situationNames {
		if s.Has(1 << i) {
			names = append(names, name)
		}
	}
	return names
}

// situation is the one that stands for the context of q: the gravest of what is special in it.
func (q Request) situation() Situations {
	switch {
	case q.State.Erased:
		return Erased
	case q.State.Restricted:
		return Blocked
	case q.State.Consent == ConsentNone:
		return NeverAsked
	case q.State.Consent == ConsentDeclined:
		return Declined
	case q.State.Consent == ConsentWithdrawn:
		return Withdrawn
	case q.Own != (q.Role == Self):
		return Crossed
	case !q.Case:
		return Caseless
	}
	return Ordinary
}

// RuleChange is one thing that a role gains or loses from one edition to another.
type RuleChange struct {
	Role       Role
	Gains      bool // else loses
	Fields     person.Fields
	Bare       bool // the act without opening a field
	Purposes   []Purpose
	Operations []Operation
	Where      Situations
}

// String is for commands and logs: "support loses phone under 4.1.3 (retrieval)".
func (c RuleChange) String() string {
	verb := " loses "
	if c.Gains {
		verb = " gains "
	}
	what := c.Fields.String()
	if c.Bare {
		what = strings.TrimSuffix("the act,"+what, ",")
	}
	s := c.Role.String() + verb + what + " under " + joined(c.Purposes) + " (" + joined(c.Operations) + ")"
	if c.Where != Ordinary {
		s += " in: " + strings.Join(c.Where.Names(), ",")
	}
	return s
}

func joined[T interface{ String() string }](items []T) string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = item.String()
	}
	return strings.Join(names, ",")
}

// CompareRules lists what changes from a to b, over the whole matrix and in every context: an empty list means that the
// two decide alike. What changes alike for several operations or purposes is one change. The order is that of roles,
// purposes and operations.
func CompareRules(a, b *Rules) []RuleChange {
	var changes []RuleChange
	for _, role := range Roles {
		var ofRole []RuleChange
		for _, purpose := range Purposes {
			for _, op := range Operations {
				ofRole = append(ofRole, differences(a, b, Request{Role: role, Operation: op, Purpose: purpose})...)
			}
		}
		ofRole = merge(ofRole, func(into *RuleChange, c RuleChange) bool {
			fits := into.alike(c) && slices.Equal(into.Purposes, c.Purposes)
			if fits {
				into.Operations = append(into.Operations, c.Operations...)
			}
			return fits
		})
		changes = append(changes, merge(ofRole, func(into *RuleChange, c RuleChange) bool {
			fits := into.alike(c) && slices.Equal(into.Operations, c.Operations)
			if fits {
				into.Purposes = append(into.Purposes, c.Purposes...)
			}
			return fits
		})...)
	}
	return changes
}

// differences for one role, operation and purpose in all contexts.
func differences(a, b *Rules, q Request) []RuleChange {
	if a.cases[q.Role][q.Operation][q.Purpose].same(b.cases[q.Role][q.Operation][q.Purpose]) {
		return nil
	}
	var lost, gained [len(situationNames)]person.Fields
	for q := range everyContext(q) {
		before, after := a.permitted(q), b.permitted(q)
		i := bits.TrailingZeros8(uint8(q.situation()))
		lost[i] |= before &^ after
		gained[i] |= after &^ before
	}
	change := RuleChange{Role: q.Role, Purposes: []Purpose{q.Purpose}, Operations: []Operation{q.Operation}}
	changes := change.spread(lost)
	change.Gains = true
	return append(changes, change.spread(gained)...)
}

// spread gives one change like c for the slots that share their situations.
func (c RuleChange) spread(in [len(situationNames)]person.Fields) []RuleChange {
	var changes []RuleChange
	for _, f := range slots {
		one := c
		for i, fields := range in {
			if fields.Has(f) {
				one.Where |= 1 << i
			}
		}
		if one.Where == 0 {
			continue
		}
		one.Bare, one.Fields = f == bare, person.Set(f)&^bareAct
		changes = append(changes, one)
	}
	return merge(changes, func(into *RuleChange, c RuleChange) bool {
		fits := into.Where == c.Where
		if fits {
			into.Bare, into.Fields = into.Bare || c.Bare, into.Fields|c.Fields
		}
		return fits
	})
}

// alike tells whether two changes of a role differ in nothing but purposes and operations.
func (c RuleChange) alike(d RuleChange) bool {
	return c.Gains == d.Gains && c.Fields == d.Fields && c.Bare == d.Bare && c.Where == d.Where
}

// merge puts each change into the first before it that takes it.
func merge(changes []RuleChange, take func(into *RuleChange, c RuleChange) bool) []RuleChange {
	var out []RuleChange
next:
	for _, c := range changes {
		for i := range out {
			if take(&out[i], c) {
				continue next
			}
		}
		out = append(out, c)
	}
	return out
}
