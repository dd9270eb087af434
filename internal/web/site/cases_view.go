package site

import (
	"net/http"
	"path"
	"strconv"
	"strings"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// casePage is a case as one of its parties sees it: what it is, how long it may take yet, its papers, its steps as a thread, a form to write.
type casePage struct {
	Title   string
	Tag     web.Tag
	Notices []web.Notice
	Clock   *web.Clock
	Facts   web.Summary
	Papers  []web.Button
	Steps   []stepView
	Reply   *web.Sheet
	Retract *web.Link
}

// stepView is a step as a line of the thread.
type stepView struct {
	Who, When, Did string
	Own            bool   // of who looks
	Answer         bool   // the one that ends the case
	Words          string // as they were written
	Files          []fileView
	Links          []web.Link // to where one goes on
}

type fileView struct{ Name, Href, Size string }

func (a *accountPages) look(r *web.Request, p party) (*desk.View, error) {
	return a.Cases.ForParty(r.Context(), p.own, p.number, p.once)
}

func (a *accountPages) showCase(w http.ResponseWriter, r *web.Request, p party) error {
	v, err := a.look(r, p)
	if err != nil {
		return err
	}
	return a.sendCase(w, r, p, v, sentFiling{}, nil)
}

func (a *accountPages) sendCase(w http.ResponseWriter, r *web.Request, p party, v *desk.View, sent sentFiling, err error) error {
	l := r.Lang
	page := casePage{Title: l.T("cases.heading", i18n.Str("number", v.Number), i18n.Str("kind", l.T("desk.kind."+v.Kind.String()))), Tag: stateTag(l, &v.Case, r.Now)}
	if v.Status == desk.Open {
		c := web.NewClock(l, l.T("cases.clock"), v.Opened, v.Running.Due, r.Now)
		page.Clock = &c
		page.Reply = web.NewSheet(l, p.base+partReply, l.T("cases.reply.submit"),
			web.NewField(l, web.Area, wordsName, l.T("cases.reply.words")).UpTo(maxWords).Hinted(l.T("cases.words.hint")), filesField(l))
		if v.Applicant == p.own {
			page.Retract = &web.Link{Text: l.T("cases.retract." + retractWord(v.Kind)), Href: p.base + partRetract}
		}
	}
	var broken error
	if page.Facts, broken = a.caseFacts(r, p, v); broken != nil {
		return broken
	}
	page.Notices = caseNotices(r, p, v)
	page.Papers = []web.Button{{Text: l.T("cases.receipt"), Href: p.base + partReceipt, Style: web.Secondary}}
	if hasAnswer(v) {
		page.Papers = append(page.Papers, web.Button{Text: l.T("cases.answer"), Href: p.base + partAnswer, Style: web.Primary})
	}
	names := a.names(r)
	for i := range v.Steps {
		line, broken := stepLine(names, p, v, &v.Steps[i])
		if broken != nil {
			return broken
		}
		page.Steps = append(page.Steps, line)
	}
	head := web.Head{Title: page.Title, Err: onForm(err)}
	if !p.linked {
		head.Back = backTo(r, "cases.title", PathCases)
	}
	if err != nil {
		if page.Reply == nil || !showFault(page.Reply, err, sent.Form) {
			return err
		}
		if len(sent.files) > 0 {
			chooseAgain(r, page.Reply)
		}
	}
	return a.oneCase.Send(w, r, head, page)
}

func hasAnswer(v *desk.View) bool {
	for i := range v.Steps {
		if v.Steps[i].Act == desk.Answered && !v.Steps[i].Words.IsZero() {
			return true
		}
	}
	return false
}

// retractWord chooses how taking a case back is called.
func retractWord(k desk.Kind) string {
	switch k {
	case desk.Block, desk.Deletion, desk.Withdrawal:
		return k.String()
	}
	return "case"
}

// caseNotices say what now holds for the person because of the case.
func caseNotices(r *web.Request, p party, v *desk.View) []web.Notice {
	var out []web.Notice
	say := func(style web.Style, title, text string) {
		out = append(out, web.NewNotice(r.Lang, style, title, web.Plain(text)))
	}
	if v.Status != desk.Open {
		return nil
	}
	if _, late := v.Left(r.Now); late {
		say(web.Bad, r.T("cases.late"), r.T("cases.late.text"))
	}
	if !v.EraseAt.IsZero() && p.own == v.Concerned {
		say(web.Warn, r.T("cases.erase", i18n.Day("day", v.EraseAt)), r.T("cases.erase.text"))
	}
	if v.Source == desk.ByRepresentative && v.Proved.IsZero() {
		key := "cases.proof.due"
		if p.own == v.Concerned {
			key = "cases.proof.due.concerned"
		}
		say(web.Info, "", r.T(key, i18n.Day("day", v.ProofDue)))
	}
	return out
}

// caseFacts are what a case is.
func (a *accountPages) caseFacts(r *web.Request, p party, v *desk.View) (web.Summary, error) {
	l := r.Lang
	terms, err := a.terms(r)
	if err != nil {
		return web.Summary{}, err
	}
	var s web.Summary
	row := func(key string, value web.Text) { s.Rows = append(s.Rows, web.Row{Key: l.T(key), Value: value}) }
	row("desk.paper.source", web.Plain(l.T("desk.source."+v.Source.String())))
	row("desk.paper.opened", web.Plain(l.DateTime(v.Opened)))
	if !v.Received.IsZero() {
		row("desk.paper.received", web.Plain(l.Date(v.Received.Noon())))
	}
	by := web.Text{clauseRun(r, v.Kind.Clause())}
	if source := basis(l, terms.line(v.Running.Code)); len(source) > 0 && !source[0].Clause {
		by = append(append(by, web.Run{Text: " "}), source...)
	}
	row("cases.by", by)
	row("desk.paper.due", web.Plain(l.T("cases.due", i18n.Day("day", v.Running.Due), i18n.Str("term", termText(l, v.Running.Term)))))
	if v.Doubted != 0 {
		row("desk.paper.doubted", web.Plain(fieldNames(l, v.Doubted)))
	}
	if v.Order.Number != "" && p.own == v.Concerned {
		row("desk.paper.order", web.Plain(l.T("desk.paper.order.is", i18n.Str("of", v.Order.Of), i18n.Str("number", v.Order.Number), i18n.Day("day", v.Order.Date.End()))))
	}
	if v.Status == desk.Closed {
		row("desk.paper.outcome", web.Plain(l.T("desk.outcome."+v.Outcome.String())))
		if v.Article != "" {
			row("desk.paper.article", web.Plain(v.Article))
		}
		row("cases.closed", web.Plain(l.DateTime(v.Closed)))
	}
	if hasCode(p, v) {
		s.Rows = append(s.Rows, web.Row{Key: l.T("desk.paper.code"), Value: web.Text{{Text: grouped(a.Cases.CertificateCode(&v.Case).Reveal()), Strong: true}},
			Note: web.Plain(l.T("desk.paper.code.why"))})
	}
	return s, nil
}

// hasCode tells whether the case may end by erasing who looks at it, who then needs the certificate's code.
func hasCode(p party, v *desk.View) bool {
	return p.own == v.Concerned && (v.Kind == desk.Deletion || v.Kind == desk.Withdrawal)
}

// grouped writes a code in fours, to be read and typed.
func grouped(code string) string {
	var out []string
	for len(code) > 4 {
		out, code = append(out, code[:4]), code[4:]
	}
	return strings.Join(append(out, code), "-")
}

func stepLine(names *actorNames, p party, v *desk.View, s *desk.Step) (stepView, error) {
	r := names.r
	line := stepView{When: r.Lang.DateTime(s.At), Did: r.T("desk.act." + s.Act.String()), Words: s.Words.Reveal(), Answer: s.Act == desk.Answered}
	var err error
	if line.Who, line.Own, err = stepBy(names, p, v, s); err != nil {
		return line, err
	}
	for _, f := range s.Files {
		line.Files = append(line.Files, fileView{Name: f.Name.Reveal(), Href: p.base + strings.Replace(partFile, "{file}", decimal(f.ID), 1),
			Size: r.T("cases.file.size", i18n.Num("n", max(1, (f.Size+512)>>10)))})
	}
	return line, nil
}

// stepBy names who took a step: you, the other party by what they are, staff by role and initials, the program. What the program files or
// undoes for somebody who acted by a form is theirs.
func stepBy(names *actorNames, p party, v *desk.View, s *desk.Step) (who string, own bool, err error) {
	l := names.r.Lang
	switch {
	case s.Kind == ledger.BySubject && (s.Act == desk.Blocked || s.Act == desk.Unblocked || s.Act == desk.ErasurePlanned):
		who, err = names.who(ledger.ByJob, 0, policy.Job) // it follows from what they did
		return who, false, err
	case s.Act == desk.Filed && v.Source == desk.ByAuthority:
		return l.T("desk.source.authority"), false, nil
	case s.Act == desk.Filed || s.Act == desk.TakenBack:
		if s.Kind == ledger.ByStaff {
			break
		}
		if v.Applicant == p.own {
			return l.T("cases.you"), true, nil
		}
		return l.T("desk.source." + v.Source.String()), false, nil
	case s.Kind == ledger.BySubject && s.Actor == p.own:
		return l.T("cases.you"), true, nil
	case s.Kind == ledger.BySubject && s.Actor == v.Concerned:
		return l.T("desk.side.person"), false, nil
	case s.Kind == ledger.BySubject:
		return l.T("desk.source." + v.Source.String()), false, nil
	}
	who, err = names.who(s.Kind, s.Actor, policy.Officer)
	return who, false, err
}

// doReply adds words, files, or both to the thread.
func (a *accountPages) doReply(w http.ResponseWriter, r *web.Request, p party) error {
	sent := sentFiling{}
	var err error
	sent.Form, sent.files, err = readFiles(r, web.Lines(wordsName, maxWords))
	if fatal(err) {
		return err
	}
	var bad error
	if sent.Get(wordsName) != "" || len(sent.files) == 0 {
		sent.filing.Words, bad = parseInput(r, sent.Form, wordsName, person.Words)
	}
	if err = together(err, desk.Check(sent.files), bad); err == nil {
		// Files first: they are what may be refused yet, and then nothing was written twice.
		if err = a.Cases.Attach(r.Context(), p.own, p.number, sent.files); err == nil && !sent.filing.Words.IsZero() {
			err = a.Cases.Reply(r.Context(), p.own, p.number, sent.filing.Words)
		}
	}
	if err == nil {
		return r.SeeOther(w, p.base, "case_replied")
	}
	v, broken := a.look(r, p)
	if broken != nil {
		return broken
	}
	return a.sendCase(w, r, p, v, sent, err)
}

// retractPage asks before a case is taken back.
func (a *accountPages) retractPage(r *web.Request, p party, v *desk.View) messagePage {
	word, submit := retractWord(v.Kind), "cases.retract.submit"
	if v.Kind == desk.Withdrawal { // the agreement has ended and stays so: only the erasure is stopped
		submit = "cases.retract.submit.withdrawal"
	}
	return messagePage{Title: r.T("cases.retract." + word), Lead: web.Plain(r.T("cases.retract."+word+".text", i18n.Str("number", v.Number).Spare())),
		Post: &web.Post{Action: p.base + partRetract, Button: web.Button{Text: r.T(submit), Style: web.Danger}},
		Acts: []web.Button{{Text: r.T("cases.retract.cancel"), Href: p.base, Style: web.Secondary}}}
}

func (a *accountPages) mayRetract(r *web.Request, p party) (*desk.View, error) {
	v, err := a.look(r, p)
	switch {
	case err != nil:
		return nil, err
	case v.Status != desk.Open:
		return nil, errs.New(errs.Conflict, "desk.closed")
	case v.Applicant != p.own:
		return nil, errs.New(errs.Forbidden, "desk.notyours")
	}
	return v, nil
}

func (a *accountPages) showRetract(w http.ResponseWriter, r *web.Request, p party) error {
	v, err := a.mayRetract(r, p)
	if err != nil {
		return err
	}
	return a.sendMessage(w, r, a.retractPage(r, p, v))
}

func (a *accountPages) doRetract(w http.ResponseWriter, r *web.Request, p party) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Cases.Retract(r.Context(), p.own, p.number); err != nil {
		return err
	}
	return r.SeeOther(w, p.base, "case_retracted")
}

// sendFile gives a file of the case to be saved, as what it was found to be when it was taken; it is never shown in the browser.
func (a *accountPages) sendFile(w http.ResponseWriter, r *web.Request, p party) error {
	id, err := strconv.ParseInt(r.PathValue("file"), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "desk.nocase")
	}
	f, contents, err := a.Cases.FileForParty(r.Context(), p.own, p.number, id)
	if err != nil {
		return err
	}
	return r.File(w, path.Base(f.Name.Reveal()), f.Type, contents)
}
