package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/web"
)

// PathCourseFront is whom a course is meant for, and its picture (4.1.2).
const PathCourseFront = "/{lang}/console/courses/{course}/front"

func (c *console) frontRoutes() []web.Route {
	save := c.on(http.MethodPost, PathCourseFront, editors, c.onCourse(c.saveFront))
	save.MaxBody = web.DefaultBody + media.MaxPicture
	return []web.Route{c.on(http.MethodGet, PathCourseFront, editors, c.onCourse(c.showFront)), save}
}

// frontPage is the form of it, with the picture as it is now.
type frontPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Said   string // of the picture
	Cover  *web.Cover
	Steps  []web.Post // undo, redo
	Sheet  *web.Sheet
}

func (c *console) frontSheet(v *writing) *web.Sheet {
	f := v.d.Course.Front
	var positions, regions, bands []web.Option
	for _, p := range person.Positions() {
		positions = append(positions, web.Option{Value: p.Code, Text: v.T(p.Key)})
	}
	for _, p := range c.Places.Tree().Regions() {
		regions = append(regions, web.Option{Value: p.Code, Text: p.Name(v.Lang.Code())})
	}
	var held []string
	for _, b := range learning.Bands {
		bands = append(bands, web.Option{Value: string(b), Text: v.T("front.band." + string(b))})
		if slices.Contains(f.Bands, b) {
			held = append(held, string(b))
		}
	}
	s := web.NewSheet(v.Lang, v.of(PathCourseFront), v.T("coursework.save"),
		web.NewField(v.Lang, web.Ticks, "positions", v.T("front.positions")).Of(positions...).Holding(f.Positions...),
		web.NewField(v.Lang, web.Ticks, "regions", v.T("front.regions")).Of(regions...).Holding(f.Regions...),
		web.NewField(v.Lang, web.Ticks, "bands", v.T("front.bands")).Of(bands...).Holding(held...),
		web.NewField(v.Lang, web.FileField, "file", v.T("front.picture")).Hinted(v.T("front.picture.hint")).Taking(strings.Join(media.Endings(media.Picture), ",")))
	for _, code := range i18n.Codes() {
		alt := ""
		if f.Picture != nil {
			alt = f.Picture.Alt[code]
		}
		s.Fields = append(s.Fields, web.NewField(v.Lang, web.TextField, "alt."+code, v.T("front.alt", i18n.Msg("language", "course.language."+code))).Hinted(v.T("front.alt.hint")).Holding(alt).UpTo(learning.MaxAlt).Fills("off"))
	}
	if f.Picture != nil {
		s.Fields = append(s.Fields, web.NewField(v.Lang, web.Tick, "remove", v.T("front.remove")))
	}
	s.Carry(revInput, strconv.FormatInt(v.d.Revs[learning.PartFront].N, 10))
	s.Cancel = &web.Link{Text: v.T("coursework.done"), Href: v.of(PathCourse)}
	return s
}

func (c *console) showFront(w http.ResponseWriter, v *writing) error {
	return c.sendFront(w, v, web.Form{}, nil)
}

func (c *console) sendFront(w http.ResponseWriter, v *writing, form web.Form, fault error) error {
	p := frontPage{Chrome: c.chrome(v.visit), Title: v.T("front.title"), Lead: v.T("front.lead"), Said: v.T("front.picture.none"), Cover: web.NewCover(v.d.Course, v.Lang.Code()), Sheet: c.frontSheet(v)}
	if v.d.Course.Front.Picture != nil {
		p.Said = v.T("front.picture.now")
	}
	if fault == nil {
		p.Steps = v.steps(learning.PartFront, i18n.Codes()[0])
	} else if !p.Sheet.Show(fault, form) {
		return fault
	}
	return c.front.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: v.back()}, p)
}

func (c *console) saveFront(w http.ResponseWriter, v *writing) error {
	inputs := []web.Input{web.Many("positions"), web.Many("regions"), web.Many("bands"), web.Line("remove"), web.Line(revInput)}
	for _, code := range i18n.Codes() {
		inputs = append(inputs, web.Line("alt."+code))
	}
	files, form, err := v.Uploads("file", 1, media.MaxPicture, inputs...)
	if err == nil {
		err = c.putFront(v, files, form)
	}
	if err != nil {
		return c.sendFront(w, v, form, onField("file", err))
	}
	return v.SeeOther(w, v.of(PathCourseFront), "part_saved")
}

func (c *console) putFront(v *writing, files []*web.Upload, form web.Form) error {
	at, err := v.seen(form, learning.PartFront)
	if err != nil {
		return err
	}
	f := learning.Front{Positions: form.All("positions"), Regions: form.All("regions")}
	for _, b := range form.All("bands") {
		f.Bands = append(f.Bands, learning.Band(b))
	}
	if old := v.d.Course.Front.Picture; old != nil && !form.Has("remove") {
		kept := *old
		f.Picture = &kept
	}
	if err := errs.InvalidFields(learning.Course{Slug: v.d.Slug, Front: f}.FrontFaults()); err != nil {
		return err
	}
	if len(files) > 0 && files[0].Size() > 0 {
		p, err := c.Courses.PutCover(v.Context(), v.Viewer.Subject, v.d.Slug, files[0].Name, files[0])
		if err != nil {
			return err
		}
		f.Picture = &p
	}
	if f.Picture != nil {
		f.Picture.Alt = map[string]string{}
		for _, code := range i18n.Codes() {
			if text := oneLine(form.Get("alt." + code)); text != "" {
				f.Picture.Alt[code] = text
			}
		}
	}
	_, err = c.Courses.SaveFront(v.Context(), v.Viewer.Subject, at, f)
	return err
}

// frontSaid is whom the course is meant for, in few words.
func (v *writing) frontSaid() string {
	f := v.d.Course.Front
	if len(f.Positions)+len(f.Regions)+len(f.Bands) == 0 {
		return v.T("front.everybody")
	}
	return v.T("front.somebody")
}
