package learning

import (
	"embed"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/quiz"
)

//go:embed sample
var sampleFiles embed.FS

const sampleSlug = "personal-data-in-class"

var sampleWords = map[string]Words{
	"kk": {"Сабақтағы дербес деректер", "Оқушының деректерін чатта, фотода және тізімде қалай қорғау керек: үш қысқа сабақ және үш тапсырма."},
	"ru": {"Персональные данные на уроке", "Как уберечь данные учеников в чатах, на фотографиях и в списках: три коротких урока и три задания."},
	"en": {"Personal data in class", "How to keep your pupils' data safe in chats, photographs and lists: three short lessons, three tasks."},
}

const testedSlug = "formative-assessment"

var testedWords = map[string]Words{
	"kk": {"Қалыптастырушы бағалау: алғашқы қадам", "Оқушыға көмектесетін кері байланыс: бір сабақ және қорытынды тест."},
	"ru": {"Формативное оценивание: первый шаг", "Обратная связь, которая помогает ученику: один урок и итоговый тест."},
	"en": {"Formative assessment: a first step", "Feedback that helps a pupil: one lesson and a final test."},
}

var testTitle = map[string]string{"kk": "Қорытынды тест", "ru": "Итоговый тест", "en": "Final test"}

const sampleMinutes = 10 // each lesson

// Sample is the first course of the demonstration: three short lessons. Numbers of the samples' lessons and questions are below any that is given, so that
// they can be put again.
func Sample() (Course, error) {
	c := Course{Slug: sampleSlug, Demo: true, About: About{Hours: 2, Subject: "law", Words: sampleWords}, Front: Front{Bands: []Band{"early", "settled", "long"}}}
	err := c.readSample(1)
	if err != nil {
		return Course{}, err
	}
	return c, c.Validate()
}

// TestedSample is the second: a lesson, and a test with a question of each kind that a program grades.
func TestedSample() (Course, error) {
	c := Course{Slug: testedSlug, Demo: true, About: About{Hours: 1, Subject: "assessment", Words: testedWords}, Front: Front{Positions: []string{"teacher", "preschool_teacher", "methodist"}, Bands: []Band{"first", "settled"}}}
	if err := c.readSample(11); err != nil {
		return Course{}, err
	}
	for i, kind := range quiz.Kinds() {
		if kind == quiz.Essay || kind == quiz.File {
			continue
		}
		q := Question{ID: int64(i) + 1, Points: 1, Text: map[string]string{}}
		for _, code := range i18n.Codes() {
			q.Text[code] = quiz.Sample(kind, code)
		}
		c.Questions = append(c.Questions, q)
	}
	c.Lessons = append(c.Lessons, Lesson{ID: 12, Kind: Testing, Minutes: sampleMinutes, Words: testTitle, Body: map[string]string{},
		Test: &Test{Draws: []Draw{{Count: len(c.Questions)}}, Shuffle: true, Limit: 30, Attempts: 5, Pass: 60, Review: ReviewPassed, Final: true}})
	return c, c.Validate()
}

// readSample reads a sample's lessons, each of which begins with a heading, and numbers them from first.
func (c *Course) readSample(first int64) error {
	for _, code := range i18n.Codes() {
		text, err := sampleFiles.ReadFile("sample/" + c.Slug + "." + code + ".md")
		if err != nil {
			return errs.Wrap(errs.Internal, "error.internal", err)
		}
		for i, lesson := range strings.Split("\n"+string(text), "\n# ")[1:] {
			if i == len(c.Lessons) {
				c.Lessons = append(c.Lessons, Lesson{ID: first + int64(i), Kind: Reading, Minutes: sampleMinutes, Words: map[string]string{}, Body: map[string]string{}})
			}
			title, body, _ := strings.Cut(lesson, "\n")
			c.Lessons[i].Words[code], c.Lessons[i].Body[code] = title, body
		}
	}
	return nil
}
