package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"ustaz/internal/errs"
)

// Part is a file that is read while it arrives. Its end is only told once the whole form has come and was in order: what broke off has none.
type Part struct {
	Name string // only its last part, and only a hint: clients send any; empty where no file was chosen

	parts *multipart.Reader
	file  *multipart.Part
	left  int64 // that are given yet
	pace  *pace
	err   error // what the next Read says
}

// Stream reads the body of a POST up to the one file that comes in it under the name file, and leaves that to be read, however large: Form holds
// what stands before it, under the rules of Form, and nothing may stand behind it, so the file is the last input of its page. Of a file
// larger than max one byte more is given, so that who reads it says by how much; then Read fails with TooLarge. Read fails with Invalid where the
// form ends in the middle. A form without a file gives an empty Part. A body that says beforehand that it is larger than the route takes is a
// TooLarge error before any of it is read. Nothing is held in memory or on disk. A slow line has the time it needs, see pace.
func (r *Request) Stream(file string, max int64, allowed ...Input) (*Part, Form, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, Form{}, errs.New(errs.Invalid, "error.form")
	}
	if r.route != nil && r.ContentLength > r.route.MaxBody {
		return nil, Form{}, errs.New(errs.TooLarge, "error.toolarge")
	}
	p := &Part{left: max + 1, pace: r.newPace()}
	r.Body = &pacedBody{ReadCloser: r.Body, pace: p.pace}
	var err error
	if p.parts, err = r.MultipartReader(); err != nil {
		return nil, Form{}, errs.New(errs.Invalid, "error.form")
	}
	values := url.Values{}
	for n := 0; p.file == nil; n++ {
		part, err := p.parts.NextRawPart()
		switch {
		case whole(err) && n > 0:
			p.end(io.EOF)
			form, err := strict(values, allowed)
			return p, form, err
		case err != nil:
			return nil, Form{}, streamed(err)
		case n == maxUploadNames:
			return nil, Form{}, errs.New(errs.Invalid, "error.form")
		case part.FormName() == file:
			p.file = part
		default:
			if err := line(part, values); err != nil {
				return nil, Form{}, err
			}
		}
	}
	if len(p.file.FileName()) > maxUploadName {
		return nil, Form{}, errs.New(errs.Invalid, "error.form")
	}
	if p.file.FileName() != "" {
		p.Name = fileName(p.file)
	} else {
		p.left = 0 // so browsers send a field in which no file was chosen: empty
	}
	form, err := strict(values, allowed)
	return p, form, err
}

// line adds what is no file to the values.
func line(part *multipart.Part, values url.Values) error {
	body, err := io.ReadAll(io.LimitReader(part, DefaultBody+1))
	switch {
	case err != nil:
		return streamed(err)
	case part.FileName() != "":
		return errs.New(errs.Invalid, "error.form")
	case len(body) > DefaultBody:
		return errs.New(errs.TooLarge, "error.toolarge")
	}
	values.Add(part.FormName(), string(body))
	return nil
}

// Read gives the next bytes of the file.
func (p *Part) Read(b []byte) (int, error) {
	if p.err != nil || len(b) == 0 {
		return 0, p.err
	}
	if p.left == 0 {
		b = b[:1] // is there more than may be?
	} else if int64(len(b)) > p.left {
		b = b[:p.left]
	}
	n, err := p.file.Read(b)
	switch {
	case p.left == 0 && n > 0 && p.Name == "":
		n = 0
		p.end(errs.New(errs.Invalid, "error.form"))
	case p.left == 0 && n > 0:
		n = 0
		p.end(errs.New(errs.TooLarge, "error.toolarge"))
	case errors.Is(err, io.EOF):
		p.end(p.tail())
	case err != nil:
		p.end(streamed(err))
	}
	p.left -= int64(n)
	return n, p.err
}

// tail is how the form ends behind the file: io.EOF where it does at once.
func (p *Part) tail() error {
	switch _, err := p.parts.NextRawPart(); {
	case whole(err):
		return io.EOF
	case err != nil:
		return streamed(err)
	}
	return errs.New(errs.Invalid, "error.form")
}

func (p *Part) end(err error) {
	p.err = err
	p.pace.over()
}

// whole tells whether a form came to its last boundary. Package multipart says io.EOF then; wrapped, it is a body that ended in the middle.
func whole(err error) bool { return err == io.EOF }

// streamed is the error of a body that ended in the middle, is no form, or is larger than the route takes.
func streamed(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errs.New(errs.TooLarge, "error.toolarge")
	}
	return errs.New(errs.Invalid, "error.form")
}

// pacedBody moves the deadline of its connection with each read.
type pacedBody struct {
	io.ReadCloser
	pace *pace
}

func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.pace.moved(n)
	return n, err
}
