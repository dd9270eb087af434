package site

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/exam"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/quiz"
	"ustaz/internal/web"
)

// Addresses of tests as people take them. {place} is a question of an attempt, from 1.
const (
	PathTestBegin  = "/{lang}/courses/{slug}/{lesson}/attempt"
	PathAttempt    = "/{lang}/my/tests/{attempt}"
	PathAttemptAt  = "/{lang}/my/tests/{attempt}/{place}"
	PathAttemptEnd = "/{lang}/my/tests/{attempt}/end"
)

// answerBody is what an answer may send: an essay in Kazakh, whose letters go as six bytes.
const answerBody = 256 << 10

func (a *accountPages) examRoutes() []web.Route {
	agreed, studied := web.Consented(), a.studied
	return []web.Route{
		{Method: http.MethodPost, Pattern: PathTestBegin, Access: agreed, Handle: studied(a.doTestBegin)},
		{Method: http.MethodGet, Pattern: PathAttempt, Access: agreed, Handle: studied(a.showAttempt)},
		{Method: http.MethodGet, Pattern: PathAttemptAt, Access: agreed, Handle: studied(a.showQuestion)},
		{Method: http.MethodPost, Pattern: PathAttemptAt, Access: agreed, MaxBody: answerBody, Handle: studied(a.saveAnswer)},
		{Method: http.MethodGet, Pattern: PathAnswerFile, Access: agreed, Handle: studied(a.sendAnswerFile)},
		{Method: http.MethodPost, Pattern: PathAnswerFile, Access: agreed, MaxBody: fileBody, Handle: studied(a.saveAnswerFile)},
		{Method: http.MethodPost, Pattern: PathAnswerFileRemove, Access: agreed, Handle: studied(a.removeAnswerFile)},
		{Method: http.MethodGet, Pattern: PathAttemptEnd, Access: agreed, Handle: studied(a.askHandIn)},
		{Method: http.MethodPost, Pattern: PathAttemptEnd, Access: agreed, Handle: studied(a.handIn)},
	}
}

func (a *accountPages) doTestBegin(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	lesson, err := person.ParseID(r.PathValue("lesson"))
	if err != nil {
		return errs.New(errs.NotFound, "course.lesson.unknown")
	}
	id, err := a.Exams.Begin(r.Context(), s.Subject, r.PathValue("slug"), int64(lesson))
	if err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathAttemptAt, "attempt", id.String(), "place", "1"), "")
}

// sitting is a visit to an attempt of somebody's own.
type sitting struct {
	*web.Request
	s      account.Session
	a      *exam.Attempt
	course learning.Course
	test   learning.Lesson // as published now; empty if it was taken away
	still  bool            // it was not
}

// attempt opens the attempt that the address names. One whose time is up is handed in first, so that it is seen as it is.
func (a *accountPages) attempt(r *web.Request, s account.Session) (*sitting, error) {
	id, err := person.ParseID(r.PathValue("attempt"))
	if err != nil {
		return nil, errs.New(errs.NotFound, "exam.unknown")
	}
	got, err := a.Exams.Get(r.Context(), s.Subject, id, s.Once("tests"))
	if err != nil {
		return nil, err
	}
	v := &sitting{Request: r, s: s, a: got}
	if v.course, err = a.Study.Course(r.Context(), got.Course); err != nil {
		return nil, err
	}
	_, v.test, v.still = v.course.Lesson(got.Lesson)
	if got.State == exam.Running && got.Late(r.Now) {
		saved := got.Saved
		if v.a, err = a.Exams.Submit(r.Context(), s.Subject, id, got.Course); err != nil {
			return nil, err
		}
		v.a.Saved = saved
	}
	return v, nil
}

func (v *sitting) lang() string { return v.course.Lang(v.Lang.Code()) }

// title is the test's; of one that was taken away meanwhile the course's.
func (v *sitting) title() string {
	if v.still {
		return v.test.Words[v.lang()]
	}
	return v.course.Words[v.lang()].Title
}

func (v *sitting) at(place int) string {
	return v.Path(PathAttemptAt, "attempt", v.a.ID.String(), "place", strconv.Itoa(place+1))
}

func (v *sitting) back() *web.Link {
	if !v.still {
		return &web.Link{Text: v.course.Words[v.lang()].Title, Href: v.Path(web.PathCourse, "slug", v.course.Slug)}
	}
	return &web.Link{Text: v.title(), Href: lessonPath(v.Request, PathLesson, v.course.Slug, v.test.ID)}
}

