package policy

import (
	_ "embed"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cedar-policy/cedar-go"
	public "github.com/cedar-policy/cedar-go/ast"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"ustaz/internal/errs"
	"ustaz/internal/person"
)

// MaxRules bounds the text of an edition's rules, in bytes; ours has a quarter of it.
const MaxRules = 64 << 10

//go:embed default/rules.cedar
var defaultRules string

// DefaultRules is the Cedar text of the edition that the product carries.
func DefaultRules() string { return defaultRules }

// Rules are the meaning of an edition: a set of Cedar policies over the closed vocabulary of roles, operations,
// purposes and fields. They do not change and may be shared; every decision is made by Cedar once and remembered.
type Rules struct {
	text  string
	all   []*rule
	cases [len(roleNames)][len(operationNames)][len(purposeClauses)]slice
	memo  []atomic.Pointer[cell]
	cells struct {
		sync.Mutex
		same map[string]*cell
	}
	reach [len(roleNames)]func() *reach
}

// rule is one Cedar policy.
type rule struct {
	id       string
	clause   string
	refusal  refusal // of a forbid: the reason it gives
	line     int
	source   string // as Cedar writes it, for comparison
	scope    []pair
	purposes []Purpose     // for which it applies to anything
	policy   *cedar.Policy // without the scope of principal and action, which slicing has looked at
}

// pair is what a scope chooses.
type pair struct {
	role Role
	op   Operation
}

// slice holds, in the order of the text, the rules that may apply to a role, an operation and a purpose: no other can
// decide.
type slice struct {
	rules   ordered
	permits ordered // those of them that permit
}

// ordered is rules in the order of the text, which cedar.Authorize then keeps.
type ordered []*rule

// All is what cedar.Authorize asks for.
func (s ordered) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, r := range s {
			if !yield(cedar.PolicyID(r.id), r.policy) {
				return
			}
		}
	}
}

// same tells whether two slices plainly decide alike: they permit nothing, or hold the same rules.
func (s slice) same(t slice) bool {
	return s.permits == nil && t.permits == nil ||
		slices.EqualFunc(s.rules, t.rules, func(a, b *rule) bool { return a.source == b.source })
}

// Text is what the rules were parsed from.
func (r *Rules) Text() string { return r.text }

// ParseRules reads the rules of an edition. It is strict, because a rule that is not understood forbids nothing: every
// policy has an @id of its own and the @clause it comes from, a forbid also the reason it gives (@refused); every role,
// operation, purpose, field and state it names exists; comparisons make sense by Cedar's own validator; and it applies
// in at least one case. The error is Invalid and has one of its Fields for each fault, named by the policy's id and line, which are its Args
// "rule" and "line" too; of a text that can't be read, the error itself has "line".
func ParseRules(text string) (*Rules, error) {
	if len(text) > MaxRules {
		return nil, errs.New(errs.TooLarge, "policy.rules.too_large").With("limit", strconv.Itoa(MaxRules>>10))
	}
	policies, err := cedar.NewPolicyListFromBytes("", []byte(text))
	if err != nil {
		detail := syntaxDetail(err)
		line, _, _ := strings.Cut(detail, ":")
		return nil, errs.Wrap(errs.Invalid, "policy.rules.syntax", err).With("detail", detail).With("line", line)
	}
	if len(policies) == 0 {
		return nil, errs.New(errs.Invalid, "policy.rules.empty")
	}
	r := &Rules{text: text, memo: make([]atomic.Pointer[cell], requests)}
	r.cells.same = map[string]*cell{}
	var faults faults
	ids := map[string]bool{}
	for _, p := range policies {
		rl, bad := readRule(p)
		if rl.id != "" && ids[rl.id] {
			bad.add("policy.rules.id_twice")
		}
		ids[rl.id] = true
		faults.of(rl, bad)
		r.all = append(r.all, rl)
	}
	if len(faults) > 0 {
		return nil, faults.err()
	}
	r.arrange()
	return r, nil
}

