package learning

import (
	"context"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
)

// TestFind: words in any form, with or without Kazakh letters, in Latin ones, begun or mistyped; filters; the best first.
func TestFind(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, move func(time.Duration)) {
		add := func(slug string, subject Subject, level Level, kk, ru string, lesson string) {
			t.Helper()
			c := Course{Slug: slug, About: About{Hours: 10, Subject: subject, Level: level, Words: map[string]Words{"kk": {kk, "Курс туралы."}}},
				Lessons: []Lesson{{Kind: Reading, Minutes: 5, Words: map[string]string{"kk": "Кіріспе"}, Body: map[string]string{"kk": lesson}}}}
			if ru != "" {
				c.Words["ru"] = Words{ru, "О курсе."}
				c.Lessons[0].Words["ru"], c.Lessons[0].Body["ru"] = "Введение", "Текст"
			}
			if err := put(t, d, c); err != nil {
				t.Fatal(err)
			}
			move(time.Minute)
		}
		add("bagalau", "assessment", "moderator", "Қалыптастырушы бағалау", "Формативное оценивание", "Оқушының жұмысы")
		add("kitap", "language", "", "Кітап оқу мәдениеті", "", "Оқушыларды бағалау туралы")
		add("esep", "mathematics", "expert", "Есептерді шығару", "Решение задач", "Қарағандыдағы тәжірибе")
		for name, tc := range map[string]struct {
			f    Filter
			want string
		}{
			"nothing typed":           {Filter{}, "esep kitap bagalau"},
			"title before text":       {Filter{Query: "бағалау"}, "bagalau kitap"},
			"another form":            {Filter{Query: "бағалаудың"}, "bagalau kitap"},
			"without Kazakh letters":  {Filter{Query: "багалау"}, "bagalau kitap"},
			"in a lesson, folded":     {Filter{Query: "караганды"}, "esep"},
			"Russian, another case":   {Filter{Query: "оцениванию"}, "bagalau"},
			"every word must stand":   {Filter{Query: "бағалау кітап"}, "kitap"},
			"begun":                   {Filter{Query: "қалыптас"}, "bagalau"},
			"in Latin letters":        {Filter{Query: "bagalau"}, "bagalau kitap"},
			"mistyped":                {Filter{Query: "бағлау"}, "bagalau kitap"},
			"plural of what was said": {Filter{Query: "оқушылар"}, "kitap bagalau"},
			"two slips":               {Filter{Query: "бағлау оқшының"}, "bagalau kitap"},
			"three are too many":      {Filter{Query: "бағлау оқшының кітпа"}, ""},
			"nothing of the kind":     {Filter{Query: "ұшақ"}, ""},
			"marks alone":             {Filter{Query: "!!! ?"}, "esep kitap bagalau"},
			"subject":                 {Filter{Subject: "mathematics"}, "esep"},
			"level, and for all":      {Filter{Level: "expert"}, "esep kitap"},
			"language":                {Filter{Lang: "ru"}, "esep bagalau"},
			"words and language":      {Filter{Query: "бағалау", Lang: "ru"}, "bagalau"},
		} {
			page, all, err := Find(context.Background(), d, tc.f, 0, 10)
			var got []string
			for _, c := range page {
				got = append(got, c.Slug)
			}
			if err != nil || strings.Join(got, " ") != tc.want || all != len(got) {
				t.Errorf("%s: %v, %q of %d, want %q", name, err, got, all, tc.want)
			}
		}
		if page, all, err := Find(context.Background(), d, Filter{Query: "бағалау"}, 1, 1); err != nil || all != 2 || len(page) != 1 || page[0].Slug != "kitap" {
			t.Errorf("second page: %v, %d, %v", err, all, page)
		}
		if err := d.Write(context.Background(), func(t *db.Tx) error { return Hide(t, "kitap", true) }); err != nil {
			t.Fatal(err)
		}
		if _, all, err := Find(context.Background(), d, Filter{Query: "кітап"}, 0, 10); err != nil || all != 0 {
			t.Errorf("a hidden course is found: %v, %d", err, all)
		}
		add("kitap", "language", "", "Басқа атау", "", "Мәтін") // what was said before is forgotten
		if _, all, err := Find(context.Background(), d, Filter{Query: "мәдениеті"}, 0, 10); err != nil || all != 0 {
			t.Errorf("found by what it no longer says: %v, %d", err, all)
		}
	})
}
