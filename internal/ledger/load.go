package ledger

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/base64"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"ustaz/internal/db"
)

// A queryFunc reads inside of a transaction or outside of any.
type queryFunc func(query string, args ...any) (*sql.Rows, error)

// loadFrontier builds the right edge of a tree of a size: leaves after the last full tile from the segments, above them the roots of full tiles.
func loadFrontier(size int64, query queryFunc) (*frontier, error) {
	f := &frontier{size: size}
	firstLeaf := size &^ (tileWidth - 1)
	if firstLeaf < size {
		err := leavesFrom(firstLeaf, size, query, func(_ int64, salted []byte) error {
			f.levels[0] = append(f.levels[0], leafHash(salted))
			return nil
		})
		if err != nil {
			return nil, err
		}
		if int64(len(f.levels[0])) != size-firstLeaf {
			return nil, errTree
		}
	}
	for level := 1; level < maxLevels; level++ {
		below := size >> (tileHeight * level) // full tiles of the level below
		first := below &^ (tileWidth - 1)
		if first == below {
			continue
		}
		rs, err := query("SELECT root FROM ledger_tile WHERE place >= $1 AND place < $2 ORDER BY place", tilePlace(level-1, first), tilePlace(level-1, below))
		if err != nil {
			return nil, err
		}
		err = db.Each(rs, func(scan func(...any) error) error {
			var b []byte
			if err := scan(&b); err != nil {
				return err
			}
			hs, err := hashesFromBytes(b)
			if err != nil || len(hs) != 1 {
				return errTree
			}
			f.levels[level] = append(f.levels[level], hs[0])
			return nil
		})
		if err != nil {
			return nil, err
		}
		if int64(len(f.levels[level])) != below-first {
			return nil, errTree
		}
	}
	f.setPeaks()
	return f, nil
}

// leavesFrom walks the salted entries from lo to hi (not included).
func leavesFrom(lo, hi int64, query queryFunc, each func(index int64, salted []byte) error) error {
	rs, err := query(`SELECT first, entries FROM ledger_segment
		WHERE first >= (SELECT coalesce(max(first), 0) FROM ledger_segment WHERE first <= $1) AND first < $2 ORDER BY first`, lo, hi)
	if err != nil {
		return err
	}
	return db.Each(rs, func(scan func(...any) error) error {
		var first int64
		var blob []byte
		if err := scan(&first, &blob); err != nil {
			return err
		}
		index := first
		return splitSegment(blob, func(salted []byte) error {
			at := index
			index++
			if at < lo || at >= hi {
				return nil
			}
			return each(at, salted)
		})
	})
}

// keyPair reads a note signing key ("PRIVATE+KEY+name+id+seed") and makes its verifier.
func keyPair(skey string) (s note.Signer, vkey string, err error) {
	if s, err = note.NewSigner(skey); err != nil {
		return nil, "", err
	}
	parts := strings.SplitN(skey, "+", 5) // base64 may hold a plus sign of its own
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 1+ed25519.SeedSize { // one byte of algorithm before it
		return nil, "", errors.New("ledger: not an Ed25519 note key")
	}
	vkey, err = note.NewEd25519VerifierKey(s.Name(), ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey))
	return s, vkey, err
}

// ParseKey reads a log's public key, in the form of PublicKey.
func ParseKey(vkey string) (note.Verifier, error) { return note.NewVerifier(vkey) }
