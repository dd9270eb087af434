package quiz

import (
	"strings"
	"testing"
)

// TestSaid: what was answered is told in the words that were chosen or typed, whatever the kind.
func TestSaid(t *testing.T) {
	want := map[Kind]string{One: "To give feedback while pupils learn", Bool: "no", Order: "Decide what pupils should achieve", Number: "7.67", Short: "Abai", Cloze: "Astana",
		Match: "names a concept → Knowledge", Many: "drawing the problem first"}
	for kind, part := range want {
		q, err := Parse(Sample(kind, "en"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(q.Said(q.Right(), "yes", "no"), "; "); !strings.Contains(got, part) {
			t.Errorf("%s: %q has no %q", kind, got, part)
		}
		if got := q.Said(Answer{}, "yes", "no"); len(got) != 0 {
			t.Errorf("%s: nothing was answered, and %q is said", kind, got)
		}
	}
	essay, err := Parse(Sample(Essay, "en"))
	if err != nil {
		t.Fatal(err)
	}
	if got := essay.Said(Answer{Text: "My lesson."}, "", ""); len(got) != 1 || got[0] != "My lesson." {
		t.Errorf("%q", got)
	}
	one, err := Parse(Sample(One, "en"))
	if err != nil {
		t.Fatal(err)
	}
	if got := one.Said(Answer{Chosen: []int{9}}, "", ""); got != nil {
		t.Errorf("an answer that can be none: %q", got)
	}
}
