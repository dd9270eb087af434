package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/secret"
)

const tokenBytes = 32

var tokenText = base64.RawURLEncoding.Strict()

// newToken makes 256 random bits, and their form in an address or a cookie: 43 characters.
func newToken() (secret.Text, []byte) {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return secret.New(tokenText.EncodeToString(b)), b
}

// tokenOf reads the one spelling that a token has.
func tokenOf(s secret.Text, length int) ([]byte, bool) {
	text := s.Reveal()
	if len(text) != tokenText.EncodedLen(length) {
		return nil, false
	}
	b, err := tokenText.DecodeString(text)
	return b, err == nil && len(b) == length // the decoder skips line breaks, and then bytes are missing
}

// LinkKind is what a link in a letter is for; it is good for nothing else.
type LinkKind uint8

const (
	ConfirmLink  LinkKind = iota + 1 // confirms the address of a registration
	RecoverLink                      // sets a new password, or the first one of who was invited
	NewEmailLink                     // confirms a new address
)

func (k LinkKind) life() time.Duration {
	if k == RecoverLink {
		return time.Hour
	}
	return 24 * time.Hour
}

// ErrLink is the answer to a link that is unknown, used, too old, or of another kind: which of these, nobody is told.
var ErrLink = errs.New(errs.Gone, "account.link.gone")

// link is a row of the table of links.
type link struct {
	hash    []byte
	subject person.ID
	about   int64 // serial of the change of address that it belongs to
}

func (a *Accounts) linkHash(kind LinkKind, token []byte) []byte {
	return a.cfg.Door.Mac("account link", []byte{byte(kind)}, token)
}

// mint makes a link. The token leaves in a letter and is nowhere kept.
func (a *Accounts) mint(ctx context.Context, life time.Duration, kind LinkKind, subject person.ID, about int64) (secret.Text, error) {
	text, token := newToken()
	err := a.cfg.DB.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(insertLink, a.linkHash(kind, token), subject, about, db.Micros(t.Now().Add(life)))
		return err
	})
	return text, err
}

// peek finds a link that could be used now, and leaves it as it is.
func (a *Accounts) peek(ctx context.Context, kind LinkKind, token secret.Text) (link, error) {
	b, ok := tokenOf(token, tokenBytes)
	if !ok {
		return link{}, ErrLink
	}
	l := link{hash: a.linkHash(kind, b)}
	found, err := a.cfg.DB.Get(ctx, []any{&l.subject, &l.about}, selectLink, l.hash, db.Micros(a.cfg.DB.Now()))
	if err == nil && !found {
		err = ErrLink
	}
	return l, err
}

// use uses a link up; of any number of callers one succeeds.
func (l link) use(t *db.Tx) error {
	n, err := t.Exec(useLink, db.Micros(t.Now()), l.hash)
	if err == nil && n != 1 {
		err = ErrLink
	}
	return err
}

// CheckLink tells whether a link could be used now, and leaves it as it is: for the page that the letter's link opens, whose form then uses
// it. Programs that follow links in letters use nothing up. The error is ErrLink.
func (a *Accounts) CheckLink(ctx context.Context, kind LinkKind, token secret.Text) error {
	_, err := a.peek(ctx, kind, token)
	return err
}
