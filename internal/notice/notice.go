// Package notice tells people what concerns them (4.1.6): each thing once in their inbox, in the language in which they read it, and by e-mail at once, in a
// daily digest or not at all, as they chose for its kind.
//
// It guarantees: what a notice says lies sealed under its reader's key and comes out through the door alone; it leads to a page of this site and nowhere else;
// while its reader is blocked nothing of it is written or mailed, afterwards it goes on, but for what must go (6.2.4); an erasure takes all of it along; what the law or the account's
// safety needs is mailed whatever was chosen (kinds.go), and where the rules let no notice be kept, because its reader has not agreed or has no account, it
// goes as a letter alone; a letter that a mail server refused is tried again, and two servers never write one digest twice.
//
// A letter may go out twice where a server dies between the mail server's answer and the commit that says so.
package notice

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Config is what the service needs.
type Config struct {
	DB       *db.DB
	Door     *keeper.Keeper
	Queue    *jobs.Queue
	Notifier *notify.Notifier
	Catalog  *i18n.Catalog
	Public   *url.URL // the address under which people know the site
	// Lang is the language of somebody's letters; "" for who has no account.
	Lang func(ctx context.Context, subject person.ID) (string, error)
	// Inbox is the path of the inbox; Stop is that of the page on which a letter's reader switches its kind off without signing in.
	Inbox func(lang string) string
	Stop  func(lang string, token secret.Text) string
}

// Service is the capability. It is safe for concurrent use.
type Service struct{ c Config }

// New makes it, with its share in erasure and its jobs.
func New(c Config) *Service {
	s := &Service{c}
	c.Door.OnErase(func(t *db.Tx, subject person.ID) error {
		for _, statement := range []string{forget, forgetChoices, forgetHours} {
			if _, err := t.Exec(statement, subject); err != nil {
				return err
			}
		}
		return nil
	})
	c.Queue.Handle(jobTell, s.tell)
	c.Queue.Handle(jobMail, s.mail)
	c.Queue.Every(jobSweep, sweepEvery, s.Sweep)
	return s
}

// Notice is what to tell.
type Notice struct {
	Kind Kind
	Key  string // prefix of its messages, as of a notify.Letter: subject, body, button
	Args []i18n.Arg
	Path string // of the page that it leads to, behind the language: "/my/certificates"
	Case string // see keeper.ParseCase; "" is the letter's own
	// Purpose is what it goes out for as a letter alone; 0 is policy.Notify.
	Purpose policy.Purpose
}

// told is the payload of jobTell: like every payload it names things and holds no value of the profile.
type told struct {
	ID      int64          `json:"id"` // 0: that of the job
	Subject person.ID      `json:"subject"`
	Kind    Kind           `json:"kind"`
	Purpose policy.Purpose `json:"purpose"`
	kept
}

// kept is what is sealed.
type kept struct {
	Key  string     `json:"key"`
	Args []i18n.Arg `json:"args,omitempty"`
	Path string     `json:"path,omitempty"`
	Case string     `json:"case"`
	// Why is what the letter says it is sent for.
	Why policy.Purpose `json:"why"`
}

const (
	jobTell  = "notice.tell"
	jobMail  = "notice.mail"
	jobSweep = "notice.sweep"
)

// Tell queues a notice in the transaction of what it tells of. Its arguments name things, as a course or a certificate's number, and are no values of a profile.
func (s *Service) Tell(t *db.Tx, subject person.ID, n Notice) error {
	w, err := n.whole(0, subject)
	if err != nil {
		return err
	}
	return s.c.Queue.Enqueue(t, jobTell, w, t.Now())
}

func (n *Notice) whole(id int64, subject person.ID) (told, error) {
	if !n.Kind.Valid() || n.Key == "" || n.Path != "" && !strings.HasPrefix(n.Path, "/") {
		return told{}, fault("no notice")
	}
	why := n.Purpose
	if why == 0 {
		why = policy.Notify
	}
	about := n.Case
	if about == "" {
		about = keeper.LetterCase(n.Key)
	}
	return told{id, subject, n.Kind, why, kept{n.Key, n.Args, n.Path, about, why}}, nil
}

func fault(what string) error {
	return errs.Wrap(errs.Internal, "error.internal", errors.New("notice: "+what))
}

func (s *Service) tell(ctx context.Context, payload []byte) error {
	var n told
	if err := json.Unmarshal(payload, &n); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	if n.ID == 0 {
		n.ID = jobs.ID(ctx)
	}
	return s.give(ctx, n)
}

