package ledger_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

func entry(subject person.ID) *ledger.Pending {
	return &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByStaff, Actor: 7, Role: policy.SupportR, Subject: subject, Operation: policy.Retrieval,
		Purpose: policy.Support, Fields: person.Set(person.Email), Outcome: ledger.Allowed, Edition: 1, Clauses: []string{"4.1.7"}, Case: "ticket:1"}}
}

// fill records n entries of subjects 1 … kinds in turn, many at once, and every tenth as a refusal.
func fill(t *testing.T, l *ledger.Ledger, n, kinds int) {
	t.Helper()
	var wg sync.WaitGroup
	failures := make(chan error, n)
	slots := make(chan bool, 64)
	for i := range n {
		slots <- true
		wg.Go(func() {
			p := entry(person.ID(i%kinds + 1))
			if i%10 == 0 {
				p.Outcome = ledger.Refused
			}
			if err := l.Record(context.Background(), p); err != nil {
				failures <- err
			}
			<-slots
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		t.Fatal(err)
	}
}

func verify(t *testing.T, l *ledger.Ledger) *ledger.Report {
	t.Helper()
	r, err := l.Verify(context.Background(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryEntryIsProvenAlsoAfterReopening(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		fill(t, e.Ledger, 700, 5)
		for range 2 {
			if r := verify(t, e.Ledger); !r.OK() || r.Entries != 700 || r.Tiles != 2 {
				t.Fatalf("report %+v", r)
			}
			for _, i := range []int64{0, 1, 255, 256, 511, 512, 699} {
				p, err := e.Ledger.Prove(ctx, i)
				if err != nil {
					t.Fatalf("entry %d: %v", i, err)
				}
				q, err := ledger.CheckProof(p.Text, e.Ledger.Verifier())
				if err != nil || q.Entry.Index != i || q.Entry.Case != "ticket:1" || q.Size != 700 {
					t.Fatalf("entry %d: %+v %v", i, q.Entry, err)
				}
			}
			if _, err := e.Ledger.Prove(ctx, 700); !errs.Is(err, errs.NotFound) {
				t.Errorf("entry beyond the end: %v", err)
			}
			e.Reopen(t)
		}
		fill(t, e.Ledger, 300, 5) // goes on where another process stopped
		if r := verify(t, e.Ledger); !r.OK() || r.Entries != 1000 {
			t.Fatalf("report %+v", r)
		}
	})
}

func TestListBySubjectBeforeAndAfterIndexing(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		fill(t, e.Ledger, 400, 4)
		check := func(stage string, want int) {
			t.Helper()
			seen, before := 0, int64(1<<62)
			for more := true; more; {
				var page []ledger.Indexed
				var err error
				if page, more, err = e.Ledger.BySubject(ctx, 3, before, 7, nil); err != nil {
					t.Fatal(err)
				}
				for _, x := range page {
					if x.Subject != 3 || x.Index >= before {
						t.Fatalf("%s: entry %d of subject %d after %d", stage, x.Index, x.Subject, before)
					}
					before = x.Index
					seen++
				}
			}
			if seen != want {
				t.Errorf("%s: %d entries, want %d", stage, seen, want)
			}
			refused, more, err := e.Ledger.Refusals(ctx, 1<<62, 1000)
			if err != nil || more || len(refused) != want*4/10 {
				t.Errorf("%s: %d refusals, %v, %v", stage, len(refused), more, err)
			}
		}
		check("not indexed", 100)
		if err := e.Ledger.Reindex(ctx, true); err != nil {
			t.Fatal(err)
		}
		check("indexed", 100)
		fill(t, e.Ledger, 400, 4)
		check("half indexed", 200)
		only := func(x *ledger.Entry) bool { return x.Outcome == ledger.Refused }
		page, more, err := e.Ledger.BySubject(ctx, 3, 1<<62, 1000, only)
		if err != nil || more || len(page) != 40 {
			t.Errorf("filtered: %d, %v, %v", len(page), more, err)
		}
		latest, next, err := e.Ledger.Latest(ctx, 1<<62, 5, 1000, nil)
		if err != nil || len(latest) != 5 || latest[0].Index != 799 || next != 795 {
			t.Errorf("latest %v %d %v", latest, next, err)
		}
	})
}

// Whatever is done to the stored log is found and named.
func TestTamperingIsFoundAndNamed(t *testing.T) {
	flip := func(e *testdoor.Env, t *db.Tx, index int64, at int) error {
		var first int64
		var blob []byte
		found, err := t.Get([]any{&first, &blob}, "SELECT first, entries FROM ledger_segment WHERE first <= $1 ORDER BY first DESC LIMIT 1", index)
		if err != nil || !found {
			return errors.Join(err, fmt.Errorf("found %v", found))
		}
		pos := 0
		for i := first; i < index; i++ {
			pos += 2 + int(blob[pos])<<8 + int(blob[pos+1])
		}
		blob[pos+2+at] ^= 1
		_, err = t.Exec("UPDATE ledger_segment SET entries = $1 WHERE first = $2", blob, first)
		return err
	}
	exec := func(query string) func(*testdoor.Env, *db.Tx) error {
		return func(_ *testdoor.Env, t *db.Tx) error { _, err := t.Exec(query); return err }
	}
	const n = 600 // two full tiles and a tail of 88
	tests := map[string]struct {
		tamper func(*testdoor.Env, *db.Tx) error
		want   ledger.Fault
	}{
		"entry":             {func(e *testdoor.Env, t *db.Tx) error { return flip(e, t, 300, 20) }, ledger.Fault{Kind: ledger.FaultChanged, Index: 300}},
		"salt":              {func(e *testdoor.Env, t *db.Tx) error { return flip(e, t, 10, 3) }, ledger.Fault{Kind: ledger.FaultChanged, Index: 10}},
		"entry of the tail": {func(e *testdoor.Env, t *db.Tx) error { return flip(e, t, 599, 20) }, ledger.Fault{Kind: ledger.FaultRoot, Index: 512}},
		"entry unreadable":  {func(e *testdoor.Env, t *db.Tx) error { return flip(e, t, 3, 16) }, ledger.Fault{Kind: ledger.FaultUnreadable, Index: 3}},
		"segment removed":   {exec("DELETE FROM ledger_segment WHERE first = 0"), ledger.Fault{Kind: ledger.FaultMissing, Index: 0}},
		"tail of the table": {exec("DELETE FROM ledger_segment WHERE first = (SELECT max(first) FROM ledger_segment)"), ledger.Fault{Kind: ledger.FaultMissing, Index: 599}},
		"tile":              {exec("UPDATE ledger_tile SET root = (SELECT checkpoint_bytes FROM (SELECT hashes AS checkpoint_bytes FROM ledger_tile LIMIT 1) x) WHERE place = 1"), ledger.Fault{Kind: ledger.FaultTile, Index: 256}},
		"tile removed":      {exec("DELETE FROM ledger_tile WHERE place = 0"), ledger.Fault{Kind: ledger.FaultTile, Index: 0}},
		"head set back":     {exec("UPDATE ledger_head SET size = 599"), ledger.Fault{Kind: ledger.FaultCut, Index: 599}},
		"signature":         {exec("UPDATE ledger_head SET checkpoint = replace(checkpoint, '600', '599')"), ledger.Fault{Kind: ledger.FaultSignature, Index: -1}},
		"log emptied whole": {exec("DELETE FROM ledger_head"), ledger.Fault{Kind: ledger.FaultMissing, Index: 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := testdoor.SQLite(t)
			fill(t, e.Ledger, n-1, 1)
			if err := e.Ledger.Record(context.Background(), entry(1)); err != nil {
				t.Fatal(err)
			}
			if err := e.Ledger.Anchor(context.Background()); err != nil {
				t.Fatal(err)
			}
			if r := verify(t, e.Ledger); !r.OK() || r.Anchor != n {
				t.Fatalf("before: %+v", r)
			}
			if err := e.DB.Write(context.Background(), func(tx *db.Tx) error { return test.tamper(e, tx) }); err != nil {
				t.Fatal(err)
			}
			r := verify(t, e.Ledger)
			for _, f := range r.Faults {
				if f == test.want {
					return
				}
			}
			t.Errorf("found %v, want %v", r.Faults, test.want)
		})
	}
}

// Who holds the database alone can't write a shorter log that passes: the checkpoint kept in the key folder tells.
func TestLogCutWithItsHeadIsFoundByTheCheckpointKeptOutside(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		var size int64
		var checkpoint string
		for i := range 20 {
			if err := e.Ledger.Record(ctx, entry(1)); err != nil {
				t.Fatal(err)
			}
			if i == 9 {
				if _, err := e.DB.Get(ctx, []any{&size, &checkpoint}, "SELECT size, checkpoint FROM ledger_head"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := e.Ledger.Anchor(ctx); err != nil {
			t.Fatal(err)
		}
		if err := e.DB.Write(ctx, func(t *db.Tx) error {
			_, err1 := t.Exec("UPDATE ledger_head SET size = $1, checkpoint = $2", size, checkpoint)
			_, err2 := t.Exec("DELETE FROM ledger_segment WHERE first >= $1", size)
			return errors.Join(err1, err2)
		}); err != nil {
			t.Fatal(err)
		}
		r := verify(t, e.Ledger)
		if len(r.Faults) != 1 || r.Faults[0] != (ledger.Fault{Kind: ledger.FaultCut, Index: 10}) {
			t.Errorf("faults %v", r.Faults)
		}
	})
}

func TestProofDoesNotSurviveAnyChange(t *testing.T) {
	e := testdoor.SQLite(t)
	fill(t, e.Ledger, 300, 3)
	p, err := e.Ledger.Prove(context.Background(), 123)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := note.GenerateKey(rand.Reader, e.Ledger.Origin())
	if err != nil {
		t.Fatal(err)
	}
	other, err := note.NewVerifier(foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.CheckProof(p.Text, other); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("another key: %v", err)
	}
	signatures := strings.LastIndex(p.Text, "— ")
	for i := 0; i < signatures; i++ {
		bad := p.Text[:i] + string(p.Text[i]^1) + p.Text[i+1:]
		if _, err := ledger.CheckProof(bad, e.Ledger.Verifier()); err == nil {
			t.Fatalf("byte %d changed, and the proof holds:\n%s", i, bad)
		}
		if _, err := ledger.CheckProof(p.Text[:i], e.Ledger.Verifier()); err == nil {
			t.Fatalf("cut at %d, and the proof holds", i)
		}
	}
}

func FuzzProof(f *testing.F) {
	e := testdoor.SQLite(f)
	for range 5 {
		if err := e.Ledger.Record(context.Background(), entry(1)); err != nil {
			f.Fatal(err)
		}
	}
	p, err := e.Ledger.Prove(context.Background(), 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(p.Text)
	f.Add("c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ledger.CheckProof(text, e.Ledger.Verifier())
		if err == nil && (got.Entry.Index != 2 || got.Root != p.Root) {
			t.Errorf("a proof of something else holds:\n%s", text)
		}
	})
}

// 97.6 % of the answered reads of another vault left no trace under 16 callers; here none may be missing.
func TestAsManyEntriesAsAnswers(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		fill(t, e.Ledger, 2000, 16)
		if size, err := e.Ledger.Size(context.Background()); err != nil || size != 2000 {
			t.Errorf("%d entries for 2000 answers, %v", size, err)
		}
	})
}
