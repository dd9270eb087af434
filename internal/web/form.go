package web

import (
	"errors"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/errs"
)

// Input is one name that a form or a query may send.
type Input struct {
	name  string
	max   int // code points of one value
	lines bool
	many  bool
}

// maxLine is enough for any single line that people type; the packages that know the value have their own limits.
const maxLine = 256

// maxMany bounds how often a name that may repeat does.
const maxMany = 64

// Line is one line of text.
func Line(name string) Input { return Input{name: name, max: maxLine} }

// Lines is text of several lines, up to max code points; lines end with \n.
func Lines(name string, max int) Input { return Input{name: name, max: max, lines: true} }

// Many is a name that may come several times, as checkboxes do.
func Many(name string) Input { return Input{name: name, max: maxLine, many: true} }

// Form is what was sent, checked: only the names allowed, each once, in UTF-8 without control characters.
type Form struct{ values map[string][]string }

// Get is the value of name; "" if it was not sent.
func (f Form) Get(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Has tells whether name was sent, also empty.
func (f Form) Has(name string) bool { return len(f.values[name]) > 0 }

// Values are all that was sent, by name.
func (f Form) Values() map[string][]string { return f.values }

// All lists the values of a name that may repeat.
func (f Form) All(name string) []string { return f.values[name] }

// Form reads the body of a POST, and nothing from the address. A name that is not allowed or comes twice, bytes that
// are no UTF-8, control characters and values too long are Invalid errors: a browser showing our page sends none.
func (r *Request) Form(allowed ...Input) (Form, error) {
	if err := r.readBody(); err != nil {
		return Form{}, err
	}
	return strict(r.PostForm, allowed)
}

// Sent reads the body of a POST, whatever names it holds and however often, for a page that carries it on whole: as strictly as Form, but
// that values may have several lines and be as long as the body. Form judges it again when it comes back.
func (r *Request) Sent() ([]Hidden, error) {
	if err := r.readBody(); err != nil {
		return nil, err
	}
	var out []Hidden
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		for _, value := range r.PostForm[name] {
			one, err := strict(url.Values{name: {value}}, []Input{Lines(name, DefaultBody)})
			if err != nil || !utf8.ValidString(name) {
				return nil, errs.New(errs.Invalid, "error.form")
			}
			out = append(out, Hidden{name, one.Get(name)})
		}
	}
	return out, nil
}

// Take takes a name out of the body of a POST, so that who reads the form next does not meet it.
func (r *Request) Take(name string) (value string, sent bool, err error) {
	if err := r.readBody(); err != nil {
		return "", false, err
	}
	value, sent = r.PostForm.Get(name), r.PostForm.Has(name)
	r.PostForm.Del(name)
	return value, sent, nil
}

func (r *Request) readBody() error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return errs.New(errs.Invalid, "error.form")
	}
	if r.bodyErr == nil {
		r.bodyErr = r.ParseForm() // it fails only once
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(r.bodyErr, &tooLarge) {
		return errs.New(errs.TooLarge, "error.toolarge")
	}
	if r.bodyErr != nil {
		return errs.New(errs.Invalid, "error.form")
	}
	return nil
}

// Query reads the address's query under the same rules as Form. The frame's own name "done" is left out.
func (r *Request) Query(allowed ...Input) (Form, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Form{}, errs.New(errs.Invalid, "error.form")
	}
	values.Del(doneName)
	return strict(values, allowed)
}

func strict(values url.Values, allowed []Input) (Form, error) {
	f := Form{values: make(map[string][]string, len(allowed))}
	var faults []errs.Field
	known := 0
	for _, in := range allowed {
		sent, there := values[in.name]
		if !there {
			continue
		}
		known++
		if len(sent) > 1 && !in.many || len(sent) > maxMany {
			return Form{}, errs.New(errs.Invalid, "error.form")
		}
		kept := make([]string, len(sent))
		for i, v := range sent {
			if !utf8.ValidString(v) {
				return Form{}, errs.New(errs.Invalid, "error.form")
			}
			if in.lines {
				v = strings.ReplaceAll(v, "\r\n", "\n")
			}
			if utf8.RuneCountInString(v) > in.max {
				faults = append(faults, errs.Field{Name: in.name, Key: "error.long", Args: map[string]string{"max": strconv.Itoa(in.max)}})
			} else if strings.ContainsFunc(v, func(c rune) bool { return unicode.IsControl(c) && !(in.lines && (c == '\n' || c == '\t')) }) {
				faults = append(faults, errs.Field{Name: in.name, Key: "error.control"})
			}
			kept[i] = v
		}
		f.values[in.name] = kept
	}
	if known != len(values) {
		return Form{}, errs.New(errs.Invalid, "error.form")
	}
	return f, errs.InvalidFields(faults)
}
