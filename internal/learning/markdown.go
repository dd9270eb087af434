package learning

import (
	"bytes"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"ustaz/internal/errs"
)

// Page is a course's text as a page shows it.
type Page struct {
	HTML  template.HTML
	Parts []Part
}

// Part is a heading of a text's highest level.
type Part struct{ ID, Title string }

// Render makes HTML of Markdown. The page's own heading is its h1, so the highest level that a text has becomes h2, and so on; a
// heading that leaves a level out moves up, so that headings stay in order. Parts can be linked to as #part-1, #part-2 …. Links that leave the site are marked and go out without a referrer (2.3).
func Render(markdown string) (Page, error) {
	var b bytes.Buffer
	tame := &tamer{}
	md := goldmark.New(goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tame, 1000))))
	if err := md.Convert([]byte(markdown), &b); err != nil {
		return Page{}, errs.Wrap(errs.Internal, "error.internal", err)
	}
	return Page{HTML: template.HTML(b.String()), Parts: tame.parts}, nil // goldmark leaves raw HTML out and escapes the rest
}

// RenderLine makes HTML of Markdown of one line, without a paragraph around it: an option, a side of a pair.
func RenderLine(markdown string) (template.HTML, error) {
	page, err := Render(markdown)
	line := strings.TrimSpace(string(page.HTML))
	if inner, ok := strings.CutPrefix(line, "<p>"); ok && strings.Count(line, "<p>") == 1 {
		line = strings.TrimSuffix(inner, "</p>")
	}
	return template.HTML(line), err
}

// PlainLine is what Markdown of one line says, without its marks: for where no HTML can stand.
func PlainLine(markdown string) string {
	source := []byte(markdown)
	return plain(goldmark.DefaultParser().Parse(text.NewReader(source)), source)
}

// tamer fits what was parsed into the page.
type tamer struct{ parts []Part }

const (
	titleLevel  = 1
	lowestLevel = 6
)

// highest is the highest level of a text's headings.
func highest(doc ast.Node) int {
	top := lowestLevel
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // no error: nothing here gives it one
		if h, is := n.(*ast.Heading); is && entering {
			top = min(top, h.Level)
		}
		return ast.WalkContinue, nil
	})
	return top
}

// Transform is called by goldmark once the text is parsed.
func (m *tamer) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	source := reader.Source()
	above, top := titleLevel, highest(doc)
	var drop []ast.Node
	// The walker returns no error: nothing here gives it one.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == top {
				p := Part{ID: "part-" + strconv.Itoa(len(m.parts)+1), Title: plain(n, source)}
				m.parts = append(m.parts, p)
				n.SetAttributeString("id", []byte(p.ID))
			}
			n.Level = min(n.Level-top+1+titleLevel, above+1, lowestLevel)
			above = n.Level
		case *ast.Link:
			switch where(util.URLEscape(n.Destination, true)) { // as goldmark will write it
			case nowhere:
				drop = append(drop, n)
			case away:
				mark(n)
			}
		case *ast.AutoLink:
			switch where(util.URLEscape(n.URL(source), false)) {
			case nowhere:
				drop = append(drop, n)
			case away:
				mark(n)
			}
		case *ast.Image:
			if where(util.URLEscape(n.Destination, true)) != here {
				drop = append(drop, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range drop {
		unwrap(n, source)
	}
}

// mark is what web's own links that leave have.
func mark(n ast.Node) {
	n.SetAttributeString("class", []byte("away"))
	n.SetAttributeString("rel", []byte("noopener noreferrer external"))
}

// unwrap leaves the words of a link or picture and takes the rest away.
func unwrap(n ast.Node, source []byte) {
	parent := n.Parent()
	if auto, ok := n.(*ast.AutoLink); ok {
		label := ast.NewString(auto.Label(source))
		label.SetRaw(true) // escaped, but read for nothing else
		parent.ReplaceChild(parent, n, label)
		return
	}
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		parent.InsertBefore(parent, n, c)
		c = next
	}
	parent.RemoveChild(parent, n)
}

// plain is the text of a heading.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		switch c := c.(type) {
		case *ast.Text:
			if entering {
				b.Write(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(c.Segment.Value(source)))))
				if c.SoftLineBreak() || c.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(c.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

type direction uint8

const (
	nowhere direction = iota // not an address that we let out
	here                     // of the site's own
	letter                   // e-mail
	away
)

// where tells where a link leads. What browsers and url.Parse may read differently leads nowhere.
func where(written []byte) direction {
	address := string(written)
	if strings.ContainsFunc(address, func(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f }) {
		return nowhere
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nowhere
	case slices.Contains([]string{"http", "https"}, u.Scheme) && u.Host != "":
		return away
	case u.Scheme == "mailto" && u.Host == "":
		return letter
	case u.Scheme == "" && u.Host == "" && u.User == nil && !strings.HasPrefix(address, "//"):
		return here
	}
	return nowhere
}
