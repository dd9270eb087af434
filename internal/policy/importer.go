package policy

import (
	"bytes"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// MaxImport is the size up to which a document is read, in bytes.
const MaxImport = 20 << 20

// Bounds of a document, and with them of the memory and the work that a hostile one can cost. A long policy has a few
// hundred numbers in a few thousand lines.
const (
	maxLines    = 100_000
	maxNumbered = 2000 // lines that begin with a number
)

// Format is how an imported file was written.
type Format string

// The formats that Import reads. Plain text includes the text layer of a PDF as pdftotext gives it.
const (
	PlainText Format = "text"
	Markdown  Format = "markdown"
	DOCX      Format = "docx"
)

// Imported is what Import found in a file. It is shown for correction before anything is published, so it may fall
// short of Document.Validate: Warnings then say where.
type Imported struct {
	Format    Format
	Document  *Document
	Order     string    // number of the approving order without its sign, "97п"; empty if none was found
	OrderDate time.Time // UTC midnight; zero if none was found
	Repairs   []Repair  // by kind, then by line
	Warnings  []Warning // by line
}

// Repair is something that was wrong in many like places and was put right.
type Repair struct {
	Kind   RepairKind
	Line   int    // the first place: a line of the file, a paragraph of a DOCX; from 1
	Before string // empty where only the count says something
	After  string
	Count  int
}

// RepairKind is also the end of a message key: "policy.repair." + kind.
type RepairKind string

// What Import repairs.
const (
	RepairLetters    RepairKind = "letters"    // a PDF layer's U+0525 or the schwa of another script for ә
	RepairHomoglyphs RepairKind = "homoglyphs" // a word of two alphabets whose letters look alike
	RepairComposed   RepairKind = "composed"   // a letter in pieces, и + breve for й
	RepairInvisible  RepairKind = "invisible"  // marks without width, soft hyphens, control characters
	RepairSpaces     RepairKind = "spaces"     // doubled, hard or odd spaces
	RepairHyphens    RepairKind = "hyphens"    // a word divided at the end of a line
	RepairLines      RepairKind = "lines"      // wrapped lines joined
	RepairPages      RepairKind = "pages"      // form feeds, page numbers, stray spaces at the start of a line
	RepairContents   RepairKind = "contents"   // lines of a table of contents, which repeat the numbers
)

var repairKinds = []RepairKind{RepairLetters, RepairHomoglyphs, RepairComposed, RepairInvisible, RepairSpaces, RepairHyphens,
	RepairLines, RepairPages, RepairContents}

// Key is the message key of the kind.
func (k RepairKind) Key() string { return "policy.repair." + string(k) }

// Warning is something that a person should look at.
type Warning struct {
	Key  string
	Line int // as in Repair; 0 for the document as a whole
	Args map[string]string
}

// Import reads a policy document: plain text, the text layer of a PDF, Markdown or DOCX, told apart by content. Only
// between plain text and Markdown does the name decide, if it ends in .txt or .md; else headings do. Import reads no more
// than limit bytes and one.
//
// A line that begins with a number is a clause only if its number is in order; which ones are is decided over the whole
// text, so a reference such as "7.2." that a wrapped line happens to begin with stays text, with a warning.
//
// Errors are TooLarge (bytes, lines, a DOCX that unpacks beyond measure), or Invalid with a key that says what to change: the file is empty, binary, not UTF-8, a PDF, not
// numbered, numbers a clause twice, or has a clause whose section is missing.
func Import(r io.Reader, name string, limit int64) (*Imported, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "policy.import.unreadable", err)
	}
	if int64(len(data)) > limit {
		return nil, errs.New(errs.TooLarge, "policy.import.too_large").With("limit", strconv.FormatInt(max(limit>>20, 1), 10))
	}
	log := &repairs{}
	format, lines, err := readLines(data, name, log)
	if err != nil {
		return nil, err
	}
	if len(lines) > maxLines {
		return nil, errs.New(errs.TooLarge, "policy.import.too_long").With("limit", strconv.Itoa(maxLines))
	}
	s := structure{lines: lines, log: log}
	if err := s.findNumbers(); err != nil {
		return nil, err
	}
	imported := &Imported{Format: format, Document: &Document{}}
	if err := s.build(imported); err != nil {
		return nil, err
	}
	imported.Repairs = log.list()
	slices.SortStableFunc(s.warnings, func(a, b Warning) int { return a.Line - b.Line })
	imported.Warnings = s.warnings
	return imported, nil
}

