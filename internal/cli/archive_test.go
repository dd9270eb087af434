package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ustaz/internal/archive"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

// caseFile is a signed archive with two files and the proof of an entry.
func caseFile(t *testing.T, e *testdoor.Env) []byte {
	t.Helper()
	var b bytes.Buffer
	a, err := archive.NewWriter(context.Background(), &b, e.Ledger, e.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Add("claim.json", strings.NewReader("{}")), a.Add("files/answer.pdf", strings.NewReader("%PDF-1.3\n")), a.AddEntry(1), a.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchives(t *testing.T) {
	e := testdoor.SQLite(t)
	for range 2 {
		if err := e.Ledger.Record(context.Background(), &ledger.Pending{Entry: ledger.Entry{Kind: ledger.ByStaff, Actor: 7, Role: policy.SupportR, Subject: 1,
			Operation: policy.Retrieval, Purpose: policy.Support, Fields: person.Set(person.Email), Outcome: ledger.Allowed, Edition: 1, Clauses: []string{"4.1.7"},
			Case: "ticket:214"}}); err != nil {
			t.Fatal(err)
		}
	}
	whole := caseFile(t, e)
	proof, err := e.Ledger.Prove(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"case.zip": whole, "changed.zip": bytes.Replace(whole, []byte("%PDF-1.3"), []byte("%PDF-1.4"), 1), "1.tlog-proof": []byte(proof.Text), "key.txt": []byte(e.Ledger.PublicKey() + "\n"),
		"other.txt": []byte(testdoor.SQLite(t).Ledger.PublicKey())}
	scripts(t, "testdata/archive", func(env *testscript.Env) error {
		env.Setenv("KEY", e.Ledger.PublicKey())
		env.Setenv("USTAZ_DB", "postgres://nobody@127.0.0.1:1/none")
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(env.WorkDir, name), content, 0o600); err != nil {
				return err
			}
		}
		return nil
	})
}
