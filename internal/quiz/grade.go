package quiz

// Verdict says how a part of a question was answered.
type Verdict uint8

// Verdicts.
const (
	Untouched Verdict = iota // a wrong option that was not chosen
	Correct                  // chosen, or filled in, rightly
	Wrong                    // chosen, or filled in, wrongly
	Missed                   // a right option that was not chosen, a pair, item or gap that was left empty
)

// Full is the share of a wholly right answer, in thousandths.
const Full = 1000

// Grade is what an answer is worth.
type Grade struct {
	Share    int       // thousandths, 0 to Full
	ByPerson bool      // a person decides; Share is 0 until then
	Parts    []Verdict // of each option, pair, item (in its own place) or gap; of other kinds one; nil of Essay and File
}

// Grade tells what a is worth. Of Many, each wrong option that was chosen takes a right one away, never below 0. Of Match, Order and Cloze
// the share of pairs, items in their own place, or gaps that are right counts. An essay or a file that was not handed in is worth 0, and no
// person need look at it. An answer that Check refuses is none.
func (q Question) Grade(a Answer) Grade {
	if q.Check(a) != nil {
		a = Answer{}
	}
	switch q.Kind {
	case One, Many:
		return q.gradeOptions(a)
	case Bool:
		return gradeParts([]Verdict{verdict(a.Truth != nil, a.Truth != nil && *a.Truth == q.True)})
	case Number:
		return gradeParts([]Verdict{verdict(a.Text != "", within(q.Ranges, a.Text))})
	case Short:
		return gradeParts([]Verdict{verdict(a.Text != "", accepts(q.Accepted, a.Text))})
	case Match:
		parts := make([]Verdict, len(q.Pairs))
		for i, target := range q.targets() {
			given := len(a.Matched) > 0 && a.Matched[i] >= 0
			parts[i] = verdict(given, given && a.Matched[i] == target)
		}
		return gradeParts(parts)
	case Order:
		parts := make([]Verdict, len(q.Items))
		for i := range parts {
			parts[i] = Missed
		}
		for place, i := range a.Order {
			if i >= 0 {
				parts[i] = verdict(true, i == place)
			}
		}
		return gradeParts(parts)
	case Cloze:
		parts := make([]Verdict, len(q.Gaps))
		for i, g := range q.Gaps {
			given := len(a.Gaps) > 0 && a.Gaps[i] != ""
			parts[i] = verdict(given, given && g.accepts(a.Gaps[i]))
		}
		return gradeParts(parts)
	}
	return Grade{ByPerson: a.Answered()}
}

func verdict(given, right bool) Verdict {
	switch {
	case !given:
		return Missed
	case right:
		return Correct
	}
	return Wrong
}

func (q Question) gradeOptions(a Answer) Grade {
	parts := make([]Verdict, len(q.Options))
	all, won := 0, 0
	for i, o := range q.Options {
		if o.Right {
			parts[i] = Missed
			all++
		}
	}
	for _, i := range a.Chosen {
		if q.Options[i].Right {
			parts[i] = Correct
			won++
		} else {
			parts[i] = Wrong
			won--
		}
	}
	return Grade{Share: share(max(won, 0), all), Parts: parts}
}

func gradeParts(parts []Verdict) Grade {
	right := 0
	for _, p := range parts {
		if p == Correct {
			right++
		}
	}
	return Grade{Share: share(right, len(parts)), Parts: parts}
}

// share is part of all in thousandths, rounded half up.
func share(part, all int) int {
	if all == 0 {
		return 0
	}
	return (2*Full*part + all) / (2 * all)
}

func within(ranges []Range, text string) bool {
	d, ok := ParseDecimal(text)
	if !ok {
		return false
	}
	for _, r := range ranges {
		if r.Holds(d) {
			return true
		}
	}
	return false
}

func (g Gap) accepts(text string) bool {
	switch g.Kind() {
	case One:
		return text == g.right()
	case Number:
		return within(g.Ranges, text)
	}
	return accepts(g.Accepted, text)
}
