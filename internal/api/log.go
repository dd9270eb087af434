package api

import (
	"net/http"
	"strconv"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/policy"
)

// entryShown is a passage as other systems see it: who by kind and role, never by name or id.
type entryShown struct {
	Index     int64     `json:"index"`
	Time      time.Time `json:"time"`
	Actor     string    `json:"actor"`
	Role      string    `json:"role"`
	Operation string    `json:"operation"`
	Purpose   string    `json:"purpose"`
	Fields    []string  `json:"fields"`
	Clauses   []string  `json:"clauses"`
	Outcome   string    `json:"outcome"`
	Case      string    `json:"case"`
}

func newEntry(x *ledger.Indexed) entryShown {
	out := entryShown{Index: x.Index, Time: x.At, Actor: actorName(x.Kind), Operation: x.Operation.String(), Purpose: x.Purpose.Clause(),
		Fields: []string{}, Clauses: append([]string{}, x.Clauses...), Outcome: "allowed", Case: x.Case}
	if x.Role.Valid() {
		out.Role = x.Role.String()
	}
	if x.Outcome == ledger.Refused {
		out.Outcome = "refused"
	}
	for _, f := range x.Fields.List() {
		out.Fields = append(out.Fields, f.String())
	}
	return out
}

const (
	entriesPage    = 20
	maxEntriesPage = 100
)

// entries lists the passages to one subject's data, newest first.
func (a *api) entries(c *call) error {
	id, err := c.subject()
	if err != nil {
		return err
	}
	var in asked
	before, limit := int64(1<<62), int64(entriesPage)
	err = c.object(func(d *document, name string) (err error) {
		switch name {
		case "before":
			before, err = d.whole()
		case "limit":
			if limit, err = d.whole(); err == nil && (limit < 1 || limit > maxEntriesPage) {
				err = d.fault("api.entries.limit")
			}
		default:
			err = in.member(d, name)
		}
		return err
	})
	if err != nil {
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
	list, more, err := a.Ledger.BySubject(c.ctx, id, before, int(limit), nil)
	if err != nil {
		return err
	}
	out := struct {
		Subject string       `json:"subject"`
		Entry   int64        `json:"entry"`
		Entries []entryShown `json:"entries"`
		Next    *int64       `json:"next"` // give it as "before" to get the page after this; null on the last
	}{Subject: id.String(), Entry: r.Entry, Entries: make([]entryShown, len(list))}
	for i := range list {
		out.Entries[i] = newEntry(&list[i])
	}
	if more {
		out.Next = &list[len(list)-1].Index
	}
	return c.answer(http.StatusOK, out)
}

// proof shows that an entry stands in the log. The proof holds the entry, so it is given under the same rules as the entries of its
// subject, and what is no subject's is nobody's.
func (a *api) proof(c *call) error {
	none := errs.New(errs.NotFound, "api.entry.unknown")
	name := c.r.PathValue("index")
	index, err := strconv.ParseInt(name, 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != name {
		return none
	}
	x, err := a.Ledger.Entry(c.ctx, index)
	if errs.Is(err, errs.NotFound) || err == nil && x.Subject == 0 {
		return none
	}
	if err != nil {
		return err
	}
	p, err := c.queryPassage(x.Subject)
	if err != nil {
		return err
	}
	r, err := a.Keeper.Read(c.ctx, p)
	if errs.Is(err, errs.NotFound) {
		return none // a subject that was refused before it was made
	}
	if err != nil {
		return err
	}
	proof, err := a.Ledger.Prove(c.ctx, index)
	if err != nil {
		return err
	}
	c.w.Header().Set("Ustaz-Entry", strconv.FormatInt(r.Entry, 10))
	if c.wantsText() {
		c.send(http.StatusOK, utf8Text, []byte(proof.Text))
		return nil
	}
	return c.answer(http.StatusOK, struct {
		Subject string     `json:"subject"`
		Entry   int64      `json:"entry"`
		Proven  entryShown `json:"proven"`
		Size    int64      `json:"size"`
		Root    string     `json:"root"`
		Leaf    string     `json:"leaf"`
		Path    []string   `json:"path"`
		Proof   string     `json:"proof"`
	}{x.Subject.String(), r.Entry, newEntry(&proof.Entry), proof.Size, proof.Root, proof.Leaf, append([]string{}, proof.Hashes...), proof.Text})
}

// checkpoint gives the newest signed state of the log, which says nothing of anybody.
func (a *api) checkpoint(c *call) error {
	if _, err := c.query(); err != nil {
		return err
	}
	text, err := a.Ledger.Checkpoint(c.ctx)
	if err != nil {
		return err
	}
	if text == "" {
		return errs.New(errs.NotFound, "api.checkpoint.none")
	}
	if c.wantsText() {
		c.send(http.StatusOK, utf8Text, []byte(text))
		return nil
	}
	size, root, err := ledger.OpenCheckpoint(text, a.Ledger.Verifier())
	if err != nil {
		return errs.Wrap(errs.Internal, "error.internal", err)
	}
	return c.answer(http.StatusOK, struct {
		Origin     string `json:"origin"`
		Size       int64  `json:"size"`
		Root       string `json:"root"`
		Checkpoint string `json:"checkpoint"`
	}{a.Ledger.Origin(), size, root.String(), text})
}
