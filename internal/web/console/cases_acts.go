package console

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/paper"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// words reads what was written into an input.
func (v *visit) words(form web.Form, name string) (person.Value, error) {
	value, err := person.Parse(person.Words, form.Get(name), v.Now)
	if err != nil {
		return value, toInput(err, person.Words.String(), name)
	}
	return value, nil
}

// fault is one wrong input.
func fault(input, key string) error { return errs.InvalidFields([]errs.Field{{Name: input, Key: key}}) }

// faults gathers what is wrong with several inputs; nil where nothing is. What is no matter of an input goes before.
func faults(list ...error) error {
	var bad []errs.Field
	for _, err := range list {
		if err == nil {
			continue
		}
		e := errs.As(err)
		if len(e.Fields) == 0 {
			return err
		}
		bad = append(bad, e.Fields...)
	}
	return errs.InvalidFields(bad)
}

// settleCase ends an act of a case's page: back to the page where it went well, or the page with the fault.
func (c *console) settleCase(w http.ResponseWriter, v *visit, act string, form web.Form, err error, done string) error {
	if err != nil {
		return c.sendCase(w, v, &formFault{act, form, err})
	}
	return v.SeeOther(w, v.to(PathCase, nil, "number", v.PathValue("number")), done)
}

func (c *console) writeToParties(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Lines("message", person.MaxWords))
	if err == nil {
		var words person.Value
		if words, err = v.words(form, "message"); err == nil {
			err = c.Cases.Write(v.Context(), v.officer(), v.PathValue("number"), words)
		}
	}
	return c.settleCase(w, v, actWrite, form, err, "case-written")
}

// recordCheck writes down what was doubted and what was found (6.2.4): two questions, one record that both sides see.
func (c *console) recordCheck(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Lines("doubt", person.MaxWords), web.Lines("finding", person.MaxWords))
	if err == nil {
		err = c.check(v, form)
	}
	return c.settleCase(w, v, actCheck, form, err, "case-checked")
}

func (c *console) check(v *visit, form web.Form) error {
	_, doubt := v.words(form, "doubt")
	_, finding := v.words(form, "finding")
	if err := faults(doubt, finding); err != nil {
		return err
	}
	both, err := person.Parse(person.Words, v.T("casework.check.record.doubt")+"\n"+form.Get("doubt")+"\n\n"+v.T("casework.check.record.finding")+"\n"+
		form.Get("finding"), v.Now)
	if err != nil {
		return toInput(err, person.Words.String(), "finding")
	}
	return c.Cases.Found(v.Context(), v.officer(), v.PathValue("number"), both)
}

func (c *console) attachToCase(w http.ResponseWriter, v *visit) error {
	file, form, err := v.Upload("file", desk.MaxFile)
	if errs.Is(err, errs.TooLarge) {
		err = fault("file", "desk.file.big")
	}
	if err == nil {
		var contents []byte
		if contents, err = io.ReadAll(file); err != nil {
			return errs.Wrap(errs.Internal, "error.internal", err)
		}
		err = c.Cases.AttachFor(v.Context(), v.officer(), v.PathValue("number"), []desk.Attachment{{Name: file.Name, Contents: contents}})
	}
	return c.settleCase(w, v, actAttach, form, err, "case-attached")
}

// Names of inputs of a correction that are not those of a field.
const (
	otherPosition     = "other"
	otherPositionName = "position_words"
)

// correctFields are the inputs for what the officer may set right.
func (v *visit) correctFields(fields []person.Field) []*web.Field {
	l := v.Lang
	var out []*web.Field
	choice := func(o person.Choice) web.Option { return web.Option{Value: o.Code, Text: v.T(o.Key)} }
	for _, f := range fields {
		field := func(kind web.Kind) *web.Field {
			w := web.NewField(l, kind, f.String(), heading(v.T("field."+f.String()))).Fills("off")
			out = append(out, w)
			return w
		}
		switch f {
		case person.Place:
			field(web.Lookup).From(v.Path(PathCasePlaces)).Hinted(v.T("casework.correct.place"))
		case person.Workplace:
			field(web.Select).Of(options(person.Workplaces(), choice)...)
		case person.Position:
			field(web.Select).Of(append(options(person.Positions(), choice), web.Option{Value: otherPosition, Text: v.T("position.other")})...)
			out = append(out, web.NewField(l, web.TextField, otherPositionName, v.T("casework.correct.position")).Fills("off"))
		case person.ServiceSince:
			field(web.TextField).Hinted(v.T("casework.correct.since"))
		case person.IIN:
			field(web.Digits)
		case person.Phone:
			field(web.TelField)
		default:
			field(web.TextField)
		}
	}
	return out
}

