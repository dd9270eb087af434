package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

// Fault is one thing that verification found, with its place.
type Fault struct {
	Kind  FaultKind
	Index int64 // first entry concerned; -1 where none is
}

// FaultKind is the code of a message "ledger.fault.<kind>".
type FaultKind string

const (
	FaultChanged    FaultKind = "changed"    // an entry is not the one that was committed to
	FaultMissing    FaultKind = "missing"    // entries are gone or out of order
	FaultTile       FaultKind = "tile"       // a stored hash does not follow from the entries
	FaultRoot       FaultKind = "root"       // the entries do not give the signed root
	FaultSignature  FaultKind = "signature"  // the checkpoint is not signed by the log's key
	FaultCut        FaultKind = "cut"        // the log is shorter than the checkpoint kept outside of the database
	FaultForked     FaultKind = "forked"     // the log is not the one that the checkpoint kept outside signed
	FaultUnreadable FaultKind = "unreadable" // an entry can't be decoded
)

// Report is what verification saw.
type Report struct {
	Entries int64
	Tiles   int64
	Root    string
	Anchor  int64 // size of the checkpoint kept outside; 0 if there is none
	Faults  []Fault
}

// OK tells whether nothing was found.
func (r *Report) OK() bool { return len(r.Faults) == 0 }

const maxFaults = 100

func (r *Report) fault(k FaultKind, index int64) {
	if len(r.Faults) < maxFaults {
		r.Faults = append(r.Faults, Fault{k, index})
	}
}

// Verify reads the whole log once: every entry against its leaf, every stored hash, the root, the signature, and the checkpoint kept
// outside of the database (anchor; the file in the key folder where it is empty). progress, if any, hears how far it is.
func (l *Ledger) Verify(ctx context.Context, anchor string, progress func(done, all int64)) (*Report, error) {
	r := &Report{}
	var size int64
	var checkpoint string
	found, err := l.d.Get(ctx, []any{&size, &checkpoint}, "SELECT size, checkpoint FROM ledger_head WHERE id = 1")
	if err != nil {
		return nil, err
	}
	if !found {
		r.fault(FaultMissing, 0)
		return r, nil
	}
	if anchor == "" {
		text, err := os.ReadFile(l.anchor)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, errs.Wrap(errs.Unavailable, "keys.unreadable", err)
		}
		anchor = string(text)
	}
	var anchorRoot tlog.Hash
	if strings.TrimSpace(anchor) != "" {
		if r.Anchor, anchorRoot, err = OpenCheckpoint(anchor, l.verifier); err != nil {
			r.fault(FaultSignature, -1)
			r.Anchor = 0
		}
	}
	v := verification{l: l, ctx: ctx, r: r, front: &frontier{}, anchorRoot: anchorRoot}
	if err := v.walk(size, progress); err != nil {
		return nil, err
	}
	r.Entries, r.Root = v.front.size, v.front.root().String()
	if r.Anchor > v.front.size {
		r.fault(FaultCut, v.front.size)
	}
	if size == 0 && checkpoint == "" {
		return r, nil
	}
	signed, root, err := OpenCheckpoint(checkpoint, l.verifier)
	switch {
	case err != nil:
		r.fault(FaultSignature, -1)
	case signed != v.front.size:
		r.fault(FaultCut, min(signed, v.front.size))
	case root != v.front.root():
		r.fault(FaultRoot, v.front.size&^(tileWidth-1)) // every full tile was compared: it is one of those after them, or the tiles were changed too
	}
	return r, nil
}

type verification struct {
	l          *Ledger
	ctx        context.Context
	r          *Report
	front      *frontier
	anchorRoot tlog.Hash
	full       []fullTile
}

// walk reads page by page, so that a long log needs little memory and no long transaction.
func (v *verification) walk(size int64, progress func(done, all int64)) error {
	const page = 1 << 15
	for v.front.size < size {
		lo := v.front.size
		hi := min(lo+page, size)
		err := leavesFrom(lo, hi, v.l.reads(v.ctx), func(index int64, salted []byte) error {
			if index != v.front.size {
				return errTree
			}
			if _, err := decodeEntry(salted[saltBytes:]); err != nil {
				v.r.fault(FaultUnreadable, index)
			}
			v.full = v.front.append(leafHash(salted), v.full[:0])
			if v.front.size == v.r.Anchor && v.front.root() != v.anchorRoot {
				v.r.fault(FaultForked, -1)
			}
			return v.tiles()
		})
		if errs.Is(err, errs.Unavailable) {
			return err
		}
		if err != nil || v.front.size < hi {
			v.r.fault(FaultMissing, v.front.size)
			return nil
		}
		if progress != nil {
			progress(v.front.size, size)
		}
	}
	return nil
}

// tiles compares what was just completed with what is stored: the stored leaf hashes name the entry that was changed.
func (v *verification) tiles() error {
	for _, t := range v.full {
		v.r.Tiles++
		var root, hashes []byte
		found, err := v.l.d.Get(v.ctx, []any{&root, &hashes}, "SELECT root, hashes FROM ledger_tile WHERE place = $1", tilePlace(t.level, t.number))
		if err != nil {
			return err
		}
		first := t.number << (tileHeight * (t.level + 1))
		if !found || string(root) != string(t.root[:]) && string(hashes) == string(hashesToBytes(t.hashes)) {
			v.r.fault(FaultTile, first)
			continue
		}
		stored, err := hashesFromBytes(hashes)
		if err != nil || len(stored) != len(t.hashes) {
			v.r.fault(FaultTile, first)
			continue
		}
		for i, h := range stored {
			if h == t.hashes[i] {
				continue
			}
			if t.level > 0 {
				v.r.fault(FaultTile, first)
				break
			}
			v.r.fault(FaultChanged, first+int64(i))
		}
	}
	return nil
}

// Keep writes the newest checkpoint among those that stay, so that a log can be compared with what it was.
func (l *Ledger) Keep(ctx context.Context) error {
	e, err := l.current(ctx)
	if err != nil || e.front.size == 0 {
		return err
	}
	return l.d.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec("INSERT INTO ledger_checkpoint (size, note, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			e.front.size, e.checkpoint, db.Micros(t.Now()))
		return err
	})
}

func (f Fault) String() string { return fmt.Sprintf("%s at %d", f.Kind, f.Index) }
