package policy

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDifference(t *testing.T) {
	a, b := sampleDocument(), sampleDocument()
	b.Title = "New policy"
	b.Preamble = nil
	b.Sections[0].Clauses[0].Items[1] = "three."
	b.Sections[0].Clauses[1].Text = "a long word."
	b.Sections[1] = Section{"10", "Additions", []Clause{{"10.1", "More.", nil}}}
	want := []Change{
		{Changed, PartTitle, "", "Policy", "New policy", []Segment{{Deleted, "Policy"}, {Inserted, "New policy"}}},
		{Removed, PartPreamble, "", "It is short.", "", nil},
		{Changed, PartClause, "1.1", "In it:\n• one;\n• two.", "In it:\n• one;\n• three.",
			[]Segment{{Kept, "In it:\n• one;\n• "}, {Deleted, "two."}, {Inserted, "three."}}},
		{Changed, PartClause, "1.1.1", "a word.", "a long word.", []Segment{{Kept, "a "}, {Inserted, "long "}, {Kept, "word."}}},
		{Removed, PartSection, "2", "Data", "", nil},
		{Removed, PartClause, "2.1", "All data.", "", nil},
		{Added, PartSection, "10", "", "Additions", nil},
		{Added, PartClause, "10.1", "", "More.", nil},
	}
	got := Difference(a, b)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if changes := Difference(a, a); changes != nil {
		t.Errorf("a document differs from itself: %v", changes)
	}
	if changes := Difference(nil, a); len(changes) != 7 || changes[0].Kind != Added {
		t.Errorf("from nothing: %v", changes)
	}
}

func TestLongTextsAreReplacedWhole(t *testing.T) {
	from, to := strings.Repeat("a b ", 3000), strings.Repeat("c d ", 3000)
	if got := diffWords(from, to); len(got) != 2 || got[0] != (Segment{Deleted, from}) || got[1] != (Segment{Inserted, to}) {
		t.Errorf("%d segments", len(got))
	}
}

// The segments always spell both texts, no two neighbours have one fate, and kept words are as many as can be.
func TestSegmentsSpellBothTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "•", "\n• d"}), 0, 12).Draw(t, "words"), " ")
		})
		from, to := text.Draw(t, "from"), text.Draw(t, "to")
		var before, after string
		kept := 0
		var last *Segment
		for _, s := range diffWords(from, to) {
			if s.Kind != Inserted {
				before += s.Text
			}
			if s.Kind != Deleted {
				after += s.Text
			}
			if s.Kind == Kept {
				kept += len(splitWords(s.Text))
			}
			if s.Text == "" || last != nil && last.Kind == s.Kind {
				t.Fatalf("segment %q after %v", s, last)
			}
			last = &s
		}
		if before != from || after != to {
			t.Fatalf("%q and %q instead of %q and %q", before, after, from, to)
		}
		if best := longestCommon(splitWords(from), splitWords(to)); kept != best {
			t.Fatalf("%d words kept of %d", kept, best)
		}
	})
}

// longestCommon is the slow, obvious length of a longest common subsequence.
func longestCommon(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			up := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}
