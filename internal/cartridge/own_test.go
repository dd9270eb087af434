package cartridge

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/learning"
	"ustaz/internal/quiz"
)

func written(t testing.TB, c learning.Course, files ...File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, c, files...); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fileOf(name, body string) File {
	return File{Name: name, Size: int64(len(body)), Open: opener([]byte(body))}
}

func sample(t testing.TB) learning.Course {
	t.Helper()
	c, err := learning.Sample()
	if err != nil {
		t.Fatal(err)
	}
	c.Demo = false
	for _, k := range quiz.Kinds() {
		q := learning.Question{ID: int64(len(c.Questions) + 1), Topic: "Бағалау", Points: 2, Text: map[string]string{}}
		for _, code := range i18n.Codes() {
			q.Text[code] = quiz.Sample(k, code)
		}
		c.Questions = append(c.Questions, q)
	}
	c.Lessons = append(c.Lessons, learning.Lesson{ID: 1 << 60, Kind: learning.Testing, Minutes: 20, Words: map[string]string{"kk": "Тест"}, Body: map[string]string{"kk": ""},
		Test: &learning.Test{Draws: []learning.Draw{{Topic: "Бағалау", Count: 3}}, Pass: 70, Review: learning.ReviewAlways, Final: true}})
	c.Lessons = append(c.Lessons, learning.Lesson{ID: 1<<60 + 1, Kind: learning.Tasking, Minutes: 20, Words: map[string]string{"kk": "Жоспар"}, Body: map[string]string{"kk": "Жазыңыз.\n"},
		Task: &learning.Task{Text: true, Files: 2, Kinds: []learning.FileKind{learning.Documents}, Size: 5, Rubric: map[string]string{"kk": learning.RubricSample("kk"), "en": learning.RubricSample("en")}, Pass: 60, Tries: 3, Days: 7}})
	return c
}

func TestOurOwnArchive(t *testing.T) {
	c := sample(t)
	body := written(t, c, fileOf("photo.png", "PNG"), fileOf("Жоспар.docx", "DOCX"))
	if !bytes.Equal(body, written(t, c, fileOf("photo.png", "PNG"), fileOf("Жоспар.docx", "DOCX"))) {
		t.Error("the same course gave other bytes")
	}
	f, err := read(body)
	if err != nil {
		t.Fatal(err)
	}
	if f.Kind != Own || f.Version != "1" || !reflect.DeepEqual(f.Course, c) {
		t.Errorf("%s %s\n%+v\n%+v", f.Kind, f.Version, f.Course, c)
	}
	if len(f.Files) != 2 || f.Files[1].Name != "Жоспар.docx" || content(t, f.Files[1]) != "DOCX" || told(f, courseName) != "taken own" || told(f, "files/photo.png") != "taken file" || len(f.Report) != 3 {
		t.Errorf("%+v %+v", f.Files, f.Report)
	}
	sayable(t.Errorf, f)

	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, e := range z.File {
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text[e.Name] = string(b)
	}
	if text["lessons/001.kk.md"] != c.Lessons[0].Body["kk"] || text["questions/0001.ru.txt"] != quiz.Sample(quiz.Kinds()[0], "ru") || !strings.Contains(text["course.json"], `"id": "1152921504606846976"`) {
		t.Errorf("%v", text["course.json"])
	}
}

