package ticket_test

import (
	"testing"
	"time"

	"ustaz/internal/person"
	"ustaz/internal/ticket"
)

// TestReopenable: fourteen days, and no moment more.
func TestReopenable(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	solved := ticket.Ticket{ID: person.NewID(at), Status: ticket.Solved, Solved: at}
	for wait, want := range map[time.Duration]bool{time.Hour: true, 14*24*time.Hour - 1: true, 14 * 24 * time.Hour: false} {
		if got := solved.Reopenable(at.Add(wait)); got != want {
			t.Errorf("after %v: %v", wait, got)
		}
	}
}
