package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// photo is a picture of many colours whose corners can be told apart: red, green, blue and white, from the upper left clockwise.
func photo(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: uint8(x * 3), G: uint8(y * 3), B: uint8(x ^ y), A: 255}
			switch left, upper := x < w/4, y < h/4; {
			case left && upper:
				c = color.NRGBA{R: 255, A: 255}
			case x >= w-w/4 && upper:
				c = color.NRGBA{G: 255, A: 255}
			case x >= w-w/4 && y >= h-h/4:
				c = color.NRGBA{B: 255, A: 255}
			case left && y >= h-h/4:
				c = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// corners names the colours of the corners.
func corners(m image.Image) string {
	b := m.Bounds()
	var out strings.Builder
	for _, p := range []image.Point{{b.Min.X + 2, b.Min.Y + 2}, {b.Max.X - 3, b.Min.Y + 2}, {b.Max.X - 3, b.Max.Y - 3}, {b.Min.X + 2, b.Max.Y - 3}} {
		r, g, bl, _ := m.At(p.X, p.Y).RGBA()
		switch hi := [3]bool{r > 0xc000, g > 0xc000, bl > 0xc000}; hi {
		case [3]bool{true, false, false}:
			out.WriteByte('R')
		case [3]bool{false, true, false}:
			out.WriteByte('G')
		case [3]bool{false, false, true}:
			out.WriteByte('B')
		case [3]bool{true, true, true}:
			out.WriteByte('W')
		default:
			out.WriteByte('?')
		}
	}
	return out.String()
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const gpsMark = "GPS 51.1605 71.4704"

// tiff is a block of Exif with an orientation and a place.
func tiff(order binary.AppendByteOrder, turn uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010E) // ImageDescription
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, uint32(len(gpsMark)))
	b = order.AppendUint32(b, 38)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, turn)
	b = append(order.AppendUint16(b, 0), 0, 0, 0, 0)
	return append(b, gpsMark...)
}

// withExif puts a block of Exif behind the beginning of a JPEG.
func withExif(body, block []byte) []byte {
	segment := append([]byte(exifMark), block...)
	out := []byte{0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 'J', 'F', 0xFF, 0xE1}
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	return append(append(out, segment...), body[2:]...)
}

// pngChunk is a chunk of PNG.
func pngChunk(name string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, name...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func webp(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// moving makes a WebP that moves of one with loss.
func moving(still []byte) []byte {
	riff := func(name string, data []byte) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data))), data...)
	}
	frame := append(make([]byte, 16), still[12:]...)
	body := append([]byte("WEBP"), riff("VP8X", []byte{2, 0, 0, 0, 63, 0, 0, 47, 0, 0})...)
	body = append(append(body, riff("ANIM", make([]byte, 6))...), riff("ANMF", frame)...)
	return riff("RIFF", body)
}

func decode(t *testing.T, body []byte) (image.Image, string) {
	t.Helper()
	m, format, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return m, format
}

// A telephone's picture lies on its side and says where it was taken. What is kept stands upright and says nothing.
func TestPicturesStandUprightAndSayNothing(t *testing.T) {
	want := []string{1: "RGBW", 2: "GRWB", 3: "BWRG", 4: "WBGR", 5: "RWBG", 6: "WRGB", 7: "BGRW", 8: "GBWR"}
	plain := asJPEG(t, photo(80, 40))
	for turn := uint16(1); turn <= 8; turn++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			body := withExif(plain, tiff(order, turn))
			if !bytes.Contains(body, []byte(gpsMark)) {
				t.Fatal("the test's picture does not say where it was taken")
			}
			out, kind, size, err := redrawn(body)
			if err != nil {
				t.Fatal(err)
			}
			m, _ := decode(t, out)
			wantSize := image.Pt(80, 40)
			if turn >= 5 {
				wantSize = image.Pt(40, 80)
			}
			if kind != typeJPEG || size != wantSize || m.Bounds().Size() != wantSize || corners(m) != want[turn] {
				t.Errorf("orientation %d: %s %v %s, want %v %s", turn, kind, size, corners(m), wantSize, want[turn])
			}
			if bytes.Contains(out, []byte("Exif")) || bytes.Contains(out, []byte("GPS")) {
				t.Errorf("orientation %d: it still says where it was taken", turn)
			}
		}
	}
	for _, turn := range []uint16{0, 9, 65535} {
		if got := orientation(tiff(binary.LittleEndian, turn)); got != 1 {
			t.Errorf("orientation %d is %d", turn, got)
		}
	}
}

