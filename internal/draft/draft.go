// Package draft is how the policy becomes another (9.1): an officer begins a draft from the edition in force, puts documents into it,
// corrects their clauses, changes the rules, names order and day, and submits it; a second officer approves it, sends it back or withdraws
// it. Then it is an edition like any other.
//
// It guarantees:
//   - Nobody publishes a policy alone: who made any change in a draft, began it or submitted it can't approve it, not even if the change was
//     taken back since. An attempt is refused by 9.1 and stands in the log. Who approves is an officer at that moment.
//   - What is approved is what was seen: every act names the step of the draft that it is about, and is refused if another followed. Of acts
//     that meet, one is done.
//   - The edition, its entry in the log and the end of the draft are one transaction. Its day has not come when it is approved (9.2): an
//     edition rules from no day on which nobody could read it.
//   - Every step keeps who made it, when, and what it left; the last change can be taken back, and the one before it after that. Each is an
//     entry of the log.
//
// A draft is about nobody; drafts are for officers alone. The operator at the machine has a way of their own, `ustaz policy publish`.
package draft

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/worktime"
)

// State is where a draft stands. It is also the end of message keys: "draft.state." + state.
type State string

// The states. The last two are for good.
const (
	Open      State = "open"      // it is being changed
	Submitted State = "submitted" // it waits for a second officer
	Published State = "published"
	Withdrawn State = "withdrawn"
)

// Act is what a step did. It is also the end of message keys, "draft.act." + act, and stands in the log before the draft's number:
// "draft.submitted:…".
type Act string

// The acts.
const (
	Begun    Act = "begun"
	Imported Act = "imported" // a document took the place of that in its language
	LeftOut  Act = "left_out" // a language was left out
	Headed   Act = "headed"   // title and preamble
	Changed  Act = "changed"
	Added    Act = "added"
	Removed  Act = "removed"
	Merged   Act = "merged"
	Ruled    Act = "ruled"   // the rules
	Ordered  Act = "ordered" // number and date of the order, the day it takes force
	Undone   Act = "undone"
	Sent     Act = "submitted"
	Returned Act = "returned"
	Dropped  Act = "withdrawn"
	Approved Act = "approved"
)

// Acts are all there are.
var Acts = []Act{Begun, Imported, LeftOut, Headed, Changed, Added, Removed, Merged, Ruled, Ordered, Undone, Sent, Returned, Dropped, Approved}

// authors' acts make who did them an author: they can't approve.
var authors = []Act{Begun, Imported, LeftOut, Headed, Changed, Added, Removed, Merged, Ruled, Ordered, Undone, Sent}

// Parts of a draft beside its documents, which are known by their languages.
const (
	partRules = "rules"
	partOrder = "order"
)

// Step is one act of somebody.
type Step struct {
	N      int64 // 1, 2, 3 …
	Act    Act
	Part   string // the language of a document, "rules", "order"; empty where the act is about the whole
	Place  string // number of the section or clause; of Undone the number of the step that was taken back
	Reason string // of Returned and Dropped
	By     person.ID
	At     time.Time
	Undone int64 // number of the step that took this one back; 0 for one that holds
}

// holds tells whether the step changed a part and was not taken back.
func (s *Step) holds() bool { return s.Part != "" && s.Undone == 0 }

// Order is what puts an edition in force.
type Order struct {
	Number  string    // without its sign, "97п"
	Date    time.Time // UTC midnight of that day
	InForce time.Time // (9.2)
}

// Draft is a draft as it stands.
type Draft struct {
	Head
	Steps     []Step                      // the oldest first
	Docs      map[string]*policy.Document // by language; not yet necessarily fit for publication
	Found     map[string]*policy.Imported // what the last import of a language found, repaired and warned of; without the document
	RulesText string                      // always of rules that can be read
	Order     Order
}

// Head is a draft in a list.
type Head struct {
	ID      person.ID
	Base    int64 // number of the edition that it began from
	State   State
	Last    int64 // number of the last step
	Edition int64 // that it became; 0 before
	BegunBy person.ID
	BegunAt time.Time
	LastBy  person.ID
	LastAt  time.Time
}

// At names a draft at a step: what somebody saw and acts on.
type At struct {
	Draft person.ID
	Step  int64
}

// At is the draft as it stands.
func (h *Head) At() At { return At{h.ID, h.Last} }

// Bars tells why somebody may not approve the draft, whoever they are (9.1); nil if they had no hand in it.
func (d *Draft) Bars(who person.ID) error {
	if slices.ContainsFunc(d.Steps, func(s Step) bool { return s.By == who && slices.Contains(authors, s.Act) }) {
		return errOwn
	}
	return nil
}