// answered counts the questions that have an answer.
func (v *sitting) answered() int {
	return len(slices.DeleteFunc(slices.Clone(v.a.Saved), time.Time.IsZero))
}

// questionPage is one question of an attempt.
type questionPage struct {
	Title   string
	Lang    string
	Which   string // of how many
	Clock   *clockLine
	Notices []web.Notice
	Action  string
	Saves   web.Saves
	Asked   *web.Asked
	Points  string
	Before  bool
	Last    bool
	Places  []placeLink
	Sheet   *web.Sheet // of a question that asks for a file
	Remove  *web.Post  // of the file that is there
}

// clockLine says until when answers are taken; where scripts run it counts down.
type clockLine struct {
	Until string
	Left  int64 // seconds
}

// placeLink leads to a question of the attempt.
type placeLink struct {
	Number   string
	Href     string
	Current  bool
	Answered bool
	Says     string // for those who hear it
}

func (a *accountPages) showQuestion(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, place, err := a.place(r, s)
	if err != nil {
		return err
	}
	if v.a.State != exam.Running {
		return r.SeeOther(w, r.Path(PathAttempt, "attempt", v.a.ID.String()), "")
	}
	return a.sendQuestion(w, v, place, web.Form{}, nil)
}

func (a *accountPages) place(r *web.Request, s account.Session) (*sitting, int, error) {
	v, err := a.attempt(r, s)
	if err != nil {
		return nil, 0, err
	}
	n, err := strconv.Atoi(r.PathValue("place"))
	if err != nil || n < 1 || n > len(v.a.Plan.Asked) {
		return nil, 0, errs.New(errs.NotFound, "exam.unknown")
	}
	return v, n - 1, nil
}

// asked is the question at a place, as it is answered so far.
func (a *accountPages) asked(v *sitting, place int) (*web.Asked, exam.Asked, error) {
	list, err := a.Exams.At(v.Context(), v.a, v.lang(), v.s.Once("tests"), place)
	if err != nil {
		return nil, exam.Asked{}, err
	}
	q := list[0]
	files := web.NewCourseFiles(v.Context(), a.Media, v.course.Slug)
	shown, err := web.NewAsked(v.Lang, v.lang(), place, q.Question, q.Layout, q.Answer, nil, files.File)
	if err = errors.Join(err, files.Err()); err == nil {
		err = a.withFiles(v, map[int]*web.Asked{place: shown})
	}
	return shown, q, err
}

func (a *accountPages) sendQuestion(w http.ResponseWriter, v *sitting, place int, sent web.Form, fault error) error {
	shown, q, err := a.asked(v, place)
	if err != nil {
		return err
	}
	count := len(v.a.Plan.Asked)
	p := questionPage{Title: v.title(), Lang: v.lang(), Which: v.T("exam.question.of", i18n.Num("n", int64(place+1)), i18n.Num("all", int64(count))), Asked: shown,
		Points: v.T("exam.points", i18n.Num("n", int64(q.Points))), Action: v.at(place), Before: place > 0, Last: place == count-1,
		Saves: web.Saves{Waits: v.T("exam.saving"), Fails: v.T("exam.unsaved")}}
	if fault != nil && shown.Kind != quiz.File {
		shown.Refill(sent)
		p.Notices = append(p.Notices, web.NewNotice(v.Lang, web.Bad, "", web.Plain(faultWords(v.Request, fault))))
	}
	if !v.a.Ends.IsZero() {
		p.Clock = &clockLine{Until: v.T("exam.until", i18n.Moment("at", v.a.Ends)), Left: int64(max(0, v.a.Ends.Sub(v.Now)/time.Second))}
	}
	a.offerFile(v, &p, place, fault)
	for i := range v.a.Plan.Asked {
		link := placeLink{Number: v.Lang.Number(int64(i + 1)), Href: v.at(i), Current: i == place, Answered: !v.a.Saved[i].IsZero(), Says: v.T("exam.place.open")}
		if link.Answered {
			link.Says = v.T("exam.place.answered")
		}
		p.Places = append(p.Places, link)
	}
	return a.question.Send(w, v.Request, web.Head{Title: p.Which + " – " + p.Title, Err: fault, Scripts: []string{"save.js"}, Back: v.back()}, p)
}

// faultWords says what is wrong with an answer.
func faultWords(r *web.Request, err error) string {
	if fields := errs.As(err).Fields; len(fields) > 0 {
		return r.T(fields[0].Key, i18n.Args(fields[0].Args)...)
	}
	return r.Lang.Error(err)
}

