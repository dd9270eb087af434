package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"ustaz/internal/errs"
)

// Proof shows that an entry stands in the log that a checkpoint signs.
type Proof struct {
	Entry      Indexed
	Size       int64  // of the log that was signed
	Root       string // base64
	Leaf       string // base64, the leaf's hash
	Hashes     []string
	Text       string // C2SP tlog-proof, with the salted entry as extra data: a file to check elsewhere
	Checkpoint string
}

const proofHeader = "c2sp.org/tlog-proof@v1"

// Snapshot is the log as its newest checkpoint signed it. Its proofs are all against that checkpoint, however the log grows meanwhile.
type Snapshot struct {
	l          *Ledger
	front      *frontier
	checkpoint string
}

// Snapshot gives the log as it is now.
func (l *Ledger) Snapshot(ctx context.Context) (*Snapshot, error) {
	e, err := l.current(ctx)
	if err != nil {
		return nil, err
	}
	return &Snapshot{l, e.front, e.checkpoint}, nil
}

// Checkpoint is the signed checkpoint; empty where the log has no entry.
func (s *Snapshot) Checkpoint() string { return s.checkpoint }

// Size is the number of entries.
func (s *Snapshot) Size() int64 { return s.front.size }

// Prove makes an inclusion proof of the entry at a place against the newest checkpoint.
func (l *Ledger) Prove(ctx context.Context, index int64) (Proof, error) {
	s, err := l.Snapshot(ctx)
	if err != nil {
		return Proof{}, err
	}
	return s.Prove(ctx, index)
}

// Prove makes an inclusion proof of the entry at a place.
func (s *Snapshot) Prove(ctx context.Context, index int64) (Proof, error) {
	if index < 0 || index >= s.front.size {
		return Proof{}, errs.New(errs.NotFound, "ledger.noentry")
	}
	salted, err := s.l.salted(ctx, index)
	if err != nil {
		return Proof{}, err
	}
	hashes, err := tlog.ProveRecord(s.front.size, index, s.front.reader(s.l.tile(ctx)))
	if err != nil {
		return Proof{}, errs.Wrap(errs.Internal, "ledger.damaged", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHeader, base64.StdEncoding.EncodeToString(salted), index)
	for _, h := range hashes {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteString("\n" + s.checkpoint)
	p, err := CheckProof(b.String(), s.l.verifier)
	if err != nil {
		return Proof{}, errs.Wrap(errs.Internal, "ledger.damaged", err)
	}
	return p, nil
}

func (l *Ledger) tile(ctx context.Context) func(int, int64) ([]tlog.Hash, error) {
	return func(level int, number int64) ([]tlog.Hash, error) {
		var b []byte
		found, err := l.d.Get(ctx, []any{&b}, "SELECT hashes FROM ledger_tile WHERE place = $1", tilePlace(level, number))
		if err == nil && !found {
			err = errTree
		}
		if err != nil {
			return nil, err
		}
		return hashesFromBytes(b)
	}
}

// ErrProof means that a proof does not prove.
var ErrProof = errors.New("the proof does not hold")

// MaxProof is how long a proof may be, in bytes.
const MaxProof = 1 << 16

// CheckProof checks a proof made by Prove, anywhere, with the log's verifier alone: the signature, the path, the salted entry.
func CheckProof(text string, v note.Verifier) (Proof, error) {
	p := Proof{Text: text}
	if len(text) > MaxProof {
		return p, fmt.Errorf("%w: too long", ErrProof)
	}
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != proofHeader {
		return p, fmt.Errorf("%w: not a %s file", ErrProof, proofHeader)
	}
	extra, okExtra := strings.CutPrefix(lines[1], "extra ")
	number, okIndex := strings.CutPrefix(lines[2], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if !okExtra || !okIndex || err != nil || index < 0 || strconv.FormatInt(index, 10) != number {
		return p, fmt.Errorf("%w: its head is malformed", ErrProof)
	}
	salted, err := base64.StdEncoding.Strict().DecodeString(extra)
	if err != nil || len(salted) <= saltBytes {
		return p, fmt.Errorf("%w: its entry is malformed", ErrProof)
	}
	if p.Entry.Entry, err = decodeEntry(salted[saltBytes:]); err != nil {
		return p, fmt.Errorf("%w: its entry is malformed", ErrProof)
	}
	p.Entry.Index = index
	size, root, err := OpenCheckpoint(checkpoint, v)
	if err != nil {
		return p, err
	}
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line { // ParseHash takes other spellings of a hash too
			return p, fmt.Errorf("%w: its path is malformed", ErrProof)
		}
		path = append(path, h)
		p.Hashes = append(p.Hashes, line)
	}
	leaf := leafHash(salted)
	if index >= size || tlog.CheckRecord(path, size, root, index, leaf) != nil {
		return p, fmt.Errorf("%w: the path does not lead from the entry to the signed root", ErrProof)
	}
	p.Size, p.Root, p.Leaf, p.Checkpoint = size, root.String(), leaf.String(), checkpoint
	return p, nil
}

// OpenCheckpoint checks a checkpoint's signature and gives the size and root that it signs.
func OpenCheckpoint(text string, v note.Verifier) (int64, tlog.Hash, error) {
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		return 0, tlog.Hash{}, fmt.Errorf("%w: the checkpoint is not signed by this log's key", ErrProof)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != v.Name() {
		return 0, tlog.Hash{}, fmt.Errorf("%w: the checkpoint is malformed", ErrProof)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return 0, tlog.Hash{}, fmt.Errorf("%w: the checkpoint is malformed", ErrProof)
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return 0, tlog.Hash{}, fmt.Errorf("%w: the checkpoint is malformed", ErrProof)
	}
	return size, root, nil
}
