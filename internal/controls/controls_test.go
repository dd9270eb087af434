package controls

import (
	"slices"
	"testing"

	"ustaz/internal/policy"
)

func TestEveryNumberOfThePolicyIsThere(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	ed, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, c := range all {
		numbers = append(numbers, c.Number)
		if c.State == Kept && (len(c.Tests) == 0 || c.Missing != "") || c.State != Frame && c.State != Kept && c.Missing == "" || c.Demand == "" {
			t.Errorf("%+v", c)
		}
		if !slices.Contains([]State{Frame, Kept, Part, Later}, c.State) {
			t.Errorf("%s is %q", c.Number, c.State)
		}
	}
	if want := ed.Docs["kk"].Numbers(); !slices.Equal(numbers, want) {
		t.Errorf("numbers %v, want %v", numbers, want)
	}
}
