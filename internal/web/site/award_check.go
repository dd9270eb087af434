package site

import (
	"net/http"
	"strings"

	"ustaz/internal/certificate"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/limit"
	"ustaz/internal/web"
)

// checkPage is what everybody learns of a certificate: whether it holds, of what it is, and whose, where that may be shown.
type checkPage struct {
	Card   checkCard
	Code   *web.Sheet // asks for the code, which opens the name
	Hidden string     // why there is no name
}

// checkCard is a certificate as others see it.
type checkCard struct {
	Name  string
	State web.Tag
	Said  string // what the state means
	Facts web.Summary
}

func cardOf(r *web.Request, c *certificate.Checked) checkCard {
	v := checkCard{Name: strings.TrimSpace(c.Surname.Reveal() + " " + c.GivenName.Reveal()), State: awardTag(r, c.Certificate), Said: r.T("certificate.check.good")}
	row := func(key, value string) {
		v.Facts.Rows = append(v.Facts.Rows, web.Row{Key: r.T(key), Value: web.Plain(value)})
	}
	row("certificate.course", c.Title(r.Lang.Code()))
	row("certificate.hours", courseHours(r.Lang, c.Hours))
	row("certificate.earned", r.Lang.Date(c.Earned))
	if c.Anew() {
		row("certificate.issued", r.Lang.Date(c.Issued))
	}
	row("certificate.number", c.Number)
	switch {
	case c.Replaced:
		v.Said = r.T("certificate.check.replaced")
	case !c.Revoked.IsZero():
		v.Said = r.T("certificate.check.revoked", i18n.Day("day", c.Revoked))
	}
	return v
}

func checkForm(r *web.Request) filingPage {
	s := web.NewSheet(r.Lang, r.Path(PathCheck), r.T("certificate.check.submit"),
		web.NewField(r.Lang, web.TextField, numberName, r.T("certificate.number")).Must().Hinted(r.T("certificate.number.hint", i18n.Str("example", certificate.ExampleNumber))).Fills("off").UpTo(40)).Ask()
	s.Submit.Style = web.Primary
	return filingPage{Title: r.T("certificate.check.title"), Lead: web.Plain(r.T("certificate.check.lead")), Sheet: s}
}

// askCheck asks for a number and leads to its own address.
func (a *accountPages) askCheck(w http.ResponseWriter, r *web.Request) error {
	form, err := r.Query(web.Line(numberName))
	if fatal(err) {
		return err
	}
	number := strings.TrimSpace(form.Get(numberName))
	if err == nil && number != "" {
		if known, good := certificate.ParseNumber(number); good {
			number = known
		}
		return r.SeeOther(w, awardPath(r, PathCheckNumber, number), "")
	}
	if err == nil && form.Has(numberName) {
		err = errs.InvalidFields([]errs.Field{{Name: numberName, Key: "person.required"}})
	}
	return a.sendFiling(w, r, checkForm(r), nil, sentFiling{Form: form}, err)
}

// unseen keeps a page out of caches and search engines.
func unseen(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive")
}

// noNumber has one answer for a number that nobody has and for what is none.
func (a *accountPages) noNumber(w http.ResponseWriter, r *web.Request, err error) error {
	p := checkForm(r)
	p.Sheet.Faults = &web.Faults{Title: r.Lang.Error(err)}
	return a.filing.Send(w, r, web.Head{Title: p.Title, Err: err}, p)
}

func (a *accountPages) showCheck(w http.ResponseWriter, r *web.Request) error {
	unseen(w)
	c, err := a.Certificates.Check(r.Context(), limit.Network(r.Address()), r.PathValue(numberName))
	if errs.Is(err, errs.NotFound) {
		return a.noNumber(w, r, err)
	}
	if err != nil {
		return err
	}
	return a.sendCheck(w, r, c, nil)
}

// sendCheck shows a certificate; without a name it says why, and asks for the code where that can open it.
func (a *accountPages) sendCheck(w http.ResponseWriter, r *web.Request, c *certificate.Checked, wrong error) error {
	p := checkPage{Card: cardOf(r, c)}
	switch {
	case p.Card.Name != "" || !c.Good():
	case !c.Kept:
		p.Hidden = r.T("certificate.check.gone")
	default:
		p.Hidden = r.T("certificate.check.hidden")
		p.Code = web.NewSheet(r.Lang, awardPath(r, PathCheckNumber, c.Number), r.T("certificate.code.submit"),
			web.NewField(r.Lang, web.TextField, codeName, r.T("certificate.code")).Must().Hinted(r.T("certificate.code.hint", i18n.Str("example", certificate.ExampleCode))).Fills("off").UpTo(40))
		if wrong != nil && !showFault(p.Code, wrong, web.Form{}) {
			return wrong
		}
	}
	if seconds := errs.As(wrong).Args["seconds"]; seconds != "" {
		w.Header().Set("Retry-After", seconds)
	}
	return a.check.Send(w, r, web.Head{Title: r.T("certificate.check.page"), Err: onForm(wrong)}, p)
}

// openName shows the name to who has the code.
func (a *accountPages) openName(w http.ResponseWriter, r *web.Request) error {
	unseen(w)
	form, err := r.Form(web.Line(codeName))
	if fatal(err) {
		return err
	}
	network, number := limit.Network(r.Address()), r.PathValue(numberName)
	if err == nil {
		var c *certificate.Checked
		c, err = a.Certificates.CheckCode(r.Context(), network, number, form.Get(codeName))
		if err == nil {
			return a.sendCheck(w, r, c, nil)
		}
	}
	if errs.Is(err, errs.NotFound) {
		return a.noNumber(w, r, err)
	}
	if !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.TooMany) {
		return err
	}
	c, broken := a.Certificates.Check(r.Context(), network, number)
	if errs.Is(broken, errs.NotFound) {
		return a.noNumber(w, r, broken)
	}
	if broken != nil {
		return broken
	}
	if c.Surname.IsZero() && c.GivenName.IsZero() && c.Good() && c.Kept {
		return a.sendCheck(w, r, c, err)
	}
	return a.sendCheck(w, r, c, nil)
}
