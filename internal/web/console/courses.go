package console

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/authoring"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// Addresses of those who write courses. {doc} is the language that is written in.
const (
	PathCourses        = "/{lang}/console/courses"
	PathCourseNew      = "/{lang}/console/courses/new"
	PathCourseOpen     = "/{lang}/console/courses/{course}/open"
	PathCourse         = "/{lang}/console/courses/{course}"
	PathCourseAbout    = "/{lang}/console/courses/{course}/about/{doc}"
	PathCourseLessons  = "/{lang}/console/courses/{course}/lessons"
	PathCourseLesson   = "/{lang}/console/courses/{course}/lessons/{lesson}/{doc}"
	PathLessonMove     = "/{lang}/console/courses/{course}/lessons/{lesson}/move"
	PathLessonRemove   = "/{lang}/console/courses/{course}/lessons/{lesson}/remove"
	PathCourseStep     = "/{lang}/console/courses/{course}/step"
	PathCourseBack     = "/{lang}/console/courses/{course}/bring-back"
	PathCoursePreview  = "/{lang}/console/courses/{course}/preview/{doc}"
	PathCoursePublish  = "/{lang}/console/courses/{course}/publish"
	PathCourseHide     = "/{lang}/console/courses/{course}/hide"
	PathCourseVersions = "/{lang}/console/courses/{course}/versions"
	PathCourseVersion  = "/{lang}/console/courses/{course}/versions/{seq}"
	PathCourseRestore  = "/{lang}/console/courses/{course}/versions/{seq}/restore"
)

// courseBody is what a form with a lesson's text may send: a Kazakh letter goes as six bytes.
const courseBody = 2 << 20

// courseViews are the pages of those who write courses.
type courseViews struct {
	course *web.View[coursePage]
	write  *web.View[writePage]
	bank   *web.View[bankPage]
	files  *web.View[filesPage]
	shown  *web.View[shownText]
	grade  *web.View[gradePage]
	report *web.View[reportPage]

	people      *web.View[peoplePage]
	front       *web.View[frontPage]
	application *web.View[applicationPage]
	group       *web.View[groupPage]
	packed      *web.View[packedPage]
	tasks       *web.View[tasksPage]
	handed      *web.View[handedPage]
}

func newCourseViews(set *web.Set) courseViews {
	return courseViews{
		course: web.AddView[coursePage](set, "course_outline.html"),
		write:  web.AddView[writePage](set, "course_write.html"),
		files:  web.AddView[filesPage](set, "course_files.html"),
		bank:   web.AddView[bankPage](set, "course_bank.html"),
		shown:  web.AddView[shownText](set, "course_shown.html"),
		grade:  web.AddView[gradePage](set, "grade.html"),
		report: web.AddView[reportPage](set, "course_report.html"),

		people:      web.AddView[peoplePage](set, "course_people.html"),
		front:       web.AddView[frontPage](set, "front.html"),
		application: web.AddView[applicationPage](set, "application.html"),
		group:       web.AddView[groupPage](set, "group.html"),
		packed:      web.AddView[packedPage](set, "course_package.html"),
		tasks:       web.AddView[tasksPage](set, "tasks.html"),
		handed:      web.AddView[handedPage](set, "task.html"),
	}
}

