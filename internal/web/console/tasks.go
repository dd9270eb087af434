package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/task"
	"ustaz/internal/web"
)

// Addresses of assignments that were handed in, without the name of who did (4.1.2).
const (
	PathTasks    = "/{lang}/console/tasks"
	PathTask     = "/{lang}/console/tasks/{work}"
	PathTaskFile = "/{lang}/console/tasks/{work}/files/{file}"
)

func (c *console) taskRoutes() []web.Route {
	return []web.Route{
		c.on(http.MethodGet, PathTasks, deciders, c.showTasks, web.Line("course")),
		c.on(http.MethodGet, PathTask, deciders, c.showTask),
		c.on(http.MethodPost, PathTask, deciders, c.settleTask),
		c.on(http.MethodGet, PathTaskFile, deciders, c.sendTaskFile),
	}
}

// tasksPage is what waits to be judged.
type tasksPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Filter *web.Sheet
	Table  web.Table
}

func (c *console) showTasks(w http.ResponseWriter, v *visit) error {
	form, err := v.Query(web.Line("course"))
	if err != nil {
		return err
	}
	queue, err := c.Tasks.Queue(v.Context(), v.decider())
	if err != nil {
		return err
	}
	p := tasksPage{Chrome: c.chrome(v), Title: v.T("taskwork.title"), Lead: v.T("taskwork.lead"),
		Table: web.Table{Caption: v.T("taskwork.title"), Quiet: true, Columns: []web.Column{{Label: v.T("taskwork.task")}, {Label: v.T("coursework.course")}, {Label: v.T("grading.since")}, {Label: v.T("taskwork.waits")}, {Label: v.T("coursework.state")}},
			Empty: &web.Empty{Title: v.T("taskwork.none"), Text: web.Plain(v.T("taskwork.none.text"))}}}
	courses := map[string]string{}
	for _, sub := range queue {
		course, title, err := c.lessonTitles(v, sub.Course, sub.Lesson)
		if err != nil {
			return err
		}
		courses[sub.Course] = course
		if only := form.Get("course"); only != "" && only != sub.Course {
			continue
		}
		row := []web.Cell{{Text: web.Text{{Text: title, Href: v.to(PathTask, nil, "work", sub.ID.String())}}}, {Text: web.Plain(course)}, {Text: web.Plain(v.Lang.DateTime(sub.Handed))},
			{Text: web.Plain(waited(v.Lang, v.Now.Sub(sub.Handed)))}, {}}
		switch {
		case sub.Late(v.Now):
			row[4].Tag = &web.Tag{Text: v.T("task.late"), Style: web.Warn}
		case !sub.Seen.IsZero():
			row[4].Tag = &web.Tag{Text: v.T("taskwork.seen"), Style: web.Info}
		case sub.N > 1:
			row[4].Tag = &web.Tag{Text: v.T("task.try.n", i18n.Num("n", int64(sub.N))), Style: web.Info}
		}
		p.Table.Rows = append(p.Table.Rows, row)
	}
	if len(courses) > 1 {
		var of []web.Option
		for slug, title := range courses {
			of = append(of, web.Option{Value: slug, Text: title})
		}
		slices.SortFunc(of, func(a, b web.Option) int { return strings.Compare(a.Text, b.Text) })
		p.Filter = web.NewSheet(v.Lang, v.to(PathTasks, nil), v.T("taskwork.filter"), web.NewField(v.Lang, web.Select, "course", v.T("coursework.course")).Of(of...).Holding(form.Get("course"))).Ask()
	}
	return c.tasks.Send(w, v.Request, web.Head{Title: p.Title, Wide: true}, p)
}

// waited says for how long something waits: in days, and before the first is over in hours. A clock that was set back says none.
func waited(l i18n.Lang, d time.Duration) string {
	if days := int64(d / (24 * time.Hour)); days > 0 {
		return l.T("taskwork.days", i18n.Num("n", days))
	}
	return l.T("taskwork.hours", i18n.Num("n", int64(max(0, d)/time.Hour)))
}

// lessonTitles gives the titles of a course and of a lesson of it; of what was taken away meanwhile its name in the address.
func (c *console) lessonTitles(v *visit, slug string, lesson int64) (course, title string, err error) {
	published, err := c.Courses.Published(v.Context(), slug)
	if errs.Is(err, errs.NotFound) {
		return slug, slug, nil
	}
	if err != nil {
		return "", "", err
	}
	lang := published.Lang(v.Lang.Code())
	course, title = published.Words[lang].Title, published.Words[lang].Title
	if _, l, still := published.Lesson(lesson); still {
		title = l.Words[lang]
	}
	return course, title, nil
}

