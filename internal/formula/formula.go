// Package formula makes MathML of the TeX in which formulas are written. It guarantees that what it gives holds nothing but elements and attributes
// of MathML Core that it wrote itself, with every sign of the author's escaped; that it reads a formula once, defines nothing on the way (so there
// is nothing that could grow or run in a circle), and refuses with a reason what it does not know. It knows no pages and no languages.
package formula

import (
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
)

// Longest is how many bytes of TeX a formula may have.
const Longest = 2_000

const maxNesting = 40 // of groups, arguments and environments

// MathML makes MathML Core of the TeX that lessons need (the commands of symbols.go; no macros, colours or links), and tells how wide the formula
// may be at most, in signs. Digits with a comma between them are one number, as is written in Kazakhstan: 3,14. The TeX goes along as an annotation,
// to be copied. An error is Invalid, and says what could not be read.
func MathML(tex string, display bool) (markup string, width int, err error) {
	valid := utf8.ValidString(tex)
	tex = strings.TrimSpace(strings.Map(spaceForControl, norm.NFC.String(tex)))
	switch {
	case len(tex) > Longest:
		return "", 0, errs.New(errs.Invalid, "formula.long").With("max", strconv.Itoa(Longest))
	case tex == "" || !valid:
		return "", 0, errs.New(errs.Invalid, "formula.empty")
	}
	p := &texReader{source: tex, display: display}
	atoms, err := p.row()
	if err != nil {
		return "", 0, err
	}
	style := ""
	if display {
		style = ` display="block"`
	}
	return "<math" + style + "><semantics><mrow>" + join(atoms) + `</mrow><annotation encoding="application/x-tex">` + html.EscapeString(tex) +
		"</annotation></semantics></math>", p.width, nil
}

func spaceForControl(r rune) rune {
	if unicode.IsControl(r) && r != '\n' {
		return ' '
	}
	return r
}

// texReader reads one formula.
type texReader struct {
	source  string
	at      int
	spaced  bool // before the token that comes
	nesting int
	width   int
	display bool
	font    string // of letters: "", or an alphabet of symbols.go
}

// atom is what may have scripts, with its part in spacing.
type atom struct {
	class  class
	op     string // of an operator by itself: the sign; its markup waits for its neighbours
	attrs  string // of that
	markup string
	limits bool // scripts go above and below
}

type class uint8

const (
	ordinary class = iota
	opening
	closing
	binary
	relation
	punctuation
	large    // sums, integrals
	function // sin, lim
	gap
)

func wrong(token string) error {
	if token == "" {
		return errs.New(errs.Invalid, "formula.end")
	}
	return errs.New(errs.Invalid, "formula.wrong").With("what", token)
}

func unknown(command string) error {
	return errs.New(errs.Invalid, "formula.unknown").With("what", command)
}

// peek gives the token that comes, empty at the end, and where it ends. Tokens are \name, \ with a sign, and single signs.
func (p *texReader) peek() (token string, end int) {
	rest := strings.TrimLeftFunc(p.source[p.at:], unicode.IsSpace)
	begin := len(p.source) - len(rest)
	p.spaced = begin > p.at
	if rest == "" {
		return "", begin
	}
	_, n := utf8.DecodeRuneInString(rest)
	if rest[0] == '\\' && len(rest) > 1 {
		n = 1
		for n < len(rest) && isLatin(rune(rest[n])) {
			n++
		}
		if n == 1 {
			_, size := utf8.DecodeRuneInString(rest[1:])
			n += size
		}
	}
	return rest[:n], begin + n
}

