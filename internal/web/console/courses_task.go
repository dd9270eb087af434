package console

import (
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/web"
)

// PathRubricPreview shows what a rubric makes while it is typed.
const PathRubricPreview = "/{lang}/console/courses/{course}/rubric-preview/{doc}"

// newTask is what an assignment begins as.
func newTask() *learning.Task {
	return &learning.Task{Text: true, Files: 1, Kinds: slices.Clone(learning.FileKinds), Size: learning.MaxTaskSize, Points: 10, Pass: 60}
}

var taskInputs = []web.Input{web.Line("take"), web.Line("files"), web.Many("kinds"), web.Line("size"), web.Lines("rubric", learning.MaxRubric), web.Line("points"), web.Line("pass"), web.Line("tries"), web.Line("days")}

func (v *writing) taskFields(t *learning.Task) []*web.Field {
	doc := v.PathValue("doc")
	count := func(name string, n int) *web.Field {
		held := ""
		if n > 0 {
			held = strconv.Itoa(n)
		}
		return web.NewField(v.Lang, web.Digits, name, v.T("taskwork."+name)).Hinted(v.T("taskwork." + name + ".hint")).Holding(held).UpTo(3).Fills("off")
	}
	take := web.NewField(v.Lang, web.Tick, "take", v.T("taskwork.take"))
	if t.Text {
		take.Holding("1")
	}
	var kinds []string
	for _, k := range t.Kinds {
		kinds = append(kinds, string(k))
	}
	return []*web.Field{
		take,
		count("files", t.Files),
		web.NewField(v.Lang, web.Ticks, "kinds", v.T("taskwork.kinds")).Holding(kinds...).Of(options(learning.FileKinds, func(k learning.FileKind) web.Option {
			return web.Option{Value: string(k), Text: v.T("task.kind." + string(k))}
		})...),
		count("size", t.Size),
		web.NewField(v.Lang, web.Area, "rubric", v.T("taskwork.rubric")+" ("+v.T("course.language."+doc)+")").Hinted(v.T("taskwork.rubric.hint")).Holding(t.Rubric[doc]).UpTo(learning.MaxRubric).
			Tall().Previewed(v.of(PathRubricPreview, "doc", doc)),
		count("points", t.Points),
		count("pass", t.Pass).Must(),
		count("tries", t.Tries),
		count("days", t.Days),
	}
}

// taskOf reads how an assignment is done; t is what it was in the other languages. What is left open or wrong says so at once.
func taskOf(form web.Form, doc string, t learning.Task) (*learning.Task, error) {
	var faults []errs.Field
	read := func(name string, least, most int) int {
		text := strings.TrimSpace(form.Get(name))
		if text == "" && least == 0 {
			return 0
		}
		n := number(text)
		if n < least || n > most {
			faults = append(faults, errs.Field{Name: name, Key: "course.invalid." + name})
		}
		return max(0, n)
	}
	t.Text, t.Files = form.Has("take"), read("files", 0, learning.MaxTaskFiles)
	t.Kinds, t.Size = nil, 0
	if t.Files > 0 {
		for _, k := range form.All("kinds") {
			t.Kinds = append(t.Kinds, learning.FileKind(k))
		}
		unknown := func(k learning.FileKind) bool { return !slices.Contains(learning.FileKinds, k) }
		if len(t.Kinds) == 0 || slices.ContainsFunc(t.Kinds, unknown) {
			faults = append(faults, errs.Field{Name: "kinds", Key: "course.invalid.kinds"})
		}
		t.Size = read("size", 1, learning.MaxTaskSize)
	}
	if !t.Text && t.Files == 0 {
		faults = append(faults, errs.Field{Name: "take", Key: "course.invalid.take"})
	}
	t.Rubric = with(t.Rubric, doc, form.Get("rubric"))
	if strings.TrimSpace(form.Get("rubric")) == "" {
		delete(t.Rubric, doc)
	}
	if _, err := learning.ParseRubric(form.Get("rubric")); err != nil {
		faults = append(faults, errs.As(err).Fields...)
	}
	t.Points, t.Pass = read("points", 0, learning.MaxPoints), read("pass", 1, 100)
	t.Tries, t.Days = read("tries", 0, learning.MaxTries), read("days", 0, learning.MaxDays)
	return &t, errs.InvalidFields(faults)
}

// withTask adds to the form of a lesson what an assignment has beside it.
func (c *console) withTask(v *writing, p *part, l learning.Lesson) {
	p.fields, p.inputs = append(p.fields, v.taskFields(l.Task)...), append(p.inputs, taskInputs...)
	doc := v.PathValue("doc")
	p.samples = []sampleButton{{Text: v.T("taskwork.sample"), About: v.T("taskwork.sample.about"), Sample: learning.RubricSample(doc), Into: "f-rubric"}}
	body := p.show
	p.show = func(lang, text string) (shownText, error) {
		shown, err := body(lang, text)
		if err != nil {
			return shown, err
		}
		now := l.Task
		if _, saved, there := v.d.Course.Lesson(l.ID); there && saved.Task != nil {
			now = saved.Task
		}
		rubric, err := c.rubric(v, lang, now.Rubric[lang])
		shown.Rubric, shown.Problems = rubric.Rubric, append(shown.Problems, rubric.Problems...)
		return shown, err
	}
}

// rubric shows a rubric as a learner will see it.
func (c *console) rubric(v *writing, lang, text string) (shownText, error) {
	shown := shownText{Lang: lang}
	criteria, err := learning.ParseRubric(text)
	if err != nil {
		for _, f := range errs.As(err).Fields {
			shown.Problems = append(shown.Problems, v.T(f.Key, i18n.Args(f.Args)...))
		}
		return shown, nil
	}
	if len(criteria) > 0 {
		t := web.RubricTable(v.Lang, criteria)
		shown.Rubric = &t
	}
	return shown, nil
}
