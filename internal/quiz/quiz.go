// Package quiz knows questions of tests: how they are written, shown, answered and graded. It does no I/O and reads no clock.
//
// It guarantees: what Parse gives, Format writes so that Parse gives the same again; an answer that Check lets pass fits its question; a
// grade is from 0 to 1000 thousandths, 1000 for the answer of the right parts alone and 0 for none; numbers are compared exactly; the
// same seed draws and shuffles the same, in every version of the program.
//
// # How a question is written
//
// A text in one language: the prompt in Markdown, then the answers, one a line, then if need be an explanation. The answers are the
// lines at the end that look like answers of one kind; empty lines may stand between them. What stands in a fenced code block is always
// the prompt's. A backslash takes a sign for itself, as in Markdown: a line that begins \= or \( is no answer, \{{ is no gap, \-> is no arrow.
// Numbered statements and arrows right above answers of another kind are the prompt's without a backslash.
//
// One choice (one), two options or more of which one is right. The x may be Latin or Cyrillic. After " // ", with its spaces, stands
// what is said to whoever chooses the option:
//
//	What does formative assessment serve?
//	( ) Ranking of pupils // A rank says nothing about the next step.
//	(x) Feedback while they learn
//
// Several choices (many), two options or more of which at least one is right:
//
//	Which are open questions?
//	[x] Why do leaves turn yellow?
//	[ ] Is seven a prime number?
//	[x] How would you prove it?
//
// A statement (bool) that is true or false; дұрыс, бұрыс, верно, неверно say the same:
//
//	An open question has one right answer.
//	= false
//
// A number (number) with its tolerance, as a range, or alone; several lines are several answers that are accepted. ± may be written +-
// or +/-, a decimal sign is a point or a comma, thousands may stand apart:
//
//	What is the length of the Earth's equator, in kilometres?
//	= 40 075 ± 25
//	= 40000..40050
//
// A short text (short): whatever is neither truth nor number, with everything that is accepted between bars, on one line or several. Case,
// spaces, quotation marks, lengths of dashes and a full stop at the end make no difference; letters do, Kazakh ones too. \| is a bar,
// and a backslash in front makes a text of a number:
//
//	Who wrote “The Book of Words”?
//	= Abai | Abai Qunanbaiuly
//
// Pairs to be matched (match), two or more, with -> or →; an arrow without a left side is a right side that belongs to nothing:
//
//	At which level is a pupil who does this?
//	names -> Knowledge
//	explains in other words -> Comprehension
//	-> Evaluation
//
// An order (order) of two items or more, each number once, in whatever order they are written:
//
//	Put the steps of a lesson plan in order.
//	(2) Decide how the result will be seen
//	(1) Name the result
//
// Gaps in the prompt (cloze): a text, a number, or a choice whose first option is the right one. A gap stands on one line, outside of
// fenced code; a line with a gap is the prompt's, even if it looks like an answer:
//
//	The capital is {{Astana|Astana city}}, pi is {{=3.14 ± 0.01}}, and the school year begins in {{*September|October}}.
//
// A text (essay) or a file (file) that a person grades:
//
//	Describe a lesson in which you gave pupils different tasks.
//	[text]
//
//	Bring the plan of one lesson.
//	[file]
//
// An explanation, in Markdown, is shown where the rules of the test allow; it stands last, on lines that begin with an exclamation mark
// and a space:
//
//	Seven is a prime number.
//	= true
//	! Nothing but one and seven divides it.
package quiz

import "slices"

// Kind is what a question asks for.
type Kind string

// The kinds, in the order in which an editor offers them.
const (
	One    Kind = "one"    // one option of several
	Many   Kind = "many"   // several options
	Bool   Kind = "bool"   // whether a statement is true
	Match  Kind = "match"  // pairs
	Order  Kind = "order"  // an order of items
	Number Kind = "number" // a number
	Short  Kind = "short"  // a few words
	Cloze  Kind = "cloze"  // gaps in a text
	Essay  Kind = "essay"  // a text that a person grades
	File   Kind = "file"   // a file that a person grades
)

var kinds = []Kind{One, Many, Bool, Match, Order, Number, Short, Cloze, Essay, File}

// Kinds lists the kinds.
func Kinds() []Kind { return slices.Clone(kinds) }

// NameKey is the message key of the kind's name.
func (k Kind) NameKey() string { return "quiz." + string(k) + ".name" }

// HelpKey is the message key of one line for the editor that says how the kind is written.
func (k Kind) HelpKey() string { return "quiz." + string(k) + ".help" }

