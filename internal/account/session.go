package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Level is what a session was opened with. Codes are stored: never renumber.
type Level uint8

const (
	half         Level = iota // the password was right, the code of the second factor is awaited; good for nothing else
	OneFactor                 // password, or a link to the confirmed address of a new account
	SecondFactor              // and a code of the second factor
)

// How long sessions last (ASVS 7.3; NIST SP 800-63B-4, AAL2: at most 24 hours, 1 hour without use).
const (
	teacherIdle     = time.Hour
	teacherAbsolute = 24 * time.Hour
	staffIdle       = 30 * time.Minute
	staffAbsolute   = 12 * time.Hour
	// RememberFor is how long a browser that asked to be remembered opens courses, and courses only (AAL1).
	RememberFor = 30 * 24 * time.Hour
	// KnownFor is the life of a device cookie.
	KnownFor = 180 * 24 * time.Hour

	halfLife  = 10 * time.Minute
	seenEvery = time.Minute // how exactly the last use is known
)

// RecentProof is how fresh the proof has to be for acts that can't be taken back.
const RecentProof = 10 * time.Minute

// Session is who a request comes from.
type Session struct {
	ID         int64 // names it in the list of sessions; it opens nothing
	Subject    person.ID
	Lang       string // of the account
	Level      Level
	Staff      bool // shorter life
	MustFactor bool // a second factor is required
	Factor     bool // the account has a second factor
	Remembered bool
	Created    time.Time
	Seen       time.Time // to the minute
	Proved     time.Time // when everything the account is protected with was last proven; zero where a remembered session only goes on
	Coded      time.Time // when a code of the second factor was last given in it; zero if none was
	hash       []byte
}

// complete tells whether the session was opened with everything that its account is protected with.
func (s Session) complete() bool { return s.Level == SecondFactor || !s.Factor }

// Full tells whether the session was opened with everything that its account must be protected with. Who must have a second factor and
// has none can but set one.
func (s Session) Full() bool { return s.complete() && (s.Factor || !s.MustFactor) }

// Present tells whether the owner of the account has shown, by all that it is protected with now, that they are here.
func (s Session) Present() bool { return s.complete() && !s.Proved.IsZero() }

// Personal tells whether personal pages may be shown. Without it only courses are open until presence is proven again (Reauthenticate).
func (s Session) Personal() bool { return s.Full() && !s.Proved.IsZero() }

// Once names the session and a kind of page for keeper.Passage.Once.
func (s Session) Once(page string) string { return strconv.FormatInt(s.ID, 36) + " " + page }

// Proved tells whether presence was proven within a time, with everything that the account is protected with (ASVS 7.5.3).
func (a *Accounts) Proved(s Session, within time.Duration) bool {
	return s.Personal() && a.cfg.DB.Now().Sub(s.Proved) <= within
}

// Fresh tells whether a code of the second factor was given in the session within RecentProof: for acts of staff that change who may do
// what (ASVS 7.5.3). ConfirmCode makes it so.
func (a *Accounts) Fresh(s Session) bool {
	return s.Personal() && s.Level == SecondFactor && a.cfg.DB.Now().Sub(s.Coded) <= RecentProof
}

// errProve asks for Reauthenticate.
var errProve = errs.New(errs.Forbidden, "account.prove")

// NeedsProof tells whether an act was refused until Reauthenticate.
func NeedsProof(err error) bool { return err != nil && errs.As(err).Key == errProve.Key }

// mustBeProved lets staff through who are about to set their second factor.
func (a *Accounts) mustBeProved(s Session) error {
	if !s.complete() || s.Proved.IsZero() || a.cfg.DB.Now().Sub(s.Proved) > RecentProof {
		return errProve
	}
	return nil
}

// fresh tells whether a session lives by itself, without being remembered.
func (s Session) fresh(now time.Time) bool {
	idle, absolute := teacherIdle, teacherAbsolute
	if s.Staff {
		idle, absolute = staffIdle, staffAbsolute
	}
	return now.Sub(s.Seen) < idle && now.Sub(s.Created) < absolute
}

// goesOn tells whether a session that is not fresh still opens courses.
func (s Session) goesOn(now time.Time) bool {
	return s.Remembered && !s.Staff && now.Sub(s.Created) < RememberFor
}

func sessionHash(token []byte) []byte {
	h := sha256.Sum256(token)
	return h[:]
}

