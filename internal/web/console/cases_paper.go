package console

import (
	"net/http"
	"strings"

	"ustaz/internal/desk"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/support"
	"ustaz/internal/web"
	"ustaz/internal/worktime"
)

// Names of acts of the page for what came on paper.
const (
	actFind    = "find"
	actUnknown = "unknown"
)

// letterKind is the kind of the case in which a person is looked for because of what they wrote: its number is that of the incoming letter.
const letterKind = "letter"

// onPaper offers the two ways: the person is in the database, or is not.
func (c *console) onPaper(v *visit) actsPage {
	l := v.Lang
	return actsPage{Chrome: c.chrome(v), Title: v.T("casework.paper.title"), Lead: v.T("casework.paper.lead"), Acts: []caseAct{
		{ID: actFind, Title: v.T("casework.paper.known"), Lead: v.T("casework.paper.known.lead"), Open: true,
			Sheet: web.NewSheet(l, v.Path(PathPaperFind), v.T("casework.paper.find"),
				web.NewField(l, web.TextField, "number", v.T("casework.paper.number")).Must().Hinted(v.T("console.work.number.hint")).Fills("off").UpTo(40))},
		{ID: actUnknown, Title: v.T("casework.paper.unknown"), Lead: v.T("casework.paper.unknown.lead"), Block: v.T("casework.fate.none"),
			Sheet: web.NewSheet(l, v.to(PathOnPaper, nil), v.T("casework.paper.submit"),
				v.kindField([]desk.Kind{desk.Claim, desk.Question}),
				web.NewField(l, web.TextField, "surname", heading(v.T("field.surname"))).Must().Fills("off"),
				web.NewField(l, web.TextField, "given_name", heading(v.T("field.given_name"))).Must().Fills("off"),
				web.NewField(l, web.EmailField, "email", heading(v.T("field.email"))).Hinted(v.T("casework.paper.email")).Fills("off"),
				v.wordsField(), v.receivedField(), v.langField())},
	}}
}

func (v *visit) kindField(kinds []desk.Kind) *web.Field {
	return web.NewField(v.Lang, web.Select, "kind", v.T("casework.kind")).Must().Of(options(kinds, func(k desk.Kind) web.Option {
		return web.Option{Value: k.String(), Text: heading(v.kind(k))}
	})...)
}

func (v *visit) wordsField() *web.Field {
	return web.NewField(v.Lang, web.Area, "words", v.T("casework.paper.words")).Must().Hinted(v.T("casework.paper.words.hint")).UpTo(person.MaxWords)
}

func (v *visit) receivedField() *web.Field {
	return web.NewField(v.Lang, web.DayField, "received", v.T("casework.paper.received")).Hinted(v.T("casework.paper.received.hint")).Holding(worktime.DateOf(v.Now).String())
}

func (v *visit) langField() *web.Field {
	return web.NewField(v.Lang, web.Radios, "lang", v.T("casework.paper.lang")).Must().
		Of(web.Option{Value: "kk", Text: "Қазақша"}, web.Option{Value: "ru", Text: "Русский"}, web.Option{Value: "en", Text: "English"}).Holding(v.Lang.Code())
}

func (v *visit) doubtedField() *web.Field {
	return web.NewField(v.Lang, web.Ticks, "doubted", v.T("casework.doubted")).Hinted(v.T("casework.paper.doubted")).
		Of(options(person.Profile, func(f person.Field) web.Option {
			return web.Option{Value: f.String(), Text: heading(v.T("field." + f.String()))}
		})...)
}

func (c *console) showOnPaper(w http.ResponseWriter, v *visit) error {
	return c.sendOnPaper(w, v, nil)
}

func (c *console) sendOnPaper(w http.ResponseWriter, v *visit, failed *formFault) error {
	p := c.onPaper(v)
	head := web.Head{Title: p.Title, Wide: true, Back: &web.Link{Text: v.T("casework.title"), Href: v.to(PathCases, nil)}}
	if failed != nil {
		for i := range p.Acts {
			p.Acts[i].Open = p.Acts[i].ID == failed.act
			if p.Acts[i].Open && !p.Acts[i].Sheet.Show(failed.err, failed.form) {
				return failed.err
			}
		}
		head.Err = failed.err
	}
	return c.acts.Send(w, v.Request, head, p)
}

// findForPaper begins to look for the person, in the case of the incoming letter: who was looked for, and why, stands in the log.
func (c *console) findForPaper(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("number"))
	if err == nil {
		var work support.Work
		if work, err = support.ParseWork(v.Viewer.Subject, v.Viewer.Roles, policy.Verify.Clause(), letterKind+":"+strings.TrimSpace(form.Get("number"))); err == nil {
			v.work = &work
			return v.SeeOther(w, v.to(PathFind, nil), "")
		}
		err = toInput(err, "case", "number")
	}
	return c.sendOnPaper(w, v, &formFault{actFind, form, err})
}

// filing reads what every form for a paper asks for.
func (v *visit) filing(form web.Form) (desk.Filing, error) {
	var bad []error
	f := desk.Filing{Lang: form.Get("lang")}
	if f.Lang != "kk" && f.Lang != "ru" && f.Lang != "en" {
		bad = append(bad, fault("lang", "casework.paper.lang.none"))
	}
	var err error
	if f.Words, err = v.words(form, "words"); err != nil {
		bad = append(bad, err)
	}
	if text := form.Get("received"); text != "" {
		if f.Received, err = worktime.ParseDate(text); err != nil {
			bad = append(bad, fault("received", "worktime.date"))
		}
	}
	doubted, err := chosen(form.All("doubted"), person.FieldByName, person.Set(person.Profile...).Has)
	if err != nil {
		return f, err
	}
	f.Doubted = person.Set(doubted...)
	return f, faults(bad...)
}

