package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// clockTabs lead between the two tables.
func (v *visit) clockTabs() []web.Link {
	return []web.Link{{Text: v.T("casework.terms"), Href: v.to(PathClocks, nil), Current: v.URL.Path == v.Path(PathClocks)},
		{Text: v.T("casework.days"), Href: v.to(PathDays, nil), Current: v.URL.Path == v.Path(PathDays)}}
}

// term says a term in words.
func (v *visit) term(t worktime.Term) string {
	if t.Unit == worktime.AtOnce {
		return v.T("unit.at_once")
	}
	return v.T("casework.term."+t.Unit.String(), i18n.Num("n", int64(t.N)))
}

// sure tells how sure the product is of a line. Only the operator's own terms need no lawyer.
func (v *visit) sure(s worktime.Sure) *web.Tag {
	style := web.Warn
	if s == worktime.ByPolicy || s == worktime.ByUs {
		style = web.Good
	}
	return &web.Tag{Text: v.T("casework.sure." + string(s)), Style: style}
}

// showTerms is the table of terms (8.2). Each edit holds for what begins after it.
func (c *console) showTerms(w http.ResponseWriter, v *visit) error {
	lines, err := c.Clocks.Terms(v.Context())
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := casesPage{Chrome: c.chrome(v), Title: v.T("casework.clocks"), Lead: v.T("casework.clocks.lead"), Tabs: v.clockTabs()}
	p.Table = web.Table{Caption: p.Title, Quiet: true, Columns: []web.Column{{Label: v.T("casework.term.what")}, {Label: v.T("casework.term.how")},
		{Label: v.T("casework.term.basis")}, {Label: v.T("casework.term.sure")}, {Label: v.T("casework.term.edited")}}}
	for _, l := range lines {
		basis := l.Basis
		if l.Clock.Edition != "" {
			basis = v.T("casework.term.edition_of", i18n.Str("basis", l.Basis), i18n.Str("edition", l.Clock.Edition))
		}
		edited := v.T("casework.term.ours")
		if !l.Edited.IsZero() {
			edited = v.T("casework.term.by", i18n.Str("who", n.actor(ledger.ByStaff, l.By, 0)), i18n.Day("day", l.Edited))
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Text{{Text: v.T("term." + l.Code), Href: v.to(PathTerm, nil, "code", l.Code)}}},
			{Text: web.Plain(v.term(l.Term))}, {Text: web.Plain(basis)}, {Tag: v.sure(l.Sure)}, {Text: web.Plain(edited)}})
	}
	return c.cases.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// line is that of the address.
func (c *console) line(v *visit) (clocks.Line, error) {
	lines, err := c.Clocks.Terms(v.Context())
	if err != nil {
		return clocks.Line{}, err
	}
	i := slices.IndexFunc(lines, func(l clocks.Line) bool { return l.Code == v.PathValue("code") })
	if i < 0 {
		return clocks.Line{}, errs.New(errs.NotFound, "clocks.unknown")
	}
	return lines[i], nil
}

var units = []worktime.Unit{worktime.AtOnce, worktime.WorkingDays, worktime.CalendarDays}

func (c *console) termPage(v *visit, l clocks.Line) actsPage {
	reset := web.Post{Action: v.to(PathTermReset, nil, "code", l.Code), Button: web.Button{Text: v.T("casework.term.reset"), Style: web.Secondary}}
	sheet := web.NewSheet(v.Lang, v.to(PathTerm, nil, "code", l.Code), v.T("casework.term.submit"),
		web.NewField(v.Lang, web.Radios, "unit", v.T("casework.term.unit")).Must().Of(options(units, func(u worktime.Unit) web.Option {
			return web.Option{Value: u.String(), Text: heading(v.T("unit." + u.String()))}
		})...).Holding(l.Term.Unit.String()),
		web.NewField(v.Lang, web.Digits, "n", v.T("casework.term.n")).Must().Hinted(v.T("casework.term.n.hint")).Fills("off").UpTo(4).Holding(strconv.Itoa(l.Term.N)),
		web.NewField(v.Lang, web.TextField, "basis", v.T("casework.term.basis")).Must().Hinted(v.T("casework.term.basis.hint")).Fills("off").UpTo(120).Holding(l.Basis),
		web.NewField(v.Lang, web.TextField, "edition", v.T("casework.term.edition")).Hinted(v.T("casework.term.edition.hint")).Fills("off").UpTo(40).Holding(l.Clock.Edition))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathClocks, nil)}
	p := actsPage{Chrome: c.chrome(v), Title: v.T("term." + l.Code), Lead: v.T("casework.clocks.lead"),
		Acts: []caseAct{{ID: "edit", Title: v.T("casework.term.edit"), Lead: v.T("casework.sure." + string(l.Sure)), Sheet: sheet, Open: true}}}
	if !l.Edited.IsZero() {
		p.Acts = append(p.Acts, caseAct{ID: "reset", Title: v.T("casework.term.reset"), Lead: v.T("casework.term.reset.lead"), Post: &reset})
	}
	return p
}

