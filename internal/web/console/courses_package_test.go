package console

import (
	"archive/zip"
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"ustaz/internal/learning"
	"ustaz/internal/person"
)

// scormWith is a package of SCORM 1.2 with an item for each title, all of one page; pairs are more entries by name and contents.
func scormWith(w *world, titles []string, pairs ...string) string {
	w.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name, body string) {
		out, err := z.Create(name)
		w.must(err)
		_, err = out.Write([]byte(body))
		w.must(err)
	}
	items := ""
	for i, title := range titles {
		items += `<item identifier="i` + string(rune('1'+i)) + `" identifierref="r" parameters="?part=` + string(rune('1'+i)) + `"><title>` + title + `</title><adlcp:masteryscore>70</adlcp:masteryscore></item>`
	}
	put("imsmanifest.xml", `<manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
		<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
		<organizations default="o"><organization identifier="o"><title>Ойын пакеті</title>`+items+`</organization></organizations>
		<resources><resource identifier="r" type="webcontent" adlcp:scormtype="sco" href="index.html"><file href="index.html"/></resource></resources></manifest>`)
	for i := 0; i+1 < len(pairs); i += 2 {
		put(pairs[i], pairs[i+1])
	}
	w.must(z.Close())
	return b.String()
}

// brings sends a form whose file is its last input.
func (w *world) brings(who, target, name, contents string, pairs ...string) page {
	w.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		w.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := form.CreateFormFile("file", name)
	w.must(err)
	_, err = part.Write([]byte(contents))
	w.must(err)
	w.must(form.Close())
	r := httptest.NewRequest(http.MethodPost, target, &b)
	r.Header.Set(as, who)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	p := page{w, rec.Code, rec.Header(), rec.Body.String()}
	p.check("POST " + target)
	return p
}

const scormAt = courseAt + "/packages"

// packaged are the lessons of the course that are packages.
func (w *world) packaged() (out []learning.Lesson) {
	w.Helper()
	for _, l := range w.courseDraft().Course.Lessons {
		if l.Kind == learning.Packaged {
			out = append(out, l)
		}
	}
	return out
}

// aPackagedLesson is the address of a lesson that is a package.
func (w *world) aPackagedLesson() string {
	w.Helper()
	w.aCourse()
	w.brings("editor", scormAt, "oiyn.zip", scormWith(w, []string{"Ойын"}, "index.html", "<p>Ойын"), "title", "", "minutes", "5")
	l := w.packaged()
	return courseAt + "/lessons/" + person.ID(l[len(l)-1].ID).String() + "/package"
}

