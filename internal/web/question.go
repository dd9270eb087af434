package web

import (
	"html/template"
	"slices"
	"strconv"

	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/quiz"
)

// Asked is a question of a test, {{template "asked" .}}: to be answered inside of a form that quiz.ReadAnswer reads, or looked at once it was graded.
type Asked struct {
	words
	Lang    string // of the question
	Kind    quiz.Kind
	Prompt  []template.HTML // around the gaps, one more than there are
	Gaps    []AskedGap
	Choices []AskedChoice // One, Many, Bool
	Rows    []AskedRow    // Match, Order
	Text    string        // Number, Short, Essay
	Max     int           // characters of Text
	Verdict *Tag          // of the whole, once it was graded
	Right   []string      // answers that would have been right, where they may be shown and do not stand elsewhere
	Explain template.HTML
	Graded  bool // nothing can be filled in
	TextID  string
	File    *AskedFile // that was handed in, of a question that asks for one
}

// AskedFile is a file that answers a question, to be fetched by who may.
type AskedFile struct{ Name, Href, Size string }

// AskedChoice is one that can be chosen.
type AskedChoice struct {
	ID, Name, Value string
	Label           template.HTML
	Chosen, Several bool
	Tag             *Tag
	Feedback        template.HTML
}

// AskedRow is a left side, or an item, with the places that it can be given.
type AskedRow struct {
	ID, Name string
	Label    template.HTML
	Options  []Option
	Value    string
	Tag      *Tag
	Right    string
}

// AskedGap is a gap of a text.
type AskedGap struct {
	ID, Name, Label, Value string
	Options                []Option // none where it is typed
	Tag                    *Tag
	Right                  string
}

// Shown is how much of a graded question may be seen.
type Shown struct {
	Grade   quiz.Grade
	Answers bool // also what would have been right, and why
}

// NewAsked makes a question to be answered; a is what was answered so far, and graded nil until it is graded; files are those of its course. no is the question's place, which keeps
// the ids of several on a page apart.
func NewAsked(l i18n.Lang, lang string, no int, q quiz.Question, order quiz.Layout, a quiz.Answer, graded *Shown, files learning.Files) (*Asked, error) {
	v := &Asked{words: words{l}, Lang: lang, Kind: q.Kind, Text: a.Text, Max: quiz.MaxShort, Graded: graded != nil, TextID: "a" + strconv.Itoa(no)}
	m := &asking{v: v, prefix: v.TextID + "-", q: q, a: a, graded: graded, files: files}
	if q.Kind == quiz.Essay {
		v.Max = quiz.MaxEssay
	}
	var err error
	if v.Prompt, err = learning.Prompt(q, lang, files); err != nil {
		return nil, err
	}
	switch q.Kind {
	case quiz.One, quiz.Many:
		err = m.options(order.Options)
	case quiz.Bool:
		m.truth()
	case quiz.Match:
		err = m.pairs(order.Rights)
	case quiz.Order:
		err = m.items(order.Items)
	case quiz.Cloze:
		m.gaps(order.Gaps)
	case quiz.Number, quiz.Short:
		if m.answers() {
			v.Right = m.accepted(q.Accepted, q.Ranges)
		}
	}
	if err != nil {
		return nil, err
	}
	if graded != nil {
		v.Verdict = m.verdict()
		if graded.Answers && q.Explanation != "" {
			explained, err := learning.Render(q.Explanation, lang, files)
			if err != nil {
				return nil, err
			}
			v.Explain = explained.HTML
		}
	}
	return v, nil
}

type asking struct {
	v      *Asked
	prefix string // of ids
	q      quiz.Question
	a      quiz.Answer
	graded *Shown
	files  learning.Files
}

// answers tells whether what would have been right may be seen.
func (m *asking) answers() bool { return m.graded != nil && m.graded.Answers }

func (m *asking) verdict() *Tag {
	g := m.graded.Grade
	switch {
	case g.ByPerson:
		return &Tag{Text: m.v.T("asked.by_person"), Style: Info}
	case g.Share == quiz.Full:
		return &Tag{Text: m.v.T("asked.right"), Style: Good}
	case g.Share > 0:
		return &Tag{Text: m.v.T("asked.partly"), Style: Warn}
	}
	return &Tag{Text: m.v.T("asked.wrong"), Style: Bad}
}

// tag marks a part of a graded question; a right option that was missed is marked only where right answers may be seen.
func (m *asking) tag(part int) *Tag {
	if m.graded == nil || part >= len(m.graded.Grade.Parts) {
		return nil
	}
	switch m.graded.Grade.Parts[part] {
	case quiz.Correct:
		return &Tag{Text: m.v.T("asked.right"), Style: Good}
	case quiz.Wrong:
		return &Tag{Text: m.v.T("asked.wrong"), Style: Bad}
	case quiz.Missed:
		if m.answers() && (m.q.Kind == quiz.One || m.q.Kind == quiz.Many) {
			return &Tag{Text: m.v.T("asked.missed"), Style: Info}
		}
	}
	return nil
}

