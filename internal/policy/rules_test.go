package policy

import (
	"strings"
	"testing"

	"ustaz/internal/errs"
)

func TestDefaultRules(t *testing.T) {
	r := defaults(t)
	if r.Text() != DefaultRules() {
		t.Error("Text is not what was parsed")
	}
	if n := len(DefaultRules()); n > MaxRules/2 {
		t.Errorf("the default rules have %d bytes and leave editions little room", n)
	}
	for i, line := range strings.Split(DefaultRules(), "\n") {
		if n := len([]rune(line)); n > 120 {
			t.Errorf("line %d of rules.cedar is %d long", i+1, n)
		}
	}
}

func TestParseRulesRefuses(t *testing.T) {
	const head = "// comment\n\n@id(\"a\") @clause(\"4.1.7\")\n"
	const good = head + `permit (principal, action, resource);`
	for name, c := range map[string]struct {
		text string
		key  string // of the fault, after policy.rules.
		at   string
		arg  string
	}{
		"no name":              {`@clause("4.1.7") permit (principal, action, resource);`, "id", "policy (line 1)", ""},
		"a name twice":         {good + "\n" + good, "id_twice", "a (line 7)", ""},
		"no clause":            {`@id("a") permit (principal, action, resource);`, "clause", "a (line 1)", ""},
		"a clause in words":    {`@id("a") @clause("four") permit (principal, action, resource);`, "clause", "a (line 1)", "four"},
		"a clause with a zero": {`@id("a") @clause("4.01") permit (principal, action, resource);`, "clause", "a (line 1)", "4.01"},
		"a forbid unexplained": {head + `forbid (principal, action, resource);`, "refused", "a (line 3)", ""},
		"an unknown reason":    {head + `@refused("mood") forbid (principal, action, resource);`, "refused", "a (line 3)", "mood"},
		"no reason given":      {head + `@refused("") forbid (principal, action, resource);`, "refused", "a (line 3)", ""},
		"a permit with reason": {head + `@refused("case") permit (principal, action, resource);`, "refused", "a (line 3)", "case"},
		"another annotation":   {head + `@note("x") permit (principal, action, resource);`, "annotation", "a (line 3)", "note"},
		"unknown role":         {head + `permit (principal == Role::"suport", action, resource);`, "unknown", "a (line 3)", `Role::"suport"`},
		"unknown group":        {head + `permit (principal in Role::"staff", action, resource);`, "unknown", "a (line 3)", `Role::"staff"`},
		"unknown narrowed":     {head + `permit (principal is Role in Role::"staff", action, resource);`, "unknown", "a (line 3)", `Role::"staff"`},
		"unknown operation":    {head + `permit (principal, action == Action::"read", resource);`, "unknown", "a (line 3)", `Action::"read"`},
		"unknown among some":   {head + `permit (principal, action in [Action::"use", Action::"read"], resource);`, "unknown", "a (line 3)", `Action::"read"`},
		"unknown field":        {head + `permit (principal, action, resource == Field::"patronymic");`, "unknown", "a (line 3)", `Field::"patronymic"`},
		"unknown purpose":      {head + `permit (principal, action, resource) when { context.purpose == Purpose::"4.1.8" };`, "unknown", "a (line 3)", `Purpose::"4.1.8"`},
		"unknown in a set":     {head + `permit (principal, action, resource) when { [Field::"email", Field::"mail"].contains(resource) };`, "unknown", "a (line 3)", `Field::"mail"`},
		"unknown state":        {head + `permit (principal, action, resource) unless { context.consent == Consent::"silent" };`, "unknown", "a (line 3)", `Consent::"silent"`},
		"text for a purpose":   {head + `permit (principal, action, resource) when { context.purpose == "4.1.7" };`, "literal", "a (line 3)", "4.1.7"},
		"a number":             {head + `permit (principal, action, resource) when { 1 < 2 };`, "literal", "a (line 3)", "1"},
		"a function":           {head + `permit (principal, action, resource) when { ip("10.0.0.1").isLoopback() };`, "literal", "a (line 3)", "isLoopback"},
		"unknown attribute":    {head + `permit (principal, action, resource) when { context.purpos == Purpose::"4.1.7" };`, "sense", "a (line 3)", ""},
		"attribute of a role":  {head + `permit (principal, action, resource) when { principal.own };`, "sense", "a (line 3)", ""},
		"a field as principal": {head + `permit (principal == Field::"email", action, resource);`, "sense", "a (line 3)", ""},
		"never: wrong kind":    {head + `permit (principal, action, resource) when { context.purpose == Role::"support" };`, "never", "a (line 3)", ""},
		"never: contradiction": {head + `@refused("erased") forbid (principal, action, resource) when { context.erased && !context.erased };`, "never", "a (line 3)", ""},
		"never: a part opened": {head + `permit (principal, action, resource == Part::"profile");`, "sense", "a (line 3)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ParseRules(c.text)
			if r != nil || !errs.Is(err, errs.Invalid) {
				t.Fatalf("got %v, %v", r, err)
			}
			e := errs.As(err)
			if e.Key != "policy.rules.invalid" || len(e.Fields) == 0 {
				t.Fatalf("got %+v", e)
			}
			f := e.Fields[0]
			said := f.Args["name"]
			if f.Key != "policy.rules."+c.key || f.Name != c.at || said != c.arg {
				t.Errorf("got %s at %s about %q, want %s at %s about %q", f.Key, f.Name, said, c.key, c.at, c.arg)
			}
		})
	}
}