func (c *console) sendTerm(w http.ResponseWriter, v *visit, l clocks.Line, form web.Form, failed error) error {
	p := c.termPage(v, l)
	if failed != nil && !p.Acts[0].Sheet.Show(failed, form) {
		return failed
	}
	return c.acts.Send(w, v.Request, web.Head{Title: p.Title, Err: failed, Wide: true, Back: &web.Link{Text: v.T("casework.clocks"), Href: v.to(PathClocks, nil)}}, p)
}

func (c *console) showTerm(w http.ResponseWriter, v *visit) error {
	l, err := c.line(v)
	if err != nil {
		return err
	}
	return c.sendTerm(w, v, l, web.Form{}, nil)
}

func (c *console) editTerm(w http.ResponseWriter, v *visit) error {
	l, err := c.line(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("unit"), web.Line("n"), web.Line("basis"), web.Line("edition"))
	if err == nil {
		err = c.doEditTerm(v, l.Clock, form)
	}
	if err != nil {
		return c.sendTerm(w, v, l, form, err)
	}
	return v.SeeOther(w, v.to(PathClocks, nil), "term-edited")
}

func (c *console) doEditTerm(v *visit, l worktime.Clock, form web.Form) error {
	unit, known := worktime.UnitByName(form.Get("unit"))
	n, err := strconv.Atoi(strings.TrimSpace(form.Get("n")))
	if !known || err != nil {
		return fault("n", "clocks.term")
	}
	l.Term, l.Basis, l.Edition = worktime.Term{N: n, Unit: unit}, form.Get("basis"), form.Get("edition")
	return c.Cases.SetTerm(v.Context(), v.officer(), l)
}

func (c *console) resetTerm(w http.ResponseWriter, v *visit) error {
	l, err := c.line(v)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Cases.ResetTerm(v.Context(), v.officer(), l.Code); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathClocks, nil), "term-reset")
}

// daysPage is the year's calendar and the decrees over it (8.4).
type daysPage struct {
	Chrome        chrome
	Title, Lead   string
	Tabs          []web.Link
	Days, Decrees web.Table
	Before, After web.Link
	Sheet         *web.Sheet
}

// Years that the calendar shows.
const (
	firstYear = 2022
	lastYear  = 2099
)

func (v *visit) year() (int, error) {
	text := v.query.Get("year")
	if text == "" {
		return worktime.DateOf(v.Now).Year, nil
	}
	year, err := strconv.Atoi(text)
	if err != nil || year < firstYear || year > lastYear {
		return 0, errs.New(errs.Invalid, "error.form")
	}
	return year, nil
}

func (c *console) showDays(w http.ResponseWriter, v *visit) error {
	return c.sendDays(w, v, web.Form{}, nil)
}

func (c *console) sendDays(w http.ResponseWriter, v *visit, form web.Form, failed error) error {
	year, err := v.year()
	if err != nil {
		return err
	}
	cal, err := c.Clocks.Calendar(v.Context())
	if err != nil {
		return err
	}
	decrees, err := c.Clocks.Days(v.Context())
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	at := func(y int) web.Link {
		y = min(max(y, firstYear), lastYear)
		return web.Link{Text: strconv.Itoa(y), Href: v.to(PathDays, url.Values{"year": {strconv.Itoa(y)}})}
	}
	p := daysPage{Chrome: c.chrome(v), Title: v.T("casework.days.title", i18n.Str("year", strconv.Itoa(year))), Lead: v.T("casework.days.lead"),
		Tabs: v.clockTabs(), Before: at(year - 1), After: at(year + 1), Days: v.yearTable(year, cal), Decrees: n.decrees(decrees), Sheet: v.daySheet()}
	if failed != nil && !p.Sheet.Show(failed, form) {
		return failed
	}
	return c.days.Send(w, v.Request, web.Head{Title: p.Title, Err: failed, Wide: true}, p)
}

