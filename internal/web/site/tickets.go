package site

import (
	"context"
	"net/http"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/ticket"
	"ustaz/internal/web"
)

// Addresses of help (4.1.7). A ticket opens to its owner alone, whatever address is guessed.
const (
	PathTickets      = "/{lang}/my/tickets"
	PathTicketNew    = "/{lang}/my/tickets/new"
	PathTicket       = "/{lang}/my/tickets/{ticket}"
	PathTicketReply  = "/{lang}/my/tickets/{ticket}/reply"
	PathTicketSolved = "/{lang}/my/tickets/{ticket}/solved"
	PathTicketReopen = "/{lang}/my/tickets/{ticket}/reopen"
	PathTicketFile   = "/{lang}/my/tickets/{ticket}/files/{attachment}"
)

// TicketPage is the address of a ticket for its owner, for ticket.Config.
func TicketPage(lang string, t *ticket.Ticket) string {
	return web.Path(lang, PathTicket, "ticket", t.ID.String())
}

// ticketBody leaves room for the files of a message and the form around them.
const ticketBody = ticket.MaxFiles*ticket.MaxFile + wordsBody

// ticketRoutes are the pages of help. Tickets stay readable to who does not agree any more; asking needs consent.
func (a *accountPages) ticketRoutes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	open, known, agreed := web.Public(), web.SignedIn(), web.Consented()
	return []web.Route{
		{Method: get, Pattern: web.PathHelp, Access: open, Handle: a.showHelp},
		{Method: get, Pattern: PathTickets, Access: known, Handle: a.personal(a.showTickets)},
		{Method: get, Pattern: PathTicketNew, Access: agreed, Handle: a.personal(a.newTicket)},
		{Method: post, Pattern: PathTicketNew, Access: agreed, MaxBody: ticketBody, Handle: a.personal(a.doTicket)},
		{Method: get, Pattern: PathTicket, Access: known, Handle: a.personal(a.showTicket)},
		{Method: post, Pattern: PathTicketReply, Access: agreed, MaxBody: ticketBody, Handle: a.personal(a.replyTicket)},
		{Method: post, Pattern: PathTicketSolved, Access: agreed, Handle: a.personal(a.actOnTicket(a.Tickets.Settle, "ticket_solved"))},
		{Method: post, Pattern: PathTicketReopen, Access: agreed, Handle: a.personal(a.actOnTicket(a.Tickets.Reopen, "ticket_reopened"))},
		{Method: get, Pattern: PathTicketFile, Access: known, Handle: a.personal(a.sendTicketFile)},
	}
}

// helpPage answers what is asked most, before it offers to write.
type helpPage struct {
	Answers []helpAnswer
	Acts    []web.Button
	Note    string
}

type helpAnswer struct{ Title, Text string }

// commonest are the questions of the page, by the last part of their keys.
var commonest = []string{"signin", "code", "test", "name", "data"}

func (a *accountPages) showHelp(w http.ResponseWriter, r *web.Request) error {
	var p helpPage
	for _, q := range commonest {
		p.Answers = append(p.Answers, helpAnswer{r.T("help." + q), r.T("help." + q + ".text")})
	}
	if r.Viewer.SignedIn() {
		p.Acts = []web.Button{linkButton(r, web.Primary, "ticket.ask", r.Path(PathTicketNew)), linkButton(r, web.Secondary, "ticket.mine", r.Path(PathTickets))}
	} else {
		p.Note = r.T("help.visitor")
		p.Acts = []web.Button{{Text: r.T("ticket.signin"), Href: withNext(r.Path(web.PathSignIn), r.Path(PathTicketNew)), Style: web.Primary},
			linkButton(r, web.Secondary, "ticket.visitor", r.Path(PathQuestion))}
	}
	return a.help.Send(w, r, web.Head{Title: r.T("help.title")}, p)
}

func ticketTag(l i18n.Lang, t *ticket.Ticket) web.Tag {
	style := map[ticket.Status]web.Style{ticket.Theirs: web.Warn, ticket.Solved: web.Good}[t.Status]
	if style == "" {
		style = web.Info
	}
	return web.Tag{Text: l.T("ticket.status." + t.Status.String()), Style: style}
}

