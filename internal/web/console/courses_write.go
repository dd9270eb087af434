package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ustaz/internal/authoring"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/web"
)

// writePage is a form for one part of a course, in one language, with what its text makes.
type writePage struct {
	Chrome  chrome
	Title   string
	Label   string // of the tabs
	Tabs    []web.Link
	Notices []web.Notice
	Steps   []web.Post // undo, redo
	Sheet   *web.Sheet
	Samples []sampleButton
	Shown   shownText
	Aside   *shownText // what the other author wrote, or the text in Kazakh for who translates it
	AsideOf string
}

// sampleButton puts an example into the text.
type sampleButton struct{ Text, About, Sample, Into string }

// part is a part of a course that is being written: what its form is and what it becomes.
type part struct {
	name    string // of authoring
	title   string
	page    string // pattern of its own address
	pairs   []string
	fields  []*web.Field
	inputs  []web.Input
	text    string // the name of the field whose text is previewed
	samples []sampleButton
	shown   func(lang string) string // its text in a language
	show    func(lang, text string) (shownText, error)
	// save writes what was sent, and gives the new rev.
	save func(form web.Form, at authoring.At, auto bool) (int64, error)
}

// writeSheet is the form of a part at the rev that its author sees.
func (v *writing) writeSheet(p part, rev int64) *web.Sheet {
	s := web.NewSheet(v.Lang, v.of(p.page, p.pairs...), v.T("coursework.save"), p.fields...).Carry(revInput, strconv.FormatInt(rev, 10))
	s.Cancel = &web.Link{Text: v.T("coursework.done"), Href: v.of(PathCourse)}
	if rev > 0 {
		s.Saves = &web.Saves{Waits: v.T("coursework.saving"), Fails: v.T("coursework.unsaved")}
	}
	return s
}

// asks shows the form of a part.
func (c *console) asks(of func(*writing) (part, error)) func(http.ResponseWriter, *writing) error {
	return func(w http.ResponseWriter, v *writing) error {
		p, err := of(v)
		if err != nil {
			return err
		}
		return c.sendWrite(w, v, p, v.writeSheet(p, v.d.Revs[p.name].N), web.Form{}, nil)
	}
}

// saves writes a part from its form.
func (c *console) saves(of func(*writing) (part, error)) func(http.ResponseWriter, *writing) error {
	return func(w http.ResponseWriter, v *writing) error {
		p, err := of(v)
		if err != nil {
			return err
		}
		return c.savePartForm(w, v, p)
	}
}

func (c *console) sendWrite(w http.ResponseWriter, v *writing, p part, sheet *web.Sheet, form web.Form, fault error) error {
	doc := v.PathValue("doc")
	page := writePage{Chrome: c.chrome(v.visit), Title: p.title, Label: v.T("coursework.tabs"), Samples: p.samples,
		Tabs: v.inTabs(func(lang string) string { return v.of(p.page, append(slices.Clone(p.pairs), "doc", lang)...) })}
	text := p.shown(doc)
	if fault != nil {
		if !sheet.Show(fault, form) {
			return fault
		}
		text = form.Get(p.text)
	}
	page.Sheet = sheet
	if fault == nil {
		page.Steps = v.steps(p.name, doc)
	}
	var err error
	if page.Shown, err = p.show(doc, text); err != nil {
		return err
	}
	beside := i18n.Codes()[0]
	if errs.Is(fault, errs.Conflict) { // the other author's text beside one's own
		beside, page.AsideOf = doc, v.T("coursework.theirs")
	} else if doc != beside {
		page.AsideOf = v.T("coursework.original")
	}
	if page.AsideOf != "" && strings.TrimSpace(p.shown(beside)) != "" {
		other, err := p.show(beside, p.shown(beside))
		if err != nil {
			return err
		}
		page.Aside = &other
	}
	return c.write.Send(w, v.Request, web.Head{Title: p.title, Err: fault, Wide: true, Back: v.back(), Scripts: []string{"save.js", c.script}}, page)
}

// steps take the last change of a part back, or bring it on again.
func (v *writing) steps(part, doc string) (out []web.Post) {
	at := v.d.Revs[part]
	for _, step := range []struct {
		way   string
		there bool
	}{{"undo", at.Before}, {"redo", at.After}} {
		if step.there {
			out = append(out, web.Post{Action: v.of(PathCourseStep), Hidden: []web.Hidden{{Name: "part", Value: part}, {Name: revInput, Value: strconv.FormatInt(at.N, 10)},
				{Name: "way", Value: step.way}, {Name: "in", Value: doc}}, Button: web.Button{Text: v.T("coursework." + step.way), Style: web.Bare}})
		}
	}
	return out
}

