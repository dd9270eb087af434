package site

import (
	"net/http"
	"strconv"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/rights"
	"ustaz/internal/web"
)

// dataPage is all that is known about a person, and who has read what (2.1, 5.5, 6.2.1; law 94-V, articles 8 and 24).
type dataPage struct {
	Contents []web.Link
	Held     []heldLine
	Closed   *web.Notice // why no value is shown
	Block    blockPart
	Out      web.Summary // what goes out by the person's own will
	Others   web.Text    // what else is held, and where it is shown
	Consents web.Table
	Filter   []web.Link
	Lines    []web.Passage
	None     web.Empty
	Newest   *web.Link
	Older    *web.Link
	Take     []web.Button
}

// heldLine is a field that is held: what, why, since when, set by whom.
type heldLine struct {
	Name   string
	Value  string
	Hidden string // the value is shown on demand; this stands in its place
	Why    string
	Clause web.Clause
	Since  string
	Before *web.Link // to its earlier values
}

// blockPart is where somebody has their data blocked (6.2.4), or sees since when and by which case they are.
type blockPart struct {
	Text  web.Text
	State web.Summary // of data that are blocked
	Acts  []web.Button
}

func (a *accountPages) blockPart(r *web.Request, own person.ID) (blockPart, error) {
	block, blocked, err := a.Rights.Blocked(r.Context(), own)
	if err != nil {
		return blockPart{}, err
	}
	if !blocked {
		return blockPart{Text: web.Text{{Text: r.T("cases.data.text") + " "}, clauseRun(r, "6.2.4")}, Acts: []web.Button{linkButton(r, web.Danger, "cases.block.submit", r.Path(PathBlock))}}, nil
	}
	cases, since, err := a.holding(r, own, block)
	if err != nil {
		return blockPart{}, err
	}
	p := blockPart{Text: web.Text{{Text: r.T("profile.page.blocked.means") + " "}, clauseRun(r, "6.2.4")},
		State: web.Summary{Rows: []web.Row{{Key: r.T("cases.data.since"), Value: web.Plain(r.Lang.DateTime(since))}}}}
	for _, c := range cases {
		row := web.Row{Key: r.T("cases.no", i18n.Str("number", c.Number)), Value: web.Text{{Text: r.T("cases.data.open"), Href: CasePage(r.Lang.Code(), c.Number)}},
			Note: web.Plain(termSaid(r.Lang, c, r.Now))}
		if c.Applicant == own {
			row.Act = &web.RowAct{Text: r.T("cases.data.back"), About: row.Key, Href: CasePage(r.Lang.Code(), c.Number) + partRetract}
		}
		p.State.Rows = append(p.State.Rows, row)
	}
	p.Acts = []web.Button{linkButton(r, web.Secondary, "cases.lifting.title", requestPath(r, desk.Lifting))}
	return p, nil
}

// perPage is how many passages a page shows.
const perPage = 20

// Names in the query.
const (
	whoName    = "who"
	beforeName = "before"
)

// firstPage stands before every place in the log.
const firstPage = int64(1) << 62