func (a *accountPages) ticketTable(r *web.Request, own person.ID) (web.Table, error) {
	ask := linkButton(r, web.Secondary, "help.title", r.Path(web.PathHelp))
	out := web.Table{Caption: r.T("ticket.mine"), Quiet: true, Columns: []web.Column{{Label: r.T("ticket.topic")}, {Label: r.T("ticket.opened")}, {Label: r.T("ticket.status")}},
		Empty: &web.Empty{Title: r.T("ticket.mine.none"), Text: web.Plain(r.T("ticket.mine.none.text")), Act: &ask}}
	list, err := a.Tickets.Mine(r.Context(), own)
	for _, t := range list {
		tag := ticketTag(r.Lang, t)
		out.Rows = append(out.Rows, []web.Cell{{Text: web.Text{{Text: r.T("ticket.topic." + t.Topic.String()), Href: TicketPage(r.Lang.Code(), t)}}},
			{Text: web.Plain(r.Lang.DateTime(t.Opened))}, {Tag: &tag}})
	}
	return out, err
}

func (a *accountPages) showTickets(w http.ResponseWriter, r *web.Request, s account.Session) error {
	table, err := a.ticketTable(r, s.Subject)
	if err != nil {
		return err
	}
	return a.tickets.Send(w, r, web.Head{Title: r.T("ticket.mine"), Back: backTo(r, "my.title", web.PathMy)},
		ticketsPage{Ask: linkButton(r, web.Primary, "ticket.ask", r.Path(PathTicketNew)), Tickets: table})
}

// ticketsPage lists somebody's tickets.
type ticketsPage struct {
	Ask     web.Button
	Tickets web.Table
}

func ticketFiles(l i18n.Lang) *web.Field {
	return web.NewField(l, web.FileField, filesName, l.T("cases.files")).
		Hinted(l.T("ticket.files.hint", i18n.Num("n", ticket.MaxFiles), i18n.Num("mb", ticket.MaxFile>>20))).Taking(strings.Join(ticket.Endings(), ",")).Severally()
}

// onceName carries the number under which the ticket will stand, so that a form sent twice opens one.
const onceName = "once"

func ticketForm(r *web.Request, once string) filingPage {
	var topics []web.Option
	for _, t := range ticket.Topics {
		topics = append(topics, web.Option{Value: t.String(), Text: r.T("ticket.topic." + t.String())})
	}
	p := filingPage{Title: r.T("ticket.ask"), Lead: web.Plain(r.T("ticket.lead"))}
	p.Sheet = web.NewSheet(r.Lang, r.Path(PathTicketNew), r.T("ticket.send"),
		web.NewField(r.Lang, web.Radios, "topic", r.T("ticket.topic")).Must().Of(topics...),
		wordsField(r.Lang, r.T("ticket.words"), r.T("ticket.words.hint")), ticketFiles(r.Lang))
	p.Sheet.Hidden = append(p.Sheet.Hidden, web.Hidden{Name: onceName, Value: once})
	p.Sheet.Cancel = backTo(r, "cases.cancel", web.PathHelp)
	return p
}

// mayAsk refuses whose data are blocked, and says where they can write (6.2.4).
func (a *accountPages) mayAsk(r *web.Request, s account.Session) error {
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err == nil && blocked {
		err = errs.New(errs.Conflict, "ticket.blocked").By("6.2.4")
	}
	return err
}

func (a *accountPages) newTicket(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if err := a.mayAsk(r, s); err != nil {
		return err
	}
	return a.sendFiling(w, r, ticketForm(r, person.NewID(r.Now).String()), backTo(r, "help.title", web.PathHelp), sentFiling{}, nil)
}

