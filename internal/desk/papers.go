package desk

import (
	"ustaz/internal/i18n"
	"ustaz/internal/paper"
	"ustaz/internal/secret"
)

// Whole is the name as it stands on papers.
func (n Name) Whole() secret.Text {
	whole := n.Surname.Reveal()
	if given := n.GivenName.Reveal(); given != "" {
		if whole != "" {
			whole += " "
		}
		whole += given
	}
	return secret.New(whole)
}

// Receipt is the paper that a case was filed (8.1): its number, its day, the last day for the answer. Where the case may erase the person,
// code (CertificateCode) stands on it, because afterwards nobody can be written to. check is where that code is tried.
func (c *Case) Receipt(l i18n.Lang, o paper.Operator, to, code secret.Text, check paper.Check) paper.Document {
	d := paper.Document{Lang: l, Operator: o, Title: l.T("desk.paper.receipt"), Number: c.Number, Date: c.Opened, To: to,
		Blocks: []paper.Block{paper.Paragraph{Text: paper.Words(l.T("desk.paper.taken"))}, c.facts(l)}}
	if c.Blocks {
		d.Blocks = append(d.Blocks, paper.Paragraph{Text: paper.Words(l.T("desk.paper.blocked"))})
	}
	if c.Kind.ends() {
		d.Blocks = append(d.Blocks, paper.Heading(l.T("desk.paper.stays")))
		for _, key := range Stays {
			d.Blocks = append(d.Blocks, paper.Paragraph{Text: paper.Words("– " + l.T(key))})
		}
		d.Blocks = append(d.Blocks, paper.Heading(l.T("desk.paper.code")), paper.Paragraph{Text: paper.Words(l.T("desk.paper.code.why"))},
			paper.Facts{{Label: l.T("desk.paper.code.label"), Value: code}})
		d.Check = check
	}
	return d
}

// facts are what a case is, on its papers.
func (c *Case) facts(l i18n.Lang) paper.Facts {
	fact := func(key, value string) paper.Fact { return paper.Fact{Label: l.T(key), Value: paper.Words(value)} }
	out := paper.Facts{fact("desk.paper.kind", l.T("desk.kind."+c.Kind.String())), fact("desk.paper.source", l.T("desk.source."+c.Source.String())),
		fact("desk.paper.opened", l.DateTime(c.Opened)), fact("desk.paper.due", l.Date(c.Running.Due)),
		fact("desk.paper.clause", c.Kind.Clause())}
	if !c.Received.IsZero() {
		out = append(out, fact("desk.paper.received", l.Date(c.Received.Noon())))
	}
	if c.Doubted != 0 {
		names := make([]string, 0, c.Doubted.Len())
		for _, f := range c.Doubted.List() {
			names = append(names, l.T("field."+f.String()))
		}
		out = append(out, fact("desk.paper.doubted", l.List(names)))
	}
	if c.Order.Number != "" {
		out = append(out, fact("desk.paper.order", l.T("desk.paper.order.is", i18n.Str("of", c.Order.Of), i18n.Str("number", c.Order.Number),
			i18n.Day("day", c.Order.Date.End()))))
	}
	return out
}

// AnswerPaper is the answer as a document (8.2). There is none before the answer, and none where nobody is left who may read it.
func (v *View) AnswerPaper(l i18n.Lang, o paper.Operator, to secret.Text) (paper.Document, bool) {
	var answer *Step
	for i := range v.Steps {
		if s := &v.Steps[i]; s.Act == Answered && !s.Words.IsZero() {
			answer = s
		}
	}
	if answer == nil {
		return paper.Document{}, false
	}
	facts := append(v.facts(l), paper.Fact{Label: l.T("desk.paper.outcome"), Value: paper.Words(l.T("desk.outcome." + v.Outcome.String()))})
	if v.Article != "" {
		facts = append(facts, paper.Fact{Label: l.T("desk.paper.article"), Value: paper.Words(v.Article)})
	}
	d := paper.Document{Lang: l, Operator: o, Title: l.T("desk.paper.answer"), Number: v.Number, Date: answer.At, To: to,
		Blocks: []paper.Block{facts, paper.Paragraph{Text: secret.New(answer.Words.Reveal())}},
		Signed: []paper.Signature{{Post: l.T("desk.paper.officer")}}}
	if v.Kind == Claim {
		d.Blocks = append(d.Blocks, paper.Paragraph{Text: paper.Words(l.T("desk.paper.court"))})
	}
	return d, true
}

// FiledPaper is what was filed, as a document. There is none where nobody is left who may read it.
func (v *View) FiledPaper(l i18n.Lang, o paper.Operator) (paper.Document, bool) {
	for i := range v.Steps {
		s := &v.Steps[i]
		if s.Act != Filed || s.Words.IsZero() {
			continue
		}
		d := paper.Document{Lang: l, Operator: o, Title: l.T("desk.paper.filed"), Number: v.Number, Date: v.Opened, Blocks: []paper.Block{v.facts(l)}}
		if from := v.Names[v.Applicant].Whole(); !from.Empty() {
			d.Blocks = append(d.Blocks, paper.Facts{{Label: l.T("desk.paper.from"), Value: from}})
		}
		d.Blocks = append(d.Blocks, paper.Quote{From: l.T("desk.side." + v.side(s)), Text: secret.New(s.Words.Reveal())})
		return d, true
	}
	return paper.Document{}, false
}
