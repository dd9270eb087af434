package policy

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Limits of the archive that a DOCX is.
const (
	maxArchiveFiles = 4000
	maxUnpacked     = 32 << 20 // bytes of all parts that are read
	maxRatio        = 200      // unpacked to packed bytes of one part; text of a policy is packed 5 to 20 times
	minRatioSize    = 1 << 20  // below this size the ratio says nothing
	maxLabel        = 64       // bytes of the pattern of a number
	maxStyleChain   = 20       // styles based on one another
)

// readDOCX reads the paragraphs of a DOCX as they stand after accepting all tracked changes, each with the number that
// Word would count for it. Table cells give paragraphs too; foot-notes, headers and pictures are left out.
func readDOCX(data []byte, log *repairs) ([]line, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "policy.import.docx_damaged", err)
	}
	if len(archive.File) > maxArchiveFiles {
		return nil, errs.New(errs.TooLarge, "policy.import.docx_bomb")
	}
	parts := docxParts{left: maxUnpacked, archive: archive}
	body, err := parts.read("word/document.xml")
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, errs.New(errs.Invalid, "policy.import.not_docx")
	}
	numbering, err := parts.readNumbering()
	if err != nil {
		return nil, err
	}
	paragraphs, err := readParagraphs(body)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "policy.import.docx_damaged", err)
	}
	return numbering.lines(paragraphs, log)
}

// docxParts reads parts of the archive within a budget. It trusts no size that the archive states.
type docxParts struct {
	archive *zip.Reader
	left    int64
}

// read gives nil for a part that is not there.
func (p *docxParts) read(name string) ([]byte, error) {
	i := slices.IndexFunc(p.archive.File, func(f *zip.File) bool { return f.Name == name })
	if i < 0 {
		return nil, nil
	}
	file := p.archive.File[i]
	r, err := file.Open()
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "policy.import.docx_damaged", err)
	}
	defer r.Close()
	allowed := min(p.left, max(minRatioSize, int64(min(file.CompressedSize64, maxUnpacked))*maxRatio))
	data, err := io.ReadAll(io.LimitReader(r, allowed+1))
	if int64(len(data)) > allowed {
		return nil, errs.New(errs.TooLarge, "policy.import.docx_bomb")
	}
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "policy.import.docx_damaged", err)
	}
	p.left -= int64(len(data))
	return data, nil
}

// docxParagraph is a paragraph before its number is counted.
type docxParagraph struct {
	text  []byte
	style string
	list  string // id of the numbering; "" if the style decides, "0" for none
	level int    // of the list; -1 if not said
}

// skipped elements hold text that the reader of the document does not see: deletions, the older properties of a changed
// paragraph, the second form of what newer programs draw.
var skippedElements = map[string]bool{"del": true, "moveFrom": true, "pPrChange": true, "Fallback": true}

func isWord2007(space string) bool {
	return space == "http://schemas.openxmlformats.org/wordprocessingml/2006/main" ||
		space == "http://purl.oclc.org/ooxml/wordprocessingml/main"
}

func readParagraphs(body []byte) ([]docxParagraph, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	var done []docxParagraph
	var open []*docxParagraph // a text box holds paragraphs inside a paragraph
	inText := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return done, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if skippedElements[t.Name.Local] {
				if err := decoder.Skip(); err != nil {
					return nil, err
				}
				continue
			}
			if !isWord2007(t.Name.Space) {
				continue
			}
			if t.Name.Local == "p" {
				open = append(open, &docxParagraph{level: -1})
				continue
			}
			inText = t.Name.Local == "t"
			if len(open) > 0 {
				open[len(open)-1].property(t)
			}
		case xml.EndElement:
			inText = false
			if isWord2007(t.Name.Space) && t.Name.Local == "p" {
				done = append(done, *open[len(open)-1])
				open = open[:len(open)-1]
			}
		case xml.CharData:
			if inText && len(open) > 0 {
				top := open[len(open)-1]
				top.text = append(top.text, t...)
			}
		}
	}
}

func (p *docxParagraph) property(e xml.StartElement) {
	value := ""
	for _, a := range e.Attr {
		if a.Name.Local == "val" {
			value = a.Value
		}
	}
	switch e.Name.Local {
	case "pStyle":
		p.style = value
	case "numId":
		p.list = value
	case "ilvl":
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < docxLevels {
			p.level = n
		}
	case "tab", "br", "cr":
		p.text = append(p.text, ' ')
	case "noBreakHyphen":
		p.text = append(p.text, '-')
	}
}

const docxLevels = 9

// docxLevel is how one level of a list is numbered.
type docxLevel struct {
	Index  int       `xml:"ilvl,attr"`
	Start  *docxInt  `xml:"start"`
	Format docxValue `xml:"numFmt"`
	Text   docxValue `xml:"lvlText"`
	Style  docxValue `xml:"pStyle"`
}