func (c *console) courseRoutes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	on := func(method, pattern string, handle func(http.ResponseWriter, *writing) error, inputs ...web.Input) web.Route {
		return c.on(method, pattern, editors, c.onCourse(handle), inputs...)
	}
	long := func(r web.Route) web.Route { r.MaxBody = courseBody; return r }
	return append(c.importRoutes(),
		c.on(get, PathCourses, editors, c.showCourses),
		c.on(get, PathCourseNew, editors, c.askCourse),
		c.on(post, PathCourses, editors, c.beginCourse),
		c.on(post, PathCourseOpen, editors, c.openCourse),
		on(get, PathCourse, c.showCourse),
		on(get, PathCourseAbout, c.asks(c.aboutPart)),
		long(on(post, PathCourseAbout, c.saves(c.aboutPart))),
		on(post, PathCourseLessons, c.addLesson),
		on(get, PathCourseLesson, c.asks(c.lessonPart)),
		long(on(post, PathCourseLesson, c.saves(c.lessonPart))),
		on(post, PathLessonMove, c.moveLesson),
		on(post, PathLessonRemove, c.removeLesson),
		on(post, PathCourseStep, c.stepPart),
		on(post, PathCourseBack, c.bringBack),
		long(on(post, PathCoursePreview, c.previews(c.render))),
		long(on(post, PathRubricPreview, c.previews(c.rubric))),
		on(get, PathCoursePublish, c.askPublish),
		on(post, PathCoursePublish, c.publishCourse),
		on(post, PathCourseHide, c.hideCourse),
		on(get, PathCourseVersions, c.showVersions),
		on(get, PathCourseVersion, c.askRestore),
		on(post, PathCourseRestore, c.restoreCourse),
		on(get, PathCourseFiles, c.showFiles),
		c.uploadRoute(on),
		on(post, PathCourseFileRemove, c.removeFile),
		on(get, PathScorm, c.showPackages),
		c.packageRoute(on(post, PathScorm, c.addPackage)),
		on(post, PathScormRemove, c.removePackage),
		on(get, PathLessonScorm, c.showLessonPackage),
		c.packageRoute(on(post, PathLessonScorm, c.replacePackage)),
		on(get, PathQuestions, c.showBank),
		on(get, PathQuestion, c.asks(c.questionPart)),
		long(on(post, PathQuestion, c.saves(c.questionPart))),
		long(on(post, PathQuestionPreview, c.previews(c.asked))),
		on(post, PathQuestionRemove, c.removeQuestion),
	)
}

// writing is a visit to a course that is being written.
type writing struct {
	*visit
	d *authoring.Draft
}

func (c *console) onCourse(handle func(w http.ResponseWriter, v *writing) error) handler {
	return func(w http.ResponseWriter, v *visit) error {
		if doc := v.PathValue("doc"); doc != "" && !i18n.Known(doc) {
			return errs.New(errs.NotFound, "error.notfound")
		}
		d, err := c.Courses.Draft(v.Context(), v.PathValue("course"))
		if err != nil {
			return err
		}
		return handle(w, &writing{v, d})
	}
}

// of is an address about the course.
func (v *writing) of(pattern string, pairs ...string) string {
	return v.to(pattern, nil, append([]string{"course", v.d.Slug}, pairs...)...)
}

func (v *writing) back() *web.Link {
	return &web.Link{Text: v.title(v.d.About, v.d.Slug), Href: v.of(PathCourse)}
}

// title is a course's in the reader's language, or its address while it has none.
func (v *visit) title(a learning.About, slug string) string {
	if t := a.Words[a.Lang(v.Lang.Code())].Title; strings.TrimSpace(t) != "" {
		return t
	}
	return slug
}

func (v *visit) courseTag(h authoring.Head) *web.Tag {
	switch {
	case !h.Published:
		return &web.Tag{Text: v.T("coursework.state.draft"), Style: web.Info}
	case h.Hidden:
		return &web.Tag{Text: v.T("coursework.state.hidden"), Style: web.Bad}
	case h.Waiting:
		return &web.Tag{Text: v.T("coursework.state.changed"), Style: web.Warn}
	}
	return &web.Tag{Text: v.T("coursework.state.published"), Style: web.Good}
}

