// Package breach is the register of breaches: what happened, whom it concerns, what was done, who was told and when (5.5, 7.1; law 94-V,
// article 25-2).
//
// It guarantees: whom a breach concerns follows from the log, not from anybody's memory; the clock towards the authority begins with the
// detection; each act is an entry of the log; a drill goes the whole way and writes to nobody but the officers.
package breach

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/worktime"
)

// Kind is what happened. Codes are stored: never renumber.
type Kind int64

const (
	Read    Kind = iota + 1 // somebody read what they should not have
	Copied                  // taken away
	Changed                 // altered
	Lost                    // destroyed, or can't be reached
	Spread                  // made known to others
)

var kindNames = [...]string{"", "read", "copied", "changed", "lost", "spread"}

// Kinds lists them.
var Kinds = []Kind{Read, Copied, Changed, Lost, Spread}

func (k Kind) String() string {
	if k < Read || k > Spread {
		return "kind?"
	}
	return kindNames[k]
}

// KindByName finds a kind.
func KindByName(name string) (Kind, bool) {
	i := slices.Index(kindNames[1:], name)
	return Kind(i + 1), i >= 0
}

// Window says whom a breach concerns: everybody whose data an actor opened in a stretch of time. The zero Window concerns nobody yet.
type Window struct {
	Kind        ledger.ActorKind
	Actor       person.ID
	From, Until time.Time
}

// Breach is a line of the register.
type Breach struct {
	ID        int64
	Number    string // "2026-3"
	Drill     bool
	Kind      Kind
	Detected  time.Time
	By        person.ID // the officer who entered it
	About     string
	Measures  string
	Window    Window
	Due       time.Time // until when the authority is to be told
	Counted   time.Time // when it was known whom it concerns; zero while they are looked for
	Authority time.Time // when the authority was told
	Notice    time.Time // when the letters to the people were ordered
	Closed    time.Time
}

// Code is its name at the door and in the log.
func (b *Breach) Code() string { return "breach:" + b.Number }

// Person is somebody whom a breach concerns.
type Person struct {
	Subject person.ID
	Fields  person.Fields // what was opened
	Told    time.Time
}

// Config is what the register needs.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Log      *ledger.Ledger
	Queue    *jobs.Queue
	Notifier notify.Writer
	Officers func(ctx context.Context) ([]person.ID, error)
	Lang     func(ctx context.Context, subject person.ID) (string, error)
	// DataPage is where people see who opened their data.
	DataPage func(lang string) string
}

// Register is the register. It is safe for concurrent use.
type Register struct{ c Config }

// Kinds of jobs.
const (
	jobCount  = "breach.count"
	jobNotice = "breach.notice"
	jobLetter = "breach.letter"
)

// Letters, by the prefix of their messages.
const (
	letterPeople = "breach.letter.people"
	letterDrill  = "breach.letter.drill"
)

// New makes the register and hangs its jobs into the queue.
func New(c Config) *Register {
	r := &Register{c: c}
	c.Queue.Handle(jobCount, r.count)
	c.Queue.Handle(jobNotice, r.queueLetters)
	c.Queue.Handle(jobLetter, r.sendLetter)
	return r
}

// maxText bounds what the officer writes, in bytes.
const maxText = 8000

// firstLang is that of letters to people whose language is not known: the language of the state.
const firstLang = "kk"

var errNone = errs.New(errs.NotFound, "breach.none")

// enter records an act in the log, in its transaction.
func (r *Register) enter(t *db.Tx, officer person.ID, b *Breach) error {
	return r.c.Log.Append(t, &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByStaff, Actor: officer, Role: policy.Officer, Operation: policy.Recording,
		Purpose: policy.Locate, Outcome: ledger.Allowed, Clauses: []string{"7.1"}, Case: b.Code()}})
}

