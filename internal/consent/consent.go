// Package consent keeps what people answered to the policy (2.1, 2.2; law 94-V, articles 8 and 25-2).
//
// It guarantees: a consent is only added, never changed or removed, so the last answer and all before it can be shown; each names the
// edition by number and hash, the language in which it was shown, the moment and the channel; the subject's state at the door changes in
// the same transaction. A row holds no personal value, and it outlives the account: the operator proves with it that there was a consent.
package consent

import (
	"context"
	"database/sql"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Act is what somebody said to an edition. Codes are stored: never renumber.
type Act uint8

const (
	Agreed Act = iota + 1
	Declined
	Withdrawn
)

var actNames = [...]string{"", "agreed", "declined", "withdrawn"}

// Valid tells whether a is one of the three.
func (a Act) Valid() bool { return a >= Agreed && a <= Withdrawn }

// String is the act's name in JSON and message keys.
func (a Act) String() string {
	if !a.Valid() {
		return "act?"
	}
	return actNames[a]
}

// state is where an act leaves the subject at the door.
func (a Act) state() policy.Consent {
	switch a {
	case Agreed:
		return policy.ConsentGiven
	case Declined:
		return policy.ConsentDeclined
	}
	return policy.ConsentWithdrawn
}

// Channel is how the answer came. Codes are stored: never renumber.
type Channel uint8

const (
	OnSite    Channel = iota + 1 // a form of the site
	BySystem                     // an outside system that registers people
	OnPaper                      // signed, and registered by the officer
	InProgram                    // a command on the machine, such as the demonstration
)

var channelNames = [...]string{"", "site", "system", "paper", "program"}

// Valid tells whether c is one of the channels.
func (c Channel) Valid() bool { return c >= OnSite && c <= InProgram }

// String is the channel's name in JSON and message keys.
func (c Channel) String() string {
	if !c.Valid() {
		return "channel?"
	}
	return channelNames[c]
}

// Given is one answer.
type Given struct {
	Edition int64  // its number
	Hash    string // its hash, as it was shown
	Lang    string // in which it was shown
	Channel Channel
	Act     Act
	At      time.Time // set by Record
}

// Consents is the register.
type Consents struct {
	d        *db.DB
	door     *keeper.Keeper
	editions *edition.Store
}

// New opens the register.
func New(d *db.DB, door *keeper.Keeper, editions *edition.Store) *Consents {
	return &Consents{d: d, door: door, editions: editions}
}

// Shown gives the answer to the edition that is in force, if hash is its hash and it has a text in lang. It is Conflict ("account.consent.newer")
// where another edition came into force since the page was made: nobody agrees to what they did not see.
func (c *Consents) Shown(hash, lang string, channel Channel, act Act) (Given, error) {
	ed, err := c.editions.InForce(c.d.Now())
	if err != nil {
		return Given{}, err
	}
	if hash != ed.Hash {
		return Given{}, errs.New(errs.Conflict, "account.consent.newer").By("9.2")
	}
	g := Given{Edition: ed.Seq, Hash: hash, Lang: lang, Channel: channel, Act: act}
	return g, c.check(g)
}

// check holds an answer to what was published.
func (c *Consents) check(g Given) error {
	ed, err := c.editions.BySeq(g.Edition)
	if err != nil {
		return err
	}
	if g.Hash != ed.Hash || ed.Docs[g.Lang] == nil || !g.Act.Valid() || !g.Channel.Valid() {
		return errs.New(errs.Invalid, "account.consent.unknown")
	}
	return nil
}

// Record adds an answer in the transaction of a passage and moves the subject's state at the door. Agreeing and declining are about the
// edition in force at that moment; a withdrawal names the edition that was agreed to.
func (c *Consents) Record(t *keeper.Tx, g Given) error {
	if err := c.check(g); err != nil {
		return err
	}
	if g.Act != Withdrawn {
		ed, err := c.editions.InForce(t.Now())
		if err != nil {
			return err
		}
		if ed.Seq != g.Edition {
			return errs.New(errs.Conflict, "account.consent.newer").By("9.2")
		}
	}
	var n int64
	if _, err := t.Get([]any{&n}, selectCount, t.Subject()); err != nil {
		return err
	}
	if _, err := t.Exec(insertConsent, t.Subject(), n+1, g.Edition, g.Hash, g.Lang, int64(g.Channel), int64(g.Act), db.Micros(t.Now())); err != nil {
		return err
	}
	t.SetConsent(g.Act.state())
	return nil
}

// Answer records what subjects say about themselves: that they agree or decline when asked again (2.1, 2.2), or that they withdraw (5.1).
func (c *Consents) Answer(ctx context.Context, subject person.ID, g Given) error {
	p := keeper.Passage{Actor: keeper.Own(subject), Subject: subject, Operation: policy.Recording, Purpose: policy.Identify,
		Case: keeper.ActCase(g.Act.String())}
	if g.Act == Withdrawn {
		p.Purpose = policy.EndOfUse
	}
	_, err := c.door.Change(ctx, p, func(t *keeper.Tx) error { return c.Record(t, g) })
	return err
}

// List gives a subject's answers, newest first.
func (c *Consents) List(ctx context.Context, subject person.ID) ([]Given, error) {
	rows, err := c.d.Query(ctx, selectAll, subject)
	if err != nil {
		return nil, err
	}
	return scan(rows)
}

// InForce is the edition that people are asked about now.
func (c *Consents) InForce() (*edition.Published, error) { return c.editions.InForce(c.d.Now()) }

// Last gives a subject's newest answer, if there is one.
func (c *Consents) Last(ctx context.Context, subject person.ID) (Given, bool, error) {
	rows, err := c.d.Query(ctx, selectLast, subject)
	if err != nil {
		return Given{}, false, err
	}
	return first(rows)
}

// LastIn is Last inside of a change, of its subject.
func (c *Consents) LastIn(t *keeper.Tx) (Given, bool, error) {
	rows, err := t.Query(selectLast, t.Subject())
	if err != nil {
		return Given{}, false, err
	}
	return first(rows)
}

// Must tells whether the subject has to be asked: an edition is in force that is newer than the last they answered to, or they never
// answered to any (9.2).
func (c *Consents) Must(ctx context.Context, subject person.ID) (bool, error) {
	ed, err := c.editions.InForce(c.d.Now())
	if err != nil {
		return false, err
	}
	last, found, err := c.Last(ctx, subject)
	return err == nil && (!found || last.Edition < ed.Seq), err
}

// Text is what the subject was shown. An edition never changes, so it is that to the letter.
func (c *Consents) Text(g Given) (*policy.Document, error) {
	if err := c.check(g); err != nil {
		return nil, err
	}
	ed, err := c.editions.BySeq(g.Edition)
	if err != nil {
		return nil, err
	}
	return ed.Docs[g.Lang], nil
}

func first(rows *sql.Rows) (Given, bool, error) {
	list, err := scan(rows)
	if err != nil || len(list) == 0 {
		return Given{}, false, err
	}
	return list[0], true, nil
}

func scan(rows *sql.Rows) ([]Given, error) {
	var out []Given
	err := db.Each(rows, func(scan func(...any) error) error {
		var g Given
		var channel, act, at int64
		err := scan(&g.Edition, &g.Hash, &g.Lang, &channel, &act, &at)
		g.Channel, g.Act, g.At = Channel(channel), Act(act), db.Time(at)
		out = append(out, g)
		return err
	})
	return out, err
}
