package keeper_test

import (
	"testing"
	"time"

	"ustaz/internal/person"
	"ustaz/internal/testdoor"
)

func TestWhatTheBrakeCountedIsForgotten(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		people := e.People(t, 2)
		read := func(id person.ID) {
			t.Helper()
			if _, err := e.Keeper.Read(t.Context(), supportReads(id, person.Email)); err != nil {
				t.Fatal(err)
			}
		}
		left := func() int {
			t.Helper()
			if err := e.Keeper.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			counts, err := e.Keeper.BrakeCounts(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return len(counts)
		}
		read(people[0])
		e.Clock.Move(24 * time.Hour)
		read(people[1])
		if n := left(); n != 2 {
			t.Errorf("after a day %d hours are there, want 2", n)
		}
		e.Clock.Move(25 * time.Hour)
		if n := left(); n != 1 {
			t.Errorf("after two days %d hours are there, want 1", n)
		}
	})
}
