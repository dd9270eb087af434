package testcrash

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ustaz/internal/testneed"
)

// cluster is a PostgreSQL of this test's own, durable, that may be crashed: the one of `make test` serves other tests.
type cluster struct{ dir, url string }

func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{dir: filepath.Join(t.TempDir(), "pg")}
	// PostgreSQL runs as another user, who must be able to enter the folders above.
	out, err := c.script(`d=$(dirname "$1"); while [ "$d" != / ]; do chmod o+x "$d" 2>/dev/null || true; d=$(dirname "$d"); done
		postgres_start "$1" durable && echo "URL=$postgres_url"`).CombinedOutput()
	_, after, found := strings.Cut(string(out), "URL=")
	if err != nil || !found {
		testneed.Missing(t, "a PostgreSQL cluster of its own: "+string(out))
	}
	c.url = strings.TrimSpace(after)
	t.Cleanup(func() {
		if out, err := c.script(`postgres_stop "$1"; rm -rf "$1"`).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	return c
}

func (c *cluster) script(text string) *exec.Cmd {
	cmd := exec.Command("bash", "-c", "set -e; . scripts/needs.sh; . scripts/postgres.sh\n"+text, "bash", c.dir)
	cmd.Dir = filepath.Join("..", "..")
	return cmd
}

// crash ends the server as a crash does and starts it again.
func (c *cluster) crash(t *testing.T) {
	t.Helper()
	out, err := c.script(`cd "$1"; as_postgres "$(postgres_bin)/pg_ctl" restart -m immediate -D "$1/data" -w -t 60 -s -l "$1/server.log" </dev/null`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// The database server crashes and comes back under load: what was answered stays, and service resumes by itself.
func TestPostgresCrashesUnderLoad(t *testing.T) {
	pg := startCluster(t)
	keys, a := t.TempDir(), newAnswers()
	c := start(t, pg.url, keys, a)
	for range 3 {
		a.until(t, c, answersBeforeTheEnd)
		pg.crash(t)
	}
	a.until(t, c, answersBeforeTheEnd)
	c.kill(t)
	o, err := open(context.Background(), pg.url, keys)
	if err != nil {
		t.Fatal(err)
	}
	defer o.d.Close()
	check(t, o, a)
}
