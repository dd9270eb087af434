package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"ustaz/internal/cartridge"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// Addresses of packages of SCORM: those of a course, and the one that a lesson is.
const (
	PathScorm       = "/{lang}/console/courses/{course}/packages"
	PathScormRemove = "/{lang}/console/courses/{course}/packages/remove"
	PathLessonScorm = "/{lang}/console/courses/{course}/lessons/{lesson}/package"
)

const maxScorm = 200 << 20 // bytes of a package of SCORM

func (c *console) packageRoute(r web.Route) web.Route {
	r.MaxBody = web.DefaultBody + maxScorm
	return r
}

// packedPage is a course's packages, or the one of a lesson, as learners will see it.
type packedPage struct {
	Chrome  chrome
	Title   string
	Lead    string
	Notices []web.Notice
	Facts   web.Summary
	Player  *web.Player
	Sheet   *web.Sheet
	Table   web.Table
}

func (v *visit) packedFile() *web.Field {
	return web.NewField(v.Lang, web.FileField, "file", v.T("scormwork.file")).Must().Hinted(v.T("scormwork.file.hint", i18n.Num("n", maxScorm>>20))).Taking(".zip")
}

func (c *console) packageSheet(v *writing) *web.Sheet {
	return web.NewSheet(v.Lang, v.of(PathScorm), v.T("scormwork.add"),
		web.NewField(v.Lang, web.TextField, "title", v.T("coursework.title.kk")).Hinted(v.T("scormwork.title.hint")).UpTo(learning.MaxTitle).Fills("off"),
		web.NewField(v.Lang, web.Digits, "minutes", v.T("coursework.minutes.field")).Must().Hinted(v.T("coursework.minutes.hint")).Holding("20").UpTo(3).Fills("off"),
		v.packedFile())
}

func (c *console) showPackages(w http.ResponseWriter, v *writing) error {
	return c.sendPackages(w, v, web.Form{}, nil)
}

func (c *console) sendPackages(w http.ResponseWriter, v *writing, form web.Form, fault error) error {
	sheet := c.packageSheet(v)
	if fault != nil && !sheet.Show(fault, form) {
		return fault
	}
	all, err := c.Courses.Packages(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	p := packedPage{Chrome: c.chrome(v.visit), Title: v.T("scormwork.title"), Lead: v.T("scormwork.lead"), Sheet: sheet,
		Table: web.Table{Caption: v.T("scormwork.list"), Quiet: true, Columns: []web.Column{{Label: v.T("scormwork.name")}, {Label: v.T("scormwork.lessons")}, {Label: v.T("coursework.files.size"), Number: true},
			{Label: v.T("scormwork.brought")}, {Label: v.T("coursework.remove")}}, Empty: &web.Empty{Title: v.T("scormwork.none"), Text: web.Plain(v.T("scormwork.none.text"))}}}
	if c.Stage.Origin == nil {
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Warn, "", web.Plain(v.T("scormwork.no_stage"))))
	}
	for _, b := range all {
		var in web.Text
		for i, l := range v.d.Course.Lessons {
			if l.Package != nil && l.Package.ID == b.ID {
				if len(in) > 0 {
					in = append(in, web.Run{Text: ", "})
				}
				in = append(in, web.Run{Text: v.lessonName(i, l), Href: v.of(PathLessonScorm, "lesson", person.ID(l.ID).String())})
			}
		}
		row := []web.Cell{{Text: web.Plain(b.Title)}, {Text: in}, {Text: web.Plain(learning.SizeWords(v.Lang, b.Size))}, {Text: web.Plain(v.Lang.DateTime(b.At))}, {}}
		if len(in) == 0 {
			row[1].Text = web.Plain("—")
			row[4].Post = &web.Post{Action: v.of(PathScormRemove), Hidden: []web.Hidden{{Name: "id", Value: strconv.FormatInt(b.ID, 10)}}, Button: web.Button{Text: v.T("coursework.remove"), Style: web.Bare}}
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	return c.packed.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: v.back()}, p)
}

// lessonKind names what a lesson is; of a package with the way to it.
func (v *writing) lessonKind(l learning.Lesson) web.Text {
	kind := web.Run{Text: v.T("course.kind." + string(l.Kind))}
	if l.Kind == learning.Packaged {
		kind.Href = v.of(PathLessonScorm, "lesson", person.ID(l.ID).String())
	}
	return web.Text{kind}
}

// received keeps a package that arrives in a file while do looks at it: a ZIP is read from its end. What is wrong with it is told at its field.
func received(ctx context.Context, file *web.Part, do func(found cartridge.Found) error) (err error) {
	if file.Name == "" {
		return errs.InvalidFields([]errs.Field{{Name: "file", Key: "coursework.files.choose"}})
	}
	kept, err := os.CreateTemp("", "ustaz-package-*")
	if err != nil {
		return errs.Wrap(errs.Unavailable, "media.disk", err)
	}
	defer func() {
		if gone := errors.Join(kept.Close(), os.Remove(kept.Name())); gone != nil && err == nil {
			err = errs.Wrap(errs.Internal, "error.internal", gone)
		}
	}()
	size, err := io.Copy(kept, file)
	if known := (*errs.Error)(nil); err != nil && !errors.As(err, &known) {
		return errs.Wrap(errs.Unavailable, "media.disk", err)
	}
	if err == nil && size > maxScorm {
		err = tooLargeScorm
	}
	if err != nil {
		return err
	}
	found, err := cartridge.Read(kept, size, learning.First())
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	return do(found)
}

