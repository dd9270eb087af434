package cartridge

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ustaz/internal/i18n"
	"ustaz/internal/learning"
)

// cartridgeOf is a manifest of Common Cartridge; version is as its namespace has it.
func cartridgeOf(version, items, resources string) string {
	return `<?xml version="1.0"?>
<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imscc` + "v" + version + `/imscp_v1p1" xmlns:lomimscc="http://ltsc.ieee.org/xsd/imscc` + "v" + version + `/LOM/manifest">
<metadata><schema>IMS Common Cartridge</schema><schemaversion>` + strings.Replace(version, "p", ".", 1) + `.0</schemaversion><lomimscc:lom><lomimscc:general>
<lomimscc:title><lomimscc:string language="kk-KZ">Тақырып</lomimscc:string></lomimscc:title></lomimscc:general></lomimscc:lom></metadata>
<organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">` + items + `</item></organization></organizations>
<resources>` + resources + `</resources></manifest>`
}

func webcontent(id string, files ...string) string {
	out := fmt.Sprintf(`<resource identifier="%s" type="webcontent" href="%s">`, id, files[0])
	for _, f := range files {
		out += `<file href="` + f + `"/>`
	}
	return out + `</resource>`
}

func resource(id, kind, file string) string {
	return fmt.Sprintf(`<resource identifier="%s" type="%s"><file href="%s"/></resource>`, id, kind, file)
}

func itemOf(id, ref, title, inside string) string {
	if ref != "" {
		ref = ` identifierref="` + ref + `"`
	}
	return `<item identifier="` + id + `"` + ref + `><title>` + title + `</title>` + inside + `</item>`
}

