package console

import (
	"net/http"
	"net/url"
	"strconv"

	"ustaz/internal/draft"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// Addresses of the drafts of the policy (9.1). {doc} is the language of a document, {part} the number of a section or clause.
const (
	PathDrafts        = "/{lang}/console/drafts"
	PathDraft         = "/{lang}/console/drafts/{draft}"
	PathDraftUndo     = "/{lang}/console/drafts/{draft}/undo"
	PathDraftUpload   = "/{lang}/console/drafts/{draft}/upload"
	PathDraftText     = "/{lang}/console/drafts/{draft}/text/{doc}"
	PathDraftLeaveOut = "/{lang}/console/drafts/{draft}/text/{doc}/leave-out"
	PathDraftHead     = "/{lang}/console/drafts/{draft}/text/{doc}/head"
	PathDraftAdd      = "/{lang}/console/drafts/{draft}/text/{doc}/add"
	PathDraftPart     = "/{lang}/console/drafts/{draft}/text/{doc}/{part}"
	PathDraftMerge    = "/{lang}/console/drafts/{draft}/text/{doc}/{part}/merge"
	PathDraftRemove   = "/{lang}/console/drafts/{draft}/text/{doc}/{part}/remove"
	PathDraftChanges  = "/{lang}/console/drafts/{draft}/changes"
	PathDraftRules    = "/{lang}/console/drafts/{draft}/rules"
	PathDraftOrder    = "/{lang}/console/drafts/{draft}/order"
	PathDraftSubmit   = "/{lang}/console/drafts/{draft}/submit"
	PathDraftApprove  = "/{lang}/console/drafts/{draft}/approve"
	PathDraftReturn   = "/{lang}/console/drafts/{draft}/return"
	PathDraftWithdraw = "/{lang}/console/drafts/{draft}/withdraw"
)

// Bodies of forms beyond web.DefaultBody: a letter of the Kazakh alphabet is sent as six bytes.
const (
	draftBody  = 256 << 10
	uploadBody = policy.MaxImport + web.DefaultBody
)

func (c *console) draftRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	long := func(r web.Route) web.Route { r.MaxBody = draftBody; return r }
	upload := c.on(post, PathDraftUpload, officers, c.onDraft(c.uploadDraft))
	upload.MaxBody = uploadBody
	return []web.Route{
		c.on(get, PathDrafts, officers, c.showDrafts),
		c.on(post, PathDrafts, officers, c.beginDraft),
		c.on(get, PathDraft, officers, c.onDraft(c.showDraft)),
		c.on(post, PathDraftUndo, officers, c.onDraft(c.undoDraft)),
		c.on(get, PathDraftUpload, officers, c.onDraft(c.askUpload)),
		upload,
		c.on(get, PathDraftText, officers, c.onDraft(c.showDraftText)),
		c.on(post, PathDraftLeaveOut, officers, c.onDraft(c.leaveOut)),
		c.on(get, PathDraftHead, officers, c.onDraft(c.showHead)),
		long(c.on(post, PathDraftHead, officers, c.onDraft(c.saveHead))),
		c.on(get, PathDraftAdd, officers, c.onDraft(c.showAdd)),
		long(c.on(post, PathDraftAdd, officers, c.onDraft(c.savePart))),
		c.on(get, PathDraftPart, officers, c.onDraft(c.showPart)),
		long(c.on(post, PathDraftPart, officers, c.onDraft(c.savePart))),
		c.on(post, PathDraftMerge, officers, c.onDraft(c.mergePart)),
		c.on(post, PathDraftRemove, officers, c.onDraft(c.removePart)),
		c.on(get, PathDraftChanges, officers, c.onDraft(c.showDraftChanges), web.Line("doc")),
		c.on(get, PathDraftRules, officers, c.onDraft(c.showDraftRules)),
		long(c.on(post, PathDraftRules, officers, c.onDraft(c.saveRules))),
		c.on(get, PathDraftOrder, officers, c.onDraft(c.showOrder)),
		c.on(post, PathDraftOrder, officers, c.onDraft(c.saveOrder)),
		c.on(get, PathDraftSubmit, officers, c.onDraft(c.askSubmit)),
		c.on(post, PathDraftSubmit, officers, c.onDraft(c.submitDraft)),
		c.on(get, PathDraftApprove, officers, c.onDraft(c.askApproveDraft)),
		c.on(post, PathDraftApprove, officers, c.fresh(c.onDraft(c.approveDraft))),
		c.on(get, PathDraftReturn, officers, c.onDraft(c.askEndDraft(draftReturning))),
		c.on(post, PathDraftReturn, officers, c.onDraft(c.endDraft(draftReturning))),
		c.on(get, PathDraftWithdraw, officers, c.onDraft(c.askEndDraft(draftWithdrawing))),
		c.on(post, PathDraftWithdraw, officers, c.onDraft(c.endDraft(draftWithdrawing))),
	}
}

