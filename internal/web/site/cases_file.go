package site

import (
	"io"
	"net/http"

	"ustaz/internal/account"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// filingPage is where a case begins: what it is, by which clause, within which term; then a form, or a question where it changes at once
// what happens to the data.
type filingPage struct {
	Title   string
	Lead    web.Text
	Notices []web.Notice
	Facts   web.Summary
	First   *firstChoice
	Notes   []web.Text
	Ask     *web.Confirm
	Sheet   *web.Sheet // nil where Ask has it
}

// firstChoice is what can be had without asking anybody.
type firstChoice struct {
	Title, Text string
	Acts        []web.Button
}

func (p *filingPage) sheet() *web.Sheet {
	if p.Ask != nil {
		return p.Ask.Sheet
	}
	return p.Sheet
}

// Names of inputs: those of a person's fields, so that errors find them.
var (
	wordsName = person.Words.String()
	filesName = person.File.String()
)

const doubtedName = "doubted"

// maxWords is how many characters somebody may write: those of Kazakh and Russian take two bytes each.
const maxWords = person.MaxWords / 2

// mostFiles is how many files of a form are read before the desk judges them.
const mostFiles = 50

// fileEndings are offered to choose from.
const fileEndings = ".pdf,.docx,.jpg,.jpeg,.png,.txt"

func wordsField(l i18n.Lang, label, hint string) *web.Field {
	return web.NewField(l, web.Area, wordsName, label).Must().Hinted(hint).UpTo(maxWords)
}

func filesField(l i18n.Lang) *web.Field {
	return web.NewField(l, web.FileField, filesName, l.T("cases.files")).
		Hinted(l.T("cases.files.hint", i18n.Num("n", desk.MaxFiles), i18n.Num("mb", desk.MaxFile>>20), i18n.Num("all", desk.MaxAllFiles>>20))).Taking(fileEndings).Severally()
}

func doubtedField(l i18n.Lang, label string) *web.Field {
	var options []web.Option
	for _, f := range person.Profile {
		options = append(options, web.Option{Value: f.String(), Text: fieldLabel(l, f)})
	}
	return web.NewField(l, web.Ticks, doubtedName, label).Of(options...)
}

// sentFiling is what a form about a case sent.
type sentFiling struct {
	web.Form
	filing desk.Filing
	files  []desk.Attachment
}

// readFiling reads the words, the doubted fields and, where the form takes them, the files. What is wrong is told of all of them together; the
// error is fatal where the form as a whole can't be read.
func readFiling(r *web.Request, k desk.Kind, files bool, more ...web.Input) (sentFiling, error) {
	sent := sentFiling{filing: desk.Filing{Kind: k, Lang: r.Lang.Code()}}
	inputs := append(more, web.Lines(wordsName, maxWords), web.Many(doubtedName))
	var err error
	if !files {
		sent.Form, err = r.Form(inputs...)
	} else if sent.Form, sent.files, err = readFiles(r, inputs...); err == nil {
		err = desk.Check(sent.files)
	}
	if fatal(err) {
		return sent, err
	}
	words, bad := parseInput(r, sent.Form, wordsName, person.Words)
	sent.filing.Words = words
	for _, name := range sent.All(doubtedName) {
		f, known := person.FieldByName(name)
		if !known {
			return sent, errs.New(errs.Invalid, "error.form")
		}
		sent.filing.Doubted |= person.Set(f)
	}
	return sent, together(err, bad)
}

// readFiles reads a form with files. A body larger than the route takes is told beside the files.
func readFiles(r *web.Request, inputs ...web.Input) (web.Form, []desk.Attachment, error) {
	ups, form, err := r.Uploads(filesName, mostFiles, desk.MaxFile, inputs...)
	if errs.Is(err, errs.TooLarge) {
		return form, nil, errs.InvalidFields([]errs.Field{{Name: filesName, Key: "desk.file.all"}})
	}
	if fatal(err) {
		return form, nil, err
	}
	var files []desk.Attachment
	for _, up := range ups {
		contents, broken := io.ReadAll(up)
		if broken != nil {
			return form, nil, errs.Wrap(errs.Internal, "error.internal", broken)
		}
		files = append(files, desk.Attachment{Name: up.Name, Contents: contents})
	}
	return form, files, err
}

// parseInput reads a value of a field from the input of a name; the error names the input.
func parseInput(r *web.Request, form web.Form, name string, f person.Field) (person.Value, error) {
	v, err := person.Parse(f, form.Get(name), r.Now)
	if err == nil {
		return v, nil
	}
	e := *errs.As(err)
	e.Fields = append([]errs.Field(nil), e.Fields...)
	for i := range e.Fields {
		e.Fields[i].Name = name
	}
	return person.Value{}, &e
}

// together is what is wrong with several inputs as one error, the first fault of each; an error of the form as a whole goes before.
func together(all ...error) error {
	var bad []errs.Field
	seen := map[string]bool{}
	for _, err := range all {
		if fatal(err) {
			return err
		}
		if err == nil {
			continue
		}
		for _, f := range errs.As(err).Fields {
			if !seen[f.Name] {
				seen[f.Name], bad = true, append(bad, f)
			}
		}
	}
	return errs.InvalidFields(bad)
}

// sendFiling shows the form; with err what is wrong with it. Nothing typed is lost; files, which no page can hold, have to be chosen again,
// and the page says so.
func (a *accountPages) sendFiling(w http.ResponseWriter, r *web.Request, p filingPage, back *web.Link, sent sentFiling, err error) error {
	if err != nil && !showFault(p.sheet(), err, sent.Form) {
		return err
	}
	if err != nil && len(sent.files) > 0 {
		chooseAgain(r, p.sheet())
	}
	if seconds := errs.As(err).Args["seconds"]; errs.Is(err, errs.TooMany) && seconds != "" {
		w.Header().Set("Retry-After", seconds)
	}
	return a.filing.Send(w, r, web.Head{Title: p.Title, Back: back, Err: onForm(err)}, p)
}

// chooseAgain says beside the files that they have to be chosen once more.
func chooseAgain(r *web.Request, s *web.Sheet) {
	for _, f := range s.Fields {
		if f.Name == filesName && f.Error == "" {
			f.Error = r.T("cases.files.again")
			s.Faults.Items = append(s.Faults.Items, web.Link{Text: f.Error, Href: "#" + f.ID()})
		}
	}
}

// kindFacts say by which clause or article a case stands, and within which term it is answered.
func (a *accountPages) kindFacts(r *web.Request, k desk.Kind) (web.Summary, error) {
	terms, err := a.terms(r)
	if err != nil {
		return web.Summary{}, err
	}
	t := terms.of(k)
	by := web.Text{clauseRun(r, k.Clause())}
	if source := basis(r.Lang, t); len(source) > 0 && !source[0].Clause {
		by = append(by, web.Run{Text: " "})
		by = append(by, source...)
	}
	return web.Summary{Rows: []web.Row{
		{Key: r.T("cases.by"), Value: by},
		{Key: r.T("cases.term"), Value: web.Plain(termText(r.Lang, t.Term)), Note: web.Plain(r.T("cases.within.note"))},
	}}, nil
}

// requestPage is the form of a request, a claim or a question of who is signed in.
func (a *accountPages) requestPage(r *web.Request, k desk.Kind) (filingPage, error) {
	l, name := r.Lang, "cases."+k.String()
	p := filingPage{Title: r.T(name + ".title"), Lead: web.Plain(r.T(name + ".what"))}
	var err error
	if p.Facts, err = a.kindFacts(r, k); err != nil {
		return p, err
	}
	if k == desk.Copy {
		p.First = &firstChoice{Title: r.T("cases.copy.now"), Text: r.T("cases.copy.now.text"), Acts: []web.Button{
			linkButton(r, web.Secondary, "mydata.take.json", r.Path(PathDataJSON)), linkButton(r, web.Secondary, "mydata.take.print", r.Path(PathDataPrint))}}
	}
	var fields []*web.Field
	if k == desk.Correction {
		fields = append(fields, doubtedField(l, r.T("cases.doubted")).Must())
	}
	fields = append(fields, wordsField(l, r.T(name+".words"), r.T("cases.words.hint")), filesField(l))
	p.Sheet = web.NewSheet(l, r.Path(PathRequest, "kind", k.String()), r.T("cases.submit"), fields...)
	p.Sheet.Cancel = backTo(r, "cases.cancel", PathRequests)
	return p, nil
}

// requestOf is the kind that the address names, and where its form stands: some have pages of their own.
func requestOf(r *web.Request) (k desk.Kind, elsewhere string, err error) {
	k, known := desk.KindByName(r.PathValue("kind"))
	if !known {
		return 0, "", noCase()
	}
	if at := requestPath(r, k); at != r.URL.Path {
		return k, at, nil
	}
	return k, "", nil
}

func (a *accountPages) showRequest(w http.ResponseWriter, r *web.Request, s account.Session) error {
	k, elsewhere, err := requestOf(r)
	if err != nil {
		return err
	}
	if elsewhere != "" {
		return r.SeeOther(w, elsewhere, "")
	}
	p, err := a.requestPage(r, k)
	if err != nil {
		return err
	}
	return a.sendFiling(w, r, p, backTo(r, "cases.begin", PathRequests), sentFiling{}, nil)
}

func (a *accountPages) doRequest(w http.ResponseWriter, r *web.Request, s account.Session) error {
	k, elsewhere, err := requestOf(r)
	if err == nil && elsewhere != "" {
		err = noCase()
	}
	if err != nil {
		return err
	}
	sent, err := readFiling(r, k, true)
	if fatal(err) {
		return err
	}
	if err == nil {
		var c *desk.Case
		if c, err = a.Cases.File(r.Context(), s.Subject, sent.filing); err == nil {
			return r.SeeOther(w, CasePage(r.Lang.Code(), c.Number), a.attached(r, s.Subject, c, sent.files, "case_filed"))
		}
	}
	p, broken := a.requestPage(r, k)
	if broken != nil {
		return broken
	}
	return a.sendFiling(w, r, p, backTo(r, "cases.begin", PathRequests), sent, err)
}

// attached adds the files to a case that was just filed, and names the notice that says how it went: the case stands, whatever becomes of
// the files.
func (a *accountPages) attached(r *web.Request, own person.ID, c *desk.Case, files []desk.Attachment, done string) string {
	if err := a.Cases.Attach(r.Context(), own, c.Number, files); err != nil {
		return "case_no_files"
	}
	return done
}

// blockPage asks before the data are blocked (6.2.4).
func (a *accountPages) blockPage(r *web.Request) (filingPage, error) {
	l := r.Lang
	terms, err := a.terms(r)
	if err != nil {
		return filingPage{}, err
	}
	sheet := web.NewSheet(l, r.Path(PathBlock), r.T("cases.block.submit"),
		doubtedField(l, r.T("cases.doubted")).Hinted(r.T("cases.block.doubted.hint")), wordsField(l, r.T("cases.block.words"), r.T("cases.words.hint")))
	sheet.Cancel = backTo(r, "cases.cancel", PathData)
	ask := web.NewConfirm(l, sheet, web.Plain(r.T("cases.block.undo")),
		web.Plain(r.T("cases.block.when", i18n.Str("check", termText(l, terms.of(desk.Block).Term)), i18n.Str("lift", termText(l, terms.of(desk.Lifting).Term)))),
		[]string{r.T("cases.block.data")},
		web.Plain(r.T("cases.block.stop")), web.Plain(r.T("cases.block.open")), web.Plain(r.T("cases.block.works")), web.Plain(r.T("cases.block.end")))
	return filingPage{Title: r.T("cases.block.title"), Lead: web.Text{{Text: r.T("cases.block.what") + " "}, clauseRun(r, "6.2.4")}, Ask: &ask}, nil
}

func (a *accountPages) showBlock(w http.ResponseWriter, r *web.Request, _ account.Session) error {
	p, err := a.blockPage(r)
	if err != nil {
		return err
	}
	return a.sendFiling(w, r, p, backTo(r, "mydata.title", PathData), sentFiling{}, nil)
}

// doBlock files the application; from its commit the data are blocked everywhere.
func (a *accountPages) doBlock(w http.ResponseWriter, r *web.Request, s account.Session) error {
	sent, err := readFiling(r, desk.Block, false)
	if fatal(err) {
		return err
	}
	if err == nil {
		var c *desk.Case
		if c, err = a.Cases.File(r.Context(), s.Subject, sent.filing); err == nil {
			return r.SeeOther(w, CasePage(r.Lang.Code(), c.Number), "case_blocked")
		}
	}
	p, broken := a.blockPage(r)
	if broken != nil {
		return broken
	}
	return a.sendFiling(w, r, p, backTo(r, "mydata.title", PathData), sent, err)
}
