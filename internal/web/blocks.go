package web

import (
	"time"

	"ustaz/internal/i18n"
)

// Summary is a list of what is held, {{template "summary" .}}.
type Summary struct{ Rows []Row }

// Row is one line of a Summary.
type Row struct {
	Key   string
	Value Text
	Note  Text // smaller, under the value: since when, set by whom
	Act   *RowAct
}

// RowAct is a link at the end of a row. About completes it for those who hear it without the row: "Change — e-mail".
type RowAct struct {
	Text, About, Href string
	Post              *Post // in place of the link, for what changes something
}

// Steps shows how far one is in a long flow, {{template "steps" .}}.
type Steps struct {
	words
	Names   []string
	Current int // from 0; len(Names) is done
}

// NewSteps makes Steps.
func NewSteps(l i18n.Lang, current int, names ...string) Steps {
	return Steps{words: words{l}, Names: names, Current: current}
}

// Number is the step's number for people.
func (s Steps) Number(i int) int { return i + 1 }

// State is "done", "now" or "next".
func (s Steps) State(i int) string {
	switch {
	case i < s.Current:
		return "done"
	case i == s.Current:
		return "now"
	}
	return "next"
}

// Clock shows a term that runs, {{template "clock" .}}: days left, the last day, a bar.
type Clock struct {
	words
	Label string
	Left  string
	Due   string
	Used  int // per cent of the term
	State Style
}

// soon is when a term is shown as a warning.
const soon = 3

// NewClock measures a term in days of the calendar of Kazakhstan. due is a moment of the last day.
func NewClock(l i18n.Lang, label string, start, due, now time.Time) Clock {
	days := func(a, b time.Time) int64 {
		a, b = l.Local(a), l.Local(b)
		noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
		return int64(noon(b).Sub(noon(a)) / (24 * time.Hour))
	}
	c := Clock{words: words{l}, Label: label, State: Info, Due: l.T("frame.clock.due", i18n.Day("day", due))}
	whole, left := max(days(start, due), 1), days(now, due)
	c.Used = int(min(100, max(0, 100*(whole-left)/whole)))
	switch {
	case left < 0:
		c.State, c.Left = Bad, l.T("frame.clock.over", i18n.Num("n", -left))
	case left == 0:
		c.State, c.Left = Warn, l.T("frame.clock.today")
	case left <= soon:
		c.State, c.Left = Warn, l.T("frame.clock.left", i18n.Num("n", left))
	default:
		c.Left = l.T("frame.clock.left", i18n.Num("n", left))
	}
	return c
}

// Passage is one line of who has read what, {{template "passage" .}}: the words name who, what, why; the clause, the
// moment and the way to the proof follow.
type Passage struct {
	words
	Said    Text
	Clause  Clause
	When    string
	Refused bool  // the door stayed shut
	Proof   *Link // to the page that checks the entry
}

// NewPassage makes a line.
func NewPassage(l i18n.Lang, said Text, clause string, when time.Time) Passage {
	return Passage{words: words{l}, Said: said, Clause: NewClause(l, clause), When: l.DateTime(when)}
}

// Proof tells what was proven about an entry, {{template "proof" .}}; the hashes are for those who want them.
type Proof struct {
	words
	Holds bool
	Said  Text
	Facts []Row
	File  *Link // to check elsewhere
}

// NewProof makes a panel.
func NewProof(l i18n.Lang, holds bool, said Text, facts ...Row) Proof {
	return Proof{words: words{l}, Holds: holds, Said: said, Facts: facts}
}

// Table is a table that becomes cards on a phone, {{template "table" .}}.
type Table struct {
	Caption string
	Quiet   bool // the caption is for those who can't see the table
	Columns []Column
	Rows    [][]Cell
	Empty   *Empty // shown in place of a table without rows
}

// Column is a heading of a Table.
type Column struct {
	Label  string
	Number bool // figures, to the right
}

// Cell is one value. The first of a row is its heading.
type Cell struct {
	Text Text
	Tag  *Tag
	Post *Post
	Code bool // a name of the machine's, in a face of even width
}

// Tag is a state in a word or two.
type Tag struct {
	Text  string
	Style Style
}