// drafting is a visit to the page of a draft.
type drafting struct {
	*visit
	d *draft.Draft
}

// onDraft answers with the draft that the address names.
func (c *console) onDraft(handle func(w http.ResponseWriter, v *drafting) error) handler {
	return func(w http.ResponseWriter, v *visit) error {
		id, err := v.id("draft")
		if err != nil {
			return err
		}
		d, err := c.Drafts.Draft(v.Context(), id)
		if err != nil {
			return err
		}
		return handle(w, &drafting{v, d})
	}
}

// of is an address about the draft.
func (v *drafting) of(pattern string, pairs ...string) string {
	return v.to(pattern, nil, append([]string{"draft", v.d.ID.String()}, pairs...)...)
}

func (v *drafting) back() *web.Link {
	return &web.Link{Text: v.T("draft.title"), Href: v.of(PathDraft)}
}

// stepInput is the step that a form was made at: what its reader saw.
const stepInput = "step"

// carry lets a form say at which step it was made.
func (v *drafting) carry(s *web.Sheet) *web.Sheet {
	return s.Carry(stepInput, strconv.FormatInt(v.d.Last, 10))
}

func (v *drafting) post(action, text string, style web.Style, more ...web.Hidden) web.Post {
	return web.Post{Action: action, Hidden: append([]web.Hidden{{Name: stepInput, Value: strconv.FormatInt(v.d.Last, 10)}}, more...), Button: web.Button{Text: text, Style: style}}
}

// sent reads a form and the step it was made at.
func (v *drafting) sent(inputs ...web.Input) (web.Form, draft.At, error) {
	form, err := v.Form(append(inputs, web.Line(stepInput))...)
	if err != nil && len(errs.As(err).Fields) == 0 {
		return form, draft.At{}, err
	}
	at, wrong := v.seen(form)
	if wrong != nil {
		err = wrong
	}
	return form, at, err
}

func (v *drafting) seen(form web.Form) (draft.At, error) {
	n, err := strconv.ParseInt(form.Get(stepInput), 10, 64)
	if err != nil {
		return draft.At{}, errs.New(errs.Invalid, "error.form")
	}
	return draft.At{Draft: v.d.ID, Step: n}, nil
}

// draftsPage lists drafts.
type draftsPage struct {
	Chrome chrome
	Begin  web.Post
	Table  web.Table
}

var draftStyles = map[draft.State]web.Style{draft.Open: web.Info, draft.Submitted: web.Warn, draft.Published: web.Good, draft.Withdrawn: web.Bad}

func (v *visit) draftTag(s draft.State) *web.Tag {
	return &web.Tag{Text: v.T("draft.state." + string(s)), Style: draftStyles[s]}
}

func (c *console) showDrafts(w http.ResponseWriter, v *visit) error {
	all, err := c.Drafts.List(v.Context())
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := draftsPage{Chrome: c.chrome(v), Begin: web.Post{Action: v.to(PathDrafts, nil), Button: web.Button{Text: v.T("draft.begin"), Style: web.Primary}},
		Table: web.Table{Caption: v.T("draft.list"), Quiet: true,
			Columns: []web.Column{{Label: v.T("draft.begun")}, {Label: v.T("draft.author")}, {Label: v.T("draft.state")}, {Label: v.T("draft.last")}},
			Empty:   &web.Empty{Title: v.T("draft.none"), Text: web.Plain(v.T("draft.none.text"))}}}
	for _, h := range all {
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Text{{Text: v.Lang.DateTime(h.BegunAt), Href: v.to(PathDraft, nil, "draft", h.ID.String())}}},
			{Text: web.Plain(n.actor(ledger.ByStaff, h.BegunBy, policy.Officer))},
			{Tag: v.draftTag(h.State)},
			{Text: web.Plain(v.Lang.DateTime(h.LastAt) + ", " + n.actor(ledger.ByStaff, h.LastBy, policy.Officer))},
		})
	}
	return c.drafts.Send(w, v.Request, web.Head{Title: v.T("draft.list"), Wide: true}, p)
}

