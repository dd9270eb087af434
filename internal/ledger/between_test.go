package ledger_test

import (
	"context"
	"testing"
	"time"

	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

func TestBetween(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		begun := e.Clock.Now().Add(time.Hour)
		e.Clock.Move(time.Hour)
		for n := range 50 {
			for range n % 3 {
				if err := e.Ledger.Record(ctx, &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByJob, Role: policy.Job, Subject: person.ID(n), Operation: policy.Use,
					Purpose: policy.Notify, Outcome: ledger.Allowed}}); err != nil {
					t.Fatal(err)
				}
			}
			e.Clock.Move(time.Minute)
		}
		for name, c := range map[string]struct {
			from, until int // minutes
			first, last person.ID
			count       int
		}{
			"all":             {0, 60, 1, 49, 49},
			"a part":          {10, 20, 10, 20, 12},
			"one minute":      {7, 7, 7, 7, 1},
			"an empty minute": {9, 9, 0, 0, 0},
			"before":          {-30, -1, 0, 0, 0},
			"after":           {70, 80, 0, 0, 0},
			"the other way":   {20, 10, 0, 0, 0},
		} {
			t.Run(name, func(t *testing.T) {
				var got []person.ID
				err := e.Ledger.Between(ctx, begun.Add(time.Duration(c.from)*time.Minute), begun.Add(time.Duration(c.until)*time.Minute), func(x *ledger.Indexed) bool {
					got = append(got, x.Subject)
					return true
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != c.count || c.count > 0 && (got[0] != c.first || got[len(got)-1] != c.last) {
					t.Errorf("%d: %v", len(got), got)
				}
			})
		}
		count := 0
		if err := e.Ledger.Between(ctx, begun, begun.Add(time.Hour), func(*ledger.Indexed) bool { count++; return count < 3 }); err != nil || count != 3 {
			t.Errorf("stopped after %d, %v", count, err)
		}
	})
}
