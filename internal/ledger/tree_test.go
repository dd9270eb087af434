package ledger

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// The model is tlog's own, plain storage of every hash.
type plainTree struct{ hashes []tlog.Hash }

func (p *plainTree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		out[i] = p.hashes[n]
	}
	return out, nil
}

func TestTreeEqualsTheModelAtEverySize(t *testing.T) {
	model, front := &plainTree{}, &frontier{}
	tiles := map[int64][]tlog.Hash{}
	tile := func(level int, number int64) ([]tlog.Hash, error) {
		hs, ok := tiles[tilePlace(level, number)]
		if !ok {
			return nil, fmt.Errorf("no tile %d/%d", level, number)
		}
		return hs, nil
	}
	const sizes = 70_000 // past the first full tile of level 1
	for n := range int64(sizes) {
		var data [8]byte
		binary.BigEndian.PutUint64(data[:], uint64(n))
		leaf := tlog.RecordHash(data[:])
		more, err := tlog.StoredHashesForRecordHash(n, leaf, model)
		if err != nil {
			t.Fatal(err)
		}
		model.hashes = append(model.hashes, more...)
		for _, f := range front.append(leaf, nil) {
			tiles[tilePlace(f.level, f.number)] = f.hashes
		}
		size := n + 1
		if size > 1100 && size%997 != 0 && size%tileWidth != 0 && size < sizes-3 {
			continue
		}
		want, err := tlog.TreeHash(size, model)
		if err != nil {
			t.Fatal(err)
		}
		if got := front.root(); got != want {
			t.Fatalf("size %d: root %s, want %s", size, got, want)
		}
		loaded := &frontier{size: size, levels: front.levels}
		if loaded.setPeaks(); loaded.root() != want {
			t.Fatalf("size %d: root %s from the levels, want %s", size, loaded.root(), want)
		}
		for _, i := range []int64{0, n / 2, n} {
			p, err := tlog.ProveRecord(size, i, front.reader(tile))
			if err != nil {
				t.Fatalf("size %d, entry %d: %v", size, i, err)
			}
			binary.BigEndian.PutUint64(data[:], uint64(i))
			if err := tlog.CheckRecord(p, size, want, i, tlog.RecordHash(data[:])); err != nil {
				t.Fatalf("size %d, entry %d: %v", size, i, err)
			}
		}
	}
}

// A copy that grew and was given up, as by a commit that failed, leaves no trace in the copy it came from nor in the next.
func TestCopiesOfTheTreesEdgeGrowApart(t *testing.T) {
	leaf := func(n int) tlog.Hash { return tlog.RecordHash([]byte{byte(n), byte(n >> 8)}) }
	grown := func(f *frontier, from, n int) *frontier {
		c := *f
		for i := range n {
			c.append(leaf(from+i), nil)
		}
		return &c
	}
	for size := range 2 * tileWidth {
		base := grown(&frontier{}, 0, size)
		root := base.root()
		want := grown(grown(&frontier{}, 0, size), size, 5).root()
		grown(base, 1000, 7)
		if got := grown(base, size, 5).root(); got != want || base.root() != root {
			t.Fatalf("size %d: the copies share more than they have in common", size)
		}
	}
}

func anyEntry() *rapid.Generator[Entry] {
	return rapid.Custom(func(t *rapid.T) Entry {
		return Entry{
			At: time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "at")).UTC(), Kind: ActorKind(rapid.Byte().Draw(t, "kind")),
			Actor: person.ID(rapid.Int64().Draw(t, "actor")), Role: policy.Role(rapid.Byte().Draw(t, "role")),
			Subject: person.ID(rapid.Int64().Draw(t, "subject")), Operation: policy.Operation(rapid.Byte().Draw(t, "operation")),
			Purpose: policy.Purpose(rapid.Byte().Draw(t, "purpose")), Fields: person.Fields(rapid.Uint32().Draw(t, "fields")),
			Outcome: Outcome(rapid.Byte().Draw(t, "outcome")), Edition: rapid.Int64Range(0, 1<<40).Draw(t, "edition"),
			Clauses: rapid.SliceOfN(rapid.StringN(0, 4, maxClause), 1, MaxClauses).Draw(t, "clauses"), Case: rapid.StringN(0, 16, MaxCase).Draw(t, "case"),
		}
	})
}

func TestEntryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry().Draw(t, "entry")
		got, err := decodeEntry(e.encode(nil))
		if err != nil || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", e) {
			t.Fatalf("%v\n%#v\n%#v", err, e, got)
		}
	})
}

// FuzzEntry: what is read as an entry is written back the same, so no two texts stand for one entry.
func FuzzEntry(f *testing.F) {
	e := Entry{At: time.UnixMicro(1).UTC(), Clauses: []string{"4.1.7"}, Case: "ticket:214", Fields: 9}
	f.Add(e.encode(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEntry(b)
		if err != nil {
			return
		}
		if back := e.encode(nil); string(back) != string(b) {
			t.Errorf("%x is read as an entry that is written %x", b, back)
		}
	})
}
