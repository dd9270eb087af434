package site

import (
	"net/http"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// permissionsPage lists a person's written permissions and says what they are for (6.2.2).
type permissionsPage struct {
	Lead web.Text
	Give *web.Button // nil where none can be given now
	List web.Table
}

func (a *accountPages) showPermissions(w http.ResponseWriter, r *web.Request, s account.Session) error {
	list, err := a.ownPermissions(r, s.Subject)
	if err != nil {
		return err
	}
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	p := permissionsPage{Lead: web.Text{{Text: r.T("permits.lead") + " "}, clauseRun(r, "6.2.2")}, List: list}
	if !blocked && !r.Viewer.MustConsent {
		give := linkButton(r, web.Primary, "permits.give", r.Path(PathPermissionNew))
		p.Give = &give
	}
	return a.permits.Send(w, r, web.Head{Title: r.T("permits.title"), Back: backTo(r, "mydata.title", PathData)}, p)
}

// ownPermissions lists them with how they stand.
func (a *accountPages) ownPermissions(r *web.Request, own person.ID) (web.Table, error) {
	t := web.Table{Caption: r.T("permits.title"), Quiet: true, Columns: []web.Column{{Label: r.T("permits.receiver")}, {Label: r.T("permits.fields")},
		{Label: r.T("permits.given")}, {Label: r.T("permits.until")}, {Label: r.T("permits.state")}},
		Empty: &web.Empty{Title: r.T("permits.none"), Text: web.Plain(r.T("permits.none.text"))}}
	list, err := a.Permits.Mine(r.Context(), own)
	for _, x := range list {
		state := permissionState(r, x)
		t.Rows = append(t.Rows, []web.Cell{
			{Text: web.Text{{Text: x.Receiver, Href: permissionPath(r, PathPermission, x)}}}, {Text: web.Plain(fieldNames(r.Lang, x.Fields))},
			{Text: web.Plain(r.Lang.Date(x.Given))}, {Text: web.Plain(r.Lang.Date(x.Until))}, {Tag: &state}})
	}
	return t, err
}

func permissionPath(r *web.Request, pattern string, p *permission.Permission) string {
	return r.Path(pattern, "permission", person.ID(p.ID).String())
}

func permissionState(r *web.Request, p *permission.Permission) web.Tag {
	switch {
	case p.Good(r.Now):
		return web.Tag{Text: r.T("permits.state.good"), Style: web.Good}
	case !p.Ended.IsZero():
		return web.Tag{Text: r.T("permits.state.back"), Style: web.Info}
	}
	return web.Tag{Text: r.T("permits.state.over"), Style: web.Info}
}

// permissionPage is one permission: what was signed, and the way to take it back.
type permissionPage struct {
	Title  string
	State  web.Tag
	Facts  web.Summary
	Words  string
	Closed *web.Notice // why the words are not shown
	End    *web.Confirm
}

// myPermission is the one that the address names. Another's is not found, and nobody hears of the attempt but our counters.
func (a *accountPages) myPermission(r *web.Request, s account.Session) (*permission.Permission, error) {
	list, err := a.Permits.Mine(r.Context(), s.Subject)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if person.ID(p.ID).String() == r.PathValue("permission") {
			return p, nil
		}
	}
	return nil, errs.New(errs.NotFound, "permission.none")
}

func (a *accountPages) showPermission(w http.ResponseWriter, r *web.Request, s account.Session) error {
	x, err := a.myPermission(r, s)
	if err != nil {
		return err
	}
	l := r.Lang
	p := permissionPage{Title: r.T("permits.page"), State: permissionState(r, x), Facts: web.Summary{Rows: []web.Row{
		{Key: r.T("permits.receiver"), Value: web.Plain(x.Receiver)},
		{Key: r.T("permits.fields"), Value: web.Plain(fieldNames(l, x.Fields))},
		{Key: r.T("permits.given"), Value: web.Plain(l.DateTime(x.Given)), Note: web.Plain(r.T("permits.signed." + x.Signed.String()))},
		{Key: r.T("permits.until"), Value: web.Plain(l.Date(x.Until))},
	}}}
	if !x.Ended.IsZero() {
		p.Facts.Rows = append(p.Facts.Rows, web.Row{Key: r.T("permits.ended"), Value: web.Plain(l.DateTime(x.Ended))})
	}
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	if blocked { // by no permission does anything go out now (6.2.4)
		n := web.NewNotice(l, web.Warn, "", web.Text{{Text: r.T("permits.blocked") + " "}, clauseRun(r, "6.2.4")})
		p.Closed = &n
		return a.sendPermission(w, r, p)
	}
	text, err := a.Permits.Text(r.Context(), keeper.Own(s.Subject), x.ID)
	switch {
	case errs.Is(err, errs.Forbidden):
		n := web.NewNotice(l, web.Warn, "", web.Plain(l.Error(err)))
		p.Closed = &n
	case err != nil:
		return err
	}
	p.Words = text.Reveal()
	if x.Good(r.Now) {
		sheet := web.NewSheet(l, permissionPath(r, PathPermissionEnd, x), r.T("permits.end"))
		sheet.Cancel = backTo(r, "permits.end.cancel", PathPermissions)
		ask := web.NewConfirm(l, sheet, web.Plain(r.T("permits.end.undo")), web.Plain(r.T("permits.end.when")), nil,
			web.Plain(r.T("permits.end.what", i18n.Str("receiver", x.Receiver))), web.Plain(r.T("permits.end.before")))
		p.End = &ask
	}
	return a.sendPermission(w, r, p)
}

