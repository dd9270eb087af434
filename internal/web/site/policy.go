package site

import (
	"net/http"
	"slices"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// policyPage is a whole edition with its contents and notes (9.4).
type policyPage struct {
	Notices  []web.Notice
	Facts    web.Summary
	Ways     []web.Link // other forms of the same, and its neighbours
	Contents []web.Link
	Text     docView
}

// docView is the text of an edition.
type docView struct {
	Lang     string
	Title    string
	Preamble []web.Text
	Sections []sectionView
}

type sectionView struct {
	No, Title, Href string
	Clauses         []clauseView
}

type clauseView struct {
	No, Href, Name string // Name is what the link to the clause's own page is called
	Text           web.Text
	Items          []web.Text
	Means          web.Text // what the clause means on this site
}

// Anchor is the clause's place in the page: the address that links of the site name. The number alone is another, for
// people who type it.
func (c clauseView) Anchor() string { return "c" + c.No }

// Anchor of a section is like that of a clause.
func (s sectionView) Anchor() string { return "c" + s.No }

func (s *publicPages) showPolicy(w http.ResponseWriter, r *web.Request, e *shown) error {
	p := policyPage{Notices: e.notices(), Facts: e.facts(), Ways: e.ways(), Text: s.view(e)}
	for _, section := range e.doc.Sections {
		p.Contents = append(p.Contents, web.Link{Text: section.No + ". " + section.Title, Href: "#c" + section.No})
	}
	title := r.T("policypage.title")
	h := web.Head{Title: title, Describe: r.T("policypage.describe")}
	if e.seq != "" {
		h.Title = r.T("policypage.title.seq", i18n.Str("title", title), i18n.Num("n", e.Seq))
		h.Back = &web.Link{Text: r.T("policypage.editions"), Href: r.Path(PathEditions)}
	}
	return s.document.Send(w, r, h, p)
}

// notices warn a reader whose text is not the one that rules, or not in the page's language.
func (e *shown) notices() []web.Notice {
	l := e.r.Lang
	var out []web.Notice
	add := func(style web.Style, key string, args ...i18n.Arg) {
		out = append(out, web.NewNotice(l, style, "", web.Rich(l, key, append(args, i18n.Msg("current", "policypage.current"))...).Link("current", e.r.Path(web.PathPolicy))))
	}
	if n := e.next; n != nil { // told before its day, with what changes (9.2)
		text := web.Rich(l, "policypage.notice.next", i18n.Moment("from", n.InForce), i18n.Msg("text", "policypage.notice.next.text"), i18n.Msg("changes", "policypage.notice.next.changes"))
		out = append(out, web.NewNotice(l, web.Info, "", text.Link("text", e.r.Path(PathEdition, "seq", decimal(n.Seq))).Link("changes", e.r.Path(PathChanges, "seq", decimal(n.Seq)))))
	}
	switch e.span.state {
	case coming:
		add(web.Warn, "policypage.notice.coming", i18n.Day("from", e.InForce))
	case past:
		add(web.Warn, "policypage.notice.past", i18n.Day("until", e.span.until))
	case skipped:
		add(web.Warn, "policypage.notice.skipped")
	}
	if e.foreign() != "" {
		out = append(out, web.NewNotice(l, web.Info, "", web.Plain(l.T("policypage.notice.foreign", i18n.Msg("language", "policypage.in."+e.foreign())))))
	}
	return out
}

// facts are what identifies e: order, dates, hash.
func (e *shown) facts() web.Summary {
	l := e.r.Lang
	return web.Summary{Rows: []web.Row{
		{Key: l.T("policypage.order"), Value: web.Plain(e.order())},
		{Key: l.T("policypage.in_force"), Value: web.Plain(e.when())},
		{Key: l.T("policypage.published"), Value: web.Plain(l.DateTime(e.PublishedAt))},
		{Key: l.T("policypage.hash"), Value: web.Plain(shortHash(e.Hash)), Note: web.Plain(l.T("policypage.hash.note"))},
	}}
}

// ways are the other forms of e.
func (e *shown) ways() []web.Link {
	l := e.r.Lang
	out := []web.Link{
		{Text: l.T("policypage.rules"), Href: e.path(PathRules, PathOldRules)},
		{Text: l.T("policypage.print"), Href: e.path(PathPrint, PathOldPrint)},
		{Text: l.T("policypage.text"), Href: e.path(PathText, PathOldText)},
		{Text: l.T("policypage.editions"), Href: e.r.Path(PathEditions)},
	}
	if !e.first {
		out = append(out, web.Link{Text: l.T("policypage.changes"), Href: e.changesPath()})
	}
	return out
}

func (e *shown) changesPath() string {
	return e.r.Path(PathChanges, "seq", decimal(e.Seq))
}

// view is the text with links among clauses, and our notes where they belong to this numbering.
func (s *publicPages) view(e *shown) docView {
	means := s.notes(e)
	within := func(no string) string { return "#c" + no }
	v := docView{Lang: e.doc.Lang, Title: e.doc.Title}
	for _, p := range e.doc.Preamble {
		v.Preamble = append(v.Preamble, e.linked(p, "", within))
	}
	for _, section := range e.doc.Sections {
		view := sectionView{No: section.No, Title: section.Title, Href: e.own(section.No)}
		for _, c := range section.Clauses {
			view.Clauses = append(view.Clauses, e.clause(c, within, means[c.No]))
		}
		v.Sections = append(v.Sections, view)
	}
	return v
}

func (e *shown) clause(c policy.Clause, href func(string) string, means web.Text) clauseView {
	v := clauseView{No: c.No, Href: e.own(c.No), Name: e.r.Clause(c.No).Text, Text: e.linked(c.Text, c.No, href), Means: means}
	for _, item := range c.Items {
		v.Items = append(v.Items, e.linked(item, c.No, href))
	}
	return v
}

// own is where the number of a clause leads: to the page of its own, which only the edition in force has.
func (e *shown) own(no string) string {
	if e.seq == "" {
		return e.r.Path(PathClause, "number", no)
	}
	return "#c" + no
}

// clausePage is one clause, or a section, by itself.
type clausePage struct {
	Title   string
	Lang    string
	Section web.Link
	Above   []clauseView // the clauses it stands under
	This    clauseView
	Below   []clauseView
	Who     []whoRow
	Edition web.Text
	Before  *web.Link
	After   *web.Link
}

// whoRow says which data a role may see for the purpose that the clause is.
type whoRow struct{ Role, Fields string }

func (s *publicPages) showClause(w http.ResponseWriter, r *web.Request, e *shown) error {
	no := r.PathValue("number")
	if !e.nos[no] {
		return errs.New(errs.NotFound, "policypage.no_clause")
	}
	means := s.notes(e)
	p := clausePage{Title: r.T("policypage.clause", i18n.Str("number", no)), Lang: e.doc.Lang}
	for _, section := range e.doc.Sections {
		if section.No == no {
			p.Title = r.T("policypage.section", i18n.Str("number", no))
			p.This = e.clause(policy.Clause{No: no, Text: section.Title}, e.own, nil)
		}
		if section.No != no && !strings.HasPrefix(no, section.No+".") {
			continue
		}
		p.Section = web.Link{Text: section.No + ". " + section.Title, Href: e.own(section.No), Current: section.No == no}
		for _, c := range section.Clauses {
			switch {
			case c.No == no:
				p.This = e.clause(c, e.own, means[no])
			case strings.HasPrefix(no, c.No+"."):
				p.Above = append(p.Above, e.clause(c, e.own, nil))
			case strings.HasPrefix(c.No, no+"."):
				p.Below = append(p.Below, e.clause(c, e.own, nil))
			}
		}
	}
	numbers := e.doc.Numbers()
	i := slices.Index(numbers, no)
	neighbour := func(i int) *web.Link {
		if i < 0 || i >= len(numbers) {
			return nil
		}
		return &web.Link{Text: numbers[i], Href: e.own(numbers[i])}
	}
	p.Before, p.After = neighbour(i-1), neighbour(i+1)
	if purpose, ok := policy.PurposeByClause(no); ok {
		for _, role := range s.readers(e, purpose) {
			p.Who = append(p.Who, whoRow{Role: r.T(role.role.Key()), Fields: fieldNames(r.Lang, role.fields)})
		}
	}
	p.Edition = r.Rich("policypage.clause.edition", i18n.Str("order", e.order()), i18n.Msg("whole", "policypage.whole")).Link("whole", e.at(no))
	h := web.Head{Title: p.Title, Describe: r.T("policypage.clause.describe", i18n.Str("number", no)), Back: &web.Link{Text: r.T("policypage.title"), Href: e.at(no)}}
	return s.clause.Send(w, r, h, p)
}

// leadToClause makes /policy/4.1.7 a stable address: it leads to the clause in the reader's language.
func (s *publicPages) leadToClause(w http.ResponseWriter, r *web.Request, e *shown) error {
	no := r.PathValue("number")
	if !e.nos[no] {
		return errs.New(errs.NotFound, "policypage.no_clause")
	}
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Location", r.Path(PathClause, "number", no))
	w.WriteHeader(http.StatusFound)
	return nil
}

// printPage is an edition as a document on paper.
type printPage struct {
	Operator string
	Notices  []web.Notice
	Facts    web.Summary
	Text     docView
	Address  string
	Back     web.Link
}

func (s *publicPages) showPrint(w http.ResponseWriter, r *web.Request, e *shown) error {
	text := s.view(e)
	for i := range text.Sections {
		for j := range text.Sections[i].Clauses {
			text.Sections[i].Clauses[j].Means = nil // the document itself, without our notes
		}
	}
	facts := e.facts()
	facts.Rows[len(facts.Rows)-1].Value = web.Plain(e.Hash) // on paper nothing can be looked up
	whole := e.path(web.PathPolicy, PathEdition)
	p := printPage{Operator: r.Lang.Of(r.Operator().Name), Notices: e.notices(), Facts: facts, Text: text,
		Address: s.Public.JoinPath(whole).String(), Back: web.Link{Text: r.T("policypage.whole"), Href: whole}}
	return s.paper.Send(w, r, web.Head{Title: r.T("policypage.print.title", i18n.Str("order", e.order()))}, p)
}

// showText gives the document as its importer would read it back.
func (s *publicPages) showText(w http.ResponseWriter, r *web.Request, e *shown) error {
	w.Header().Set("Content-Language", e.doc.Lang)
	return r.Text(w, e.doc.Text())
}
