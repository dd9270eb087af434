package media

import (
	"bytes"
	"context"
	"image"
	"io"

	scale "golang.org/x/image/draw"

	"ustaz/internal/errs"
)

// Widths of a course's picture in pixels; it is 16 to 9.
const (
	CoverLarge = 960
	CoverSmall = 480
)

// Covers draws a picture anew for a course in both widths, cut to 16 to 9 around its middle, and gives the ending of each. A large one is no larger than what
// came. Errors name the input file: Invalid, TooLarge as of Put, and Invalid where it is smaller than the small one.
func (s *Store) Covers(ctx context.Context, name string, content io.Reader) (large, small []byte, ends [2]string, err error) {
	if name, err = CleanName(name); err == nil && kinds[ending(name)].class != Picture {
		err = fault(errs.Invalid, "media.kind.picture")
	}
	if err != nil {
		return nil, nil, ends, err
	}
	ready, err := s.prepare(ctx, name, content)
	if err != nil {
		return nil, nil, ends, err
	}
	m, _, err := image.Decode(ready.content)
	if err != nil {
		return nil, nil, ends, errs.Wrap(errs.Internal, "error.internal", err)
	}
	cut := middle(m.Bounds())
	if cut.Dx() < CoverSmall {
		return nil, nil, ends, fault(errs.Invalid, "front.invalid.small")
	}
	for i, of := range []struct {
		out   *[]byte
		width int
	}{{&large, min(CoverLarge, cut.Dx())}, {&small, CoverSmall}} {
		to := image.NewNRGBA(image.Rect(0, 0, of.width, of.width*9/16))
		scale.CatmullRom.Scale(to, to.Rect, m, cut, scale.Src, nil)
		body, kind, err := encode(to, false)
		if err != nil {
			return nil, nil, ends, errs.Wrap(errs.Internal, "error.internal", err)
		}
		*of.out, ends[i] = bytes.Clone(body), pictureEndings[kind]
	}
	return large, small, ends, nil
}

// middle is the largest part of a picture that is 16 to 9, around its middle.
func middle(b image.Rectangle) image.Rectangle {
	w, h := b.Dx(), b.Dx()*9/16
	if h > b.Dy() {
		w, h = b.Dy()*16/9, b.Dy()
	}
	at := b.Min.Add(image.Pt((b.Dx()-w)/2, (b.Dy()-h)/2))
	return image.Rectangle{at, at.Add(image.Pt(w, h))}
}
