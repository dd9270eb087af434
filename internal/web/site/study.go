package site

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/quiz"
	"ustaz/internal/secret"
	"ustaz/internal/web"
)

// Addresses of lessons, and of what somebody does in courses (4.1.2).
const (
	PathLesson      = "/{lang}/courses/{slug}/{lesson}"
	PathLessonRead  = "/{lang}/courses/{slug}/{lesson}/read"
	PathCourseBegin = "/{lang}/courses/{slug}/begin"
	PathCourseLeave = "/{lang}/courses/{slug}/leave"
	PathMyCourses   = "/{lang}/my/courses"
)

func (a *accountPages) studyRoutes() []web.Route {
	agreed, studied := web.Consented(), a.studied
	return []web.Route{
		{Method: http.MethodGet, Pattern: PathMyCourses, Access: agreed, Handle: studied(a.showMyCourses)},
		{Method: http.MethodPost, Pattern: PathCourseBegin, Access: agreed, Handle: studied(a.doBegin)},
		{Method: http.MethodPost, Pattern: PathLessonRead, Access: agreed, Handle: studied(a.doRead)},
		{Method: http.MethodGet, Pattern: PathCourseLeave, Access: agreed, Handle: studied(a.showLeave)},
		{Method: http.MethodPost, Pattern: PathCourseLeave, Access: agreed, Handle: studied(a.doLeave)},
	}
}

// studied answers any session, also a remembered one: what somebody reads in courses is no secret from who sits at their device. While the data are
// blocked the page says so.
func (a *accountPages) studied(handle ofSession) web.Handler {
	return a.withSession(func(w http.ResponseWriter, r *web.Request, s account.Session) error {
		if err := a.sayBlocked(r, s); err != nil {
			return err
		}
		return handle(w, r, s)
	})
}

// myCoursesPage lists what somebody takes part in.
type myCoursesPage struct {
	Cards  []web.Card
	Empty  web.Empty
	All    web.Button
	ForYou *web.Suggestions
	Off    *web.Link // where it is switched on again
}

func (a *accountPages) showMyCourses(w http.ResponseWriter, r *web.Request, s account.Session) error {
	parts, err := a.Study.Mine(r.Context(), s.Subject, s.Once("courses"))
	if err != nil {
		return err
	}
	stands, err := a.standingCards(r, s)
	if err != nil {
		return err
	}
	all := linkButton(r, web.Secondary, "course.list", r.Path(PathCourses))
	p := myCoursesPage{All: all, Cards: stands, Empty: web.Empty{Title: r.T("mycourses.none"), Text: web.Plain(r.T("mycourses.none.text")), Act: &all}}
	forYou, found, err := suggestions(r, a.Suggest, s.Subject, s.Once("suggest"), true)
	if err != nil {
		return err
	}
	if p.ForYou = forYou; found.Off {
		p.Off = backTo(r, "suggest.is_off", PathForYou)
	}
	for _, part := range parts {
		c, err := a.Study.Course(r.Context(), part.Course)
		if errs.Is(err, errs.NotFound) { // taken away meanwhile; what was done in it is still theirs
			p.Cards = append(p.Cards, web.Card{Title: part.Course, Href: r.Path(PathCourseLeave, "slug", part.Course), Text: web.Plain(r.T("mycourses.gone"))})
			continue
		}
		if err != nil {
			return err
		}
		lang := c.Lang(r.Lang.Code())
		card := web.Card{Title: c.Words[lang].Title, Href: r.Path(web.PathCourse, "slug", c.Slug), Text: web.Plain(c.Words[lang].Summary), Cover: web.NewCover(c, lang),
			Facts: []string{r.T("mycourses.since", i18n.Day("day", part.Begun))}}
		if !part.Closed {
			card.Facts = append([]string{progress(r.Lang, c, part).Said}, card.Facts...)
		}
		p.Cards = append(p.Cards, card)
	}
	return a.courses.Send(w, r, web.Head{Title: r.T("mycourses.title"), Back: backTo(r, "my.title", web.PathMy)}, p)
}

func (a *accountPages) doBegin(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	return a.enrolNow(w, r, s, secret.Text{}, 0)
}