func (c *console) beginDraft(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	id, err := c.Drafts.Begin(v.Context(), v.Viewer.Subject)
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathDraft, nil, "draft", id.String()), "draft_begun")
}

// draftsWaiting counts the drafts that wait for a second officer, for the overview.
func draftsWaiting(all []draft.Head) (n int64) {
	for _, h := range all {
		if h.State == draft.Submitted {
			n++
		}
	}
	return n
}

// draftPage is a draft as it stands: what it holds, what can be done, what was done.
type draftPage struct {
	Chrome  chrome
	State   *web.Tag
	Notices []web.Notice
	Parts   web.Summary
	Acts    []web.Button
	Undo    *web.Post
	History web.Table
}

func (c *console) showDraft(w http.ResponseWriter, v *drafting) error {
	p, err := c.draftPage(v)
	if err != nil {
		return err
	}
	return c.draft.Send(w, v.Request, web.Head{Title: v.T("draft.title"), Wide: true, Back: &web.Link{Text: v.T("draft.list"), Href: v.to(PathDrafts, nil)}}, p)
}

func (c *console) draftPage(v *drafting) (draftPage, error) {
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return draftPage{}, err
	}
	n, err := c.names(v.visit)
	if err != nil {
		return draftPage{}, err
	}
	p := draftPage{Chrome: c.chrome(v.visit), State: v.draftTag(v.d.State), Notices: v.standing(), History: v.history(n)}
	if p.Parts, err = v.parts(ed.Edition); err != nil {
		return draftPage{}, err
	}
	button := func(pattern, key string, style web.Style) {
		p.Acts = append(p.Acts, web.Button{Text: v.T(key), Href: v.of(pattern), Style: style})
	}
	switch v.d.State {
	case draft.Open:
		button(PathDraftSubmit, "draft.submit", web.Primary)
		button(PathDraftUpload, "draft.upload", web.Secondary)
		button(PathDraftWithdraw, "draft.withdraw", web.Secondary)
		if last, ok := v.d.Undoable(); ok {
			undo := v.post(v.of(PathDraftUndo), v.T("draft.undo", i18n.Str("what", v.did(&last))), web.Bare)
			p.Undo = &undo
		}
	case draft.Submitted:
		if v.d.Bars(v.Viewer.Subject) == nil {
			button(PathDraftApprove, "draft.approve", web.Primary)
		}
		button(PathDraftReturn, "draft.return", web.Secondary)
		button(PathDraftWithdraw, "draft.withdraw", web.Secondary)
	}
	return p, nil
}

// standing says where the draft stands and what keeps it from the next step.
func (v *drafting) standing() []web.Notice {
	var out []web.Notice
	say := func(style web.Style, text web.Text, clauses ...string) {
		if len(clauses) > 0 {
			text = append(append(text, web.Run{Text: " "}), v.clauses(clauses)...)
		}
		out = append(out, web.NewNotice(v.Lang, style, "", text))
	}
	switch v.d.State {
	case draft.Open:
		if last := v.d.Steps[len(v.d.Steps)-1]; last.Act == draft.Returned {
			say(web.Warn, web.Plain(v.T("draft.returned", i18n.Str("reason", last.Reason))))
		}
		if e, err := v.d.Compose(); err != nil {
			say(web.Info, web.Plain(v.T("draft.missing")+" "+v.Lang.Error(err)))
		} else if !e.InForce.After(v.Now) {
			say(web.Warn, web.Plain(v.T("draft.past")), "9.2")
		}
	case draft.Submitted:
		say(web.Warn, web.Plain(v.T("draft.waits", i18n.Moment("from", v.d.Order.InForce))), "9.1", "9.2")
		if err := v.d.Bars(v.Viewer.Subject); err != nil {
			say(web.Info, web.Plain(v.Lang.Error(err)))
		}
		if !v.d.Order.InForce.After(v.Now) {
			say(web.Bad, web.Plain(v.T("draft.late")))
		}
	case draft.Published:
		say(web.Good, v.Rich("draft.published", i18n.Num("n", v.d.Edition), i18n.Moment("from", v.d.Order.InForce)).Link("n", v.Path(web.PathEdition, "seq", strconv.FormatInt(v.d.Edition, 10))), "9.4")
	case draft.Withdrawn:
		say(web.Bad, web.Plain(v.T("draft.withdrawn", i18n.Str("reason", v.d.Steps[len(v.d.Steps)-1].Reason))))
	}
	return out
}

