package site

import (
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// earlierPage shows the values of the profile that were replaced or removed (6.1.2).
type earlierPage struct {
	Fields []earlierField
	Closed *web.Notice // why none is shown
	None   *web.Empty
}

type earlierField struct {
	ID     string
	Name   string
	Now    web.Text
	Hidden string // the values are shown on demand; this stands in their place (3.2.3)
	Table  web.Table
	Forget *web.Button
}

// forgetPage asks before something of the person's own is destroyed.
type forgetPage struct {
	Title  string
	Ask    web.Confirm
	Clause string
}

func earlierID(f person.Field) string { return "past-" + f.String() }

// linkEarlier adds to the lines of "My data", which are in the order of the profile, the way to what they were.
func (a *accountPages) linkEarlier(r *web.Request, own person.ID, lines []heldLine) error {
	counts, err := a.Rights.Ended(r.Context(), own)
	if err != nil {
		return err
	}
	for i, f := range person.Profile {
		if n := counts[f]; n > 0 {
			lines[i].Before = &web.Link{Text: r.T("mydata.earlier.link", i18n.Num("n", int64(n))), Href: r.Path(PathEarlier) + "#" + earlierID(f)}
		}
	}
	return nil
}

func (a *accountPages) showEarlier(w http.ResponseWriter, r *web.Request, s account.Session) error {
	head := web.Head{Title: r.T("mydata.earlier"), Back: backTo(r, "mydata.title", PathData)}
	record, err := a.Rights.Earlier(r.Context(), s.Subject, s.Once("earlier"))
	if errs.Is(err, errs.Forbidden) {
		n := web.NewNotice(r.Lang, web.Warn, "", web.Plain(r.Lang.Error(err)))
		return a.earlier.Send(w, r, head, earlierPage{Closed: &n})
	}
	if err != nil {
		return err
	}
	p, err := a.earlierFields(a.names(r), record)
	if err != nil {
		return err
	}
	if len(p) == 0 {
		return a.earlier.Send(w, r, head, earlierPage{None: noEarlier(r)})
	}
	return a.earlier.Send(w, r, head, earlierPage{Fields: p})
}

// earlierFields are the fields that had other values, in the order of the profile. While the data are blocked nothing of them can be destroyed.
func (a *accountPages) earlierFields(names *actorNames, record *keeper.Record) ([]earlierField, error) {
	r := names.r
	var out []earlierField
	for _, f := range person.Profile {
		one := earlierField{ID: earlierID(f), Name: fieldLabel(r.Lang, f), Table: web.Table{Caption: fieldLabel(r.Lang, f), Quiet: true,
			Columns: []web.Column{{Label: r.T("mydata.earlier.value")}, {Label: r.T("mydata.earlier.set")}, {Label: r.T("mydata.earlier.ended")}}}}
		for _, past := range record.Past {
			if past.Field() != f {
				continue
			}
			cells, err := a.earlierCells(names, past)
			if err != nil {
				return nil, err
			}
			one.Table.Rows = append(one.Table.Rows, cells)
		}
		if len(one.Table.Rows) == 0 {
			continue
		}
		if f == person.IIN {
			one.Hidden = r.T("mydata.earlier.show")
		}
		now := a.valueText(r, record.Value(f))
		if now == "" {
			now = r.T("mydata.empty")
		}
		one.Now = web.Plain(r.T("mydata.earlier.now", i18n.Str("value", now)))
		if !record.State.Restricted {
			forget := linkButton(r, web.Secondary, "mydata.earlier.forget", r.Path(PathForget, "field", f.String()))
			one.Forget = &forget
		}
		out = append(out, one)
	}
	return out, nil
}

// earlierCells are an earlier value, who set it and who ended it.
func (a *accountPages) earlierCells(names *actorNames, past keeper.Past) ([]web.Cell, error) {
	set, err := names.since(past.Held)
	if err != nil {
		return nil, err
	}
	ended, err := names.ended(past)
	return []web.Cell{{Text: web.Plain(a.valueText(names.r, past.Value))}, {Text: web.Plain(set)}, {Text: web.Plain(ended)}}, err
}

// earlierTable is every earlier value, for the copy on paper.
func (a *accountPages) earlierTable(names *actorNames, list []keeper.Past) (web.Table, error) {
	r := names.r
	t := web.Table{Caption: r.T("mydata.earlier"), Quiet: true, Columns: []web.Column{{Label: r.T("mydata.earlier.field")}, {Label: r.T("mydata.earlier.value")},
		{Label: r.T("mydata.earlier.set")}, {Label: r.T("mydata.earlier.ended")}}, Empty: noEarlier(r)}
	for _, past := range list {
		cells, err := a.earlierCells(names, past)
		if err != nil {
			return t, err
		}
		t.Rows = append(t.Rows, append([]web.Cell{{Text: web.Plain(fieldLabel(r.Lang, past.Field()))}}, cells...))
	}
	return t, nil
}

func noEarlier(r *web.Request) *web.Empty {
	return &web.Empty{Title: r.T("mydata.earlier.none"), Text: web.Plain(r.T("mydata.earlier.none.text"))}
}

// forgotten is the field that the address names, if it is one of the profile.
func forgotten(r *web.Request) (person.Field, error) {
	f, known := person.FieldByName(r.PathValue("field"))
	if !known || !person.Set(person.Profile...).Has(f) {
		return 0, errs.New(errs.NotFound, "error.notfound")
	}
	return f, nil
}

func (a *accountPages) showForget(w http.ResponseWriter, r *web.Request, s account.Session) error {
	f, err := forgotten(r)
	if err != nil {
		return err
	}
	counts, err := a.Rights.Ended(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	_, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	if counts[f] == 0 || blocked {
		return r.SeeOther(w, r.Path(PathEarlier), "")
	}
	label := fieldLabel(r.Lang, f)
	sheet := web.NewSheet(r.Lang, r.Path(PathForget, "field", f.String()), r.T("mydata.forget.submit"))
	sheet.Cancel = backTo(r, "mydata.forget.cancel", PathEarlier)
	p := forgetPage{Title: r.T("mydata.forget.title", i18n.Str("field", label)), Clause: "6.1.2",
		Ask: web.NewConfirm(r.Lang, sheet, web.Plain(r.T("mydata.forget.undo")), web.Plain(r.T("mydata.forget.when")), nil,
			web.Plain(r.T("mydata.forget.what", i18n.Num("n", int64(counts[f])))), web.Plain(r.T("mydata.forget.stays")))}
	return a.forget.Send(w, r, web.Head{Title: p.Title, Back: backTo(r, "mydata.earlier", PathEarlier)}, p)
}

func (a *accountPages) doForget(w http.ResponseWriter, r *web.Request, s account.Session) error {
	f, err := forgotten(r)
	if err != nil {
		return err
	}
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Rights.Forget(r.Context(), s.Subject, f); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathEarlier), "forgotten")
}
