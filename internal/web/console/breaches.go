package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"ustaz/internal/breach"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/paper"
	"ustaz/internal/person"
	"ustaz/internal/secret"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// Addresses of the register of breaches (5.5, 7.1).
const (
	PathBreaches        = "/{lang}/console/breaches"
	PathNewBreach       = "/{lang}/console/breaches/new"
	PathBreach          = "/{lang}/console/breaches/{breach}"
	PathBreachMeasures  = "/{lang}/console/breaches/{breach}/measures"
	PathBreachNotice    = "/{lang}/console/breaches/{breach}/notice.pdf" // the letter to the authority
	PathBreachAuthority = "/{lang}/console/breaches/{breach}/authority"
	PathBreachTell      = "/{lang}/console/breaches/{breach}/tell"
	PathBreachClose     = "/{lang}/console/breaches/{breach}/close"
)

const (
	breachWords = 4000 // letters of what the officer writes
	breachID    = 24   // letters of an account's id
)

func (c *console) breachRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	routes := []web.Route{
		c.on(get, PathBreaches, officers, c.showBreaches),
		c.on(get, PathNewBreach, officers, c.showNewBreach),
		c.on(post, PathNewBreach, officers, c.fresh(c.enterBreach)),
		c.on(get, PathBreach, officers, c.onBreach(c.showBreach)),
		c.on(post, PathBreachMeasures, officers, c.onBreach(c.measureBreach)),
		c.on(get, PathBreachNotice, officers, c.onBreach(c.sendBreachNotice)),
	}
	for _, s := range breachSteps {
		routes = append(routes, c.on(get, s.pattern, officers, c.onBreach(c.askBreachStep(s))),
			c.on(post, s.pattern, officers, c.onBreach(c.freshBreach(c.takeBreachStep(s)))))
	}
	return routes
}

type breachHandler func(w http.ResponseWriter, v *visit, b *breach.Breach) error

// onBreach is for what belongs to one breach. A drill says that it is one above each of its pages, also above the question for a code.
func (c *console) onBreach(handle breachHandler) handler {
	return func(w http.ResponseWriter, v *visit) error {
		b, err := c.Breaches.ByNumber(v.Context(), v.PathValue("breach"))
		if err != nil {
			return err
		}
		if b.Drill {
			v.Above = v.breachDrill()
		}
		return handle(w, v, b)
	}
}

// freshBreach is fresh for such a page.
func (c *console) freshBreach(act breachHandler) breachHandler {
	return func(w http.ResponseWriter, v *visit, b *breach.Breach) error {
		return c.fresh(func(w http.ResponseWriter, v *visit) error { return act(w, v, b) })(w, v)
	}
}

func (v *visit) breachDrill() *web.Notice {
	n := web.NewNotice(v.Lang, web.Warn, v.T("breachwork.drill"), web.Plain(v.T("breachwork.drill.text")))
	return &n
}

// breachTitle names a breach; a drill is never called otherwise.
func breachTitle(l i18n.Lang, b *breach.Breach) string {
	key := "breachwork.title"
	if b.Drill {
		key = "breachwork.title.drill"
	}
	return l.T(key, i18n.Str("number", b.Number))
}

func (v *visit) ofBreach(pattern string, b *breach.Breach) string {
	return v.to(pattern, nil, "breach", b.Number)
}

// breachState is how far the work is; until the authority was told, how long is left.
func (v *visit) breachState(b *breach.Breach) *web.Tag {
	switch {
	case !b.Closed.IsZero():
		return &web.Tag{Text: v.T("breachwork.closed"), Style: web.Info}
	case !b.Authority.IsZero():
		return &web.Tag{Text: v.T("breachwork.told"), Style: web.Good}
	}
	days, late := worktime.Left(v.Now, b.Due)
	switch {
	case late:
		return &web.Tag{Text: v.T("frame.clock.over", i18n.Num("n", int64(days))), Style: web.Bad}
	case days == 0:
		return &web.Tag{Text: v.T("frame.clock.today"), Style: web.Warn}
	}
	return &web.Tag{Text: v.T("frame.clock.left", i18n.Num("n", int64(days))), Style: web.Warn}
}