// parts are what the draft holds, each with the way to it and how it differs from the edition in force.
func (v *drafting) parts(now *policy.Edition) (web.Summary, error) {
	var s web.Summary
	open := v.d.State == draft.Open
	for _, lang := range policy.Languages {
		row := web.Row{Key: v.T("draft.text." + lang)}
		doc := v.d.Docs[lang]
		if doc == nil {
			row.Value = web.Plain(v.T("draft.text.none"))
		} else {
			sections, clauses := doc.Counts()
			changes := int64(len(policy.Difference(now.Docs[lang], doc)))
			row.Value = web.Plain(v.T("draft.text.sections", i18n.Num("n", int64(sections))) + ", " + v.T("draft.text.clauses", i18n.Num("n", int64(clauses))))
			row.Note = web.Text{{Text: v.T("draft.changed.parts", i18n.Num("n", changes)), Href: v.to(PathDraftChanges, url.Values{"doc": {lang}}, "draft", v.d.ID.String())}}
			if err := doc.Validate(); err != nil {
				row.Note = append(row.Note, web.Run{Text: " " + v.Lang.Error(err)})
			}
			row.Act = &web.RowAct{Text: v.T("draft.open"), About: row.Key, Href: v.of(PathDraftText, "doc", lang)}
		}
		s.Rows = append(s.Rows, row)
	}
	rules, err := policy.ParseRules(v.d.RulesText)
	if err != nil {
		return s, err
	}
	s.Rows = append(s.Rows, web.Row{Key: v.T("draft.rules"), Value: web.Plain(v.T("draft.changed.rules", i18n.Num("n", int64(len(policy.CompareRules(now.Rules, rules)))))),
		Act: &web.RowAct{Text: v.T("draft.open"), About: v.T("draft.rules"), Href: v.of(PathDraftRules)}})
	order := web.Row{Key: v.T("draft.order"), Value: web.Plain(v.T("draft.order.none"))}
	if v.d.Order.Number != "" {
		order.Value = web.Plain(v.orderText())
		order.Note = web.Plain(v.T("draft.order.from", i18n.Moment("from", v.d.Order.InForce)))
	}
	if open {
		order.Act = &web.RowAct{Text: v.T("draft.change"), About: order.Key, Href: v.of(PathDraftOrder)}
	}
	s.Rows = append(s.Rows, order)
	return s, nil
}

// orderText is «№ 12п, 2026 жылғы 2 қараша».
func (v *drafting) orderText() string {
	return v.T("policypage.order.of", i18n.Str("number", v.d.Order.Number), i18n.Day("day", v.d.Order.Date))
}

// did is a step in words: which act, on what.
func (v *drafting) did(s *draft.Step) string {
	what := v.T("draft.act." + string(s.Act))
	place := s.Place
	switch {
	case s.Act == draft.Undone:
		what, place = v.T("draft.act.undone")+": ", ""
		if n, err := strconv.Atoi(s.Place); err == nil && n >= 1 && n <= len(v.d.Steps) {
			what += v.did(&v.d.Steps[n-1])
		}
	case v.d.Docs[s.Part] != nil || s.Act == draft.LeftOut:
		what += ", " + v.T("draft.in."+s.Part)
	}
	if place != "" {
		what += ", " + place
	}
	return what
}

func (v *drafting) history(n *names) web.Table {
	t := web.Table{Caption: v.T("draft.history"), Quiet: true, Columns: []web.Column{{Label: v.T("draft.what")}, {Label: v.T("draft.who")}, {Label: v.T("draft.when")}}}
	for i := len(v.d.Steps) - 1; i >= 0; i-- {
		s := &v.d.Steps[i]
		what := web.Cell{Text: web.Plain(v.Lang.Number(s.N) + ". " + v.did(s))}
		if s.Reason != "" {
			what.Text = append(what.Text, web.Run{Text: ": " + s.Reason})
		}
		if s.Undone != 0 {
			what.Tag = &web.Tag{Text: v.T("draft.undone"), Style: web.Info}
		}
		t.Rows = append(t.Rows, []web.Cell{what, {Text: web.Plain(n.actor(ledger.ByStaff, s.By, policy.Officer))}, {Text: web.Plain(v.Lang.DateTime(s.At))}})
	}
	return t
}

func (c *console) undoDraft(w http.ResponseWriter, v *drafting) error {
	_, at, err := v.sent()
	if err == nil {
		err = c.Drafts.Undo(v.Context(), v.Viewer.Subject, at)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathDraft), "draft_undone")
}
