package paper

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// A reader of PDF as far as our papers need one: it knows nothing of how they were made, and finds letters as any other would, by the
// font's own table (ToUnicode).
type extractor struct {
	t       testing.TB
	objects map[string]string // by number; a stream is inflated
}

var (
	object    = regexp.MustCompile(`(?s)(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj`)
	streams   = regexp.MustCompile(`(?s)^(.*?)\nstream\n(.*)\nendstream$`)
	reference = func(name string) *regexp.Regexp { return regexp.MustCompile(`/` + name + ` (\d+) 0 R`) }
	ranges    = regexp.MustCompile(`<([0-9A-F]{4})> <([0-9A-F]{4})> <([0-9A-F]{4})>`)
	fontUse   = regexp.MustCompile(`/(F[0-9a-f]+) ([0-9.]+) Tf`)
	fontNames = regexp.MustCompile(`/(F[0-9a-f]+) (\d+) 0 R`)
)

func extract(t testing.TB, file []byte) *extractor {
	t.Helper()
	e := &extractor{t: t, objects: map[string]string{}}
	for _, m := range object.FindAllSubmatch(file, -1) {
		text := string(m[2])
		if s := streams.FindStringSubmatch(text); s != nil {
			text = s[1] + "\n" + s[2]
			if strings.Contains(s[1], "/FlateDecode") {
				r, err := zlib.NewReader(strings.NewReader(s[2]))
				if err != nil {
					t.Fatal(err)
				}
				plain, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				text = s[1] + "\n" + string(plain)
			}
		}
		e.objects[string(m[1])] = text
	}
	return e
}

func (e *extractor) follow(from, name string) string {
	m := reference(name).FindStringSubmatch(from)
	if m == nil {
		e.t.Fatalf("no %s in %.200q", name, from)
	}
	return e.objects[m[1]]
}

// letters gives a font's table: code to rune.
func (e *extractor) letters(font string) map[uint16]rune {
	out := map[uint16]rune{}
	for _, m := range ranges.FindAllStringSubmatch(e.follow(font, "ToUnicode"), -1) {
		lo, hi, first := hex(m[1]), hex(m[2]), hex(m[3])
		for c := lo; c <= hi; c++ {
			out[uint16(c)] = rune(first + c - lo)
		}
	}
	return out
}

func hex(s string) int {
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil {
		panic(err)
	}
	return int(n)
}

// pages gives the text of each page, a line for each run.
func (e *extractor) pages() []string {
	var fonts map[string]map[uint16]rune
	var out []string
	for n := 1; n <= len(e.objects); n++ { // in the order of pages, which are numbered as they come
		o := e.objects[strconv.Itoa(n)]
		if !strings.Contains(o, "/Type /Page\n") {
			continue
		}
		if fonts == nil {
			fonts = map[string]map[uint16]rune{}
			for _, m := range fontNames.FindAllStringSubmatch(e.follow(o, "Resources"), -1) {
				fonts[m[1]] = e.letters(e.objects[m[2]])
			}
		}
		out = append(out, e.text(e.follow(o, "Contents"), fonts))
	}
	return out
}

func (e *extractor) text(content string, fonts map[string]map[uint16]rune) string {
	var b strings.Builder
	font := ""
	for content != "" {
		tf, open := fontUse.FindStringSubmatchIndex(content), strings.IndexByte(content, '(')
		if tf != nil && (open < 0 || tf[0] < open) {
			font, content = content[tf[2]:tf[3]], content[tf[1]:]
			continue
		}
		if open < 0 {
			break
		}
		codes, rest := literal(content[open+1:])
		content = rest
		if !strings.HasPrefix(content, " Tj") {
			e.t.Fatalf("after a text stands %.20q", content)
		}
		for i := 0; i+1 < len(codes); i += 2 {
			r, known := fonts[font][uint16(codes[i])<<8|uint16(codes[i+1])]
			if !known {
				e.t.Fatalf("font %q has no letter for %x", font, codes[i:i+2])
			}
			b.WriteRune(r)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// literal reads a string up to its closing parenthesis (PDF 32000-1, 7.3.4.2).
func literal(s string) (value []byte, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ')':
			return value, s[i+1:]
		case '\\':
			i++
			if s[i] == 'r' {
				value = append(value, '\r')
				continue
			}
		}
		value = append(value, s[i])
	}
	return value, ""
}

// info reads a text of the document's properties.
func (e *extractor) info(name string) string {
	for _, o := range e.objects {
		_, after, found := strings.Cut(o, "/"+name+" (")
		if !found {
			continue
		}
		raw, _ := literal(after)
		if !bytes.HasPrefix(raw, []byte("\xFE\xFF")) {
			return string(raw)
		}
		var units []uint16
		for i := 2; i+1 < len(raw); i += 2 {
			units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
		}
		return string(utf16.Decode(units))
	}
	e.t.Fatal(fmt.Sprintf("no property %s", name))
	return ""
}
