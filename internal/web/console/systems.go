package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/system"
	"ustaz/internal/web"
)

// lives are how many days a token may be good for; the longest is within system.MaxLife.
var lives = []int64{30, 90, 180, 365}

// lent are the roles that an outside system can have.
var lent = []policy.Role{policy.Reader, policy.Registrar}

func (c *console) showSystems(w http.ResponseWriter, v *visit) error {
	systems, err := c.Systems.List(v.Context())
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("console.systems.title"), Lead: v.T("console.systems.lead"),
		Acts: []web.Button{{Text: v.T("console.systems.add"), Href: v.to(PathAddSystem, nil), Style: web.Secondary}}}
	p.Table = web.Table{Caption: p.Title, Quiet: true,
		Columns: []web.Column{{Label: v.T("console.systems.name")}, {Label: v.T("console.staff.roles")}, {Label: v.T("console.systems.purposes")},
			{Label: v.T("console.systems.until")}, {Label: v.T("console.systems.used")}, {Label: v.T("console.staff.state")}, {Label: v.T("console.staff.acts")}},
		Empty: &web.Empty{Title: v.T("console.systems.none"), Text: web.Plain(v.T("console.systems.none.text"))}}
	for _, s := range systems {
		used := v.T("console.systems.never")
		if !s.LastUsed.IsZero() {
			used = v.Lang.Date(s.LastUsed)
		}
		tag, acts := v.systemState(&s)
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Plain(s.Name)}, {Text: web.Plain(v.roles(s.Roles))}, {Text: v.clauses(purposes(s.Purposes))},
			{Text: web.Plain(v.Lang.Date(s.ExpiresAt))}, {Text: web.Plain(used)}, {Tag: tag}, {Text: acts},
		})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// systemState says how a system stands, and what can be done about it.
func (v *visit) systemState(s *system.System) (*web.Tag, web.Text) {
	if !s.RevokedAt.IsZero() {
		return &web.Tag{Text: v.T("console.systems.revoked"), Style: web.Bad}, web.Plain("—")
	}
	acts := web.Text{{Text: v.T("console.systems.rotate"), Href: v.to(PathRotate, nil, "system", s.ID.String())}, {Text: " · "},
		{Text: v.T("console.systems.revoke"), Href: v.to(PathRevoke, nil, "system", s.ID.String())}}
	if !v.Now.Before(s.ExpiresAt) {
		return &web.Tag{Text: v.T("console.systems.expired"), Style: web.Warn}, acts
	}
	return &web.Tag{Text: v.T("console.systems.open"), Style: web.Good}, acts
}

// lifeField asks how long a token is to be good.
func (v *visit) lifeField() *web.Field {
	return web.NewField(v.Lang, web.Select, "expires", v.T("console.systems.life")).Must().Hinted(v.T("console.systems.life.hint")).
		Of(options(lives, func(n int64) web.Option {
			return web.Option{Value: strconv.FormatInt(n, 10), Text: v.T("console.days", i18n.Num("n", n))}
		})...)
}

// expiry reads that field; nothing chosen is the zero time, which the registry refuses.
func (v *visit) expiry(form web.Form) (time.Time, error) {
	text := form.Get("expires")
	if text == "" {
		return time.Time{}, nil
	}
	for _, n := range lives {
		if strconv.FormatInt(n, 10) == text {
			return v.Now.Add(time.Duration(n) * 24 * time.Hour), nil
		}
	}
	return time.Time{}, errs.New(errs.Invalid, "error.form")
}

func (c *console) addPage(v *visit) formPage {
	l := v.Lang
	sheet := web.NewSheet(l, v.to(PathAddSystem, nil), v.T("console.systems.make"),
		web.NewField(l, web.TextField, "name", v.T("console.systems.name")).Must().Hinted(v.T("console.systems.name.hint")).Fills("off").UpTo(80),
		web.NewField(l, web.Ticks, "roles", v.T("console.staff.roles")).Must().
			Of(options(lent, func(r policy.Role) web.Option { return web.Option{Value: r.String(), Text: v.T(r.Key())} })...),
		web.NewField(l, web.Ticks, "purposes", v.T("console.systems.purposes")).Must().Hinted(v.T("console.systems.purposes.hint")).
			Of(options(policy.Purposes, func(p policy.Purpose) web.Option { return web.Option{Value: p.Clause(), Text: v.sayPurpose(p)} })...),
		v.lifeField())
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathSystems, nil)}
	return formPage{Title: v.T("console.systems.add"), Lead: v.T("console.systems.add.lead"), Sheet: sheet}
}

func (c *console) showAddSystem(w http.ResponseWriter, v *visit) error {
	return c.sendForm(w, v, c.addPage(v), web.Form{}, nil)
}

