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

// changed is who came, left, or moved between two moments.
func changed(a, b crowd) (n int) {
	for id, cell := range a {
		if b[id] != cell {
			n++
		}
	}
	for id := range b {
		if _, known := a[id]; !known {
			n++
		}
	}
	return n
}

func (c crowd) copy() crowd {
	out := crowd{}
	for id, cell := range c {
		out[id] = cell
	}
	return out
}

var fiveCells = []string{"a", "b", "c", "d", "e"}

// TestDifferencing orders counts again and again while people come, leave and move. Whatever two releases in a row differ by, at least Least
// people changed since the counts that the earlier one shows were made; so a difference can't be pinned on fewer.
func TestDifferencing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, next := crowd{}, 0
		for range rapid.IntRange(0, 80).Draw(t, "people") {
			now[next] = rapid.SampledFrom(fiveCells).Draw(t, "cell")
			next++
		}
		var before counts
		var shown *Table
		at := now.copy() // when the block was last counted anew
		for range rapid.IntRange(2, 8).Draw(t, "releases") {
			for range rapid.IntRange(0, 14).Draw(t, "changes") {
				switch rapid.IntRange(0, 3).Draw(t, "change") {
				case 0, 1:
					now[next] = rapid.SampledFrom(fiveCells).Draw(t, "cell")
					next++
				case 2:
					delete(now, rapid.IntRange(0, max(0, next-1)).Draw(t, "who"))
				case 3:
					who := rapid.IntRange(0, max(0, next-1)).Draw(t, "who")
					if _, here := now[who]; here {
						now[who] = rapid.SampledFrom(fiveCells).Draw(t, "cell")
					}
				}
			}
			table, base := publish("x", before, shown, now.counts(), fiveCells)
			small(t, table)
			if shown != nil && !reflect.DeepEqual(table, *shown) && changed(at, now) < Least {
				t.Fatalf("two releases differ by %d people: %v, %v", changed(at, now), *shown, table)
			}
			if shown == nil || !reflect.DeepEqual(base, before) {
				at = now.copy()
			}
			before, shown = base, &table
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
		tables, _ := publishAll(tree, map[string]counts{}, nil, now)
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
				if again, _ := publishAll(tree, map[string]counts{}, nil, now); !reflect.DeepEqual(again, tables) {
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
	first, base := publish("x", nil, nil, before, []string{"a", "b", "c"})
	second, _ := publish("x", base, &first, after, []string{"a", "b", "c"})
	if !reflect.DeepEqual(first, second) {
		t.Errorf("one person who came is seen: %v, %v", first, second)
	}
	after["a"], after["b"] = 66, 33
	third, _ := publish("x", base, &second, after, []string{"a", "b", "c"})
	if third.Cells[0].N != 60 || third.Cells[1].N != 30 {
		t.Errorf("ten who came are not: %v", third)
	}
}

func TestPublishAll(t *testing.T) {
	tree := place.Default()
	region := tree.Regions()[1].Code
	district := tree.Children(region)[0].Code
	tables, next := publishAll(tree, map[string]counts{}, nil, map[string]counts{
		BlockDistricts + region: {district: 55, Elsewhere: 2}, BlockPositions: {"teacher": 60}, BlockService: {"5": 60}})
	if len(tables) != 3+len(tree.Regions()) || next[BlockDistricts+region][district] != 55 {
		t.Fatalf("%d tables", len(tables))
	}
	r := Release{Tables: tables}
	i := slices.IndexFunc(r.Table(BlockRegions).Cells, func(c Cell) bool { return c.Key == region })
	if c := r.Table(BlockRegions).Cells[i]; c.N != 50 || c.Hidden {
		t.Errorf("%+v", c)
	}
	again, _ := publishAll(tree, next, tables, map[string]counts{BlockDistricts + region: {district: 61}, BlockPositions: {"teacher": 61}, BlockService: {"5": 61}})
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