type docxValue struct {
	Value string `xml:"val,attr"`
}

type docxInt struct {
	Value int `xml:"val,attr"`
}

func (l *docxLevel) start() int {
	if l.Start == nil {
		return 0
	}
	return l.Start.Value
}

type docxAbstract struct {
	ID     string      `xml:"abstractNumId,attr"`
	Link   docxValue   `xml:"numStyleLink"`
	Levels []docxLevel `xml:"lvl"`
}

type docxList struct {
	ID        string    `xml:"numId,attr"`
	Abstract  docxValue `xml:"abstractNumId"`
	Overrides []struct {
		Index int        `xml:"ilvl,attr"`
		Start *docxInt   `xml:"startOverride"`
		Level *docxLevel `xml:"lvl"`
	} `xml:"lvlOverride"`
}

type docxStyle struct {
	ID      string    `xml:"styleId,attr"`
	Name    docxValue `xml:"name"`
	BasedOn docxValue `xml:"basedOn"`
	List    docxValue `xml:"pPr>numPr>numId"`
	Level   *docxInt  `xml:"pPr>numPr>ilvl"`
}

// docxNumbering counts the numbers of automatic lists.
type docxNumbering struct {
	styles    map[string]docxStyle
	lists     map[string]docxList
	abstracts map[string]docxAbstract
	counters  map[string][]int        // by abstract list, so that lists that share it go on counting
	restarted map[string]map[int]bool // by list: levels whose own start was used
}

func (p *docxParts) readNumbering() (*docxNumbering, error) {
	var lists struct {
		Abstracts []docxAbstract `xml:"abstractNum"`
		Lists     []docxList     `xml:"num"`
	}
	var styles struct {
		Styles []docxStyle `xml:"style"`
	}
	for name, into := range map[string]any{"word/numbering.xml": &lists, "word/styles.xml": &styles} {
		data, err := p.read(name)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		if err := xml.Unmarshal(data, into); err != nil {
			return nil, errs.Wrap(errs.Invalid, "policy.import.docx_damaged", err)
		}
	}
	n := &docxNumbering{styles: map[string]docxStyle{}, lists: map[string]docxList{}, abstracts: map[string]docxAbstract{},
		counters: map[string][]int{}, restarted: map[string]map[int]bool{}}
	for _, s := range styles.Styles {
		n.styles[s.ID] = s
	}
	for _, l := range lists.Lists {
		n.lists[l.ID] = l
	}
	for _, a := range lists.Abstracts {
		n.abstracts[a.ID] = a
	}
	if slices.ContainsFunc(lists.Abstracts, func(a docxAbstract) bool { return len(a.Levels) > docxLevels }) ||
		slices.ContainsFunc(lists.Lists, func(l docxList) bool { return len(l.Overrides) > docxLevels }) {
		return nil, errs.New(errs.Invalid, "policy.import.docx_damaged")
	}
	return n, nil
}

// lines gives each paragraph its number as text, so that automatic and typed numbers are read alike.
func (n *docxNumbering) lines(paragraphs []docxParagraph, log *repairs) ([]line, error) {
	var lines []line
	for i, p := range paragraphs {
		at := i + 1
		if len(lines) > maxLines {
			break
		}
		text := cleanLine(string(p.text), at, log)
		style := n.styles[p.style]
		name := strings.ToLower(style.Name.Value)
		// Word counts no empty paragraph, and a table of contents only repeats the numbers.
		if text == "" || strings.HasPrefix(name, "toc ") || strings.HasPrefix(p.style, "TOC") {
			continue
		}
		label, item, err := n.label(p)
		if err != nil {
			return nil, errs.As(err).With("line", strconv.Itoa(at))
		}
		if label != "" {
			text = label + " " + text
		}
		l := line{at: at, text: text, gap: true, explicit: true, bullet: item, title: name == "title"}
		if !item {
			before := ""
			if len(lines) > 0 {
				before = lines[len(lines)-1].text
			}
			readBullet(&l, before, len(lines) > 0 && lines[len(lines)-1].bullet)
		}
		readNumber(&l)
		lines = append(lines, l)
	}
	return dropContents(lines, log), nil
}

