package quiz

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Answer is what somebody answered. Indices count in the question's own order, never in that in which it was shown, so an answer stays what it
// is in another language and another layout. The zero Answer is none; a part that was left out is -1 or "".
type Answer struct {
	Chosen  []int    `json:"chosen,omitempty"`  // One, Many: options, each once
	Truth   *bool    `json:"truth,omitempty"`   // Bool
	Text    string   `json:"text,omitempty"`    // Number, Short, Essay
	Matched []int    `json:"matched,omitempty"` // Match: for each pair a place among Rights
	Order   []int    `json:"order,omitempty"`   // Order: for each place an item, each once
	Gaps    []string `json:"gaps,omitempty"`    // Cloze: for each gap the text, or the number of the option in decimal
	File    string   `json:"file,omitempty"`    // File: the name under which the caller keeps it
}

// Answered tells whether anything was answered.
func (a Answer) Answered() bool {
	given := func(i int) bool { return i >= 0 }
	return len(a.Chosen) > 0 || a.Truth != nil || a.Text != "" || a.File != "" || slices.ContainsFunc(a.Matched, given) ||
		slices.ContainsFunc(a.Order, given) || slices.ContainsFunc(a.Gaps, func(s string) bool { return s != "" })
}

var fileForm = regexp.MustCompile(`^[A-Za-z0-9-]{0,100}$`)

// ReadAnswer reads the answer to q from a form. Its inputs are choice, once for each option chosen, with the option's index; truth, true or
// false; text; match.0, match.1 … with the index among Rights; place.0, place.1 … with the place, from 1, of each item; gap.0, gap.1 …
// with the text or the option's index. What is empty or not there is not answered, other inputs are left alone. A file does not come in
// this way: the caller, who has put it away, sets its name. Errors are Invalid and name the inputs.
func ReadAnswer(q Question, form map[string][]string) (Answer, error) {
	r := reader{form: form}
	var a Answer
	switch q.Kind {
	case One, Many:
		for _, s := range form["choice"] {
			if s != "" {
				a.Chosen = append(a.Chosen, r.index("choice", s, len(q.Options), "quiz.answer.choice"))
			}
		}
		slices.Sort(a.Chosen)
	case Bool:
		switch r.text("truth") {
		case "":
		case "true", "false":
			isTrue := r.text("truth") == "true"
			a.Truth = &isTrue
		default:
			r.fault("truth", "quiz.answer.choice")
		}
	case Number, Short, Essay:
		a.Text = r.text("text")
	case Match:
		rights := len(q.Rights())
		a.Matched = r.indices("match.", len(q.Pairs), rights, "quiz.answer.match")
	case Order:
		a.Order = r.order(len(q.Items))
	case Cloze:
		for i := range q.Gaps {
			a.Gaps = append(a.Gaps, r.text("gap."+strconv.Itoa(i)))
		}
	}
	if len(r.faults) > 0 {
		return Answer{}, errs.InvalidFields(r.faults)
	}
	if !a.Answered() {
		a = Answer{}
	}
	if err := q.Check(a); err != nil {
		return Answer{}, err
	}
	return a, nil
}

type reader struct {
	form   map[string][]string
	faults []errs.Field
}

func (r *reader) fault(name, key string) {
	r.faults = append(r.faults, errs.Field{Name: name, Key: key})
}

func (r *reader) text(name string) string {
	if len(r.form[name]) == 0 {
		return ""
	}
	return strings.TrimSpace(newlines.Replace(r.form[name][0]))
}

// index reads a number below n.
func (r *reader) index(name, s string, n int, key string) int {
	i, ok := index(s, n)
	if !ok {
		r.fault(name, key)
		return -1
	}
	return i
}

func (r *reader) indices(prefix string, count, n int, key string) []int {
	out := make([]int, count)
	for i := range out {
		name := prefix + strconv.Itoa(i)
		out[i] = -1
		if s := r.text(name); s != "" {
			out[i] = r.index(name, s, n, key)
		}
	}
	return out
}

// order turns the place of each item into the item at each place.
func (r *reader) order(n int) []int {
	out := slices.Repeat([]int{-1}, n)
	for item, place := range r.indices("place.", n, n+1, "quiz.answer.place") {
		switch {
		case place < 0:
		case place == 0 || out[place-1] >= 0:
			r.fault("place."+strconv.Itoa(item), "quiz.answer.place")
		default:
			out[place-1] = item
		}
	}
	return out
}

func index(s string, n int) (int, bool) {
	i, err := strconv.Atoi(s)
	return i, err == nil && i >= 0 && i < n && strconv.Itoa(i) == s
}

