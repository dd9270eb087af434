package draft

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
)

const (
	insertDraft   = "INSERT INTO policy_draft (id, base, state, steps, edition) VALUES ($1, $2, $3, $4, $5)"
	moveDraft     = "UPDATE policy_draft SET steps = $1, state = $2 WHERE id = $3 AND steps = $4 AND state = $5"
	becameEdition = "UPDATE policy_draft SET edition = $1 WHERE id = $2"
	insertStep    = `INSERT INTO policy_draft_step (draft, n, act, part, place, reason, made_by, made_at, undone_by, body, found)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)`
	undoStep   = "UPDATE policy_draft_step SET undone_by = $1 WHERE draft = $2 AND n = $3"
	selectHead = `SELECT id, base, state, steps, edition, (SELECT made_by FROM policy_draft_step WHERE draft = policy_draft.id AND n = 1),
		(SELECT made_at FROM policy_draft_step WHERE draft = policy_draft.id AND n = 1),
		(SELECT made_by FROM policy_draft_step WHERE draft = policy_draft.id AND n = policy_draft.steps),
		(SELECT made_at FROM policy_draft_step WHERE draft = policy_draft.id AND n = policy_draft.steps) FROM policy_draft `
	selectSteps = "SELECT n, act, part, place, reason, made_by, made_at, undone_by FROM policy_draft_step WHERE draft = $1 AND n <= $2 ORDER BY n"
	selectBody  = "SELECT body, found FROM policy_draft_step WHERE draft = $1 AND n = $2"
)

// Bounds: of steps of a draft, beyond which nobody corrects but something writes; and of the drafts of a list.
const (
	maxSteps = 5000
	maxList  = 200
)

// written is a step with what it leaves of its part.
type written struct {
	Step
	body, found []byte
	seq         int64 // of the edition that the entry names
}

func ofDocument(doc *policy.Document, act Act, no string) (written, error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return written{}, errs.Wrap(errs.Internal, "error.internal", err)
	}
	return written{Step: Step{Act: act, Part: doc.Lang, Place: no}, body: body}, nil
}

// step adds a step to a draft that stands at at in a state, and enters it. Conflict where the draft has moved on.
func (s *Drafts) step(t *db.Tx, at At, from, to State, w written) error {
	if err := staff.MustHold(t, w.By, policy.Officer); err != nil {
		return err
	}
	if at.Step >= maxSteps && to == Open {
		return errs.New(errs.Conflict, "draft.too_many")
	}
	n, err := t.Exec(moveDraft, at.Step+1, string(to), at.Draft, at.Step, string(from))
	if err != nil {
		return err
	}
	if n == 0 {
		return errMoved
	}
	if _, err := t.Exec(insertStep, at.Draft, at.Step+1, string(w.Act), w.Part, w.Place, w.Reason, w.By, db.Micros(t.Now()), w.body, w.found); err != nil {
		return err
	}
	return s.log.Append(t, &ledger.Pending{Entry: s.entry(w.By, w.Act, at.Draft, w.seq)})
}

func heads(rows *sql.Rows, err error) ([]Head, error) {
	if err != nil {
		return nil, err
	}
	var out []Head
	err = db.Each(rows, func(scan func(...any) error) error {
		var h Head
		var state string
		var begun, last int64
		if err := scan(&h.ID, &h.Base, &state, &h.Last, &h.Edition, &h.BegunBy, &begun, &h.LastBy, &last); err != nil {
			return err
		}
		h.State, h.BegunAt, h.LastAt = State(state), db.Time(begun), db.Time(last)
		out = append(out, h)
		return nil
	})
	return out, err
}

// List gives the drafts, the newest first; the oldest of very many are left out.
func (s *Drafts) List(ctx context.Context) ([]Head, error) {
	return heads(s.d.Query(ctx, selectHead+"ORDER BY id DESC LIMIT $1", maxList))
}

// as gives a draft that still stands at a step, in one of some states.
func (s *Drafts) as(ctx context.Context, at At, states ...State) (*Draft, error) {
	d, err := s.Draft(ctx, at.Draft)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(states, d.State):
		return nil, notIn(d.State)
	case d.Last != at.Step:
		return nil, errMoved
	}
	return d, nil
}

// Draft gives a draft as it stands. NotFound where there is none.
func (s *Drafts) Draft(ctx context.Context, id person.ID) (*Draft, error) {
	all, err := heads(s.d.Query(ctx, selectHead+"WHERE id = $1", id))
	if err == nil && len(all) == 0 {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	d := &Draft{Head: all[0], Docs: map[string]*policy.Document{}, Found: map[string]*policy.Imported{}}
	base, err := s.editions.BySeq(d.Base)
	if err != nil {
		return nil, err
	}
	for lang, doc := range base.Docs {
		d.Docs[lang] = doc
	}
	d.RulesText = base.RulesText
	if err := s.readSteps(ctx, d); err != nil {
		return nil, err
	}
	for _, step := range d.current() {
		if err := s.readPart(ctx, d, step); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (s *Drafts) readSteps(ctx context.Context, d *Draft) error {
	rows, err := s.d.Query(ctx, selectSteps, d.ID, d.Last)
	if err != nil {
		return err
	}
	return db.Each(rows, func(scan func(...any) error) error {
		var st Step
		var act string
		var at int64
		if err := scan(&st.N, &act, &st.Part, &st.Place, &st.Reason, &st.By, &at, &st.Undone); err != nil {
			return err
		}
		st.Act, st.At = Act(act), db.Time(at)
		if st.Undone > d.Last { // taken back since the draft was looked at: the step that did it is not among these
			st.Undone = 0
		}
		d.Steps = append(d.Steps, st)
		return nil
	})
}

// current are the steps that left what the draft holds: of each part the last that holds, and of each document the last import.
func (d *Draft) current() []Step {
	var out []Step
	seen, imported := map[string]bool{}, map[string]bool{}
	for _, st := range slices.Backward(d.Steps) {
		if !st.holds() {
			continue
		}
		if !seen[st.Part] || st.Act == Imported && !imported[st.Part] {
			out = append(out, st)
		}
		seen[st.Part] = true
		imported[st.Part] = imported[st.Part] || st.Act == Imported
	}
	slices.Reverse(out) // an import before the corrections that followed it
	return out
}

func (s *Drafts) readPart(ctx context.Context, d *Draft, st Step) error {
	var body, found []byte
	if _, err := s.d.Get(ctx, []any{&body, &found}, selectBody, d.ID, st.N); err != nil {
		return err
	}
	var err error
	switch {
	case st.Act == LeftOut:
		delete(d.Docs, st.Part)
		delete(d.Found, st.Part)
	case st.Part == partRules:
		d.RulesText = string(body)
	case st.Part == partOrder:
		err = json.Unmarshal(body, &d.Order)
	default:
		doc := &policy.Document{}
		err = json.Unmarshal(body, doc)
		d.Docs[st.Part] = doc
		if err == nil && found != nil {
			im := &policy.Imported{}
			err = json.Unmarshal(found, im)
			d.Found[st.Part] = im
		}
	}
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return nil
}

// body is what a part of a draft is now, as it is stored.
func (d *Draft) body(part string) ([]byte, error) {
	switch part {
	case partRules:
		return []byte(d.RulesText), nil
	case partOrder:
		return json.Marshal(d.Order)
	}
	return json.Marshal(d.Docs[part])
}