func TestPNGKeepsNothingButThePicture(t *testing.T) {
	body := asPNG(t, photo(80, 40))
	at := 8 + 25 // behind the header
	more := append(pngChunk("eXIf", tiff(binary.BigEndian, 6)), pngChunk("tEXt", []byte("Author\x00Aya"))...)
	out, _, size, err := redrawn(append(append(bytes.Clone(body[:at]), more...), body[at:]...))
	if err != nil || size != image.Pt(40, 80) {
		t.Fatalf("%v, %v", size, err)
	}
	m, _ := decode(t, out)
	if corners(m) != "WRGB" || bytes.Contains(out, []byte("Aya")) || bytes.Contains(out, []byte("GPS")) {
		t.Errorf("%s", corners(m))
	}
}

func TestSizesAndFormats(t *testing.T) {
	clear := photo(60, 60)
	clear.SetNRGBA(30, 30, color.NRGBA{})
	flat := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	for i := range flat.Pix {
		flat.Pix[i] = 255
	}
	flat.SetNRGBA(5, 5, color.NRGBA{R: 9, A: 255})
	gray := image.NewGray(image.Rect(0, 0, 2000, 10))
	var still bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.NRGBA{R: 255, A: 255}, color.NRGBA{G: 255, A: 255}})
	second := image.NewPaletted(image.Rect(0, 0, 40, 30), frame.Palette)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	if err := gif.EncodeAll(&still, &gif.GIF{Image: []*image.Paletted{frame, second}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		body    []byte
		kind    string
		size    image.Point
		corners string
	}{
		"a small photo":               {asJPEG(t, photo(80, 40)), typeJPEG, image.Pt(80, 40), "RGBW"},
		"a photo as PNG":              {asPNG(t, photo(400, 300)), "", image.Pt(400, 300), "RGBW"},
		"just wide enough":            {asJPEG(t, photo(1600, 90)), typeJPEG, image.Pt(1600, 90), "RGBW"},
		"too wide":                    {asJPEG(t, photo(3200, 200)), typeJPEG, image.Pt(1600, 100), "RGBW"},
		"wide by a little":            {asJPEG(t, photo(1601, 130)), typeJPEG, image.Pt(1600, 130), "RGBW"},
		"tall":                        {asJPEG(t, photo(100, 3000)), typeJPEG, image.Pt(100, 3000), "RGBW"},
		"too wide and on its side":    {withExif(asJPEG(t, photo(200, 3200)), tiff(binary.LittleEndian, 6)), typeJPEG, image.Pt(1600, 100), "WRGB"},
		"tall, and wide on its side":  {withExif(asJPEG(t, photo(3200, 200)), tiff(binary.LittleEndian, 6)), typeJPEG, image.Pt(200, 3200), "WRGB"},
		"a line":                      {asPNG(t, gray), typePNG, image.Pt(1600, 8), "????"},
		"seen through":                {asPNG(t, clear), typePNG, image.Pt(60, 60), "RGBW"},
		"few colours":                 {asPNG(t, flat), typePNG, image.Pt(300, 200), "WWWW"},
		"a GIF that moves":            {still.Bytes(), typePNG, image.Pt(40, 30), "RRRR"},
		"one point":                   {asPNG(t, photo(1, 1)), "", image.Pt(1, 1), ""},
		"WebP with loss":              {webp(t, "lossy.webp"), typeJPEG, image.Pt(64, 48), "RGBW"},
		"WebP without loss, see-thru": {webp(t, "lossless.webp"), typePNG, image.Pt(64, 48), "RGBW"},
	} {
		out, kind, size, err := redrawn(tc.body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, format := decode(t, out)
		if tc.kind != "" && kind != tc.kind || size != tc.size || m.Bounds().Size() != size || "image/"+format != kind || tc.corners != "" && corners(m) != tc.corners {
			t.Errorf("%s: %s %v %s, want %s %v %s", name, kind, size, corners(m), tc.kind, tc.size, tc.corners)
		}
		if name == "seen through" {
			if _, _, _, a := m.At(30, 30).RGBA(); a != 0 {
				t.Error("it can't be seen through any more")
			}
		}
		again, kindAgain, _, err := redrawn(tc.body)
		if err != nil || kindAgain != kind || !bytes.Equal(again, out) {
			t.Errorf("%s: another time other bytes", name)
		}
	}
}

// Each of these is refused before it takes memory, or says what is wrong with it.
func TestHostilePictures(t *testing.T) {
	bomb := func(w, h uint32) []byte {
		b := asPNG(t, image.NewGray(image.Rect(0, 0, 1, 1)))
		binary.BigEndian.PutUint32(b[16:], w)
		binary.BigEndian.PutUint32(b[20:], h)
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		return b
	}
	large := asPNG(t, image.NewGray(image.Rect(0, 0, 6001, 4000)))
	whole := asJPEG(t, photo(200, 200))
	for name, tc := range map[string]struct {
		body []byte
		want string
	}{
		"a bomb":            {bomb(100_000, 100_000), "too_large media.pixels"},
		"a larger bomb":     {bomb(1<<31-1, 1<<31-1), "invalid media.broken"},
		"a lie":             {bomb(4000, 4000), "invalid media.broken"},
		"24 and some":       {large, "too_large media.pixels"},
		"cut":               {whole[:len(whole)/2], "invalid media.broken"},
		"a head alone":      {whole[:30], "invalid media.broken"},
		"nothing behind":    {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00"), "invalid media.broken"},
		"no width":          {[]byte("GIF89a\x00\x00\x01\x00\x00\x00\x00\x3b"), "invalid media.broken"},
		"WebP that moves":   {moving(webp(t, "lossy.webp")), "invalid media.broken"},
		"an honest one, 24": {asPNG(t, image.NewGray(image.Rect(0, 0, 6000, 4000))), ""},
	} {
		_, _, _, err := redrawn(tc.body)
		if said(err) != tc.want {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

// A file that is a picture to one reader and a page to another is only a picture afterwards.
func TestPolyglots(t *testing.T) {
	const page = "<html><script>alert(1)</script></html>"
	var b bytes.Buffer
	if err := gif.Encode(&b, photo(30, 30), nil); err != nil {
		t.Fatal(err)
	}
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		for name, body := range map[string][]byte{"a.gif": append(b.Bytes(), page...), "a.jpg": append(asJPEG(t, photo(30, 30)), page...), "a.png": append(asPNG(t, photo(30, 30)), page...)} {
			f := mustPut(t, s, name, body)
			if got := readAll(t, s, f); bytes.Contains(got, []byte("script")) || f.Width != 30 || f.Height != 30 || f.Size != int64(len(got)) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		for name, body := range map[string]string{"b.gif": page, "b.png": "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>", "b.jpg": b.String(), "c.jpg": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"} {
			if _, _, err := s.Put(t.Context(), "a", 7, name, strings.NewReader(body)); err == nil {
				t.Errorf("%s was taken", name)
			}
		}
		if _, _, err := s.Put(t.Context(), "a", 7, "large.jpg", &endless{head: bytes.NewReader(asJPEG(t, photo(30, 30)))}); said(err) != "too_large media.large.picture 20" {
			t.Errorf("%v", err)
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add(tiff(binary.LittleEndian, 6))
	f.Add(tiff(binary.BigEndian, 8))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if turn := orientation(b); turn < 1 || turn > 8 {
			t.Errorf("%d", turn)
		}
	})
}

// FuzzRedrawn holds every picture that is taken to its limits, and to being one that the next reader can read.
func FuzzRedrawn(f *testing.F) {
	small := asJPEG(f, photo(24, 16))
	f.Add(withExif(small, tiff(binary.LittleEndian, 6)))
	f.Add(small[:len(small)-20])
	f.Add(asPNG(f, photo(9, 7)))
	f.Add(webp(f, "lossy.webp"))
	f.Add(webp(f, "lossless.webp"))
	f.Add(append([]byte("RIFF\xff\xff\xff\xffWEBPEXIF\xff\xff\xff\xff"), 1))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, format := range []string{"jpeg", "png", "webp"} {
			_ = orientation(exif(body, format))
		}
		if c, _, err := image.DecodeConfig(bytes.NewReader(body)); err == nil && c.Width*c.Height > 1<<20 {
			return // only slow
		}
		out, kind, size, err := redrawn(body)
		if err != nil {
			return
		}
		c, format, err := image.DecodeConfig(bytes.NewReader(out))
		if err != nil || "image/"+format != kind || image.Pt(c.Width, c.Height) != size || size.X > maxWidth {
			t.Errorf("%s of %v: %v", kind, size, err)
		}
	})
}
