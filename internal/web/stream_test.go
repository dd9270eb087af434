package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"ustaz/internal/errs"
)

// outcome reads a stream and tells what came: the file's name and length, the value of a, and how it ended.
func outcome(r *Request, max int64) string {
	part, form, err := r.Stream("file", max, Line("a"), Many("m"))
	if err != nil {
		return errs.KindOf(err).String() + " " + errs.As(err).Key
	}
	n, err := io.Copy(io.Discard, part)
	said := fmt.Sprintf("%s %d %s", part.Name, n, form.Get("a"))
	if err != nil {
		said += " " + errs.KindOf(err).String() + " " + errs.As(err).Key
	}
	if _, again := part.Read(make([]byte, 1)); err == nil && !errors.Is(again, io.EOF) || err != nil && !errors.Is(again, err) {
		said += fmt.Sprint(" and then ", again)
	}
	return said
}

func TestStream(t *testing.T) {
	for name, tc := range map[string]struct {
		parts []string
		want  string
	}{
		"a file":                     {[]string{"a=x", "file@film.mp4=1234"}, "film.mp4 4 x"},
		"a path for a name":          {[]string{"file@../../etc/x.md=1"}, "x.md 1 "},
		"no file":                    {[]string{"a=x"}, " 0 x"},
		"a field left empty":         {[]string{"a=x", "file@="}, " 0 x"},
		"an empty file":              {[]string{"a=x", "file@p="}, "p 0 x"},
		"as large as may be":         {[]string{"file@p=" + strings.Repeat("x", 100)}, "p 100 "},
		"one byte more":              {[]string{"file@p=" + strings.Repeat("x", 101)}, "p 101 "},
		"two bytes more":             {[]string{"file@p=" + strings.Repeat("x", 102)}, "p 101  too_large error.toolarge"},
		"larger than the route":      {[]string{"file@p=" + strings.Repeat("x", 100_000)}, "too_large error.toolarge"},
		"a file of no name":          {[]string{"a=x", "file@=1"}, " 0 x invalid error.form"},
		"an input behind the file":   {[]string{"file@p=1234", "a=x"}, "p 4  invalid error.form"},
		"two files":                  {[]string{"file@p=1234", "file@q=1"}, "p 4  invalid error.form"},
		"a file for a line":          {[]string{"a@p=1", "file@p=1"}, "invalid error.form"},
		"a name that is unknown":     {[]string{"b=1", "file@p=1"}, "invalid error.form"},
		"twice":                      {[]string{"a=1", "a=2", "file@p=1"}, "invalid error.form"},
		"a control character":        {[]string{"a=\x00", "file@p=1"}, "invalid error.fields"},
		"no letters":                 {[]string{"a=\xff", "file@p=1"}, "invalid error.form"},
		"a long name of a file":      {[]string{"file@" + strings.Repeat("p", 600) + "=1"}, "invalid error.form"},
		"very many inputs":           {strings.Fields(strings.Repeat("m=1 ", maxUploadNames) + "file@p=1"), "invalid error.form"},
		"many inputs":                {strings.Fields(strings.Repeat("m=1 ", maxMany) + " "), " 0 "},
		"an input of a form's size":  {[]string{"a=" + strings.Repeat("x", 257), "file@p=1"}, "invalid error.fields"},
		"an input as large as files": {[]string{"a=" + strings.Repeat("x", DefaultBody+1), "file@p=1"}, "too_large error.toolarge"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), MaxBody: 80 << 10, Handle: func(_ http.ResponseWriter, r *Request) error {
				got = outcome(r, 100)
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

// A body whose length is told is refused before a byte of it is read; of one that tells none no more is read than the route takes.
func TestStreamOfAGiant(t *testing.T) {
	head := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"film.mp4\"\r\n\r\n"
	for length, want := range map[int64]string{4 << 30: "too_large error.toolarge", -1: "film.mp4 65436  too_large error.toolarge"} {
		var got string
		read := 0
		f := frame(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), MaxBody: 64<<10 + int64(len(head)) - 100, Handle: func(_ http.ResponseWriter, r *Request) error {
			got = outcome(r, 1<<30)
			return nil
		}})
		first := strings.NewReader(head)
		r := httptest.NewRequest(http.MethodPost, "/kk/x", readerFunc(func(p []byte) (int, error) {
			n, err := first.Read(p)
			if errors.Is(err, io.EOF) {
				n = copy(p, strings.Repeat("x", len(p)))
			}
			read += n
			return n, nil
		}))
		r.ContentLength = length
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		f.ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("%d: %q, want %q", length, got, want)
		}
		if length > 0 && read > 0 || read > 70<<10 {
			t.Errorf("%d: %d bytes were read", length, read)
		}
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A connection that breaks off anywhere, and a body that is shorter than a form, never give a file an end.
func TestStreamBrokenOff(t *testing.T) {
	body, kind := sentFile(t, "a=x", "file@p="+strings.Repeat("1234567890", 10))
	whole := outcome(streamed1(body, kind, nil), 100)
	if whole != "p 100 x" {
		t.Fatal(whole)
	}
	for at := range len(body) - 4 { // what is behind the last boundary's two dashes does not count
		for _, cause := range []error{io.ErrUnexpectedEOF, nil} {
			got := outcome(streamed1(body[:at], kind, cause), 100)
			if cause == nil && !strings.HasPrefix(got, "p") {
				continue // nothing tells it from a form in which no file was chosen
			}
			if !strings.Contains(got, "invalid error.form") {
				t.Errorf("cut at %d of %d (%v): %q", at, len(body), cause, got)
			}
		}
	}
}

// streamed1 is a request whose body ends with an error, byte by byte.
func streamed1(body, kind string, end error) *Request {
	content := io.Reader(strings.NewReader(body))
	if end != nil {
		content = io.MultiReader(content, iotest.ErrReader(end))
	}
	r := httptest.NewRequest(http.MethodPost, "/kk/x", iotest.OneByteReader(content))
	r.Header.Set("Content-Type", kind)
	return &Request{Request: r}
}

func FuzzStream(f *testing.F) {
	body, _ := sentFile(f, "a=x", "file@policy.txt=1. A")
	f.Add(strings.ReplaceAll(body, body[2:62], "x"))
	f.Add("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"..\\..\\x\"\r\n\r\n1\r\n--x--")
	f.Fuzz(func(t *testing.T, body string) {
		part, form, err := streamed1(body, "multipart/form-data; boundary=x", nil).Stream("file", 100, Line("a"))
		if err == nil {
			var n int64
			if n, err = io.Copy(io.Discard, part); n > 101 || strings.Contains(part.Name, "/") || len(form.All("a")) > 1 {
				t.Errorf("%d bytes of %q", n, part.Name)
			}
		}
		if k := errs.KindOf(err); err != nil && k != errs.Invalid && k != errs.TooLarge {
			t.Errorf("%v", err)
		}
	})
}

// deadlines is a connection that remembers until when it may be read and written.
type deadlines struct {
	http.ResponseWriter
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = t; return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

// A body may take as long as bytes flow: two minutes without any, or less than 4 KB a second on the whole, are the end.
func TestPace(t *testing.T) {
	start := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		after time.Duration
		bytes int
		want  time.Duration // from the start
	}{
		"at once":                     {0, 0, 2 * time.Minute},
		"fast":                        {time.Second, 100 << 20, time.Second + 2*time.Minute},
		"a village, 8 KB a second":    {time.Hour, 3600 * 8 << 10, time.Hour + 2*time.Minute},
		"just as slow as may be":      {time.Hour, 3600 * 4 << 10, time.Hour + 2*time.Minute},
		"a byte a second, on purpose": {100 * time.Second, 100, 2 * time.Minute},
		"a little too slow":           {time.Hour, 3500 * 4 << 10, 3500*time.Second + 2*time.Minute},
	} {
		now := start
		var until time.Time
		p := &pace{now: func() time.Time { return now }, set: func(at time.Time) { until = at }, start: start}
		now = start.Add(tc.after)
		p.moved(tc.bytes)
		if got := until.Sub(start); got != tc.want {
			t.Errorf("%s: cut off after %v, want %v", name, got, tc.want)
		}
		if p.over(); until.Sub(now) != restAfterBody {
			t.Errorf("%s: %v remain for the answer", name, until.Sub(now))
		}
	}
}

func TestBodiesMoveTheDeadlines(t *testing.T) {
	now := noon
	c := SampleConfig(t, Route{Method: "POST", Pattern: "/{lang}/x", Access: Public(), MaxBody: 1 << 20, Handle: func(w http.ResponseWriter, r *Request) error {
		part, _, err := r.Stream("file", 1<<20)
		if err != nil {
			return err
		}
		now = now.Add(time.Minute)
		_, err = io.Copy(io.Discard, part)
		return errors.Join(err, r.Text(w, "ok"))
	}}, Route{Method: "GET", Pattern: "/{lang}/y", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		now = now.Add(time.Hour)
		return r.Content(w, Content{Name: "a.mp4", Type: "video/mp4", Tag: "1", Body: strings.NewReader("abc")})
	}})
	c.Now = func() time.Time { return now }
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	body, kind := sentFile(t, "file@p="+strings.Repeat("x", 1000))
	for line, headers := range map[string][]string{"POST /kk/x": {"Content-Type", kind}, "GET /kk/y": nil} {
		method, target, _ := strings.Cut(line, " ")
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := &deadlines{ResponseWriter: httptest.NewRecorder()}
		f.ServeHTTP(w, r)
		if want := now.Add(2 * time.Minute); !w.read.Equal(want) || !w.write.Equal(want) {
			t.Errorf("%s at %v: read until %v, write until %v", line, now, w.read, w.write)
		}
	}
}

// content is a file of 26 letters; broken says what its body says instead, from the tenth on.
func content(broken error) Handler {
	return func(w http.ResponseWriter, r *Request) error {
		letters := "abcdefghijklmnopqrstuvwxyz"
		var body io.ReadSeeker = strings.NewReader(letters)
		if broken != nil {
			body = &breaking{ReadSeeker: body, err: broken}
		}
		return r.Content(w, Content{Name: "Бейне \"1\".mp4", Type: "video/mp4", Tag: "t1", At: noon, Shown: r.URL.Path == "/kk/shown", Body: body})
	}
}

type breaking struct {
	io.ReadSeeker
	err error
}

func (b *breaking) Read(p []byte) (int, error) {
	if at, _ := b.Seek(0, io.SeekCurrent); at >= 10 {
		return 0, b.err
	}
	return b.ReadSeeker.Read(p[:1])
}

func TestContent(t *testing.T) {
	f := frame(t, Route{Method: "GET", Pattern: "/{lang}/shown", Access: Public(), Handle: content(nil)}, Route{Method: "GET", Pattern: "/{lang}/saved", Access: Public(), Handle: content(nil)},
		Route{Method: "GET", Pattern: "/{lang}/broken", Access: Public(), Handle: content(errs.New(errs.Unavailable, "error.unavailable"))})
	for _, tc := range []struct {
		line    string
		headers []string
		code    int
		body    string
		ranged  string
	}{
		{"GET /kk/shown", nil, 200, "abcdefghijklmnopqrstuvwxyz", ""},
		{"HEAD /kk/shown", nil, 200, "", ""},
		{"GET /kk/shown", []string{"Range", "bytes=0-2"}, 206, "abc", "bytes 0-2/26"},
		{"GET /kk/shown", []string{"Range", "bytes=5-7"}, 206, "fgh", "bytes 5-7/26"},
		{"GET /kk/shown", []string{"Range", "bytes=24-"}, 206, "yz", "bytes 24-25/26"},
		{"GET /kk/shown", []string{"Range", "bytes=-1"}, 206, "z", "bytes 25-25/26"},
		{"HEAD /kk/shown", []string{"Range", "bytes=5-7"}, 206, "", "bytes 5-7/26"},
		{"GET /kk/shown", []string{"Range", "bytes=26-"}, 416, "*", "bytes */26"},
		{"GET /kk/shown", []string{"Range", "bytes=x"}, 416, "*", ""},
		{"GET /kk/shown", []string{"Range", "bytes=0-0,5-7"}, 200, "abcdefghijklmnopqrstuvwxyz", ""},
		{"GET /kk/shown", []string{"Range", "bytes=0-2", "If-Range", `"t1"`}, 206, "abc", "bytes 0-2/26"},
		{"GET /kk/shown", []string{"Range", "bytes=0-2", "If-Range", `"t0"`}, 200, "abcdefghijklmnopqrstuvwxyz", ""},
		{"GET /kk/shown", []string{"If-None-Match", `"t1"`}, 304, "", ""},
		{"GET /kk/saved", nil, 200, "abcdefghijklmnopqrstuvwxyz", ""},
		{"GET /kk/broken", nil, 200, "abcdefghij", ""},
	} {
		w := ask(f, tc.line, "", tc.headers...)
		h := w.Header()
		if w.Code != tc.code || tc.body != "*" && w.Body.String() != tc.body || h.Get("Content-Range") != tc.ranged {
			t.Errorf("%s %q: %d %q %q", tc.line, tc.headers, w.Code, w.Body, h.Get("Content-Range"))
		}
		if h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %q: %v", tc.line, tc.headers, h)
		}
		if w.Code == 416 || w.Code == 304 {
			continue
		}
		how := "attachment"
		if strings.HasSuffix(tc.line, "/shown") {
			how = "inline"
		}
		if h.Get("Content-Disposition") != how+"; filename*=utf-8''%D0%91%D0%B5%D0%B9%D0%BD%D0%B5%20%221%22.mp4" || h.Get("Content-Type") != "video/mp4" ||
			h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("ETag") != `"t1"` || h.Get("Accept-Ranges") != "bytes" || h.Get("Vary") != "" {
			t.Errorf("%s %q: %v", tc.line, tc.headers, h)
		}
	}
}
