package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"ustaz/internal/person"
	"ustaz/internal/testdoor"
)

// everything takes every shape that documents of ours have.
type everything struct {
	asked
	texts []string
	whole int64
	none  bool
	inner map[string]string
}

func (e *everything) read(text []byte) error {
	e.inner = map[string]string{}
	return decode(text, func(d *document, name string) (err error) {
		switch name {
		case "fields":
			return e.list(d)
		case "texts":
			e.texts, err = d.texts(3)
		case "whole":
			e.whole, err = d.whole()
		case "nullable":
			_, e.none, err = d.textOrNull()
		case "inner":
			return d.object(func(d *document, name string) (err error) {
				if name != "a" && name != "b" {
					return d.unknown()
				}
				e.inner[name], err = d.text()
				return err
			})
		default:
			return e.member(d, name)
		}
		return err
	})
}

// FuzzDecode: what is taken is JSON, holds nothing that encoding/json reads otherwise, and no member twice; what is refused is a 400 that
// names a place and repeats nothing of the text but names like ours.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{}`, ` {"purpose":"4.1.1","case":"api:1","fields":["surname","iin"],"texts":["a","b"],"whole":12,"nullable":null,"inner":{"a":"x","b":"ә"}} `,
		`{"purpose":"\u0034","purpose":"4"}`, `{"\u0070urpose":"4.1.1"}`, `{"inner":{"a":"\ud800"}}`, `{"whole":1e3}`, `{"whole":-0}`, `{"texts":["a","a"]}`,
		`{"texts":["a",]}`, `{"inner":{"a":{}}}`, `{"nullable":"x"`, `[`, `{"a":1}{}`, "{\"purpose\":\"\xff\"}", `{"purpose":"` + "\x01" + `"}`, `{"whole":9223372036854775808}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var e everything
		err := e.read(text)
		if err != nil {
			var bad *fault
			if !errors.As(err, &bad) || bad.status != http.StatusBadRequest || len(bad.err.Fields) != 1 {
				t.Fatalf("%q: %v", text, err)
			}
			for _, part := range bytes.Split([]byte(bad.err.Fields[0].Name), []byte("/")) {
				if name := string(part); name != "…" && !tellable(name) {
					t.Fatalf("%q is repeated", name)
				}
			}
			return
		}
		var theirs struct {
			Purpose, Case string
			Fields, Texts []string
			Whole         int64
			Nullable      *string
			Inner         map[string]string
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&theirs); err != nil || !json.Valid(text) {
			t.Fatalf("%q was taken, and is refused by encoding/json: %v", text, err)
		}
		var fields person.Fields
		for _, name := range theirs.Fields {
			f, _ := person.FieldByName(name)
			fields |= person.Set(f)
		}
		if theirs.Purpose != e.purpose || theirs.Case != e.caseName || fields != e.fields || theirs.Whole != e.whole || len(theirs.Texts) != len(e.texts) ||
			len(theirs.Inner) != len(e.inner) || theirs.Inner["a"] != e.inner["a"] || theirs.Inner["b"] != e.inner["b"] {
			t.Fatalf("%q: %+v, encoding/json %+v", text, e, theirs)
		}
	})
}

// FuzzRegistration sends what nobody described to the whole handler: it answers, and not with a fault of ours.
func FuzzRegistration(f *testing.F) {
	w := newWorld(f, testdoor.SQLite(f))
	f.Add(w.registration(map[string]string{"surname": "Оспан", "given_name": "Ілияс", "service_since": "2015-09"}))
	f.Add(`{"fields":{"surname":null},"consent":{},"purpose":"","case":""}`)
	f.Add(`{"consent":{"edition":"","lang":"kk","channel":"paper"},"fields":{"surname":"А","given_name":"Б","iin":"99010110001٠"},"purpose":"4.1.5"}`)
	f.Fuzz(func(t *testing.T, body string) {
		w.t = t
		w.env.Clock.Move(time.Millisecond)
		if a := w.do(request{as: w.clerk, method: "POST", path: "subjects", body: body, header: map[string]string{"Content-Type": "application/json"}}); a.status >= 500 {
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
	})
}