// Empty says that there is nothing, why, and what to do, {{template "empty" .}}.
type Empty struct {
	Title string
	Text  Text
	Act   *Button
}

// Notice is news at the top of a page, {{template "notice" .}}.
type Notice struct {
	words
	Style Style // Info, Good, Warn, Bad
	Title string
	Text  Text
}

// NewNotice makes a notice.
func NewNotice(l i18n.Lang, style Style, title string, text Text) Notice {
	return Notice{words: words{l}, Style: style, Title: title, Text: text}
}

// Confirm asks before something that can't be taken back or that goes out, {{template "confirm" .}}: what will happen,
// to which data, whether it can be undone, by when; then a button that names the act.
type Confirm struct {
	words
	What  []Text
	Data  []string
	Undo  Text
	When  Text
	Sheet *Sheet // its button names the act
}

// NewConfirm makes the question; sheet's button is shown as dangerous.
func NewConfirm(l i18n.Lang, sheet *Sheet, undo, when Text, data []string, what ...Text) Confirm {
	sheet.Submit.Style = Danger
	return Confirm{words: words{l}, What: what, Data: data, Undo: undo, When: when, Sheet: sheet}
}

// Pages leads through a long list, {{template "pages" .}}.
type Pages struct {
	words
	Current, Last int64
	Before, After string // addresses; "" at the ends
}

// NewPages makes the links; address gives that of page n, from 1.
func NewPages(l i18n.Lang, current, last int, address func(n int) string) Pages {
	p := Pages{words: words{l}, Current: int64(current), Last: int64(last)}
	if current > 1 {
		p.Before = address(current - 1)
	}
	if current < last {
		p.After = address(current + 1)
	}
	return p
}

// Meter shows how much of something is there, {{template "meter" .}}.
type Meter struct {
	Label    string
	Said     string // "7 of 9"
	Done, Of int
}

// Percent is for the bar.
func (m Meter) Percent() int {
	if m.Of <= 0 {
		return 0
	}
	return min(100, max(0, 100*m.Done/m.Of))
}

// Side is a note beside the text on a wide screen, and under it on a phone, {{template "side" .}}.
type Side struct {
	Title  string
	Text   Text
	Clause *Clause
}

// Plot draws counts as columns and gives them as a table too, {{template "plot" .}}.
type Plot struct {
	words
	Title string
	Unit  string // heading of the numbers
	Over  string // heading of what they are counted by
	Bars  []Bar
}

// Bar is one column.
type Bar struct {
	Label string
	Value int64
}

// NewPlot makes a plot.
func NewPlot(l i18n.Lang, title, over, unit string, bars ...Bar) Plot {
	return Plot{words: words{l}, Title: title, Over: over, Unit: unit, Bars: bars}
}

// Column of the drawing: hundredths of its width, thousandths of its height.
type plotColumn struct{ X, Y, Width, Height float64 }

// Columns are the shapes, in a box of 100 by 100.
func (p Plot) Columns() []plotColumn {
	top := p.top()
	out := make([]plotColumn, len(p.Bars))
	step := 100 / float64(max(len(p.Bars), 1))
	for i, b := range p.Bars {
		h := 100 * float64(max(b.Value, 0)) / float64(top)
		out[i] = plotColumn{X: float64(i)*step + step*0.14, Y: 100 - h, Width: step * 0.72, Height: h}
	}
	return out
}

func (p Plot) top() int64 {
	top := int64(1)
	for _, b := range p.Bars {
		top = max(top, b.Value)
	}
	return top
}

// Top is the highest count.
func (p Plot) Top() string { return p.l.Number(p.top()) }

// Number writes a count.
func (p Plot) Number(n int64) string { return p.l.Number(n) }

// First and Last label the ends of the axis.
func (p Plot) First() string {
	if len(p.Bars) == 0 {
		return ""
	}
	return p.Bars[0].Label
}

// Last labels the right end.
func (p Plot) Last() string {
	if len(p.Bars) == 0 {
		return ""
	}
	return p.Bars[len(p.Bars)-1].Label
}

// Card leads to a thing of its own, such as a course, {{template "card" .}}.
type Card struct {
	Title, Href string
	Text        Text
	Facts       []string
	Cover       *Cover // of a course
	Mine        bool   // "yours"
	MineText    string // says so in words
}