// handedPage is what somebody handed in, with the form in which it is judged.
type handedPage struct {
	Chrome  chrome
	Title   string
	Course  string
	Lead    string
	Facts   []string
	Notices []web.Notice
	Text    string
	Files   *web.Table
	Sheet   *web.Sheet
	Before  []handedBefore
}

// handedBefore is an earlier try, or this one once it was judged.
type handedBefore struct {
	Title  string
	Facts  []string
	Text   string
	Files  *web.Table
	Said   string
	Judged *web.Table
}

// judging is a visit to a submission.
type judging struct {
	*visit
	sub      *task.Submission
	before   []*task.Submission
	criteria []learning.Criterion
}

func (c *console) judging(v *visit) (*judging, error) {
	id, err := v.id("work")
	if err != nil {
		return nil, err
	}
	j := &judging{visit: v}
	if j.sub, j.before, err = c.Tasks.ToGrade(v.Context(), v.decider(), id); err != nil {
		return nil, err
	}
	j.criteria, err = j.sub.Work.Task.Criteria(v.Lang.Code())
	return j, err
}

const (
	passIt   = "pass"
	returnIt = "return"
)

// sheet is the rubric as a form.
func (j *judging) sheet() *web.Sheet {
	s := web.NewSheet(j.Lang, j.to(PathTask, nil, "work", j.sub.ID.String()), j.T("taskwork.settle")).Carry(revInput, strconv.FormatInt(j.sub.Rev, 10))
	for i, c := range j.criteria {
		at := strconv.Itoa(i)
		s.Fields = append(s.Fields, web.NewField(j.Lang, web.Radios, "points."+at, c.Text).Must().Of(options(c.Levels, func(l learning.RubricLevel) web.Option {
			return web.Option{Value: strconv.Itoa(l.Points), Text: j.T("task.level", i18n.Num("n", int64(l.Points)), i18n.Str("text", l.Text))}
		})...), web.NewField(j.Lang, web.Area, "words."+at, j.T("taskwork.words")).UpTo(task.MaxSaid))
	}
	if len(j.criteria) == 0 {
		s.Fields = append(s.Fields, web.NewField(j.Lang, web.Digits, "points", j.T("task.points")).Must().Hinted(j.T("taskwork.points.between", i18n.Num("n", int64(j.sub.Work.Task.Most())))).UpTo(3).Fills("off"))
	}
	s.Fields = append(s.Fields, web.NewField(j.Lang, web.Area, "said", j.T("taskwork.said")).Hinted(j.T("taskwork.said.hint")).UpTo(task.MaxSaid),
		web.NewField(j.Lang, web.Radios, "verdict", j.T("taskwork.verdict")).Must().Of(
			web.Option{Value: passIt, Text: j.T("taskwork.pass_it"), Hint: j.T("taskwork.pass_it.hint", i18n.Num("n", int64(j.sub.Work.Task.Enough())), i18n.Num("of", int64(j.sub.Work.Task.Most())))},
			web.Option{Value: returnIt, Text: j.T("taskwork.return_it"), Hint: j.T("taskwork.return_it.hint")}))
	s.Cancel = &web.Link{Text: j.T("console.cancel"), Href: j.to(PathTasks, nil)}
	return s
}

func (j *judging) files(sub *task.Submission) *web.Table {
	if len(sub.Files) == 0 {
		return nil
	}
	t := &web.Table{Caption: j.T("task.files"), Columns: []web.Column{{Label: j.T("task.file")}, {Label: j.T("task.file.size")}}}
	for _, f := range sub.Files {
		t.Rows = append(t.Rows, []web.Cell{{Text: web.Text{{Text: f.Name.Reveal(), Href: j.to(PathTaskFile, nil, "work", sub.ID.String(), "file", f.ID.String())}}}, {Text: web.Plain(learning.SizeWords(j.Lang, f.Size))}})
	}
	return t
}

func (j *judging) facts(sub *task.Submission) []string {
	facts := []string{j.T("task.try.n", i18n.Num("n", int64(sub.N))), j.T("task.handed", i18n.Moment("at", sub.Handed))}
	if sub.Late(j.Now) {
		facts = append(facts, j.T("task.late"))
	}
	return facts
}

// judged is a try with what was said of it.
func (j *judging) judged(sub *task.Submission) (handedBefore, error) {
	b := handedBefore{Title: j.T("task.try.n", i18n.Num("n", int64(sub.N))), Facts: j.facts(sub)[1:], Text: sub.Work.Text, Files: j.files(sub)}
	said := sub.Work.Verdict
	if said == nil {
		return b, nil
	}
	b.Said = said.Said
	b.Facts = append(b.Facts, j.T("task.won", i18n.Num("n", int64(said.Won)), i18n.Num("of", int64(said.Of)), i18n.Num("pass", int64(sub.Work.Task.Enough()))))
	criteria, err := sub.Work.Task.Criteria(j.Lang.Code())
	if len(criteria) > 0 {
		t := web.JudgedTable(j.Lang, criteria, said.Points, said.Words)
		b.Judged = &t
	}
	return b, err
}