// Authenticate tells whose request it is by the token of its session cookie. It is one read, and once a minute a write. The error is
// Unauthenticated where the session is unknown, over or not complete.
func (a *Accounts) Authenticate(ctx context.Context, token secret.Text) (Session, error) {
	b, ok := tokenOf(token, tokenBytes)
	if !ok {
		return Session{}, errNoAccount
	}
	s := Session{hash: sessionHash(b)}
	var level, remembered, created, seen, proved, coded, staff, factor int64
	found, err := a.cfg.DB.Get(ctx, []any{&s.ID, &s.Subject, &level, &remembered, &created, &seen, &proved, &coded, &staff, &factor, &s.Lang}, selectSession, s.hash)
	if err != nil {
		return Session{}, err
	}
	if !found {
		return Session{}, errNoAccount
	}
	s.Level, s.Remembered, s.Staff, s.Factor = Level(level), remembered != 0, staff != 0, factor != 0
	s.MustFactor = a.mustFactor(s.Staff)
	s.Created, s.Seen = db.Time(created), db.Time(seen)
	s.Proved = db.Time(proved)
	s.Coded = db.Time(coded)
	now := a.cfg.DB.Now()
	if !s.fresh(now) {
		if !s.goesOn(now) {
			return Session{}, errNoAccount
		}
		s.Level, s.Proved = OneFactor, time.Time{}
	}
	lowered := int64(s.Level) != level || s.Proved.IsZero() != (proved == 0)
	if lowered || now.Sub(s.Seen) >= seenEvery {
		s.Seen = now
		err = a.cfg.DB.Write(ctx, func(t *db.Tx) error {
			_, err := t.Exec(touchSession, int64(s.Level), db.Micros(s.Proved), db.Micros(now), s.hash)
			return err
		})
	}
	return s, err
}

// mustFactor tells whether an account needs a second factor (ASVS 6.3.3).
func (a *Accounts) mustFactor(staff bool) bool { return staff || a.cfg.FactorForAll }

// SignedIn is what a way in gives to the browser.
type SignedIn struct {
	Session
	// Token goes into the session cookie, in place of any before it.
	Token secret.Text
	// Device goes into the device cookie, for KnownFor: by it the browser is known the next time. Empty if HalfWay.
	Device secret.Text
	// HalfWay: the password was right, the account has a second factor: EnterCode comes next. Session is empty.
	HalfWay bool
}

// opening is a session about to be made.
type opening struct {
	acc      record // as it was when everything was proven
	level    Level
	remember bool
	visitor  Visitor
	first    bool    // of a new account: nobody needs to be told of a new device
	counter  counter // whose failures are forgotten; the zero counter has none
	replaces []byte  // hash of the session that this one stands in for
}

// open is the only way to a session: it looks at the account again in the transaction that makes the session, so that none outlives a
// closing, an erasure or a change of password that came in between. A blocked subject (6.2.4), and one who declined (2.2), can sign in.
func (a *Accounts) open(ctx context.Context, o opening) (SignedIn, error) {
	subject := o.acc.subject
	if _, err := a.cfg.Door.Note(ctx, identify(subject, policy.Use)); err != nil {
		return SignedIn{}, noAccount(err)
	}
	token, plain := newToken()
	out := SignedIn{Token: token}
	p := keeper.Passage{Actor: keeper.Own(subject), Subject: subject, Operation: policy.Recording, Purpose: policy.Locate,
		Fields: person.Set(person.Device, person.Address)}
	_, err := a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error {
		acc, err := a.activeIn(t.Tx, subject)
		if err != nil {
			return err
		}
		if acc.phc != o.acc.phc || acc.factor && o.level < SecondFactor {
			return errNoAccount
		}
		if o.replaces != nil {
			if n, err := t.Exec(deleteSession, o.replaces); err != nil || n != 1 {
				return orElse(err, errNoAccount)
			}
		}
		if o.counter.key != nil {
			if err := o.counter.right(t.Tx); err != nil {
				return err
			}
		}
		s := Session{ID: randomID(), Subject: subject, Lang: acc.lang, Level: o.level, Staff: acc.staff, MustFactor: a.mustFactor(acc.staff), Factor: acc.factor,
			Remembered: o.remember && !acc.staff, Created: t.Now(), Seen: t.Now(), Proved: t.Now(), hash: sessionHash(plain)}
		if s.Level == SecondFactor {
			s.Coded = t.Now()
		}
		device, err := sealAside(t, s.ID, o.visitor.device)
		if err != nil {
			return err
		}
		address, err := sealAside(t, s.ID, o.visitor.address)
		if err != nil {
			return err
		}
		now := db.Micros(t.Now())
		if _, err := t.Exec(insertSession, s.hash, s.ID, subject, int64(s.Level), db.Bit(s.Remembered), now, now, db.Micros(s.Coded), device, address); err != nil {
			return err
		}
		if _, err := t.Exec(useAccount, now, subject); err != nil {
			return err
		}
		if !o.first && o.replaces == nil && !a.knows(acc, o.visitor.known) {
			if err := a.tell(t.Tx, acc, letterNewDevice); err != nil {
				return err
			}
		}
		out.Session, out.Device = s, a.deviceToken(acc, t.Now())
		return nil
	})
	if err != nil {
		return SignedIn{}, noAccount(err)
	}
	return out, nil
}

