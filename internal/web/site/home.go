package site

import (
	"net/http"

	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/web"
)

// homePage says what the site is, shows a few courses, gives the notice about the policy (2.1) and tells how the door works.
type homePage struct {
	Visitor  bool // has not signed in
	Join     web.Button
	SignIn   web.Button
	My       web.Button
	ForYou   *web.Suggestions
	Courses  []courseCard
	All      *web.Link // to the list, where there are more
	Empty    web.Empty
	Notice   web.Text
	Read, Go web.Button // the two choices, of one weight (2.1, 2.2)
	Steps    []homeStep
	Rules    web.Link
}

// homeStep is a step of the explanation; its number chooses the picture.
type homeStep struct {
	Title string
	Text  web.Text
}

// homeCourses are shown on the first page.
const homeCourses = 3

func (s *publicPages) showHome(w http.ResponseWriter, r *web.Request) error {
	look, err := s.shelf.Look(r.Context())
	if err != nil {
		return err
	}
	courses, all, err := look.Find(r.Context(), learning.Filter{}, 0, homeCourses)
	if err != nil {
		return err
	}
	p := homePage{Visitor: !r.Viewer.SignedIn(),
		Join:   web.Button{Text: r.T("home.join"), Href: r.Path(web.PathRegister), Style: web.Primary},
		SignIn: web.Button{Text: r.T("home.sign_in"), Href: r.Path(web.PathSignIn), Style: web.Secondary},
		My:     web.Button{Text: r.T("home.my"), Href: r.Path(web.PathMy), Style: web.Primary},
		Empty:  web.Empty{Title: r.T("course.none"), Text: web.Plain(r.T("course.none.text"))},
		Notice: r.Rich("home.notice", i18n.Str("agree", "2.1"), i18n.Str("leave", "2.2")).By("agree", r.Clause("2.1")).By("leave", r.Clause("2.2")),
		Read:   web.Button{Text: r.T("home.notice.read"), Href: r.Path(web.PathPolicy), Style: web.Secondary},
		Go:     web.Button{Text: r.T("home.notice.go"), Href: r.Path(PathCourses), Style: web.Secondary},
		Rules:  web.Link{Text: r.T("home.rules"), Href: r.Path(PathRules)},
		Steps: []homeStep{
			{r.T("home.step.ask"), web.Plain(r.T("home.step.ask.text"))},
			{r.T("home.step.door"), web.Plain(r.T("home.step.door.text"))},
			{r.T("home.step.log"), web.Plain(r.T("home.step.log.text"))},
		},
	}
	if p.ForYou, err = s.forYou(r); err != nil {
		return err
	}
	for _, c := range courses {
		p.Courses = append(p.Courses, card(r, c))
	}
	if all > len(courses) {
		p.All = &web.Link{Text: r.T("home.courses.all"), Href: r.Path(PathCourses)}
	}
	return s.home.Send(w, r, web.Head{Title: r.T("home.tab"), Describe: r.T("home.lead")}, p)
}
