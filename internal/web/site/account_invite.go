package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/i18n"
	"ustaz/internal/web"
)

// showInvite shows what a one-time link would make of its reader (1.1.1). Whoever has not signed in does so first and comes back.
func (a *accountPages) showInvite(w http.ResponseWriter, r *web.Request) error {
	roles, err := a.Staff.Invited(r.Context(), tokenOf(r))
	if err != nil {
		return a.deadLink(w, r, err)
	}
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = r.T(role.Key())
	}
	here := r.Path(PathInvite, "token", r.PathValue("token"))
	title, lead := r.T("invite.title"), r.Rich("invite.lead", i18n.Str("roles", r.Lang.List(names))).Strong("roles")
	if !r.Viewer.SignedIn() {
		return a.sendMessage(w, r, messagePage{Title: title, Lead: lead, Notes: []web.Text{web.Plain(r.T("invite.signin")), web.Plain(r.T("invite.register"))},
			Acts: []web.Button{linkButton(r, web.Primary, "frame.sign_in", withNext(r.Path(web.PathSignIn), here)),
				linkButton(r, web.Secondary, "register.title", withNext(r.Path(web.PathRegister), here))}})
	}
	p := formPage{Title: title, Lead: lead, Notes: []web.Text{web.Plain(r.T("invite.named")), web.Plain(r.T("invite.factor"))},
		Sheet: web.NewSheet(r.Lang, here, r.T("invite.accept"))}
	return a.sendForm(w, r, p, nil, web.Form{}, nil)
}

// doInvite makes the reader a member of staff, who sets a second factor before anything else. Their roles may have to wait for a second
// administrator first: the notice says so.
func (a *accountPages) doInvite(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Staff.Accept(r.Context(), s.Subject, tokenOf(r)); err != nil {
		return a.deadLink(w, r, err)
	}
	done, to := "invited", PathFactor
	if _, waits, err := a.Staff.Waiting(r.Context(), s.Subject); err != nil {
		return err
	} else if waits {
		done = "invited_waits"
	}
	if s.Factor {
		to = web.PathMy
	}
	return r.SeeOther(w, r.Path(to), done)
}
