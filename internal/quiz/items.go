package quiz

import "math"

// Item says how a question did in a test.
type Item struct {
	N              int     // attempts in which it was shown
	Difficulty     float64 // mean share, 0 to 1: the higher, the easier; 0 where N is 0
	Discrimination float64 // -1 to 1; below 0 those who do well otherwise do worse here
	Known          bool    // Discrimination could be counted
}

// minAttempts is how many attempts a correlation is counted of at least.
const minAttempts = 5

// Items gives the statistics of each question. An attempt holds the thousandths of each, -1 where it was not shown; one that is shorter did
// not show the rest.
//
// Difficulty is the facility index of classical test theory. Discrimination is Pearson's product-moment correlation between the question and the
// mean of the attempt's other questions: the item-rest, or corrected item-total, correlation (S. Henrysson, Correction of item-total
// correlations in item analysis, Psychometrika 28, 1963), which for shares of 0 and 1 is the point-biserial one. The mean stands for the sum
// because attempts may show different questions. It is unknown below 5 attempts with another question in them, and where all did equally well.
func Items(attempts [][]int) []Item {
	count := 0
	for _, a := range attempts {
		count = max(count, len(a))
	}
	sums, shown := make([]int, len(attempts)), make([]int, len(attempts))
	for i, a := range attempts {
		for _, points := range a {
			if points >= 0 {
				sums[i] += points
				shown[i]++
			}
		}
	}
	out := make([]Item, count)
	for k := range out {
		var own, rest []float64
		total := 0
		for i, a := range attempts {
			if k >= len(a) || a[k] < 0 {
				continue
			}
			out[k].N++
			total += a[k]
			if shown[i] > 1 {
				own, rest = append(own, float64(a[k])), append(rest, float64(sums[i]-a[k])/float64(shown[i]-1))
			}
		}
		if out[k].N > 0 {
			out[k].Difficulty = float64(total) / float64(out[k].N) / Full
		}
		if len(own) >= minAttempts {
			out[k].Discrimination, out[k].Known = pearson(own, rest)
		}
	}
	return out
}

// pearson is the correlation of x and y; known is false where one of them does not vary.
func pearson(x, y []float64) (r float64, known bool) {
	if !varies(x) || !varies(y) {
		return 0, false
	}
	mx, my := mean(x), mean(y)
	var xx, yy, xy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx += dx * dx
		yy += dy * dy
		xy += dx * dy
	}
	return max(-1, min(1, xy/math.Sqrt(xx*yy))), true
}

func varies(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return true
		}
	}
	return false
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
