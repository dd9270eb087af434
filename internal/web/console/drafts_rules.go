package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ustaz/internal/draft"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// draftRulesPage is the rules of a draft in Cedar, and what they change against the edition in force.
type draftRulesPage struct {
	Chrome chrome
	Sheet  *web.Sheet // nil where they can't be changed any more
	Text   string
	Rules  rulesDifference
}

// rulesDifference is who gains and who loses what.
type rulesDifference struct {
	None  string
	Table web.Table
}

func (c *console) draftRulesPage(v *drafting) (draftRulesPage, error) {
	p := draftRulesPage{Chrome: c.chrome(v.visit), Text: v.d.RulesText}
	if v.d.State == draft.Open {
		p.Sheet = v.carry(web.NewSheet(v.Lang, v.of(PathDraftRules), v.T("draft.rules.save"),
			web.NewField(v.Lang, web.Area, "rules", v.T("draft.rules.text")).Must().Hinted(v.T("draft.rules.hint")).Holding(v.d.RulesText)))
		p.Sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraft)}
	}
	var err error
	p.Rules, err = c.rulesDifference(v)
	return p, err
}

func (c *console) showDraftRules(w http.ResponseWriter, v *drafting) error {
	p, err := c.draftRulesPage(v)
	if err != nil {
		return err
	}
	return c.draftRules.Send(w, v.Request, web.Head{Title: v.T("draft.rules"), Wide: true, Back: v.back()}, p)
}

func (c *console) saveRules(w http.ResponseWriter, v *drafting) error {
	form, at, err := v.sent(web.Lines("rules", policy.MaxRules))
	if err == nil {
		err = c.Drafts.SetRules(v.Context(), v.Viewer.Subject, at, form.Get("rules"))
	}
	if err == nil {
		return v.SeeOther(w, v.of(PathDraftRules), "draft_saved")
	}
	p, wrong := c.draftRulesPage(v)
	if wrong != nil {
		return wrong
	}
	if p.Sheet == nil {
		return err
	}
	faults := v.ruleFaults(err)
	if len(faults) > 0 && errs.As(err).Kind == errs.TooLarge {
		err = onField("rules", err)
	}
	if !p.Sheet.Show(err, form) {
		return err
	}
	if len(faults) > 0 {
		p.Sheet.Faults.Items = nil
		for _, text := range faults {
			p.Sheet.Faults.Items = append(p.Sheet.Faults.Items, web.Link{Text: text, Href: "#f-rules"})
		}
		p.Sheet.Fields[0].Error = faults[0]
	}
	return c.draftRules.Send(w, v.Request, web.Head{Title: v.T("draft.rules"), Err: err, Wide: true, Back: v.back()}, p)
}

// ruleFaults says in words what is wrong with rules, line by line.
func (v *drafting) ruleFaults(err error) []string {
	e := errs.As(err)
	var out []string
	say := func(key string, args map[string]string) {
		text := v.T(key, i18n.Args(args)...)
		switch line, rule := args["line"], args["rule"]; {
		case rule != "":
			text = v.T("draft.rules.rule", i18n.Str("line", line), i18n.Str("rule", rule)) + " " + text
		case line != "":
			text = v.T("draft.rules.line", i18n.Str("line", line)) + " " + text
		}
		out = append(out, text)
	}
	for _, f := range e.Fields {
		if f.Args["line"] != "" {
			say(f.Key, f.Args)
		}
	}
	if len(e.Fields) == 0 && strings.HasPrefix(e.Key, "policy.rules.") {
		say(e.Key, e.Args)
	}
	return out
}

