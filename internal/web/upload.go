package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"

	"ustaz/internal/errs"
)

// Upload is a file that a form sent. It was held in memory and is gone with the request.
type Upload struct {
	Name string // only its last part, and only a hint: clients send any
	*bytes.Reader
}

// maxUploadNames bounds the parts of a form with a file; maxUploadName the bytes of a file's name.
const (
	maxUploadNames = 64
	maxUploadName  = 512
)

// Upload reads the body of a POST that holds one file under the name file, up to max bytes of it, and other inputs under the rules of Form.
// A larger file is a TooLarge error, so that what reads the file says by how much; a form without a file gives an empty one. The route's
// MaxBody must leave room for the file: what is beyond it is not read. Nothing is written to disk.
func (r *Request) Upload(file string, max int64, allowed ...Input) (*Upload, Form, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, Form{}, errs.New(errs.Invalid, "error.form")
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, Form{}, errs.New(errs.Invalid, "error.form")
	}
	up := &Upload{Reader: bytes.NewReader(nil)}
	values, found := url.Values{}, false
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && n > 0 {
			break
		}
		if err != nil || n == maxUploadNames {
			return nil, Form{}, unreadable(err)
		}
		isFile := part.FormName() == file
		limit := int64(DefaultBody)
		if isFile {
			limit = max
		}
		body, err := io.ReadAll(io.LimitReader(part, limit+1))
		switch {
		case err != nil:
			return nil, Form{}, unreadable(err)
		case int64(len(body)) > limit:
			return nil, Form{}, errs.New(errs.TooLarge, "error.toolarge")
		case isFile && (found || len(part.FileName()) > maxUploadName), !isFile && part.FileName() != "":
			return nil, Form{}, errs.New(errs.Invalid, "error.form")
		case isFile:
			found, up = true, &Upload{Name: fileName(part), Reader: bytes.NewReader(body)}
		default:
			values.Add(part.FormName(), string(body))
		}
	}
	form, err := strict(values, allowed)
	return up, form, err
}

func fileName(part *multipart.Part) string { return path.Base(part.FileName()) }

// unreadable is a body that ended in the middle, is no form, or is larger than the route takes.
func unreadable(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return errs.New(errs.TooLarge, "error.toolarge")
	}
	return errs.New(errs.Invalid, "error.form")
}
