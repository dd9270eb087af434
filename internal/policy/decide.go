package policy

import (
	"iter"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/cedar-policy/cedar-go"

	"ustaz/internal/person"
)

// Request is a passage that somebody wants. It is comparable, and there are finitely many.
type Request struct {
	Role      Role
	Own       bool // the actor is the subject
	Operation Operation
	Purpose   Purpose
	Fields    person.Fields // none: an act on the subject that opens no field (look-up, consent, application, order)
	State     State
	Case      bool // a case is named
}

// Decision is the answer to a Request. Its slices are shared: read them, don't write.
type Decision struct {
	Allowed bool
	Fields  person.Fields // what may be opened: all that was asked for, or nothing
	Denied  person.Fields // of what was asked for, what is refused also by itself
	Clauses []string      // that decided, most telling first
	Key     string        // of the message that explains a refusal: policy.refused.…
}

// refusal is why a request is refused; the later, the nearer it was to being allowed.
type refusal uint8

const (
	notRefused        refusal = iota
	refusedRole               // the role handles no personal data (1.1.4)
	refusedOwn                // another's data, or one's own by an office (1.1.4)
	refusedPurpose            // not a purpose of this role (6.2.1)
	refusedOperation          // the role's purpose does not need the operation (6.2.1)
	refusedField              // the role's purpose does not cover the field (6.2.1)
	refusedErased             // the key is destroyed (5.1)
	refusedRestricted         // blocked while an application is checked (6.2.4)
	refusedConsent            // not agreed, or no longer (2.2)
	refusedState              // another hindrance that lies in the subject's state
	refusedCase               // no case is named (1.1.4)
)

// refusalNames are the reasons that a forbid may give as @refused, and the last part of their message keys.
var refusalNames = [...]string{"", "role", "own", "purpose", "operation", "field", "erased", "restricted", "consent", "state", "case"}

// LiesInState tells of the key of a refusal whether it lies in how the person stands, blocked, erased, not agreeing, and not in what was asked.
func LiesInState(key string) bool {
	for _, r := range []refusal{refusedErased, refusedRestricted, refusedConsent, refusedState} {
		if key == refusalKeys[r] {
			return true
		}
	}
	return false
}

// refusalKeys are made once, so that a decision makes none.
var refusalKeys = func() (keys [len(refusalNames)]string) {
	for i, name := range refusalNames[1:] {
		keys[i+1] = "policy.refused." + name
	}
	return keys
}()

// Clauses of refusals that no rule gives. What is outside the vocabulary is refused by the clause that closes it.
var (
	byConfidentiality = []string{"1.1.4"}
	byOperations      = []string{"1.1.3"}
	byFields          = []string{"3.2"}
	byPurposes        = []string{"6.2.1"}
	byConsent         = []string{"2.2"}
)

// Decide answers a request. It is all or nothing: one field refused refuses all. An answer costs Cedar's work the first
// time, then a look-up without a lock.
func (r *Rules) Decide(q Request) Decision {
	if o := q.outside(); o.refusal != notRefused {
		return Decision{Denied: q.Fields, Clauses: o.clauses, Key: refusalKeys[o.refusal]}
	}
	fields := q.Fields
	q.Fields = 0
	return r.cell(q).decide(fields)
}

// outside tells what of q is no word of the vocabulary.
func (q Request) outside() outcome {
	switch {
	case !q.Role.Valid():
		return outcome{refusal: refusedRole, clauses: byConfidentiality}
	case !q.Operation.Valid():
		return outcome{refusal: refusedOperation, clauses: byOperations}
	case !q.Purpose.Valid():
		return outcome{refusal: refusedPurpose, clauses: byPurposes}
	case !q.Fields.Within(everyField):
		return outcome{refusal: refusedField, clauses: byFields}
	case q.State.Consent > ConsentWithdrawn:
		return outcome{refusal: refusedConsent, clauses: byConsent}
	}
	return outcome{}
}

