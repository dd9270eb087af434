package quiz

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Parse reads a question from the notation. Errors are Invalid and name the input text; their args hold the line, from 1, and where
// there is one the limit.
func Parse(text string) (Question, error) {
	text = newlines.Replace(strings.TrimPrefix(text, "\uFEFF"))
	if len(text) > MaxText {
		return Question{}, tooMuch("quiz.invalid.size", 1, MaxText>>10)
	}
	p := parser{lines: strings.Split(text, "\n")}
	for i, line := range p.lines {
		if !utf8.ValidString(line) || strings.ContainsFunc(line, forbidden) {
			return Question{}, wrong("quiz.invalid.characters", i+1)
		}
	}
	p.code, _ = inCode(p.lines)
	for i, line := range p.lines {
		m := mark{}
		if !p.code[i] {
			m = classify(line)
		}
		p.marks = append(p.marks, m)
	}
	return p.question()
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' || r == GapMark }

func invalid(key string, args map[string]string) error {
	return errs.InvalidFields([]errs.Field{{Name: "text", Key: key, Args: args}})
}

func wrong(key string, line int) error {
	return invalid(key, map[string]string{"line": strconv.Itoa(line)})
}

func tooMuch(key string, line, limit int) error {
	return invalid(key, map[string]string{"line": strconv.Itoa(line), "limit": strconv.Itoa(limit)})
}

func differ(key string, place int) error {
	if place == 0 {
		return invalid(key, nil)
	}
	return invalid(key, map[string]string{"place": strconv.Itoa(place)})
}

// inCode tells of each line whether it belongs to a fenced code block (CommonMark 0.31, 4.5), fences included. open is the fence of a
// block that does not end.
func inCode(lines []string) (code []bool, open string) {
	code = make([]bool, len(lines))
	for i, line := range lines {
		run := fenceOf(line)
		switch {
		case open != "":
			code[i] = true
			if strings.HasPrefix(run, open) && strings.TrimSpace(line) == run {
				open = ""
			}
		case run != "" && (run[0] == '~' || !strings.Contains(strings.TrimLeft(line, " `"), "`")):
			open, code[i] = run, true
		}
	}
	return code, open
}

// fenceOf is the run of three backticks or tildes and more with which a line begins.
func fenceOf(line string) string {
	s, ok := unindent(line)
	if !ok || s == "" || s[0] != '`' && s[0] != '~' {
		return ""
	}
	run := s[:len(s)-len(strings.TrimLeft(s, s[:1]))]
	if len(run) < 3 {
		return ""
	}
	return run
}

// unindent takes up to three spaces from the front of a line; ok is false where it is indented further, which makes it code.
func unindent(line string) (s string, ok bool) {
	s = strings.TrimLeft(line, " ")
	return s, len(line)-len(s) <= 3 && !strings.HasPrefix(s, "\t")
}

// form is what a line looks like.
type form uint8

const (
	prose form = iota
	radio
	box
	value
	item
	pair
	spare
	words
	upload
)

// mark is what was made out of a line.
type mark struct {
	form  form
	right bool   // of an option
	place int    // of an item
	text  string // what follows the marker; of a pair the whole line
}

// soft are lines that stand in prompts as well: numbered statements, arrows of a reaction.
func (m mark) soft() bool { return m.form == item || m.form == pair || m.form == spare }

// family is the form by which a question's lines must agree.
func (m mark) family() form {
	if m.form == spare {
		return pair
	}
	return m.form
}

var arrows = []string{" -> ", " → "}

// arrow finds the first arrow with spaces around it.
func arrow(s string) (left, right string, found bool) {
	s += " "
	at, length := len(s), 0
	for _, a := range arrows {
		if i := strings.Index(s, a); i >= 0 && i < at {
			at, length = i, len(a)
		}
	}
	if length == 0 {
		return "", "", false
	}
	return strings.TrimSpace(s[:at]), strings.TrimSpace(s[at+length:]), true
}

// classify makes out a line outside of fenced code.
func classify(line string) mark {
	s, ok := unindent(line)
	if s = strings.TrimSpace(s); !ok || s == "" {
		return mark{}
	}
	switch s {
	case "[text]":
		return mark{form: words}
	case "[file]":
		return mark{form: upload}
	}
	if m := bracketed(s); m.form == radio || m.form == box {
		return m
	} else if hasGap(s) {
		return mark{}
	} else if m.form == item {
		return m
	}
	if rest, found := strings.CutPrefix(s, "="); found && rest != "" && spaced(rest) {
		return mark{form: value, text: strings.TrimSpace(rest)}
	}
	left, right, found := arrow(" " + s)
	switch {
	case found && left == "":
		return mark{form: spare, text: right}
	case found:
		return mark{form: pair, text: s}
	}
	return mark{}
}

// spaced tells whether s is empty or begins with a space of any kind.
func spaced(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s == "" || unicode.IsSpace(r)
}

// bracketed makes out ( ), (x), [ ], [x] and (1).
func bracketed(s string) mark {
	closing, form := ")", radio
	if s[0] == '[' {
		closing, form = "]", box
	} else if s[0] != '(' {
		return mark{}
	}
	end := strings.Index(s, closing)
	if end < 0 || !spaced(s[end+1:]) {
		return mark{}
	}
	inside, text := strings.TrimSpace(s[1:end]), strings.TrimSpace(s[end+1:])
	switch inside {
	case "":
		return mark{form: form, text: text}
	case "x", "X", "х", "Х": // the last two are Cyrillic
		return mark{form: form, right: true, text: text}
	}
	if n, err := strconv.Atoi(inside); err == nil && form == radio && len(inside) <= 3 && n >= 0 && inside[0] != '+' && inside[0] != '-' {
		return mark{form: item, place: n, text: text}
	}
	return mark{}
}

// nextGap is where the next two opening braces stand that no backslash takes for themselves; -1 if nowhere.
func nextGap(s string) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "{{"):
			return i
		}
	}
	return -1
}

