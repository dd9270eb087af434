package console

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ustaz/internal/authoring"
	"ustaz/internal/cartridge"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// Addresses of packages: a course that begins with one, one over a draft, what became of it, and our own archive of a draft.
const (
	PathPackage       = "/{lang}/console/courses/import"
	PathCoursePackage = "/{lang}/console/courses/{course}/import"
	PathCourseReport  = "/{lang}/console/courses/{course}/report"
	PathCourseArchive = "/{lang}/console/courses/{course}/archive"
)

const (
	maxPackage  = 64 << 20                     // bytes of a package
	packageBody = maxPackage + web.DefaultBody // of the form with it
	reportRows  = 300                          // lines on a page of a report
	packageKind = "application/zip"
)

func (c *console) importRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	fresh := c.on(post, PathPackage, editors, c.beginWithPackage)
	over := c.on(post, PathCoursePackage, editors, c.onCourse(c.takePackage))
	fresh.MaxBody, over.MaxBody = packageBody, packageBody
	return []web.Route{
		c.on(get, PathPackage, editors, c.askPackage), fresh,
		c.on(get, PathCoursePackage, editors, c.onCourse(c.askCoursePackage)), over,
		c.on(get, PathCourseReport, editors, c.onCourse(c.showReport), web.Line("fate"), web.Line("from")),
		c.on(get, PathCourseArchive, editors, c.onCourse(c.sendArchive)),
	}
}

// packageFields ask for a package.
func (v *visit) packageFields() []*web.Field {
	languages := options(i18n.Codes(), func(code string) web.Option { return web.Option{Value: code, Text: v.T("course.language." + code)} })
	return []*web.Field{
		web.NewField(v.Lang, web.FileField, "file", v.T("coursework.package")).Must().Hinted(v.T("coursework.package.hint", i18n.Num("n", maxPackage>>20))).Taking(".zip,.imscc"),
		web.NewField(v.Lang, web.Radios, "written", v.T("coursework.package.written")).Must().Hinted(v.T("coursework.package.written.hint")).Of(languages...).Holding(i18n.Codes()[0]),
	}
}

func (v *visit) packageForm() formPage {
	fields := append(v.packageFields(), web.NewField(v.Lang, web.TextField, "slug", v.T("coursework.slug")).Must().Hinted(v.T("coursework.slug.hint")).UpTo(learning.MaxSlug).Fills("off"))
	sheet := web.NewSheet(v.Lang, v.to(PathPackage, nil), v.T("coursework.import.send"), fields...)
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathCourses, nil)}
	return formPage{Title: v.T("coursework.import.new"), Lead: v.T("coursework.import.new.lead"), Sheet: sheet}
}

func (v *writing) packageForm() formPage {
	sheet := web.NewSheet(v.Lang, v.of(PathCoursePackage), v.T("coursework.import.send"), v.packageFields()...)
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathCourse)}
	return formPage{Title: v.T("coursework.import"), Lead: v.T("coursework.import.lead"), Sheet: sheet}
}

func (c *console) askPackage(w http.ResponseWriter, v *visit) error {
	return c.sendForm(w, v, v.packageForm(), web.Form{}, nil)
}

func (c *console) askCoursePackage(w http.ResponseWriter, v *writing) error {
	return c.sendForm(w, v.visit, v.packageForm(), web.Form{}, nil)
}

// brought reads the package that a form sent. What is wrong with it is told at its field.
func (v *visit) brought(allowed ...web.Input) (cartridge.Found, web.Form, error) {
	file, form, err := v.Upload("file", maxPackage, append(allowed, web.Line("written"))...)
	if errs.Is(err, errs.TooLarge) {
		err = errs.New(errs.TooLarge, "cartridge.invalid.upload").With("max", strconv.Itoa(maxPackage>>20))
	}
	written := form.Get("written")
	switch {
	case err != nil:
	case !i18n.Known(written):
		err = errs.InvalidFields([]errs.Field{{Name: "written", Key: "course.invalid.language"}})
	case file.Size() == 0:
		err = errs.New(errs.Invalid, "cartridge.invalid.nofile")
	}
	if err != nil {
		return cartridge.Found{}, form, onField("file", err)
	}
	found, err := cartridge.Read(file, file.Size(), written)
	return found, form, onField("file", err)
}

func (c *console) beginWithPackage(w http.ResponseWriter, v *visit) error {
	found, form, err := v.brought(web.Line("slug"))
	slug := strings.TrimSpace(form.Get("slug"))
	if err == nil {
		err = onField("file", c.Courses.BeginWith(v.Context(), v.Viewer.Subject, slug, found, c.Courses.Keep(v.Context(), v.Viewer.Subject, slug)))
	}
	if err != nil {
		return c.sendForm(w, v, v.packageForm(), form, err)
	}
	return v.SeeOther(w, v.to(PathCourseReport, nil, "course", slug), "course_imported")
}

func (c *console) takePackage(w http.ResponseWriter, v *writing) error {
	found, form, err := v.brought()
	if err == nil {
		err = onField("file", c.Courses.Import(v.Context(), v.Viewer.Subject, v.d.Slug, found, c.Courses.Keep(v.Context(), v.Viewer.Subject, v.d.Slug)))
	}
	if err != nil {
		return c.sendForm(w, v.visit, v.packageForm(), form, err)
	}
	return v.SeeOther(w, v.of(PathCourseReport), "course_imported")
}

