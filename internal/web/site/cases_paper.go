package site

import (
	"net/http"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/paper"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// fileName is a paper's name: it says which case it is of, and nothing of whom.
func fileName(what, number, ending string) string { return what + "-" + number + ending }

// certificateCheck is where the certificate of an erasure is opened.
func (a *accountPages) certificateCheck(r *web.Request) paper.Check {
	return paper.Check{Address: a.Public.JoinPath(r.Path(PathCertificates)).String(), Words: r.T("cases.certificate.check")}
}

// sendReceipt gives the paper that a case was filed (8.1).
func (a *accountPages) sendReceipt(w http.ResponseWriter, r *web.Request, p party) error {
	v, err := a.look(r, p)
	if err != nil {
		return err
	}
	name, err := a.Cases.NameForParty(r.Context(), p.own, p.number)
	if err != nil {
		return err
	}
	var code secret.Text
	if hasCode(p, v) {
		code = secret.New(grouped(a.Cases.CertificateCode(&v.Case).Reveal()))
	}
	return r.Paper(w, fileName("receipt", v.Number, ".pdf"), v.Receipt(r.Lang, r.Issuer(), name.Whole(), code, a.certificateCheck(r)))
}

// sendAnswer gives the answer as a document (8.2).
func (a *accountPages) sendAnswer(w http.ResponseWriter, r *web.Request, p party) error {
	v, err := a.look(r, p)
	if err != nil {
		return err
	}
	name, err := a.Cases.NameForParty(r.Context(), p.own, p.number)
	if err != nil {
		return err
	}
	d, there := v.AnswerPaper(r.Lang, r.Issuer(), name.Whole())
	if !there {
		return errs.New(errs.NotFound, "cases.noanswer")
	}
	return r.Paper(w, fileName("answer", v.Number, ".pdf"), d)
}

// sendErasurePaper gives the certificate of an erasure as a document (5.1). It names nobody.
func (a *accountPages) sendErasurePaper(w http.ResponseWriter, r *web.Request) error {
	c, err := a.certificate(r)
	if err != nil {
		return err
	}
	l := r.Lang
	fact := func(key, value string) paper.Fact { return paper.Fact{Label: l.T(key), Value: paper.Words(value)} }
	d := paper.Document{Lang: l, Operator: r.Issuer(), Title: l.T("cases.certificate.title"), Number: c.Number, Date: c.At,
		Blocks: []paper.Block{
			paper.Paragraph{Text: paper.Words(l.T("cases.certificate.said"))},
			paper.Facts{fact("cases.certificate.number", c.Number), fact("cases.certificate.at", l.DateTime(c.At)), fact("cases.certificate.entry", l.Number(c.Entry.Index)),
				fact("proof.leaf", c.Proof.Leaf), fact("proof.root", c.Proof.Root)},
			paper.Paragraph{Text: paper.Words(l.T("proof.said", i18n.Num("n", c.Entry.Index), i18n.Num("size", c.Proof.Size), i18n.Moment("at", c.signed)))},
		},
		Check: paper.Check{Address: a.Public.JoinPath(certificatePath(r, PathCertificate)).String(), Words: l.T("cases.certificate.check")}}
	return r.Paper(w, fileName("certificate", c.Number, ".pdf"), d)
}
