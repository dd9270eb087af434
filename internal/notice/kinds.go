package notice

import "time"

// Kind is what a notice is about. Codes are stored: never renumber.
type Kind uint8

// The kinds, a closed list.
const (
	Course      Kind = iota + 1 // a test was graded
	Certificate                 // one was issued, revoked, restored
	Answer                      // of the rights desk, in a case
	Security                    // of the account: password, second factor, a new device
	Edition                     // a new edition of the policy
	Data                        // what happened to the reader's data: given to an authority, concerned by a breach
	Support                     // an answer of support
)

// Kinds lists them in the order of the settings' page.
var Kinds = []Kind{Course, Certificate, Support, Answer, Edition, Data, Security}

// kindInfo: name, the end of message keys; the clause by which it is told; must where it can't be switched off; waits where quiet hours hold it.
var kindInfo = [...]struct {
	name, clause string
	must, waits  bool
}{
	Course:      {"course", "4.1.6", false, true},
	Certificate: {"certificate", "4.1.6", false, true},
	Answer:      {"answer", "8.2", true, true},
	Security:    {"security", "5.5", true, false},
	Edition:     {"edition", "9.2", true, true},
	Data:        {"data", "7.1", true, false},
	Support:     {"support", "4.1.7", false, true},
}

// Valid tells whether k is one of the kinds.
func (k Kind) Valid() bool { return k >= Course && int(k) < len(kindInfo) }

// String is the end of message keys, "notice.kind." + it, and the kind's name in forms.
func (k Kind) String() string {
	if !k.Valid() {
		return "kind?"
	}
	return kindInfo[k].name
}

// Clause is the clause by which it is told.
func (k Kind) Clause() string {
	if !k.Valid() {
		return ""
	}
	return kindInfo[k].clause
}

// Must tells whether it is always mailed at once: the law or the account's safety needs it.
func (k Kind) Must() bool { return k.Valid() && kindInfo[k].must }

// Waits tells whether quiet hours hold it.
func (k Kind) Waits() bool { return k.Valid() && kindInfo[k].waits }

// Mail is how a notice is mailed. Codes are stored: never renumber.
type Mail uint8

// The ways.
const (
	Off Mail = iota
	AtOnce
	Digest
)

// String is the end of message keys, "notice.mail." + it, and the way's name in forms.
func (m Mail) String() string {
	if m > Digest {
		return "mail?"
	}
	return [...]string{"off", "once", "digest"}[m]
}

// MailByName finds a way by its name.
func MailByName(name string) (Mail, bool) {
	for _, m := range []Mail{Off, AtOnce, Digest} {
		if m.String() == name {
			return m, true
		}
	}
	return 0, false
}

// Minute is a minute of the day by the clocks of Kazakhstan, from 0.
type Minute int

// Day is how many there are.
const Day Minute = 24 * 60

// Hours are when somebody is mailed. Between QuietFrom and QuietUntil, over midnight where the second is the earlier one, nothing is that can wait; there
// are no quiet hours where they are the same.
type Hours struct{ Digest, QuietFrom, QuietUntil Minute }

// DefaultHours are those of who chose none: nothing waits that nobody asked to have kept back.
var DefaultHours = Hours{Digest: 9 * 60, QuietFrom: 22 * 60, QuietUntil: 22 * 60}

// kazakhstan has had one time since 1 March 2024.
var kazakhstan = time.FixedZone("UTC+5", 5*60*60)

// quiet tells whether t lies in the quiet hours.
func (h Hours) quiet(t time.Time) bool {
	t = t.In(kazakhstan)
	at := Minute(t.Hour()*60 + t.Minute())
	if h.QuietFrom <= h.QuietUntil {
		return h.QuietFrom <= at && at < h.QuietUntil
	}
	return at >= h.QuietFrom || at < h.QuietUntil
}

// next is the first moment after t at which the clocks show a minute.
func next(t time.Time, m Minute) time.Time {
	t = t.In(kazakhstan)
	at := time.Date(t.Year(), t.Month(), t.Day(), 0, int(m), 0, 0, kazakhstan)
	if !at.After(t) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// due is when what is told at t is to be mailed.
func (h Hours) due(t time.Time, k Kind, m Mail) time.Time {
	if m == Digest {
		t = next(t, h.Digest)
	}
	if k.Waits() && h.quiet(t) {
		t = next(t, h.QuietUntil)
	}
	return t
}
