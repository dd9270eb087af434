package console

import (
	"net/http"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// cookieLife is how long a browser keeps the session's cookie, as at sign-in; the server has its own, shorter mind.
const cookieLife = 24 * time.Hour

// fresh lets an act pass only within account.RecentProof of a code of the second factor in this session (ASVS 7.5.3): whoever sits down at
// a screen left open, or holds a stolen cookie, changes nothing. Later it asks for a code and carries along all that was sent; with the
// code the act is done, and a form that was filled in wrongly comes back as it was. A route says it in one word:
//
//	c.on(post, PathInvite, admins, c.fresh(c.invite))
//
// A form behind it has no field called account.CodeName.
func (c *console) fresh(act handler) handler {
	return func(w http.ResponseWriter, v *visit) error {
		token, _ := v.Cookies().Session(v.Request.Request)
		s, err := c.Accounts.Authenticate(v.Context(), token)
		if err != nil {
			return err
		}
		code, answered, err := v.Take(account.CodeName)
		if err != nil {
			return err
		}
		if c.Accounts.Fresh(s) {
			return act(w, v)
		}
		sent, err := v.Sent()
		if err != nil {
			return err
		}
		if !answered {
			return c.askCode(w, v, sent, nil)
		}
		in, err := c.Accounts.ConfirmCode(v.Context(), s, secret.New(code))
		if err != nil {
			return c.askCode(w, v, sent, err)
		}
		v.Cookies().SetSession(w, in.Token, cookieLife)
		return act(w, v)
	}
}

// askCode asks whether it is still them. What was sent before goes with the code; the code itself never comes back.
func (c *console) askCode(w http.ResponseWriter, v *visit, sent []web.Hidden, fault error) error {
	sheet := web.NewSheet(v.Lang, v.URL.RequestURI(), v.T("signin.again.submit"),
		web.NewField(v.Lang, web.TextField, account.CodeName, v.T("signin.code")).Must().Hinted(v.T("signin.code.hint")).Fills("one-time-code"))
	sheet.Hidden = sent
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(web.PathConsole, nil)}
	return c.sendForm(w, v, formPage{Title: v.T("signin.again.title"), Lead: v.T("console.fresh.lead"), Sheet: sheet}, web.Form{}, fault)
}