func TestAPackageBecomesALesson(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := newWorld(t)
	w.aCourse()
	w.get("editor", courseAt).has(scormAt, "Интерактивті сабақтар").lacks(`value="package"`)
	w.get("editor", scormAt).is(http.StatusOK).has(`enctype="multipart/form-data"`, "200 МБ", "Пакет әлі жоқ").lacks("play-public")
	w.brings("editor", scormAt, "oiyn.zip", scormWith(w, []string{"Пакеттегі атау"}, "index.html", "<p>Ойын", "a.js", "document.createElement('iframe')"), "title", "Қызық ойын", "minutes", "12").
		is(http.StatusSeeOther)
	all := w.packaged()
	if len(all) != 1 || all[0].Words["kk"] != "Қызық ойын" || all[0].Minutes != 12 || all[0].Package.Launch != "index.html?part=1" || all[0].Package.Mastery != "70" || !all[0].Package.Frames ||
		all[0].Package.Version != learning.SCORM12 {
		t.Fatalf("%+v, %+v", all, all[0].Package)
	}
	at := courseAt + "/lessons/" + person.ID(all[0].ID).String() + "/package"
	shown := w.get("editor", at).is(http.StatusOK).has("Қызық ойын", "SCORM 1.2", `data-play=`, "packages.example/player/1.2#none")
	if csp := shown.head.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; frame-src https://packages.example") {
		t.Errorf("the frame's origin: %s", csp)
	}
	if csp := w.get("editor", scormAt).head.Get("Content-Security-Policy"); strings.Contains(csp, "frame-src") {
		t.Errorf("another page shows frames: %s", csp)
	}
	w.get("editor", scormAt).has("Ойын пакеті", "Қызық ойын", at).lacks("/packages/remove")

	// Another package in its place: the lesson stays the same, and what the other took can be removed once nothing shows it.
	old := all[0].Package
	w.brings("editor", at, "oiyn2.zip", scormWith(w, []string{"Басқа"}, "INDEX.html", "<p>Жаңа")).is(http.StatusSeeOther)
	if now := w.packaged(); len(now) != 1 || now[0].ID != all[0].ID || now[0].Package.Token == old.Token || now[0].Words["kk"] != "Қызық ойын" || now[0].Package.Frames {
		t.Errorf("%+v, %+v", now, now[0].Package)
	}
	w.post("editor", scormAt+"/remove", "id", decimal(w.packaged()[0].Package.ID)).is(http.StatusConflict)
	w.get("editor", scormAt).has("/packages/remove")
	w.post("editor", scormAt+"/remove", "id", decimal(old.ID)).is(http.StatusSeeOther)
	w.post("editor", scormAt+"/remove", "id", decimal(old.ID)).is(http.StatusNotFound)
	w.post("editor", scormAt+"/remove", "id", "x").is(http.StatusUnprocessableEntity)

	// A package of several parts is as many lessons; one of them finds its own part in a package that takes its place.
	w.brings("editor", scormAt, "many.zip", scormWith(w, []string{"Бір", "Екі", "Үш"}, "index.html", "<p>Үшеу"), "title", "Аты", "minutes", "3").is(http.StatusSeeOther)
	all = w.packaged()
	if len(all) != 4 || all[2].Words["kk"] != "Екі" || all[2].Package.Launch != "index.html?part=2" || all[2].Package.Token != all[3].Package.Token {
		t.Errorf("%+v", all)
	}
	two := courseAt + "/lessons/" + person.ID(all[2].ID).String() + "/package"
	w.brings("editor", two, "more.zip", scormWith(w, []string{"1", "2", "3", "4"}, "index.html", "")).is(http.StatusSeeOther)
	if now := w.packaged()[2]; now.Package.Item != "i2" || now.Package.Token == all[2].Package.Token {
		t.Errorf("%+v", now.Package)
	}
	w.get("editor", courseAt).is(http.StatusOK).has("Интерактивті сабақ", two)
	w.get("editor", courseAt+"/lessons/"+person.ID(all[2].ID).String()+"/kk").is(http.StatusOK).has("Интерактивті сабақ алдындағы мәтін")
	w.post("editor", courseAt+"/publish", "note", "", "changes", decimal(w.courseDraft().Changes)).is(http.StatusSeeOther)
	if c, err := learning.Get(w.Context(), w.DB, courseSlug); err != nil || len(c.Lessons) != 6 {
		t.Errorf("%v, %+v", err, c.Lessons)
	}
	left, err := os.ReadDir(os.TempDir())
	w.must(err)
	for _, f := range left {
		if strings.HasPrefix(f.Name(), "ustaz-package") {
			t.Errorf("%s is left behind", f.Name())
		}
	}
}

func TestPackagesOfSCORMThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	good := scormWith(w, []string{"Ойын"}, "index.html", "<p>")
	for name, tc := range map[string]struct {
		file, body string
		pairs      []string
		says       string
	}{
		"no file":               {"", "", []string{"title", "", "minutes", "5"}, "Файлды таңдаңыз"},
		"no minutes":            {"a.zip", good, []string{"title", "", "minutes", ""}, ""},
		"no ZIP":                {"a.zip", "text", []string{"title", "", "minutes", "5"}, ""},
		"a cartridge":           {"a.zip", cartridgeWith(w, ""), []string{"title", "", "minutes", "5"}, "SCORM пакеті емес"},
		"without its page":      {"a.zip", scormWith(w, []string{"А"}), []string{"title", "", "minutes", "5"}, "index.html"},
		"without items":         {"a.zip", scormWith(w, nil, "index.html", ""), []string{"title", "", "minutes", "5"}, "іске қосылатын бөлім жоқ"},
		"a path that leads out": {"a.zip", scormWith(w, []string{"А"}, "index.html", "", "../x", ""), []string{"title", "", "minutes", "5"}, ""},
	} {
		if p := w.brings("editor", scormAt, tc.file, tc.body, tc.pairs...).is(http.StatusUnprocessableEntity); tc.says != "" {
			t.Log(name)
			p.has(tc.says)
		}
	}
	if n := len(w.packaged()); n != 0 {
		t.Errorf("%d lessons of packages that were refused", n)
	}
	if list, err := w.c.Courses.Packages(w.Context(), courseSlug); err != nil || len(list) != 0 {
		t.Errorf("%v, %+v", err, list)
	}
	w.brings("editor", scormAt, "a.zip", good, "title", "", "minutes", "5", "admin", "1").is(http.StatusUnprocessableEntity)
	w.brings("editor", courseAt+"/lessons/"+w.lesson()+"/package", "a.zip", good).is(http.StatusNotFound)
	w.get("editor", courseAt+"/lessons/"+w.lesson()+"/package").is(http.StatusNotFound)
	at := w.aPackagedLesson()
	w.brings("editor", at, "a.zip", "text").is(http.StatusUnprocessableEntity)
	w.brings("editor", at, "a.zip", scormWith(w, []string{"А", "Б"}, "index.html", "")).is(http.StatusSeeOther) // the same item is among them
}
