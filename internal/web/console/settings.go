package console

import (
	"net/http"
	"net/url"

	"ustaz/internal/i18n"
	"ustaz/internal/web"
)

// Settings are what the program was started with, as far as an administrator may look at them: no secret is among them.
type Settings struct {
	Public   *url.URL // the address under which people know the site
	MailHost string   // "mail.example:587"; empty where letters are written into a folder
	MailFrom string   // sender of letters
	Database string   // "sqlite" or "postgres"
}

// Size is a threshold of the law for the number of subjects whose data an operator holds. The responsible person can edit the table.
type Size struct {
	Code  string // message "console.size.<code>"
	Most  int64  // subjects
	Basis string // article of the law
}

// DefaultSizes is the table as it stands in November 2026 (L is the law № 94-V). The class of an operator that holds IINs is one higher
// than its number alone would make it.
func DefaultSizes() []Size {
	return []Size{{"small", 10_000, "L 25-1"}, {"restricted", 100_000, "672/НҚ"}, {"medium", 500_000, "L 25-1"}}
}

// nearSize is the share of a threshold, in per cent, from which the administrator is warned.
const nearSize = 80

// settingsPage is read only: settings are changed where the program is started.
type settingsPage struct {
	Chrome   chrome
	Operator web.Summary
	Service  web.Summary
	Lead     string
	Warn     []web.Notice
	Sizes    web.Table
}

func (c *console) showSettings(w http.ResponseWriter, v *visit) error {
	subjects, err := c.Keeper.Subjects(v.Context())
	if err != nil {
		return err
	}
	entries, err := c.Ledger.Size(v.Context())
	if err != nil {
		return err
	}
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return err
	}
	l, o := v.Lang, v.Operator()
	row := func(key, value string) web.Row {
		if value == "" {
			value = v.T("console.settings.unset")
		}
		return web.Row{Key: v.T(key), Value: web.Plain(value)}
	}
	mail := c.Settings.MailHost
	if mail == "" {
		mail = v.T("console.settings.mail_folder")
	}
	p := settingsPage{Chrome: c.chrome(v), Lead: v.T("console.settings.lead"),
		Operator: web.Summary{Rows: []web.Row{
			row("console.settings.operator", l.Of(o.Name)), row("frame.bin", o.BIN), row("console.settings.address", l.Of(o.Address)),
			row("console.settings.email", o.Email), row("console.settings.phone", o.Phone), row("frame.responsible", l.Of(o.Responsible))}},
		Service: web.Summary{Rows: []web.Row{
			row("console.settings.public", c.Settings.Public.String()), row("console.settings.play", c.stageAt()),
			{Key: v.T("console.settings.edition"), Value: web.Text{{Text: v.T("console.settings.edition.is", i18n.Num("n", ed.Seq), i18n.Day("since", ed.InForce)), Href: v.Path(web.PathPolicy)}}},
			{Key: v.T("console.settings.limits"), Value: c.limits(v)},
			row("console.settings.mail", mail), row("console.settings.from", c.Settings.MailFrom), row("console.settings.database", c.Settings.Database),
			row("console.settings.log", v.T("console.log.size", i18n.Num("n", entries))),
			row("console.settings.subjects", l.Number(subjects))}},
	}
	if p.Sizes, p.Warn, err = c.sizes(v); err != nil {
		return err
	}
	return c.settings.Send(w, v.Request, web.Head{Title: v.T("console.settings.title"), Wide: true}, p)
}

// stageAt is the address of interactive lessons, if they have one.
func (c *console) stageAt() string {
	if c.Stage.Origin == nil {
		return ""
	}
	return c.Stage.Origin.String()
}

// sizes holds the number of subjects against the thresholds of the law, and warns of those that are near or passed.
func (c *console) sizes(v *visit) (table web.Table, warn []web.Notice, err error) {
	subjects, err := c.Keeper.Subjects(v.Context())
	if err != nil {
		return table, nil, err
	}
	l := v.Lang
	table = web.Table{Caption: v.T("console.size.caption"), Columns: []web.Column{{Label: v.T("console.size.threshold")}, {Label: v.T("console.size.most"), Number: true},
		{Label: v.T("console.size.share"), Number: true}, {Label: v.T("console.size.basis")}, {Label: v.T("console.staff.state")}}}
	for _, s := range c.Sizes {
		tag := web.Tag{Text: v.T("console.size.below"), Style: web.Good}
		switch {
		case subjects > s.Most:
			tag = web.Tag{Text: v.T("console.size.over"), Style: web.Bad}
			warn = append(warn, web.NewNotice(l, web.Bad, "", web.Plain(v.T("console.size."+s.Code+".over"))))
		case 100*subjects >= nearSize*s.Most:
			tag = web.Tag{Text: v.T("console.size.near"), Style: web.Warn}
			warn = append(warn, web.NewNotice(l, web.Warn, "", web.Plain(v.T("console.size.warn", i18n.Num("n", subjects), i18n.Str("most", l.Number(s.Most))))))
		}
		table.Rows = append(table.Rows, []web.Cell{{Text: web.Plain(v.T("console.size." + s.Code))}, {Text: web.Plain(l.Number(s.Most))},
			{Text: web.Plain(l.Percent(int(100 * subjects / s.Most)))}, {Text: web.Plain(s.Basis)}, {Tag: &tag}})
	}
	return table, warn, nil
}