func (c *console) showCourses(w http.ResponseWriter, v *visit) error {
	heads, err := c.Courses.List(v.Context())
	if err != nil {
		return err
	}
	unopened, err := c.Courses.Unopened(v.Context())
	if err != nil {
		return err
	}
	n, err := c.names(v)
	if err != nil {
		return err
	}
	begin := web.Button{Text: v.T("coursework.new"), Href: v.to(PathCourseNew, nil), Style: web.Primary}
	take := web.Button{Text: v.T("coursework.import.new"), Href: v.to(PathPackage, nil), Style: web.Secondary}
	p := listPage{Chrome: c.chrome(v), Title: v.T("coursework.list"), Lead: v.T("coursework.list.lead"), Acts: []web.Button{begin, take},
		Table: web.Table{Caption: v.T("coursework.list"), Quiet: true,
			Columns: []web.Column{{Label: v.T("coursework.course")}, {Label: v.T("coursework.state")}, {Label: v.T("coursework.languages")}, {Label: v.T("coursework.changed")}},
			Empty:   &web.Empty{Title: v.T("coursework.none"), Text: web.Plain(v.T("coursework.none.text"))}}}
	for _, h := range heads {
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Text{{Text: v.title(h.About, h.Slug), Href: v.to(PathCourse, nil, "course", h.Slug)}}},
			{Tag: v.courseTag(h)},
			{Text: web.Plain(v.inLanguages(h.About))},
			{Text: web.Plain(v.Lang.DateTime(h.ChangedAt) + ", " + n.actor(ledger.ByStaff, h.ChangedBy, policy.Editor))},
		})
	}
	for _, course := range unopened {
		open := web.Post{Action: v.to(PathCourseOpen, nil, "course", course.Slug), Button: web.Button{Text: v.T("coursework.open"), Style: web.Secondary}}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Plain(v.title(course.About, course.Slug))},
			{Tag: &web.Tag{Text: v.T("coursework.state.published"), Style: web.Good}},
			{Text: web.Plain(v.inLanguages(course.About))},
			{Post: &open},
		})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

func (v *visit) inLanguages(a learning.About) string {
	var out []string
	for _, code := range a.Languages() {
		out = append(out, v.T("course.language."+code))
	}
	return v.Lang.List(out)
}

func (c *console) openCourse(w http.ResponseWriter, v *visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := c.Courses.Open(v.Context(), v.Viewer.Subject, v.PathValue("course")); err != nil {
		return err
	}
	return v.SeeOther(w, v.to(PathCourse, nil, "course", v.PathValue("course")), "")
}

func (c *console) courseForm(v *visit) formPage {
	sheet := web.NewSheet(v.Lang, v.to(PathCourses, nil), v.T("coursework.begin"),
		web.NewField(v.Lang, web.TextField, "title.kk", v.T("coursework.title.kk")).Must().UpTo(learning.MaxTitle).Fills("off"),
		web.NewField(v.Lang, web.TextField, "summary.kk", v.T("coursework.summary.kk")).Must().Hinted(v.T("coursework.summary.hint")).UpTo(learning.MaxSummary).Fills("off"),
		web.NewField(v.Lang, web.Digits, "hours", v.T("coursework.hours")).Must().UpTo(4).Fills("off"),
		web.NewField(v.Lang, web.TextField, "slug", v.T("coursework.slug")).Must().Hinted(v.T("coursework.slug.hint")).UpTo(learning.MaxSlug).Fills("off"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathCourses, nil)}
	return formPage{Title: v.T("coursework.new"), Lead: v.T("coursework.new.lead"), Sheet: sheet}
}

func (c *console) askCourse(w http.ResponseWriter, v *visit) error {
	return c.sendForm(w, v, c.courseForm(v), web.Form{}, nil)
}

func (c *console) beginCourse(w http.ResponseWriter, v *visit) error {
	form, err := v.Form(web.Line("title.kk"), web.Line("summary.kk"), web.Line("hours"), web.Line("slug"))
	slug := strings.TrimSpace(form.Get("slug"))
	if err == nil && strings.TrimSpace(form.Get("title.kk")) == "" {
		err = errs.InvalidFields([]errs.Field{{Name: "title.kk", Key: "course.invalid.title"}})
	}
	if err == nil {
		about := learning.About{Hours: number(form.Get("hours")), Words: map[string]learning.Words{"kk": {Title: strings.TrimSpace(form.Get("title.kk")), Summary: strings.TrimSpace(form.Get("summary.kk"))}}}
		err = c.Courses.Begin(v.Context(), v.Viewer.Subject, slug, about)
	}
	if err != nil {
		return c.sendForm(w, v, c.courseForm(v), form, err)
	}
	return v.SeeOther(w, v.to(PathCourse, nil, "course", slug), "course_begun_writing")
}

