package site

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/attachment"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/task"
	"ustaz/internal/web"
)

// Addresses of assignments as people do them. {attempt} is a try, {file} a file of it.
const (
	PathTaskBegin      = "/{lang}/courses/{slug}/{lesson}/task"
	PathTask           = "/{lang}/my/tasks/{attempt}"
	PathTaskFiles      = "/{lang}/my/tasks/{attempt}/files"
	PathTaskFile       = "/{lang}/my/tasks/{attempt}/files/{file}"
	PathTaskFileRemove = "/{lang}/my/tasks/{attempt}/files/{file}/remove"
	PathTaskEnd        = "/{lang}/my/tasks/{attempt}/end"
)

// TaskLetter is where a letter about an assignment leads: its page in the course.
func TaskLetter(lang, course string, lesson int64) string {
	return web.Path(lang, PathLesson, "slug", course, "lesson", person.ID(lesson).String())
}

const (
	taskBody = 256 << 10                         // a text in Kazakh, whose letters go as six bytes
	fileBody = learning.MaxTaskSize<<20 + 64<<10 // a file, and what stands around it
)

func (a *accountPages) taskRoutes() []web.Route {
	agreed, studied := web.Consented(), a.studied
	return []web.Route{
		{Method: http.MethodPost, Pattern: PathTaskBegin, Access: agreed, Handle: studied(a.doTaskBegin)},
		{Method: http.MethodGet, Pattern: PathTask, Access: agreed, Handle: studied(a.showTask)},
		{Method: http.MethodPost, Pattern: PathTask, Access: agreed, MaxBody: taskBody, Handle: studied(a.saveTask)},
		{Method: http.MethodGet, Pattern: PathTaskFiles, Access: agreed, Handle: studied(a.showTaskFiles)},
		{Method: http.MethodPost, Pattern: PathTaskFiles, Access: agreed, MaxBody: fileBody, Handle: studied(a.addTaskFile)},
		{Method: http.MethodGet, Pattern: PathTaskFile, Access: agreed, Handle: studied(a.sendTaskFile)},
		{Method: http.MethodPost, Pattern: PathTaskFileRemove, Access: agreed, Handle: studied(a.removeTaskFile)},
		{Method: http.MethodGet, Pattern: PathTaskEnd, Access: agreed, Handle: studied(a.askTaskEnd)},
		{Method: http.MethodPost, Pattern: PathTaskEnd, Access: agreed, Handle: studied(a.handTaskIn)},
	}
}

func (a *accountPages) doTaskBegin(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	lesson, err := person.ParseID(r.PathValue("lesson"))
	if err != nil {
		return errs.New(errs.NotFound, "course.lesson.unknown")
	}
	id, err := a.Tasks.Begin(r.Context(), s.Subject, r.PathValue("slug"), int64(lesson))
	if err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathTask, "attempt", id.String()), "")
}

// working is a visit to a try of somebody's own at an assignment.
type working struct {
	*web.Request
	s      account.Session
	sub    *task.Submission
	course learning.Course
	lesson learning.Lesson // as published now; empty if it was taken away
	still  bool            // it was not
}

func (a *accountPages) working(r *web.Request, s account.Session) (*working, error) {
	id, err := person.ParseID(r.PathValue("attempt"))
	if err != nil {
		return nil, errs.New(errs.NotFound, "task.unknown")
	}
	sub, err := a.Tasks.Get(r.Context(), s.Subject, id, s.Once("tasks"))
	if err != nil {
		return nil, err
	}
	v := &working{Request: r, s: s, sub: sub}
	if v.course, err = a.Study.Course(r.Context(), sub.Course); err != nil {
		return nil, err
	}
	_, v.lesson, v.still = v.course.Lesson(sub.Lesson)
	v.still = v.still && v.lesson.Task != nil
	return v, nil
}

func (v *working) lang() string { return v.course.Lang(v.Lang.Code()) }

// title is the assignment's; of one that was taken away meanwhile the course's.
func (v *working) title() string {
	if v.still {
		return v.lesson.Words[v.lang()]
	}
	return v.course.Words[v.lang()].Title
}

func (v *working) at(pattern string, more ...string) string {
	return v.Path(pattern, append([]string{"attempt", v.sub.ID.String()}, more...)...)
}

