package testpg

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestDatabasesAreApartAndGoWithTheirTest(t *testing.T) {
	mine := Database(t)
	var others []string
	t.Run("another test", func(t *testing.T) {
		other := Database(t)
		others = append(others, other)
		conn := connect(t, other) // left open: the database goes all the same
		if _, err := conn.Exec(t.Context(), "CREATE TABLE only_here (id bigint)"); err != nil {
			t.Fatal(err)
		}
		var found bool
		if err := connect(t, mine).QueryRow(t.Context(), "SELECT to_regclass('only_here') IS NOT NULL").Scan(&found); err != nil || found {
			t.Errorf("a table of one database is in another: %v, %v", found, err)
		}
	})
	if len(others) != 1 || others[0] == mine {
		t.Fatalf("two tests got one database: %v", others)
	}
	if conn, err := pgx.Connect(t.Context(), others[0]); err == nil {
		t.Errorf("the database outlived its test: %v", conn.Close(t.Context()))
	}
}
