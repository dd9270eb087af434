package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// consentPage asks again about an edition that is newer than the last answer, with two equal choices (2.1, 2.2, 9.2).
type consentPage struct {
	Notice   *web.Notice
	Why      string
	Shown    agreedText
	Changes  []changedPart
	TextLang string    // of the texts
	More     bool      // there are others
	Whole    *web.Link // the comparison on a page of its own
	Agree    web.Post
	Offer    bool        // to agree, where there is no choice between two
	Decline  *web.Post   // nil for those who declined already
	Remains  []web.Link  // what is open to those who do not agree
	On       *web.Button // for those who agreed
	SignOut  web.Post
}

const answerName = "answer"

// changesShown is how many changes stand on the page itself; the comparison has them all.
const changesShown = 12

func (a *accountPages) consentPage(r *web.Request, s account.Session) (consentPage, error) {
	ed, err := a.Editions.InForce(r.Now)
	if err != nil {
		return consentPage{}, err
	}
	last, asked, err := a.Consents.Last(r.Context(), s.Subject)
	if err != nil {
		return consentPage{}, err
	}
	next, err := nextOf(r)
	if err != nil {
		return consentPage{}, err
	}
	_, shown := textShown(r, ed)
	carried := []web.Hidden{{Name: editionName, Value: ed.Hash}}
	if next != "" {
		carried = append(carried, web.Hidden{Name: nextName, Value: next})
	}
	answer := func(act consent.Act, key string) web.Post {
		return web.Post{Action: r.Path(web.PathConsent), Hidden: append([]web.Hidden{{Name: answerName, Value: act.String()}}, carried...),
			Button: web.Button{Text: r.T(key), Style: web.Secondary}}
	}
	p := consentPage{Shown: shown, Why: r.T("consentpage.why.first"), Agree: answer(consent.Agreed, "consentpage.agree"),
		Remains: []web.Link{link(r, "frame.policy", web.PathPolicy), link(r, "consentpage.copy.print", PathDataPrint), link(r, "consentpage.copy.json", PathDataJSON),
			link(r, "consentpage.delete", PathDeletion), link(r, "frame.contact", web.PathContact)},
		SignOut: web.Post{Action: r.Path(web.PathSignOut), Button: web.Button{Text: r.T("frame.sign_out"), Style: web.Bare}}}
	decline := answer(consent.Declined, "consentpage.decline")
	p.Decline = &decline
	switch {
	case !asked: // nothing to compare
	case last.Edition == ed.Seq && last.Act != consent.Agreed:
		n := web.NewNotice(r.Lang, web.Info, "", web.Plain(r.T("consentpage.declined", i18n.Moment("at", last.At))))
		p.Notice, p.Decline, p.Offer, p.Why = &n, nil, true, r.T("consentpage.why.declined")
	case last.Edition == ed.Seq:
		n := web.NewNotice(r.Lang, web.Good, "", web.Plain(r.T("consentpage.agreed", i18n.Moment("at", last.At))))
		on := linkButton(r, web.Secondary, "my.title", r.Path(web.PathMy))
		p.Notice, p.Decline, p.Remains, p.On, p.Why = &n, nil, nil, &on, ""
	default:
		p.Why = r.T("consentpage.why.newer", i18n.Day("since", ed.InForce))
		if err := a.compare(r, &p, ed, last); err != nil {
			return consentPage{}, err
		}
	}
	return p, nil
}

// compare shows what changed since the text that was answered.
func (a *accountPages) compare(r *web.Request, p *consentPage, ed *edition.Published, last consent.Given) error {
	before, err := a.Editions.BySeq(last.Edition)
	if err != nil {
		return err
	}
	all, err := a.Editions.All()
	if err != nil {
		return err
	}
	now := newShown(r, ed, all, decimal(ed.Seq))
	if last.Edition == ed.Seq-1 {
		p.Whole = &web.Link{Text: r.T("consentpage.whole"), Href: now.changesPath()}
	}
	from, to := inOneLanguage(before, ed, r.Lang.Code())
	if from == nil {
		return nil
	}
	p.TextLang = to.Lang
	changes := policy.Difference(from, to)
	for _, c := range changes[:min(len(changes), changesShown)] {
		p.Changes = append(p.Changes, now.part(c))
	}
	p.More = len(changes) > changesShown
	return nil
}

func (a *accountPages) showConsent(w http.ResponseWriter, r *web.Request, s account.Session) error {
	p, err := a.consentPage(r, s)
	if err != nil {
		return err
	}
	return a.consent.Send(w, r, web.Head{Title: r.T("consentpage.title")}, p)
}

// doConsent records the answer. Only the two buttons give one.
func (a *accountPages) doConsent(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line(answerName), web.Line(editionName), web.Line(nextName))
	if err != nil {
		return err
	}
	if s.Proved.IsZero() { // a remembered session speaks for nobody
		return a.proveFirst(w, r)
	}
	var act consent.Act
	switch form.Get(answerName) {
	case consent.Agreed.String():
		act = consent.Agreed
	case consent.Declined.String():
		act = consent.Declined
	default:
		return errs.New(errs.Invalid, "error.form")
	}
	ed, err := a.Editions.InForce(r.Now)
	if err != nil {
		return err
	}
	lang, _ := textShown(r, ed)
	given, err := a.Consents.Shown(form.Get(editionName), lang, consent.OnSite, act)
	if errs.Is(err, errs.Conflict) {
		return a.sendFailure(w, r, err, linkButton(r, web.Primary, "consentpage.title", r.Path(web.PathConsent)))
	}
	if err == nil {
		err = a.Consents.Answer(r.Context(), s.Subject, given)
	}
	switch {
	case err != nil:
		return err
	case act == consent.Declined:
		return r.SeeOther(w, r.Path(web.PathConsent), "")
	case form.Get(nextName) != "":
		return r.SeeOther(w, r.Next(form.Get(nextName)), "")
	}
	return r.SeeOther(w, r.Path(web.PathMy), "agreed")
}
