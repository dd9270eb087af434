package paper

import (
	"strings"

	"ustaz/internal/i18n"
)

// Measures are in points, from the upper left corner of the page.
const (
	pageWidth  = 595.28 // A4, ISO 216
	pageHeight = 841.89
	left       = 71.0 // 25 mm, to be filed
	right      = pageWidth - 57.0
	top        = 54.0
	bottom     = pageHeight - 74.0
	footLine   = pageHeight - 52.0
	gap        = 8.0 // between blocks: the site's grid
)

type colour struct{ r, g, b int }

// The site's colours, on white paper.
var (
	ink     = colour{0x17, 0x25, 0x2B}
	soft    = colour{0x4A, 0x57, 0x5D}
	primary = colour{0x0B, 0x5A, 0x73}
	sun     = colour{0xE9, 0xB0, 0x00}
	line    = colour{0xB9, 0xB2, 0xA2}
)

// style is how a text is set.
type style struct {
	bold    bool
	size    float64
	leading float64
	colour  colour
}

var (
	body    = style{size: 10.5, leading: 15.5, colour: ink}
	strong  = style{bold: true, size: 10.5, leading: 15.5, colour: ink}
	small   = style{size: 8.5, leading: 12, colour: soft}
	smaller = style{bold: true, size: 8.5, leading: 12, colour: ink}
	title   = style{bold: true, size: 17, leading: 22, colour: ink}
	heading = style{bold: true, size: 12, leading: 17, colour: ink}
)

// A page is what stands on it, in the order in which it is read.
type page struct {
	runs     []run
	rules    []rule
	wordmark *point
	bands    []band
	code     *code
}

type point struct{ x, y float64 }

// run is a line of text in one style; y is its baseline.
type run struct {
	point
	style
	text string
}

// rule is a straight line.
type rule struct {
	from, to point
	width    float64
	colour   colour
}

// layout places blocks on pages, one below the other.
type layout struct {
	lang  i18n.Lang
	pen   *pen
	pages []*page
	y     float64
	again func() // sets what each following page repeats, such as a table's head
}

func newLayout(lang i18n.Lang, p *pen) *layout {
	l := &layout{lang: lang, pen: p}
	l.turn()
	return l
}

func (l *layout) page() *page { return l.pages[len(l.pages)-1] }

func (l *layout) turn() {
	l.pages = append(l.pages, &page{})
	l.y = top
	if l.again != nil {
		l.again()
	}
}

// need turns the page where less than height is left of it.
func (l *layout) need(height float64) {
	if l.y+height > bottom && l.y > top {
		l.turn()
	}
}

func (l *layout) skip(height float64) { l.y += height }

// lines cuts text for a column.
func (l *layout) lines(s style, width float64, text string) []string {
	return breakLines(l.pen.letters.clean(text), width, func(r rune) float64 { return l.pen.width(s, r) })
}

// cell is a text in its column.
type cell struct {
	style
	x, width float64
	right    bool
	lines    []string
}

func (l *layout) cell(s style, x, width float64, text string) cell {
	return cell{style: s, x: x, width: width, lines: l.lines(s, width, text)}
}

func (c cell) height() float64 { return float64(len(c.lines)) * c.leading }

func tallest(cells []cell) float64 {
	h := 0.0
	for _, c := range cells {
		h = max(h, c.height())
	}
	return h
}

// short is the height up to which what belongs together is not cut: three lines.
const short = 48

// row places cells side by side. What does not fit goes on on the next page, line by line; what is short is moved there whole. beside, if
// any, is told where each part of the row came to stand.
func (l *layout) row(cells []cell, beside func(p *page, from, to float64)) {
	if h := tallest(cells); h <= short {
		l.need(h)
	} else {
		l.need(short)
	}
	for {
		start, more := l.y, false
		for i := range cells {
			c := &cells[i]
			fit := min(max(int((bottom-start)/c.leading), 1), len(c.lines)) // never none, or it would not end
			if len(c.lines)-fit == 1 && fit > 2 {
				fit-- // no single line on the next page
			}
			for n, text := range c.lines[:fit] {
				l.text(c.style, c.x, start+float64(n)*c.leading, c.width, c.right, text)
			}
			l.y = max(l.y, start+float64(fit)*c.leading)
			c.lines = c.lines[fit:]
			more = more || len(c.lines) > 0
		}
		if beside != nil {
			beside(l.page(), start, l.y)
		}
		if !more {
			return
		}
		l.turn()
	}
}