func (v *working) back() *web.Link {
	if !v.still {
		return &web.Link{Text: v.course.Words[v.lang()].Title, Href: v.Path(web.PathCourse, "slug", v.course.Slug)}
	}
	return &web.Link{Text: v.title(), Href: lessonPath(v.Request, PathLesson, v.course.Slug, v.lesson.ID)}
}

// writable leads away who can't write: their try is handed in, or its assignment was taken away.
func (v *working) writable() bool { return v.sub.State == task.Draft && v.still }

// steps are writing, files and looking through, as far as the assignment has them.
func (v *working) steps(at string) web.Steps {
	var names []string
	now := 0
	for _, step := range []struct {
		name string
		has  bool
	}{{"text", v.lesson.Task.Text}, {"files", v.lesson.Task.Files > 0}, {"end", true}} {
		if step.name == at {
			now = len(names)
		}
		if step.has {
			names = append(names, v.T("task.step."+step.name))
		}
	}
	return web.NewSteps(v.Lang, now, names...)
}

// taskPage is a step of writing an assignment.
type taskPage struct {
	Title   string
	Lang    string
	Steps   web.Steps
	Notices []web.Notice
	Files   *web.Table
	Sheet   *web.Sheet
	Theirs  string // what another page saved meanwhile
	Text    string // what is handed in
	Acts    []web.Button
}

func (v *working) notices() (out []web.Notice) {
	if due := v.sub.Due; !due.IsZero() {
		style, key := web.Info, "task.due"
		if v.sub.Late(v.Now) {
			style, key = web.Warn, "task.due.over"
		}
		out = append(out, web.NewNotice(v.Lang, style, "", web.Plain(v.T(key, i18n.Moment("at", due)))))
	}
	return out
}

const revName = "rev"

func (v *working) textSheet() *web.Sheet {
	next := "task.next.end"
	if v.lesson.Task.Files > 0 {
		next = "task.next.files"
	}
	sheet := web.NewSheet(v.Lang, v.at(PathTask), v.T(next),
		web.NewField(v.Lang, web.Area, "text", v.T("task.text")).Hinted(v.T("task.text.hint")).Holding(v.sub.Work.Text).UpTo(task.MaxText).Tall()).
		Carry(revName, strconv.FormatInt(v.sub.Rev, 10))
	sheet.Saves = &web.Saves{Waits: v.T("exam.saving"), Fails: v.T("exam.unsaved")}
	return sheet
}

func (a *accountPages) showTask(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, err := a.working(r, s)
	switch {
	case err != nil:
		return err
	case !v.writable():
		return a.sendTaskResult(w, v)
	case !v.lesson.Task.Text:
		return r.SeeOther(w, v.at(PathTaskFiles), "")
	}
	return a.sendText(w, v, v.textSheet(), nil)
}

func (a *accountPages) sendText(w http.ResponseWriter, v *working, sheet *web.Sheet, fault error) error {
	p := taskPage{Title: v.title(), Lang: v.lang(), Steps: v.steps("text"), Notices: v.notices(), Sheet: sheet}
	if errs.Is(fault, errs.Conflict) {
		p.Theirs = v.sub.Work.Text
	}
	return a.task.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Scripts: []string{"save.js"}, Back: v.back()}, p)
}

// savedText answers the script that saves while somebody writes.
type savedText struct {
	saved
	Carry map[string]string `json:"carry,omitempty"`
}