// kindOf is the kind chosen in a form, among those offered.
func kindOf(form web.Form, offered []desk.Kind) (desk.Kind, error) {
	for _, k := range offered {
		if k.String() == form.Get("kind") {
			return k, nil
		}
	}
	return 0, fault("kind", "casework.paper.kind.none")
}

// fileForUnknown enters a claim or a question of somebody who is not in the database.
func (c *console) fileForUnknown(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("kind"), web.Line("surname"), web.Line("given_name"), web.Line("email"), web.Lines("words", person.MaxWords), web.Line("received"), web.Line("lang"))
	if err == nil {
		var k *desk.Case
		if k, err = c.enterUnknown(v, form); err == nil {
			return v.SeeOther(w, v.to(PathCase, nil, "number", k.Number), "case-filed")
		}
	}
	return c.sendOnPaper(w, v, &formFault{actUnknown, form, err})
}

func (c *console) enterUnknown(v *visit, form web.Form) (*desk.Case, error) {
	f, filed := v.filing(form)
	var kind error
	f.Kind, kind = kindOf(form, []desk.Kind{desk.Claim, desk.Question})
	var who desk.Contact
	bad := []error{kind}
	for _, in := range []struct {
		f    person.Field
		into *person.Value
	}{{person.Surname, &who.Surname}, {person.GivenName, &who.GivenName}, {person.Email, &who.Email}} {
		raw := form.Get(in.f.String())
		if in.f == person.Email && strings.TrimSpace(raw) == "" {
			continue
		}
		value, err := person.Parse(in.f, raw, v.Now)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		*in.into = value
	}
	if err := faults(append(bad, filed)...); err != nil {
		return nil, err
	}
	return c.Cases.FileForUnknown(v.Context(), v.officer(), who, f)
}

// paperKinds are what a person can write on paper about themselves.
var paperKinds = desk.Kinds

func (c *console) paperPage(v *visit, id person.ID) formPage {
	sheet := web.NewSheet(v.Lang, v.to(PathPaperPerson, nil, "subject", id.String()), v.T("casework.paper.submit"),
		v.kindField(paperKinds), v.wordsField(), v.doubtedField(), v.receivedField(), v.langField())
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathPerson, nil, "subject", id.String())}
	return formPage{Title: v.T("casework.paper.person"), Lead: v.T("casework.paper.person.lead"), Sheet: sheet}
}

func (c *console) showPaperPerson(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, c.paperPage(v, id), web.Form{}, nil)
}

func (c *console) filePaperPerson(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("kind"), web.Lines("words", person.MaxWords), web.Many("doubted"), web.Line("received"), web.Line("lang"))
	if err == nil {
		f, filed := v.filing(form)
		var kind error
		f.Kind, kind = kindOf(form, paperKinds)
		if err = faults(kind, filed); err == nil {
			var k *desk.Case
			if k, err = c.Cases.FileOnPaper(v.Context(), v.officer(), id, f); err == nil {
				return v.SeeOther(w, v.Path(PathCase, "number", k.Number), "case-filed")
			}
		}
	}
	return c.sendForm(w, v, c.paperPage(v, id), form, err)
}

func (c *console) paperOrderPage(v *visit, id person.ID) formPage {
	l := v.Lang
	sheet := web.NewSheet(l, v.to(PathPaperOrder, nil, "subject", id.String()), v.T("casework.paper.order.submit"),
		web.NewField(l, web.TextField, "order_of", v.T("casework.paper.order.of")).Must().Fills("off").UpTo(200),
		web.NewField(l, web.TextField, "order_number", v.T("casework.paper.order.number")).Must().Fills("off").UpTo(40),
		web.NewField(l, web.DayField, "order_date", v.T("casework.paper.order.date")).Must(),
		v.wordsField(), v.doubtedField(), v.receivedField(), v.langField())
	sheet.Submit.Style = web.Danger
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathPerson, nil, "subject", id.String())}
	return formPage{Title: v.T("casework.paper.order"), Lead: v.T("casework.paper.order.lead"), Sheet: sheet}
}

func (c *console) showPaperOrder(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	return c.sendForm(w, v, c.paperOrderPage(v, id), web.Form{}, nil)
}

// filePaperOrder enters the authority's order, which blocks at once (6.2.4).
func (c *console) filePaperOrder(w http.ResponseWriter, v *visit) error {
	id, err := c.known(v)
	if err != nil {
		return err
	}
	form, err := v.Form(web.Line("order_of"), web.Line("order_number"), web.Line("order_date"), web.Lines("words", person.MaxWords), web.Many("doubted"), web.Line("received"), web.Line("lang"))
	if err == nil {
		var k *desk.Case
		if k, err = c.enterOrder(v, id, form); err == nil {
			return v.SeeOther(w, v.Path(PathCase, "number", k.Number), "case-ordered")
		}
	}
	return c.sendForm(w, v, c.paperOrderPage(v, id), form, err)
}

func (c *console) enterOrder(v *visit, id person.ID, form web.Form) (*desk.Case, error) {
	f, filed := v.filing(form)
	o := desk.Order{Of: strings.TrimSpace(form.Get("order_of")), Number: strings.TrimSpace(form.Get("order_number"))}
	if day, err := worktime.ParseDate(form.Get("order_date")); err == nil {
		o.Date = day // a day that is none the desk refuses, beside its field
	}
	if filed != nil {
		return nil, filed
	}
	return c.Cases.FileOrder(v.Context(), v.officer(), id, o, f)
}
