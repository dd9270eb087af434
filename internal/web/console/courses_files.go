package console

import (
	"net/http"
	"path"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/web"
)

// Addresses of a course's files. They are there for learners as soon as they were brought: what names them is published with its lesson.
const (
	PathCourseFiles      = "/{lang}/console/courses/{course}/files"
	PathCourseFileRemove = "/{lang}/console/courses/{course}/files/remove"
)

// uploadRoute takes one file, as large as the store takes, while it arrives.
func (c *console) uploadRoute(on func(method, pattern string, handle func(http.ResponseWriter, *writing) error, inputs ...web.Input) web.Route) web.Route {
	r := on(http.MethodPost, PathCourseFiles, c.uploadFile)
	r.MaxBody = web.DefaultBody + c.Media.Largest()
	return r
}

func (c *console) fileSheet(v *writing) *web.Sheet {
	accept := ""
	for _, class := range []media.Class{media.Picture, media.Video, media.Audio, media.Captions, media.Document} {
		for _, ending := range media.Endings(class) {
			accept += "," + ending
		}
	}
	return web.NewSheet(v.Lang, v.of(PathCourseFiles), v.T("coursework.files.add"),
		web.NewField(v.Lang, web.FileField, "file", v.T("coursework.files.file")).Must().Hinted(v.T("coursework.files.hint")).Taking(accept[1:]))
}

func (c *console) showFiles(w http.ResponseWriter, v *writing) error {
	return c.sendFiles(w, v, c.fileSheet(v), nil)
}

func (c *console) sendFiles(w http.ResponseWriter, v *writing, sheet *web.Sheet, fault error) error {
	if fault != nil && !sheet.Show(fault, web.Form{}) {
		return fault
	}
	all, err := c.Media.List(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	p := filesPage{Chrome: c.chrome(v.visit), Title: v.T("coursework.files"), Sheet: sheet,
		Table: web.Table{Caption: v.T("coursework.files"), Quiet: true, Columns: []web.Column{{Label: v.T("coursework.files.name")}, {Label: v.T("coursework.files.size"), Number: true}, {Label: v.T("coursework.files.mark")}, {Label: v.T("coursework.remove")}},
			Empty: &web.Empty{Title: v.T("coursework.files.none"), Text: web.Plain(v.T("coursework.files.none.text"))}}}
	for _, f := range all {
		remove := web.Post{Action: v.of(PathCourseFileRemove), Hidden: []web.Hidden{{Name: "name", Value: f.Name}}, Button: web.Button{Text: v.T("coursework.remove"), Style: web.Bare}}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: f.Name, Href: web.MediaPath(f)}}}, {Text: web.Plain(learning.SizeWords(v.Lang, f.Size))}, {Text: web.Plain(fileMark(f)), Code: true}, {Post: &remove}})
	}
	return c.files.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: v.back()}, p)
}

// filesPage lists a course's files with what to write for each.
type filesPage struct {
	Chrome chrome
	Title  string
	Sheet  *web.Sheet
	Table  web.Table
}

// fileMark is what an author writes to show a file, or to give it to be kept.
func fileMark(f media.File) string {
	title := strings.TrimSuffix(f.Name, path.Ext(f.Name))
	switch f.Class() {
	case media.Captions:
		return "—" // shown with its film
	case media.Document:
		return "[" + title + "](<" + f.Name + ">)"
	}
	return "![" + title + "](<" + f.Name + ">)"
}

func (c *console) uploadFile(w http.ResponseWriter, v *writing) error {
	file, _, err := v.Stream("file", c.Media.Largest())
	if errs.Is(err, errs.TooLarge) {
		err = c.Media.TooLarge()
	}
	if err == nil && file.Name == "" {
		err = errs.InvalidFields([]errs.Field{{Name: "file", Key: "coursework.files.choose"}})
	}
	replaced := false
	if err == nil {
		replaced, err = c.Courses.PutFile(v.Context(), v.Viewer.Subject, v.d.Slug, file.Name, file)
	}
	if err != nil {
		return c.sendFiles(w, v, c.fileSheet(v), onField("file", err))
	}
	done := "file_added"
	if replaced {
		done = "file_replaced"
	}
	return v.SeeOther(w, v.of(PathCourseFiles), done)
}

func (c *console) removeFile(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("name"))
	if err != nil {
		return err
	}
	err = c.Courses.RemoveFile(v.Context(), v.Viewer.Subject, v.d.Slug, form.Get("name"))
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathCourseFiles), "file_removed")
}
