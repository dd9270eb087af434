// Package notify writes letters (4.1.6; for sign-in and recovery 4.1.1) and hands them to a mail server or a folder.
//
// It guarantees: the address and name of a letter to a subject come through the door at the moment of sending, so that each letter is an
// entry in the log and a refusal of the rules stops it; a letter is made of the catalogue and what the caller passes, with no sight of any
// request, so that nobody's headers can change a link in it; nothing that a person typed reaches a header but the checked address;
// everything that goes into HTML is escaped; no letter loads anything, counts anything or has a name in its address lines. Errors hold no
// address, name, link or word of a mail server.
//
// A letter may go out twice: a mail server can accept it and the connection break before it says so.
package notify

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// Letter is what to write.
type Letter struct {
	// Key is the prefix of its messages: Key.subject; Key.body, paragraphs apart by a blank line; Key.button, needed with a Link; Key.why,
	// which may use {clause}, or else the purpose's own reason.
	Key  string
	Lang string // kk, ru or en
	Link string // absolute http or https; may hold a token; opened only in the letter
	Args []i18n.Arg
	Case string      // what the letter belongs to, for the log: "letter:…" or the ticket that it answers, see keeper.ParseCase
	List []Item      // stands behind the body
	Stop secret.Text // address that stops letters of this kind by one POST (RFC 8058); empty for those that can't be stopped
}

// Item is a line of a letter's list.
type Item struct{ Text, Link string } // Link is absolute, or empty

// Writer writes to subjects.
type Writer interface {
	// Send writes to a subject for a purpose, see Notifier.Send.
	Send(ctx context.Context, to person.ID, purpose policy.Purpose, l Letter) error
}

// Message is a letter ready to go.
type Message struct {
	From    string // a mailbox as in RFC 5322, 3.4
	To      person.Value
	ID      string // Message-ID without its brackets
	Date    time.Time
	Key     string // of the Letter
	Lang    string
	Subject string
	Text    secret.Text
	HTML    secret.Text
	Link    secret.Text
	Stop    secret.Text // of the Letter
	Owner   string      // stands for whom the letter is about, and tells nobody who that is: by it their letters are found again
}

// Sender takes messages away. Its errors are of kind Unavailable when trying again may help, and Invalid when it can't.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// A keeping Sender leaves what it sends on this machine.
type keeping interface {
	// Forget removes what it keeps of an owner.
	Forget(owner string) error
}

// Notifier writes letters. It is safe for concurrent use.
type Notifier struct {
	k        *keeper.Keeper
	cat      *i18n.Catalog
	sender   Sender
	from     string
	operator i18n.Text
	now      func() time.Time
}

// New makes a notifier. from is the mailbox that letters come from, "noreply@example.kz" or with a name before it; operator is who
// answers for the site (1.1.1), named under every letter; now dates them.
func New(k *keeper.Keeper, cat *i18n.Catalog, s Sender, from string, operator i18n.Text, now func() time.Time) *Notifier {
	return &Notifier{k: k, cat: cat, sender: s, from: from, operator: operator, now: now}
}

// Send writes to a subject for a purpose, in the letter's case. It passes the door as the program: a refusal comes back as the door gives it.
func (n *Notifier) Send(ctx context.Context, to person.ID, purpose policy.Purpose, l Letter) error {
	rec, err := n.k.Read(ctx, keeper.Passage{Actor: keeper.Program(), Subject: to, Operation: policy.Use, Purpose: purpose,
		Fields: person.Set(person.Email, person.GivenName), Case: l.Case})
	if err != nil {
		return err
	}
	address := rec.Value(person.Email)
	if address.IsZero() {
		return errs.New(errs.NotFound, "letter.noaddress")
	}
	return n.send(ctx, to, address, rec.Value(person.GivenName), purpose, l)
}

// SendTo writes about a subject to an address that is not, or no longer, the one by which they are found: a new one to be confirmed, the old
// one. It is done to make sure whose the address is (4.1.1, 3.2.2); the entry is the caller's.
func (n *Notifier) SendTo(ctx context.Context, about person.ID, to person.Value, l Letter) error {
	return n.send(ctx, about, to, person.Value{}, policy.Identify, l)
}

func (n *Notifier) send(ctx context.Context, about person.ID, to, name person.Value, purpose policy.Purpose, l Letter) error {
	m, err := n.write(to, name, purpose, l)
	if err != nil {
		return err
	}
	m.Owner = n.Owner(about)
	return n.sender.Send(ctx, m)
}

// Forget removes the letters of an Owner that the program itself keeps (5.1).
func (n *Notifier) Forget(owner string) error {
	if s, ok := n.sender.(keeping); ok && owner != "" {
		return s.Forget(owner)
	}
	return nil
}

// ownerBytes is enough to tell a country's people apart.
const ownerBytes = 12

// Owner makes of a subject's number a word of which nobody without the keys can tell whose it is: letters about them are found by it.
func (n *Notifier) Owner(about person.ID) string {
	return hex.EncodeToString(n.k.Mac("letter owner", []byte(about.String()))[:ownerBytes])
}