// savedPart answers the script that saves while its author types.
type savedPart struct {
	Saved   string            `json:"saved,omitempty"`
	Refused string            `json:"refused,omitempty"`
	Stop    bool              `json:"stop,omitempty"` // somebody else was faster
	Carry   map[string]string `json:"carry,omitempty"`
}

const autoInput = "auto"

// savePartForm writes a part: sent by its author, or by the script while they type. Where somebody else was faster both texts are shown, and what is
// sent next goes over theirs.
func (c *console) savePartForm(w http.ResponseWriter, v *writing, p part) error {
	form, err := v.Form(append(p.inputs, web.Line(revInput), web.Line(autoInput))...)
	if err != nil && len(errs.As(err).Fields) == 0 {
		return err
	}
	auto := form.Has(autoInput)
	at, wrong := v.seen(form, p.name)
	if wrong != nil {
		return wrong
	}
	var rev int64
	if err == nil {
		rev, err = p.save(form, at, auto)
	}
	if auto {
		answer := savedPart{Saved: v.T("coursework.saved", i18n.Moment("at", v.Now)), Carry: map[string]string{revInput: strconv.FormatInt(rev, 10)}}
		if err != nil {
			if errs.KindOf(err) == errs.Unavailable || errs.KindOf(err) == errs.Internal {
				return err
			}
			answer = savedPart{Refused: v.Lang.Error(err), Stop: !errs.Is(err, errs.Invalid)}
		}
		return v.JSON(w, answer)
	}
	if err != nil {
		if errs.Is(err, errs.Conflict) { // what came between is seen now
			if v.d, wrong = c.Courses.Draft(v.Context(), v.d.Slug); wrong != nil {
				return wrong
			}
		}
		return c.sendWrite(w, v, p, v.writeSheet(p, v.d.Revs[p.name].N), form, err)
	}
	return v.SeeOther(w, v.of(p.page, p.pairs...), "part_saved")
}

// render shows Markdown as a learner will see it, and what its author should see to.
func (c *console) render(v *writing, lang, text string) (shownText, error) {
	files := web.NewCourseFiles(v.Context(), c.Media, v.d.Slug)
	page, err := learning.Render(text, lang, files.File)
	if errs.Is(err, errs.Invalid) { // what is too long is told, and can still be shortened
		return shownText{Lang: lang, Problems: []string{v.Lang.Error(err)}}, nil
	}
	shown := shownText{Lang: lang, HTML: page.HTML}
	for _, p := range page.Problems {
		shown.Problems = append(shown.Problems, v.T("coursework.line", i18n.Num("n", int64(p.Line)))+" "+v.T(p.Key, i18n.Args(p.Args)...))
	}
	return shown, errors.Join(err, files.Err())
}

// previewed answers the script that shows a text while it is typed.
type previewed struct {
	HTML     string   `json:"html"`
	Problems []string `json:"problems"`
}

// previews shows what a text makes.
func (c *console) previews(show func(v *writing, lang, text string) (shownText, error)) func(http.ResponseWriter, *writing) error {
	return func(w http.ResponseWriter, v *writing) error {
		form, err := v.Form(web.Lines("text", learning.MaxBody))
		if err != nil {
			return err
		}
		shown, err := show(v, v.PathValue("doc"), form.Get("text"))
		if err != nil {
			return err
		}
		html, err := c.shown.HTML(v.Request, shown)
		if err != nil {
			return err
		}
		return v.JSON(w, previewed{HTML: string(html), Problems: append([]string{}, shown.Problems...)})
	}
}

// body is a field for Markdown.
func (v *writing) body(name, label, text string) *web.Field {
	return web.NewField(v.Lang, web.Area, name, label).Hinted(v.T("coursework.body.hint")).Holding(text).Tall().Previewed(v.of(PathCoursePreview, "doc", v.PathValue("doc")))
}

