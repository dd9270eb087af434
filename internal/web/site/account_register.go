package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/password"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// registerPage asks for what an account needs and for the agreement (2.1). Its form has two buttons, the second makes a phrase.
type registerPage struct {
	Sheet   *web.Sheet
	Phrase  web.Button
	Shown   agreedText
	Decline web.Button
	Have    web.Text // for those who have an account
}

// agreedText names the text that somebody is asked to agree to: the edition and the language in which it is shown.
type agreedText struct {
	Said web.Text
	Hash string
}

// Names of inputs.
const (
	editionName  = "edition"
	phraseName   = "phrase"  // the button that makes one
	visibleName  = "visible" // the password is a phrase of ours and is shown
	rememberName = "remember"
)

// textShown is the document of an edition that a reader is shown, and its words for a page that asks about it.
func textShown(r *web.Request, ed *edition.Published) (lang string, t agreedText) {
	lang = ed.Doc(r.Lang.Code()).Lang
	t.Said = r.Rich("register.edition", i18n.Msg("policy", "frame.policy"), i18n.Str("order", ed.Order), i18n.Day("day", ed.OrderDate),
		i18n.Msg("language", "my.in."+lang)).Link("policy", web.Path(lang, PathEdition, "seq", decimal(ed.Seq)))
	t.Hash = ed.Hash
	return lang, t
}

func (a *accountPages) registerForm(r *web.Request, ed *edition.Published, next string) registerPage {
	l := r.Lang
	_, shown := textShown(r, ed)
	agree := web.NewField(l, web.Tick, account.AgreedName, "").Must().
		Labelled(r.Rich("register.agree", i18n.Msg("policy", "register.agree.policy")).Link("policy", r.Path(web.PathPolicy)))
	s := web.NewSheet(l, r.Path(web.PathRegister), r.T("register.submit"),
		web.NewField(l, web.TextField, person.Surname.String(), l.T("profile.page.surname")).Must().Fills("family-name").
			Because(person.Surname.Clause(), l.T("profile.page.surname.why")),
		web.NewField(l, web.TextField, person.GivenName.String(), l.T("profile.page.given_name")).Must().Fills("given-name"),
		emailField(l).Hinted(l.T("register.email.hint")).Because(person.Email.Clause(), l.T("profile.page.email.why")),
		newPasswordField(l, false),
		agree,
	).Carry(editionName, ed.Hash)
	if next != "" {
		s.Carry(nextName, next)
	}
	return registerPage{Sheet: s, Shown: shown,
		Phrase:  web.Button{Text: r.T("register.phrase"), Style: web.Secondary, Name: phraseName, Value: "1"},
		Decline: linkButton(r, web.Secondary, "register.decline", r.Path(PathRegisterDeclined)),
		Have:    r.Rich("register.have", i18n.Msg("in", "register.have.link")).Link("in", withNext(r.Path(web.PathSignIn), next))}
}

// showPhrase turns the password into a line that can be read, with a phrase of ours in it.
func (p *registerPage) showPhrase(l i18n.Lang, phrase string) {
	for _, f := range p.Sheet.Fields {
		if f.Name == password.FieldName {
			f.Kind = web.TextField
			f.Hinted(l.T("register.phrase.hint")).Holding(phrase)
		}
	}
	p.Sheet.Carry(visibleName, "1")
}

func (a *accountPages) showRegister(w http.ResponseWriter, r *web.Request) error {
	next, err := nextOf(r)
	if err != nil {
		return err
	}
	if r.Viewer.SignedIn() {
		return r.SeeOther(w, r.Next(next), "")
	}
	ed, err := a.Editions.InForce(r.Now)
	if err != nil {
		return err
	}
	return a.register.Send(w, r, web.Head{Title: r.T("register.title")}, a.registerForm(r, ed, next))
}

func (a *accountPages) doRegister(w http.ResponseWriter, r *web.Request) error {
	surname, given := person.Surname.String(), person.GivenName.String()
	form, err := r.Form(web.Line(surname), web.Line(given), web.Line("email"), web.Line(password.FieldName), web.Line(account.AgreedName),
		web.Line(editionName), web.Line(phraseName), web.Line(visibleName), web.Line(nextName))
	if fatal(err) {
		return err
	}
	ed, inForce := a.Editions.InForce(r.Now)
	if inForce != nil {
		return inForce
	}
	p := a.registerForm(r, ed, form.Get(nextName))
	title := r.T("register.title")
	if err == nil && form.Has(phraseName) {
		for _, f := range p.Sheet.Fields {
			f.Holding(form.All(f.Name)...)
		}
		p.showPhrase(r.Lang, password.Phrase(r.Lang.Code()))
		return a.register.Send(w, r, web.Head{Title: title}, p)
	}
	var registered person.ID
	if err == nil {
		lang, _ := textShown(r, ed)
		registered, err = a.Accounts.Register(r.Context(), account.Registration{Surname: secretOf(form, surname), GivenName: secretOf(form, given),
			Email: secretOf(form, "email"), Password: secretOf(form, password.FieldName), Agreed: form.Get(account.AgreedName) == "1",
			Edition: form.Get(editionName), Lang: lang}, visitorOf(r))
	}
	if err == nil {
		if next := form.Get(nextName); next != "" {
			r.Cookies().SetNext(w, a.Accounts.Bookmark(registered, r.Next(next)))
		}
		return r.SeeOther(w, r.Path(PathRegisterSent), "")
	}
	if form.Has(visibleName) {
		p.showPhrase(r.Lang, "")
	}
	if !showFault(p.Sheet, err, form) {
		return err
	}
	if errs.As(err).Key == "account.consent.newer" { // nobody agrees to what they did not see
		for _, f := range p.Sheet.Fields {
			if f.Name == account.AgreedName {
				f.Holding("")
			}
		}
	}
	return a.register.Send(w, r, web.Head{Title: title, Err: onForm(err)}, p)
}