func (c *console) showBreaches(w http.ResponseWriter, v *visit) error {
	all, err := c.Breaches.All(v.Context())
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("breachwork.list"), Lead: v.T("breachwork.list.lead"),
		Acts: []web.Button{{Text: v.T("breachwork.new"), Href: v.to(PathNewBreach, nil), Style: web.Primary}}}
	p.Table = web.Table{Caption: p.Title, Quiet: true,
		Columns: []web.Column{{Label: v.T("breachwork.number")}, {Label: v.T("breachwork.authority")}, {Label: v.T("breachwork.detected")}, {Label: v.T("breachwork.kind")},
			{Label: v.T("breachwork.people"), Number: true}, {Label: v.T("breachwork.sort")}},
		Empty: &web.Empty{Title: v.T("breachwork.none"), Text: web.Plain(v.T("breachwork.none.text"))}}
	for _, b := range all {
		people, _, err := c.Breaches.Count(v.Context(), b)
		if err != nil {
			return err
		}
		count := v.Lang.Number(people)
		if b.Counted.IsZero() {
			count = "…"
		}
		sort := web.Cell{Text: web.Plain(v.T("breachwork.real"))}
		if b.Drill {
			sort = web.Cell{Tag: &web.Tag{Text: v.T("breachwork.drill"), Style: web.Warn}}
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: "№ " + b.Number, Href: v.ofBreach(PathBreach, b)}}}, {Tag: v.breachState(b)},
			{Text: web.Plain(v.Lang.DateTime(b.Detected))}, {Text: web.Plain(v.T("breach.kind." + b.Kind.String()))}, {Text: web.Plain(count)}, sort})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// Who opened the data that a breach is about, as the form names them.
const (
	breachNobody  = "nobody"
	breachMember  = "member"
	breachSystem  = "system"
	breachAccount = "account"
)

func (c *console) breachForm(v *visit) (formPage, error) {
	l := v.Lang
	members, err := c.Staff.List(v.Context())
	if err != nil {
		return formPage{}, err
	}
	systems, err := c.Systems.List(v.Context())
	if err != nil {
		return formPage{}, err
	}
	var staffOf, systemsOf []web.Option
	for _, m := range members {
		staffOf = append(staffOf, web.Option{Value: m.Subject.String(), Text: v.roles(m.Roles) + " (" + m.Initials + ")"})
	}
	for _, s := range systems {
		systemsOf = append(systemsOf, web.Option{Value: s.ID.String(), Text: s.Name})
	}
	field := func(kind web.Kind, name string) *web.Field {
		return web.NewField(l, kind, name, v.T("breachwork.form."+name)).Fills("off")
	}
	sheet := web.NewSheet(l, v.to(PathNewBreach, nil), v.T("breachwork.enter"),
		field(web.Radios, "kind").Must().Of(options(breach.Kinds, func(k breach.Kind) web.Option {
			return web.Option{Value: k.String(), Text: heading(v.T("breach.kind." + k.String()))}
		})...),
		field(web.DayField, "day").Must(), field(web.HourField, "hour").Must(),
		field(web.Area, "about").Must().Hinted(v.T("breachwork.form.about.hint")).UpTo(breachWords),
		field(web.Radios, "who").Must().Hinted(v.T("breachwork.form.who.hint")).Because("7.1", v.T("breachwork.form.who.why")).Of(
			options([]string{breachNobody, breachMember, breachSystem, breachAccount}, func(who string) web.Option {
				return web.Option{Value: who, Text: v.T("breachwork.who." + who)}
			})...).Holding(breachNobody),
		field(web.Select, breachMember).Of(staffOf...), field(web.Select, breachSystem).Of(systemsOf...),
		field(web.TextField, breachAccount).Hinted(v.T("breachwork.form.account.hint")).UpTo(breachID),
		field(web.DayField, "from_day"), field(web.HourField, "from_hour"), field(web.DayField, "until_day"), field(web.HourField, "until_hour"),
		web.NewField(l, web.Tick, "drill", v.T("breachwork.form.drill")))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathBreaches, nil)}
	return formPage{Title: v.T("breachwork.new"), Lead: v.T("breachwork.new.lead"), Sheet: sheet}, nil
}

func (c *console) showNewBreach(w http.ResponseWriter, v *visit) error {
	p, err := c.breachForm(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, p, web.Form{}, nil)
}

func (c *console) enterBreach(w http.ResponseWriter, v *visit) error {
	p, err := c.breachForm(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("kind"), web.Line("day"), web.Line("hour"), web.Lines("about", breachWords), web.Line("who"), web.Line(breachMember),
		web.Line(breachSystem), web.Line(breachAccount), web.Line("from_day"), web.Line("from_hour"), web.Line("until_day"), web.Line("until_hour"), web.Line("drill"))
	if form.Get("drill") != "" {
		v.Above = v.breachDrill()
	}
	if err == nil {
		var b breach.Breach
		if b, err = readBreach(form, p.Sheet); err == nil {
			var entered *breach.Breach
			if entered, err = c.Breaches.Open(v.Context(), v.Viewer.Subject, b); err == nil {
				return v.SeeOther(w, v.ofBreach(PathBreach, entered), "breach_entered")
			}
			err = toInput(toInput(err, "detected", "day"), "from", "from_day")
		}
	}
	return c.sendForm(w, v, p, form, err)
}

