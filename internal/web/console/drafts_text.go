package console

import (
	"net/http"
	"strings"

	"ustaz/internal/draft"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

func (c *console) draftUploadPage(v *drafting) formPage {
	languages := options(policy.Languages, func(lang string) web.Option { return web.Option{Value: lang, Text: v.T("draft.text." + lang)} })
	sheet := v.carry(web.NewSheet(v.Lang, v.of(PathDraftUpload), v.T("draft.upload.send"),
		web.NewField(v.Lang, web.Select, "doc", v.T("draft.upload.language")).Hinted(v.T("draft.upload.language.hint")).Of(languages...),
		web.NewField(v.Lang, web.FileField, "file", v.T("draft.upload.file")).Must().Hinted(v.T("draft.upload.hint", i18n.Num("n", policy.MaxImport>>20))).Taking(".docx,.md,.markdown,.txt")))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraft)}
	return formPage{Title: v.T("draft.upload.title"), Lead: v.T("draft.upload.lead"), Sheet: sheet}
}

func (c *console) askUpload(w http.ResponseWriter, v *drafting) error {
	return c.sendForm(w, v.visit, c.draftUploadPage(v), web.Form{}, nil)
}

func (c *console) uploadDraft(w http.ResponseWriter, v *drafting) error {
	file, form, err := v.Upload("file", policy.MaxImport+1, web.Line("doc"), web.Line(stepInput))
	if errs.Is(err, errs.TooLarge) {
		err = tooLargeToImport
	}
	var at draft.At
	if err == nil {
		at, err = v.seen(form)
	}
	var lang string
	if err == nil {
		lang, err = c.Drafts.Import(v.Context(), v.Viewer.Subject, at, file, file.Name, form.Get("doc"))
	}
	if err != nil {
		return c.sendForm(w, v.visit, c.draftUploadPage(v), form, onField("file", err))
	}
	return v.SeeOther(w, v.of(PathDraftText, "doc", lang), "draft_imported")
}

// tooLargeToImport is what policy.Import says of a file that the frame has not even read to its end.
var tooLargeToImport = errs.New(errs.TooLarge, "policy.import.too_large").With("limit", "20")

// onField puts an error that is about what one field holds onto it.
func onField(name string, err error) error {
	if e := errs.As(err); (e.Kind == errs.Invalid || e.Kind == errs.TooLarge) && len(e.Fields) == 0 && e.Key != "error.form" {
		return errs.InvalidFields([]errs.Field{{Name: name, Key: e.Key, Args: e.Args}})
	}
	return err
}

// draftTextPage is a document of a draft, clause by clause, with what its import found.
type draftTextPage struct {
	Chrome   chrome
	Title    string
	Lang     string
	Open     bool
	Notices  []web.Notice
	Warnings []string
	Repairs  web.Table
	Head     partView
	Preamble []string
	Parts    []partView
	Acts     []web.Button
	LeaveOut *web.Post
}

// partView is a section or a clause in its place.
type partView struct {
	No, Text, Href, About string
	Items                 []string
	Section               bool
}

// theDoc is the document that the address names.
func (v *drafting) theDoc() (*policy.Document, error) {
	doc := v.d.Docs[v.PathValue("doc")]
	if doc == nil {
		return nil, errs.New(errs.NotFound, "draft.unknown")
	}
	return doc, nil
}

func (c *console) showDraftText(w http.ResponseWriter, v *drafting) error {
	doc, err := v.theDoc()
	if err != nil {
		return err
	}
	open := v.d.State == draft.Open
	p := draftTextPage{Chrome: c.chrome(v.visit), Title: v.T("draft.text." + doc.Lang), Lang: doc.Lang, Open: open, Preamble: doc.Preamble,
		Head: partView{Text: doc.Title, Href: v.of(PathDraftHead, "doc", doc.Lang), About: v.T("policy.part.title")}}
	if err := doc.Validate(); err != nil {
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Warn, "", web.Plain(v.Lang.Error(err))))
	}
	if found := v.d.Found[doc.Lang]; found != nil {
		p.Warnings, p.Repairs = v.found(found)
		style, text := web.Good, v.T("draft.found", i18n.Msg("format", "draft.format."+string(found.Format)))
		if len(p.Warnings) > 0 {
			style = web.Warn
		}
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, style, "", web.Plain(text)))
	}
	part := func(no, text string, items []string) partView {
		return partView{No: no, Text: text, Items: items, Section: !strings.Contains(no, "."), Href: v.of(PathDraftPart, "doc", doc.Lang, "part", no), About: no}
	}
	for _, s := range doc.Sections {
		p.Parts = append(p.Parts, part(s.No, s.Title, nil))
		for _, clause := range s.Clauses {
			p.Parts = append(p.Parts, part(clause.No, clause.Text, clause.Items))
		}
	}
	if open {
		p.Acts = []web.Button{{Text: v.T("draft.add"), Href: v.of(PathDraftAdd, "doc", doc.Lang), Style: web.Secondary},
			{Text: v.T("draft.upload"), Href: v.of(PathDraftUpload), Style: web.Secondary}}
		if len(v.d.Docs) > 1 {
			leave := v.post(v.of(PathDraftLeaveOut, "doc", doc.Lang), v.T("draft.leave_out"), web.Bare)
			p.LeaveOut = &leave
		}
	}
	return c.draftText.Send(w, v.Request, web.Head{Title: p.Title, Wide: true, Back: v.back()}, p)
}

