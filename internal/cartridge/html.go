package cartridge

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"mime"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/strikethrough"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

var markdown = converter.NewConverter(converter.WithPlugins(base.NewBasePlugin(), strikethrough.NewStrikethroughPlugin(),
	commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false), commonmark.WithHorizontalRule("---"), commonmark.WithBulletListMarker("-")),
	table.NewTablePlugin(table.WithHeaderPromotion(true), table.WithSpanCellBehavior(table.SpanBehaviorMirror), table.WithCellPaddingBehavior(table.CellPaddingBehaviorMinimal))))

// page turns a page into Markdown, and keeps what it met on the way.
type page struct {
	b       *builder
	dir     string          // of the page, below the manifest
	title   string          // that the page bears itself
	dropped map[string]int  // elements, attributes and addresses that do not come along, by name
	missing map[string]bool // files that it refers to and the package has not
	inner   int             // links to other pages
	far     int             // pictures of other hosts that became links
	framed  int             // what was embedded and became a link
	nodes   int             // of its tree
	spans   int             // cells that its tables\' wide and high cells cover
	bare    int             // formulas that became plain text
}

// markdown makes Markdown of a page, or of a piece of one. Where the page begins with a heading that says its title, that is left out.
func (p *page) markdown(text, title string) (string, error) {
	p.dropped, p.missing = map[string]int{}, map[string]bool{}
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return "", err
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "title" && p.title == "" && n.Namespace == "" {
			p.title = line(inside(n), 1000)
		}
	}
	if p.clean(doc, 0); p.nodes > maxPageNodes {
		return "", errComplex
	}
	unhead(doc, title, p.title)
	out, err := markdown.ConvertNode(doc)
	if err != nil {
		return "", err
	}
	md := strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(string(out), "�")))
	return placed.ReplaceAllStringFunc(md, func(s string) string {
		n, err := strconv.Atoi(placed.FindStringSubmatch(s)[1])
		if err != nil || n >= len(p.b.found.Files) {
			return s
		}
		return p.b.found.Files[n].Name
	}), nil
}

// placed stands for a file's name while the page is converted, since addresses are rewritten there.
var placed = regexp.MustCompile(`ustaz-file-(\d{1,6})-`)

func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\uFFFC' {
		return -1
	}
	return r
}

// inside is all text of an element.
func inside(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// unhead takes away the first heading where nothing comes before it and it says a title that stands above the text anyway.
func unhead(doc *html.Node, titles ...string) {
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.ElementNode && (n.Data == "h1" || n.Data == "h2"):
			if said := line(inside(n), 1000); said != "" && slices.Contains(titles, said) && !slices.ContainsFunc(slices.Collect(n.Descendants()), isPicture) {
				n.Parent.RemoveChild(n)
			}
			return
		case isPicture(n), n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" && !within(n, "head"):
			return
		}
	}
}

func isPicture(n *html.Node) bool { return n.Type == html.ElementNode && n.Data == "img" }

func within(n *html.Node, name string) bool {
	for a := range n.Ancestors() {
		if a.Data == name {
			return true
		}
	}
	return false
}

// Bounds of a page: what lies in lists and quotations gets a sign on each line for each of them, and a wide cell becomes many.
const (
	maxPageNodes = 60_000
	maxIndent    = 12
	maxSpan      = 30
	maxSpans     = 5000
)

var errComplex = errors.New("too many elements")

// clean takes out of a tree what does not come along, and gives addresses their new form. The parser bounds the depth of trees.
func (p *page) clean(n *html.Node, indent int) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		within := indent
		if c.Type == html.ElementNode && slices.Contains([]string{"ul", "ol", "blockquote", "menu", "dir"}, c.Data) {
			within++
		}
		if p.nodes++; p.nodes > maxPageNodes {
			return
		}
		p.clean(c, within)
		if p.element(c); within > maxIndent && within > indent {
			p.dropped[c.Data]++
			unwrap(c)
		}
		c = next
	}
}

