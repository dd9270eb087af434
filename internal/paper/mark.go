package paper

import (
	"image/color"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// A path is drawn from its first point; a step has one point, for a straight line, or three, for a Bézier curve.
type path struct {
	from  point
	steps [][]point
}

func to(x, y float64) []point                    { return []point{{x, y}} }
func curve(x1, y1, x2, y2, x, y float64) []point { return []point{{x1, y1}, {x2, y2}, {x, y}} }
func (p point) at(origin point, scale float64) point {
	return point{origin.x + p.x*scale, origin.y + p.y*scale}
}

// The marks of the site: the door that is the U of the wordmark, 26 by 30, and a ram's horn, of which the band is made, 48 by 20.
var (
	doorLeaf  = path{point{6.5, 1}, [][]point{to(15, 5), to(15, 25.6), to(6.5, 22.6)}}
	doorFrame = path{point{0, 0}, [][]point{to(6.5, 0), to(6.5, 19.5), curve(6.5, 22, 8.5, 24, 11, 24), to(15, 24), curve(17.5, 24, 19.5, 22, 19.5, 19.5),
		to(19.5, 0), to(26, 0), to(26, 20), curve(26, 25.5, 21.5, 30, 16, 30), to(10, 30), curve(4.5, 30, 0, 25.5, 0, 20)}}
	horn = path{point{24, 19.1}, [][]point{to(24, 12), curve(24, 5.5, 19.5, 2, 14.5, 2), curve(10, 2, 7, 5, 7, 8.6), curve(7, 11.8, 9.3, 13.8, 11.9, 13.8),
		curve(14.2, 13.8, 15.8, 12.2, 15.8, 10.3), curve(15.8, 8.8, 14.7, 7.8, 13.5, 7.8)}}
)

const (
	hornWidth, hornHeight = 48.0, 20.0
	bandHeight            = 10.0
)

// turned is the path seen in a mirror that stands in the middle of a horn.
func (p path) turned() path {
	out := path{from: point{hornWidth - p.from.x, p.from.y}}
	for _, step := range p.steps {
		var back []point
		for _, q := range step {
			back = append(back, point{hornWidth - q.x, q.y})
		}
		out.steps = append(out.steps, back)
	}
	return out
}

func (p *pen) path(what path, origin point, scale float64, how string) {
	start := what.from.at(origin, scale)
	p.f.MoveTo(start.x, start.y)
	for _, step := range what.steps {
		end := step[len(step)-1].at(origin, scale)
		if len(step) == 1 {
			p.f.LineTo(end.x, end.y)
			continue
		}
		a, b := step[0].at(origin, scale), step[1].at(origin, scale)
		p.f.CurveBezierCubicTo(a.x, a.y, b.x, b.y, end.x, end.y)
	}
	p.f.DrawPath(how)
}

var markFirst, markLast = style{size: 19, colour: ink}, style{bold: true, size: 19, colour: ink}

func (p *pen) wordmarkWidth() float64 {
	return p.widthOf(markFirst, "Smart ") + p.widthOf(markLast, "Ustaz")
}

// wordmark is "Smart Ustaz" with a door for its U. The letter itself is there too, unseen, so that the words can be found and copied.
func (p *pen) wordmark(at point) {
	first, last := markFirst, markLast
	x, base := at.x, at.y+17
	write := func(s style, text string) {
		p.run(run{point{x, base}, s, text})
		x += p.widthOf(s, text)
	}
	write(first, "Smart ")
	const unseen, seen = 3, 0 // rendering modes, PDF 32000-1, 9.3.6
	room := p.width(last, 'U')
	scale := last.size * 0.72 / 30 // as high as a capital
	p.f.SetTextRenderingMode(unseen)
	u := x
	write(last, "U")
	p.f.SetTextRenderingMode(seen)
	origin := point{u + (room-26*scale)/2, base - 30*scale}
	p.fill(sun)
	p.path(doorLeaf, origin, scale, "F")
	p.fill(primary)
	p.path(doorFrame, origin, scale, "F")
	p.fill(ink)
	knob := point{12.4, 15}.at(origin, scale)
	p.f.Circle(knob.x, knob.y, 1.3*scale, "F")
	write(last, "staz")
}

// band is a row of horns on a line, from edge to edge of the text.
type band struct {
	point
	width float64
}

func (p *pen) band(b band) {
	scale := bandHeight / hornHeight
	n := int(b.width / (hornWidth * scale))
	step := b.width / float64(n)
	p.f.SetDrawColor(line.r, line.g, line.b)
	p.f.SetLineWidth(0.7)
	p.f.SetLineCapStyle("round")
	for i := range n {
		origin := point{b.x + (float64(i)+0.5)*step - hornWidth*scale/2, b.y}
		p.path(horn, origin, scale, "D")
		p.path(horn.turned(), origin, scale, "D")
	}
	p.f.SetLineCapStyle("butt")
	p.f.Line(b.x, b.y+19.1*scale, b.x+b.width, b.y+19.1*scale)
}

// code is a QR code and where it stands.
type code struct {
	point
	modules barcode.Barcode
}

const codeSize = 84.0

func newCode(address string) (*code, error) {
	if len(address) > maxAddress {
		return nil, fault("an address of %d bytes in a QR code", len(address))
	}
	modules, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return nil, fault("%w", err)
	}
	return &code{modules: modules}, nil
}

// code draws the dark modules, in runs; the margin of the page is its quiet zone.
func (p *pen) code(c *code) {
	size := c.modules.Bounds().Dx()
	module := codeSize / float64(size)
	p.fill(ink)
	for y := range size {
		for x := 0; x < size; x++ {
			length := 0
			for x+length < size && c.modules.At(x+length, y) == color.Black {
				length++
			}
			if length > 0 {
				p.f.Rect(c.x+float64(x)*module, c.y+float64(y)*module, float64(length)*module, module, "F")
				x += length
			}
		}
	}
}
