package site

import (
	"net/http"
	"slices"
	"strconv"

	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// rulesPage is who may read what: the rules of an edition as tables, one for each role.
type rulesPage struct {
	Notices []web.Notice
	Edition web.Text
	Roles   []roleRules
	Nobody  string // roles that handle no personal data
}

type roleRules struct {
	ID, Name string
	Says     string // about all rows
	Table    web.Table
	Bare     []web.Clause // purposes for which the role acts without opening data
}

func (s *publicPages) showRules(w http.ResponseWriter, r *web.Request, e *shown) error {
	p := rulesPage{Notices: e.notices(),
		Edition: r.Rich("policypage.rules.edition", i18n.Str("order", e.order()), i18n.Msg("whole", "policypage.whole")).Link("whole", e.path(web.PathPolicy, PathEdition))}
	var idle []string
	for _, role := range policy.Roles {
		rules, any := e.rulesOf(role, s.matrix(e))
		if !any {
			idle = append(idle, r.T(role.Key()))
			continue
		}
		p.Roles = append(p.Roles, rules)
	}
	if len(idle) > 0 {
		p.Nobody = r.T("policypage.rules.nobody", i18n.Str("roles", r.Lang.List(idle)))
	}
	h := web.Head{Title: r.T("policypage.rules"), Describe: r.T("policypage.rules.lead"),
		Back: &web.Link{Text: r.T("policypage.title"), Href: e.path(web.PathPolicy, PathEdition)}}
	return s.rules.Send(w, r, h, p)
}

// ruleRow is what a role may do with the same data for the same purpose.
type ruleRow struct {
	purpose    policy.Purpose
	fields     person.Fields
	within     bool // a case
	operations []policy.Operation
}

// rulesOf gathers the rows of a role; any tells whether it has one.
func (e *shown) rulesOf(role policy.Role, matrix []policy.Row) (view roleRules, any bool) {
	l := e.r.Lang
	var rows []ruleRow
	opened := map[policy.Purpose]bool{}
	for _, m := range matrix {
		if m.Role != role || m.Fields == 0 {
			continue
		}
		opened[m.Purpose] = true
		same := false
		for i := range rows {
			if rows[i].purpose == m.Purpose && rows[i].fields == m.Fields && rows[i].within == m.Case {
				rows[i].operations = append(rows[i].operations, m.Operation)
				same = true
			}
		}
		if !same {
			rows = append(rows, ruleRow{m.Purpose, m.Fields, m.Case, []policy.Operation{m.Operation}})
		}
	}
	view = roleRules{ID: "role-" + role.String(), Name: l.T(role.Key())}
	for _, m := range matrix {
		last := len(view.Bare) - 1
		if m.Role == role && !opened[m.Purpose] && (last < 0 || view.Bare[last].Number != m.Purpose.Clause()) {
			view.Bare = append(view.Bare, e.chip(m.Purpose.Clause()))
		}
	}
	if role == policy.Self {
		view.Says = l.T("policypage.rules.own")
	}
	view.Table = web.Table{Caption: l.T("policypage.rules.caption", i18n.Str("role", view.Name)), Quiet: true,
		Columns: []web.Column{{Label: l.T("policypage.rules.purpose")}, {Label: l.T("policypage.rules.fields")}, {Label: l.T("policypage.rules.acts")}}}
	conditions := slices.ContainsFunc(rows, func(r ruleRow) bool { return r.within })
	if conditions {
		view.Table.Columns = append(view.Table.Columns, web.Column{Label: l.T("policypage.rules.when")})
	}
	for _, row := range rows {
		cells := []web.Cell{{Text: purposeText(l, row.purpose, e.chip)}, {Text: web.Plain(fieldNames(l, row.fields))}, {Text: web.Plain(actNames(l, row.operations))}}
		switch {
		case row.within:
			cells = append(cells, web.Cell{Text: web.Plain(l.T("policypage.rules.case"))})
		case conditions:
			cells = append(cells, web.Cell{Text: web.Plain(l.T("policypage.rules.always"))})
		}
		view.Table.Rows = append(view.Table.Rows, cells)
	}
	return view, len(rows)+len(view.Bare) > 0
}

// purposeText is a purpose in words, with its clause.
func purposeText(l i18n.Lang, p policy.Purpose, chip func(string) web.Clause) web.Text {
	c := chip(p.Clause())
	return web.Text{{Text: l.T(p.Key()) + " "}, {Text: c.Text, Href: c.Href, Clause: true}}
}

// fieldNames lists fields; all nine of the profile have one name.
func fieldNames(l i18n.Lang, fields person.Fields) string {
	var names []string
	if profile := person.Set(person.Profile...); profile.Within(fields) {
		names = append(names, l.T("policypage.profile"))
		fields &^= profile
	}
	for _, f := range fields.List() {
		names = append(names, l.T("field."+f.String()))
	}
	return l.List(names)
}

// actNames lists operations by their names in 1.1.3.
func actNames(l i18n.Lang, operations []policy.Operation) string {
	names := make([]string, len(operations))
	for i, o := range operations {
		names[i] = l.T("policypage.act." + o.String())
	}
	return l.List(names)
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
