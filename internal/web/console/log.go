package console

import (
	"net/http"
	"net/url"
	"strconv"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// look enters that the officer looks into the log or has it read, at whose entries, before anything of it is shown: who watches is watched
// too (6.2.1), and a person sees that somebody read who had read their data.
func (c *console) look(v *visit, subject person.ID) error {
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return err
	}
	return c.Ledger.Record(v.Context(), &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByStaff, Actor: v.Viewer.Subject, Role: policy.Officer,
		Subject: subject, Operation: policy.Access, Purpose: policy.Verify, Outcome: ledger.Allowed, Edition: ed.Seq, Clauses: []string{"6.2.1"}}})
}

const (
	perPage   = 50
	lookedAt  = 50_000 // entries that one page of a filtered list looks through, so that a long log answers in time
	newest    = 1 << 62
	lineInput = 24 // digits and letters of a place in the log or an id
)

// The filters of the log. "for" is a purpose: the name "purpose" belongs to the work in hand.
var logInputs = []web.Input{web.Line("outcome"), web.Line("actor"), web.Line("for"), web.Line("subject"), web.Line("before")}

// offer is a value of a filter under its name in the address.
type offer[T any] struct {
	name  string
	value T
}

// pick reads a filter; the empty name keeps all.
func pick[T any](offers []offer[T], name string) (value T, err error) {
	for _, o := range offers {
		if o.name == name {
			return o.value, nil
		}
	}
	if name != "" {
		err = errs.New(errs.Invalid, "error.form")
	}
	return value, err
}

// actorKinds have messages "console.kind.<name>", outcomes "console.outcome.<name>".
var (
	actorKinds = []offer[ledger.ActorKind]{{"own", ledger.BySubject}, {"staff", ledger.ByStaff}, {"system", ledger.BySystem}, {"job", ledger.ByJob},
		{"nobody", ledger.ByNobody}}
	outcomes = []offer[ledger.Outcome]{{"allowed", ledger.Allowed}, {"refused", ledger.Refused}}
)

// filter is what the officer looks for; zero members keep all.
type filter struct {
	outcome ledger.Outcome
	kind    ledger.ActorKind
	purpose policy.Purpose
	subject person.ID
	before  int64
}

func (f filter) keep(e *ledger.Entry) bool {
	return (f.outcome == 0 || e.Outcome == f.outcome) && (f.kind == 0 || e.Kind == f.kind) && (f.purpose == 0 || e.Purpose == f.purpose) &&
		(f.subject == 0 || e.Subject == f.subject)
}

// readFilter reads the address's query. Names that the form does not offer are an error; an id that is none is a fault of the form.
func readFilter(q web.Form) (f filter, err error) {
	if f.before, err = readBefore(q); err != nil {
		return f, err
	}
	if f.outcome, err = pick(outcomes, q.Get("outcome")); err != nil {
		return f, err
	}
	if f.kind, err = pick(actorKinds, q.Get("actor")); err != nil {
		return f, err
	}
	if clause := q.Get("for"); clause != "" {
		var ok bool
		if f.purpose, ok = policy.PurposeByClause(clause); !ok {
			return f, errs.New(errs.Invalid, "error.form")
		}
	}
	if id := q.Get("subject"); id != "" {
		if f.subject, err = person.ParseID(id); err != nil {
			return f, errs.InvalidFields([]errs.Field{{Name: "subject", Key: "console.log.subject.wrong"}})
		}
	}
	return f, nil
}

// readBefore reads the place in the log before which a page begins.
func readBefore(q web.Form) (int64, error) {
	text := q.Get("before")
	if text == "" {
		return newest, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errs.New(errs.Invalid, "error.form")
	}
	return n, nil
}

// logPage lists entries, newest first.
type logPage struct {
	Chrome  chrome
	Title   string
	Lead    string
	Filter  *web.Sheet // nil on the list of refusals
	Entries web.Table
	Note    string // that the list ends before the log does
	Newest  *web.Link
	Older   *web.Link
	Label   string
}

func (c *console) showLog(w http.ResponseWriter, v *visit) error {
	f, fault := readFilter(v.query)
	p := logPage{Title: v.T("console.log.title"), Filter: v.filterSheet()}
	if fault != nil {
		if !p.Filter.Show(fault, v.query) || len(errs.As(fault).Fields) == 0 {
			return fault
		}
		return c.sendLog(w, v, PathLog, p, nil, 0, fault)
	}
	ctx := v.Context()
	size, err := c.Ledger.Size(ctx)
	if err != nil {
		return err
	}
	p.Lead = v.T("console.log.size", i18n.Num("n", size))
	var entries []ledger.Indexed
	var next int64
	if f.subject != 0 {
		var more bool
		if entries, more, err = c.Ledger.BySubject(ctx, f.subject, f.before, perPage, f.keep); more {
			next = entries[len(entries)-1].Index
		}
	} else {
		entries, next, err = c.Ledger.Latest(ctx, f.before, perPage, lookedAt, f.keep)
	}
	if err != nil {
		return err
	}
	if err := c.look(v, f.subject); err != nil {
		return err
	}
	if next > 0 && len(entries) < perPage {
		p.Note = v.T("console.log.looked", i18n.Str("entry", v.Lang.Number(next)))
	}
	return c.sendLog(w, v, PathLog, p, entries, next, nil)
}