func isLatin(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

func (p *texReader) take() string {
	token, end := p.peek()
	p.at = end
	return token
}

// accept takes the token if it comes.
func (p *texReader) accept(token string) bool {
	t, end := p.peek()
	if t == token {
		p.at = end
	}
	return t == token
}

func (p *texReader) expect(token string) error {
	if t, _ := p.peek(); !p.accept(token) {
		return wrong(t)
	}
	return nil
}

func (p *texReader) deeper() error {
	if p.nesting++; p.nesting > maxNesting {
		return errs.New(errs.Invalid, "formula.deep").With("max", strconv.Itoa(maxNesting))
	}
	return nil
}

var ends = []string{"", "}", "&", `\\`, `\end`, `\right`, `\hline`}

// row reads up to one of the tokens given, which it leaves; without any, up to the end of the formula.
func (p *texReader) row(until ...string) (out []atom, err error) {
	for {
		token, end := p.peek()
		switch {
		case token == "" && len(until) == 0, slices.Contains(until, token):
			return out, nil
		case slices.Contains(ends, token):
			return nil, wrong(token)
		case token == `\displaystyle` || token == `\textstyle`:
			p.at = end
			before := p.display
			p.display = token == `\displaystyle`
			rest, err := p.row(until...)
			p.display = before
			if err != nil {
				return nil, err
			}
			return append(out, atom{markup: styled(token == `\displaystyle`, join(rest))}), nil
		}
		a, err := p.scripted()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
}

func styled(display bool, markup string) string {
	if display {
		return `<mstyle displaystyle="true" scriptlevel="0">` + markup + "</mstyle>"
	}
	return `<mstyle displaystyle="false" scriptlevel="0">` + markup + "</mstyle>"
}

// scripted reads an atom with what stands above and below it.
func (p *texReader) scripted() (atom, error) {
	base := atom{markup: "<mrow></mrow>"}
	if t, _ := p.peek(); t != "^" && t != "_" && t != "'" {
		var err error
		if base, err = p.atom(false); err != nil {
			return atom{}, err
		}
	}
	var low, high, primes string
	for {
		token, end := p.peek()
		switch {
		case token == `\limits`, token == `\nolimits`:
			p.at = end
			base.limits = token == `\limits`
			continue
		case token == "'" && high == "":
			p.at = end
			primes += "′"
			continue
		case token == "^" && high == "", token == "_" && low == "":
			p.at = end
			before := p.display
			p.display = false
			script, err := p.argument()
			p.display = before
			if err != nil {
				return atom{}, err
			}
			if token == "_" {
				low = script
			} else {
				high = script
			}
			continue
		case token == "^", token == "_", token == "'":
			return atom{}, wrong(token)
		}
		break
	}
	if primes == "" {
		return attach(base, low, high), nil
	}
	p.width += utf8.RuneCountInString(primes)
	sign := leaf("mo", primes, zero)
	if high != "" {
		return attach(base, low, "<mrow>"+sign+high+"</mrow>"), nil
	}
	base = attach(base, low, "") // the sign of a prime is high by itself
	base.markup, base.op = "<mrow>"+base.inner()+sign+"</mrow>", ""
	return base, nil
}

func attach(base atom, low, high string) atom {
	if low == "" && high == "" {
		return base
	}
	names := [3]string{"msub", "msup", "msubsup"}
	if base.limits {
		names = [3]string{"munder", "mover", "munderover"}
	}
	inner := base.inner()
	name := names[2]
	switch {
	case high == "":
		name = names[0]
	case low == "":
		name = names[1]
	}
	base.markup, base.op = "<"+name+">"+inner+low+high+"</"+name+">", ""
	return base
}

// argument reads a group or a single atom and gives one element.
func (p *texReader) argument() (string, error) {
	if err := p.deeper(); err != nil {
		return "", err
	}
	defer func() { p.nesting-- }()
	if p.accept("{") {
		return p.group()
	}
	if t, _ := p.peek(); slices.Contains(ends, t) || t == "^" || t == "_" {
		return "", wrong(t)
	}
	a, err := p.atom(true)
	return a.inner(), err
}

// group reads on up to the brace that closes and gives one element.
func (p *texReader) group() (string, error) {
	atoms, err := p.row("}")
	if err != nil {
		return "", err
	}
	p.take()
	return one(atoms), nil
}

// word reads {name}: letters, and a star.
func (p *texReader) word() (string, error) {
	if err := p.expect("{"); err != nil {
		return "", err
	}
	n := strings.IndexByte(p.source[p.at:], '}')
	if n < 0 {
		return "", wrong("")
	}
	word := p.source[p.at : p.at+n]
	p.at += n + 1
	return strings.TrimSpace(word), nil
}

// atom reads one thing without scripts; of a number, where single is set, one digit.
func (p *texReader) atom(single bool) (atom, error) {
	token, end := p.peek()
	spaced := p.spaced
	p.at = end - len(token)
	first, _ := utf8.DecodeRuneInString(token)
	switch {
	case token == "{":
		if err := p.deeper(); err != nil {
			return atom{}, err
		}
		defer func() { p.nesting-- }()
		p.at = end
		inner, err := p.group()
		return atom{markup: inner}, err
	case first == '\\':
		p.at = end
		return p.command(token)
	case unicode.IsDigit(first):
		return p.number(single), nil
	case isLatin(first), unicode.In(first, unicode.Greek):
		return p.letters(single), nil
	case unicode.IsLetter(first):
		return p.upright(single, spaced), nil
	}
	p.at = end
	if s, ok := signs[token]; ok {
		return p.symbol(s), nil
	}
	if s, ok := written[token]; ok {
		return p.symbol(s), nil
	}
	switch {
	case token == "~":
		p.width++
		return atom{class: gap, markup: space("0.3333em")}, nil
	case first <= unicode.MaxASCII:
	case unicode.In(first, unicode.Sm, unicode.So):
		return p.symbol(symbol{token, relation}), nil
	case unicode.In(first, unicode.Sc, unicode.No, unicode.Po):
		return p.symbol(symbol{token, ordinary}), nil
	}
	return atom{}, wrong(token)
}

// written are the signs of commands where they are written themselves.
var written = func() map[string]symbol {
	m := map[string]symbol{}
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		if s := commands[name]; s.sign != name && utf8.RuneCountInString(s.sign) == 1 {
			m[s.sign] = s
		}
	}
	return m
}()

const zero = ` lspace="0" rspace="0"`

func leaf(name, text, attrs string) string {
	return "<" + name + attrs + ">" + html.EscapeString(text) + "</" + name + ">"
}

func (p *texReader) symbol(s symbol) atom {
	p.width++
	a := atom{class: s.class, op: s.sign}
	switch s.class {
	case ordinary:
		if r, _ := utf8.DecodeRuneInString(s.sign); unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) {
			a.op, a.markup = "", leaf("mi", s.sign, ` mathvariant="normal"`)
		} else {
			a.attrs = ` stretchy="false"` + zero
		}
	case opening:
		a.attrs = ` form="prefix" stretchy="false"`
	case closing:
		a.attrs = ` form="postfix" stretchy="false"`
	case relation:
		a.attrs = ` stretchy="false"`
		if s.sign == ":" {
			a.attrs += ` lspace="0.2222em" rspace="0.2222em"`
		}
	case large:
		a.limits = !slices.Contains(integrals, s.sign)
	}
	return a
}

