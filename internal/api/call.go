package api

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/system"
)

// maxBody is what a request may hold: a batch of 100 ids needs a fortieth of it.
const maxBody = 64 << 10

// call is one request on its way.
type call struct {
	*api
	ctx       context.Context
	w         http.ResponseWriter
	r         *http.Request
	system    system.System
	body      []byte
	status    int    // that was answered
	reference string // of the problem, for whoever asks us about it
}

// run lets the caller in and runs the handler. A panic becomes an error: the answer to it says nothing.
func (c *call) run(rt *route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errs.Panicked("error.internal", p)
		}
	}()
	if !rt.public {
		token, err := bearer(c.r.Header)
		if err != nil {
			return err
		}
		if c.system, err = c.Systems.Authenticate(c.ctx, token); err != nil {
			return err
		}
		if err := c.rates.spend(c.ctx, c.system.ID, 1, c.DB.Now()); err != nil {
			return err
		}
	}
	return rt.handle(c)
}

// bearer reads the one way in that there is (RFC 6750, 2.1): cookies and addresses carry no token.
func bearer(h http.Header) (string, error) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", errs.New(errs.Unauthenticated, "api.token.none")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return "", errs.New(errs.Unauthenticated, "api.token.scheme")
	}
	return token, nil
}

func (c *call) lang() i18n.Lang { return c.Catalog.Lang(i18n.Match(c.r.Header.Get("Accept-Language"))) }

// subject is the one in the address. What is no id is nobody's.
func (c *call) subject() (person.ID, error) {
	id, err := person.ParseID(c.r.PathValue("id"))
	if err != nil {
		return 0, errs.New(errs.NotFound, "door.nosubject")
	}
	return id, nil
}

// object reads the request's document: one JSON object whose members each decides about.
func (c *call) object(each member) error {
	if c.r.URL.RawQuery != "" {
		return malformed("?", "api.query")
	}
	if err := c.load(); err != nil {
		return err
	}
	return decode(c.body, each)
}

func (c *call) load() (err error) {
	if !isJSON(c.r.Header) {
		return withStatus(http.StatusUnsupportedMediaType, errs.New(errs.Invalid, "api.type"))
	}
	size := c.r.ContentLength
	if size > maxBody {
		return tooLarge()
	}
	if size >= 0 {
		c.body = make([]byte, size)
		_, err = io.ReadFull(c.r.Body, c.body)
	} else {
		c.body, err = io.ReadAll(io.LimitReader(c.r.Body, maxBody+1))
	}
	if err != nil {
		return malformed("", "api.json.cut") // whoever sent it has gone, or was too slow
	}
	if len(c.body) > maxBody {
		return tooLarge()
	}
	return nil
}

func tooLarge() error { return errs.New(errs.TooLarge, "api.large").With("max", "64") }

// isJSON tells whether the document is declared as JSON in UTF-8, uncompressed.
func isJSON(h http.Header) bool {
	if h.Get("Content-Encoding") != "" {
		return false
	}
	declared := h["Content-Type"]
	if len(declared) != 1 {
		return false
	}
	if declared[0] == jsonType {
		return true
	}
	kind, params, err := mime.ParseMediaType(declared[0])
	if err != nil || kind != jsonType {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// query reads the parameters of an address, each once, each among the names.
func (c *call) query(names ...string) (map[string]string, error) {
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, malformed("?", "api.query")
	}
	out := map[string]string{}
	for _, name := range names {
		switch given := values[name]; len(given) {
		case 0:
		case 1:
			out[name] = given[0]
		default:
			return nil, malformed("?"+name, "api.json.twice")
		}
		delete(values, name)
	}
	if len(values) > 0 {
		return nil, malformed("?", "api.query")
	}
	return out, nil
}

// queryPassage is the passage that a GET names in its address.
func (c *call) queryPassage(subject person.ID) (keeper.Passage, error) {
	q, err := c.query("purpose", "case")
	if err != nil {
		return keeper.Passage{}, err
	}
	in := asked{purpose: q["purpose"], caseName: q["case"], place: "?"}
	return c.passage(&in, subject, policy.Retrieval)
}

// passage makes the passage that a request asks for, and refuses one for a purpose that is not the system's (6.2.1).
func (c *call) passage(in *asked, subject person.ID, op policy.Operation) (keeper.Passage, error) {
	purpose, faults := in.check()
	if err := errs.InvalidFields(faults); err != nil {
		if purpose == 0 && in.purpose != "" {
			return keeper.Passage{}, errs.As(err).By("6.2.1")
		}
		return keeper.Passage{}, err
	}
	p := keeper.Passage{Actor: c.system.Actor(), Subject: subject, Operation: op, Purpose: purpose, Fields: in.fields, Case: in.caseName}
	return p, c.Systems.Allow(c.ctx, &c.system, &p)
}

const (
	jsonType = "application/json"
	textType = "text/plain"
	utf8Text = textType + "; charset=utf-8"
)

// answer sends a document.
func (c *call) answer(status int, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	c.send(status, jsonType, body)
	return nil
}

func (c *call) send(status int, contentType string, body []byte) {
	c.w.Header().Set("Content-Type", contentType)
	c.status = status
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body) // whoever left needs no second answer; the passage is in the log either way
}

// wantsText tells whether plain text is asked for rather than JSON.
func (c *call) wantsText() bool {
	for _, accept := range c.r.Header["Accept"] {
		for part := range strings.SplitSeq(accept, ",") {
			kind, _, _ := strings.Cut(part, ";")
			switch strings.TrimSpace(kind) {
			case textType:
				return true
			case jsonType, "*/*":
				return false
			}
		}
	}
	return false
}
