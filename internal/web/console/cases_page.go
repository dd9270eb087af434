package console

import (
	"net/http"
	"slices"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// casePage is a case as the officer works it. Its address names the case, and each look at it is an entry of the log.
type casePage struct {
	Chrome  chrome
	Title   string
	Notices []web.Notice
	Clock   *web.Clock
	Facts   web.Summary
	Thread  []turn
	Acts    []caseAct
	Papers  []web.Link
	Export  *web.Post
}

// turn is a step of the thread.
type turn struct {
	Act, Who, When string
	Words          string
	Gone           string // said in place of words that nobody can read any more
	Files          []web.Link
	Side           string // "ours" or "theirs"
}

// caseAct is something that can be done, folded away until it is wanted: what it is, what it does to the block, and its form.
type caseAct struct {
	ID     string
	Title  string
	Lead   string
	Block  string
	Sheet  *web.Sheet
	Post   *web.Post
	Button *web.Button
	Ready  []web.Link // texts to begin with
	Open   bool
}

// actsPage is a choice between acts.
type actsPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Acts   []caseAct
}

// formFault is what was wrong with one of the forms of a case's page.
type formFault struct {
	act  string // caseAct.ID
	form web.Form
	err  error
}

func (c *console) showCase(w http.ResponseWriter, v *visit) error { return c.sendCase(w, v, nil) }

// sendCase shows the case, with what was wrong about a form if something was.
func (c *console) sendCase(w http.ResponseWriter, v *visit, fault *formFault) error {
	view, err := c.Cases.ForOfficer(v.Context(), v.officer(), v.PathValue("number"))
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := casePage{Chrome: c.chrome(v), Title: v.T("casework.case", i18n.Str("number", view.Number), i18n.Str("kind", v.kind(view.Kind))),
		Facts: v.caseFacts(view), Thread: n.thread(view), Papers: v.papers(view),
		Export: &web.Post{Action: v.casePath(PathCaseExport, view), Button: web.Button{Text: v.T("casework.export"), Style: web.Secondary}}}
	if p.Notices, err = c.caseNotices(v, view); err != nil {
		return err
	}
	head := web.Head{Title: v.T("casework.case.short", i18n.Str("number", view.Number)), Wide: true,
		Back: &web.Link{Text: v.T("casework.title"), Href: v.to(PathCases, nil)}}
	if view.Status == desk.Open {
		clock := web.NewClock(v.Lang, v.T("term."+view.Running.Code), view.Opened, view.Running.Due, v.Now)
		p.Clock = &clock
		p.Acts = c.caseActs(v, view)
	}
	if fault != nil {
		i := slices.IndexFunc(p.Acts, func(a caseAct) bool { return a.ID == fault.act && a.Sheet != nil })
		if i < 0 || !p.Acts[i].Sheet.Show(fault.err, fault.form) {
			return fault.err
		}
		p.Acts[i].Open, head.Err = true, fault.err
	}
	return c.one.Send(w, v.Request, head, p)
}

func (v *visit) casePath(pattern string, view *desk.View) string {
	return v.to(pattern, nil, "number", view.Number)
}

