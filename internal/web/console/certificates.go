package console

import (
	"context"
	"net/http"

	"ustaz/internal/certificate"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// Addresses of certificates of courses. One is found by its number; there is no list, and nothing says whose it is.
const (
	PathCertificates       = "/{lang}/console/certificates"
	PathCertificate        = "/{lang}/console/certificates/{certificate}"
	PathCertificateRevoke  = "/{lang}/console/certificates/{certificate}/revoke"
	PathCertificateRestore = "/{lang}/console/certificates/{certificate}/restore"
)

func (c *console) certificateRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		c.on(get, PathCertificates, officers, c.findCertificate, web.Line("number")),
		c.on(get, PathCertificate, officers, c.showCertificate),
		c.on(get, PathCertificateRevoke, officers, c.askTurn(revoking)),
		c.on(post, PathCertificateRevoke, officers, c.fresh(c.doTurn(revoking))),
		c.on(get, PathCertificateRestore, officers, c.askTurn(restoring)),
		c.on(post, PathCertificateRestore, officers, c.fresh(c.doTurn(restoring))),
	}
}

// turning is one of the two ways in which an officer changes whether a certificate holds.
type turning struct {
	name, path string
	reasons    []certificate.Reason
	act        func(s *certificate.Service) turnFunc
	done       string
}

type turnFunc func(ctx context.Context, officer keeper.Actor, number string, why certificate.Reason) error

var (
	revoking  = turning{"certwork.revoke", PathCertificateRevoke, certificate.RevokeReasons, func(s *certificate.Service) turnFunc { return s.Revoke }, "certificate_revoked"}
	restoring = turning{"certwork.restore", PathCertificateRestore, certificate.RestoreReasons, func(s *certificate.Service) turnFunc { return s.Restore }, "certificate_restored"}
)

// certPage is a certificate as the officer sees it.
type certPage struct {
	Chrome chrome
	Title  string
	State  web.Tag
	Facts  web.Summary
	Acts   []web.Button
	Steps  web.Table
}

func (v *visit) ofCertificate(pattern, number string) string {
	return v.to(pattern, nil, "certificate", number)
}

// findCertificate asks for a number and leads to its page.
func (c *console) findCertificate(w http.ResponseWriter, v *visit) error {
	sheet := web.NewSheet(v.Lang, v.to(PathCertificates, nil), v.T("certwork.find"),
		web.NewField(v.Lang, web.TextField, "number", v.T("certificate.number")).Must().Hinted(v.T("certificate.number.hint", i18n.Str("example", certificate.ExampleNumber))).Fills("off").UpTo(40)).Ask()
	sheet.Submit.Style = web.Primary
	var err error
	if v.query.Has("number") {
		var k *certificate.Certificate
		if k, err = c.Certificates.Find(v.Context(), v.query.Get("number")); err == nil {
			return v.SeeOther(w, v.ofCertificate(PathCertificate, k.Number), "")
		}
		if !errs.Is(err, errs.NotFound) {
			return err
		}
		err = errs.InvalidFields([]errs.Field{{Name: "number", Key: errs.As(err).Key}})
	}
	return c.sendForm(w, v, formPage{Title: v.T("certwork.title"), Lead: v.T("certwork.lead"), Sheet: sheet}, v.query, err)
}

func (v *visit) certTag(k *certificate.Certificate) web.Tag {
	switch {
	case k.Replaced:
		return web.Tag{Text: v.T("certificate.state.replaced"), Style: web.Info}
	case !k.Revoked.IsZero():
		return web.Tag{Text: v.T("certificate.state.revoked"), Style: web.Bad}
	}
	return web.Tag{Text: v.T("certificate.state.good"), Style: web.Good}
}

