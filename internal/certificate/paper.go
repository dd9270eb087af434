package certificate

import (
	"ustaz/internal/i18n"
	"ustaz/internal/paper"
	"ustaz/internal/worktime"
)

// Paper is the certificate as a document. check is the address of its page for everybody.
func (o *Own) Paper(l i18n.Lang, by paper.Operator, check string) paper.Certificate {
	fact := func(key, value string) paper.Fact { return paper.Fact{Label: l.T(key), Value: paper.Words(value)} }
	facts := []paper.Fact{fact("certificate.paper.earned", l.Date(o.Earned))}
	if o.Anew() {
		facts = append(facts, fact("certificate.paper.anew", l.Date(o.Issued)))
	}
	facts = append(facts, fact("certificate.number", o.Number), paper.Fact{Label: l.T("certificate.code"), Value: o.Code})
	return paper.Certificate{Lang: l, Operator: by, Title: l.T("certificate.paper.title"), Lead: l.T("certificate.paper.lead"), Name: o.Whole(),
		Said: l.T("certificate.paper.said"), Course: l.T("certificate.paper.course", i18n.Str("course", o.Title(l.Code()))), Extent: l.T("course.hours", i18n.Num("n", int64(o.Hours))),
		Number: o.Number, Facts: facts, Date: o.Issued, Check: paper.Check{Address: check, Words: l.T("certificate.paper.check")}}
}

// Anew tells whether the certificate was made on a later day than the course was finished.
func (c *Certificate) Anew() bool { return worktime.DateOf(c.Issued) != worktime.DateOf(c.Earned) }
