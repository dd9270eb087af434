package site

import (
	"net/http"
	"strconv"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/profile"
	"ustaz/internal/rights"
	"ustaz/internal/web"
)

// profilePage is the form of clause 3.2: its eight groups and nothing else.
type profilePage struct {
	Notices []web.Notice
	Meter   web.Meter
	Confirm *web.Post // declares, without a change, that all is still true (4.1.5)
	Email   web.Summary
	Sheet   *web.Sheet
}

// Names of inputs that are not those of a field.
const (
	removeName      = "iin_remove"
	placeChoiceName = "place_choice" // what was chosen among the places found
	placeAskedName  = "place_asked"  // for which words they were found
	otherName       = "position_other"
	yearsName       = "service_years"
	monthsName      = "service_months"
	declaredName    = "declared"
)

// otherPosition is the choice beside the list of positions.
const otherPosition = "other"

func fieldLabel(l i18n.Lang, f person.Field) string { return l.T("profile.page." + f.String()) }

// profileForm makes the form, holding what is stored. Every field says why it is asked, by which clause, whether it is required, who set it
// and when.
func (a *accountPages) profileForm(r *web.Request, open *profile.Page) (*profilePage, error) {
	l := r.Lang
	shown := a.shownValues(r, open)
	setters := a.names(r)
	var fields []*web.Field
	for _, spec := range []struct {
		kind web.Kind
		f    person.Field
		name string
		more func(*web.Field)
	}{
		{web.TextField, person.Surname, "surname", func(w *web.Field) { w.Fills("family-name") }},
		{web.TextField, person.GivenName, "given_name", func(w *web.Field) { w.Fills("given-name") }},
		{web.Digits, person.IIN, "iin", func(w *web.Field) { w.Fills("off") }},
		{web.TelField, person.Phone, "phone", func(w *web.Field) { w.Fills("tel") }},
		{web.Lookup, person.Place, "place", func(w *web.Field) { w.From(r.Path(PathPlaces)).Fills("off").Chose(shown["place"+web.CodeEnding]) }},
		{web.Select, person.Workplace, "workplace", func(w *web.Field) { w.Of(options(l, person.Workplaces())...) }},
		{web.Select, person.Position, "position", func(w *web.Field) {
			w.Of(append(options(l, person.Positions()), web.Option{Value: otherPosition, Text: l.T("position.other")})...)
		}},
		{web.Digits, person.ServiceSince, yearsName, func(w *web.Field) { w.Label = web.Plain(l.T("profile.page." + yearsName)) }},
	} {
		w := web.NewField(l, spec.kind, spec.name, fieldLabel(l, spec.f)).Because(spec.f.Clause(), l.T("profile.page."+spec.f.String()+".why")).Holding(shown[spec.name])
		if profile.Required(spec.f) {
			w.Must()
		}
		if spec.more != nil {
			spec.more(w)
		}
		hint, err := a.fieldHint(r, open, spec.f, setters)
		if err != nil {
			return nil, err
		}
		w.Hinted(hint)
		fields = append(fields, w)
		switch held, has := open.Record.Get(spec.f); {
		case spec.f == person.IIN && has && !held.IsZero():
			fields = append(fields, web.NewField(l, web.Tick, removeName, l.T("profile.page.iin.remove")).Hinted(l.T("profile.page.iin.remove.hint")))
		case spec.f == person.Position:
			fields = append(fields, web.NewField(l, web.TextField, otherName, l.T("profile.page.position.words")).
				Hinted(l.T("profile.page.position.words.hint")).Holding(shown[otherName]))
		case spec.f == person.ServiceSince:
			fields = append(fields, web.NewField(l, web.Digits, monthsName, l.T("profile.page.service_months")).Holding(shown[monthsName]))
		}
	}
	fields = append(fields, web.NewField(l, web.Tick, declaredName, "").Must().
		Labelled(append(web.Plain(l.T("profile.page.declare")+" "), clauseRun(r, "2.4"))))
	p := &profilePage{
		Meter: web.Meter{Label: l.T("my.meter"), Said: l.T("my.meter.said", i18n.Num("held", int64(open.Held)), i18n.Num("all", int64(open.All))), Done: open.Held, Of: open.All},
		Sheet: web.NewSheet(l, r.Path(PathProfile), l.T("profile.page.submit"), fields...),
	}
	p.Sheet.Cancel = backTo(r, "profile.page.cancel", web.PathMy)
	if err := a.emailRow(r, open, p, setters); err != nil {
		return nil, err
	}
	if open.Reconfirm {
		p.Notices = append(p.Notices, web.NewNotice(l, web.Warn, l.T("my.reconfirm"), web.Plain(l.T("profile.page.reconfirm", i18n.Day("at", open.DeclaredAt)))))
		p.Confirm = &web.Post{Action: r.Path(PathProfileConfirm), Button: web.Button{Text: l.T("profile.page.still"), Style: web.Secondary}}
	}
	for _, key := range person.IINHints(open.Record.Value(person.IIN)) {
		p.Notices = append(p.Notices, web.NewNotice(l, web.Info, "", web.Plain(l.T(key))))
	}
	return p, nil
}

