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

// Addresses of tickets (4.1.7), of the people who help and of those to whom they hand over.
const (
	PathTickets      = "/{lang}/console/tickets"
	PathTicketTimes  = "/{lang}/console/tickets/times"
	PathTicket       = "/{lang}/console/tickets/{ticket}"
	PathTicketTake   = "/{lang}/console/tickets/{ticket}/take"
	PathTicketBack   = "/{lang}/console/tickets/{ticket}/back"
	PathTicketAnswer = "/{lang}/console/tickets/{ticket}/answer"
	PathTicketDirect = "/{lang}/console/tickets/{ticket}/direct"
	PathTicketNote   = "/{lang}/console/tickets/{ticket}/note"
	PathTicketHand   = "/{lang}/console/tickets/{ticket}/hand-over"
	PathTicketClose  = "/{lang}/console/tickets/{ticket}/close"
	PathTicketFile   = "/{lang}/console/tickets/{ticket}/files/{attachment}"

	PathCanned       = "/{lang}/console/ready-answers"
	PathCannedOne    = "/{lang}/console/ready-answers/{ready}"
	PathCannedRemove = "/{lang}/console/ready-answers/{ready}/remove"
)

var supporters = []policy.Role{policy.SupportR}

func (c *console) ticketRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		c.on(get, PathTickets, ticket.Hands, c.showTickets, web.Line("status"), web.Line("topic"), web.Line("role"), web.Line("after")),
		c.on(get, PathTicketTimes, supporters, c.showTicketTimes),
		c.on(get, PathTicket, ticket.Hands, c.showTicket, web.Line(readyName)),
		c.on(post, PathTicketTake, ticket.Hands, c.actOnTicket(c.Tickets.Take)),
		c.on(post, PathTicketBack, ticket.Hands, c.actOnTicket(c.Tickets.GiveBack)),
		c.on(post, PathTicketAnswer, ticket.Hands, c.writeTicket(actAnswer, c.Tickets.Answer)),
		c.on(post, PathTicketDirect, ticket.Hands, c.directTicket),
		c.on(post, PathTicketNote, ticket.Hands, c.writeTicket(actNote, func(ctx context.Context, by keeper.Actor, id person.ID, _ int, words person.Value) error {
			return c.Tickets.Note(ctx, by, id, words)
		})),
		c.on(post, PathTicketHand, ticket.Hands, c.handTicket),
		c.on(post, PathTicketClose, ticket.Hands, c.actOnTicket(c.Tickets.Close)),
		c.on(get, PathTicketFile, ticket.Hands, c.sendTicketFile),
		c.on(get, PathCanned, supporters, c.showCanned),
		c.on(get, PathCannedOne, supporters, c.showCannedOne),
		c.on(post, PathCannedOne, supporters, c.keepCanned),
		c.on(get, PathCannedRemove, supporters, c.askCannedRemoval),
		c.on(post, PathCannedRemove, supporters, c.removeCanned),
	}
}

const (
	actNote   = "note"
	actHand   = "hand"
	seenName  = "seen"  // how many steps the member of staff was shown
	readyName = "ready" // the ready answer to begin with
	newReady  = "new"
)

// answerer is a member of staff with those of their roles that answer tickets.
func (v *visit) answerer() keeper.Actor {
	return keeper.Staff(v.Viewer.Subject, slices.DeleteFunc(slices.Clone(ticket.Hands), func(r policy.Role) bool { return !v.Viewer.Holds(r) })...)
}

const ticketsShown = 50

// choice reads a chosen name out of the query; without one it is what was there.
func choice[T any](v *visit, name string, known func(string) (T, bool), otherwise T) (T, error) {
	text := v.query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	x, ok := known(text)
	if !ok {
		return x, errs.New(errs.Invalid, "error.form")
	}
	return x, nil
}

