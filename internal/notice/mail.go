package notice

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// mailing is the payload of jobMail: one notice at once, or all that a digest is due for.
type mailing struct {
	Subject person.ID `json:"subject"`
	Mail    Mail      `json:"mail"`
	ID      int64     `json:"id"` // of the notice that is mailed at once, or first made the digest due
}

const (
	claimFor  = 5 * time.Minute // more than a handler has
	digestMax = 100             // notices of one letter; more go in the next
	digestKey = "notice.digest"
)

var errBusy = errs.New(errs.Unavailable, "notice.busy")

// mail writes the letter that is due, if it still is: what was chosen, read or removed since then counts, and so do the clock and a block.
func (s *Service) mail(ctx context.Context, payload []byte) error {
	var m mailing
	if err := json.Unmarshal(payload, &m); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	state, err := s.c.Door.State(ctx, m.Subject)
	if errs.Is(err, errs.NotFound) || state.Erased {
		return nil
	}
	if err != nil {
		return err
	}
	if state.Restricted {
		return s.later(ctx, m)
	}
	lang, err := s.c.Lang(ctx, m.Subject)
	if err != nil || lang == "" {
		return err
	}
	list, err := s.claim(ctx, m)
	if err != nil || len(list) == 0 {
		return err
	}
	err = s.write(ctx, m, lang, list)
	switch {
	case errs.Is(err, errs.Unavailable) || ctx.Err() != nil:
		return errors.Join(s.each(context.WithoutCancel(ctx), list, unclaim), err)
	case errs.Is(err, errs.Forbidden):
		if state, failed := s.c.Door.State(ctx, m.Subject); failed == nil && state.Restricted && !state.Erased { // since it was looked
			return errors.Join(s.each(ctx, list, unclaim), s.later(ctx, m))
		}
	}
	return errors.Join(s.each(context.WithoutCancel(ctx), list, setMailed), err) // what can't be sent is not tried again
}

// later has it looked again whether a block was lifted.
func (s *Service) later(ctx context.Context, m mailing) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error { return s.c.Queue.Enqueue(t, jobMail, m, t.Now().Add(heldFor)) })
}

// each runs a statement for every notice of a letter.
func (s *Service) each(ctx context.Context, list []*Told, statement string) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		for _, n := range list {
			if _, err := t.Exec(statement, n.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// claim takes, for one letter, the notices that are due now. Those whose time has not come, or come again, are queued for it.
func (s *Service) claim(ctx context.Context, m mailing) (list []*Told, err error) {
	err = s.c.DB.Write(ctx, func(t *db.Tx) error {
		list = nil
		set, err := s.settings(t.Query, m.Subject)
		if err != nil {
			return err
		}
		query, args := selectDue+s.c.DB.ForUpdate(), []any{m.Subject, int64(Digest), digestMax}
		if m.Mail == AtOnce {
			query, args = selectOne+s.c.DB.ForUpdate(), []any{m.ID, m.Subject}
		}
		rows, err := t.Query(query, args...)
		if err != nil {
			return err
		}
		var found []*Told
		if err := db.Each(rows, func(scan func(...any) error) error {
			n, err := scanned(scan)
			found = append(found, n)
			return err
		}); err != nil {
			return err
		}
		for _, n := range found {
			due, err := s.ripe(t, set, m, n)
			if err != nil {
				return err
			}
			if due {
				list = append(list, n)
			}
		}
		if m.Mail == Digest && len(found) == digestMax {
			return s.c.Queue.Enqueue(t, jobMail, m, t.Now())
		}
		return nil
	})
	return list, err
}

// ripe claims a notice if its letter is to go now.
func (s *Service) ripe(t *db.Tx, set Settings, m mailing, n *Told) (bool, error) {
	now := t.Now()
	way := set.Of(n.Kind)
	switch {
	case n.mailAt.IsZero() || n.mail != m.Mail:
		return false, nil // it went, or goes another way
	case way == Off, !n.Kind.Must() && !(n.Unread() && n.Dropped.IsZero()):
		_, err := t.Exec(setMail, int64(Off), 0, n.ID)
		return false, err
	case n.claims.After(now):
		return false, errBusy
	}
	at := n.mailAt
	switch {
	case way != n.mail:
		at = set.Hours.due(now, n.Kind, way)
	case !at.After(now) && n.Kind.Waits() && set.Hours.quiet(now):
		at = next(now, set.Hours.QuietUntil)
	}
	if way == n.mail && !at.After(now) {
		taken, err := t.Exec(setClaim, db.Micros(now.Add(claimFor)), n.ID, db.Micros(now))
		return taken == 1, err
	}
	if way == n.mail && at.Equal(n.mailAt) && m.ID != n.ID {
		return false, nil // its own job comes
	}
	if _, err := t.Exec(setMail, int64(way), db.Micros(at), n.ID); err != nil {
		return false, err
	}
	return false, s.c.Queue.Enqueue(t, jobMail, mailing{m.Subject, way, n.ID}, at)
}

// write sends one letter of what was claimed.
func (s *Service) write(ctx context.Context, m mailing, lang string, list []*Told) error {
	about := keeper.LetterCase(digestKey)
	if err := s.open(ctx, keeper.Passage{Actor: keeper.Program(), Subject: m.Subject, Operation: policy.Use, Purpose: policy.Notify, Fields: words, Case: about}, list); err != nil {
		return err
	}
	if m.Mail == AtOnce {
		n := list[0]
		l := s.letter(lang, n.Kind, n.kept)
		if !n.Kind.Must() {
			var err error
			if l.Stop, err = s.stopAt(lang, m.Subject, n.Kind); err != nil {
				return err
			}
		}
		return s.c.Notifier.Send(ctx, m.Subject, n.kept.Why, l)
	}
	words := s.c.Catalog.Lang(lang)
	l := notify.Letter{Key: digestKey, Lang: lang, Case: about, Link: s.address(s.c.Inbox(lang)), Args: []i18n.Arg{i18n.Num("n", int64(len(list)))}}
	for _, n := range list {
		item := notify.Item{Text: n.Title(words)}
		if n.Path != "" {
			item.Link = s.address("/" + lang + n.Path)
		}
		l.List = append(l.List, item)
	}
	var err error
	if l.Stop, err = s.stopAt(lang, m.Subject, 0); err != nil {
		return err
	}
	return s.c.Notifier.Send(ctx, m.Subject, policy.Notify, l)
}