func (c *console) aboutPart(v *writing) (part, error) {
	doc := v.PathValue("doc")
	a := v.d.About
	words := a.Words[doc]
	in := " (" + v.T("course.language."+doc) + ")"
	hours := ""
	if a.Hours > 0 {
		hours = strconv.Itoa(a.Hours)
	}
	return part{name: learning.PartAbout, title: v.T("coursework.about"), page: PathCourseAbout, pairs: []string{"doc", doc}, text: "body", show: func(lang, text string) (shownText, error) { return c.render(v, lang, text) },
		fields: []*web.Field{
			web.NewField(v.Lang, web.TextField, "title", v.T("coursework.title")+in).Must().Holding(words.Title).UpTo(learning.MaxTitle).Fills("off"),
			web.NewField(v.Lang, web.Area, "summary", v.T("coursework.summary")+in).Must().Hinted(v.T("coursework.summary.hint")).Holding(words.Summary).UpTo(learning.MaxSummary),
			v.body("body", v.T("coursework.before")+in, a.Body[doc]),
			web.NewField(v.Lang, web.Digits, "hours", v.T("coursework.hours")).Must().Holding(hours).UpTo(4).Fills("off"),
			web.NewField(v.Lang, web.Select, "subject", v.T("coursework.subject")).Holding(string(a.Subject)).Of(options(learning.Subjects, func(s learning.Subject) web.Option {
				return web.Option{Value: string(s), Text: v.T("course.subject." + string(s))}
			})...),
			web.NewField(v.Lang, web.Select, "level", v.T("coursework.level")).Hinted(v.T("coursework.level.hint")).Holding(string(a.Level)).Of(options(learning.Levels, func(l learning.Level) web.Option {
				return web.Option{Value: string(l), Text: v.T("course.level." + string(l))}
			})...),
		},
		inputs: []web.Input{web.Line("title"), web.Lines("summary", learning.MaxSummary), web.Lines("body", learning.MaxBody), web.Line("hours"), web.Line("subject"), web.Line("level")},
		shown:  func(lang string) string { return v.d.About.Body[lang] },
		save: func(form web.Form, at authoring.At, auto bool) (int64, error) {
			if err := checkLists(form); err != nil {
				return 0, err
			}
			a.Hours, a.Subject, a.Level = max(0, number(form.Get("hours"))), learning.Subject(form.Get("subject")), learning.Level(form.Get("level"))
			a.Words = with(a.Words, doc, learning.Words{Title: strings.TrimSpace(form.Get("title")), Summary: oneLine(form.Get("summary"))})
			a.Body = with(a.Body, doc, form.Get("body"))
			return c.Courses.SaveAbout(v.Context(), v.Viewer.Subject, at, a, auto)
		}}, nil
}

// checkLists holds what was chosen from lists to the lists.
func checkLists(form web.Form) error {
	if s := learning.Subject(form.Get("subject")); s != "" && !slices.Contains(learning.Subjects, s) {
		return errs.New(errs.Invalid, "error.form")
	}
	if l := learning.Level(form.Get("level")); l != "" && !slices.Contains(learning.Levels, l) {
		return errs.New(errs.Invalid, "error.form")
	}
	return nil
}