// saved answers the script that saves while somebody answers.
type saved struct {
	Saved   string `json:"saved,omitempty"`
	Refused string `json:"refused,omitempty"`
	Stop    bool   `json:"stop,omitempty"` // the attempt is over
}

// saveAnswer writes an answer and leads on: to the question before or after, another one, or the end. By the script it only writes.
func (a *accountPages) saveAnswer(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, place, err := a.place(r, s)
	if err != nil {
		return err
	}
	result := r.Path(PathAttempt, "attempt", v.a.ID.String())
	shown, _, err := a.asked(v, place)
	if err != nil {
		return err
	}
	form, err := r.Form(append(shown.Inputs(), web.Line("to"), web.Line("auto"))...)
	if err != nil && len(errs.As(err).Fields) == 0 {
		return err
	}
	over := v.a.State != exam.Running
	if err == nil && !over {
		_, err = a.Exams.Save(r.Context(), s.Subject, v.a.ID, v.a.Course, place, v.lang(), form.Values())
		over = errs.Is(err, errs.Gone) || errs.Is(err, errs.Conflict)
	}
	switch {
	case form.Has("auto") && over:
		return r.JSON(w, saved{Refused: r.T("exam.late"), Stop: true})
	case form.Has("auto") && errs.Is(err, errs.Invalid):
		return r.JSON(w, saved{Refused: faultWords(r, err)})
	case over:
		return r.SeeOther(w, result, "")
	case errs.Is(err, errs.Invalid):
		return a.sendQuestion(w, v, place, form, err)
	case err != nil:
		return err
	case form.Has("auto"):
		return r.JSON(w, saved{Saved: r.T("exam.saved")})
	}
	return r.SeeOther(w, v.onward(place, form.Get("to")), "")
}

// onward is where to leads from a place.
func (v *sitting) onward(place int, to string) string {
	switch to {
	case "before":
		place--
	case "after":
		place++
	default:
		n, err := strconv.Atoi(to)
		if err != nil {
			return v.Path(PathAttemptEnd, "attempt", v.a.ID.String())
		}
		place = n - 1
	}
	if place < 0 || place >= len(v.a.Plan.Asked) {
		return v.Path(PathAttemptEnd, "attempt", v.a.ID.String())
	}
	return v.at(place)
}

// askHandIn says what is still open before an attempt is handed in.
func (a *accountPages) askHandIn(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, err := a.attempt(r, s)
	if err != nil {
		return err
	}
	if v.a.State != exam.Running {
		return r.SeeOther(w, r.Path(PathAttempt, "attempt", v.a.ID.String()), "")
	}
	open := len(v.a.Saved) - v.answered()
	sheet := web.NewSheet(r.Lang, r.Path(PathAttemptEnd, "attempt", v.a.ID.String()), r.T("exam.hand_in"))
	p := handInPage{Title: r.T("exam.hand_in.title"), Test: v.title(), Lang: v.lang(), Sheet: sheet,
		Meter: web.Meter{Label: r.T("exam.answered"), Said: r.T("exam.answered.said", i18n.Num("n", int64(v.answered())), i18n.Num("all", int64(len(v.a.Saved)))), Done: v.answered(), Of: len(v.a.Saved)}}
	if open > 0 {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Warn, "", web.Plain(r.T("exam.open", i18n.Num("n", int64(open))))))
		for i, at := range v.a.Saved {
			if at.IsZero() {
				p.Open = append(p.Open, web.Link{Text: r.T("exam.question.n", i18n.Num("n", int64(i+1))), Href: v.at(i)})
			}
		}
	}
	if !v.a.Ends.IsZero() {
		p.Until = r.T("exam.until", i18n.Moment("at", v.a.Ends))
	}
	sheet.Cancel = &web.Link{Text: r.T("exam.go_on"), Href: v.at(max(0, slices.IndexFunc(v.a.Saved, time.Time.IsZero)))}
	return a.handing.Send(w, r, web.Head{Title: p.Title, Back: v.back()}, p)
}

// handInPage asks before an attempt is handed in.
type handInPage struct {
	Title   string
	Test    string
	Lang    string
	Notices []web.Notice
	Meter   web.Meter
	Open    []web.Link
	Until   string
	Sheet   *web.Sheet
}

func (a *accountPages) handIn(w http.ResponseWriter, r *web.Request, s account.Session) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	v, err := a.attempt(r, s)
	if err != nil {
		return err
	}
	if _, err := a.Exams.Submit(r.Context(), s.Subject, v.a.ID, v.a.Course); err != nil {
		return err
	}
	return r.SeeOther(w, r.Path(PathAttempt, "attempt", v.a.ID.String()), "")
}