func hasGap(s string) bool { return nextGap(s) >= 0 }

type parser struct {
	lines []string
	code  []bool
	marks []mark
}

func (p *parser) blank(i int) bool { return strings.TrimSpace(p.lines[i]) == "" }

func (p *parser) question() (Question, error) {
	explanation, end := p.explanation()
	rows := p.rows(end)
	first := end
	if len(rows) > 0 {
		first = rows[0]
	}
	prompt, gaps, err := p.prompt(first)
	if err == nil && len(gaps) > 0 {
		if i := slices.IndexFunc(rows, func(i int) bool { return !p.marks[i].soft() }); i >= 0 {
			return Question{}, wrong("quiz.invalid.mixed", rows[i]+1)
		}
		rows, first = nil, end
		prompt, gaps, err = p.prompt(end)
	}
	if err != nil {
		return Question{}, err
	}
	if err := p.apart(first); err != nil {
		return Question{}, err
	}
	if strings.TrimSpace(prompt) == "" {
		return Question{}, wrong("quiz.invalid.prompt", 1)
	}
	q := Question{Prompt: prompt, Gaps: gaps, Explanation: explanation}
	if len(gaps) > 0 {
		q.Kind = Cloze
		return q, nil
	}
	if len(rows) == 0 {
		return Question{}, wrong("quiz.invalid.answers", max(end, 1))
	}
	if err := p.answers(&q, rows); err != nil {
		return Question{}, err
	}
	return q, nil
}

// explanation takes the lines at the end that begin with an exclamation mark. end is how many lines are before them.
func (p *parser) explanation() (text string, end int) {
	var lines []string
	for end = len(p.lines); end > 0; end-- {
		if p.blank(end-1) && !p.code[end-1] {
			continue
		}
		line, is := explains(p.lines[end-1])
		if !is || p.code[end-1] {
			break
		}
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return trimLines(lines), end
}

// explains gives what an explanation's line says.
func explains(line string) (text string, is bool) {
	s, ok := unindent(line)
	text, is = strings.CutPrefix(s, "!")
	if !ok || !is || text != "" && text[0] != ' ' && text[0] != '\t' {
		return "", false
	}
	return text[min(1, len(text)):], true
}

// trimLines joins lines without the empty ones at both ends and what trails the last.
func trimLines(lines []string) string {
	empty := func(s string) bool { return strings.TrimSpace(s) == "" }
	for len(lines) > 0 && empty(lines[0]) {
		lines = lines[1:]
	}
	return strings.TrimRightFunc(strings.Join(lines, "\n"), unicode.IsSpace)
}

// rows are the lines of the answers before end, in order. Soft lines above answers of another kind are the prompt's.
func (p *parser) rows(end int) (rows []int) {
	for i := end - 1; i >= 0 && (p.blank(i) && !p.code[i] || p.marks[i].form != prose); i-- {
		if p.marks[i].form != prose {
			rows = append(rows, i)
		}
	}
	slices.Reverse(rows)
	for len(rows) > 0 && p.marks[rows[0]].soft() && p.marks[rows[0]].family() != p.marks[rows[len(rows)-1]].family() {
		rows = rows[1:]
	}
	return rows
}

// apart refuses what can only be an answer among the lines before first, which are the prompt's.
func (p *parser) apart(first int) error {
	for i := range first {
		if f := p.marks[i].form; f != radio && f != box && f != words && f != upload {
			continue
		}
		if hasGap(p.marks[i].text) {
			return wrong("quiz.invalid.gap.place", i+1)
		}
		parts := i + 1 // the line that parts it from the end
		for parts < len(p.lines)-1 && (p.marks[parts].form != prose || p.blank(parts)) {
			parts++
		}
		return wrong("quiz.invalid.between", parts+1)
	}
	return nil
}

// prompt is the lines before end, with a mark for each gap.
func (p *parser) prompt(end int) (string, []Gap, error) {
	var gaps []Gap
	lines := slices.Clone(p.lines[:end])
	for i, line := range lines {
		if p.code[i] || p.marks[i].form == radio || p.marks[i].form == box {
			continue
		}
		var b strings.Builder
		for {
			at := nextGap(line)
			if at < 0 {
				break
			}
			inside, rest, closed := gapText(line[at+2:])
			if !closed {
				return "", nil, wrong("quiz.invalid.gap.open", i+1)
			}
			g, err := parseGap(inside, i+1)
			if err != nil {
				return "", nil, err
			}
			if gaps = append(gaps, g); len(gaps) > MaxParts {
				return "", nil, tooMuch("quiz.invalid.parts", i+1, MaxParts)
			}
			b.WriteString(line[:at])
			b.WriteRune(GapMark)
			line = rest
		}
		b.WriteString(line)
		lines[i] = b.String()
	}
	return trimLines(lines), gaps, nil
}

// gapText cuts s behind the closing braces.
func gapText(s string) (inside, rest string, closed bool) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], "}}"):
			return s[:i], s[i+2:], true
		}
	}
	return "", "", false
}