func open(t testing.TB, entries ...pair) Found {
	t.Helper()
	f, err := read(zipped(t, entries...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// told are the keys of a report about a place, in order, each with its fate.
func told(f Found, place string) string {
	var out []string
	for _, l := range f.Report {
		if l.Place == place {
			out = append(out, string(l.Fate)+" "+strings.TrimPrefix(l.Key, "cartridge."))
		}
	}
	return strings.Join(out, ", ")
}

func titles(f Found) string {
	var out []string
	for _, l := range f.Course.Lessons {
		out = append(out, l.Words["ru"])
	}
	return strings.Join(out, " | ")
}

func body(f Found, lesson int) string { return f.Course.Lessons[lesson].Body["ru"] }

// TestEveryVersion reads a course with chapters, pages, files, a link, a topic, an assignment and a tool, as each version writes it.
func TestEveryVersion(t *testing.T) {
	for _, version := range []string{"1p1", "1p2", "1p3"} {
		x := "v" + version
		items := itemOf("c1", "", "Бастау", itemOf("i1", "page", "Кіріспе", "")+itemOf("i2", "plan", "Жоспар", "")+itemOf("c2", "", "Тереңірек", itemOf("i3", "link", "Министрлік", ""))) +
			itemOf("i4", "topic", "Пікір", "") + itemOf("i5", "work", "Тапсырма", "") + itemOf("i6", "tool", "Құрал", "") + itemOf("i7", "page", "Кіріспе тағы", "") + itemOf("i8", "none", "Жоқ", "") + itemOf("i9", "", "Бос тарау", "")
		resources := webcontent("page", "pages/one.html", "pages/style.css") + webcontent("plan", "files/Оқу жоспары (2026).docx") + resource("link", "imswl_xml"+x, "w/link.xml") + resource("topic", "imsdt_xml"+x, "d/topic.xml") +
			resource("work", "assignment_xmlv1p0", "a/work.xml") + resource("tool", "imsbasiclti_xmlv1p0", "t/tool.xml") + webcontent("picture", "files/photo.png") + webcontent("spare", "files/spare.png") +
			webcontent("last", "pages/last.html") + resource("data", "associatedcontent/imscc_xml"+x+"/learning-application-resource", "data.xml") + resource("book", "idpfepub", "book.epub")
		f := open(t, pair{manifestName, cartridgeOf(version, items, resources)},
			pair{"pages/one.html", `<html><head><title>Кіріспе</title><style>p{}</style></head><body><h1>Кіріспе</h1><p onclick="x()">Бұл <b>маңызды</b>: <a href="last.html">әрі қарай</a>.</p>
				<script>alert(1)</script><img src="../files/photo.png" alt="Сынып"><p><a href="$IMS-CC-FILEBASE$/files/photo.png">үлкені</a> <img src="gone.gif" alt="жоқ"></p></body></html>`},
			pair{"pages/last.html", "<p>Соңы</p>"}, pair{"pages/style.css", "p{}"}, pair{"files/photo.png", "PNG"}, pair{"files/spare.png", "PNG2"}, pair{"files/Оқу жоспары (2026).docx", "DOCX"},
			pair{"w/link.xml", `<webLink xmlns="http://www.imsglobal.org/xsd/imscc` + x + `/imswl_` + x + `"><title>edu.gov.kz</title><url href="https://www.gov.kz/memleket/entities/edu?lang=(kk)" target="_blank"/></webLink>`},
			pair{"d/topic.xml", `<topic xmlns="http://www.imsglobal.org/xsd/imscc` + x + `/imsdt_` + x + `"><title>Пікір</title><text texttype="text/html">&lt;p&gt;Не ойлайсыз?&lt;/p&gt;</text><attachments><attachment href="../files/photo.png"/></attachments></topic>`},
			pair{"a/work.xml", `<assignment><title>Тапсырма</title><text texttype="text/plain">Жоспар жазыңыз.
* бірінші</text></assignment>`},
			pair{"t/tool.xml", "<x/>"}, pair{"data.xml", "<x/>"}, pair{"book.epub", "EPUB"}, pair{"extra/readme.txt", "x"}, pair{"inner.zip", "PK"})

		if f.Kind != Common || f.Course.Words["ru"].Title != "Тақырып" || !strings.HasPrefix(f.Version, strings.Replace(version, "p", ".", 1)) {
			t.Errorf("%s %s %+v", f.Kind, f.Version, f.Course.Words)
		}
		if got, want := titles(f), "Бастау: Кіріспе | Бастау: Жоспар | Бастау: Тереңірек: Министрлік | Пікір | Тапсырма | last"; got != want {
			t.Errorf("lessons %s, want %s", got, want)
		}
		for n, want := range []string{"Бұл **маңызды**: әрі қарай.\n\n![Сынып](photo.png)\n\n[үлкені](photo.png) жоқ", "[Жоспар](Оқу-жоспары-2026.docx)", "[Министрлік](https://www.gov.kz/memleket/entities/edu?lang=%28kk%29)",
			"Не ойлайсыз?\n\n[photo.png](photo.png)", "Жоспар жазыңыз.  \n\\* бірінші", "Соңы"} {
			if got := body(f, n); got != want {
				t.Errorf("lesson %d: %q, want %q", n, got, want)
			}
		}
		for place, want := range map[string]string{
			"pages/one.html": "taken page, changed page.dropped, left page.missing, changed page.inner, changed again", "files/photo.png": "taken file, taken resource.files", "files/spare.png": "left resource.unused",
			"files/Оқу жоспары (2026).docx": "taken file, taken linked", "w/link.xml": "taken address", "d/topic.xml": "taken topic, changed topic.words", "a/work.xml": "taken topic, changed topic.words",
			"t/tool.xml": "left lti", "data.xml": "left associated", "book.epub": "left type", "pages/style.css": "left file.unused", "extra/readme.txt": "left file.unlisted", "inner.zip": "left file.unlisted",
			"pages/last.html": "changed page.end", "c1": "changed chapter", "i8": "left nowhere", "i9": "left heading", manifestName: "taken course, changed time",
		} {
			if got := told(f, place); got != want {
				t.Errorf("%s: %s, want %s", place, got, want)
			}
		}
		if len(f.Files) != 2 || f.Files[0].Name != "photo.png" || content(t, f.Files[0]) != "PNG" || content(t, f.Files[1]) != "DOCX" || f.Files[1].Size != 4 {
			t.Errorf("files %+v", f.Files)
		}
		if f.Course.Hours != 1 || f.Course.Minutes() != 30 {
			t.Errorf("%d hours, %d minutes", f.Course.Hours, f.Course.Minutes())
		}
	}
}

func content(t *testing.T, f File) string {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err == nil {
		err = r.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPages(t *testing.T) {
	for name, c := range map[string]struct{ html, want, told string }{
		"formatting":            {"<h2>Бір</h2><ul><li>а</li><li>ә<ol><li>б</li></ol></li></ul><blockquote>в</blockquote><pre><code>x := 1\n</code></pre>", "## Бір\n\n- а\n- ә\n  \n  1. б\n\n> в\n\n```\nx := 1\n```", "taken page"},
		"signs of Markdown":     {"<p>1. *емес* [сілтеме](x) # _да_</p>", "1\\. \\*емес* \\[сілтеме](x) # \\_да_", "taken page"},
		"raised":                {"<p>H<sub>2</sub>O, x<sup>2</sup>, a<sup>m+k</sup>, b<sub>i</sub></p>", "H₂O, x², a^(m+k), b\\_(i)", "taken page"},
		"a table":               {"<table><tr><th>А</th><th>Ә</th></tr><tr><td>1</td><td>2</td></tr></table>", "| А | Ә |\n|---|---|\n| 1 | 2 |", "taken page"},
		"a video of elsewhere":  {`<p>Көріңіз</p><iframe src="https://www.youtube.com/embed/x" title="Сабақ"></iframe>`, "Көріңіз\n\n[Сабақ](https://www.youtube.com/embed/x)", "taken page, changed page.framed"},
		"a sound of its own":    {`<audio controls><source src="a/sound.mp3"></audio>`, "[sound.mp3](sound.mp3)", "taken page, changed page.framed"},
		"a frame of a page":     {`<iframe src="b.html"></iframe><p>а</p>`, "а", "taken page, changed page.dropped, changed page.inner"},
		"dangerous links":       {`<a href="javascript:alert(1)">а</a> <a href="java&#10;script:x">ә</a> <a href="data:text/html,x">б</a> <a href="file:///etc/passwd">в</a> <a href="vbscript:x">г</a>`, "а ә б в г", "taken page, changed page.dropped"},
		"events":                {`<body onload="a()"><p onmouseover="b()" style="color:red">а</p><form action="x"><input name="a"><button>б</button></form></body>`, "а", "taken page, changed page.dropped"},
		"a picture of another":  {`<img src="https://example.kz/a.png" alt="Сурет"><img src="//example.kz/b.png">`, "[Сурет](https://example.kz/a.png)[https://example.kz/b.png](https://example.kz/b.png)", "taken page, changed page.far"},
		"links":                 {`<a href="https://example.kz/а?б=1#в">а</a> <a href="mailto:a@example.kz">ә</a> <a name="x">б</a> <a href="#x">в</a>`, "[а](https://example.kz/%D0%B0?%D0%B1=1#%D0%B2) [ә](mailto:a@example.kz) б в", "taken page, changed page.inner"},
		"a formula":             {`<p>Бұл <math><semantics><mfrac><mn>1</mn><mn>2</mn></mfrac><annotation encoding="application/x-tex">\frac{1}{2}</annotation></semantics></math></p>`, "Бұл `\\frac{1}{2}`", "taken page, changed page.formulas"},
		"a title that is there": {"<title>Тест</title><h1> А  </h1><p>а</p>", "а", "taken page"},
		"a title of its own":    {"<p>б</p><h1>А</h1>", "б\n\n# А", "taken page"},
		"names of the machine":  {`<img src="a%20b/%D0%A4%D0%BE%D1%82%D0%BE%201.JPG"><img src="A B/Фото 1.jpg"><a href='a\sound.mp3'></a>`, "![](Фото-1.JPG)![](Фото-1.JPG)[sound.mp3](sound.mp3)", "taken page"},
		"out of the package":    {`<img src="../../../etc/passwd" alt="а"><a href="/../x">ә</a>`, "аә", "taken page, left page.missing, left page.missing"},
		"nothing":               {"", "", "taken page, changed page.empty"},
		"not closed":            {"<p><b>а<i>ә<p>б", "**а*ә***\n\n***б***", "taken page"},
	} {
		f := open(t, pair{manifestName, cartridgeOf("1p1", itemOf("i", "r", "А", ""), webcontent("r", "x.html")+webcontent("b", "b.html"))}, pair{"x.html", c.html}, pair{"b.html", "б"}, pair{"a/sound.mp3", "MP3"}, pair{"a b/Фото 1.JPG", "JPG"})
		if got := body(f, 0); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if got := told(f, "x.html"); got != c.told {
			t.Errorf("%s: %s, want %s", name, got, c.told)
		}
		if _, err := learning.Render(body(f, 0), "kk", nil); err != nil || len(f.Files) > 2 {
			t.Errorf("%s: %v %v", name, err, f.Files)
		}
	}
}

// TestPagesThatSwell: no page becomes many times its size, and none takes long.
func TestPagesThatSwell(t *testing.T) {
	for name, c := range map[string]struct{ html, told string }{
		"wide cells":     {"<table>" + strings.Repeat("<tr><td colspan=1000 rowspan=1000>1</tr>", 500) + "</table>", "taken page, changed page.dropped"},
		"high cells":     {"<table>" + strings.Repeat("<tr><td colspan=30 rowspan=30>1</tr>", 50) + "</table>", "taken page, changed page.dropped"},
		"deep lists":     {strings.Repeat("<ul><li>", 200) + strings.Repeat("a<br>", 3000), "taken page, changed page.dropped"},
		"deep quotes":    {strings.Repeat("<blockquote>", 200) + strings.Repeat("a<br>", 3000), "taken page, changed page.dropped"},
		"a long cell":    {"<table><tr><td>" + strings.Repeat("a", 50_000) + "<td>b" + strings.Repeat("<tr><td>1<td>2", 500) + "</table>", "taken page"},
		"many elements":  {strings.Repeat("<i>a</i>", maxPageNodes), "left page.broken"},
		"deep elements":  {strings.Repeat("<div>", 1000), "left page.broken"},
		"no end of tags": {strings.Repeat("<", 20_000), "taken page"},
	} {
		f := open(t, pair{manifestName, cartridgeOf("1p1", itemOf("i", "r", "А", ""), webcontent("r", "x.html"))}, pair{"x.html", c.html})
		if got := told(f, "x.html"); got != c.told {
			t.Errorf("%s: %s, want %s", name, got, c.told)
		}
		if len(f.Course.Lessons) > 0 && len(body(f, 0)) > 20*len(c.html) {
			t.Errorf("%s: %d bytes of %d", name, len(body(f, 0)), len(c.html))
		}
	}
}

func TestPicturesInThePageItself(t *testing.T) {
	f := open(t, pair{manifestName, cartridgeOf("1p1", "", webcontent("r", "x.html"))}, pair{"x.html", `<img alt="а" src="data:image/png;base64,UE5H"><img src="data:image/svg+xml;base64,UE5H" alt="ә"><img src="data:image/png;base64,%%%" alt="б"><img src="data:image/jpeg;base64,UE5H">`})
	if got := body(f, 0); got != "![а](picture.png)әб![](picture.jpg)" || len(f.Files) != 2 || content(t, f.Files[0]) != "PNG" {
		t.Errorf("%q %+v", got, f.Files)
	}
}

func TestFilesOfOneName(t *testing.T) {
	f := open(t, pair{manifestName, cartridgeOf("1p1", "", webcontent("r", "x.html"))}, pair{"x.html", `<img src="a/p.png"><img src="b/P.png"><img src="c/p-2.png"><img src="a/p.png">`}, pair{"a/p.png", "1"}, pair{"b/P.png", "2"}, pair{"c/p-2.png", "3"})
	if got := body(f, 0); got != "![](p.png)![](P-2.png)![](p-2-2.png)![](p.png)" {
		t.Error(got)
	}
}

func TestFlatNames(t *testing.T) {
	for name, want := range map[string]string{"photo.png": "photo.png", "а/б/Сурет 1.PNG": "Сурет-1.PNG", `c:\dir\plan.docx`: "plan.docx", "..": "file", ".htaccess": "file.htaccess", "a b(c)[d].tar.gz": "a-b-c-d.tar.gz", "й.txt": "й.txt",
		"": "file", "<script>.html": "script.html", strings.Repeat("ұ", 300) + ".png": strings.Repeat("ұ", 68) + ".png", "x." + strings.Repeat("y", 30): "x"} {
		got := FlatName(name)
		if got != want || FlatName(got) != got {
			t.Errorf("%q became %q, want %q; again %q", name, got, want, FlatName(got))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := FlatName(rapid.String().Draw(t, "name"))
		if name == "" || FlatName(name) != name || strings.ContainsAny(name, `/\ ()[]<>:"`) || len([]rune(name)) > maxFlat {
			t.Fatalf("%q", name)
		}
	})
}

func TestLongTextsBecomeSeveralLessons(t *testing.T) {
	par := "<p>" + strings.Repeat("сөз ", 400) + "</p>"
	f := open(t, pair{manifestName, cartridgeOf("1p1", itemOf("i", "r", "Ұзақ", ""), webcontent("r", "x.html"))}, pair{"x.html", strings.Repeat(par, 100)})
	if got := titles(f); got != "Ұзақ (1) | Ұзақ (2)" || strings.Count(body(f, 0)+body(f, 1), "сөз") != 40_000 || len(body(f, 0)) > learning.MaxBody {
		t.Errorf("%s %d", got, len(body(f, 0)))
	}
	if got := told(f, "x.html"); got != "taken page, taken page, changed page.split" {
		t.Error(got)
	}
	if got := split(strings.Repeat("ұ", 10), 5); strings.Join(got, "|") != "ұұ|ұұ|ұұ|ұұ|ұұ" {
		t.Error(got)
	}
}

func TestACourseHasRoomForSoMany(t *testing.T) {
	var entries []pair
	items, resources := "", ""
	for i := range learning.MaxLessons + 2 {
		id := fmt.Sprint("r", i)
		items += itemOf("i"+id, id, id, "")
		resources += webcontent(id, id+".html")
		entries = append(entries, pair{id + ".html", "<p>а</p>"})
	}
	f := open(t, append(entries, pair{manifestName, cartridgeOf("1p1", items, resources)})...)
	if len(f.Course.Lessons) != learning.MaxLessons || told(f, "r201.html") != "left lessons" {
		t.Errorf("%d %s", len(f.Course.Lessons), told(f, "r201.html"))
	}
}

// TestNothingIsDroppedInSilence: whatever a manifest says, each of its resources and each entry of the package stands in the report.
func TestNothingIsDroppedInSilence(t *testing.T) {
	names := []string{"a.html", "b.html", "c/d.html", "photo.png", "c/plan.docx", "link.xml", "topic.xml", "quiz.xml", "tool.xml", "Қ.png", "missing.png"}
	bodies := map[string]string{"a.html": `<a href="b.html">б</a><img src="photo.png">`, "b.html": "", "c/d.html": `<img src="../Қ.png">`, "link.xml": `<webLink><url href="https://example.kz"/></webLink>`, "topic.xml": `<topic><text>а</text></topic>`, "quiz.xml": quizOf(choiceOf("a", "Екі?", "1", "+2"))}
	types := []string{"webcontent", "imswl_xmlv1p1", "imsdt_xmlv1p1", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment", "imsqti_xmlv1p2/imscc_xmlv1p1/question-bank", "imsbasiclti_xmlv1p0", "associatedcontent/imscc_xmlv1p1/learning-application-resource", "idpfepub", ""}
	rapid.Check(t, func(r *rapid.T) {
		var entries []pair
		for _, n := range names[:len(names)-1] {
			if rapid.Bool().Draw(r, "there") {
				entries = append(entries, pair{n, bodies[n]})
			}
		}
		resources, items := "", ""
		var ids []string
		for i := range rapid.IntRange(0, 8).Draw(r, "resources") {
			id := fmt.Sprint("r", rapid.IntRange(0, i).Draw(r, "id"))
			ids = append(ids, id)
			resources += fmt.Sprintf(`<resource identifier="%s" type="%s" href="%s">`, id, rapid.SampledFrom(types).Draw(r, "type"), rapid.SampledFrom(append(names, "")).Draw(r, "href"))
			for range rapid.IntRange(0, 2).Draw(r, "files") {
				resources += fmt.Sprintf(`<file href="%s"/>`, rapid.SampledFrom(names).Draw(r, "file"))
			}
			resources += "</resource>"
			if rapid.Bool().Draw(r, "placed") {
				items += itemOf(fmt.Sprint("i", i), rapid.SampledFrom([]string{id, "none", ""}).Draw(r, "ref"), "Т", "")
			}
		}
		f, err := read(zipped(t, append(entries, pair{manifestName, cartridgeOf("1p2", items, resources)})...))
		if err != nil {
			r.Fatal(err)
		}
		for _, id := range ids {
			if !slices.ContainsFunc(f.Report, func(l Line) bool { return l.Resource == id }) {
				r.Fatalf("nothing tells of the resource %s of %s: %+v", id, resources, f.Report)
			}
		}
		for _, e := range entries {
			used := slices.ContainsFunc(f.Report, func(l Line) bool {
				about, _ := f.Manifest.Resource(l.Resource)
				return l.Place == e.name || fold(about.Href) == fold(e.name) || slices.Contains(about.Files, e.name)
			})
			if !used {
				r.Fatalf("nothing tells of %s: %s %+v", e.name, resources, f.Report)
			}
		}
		sayable(r.Errorf, f)
	})
}

// sayable tells whether the catalogue has every line of a report, in each language.
func sayable(fault func(string, ...any), f Found) {
	c, err := i18n.Load()
	if err != nil {
		fault("%v", err)
		return
	}
	for _, l := range f.Report {
		for _, code := range i18n.Codes() {
			if said := c.Lang(code).T(l.Key, i18n.Args(l.Args)...); !c.Has(l.Key) || strings.ContainsAny(said, "{}") {
				fault("%s in %s: %q", l.Key, code, said)
			}
		}
		if l.Place == "" || !slices.Contains(Fates, l.Fate) {
			fault("a line %+v", l)
		}
	}
}

// TestRealPackages reads cartridges and SCORM packages that other systems made; they do not lie in the repository.
func TestRealPackages(t *testing.T) {
	const dir = "../../../shared/data/courses"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the real packages are not here: " + dir + "; packages of our own are read in the other tests")
	}
	real := func(name string) Found {
		t.Helper()
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := read(body)
		if err != nil {
			t.Fatal(name, err)
		}
		sayable(t.Errorf, f)
		return f
	}
	f := real("all-question-types.imscc")
	if got := kindsOf(t, f); f.Kind != Common || f.Version != "1.3.0" || got != "one bool many essay" || titles(f) != "ALL QUESTION TYPES QUIZ" {
		t.Errorf("%s %s %s", f.Version, got, titles(f))
	}
	if test := f.Course.Lessons[0].Test; test.Attempts != 1 || test.Count() != 4 || test.Pass != usualPass || f.Course.Words["ru"].Title != "XavierSchool" {
		t.Errorf("%+v", test)
	}
	q, err := f.Course.Questions[0].In("ru")
	if err != nil || !q.Options[2].Right || q.Options[2].Feedback != "good! — nice job" || q.Options[0].Feedback != "add 2 — too bad" || q.Explanation != "alright" {
		t.Errorf("%v %+v", err, q)
	}
	if q, err := f.Course.Questions[2].In("ru"); err != nil || len(q.Options) != 5 || !q.Options[0].Right || q.Options[1].Right || !q.Options[3].Right {
		t.Errorf("%v %+v", err, q)
	}
	f = real("multiple-pages.imscc")
	if titles(f) != "First Page | Second Page | Third Page" || body(f, 1) != "Link to First Page.\n\nLink to Third Page." || told(f, "wiki_content/second-page.html") != "changed page.end, changed page.dropped, changed page.inner" {
		t.Errorf("%s %q", titles(f), body(f, 1))
	}
	f = real("single-page.imscc")
	if titles(f) != "Our Purpose" || f.Course.Words["ru"].Title != "The Life of Paul" || !strings.Contains(told(f, manifestName), "left rights") {
		t.Errorf("%s %+v", titles(f), f.Report)
	}
	f = real("scorm12_golf.zip")
	if f.Kind != SCORM12 || f.Manifest.Title != "Golf Explained - Minimum Run-time Calls" || len(f.Manifest.Items) != 2 || len(f.Files) != 28 || len(f.Course.Lessons) != 0 {
		t.Errorf("%s %+v, %d files", f.Kind, f.Manifest.Items, len(f.Files))
	}
	if i := f.Manifest.Items[0].Items[5]; i.Title != "Playing Golf Quiz" || f.Manifest.Launch(i) != "shared/assessmenttemplate.html?questions=Playing" || f.Manifest.Launch(f.Manifest.Items[0]) != "" {
		t.Errorf("%+v %s", i, f.Manifest.Launch(i))
	}
	if r, ok := f.Manifest.Resource("common_files"); !ok || r.Script != "asset" || len(r.Files) < 5 {
		t.Errorf("%+v", r)
	}
	f = real("scorm2004_golf.zip")
	if f.Kind != SCORM2004 || f.Version != "2004 3rd Edition" || len(f.Manifest.Items) != 1 || f.Manifest.Launch(f.Manifest.Items[0]) != "shared/launchpage.html" || len(f.Manifest.Resources[0].Files) != 39 {
		t.Errorf("%s %s %+v", f.Kind, f.Version, f.Manifest.Items)
	}
}

func kindsOf(t *testing.T, f Found) string {
	t.Helper()
	var out []string
	for _, q := range f.Course.Questions {
		parsed, err := q.In("ru")
		if err != nil {
			t.Error(err)
		}
		out = append(out, string(parsed.Kind))
	}
	return strings.Join(out, " ")
}