// saveTask writes the text and leads on. By the script it only writes.
func (a *accountPages) saveTask(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, err := a.working(r, s)
	if err != nil {
		return err
	}
	form, err := r.Form(web.Lines("text", task.MaxText), web.Line(revName), web.Line("auto"))
	if err != nil && len(errs.As(err).Fields) == 0 {
		return err
	}
	rev, wrong := strconv.ParseInt(form.Get(revName), 10, 64)
	if wrong != nil {
		return errs.New(errs.Invalid, "error.form")
	}
	if err == nil {
		rev, err = a.Tasks.Save(r.Context(), s.Subject, v.sub.ID, v.sub.Course, rev, form.Get("text"))
	}
	switch {
	case form.Has("auto") && (errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict)):
		return r.JSON(w, savedText{saved: saved{Refused: faultWords(r, err), Stop: errs.Is(err, errs.Conflict)}})
	case form.Has("auto") && err == nil:
		return r.JSON(w, savedText{saved{Saved: r.T("exam.saved")}, map[string]string{revName: strconv.FormatInt(rev, 10)}})
	case err == nil && v.still && v.lesson.Task.Files > 0:
		return r.SeeOther(w, v.at(PathTaskFiles), "")
	case err == nil:
		return r.SeeOther(w, v.at(PathTaskEnd), "")
	}
	if v.sub.State != task.Draft { // it was handed in on another page
		return r.SeeOther(w, v.at(PathTask), "")
	}
	if errs.Is(err, errs.Conflict) { // what came between is seen now
		if v.sub, wrong = a.Tasks.Get(r.Context(), s.Subject, v.sub.ID, s.Once("tasks")); wrong != nil {
			return wrong
		}
		if v.sub.State != task.Draft {
			return r.SeeOther(w, v.at(PathTask), "")
		}
	}
	if !v.still {
		return err
	}
	sheet := v.textSheet()
	if !sheet.Show(err, form) {
		return err
	}
	return a.sendText(w, v, sheet, err)
}

// taskFiles lists files, with the ways to fetch them; act, where it is not nil, adds what can be done with each.
func taskFiles(r *web.Request, files []attachment.File, at func(f attachment.File) string, act func(f attachment.File) *web.Post) *web.Table {
	if len(files) == 0 {
		return nil
	}
	t := &web.Table{Caption: r.T("task.files"), Columns: []web.Column{{Label: r.T("task.file")}, {Label: r.T("task.file.size")}}}
	if act != nil {
		t.Columns = append(t.Columns, web.Column{Label: r.T("task.file.remove")})
	}
	for _, f := range files {
		row := []web.Cell{{Text: web.Text{{Text: f.Name.Reveal(), Href: at(f)}}}, {Text: web.Plain(learning.SizeWords(r.Lang, f.Size))}}
		if act != nil {
			row = append(row, web.Cell{Post: act(f)})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v *working) files(change bool) *web.Table {
	var act func(f attachment.File) *web.Post
	if change {
		act = func(f attachment.File) *web.Post {
			return &web.Post{Action: v.at(PathTaskFileRemove, "file", f.ID.String()), Button: web.Button{Text: v.T("task.file.remove"), Style: web.Bare}}
		}
	}
	return taskFiles(v.Request, v.sub.Files, func(f attachment.File) string { return v.at(PathTaskFile, "file", f.ID.String()) }, act)
}

func fileSheet(r *web.Request, action string, endings []string, size int) *web.Sheet {
	sheet := web.NewSheet(r.Lang, action, r.T("task.file.add"),
		web.NewField(r.Lang, web.FileField, "file", r.T("task.file.choose")).Must().
			Hinted(r.T("task.file.hint", i18n.Str("endings", strings.ToUpper(strings.ReplaceAll(strings.Join(endings, ", "), ".", ""))), i18n.Num("mb", int64(size)))).
			Taking(strings.Join(endings, ",")))
	sheet.Submit.Style = web.Secondary
	return sheet
}

func (v *working) fileSheet() *web.Sheet {
	return fileSheet(v.Request, v.at(PathTaskFiles), attachment.Endings(v.lesson.Task.Kinds...), v.lesson.Task.Size)
}

func (a *accountPages) showTaskFiles(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, err := a.working(r, s)
	if err != nil {
		return err
	}
	if !v.writable() || v.lesson.Task.Files == 0 {
		return r.SeeOther(w, v.at(PathTask), "")
	}
	return a.sendTaskFiles(w, v, v.fileSheet(), nil)
}

func (a *accountPages) sendTaskFiles(w http.ResponseWriter, v *working, sheet *web.Sheet, fault error) error {
	p := taskPage{Title: v.title(), Lang: v.lang(), Steps: v.steps("files"), Notices: v.notices(), Files: v.files(true), Sheet: sheet,
		Acts: []web.Button{{Text: v.T("task.next.end"), Href: v.at(PathTaskEnd), Style: web.Primary}}}
	if len(v.sub.Files) >= v.lesson.Task.Files && fault == nil {
		p.Sheet = nil
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Info, "", web.Plain(v.T("task.files.full", i18n.Num("n", int64(v.lesson.Task.Files))))))
	}
	if v.lesson.Task.Text {
		p.Acts = append(p.Acts, web.Button{Text: v.T("task.back.text"), Href: v.at(PathTask), Style: web.Secondary})
	}
	return a.task.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Back: v.back()}, p)
}

