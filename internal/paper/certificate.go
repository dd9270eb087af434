package paper

import (
	"io"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/secret"
)

// Certificate is a document of one page that lies on its long side, set in the middle: who has earned what. Its texts may be long; they are set smaller
// until there is room.
type Certificate struct {
	Lang     i18n.Lang
	Operator Operator
	Title    string // what it is; a property of the file
	Lead     string // stands above the name
	Name     secret.Text
	Said     string // stands above the course: what for
	Course   string
	Extent   string    // of the course
	Number   string    // as the register has it
	Facts    []Fact    // at the foot, such as its day, its number and its code
	Date     time.Time // a property of the file
	Check    Check
}

// Measures of a page across.
const (
	acrossWidth, acrossHeight = pageHeight, pageWidth
	frame                     = 26.0 // from the edge of the paper to the line around it
	side                      = 62.0 // and to the texts
	wide                      = acrossWidth - 2*side
	bandAbove                 = 42.0
	bandBelow                 = acrossHeight - bandAbove - bandHeight
	operatorTop               = 70.0
	titleTop                  = 104.0
	middleTop, middleBottom   = 166.0, 428.0 // between which name and course stand
	footTop                   = 446.0
	footFacts                 = 290.0 // width of the facts at the foot
	factLabels                = 96.0
)

var (
	awardBy     = style{bold: true, size: 12, leading: 16, colour: soft}
	award       = style{bold: true, size: 38, leading: 46, colour: primary}
	awardSmall  = style{size: 13, leading: 19, colour: soft}
	awardTo     = style{bold: true, size: 32, leading: 40, colour: ink}
	awardFor    = style{bold: true, size: 19, leading: 25, colour: ink}
	awardExtent = style{size: 13, leading: 19, colour: ink}
)

// smallest is the size down to which a text is set smaller to have fewer lines.
const smallest = 7.0

const maxAward = 4000 // bytes of all texts: what fits even where each is set in the smallest size

// PDF writes the certificate. Errors: as of Document.PDF; TooLarge beyond 4,000 bytes of text or six facts.
func (c Certificate) PDF(w io.Writer) error {
	n := len(c.Title) + len(c.Lead) + len(c.Name.Reveal()) + len(c.Said) + len(c.Course) + len(c.Extent) + len(c.Check.Words) + len(c.Lang.Of(c.Operator.Name))
	for _, f := range c.Facts {
		n += len(f.Label) + len(f.Value.Reveal())
	}
	if n > maxAward || len(c.Facts) > 6 {
		return errs.New(errs.TooLarge, "paper.toolong")
	}
	l, err := c.laid()
	if err != nil {
		return err
	}
	return l.pen.write(l.pages, w)
}

func (c Certificate) laid() (*layout, error) {
	on := Document{Lang: c.Lang, Operator: c.Operator, Title: c.Title, Number: c.Number, Date: c.Date}.cover()
	on.across = true
	pen, err := newPen(on)
	if err != nil {
		return nil, err
	}
	l := newLayout(c.Lang, pen)
	return l, c.place(l)
}

// fit cuts a text for a width into at most so many lines, in a smaller size where it takes more; in the smallest it takes what it needs.
func (l *layout) fit(s style, width float64, most int, text string) cell {
	for {
		c := l.cell(s, 0, width, text)
		if len(c.lines) <= most || s.size <= smallest {
			return c
		}
		s.leading -= s.leading / s.size
		s.size--
	}
}

// middle sets a cell between two edges, each line in the middle of its own, and gives where the next may begin.
func (l *layout) middle(c cell, x, y float64) float64 {
	for _, text := range c.lines {
		l.text(c.style, x+(c.width-l.pen.widthOf(c.style, text))/2, y, c.width, false, text)
		y += c.leading
	}
	return y
}

func (c Certificate) place(l *layout) error {
	p := l.page()
	corners := []point{{frame, frame}, {acrossWidth - frame, frame}, {acrossWidth - frame, acrossHeight - frame}, {frame, acrossHeight - frame}, {frame, frame}}
	for i := range corners[1:] {
		p.rules = append(p.rules, rule{corners[i], corners[i+1], 0.75, line})
	}
	p.bands = []band{{point{side, bandAbove}, wide}, {point{side, bandBelow}, wide}}
	l.middle(l.fit(awardBy, wide, 2, c.Lang.Of(c.Operator.Name)), side, operatorTop)
	l.middle(l.fit(award, wide, 1, c.Title), side, titleTop)

	parts := []cell{l.fit(awardSmall, wide, 1, c.Lead), l.fit(awardTo, wide, 2, c.Name.Reveal()), l.fit(awardSmall, wide, 1, c.Said),
		l.fit(awardFor, wide, 3, c.Course), l.fit(awardExtent, wide, 1, c.Extent)}
	air := middleBottom - middleTop
	for _, part := range parts {
		air -= part.height()
	}
	air = max(air/float64(len(parts)+1), 0)
	y := middleTop + min(air, 3*gap)
	for _, part := range parts {
		y = l.middle(part, side, y) + min(air, 2*gap)
	}
	return c.foot(l)
}

// foot sets the facts to the left, the wordmark in the middle, and to the right where the certificate is checked.
func (c Certificate) foot(l *layout) error {
	p := l.page()
	p.wordmark = &point{(acrossWidth - l.pen.wordmarkWidth()) / 2, bandBelow - 34}
	y := footTop
	for _, f := range c.Facts {
		label, value := l.fit(small.at(body), factLabels-gap, 1, f.Label), l.fit(strong, footFacts-factLabels, 1, f.Value.Reveal())
		for i, text := range label.lines {
			l.text(label.style, side, y+float64(i)*label.leading, label.width, false, text)
		}
		for i, text := range value.lines {
			l.text(value.style, side+factLabels, y+float64(i)*value.leading, value.width, false, text)
		}
		y += max(label.height(), value.height(), body.leading)
	}
	if c.Check.Address == "" {
		return nil
	}
	drawn, err := newCode(c.Check.Address)
	if err != nil {
		return err
	}
	drawn.point = point{acrossWidth - side - codeSize, footTop}
	p.code = drawn
	const words = 204.0
	x := drawn.x - gap - gap/2 - words
	y = footTop
	for _, part := range []cell{l.fit(small, words, 3, c.Check.Words), l.fit(small, words, 1, c.Check.Address)} {
		for _, text := range part.lines {
			l.text(part.style, x, y, words, true, text)
			y += part.leading
		}
		y += gap / 2
	}
	return nil
}
