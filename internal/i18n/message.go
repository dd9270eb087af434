package i18n

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// message is a text cut at its placeholders.
type message []piece

// piece is literal text, or the place of an argument.
type piece struct {
	text string
	arg  string
	in   Case
}

var errPlaceholder = errors.New("a placeholder is {name}, or in Kazakh {name:loc}, {name:abl}, {name:dat}, {name:att}")

// parse cuts text at {name} and {name:case}.
func parse(code, text string) (message, error) {
	var m message
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			open = len(text)
		}
		if strings.IndexByte(text[:open], '}') >= 0 {
			return nil, errPlaceholder
		}
		if open > 0 {
			m = append(m, piece{text: text[:open]})
		}
		if text = text[open:]; text == "" {
			break
		}
		end := strings.IndexByte(text, '}')
		if end < 0 {
			return nil, errPlaceholder
		}
		name, mark, cased := strings.Cut(text[1:end], ":")
		in, known := cases[mark]
		if !isName(name) || cased != (mark != "") || !known || cased && code != "kk" {
			return nil, errPlaceholder
		}
		m = append(m, piece{arg: name, in: in})
		text = text[end+1:]
	}
	return m, nil
}

func isName(s string) bool {
	for i, r := range s {
		if !(r >= 'a' && r <= 'z' || r == '_' || i > 0 && r >= '0' && r <= '9') {
			return false
		}
	}
	return s != ""
}

// Arg fills a placeholder.
type Arg struct {
	name   string
	text   string
	number int64
	isNum  bool
	spare  bool // may have no place in the message
	kind   argKind
	each   *Text
	show   func(l Lang, in Case) string // for what looks different in each language
}

// Str is text that goes in as it is.
func Str(name, text string) Arg { return Arg{name: name, text: text, kind: strArg} }

// Num is a whole number, written in groups. In a counted message the first Num chooses the form.
func Num(name string, n int64) Arg {
	return Arg{name: name, number: n, isNum: true, kind: numArg, show: func(l Lang, _ Case) string { return l.Number(n) }}
}

// Day is a date, written out, in Kazakh in the case that the message asks for.
func Day(name string, t time.Time) Arg {
	return Arg{name: name, kind: dayArg, number: t.UnixMicro(), show: func(l Lang, in Case) string { return l.DateIn(t, in) }}
}

// Moment is a date with its time, in Kazakh in the case that the message asks for.
func Moment(name string, t time.Time) Arg {
	return Arg{name: name, kind: momentArg, number: t.UnixMicro(), show: func(l Lang, in Case) string { return l.DateTimeIn(t, in) }}
}

// Spare is the argument for messages that need not use it.
func (a Arg) Spare() Arg {
	a.spare = true
	return a
}

// Msg is another message, one without arguments.
func Msg(name, key string) Arg {
	return Arg{name: name, kind: msgArg, text: key, show: func(l Lang, _ Case) string { return l.T(key) }}
}

// Args makes arguments of the map that an errs.Error carries; a message need not use them all. In a counted message the
// one called "n" chooses the form.
func Args(m map[string]string) []Arg {
	out := make([]Arg, 0, len(m))
	for name, text := range m {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && name == "n" {
			out = append(out, Num(name, n))
			continue
		}
		out = append(out, Str(name, text).Spare())
	}
	return out
}

func (a Arg) in(l Lang, c Case) string {
	if a.show != nil {
		return a.show(l, c)
	}
	return a.text
}

// Lang is one language. The zero Lang is of no use: take it from a Catalog.
type Lang struct{ t *table }

// Code is kk, ru or en.
func (l Lang) Code() string { return l.t.code }

// Name is the language's name in the language.
func (l Lang) Name() string { return l.t.grammar.name }

// Part is a piece of a message: its text, and which argument it came from, if any. Pages use it to make a link of an
// argument.
type Part struct{ Text, Arg string }

// T is the message key with its placeholders filled. A missing key gives the key, a missing argument its placeholder;
// tests find both.
func (l Lang) T(key string, args ...Arg) string {
	var b strings.Builder
	for _, p := range l.Parts(key, args...) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// Parts is T cut at the arguments.
func (l Lang) Parts(key string, args ...Arg) []Part {
	m, ok := l.find(key, args)
	if !ok {
		l.report(key, "no message")
		return []Part{{Text: key}}
	}
	used := 0
	out := make([]Part, 0, len(m))
	for _, p := range m {
		if p.arg == "" {
			out = append(out, Part{Text: p.text})
			continue
		}
		text, found := "{"+p.arg+"}", false
		for i, a := range args {
			if a.name == p.arg {
				text, found = a.in(l, p.in), true
				used |= 1 << i
				break
			}
		}
		if !found {
			l.report(key, "no argument "+p.arg)
		}
		out = append(out, Part{Text: text, Arg: p.arg})
	}
	for i, a := range args {
		if used&(1<<i) == 0 && !a.isNum && !a.spare { // a form may leave its number out: "one page"
			l.report(key, "argument "+a.name+" has no place")
		}
	}
	return out
}

func (l Lang) find(key string, args []Arg) (message, bool) {
	if m, ok := l.t.messages[key]; ok {
		return m, true
	}
	forms, ok := l.t.plurals[key]
	if !ok {
		return nil, false
	}
	for _, a := range args {
		if a.isNum {
			m, ok := forms[l.t.grammar.form(a.number)]
			return m, ok
		}
	}
	return nil, false
}

func (l Lang) report(key, what string) {
	if l.t.fault != nil {
		l.t.fault(key, l.t.code+": "+what)
	}
}
