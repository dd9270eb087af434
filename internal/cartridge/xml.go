package cartridge

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"ustaz/internal/errs"
)

// charsets are those beside UTF that packages from here come in.
var charsets = map[string]encoding.Encoding{
	"windows-1251": charmap.Windows1251, "cp1251": charmap.Windows1251, "windows-1252": charmap.Windows1252, "iso-8859-1": charmap.Windows1252,
	"iso-8859-5": charmap.ISO8859_5, "koi8-r": charmap.KOI8R, "koi8-u": charmap.KOI8U, "cp866": charmap.CodePage866, "ibm866": charmap.CodePage866,
}

// declared is what a document says of its own letters, as XML and as HTML do.
var declared = regexp.MustCompile(`(?i)(?:<\?xml[^>]{0,200}?encoding|charset)\s*=\s*["']?([a-z0-9_-]+)`)

// toUTF8 decodes a document: by its mark, by what it declares, and what is neither declared nor UTF-8 is Windows-1251. Nothing fails; what is no
// letter becomes U+FFFD.
func toUTF8(body []byte) string {
	var from encoding.Encoding
	begins := func(s string) bool { return strings.HasPrefix(string(body[:min(len(body), 4)]), s) }
	switch {
	case begins("\xEF\xBB\xBF"):
		body = body[3:]
	case begins("\xFF\xFE"), begins("<\x00"):
		from = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case begins("\xFE\xFF"), begins("\x00<"):
		from = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case !utf8.Valid(body):
		from = charmap.Windows1251
		if m := declared.FindSubmatch(body[:min(len(body), 2048)]); m != nil {
			if known := charsets[strings.ToLower(string(m[1]))]; known != nil {
				from = known
			}
		}
	}
	if from != nil {
		if out, err := from.NewDecoder().Bytes(body); err == nil {
			body = out
		}
	}
	return strings.ToValidUTF8(string(body), "�")
}

// node is an element of a document.
type node struct {
	space, name string
	attrs       []xml.Attr
	kids        []*node
	text        string // of its own
}

const (
	maxDepth = 200
	maxNodes = 200_000
)

// xml reads a document of the package.
func (p *pack) xml(name string) (*node, error) {
	text, err := p.text(name)
	if err != nil {
		return nil, err
	}
	return parseXML(name, text)
}

func parseXML(name, text string) (*node, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 by now
	d.Entity = xml.HTMLEntity
	top := &node{}
	open := []*node{top}
	nodes := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			at, _ := d.InputPos()
			return nil, errs.Wrap(errs.Invalid, "cartridge.invalid.xml", err).With("name", shown(name)).With("line", strconv.Itoa(at))
		}
		last := open[len(open)-1]
		switch t := token.(type) {
		case xml.Directive: // a DTD could declare entities, or be fetched from elsewhere
			return nil, invalid("doctype", name)
		case xml.StartElement:
			if nodes++; nodes > maxNodes || len(open) > maxDepth {
				return nil, invalid("deep", name)
			}
			n := &node{space: t.Name.Space, name: t.Name.Local, attrs: t.Copy().Attr}
			last.kids = append(last.kids, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 1 {
				last.text += string(t)
			}
		}
	}
	if len(top.kids) != 1 {
		return nil, errs.As(invalid("xml", name)).With("line", "1")
	}
	return top.kids[0], nil
}

// attr is the value of an attribute, whatever its namespace and case.
func (n *node) attr(name string) string {
	if n != nil {
		for _, a := range n.attrs {
			if strings.EqualFold(a.Name.Local, name) && a.Name.Space != "xmlns" {
				return strings.TrimSpace(a.Value)
			}
		}
	}
	return ""
}

// first is the first element at the end of a way through children; nil if there is none.
func (n *node) first(way ...string) *node {
	for _, name := range way {
		if n == nil {
			return nil
		}
		var next *node
		for _, kid := range n.kids {
			if kid.name == name {
				next = kid
				break
			}
		}
		n = next
	}
	return n
}

// each gives the elements of a name below n, in order, but none within another, and none within what is called otherwise in except.
func (n *node) each(name string, except ...string) (out []*node) {
	if n == nil {
		return nil
	}
	for _, kid := range n.kids {
		if kid.name == name {
			out = append(out, kid)
			continue
		}
		skip := false
		for _, e := range except {
			skip = skip || kid.name == e
		}
		if !skip {
			out = append(out, kid.each(name, except...)...)
		}
	}
	return out
}

// value is the text of n without the space around it.
func (n *node) value() string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.text)
}