// number reads a count that somebody typed; what is none becomes -1, which no rule takes.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// coursePage is a course as it is being written: what is missing, its lessons, and what can be done.
type coursePage struct {
	Chrome  chrome
	Title   string
	State   *web.Tag
	Notices []web.Notice
	Missing []web.Link
	Acts    []web.Button
	Posts   []web.Post
	Parts   web.Summary
	Lessons web.Table
	Add     *web.Sheet
	Removed web.Table
}

func (c *console) showCourse(w http.ResponseWriter, v *writing) error {
	return c.sendCourse(w, v, c.addSheet(v), nil)
}

func (c *console) sendCourse(w http.ResponseWriter, v *writing, add *web.Sheet, fault error) error {
	removed, err := c.removed(v)
	if err != nil {
		return err
	}
	reported, err := c.Courses.Reported(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	p := coursePage{Chrome: c.chrome(v.visit), Title: v.title(v.d.About, v.d.Slug), State: v.courseTag(v.d.Head), Missing: v.missing(), Parts: v.courseParts(), Lessons: v.lessonTable(), Add: add, Removed: removed}
	switch {
	case len(p.Missing) == 0 && v.d.Waiting:
		p.Acts = append(p.Acts, web.Button{Text: v.T("coursework.publish"), Href: v.of(PathCoursePublish), Style: web.Primary})
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Good, "", web.Plain(v.T("coursework.ready"))))
	case len(p.Missing) > 0:
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Info, "", web.Plain(v.T("coursework.missing"))))
	}
	if v.d.Published {
		p.Acts = append(p.Acts, web.Button{Text: v.T("coursework.seen"), Href: v.Path(web.PathCourse, "slug", v.d.Slug), Style: web.Secondary})
		hide := web.Post{Action: v.of(PathCourseHide), Hidden: []web.Hidden{{Name: "hidden", Value: "1"}}, Button: web.Button{Text: v.T("coursework.hide"), Style: web.Bare}}
		if v.d.Hidden {
			hide.Hidden, hide.Button.Text = nil, v.T("coursework.unhide")
		}
		p.Posts = append(p.Posts, hide)
	}
	p.Acts = append(p.Acts, v.packageActs(reported)...)
	return c.course.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: &web.Link{Text: v.T("coursework.list"), Href: v.to(PathCourses, nil)}}, p)
}

// missing says what keeps the course from being published, each with the way to it.
func (v *writing) missing() []web.Link {
	var out []web.Link
	for _, f := range v.d.Course.Faults() {
		lang, text := f.Lang, v.T(f.Key, i18n.Args(f.Args)...)
		if lang == "" {
			lang = i18n.Codes()[0]
		} else {
			text = v.T("course.language."+lang) + ": " + text
		}
		href, about := v.partAt(f.Part, lang)
		if about != "" {
			text = about + ". " + text
		}
		out = append(out, web.Link{Text: text, Href: href})
	}
	return out
}

// partAt is where a part of the course is written, and its name.
func (v *writing) partAt(part, lang string) (href, about string) {
	for i, l := range v.d.Course.Lessons {
		if learning.PartOf(l.ID) == part {
			return v.lessonAt(l.ID, lang), v.lessonName(i, l)
		}
	}
	for i, q := range v.d.Course.Questions {
		if learning.QuestionPart(q.ID) == part {
			return v.questionAt(q.ID, lang), v.T("coursework.question.nth", i18n.Num("n", int64(i+1)))
		}
	}
	if part == learning.PartEntry {
		return v.of(PathCourseEntry, "doc", lang), v.T("entry.title")
	}
	if part == learning.PartFront {
		return v.of(PathCourseFront), v.T("front.title")
	}
	if part == learning.PartAbout {
		return v.of(PathCourseAbout, "doc", lang), v.T("coursework.about")
	}
	return v.of(PathCourse), ""
}

func (v *writing) lessonAt(id int64, lang string) string {
	return v.of(PathCourseLesson, "lesson", person.ID(id).String(), "doc", lang)
}

