package console

import (
	"net/http"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/support"
	"ustaz/internal/web"
)

// findPage looks for a person by what they gave. What was found is shown by id alone.
type findPage struct {
	Chrome  chrome
	Desk    atDesk
	Refusal *web.Notice
	Found   *web.Table // nil before anything was asked
	Sheet   *web.Sheet
}

func (c *console) findSheet(v *visit) *web.Sheet {
	l := v.Lang
	return web.NewSheet(l, v.to(PathFind, nil), v.T("console.find.submit"),
		web.NewField(l, web.Radios, "by", v.T("console.find.by")).Must().
			Of(options(support.Finders, func(f person.Field) web.Option {
				return web.Option{Value: f.String(), Text: heading(v.T("field." + f.String()))}
			})...).Holding(support.Finders[0].String()),
		web.NewField(l, web.TextField, "value", v.T("console.find.value")).Must().Hinted(v.T("console.find.value.hint")).Fills("off"))
}

func (c *console) showFind(w http.ResponseWriter, v *visit) error {
	return c.sendFind(w, v, findPage{Sheet: c.findSheet(v)}, nil)
}

func (c *console) sendFind(w http.ResponseWriter, v *visit, p findPage, fault error) error {
	var err error
	if p.Desk, err = c.atDesk(v); err != nil {
		return err
	}
	p.Chrome = c.chrome(v)
	return c.finder.Send(w, v.Request, web.Head{Title: v.T("console.find.title"), Err: fault, Wide: true}, p)
}

// find answers on the page that was sent, so that what was looked for comes into no address.
func (c *console) find(w http.ResponseWriter, v *visit) error {
	page := findPage{Sheet: c.findSheet(v)}
	ids, form, err := c.lookUp(v)
	if err != nil {
		var refused bool
		if page.Refusal, refused = v.refusal(err); !refused && !page.Sheet.Show(err, form) {
			return err
		}
		return c.sendFind(w, v, page, err)
	}
	page.Found = v.found(ids)
	return c.sendFind(w, v, page, nil)
}

func (c *console) lookUp(v *visit) ([]person.ID, web.Form, error) {
	form, err := v.Form(web.Line("by"), web.Line("value"))
	if err != nil {
		return nil, form, err
	}
	by, err := chosen(form.All("by"), person.FieldByName, func(f person.Field) bool { return person.Set(support.Finders...).Has(f) })
	if err != nil {
		return nil, form, err
	}
	if len(by) == 0 {
		return nil, form, errs.InvalidFields([]errs.Field{{Name: "by", Key: "console.find.by.none"}})
	}
	ids, err := c.Desk.Find(v.Context(), *v.work, by[0], form.Get("value"))
	if errs.Is(err, errs.Invalid) {
		err = toInput(err, by[0].String(), "value")
	}
	return ids, form, err
}

// toInput renames the input that a fault is about: packages below know fields, forms have their own names.
func toInput(err error, field, input string) error {
	e := errs.As(err)
	for i := range e.Fields {
		if e.Fields[i].Name == field {
			e.Fields[i].Name = input
		}
	}
	return e
}

// found lists people by their ids, masked whole; nobody found is said in the same place.
func (v *visit) found(ids []person.ID) *web.Table {
	t := &web.Table{Caption: v.T("console.find.found", i18n.Num("n", int64(len(ids)))),
		Columns: []web.Column{{Label: v.T("console.person")}, {Label: v.T("console.find.fields")}},
		Empty:   &web.Empty{Title: v.T("console.find.nobody"), Text: web.Plain(v.T("console.find.nobody.text"))}}
	for _, id := range ids {
		t.Rows = append(t.Rows, []web.Cell{
			{Text: web.Text{{Text: id.String(), Href: v.to(PathPerson, nil, "subject", id.String())}}, Code: true},
			{Text: web.Plain(v.T("console.find.masked"))}})
	}
	return t
}
