package console

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ustaz/internal/authoring"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/quiz"
	"ustaz/internal/web"
)

// Addresses of a course's bank of questions. The question "new" is one that is not there yet.
const (
	PathQuestions       = "/{lang}/console/courses/{course}/questions"
	PathQuestion        = "/{lang}/console/courses/{course}/questions/{question}/{doc}"
	PathQuestionPreview = "/{lang}/console/courses/{course}/question-preview/{doc}"
	PathQuestionRemove  = "/{lang}/console/courses/{course}/questions/{question}/remove"
)

const newQuestion = "new"

// bankPage lists the questions of a course by topic.
type bankPage struct {
	Chrome chrome
	Title  string
	Lead   string
	Acts   []web.Button
	Topics []bankTopic
	Empty  *web.Empty
}

type bankTopic struct {
	Title string
	Table web.Table
}

func sorted(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }

func (v *writing) questionAt(id int64, lang string) string {
	return v.of(PathQuestion, "question", person.ID(id).String(), "doc", lang)
}

// gist is the first line of a question, for lists.
func (v *writing) gist(q learning.Question) string {
	text := q.Text[v.d.About.Lang(v.Lang.Code())]
	if strings.TrimSpace(text) == "" {
		text = q.Text[i18n.Codes()[0]]
	}
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if utf8.RuneCountInString(first) > gistLength {
		first = string([]rune(first)[:gistLength]) + "…"
	}
	if first == "" {
		return v.T("coursework.untitled")
	}
	return first
}

const gistLength = 90

func (c *console) showBank(w http.ResponseWriter, v *writing) error {
	add := web.Button{Text: v.T("coursework.question.new"), Href: v.of(PathQuestion, "question", newQuestion, "doc", i18n.Codes()[0]), Style: web.Primary}
	p := bankPage{Chrome: c.chrome(v.visit), Title: v.T("coursework.bank"), Lead: v.T("coursework.bank.lead"), Acts: []web.Button{add}}
	if len(v.d.Course.Questions) == 0 {
		p.Empty = &web.Empty{Title: v.T("coursework.bank.none"), Text: web.Plain(v.T("coursework.bank.none.text"))}
	}
	stats, err := c.Exams.Stats(v.Context(), v.d.Slug)
	if err != nil {
		return err
	}
	for _, topic := range sorted(learning.Topics(v.d.Course.Questions)) {
		name := topic
		if topic == "" {
			name = v.T("coursework.topic.none")
		}
		t := web.Table{Caption: name, Quiet: true, Columns: []web.Column{{Label: v.T("coursework.question")}, {Label: v.T("coursework.kind")}, {Label: v.T("coursework.points"), Number: true}, {Label: v.T("grading.went")}, {Label: v.T("coursework.remove")}}}
		for _, q := range v.d.Course.Questions {
			if q.Topic != topic {
				continue
			}
			part := learning.QuestionPart(q.ID)
			remove := web.Post{Action: v.of(PathQuestionRemove, "question", person.ID(q.ID).String()), Hidden: []web.Hidden{{Name: revInput, Value: strconv.FormatInt(v.d.Revs[part].N, 10)}},
				Button: web.Button{Text: v.T("coursework.remove"), Style: web.Bare}}
			t.Rows = append(t.Rows, []web.Cell{{Text: web.Text{{Text: v.gist(q), Href: v.questionAt(q.ID, i18n.Codes()[0])}}}, {Text: web.Plain(v.kindOf(q))}, {Text: web.Plain(v.Lang.Number(int64(q.Points)))}, {Text: web.Plain(v.itemStats(stats, q))}, {Post: &remove}})
		}
		p.Topics = append(p.Topics, bankTopic{Title: name, Table: t})
	}
	return c.bank.Send(w, v.Request, web.Head{Title: p.Title, Wide: true, Back: v.back()}, p)
}

// kindOf names the kind of a question, or says that it can't be read.
func (v *writing) kindOf(q learning.Question) string {
	parsed, err := q.In(v.d.About.Lang(v.Lang.Code()))
	if err != nil {
		return v.T("coursework.unreadable")
	}
	return v.T(parsed.Kind.NameKey())
}

