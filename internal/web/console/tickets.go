package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
)

// Addresses of tickets (4.1.7), of the people who help alone.
const (
	PathTickets      = "/{lang}/console/tickets"
	PathTicketTimes  = "/{lang}/console/tickets/times"
	PathTicket       = "/{lang}/console/tickets/{ticket}"
	PathTicketTake   = "/{lang}/console/tickets/{ticket}/take"
	PathTicketBack   = "/{lang}/console/tickets/{ticket}/back"
	PathTicketAnswer = "/{lang}/console/tickets/{ticket}/answer"
	PathTicketNote   = "/{lang}/console/tickets/{ticket}/note"
	PathTicketClose  = "/{lang}/console/tickets/{ticket}/close"
	PathTicketFile   = "/{lang}/console/tickets/{ticket}/files/{attachment}"
)

var supporters = []policy.Role{policy.SupportR}

func (c *console) ticketRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		c.on(get, PathTickets, supporters, c.showTickets, web.Line("status"), web.Line("topic"), web.Line("after")),
		c.on(get, PathTicketTimes, supporters, c.showTicketTimes),
		c.on(get, PathTicket, supporters, c.showTicket),
		c.on(post, PathTicketTake, supporters, c.actOnTicket(c.Tickets.Take)),
		c.on(post, PathTicketBack, supporters, c.actOnTicket(c.Tickets.GiveBack)),
		c.on(post, PathTicketAnswer, supporters, c.writeTicket(actAnswer, c.Tickets.Answer)),
		c.on(post, PathTicketNote, supporters, c.writeTicket(actNote, c.Tickets.Note)),
		c.on(post, PathTicketClose, supporters, c.actOnTicket(c.Tickets.Close)),
		c.on(get, PathTicketFile, supporters, c.sendTicketFile),
	}
}

const actNote = "note"

// helper acts on tickets in that role alone, whatever others they hold.
func (v *visit) helper() keeper.Actor { return keeper.Staff(v.Viewer.Subject, policy.SupportR) }

const ticketsShown = 50