// rulesDifference compares with the edition in force, as a table of sentences.
func (c *console) rulesDifference(v *drafting) (rulesDifference, error) {
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return rulesDifference{}, err
	}
	rules, err := policy.ParseRules(v.d.RulesText)
	if err != nil {
		return rulesDifference{}, err
	}
	t := web.Table{Caption: v.T("draft.rights"), Quiet: true, Columns: []web.Column{{Label: v.T("draft.rights.change")}, {Label: v.T("console.log.purpose")},
		{Label: v.T("draft.rights.acts")}, {Label: v.T("draft.rights.where")}}}
	for _, change := range policy.CompareRules(ed.Edition.Rules, rules) {
		tag := web.Tag{Text: v.T("draft.rights.loses"), Style: web.Bad}
		if change.Gains {
			tag = web.Tag{Text: v.T("draft.rights.gains"), Style: web.Good}
		}
		var purposes web.Text
		for _, p := range change.Purposes {
			purposes = append(append(purposes, v.clauses([]string{p.Clause()})...), web.Run{Text: " " + v.T(p.Key()) + " "})
		}
		acts := make([]string, len(change.Operations))
		for i, o := range change.Operations {
			acts[i] = v.T("console.operation." + o.String())
		}
		where := change.Where.Names()
		for i := range where {
			where[i] = v.T("policy.situation." + where[i])
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(change.Say(v.Lang)), Tag: &tag}, {Text: purposes}, {Text: web.Plain(v.Lang.List(acts))}, {Text: web.Plain(v.Lang.List(where))}})
	}
	d := rulesDifference{Table: t}
	if len(t.Rows) == 0 {
		d.None = v.T("draft.rights.none")
	}
	return d, nil
}

// draftChangesPage is the difference of a draft to the edition in force: what whoever approves reads (9.1).
type draftChangesPage struct {
	Chrome  chrome
	Lead    string
	Docs    []web.Link // languages
	Lang    string
	Parts   []partDifference
	NoWords string
	Rules   rulesDifference
}

// partDifference is a part of the text as it is and as it would be.
type partDifference struct {
	Name          string
	Tag           web.Tag
	Before, After []draftWords
}

// draftWords are a run of words with one fate.
type draftWords struct {
	Text          string
	Gone, Brought bool
}

var draftChangeStyles = map[policy.ChangeKind]web.Style{policy.Added: web.Good, policy.Removed: web.Bad, policy.Changed: web.Info}

func (c *console) showDraftChanges(w http.ResponseWriter, v *drafting) error {
	ed, err := c.Editions.InForce(v.Now)
	if err != nil {
		return err
	}
	p := draftChangesPage{Chrome: c.chrome(v.visit), Lead: v.T("draft.changes.lead", i18n.Num("n", ed.Seq), i18n.Day("since", ed.InForce))}
	if p.Lang, err = v.docAsked(); err != nil {
		return err
	}
	for _, lang := range policy.Languages {
		if v.d.Docs[lang] != nil || ed.Docs[lang] != nil {
			p.Docs = append(p.Docs, web.Link{Text: v.T("draft.text." + lang), Current: lang == p.Lang,
				Href: v.to(PathDraftChanges, url.Values{"doc": {lang}}, "draft", v.d.ID.String())})
		}
	}
	for _, change := range policy.Difference(ed.Docs[p.Lang], v.d.Docs[p.Lang]) {
		p.Parts = append(p.Parts, v.difference(change))
	}
	if len(p.Parts) == 0 {
		p.NoWords = v.T("draft.changes.none")
	}
	if p.Rules, err = c.rulesDifference(v); err != nil {
		return err
	}
	return c.draftChanges.Send(w, v.Request, web.Head{Title: v.T("draft.changes"), Wide: true, Back: v.back()}, p)
}

// docAsked is the language in which the difference is asked for, or the reader's, or the first that the draft has.
func (v *drafting) docAsked() (string, error) {
	if asked := v.query.Get("doc"); asked != "" {
		if !slices.Contains(policy.Languages, asked) {
			return "", errs.New(errs.Invalid, "error.form")
		}
		return asked, nil
	}
	for _, lang := range append([]string{v.Lang.Code()}, policy.Languages...) {
		if v.d.Docs[lang] != nil {
			return lang, nil
		}
	}
	return policy.Languages[0], nil
}

func (v *drafting) difference(change policy.Change) partDifference {
	d := partDifference{Name: v.T("policy.part." + string(change.Part)), Tag: web.Tag{Text: v.T("policy.change." + string(change.Kind)), Style: draftChangeStyles[change.Kind]}}
	switch change.Part {
	case policy.PartSection:
		d.Name = v.T("policypage.section", i18n.Str("number", change.No))
	case policy.PartClause:
		d.Name = v.T("policypage.clause", i18n.Str("number", change.No))
	}
	switch change.Kind {
	case policy.Added:
		d.After = []draftWords{{Text: change.After, Brought: true}}
	case policy.Removed:
		d.Before = []draftWords{{Text: change.Before, Gone: true}}
	default:
		for _, s := range change.Segments {
			run := draftWords{Text: s.Text, Gone: s.Kind == policy.Deleted, Brought: s.Kind == policy.Inserted}
			if !run.Brought {
				d.Before = append(d.Before, run)
			}
			if !run.Gone {
				d.After = append(d.After, run)
			}
		}
	}
	return d
}

