package policy

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cedar-policy/cedar-go"

	"ustaz/internal/person"
)

// consented is the state of an ordinary person.
var consented = State{Consent: ConsentGiven}

// TestAllOrNothingStepByStep goes through every set of fields at every answer there is: a set is allowed exactly if each of its
// fields is. A test of single bits, or of any bit, would let a weak role open more than it may.
func TestAllOrNothingStepByStep(t *testing.T) {
	r := defaults(t)
	for _, role := range Roles {
		for q := range everyRequest(role) {
			r.Decide(q)
		}
	}
	if n := len(r.cells.same); n < 100 || n > 1000 {
		t.Errorf("%d different answers in the matrix; expected a few hundred, shared", n)
	}
	for _, c := range r.cells.same {
		for set := person.Fields(0); set <= everySlot; set += 2 {
			asked, denied := set, person.Fields(0)
			if asked == 0 {
				asked = act
			}
			for _, f := range slots {
				if asked.Has(f) && !c.allowed.Has(f) {
					denied |= person.Set(f)
				}
			}
			d := c.decide(set)
			switch {
			case d.Allowed != (denied == 0),
				d.Allowed && (d.Fields != set || d.Denied != 0 || d.Key != ""),
				!d.Allowed && (d.Fields != 0 || d.Denied != denied&^act || d.Key == ""):
				t.Fatalf("set %s of %+v: %+v", set, c, d)
			}
			if set.Len() > 3 {
				continue // three fields have met every two clauses
			}
			var clauses []string
			for _, f := range slots {
				if denied.Has(f) || denied == 0 && asked.Has(f) {
					clauses = append(clauses, c.of(f).clauses...)
				}
			}
			if !sameSet(d.Clauses, clauses) {
				t.Fatalf("set %s of %+v: %+v, want clauses %v", set, c, d, clauses)
			}
		}
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return len(a) > 0 && len(slices.Compact(slices.Clone(a))) == len(a) && slices.Equal(a, slices.Compact(b))
}

func TestDecide(t *testing.T) {
	r := defaults(t)
	mail, iin := person.Set(person.Email), person.Set(person.IIN)
	for name, c := range map[string]struct {
		q    Request
		want Decision
	}{
		"support answers a ticket": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Support, Fields: letter, State: consented, Case: true},
			Decision{Allowed: true, Fields: letter, Clauses: []string{"4.1.7"}}},
		"one field too many refuses all": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Feedback, Fields: mail | iin, State: consented, Case: true},
			Decision{Denied: iin, Key: "policy.refused.field", Clauses: []string{"4.1.3", "6.2.1"}}},
		"a missing case is told if it is all that is missing": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Support, Fields: letter, State: consented},
			Decision{Denied: letter, Key: "policy.refused.case", Clauses: []string{"1.1.4"}}},
		"the hardest hindrance goes first": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Support, Fields: mail | iin, State: consented},
			Decision{Denied: mail | iin, Key: "policy.refused.field", Clauses: []string{"4.1.7", "6.2.1", "1.1.4"}}},
		"blocking shuts the door": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Support, Fields: letter, State: State{Consent: ConsentGiven, Restricted: true}, Case: true},
			Decision{Denied: letter, Key: "policy.refused.restricted", Clauses: []string{"6.2.4"}}},
		"blocked and declined: both clauses": {
			Request{Role: Officer, Operation: Provision, Purpose: Transfer, Fields: mail, State: State{Consent: ConsentDeclined, Restricted: true}, Case: true},
			Decision{Denied: mail, Key: "policy.refused.restricted", Clauses: []string{"6.2.4", "2.2"}}},
		"the state is not told to those who may not pass anyway": {
			Request{Role: Admin, Operation: Retrieval, Purpose: Support, Fields: mail, State: State{Consent: ConsentWithdrawn, Restricted: true}, Case: true},
			Decision{Denied: mail, Key: "policy.refused.role", Clauses: []string{"1.1.4"}}},
		"the state of another is not told to a user": {
			Request{Role: Self, Operation: Access, Purpose: Personalise, Fields: mail, State: State{Consent: ConsentGiven, Restricted: true}},
			Decision{Denied: mail, Key: "policy.refused.own", Clauses: []string{"1.1.4"}}},
		"support finds by IIN": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Identify, State: consented, Case: true},
			Decision{Allowed: true, Clauses: []string{"4.1.1"}}},
		"and does not read it": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Identify, Fields: iin, State: consented, Case: true},
			Decision{Denied: iin, Key: "policy.refused.field", Clauses: []string{"4.1.1", "6.2.1"}}},
		"an act without a field is refused without one": {
			Request{Role: Reader, Operation: Blocking, Purpose: Restriction, State: consented, Case: true},
			Decision{Key: "policy.refused.purpose", Clauses: []string{"6.2.1"}}},
		"registration": {
			Request{Role: Self, Own: true, Operation: Recording, Purpose: Verify, Fields: letter},
			Decision{Allowed: true, Fields: letter, Clauses: []string{"4.1.5"}}},
		"no more than that before consent": {
			Request{Role: Self, Own: true, Operation: Recording, Purpose: Verify, Fields: letter | iin},
			Decision{Denied: iin, Key: "policy.refused.consent", Clauses: []string{"2.2"}}},
		"export after declining": {
			Request{Role: Self, Own: true, Operation: Access, Purpose: Personalise, Fields: profile, State: State{Consent: ConsentDeclined}},
			Decision{Allowed: true, Fields: profile, Clauses: []string{"4.1.2"}}},
		"no such role": {
			Request{Role: 99, Operation: Retrieval, Purpose: Support, Fields: mail, State: consented},
			Decision{Denied: mail, Key: "policy.refused.role", Clauses: []string{"1.1.4"}}},
		"no such operation": {
			Request{Role: Officer, Purpose: Support, Fields: mail, State: consented},
			Decision{Denied: mail, Key: "policy.refused.operation", Clauses: []string{"1.1.3"}}},
		"no purpose": {
			Request{Role: Officer, Operation: Retrieval, Fields: mail, State: consented, Case: true},
			Decision{Denied: mail, Key: "policy.refused.purpose", Clauses: []string{"6.2.1"}}},
		"no such field": {
			Request{Role: Officer, Operation: Retrieval, Purpose: Verify, Fields: mail | 1<<20, State: consented, Case: true},
			Decision{Denied: mail | 1<<20, Key: "policy.refused.field", Clauses: []string{"3.2"}}},
		"no such consent": {
			Request{Role: Officer, Operation: Retrieval, Purpose: Verify, Fields: mail, State: State{Consent: 5}, Case: true},
			Decision{Denied: mail, Key: "policy.refused.consent", Clauses: []string{"2.2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // worked out, then remembered
				if got := r.Decide(c.q); !equal(got, c.want) {
					t.Errorf("%+v\n got %+v\nwant %+v", c.q, got, c.want)
				}
			}
		})
	}
}

