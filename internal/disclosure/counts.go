package disclosure

// Least is the smallest number of people that statistics speak of, and the step in which they speak.
const Least = 10

// counts of a block: people by cell.
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

// Blocks. That of the districts of a region has the region's code behind it; that of the regions is added up of what is shown of their districts.
const (
	BlockRegions   = "regions"
	BlockDistricts = "districts:"
	BlockPositions = "positions"
	BlockService   = "service"
)

// publish applies the small-count rule to a block. base is what its cells were counted as when each was last counted anew, now are the counts of
// today.
//
// The rule, a k-anonymity with complementary suppression and k = Least:
//  1. A cell is counted anew only when its count is at least k away from what it was when the cell was last counted anew. So a cell says another
//     number only after at least k people came to it or left it, however close together two releases are asked for.
//  2. A count below k is hidden. The others are rounded down to a multiple of k.
//  3. No number is published that a hidden count is part of: no totals, and of a region what is shown of its districts. Those whose value is not
//     known are in no cell, so that no two blocks add up to the same. And none is hidden alone: for whoever knows a total from elsewhere the
//     smallest of the others is hidden too.
//
// It is no differential privacy: whoever knows all of a cell's people but one, and asks at the right moment, can learn that a step of k was made.
func publish(block string, base, now counts, cells []string) (Table, counts) {
	next := counts{}
	t := Table{Block: block}
	hidden, smallest := 0, -1
	for i, key := range cells {
		was, known := base[key]
		if next[key] = now[key]; known && max(now[key]-was, was-now[key]) < Least {
			next[key] = was
		}
		c := Cell{Key: key, N: next[key] - next[key]%Least}
		if c.Hidden = c.N < Least; c.Hidden {
			hidden++
		} else if smallest < 0 || c.N < t.Cells[smallest].N {
			smallest = i
		}
		t.Cells = append(t.Cells, c)
	}
	if hidden == 1 && smallest >= 0 {
		t.Cells[smallest] = Cell{Key: cells[smallest], Hidden: true}
	}
	return t, next
}

// sum is what is shown of a table; hidden where nothing is.
func (t *Table) sum(key string) Cell {
	c := Cell{Key: key}
	for _, part := range t.Cells {
		c.N += part.N
	}
	c.Hidden = c.N == 0
	return c
}