// Limits of a question.
const (
	MaxText   = 64 << 10 // bytes of the whole
	MaxParts  = 60       // options, pairs, wrong right sides, items, gaps, answers that are accepted
	MaxOption = 2000     // characters of an option, its feedback, a side of a pair, an item
	MaxShort  = 500      // characters of a short text, accepted or given
	MaxEssay  = 20_000   // characters of an essay
)

// GapMark stands in a Prompt where a gap is: OBJECT REPLACEMENT CHARACTER, which no text that Parse reads may hold. Who renders the prompt
// puts the n-th gap in place of the n-th mark.
const GapMark = '\uFFFC'

// Question is a question in one language. Which fields are filled depends on Kind.
type Question struct {
	Kind        Kind
	Prompt      string   // Markdown; of Cloze with a GapMark for each gap
	Options     []Option // One, Many
	True        bool     // Bool: the statement is true
	Ranges      []Range  // Number: each is accepted
	Accepted    []string // Short: plain text, each is accepted
	Pairs       []Pair   // Match
	Spare       []string // Match: right sides that belong to nothing
	Items       []string // Order: in the right order
	Gaps        []Gap    // Cloze: in the order of the prompt
	Explanation string   // Markdown, may be empty
}

// Option is one that can be chosen.
type Option struct {
	Text     string // Markdown of one line
	Right    bool
	Feedback string // Markdown of one line, for who chose it; may be empty
}

// Pair is a left side and what belongs to it, both Markdown of one line. Several left sides may have the same right side.
type Pair struct{ Left, Right string }

// Gap is a gap of a text: it has Accepted, Ranges, or Options.
type Gap struct {
	Accepted []string // plain text
	Ranges   []Range
	Options  []string // plain text; the first is right
}

// Kind is Short, Number, or One.
func (g Gap) Kind() Kind {
	switch {
	case len(g.Options) > 0:
		return One
	case len(g.Ranges) > 0:
		return Number
	}
	return Short
}

// Equal tells whether g and h are the same.
func (g Gap) Equal(h Gap) bool {
	return slices.Equal(g.Accepted, h.Accepted) && slices.Equal(g.Ranges, h.Ranges) && slices.Equal(g.Options, h.Options)
}

// Equal tells whether q and r are the same, to the letter.
func (q Question) Equal(r Question) bool {
	return q.Kind == r.Kind && q.Prompt == r.Prompt && slices.Equal(q.Options, r.Options) && q.True == r.True && slices.Equal(q.Ranges, r.Ranges) &&
		slices.Equal(q.Accepted, r.Accepted) && slices.Equal(q.Pairs, r.Pairs) && slices.Equal(q.Spare, r.Spare) && slices.Equal(q.Items, r.Items) &&
		slices.EqualFunc(q.Gaps, r.Gaps, Gap.Equal) && q.Explanation == r.Explanation
}

// Rights are the right sides of Match that are offered: each once, those of the pairs first. Answer.Matched counts in this order.
func (q Question) Rights() []string {
	var out []string
	for _, p := range q.Pairs {
		if !slices.Contains(out, p.Right) {
			out = append(out, p.Right)
		}
	}
	return append(out, q.Spare...)
}

// targets gives for each pair where its right side stands among Rights.
func (q Question) targets() []int {
	rights := q.Rights()
	out := make([]int, len(q.Pairs))
	for i, p := range q.Pairs {
		out[i] = slices.Index(rights, p.Right)
	}
	return out
}

// Alike tells whether a and b can be the same question in two languages: they agree in kind, options and which are right, truth, numbers, pairs,
// items and gaps. The error is Invalid, names the input text and says what differs; {place} counts from 1.
func Alike(a, b Question) error {
	switch {
	case a.Kind != b.Kind:
		return differ("quiz.alike.kind", 0)
	case len(a.Options) != len(b.Options):
		return differ("quiz.alike.options", 0)
	case a.True != b.True:
		return differ("quiz.alike.truth", 0)
	case !slices.Equal(a.Ranges, b.Ranges):
		return differ("quiz.alike.numbers", 0)
	case len(a.Spare) != len(b.Spare) || !slices.Equal(a.targets(), b.targets()):
		return differ("quiz.alike.pairs", 0)
	case len(a.Items) != len(b.Items):
		return differ("quiz.alike.items", 0)
	case len(a.Gaps) != len(b.Gaps):
		return differ("quiz.alike.gaps", 0)
	}
	for i, o := range a.Options {
		if o.Right != b.Options[i].Right {
			return differ("quiz.alike.right", i+1)
		}
	}
	for i, g := range a.Gaps {
		h := b.Gaps[i]
		if g.Kind() != h.Kind() || len(g.Options) != len(h.Options) || !slices.Equal(g.Ranges, h.Ranges) {
			return differ("quiz.alike.gap", i+1)
		}
	}
	return nil
}
