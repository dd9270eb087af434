package authoring_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/authoring"
	"ustaz/internal/cartridge"
	"ustaz/internal/errs"
	"ustaz/internal/learning"
)

// archived writes a course with files as an archive, and reads it.
func (o *desk) archived(c learning.Course, files ...string) cartridge.Found {
	o.Helper()
	var list []cartridge.File
	for _, name := range files {
		list = append(list, cartridge.File{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("of " + name)), nil }})
	}
	var b bytes.Buffer
	o.must(cartridge.Write(&b, c, list...))
	f, err := cartridge.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), "kk")
	o.must(err)
	return f
}

// told are the keys of the report that is kept, each with its fate.
func (o *desk) told(course string) string {
	o.Helper()
	r, found, err := o.Report(ctx, course)
	o.must(err)
	if !found || r.By != editor || !r.At.Equal(o.DB.Now()) {
		o.Errorf("report %+v %v", r, found)
	}
	var out []string
	for _, l := range r.Lines {
		out = append(out, string(l.Fate)+" "+strings.TrimPrefix(l.Key, "cartridge."))
	}
	return strings.Join(out, ", ")
}

func question(topic, text string) learning.Question {
	return learning.Question{Topic: topic, Points: 1, Text: map[string]string{"kk": text}}
}

func TestACourseComesBackFromItsArchive(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("Бір", "Екі")
		_, _, err := o.SaveQuestion(ctx, editor, authoring.At{Course: slug}, question("Т", "А\n\n= true"), false)
		o.must(err)
		o.publish()
		before := o.now()
		f := o.archived(before.Course)

		// Into the draft that it came from: everything is as it was, and nothing has changed.
		o.must(o.Import(ctx, editor, slug, f, nil))
		if d := o.now(); d.Changes != before.Changes || d.Waiting || o.told(slug) != "taken own" {
			t.Errorf("%d changes, were %d; %s", d.Changes, before.Changes, o.told(slug))
		}

		// Changed meanwhile: what the archive knows by its number comes back, what was added goes, and both can be taken back.
		o.rewrite(ids[0], "Басқа", false)
		added, err := o.AddLesson(ctx, editor, slug, lesson("Үш"))
		o.must(err)
		o.must(o.RemoveLesson(ctx, editor, slug, ids[1]))
		o.must(o.Import(ctx, editor, slug, f, nil))
		if d := o.now(); titles(d.Course) != "Бір Екі" || d.Course.Lessons[0].ID != ids[0] || d.Course.Lessons[1].ID != ids[1] || d.Course.Questions[0].ID != before.Course.Questions[0].ID {
			t.Errorf("%+v", d.Course)
		}
		o.must(o.Undo(ctx, editor, o.now().At(learning.PartOf(ids[0]))))
		o.must(o.BringBack(ctx, editor, slug, learning.PartOf(added)))
		if got := titles(o.now().Course); got != "Басқа Екі Үш" {
			t.Error(got)
		}

		// Into a new course: the same words under numbers of its own.
		o.must(o.BeginWith(ctx, editor, "koshirme", f, nil))
		d, err := o.Draft(ctx, "koshirme")
		o.must(err)
		if titles(d.Course) != "Бір Екі" || d.Course.Lessons[0].ID == ids[0] || d.Course.Lessons[0].ID == d.Course.Lessons[1].ID || d.Course.Questions[0].ID == before.Course.Questions[0].ID || len(d.Course.Faults()) != 0 {
			t.Errorf("%+v %v", d.Course, d.Course.Faults())
		}
		if _, err := o.Publish(ctx, editor, "koshirme", d.Changes, ""); err != nil {
			t.Error(err)
		}
		if got := titles(o.published()); got != "Бір Екі" {
			t.Errorf("the first course became %s", got)
		}
	})
}

func TestTheSameNumberTwice(t *testing.T) {
	forBoth(t, func(o *desk) {
		ids := o.begun("Бір")
		c := o.now().Course
		twin, lost := c.Lessons[0], c.Lessons[0]
		twin.Words, lost.ID = map[string]string{"kk": "Егіз"}, -7
		c.Lessons = append(c.Lessons, twin, lost)
		o.must(o.Import(ctx, editor, slug, o.archived(c), nil))
		d := o.now()
		if titles(d.Course) != "Бір Егіз Бір" || d.Course.Lessons[0].ID != ids[0] || d.Course.Lessons[1].ID == ids[0] || d.Course.Lessons[2].ID <= 0 {
			t.Errorf("%+v", d.Course.Lessons)
		}
	})
}

