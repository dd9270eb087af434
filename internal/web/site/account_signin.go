package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/password"
	"ustaz/internal/web"
)

func (a *accountPages) signInForm(r *web.Request, next string) formPage {
	l := r.Lang
	s := web.NewSheet(l, r.Path(web.PathSignIn), r.T("signin.submit"),
		emailField(l).Fills("username"),
		web.NewField(l, web.Password, password.FieldName, r.T("signin.password")).Must().Fills("current-password"),
		web.NewField(l, web.Tick, rememberName, r.T("signin.remember")).Hinted(r.T("signin.remember.hint")),
	)
	if next != "" {
		s.Carry(nextName, next)
	}
	return formPage{Title: r.T("signin.title"), Sheet: s,
		After: []web.Link{link(r, "signin.forgotten", PathForgotten), {Text: r.T("signin.register"), Href: withNext(r.Path(web.PathRegister), next)}}}
}

func (a *accountPages) showSignIn(w http.ResponseWriter, r *web.Request) error {
	next, err := nextOf(r)
	if err != nil {
		return err
	}
	if r.Viewer.SignedIn() {
		return r.SeeOther(w, r.Next(next), "")
	}
	return a.sendForm(w, r, a.signInForm(r, next), nil, web.Form{}, nil)
}

// doSignIn gives one answer to a wrong password and to an address that nobody has.
func (a *accountPages) doSignIn(w http.ResponseWriter, r *web.Request) error {
	form, err := r.Form(web.Line("email"), web.Line(password.FieldName), web.Line(rememberName), web.Line(nextName))
	if fatal(err) {
		return err
	}
	var in account.SignedIn
	if err == nil {
		in, err = a.Accounts.SignIn(r.Context(), account.Credentials{Email: secretOf(form, "email"), Password: secretOf(form, password.FieldName),
			Remember: form.Get(rememberName) == "1"}, visitorOf(r))
	}
	if err != nil {
		return a.sendForm(w, r, a.signInForm(r, form.Get(nextName)), nil, form, err)
	}
	if err := a.leave(r); err != nil {
		return err
	}
	enter(w, r, in)
	return r.SeeOther(w, withNext(r.Path(PathSignInCheck), r.Next(form.Get(nextName))), "")
}

// leave ends the session that the browser had before a new one takes its place (ASVS 7.2.4).
func (a *accountPages) leave(r *web.Request) error {
	s, err := a.session(r)
	if errs.Is(err, errs.Unauthenticated) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.Accounts.SignOut(r.Context(), s)
}

// checkSignIn looks whether the cookie that was just set came back, and goes on; where it did not, cookies are off, and the page says in
// plain words what that means and how to allow them (3.3.1).
func (a *accountPages) checkSignIn(w http.ResponseWriter, r *web.Request) error {
	next, err := nextOf(r)
	if err != nil {
		return err
	}
	token, sent := r.Cookies().Session(r.Request)
	switch {
	case r.Viewer.MustConsent:
		return r.SeeOther(w, withNext(r.Path(web.PathConsent), next), "")
	case r.Viewer.SignedIn():
		return r.SeeOther(w, r.Next(next), "")
	case !sent:
		return a.sendMessage(w, r, messagePage{Title: r.T("signin.cookies.title"), Lead: web.Plain(r.T("signin.cookies.lead")),
			Notes: []web.Text{web.Plain(r.T("cookies.allow")), r.Rich("signin.cookies.which", i18n.Msg("page", "cookies.title")).Link("page", r.Path(web.PathCookies)),
				{{Text: r.T("signin.cookies.public") + " "}, clauseRun(r, "3.3.1")}},
			Acts: []web.Button{linkButton(r, web.Primary, "signin.cookies.again", withNext(r.Path(web.PathSignIn), next)), linkButton(r, web.Secondary, "frame.home", r.Path(web.PathHome))}})
	}
	half, err := a.Accounts.HalfWay(r.Context(), token)
	if err != nil {
		return err
	}
	if half {
		return r.SeeOther(w, withNext(r.Path(web.PathSecondFactor), next), "")
	}
	return r.SeeOther(w, withNext(r.Path(web.PathSignIn), next), "")
}

func clauseRun(r *web.Request, number string) web.Run {
	c := r.Clause(number)
	return web.Run{Text: c.Text, Href: c.Href, Clause: true}
}

// codeField asks for a code of the second factor, or one of the recovery codes.
func codeField(r *web.Request) *web.Field {
	return web.NewField(r.Lang, web.Digits, account.CodeName, r.T("signin.code")).Must().Hinted(r.T("signin.code.hint")).Fills("one-time-code")
}

