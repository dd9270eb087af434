package policy

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// structure makes a document of lines.
type structure struct {
	lines    []line
	log      *repairs
	chosen   map[int]bool // the lines that are sections and clauses
	warnings []Warning
	words    map[string]bool // all words of the text, for divided ones; made when the first is met
}

// The worth of a numbered line as a clause. A line that stands apart, or whose predecessor came to a stop, is likely
// one; one in mid-sentence is likely a reference. A gap in the numbers costs less than a clause is worth if the line is
// likely one, and more than any clause is worth if it is not.
const (
	worthApart  = 4
	worthWithin = 3
	gapApart    = 2
	gapWithin   = 8
)

// findNumbers decides which of the lines that begin with a number are sections and clauses: of all rising sequences the
// one of the greatest worth (a longest increasing subsequence with weights). A stray number that would hide the clauses
// between it and the next ones thus loses against them, whatever it is.
func (s *structure) findNumbers() error {
	var at []int
	for i := range s.lines {
		if s.lines[i].number != nil {
			at = append(at, i)
		}
	}
	if len(at) > maxNumbered {
		return errs.New(errs.Invalid, "policy.import.too_many").With("limit", strconv.Itoa(maxNumbered))
	}
	worth := make([]int, len(at))
	before := make([]int, len(at)) // index into at of the predecessor, -1 for none
	best := -1
	for j, lj := range at {
		nj := s.lines[lj].number
		own, gap := worthWithin, gapWithin
		if s.apart(lj) {
			own, gap = worthApart, gapApart
		}
		step := func(previous number) int {
			if nj.follows(previous) {
				return own
			}
			return own - gap
		}
		worth[j], before[j] = step(nil), -1
		for i := range j {
			ni := s.lines[at[i]].number
			if ni.compare(nj) >= 0 {
				continue
			}
			// Of equals the nearer predecessor: a heading in a table of contents is farther than the heading.
			if w := worth[i] + step(ni); w >= worth[j] {
				worth[j], before[j] = w, i
			}
		}
		if best < 0 || worth[j] > worth[best] {
			best = j
		}
	}
	if best < 0 || worth[best] <= 0 {
		return errs.New(errs.Invalid, "policy.import.not_numbered")
	}
	s.chosen = map[int]bool{}
	for i := best; i >= 0; i = before[i] {
		s.chosen[at[i]] = true
	}
	return s.checkRest(at)
}

// apart tells whether line i begins something new by the look of it: after a blank line, a stop or a heading.
func (s *structure) apart(i int) bool {
	return s.lines[i].gap || s.stopped(i) || len(s.lines[i-1].number) == 1
}

// stopped tells whether the text before line i surely came to its end.
func (s *structure) stopped(i int) bool {
	return i == 0 || s.lines[i].explicit || endsPart(s.lines[i-1].text)
}

// checkRest looks at the numbered lines that were not chosen: a second clause of the same number is an error, others are
// read as text with a warning. It also warns of gaps between the chosen ones.
func (s *structure) checkRest(numbered []int) error {
	lines := map[string]int{}
	for i := range s.chosen {
		lines[s.lines[i].number.String()] = s.lines[i].at
	}
	var last number
	for _, i := range numbered {
		l := &s.lines[i]
		no := l.number.String()
		if s.chosen[i] {
			switch {
			case l.number.follows(last):
			case last == nil:
				s.warn("policy.import.warn.start", l.at, "number", no)
			default:
				s.warn("policy.import.warn.gap", l.at, "after", last.String(), "number", no)
			}
			last = l.number
			continue
		}
		if first, twice := lines[no]; twice && s.stopped(i) {
			return errs.New(errs.Invalid, "policy.import.duplicate").With("number", no).
				With("first", strconv.Itoa(min(first, l.at))).With("second", strconv.Itoa(max(first, l.at)))
		}
		s.warn("policy.import.warn.reference", l.at, "number", no)
	}
	return nil
}

func (s *structure) warn(key string, at int, args ...string) {
	w := Warning{Key: key, Line: at, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		w.Args[args[i]] = args[i+1]
	}
	s.warnings = append(s.warnings, w)
}

