package site

import (
	"net/http"
	"strconv"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/password"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

func phraseArg(r *web.Request) i18n.Arg { return i18n.Str("phrase", password.Phrase(r.Lang.Code())) }

// securityPage is the user's side of safety (5.5): where one is signed in, the password, the address, the second factor.
type securityPage struct {
	Sessions web.Table
	Others   *web.Post
	Ways     web.Summary
	Codes    *web.Post // makes new recovery codes
	CodesSay string
}

const sessionName = "session"

func (a *accountPages) showSecurity(w http.ResponseWriter, r *web.Request, s account.Session) error {
	list, err := a.Accounts.Sessions(r.Context(), s)
	if err != nil {
		return err
	}
	l := r.Lang
	p := securityPage{Sessions: web.Table{Caption: r.T("security.sessions"), Quiet: true, Columns: []web.Column{{Label: r.T("security.device")},
		{Label: r.T("security.address")}, {Label: r.T("security.seen")}, {Label: r.T("security.end")}}}}
	for _, x := range list {
		row := []web.Cell{{Text: web.Plain(deviceText(r, x))}, {Text: web.Plain(x.Address.Reveal())}, {Text: web.Plain(sessionWhen(r, x))}, {}}
		if x.Current {
			row[0].Tag = &web.Tag{Text: r.T("security.current"), Style: web.Good}
			row[3].Text = web.Plain(r.T("security.current.end"))
		} else {
			row[3].Post = &web.Post{Action: r.Path(PathEndSession), Hidden: []web.Hidden{{Name: sessionName, Value: strconv.FormatInt(x.ID, 10)}},
				Button: web.Button{Text: r.T("security.end.there"), Style: web.Bare}}
		}
		p.Sessions.Rows = append(p.Sessions.Rows, row)
	}
	if len(list) > 1 {
		p.Others = &web.Post{Action: r.Path(PathEndOthers), Button: web.Button{Text: r.T("security.end.others"), Style: web.Secondary}}
	}
	act := func(key, about, pattern string) *web.RowAct {
		return &web.RowAct{Text: r.T(key), About: r.T(about), Href: r.Path(pattern)}
	}
	factor := web.Row{Key: r.T("security.factor"), Value: web.Plain(r.T("security.factor.off")), Note: web.Plain(r.T("security.factor.off.note")),
		Act: act("security.set", "security.factor", PathFactor)}
	if s.Factor {
		left, err := a.Accounts.RecoveryCodesLeft(r.Context(), s)
		if err != nil {
			return err
		}
		factor.Value, factor.Note, factor.Act = web.Plain(r.T("security.factor.on")), nil, act("security.remove", "security.factor", PathFactorRemove)
		if s.MustFactor {
			factor.Act = nil
		}
		p.Codes = &web.Post{Action: r.Path(PathCodes), Button: web.Button{Text: r.T("security.codes.new"), Style: web.Secondary}}
		p.CodesSay = l.T("security.codes.left", i18n.Num("n", int64(left)))
	}
	p.Ways = web.Summary{Rows: []web.Row{
		{Key: r.T("security.password"), Value: web.Plain(r.T("security.password.set")), Act: act("security.change", "security.password", PathPassword)},
		{Key: r.T("security.email"), Value: web.Plain(r.T("security.email.set")), Act: act("security.change", "security.email", PathEmail)},
		factor,
	}}
	return a.security.Send(w, r, web.Head{Title: r.T("security.title"), Back: backTo(r, "my.title", web.PathMy)}, p)
}

func deviceText(r *web.Request, x account.Listed) string {
	if text := x.Device.Reveal(); text != "" {
		return text
	}
	return r.T("security.device.unknown")
}

func sessionWhen(r *web.Request, x account.Listed) string {
	return r.T("security.when", i18n.Moment("seen", x.Seen), i18n.Moment("since", x.Created))
}

// doEndSession signs out elsewhere. Another person's session is not found.
func (a *accountPages) doEndSession(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line(sessionName))
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(form.Get(sessionName), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "account.session.unknown")
	}
	if err := a.Accounts.End(r.Context(), s, id); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathSecurity), "session_ended")
}

func (a *accountPages) doEndOthers(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Accounts.EndOthers(r.Context(), s); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathSecurity), "sessions_ended")
}

// factorPage sets a second factor: what it is and a button; then, once, the secret with the recovery codes and the form for the first code.
type factorPage struct {
	Staff   bool // who can't go on without
	Must    bool // nobody can
	Begin   web.Post
	Shown   bool // Picture, Typed and Codes are there
	Picture qrCode
	Typed   string
	Codes   []string
	Sheet   *web.Sheet // nil before Begin
}

func (a *accountPages) newFactorPage(r *web.Request, s account.Session) factorPage {
	return factorPage{Staff: s.Staff, Must: s.MustFactor, Begin: web.Post{Action: r.Path(PathFactorBegin), Button: web.Button{Text: r.T("security.factor.begin"), Style: web.Primary}}}
}

