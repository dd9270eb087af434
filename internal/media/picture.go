package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif"
	"image/jpeg"
	"image/png"

	scale "golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"ustaz/internal/errs"
)

const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"

	maxPixels   = 24_000_000
	maxWidth    = 1600 // pixels of what is kept
	jpegQuality = 85
	fewColours  = 256 // a palette's
	strip       = 64  // rows scaled at a time
)

// pictureEndings are those of what is written.
var pictureEndings = map[string]string{typeJPEG: ".jpg", typePNG: ".png"}

// redraw decodes a picture and writes it anew: upright, no wider than 1 600 pixels, and nothing but the picture. Of one that moves the first
// is kept.
func (s *Store) redraw(ctx context.Context, p *prepared) error {
	body, err := p.whole()
	if err != nil {
		return err
	}
	select {
	case s.decoding <- struct{}{}:
		defer func() { <-s.decoding }()
	case <-ctx.Done():
		return errs.Wrap(errs.Unavailable, "error.unavailable", ctx.Err())
	}
	out, kind, size, err := redrawn(body)
	if err != nil {
		return err
	}
	p.content, p.kind, p.width, p.height = bytes.NewReader(out), kind, size.X, size.Y
	return nil
}

func redrawn(body []byte) (out []byte, kind string, size image.Point, err error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(body))
	switch {
	case err != nil || config.Width < 1 || config.Height < 1:
		return nil, "", size, fault(errs.Invalid, "media.broken")
	case int64(config.Width)*int64(config.Height) > maxPixels:
		return nil, "", size, fault(errs.TooLarge, "media.pixels")
	}
	decoded, _, err := image.Decode(bytes.NewReader(body))
	if err != nil || decoded.Bounds().Empty() {
		return nil, "", size, fault(errs.Invalid, "media.broken")
	}
	turn := orientation(exif(body, format))
	fitted := upright(fit(decoded, turn >= 5), turn)
	out, kind, err = encode(fitted, format != "jpeg")
	if err != nil {
		return nil, "", size, errs.Wrap(errs.Internal, "error.internal", err)
	}
	return out, kind, fitted.Bounds().Size(), nil
}

// fit gives m as plain pixels, scaled down where it is too wide; turned tells that its height will be its width. It goes strip by strip, first
// across, then down: at once the scaler would take 32 bytes for each pixel of its half-way picture.
func fit(m image.Image, turned bool) *image.NRGBA {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	side := w
	if turned {
		side = h
	}
	if side > maxWidth {
		w, h = max(1, (w*maxWidth+side/2)/side), max(1, (h*maxWidth+side/2)/side)
	}
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if side <= maxWidth {
		draw.Draw(out, out.Rect, m, b.Min, draw.Src)
		return out
	}
	across := image.NewRGBA(image.Rect(0, 0, w, b.Dy()))
	for y := 0; y < b.Dy(); y += strip {
		to := image.Rect(0, y, w, min(y+strip, b.Dy()))
		scale.CatmullRom.Scale(across, to, m, image.Rect(b.Min.X, b.Min.Y+to.Min.Y, b.Max.X, b.Min.Y+to.Max.Y), scale.Src, nil)
	}
	down := image.NewRGBA(out.Rect)
	for x := 0; x < w; x += strip {
		to := image.Rect(x, 0, min(x+strip, w), h)
		scale.CatmullRom.Scale(down, to, across, image.Rect(to.Min.X, 0, to.Max.X, b.Dy()), scale.Src, nil)
	}
	draw.Draw(out, out.Rect, down, image.Point{}, draw.Src)
	return out
}