func TestDecideRoles(t *testing.T) {
	r := defaults(t)
	q := Request{Operation: Retrieval, Purpose: Support, Fields: person.Set(person.Email), State: consented, Case: true}
	for name, c := range map[string]struct {
		roles []Role
		case_ bool
		role  Role
		key   string
	}{
		"the first that may":        {[]Role{Admin, SupportR, Reader}, true, SupportR, ""},
		"a missing case tells most": {[]Role{Admin, SupportR, Officer}, false, SupportR, "policy.refused.case"},
		"then a wrong field":        {[]Role{Admin, Officer, Editor}, true, Officer, "policy.refused.field"},
		"then a wrong purpose":      {[]Role{Admin, Tutor}, true, Tutor, "policy.refused.purpose"},
		"one that opens nothing":    {[]Role{Admin}, true, Admin, "policy.refused.role"},
		"none":                      {nil, true, 0, "policy.refused.role"},
	} {
		t.Run(name, func(t *testing.T) {
			q := q
			q.Case = c.case_
			if role, d := r.DecideRoles(c.roles, q); role != c.role || d.Key != c.key || d.Allowed != (c.key == "") || len(d.Clauses) == 0 {
				t.Errorf("got %s, %+v", role, d)
			}
		})
	}
}

// TestDecideOtherRules has rules that the product's edition has none of.
func TestDecideOtherRules(t *testing.T) {
	const base = `@id("reads") @clause("4.1.7")
		permit (principal == Role::"support", action == Action::"retrieval", resource in Part::"profile")
		when { context.purpose == Purpose::"4.1.7" };`
	plainQuery := Request{Role: SupportR, Operation: Retrieval, Purpose: Support, Fields: person.Set(person.IIN), State: consented, Case: true}
	with := func(change func(*Request)) Request {
		q := plainQuery
		change(&q)
		return q
	}
	for name, c := range map[string]struct {
		rules   string
		q       Request
		key     string
		clauses []string
	}{
		"a forbid for everybody names its clause": {
			base + `@id("no-iin") @clause("3.2.3") @refused("field") forbid (principal, action, resource == Field::"iin");`,
			plainQuery, "policy.refused.field", []string{"3.2.3"}},
		"a permit that depends on the state": {
			strings.Replace(base, "};", `&& !context.restricted };`, 1),
			with(func(q *Request) { q.State.Restricted = true }), "policy.refused.state", []string{"1.1.4"}},
		"a permit for others only": {
			strings.Replace(base, "};", `&& !context.own };`, 1),
			with(func(q *Request) { q.Own = true }), "policy.refused.own", []string{"1.1.4"}},
		"what no rule mentions": {
			base, with(func(q *Request) { q.Role = Officer }), "policy.refused.role", []string{"1.1.4"}},
		"the purpose's clause goes before others": {
			`@id("updates") @clause("6.1.2") permit (principal, action, resource) when { context.case };` + base,
			plainQuery, "", []string{"4.1.7", "6.1.2"}},
		"a registrar is a reader": {
			`@id("system") @clause("4.1.7") permit (principal in Role::"reader", action, resource);`,
			with(func(q *Request) { q.Role = Registrar }), "", []string{"4.1.7"}},
		"a reader is no registrar": {
			`@id("system") @clause("4.1.7") permit (principal in Role::"registrar", action, resource);`,
			with(func(q *Request) { q.Role = Reader }), "policy.refused.role", []string{"1.1.4"}},
		"a permit narrowed by type": {
			`@id("all") @clause("4.1.7") permit (principal is Role in Role::"support", action in [Action::"retrieval"], resource is Field);`,
			plainQuery, "", []string{"4.1.7"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := rules(t, c.rules).Decide(c.q)
			if d.Key != c.key || d.Allowed != (c.key == "") || !slices.Equal(d.Clauses, c.clauses) {
				t.Errorf("got %+v, want %q by %v", d, c.key, c.clauses)
			}
		})
	}
}