// oneFile reads the one file of a form.
func oneFile(r *web.Request, most int64) (*web.Part, error) {
	part, _, err := r.Stream("file", most)
	if errs.Is(err, errs.TooLarge) {
		return nil, errs.InvalidFields([]errs.Field{{Name: "file", Key: "media.large.file", Args: map[string]string{"limit": strconv.FormatInt(most>>20, 10)}}})
	}
	if err == nil && part.Name == "" {
		err = errs.InvalidFields([]errs.Field{{Name: "file", Key: "task.file.missing"}})
	}
	return part, err
}

// onFile makes what is wrong with a file as a whole a fault of its input.
func onFile(err error) error {
	if e := errs.As(err); len(e.Fields) > 0 && e.Kind == errs.TooLarge {
		return errs.InvalidFields(e.Fields)
	}
	return err
}

func (a *accountPages) addTaskFile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, err := a.working(r, s)
	if err != nil {
		return err
	}
	if !v.writable() || v.lesson.Task.Files == 0 {
		return errs.New(errs.Conflict, "task.over")
	}
	part, err := oneFile(r, int64(v.lesson.Task.Size)<<20)
	if err == nil {
		err = a.Tasks.AddFile(r.Context(), s.Subject, v.sub.ID, v.sub.Course, part.Name, part)
	}
	if err != nil {
		sheet, err := v.fileSheet(), onFile(err)
		if !sheet.Show(err, web.Form{}) {
			return err
		}
		return a.sendTaskFiles(w, v, sheet, err)
	}
	return r.SeeOther(w, v.at(PathTaskFiles), "task_file_added")
}

func (a *accountPages) fileID(r *web.Request) (person.ID, error) {
	id, err := person.ParseID(r.PathValue("file"))
	if err != nil {
		return 0, errs.New(errs.NotFound, "attachment.unknown")
	}
	return id, nil
}

func (a *accountPages) removeTaskFile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	v, err := a.working(r, s)
	if err != nil {
		return err
	}
	file, err := a.fileID(r)
	if err == nil {
		err = a.Tasks.RemoveFile(r.Context(), s.Subject, v.sub.ID, v.sub.Course, file)
	}
	if err != nil {
		return err
	}
	return r.SeeOther(w, v.at(PathTaskFiles), "task_file_removed")
}

func (a *accountPages) sendTaskFile(w http.ResponseWriter, r *web.Request, s account.Session) error {
	id, err := person.ParseID(r.PathValue("attempt"))
	if err != nil {
		return errs.New(errs.NotFound, "task.unknown")
	}
	file, err := a.fileID(r)
	if err != nil {
		return err
	}
	f, contents, err := a.Tasks.File(r.Context(), s.Subject, id, file, s.Once("tasks"))
	if err != nil {
		return err
	}
	return r.File(w, f.Name.Reveal(), f.Type, contents)
}

// endSheet asks before a try is handed in.
func (v *working) endSheet() *web.Sheet {
	return web.NewSheet(v.Lang, v.at(PathTaskEnd), v.T("task.hand_in")).Carry(revName, strconv.FormatInt(v.sub.Rev, 10))
}

func (a *accountPages) askTaskEnd(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, err := a.working(r, s)
	if err != nil {
		return err
	}
	if !v.writable() {
		return r.SeeOther(w, v.at(PathTask), "")
	}
	return a.sendTaskEnd(w, v, nil)
}

func (a *accountPages) sendTaskEnd(w http.ResponseWriter, v *working, fault error) error {
	p := taskPage{Title: v.T("task.hand_in.title"), Lang: v.lang(), Steps: v.steps("end"), Notices: v.notices(), Files: v.files(false), Text: v.sub.Work.Text}
	if !v.lesson.Task.Text {
		p.Text = ""
	}
	add := func(key, pattern string) {
		p.Acts = append(p.Acts, web.Button{Text: v.T(key), Href: v.at(pattern), Style: web.Secondary})
	}
	if v.lesson.Task.Text {
		add("task.back.text", PathTask)
	}
	if v.lesson.Task.Files > 0 {
		add("task.back.files", PathTaskFiles)
	}
	if strings.TrimSpace(p.Text) == "" && len(v.sub.Files) == 0 {
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Warn, "", web.Plain(v.T("task.empty"))))
	} else {
		p.Sheet = v.endSheet()
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Info, "", web.Plain(v.T("task.hand_in.what"))))
		if fault != nil && !p.Sheet.Show(fault, web.Form{}) {
			return fault
		}
	}
	return a.task.Send(w, v.Request, web.Head{Title: p.Title, Err: fault, Back: v.back()}, p)
}