func (p *texReader) number(single bool) atom {
	begin := p.at
	isDigit := func(at int) bool {
		r, _ := utf8.DecodeRuneInString(p.source[at:])
		return unicode.IsDigit(r)
	}
	for p.at < len(p.source) {
		switch c := p.source[p.at]; {
		case isDigit(p.at):
			_, n := utf8.DecodeRuneInString(p.source[p.at:])
			p.at += n
			if single {
				p.width++
				return atom{markup: leaf("mn", p.source[begin:p.at], "")}
			}
			continue
		case (c == ',' || c == '.') && isDigit(p.at+1):
			p.at++
			continue
		}
		break
	}
	text := p.source[begin:p.at]
	p.width += utf8.RuneCountInString(text)
	return atom{markup: leaf("mn", styledText(text, p.font), "")}
}

// letters reads one letter, or in a font that is not slanted a word.
func (p *texReader) letters(single bool) atom {
	begin := p.at
	for p.at < len(p.source) {
		r, n := utf8.DecodeRuneInString(p.source[p.at:])
		if !isLatin(r) && !unicode.In(r, unicode.Greek) {
			break
		}
		p.at += n
		if single || p.font != "rm" {
			break
		}
	}
	text := p.source[begin:p.at]
	n := utf8.RuneCountInString(text)
	p.width += n
	attrs := ""
	if n == 1 && p.font != "" {
		attrs = ` mathvariant="normal"`
	}
	return atom{markup: leaf("mi", styledText(text, p.font), attrs)}
}

