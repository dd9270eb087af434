package quiz

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestItems(t *testing.T) {
	attempts := [][]int{
		{1000, 1000, 1000, 500, 1000},
		{1000, 1000, 500, 500, 0},
		{1000, 0, 1000, 500, 0},
		{1000, 500, 0, 500, -1},
		{1000, 0, 0, 500},
		{1000, 1000, 500, 500, -1},
	}
	got := Items(attempts)
	want := []Item{ // the correlations are those of Python's statistics.correlation
		{N: 6, Difficulty: 1},
		{N: 6, Difficulty: 3500. / 6000, Discrimination: 0.419142673516, Known: true},
		{N: 6, Difficulty: 0.5, Discrimination: 0.097358476702, Known: true},
		{N: 6, Difficulty: 0.5},
		{N: 3, Difficulty: 1. / 3},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		g := got[i]
		if g.N != w.N || math.Abs(g.Difficulty-w.Difficulty) > 1e-9 || math.Abs(g.Discrimination-w.Discrimination) > 1e-9 || g.Known != w.Known {
			t.Errorf("%d: %+v, want %+v", i, g, w)
		}
	}
	if got := Items(nil); len(got) != 0 {
		t.Error(got)
	}
	if got := Items([][]int{{-1, 500}}); got[0] != (Item{}) || got[1] != (Item{N: 1, Difficulty: 0.5}) {
		t.Error(got)
	}
}

func TestDiscriminationOfExtremes(t *testing.T) {
	var with, against [][]int
	for i := range 6 {
		good := i % 2 * Full
		with, against = append(with, []int{good, good, good}), append(against, []int{Full - good, good, good})
	}
	if got := Items(with)[0]; !got.Known || math.Abs(got.Discrimination-1) > 1e-12 {
		t.Error(got)
	}
	if got := Items(against)[0]; !got.Known || math.Abs(got.Discrimination+1) > 1e-12 {
		t.Error(got)
	}
	for name, attempts := range map[string][][]int{"four attempts": with[:4], "a test of one question": {{0}, {1000}, {0}, {1000}, {0}, {1000}},
		"the rest does not vary": {{0, 500}, {1000, 500}, {0, 500}, {1000, 500}, {0, 500}}} {
		if got := Items(attempts)[0]; got.Known || got.Discrimination != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestItemsAreInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attempts := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(rapid.Just(-1), rapid.Just(0), rapid.Just(Full), rapid.IntRange(0, Full)), 0, 8), 0, 30).Draw(t, "attempts")
		for i, it := range Items(attempts) {
			if math.IsNaN(it.Difficulty) || math.IsNaN(it.Discrimination) || it.Difficulty < 0 || it.Difficulty > 1 || it.Discrimination < -1 || it.Discrimination > 1 ||
				!it.Known && it.Discrimination != 0 || it.N > len(attempts) || it.Known && it.N < minAttempts {
				t.Fatalf("%d: %+v", i, it)
			}
		}
	})
}
