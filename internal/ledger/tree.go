package ledger

import (
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// The tree is kept as tiles of 256 hashes (C2SP tlog-tiles, height 8). Only full tiles are stored; what is to the right of the last full
// one follows from the segments, and the process keeps it in memory.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	maxLevels  = 8 // 2⁶⁴ entries
)

// tilePlace is a tile's primary key: its level in the top byte.
func tilePlace(level int, number int64) int64 { return int64(level)<<56 | number }

// frontier is the right edge of the tree. Copies share what they have in common: append writes only behind the end of what an older copy
// sees, so one copy may grow while others are read.
type frontier struct {
	size   int64
	peaks  [maxLevels * tileHeight]tlog.Hash // root of the full subtree of 2ⁱ leaves, for each bit i of size
	levels [maxLevels][]tlog.Hash            // at each tile level the hashes after the last full tile
}

// fullTile is a tile that an append completed.
type fullTile struct {
	level  int
	number int64
	root   tlog.Hash
	hashes []tlog.Hash
}

// append adds a leaf and gives the tiles that it completed.
func (f *frontier) append(leaf tlog.Hash, full []fullTile) []fullTile {
	before := f.size
	f.size++
	h := leaf
	for height := 0; ; height++ {
		level, within := height/tileHeight, height%tileHeight
		if within == 0 {
			if f.levels[level] == nil {
				f.levels[level] = make([]tlog.Hash, 0, tileWidth)
			}
			f.levels[level] = append(f.levels[level], h)
		}
		if before>>height&1 == 0 {
			f.peaks[height] = h
			return full
		}
		h = tlog.NodeHash(f.peaks[height], h)
		if within == tileHeight-1 {
			full = append(full, fullTile{level: level, number: before >> (height + 1), root: h, hashes: f.levels[level]})
			f.levels[level] = nil
		}
	}
}

// setPeaks computes the peaks from the levels.
func (f *frontier) setPeaks() {
	for level, hs := range f.levels {
		for end := len(hs); end > 0; end &= end - 1 {
			width := end & -end
			f.peaks[level*tileHeight+bits.TrailingZeros(uint(end))] = rootOf(hs[end-width : end])
		}
	}
}

// root is the hash of the whole tree (RFC 6962, section 2.1).
func (f *frontier) root() tlog.Hash {
	if f.size == 0 {
		h, _ := tlog.TreeHash(0, nil) // of the empty tree: a constant
		return h
	}
	lowest := bits.TrailingZeros64(uint64(f.size))
	acc := f.peaks[lowest]
	for height := lowest + 1; f.size>>height != 0; height++ {
		if f.size>>height&1 != 0 {
			acc = tlog.NodeHash(f.peaks[height], acc)
		}
	}
	return acc
}

// rootOf is the root over a power of two of hashes.
func rootOf(hs []tlog.Hash) tlog.Hash {
	if len(hs) == 1 {
		return hs[0]
	}
	var buf [tileWidth / 2]tlog.Hash
	row := buf[:len(hs)/2]
	for i := range row {
		row[i] = tlog.NodeHash(hs[2*i], hs[2*i+1])
	}
	for len(row) > 1 {
		for i := range len(row) / 2 {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

var errTree = errors.New("the tree's stored hashes do not fit its size")

// reader serves tlog's proofs from tiles and the frontier.
func (f *frontier) reader(tile func(level int, number int64) ([]tlog.Hash, error)) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			tl, within := level/tileHeight, level%tileHeight
			first := n << within // in hashes of the tile level
			number, lo := first>>tileHeight, int(first&(tileWidth-1))
			hi := lo + 1<<within
			var hs []tlog.Hash
			if number == f.size>>(tileHeight*(tl+1)) {
				hs = f.levels[tl]
			} else {
				var err error
				if hs, err = tile(tl, number); err != nil {
					return nil, err
				}
			}
			if len(hs) < hi {
				return nil, fmt.Errorf("%w: level %d, number %d", errTree, tl, number)
			}
			out[i] = rootOf(hs[lo:hi])
		}
		return out, nil
	})
}

func hashesToBytes(hs []tlog.Hash) []byte {
	b := make([]byte, 0, len(hs)*tlog.HashSize)
	for _, h := range hs {
		b = append(b, h[:]...)
	}
	return b
}

func hashesFromBytes(b []byte) ([]tlog.Hash, error) {
	if len(b)%tlog.HashSize != 0 {
		return nil, errTree
	}
	hs := make([]tlog.Hash, len(b)/tlog.HashSize)
	for i := range hs {
		copy(hs[i][:], b[i*tlog.HashSize:])
	}
	return hs, nil
}