func TestParseRulesTextFaults(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		kind errs.Kind
		key  string
	}{
		"empty":           {"", errs.Invalid, "policy.rules.empty"},
		"comments only":   {"// nothing\n", errs.Invalid, "policy.rules.empty"},
		"not Cedar":       {"Ережелер", errs.Invalid, "policy.rules.syntax"},
		"cut":             {strings.TrimRight(DefaultRules(), "; \n"), errs.Invalid, "policy.rules.syntax"},
		"a template":      {`@id("a") @clause("1.1") permit (principal == ?principal, action, resource);`, errs.Invalid, "policy.rules.syntax"},
		"annotated twice": {`@id("a") @id("b") @clause("1.1") permit (principal, action, resource);`, errs.Invalid, "policy.rules.syntax"},
		"too large":       {DefaultRules() + strings.Repeat(" ", MaxRules), errs.TooLarge, "policy.rules.too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseRules(c.text)
			if e := errs.As(err); e.Kind != c.kind || e.Key != c.key {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestParseRulesNamesAll: one look shows every fault.
func TestParseRulesNamesAll(t *testing.T) {
	_, err := ParseRules(`permit (principal == Role::"boss", action == Action::"read", resource);
		@id("b") @clause("4") permit (principal, action, resource) when { context.mood };`)
	var keys []string
	for _, f := range errs.As(err).Fields {
		keys = append(keys, strings.TrimPrefix(f.Key, "policy.rules.")+" "+f.Name)
	}
	want := "id policy (line 1); clause policy (line 1); unknown policy (line 1); unknown policy (line 1); sense b (line 2)"
	if got := strings.Join(keys, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestParseRulesDeep: nesting as deep as the limit allows neither overflows nor lasts.
func TestParseRulesDeep(t *testing.T) {
	n := MaxRules/2 - 100
	for _, body := range []string{strings.Repeat("(", n) + "true" + strings.Repeat(")", n), strings.Repeat("!", n) + "true", strings.Repeat("[", n)} {
		if _, err := ParseRules(`@id("deep") @clause("4.1.7") permit (principal, action, resource) when { ` + body + ` };`); errs.Is(err, errs.Internal) {
			t.Error(err)
		}
	}
}

func FuzzParseRules(f *testing.F) {
	for _, rule := range strings.SplitAfter(DefaultRules(), "};\n")[:8] {
		f.Add(rule)
	}
	f.Add(`@id("a") @clause("4.1.7") permit (principal is Role in Role::"reader", action, resource is Field) when { if context.own then context.case else false };`)
	f.Add(`@id("a") @clause("4.1.7") permit (principal, action, resource) when { {a: context.case}.a && context has own };`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRules(text)
		if err != nil {
			if k := errs.KindOf(err); k != errs.Invalid && k != errs.TooLarge {
				t.Errorf("kind %s: %v", k, err)
			}
			return
		}
		if r.Text() != text {
			t.Error("another text")
		}
		for _, role := range Roles {
			d := r.Decide(Request{Role: role, Operation: Retrieval, Purpose: Support, Fields: letter, State: consented, Case: true})
			if len(d.Clauses) == 0 || d.Allowed != (d.Key == "") {
				t.Errorf("%s: %+v", role, d)
			}
		}
		if changes := CompareRules(r, r); changes != nil {
			t.Errorf("differs from itself: %v", changes)
		}
	})
}
