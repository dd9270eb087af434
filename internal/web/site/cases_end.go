package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// endingPage says, before somebody ends it all (2.2, 5.1), what holds it back, what goes, what stays, and when.
type endingPage struct {
	Title string
	Lead  web.Text
	Asked *web.Notice // it was asked for already; then there is no question
	Holds []string
	Stays []string
	Copy  web.Text
	Ask   *web.Confirm
}

// ending are the pages by which somebody asks for deletion or withdraws consent.
type ending struct {
	a    *accountPages
	kind desk.Kind
}

func (a *accountPages) ending(k desk.Kind) ending { return ending{a, k} }

func (e ending) name() string { return "cases." + e.kind.String() }

// page makes the page. prove adds the fields by which somebody shows once more who they are.
func (e ending) page(r *web.Request, s account.Session, prove bool) (endingPage, error) {
	p := endingPage{Title: r.T(e.name() + ".title"), Lead: web.Plain(r.T(e.name() + ".what")),
		Copy: r.Rich("security.deletion.copy", i18n.Msg("print", "consentpage.copy.print"), i18n.Msg("json", "consentpage.copy.json")).
			Link("print", r.Path(PathDataPrint)).Link("json", r.Path(PathDataJSON))}
	mine, err := e.a.Cases.Mine(r.Context(), s.Subject)
	if err != nil {
		return p, err
	}
	for _, c := range mine {
		if c.Status == desk.Open && (c.Kind == e.kind || c.Kind == desk.Withdrawal) {
			n := web.NewNotice(r.Lang, web.Info, r.T("cases.end.asked"), r.Rich("cases.end.asked.text", i18n.Str("number", c.Number), i18n.Day("day", c.EraseAt)).
				Link("number", CasePage(r.Lang.Code(), c.Number)))
			p.Asked = &n
			return p, nil
		}
	}
	holds, err := e.a.Cases.Blockers(r.Context(), s.Subject)
	if err != nil {
		return p, err
	}
	p.Holds, p.Stays = inWords(r, holds), inWords(r, desk.Stays)
	terms, err := e.a.terms(r)
	if err != nil {
		return p, err
	}
	calendar, err := e.a.Clocks.Calendar(r.Context())
	if err != nil {
		return p, err
	}
	wait := terms.line("delete.wait").Term
	words := wordsField(r.Lang, r.T(e.name()+".words"), r.T("cases.end.words.hint"))
	words.Required = false // nobody has to say why they go (2.2)
	fields := []*web.Field{words}
	if prove {
		fields = append(fields, proofFields(r, s)...)
	}
	sheet := web.NewSheet(r.Lang, r.Path(e.path()), r.T(e.name()+".submit"), fields...)
	sheet.Cancel = backTo(r, "security.deletion.cancel", web.PathMy)
	var data []string
	for _, f := range person.Profile {
		data = append(data, r.T("field."+f.String()))
	}
	ask := web.NewConfirm(r.Lang, sheet, web.Plain(r.T("cases.end.undo")),
		web.Plain(r.T(e.name()+".when", i18n.Day("day", calendar.Due(r.Now, wait)))), data,
		web.Plain(r.T(e.name()+".now")), web.Plain(r.T("cases.end.destroyed")), web.Plain(r.T("cases.end.account")), web.Plain(r.T("cases.end.certificate")))
	p.Ask = &ask
	return p, nil
}

func inWords(r *web.Request, keys []string) (out []string) {
	for _, key := range keys {
		out = append(out, r.T(key))
	}
	return out
}

func (e ending) path() string {
	if e.kind == desk.Withdrawal {
		return PathWithdrawal
	}
	return PathDeletion
}

func (e ending) send(w http.ResponseWriter, r *web.Request, p endingPage, err error) error {
	return e.a.end.Send(w, r, web.Head{Title: p.Title, Back: backTo(r, "my.title", web.PathMy), Err: onForm(err)}, p)
}

// recently tells whether presence was proven a short while ago. Unlike account.Proved it lets staff in who have no second factor yet.
func recently(r *web.Request, s account.Session) bool {
	return !s.Proved.IsZero() && r.Now.Sub(s.Proved) <= account.RecentProof
}

// show asks first who somebody is, if that was a while ago.
func (e ending) show(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if !recently(r, s) {
		return e.a.proveFirst(w, r)
	}
	p, err := e.page(r, s, false)
	if err != nil {
		return err
	}
	return e.send(w, r, p, nil)
}

// file files the case. Where the proof has become old while somebody wrote, it is asked for on the form itself, so that no word is lost.
func (e ending) file(w http.ResponseWriter, r *web.Request, s account.Session) error {
	sent, err := readFiling(r, e.kind, false, proofInputs()...)
	if fatal(err) {
		return err
	}
	if sent.Get(wordsName) == "" {
		sent.filing.Words, err = parseWords(r, r.T("cases.end.silent"))
	}
	prove := !recently(r, s)
	if prove && err == nil {
		err = e.a.proveHere(w, r, s, sent.Form)
		prove = err != nil
	}
	if err == nil {
		var c *desk.Case
		if c, err = e.a.Cases.File(r.Context(), s.Subject, sent.filing); err == nil {
			return r.SeeOther(w, CasePage(r.Lang.Code(), c.Number), "case_"+e.kind.String())
		}
	}
	p, broken := e.page(r, s, prove)
	if broken != nil {
		return broken
	}
	if p.Ask == nil || !showFault(p.Ask.Sheet, err, sent.Form) {
		return err
	}
	return e.send(w, r, p, err)
}

// proveHere takes the proof that stands on a form itself.
func (a *accountPages) proveHere(w http.ResponseWriter, r *web.Request, s account.Session, form web.Form) error {
	if !form.Has(account.PasswordName) {
		return errs.InvalidFields([]errs.Field{{Name: account.PasswordName, Key: "cases.end.prove"}})
	}
	in, err := a.Accounts.Reauthenticate(r.Context(), s, proofOf(form), visitorOf(r))
	if err == nil {
		enter(w, r, in)
	}
	return err
}