func (v *writing) lessonName(at int, l learning.Lesson) string {
	return v.Lang.Number(int64(at+1)) + ". " + v.lessonTitle(l)
}

// lessonTitle is a lesson's in the reader's language, or in that it was first written in.
func (v *writing) lessonTitle(l learning.Lesson) string {
	for _, code := range []string{v.Lang.Code(), i18n.Codes()[0]} {
		if title := strings.TrimSpace(l.Words[code]); title != "" {
			return title
		}
	}
	return v.T("coursework.untitled")
}

func (v *writing) courseParts() web.Summary {
	about := web.Row{Key: v.T("coursework.about"), Value: web.Plain(v.T("course.hours", i18n.Num("n", int64(max(0, v.d.About.Hours)))) + ", " + v.inLanguages(v.d.About)),
		Act: &web.RowAct{Text: v.T("coursework.change"), About: v.T("coursework.about"), Href: v.of(PathCourseAbout, "doc", i18n.Codes()[0])}}
	bank := web.Row{Key: v.T("coursework.bank"), Value: web.Plain(v.T("coursework.questions", i18n.Num("n", int64(len(v.d.Course.Questions))))),
		Act: &web.RowAct{Text: v.T("coursework.change"), About: v.T("coursework.bank"), Href: v.of(PathQuestions)}}
	files := web.Row{Key: v.T("coursework.files"), Value: web.Plain(v.T("coursework.files.about")),
		Act: &web.RowAct{Text: v.T("coursework.change"), About: v.T("coursework.files"), Href: v.of(PathCourseFiles)}}
	packages := web.Row{Key: v.T("scormwork.title"), Value: web.Plain(v.T("scormwork.about")),
		Act: &web.RowAct{Text: v.T("coursework.change"), About: v.T("scormwork.title"), Href: v.of(PathScorm)}}
	versions := web.Row{Key: v.T("coursework.versions"), Value: web.Plain(v.T("coursework.versions.n", i18n.Num("n", v.d.Version))),
		Act: &web.RowAct{Text: v.T("coursework.versions.open"), About: v.T("coursework.versions"), Href: v.of(PathCourseVersions)}}
	entry := web.Row{Key: v.T("entry.title"), Value: web.Plain(v.entrySaid()),
		Act: &web.RowAct{Text: v.T("coursework.change"), About: v.T("entry.title"), Href: v.of(PathCourseEntry, "doc", i18n.Codes()[0])}}
	front := web.Row{Key: v.T("front.title"), Value: web.Plain(v.frontSaid()), Act: &web.RowAct{Text: v.T("coursework.change"), About: v.T("front.title"), Href: v.of(PathCourseFront)}}
	rows := []web.Row{about, front, entry, bank, files, packages, versions}
	if v.d.Published {
		rows = append(rows, web.Row{Key: v.T("people.title"), Value: web.Plain(v.T("people.about")), Act: &web.RowAct{Text: v.T("coursework.versions.open"), About: v.T("people.title"), Href: v.of(PathCoursePeople)}})
	}
	return web.Summary{Rows: rows}
}

func (v *writing) lessonTable() web.Table {
	t := web.Table{Caption: v.T("course.lessons"), Quiet: true, Columns: []web.Column{{Label: v.T("coursework.lesson")}, {Label: v.T("coursework.kind")}, {Label: v.T("coursework.minutes"), Number: true},
		{Label: v.T("coursework.up")}, {Label: v.T("coursework.down")}, {Label: v.T("coursework.remove")}},
		Empty: &web.Empty{Title: v.T("coursework.lessons.none"), Text: web.Plain(v.T("coursework.lessons.none.text"))}}
	for i, l := range v.d.Course.Lessons {
		id := person.ID(l.ID).String()
		act := func(pattern, key string, hidden ...web.Hidden) *web.Post {
			return &web.Post{Action: v.of(pattern, "lesson", id), Hidden: hidden, Button: web.Button{Text: v.T(key), Style: web.Bare}}
		}
		up, down := web.Cell{}, web.Cell{}
		if i > 0 {
			up.Post = act(PathLessonMove, "coursework.up", web.Hidden{Name: "by", Value: "-1"})
		}
		if i+1 < len(v.d.Course.Lessons) {
			down.Post = act(PathLessonMove, "coursework.down", web.Hidden{Name: "by", Value: "1"})
		}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Text{{Text: v.lessonName(i, l), Href: v.lessonAt(l.ID, v.d.About.Lang(v.Lang.Code()))}}},
			{Text: v.lessonKind(l)}, {Text: web.Plain(v.Lang.Number(int64(max(0, l.Minutes))))}, up, down,
			{Post: act(PathLessonRemove, "coursework.remove")}})
	}
	return t
}

