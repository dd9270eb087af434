package site

import (
	"net/http"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/password"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// formPage is a page that is one form.
type formPage struct {
	Title string
	Lead  web.Text
	Notes []web.Text
	Sheet *web.Sheet
	After []web.Link // other ways on
}

// messagePage says what happened and what comes next.
type messagePage struct {
	Title string
	Lead  web.Text
	Notes []web.Text
	Post  *web.Post // the one act that the page asks about
	Acts  []web.Button
}

// sendForm shows a form; with err what is wrong with it. An error that is no matter of the form goes to the frame.
func (a *accountPages) sendForm(w http.ResponseWriter, r *web.Request, p formPage, back *web.Link, sent web.Form, err error) error {
	if err != nil && !showFault(p.Sheet, err, sent) {
		return err
	}
	if seconds := errs.As(err).Args["seconds"]; errs.Is(err, errs.TooMany) && seconds != "" {
		w.Header().Set("Retry-After", seconds)
	}
	return a.form.Send(w, r, web.Head{Title: p.Title, Back: back, Err: onForm(err)}, p)
}

// showFault puts err on a form, with the seconds to wait where there are any.
func showFault(s *web.Sheet, err error, sent web.Form) bool { return s.Show(onForm(err), sent) }

// onForm is err as a form tells it: a sign-in that failed is a fault of the form, and a wait says how long it is.
func onForm(err error) error {
	if err == nil {
		return nil
	}
	e := errs.As(err)
	switch {
	case e.Kind == errs.Unauthenticated && e.Key == "account.signin.wrong":
		return errs.New(errs.Invalid, e.Key)
	case e.Kind == errs.TooMany && e.Args["seconds"] != "":
		return errs.New(errs.TooMany, "signin.wait").With("n", e.Args["seconds"])
	}
	return err
}

// sendFailure shows a page of our own in place of the frame's, with err's status: what is wrong and the way on.
func (a *accountPages) sendFailure(w http.ResponseWriter, r *web.Request, err error, acts ...web.Button) error {
	e := errs.As(err)
	title := r.T("error." + e.Kind.String() + ".title")
	return a.message.Send(w, r, web.Head{Title: title, Err: err}, messagePage{Title: title, Lead: web.Plain(r.Lang.Error(err)), Acts: acts})
}

func (a *accountPages) sendMessage(w http.ResponseWriter, r *web.Request, p messagePage) error {
	return a.message.Send(w, r, web.Head{Title: p.Title}, p)
}

// fatal tells of an error of the form as a whole: nothing of it can be shown again.
func fatal(err error) bool { return err != nil && len(errs.As(err).Fields) == 0 }

// tokenOf is the token in the address of a link.
func tokenOf(r *web.Request) secret.Text { return secret.New(r.PathValue("token")) }

// secretOf takes a value out of a form that must not be printed.
func secretOf(f web.Form, name string) secret.Text { return secret.New(f.Get(name)) }

// newPasswordField asks for a password to be set. alone tells whether it will be the only factor.
func newPasswordField(l i18n.Lang, factor bool) *web.Field {
	least := int64(password.MinAlone)
	if factor {
		least = password.MinSecondFactor
	}
	return web.NewField(l, web.Password, password.FieldName, l.T("register.password")).Must().
		Hinted(l.T("register.password.hint", i18n.Num("n", least))).Fills("new-password")
}

func emailField(l i18n.Lang) *web.Field {
	return web.NewField(l, web.EmailField, "email", l.T("register.email")).Must().Fills("email")
}

func link(r *web.Request, key, pattern string) web.Link {
	return web.Link{Text: r.T(key), Href: r.Path(pattern)}
}

func backTo(r *web.Request, key, pattern string) *web.Link {
	to := link(r, key, pattern)
	return &to
}

func linkButton(r *web.Request, style web.Style, key, to string) web.Button {
	return web.Button{Text: r.T(key), Href: to, Style: style}
}
