package learning

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"html"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	extra "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"ustaz/internal/errs"
	"ustaz/internal/formula"
	"ustaz/internal/i18n"
)

// Page is a course's text as a page shows it.
type Page struct {
	HTML     template.HTML
	Parts    []Part
	Problems []Problem // what its author should see to, in the order of lines
}

// Part is a heading of a text's highest level.
type Part struct{ ID, Title string }

// Problem is something that a text shows otherwise than its author meant.
type Problem struct {
	Line int // from 1
	Key  string
	Args map[string]string
}

const (
	maxFormulas = 500       // in a text
	maxMathML   = 2_000_000 // bytes of the markup of a text's formulas
	maxProblems = 100
	maxInline   = 16 // emphasis within emphasis
	narrow      = 16 // signs of a formula that fit a phone's screen whatever they are
)

// Render makes HTML of Markdown: CommonMark without raw HTML, with tables, strikethrough, task lists, footnotes and definition lists as GitHub and PHP
// Markdown Extra have them, formulas in $…$ and $$…$$, and quotations that begin with [!NOTE], [!TIP] or [!TASK] as callouts. lang is the language of
// the text: what Render itself adds is said in it. Files are those of the course, which the text calls by name; nil is none.
//
// The page's own heading is its h1, so the highest level that a text has becomes h2, and so on; a heading that leaves a level out moves up, so that
// headings stay in order. Parts can be linked to as #part- with their words, whatever is written before them. Links that leave the site are marked
// and go out without a referrer (2.3). A text that is too long is Invalid.
func Render(markdown, lang string, files Files) (Page, error) {
	if len(markdown) > MaxBody {
		return Page{}, errs.New(errs.Invalid, "course.invalid.text")
	}
	catalog, err := i18n.Load()
	if err != nil {
		return Page{}, errs.Wrap(errs.Internal, "error.internal", err)
	}
	source := []byte(strings.ToValidUTF8(markdown, "\uFFFD"))
	doc := reader.Parse(text.NewReader(source))
	p := &page{source: source, say: catalog.Lang(lang), files: files, top: highest(doc), above: titleLevel, ids: map[string]int{}}
	p.children(doc, place{})
	var b bytes.Buffer
	if err := writer.Render(&b, source, doc); err != nil {
		return Page{}, errs.Wrap(errs.Internal, "error.internal", err)
	}
	slices.SortStableFunc(p.problems, func(a, b Problem) int { return a.Line - b.Line })
	return Page{HTML: template.HTML(b.String()), Parts: p.parts, Problems: p.problems}, nil // goldmark leaves raw HTML out and escapes the rest
}

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

// RenderLine makes HTML of Markdown of one line, without a paragraph around it: an option, a side of a pair.
func RenderLine(markdown, lang string, files Files) (template.HTML, error) {
	page, err := Render(markdown, lang, files)
	line := strings.TrimSpace(string(page.HTML))
	if inner, ok := strings.CutPrefix(line, "<p>"); ok && strings.Count(line, "<p>") == 1 {
		line = strings.TrimSuffix(inner, "</p>")
	}
	return template.HTML(line), err
}

// PlainLine is what Markdown of one line says, without its marks: for where no HTML can stand.
func PlainLine(markdown string) string {
	source := []byte(markdown)
	return plain(reader.Parse(text.NewReader(source)), source)
}

// page fits what was parsed into a page.
type page struct {
	source     []byte
	say        i18n.Lang
	files      Files
	top, above int // levels of headings: the text's highest, and that of the one before
	parts      []Part
	ids        map[string]int // of parts: how often each was asked for
	problems   []Problem
	tables     int
	formulas   int
	mathML     int    // bytes so far
	prefix     string // of the ids of footnotes
}

// place is what stands around a node.
type place struct {
	link, cell bool
	inline     int // how deep in emphasis
}

func (p *page) children(n ast.Node, in place) {
	for c := n.FirstChild(); c != nil; {
		c = p.node(c, in)
	}
}