func (c *console) addSheet(v *writing) *web.Sheet {
	kinds := options(learning.Written, func(k learning.Kind) web.Option {
		return web.Option{Value: string(k), Text: v.T("course.kind." + string(k)), Hint: v.T("course.kind." + string(k) + ".hint")}
	})
	sheet := web.NewSheet(v.Lang, v.of(PathCourseLessons), v.T("coursework.add"),
		web.NewField(v.Lang, web.TextField, "title", v.T("coursework.title.kk")).Must().UpTo(learning.MaxTitle).Fills("off"),
		web.NewField(v.Lang, web.Radios, "kind", v.T("coursework.kind")).Must().Of(kinds...).Holding(string(learning.Reading)))
	sheet.Submit.Style = web.Secondary
	return sheet
}

func (c *console) addLesson(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("title"), web.Line("kind"))
	kind, title := learning.Kind(form.Get("kind")), strings.TrimSpace(form.Get("title"))
	var faults []errs.Field
	if err == nil && title == "" {
		faults = append(faults, errs.Field{Name: "title", Key: "course.invalid.title"})
	}
	if err == nil && !slices.Contains(learning.Written, kind) {
		faults = append(faults, errs.Field{Name: "kind", Key: "course.invalid.kind"})
	}
	if err == nil {
		err = errs.InvalidFields(faults)
	}
	var id int64
	if err == nil {
		l := learning.Lesson{Kind: kind, Minutes: 10, Words: map[string]string{i18n.Codes()[0]: title}, Body: map[string]string{}}
		if kind == learning.Testing {
			l.Test = &learning.Test{Draws: []learning.Draw{}, Shuffle: true, Pass: 60, Review: learning.ReviewPassed}
		}
		if kind == learning.Tasking {
			l.Task = newTask()
		}
		id, err = c.Courses.AddLesson(v.Context(), v.Viewer.Subject, v.d.Slug, l)
	}
	if err != nil {
		add := c.addSheet(v)
		if !add.Show(err, form) {
			return err
		}
		return c.sendCourse(w, v, add, err)
	}
	return v.SeeOther(w, v.lessonAt(id, i18n.Codes()[0]), "lesson_added")
}

// lesson is the lesson that the address names.
func (v *writing) lesson() (int, learning.Lesson, error) {
	id, err := v.id("lesson")
	if err != nil {
		return 0, learning.Lesson{}, err
	}
	at, l, found := v.d.Course.Lesson(int64(id))
	if !found {
		return 0, l, errs.New(errs.NotFound, "course.lesson.unknown")
	}
	return at, l, nil
}

func (c *console) moveLesson(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("by"))
	if err != nil {
		return err
	}
	_, l, err := v.lesson()
	if err != nil {
		return err
	}
	by := map[string]int{"-1": -1, "1": 1}[form.Get("by")]
	if by == 0 {
		return errs.New(errs.Invalid, "error.form")
	}
	if err := c.Courses.MoveLesson(v.Context(), v.Viewer.Subject, v.d.Slug, l.ID, by); err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathCourse), "lesson_moved")
}

func (c *console) removeLesson(w http.ResponseWriter, v *writing) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	_, l, err := v.lesson()
	if err == nil {
		err = c.Courses.RemoveLesson(v.Context(), v.Viewer.Subject, v.d.Slug, l.ID)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathCourse), "lesson_removed")
}

