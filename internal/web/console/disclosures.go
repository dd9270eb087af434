package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/disclosure"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

const (
	listBody    = 300 << 10 // bytes of a form with a list of people
	listLetters = 60_000    // of the list
)

// disclosurePage is one disclosure: what it is, how far it came, what can be done now.
type disclosurePage struct {
	Chrome   chrome
	Title    string
	State    web.Tag
	Note     *web.Notice
	Facts    web.Summary
	Meter    *web.Meter
	Refresh  *web.Link
	Counts   *web.Table
	Upload   *web.Sheet
	Acts     []web.Button
	Posts    []web.Post
	Ground   string // headings
	Progress string
	Next     string
}

var stateStyles = map[disclosure.State]web.Style{disclosure.Refused: web.Bad, disclosure.Withdrawn: web.Bad, disclosure.Expired: web.Info, disclosure.Empty: web.Warn,
	disclosure.Waiting: web.Warn, disclosure.Ready: web.Good, disclosure.Fetched: web.Good}

func (v *visit) stateTag(s disclosure.State) web.Tag {
	style, known := stateStyles[s]
	if !known {
		style = web.Info
	}
	return web.Tag{Text: v.T("disclosure.state." + s.String()), Style: style}
}

func disclosureID(d *disclosure.Disclosure) string { return strconv.FormatInt(d.ID, 10) }

func (c *console) showDisclosures(w http.ResponseWriter, v *visit) error {
	before := int64(newest)
	if text := v.query.Get("before"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n <= 0 {
			return errs.New(errs.Invalid, "error.form")
		}
		before = n
	}
	all, err := c.Disclosures.List(v.Context(), before, perPage+1)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("disclosure.list.title"), Lead: v.T("disclosure.list.lead"), Label: v.T("frame.pages"),
		Acts: []web.Button{{Text: v.T("disclosure.new.title"), Href: v.to(PathNewDisclosure, nil), Style: web.Secondary}}}
	p.Table = web.Table{Caption: p.Title, Quiet: true,
		Columns: []web.Column{{Label: v.T("disclosure.number")}, {Label: v.T("disclosure.recipient")}, {Label: v.T("disclosure.letter")}, {Label: v.T("disclosure.clause")},
			{Label: v.T("disclosure.made")}, {Label: v.T("console.staff.state")}},
		Empty: &web.Empty{Title: v.T("disclosure.list.none"), Text: web.Plain(v.T("disclosure.list.none.text"))}}
	for i, d := range all {
		if i == perPage {
			p.Older = &web.Link{Text: v.T("disclosure.list.older"), Href: v.to(PathDisclosures, url.Values{"before": {disclosureID(all[i-1])}})}
			break
		}
		tag := v.stateTag(d.State)
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: "№ " + disclosureID(d), Href: v.to(PathDisclosure, nil, "disclosure", disclosureID(d))}}},
			{Text: web.Plain(d.Recipient.Name(v.Lang.Code()))}, {Text: web.Plain(d.LetterNumber)}, {Text: v.clauses([]string{d.Purpose.Clause()})},
			{Text: web.Plain(v.Lang.Date(d.MadeAt))}, {Tag: &tag}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// newSheet asks for all that a disclosure needs.