// noAccount makes of "no such subject", and of one who was erased, what a session that is over gives.
func noAccount(err error) error {
	if err != nil {
		switch errs.As(err).Key {
		case "door.nosubject", "policy.refused.erased":
			return errNoAccount
		}
	}
	return err
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

const sessionTable = "session"

// sealAside seals what there is; nothing stays nothing.
func sealAside(t *keeper.Tx, row int64, v person.Value) ([]byte, error) {
	if v.IsZero() {
		return []byte{}, nil
	}
	return t.SealAside(sessionTable, row, v)
}

// randomID names a row without telling anything; two of one subject are never equal.
func randomID() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return int64(binary.BigEndian.Uint64(b[:]) >> 1)
}

// Listed is a session as its owner sees it.
type Listed struct {
	ID         int64
	Current    bool
	Level      Level
	Remembered bool
	Created    time.Time
	Seen       time.Time
	Device     person.Value // zero where not known
	Address    person.Value
}

// Sessions lists the subject's own live sessions, the one last used first (ASVS 7.5.2).
func (a *Accounts) Sessions(ctx context.Context, s Session) ([]Listed, error) {
	rows, err := a.cfg.DB.Query(ctx, selectSessions, s.Subject)
	if err != nil {
		return nil, err
	}
	now := a.cfg.DB.Now()
	var out []Listed
	var sealed []keeper.Aside
	err = db.Each(rows, func(scan func(...any) error) error {
		x := Session{Staff: s.Staff}
		var level, remembered, created, seen int64
		var device, address []byte
		if err := scan(&x.ID, &level, &remembered, &created, &seen, &device, &address); err != nil {
			return err
		}
		x.Remembered, x.Created, x.Seen = remembered != 0, db.Time(created), db.Time(seen)
		if !x.fresh(now) && !x.goesOn(now) {
			return nil
		}
		out = append(out, Listed{ID: x.ID, Current: x.ID == s.ID, Level: Level(level), Remembered: x.Remembered, Created: x.Created, Seen: x.Seen})
		if len(device) > 0 {
			sealed = append(sealed, keeper.Aside{Table: sessionTable, Field: person.Device, Row: x.ID, Sealed: device})
		}
		if len(address) > 0 {
			sealed = append(sealed, keeper.Aside{Table: sessionTable, Field: person.Address, Row: x.ID, Sealed: address})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p := keeper.Passage{Actor: keeper.Own(s.Subject), Subject: s.Subject, Operation: policy.Retrieval, Purpose: policy.Locate,
		Fields: person.Set(person.Device, person.Address), Once: s.Once("sessions")}
	opened, err := a.cfg.Door.ReadAside(ctx, p, sealed)
	if err != nil {
		return nil, noAccount(err)
	}
	for i, v := range opened {
		x := &out[slices.IndexFunc(out, func(l Listed) bool { return l.ID == sealed[i].Row })]
		if v.Field() == person.Device {
			x.Device = v
		} else {
			x.Address = v
		}
	}
	return out, nil
}

// End ends one of the subject's own sessions ("sign out there"); with it goes what was kept of its device and address. Another's is not found.
func (a *Accounts) End(ctx context.Context, s Session, id int64) error {
	return a.end(ctx, s, func(t *db.Tx) error {
		n, err := t.Exec(deleteSessionByID, s.Subject, id)
		if err == nil && n == 0 {
			err = errs.New(errs.NotFound, "account.session.unknown")
		}
		return err
	})
}

// EndOthers ends all of the subject's sessions but this one (ASVS 7.4.3).
func (a *Accounts) EndOthers(ctx context.Context, s Session) error {
	return a.end(ctx, s, func(t *db.Tx) error {
		_, err := t.Exec(deleteOtherSessions, s.Subject, s.hash)
		return err
	})
}

// SignOut ends this session (ASVS 7.4.1).
func (a *Accounts) SignOut(ctx context.Context, s Session) error {
	return a.end(ctx, s, func(t *db.Tx) error {
		_, err := t.Exec(deleteSession, s.hash)
		return err
	})
}

func (a *Accounts) end(ctx context.Context, s Session, fn func(*db.Tx) error) error {
	p := keeper.Passage{Actor: keeper.Own(s.Subject), Subject: s.Subject, Operation: policy.Deletion, Purpose: policy.Locate,
		Fields: person.Set(person.Device, person.Address)}
	_, err := a.cfg.Door.Change(ctx, p, func(t *keeper.Tx) error { return fn(t.Tx) })
	return noAccount(err)
}

// EndSessions ends all sessions of an account, half ones too, in the transaction that decides so (ASVS 7.4.5).
func (a *Accounts) EndSessions(t *db.Tx, subject person.ID) error {
	_, err := t.Exec(deleteSessions, subject)
	return err
}