// build puts the lines into sections and clauses, each line where the number before it says.
func (s *structure) build(into *Imported) error {
	d := into.Document
	first := 0
	for !s.chosen[first] {
		first++
	}
	var section *Section
	var clause *Clause
	var text paragraph
	begun, warned := 0, 0 // the line of the number that stands above, and the last such that was warned of
	for i := first; i < len(s.lines); i++ {
		l := &s.lines[i]
		if s.chosen[i] || l.bullet && clause != nil {
			text.end()
		}
		switch {
		case s.chosen[i]:
			s.warnIfEmpty(section, clause, begun)
			begun = l.at
			if len(l.number) == 1 {
				d.Sections = append(d.Sections, Section{No: l.number.String()})
				section, clause = &d.Sections[len(d.Sections)-1], nil
				text.begin(&section.Title, l.rest)
				continue
			}
			if section == nil || section.No != strconv.Itoa(l.number[0]) {
				return errs.New(errs.Invalid, "policy.import.no_section").With("number", l.number.String()).
					With("line", strconv.Itoa(l.at)).With("section", strconv.Itoa(l.number[0]))
			}
			section.Clauses = append(section.Clauses, Clause{No: l.number.String()})
			clause = &section.Clauses[len(section.Clauses)-1]
			text.begin(&clause.Text, l.rest)
		case l.bullet && clause != nil:
			clause.Items = append(clause.Items, "")
			text.begin(&clause.Items[len(clause.Items)-1], l.text)
		default:
			// A heading may be wrapped, an item too; a paragraph of its own after them has no place in the model.
			apart := l.explicit || l.gap && !l.page && (clause == nil || s.stopped(i))
			if apart && !text.empty() && warned != begun && (clause == nil || len(clause.Items) > 0) {
				above := section.No
				if clause != nil {
					above = clause.No
				}
				s.warn("policy.import.warn.unnumbered", l.at, "number", above)
				warned = begun
			}
			s.join(&text, i)
		}
	}
	text.end()
	s.warnIfEmpty(section, clause, begun)
	s.readHead(s.lines[:first], into)
	d.Lang = language(d)
	return nil
}

func (s *structure) warnIfEmpty(section *Section, clause *Clause, at int) {
	switch {
	case clause != nil && clause.Text == "":
		s.warn("policy.import.warn.empty", at, "number", clause.No)
	case clause == nil && section != nil && section.Title == "":
		s.warn("policy.import.warn.empty", at, "number", section.No)
	}
}

// paragraph is a text of the document while lines are added to it.
type paragraph struct {
	text []byte
	into *string
}

func (p *paragraph) begin(into *string, text string) {
	p.into, p.text = into, append(p.text[:0], text...)
}

func (p *paragraph) empty() bool { return len(p.text) == 0 }

// end must come before the document grows, for that may move the place that the text goes to.
func (p *paragraph) end() {
	if p.into != nil {
		*p.into = string(p.text)
	}
}

// join adds line i to the paragraph that the lines before it began.
func (s *structure) join(p *paragraph, i int) {
	l := &s.lines[i]
	if p.empty() {
		p.text = append(p.text, l.text...)
		return
	}
	s.log.add(RepairLines, l.at, "", "")
	if !s.lines[i-1].divided && !s.undivide(p, l) {
		p.text = append(p.text, ' ')
	}
	p.text = append(p.text, l.text...)
}

// boundParts are parts of words that are written with a hyphen: what a line-end hyphen beside them means is no division.
var boundParts = map[string]bool{
	"ақ": true, "ау": true, "мыс": true, "ды": true, "ді": true, "шы": true, "ші": true, // kk
	"то": true, "либо": true, "нибудь": true, "таки": true, "ка": true, "кое": true, "по": true, "во": true, "из": true, // ru
	"e": true, "co": true, "non": true, "self": true, // en
}

// maxWord is the length of the longest word that can have been divided, in bytes.
const maxWord = 200

// undivide readies p for the rest of a word divided at the end of a line, if it ends in one. Whether its hyphen stays is decided by the words of the text
// itself: it stays if the hyphenated word occurs elsewhere, it goes if the whole one does, and else it stays only in
// words that usually have one.
func (s *structure) undivide(p *paragraph, next *line) bool {
	stem, hyphen := bytes.CutSuffix(p.text, []byte("-"))
	initial, _ := utf8.DecodeRuneInString(next.text)
	if !hyphen || next.explicit || !unicode.IsLower(initial) {
		return false
	}
	start := len(stem)
	for start > 0 && len(stem)-start <= maxWord {
		r, size := utf8.DecodeLastRune(stem[:start])
		if notWordPart(r) {
			break
		}
		start -= size
	}
	left := string(stem[start:])
	right := next.text
	if end := strings.IndexFunc(right, notWordPart); end >= 0 {
		right = right[:end]
	}
	if left == "" || len(left)+len(right) > maxWord {
		return false
	}
	if s.words == nil {
		s.words = map[string]bool{}
		for i := range s.lines {
			for _, w := range strings.FieldsFunc(s.lines[i].text, notWordPart) {
				s.words[strings.ToLower(w)] = true
			}
		}
	}
	whole, hyphenated := strings.ToLower(left+right), strings.ToLower(left+"-"+right)
	keep := s.words[hyphenated] || !s.words[whole] && (boundParts[strings.ToLower(left)] || boundParts[strings.ToLower(right)])
	joined := left + "-" + right
	if !keep {
		p.text = stem
		joined = left + right
	}
	s.log.add(RepairHyphens, next.at, left+"-/"+right, joined)
	return true
}

func notWordPart(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsMark(r) }