// line is what the readers of all formats give: a line of text, or a whole paragraph where the format has paragraphs.
type line struct {
	at       int    // its place in the file, from 1
	text     string // clean, without bullet and markup, with its number
	number   number // the number it begins with, if it could be a clause's
	rest     string // text without the number
	gap      bool   // it stands apart from the line before: a blank line, a heading, a paragraph of its own
	page     bool   // a page ended before it
	explicit bool   // markup says that a paragraph begins here
	title    bool   // markup says that it is the document's title
	bullet   bool   // an item of a list
	mark     string // the bullet, to put it back in a preamble
	divided  bool   // it ended in a soft hyphen
}

// readLines tells the format and reads it. It stops when it has more than maxLines.
func readLines(data []byte, name string, log *repairs) (Format, []line, error) {
	refuse := func(key string) (Format, []line, error) { return "", nil, errs.New(errs.Invalid, key) }
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return refuse("policy.import.empty")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		lines, err := readDOCX(data, log)
		return DOCX, lines, err
	case bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")):
		return refuse("policy.import.pdf")
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")), bytes.HasPrefix(data, []byte(`{\rtf`)):
		return refuse("policy.import.old_word")
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return refuse("policy.import.encoding")
	case bytes.IndexByte(data, 0) >= 0:
		return refuse("policy.import.binary")
	case !utf8.Valid(data):
		if mostlyControl(data) {
			return refuse("policy.import.binary")
		}
		return refuse("policy.import.encoding")
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(data), "\r\n", "\n"), "\r", "\n")
	extension := strings.ToLower(path.Ext(name))
	if extension == ".md" || extension == ".markdown" || extension != ".txt" && markdownHeading.MatchString(text) {
		return Markdown, readMarkdown(text, log), nil
	}
	return PlainText, readText(text, log), nil
}

// mostlyControl tells an image or a program from text in an old encoding, which has hardly any control characters.
func mostlyControl(data []byte) bool {
	sample := data[:min(len(data), 4096)]
	control := 0
	for _, b := range sample {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' {
			control++
		}
	}
	return control*50 > len(sample)
}

// Bounds of what is listed one by one; the rest of a kind is only counted.
const (
	maxRepairs     = 100 // distinct repairs of a kind
	maxRepairShown = 400 // bytes of what was repaired
)

// repairs gathers what was put right, like with like.
type repairs struct {
	byKind map[RepairKind]map[[2]string]*Repair
}

func (l *repairs) add(kind RepairKind, at int, before, after string) {
	if l.byKind == nil {
		l.byKind = map[RepairKind]map[[2]string]*Repair{}
	}
	same := l.byKind[kind]
	if same == nil {
		same = map[[2]string]*Repair{}
		l.byKind[kind] = same
	}
	key := [2]string{before, after}
	if len(before) > maxRepairShown || len(after) > maxRepairShown {
		key = [2]string{}
	}
	if same[key] == nil && len(same) >= maxRepairs {
		key = [2]string{}
	}
	if same[key] == nil {
		same[key] = &Repair{Kind: kind, Line: at, Before: key[0], After: key[1]}
	}
	same[key].Count++
}

func (l *repairs) list() []Repair {
	var all []Repair
	for _, kind := range repairKinds {
		start := len(all)
		for _, r := range l.byKind[kind] {
			all = append(all, *r)
		}
		slices.SortFunc(all[start:], func(a, b Repair) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return strings.Compare(a.Before, b.Before)
		})
	}
	return all
}