func (c *console) correctFields(w http.ResponseWriter, v *visit) error {
	k, err := c.Cases.Case(v.Context(), v.PathValue("number"))
	if err != nil {
		return err
	}
	inputs := []web.Input{web.Line(otherPositionName), web.Line(person.Place.String() + web.CodeEnding)}
	for _, f := range person.Profile {
		inputs = append(inputs, web.Line(f.String()))
	}
	form, err := v.Form(inputs...)
	if err == nil {
		var values []person.Value
		if values, err = c.corrections(v, correctable(k), form); err == nil {
			err = c.Cases.Correct(v.Context(), v.officer(), k.Number, values)
		}
	}
	return c.settleCase(w, v, actCorrect, form, err, "case-corrected")
}

// corrections reads what was filled in; what is left empty stays as it is.
func (c *console) corrections(v *visit, fields []person.Field, form web.Form) ([]person.Value, error) {
	var out []person.Value
	var bad []error
	for _, f := range fields {
		raw := strings.TrimSpace(form.Get(f.String()))
		if raw == "" {
			continue
		}
		switch {
		case f == person.Position && raw == otherPosition:
			raw = person.OtherPosition + form.Get(otherPositionName)
		case f == person.Place:
			code, found := c.placeCode(v, raw, form.Get(f.String()+web.CodeEnding))
			if !found {
				bad = append(bad, fault(f.String(), "casework.correct.place.none"))
				continue
			}
			raw = code
		}
		value, err := person.Parse(f, raw, v.Now)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		out = append(out, value)
	}
	if len(out) == 0 && len(bad) == 0 && len(fields) > 0 {
		bad = append(bad, fault(fields[0].String(), "casework.correct.none"))
	}
	return out, faults(bad...)
}

// placesOffered is how many places a search offers.
const placesOffered = 10

// placeCode understands a place that was chosen from the suggestions, or written out whole.
func (c *console) placeCode(v *visit, text, code string) (string, bool) {
	tree, lang := c.Places.Tree(), v.Lang.Code()
	if code != "" && tree.PathName(code, lang) == text {
		return code, true
	}
	found := tree.Search(text, lang, placesOffered)
	for _, m := range found {
		if len(found) == 1 || strings.EqualFold(m.Path, text) {
			return m.Place.Code, true
		}
	}
	return "", false
}

// suggestion is an answer for a field with suggestions.
type suggestion struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

// findPlaces answers the script of the place field (3.2.5).
func (c *console) findPlaces(w http.ResponseWriter, v *visit) error {
	out := []suggestion{}
	for _, m := range c.Places.Tree().Search(v.query.Get("q"), v.Lang.Code(), placesOffered) {
		out = append(out, suggestion{m.Place.Code, m.Path})
	}
	return v.JSON(w, out)
}

func (c *console) acceptProof(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("seen"))
	if err == nil && form.Get("seen") == "" {
		err = fault("seen", "casework.proof.tick")
	}
	if err == nil {
		err = c.Cases.AcceptProof(v.Context(), v.officer(), v.PathValue("number"))
	}
	return c.settleCase(w, v, actProof, form, err, "case-proven")
}

func (c *console) answerCase(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("outcome"), web.Line("article"), web.Lines("answer", person.MaxWords))
	if err == nil {
		err = c.answer(v, form)
	}
	return c.settleCase(w, v, actAnswer, form, err, "case-answered")
}

func (c *console) answer(v *visit, form web.Form) error {
	words, err := v.words(form, "answer")
	if err != nil && strings.TrimSpace(form.Get("answer")) != "" {
		return err // too long, or no text
	}
	outcome, _ := desk.OutcomeByName(form.Get("outcome")) // one that is none the desk refuses, beside its field
	err = c.Cases.Answer(v.Context(), v.officer(), v.PathValue("number"), outcome, strings.TrimSpace(form.Get("article")), words)
	if err == nil {
		return nil
	}
	e := errs.As(toInput(err, person.Words.String(), "answer"))
	for i := range e.Fields {
		if e.Fields[i].Name == "outcome" && form.Get("outcome") == "" {
			e.Fields[i].Key = "casework.answer.outcome.none"
		}
	}
	return e
}

// destroyPage says what destroying does before it is done.
func (c *console) destroyPage(v *visit, k *desk.Case) (confirmPage, error) {
	what := []web.Text{web.Plain(v.T("casework.destroy.what.key")), web.Plain(v.T("casework.destroy.what.cases")), web.Plain(v.T("casework.destroy.what.block")),
		web.Plain(v.T("casework.destroy.what.stays"))}
	holds, err := c.Cases.Blockers(v.Context(), k.Concerned)
	if err != nil {
		return confirmPage{}, err
	}
	for _, key := range holds {
		if k.Kind == desk.Block && key == "desk.blocker.blocked" {
			continue // it is this application that holds them
		}
		what = append(what, web.Plain(v.T(key)))
	}
	fields := []*web.Field{}
	if k.Applicant != 0 && k.Applicant != k.Concerned {
		fields = append(fields, web.NewField(v.Lang, web.Area, "answer", v.T("casework.destroy.words")).Must().UpTo(person.MaxWords))
	}
	fields = append(fields, web.NewField(v.Lang, web.TextField, "number", v.T("casework.destroy.number")).Must().
		Hinted(v.T("casework.destroy.number.hint")).Fills("off").UpTo(20))
	sheet := web.NewSheet(v.Lang, v.to(PathCaseDestroy, nil, "number", k.Number), v.T("casework.destroy.submit"), fields...)
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathCase, nil, "number", k.Number)}
	names := make([]string, 0, len(person.Profile))
	for _, f := range person.Profile {
		names = append(names, v.T("field."+f.String()))
	}
	return confirmPage{Chrome: c.chrome(v), Title: v.T("casework.destroy.title", i18n.Str("number", k.Number)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("casework.destroy.undo")), web.Plain(v.T("casework.destroy.when")), names, what...)}, nil
}