// DecideRoles answers for an actor of several roles: with the first role that allows the request, else with the refusal
// that was nearest to a yes, which is the one that tells most about the way on. Without roles it refuses for role 0.
func (r *Rules) DecideRoles(roles []Role, q Request) (Role, Decision) {
	var nearest Role
	var best Decision
	for _, role := range roles {
		q.Role = role
		d := r.Decide(q)
		if d.Allowed {
			return role, d
		}
		if nearest == 0 || slices.Index(refusalKeys[:], d.Key) > slices.Index(refusalKeys[:], best.Key) {
			nearest, best = role, d
		}
	}
	if nearest == 0 {
		q.Role = 0
		return 0, r.Decide(q)
	}
	return nearest, best
}

var (
	everyField = person.Set(person.All...)
	bareAct    = person.Set(bare)
)

// cell is the answer to a request for the bare act and for each field by itself.
type cell struct {
	allowed  person.Fields // with bareAct
	outcomes []outcome     // each slot is in one of them; the hardest refusals first, permissions last
}

// outcome is what some slots share.
type outcome struct {
	slots   person.Fields
	refusal refusal
	clauses []string
	rules   []string // ids of the rules that decided; none where nothing applies
}

func (c *cell) decide(fields person.Fields) Decision {
	asked := fields
	if asked == 0 {
		asked = bareAct
	}
	var d Decision
	decisive := asked &^ c.allowed
	if d.Allowed = decisive == 0; d.Allowed {
		d.Fields, decisive = fields, asked
	} else {
		d.Denied = decisive &^ bareAct
	}
	owned := false // d.Clauses is a copy of ours
	for i := range c.outcomes {
		o := &c.outcomes[i]
		switch {
		case o.slots&decisive == 0:
		case d.Clauses == nil:
			d.Clauses, d.Key = o.clauses, refusalKeys[o.refusal]
		default:
			for _, clause := range o.clauses {
				if slices.Contains(d.Clauses, clause) {
					continue
				}
				if !owned {
					d.Clauses, owned = slices.Clone(d.Clauses), true
				}
				d.Clauses = append(d.Clauses, clause)
			}
		}
	}
	return d
}

// of finds the outcome of one slot.
func (c *cell) of(f person.Field) *outcome {
	for i := range c.outcomes {
		if c.outcomes[i].slots.Has(f) {
			return &c.outcomes[i]
		}
	}
	panic("policy: a slot without an outcome")
}

// put adds the outcome of a slot to those that are the same.
func (c *cell) put(f person.Field, o outcome) {
	if o.refusal == notRefused {
		c.allowed |= person.Set(f)
	}
	for i := range c.outcomes {
		if same := &c.outcomes[i]; same.refusal == o.refusal && slices.Equal(same.clauses, o.clauses) && slices.Equal(same.rules, o.rules) {
			same.slots |= person.Set(f)
			return
		}
	}
	o.slots = person.Set(f)
	c.outcomes = append(c.outcomes, o)
}

// requests is how many there are apart from their fields; contexts how many of them share role, operation and purpose.
const (
	contexts = 64
	requests = (len(roleNames) - 1) * (len(operationNames) - 1) * (len(purposeClauses) - 1) * contexts
)

// index numbers requests from 0 to requests-1.
func (q Request) index() int {
	i := (int(q.Role)-1)*(len(operationNames)-1) + int(q.Operation) - 1
	i = i*(len(purposeClauses)-1) + int(q.Purpose) - 1
	i = i*4 + int(q.State.Consent)
	for _, bit := range [...]bool{q.State.Restricted, q.State.Erased, q.Own, q.Case} {
		i *= 2
		if bit {
			i++
		}
	}
	return i
}

// everyContext gives q in every state, own and not, with a case and without, in the order of byHindrances.
func everyContext(q Request) iter.Seq[Request] {
	return func(yield func(Request) bool) {
		for _, context := range byHindrances() {
			if !yield(q.in(context)) {
				return
			}
		}
	}
}

// in gives q in one of byHindrances.
func (q Request) in(context Request) Request {
	q.State, q.Case, q.Own = context.State, context.Case, context.Own != (q.Role == Self)
	return q
}

