package web

import (
	"strings"

	"ustaz/internal/i18n"
)

// Link is a link of the site's own.
type Link struct {
	Text, Href string
	Current    bool // it leads to where the reader is
}

// Clause is a link to a clause of the policy, shown as a chip: «4.1.7-тармақ».
type Clause struct{ Number, Text, Href string }

// NewClause links to a clause of the edition in force.
func NewClause(l i18n.Lang, number string) Clause {
	return Clause{Number: number, Text: l.T("frame.clause", i18n.Str("number", number)),
		Href: Path(l.Code(), PathPolicy) + "#c" + number}
}

// Text is words with links among them; {{template "text" .}} shows it.
type Text []Run

// Run is a piece of a Text that looks the same all through.
type Run struct {
	Text   string
	Href   string
	Strong bool
	Clause bool
	arg    string
}

// Away tells whether the link leaves the site: such are marked, and go out without a referrer (2.3).
func (r Run) Away() bool {
	return strings.HasPrefix(r.Href, "https://") || strings.HasPrefix(r.Href, "http://")
}

// Plain is text without links.
func Plain(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Text: s}}
}

// Rich is a message whose arguments can be made links: Rich(l, "a.key", i18n.Msg("policy", "frame.policy")).Link("policy", href).
func Rich(l i18n.Lang, key string, args ...i18n.Arg) Text {
	parts := l.Parts(key, args...)
	out := make(Text, len(parts))
	for i, p := range parts {
		out[i] = Run{Text: p.Text, arg: p.Arg}
	}
	return out
}

// Rich is a message in the reader's language, see Rich.
func (r *Request) Rich(key string, args ...i18n.Arg) Text { return Rich(r.Lang, key, args...) }

// Clause links to a clause in the reader's language.
func (r *Request) Clause(number string) Clause { return NewClause(r.Lang, number) }

func (t Text) each(arg string, change func(*Run)) Text {
	out := append(Text(nil), t...)
	for i := range out {
		if out[i].arg == arg {
			change(&out[i])
		}
	}
	return out
}

// String is its words alone.
func (t Text) String() string {
	var b strings.Builder
	for _, r := range t {
		b.WriteString(r.Text)
	}
	return b.String()
}

// Link makes the argument arg a link.
func (t Text) Link(arg, href string) Text {
	return t.each(arg, func(r *Run) { r.Href = href })
}

// Strong makes the argument arg stand out.
func (t Text) Strong(arg string) Text {
	return t.each(arg, func(r *Run) { r.Strong = true })
}

// By makes the argument arg a chip that leads to the clause.
func (t Text) By(arg string, c Clause) Text {
	return t.each(arg, func(r *Run) { r.Text, r.Href, r.Clause = c.Text, c.Href, true })
}

// words lets a component say the frame's own words in its template.
type words struct{ l i18n.Lang }

// T is a message.
func (w words) T(key string, args ...i18n.Arg) string { return w.l.T(key, args...) }
