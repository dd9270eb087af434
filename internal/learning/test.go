package learning

import (
	"html/template"
	"slices"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/quiz"
)

// Test is how a test is taken.
type Test struct {
	Draws    []Draw `json:"draws"`    // what an attempt is drawn from, in this order
	Shuffle  bool   `json:"shuffle"`  // questions and their options come in an order of the attempt's own
	Limit    int    `json:"limit"`    // minutes that an attempt may take, kept by the server; 0 for none
	Attempts int    `json:"attempts"` // how many there are; 0 for any number
	Pass     int    `json:"pass"`     // percent of the points, 1 to 100
	Review   Review `json:"review"`
	After    bool   `json:"after"` // it opens once the lessons before it are done
	Final    bool   `json:"final"` // who passes it has finished the course and gets its certificate
}

// Draw is a number of questions of a topic, drawn by chance.
type Draw struct {
	Topic string `json:"topic"` // "" for those without one
	Count int    `json:"count"`
}

// Review is when somebody sees which answers were right: the end of message keys, "course.review." + review.
type Review string

// The rules of review.
const (
	ReviewNever  Review = "never"
	ReviewPassed Review = "passed" // once they passed or used up their attempts
	ReviewAlways Review = "always" // after each attempt
)

// Reviews are all there are.
var Reviews = []Review{ReviewPassed, ReviewAlways, ReviewNever}

// Bounds of a test and of a bank.
const (
	MaxLimit     = 600 // minutes
	MaxAttempts  = 100
	MaxDrawn     = 200 // questions of one attempt
	MaxQuestions = 2000
	MaxTopic     = 60 // characters
	MaxPoints    = 100
)

// Count is how many questions an attempt has.
func (t Test) Count() (n int) {
	for _, d := range t.Draws {
		n += d.Count
	}
	return n
}

func (t Test) sound() bool {
	topics := map[string]bool{}
	for _, d := range t.Draws {
		if d.Count < 1 || d.Count > MaxDrawn || topics[d.Topic] {
			return false
		}
		topics[d.Topic] = true
	}
	return t.Count() >= 1 && t.Count() <= MaxDrawn && t.Limit >= 0 && t.Limit <= MaxLimit && t.Attempts >= 0 && t.Attempts <= MaxAttempts &&
		t.Pass >= 1 && t.Pass <= 100 && slices.Contains(Reviews, t.Review)
}

// fits tells whether bank has as many questions of each topic as are drawn.
func (t Test) fits(bank []Question) bool {
	of := Topics(bank)
	return !slices.ContainsFunc(t.Draws, func(d Draw) bool { return of[d.Topic] < d.Count })
}

// Topics counts the questions of each topic.
func Topics(bank []Question) map[string]int {
	of := map[string]int{}
	for _, q := range bank {
		of[q.Topic]++
	}
	return of
}

// Question is one of a course's bank, as package quiz reads it.
type Question struct {
	ID     int64             `json:"id"`
	Rev    int64             `json:"rev"` // which of its published texts
	Topic  string            `json:"topic"`
	Points int               `json:"points"` // 1 to 100
	Text   map[string]string `json:"text"`   // by language
}

// QuestionAt names a question as it was at a Rev.
type QuestionAt struct {
	ID  int64 `json:"id"`
	Rev int64 `json:"rev"`
}

func (q Question) check(b *faults, written []string) {
	b.in("")
	b.check(q.Topic == "" || line(q.Topic, MaxTopic), "topic", "course.invalid.topic")
	b.check(q.Points >= 1 && q.Points <= MaxPoints, "points", "course.invalid.points")
	var original quiz.Question
	for _, code := range written {
		b.in(code)
		parsed, err := quiz.Parse(q.Text[code])
		if err == nil && code == first {
			original = parsed
		} else if err == nil && original.Kind != "" {
			err = quiz.Alike(original, parsed)
		}
		if err == nil {
			_, err = Prompt(parsed, code, nil)
		}
		b.add("text", err)
	}
}

// Prompt makes HTML of a question's prompt, cut at its gaps: one piece more than there are. Invalid where a gap does not stand among words, as in the
// description of a picture.
func Prompt(q quiz.Question, lang string, files Files) ([]template.HTML, error) {
	page, err := Render(q.Prompt, lang, files)
	if err != nil {
		return nil, err
	}
	var out []template.HTML
	whole := string(page.HTML)
	for piece := range strings.SplitSeq(whole, string(quiz.GapMark)) {
		out = append(out, template.HTML(piece))
		if strings.LastIndexByte(piece, '<') > strings.LastIndexByte(piece, '>') {
			return nil, errs.InvalidFields([]errs.Field{{Name: "text", Key: "course.invalid.gap"}})
		}
	}
	if len(out) != len(q.Gaps)+1 {
		return nil, errs.InvalidFields([]errs.Field{{Name: "text", Key: "course.invalid.gap"}})
	}
	return out, nil
}

// In is the question in a language, or else in Kazakh. What was published can be read.
func (q Question) In(lang string) (quiz.Question, error) {
	text, ok := q.Text[lang]
	if !ok {
		text = q.Text[first]
	}
	return quiz.Parse(text)
}