// showRegisterSent is the same for an address that was free and one that was not.
func (a *accountPages) showRegisterSent(w http.ResponseWriter, r *web.Request) error {
	return a.sendMessage(w, r, messagePage{Title: r.T("register.sent.title"), Lead: web.Plain(r.T("register.sent.lead")),
		Notes: []web.Text{web.Plain(r.T("register.sent.spam")), web.Plain(r.T("register.sent.term")),
			r.Rich("register.sent.again", i18n.Msg("again", "register.sent.again.link")).Link("again", r.Path(web.PathRegister))}})
}

// showDeclined is the way out of registration (2.2).
func (a *accountPages) showDeclined(w http.ResponseWriter, r *web.Request) error {
	return a.sendMessage(w, r, messagePage{Title: r.T("register.declined.title"), Lead: web.Plain(r.T("register.declined.lead")),
		Notes: []web.Text{web.Plain(r.T("register.declined.open"))},
		Acts: []web.Button{linkButton(r, web.Secondary, "frame.policy", r.Path(web.PathPolicy)), linkButton(r, web.Secondary, "frame.contact", r.Path(web.PathContact)),
			linkButton(r, web.Secondary, "register.declined.back", r.Path(web.PathRegister))}})
}

// deadLink shows what to do about a link of a letter that is good for nothing.
func (a *accountPages) deadLink(w http.ResponseWriter, r *web.Request, err error, acts ...web.Button) error {
	if !errs.Is(err, errs.Gone) && !errs.Is(err, errs.Conflict) {
		return err
	}
	return a.sendFailure(w, r, err, acts...)
}

func (a *accountPages) afterDeadConfirm(r *web.Request) []web.Button {
	return []web.Button{linkButton(r, web.Primary, "frame.sign_in", r.Path(web.PathSignIn)), linkButton(r, web.Secondary, "register.title", r.Path(web.PathRegister))}
}

// showConfirm has one button: programs that look at links in letters use nothing up.
func (a *accountPages) showConfirm(w http.ResponseWriter, r *web.Request) error {
	token := r.PathValue("token")
	if err := a.Accounts.CheckLink(r.Context(), account.ConfirmLink, tokenOf(r)); err != nil {
		return a.deadLink(w, r, err, a.afterDeadConfirm(r)...)
	}
	return a.sendForm(w, r, confirmForm(r, token), nil, web.Form{}, nil)
}

// confirmForm asks for the password of the registration: the address alone does not show that whoever opened the letter is who registered.
func confirmForm(r *web.Request, token string) formPage {
	return formPage{Title: r.T("register.confirm.title"), Lead: web.Plain(r.T("register.confirm.lead")),
		Sheet: web.NewSheet(r.Lang, r.Path(PathConfirm, "token", token), r.T("register.confirm.submit"),
			web.NewField(r.Lang, web.Password, account.PasswordName, r.T("register.confirm.password")).Must().
				Hinted(r.T("register.confirm.password.hint")).Fills("current-password"))}
}

func (a *accountPages) doConfirm(w http.ResponseWriter, r *web.Request) error {
	sent, err := r.Form(web.Line(account.PasswordName))
	if fatal(err) {
		return err
	}
	var in account.SignedIn
	if err == nil {
		in, err = a.Accounts.Confirm(r.Context(), tokenOf(r), secretOf(sent, account.PasswordName), visitorOf(r))
	}
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooMany) {
		return a.sendForm(w, r, confirmForm(r, r.PathValue("token")), nil, sent, err)
	}
	if err != nil {
		return a.deadLink(w, r, err, a.afterDeadConfirm(r)...)
	}
	if err := a.leave(r); err != nil {
		return err
	}
	enter(w, r, in)
	return r.SeeOther(w, withNext(r.Path(PathSignInCheck), web.WithDone(a.afterConfirm(w, r, in), "confirmed")), "")
}

// afterConfirm is where somebody wanted to go when they registered in this browser, such as an invitation that they had opened, or else their
// own page. What another registration of this browser wanted waits for its own letter.
func (a *accountPages) afterConfirm(w http.ResponseWriter, r *web.Request, in account.SignedIn) string {
	kept, _ := r.Cookies().Next(r.Request)
	next, theirs := a.Accounts.Bookmarked(in.Subject, kept)
	if !theirs {
		return r.Path(web.PathMy)
	}
	r.Cookies().ClearNext(w)
	return r.Next(next)
}