// upright reads words of other letters, such as Cyrillic, which stand straight, with the spaces around and between them: v_{орт}, x > 0 болғанда.
func (p *texReader) upright(single, spaced bool) atom {
	begin, last := p.at, p.at
	for p.at < len(p.source) {
		r, n := utf8.DecodeRuneInString(p.source[p.at:])
		letter := unicode.IsLetter(r) && !isLatin(r) && !unicode.In(r, unicode.Greek)
		if !letter && (single || !unicode.IsSpace(r)) {
			break
		}
		p.at += n
		if letter {
			last = p.at
		}
	}
	text := strings.Join(strings.Fields(p.source[begin:last]), "\u00a0")
	p.at = last
	if utf8.RuneCountInString(text) == 1 {
		p.width++
		return atom{markup: leaf("mi", text, ` mathvariant="normal"`)}
	}
	if spaced && !single {
		text = "\u00a0" + text
	}
	if next, _ := p.peek(); p.spaced && !single && !slices.Contains(ends, next) {
		text += "\u00a0"
	}
	p.width += utf8.RuneCountInString(text)
	return atom{markup: leaf("mtext", text, "")}
}

// inner is a by itself: an operator without neighbours has no space around it.
func (a atom) inner() string {
	if a.op == "" {
		return a.markup
	}
	if a.class == binary || a.class == relation || a.class == punctuation {
		return leaf("mo", a.op, ` stretchy="false"`+zero)
	}
	return leaf("mo", a.op, a.attrs)
}

// one makes one element of atoms.
func one(atoms []atom) string {
	if len(atoms) == 1 && atoms[0].class != gap {
		return atoms[0].inner()
	}
	return "<mrow>" + join(atoms) + "</mrow>"
}

// join writes atoms one after the other, with the spaces that MathML does not know of.
func join(atoms []atom) string {
	if len(atoms) == 1 {
		return atoms[0].inner()
	}
	var b strings.Builder
	before := opening // at the beginning of a row as after a bracket
	for i, a := range atoms {
		markup := a.inner()
		switch {
		case a.op == "":
		case a.class == binary && (before == opening || before == binary || before == relation || before == punctuation || before == large || before == function):
			markup = leaf("mo", a.op, ` form="prefix"`+zero)
		case a.class == binary && (i == len(atoms)-1 || atoms[i+1].class == relation || atoms[i+1].class == closing || atoms[i+1].class == punctuation):
			markup = leaf("mo", a.op, zero)
		case a.class == binary, a.class == relation, a.class == punctuation:
			markup = leaf("mo", a.op, a.attrs)
		}
		if a.class == function && (before == ordinary || before == closing || before == function) || before == function && (a.class == ordinary || a.class == large) {
			b.WriteString(space("0.1667em"))
		}
		b.WriteString(markup)
		if a.class != gap {
			before = a.class
		}
	}
	return b.String()
}

func space(width string) string { return `<mspace width="` + width + `"></mspace>` }

// command reads what belongs to a command.
func (p *texReader) command(token string) (atom, error) {
	name := token[1:]
	if s, ok := commands[name]; ok {
		if s.class == ordinary && isSlanted(s.sign) {
			p.width++
			return atom{markup: leaf("mi", styledText(s.sign, p.font), "")}, nil
		}
		return p.symbol(s), nil
	}
	if width, ok := spaces[name]; ok {
		p.width += 2
		return atom{class: gap, markup: space(width)}, nil
	}
	if text, ok := functions[name]; ok {
		p.width += len(text)
		return atom{class: function, markup: leaf("mi", text, straight(text)), limits: p.display && slices.Contains(limited, name)}, nil
	}
	if a, ok := accents[name]; ok {
		return p.accent(a)
	}
	if alphabet, ok := fonts[name]; ok {
		before := p.font
		p.font = alphabet
		inner, err := p.argument()
		p.font = before
		return atom{markup: inner}, err
	}
	if size, ok := sizes[strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "l"), "r"), "m")]; ok {
		d, err := p.delimiter()
		return atom{markup: leaf("mo", d, ` stretchy="true" symmetric="true" minsize="`+size+`" maxsize="`+size+`"`+zero)}, err
	}
	if read, ok := readers[name]; ok {
		return read(p, name)
	}
	return atom{}, unknown(token)
}

func isSlanted(sign string) bool {
	r, _ := utf8.DecodeRuneInString(sign)
	return unicode.In(r, unicode.Greek) && unicode.IsLower(r) || r == 'ϑ' || r == 'ϵ'
}

func straight(text string) string {
	if utf8.RuneCountInString(text) == 1 {
		return ` mathvariant="normal"`
	}
	return ""
}