// caseFacts are what is known of a case, and who its parties are.
func (v *visit) caseFacts(view *desk.View) web.Summary {
	row := func(key, value string) web.Row { return web.Row{Key: v.T(key), Value: web.Plain(value)} }
	out := web.Summary{Rows: []web.Row{
		{Key: v.T("casework.kind"), Value: append(web.Plain(heading(v.kind(view.Kind))+" "), v.clauses([]string{view.Kind.Clause()})...)},
		row("casework.source", v.T("desk.source."+view.Source.String())),
		row("casework.opened", v.Lang.DateTime(view.Opened)),
	}}
	if !view.Received.IsZero() {
		out.Rows = append(out.Rows, row("desk.paper.received", v.Lang.Date(view.Received.Noon())))
	}
	for _, id := range view.Parties() {
		key := "casework.party.concerned"
		if id != view.Concerned {
			key = "casework.party.applicant"
		}
		said, noted := id.String(), ""
		if name, known := view.Names[id]; known {
			said = name.Whole().Reveal()
			noted = name.Email.Reveal()
			if noted == "" {
				noted = v.T("casework.party.noaddress")
			}
		}
		out.Rows = append(out.Rows, web.Row{Key: v.T(key), Value: web.Plain(said), Note: web.Plain(noted)})
	}
	if view.Concerned == 0 {
		out.Rows = append(out.Rows, row("casework.party.concerned", v.T("casework.party.nobody")))
	}
	if view.Doubted != 0 {
		out.Rows = append(out.Rows, row("casework.doubted", v.fields(view.Doubted)))
	}
	if view.Order.Number != "" {
		out.Rows = append(out.Rows, row("casework.order", v.T("desk.paper.order.is", i18n.Str("of", view.Order.Of), i18n.Str("number", view.Order.Number),
			i18n.Day("day", view.Order.Date.End()))))
	}
	if view.Status == desk.Closed {
		out.Rows = append(out.Rows, row("casework.outcome", v.T("desk.outcome."+view.Outcome.String())), row("casework.ended", v.Lang.DateTime(view.Closed)))
		if view.Article != "" {
			out.Rows = append(out.Rows, row("casework.article", view.Article))
		}
	}
	return out
}

// caseNotices say how the case stands: the block, the proof of a representative, a planned erasure and what holds it back.
func (c *console) caseNotices(v *visit, view *desk.View) ([]web.Notice, error) {
	var out []web.Notice
	say := func(style web.Style, key string, args ...i18n.Arg) {
		out = append(out, web.NewNotice(v.Lang, style, "", append(web.Plain(v.T(key, args...)+" "), v.clauses([]string{"6.2.4"})...)))
	}
	switch {
	case view.State.Erased:
		say(web.Info, "casework.state.erased")
	case view.Blocks:
		say(web.Warn, "casework.state.holds")
	case view.State.Restricted:
		say(web.Warn, "casework.state.held")
	case view.Kind == desk.Block && view.Status == desk.Open && view.Concerned != 0:
		say(web.Info, "casework.state.waits")
	case view.Kind == desk.Block && view.Concerned == 0:
		say(web.Info, "casework.state.nobody")
	}
	if view.Status != desk.Open {
		return out, nil
	}
	if !view.ProofDue.IsZero() && view.Proved.IsZero() {
		say(web.Warn, "casework.state.unproven", i18n.Day("day", view.ProofDue))
	}
	if !view.EraseAt.IsZero() {
		holds, err := c.Cases.Blockers(v.Context(), view.Concerned)
		if err != nil {
			return nil, err
		}
		text := web.Plain(v.T("casework.state.planned", i18n.Moment("at", view.EraseAt)))
		for _, key := range holds {
			text = append(text, web.Run{Text: " " + v.T(key)})
		}
		out = append(out, web.NewNotice(v.Lang, web.Warn, "", append(append(text, web.Run{Text: " "}), v.clauses([]string{"5.1"})...)))
	}
	return out, nil
}

// thread is what happened so far.
func (n *names) thread(view *desk.View) []turn {
	v := n.v
	out := make([]turn, 0, len(view.Steps))
	for i := range view.Steps {
		s := &view.Steps[i]
		t := turn{Act: v.T("desk.act." + s.Act.String()), When: v.Lang.DateTime(s.At), Words: s.Words.Reveal(), Side: "theirs"}
		switch {
		case s.Kind == ledger.ByStaff, s.Kind == ledger.ByJob:
			t.Who, t.Side = n.actor(s.Kind, s.Actor, 0), "ours"
		case s.Actor != 0 && s.Actor == view.Applicant && view.Applicant != view.Concerned:
			t.Who = v.T("desk.side.applicant")
		default:
			t.Who = v.T("desk.side.person")
		}
		if view.State.Erased && t.Words == "" && (s.Act == desk.Filed || s.Act == desk.Wrote || s.Act == desk.Answered) {
			t.Gone = v.T("casework.thread.gone")
		}
		for _, f := range s.Files {
			text := v.T("casework.file", i18n.Str("name", f.Name.Reveal()), i18n.Str("size", v.bytes(f.Size)))
			t.Files = append(t.Files, web.Link{Text: text, Href: v.to(PathCaseFile, nil, "number", view.Number, "file", fileText(f.ID))})
		}
		out = append(out, t)
	}
	return out
}

