package api

import (
	"net/http"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// edits are the values of a document's "fields".
type edits struct {
	set   []person.Value
	unset []person.Field
	all   person.Fields
	bad   []errs.Field
}

// read takes the members of "fields": names of the profile, texts, and null where nulls says that a value may be taken away.
func (ed *edits) read(d *document, c *call, nulls bool) error {
	return d.object(func(d *document, name string) error {
		f, ok := person.FieldByName(name)
		if !ok || !person.Set(f).Within(profile) {
			return byList(d.at())
		}
		ed.all |= person.Set(f)
		var raw string
		var none bool
		var err error
		if nulls {
			raw, none, err = d.textOrNull()
		} else {
			raw, err = d.text()
		}
		if err != nil {
			return err
		}
		if none {
			ed.unset = append(ed.unset, f)
			return nil
		}
		v, err := person.Parse(f, raw, c.DB.Now())
		if errs.Is(err, errs.Invalid) {
			ed.bad = append(ed.bad, errs.As(err).Fields...)
			return nil
		}
		if err != nil {
			return err
		}
		if f == person.Place {
			if _, known := c.Places().Place(v.Reveal()); !known {
				ed.bad = append(ed.bad, errs.Field{Name: f.String(), Key: "api.place.unknown"})
			}
		}
		ed.set = append(ed.set, v)
		return nil
	})
}

var (
	profile = person.Set(person.Profile...)
	// A person is at least called something (3.2.1); nothing else is needed to begin (6.1.1).
	needed = []person.Field{person.Surname, person.GivenName}
)

func (ed *edits) check() error { return inFields(errs.InvalidFields(ed.bad)) }

// create makes a subject. Consent is recorded in the same act, or nothing is (2.1).
func (a *api) create(c *call) error {
	var in asked
	var ed edits
	var said *answerToPolicy
	err := c.object(func(d *document, name string) error {
		switch name {
		case "fields":
			return ed.read(d, c, false)
		case "consent":
			said = &answerToPolicy{act: consent.Agreed}
			return said.read(d)
		}
		return in.member(d, name)
	})
	if err != nil {
		return err
	}
	for _, f := range needed {
		if !ed.all.Has(f) {
			ed.bad = append(ed.bad, errs.Field{Name: f.String(), Key: "api.required"})
		}
	}
	if err := ed.check(); err != nil {
		return err
	}
	in.fields = ed.all
	p, err := c.passage(&in, 0, policy.Collection)
	if err != nil {
		return err
	}
	if said == nil {
		return a.Systems.Refuse(c.ctx, &c.system, &p, errs.New(errs.Forbidden, "api.consent.missing").By("2.1"))
	}
	given, err := said.given(a)
	if err != nil {
		return err
	}
	return c.once(p, http.StatusCreated, func(t *keeper.Tx) error {
		if err := a.Consents.Record(t, given); err != nil {
			return err
		}
		if err := t.Set(ed.set...); err != nil {
			return inFields(err)
		}
		if !ed.all.Has(person.Email) {
			return nil
		}
		return a.Accounts.Invite(t, given.Lang)
	})
}

// change sets the fields that the document names and removes those that it gives as null.
func (a *api) change(c *call) error {
	id, err := c.subject()
	if err != nil {
		return err
	}
	var in asked
	var ed edits
	err = c.object(func(d *document, name string) error {
		if name == "fields" {
			return ed.read(d, c, true)
		}
		return in.member(d, name)
	})
	if err == nil {
		err = ed.check()
	}
	if err != nil {
		return err
	}
	if ed.all == 0 {
		return errs.InvalidFields([]errs.Field{{Name: "/fields", Key: "api.required"}})
	}
	in.fields = ed.all
	p, err := c.passage(&in, id, policy.Refinement)
	if err != nil {
		return err
	}
	lang, err := a.langOf(c, id)
	if err != nil {
		return err
	}
	return c.once(p, http.StatusOK, func(t *keeper.Tx) error {
		if !ed.all.Has(person.Email) {
			return ed.apply(t)
		}
		// Who has an account changes their address themselves: the new one is confirmed and the old one told (3.2.2).
		if own, err := a.Accounts.Owns(t.Tx, id); err != nil {
			return err
		} else if own {
			return errs.As(inFields(errs.InvalidFields([]errs.Field{{Name: person.Email.String(), Key: "api.email.owner"}}))).By("3.2.2")
		}
		if err := t.Unclaim(); err != nil {
			return err
		}
		if err := ed.apply(t); err != nil {
			return err
		}
		return a.Accounts.Invite(t, lang)
	})
}

// langOf is the language in which somebody was shown the policy: letters are written in it.
func (a *api) langOf(c *call, id person.ID) (string, error) {
	last, found, err := a.Consents.Last(c.ctx, id)
	if !found {
		return policy.Languages[0], err
	}
	return last.Lang, err
}

func (ed *edits) apply(t *keeper.Tx) error {
	if err := t.Unset(ed.unset...); err != nil {
		return err
	}
	return inFields(t.Set(ed.set...))
}

// record is what was opened of one subject.
type record struct {
	Subject string            `json:"subject"`
	Entry   *int64            `json:"entry,omitempty"`   // the passage's place in the log
	Unknown bool              `json:"unknown,omitempty"` // there is no such subject
	Fields  map[string]*shown `json:"fields,omitempty"`  // those asked for; null where nothing is held
}

// shown is a value with who set it and when (2.4).
type shown struct {
	Value string    `json:"value"`
	SetAt time.Time `json:"set_at"`
	SetBy string    `json:"set_by"`
}

func newRecord(r *keeper.Record, asked person.Fields) record {
	out := record{Subject: r.Subject.String(), Entry: &r.Entry, Fields: make(map[string]*shown, asked.Len())}
	for _, f := range asked.List() {
		out.Fields[f.String()] = nil
		if h, ok := r.Get(f); ok {
			out.Fields[f.String()] = &shown{Value: h.Reveal(), SetAt: h.SetAt, SetBy: actorName(h.SetKind)}
		}
	}
	return out
}

var actorNames = map[ledger.ActorKind]string{ledger.BySubject: "subject", ledger.ByStaff: "staff", ledger.BySystem: "system",
	ledger.ByJob: "program", ledger.ByNobody: "visitor"}

func actorName(k ledger.ActorKind) string { return actorNames[k] }

// wanted reads a document that names a purpose, a case and the fields to open.
func (c *call) wanted(in *asked, more member) error {
	listed := false
	err := c.object(func(d *document, name string) error {
		if name == "fields" {
			listed = true
			return in.list(d)
		}
		return more(d, name)
	})
	if err == nil && (!listed || in.fields == 0) {
		err = errs.InvalidFields([]errs.Field{{Name: "/fields", Key: "api.required"}})
	}
	return err
}

// read opens fields of one subject.
func (a *api) read(c *call) error {
	id, err := c.subject()
	if err != nil {
		return err
	}
	var in asked
	if err := c.wanted(&in, in.member); err != nil {
		return err
	}
	p, err := c.passage(&in, id, policy.Retrieval)
	if err != nil {
		return err
	}
	r, err := a.Keeper.Read(c.ctx, p)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, newRecord(r, p.Fields))
}