func (c *console) newSheet(v *visit) (*web.Sheet, error) {
	l := v.Lang
	recipients, err := c.Disclosures.Recipients(v.Context())
	if err != nil {
		return nil, err
	}
	recipients = slices.DeleteFunc(recipients, func(r disclosure.Recipient) bool { return !r.EndedAt.IsZero() })
	text := func(name string) *web.Field {
		return web.NewField(l, web.TextField, name, v.T("disclosure."+name)).Must().Fills("off").UpTo(200)
	}
	choices := func(list []person.Choice) []web.Option {
		return options(list, func(p person.Choice) web.Option { return web.Option{Value: p.Code, Text: heading(v.T(p.Key))} })
	}
	var regions, districts []web.Option
	tree := c.Places.Tree()
	for _, r := range tree.Regions() {
		regions = append(regions, web.Option{Value: r.Code, Text: r.Name(l.Code())})
		for _, d := range tree.Children(r.Code) {
			districts = append(districts, web.Option{Value: d.Code, Text: r.Name(l.Code()) + " — " + d.Name(l.Code())})
		}
	}
	known, err := c.Breaches.All(v.Context())
	if err != nil {
		return nil, err
	}
	var breaches []web.Option
	for _, b := range known {
		if !b.Counted.IsZero() && !b.Drill {
			breaches = append(breaches, web.Option{Value: b.Number, Text: v.T("disclosure.breach.named", i18n.Str("number", b.Number), i18n.Day("day", b.Detected))})
		}
	}
	to := web.NewField(l, web.Select, "recipient", v.T("disclosure.recipient")).Must().Of(options(recipients, func(r disclosure.Recipient) web.Option {
		return web.Option{Value: strconv.FormatInt(r.ID, 10), Text: r.Name(l.Code())}
	})...)
	if len(recipients) == 0 {
		to.Hinted(v.T("disclosure.recipient.register"))
	}
	sheet := web.NewSheet(l, v.to(PathNewDisclosure, nil), v.T("disclosure.new.make"), to,
		web.NewField(l, web.Radios, "purpose", v.T("disclosure.clause")).Must().Of(options(disclosure.Purposes, func(p policy.Purpose) web.Option {
			return web.Option{Value: p.Clause(), Text: v.sayPurpose(p)}
		})...),
		text("act").Because("5.3", v.T("disclosure.act.why")), text("article"), text("letter_number"), text("letter_date").Hinted(v.T("disclosure.letter_date.hint")),
		web.NewField(l, web.Area, "list", v.T("disclosure.list")).Hinted(v.T("disclosure.list.hint", i18n.Num("n", disclosure.MaxLines))).Fills("off"),
		web.NewField(l, web.Select, "breach", v.T("disclosure.breach")).Hinted(v.T("disclosure.breach.hint")).Of(breaches...),
		web.NewField(l, web.Ticks, "places", v.T("disclosure.places")).Hinted(v.T("disclosure.query.hint")).Of(regions...),
		web.NewField(l, web.Select, "district", v.T("disclosure.district")).Of(districts...),
		web.NewField(l, web.Ticks, "positions", v.T("disclosure.positions")).Of(choices(person.Positions())...),
		web.NewField(l, web.Ticks, "workplaces", v.T("disclosure.workplaces")).Of(choices(person.Workplaces())...),
		web.NewField(l, web.Ticks, "fields", v.T("disclosure.fields")).Must().Hinted(v.T("disclosure.fields.hint")).
			Of(options(person.Profile, func(f person.Field) web.Option {
				return web.Option{Value: f.String(), Text: heading(v.T("field." + f.String()))}
			})...),
		web.NewField(l, web.Digits, "keep", v.T("disclosure.keep")).Must().Hinted(v.T("disclosure.keep.hint", i18n.Num("n", disclosure.MaxKeepDays))).Holding("10").UpTo(2),
		web.NewField(l, web.Tick, "forbidden", v.T("disclosure.forbidden")),
		web.NewField(l, web.TextField, "silent", v.T("disclosure.silent")).Fills("off").UpTo(200))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathDisclosures, nil)}
	return sheet, nil
}

func (c *console) showNewDisclosure(w http.ResponseWriter, v *visit) error {
	return c.sendNew(w, v, web.Form{}, nil)
}

func (c *console) sendNew(w http.ResponseWriter, v *visit, form web.Form, fault error) error {
	sheet, err := c.newSheet(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, formPage{Title: v.T("disclosure.new.title"), Lead: v.T("disclosure.new.lead"), Sheet: sheet}, form, fault)
}

func (c *console) newDisclosure(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("recipient"), web.Line("purpose"), web.Line("act"), web.Line("article"), web.Line("letter_number"), web.Line("letter_date"),
		web.Lines("list", listLetters), web.Line("breach"), web.Many("places"), web.Line("district"), web.Many("positions"), web.Many("workplaces"), web.Many("fields"),
		web.Line("keep"), web.Line("forbidden"), web.Line("silent"))
	var id int64
	if err == nil {
		var d disclosure.Draft
		if d, err = readDraft(form); err == nil {
			id, err = c.Disclosures.Draft(v.Context(), v.Viewer.Subject, d)
		}
	}
	if err != nil {
		return c.sendNew(w, v, form, err)
	}
	return v.SeeOther(w, v.to(PathDisclosure, nil, "disclosure", strconv.FormatInt(id, 10)), "disclosure_drafted")
}

