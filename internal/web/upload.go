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
	files, form, err := r.Uploads(file, 1, max, allowed...)
	switch {
	case fatalUpload(err):
		return nil, Form{}, err
	case len(files) == 0:
		return &Upload{Reader: bytes.NewReader(nil)}, form, err
	case files[0].Size() > max:
		return nil, Form{}, errs.New(errs.TooLarge, "error.toolarge")
	}
	return files[0], form, err
}

// fatalUpload tells of an error of the form as a whole.
func fatalUpload(err error) bool { return err != nil && len(errs.As(err).Fields) == 0 }

// Uploads is Upload for a name that may come with up to most files. Of a file that is larger than max one byte more than max is given, so
// that who judges the files can say which is too large. With an error TooLarge, where the body is larger than the route takes, the Form holds
// what came before, so that nobody has to type it again.
func (r *Request) Uploads(file string, most int, max int64, allowed ...Input) ([]*Upload, Form, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, Form{}, errs.New(errs.Invalid, "error.form")
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, Form{}, errs.New(errs.Invalid, "error.form")
	}
	var files []*Upload
	values := url.Values{}
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && n > 0 {
			break
		}
		if err != nil || n == maxUploadNames {
			return unreadable(err, values, allowed)
		}
		isFile := part.FormName() == file
		limit := int64(DefaultBody)
		if isFile {
			limit = max
		}
		body, err := io.ReadAll(io.LimitReader(part, limit+1))
		switch {
		case err != nil:
			return unreadable(err, values, allowed)
		case isFile && (len(files) == most || len(part.FileName()) > maxUploadName), !isFile && part.FileName() != "":
			return nil, Form{}, errs.New(errs.Invalid, "error.form")
		case isFile && part.FileName() == "" && len(body) == 0: // so browsers send a field in which no file was chosen
		case isFile:
			files = append(files, &Upload{Name: fileName(part), Reader: bytes.NewReader(body)})
		case int64(len(body)) > limit:
			return nil, Form{}, errs.New(errs.TooLarge, "error.toolarge")
		default:
			values.Add(part.FormName(), string(body))
		}
	}
	form, err := strict(values, allowed)
	return files, form, err
}

func fileName(part *multipart.Part) string { return path.Base(part.FileName()) }

// unreadable is a body that ended in the middle, is no form, or is larger than the route takes; of the last the inputs that came are given.
func unreadable(err error, values url.Values, allowed []Input) ([]*Upload, Form, error) {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		form, broken := strict(values, allowed)
		if broken != nil {
			form = Form{}
		}
		return nil, form, errs.New(errs.TooLarge, "error.toolarge")
	}
	return nil, Form{}, errs.New(errs.Invalid, "error.form")
}