func (c *console) showTask(w http.ResponseWriter, v *visit) error {
	j, err := c.judging(v)
	if err != nil {
		return err
	}
	return c.sendTask(w, j, j.sheet(), web.Form{}, nil)
}

func (c *console) sendTask(w http.ResponseWriter, j *judging, sheet *web.Sheet, form web.Form, fault error) error {
	p := handedPage{Chrome: c.chrome(j.visit), Lead: j.T("taskwork.how"), Facts: j.facts(j.sub), Text: j.sub.Work.Text, Files: j.files(j.sub)}
	var err error
	if p.Course, p.Title, err = c.lessonTitles(j.visit, j.sub.Course, j.sub.Lesson); err != nil {
		return err
	}
	tries := j.before
	switch {
	case j.sub.State != task.HandedIn: // judged, by somebody: it can be looked at, and no more be changed
		style, key := web.Good, "taskwork.was_passed"
		if j.sub.State == task.Returned {
			style, key = web.Info, "taskwork.was_returned"
		}
		p.Notices = append(p.Notices, web.NewNotice(j.Lang, style, "", web.Plain(j.T(key, i18n.Moment("at", j.sub.Ended)))))
		p.Text, p.Files, p.Lead = "", nil, ""
		tries = append(slices.Clone(tries), j.sub)
	default:
		if fault != nil && !sheet.Show(fault, form) {
			return fault
		}
		p.Sheet = sheet
	}
	if errs.Is(fault, errs.Conflict) {
		p.Notices = append(p.Notices, web.NewNotice(j.Lang, web.Warn, "", web.Plain(j.Lang.Error(fault))))
	}
	for _, sub := range slices.Backward(tries) {
		b, err := j.judged(sub)
		if err != nil {
			return err
		}
		p.Before = append(p.Before, b)
	}
	return c.handed.Send(w, j.Request, web.Head{Title: p.Title, Err: fault, Wide: true, Back: &web.Link{Text: j.T("taskwork.title"), Href: j.to(PathTasks, nil)}}, p)
}

func (c *console) settleTask(w http.ResponseWriter, v *visit) error {
	j, err := c.judging(v)
	if err != nil {
		return err
	}
	inputs := []web.Input{web.Line(revInput), web.Line("points"), web.Lines("said", task.MaxSaid), web.Line("verdict")}
	for i := range j.criteria {
		inputs = append(inputs, web.Line("points."+strconv.Itoa(i)), web.Lines("words."+strconv.Itoa(i), task.MaxSaid))
	}
	form, err := v.Form(inputs...)
	if err != nil && len(errs.As(err).Fields) == 0 {
		return err
	}
	rev, wrong := strconv.ParseInt(form.Get(revInput), 10, 64)
	if wrong != nil {
		return errs.New(errs.Invalid, "error.form")
	}
	said := task.Verdict{Passed: form.Get("verdict") == passIt, Said: strings.TrimSpace(form.Get("said")), Won: number(form.Get("points"))}
	for i := range j.criteria {
		said.Points = append(said.Points, number(form.Get("points."+strconv.Itoa(i))))
		said.Words = append(said.Words, strings.TrimSpace(form.Get("words."+strconv.Itoa(i))))
	}
	if chosen := form.Get("verdict"); err == nil && chosen != passIt && chosen != returnIt {
		err = errs.InvalidFields([]errs.Field{{Name: "verdict", Key: "taskwork.verdict.choose"}})
	}
	if err == nil {
		err = c.Tasks.Settle(v.Context(), v.decider(), j.sub.ID, rev, said)
	}
	if err == nil {
		done := "task_returned"
		if said.Passed {
			done = "task_passed"
		}
		return v.SeeOther(w, v.to(PathTasks, nil), done)
	}
	if errs.Is(err, errs.Conflict) { // what came between is seen now
		if j, wrong = c.judging(v); wrong != nil {
			return wrong
		}
	}
	return c.sendTask(w, j, j.sheet(), form, err)
}

func (c *console) sendTaskFile(w http.ResponseWriter, v *visit) error {
	id, err := v.id("work")
	if err != nil {
		return err
	}
	f, contents, err := c.Tasks.FileToGrade(v.Context(), v.decider(), id, fileID(v))
	if err != nil {
		return err
	}
	return v.File(w, f.Name.Reveal(), f.Type, contents)
}

// fileID reads the number of a file from the address; 0, which no file has, where it is none.
func fileID(v *visit) person.ID {
	id, err := person.ParseID(v.PathValue("file"))
	if err != nil {
		return 0
	}
	return id
}
