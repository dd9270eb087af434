package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/secret"
)

type folder struct{ dir string }

// Folder keeps messages as .eml files (mode 0600) in dir, which is made if absent. A file is there whole or not at all; its name is the
// time, a random word and the letter's Owner.
func Folder(dir string) (Sender, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errs.Wrap(errs.Unavailable, "letter.folder", err)
	}
	return folder{dir}, nil
}

// stamp sorts as the times do.
const stamp = "20060102T150405.000000Z"

const suffix = ".eml"

func (f folder) Send(_ context.Context, m Message) error {
	b, err := m.bytes()
	if err != nil {
		return err
	}
	word, _, _ := strings.Cut(m.ID, "@")
	name := m.Date.UTC().Format(stamp) + "-" + word + ending(m.Owner)
	if err := secret.WriteFile(filepath.Join(f.dir, name), b); err != nil {
		return errs.Wrap(errs.Unavailable, "letter.unsent", err)
	}
	return nil
}

// ending is how the names of an owner's letters end.
func ending(owner string) string { return "-" + owner + suffix }

// Forget removes an owner's letters.
func (f folder) Forget(owner string) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return errs.Wrap(errs.Unavailable, "letter.folder", err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ending(owner)) {
			continue
		}
		if err := os.Remove(filepath.Join(f.dir, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return errs.Wrap(errs.Unavailable, "letter.folder", err)
		}
	}
	return nil
}

// Stored is a message read back from a folder.
type Stored struct {
	Name    string // of its file
	To      person.Value
	Subject string
	Date    time.Time
	Lang    string
	Text    secret.Text
	Link    secret.Text // of its button; empty if there is none
}

// ReadFolder reads the newest messages of a folder, the newest first, at most limit. No folder is an empty one.
func ReadFolder(dir string, limit int) ([]Stored, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errs.Wrap(errs.Unavailable, "letter.folder", err)
	}
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		return e.IsDir() || strings.HasPrefix(e.Name(), ".") || !strings.HasSuffix(e.Name(), suffix)
	})
	slices.Reverse(entries) // they come sorted by name
	var out []Stored
	for _, e := range entries {
		if len(out) >= limit {
			break
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if errors.Is(err, os.ErrNotExist) {
			continue // removed since it was listed
		}
		if err != nil {
			return nil, errs.Wrap(errs.Unavailable, "letter.folder", err)
		}
		s, err := parseStored(b)
		if err != nil {
			return nil, errs.Wrap(errs.Internal, "letter.folder", fmt.Errorf("%s: %w", e.Name(), err))
		}
		s.Name = e.Name()
		out = append(out, s)
	}
	return out, nil
}

// Shapes that a message of ours does not have. They hold nothing of the message.
var (
	errHeader  = errors.New("no header of a letter")
	errAddress = errors.New("no one address")
	errParts   = errors.New("no plain text")
)

func parseStored(b []byte) (Stored, error) {
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return Stored{}, errHeader
	}
	to, err := mail.ParseAddress(m.Header.Get("To"))
	if err != nil {
		return Stored{}, errAddress
	}
	date, err := m.Header.Date()
	if err != nil {
		return Stored{}, errHeader
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Stored{}, errHeader
	}
	text, err := plainText(m)
	if err != nil {
		return Stored{}, errParts
	}
	return Stored{To: person.Stored(person.Email, to.Address), Subject: subject, Date: date.UTC(), Lang: m.Header.Get("Content-Language"),
		Text: secret.New(text), Link: secret.New(linkIn(text))}, nil
}

// plainText finds the first text/plain among the alternatives, in the encoding that we write.
func plainText(m *mail.Message) (string, error) {
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return "", errParts
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err != nil {
			return "", err
		}
		if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); err != nil || kind != "text/plain" {
			continue
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		return strings.ReplaceAll(string(text), "\r\n", "\n"), err
	}
}

// linkIn finds the line that is nothing but an address.
func linkIn(text string) string {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); absolute(l) {
			return l
		}
	}
	return ""
}