// readDraft takes a form as it is; what is wrong with it is told by name.
func readDraft(form web.Form) (d disclosure.Draft, err error) {
	d = disclosure.Draft{Act: form.Get("act"), Article: form.Get("article"), LetterNumber: form.Get("letter_number"), LetterDate: strings.TrimSpace(form.Get("letter_date")),
		Query:     disclosure.Choice{Places: form.All("places"), Positions: form.All("positions"), Workplaces: form.All("workplaces"), Breach: form.Get("breach")},
		Forbidden: form.Get("forbidden") != "", Silent: form.Get("silent")}
	if list := strings.TrimSpace(form.Get("list")); list != "" {
		d.List = strings.Split(list, "\n")
	}
	if district := form.Get("district"); district != "" {
		d.Query.Places = append(slices.Clone(d.Query.Places), district)
	}
	// What is no number stays 0, which is refused.
	d.Recipient, _ = strconv.ParseInt(form.Get("recipient"), 10, 64)
	d.KeepDays, _ = strconv.Atoi(strings.TrimSpace(form.Get("keep")))
	d.Purpose, _ = policy.PurposeByClause(form.Get("purpose"))
	fields, err := chosen(form.All("fields"), person.FieldByName, func(f person.Field) bool { return slices.Contains(person.Profile, f) })
	d.Fields = person.Set(fields...)
	return d, err
}

// onDisclosure is for pages of one disclosure.
func (c *console) onDisclosure(handle func(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error) handler {
	return func(w http.ResponseWriter, v *visit) error {
		id, err := v.number("disclosure")
		if err != nil {
			return err
		}
		d, err := c.Disclosures.Get(v.Context(), id)
		if err != nil {
			return err
		}
		return handle(w, v, d)
	}
}

func (c *console) showDisclosure(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
	return c.sendDisclosure(w, v, d, web.Form{}, nil)
}

func (c *console) sendDisclosure(w http.ResponseWriter, v *visit, d *disclosure.Disclosure, form web.Form, fault error) error {
	to := func(pattern string) string { return v.to(pattern, nil, "disclosure", disclosureID(d)) }
	p := disclosurePage{Chrome: c.chrome(v), Title: v.T("disclosure.title", i18n.Num("number", d.ID)), State: v.stateTag(d.State),
		Ground: v.T("disclosure.ground"), Progress: v.T("disclosure.progress"), Next: v.T("disclosure.next")}
	p.Upload = web.NewSheet(v.Lang, to(PathLetterFile), v.T("disclosure.file.put"),
		web.NewField(v.Lang, web.FileField, "file", v.T("disclosure.file")).Must().Hinted(v.T("disclosure.file.hint")).
			Taking(".pdf,.docx,.doc,.odt,.rtf,.jpg,.jpeg,.png,.tif,.tiff"))
	if fault != nil && !p.Upload.Show(fault, form) {
		return fault
	}
	facts, err := c.disclosureFacts(v, d)
	if err != nil {
		return err
	}
	p.Facts = facts
	if d.State.Made() || d.State.Over() && d.State != disclosure.Refused {
		if p.Counts, err = c.disclosureCounts(v, d); err != nil {
			return err
		}
	}
	p.Meter = v.disclosureMeter(d)
	if p.Meter != nil {
		p.Refresh = &web.Link{Text: v.T("disclosure.refresh"), Href: to(PathDisclosure)}
	}
	button := func(key, pattern string, style web.Style) {
		p.Acts = append(p.Acts, web.Button{Text: v.T(key), Href: to(pattern), Style: style})
	}
	post := func(key, pattern string) {
		p.Posts = append(p.Posts, web.Post{Action: to(pattern), Button: web.Button{Text: v.T(key), Style: web.Primary}})
	}
	if d.State != disclosure.Drafted {
		p.Upload = nil
	}
	switch d.State {
	case disclosure.Drafted:
		if d.Letter.Size > 0 {
			post("disclosure.submit", PathSubmit)
		}
	case disclosure.Waiting:
		if d.HadAHand(v.Viewer.Subject) {
			n := web.NewNotice(v.Lang, web.Info, v.T("disclosure.waits"), append(web.Plain(v.T("disclosure.waits.text")+" "), v.clauses([]string{"5.3"})...))
			p.Note = &n
			break
		}
		button("disclosure.approve", PathApproveOutward, web.Primary)
		button("disclosure.refuse", PathRefuseOutward, web.Secondary)
	case disclosure.Empty:
		n := web.NewNotice(v.Lang, web.Warn, v.T("disclosure.state.empty"), web.Plain(v.T("disclosure.empty.text")))
		p.Note = &n
	case disclosure.Ready, disclosure.Fetched:
		post("disclosure.resend", PathResend)
	}
	if !d.State.Over() && d.State != disclosure.Fetched {
		button("disclosure.withdraw", PathWithdrawOutward, web.Danger)
	}
	return c.outward.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true}, p)
}

