package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"filippo.io/age"

	"ustaz/internal/db"
	"ustaz/internal/disclosure"
	"ustaz/internal/i18n"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// lastLink keeps the one-time address of the last letter.
type lastLink struct{ token string }

func (l *lastLink) Send(context.Context, notify.Message) error { return nil }

// disclosed measures a disclosure of everybody in the database, n people at least: choosing, packing, fetching. The act of the measure forbids
// letters: they are the mail server's time.
func (h *house) disclosed(ctx context.Context, n int) error {
	if err := h.fill(ctx, max(0, n-len(h.subjects))); err != nil {
		return err
	}
	cat, err := i18n.Load()
	if err != nil {
		return err
	}
	link := &lastLink{}
	s := disclosure.New(disclosure.Config{DB: h.d, Door: h.k, Ledger: h.log, Queue: h.queue, Catalog: cat, Places: place.Default,
		Notifier: notify.New(h.k, cat, link, "noreply@demo.example", i18n.Text{KK: "demo"}, time.Now),
		Lang:     func(context.Context, person.ID) (string, error) { return "kk", nil },
		Link: func(_ string, token secret.Text) string {
			link.token = token.Reveal()
			return "https://demo.example/" + link.token
		},
		DataLink: func(string) string { return "https://demo.example/my" }})
	id, err := h.begin(ctx, s)
	if err != nil {
		return err
	}
	freshPeak()
	start := time.Now()
	if err := h.queue.Drain(ctx); err != nil {
		return err
	}
	made := time.Since(start)
	d, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	if d.State != disclosure.Ready {
		return fmt.Errorf("the disclosure is %v", d.State)
	}
	start = time.Now()
	p, err := s.Fetch(ctx, secret.New(link.token))
	if err != nil {
		return err
	}
	var size counter
	if err := p.Write(&size); err != nil {
		return err
	}
	counts, err := s.Counts(ctx, id)
	if err != nil {
		return err
	}
	people := counts[disclosure.Included]
	fmt.Printf("\n%s, disclosure of %d people: made in %.1f s (%.0f people/s, each passes the door twice), %d parts, %.1f MB; fetched in %.1f s\n", h.d.Dialect, people,
		made.Seconds(), float64(people)/made.Seconds(), d.Parts, float64(size)/1e6, time.Since(start).Seconds())
	return peak()
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// begin brings a disclosure to its approval by two officers.
func (h *house) begin(ctx context.Context, s *disclosure.Service) (int64, error) {
	const asem, berik = 1, 2
	if err := h.d.Write(ctx, func(t *db.Tx) error {
		return t.InsertAll("INSERT INTO staff (subject, roles, initials, disabled, since) VALUES ($1, $2, $3, $4, $5)",
			[]any{asem, "officer", "А. А.", 0, 0, berik, "officer", "Б. Б.", 0, 0})
	}); err != nil {
		return 0, err
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return 0, err
	}
	r, err := s.AddRecipient(ctx, asem, disclosure.Recipient{Kind: disclosure.Education, NameKK: "Басқарма", NameRU: "Управление", BIN: "990140000017",
		Email: "kense@demo.example", Key: key.Recipient().String()})
	if err != nil {
		return 0, err
	}
	id, err := s.Draft(ctx, asem, disclosure.Draft{Recipient: r.ID, Purpose: policy.StateBodies, Act: "Акт", Article: "1-бап", LetterNumber: "1", LetterDate: "2026-11-02",
		Query: disclosure.Choice{Workplaces: []string{"school"}}, Fields: person.Set(person.Profile...), KeepDays: 1, Forbidden: true, Silent: "2-бап"})
	return id, errors.Join(err, s.PutLetter(ctx, asem, id, strings.NewReader("%PDF-1.7\n%%EOF\n")), s.Submit(ctx, asem, id), s.Approve(ctx, berik, id))
}

// freshPeak lets the next measure of memory begin here, where the system can do that (proc(5), clear_refs).
func freshPeak() {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
		fmt.Println("memory: what follows counts from the start of the program")
	}
}
