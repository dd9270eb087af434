// Package paper makes documents for people: receipts, answers, invoices, and certificates to be hung on a wall, as PDF on A4, in Kazakh, Russian or English.
//
// It guarantees: the same Document gives the same bytes; every letter of the three languages is printed in the site's own typeface,
// which the file carries, and can be selected, copied and searched as it was written; a sign that the typeface lacks is printed as its
// Unicode number, so that nothing a person wrote is left out; no text, however long or odd, runs off the page or stops the paper from
// being made. Nothing is kept. Values of people come closed and are opened here, where the page is made; the file's properties hold none.
package paper

import (
	"fmt"
	"io"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/secret"
)

// Document is one paper. Blocks follow each other under the title; whatever does not fit goes on on the next page.
type Document struct {
	Lang     i18n.Lang
	Operator Operator
	Title    string    // what it is, in Lang; never a personal value: it is a property of the file and stands at the foot of each page
	Number   string    // as the register has it; empty where the paper has none
	Date     time.Time // of the paper; shown as it is in Almaty
	To       secret.Text
	Blocks   []Block
	Signed   []Signature
	Check    Check
}

// Operator is who issues the paper. What is empty is left out.
type Operator struct {
	Name    i18n.Text
	BIN     string // business identification number
	Address i18n.Text
	Email   string
	Phone   string
}

// Block is a part of the body: Heading, Paragraph, Quote, Facts or Table.
type Block interface {
	place(l *layout) error
	texts(each func(string))
}

// Heading stands on the page on which its part begins.
type Heading string

// Paragraph is running text. A newline in it begins a new line.
type Paragraph struct{ Text secret.Text }

// Quote is what somebody else wrote, set off from the paper's own words.
type Quote struct {
	From string // whose words, or of when; may be empty; never a personal value
	Text secret.Text
}

// Facts are rows of a label and its value.
type Facts []Fact

// Fact is one row of Facts.
type Fact struct {
	Label string
	Value secret.Text
}

// Table is a small table, of at most twelve columns. Its head is repeated on each page that it reaches.
type Table struct {
	Columns []Column
	Rows    [][]secret.Text // each as long as Columns
}

// Column of a Table.
type Column struct {
	Title string
	Share float64 // of the width, by comparison with the other columns; 0 counts as 1
	Right bool    // numbers stand to the right
}

// Signature is a line to sign on.
type Signature struct {
	Post string
	Name secret.Text
}

// Check is an address where the paper can be checked, printed as a QR code with the address beside it. The zero Check prints nothing.
type Check struct {
	Address string // at most 300 bytes; never holds a personal value
	Words   string // what is found there, in the document's language
}

// Limits of a paper.
const (
	maxText    = 1 << 20 // bytes of all its texts
	maxAddress = 300
	maxColumns = 12
)

// Words closes words of the catalogue, which are nobody's, for a place where a person's value may stand as well.
func Words(s string) secret.Text { return secret.New(s) }

// PDF writes the paper. Errors are *errs.Error: TooLarge where the texts are longer than a mebibyte together, Internal where a table's row
// does not have the table's columns, a table has more than twelve, or an address is longer than 300 bytes, Unavailable where w fails.
func (d Document) PDF(w io.Writer) error {
	if d.size() > maxText {
		return errs.New(errs.TooLarge, "paper.toolong")
	}
	pen, err := newPen(d.cover())
	if err != nil {
		return err
	}
	l := newLayout(d.Lang, pen)
	if err := d.place(l); err != nil {
		return err
	}
	l.feet(d.name())
	return pen.write(l.pages, w)
}

func (d Document) cover() cover {
	return cover{lang: d.Lang, operator: d.Operator, name: d.name(), date: d.Date}
}

// name is what the paper is called in its properties and at its foot.
func (d Document) name() string {
	if d.Number == "" {
		return d.Title
	}
	return d.Lang.T("paper.name", i18n.Str("title", d.Title), i18n.Str("number", d.Number))
}

func (d Document) size() int {
	n := len(d.Title) + len(d.Number) + len(d.To.Reveal()) + len(d.Check.Words)
	for _, s := range d.Signed {
		n += len(s.Post) + len(s.Name.Reveal())
	}
	for _, b := range d.Blocks {
		b.texts(func(s string) { n += len(s) })
	}
	return n
}

func (b Heading) texts(each func(string))   { each(string(b)) }
func (b Paragraph) texts(each func(string)) { each(b.Text.Reveal()) }

func (b Quote) texts(each func(string)) {
	each(b.From)
	each(b.Text.Reveal())
}

func (b Facts) texts(each func(string)) {
	for _, f := range b {
		each(f.Label)
		each(f.Value.Reveal())
	}
}

func (b Table) texts(each func(string)) {
	for _, c := range b.Columns {
		each(c.Title)
	}
	for _, row := range b.Rows {
		for _, cell := range row {
			each(cell.Reveal())
		}
	}
}

func fault(format string, args ...any) error {
	return errs.Wrap(errs.Internal, "error.internal", fmt.Errorf("paper: "+format, args...))
}