// Check tells whether a can be an answer to q, wherever it comes from: nothing of another kind in it, no index out of range, none twice, no
// text too long, a number where one is asked for. Errors are Invalid and name the inputs of ReadAnswer.
func (q Question) Check(a Answer) error {
	var faults []errs.Field
	fault := func(name, key string) { faults = append(faults, errs.Field{Name: name, Key: key}) }
	text := func(name, s string, longest int) {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !(r == '\t' || r == '\n' && longest == MaxEssay) }) {
			fault(name, "quiz.answer.characters")
		} else if utf8.RuneCountInString(s) > longest {
			faults = append(faults, errs.Field{Name: name, Key: "quiz.answer.long", Args: map[string]string{"limit": strconv.Itoa(longest)}})
		}
	}
	number := func(name, s string) {
		text(name, s, MaxShort)
		if _, ok := ParseDecimal(s); s != "" && !ok {
			fault(name, "quiz.answer.number")
		}
	}
	rest := a // what is left once the kind has taken its own
	switch q.Kind {
	case One, Many:
		rest.Chosen = nil
		if !distinct(a.Chosen, 0, len(q.Options)) || q.Kind == One && len(a.Chosen) > 1 {
			fault("choice", "quiz.answer.choice")
		}
	case Bool:
		rest.Truth = nil
	case Number:
		rest.Text = ""
		number("text", a.Text)
	case Short:
		rest.Text = ""
		text("text", a.Text, MaxShort)
	case Essay:
		rest.Text = ""
		text("text", a.Text, MaxEssay)
	case Match:
		rest.Matched = nil
		rights := len(q.Rights())
		if len(a.Matched) != 0 && len(a.Matched) != len(q.Pairs) || slices.ContainsFunc(a.Matched, func(i int) bool { return i < -1 || i >= rights }) {
			fault("match", "quiz.answer.match")
		}
	case Order:
		rest.Order = nil
		if len(a.Order) != 0 && len(a.Order) != len(q.Items) || !distinct(a.Order, -1, len(q.Items)) {
			fault("place", "quiz.answer.place")
		}
	case Cloze:
		rest.Gaps = nil
		if len(a.Gaps) != 0 && len(a.Gaps) != len(q.Gaps) {
			fault("gap", "quiz.answer.kind")
			break
		}
		for i, s := range a.Gaps {
			name, g := "gap."+strconv.Itoa(i), q.Gaps[i]
			switch g.Kind() {
			case Number:
				number(name, s)
			case Short:
				text(name, s, MaxShort)
			case One:
				if _, ok := index(s, len(g.Options)); s != "" && !ok {
					fault(name, "quiz.answer.choice")
				}
			}
		}
	case File:
		rest.File = ""
		if !fileForm.MatchString(a.File) {
			fault("file", "quiz.answer.kind")
		}
	}
	if len(rest.Chosen)+len(rest.Matched)+len(rest.Order)+len(rest.Gaps) > 0 || rest.Answered() {
		fault("kind", "quiz.answer.kind")
	}
	return errs.InvalidFields(faults)
}

// distinct tells whether all of list are from low to below n, and none but -1 comes twice.
func distinct(list []int, low, n int) bool {
	seen := make([]bool, n)
	for _, i := range list {
		if i < low || i >= n || i >= 0 && seen[i] {
			return false
		}
		if i >= 0 {
			seen[i] = true
		}
	}
	return true
}

// Right is the answer made of the right parts of a question that Parse gave; of Essay and File there is none.
func (q Question) Right() Answer {
	var a Answer
	switch q.Kind {
	case One, Many:
		for i, o := range q.Options {
			if o.Right {
				a.Chosen = append(a.Chosen, i)
			}
		}
	case Bool:
		isTrue := q.True
		a.Truth = &isTrue
	case Number:
		a.Text = q.Ranges[0].example()
	case Short:
		a.Text = q.Accepted[0]
	case Match:
		a.Matched = q.targets()
	case Order:
		for i := range q.Items {
			a.Order = append(a.Order, i)
		}
	case Cloze:
		for _, g := range q.Gaps {
			a.Gaps = append(a.Gaps, g.right())
		}
	}
	return a
}

func (g Gap) right() string {
	switch g.Kind() {
	case One:
		return "0"
	case Number:
		return g.Ranges[0].example()
	}
	return g.Accepted[0]
}

// example is a number of r that was written, or that stands between two such.
func (r Range) example() string {
	if r.Around {
		return string(r.Middle())
	}
	return string(r.Low)
}