// node fits one node and what is in it, and gives the one to go on with.
func (p *page) node(n ast.Node, in place) ast.Node {
	next := n.NextSibling()
	switch n := n.(type) {
	case *ast.Heading:
		p.heading(n)
	case *ast.Blockquote:
		p.callout(n)
	case *ast.Paragraph:
		if tooWide(n.Lines(), p.source) {
			p.problem(n, "course.text.problem.table", "max", strconv.Itoa(maxColumns))
		}
		if p.figure(n) {
			return next
		}
	case *ast.RawHTML, *ast.HTMLBlock:
		p.problem(n, "course.text.problem.html")
		n.Parent().RemoveChild(n.Parent(), n)
		return next
	case *ast.CodeSpan:
		return next
	case *ast.FencedCodeBlock:
		if string(n.Language(p.source)) == "math" {
			p.formula(n, lines(n, p.source), true, in)
			return next
		}
	case *dollars:
		p.formula(n, n.tex, n.display, in)
		return next
	case *dollarBlock:
		if !n.closed {
			p.unread(n, "$$"+lines(n, p.source), "formula.open", nil)
		} else {
			p.formula(n, lines(n, p.source)+n.after, true, in)
		}
		return next
	case *ast.Emphasis, *extra.Strikethrough:
		if in.inline++; in.inline > maxInline {
			return unwrap(n, p.source)
		}
	case *ast.Link:
		if in.link = true; !p.link(n) {
			return unwrap(n, p.source)
		}
	case *ast.AutoLink:
		switch where(util.URLEscape(n.URL(p.source), false)) {
		case nowhere:
			return unwrap(n, p.source)
		case away:
			leaves(n)
		}
	case *ast.Image:
		if !p.image(n, in) {
			return unwrap(n, p.source)
		}
	case *extra.Table:
		p.table(n)
		in.cell = true
	case *extra.TableCell:
		if p.cell(n) {
			return next
		}
	case *extra.TaskCheckBox:
		sign := "☐ "
		if n.IsChecked {
			sign = "☑ "
		}
		replace(n, `<span class="tick">`+sign, "</span>")
		return next
	case *extra.FootnoteLink:
		p.noteLink(n, in)
		return next
	case *extra.FootnoteBacklink:
		p.noteBack(n)
		return next
	case *extra.Footnote:
		p.children(n, in)
		replace(n, `<li id="`+p.noteID("note", n.Index)+`">`, "</li>\n")
		return next
	case *extra.FootnoteList:
		p.children(n, in)
		replace(n, `<section class="notes" role="doc-endnotes" aria-label="`+p.words("course.text.notes")+"\"><ol>\n", "</ol></section>\n")
		return next
	}
	p.children(n, in)
	return next
}

// words are those of Render itself, ready for HTML.
func (p *page) words(key string, args ...i18n.Arg) string {
	return html.EscapeString(p.say.T(key, args...))
}

// problem tells the author of something at n. Args are names and values.
func (p *page) problem(n ast.Node, key string, args ...string) {
	if len(p.problems) == maxProblems {
		return
	}
	at := -1
	for ; n != nil && at < 0; n = n.Parent() {
		if at = n.Pos(); at < 0 && n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
			at = n.Lines().At(0).Start
		}
	}
	q := Problem{Line: 1 + bytes.Count(p.source[:max(0, min(at, len(p.source)))], []byte{'\n'}), Key: key}
	for i := 0; i < len(args); i += 2 {
		if q.Args == nil {
			q.Args = map[string]string{}
		}
		q.Args[args[i]] = args[i+1]
	}
	p.problems = append(p.problems, q)
}

func (p *page) heading(n *ast.Heading) {
	if n.Level == p.top {
		part := Part{Title: plain(n, p.source)}
		part.ID = p.partID(part.Title)
		p.parts = append(p.parts, part)
		n.SetAttributeString("id", []byte(part.ID))
	}
	n.Level = min(n.Level-p.top+1+titleLevel, p.above+1, lowestLevel)
	p.above = n.Level
}

const longestID = 40 // letters of a part's title in its id

// partID makes an id of a title, and a number of titles that are the same.
func (p *page) partID(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	id := []rune("part-" + strings.Join(words, "-"))
	base := strings.TrimRight(string(id[:min(len(id), longestID)]), "-")
	for {
		p.ids[base]++
		tried := base
		if n := p.ids[base]; n > 1 {
			tried += "-" + strconv.Itoa(n)
		}
		if tried == base || p.ids[tried] == 0 {
			p.ids[tried] = max(1, p.ids[tried])
			return tried
		}
	}
}

// callouts are the words in square brackets that make one of a quotation.
var callouts = map[string]string{"[!NOTE]": "note", "[!TIP]": "tip", "[!TASK]": "task"}

// callout makes one of a quotation that begins with a line such as [!NOTE].
func (p *page) callout(n *ast.Blockquote) {
	first, ok := n.FirstChild().(*ast.Paragraph)
	if !ok {
		return
	}
	line := first.Lines().At(0)
	kind := callouts[strings.ToUpper(strings.TrimSpace(string(line.Value(p.source))))]
	if kind == "" {
		return
	}
	for c := first.FirstChild(); c != nil; c = first.FirstChild() {
		t, ok := c.(*ast.Text)
		if !ok || t.Segment.Start >= line.Stop {
			break
		}
		first.RemoveChild(first, c)
	}
	if !first.HasChildren() {
		n.RemoveChild(n, first)
	}
	e := replace(n, `<aside class="callout `+kind+`" role="note"><p class="callout-head">`+p.words("course.text."+kind)+"</p>\n", "</aside>\n")
	p.children(e, place{})
}

// table: one can be wider than a phone, so it stands in a region of its own that scrolls.
func (p *page) table(n *extra.Table) {
	p.tables++
	wrap(n, `<div class="scroll" role="region" tabindex="0" aria-label="`+p.words("course.text.table", i18n.Num("n", int64(p.tables)))+"\">\n", "</div>\n")
}

// cell marks how a cell is aligned; an empty one in the head is no heading, and is done.
func (p *page) cell(n *extra.TableCell) (done bool) {
	if _, head := n.Parent().(*extra.TableHeader); head {
		if !n.HasChildren() {
			replace(n, "<td>", "</td>\n")
			return true
		}
		n.SetAttributeString("scope", []byte("col"))
	}
	switch n.Alignment {
	case extra.AlignRight:
		n.SetAttributeString("class", []byte("number"))
	case extra.AlignCenter:
		n.SetAttributeString("class", []byte("centre"))
	}
	return false
}

