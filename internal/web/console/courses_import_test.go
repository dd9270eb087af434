package console

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/authoring"
	"ustaz/internal/learning"
	"ustaz/internal/person"
)

// cartridgeWith is a Common Cartridge of one page, and of other entries by name and contents; resources are more of its manifest.
func cartridgeWith(w *world, resources string, pairs ...string) string {
	w.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name, body string) {
		out, err := z.Create(name)
		w.must(err)
		_, err = out.Write([]byte(body))
		w.must(err)
	}
	put("imsmanifest.xml", `<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imsccv1p2/imscp_v1p1"><metadata><schema>IMS Common Cartridge</schema><schemaversion>1.2.0</schemaversion>
		<lom><general><title><string>Кері байланыс</string></title><description><string>Сабақта кері байланыс беру.</string></description></general></lom></metadata>
		<organizations><organization identifier="o"><item identifier="root"><item identifier="i" identifierref="r"><title>Бірінші бет</title></item></item></organization></organizations>
		<resources><resource identifier="r" type="webcontent" href="a.html"><file href="a.html"/></resource><resource identifier="tool" type="imsbasiclti_xmlv1p0"><file href="tool.xml"/></resource>`+resources+`</resources></manifest>`)
	put("a.html", `<p>Жақсы <b>пікір</b> нақты болады.</p><script>alert(1)</script><img src="photo.png" alt="Сынып">`)
	var photo bytes.Buffer
	w.must(png.Encode(&photo, image.NewGray(image.Rect(0, 0, 2, 2))))
	put("photo.png", photo.String())
	put("tool.xml", "<x/>")
	for i := 0; i+1 < len(pairs); i += 2 {
		put(pairs[i], pairs[i+1])
	}
	w.must(z.Close())
	return b.String()
}

const packageAt = "/kk/console/courses/import"

// aPackage is a course that was taken from a package; its address.
func (w *world) aPackage() string {
	w.Helper()
	w.upload("editor", packageAt, "course.imscc", cartridgeWith(w, ""), "written", "kk", "slug", "keri-bailanys").leads("/kk/console/courses/keri-bailanys/report?done=course_imported")
	return "/kk/console/courses/keri-bailanys"
}

func TestACourseFromAPackage(t *testing.T) {
	w := newWorld(t)
	w.get("editor", "/kk/console/courses").has(packageAt)
	w.get("editor", packageAt).is(http.StatusOK).has(`enctype="multipart/form-data"`, "64 МБ")
	at := w.aPackage()
	report := w.get("editor", at+"/report").is(http.StatusOK)
	report.has("Common Cartridge", "Сыртқы құрал (LTI)", "script × 1", "Бет 1-сабақ болды", "Бірінші бет", "tool.xml")
	if strings.Index(report.body, "Сыртқы құрал") > strings.Index(report.body, "script × 1") || strings.Index(report.body, "script × 1") > strings.Index(report.body, "Бет 1-сабақ") {
		t.Error("what was left out does not come first")
	}
	w.get("editor", at+"/report?fate=left").is(http.StatusOK).has("Сыртқы құрал").lacks("script × 1")
	w.get("editor", at+"/report?fate=changed").is(http.StatusOK).has("script × 1").lacks("Сыртқы құрал")
	w.get("editor", at+"/report?fate=lost").is(http.StatusUnprocessableEntity)
	w.get("editor", at+"/report?from=x").is(http.StatusUnprocessableEntity)
	w.get("editor", at+"/report?from=99999").is(http.StatusOK)
	w.get("editor", "/ru"+strings.TrimPrefix(at, "/kk")+"/report").is(http.StatusOK).has("Внешний инструмент (LTI)")
	w.get("editor", "/en"+strings.TrimPrefix(at, "/kk")+"/report").is(http.StatusOK).has("An external tool (LTI)")
	w.get("editor", at).is(http.StatusOK).has("Кері байланыс", "Бірінші бет", at+"/report", "Барлығы дайын")

	files, err := w.c.Media.List(w.Context(), "keri-bailanys")
	if err != nil || len(files) != 1 || files[0].Name != "photo.png" || files[0].Width != 2 {
		t.Errorf("%v, %+v", err, files)
	}
	w.get("editor", at+"/lessons/"+person.ID(w.draftOf("keri-bailanys").Course.Lessons[0].ID).String()+"/kk").has(`<img src="/media/`)
	archive := w.get("editor", at+"/archive").is(http.StatusOK)
	w.upload("editor", packageAt, "own.zip", archive.body, "written", "kk", "slug", "qaita").leads("/kk/console/courses/qaita/report?done=course_imported")
	if again, err := w.c.Media.List(w.Context(), "qaita"); err != nil || len(again) != 1 || again[0].Size != files[0].Size {
		t.Errorf("%v, %+v", err, again)
	}
	w.upload("editor", packageAt, "own.zip", archive.body, "written", "kk", "slug", "qaita").is(http.StatusUnprocessableEntity) // taken: its files stay
	if still, err := w.c.Media.List(w.Context(), "qaita"); err != nil || len(still) != 1 {
		t.Errorf("%v, %+v", err, still)
	}

	d, err := w.c.Courses.Draft(w.Context(), "keri-bailanys")
	w.must(err)
	if l := d.Course.Lessons[0]; l.Body["kk"] != "Жақсы **пікір** нақты болады.\n\n![Сынып](photo.png)" || d.About.Words["kk"].Summary != "Сабақта кері байланыс беру." || d.Published {
		t.Errorf("%+v %+v", l, d.About)
	}
}