// attemptPage is what came of an attempt.
type attemptPage struct {
	Title   string
	Lang    string
	Notices []web.Notice
	Meter   *web.Meter
	Facts   []string
	Acts    []web.Button
	Again   *web.Post
	Object  web.Text // of who failed by a program's judgement
	Review  []reviewed
	NoSight string // why the answers are not shown
}

// reviewed is a question with its answer and verdict.
type reviewed struct {
	Title  string
	Points string
	Asked  *web.Asked
}

func (a *accountPages) showAttempt(w http.ResponseWriter, r *web.Request, s account.Session) error {
	v, err := a.attempt(r, s)
	if err != nil {
		return err
	}
	if v.a.State == exam.Running {
		return r.SeeOther(w, v.at(max(0, slices.IndexFunc(v.a.Saved, time.Time.IsZero))), "")
	}
	p := attemptPage{Title: v.title(), Lang: v.lang(), Facts: []string{r.T("exam.attempt.n", i18n.Num("n", int64(v.a.N))), r.T("exam.ended", i18n.Moment("at", v.a.Ended))}}
	res := v.a.Plan.Result
	left := v.left()
	course := web.Button{Text: r.T("exam.to_course"), Href: r.Path(web.PathCourse, "slug", v.course.Slug), Style: web.Primary}
	switch {
	case v.a.State == exam.Waiting:
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Info, r.T("exam.waits.title"), web.Plain(r.T("exam.waits.text"))))
		p.Acts = []web.Button{course}
	case res.Passed:
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Good, r.T("exam.passed"), web.Plain(r.T("exam.passed.text", i18n.Num("percent", int64(res.Percent()))))))
		p.Acts = []web.Button{course}
		if v.still && v.test.Test != nil && v.test.Test.Final && a.Certificates != nil {
			course.Style = web.Secondary
			p.Acts = []web.Button{{Text: r.T("exam.certificate"), Href: r.Path(PathMyCertificates), Style: web.Primary}, course}
		}
	default:
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, web.Warn, r.T("exam.failed"), web.Plain(r.T("exam.failed.text", i18n.Num("percent", int64(res.Percent())), i18n.Num("pass", int64(v.a.Plan.Pass))))))
		p.Object = r.Rich("exam.object", i18n.Msg("link", "exam.object.link")).Link("link", requestPath(r, desk.Objection))
		if left && v.still {
			p.Again = &web.Post{Action: lessonPath(r, PathTestBegin, v.course.Slug, v.test.ID), Button: web.Button{Text: r.T("exam.again"), Style: web.Primary}}
			course.Style = web.Secondary
		}
		p.Acts = []web.Button{course}
	}
	if v.a.State == exam.Over {
		p.Meter = &web.Meter{Label: r.T("exam.score"), Said: r.T("exam.score.said", i18n.Str("won", points(r.Lang, res.Won)), i18n.Str("of", points(r.Lang, res.Of)), i18n.Num("percent", int64(res.Percent()))), Done: res.Won, Of: res.Of}
	}
	if err := a.review(v, &p, left); err != nil {
		return err
	}
	return a.result.Send(w, r, web.Head{Title: p.Title, Back: v.back()}, p)
}

// points writes thousandths of points with up to two digits after the sign.
func points(l i18n.Lang, thousandths int) string {
	whole := l.Number(int64(thousandths / 1000))
	rest := strings.TrimRight(strconv.Itoa(1000 + thousandths%1000)[1:3], "0")
	if rest == "" {
		return whole
	}
	return whole + l.T("exam.decimal") + rest
}

// left tells whether there is another attempt.
func (v *sitting) left() bool {
	return v.still && v.test.Test != nil && (v.test.Test.Attempts == 0 || v.a.N < v.test.Test.Attempts)
}