// byHindrances lists all contexts, first the one without hindrance, then those with one, and so on, so that a search
// among them is short. Own is set in those that are not natural to a role.
var byHindrances = sync.OnceValue(func() []Request {
	var all []Request
	hindrances := map[Request]int{}
	for consent := ConsentNone; consent <= ConsentWithdrawn; consent++ {
		for set := range uint(contexts / 4) {
			c := Request{State: State{Consent: consent, Restricted: set&1 != 0, Erased: set&2 != 0}, Own: set&4 != 0, Case: set&8 == 0}
			hindrances[c] = bits.OnesCount(set)
			if consent != ConsentGiven {
				hindrances[c]++
			}
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b Request) int { return hindrances[a] - hindrances[b] })
	return all
})

// cell finds the answers to q, or works them out and remembers them. Two callers may do so at once and come to the same.
func (r *Rules) cell(q Request) *cell {
	place := &r.memo[q.index()]
	if c := place.Load(); c != nil {
		return c
	}
	c := r.intern(r.work(q))
	place.Store(c)
	return c
}

// intern gives the one cell that stands for all that are equal: a few hundred for the whole matrix.
func (r *Rules) intern(c *cell) *cell {
	var key strings.Builder
	for _, o := range c.outcomes {
		key.WriteString(o.slots.String())
		if o.slots.Has(bare) {
			key.WriteByte('!')
		}
		key.WriteByte(byte(o.refusal))
		key.WriteString(strings.Join(o.clauses, " "))
		key.WriteByte('|')
		key.WriteString(strings.Join(o.rules, "\x00"))
		key.WriteByte('\n')
	}
	r.cells.Lock()
	defer r.cells.Unlock()
	if known, ok := r.cells.same[key.String()]; ok {
		return known
	}
	r.cells.same[key.String()] = c
	return c
}

// plainer is q with one hindrance less, and which that was: first the subject's state, then the missing case, then that
// the subject asks for another's data, or somebody else uses an office on their own.
func (q Request) plainer() (Request, refusal) {
	clear := State{Consent: ConsentGiven}
	switch {
	case q.State != clear:
		q.State = clear
		return q, refusedState
	case !q.Case:
		q.Case = true
		return q, refusedCase
	case q.Own != (q.Role == Self):
		q.Own = !q.Own
		return q, refusedOwn
	}
	return q, notRefused
}

// work asks Cedar about each slot of q. A refusal is explained by the first hindrance without which the slot would be
// allowed; where there is none, by what the role may do at all. So the state of a person is told only to those who
// could have passed if it were another.
func (r *Rules) work(q Request) *cell {
	rules := r.cases[q.Role][q.Operation][q.Purpose]
	without, hindrance := q.plainer()
	var next *cell
	if hindrance != notRefused {
		next = r.cell(without)
		if rules.permits == nil {
			return next // no context will change what no rule permits
		}
	}
	a := ask{request: q.cedar(), slice: rules}
	c := &cell{}
	for _, f := range slots {
		if next != nil && !next.allowed.Has(f) && a.hopeless(f) {
			c.put(f, *next.of(f))
			continue
		}
		allowed, by := a.about(f)
		switch {
		case allowed:
			c.put(f, permission(q.Purpose, by))
		case next == nil:
			c.put(f, r.forbidden(by, func() outcome { return r.reach[q.Role]().refuse(q) }))
		case next.allowed.Has(f):
			c.put(f, r.forbidden(by, func() outcome { return outcome{refusal: hindrance, clauses: byConfidentiality} }))
		default:
			c.put(f, *next.of(f))
		}
	}
	slices.SortStableFunc(c.outcomes, func(a, b outcome) int { return int(a.refusal-1) - int(b.refusal-1) }) // 0-1 is 255
	return c
}

// permission names the clauses of the permits that applied: the purpose's own before the others.
func permission(purpose Purpose, by []*rule) outcome {
	var o outcome
	o.cite(by)
	if i := slices.Index(o.clauses, purpose.Clause()); i > 0 {
		o.clauses = slices.Insert(slices.Delete(o.clauses, i, i+1), 0, purpose.Clause())
	}
	return o
}

// forbidden is the outcome of forbids in the order of the text, or else what otherwise says.
func (r *Rules) forbidden(by []*rule, otherwise func() outcome) outcome {
	if len(by) == 0 {
		return otherwise()
	}
	o := outcome{refusal: by[0].refusal}
	o.cite(by)
	return o
}

