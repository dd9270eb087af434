// Package testpg gives tests databases on a real PostgreSQL. Only tests import it.
package testpg

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ustaz/internal/testneed"
)

// Variable names the environment variable with the URL of a cluster's administrator; make test sets it.
const Variable = "USTAZ_TEST_POSTGRES"

const patience = 30 * time.Second // a machine with two cores runs other tests beside this

// Database creates an empty database of its own for the test and gives its postgres:// URL. It is dropped when the test
// ends, whoever is still connected. Where there is no cluster, testneed.Missing ends the test.
func Database(t testing.TB) string {
	t.Helper()
	admin := os.Getenv(Variable)
	if admin == "" {
		testneed.Missing(t, "no PostgreSQL in "+Variable)
	}
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatalf("%s is no URL: %v", Variable, err)
	}
	name := "ustaz_" + strings.ToLower(rand.Text())
	execute(t, admin, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { execute(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

func execute(t testing.TB, admin, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // the test's own context has ended in its cleanup
	defer cancel()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	defer func() {
		if err := conn.Close(ctx); err != nil {
			t.Errorf("PostgreSQL: %v", err)
		}
	}()
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
}
