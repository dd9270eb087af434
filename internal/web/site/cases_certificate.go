package site

import (
	"net/http"
	"strings"
	"time"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/web"
)

// certificatePage proves an erasure to whoever has the code of the receipt (5.1).
type certificatePage struct {
	Facts   web.Summary
	Proof   web.Proof
	Command string
	Acts    []web.Button
}

const codeName = "code"

// certificateTries bounds the guessing of codes.
var certificateTries = limit.Rule{Name: "site.certificate", Burst: 60, Every: 10 * time.Second}

func certificateForm(r *web.Request) filingPage {
	s := web.NewSheet(r.Lang, r.Path(PathCertificates), r.T("cases.certificate.open"),
		web.NewField(r.Lang, web.TextField, codeName, r.T("cases.certificate.code")).Must().Hinted(r.T("cases.certificate.code.hint")).Fills("off").UpTo(40)).Ask()
	s.Submit.Style = web.Primary
	return filingPage{Title: r.T("cases.certificate.title"), Lead: web.Plain(r.T("cases.certificate.lead")), Sheet: s}
}

// askCertificate asks for the code and leads to the certificate's own address.
func (a *accountPages) askCertificate(w http.ResponseWriter, r *web.Request) error {
	form, err := r.Query(web.Line(codeName))
	if fatal(err) {
		return err
	}
	code := strings.TrimSpace(form.Get(codeName))
	if err == nil && code != "" {
		return r.SeeOther(w, r.Path(PathCertificate, "code", code), "")
	}
	if err == nil && form.Has(codeName) {
		err = errs.InvalidFields([]errs.Field{{Name: codeName, Key: "person.required"}})
	}
	return a.sendFiling(w, r, certificateForm(r), nil, sentFiling{Form: form}, err)
}

// provenErasure is a certificate whose proof was checked as anybody can check it, and the moment at which the log was signed.
type provenErasure struct {
	*desk.Certificate
	signed time.Time
}

func (a *accountPages) certificate(r *web.Request) (provenErasure, error) {
	w := provenErasure{}
	if err := a.Limiter.Spend(r.Context(), limit.Spend{Rule: certificateTries, Key: limit.Network(r.Address())}); err != nil {
		return w, err
	}
	c, err := a.Cases.Certificate(r.Context(), r.PathValue(codeName))
	if err != nil {
		return w, err
	}
	if _, err := ledger.CheckProof(c.Proof.Text, a.Ledger.Verifier()); err != nil {
		return w, errs.Wrap(errs.Internal, "ledger.damaged", err)
	}
	last, err := a.Ledger.Entry(r.Context(), c.Proof.Size-1) // signed with the last entry that it covers
	return provenErasure{c, last.At}, err
}

func certificatePath(r *web.Request, pattern string) string {
	return r.Path(pattern, codeName, r.PathValue(codeName))
}

func (a *accountPages) showCertificate(w http.ResponseWriter, r *web.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	c, err := a.certificate(r)
	if errs.Is(err, errs.NotFound) {
		p := certificateForm(r)
		p.Sheet.Faults = &web.Faults{Title: r.Lang.Error(err)}
		p.Sheet.Fields[0].Holding(r.PathValue(codeName))
		return a.filing.Send(w, r, web.Head{Title: p.Title, Err: err}, p)
	}
	if err != nil {
		return err
	}
	l := r.Lang
	row := func(key, value string) web.Row { return web.Row{Key: l.T(key), Value: web.Plain(value)} }
	p := certificatePage{
		Facts: web.Summary{Rows: []web.Row{row("cases.certificate.number", c.Number), row("cases.certificate.at", l.DateTime(c.At)),
			row("cases.certificate.entry", l.Number(c.Entry.Index))}},
		Proof: web.NewProof(l, true, web.Plain(l.T("proof.said", i18n.Num("n", c.Entry.Index), i18n.Num("size", c.Proof.Size), i18n.Moment("at", c.signed))),
			row("proof.leaf", c.Proof.Leaf), row("proof.root", c.Proof.Root)),
		Command: "ustaz ledger proof " + fileName("proof", c.Number, ".txt") + " --key " + a.Ledger.PublicKey(),
		Acts: []web.Button{{Text: l.T("cases.certificate.pdf"), Href: certificatePath(r, pathErasurePaper), Style: web.Primary},
			{Text: l.T("cases.certificate.proof"), Href: certificatePath(r, pathErasureProof), Style: web.Secondary}},
	}
	return a.erasure.Send(w, r, web.Head{Title: l.T("cases.certificate.title")}, p)
}

func (a *accountPages) sendErasureProof(w http.ResponseWriter, r *web.Request) error {
	c, err := a.certificate(r)
	if err != nil {
		return err
	}
	return r.File(w, fileName("proof", c.Number, ".txt"), "text/plain; charset=utf-8", []byte(c.Proof.Text))
}
