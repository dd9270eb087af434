package learning

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"ustaz/internal/formula"
)

// Bounds of what is parsed, where time or markup would grow faster than the text.
const (
	maxBlocks   = 24    // one in another
	maxBrackets = 500   // that open, in a paragraph
	maxEmphasis = 2_000 // stars and the like, in a paragraph
	maxColumns  = 30    // of a table
	maxCells    = 5_000 // of a table
	maxNotes    = 300   // footnotes of a text
)

// reader parses and writer writes; both may be shared.
var (
	reader = parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(shallow{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(dollarBlocks{}, 650),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(counted{shallow{extension.NewFootnoteBlockParser()}}, 999),
			util.Prioritized(parser.NewParagraphParser(), 1000),
			util.Prioritized(shallow{extension.NewDefinitionListParser()}, 101),
			util.Prioritized(extension.NewDefinitionDescriptionParser(), 102),
		),
		parser.WithInlineParsers(
			util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
			util.Prioritized(dollarParser{}, 50),
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(extension.NewFootnoteParser(), 101),
			util.Prioritized(atMost(maxBrackets, parser.NewLinkParser()), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewRawHTMLParser(), 400),
			util.Prioritized(atMost(maxEmphasis, parser.NewEmphasisParser()), 500),
			util.Prioritized(atMost(maxEmphasis, extension.NewStrikethroughParser()), 500),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
			util.Prioritized(bounded{extension.NewTableParagraphTransformer()}, 200),
		),
		parser.WithASTTransformers(
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(extension.NewFootnoteASTTransformer(), 999),
		),
	)
	writer = renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(elements{}, 100),
		util.Prioritized(extension.NewTableHTMLRenderer(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)), 500),
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		util.Prioritized(extension.NewDefinitionListHTMLRenderer(), 500),
		util.Prioritized(html.NewRenderer(), 1000),
	))
)

// element is markup of ours around nodes.
type element struct {
	ast.BaseInline
	begin, end string
}

var elementKind = ast.NewNodeKind("Element")

// Kind is for goldmark.
func (e *element) Kind() ast.NodeKind { return elementKind }

// Dump is for goldmark's own debugging.
func (e *element) Dump(source []byte, level int) { ast.DumpHelper(e, source, level, nil, nil) }

func (e *element) clear() { e.RemoveChildren(e) }

// replace puts markup in the place of n, around what is in it.
func replace(n ast.Node, begin, end string) *element {
	e := &element{begin: begin, end: end}
	e.SetPos(n.Pos())
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		e.AppendChild(e, c)
	}
	n.Parent().ReplaceChild(n.Parent(), n, e)
	return e
}

// wrap puts markup around n.
func wrap(n ast.Node, begin, end string) {
	e := &element{begin: begin, end: end}
	n.Parent().ReplaceChild(n.Parent(), n, e)
	e.AppendChild(e, n)
}

type elements struct{}

func (elements) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(elementKind, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		e := n.(*element)
		markup := e.end
		if entering {
			markup = e.begin
		}
		_, err := w.WriteString(markup)
		return ast.WalkContinue, err
	})
}

// shallow keeps blocks from standing deeper in each other than maxBlocks; what would be is text.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		depth++
	}
	if depth > maxBlocks {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, r, pc)
}

// counted lets a text have maxNotes footnotes.
type counted struct{ parser.BlockParser }

var notesKey = parser.NewContextKey()

func (c counted) Open(parent ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	n, _ := pc.Get(notesKey).(int)
	if n == maxNotes {
		return nil, parser.NoChildren
	}
	node, state := c.BlockParser.Open(parent, r, pc)
	if node != nil {
		pc.Set(notesKey, n+1)
	}
	return node, state
}

// few lets a paragraph have so many signs that may begin something; those after them are text.
type few struct {
	parser.InlineParser
	most int
	key  parser.ContextKey
}

func atMost(n int, p parser.InlineParser) few { return few{p, n, parser.NewContextKey()} }

func (f few) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if block.Peek() != ']' {
		n, _ := pc.Get(f.key).(int)
		if n == f.most {
			return nil
		}
		pc.Set(f.key, n+1)
	}
	return f.InlineParser.Parse(parent, block, pc)
}

func (f few) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	pc.Set(f.key, 0)
	if c, ok := f.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}

// bounded keeps a table from having more columns or cells than a page can bear; it stays text.
type bounded struct{ parser.ParagraphTransformer }

func (b bounded) Transform(n *ast.Paragraph, r text.Reader, pc parser.Context) {
	if !tooWide(n.Lines(), r.Source()) {
		b.ParagraphTransformer.Transform(n, r, pc)
	}
}

// tooWide tells whether lines would be a table with too many columns or cells.
func tooWide(lines *text.Segments, source []byte) bool {
	for i := 1; i < lines.Len(); i++ {
		line := lines.At(i)
		columns := bytes.Count(line.Value(source), []byte{'|'})
		if columns*lines.Len() > maxCells || columns > maxColumns {
			if len(bytes.Trim(line.Value(source), " \t\r\n|:-")) == 0 {
				return true
			}
		}
	}
	return false
}