// cite takes over ids and clauses, each clause once. The slices are full, so that nobody's append writes into them.
func (o *outcome) cite(by []*rule) {
	for _, rl := range by {
		o.rules = append(o.rules, rl.id)
		if !slices.Contains(o.clauses, rl.clause) {
			o.clauses = append(o.clauses, rl.clause)
		}
	}
	o.rules, o.clauses = slices.Clip(o.rules), slices.Clip(o.clauses)
}

// ask is a request to Cedar that lacks only its resource.
type ask struct {
	request cedar.Request
	slice   slice
}

func (q Request) cedar() cedar.Request {
	return cedar.Request{
		Principal: roleUID(q.Role),
		Action:    operationUID(q.Operation),
		Context: cedar.NewRecord(cedar.RecordMap{
			"purpose":    purposeUID(q.Purpose),
			"own":        cedar.Boolean(q.Own),
			"case":       cedar.Boolean(q.Case),
			"consent":    consentUID(q.State.Consent),
			"restricted": cedar.Boolean(q.State.Restricted),
			"erased":     cedar.Boolean(q.State.Erased),
		}),
	}
}

// about asks Cedar about one slot, and says which rules decided: permits if it is allowed, else forbids, in the order
// of the text. Cedar skips a rule that fails while it is evaluated, a forbid too; we refuse then.
func (a *ask) about(f person.Field) (allowed bool, by []*rule) {
	a.request.Resource = fieldUID(f)
	answer, why := cedar.Authorize(a.slice.rules, entities(), a.request)
	if allowed = answer == cedar.Allow; allowed && len(why.Errors) > 0 {
		return false, nil
	}
	for _, reason := range why.Reasons {
		i := slices.IndexFunc(a.slice.rules, func(rl *rule) bool { return rl.id == string(reason.PolicyID) })
		by = append(by, a.slice.rules[i])
	}
	return allowed, by
}

// hopeless tells, for less work, whether no permit applies to a slot, so that the forbids need not be asked.
func (a *ask) hopeless(f person.Field) bool {
	a.request.Resource = fieldUID(f)
	answer, _ := cedar.Authorize(a.slice.permits, entities(), a.request)
	return answer == cedar.Deny
}

// decides tells whether any rule of the slice applies to a slot.
func (a *ask) decides(f person.Field) bool {
	_, by := a.about(f)
	return len(by) > 0
}

// permitted is the set of slots that Cedar allows.
func (r *Rules) permitted(q Request) (allowed person.Fields) {
	rules := r.cases[q.Role][q.Operation][q.Purpose]
	if rules.permits == nil {
		return 0
	}
	a := ask{request: q.cedar(), slice: rules}
	for _, f := range slots {
		if a.hopeless(f) {
			continue
		}
		if ok, _ := a.about(f); ok {
			allowed |= person.Set(f)
		}
	}
	return allowed
}

// reach is what a role may do at all: about a person in no special state, within a case; the subject about themselves,
// all others about others.
type reach [len(purposeClauses)][len(operationNames)]person.Fields

func (r *Rules) reached(role Role) *reach {
	var out reach
	for _, purpose := range Purposes {
		for _, op := range Operations {
			out[purpose][op] = r.permitted(plain(role, op, purpose))
		}
	}
	return &out
}

// plain is the request without any hindrance.
func plain(role Role, op Operation, purpose Purpose) Request {
	return Request{Role: role, Own: role == Self, Operation: op, Purpose: purpose, State: State{Consent: ConsentGiven}, Case: true}
}

// refuse explains why nothing permits q, a plain request: what the role lacks, from the most to the least.
func (reached *reach) refuse(q Request) outcome {
	some := func(f person.Fields) bool { return f != 0 }
	byPurpose := []string{q.Purpose.Clause(), byPurposes[0]}
	switch {
	case !slices.ContainsFunc(reached[:], func(ops [len(operationNames)]person.Fields) bool { return slices.ContainsFunc(ops[:], some) }):
		return outcome{refusal: refusedRole, clauses: byConfidentiality}
	case !slices.ContainsFunc(reached[q.Purpose][:], some):
		return outcome{refusal: refusedPurpose, clauses: byPurposes}
	case reached[q.Purpose][q.Operation] == 0:
		return outcome{refusal: refusedOperation, clauses: byPurpose}
	}
	return outcome{refusal: refusedField, clauses: byPurpose}
}
