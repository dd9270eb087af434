package ticket_test

import (
	"testing"
	"time"

	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/ticket"
)

// TestCheck: programs and text are not taken, pictures that can't be opened neither; a document stays as it is.
func TestCheck(t *testing.T) {
	for name, f := range map[string]desk.Attachment{"text": {Name: "a.txt", Contents: []byte("hello")}, "picture": {Name: "a.png", Contents: []byte("\x89PNG\r\n\x1a\nno more")},
		"large": {Name: "a.pdf", Contents: append([]byte("%PDF-1.4"), make([]byte, ticket.MaxFile)...)}} {
		if _, err := ticket.Check([]desk.Attachment{f}); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := ticket.Check([]desk.Attachment{{Name: "a.pdf", Contents: []byte("%PDF-1.4")}})
	if err != nil || len(got) != 1 || string(got[0].Contents) != "%PDF-1.4" {
		t.Error(got, err)
	}
}

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
