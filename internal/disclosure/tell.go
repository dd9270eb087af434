package disclosure

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// tellStep is how many letters are queued in one transaction.
const tellStep = 500

// tell queues a letter to everybody in a disclosure, within the term of notify.transfer: as soon as it was handed over. It goes in steps: what is
// queued and how far it got are one transaction. Where the act forbids telling (its article is on record) nobody is written to.
func (s *Service) tell(ctx context.Context, payload []byte) error {
	var p named
	if err := json.Unmarshal(payload, &p); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	for done := false; !done; {
		if err := s.cfg.DB.Write(ctx, func(t *db.Tx) (err error) {
			done, err = s.tellSome(t, p.ID)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tellSome(t *db.Tx, id int64) (done bool, err error) {
	d, err := s.lock(t, id)
	if err != nil || d.Silent != "" || !d.ToldAt.IsZero() || d.FetchedAt.IsZero() {
		return true, err
	}
	var reached person.ID
	var told int64
	if _, err := t.Get([]any{&reached, &told}, selectTold, id); err != nil {
		return true, err
	}
	from := reached
	rows, err := t.Query(selectTelling, id, from, tellStep)
	if err != nil {
		return true, err
	}
	n := 0
	var to []person.ID
	err = db.Each(rows, func(scan func(...any) error) error {
		var o Outcome
		err := scan(&reached, &o)
		if n++; o == Included {
			to = append(to, reached)
		}
		return err
	})
	if err != nil {
		return true, err
	}
	for _, subject := range to {
		if err := s.cfg.Queue.Enqueue(t, jobLetter, letter{id, subject}, t.Now()); err != nil {
			return true, err
		}
	}
	if done = n < tellStep; done {
		told = db.Micros(t.Now())
	}
	_, err = t.Exec(setTold, reached, told, id, from)
	return done, err
}

// letter is the payload of jobLetter.
type letter struct {
	ID      int64     `json:"id"`
	Subject person.ID `json:"subject"`
}

// sendLetter tells one person to whom their data went, what, why, and on which ground.
func (s *Service) sendLetter(ctx context.Context, payload []byte) error {
	var p letter
	if err := json.Unmarshal(payload, &p); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	d, err := s.Get(ctx, p.ID)
	if err != nil {
		return err
	}
	lang, err := s.cfg.Lang(ctx, p.Subject)
	if err != nil {
		return err
	}
	if lang == "" { // nobody they could sign in as: registered by an outside system
		lang = i18n.Codes()[0]
	}
	l := s.cfg.Catalog.Lang(lang)
	var fields []string
	for _, f := range d.Fields.List() {
		fields = append(fields, l.T("field."+f.String()))
	}
	return s.cfg.Notices.Send(ctx, p.Subject, policy.Notify, notify.Letter{Key: "disclosure.letter.told", Lang: lang, Link: s.cfg.DataLink(lang),
		Args: []i18n.Arg{i18n.Str("recipient", d.Recipient.Name(lang)), i18n.Str("fields", l.List(fields)), i18n.Str("act", d.Act),
			i18n.Str("article", d.Article), i18n.Day("at", d.FetchedAt), i18n.Str("flow", d.Purpose.Clause())}, Case: d.Code()})
}

// Ground is what a person is told of an entry of a disclosure.
type Ground struct {
	Recipient Recipient
	Act       string
	Article   string
	State     State
	FetchedAt time.Time // zero while nothing was handed over
}

// Packed tells whether an entry is that of somebody's data packed for a recipient.
func Packed(e *ledger.Entry) bool {
	return e.Operation == policy.Provision && e.Outcome == ledger.Allowed
}

// ByCase gives the recipient and ground of an entry's case, "disclosure:12"; ok is false for a case that is no disclosure. Where the act forbids
// telling, the recipient is kept back: the entry itself stays in the person's sight.
func (s *Service) ByCase(ctx context.Context, code string) (g Ground, ok bool, err error) {
	kind, number, _ := strings.Cut(code, ":")
	number, _, _ = strings.Cut(number, "/")
	id, bad := strconv.ParseInt(number, 10, 64)
	if kind != "disclosure" || bad != nil {
		return g, false, nil
	}
	d, err := s.Get(ctx, id)
	if errs.Is(err, errs.NotFound) {
		return g, false, nil
	}
	if err != nil || d.Silent != "" {
		return g, false, err
	}
	return Ground{Recipient: d.Recipient, Act: d.Act, Article: d.Article, State: d.State, FetchedAt: d.FetchedAt}, true, nil
}
