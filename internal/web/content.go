package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"ustaz/internal/errs"
)

// Content is a file that is too large to be held in memory. What is at its address never changes.
type Content struct {
	Name  string // offered when it is saved
	Type  string
	Tag   string // names its bytes: the same tag, the same bytes
	At    time.Time
	Shown bool   // on a page; others are only saved
	Under string // content security policy, in place of one under which it can do nothing by itself
	Fresh bool   // it may change: browsers ask each time whether it did
	Body  io.ReadSeeker
}

const (
	forever       = "public, max-age=31536000, immutable"
	contentAlone  = "sandbox; default-src 'none'" // opened by itself it can do nothing in our name
	stallTime     = 2 * time.Minute
	floorOfABody  = 4 << 10 // bytes a second: the slowest village
	restAfterBody = 2 * time.Minute
)

// Content sends a file, or the part of it that was asked for (RFC 9110, 14). It may take as long as bytes flow, see pace. Several parts at once are
// answered with the whole: each would be a search of its own.
func (r *Request) Content(w http.ResponseWriter, c Content) error {
	how := "attachment"
	if c.Shown {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", c.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": c.Name}))
	h.Set("Content-Security-Policy", contentAlone)
	if c.Under != "" {
		h.Set("Content-Security-Policy", c.Under)
	}
	h.Set("Cache-Control", forever)
	if c.Fresh {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("ETag", `"`+c.Tag+`"`)
	h.Del("Vary")
	if strings.Contains(r.Header.Get("Range"), ",") {
		r.Header.Del("Range")
	}
	body := &watched{ReadSeeker: c.Body}
	to := &pacedWriter{ResponseWriter: w, pace: r.newPace()}
	http.ServeContent(to, r.Request, "", c.At, body)
	switch {
	case body.err != nil:
		return body.err // what was promised and did not come ends the connection
	case to.err != nil:
		return errs.Wrap(errs.Gone, "error.internal", to.err) // the reader left
	}
	return nil
}

// watched remembers why a body could not be read: http.ServeContent does not tell.
type watched struct {
	io.ReadSeeker
	err error
}

func (b *watched) Read(p []byte) (int, error) {
	n, err := b.ReadSeeker.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// pacedWriter moves the deadline of its connection with each write.
type pacedWriter struct {
	http.ResponseWriter
	pace *pace
	err  error
}

func (w *pacedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.pace.moved(n)
	if err != nil {
		w.err = err
	}
	return n, err
}

// pace lets a large body take longer than the server gives others: as long as something comes through every two minutes, and 4 KB a second on
// the whole. Who is slower holds a connection for nothing and is cut off.
type pace struct {
	now   func() time.Time
	set   func(until time.Time)
	start time.Time
	bytes int64
}

// newPace begins to count for the request's connection.
func (r *Request) newPace() *pace {
	p := &pace{now: time.Now, set: func(time.Time) {}}
	if r.frame != nil {
		p.now = r.frame.Now
	}
	if r.control != nil {
		p.set = func(until time.Time) {
			// Both ways: an answer follows a body, and a read that times out in the background ends the request's context. Where a connection has no
			// deadlines, none are moved.
			_ = r.control.SetReadDeadline(until)
			_ = r.control.SetWriteDeadline(until)
		}
	}
	p.start = p.now()
	p.moved(0)
	return p
}

func (p *pace) moved(n int) {
	p.bytes += int64(n)
	until := p.start.Add(stallTime + time.Duration(p.bytes/floorOfABody)*time.Second)
	if latest := p.now().Add(stallTime); latest.Before(until) {
		until = latest
	}
	p.set(until)
}

// over leaves time for what follows a body: work, and an answer.
func (p *pace) over() { p.set(p.now().Add(restAfterBody)) }
