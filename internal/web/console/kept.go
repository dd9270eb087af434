package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/retention"
	"ustaz/internal/web"
)

// Addresses of how long data are kept (5.1) and of paper carriers (1.1.2).
const (
	PathKept       = "/{lang}/console/retention"
	PathKeptRule   = "/{lang}/console/retention/{category}"
	PathCarriers   = "/{lang}/console/carriers"
	PathAddCarrier = "/{lang}/console/carriers/add"
	PathEndCarrier = "/{lang}/console/carriers/{carrier}/end"
)

const (
	keptActs    = 50     // shown of the acts of destruction
	keptCounted = 10_000 // people of whom is counted that a term makes them fall due
	keptLine    = 300    // letters of what the officer writes about a carrier
)

func (c *console) keptRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		c.on(get, PathKept, officers, c.showKept),
		c.on(get, PathKeptRule, officers, c.showKeptRule),
		c.on(post, PathKeptRule, officers, c.fresh(c.setKeptRule)),
		c.on(get, PathCarriers, officers, c.showCarriers),
		c.on(get, PathAddCarrier, officers, c.showAddCarrier),
		c.on(post, PathAddCarrier, officers, c.addCarrier),
		c.on(get, PathEndCarrier, officers, c.showEndCarrier),
		c.on(post, PathEndCarrier, officers, c.endCarrier),
	}
}

// keptPage is the schedule, and what was destroyed by it.
type keptPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Rules  web.Table
	Acts   web.Table
}

// keptTerm says a term; 0 has no end.
func (v *visit) keptTerm(months int) string {
	if months == 0 {
		return v.T("keptwork.endless")
	}
	return v.T("keptwork.months", i18n.Num("n", int64(months)))
}

func (c *console) showKept(w http.ResponseWriter, v *visit) error {
	rules, err := c.Kept.Rules(v.Context())
	if err != nil {
		return err
	}
	acts, err := c.Kept.Acts(v.Context(), keptActs)
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := keptPage{Chrome: c.chrome(v), Title: v.T("keptwork.title"), Lead: v.T("keptwork.lead")}
	p.Rules = web.Table{Caption: v.T("keptwork.schedule"), Columns: []web.Column{{Label: v.T("keptwork.category")}, {Label: v.T("keptwork.term")}, {Label: v.T("keptwork.basis")},
		{Label: v.T("keptwork.edited")}, {Label: v.T("console.staff.acts")}}}
	for _, r := range rules {
		edited := "—"
		if !r.Edited.IsZero() {
			edited = v.Lang.DateTime(r.Edited) + ", " + n.officer(r.By)
		}
		basis := r.Basis
		if basis == "" {
			basis = v.T("keptwork.basis.policy")
		}
		p.Rules.Rows = append(p.Rules.Rows, []web.Cell{{Text: web.Plain(v.T("retention.category." + r.Category))}, {Text: web.Plain(v.keptTerm(r.Months))},
			{Text: web.Plain(basis)}, {Text: web.Plain(edited)},
			{Text: web.Text{{Text: v.T("keptwork.edit"), Href: v.to(PathKeptRule, nil, "category", r.Category)}}}})
	}
	p.Acts = web.Table{Caption: v.T("keptwork.acts"), Columns: []web.Column{{Label: v.T("keptwork.act")}, {Label: v.T("keptwork.category")}, {Label: v.T("keptwork.term")},
		{Label: v.T("keptwork.people"), Number: true}},
		Empty: &web.Empty{Title: v.T("keptwork.acts.none"), Text: web.Plain(v.T("keptwork.acts.none.text"))}}
	for _, a := range acts {
		p.Acts.Rows = append(p.Acts.Rows, []web.Cell{{Text: web.Plain(v.Lang.DateTime(a.At))}, {Text: web.Plain(v.T("retention.category." + a.Category))},
			{Text: web.Plain(v.keptTerm(a.Months))}, {Text: web.Plain(v.Lang.Number(a.People))}})
	}
	return c.kept.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// keptRule finds the category of the address.
func (c *console) keptRule(v *visit) (retention.Rule, error) {
	rules, err := c.Kept.Rules(v.Context())
	if err != nil {
		return retention.Rule{}, err
	}
	i := slices.IndexFunc(rules, func(r retention.Rule) bool { return r.Category == v.PathValue("category") })
	if i < 0 {
		return retention.Rule{}, errs.New(errs.NotFound, "error.notfound")
	}
	return rules[i], nil
}

func (v *visit) keptForm(r retention.Rule) formPage {
	sheet := web.NewSheet(v.Lang, v.to(PathKeptRule, nil, "category", r.Category), v.T("keptwork.set"),
		web.NewField(v.Lang, web.TextField, "months", v.T("keptwork.form.months")).Must().Hinted(v.T("keptwork.form.months.hint")).
			Because("5.1", v.T("keptwork.form.months.why")).Holding(strconv.Itoa(r.Months)).Fills("off").UpTo(4),
		web.NewField(v.Lang, web.TextField, "basis", v.T("keptwork.basis")).Must().Hinted(v.T("keptwork.form.basis.hint")).Holding(r.Basis).Fills("off").UpTo(200))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathKept, nil)}
	return formPage{Title: v.T("retention.category." + r.Category), Lead: v.T("keptwork.form.lead"), Sheet: sheet}
}