func parseGap(inside string, line int) (g Gap, err error) {
	inside = strings.TrimSpace(inside)
	switch {
	case strings.HasPrefix(inside, "*"):
		if g.Options, err = shortTexts(inside[1:], line, MaxOption); err != nil {
			return Gap{}, err
		}
		if len(g.Options) < 2 {
			return Gap{}, wrong("quiz.invalid.gap.options", line)
		}
		if twice(g.Options) {
			return Gap{}, wrong("quiz.invalid.twice", line)
		}
	case strings.HasPrefix(inside, "="):
		for _, s := range strings.Split(inside[1:], "|") {
			r, ok, fault := parseRange(s)
			if !ok && fault == "" {
				fault = "quiz.invalid.number"
			}
			if !ok {
				return Gap{}, wrong(fault, line)
			}
			g.Ranges = append(g.Ranges, r)
		}
		if len(g.Ranges) > MaxParts {
			return Gap{}, tooMuch("quiz.invalid.parts", line, MaxParts)
		}
	default:
		if g.Accepted, err = accepted(inside, line); err != nil {
			return Gap{}, err
		}
	}
	return g, nil
}

// accepted reads the answers of a short text.
func accepted(s string, line int) ([]string, error) {
	out, err := shortTexts(s, line, MaxShort)
	if err == nil && slices.ContainsFunc(out, func(a string) bool { return fold(a) == "" }) {
		err = wrong("quiz.invalid.empty", line)
	}
	return out, err
}

