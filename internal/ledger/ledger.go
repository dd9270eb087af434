// Package ledger is the log of every passage through the door.
//
// It guarantees: an entry takes its place in the log in the same transaction as what it records, or, for a read, before the answer leaves;
// entries stand in an RFC 6962 tree whose checkpoint is signed with each commit, so that nobody can change, remove or reorder one
// unnoticed; a leaf is a salted commitment, so that the tree can be public and says nothing; an entry holds ids, codes and clauses, never
// a value. Outside formats are those of C2SP: tlog-checkpoint, tlog-proof.
package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

const (
	signerFile = "ledger.key"
	anchorFile = "ledger.checkpoint" // the last checkpoint seen, kept away from the database
)

// Ledger is the open log. It is safe for concurrent use.
type Ledger struct {
	d         *db.DB
	signer    note.Signer
	verifier  note.Verifier
	publicKey string
	anchor    string
	edge      atomic.Pointer[edge]
	anchorMu  sync.Mutex
	indexing  atomic.Bool
}

// edge is what the last commit left: the right edge of the tree and its signed checkpoint.
type edge struct {
	front      *frontier
	checkpoint string
	indexed    int64 // entries below it are in the index by subject
}

// Pending is an entry on its way into the log.
type Pending struct {
	Entry
	Index int64 // its place, once committed
}

// CommitNote makes Pending a note of package db.
func (*Pending) CommitNote() {}

// A Question is a note that becomes entries, or none, only once its batch holds the head of the log. Whoever changes what it asks about
// has their entry either before, and the question sees the change, or after.
type Question interface {
	db.Note
	// Answer is called on one of a batch's questions with all of them, so that they can be looked up together, and enters what they leave.
	// An error of Answer fails the whole batch; one of enter is about that entry alone. It may be called again if another transaction stood in the batch's way.
	Answer(t *db.Tx, all []Question, enter func(*Pending) error) error
}

// Open opens the log of a database with the signing key in dir, made if create says so, and hangs itself before the database's commits.
func Open(ctx context.Context, d *db.DB, dir string, create bool) (*Ledger, error) {
	l := &Ledger{d: d, anchor: filepath.Join(dir, anchorFile)}
	if err := l.openKey(filepath.Join(dir, signerFile), create); err != nil {
		return nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
	}
	err := d.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec("INSERT INTO ledger_head (id, size, checkpoint, indexed) VALUES (1, 0, '', 0) ON CONFLICT DO NOTHING")
		return err
	})
	if err != nil {
		return nil, err
	}
	d.BeforeCommit(l.beforeCommit)
	return l, nil
}

func (l *Ledger) openKey(path string, create bool) error {
	text, err := secret.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && create {
		var id [4]byte
		_, _ = rand.Read(id[:]) // crypto/rand.Read never fails
		skey, _, e := note.GenerateKey(rand.Reader, "smartustaz.local/ledger/"+hex.EncodeToString(id[:]))
		if e != nil {
			return e
		}
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		text = []byte(skey + "\n")
		err = secret.WriteFile(path, text)
	}
	if err != nil {
		return err
	}
	if l.signer, l.publicKey, err = keyPair(strings.TrimSpace(string(text))); err != nil {
		return err
	}
	l.verifier, err = ParseKey(l.publicKey)
	return err
}

// Verifier checks this log's checkpoints.
func (l *Ledger) Verifier() note.Verifier { return l.verifier }

// PublicKey is the log's public key as note verifier text (C2SP signed-note), to be published.
func (l *Ledger) PublicKey() string { return l.publicKey }

// Origin is the log's name in checkpoints.
func (l *Ledger) Origin() string { return l.signer.Name() }

// Append puts an entry into the log with the change that t makes.
func (l *Ledger) Append(t *db.Tx, p *Pending) error {
	if err := p.check(); err != nil {
		return err
	}
	t.Note(p)
	return nil
}

// Record makes entries durable; many callers share one commit. Until it returns nil nothing may be shown.
func (l *Ledger) Record(ctx context.Context, ps ...*Pending) error {
	notes := make([]db.Note, len(ps))
	for i, p := range ps {
		if err := p.check(); err != nil {
			return err
		}
		notes[i] = p
	}
	return l.d.Commit(ctx, notes...)
}

// Ask has q answered, and makes what it leaves in the log durable; many callers share one commit. Until it returns nil nothing may be shown.
func (l *Ledger) Ask(ctx context.Context, q Question) error { return l.d.Commit(ctx, q) }

