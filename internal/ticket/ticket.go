// Package ticket is where people get help with the site (4.1.7). A ticket is no case of the rights desk: it promises an answer, by a target
// of our own, and nothing of the law.
//
// It guarantees:
//   - Words, notes of staff and files are sealed under the key of the person who asked, and each opening by staff is an entry of the log in
//     the case "ticket:<id>", which the person sees.
//   - A ticket, and each of its files, opens to its owner alone, whatever address is guessed; another's is not found.
//   - Two members of staff never answer one ticket at once: who takes it has it until they give it back or hand it over; and who answers has
//     seen all that was written before.
//   - A ticket is open to one role: support, or the officer or editors to whom it was handed over. Nobody else of the staff finds it.
//   - An answer and the letter that tells of it are one commit; the letter holds no word of the answer and goes when it can.
package ticket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"ustaz/internal/clocks"
	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/media"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Topic is what a ticket is about. Codes are stored: never renumber.
type Topic int64

const (
	SignIn Topic = iota + 1
	Course
	Test
	Certificate
	Technical
	Other
)

// Topics lists them.
var Topics = []Topic{SignIn, Course, Test, Certificate, Technical, Other}

var topicNames = [...]string{"topic?", "sign_in", "course", "test", "certificate", "technical", "other"}

func (t Topic) String() string {
	if t < SignIn || t > Other {
		return topicNames[0]
	}
	return topicNames[t]
}

// TopicByName finds a topic.
func TopicByName(name string) (Topic, bool) {
	i := slices.Index(topicNames[1:], name)
	return Topic(i + 1), i >= 0
}

// Status is whose turn it is. Codes are stored: never renumber.
type Status int64

const (
	Unanswered Status = iota + 1 // waits for the first answer
	Ours                         // answered before; the person wrote since
	Theirs                       // waits for the person
	Solved
)

// Statuses lists them, in the order in which staff work.
var Statuses = []Status{Unanswered, Ours, Theirs, Solved}

var statusNames = [...]string{"status?", "new", "ours", "theirs", "solved"}

func (s Status) String() string {
	if s < Unanswered || s > Solved {
		return statusNames[0]
	}
	return statusNames[s]
}

// StatusByName finds a status.
func StatusByName(name string) (Status, bool) {
	i := slices.Index(statusNames[1:], name)
	return Status(i + 1), i >= 0
}

// Act is a step. Codes are stored: never renumber.
type Act int64

const (
	Asked Act = iota + 1
	Wrote
	Answered
	Noted // by staff for staff; the person finds it in the copy of their data alone
	Taken
	GivenBack
	Closed
	Reopened
	ToSupport // handed over, as are the next two
	ToOfficer
	ToEditor
	Directed // shown the forms of the rights desk, since what they ask is theirs by law
)

var actNames = [...]string{"act?", "asked", "wrote", "answered", "noted", "taken", "given_back", "closed", "reopened", "to_support", "to_officer", "to_editor", "directed"}

func (a Act) String() string {
	if a < Asked || a > Directed {
		return actNames[0]
	}
	return actNames[a]
}

// own tells whether it is the person who does it; closing is done by either side.
func (a Act) own() bool { return a == Asked || a == Wrote || a == Reopened }

// Ticket is one. It holds no personal value.
type Ticket struct {
	ID       person.ID // made as those of people are
	Subject  person.ID
	Lang     string // of the page on which it was asked
	Topic    Topic
	Hands    policy.Role // in whose it is
	Status   Status
	Staff    person.ID // who has taken it; 0 for nobody
	Opened   time.Time
	Due      time.Time // the target for the first answer
	Turn     time.Time // since when it waits for whoever it waits for
	Answered time.Time // for the first time; else zero
	Solved   time.Time
}

// Code is its name at the door and in the log.
func (t *Ticket) Code() string { return "ticket:" + t.ID.String() }

// Late tells whether the target for the first answer is missed and it is still to be given.
func (t *Ticket) Late(now time.Time) bool { return t.Status == Unanswered && now.After(t.Due) }

// reopenFor is how long who has a solved ticket may open it again.
const reopenFor = 14 * 24 * time.Hour

// Reopenable tells whether its owner may open it again.
func (t *Ticket) Reopenable(now time.Time) bool {
	return t.Status == Solved && now.Before(t.Solved.Add(reopenFor))
}