func (a *accountPages) showData(w http.ResponseWriter, r *web.Request, s account.Session) error {
	q, err := r.Query(web.Line(whoName), web.Line(beforeName))
	if err != nil {
		return err
	}
	who, err := rights.ParseWho(q.Get(whoName))
	if err != nil {
		return err
	}
	before := firstPage
	if text := q.Get(beforeName); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 0 {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	names := a.names(r)
	p := dataPage{Contents: []web.Link{{Text: r.T("mydata.held"), Href: "#held"}, {Text: r.T("cases.data"), Href: "#block"}, {Text: r.T("outward.title"), Href: "#out"}, {Text: r.T("mydata.consents"), Href: "#consents"},
		{Text: r.T("mydata.passages"), Href: "#passages"}, {Text: r.T("mydata.take"), Href: "#take"}},
		Others: r.Rich("mydata.others", i18n.Msg("security", "security.title")).Link("security", r.Path(PathSecurity)),
		Take:   []web.Button{linkButton(r, web.Primary, "mydata.take.json", r.Path(PathDataJSON)), linkButton(r, web.Secondary, "mydata.take.zip", r.Path(PathDataZIP)), linkButton(r, web.Secondary, "mydata.take.print", r.Path(PathDataPrint))}}
	record, err := a.Rights.Holdings(r.Context(), s.Subject, s.Once("data"))
	switch {
	case errs.Is(err, errs.Forbidden):
		n := web.NewNotice(r.Lang, web.Warn, "", web.Plain(r.Lang.Error(err)))
		p.Closed = &n
	case err != nil:
		return err
	default:
		if p.Held, err = a.heldLines(names, record); err != nil {
			return err
		}
		if err := a.linkEarlier(r, s.Subject, p.Held); err != nil {
			return err
		}
	}
	if p.Block, err = a.blockPart(r, s.Subject); err != nil {
		return err
	}
	if p.Out, err = a.outwardPart(r, s.Subject); err != nil {
		return err
	}
	given, err := a.Consents.List(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	p.Consents = consentTable(r, given)
	if err := a.fillPassages(names, s, &p, who, before); err != nil {
		return err
	}
	return a.data.Send(w, r, web.Head{Title: r.T("mydata.title"), Back: backTo(r, "my.title", web.PathMy)}, p)
}

func (a *accountPages) fillPassages(names *actorNames, s account.Session, p *dataPage, who rights.Who, before int64) error {
	r := names.r
	list, more, err := a.Rights.Passages(r.Context(), s.Subject, who, before, perPage)
	if err != nil {
		return err
	}
	for _, x := range list {
		line, err := names.passage(x)
		if err != nil {
			return err
		}
		line.Proof = &web.Link{Text: r.T("proof.check"), Href: r.Path(PathProof, "index", strconv.FormatInt(x.Index, 10))}
		p.Lines = append(p.Lines, line)
	}
	at := func(who rights.Who, before int64) string {
		to, mark := r.Path(PathData), "?"
		if who != rights.Everybody {
			to, mark = to+mark+whoName+"="+string(who), "&"
		}
		if before != firstPage {
			to += mark + beforeName + "=" + strconv.FormatInt(before, 10)
		}
		return to + "#passages"
	}
	for _, other := range rights.Whos {
		p.Filter = append(p.Filter, web.Link{Text: r.T(whoKey(other)), Href: at(other, firstPage), Current: other == who})
	}
	if before != firstPage {
		p.Newest = &web.Link{Text: r.T("mydata.newest"), Href: at(who, firstPage)}
	}
	if more {
		p.Older = &web.Link{Text: r.T("mydata.older"), Href: at(who, list[len(list)-1].Index)}
	}
	p.None = web.Empty{Title: r.T("mydata.none"), Text: web.Plain(r.T("mydata.none.text"))}
	return nil
}

func whoKey(w rights.Who) string {
	if w == rights.Everybody {
		return "mydata.who.all"
	}
	return "mydata.who." + string(w)
}

func (a *accountPages) heldLines(names *actorNames, record *keeper.Record) ([]heldLine, error) {
	l := names.r.Lang
	var out []heldLine
	for _, f := range person.Profile {
		held, _ := record.Get(f)
		line := heldLine{Name: fieldLabel(l, f), Value: a.valueText(names.r, held.Value), Why: l.T("profile.page." + f.String() + ".why"), Clause: web.NewClause(l, f.Clause())}
		switch {
		case held.IsZero():
			line.Value = l.T("mydata.empty")
		case f == person.IIN:
			line.Hidden = l.T("mydata.hidden", i18n.Str("masked", held.Masked())) // 3.2.3
		}
		var err error
		if line.Since, err = names.since(held); err != nil {
			return nil, err
		}
		out = append(out, line)
	}
	return out, nil
}

// valueText is a value in words; empty where there is none.
func (a *accountPages) valueText(r *web.Request, v person.Value) string {
	l, text := r.Lang, v.Reveal()
	if text == "" {
		return ""
	}
	switch v.Field() {
	case person.Place:
		if name := a.Places.Tree().PathName(text, l.Code()); name != "" {
			return name
		}
	case person.Workplace:
		return l.T("workplace." + text)
	case person.Position:
		if words, free := person.FreePosition(v); free {
			return words
		}
		return l.T("position." + text)
	case person.Phone:
		return person.PhoneText(text)
	case person.ServiceSince:
		years, months := person.Service(v, r.Now)
		return l.T("mydata.service", i18n.Str("years", l.T("mydata.years", i18n.Num("n", int64(years)))), i18n.Str("months", l.T("mydata.months", i18n.Num("n", int64(months)))))
	}
	return text
}

// consentTable lists the answers to the policy, each with a link to the very text that was shown.
func consentTable(r *web.Request, given []consent.Given) web.Table {
	t := web.Table{Caption: r.T("mydata.consents"), Quiet: true, Columns: []web.Column{{Label: r.T("mydata.consent.at")}, {Label: r.T("mydata.consent.act")},
		{Label: r.T("mydata.consent.text")}, {Label: r.T("mydata.consent.channel")}},
		Empty: &web.Empty{Title: r.T("mydata.consents.none"), Text: web.Plain(r.T("mydata.consents.none.text"))}}
	for _, g := range given {
		t.Rows = append(t.Rows, []web.Cell{
			{Text: web.Plain(r.Lang.DateTime(g.At))},
			{Text: web.Plain(r.T("mydata.act." + g.Act.String()))},
			{Text: web.Text{{Text: r.T("mydata.consent.edition", i18n.Num("n", g.Edition), i18n.Msg("language", "my.in."+g.Lang)),
				Href: web.Path(g.Lang, PathEdition, "seq", decimal(g.Edition))}, {Text: " · SHA-256 " + shortHash(g.Hash)}}},
			{Text: web.Plain(r.T("mydata.channel." + g.Channel.String()))},
		})
	}
	return t
}

// proofPage tells what was proven about an entry.
type proofPage struct {
	Line    *web.Passage
	Proof   web.Proof
	Meaning []web.Text
	Command string
	Where   web.Text // the key and the newest checkpoint
}

// fileEnding makes of the address of a proof that of its file.
const fileEnding = ".txt"

func (a *accountPages) showProof(w http.ResponseWriter, r *web.Request, s account.Session) error {
	number, file := cutEnding(r.PathValue("index"))
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil || decimal(index) != number {
		return errs.New(errs.NotFound, "ledger.noentry")
	}
	proof, err := a.Rights.Proof(r.Context(), s.Subject, index)
	if err != nil && errs.As(err).Key != "ledger.damaged" {
		return err
	}
	head := web.Head{Title: r.T("proof.title"), Back: &web.Link{Text: r.T("mydata.passages"), Href: r.Path(PathData) + "#passages"}}
	if err != nil { // the log does not agree with itself: say so in place of a proof
		return a.proof.Send(w, r, web.Head{Title: head.Title, Back: head.Back, Err: err},
			proofPage{Proof: web.NewProof(r.Lang, false, web.Plain(r.T("proof.fails", i18n.Num("n", index))))})
	}
	if file {
		w.Header().Set("Content-Disposition", `attachment; filename="proof.txt"`) // the name that Command has
		return r.Text(w, proof.Text)
	}
	return a.sendProof(w, r, head, proof)
}

func cutEnding(s string) (number string, file bool) {
	if n := len(s) - len(fileEnding); n > 0 && s[n:] == fileEnding {
		return s[:n], true
	}
	return s, false
}

func (a *accountPages) sendProof(w http.ResponseWriter, r *web.Request, head web.Head, proof ledger.Proof) error {
	line, err := a.names(r).passage(proof.Entry)
	if err != nil {
		return err
	}
	last, err := a.Ledger.Entry(r.Context(), proof.Size-1) // signed with the last entry that it covers
	if err != nil {
		return err
	}
	code := func(key, value string) web.Row { return web.Row{Key: r.T(key), Value: web.Plain(value)} }
	panel := web.NewProof(r.Lang, true, web.Plain(r.T("proof.said", i18n.Num("n", proof.Entry.Index), i18n.Num("size", proof.Size), i18n.Moment("at", last.At))),
		code("proof.leaf", proof.Leaf), code("proof.root", proof.Root), code("proof.path", r.T("proof.path.count", i18n.Num("n", int64(len(proof.Hashes))))),
		code("proof.origin", a.Ledger.Origin()), code("proof.key", a.Ledger.PublicKey()))
	panel.File = &web.Link{Text: r.T("proof.file"), Href: r.Path(PathProof, "index", decimal(proof.Entry.Index)+fileEnding)}
	p := proofPage{Line: &line, Proof: panel, Command: "ustaz ledger proof proof.txt --key " + a.Ledger.PublicKey(),
		Meaning: []web.Text{web.Plain(r.T("proof.how")), web.Plain(r.T("proof.elsewhere"))},
		Where: r.Rich("proof.where", i18n.Str("key", a.Public.JoinPath(pathLogKey).String()), i18n.Str("checkpoint", a.Public.JoinPath(pathCheckpoint).String())).
			Link("key", pathLogKey).Link("checkpoint", pathCheckpoint)}
	return a.proof.Send(w, r, head, p)
}
