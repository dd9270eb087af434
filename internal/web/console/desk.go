package console

import (
	"net/http"
	"slices"
	"time"

	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// deskPage is the overview: what each role of the reader does here, and what waits.
type deskPage struct {
	Chrome   chrome
	Clocks   *clockList // of the officer, before all else
	Duties   []duty
	Refusals *refusalsToday
	Brake    *web.Table
	Figures  *web.Summary
}

// duty is what a role does at the console.
type duty struct {
	Role, Text string
	Parts      []dutyPart
}

// dutyPart is a group of the menu, as far as a role has it.
type dutyPart struct {
	Title string
	Acts  []web.Link
}

type refusalsToday struct {
	Title  string
	Latest []web.Passage
	None   string
	All    web.Link
}

// latestRefusals is how many refusals the overview shows, and countedRefusals how many of a day it counts.
const (
	latestRefusals  = 5
	countedRefusals = 100
)

func (c *console) showDesk(w http.ResponseWriter, v *visit) error {
	p := deskPage{Chrome: c.chrome(v)}
	for _, role := range staffRoles() {
		if !v.Viewer.Holds(role) {
			continue
		}
		d := duty{Role: v.T(role.Key()), Text: v.T("console.duty." + role.String())}
		for _, g := range groups[1:] { // but for this page itself
			part := dutyPart{Title: v.T(g.key)}
			for _, s := range g.sections {
				if slices.Contains(s.roles, role) {
					part.Acts = append(part.Acts, web.Link{Text: v.T(s.key), Href: v.to(s.pattern, nil)})
				}
			}
			if len(part.Acts) > 0 {
				d.Parts = append(d.Parts, part)
			}
		}
		p.Duties = append(p.Duties, d)
	}
	if v.Viewer.Holds(policy.Officer) {
		if err := c.watch(v, &p); err != nil {
			return err
		}
	}
	if v.Viewer.Holds(policy.Admin) {
		if err := c.count(v, &p); err != nil {
			return err
		}
	}
	return c.desk.Send(w, v.Request, web.Head{Title: v.T("console.desk.title"), Wide: true}, p)
}

// watch is the officer's part: the clocks (8.2), refusals of today, who reads most, the log.
func (c *console) watch(v *visit, p *deskPage) error {
	ctx := v.Context()
	var err error
	if p.Clocks, err = c.clockList(v); err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	refused, _, err := c.Ledger.Refusals(ctx, newest, countedRefusals)
	if err != nil {
		return err
	}
	p.Refusals = n.refusalsToday(refused)
	all, err := c.readings(ctx, v.Now)
	if err != nil {
		return err
	}
	table := v.brakeTable(all)
	p.Brake = &table
	size, err := c.Ledger.Size(ctx)
	if err != nil {
		return err
	}
	drafts, err := c.Drafts.List(ctx)
	if err != nil {
		return err
	}
	figure := func(key, value string, to string) web.Row {
		return web.Row{Key: v.T(key), Value: web.Text{{Text: value, Href: v.to(to, nil)}}}
	}
	last, _, err := c.checks(ctx)
	if err != nil {
		return err
	}
	p.figures(figure("console.desk.log", v.T("console.log.size", i18n.Num("n", size)), PathLog),
		web.Row{Key: v.T("console.desk.verified"), Value: append(v.checked(last).Text, web.Run{Text: " "},
			web.Run{Text: v.T("console.nav.verify"), Href: v.to(PathVerify, nil)})},
		figure("draft.waiting", v.Lang.Number(draftsWaiting(drafts)), PathDrafts))
	return nil
}

// count is the administrator's part.
func (c *console) count(v *visit, p *deskPage) error {
	members, err := c.Staff.List(v.Context())
	if err != nil {
		return err
	}
	systems, err := c.Systems.List(v.Context())
	if err != nil {
		return err
	}
	grants, err := c.Staff.Grants(v.Context())
	if err != nil {
		return err
	}
	working, open := int64(0), int64(0)
	for _, m := range members {
		if !m.Disabled {
			working++
		}
	}
	for _, s := range systems {
		if s.RevokedAt.IsZero() && v.Now.Before(s.ExpiresAt) {
			open++
		}
	}
	p.figures(
		web.Row{Key: v.T("console.nav.staff"), Value: web.Text{{Text: v.T("console.desk.staff", i18n.Num("n", working)), Href: v.to(PathStaff, nil)}}},
		web.Row{Key: v.T("console.nav.systems"), Value: web.Text{{Text: v.T("console.desk.systems", i18n.Num("n", open)), Href: v.to(PathSystems, nil)}}})
	if len(grants) > 0 {
		p.figures(web.Row{Key: v.T("console.grant.title"), Value: web.Text{{Text: v.Lang.Number(int64(len(grants))), Href: v.to(PathStaff, nil)}}})
	}
	return nil
}

func (p *deskPage) figures(rows ...web.Row) {
	if p.Figures == nil {
		p.Figures = &web.Summary{}
	}
	p.Figures.Rows = append(p.Figures.Rows, rows...)
}

// refusalsToday shows those of the day that clocks in Kazakhstan show.
func (n *names) refusalsToday(entries []ledger.Indexed) *refusalsToday {
	v := n.v
	out := &refusalsToday{None: v.T("console.refusals.none_today"), All: web.Link{Text: v.T("console.refusals.all"), Href: v.to(PathRefusals, nil)}}
	today := int64(0)
	for i := range entries {
		if e := &entries[i]; sameDay(v.Lang.Local(e.At), v.Lang.Local(v.Now)) {
			if today++; today <= latestRefusals {
				out.Latest = append(out.Latest, n.passage(e))
			}
		}
	}
	out.Title = v.T("console.refusals.today", i18n.Num("n", today))
	if today == countedRefusals {
		out.Title = v.T("console.refusals.today_many", i18n.Num("n", today))
	}
	return out
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// passage is a refusal in a line, with the way to its proof.
func (n *names) passage(e *ledger.Indexed) web.Passage {
	v := n.v
	p := web.NewPassage(v.Lang, v.Rich("console.refusals.line", i18n.Str("who", n.who(&e.Entry)), i18n.Str("what", v.did(&e.Entry)),
		i18n.Msg("purpose", e.Purpose.Key())).Strong("what"), deciding(&e.Entry), e.At)
	p.Refused = true
	p.Proof = &web.Link{Text: v.T("console.refusals.see"), Href: v.entryPath(e.Index)}
	return p
}