// Place is that of it in the queue.
func (t *Ticket) Place() db.Place { return db.Place{At: t.Turn, ID: int64(t.ID)} }

// Step is a step of a thread.
type Step struct {
	Act   Act
	Actor person.ID
	Role  policy.Role // of staff, who took it
	At    time.Time
	Words person.Value
	Files []File
	id    int64
}

// Own tells whether the person who asked took the step.
func (s *Step) Own(t *Ticket) bool { return s.Actor == t.Subject }

// File is one that came with a step.
type File struct {
	ID     person.ID
	Type   string
	Size   int64
	Name   person.Value
	step   int64
	sealed []byte
}

// View is a ticket with its thread.
type View struct {
	Ticket
	Steps []Step
}

// Limits of files.
const (
	MaxFiles   = 5       // of one message
	MaxFile    = 5 << 20 // bytes of one
	maxAll     = 20      // of a ticket
	chunkBytes = 256 << 10
)

// What one person may have and send.
const (
	maxOpen  = 10
	maxSteps = 200
)

var written = limit.Rule{Name: "ticket.written", Burst: 20, Every: 5 * time.Minute}

// Config is what tickets need.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Limiter  *limit.Limiter
	Queue    *jobs.Queue
	Notifier notify.Writer
	Media    *media.Store // vets files
	Lang     func(ctx context.Context, subject person.ID) (string, error)
	// Page is the address, under the site's configured origin, of a ticket for its owner.
	Page func(lang string, t *Ticket) string
}

// Service is the capability. It is safe for concurrent use.
type Service struct{ c Config }

const jobLetter = "ticket.letter"

// New makes it, hangs its letter into the queue and its share into erasure.
func New(c Config) *Service {
	s := &Service{c}
	c.Door.OnErase(func(t *db.Tx, subject person.ID) error {
		for _, q := range []string{forgetChunks, forgetFiles, forgetSteps, forgetAll} {
			if _, err := t.Exec(q, subject); err != nil {
				return err
			}
		}
		return nil
	})
	c.Queue.Handle(jobLetter, s.sendLetter)
	return s
}

const (
	stepTable  = "ticket_step"
	fileTable  = "ticket_file"
	chunkTable = "ticket_chunk"
)

var (
	errNone    = errs.New(errs.NotFound, "ticket.none")
	errBlocked = errs.New(errs.Conflict, "ticket.blocked").By("6.2.4")
	wordsFile  = person.Set(person.Words, person.File)
)

func scanAll(scan func(...any) error, t *Ticket) error {
	var opened, due, turn, answered, solved int64
	err := scan(&t.ID, &t.Subject, &t.Lang, &t.Topic, &t.Hands, &t.Status, &t.Staff, &opened, &due, &turn, &answered, &solved)
	t.Opened, t.Due, t.Turn, t.Answered, t.Solved = db.Time(opened), db.Time(due), db.Time(turn), db.Time(answered), db.Time(solved)
	return err
}

func (s *Service) list(ctx context.Context, query string, args ...any) ([]*Ticket, error) {
	rows, err := s.c.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []*Ticket
	err = db.Each(rows, func(scan func(...any) error) error {
		t := &Ticket{}
		out = append(out, t)
		return scanAll(scan, t)
	})
	return out, err
}

