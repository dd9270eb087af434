package site

import (
	"context"
	"net/http"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/certificate"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// Addresses of certificates of courses: their owner's (4.1.2), and those where everybody checks one (7.2).
const (
	PathMyCertificates    = "/{lang}/my/certificates"
	PathMyCertificate     = "/{lang}/my/certificates/{number}"
	PathCertificatePDF    = "/{lang}/my/certificates/{number}/pdf"
	PathCertificateAnew   = "/{lang}/my/certificates/{number}/anew"
	PathCertificatePublic = "/{lang}/my/certificates/{number}/public"
	PathCertificateHide   = "/{lang}/my/certificates/{number}/hide"
	PathCheck             = "/{lang}/check"
	PathCheckNumber       = "/{lang}/check/{number}"
)

// awardRoutes are the pages of certificates. Who did not agree to the edition in force sees them and can take back what is public.
func (a *accountPages) awardRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	open, known, agreed := web.Public(), web.SignedIn(), web.Consented()
	return []web.Route{
		{Method: get, Pattern: PathMyCertificates, Access: known, Handle: a.personal(a.showAwards)},
		{Method: get, Pattern: PathMyCertificate, Access: known, Handle: a.personal(a.showAward)},
		{Method: get, Pattern: PathCertificatePDF, Access: known, Handle: a.personal(a.sendAward)},
		{Method: get, Pattern: PathCertificateAnew, Access: agreed, Handle: a.personal(a.askAnew)},
		{Method: post, Pattern: PathCertificateAnew, Access: agreed, Handle: a.personal(a.doAnew)},
		{Method: get, Pattern: PathCertificatePublic, Access: agreed, Handle: a.personal(a.askShowName)},
		{Method: post, Pattern: PathCertificatePublic, Access: agreed, Handle: a.personal(a.doShowName)},
		{Method: post, Pattern: PathCertificateHide, Access: known, Handle: a.personal(a.doHideName)},
		{Method: get, Pattern: PathCheck, Access: open, Handle: a.askCheck},
		{Method: get, Pattern: PathCheckNumber, Access: open, Handle: a.showCheck},
		{Method: post, Pattern: PathCheckNumber, Access: open, Handle: a.openName},
	}
}

// awardsPage lists somebody's certificates.
type awardsPage struct{ List web.Table }

func awardPath(r *web.Request, pattern, number string) string {
	return r.Path(pattern, numberName, number)
}

// awardTag is whether a certificate holds, in a word.
func awardTag(r *web.Request, c *certificate.Certificate) web.Tag {
	switch {
	case c.Replaced:
		return web.Tag{Text: r.T("certificate.state.replaced"), Style: web.Info}
	case !c.Revoked.IsZero():
		return web.Tag{Text: r.T("certificate.state.revoked"), Style: web.Bad}
	}
	return web.Tag{Text: r.T("certificate.state.good"), Style: web.Good}
}

func courseHours(l i18n.Lang, n int) string { return l.T("course.hours", i18n.Num("n", int64(n))) }

func (a *accountPages) awardsTable(r *web.Request, list []*certificate.Certificate) web.Table {
	all := linkButton(r, web.Secondary, "course.list", r.Path(PathCourses))
	t := web.Table{Caption: r.T("certificate.mine"), Quiet: true, Columns: []web.Column{{Label: r.T("certificate.course")}, {Label: r.T("certificate.earned")}, {Label: r.T("certificate.hours")},
		{Label: r.T("certificate.number")}, {Label: r.T("certificate.state")}},
		Empty: &web.Empty{Title: r.T("certificate.mine.none"), Text: web.Plain(r.T("certificate.mine.none.text")), Act: &all}}
	for _, c := range list {
		tag := awardTag(r, c)
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Text{{Text: c.Title(r.Lang.Code()), Href: awardPath(r, PathMyCertificate, c.Number)}}}, {Text: web.Plain(r.Lang.Date(c.Earned))},
			{Text: web.Plain(courseHours(r.Lang, c.Hours))}, {Text: web.Plain(c.Number), Code: true}, {Tag: &tag}})
	}
	return t
}