// showTickets is the queue: one status at a time, who waits longest first.
func (c *console) showTickets(w http.ResponseWriter, v *visit) error {
	mine := v.answerer().Roles
	role, err := choice(v, "role", policy.RoleByName, mine[0])
	if err != nil {
		return err
	}
	if !slices.Contains(mine, role) {
		return errs.New(errs.Forbidden, "error.forbidden")
	}
	status, err := choice(v, "status", ticket.StatusByName, ticket.Unanswered)
	if err != nil {
		return err
	}
	topic, err := choice(v, "topic", ticket.TopicByName, ticket.Topic(0))
	if err != nil {
		return err
	}
	var after db.Place
	if text := v.query.Get("after"); text != "" {
		if after, err = readPlace(text); err != nil {
			return err
		}
	}
	list, err := c.Tickets.Waiting(v.Context(), role, status, topic, after, ticketsShown+1)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	at := func(s ticket.Status, after string) string {
		q := url.Values{"status": {s.String()}, "role": {role.String()}}
		if topic != 0 {
			q.Set("topic", topic.String())
		}
		if after != "" {
			q.Set("after", after)
		}
		return v.to(PathTickets, q)
	}
	p := casesPage{Chrome: c.chrome(v), Title: v.T("ticketwork.title"), Lead: v.T("ticketwork.lead"), Label: v.T("ticketwork.title"), Filter: v.ticketFilter(role, status, topic)}
	for _, s := range ticket.Statuses {
		p.Tabs = append(p.Tabs, web.Link{Text: v.T("ticketwork.status." + s.String()), Href: at(s, ""), Current: s == status})
	}
	if v.Viewer.Holds(supporters...) {
		p.Acts = []web.Button{{Text: v.T("ticketwork.ready"), Href: v.to(PathCanned, nil), Style: web.Secondary},
			{Text: v.T("ticketwork.times"), Href: v.to(PathTicketTimes, nil), Style: web.Secondary}}
	}
	p.Table = web.Table{Caption: v.T("ticketwork.status." + status.String()), Quiet: true, Columns: []web.Column{{Label: v.T("ticket.topic")}, {Label: v.T("ticketwork.since")},
		{Label: v.T("ticketwork.due")}, {Label: v.T("ticketwork.has")}},
		Empty: &web.Empty{Title: v.T("ticketwork.none"), Text: web.Plain(v.T("ticketwork.none.text"))}}
	if len(list) > ticketsShown {
		list = list[:ticketsShown]
		p.Older = &web.Link{Text: v.T("ticketwork.next"), Href: at(status, placeText(list[ticketsShown-1].Place()))}
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
	return c.cases.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// ticketFilter chooses a topic, and whose queue where the reader is of several.
func (v *visit) ticketFilter(role policy.Role, status ticket.Status, topic ticket.Topic) *web.Sheet {
	topics := web.NewField(v.Lang, web.Select, "topic", v.T("ticket.topic")).Of(options(ticket.Topics, func(t ticket.Topic) web.Option {
		return web.Option{Value: t.String(), Text: v.T("ticket.topic." + t.String())}
	})...)
	if topic != 0 {
		topics.Holding(topic.String())
	}
	fields := []*web.Field{topics}
	if mine := v.answerer().Roles; len(mine) > 1 {
		fields = append(fields, web.NewField(v.Lang, web.Select, "role", v.T("ticketwork.hands")).Must().Of(v.roleOptions(mine)...).Holding(role.String()))
	}
	s := web.NewSheet(v.Lang, v.Path(PathTickets), v.T("casework.filter"), fields...).Ask()
	s.Hidden = append(s.Hidden, web.Hidden{Name: "status", Value: status.String()})
	return s
}

func (v *visit) roleOptions(roles []policy.Role) []web.Option {
	return options(roles, func(r policy.Role) web.Option { return web.Option{Value: r.String(), Text: v.T(r.Key())} })
}

// holder is who has taken a ticket.
func (n *names) holder(t *ticket.Ticket) string {
	if t.Staff == 0 {
		return n.v.T("ticketwork.nobody")
	}
	return n.actor(ledger.ByStaff, t.Staff, t.Hands)
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
	view, err := c.Tickets.ForStaff(v.Context(), v.answerer(), id)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := casePage{Chrome: c.chrome(v), Title: v.T("ticket.heading", i18n.Msg("topic", "ticket.topic."+view.Topic.String()))}
	row := func(key string, value web.Text) {
		p.Facts.Rows = append(p.Facts.Rows, web.Row{Key: v.T(key), Value: value})
	}
	row("ticket.status", web.Plain(v.T("ticketwork.status."+view.Status.String())))
	if view.Hands == policy.SupportR { // the others see what was written, and not who it is
		person := v.Path(PathPerson, "subject", view.Subject.String()) + "?" + url.Values{"purpose": {policy.Support.Clause()}, "case": {view.Code()}}.Encode()
		row("ticketwork.person", web.Text{{Text: view.Subject.String(), Href: person}})
	}
	row("ticketwork.hands", web.Plain(v.T(view.Hands.Key())))
	row("ticketwork.lang", web.Plain(v.T("course.language."+view.Lang)))
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
			t.Who = n.actor(ledger.ByStaff, x.Actor, x.Role)
		}
		for _, f := range x.Files {
			t.Files = append(t.Files, web.Link{Text: v.T("casework.file", i18n.Str("name", f.Name.Reveal()), i18n.Str("size", v.bytes(f.Size))),
				Href: v.to(PathTicketFile, nil, "ticket", id.String(), "attachment", f.ID.String())})
		}
		p.Thread = append(p.Thread, t)
	}
	if view.Staff == 0 || view.Staff == v.Viewer.Subject || fault != nil { // what a colleague has is left to them; words that came too late are shown to be copied
		if p.Acts, err = c.ticketActs(v, view); err != nil {
			return err
		}
	}
	head := web.Head{Title: p.Title, Wide: true, Back: &web.Link{Text: v.T("ticketwork.title"), Href: v.to(PathTickets, url.Values{"role": {view.Hands.String()}})}}
	if fault != nil {
		i := slices.IndexFunc(p.Acts, func(a caseAct) bool { return a.ID == fault.act && a.Sheet != nil })
		if i < 0 || !p.Acts[i].Sheet.Show(fault.err, fault.form) {
			return fault.err
		}
		p.Acts[i].Open, head.Err = true, fault.err
	}
	return c.one.Send(w, v.Request, head, p)
}

