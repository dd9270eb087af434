package site

import (
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/study"
	"ustaz/internal/web"
)

// coursesPage lists the courses, those that were looked for or all.
type coursesPage struct {
	Search *web.Sheet
	Found  string // how many, where something was looked for
	All    *web.Link
	Cards  []courseCard
	Pages  web.Pages
	Empty  web.Empty
}

// coursesAPage is how many the list shows at once.
const coursesAPage = 24

func (s *publicPages) showCourses(w http.ResponseWriter, r *web.Request) error {
	form, err := r.Query(web.Line("q"), web.Line("subject"), web.Line("level"), web.Line("in"), web.Line("open"), web.Line("page"))
	if err != nil {
		return err
	}
	n := 1
	if asked := form.Get("page"); asked != "" {
		if n, err = strconv.Atoi(asked); err != nil || n < 1 || n > 1_000_000 {
			return errs.New(errs.NotFound, "error.notfound")
		}
	}
	f := learning.Filter{Query: form.Get("q"), Subject: learning.Subject(form.Get("subject")), Level: learning.Level(form.Get("level")), Lang: form.Get("in")}
	if f.Subject != "" && !slices.Contains(learning.Subjects, f.Subject) || f.Level != "" && !slices.Contains(learning.Levels, f.Level) || f.Lang != "" && !i18n.Known(f.Lang) {
		return errs.New(errs.NotFound, "error.notfound")
	}
	if form.Get("open") != "" {
		f.Open = r.Now.Truncate(time.Hour) // courses open and close at full hours; so the list is remembered for one
	}
	look, err := s.shelf.Look(r.Context())
	if err != nil {
		return err
	}
	courses, all, err := look.Find(r.Context(), f, (n-1)*coursesAPage, coursesAPage)
	if err != nil {
		return err
	}
	last := max(1, (all+coursesAPage-1)/coursesAPage)
	if n > last {
		return errs.New(errs.NotFound, "error.notfound")
	}
	query := url.Values{}
	for _, name := range []string{"q", "subject", "level", "in", "open"} {
		if v := strings.TrimSpace(form.Get(name)); v != "" {
			query.Set(name, v)
		}
	}
	address := func(n int) string {
		q := maps.Clone(query)
		if n > 1 {
			q.Set("page", strconv.Itoa(n))
		}
		if len(q) == 0 {
			return r.Path(PathCourses)
		}
		return r.Path(PathCourses) + "?" + q.Encode()
	}
	key := strings.Join([]string{r.Lang.Code(), f.Open.Format(time.RFC3339), address(n)}, " ")
	main, err := look.Made(key, func() (template.HTML, error) {
		return s.courseList(r, form, len(query) > 0, courses, all, web.NewPages(r.Lang, n, last, address))
	})
	if err != nil {
		return err
	}
	if len(query) == 0 && n == 1 {
		forYou, err := s.forYouHTML(r)
		if err != nil {
			return err
		}
		main += forYou
	}
	return s.courses.SendHTML(w, r, web.Head{Title: r.T("course.list"), Describe: r.T("course.list.lead")}, main)
}

// courseList is the list, which is the same for every reader.
func (s *publicPages) courseList(r *web.Request, form web.Form, asked bool, courses []learning.Course, all int, pages web.Pages) (template.HTML, error) {
	p := coursesPage{Search: searchSheet(r, form), Empty: web.Empty{Title: r.T("course.none"), Text: web.Plain(r.T("course.none.text"))}, Pages: pages}
	if asked {
		p.Found = r.T("course.found", i18n.Num("n", int64(all)))
		p.All = &web.Link{Text: r.T("course.search.all"), Href: r.Path(PathCourses)}
		p.Empty = web.Empty{Title: r.T("course.found.none"), Text: web.Plain(r.T("course.found.none.text"))}
	}
	for _, c := range courses {
		p.Cards = append(p.Cards, card(r, c))
	}
	return s.courses.HTML(r, p)
}

// searchSheet looks for courses; its address can be passed on.
func searchSheet(r *web.Request, form web.Form) *web.Sheet {
	sheet := web.NewSheet(r.Lang, r.Path(PathCourses), r.T("course.search"),
		web.NewField(r.Lang, web.TextField, "q", r.T("course.search.words")).Holding(form.Get("q")).UpTo(200).Fills("off"),
		web.NewField(r.Lang, web.Select, "subject", r.T("course.search.subject")).Holding(form.Get("subject")).Of(choicesOf(r, "course.subject.", learning.Subjects)...),
		web.NewField(r.Lang, web.Select, "level", r.T("course.search.level")).Holding(form.Get("level")).Of(choicesOf(r, "course.level.", learning.Levels)...),
		web.NewField(r.Lang, web.Select, "in", r.T("course.search.language")).Holding(form.Get("in")).Of(choicesOf(r, "course.language.", i18n.Codes())...),
		web.NewField(r.Lang, web.Tick, "open", r.T("course.search.open")).Holding(form.Get("open"))).Ask()
	return sheet
}