// with is a map with one more value; the map itself stays as it is.
func with[T any](m map[string]T, key string, value T) map[string]T {
	out := map[string]T{key: value}
	for k, v := range m {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// oneLine joins the lines of a sentence.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (c *console) lessonPart(v *writing) (part, error) {
	doc := v.PathValue("doc")
	i, l, err := v.lesson()
	if err != nil {
		return part{}, err
	}
	in := " (" + v.T("course.language."+doc) + ")"
	minutes := ""
	if l.Minutes > 0 {
		minutes = strconv.Itoa(l.Minutes)
	}
	text := map[learning.Kind]string{learning.Reading: "coursework.text", learning.Testing: "coursework.text.before", learning.Packaged: "scormwork.text"}[l.Kind]
	p := part{name: learning.PartOf(l.ID), title: v.lessonName(i, l), page: PathCourseLesson, pairs: []string{"lesson", v.PathValue("lesson"), "doc", doc}, text: "body", show: func(lang, text string) (shownText, error) { return c.render(v, lang, text) },
		fields: []*web.Field{
			web.NewField(v.Lang, web.TextField, "title", v.T("coursework.title")+in).Must().Holding(l.Words[doc]).UpTo(learning.MaxTitle).Fills("off"),
			v.body("body", v.T(text)+in, l.Body[doc]),
			web.NewField(v.Lang, web.Digits, "minutes", v.T("coursework.minutes.field")).Must().Hinted(v.T("coursework.minutes.hint")).Holding(minutes).UpTo(3).Fills("off"),
		},
		inputs: []web.Input{web.Line("title"), web.Lines("body", learning.MaxBody), web.Line("minutes")},
		shown: func(lang string) string {
			_, now, _ := v.d.Course.Lesson(l.ID)
			return now.Body[lang]
		}}
	if l.Kind == learning.Testing {
		p.fields, p.inputs = append(p.fields, v.testFields(l.Test)...), append(p.inputs, testInputs...)
	}
	if l.Kind == learning.Tasking {
		if l.Task == nil { // an archive may say only that it is one
			l.Task = newTask()
		}
		c.withTask(v, &p, l)
	}
	p.save = func(form web.Form, at authoring.At, auto bool) (int64, error) {
		l.Words = with(l.Words, doc, strings.TrimSpace(form.Get("title")))
		l.Body = with(l.Body, doc, form.Get("body"))
		l.Minutes = max(0, number(form.Get("minutes")))
		if l.Kind == learning.Testing {
			test, err := testOf(form)
			if err != nil {
				return 0, err
			}
			l.Test = test
		}
		if l.Kind == learning.Tasking {
			set, err := taskOf(form, doc, *l.Task)
			if err != nil {
				return 0, err
			}
			l.Task = set
		}
		return c.Courses.SaveLesson(v.Context(), v.Viewer.Subject, at, l, auto)
	}
	return p, nil
}

var testInputs = []web.Input{web.Many("draw"), web.Many("draw" + web.OfEnding), web.Line("pass"), web.Line("limit"), web.Line("attempts"), web.Line("review"), web.Line("shuffle"), web.Line("after"), web.Line("final")}

func (v *writing) testFields(t *learning.Test) []*web.Field {
	count := func(n int) string {
		if n <= 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	tick := func(on bool) string {
		if on {
			return "1"
		}
		return ""
	}
	var topics []web.Option
	var counts []string
	bank := learning.Topics(v.d.Course.Questions)
	for _, d := range t.Draws { // a topic whose last question was removed is still asked for
		bank[d.Topic] += 0
	}
	for _, topic := range sorted(bank) {
		name := topic
		if topic == "" {
			name = v.T("coursework.topic.none")
		}
		topics = append(topics, web.Option{Value: topic, Text: name, Hint: v.T("coursework.draw.of", i18n.Num("n", int64(bank[topic])))})
		drawn := ""
		if at := slices.IndexFunc(t.Draws, func(d learning.Draw) bool { return d.Topic == topic }); at >= 0 {
			drawn = count(t.Draws[at].Count)
		}
		counts = append(counts, drawn)
	}
	hint := "coursework.draw.hint"
	if len(topics) == 0 {
		hint = "coursework.draw.empty"
	}
	return []*web.Field{
		web.NewField(v.Lang, web.Counts, "draw", v.T("coursework.draw")).Must().Hinted(v.T(hint)).Of(topics...).Holding(counts...),
		web.NewField(v.Lang, web.Digits, "pass", v.T("coursework.pass")).Must().Hinted(v.T("coursework.pass.hint")).Holding(count(t.Pass)).UpTo(3).Fills("off"),
		web.NewField(v.Lang, web.Digits, "limit", v.T("coursework.limit")).Hinted(v.T("coursework.limit.hint")).Holding(count(t.Limit)).UpTo(3).Fills("off"),
		web.NewField(v.Lang, web.Digits, "attempts", v.T("coursework.attempts")).Hinted(v.T("coursework.attempts.hint")).Holding(count(t.Attempts)).UpTo(3).Fills("off"),
		web.NewField(v.Lang, web.Radios, "review", v.T("coursework.review")).Must().Holding(string(t.Review)).Of(options(learning.Reviews, func(r learning.Review) web.Option {
			return web.Option{Value: string(r), Text: v.T("course.review." + string(r))}
		})...),
		web.NewField(v.Lang, web.Tick, "shuffle", v.T("coursework.shuffle")).Holding(tick(t.Shuffle)),
		web.NewField(v.Lang, web.Tick, "after", v.T("coursework.after")).Holding(tick(t.After)),
		web.NewField(v.Lang, web.Tick, "final", v.T("coursework.final")).Hinted(v.T("coursework.final.hint")).Holding(tick(t.Final)),
	}
}

// testOf reads how a test is taken. What is left open or wrong says so at once: a number that nobody meant would be found by a learner.
func testOf(form web.Form) (*learning.Test, error) {
	t := &learning.Test{Draws: []learning.Draw{}, Shuffle: form.Has("shuffle"), After: form.Has("after"), Final: form.Has("final"), Review: learning.Review(form.Get("review"))}
	var faults []errs.Field
	read := func(name string, least, most int, key string) int {
		text := strings.TrimSpace(form.Get(name))
		if text == "" && least == 0 {
			return 0
		}
		n := number(text)
		if n < least || n > most {
			faults = append(faults, errs.Field{Name: name, Key: key})
		}
		return n
	}
	t.Pass = read("pass", 1, 100, "course.invalid.pass")
	t.Limit = read("limit", 0, learning.MaxLimit, "course.invalid.limit")
	t.Attempts = read("attempts", 0, learning.MaxAttempts, "course.invalid.attempts")
	if !slices.Contains(learning.Reviews, t.Review) {
		faults = append(faults, errs.Field{Name: "review", Key: "course.invalid.review"})
	}
	topics, counts := form.All("draw"+web.OfEnding), form.All("draw")
	if len(topics) != len(counts) {
		return nil, errs.New(errs.Invalid, "error.form")
	}
	for i, topic := range topics {
		text := strings.TrimSpace(counts[i])
		if text == "" || text == "0" {
			continue
		}
		n := number(text)
		if n < 1 || n > learning.MaxDrawn {
			faults = append(faults, errs.Field{Name: "draw", Key: "course.invalid.test"})
			continue
		}
		t.Draws = append(t.Draws, learning.Draw{Topic: topic, Count: n})
	}
	return t, errs.InvalidFields(faults)
}