func (c *console) showRefusals(w http.ResponseWriter, v *visit) error {
	before, err := readBefore(v.query)
	if err != nil {
		return err
	}
	entries, more, err := c.Ledger.Refusals(v.Context(), before, perPage)
	if err != nil {
		return err
	}
	if err := c.look(v, 0); err != nil {
		return err
	}
	next := int64(0)
	if more {
		next = entries[len(entries)-1].Index
	}
	return c.sendLog(w, v, PathRefusals, logPage{Title: v.T("console.refusals.title"), Lead: v.T("console.refusals.lead")}, entries, next, nil)
}

func (c *console) sendLog(w http.ResponseWriter, v *visit, path string, p logPage, entries []ledger.Indexed, next int64, fault error) error {
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p.Chrome, p.Label = c.chrome(v), v.T("frame.pages")
	p.Entries = n.table(p.Title, entries)
	turn := func(key, before string) *web.Link {
		more := url.Values{}
		for _, in := range []string{"outcome", "actor", "for", "subject"} {
			if value := v.query.Get(in); value != "" {
				more.Set(in, value)
			}
		}
		if before != "" {
			more.Set("before", before)
		}
		return &web.Link{Text: v.T(key), Href: v.to(path, more)}
	}
	if v.query.Get("before") != "" {
		p.Newest = turn("console.log.newest", "")
	}
	if next > 0 {
		p.Older = turn("console.log.older", strconv.FormatInt(next, 10))
	}
	return c.log.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true}, p)
}

func (v *visit) filterSheet() *web.Sheet {
	l, q := v.Lang, v.query
	s := web.NewSheet(l, v.Path(PathLog), v.T("console.log.filter"),
		web.NewField(l, web.Select, "outcome", v.T("console.log.outcome")).Of(choices(v, outcomes, "console.outcome.")...).Holding(q.Get("outcome")),
		web.NewField(l, web.Select, "actor", v.T("console.log.actor")).Of(choices(v, actorKinds, "console.kind.")...).Holding(q.Get("actor")),
		web.NewField(l, web.Select, "for", v.T("console.log.purpose")).Holding(q.Get("for")).
			Of(options(policy.Purposes, func(p policy.Purpose) web.Option { return web.Option{Value: p.Clause(), Text: v.sayPurpose(p)} })...),
		web.NewField(l, web.TextField, "subject", v.T("console.log.subject")).Holding(q.Get("subject")).Fills("off").UpTo(lineInput)).Ask()
	if v.work != nil {
		s.Carry("purpose", v.work.Purpose.Clause()).Carry("case", v.work.Case)
	}
	return s
}

func choices[T any](v *visit, offers []offer[T], key string) []web.Option {
	return options(offers, func(o offer[T]) web.Option { return web.Option{Value: o.name, Text: v.T(key + o.name)} })
}

// table lists entries; each leads to its proof.
func (n *names) table(caption string, entries []ledger.Indexed) web.Table {
	v := n.v
	t := web.Table{Caption: caption, Quiet: true,
		Columns: []web.Column{{Label: v.T("console.log.entry")}, {Label: v.T("console.log.when")}, {Label: v.T("console.log.actor")},
			{Label: v.T("console.log.what")}, {Label: v.T("console.person")}, {Label: v.T("console.log.purpose")}, {Label: v.T("console.log.outcome")}},
		Empty: &web.Empty{Title: v.T("console.log.none"), Text: web.Plain(v.T("console.log.none.text"))}}
	for i := range entries {
		e := &entries[i]
		t.Rows = append(t.Rows, []web.Cell{
			{Text: web.Text{{Text: v.Lang.Number(e.Index), Href: v.entryPath(e.Index)}}},
			{Text: web.Plain(v.Lang.DateShort(e.At) + ", " + v.Lang.Clock(e.At))},
			{Text: web.Plain(n.who(&e.Entry))},
			{Text: web.Plain(v.did(&e.Entry))},
			{Text: v.subject(e.Subject), Code: e.Subject != 0},
			{Text: v.purpose(&e.Entry)},
			{Text: v.clauses(e.Clauses), Tag: v.outcome(e.Outcome)},
		})
	}
	return t
}