// page is what the letter's HTML is made of.
type page struct {
	Lang, Subject, Hello     string
	Paragraphs               []string
	List                     []Item
	Stop, StopText           string
	Link, Button             string
	Copy, Secret             string
	Why, Automatic, Operator string
}

//go:embed letter.html.tmpl
var letterHTML string

var letterTemplate = template.Must(template.New("letter").Parse(letterHTML))

func (n *Notifier) write(to, name person.Value, purpose policy.Purpose, l Letter) (Message, error) {
	// Read again before it goes into a header: whatever was stored, one address comes out or none.
	address, err := person.Parse(person.Email, to.Reveal(), n.now())
	if err != nil {
		return Message{}, errs.New(errs.Invalid, "letter.badaddress")
	}
	from, err := mail.ParseAddress(n.from)
	if err != nil {
		return Message{}, fault("the sender's mailbox can't be read")
	}
	if l.Link != "" && !absolute(l.Link) {
		return Message{}, fault("the link of " + l.Key + " is not absolute")
	}
	for _, item := range l.List {
		if item.Link != "" && !absolute(item.Link) {
			return Message{}, fault("a link of the list of " + l.Key + " is not absolute")
		}
	}
	if !l.Stop.Empty() && (!absolute(l.Stop.Reveal()) || strings.ContainsAny(l.Stop.Reveal(), "<>")) {
		return Message{}, fault("the address that stops " + l.Key + " is not absolute")
	}
	p, err := n.words(name, purpose, l)
	if err != nil {
		return Message{}, err
	}
	var html bytes.Buffer
	if err := letterTemplate.Execute(&html, p); err != nil {
		return Message{}, fault("the template of letters fails")
	}
	return Message{
		From: from.String(), To: address, Date: n.now(), Key: l.Key, Lang: p.Lang,
		ID:      strings.ToLower(rand.Text()) + "@" + from.Address[strings.LastIndexByte(from.Address, '@')+1:],
		Subject: p.Subject, Text: secret.New(p.text()), HTML: secret.New(html.String()), Link: secret.New(l.Link), Stop: l.Stop,
	}, nil
}

func fault(what string) error {
	return errs.Wrap(errs.Internal, "error.internal", errors.New("notify: "+what))
}

// absolute tells whether link is one that a reader can follow from a letter, and nothing more than that.
func absolute(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsFunc(link, blank)
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// words fills the letter's messages. A message or argument that is missing stops the letter: nobody shall read "{date}".
func (n *Notifier) words(name person.Value, purpose policy.Purpose, l Letter) (page, error) {
	var missing []string
	lang := n.cat.Watched(func(key, what string) { missing = append(missing, key+": "+what) }).Lang(l.Lang)
	args := []i18n.Arg{i18n.Str("clause", purpose.Clause()).Spare()}
	for _, a := range l.Args {
		args = append(args, a.Spare())
	}
	p := page{
		Lang: lang.Code(), Subject: line(lang.T(l.Key+".subject", args...)), Link: l.Link,
		Automatic: lang.T("letter.frame.automatic"), Operator: line(lang.Of(n.operator)),
	}
	for paragraph := range strings.SplitSeq(lang.T(l.Key+".body", args...), "\n\n") {
		p.Paragraphs = append(p.Paragraphs, line(paragraph))
	}
	if given := line(name.Reveal()); given == "" {
		p.Hello = lang.T("letter.frame.hello_nobody")
	} else {
		p.Hello = lang.T("letter.frame.hello", i18n.Str("name", given))
	}
	if l.Link != "" {
		p.Button = lang.T(l.Key+".button", args...)
		p.Copy, p.Secret = lang.T("letter.frame.copy"), lang.T("letter.frame.secret")
	}
	for _, item := range l.List {
		p.List = append(p.List, Item{line(item.Text), item.Link})
	}
	if !l.Stop.Empty() {
		p.Stop, p.StopText = l.Stop.Reveal(), lang.T("letter.frame.stop")
	}
	why := l.Key + ".why"
	if !n.cat.Has(why) {
		why = reason(purpose)
	}
	p.Why = lang.T(why, args...)
	if len(missing) > 0 {
		return page{}, fault(strings.Join(missing, "; "))
	}
	return p, nil
}

// reason is the message that says why a letter for a purpose was sent.
func reason(p policy.Purpose) string {
	switch p {
	case policy.Identify, policy.Locate:
		return "letter.why.identify"
	case policy.Notify:
		return "letter.why.notify"
	}
	return "letter.why.answer"
}

// line makes one line of s: what a header or a paragraph may be. Spaces that do not break, as in dates, stay.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return blank(r) && r != '\u00a0' && r != '\u202f' }), " ")
}

func (p *page) text() string {
	parts := append([]string{p.Hello}, p.Paragraphs...)
	for _, item := range p.List {
		parts = append(parts, strings.TrimSpace("* "+item.Text+" "+item.Link))
	}
	if p.Link != "" {
		parts = append(parts, p.Button+":\n"+p.Link, p.Secret)
	}
	parts = append(parts, p.Why)
	if p.Stop != "" {
		parts = append(parts, p.StopText+" "+p.Stop)
	}
	parts = append(parts, fmt.Sprintf("-- \n%s\n%s", p.Operator, p.Automatic))
	return strings.Join(parts, "\n\n") + "\n"
}