// officer names an officer.
func (n *names) officer(id person.ID) string { return n.actor(ledger.ByStaff, id, policy.Officer) }

func (c *console) disclosureFacts(v *visit, d *disclosure.Disclosure) (web.Summary, error) {
	var s web.Summary
	row := func(key string, value web.Text) { s.Rows = append(s.Rows, web.Row{Key: v.T(key), Value: value}) }
	said := func(key, value string) { row(key, web.Plain(value)) }
	n, err := c.names(v)
	if err != nil {
		return s, err
	}
	said("disclosure.recipient", d.Recipient.Name(v.Lang.Code())+", "+v.T("disclosure.recipient.bin")+" "+d.Recipient.BIN)
	for _, r := range n.whereTo(&d.Recipient) {
		said(r.key, r.value)
	}
	row("disclosure.clause", v.clauses([]string{d.Purpose.Clause()}))
	said("disclosure.act", d.Act+", "+d.Article)
	letter := web.Plain(v.T("disclosure.letter.of", i18n.Str("number", d.LetterNumber), i18n.Day("date", d.LetterDay())) + " ")
	if d.Letter.Size > 0 {
		letter = append(letter, web.Run{Text: d.FileName(), Href: v.to(PathLetterFile, nil, "disclosure", disclosureID(d))})
	} else {
		letter = append(letter, web.Run{Text: v.T("disclosure.file.missing")})
	}
	row("disclosure.letter", letter)
	said("disclosure.who", v.sayChoice(c, &d.Choice))
	said("disclosure.fields", v.fields(d.Fields))
	said("disclosure.keep", v.T("console.days", i18n.Num("n", int64(d.KeepDays))))
	if d.Silent == "" {
		said("disclosure.told", v.T("disclosure.told.yes"))
	} else {
		said("disclosure.told", v.T("disclosure.told.no", i18n.Str("article", d.Silent)))
	}
	said("disclosure.made", v.T("disclosure.by", i18n.Str("who", n.officer(d.MadeBy)), i18n.Moment("at", d.MadeAt)))
	if !d.DecidedAt.IsZero() {
		said("disclosure.decided", v.T("disclosure.by", i18n.Str("who", n.officer(d.DecidedBy)), i18n.Moment("at", d.DecidedAt)))
	}
	if d.Reason != "" {
		said("disclosure.reason", d.Reason)
	}
	if !d.ReadyAt.IsZero() {
		said("disclosure.ready", v.Lang.DateTime(d.ReadyAt))
		said("disclosure.until", v.Lang.DateTime(d.ExpiresAt))
	}
	if !d.FetchedAt.IsZero() {
		said("disclosure.fetched", v.Lang.DateTime(d.FetchedAt))
	}
	if term, limited := worktime.TermOf(c.Terms, "notify.transfer"); limited && !d.FetchedAt.IsZero() && d.Silent == "" {
		if d.ToldAt.IsZero() {
			cell := v.due(c.Calendar.Due(d.FetchedAt, term.Term))
			row("disclosure.told.due", cell.Text)
		} else {
			said("disclosure.told.at", v.Lang.DateTime(d.ToldAt))
		}
	}
	return s, nil
}

type labelled struct{ key, value string }

