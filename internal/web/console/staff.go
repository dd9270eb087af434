package console

import (
	"net/http"
	"slices"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
	"ustaz/internal/web"
)

func (c *console) showStaff(w http.ResponseWriter, v *visit) error {
	members, err := c.Staff.List(v.Context())
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("console.staff.title"), Lead: v.T("console.staff.lead"),
		Acts: []web.Button{{Text: v.T("console.invite.title"), Href: v.to(PathInvite, nil), Style: web.Secondary}}}
	p.Table = web.Table{Caption: p.Title, Quiet: true,
		Columns: []web.Column{{Label: v.T("console.staff.member")}, {Label: v.T("console.staff.roles")}, {Label: v.T("console.staff.since")}, {Label: v.T("console.staff.state")}, {Label: v.T("console.staff.acts")}},
		Empty:   &web.Empty{Title: v.T("console.staff.none"), Text: web.Plain(v.T("console.staff.none.text"))}}
	for _, m := range members {
		state, act, path := web.Tag{Text: v.T("console.staff.on"), Style: web.Good}, "console.staff.disable", PathDisable
		if m.Disabled {
			state, act, path = web.Tag{Text: v.T("console.staff.off"), Style: web.Bad}, "console.staff.enable", PathEnable
		}
		id := m.Subject.String()
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Plain(m.Initials)},
			{Text: web.Plain(v.roles(m.Roles))},
			{Text: web.Plain(v.Lang.Date(m.Since))},
			{Tag: &state},
			{Text: web.Text{{Text: v.T("console.staff.change"), Href: v.to(PathMember, nil, "subject", id)}, {Text: " · "}, {Text: v.T(act), Href: v.to(path, nil, "subject", id)}}},
		})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// rolesField asks for roles of staff.
func (v *visit) rolesField(held ...policy.Role) *web.Field {
	names := make([]string, len(held))
	for i, r := range held {
		names[i] = r.String()
	}
	return web.NewField(v.Lang, web.Ticks, "roles", v.T("console.staff.roles")).Must().Holding(names...).
		Of(options(staffRoles(), func(r policy.Role) web.Option {
			return web.Option{Value: r.String(), Text: v.T(r.Key()), Hint: v.T("console.duty." + r.String())}
		})...)
}

// rolesChosen reads that field. No role at all is a fault of the form.
func rolesChosen(form web.Form) ([]policy.Role, error) {
	roles, err := chosen(form.All("roles"), policy.RoleByName, policy.Role.Staff)
	if err == nil && len(roles) == 0 {
		err = errs.InvalidFields([]errs.Field{{Name: "roles", Key: "staff.role"}})
	}
	return roles, err
}

func (c *console) invitePage(v *visit) formPage {
	sheet := web.NewSheet(v.Lang, v.to(PathInvite, nil), v.T("console.invite.make"), v.rolesField())
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathStaff, nil)}
	return formPage{Title: v.T("console.invite.title"), Lead: v.T("console.invite.lead"), Sheet: sheet}
}

func (c *console) showInvite(w http.ResponseWriter, v *visit) error {
	return c.sendForm(w, v, c.invitePage(v), web.Form{}, nil)
}

// invite makes a one-time link and shows it once (1.1.1).
func (c *console) invite(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Many("roles"))
	if err != nil {
		return err
	}
	roles, err := rolesChosen(form)
	if err != nil {
		return c.sendForm(w, v, c.invitePage(v), form, err)
	}
	token, expires, err := c.Staff.Invite(v.Context(), v.Viewer.Subject, roles)
	if err != nil {
		return err
	}
	p := shownOncePage{Chrome: c.chrome(v), Title: v.T("console.invite.ready"), Label: v.T("console.invite.link"), Secret: c.InviteLink(v.Lang.Code(), token),
		Notice: web.NewNotice(v.Lang, web.Warn, v.T("console.once.title"), web.Plain(v.T("console.invite.once"))),
		Facts: web.Summary{Rows: []web.Row{{Key: v.T("console.staff.roles"), Value: web.Plain(v.roles(roles))},
			{Key: v.T("console.once.until"), Value: web.Plain(v.Lang.DateTime(expires))}}},
		Next: web.Button{Text: v.T("console.once.done"), Href: v.to(PathStaff, nil), Style: web.Secondary}}
	return c.shownOnce.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// theMember is the one that the address names.
