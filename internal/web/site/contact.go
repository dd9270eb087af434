package site

import (
	"net/http"
	"net/url"
	"strings"

	"ustaz/internal/clocks"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// contactPage says who runs the site and answers for it (1.1.1), and how to write to them (9.3).
type contactPage struct {
	Operator web.Summary
	Forms    []web.Card
	Ways     []web.Text
	Unset    *web.Notice // no way to write is set yet
	Never    []string    // what should not be sent
	Terms    web.Table
}

// answered are the terms that somebody who writes wants to know, in the order in which they are shown.
var answered = []string{"info", "correct", "block.start", "withdraw", "delete", "claim.answer", "question.answer"}

func (s *publicPages) showContact(w http.ResponseWriter, r *web.Request) error {
	op := r.Operator()
	name, address, responsible := r.Lang.Of(op.Name), r.Lang.Of(op.Address), r.Lang.Of(op.Responsible)
	p := contactPage{Never: []string{r.T("contact.never.iin"), r.T("contact.never.copy"), r.T("contact.never.password")}}
	for _, form := range []struct{ name, path string }{{"cases.question", PathQuestion}, {"cases.claim", PathClaim}, {"cases.rep", PathRepresentative}, {"cases.certificate", PathCertificates}, {"certificate.check", PathCheck}} {
		p.Forms = append(p.Forms, web.Card{Title: r.T(form.name + ".title"), Href: r.Path(form.path), Text: web.Plain(r.T(form.name + ".card"))})
	}
	row := func(key string, value web.Text) {
		if len(value) > 0 {
			p.Operator.Rows = append(p.Operator.Rows, web.Row{Key: r.T(key), Value: value})
		}
	}
	row("contact.name", web.Plain(name))
	row("contact.bin", web.Plain(op.BIN))
	row("contact.address", web.Plain(address))
	if op.Email != "" {
		row("contact.email", web.Text{{Text: op.Email, Href: mailto(op.Email, "")}})
		subject := r.T("contact.subject")
		p.Ways = append(p.Ways, r.Rich("contact.by_email", i18n.Str("email", op.Email), i18n.Str("subject", subject)).
			Link("email", mailto(op.Email, subject)).Strong("subject"))
	}
	row("contact.phone", web.Plain(op.Phone))
	row("contact.responsible", web.Plain(responsible))
	if address != "" {
		p.Ways = append(p.Ways, r.Rich("contact.by_post", i18n.Str("address", address), i18n.Str("name", name)).Strong("address"))
	}
	if len(p.Ways) == 0 {
		n := web.NewNotice(r.Lang, web.Warn, "", web.Plain(r.T("contact.unset")))
		p.Unset = &n
	}
	p.Terms = web.Table{Caption: r.T("contact.terms"), Quiet: true, Columns: []web.Column{{Label: r.T("contact.terms.what")}, {Label: r.T("contact.terms.within")}, {Label: r.T("contact.terms.basis")}}}
	terms, err := termsAsSet(r, clocks.New(s.DB))
	if err != nil && !errs.Is(err, errs.Unavailable) { // without the database the page still says whom to write to, and leaves the terms out
		return err
	}
	for _, code := range answered {
		if t, ok := worktime.TermOf(terms, code); ok {
			p.Terms.Rows = append(p.Terms.Rows, []web.Cell{{Text: web.Plain(r.T("term." + t.Code))}, {Text: web.Plain(termText(r.Lang, t.Term))}, {Text: basis(r.Lang, t)}})
		}
	}
	return s.contact.Send(w, r, web.Head{Title: r.T("contact.title"), Describe: r.T("contact.lead")}, p)
}

// mailto opens a letter in the reader's own mail program.
func mailto(address, subject string) string {
	to := "mailto:" + url.PathEscape(address)
	if subject != "" {
		to += "?subject=" + url.PathEscape(subject)
	}
	return to
}

func termText(l i18n.Lang, t worktime.Term) string {
	if t.Unit == worktime.AtOnce {
		return l.T("unit." + t.Unit.String())
	}
	return l.T("contact.within."+t.Unit.String(), i18n.Num("n", int64(t.N)))
}

// basis is where a term comes from: a clause of the policy as a chip, an article of a law we have a name for, anything else
// as it is written in the table.
func basis(l i18n.Lang, t worktime.Clock) web.Text {
	first, _, _ := strings.Cut(t.Basis, ";") // an order that repeats the law is not for this page
	if clause, ok := strings.CutPrefix(first, "policy "); ok {
		c := web.NewClause(l, clause)
		return web.Text{{Text: c.Text, Href: c.Href, Clause: true}}
	}
	for prefix, key := range map[string]string{"L ": "contact.terms.law", "Digital Code ": "contact.terms.code"} {
		if article, ok := strings.CutPrefix(first, prefix); ok {
			return web.Plain(l.T(key, i18n.Str("article", article)))
		}
	}
	return web.Plain(first)
}
