package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/person"
)

func TestMatrix(t *testing.T) {
	r := defaults(t)
	rows := r.Matrix()
	var support []string
	seen := map[Row]bool{}
	for _, row := range rows {
		if row.Role == SupportR {
			support = append(support, fmt.Sprintf("%s %s %s bare=%v case=%v", row.Purpose, row.Operation, row.Fields, row.Bare, row.Case))
		}
		if graded := row.Role == Editor && row.Case && (row.Purpose == Personalise && row.Fields == studied || row.Purpose == Feedback && row.Fields == person.Set(person.Words) ||
			row.Purpose == Support && row.Fields&^person.Set(person.Words, person.File) == 0); row.Role == Admin || row.Role == Editor && !graded {
			t.Errorf("%s handles personal data: %+v", row.Role, row)
		}
		key := row
		key.Fields, key.Bare = 0, false
		if seen[key] {
			t.Errorf("two rows for %+v", key)
		}
		seen[key] = true
	}
	want := []string{
		"4.1.1 retrieval  bare=true case=true",
		"4.1.3 retrieval surname,given_name,email,place,position bare=true case=true",
		"4.1.7 recording words bare=true case=true",
		"4.1.7 refinement surname,given_name,phone bare=false case=true",
		"4.1.7 retrieval surname,given_name,email,phone,words,file bare=true case=true",
	}
	if !slices.Equal(support, want) {
		t.Errorf("support:\n%s", strings.Join(support, "\n"))
	}
	if !slices.IsSortedFunc(rows, func(a, b Row) int {
		return slices.Compare([]int{int(a.Role), int(a.Purpose), int(a.Operation)}, []int{int(b.Role), int(b.Purpose), int(b.Operation)})
	}) {
		t.Error("rows are out of order")
	}
}

// TestMatrixIsWhatDecideSays: the table shows exactly what is allowed about an ordinary person.
func TestMatrixIsWhatDecideSays(t *testing.T) {
	r := defaults(t)
	shown := map[Request]person.Fields{}
	for _, row := range r.Matrix() {
		for _, with := range []bool{row.Case, true} {
			q := plain(row.Role, row.Operation, row.Purpose)
			q.Case = with
			shown[q] |= row.Fields
			if row.Bare {
				shown[q] |= act
			}
		}
	}
	for _, role := range Roles {
		for q := range everyRequest(role) {
			if q.State != consented || q.Own != (role == Self) {
				continue
			}
			if got := modelAllows(q); got != shown[q] {
				t.Errorf("%+v: shown %s, allowed %s", q, shown[q], got)
			}
		}
	}
}