// beforeCommit gives the batch's entries their places, completes tiles, moves the head and signs.
func (l *Ledger) beforeCommit(_ context.Context, t *db.Tx, notes []db.Note) (func(bool), error) {
	// The head comes last in the transaction: where processes write side by side its lock orders them.
	var size, indexed int64
	found, err := t.Get([]any{&size, &indexed}, "SELECT size, indexed FROM ledger_head WHERE id = 1"+l.d.ForUpdate())
	if err == nil && !found {
		err = errs.New(errs.Unavailable, "ledger.headless")
	}
	if err != nil {
		return nil, err
	}
	var front *frontier
	if e := l.edge.Load(); e != nil && e.front.size == size {
		grown := *e.front
		front = &grown
	} else if front, err = loadFrontier(size, t.Query); err != nil {
		return nil, err
	}
	pending, err := settle(t, notes)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	blob := make([]byte, 0, 128*len(pending))
	var full []fullTile
	for _, p := range pending {
		p.At = t.Now()
		var salted []byte
		blob, salted = appendSalted(blob, &p.Entry)
		full = front.append(leafHash(salted), full)
	}
	if _, err := t.Exec("INSERT INTO ledger_segment (first, count, entries) VALUES ($1, $2, $3)", size, len(pending), blob); err != nil {
		return nil, err
	}
	for _, tile := range full {
		if _, err := t.Exec("INSERT INTO ledger_tile (place, root, hashes) VALUES ($1, $2, $3)",
			tilePlace(tile.level, tile.number), tile.root[:], hashesToBytes(tile.hashes)); err != nil {
			return nil, err
		}
	}
	checkpoint, err := l.sign(front)
	if err != nil {
		return nil, err
	}
	if _, err := t.Exec("UPDATE ledger_head SET size = $1, checkpoint = $2 WHERE id = 1", front.size, checkpoint); err != nil {
		return nil, err
	}
	return func(committed bool) {
		if !committed {
			l.edge.Store(nil) // what stands in the database is read again
			return
		}
		for i, p := range pending {
			p.Index = size + int64(i)
		}
		l.edge.Store(&edge{front: front, checkpoint: checkpoint, indexed: indexed})
	}, nil
}

// settle gives a batch's entries in order, those that answers leave last.
func settle(t *db.Tx, notes []db.Note) ([]*Pending, error) {
	pending := make([]*Pending, 0, len(notes))
	questions := make([]Question, 0, len(notes))
	for _, n := range notes {
		switch n := n.(type) {
		case *Pending:
			pending = append(pending, n)
		case Question:
			questions = append(questions, n)
		default:
			return nil, fmt.Errorf("ledger: a note of type %T", n)
		}
	}
	if len(questions) == 0 {
		return pending, nil
	}
	err := questions[0].Answer(t, questions, func(p *Pending) error {
		if err := p.check(); err != nil {
			return err
		}
		pending = append(pending, p)
		return nil
	})
	return pending, err
}

func (l *Ledger) sign(f *frontier) (string, error) {
	signed, err := note.Sign(&note.Note{Text: checkpointText(l.signer.Name(), f.size, f.root())}, l.signer)
	return string(signed), err
}

// checkpointText is the body of C2SP tlog-checkpoint.
func checkpointText(origin string, size int64, root tlog.Hash) string {
	return fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)
}

// current gives the edge of the tree as the database has it now.
func (l *Ledger) current(ctx context.Context) (*edge, error) {
	var e edge
	var size int64
	found, err := l.d.Get(ctx, []any{&size, &e.indexed, &e.checkpoint}, "SELECT size, indexed, checkpoint FROM ledger_head WHERE id = 1")
	if err == nil && !found {
		err = errs.New(errs.Unavailable, "ledger.headless")
	}
	if err != nil {
		return nil, err
	}
	if have := l.edge.Load(); have != nil && have.front.size == size {
		e.front = have.front
		return &e, nil
	}
	e.front, err = loadFrontier(size, l.reads(ctx))
	return &e, err
}

func (l *Ledger) reads(ctx context.Context) queryFunc {
	return func(q string, args ...any) (*sql.Rows, error) { return l.d.Query(ctx, q, args...) }
}

// Size is the number of entries.
func (l *Ledger) Size(ctx context.Context) (int64, error) {
	var size int64
	_, err := l.d.Get(ctx, []any{&size}, "SELECT size FROM ledger_head WHERE id = 1")
	return size, err
}

// Checkpoint is the newest signed checkpoint; empty while the log is.
func (l *Ledger) Checkpoint(ctx context.Context) (string, error) {
	var text string
	_, err := l.d.Get(ctx, []any{&text}, "SELECT checkpoint FROM ledger_head WHERE id = 1")
	return text, err
}

// Anchor writes the newest checkpoint into the key folder, away from the database, so that a log cut short is noticed.
func (l *Ledger) Anchor(ctx context.Context) error {
	l.anchorMu.Lock()
	defer l.anchorMu.Unlock()
	text, err := l.Checkpoint(ctx)
	if err != nil || text == "" {
		return err
	}
	if err := secret.WriteFile(l.anchor, []byte(text)); err != nil {
		return errs.Wrap(errs.Unavailable, "error.unavailable", err)
	}
	return nil
}
