package desk

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/worktime"
)

// Kinds of jobs.
const (
	jobLetter = "desk.letter"
	jobStaff  = "desk.staff"
	jobCopy   = "desk.copy"
	jobFiles  = "desk.files"
	jobClocks = "desk.clocks"
)

// Letters, by the prefix of their messages: to parties, and to staff.
const (
	letterFiled    = "desk.letter.filed"
	letterWrote    = "desk.letter.wrote"
	letterAnswered = "desk.letter.answered"
	letterStep     = "desk.letter.step"
	letterBlocked  = "desk.letter.blocked" // to the person concerned, when somebody else applied

	letterNew     = "desk.letter.new"
	letterReply   = "desk.letter.reply"
	letterWarning = "desk.letter.warning"
	letterLate    = "desk.letter.late"
)

const clocksEvery = 10 * time.Minute

func (s *Service) handleJobs() {
	s.c.Queue.Handle(jobLetter, s.sendLetter)
	s.c.Queue.Handle(jobStaff, s.sendStaff)
	s.c.Queue.Handle(jobCopy, s.copyWords)
	s.c.Queue.Handle(jobFiles, func(ctx context.Context, _ []byte) error { return s.dropFiles(ctx) })
	s.c.Queue.Every(jobClocks, clocksEvery, s.Tick)
}

// posted is the payload of jobLetter.
type posted struct {
	Case   int64     `json:"case"`
	To     person.ID `json:"to"`
	Letter string    `json:"letter"`
}

// tell queues a letter about a case to one of its parties.
func (s *Service) tell(t *db.Tx, c *Case, to person.ID, letter string) error {
	return s.c.Queue.Enqueue(t, jobLetter, posted{c.ID, to, letter}, t.Now())
}

// tellFiled queues the letters of a new case: to who filed it, to whom it blocks, to the officers.
func (s *Service) tellFiled(t *db.Tx, c *Case) error {
	for _, p := range c.Parties() {
		letter := letterFiled
		switch {
		case p != c.Applicant && c.Blocks:
			letter = letterBlocked
		case p != c.Applicant:
			letter = letterStep
		}
		if err := s.tell(t, c, p, letter); err != nil {
			return err
		}
	}
	return s.tellOfficers(t, c, letterNew)
}

func (s *Service) tellOfficers(t *db.Tx, c *Case, letter string) error {
	return s.c.Queue.Enqueue(t, jobStaff, posted{Case: c.ID, Letter: letter}, t.Now())
}

func (s *Service) sendLetter(ctx context.Context, payload []byte) error {
	var j posted
	if err := decode(payload, &j); err != nil {
		return err
	}
	c, err := s.one(ctx, selectCase, j.Case)
	if err != nil {
		return err
	}
	state, err := s.c.Door.State(ctx, j.To)
	if err != nil || state.Erased {
		return err
	}
	lang, err := s.c.Lang(ctx, j.To)
	if err != nil {
		return err
	}
	var link string
	if lang != "" {
		link = s.c.CasePage(lang, c)
	} else {
		lang = c.Lang
		token, err := s.mint(ctx, j.To, c)
		if err != nil {
			return err
		}
		link = s.c.LinkPage(lang, token)
	}
	err = s.c.Answers.Send(ctx, j.To, c.purpose(state), notify.Letter{Key: j.Letter, Lang: lang, Link: link, Args: letterArgs(c), Case: c.Code()})
	if c.Source == OnPaper && errs.Is(err, errs.NotFound) {
		return nil // they gave no address: the officer answers by post, and the case's page says so
	}
	return err
}

func letterArgs(c *Case) []i18n.Arg {
	return []i18n.Arg{i18n.Str("number", c.Number), i18n.Msg("kind", "desk.kind."+c.Kind.String()), i18n.Day("due", c.Running.Due)}
}

// sendStaff writes to a member of staff. One that names nobody is for the officers, and for the heads as well where a clock ran out (8.2): each
// of them has a job of their own, so that one address that fails fills no other box twice.
func (s *Service) sendStaff(ctx context.Context, payload []byte) error {
	var j posted
	if err := decode(payload, &j); err != nil {
		return err
	}
	if j.To == 0 {
		return s.spread(ctx, j)
	}
	c, err := s.one(ctx, selectCase, j.Case)
	if err != nil {
		return err
	}
	lang, err := s.c.Lang(ctx, j.To)
	if err != nil {
		return err
	}
	return s.c.Notifier.Send(ctx, j.To, policy.Notify, notify.Letter{Key: j.Letter, Lang: lang, Link: s.c.StaffPage(lang, c), Args: letterArgs(c), Case: c.Code()})
}

