package console

import (
	"net/http"
	"sync"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// The question to the rules. "for" is its purpose: the name "purpose" belongs to the work in hand.
var rulesInputs = []web.Input{web.Line("role"), web.Line("for"), web.Line("operation"), web.Many("fields"), web.Line("situation")}

// situations are the states in which a question can be asked, by the names of policy.Situations.
var situations = []offer[func(*policy.Request)]{
	{"ordinary", func(*policy.Request) {}},
	{"caseless", func(q *policy.Request) { q.Case = false }},
	{"crossed", func(q *policy.Request) { q.Own = !q.Own }},
	{"never_asked", func(q *policy.Request) { q.State.Consent = policy.ConsentNone }},
	{"declined", func(q *policy.Request) { q.State.Consent = policy.ConsentDeclined }},
	{"withdrawn", func(q *policy.Request) { q.State.Consent = policy.ConsentWithdrawn }},
	{"blocked", func(q *policy.Request) { q.State.Restricted = true }},
	{"erased", func(q *policy.Request) { q.State.Erased = true }},
}

// rulesPage answers a question to the rules, and shows who may read what.
type rulesPage struct {
	Chrome chrome
	Sheet  *web.Sheet
	Answer *web.Table // nil before anything was asked
	Lead   string
	Table  web.Table
}

func (c *console) showRules(w http.ResponseWriter, v *visit) error {
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return err
	}
	p := rulesPage{Chrome: c.chrome(v), Sheet: v.rulesSheet(), Table: v.matrix(c.tables.of(ed.Hash, ed.Edition.Rules)),
		Lead: v.T("console.rules.lead", i18n.Num("n", ed.Seq), i18n.Day("since", ed.InForce))}
	var fault error
	if v.query.Has("role") {
		q, err := v.question()
		if fault = err; err == nil {
			p.Answer = v.answer(ed.Edition.Rules, q)
		} else if len(errs.As(err).Fields) == 0 || !p.Sheet.Show(err, v.query) {
			return err
		}
	}
	return c.rules.Send(w, v.Request, web.Head{Title: v.T("console.rules.title"), Err: fault, Wide: true}, p)
}

// question reads what was asked. What was left out is a fault of the form; what the form does not offer is no question of ours.
func (v *visit) question() (q policy.Request, err error) {
	q.Case, q.State.Consent = true, policy.ConsentGiven
	var faults []errs.Field
	one := func(name string, found bool) error {
		switch {
		case found:
		case v.query.Get(name) == "":
			faults = append(faults, errs.Field{Name: name, Key: "console.rules.missing"})
		default:
			return errs.New(errs.Invalid, "error.form")
		}
		return nil
	}
	var ok bool
	q.Role, ok = policy.RoleByName(v.query.Get("role"))
	if err := one("role", ok); err != nil {
		return q, err
	}
	q.Purpose, ok = policy.PurposeByClause(v.query.Get("for"))
	if err := one("for", ok); err != nil {
		return q, err
	}
	q.Operation, ok = policy.OperationByName(v.query.Get("operation"))
	if err := one("operation", ok); err != nil {
		return q, err
	}
	fields, err := chosen(v.query.All("fields"), person.FieldByName, person.Field.Valid)
	if err != nil {
		return q, err
	}
	q.Fields, q.Own = person.Set(fields...), q.Role == policy.Self
	put, err := pick(situations, v.query.Get("situation"))
	if err != nil {
		return q, err
	}
	if put != nil {
		put(&q)
	}
	return q, errs.InvalidFields(faults)
}