func (a *accountPages) sendPermission(w http.ResponseWriter, r *web.Request, p permissionPage) error {
	return a.permit.Send(w, r, web.Head{Title: p.Title, Back: backTo(r, "permits.title", PathPermissions)}, p)
}

func (a *accountPages) doEndPermission(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	x, err := a.myPermission(r, s)
	if err != nil {
		return err
	}
	if err := a.Permits.TakeBack(r.Context(), s.Subject, x.ID); err != nil {
		return err
	}
	return r.SeeOther(w, permissionPath(r, PathPermission, x), "permission_ended")
}

// Names of inputs, as errors of package permission call them.
const (
	receiverName = "receiver"
	untilName    = "until"
)

// permissionForm asks for everything that a written permission says. prove adds the fields by which somebody shows once more who they are.
func permissionForm(r *web.Request, s account.Session, prove bool) filingPage {
	l := r.Lang
	var options []web.Option
	for _, f := range person.Profile {
		options = append(options, web.Option{Value: f.String(), Text: fieldLabel(l, f)})
	}
	fields := []*web.Field{
		web.NewField(l, web.TextField, receiverName, r.T("permits.receiver.ask")).Must().Hinted(r.T("permits.receiver.hint")).Fills("off").UpTo(permission.MaxReceiver),
		web.NewField(l, web.Ticks, chosenName, r.T("permits.fields.ask")).Must().Of(options...),
		web.NewField(l, web.DayField, untilName, r.T("permits.until.ask")).Must().Hinted(r.T("permits.until.hint")),
		web.NewField(l, web.Area, wordsName, r.T("permits.words.ask")).Must().Hinted(r.T("permits.words.hint")).UpTo(maxWords),
	}
	if prove {
		fields = append(fields, proofFields(r, s)...)
	}
	sheet := web.NewSheet(l, r.Path(PathPermissionNew), r.T("permits.submit"), fields...)
	sheet.Cancel = backTo(r, "permits.cancel", PathPermissions)
	ask := web.NewConfirm(l, sheet, web.Plain(r.T("permits.undo")), web.Plain(r.T("permits.when")), nil,
		web.Plain(r.T("permits.means.only")), web.Plain(r.T("permits.means.seen")), web.Plain(r.T("permits.means.free")))
	return filingPage{Title: r.T("permits.give"), Lead: web.Text{{Text: r.T("permits.lead") + " "}, clauseRun(r, "6.2.2")}, Ask: &ask}
}

func (a *accountPages) sendPermissionForm(w http.ResponseWriter, r *web.Request, p filingPage, sent web.Form, err error) error {
	return a.sendFiling(w, r, p, backTo(r, "permits.title", PathPermissions), sentFiling{Form: sent}, err)
}

// showNewPermission asks first who somebody is, if that was a while ago: what is signed here counts as written (6.2.2).
func (a *accountPages) showNewPermission(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if !recently(r, s) {
		return a.proveFirst(w, r)
	}
	return a.sendPermissionForm(w, r, permissionForm(r, s, false), web.Form{}, nil)
}

// doNewPermission records it. Where the proof has become old while somebody wrote, it is asked for on the form, so that no word is lost.
func (a *accountPages) doNewPermission(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(proofInputs(web.Line(receiverName), web.Many(chosenName), web.Line(untilName), web.Lines(wordsName, maxWords))...)
	if fatal(err) {
		return err
	}
	prove := !recently(r, s)
	if prove && err == nil {
		err = a.proveHere(w, r, s, form)
		prove = err != nil
	}
	if err == nil {
		err = a.givePermission(r, s, form)
	}
	if err != nil {
		return a.sendPermissionForm(w, r, permissionForm(r, s, prove), form, err)
	}
	return r.SeeOther(w, r.Path(PathPermissions), "permitted")
}

// givePermission tells of all that is wrong at once.
func (a *accountPages) givePermission(r *web.Request, s account.Session, form web.Form) error {
	fields, err := chosenFields(form.All(chosenName), person.Set(person.Profile...))
	if err != nil {
		return err
	}
	words, bad := parseInput(r, form, wordsName, person.Words)
	var until time.Time
	if day, err := worktime.ParseDate(form.Get(untilName)); err == nil { // Give tells of a day that is none, with all else
		until = day.End()
	}
	_, err = a.Permits.Give(r.Context(), keeper.Own(s.Subject), permission.Permission{Subject: s.Subject, Receiver: form.Get(receiverName), Fields: fields,
		Until: until}, words)
	return together(bad, err)
}