func choicesOf[S ~string](r *web.Request, prefix string, list []S) []web.Option {
	out := make([]web.Option, len(list))
	for i, v := range list {
		out[i] = web.Option{Value: string(v), Text: r.T(prefix + string(v))}
	}
	return out
}

// courseCard shows a course in a list.
type courseCard struct {
	Lang           string // of its words, where it is not the page's
	Title, Summary string
	Href           string
	Facts          []string
	Cover          *web.Cover
}

// card takes the reader's language if the course has it.
func card(r *web.Request, c learning.Course) courseCard {
	lang := c.Lang(r.Lang.Code())
	v := courseCard{Cover: web.NewCover(c, lang), Title: c.Words[lang].Title, Summary: c.Words[lang].Summary, Href: r.Path(web.PathCourse, "slug", c.Slug), Facts: append([]string{hours(r.Lang, c), languages(r.Lang, c)}, meant(r.Lang, c)...)}
	if lang != r.Lang.Code() {
		v.Lang = lang
	}
	if c.Entry.Way != learning.Open {
		v.Facts = append(v.Facts, wayText(r.Lang, c.Entry.Way))
	}
	if days := entryDays(r.Lang, c.Entry); days != "" {
		v.Facts = append(v.Facts, days)
	}
	if c.Demo {
		v.Facts = append(v.Facts, r.T("course.demo"))
	}
	return v
}

func hours(l i18n.Lang, c learning.Course) string {
	return l.T("course.hours", i18n.Num("n", int64(c.Hours)))
}

// meant is what a course is about, and for whom.
func meant(l i18n.Lang, c learning.Course) (out []string) {
	if c.Subject != "" {
		out = append(out, l.T("course.subject."+string(c.Subject)))
	}
	if c.Level != "" {
		out = append(out, l.T("course.level."+string(c.Level)))
	}
	return out
}

func languages(l i18n.Lang, c learning.Course) string {
	var names []string
	for _, code := range c.Languages() {
		names = append(names, l.T("course.language."+code))
	}
	return l.List(names)
}

// coursePage is a course: what it is about, its lessons, and how far the reader has come.
type coursePage struct {
	Lang    string // of the course's words
	Title   string
	Summary string
	Facts   []string
	Cover   *web.Cover
	Notices []web.Notice
	Meter   *web.Meter // of who takes part
	Begin   *web.Post
	Acts    []web.Button // to go on, or to come in first
	Lessons []lessonLine
	Text    template.HTML // made by package learning, which vouches for it
	Leave   *web.Link
	Terms   web.Summary // how one comes to take part
	Posts   []web.Post
}

// lessonLine is a lesson in the list of its course.
type lessonLine struct {
	Title, Href string
	Facts       string   // how long it takes
	Read        *web.Tag // by who takes part
}

func (s *publicPages) showCourse(w http.ResponseWriter, r *web.Request) error {
	look, err := s.shelf.Look(r.Context())
	if err != nil {
		return err
	}
	c, err := look.Course(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	part, may, err := s.part(r, c.Slug)
	if err != nil {
		return err
	}
	lang := c.Lang(r.Lang.Code())
	about, err := look.About(c, lang, web.NewCourseFiles(r.Context(), s.Media, c.Slug))
	if err != nil {
		return err
	}
	words := c.Words[lang]
	p := coursePage{Lang: lang, Title: words.Title, Summary: words.Summary, Facts: append([]string{hours(r.Lang, c), languages(r.Lang, c)}, meant(r.Lang, c)...), Text: about.HTML}
	p.Cover = web.NewCover(c, lang)
	p.Cover.Eager = true
	if len(c.Lessons) > 0 {
		p.Facts = append(p.Facts, r.T("course.minutes", i18n.Num("n", int64(c.Minutes()))))
	}
	if c.Demo {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Info, r.T("course.demo"), web.Plain(r.T("course.demo.text"))))
	}
	p.Notices = append(p.Notices, foreign(r, lang)...)
	for _, l := range c.Lessons {
		line := lessonLine{Title: l.Words[lang], Href: lessonPath(r, PathLesson, c.Slug, l.ID), Facts: minutes(r.Lang, l.Minutes)}
		if l.Kind != learning.Reading {
			line.Facts = r.T("course.kind."+string(l.Kind)) + ", " + line.Facts
		}
		if part != nil && !part.Read[l.ID].IsZero() {
			line.Read = &web.Tag{Text: r.T("course.lesson.done." + string(l.Kind)), Style: web.Good}
		}
		p.Lessons = append(p.Lessons, line)
	}
	if p.Terms, err = s.terms(r, c); err != nil {
		return err
	}
	if err := s.offer(r, &p, c, part, may); err != nil {
		return err
	}
	return s.course.Send(w, r, web.Head{Title: words.Title, Describe: words.Summary, Back: &web.Link{Text: r.T("course.list"), Href: r.Path(PathCourses)}}, p)
}