var tooLargeScorm = errs.New(errs.TooLarge, "cartridge.invalid.upload").With("max", strconv.Itoa(maxScorm>>20))

// packed takes the package that a form sent.
func (v *writing) packed(allowed []web.Input, check func(form web.Form) error, do func(form web.Form, found cartridge.Found) error) (web.Form, error) {
	file, form, err := v.Stream("file", maxScorm, allowed...)
	if err == nil && check != nil {
		err = check(form)
	}
	if err == nil {
		err = received(v.Context(), file, func(found cartridge.Found) error { return do(form, found) })
	}
	if errs.Is(err, errs.TooLarge) && len(errs.As(err).Fields) == 0 {
		err = tooLargeScorm
	}
	return form, onField("file", err)
}

func (c *console) addPackage(w http.ResponseWriter, v *writing) error {
	var ids []int64
	form, err := v.packed([]web.Input{web.Line("title"), web.Line("minutes")}, func(form web.Form) error {
		if n := number(form.Get("minutes")); n < 1 || n > learning.MaxMinutes {
			return errs.InvalidFields([]errs.Field{{Name: "minutes", Key: "course.invalid.minutes"}})
		}
		return nil
	}, func(form web.Form, found cartridge.Found) (err error) {
		ids, err = c.Courses.AddPackage(v.Context(), v.Viewer.Subject, v.d.Slug, found, strings.TrimSpace(form.Get("title")), number(form.Get("minutes")))
		return err
	})
	if err != nil {
		return c.sendPackages(w, v, form, err)
	}
	return v.SeeOther(w, v.of(PathLessonScorm, "lesson", person.ID(ids[0]).String()), "package_added")
}

func (c *console) removePackage(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("id"))
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(form.Get("id"), 10, 64)
	if err != nil {
		return errs.New(errs.Invalid, "error.form")
	}
	if err := c.Courses.RemovePackage(v.Context(), v.Viewer.Subject, v.d.Slug, id); err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathScorm), "package_removed")
}

// showLessonPackage lets its author try a package: nothing of it is kept.
func (c *console) showLessonPackage(w http.ResponseWriter, v *writing) error {
	return c.sendLessonPackage(w, v, web.Form{}, nil)
}

func (c *console) sendLessonPackage(w http.ResponseWriter, v *writing, form web.Form, fault error) error {
	i, l, err := v.lesson()
	if err == nil && l.Kind != learning.Packaged {
		err = errs.New(errs.NotFound, "course.lesson.unknown")
	}
	if err != nil {
		return err
	}
	sheet := web.NewSheet(v.Lang, v.of(PathLessonScorm, "lesson", v.PathValue("lesson")), v.T("scormwork.replace"), v.packedFile())
	sheet.Submit.Style = web.Secondary
	if fault != nil && !sheet.Show(fault, form) {
		return fault
	}
	p := packedPage{Chrome: c.chrome(v.visit), Title: v.lessonName(i, l), Lead: v.T("scormwork.try"), Sheet: sheet}
	head := web.Head{Title: p.Title, Err: fault, Wide: true, Back: v.back()}
	switch {
	case l.Package == nil:
		p.Lead, p.Notices = "", append(p.Notices, web.NewNotice(v.Lang, web.Warn, "", web.Plain(v.T("course.invalid.package"))))
	default:
		if !c.Stage.Whole(l.Package) {
			p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Warn, "", web.Plain(v.T("scormwork.no_stage"))))
		}
		lang := v.d.About.Lang(v.Lang.Code())
		if p.Player, err = web.NewPlayer(v.Lang, lang, v.lessonTitle(l), c.Stage.Given(l, lang, nil, "", v.Now)); err != nil {
			return err
		}
		head.Scripts, head.Frames = []string{"play.js"}, c.Stage.Frames()
	}
	if l.Package != nil {
		tells := "scormwork.tells"
		if l.Package.Silent {
			tells = "scormwork.silent"
		}
		p.Facts.Rows = []web.Row{{Key: v.T("scormwork.version"), Value: web.Plain("SCORM " + string(l.Package.Version))}, {Key: v.T("scormwork.done"), Value: web.Plain(v.T(tells))}}
	}
	return c.packed.Send(w, v.Request, head, p)
}

func (c *console) replacePackage(w http.ResponseWriter, v *writing) error {
	_, l, err := v.lesson()
	if err != nil {
		return err
	}
	form, err := v.packed(nil, nil, func(_ web.Form, found cartridge.Found) error {
		return c.Courses.ReplacePackage(v.Context(), v.Viewer.Subject, v.d.Slug, l.ID, found)
	})
	if err != nil {
		return c.sendLessonPackage(w, v, form, err)
	}
	return v.SeeOther(w, v.of(PathLessonScorm, "lesson", v.PathValue("lesson")), "package_replaced")
}
