package console

import (
	"net/http"
	"strconv"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/policy"
	"ustaz/internal/quiz"
	"ustaz/internal/web"
)

// Addresses of what a person grades: answers of tests, without the name of who gave them (4.1.2).
const (
	PathGrading = "/{lang}/console/grading"
	PathGrade   = "/{lang}/console/grading/{attempt}"

	PathGradeFile = "/{lang}/console/grading/{attempt}/files/{file}"
)

func (c *console) gradingRoutes() []web.Route {
	return []web.Route{
		c.on(http.MethodGet, PathGrading, editors, c.showQueue),
		c.on(http.MethodGet, PathGrade, editors, c.showGrade),
		c.on(http.MethodPost, PathGrade, editors, c.settleGrade),
		c.on(http.MethodGet, PathGradeFile, editors, c.sendGradeFile),
	}
}

// grader is who grades answers in the console.
func (v *visit) grader() keeper.Actor { return keeper.Staff(v.Viewer.Subject, policy.Editor) }

func (c *console) showQueue(w http.ResponseWriter, v *visit) error {
	queue, err := c.Exams.Queue(v.Context())
	if err != nil {
		return err
	}
	p := listPage{Chrome: c.chrome(v), Title: v.T("grading.title"), Lead: v.T("grading.lead"),
		Table: web.Table{Caption: v.T("grading.title"), Quiet: true, Columns: []web.Column{{Label: v.T("grading.test")}, {Label: v.T("coursework.course")}, {Label: v.T("grading.since")}},
			Empty: &web.Empty{Title: v.T("grading.none"), Text: web.Plain(v.T("grading.none.text"))}}}
	for _, a := range queue {
		course, test, err := c.lessonTitles(v, a.Course, a.Lesson)
		if err != nil {
			return err
		}
		p.Table.Rows = append(p.Table.Rows, []web.Cell{{Text: web.Text{{Text: test, Href: v.to(PathGrade, nil, "attempt", a.ID.String())}}}, {Text: web.Plain(course)}, {Text: web.Plain(v.Lang.DateTime(a.Ended))}})
	}
	return c.list.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// gradePage shows answers to be graded, each with a field for its points.
type gradePage struct {
	Chrome  chrome
	Title   string
	Course  string
	Lead    string
	Answers []gradeAnswer
	Sheet   *web.Sheet
}

type gradeAnswer struct {
	Title string
	Asked *web.Asked
}

func pointsName(place int) string { return "points." + strconv.Itoa(place) }

func (c *console) gradeForm(v *visit) (gradePage, []exam.Graded, error) {
	id, err := v.id("attempt")
	if err != nil {
		return gradePage{}, nil, err
	}
	a, open, err := c.Exams.ToGrade(v.Context(), v.grader(), id, v.Lang.Code())
	if err != nil {
		return gradePage{}, nil, err
	}
	p := gradePage{Lead: v.T("grading.how")}
	if p.Course, p.Title, err = c.lessonTitles(v, a.Course, a.Lesson); err != nil {
		return gradePage{}, nil, err
	}
	files := web.NewCourseFiles(v.Context(), c.Media, a.Course)
	p.Sheet = web.NewSheet(v.Lang, v.to(PathGrade, nil, "attempt", id.String()), v.T("grading.settle"))
	p.Sheet.Cancel = &web.Link{Text: v.T("console.cancel"), Href: v.to(PathGrading, nil)}
	for i, q := range open {
		asked, err := web.NewAsked(v.Lang, v.Lang.Code(), i, q.Question, q.Layout, q.Answer, &web.Shown{Grade: q.Grade, Answers: true}, files.File)
		if err != nil {
			return p, nil, err
		}
		if q.File != nil {
			asked.File = &web.AskedFile{Name: q.File.Name.Reveal(), Size: learning.SizeWords(v.Lang, q.File.Size), Href: v.to(PathGradeFile, nil, "attempt", id.String(), "file", q.File.ID.String())}
		}
		title := v.T("exam.question.n", i18n.Num("n", int64(i+1)))
		p.Answers = append(p.Answers, gradeAnswer{Title: title, Asked: asked})
		p.Sheet.Fields = append(p.Sheet.Fields, web.NewField(v.Lang, web.TextField, pointsName(q.Place), v.T("grading.points", i18n.Str("question", title))).Must().
			Hinted(v.T("grading.points.hint", i18n.Num("n", int64(q.Points)))).UpTo(8).Fills("off"))
	}
	return p, open, files.Err()
}

// sendGradeFile gives a file that answers a question, to who grades it.
func (c *console) sendGradeFile(w http.ResponseWriter, v *visit) error {
	id, err := v.id("attempt")
	if err != nil {
		return err
	}
	f, contents, err := c.Exams.FileToGrade(v.Context(), v.grader(), id, fileID(v))
	if err != nil {
		return err
	}
	return v.File(w, f.Name.Reveal(), f.Type, contents)
}

func (c *console) showGrade(w http.ResponseWriter, v *visit) error {
	p, _, err := c.gradeForm(v)
	if err != nil {
		return err
	}
	return c.sendGrade(w, v, p, web.Form{}, nil)
}

func (c *console) sendGrade(w http.ResponseWriter, v *visit, p gradePage, form web.Form, fault error) error {
	if fault != nil && !p.Sheet.Show(fault, form) {
		return fault
	}
	p.Chrome = c.chrome(v)
	return c.grade.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: &web.Link{Text: v.T("grading.title"), Href: v.to(PathGrading, nil)}}, p)
}

func (c *console) settleGrade(w http.ResponseWriter, v *visit) error {
	p, open, err := c.gradeForm(v)
	if err != nil {
		return err
	}
	var inputs []web.Input
	for _, q := range open {
		inputs = append(inputs, web.Line(pointsName(q.Place)))
	}
	form, err := v.Form(inputs...)
	if err != nil && len(errs.As(err).Fields) == 0 {
		return err
	}
	shares := map[int]int{}
	var faults []errs.Field
	for _, q := range open {
		share, good := shareOf(form.Get(pointsName(q.Place)), q.Points)
		if !good {
			faults = append(faults, errs.Field{Name: pointsName(q.Place), Key: "grading.points.wrong", Args: map[string]string{"n": strconv.Itoa(q.Points)}})
		}
		shares[q.Place] = share
	}
	if err == nil {
		err = errs.InvalidFields(faults)
	}
	if err == nil {
		id, _ := v.id("attempt") // it was read above
		err = c.Exams.Settle(v.Context(), v.grader(), id, shares)
	}
	if err != nil {
		return c.sendGrade(w, v, p, form, err)
	}
	return v.SeeOther(w, v.to(PathGrading, nil), "graded")
}

// shareOf makes thousandths of points that somebody typed, "1,5" of 3.
func shareOf(text string, of int) (int, bool) {
	d, ok := quiz.ParseDecimal(strings.TrimSpace(text))
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(d), 64)
	if err != nil || n < 0 || n > float64(of) {
		return 0, false
	}
	return int(n*quiz.Full/float64(of) + 0.5), true
}

// itemStats are how a question went, in words; empty while too little is known.
func (v *visit) itemStats(stats map[int64]exam.Stat, q learning.Question) string {
	s, known := stats[q.ID]
	if !known {
		return ""
	}
	said := v.T("grading.stat", i18n.Num("n", s.N), i18n.Num("percent", int64(s.Difficulty*100+0.5)))
	if s.Known {
		said += ", " + v.T("grading.discrimination", i18n.Str("r", v.Lang.Decimal(s.Discrimination, 2)))
	}
	return said
}
