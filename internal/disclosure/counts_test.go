package disclosure

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

// crowd is a population as the attacker of the tests knows it whole: who is in which cell.
type crowd map[int]string

func (c crowd) counts() counts {
	out := counts{}
	for _, cell := range c {
		out[cell]++
	}
	return out
}

var fiveCells = []string{"a", "b", "c", "d", "e"}

// TestDifferencing orders counts again and again while people come, leave and move. Where two releases in a row say different numbers of a cell, at
// least Least people came to that cell or left it since it was counted for the earlier one; so a difference can't be pinned on fewer.
func TestDifferencing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, next := crowd{}, 0
		for range rapid.IntRange(0, 80).Draw(t, "people") {
			now[next] = rapid.SampledFrom(fiveCells).Draw(t, "cell")
			next++
		}
		moves := map[string]int{} // of people, into a cell or out of it, since it last said another number
		move := func(who int, to string) {
			if from := now[who]; from != "" {
				moves[from]++
			}
			if delete(now, who); to != "" {
				now[who] = to
				moves[to]++
			}
		}
		said := map[string]int64{}
		var base counts
		for release := range rapid.IntRange(2, 8).Draw(t, "releases") {
			for range rapid.IntRange(0, 14).Draw(t, "changes") {
				who := rapid.IntRange(0, max(0, next-1)).Draw(t, "who")
				switch rapid.IntRange(0, 3).Draw(t, "change") {
				case 0, 1:
					move(next, rapid.SampledFrom(fiveCells).Draw(t, "cell"))
					next++
				case 2:
					move(who, "")
				case 3:
					if now[who] != "" {
						move(who, rapid.SampledFrom(fiveCells).Draw(t, "cell"))
					}
				}
			}
			var table Table
			table, base = publish("x", base, now.counts(), fiveCells)
			small(t, table)
			for _, c := range fiveCells {
				n := base[c] - base[c]%Least // what would be said of it, were it not hidden
				if release > 0 && n != said[c] && moves[c] < Least {
					t.Fatalf("%s says %d after %d, for %d people", c, n, said[c], moves[c])
				}
				if release == 0 || n != said[c] {
					said[c], moves[c] = n, 0
				}
			}
		}
	})
}

// fatal is what a test and a property test have in common.
type fatal interface{ Fatalf(string, ...any) }

// small holds that no count below Least is shown, none is exact, and none is hidden alone among others that are shown.
func small(t fatal, table Table) {
	hidden := 0
	for _, c := range table.Cells {
		switch {
		case c.Hidden && c.N != 0:
			t.Fatalf("a hidden cell says %d", c.N)
		case c.Hidden:
			hidden++
		case c.N < Least || c.N%Least != 0:
			t.Fatalf("%s says %d", c.Key, c.N)
		}
	}
	if hidden == 1 && len(table.Cells) > 1 {
		t.Fatalf("one hidden cell among %v", table.Cells)
	}
}

// TestNothingDependsOnASmallCount: whatever a count below Least is, everything that is published is the same. So no subtraction, of cells or
// of tables, can tell anything of it.
func TestNothingDependsOnASmallCount(t *testing.T) {
	tree := place.Default()
	rapid.Check(t, func(t *rapid.T) {
		region := rapid.SampledFrom(tree.Regions()).Draw(t, "region").Code
		block := BlockDistricts + region
		now := map[string]counts{block: {Elsewhere: rapid.Int64Range(0, 30).Draw(t, "elsewhere")}, BlockPositions: {}, BlockService: {}}
		for _, d := range tree.Children(region) {
			now[block][d.Code] = rapid.Int64Range(0, 30).Draw(t, d.Code)
		}
		for _, p := range person.Positions() {
			now[BlockPositions][p.Code] = rapid.Int64Range(0, 30).Draw(t, p.Code)
		}
		tables, _ := publishAll(tree, map[string]counts{}, now)
		for _, table := range tables {
			if table.Block != BlockRegions {
				small(t, table)
			}
		}
		for name, cells := range now {
			for key, n := range cells {
				if n >= Least {
					continue
				}
				cells[key] = rapid.Int64Range(0, Least-1).Draw(t, "instead")
				if again, _ := publishAll(tree, map[string]counts{}, now); !reflect.DeepEqual(again, tables) {
					t.Fatalf("%s of %s: %d is told from %d", key, name, n, cells[key])
				}
				cells[key] = n
			}
		}
	})
}