// bytes says a size.
func (v *visit) bytes(n int64) string {
	if n < 1<<20 {
		return v.T("casework.kb", i18n.Str("n", v.Lang.Decimal(float64(max(n, 103))/(1<<10), 1)))
	}
	return v.T("casework.mb", i18n.Str("n", v.Lang.Decimal(float64(n)/(1<<20), 1)))
}

func (v *visit) papers(view *desk.View) []web.Link {
	out := []web.Link{{Text: v.T("desk.paper.receipt") + " (PDF)", Href: v.casePath(PathCaseReceipt, view)}}
	if _, answered := view.AnswerPaper(v.Lang, v.Issuer(), view.Names[view.Applicant].Whole()); answered {
		out = append(out, web.Link{Text: v.T("desk.paper.answer") + " (PDF)", Href: v.casePath(PathCaseDocument, view)})
	}
	return out
}

// Names of acts, in the ids of the page and in its faults.
const (
	actWrite   = "write"
	actCheck   = "check"
	actAttach  = "attach"
	actCorrect = "correct"
	actProof   = "proof"
	actAnswer  = "answer"
	actDestroy = "destroy"
)

// caseActs lists what may be done now, and what each does to the block.
func (c *console) caseActs(v *visit, view *desk.View) []caseAct {
	l := v.Lang
	stays := v.T("casework.fate.none")
	if view.Blocks {
		stays = v.T("casework.fate.stays")
	}
	area := func(name, label string) *web.Field {
		return web.NewField(l, web.Area, name, label).Must().UpTo(person.MaxWords)
	}
	out := []caseAct{
		{ID: actWrite, Title: v.T("casework.write"), Lead: v.T("casework.write.lead"), Block: stays,
			Sheet: web.NewSheet(l, v.casePath(PathCaseWrite, view), v.T("casework.write.submit"), area("message", v.T("casework.write.words")))},
		{ID: actCheck, Title: v.T("casework.check"), Lead: v.T("casework.check.lead"), Block: stays,
			Sheet: web.NewSheet(l, v.casePath(PathCaseCheck, view), v.T("casework.check.submit"),
				area("doubt", v.T("casework.check.doubt")), area("finding", v.T("casework.check.finding")))},
		{ID: actAttach, Title: v.T("casework.attach"), Lead: v.T("casework.attach.lead"), Block: stays,
			Sheet: web.NewSheet(l, v.casePath(PathCaseAttach, view), v.T("casework.attach.submit"),
				web.NewField(l, web.FileField, "file", v.T("casework.attach.file")).Must().Hinted(v.T("casework.attach.hint")).Taking(".pdf,.docx,.jpg,.jpeg,.png,.txt"))},
	}
	if fields := correctable(&view.Case); len(fields) > 0 {
		out = append(out, caseAct{ID: actCorrect, Title: v.T("casework.correct"), Lead: v.T("casework.correct.lead"), Block: v.T("casework.fate.corrected"),
			Sheet: web.NewSheet(l, v.casePath(PathCaseCorrect, view), v.T("casework.correct.submit"), v.correctFields(fields)...)})
	}
	if view.Source == desk.ByRepresentative && view.Concerned != 0 && view.Proved.IsZero() {
		fate := v.T("casework.fate.proven")
		if !view.Blocks {
			fate = v.T("casework.fate.begins")
		}
		out = append(out, caseAct{ID: actProof, Title: v.T("casework.proof"), Lead: v.T("casework.proof.lead"), Block: fate,
			Sheet: web.NewSheet(l, v.casePath(PathCaseProof, view), v.T("casework.proof.submit"),
				web.NewField(l, web.Tick, "seen", v.T("casework.proof.seen")).Must())})
	}
	out = append(out, v.answerAct(view))
	if destroyable(&view.Case) {
		out = append(out, caseAct{ID: actDestroy, Title: v.T("casework.destroy"), Lead: v.T("casework.destroy.lead"), Block: v.T("casework.fate.destroyed"),
			Button: &web.Button{Text: v.T("casework.destroy.go"), Href: v.casePath(PathCaseDestroy, view), Style: web.Danger}})
	}
	return out
}