// Open enters a breach. Whom it concerns is looked for right after, by a job.
func (r *Register) Open(ctx context.Context, officer person.ID, b Breach) (*Breach, error) {
	now := r.c.DB.Now()
	b.About = strings.TrimSpace(b.About)
	var bad []errs.Field
	if b.About == "" || len(b.About) > maxText {
		bad = append(bad, errs.Field{Name: "about", Key: "breach.about"})
	}
	if b.Kind < Read || b.Kind > Spread {
		bad = append(bad, errs.Field{Name: "kind", Key: "error.form"})
	}
	if b.Detected.IsZero() || b.Detected.After(now) {
		bad = append(bad, errs.Field{Name: "detected", Key: "breach.detected"})
	}
	if w := b.Window; w != (Window{}) && (w.Actor == 0 || w.Kind != ledger.ByStaff && w.Kind != ledger.BySystem && w.Kind != ledger.BySubject ||
		w.From.IsZero() || w.From.After(now) || w.Until.Before(w.From)) {
		bad = append(bad, errs.Field{Name: "from", Key: "breach.window"})
	}
	if len(bad) > 0 {
		return nil, errs.InvalidFields(bad)
	}
	if b.Window.Until.After(now) {
		b.Window.Until = now // nothing of later is counted, so nothing of later is claimed
	}
	b.By = officer
	err := r.c.DB.Write(ctx, func(t *db.Tx) error {
		year := int64(worktime.DateOf(t.Now()).Year)
		var n int64
		if _, err := t.Get([]any{&n}, nextNumber, year<<32); err != nil {
			return err
		}
		b.ID, b.Number = year<<32|n, fmt.Sprintf("%d-%d", year, n)
		clock, err := clocks.Start(t, "breach.authority", b.Detected)
		if err != nil {
			return err
		}
		b.Due = clock.Due
		if _, err := t.Exec(insertBreach, b.ID, b.Number, db.Bit(b.Drill), int64(b.Kind), db.Micros(b.Detected), officer, b.About, int64(b.Window.Kind),
			b.Window.Actor, db.Micros(b.Window.From), db.Micros(b.Window.Until), db.Micros(b.Due)); err != nil {
			return err
		}
		if err := r.enter(t, officer, &b); err != nil {
			return err
		}
		return r.c.Queue.Enqueue(t, jobCount, job{Breach: b.ID}, t.Now())
	})
	return &b, err
}

type job struct {
	Breach  int64     `json:"breach"`
	Subject person.ID `json:"subject,omitempty"`
}

func (r *Register) load(ctx context.Context, payload []byte) (job, *Breach, error) {
	var j job
	if err := json.Unmarshal(payload, &j); err != nil {
		return j, nil, errs.Wrap(errs.Invalid, "error.internal", err)
	}
	b, err := r.one(ctx, selectID, j.Breach)
	return j, b, err
}

// step is how many people one transaction takes.
const step = 500

// count looks through the log for everybody whom the breach concerns. It may run again: who was found is found again.
func (r *Register) count(ctx context.Context, payload []byte) error {
	_, b, err := r.load(ctx, payload)
	if err != nil {
		return err
	}
	found := map[person.ID]person.Fields{}
	flush := func() error {
		err := r.c.DB.Write(ctx, func(t *db.Tx) error {
			for id, fields := range found {
				if _, err := t.Exec(addSubject, b.ID, id, int64(fields)); err != nil {
					return err
				}
			}
			return nil
		})
		clear(found)
		return err
	}
	if w := b.Window; w != (Window{}) {
		var failed error
		err := r.c.Log.Between(ctx, w.From, w.Until, func(x *ledger.Indexed) bool {
			if x.Outcome == ledger.Allowed && x.Kind == w.Kind && x.Actor == w.Actor && x.Fields != 0 && x.Subject != 0 && x.Subject != w.Actor {
				found[x.Subject] |= x.Fields
			}
			if len(found) >= step {
				failed = flush()
			}
			return failed == nil
		})
		if err = errors.Join(err, failed); err != nil {
			return err
		}
		if err := flush(); err != nil {
			return err
		}
	}
	return r.c.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(setCounted, db.Micros(t.Now()), b.ID)
		return err
	})
}

