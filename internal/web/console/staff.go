package console

import (
	"context"
	"net/http"
	"slices"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
	"ustaz/internal/web"
)

// staffPage lists the members, the roles that wait for a second administrator, and the links that nobody has used.
type staffPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Alone  *web.Notice // nobody else could approve
	Acts   []web.Button
	Tables []web.Table
}

func (c *console) showStaff(w http.ResponseWriter, v *visit) error {
	members, err := c.Staff.List(v.Context())
	if err != nil {
		return err
	}
	grants, err := c.Staff.Grants(v.Context())
	if err != nil {
		return err
	}
	links, err := c.Staff.Invitations(v.Context())
	if err != nil {
		return err
	}
	alone, err := c.Staff.Alone(v.Context(), v.Viewer.Subject)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := staffPage{Chrome: c.chrome(v), Title: v.T("console.staff.title"), Lead: v.T("console.staff.lead"),
		Acts: []web.Button{{Text: v.T("console.invite.title"), Href: v.to(PathInvite, nil), Style: web.Secondary}}}
	if alone {
		notice := web.NewNotice(v.Lang, web.Warn, "", web.Plain(v.T("console.grant.alone.now")))
		p.Alone = &notice
	}
	if len(grants) > 0 {
		p.Tables = append(p.Tables, n.grants(grants))
	}
	p.Tables = append(p.Tables, v.members(members))
	if len(links) > 0 {
		p.Tables = append(p.Tables, n.links(links))
	}
	return c.staff.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) members(members []staff.Member) web.Table {
	t := web.Table{Caption: v.T("console.staff.members"),
		Columns: []web.Column{{Label: v.T("console.staff.member")}, {Label: v.T("console.staff.roles")}, {Label: v.T("console.staff.since")}, {Label: v.T("console.staff.state")}, {Label: v.T("console.staff.acts")}},
		Empty:   &web.Empty{Title: v.T("console.staff.none"), Text: web.Plain(v.T("console.staff.none.text"))}}
	for _, m := range members {
		state, act, path := web.Tag{Text: v.T("console.staff.on"), Style: web.Good}, "console.staff.disable", PathDisable
		if m.Disabled {
			state, act, path = web.Tag{Text: v.T("console.staff.off"), Style: web.Bad}, "console.staff.enable", PathEnable
		}
		id := m.Subject.String()
		acts := web.Text{{Text: v.T("console.staff.change"), Href: v.to(PathMember, nil, "subject", id)}, {Text: " · "}, {Text: v.T(act), Href: v.to(path, nil, "subject", id)}}
		if m.Subject != v.Viewer.Subject {
			acts = append(acts, web.Run{Text: " · "}, web.Run{Text: v.T("console.factor.reset"), Href: v.to(PathFactor, nil, "subject", id)})
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(m.Initials)}, {Text: web.Plain(v.roles(m.Roles))}, {Text: web.Plain(v.Lang.Date(m.Since))}, {Tag: &state}, {Text: acts}})
	}
	return t
}

// maker is who gave roles or made a link.
func (n *names) maker(id person.ID) string {
	if id == 0 {
		return n.v.T("console.grant.operator")
	}
	return n.actor(ledger.ByStaff, id, policy.Admin)
}

// grants are the roles that wait; each leads to its approval, for those who may.
func (n *names) grants(list []staff.Grant) web.Table {
	v := n.v
	t := web.Table{Caption: v.T("console.grant.title"),
		Columns: []web.Column{{Label: v.T("console.grant.who")}, {Label: v.T("console.staff.roles")}, {Label: v.T("console.grant.by")}, {Label: v.T("console.grant.when")},
			{Label: v.T("console.once.until")}, {Label: v.T("console.grant.approval")}, {Label: v.T("console.grant.withdrawal")}}}
	for _, g := range list {
		id := g.ID.String()
		approval := web.Text{{Text: v.T("console.grant.approve"), Href: v.to(PathApprove, nil, "grant", id)}}
		if g.Bars(v.Viewer.Subject) != nil {
			approval = web.Plain(v.T("console.grant.another"))
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(g.Initials)}, {Text: web.Plain(v.roles(g.Roles))}, {Text: web.Plain(n.maker(g.MadeBy))},
			{Text: web.Plain(v.Lang.DateTime(g.MadeAt))}, {Text: web.Plain(v.Lang.DateTime(g.Expires))}, {Text: approval},
			{Post: v.takeBack(PathWithdraw, "grant", id)}})
	}
	return t
}

// links are the invitations that nobody has used.
func (n *names) links(list []staff.Invitation) web.Table {
	v := n.v
	t := web.Table{Caption: v.T("console.link.title"), Columns: []web.Column{{Label: v.T("console.staff.roles")}, {Label: v.T("console.grant.by")},
		{Label: v.T("console.once.until")}, {Label: v.T("console.grant.withdrawal")}}}
	for _, i := range list {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(v.roles(i.Roles))}, {Text: web.Plain(n.maker(i.MadeBy))}, {Text: web.Plain(v.Lang.DateTime(i.Expires))},
			{Post: v.takeBack(PathUninvite, "invitation", i.ID.String())}})
	}
	return t
}

