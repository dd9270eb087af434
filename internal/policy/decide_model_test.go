package policy

import (
	"slices"
	"testing"

	"ustaz/internal/person"
)

// The model says by role what the rules say by clause: plain tables and three sieves, written from the policy's text
// and from what each role needs, not from the Cedar. It is slow and obvious, and knows nothing of memory or slices.

// grant is one thing a role may do.
type grant struct {
	operations []Operation
	purposes   []Purpose
	slots      person.Fields
	case_      bool // only within a case
}

var (
	act       = person.Set(0) // no field
	profile   = person.Set(person.Profile...)
	letter    = person.Set(person.Surname, person.GivenName, person.Email)
	where     = person.Set(person.Device, person.Address)
	written   = person.Set(person.Words, person.File)
	named     = person.Set(person.Surname, person.GivenName)
	earlier   = person.Set(person.Past)
	studied   = person.Set(person.Study)
	counted   = person.Set(person.Place, person.Workplace, person.Position, person.ServiceSince)
	workplace = person.Set(person.Surname, person.GivenName, person.Place, person.Workplace, person.Position)
)

func ops(o ...Operation) []Operation { return o }
func pur(p ...Purpose) []Purpose     { return p }

var readerGrants = []grant{
	{ops(Retrieval), pur(Personalise), act | workplace, true},
	{ops(Retrieval), pur(Feedback), act | workplace | person.Set(person.Email, person.Phone), true},
	{ops(Retrieval), pur(Verify), act | workplace | person.Set(person.IIN), true},
	{ops(Retrieval), pur(Identify), act | person.Set(person.IIN), true},
}

var grants = map[Role][]grant{
	Self: {
		// own data: seen, exported, kept up to date
		{ops(Access, Retrieval), pur(Personalise, Verify), act | profile | earlier, false},
		{ops(Collection, Recording, Refinement, Deletion), pur(Verify), act | profile, false},
		{ops(Deletion), pur(Verify), earlier, false},
		// own part in courses
		{ops(Collection, Recording, Use, Access, Retrieval, Deletion), pur(Personalise), studied, false},
		// courses suggested
		{ops(Use), pur(Personalise), person.Set(person.Place, person.Position, person.ServiceSince), false},
		// own name on a certificate
		{ops(Recording), pur(Personalise), named, true},
		// own second factor, own sessions
		{ops(Collection, Recording, Refinement, Use, Deletion), pur(Identify), person.Set(person.TOTP), false},
		{ops(Collection, Recording), pur(Identify), where, false},
		{ops(Collection, Recording, Access, Retrieval, Deletion), pur(Locate), act | where, false},
		// consent, letters, preferences, applications
		{ops(Recording, Access, Retrieval), pur(Identify, Notify, MadePublic), act, false},
		{ops(Recording, Access, Retrieval), pur(Support), act | person.Set(person.Words, person.File), false},
		{ops(Access, Retrieval), pur(Notify), person.Set(person.Words), false},
		{ops(Recording, Access, Retrieval), pur(Feedback, EndOfUse, Restriction, Permitted), act | written, false},
		{ops(Collection), pur(Feedback), act | letter | written, false},
		{ops(Distribution), pur(MadePublic), act | workplace, false},
		{ops(Recording), pur(Personalise), act, false},
		{ops(Use), pur(Identify), act, false},
		{ops(Deletion), pur(EndOfUse), act, false},
		{ops(Blocking), pur(Restriction), act | written, false},
		{ops(Access, Retrieval), pur(Restriction), profile | earlier | studied, false},
	},
	SupportR: {
		{ops(Retrieval), pur(Support), act | letter | person.Set(person.Phone, person.Words, person.File), true},
		{ops(Recording), pur(Support), act | person.Set(person.Words), true},
		{ops(Retrieval), pur(Feedback), act | letter | person.Set(person.Place, person.Position), true},
		{ops(Retrieval), pur(Identify), act, true},
		{ops(Refinement), pur(Support), person.Set(person.Surname, person.GivenName, person.Phone), true},
	},
	Editor: {
		{ops(Retrieval, Recording), pur(Personalise), studied, true},                // grades answers
		{ops(Retrieval, Recording), pur(Feedback), person.Set(person.Words), true},  // decides applications to courses
		{ops(Retrieval), pur(Support), person.Set(person.Words, person.File), true}, // tickets handed over
		{ops(Recording), pur(Support), act | person.Set(person.Words), true},
	},
	Tutor: {
		{ops(Retrieval, Recording), pur(Personalise), act | named | studied, true}, // leads a group
		{ops(Retrieval, Recording), pur(Feedback), person.Set(person.Words), true},
	},
	Officer: {
		{ops(Retrieval), pur(Identify, Verify, Restriction), act | profile, true},
		{ops(Retrieval), pur(Verify), earlier, true},
		{ops(Refinement), pur(Verify, Restriction), act | profile, true},
		{ops(Retrieval), pur(VisitorStats, Locate), act | where, true},
		{ops(Blocking, Deletion, Destruction), pur(Restriction, EndOfUse), act | profile, true},
		{ops(Recording, Retrieval), pur(Restriction, EndOfUse, Permitted), act | written, true},
		{ops(Blocking), pur(Restriction), written, true},
		{ops(Collection, Retrieval), pur(Feedback), act | letter | written, true},
		{ops(Recording), pur(Feedback), act | written, true},
		{ops(Provision), pur(Transfer, StateBodies), profile, true},
		{ops(Systematising), pur(Transfer, StateBodies), act | counted, true},
		{ops(Depersonalisation), pur(Transfer), act | counted, true},
		{ops(Recording, Retrieval), pur(MadePublic), act, true},
		{ops(Retrieval), pur(Support), person.Set(person.Words, person.File), true},
		{ops(Recording), pur(Support), act | person.Set(person.Words), true},
	},
	Admin: nil,
	Job: {
		{ops(Use), pur(Notify), act | letter, false},
		{ops(Recording, Use), pur(Notify), person.Set(person.Words), false},
		{ops(Use), pur(Identify), act | letter | person.Set(person.TOTP), false},
		{ops(Use), pur(Feedback, Support, EndOfUse, Restriction), act | letter, true},
		{ops(Retrieval, Recording), pur(Identify), act, false},
		{ops(Collection, Recording), pur(Identify), where, false},
		{ops(Collection, Recording, Refinement, Use, Deletion), pur(Locate, VisitorStats), where, false},
		{ops(Destruction), pur(EndOfUse), act | person.Set(person.All...), false},
		{ops(Storage), pur(Identify, EndOfUse), act, false},
		{ops(Retrieval, Recording, Blocking), pur(Restriction), act | written, false},
		{ops(Distribution), pur(MadePublic), act | workplace, false},
		{ops(Access), pur(MadePublic), named, true},
	},
	Reader: readerGrants,
	Registrar: append([]grant{
		{ops(Collection, Recording, Refinement), pur(Personalise, Verify), act | profile, false},
		{ops(Recording), pur(Identify, EndOfUse), act, false},
	}, readerGrants...),
}