// found says what an import met: warnings in sentences, repairs in a table.
func (v *drafting) found(im *policy.Imported) (warnings []string, repairs web.Table) {
	for _, warning := range im.Warnings {
		text := v.T(warning.Key, i18n.Args(warning.Args)...)
		if warning.Line > 0 {
			text = v.T("draft.line", i18n.Num("n", int64(warning.Line))) + " " + text
		}
		warnings = append(warnings, text)
	}
	repairs = web.Table{Caption: v.T("draft.repairs"), Columns: []web.Column{{Label: v.T("draft.repair")}, {Label: v.T("draft.repair.count"), Number: true},
		{Label: v.T("draft.repair.line"), Number: true}, {Label: v.T("draft.repair.before")}, {Label: v.T("draft.repair.after")}}}
	for _, r := range im.Repairs {
		repairs.Rows = append(repairs.Rows, []web.Cell{{Text: web.Plain(v.T(r.Kind.Key()))}, {Text: web.Plain(v.Lang.Number(int64(r.Count)))},
			{Text: web.Plain(v.Lang.Number(int64(r.Line)))}, {Text: web.Plain(repairedText(r.Before))}, {Text: web.Plain(repairedText(r.After))}})
	}
	return warnings, repairs
}

// repairedText is a repaired text, or a dash where only the count says something.
func repairedText(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func (c *console) leaveOut(w http.ResponseWriter, v *drafting) error {
	_, at, err := v.sent()
	if err == nil {
		err = c.Drafts.LeaveOut(v.Context(), v.Viewer.Subject, at, v.PathValue("doc"))
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathDraft), "draft_saved")
}

// draftPartPage is a form for one part of a document, with what else can be done about it.
type draftPartPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Sheet  *web.Sheet
	Posts  []web.Post
}

// Lengths that the forms take, in characters.
const (
	maxPartText   = 20_000
	maxPartNumber = 24
)

func (c *console) draftHeadForm(v *drafting, doc *policy.Document) draftPartPage {
	sheet := v.carry(web.NewSheet(v.Lang, v.of(PathDraftHead, "doc", doc.Lang), v.T("draft.save"),
		web.NewField(v.Lang, web.TextField, "title", v.T("policy.part.title")).Must().Holding(doc.Title).Fills("off"),
		web.NewField(v.Lang, web.Area, "preamble", v.T("policy.part.preamble")).Hinted(v.T("draft.preamble.hint")).Holding(strings.Join(doc.Preamble, "\n\n")).UpTo(maxPartText)))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraftText, "doc", doc.Lang)}
	return draftPartPage{Title: v.T("draft.head"), Lead: v.T("draft.text." + doc.Lang), Sheet: sheet}
}

func (c *console) showHead(w http.ResponseWriter, v *drafting) error {
	doc, err := v.theDoc()
	if err != nil {
		return err
	}
	return c.sendPart(w, v, c.draftHeadForm(v, doc), web.Form{}, nil)
}

func (c *console) saveHead(w http.ResponseWriter, v *drafting) error {
	doc, err := v.theDoc()
	if err != nil {
		return err
	}
	form, at, err := v.sent(web.Line("title"), web.Lines("preamble", maxPartText))
	if err == nil {
		err = c.Drafts.SetHead(v.Context(), v.Viewer.Subject, at, doc.Lang, form.Get("title"), policy.Lines(form.Get("preamble")))
	}
	if err != nil {
		return c.sendPart(w, v, c.draftHeadForm(v, doc), form, err)
	}
	return v.SeeOther(w, v.of(PathDraftText, "doc", doc.Lang), "draft_saved")
}

