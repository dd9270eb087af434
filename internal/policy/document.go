package policy

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Languages that a document can be in, in the order in which they stand in for one another.
var Languages = []string{"kk", "ru", "en"}

// Document is the text of an edition in one language: numbered sections, and numbered clauses under them.
type Document struct {
	Lang     string // one of Languages
	Title    string
	Preamble []string // paragraphs before section 1
	Sections []Section
}

// Section is a numbered heading.
type Section struct {
	No      string // "3"
	Title   string
	Clauses []Clause // of every depth, in the order of the text
}

// Clause is a numbered paragraph under a section.
type Clause struct {
	No    string   // "3.3.1"
	Text  string   // one paragraph, without its number
	Items []string // the bullet lines under it, without their bullets
}

// Clause finds a clause by its number.
func (d *Document) Clause(no string) (Clause, bool) {
	for _, s := range d.Sections {
		for _, c := range s.Clauses {
			if c.No == no {
				return c, true
			}
		}
	}
	return Clause{}, false
}

// Counts gives the sections and the clauses of all depths under them.
func (d *Document) Counts() (sections, clauses int) {
	for _, s := range d.Sections {
		clauses += len(s.Clauses)
	}
	return len(d.Sections), clauses
}

// Numbers lists the numbers of all sections and clauses in the order of the text.
func (d *Document) Numbers() []string {
	var numbers []string
	for _, s := range d.Sections {
		numbers = append(numbers, s.No)
		for _, c := range s.Clauses {
			numbers = append(numbers, c.No)
		}
	}
	return numbers
}