// TestALongReport is shown page by page.
func TestALongReport(t *testing.T) {
	w := newWorld(t)
	resources := ""
	for i := range reportRows + 5 {
		resources += fmt.Sprintf(`<resource identifier="t%d" type="idpfepub" href="book%03d.epub"/>`, i, i)
	}
	w.upload("editor", packageAt, "c.zip", cartridgeWith(w, resources), "written", "kk", "slug", "long").is(http.StatusSeeOther)
	at := "/kk/console/courses/long/report"
	w.get("editor", at+"?fate=left").has("book000.epub", "from=300").lacks("book304.epub")
	w.get("editor", at+"?fate=left&from=300").has("book304.epub").lacks("book000.epub", `rel="next"`)
}

// TestAnArchiveGoesRound: what is downloaded of a course becomes the same course elsewhere, and brings a draft back to what it was.
func TestAnArchiveGoesRound(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	before := w.courseDraft()
	w.get("editor", courseAt).has(courseAt+"/archive", courseAt+"/import").lacks(courseAt + "/report")
	archive := w.get("editor", courseAt+"/archive").is(http.StatusOK)
	if archive.head.Get("Content-Type") != "application/zip" || !strings.Contains(archive.head.Get("Content-Disposition"), courseSlug+".zip") {
		t.Errorf("%v", archive.head)
	}
	w.upload("editor", packageAt, "a.zip", archive.body, "written", "ru", "slug", "koshirme").leads("/kk/console/courses/koshirme/report?done=course_imported")
	d, err := w.c.Courses.Draft(w.Context(), "koshirme")
	w.must(err)
	if len(d.Course.Lessons) != 2 || d.Course.Lessons[0].Body["kk"] != before.Course.Lessons[0].Body["kk"] || d.Course.Lessons[0].ID == before.Course.Lessons[0].ID || len(d.Course.Faults()) != 0 {
		t.Errorf("%+v", d.Course)
	}

	w.post("editor", courseAt+"/lessons/"+w.lesson()+"/kk", "title", "Басқа", "body", "Басқа мәтін", "minutes", "15", "rev", "2").is(http.StatusSeeOther)
	w.get("editor", courseAt+"/import").is(http.StatusOK).has("кері қайтаруға болады")
	w.upload("editor", courseAt+"/import", "a.zip", archive.body, "written", "kk").leads(courseAt + "/report?done=course_imported")
	if d := w.courseDraft(); d.Course.Lessons[0].ID != before.Course.Lessons[0].ID || d.Course.Lessons[0].Words["kk"] != "Бағалау деген не" || !d.Revs[learning.PartOf(d.Course.Lessons[0].ID)].Before {
		t.Errorf("%+v", d.Course.Lessons[0])
	}
	w.get("editor", courseAt+"/report").has("Архивтен курс алынды. Сабақтар: 2, сұрақтар: 1.")
}

func TestPackagesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	good := cartridgeWith(w, "")
	for name, c := range map[string]struct {
		body, slug, written, said string
	}{
		"no ZIP":           {"text", "a", "kk", "ZIP файл емес"},
		"nothing":          {"", "a", "kk", "Пакет файлын таңдаңыз"},
		"cut short":        {good[:len(good)-40], "a", "kk", "ZIP файл емес"},
		"climbs":           {cartridgeWith(w, "", "../evil.html", "x"), "a", "kk", "evil.html"},
		"a language":       {good, "a", "de", "Тіл"},
		"a slug":           {good, "Ә", "kk", "кіші латын әріптерінен"},
		"a slug of others": {good, courseSlug, "kk", "курс бұрыннан бар"},
	} {
		if p := w.upload("editor", packageAt, "a.zip", c.body, "written", c.written, "slug", c.slug); p.code != http.StatusUnprocessableEntity || !strings.Contains(p.body, c.said) && name != "a language" {
			t.Errorf("%s: %d %s", name, p.code, p.main())
		}
	}
	before := w.courseDraft().Changes
	w.upload("editor", courseAt+"/import", "a.zip", "text", "written", "kk").is(http.StatusUnprocessableEntity).has("ZIP файл емес")
	w.upload("editor", courseAt+"/import", "a.zip", good, "written", "kk", "slug", "b").is(http.StatusUnprocessableEntity)
	w.upload("editor", courseAt+"/import", "a.zip", good).is(http.StatusUnprocessableEntity)
	w.post("editor", courseAt+"/import", "written", "kk").is(http.StatusUnprocessableEntity)
	w.post("editor", packageAt, "written", "kk").is(http.StatusUnprocessableEntity)
	w.upload("editor", "/kk/console/courses/none/import", "a.zip", good, "written", "kk").is(http.StatusNotFound)
	w.get("editor", "/kk/console/courses/none/archive").is(http.StatusNotFound)
	for _, who := range []string{"support", "officer", "admin", "teacher"} {
		w.upload(who, packageAt, "a.zip", good, "written", "kk", "slug", "a").is(http.StatusForbidden)
		w.upload(who, courseAt+"/import", "a.zip", good, "written", "kk").is(http.StatusForbidden)
	}
	if w.courseDraft().Changes != before {
		t.Error("a draft was changed")
	}
	w.must(w.DB.Close())
	w.upload("editor", packageAt, "a.zip", good, "written", "kk", "slug", "a").is(http.StatusServiceUnavailable)
}

// TestLargePackagesStepByStep: too large as a file, and too large as a form.
func TestLargePackagesStepByStep(t *testing.T) {
	w := newWorld(t)
	for _, size := range []int{maxPackage + 1, packageBody + 1} {
		w.upload("editor", packageAt, "a.zip", strings.Repeat("x", size), "written", "kk", "slug", "a").is(http.StatusUnprocessableEntity).has("64 МБ-тан үлкен")
	}
}

func (w *world) draftOf(slug string) *authoring.Draft {
	w.Helper()
	d, err := w.c.Courses.Draft(w.Context(), slug)
	w.must(err)
	return d
}