// Undoable is the change that Undo would take back.
func (d *Draft) Undoable() (Step, bool) {
	for _, s := range slices.Backward(d.Steps) {
		if s.holds() {
			return s, true
		}
	}
	return Step{}, false
}

// Compose makes the edition that the draft would become. The error says what is missing or wrong; Invalid.
func (d *Draft) Compose() (*policy.Edition, error) {
	e := &policy.Edition{Order: d.Order.Number, OrderDate: d.Order.Date, InForce: d.Order.InForce, Docs: d.Docs, RulesText: d.RulesText}
	var err error
	if e.Rules, err = policy.ParseRules(e.RulesText); err != nil {
		return nil, err
	}
	return e, e.Validate()
}

// The answers to an act that can't be done.
var (
	errOwn     = errs.New(errs.Forbidden, "draft.own").By("9.1")
	errMoved   = errs.New(errs.Conflict, "draft.moved")
	errLate    = errs.New(errs.Conflict, "draft.late").By("9.2")
	errUnknown = errs.New(errs.NotFound, "draft.unknown")
)

// notIn answers an act for which a draft is in the wrong state.
func notIn(s State) error { return errs.New(errs.Conflict, "draft.not."+string(s)) }

// Drafts is the capability.
type Drafts struct {
	d        *db.DB
	log      *ledger.Ledger
	editions *edition.Store
}

// New makes the capability.
func New(d *db.DB, log *ledger.Ledger, editions *edition.Store) *Drafts {
	return &Drafts{d: d, log: log, editions: editions}
}

// Begin makes a draft that is the edition in force, to be changed.
func (s *Drafts) Begin(ctx context.Context, by person.ID) (person.ID, error) {
	ed, err := s.editions.InForce(s.d.Now())
	if err != nil {
		return 0, err
	}
	var id person.ID
	err = s.d.Write(ctx, func(t *db.Tx) error {
		id = person.NewID(t.Now())
		if _, err := t.Exec(insertDraft, id, ed.Seq, string(Open), 0, 0); err != nil {
			return err
		}
		return s.step(t, At{id, 0}, Open, Open, written{Step: Step{Act: Begun, By: by}, seq: ed.Seq})
	})
	return id, err
}

// Import puts a document into a draft in place of the one in its language: PDF text layer, DOCX, Markdown or text, as policy.Import reads
// them, with its limits and errors. lang is the language that the officer names; empty leaves it to the letters of the text.
func (s *Drafts) Import(ctx context.Context, by person.ID, at At, file io.Reader, name, lang string) (string, error) {
	if lang != "" && !slices.Contains(policy.Languages, lang) {
		return "", errs.New(errs.Invalid, "policy.document.language")
	}
	im, err := policy.Import(file, name, policy.MaxImport)
	if err != nil {
		return "", err
	}
	doc := im.Document
	im.Document = nil
	if lang != "" && lang != doc.Lang {
		im.Warnings = append([]policy.Warning{{Key: "draft.warn.language." + doc.Lang}}, im.Warnings...)
		doc.Lang = lang
	}
	found, err := json.Marshal(im)
	if err != nil {
		return "", errs.Wrap(errs.Internal, "error.internal", err)
	}
	err = s.change(ctx, by, at, func(*Draft) (written, error) {
		w, err := ofDocument(doc, Imported, "")
		w.found = found
		return w, err
	})
	return doc.Lang, err
}

// LeaveOut takes a language out of a draft. Conflict for the only one.
func (s *Drafts) LeaveOut(ctx context.Context, by person.ID, at At, lang string) error {
	return s.change(ctx, by, at, func(d *Draft) (written, error) {
		switch {
		case d.Docs[lang] == nil:
			return written{}, errUnknown
		case len(d.Docs) == 1:
			return written{}, errs.New(errs.Conflict, "policy.edition.no_document")
		}
		return written{Step: Step{Act: LeftOut, Part: lang}}, nil
	})
}

// Put writes a section or clause of a document, see policy.Document.Put: a new one where old is empty.
func (s *Drafts) Put(ctx context.Context, by person.ID, at At, lang, old string, c policy.Clause) error {
	act := Changed
	if old == "" {
		act = Added
	}
	return s.correct(ctx, by, at, lang, act, c.No, func(d *policy.Document) (*policy.Document, error) { return d.Put(old, c) })
}

// Remove takes a section or clause out of a document, see policy.Document.Remove.
func (s *Drafts) Remove(ctx context.Context, by person.ID, at At, lang, no string) error {
	return s.correct(ctx, by, at, lang, Removed, no, func(d *policy.Document) (*policy.Document, error) { return d.Remove(no) })
}

