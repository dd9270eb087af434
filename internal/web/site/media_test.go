package site

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/media"
	"ustaz/internal/web"
	"ustaz/internal/web/webtest"
)

// putFile puts a file for the sample course.
func (e *publicEnv) putFile(name, body string) media.File {
	e.t.Helper()
	f, _, err := e.deps.Media.Put(e.t.Context(), "personal-data-in-class", 7, name, strings.NewReader(body))
	e.must(err)
	return f
}

func pixels(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// film is longer than a piece.
func film() string {
	return "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + strings.Repeat("0123456789", 40_000)
}

func TestMediaIsShownOrSaved(t *testing.T) {
	e := openPublic(t)
	for _, tc := range []struct{ name, body, kind, how string }{
		{"Сурет 1.png", pixels(t), "image/png", "inline"},
		{"film.mp4", film(), "video/mp4", "inline"},
		{"film.kk.vtt", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nСәлем\n", "text/vtt; charset=utf-8", "inline"},
		{"Сабақ.pdf", "%PDF-1.7", "application/pdf", "attachment"},
		{"тізім.csv", "a,b\n1,2\n", "text/csv", "attachment"},
	} {
		f := e.putFile(tc.name, tc.body)
		at := web.MediaPath(f)
		w := e.get(at)
		h := w.Header()
		if w.Code != http.StatusOK || int64(w.Body.Len()) != f.Size || h.Get("Content-Type") != tc.kind || !strings.HasPrefix(h.Get("Content-Disposition"), tc.how+"; filename") {
			t.Errorf("%s: %d, %d bytes, %v", tc.name, w.Code, w.Body.Len(), h)
		}
		if h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("ETag") != `"`+f.SHA256+`"` || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
			t.Errorf("%s: %v", tc.name, h)
		}
		for _, fault := range webtest.Headers(h) {
			t.Errorf("%s: %s", tc.name, fault)
		}
		if w := e.get(at, "If-None-Match", `"`+f.SHA256+`"`); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s again: %d", tc.name, w.Code)
		}
		r := httptest.NewRequest(http.MethodHead, at, nil)
		head := httptest.NewRecorder()
		e.frame.ServeHTTP(head, r)
		if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") != h.Get("Content-Length") {
			t.Errorf("HEAD %s: %d, %v", tc.name, head.Code, head.Header())
		}
	}
}

func TestMediaInParts(t *testing.T) {
	e := openPublic(t)
	f, body := e.putFile("film.mp4", film()), film()
	for ask, want := range map[string]string{"bytes=0-9": body[:10], "bytes=262140-262149": body[262140:262150], "bytes=-4": body[len(body)-4:], "bytes=399990-": body[399990:]} {
		if w := e.get(web.MediaPath(f), "Range", ask); w.Code != http.StatusPartialContent || w.Body.String() != want {
			t.Errorf("%s: %d, %d bytes", ask, w.Code, w.Body.Len())
		}
	}
	if w := e.get(web.MediaPath(f), "Range", "bytes=999999-"); w.Code != http.StatusRequestedRangeNotSatisfiable || w.Header().Get("Content-Range") != "bytes */400024" {
		t.Errorf("behind the end: %d, %v", w.Code, w.Header())
	}
}

// An address that was never given out, is another file's or no more, is like any address that is not there.
func TestMediaThatIsNotThere(t *testing.T) {
	e := openPublic(t)
	f := e.putFile("a.pdf", "%PDF-1.7")
	gone := e.putFile("b.pdf", "%PDF-1.7")
	e.must(e.db.Write(t.Context(), func(tx *db.Tx) error { return media.Remove(tx, gone.Course, gone.Name) }))
	for _, at := range []string{"/media/" + strings.Repeat("a", 26) + "/a.pdf", "/media/x/a.pdf", "/media/%00/a.pdf", "/media/" + f.Token + "/b.pdf", "/media/" + strings.ToUpper(f.Token) + "/a.pdf",
		"/media/" + f.Token + "/", "/media/" + f.Token, "/media/" + f.Token + "/a.pdf/x", web.MediaPath(gone)} {
		w := e.get(at)
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "</html>") || strings.Contains(w.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: %d, %v", at, w.Code, w.Header())
		}
	}
}

// Pages may show our own pictures, video and sound, and nothing from elsewhere.
func TestPagesMayShowMedia(t *testing.T) {
	e := openPublic(t)
	policy := e.get(web.Path("kk", PathCourses)).Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "img-src 'self'", "media-src 'self'"} {
		if !strings.Contains(policy+";", part+";") {
			t.Errorf("%s is not in %q", part, policy)
		}
	}
}

func TestMediaPath(t *testing.T) {
	at, err := url.Parse(web.MediaPath(media.File{Token: "abc", Name: "Қазақ тілі #1 100%.pdf"}))
	if err != nil || at.Path != "/media/abc/Қазақ тілі #1 100%.pdf" || at.RawQuery != "" || at.Fragment != "" {
		t.Errorf("%v, %v", at, err)
	}
}