// heldFor is how long it takes until it is looked again whether a block was lifted.
const heldFor = time.Hour

// give puts a notice into its reader's inbox, once whatever happens, with the letter that is due; or sends it as a letter alone where the rules let none be kept.
func (s *Service) give(ctx context.Context, n told) error {
	if n.ID <= 0 { // that of a periodic job is the same each time
		return fault("told outside of a job")
	}
	if found, err := s.c.DB.Get(ctx, []any{new(int64)}, selectKnown, n.ID); err != nil || found {
		return err
	}
	lang, err := s.c.Lang(ctx, n.Subject)
	if err != nil {
		return err
	}
	state, err := s.c.Door.State(ctx, n.Subject)
	if err != nil {
		return err
	}
	pass := keeper.Passage{Actor: keeper.Program(), Subject: n.Subject, Operation: policy.Recording, Purpose: policy.Notify, Fields: words, Case: n.Case}
	may, err := s.c.Door.May(ctx, pass)
	if err != nil {
		return err
	}
	switch {
	case lang != "" && may == words:
		return s.keep(ctx, pass, n)
	case lang != "" && state.Restricted && !state.Erased && n.Purpose == policy.Notify:
		return s.c.DB.Write(ctx, func(t *db.Tx) error { return s.c.Queue.Enqueue(t, jobTell, n, t.Now().Add(heldFor)) })
	}
	return s.c.Notifier.Send(ctx, n.Subject, n.Purpose, s.letter(lang, n.Kind, n.kept))
}

// words are what a notice is at the door: what is written to somebody.
var words = person.Set(person.Words)

func (s *Service) keep(ctx context.Context, pass keeper.Passage, n told) error {
	text, err := json.Marshal(n.kept)
	if err != nil {
		return fault("it can't be kept")
	}
	_, err = s.c.Door.Change(ctx, pass, func(t *keeper.Tx) error {
		set, err := s.settings(t.Query, n.Subject)
		if err != nil {
			return err
		}
		sealed, err := t.SealAside(table, n.ID, person.Stored(person.Words, string(text)))
		if err != nil {
			return err
		}
		way := set.Of(n.Kind)
		at := int64(0)
		due := set.Hours.due(t.Now(), n.Kind, way)
		if way != Off {
			at = db.Micros(due)
		}
		made, err := t.Exec(insert, n.ID, n.Subject, int64(n.Kind), db.Micros(t.Now()), int64(way), at, sealed)
		if err != nil || made == 0 || way == Off {
			return err
		}
		return s.c.Queue.Enqueue(t.Tx, jobMail, mailing{n.Subject, way, n.ID}, due)
	})
	return err
}

// letter is a notice as a letter.
func (s *Service) letter(lang string, k Kind, n kept) notify.Letter {
	if lang == "" {
		lang = i18n.Codes()[0]
	}
	l := notify.Letter{Key: n.Key, Lang: lang, Args: n.Args, Case: n.Case}
	if n.Path != "" {
		l.Link = s.address("/" + lang + n.Path)
	}
	return l
}

func (s *Service) address(path string) string { return s.c.Public.JoinPath(path).String() }

// As makes a Writer of a kind for who writes letters in jobs of their own: what they send stands in the inbox too.
func (s *Service) As(k Kind) notify.Writer { return writer{s, k} }

type writer struct {
	s *Service
	k Kind
}

// Send gives a notice with a letter's words, as that of the job which runs.
func (w writer) Send(ctx context.Context, to person.ID, purpose policy.Purpose, l notify.Letter) error {
	path, own := strings.CutPrefix(l.Link, w.s.address("/"+l.Lang))
	if l.Link != "" && !own { // that of somebody without an account, or of another site: a letter alone
		return w.s.c.Notifier.Send(ctx, to, purpose, l)
	}
	n := Notice{Kind: w.k, Key: l.Key, Args: l.Args, Path: path, Case: l.Case, Purpose: purpose}
	// Who has no account has no inbox, and their letter is in the language that its writer chose; its link may hold a token, which no payload may.
	if lang, err := w.s.c.Lang(ctx, to); err != nil {
		return err
	} else if lang == "" {
		return w.s.c.Notifier.Send(ctx, to, purpose, l)
	}
	whole, err := n.whole(jobs.ID(ctx), to)
	if err != nil {
		return err
	}
	return w.s.give(ctx, whole)
}