// emailRow shows the address; it is changed by a way of its own, which proves the new one first (3.2.2).
func (a *accountPages) emailRow(r *web.Request, open *profile.Page, p *profilePage, setters *actorNames) error {
	held, _ := open.Record.Get(person.Email)
	note, err := setters.since(held)
	if err != nil {
		return err
	}
	p.Email = web.Summary{Rows: []web.Row{{Key: fieldLabel(r.Lang, person.Email), Value: web.Plain(held.Reveal()), Note: web.Plain(note),
		Act: &web.RowAct{Text: r.T("security.change"), About: r.T("security.email"), Href: r.Path(PathEmail)}}}}
	return nil
}

// fieldHint is how to fill a field in, and who set what it holds and when (2.4).
func (a *accountPages) fieldHint(r *web.Request, open *profile.Page, f person.Field, setters *actorNames) (string, error) {
	hint := ""
	if key := "profile.page." + f.String() + ".hint"; f != person.Surname && f != person.GivenName && f != person.Workplace {
		hint = r.T(key)
	}
	held, has := open.Record.Get(f)
	if !has {
		return hint, nil
	}
	if f == person.IIN {
		hint = r.T("profile.page.iin.held", i18n.Str("masked", held.Masked()))
	}
	since, err := setters.since(held)
	if hint != "" {
		hint += " "
	}
	return hint + since, err
}

func options(l i18n.Lang, choices []person.Choice) []web.Option {
	out := make([]web.Option, len(choices))
	for i, c := range choices {
		out[i] = web.Option{Value: c.Code, Text: l.T(c.Key)}
	}
	return out
}

// shownValues are the values as the form shows them, by the inputs' names. What comes back the same was not changed. The IIN is not among
// them: it shows masked, and an empty input leaves it as it is (3.2.3).
func (a *accountPages) shownValues(r *web.Request, open *profile.Page) map[string]string {
	out := map[string]string{}
	for _, held := range open.Record.All() {
		text := held.Reveal()
		switch held.Field() {
		case person.Surname, person.GivenName, person.Workplace:
			out[held.Field().String()] = text
		case person.Phone:
			out["phone"] = person.PhoneText(text)
		case person.Place:
			out["place"], out["place"+web.CodeEnding] = a.Places.Tree().PathName(text, r.Lang.Code()), text
		case person.Position:
			out["position"] = text
			if words, free := person.FreePosition(held.Value); free {
				out["position"], out[otherName] = otherPosition, words
			}
		case person.ServiceSince:
			years, months := person.Service(held.Value, r.Now)
			out[yearsName], out[monthsName] = strconv.Itoa(years), strconv.Itoa(months)
		}
	}
	return out
}

