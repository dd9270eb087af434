package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"ustaz/internal/errs"
)

// A statement is a text that the log's key signs beside its checkpoints, such as the list of an archive's files. It is a signed note (C2SP
// signed-note) under a name of its own, origin/context, and its first line is "ustaz context v1 of origin". What is signed in a note is
// the text alone, so it is this line that keeps statements, checkpoints and statements of other contexts apart: the first line of a
// checkpoint is the origin, and no origin has a space.

var contexts = regexp.MustCompile(`^[a-z]{1,32}$`)

// SignStatement signs a text, which ends with a newline, for a context: a word of small Latin letters.
func (l *Ledger) SignStatement(context, text string) (string, error) {
	v, err := statementKey(context, l.publicKey)
	if err != nil {
		return "", errs.Wrap(errs.Internal, "error.internal", err)
	}
	signed, err := note.Sign(&note.Note{Text: statementHead(context, l.Origin()) + text}, statementSigner{l.signer, v})
	if err != nil {
		return "", errs.Wrap(errs.Internal, "error.internal", err)
	}
	return string(signed), nil
}

// OpenStatement checks a statement with the log's public key and gives its text. The error is ErrProof, or that of a key that is none.
func OpenStatement(context, signed, vkey string) (string, error) {
	log, err := ParseKey(vkey)
	if err != nil {
		return "", err
	}
	v, err := statementKey(context, vkey)
	if err != nil {
		return "", err
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return "", fmt.Errorf("%w: the statement is not signed by this log's key", ErrProof)
	}
	text, ok := strings.CutPrefix(n.Text, statementHead(context, log.Name()))
	if !ok {
		return "", fmt.Errorf("%w: the statement is about something else", ErrProof)
	}
	return text, nil
}

func statementHead(context, origin string) string {
	return "ustaz " + context + " v1 of " + origin + "\n"
}

// statementKey is the log's key under the name of a context.
func statementKey(context, vkey string) (note.Verifier, error) {
	if !contexts.MatchString(context) {
		return nil, errors.New("ledger: not a context of statements")
	}
	parts := strings.SplitN(vkey, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(parts) != 3 || len(key) < 1 {
		return nil, errors.New("ledger: not a public key")
	}
	named, err := note.NewEd25519VerifierKey(parts[0]+"/"+context, key[1:]) // a byte of algorithm before it
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(named)
}

// statementSigner signs with the log's key under the name of a context.
type statementSigner struct {
	note.Signer
	as note.Verifier
}

func (s statementSigner) Name() string    { return s.as.Name() }
func (s statementSigner) KeyHash() uint32 { return s.as.KeyHash() }