func (s *Service) one(ctx context.Context, id person.ID) (*Ticket, error) {
	list, err := s.list(ctx, selectTicket, id)
	if err == nil && len(list) == 0 {
		err = errNone
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (s *Service) ofOwner(ctx context.Context, own, id person.ID) (*Ticket, error) {
	t, err := s.one(ctx, id)
	if err == nil && t.Subject != own {
		return nil, errNone
	}
	return t, err
}

// Mine lists somebody's tickets, newest first.
func (s *Service) Mine(ctx context.Context, own person.ID) ([]*Ticket, error) {
	return s.list(ctx, selectMine, own)
}

// Waiting lists those in the hands of a role in a status, of a topic (0 for any), that have waited longest, after a place (the zero Place for the first page).
func (s *Service) Waiting(ctx context.Context, hands policy.Role, status Status, topic Topic, after db.Place, limit int) ([]*Ticket, error) {
	at := int64(0)
	if after.ID != 0 {
		at = db.Micros(after.At)
	}
	if topic != 0 {
		return s.list(ctx, selectQueueOf, int64(hands), int64(status), at, after.ID, int64(topic), limit)
	}
	return s.list(ctx, selectQueue, int64(hands), int64(status), at, after.ID, limit)
}

var endings = slices.Sorted(slices.Values(append(media.Endings(media.Picture), ".pdf")))

// Endings lists what files may end in.
func Endings() []string { return slices.Clone(endings) }

// vet tells what is wrong with files, all of it at once: they are taken as files of courses are (media.Store.Vet).
func (s *Service) vet(ctx context.Context, files []desk.Attachment) ([]media.Vetted, error) {
	var bad []errs.Field
	add := func(key string) { bad = append(bad, errs.Field{Name: person.File.String(), Key: key}) }
	if len(files) > MaxFiles {
		add("ticket.file.count")
	}
	var out []media.Vetted
	for _, f := range files {
		kept, err := s.c.Media.Vet(ctx, f.Name, bytes.NewReader(f.Contents), endings, MaxFile)
		switch {
		case err == nil:
			out = append(out, kept)
		case errs.Is(err, errs.Invalid), errs.Is(err, errs.TooLarge):
			for _, x := range errs.As(err).Fields {
				bad = append(bad, errs.Field{Name: person.File.String(), Key: x.Key, Args: x.Args})
			}
		default:
			return nil, err
		}
	}
	return out, errs.InvalidFields(bad)
}

// Ask opens a ticket, written on a page in a language. id was given with the form (person.NewID): what is sent twice opens one.
func (s *Service) Ask(ctx context.Context, own, id person.ID, lang string, topic Topic, words person.Value, files []desk.Attachment) (*Ticket, error) {
	if topic < SignIn || topic > Other {
		return nil, errs.InvalidFields([]errs.Field{{Name: "topic", Key: "person.required"}})
	}
	if words.IsZero() {
		return nil, errs.InvalidFields([]errs.Field{{Name: person.Words.String(), Key: "person.required"}})
	}
	if t, err := s.ofOwner(ctx, own, id); err == nil {
		return t, nil
	}
	t := &Ticket{ID: id, Subject: own, Lang: lang, Topic: topic, Hands: policy.SupportR, Status: Unanswered}
	err := s.write(ctx, own, t, Asked, words, files, func(tx *keeper.Tx) error {
		var open int
		if _, err := tx.Get([]any{&open}, countOpen, own); err != nil {
			return err
		}
		if open >= maxOpen {
			return errs.New(errs.Conflict, "ticket.toomany")
		}
		first, err := clocks.Start(tx.Tx, "ticket.first", tx.Now())
		if err != nil {
			return err
		}
		now := db.Micros(tx.Now())
		t.Opened, t.Due, t.Turn = tx.Now(), first.Due, tx.Now()
		made, err := tx.Exec(insertTicket, id, own, lang, int64(topic), int64(policy.SupportR), now, db.Micros(first.Due), now)
		if err == nil && made == 0 {
			err = errTwice
		}
		return err
	})
	if errors.Is(err, errTwice) {
		return s.ofOwner(ctx, own, id)
	}
	return t, err
}

// errTwice: a ticket with that number is there.
var errTwice = errs.New(errs.Conflict, "error.form")

// Write adds what the owner writes; it is our turn then. A solved ticket is opened again by Reopen.
func (s *Service) Write(ctx context.Context, own, id person.ID, words person.Value, files []desk.Attachment) error {
	t, err := s.ofOwner(ctx, own, id)
	if err != nil {
		return err
	}
	if words.IsZero() && len(files) == 0 {
		return errs.InvalidFields([]errs.Field{{Name: person.Words.String(), Key: "person.required"}})
	}
	return s.write(ctx, own, t, Wrote, words, files, func(tx *keeper.Tx) error {
		return s.move(tx, t, func() error {
			if t.Status == Solved {
				return errs.New(errs.Conflict, "ticket.solved")
			}
			if t.Status == Theirs {
				t.Status, t.Turn = Ours, tx.Now()
			}
			return nil
		})
	})
}

func (s *Service) write(ctx context.Context, own person.ID, t *Ticket, act Act, words person.Value, files []desk.Attachment, fn func(*keeper.Tx) error) error {
	checked, err := s.vet(ctx, files)
	if err != nil {
		return err
	}
	if err := s.c.Limiter.Spend(ctx, limit.Spend{Rule: written, Key: []byte(own.String())}); err != nil {
		return err
	}
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Recording, Purpose: policy.Support, Fields: wordsFile, Case: t.Code()}
	_, err = s.c.Door.Change(ctx, p, func(tx *keeper.Tx) error {
		if tx.State().Restricted {
			return errBlocked
		}
		if err := fn(tx); err != nil {
			return err
		}
		step, err := s.step(tx, t, act, own, words)
		if err != nil {
			return err
		}
		return s.store(tx, t, step, checked)
	})
	return err
}

// move reads a ticket again under the lock of the transaction, changes it and writes it.
func (s *Service) move(tx *keeper.Tx, t *Ticket, change func() error) error {
	rows, err := tx.Query(selectTicket+s.c.DB.ForUpdate(), t.ID)
	if err != nil {
		return err
	}
	found := false
	if err := db.Each(rows, func(scan func(...any) error) error {
		found = true
		return scanAll(scan, t)
	}); err != nil {
		return err
	}
	if !found {
		return errNone
	}
	if err := change(); err != nil {
		return err
	}
	_, err = tx.Exec(updateTicket, int64(t.Status), int64(t.Hands), t.Staff, db.Micros(t.Turn), db.Micros(t.Answered), db.Micros(t.Solved), t.ID)
	return err
}

func (s *Service) step(tx *keeper.Tx, t *Ticket, act Act, actor person.ID, words person.Value) (id int64, err error) {
	var n int64
	if _, err := tx.Get([]any{&n}, countSteps, t.ID); err != nil {
		return 0, err
	}
	if n >= maxSteps && act.own() {
		return 0, errs.New(errs.TooLarge, "ticket.full")
	}
	id = int64(person.NewID(tx.Now()))
	sealed := []byte{}
	if !words.IsZero() {
		if sealed, err = tx.SealAside(stepTable, id, words); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(insertStep, id, t.ID, n+1, int64(act), actor, db.Micros(tx.Now()), sealed)
	return id, err
}

// store seals files in pieces, each bound to its place.
func (s *Service) store(tx *keeper.Tx, t *Ticket, step int64, files []media.Vetted) error {
	var n int
	if _, err := tx.Get([]any{&n}, countFiles, t.ID); err != nil {
		return err
	}
	if n+len(files) > maxAll {
		return errs.InvalidFields([]errs.Field{{Name: person.File.String(), Key: "ticket.file.all"}})
	}
	for i, f := range files {
		id := int64(person.NewID(tx.Now()))
		name, err := tx.SealAside(fileTable, id, person.Stored(person.File, f.Name))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(insertFile, id, t.ID, step, n+i, f.Type, int64(len(f.Content)), name); err != nil {
			return err
		}
		nth := int64(0)
		for piece := range slices.Chunk(f.Content, chunkBytes) {
			at := int64(person.NewID(tx.Now()))
			sealed, err := tx.SealAside(chunkTable, at, person.Stored(person.File, string(piece)))
			if err != nil {
				return err
			}
			if _, err := tx.Exec(insertChunk, at, id, nth, sealed); err != nil {
				return err
			}
			nth++
		}
	}
	return nil
}

// Settle says for its owner that a ticket is solved.
func (s *Service) Settle(ctx context.Context, own, id person.ID) error {
	t, err := s.ofOwner(ctx, own, id)
	if err != nil {
		return err
	}
	return s.act(ctx, keeper.Own(own), t, Closed, person.Value{}, func(tx *keeper.Tx) error { return t.close(tx.Now()) })
}

func (t *Ticket) close(now time.Time) error {
	if t.Status == Solved {
		return errs.New(errs.Conflict, "ticket.solved")
	}
	t.Status, t.Turn, t.Solved = Solved, now, now
	return nil
}

// Reopen opens a solved ticket again, within fourteen days.
func (s *Service) Reopen(ctx context.Context, own, id person.ID) error {
	t, err := s.ofOwner(ctx, own, id)
	if err != nil {
		return err
	}
	return s.act(ctx, keeper.Own(own), t, Reopened, person.Value{}, func(tx *keeper.Tx) error {
		now := tx.Now()
		if !t.Reopenable(now) {
			return errs.New(errs.Conflict, "ticket.toolate")
		}
		t.Status, t.Turn, t.Solved = Ours, now, time.Time{}
		if t.Answered.IsZero() {
			t.Status = Unanswered
		}
		return nil
	})
}

// act is a step with a change of the ticket, and a letter where staff said something to the person.
func (s *Service) act(ctx context.Context, by keeper.Actor, t *Ticket, act Act, words person.Value, change func(tx *keeper.Tx) error) error {
	p := keeper.Passage{Actor: by, Subject: t.Subject, Operation: policy.Recording, Purpose: policy.Support, Case: t.Code()}
	if !words.IsZero() {
		p.Fields = person.Set(person.Words)
	}
	_, err := s.c.Door.Change(ctx, p, func(tx *keeper.Tx) error {
		if tx.State().Restricted {
			return errBlocked
		}
		if err := s.move(tx, t, func() error { return change(tx) }); err != nil {
			return err
		}
		if _, err := s.step(tx, t, act, by.ID, words); err != nil || act != Answered && act != Directed {
			return err
		}
		return s.c.Queue.Enqueue(tx.Tx, jobLetter, posted{t.ID}, tx.Now())
	})
	return err
}

// as is a member of staff in the role in whose hands the ticket is; who does not hold it finds none.
func (t *Ticket) as(staff keeper.Actor) (keeper.Actor, error) {
	if !slices.Contains(staff.Roles, t.Hands) {
		return keeper.Actor{}, errNone
	}
	return keeper.Staff(staff.ID, t.Hands), nil
}

// byStaff does something for a member of staff who has the ticket, or takes it by that.
func (s *Service) byStaff(ctx context.Context, staff keeper.Actor, id person.ID, act Act, words person.Value, change func(tx *keeper.Tx, t *Ticket) error) error {
	t, err := s.one(ctx, id)
	if err != nil {
		return err
	}
	by, err := t.as(staff)
	if err != nil {
		return err
	}
	if words.IsZero() && (act == Answered || act == Noted) {
		return errs.InvalidFields([]errs.Field{{Name: person.Words.String(), Key: "person.required"}})
	}
	return s.act(ctx, by, t, act, words, func(tx *keeper.Tx) error {
		if t.Staff != 0 && t.Staff != staff.ID || t.Hands != by.Roles[0] {
			return errs.New(errs.Conflict, "ticket.taken")
		}
		return change(tx, t)
	})
}

// Take gives a ticket to a member of staff.
func (s *Service) Take(ctx context.Context, staff keeper.Actor, id person.ID) error {
	return s.byStaff(ctx, staff, id, Taken, person.Value{}, func(_ *keeper.Tx, t *Ticket) error {
		if t.Staff == staff.ID {
			return errs.New(errs.Conflict, "ticket.yours")
		}
		t.Staff = staff.ID
		return nil
	})
}

// GiveBack lays a ticket back, for a colleague to take.
func (s *Service) GiveBack(ctx context.Context, staff keeper.Actor, id person.ID) error {
	return s.byStaff(ctx, staff, id, GivenBack, person.Value{}, func(_ *keeper.Tx, t *Ticket) error {
		t.Staff = 0
		return nil
	})
}

// Hands are the roles that answer tickets. Support is asked first, and hands over.
var Hands = []policy.Role{policy.SupportR, policy.Officer, policy.Editor}

var handed = map[policy.Role]Act{policy.SupportR: ToSupport, policy.Officer: ToOfficer, policy.Editor: ToEditor}

// HandOver gives a ticket into the hands of another role, whose people alone find it then; nobody has taken it there yet.
func (s *Service) HandOver(ctx context.Context, staff keeper.Actor, id person.ID, to policy.Role) error {
	act, known := handed[to]
	if !known {
		return errs.InvalidFields([]errs.Field{{Name: "role", Key: "person.required"}})
	}
	return s.byStaff(ctx, staff, id, act, person.Value{}, func(_ *keeper.Tx, t *Ticket) error {
		switch {
		case t.Status == Solved:
			return errs.New(errs.Conflict, "ticket.solved")
		case t.Hands == to:
			return errs.New(errs.Conflict, "ticket.yours")
		}
		t.Hands, t.Staff = to, 0
		return nil
	})
}

// Answer writes to the person; it is their turn then, and a letter tells them. seen is how many steps the member of staff was shown: where there are
// more by now it is a Conflict, so nobody answers past what they have not read, and what is sent twice is said once.
func (s *Service) Answer(ctx context.Context, staff keeper.Actor, id person.ID, seen int, words person.Value) error {
	return s.byStaff(ctx, staff, id, Answered, words, func(tx *keeper.Tx, t *Ticket) error { return t.answered(tx, staff.ID, seen) })
}

// Direct shows the person the forms of the rights desk: what they ask is theirs by law, and a ticket promises nothing of that. It answers them.
func (s *Service) Direct(ctx context.Context, staff keeper.Actor, id person.ID, seen int) error {
	return s.byStaff(ctx, staff, id, Directed, person.Value{}, func(tx *keeper.Tx, t *Ticket) error { return t.answered(tx, staff.ID, seen) })
}

func (t *Ticket) answered(tx *keeper.Tx, staff person.ID, seen int) error {
	if t.Status == Solved {
		return errs.New(errs.Conflict, "ticket.solved")
	}
	var n int
	if _, err := tx.Get([]any{&n}, countSteps, t.ID); err != nil {
		return err
	}
	if n != seen {
		return errs.New(errs.Conflict, "ticket.moved")
	}
	t.Staff, t.Status, t.Turn = staff, Theirs, tx.Now()
	if t.Answered.IsZero() {
		t.Answered = tx.Now()
	}
	return nil
}

// Note writes for colleagues. It is about the person, so it is in the copy of their data.
func (s *Service) Note(ctx context.Context, staff keeper.Actor, id person.ID, words person.Value) error {
	return s.byStaff(ctx, staff, id, Noted, words, func(*keeper.Tx, *Ticket) error { return nil })
}

// Close says for staff that a ticket is solved.
func (s *Service) Close(ctx context.Context, staff keeper.Actor, id person.ID) error {
	return s.byStaff(ctx, staff, id, Closed, person.Value{}, func(tx *keeper.Tx, t *Ticket) error { return t.close(tx.Now()) })
}

// ForOwner shows a ticket with its thread but the notes; copied shows these as well. once names the session and page.
func (s *Service) ForOwner(ctx context.Context, own, id person.ID, copied bool, once string) (*View, error) {
	t, err := s.ofOwner(ctx, own, id)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, keeper.Own(own), policy.Access, t, once)
	if err == nil && !copied {
		v.Steps = slices.DeleteFunc(v.Steps, func(x Step) bool { return x.Act == Noted || x.Act == Taken || x.Act == GivenBack })
	}
	return v, err
}

// ForStaff shows a ticket with its whole thread.
func (s *Service) ForStaff(ctx context.Context, staff keeper.Actor, id person.ID) (*View, error) {
	t, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	by, err := t.as(staff)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, by, policy.Retrieval, t, "")
}

