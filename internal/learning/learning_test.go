package learning

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/testpg"
)

// onBoth runs a test on SQLite and on PostgreSQL. move sets the clock on.
func onBoth(t *testing.T, fn func(t *testing.T, d *db.DB, move func(time.Duration))) {
	open := func(t *testing.T, url string) {
		now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
		d, err := db.Open(context.Background(), url, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		fn(t, d, func(by time.Duration) { now = now.Add(by) })
	}
	t.Run("sqlite", func(t *testing.T) { open(t, db.SQLiteURL(filepath.Join(t.TempDir(), "ustaz.db"))) })
	t.Run("postgres", func(t *testing.T) { open(t, testpg.Database(t)) })
}

func put(t *testing.T, d *db.DB, c Course) error {
	t.Helper()
	return d.Write(context.Background(), func(tx *db.Tx) error { return Put(tx, c) })
}

// course is a course of our own, in Kazakh alone.
func course(slug string) Course {
	return Course{Slug: slug, About: About{Hours: 36, Words: map[string]Words{"kk": {"Тақырып " + slug, "Бір сөйлем."}}, Body: map[string]string{"kk": "# Сабақ\n\nМәтін."}}}
}

func sample(t *testing.T) Course {
	t.Helper()
	c, err := Sample()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPutAndGet(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, move func(time.Duration)) {
		ctx := context.Background()
		if err := put(t, d, sample(t)); err != nil {
			t.Fatal(err)
		}
		got, err := Get(ctx, d, sampleSlug)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Demo || got.Hours != 2 || got.Words["ru"] != sampleWords["ru"] || len(got.Lessons) != 3 || got.Lessons[2].Words["en"] != sample(t).Lessons[2].Words["en"] || !got.CreatedAt.Equal(d.Now()) {
			t.Errorf("got %+v", got)
		}
		if _, err := Get(ctx, d, "unknown"); !errs.Is(err, errs.NotFound) {
			t.Errorf("unknown course: %v", err)
		}

		first := d.Now()
		move(time.Hour)
		changed := sample(t)
		changed.Hours = 3
		if err := put(t, d, changed); err != nil {
			t.Fatal(err)
		}
		if got, err := Get(ctx, d, sampleSlug); err != nil || got.Hours != 3 || !got.CreatedAt.Equal(first) {
			t.Errorf("after a change: %v %+v", err, got)
		}
	})
}

func TestList(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, move func(time.Duration)) {
		ctx := context.Background()
		if page, all, err := Find(ctx, d, Filter{}, 0, 3); err != nil || len(page) != 0 || all != 0 {
			t.Fatalf("empty: %v %v %d", err, page, all)
		}
		for _, slug := range []string{"a", "b", "c", "d"} {
			if err := put(t, d, course(slug)); err != nil {
				t.Fatal(err)
			}
			move(time.Minute)
		}
		slugs := func(skip, limit int) string {
			page, all, err := Find(ctx, d, Filter{}, skip, limit)
			if err != nil || all != 4 {
				t.Fatal(err, all)
			}
			var out []string
			for _, c := range page {
				if c.Body != nil || c.Words["kk"].Title != "Тақырып "+c.Slug || c.Hours != 36 || c.Demo {
					t.Errorf("listed %+v", c)
				}
				out = append(out, c.Slug)
			}
			return strings.Join(out, " ")
		}
		for _, tc := range []struct {
			skip, limit int
			want        string
		}{{0, 3, "d c b"}, {3, 3, "a"}, {4, 3, ""}} {
			if got := slugs(tc.skip, tc.limit); got != tc.want {
				t.Errorf("skip %d: %q, want %q", tc.skip, got, tc.want)
			}
		}
	})
}

func TestTheDemonstrationTouchesNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, _ func(time.Duration)) {
		own := course(sampleSlug)
		if err := put(t, d, own); err != nil {
			t.Fatal(err)
		}
		if err := put(t, d, sample(t)); !errs.Is(err, errs.Conflict) {
			t.Errorf("the sample over a real course: %v", err)
		}
		demo := course("demo")
		demo.Demo = true
		if err := put(t, d, demo); err != nil {
			t.Fatal(err)
		}
		if err := put(t, d, course("demo")); !errs.Is(err, errs.Conflict) {
			t.Errorf("a real course over one of the demonstration: %v", err)
		}
		var removed int64
		err := d.Write(context.Background(), func(tx *db.Tx) (err error) { removed, err = RemoveDemo(tx); return err })
		if err != nil || removed != 1 {
			t.Errorf("removed %d: %v", removed, err)
		}
		if _, err := Get(context.Background(), d, "demo"); !errs.Is(err, errs.NotFound) {
			t.Errorf("demo is still there: %v", err)
		}
		if _, err := Get(context.Background(), d, sampleSlug); err != nil {
			t.Error(err)
		}
	})
}

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Course)
		fields string
	}{
		"good":                {func(*Course) {}, ""},
		"slug with a slash":   {func(c *Course) { c.Slug = "a/b" }, "slug"},
		"slug in capitals":    {func(c *Course) { c.Slug = "Course" }, "slug"},
		"long slug":           {func(c *Course) { c.Slug = strings.Repeat("a", 41) }, "slug"},
		"no slug":             {func(c *Course) { c.Slug = "" }, "slug"},
		"no hours":            {func(c *Course) { c.Hours = 0 }, "hours"},
		"too many hours":      {func(c *Course) { c.Hours = 1001 }, "hours"},
		"no Kazakh":           {func(c *Course) { delete(c.Words, "kk"); delete(c.Body, "kk") }, "title.kk summary.kk body.kk"},
		"nothing but lessons": {func(c *Course) { c.Body, c.Lessons = nil, sample(t).Lessons }, ""},
		"a lesson without English": {func(c *Course) {
			c.Lessons = sample(t).Lessons
			delete(c.Lessons[1].Words, "en")
			delete(c.Lessons[1].Body, "en")
		}, "title.en body.en"},
		"a lesson of no time": {func(c *Course) { c.Lessons = sample(t).Lessons; c.Lessons[0].Minutes = 0 }, "minutes"},
		"too many lessons":    {func(c *Course) { c.Lessons = slices.Repeat(sample(t).Lessons[:1], MaxLessons+1) }, "lessons"},
		"half a language":     {func(c *Course) { delete(c.Body, "ru") }, "body.ru"},
		"words are missing":   {func(c *Course) { delete(c.Words, "ru") }, "title.ru summary.ru"},
		"English left out":    {func(c *Course) { delete(c.Words, "en"); delete(c.Body, "en") }, ""},
		"unknown language":    {func(c *Course) { c.Words["de"] = Words{"T", "S"} }, "title"},
		"two lines of title":  {func(c *Course) { c.Words["kk"] = Words{"a\nb", "c"} }, "title.kk"},
		"blank summary":       {func(c *Course) { c.Words["kk"] = Words{"a", "  "} }, "summary.kk"},
		"long title":          {func(c *Course) { c.Words["kk"] = Words{strings.Repeat("ә", 121), "c"} }, "title.kk"},
		"long body":           {func(c *Course) { c.Body["kk"] = strings.Repeat("a", MaxBody+1) }, "body.kk"},
		"not UTF-8":           {func(c *Course) { c.Body["kk"] = "a\xff" }, "body.kk"},
	} {
		c := sample(t)
		c.Words, c.Body, c.Lessons = map[string]Words{}, map[string]string{}, nil
		for _, code := range i18n.Codes() {
			c.Words[code], c.Body[code] = sampleWords[code], "Text."
		}
		tc.change(&c)
		err := c.Validate()
		var fields []string
		if err != nil {
			for _, f := range errs.As(err).Fields {
				fields = append(fields, f.Name)
			}
		}
		if got := strings.Join(fields, " "); got != tc.fields {
			t.Errorf("%s: faults in %q, want %q", name, got, tc.fields)
		}
	}
}

// TestLessonsKeepTheirNumbers: a lesson that is changed is the same one, so who read it has read it; one that is left out is gone.
func TestLessonsKeepTheirNumbers(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, move func(time.Duration)) {
		ctx := context.Background()
		read := func() Course {
			t.Helper()
			c, err := Get(ctx, d, sampleSlug)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		if err := put(t, d, sample(t)); err != nil {
			t.Fatal(err)
		}
		before := read()
		move(time.Hour)
		changed := sample(t)
		changed.Lessons = []Lesson{before.Lessons[1], before.Lessons[0]} // the other way round
		changed.Lessons[0].Body, changed.Lessons[1].Body = map[string]string{"kk": "# Жаңа"}, sample(t).Lessons[0].Body
		for _, lang := range []string{"ru", "en"} {
			changed.Lessons[0].Body[lang] = "# New"
		}
		if err := put(t, d, changed); err != nil {
			t.Fatal(err)
		}
		after := read()
		if len(after.Lessons) != 2 || after.Lessons[0].ID != before.Lessons[1].ID || after.Lessons[1].ID != before.Lessons[0].ID {
			t.Errorf("before %v, after %v", before.Lessons, after.Lessons)
		}
		if page, err := after.Read(ctx, d, before.Lessons[1].ID, "kk", nil); err != nil || len(page.Parts) != 1 || page.Parts[0].Title != "Жаңа" {
			t.Errorf("%v, %v", page, err)
		}
		for _, gone := range []int64{before.Lessons[2].ID, 0} {
			if _, err := after.Read(ctx, d, gone, "kk", nil); !errs.Is(err, errs.NotFound) {
				t.Errorf("lesson %d: %v", gone, err)
			}
		}
		other := course("other")
		if _, _, has := other.Lesson(after.Lessons[0].ID); has || put(t, d, other) != nil {
			t.Error("a lesson of another course is found")
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := RemoveDemo(tx); return err }); err != nil {
			t.Fatal(err)
		}
		if _, err := after.Read(ctx, d, after.Lessons[0].ID, "kk", nil); !errs.Is(err, errs.NotFound) {
			t.Errorf("a lesson outlives its course: %v", err)
		}
	})
}

func TestLang(t *testing.T) {
	c := course("a")
	if got := c.Lang("ru"); got != "kk" {
		t.Errorf("a Kazakh course shown to a reader of Russian in %s", got)
	}
	if got := sample(t).Lang("ru"); got != "ru" {
		t.Error(got)
	}
	if got := sample(t).Languages(); !slices.Equal(got, i18n.Codes()) {
		t.Error(got)
	}
	if got := c.Languages(); !slices.Equal(got, []string{"kk"}) {
		t.Error(got)
	}
}

// TestTestedSample: the sample with a test can be put, and asks one question of each kind that a program grades.
func TestTestedSample(t *testing.T) {
	c, err := TestedSample()
	if err != nil || len(c.Lessons) != 2 || len(c.Questions) != 8 {
		t.Fatalf("%v, %+v", err, c.Faults())
	}
	for lang, body := range c.Lessons[0].Body {
		if page, err := Render(body, lang, nil); err != nil || len(page.Problems) != 0 || !strings.Contains(string(page.HTML), "<math") || !strings.Contains(string(page.HTML), "<table") {
			t.Errorf("%s: %v, %+v", lang, err, page.Problems)
		}
	}
	if final, is := c.Final(); !is || final.ID != 12 {
		t.Error("there is no final test")
	}
}