// text sets one line whose box begins at y.
func (l *layout) text(s style, x, y, width float64, toRight bool, text string) {
	if text == "" {
		return
	}
	if toRight {
		x += width - l.pen.widthOf(s, text)
	}
	l.page().runs = append(l.page().runs, run{point{x, y + s.leading*0.5 + s.size*0.35}, s, text})
}

func (l *layout) rule(x1, y1, x2, y2, width float64, c colour) {
	l.page().rules = append(l.page().rules, rule{point{x1, y1}, point{x2, y2}, width, c})
}

const (
	full   = right - left
	column = left + 235 // where the right half of the head begins
)

// place sets the whole paper.
func (d Document) place(l *layout) error {
	d.placeHead(l)
	d.placeAddress(l)
	l.row([]cell{l.cell(title, left, full, d.Title)}, nil)
	l.skip(gap)
	for _, b := range d.Blocks {
		l.skip(gap)
		if err := b.place(l); err != nil {
			return err
		}
	}
	for _, s := range d.Signed {
		s.place(l)
	}
	return d.Check.place(l)
}

// placeHead sets the wordmark, who issues the paper, and the band under both.
func (d Document) placeHead(l *layout) {
	const markHeight = 26.0
	l.page().wordmark = &point{left, top}
	o := d.Operator
	write := func(s style, text string) {
		if text != "" {
			l.row([]cell{l.cell(s, column, right-column, text)}, nil)
		}
	}
	write(smaller, d.Lang.Of(o.Name))
	if o.BIN != "" {
		write(small, d.Lang.T("paper.bin", i18n.Str("bin", o.BIN)))
	}
	write(small, d.Lang.Of(o.Address))
	write(small, strings.Join(filled(o.Phone, o.Email), " · "))
	l.y = max(l.y, top+markHeight) + gap
	l.page().bands = append(l.page().bands, band{point{left, l.y}, full})
	l.skip(bandHeight + 2*gap)
}