// readers are the commands that have arguments. They are set at the start because they read on themselves.
var readers map[string]func(p *texReader, name string) (atom, error)

func init() {
	readers = map[string]func(*texReader, string) (atom, error){
		"frac": (*texReader).fraction, "dfrac": (*texReader).fraction, "tfrac": (*texReader).fraction, "cfrac": (*texReader).fraction, "binom": (*texReader).fraction,
		"sqrt": (*texReader).root, "left": (*texReader).fenced, "begin": (*texReader).environment, "not": (*texReader).negated,
		"text": (*texReader).words, "textrm": (*texReader).words, "textnormal": (*texReader).words, "mbox": (*texReader).words, "textbf": (*texReader).words, "textit": (*texReader).words, "operatorname": (*texReader).named,
		"overset": (*texReader).stacked, "underset": (*texReader).stacked, "stackrel": (*texReader).stacked, "substack": (*texReader).substack,
		"xrightarrow": (*texReader).arrow, "xleftarrow": (*texReader).arrow, "boxed": (*texReader).boxed, "phantom": (*texReader).phantom,
		"pmod": (*texReader).modulo, "bmod": (*texReader).modulo, "mod": (*texReader).modulo,
	}
}

func (p *texReader) fraction(name string) (atom, error) {
	before := p.display
	p.display = false
	upper, err := p.argument()
	if err != nil {
		return atom{}, err
	}
	lower, err := p.argument()
	p.display = before
	if err != nil {
		return atom{}, err
	}
	switch name {
	case "binom":
		p.width += 2
		return atom{markup: `<mrow><mo form="prefix">(</mo><mfrac linethickness="0">` + upper + lower + `</mfrac><mo form="postfix">)</mo></mrow>`}, nil
	case "dfrac", "cfrac":
		return atom{markup: styled(true, "<mfrac>"+upper+lower+"</mfrac>")}, nil
	case "tfrac":
		return atom{markup: styled(false, "<mfrac>"+upper+lower+"</mfrac>")}, nil
	}
	return atom{markup: "<mfrac>" + upper + lower + "</mfrac>"}, nil
}

// option reads […] if it comes.
func (p *texReader) option() (string, error) {
	if !p.accept("[") {
		return "", nil
	}
	atoms, err := p.row("]")
	if err != nil {
		return "", err
	}
	p.take()
	return "<mrow>" + join(atoms) + "</mrow>", nil
}

func (p *texReader) root(string) (atom, error) {
	if err := p.deeper(); err != nil {
		return atom{}, err
	}
	defer func() { p.nesting-- }()
	p.width++
	index, err := p.option()
	if err != nil {
		return atom{}, err
	}
	inner, err := p.argument()
	if err != nil {
		return atom{}, err
	}
	if index != "" {
		return atom{markup: "<mroot>" + inner + index + "</mroot>"}, nil
	}
	return atom{markup: "<msqrt>" + inner + "</msqrt>"}, nil
}

func (p *texReader) accent(a accent) (atom, error) {
	inner, err := p.argument()
	if err != nil {
		return atom{}, err
	}
	name, attrs := "mover", ` accent="true"`
	if a.below {
		name, attrs = "munder", ` accentunder="true"`
	}
	if a.line {
		attrs += ` class="line"`
	}
	stretchy := ` stretchy="false"`
	if a.wide {
		stretchy = ` stretchy="true"`
	}
	return atom{markup: "<" + name + attrs + ">" + inner + leaf("mo", a.sign, stretchy+zero) + "</" + name + ">", limits: a.brace}, nil
}

// delimiter reads the sign of a bracket; empty for a point.
func (p *texReader) delimiter() (string, error) {
	token := p.take()
	if sign, ok := delimiters[token]; ok {
		p.width++
		return sign, nil
	}
	return "", wrong(token)
}

func fence(sign, form string) string {
	if sign == "" {
		return ""
	}
	return leaf("mo", sign, ` form="`+form+`" fence="true" stretchy="true"`)
}

func (p *texReader) fenced(string) (atom, error) {
	if err := p.deeper(); err != nil {
		return atom{}, err
	}
	defer func() { p.nesting-- }()
	sign, err := p.delimiter()
	if err != nil {
		return atom{}, err
	}
	inner := fence(sign, "prefix")
	for {
		atoms, err := p.row(`\right`, `\middle`)
		if err != nil {
			return atom{}, err
		}
		inner += "<mrow>" + join(atoms) + "</mrow>"
		token := p.take()
		if sign, err = p.delimiter(); err != nil {
			return atom{}, err
		}
		if token == `\right` {
			return atom{markup: "<mrow>" + inner + fence(sign, "postfix") + "</mrow>"}, nil
		}
		inner += fence(sign, "infix")
	}
}

