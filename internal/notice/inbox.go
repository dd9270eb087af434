package notice

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Told is a notice in its reader's inbox.
type Told struct {
	ID      int64
	Kind    Kind
	At      time.Time
	Read    time.Time // zero while it was not opened
	Dropped time.Time // zero unless its reader removed it
	Path    string    // behind the language; "" where it leads nowhere

	subject        person.ID
	mail           Mail
	mailAt, claims time.Time
	sealed         []byte
	kept           kept
}

// Unread tells whether its reader has not opened it.
func (n *Told) Unread() bool { return n.Read.IsZero() }

func (n *Told) args() []i18n.Arg {
	out := []i18n.Arg{i18n.Str("clause", n.kept.Why.Clause()).Spare()}
	for _, a := range n.kept.Args {
		out = append(out, a.Spare())
	}
	return out
}

// Title is its heading in a language.
func (n *Told) Title(l i18n.Lang) string { return l.T(n.kept.Key+".subject", n.args()...) }

// Text is what it says in a language, in paragraphs.
func (n *Told) Text(l i18n.Lang) []string {
	return strings.Split(l.T(n.kept.Key+".body", n.args()...), "\n\n")
}

func scanned(scan func(...any) error) (*Told, error) {
	n := &Told{}
	var at, read, dropped, mailAt, claimed int64
	err := scan(&n.ID, &n.subject, &n.Kind, &at, &read, &dropped, &n.mail, &mailAt, &claimed, &n.sealed)
	n.At, n.Read, n.Dropped, n.mailAt, n.claims = db.Time(at), db.Time(read), db.Time(dropped), db.Time(mailAt), db.Time(claimed)
	return n, err
}

func (s *Service) list(ctx context.Context, query string, args ...any) ([]*Told, error) {
	rows, err := s.c.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []*Told
	err = db.Each(rows, func(scan func(...any) error) error {
		n, err := scanned(scan)
		out = append(out, n)
		return err
	})
	return out, err
}

// open passes the door for what notices say.
func (s *Service) open(ctx context.Context, pass keeper.Passage, list []*Told) error {
	if len(list) == 0 {
		return nil
	}
	closed := make([]keeper.Aside, len(list))
	for i, n := range list {
		closed[i] = keeper.Aside{Table: table, Field: person.Words, Row: n.ID, Sealed: n.sealed}
	}
	values, err := s.c.Door.ReadAside(ctx, pass, closed)
	if err != nil {
		return err
	}
	for i, v := range values {
		if json.Unmarshal([]byte(v.Reveal()), &list[i].kept) != nil {
			return errs.New(errs.Internal, "error.internal") // the cause could hold a value
		}
		list[i].Path = list[i].kept.Path
	}
	return nil
}

func sight(own person.ID, once string) keeper.Passage {
	return keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Access, Purpose: policy.Notify, Fields: words, Once: once}
}

// PageSize is how many notices a page of an inbox has.
const PageSize = 30

// Inbox gives a page of somebody's notices, the newest first, and how many there are. once names the session and page.
func (s *Service) Inbox(ctx context.Context, own person.ID, page int, once string) (list []*Told, all int, err error) {
	if _, err := s.c.DB.Get(ctx, []any{&all}, countMine, own); err != nil {
		return nil, 0, err
	}
	if list, err = s.list(ctx, selectPage, own, PageSize, (max(page, 1)-1)*PageSize); err != nil {
		return nil, 0, err
	}
	return list, all, s.open(ctx, sight(own, once), list)
}

// All gives all that is kept of somebody's notices, the first first, for a copy: one entry.
func (s *Service) All(ctx context.Context, own person.ID) ([]*Told, error) {
	list, err := s.list(ctx, selectMine, own)
	if err != nil {
		return nil, err
	}
	return list, s.open(ctx, sight(own, ""), list)
}

// Unread counts the notices that somebody has not opened. It opens nothing and is no passage: every page may show it.
func (s *Service) Unread(ctx context.Context, own person.ID) (n int64, err error) {
	_, err = s.c.DB.Get(ctx, []any{&n}, countUnread, own)
	return n, err
}

var errNone = errs.New(errs.NotFound, "notice.none")

// Open marks one as read and gives it. NotFound where there is none, or it is another's.
func (s *Service) Open(ctx context.Context, own person.ID, id int64, once string) (*Told, error) {
	list, err := s.list(ctx, selectOne, id, own)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || !list[0].Dropped.IsZero() {
		return nil, errNone
	}
	if err := s.open(ctx, sight(own, once), list); err != nil {
		return nil, err
	}
	return list[0], s.mark(ctx, setRead, id, own)
}

func (s *Service) mark(ctx context.Context, statement string, args ...any) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(statement, append([]any{db.Micros(t.Now())}, args...)...)
		return err
	})
}

// ReadAll marks all of somebody's notices as read.
func (s *Service) ReadAll(ctx context.Context, own person.ID) error {
	return s.mark(ctx, setAllRead, own)
}

// Dropped gives one that its reader removed and can still have back; NotFound for any other.
func (s *Service) Dropped(ctx context.Context, own person.ID, id int64) error {
	list, err := s.list(ctx, selectOne, id, own)
	if err == nil && (len(list) == 0 || list[0].Dropped.IsZero()) {
		err = errNone
	}
	return err
}

// Drop removes one from its reader's inbox; until keepsDropped is over Restore gives it back. NotFound where there is none, or it is another's.
func (s *Service) Drop(ctx context.Context, own person.ID, id int64) error {
	return s.turn(ctx, own, id, true)
}

// Restore takes Drop back.
func (s *Service) Restore(ctx context.Context, own person.ID, id int64) error {
	return s.turn(ctx, own, id, false)
}

func (s *Service) turn(ctx context.Context, own person.ID, id int64, drop bool) error {
	_, err := s.c.Door.Change(ctx, act(own), func(t *keeper.Tx) error {
		at := int64(0)
		if drop {
			at = db.Micros(t.Now())
		}
		n, err := t.Exec(setDropped, at, id, own)
		if err == nil && n == 0 {
			err = errNone
		}
		return err
	})
	return err
}

// How long notices stay: what was read, and what its reader removed.
const (
	keepsRead    = 365 * 24 * time.Hour
	keepsDropped = 24 * time.Hour
	sweepEvery   = time.Hour
	sweepStep    = 500
)

// Sweep removes notices that were read a year ago, and those that their readers removed a day ago.
func (s *Service) Sweep(ctx context.Context) error {
	for _, work := range []struct {
		query string
		keep  time.Duration
	}{{selectOld, keepsRead}, {selectOut, keepsDropped}} {
		for done := false; !done; {
			if err := s.c.DB.Write(ctx, func(t *db.Tx) error {
				rows, err := t.Query(work.query, db.Micros(t.Now().Add(-work.keep)), sweepStep)
				if err != nil {
					return err
				}
				var ids []int64
				if err := db.Each(rows, func(scan func(...any) error) error {
					var id int64
					err := scan(&id)
					ids = append(ids, id)
					return err
				}); err != nil {
					return err
				}
				for _, id := range ids {
					if _, err := t.Exec(remove, id); err != nil {
						return err
					}
				}
				done = len(ids) < sweepStep
				return nil
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