func (c *console) showKeptRule(w http.ResponseWriter, v *visit) error {
	r, err := c.keptRule(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, v.keptForm(r), web.Form{}, nil)
}

// setKeptRule sets a term; one by which people fall due at once is asked about first, with their number.
func (c *console) setKeptRule(w http.ResponseWriter, v *visit) error {
	old, err := c.keptRule(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("months"), web.Line("basis"), web.Line("seen"))
	r := retention.Rule{Category: old.Category, Basis: form.Get("basis")}
	if err == nil {
		if r.Months, err = strconv.Atoi(form.Get("months")); err != nil {
			err = fault("months", "retention.months")
		}
	}
	if err == nil && form.Get("seen") != form.Get("months") {
		due, wrong := c.Kept.Due(v.Context(), r.Category, r.Months, keptCounted)
		if wrong != nil {
			return wrong
		}
		if due > 0 {
			return c.sendConfirm(w, v, c.keptQuestion(v, r, due), nil)
		}
	}
	if err == nil {
		err = c.Kept.Set(v.Context(), v.Viewer.Subject, r)
	}
	if err != nil {
		return c.sendForm(w, v, v.keptForm(old), form, err)
	}
	return v.SeeOther(w, v.to(PathKept, nil), "kept_set")
}

func (c *console) keptQuestion(v *visit, r retention.Rule, due int) confirmPage {
	months := strconv.Itoa(r.Months)
	sheet := web.NewSheet(v.Lang, v.to(PathKeptRule, nil, "category", r.Category), v.T("keptwork.set.due")).
		Carry("months", months).Carry("basis", r.Basis).Carry("seen", months)
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathKeptRule, nil, "category", r.Category)}
	key := "keptwork.due"
	if due == keptCounted {
		key = "keptwork.duemost"
	}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("keptwork.due.title"),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("keptwork.due.undo")), web.Plain(v.T("keptwork.due.when")), []string{v.T("retention.category." + r.Category)},
			web.Plain(v.T(key, i18n.Num("n", int64(due)))), web.Plain(v.T("keptwork.due.held")))}
}

func (c *console) showCarriers(w http.ResponseWriter, v *visit) error {
	all, err := c.Kept.Carriers(v.Context())
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("carrier.title"), Lead: v.T("carrier.lead"),
		Acts: []web.Button{{Text: v.T("carrier.add"), Href: v.to(PathAddCarrier, nil), Style: web.Primary}}}
	p.Table = web.Table{Caption: p.Title, Quiet: true, Columns: []web.Column{{Label: v.T("carrier.what")}, {Label: v.T("carrier.place")}, {Label: v.T("carrier.sheets"), Number: true},
		{Label: v.T("carrier.made")}, {Label: v.T("console.staff.state")}, {Label: v.T("console.staff.acts")}},
		Empty: &web.Empty{Title: v.T("carrier.none"), Text: web.Plain(v.T("carrier.none.text"))}}
	for _, k := range all {
		state, act := web.Cell{Tag: &web.Tag{Text: v.T("carrier.kept"), Style: web.Good}},
			web.Text{{Text: v.T("carrier.end"), Href: v.to(PathEndCarrier, nil, "carrier", strconv.FormatInt(k.ID, 10))}}
		if !k.Ended.IsZero() {
			state, act = web.Cell{Text: web.Plain(v.Lang.Date(k.Ended) + ": " + k.EndedHow)}, web.Plain("—")
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Plain(k.What)}, {Text: web.Plain(k.Place)}, {Text: web.Plain(v.Lang.Number(int64(k.Sheets)))},
			{Text: web.Plain(v.Lang.Date(k.Made) + ", " + n.officer(k.By))}, state, {Text: act}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) carrierForm() formPage {
	field := func(kind web.Kind, name string) *web.Field {
		return web.NewField(v.Lang, kind, name, v.T("carrier."+name)).Must().Fills("off").UpTo(keptLine)
	}
	sheet := web.NewSheet(v.Lang, v.to(PathAddCarrier, nil), v.T("carrier.add"),
		field(web.TextField, "what").Hinted(v.T("carrier.what.hint")).Because("1.1.2", v.T("carrier.why")),
		field(web.TextField, "place").Hinted(v.T("carrier.place.hint")), field(web.TextField, "sheets").UpTo(7))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathCarriers, nil)}
	return formPage{Title: v.T("carrier.add"), Lead: v.T("carrier.add.lead"), Sheet: sheet}
}