// act does something to an open breach.
func (r *Register) act(ctx context.Context, officer person.ID, number string, fn func(t *db.Tx, b *Breach) error) error {
	return r.c.DB.Write(ctx, func(t *db.Tx) error {
		rows, err := t.Query(selectNumber+r.c.DB.ForUpdate(), number)
		if err != nil {
			return err
		}
		b, err := only(scan(rows))
		if err != nil {
			return err
		}
		if !b.Closed.IsZero() {
			return errs.New(errs.Conflict, "breach.closed")
		}
		if err := fn(t, b); err != nil {
			return err
		}
		return r.enter(t, officer, b)
	})
}

// once is a step that is done one time.
func once(t *db.Tx, statement string, b *Breach) error {
	n, err := t.Exec(statement, db.Micros(t.Now()), b.ID)
	if err == nil && n != 1 {
		err = errs.New(errs.Conflict, "breach.done")
	}
	return err
}

// Measure records what was done against it.
func (r *Register) Measure(ctx context.Context, officer person.ID, number, text string) error {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxText {
		return errs.InvalidFields([]errs.Field{{Name: "measures", Key: "breach.about"}})
	}
	return r.act(ctx, officer, number, func(t *db.Tx, b *Breach) error {
		_, err := t.Exec(setMeasures, text, b.ID)
		return err
	})
}

// AuthorityTold records that the authority has the notice.
func (r *Register) AuthorityTold(ctx context.Context, officer person.ID, number string) error {
	return r.act(ctx, officer, number, func(t *db.Tx, b *Breach) error { return once(t, setAuthority, b) })
}

// Tell orders the letters to everybody concerned; in a drill, one letter to each officer.
func (r *Register) Tell(ctx context.Context, officer person.ID, number string) error {
	return r.act(ctx, officer, number, func(t *db.Tx, b *Breach) error {
		if b.Counted.IsZero() {
			return errs.New(errs.Conflict, "breach.uncounted")
		}
		if err := once(t, setNotice, b); err != nil {
			return err
		}
		return r.c.Queue.Enqueue(t, jobNotice, job{Breach: b.ID}, t.Now())
	})
}

// Close ends the work on a breach: the authority was told, and the measures are written down.
func (r *Register) Close(ctx context.Context, officer person.ID, number string) error {
	return r.act(ctx, officer, number, func(t *db.Tx, b *Breach) error {
		if b.Measures == "" || b.Authority.IsZero() {
			return errs.New(errs.Conflict, "breach.open")
		}
		return once(t, setClosed, b)
	})
}