// arrange slices the rules.
func (r *Rules) arrange() {
	for _, rl := range r.all {
		for _, p := range rl.scope {
			for _, purpose := range rl.purposes {
				s := &r.cases[p.role][p.op][purpose]
				s.rules = append(s.rules, rl)
				if rl.policy.Effect() == cedar.Permit {
					s.permits = append(s.permits, rl)
				}
			}
		}
	}
	for _, role := range Roles {
		r.reach[role] = sync.OnceValue(func() *reach { return r.reached(role) })
	}
}

// choose lists what the scope of a policy leaves room for, as Cedar would find it.
func choose(p *ast.Policy) []pair {
	var scope []pair
	for _, role := range Roles {
		for _, op := range Operations {
			if inScope(p.Principal, roleUID(role)) && inScope(p.Action, operationUID(op)) {
				scope = append(scope, pair{role, op})
			}
		}
	}
	return scope
}

func inScope(scope ast.IsScopeNode, uid cedar.EntityUID) bool {
	switch s := scope.(type) {
	case ast.ScopeTypeAll:
		return true
	case ast.ScopeTypeIs:
		return uid.Type == s.Type
	case ast.ScopeTypeEq:
		return uid == s.Entity
	case ast.ScopeTypeIn:
		return within(uid, s.Entity)
	case ast.ScopeTypeIsIn:
		return uid.Type == s.Type && within(uid, s.Entity)
	case ast.ScopeTypeInSet:
		return slices.ContainsFunc(s.Entities, func(e cedar.EntityUID) bool { return within(uid, e) })
	}
	panic(fmt.Sprintf("policy: a scope of a new kind, %T", scope))
}

func within(uid, group cedar.EntityUID) bool {
	return uid == group || entities()[uid].Parents.Contains(group)
}

// reaches looks for the purposes of the requests that the rule decides; only what the rule mentions is varied.
func (rl *rule) reaches(mentioned map[string]bool) []Purpose {
	pairs, fields := rl.scope, slots
	if len(pairs) > 0 && !mentioned["principal"] && !mentioned["action"] {
		pairs = pairs[:1]
	}
	if !mentioned["resource"] {
		fields = fields[:1]
	}
	around := slices.DeleteFunc(slices.Clone(byHindrances()), func(c Request) bool {
		return c.Own && !mentioned["own"] || !c.Case && !mentioned["case"] || c.State.Consent != ConsentGiven && !mentioned["consent"] ||
			c.State.Restricted && !mentioned["restricted"] || c.State.Erased && !mentioned["erased"]
	})
	alone := slice{rules: ordered{rl}}
	applies := func(purpose Purpose) bool {
		for _, p := range pairs {
			for _, context := range around {
				a := ask{request: Request{Role: p.role, Operation: p.op, Purpose: purpose}.in(context).cedar(), slice: alone}
				if slices.ContainsFunc(fields, a.decides) {
					return true
				}
			}
		}
		return false
	}
	if !mentioned["purpose"] {
		if applies(Purposes[0]) {
			return Purposes
		}
		return nil
	}
	var found []Purpose
	for _, purpose := range Purposes {
		if applies(purpose) {
			found = append(found, purpose)
		}
	}
	return found
}

// mentions are the variables that a policy depends on beside the scope of principal and action, those of the context by
// their own names.
func mentions(p *ast.Policy) map[string]bool {
	_, anything := p.Resource.(ast.ScopeTypeAll)
	found := map[string]bool{"resource": !anything}
	for _, condition := range p.Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(n ast.IsNode) bool {
			switch n := n.(type) {
			case ast.NodeTypeAccess:
				if v, ok := n.Arg.(ast.NodeTypeVariable); ok && v.Name == "context" {
					found[string(n.Value)] = true
					return false
				}
			case ast.NodeTypeVariable:
				found[string(n.Name)] = true
			}
			return true
		})
	}
	if found["context"] { // as a whole
		for _, name := range []string{"purpose", "own", "case", "consent", "restricted", "erased"} {
			found[name] = true
		}
	}
	return found
}