// dollars is a formula among words.
type dollars struct {
	ast.BaseInline
	tex     string
	display bool
}

var dollarsKind = ast.NewNodeKind("Formula")

// Kind is for goldmark.
func (d *dollars) Kind() ast.NodeKind { return dollarsKind }

// Dump is for goldmark's own debugging.
func (d *dollars) Dump(source []byte, level int) { ast.DumpHelper(d, source, level, nil, nil) }

// dollarParser reads $…$ and $$…$$. A dollar that could be a sum's stays one: before a formula's first is neither letter nor digit, after it no
// space, before its last no space, after that no digit; and what begins like a price and goes on in Cyrillic words is prose.
type dollarParser struct{}

func (dollarParser) Trigger() []byte { return []byte{'$'} }

var price = regexp.MustCompile(`^[0-9][^{}\\]*\s\p{Cyrillic}+\s`)

func (dollarParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, _ := block.PeekLine()
	fence := "$"
	if bytes.HasPrefix(line, []byte("$$")) {
		fence = "$$"
	}
	if before == '$' || fence == "$" && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return nil
	}
	block.Advance(len(fence))
	var tex strings.Builder
	for line, _ = block.PeekLine(); line != nil; line, _ = block.PeekLine() {
		n := closing(line, fence)
		if n < 0 {
			tex.Write(line)
			block.AdvanceLine()
			continue
		}
		tex.Write(line[:n])
		block.Advance(n + len(fence))
		inner := tex.String()
		if fence == "$$" {
			if strings.TrimSpace(inner) == "" {
				return nil
			}
			return &dollars{tex: inner, display: true}
		}
		after := block.Peek()
		if len(inner) > formula.Longest || inner == "" || strings.TrimSpace(inner) != inner || '0' <= after && after <= '9' || price.MatchString(inner) {
			return nil
		}
		return &dollars{tex: inner}
	}
	return nil
}

// closing is where the first fence is that has no backslash before it; -1 if there is none.
func closing(line []byte, fence string) int {
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case bytes.HasPrefix(line[i:], []byte(fence)):
			return i
		}
	}
	return -1
}

// dollarBlock is a formula on lines of its own.
type dollarBlock struct {
	ast.BaseBlock
	closed bool
	after  string // a sign of punctuation behind it
}

var dollarBlockKind = ast.NewNodeKind("FormulaBlock")

// Kind is for goldmark.
func (d *dollarBlock) Kind() ast.NodeKind { return dollarBlockKind }

// IsRaw keeps goldmark from reading what is in it.
func (d *dollarBlock) IsRaw() bool { return true }

// Dump is for goldmark's own debugging.
func (d *dollarBlock) Dump(source []byte, level int) { ast.DumpHelper(d, source, level, nil, nil) }

// dollarBlocks reads lines from one that begins with $$ to one that ends with $$, or to an empty one, where it is in error.
type dollarBlocks struct{}

func (dollarBlocks) Trigger() []byte { return []byte{'$'} }

func (dollarBlocks) Open(_ ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := r.PeekLine()
	at := pc.BlockOffset()
	if at < 0 || !bytes.HasPrefix(line[at:], []byte("$$")) {
		return nil, parser.NoChildren
	}
	begin := segment.Start - segment.Padding + at + 2
	n := &dollarBlock{}
	if inner := line[at+2:]; closing(inner, "$$") < 0 {
		n.Lines().Append(text.NewSegment(begin, segment.Stop))
	} else if !n.end(inner, begin) {
		return nil, parser.NoChildren
	}
	r.AdvanceToEOL()
	return n, parser.NoChildren
}

// end takes the last line, which begins in the source at a place; false if there is more behind the dollars.
func (d *dollarBlock) end(line []byte, begin int) bool {
	n := closing(line, "$$")
	if n < 0 {
		return false
	}
	after := string(bytes.TrimSpace(line[n+2:]))
	if after != "" && !strings.Contains(".,;:", after) {
		return false
	}
	d.Lines().Append(text.NewSegment(begin, begin+n))
	d.after, d.closed = after, true
	return true
}

func (dollarBlocks) Continue(node ast.Node, r text.Reader, _ parser.Context) parser.State {
	n := node.(*dollarBlock)
	line, segment := r.PeekLine()
	if n.closed || util.IsBlank(line) {
		return parser.Close
	}
	if !n.end(line, segment.Start) {
		n.Lines().Append(segment)
	}
	r.AdvanceToEOL()
	if n.closed {
		return parser.Close
	}
	return parser.Continue | parser.NoChildren
}

func (dollarBlocks) Close(ast.Node, text.Reader, parser.Context) {}

func (dollarBlocks) CanInterruptParagraph() bool { return true }

func (dollarBlocks) CanAcceptIndentedLine() bool { return false }