// noteID is an id of a text's footnotes, made of the text, so that those of two texts on one page differ.
func (p *page) noteID(kind string, note int) string {
	if p.prefix == "" {
		sum := sha256.Sum256(p.source)
		p.prefix = hex.EncodeToString(sum[:4])
	}
	return kind + "-" + p.prefix + "-" + strconv.Itoa(note)
}

func (p *page) noteLink(n *extra.FootnoteLink, in place) {
	number := strconv.Itoa(n.Index)
	if in.link {
		replace(n, "<sup>"+number, "</sup>")
		return
	}
	id := p.noteID("noted", n.Index)
	if n.RefIndex > 0 {
		id += "-" + strconv.Itoa(n.RefIndex+1)
	}
	replace(n, `<sup id="`+id+`"><a class="noted" role="doc-noteref" href="#`+p.noteID("note", n.Index)+`" aria-label="`+p.words("course.text.noted", i18n.Num("n", int64(n.Index)))+`">`+number, "</a></sup>")
}

// noteBack leads back to the first place that has the footnote; from the others the browser does.
func (p *page) noteBack(n *extra.FootnoteBacklink) {
	if n.RefIndex > 0 {
		n.Parent().RemoveChild(n.Parent(), n)
		return
	}
	replace(n, ` <a class="note-back" role="doc-backlink" href="#`+p.noteID("noted", n.Index)+`" aria-label="`+p.words("course.text.note.back", i18n.Num("n", int64(n.Index)))+`">↩&#xfe0e;`, "</a>")
}

// formula puts MathML in the place of n. What can be wider than a phone scrolls in itself.
func (p *page) formula(n ast.Node, tex string, display bool, in place) {
	if in.cell {
		tex = strings.ReplaceAll(tex, `\|`, "|") // a table's own mark of a bar that parts no cells
	}
	fence := "$"
	if display {
		fence = "$$"
	}
	p.formulas++
	markup, width, err := formula.MathML(tex, display)
	switch {
	case err != nil:
		e := errs.As(err)
		p.unread(n, fence+tex+fence, e.Key, e.Args)
		return
	case p.formulas > maxFormulas || p.mathML+len(markup) > maxMathML:
		p.unread(n, fence+tex+fence, "formula.too_many", map[string]string{"max": strconv.Itoa(maxFormulas)})
		return
	}
	p.mathML += len(markup)
	tag, class := "span", "math"
	if display {
		class += " display"
	}
	if n.Type() == ast.TypeBlock {
		tag = "div"
	}
	attrs := ""
	if width > narrow && !in.link {
		class += " long"
		attrs = ` role="group" tabindex="0" aria-label="` + p.words("course.text.formula", i18n.Num("n", int64(p.formulas))) + `"`
	}
	replace(n, "<"+tag+` class="`+class+`"`+attrs+">"+markup, "</"+tag+">").clear()
}

// unread shows a formula as it was written, and tells its author why.
func (p *page) unread(n ast.Node, written, key string, args map[string]string) {
	var pairs []string
	for name, value := range args {
		pairs = append(pairs, name, value)
	}
	p.problem(n, key, pairs...)
	begin, end := `<code class="unread"><span class="unseen">`+p.words("course.text.unread")+" </span>", "</code>"
	if n.Type() == ast.TypeBlock {
		begin, end = "<p>"+begin, end+"</p>\n"
	}
	replace(n, begin+html.EscapeString(strings.TrimSpace(written)), end).clear()
}

// lines is the text of a block's lines.
func lines(n ast.Node, source []byte) string {
	var b strings.Builder
	for _, s := range n.Lines().Sliced(0, n.Lines().Len()) {
		b.Write(s.Value(source))
	}
	return b.String()
}

// leaves marks a link as web's own links that leave are.
func leaves(n ast.Node) {
	n.SetAttributeString("class", []byte("away"))
	n.SetAttributeString("rel", []byte("noopener noreferrer external"))
}

// unwrap leaves the words of a link, picture or emphasis, takes the rest away, and gives the node to go on with.
func unwrap(n ast.Node, source []byte) ast.Node {
	parent, next := n.Parent(), n.NextSibling()
	if auto, ok := n.(*ast.AutoLink); ok {
		label := ast.NewString(auto.Label(source))
		label.SetRaw(true) // escaped, but read for nothing else
		parent.ReplaceChild(parent, n, label)
		return next
	}
	if n.HasChildren() {
		next = n.FirstChild()
	}
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		parent.InsertBefore(parent, n, c)
	}
	parent.RemoveChild(parent, n)
	return next
}

// plain is the text of a heading or picture.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			b.Write(unescaped(c.Segment.Value(source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *dollars:
			b.WriteString(c.tex)
		case *ast.AutoLink:
			b.Write(c.Label(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// unescaped is text of the source as it reads.
func unescaped(s []byte) []byte {
	return util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(s)))
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