// sendBlocked stands in the profile's place while the data are blocked (6.2.4): what that means, since when, and where they can be seen.
func (a *accountPages) sendBlocked(w http.ResponseWriter, r *web.Request, own person.ID, block rights.Block) error {
	_, since, err := a.holding(r, own, block)
	if err != nil {
		return err
	}
	said := web.Plain(r.T("profile.page.blocked"))
	if !since.IsZero() {
		said = web.Plain(r.T("profile.page.blocked.since", i18n.Moment("at", since)))
	}
	return a.sendMessage(w, r, messagePage{Title: r.T("my.blocked"), Lead: append(said, web.Run{Text: " "}, clauseRun(r, "6.2.4")),
		Notes: []web.Text{web.Plain(r.T("profile.page.blocked.means")), web.Plain(r.T("profile.page.blocked.until"))},
		Acts:  []web.Button{linkButton(r, web.Primary, "mydata.title", r.Path(PathData)), linkButton(r, web.Secondary, "frame.contact", r.Path(web.PathContact))}})
}

func (a *accountPages) showProfile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	block, blocked, err := a.Rights.Blocked(r.Context(), s.Subject)
	if err != nil {
		return err
	}
	if blocked {
		return a.sendBlocked(w, r, s.Subject, block)
	}
	open, err := a.Profiles.Open(r.Context(), s.Subject, s.Once("profile"))
	if err != nil {
		return err
	}
	p, err := a.profileForm(r, open)
	if err != nil {
		return err
	}
	return a.sendProfile(w, r, p, nil)
}

func (a *accountPages) sendProfile(w http.ResponseWriter, r *web.Request, p *profilePage, err error) error {
	return a.profile.Send(w, r, web.Head{Title: r.T("profile.page.title"), Back: backTo(r, "my.title", web.PathMy), Err: err}, *p)
}

func (a *accountPages) doProfileConfirm(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Profiles.Confirm(r.Context(), s.Subject); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathProfile), "profile_confirmed")
}

// doProfile saves what was changed, and only that: the log then says which fields it was.
func (a *accountPages) doProfile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	var inputs []web.Input
	for _, name := range []string{"surname", "given_name", "iin", removeName, "phone", "place", "place" + web.CodeEnding, placeChoiceName, placeAskedName,
		"workplace", "position", otherName, yearsName, monthsName, declaredName} {
		inputs = append(inputs, web.Line(name))
	}
	form, err := r.Form(inputs...)
	if fatal(err) {
		return err
	}
	open, broken := a.Profiles.Open(r.Context(), s.Subject, s.Once("profile"))
	if broken != nil {
		return broken
	}
	p, broken := a.profileForm(r, open)
	if broken != nil {
		return broken
	}
	sent := sentProfile{form: form, shown: a.shownValues(r, open), raw: map[person.Field]string{}, r: r, tree: a.Places.Tree(), sheet: p.Sheet}
	if err == nil {
		err = a.saveProfile(r, s, &sent)
	}
	if err != nil {
		if !p.Sheet.Show(inInputs(err), form) {
			return err
		}
		sent.keepPlace()
		return a.sendProfile(w, r, p, err)
	}
	return r.SeeOther(w, r.Path(PathProfile), "profile_saved")
}

func (a *accountPages) saveProfile(r *web.Request, s account.Session, sent *sentProfile) error {
	sent.read()
	declared := sent.form.Get(declaredName) == "1"
	if len(sent.faults) > 0 { // Save can't be asked: tell what it would say beside
		sent.check()
		if !declared {
			sent.faults = append(sent.faults, errs.Field{Name: declaredName, Key: "profile.declare"})
		}
		return errs.InvalidFields(sent.faults)
	}
	if len(sent.raw) == 0 && declared {
		return a.Profiles.Confirm(r.Context(), s.Subject)
	}
	_, err := a.Profiles.Save(r.Context(), s.Subject, sent.raw, declared)
	return err
}

// inInputs names the inputs of the form in an error that names fields.
func inInputs(err error) error {
	e := *errs.As(err)
	e.Fields = append([]errs.Field(nil), e.Fields...)
	for i := range e.Fields {
		switch e.Fields[i].Name {
		case person.ServiceSince.String():
			e.Fields[i].Name = yearsName
		case person.Position.String():
			if e.Fields[i].Key != "person.position" {
				e.Fields[i].Name = otherName // a fault of the free words
			}
		}
	}
	return &e
}