// label is the number before a paragraph of an automatic list, and whether the list is one of items, not of clauses.
func (n *docxNumbering) label(p docxParagraph) (label string, item bool, err error) {
	id, index := n.place(p)
	if id == "" || id == "0" {
		return "", false, nil
	}
	levels, abstract := n.levels(id)
	level := levels[index]
	if level == nil || len(level.Text.Value) > maxLabel {
		return "", false, errs.New(errs.Invalid, "policy.import.docx_numbering")
	}
	counters := n.count(id, abstract, index, levels)
	switch level.Format.Value {
	case "none":
		return "", false, nil
	case "bullet":
		return "", true, nil
	}
	label = level.Text.Value
	for k := range index + 1 {
		mark := "%" + strconv.Itoa(k+1)
		if !strings.Contains(label, mark) {
			continue
		}
		written, ok := writeCounter(levels[k], counters[k])
		if !ok {
			return "", false, errs.New(errs.Invalid, "policy.import.docx_numbering")
		}
		label = strings.ReplaceAll(label, mark, written)
	}
	label = strings.TrimSpace(label)
	decimal := level.Format.Value == "" || level.Format.Value == "decimal"
	if item = !decimal || strings.HasSuffix(label, ")"); !item && !strings.HasSuffix(label, ".") {
		label += "."
	}
	return label, item, nil
}

// place finds the list and the level of a paragraph: its own, or those of its style or of a style that one is based on.
func (n *docxNumbering) place(p docxParagraph) (id string, level int) {
	id, level = p.list, p.level
	styleID := p.style
	// A chain of styles that comes back to itself ends at the bound.
	for range maxStyleChain {
		style, ok := n.styles[styleID]
		if id != "" || !ok {
			break
		}
		if id = style.List.Value; id != "" && level < 0 {
			level = n.styleLevel(id, style)
		}
		styleID = style.BasedOn.Value
	}
	return id, min(max(level, 0), docxLevels-1)
}

// styleLevel is the level that a style states, or the one that names the style.
func (n *docxNumbering) styleLevel(id string, style docxStyle) int {
	if style.Level != nil {
		return style.Level.Value
	}
	levels, _ := n.levels(id)
	for i, l := range levels {
		if l != nil && l.Style.Value == style.ID {
			return i
		}
	}
	return 0
}

// levels gives the levels of a list, with its overrides, and the id of the abstract list that counts for it.
func (n *docxNumbering) levels(id string) (levels [docxLevels]*docxLevel, abstractID string) {
	list := n.lists[id]
	abstract := n.abstracts[list.Abstract.Value]
	if link := abstract.Link.Value; link != "" {
		// The abstract list only points to the style that owns the levels.
		abstract = n.abstracts[n.lists[n.styles[link].List.Value].Abstract.Value]
	}
	for i := range abstract.Levels {
		if l := &abstract.Levels[i]; l.Index >= 0 && l.Index < docxLevels {
			levels[l.Index] = l
		}
	}
	for _, o := range list.Overrides {
		if o.Level != nil && o.Index >= 0 && o.Index < docxLevels {
			levels[o.Index] = o.Level
		}
	}
	return levels, abstract.ID
}

// count moves the counter of a level, ends those below it, and starts those above it that were skipped.
func (n *docxNumbering) count(id, abstract string, index int, levels [docxLevels]*docxLevel) []int {
	counters := n.counters[abstract]
	restart := n.restart(id, index)
	if restart != nil && len(counters) > index {
		counters = counters[:index]
	}
	for k := len(counters); k <= index; k++ {
		start := 1
		switch {
		case k == index && restart != nil:
			start = restart.Value
		case levels[k] != nil:
			start = levels[k].start()
		}
		if k == index {
			start--
		}
		counters = append(counters, start)
	}
	counters = counters[:index+1]
	counters[index]++
	n.counters[abstract] = counters
	return counters
}

// restart is the start that a list sets for itself at a level, the first time that it is used there.
func (n *docxNumbering) restart(id string, index int) *docxInt {
	if n.restarted[id] == nil {
		n.restarted[id] = map[int]bool{}
	}
	for _, o := range n.lists[id].Overrides {
		if o.Start != nil && o.Index == index && !n.restarted[id][index] {
			n.restarted[id][index] = true
			return o.Start
		}
	}
	return nil
}

// docxAlphabets write the counters of lettered lists.
var docxAlphabets = map[string]string{
	"lowerLetter":  "abcdefghijklmnopqrstuvwxyz",
	"upperLetter":  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"russianLower": "абвгдежзиклмнопрстуфхцчшщэюя",
	"russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ",
}

// writeCounter writes a counter in the form of its level; not in one that we do not know, such as Roman.
func writeCounter(level *docxLevel, counter int) (string, bool) {
	if level == nil || counter < 0 {
		return "", false
	}
	if f := level.Format.Value; f == "" || f == "decimal" {
		return strconv.Itoa(counter), true
	}
	alphabet := docxAlphabets[level.Format.Value]
	for i := 1; alphabet != ""; i++ {
		letter, size := utf8.DecodeRuneInString(alphabet)
		if i == counter {
			return string(letter), true
		}
		alphabet = alphabet[size:]
	}
	return "", false
}