// reportPage tells what became of a package, thing by thing.
type reportPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Acts   []web.Button
	Counts web.Summary
	Filter []web.Link
	Label  string
	Table  web.Table
	Pages  string
	Older  *web.Link
}

var fates = []offer[cartridge.Fate]{{"left", cartridge.Left}, {"changed", cartridge.Changed}, {"taken", cartridge.Taken}}

var fateStyles = map[cartridge.Fate]web.Style{cartridge.Left: web.Bad, cartridge.Changed: web.Warn, cartridge.Taken: web.Good}

func (c *console) showReport(w http.ResponseWriter, v *writing) error {
	only, err := pick(fates, v.query.Get("fate"))
	if err != nil {
		return err
	}
	from := 0
	if at := v.query.Get("from"); at != "" {
		if from = number(at); from < 0 {
			return errs.New(errs.Invalid, "error.form")
		}
	}
	report, found, err := c.Courses.Report(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	n, err := c.names(v.visit)
	if err != nil {
		return err
	}
	p := reportPage{Chrome: c.chrome(v.visit), Title: v.T("coursework.report"), Label: v.T("coursework.report.filter"), Pages: v.T("frame.pages"),
		Acts: []web.Button{{Text: v.T("coursework.report.course"), Href: v.of(PathCourse), Style: web.Primary}},
		Table: web.Table{Caption: v.T("coursework.report"), Quiet: true,
			Columns: []web.Column{{Label: v.T("coursework.report.what")}, {Label: v.T("coursework.report.fate")}, {Label: v.T("coursework.report.told")}, {Label: v.T("coursework.report.where")}},
			Empty:   &web.Empty{Title: v.T("coursework.report.none"), Text: web.Plain(v.T("coursework.report.none.text"))}}}
	if found {
		p.Lead = v.T("coursework.report.lead", i18n.Str("kind", v.T("cartridge.kind."+string(report.Kind))), i18n.Str("who", n.actor(ledger.ByStaff, report.By, policy.Editor)), i18n.Moment("at", report.At))
		v.fill(&p, report, only, from)
	}
	return c.report.Send(w, v.Request, web.Head{Title: p.Title, Wide: true, Back: v.back()}, p)
}

// fill puts a report's counts and lines onto its page, what was left out first.
func (v *writing) fill(p *reportPage, report authoring.Report, only cartridge.Fate, from int) {
	var chosen []cartridge.Line
	at := func(name string, from int) string {
		q := url.Values{}
		if name != "" {
			q.Set("fate", name)
		}
		if from > 0 {
			q.Set("from", strconv.Itoa(from))
		}
		return v.to(PathCourseReport, q, "course", v.d.Slug)
	}
	p.Filter = []web.Link{{Text: v.T("coursework.report.all"), Href: at("", 0), Current: only == ""}}
	for _, fate := range fates {
		n := 0
		for _, l := range report.Lines {
			if l.Fate != fate.value {
				continue
			}
			if n++; only == "" || only == fate.value {
				chosen = append(chosen, l)
			}
		}
		name := heading(v.T("cartridge.fate." + fate.name))
		p.Counts.Rows = append(p.Counts.Rows, web.Row{Key: name, Value: web.Plain(v.Lang.Number(int64(n)))})
		p.Filter = append(p.Filter, web.Link{Text: name, Href: at(fate.name, 0), Current: only == fate.value})
	}
	chosen = chosen[min(from, len(chosen)):]
	if len(chosen) > reportRows {
		chosen = chosen[:reportRows]
		p.Older = &web.Link{Text: v.T("coursework.report.more"), Href: at(string(only), from+reportRows)}
	}
	for _, l := range chosen {
		title := l.Title
		if strings.TrimSpace(title) == "" {
			title = l.Place
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Plain(title)}, {Tag: &web.Tag{Text: v.T("cartridge.fate." + string(l.Fate)), Style: fateStyles[l.Fate]}},
			{Text: web.Plain(v.T(l.Key, i18n.Args(l.Args)...))}, {Text: web.Plain(l.Place), Code: true}})
	}
}

// sendArchive sends the draft as an archive of our own.
// sendArchive gives a draft with its files as our own archive.
func (c *console) sendArchive(w http.ResponseWriter, v *writing) error {
	all, err := c.Media.List(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	var files []cartridge.File
	size := int64(0)
	for _, f := range all {
		size += f.Size
		files = append(files, cartridge.File{Name: f.Name, Size: f.Size, Open: func() (io.ReadCloser, error) { return io.NopCloser(c.Media.Open(v.Context(), f)), nil }})
	}
	if size > maxPackage { // what can't be taken over again is no archive
		return errs.New(errs.Conflict, "coursework.archive.large").With("max", strconv.Itoa(maxPackage>>20))
	}
	var b bytes.Buffer
	if err := cartridge.Write(&b, v.d.Course, files...); err != nil {
		return err
	}
	return v.File(w, v.d.Slug+".zip", packageKind, b.Bytes())
}

// packageActs are what a course's page offers of packages.
func (v *writing) packageActs(reported bool) []web.Button {
	acts := []web.Button{{Text: v.T("coursework.archive"), Href: v.of(PathCourseArchive), Style: web.Secondary}, {Text: v.T("coursework.import"), Href: v.of(PathCoursePackage), Style: web.Secondary}}
	if reported {
		acts = append(acts, web.Button{Text: v.T("coursework.report"), Href: v.of(PathCourseReport), Style: web.Secondary})
	}
	return acts
}
