package site

import (
	"regexp"
	"time"

	"ustaz/internal/edition"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// standing is what an edition is at a moment (9.2).
type standing uint8

const (
	ruling standing = iota
	coming
	past
	skipped // another took its place before it came into force
)

// span is when an edition rules: from its InForce until the next one, if there is one.
type span struct {
	state standing
	until time.Time // zero while no later edition is published
}

// spanOf follows the rule of edition.Store: of those whose day has come, the one with the latest day rules, and of two with
// the same day the one published later.
func spanOf(p *edition.Published, all []*edition.Published, now time.Time) span {
	s := span{state: ruling}
	if p.InForce.After(now) {
		s.state = coming
	}
	for _, q := range all {
		switch {
		case q.InForce.Equal(p.InForce) && q.Seq > p.Seq:
			return span{state: skipped}
		case q.InForce.After(p.InForce) && (s.until.IsZero() || q.InForce.Before(s.until)):
			s.until = q.InForce
		}
	}
	if !s.until.IsZero() && !s.until.After(now) {
		s.state = past
	}
	return s
}

// shown is an edition as one reader sees it.
type shown struct {
	*edition.Published
	r     *web.Request
	span  span
	doc   *policy.Document
	seq   string // in the addresses of its pages; empty for the edition in force, which has addresses of its own
	nos   map[string]bool
	first bool               // nothing was published before it
	next  *edition.Published // that will rule after e, if e rules now and another is published
}

func newShown(r *web.Request, p *edition.Published, all []*edition.Published, seq string) *shown {
	e := &shown{Published: p, r: r, span: spanOf(p, all, r.Now), doc: p.Doc(r.Lang.Code()), seq: seq, nos: map[string]bool{}, first: p.Seq == 1}
	for _, no := range e.doc.Numbers() {
		e.nos[no] = true
	}
	for _, q := range all {
		if e.span.state == ruling && q.InForce.Equal(e.span.until) && (e.next == nil || q.Seq > e.next.Seq) {
			e.next = q
		}
	}
	return e
}

// path is the address of a page about e: the one of the edition in force, or the one with its number.
func (e *shown) path(current, numbered string) string {
	if e.seq == "" {
		return e.r.Path(current)
	}
	return e.r.Path(numbered, "seq", e.seq)
}

// at is the address of a clause in the whole text.
func (e *shown) at(no string) string { return e.path(web.PathPolicy, PathEdition) + "#c" + no }

// chip links to a clause of this edition, which need not be the one in force.
func (e *shown) chip(no string) web.Clause {
	c := web.NewClause(e.r.Lang, no)
	c.Href = e.at(no)
	return c
}

// foreign is the language of the text where it is not the page's: an edition may be published in some languages only.
func (e *shown) foreign() string {
	if e.doc.Lang == e.r.Lang.Code() {
		return ""
	}
	return e.doc.Lang
}

// order names the order that approved e: «№ 97п, 2023 жылғы 7 қыркүйек».
func (e *shown) order() string { return orderOf(e.r.Lang, e.Published) }

func orderOf(l i18n.Lang, p *edition.Published) string {
	return l.T("policypage.order.of", i18n.Str("number", p.Order), i18n.Day("day", p.OrderDate))
}

// state says how e stands, for a tag.
func (s standing) tag(l i18n.Lang) *web.Tag {
	switch s {
	case ruling:
		return &web.Tag{Text: l.T("policypage.state.ruling"), Style: web.Good}
	case coming:
		return &web.Tag{Text: l.T("policypage.state.coming"), Style: web.Warn}
	case past:
		return &web.Tag{Text: l.T("policypage.state.past"), Style: web.Info}
	}
	return &web.Tag{Text: l.T("policypage.state.skipped"), Style: web.Info}
}

// when says from when and until when e rules.
func (e *shown) when() string {
	l := e.r.Lang
	from := i18n.Day("from", e.InForce)
	switch {
	case e.span.state == skipped:
		return l.T("policypage.never")
	case e.span.until.IsZero():
		return l.T("policypage.since", from)
	}
	return l.T("policypage.between", from, i18n.Day("until", e.span.until))
}

// shortHash is enough of a hash to compare by eye.
func shortHash(hash string) string { return hash[:12] }

var reference = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+`)

// linked makes links of the clause numbers in a text, except of the clause it stands in.
func (e *shown) linked(text, self string, href func(no string) string) web.Text {
	var out web.Text
	from := 0
	for _, at := range reference.FindAllStringIndex(text, -1) {
		no := text[at[0]:at[1]]
		if !e.nos[no] || no == self {
			continue
		}
		out = append(out, web.Plain(text[from:at[0]])...)
		out = append(out, web.Run{Text: no, Href: href(no)})
		from = at[1]
	}
	return append(out, web.Plain(text[from:])...)
}