// shortTexts cuts s at its bars. A backslash takes the next sign for itself.
func shortTexts(s string, line, longest int) (out []string, err error) {
	var b strings.Builder
	put := func() {
		text := strings.TrimSpace(b.String())
		b.Reset()
		if text == "" {
			err = wrong("quiz.invalid.empty", line)
		} else if utf8.RuneCountInString(text) > longest {
			err = tooMuch("quiz.invalid.long", line, longest)
		}
		out = append(out, text)
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '|':
			put()
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	put()
	if err == nil && len(out) > MaxParts {
		err = tooMuch("quiz.invalid.parts", line, MaxParts)
	}
	return out, err
}

// twice tells whether two texts are the same.
func twice(texts []string) bool {
	sorted := slices.Sorted(slices.Values(texts))
	return len(slices.Compact(sorted)) < len(texts)
}

// answers reads the lines rows, which p.rows found.
func (p *parser) answers(q *Question, rows []int) error {
	family := p.marks[rows[0]].family()
	for n, i := range rows {
		m := p.marks[i]
		if m.family() != family {
			return wrong("quiz.invalid.mixed", i+1)
		}
		if n >= MaxParts {
			return tooMuch("quiz.invalid.parts", i+1, MaxParts)
		}
		if err := p.fits(m, i+1); err != nil {
			return err
		}
	}
	switch family {
	case radio, box:
		return p.options(q, rows, family)
	case value:
		return p.values(q, rows)
	case item:
		return p.items(q, rows)
	case pair:
		return p.pairs(q, rows)
	}
	if len(rows) > 1 {
		return wrong("quiz.invalid.mixed", rows[1]+1)
	}
	q.Kind = Essay
	if family == upload {
		q.Kind = File
	}
	return nil
}

// fits refuses what no option, item or side of a pair may be.
func (p *parser) fits(m mark, line int) error {
	texts := []string{m.text}
	switch m.form {
	case words, upload, value: // values are measured where they are cut
		return nil
	case radio, box:
		text, feedback := cutFeedback(m.text)
		texts = []string{text, feedback}
		if hasGap(m.text) {
			return wrong("quiz.invalid.gap.place", line)
		}
	case pair:
		left, right, _ := arrow(m.text)
		texts = []string{left, right}
		if right == "" {
			return wrong("quiz.invalid.empty", line)
		}
	}
	if texts[0] == "" {
		return wrong("quiz.invalid.empty", line)
	}
	for _, s := range texts {
		if utf8.RuneCountInString(s) > MaxOption {
			return tooMuch("quiz.invalid.long", line, MaxOption)
		}
	}
	return nil
}

const feedbackMark = " // "

func cutFeedback(s string) (text, feedback string) {
	text, feedback, _ = strings.Cut(" "+s+" ", feedbackMark)
	return strings.TrimSpace(text), strings.TrimSpace(feedback)
}

func (p *parser) options(q *Question, rows []int, family form) error {
	var texts []string
	rights := 0
	for _, i := range rows {
		m := p.marks[i]
		text, feedback := cutFeedback(m.text)
		if texts = append(texts, text); twice(texts) {
			return wrong("quiz.invalid.twice", i+1)
		}
		if m.right {
			rights++
		}
		q.Options = append(q.Options, Option{Text: text, Right: m.right, Feedback: feedback})
	}
	q.Kind = One
	if family == box {
		q.Kind = Many
	}
	switch {
	case len(rows) < 2:
		return wrong("quiz.invalid.options", rows[0]+1)
	case family == radio && rights != 1:
		return wrong("quiz.invalid.single", rows[0]+1)
	case rights == 0:
		return wrong("quiz.invalid.several", rows[0]+1)
	}
	return nil
}

func (p *parser) values(q *Question, rows []int) error {
	for _, i := range rows {
		s := p.marks[i].text
		kind := Short
		if isTrue, ok := truth(s); ok {
			if kind, q.True = Bool, isTrue; len(rows) > 1 {
				return wrong("quiz.invalid.truth", i+1)
			}
		} else if texts, err := accepted(s, i+1); err != nil {
			return err
		} else if r, ok, fault := parseRange(s); ok {
			kind, q.Ranges = Number, append(q.Ranges, r)
		} else if fault != "" && len(texts) == 1 {
			return wrong(fault, i+1)
		} else if q.Accepted = append(q.Accepted, texts...); len(q.Accepted) > MaxParts {
			return tooMuch("quiz.invalid.parts", i+1, MaxParts)
		}
		if q.Kind != "" && q.Kind != kind {
			return wrong("quiz.invalid.mixed", i+1)
		}
		q.Kind = kind
	}
	return nil
}

func (p *parser) items(q *Question, rows []int) error {
	q.Kind, q.Items = Order, make([]string, len(rows))
	for _, i := range rows {
		m := p.marks[i]
		if m.place < 1 || m.place > len(rows) || q.Items[m.place-1] != "" {
			return wrong("quiz.invalid.places", i+1)
		}
		if slices.Contains(q.Items, m.text) {
			return wrong("quiz.invalid.twice", i+1)
		}
		q.Items[m.place-1] = m.text
	}
	if len(rows) < 2 {
		return wrong("quiz.invalid.items", rows[0]+1)
	}
	return nil
}

func (p *parser) pairs(q *Question, rows []int) error {
	q.Kind = Match
	for _, i := range rows {
		m := p.marks[i]
		if m.form == spare {
			q.Spare = append(q.Spare, m.text)
			continue
		}
		left, right, _ := arrow(m.text)
		if slices.ContainsFunc(q.Pairs, func(other Pair) bool { return other.Left == left }) {
			return wrong("quiz.invalid.twice", i+1)
		}
		q.Pairs = append(q.Pairs, Pair{left, right})
	}
	if len(q.Pairs) < 2 {
		return wrong("quiz.invalid.pairs", rows[0]+1)
	}
	if twice(q.Rights()) {
		return wrong("quiz.invalid.spare", rows[0]+1)
	}
	return nil
}
