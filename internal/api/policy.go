package api

import (
	_ "embed"
	"net/http"
	"slices"
	"time"

	"ustaz/internal/person"
	"ustaz/internal/policy"
)

//go:embed openapi.json
var description []byte

// describe gives the description of the API itself, to anybody.
func (a *api) describe(c *call) error {
	if _, err := c.query(); err != nil {
		return err
	}
	c.send(http.StatusOK, jsonType, description)
	return nil
}

type purposeShown struct {
	Clause   string   `json:"clause"`
	Text     string   `json:"text"`
	Yours    bool     `json:"yours"`    // one of this system's purposes
	Readable []string `json:"readable"` // what this system may read for it, of a person who agreed, within a case
}

type fieldShown struct {
	Name   string `json:"name"`
	Clause string `json:"clause"`
}

// policy gives the edition in force (9.4): what a system shows a person before asking for consent, and what it may do itself.
func (a *api) policy(c *call) error {
	if _, err := c.query(); err != nil {
		return err
	}
	ed, err := a.Editions.InForce(a.DB.Now())
	if err != nil {
		return err
	}
	doc := ed.Doc(c.lang().Code())
	out := struct {
		Edition     int64          `json:"edition"`
		Hash        string         `json:"hash"`
		Order       string         `json:"order"`
		OrderDate   string         `json:"order_date"`
		InForce     time.Time      `json:"in_force"`
		PublishedAt time.Time      `json:"published_at"`
		Lang        string         `json:"lang"`
		Languages   []string       `json:"languages"`
		Text        string         `json:"text"`
		Purposes    []purposeShown `json:"purposes"`
		Fields      []fieldShown   `json:"fields"`
	}{Edition: ed.Seq, Hash: ed.Hash, Order: ed.Order, OrderDate: ed.OrderDate.Format(time.DateOnly), InForce: ed.InForce,
		PublishedAt: ed.PublishedAt, Lang: doc.Lang, Text: doc.Text()}
	for _, lang := range policy.Languages {
		if ed.Docs[lang] != nil {
			out.Languages = append(out.Languages, lang)
		}
	}
	for _, p := range policy.Purposes {
		clause, _ := doc.Clause(p.Clause()) // an edition may be without it; then it has no text
		shown := purposeShown{Clause: p.Clause(), Text: clause.Text, Yours: slices.Contains(c.system.Purposes, p), Readable: []string{}}
		for _, f := range person.Profile {
			_, dec := ed.Rules.DecideRoles(c.system.Roles, policy.Request{Operation: policy.Retrieval, Purpose: p, Fields: person.Set(f),
				State: policy.State{Consent: policy.ConsentGiven}, Case: true})
			if shown.Yours && dec.Allowed {
				shown.Readable = append(shown.Readable, f.String())
			}
		}
		out.Purposes = append(out.Purposes, shown)
	}
	for _, f := range person.Profile {
		out.Fields = append(out.Fields, fieldShown{Name: f.String(), Clause: f.Clause()})
	}
	c.w.Header().Set("Content-Language", doc.Lang)
	return c.answer(http.StatusOK, out)
}
