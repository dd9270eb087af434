package account_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ustaz/internal/person"
)

// Who signed in, or was seen in a session that is open, has used the account.
func TestIdle(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		aya := e.member(t, "aya@mysal.kz").Session.Subject
		start := e.Clock.Now()
		e.Clock.Move(time.Second) // so that her number follows
		dana := e.member(t, "dana@mysal.kz").Session.Subject
		e.register(t, "never@mysal.kz")
		e.Clock.Move(48 * time.Hour)
		e.mustSignIn(t, "dana@mysal.kz", phrase, visitor(1))
		idle := func(since time.Time, after person.ID) string {
			t.Helper()
			list, err := e.Accounts.Idle(context.Background(), since, after, 10)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(list)
		}
		if got := idle(start, 0); got != "[]" {
			t.Errorf("before anything: %s", got)
		}
		if got, want := idle(start.Add(time.Hour), 0), fmt.Sprint([]person.ID{aya}); got != want {
			t.Errorf("an hour on: %s, want %s", got, want)
		}
		if got, want := idle(e.Clock.Now().Add(time.Hour), 0), fmt.Sprint([]person.ID{aya, dana}); got != want {
			t.Errorf("everybody: %s, want %s", got, want)
		}
		if got, want := idle(e.Clock.Now().Add(time.Hour), aya), fmt.Sprint([]person.ID{dana}); got != want {
			t.Errorf("after the first: %s, want %s", got, want)
		}
	})
}