// draftPartForm asks for a part; no is empty for a new one.
func (c *console) draftPartForm(v *drafting, doc *policy.Document, no string, part policy.Clause) draftPartPage {
	action, title := v.of(PathDraftAdd, "doc", doc.Lang), v.T("draft.add")
	if no != "" {
		action, title = v.of(PathDraftPart, "doc", doc.Lang, "part", no), v.T("draft.part", i18n.Str("number", no))
	}
	fields := []*web.Field{
		web.NewField(v.Lang, web.TextField, "number", v.T("draft.number")).Must().Hinted(v.T("draft.number.hint")).Holding(no).UpTo(maxPartNumber).Fills("off"),
		web.NewField(v.Lang, web.Area, "text", v.T("draft.words")).Must().Holding(part.Text).UpTo(maxPartText)}
	section := no != "" && !strings.Contains(no, ".")
	if !section {
		fields = append(fields, web.NewField(v.Lang, web.Area, "items", v.T("draft.items")).Hinted(v.T("draft.items.hint")).Holding(strings.Join(part.Items, "\n")).UpTo(maxPartText))
	}
	p := draftPartPage{Title: title, Lead: v.T("draft.text." + doc.Lang), Sheet: v.carry(web.NewSheet(v.Lang, action, v.T("draft.save"), fields...))}
	p.Sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathDraftText, "doc", doc.Lang)}
	if no != "" {
		merge, remove := v.of(PathDraftMerge, "doc", doc.Lang, "part", no), v.of(PathDraftRemove, "doc", doc.Lang, "part", no)
		p.Posts = []web.Post{v.post(merge, v.T("draft.merge"), web.Secondary), v.post(merge, v.T("draft.merge.numbered", i18n.Str("number", no)), web.Secondary, web.Hidden{Name: "numbered", Value: "1"}),
			v.post(remove, v.T("draft.remove"), web.Danger)}
	}
	return p
}

func (c *console) sendPart(w http.ResponseWriter, v *drafting, p draftPartPage, form web.Form, fault error) error {
	if fault != nil && !p.Sheet.Show(fault, form) {
		return fault
	}
	p.Chrome = c.chrome(v.visit)
	return c.draftPart.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: v.back()}, p)
}

func (c *console) showAdd(w http.ResponseWriter, v *drafting) error {
	doc, err := v.theDoc()
	if err != nil {
		return err
	}
	return c.sendPart(w, v, c.draftPartForm(v, doc, "", policy.Clause{}), web.Form{}, nil)
}

// thePart is the part that the address names.
func (v *drafting) thePart() (*policy.Document, policy.Clause, error) {
	doc, err := v.theDoc()
	if err != nil {
		return nil, policy.Clause{}, err
	}
	part, ok := doc.Part(v.PathValue("part"))
	if !ok {
		err = errs.New(errs.NotFound, "draft.unknown")
	}
	return doc, part, err
}

func (c *console) showPart(w http.ResponseWriter, v *drafting) error {
	doc, part, err := v.thePart()
	if err != nil {
		return err
	}
	return c.sendPart(w, v, c.draftPartForm(v, doc, part.No, part), web.Form{}, nil)
}

// savePart writes a part, or adds one where the address names none.
func (c *console) savePart(w http.ResponseWriter, v *drafting) error {
	no := v.PathValue("part")
	doc, err := v.theDoc()
	part := policy.Clause{}
	if no != "" && err == nil {
		doc, part, err = v.thePart()
	}
	if err != nil {
		return err
	}
	form, at, err := v.sent(web.Line("number"), web.Lines("text", maxPartText), web.Lines("items", maxPartText))
	if err == nil {
		err = c.Drafts.Put(v.Context(), v.Viewer.Subject, at, doc.Lang, no,
			policy.Clause{No: strings.TrimSuffix(strings.TrimSpace(form.Get("number")), "."), Text: form.Get("text"), Items: policy.Lines(form.Get("items"))})
	}
	if err != nil {
		return c.sendPart(w, v, c.draftPartForm(v, doc, no, part), form, err)
	}
	return v.SeeOther(w, v.of(PathDraftText, "doc", doc.Lang), "draft_saved")
}

func (c *console) mergePart(w http.ResponseWriter, v *drafting) error {
	doc, part, err := v.thePart()
	if err != nil {
		return err
	}
	form, at, err := v.sent(web.Line("numbered"))
	if err == nil {
		err = c.Drafts.Merge(v.Context(), v.Viewer.Subject, at, doc.Lang, part.No, form.Has("numbered"))
	}
	if err != nil {
		return c.sendPart(w, v, c.draftPartForm(v, doc, part.No, part), web.Form{}, err)
	}
	return v.SeeOther(w, v.of(PathDraftText, "doc", doc.Lang), "draft_saved")
}

func (c *console) removePart(w http.ResponseWriter, v *drafting) error {
	doc, part, err := v.thePart()
	if err != nil {
		return err
	}
	_, at, err := v.sent()
	if err == nil {
		err = c.Drafts.Remove(v.Context(), v.Viewer.Subject, at, doc.Lang, part.No)
	}
	if err != nil {
		return c.sendPart(w, v, c.draftPartForm(v, doc, part.No, part), web.Form{}, err)
	}
	return v.SeeOther(w, v.of(PathDraftText, "doc", doc.Lang), "draft_saved")
}
