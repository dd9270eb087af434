package learning

import (
	"embed"

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

// Sample is the course of the demonstration: three short lessons on one page.
func Sample() (Course, error) {
	c := Course{Slug: sampleSlug, Demo: true, Hours: 2, Words: sampleWords, Body: map[string]string{}}
	for _, code := range i18n.Codes() {
		body, err := sampleFiles.ReadFile("sample/" + sampleSlug + "." + code + ".md")
		if err != nil {
			return Course{}, errs.Wrap(errs.Internal, "error.internal", err)
		}
		c.Body[code] = string(body)
	}
	return c, c.Validate()
}
