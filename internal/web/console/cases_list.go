package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// casesPage is a list of cases with the ways between the lists.
type casesPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Tabs   []web.Link
	Filter *web.Sheet
	Acts   []web.Button
	Table  web.Table
	Label  string
	Newest *web.Link
	Older  *web.Link
}

// firstCases is how many clocks the officer's first screen shows; the list of its own goes on.
const firstCases = 15

// caseTabs lead between the lists of the desk.
func (v *visit) caseTabs() []web.Link {
	out := make([]web.Link, 0, 4)
	for _, t := range []struct{ key, pattern string }{{"casework.open", PathCases}, {"casework.month", PathMonth}, {"casework.closed", PathClosed}, {"casework.erasures", PathErasures}} {
		link := web.Link{Text: v.T(t.key), Href: v.to(t.pattern, nil)}
		link.Current = v.URL.Path == v.Path(t.pattern)
		out = append(out, link)
	}
	return out
}

// kind names a kind of case.
func (v *visit) kind(k desk.Kind) string { return v.T("desk.kind." + k.String()) }

// clockTag says how long is left in words; late and today are told by the words, the colour only helps.
func (v *visit) clockTag(c *desk.Case) *web.Tag {
	days, late := c.Left(v.Now)
	switch {
	case late && days == 0: // a term that allowed no delay
		return &web.Tag{Text: v.T("frame.clock.today"), Style: web.Bad}
	case late:
		return &web.Tag{Text: v.T("frame.clock.over", i18n.Num("n", int64(days))), Style: web.Bad}
	case days == 0:
		return &web.Tag{Text: v.T("frame.clock.today"), Style: web.Warn}
	case days <= soonDays:
		return &web.Tag{Text: v.T("frame.clock.left", i18n.Num("n", int64(days))), Style: web.Warn}
	}
	return &web.Tag{Text: v.T("frame.clock.left", i18n.Num("n", int64(days))), Style: web.Info}
}

// soonDays is from when a clock is shown as a warning.
const soonDays = 3

// due is the last day of a term, and whether it has gone by.
func (v *visit) due(at time.Time) web.Cell {
	cell := web.Cell{Text: web.Plain(v.Lang.Date(at))}
	key, style := "frame.clock.left", web.Info
	days, late := worktime.Left(v.Now, at)
	if late {
		key, style = "frame.clock.over", web.Bad
	}
	cell.Tag = &web.Tag{Text: v.T(key, i18n.Num("n", int64(days))), Style: style}
	return cell
}

func (v *visit) caseLink(c *desk.Case) web.Cell {
	return web.Cell{Text: web.Text{{Text: "№ " + c.Number, Href: v.to(PathCase, nil, "number", c.Number)}}}
}

// openTable lists open cases in the order they are given.
func (v *visit) openTable(caption string, list []*desk.Case) web.Table {
	t := web.Table{Caption: caption, Quiet: true,
		Columns: []web.Column{{Label: v.T("casework.number")}, {Label: v.T("casework.left")}, {Label: v.T("casework.due")}, {Label: v.T("casework.kind")},
			{Label: v.T("casework.source")}, {Label: v.T("casework.block")}},
		Empty: &web.Empty{Title: v.T("casework.none"), Text: web.Plain(v.T("casework.none.text"))}}
	for _, c := range list {
		block := web.Cell{Text: web.Plain("—")}
		if c.Blocks {
			block = web.Cell{Tag: &web.Tag{Text: v.T("casework.blocks"), Style: web.Warn}}
		}
		t.Rows = append(t.Rows, []web.Cell{v.caseLink(c), {Tag: v.clockTag(c)}, {Text: web.Plain(v.Lang.Date(c.Running.Due))},
			{Text: web.Plain(v.kind(c.Kind))}, {Text: web.Plain(v.T("desk.source." + c.Source.String()))}, block})
	}
	return t
}