// ticketActs are what may be done by who has the ticket, or takes it by that.
func (c *console) ticketActs(v *visit, view *ticket.View) ([]caseAct, error) {
	at := func(pattern string) string { return v.to(pattern, nil, "ticket", view.ID.String()) }
	seen := web.Hidden{Name: seenName, Value: strconv.Itoa(len(view.Steps))}
	words := func(act, pattern string) (*web.Field, *web.Sheet) {
		f := web.NewField(v.Lang, web.Area, act, v.T("ticketwork."+act+".words")).Must().UpTo(ticket.MaxCanned)
		sheet := web.NewSheet(v.Lang, at(pattern), v.T("ticketwork."+act), f)
		sheet.Hidden = append(sheet.Hidden, seen)
		return f, sheet
	}
	post := func(id, pattern string) caseAct {
		return caseAct{ID: id, Title: v.T("ticketwork." + id), Lead: v.T("ticketwork." + id + ".lead"),
			Post: &web.Post{Action: at(pattern), Button: web.Button{Text: v.T("ticketwork." + id), Style: web.Secondary}, Hidden: []web.Hidden{seen}}}
	}
	var out []caseAct
	if view.Status != ticket.Solved {
		field, sheet := words(actAnswer, PathTicketAnswer)
		ready, err := c.readyFor(v, view, field)
		if err != nil {
			return nil, err
		}
		lead := "ticketwork.answer.lead"
		if len(ready) > 0 {
			lead = "ticketwork.answer.ready"
		}
		out = append(out, caseAct{ID: actAnswer, Title: v.T("ticketwork.answer"), Lead: v.T(lead), Open: view.Staff != 0 || v.query.Has(readyName), Sheet: sheet, Ready: ready})
	}
	_, sheet := words(actNote, PathTicketNote)
	out = append(out, caseAct{ID: actNote, Title: v.T("ticketwork.note"), Lead: v.T("ticketwork.note.lead"), Sheet: sheet})
	if view.Staff == 0 {
		out = append(out, post("take", PathTicketTake))
	} else {
		out = append(out, post("back", PathTicketBack))
	}
	if view.Status == ticket.Solved {
		return out, nil
	}
	others := slices.DeleteFunc(slices.Clone(ticket.Hands), func(r policy.Role) bool { return r == view.Hands })
	return append(out, post("direct", PathTicketDirect),
		caseAct{ID: actHand, Title: v.T("ticketwork.hand"), Lead: v.T("ticketwork.hand.lead"),
			Sheet: web.NewSheet(v.Lang, at(PathTicketHand), v.T("ticketwork.hand"), web.NewField(v.Lang, web.Radios, "role", v.T("ticketwork.hand.to")).Must().Of(v.roleOptions(others)...))},
		post("close", PathTicketClose)), nil
}