// whereTo says at which address, and with which key, a recipient gets packages, and which officer registered both: whoever approves compares
// them with the letter.
func (n *names) whereTo(r *disclosure.Recipient) []labelled {
	return []labelled{{"disclosure.recipient.email", r.Email}, {"disclosure.recipient.key", r.Key},
		{"disclosure.recipient.registered", n.v.T("disclosure.by", i18n.Str("who", n.officer(r.MadeBy)), i18n.Moment("at", r.MadeAt))}}
}

// sayChoice says who belongs to a disclosure.
func (v *visit) sayChoice(c *console, choice *disclosure.Choice) string {
	if !choice.Query() {
		return v.T("disclosure.who.list", i18n.Num("n", int64(choice.Lines)))
	}
	if choice.Breach != "" {
		return v.T("disclosure.who.breach", i18n.Str("number", choice.Breach))
	}
	var parts []string
	tree := c.Places.Tree()
	var places []string
	for _, code := range choice.Places {
		places = append(places, tree.PathName(code, v.Lang.Code()))
	}
	named := func(key string, values []string) {
		if len(values) > 0 {
			parts = append(parts, v.T(key)+": "+strings.Join(values, "; "))
		}
	}
	words := func(prefix string, codes []string) (out []string) {
		for _, code := range codes {
			out = append(out, v.T(prefix+code))
		}
		return out
	}
	named("disclosure.places", places)
	named("disclosure.positions", words("position.", choice.Positions))
	named("disclosure.workplaces", words("workplace.", choice.Workplaces))
	return strings.Join(parts, ". ")
}

func (c *console) disclosureCounts(v *visit, d *disclosure.Disclosure) (*web.Table, error) {
	counts, err := c.Disclosures.Counts(v.Context(), d.ID)
	if err != nil {
		return nil, err
	}
	t := &web.Table{Caption: v.T("disclosure.people"), Columns: []web.Column{{Label: v.T("disclosure.outcome")}, {Label: v.T("disclosure.people"), Number: true}}}
	add := func(what string, n int64) {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(what)}, {Text: web.Plain(v.Lang.Number(n))}})
	}
	for _, o := range disclosure.Outcomes {
		if counts[o] > 0 || o == disclosure.Included {
			add(heading(v.T("disclosure.outcome."+o.String())), counts[o])
		}
	}
	if !d.Choice.Query() {
		add(v.T("disclosure.unknown"), int64(d.Unknown))
	}
	for _, o := range disclosure.Outcomes {
		if d.Unseen[o] > 0 {
			add(v.T("disclosure.unseen", i18n.Msg("why", "disclosure.outcome."+o.String())), d.Unseen[o])
		}
	}
	return t, nil
}

// disclosureMeter shows how far the making is.
func (v *visit) disclosureMeter(d *disclosure.Disclosure) *web.Meter {
	done, of, key := d.Looked, d.LookTotal, "disclosure.meter.choosing"
	switch d.State {
	case disclosure.Choosing:
	case disclosure.Packing:
		done, of, key = d.Done, d.Parts, "disclosure.meter.packing"
	default:
		return nil
	}
	return &web.Meter{Label: v.T(key), Said: v.T("disclosure.meter.said", i18n.Num("done", done), i18n.Num("of", max(of, done))), Done: int(done), Of: int(max(of, done))}
}

func (c *console) putLetter(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
	up, form, err := v.Upload("file", disclosure.MaxLetter)
	switch {
	case errs.Is(err, errs.TooLarge):
		err = errs.InvalidFields([]errs.Field{{Name: "file", Key: "disclosure.file.large"}})
	case err == nil:
		err = c.Disclosures.PutLetter(v.Context(), v.Viewer.Subject, d.ID, up)
	}
	if err != nil {
		return c.sendDisclosure(w, v, d, form, err)
	}
	return v.SeeOther(w, v.to(PathDisclosure, nil, "disclosure", disclosureID(d)), "disclosure_letter")
}

func (c *console) sendLetterFile(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
	body, err := c.Disclosures.Letter(v.Context(), v.Viewer.Subject, d)
	if err != nil {
		return err
	}
	return v.File(w, d.FileName(), d.Letter.Type, body)
}

// done answers an act on a disclosure: back to its page, or what was wrong about it.
func (c *console) done(w http.ResponseWriter, v *visit, d *disclosure.Disclosure, err error, notice string) error {
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathDisclosure, nil, "disclosure", disclosureID(d)), notice)
}