// Validate tells whether d can be published: its language is known, nothing is empty, its numbers rise, each clause
// stands in its section, and each text is one clean line (as the importer leaves it). A document that passes comes back
// unchanged from its own Markdown and plain text, if its language can be told from its letters. Errors are Invalid.
func (d *Document) Validate() error {
	if !slices.Contains(Languages, d.Lang) {
		return errs.New(errs.Invalid, "policy.document.language")
	}
	if err := checkText(d.Title, "0"); err != nil {
		return err
	}
	if _, _, numbered := cutNumber(d.Title); numbered {
		return errs.New(errs.Invalid, "policy.document.preamble")
	}
	for _, p := range d.Preamble {
		if err := checkText(p, "0"); err != nil {
			return err
		}
		if _, _, numbered := cutNumber(p); numbered {
			return errs.New(errs.Invalid, "policy.document.preamble")
		}
	}
	if len(d.Sections) == 0 {
		return errs.New(errs.Invalid, "policy.document.empty")
	}
	var last number
	for _, s := range d.Sections {
		n, ok := parseNumber(s.No)
		if !ok || len(n) != 1 || n.compare(last) <= 0 {
			return errs.New(errs.Invalid, "policy.document.number").With("number", s.No)
		}
		if err := checkText(s.Title, s.No); err != nil {
			return err
		}
		last = n
		for _, c := range s.Clauses {
			n, ok := parseNumber(c.No)
			if !ok || len(n) < 2 || n[0] != last[0] || n.compare(last) <= 0 {
				return errs.New(errs.Invalid, "policy.document.number").With("number", c.No)
			}
			last = n
			for _, text := range append([]string{c.Text}, c.Items...) {
				if err := checkText(text, c.No); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func checkText(s, no string) error {
	if s == "" || !utf8.ValidString(s) || clean(s) != s {
		return errs.New(errs.Invalid, "policy.document.text").With("number", no)
	}
	return nil
}

// number is a clause's number: 3.3.1 is {3, 3, 1}. The empty number stands before all others.
type number []int

const (
	maxDepth     = 6
	maxComponent = 999
)

// parseNumber reads the canonical form: components from 1 to 999 without leading zeros, at most six of them.
func parseNumber(s string) (number, bool) {
	parts := strings.Split(s, ".")
	if len(parts) > maxDepth {
		return nil, false
	}
	n := make(number, len(parts))
	for i, part := range parts {
		v, err := strconv.Atoi(part)
		if err != nil || v < 1 || v > maxComponent || strconv.Itoa(v) != part {
			return nil, false
		}
		n[i] = v
	}
	return n, true
}

func (n number) String() string {
	parts := make([]string, len(n))
	for i, v := range n {
		parts[i] = strconv.Itoa(v)
	}
	return strings.Join(parts, ".")
}

func (n number) compare(m number) int { return slices.Compare(n, m) }

// follows tells whether n may come right after m in a text with no number left out: the first below m, or the next
// beside m or beside one of those that m stands under.
func (n number) follows(m number) bool {
	last := len(n) - 1
	switch {
	case last < 0:
		return false
	case len(n) == len(m)+1:
		return n[last] == 1 && slices.Equal(n[:last], m)
	case len(n) <= len(m):
		return n[last] == m[last]+1 && slices.Equal(n[:last], m[:last])
	}
	return false
}

// cutNumber takes a clause's number off the start of a line. A number of one component needs its point ("4. Purposes"),
// so that "30 days" is none; longer ones do not ("4.1 To identify"). White space or the end of the line must follow.
func cutNumber(s string) (n number, rest string, ok bool) {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(s)
	}
	if next, _ := utf8.DecodeRuneInString(s[end:]); end < len(s) && !unicode.IsSpace(next) {
		return nil, s, false
	}
	token, pointed := strings.CutSuffix(s[:end], ".")
	n, ok = parseNumber(token)
	if !ok || (len(n) == 1 && !pointed) {
		return nil, s, false
	}
	return n, strings.TrimSpace(s[end:]), true
}

// Markdown is d as a Markdown file: the title as the first heading, sections as second ones, each clause a paragraph
// that begins with its number, items as a list. One paragraph is one line. Import reads it back as d.
func (d *Document) Markdown() string {
	var b strings.Builder
	b.WriteString("# " + escapeMarkdown(d.Title) + "\n")
	for _, p := range d.Preamble {
		b.WriteString("\n" + escapeMarkdown(p) + "\n")
	}
	for _, s := range d.Sections {
		b.WriteString("\n## " + s.No + ". " + escapeMarkdown(s.Title) + "\n")
		for _, c := range s.Clauses {
			b.WriteString("\n" + c.No + ". " + escapeMarkdown(c.Text) + "\n")
			for i, item := range c.Items {
				if i == 0 {
					b.WriteString("\n")
				}
				b.WriteString("- " + escapeMarkdown(item) + "\n")
			}
		}
	}
	return b.String()
}

// markdownSpecial are the characters that mean something inside a Markdown line; markdownLeading at its start only.
const (
	markdownSpecial = "\\`*_[]<>#&"
	markdownLeading = "-+=|~>"
)

func escapeMarkdown(s string) string {
	var b strings.Builder
	digits := true // nothing but digits so far: a point or bracket after them would start a list
	for i, r := range s {
		switch {
		case strings.ContainsRune(markdownSpecial, r),
			i == 0 && strings.ContainsRune(markdownLeading, r),
			i > 0 && digits && (r == '.' || r == ')'):
			b.WriteByte('\\')
		}
		digits = digits && r >= '0' && r <= '9'
		b.WriteRune(r)
	}
	return b.String()
}

// textWidth is the width of plain text in characters.
const textWidth = 80

// Text is d as plain text in lines of 80 characters, longer only where a line may not be broken: its rest must not look
// like a number, a bullet or the end of a divided word. A blank line stands between paragraphs. Import reads it back as d,
// unless d begins with what reads like an approval stamp.
func (d *Document) Text() string {
	var b strings.Builder
	writeWrapped(&b, "", d.Title)
	for _, p := range d.Preamble {
		b.WriteString("\n")
		writeWrapped(&b, "", p)
	}
	for _, s := range d.Sections {
		b.WriteString("\n")
		writeWrapped(&b, "", s.No+". "+s.Title)
		for _, c := range s.Clauses {
			b.WriteString("\n")
			writeWrapped(&b, "", c.No+". "+c.Text)
			for _, item := range c.Items {
				writeWrapped(&b, "  ", "* "+item)
			}
		}
	}
	return b.String()
}

// writeWrapped breaks text only before words that a line may begin with; what lies between two such places stays whole.
func writeWrapped(b *strings.Builder, indent, text string) {
	width := 0
	write := func(chunk []string) {
		whole := strings.Join(chunk, " ")
		length := utf8.RuneCountInString(whole)
		switch {
		case width > 0 && width+1+length > textWidth:
			b.WriteString("\n" + indent)
			width = len(indent)
		case width > 0:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(whole)
		width += length
	}
	words := strings.Fields(text)
	start := 0
	for i := 1; i < len(words); i++ {
		if breakable(words[i-1], words[i]) {
			write(words[start:i])
			start = i
		}
	}
	write(words[start:])
	b.WriteByte('\n')
}

func breakable(before, after string) bool {
	first, size := utf8.DecodeRuneInString(after)
	return !strings.HasSuffix(before, "-") && (unicode.IsLetter(first) || first == '«') && !strings.HasPrefix(after[size:], ")")
}