// readyFor are the ready answers that fit a ticket, as links that fill the field in the ticket's language.
func (c *console) readyFor(v *visit, view *ticket.View, field *web.Field) ([]web.Link, error) {
	all, err := c.Tickets.Canned(v.Context())
	if err != nil {
		return nil, err
	}
	var out []web.Link
	for _, x := range all {
		if x.Topic != 0 && x.Topic != view.Topic {
			continue
		}
		id := x.ID.String()
		out = append(out, web.Link{Text: x.Title, Href: v.to(PathTicket, url.Values{readyName: {id}}, "ticket", view.ID.String()) + "#" + actAnswer, Current: v.query.Get(readyName) == id})
		if v.query.Get(readyName) == id {
			field.Holding(x.In(view.Lang))
		}
	}
	return out, nil
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
		if err := do(v.Context(), v.answerer(), id); err != nil {
			return err
		}
		return v.SeeOther(w, v.to(PathTicket, nil, "ticket", id.String()), "")
	}
}

// seenSteps reads how many steps the sender of a form was shown.
func seenSteps(form web.Form) (int, error) {
	n, err := strconv.Atoi(form.Get(seenName))
	if err != nil {
		return 0, errs.New(errs.Invalid, "error.form")
	}
	return n, nil
}

func (c *console) writeTicket(act string, do func(context.Context, keeper.Actor, person.ID, int, person.Value) error) handler {
	return func(w http.ResponseWriter, v *visit) error {
		id, err := v.ticketID()
		if err != nil {
			return err
		}
		form, err := v.Form(web.Line(seenName), web.Lines(act, ticket.MaxCanned))
		if err != nil && len(errs.As(err).Fields) == 0 {
			return err
		}
		shown, bad := seenSteps(form)
		if bad != nil {
			return bad
		}
		var words person.Value
		if err == nil {
			words, err = person.Parse(person.Words, form.Get(act), v.Now)
		}
		if err == nil {
			err = do(v.Context(), v.answerer(), id, shown, words)
		}
		if errs.Is(err, errs.Invalid) {
			err = toInput(err, person.Words.String(), act)
		}
		switch {
		case err == nil:
			return v.SeeOther(w, v.to(PathTicket, nil, "ticket", id.String()), "")
		case errs.Is(err, errs.Invalid), errs.Is(err, errs.Conflict): // what was written stays in the form
			return c.sendTicket(w, v, &formFault{act, form, err})
		}
		return err
	}
}

// directTicket answers with the forms of the rights desk.
func (c *console) directTicket(w http.ResponseWriter, v *visit) error {
	id, err := v.ticketID()
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line(seenName))
	if err != nil {
		return err
	}
	shown, err := seenSteps(form)
	if err != nil {
		return err
	}
	if err := c.Tickets.Direct(v.Context(), v.answerer(), id, shown); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathTicket, nil, "ticket", id.String()), "ticket_answered")
}

// handTicket gives a ticket into other hands; who gave it away sees the queue.
func (c *console) handTicket(w http.ResponseWriter, v *visit) error {
	id, err := v.ticketID()
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("role"))
	if err != nil {
		return err
	}
	role, _ := policy.RoleByName(form.Get("role"))
	err = c.Tickets.HandOver(v.Context(), v.answerer(), id, role)
	if errs.Is(err, errs.Invalid) {
		return c.sendTicket(w, v, &formFault{actHand, form, err})
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathTickets, nil), "ticket_handed")
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
	f, contents, err := c.Tickets.FileForStaff(v.Context(), v.answerer(), id, file)
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