func (m *asking) options(order []int) error {
	for _, i := range order {
		label, err := learning.RenderLine(m.q.Options[i].Text, m.v.Lang, m.files)
		if err != nil {
			return err
		}
		c := AskedChoice{ID: m.prefix + strconv.Itoa(i), Name: "choice", Value: strconv.Itoa(i), Label: label, Several: m.q.Kind == quiz.Many, Chosen: slices.Contains(m.a.Chosen, i), Tag: m.tag(i)}
		if c.Chosen && m.answers() && m.q.Options[i].Feedback != "" {
			if c.Feedback, err = learning.RenderLine(m.q.Options[i].Feedback, m.v.Lang, m.files); err != nil {
				return err
			}
		}
		m.v.Choices = append(m.v.Choices, c)
	}
	return nil
}

func (m *asking) truth() {
	for _, isTrue := range []bool{true, false} {
		value := strconv.FormatBool(isTrue)
		c := AskedChoice{ID: m.prefix + value, Name: "truth", Value: value, Label: template.HTML(template.HTMLEscapeString(m.v.T("asked." + value))), Chosen: m.a.Truth != nil && *m.a.Truth == isTrue}
		if c.Chosen {
			c.Tag = m.tag(0)
		} else if m.answers() && m.q.True == isTrue {
			c.Tag = &Tag{Text: m.v.T("asked.missed"), Style: Info}
		}
		m.v.Choices = append(m.v.Choices, c)
	}
}

func (m *asking) pairs(order []int) error {
	rights := m.q.Rights()
	var options []Option
	for _, i := range order {
		options = append(options, Option{Value: strconv.Itoa(i), Text: learning.PlainLine(rights[i])})
	}
	for i, p := range m.q.Pairs {
		label, err := learning.RenderLine(p.Left, m.v.Lang, m.files)
		if err != nil {
			return err
		}
		row := AskedRow{ID: m.prefix + strconv.Itoa(i), Name: "match." + strconv.Itoa(i), Label: label, Options: options, Tag: m.tag(i)}
		if i < len(m.a.Matched) && m.a.Matched[i] >= 0 {
			row.Value = strconv.Itoa(m.a.Matched[i])
		}
		if m.answers() {
			row.Right = learning.PlainLine(p.Right)
		}
		m.v.Rows = append(m.v.Rows, row)
	}
	return nil
}

func (m *asking) items(order []int) error {
	var places []Option
	for i := range m.q.Items {
		places = append(places, Option{Value: strconv.Itoa(i + 1), Text: m.v.l.Number(int64(i + 1))})
	}
	for _, i := range order {
		label, err := learning.RenderLine(m.q.Items[i], m.v.Lang, m.files)
		if err != nil {
			return err
		}
		row := AskedRow{ID: m.prefix + strconv.Itoa(i), Name: "place." + strconv.Itoa(i), Label: label, Options: places, Tag: m.tag(i)}
		if at := slices.Index(m.a.Order, i); at >= 0 {
			row.Value = strconv.Itoa(at + 1)
		}
		if m.answers() {
			row.Right = m.v.l.Number(int64(i + 1))
		}
		m.v.Rows = append(m.v.Rows, row)
	}
	return nil
}

func (m *asking) gaps(orders [][]int) {
	for i, g := range m.q.Gaps {
		gap := AskedGap{ID: m.prefix + strconv.Itoa(i), Name: "gap." + strconv.Itoa(i), Label: m.v.T("asked.gap", i18n.Num("n", int64(i+1))), Tag: m.tag(i)}
		if i < len(m.a.Gaps) {
			gap.Value = m.a.Gaps[i]
		}
		for _, at := range orders[i] {
			gap.Options = append(gap.Options, Option{Value: strconv.Itoa(at), Text: g.Options[at]})
		}
		if m.answers() {
			gap.Right = m.v.l.List(m.accepted(g.Accepted, g.Ranges))
			if len(g.Options) > 0 {
				gap.Right = g.Options[0]
			}
		}
		m.v.Gaps = append(m.v.Gaps, gap)
	}
}

func (m *asking) accepted(texts []string, ranges []quiz.Range) []string {
	out := slices.Clone(texts)
	for _, r := range ranges {
		out = append(out, r.String())
	}
	return out
}

// Inputs are the names that an answer comes under.
func (v *Asked) Inputs() []Input {
	out := []Input{Many("choice"), Line("truth"), Lines("text", quiz.MaxEssay)}
	for _, r := range v.Rows {
		out = append(out, Line(r.Name))
	}
	for _, g := range v.Gaps {
		out = append(out, Lines(g.Name, quiz.MaxShort))
	}
	return out
}

// Refill puts back what was sent and not taken.
func (v *Asked) Refill(sent Form) {
	v.Text = sent.Get("text")
	for i := range v.Choices {
		v.Choices[i].Chosen = slices.Contains(sent.All(v.Choices[i].Name), v.Choices[i].Value)
	}
	for i := range v.Rows {
		v.Rows[i].Value = sent.Get(v.Rows[i].Name)
	}
	for i := range v.Gaps {
		v.Gaps[i].Value = sent.Get(v.Gaps[i].Name)
	}
}

// Piece is what stands before the n-th gap.
func (v *Asked) Piece(n int) template.HTML { return v.Prompt[n] }

// Last is what stands after the last gap.
func (v *Asked) Last() template.HTML { return v.Prompt[len(v.Prompt)-1] }

// Code is the language of the page around the question.
func (v *Asked) Code() string { return v.l.Code() }
