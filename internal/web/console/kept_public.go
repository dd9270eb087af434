package console

import (
	"net/http"
	"slices"
	"strconv"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/publication"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// Addresses of what people made public (7.2) and permitted in writing (6.2.2).
const (
	PathPublications    = "/{lang}/console/publications"
	PathTakeDown        = "/{lang}/console/publications/{slug}/down"
	PathPermissions     = "/{lang}/console/permissions"
	PathPermissionText  = "/{lang}/console/permissions/{permission}/text"
	PathPermissionPaper = "/{lang}/console/person/{subject}/permission" // signed by hand; the officer holds the paper
)

func (c *console) publicRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		c.on(get, PathPublications, officers, c.showPublications, web.Line("before")),
		c.on(get, PathTakeDown, officers, c.askTakeDown),
		c.on(post, PathTakeDown, officers, c.fresh(c.takeDown)),
		c.on(get, PathPermissions, officers, c.showPermissions, web.Line("before")),
		c.on(post, PathPermissionText, officers, c.openPermission),
		c.on(get, PathPermissionPaper, officers, atWork(c.showPermissionPaper)),
		c.on(post, PathPermissionPaper, officers, atWork(c.fresh(c.enterPermission))),
	}
}

func (c *console) showPublications(w http.ResponseWriter, v *visit) error {
	before, err := v.before()
	if err != nil {
		return err
	}
	list, err := c.Pages.Register(v.Context(), before, perPage+1)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("publicwork.title"), Lead: v.T("publicwork.lead"), Label: v.T("frame.pages")}
	p.Table = web.Table{Caption: p.Title, Quiet: true, Columns: []web.Column{{Label: v.T("console.person")}, {Label: v.T("publicwork.fields")}, {Label: v.T("publicwork.from")},
		{Label: v.T("console.staff.state")}, {Label: v.T("console.staff.acts")}},
		Empty: &web.Empty{Title: v.T("publicwork.none"), Text: web.Plain(v.T("publicwork.none.text"))}}
	for i, k := range list {
		if i == perPage {
			p.Older = v.older(PathPublications, list[i-1].Place())
			break
		}
		state, act := web.Cell{Tag: &web.Tag{Text: v.T("publicwork.public"), Style: web.Warn}}, web.Text{{Text: v.T("publicwork.down"), Href: v.to(PathTakeDown, nil, "slug", k.Slug)}}
		if !k.Ended.IsZero() {
			state, act = web.Cell{Text: web.Plain(v.publicEnd(k))}, web.Plain("—")
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{v.subjectCell(k.Subject), {Text: web.Plain(v.fields(k.Fields))}, {Text: web.Plain(v.Lang.DateTime(k.Started))}, state, {Text: act}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// publicEnd says when a publication ended, and by whom.
func (v *visit) publicEnd(k *publication.Publication) string {
	i := slices.IndexFunc(actorKinds, func(o offer[ledger.ActorKind]) bool { return o.value == k.EndedBy })
	return v.Lang.DateTime(k.Ended) + " (" + v.T("console.kind."+actorKinds[i].name) + ")"
}

func (c *console) takeDownPage(v *visit) (confirmPage, error) {
	k, err := c.Pages.BySlug(v.Context(), v.PathValue("slug"))
	if err != nil {
		return confirmPage{}, err
	}
	sheet := web.NewSheet(v.Lang, v.to(PathTakeDown, nil, "slug", k.Slug), v.T("publicwork.down"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathPublications, nil)}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("publicwork.down.title"),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("publicwork.down.undo")), web.Plain(v.T("console.at_once")), []string{v.fields(k.Fields)},
			web.Plain(v.T("publicwork.down.what", i18n.Str("id", k.Subject.String()))))}, nil
}

func (c *console) askTakeDown(w http.ResponseWriter, v *visit) error {
	p, err := c.takeDownPage(v)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, p, nil)
}

func (c *console) takeDown(w http.ResponseWriter, v *visit) error {
	p, err := c.takeDownPage(v)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Pages.TakeDown(v.Context(), v.officer(), v.PathValue("slug")); err != nil {
		return c.sendConfirm(w, v, p, err)
	}
	return v.SeeOther(w, v.to(PathPublications, nil), "publication_down")
}