func (a *accountPages) showAwards(w http.ResponseWriter, r *web.Request, s account.Session) error {
	list, err := a.Certificates.Mine(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	return a.awards.Send(w, r, web.Head{Title: r.T("certificate.mine"), Back: backTo(r, "my.title", web.PathMy)}, awardsPage{a.awardsTable(r, list)})
}

// awardsSaid is what "My data" says of certificates.
func (a *accountPages) awardsSaid(r *web.Request, own person.ID) (string, error) {
	list, err := a.Certificates.Mine(r.Context(), own)
	public := int64(0)
	for _, c := range list {
		if !c.Public.IsZero() {
			public++
		}
	}
	return r.T("certificate.mine.said", i18n.Num("n", int64(len(list))), i18n.Num("public", public)), err
}

// awardPage is a certificate as its owner sees it.
type awardPage struct {
	Title   string
	State   web.Tag
	Notices []web.Notice
	Facts   web.Summary
	Files   []web.Button // the document in each language; none where it does not hold
	Picture *qrCode      // of the address where it is checked
	Public  *nameShown
	Anew    *web.Link
	Steps   web.Table
}

// nameShown says whether the name is public, and has it changed.
type nameShown struct {
	Text web.Text
	Act  *web.Button
	Hide *web.Post
}

func (a *accountPages) checkAddress(r *web.Request, number string) string {
	return a.Public.JoinPath(awardPath(r, PathCheckNumber, number)).String()
}

func (a *accountPages) showAward(w http.ResponseWriter, r *web.Request, s account.Session) error {
	o, err := a.Certificates.Open(r.Context(), s.Subject, r.PathValue(numberName), s.Once("certificate"))
	if err != nil {
		return err
	}
	p := awardPage{Title: r.T("certificate.page"), State: awardTag(r, o.Certificate), Facts: a.awardFacts(r, o)}
	notice := func(style web.Style, text web.Text) {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, style, "", text))
	}
	switch {
	case o.Replaced:
		notice(web.Info, web.Plain(r.T("certificate.replaced.text")))
	case !o.Revoked.IsZero():
		notice(web.Warn, r.Rich("certificate.revoked.text", i18n.Moment("at", o.Revoked), i18n.Msg("reason", "certificate.reason."+string(o.Reason)), i18n.Msg("claim", "certificate.revoked.claim")).
			Link("claim", r.Path(PathRequests)))
	case o.Closed:
		notice(web.Warn, web.Plain(r.T("certificate.closed")))
	case !o.Named:
		notice(web.Warn, r.Rich("certificate.waits.text", i18n.Msg("profile", "certificate.waits.profile")).Link("profile", r.Path(PathProfile)))
	default:
		if err := a.fillAward(r, s, o, &p); err != nil {
			return err
		}
	}
	if p.Steps, err = a.awardSteps(r, o.Certificate); err != nil {
		return err
	}
	return a.award.Send(w, r, web.Head{Title: p.Title, Back: backTo(r, "certificate.mine", PathMyCertificates)}, p)
}

// fillAward adds what can be done with a certificate that holds and has a name.
func (a *accountPages) fillAward(r *web.Request, s account.Session, o *certificate.Own, p *awardPage) error {
	for _, lang := range i18n.Codes() {
		style := web.Secondary
		if lang == r.Lang.Code() {
			style = web.Primary
		}
		p.Files = append(p.Files, web.Button{Text: r.T("certificate.pdf." + lang), Href: web.Path(lang, PathCertificatePDF, numberName, o.Number), Style: style})
	}
	picture, err := qrOf(a.checkAddress(r, o.Number))
	if err != nil {
		return err
	}
	p.Picture = &picture
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	free := !blocked && !r.Viewer.MustConsent
	p.Public = &nameShown{Text: web.Plain(r.T("certificate.public.off"))}
	if !o.Public.IsZero() {
		p.Public.Text = web.Plain(r.T("certificate.public.on", i18n.Moment("at", o.Public)))
		p.Public.Hide = &web.Post{Action: awardPath(r, PathCertificateHide, o.Number), Button: web.Button{Text: r.T("certificate.hide"), Style: web.Danger}}
	} else if free {
		act := linkButton(r, web.Secondary, "certificate.public", awardPath(r, PathCertificatePublic, o.Number))
		p.Public.Act = &act
	}
	if free {
		p.Anew = &web.Link{Text: r.T("certificate.anew"), Href: awardPath(r, PathCertificateAnew, o.Number)}
	}
	return nil
}

func (a *accountPages) awardFacts(r *web.Request, o *certificate.Own) web.Summary {
	var s web.Summary
	row := func(key, value, note string) {
		line := web.Row{Key: r.T(key), Value: web.Plain(value)}
		if note != "" {
			line.Note = web.Plain(r.T(note))
		}
		s.Rows = append(s.Rows, line)
	}
	row("certificate.course", o.Title(r.Lang.Code()), "")
	row("certificate.hours", courseHours(r.Lang, o.Hours), "")
	row("certificate.earned", r.Lang.Date(o.Earned), "")
	if o.Anew() {
		row("certificate.issued", r.Lang.Date(o.Issued), "")
	}
	row("certificate.number", o.Number, "")
	if name := o.Whole(); !name.Empty() {
		row("certificate.name", name.Reveal(), "certificate.name.note")
	}
	if !o.Code.Empty() && o.Good() {
		row("certificate.code", o.Code.Reveal(), "certificate.code.note")
	}
	address := a.checkAddress(r, o.Number)
	s.Rows = append(s.Rows, web.Row{Key: r.T("certificate.address"), Value: web.Text{{Text: address, Href: awardPath(r, PathCheckNumber, o.Number)}}})
	return s
}

