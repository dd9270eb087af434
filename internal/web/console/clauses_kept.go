package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"ustaz/internal/controls"
	"ustaz/internal/datamap"
	"ustaz/internal/desk"
	"ustaz/internal/disclosure"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// PathClauses is the address of how each clause is kept.
const PathClauses = "/{lang}/console/clauses"

// clausesPage tells of each clause of the policy which control keeps it, what it shows in figures now, and which tests of this build hold it.
type clausesPage struct {
	Chrome   chrome
	Title    string
	Lead     string
	Check    web.Notice // how the last reading of the log ended, and when
	Counts   web.Summary
	Filter   []web.Link
	Label    string
	Sections []clauseSection
}

type clauseSection struct {
	Title   string
	Clauses []clauseKept
}

type clauseKept struct {
	Clause  web.Clause
	State   web.Tag
	Words   string
	Figures *web.Summary
	More    string // of the tests and code
	Missing string // in English, as in docs/clauses.md
	Tests   []string
	Code    []string
}

// clauseStates have messages "clausekept.state.<state>".
var clauseStates = []offer[controls.State]{{"kept", controls.Kept}, {"part", controls.Part}, {"later", controls.Later}}

func (c *console) showClauses(w http.ResponseWriter, v *visit) error {
	only, err := pick(clauseStates, v.query.Get("state"))
	if err != nil {
		return err
	}
	all, err := controls.All()
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return err
	}
	last, _, err := c.checks(v.Context())
	if err != nil {
		return err
	}
	figures, err := c.clauseFigures(v)
	if err != nil {
		return err
	}
	p := clausesPage{Chrome: c.chrome(v), Title: v.T("clausekept.title"), Lead: v.T("clausekept.lead"), Check: *v.checked(last), Label: v.T("clausekept.filter")}
	p.Check.Text = append(p.Check.Text, web.Run{Text: " "}, web.Run{Text: v.T("console.nav.verify"), Href: v.to(PathVerify, nil)})
	p.Counts, p.Filter = v.clauseCounts(all, only)
	doc := ed.Docs[v.Lang.Code()]
	if doc == nil { // an edition need not have a text in English (9.4)
		doc = ed.Docs[policy.Languages[0]]
	}
	for _, k := range all {
		if k.State != controls.Frame && only != "" && k.State != only {
			continue
		}
		if i := slices.IndexFunc(doc.Sections, func(s policy.Section) bool { return s.No == k.Number }); i >= 0 {
			p.Sections = append(p.Sections, clauseSection{Title: k.Number + ". " + doc.Sections[i].Title})
		}
		if k.State != controls.Frame && len(p.Sections) > 0 {
			s := &p.Sections[len(p.Sections)-1]
			s.Clauses = append(s.Clauses, v.clauseKept(k, figures[k.Number]))
		}
	}
	p.Sections = slices.DeleteFunc(p.Sections, func(s clauseSection) bool { return len(s.Clauses) == 0 })
	return c.clausesKept.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) clauseKept(k controls.Control, figures []web.Row) clauseKept {
	out := clauseKept{Clause: v.Clause(k.Number), State: v.clauseState(k.State), Words: v.T("clausekept.clause." + k.Number), Missing: k.Missing, Tests: k.Tests, Code: k.Code,
		More: v.T("clausekept.tests", i18n.Num("n", int64(len(k.Tests))))}
	if len(figures) > 0 {
		out.Figures = &web.Summary{Rows: figures}
	}
	return out
}

func (v *visit) clauseState(s controls.State) web.Tag {
	style := web.Good
	switch s {
	case controls.Part:
		style = web.Warn
	case controls.Later:
		style = web.Bad
	}
	return web.Tag{Text: v.T("clausekept.state." + string(s)), Style: style}
}

// clauseCounts is how many clauses stand in which state, with links that leave only those.
func (v *visit) clauseCounts(all []controls.Control, only controls.State) (counts web.Summary, filter []web.Link) {
	filter = append(filter, web.Link{Text: v.T("clausekept.all"), Href: v.to(PathClauses, nil), Current: only == ""})
	for _, s := range clauseStates {
		n := 0
		for _, k := range all {
			if k.State == s.value {
				n++
			}
		}
		name := v.T("clausekept.state." + s.name)
		counts.Rows = append(counts.Rows, web.Row{Key: heading(name), Value: web.Plain(v.Lang.Number(int64(n)))})
		filter = append(filter, web.Link{Text: heading(name), Href: v.to(PathClauses, map[string][]string{"state": {s.name}}), Current: only == s.value})
	}
	return counts, filter
}

// yearStart is the first moment of the year in Kazakhstan.
func yearStart(now time.Time) time.Time {
	first := worktime.Date{Year: worktime.DateOf(now).Year, Month: time.January, Day: 1}
	return first.AddDays(-1).End().Add(time.Second)
}

// clauseTally gathers rows by clause.
type clauseTally struct {
	v    *visit
	rows map[string][]web.Row
}

func (t *clauseTally) said(clause, key, value string) {
	t.rows[clause] = append(t.rows[clause], web.Row{Key: t.v.T("clausekept.figure." + key), Value: web.Plain(value)})
}

func (t *clauseTally) count(clause, key string, n int64) { t.said(clause, key, t.v.Lang.Number(n)) }