// readBreach takes a form as it is: what is missing of the breach itself is told by the register. sheet has what was offered.
func readBreach(form web.Form, sheet *web.Sheet) (breach.Breach, error) {
	b := breach.Breach{About: form.Get("about"), Drill: form.Get("drill") != ""}
	b.Kind, _ = breach.KindByName(form.Get("kind")) // none is refused by name
	var bad []error
	var err error
	if b.Detected, err = momentOf(form, "day", "hour"); err != nil {
		bad = append(bad, err)
	}
	who := form.Get("who")
	if who == breachNobody {
		return b, faults(bad...)
	}
	offered := func(name string) bool {
		i := slices.IndexFunc(sheet.Fields, func(f *web.Field) bool { return f.Name == name })
		return slices.ContainsFunc(sheet.Fields[i].Options, func(o web.Option) bool { return o.Value == form.Get(name) })
	}
	switch who {
	case breachMember:
		b.Window.Kind = ledger.ByStaff
	case breachSystem:
		b.Window.Kind = ledger.BySystem
	case breachAccount:
		b.Window.Kind = ledger.BySubject
	default:
		return b, faults(append(bad, fault("who", "breach.window"))...)
	}
	if b.Window.Actor, err = person.ParseID(strings.TrimSpace(form.Get(who))); err != nil || who != breachAccount && !offered(who) {
		bad = append(bad, fault(who, "breach.window"))
	}
	var wrong error
	b.Window.From, err = momentOf(form, "from_day", "from_hour")
	b.Window.Until, wrong = momentOf(form, "until_day", "until_hour")
	return b, faults(append(bad, err, wrong)...)
}

// momentOf reads a day and an hour by the clocks of Kazakhstan.
func momentOf(form web.Form, day, hour string) (time.Time, error) {
	d, err := worktime.ParseDate(form.Get(day))
	if err != nil {
		return time.Time{}, fault(day, "worktime.date")
	}
	at, err := time.Parse(hourFormat, form.Get(hour))
	if err != nil {
		return time.Time{}, fault(hour, "breachwork.hour")
	}
	return d.AddDays(-1).End().Add(time.Second + time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute), nil
}

// breachPage is one breach: what happened, whom it concerns, how far the work is.
type breachPage struct {
	Chrome   chrome
	Title    string
	State    *web.Tag
	Clock    *web.Clock // towards the authority; nil once it was told
	Facts    web.Summary
	Wait     *web.Notice // while the log is searched
	Fields   *web.Table
	Letter   web.Notice // what goes to the authority, and on which way
	Papers   []web.Button
	Measures *web.Sheet
	Acts     []web.Button
}

func (c *console) showBreach(w http.ResponseWriter, v *visit, b *breach.Breach) error {
	return c.sendBreach(w, v, b, web.Form{}, nil)
}

func (c *console) sendBreach(w http.ResponseWriter, v *visit, b *breach.Breach, form web.Form, fault error) error {
	p := breachPage{Chrome: c.chrome(v), Title: breachTitle(v.Lang, b), State: v.breachState(b)}
	people, told, err := c.Breaches.Count(v.Context(), b)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p.Facts = n.breachFacts(b, people, told)
	if b.Authority.IsZero() {
		clock := web.NewClock(v.Lang, v.T("breachwork.clock"), b.Detected, b.Due, v.Now)
		p.Clock = &clock
	}
	if b.Counted.IsZero() {
		wait := web.NewNotice(v.Lang, web.Info, v.T("breachwork.counting"), web.Plain(v.T("breachwork.counting.text")))
		p.Wait = &wait
	}
	fields, err := c.Breaches.Fields(v.Context(), b)
	if err != nil {
		return err
	}
	if len(fields) > 0 {
		t := web.Table{Caption: v.T("breachwork.fields"), Columns: []web.Column{{Label: v.T("breachwork.field")}, {Label: v.T("breachwork.people"), Number: true}}}
		for _, f := range fields {
			t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(heading(v.T("field." + f.Field.String())))}, {Text: web.Plain(v.Lang.Number(f.People))}})
		}
		p.Fields = &t
	}
	p.Letter = web.NewNotice(v.Lang, web.Info, v.T("breachwork.letter"), append(web.Plain(v.T("breachwork.letter.text")+" "), v.clauses([]string{"5.3"})...))
	p.Papers = []web.Button{{Text: v.T("breachwork.notice"), Href: v.ofBreach(PathBreachNotice, b), Style: web.Secondary},
		{Text: v.T("breachwork.hand_over"), Href: v.to(PathNewDisclosure, nil), Style: web.Secondary}}
	p.Measures = web.NewSheet(v.Lang, v.ofBreach(PathBreachMeasures, b), v.T("breachwork.measures.save"),
		web.NewField(v.Lang, web.Area, "measures", v.T("breachwork.measures")).Must().Hinted(v.T("breachwork.measures.hint")).Holding(b.Measures).UpTo(breachWords))
	if fault != nil && !p.Measures.Show(fault, form) {
		return fault
	}
	if !b.Closed.IsZero() {
		p.Measures = nil
	}
	for _, s := range breachSteps {
		if b.Closed.IsZero() && s.done(b).IsZero() {
			p.Acts = append(p.Acts, web.Button{Text: v.T(s.key), Href: v.ofBreach(s.pattern, b), Style: web.Secondary})
		}
	}
	return c.breach.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: &web.Link{Text: v.T("breachwork.list"), Href: v.to(PathBreaches, nil)}}, p)
}

