package console

import (
	"net/http"
	"strconv"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
)

// Ready answers: what support says often, kept in three languages.

func (c *console) showCanned(w http.ResponseWriter, v *visit) error {
	all, err := c.Tickets.Canned(v.Context())
	if err != nil {
		return err
	}
	add := web.Button{Text: v.T("ticketwork.ready.add"), Href: v.to(PathCannedOne, nil, "ready", newReady), Style: web.Primary}
	p := listPage{Chrome: c.chrome(v), Title: v.T("ticketwork.ready"), Lead: v.T("ticketwork.ready.lead"),
		Table: web.Table{Caption: v.T("ticketwork.ready"), Quiet: true, Columns: []web.Column{{Label: v.T("ticketwork.ready.title")}, {Label: v.T("ticket.topic")}},
			Empty: &web.Empty{Title: v.T("ticketwork.ready.none"), Text: web.Plain(v.T("ticketwork.ready.none.text")), Act: &add}}}
	if len(all) > 0 {
		p.Acts = []web.Button{add}
	}
	for _, x := range all {
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: x.Title, Href: v.to(PathCannedOne, nil, "ready", x.ID.String())}}}, {Text: web.Plain(v.readyTopic(x.Topic))}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true, Back: &web.Link{Text: v.T("ticketwork.title"), Href: v.to(PathTickets, nil)}}, p)
}

func (v *visit) readyTopic(t ticket.Topic) string {
	if t == 0 {
		return v.T("ticketwork.topic.all")
	}
	return v.T("ticket.topic." + t.String())
}

// ready is the answer that the address names; a new one has no number.
func (c *console) ready(v *visit) (ticket.Canned, error) {
	if v.PathValue("ready") == newReady {
		return ticket.Canned{}, nil
	}
	id, err := v.id("ready")
	if err != nil {
		return ticket.Canned{}, err
	}
	all, err := c.Tickets.Canned(v.Context())
	if err != nil {
		return ticket.Canned{}, err
	}
	for _, x := range all {
		if x.ID == id {
			return x, nil
		}
	}
	return ticket.Canned{}, errs.New(errs.NotFound, "error.notfound")
}

// Inputs of the form, beside those that are named by their language.
const (
	readyTitle = "title"
	readyRev   = "rev"
)

func (c *console) readyForm(v *visit, x ticket.Canned) formPage {
	id, p := newReady, formPage{Title: v.T("ticketwork.ready.add"), Lead: v.T("ticketwork.ready.form")}
	if x.ID != 0 {
		id, p.Title = x.ID.String(), x.Title
	}
	topics := options(ticket.Topics, func(t ticket.Topic) web.Option {
		return web.Option{Value: t.String(), Text: v.T("ticket.topic." + t.String())}
	})
	topic := web.NewField(v.Lang, web.Select, "topic", v.T("ticket.topic")).Hinted(v.T("ticketwork.ready.topic")).Of(topics...)
	if x.Topic != 0 {
		topic.Holding(x.Topic.String())
	}
	words := func(name, text string) *web.Field {
		return web.NewField(v.Lang, web.Area, name, heading(v.T("course.language."+name))).Must().Holding(text).UpTo(ticket.MaxCanned)
	}
	p.Sheet = web.NewSheet(v.Lang, v.to(PathCannedOne, nil, "ready", id), v.T("ticketwork.ready.keep"),
		web.NewField(v.Lang, web.TextField, readyTitle, v.T("ticketwork.ready.title")).Must().Hinted(v.T("ticketwork.ready.title.hint")).Holding(x.Title).UpTo(ticket.MaxCannedTitle).Fills("off"),
		topic, words("kk", x.Words.KK), words("ru", x.Words.RU), words("en", x.Words.EN))
	p.Sheet.Hidden = append(p.Sheet.Hidden, web.Hidden{Name: readyRev, Value: strconv.FormatInt(x.Rev, 10)})
	p.Sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathCanned, nil)}
	if x.ID != 0 {
		p.Acts = []web.Button{{Text: v.T("ticketwork.ready.remove"), Href: v.to(PathCannedRemove, nil, "ready", id), Style: web.Danger}}
	}
	return p
}

func (c *console) showCannedOne(w http.ResponseWriter, v *visit) error {
	x, err := c.ready(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, c.readyForm(v, x), web.Form{}, nil)
}

func (c *console) keepCanned(w http.ResponseWriter, v *visit) error {
	x, err := c.ready(v)
	if err != nil {
		return err
	}
	p := c.readyForm(v, x)
	lines := func(name string) web.Input { return web.Lines(name, ticket.MaxCanned) }
	form, err := v.Form(web.Line(readyTitle), web.Line("topic"), web.Line(readyRev), lines("kk"), lines("ru"), lines("en"))
	if err == nil {
		x, err = readReady(x.ID, form)
	}
	if err == nil {
		err = c.Tickets.KeepCanned(v.Context(), v.Viewer.Subject, x)
	}
	if err != nil {
		return c.sendForm(w, v, p, form, err)
	}
	return v.SeeOther(w, v.to(PathCanned, nil), "ready_kept")
}

func readReady(id person.ID, form web.Form) (ticket.Canned, error) {
	rev, err := strconv.ParseInt(form.Get(readyRev), 10, 64)
	if err != nil {
		return ticket.Canned{}, errs.New(errs.Invalid, "error.form")
	}
	topic, known := ticket.TopicByName(form.Get("topic"))
	if !known && form.Get("topic") != "" {
		return ticket.Canned{}, errs.New(errs.Invalid, "error.form")
	}
	if !known {
		topic = 0
	}
	return ticket.Canned{ID: id, Topic: topic, Title: form.Get(readyTitle), Words: i18n.Text{KK: form.Get("kk"), RU: form.Get("ru"), EN: form.Get("en")}, Rev: rev}, nil
}

func (c *console) readyRemoval(v *visit) (confirmPage, ticket.Canned, error) {
	x, err := c.ready(v)
	if err == nil && x.ID == 0 {
		err = errs.New(errs.NotFound, "error.notfound")
	}
	if err != nil {
		return confirmPage{}, x, err
	}
	sheet := web.NewSheet(v.Lang, v.to(PathCannedRemove, nil, "ready", x.ID.String()), v.T("ticketwork.ready.remove"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathCanned, nil)}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("ticketwork.ready.remove.title", i18n.Str("title", x.Title)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("ticketwork.ready.remove.undo")), web.Plain(v.T("console.at_once")), nil, web.Plain(v.T("ticketwork.ready.remove.what")))}, x, nil
}

func (c *console) askCannedRemoval(w http.ResponseWriter, v *visit) error {
	p, _, err := c.readyRemoval(v)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, p, nil)
}

func (c *console) removeCanned(w http.ResponseWriter, v *visit) error {
	p, x, err := c.readyRemoval(v)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Tickets.RemoveCanned(v.Context(), x.ID, x.Rev); err != nil {
		return c.sendConfirm(w, v, p, err)
	}
	return v.SeeOther(w, v.to(PathCanned, nil), "ready_removed")
}
