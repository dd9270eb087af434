package api

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// fault is an error whose status does not follow from its kind alone.
type fault struct {
	err    *errs.Error
	status int
}

func withStatus(status int, e *errs.Error) *fault { return &fault{err: e, status: status} }

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func (f *fault) by(clauses ...string) *fault {
	f.err = f.err.By(clauses...)
	return f
}

// statusOf is the status of an error.
func statusOf(err error) int {
	if f := (*fault)(nil); errors.As(err, &f) {
		return f.status
	}
	return errs.KindOf(err).Status()
}

// problemNames are the names of the statuses in openapi.json, #/components/responses, where each is described.
var problemNames = map[int]string{
	http.StatusBadRequest: "malformed", http.StatusUnauthorized: "unauthenticated", http.StatusForbidden: "forbidden",
	http.StatusNotFound: "not_found", http.StatusMethodNotAllowed: "method", http.StatusConflict: "conflict",
	http.StatusGone:                  "gone",
	http.StatusRequestEntityTooLarge: "too_large", http.StatusUnsupportedMediaType: "media_type", http.StatusUnprocessableEntity: "invalid",
	http.StatusTooManyRequests: "too_many", http.StatusInternalServerError: "internal", http.StatusServiceUnavailable: "unavailable",
}

// problem is the document of RFC 9457, with members of ours after detail.
type problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Clauses   []string       `json:"clauses"`
	Fields    []problemField `json:"fields"`
	Reference string         `json:"reference"`
}

type problemField struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

const problemType = "application/problem+json"

// fail answers with an error, in the language that is asked for. Of a fault of ours it tells the reference alone.
func (c *call) fail(err error) {
	e, status := errs.As(err), statusOf(err)
	l := c.lang()
	c.reference = rand.Text()[:12]
	name := problemNames[status]
	p := problem{Type: Prefix + "openapi.json#/components/responses/" + name, Title: l.T("api.title." + name), Status: status,
		Detail: l.Error(err), Clauses: append([]string{}, e.Clauses...), Fields: []problemField{}, Reference: c.reference}
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, problemField{Name: f.Name, Detail: l.T(f.Key, i18n.Args(f.Args)...)})
	}
	h := c.w.Header()
	h.Set("Content-Language", l.Code())
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", challenge(e))
	case http.StatusTooManyRequests:
		if seconds := e.Args["seconds"]; seconds != "" {
			h.Set("Retry-After", seconds)
		}
	}
	body, broken := json.Marshal(p)
	if broken != nil { // a struct of strings always has a form
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	c.send(status, problemType, body)
}

// challenge is the answer's header of RFC 6750, section 3.
func challenge(e *errs.Error) string {
	if strings.HasSuffix(e.Key, ".none") {
		return `Bearer realm="Smart Ustaz"`
	}
	return `Bearer realm="Smart Ustaz", error="invalid_token"`
}

// inFields puts the names of fields of a person where the document has them.
func inFields(err error) error {
	e := errs.As(err)
	for i, f := range e.Fields {
		if !strings.HasPrefix(f.Name, "/") {
			e.Fields[i].Name = "/fields/" + f.Name
		}
	}
	return err
}
