package console

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
	"ustaz/internal/web"
)

// hoursShown is how far back the reading brake is looked at.
const hoursShown = 24

// readings is how many people a member of staff has read (5.4, copying).
type readings struct {
	Member staff.Member
	Hour   int // this hour
	Day    int // the last 24 hours, hour by hour: somebody read in two of them counts twice
	Limit  int // for an hour; 0 is none
	byHour map[int64]int
}

func unixHour(t time.Time) int64 { return t.Unix() / int64(time.Hour/time.Second) }

// readings gives every member who reads or may read, those who read most first.
func (c *console) readings(ctx context.Context, now time.Time) ([]readings, error) {
	members, err := c.Staff.List(ctx)
	if err != nil {
		return nil, err
	}
	last := unixHour(now)
	counts, err := c.Keeper.BrakeCounts(ctx, last-hoursShown+1)
	if err != nil {
		return nil, err
	}
	byActor := map[person.ID][]keeper.BrakeCount{}
	for _, b := range counts {
		byActor[b.Actor] = append(byActor[b.Actor], b)
	}
	var out []readings
	for _, m := range members {
		r := readings{Member: m, byHour: map[int64]int{}}
		for _, role := range m.Roles {
			r.Limit = max(r.Limit, c.Keeper.BrakeLimit(role))
		}
		for _, b := range byActor[m.Subject] {
			r.byHour[b.Hour] = b.Count
			r.Day += b.Count
		}
		r.Hour = r.byHour[last]
		if r.Limit > 0 || r.Day > 0 {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b readings) int { return cmp.Or(b.Hour-a.Hour, b.Day-a.Day) })
	return out, nil
}

// brakePage shows the reading brake: a table of everybody, and the hours of one or of all.
type brakePage struct {
	Chrome chrome
	Table  web.Table
	Plot   *web.Plot
	All    *web.Link
}

func (c *console) showBrake(w http.ResponseWriter, v *visit) error {
	all, err := c.readings(v.Context(), v.Now)
	if err != nil {
		return err
	}
	p := brakePage{Chrome: c.chrome(v), Table: v.brakeTable(all)}
	shown, title := all, v.T("console.brake.plot")
	if text := v.query.Get("member"); text != "" {
		if shown, err = oneOf(all, text); err != nil {
			return err
		}
		title = v.T("console.brake.plot_of", i18n.Str("initials", shown[0].Member.Initials))
		p.All = &web.Link{Text: v.T("console.brake.all"), Href: v.to(PathBrake, nil)}
	}
	if len(shown) > 0 {
		plot := v.plot(title, shown)
		p.Plot = &plot
	}
	return c.brake.Send(w, v.Request, web.Head{Title: v.T("console.brake.title"), Wide: true}, p)
}

func oneOf(all []readings, text string) ([]readings, error) {
	id, err := person.ParseID(text)
	if err != nil {
		return nil, errs.New(errs.Invalid, "error.form")
	}
	for i := range all {
		if all[i].Member.Subject == id {
			return all[i : i+1], nil
		}
	}
	return nil, errs.New(errs.NotFound, "staff.unknown")
}

func (v *visit) plot(title string, shown []readings) web.Plot {
	last := unixHour(v.Now)
	bars := make([]web.Bar, 0, hoursShown)
	for hour := last - hoursShown + 1; hour <= last; hour++ {
		bar := web.Bar{Label: v.Lang.Clock(time.Unix(hour*int64(time.Hour/time.Second), 0))}
		for _, r := range shown {
			bar.Value += int64(r.byHour[hour])
		}
		bars = append(bars, bar)
	}
	return web.NewPlot(v.Lang, title, v.T("console.brake.hour_from"), v.T("console.brake.people"), bars...)
}

func (v *visit) brakeTable(all []readings) web.Table {
	t := web.Table{Caption: v.T("console.brake.caption"), Quiet: true,
		Columns: []web.Column{{Label: v.T("console.staff.member")}, {Label: v.T("console.staff.roles")}, {Label: v.T("console.brake.hour"), Number: true},
			{Label: v.T("console.brake.day"), Number: true}, {Label: v.T("console.brake.limit"), Number: true}, {Label: v.T("console.brake.state")}},
		Empty: &web.Empty{Title: v.T("console.brake.none"), Text: web.Plain(v.T("console.brake.none.text"))}}
	for _, r := range all {
		limit := "—"
		if r.Limit > 0 {
			limit = v.Lang.Number(int64(r.Limit))
		}
		t.Rows = append(t.Rows, []web.Cell{
			{Text: web.Text{{Text: r.Member.Initials, Href: v.to(PathBrake, url.Values{"member": {r.Member.Subject.String()}})}}},
			{Text: web.Plain(v.roles(r.Member.Roles))},
			{Text: web.Plain(v.Lang.Number(int64(r.Hour)))},
			{Text: web.Plain(v.Lang.Number(int64(r.Day)))},
			{Text: web.Plain(limit)},
			{Tag: v.brakeState(r)},
		})
	}
	return t
}

// nearLimit is the share of the limit, in per cent, from which the officer is warned.
const nearLimit = 80

func (v *visit) brakeState(r readings) *web.Tag {
	switch {
	case r.Limit > 0 && r.Hour >= r.Limit:
		return &web.Tag{Text: v.T("console.brake.stopped"), Style: web.Bad}
	case r.Limit > 0 && 100*r.Hour >= nearLimit*r.Limit:
		return &web.Tag{Text: v.T("console.brake.near"), Style: web.Warn}
	}
	return &web.Tag{Text: v.T("console.brake.calm"), Style: web.Good}
}

// limits lists the hourly limits of the roles, for the settings.
func (c *console) limits(v *visit) web.Text {
	var out web.Text
	for _, role := range policy.Roles {
		if n := c.Keeper.BrakeLimit(role); n > 0 {
			if len(out) > 0 {
				out = append(out, web.Run{Text: "; "})
			}
			out = append(out, web.Run{Text: v.T("console.settings.limit", i18n.Str("role", v.T(role.Key())), i18n.Num("n", int64(n)))})
		}
	}
	if out == nil {
		return web.Plain(v.T("console.settings.no_limit"))
	}
	return out
}