// Merge joins a section or clause to what stands before it, see policy.Document.Merge.
func (s *Drafts) Merge(ctx context.Context, by person.ID, at At, lang, no string, numbered bool) error {
	return s.correct(ctx, by, at, lang, Merged, no, func(d *policy.Document) (*policy.Document, error) { return d.Merge(no, numbered) })
}

// SetHead writes title and preamble of a document, see policy.Document.Head.
func (s *Drafts) SetHead(ctx context.Context, by person.ID, at At, lang, title string, preamble []string) error {
	return s.correct(ctx, by, at, lang, Headed, "", func(d *policy.Document) (*policy.Document, error) { return d.Head(title, preamble) })
}

func (s *Drafts) correct(ctx context.Context, by person.ID, at At, lang string, act Act, no string, fn func(*policy.Document) (*policy.Document, error)) error {
	return s.change(ctx, by, at, func(d *Draft) (written, error) {
		old := d.Docs[lang]
		if old == nil {
			return written{}, errUnknown
		}
		doc, err := fn(old)
		if err != nil {
			return written{}, err
		}
		return ofDocument(doc, act, no)
	})
}

// SetRules writes the rules. Errors: as of policy.ParseRules; what can't be read is not kept.
func (s *Drafts) SetRules(ctx context.Context, by person.ID, at At, text string) error {
	if _, err := policy.ParseRules(text); err != nil {
		return err
	}
	return s.change(ctx, by, at, func(*Draft) (written, error) {
		return written{Step: Step{Act: Ruled, Part: partRules}, body: []byte(text)}, nil
	})
}

// SetOrder writes number and date of the order, and when the edition takes force: neither an order of days to come, nor a day that has
// come. Errors are Invalid with a line for "number", "date", "day".
func (s *Drafts) SetOrder(ctx context.Context, by person.ID, at At, o Order) error {
	if err := o.check(s.d.Now()); err != nil {
		return err
	}
	o.Date, o.InForce = o.Date.UTC(), o.InForce.UTC()
	body, err := json.Marshal(o)
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return s.change(ctx, by, at, func(*Draft) (written, error) {
		return written{Step: Step{Act: Ordered, Part: partOrder}, body: body}, nil
	})
}

// maxOrderNumber is the length of an order's number, in bytes.
const maxOrderNumber = 60

func (o Order) check(now time.Time) error {
	var faults []errs.Field
	wrong := func(name, key string) { faults = append(faults, errs.Field{Name: name, Key: key}) }
	probe := policy.Edition{Order: o.Number, OrderDate: time.Unix(0, 0), InForce: now}
	if err := probe.Validate(); errs.As(err).Key == "policy.edition.order" || len(o.Number) > maxOrderNumber {
		wrong("number", "policy.edition.order")
	}
	today := worktime.DateOf(now)
	switch {
	case o.Date.IsZero():
		wrong("date", "policy.edition.order_date")
	case dateOf(o.Date).Compare(today) > 0:
		wrong("date", "draft.order.future")
	}
	switch {
	case o.InForce.IsZero():
		wrong("day", "policy.edition.in_force")
	case !o.InForce.After(now):
		wrong("day", "draft.past")
	}
	return errs.InvalidFields(faults)
}

// dateOf is the date that a UTC midnight stands for.
func dateOf(t time.Time) worktime.Date {
	y, m, d := t.UTC().Date()
	return worktime.Date{Year: y, Month: m, Day: d}
}

// change adds a step that fn makes of an open draft. What would leave everything as it is adds none.
func (s *Drafts) change(ctx context.Context, by person.ID, at At, fn func(*Draft) (written, error)) error {
	d, err := s.as(ctx, at, Open)
	if err != nil {
		return err
	}
	w, err := fn(d)
	if err != nil {
		return err
	}
	if w.found == nil && w.body != nil {
		old, err := d.body(w.Part)
		if err != nil || bytes.Equal(old, w.body) {
			return err
		}
	}
	w.By, w.seq = by, d.Base
	return s.d.Write(ctx, func(t *db.Tx) error { return s.step(t, at, Open, Open, w) })
}

// Undo takes the last change back that was not taken back yet; the one before it comes next. Conflict where there is none.
func (s *Drafts) Undo(ctx context.Context, by person.ID, at At) error {
	d, err := s.as(ctx, at, Open)
	if err != nil {
		return err
	}
	last, ok := d.Undoable()
	if !ok {
		return errs.New(errs.Conflict, "draft.nothing")
	}
	return s.d.Write(ctx, func(t *db.Tx) error {
		if err := s.step(t, at, Open, Open, written{Step: Step{Act: Undone, Place: strconv.FormatInt(last.N, 10), By: by}, seq: d.Base}); err != nil {
			return err
		}
		_, err := t.Exec(undoStep, at.Step+1, at.Draft, last.N)
		return err
	})
}