func (c *console) showAddCarrier(w http.ResponseWriter, v *visit) error {
	return c.sendForm(w, v, v.carrierForm(), web.Form{}, nil)
}

func (c *console) addCarrier(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("what"), web.Line("place"), web.Line("sheets"))
	if err == nil {
		sheets, _ := strconv.Atoi(form.Get("sheets")) // what is no number stays 0, which is refused
		err = c.Kept.AddCarrier(v.Context(), v.Viewer.Subject, retention.Carrier{What: form.Get("what"), Place: form.Get("place"), Sheets: sheets})
	}
	if err != nil {
		return c.sendForm(w, v, v.carrierForm(), form, err)
	}
	return v.SeeOther(w, v.to(PathCarriers, nil), "carrier_added")
}

// carrier finds that of the address.
func (c *console) carrier(v *visit) (retention.Carrier, error) {
	id, err := v.number("carrier")
	if err != nil {
		return retention.Carrier{}, err
	}
	all, err := c.Kept.Carriers(v.Context())
	if err != nil {
		return retention.Carrier{}, err
	}
	i := slices.IndexFunc(all, func(k retention.Carrier) bool { return k.ID == id })
	if i < 0 {
		return retention.Carrier{}, errs.New(errs.NotFound, "error.notfound")
	}
	return all[i], nil
}

func (v *visit) carrierEnd(k retention.Carrier) formPage {
	sheet := web.NewSheet(v.Lang, v.to(PathEndCarrier, nil, "carrier", strconv.FormatInt(k.ID, 10)), v.T("carrier.end"),
		web.NewField(v.Lang, web.TextField, "how", v.T("carrier.how")).Must().Hinted(v.T("carrier.how.hint")).Fills("off").UpTo(keptLine))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathCarriers, nil)}
	return formPage{Title: v.T("carrier.end.title", i18n.Str("what", k.What)), Lead: v.T("carrier.end.lead"), Sheet: sheet}
}

func (c *console) showEndCarrier(w http.ResponseWriter, v *visit) error {
	k, err := c.carrier(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, v.carrierEnd(k), web.Form{}, nil)
}

func (c *console) endCarrier(w http.ResponseWriter, v *visit) error {
	k, err := c.carrier(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("how"))
	if err == nil {
		err = c.Kept.EndCarrier(v.Context(), v.Viewer.Subject, k.ID, form.Get("how"))
	}
	if err != nil {
		return c.sendForm(w, v, v.carrierEnd(k), form, err)
	}
	return v.SeeOther(w, v.to(PathCarriers, nil), "carrier_ended")
}

// older leads to what was begun before the last line of a full page.
func (v *visit) older(pattern string, last db.Place) *web.Link {
	return &web.Link{Text: v.T("console.log.older"), Href: v.to(pattern, url.Values{"before": {placeText(last)}})}
}

// before is the place from which a list goes back: now, or that of the address.
func (v *visit) before() (db.Place, error) {
	text := v.query.Get("before")
	if text == "" {
		return db.Place{At: v.Now.Add(time.Second)}, nil
	}
	return readPlace(text)
}

// subjectCell leads to the log of somebody who is known by number alone.
func (v *visit) subjectCell(id person.ID) web.Cell { return web.Cell{Text: v.subject(id), Code: true} }
