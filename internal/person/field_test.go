package person

import (
	"slices"
	"strings"
	"testing"
)

func TestFields(t *testing.T) {
	seen := map[string]bool{}
	for i, f := range All {
		if int(f) != i+1 || !f.Valid() {
			t.Errorf("%v has code %d, want %d", f, f, i+1)
		}
		if seen[f.String()] || f.Clause() == "" {
			t.Errorf("%v: name twice or no clause", f)
		}
		seen[f.String()] = true
		if g, ok := FieldByName(f.String()); !ok || g != f {
			t.Errorf("FieldByName(%v) = %v", f, g)
		}
	}
	if Field(0).Valid() || Field(17).Valid() || Field(0).Clause() != "" || Field(200).String() != "field?" {
		t.Error("a field outside the list passes")
	}
	if _, ok := FieldByName("patronymic"); ok {
		t.Error("the patronymic is not in 3.2")
	}
}

// The profile is 3.2.1 to 3.2.8 and nothing else.
func TestProfile(t *testing.T) {
	var clauses []string
	for _, f := range Profile {
		clauses = append(clauses, f.Clause())
	}
	want := "3.2.1 3.2.1 3.2.2 3.2.3 3.2.4 3.2.5 3.2.6 3.2.7 3.2.8"
	if got := strings.Join(clauses, " "); got != want {
		t.Errorf("clauses of the profile: %s", got)
	}
}

// Fields agrees with a list of fields for every set.
func TestFieldSets(t *testing.T) {
	for bits := range 1 << len(All) {
		var list []Field
		for i, f := range All {
			if bits&(1<<i) != 0 {
				list = append(list, f)
			}
		}
		s := Set(list...)
		if !slices.Equal(s.List(), list) || s.Len() != len(list) {
			t.Fatalf("%v became %v", list, s)
		}
		for _, f := range All {
			if s.Has(f) != slices.Contains(list, f) || Set(f).Within(s) != s.Has(f) {
				t.Fatalf("%v and %v disagree", f, s)
			}
		}
	}
	if s := Set(Email, IIN); s.Within(Set(Email)) || !s.Within(Set(IIN, Phone, Email)) || s.String() != "email,iin" {
		t.Errorf("set %v", s)
	}
}
