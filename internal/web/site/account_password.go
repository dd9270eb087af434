package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/password"
	"ustaz/internal/web"
)

func (a *accountPages) forgottenForm(r *web.Request) formPage {
	return formPage{Title: r.T("signin.forgotten.title"), Lead: web.Plain(r.T("signin.forgotten.lead")),
		Sheet: web.NewSheet(r.Lang, r.Path(PathForgotten), r.T("signin.forgotten.submit"), emailField(r.Lang).Fills("username"))}
}

func (a *accountPages) showForgotten(w http.ResponseWriter, r *web.Request) error {
	return a.sendForm(w, r, a.forgottenForm(r), backTo(r, "signin.title", web.PathSignIn), web.Form{}, nil)
}

func (a *accountPages) doForgotten(w http.ResponseWriter, r *web.Request) error {
	form, err := r.Form(web.Line("email"))
	if fatal(err) {
		return err
	}
	if err == nil {
		err = a.Accounts.AskRecovery(r.Context(), secretOf(form, "email"), r.Lang.Code(), visitorOf(r))
	}
	if err != nil {
		return a.sendForm(w, r, a.forgottenForm(r), backTo(r, "signin.title", web.PathSignIn), form, err)
	}
	return r.SeeOther(w, r.Path(PathForgottenSent), "")
}

// showForgottenSent is the same for an address that is known and one that is not.
func (a *accountPages) showForgottenSent(w http.ResponseWriter, r *web.Request) error {
	return a.sendMessage(w, r, messagePage{Title: r.T("signin.sent.title"), Lead: web.Plain(r.T("signin.sent.lead")),
		Notes: []web.Text{web.Plain(r.T("register.sent.spam")), web.Plain(r.T("signin.sent.term"))},
		Acts:  []web.Button{linkButton(r, web.Secondary, "frame.sign_in", r.Path(web.PathSignIn))}})
}

func (a *accountPages) newPasswordForm(r *web.Request) formPage {
	return formPage{Title: r.T("signin.new.title"), Lead: web.Plain(r.T("signin.new.lead")), Notes: []web.Text{offeredPhrase(r)},
		Sheet: web.NewSheet(r.Lang, r.Path(PathNewPassword, "token", r.PathValue("token")), r.T("signin.new.submit"), newPasswordField(r.Lang, false))}
}

// offeredPhrase shows a phrase that would do as a password; each page has another.
func offeredPhrase(r *web.Request) web.Text {
	return r.Rich("security.password.offer", phraseArg(r)).Strong("phrase")
}

func (a *accountPages) afterDeadRecovery(r *web.Request) []web.Button {
	return []web.Button{linkButton(r, web.Primary, "signin.forgotten.submit", r.Path(PathForgotten))}
}

func (a *accountPages) showNewPassword(w http.ResponseWriter, r *web.Request) error {
	if err := a.Accounts.CheckLink(r.Context(), account.RecoverLink, tokenOf(r)); err != nil {
		return a.deadLink(w, r, err, a.afterDeadRecovery(r)...)
	}
	return a.sendForm(w, r, a.newPasswordForm(r), nil, web.Form{}, nil)
}

// doNewPassword signs nobody in: whoever reads the letter box need not be the one who knows the second factor (ASVS 6.4.3).
func (a *accountPages) doNewPassword(w http.ResponseWriter, r *web.Request) error {
	form, err := r.Form(web.Line(password.FieldName))
	if fatal(err) {
		return err
	}
	if err == nil {
		err = a.Accounts.Recover(r.Context(), tokenOf(r), secretOf(form, password.FieldName))
	}
	switch {
	case err == nil:
		return r.SeeOther(w, r.Path(web.PathSignIn), "password_set")
	case fatal(err):
		return a.deadLink(w, r, err, a.afterDeadRecovery(r)...)
	}
	return a.sendForm(w, r, a.newPasswordForm(r), nil, form, err)
}

func (a *accountPages) passwordForm(r *web.Request, s account.Session) formPage {
	fields := append(proofFields(r, s), newPasswordField(r.Lang, s.Factor))
	return formPage{Title: r.T("security.password.title"), Lead: web.Plain(r.T("security.password.lead")), Notes: []web.Text{offeredPhrase(r)},
		Sheet: web.NewSheet(r.Lang, r.Path(PathPassword), r.T("security.password.submit"), fields...)}
}

func (a *accountPages) showPassword(w http.ResponseWriter, r *web.Request, s account.Session) error {
	return a.sendForm(w, r, a.passwordForm(r, s), backTo(r, "security.title", PathSecurity), web.Form{}, nil)
}

func (a *accountPages) doPassword(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(proofInputs(web.Line(password.FieldName))...)
	if fatal(err) {
		return err
	}
	var in account.SignedIn
	if err == nil {
		in, err = a.Accounts.ChangePassword(r.Context(), s, proofOf(form), secretOf(form, password.FieldName), visitorOf(r))
	}
	if err != nil {
		return a.sendForm(w, r, a.passwordForm(r, s), backTo(r, "security.title", PathSecurity), form, err)
	}
	enter(w, r, in)
	return r.SeeOther(w, r.Path(PathSecurity), "password_changed")
}

func (a *accountPages) changeEmailForm(r *web.Request, s account.Session) formPage {
	fields := append([]*web.Field{emailField(r.Lang).Hinted(r.T("security.email.hint"))}, proofFields(r, s)...)
	return formPage{Title: r.T("security.email.title"), Lead: web.Plain(r.T("security.email.lead")),
		Sheet: web.NewSheet(r.Lang, r.Path(PathEmail), r.T("security.email.submit"), fields...)}
}

func (a *accountPages) showEmail(w http.ResponseWriter, r *web.Request, s account.Session) error {
	return a.sendForm(w, r, a.changeEmailForm(r, s), backTo(r, "security.title", PathSecurity), web.Form{}, nil)
}

func (a *accountPages) doEmail(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(proofInputs(web.Line("email"))...)
	if fatal(err) {
		return err
	}
	if err == nil {
		err = a.Accounts.AskEmail(r.Context(), s, proofOf(form), secretOf(form, "email"))
	}
	if err != nil {
		return a.sendForm(w, r, a.changeEmailForm(r, s), backTo(r, "security.title", PathSecurity), form, err)
	}
	return r.SeeOther(w, r.Path(PathSecurity), "email_asked")
}

func (a *accountPages) showNewEmail(w http.ResponseWriter, r *web.Request) error {
	if err := a.Accounts.CheckLink(r.Context(), account.NewEmailLink, tokenOf(r)); err != nil {
		return a.deadLink(w, r, err, linkButton(r, web.Primary, "security.title", r.Path(PathSecurity)))
	}
	p := formPage{Title: r.T("security.email.confirm.title"), Lead: web.Plain(r.T("security.email.confirm.lead")),
		Sheet: web.NewSheet(r.Lang, r.Path(PathNewEmail, "token", r.PathValue("token")), r.T("security.email.confirm.submit"))}
	return a.sendForm(w, r, p, nil, web.Form{}, nil)
}

func (a *accountPages) doNewEmail(w http.ResponseWriter, r *web.Request) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Accounts.ConfirmEmail(r.Context(), tokenOf(r)); err != nil {
		return a.deadLink(w, r, err, linkButton(r, web.Primary, "security.title", r.Path(PathSecurity)))
	}
	if r.Viewer.SignedIn() {
		return r.SeeOther(w, r.Path(PathSecurity), "email_changed")
	}
	return r.SeeOther(w, r.Path(web.PathSignIn), "email_changed")
}
