package quiz

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
)

// Layout is the order in which the parts of a question are shown: at each place the index in the question's own order.
type Layout struct {
	Options []int   // One, Many
	Rights  []int   // Match: of Rights
	Items   []int   // Order: never the right order
	Gaps    [][]int // Cloze: the options of each gap that has them
}

// Layout gives the order of q for a seed, which belongs to an attempt, and a label, which tells the questions of the attempt apart. Right sides,
// items and the options of gaps are always shuffled, since their own order is the answer; other options where mix says so.
func (q Question) Layout(seed []byte, label string, mix bool) Layout {
	var l Layout
	switch q.Kind {
	case One, Many:
		for i := range q.Options {
			l.Options = append(l.Options, i)
		}
		if mix {
			l.Options = Shuffle(seed, label+"/options", len(q.Options))
		}
	case Match:
		l.Rights = Shuffle(seed, label+"/rights", len(q.Rights()))
	case Order:
		for try := 0; l.Items == nil || len(l.Items) > 1 && slices.IsSorted(l.Items); try++ {
			l.Items = Shuffle(seed, label+"/items/"+strconv.Itoa(try), len(q.Items))
		}
	case Cloze:
		for i, g := range q.Gaps {
			l.Gaps = append(l.Gaps, Shuffle(seed, label+"/gap/"+strconv.Itoa(i), len(g.Options)))
		}
	}
	return l
}

// Shuffle gives the numbers from 0 to n-1 in an order that depends on seed and label alone; each order is as likely as any other
// (Fisher and Yates, as in Knuth 3.4.2, algorithm P). Running attempts rely on it: it must not change.
func Shuffle(seed []byte, label string, n int) []int { return Draw(seed, label, n, n) }

// Draw gives k different numbers from 0 to n-1 in random order; all n, if k is more.
func Draw(seed []byte, label string, n, k int) []int {
	n = max(n, 0)
	k = min(max(k, 0), n)
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	s := newStream(seed, label)
	for i := range k {
		j := i + s.below(n-i)
		all[i], all[j] = all[j], all[i]
	}
	return slices.Clip(all[:k])
}

// stream is SHA-256 in counter mode: the n-th block is the hash of a key and n, the key that of the seed and the label, with the seed's length
// in front so that no two pairs run together.
type stream struct {
	key   [sha256.Size]byte
	block []byte
	next  uint64
}

func newStream(seed []byte, label string) *stream {
	in := binary.BigEndian.AppendUint64(nil, uint64(len(seed)))
	in = append(append(in, seed...), label...)
	return &stream{key: sha256.Sum256(in)}
}

func (s *stream) uint64() uint64 {
	if len(s.block) == 0 {
		b := sha256.Sum256(binary.BigEndian.AppendUint64(s.key[:], s.next))
		s.block = b[:]
		s.next++
	}
	v := binary.BigEndian.Uint64(s.block)
	s.block = s.block[8:]
	return v
}

// below is a number from 0 to n-1, each as likely: what lies beyond the last whole multiple of n is thrown away.
func (s *stream) below(n int) int {
	if n < 2 {
		return 0
	}
	m := uint64(n)
	for {
		if v := s.uint64(); v < math.MaxUint64-math.MaxUint64%m {
			return int(v % m)
		}
	}
}
