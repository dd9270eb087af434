package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"ustaz/internal/desk"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// What the person who is erased has left behind.
const (
	erasures      = 5
	erasedEntries = 10_000
	erasedFiles   = 500
)

// erasing measures the transaction that erases somebody with much behind them; what is left of the files is removed by a job afterwards.
func (h *house) erasing(ctx context.Context) error {
	if len(h.subjects) < erasures {
		return nil
	}
	queue := jobs.New(h.d, slog.New(slog.DiscardHandler))
	cases := desk.New(desk.Config{DB: h.d, Door: h.k, Log: h.log, Consents: h.consents, Limiter: limit.New(h.d, func(string, ...[]byte) []byte { return nil }), Queue: queue})
	var took []time.Duration
	for i := range erasures {
		id := h.subjects[len(h.subjects)-1-i]
		if err := h.burden(ctx, cases, id, i); err != nil {
			return err
		}
		start := time.Now()
		p := keeper.Passage{Actor: keeper.Program(), Subject: id, Operation: policy.Destruction, Purpose: policy.EndOfUse}
		if _, err := h.k.Change(ctx, p, func(t *keeper.Tx) error { return t.Erase() }); err != nil {
			return err
		}
		took = append(took, time.Since(start))
	}
	h.subjects = h.subjects[:len(h.subjects)-erasures]
	slices.Sort(took)
	fmt.Printf("erasing somebody with %d entries and %d files: %.1f ms (%.1f at most; target 50)\n", erasedEntries, erasedFiles, ms(took[len(took)/2]), ms(took[len(took)-1]))
	return nil
}

// burden gives somebody entries and files: cases filed by hand of an officer, whose filing is not limited.
func (h *house) burden(ctx context.Context, cases *desk.Service, id person.ID, nth int) error {
	fields := person.Set(person.Email)
	err := together(64, erasedEntries, func(int) error {
		_, err := h.k.Read(ctx, keeper.Passage{Actor: keeper.Program(), Subject: id, Operation: policy.Use, Purpose: policy.Notify, Fields: fields})
		return err
	})
	if err != nil {
		return err
	}
	officer := keeper.Staff(1, policy.Officer)
	kinds := []desk.Kind{desk.Claim, desk.Question, desk.Information, desk.Copy, desk.Objection}
	return together(1, erasedFiles/desk.MaxFiles, func(n int) error {
		c, err := cases.FileOnPaper(ctx, officer, id, desk.Filing{Kind: kinds[n%len(kinds)], Words: person.Stored(person.Words, "Мәтін."), Lang: "kk"})
		if err != nil {
			return err
		}
		var files []desk.Attachment
		for k := range desk.MaxFiles {
			files = append(files, desk.Attachment{Name: fmt.Sprintf("%d-%d-%d.pdf", nth, n, k), Contents: slices.Concat([]byte("%PDF-1.7\n"), make([]byte, 4<<10))})
		}
		return cases.AttachFor(ctx, officer, c.Number, files)
	})
}

// together does something n times, so many at a time; the first error ends it.
func together(at, n int, fn func(i int) error) error {
	failures := make(chan error, at)
	for w := range at {
		go func() {
			var failed error
			for i := w; i < n && failed == nil; i += at {
				failed = fn(i)
			}
			failures <- failed
		}()
	}
	var failed error
	for range at {
		if err := <-failures; failed == nil {
			failed = err
		}
	}
	return failed
}