// clockList is the officer's part of the first screen (8.2): what is most urgent.
type clockList struct {
	Title string
	Tabs  []web.Link
	Table web.Table
	Acts  []web.Button
}

func (c *console) clockList(v *visit) (*clockList, error) {
	list, err := c.Cases.Running(v.Context(), 0, db.Place{}, firstCases+1)
	if err != nil {
		return nil, err
	}
	out := &clockList{Title: v.T("casework.title"), Tabs: v.caseTabs()}
	if len(list) > firstCases {
		list = list[:firstCases]
		out.Acts = append(out.Acts, web.Button{Text: v.T("casework.all"), Href: v.to(PathCases, nil), Style: web.Secondary})
	}
	out.Acts = append(out.Acts, v.paperButton())
	out.Table = v.openTable(out.Title, list)
	return out, nil
}

func (v *visit) paperButton() web.Button {
	return web.Button{Text: v.T("casework.paper"), Href: v.to(PathOnPaper, nil), Style: web.Secondary}
}

func (c *console) showCases(w http.ResponseWriter, v *visit) error {
	var kind desk.Kind
	if name := v.query.Get("kind"); name != "" {
		var known bool
		if kind, known = desk.KindByName(name); !known {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	var after db.Place
	if text := v.query.Get("after"); text != "" {
		var err error
		if after, err = readPlace(text); err != nil {
			return err
		}
	}
	list, err := c.Cases.Running(v.Context(), kind, after, perPage+1)
	if err != nil {
		return err
	}
	p := casesPage{Chrome: c.chrome(v), Title: v.T("casework.title"), Lead: v.T("casework.lead"), Tabs: v.caseTabs(), Label: v.T("frame.pages"),
		Acts: []web.Button{v.paperButton()}, Filter: v.kindFilter(kind)}
	more := url.Values{}
	if kind != 0 {
		more.Set("kind", kind.String())
	}
	if after != (db.Place{}) {
		p.Newest = &web.Link{Text: v.T("casework.first"), Href: v.to(PathCases, more)}
	}
	if len(list) > perPage {
		list = list[:perPage]
		last := list[perPage-1]
		more.Set("after", placeText(db.Place{At: last.Running.Due, ID: last.ID}))
		p.Older = &web.Link{Text: v.T("casework.next"), Href: v.to(PathCases, more)}
	}
	p.Table = v.openTable(p.Title, list)
	return c.cases.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) kindFilter(chosen desk.Kind) *web.Sheet {
	f := web.NewField(v.Lang, web.Select, "kind", v.T("casework.kind")).Of(options(desk.Kinds, func(k desk.Kind) web.Option {
		return web.Option{Value: k.String(), Text: heading(v.kind(k))}
	})...)
	if chosen != 0 {
		f.Holding(chosen.String())
	}
	s := web.NewSheet(v.Lang, v.Path(PathCases), v.T("casework.filter"), f).Ask()
	if v.work != nil {
		s.Carry("purpose", v.work.Purpose.Clause()).Carry("case", v.work.Case)
	}
	return s
}

// A page of a list begins after a moment and an id, which stand in its address.
func placeText(p db.Place) string {
	return strconv.FormatInt(db.Micros(p.At), 10) + "." + strconv.FormatInt(p.ID, 10)
}

func readPlace(text string) (db.Place, error) {
	before, after, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(before, 10, 64)
	id, bad := strconv.ParseInt(after, 10, 64)
	if err != nil || bad != nil || micros < 0 || id < 0 {
		return db.Place{}, errs.New(errs.Invalid, "error.form")
	}
	return db.Place{At: db.Time(micros), ID: id}, nil
}

func (c *console) showClosed(w http.ResponseWriter, v *visit) error {
	before, err := v.before()
	if err != nil {
		return err
	}
	list, err := c.Cases.Past(v.Context(), before, perPage+1)
	if err != nil {
		return err
	}
	p := casesPage{Chrome: c.chrome(v), Title: v.T("casework.closed.title"), Tabs: v.caseTabs(), Label: v.T("frame.pages")}
	if v.query.Get("before") != "" {
		p.Newest = &web.Link{Text: v.T("casework.first"), Href: v.to(PathClosed, nil)}
	}
	if len(list) > perPage {
		list = list[:perPage]
		last := list[perPage-1]
		p.Older = &web.Link{Text: v.T("casework.older"), Href: v.to(PathClosed, url.Values{"before": {placeText(db.Place{At: last.Closed, ID: last.ID})}})}
	}
	p.Table = web.Table{Caption: p.Title, Quiet: true,
		Columns: []web.Column{{Label: v.T("casework.number")}, {Label: v.T("casework.kind")}, {Label: v.T("casework.outcome")}, {Label: v.T("casework.article")},
			{Label: v.T("casework.ended")}, {Label: v.T("casework.intime")}},
		Empty: &web.Empty{Title: v.T("casework.closed.none"), Text: web.Plain(v.T("casework.closed.none.text"))}}
	for _, k := range list {
		article := k.Article
		if article == "" {
			article = "—"
		}
		tag := &web.Tag{Text: v.T("casework.intime.yes"), Style: web.Good}
		if k.Closed.After(k.Running.Due.Add(time.Second)) {
			tag = &web.Tag{Text: v.T("casework.intime.no"), Style: web.Bad}
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{v.caseLink(k), {Text: web.Plain(v.kind(k.Kind))},
			{Text: web.Plain(v.T("desk.outcome." + k.Outcome.String()))}, {Text: web.Plain(article)}, {Text: web.Plain(v.Lang.DateTime(k.Closed))}, {Tag: tag}})
	}
	return c.cases.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// showErasures is the register of destructions (5.1): it names nobody.
func (c *console) showErasures(w http.ResponseWriter, v *visit) error {
	before, err := v.before()
	if err != nil {
		return err
	}
	list, err := c.Cases.Erasures(v.Context(), before, perPage+1)
	if err != nil {
		return err
	}
	p := casesPage{Chrome: c.chrome(v), Title: v.T("casework.erasures.title"), Lead: v.T("casework.erasures.lead"), Tabs: v.caseTabs(), Label: v.T("frame.pages")}
	if len(list) > perPage {
		list = list[:perPage]
		p.Older = &web.Link{Text: v.T("casework.older"), Href: v.to(PathErasures, url.Values{"before": {placeText(list[perPage-1].Place())}})}
	}
	p.Table = web.Table{Caption: p.Title, Quiet: true, Columns: []web.Column{{Label: v.T("casework.number")}, {Label: v.T("casework.erased")}},
		Empty: &web.Empty{Title: v.T("casework.erasures.none"), Text: web.Plain(v.T("casework.erasures.none.text"))}}
	for _, e := range list {
		p.Table.Rows = append(p.Table.Rows, []web.Cell{v.caseLink(&desk.Case{Number: e.Number}), {Text: web.Plain(v.Lang.DateTime(e.At))}})
	}
	return c.cases.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// monthPage is the calendar of last days.
type monthPage struct {
	Chrome   chrome
	Title    string
	Tabs     []web.Link
	Caption  string
	Before   web.Link
	After    web.Link
	Today    web.Link
	Weekdays []weekday
	Weeks    [][]dayCell
	DayTitle string
	Day      *web.Table
	Empty    string // said where the month has nothing, for those to whom its grid is a list
}

type weekday struct{ Short, Long string }

// dayCell is a day of the grid; one of another month has no number.
type dayCell struct {
	Number  string
	Full    string // the day in words
	Off     string // why nobody works; empty on a working day
	Worked  string // said of a weekend that was decreed working
	Said    string // how many cases end on it
	Href    string
	Late    bool // some of them are over
	Today   bool
	Chosen  bool
	Nothing bool // neither cases nor a day off to tell of
}

// monthCases bounds what a month counts.
const monthCases = 2000

func (v *visit) weekdays() []weekday {
	out := make([]weekday, 7)
	for i := range out {
		n := strconv.Itoa(i + 1)
		out[i] = weekday{v.T("casework.weekday.short." + n), v.T("casework.weekday." + n)}
	}
	return out
}

const monthLayout = "2006-01"

func (c *console) showMonth(w http.ResponseWriter, v *visit) error {
	today := worktime.DateOf(v.Now)
	first := worktime.Date{Year: today.Year, Month: today.Month, Day: 1}
	if text := v.query.Get("month"); text != "" {
		t, err := time.Parse(monthLayout, text)
		if err != nil || t.Year() < 2000 || t.Year() > 2200 {
			return errs.New(errs.Invalid, "error.form")
		}
		first.Year, first.Month = t.Year(), t.Month()
	}
	var chosen worktime.Date
	if text := v.query.Get("day"); text != "" {
		var err error
		if chosen, err = worktime.ParseDate(text); err != nil || chosen.Year != first.Year || chosen.Month != first.Month {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	next := first.AddDays(31)
	next.Day = 1
	list, err := c.Cases.DueBetween(v.Context(), first.AddDays(-1).End().Add(time.Second), next.AddDays(-1).End().Add(time.Second), monthCases)
	if err != nil {
		return err
	}
	cal, err := c.Clocks.Calendar(v.Context())
	if err != nil {
		return err
	}
	byDay := map[worktime.Date][]*desk.Case{}
	for _, k := range list {
		d := worktime.DateOf(k.Running.Due)
		byDay[d] = append(byDay[d], k)
	}
	name := func(d worktime.Date) string { return heading(v.Lang.MonthOf(d.Year, d.Month)) }
	month := func(d worktime.Date) url.Values {
		return url.Values{"month": {d.End().UTC().Format(monthLayout)}}
	}
	last := first.AddDays(-1)
	last.Day = 1
	p := monthPage{Chrome: c.chrome(v), Title: v.T("casework.month.title"), Tabs: v.caseTabs(), Caption: name(first), Weekdays: v.weekdays(),
		Before: web.Link{Text: name(last), Href: v.to(PathMonth, month(last))}, After: web.Link{Text: name(next), Href: v.to(PathMonth, month(next))},
		Today: web.Link{Text: v.T("casework.month.now"), Href: v.to(PathMonth, nil)}}
	if len(list) == 0 {
		p.Empty = v.T("casework.month.none")
	}
	from := first.AddDays(-(int(first.Weekday()) + 6) % 7)
	for d := from; d.Compare(next) < 0; {
		week := make([]dayCell, 7)
		for i := range week {
			if d.Month == first.Month {
				week[i] = v.dayCell(d, cal, byDay[d], today, chosen, month(first))
			}
			d = d.AddDays(1)
		}
		p.Weeks = append(p.Weeks, week)
	}
	if !chosen.IsZero() {
		p.DayTitle = v.T("casework.month.day", i18n.Day("day", chosen.End()))
		table := v.openTable(p.DayTitle, byDay[chosen])
		p.Day = &table
	}
	return c.month.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) dayCell(d worktime.Date, cal *worktime.Calendar, due []*desk.Case, today, chosen worktime.Date, month url.Values) dayCell {
	cell := dayCell{Number: strconv.Itoa(d.Day), Full: v.Lang.Date(d.End()), Today: d == today, Chosen: d == chosen}
	if key, off := cal.Off(d); off {
		cell.Off = v.T(key)
		cell.Nothing = key == "day.weekend"
	} else if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		cell.Worked = v.T("casework.day.worked")
	} else {
		cell.Nothing = true
	}
	if len(due) > 0 {
		cell.Nothing = false
		cell.Said = v.T("casework.month.cases", i18n.Num("n", int64(len(due))))
		month.Set("day", d.String())
		cell.Href = v.to(PathMonth, month)
		for _, k := range due {
			_, late := k.Left(v.Now)
			cell.Late = cell.Late || late
		}
	}
	return cell
}