// clauseFigures are the live figures, by clause. "This year" is that of the calendar of Kazakhstan.
func (c *console) clauseFigures(v *visit) (map[string][]web.Row, error) {
	t := &clauseTally{v, map[string][]web.Row{}}
	for _, part := range []func(context.Context, *clauseTally) error{c.tallyOperator, c.tallyDesk, c.tallyOutward, c.tallyBreaches, c.tallyLog} {
		if err := part(v.Context(), t); err != nil {
			return nil, err
		}
	}
	return t.rows, nil
}

func (c *console) tallyOperator(ctx context.Context, t *clauseTally) error {
	members, err := c.Staff.List(ctx)
	if err != nil {
		return err
	}
	working := int64(0)
	for _, m := range members {
		if !m.Disabled {
			working++
		}
	}
	t.count("1.1.1", "staff", working)
	items := 0
	for _, g := range datamap.Map() {
		items += len(g.Items)
	}
	t.count("1.1.2", "items", int64(items))
	carriers, err := c.Kept.Carriers(ctx)
	if err != nil {
		return err
	}
	kept := int64(0)
	for _, k := range carriers {
		if k.Ended.IsZero() {
			kept++
		}
	}
	t.count("1.1.2", "carriers", kept)
	subjects, err := c.Keeper.Subjects(ctx)
	if err != nil {
		return err
	}
	t.count("1.1.7", "subjects", subjects)
	editions, err := c.Editions.All()
	if err != nil {
		return err
	}
	t.count("9.1", "editions", int64(len(editions)))
	ed, err := c.Editions.InForce(t.v.Now)
	if err != nil {
		return err
	}
	t.said("9.2", "in_force", t.v.T("console.settings.edition.is", i18n.Num("n", ed.Seq), i18n.Day("since", ed.InForce)))
	rules, err := c.Kept.Rules(ctx)
	if err != nil {
		return err
	}
	limited := int64(0)
	for _, r := range rules {
		if r.Months > 0 {
			limited++
		}
	}
	t.count("5.1", "limited", limited)
	return nil
}

func (c *console) tallyDesk(ctx context.Context, t *clauseTally) error {
	f, err := c.Cases.Figures(ctx, yearStart(t.v.Now))
	if err != nil {
		return err
	}
	t.count("6.2.4", "blocks", f.Filed[desk.Block])
	t.count("6.2.4", "blocked", f.Blocked)
	t.said("6.2.4", "to_block", t.v.T("clausekept.at_once"))
	t.count("8.1", "claims", f.Filed[desk.Claim])
	t.count("8.2", "late", f.Overdue[desk.Claim])
	t.count("5.1", "erased", f.Erased)
	t.count("9.3", "questions", f.Filed[desk.Question])
	requests := int64(0)
	for _, k := range desk.Requests {
		requests += f.Filed[k]
	}
	t.count("4.1.3", "requests", requests)
	return nil
}

func (c *console) tallyOutward(ctx context.Context, t *clauseTally) error {
	recipients, err := c.Disclosures.Recipients(ctx)
	if err != nil {
		return err
	}
	open := int64(0)
	for _, r := range recipients {
		if r.EndedAt.IsZero() {
			open++
		}
	}
	t.count("5.2", "recipients", open)
	year, made := yearStart(t.v.Now), int64(0)
	g := &gathering{console: c, v: t.v, ctx: ctx}
	err = g.everyDisclosure(func(d *disclosure.Disclosure) error {
		if d.MadeAt.Before(year) {
			return errEnough
		}
		made++
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	t.count("5.3", "disclosures", made)
	_, public, err := c.Pages.Count(ctx)
	if err != nil {
		return err
	}
	t.count("7.2", "public", public)
	_, good, err := c.Permits.Count(ctx)
	if err != nil {
		return err
	}
	t.count("6.2.2", "permissions", good)
	return nil
}

func (c *console) tallyBreaches(ctx context.Context, t *clauseTally) error {
	all, err := c.Breaches.All(ctx)
	if err != nil {
		return err
	}
	var real, drills, late int64
	year := yearStart(t.v.Now)
	for _, b := range all {
		if !b.Drill && b.Authority.IsZero() && b.Closed.IsZero() && t.v.Now.After(b.Due) {
			late++
		}
		switch {
		case b.Detected.Before(year):
		case b.Drill:
			drills++
		default:
			real++
		}
	}
	t.count("7.1", "breaches", real)
	t.count("7.1", "drills", drills)
	t.count("5.5", "late_authority", late)
	return nil
}

func (c *console) tallyLog(ctx context.Context, t *clauseTally) error {
	size, err := c.Ledger.Size(ctx)
	if err != nil {
		return err
	}
	t.count("3.1", "entries", size)
	refused, _, err := c.Ledger.Refusals(ctx, newest, countedRefusals)
	if err != nil {
		return err
	}
	today := int64(0)
	for i := range refused {
		if sameDay(t.v.Lang.Local(refused[i].At), t.v.Lang.Local(t.v.Now)) {
			today++
		}
	}
	said := t.v.Lang.Number(today)
	if today == countedRefusals {
		said += "+"
	}
	t.said("1.1.4", "refusals", said)
	t.said("6.2.1", "refusals", said)
	kept, err := c.Ledger.Checks(ctx, 1)
	if err != nil {
		return err
	}
	checked := t.v.T("console.verify.never")
	if len(kept) > 0 {
		checked = t.v.Lang.DateTime(kept[0].Ended)
	}
	t.said("5.4", "checked", checked)
	return nil
}