// correctable are the fields that the officer may set right in a case: those doubted, but for an address, which changes by its owner's
// letter alone (3.2.2).
func correctable(c *desk.Case) []person.Field {
	if c.Concerned == 0 || c.Kind != desk.Block && c.Kind != desk.Correction {
		return nil
	}
	return slices.DeleteFunc(c.Doubted.List(), func(f person.Field) bool { return f == person.Email })
}

// destroyable tells whether a case may end by erasing the person concerned.
func destroyable(c *desk.Case) bool {
	return c.Concerned != 0 && (c.Kind == desk.Block || c.Kind == desk.Deletion || c.Kind == desk.Withdrawal)
}

// answerAct ends the case.
func (v *visit) answerAct(view *desk.View) caseAct {
	outcomes := view.Outcomes()
	choices := options(outcomes, func(o desk.Outcome) web.Option {
		return web.Option{Value: o.String(), Text: heading(v.T("desk.outcome." + o.String())), Hint: v.T("casework.outcome." + fate(&view.Case, o))}
	})
	fields := []*web.Field{web.NewField(v.Lang, web.Radios, "outcome", v.T("casework.answer.outcome")).Must().Of(choices...)}
	if slices.Contains(outcomes, desk.Refused) {
		fields = append(fields, web.NewField(v.Lang, web.TextField, "article", v.T("casework.answer.article")).
			Hinted(v.T("casework.answer.article.hint", i18n.Str("likely", likelyArticles(view.Kind)))).Fills("off").UpTo(80))
	}
	fields = append(fields, web.NewField(v.Lang, web.Area, "answer", v.T("casework.answer.words")).Must().Hinted(v.T("casework.answer.words.hint")).UpTo(person.MaxWords))
	a := caseAct{ID: actAnswer, Title: v.T("casework.answer"), Lead: v.T("casework.answer.lead"), Block: v.T("casework.fate.none"),
		Sheet: web.NewSheet(v.Lang, v.casePath(PathCaseAnswer, view), v.T("casework.answer.submit"), fields...)}
	switch {
	case view.Blocks:
		a.Block = v.T("casework.fate.ends")
	case view.Kind == desk.Lifting:
		a.Block = v.T("casework.fate.lifting")
	}
	return a
}

// fate names what an outcome does beside ending the case, for the messages "casework.outcome.<fate>".
func fate(c *desk.Case, o desk.Outcome) string {
	switch {
	case c.Blocks:
		return "frees"
	case c.Kind == desk.Lifting && o == desk.Lifted:
		return "lifts"
	case o == desk.Refused && !c.EraseAt.IsZero():
		return "calls_off"
	}
	return "ends"
}

// likelyArticles are those on which refusals of a kind mostly stand; the officer names another where it is another (law.md, clocks).
func likelyArticles(k desk.Kind) string {
	switch k {
	case desk.Withdrawal, desk.Deletion:
		return "L 8-2, L 18"
	case desk.Information, desk.Copy, desk.Correction:
		return "L 25-2"
	case desk.Lifting, desk.Block:
		return "L 25-2(8), policy 6.2.4"
	case desk.Objection:
		return "L 19-1"
	case desk.Unpublish:
		return "L 6, policy 7.2"
	}
	return "policy 8.2"
}

// errNoFile answers for a file's number that is none.
var errNoFile = errs.New(errs.NotFound, "error.notfound")