func (v *visit) takeBack(path, name, id string) *web.Post {
	return &web.Post{Action: v.to(path, nil, name, id), Button: web.Button{Text: v.T("console.grant.withdraw"), Style: web.Bare}}
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
	alone, err := c.Staff.Alone(v.Context(), v.Viewer.Subject)
	if err != nil {
		return err
	}
	token, expires, err := c.Staff.Invite(v.Context(), v.Viewer.Subject, roles)
	if err != nil {
		return err
	}
	second := "console.grant.needed"
	if alone {
		second = "console.grant.alone"
	}
	p := shownOncePage{Chrome: c.chrome(v), Title: v.T("console.invite.ready"), Label: v.T("console.invite.link"), Secret: c.InviteLink(v.Lang.Code(), token),
		Notice: web.NewNotice(v.Lang, web.Warn, v.T("console.once.title"), web.Plain(v.T("console.invite.once"))),
		Facts: web.Summary{Rows: []web.Row{{Key: v.T("console.staff.roles"), Value: web.Plain(v.roles(roles))},
			{Key: v.T("console.grant.approval"), Value: web.Plain(v.T(second))},
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
	done := "console_roles"
	waiting, _, err := c.Staff.Waiting(v.Context(), m.Subject)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(waiting.Roles, func(r policy.Role) bool { return slices.Contains(roles, r) }) {
		done = "console_roles_wait"
	}
	return v.onward(w, m.Subject, roles, m.Disabled, done)
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

// theGrant is the one that the address names.
func (c *console) theGrant(v *visit) (staff.Grant, error) {
	id, err := v.id("grant")
	if err != nil {
		return staff.Grant{}, err
	}
	all, err := c.Staff.Grants(v.Context())
	for _, g := range all {
		if g.ID == id {
			return g, err
		}
	}
	if err == nil {
		err = errs.New(errs.Gone, "staff.grant.gone")
	}
	return staff.Grant{}, err
}

// approvePage asks the second administrator (1.1.1).
func (c *console) approvePage(v *visit, g staff.Grant) (confirmPage, error) {
	n, err := c.names(v)
	if err != nil {
		return confirmPage{}, err
	}
	sheet := web.NewSheet(v.Lang, v.to(PathApprove, nil, "grant", g.ID.String()), v.T("console.grant.approve.act"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathStaff, nil)}
	p := confirmPage{Chrome: c.chrome(v), Title: v.T("console.grant.approve.title", i18n.Str("initials", g.Initials)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("console.grant.approve.undo")), web.Plain(v.T("console.at_once")), nil,
			web.Plain(v.T("console.grant.approve.what", i18n.Str("initials", g.Initials), i18n.Str("roles", v.roles(g.Roles)))),
			web.Plain(v.T("console.grant.approve.by", i18n.Str("who", n.maker(g.MadeBy)), i18n.Moment("when", g.MadeAt))),
			web.Plain(v.T("console.grant.approve.sure")))}
	sheet.Submit.Style = web.Primary // it takes nothing away
	return p, nil
}

func (c *console) askApprove(w http.ResponseWriter, v *visit) error {
	g, err := c.theGrant(v)
	if err == nil {
		err = g.Bars(v.Viewer.Subject)
	}
	if err != nil {
		return err
	}
	p, err := c.approvePage(v, g)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, p, nil)
}

func (c *console) approve(w http.ResponseWriter, v *visit) error {
	return c.settle(w, v, "grant", c.Staff.Approve, "console_approved")
}

func (c *console) withdraw(w http.ResponseWriter, v *visit) error {
	return c.settle(w, v, "grant", c.Staff.Withdraw, "console_withdrawn")
}

func (c *console) uninvite(w http.ResponseWriter, v *visit) error {
	return c.settle(w, v, "invitation", c.Staff.Uninvite, "console_uninvited")
}

// settle ends what waits.
func (c *console) settle(w http.ResponseWriter, v *visit, name string, act func(context.Context, person.ID, person.ID) error, done string) error {
	id, err := v.id(name)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := act(v.Context(), v.Viewer.Subject, id); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathStaff, nil), done)
}

// factorPage asks before a lost second factor is taken away.
func (c *console) factorPage(v *visit, m staff.Member) confirmPage {
	sheet := web.NewSheet(v.Lang, v.to(PathFactor, nil, "subject", m.Subject.String()), v.T("console.factor.act"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathStaff, nil)}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("console.factor.title", i18n.Str("initials", m.Initials)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("console.factor.undo")), web.Plain(v.T("console.at_once")), nil,
			web.Plain(v.T("console.factor.sure")), web.Plain(v.T("console.factor.what")), web.Plain(v.T("console.factor.next")))}
}

func (c *console) askFactor(w http.ResponseWriter, v *visit) error {
	m, err := c.theMember(v)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, c.factorPage(v, m), nil)
}

func (c *console) resetFactor(w http.ResponseWriter, v *visit) error {
	m, err := c.theMember(v)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Staff.ResetFactor(v.Context(), v.Viewer.Subject, m.Subject); err != nil {
		return c.sendConfirm(w, v, c.factorPage(v, m), err)
	}
	return v.SeeOther(w, v.to(PathStaff, nil), "console_factor")
}
