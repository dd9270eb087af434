package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// deletionPage says what deletion does to which data, and asks for it (2.2, 5.1).
type deletionPage struct {
	Asked *web.Notice // it was asked for already; then there is no question
	Ask   *web.Confirm
	Copy  web.Text
}

const reasonName = "reason"

// deletionDays is the term in which a wish to be deleted is carried out (Digital Code, article 41), in calendar days.
const deletionDays = 15

func (a *accountPages) deletionPage(r *web.Request, s account.Session) (deletionPage, error) {
	p := deletionPage{Copy: r.Rich("security.deletion.copy", i18n.Msg("print", "consentpage.copy.print"), i18n.Msg("json", "consentpage.copy.json")).
		Link("print", r.Path(PathDataPrint)).Link("json", r.Path(PathDataJSON))}
	wish, open, err := a.Accounts.Deletion(r.Context(), s)
	if err != nil {
		return p, err
	}
	if open {
		n := web.NewNotice(r.Lang, web.Info, r.T("security.deletion.asked"),
			web.Plain(r.T("security.deletion.asked.text", i18n.Day("asked", wish.Asked), i18n.Day("due", wish.Asked.AddDate(0, 0, deletionDays)))))
		p.Asked = &n
		return p, nil
	}
	var reasons []web.Option
	for _, x := range account.Reasons {
		reasons = append(reasons, web.Option{Value: x.String(), Text: r.T("account.deletion.reason." + x.String())})
	}
	sheet := web.NewSheet(r.Lang, r.Path(PathDeletion), r.T("security.deletion.submit"),
		web.NewField(r.Lang, web.Radios, reasonName, r.T("security.deletion.reason")).Must().Hinted(r.T("security.deletion.reason.hint")).Of(reasons...))
	sheet.Cancel = backTo(r, "security.deletion.cancel", web.PathMy)
	var data []string
	for _, f := range person.Profile {
		data = append(data, r.T("field."+f.String()))
	}
	ask := web.NewConfirm(r.Lang, sheet, web.Plain(r.T("security.deletion.undo")), web.Plain(r.T("security.deletion.when", i18n.Num("n", deletionDays))), data,
		web.Plain(r.T("security.deletion.what.destroyed")), web.Plain(r.T("security.deletion.what.account")),
		web.Plain(r.T("security.deletion.what.kept")), web.Plain(r.T("security.deletion.what.log")))
	p.Ask = &ask
	return p, nil
}

// recently tells whether presence was proven a short while ago. Unlike account.Proved it lets staff in who have no second factor yet.
func recently(r *web.Request, s account.Session) bool {
	return !s.Proved.IsZero() && r.Now.Sub(s.Proved) <= account.RecentProof
}

func (a *accountPages) showDeletion(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if !recently(r, s) {
		return a.proveFirst(w, r)
	}
	p, err := a.deletionPage(r, s)
	if err != nil {
		return err
	}
	return a.deletion.Send(w, r, web.Head{Title: r.T("security.deletion.title")}, p)
}

func (a *accountPages) doDeletion(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line(reasonName))
	if fatal(err) {
		return err
	}
	if err == nil {
		reason, _ := account.ReasonByName(form.Get(reasonName)) // the zero Reason is refused
		err = a.Accounts.AskDeletion(r.Context(), s, reason)
	}
	if account.NeedsProof(err) {
		return a.proveFirst(w, r)
	}
	if err == nil {
		return r.SeeOther(w, r.Path(PathDeletion), "deletion_asked")
	}
	p, broken := a.deletionPage(r, s)
	if broken != nil {
		return broken
	}
	if p.Ask == nil || !showFault(p.Ask.Sheet, err, form) {
		return err
	}
	return a.deletion.Send(w, r, web.Head{Title: r.T("security.deletion.title"), Err: err}, p)
}