// offer adds how far the reader has come, and what they can do next: nothing that the rules refuse them now.
func (s *publicPages) offer(r *web.Request, p *coursePage, c learning.Course, part *study.Part, may bool) error {
	switch {
	case len(c.Lessons) == 0 || s.Study == nil:
	case part != nil:
		meter := progress(r.Lang, c, part)
		p.Meter = &meter
		next := unread(c, part)
		if next != 0 {
			p.Acts = append(p.Acts, web.Button{Text: r.T("course.go_on"), Href: lessonPath(r, PathLesson, c.Slug, next), Style: web.Primary})
		}
		if next == 0 && !part.Finished.IsZero() {
			p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Good, r.T("course.finished"), web.Plain(r.T("course.finished.text", i18n.Day("day", part.Finished)))))
		}
		if may {
			p.Leave = &web.Link{Text: r.T("course.leave"), Href: r.Path(PathCourseLeave, "slug", c.Slug)}
		}
	case c.Hidden:
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Info, "", web.Plain(r.T("course.hidden"))))
	case r.Viewer.SignedIn() && !may && !r.Viewer.MustConsent:
	case r.Viewer.SignedIn() && s.Enrol != nil && !r.Viewer.MustConsent:
		return s.offerEntry(r, p, c)
	case r.Viewer.SignedIn(): // who has yet to agree is asked on the way
		p.Begin = &web.Post{Action: r.Path(PathCourseBegin, "slug", c.Slug), Button: web.Button{Text: r.T("course.begin"), Style: web.Primary}}
	default:
		p.Acts = append(p.Acts, web.Button{Text: r.T("course.sign_in"), Href: withNext(r.Path(web.PathSignIn), r.Path(web.PathCourse, "slug", c.Slug)), Style: web.Primary})
	}
	return nil
}

// part is the reader's part in a course, nil for a visitor and for who takes none; and whether they can take part now.
func (s *publicPages) part(r *web.Request, course string) (part *study.Part, may bool, err error) {
	if s.Study == nil || !r.Viewer.SignedIn() || r.Viewer.MustConsent {
		return nil, false, nil
	}
	part, may, err = s.Study.Of(r.Context(), r.Viewer.Subject, course, r.Viewer.Session+" study")
	if part != nil && part.Closed {
		part = nil
	}
	return part, may, err
}

// unread is the first lesson that is not yet read; 0 where all are.
func unread(c learning.Course, part *study.Part) int64 {
	for _, l := range c.Lessons {
		if part.Read[l.ID].IsZero() {
			return l.ID
		}
	}
	return 0
}

// progress says how much is read, and how long the rest takes.
func progress(l i18n.Lang, c learning.Course, part *study.Part) web.Meter {
	read, left := 0, 0
	for _, lesson := range c.Lessons {
		if part.Read[lesson.ID].IsZero() {
			left += lesson.Minutes
		} else {
			read++
		}
	}
	all := i18n.Num("all", int64(len(c.Lessons)))
	said := l.T("course.progress.all", all)
	if left > 0 {
		said = l.T("course.progress.said", i18n.Num("read", int64(read)), all, i18n.Str("left", minutes(l, left)))
	}
	return web.Meter{Label: l.T("course.progress"), Said: said, Done: read, Of: len(c.Lessons)}
}

func minutes(l i18n.Lang, n int) string { return l.T("course.minutes", i18n.Num("n", int64(n))) }

func lessonPath(r *web.Request, pattern, course string, lesson int64) string {
	return r.Path(pattern, "slug", course, "lesson", person.ID(lesson).String())
}

// foreign says that a course is shown in another language than the page's.
func foreign(r *web.Request, lang string) []web.Notice {
	if lang == r.Lang.Code() {
		return nil
	}
	return []web.Notice{web.NewNotice(r.Lang, web.Info, "", web.Plain(r.T("course.foreign", i18n.Msg("language", "policypage.in."+lang))))}
}