// TestWrittenAndRead: an archive gives the course that it was made of, whatever is in it.
func TestWrittenAndRead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("аәбв z#*\n{}|\\\"<>&")), 0, 40, -1)
		words := rapid.MapOf(rapid.SampledFrom(i18n.Codes()), text)
		perhaps := func(label string) map[string]string {
			if rapid.Bool().Draw(r, label+"?") {
				return nil
			}
			return words.Draw(r, label)
		}
		c := learning.Course{Slug: rapid.SampledFrom([]string{"", "a-b"}).Draw(r, "slug"), About: learning.About{Hours: rapid.Int().Draw(r, "hours"), Subject: learning.Subject(text.Draw(r, "subject")), Level: "master", Body: perhaps("about")}}
		if rapid.Bool().Draw(r, "words?") {
			c.Words = map[string]learning.Words{"kk": {Title: text.Draw(r, "title"), Summary: text.Draw(r, "summary")}}
		}
		if n := rapid.IntRange(-1, 3).Draw(r, "lessons"); n >= 0 {
			c.Lessons = make([]learning.Lesson, n)
			for i := range c.Lessons {
				l := learning.Lesson{ID: rapid.Int64().Draw(r, "id"), Kind: rapid.SampledFrom(learning.Kinds).Draw(r, "kind"), Minutes: rapid.Int().Draw(r, "minutes"), Words: perhaps("lesson"), Body: perhaps("body")}
				if rapid.Bool().Draw(r, "test?") {
					l.Test = &learning.Test{Draws: []learning.Draw{{Topic: text.Draw(r, "topic"), Count: 3}}, Shuffle: true, Limit: rapid.Int().Draw(r, "limit"), Review: "x", Final: rapid.Bool().Draw(r, "final")}
				}
				c.Lessons[i] = l
			}
		}
		if n := rapid.IntRange(-1, 3).Draw(r, "questions"); n >= 0 {
			c.Questions = make([]learning.Question, n)
			for i := range c.Questions {
				c.Questions[i] = learning.Question{ID: rapid.Int64().Draw(r, "id"), Topic: text.Draw(r, "of"), Points: rapid.Int().Draw(r, "points"), Text: perhaps("question")}
			}
		}
		body := written(t, c)
		f, err := read(body)
		if err != nil {
			r.Fatal(err)
		}
		if !reflect.DeepEqual(f.Course, c) {
			r.Fatalf("got %+v\nwant %+v", f.Course, c)
		}
		if !bytes.Equal(written(t, f.Course), body) {
			r.Fatal("written again it is another")
		}
	})
}