// span keeps a cell from covering more others than a table may have.
func (p *page) span(n *html.Node) {
	size := 1
	for _, a := range n.Attr {
		if a.Key == "colspan" || a.Key == "rowspan" {
			by, err := strconv.Atoi(strings.TrimSpace(a.Val))
			if err != nil || by < 1 || by > maxSpan {
				size = maxSpans + 2
				break
			}
			size *= by
		}
	}
	if p.spans += size - 1; p.spans > maxSpans {
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "colspan" || a.Key == "rowspan" })
		p.dropped["colspan"]++
		p.spans -= size - 1
	}
}

func (p *page) element(n *html.Node) {
	if n.Type == html.CommentNode {
		n.Parent.RemoveChild(n)
		return
	}
	if n.Type != html.ElementNode {
		return
	}
	for _, a := range n.Attr {
		if name := strings.ToLower(a.Key); strings.HasPrefix(name, "on") || name == "style" {
			p.dropped[name]++
		}
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
		return strings.HasPrefix(strings.ToLower(a.Key), "on") || a.Key == "style"
	})
	switch n.Data {
	case "script", "style", "noscript", "template", "svg", "canvas", "applet", "input", "select", "textarea", "button", "map", "frameset":
		p.dropped[n.Data]++
		n.Parent.RemoveChild(n)
	case "link", "meta", "base":
		n.Parent.RemoveChild(n)
	case "iframe", "embed", "object", "video", "audio":
		p.embedded(n)
	case "img":
		p.picture(n)
	case "a":
		p.link(n)
	case "math":
		p.formula(n)
	case "sub", "sup":
		raise(n)
	case "td", "th":
		p.span(n)
	}
}

func attr(n *html.Node, names ...string) string {
	for _, name := range names {
		for _, a := range n.Attr {
			if a.Namespace == "" && a.Key == name && strings.TrimSpace(a.Val) != "" {
				return strings.TrimSpace(a.Val)
			}
		}
	}
	return ""
}

func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

func linkTo(address, label string) *html.Node {
	a := &html.Node{Type: html.ElementNode, Data: "a", Attr: []html.Attribute{{Key: "href", Val: address}}}
	a.AppendChild(text(label))
	return a
}

func (p *page) swap(n, by *html.Node) {
	n.Parent.InsertBefore(by, n)
	n.Parent.RemoveChild(n)
}

// unwrap leaves what an element holds in its place.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

func (p *page) link(n *html.Node) {
	href := attr(n, "href")
	if href == "" {
		unwrap(n)
		return
	}
	switch to := p.resolve(href); to.way {
	case wayFar, wayFile:
		label := to.name
		if to.way == wayFar {
			label = to.address
		}
		title := attr(n, "title")
		n.Attr = []html.Attribute{{Key: "href", Val: to.address}}
		if title != "" {
			n.Attr = append(n.Attr, html.Attribute{Key: "title", Val: title})
		}
		if strings.TrimSpace(inside(n)) == "" && !slices.ContainsFunc(slices.Collect(n.Descendants()), isPicture) {
			n.AppendChild(text(label))
		}
	default:
		p.note(to)
		unwrap(n)
	}
}

// note counts what leads to no place of ours.
func (p *page) note(to target) {
	switch to.way {
	case wayInner:
		p.inner++
	case wayMissing:
		p.missing[to.address] = true
	case wayUnsafe:
		p.dropped[to.address]++
	}
}

func (p *page) picture(n *html.Node) {
	alt, src := line(attr(n, "alt"), 300), attr(n, "src")
	to := p.resolve(src)
	switch {
	case src != "" && to.way == wayFile:
		n.Attr = []html.Attribute{{Key: "src", Val: to.address}, {Key: "alt", Val: alt}}
	case src != "" && to.way == wayFar: // pages show no pictures of other hosts
		p.far++
		if alt == "" {
			alt = to.address
		}
		p.swap(n, linkTo(to.address, alt))
	default:
		if src != "" {
			p.note(to)
		}
		p.swap(n, text(alt))
	}
}