// queueLetters queues a letter for each person concerned who was not told yet.
func (r *Register) queueLetters(ctx context.Context, payload []byte) error {
	_, b, err := r.load(ctx, payload)
	if err != nil {
		return err
	}
	if b.Drill {
		return r.drill(ctx, b)
	}
	for after := person.ID(0); ; {
		page, err := r.People(ctx, b, after, step)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].Subject
		err = r.c.DB.Write(ctx, func(t *db.Tx) error {
			for _, p := range page {
				if !p.Told.IsZero() {
					continue
				}
				if err := r.c.Queue.Enqueue(t, jobLetter, job{b.ID, p.Subject}, t.Now()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// drill queues the letters of a drill: to the officers, and to nobody concerned.
func (r *Register) drill(ctx context.Context, b *Breach) error {
	to, err := r.c.Officers(ctx)
	if err != nil {
		return err
	}
	return r.c.DB.Write(ctx, func(t *db.Tx) error {
		for _, id := range to {
			if err := r.c.Queue.Enqueue(t, jobLetter, job{b.ID, id}, t.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Register) sendLetter(ctx context.Context, payload []byte) error {
	j, b, err := r.load(ctx, payload)
	if err != nil {
		return err
	}
	if b.Drill {
		return r.send(ctx, b, j.Subject, letterDrill)
	}
	var told int64
	if found, err := r.c.DB.Get(ctx, []any{&told}, selectTold, b.ID, j.Subject); err != nil || !found || told != 0 {
		return err
	}
	if err := r.send(ctx, b, j.Subject, letterPeople); err != nil {
		return err
	}
	return r.c.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(setTold, db.Micros(t.Now()), b.ID, j.Subject)
		return err
	})
}

// send writes to somebody; who is blocked, erased or has withdrawn is refused by the door, and sees the passages in "My data".
func (r *Register) send(ctx context.Context, b *Breach, to person.ID, letter string) error {
	lang, err := r.c.Lang(ctx, to)
	if err != nil {
		return err
	}
	if lang == "" {
		lang = firstLang
	}
	return r.c.Notifier.Send(ctx, to, policy.Notify, notify.Letter{Key: letter, Lang: lang, Link: r.c.DataPage(lang), Case: b.Code(),
		Args: []i18n.Arg{i18n.Str("number", b.Number), i18n.Msg("kind", "breach.kind."+b.Kind.String()), i18n.Day("day", b.Detected)}})
}

// All lists the register, newest first.
func (r *Register) All(ctx context.Context) ([]*Breach, error) { return r.list(ctx, selectAll) }

// ByNumber gives a breach.
func (r *Register) ByNumber(ctx context.Context, number string) (*Breach, error) {
	return r.one(ctx, selectNumber, number)
}

func (r *Register) one(ctx context.Context, query string, key any) (*Breach, error) {
	return only(r.list(ctx, query, key))
}

func only(list []*Breach, err error) (*Breach, error) {
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNone
	}
	return list[0], nil
}

func (r *Register) list(ctx context.Context, query string, args ...any) ([]*Breach, error) {
	rows, err := r.c.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return scan(rows)
}

func scan(rows *sql.Rows) ([]*Breach, error) {
	var out []*Breach
	err := db.Each(rows, func(get func(...any) error) error {
		b := &Breach{}
		var drill, detected, from, until, due, counted, authority, notice, closed int64
		err := get(&b.ID, &b.Number, &drill, &b.Kind, &detected, &b.By, &b.About, &b.Measures, &b.Window.Kind, &b.Window.Actor, &from, &until, &due,
			&counted, &authority, &notice, &closed)
		b.Drill, b.Detected, b.Due = drill != 0, db.Time(detected), db.Time(due)
		b.Window.From, b.Window.Until = db.Time(from), db.Time(until)
		b.Counted, b.Authority, b.Notice, b.Closed = db.Time(counted), db.Time(authority), db.Time(notice), db.Time(closed)
		out = append(out, b)
		return err
	})
	return out, err
}

// Count is how many people a breach concerns, and how many of them were told.
func (r *Register) Count(ctx context.Context, b *Breach) (people, told int64, err error) {
	_, err = r.c.DB.Get(ctx, []any{&people, &told}, countSubjects, b.ID)
	return people, told, err
}

// People lists whom a breach concerns, in order, after one (0 for the first page).
func (r *Register) People(ctx context.Context, b *Breach, after person.ID, limit int) ([]Person, error) {
	rows, err := r.c.DB.Query(ctx, pageSubjects, b.ID, after, limit)
	if err != nil {
		return nil, err
	}
	var out []Person
	err = db.Each(rows, func(get func(...any) error) error {
		var c Person
		var told int64
		err := get(&c.Subject, &c.Fields, &told)
		c.Told = db.Time(told)
		out = append(out, c)
		return err
	})
	return out, err
}

// Concerned lists the people of a breach that is no drill, for the disclosure by which the authority gets their names; NotFound while they
// are still looked for.
func (r *Register) Concerned(ctx context.Context, number string, after person.ID, limit int) ([]person.ID, error) {
	b, err := r.ByNumber(ctx, number)
	if err != nil {
		return nil, err
	}
	if b.Counted.IsZero() || b.Drill {
		return nil, errNone
	}
	page, err := r.People(ctx, b, after, limit)
	out := make([]person.ID, len(page))
	for i, p := range page {
		out[i] = p.Subject
	}
	return out, err
}