// stepBy tells who did a step, in the words of "My data".
func (n *actorNames) stepBy(x certificate.Step) (string, error) {
	if x.Kind == ledger.BySubject {
		return n.r.T("certificate.you"), nil
	}
	return n.who(x.Kind, x.By, policy.Officer)
}

// awardSteps lists what happened to a certificate.
func (a *accountPages) awardSteps(r *web.Request, c *certificate.Certificate) (web.Table, error) {
	t := web.Table{Caption: r.T("certificate.steps"), Quiet: true, Columns: []web.Column{{Label: r.T("certificate.step.at")}, {Label: r.T("certificate.step.what")}, {Label: r.T("certificate.step.who")}}}
	list, err := a.Certificates.Steps(r.Context(), c)
	if err != nil {
		return t, err
	}
	names := a.names(r)
	for _, x := range list {
		who, err := names.stepBy(x)
		if err != nil {
			return t, err
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(r.Lang.DateTime(x.At))}, {Text: web.Plain(stepSaid(r.Lang, x))}, {Text: web.Plain(who)}})
	}
	return t, nil
}

func stepSaid(l i18n.Lang, x certificate.Step) string {
	said := l.T("certificate.act." + x.Act.String())
	if x.Reason == "" {
		return said
	}
	return l.T("certificate.act.because", i18n.Str("act", said), i18n.Msg("reason", "certificate.reason."+string(x.Reason)))
}

func (a *accountPages) sendAward(w http.ResponseWriter, r *web.Request, s account.Session) error {
	o, err := a.Certificates.Print(r.Context(), s.Subject, r.PathValue(numberName))
	if err != nil {
		return err
	}
	return r.Paper(w, fileName("certificate", o.Number, ".pdf"), o.Paper(r.Lang, r.Issuer(), a.checkAddress(r, o.Number)))
}

// askOf opens a certificate that holds, to ask about it.
func (a *accountPages) askOf(r *web.Request, s account.Session) (*certificate.Own, error) {
	o, err := a.Certificates.Open(r.Context(), s.Subject, r.PathValue(numberName), s.Once("certificate"))
	if err == nil && (!o.Good() || !o.Named) {
		err = errs.New(errs.Conflict, "certificate.over")
	}
	return o, err
}

func backToAward(r *web.Request, number string) *web.Link {
	return &web.Link{Text: r.T("certificate.page"), Href: awardPath(r, PathMyCertificate, number)}
}

func (a *accountPages) anewPage(r *web.Request, s account.Session) (forgetPage, string, error) {
	o, err := a.askOf(r, s)
	if err != nil {
		return forgetPage{}, "", err
	}
	sheet := web.NewSheet(r.Lang, awardPath(r, PathCertificateAnew, o.Number), r.T("certificate.anew.submit"))
	sheet.Cancel = &web.Link{Text: r.T("certificate.anew.cancel"), Href: awardPath(r, PathMyCertificate, o.Number)}
	return forgetPage{Title: r.T("certificate.anew"), Clause: "6.1.2",
		Ask: web.NewConfirm(r.Lang, sheet, web.Plain(r.T("certificate.anew.undo")), web.Plain(r.T("mydata.forget.when")), nil,
			r.Rich("certificate.anew.what", i18n.Msg("profile", "certificate.waits.profile")).Link("profile", r.Path(PathProfile)),
			web.Plain(r.T("certificate.anew.old")), web.Plain(r.T("certificate.anew.public")))}, o.Number, nil
}

func (a *accountPages) askAnew(w http.ResponseWriter, r *web.Request, s account.Session) error {
	p, number, err := a.anewPage(r, s)
	if err != nil {
		return err
	}
	return a.forget.Send(w, r, web.Head{Title: p.Title, Back: backToAward(r, number)}, p)
}

func (a *accountPages) doAnew(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	made, err := a.Certificates.Renew(r.Context(), s.Subject, r.PathValue(numberName))
	if errs.As(err).Key == "certificate.same" {
		p, number, broken := a.anewPage(r, s)
		if broken != nil || !p.Ask.Sheet.Show(err, web.Form{}) {
			return err
		}
		return a.forget.Send(w, r, web.Head{Title: p.Title, Back: backToAward(r, number), Err: err}, p)
	}
	if err != nil {
		return err
	}
	return r.SeeOther(w, awardPath(r, PathMyCertificate, made), "certificate_anew")
}

// showNamePage shows somebody what others would see of their certificate, before the one button that makes it so (7.2).
type showNamePage struct {
	Card checkCard
	Ask  web.Confirm
}

