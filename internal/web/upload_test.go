package web

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"ustaz/internal/errs"
)

// sentFile is the body of a form with parts "name=value", or "name@file=value" for a file.
func sentFile(t testing.TB, parts ...string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, p := range parts {
		name, value, _ := strings.Cut(p, "=")
		name, file, isFile := strings.Cut(name, "@")
		create := func() (io.Writer, error) { return m.CreateFormField(name) }
		if isFile {
			create = func() (io.Writer, error) { return m.CreateFormFile(name, file) }
		}
		w, err := create()
		if err == nil {
			_, err = io.WriteString(w, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), m.FormDataContentType()
}

func TestUpload(t *testing.T) {
	for name, tc := range map[string]struct {
		parts []string
		want  string
	}{
		"a file":                 {[]string{"file@policy.txt=1. A", "a=x"}, "policy.txt 4 x"},
		"no file":                {[]string{"a=x"}, " 0 x"},
		"an empty file":          {[]string{"file@=", "a=x"}, " 0 x"},
		"a path for a name":      {[]string{"file@../../etc/x.md=1", "a=x"}, "x.md 1 x"},
		"as large as may be":     {[]string{"file@p=" + strings.Repeat("x", 100)}, "p 100 "},
		"too large":              {[]string{"file@p=" + strings.Repeat("x", 101)}, "too_large error.toolarge"},
		"more than the route":    {[]string{"file@p=" + strings.Repeat("x", 100), "a=" + strings.Repeat("x", 2000)}, "too_large error.toolarge"},
		"two files":              {[]string{"file@p=1", "file@q=2"}, "invalid error.form"},
		"a file for a line":      {[]string{"a@p=1"}, "invalid error.form"},
		"a name that is unknown": {[]string{"b=1"}, "invalid error.form"},
		"twice":                  {[]string{"a=1", "a=2"}, "invalid error.form"},
		"a control character":    {[]string{"a=\x00"}, "invalid error.fields"},
		"no letters":             {[]string{"a=\xff"}, "invalid error.form"},
		"a long name of a file":  {[]string{"file@" + strings.Repeat("p", 600) + "=1"}, "invalid error.form"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), MaxBody: 1800, Handle: func(w http.ResponseWriter, r *Request) error {
				up, form, err := r.Upload("file", 100, Line("a"))
				if err != nil {
					got = errs.KindOf(err).String() + " " + errs.As(err).Key
					return err
				}
				body, err := io.ReadAll(up)
				got = fmt.Sprintf("%s %d %s", strings.TrimSuffix(up.Name, "."), len(body), form.Get("a"))
				return err
			}})
			body, kind := sentFile(t, tc.parts...)
			ask(f, "POST /kk/x", body, "Content-Type", kind)
			if got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestUploads(t *testing.T) {
	for name, tc := range map[string]struct {
		parts []string
		want  string
	}{
		"two files":           {[]string{"a=x", "file@p=1", "file@q=22"}, "p:1 q:2 x <nil>"},
		"no file":             {[]string{"a=x"}, " x <nil>"},
		"a field left empty":  {[]string{"a=x", "file@="}, " x <nil>"},
		"a file without end":  {[]string{"file@p=" + strings.Repeat("x", 300)}, "p:101  <nil>"},
		"an empty file":       {[]string{"file@p="}, "p:0  <nil>"},
		"one too many":        {[]string{"file@p=1", "file@q=1", "file@r=1", "file@s=1"}, "  invalid"},
		"more than the route": {[]string{"a=x", "file@p=" + strings.Repeat("x", 2000)}, " x too_large"},
		"a long line":         {[]string{"a=" + strings.Repeat("x", 300), "file@p=1"}, "p:1 " + strings.Repeat("x", 300) + " invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), MaxBody: 1800, Handle: func(w http.ResponseWriter, r *Request) error {
				files, form, err := r.Uploads("file", 3, 100, Line("a"))
				var said []string
				for _, f := range files {
					said = append(said, fmt.Sprintf("%s:%d", f.Name, f.Len()))
				}
				kind := "<nil>"
				if err != nil {
					kind = errs.KindOf(err).String()
				}
				got = strings.Join(said, " ") + " " + form.Get("a") + " " + kind
				return nil
			}})
			body, kind := sentFile(t, tc.parts...)
			ask(f, "POST /kk/x", body, "Content-Type", kind)
			if got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestUploadWantsAWholeForm(t *testing.T) {
	f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		_, _, err := r.Upload("file", 100, Line("a"))
		return err
	}})
	body, kind := sentFile(t, "file@p=1")
	for _, try := range [][2]string{{body, "application/x-www-form-urlencoded"}, {body, "multipart/form-data"}, {body, ""}, {body[:len(body)/2], kind}, {"", kind},
		{strings.Repeat("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n", 100), "multipart/form-data; boundary=x"}} {
		if w := ask(f, "POST /kk/x", try[0], "Content-Type", try[1]); w.Code != 422 {
			t.Errorf("%.60q: %d", try, w.Code)
		}
	}
}

func FuzzUpload(f *testing.F) {
	body, _ := sentFile(f, "file@policy.txt=1. A", "a=x")
	f.Add(strings.ReplaceAll(body, body[2:62], "x"))
	f.Add("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"..\\..\\x\"\r\n\r\n1\r\n--x--")
	f.Fuzz(func(t *testing.T, body string) {
		req, err := http.NewRequest("POST", "/kk/x", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		up, form, err := (&Request{Request: req}).Upload("file", 100, Line("a"))
		if err != nil {
			if k := errs.KindOf(err); k != errs.Invalid && k != errs.TooLarge {
				t.Errorf("%v", err)
			}
			return
		}
		if up.Len() > 100 || strings.Contains(up.Name, "/") || len(form.All("a")) > 1 {
			t.Errorf("%d bytes of %q", up.Len(), up.Name)
		}
	})
}

// A file goes out to be saved: nothing that somebody sent is ever shown as a page of ours.
func TestFile(t *testing.T) {
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		return r.File(w, "талап \"1\".pdf", "application/pdf", []byte("%PDF"))
	}})
	w := ask(f, "GET /kk/x", "")
	h := w.Header()
	if w.Body.String() != "%PDF" || h.Get("Content-Type") != "application/pdf" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%v %q", h, w.Body)
	}
	if _, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err != nil || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || params["filename"] != "талап \"1\".pdf" {
		t.Errorf("%q: %v", h.Get("Content-Disposition"), err)
	}
	if csp := h.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "; sandbox") || !strings.HasPrefix(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
	if w := ask(f, "HEAD /kk/x", ""); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %q", w.Code, w.Body)
	}
}

func TestNewsStandAboveThePage(t *testing.T) {
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/x", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		n := NewNotice(r.Lang, Warn, "", Plain("Blocked & checked"))
		r.Above = &n
		return errs.New(errs.NotFound, "error.notfound")
	}})
	if w := ask(f, "GET /kk/x", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "Blocked &amp; checked") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