// window says by whom and when data were opened.
func (n *names) window(w breach.Window) string {
	if w == (breach.Window{}) {
		return n.v.T("breachwork.who.nobody")
	}
	who := n.actor(w.Kind, w.Actor, 0)
	if w.Kind == ledger.BySubject {
		who = n.v.T("breachwork.account", i18n.Str("id", w.Actor.String()))
	}
	return n.v.T("breachwork.window", i18n.Str("who", who), i18n.Moment("from", w.From), i18n.Moment("until", w.Until))
}

func (n *names) breachFacts(b *breach.Breach, people, told int64) web.Summary {
	v := n.v
	var s web.Summary
	row := func(key, value string) {
		if value != "" {
			s.Rows = append(s.Rows, web.Row{Key: v.T(key), Value: web.Plain(value)})
		}
	}
	at := func(key string, t time.Time) {
		if !t.IsZero() {
			row(key, v.Lang.DateTime(t))
		}
	}
	row("breachwork.kind", heading(v.T("breach.kind."+b.Kind.String())))
	row("breachwork.detected", v.Lang.DateTime(b.Detected))
	row("breachwork.by", n.officer(b.By))
	row("breachwork.about", b.About)
	row("breachwork.who", n.window(b.Window))
	if !b.Counted.IsZero() {
		row("breachwork.people", v.Lang.Number(people))
		row("breachwork.people.told", v.Lang.Number(told))
	}
	row("breachwork.measures", b.Measures)
	at("breachwork.authority.at", b.Authority)
	at("breachwork.letters.at", b.Notice)
	at("breachwork.closed.at", b.Closed)
	return s
}

func (c *console) measureBreach(w http.ResponseWriter, v *visit, b *breach.Breach) error {
	form, err := v.Form(web.Lines("measures", breachWords))
	if err == nil {
		err = c.Breaches.Measure(v.Context(), v.Viewer.Subject, b.Number, form.Get("measures"))
	}
	if err != nil {
		return c.sendBreach(w, v, b, form, err)
	}
	return v.SeeOther(w, v.ofBreach(PathBreach, b), "breach_measured")
}

// breachStep is an act that is done once and can't be taken back.
type breachStep struct {
	pattern, key, notice string
	done                 func(b *breach.Breach) time.Time
	act                  func(r *breach.Register, ctx context.Context, officer person.ID, number string) error
}

var breachSteps = []breachStep{
	{PathBreachAuthority, "breachwork.step.authority", "breach_authority", func(b *breach.Breach) time.Time { return b.Authority }, (*breach.Register).AuthorityTold},
	{PathBreachTell, "breachwork.step.tell", "breach_letters", func(b *breach.Breach) time.Time { return b.Notice }, (*breach.Register).Tell},
	{PathBreachClose, "breachwork.step.close", "breach_closed", func(b *breach.Breach) time.Time { return b.Closed }, (*breach.Register).Close},
}

func (c *console) breachQuestion(v *visit, b *breach.Breach, s breachStep) (confirmPage, error) {
	people, told, err := c.Breaches.Count(v.Context(), b)
	if err != nil {
		return confirmPage{}, err
	}
	sheet := web.NewSheet(v.Lang, v.ofBreach(s.pattern, b), v.T(s.key))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.ofBreach(PathBreach, b)}
	what := web.Plain(v.T(s.key+".what", i18n.Num("n", people-told)))
	if b.Drill {
		what = web.Plain(v.T(s.key + ".drill"))
	}
	return confirmPage{Chrome: c.chrome(v), Title: v.T(s.key) + " — " + breachTitle(v.Lang, b),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("breachwork.step.undo")), web.Plain(v.T("console.at_once")), nil, what)}, nil
}