// embedded makes a link of what plays inside a page.
func (p *page) embedded(n *html.Node) {
	src := attr(n, "src", "data")
	for c := n.FirstChild; c != nil && src == ""; c = c.NextSibling {
		if c.Type == html.ElementNode && c.Data == "source" {
			src = attr(c, "src")
		}
	}
	to := p.resolve(src)
	if src == "" || to.way != wayFar && to.way != wayFile {
		p.dropped[n.Data]++
		if src != "" {
			p.note(to)
		}
		n.Parent.RemoveChild(n)
		return
	}
	p.framed++
	label := line(attr(n, "title"), 200)
	if label == "" && to.way == wayFile {
		label = to.name
	} else if label == "" {
		label = to.address
	}
	par := &html.Node{Type: html.ElementNode, Data: "p"}
	par.AppendChild(linkTo(to.address, label))
	p.swap(n, par)
}

// formula leaves a formula's TeX, where it brings one, or its signs.
func (p *page) formula(n *html.Node) {
	p.bare++
	said := attr(n, "alttext")
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == "annotation" && strings.Contains(attr(d, "encoding"), "tex") {
			said = inside(d)
		}
	}
	if strings.TrimSpace(said) == "" {
		said = inside(n)
	}
	code := &html.Node{Type: html.ElementNode, Data: "code"}
	code.AppendChild(text(line(said, 2000)))
	p.swap(n, code)
}

const (
	plainSigns = "0123456789+-=()n"
	highSigns  = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"
	lowSigns   = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ"
)

// raise keeps what is written above or below the line from becoming part of the number before it: by its sign, or by ^( ) and _( ).
func raise(n *html.Node) {
	said, signs, mark := strings.TrimSpace(inside(n)), []rune(highSigns), "^("
	if n.Data == "sub" {
		signs, mark = []rune(lowSigns), "_("
	}
	if said == "" || slices.ContainsFunc(slices.Collect(n.Descendants()), isPicture) {
		unwrap(n)
		return
	}
	out := strings.Map(func(r rune) rune {
		if at := strings.IndexRune(plainSigns, r); at >= 0 {
			return signs[at]
		}
		return -1
	}, said)
	if len([]rune(out)) != len([]rune(said)) {
		out = mark + said + ")"
	}
	n.Parent.InsertBefore(text(out), n)
	n.Parent.RemoveChild(n)
}

// way is where an address leads.
type way uint8

const (
	wayMissing way = iota // to a file that the package has not
	wayFar                // to another host, or to a letter
	wayFile               // to a file that comes along
	wayInner              // to another page of the package, or within this one
	wayUnsafe             // to what a browser would run, or open on the reader's own machine
)

// target is an address resolved. address is that of wayFar, the placeholder of wayFile, the scheme of wayUnsafe, and what is missing.
type target struct {
	way           way
	address, name string
}

// bases are what packages write for their own folder of files, and inners for their other pages.
var (
	bases  = []string{"$IMS-CC-FILEBASE$", "$IMS_CC_FILEBASE$", "$1EDTECH-CC-FILEBASE$"}
	inners = []string{"$WIKI_REFERENCE$", "$CANVAS_OBJECT_REFERENCE$", "$CANVAS_COURSE_REFERENCE$"}
)

// isPage tells whether an entry is a page, by its name.
func isPage(name string) bool {
	return slices.Contains([]string{".html", ".htm", ".xhtml"}, strings.ToLower(path.Ext(name)))
}

