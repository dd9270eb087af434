package paper

import (
	"bytes"
	_ "embed"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// Golos Text, the site's typeface, by the Golos Text Project Authors (fonts/OFL.txt).
var (
	//go:embed fonts/GolosText-Regular.ttf
	regularTTF []byte
	//go:embed fonts/GolosText-SemiBold.ttf
	boldTTF []byte
)

const (
	family   = "golos"
	boldMark = "B"
)

// pen measures and draws with the library. It is for one paper.
type pen struct {
	f       *fpdf.Fpdf
	letters letters
	widths  [2]map[rune]float64 // of a sign at size 1, regular and bold
}

// cover is what the file says of itself.
type cover struct {
	across   bool // the page lies on its long side
	lang     i18n.Lang
	operator Operator
	name     string
	date     time.Time
}

func newPen(d cover) (*pen, error) {
	ls, err := lettersOf(regularTTF)
	if err != nil {
		return nil, fault("%w", err)
	}
	how := "P"
	if d.across {
		how = "L"
	}
	f := fpdf.New(how, "pt", "A4", "")
	// What the library takes from the machine and the moment is set, so that the bytes follow from the document.
	f.SetCatalogSort(true)
	f.SetCreationDate(d.date.UTC())
	f.SetModificationDate(d.date.UTC())
	f.SetProducer("Smart Ustaz", true)
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	p := &pen{f: f, letters: ls, widths: [2]map[rune]float64{{}, {}}}
	f.SetTitle(p.letters.clean(d.name), true)
	f.SetAuthor(p.letters.clean(d.lang.Of(d.operator.Name)), true)
	f.SetLang(d.lang.Code())
	// The library pads the tables of a font in place, so each paper has a copy of its own.
	f.AddUTF8FontFromBytes(family, "", bytes.Clone(regularTTF))
	f.AddUTF8FontFromBytes(family, boldMark, bytes.Clone(boldTTF))
	if err := f.Error(); err != nil {
		return nil, fault("%w", err)
	}
	return p, nil
}

func (p *pen) face(bold bool) {
	mark := ""
	if bold {
		mark = boldMark
	}
	p.f.SetFont(family, mark, 1)
}

// width is that of a sign in a style, in points.
func (p *pen) width(s style, r rune) float64 {
	face := 0
	if s.bold {
		face = 1
	}
	w, known := p.widths[face][r]
	if !known {
		p.face(s.bold)
		w = float64(p.f.GetStringSymbolWidth(string(r))) / 1000
		p.widths[face][r] = w
	}
	return w * s.size
}

func (p *pen) widthOf(s style, text string) float64 {
	w := 0.0
	for _, r := range text {
		w += p.width(s, r)
	}
	return w
}

// write draws the pages.
func (p *pen) write(pages []*page, w io.Writer) error {
	for _, pg := range pages {
		p.f.AddPage()
		if pg.wordmark != nil {
			p.wordmark(*pg.wordmark)
		}
		for _, b := range pg.bands {
			p.band(b)
		}
		for _, r := range pg.rules {
			p.f.SetDrawColor(r.colour.r, r.colour.g, r.colour.b)
			p.f.SetLineWidth(r.width)
			p.f.Line(r.from.x, r.from.y, r.to.x, r.to.y)
		}
		for _, r := range pg.runs {
			p.run(r)
		}
		if pg.code != nil {
			p.code(pg.code)
		}
	}
	var b bytes.Buffer
	if err := p.f.Output(&b); err != nil {
		return fault("%w", err)
	}
	if _, err := b.WriteTo(w); err != nil {
		return errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	return nil
}

func (p *pen) run(r run) {
	p.face(r.bold)
	p.f.SetFontSize(r.size)
	p.f.SetTextColor(r.colour.r, r.colour.g, r.colour.b)
	p.f.Text(r.x, r.y, r.text)
}

func (p *pen) fill(c colour) { p.f.SetFillColor(c.r, c.g, c.b) }