func (c *console) askBreachStep(s breachStep) breachHandler {
	return func(w http.ResponseWriter, v *visit, b *breach.Breach) error {
		p, err := c.breachQuestion(v, b, s)
		if err != nil {
			return err
		}
		return c.sendConfirm(w, v, p, nil)
	}
}

func (c *console) takeBreachStep(s breachStep) breachHandler {
	return func(w http.ResponseWriter, v *visit, b *breach.Breach) error {
		if _, err := v.Form(); err != nil {
			return err
		}
		err := s.act(c.Breaches, v.Context(), v.Viewer.Subject, b.Number)
		if errs.Is(err, errs.Conflict) {
			p, failed := c.breachQuestion(v, b, s)
			if failed != nil {
				return failed
			}
			return c.sendConfirm(w, v, p, err)
		}
		if err != nil {
			return err
		}
		return v.SeeOther(w, v.ofBreach(PathBreach, b), s.notice)
	}
}

// sendBreachNotice gives the letter to the authority (law 94-V, article 25-2), ready to be signed. It names nobody but the responsible person:
// the surnames, IINs and telephones of those concerned leave by a disclosure alone (5.3).
func (c *console) sendBreachNotice(w http.ResponseWriter, v *visit, b *breach.Breach) error {
	people, told, err := c.Breaches.Count(v.Context(), b)
	if err != nil {
		return err
	}
	fields, err := c.Breaches.Fields(v.Context(), b)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	return v.Paper(w, "breach-"+b.Number+".pdf", n.breachNotice(b, people, told, fields))
}

func (n *names) breachNotice(b *breach.Breach, people, told int64, fields []breach.FieldCount) paper.Document {
	v, o := n.v, n.v.Operator()
	var facts paper.Facts
	fact := func(key, value string) {
		if value != "" {
			facts = append(facts, paper.Fact{Label: v.T(key), Value: paper.Words(value)})
		}
	}
	say := func(key string, args ...i18n.Arg) paper.Block {
		return paper.Paragraph{Text: paper.Words(v.T(key, args...))}
	}
	fact("frame.responsible", v.Lang.Of(o.Responsible))
	fact("breachwork.notice.contact", strings.Join(slices.DeleteFunc([]string{o.Email, o.Phone}, func(s string) bool { return s == "" }), ", "))
	fact("breachwork.kind", heading(v.T("breach.kind."+b.Kind.String())))
	fact("breachwork.detected", v.Lang.DateTime(b.Detected))
	fact("breachwork.about", b.About)
	if b.Window != (breach.Window{}) {
		fact("breachwork.who", n.window(b.Window))
	}
	counted := v.T("breachwork.counting")
	if !b.Counted.IsZero() {
		counted = v.Lang.Number(people)
	}
	fact("breachwork.people", counted)
	fact("breachwork.people.told", v.Lang.Number(told))
	measures := b.Measures
	if measures == "" {
		measures = v.T("breachwork.notice.no_measures")
	}
	fact("breachwork.measures", measures)
	d := paper.Document{Lang: v.Lang, Operator: v.Issuer(), Title: v.T("breachwork.notice.title"), Number: b.Number, Date: v.Now,
		To: paper.Words(v.T("breachwork.notice.to")), Signed: []paper.Signature{{Post: v.T("frame.responsible"), Name: paper.Words(v.Lang.Of(o.Responsible))}}}
	if b.Drill { // in the title it stands at the foot of each page too
		d.Title = v.T("breachwork.notice.title.drill")
		d.Blocks = append(d.Blocks, paper.Heading(v.T("breachwork.drill")), say("breachwork.drill.text"))
	}
	d.Blocks = append(d.Blocks, say("breachwork.notice.lead"), facts)
	if len(fields) > 0 {
		t := paper.Table{Columns: []paper.Column{{Title: v.T("breachwork.field"), Share: 3}, {Title: v.T("breachwork.people"), Right: true}}}
		for _, f := range fields {
			t.Rows = append(t.Rows, []secret.Text{paper.Words(heading(v.T("field." + f.Field.String()))), paper.Words(v.Lang.Number(f.People))})
		}
		d.Blocks = append(d.Blocks, paper.Heading(v.T("breachwork.fields")), t)
	}
	d.Blocks = append(d.Blocks, paper.Heading(v.T("breachwork.notice.names")), say("breachwork.notice.names.text"))
	return d
}