// doRead records a lesson and leads to the next one, or back to the course once it was the last.
func (a *accountPages) doRead(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	slug := r.PathValue("slug")
	lesson, err := person.ParseID(r.PathValue("lesson"))
	if err != nil {
		return errs.New(errs.NotFound, "course.lesson.unknown")
	}
	c, err := a.Study.Finish(r.Context(), s.Subject, slug, int64(lesson))
	if err != nil {
		return err
	}
	if next := following(c, int64(lesson)); next != 0 {
		return r.SeeOther(w, lessonPath(r, PathLesson, slug, next), "lesson_read")
	}
	return r.SeeOther(w, r.Path(web.PathCourse, "slug", slug), "lesson_read")
}

// following is the lesson after another; 0 after the last.
func following(c learning.Course, lesson int64) int64 {
	for i, l := range c.Lessons[:max(0, len(c.Lessons)-1)] {
		if l.ID == lesson {
			return c.Lessons[i+1].ID
		}
	}
	return 0
}

func (a *accountPages) showLeave(w http.ResponseWriter, r *web.Request, s account.Session) error {
	slug := r.PathValue("slug")
	part, may, err := a.Study.Of(r.Context(), s.Subject, slug, s.Once("study"))
	if err != nil {
		return err
	}
	if part == nil || !may {
		return r.SeeOther(w, r.Path(PathMyCourses), "")
	}
	title, err := a.names(r).course(slug)
	if err != nil {
		return err
	}
	sheet := web.NewSheet(r.Lang, r.Path(PathCourseLeave, "slug", slug), r.T("course.leave"))
	sheet.Cancel = backTo(r, "course.leave.cancel", PathMyCourses)
	p := forgetPage{Title: r.T("course.leave.title", i18n.Str("course", title)), Clause: "4.1.2",
		Ask: web.NewConfirm(r.Lang, sheet, web.Plain(r.T("course.leave.undo")), web.Plain(r.T("mydata.forget.when")), nil,
			web.Plain(r.T("course.leave.what", i18n.Num("n", int64(len(part.Read))))), web.Plain(r.T("course.leave.stays")))}
	return a.forget.Send(w, r, web.Head{Title: p.Title, Back: backTo(r, "mycourses.title", PathMyCourses)}, p)
}

func (a *accountPages) doLeave(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	if err := a.Study.Leave(r.Context(), s.Subject, r.PathValue("slug")); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathMyCourses), "course_left")
}

// copyCourse is somebody's part in a course, for a program to read.
type copyCourse struct {
	Course   string        `json:"course"`
	Title    string        `json:"title"`
	Begun    time.Time     `json:"begun"`
	Finished time.Time     `json:"finished,omitzero"`
	Read     []copyLesson  `json:"lessons_read"`
	Tests    []copyTest    `json:"tests"`
	Packages []copyPackage `json:"packages"`
	Works    []copyWork    `json:"assignments"`
}

// copyTest is an attempt at a test with all that was answered.
type copyTest struct {
	Test    string       `json:"test"` // its title, or its number if it was taken away
	N       int          `json:"attempt"`
	Begun   time.Time    `json:"begun"`
	Ended   time.Time    `json:"ended,omitzero"`
	Result  *exam.Result `json:"result,omitempty"`
	Answers []copyAnswer `json:"answers"`
}

type copyAnswer struct {
	Question string      `json:"question"`
	Said     []string    `json:"said"` // the answer in words
	Answer   quiz.Answer `json:"answer"`
	At       time.Time   `json:"at"`
}

type copyLesson struct {
	Lesson string    `json:"lesson"`
	At     time.Time `json:"at"`
}