func (p *texReader) negated(string) (atom, error) {
	token := p.take()
	s, ok := signs[token]
	if !ok {
		s, ok = commands[strings.TrimPrefix(token, `\`)]
	}
	if !ok || s.class != relation {
		return atom{}, wrong(token)
	}
	return p.symbol(symbol{norm.NFC.String(s.sign + "\u0338"), relation}), nil
}

// words reads text as it is written.
func (p *texReader) words(string) (atom, error) {
	text, err := p.plain()
	return atom{markup: leaf("mtext", text, "")}, err
}

// plain reads a group of plain text, with its spaces; a command in it is refused, but for signs after a backslash.
func (p *texReader) plain() (string, error) {
	if err := p.expect("{"); err != nil {
		return "", err
	}
	var b strings.Builder
	for p.at < len(p.source) {
		r, n := utf8.DecodeRuneInString(p.source[p.at:])
		switch {
		case r == '}':
			p.at += n
			p.width += utf8.RuneCountInString(b.String())
			return b.String(), nil
		case r == '{' || r == '$':
			return "", wrong(string(r))
		case r == '\\':
			token := p.take()
			if len(token) != 2 || isLatin(rune(token[1])) {
				return "", wrong(token)
			}
			b.WriteString(strings.ReplaceAll(token[1:], " ", "\u00a0"))
			continue
		case unicode.IsSpace(r) || r == '~':
			b.WriteRune('\u00a0')
		case !unicode.IsGraphic(r):
			return "", wrong("?")
		default:
			b.WriteRune(r)
		}
		p.at += n
	}
	return "", wrong("")
}

func (p *texReader) named(string) (atom, error) {
	limits := p.accept("*")
	text, err := p.plain()
	return atom{class: function, markup: leaf("mi", text, straight(text)), limits: limits && p.display}, err
}

func (p *texReader) stacked(name string) (atom, error) {
	script, err := p.argument()
	if err != nil {
		return atom{}, err
	}
	base, err := p.argument()
	if err != nil {
		return atom{}, err
	}
	tag := "mover"
	if name == "underset" {
		tag = "munder"
	}
	a := atom{markup: "<" + tag + ">" + base + script + "</" + tag + ">"}
	if name == "stackrel" {
		a.class = relation
	}
	return a, nil
}

func (p *texReader) substack(string) (atom, error) {
	if err := p.deeper(); err != nil {
		return atom{}, err
	}
	defer func() { p.nesting-- }()
	if err := p.expect("{"); err != nil {
		return atom{}, err
	}
	table, err := p.table(layout{}, "}")
	if err != nil {
		return atom{}, err
	}
	p.take()
	return atom{markup: table}, nil
}

func (p *texReader) arrow(name string) (atom, error) {
	if err := p.deeper(); err != nil {
		return atom{}, err
	}
	defer func() { p.nesting-- }()
	below, err := p.option()
	if err != nil {
		return atom{}, err
	}
	above, err := p.argument()
	if err != nil {
		return atom{}, err
	}
	p.width += 2
	sign := "→"
	if name == "xleftarrow" {
		sign = "←"
	}
	above = "<mrow>" + space("0.4em") + above + space("0.4em") + "</mrow>"
	shaft := leaf("mo", sign, ` stretchy="true"`)
	if below != "" {
		return atom{class: relation, markup: "<munderover>" + shaft + below + above + "</munderover>"}, nil
	}
	return atom{class: relation, markup: "<mover>" + shaft + above + "</mover>"}, nil
}

func (p *texReader) boxed(string) (atom, error) {
	inner, err := p.argument()
	p.width++
	return atom{markup: `<mrow class="boxed">` + inner + "</mrow>"}, err
}

func (p *texReader) phantom(string) (atom, error) {
	inner, err := p.argument()
	return atom{markup: "<mphantom>" + inner + "</mphantom>"}, err
}

func (p *texReader) modulo(name string) (atom, error) {
	p.width += 4
	word := leaf("mi", "mod", "")
	if name == "bmod" {
		return atom{class: gap, markup: space("0.2222em") + word + space("0.2222em")}, nil
	}
	inner, err := p.argument()
	if name == "mod" {
		return atom{markup: "<mrow>" + space("1em") + word + space("0.3333em") + inner + "</mrow>"}, err
	}
	p.width += 2
	return atom{markup: "<mrow>" + space("1em") + `<mo form="prefix" stretchy="false">(</mo>` + word + space("0.3333em") + inner + `<mo form="postfix" stretchy="false">)</mo></mrow>`}, err
}

// layout is how an environment looks.
type layout struct {
	open, close string
	columns     string // l, c, r and | of each column; the last two repeat where there are more
	display     bool
	class       string
	spec        bool // its columns are written after its name
}

func (p *texReader) environment(string) (atom, error) {
	if err := p.deeper(); err != nil {
		return atom{}, err
	}
	defer func() { p.nesting-- }()
	name, err := p.word()
	if err != nil {
		return atom{}, err
	}
	look, ok := environments[strings.TrimSuffix(name, "*")]
	if !ok {
		return atom{}, unknown(`\begin{` + name + `}`)
	}
	if look.spec {
		if look.columns, err = p.word(); err != nil {
			return atom{}, err
		}
		if strings.Trim(look.columns, "lcr| ") != "" {
			return atom{}, wrong(look.columns)
		}
		look.columns = strings.ReplaceAll(look.columns, " ", "")
	}
	table, err := p.table(look, `\end`)
	if err != nil {
		return atom{}, err
	}
	p.take()
	closed, err := p.word()
	if err == nil && closed != name {
		err = wrong(`\end{` + closed + `}`)
	}
	p.width += 2
	return atom{markup: "<mrow>" + fence(look.open, "prefix") + table + fence(look.close, "postfix") + "</mrow>"}, err
}

// table reads rows of cells up to a token, which it leaves.
func (p *texReader) table(look layout, until string) (string, error) {
	before := p.display
	p.display = look.display
	defer func() { p.display = before }()
	var b strings.Builder
	b.WriteString("<mtable")
	if look.class != "" {
		b.WriteString(` class="` + look.class + `"`)
	}
	if look.display {
		b.WriteString(` displaystyle="true"`)
	}
	b.WriteString(">")
	for {
		ruled := false
		for p.accept(`\hline`) {
			ruled = true
		}
		if token, _ := p.peek(); token == until {
			break // after the last \\
		}
		b.WriteString("<mtr")
		if ruled {
			b.WriteString(` class="ruled"`)
		}
		b.WriteString(">")
		for column := 0; ; column++ {
			atoms, err := p.row("&", `\\`, until)
			if err != nil {
				return "", err
			}
			p.width++
			b.WriteString("<mtd" + cellClass(look.columns, column) + ">" + join(atoms) + "</mtd>")
			if !p.accept("&") {
				break
			}
		}
		b.WriteString("</mtr>")
		if !p.accept(`\\`) {
			break
		}
		p.skipLength()
	}
	b.WriteString("</mtable>")
	return b.String(), nil
}

// skipLength skips the extra space between rows, as in \\[4pt].
func (p *texReader) skipLength() {
	rest := p.source[p.at:]
	if !strings.HasPrefix(rest, "[") {
		return
	}
	n := strings.IndexByte(rest, ']')
	if n < 0 {
		return
	}
	if unit := strings.TrimLeft(rest[1:n], "-0123456789. "); slices.Contains([]string{"pt", "em", "ex", "mm", "cm"}, unit) {
		p.at += n + 1
	}
}

// cellClass is the class of the cell of a column: how it is aligned, and whether a line is before it.
func cellClass(columns string, column int) string {
	var kinds []string
	line := ""
	for _, c := range columns {
		if c == '|' {
			line = " barred"
			continue
		}
		kinds = append(kinds, map[rune]string{'l': "left", 'r': "right", 'c': "centre"}[c]+line)
		line = ""
	}
	switch {
	case len(kinds) == 0:
		return ""
	case column >= len(kinds) && len(kinds) > 1:
		column = len(kinds) - 2 + (column-len(kinds))%2
	case column >= len(kinds):
		column = 0
	}
	return ` class="` + kinds[column] + `"`
}