// removed is what was taken out and can be brought back.
func (c *console) removed(v *writing) (web.Table, error) {
	t := web.Table{Caption: v.T("coursework.removed"), Columns: []web.Column{{Label: v.T("coursework.removed.what")}, {Label: v.T("coursework.bring_back")}}}
	lessons, questions, err := c.Courses.Removed(v.Context(), v.d.Slug)
	add := func(part, text string) {
		post := web.Post{Action: v.of(PathCourseBack), Hidden: []web.Hidden{{Name: "part", Value: part}}, Button: web.Button{Text: v.T("coursework.bring_back"), Style: web.Bare}}
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(text)}, {Post: &post}})
	}
	for _, l := range lessons {
		add(learning.PartOf(l.ID), v.lessonTitle(l))
	}
	for _, q := range questions {
		add(learning.QuestionPart(q.ID), v.gist(q))
	}
	return t, err
}

func (c *console) bringBack(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("part"))
	if err == nil {
		err = c.Courses.BringBack(v.Context(), v.Viewer.Subject, v.d.Slug, form.Get("part"))
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathCourse), "part_back")
}

// stepPart takes a change of a part back, or brings it on again, and leads to where it is written.
func (c *console) stepPart(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("part"), web.Line(revInput), web.Line("way"), web.Line("in"))
	if err != nil {
		return err
	}
	at, err := v.seen(form, form.Get("part"))
	if err != nil {
		return err
	}
	step, done := c.Courses.Undo, "part_undone"
	switch form.Get("way") {
	case "undo":
	case "redo":
		step, done = c.Courses.Redo, "part_redone"
	default:
		return errs.New(errs.Invalid, "error.form")
	}
	if err := step(v.Context(), v.Viewer.Subject, at); err != nil {
		return err
	}
	lang := form.Get("in")
	if !i18n.Known(lang) {
		lang = i18n.Codes()[0]
	}
	to, _ := v.partAt(at.Part, lang)
	return v.SeeOther(w, to, done)
}

// shownText is Markdown as learners will see it, for an author.
type shownText struct {
	Lang     string
	HTML     template.HTML // made by package learning, which vouches for it
	Asked    *web.Asked    // a question
	Rubric   *web.Table    // of an assignment
	Problems []string
}

func (c *console) hideCourse(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("hidden"))
	if err == nil {
		err = c.Courses.Hide(v.Context(), v.Viewer.Subject, v.d.Slug, form.Has("hidden"))
	}
	if err != nil {
		return err
	}
	done := "course_unhidden"
	if form.Has("hidden") {
		done = "course_hidden"
	}
	return v.SeeOther(w, v.of(PathCourse), done)
}

const changesInput = "changes"

func (c *console) publishSheet(v *writing) formPage {
	sheet := web.NewSheet(v.Lang, v.of(PathCoursePublish), v.T("coursework.publish.now"),
		web.NewField(v.Lang, web.TextField, "note", v.T("coursework.note")).Hinted(v.T("coursework.note.hint")).UpTo(300).Fills("off")).
		Carry(changesInput, strconv.FormatInt(v.d.Changes, 10))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathCourse)}
	lead := v.T("coursework.publish.lead")
	if v.d.Published {
		lead = v.T("coursework.publish.again")
	}
	return formPage{Title: v.T("coursework.publish.title", i18n.Str("course", v.title(v.d.About, v.d.Slug))), Lead: lead, Sheet: sheet}
}

func (c *console) askPublish(w http.ResponseWriter, v *writing) error {
	if len(v.d.Course.Faults()) > 0 || !v.d.Waiting {
		return v.SeeOther(w, v.of(PathCourse), "")
	}
	return c.sendForm(w, v.visit, c.publishSheet(v), web.Form{}, nil)
}