func (p *page) resolve(ref string) target {
	ref = strings.TrimSpace(strings.Map(func(r rune) rune { // as browsers read an address
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, ref))
	if len(ref) >= 5 && strings.EqualFold(ref[:5], "data:") {
		return p.held(ref[5:])
	}
	ref = strings.ReplaceAll(ref, "%24", "$")
	upper := strings.ToUpper(ref)
	for _, b := range inners {
		if strings.HasPrefix(upper, b) {
			return target{way: wayInner}
		}
	}
	dirs := []string{p.dir}
	for _, b := range bases {
		if strings.HasPrefix(upper, b) {
			ref, dirs = strings.TrimLeft(ref[len(b):], "/"), []string{"web_resources", "", p.dir}
		}
	}
	u, err := url.Parse(strings.ReplaceAll(ref, `\`, "/"))
	if err != nil {
		return target{way: wayMissing, address: shown(ref)}
	}
	switch scheme := strings.ToLower(u.Scheme); {
	case (scheme == "http" || scheme == "https") && u.Host != "":
		return target{way: wayFar, address: u.String()}
	case scheme == "mailto":
		return target{way: wayFar, address: u.String()}
	case scheme != "":
		return target{way: wayUnsafe, address: line(scheme, 40) + ":"}
	case u.Host != "":
		return target{way: wayFar, address: "https:" + u.String()}
	case u.Path == "":
		return target{way: wayInner}
	}
	for _, dir := range dirs {
		if strings.HasPrefix(u.Path, "/") {
			dir = ""
		}
		name := p.b.p.has(strings.TrimPrefix(path.Join(dir, norm.NFC.String(u.Path)), "/"))
		if name == "" {
			continue
		}
		if isPage(name) {
			return target{way: wayInner}
		}
		n := p.b.takeFile(name)
		return target{way: wayFile, address: placeholder(n), name: p.b.found.Files[n].Name}
	}
	return target{way: wayMissing, address: shown(u.Path)}
}

func placeholder(n int) string { return "ustaz-file-" + strconv.Itoa(n) + "-" }

// pictures are those that a page may hold within its own text.
var pictures = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}

// held makes a file of what an address holds in itself.
func (p *page) held(rest string) target {
	head, body, _ := strings.Cut(rest, ",")
	kind, packed := strings.CutSuffix(head, ";base64")
	media, _, err := mime.ParseMediaType(kind)
	ending := pictures[media]
	if err != nil || !packed || ending == "" {
		return target{way: wayUnsafe, address: "data:"}
	}
	if clear, err := url.PathUnescape(body); err == nil {
		body = clear
	}
	bytes, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, " ", ""))
	if err != nil || len(bytes) == 0 {
		return target{way: wayUnsafe, address: "data:"}
	}
	n := p.b.keepFile(File{Name: p.b.flat("picture" + ending), Size: int64(len(bytes)), Open: opener(bytes)})
	return target{way: wayFile, address: placeholder(n), name: p.b.found.Files[n].Name}
}

func opener(body []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
}

// report adds what was met to a report, as lines about r.
func (p *page) report(about Line) {
	b := p.b
	say := func(fate Fate, key string, args ...string) { b.say(about.as(fate, key, args...)) }
	if len(p.dropped) > 0 {
		var what []string
		for _, name := range slices.Sorted(maps.Keys(p.dropped)) {
			what = append(what, name+" × "+strconv.Itoa(p.dropped[name]))
		}
		say(Changed, "cartridge.page.dropped", "what", cut(strings.Join(what, ", "), 300))
	}
	for n, name := range slices.Sorted(maps.Keys(p.missing)) {
		if n == maxMissing {
			say(Left, "cartridge.page.missing.more", "n", strconv.Itoa(len(p.missing)-n))
			break
		}
		say(Left, "cartridge.page.missing", "name", name)
	}
	for _, c := range []struct {
		n   int
		key string
	}{{p.inner, "inner"}, {p.far, "far"}, {p.framed, "framed"}, {p.bare, "formulas"}} {
		if c.n > 0 {
			say(Changed, "cartridge.page."+c.key, "n", strconv.Itoa(c.n))
		}
	}
}

const maxMissing = 20 // files that a page lacks, told one by one