// review adds the questions with their answers, where the test's rules let them be seen.
func (a *accountPages) review(v *sitting, p *attemptPage, left bool) error {
	rule := learning.ReviewNever
	if v.still && v.test.Test != nil {
		rule = v.test.Test.Review
	}
	if rule == learning.ReviewNever || rule == learning.ReviewPassed && left && !v.a.Plan.Result.Passed {
		p.NoSight = v.T("exam.review." + string(rule))
		return nil
	}
	all, err := a.Exams.At(v.Context(), v.a, v.lang(), v.s.Once("tests"))
	if err != nil {
		return err
	}
	files := web.NewCourseFiles(v.Context(), a.Media, v.course.Slug)
	at := map[int]*web.Asked{}
	for place, q := range all {
		shown, err := web.NewAsked(v.Lang, v.lang(), place, q.Question, q.Layout, q.Answer, &web.Shown{Grade: q.Grade, Answers: true}, files.File)
		if err = errors.Join(err, files.Err()); err != nil {
			return err
		}
		at[place] = shown
		p.Review = append(p.Review, reviewed{Title: v.T("exam.question.n", i18n.Num("n", int64(place+1))), Asked: shown,
			Points: v.T("exam.points.won", i18n.Str("won", points(v.Lang, max(0, v.a.Plan.Result.Shares[place])*q.Points)), i18n.Num("of", int64(q.Points)))})
	}
	return a.withFiles(v, at)
}

// testFacts says how a test is taken.
func testFacts(l i18n.Lang, t *learning.Test) []string {
	facts := []string{l.T("exam.facts.questions", i18n.Num("n", int64(t.Count()))), l.T("exam.facts.pass", i18n.Num("n", int64(t.Pass)))}
	if t.Limit > 0 {
		facts = append(facts, l.T("exam.facts.limit", i18n.Num("n", int64(t.Limit))))
	} else {
		facts = append(facts, l.T("exam.facts.unlimited"))
	}
	if t.Attempts > 0 {
		facts = append(facts, l.T("exam.facts.attempts", i18n.Num("n", int64(t.Attempts))))
	}
	if t.Final {
		facts = append(facts, l.T("exam.facts.final"))
	}
	return facts
}

// offerTest adds to a test's page what its reader has done of it, and what they can do.
func (s *publicPages) offerTest(r *web.Request, p *lessonPage, c learning.Course, l learning.Lesson, done map[int64]time.Time, may bool) error {
	attempts, err := s.Exams.List(r.Context(), r.Viewer.Subject, l.ID, r.Viewer.Session+" study")
	if err != nil {
		return err
	}
	t := web.Table{Caption: r.T("exam.attempts"), Columns: []web.Column{{Label: r.T("exam.attempt")}, {Label: r.T("exam.when")}, {Label: r.T("exam.result")}}}
	if may {
		if may, err = s.Exams.May(r.Context(), r.Viewer.Subject, c.Slug); err != nil {
			return err
		}
	}
	running, waiting := false, false
	for _, a := range attempts {
		row := []web.Cell{{Text: web.Text{{Text: r.T("exam.attempt.n", i18n.Num("n", int64(a.N))), Href: r.Path(PathAttempt, "attempt", a.ID.String())}}}, {Text: web.Plain(r.Lang.DateTime(a.Begun))}, {}}
		switch {
		case a.Closed:
		case a.State == exam.Running:
			running = true
			row[2].Tag = &web.Tag{Text: r.T("exam.state.running"), Style: web.Info}
		case a.State == exam.Waiting:
			waiting = true
			row[2].Tag = &web.Tag{Text: r.T("exam.state.waiting"), Style: web.Info}
		case a.Plan.Result.Passed:
			row[2].Tag = &web.Tag{Text: r.T("exam.state.passed", i18n.Num("percent", int64(a.Plan.Result.Percent()))), Style: web.Good}
		default:
			row[2].Tag = &web.Tag{Text: r.T("exam.state.failed", i18n.Num("percent", int64(a.Plan.Result.Percent()))), Style: web.Warn}
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) > 0 {
		p.Attempts = &t
	}
	at, _, _ := c.Lesson(l.ID)
	say := func(style web.Style, key string) {
		p.Notices = append(p.Notices, web.NewNotice(r.Lang, style, "", web.Plain(r.T(key))))
	}
	begin := func(key string) {
		p.Done = &web.Post{Action: lessonPath(r, PathTestBegin, c.Slug, l.ID), Button: web.Button{Text: r.T(key), Style: web.Primary}}
	}
	switch {
	case !done[l.ID].IsZero():
		say(web.Good, "exam.done")
	case !may:
	case running:
		begin("exam.resume")
	case waiting:
		say(web.Info, "exam.waits")
	case l.Test.Attempts > 0 && len(attempts) >= l.Test.Attempts:
		say(web.Warn, "exam.no_attempts")
	case l.Test.After && slices.ContainsFunc(c.Lessons[:at], func(l learning.Lesson) bool { return done[l.ID].IsZero() }):
		say(web.Info, "exam.lessons_first")
	case len(attempts) > 0:
		begin("exam.again")
	default:
		begin("exam.begin")
	}
	return nil
}