// showTickets is the queue: one status at a time, who waits longest first.
func (c *console) showTickets(w http.ResponseWriter, v *visit) error {
	status, topic := ticket.Unanswered, ticket.Topic(0)
	if name := v.query.Get("status"); name != "" {
		var known bool
		if status, known = ticket.StatusByName(name); !known {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	if name := v.query.Get("topic"); name != "" {
		var known bool
		if topic, known = ticket.TopicByName(name); !known {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	var after db.Place
	if text := v.query.Get("after"); text != "" {
		var err error
		if after, err = readPlace(text); err != nil {
			return err
		}
	}
	list, err := c.Tickets.Waiting(v.Context(), status, topic, after, ticketsShown+1)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	at := func(s ticket.Status, t ticket.Topic, after string) string {
		q := url.Values{"status": {s.String()}}
		if t != 0 {
			q.Set("topic", t.String())
		}
		if after != "" {
			q.Set("after", after)
		}
		return v.to(PathTickets, q)
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("ticketwork.title"), Lead: v.T("ticketwork.lead"), Label: v.T("ticketwork.title")}
	choose := func(text, href string, now bool) {
		style := web.Style(web.Secondary)
		if now {
			style = web.Primary
		}
		p.Acts = append(p.Acts, web.Button{Text: text, Href: href, Style: style})
	}
	for _, s := range ticket.Statuses {
		choose(v.T("ticketwork.status."+s.String()), at(s, topic, ""), s == status)
	}
	for _, t := range ticket.Topics {
		choose(v.T("ticket.topic."+t.String()), at(status, t, ""), t == topic)
	}
	choose(v.T("ticketwork.topic.all"), at(status, 0, ""), topic == 0)
	p.Acts = append(p.Acts, web.Button{Text: v.T("ticketwork.times"), Href: v.to(PathTicketTimes, nil), Style: web.Secondary})
	p.Table = web.Table{Caption: v.T("ticketwork.status." + status.String()), Quiet: true, Columns: []web.Column{{Label: v.T("ticket.topic")}, {Label: v.T("ticketwork.since")},
		{Label: v.T("ticketwork.due")}, {Label: v.T("ticketwork.has")}},
		Empty: &web.Empty{Title: v.T("ticketwork.none"), Text: web.Plain(v.T("ticketwork.none.text"))}}
	if len(list) > ticketsShown {
		list = list[:ticketsShown]
		p.Older = &web.Link{Text: v.T("ticketwork.next"), Href: at(status, topic, placeText(list[ticketsShown-1].Place()))}
	}
	for _, t := range list {
		due := web.Cell{Text: web.Plain(v.T("ticketwork.answered"))}
		switch {
		case t.Late(v.Now):
			due = web.Cell{Tag: &web.Tag{Text: v.T("ticketwork.late", i18n.Moment("at", t.Due)), Style: web.Bad}}
		case t.Answered.IsZero():
			due = web.Cell{Text: web.Plain(v.Lang.DateTime(t.Due))}
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Text{{Text: v.T("ticket.topic." + t.Topic.String()), Href: v.to(PathTicket, nil, "ticket", t.ID.String())}}},
			{Text: web.Plain(v.Lang.DateTime(t.Turn))}, due, {Text: web.Plain(n.holder(t))}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// holder is who has taken a ticket.
func (n *names) holder(t *ticket.Ticket) string {
	if t.Staff == 0 {
		return n.v.T("ticketwork.nobody")
	}
	return n.actor(ledger.ByStaff, t.Staff, policy.SupportR)
}

func (v *visit) ticketID() (person.ID, error) {
	id, err := person.ParseID(v.PathValue("ticket"))
	if err != nil {
		return 0, errs.New(errs.NotFound, "ticket.none")
	}
	return id, nil
}

func (c *console) showTicket(w http.ResponseWriter, v *visit) error { return c.sendTicket(w, v, nil) }

// sendTicket shows a ticket: that it was opened is a passage, which the person sees.
func (c *console) sendTicket(w http.ResponseWriter, v *visit, fault *formFault) error {
	id, err := v.ticketID()
	if err != nil {
		return err
	}
	view, err := c.Tickets.ForStaff(v.Context(), v.helper(), id)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := casePage{Chrome: c.chrome(v), Title: v.T("ticket.heading", i18n.Msg("topic", "ticket.topic."+view.Topic.String()))}
	person := v.Path(PathPerson, "subject", view.Subject.String()) + "?" + url.Values{"purpose": {policy.Support.Clause()}, "case": {view.Code()}}.Encode()
	row := func(key string, value web.Text) {
		p.Facts.Rows = append(p.Facts.Rows, web.Row{Key: v.T(key), Value: value})
	}
	row("ticket.status", web.Plain(v.T("ticketwork.status."+view.Status.String())))
	row("ticketwork.person", web.Text{{Text: view.Subject.String(), Href: person}})
	row("ticket.opened", web.Plain(v.Lang.DateTime(view.Opened)))
	row("ticketwork.has", web.Plain(n.holder(&view.Ticket)))
	if view.Late(v.Now) {
		p.Notices = []web.Notice{web.NewNotice(v.Lang, web.Bad, "", web.Plain(v.T("ticketwork.late", i18n.Moment("at", view.Due))))}
	}
	for i := range view.Steps {
		x := &view.Steps[i]
		t := turn{Act: v.T("ticket.act." + x.Act.String()), When: v.Lang.DateTime(x.At), Words: x.Words.Reveal(), Side: "ours"}
		if x.Own(&view.Ticket) {
			t.Who, t.Side = v.T("desk.side.person"), "theirs"
		} else {
			t.Who = n.actor(ledger.ByStaff, x.Actor, policy.SupportR)
		}
		for _, f := range x.Files {
			t.Files = append(t.Files, web.Link{Text: v.T("casework.file", i18n.Str("name", f.Name.Reveal()), i18n.Str("size", v.bytes(f.Size))),
				Href: v.to(PathTicketFile, nil, "ticket", id.String(), "attachment", f.ID.String())})
		}
		p.Thread = append(p.Thread, t)
	}
	p.Acts = v.ticketActs(view)
	head := web.Head{Title: p.Title, Wide: true, Back: &web.Link{Text: v.T("ticketwork.title"), Href: v.to(PathTickets, nil)}}
	if fault != nil {
		i := slices.IndexFunc(p.Acts, func(a caseAct) bool { return a.ID == fault.act && a.Sheet != nil })
		if i < 0 || !p.Acts[i].Sheet.Show(fault.err, fault.form) {
			return fault.err
		}
		p.Acts[i].Open, head.Err = true, fault.err
	}
	return c.one.Send(w, v.Request, head, p)
}

// ticketActs are what may be done by who has the ticket, or takes it by that; what a colleague has is left to them.
func (v *visit) ticketActs(view *ticket.View) []caseAct {
	if view.Staff != 0 && view.Staff != v.Viewer.Subject {
		return nil
	}
	at := func(pattern string) string { return v.to(pattern, nil, "ticket", view.ID.String()) }
	words := func(act string) *web.Field {
		return web.NewField(v.Lang, web.Area, act, v.T("ticketwork."+act+".words")).Must().UpTo(person.MaxWords / 2)
	}
	post := func(id, pattern string) caseAct {
		return caseAct{ID: id, Title: v.T("ticketwork." + id), Lead: v.T("ticketwork." + id + ".lead"),
			Post: &web.Post{Action: at(pattern), Button: web.Button{Text: v.T("ticketwork." + id), Style: web.Secondary}}}
	}
	var out []caseAct
	if view.Status != ticket.Solved {
		out = append(out, caseAct{ID: actAnswer, Title: v.T("ticketwork.answer"), Lead: v.T("ticketwork.answer.lead"), Open: view.Staff != 0,
			Sheet: web.NewSheet(v.Lang, at(PathTicketAnswer), v.T("ticketwork.answer"), words(actAnswer))})
	}
	out = append(out, caseAct{ID: actNote, Title: v.T("ticketwork.note"), Lead: v.T("ticketwork.note.lead"),
		Sheet: web.NewSheet(v.Lang, at(PathTicketNote), v.T("ticketwork.note"), words(actNote))})
	if view.Staff == 0 {
		out = append(out, post("take", PathTicketTake))
	} else {
		out = append(out, post("back", PathTicketBack))
	}
	if view.Status != ticket.Solved {
		out = append(out, post("close", PathTicketClose))
	}
	return out
}

func (c *console) actOnTicket(do func(context.Context, keeper.Actor, person.ID) error) handler {
	return func(w http.ResponseWriter, v *visit) error {
		id, err := v.ticketID()
		if err != nil {
			return err
		}
		if _, err := v.Form(); err != nil {
			return err
		}
		if err := do(v.Context(), v.helper(), id); err != nil {
			return err
		}
		return v.SeeOther(w, v.to(PathTicket, nil, "ticket", id.String()), "")
	}
}

func (c *console) writeTicket(act string, do func(context.Context, keeper.Actor, person.ID, person.Value) error) handler {
	return func(w http.ResponseWriter, v *visit) error {
		id, err := v.ticketID()
		if err != nil {
			return err
		}
		form, err := v.Form(web.Lines(act, person.MaxWords/2))
		var words person.Value
		if err == nil {
			words, err = person.Parse(person.Words, form.Get(act), v.Now)
		}
		if err == nil {
			err = do(v.Context(), v.helper(), id, words)
		}
		if errs.Is(err, errs.Invalid) {
			err = toInput(err, person.Words.String(), act)
		}
		if err != nil {
			if len(errs.As(err).Fields) == 0 {
				return err
			}
			return c.sendTicket(w, v, &formFault{act, form, err})
		}
		return v.SeeOther(w, v.to(PathTicket, nil, "ticket", id.String()), "")
	}
}

func (c *console) sendTicketFile(w http.ResponseWriter, v *visit) error {
	id, err := v.ticketID()
	if err != nil {
		return err
	}
	file, err := person.ParseID(v.PathValue("attachment"))
	if err != nil {
		return errs.New(errs.NotFound, "ticket.none")
	}
	f, contents, err := c.Tickets.FileForStaff(v.Context(), v.helper(), id, file)
	if err != nil {
		return err
	}
	return v.File(w, f.Name.Reveal(), f.Type, contents)
}

// showTicketTimes says how long people waited, by week and topic; nobody can be told from it.
func (c *console) showTicketTimes(w http.ResponseWriter, v *visit) error {
	calendar, err := c.Clocks.Calendar(v.Context())
	if err != nil {
		return err
	}
	lines, err := c.Tickets.Times(v.Context(), calendar)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("ticketwork.times"), Lead: v.T("ticketwork.times.lead"),
		Table: web.Table{Caption: v.T("ticketwork.times"), Quiet: true, Columns: []web.Column{{Label: v.T("ticketwork.week")}, {Label: v.T("ticket.topic")}, {Label: v.T("ticketwork.count")},
			{Label: v.T("ticketwork.first")}, {Label: v.T("ticketwork.solution")}}, Empty: &web.Empty{Title: v.T("ticketwork.none"), Text: web.Plain(v.T("ticketwork.times.none"))}}}
	said := func(s ticket.Spread) string {
		if s.N == 0 {
			return "—"
		}
		return v.T("ticketwork.spread", i18n.Str("median", v.Lang.Decimal(s.Median.Hours(), 1)), i18n.Str("most", v.Lang.Decimal(s.Most.Hours(), 1)))
	}
	for _, l := range lines {
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Plain(v.Lang.Date(l.Week.Noon()))}, {Text: web.Plain(v.T("ticket.topic." + l.Topic.String()))},
			{Text: web.Plain(strconv.Itoa(l.N))}, {Text: web.Plain(said(l.First))}, {Text: web.Plain(said(l.Solution))}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true, Back: &web.Link{Text: v.T("ticketwork.title"), Href: v.to(PathTickets, nil)}}, p)
}