func (c *console) showPermissions(w http.ResponseWriter, v *visit) error {
	before, err := v.before()
	if err != nil {
		return err
	}
	list, err := c.Permits.Register(v.Context(), before, perPage+1)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("permitwork.title"), Lead: v.T("permitwork.lead"), Label: v.T("frame.pages"),
		Acts: []web.Button{{Text: v.T("permitwork.find"), Href: v.Path(PathWork), Style: web.Secondary}}}
	p.Table = web.Table{Caption: p.Title, Quiet: true, Columns: []web.Column{{Label: v.T("console.person")}, {Label: v.T("permitwork.receiver")}, {Label: v.T("publicwork.fields")},
		{Label: v.T("permitwork.given")}, {Label: v.T("console.staff.state")}, {Label: v.T("permitwork.text")}},
		Empty: &web.Empty{Title: v.T("permitwork.none"), Text: web.Plain(v.T("permitwork.none.text"))}}
	for i, k := range list {
		if i == perPage {
			p.Older = v.older(PathPermissions, list[i-1].Place())
			break
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{v.subjectCell(k.Subject), {Text: web.Plain(k.Receiver)}, {Text: web.Plain(v.fields(k.Fields))},
			{Text: web.Plain(v.Lang.Date(k.Given) + ", " + v.T("permitwork.signed."+k.Signed.String()))}, {Tag: v.permitState(k)},
			{Post: &web.Post{Action: v.to(PathPermissionText, nil, "permission", strconv.FormatInt(k.ID, 10)),
				Button: web.Button{Text: v.T("permitwork.open"), Style: web.Bare}}}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) permitState(k *permission.Permission) *web.Tag {
	switch {
	case !k.Ended.IsZero():
		return &web.Tag{Text: v.T("permitwork.back", i18n.Day("day", k.Ended)), Style: web.Info}
	case !k.Good(v.Now):
		return &web.Tag{Text: v.T("permitwork.over", i18n.Day("day", k.Until)), Style: web.Info}
	}
	return &web.Tag{Text: v.T("permitwork.good", i18n.Day("day", k.Until)), Style: web.Good}
}

// permissionPage shows the words that were signed, on the answer to the POST that opened them.
type permissionPage struct {
	Chrome  chrome
	Title   string
	Text    string
	Refusal *web.Notice
	Back    web.Button
}

func (c *console) openPermission(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	id, err := v.number("permission")
	if err != nil {
		return err
	}
	p := permissionPage{Title: v.T("permitwork.text"), Back: web.Button{Text: v.T("permitwork.title"), Href: v.to(PathPermissions, nil), Style: web.Secondary}}
	text, fault := c.Permits.Text(v.Context(), v.officer(), id)
	if fault != nil {
		refused := false
		if p.Refusal, refused = v.refusal(fault); !refused {
			return fault
		}
	} else {
		p.Text = text.Reveal()
	}
	p.Chrome = c.chrome(v)
	return c.permission.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true}, p)
}

func (v *visit) permissionForm(id person.ID) formPage {
	l := v.Lang
	sheet := web.NewSheet(l, v.to(PathPermissionPaper, nil, "subject", id.String()), v.T("permitwork.enter"),
		web.NewField(l, web.TextField, "receiver", v.T("permitwork.receiver")).Must().Hinted(v.T("permitwork.receiver.hint")).Because("6.2.2", v.T("permitwork.why")).Fills("off").UpTo(200),
		web.NewField(l, web.Ticks, "fields", v.T("publicwork.fields")).Must().Of(options(person.Profile, func(f person.Field) web.Option {
			return web.Option{Value: f.String(), Text: heading(v.T("field." + f.String()))}
		})...),
		web.NewField(l, web.DayField, "until", v.T("permitwork.until")).Must().Fills("off"),
		web.NewField(l, web.Area, "words", v.T("permitwork.words")).Must().Hinted(v.T("permitwork.words.hint")).UpTo(person.MaxWords))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathPerson, nil, "subject", id.String())}
	return formPage{Title: v.T("permitwork.paper"), Lead: v.T("permitwork.paper.lead", i18n.Str("id", id.String())), Sheet: sheet}
}

func (c *console) showPermissionPaper(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, v.permissionForm(id), web.Form{}, nil)
}

func (c *console) enterPermission(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("receiver"), web.Many("fields"), web.Line("until"), web.Lines("words", person.MaxWords))
	if err == nil {
		err = c.givePermission(v, id, form)
	}
	if err != nil {
		return c.sendForm(w, v, v.permissionForm(id), form, err)
	}
	return v.SeeOther(w, v.to(PathPermissions, nil), "permission_entered")
}

// givePermission reads the form; the last day belongs to the permission whole.
func (c *console) givePermission(v *visit, id person.ID, form web.Form) error {
	fields, err := chosen(form.All("fields"), person.FieldByName, person.Set(person.Profile...).Has)
	if err != nil {
		return err
	}
	text, wrong := v.words(form, "words")
	day, err := worktime.ParseDate(form.Get("until"))
	if err != nil {
		wrong = faults(wrong, fault("until", "worktime.date"))
	}
	if wrong != nil {
		return wrong
	}
	_, err = c.Permits.Give(v.Context(), v.officer(), permission.Permission{Subject: id, Receiver: form.Get("receiver"), Fields: person.Set(fields...), Until: day.End()}, text)
	if errs.Is(err, errs.Invalid) {
		err = toInput(err, person.Words.String(), "words")
	}
	return err
}