func (a *accountPages) doTicket(w http.ResponseWriter, r *web.Request, s account.Session) error {
	var sent sentFiling
	var err error
	sent.Form, sent.files, err = readFiles(r, web.Line(onceName), web.Line("topic"), web.Lines(wordsName, maxWords))
	if fatal(err) {
		return err
	}
	id, wrong := person.ParseID(sent.Get(onceName))
	if wrong != nil || id == 0 {
		return errs.New(errs.Invalid, "error.form")
	}
	words, bad := parseInput(r, sent.Form, wordsName, person.Words)
	topic, known := ticket.TopicByName(sent.Get("topic"))
	var none error
	if !known {
		none = errs.InvalidFields([]errs.Field{{Name: "topic", Key: "person.required"}})
	}
	if err = together(none, err, bad); err == nil {
		var t *ticket.Ticket
		if t, err = a.Tickets.Ask(r.Context(), s.Subject, id, r.Lang.Code(), topic, words, sent.files); err == nil {
			return r.SeeOther(w, TicketPage(r.Lang.Code(), t), "ticket_sent")
		}
	}
	return a.sendFiling(w, r, ticketForm(r, id.String()), backTo(r, "help.title", web.PathHelp), sent, err)
}

// ticketPage is a ticket as its owner sees it.
type ticketPage struct {
	Title  string
	Tag    web.Tag
	Lead   string
	Steps  []stepView
	Reply  *web.Sheet
	Acts   []web.Post
	NoMore string
}

func ticketID(r *web.Request) (person.ID, error) {
	id, err := person.ParseID(r.PathValue("ticket"))
	if err != nil {
		return 0, errs.New(errs.NotFound, "ticket.none")
	}
	return id, nil
}

func (a *accountPages) showTicket(w http.ResponseWriter, r *web.Request, s account.Session) error {
	return a.sendTicket(w, r, s, sentFiling{}, nil)
}

func (a *accountPages) sendTicket(w http.ResponseWriter, r *web.Request, s account.Session, sent sentFiling, fault error) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	v, err := a.Tickets.ForOwner(r.Context(), s.Subject, id, false, s.Once("ticket "+id.String()))
	if err != nil {
		return err
	}
	at := func(pattern string) string { return r.Path(pattern, "ticket", id.String()) }
	p := ticketPage{Title: r.T("ticket.heading", i18n.Msg("topic", "ticket.topic."+v.Topic.String())), Tag: ticketTag(r.Lang, &v.Ticket),
		Lead: r.T("ticket.status." + v.Status.String() + ".text")}
	if p.Steps, err = a.ticketSteps(a.names(r), v); err != nil {
		return err
	}
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	switch {
	case blocked:
		p.Lead, p.NoMore = "", r.T("ticket.blocked")
	case v.Status != ticket.Solved:
		p.Reply = web.NewSheet(r.Lang, at(PathTicketReply), r.T("cases.reply.submit"),
			web.NewField(r.Lang, web.Area, wordsName, r.T("ticket.more")).UpTo(maxWords).Hinted(r.T("ticket.words.hint")), ticketFiles(r.Lang))
		p.Acts = []web.Post{{Action: at(PathTicketSolved), Button: web.Button{Text: r.T("ticket.solve"), Style: web.Secondary}}}
	case v.Reopenable(r.Now):
		p.Acts = []web.Post{{Action: at(PathTicketReopen), Button: web.Button{Text: r.T("ticket.reopen"), Style: web.Secondary}}}
	default:
		p.NoMore = r.T("ticket.toolate")
	}
	if fault != nil && (p.Reply == nil || !showFault(p.Reply, fault, sent.Form)) {
		return fault
	}
	if fault != nil && len(sent.files) > 0 {
		chooseAgain(r, p.Reply)
	}
	return a.ticket.Send(w, r, web.Head{Title: p.Title, Back: backTo(r, "ticket.mine", PathTickets), Err: onForm(fault)}, p)
}