func (c *console) submit(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	err := c.Disclosures.Submit(v.Context(), v.Viewer.Subject, d.ID)
	if errs.Is(err, errs.Invalid) {
		return c.sendDisclosure(w, v, d, web.Form{}, err)
	}
	return c.done(w, v, d, err, "disclosure_sent")
}

func (c *console) outwardApproval(v *visit, d *disclosure.Disclosure) (confirmPage, error) {
	n, err := c.names(v)
	if err != nil {
		return confirmPage{}, err
	}
	sheet := web.NewSheet(v.Lang, v.to(PathApproveOutward, nil, "disclosure", disclosureID(d)), v.T("disclosure.approve"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathDisclosure, nil, "disclosure", disclosureID(d))}
	told := web.Plain(v.T("disclosure.told.yes"))
	if d.Silent != "" {
		told = web.Plain(v.T("disclosure.told.no", i18n.Str("article", d.Silent)))
	}
	what := []web.Text{web.Plain(v.T("disclosure.approve.what", i18n.Str("recipient", d.Recipient.Name(v.Lang.Code())), i18n.Str("who", v.sayChoice(c, &d.Choice)))), told}
	for _, r := range n.whereTo(&d.Recipient) {
		what = append(what, web.Plain(v.T(r.key)+": "+r.value))
	}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("disclosure.approve.title", i18n.Num("number", d.ID)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("disclosure.approve.undo")), web.Plain(v.T("console.at_once")), []string{v.fields(d.Fields)}, what...)}, nil
}

func (c *console) askApproveOutward(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
	return c.sendApproval(w, v, d, nil)
}

func (c *console) sendApproval(w http.ResponseWriter, v *visit, d *disclosure.Disclosure, fault error) error {
	p, err := c.outwardApproval(v, d)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, p, fault)
}

func (c *console) approveOutward(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Disclosures.Approve(v.Context(), v.Viewer.Subject, d.ID); err != nil {
		return c.sendApproval(w, v, d, err)
	}
	return c.done(w, v, d, nil, "disclosure_approved")
}

// reasoned is an act that needs a reason.
type reasoned struct{ pattern, key, notice string }

var (
	outwardRefusal    = reasoned{PathRefuseOutward, "disclosure.refuse", "disclosure_refused"}
	outwardWithdrawal = reasoned{PathWithdrawOutward, "disclosure.withdraw", "disclosure_withdrawn"}
)

func (c *console) reasonPage(v *visit, d *disclosure.Disclosure, act reasoned) formPage {
	sheet := web.NewSheet(v.Lang, v.to(act.pattern, nil, "disclosure", disclosureID(d)), v.T(act.key),
		web.NewField(v.Lang, web.TextField, "reason", v.T("disclosure.reason")).Must().Fills("off").UpTo(200))
	sheet.Submit.Style = web.Danger
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathDisclosure, nil, "disclosure", disclosureID(d))}
	return formPage{Title: v.T(act.key+".title", i18n.Num("number", d.ID)), Lead: v.T(act.key + ".lead"), Sheet: sheet}
}

func (c *console) askReason(act reasoned) func(http.ResponseWriter, *visit, *disclosure.Disclosure) error {
	return func(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
		return c.sendForm(w, v, c.reasonPage(v, d, act), web.Form{}, nil)
	}
}

func (c *console) giveReason(act reasoned) func(http.ResponseWriter, *visit, *disclosure.Disclosure) error {
	return func(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
		form, err := v.Form(web.Line("reason"))
		if err == nil {
			do := c.Disclosures.Refuse
			if act == outwardWithdrawal {
				do = c.Disclosures.Withdraw
			}
			err = do(v.Context(), v.Viewer.Subject, d.ID, form.Get("reason"))
		}
		if err != nil {
			return c.sendForm(w, v, c.reasonPage(v, d, act), form, err)
		}
		return c.done(w, v, d, nil, act.notice)
	}
}

func (c *console) resend(w http.ResponseWriter, v *visit, d *disclosure.Disclosure) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	return c.done(w, v, d, c.Disclosures.Resend(v.Context(), v.Viewer.Subject, d.ID), "disclosure_resent")
}
