package disclosure

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"
	"golang.org/x/text/unicode/norm"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Kind is one of the three kinds of recipients that 5.2 names; there are no others. Codes are stored: never renumber.
type Kind uint8

const (
	Education Kind = iota + 1 // the education authority and its divisions
	Local                     // local executive bodies
	OtherBody                 // other state bodies
)

var kindNames = [...]string{"", "education", "local", "other"}

// Kinds lists them.
var Kinds = []Kind{Education, Local, OtherBody}

// String is the last part of the message key "disclosure.kind.<name>".
func (k Kind) String() string {
	if k < Education || k > OtherBody {
		return "kind?"
	}
	return kindNames[k]
}

// KindByName finds a kind.
func KindByName(name string) (Kind, bool) {
	for _, k := range Kinds {
		if kindNames[k] == name {
			return k, true
		}
	}
	return 0, false
}

// Recipient is a state body that data may go to.
type Recipient struct {
	ID      int64
	Kind    Kind
	NameKK  string
	NameRU  string
	BIN     string
	Email   string // where its one-time addresses are sent
	Key     string // age recipient (X25519), "age1…"
	MadeBy  person.ID
	MadeAt  time.Time
	EndedBy person.ID
	EndedAt time.Time // zero while it is in use
}

// code is the recipient as a case of the log's.
func (r *Recipient) code() string { return "recipient:" + strconv.FormatInt(r.ID, 10) }

// Name is its name in "kk" or "ru"; Kazakh for any other language.
func (r *Recipient) Name(lang string) string {
	if lang == "ru" {
		return r.NameRU
	}
	return r.NameKK
}

const maxText = 200

// line checks a line of free text about an authority; it is no subject's datum.
func line(raw string, max int) (string, bool) {
	s := strings.Join(strings.Fields(norm.NFC.String(raw)), " ")
	bad := strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
	return s, !bad && utf8.ValidString(raw) && s != "" && utf8.RuneCountInString(s) <= max
}

// check gives a recipient in its stored form, with all that is wrong about it.
func (r Recipient) check(now time.Time) (Recipient, []errs.Field) {
	var faults []errs.Field
	fault := func(name, key string) { faults = append(faults, errs.Field{Name: name, Key: key}) }
	if r.Kind < Education || r.Kind > OtherBody {
		fault("kind", "disclosure.recipient.kind.none")
	}
	var ok bool
	if r.NameKK, ok = line(r.NameKK, maxText); !ok {
		fault("name_kk", "disclosure.recipient.name.wrong")
	}
	if r.NameRU, ok = line(r.NameRU, maxText); !ok {
		fault("name_ru", "disclosure.recipient.name.wrong")
	}
	r.BIN = strings.Join(strings.Fields(r.BIN), "")
	if !goodBIN(r.BIN) {
		fault("bin", "disclosure.recipient.bin.wrong")
	}
	if v, err := person.Parse(person.Email, r.Email, now); err != nil {
		fault("email", errs.As(err).Fields[0].Key)
	} else {
		r.Email = v.Reveal()
	}
	r.Key = strings.TrimSpace(r.Key)
	if strings.HasPrefix(strings.ToUpper(r.Key), "AGE-SECRET-KEY-") {
		fault("key", "disclosure.recipient.key.secret")
	} else if _, err := age.ParseX25519Recipient(r.Key); err != nil {
		fault("key", "disclosure.recipient.key.wrong")
	}
	return r, faults
}

// goodBIN tells whether s is twelve digits with the control digit that BIN and IIN share.
func goodBIN(s string) bool {
	if len(s) != 12 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	sum := func(from int) (n int) {
		for i := range 11 {
			n += int(s[i]-'0') * ((i+from)%11 + 1)
		}
		return n % 11
	}
	control := sum(0)
	if control == 10 {
		control = sum(2)
	}
	return control == int(s[11]-'0')
}

// AddRecipient enters a recipient. Errors: Invalid with fields kind, name_kk, name_ru, bin, email, key.
func (s *Service) AddRecipient(ctx context.Context, by person.ID, r Recipient) (Recipient, error) {
	r, faults := r.check(s.cfg.DB.Now())
	if err := errs.InvalidFields(faults); err != nil {
		return r, err
	}
	err := s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		r.MadeBy, r.MadeAt = by, t.Now()
		if _, err := t.Get([]any{&r.ID}, nextRecipient, int64(r.Kind), r.NameKK, r.NameRU, r.BIN, r.Email, r.Key, by, db.Micros(r.MadeAt)); err != nil {
			return err
		}
		return s.enter(t, by, entry(by, policy.Transfer, policy.Recording, r.code()+"/entered"))
	})
	return r, err
}

// EndRecipient ends the use of a recipient; it stays in the register. What is on its way to it goes on. NotFound where there is none, or it has
// ended.
func (s *Service) EndRecipient(ctx context.Context, by person.ID, id int64) error {
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		n, err := t.Exec(endRecipient, by, db.Micros(t.Now()), id)
		if err == nil && n == 0 {
			err = errUnknown
		}
		if err != nil {
			return err
		}
		return s.enter(t, by, entry(by, policy.Transfer, policy.Blocking, (&Recipient{ID: id}).code()+"/ended"))
	})
}

// Recipients lists the register, the newest first.
func (s *Service) Recipients(ctx context.Context) ([]Recipient, error) {
	rows, err := s.cfg.DB.Query(ctx, selectRecipients)
	if err != nil {
		return nil, err
	}
	var out []Recipient
	err = db.Each(rows, func(scan func(...any) error) error {
		r, err := scanRecipient(scan)
		out = append(out, r)
		return err
	})
	return out, err
}

// Recipient gives one. NotFound where there is none.
func (s *Service) Recipient(ctx context.Context, id int64) (Recipient, error) {
	all, err := s.Recipients(ctx)
	if err != nil {
		return Recipient{}, err
	}
	for _, r := range all {
		if r.ID == id {
			return r, nil
		}
	}
	return Recipient{}, errUnknown
}

func scanRecipient(scan func(...any) error) (r Recipient, err error) {
	var made, ended int64
	err = scan(&r.ID, &r.Kind, &r.NameKK, &r.NameRU, &r.BIN, &r.Email, &r.Key, &r.MadeBy, &made, &r.EndedBy, &ended)
	r.MadeAt, r.EndedAt = db.Time(made), db.Time(ended)
	return r, err
}
