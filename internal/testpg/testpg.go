// Package testpg gives tests databases on a real PostgreSQL. Only tests import it.
package testpg

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
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
	return create(t, administrator(t), "template0")
}

// Template is a database that is laid once, when a test first asks for a copy of it. It stays until its cluster goes.
type Template struct {
	Lay func(url string) error

	once sync.Once
	name string
	err  error
}

// Copy creates a copy of the template for the test, as Database does an empty one.
func (m *Template) Copy(t testing.TB) string {
	t.Helper()
	admin := administrator(t)
	m.once.Do(func() {
		m.name = newName()
		execute(t, admin, "CREATE DATABASE "+m.name+" TEMPLATE template0")
		m.err = m.Lay(within(admin, m.name))
	})
	if m.err != nil {
		t.Fatalf("PostgreSQL: laying the template: %v", m.err)
	}
	return create(t, admin, m.name+" STRATEGY file_copy") // the quicker one where nothing waits for the disk
}

func administrator(t testing.TB) *url.URL {
	t.Helper()
	text := os.Getenv(Variable)
	if text == "" {
		testneed.Missing(t, "no PostgreSQL in "+Variable)
	}
	admin, err := url.Parse(text)
	if err != nil {
		t.Fatalf("%s is no URL: %v", Variable, err)
	}
	return admin
}

func newName() string { return "ustaz_" + strings.ToLower(rand.Text()) }

func within(admin *url.URL, name string) string {
	u := *admin
	u.Path = "/" + name
	return u.String()
}

func create(t testing.TB, admin *url.URL, template string) string {
	t.Helper()
	name := newName()
	execute(t, admin, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { execute(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	return within(admin, name)
}

func execute(t testing.TB, admin *url.URL, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // the test's own context has ended in its cleanup
	defer cancel()
	conn, err := pgx.Connect(ctx, admin.String())
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