// granted is what the tables give, before the sieves.
func granted(q Request) (slots person.Fields) {
	if q.Role == Self && !q.Own {
		return 0
	}
	for _, g := range grants[q.Role] {
		if (q.Case || !g.case_) && slices.Contains(g.operations, q.Operation) && slices.Contains(g.purposes, q.Purpose) {
			slots |= g.slots
		}
	}
	return slots
}

const everySlot = 1<<(person.Study+1) - 1

// leftByErasure, leftByBlocking and leftWithoutConsent are what each state leaves open to a request.
func leftByErasure(q Request) person.Fields {
	if looks := q.Operation == Access || q.Operation == Retrieval; looks && (q.Role == Self || q.Role == Officer) {
		return act
	}
	return 0
}

func leftByBlocking(q Request) person.Fields {
	switch {
	case q.Purpose == Restriction:
		return everySlot
	case q.Role == Officer && q.Purpose == Verify:
		return everySlot
	case q.Role == Self && (q.Purpose == Identify || q.Purpose == Locate):
		return everySlot
	case q.Role == Self && (q.Operation == Access || q.Operation == Retrieval || q.Operation == Recording):
		return act | written
	case q.Role == Job && q.Purpose == Identify:
		return everySlot
	case q.Role == Job && q.Purpose == Locate && (q.Operation == Collection || q.Operation == Recording):
		return everySlot
	case q.Role == Job && q.Operation == Storage:
		return everySlot
	}
	return 0
}

func leftWithoutConsent(q Request) person.Fields {
	collects := q.Operation == Collection || q.Operation == Recording
	var left person.Fields
	if q.Purpose == EndOfUse || q.Purpose == Restriction {
		left |= everySlot
	}
	switch q.Role {
	case Self:
		if q.Operation == Access || q.Operation == Retrieval || q.Purpose == Identify || q.Purpose == Locate {
			left |= everySlot
		}
		if q.Operation == Recording {
			left |= act | written
		}
		if q.State.Consent == ConsentNone && q.Purpose == Feedback && q.Operation == Collection {
			left |= everySlot
		}
		if q.State.Consent == ConsentNone && q.Purpose == Verify && collects {
			left |= act | letter
		}
	case Officer:
		if q.Purpose == Feedback && (q.Operation == Retrieval || q.Operation == Recording ||
			q.State.Consent == ConsentNone && q.Operation == Collection) {
			left |= everySlot
		}
		if q.Purpose == Verify && q.Operation == Refinement {
			left |= act
		}
	case Job:
		if q.Purpose == Identify || q.Purpose == Locate && collects {
			left |= everySlot
		}
	case Registrar:
		if q.Operation == Recording {
			left |= act
		}
		if q.State.Consent == ConsentNone && collects {
			left |= everySlot
		}
	}
	if contact := q.Purpose == Feedback || q.Purpose == Support; contact && q.Case &&
		(q.Role == SupportR && q.Operation == Retrieval || q.Role == Job && q.Operation == Use) {
		left |= act | letter
	}
	return left
}