const maxBatch = 100 // subjects in one reading

// readMany opens the same fields of several subjects, all or none; those that do not exist are named so.
func (a *api) readMany(c *call) error {
	var in asked
	var ids []person.ID
	var names []string
	err := c.wanted(&in, func(d *document, name string) (err error) {
		if name != "subjects" {
			return in.member(d, name)
		}
		names, err = d.texts(maxBatch)
		return err
	})
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errs.InvalidFields([]errs.Field{{Name: "/subjects", Key: "api.required"}})
	}
	for _, name := range names {
		if id, err := person.ParseID(name); err == nil { // what is no id is nobody's
			ids = append(ids, id)
		}
	}
	if err := c.rates.spend(c.ctx, c.system.ID, len(names)-1, c.DB.Now()); err != nil {
		return err
	}
	p, err := c.passage(&in, 0, policy.Retrieval)
	if err != nil {
		return err
	}
	opened, err := a.Keeper.ReadMany(c.ctx, p, ids)
	if err != nil {
		return err
	}
	records := make([]record, len(names))
	for i, name := range names {
		records[i] = record{Subject: name, Unknown: true}
		if len(opened) > 0 && opened[0].Subject.String() == name { // both are in the order that was asked for
			records[i], opened = newRecord(opened[0], p.Fields), opened[1:]
		}
	}
	return c.answer(http.StatusOK, struct {
		Records []record `json:"records"`
	}{records})
}

// findable are the fields that people are found by.
var findable = person.Set(person.Email, person.Phone, person.IIN)

// find looks for the subjects that one e-mail address, telephone or IIN belongs to. It opens nothing.
func (a *api) find(c *call) error {
	var in asked
	var value person.Value
	given := 0
	err := c.object(func(d *document, name string) error {
		f, ok := person.FieldByName(name)
		if !ok || !findable.Has(f) {
			return in.member(d, name)
		}
		given++
		raw, err := d.text()
		if err == nil {
			value, err = person.Parse(f, raw, c.DB.Now())
		}
		if errs.Is(err, errs.Invalid) {
			for i := range errs.As(err).Fields {
				errs.As(err).Fields[i].Name = d.at()
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if given != 1 {
		return errs.InvalidFields([]errs.Field{{Name: "/", Key: "api.find.single"}})
	}
	p, err := c.passage(&in, 0, policy.Retrieval)
	if err != nil {
		return err
	}
	from, err := a.Ledger.Size(c.ctx)
	if err != nil {
		return err
	}
	ids, err := a.Keeper.Find(c.ctx, p, value)
	if err != nil {
		return err
	}
	entered, err := c.entered(from, &p)
	if err != nil {
		return err
	}
	found := make([]record, len(ids))
	for i, id := range ids {
		found[i] = record{Subject: id.String(), Entry: entered[id]}
	}
	return c.answer(http.StatusOK, struct {
		Subjects []record `json:"subjects"`
		Entry    *int64   `json:"entry,omitempty"` // where nobody was found, that is an entry too
	}{found, entered[0]})
}

// entered gives the entries, by subject, that a passage without fields left since the log had a size.
func (c *call) entered(from int64, p *keeper.Passage) (map[person.ID]*int64, error) {
	to, err := c.Ledger.Size(c.ctx)
	if err != nil {
		return nil, err
	}
	list, _, err := c.Ledger.Latest(c.ctx, to, int(to-from), int(to-from), func(e *ledger.Entry) bool {
		return e.Kind == p.Actor.Kind && e.Actor == p.Actor.ID && e.Operation == p.Operation && e.Purpose == p.Purpose && e.Fields == 0 &&
			e.Case == p.Case && e.Outcome == ledger.Allowed
	})
	if err != nil {
		return nil, err
	}
	out := map[person.ID]*int64{}
	for i := range list {
		out[list[i].Subject] = &list[i].Index
	}
	return out, nil
}