func (s *Service) view(ctx context.Context, by keeper.Actor, op policy.Operation, t *Ticket, once string) (*View, error) {
	v := &View{Ticket: *t}
	var asides []keeper.Aside
	var put []func(person.Value)
	rows, err := s.c.DB.Query(ctx, selectSteps, t.ID)
	if err != nil {
		return nil, err
	}
	var sealed [][]byte
	if err := db.Each(rows, func(scan func(...any) error) error {
		var x Step
		var at int64
		var words []byte
		err := scan(&x.id, &x.Act, &x.Actor, &at, &words)
		x.At = db.Time(at)
		v.Steps, sealed = append(v.Steps, x), append(sealed, words)
		return err
	}); err != nil {
		return nil, err
	}
	hands := policy.SupportR
	for i, words := range sealed {
		v.Steps[i].Role = hands
		for role, act := range handed {
			if v.Steps[i].Act == act {
				hands = role
			}
		}
		if len(words) > 0 {
			asides = append(asides, keeper.Aside{Table: stepTable, Field: person.Words, Row: v.Steps[i].id, Sealed: words})
			put = append(put, func(plain person.Value) { v.Steps[i].Words = plain })
		}
	}
	files, err := s.files(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		i := slices.IndexFunc(v.Steps, func(x Step) bool { return x.id == f.step })
		if i < 0 {
			continue
		}
		asides = append(asides, keeper.Aside{Table: fileTable, Field: person.File, Row: int64(f.ID), Sealed: f.sealed})
		put = append(put, func(plain person.Value) {
			f.Name = plain
			v.Steps[i].Files = append(v.Steps[i].Files, f)
		})
	}
	plain, err := s.c.Door.ReadAside(ctx, keeper.Passage{Actor: by, Subject: t.Subject, Operation: op, Purpose: policy.Support, Fields: wordsFile,
		Case: t.Code(), Once: once}, asides)
	if err != nil {
		return nil, err
	}
	for i, p := range plain {
		put[i](p)
	}
	return v, nil
}

