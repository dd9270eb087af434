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

// enter lets PostgreSQL, which runs as another user, into the folders above its own.
const enter = `d=$(dirname "$1"); while [ "$d" != / ]; do chmod o+x "$d" 2>/dev/null || true; d=$(dirname "$d"); done; `

func startCluster(t *testing.T, dir string) *cluster {
	t.Helper()
	c := &cluster{dir: dir}
	out, err := c.script(enter + `postgres_start "$1" durable && echo "URL=$postgres_url"`).CombinedOutput()
	_, after, found := strings.Cut(string(out), "URL=")
	if err != nil || !found {
		testneed.Missing(t, "a PostgreSQL cluster of its own: "+string(out))
	}
	c.url = strings.TrimSpace(after)
	t.Cleanup(func() { c.stop(t) })
	return c
}

// startOn starts a server on the folder of another that is no more.
func startOn(t *testing.T, dir string) *cluster {
	t.Helper()
	c := &cluster{dir: dir, url: "postgres://postgres@/postgres?host=" + filepath.Join(dir, "socket") + "&port=5432"}
	out, err := c.script(enter + `cd "$1"; rm -f data/postmaster.pid socket/.s*; as_postgres "$(postgres_bin)/pg_ctl" start -D "$1/data" -w -t 60 -s -l "$1/server.log" \
		-o "-c listen_addresses='' -c unix_socket_directories='$1/socket'" </dev/null || { tail -n 20 "$1/server.log"; exit 1; }`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { c.stop(t) })
	return c
}

// stop ends the server at once, if it runs.
func (c *cluster) stop(t *testing.T) {
	t.Helper()
	if out, err := c.script(`postgres_stop "$1"`).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// signal freezes the server's processes, or lets them go on. Those of a session are its children.
func (c *cluster) signal(t *testing.T, name string) {
	t.Helper()
	out, err := c.script(`main=$(head -n 1 "$1/data/postmaster.pid"); kill -` + name + ` "$main" $(cat /proc/"$main"/task/*/children)`).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
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
	pg := startCluster(t, filepath.Join(t.TempDir(), "pg"))
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