func (a *accountPages) sendFactor(w http.ResponseWriter, r *web.Request, s account.Session, p factorPage, err error) error {
	h := web.Head{Title: r.T("security.factor.title"), Err: onForm(err)}
	if s.Personal() {
		h.Back = backTo(r, "security.title", PathSecurity)
	}
	return a.factor.Send(w, r, h, p)
}

func (a *accountPages) showFactor(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if s.Factor {
		return r.SeeOther(w, r.Path(PathSecurity), "")
	}
	return a.sendFactor(w, r, s, a.newFactorPage(r, s), nil)
}

func (a *accountPages) firstCodeSheet(r *web.Request) *web.Sheet {
	return web.NewSheet(r.Lang, r.Path(PathFactor), r.T("security.factor.confirm"),
		web.NewField(r.Lang, web.Digits, account.CodeName, r.T("security.factor.code")).Must().Hinted(r.T("security.factor.code.hint")).Fills("one-time-code"))
}

// doFactorBegin shows the secret and the recovery codes, this once.
func (a *accountPages) doFactorBegin(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	begun, err := a.Accounts.BeginFactor(r.Context(), s)
	if account.NeedsProof(err) {
		return r.SeeOther(w, withNext(r.Path(PathAgain), r.Path(PathFactor)), "")
	}
	if err != nil {
		return err
	}
	p := a.newFactorPage(r, s)
	if p.Picture, err = qrOf(begun.URI.Reveal()); err != nil {
		return err
	}
	p.Shown, p.Typed, p.Codes, p.Sheet = true, inFours(begun.Secret.Reveal()), reveal(begun.RecoveryCodes), a.firstCodeSheet(r)
	return a.sendFactor(w, r, s, p, nil)
}

// doFactor takes the first code. A wrong one leaves the factor as begun: the app has its secret already.
func (a *accountPages) doFactor(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line(account.CodeName))
	if fatal(err) {
		return err
	}
	var in account.SignedIn
	if err == nil {
		in, err = a.Accounts.ConfirmFactor(r.Context(), s, secretOf(form, account.CodeName), visitorOf(r))
	}
	if account.NeedsProof(err) {
		return r.SeeOther(w, withNext(r.Path(PathAgain), r.Path(PathFactor)), "")
	}
	if err != nil {
		p := a.newFactorPage(r, s)
		p.Sheet = a.firstCodeSheet(r)
		p.Begin.Button = web.Button{Text: r.T("security.factor.restart"), Style: web.Secondary}
		if !showFault(p.Sheet, err, form) {
			return err
		}
		return a.sendFactor(w, r, s, p, err)
	}
	enter(w, r, in)
	if in.Staff {
		return r.SeeOther(w, r.Path(web.PathMy), "factor_on")
	}
	return r.SeeOther(w, r.Path(PathSecurity), "factor_on")
}

func (a *accountPages) removeFactorForm(r *web.Request, s account.Session) formPage {
	return formPage{Title: r.T("security.factor.remove.title"), Lead: web.Plain(r.T("security.factor.remove.lead")),
		Sheet: web.NewSheet(r.Lang, r.Path(PathFactorRemove), r.T("security.factor.remove"), proofFields(r, s)...)}
}

func (a *accountPages) showFactorRemove(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if !s.Factor {
		return r.SeeOther(w, r.Path(PathSecurity), "")
	}
	p := a.removeFactorForm(r, s)
	p.Sheet.Submit.Style = web.Danger
	return a.sendForm(w, r, p, backTo(r, "security.title", PathSecurity), web.Form{}, nil)
}

func (a *accountPages) doFactorRemove(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(proofInputs()...)
	if fatal(err) {
		return err
	}
	var in account.SignedIn
	if err == nil {
		in, err = a.Accounts.RemoveFactor(r.Context(), s, proofOf(form), visitorOf(r))
	}
	if err != nil {
		p := a.removeFactorForm(r, s)
		p.Sheet.Submit.Style = web.Danger
		return a.sendForm(w, r, p, backTo(r, "security.title", PathSecurity), form, err)
	}
	enter(w, r, in)
	return r.SeeOther(w, r.Path(PathSecurity), "factor_off")
}

// codesPage shows recovery codes, once, to be printed or written down.
type codesPage struct {
	Codes []string
	Done  web.Button
}

func (a *accountPages) doCodes(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	codes, err := a.Accounts.NewRecoveryCodes(r.Context(), s)
	if account.NeedsProof(err) {
		return r.SeeOther(w, withNext(r.Path(PathAgain), r.Path(PathSecurity)), "")
	}
	if err != nil {
		return err
	}
	return a.codes.Send(w, r, web.Head{Title: r.T("security.codes.page")},
		codesPage{Codes: reveal(codes), Done: linkButton(r, web.Primary, "security.codes.done", r.Path(PathSecurity))})
}

func reveal(texts []secret.Text) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = t.Reveal()
	}
	return out
}

// inFours parts a secret into groups, so that it can be typed without losing one's place. Apps take it with and without the spaces.
func inFours(s string) string {
	out := ""
	for i, c := range s {
		if i > 0 && i%4 == 0 {
			out += " "
		}
		out += string(c)
	}
	return out
}
