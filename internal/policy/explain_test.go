package policy

import (
	"fmt"
	"strings"
	"testing"

	"ustaz/internal/i18n"
	"ustaz/internal/person"
)

func TestExplain(t *testing.T) {
	r := defaults(t)
	for name, c := range map[string]struct {
		q    Request
		want string
	}{
		"each field has its line": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Feedback, Fields: person.Set(person.IIN, person.Email), State: consented, Case: true},
			"email true [4.1.3] [feedback-by-support]; iin false [4.1.3 6.2.1] field []"},
		"an act without fields has one": {
			Request{Role: SupportR, Operation: Retrieval, Purpose: Identify, State: consented, Case: true},
			"- true [4.1.1] [identify-found-by-support]"},
		"a forbid is named": {
			Request{Role: Officer, Operation: Provision, Purpose: StateBodies, Fields: person.Set(person.Phone), State: State{Consent: ConsentWithdrawn, Restricted: true}, Case: true},
			"phone false [6.2.4 2.2] restricted [blocked no-consent]"},
		"what is no word has one line": {
			Request{Role: Officer, Operation: Retrieval, Purpose: Verify, Fields: person.Set(person.Phone) | 1<<30, State: consented, Case: true},
			"- false [3.2] field []"},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for _, l := range r.Explain(c.q) {
				name := "-"
				if l.Field != 0 {
					name = l.Field.String()
				}
				line := fmt.Sprintf("%s %v %v %s %v", name, l.Allowed, l.Clauses, strings.TrimPrefix(l.Key, "policy.refused."), l.Rules)
				lines = append(lines, strings.Join(strings.Fields(line), " "))
			}
			if got := strings.Join(lines, "; "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// watched is the catalogue that fails a test at a missing key and at a placeholder without its argument.
func watched(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Watched(func(key, what string) { t.Errorf("%s: %s", key, what) })
}

// TestSay: every refusal there is can be said in every language, with its clause.
func TestSay(t *testing.T) {
	c := watched(t)
	q := Request{Role: SupportR, Operation: Retrieval, Purpose: Notify}
	for why := refusedRole; int(why) < len(refusalKeys); why++ {
		for _, l := range c.Langs() {
			for _, denied := range []person.Fields{0, person.Set(person.Email, person.IIN)} {
				said := Decision{Key: refusalKeys[why], Clauses: []string{"6.2.1"}, Denied: denied}.Say(l, q)
				if !strings.Contains(said, "6.2.1") {
					t.Errorf("%s in %s names no clause: %s", refusalKeys[why], l.Code(), said)
				}
			}
		}
	}
	r := defaults(t)
	q = Request{Role: SupportR, Operation: Retrieval, Purpose: Feedback, Fields: person.Set(person.Email, person.IIN), State: consented, Case: true}
	want := "The role “Support” may not open this (IIN) to handle a question or an application: clause 4.1.3 does not cover it. " +
		"Ask the officer responsible for personal data, or choose another purpose."
	if got := r.Decide(q).Say(c.Lang("en"), q); got != want {
		t.Errorf("got %s", got)
	}
	q.Fields = person.Set(person.Email)
	if got := r.Decide(q).Say(c.Lang("en"), q); got != "" {
		t.Errorf("what is allowed is explained: %s", got)
	}
}

// TestWords: every role, purpose, operation and field has its names in every language, and so have the situations.
func TestWords(t *testing.T) {
	c := watched(t)
	var keys []string
	for _, r := range Roles {
		keys = append(keys, r.Key(), r.Key()+".who")
	}
	for _, p := range Purposes {
		keys = append(keys, p.Key())
	}
	for _, o := range Operations {
		keys = append(keys, o.Key(), o.Key()+".you")
	}
	for _, f := range person.All {
		keys = append(keys, "field."+f.String(), "field."+f.String()+".your")
	}
	for _, name := range Situations(255).Names() {
		keys = append(keys, "policy.situation."+name)
	}
	for _, l := range c.Langs() {
		for _, key := range append(keys, "field.none", "field.none.your") {
			if l.T(key) == "" {
				t.Errorf("%s has no %s", key, l.Code())
			}
		}
	}
}

// TestFaultWords: every fault that ParseRules finds can be said.
func TestFaultWords(t *testing.T) {
	c := watched(t)
	for key, args := range map[string][]i18n.Arg{
		"invalid": nil, "empty": nil, "id": nil, "id_twice": nil, "never": nil,
		"too_large": {i18n.Str("limit", "64")}, "syntax": {i18n.Str("detail", "1:1")}, "sense": {i18n.Str("detail", "…")},
		"clause": {i18n.Str("name", "x")}, "refused": {i18n.Str("name", "x")}, "annotation": {i18n.Str("name", "x")},
		"unknown": {i18n.Str("name", "x")}, "literal": {i18n.Str("name", "x")},
	} {
		for _, l := range c.Langs() {
			l.T("policy.rules."+key, args...)
		}
	}
}
