package ticket

import (
	"cmp"
	"context"
	"slices"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/worktime"
)

// Line is how long people waited whose tickets of one topic were opened in one week.
type Line struct {
	Week     worktime.Date // its Monday
	Topic    Topic
	N        int
	First    Spread // until the first answer
	Solution Spread
}

// Spread is the median and the 90th percentile of N times, in working hours.
type Spread struct {
	N            int
	Median, Most time.Duration
}

const timesFor = 12 * 7 * 24 * time.Hour

// Times are those of the last twelve weeks, newest first.
func (s *Service) Times(ctx context.Context, c *worktime.Calendar) ([]Line, error) {
	all, err := s.list(ctx, selectSince, db.Micros(s.c.DB.Now().Add(-timesFor)))
	if err != nil {
		return nil, err
	}
	type key struct {
		week  worktime.Date
		topic Topic
	}
	type waits struct {
		n               int
		first, solution []time.Duration
	}
	sums := map[key]*waits{}
	for _, t := range all {
		day := worktime.DateOf(t.Opened)
		k := key{day.AddDays(-(int(day.Noon().Weekday()) + 6) % 7), t.Topic}
		w := sums[k]
		if w == nil {
			w = &waits{}
			sums[k] = w
		}
		w.n++
		if !t.Answered.IsZero() {
			w.first = append(w.first, worked(c, t.Opened, t.Answered))
		}
		if !t.Solved.IsZero() {
			w.solution = append(w.solution, worked(c, t.Opened, t.Solved))
		}
	}
	var out []Line
	for k, w := range sums {
		out = append(out, Line{k.week, k.topic, w.n, spread(w.first), spread(w.solution)})
	}
	slices.SortFunc(out, func(a, b Line) int { return cmp.Or(b.Week.Compare(a.Week), cmp.Compare(a.Topic, b.Topic)) })
	return out, nil
}

// spread takes the nearest rank.
func spread(all []time.Duration) Spread {
	if len(all) == 0 {
		return Spread{}
	}
	slices.Sort(all)
	rank := func(percent int) time.Duration { return all[(len(all)*percent+99)/100-1] }
	return Spread{len(all), rank(50), rank(90)}
}

// A working day is eight hours, counted as from nine to five in Almaty.
const (
	dayBegins = 9 * time.Hour
	dayEnds   = 17 * time.Hour
)

// worked is how much of the time between two moments was working time.
func worked(c *worktime.Calendar, from, until time.Time) (sum time.Duration) {
	last := worktime.DateOf(until)
	for day := worktime.DateOf(from); day.Compare(last) <= 0; day = day.AddDays(1) {
		if !c.Working(day) {
			continue
		}
		midnight := day.AddDays(-1).End().Add(time.Second)
		begins, ends := midnight.Add(dayBegins), midnight.Add(dayEnds)
		if from.After(begins) {
			begins = from
		}
		if until.Before(ends) {
			ends = until
		}
		sum += max(0, ends.Sub(begins))
	}
	return sum
}
