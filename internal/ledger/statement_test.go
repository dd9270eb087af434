package ledger_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"ustaz/internal/ledger"
	"ustaz/internal/testdoor"
)

func TestStatement(t *testing.T) {
	e := testdoor.SQLite(t)
	signed, err := e.Ledger.SignStatement("archive", "sha256 00\n")
	if err != nil {
		t.Fatal(err)
	}
	key := e.Ledger.PublicKey()
	if text, err := ledger.OpenStatement("archive", signed, key); err != nil || text != "sha256 00\n" {
		t.Fatalf("%q %v", text, err)
	}
	other := testdoor.SQLite(t).Ledger.PublicKey()
	for name, test := range map[string][3]string{
		"another context":  {"letter", signed, key},
		"another log":      {"archive", signed, other},
		"changed text":     {"archive", strings.Replace(signed, "00", "01", 1), key},
		"changed context":  {"letter", strings.ReplaceAll(signed, "archive", "letter"), key},
		"nothing":          {"archive", "", key},
		"a key that is no": {"archive", signed, "nonsense"},
		"a cut key":        {"archive", signed, key[:len(key)-4]},
	} {
		if text, err := ledger.OpenStatement(test[0], test[1], test[2]); err == nil {
			t.Errorf("%s: %q is taken", name, text)
		}
	}
	if _, err := e.Ledger.SignStatement("archive", "without a newline"); err == nil {
		t.Error("a text without an end is signed")
	}
	for _, context := range []string{"", "Archive", "a b", "a/b", "a+b"} {
		if _, err := e.Ledger.SignStatement(context, "x\n"); err == nil {
			t.Errorf("context %q is taken", context)
		}
	}
}

// resign gives the signature of a statement as a line of another key of the same bytes holds it.
func resign(t *testing.T, signed string, as note.Verifier) string {
	t.Helper()
	fields := strings.Fields(signed[strings.LastIndex(signed, "— "):])
	raw, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint32(raw, as.KeyHash())
	return base64.StdEncoding.EncodeToString(raw)
}

// A note's signature covers its text alone: its line, with the key's name, can be rewritten by anybody. So also a statement whose text was
// chosen to look like a checkpoint, and whose signature was given the name of the log's key, must be no checkpoint; nor the other way round.
func TestStatementIsNoCheckpointAndACheckpointNoStatement(t *testing.T) {
	e := testdoor.SQLite(t)
	if err := e.Ledger.Record(context.Background(), entry(1)); err != nil {
		t.Fatal(err)
	}
	real, err := e.Ledger.Checkpoint(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(real, "\n\n")
	origin := e.Ledger.Origin()
	for _, text := range []string{body + "\n", "\n" + body + "\n", origin + "\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"} {
		signed, err := e.Ledger.SignStatement("archive", text)
		if err != nil {
			t.Fatal(err)
		}
		at := strings.LastIndex(signed, "— ")
		forged := signed[:at] + "— " + origin + " " + resign(t, signed, e.Ledger.Verifier()) + "\n"
		if _, err := note.Open([]byte(forged), note.VerifierList(e.Ledger.Verifier())); err != nil {
			t.Fatalf("the forgery is none, and the test shows nothing: %v", err)
		}
		if size, _, err := ledger.OpenCheckpoint(forged, e.Ledger.Verifier()); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("a statement is taken for a checkpoint of %d entries: %v", size, err)
		}
		if size, _, err := ledger.OpenCheckpoint(signed, e.Ledger.Verifier()); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("a statement is taken for a checkpoint of %d entries: %v", size, err)
		}
	}
	if text, err := ledger.OpenStatement("archive", real, e.Ledger.PublicKey()); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("a checkpoint is taken for the statement %q: %v", text, err)
	}
}

func TestSnapshotStaysWhatItWas(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		fill(t, e.Ledger, 300, 3)
		s, err := e.Ledger.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, e.Ledger, 600, 3)
		for _, i := range []int64{0, 255, 256, 299} {
			p, err := s.Prove(ctx, i)
			if err != nil || p.Checkpoint != s.Checkpoint() || p.Size != 300 || p.Entry.Index != i {
				t.Fatalf("entry %d: of %d, %v", i, p.Size, err)
			}
		}
		if _, err := s.Prove(ctx, 300); err == nil || s.Size() != 300 {
			t.Errorf("an entry that came later is proven in a log of %d", s.Size())
		}
	})
}
