package site

import (
	"slices"

	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// note says what a clause means on this site: the message "policypage.means.<number>", whose {page}, if any, is a link.
type note struct {
	number string
	page   string // message of the link's words
	to     string // pattern of its address
}

var siteNotes = []note{
	{"1.1.1", "policypage.page.contact", web.PathContact},
	{"1.1.6", "policypage.page.cookies", web.PathCookies},
	{"2.1", "", ""},
	{"2.2", "", ""},
	{"2.3", "", ""},
	{"2.4", "", ""},
	{"3.2", "", ""},
	{"3.2.3", "", ""},
	{"3.3.1", "policypage.page.cookies", web.PathCookies},
	{"4.1", "policypage.page.rules", PathRules},
	{"5.1", "", ""},
	{"6.2.1", "", ""},
	{"9.1", "policypage.page.editions", PathEditions},
	{"9.2", "", ""},
	{"9.3", "policypage.page.contact", web.PathContact},
	{"9.4", "policypage.page.editions", PathEditions},
}

// notes are ours to the clauses of e, and for purposes who may see data for them. An edition with another numbering than
// the one that we wrote them for gets none: a note beside the wrong clause would mislead.
func (s *publicPages) notes(e *shown) map[string]web.Text {
	out := map[string]web.Text{}
	if !slices.Equal(e.doc.Numbers(), s.numbered) {
		return out
	}
	l := e.r.Lang
	for _, n := range siteNotes {
		key := "policypage.means." + n.number
		if n.page == "" {
			out[n.number] = web.Plain(l.T(key))
			continue
		}
		out[n.number] = web.Rich(l, key, i18n.Msg("page", n.page)).Link("page", e.r.Path(n.to))
	}
	for _, purpose := range policy.Purposes {
		var names []string
		for _, reader := range s.readers(e, purpose) {
			names = append(names, l.T(reader.role.Key()))
		}
		if _, taken := out[purpose.Clause()]; !taken && len(names) > 0 {
			out[purpose.Clause()] = web.Rich(l, "policypage.readers", i18n.Str("roles", l.List(names)), i18n.Msg("page", "policypage.page.rules")).
				Link("page", e.path(PathRules, PathOldRules))
		}
	}
	return out
}

// opening are the operations by which somebody comes to see data, or a program to use them.
var opening = []policy.Operation{policy.Retrieval, policy.Access, policy.Use, policy.Distribution, policy.Provision}

// reader is a role with the fields it may see for a purpose.
type reader struct {
	role   policy.Role
	fields person.Fields
}

// readers are those who may see data for a purpose, in the order of roles, the subject left out.
func (s *publicPages) readers(e *shown, purpose policy.Purpose) []reader {
	var out []reader
	for _, row := range s.matrix(e) {
		if row.Role == policy.Self || row.Purpose != purpose || row.Fields == 0 || !slices.Contains(opening, row.Operation) {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].role == row.Role {
			out[last].fields |= row.Fields
			continue
		}
		out = append(out, reader{row.Role, row.Fields})
	}
	return out
}

func (s *publicPages) matrix(e *shown) []policy.Row {
	return s.matrices.of(e.Hash, e.Rules.Matrix)
}
