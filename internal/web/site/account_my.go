package site

import (
	"net/http"
	"slices"

	"ustaz/internal/account"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// myPage is where a person's own pages begin.
type myPage struct {
	Hello   string
	Notices []web.Notice
	Meter   *web.Meter // how full the profile is; nil while it is blocked
	Cards   []web.Card
	Staff   *web.Link
	SignOut web.Post
	End     []web.Link
}

func (a *accountPages) showMy(w http.ResponseWriter, r *web.Request, s account.Session) error {
	l := r.Lang
	p := myPage{Hello: r.T("my.lead"), Cards: []web.Card{
		{Title: r.T("mydata.title"), Href: r.Path(PathData), Text: web.Plain(r.T("my.card.data"))},
		{Title: r.T("profile.page.title"), Href: r.Path(PathProfile), Text: web.Plain(r.T("my.card.profile"))},
		{Title: r.T("cases.title"), Href: r.Path(PathCases), Text: web.Plain(r.T("cases.card"))},
		{Title: r.T("security.title"), Href: r.Path(PathSecurity), Text: web.Plain(r.T("my.card.security"))},
		{Title: r.T("mycourses.title"), Href: r.Path(PathMyCourses), Text: web.Plain(r.T("my.card.courses"))},
		{Title: r.T("certificate.mine"), Href: r.Path(PathMyCertificates), Text: web.Plain(r.T("certificate.mine.card"))},
		{Title: r.T("notice.inbox"), Href: r.Path(PathInbox), Text: web.Plain(r.T("notice.card"))},
		{Title: r.T("help.title"), Href: r.Path(web.PathHelp), Text: web.Plain(r.T("help.card"))},
	}, SignOut: web.Post{Action: r.Path(web.PathSignOut), Button: web.Button{Text: r.T("frame.sign_out"), Style: web.Bare}},
		End: []web.Link{link(r, "cases.withdrawal.title", PathWithdrawal), link(r, "cases.deletion.title", PathDeletion)}}
	if r.Viewer.Staff() {
		p.Staff = backTo(r, "my.console", web.PathConsole)
	}
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	if blocked { // while an application is checked (6.2.4); every page says so, and there is nothing to change
		p.Cards = slices.DeleteFunc(p.Cards, func(c web.Card) bool { return c.Href == r.Path(PathProfile) })
		return a.my.Send(w, r, web.Head{Title: r.T("my.title")}, p)
	}
	open, err := a.Profiles.Open(r.Context(), s.Subject, s.Once("profile"))
	if err != nil {
		return err
	}
	if name := open.Record.Value(person.GivenName); !name.IsZero() {
		p.Hello = r.T("my.hello", i18n.Str("name", name.Reveal()))
	}
	p.Meter = &web.Meter{Label: r.T("my.meter"), Said: r.T("my.meter.said", i18n.Num("held", int64(open.Held)), i18n.Num("all", int64(open.All))),
		Done: open.Held, Of: open.All}
	if open.Reconfirm {
		p.Notices = append(p.Notices, web.NewNotice(l, web.Warn, r.T("my.reconfirm"),
			r.Rich("my.reconfirm.text", i18n.Day("at", open.DeclaredAt), i18n.Msg("profile", "my.reconfirm.link")).Link("profile", r.Path(PathProfile))))
	}
	return a.my.Send(w, r, web.Head{Title: r.T("my.title")}, p)
}