func (c *console) showCertificate(w http.ResponseWriter, v *visit) error {
	k, err := c.Certificates.Find(v.Context(), v.PathValue("certificate"))
	if err != nil {
		return err
	}
	p := certPage{Title: v.T("certwork.page", i18n.Str("number", k.Number)), State: v.certTag(k)}
	row := func(key, value string) {
		p.Facts.Rows = append(p.Facts.Rows, web.Row{Key: v.T(key), Value: web.Plain(value)})
	}
	row("certificate.course", k.Title(v.Lang.Code()))
	row("certificate.hours", v.T("course.hours", i18n.Num("n", int64(k.Hours))))
	row("certificate.earned", v.Lang.DateTime(k.Earned))
	row("certificate.issued", v.Lang.DateTime(k.Issued))
	if !k.Kept {
		row("certwork.owner", v.T("certwork.erased"))
	}
	switch {
	case k.Replaced:
	case k.Revoked.IsZero():
		p.Acts = []web.Button{{Text: v.T("certwork.revoke"), Href: v.ofCertificate(PathCertificateRevoke, k.Number), Style: web.Danger}}
	default:
		p.Acts = []web.Button{{Text: v.T("certwork.restore"), Href: v.ofCertificate(PathCertificateRestore, k.Number), Style: web.Secondary}}
	}
	if p.Steps, err = c.certSteps(v, k); err != nil {
		return err
	}
	p.Chrome = c.chrome(v)
	return c.certificate.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// certSteps lists what happened to a certificate; of staff it says who by initials.
func (c *console) certSteps(v *visit, k *certificate.Certificate) (web.Table, error) {
	t := web.Table{Caption: v.T("certificate.steps"), Quiet: true, Columns: []web.Column{{Label: v.T("certificate.step.at")}, {Label: v.T("certificate.step.what")}, {Label: v.T("certificate.step.who")}}}
	steps, err := c.Certificates.Steps(v.Context(), k)
	if err != nil {
		return t, err
	}
	for _, x := range steps {
		said, who := v.T("certificate.act."+x.Act.String()), v.T("certwork.by."+stepActor(x.Kind))
		if x.Reason != "" {
			said = v.T("certificate.act.because", i18n.Str("act", said), i18n.Msg("reason", "certificate.reason."+string(x.Reason)))
		}
		if x.Kind == ledger.ByStaff {
			m, found, err := c.Staff.Member(v.Context(), x.By)
			if err != nil {
				return t, err
			}
			if found {
				who = v.T(policy.Officer.Key()) + " (" + m.Initials + ")"
			}
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(v.Lang.DateTime(x.At))}, {Text: web.Plain(said)}, {Text: web.Plain(who)}})
	}
	return t, nil
}

func stepActor(k ledger.ActorKind) string {
	switch k {
	case ledger.BySubject:
		return "subject"
	case ledger.ByStaff:
		return "staff"
	}
	return "program"
}

func (c *console) turnPage(v *visit, t turning) (formPage, string, error) {
	k, err := c.Certificates.Find(v.Context(), v.PathValue("certificate"))
	if err != nil {
		return formPage{}, "", err
	}
	sheet := web.NewSheet(v.Lang, v.ofCertificate(t.path, k.Number), v.T(t.name),
		web.NewField(v.Lang, web.Radios, "reason", v.T("certwork.reason")).Must().Of(options(t.reasons, func(r certificate.Reason) web.Option {
			return web.Option{Value: string(r), Text: heading(v.T("certificate.reason." + string(r)))}
		})...))
	sheet.Submit.Style = web.Danger
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.ofCertificate(PathCertificate, k.Number)}
	return formPage{Title: v.T(t.name+".title", i18n.Str("number", k.Number)), Lead: v.T(t.name + ".lead"), Sheet: sheet}, k.Number, nil
}

func (c *console) askTurn(t turning) handler {
	return func(w http.ResponseWriter, v *visit) error {
		p, _, err := c.turnPage(v, t)
		if err != nil {
			return err
		}
		return c.sendForm(w, v, p, web.Form{}, nil)
	}
}

func (c *console) doTurn(t turning) handler {
	return func(w http.ResponseWriter, v *visit) error {
		p, number, err := c.turnPage(v, t)
		if err != nil {
			return err
		}
		form, err := v.Form(web.Line("reason"))
		if err == nil {
			err = t.act(c.Certificates)(v.Context(), v.officer(), number, certificate.Reason(form.Get("reason")))
		}
		if err != nil {
			return c.sendForm(w, v, p, form, err)
		}
		return v.SeeOther(w, v.ofCertificate(PathCertificate, number), t.done)
	}
}