// TestWhatTheRuleStops shows that exact counts would give one person away, and that published ones do not.
func TestWhatTheRuleStops(t *testing.T) {
	before := counts{"a": 59, "b": 30, "c": 41}
	after := counts{"a": 60, "b": 30, "c": 41} // Aya came
	first, base := publish("x", nil, before, []string{"a", "b", "c"})
	second, base := publish("x", base, after, []string{"a", "b", "c"})
	if !reflect.DeepEqual(first, second) {
		t.Errorf("one person who came is seen: %v, %v", first, second)
	}
	after["a"], after["b"], after["c"] = 69, 40, 1
	third, base := publish("x", base, after, []string{"a", "b", "c"})
	if third.Cells[0].N != 60 || !third.Cells[1].Hidden || !third.Cells[2].Hidden {
		t.Errorf("ten who came, or forty who left, are not seen: %v", third)
	}
	after["c"] = 0 // the last of them left, and then people came again
	if fourth, _ := publish("x", base, after, []string{"a", "b", "c"}); !reflect.DeepEqual(third, fourth) {
		t.Errorf("one person who left is seen: %v, %v", third, fourth)
	}
}

func TestPublishAll(t *testing.T) {
	tree := place.Default()
	region := tree.Regions()[1].Code
	district := tree.Children(region)[0].Code
	tables, next := publishAll(tree, map[string]counts{}, map[string]counts{
		BlockDistricts + region: {district: 55, Elsewhere: 2}, BlockPositions: {"teacher": 60}, BlockService: {"5": 60}})
	if len(tables) != 3+len(tree.Regions()) || next[BlockDistricts+region][district] != 55 {
		t.Fatalf("%d tables", len(tables))
	}
	r := Release{Tables: tables}
	i := slices.IndexFunc(r.Table(BlockRegions).Cells, func(c Cell) bool { return c.Key == region })
	if c := r.Table(BlockRegions).Cells[i]; c.N != 50 || c.Hidden {
		t.Errorf("%+v", c)
	}
	again, _ := publishAll(tree, next, map[string]counts{BlockDistricts + region: {district: 61}, BlockPositions: {"teacher": 61}, BlockService: {"5": 61}})
	if !reflect.DeepEqual(again, tables) {
		t.Error("six people are seen")
	}
}

// TestRelease counts on a real door: those who are blocked are not counted, the others see it, and it goes on after a stop.
func TestRelease(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := newWorld(t, e)
		var ids []person.ID
		for i := range 23 {
			ids = append(ids, w.Subject(t, map[person.Field]string{person.Surname: "Т", person.GivenName: "Т", person.Email: fmt.Sprintf("s%d@mysal.kz", i),
				person.Place: "103200000", person.Position: "teacher", person.ServiceSince: "2015-09"}))
		}
		for _, id := range ids[:4] {
			w.block(id)
		}
		id, err := w.s.Order(t.Context(), asem)
		w.must(err)
		if _, err := w.s.Order(t.Context(), asem); !errs.Is(err, errs.Conflict) {
			t.Errorf("two at once: %v", err)
		}
		r, err := w.s.Release(t.Context(), id)
		w.must(err)
		if done, err := w.s.countSome(t.Context(), r); done || err != nil {
			t.Fatal(done, err)
		}
		if done, err := w.s.countSome(t.Context(), r); done || err != nil { // another server with the same knowledge
			t.Fatal(done, err)
		}
		w.Reopen(t)
		w.open()
		w.drain()
		r, err = w.s.Release(t.Context(), id)
		w.must(err)
		bands := r.Table(BlockService).Cells
		if i := slices.IndexFunc(bands, func(c Cell) bool { return c.Key == strconv.Itoa(10) }); bands[i].N != 10 {
			t.Errorf("%+v", bands)
		}
		own, _, err := w.Ledger.BySubject(t.Context(), ids[9], 1<<62, 1, nil)
		if err != nil || own[0].Operation != policy.Depersonalisation || own[0].Case != r.Code() || own[0].Actor != asem {
			t.Errorf("%+v, %v", own, err)
		}
		again, err := w.s.Order(t.Context(), berik)
		w.must(err)
		w.Subject(t, map[person.Field]string{person.Surname: "Т", person.GivenName: "Т", person.Email: "new@mysal.kz", person.Place: "103200000"})
		w.drain()
		second, err := w.s.Release(t.Context(), again)
		if w.must(err); !reflect.DeepEqual(second.Tables, r.Tables) {
			t.Error("one who came is seen")
		}
	})
}