// lessonPage is a lesson with the ways on from it.
type lessonPage struct {
	Lang     string
	Title    string
	Facts    []string // which of how many, how long
	Notices  []web.Notice
	Meter    *web.Meter
	Parts    []web.Link
	Text     template.HTML // made by package learning, which vouches for it
	Rubric   *web.Table    // of an assignment
	Attempts *web.Table    // of a test, an assignment or a package
	Player   *web.Player   // of a package
	Done     *web.Post
	Join     web.Text // to a reader who takes no part
	Before   *web.Link
	After    *web.Link
}

func (s *publicPages) showLesson(w http.ResponseWriter, r *web.Request) error {
	look, err := s.shelf.Look(r.Context())
	if err != nil {
		return err
	}
	c, err := look.Course(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(c.Lessons, func(l learning.Lesson) bool { return person.ID(l.ID).String() == r.PathValue("lesson") })
	if at < 0 {
		return errs.New(errs.NotFound, "course.lesson.unknown")
	}
	lesson, lang := c.Lessons[at], c.Lang(r.Lang.Code())
	text, err := look.Lesson(r.Context(), c, lesson.ID, lang, web.NewCourseFiles(r.Context(), s.Media, c.Slug))
	if err != nil {
		return err
	}
	part, may, err := s.part(r, c.Slug)
	if err != nil {
		return err
	}
	p := lessonPage{Lang: lang, Title: lesson.Words[lang], Text: text.HTML, Notices: foreign(r, lang),
		Facts: []string{r.T("course.lesson.of", i18n.Num("n", int64(at+1)), i18n.Num("all", int64(len(c.Lessons)))), minutes(r.Lang, lesson.Minutes)}}
	if len(text.Parts) > 1 {
		for _, part := range text.Parts {
			p.Parts = append(p.Parts, web.Link{Text: part.Title, Href: "#" + part.ID})
		}
	}
	if at > 0 {
		p.Before = &web.Link{Text: c.Lessons[at-1].Words[lang], Href: lessonPath(r, PathLesson, c.Slug, c.Lessons[at-1].ID)}
	}
	if at+1 < len(c.Lessons) {
		p.After = &web.Link{Text: c.Lessons[at+1].Words[lang], Href: lessonPath(r, PathLesson, c.Slug, c.Lessons[at+1].ID)}
	}
	if lesson.Test != nil {
		p.Facts = append(p.Facts, testFacts(r.Lang, lesson.Test)...)
	}
	if lesson.Task != nil {
		p.Facts = append(p.Facts, taskFacts(r.Lang, lesson.Task)...)
		criteria, err := lesson.Task.Criteria(lang)
		if err != nil {
			return err
		}
		if len(criteria) > 0 {
			rubric := web.RubricTable(r.Lang, criteria)
			p.Rubric = &rubric
		}
	}
	switch {
	case part != nil:
		meter := progress(r.Lang, c, part)
		p.Meter = &meter
		if lesson.Test != nil {
			if err := s.offerTest(r, &p, c, lesson, part.Read, may); err != nil {
				return err
			}
			break
		}
		if lesson.Task != nil {
			if err := s.offerTask(r, &p, c, lesson, part.Read, may); err != nil {
				return err
			}
			break
		}
		if lesson.Package != nil {
			if err := s.offerPackage(r, &p, c, lesson, part.Read, may); err != nil {
				return err
			}
			if !lesson.Told() {
				break
			}
		}
		key := "course.lesson.done"
		if at+1 == len(c.Lessons) {
			key = "course.lesson.done.last"
		}
		if may && part.Read[lesson.ID].IsZero() {
			p.Done = &web.Post{Action: lessonPath(r, PathLessonRead, c.Slug, lesson.ID), Button: web.Button{Text: r.T(key), Style: web.Primary}}
		}
	case s.Study != nil && (may || !r.Viewer.SignedIn() || r.Viewer.MustConsent):
		p.Join = r.Rich("course.lesson.join", i18n.Msg("course", "course.lesson.join.link")).Link("course", r.Path(web.PathCourse, "slug", c.Slug))
	}
	head := web.Head{Title: p.Title, Describe: c.Words[lang].Summary, Back: &web.Link{Text: c.Words[lang].Title, Href: r.Path(web.PathCourse, "slug", c.Slug)}}
	if p.Player != nil {
		head.Wide, head.Scripts, head.Frames = true, []string{"play.js"}, s.Stage.Frames()
	}
	return s.lesson.Send(w, r, head, p)
}