// The annotations that a rule may have.
const (
	annotationID      = "id"
	annotationClause  = "clause"
	annotationRefused = "refused"
)

// readRule checks one policy by itself.
func readRule(p *cedar.Policy) (*rule, complaints) {
	var bad complaints
	rl := &rule{line: p.Position().Line}
	notes := p.Annotations()
	rl.id, rl.clause = string(notes[annotationID]), string(notes[annotationClause])
	if rl.id == "" {
		bad.add("policy.rules.id")
	}
	if _, ok := parseNumber(rl.clause); !ok {
		bad.add("policy.rules.clause", "name", rl.clause)
	}
	reason, given := notes[annotationRefused]
	switch known := slices.Index(refusalNames[:], string(reason)); {
	case given != (p.Effect() == cedar.Forbid), given && known < 1:
		bad.add("policy.rules.refused", "name", string(reason))
	case given:
		rl.refusal = refusal(known)
	}
	for name := range notes {
		if name != annotationID && name != annotationClause && name != annotationRefused {
			bad.add("policy.rules.annotation", "name", string(name))
		}
	}
	tree := (*ast.Policy)(p.AST())
	bad.names(tree)
	if len(bad) > 0 {
		return rl, bad
	}
	if err := validator().Policy("", tree); err != nil {
		bad.add("policy.rules.sense", "detail", strings.Join(strings.Fields(err.Error()), " "))
		return rl, bad
	}
	unscoped := *tree
	unscoped.Principal, unscoped.Action, unscoped.Annotations = ast.Scope{}.All(), ast.Scope{}.All(), nil
	rl.scope, rl.policy = choose(tree), cedar.NewPolicyFromAST((*public.Policy)(&unscoped))
	rl.source = string(rl.policy.MarshalCedar())
	// A rule that applies to nothing is a slip of the pen, and if it was to forbid, a dangerous one.
	if rl.purposes = rl.reaches(mentions(tree)); rl.purposes == nil {
		bad.add("policy.rules.never")
	}
	return rl, bad
}

// complaints are the faults of one rule.
type complaints []errs.Field

func (c *complaints) add(key string, args ...string) {
	f := errs.Field{Key: key}
	for i := 0; i < len(args); i += 2 {
		if f.Args == nil {
			f.Args = map[string]string{}
		}
		f.Args[args[i]] = args[i+1]
	}
	*c = append(*c, f)
}

// names finds every entity that a policy names but the vocabulary lacks, and every literal that no rule needs: all that
// a request holds are entities and truths, so text and numbers could only be compared in error.
func (c *complaints) names(p *ast.Policy) {
	check := func(uid cedar.EntityUID) {
		if !words()[uid] {
			c.add("policy.rules.unknown", "name", uid.String())
		}
	}
	for _, scope := range []ast.IsScopeNode{p.Principal, p.Action, p.Resource} {
		switch s := scope.(type) {
		case ast.ScopeTypeEq:
			check(s.Entity)
		case ast.ScopeTypeIn:
			check(s.Entity)
		case ast.ScopeTypeIsIn:
			check(s.Entity)
		case ast.ScopeTypeInSet:
			for _, e := range s.Entities {
				check(e)
			}
		}
	}
	for _, condition := range p.Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(n ast.IsNode) bool {
			switch n := n.(type) {
			case ast.NodeValue:
				switch v := n.Value.(type) {
				case cedar.EntityUID:
					check(v)
				case cedar.Boolean:
				default:
					c.add("policy.rules.literal", "name", v.String())
				}
			case ast.NodeTypeExtensionCall:
				c.add("policy.rules.literal", "name", string(n.Name))
			}
			return true
		})
	}
}

// faults are those of a whole text.
type faults []errs.Field