func (c *console) publishCourse(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line("note"), web.Line(changesInput))
	var changes int64
	if err == nil {
		changes, err = strconv.ParseInt(form.Get(changesInput), 10, 64)
		if err != nil {
			return errs.New(errs.Invalid, "error.form")
		}
		if len(v.d.Course.Faults()) > 0 {
			return v.SeeOther(w, v.of(PathCourse), "")
		}
		_, err = c.Courses.Publish(v.Context(), v.Viewer.Subject, v.d.Slug, changes, strings.TrimSpace(form.Get("note")))
	}
	if err != nil {
		return c.sendForm(w, v.visit, c.publishSheet(v), form, err)
	}
	return v.SeeOther(w, v.of(PathCourse), "course_published")
}

func (c *console) showVersions(w http.ResponseWriter, v *writing) error {
	list, err := c.Courses.Versions(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	n, err := c.names(v.visit)
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v.visit), Title: v.T("coursework.versions"), Lead: v.T("coursework.versions.lead"),
		Table: web.Table{Caption: v.T("coursework.versions"), Quiet: true,
			Columns: []web.Column{{Label: v.T("coursework.version")}, {Label: v.T("coursework.note")}, {Label: v.T("coursework.published_by")}, {Label: v.T("coursework.restore")}},
			Empty:   &web.Empty{Title: v.T("coursework.versions.none"), Text: web.Plain(v.T("coursework.versions.none.text"))}}}
	for _, version := range list {
		p.Table.Rows = append(p.Table.Rows, []web.Cell{
			{Text: web.Plain(v.Lang.Number(version.Seq) + ", " + v.Lang.DateTime(version.At))},
			{Text: web.Plain(version.Note)},
			{Text: web.Plain(n.actor(ledger.ByStaff, version.By, policy.Editor))},
			{Text: web.Text{{Text: v.T("coursework.restore.ask"), Href: v.of(PathCourseVersion, "seq", strconv.FormatInt(version.Seq, 10))}}},
		})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true, Back: v.back()}, p)
}

// version is the publication that the address names.
func (c *console) version(v *writing) (int64, learning.Course, error) {
	seq, err := strconv.ParseInt(v.PathValue("seq"), 10, 64)
	if err != nil {
		return 0, learning.Course{}, errs.New(errs.NotFound, "authoring.version.unknown")
	}
	course, err := c.Courses.AsPublished(v.Context(), v.d.Slug, seq)
	return seq, course, err
}

func (c *console) askRestore(w http.ResponseWriter, v *writing) error {
	seq, course, err := c.version(v)
	if err != nil {
		return err
	}
	sheet := web.NewSheet(v.Lang, v.of(PathCourseRestore, "seq", strconv.FormatInt(seq, 10)), v.T("coursework.restore.now"))
	sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.of(PathCourseVersions)}
	var lessons []string
	for i, l := range course.Lessons {
		lessons = append(lessons, v.lessonName(i, l))
	}
	p := confirmPage{Chrome: c.chrome(v.visit), Title: v.T("coursework.restore.title", i18n.Num("n", seq)),
		Confirm: web.NewConfirm(v.Lang, sheet, web.Plain(v.T("coursework.restore.undo")), web.Plain(v.T("coursework.restore.when")), lessons, web.Plain(v.T("coursework.restore.what")))}
	return c.sendConfirm(w, v.visit, p, nil)
}

func (c *console) restoreCourse(w http.ResponseWriter, v *writing) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	seq, _, err := c.version(v)
	if err == nil {
		err = c.Courses.Restore(v.Context(), v.Viewer.Subject, v.d.Slug, seq)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathCourse), "course_restored")
}

// revInput is the rev of the part that a form was made of: what its author saw.
const revInput = "rev"

// seen reads it.
func (v *writing) seen(form web.Form, part string) (authoring.At, error) {
	n, err := strconv.ParseInt(form.Get(revInput), 10, 64)
	if err != nil {
		return authoring.At{}, errs.New(errs.Invalid, "error.form")
	}
	return authoring.At{Course: v.d.Slug, Part: part, Rev: n}, nil
}

// inTabs leads to the same page in the other languages of writing.
func (v *writing) inTabs(address func(lang string) string) []web.Link {
	var out []web.Link
	for _, code := range i18n.Codes() {
		out = append(out, web.Link{Text: v.T("course.language." + code), Href: address(code), Current: code == v.PathValue("doc")})
	}
	return out
}
