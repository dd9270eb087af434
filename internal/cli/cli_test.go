package cli

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ustaz/internal/testpg"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ustaz": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }})
}

func scripts(t *testing.T, dir string, env func(e *testscript.Env) error) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"code": code},
		Setup: func(e *testscript.Env) error {
			shared, err := filepath.Abs(filepath.Join("..", "..", "..", "shared"))
			if err != nil {
				return err
			}
			e.Setenv("SHARED", shared)
			e.Setenv("GORACE", os.Getenv("GORACE")) // of make test: how long a program under the race detector waits before it ends
			return env(e)
		},
		Condition: func(cond string) (bool, error) {
			_, err := os.Stat(filepath.Join("..", "..", "..", "shared"))
			return cond == "shared" && err == nil, nil
		},
	})
}

// code runs the program and holds it to an exit code: "code 3 ledger verify".
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code NUMBER ARGUMENT...")
	}
	got := 0
	var failed *exec.ExitError
	if err := ts.Exec("ustaz", args[1:]...); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

func TestCommands(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { scripts(t, "testdata/script", func(*testscript.Env) error { return nil }) })
	t.Run("postgres", func(t *testing.T) {
		testpg.Database(t) // skips here where there is none: inside of a script it could not
		scripts(t, "testdata/script", func(e *testscript.Env) error {
			e.Setenv("USTAZ_DB", testpg.Database(t))
			return nil
		})
	})
}