func (a *accountPages) handTaskIn(w http.ResponseWriter, r *web.Request, s account.Session) error {
	form, err := r.Form(web.Line(revName))
	if err != nil {
		return err
	}
	rev, err := strconv.ParseInt(form.Get(revName), 10, 64)
	if err != nil {
		return errs.New(errs.Invalid, "error.form")
	}
	v, err := a.working(r, s)
	if err != nil {
		return err
	}
	err = a.Tasks.HandIn(r.Context(), s.Subject, v.sub.ID, v.sub.Course, rev, r.Lang.Code())
	switch {
	case err == nil:
		return r.SeeOther(w, v.at(PathTask), "task_handed_in")
	case (errs.Is(err, errs.Conflict) || errs.Is(err, errs.Invalid)) && v.writable():
		return a.sendTaskEnd(w, v, err)
	}
	return err
}

// taskResultPage is a try that was handed in, with what was said of it.
type taskResultPage struct {
	Title   string
	Lang    string
	Facts   []string
	Notices []web.Notice
	Meter   *web.Meter
	Judged  *web.Table
	Said    string
	Text    string
	Files   *web.Table
	Again   *web.Post
	Acts    []web.Button
}

func (a *accountPages) sendTaskResult(w http.ResponseWriter, v *working) error {
	sub, l := v.sub, v.Lang
	p := taskResultPage{Title: v.title(), Lang: v.lang(), Facts: []string{v.T("task.try.n", i18n.Num("n", int64(sub.N)))}, Text: sub.Work.Text, Files: v.files(false)}
	if !sub.Handed.IsZero() {
		p.Facts = append(p.Facts, v.T("task.handed", i18n.Moment("at", sub.Handed)))
		if sub.Late(v.Now) {
			p.Facts = append(p.Facts, v.T("task.late"))
		}
	}
	course := web.Button{Text: v.T("exam.to_course"), Href: v.Path(web.PathCourse, "slug", v.course.Slug), Style: web.Primary}
	switch {
	case sub.State == task.Draft: // its assignment was taken away
		p.Notices = append(p.Notices, web.NewNotice(l, web.Warn, "", web.Plain(v.T("task.gone"))))
	case sub.State == task.HandedIn && sub.Seen.IsZero():
		p.Notices = append(p.Notices, web.NewNotice(l, web.Info, v.T("task.head.handed"), web.Plain(v.T("task.waits.text"))))
	case sub.State == task.HandedIn:
		p.Notices = append(p.Notices, web.NewNotice(l, web.Info, v.T("task.head.seen"), web.Plain(v.T("task.waits.text"))))
	case sub.State == task.Passed:
		p.Notices = append(p.Notices, web.NewNotice(l, web.Good, v.T("task.head.passed"), web.Plain(v.T("task.passed.text"))))
	case sub.State == task.Returned:
		key := "task.returned.text"
		last, err := a.Tasks.List(v.Context(), v.s.Subject, sub.Lesson, v.s.Once("tasks"))
		if err != nil {
			return err
		}
		newest := len(last) > 0 && last[len(last)-1].ID == sub.ID
		switch {
		case !v.still, v.lesson.Task.Tries > 0 && sub.N >= v.lesson.Task.Tries:
			key = "task.returned.last"
		case newest:
			p.Again = &web.Post{Action: lessonPath(v.Request, PathTaskBegin, v.course.Slug, sub.Lesson), Button: web.Button{Text: v.T("task.again"), Style: web.Primary}}
			course.Style = web.Secondary
		}
		p.Notices = append(p.Notices, web.NewNotice(l, web.Warn, v.T("task.head.returned"), web.Plain(v.T(key))))
	}
	p.Acts = []web.Button{course}
	if said := sub.Work.Verdict; said != nil {
		p.Said = said.Said
		p.Meter = &web.Meter{Label: v.T("exam.score"), Said: v.T("task.won", i18n.Num("n", int64(said.Won)), i18n.Num("of", int64(said.Of)), i18n.Num("pass", int64(sub.Work.Task.Enough()))), Done: said.Won, Of: said.Of}
		criteria, err := sub.Work.Task.Criteria(v.lang())
		if err != nil {
			return err
		}
		if len(criteria) > 0 {
			t := web.JudgedTable(l, criteria, said.Points, said.Words)
			p.Judged = &t
		}
	}
	return a.taskDone.Send(w, v.Request, web.Head{Title: p.Title, Back: v.back()}, p)
}