func TestArchivesThatPeopleChanged(t *testing.T) {
	const head = `{"format":"smart-ustaz-course","version":1,"slug":"a","hours":1,"subject":"","level":"","words":{"kk":{"title":"А","summary":"Ә"}},`
	good := head + `"body":{"kk":"about.md"},"lessons":[{"id":"0","kind":"text","minutes":5,"words":{"kk":"Бір"},"body":{"kk":"Сабақ.md"}}],"questions":null,"files":[]}`
	f, err := read(zipped(t, pair{"архив/course.json", "\uFEFF" + good}, pair{"архив/about.md", "\uFEFFБасы\r\nсоңы\r\n"}, pair{"архив/сабақ.MD", "Мәтін"}, pair{"архив/artyq.md", "x"}, pair{"beside", "x"}))
	if err != nil || f.Course.Body["kk"] != "Басы\nсоңы\n" || f.Course.Lessons[0].Body["kk"] != "Мәтін" || told(f, "artyq.md") != "left file.unnamed" || told(f, "beside") != "left file.outside" {
		t.Errorf("%v %+v", err, f)
	}
	f, err = read(zipped(t, pair{courseName, strings.Replace(strings.Replace(good, `"kk":"Сабақ.md"`, `"kk":"about.md","de":"about.md"`, 1), `"words":{"kk":"Бір"}`, `"words":{"kk":"Бір","de":"Ein"}`, 1)}, pair{"about.md", "x"}))
	if err != nil || len(f.Course.Lessons[0].Body) != 1 || told(f, courseName) != "left language, left language, taken own" {
		t.Errorf("%v %+v", err, f)
	}
	f, err = read(zipped(t, pair{courseName, strings.Replace(good, `"kind":"text"`, `"kind":"package"`, 1)}, pair{"about.md", "x"}, pair{"сабақ.md", "x"}))
	if err != nil || f.Course.Lessons[0].Kind != learning.Packaged || told(f, courseName) != "left package, taken own" {
		t.Errorf("%v %+v", err, f)
	}
	for name, c := range map[string]struct{ json, key string }{
		"newer":             {strings.Replace(good, `"version":1`, `"version":2,"more":true`, 1), "newer"},
		"no version":        {strings.Replace(good, `"version":1`, `"version":0`, 1), "none"},
		"of something else": {strings.Replace(good, "smart-ustaz-course", "other", 1), "none"},
		"a field misspelt":  {strings.Replace(good, "hours", "hour", 1), "json"},
		"no JSON":           {"{", "json"},
		"text without file": {strings.Replace(good, "Сабақ.md", "gone.md", 1), "missing"},
		"way out":           {strings.Replace(good, "Сабақ.md", "../x", 1), "missing"},
		"file not there":    {strings.Replace(good, `"files":[]`, `"files":["a.png"]`, 1), "missing"},
		"file with a path":  {strings.Replace(good, `"files":[]`, `"files":["../about.md"]`, 1), "path"},
		"file twice":        {strings.Replace(good, `"files":[]`, `"files":["a.png","A.png"]`, 1), "missing"},
		"kind":              {strings.Replace(good, `"kind":"text"`, `"kind":"film"`, 1), "kind"},
	} {
		_, err := read(zipped(t, pair{courseName, c.json}, pair{"about.md", "x"}, pair{"сабақ.md", "x"}))
		if e := errs.As(err); err == nil || e.Key != "cartridge.invalid."+c.key {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := strings.Repeat(`{"id":"0","kind":"text","minutes":5,"words":null,"body":null},`, learning.MaxLessons) + `{"id":"0","kind":"text","minutes":5,"words":null,"body":null}`
	_, err = read(zipped(t, pair{courseName, head + `"body":null,"lessons":[` + many + `],"questions":null,"files":null}`}))
	if errs.As(err).Key != "course.invalid.lessons" {
		t.Error(err)
	}
}

func TestWritingFails(t *testing.T) {
	broken := File{Name: "a.png", Open: func() (io.ReadCloser, error) { return nil, errs.New(errs.NotFound, "x") }}
	if err := Write(io.Discard, learning.Course{}, broken); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	for _, name := range []string{"../a", "a b", "", "A.png"} {
		if err := Write(io.Discard, learning.Course{}, fileOf("a.png", ""), fileOf(name, "")); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := Write(full{}, sample(t)); !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
	large := strings.Repeat("а", 2<<20)
	c := learning.Course{About: learning.About{Body: map[string]string{"kk": large}}}
	if f, err := read(written(t, c)); err != nil || f.Course.Body["kk"] != large {
		t.Errorf("a long text of one letter: %v", err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestSCORM(t *testing.T) {
	const manifest = `<manifest identifier="m" xmlns="%s" xmlns:adlcp="%s" xml:base="sco/"><metadata><schema>ADL SCORM</schema><schemaversion>%s</schemaversion></metadata>
<organizations default="b"><organization identifier="a"><title>Басқа</title></organization><organization identifier="b"><title>Гольф</title>
<item identifier="1" identifierref="r" parameters="?a=1" isvisible="false"><title>Бір</title><adlcp:masteryscore>80</adlcp:masteryscore><adlcp:dataFromLMS>x</adlcp:dataFromLMS></item>
<item identifier="2" identifierref="q" parameters="&amp;b=2"/><item identifier="3" identifierref="r" parameters="#c"/><item identifier="4"><title>Тарау</title><item identifier="5" identifierref="gone"/></item></organization></organizations>
<resources xml:base="all"><resource identifier="r" type="webcontent" adlcp:scormType="sco" href="бір бет.html"><file href="бір бет.html"/><dependency identifierref="q"/></resource><resource identifier="q" type="webcontent" adlcp:scormtype="asset" href="x.html?y=1"/></resources></manifest>`
	for _, c := range []struct {
		space, adlcp, version string
		kind                  Kind
	}{{"http://www.imsproject.org/xsd/imscp_rootv1p1p2", "http://www.adlnet.org/xsd/adlcp_rootv1p2", "1.2", SCORM12}, {"http://www.imsglobal.org/xsd/imscp_v1p1", "http://www.adlnet.org/xsd/adlcp_v1p3", "2004 4th Edition", SCORM2004},
		{"http://www.imsglobal.org/xsd/imscp_v1p1", "http://www.adlnet.org/xsd/adlcp_v1p3", "CAM 1.3", SCORM2004}} {
		text := strings.NewReplacer("%s\" xmlns:adlcp=\"%s", c.space+`" xmlns:adlcp="`+c.adlcp, "<schemaversion>%s", "<schemaversion>"+c.version).Replace(manifest)
		f := open(t, pair{"pkg/imsmanifest.xml", text}, pair{"pkg/sco/all/бір бет.html", "x"}, pair{"pkg/inner.zip", "PK"})
		m := f.Manifest
		if f.Kind != c.kind || f.Version != c.version || m.Title != "Гольф" || len(m.Items) != 4 || m.Others != 1 || len(f.Files) != 3 || f.Files[1].Name != "sco/all/бір бет.html" || told(f, manifestName) != "left scorm" || f.Course.Words["ru"].Title != "Гольф" {
			t.Errorf("%+v", f)
		}
		for n, want := range []string{"sco/all/%D0%B1%D1%96%D1%80%20%D0%B1%D0%B5%D1%82.html?a=1", "sco/all/x.html?y=1&b=2", "sco/all/%D0%B1%D1%96%D1%80%20%D0%B1%D0%B5%D1%82.html#c", ""} {
			if got := m.Launch(m.Items[n]); got != want {
				t.Errorf("item %d: %s, want %s", n+1, got, want)
			}
		}
		if i := m.Items[0]; !i.Hidden || i.Mastery != "80" || i.Data != "x" || m.Resources[0].Script != "sco" || m.Resources[1].Script != "asset" || m.Resources[0].Depends[0] != "q" || m.Launch(m.Items[3].Items[0]) != "" {
			t.Errorf("%+v %+v", i, m.Resources)
		}
	}
}

// FuzzRead: whatever is read is refused as Invalid or made out, and then the report can be said and an archive of the course gives it again.
func FuzzRead(f *testing.F) {
	f.Add([]byte("PK"), "", "", "")
	f.Add(written(f, sample(f), fileOf("photo.png", "PNG")), "", "", "")
	quizzes := resource("q", "imsqti_xmlv1p2/imscc_xmlv1p2/assessment", "q.xml") + webcontent("p", "p.html")
	f.Add([]byte{}, cartridgeOf("1p2", itemOf("i", "q", "Тест", ""), quizzes), quizOf(choiceOf("a", "А?", "1", "+2"), wordsOf("fib", "А", scored("1", `<varequal>б</varequal>`))), `<p>А <a href="p.html">ә</a><table><tr><td>1</table><img src="q.xml"><sup>2</sup>`)
	f.Add([]byte{}, nothing, "", "<pre>```\n~~~</pre><ul><li><ol><li>")
	f.Fuzz(func(t *testing.T, body []byte, manifest, document, page string) {
		if manifest != "" {
			body = zipped(t, pair{manifestName, manifest}, pair{"q.xml", document}, pair{"p.html", page})
		}
		found, err := read(body)
		if err != nil {
			if !errs.Is(err, errs.Invalid) || !i18nHas(t, errs.As(err).Key) {
				t.Fatalf("%v", err)
			}
			return
		}
		sayable(t.Errorf, found)
		for _, l := range found.Course.Lessons {
			for _, text := range l.Body {
				if _, err := learning.Render(text, "kk", nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if found.Kind != Common {
			return
		}
		again, err := read(written(t, found.Course, found.Files...))
		if err != nil || !reflect.DeepEqual(again.Course, found.Course) {
			t.Fatalf("%v\n%+v\n%+v", err, again.Course, found.Course)
		}
	})
}

func i18nHas(t *testing.T, key string) bool {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Has(key)
}