// upright turns a picture as its orientation asks (Exif 2.32, tag 0x0112).
func upright(m *image.NRGBA, turn int) *image.NRGBA {
	if turn <= 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for y := range h {
		for x := range w {
			var to image.Point
			switch turn {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			out.SetNRGBA(to.X, to.Y, m.NRGBAAt(x, y))
		}
	}
	return out
}

// encode writes what can be seen through as PNG, photographs as JPEG. What has few colours, or came without loss, is written both ways where it
// can be, and the smaller is kept.
func encode(m *image.NRGBA, lossless bool) ([]byte, string, error) {
	var asPNG, asJPEG bytes.Buffer
	few := palette(m)
	opaque := m.Opaque()
	if !opaque || few != nil || lossless {
		var src image.Image = m
		if few != nil {
			indexed := image.NewPaletted(m.Rect, few)
			draw.Draw(indexed, m.Rect, m, image.Point{}, draw.Src)
			src = indexed
		}
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&asPNG, src); err != nil {
			return nil, "", err
		}
		if !opaque {
			return asPNG.Bytes(), typePNG, nil
		}
	}
	if err := jpeg.Encode(&asJPEG, m, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, "", err
	}
	if asPNG.Len() > 0 && asPNG.Len() <= asJPEG.Len() {
		return asPNG.Bytes(), typePNG, nil
	}
	return asJPEG.Bytes(), typeJPEG, nil
}

// palette lists the colours of a picture that has few; nil of others.
func palette(m *image.NRGBA) color.Palette {
	seen := map[color.NRGBA]bool{}
	var out color.Palette
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			c := m.NRGBAAt(x, y)
			if seen[c] {
				continue
			}
			if len(out) == fewColours {
				return nil
			}
			seen[c] = true
			out = append(out, c)
		}
	}
	return out
}

// exif finds the block of Exif in a picture's file; nil where there is none, or none that can be read.
func exif(body []byte, format string) []byte {
	switch format {
	case "jpeg":
		return exifJPEG(body)
	case "png":
		return chunk(body, len("\x89PNG\r\n\x1a\n"), "eXIf", binary.BigEndian, true)
	case "webp":
		return bytes.TrimPrefix(chunk(body, len("RIFF....WEBP"), "EXIF", binary.LittleEndian, false), []byte(exifMark))
	}
	return nil
}

const exifMark = "Exif\x00\x00"

// exifJPEG walks the segments before the picture's own data (ITU-T T.81, B.1).
func exifJPEG(body []byte) []byte {
	const app1, scan = 0xE1, 0xDA
	for at := 2; at+4 <= len(body) && body[at] == 0xFF && body[at+1] != scan; {
		if body[at+1] == 0xFF { // a marker may be filled up
			at++
			continue
		}
		end := at + 2 + int(binary.BigEndian.Uint16(body[at+2:]))
		if end < at+4 || end > len(body) {
			return nil
		}
		if data, is := bytes.CutPrefix(body[at+4:end], []byte(exifMark)); is && body[at+1] == app1 {
			return data
		}
		at = end
	}
	return nil
}

// chunk walks the chunks of PNG, "length name data sum", or of RIFF, "name length data" filled up to an even length.
func chunk(body []byte, at int, name string, order binary.ByteOrder, png bool) []byte {
	for at+8 <= len(body) {
		lengthAt, nameAt, tail := at+4, at, 0
		if png {
			lengthAt, nameAt, tail = at, at+4, 4
		}
		length := int64(order.Uint32(body[lengthAt:]))
		if !png {
			tail = int(length & 1)
		}
		if length > int64(len(body)-at-8) {
			return nil
		}
		if string(body[nameAt:nameAt+4]) == name {
			return body[at+8 : at+8+int(length)]
		}
		at += 8 + int(length) + tail
	}
	return nil
}

// orientation is the tag 0x0112 of the first directory of a TIFF, 1 to 8; 1, upright, where there is none.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	const tag, entry = 0x0112, 12
	for n := int64(order.Uint16(tiff[at:])); n > 0 && at+2+entry <= int64(len(tiff)); n-- {
		if order.Uint16(tiff[at+2:]) == tag {
			if turn := order.Uint16(tiff[at+10:]); turn >= 1 && turn <= 8 {
				return int(turn)
			}
			return 1
		}
		at += entry
	}
	return 1
}
