package site

import (
	"net/http"
	"slices"

	"ustaz/internal/edition"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// editionsPage lists every edition with its dates (9.4).
type editionsPage struct {
	Table web.Table
}

func (s *publicPages) showEditions(w http.ResponseWriter, r *web.Request) error {
	all, err := s.Editions.All()
	if err != nil {
		return err
	}
	p := editionsPage{Table: web.Table{Caption: r.T("policypage.editions"), Quiet: true, Columns: []web.Column{
		{Label: r.T("policypage.edition")}, {Label: r.T("policypage.order")}, {Label: r.T("policypage.in_force")}, {Label: r.T("policypage.published")}, {Label: r.T("policypage.compare")}},
		Empty: &web.Empty{Title: r.T("policypage.editions.none"), Text: web.Plain(r.T("policypage.editions.none.text"))}}}
	for _, published := range all {
		e := newShown(r, published, all, decimal(published.Seq))
		compare := web.Plain(r.T("policypage.changes.first"))
		if !e.first {
			compare = web.Text{{Text: r.T("policypage.changes.from", i18n.Num("n", e.Seq-1)), Href: e.changesPath()}}
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Text{{Text: r.T("policypage.nth", i18n.Num("n", e.Seq)), Href: r.Path(PathEdition, "seq", e.seq)}}, Tag: e.span.state.tag(r.Lang)},
			{Text: web.Plain(e.order())},
			{Text: web.Plain(e.when())},
			{Text: web.Plain(r.Lang.Date(e.PublishedAt))},
			{Text: compare},
		})
	}
	return s.editions.Send(w, r, web.Head{Title: r.T("policypage.editions"), Describe: r.T("policypage.editions.lead"),
		Back: &web.Link{Text: r.T("policypage.title"), Href: r.Path(web.PathPolicy)}}, p)
}

// changesPage is the difference of an edition to the one before: in words, and in who may read what (9.1).
type changesPage struct {
	Title   string
	Notices []web.Notice
	Lead    web.Text
	Lang    string // of the texts
	Parts   []changedPart
	NoWords string // said where no words changed, or none can be compared
	Rules   web.Table
	NoRules string
}

// changedPart is a part of the text that became another.
type changedPart struct {
	Name, Href string // Href is empty for what is no longer there
	Tag        web.Tag
	Words      []wordsView
}

// wordsView is a run of words with one fate.
type wordsView struct {
	Text          string
	Gone, Brought bool
}

func (s *publicPages) showChanges(w http.ResponseWriter, r *web.Request, e *shown) error {
	p := changesPage{Title: r.T("policypage.changes.title", i18n.Num("n", e.Seq)), Notices: e.notices()}
	head := web.Head{Title: p.Title, Back: &web.Link{Text: r.T("policypage.editions"), Href: r.Path(PathEditions)}}
	if e.first {
		p.Lead = web.Plain(r.T("policypage.changes.nothing_before"))
		return s.changed.Send(w, r, head, p)
	}
	before, err := s.Editions.BySeq(e.Seq - 1)
	if err != nil {
		return err
	}
	p.Lead = r.Rich("policypage.changes.lead", i18n.Str("before", r.T("policypage.nth", i18n.Num("n", before.Seq))), i18n.Str("after", r.T("policypage.nth", i18n.Num("n", e.Seq)))).
		Link("before", r.Path(PathEdition, "seq", decimal(before.Seq))).Link("after", r.Path(PathEdition, "seq", e.seq))
	old, now := inOneLanguage(before, e.Published, r.Lang.Code())
	switch changes := policy.Difference(old, now); {
	case old == nil:
		p.NoWords = r.T("policypage.changes.no_language")
	case len(changes) == 0:
		p.NoWords = r.T("policypage.changes.no_words")
	default:
		p.Lang = now.Lang
		for _, c := range changes {
			p.Parts = append(p.Parts, e.part(c))
		}
	}
	p.Rules = s.changesOfRules(e, before)
	if len(p.Rules.Rows) == 0 {
		p.NoRules = r.T("policypage.changes.no_rules")
	}
	return s.changed.Send(w, r, head, p)
}

// inOneLanguage chooses documents that can be compared: in the reader's language, or else in the first that both have.
func inOneLanguage(a, b *edition.Published, lang string) (*policy.Document, *policy.Document) {
	for _, code := range append([]string{lang}, policy.Languages...) {
		if a.Docs[code] != nil && b.Docs[code] != nil {
			return a.Docs[code], b.Docs[code]
		}
	}
	return nil, nil
}

var kindStyles = map[policy.ChangeKind]web.Style{policy.Added: web.Good, policy.Removed: web.Bad, policy.Changed: web.Info}

func (e *shown) part(c policy.Change) changedPart {
	l := e.r.Lang
	p := changedPart{Name: l.T("policy.part." + string(c.Part)), Tag: web.Tag{Text: l.T("policy.change." + string(c.Kind)), Style: kindStyles[c.Kind]}}
	switch c.Part {
	case policy.PartSection:
		p.Name = l.T("policypage.section", i18n.Str("number", c.No))
	case policy.PartClause:
		p.Name = l.T("policypage.clause", i18n.Str("number", c.No))
	}
	if c.No != "" && c.Kind != policy.Removed {
		p.Href = e.at(c.No)
	}
	switch c.Kind {
	case policy.Added:
		p.Words = []wordsView{{Text: c.After, Brought: true}}
	case policy.Removed:
		p.Words = []wordsView{{Text: c.Before, Gone: true}}
	default:
		for _, part := range c.Segments {
			p.Words = append(p.Words, wordsView{Text: part.Text, Gone: part.Kind == policy.Deleted, Brought: part.Kind == policy.Inserted})
		}
	}
	return p
}

// changesOfRules says who gains and who loses what.
func (s *publicPages) changesOfRules(e *shown, before *edition.Published) web.Table {
	l := e.r.Lang
	t := web.Table{Caption: l.T("policypage.changes.rules"), Quiet: true, Columns: []web.Column{{Label: l.T("policypage.rules.role")}, {Label: l.T("policypage.rules.fields")},
		{Label: l.T("policypage.rules.purpose")}, {Label: l.T("policypage.rules.acts")}, {Label: l.T("policypage.rules.when")}}}
	changes := s.changes.of([2]string{before.Hash, e.Hash}, func() []policy.RuleChange { return policy.CompareRules(before.Rules, e.Rules) })
	for _, c := range changes {
		tag := web.Tag{Text: l.T("policypage.changes.loses"), Style: web.Bad}
		if c.Gains {
			tag = web.Tag{Text: l.T("policypage.changes.gains"), Style: web.Good}
		}
		what := fieldNames(l, c.Fields)
		if c.Bare {
			what = l.List(slices.DeleteFunc([]string{l.T("field.none"), what}, func(s string) bool { return s == "" }))
		}
		var purposes web.Text
		for _, purpose := range c.Purposes {
			chip := e.chip(purpose.Clause())
			purposes = append(purposes, web.Run{Text: chip.Text, Href: chip.Href, Clause: true}, web.Run{Text: " "})
		}
		var where []string
		for _, name := range c.Where.Names() {
			where = append(where, l.T("policy.situation."+name))
		}
		t.Rows = append(t.Rows, []web.Cell{
			{Text: web.Plain(l.T(c.Role.Key())), Tag: &tag},
			{Text: web.Plain(what)},
			{Text: purposes},
			{Text: web.Plain(actNames(l, c.Operations))},
			{Text: web.Plain(l.List(where))},
		})
	}
	return t
}