func (v *visit) entryPath(index int64) string {
	return v.to(PathEntry, nil, "entry", strconv.FormatInt(index, 10))
}

// did says which act, and on which fields.
func (v *visit) did(e *ledger.Entry) string {
	what := heading(v.T("console.operation." + e.Operation.String()))
	if e.Fields != 0 {
		what += ": " + v.fields(e.Fields)
	}
	return what
}

// subject leads to all entries about a person.
func (v *visit) subject(id person.ID) web.Text {
	if id == 0 {
		return web.Plain("—")
	}
	return web.Text{{Text: id.String(), Href: v.to(PathLog, url.Values{"subject": {id.String()}})}}
}

func (v *visit) purpose(e *ledger.Entry) web.Text {
	text := v.clauses([]string{e.Purpose.Clause()})
	if e.Case != "" {
		text = append(text, web.Run{Text: " " + v.sayCase(e.Case)})
	}
	return text
}

func (v *visit) outcome(o ledger.Outcome) *web.Tag {
	if o == ledger.Refused {
		return &web.Tag{Text: v.T("console.outcome.refused"), Style: web.Bad}
	}
	return &web.Tag{Text: v.T("console.outcome.allowed"), Style: web.Good}
}

// entryPage shows one entry and proves that it stands in the signed log.
type entryPage struct {
	Chrome chrome
	Title  string
	Entry  web.Summary
	Proof  web.Proof
}

func (v *visit) place() (int64, error) {
	n, err := strconv.ParseInt(v.PathValue("entry"), 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != v.PathValue("entry") {
		return 0, errs.New(errs.NotFound, "ledger.noentry")
	}
	return n, nil
}

func (c *console) showEntry(w http.ResponseWriter, v *visit) error {
	index, err := v.place()
	if err != nil {
		return err
	}
	e, err := c.Ledger.Entry(v.Context(), index)
	if err != nil {
		return err
	}
	if err := c.look(v, e.Subject); err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	proof, err := c.Ledger.Prove(v.Context(), index)
	page := entryPage{Chrome: c.chrome(v), Title: v.T("console.entry.title", i18n.Str("entry", v.Lang.Number(index))), Entry: n.summary(&e)}
	switch {
	case errs.As(err).Key == "ledger.damaged" && err != nil:
		page.Proof = web.NewProof(v.Lang, false, web.Plain(v.T("console.entry.fails"))) // shown, not hidden behind an error page
	case err != nil:
		return err
	default:
		page.Proof = web.NewProof(v.Lang, true, web.Plain(v.T("console.entry.holds", i18n.Str("entry", v.Lang.Number(index)), i18n.Str("size", v.Lang.Number(proof.Size)))),
			web.Row{Key: v.T("console.entry.leaf"), Value: web.Plain(proof.Leaf)},
			web.Row{Key: v.T("console.entry.root"), Value: web.Plain(proof.Root)},
			web.Row{Key: v.T("console.entry.key"), Value: web.Plain(c.Ledger.PublicKey())})
		page.Proof.File = &web.Link{Text: v.T("console.entry.file"), Href: v.to(PathProof, nil, "entry", strconv.FormatInt(index, 10))}
	}
	return c.entry.Send(w, v.Request, web.Head{Title: page.Title, Wide: true, Back: &web.Link{Text: v.T("console.log.title"), Href: v.to(PathLog, nil)}}, page)
}

func (n *names) summary(e *ledger.Indexed) web.Summary {
	v := n.v
	row := func(key string, value web.Text) web.Row { return web.Row{Key: v.T(key), Value: value} }
	return web.Summary{Rows: []web.Row{
		row("console.log.when", web.Plain(v.Lang.DateTime(e.At))),
		row("console.log.actor", web.Plain(n.who(&e.Entry))),
		row("console.log.what", web.Plain(v.did(&e.Entry))),
		row("console.person", v.subject(e.Subject)),
		row("console.log.purpose", append(web.Plain(v.T(e.Purpose.Key())+" "), v.purpose(&e.Entry)...)),
		row("console.log.outcome", append(web.Plain(v.outcome(e.Outcome).Text+" "), v.clauses(e.Clauses)...)),
		row("console.log.edition", web.Plain(v.Lang.Number(e.Edition))),
	}}
}

// sendProof gives the proof as a file that can be checked elsewhere (C2SP tlog-proof). It holds ids, codes and clauses alone.
func (c *console) sendProof(w http.ResponseWriter, v *visit) error {
	index, err := v.place()
	if err != nil {
		return err
	}
	proof, err := c.Ledger.Prove(v.Context(), index)
	if err != nil {
		return err
	}
	if err := c.look(v, proof.Entry.Subject); err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="entry-`+strconv.FormatInt(index, 10)+`.tlog-proof"`)
	return v.Text(w, proof.Text)
}
