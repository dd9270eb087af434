package learning

import (
	"embed"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

//go:embed sample
var sampleFiles embed.FS

const sampleSlug = "personal-data-in-class"

var sampleWords = map[string]Words{
	"kk": {"Сабақтағы дербес деректер", "Оқушының деректерін чатта, фотода және тізімде қалай қорғау керек: үш қысқа сабақ және үш тапсырма."},
	"ru": {"Персональные данные на уроке", "Как уберечь данные учеников в чатах, на фотографиях и в списках: три коротких урока и три задания."},
	"en": {"Personal data in class", "How to keep your pupils' data safe in chats, photographs and lists: three short lessons, three tasks."},
}

const sampleMinutes = 10 // each lesson

// Sample is the course of the demonstration: three short lessons. Their numbers are below any that is given, so that it can be put again.
func Sample() (Course, error) {
	c := Course{Slug: sampleSlug, Demo: true, About: About{Hours: 2, Subject: "law", Words: sampleWords}}
	for _, code := range i18n.Codes() {
		text, err := sampleFiles.ReadFile("sample/" + sampleSlug + "." + code + ".md")
		if err != nil {
			return Course{}, errs.Wrap(errs.Internal, "error.internal", err)
		}
		for i, lesson := range strings.Split("\n"+string(text), "\n# ")[1:] {
			if i == len(c.Lessons) {
				c.Lessons = append(c.Lessons, Lesson{ID: int64(i) + 1, Kind: Reading, Minutes: sampleMinutes, Words: map[string]string{}, Body: map[string]string{}})
			}
			title, body, _ := strings.Cut(lesson, "\n")
			c.Lessons[i].Words[code], c.Lessons[i].Body[code] = title, body
		}
	}
	return c, c.Validate()
}