func (a *accountPages) codeForm(r *web.Request, next string) formPage {
	code := codeField(r)
	code.Kind = web.TextField // recovery codes have letters
	s := web.NewSheet(r.Lang, r.Path(web.PathSecondFactor), r.T("signin.code.submit"), code)
	if next != "" {
		s.Carry(nextName, next)
	}
	return formPage{Title: r.T("signin.code.title"), Lead: web.Plain(r.T("signin.code.lead")), Sheet: s}
}

// showCode asks for the second factor of a sign-in in progress. Whoever is sent here for another reason is led to what helps.
func (a *accountPages) showCode(w http.ResponseWriter, r *web.Request) error {
	next, err := nextOf(r)
	if err != nil {
		return err
	}
	token, _ := r.Cookies().Session(r.Request)
	half, err := a.Accounts.HalfWay(r.Context(), token)
	switch {
	case err != nil:
		return err
	case half:
		return a.sendForm(w, r, a.codeForm(r, next), nil, web.Form{}, nil)
	case !r.Viewer.SignedIn():
		return r.SeeOther(w, withNext(r.Path(web.PathSignIn), next), "")
	}
	s, err := a.session(r)
	switch {
	case err != nil:
		return err
	case !s.Factor:
		return r.SeeOther(w, r.Path(PathFactor), "")
	case !s.Personal():
		return r.SeeOther(w, withNext(r.Path(PathAgain), next), "")
	}
	return r.SeeOther(w, r.Next(next), "")
}

func (a *accountPages) doCode(w http.ResponseWriter, r *web.Request) error {
	form, err := r.Form(web.Line(account.CodeName), web.Line(nextName))
	if fatal(err) {
		return err
	}
	next := form.Get(nextName)
	var in account.SignedIn
	if err == nil {
		token, _ := r.Cookies().Session(r.Request)
		in, err = a.Accounts.EnterCode(r.Context(), token, secretOf(form, account.CodeName), visitorOf(r))
	}
	switch {
	case errs.Is(err, errs.Unauthenticated):
		return r.SeeOther(w, withNext(r.Path(web.PathSignIn), next), "signin_over")
	case err != nil:
		return a.sendForm(w, r, a.codeForm(r, next), nil, form, err)
	}
	enter(w, r, in)
	return r.SeeOther(w, withNext(r.Path(PathSignInCheck), r.Next(next)), "")
}

// doSignOut ends the session and has the browser forget the site (ASVS 7.4.1, 14.3.1). Without a session there is nothing to end.
func (a *accountPages) doSignOut(w http.ResponseWriter, r *web.Request) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.leave(r); err != nil {
		return err
	}
	r.Cookies().ClearSession(w)
	return r.SeeOther(w, r.Path(web.PathHome), "signed_out")
}

func (a *accountPages) againForm(r *web.Request, s account.Session, next string) formPage {
	sheet := web.NewSheet(r.Lang, r.Path(PathAgain), r.T("signin.again.submit"), proofFields(r, s)...)
	return formPage{Title: r.T("signin.again.title"), Lead: web.Plain(r.T("signin.again.lead")), Sheet: sheet.Carry(nextName, next)}
}

// proofFields ask for a full proof of who somebody is.
func proofFields(r *web.Request, s account.Session) []*web.Field {
	fields := []*web.Field{web.NewField(r.Lang, web.Password, account.PasswordName, r.T("signin.current")).Must().Fills("current-password")}
	if s.Factor {
		code := codeField(r)
		code.Kind = web.TextField
		fields = append(fields, code)
	}
	return fields
}

func proofInputs(more ...web.Input) []web.Input {
	return append(more, web.Line(account.PasswordName), web.Line(account.CodeName))
}

func proofOf(f web.Form) account.Proof {
	return account.Proof{Password: secretOf(f, account.PasswordName), Code: secretOf(f, account.CodeName)}
}

// showAgain asks for the proof that personal pages and acts without return need (ASVS 7.5).
func (a *accountPages) showAgain(w http.ResponseWriter, r *web.Request, s account.Session) error {
	next, err := nextOf(r)
	if err != nil {
		return err
	}
	return a.sendForm(w, r, a.againForm(r, s, next), nil, web.Form{}, nil)
}

func (a *accountPages) doAgain(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(proofInputs(web.Line(nextName))...)
	if fatal(err) {
		return err
	}
	var in account.SignedIn
	if err == nil {
		in, err = a.Accounts.Reauthenticate(r.Context(), s, proofOf(form), visitorOf(r))
	}
	if err != nil {
		return a.sendForm(w, r, a.againForm(r, s, form.Get(nextName)), nil, form, err)
	}
	enter(w, r, in)
	return r.SeeOther(w, r.Next(form.Get(nextName)), "")
}