// TestMatrixSplitsByCase: what needs a case and what doesn't are two rows.
func TestMatrixSplitsByCase(t *testing.T) {
	r := rules(t, `@id("name") @clause("4.1.7") permit (principal == Role::"support", action == Action::"use", resource == Field::"surname")
		when { context.purpose == Purpose::"4.1.7" };
		@id("mail") @clause("4.1.7") permit (principal == Role::"support", action == Action::"use", resource in Part::"profile")
		when { context.purpose == Purpose::"4.1.7" && context.case };`)
	want := []Row{
		{Role: SupportR, Purpose: Support, Operation: Use, Fields: person.Set(person.Surname)},
		{Role: SupportR, Purpose: Support, Operation: Use, Fields: profile &^ person.Set(person.Surname), Case: true},
	}
	if got := r.Matrix(); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestCompareRules(t *testing.T) {
	old := DefaultRules()
	for name, c := range map[string]struct {
		was, is string
		want    []string
	}{
		"other words, same meaning": {
			`// A session is opened.`, `// A session begins.`, nil},
		"same meaning, written otherwise": {
			`when { [Field::"surname", Field::"given_name", Field::"phone"].contains(resource) };`,
			`unless { ![Field::"phone", Field::"given_name", Field::"surname"].contains(resource) };`, nil},
		"a field lost": {
			`Field::"email", Field::"phone", Field::"words",`, `Field::"email", Field::"words",`,
			[]string{"support loses phone under 4.1.7 (retrieval) in: ordinary,crossed"}},
		"a field gained and one lost": {
			`[Field::"surname", Field::"given_name", Field::"phone"]`, `[Field::"surname", Field::"given_name", Field::"position"]`,
			[]string{
				"support loses phone under 4.1.7 (refinement) in: ordinary,crossed",
				"support gains position under 4.1.7 (refinement) in: ordinary,crossed",
			}},
		"two purposes at once": {
			`action in [Action::"blocking", Action::"deletion", Action::"destruction"],`, `action in [Action::"blocking"],`,
			[]string{"officer loses the act,surname,given_name,email,iin,phone,place,workplace,position,service_since under 5.1 (deletion,destruction) in: ordinary,crossed,never_asked,declined,withdrawn"}},
		"an opening in the blocking": {
			`unless { principal == Role::"officer" && context.purpose == Purpose::"4.1.5" }`,
			`unless { principal == Role::"officer" && context.purpose in [Purpose::"4.1.5", Purpose::"5.2"] }`,
			[]string{
				"officer gains surname,given_name,email,iin,phone,place,workplace,position,service_since under 5.2 (provision) in: blocked",
				"officer gains the act,place,workplace,position,service_since under 5.2 (systematising,depersonalisation) in: blocked",
			}},
		"one opened only to those who are blocked and withdrew": {
			`unless { context.consent == Consent::"given" }`,
			`unless { context.consent == Consent::"given" || (context.restricted && principal == Role::"officer" && context.purpose == Purpose::"4.1.5") }`,
			[]string{
				"officer gains surname,given_name,email,iin,phone,place,workplace,position,service_since under 4.1.5 (refinement) in: blocked",
				"officer gains the act under 4.1.5 (retrieval) in: blocked,erased",
				"officer gains surname,given_name,email,iin,phone,place,workplace,position,service_since,past under 4.1.5 (retrieval) in: blocked",
			}},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Count(old, c.was) != 1 {
				t.Fatalf("%q stands %d times in the rules", c.was, strings.Count(old, c.was))
			}
			a, b := rules(t, old), rules(t, strings.Replace(old, c.was, c.is, 1))
			slices.Sort(c.want)
			if got := said(CompareRules(a, b)); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// TestCompareRulesBack: what one way gives the other way takes.
func TestCompareRulesBack(t *testing.T) {
	a := defaults(t)
	b := rules(t, strings.Replace(DefaultRules(), `[Field::"surname", Field::"given_name", Field::"phone"]`, `[Field::"email"]`, 1))
	there, back := CompareRules(a, b), CompareRules(b, a)
	if len(there) != 2 || len(back) != 2 {
		t.Fatalf("there %v, back %v", there, back)
	}
	for i := range back {
		back[i].Gains = !back[i].Gains
	}
	if there, back := said(there), said(back); !slices.Equal(there, back) {
		t.Errorf("there %v, back %v", there, back)
	}
}

// said gives the changes in words, sorted.
func said(changes []RuleChange) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.String())
	}
	slices.Sort(out)
	return out
}

// TestCompareRulesGroups: what changes alike for several purposes and operations is one change.
func TestCompareRulesGroups(t *testing.T) {
	const head = `@id("a") @clause("4.1.7") permit (principal == Role::"support", `
	a := rules(t, head+`action == Action::"use", resource == Field::"none") when { context.own };`)
	b := rules(t, head+`action in [Action::"use", Action::"retrieval"], resource in Part::"profile")
		when { [Purpose::"4.1.3", Purpose::"4.1.7"].contains(context.purpose) && context.consent == Consent::"given" && !context.restricted && !context.erased && context.case && !context.own };`)
	want := []string{
		"support gains surname,given_name,email,iin,phone,place,workplace,position,service_since under 4.1.3,4.1.7 (retrieval,use)",
		"support loses the act under 4.1.1,4.1.2,4.1.3,4.1.4,4.1.5,4.1.6,4.1.7,3.3.2,5.1,5.2,5.3,6.2.2,6.2.4,7.2 (use) in: crossed,never_asked,declined,withdrawn,blocked,erased",
	}
	if got := said(CompareRules(a, b)); !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func BenchmarkCompareRules(b *testing.B) {
	old := DefaultRules()
	x, y := rules(b, old), rules(b, strings.Replace(old, `unless { context.purpose == Purpose::"6.2.4" }`, ``, 1))
	for b.Loop() {
		CompareRules(x, y)
	}
}