// yearTable lists the days of a year that differ from its weeks: days off, whereto holidays moved, weekends that are worked.
func (v *visit) yearTable(year int, cal *worktime.Calendar) web.Table {
	t := web.Table{Caption: v.T("casework.days.title", i18n.Str("year", strconv.Itoa(year))), Quiet: true,
		Columns: []web.Column{{Label: v.T("casework.day")}, {Label: v.T("casework.day.week")}, {Label: v.T("casework.day.why")}}}
	for d := (worktime.Date{Year: year, Month: time.January, Day: 1}); d.Year == year; d = d.AddDays(1) {
		key, off := cal.Off(d)
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		if off == weekend && (!off || key == "day.weekend") {
			continue
		}
		why := v.T("casework.day.worked")
		if off {
			why = v.T(key)
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(v.Lang.Date(d.End()))}, {Text: web.Plain(v.weekday(d))}, {Text: web.Plain(why)}})
	}
	return t
}

// weekday names the day of the week, Monday first.
func (v *visit) weekday(d worktime.Date) string {
	return v.T("casework.weekday." + strconv.Itoa((int(d.Weekday())+6)%7+1))
}

func (n *names) decrees(list []clocks.Day) web.Table {
	v := n.v
	t := web.Table{Caption: v.T("casework.days.decrees"), Quiet: true,
		Columns: []web.Column{{Label: v.T("casework.day")}, {Label: v.T("casework.day.is")}, {Label: v.T("casework.term.edited")}, {Label: v.T("casework.day.remove")}},
		Empty:   &web.Empty{Title: v.T("casework.days.none"), Text: web.Plain(v.T("casework.days.none.text"))}}
	for _, d := range list {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(v.Lang.Date(d.Day.End()))}, {Text: web.Plain(v.T("casework.day." + d.Kind.String()))},
			{Text: web.Plain(v.T("casework.term.by", i18n.Str("who", n.actor(ledger.ByStaff, d.By, 0)), i18n.Day("day", d.Edited)))},
			{Post: &web.Post{Action: v.to(PathDayRemove, nil, "day", d.Day.String()), Button: web.Button{Text: v.T("casework.day.remove"), Style: web.Bare}}}})
	}
	return t
}

// decreeKinds are what a decree can make of a day.
var decreeKinds = []worktime.RowKind{worktime.DayOff, worktime.WorkingDay}

func (v *visit) daySheet() *web.Sheet {
	return web.NewSheet(v.Lang, v.to(PathDays, nil), v.T("casework.days.submit"),
		web.NewField(v.Lang, web.DayField, "day", v.T("casework.day")).Must(),
		web.NewField(v.Lang, web.Radios, "kind", v.T("casework.day.is")).Must().Of(options(decreeKinds, func(k worktime.RowKind) web.Option {
			return web.Option{Value: k.String(), Text: heading(v.T("casework.day." + k.String()))}
		})...))
}

func (c *console) setDay(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("day"), web.Line("kind"))
	if err == nil {
		err = c.doSetDay(v, form)
	}
	if err != nil {
		return c.sendDays(w, v, form, err)
	}
	return v.SeeOther(w, v.to(PathDays, url.Values{"year": {form.Get("day")[:4]}}), "day-set")
}

func (c *console) doSetDay(v *visit, form web.Form) error {
	var noDay, noKind error
	day, err := worktime.ParseDate(form.Get("day"))
	if err != nil || day.Year < firstYear || day.Year > lastYear {
		noDay = fault("day", "worktime.date")
	}
	kind, _ := worktime.RowKindByName(form.Get("kind"))
	if !slices.Contains(decreeKinds, kind) {
		noKind = fault("kind", "casework.day.kind.none")
	}
	if err := faults(noDay, noKind); err != nil {
		return err
	}
	return c.Cases.SetDay(v.Context(), v.officer(), day, kind)
}

func (c *console) removeDay(w http.ResponseWriter, v *visit) error {
	day, err := worktime.ParseDate(v.PathValue("day"))
	if err != nil {
		return errs.New(errs.NotFound, "error.notfound")
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Cases.RemoveDay(v.Context(), v.officer(), day); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathDays, nil), "day-removed")
}
