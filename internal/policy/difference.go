package policy

import (
	"slices"
	"strings"
)

// Change is one difference between two documents.
type Change struct {
	Kind     ChangeKind
	Part     Part
	No       string    // of the section or clause; empty for title and preamble
	Before   string    // whole text, items on lines of their own; empty if added
	After    string    // empty if removed
	Segments []Segment // of Changed only
}

// ChangeKind is also the end of a message key: "policy.change." + kind.
type ChangeKind string

// What can become of a part.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Part is also the end of a message key: "policy.part." + part.
type Part string

// What a document consists of.
const (
	PartTitle    Part = "title"
	PartPreamble Part = "preamble"
	PartSection  Part = "section"
	PartClause   Part = "clause"
)

// Segment is a run of words with one fate. The segments that are not Inserted, joined, are Before; those that are not
// Deleted are After.
type Segment struct {
	Kind SegmentKind
	Text string
}

// SegmentKind tells the fate of words.
type SegmentKind uint8

// The fates of words.
const (
	Kept SegmentKind = iota
	Deleted
	Inserted
)

// itemMark begins the line of an item in the texts of a Change.
const itemMark = "\n• "

// Difference lists what changed from a to b: title, preamble, then sections and clauses in the order of their numbers.
// Parts are matched by number; a clause that moved to another number is removed there and added here. A nil document
// has no parts. The result depends on nothing but a and b.
func Difference(a, b *Document) []Change {
	before, after := parts(a), parts(b)
	seen := map[partKey]bool{}
	var keys []partKey
	for _, list := range [][]partText{before, after} {
		for _, p := range list {
			if !seen[p.key] {
				seen[p.key] = true
				keys = append(keys, p.key)
			}
		}
	}
	slices.SortStableFunc(keys, comparePartKeys)
	old, now := textsByKey(before), textsByKey(after)
	var changes []Change
	for _, k := range keys {
		from, had := old[k]
		to, has := now[k]
		c := Change{Part: k.part, No: k.no, Before: from, After: to}
		switch {
		case !had:
			c.Kind = Added
		case !has:
			c.Kind = Removed
		case from == to:
			continue
		default:
			c.Kind = Changed
			c.Segments = diffWords(from, to)
		}
		changes = append(changes, c)
	}
	return changes
}

type partKey struct {
	part Part
	no   string
}

type partText struct {
	key  partKey
	text string
}

func parts(d *Document) []partText {
	if d == nil {
		return nil
	}
	list := []partText{{partKey{PartTitle, ""}, d.Title}}
	if len(d.Preamble) > 0 {
		list = append(list, partText{partKey{PartPreamble, ""}, strings.Join(d.Preamble, "\n")})
	}
	for _, s := range d.Sections {
		list = append(list, partText{partKey{PartSection, s.No}, s.Title})
		for _, c := range s.Clauses {
			text := strings.Join(append([]string{c.Text}, c.Items...), itemMark)
			list = append(list, partText{partKey{PartClause, c.No}, text})
		}
	}
	return list
}

func textsByKey(list []partText) map[partKey]string {
	texts := make(map[partKey]string, len(list))
	for _, p := range list {
		texts[p.key] = p.text
	}
	return texts
}

func comparePartKeys(a, b partKey) int {
	na, _ := parseNumber(a.no)
	nb, _ := parseNumber(b.no)
	return na.compare(nb) // title and preamble have no number and keep their order
}

// maxWordTable bounds the table of the word comparison; longer texts that share neither beginning nor end are shown as
// replaced.
const maxWordTable = 4 << 20

// diffWords compares by words, each with the white space after it.
func diffWords(from, to string) []Segment {
	a, b := splitWords(from), splitWords(to)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out segments
	out.add(Kept, a[:head]...)
	out.middle(a[head:len(a)-tail], b[head:len(b)-tail])
	out.add(Kept, a[len(a)-tail:]...)
	return out
}

// splitWords cuts s before each word, so that the pieces joined are s.
func splitWords(s string) []string {
	var list []string
	start := 0
	for i := 1; i < len(s); i++ {
		if isBlank(s[i-1]) && !isBlank(s[i]) {
			list = append(list, s[start:i])
			start = i
		}
	}
	if s != "" {
		list = append(list, s[start:])
	}
	return list
}

func isBlank(b byte) bool { return b == ' ' || b == '\n' }

type segments []Segment

func (s *segments) add(kind SegmentKind, words ...string) {
	text := strings.Join(words, "")
	if text == "" {
		return
	}
	if last := len(*s) - 1; last >= 0 && (*s)[last].Kind == kind {
		(*s)[last].Text += text
		return
	}
	*s = append(*s, Segment{kind, text})
}

// middle adds a longest common subsequence of a and b as kept, deletions before insertions.
func (s *segments) middle(a, b []string) {
	if len(a) == 0 || len(b) == 0 || len(a) > maxWordTable/len(b) {
		s.add(Deleted, a...)
		s.add(Inserted, b...)
		return
	}
	width := len(b) + 1
	common := make([]int32, (len(a)+1)*width) // of a[i:] and b[j:]
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i*width+j] = common[(i+1)*width+j+1] + 1
			} else {
				common[i*width+j] = max(common[(i+1)*width+j], common[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			s.add(Kept, a[i])
			i, j = i+1, j+1
		case common[(i+1)*width+j] >= common[i*width+j+1]:
			s.add(Deleted, a[i])
			i++
		default:
			s.add(Inserted, b[j])
			j++
		}
	}
	s.add(Deleted, a[i:]...)
	s.add(Inserted, b[j:]...)
}
