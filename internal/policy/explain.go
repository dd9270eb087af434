package policy

import (
	"ustaz/internal/i18n"
	"ustaz/internal/person"
)

// Line is the answer for one field of a request, for those who look at rules rather than pass by them.
type Line struct {
	Field   person.Field // 0: the act itself, which opens none
	Allowed bool
	Clauses []string // as in a Decision
	Key     string   // as in a Decision
	Rules   []string // ids of the rules that decided; none where nothing applies
}

// Explain answers a request for each field by itself, in the order of their codes. A request without fields, or with
// what is outside the vocabulary, has one line. The request is allowed as a whole exactly if every line is.
// The slices are shared: read them, don't write.
func (r *Rules) Explain(q Request) []Line {
	fields := q.Fields.List()
	if o := q.outside(); o.refusal != notRefused {
		return []Line{o.line(bare)}
	}
	if len(fields) == 0 {
		fields = []person.Field{bare}
	}
	q.Fields = 0
	c := r.cell(q)
	lines := make([]Line, len(fields))
	for i, f := range fields {
		lines[i] = c.of(f).line(f)
	}
	return lines
}

func (o *outcome) line(f person.Field) Line {
	return Line{Field: f, Allowed: o.refusal == notRefused, Clauses: o.clauses, Key: refusalKeys[o.refusal], Rules: o.rules}
}

// Say tells in a language why q was refused, and the way on; it is empty for what is allowed. No word of it is personal.
func (d Decision) Say(l i18n.Lang, q Request) string {
	if d.Allowed {
		return ""
	}
	args := []i18n.Arg{i18n.Str("clause", d.Clauses[0])}
	switch d.Key {
	case refusalKeys[refusedRole]:
		args = append(args, i18n.Msg("role", q.Role.Key()))
	case refusalKeys[refusedPurpose], refusalKeys[refusedOperation]:
		args = append(args, i18n.Msg("role", q.Role.Key()), i18n.Msg("purpose", q.Purpose.Key()))
	case refusalKeys[refusedField]:
		names := []string{l.T("field.none")}
		if d.Denied != 0 {
			names = names[:0]
			for _, f := range d.Denied.List() {
				names = append(names, l.T("field."+f.String()))
			}
		}
		args = append(args, i18n.Msg("role", q.Role.Key()), i18n.Msg("purpose", q.Purpose.Key()), i18n.Str("fields", l.List(names)))
	}
	return l.T(d.Key, args...)
}

// Say tells a change in words: "Support loses phone number under 4.1.3". Operations and situations, where there is more to say, are for the page.
func (c RuleChange) Say(l i18n.Lang) string {
	var names, clauses []string
	if c.Bare {
		names = append(names, l.T("field.none"))
	}
	fields := c.Fields
	if profile := person.Set(person.Profile...); profile.Within(fields) {
		names, fields = append(names, l.T("policy.rulechange.profile")), fields&^profile
	}
	for _, f := range fields.List() {
		names = append(names, l.T("field."+f.String()))
	}
	for _, p := range c.Purposes {
		clauses = append(clauses, p.Clause())
	}
	key := "policy.rulechange.loses"
	if c.Gains {
		key = "policy.rulechange.gains"
	}
	return l.T(key, i18n.Msg("role", c.Role.Key()), i18n.Str("fields", l.List(names)), i18n.Str("clauses", l.List(clauses)))
}

// Key is of the role's name; with ".who" as the one who did something.
func (r Role) Key() string { return "role." + r.String() }

// Key is of a phrase that says what for: "to answer a request for help".
func (p Purpose) Key() string { return "purpose." + p.Clause() }

// Key is of a phrase that says what was done: "saw"; with ".you" for what the reader did.
func (o Operation) Key() string { return "operation." + o.String() }