// ticketSteps are the lines of the thread.
func (a *accountPages) ticketSteps(names *actorNames, v *ticket.View) ([]stepView, error) {
	r := names.r
	var out []stepView
	for i := range v.Steps {
		x := &v.Steps[i]
		line := stepView{When: r.Lang.DateTime(x.At), Did: r.T("ticket.act." + x.Act.String()), Words: x.Words.Reveal(), Own: x.Own(&v.Ticket), Answer: x.Act == ticket.Answered || x.Act == ticket.Directed}
		line.Who = r.T("cases.you")
		if !line.Own {
			var err error
			if line.Who, err = names.who(ledger.ByStaff, x.Actor, x.Role); err != nil {
				return nil, err
			}
		}
		if x.Act == ticket.Directed {
			line.Words = r.T("ticket.directed")
			line.Links = []web.Link{link(r, "cases.begin", PathRequests), link(r, "cases.block.title", PathBlock), link(r, "cases.deletion.title", PathDeletion)}
		}
		for _, f := range x.Files {
			line.Files = append(line.Files, fileView{Name: f.Name.Reveal(), Href: r.Path(PathTicketFile, "ticket", v.ID.String(), "attachment", f.ID.String()),
				Size: r.T("cases.file.size", i18n.Num("n", max(1, (f.Size+512)>>10)))})
		}
		out = append(out, line)
	}
	return out, nil
}

func (a *accountPages) replyTicket(w http.ResponseWriter, r *web.Request, s account.Session) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	var sent sentFiling
	sent.Form, sent.files, err = readFiles(r, web.Lines(wordsName, maxWords))
	if fatal(err) {
		return err
	}
	var words person.Value
	var bad error
	if sent.Get(wordsName) != "" || len(sent.files) == 0 {
		words, bad = parseInput(r, sent.Form, wordsName, person.Words)
	}
	if err = together(err, bad); err == nil {
		err = a.Tickets.Write(r.Context(), s.Subject, id, words, sent.files)
	}
	if err != nil {
		return a.sendTicket(w, r, s, sent, err)
	}
	return r.SeeOther(w, r.Path(PathTicket, "ticket", id.String()), "case_replied")
}

func (a *accountPages) actOnTicket(do func(ctx context.Context, own, id person.ID) error, done string) ofSession {
	return func(w http.ResponseWriter, r *web.Request, s account.Session) error {
		id, err := ticketID(r)
		if err != nil {
			return err
		}
		if _, err := r.Form(); err != nil {
			return err
		}
		if err := do(r.Context(), s.Subject, id); err != nil {
			return err
		}
		return r.SeeOther(w, r.Path(PathTicket, "ticket", id.String()), done)
	}
}

// sendTicketFile gives a file to be saved, never to be shown in the browser.
func (a *accountPages) sendTicketFile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	id, err := ticketID(r)
	if err != nil {
		return err
	}
	file, err := person.ParseID(r.PathValue("attachment"))
	if err != nil {
		return errs.New(errs.NotFound, "ticket.none")
	}
	f, contents, err := a.Tickets.FileForOwner(r.Context(), s.Subject, id, file)
	if err != nil {
		return err
	}
	return r.File(w, f.Name.Reveal(), f.Type, contents)
}

// copyTicket is a ticket in the copy of somebody's data, with the notes that staff wrote of it.
type copyTicket struct {
	Topic  string     `json:"topic"`
	Opened time.Time  `json:"opened"`
	Status string     `json:"status"`
	Steps  []copyStep `json:"steps"`
}

func (a *accountPages) copyTickets(names *actorNames, own person.ID) ([]copyTicket, error) {
	out := []copyTicket{}
	ctx := names.r.Context()
	list, err := a.Tickets.Mine(ctx, own)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		v, err := a.Tickets.ForOwner(ctx, own, t.ID, true, "")
		if err != nil {
			return nil, err
		}
		lines, err := a.ticketSteps(names, v)
		if err != nil {
			return nil, err
		}
		one := copyTicket{Topic: v.Topic.String(), Opened: v.Opened.UTC(), Status: v.Status.String()}
		for i, line := range lines {
			step := copyStep{At: v.Steps[i].At.UTC(), Who: line.Who, Did: line.Did, Words: line.Words}
			for _, f := range line.Files {
				step.Files = append(step.Files, f.Name)
			}
			one.Steps = append(one.Steps, step)
		}
		out = append(out, one)
	}
	return out, nil
}