func filled(texts ...string) []string {
	var out []string
	for _, s := range texts {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// placeAddress sets date and number to the left, and to the right who it is for.
func (d Document) placeAddress(l *layout) {
	said := d.Lang.Date(d.Date)
	if d.Number != "" {
		said += "\n" + d.Lang.T("paper.number", i18n.Str("number", d.Number))
	}
	cells := []cell{l.cell(body, left, column-left-2*gap, said)}
	if !d.To.Empty() {
		cells = append(cells, l.cell(body, column, right-column, d.To.Reveal()))
	}
	l.row(cells, nil)
	l.skip(2 * gap)
}

func (b Heading) place(l *layout) error {
	l.skip(gap / 2)
	c := l.cell(heading, left, full, string(b))
	l.need(c.height() + short)
	l.row([]cell{c}, nil)
	return nil
}

func (b Paragraph) place(l *layout) error {
	l.row([]cell{l.cell(body, left, full, b.Text.Reveal())}, nil)
	return nil
}

func (b Quote) place(l *layout) error {
	const inset = 14.0
	bar := func(p *page, from, to float64) {
		p.rules = append(p.rules, rule{point{left + 1.5, from}, point{left + 1.5, to}, 3, line})
	}
	if b.From != "" {
		c := l.cell(small, left+inset, full-inset, b.From)
		l.need(c.height() + short)
		l.row([]cell{c}, bar)
	}
	l.row([]cell{l.cell(body, left+inset, full-inset, b.Text.Reveal())}, bar)
	return nil
}

func (b Facts) place(l *layout) error {
	const labels = 150.0
	for _, f := range b {
		l.ruled([]cell{l.cell(small.at(body), left, labels-gap, f.Label), l.cell(body, left+labels, full-labels, f.Value.Reveal())}, 0.5)
	}
	return nil
}

// at gives a style the leading of another, so that they stand on one line.
func (s style) at(o style) style {
	s.leading = o.leading
	return s
}

// ruled sets a row with a line under it.
func (l *layout) ruled(cells []cell, width float64) {
	const air = 3.0
	l.need(min(tallest(cells), short) + 2*air)
	l.skip(air)
	l.row(cells, nil)
	l.skip(air)
	l.rule(left, l.y, right, l.y, width, line)
}

func (b Table) place(l *layout) error {
	if len(b.Columns) > maxColumns {
		return fault("a table of %d columns", len(b.Columns))
	}
	const narrowest = 36.0 // a sign and the gap
	free, shares := full-narrowest*float64(len(b.Columns)), 0.0
	for _, c := range b.Columns {
		shares += c.share()
	}
	row := func(s style, text func(i int) string) []cell {
		cells := make([]cell, len(b.Columns))
		x := left
		for i, c := range b.Columns {
			width := narrowest + free*c.share()/shares
			inner := width
			if i < len(b.Columns)-1 {
				inner -= gap
			}
			cells[i] = l.cell(s, x, inner, text(i))
			cells[i].right = c.Right
			x += width
		}
		return cells
	}
	head := func() { l.ruled(row(smaller.at(body), func(i int) string { return b.Columns[i].Title }), 1) }
	l.need(2 * short)
	head()
	l.again = head
	defer func() { l.again = nil }()
	for _, texts := range b.Rows {
		if len(texts) != len(b.Columns) {
			return fault("a row of %d cells in a table of %d columns", len(texts), len(b.Columns))
		}
		l.ruled(row(body, func(i int) string { return texts[i].Reveal() }), 0.5)
	}
	return nil
}

func (c Column) share() float64 {
	if c.Share <= 0 {
		return 1
	}
	return c.Share
}

func (s Signature) place(l *layout) {
	const post, line1, line2 = 170.0, left + 185, left + 310
	cells := []cell{l.cell(body, left, post, s.Post), l.cell(body, line2+gap, right-line2-gap, s.Name.Reveal())}
	l.need(3*gap + max(tallest(cells), body.leading+small.leading))
	l.skip(3 * gap)
	start := l.y
	p := l.page()
	l.rule(line1, start+body.leading, line2, start+body.leading, 0.5, ink)
	sign := l.lang.T("paper.signature")
	p.runs = append(p.runs, run{point{line1 + (line2-line1-l.pen.widthOf(small, sign))/2, start + body.leading + small.leading}, small, sign})
	l.row(cells, nil)
	l.y = max(l.y, start+body.leading+small.leading)
}

func (c Check) place(l *layout) error {
	if c.Address == "" {
		return nil
	}
	drawn, err := newCode(c.Address)
	if err != nil {
		return err
	}
	l.need(3*gap + codeSize)
	l.skip(3 * gap)
	drawn.point = point{left, l.y}
	l.page().code = drawn
	start := l.y
	const x = left + codeSize + 2*gap
	if c.Words != "" {
		l.row([]cell{l.cell(body, x, right-x, c.Words)}, nil)
	}
	l.row([]cell{l.cell(small, x, right-x, c.Address)}, nil)
	l.y = max(l.y, start+codeSize)
	return nil
}

// feet numbers the pages, each with the paper's name, cut where it is too long.
func (l *layout) feet(name string) {
	for i, p := range l.pages {
		number := l.lang.T("paper.page", i18n.Num("page", int64(i+1)), i18n.Num("pages", int64(len(l.pages))))
		number = l.pen.letters.clean(number)
		w := l.pen.widthOf(small, number)
		y := footLine + small.leading + 2
		p.rules = append(p.rules, rule{point{left, footLine}, point{right, footLine}, 0.5, line})
		if names := l.lines(small, full-w-2*gap, name); len(names) > 0 {
			text := names[0]
			if len(names) > 1 {
				text += "…"
			}
			p.runs = append(p.runs, run{point{left, y}, small, text})
		}
		p.runs = append(p.runs, run{point{right - w, y}, small, number})
	}
}