// taskFacts says what is handed in, and how it is judged.
func taskFacts(l i18n.Lang, t *learning.Task) []string {
	facts := []string{}
	if t.Text {
		facts = append(facts, l.T("task.facts.text"))
	}
	if t.Files > 0 {
		facts = append(facts, l.T("task.facts.files", i18n.Num("n", int64(t.Files))))
	}
	facts = append(facts, l.T("task.facts.pass", i18n.Num("n", int64(t.Enough())), i18n.Num("of", int64(t.Most()))))
	if t.Tries > 0 {
		facts = append(facts, l.T("task.facts.tries", i18n.Num("n", int64(t.Tries))))
	}
	if t.Days > 0 {
		facts = append(facts, l.T("task.facts.days", i18n.Num("n", int64(t.Days))))
	}
	return facts
}

// taskTag says where a try stands.
func taskTag(l i18n.Lang, sub *task.Submission) *web.Tag {
	switch {
	case sub.State == task.Draft:
		return &web.Tag{Text: l.T("task.state.draft"), Style: web.Info}
	case sub.State == task.HandedIn && sub.Seen.IsZero():
		return &web.Tag{Text: l.T("task.state.handed"), Style: web.Info}
	case sub.State == task.HandedIn:
		return &web.Tag{Text: l.T("task.state.seen"), Style: web.Info}
	case sub.State == task.Passed:
		return &web.Tag{Text: l.T("task.state.passed"), Style: web.Good}
	}
	return &web.Tag{Text: l.T("task.state.returned"), Style: web.Warn}
}

// offerTask adds to an assignment's page what its reader has done of it, and what they can do.
func (s *publicPages) offerTask(r *web.Request, p *lessonPage, c learning.Course, l learning.Lesson, done map[int64]time.Time, may bool) error {
	tries, err := s.Tasks.List(r.Context(), r.Viewer.Subject, l.ID, r.Viewer.Session+" study")
	if err != nil {
		return err
	}
	if may {
		if may, err = s.Tasks.May(r.Context(), r.Viewer.Subject, c.Slug); err != nil {
			return err
		}
	}
	t := web.Table{Caption: r.T("task.tries"), Columns: []web.Column{{Label: r.T("task.try")}, {Label: r.T("task.changed")}, {Label: r.T("exam.result")}}}
	state := task.Returned
	for _, sub := range tries {
		state = sub.State
		row := []web.Cell{{Text: web.Text{{Text: r.T("task.try.n", i18n.Num("n", int64(sub.N))), Href: r.Path(PathTask, "attempt", sub.ID.String())}}}, {Text: web.Plain(r.Lang.DateTime(sub.Changed))}, {}}
		if !sub.Closed {
			row[2].Tag = taskTag(r.Lang, sub)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) > 0 {
		p.Attempts = &t
	}
	say := func(style web.Style, key string) {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, style, "", web.Plain(r.T(key))))
	}
	begin := func(key string) {
		p.Done = &web.Post{Action: lessonPath(r, PathTaskBegin, c.Slug, l.ID), Button: web.Button{Text: r.T(key), Style: web.Primary}}
	}
	switch {
	case !done[l.ID].IsZero():
		say(web.Good, "task.done")
	case !may:
	case len(tries) == 0:
		begin("task.begin")
	case state == task.Draft:
		begin("task.resume")
	case state == task.HandedIn:
		say(web.Info, "task.waits")
	case l.Task.Tries > 0 && len(tries) >= l.Task.Tries:
		say(web.Warn, "task.no_tries")
	default:
		begin("task.again")
	}
	return nil
}
