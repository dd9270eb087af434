package site

import (
	"html/template"
	"net/http"
	"strconv"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/web"
)

// coursesPage lists the courses.
type coursesPage struct {
	Cards []courseCard
	Pages web.Pages
	Empty web.Empty
}

// coursesAPage is how many the list shows at once.
const coursesAPage = 24

func (s *publicPages) showCourses(w http.ResponseWriter, r *web.Request) error {
	n := 1
	if asked := r.URL.Query().Get("page"); asked != "" {
		var err error
		if n, err = strconv.Atoi(asked); err != nil || n < 1 || n > 1_000_000 {
			return errs.New(errs.NotFound, "error.notfound")
		}
	}
	courses, all, err := learning.List(r.Context(), s.DB, (n-1)*coursesAPage, coursesAPage)
	if err != nil {
		return err
	}
	last := max(1, (all+coursesAPage-1)/coursesAPage)
	if n > last {
		return errs.New(errs.NotFound, "error.notfound")
	}
	p := coursesPage{Empty: web.Empty{Title: r.T("course.none"), Text: web.Plain(r.T("course.none.text"))},
		Pages: web.NewPages(r.Lang, n, last, func(n int) string { return r.Path(PathCourses) + "?page=" + strconv.Itoa(n) })}
	for _, c := range courses {
		p.Cards = append(p.Cards, card(r, c))
	}
	return s.courses.Send(w, r, web.Head{Title: r.T("course.list"), Describe: r.T("course.list.lead")}, p)
}

// courseCard shows a course in a list.
type courseCard struct {
	Lang           string // of its words, where it is not the page's
	Title, Summary string
	Href           string
	Facts          []string
}

// card takes the reader's language if the course has it.
func card(r *web.Request, c learning.Course) courseCard {
	lang := c.Lang(r.Lang.Code())
	v := courseCard{Title: c.Words[lang].Title, Summary: c.Words[lang].Summary, Href: r.Path(PathCourse, "slug", c.Slug), Facts: []string{hours(r.Lang, c), languages(r.Lang, c)}}
	if lang != r.Lang.Code() {
		v.Lang = lang
	}
	if c.Demo {
		v.Facts = append(v.Facts, r.T("course.demo"))
	}
	return v
}

func hours(l i18n.Lang, c learning.Course) string {
	return l.T("course.hours", i18n.Num("n", int64(c.Hours)))
}

func languages(l i18n.Lang, c learning.Course) string {
	var names []string
	for _, code := range c.Languages() {
		names = append(names, l.T("course.language."+code))
	}
	return l.List(names)
}

// coursePage is a course whole.
type coursePage struct {
	Lang    string // of the course's words
	Title   string
	Summary string
	Facts   []string
	Notices []web.Notice
	Lessons []web.Link
	Text    template.HTML // made by package learning, which vouches for it
}

func (s *publicPages) showCourse(w http.ResponseWriter, r *web.Request) error {
	c, err := learning.Get(r.Context(), s.DB, r.PathValue("slug"))
	if err != nil {
		return err
	}
	lang := c.Lang(r.Lang.Code())
	page, err := learning.Render(c.Body[lang])
	if err != nil {
		return err
	}
	words := c.Words[lang]
	p := coursePage{Lang: lang, Title: words.Title, Summary: words.Summary, Facts: []string{hours(r.Lang, c), languages(r.Lang, c)}, Text: page.HTML}
	if c.Demo {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Info, r.T("course.demo"), web.Plain(r.T("course.demo.text"))))
	}
	if lang != r.Lang.Code() {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Info, "", web.Plain(r.T("course.foreign", i18n.Msg("language", "policypage.in."+lang)))))
	}
	for _, lesson := range page.Lessons {
		p.Lessons = append(p.Lessons, web.Link{Text: lesson.Title, Href: "#" + lesson.ID})
	}
	return s.course.Send(w, r, web.Head{Title: words.Title, Describe: words.Summary, Back: &web.Link{Text: r.T("course.list"), Href: r.Path(PathCourses)}}, p)
}