// TestScopes: slicing looks at scopes as Cedar does, for every way to write one.
func TestScopes(t *testing.T) {
	for _, principal := range []string{`principal`, `principal is Role`, `principal == Role::"support"`, `principal in Role::"support"`,
		`principal in Role::"reader"`, `principal is Role in Role::"reader"`, `principal == Role::"reader"`, `principal in Role::"registrar"`} {
		for _, action := range []string{`action`, `action == Action::"use"`, `action in Action::"use"`, `action in [Action::"use", Action::"access"]`} {
			text := `permit (` + principal + `, ` + action + `, resource);`
			var whole cedar.Policy
			if err := whole.UnmarshalCedar([]byte(text)); err != nil {
				t.Fatal(err)
			}
			r := rules(t, `@id("scope") @clause("4.1.7") `+text)
			for _, role := range Roles {
				for _, op := range Operations {
					q := plain(role, op, Support)
					ask := q.cedar()
					ask.Resource = fieldUID(bare)
					want, _ := cedar.Authorize(cedar.PolicyMap{"whole": &whole}, entities(), ask)
					if got := r.Decide(q).Allowed; got != (want == cedar.Allow) {
						t.Errorf("%s for %s, %s: %v", text, role, op, got)
					}
				}
			}
		}
	}
}

// TestDecideTogether: many callers at a rule set that nobody has asked yet get what one caller gets.
func TestDecideTogether(t *testing.T) {
	alone, shared := defaults(t), defaults(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for q := range everyRequest(SupportR) {
				if q.Operation != Retrieval {
					continue
				}
				q.Fields = letter
				if got, want := shared.Decide(q), alone.Decide(q); !equal(got, want) {
					t.Errorf("%+v: got %+v, want %+v", q, got, want)
					return
				}
			}
		})
	}
	wait.Wait()
}

// TestDecisionsAreSealed: appending to a decision's clauses leaves the next decision as it was.
func TestDecisionsAreSealed(t *testing.T) {
	r := defaults(t)
	q := Request{Role: SupportR, Operation: Retrieval, Purpose: Support, Fields: letter, State: consented, Case: true}
	_ = append(r.Decide(q).Clauses, "9.9")
	if d := r.Decide(q); !slices.Equal(d.Clauses, []string{"4.1.7"}) || cap(d.Clauses) != len(d.Clauses) {
		t.Errorf("clauses %v of %d", d.Clauses, cap(d.Clauses))
	}
}

func FuzzDecide(f *testing.F) {
	f.Add(uint8(SupportR), uint8(Retrieval), uint8(Support), uint32(letter), uint8(ConsentGiven), uint8(8))
	f.Add(uint8(Self), uint8(Recording), uint8(Verify), uint32(16383), uint8(0), uint8(4))
	f.Add(uint8(0), uint8(200), uint8(15), uint32(1), uint8(4), uint8(255))
	r := defaults(f)
	f.Fuzz(func(t *testing.T, role, op, purpose uint8, fields uint32, consent, bits uint8) {
		q := Request{Role: Role(role), Operation: Operation(op), Purpose: Purpose(purpose), Fields: person.Fields(fields),
			State: State{Consent: Consent(consent), Restricted: bits&1 != 0, Erased: bits&2 != 0}, Own: bits&4 != 0, Case: bits&8 != 0}
		d := r.Decide(q)
		each := true
		for _, line := range r.Explain(q) {
			each = each && line.Allowed
		}
		if d.Allowed != each || d.Allowed != (d.Key == "") || len(d.Clauses) == 0 ||
			d.Allowed && (d.Fields != q.Fields || d.Denied != 0) || !d.Allowed && d.Fields != 0 || !d.Denied.Within(q.Fields) {
			t.Errorf("%+v: %+v, each by itself %v", q, d, each)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	q := Request{Role: SupportR, Operation: Retrieval, Purpose: Support, State: consented, Case: true}
	for name, fields := range map[string]person.Fields{"one": person.Set(person.Email), "three": letter, "refused": person.Set(person.Email, person.IIN)} {
		q.Fields = fields
		b.Run(name, func(b *testing.B) {
			r := defaults(b)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if d := r.Decide(q); d.Clauses == nil {
						b.Fail()
					}
				}
			})
		})
	}
	b.Run("first", func(b *testing.B) {
		r := defaults(b)
		b.ReportAllocs()
		for b.Loop() {
			r.memo[q.index()].Store(nil)
			r.Decide(q)
		}
	})
}
