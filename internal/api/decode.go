package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Documents are read strictly: encoding/json's own decoding would take unknown members, the last of two with one name, other letter
// cases, and whatever follows the document. Its tokens are right, so only they are used.

// document reads a JSON text. path is where it is, the names from the root down.
type document struct {
	tokens *json.Decoder
	path   []string
}

// member reads the value of a member, or says unknown.
type member func(d *document, name string) error

// decode reads one JSON object and nothing after it. Errors are problems of status 400 that name the place.
func decode(text []byte, each member) error {
	if !utf8.Valid(text) {
		return malformed("", "api.json.utf8")
	}
	d := &document{tokens: json.NewDecoder(bytes.NewReader(text)), path: make([]string, 0, 4)}
	d.tokens.UseNumber()
	if err := d.object(each); err != nil {
		return err
	}
	if len(bytes.Trim(text[d.tokens.InputOffset():], " \t\r\n")) > 0 {
		return malformed("", "api.json.trailing")
	}
	return nil
}

// malformed is an error of status 400: the document, or the address, is not one of those described. place is a JSON pointer (RFC 6901),
// or begins with "?" for the address.
func malformed(place, key string) *fault {
	return withStatus(http.StatusBadRequest, &errs.Error{Kind: errs.Invalid, Key: "api.malformed", Fields: []errs.Field{{Name: place, Key: key}}})
}

// tellable tells whether a name is like those of ours or a place in a list. Another is not repeated: it was chosen by the sender, who may
// have put a value there.
func tellable(name string) bool {
	return len(name) <= 32 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == "" || len(name) <= 3 && strings.Trim(name, "0123456789") == ""
}

// at is the pointer to where the reading is.
func (d *document) at() string {
	var b strings.Builder
	for _, name := range d.path {
		b.WriteByte('/')
		if !tellable(name) {
			name = "…"
		}
		b.WriteString(name)
	}
	return b.String()
}

func (d *document) fault(key string) error { return malformed(d.at(), key) }

// unknown is a member's answer to a name that it does not know.
func (d *document) unknown() error { return d.fault("api.json.unknown") }

func (d *document) next() (json.Token, error) {
	token, err := d.tokens.Token()
	if err == nil {
		return token, nil
	}
	f := malformed(d.at(), "api.json.cut")
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) && syntax.Offset > 0 {
		at := &f.err.Fields[0]
		at.Key, at.Args = "api.json.syntax", map[string]string{"byte": strconv.FormatInt(syntax.Offset, 10)}
	}
	return nil, f
}

func (d *document) delim(want json.Delim, key string) error {
	token, err := d.next()
	if err == nil && token != want {
		err = d.fault(key)
	}
	return err
}

func (d *document) object(each member) error {
	if err := d.delim('{', "api.json.object"); err != nil {
		return err
	}
	var seen [16]string // more members than any object of ours has
	n := 0
	for d.tokens.More() {
		token, err := d.next()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return d.fault("api.json.object")
		}
		d.path = append(d.path, name)
		if slices.Contains(seen[:n], name) {
			return d.fault("api.json.twice")
		}
		if n == len(seen) {
			return d.unknown()
		}
		seen[n] = name
		n++
		if err := each(d, name); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	return d.delim('}', "api.json.object")
}

func (d *document) text() (string, error) {
	token, err := d.next()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", d.fault("api.json.text")
	}
	return s, nil
}

// textOrNull reads text, or null as none.
func (d *document) textOrNull() (s string, isNull bool, err error) {
	token, err := d.next()
	if err != nil {
		return "", false, err
	}
	if token == nil {
		return "", true, nil
	}
	s, ok := token.(string)
	if !ok {
		return "", false, d.fault("api.json.text_or_null")
	}
	return s, false, nil
}

// texts reads a list of at most limit texts.
func (d *document) texts(limit int) ([]string, error) {
	if err := d.delim('[', "api.json.list"); err != nil {
		return nil, err
	}
	var out []string
	for d.tokens.More() {
		if len(out) == limit {
			return nil, d.fault("api.json.long_list")
		}
		d.path = append(d.path, strconv.Itoa(len(out)))
		s, err := d.text()
		if err != nil {
			return nil, err
		}
		if slices.Contains(out, s) {
			return nil, d.fault("api.json.twice")
		}
		out = append(out, s)
		d.path = d.path[:len(d.path)-1]
	}
	return out, d.delim(']', "api.json.list")
}

// whole reads a whole number that is not negative, written in digits alone.
func (d *document) whole() (int64, error) {
	token, err := d.next()
	if err != nil {
		return 0, err
	}
	number, ok := token.(json.Number)
	if !ok {
		return 0, d.fault("api.json.whole")
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != number.String() {
		return 0, d.fault("api.json.whole")
	}
	return n, nil
}

// asked is what every passage names.
type asked struct {
	purpose, caseName string
	fields            person.Fields
	place             string // before the names in errors: "/" in a document, "?" in an address
}

// member reads the members that documents share.
func (in *asked) member(d *document, name string) (err error) {
	in.place = "/"
	switch name {
	case "purpose":
		in.purpose, err = d.text()
	case "case":
		in.caseName, err = d.text()
	default:
		return d.unknown()
	}
	return err
}

// list reads the names of fields to open.
func (in *asked) list(d *document) error {
	names, err := d.texts(len(person.All))
	if err != nil {
		return err
	}
	for i, name := range names {
		f, ok := person.FieldByName(name)
		if !ok {
			return byList(d.at() + "/" + strconv.Itoa(i))
		}
		in.fields |= person.Set(f)
	}
	return nil
}

// byList refuses a field that clause 3.2 does not name.
func byList(place string) error { return malformed(place, "api.field.unknown").by("3.2") }

// check tells what a passage lacks before anybody is asked.
func (in *asked) check() (policy.Purpose, []errs.Field) {
	var faults []errs.Field
	purpose, ok := policy.PurposeByClause(in.purpose)
	if in.purpose == "" {
		faults = append(faults, errs.Field{Name: in.place + "purpose", Key: "api.required"})
	} else if !ok {
		faults = append(faults, errs.Field{Name: in.place + "purpose", Key: "api.purpose.unknown"})
	}
	if in.caseName != "" {
		if _, err := keeper.ParseCase(in.caseName); err != nil {
			faults = append(faults, errs.Field{Name: in.place + "case", Key: errs.As(err).Key})
		}
	}
	return purpose, faults
}
