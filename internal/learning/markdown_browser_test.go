package learning

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ustaz/internal/testchrome"
)

func TestMain(m *testing.M) { testchrome.Main(m) }

// courseFile knows the files of the course of testdata/lesson.md.
func courseFile(name string) (File, bool) {
	f, ok := map[string]File{
		"фото.svg":           {Href: "/files/1", Type: "image/svg+xml", Size: 123_456, Width: 1200, Height: 700},
		"film.mp4":           {Href: "/files/2", Type: "video/mp4", Size: 45_000_000, Width: 640, Height: 360, Captions: []Track{{"kk", "/files/2.kk"}, {"ru", "/files/2.ru"}}},
		"дауыс.mp3":          {Href: "/files/3", Type: "audio/mpeg", Size: 5_000_000},
		"сабақ жоспары.docx": {Href: "/files/4", Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Size: 34_000},
	}[name]
	f.Name = name
	return f, ok
}

const photo = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="700"><rect width="1200" height="700" fill="#0b5a73"/><circle cx="600" cy="350" r="180" fill="#e9b000"/></svg>`

// TestALessonInABrowser shows a lesson with everything that a text may have, in the site's own style: no page is wider than a phone, axe finds
// nothing, and what is wider scrolls and can be reached by keys.
func TestALessonInABrowser(t *testing.T) {
	markdown, err := os.ReadFile("testdata/lesson.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := Render(string(markdown), "ru", courseFile)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; media-src 'self'")
			_, _ = io.WriteString(w, body) // the browser may have gone
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/{font}", http.FileServer(http.Dir("../web/assets/fonts")))
	for _, name := range []string{"/style.css", "/icon.svg", "/horns.svg"} {
		mux.Handle(name, http.FileServer(http.Dir("../web/assets")))
	}
	mux.Handle("/site.css", http.FileServer(http.Dir("../web/site/assets")))
	mux.Handle("/files/1", text("image/svg+xml", photo))
	mux.Handle("/files/", http.NotFoundHandler())
	mux.Handle("/{$}", text("text/html; charset=utf-8", `<!DOCTYPE html><html lang="ru"><head><meta name="viewport" content="width=device-width, initial-scale=1"><title>Урок</title><link rel="stylesheet" href="/style.css">`+
		`<link rel="stylesheet" href="/site.css"><link rel="icon" href="/icon.svg"></head><body><main class="page"><h1>Урок</h1><article class="course" lang="ru">`+string(page.HTML)+`</article></main><footer class="foot"></footer></body></html>`))
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, screen := range testchrome.Screens {
		t.Run(screen.Name, func(t *testing.T) {
			v := testchrome.NewViewer(t, server.URL, screen)
			v.Look("lesson", "/", nil)
			var astray []string
			if err := chromedp.Run(v.Ctx, chromedp.Evaluate(outside, &astray)); err != nil || len(astray) > 0 {
				t.Errorf("%d stand outside: %s (%v)", len(astray), strings.Join(astray, "\n"), err)
			}
			v.Quiet("/files/", "404")
		})
	}
}

// outside lists what reaches over its column without something around it that scrolls, and what scrolls but can't be reached by keys.
const outside = `[...document.querySelectorAll("article *")].filter(e => {
	const scrolls = e.closest(".scroll, .math");
	const column = document.querySelector("article").getBoundingClientRect();
	if (!scrolls && !e.closest(".unseen") && e.getBoundingClientRect().right > column.right + 1) return true;
	return e.scrollWidth > e.clientWidth + 1 && e.matches(".scroll, .math") && e.tabIndex < 0 && getComputedStyle(e).display !== "inline";
}).map(e => e.outerHTML.slice(0, 200))`