func (a *accountPages) copyCourses(names *actorNames, own person.ID) ([]copyCourse, error) {
	out := []copyCourse{}
	parts, err := a.Study.Mine(names.r.Context(), own, "")
	if err != nil {
		return nil, err
	}
	attempts, err := a.Exams.All(names.r.Context(), own, names.r.Lang.Code())
	if err != nil {
		return nil, err
	}
	played, err := a.Scorm.Mine(names.r.Context(), own, "")
	if err != nil {
		return nil, err
	}
	works, err := a.Tasks.All(names.r.Context(), own)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		title, err := names.course(p.Course)
		if err != nil {
			return nil, err
		}
		c := copyCourse{Course: p.Course, Title: title, Begun: p.Begun, Finished: p.Finished, Read: []copyLesson{}}
		for lesson, at := range p.Read {
			c.Read = append(c.Read, copyLesson{person.ID(lesson).String(), at})
		}
		slices.SortFunc(c.Read, func(x, y copyLesson) int { return x.At.Compare(y.At) })
		if c.Tests, err = a.copyTests(names, p.Course, attempts); err != nil {
			return nil, err
		}
		if c.Packages, err = a.copyPackages(names, p.Course, played); err != nil {
			return nil, err
		}
		if c.Works, err = a.copyWorks(names, p.Course, works); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// copyTests are the attempts in a course, in the reader's language.
func (a *accountPages) copyTests(names *actorNames, course string, attempts []exam.Whole) ([]copyTest, error) {
	out := []copyTest{}
	for _, at := range attempts {
		if at.Course != course {
			continue
		}
		c, err := a.Study.Course(names.r.Context(), course)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return nil, err
		}
		t := copyTest{Test: person.ID(at.Lesson).String(), N: at.N, Begun: at.Begun, Ended: at.Ended, Result: at.Plan.Result, Answers: []copyAnswer{}}
		if _, l, still := c.Lesson(at.Lesson); still {
			t.Test = l.Words[c.Lang(names.r.Lang.Code())]
		}
		files, err := a.Exams.Files(names.r.Context(), at.Attempt, "copy")
		if err != nil {
			return nil, err
		}
		for place, q := range at.Asked {
			if !q.Saved.IsZero() {
				said := q.Said(q.Answer, names.r.T("asked.true"), names.r.T("asked.false"))
				if f, there := files[place]; there { // it is fetched at the question
					said = []string{f.Name.Reveal(), a.Public.JoinPath(names.r.Path(PathAnswerFile, "attempt", at.ID.String(), "place", strconv.Itoa(place+1))).String()}
				}
				t.Answers = append(t.Answers, copyAnswer{Question: asked(q.Prompt), Said: said, Answer: q.Answer, At: q.Saved})
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// asked is a question on one line, with a line for each gap.
func asked(prompt string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(prompt, string(quiz.GapMark), "____")), " ")
}

// testsTable is what somebody answered in tests, for the copy on paper.
func testsTable(r *web.Request, courses []copyCourse) web.Table {
	t := web.Table{Caption: r.T("mycourses.tests"), Quiet: true, Columns: []web.Column{{Label: r.T("mycourses.test")}, {Label: r.T("exam.when")}, {Label: r.T("exam.result")}, {Label: r.T("exam.review")}},
		Empty: &web.Empty{Title: r.T("mycourses.tests.none"), Text: web.Plain(r.T("mycourses.tests.none.text"))}}
	for _, c := range courses {
		for _, test := range c.Tests {
			result, answers := "—", []string{}
			if test.Result != nil {
				result = r.T("exam.score.said", i18n.Str("won", points(r.Lang, test.Result.Won)), i18n.Str("of", points(r.Lang, test.Result.Of)), i18n.Num("percent", int64(test.Result.Percent())))
			}
			for _, answer := range test.Answers {
				answers = append(answers, answer.Question+" — "+strings.Join(answer.Said, ", "))
			}
			t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(c.Title + ": " + test.Test + ", " + r.T("exam.attempt.n", i18n.Num("n", int64(test.N))))}, {Text: web.Plain(r.Lang.DateTime(test.Begun))},
				{Text: web.Plain(result)}, {Text: web.Plain(strings.Join(answers, "; "))}})
		}
	}
	return t
}

// coursesTable is what somebody takes part in, for the copy on paper.
func coursesTable(r *web.Request, courses []copyCourse) web.Table {
	t := web.Table{Caption: r.T("mycourses.title"), Quiet: true, Columns: []web.Column{{Label: r.T("mycourses.course")}, {Label: r.T("mycourses.begun")},
		{Label: r.T("mycourses.read"), Number: true}}, Empty: &web.Empty{Title: r.T("mycourses.none"), Text: web.Plain(r.T("mycourses.none.text"))}}
	for _, c := range courses {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Plain(c.Title)}, {Text: web.Plain(r.Lang.DateTime(c.Begun))}, {Text: web.Plain(strconv.Itoa(len(c.Read)))}})
	}
	return t
}
