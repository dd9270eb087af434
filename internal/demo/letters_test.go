package demo_test

import (
	"context"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/demo"
	"ustaz/internal/errs"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/testdoor"
)

// TestTheMailboxHoldsOnlyLettersToInventedPeople: everybody may read it, and letters hold links that set passwords.
func TestTheMailboxHoldsOnlyLettersToInventedPeople(t *testing.T) {
	e := testdoor.SQLite(t)
	ctx := context.Background()
	dir := t.TempDir()
	folder, err := notify.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, to := range []string{"aya@demo.example", "gulnar@mektep.kz", "gulnar@sub.demo.example", "nurlan@demo.example"} {
		m := notify.Message{From: "noreply@ustaz.example", To: person.Stored(person.Email, to), ID: string(rune('a'+i)) + "@ustaz.example",
			Date: e.Clock.Now().Add(time.Duration(i) * time.Second), Lang: "kk", Subject: "Хат"}
		if err := folder.Send(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	d := demo.New(demo.Config{DB: e.DB, Mail: dir})
	mark := func(query string) {
		t.Helper()
		if err := e.DB.Write(ctx, func(t *db.Tx) error { _, err := t.Exec(query); return err }); err != nil {
			t.Fatal(err)
		}
	}
	mark("INSERT INTO demo_subject (subject) VALUES (1)")
	letters, err := d.Letters(ctx, 50)
	if err != nil || len(letters) != 2 || letters[0].To.Reveal() != "nurlan@demo.example" || letters[1].To.Reveal() != "aya@demo.example" {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	if letters, err = d.Letters(ctx, 1); err != nil || len(letters) != 1 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	mark("DELETE FROM demo_subject") // as another process does while this one serves
	if _, err := d.Letters(ctx, 50); !errs.Is(err, errs.NotFound) {
		t.Errorf("a demonstration that was removed: %v", err)
	}
}
