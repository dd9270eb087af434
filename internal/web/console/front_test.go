package console

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/cartridge"
	"ustaz/internal/media"
)

func drawn(w, h int) string {
	var b bytes.Buffer
	if png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))) != nil {
		panic("a picture can't be written")
	}
	return b.String()
}

// TestAnEditorSaysWhomACourseIsFor: lists are held to, a picture is cut, drawn anew and told in words, goes back and on, travels in an archive; what is no picture,
// or a small one, is refused with words; nobody takes the picture away under its readers.
func TestAnEditorSaysWhomACourseIsFor(t *testing.T) {
	w := newWorld(t)
	w.aCourse()
	at := courseAt + "/front"
	w.get("editor", courseAt).has("Барлық педагогке")
	w.get("editor", at).is(http.StatusOK).has("Сурет жоқ", `name="positions"`, `name="regions"`, "<svg class=\"cover")
	w.upload("editor", at, "", "", "positions", "emperor", "rev", "1").is(http.StatusUnprocessableEntity).has("Тізімде жоқ лауазым")
	w.upload("editor", at, "a.png", drawn(200, 100), "rev", "1").is(http.StatusUnprocessableEntity).has("тым кішкентай")
	w.upload("editor", at, "a.png", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "rev", "1").is(http.StatusUnprocessableEntity).has("SVG")
	w.upload("editor", at, "a.pdf", "%PDF-1.7\n", "rev", "1").is(http.StatusUnprocessableEntity)
	w.upload("editor", at, "", "", "admin", "1", "rev", "1").is(http.StatusUnprocessableEntity)
	w.upload("editor", at, "", "", "alt.kk", "\x01", "rev", "1").is(http.StatusUnprocessableEntity)
	w.upload("editor", at, "", "", "alt.kk", "\xff", "rev", "1").is(http.StatusUnprocessableEntity)
	w.upload("editor", at, "a.png", drawn(500, 300)+strings.Repeat("x", media.MaxPicture), "rev", "1").is(http.StatusRequestEntityTooLarge).has("20 МБ-тан үлкен")
	w.upload("editor", at, "", "", "positions", "teacher", "rev", "").is(http.StatusUnprocessableEntity)
	w.upload("editor", at, "a.png", drawn(1200, 1200), "positions", "teacher", "positions", "head", "bands", "first", "rev", "1").is(http.StatusSeeOther)
	d := w.courseDraft()
	p := d.Course.Front.Picture
	if p == nil || p.Large.Width != 960 || p.Large.Height != 540 || p.Small.Width != 480 || p.Small.Height != 270 || len(d.Course.Front.Positions) != 2 {
		t.Fatalf("%+v", d.Course.Front)
	}
	if f := d.Course.Faults(); len(f) != 1 || f[0].Name != "alt.kk" {
		t.Errorf("a picture without words: %+v", f)
	}
	w.upload("editor", at, "", "", "rev", "1").is(http.StatusConflict) // another was faster
	w.upload("editor", at, "", "", "positions", "teacher", "alt.kk", "Сұр  тақта", "rev", "2").is(http.StatusSeeOther)
	if d = w.courseDraft(); d.Course.Front.Picture.Alt["kk"] != "Сұр тақта" || len(d.Course.Faults()) > 0 {
		t.Fatalf("%+v", d.Course.Front)
	}
	w.get("editor", at).is(http.StatusOK).has(p.Small.Name+" 480w", p.Large.Name+" 960w", `alt="Сұр тақта"`)
	w.get("editor", courseAt).has("Таңдалғандарға")
	w.post("editor", courseAt+"/files/remove", "name", p.Large.Name).is(http.StatusConflict).has("курс суреті")
	w.upload("editor", courseAt+"/files", p.Large.Name, drawn(480, 270)).is(http.StatusUnprocessableEntity)

	// Taken away, and back.
	w.upload("editor", at, "", "", "remove", "1", "rev", "3").is(http.StatusSeeOther)
	if w.courseDraft().Course.Front.Picture != nil {
		t.Error("it is still there")
	}
	w.post("editor", courseAt+"/step", "part", "front", "rev", "4", "way", "undo", "in", "kk").leads(at + "?done=part_undone")
	if d = w.courseDraft(); d.Course.Front.Picture == nil || d.Course.Front.Picture.Large != p.Large {
		t.Errorf("%+v", d.Course.Front)
	}

	// An archive has it, by the names of its files; elsewhere it gets addresses of its own.
	archive := w.get("editor", courseAt+"/archive").is(http.StatusOK).body
	if strings.Contains(archive, p.Large.Token) {
		t.Error("the archive holds an address of here")
	}
	found, err := cartridge.Read(strings.NewReader(archive), int64(len(archive)), "kk")
	w.must(err)
	by := w.viewers["editor"].Subject
	w.must(w.c.Courses.BeginWith(w.Context(), by, "elsewhere", found, w.c.Courses.Keep(w.Context(), by, "elsewhere")))
	copied, err := w.c.Courses.Draft(w.Context(), "elsewhere")
	w.must(err)
	if q := copied.Course.Front.Picture; q == nil || q.Large.Token == p.Large.Token || q.Large.Name != p.Large.Name || q.Alt["kk"] != "Сұр тақта" {
		t.Errorf("%+v", copied.Course.Front)
	}
	if err := w.c.Courses.RemoveFile(w.Context(), by, "elsewhere", copied.Course.Front.Picture.Small.Name); err == nil {
		t.Error("a picture was taken away under its course")
	}
	if _, err := w.c.Courses.PutCover(w.Context(), by, "nothing", "a.png", strings.NewReader(drawn(480, 270))); err == nil {
		t.Error("a course that is not there has a picture")
	}
}