func (s *Service) files(ctx context.Context, t *Ticket) ([]File, error) {
	rows, err := s.c.DB.Query(ctx, selectFiles, t.ID)
	if err != nil {
		return nil, err
	}
	var out []File
	err = db.Each(rows, func(scan func(...any) error) error {
		var f File
		err := scan(&f.ID, &f.step, &f.Type, &f.Size, &f.sealed)
		out = append(out, f)
		return err
	})
	return out, err
}

// FileForOwner opens a file of one's own ticket.
func (s *Service) FileForOwner(ctx context.Context, own, id, file person.ID) (File, []byte, error) {
	t, err := s.ofOwner(ctx, own, id)
	if err != nil {
		return File{}, nil, err
	}
	return s.open(ctx, keeper.Own(own), policy.Access, t, file)
}

// FileForStaff opens a file of a ticket.
func (s *Service) FileForStaff(ctx context.Context, staff keeper.Actor, id, file person.ID) (File, []byte, error) {
	t, err := s.one(ctx, id)
	if err != nil {
		return File{}, nil, err
	}
	by, err := t.as(staff)
	if err != nil {
		return File{}, nil, err
	}
	return s.open(ctx, by, policy.Retrieval, t, file)
}

func (s *Service) open(ctx context.Context, by keeper.Actor, op policy.Operation, t *Ticket, id person.ID) (File, []byte, error) {
	files, err := s.files(ctx, t)
	if err != nil {
		return File{}, nil, err
	}
	i := slices.IndexFunc(files, func(f File) bool { return f.ID == id })
	if i < 0 {
		return File{}, nil, errNone
	}
	f := files[i]
	asides := []keeper.Aside{{Table: fileTable, Field: person.File, Row: int64(f.ID), Sealed: f.sealed}}
	rows, err := s.c.DB.Query(ctx, selectChunks, f.ID)
	if err != nil {
		return File{}, nil, err
	}
	if err := db.Each(rows, func(scan func(...any) error) error {
		a := keeper.Aside{Table: chunkTable, Field: person.File}
		err := scan(&a.Row, &a.Sealed)
		asides = append(asides, a)
		return err
	}); err != nil {
		return File{}, nil, err
	}
	plain, err := s.c.Door.ReadAside(ctx, keeper.Passage{Actor: by, Subject: t.Subject, Operation: op, Purpose: policy.Support,
		Fields: person.Set(person.File), Case: t.Code()}, asides)
	if err != nil {
		return File{}, nil, err
	}
	f.Name = plain[0]
	var contents bytes.Buffer
	for _, piece := range plain[1:] {
		contents.WriteString(piece.Reveal())
	}
	if int64(contents.Len()) != f.Size {
		return File{}, nil, errs.New(errs.Internal, "door.damaged")
	}
	return f, contents.Bytes(), nil
}

// posted is the payload of jobLetter.
type posted struct {
	Ticket person.ID `json:"ticket"`
}

// sendLetter tells the owner that there is an answer.
func (s *Service) sendLetter(ctx context.Context, payload []byte) error {
	var j posted
	if err := json.Unmarshal(payload, &j); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	t, err := s.one(ctx, j.Ticket)
	if errs.Is(err, errs.NotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	lang, err := s.c.Lang(ctx, t.Subject)
	if err != nil {
		return err
	}
	return s.c.Notifier.Send(ctx, t.Subject, policy.Support, notify.Letter{Key: "ticket.letter.answered", Lang: lang, Link: s.c.Page(lang, t), Case: t.Code()})
}