// TestAnotherSystemsPackage: what it does not say of the course stays.
func TestAnotherSystemsPackage(t *testing.T) {
	forBoth(t, func(o *desk) {
		o.begun("Бір")
		a := about("Бағалау")
		a.Subject, a.Level = "assessment", "expert"
		_, err := o.SaveAbout(ctx, editor, o.now().At(learning.PartAbout), a, false)
		o.must(err)
		f := cartridge.Found{Kind: cartridge.Common, Course: learning.Course{About: learning.About{Words: map[string]learning.Words{"kk": {}}, Body: map[string]string{"kk": ""}},
			Lessons: []learning.Lesson{lesson("Пакеттен")}, Questions: []learning.Question{question("", "А\n\n= false")}}}
		o.must(o.Import(ctx, editor, slug, f, nil))
		if d := o.now(); titles(d.Course) != "Пакеттен" || d.About.Words["kk"] != a.Words["kk"] || d.About.Subject != "assessment" || d.About.Level != "expert" || d.About.Hours != 36 || len(d.Course.Questions) != 1 || len(d.Course.Faults()) != 0 {
			t.Errorf("%+v %v", d.Course, d.Course.Faults())
		}
		f.Course.Hours, f.Course.Words = 5, map[string]learning.Words{"kk": {Title: "Жаңа"}}
		o.must(o.Import(ctx, editor, slug, f, nil))
		if a := o.now().About; a.Hours != 5 || a.Words["kk"].Title != "Жаңа" || a.Words["kk"].Summary != "Бір сөйлем." {
			t.Errorf("%+v", a)
		}
	})
}

func TestFilesOfAPackage(t *testing.T) {
	forBoth(t, func(o *desk) {
		f := o.archived(learning.Course{Slug: slug, About: about("А")}, "a.png", "b.exe", "c.mp4")
		o.must(o.BeginWith(ctx, editor, slug, f, nil))
		if got := o.told(slug); got != "taken own, left file.store, left file.store, left file.store" {
			t.Error(got)
		}
		var names []string
		store := func(name string, open func() (io.ReadCloser, error)) error {
			r, err := open()
			o.must(err)
			body, err := io.ReadAll(r)
			o.must(errors.Join(err, r.Close()))
			if string(body) != "of "+name {
				t.Errorf("%s holds %q", name, body)
			}
			names = append(names, name)
			switch name {
			case "b.exe":
				return errs.New(errs.Invalid, "cartridge.invalid.kind").With("name", name)
			case "c.mp4":
				return errs.New(errs.TooLarge, "error.toolarge")
			}
			return nil
		}
		f.Files = append(f.Files, cartridge.File{Name: "picture.png", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("of picture.png")), nil }})
		o.must(o.Import(ctx, editor, slug, f, store))
		if got := o.told(slug); got != "taken own, taken file, left invalid.kind, left error.toolarge" || !slices.Equal(names, []string{"a.png", "b.exe", "c.mp4", "picture.png"}) {
			t.Errorf("%s %v", got, names)
		}
		o.must(o.Import(ctx, editor, slug, f, nil))
		if r, _, err := o.Report(ctx, slug); err != nil || r.Lines[4].Place != "picture.png" || r.Lines[2].Place != "files/b.exe" {
			t.Errorf("%v %+v", err, r.Lines)
		}
		changes := o.now().Changes
		f.Course.Hours = 99
		o.refused(o.Import(ctx, editor, slug, f, func(string, func() (io.ReadCloser, error)) error {
			return errs.New(errs.Unavailable, "error.unavailable")
		}), errs.Unavailable, "")
		if o.now().Changes != changes {
			t.Error("half an import was written")
		}
	})
}

func TestImportsThatAreRefused(t *testing.T) {
	forBoth(t, func(o *desk) {
		f := o.archived(learning.Course{Slug: slug, About: about("А")}, "a.png")
		stored := false
		store := func(string, func() (io.ReadCloser, error)) error { stored = true; return nil }
		o.refused(o.BeginWith(ctx, helper, slug, f, store), errs.Forbidden, "")
		o.refused(o.Import(ctx, editor, slug, f, store), errs.NotFound, "")
		for _, taken := range []string{"А", "new", "import"} {
			o.refused(o.BeginWith(ctx, editor, taken, f, store), errs.Invalid, "")
			o.refused(o.Begin(ctx, editor, taken, about("А")), errs.Invalid, "")
		}
		for _, kind := range []cartridge.Kind{cartridge.SCORM12, cartridge.SCORM2004, ""} {
			o.refused(o.BeginWith(ctx, editor, slug, cartridge.Found{Kind: kind}, store), errs.Invalid, "cartridge.scorm")
		}
		if _, found, err := o.Report(ctx, slug); err != nil || found {
			t.Errorf("a report of nothing: %v", err)
		}
		o.begun("Бір")
		o.refused(o.BeginWith(ctx, editor, slug, f, store), errs.Invalid, "")
		o.refused(o.Import(ctx, helper, slug, f, store), errs.Forbidden, "")
		if stored || titles(o.now().Course) != "Бір" {
			t.Errorf("something was done; %v", stored)
		}
		f.Report = slices.Repeat(f.Report[:1], 20_005)
		o.must(o.Import(ctx, editor, slug, f, store))
		if r, _, err := o.Report(ctx, slug); err != nil || len(r.Lines) != 20_001 || r.Lines[20_000].Key != "cartridge.more" || r.Lines[20_000].Args["n"] != "5" {
			t.Errorf("%v %d lines", err, len(r.Lines))
		}
	})
}