// toDestroy is the case of the address, if it may end so.
func (c *console) toDestroy(v *visit) (*desk.Case, error) {
	k, err := c.Cases.Case(v.Context(), v.PathValue("number"))
	switch {
	case err != nil:
		return nil, err
	case k.Status != desk.Open:
		return nil, errs.New(errs.Conflict, "desk.closed")
	case !destroyable(k):
		return nil, errs.New(errs.Conflict, "desk.outcome")
	}
	return k, nil
}

func (c *console) askDestroy(w http.ResponseWriter, v *visit) error {
	k, err := c.toDestroy(v)
	if err != nil {
		return err
	}
	p, err := c.destroyPage(v, k)
	if err != nil {
		return err
	}
	return c.sendConfirm(w, v, p, nil)
}

// destroy erases the person concerned. That the officer means this very case is shown by its number, written out.
func (c *console) destroy(w http.ResponseWriter, v *visit) error {
	k, err := c.toDestroy(v)
	if err != nil {
		return err
	}
	form, failed := v.Form(web.Line("number"), web.Lines("answer", person.MaxWords))
	if failed == nil {
		failed = c.doDestroy(v, k, form)
	}
	if failed == nil {
		return v.SeeOther(w, v.to(PathCase, nil, "number", k.Number), "case-destroyed")
	}
	p, err := c.destroyPage(v, k)
	if err != nil {
		return err
	}
	for _, f := range p.Confirm.Sheet.Fields {
		if f.Name == "answer" {
			f.Holding(form.Get("answer"))
		}
	}
	return c.sendConfirm(w, v, p, failed)
}

func (c *console) doDestroy(v *visit, k *desk.Case, form web.Form) error {
	var number, said error
	if strings.TrimSpace(form.Get("number")) != k.Number {
		number = fault("number", "casework.destroy.number.wrong")
	}
	var words person.Value
	if k.Applicant != 0 && k.Applicant != k.Concerned {
		words, said = v.words(form, "answer")
	}
	if err := faults(said, number); err != nil {
		return err
	}
	return c.Cases.Destroy(v.Context(), v.officer(), k.Number, words)
}

func fileText(id int64) string { return strconv.FormatInt(id, 10) }

// sendCaseFile gives a file of a case to be saved: it is never shown by the site.
func (c *console) sendCaseFile(w http.ResponseWriter, v *visit) error {
	id, err := strconv.ParseInt(v.PathValue("file"), 10, 64)
	if err != nil {
		return errNoFile
	}
	f, contents, err := c.Cases.FileForOfficer(v.Context(), v.officer(), v.PathValue("number"), id)
	if err != nil {
		return err
	}
	return v.File(w, f.Name.Reveal(), f.Type, contents)
}

func (c *console) sendReceipt(w http.ResponseWriter, v *visit) error {
	view, err := c.Cases.ForOfficer(v.Context(), v.officer(), v.PathValue("number"))
	if err != nil {
		return err
	}
	d := view.Receipt(v.Lang, v.Issuer(), view.Names[view.Applicant].Whole(), c.Cases.CertificateCode(&view.Case), paper.Check{})
	return v.Paper(w, "receipt-"+view.Number+".pdf", d)
}

func (c *console) sendAnswer(w http.ResponseWriter, v *visit) error {
	view, err := c.Cases.ForOfficer(v.Context(), v.officer(), v.PathValue("number"))
	if err != nil {
		return err
	}
	d, answered := view.AnswerPaper(v.Lang, v.Issuer(), view.Names[view.Applicant].Whole())
	if !answered {
		return errNoFile
	}
	return v.Paper(w, "answer-"+view.Number+".pdf", d)
}

// exportCase gives the case file for a court (8.3). It is made whole before a byte of it is sent: a case's files are 50 MB at the most.
func (c *console) exportCase(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	number := v.PathValue("number")
	var b bytes.Buffer
	if err := c.Cases.CaseFile(v.Context(), v.officer(), number, v.Lang, v.Issuer(), &b); err != nil {
		return err
	}
	return v.File(w, "case-"+number+".zip", "application/zip", b.Bytes())
}