// samples are one of each kind, in the language that is written in.
func (v *writing) samples(lang string) []sampleButton {
	var out []sampleButton
	for _, k := range quiz.Kinds() {
		out = append(out, sampleButton{Text: v.T(k.NameKey()), About: v.T(k.HelpKey()), Sample: quiz.Sample(k, lang), Into: "f-text"})
	}
	return out
}

// asked shows a question as a learner will see it, with what would be right.
func (c *console) asked(v *writing, lang, text string) (shownText, error) {
	shown := shownText{Lang: lang}
	if strings.TrimSpace(text) == "" {
		return shown, nil
	}
	files := web.NewCourseFiles(v.Context(), c.Media, v.d.Slug)
	q, err := quiz.Parse(text)
	if err == nil {
		shown.Asked, err = web.NewAsked(v.Lang, lang, 0, q, q.Layout(nil, "", false), q.Right(), &web.Shown{Grade: q.Grade(q.Right()), Answers: true}, files.File)
	}
	if errs.Is(err, errs.Invalid) {
		for _, f := range errs.As(err).Fields {
			shown.Problems = append(shown.Problems, v.T(f.Key, i18n.Args(f.Args)...))
		}
		err = nil
	}
	return shown, errors.Join(err, files.Err())
}

// question is the question that the address names; an empty one for a new one.
func (v *writing) question() (learning.Question, error) {
	if v.PathValue("question") == newQuestion {
		return learning.Question{Points: 1, Text: map[string]string{}}, nil
	}
	id, err := v.id("question")
	if err != nil {
		return learning.Question{}, err
	}
	at := slices.IndexFunc(v.d.Course.Questions, func(q learning.Question) bool { return q.ID == int64(id) })
	if at < 0 {
		return learning.Question{}, errs.New(errs.NotFound, "course.question.unknown")
	}
	return v.d.Course.Questions[at], nil
}

func (c *console) questionPart(v *writing) (part, error) {
	doc := v.PathValue("doc")
	q, err := v.question()
	if err != nil {
		return part{}, err
	}
	title, name := v.T("coursework.question.new"), ""
	if q.ID != 0 {
		title, name = v.gist(q), learning.QuestionPart(q.ID)
	}
	points := strconv.Itoa(q.Points)
	p := part{name: name, title: title, page: PathQuestion, show: func(lang, text string) (shownText, error) { return c.asked(v, lang, text) }, pairs: []string{"question", v.PathValue("question"), "doc", doc}, text: "text", samples: v.samples(doc),
		fields: []*web.Field{
			web.NewField(v.Lang, web.Area, "text", v.T("coursework.question")+" ("+v.T("course.language."+doc)+")").Must().Hinted(v.T("coursework.question.hint")).Holding(q.Text[doc]).
				Tall().Previewed(v.of(PathQuestionPreview, "doc", doc)),
			web.NewField(v.Lang, web.TextField, "topic", v.T("coursework.topic")).Hinted(v.T("coursework.topic.hint")).Holding(q.Topic).UpTo(learning.MaxTopic).Fills("off"),
			web.NewField(v.Lang, web.Digits, "points", v.T("coursework.points")).Must().Holding(points).UpTo(3).Fills("off"),
		},
		inputs: []web.Input{web.Lines("text", learning.MaxBody), web.Line("topic"), web.Line("points")},
		shown: func(lang string) string {
			now, _ := v.question()
			return now.Text[lang]
		}}
	p.save = func(form web.Form, at authoring.At, auto bool) (int64, error) {
		q.Text = with(q.Text, doc, form.Get("text"))
		q.Topic, q.Points = oneLine(form.Get("topic")), max(0, number(form.Get("points")))
		id, rev, err := c.Courses.SaveQuestion(v.Context(), v.Viewer.Subject, at, q, auto)
		if err == nil {
			p.pairs[1] = person.ID(id).String()
		}
		return rev, err
	}
	return p, nil
}

func (c *console) removeQuestion(w http.ResponseWriter, v *writing) error {
	form, err := v.Form(web.Line(revInput))
	if err != nil {
		return err
	}
	q, err := v.question()
	if err != nil {
		return err
	}
	at, err := v.seen(form, learning.QuestionPart(q.ID))
	if err == nil {
		err = c.Courses.RemoveQuestion(v.Context(), v.Viewer.Subject, at)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(w, v.of(PathQuestions), "question_removed")
}