func (f *faults) of(rl *rule, bad complaints) {
	name := rl.id
	if name == "" {
		name = "policy"
	}
	for _, b := range bad {
		b.Name = fmt.Sprintf("%s (line %d)", name, rl.line)
		b.Args = maps.Clone(b.Args) // for pages, which say the place in words
		if b.Args == nil {
			b.Args = map[string]string{}
		}
		b.Args["rule"], b.Args["line"] = name, strconv.Itoa(rl.line)
		*f = append(*f, b)
	}
}

func (f faults) err() error {
	return &errs.Error{Kind: errs.Invalid, Key: "policy.rules.invalid", Fields: f}
}

// syntaxDetail leaves line, column and what was met of a parser's message.
func syntaxDetail(err error) string {
	_, place, found := strings.Cut(err.Error(), "<input>:")
	if !found {
		return ""
	}
	return place
}

// The vocabulary in Cedar. Operations are Cedar's actions.
const (
	typeRole    = "Role"
	typeAction  = "Action"
	typePurpose = "Purpose"
	typeConsent = "Consent"
	typeField   = "Field"
	typePart    = "Part"
)

var partProfile = cedar.NewEntityUID(typePart, "profile")

// bare stands where a field stands in an act that opens none.
const bare person.Field = 0

// slots are all that a decision can be asked of: the bare act, and each field.
var slots = append([]person.Field{bare}, person.All...)

func roleUID(r Role) cedar.EntityUID { return cedar.NewEntityUID(typeRole, cedar.String(r.String())) }

func operationUID(o Operation) cedar.EntityUID {
	return cedar.NewEntityUID(typeAction, cedar.String(o.String()))
}

func purposeUID(p Purpose) cedar.EntityUID {
	return cedar.NewEntityUID(typePurpose, cedar.String(p.Clause()))
}

func consentUID(c Consent) cedar.EntityUID {
	return cedar.NewEntityUID(typeConsent, cedar.String(c.String()))
}

func fieldUID(f person.Field) cedar.EntityUID {
	if f == bare {
		return cedar.NewEntityUID(typeField, "none")
	}
	return cedar.NewEntityUID(typeField, cedar.String(f.String()))
}

// entities are those that belong to another: the fields of the profile, and the registrar, who is a reader too.
var entities = sync.OnceValue(func() cedar.EntityMap {
	m := cedar.EntityMap{}
	belongs := func(uid, group cedar.EntityUID) {
		m[uid] = cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(group)}
	}
	for _, f := range person.Profile {
		belongs(fieldUID(f), partProfile)
	}
	belongs(roleUID(Registrar), roleUID(Reader))
	return m
})

// words is every entity there is.
var words = sync.OnceValue(func() map[cedar.EntityUID]bool {
	w := map[cedar.EntityUID]bool{partProfile: true}
	for _, r := range Roles {
		w[roleUID(r)] = true
	}
	for _, o := range Operations {
		w[operationUID(o)] = true
	}
	for _, p := range Purposes {
		w[purposeUID(p)] = true
	}
	for _, f := range slots {
		w[fieldUID(f)] = true
	}
	for c := ConsentNone; c <= ConsentWithdrawn; c++ {
		w[consentUID(c)] = true
	}
	return w
})

// validator holds rules to the types of a request. The schema is ours: one that doesn't resolve is a fault of the
// program that every test meets.
var validator = sync.OnceValue(func() *validate.Validator {
	var actions []string
	for _, o := range Operations {
		actions = append(actions, strconv.Quote(o.String()))
	}
	var s schema.Schema
	err := s.UnmarshalCedar([]byte(`
		entity Role in [Role];
		entity Part;
		entity Field in [Part];
		entity Purpose;
		entity Consent;
		action ` + strings.Join(actions, ", ") + ` appliesTo {
			principal: [Role],
			resource: [Field],
			context: { purpose: Purpose, own: Bool, case: Bool, consent: Consent, restricted: Bool, erased: Bool }
		};`))
	if err != nil {
		panic(err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		panic(err)
	}
	return validate.New(resolved)
})
