package quiz

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestLayoutsStayWhatTheyAre: attempts that run go on in a later version of the program.
func TestLayoutsStayWhatTheyAre(t *testing.T) {
	seed := []byte("0123456789abcdef")
	for _, tc := range []struct{ got, want string }{
		{fmt.Sprint(Shuffle(seed, "a", 10)), "[0 5 4 7 3 8 2 6 9 1]"},
		{fmt.Sprint(Shuffle(seed, "b", 10)), "[5 1 8 4 9 2 7 3 0 6]"},
		{fmt.Sprint(Draw(seed, "a", 1000, 5)), "[200 815 196 83 763]"},
		{fmt.Sprintf("%+v", parsed(t, texts["many"]).Layout(seed, "1", true)), "{Options:[0 3 4 2 1] Rights:[] Items:[] Gaps:[]}"},
		{fmt.Sprintf("%+v", parsed(t, texts["many"]).Layout(seed, "1", false)), "{Options:[0 1 2 3 4] Rights:[] Items:[] Gaps:[]}"},
		{fmt.Sprintf("%+v", parsed(t, texts["match"]).Layout(seed, "1", false)), "{Options:[] Rights:[2 1 0] Items:[] Gaps:[]}"},
		{fmt.Sprintf("%+v", parsed(t, texts["order"]).Layout(seed, "1", false)), "{Options:[] Rights:[] Items:[2 1 0 3] Gaps:[]}"},
		{fmt.Sprintf("%+v", parsed(t, texts["cloze"]).Layout(seed, "1", false)), "{Options:[] Rights:[] Items:[] Gaps:[[] [] [1 2 0]]}"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s, want %s", tc.got, tc.want)
		}
	}
}

func isPermutation(p []int, n int) bool {
	sorted := slices.Sorted(slices.Values(p))
	for i, v := range sorted {
		if v != i {
			return false
		}
	}
	return len(p) == n
}

func TestDraw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, label := rapid.SliceOf(rapid.Byte()).Draw(t, "seed"), rapid.String().Draw(t, "label")
		n, k := rapid.IntRange(-2, 300).Draw(t, "n"), rapid.IntRange(-2, 310).Draw(t, "k")
		got := Draw(seed, label, n, k)
		if len(got) != min(max(k, 0), max(n, 0)) {
			t.Fatalf("%d drawn", len(got))
		}
		if !slices.Equal(got, Draw(seed, label, n, k)) {
			t.Fatal("the same seed draws something else")
		}
		if all := Shuffle(seed, label, n); !isPermutation(all, max(n, 0)) || !slices.Equal(all[:len(got)], got) {
			t.Fatalf("drawn %v, shuffled %v", got, all)
		}
	})
	if slices.Equal(Shuffle([]byte("ab"), "c", 50), Shuffle([]byte("a"), "bc", 50)) {
		t.Error("seed and label run together")
	}
}

// chi is the sum of squares of what differs from an even spread, over that.
func chi(counts map[string]int, cells, draws int) float64 {
	expected := float64(draws) / float64(cells)
	sum := float64(cells-len(counts)) * expected
	for _, n := range counts {
		d := float64(n) - expected
		sum += d * d / expected
	}
	return sum
}

// Each order, each choice and each shown order of items is about as likely as any other. The bounds are the 0.9999 quantiles of chi-square, and
// the seeds are fixed, so the test always says the same.
func TestDrawIsEven(t *testing.T) {
	const draws = 12000
	counts := map[string]map[string]int{}
	for i := range draws {
		seed := fmt.Append(nil, "seed ", i)
		for name, drawn := range map[string][]int{"orders of 4": Shuffle(seed, "q", 4), "2 of 6": Draw(seed, "q", 6, 2), "first of 7": Draw(seed, "q", 7, 1), "last of 7": Shuffle(seed, "q", 7)[6:],
			"items of 3": parsed(t, "Q\n(1) a\n(2) b\n(3) c").Layout(seed, "q", false).Items} {
			if counts[name] == nil {
				counts[name] = map[string]int{}
			}
			counts[name][fmt.Sprint(drawn)]++
		}
	}
	for name, tc := range map[string]struct {
		cells int
		bound float64
	}{"orders of 4": {24, 57.1}, "2 of 6": {30, 65.6}, "first of 7": {7, 27.9}, "last of 7": {7, 27.9}, "items of 3": {5, 23.5}} {
		if got := chi(counts[name], tc.cells, draws); got > tc.bound {
			t.Errorf("%s: chi-square is %.1f over %d cells", name, got, tc.cells)
		}
	}
}

func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuestion().Draw(t, "question")
		seed, mix := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "seed"), rapid.Bool().Draw(t, "mix")
		l := q.Layout(seed, "7", mix)
		if !isPermutation(l.Options, len(q.Options)) || !mix && !slices.IsSorted(l.Options) || len(l.Gaps) != len(q.Gaps) {
			t.Fatalf("%+v", l)
		}
		if q.Kind == Match && !isPermutation(l.Rights, len(q.Rights())) || q.Kind != Match && l.Rights != nil {
			t.Fatalf("right sides %v of %d", l.Rights, len(q.Rights()))
		}
		if !isPermutation(l.Items, len(q.Items)) || q.Kind == Order && slices.IsSorted(l.Items) {
			t.Fatalf("items %v", l.Items)
		}
		for i, g := range q.Gaps {
			if !isPermutation(l.Gaps[i], len(g.Options)) {
				t.Fatalf("gap %d: %v", i, l.Gaps[i])
			}
		}
	})
}

// Two items are always shown the wrong way round.
func TestItemsAreNeverShownInTheirRightOrder(t *testing.T) {
	q := parsed(t, "Q\n(1) a\n(2) b")
	for i := range 200 {
		if got := q.Layout([]byte{byte(i)}, "q", true).Items; !slices.Equal(got, []int{1, 0}) {
			t.Fatal(got)
		}
	}
	if got := (Question{Kind: Order, Items: []string{"a"}}).Layout(nil, "q", true).Items; !slices.Equal(got, []int{0}) {
		t.Error(got)
	}
}