func (a *accountPages) askShowName(w http.ResponseWriter, r *web.Request, s account.Session) error {
	o, err := a.askOf(r, s)
	if err != nil {
		return err
	}
	sheet := web.NewSheet(r.Lang, awardPath(r, PathCertificatePublic, o.Number), r.T("certificate.public.submit"))
	sheet.Cancel = &web.Link{Text: r.T("publicpage.cancel"), Href: awardPath(r, PathMyCertificate, o.Number)}
	p := showNamePage{Card: cardOf(r, &certificate.Checked{Certificate: o.Certificate, Surname: o.Surname, GivenName: o.GivenName})}
	p.Ask = web.NewConfirm(r.Lang, sheet, web.Plain(r.T("certificate.public.undo")), web.Plain(r.T("publicpage.when")), []string{fieldNames(r.Lang, certificate.Name)},
		web.Plain(r.T("certificate.public.all")), web.Plain(r.T("publicpage.means.search")))
	return a.show.Send(w, r, web.Head{Title: r.T("certificate.public"), Back: backToAward(r, o.Number)}, p)
}

func (a *accountPages) doShowName(w http.ResponseWriter, r *web.Request, s account.Session) error {
	return a.turnName(w, r, s, a.Certificates.Publish, "certificate_public")
}

func (a *accountPages) doHideName(w http.ResponseWriter, r *web.Request, s account.Session) error {
	return a.turnName(w, r, s, a.Certificates.Hide, "certificate_hidden")
}

func (a *accountPages) turnName(w http.ResponseWriter, r *web.Request, s account.Session, turn func(ctx context.Context, own person.ID, number string) error, done string) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	number := r.PathValue(numberName)
	if err := turn(r.Context(), s.Subject, number); err != nil {
		return err
	}
	return r.SeeOther(w, awardPath(r, PathMyCertificate, number), done)
}

// copyCertificate is one for a program to read.
type copyCertificate struct {
	Number   string     `json:"number"`
	Course   string     `json:"course"`
	Title    string     `json:"title"`
	Hours    int        `json:"hours"`
	Earned   time.Time  `json:"earned"`
	Issued   time.Time  `json:"issued"`
	Public   time.Time  `json:"name_public_since,omitzero"`
	Revoked  time.Time  `json:"revoked,omitzero"`
	Replaced bool       `json:"replaced"`
	Name     string     `json:"name,omitempty"`
	Code     string     `json:"code,omitempty"`
	Address  string     `json:"address"`
	Steps    []copyStep `json:"steps"`
}

func (a *accountPages) copyCertificates(names *actorNames, own person.ID) ([]copyCertificate, error) {
	r := names.r
	out := []copyCertificate{}
	list, err := a.Certificates.All(r.Context(), own)
	if err != nil {
		return nil, err
	}
	for _, o := range list {
		c := copyCertificate{Number: o.Number, Course: o.Course, Title: o.Title(r.Lang.Code()), Hours: o.Hours, Earned: o.Earned, Issued: o.Issued, Public: o.Public, Revoked: o.Revoked,
			Replaced: o.Replaced, Name: o.Whole().Reveal(), Code: o.Code.Reveal(), Address: a.checkAddress(r, o.Number), Steps: []copyStep{}}
		steps, err := a.Certificates.Steps(r.Context(), o.Certificate)
		if err != nil {
			return nil, err
		}
		for _, x := range steps {
			who, err := names.stepBy(x)
			if err != nil {
				return nil, err
			}
			c.Steps = append(c.Steps, copyStep{At: x.At, Who: who, Did: stepSaid(r.Lang, x)})
		}
		out = append(out, c)
	}
	return out, nil
}

// awardsPaper lists certificates with the names that stand on them, for the copy on paper.
func (a *accountPages) awardsPaper(names *actorNames, own person.ID) (web.Table, error) {
	r := names.r
	list, err := a.copyCertificates(names, own)
	t := web.Table{Caption: r.T("certificate.mine"), Quiet: true, Columns: []web.Column{{Label: r.T("certificate.course")}, {Label: r.T("certificate.number")}, {Label: r.T("certificate.name")},
		{Label: r.T("certificate.steps")}}, Empty: &web.Empty{Title: r.T("certificate.mine.none"), Text: web.Plain(r.T("certificate.mine.none.text"))}}
	for _, c := range list {
		var steps []string
		for _, x := range c.Steps {
			steps = append(steps, r.Lang.DateTime(x.At)+" — "+x.Did)
		}
		name := c.Name
		if name == "" {
			name = "—"
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(c.Title + ", " + courseHours(r.Lang, c.Hours))}, {Text: web.Plain(c.Number), Code: true}, {Text: web.Plain(name)},
			{Text: web.Plain(strings.Join(steps, "; "))}})
	}
	return t, err
}