func (c *console) theMember(v *visit) (staff.Member, error) {
	id, err := v.id("subject")
	if err != nil {
		return staff.Member{}, err
	}
	m, found, err := c.Staff.Member(v.Context(), id)
	if err == nil && !found {
		err = errs.New(errs.NotFound, "staff.unknown")
	}
	return m, err
}

func (c *console) memberPage(v *visit, m staff.Member) formPage {
	sheet := web.NewSheet(v.Lang, v.to(PathMember, nil, "subject", m.Subject.String()), v.T("console.staff.save"), v.rolesField(m.Roles...))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathStaff, nil)}
	return formPage{Title: v.T("console.staff.of", i18n.Str("initials", m.Initials)), Lead: v.T("console.staff.change.lead"), Sheet: sheet}
}

func (c *console) showMember(w http.ResponseWriter, v *visit) error {
	m, err := c.theMember(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, c.memberPage(v, m), web.Form{}, nil)
}

func (c *console) changeRoles(w http.ResponseWriter, v *visit) error {
	m, err := c.theMember(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Many("roles"))
	if err != nil {
		return err
	}
	roles, err := rolesChosen(form)
	if err == nil {
		err = c.Staff.Change(v.Context(), v.Viewer.Subject, m.Subject, roles)
	}
	if err != nil {
		return c.sendForm(w, v, c.memberPage(v, m), form, err)
	}
	return v.onward(w, m.Subject, roles, m.Disabled, "console_roles")
}

// onward leads back to the staff; whoever has just given up their own right to it, to where they still may go.
func (v *visit) onward(w http.ResponseWriter, changed person.ID, roles []policy.Role, disabled bool, done string) error {
	to := v.to(PathStaff, nil)
	switch {
	case changed != v.Viewer.Subject:
	case disabled:
		to = v.Path(web.PathHome)
	case !slices.Contains(roles, policy.Admin):
		to = v.Path(web.PathConsole)
	}
	return v.SeeOther(w, to, done)
}

// switchPage asks before a member is disabled or let in again.
func (c *console) switchPage(v *visit, m staff.Member, off bool) confirmPage {
	name, path := "console.staff.enable", PathEnable
	if off {
		name, path = "console.staff.disable", PathDisable
	}
	sheet := web.NewSheet(v.Lang, v.to(path, nil, "subject", m.Subject.String()), v.T(name+".act"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathStaff, nil)}
	return confirmPage{Chrome: c.chrome(v), Title: v.T(name+".title", i18n.Str("initials", m.Initials)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T(name+".undo")), web.Plain(v.T("console.at_once")), nil,
			web.Plain(v.T(name+".what", i18n.Str("roles", v.roles(m.Roles)))), web.Plain(v.T(name+".kept")))}
}

func (c *console) askSwitch(off bool) handler {
	return func(w http.ResponseWriter, v *visit) error {
		m, err := c.theMember(v)
		if err != nil {
			return err
		}
		return c.sendConfirm(w, v, c.switchPage(v, m, off), nil)
	}
}

func (c *console) doSwitch(off bool) handler {
	act, done := c.Staff.Enable, "console_enabled"
	if off {
		act, done = c.Staff.Disable, "console_disabled"
	}
	return func(w http.ResponseWriter, v *visit) error {
		m, err := c.theMember(v)
		if err != nil {
			return err
		}
		if _, err := v.Form(); err != nil {
			return err
		}
		if err := act(v.Context(), v.Viewer.Subject, m.Subject); err != nil {
			return c.sendConfirm(w, v, c.switchPage(v, m, off), err)
		}
		return v.onward(w, m.Subject, m.Roles, off, done)
	}
}
