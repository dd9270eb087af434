package disclosure

import (
	"cmp"
	"slices"
)

// Least is the smallest number of people that statistics speak of, and the step in which they speak.
const Least = 10

// Counts of a block: people by cell.
type counts map[string]int64

// Cell is one published count.
type Cell struct {
	Key    string `json:"key"`
	N      int64  `json:"n"` // rounded down to tens
	Hidden bool   `json:"hidden,omitempty"`
}

// Table is what is published of one block: every cell of a closed list, so that a cell's being there tells nothing.
type Table struct {
	Block string `json:"block"`
	Cells []Cell `json:"cells"`
}

// Blocks. That of the districts of a region has the region's code behind it.
const (
	BlockRegions   = "regions"
	BlockDistricts = "districts:"
	BlockPositions = "positions"
	BlockService   = "service"
)

// publish applies the small-count rule to a block. before is what was counted when the block was last counted anew, shown is what was published
// then, now are the counts of today, whole is the published count of what the cells divide (-1 where none is published).
//
// The rule, a k-anonymity with complementary suppression and k = Least:
//  1. A block is counted anew only when at least k people came to its cells, or left them, since it was last counted anew. Until then the same
//     numbers are given again. So what two releases differ by can't be pinned on fewer than k people, however close together they are asked for.
//  2. A count below k is hidden. The others are rounded down to a multiple of k.
//  3. Where subtracting from the whole could tell something of a hidden count, the smallest of the others is hidden too. Totals are not
//     published.
func publish(block string, before counts, shown *Table, now counts, cells []string, whole int64) (Table, counts) {
	if shown != nil && max(moved(now, before, cells), moved(before, now, cells)) < Least {
		return *shown, before
	}
	t := Table{Block: block}
	hidden, sum := 0, int64(0)
	for _, key := range cells {
		c := Cell{Key: key, N: now[key] - now[key]%Least}
		if c.Hidden = c.N < Least; c.Hidden {
			hidden++
		}
		sum += c.N
		t.Cells = append(t.Cells, c)
	}
	if hidden == 1 || hidden > 0 && whole >= 0 && lowest(whole, sum, len(cells)-hidden, hidden) > 0 {
		t.hideSmallest()
	}
	return t, now
}

// moved is how many came to cells that grew from a to b; at least so many people did.
func moved(a, b counts, cells []string) (n int64) {
	for _, key := range cells {
		n += max(0, a[key]-b[key])
	}
	return n
}

// lowest is the least that one of several hidden counts could be, for who knows the whole, the shown counts and the rule.
func lowest(whole, sum int64, shown, hidden int) int64 {
	const most = Least - 1 // how much rounding may have taken, and how large a hidden count may be
	return whole - sum - int64(shown)*most - int64(hidden-1)*most
}

func (t *Table) hideSmallest() {
	var open []*Cell
	for i := range t.Cells {
		if c := &t.Cells[i]; !c.Hidden {
			open = append(open, c)
		}
	}
	if len(open) > 0 {
		slices.MinFunc(open, func(a, b *Cell) int { return cmp.Compare(a.N, b.N) }).Hidden = true
	}
	for i := range t.Cells {
		if t.Cells[i].Hidden {
			t.Cells[i].N = 0
		}
	}
}