func (s *Service) spread(ctx context.Context, j posted) error {
	to, err := s.c.Officers(ctx)
	if err != nil {
		return err
	}
	if j.Letter == letterLate {
		heads, err := s.c.Heads(ctx)
		if err != nil {
			return err
		}
		to = append(to, heads...)
	}
	slices.Sort(to)
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		for _, id := range slices.Compact(to) {
			if err := s.c.Queue.Enqueue(t, jobStaff, posted{j.Case, id, j.Letter}, t.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Links of letters to people without an account.
const (
	linkBytes = 32
	linkLife  = 30 * 24 * time.Hour
)

// ErrLink is the one answer for a link that is wrong or too old.
var ErrLink = errs.New(errs.Gone, "desk.link.gone")

func (s *Service) linkHash(token []byte) []byte { return s.c.Door.Mac("desk link", token) }

// mint makes a link by which the reader of a letter, who has no account, is known to be the one who was written to.
func (s *Service) mint(ctx context.Context, to person.ID, c *Case) (secret.Text, error) {
	token := make([]byte, linkBytes)
	_, _ = rand.Read(token) // crypto/rand.Read never fails
	err := s.c.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(insertLink, s.linkHash(token), to, c.ID, db.Micros(t.Now().Add(linkLife)))
		return err
	})
	return secret.New(base64.RawURLEncoding.EncodeToString(token)), err
}

// Linked tells whom a link belongs to, and the number of their case.
func (s *Service) Linked(ctx context.Context, token secret.Text) (own person.ID, number string, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token.Reveal())
	if err != nil || len(b) != linkBytes {
		return 0, "", ErrLink
	}
	var id int64
	found, err := s.c.DB.Get(ctx, []any{&own, &id}, selectLink, s.linkHash(b), db.Micros(s.now()))
	if err != nil {
		return 0, "", err
	}
	if !found {
		return 0, "", ErrLink
	}
	c, err := s.one(ctx, selectCase, id)
	if err != nil {
		return 0, "", err
	}
	return own, c.Number, nil
}

// pageOf is how many cases one query of a tick takes.
const pageOf = 200

// levels of warning: at how many days of the calendar before the last one they are due.
var levels = []int{10, 5, 1}

const lateLevel = 4

// level is the warning that a clock stands at now: 0 none, 1 to 3, 4 late.
func level(now, due time.Time) int64 {
	days, late := worktime.Left(now, due)
	if late {
		return lateLevel
	}
	n := int64(0)
	for _, l := range levels {
		if days <= l {
			n++
		}
	}
	return n
}

// Tick does what time alone brings: warnings before and after the last day (8.2), applications without proof lifted (6.2.4), planned
// erasures carried out (5.1), old links removed. One case that fails hinders no other.
func (s *Service) Tick(ctx context.Context) error {
	now := s.now()
	failed := []error{s.warn(ctx, now)}
	for _, work := range []struct {
		query string
		do    func(context.Context, *Case) error
	}{{selectUnproven, s.proofMissing}, {selectErasable, s.erasePlanned}} {
		due, err := s.list(ctx, work.query, db.Micros(now), pageOf)
		failed = append(failed, err)
		for _, c := range due {
			if err := work.do(ctx, c); !errors.Is(err, errClosed) {
				failed = append(failed, err)
			}
		}
	}
	failed = append(failed, s.c.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(sweepLinks, db.Micros(now), pageOf)
		return err
	}))
	return errors.Join(failed...)
}

func (s *Service) warn(ctx context.Context, now time.Time) error {
	horizon := db.Micros(now.AddDate(0, 0, levels[0]+1))
	for due, id := int64(0), int64(0); ; {
		rows, err := s.c.DB.Query(ctx, selectWarnings, due, id, horizon, pageOf)
		if err != nil {
			return err
		}
		type row struct{ id, due, warned int64 }
		var page []row
		if err := db.Each(rows, func(scan func(...any) error) error {
			var r row
			err := scan(&r.id, &r.due, &r.warned)
			page = append(page, r)
			return err
		}); err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		due, id = page[len(page)-1].due, page[len(page)-1].id
		for _, r := range page {
			at := level(now, db.Time(r.due))
			if at <= r.warned {
				continue
			}
			if err := s.c.DB.Write(ctx, func(t *db.Tx) error {
				n, err := t.Exec(setWarned, at, r.id)
				if err != nil || n == 0 {
					return err // another server was first
				}
				letter := letterWarning
				if at == lateLevel {
					letter = letterLate
				}
				return s.tellOfficers(t, &Case{ID: r.id}, letter)
			}); err != nil {
				return err
			}
		}
	}
}