func modelAllows(q Request) person.Fields {
	slots := granted(q)
	if q.State.Erased {
		slots &= leftByErasure(q)
	}
	if q.State.Restricted {
		slots &= leftByBlocking(q)
	}
	if q.State.Consent != ConsentGiven {
		slots &= leftWithoutConsent(q)
	}
	return slots
}

// modelRefuses explains one slot that modelAllows leaves out.
func modelRefuses(q Request, slot person.Fields) (key string, clauses []string) {
	ideal := q
	ideal.State = State{Consent: ConsentGiven}
	if modelAllows(ideal)&slot != 0 {
		if q.State.Erased && leftByErasure(q)&slot == 0 {
			key, clauses = "erased", append(clauses, "5.1")
		}
		if q.State.Restricted && leftByBlocking(q)&slot == 0 {
			if key == "" {
				key = "restricted"
			}
			clauses = append(clauses, "6.2.4")
		}
		if q.State.Consent != ConsentGiven && leftWithoutConsent(q)&slot == 0 {
			if key == "" {
				key = "consent"
			}
			clauses = append(clauses, "2.2")
		}
		return key, clauses
	}
	ideal.Case = true
	if modelAllows(ideal)&slot != 0 {
		return "case", []string{"1.1.4"}
	}
	ideal.Own = q.Role == Self
	if modelAllows(ideal)&slot != 0 {
		return "own", []string{"1.1.4"}
	}
	gs := grants[q.Role]
	switch {
	case len(gs) == 0:
		return "role", []string{"1.1.4"}
	case !slices.ContainsFunc(gs, func(g grant) bool { return slices.Contains(g.purposes, q.Purpose) }):
		return "purpose", []string{"6.2.1"}
	case granted(ideal) == 0:
		return "operation", []string{q.Purpose.Clause(), "6.2.1"}
	}
	return "field", []string{q.Purpose.Clause(), "6.2.1"}
}

// TestDefaultRulesAreTheModel compares every answer of the closed matrix: role, own, operation, purpose, field, state
// and case, allowed or not, with the clauses and the key of each.
func TestDefaultRulesAreTheModel(t *testing.T) {
	rules := defaults(t)
	for _, role := range Roles {
		t.Run(role.String(), func(t *testing.T) {
			t.Parallel()
			compared := 0
			for q := range everyRequest(role) {
				allowed := modelAllows(q)
				for _, f := range append([]person.Field{0}, person.All...) {
					slot := person.Set(f)
					q.Fields = slot &^ act
					got := rules.Decide(q)
					var want Decision
					if allowed&slot != 0 {
						want = Decision{Allowed: true, Fields: q.Fields, Clauses: []string{q.Purpose.Clause()}}
					} else {
						want.Denied = q.Fields
						want.Key, want.Clauses = modelRefuses(q, slot)
						want.Key = "policy.refused." + want.Key
					}
					if !equal(got, want) {
						t.Fatalf("%+v, field %s:\n got %+v\nwant %+v", q, f, got, want)
					}
					compared++
				}
			}
			if want := 2 * 15 * 14 * 16 * 2 * 17; compared != want {
				t.Errorf("compared %d answers, want all %d", compared, want)
			}
		})
	}
}

// everyRequest gives the requests of a role without their fields.
func everyRequest(role Role) func(yield func(Request) bool) {
	return func(yield func(Request) bool) {
		q := Request{Role: role}
		both := []bool{false, true}
		for _, q.Operation = range Operations {
			for _, q.Purpose = range Purposes {
				for _, q.Own = range both {
					for _, q.Case = range both {
						for _, q.State.Restricted = range both {
							for _, q.State.Erased = range both {
								for q.State.Consent = ConsentNone; q.State.Consent <= ConsentWithdrawn; q.State.Consent++ {
									if !yield(q) {
										return
									}
								}
							}
						}
					}
				}
			}
		}
	}
}

func equal(a, b Decision) bool {
	return a.Allowed == b.Allowed && a.Fields == b.Fields && a.Denied == b.Denied && a.Key == b.Key && slices.Equal(a.Clauses, b.Clauses)
}

func defaults(t testing.TB) *Rules {
	t.Helper()
	return rules(t, DefaultRules())
}

func rules(t testing.TB, text string) *Rules {
	t.Helper()
	r, err := ParseRules(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