func (c *console) draftOrderPage(v *drafting) formPage {
	o := v.d.Order
	if o.Number == "" { // what the head of an uploaded document says is offered
		for _, lang := range policy.Languages {
			if im := v.d.Found[lang]; im != nil && o.Number == "" {
				o.Number, o.Date = im.Order, im.OrderDate
			}
		}
	}
	date := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.DateOnly)
	}
	day, hour := "", ""
	if !o.InForce.IsZero() {
		at := worktime.Local(o.InForce)
		day, hour = at.Format(time.DateOnly), at.Format(hourFormat)
	}
	sheet := v.carry(web.NewSheet(v.Lang, v.of(PathDraftOrder), v.T("draft.save"),
		web.NewField(v.Lang, web.TextField, "number", v.T("draft.order.number")).Must().Hinted(v.T("draft.order.number.hint")).Holding(o.Number).UpTo(maxPartNumber).Fills("off"),
		web.NewField(v.Lang, web.DayField, "date", v.T("draft.order.date")).Must().Holding(date(o.Date)).Fills("off"),
		web.NewField(v.Lang, web.DayField, "day", v.T("draft.order.day")).Must().Because("9.2", v.T("draft.order.day.why")).Holding(day).Fills("off"),
		web.NewField(v.Lang, web.HourField, "hour", v.T("draft.order.hour")).Hinted(v.T("draft.order.hour.hint")).Holding(hour).Fills("off")))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraft)}
	return formPage{Title: v.T("draft.order"), Lead: v.T("draft.order.lead"), Sheet: sheet}
}

const hourFormat = "15:04"

func (c *console) showOrder(w http.ResponseWriter, v *drafting) error {
	return c.sendForm(w, v.visit, c.draftOrderPage(v), web.Form{}, nil)
}

func (c *console) saveOrder(w http.ResponseWriter, v *drafting) error {
	form, at, err := v.sent(web.Line("number"), web.Line("date"), web.Line("day"), web.Line("hour"))
	var o draft.Order
	if err == nil {
		o, err = readDraftOrder(form)
	}
	if err == nil {
		err = c.Drafts.SetOrder(v.Context(), v.Viewer.Subject, at, o)
	}
	if err != nil {
		return c.sendForm(w, v.visit, c.draftOrderPage(v), form, err)
	}
	return v.SeeOther(w, v.of(PathDraft), "draft_saved")
}

// readDraftOrder reads the form: days of the calendar of Kazakhstan, and an hour by the clocks of Almaty, or the first of the day. What is
// missing is left for draft.SetOrder to tell.
func readDraftOrder(form web.Form) (draft.Order, error) {
	o := draft.Order{Number: strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(form.Get("number")), "№"))}
	var faults []errs.Field
	day := func(name string) time.Time {
		text := strings.TrimSpace(form.Get(name))
		t, err := time.Parse(time.DateOnly, text)
		if text != "" && err != nil {
			faults = append(faults, errs.Field{Name: name, Key: "worktime.date"})
		}
		return t
	}
	o.Date = day("date")
	hour, err := time.Parse(hourFormat, form.Get("hour"))
	if err != nil && form.Get("hour") != "" {
		faults = append(faults, errs.Field{Name: "hour", Key: "draft.order.hour.wrong"})
	}
	if from := day("day"); !from.IsZero() {
		y, m, d := from.Date()
		o.InForce = worktime.Date{Year: y, Month: m, Day: d}.AddDays(-1).End().Add(time.Second)
		if err == nil {
			o.InForce = o.InForce.Add(time.Duration(hour.Hour())*time.Hour + time.Duration(hour.Minute())*time.Minute)
		}
	}
	return o, errs.InvalidFields(faults)
}