func (v *visit) rulesSheet() *web.Sheet {
	l, q := v.Lang, v.query
	operation, situation := q.Get("operation"), q.Get("situation")
	if operation == "" {
		operation = policy.Retrieval.String()
	}
	if situation == "" {
		situation = situations[0].name
	}
	s := web.NewSheet(l, v.Path(PathRules), v.T("console.rules.ask"),
		web.NewField(l, web.Select, "role", v.T("console.rules.role")).Must().Holding(q.Get("role")).
			Of(options(policy.Roles, func(r policy.Role) web.Option { return web.Option{Value: r.String(), Text: v.T(r.Key())} })...),
		web.NewField(l, web.Select, "for", v.T("console.log.purpose")).Must().Holding(q.Get("for")).
			Of(options(policy.Purposes, func(p policy.Purpose) web.Option { return web.Option{Value: p.Clause(), Text: v.sayPurpose(p)} })...),
		web.NewField(l, web.Select, "operation", v.T("console.rules.operation")).Must().Holding(operation).
			Of(options(policy.Operations, func(o policy.Operation) web.Option {
				return web.Option{Value: o.String(), Text: heading(v.T("console.operation." + o.String()))}
			})...),
		web.NewField(l, web.Select, "situation", v.T("console.rules.situation")).Holding(situation).Of(choices(v, situations, "policy.situation.")...),
		web.NewField(l, web.Ticks, "fields", v.T("console.rules.fields")).Hinted(v.T("console.rules.fields.hint")).Holding(q.All("fields")...).
			Of(options(person.All, func(f person.Field) web.Option {
				return web.Option{Value: f.String(), Text: heading(v.T("field." + f.String()))}
			})...)).Ask()
	if v.work != nil {
		s.Carry("purpose", v.work.Purpose.Clause()).Carry("case", v.work.Case)
	}
	return s
}

// answer explains the decision on each field by itself.
func (v *visit) answer(rules *policy.Rules, q policy.Request) *web.Table {
	t := &web.Table{Caption: v.T("console.rules.answer", i18n.Msg("role", q.Role.Key()), i18n.Msg("purpose", q.Purpose.Key())),
		Columns: []web.Column{{Label: v.T("console.rules.field")}, {Label: v.T("console.rules.decision")}, {Label: v.T("console.rules.clauses")}, {Label: v.T("console.rules.why")}}}
	for _, line := range rules.Explain(q) {
		field, d := "none", policy.Decision{Allowed: line.Allowed, Clauses: line.Clauses, Key: line.Key}
		if line.Field.Valid() {
			field, d.Denied = line.Field.String(), person.Set(line.Field)
		}
		tag := web.Tag{Text: v.T("console.rules.allow"), Style: web.Good}
		if !line.Allowed {
			tag = web.Tag{Text: v.T("console.rules.deny"), Style: web.Bad}
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(heading(v.T("field." + field)))}, {Tag: &tag}, {Text: v.clauses(line.Clauses)}, {Text: web.Plain(d.Say(v.Lang, q))}})
	}
	return t
}

// matrix shows who may read what in the edition in force.
func (v *visit) matrix(rows []policy.Row) web.Table {
	t := web.Table{Caption: v.T("console.rules.table"), Columns: []web.Column{{Label: v.T("console.rules.role")}, {Label: v.T("console.log.purpose")},
		{Label: v.T("console.rules.fields")}, {Label: v.T("console.rules.case")}}}
	for _, r := range rows {
		within := v.T("console.rules.case.no")
		if r.Case {
			within = v.T("console.rules.case.yes")
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(v.T(r.Role.Key()))},
			{Text: append(v.clauses([]string{r.Purpose.Clause()}), web.Run{Text: " " + v.T(r.Purpose.Key())})},
			{Text: web.Plain(heading(v.fields(r.Fields)))}, {Text: web.Plain(within)}})
	}
	return t
}

// tables remembers who may read what in an edition, which is work for Cedar and never changes.
type tables struct {
	mu    sync.Mutex
	known map[string][]policy.Row // by hash
}

// of lists, for each role and purpose, the fields that some way of reading opens.
func (t *tables) of(hash string, rules *policy.Rules) []policy.Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	if rows, ok := t.known[hash]; ok {
		return rows
	}
	var rows []policy.Row
	for _, r := range rules.Matrix() {
		if !opensValue(r.Operation) || r.Fields == 0 {
			continue
		}
		last := len(rows) - 1
		if last >= 0 && rows[last].Role == r.Role && rows[last].Purpose == r.Purpose && rows[last].Case == r.Case {
			rows[last].Fields |= r.Fields
			continue
		}
		rows = append(rows, r)
	}
	if t.known == nil {
		t.known = map[string][]policy.Row{}
	}
	t.known[hash] = rows
	return rows
}

// opensValue tells whether an operation lets somebody know a value: to see, to use, to be handed it.
func opensValue(o policy.Operation) bool {
	switch o {
	case policy.Retrieval, policy.Access, policy.Use, policy.Provision, policy.Distribution:
		return true
	}
	return false
}