func (c *console) addSystem(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("name"), web.Many("roles"), web.Many("purposes"), web.Line("expires"))
	if err != nil {
		return c.sendForm(w, v, c.addPage(v), form, err)
	}
	spec, err := v.spec(form)
	if err != nil {
		return err
	}
	s, token, err := c.Systems.Add(v.Context(), v.Viewer.Subject, spec)
	if err != nil {
		return c.sendForm(w, v, c.addPage(v), form, err)
	}
	return c.sendToken(w, v, s, token)
}

func (v *visit) spec(form web.Form) (s system.Spec, err error) {
	s.Name = form.Get("name")
	if s.Roles, err = chosen(form.All("roles"), policy.RoleByName, func(policy.Role) bool { return true }); err != nil {
		return s, err
	}
	if s.Purposes, err = chosen(form.All("purposes"), policy.PurposeByClause, policy.Purpose.Valid); err != nil {
		return s, err
	}
	s.Expires, err = v.expiry(form)
	return s, err
}

// sendToken shows a token, once.
func (c *console) sendToken(w http.ResponseWriter, v *visit, s system.System, token secret.Text) error {
	p := shownOncePage{Chrome: c.chrome(v), Title: v.T("console.token.ready"), Label: v.T("console.token.label"), Secret: token.Reveal(),
		Notice: web.NewNotice(v.Lang, web.Warn, v.T("console.once.title"), web.Plain(v.T("console.token.once"))),
		Facts: web.Summary{Rows: []web.Row{{Key: v.T("console.systems.name"), Value: web.Plain(s.Name)},
			{Key: v.T("console.staff.roles"), Value: web.Plain(v.roles(s.Roles))},
			{Key: v.T("console.systems.purposes"), Value: web.Plain(strings.Join(purposes(s.Purposes), ", "))},
			{Key: v.T("console.once.until"), Value: web.Plain(v.Lang.Date(s.ExpiresAt))}}},
		Next: web.Button{Text: v.T("console.once.done"), Href: v.to(PathSystems, nil), Style: web.Secondary}}
	return c.shownOnce.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// theSystem is the one that the address names, if its token can still be changed.
func (c *console) theSystem(v *visit) (system.System, error) {
	id, err := v.id("system")
	if err != nil {
		return system.System{}, err
	}
	all, err := c.Systems.List(v.Context())
	if err != nil {
		return system.System{}, err
	}
	for _, s := range all {
		if s.ID == id && s.RevokedAt.IsZero() {
			return s, nil
		}
	}
	return system.System{}, errs.New(errs.NotFound, "api.system.unknown")
}

func (c *console) revokePage(v *visit, s system.System) confirmPage {
	sheet := web.NewSheet(v.Lang, v.to(PathRevoke, nil, "system", s.ID.String()), v.T("console.revoke.act"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathSystems, nil)}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("console.revoke.title", i18n.Str("name", s.Name)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("console.revoke.undo")), web.Plain(v.T("console.at_once")), nil,
			web.Plain(v.T("console.revoke.what")), web.Plain(v.T("console.revoke.kept")))}
}

func (c *console) askRevoke(w http.ResponseWriter, v *visit) error {
	s, err := c.theSystem(v)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, c.revokePage(v, s), nil)
}

func (c *console) revoke(w http.ResponseWriter, v *visit) error {
	s, err := c.theSystem(v)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Systems.Revoke(v.Context(), v.Viewer.Subject, s.ID); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathSystems, nil), "console_revoked")
}

func (c *console) rotatePage(v *visit, s system.System) confirmPage {
	sheet := web.NewSheet(v.Lang, v.to(PathRotate, nil, "system", s.ID.String()), v.T("console.rotate.act"), v.lifeField())
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathSystems, nil)}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("console.rotate.title", i18n.Str("name", s.Name)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("console.rotate.undo")), web.Plain(v.T("console.at_once")), nil,
			web.Plain(v.T("console.rotate.what")), web.Plain(v.T("console.rotate.kept")))}
}

func (c *console) askRotate(w http.ResponseWriter, v *visit) error {
	s, err := c.theSystem(v)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, c.rotatePage(v, s), nil)
}

func (c *console) rotate(w http.ResponseWriter, v *visit) error {
	s, err := c.theSystem(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("expires"))
	if err != nil {
		return err
	}
	if s.ExpiresAt, err = v.expiry(form); err != nil {
		return err
	}
	token, err := c.Systems.Rotate(v.Context(), v.Viewer.Subject, s.ID, s.ExpiresAt)
	if err != nil {
		return c.sendConfirm(w, v, c.rotatePage(v, s), err)
	}
	return c.sendToken(w, v, s, token)
}
