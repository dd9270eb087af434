// Package cli is the command line. Exit codes: 0 done; 1 it failed; 2 the call is wrong; 3 the answer is "no" (a refusal, a faulty log).
// Answers go to standard output, everything else to standard error. No command prints a personal value.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"ustaz/internal/config"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitNo     = 3
)

type commands struct {
	Settings kong.ConfigFlag `help:"Settings file in TOML. ./ustaz.toml is read if it exists." type:"path" placeholder:"FILE"`
	Lang     string          `help:"Language of messages: kk, ru or en." enum:"kk,ru,en" default:"en"`
	config.Storage

	Serve   serveCmd   `cmd:"" help:"Serve the site."`
	Demo    demoCmd    `cmd:"" help:"Fill an empty site with a demonstration, or remove it."`
	Policy  policyCmd  `cmd:"" help:"Editions of the policy."`
	Places  placesCmd  `cmd:"" help:"The classifier of places."`
	Staff   staffCmd   `cmd:"" help:"Members of staff."`
	System  systemCmd  `cmd:"" help:"Outside systems and their tokens."`
	Keys    keysCmd    `cmd:"" help:"The keys."`
	Ledger  ledgerCmd  `cmd:"" help:"The log of passages."`
	Explain explainCmd `cmd:"" help:"Say whether the policy allows something, and by which clause."`
}

// run is what a command gets.
type run struct {
	ctx      context.Context
	storage  config.Storage
	lang     i18n.Lang
	cat      *i18n.Catalog
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
}

func (r *run) printf(format string, args ...any) error {
	_, err := fmt.Fprintf(r.out, format, args...)
	return err
}

func (r *run) say(format string, args ...any) { _, _ = fmt.Fprintf(r.err, format, args...) } // progress: nobody may be listening

// askedBytes is enough for any answer.
const askedBytes = 1 << 10

// ask puts a question on standard error and reads one line of standard input: what must not stand among the arguments.
func (r *run) ask(key string) (string, error) {
	r.say("%s ", r.lang.T(key))
	type answer struct {
		line string
		err  error
	}
	answered := make(chan answer, 1)
	go func() { // a question that nobody answers must not outlive Ctrl-C
		line, err := bufio.NewReader(io.LimitReader(r.in, askedBytes)).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		answered <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case <-r.ctx.Done():
		return "", r.ctx.Err()
	case a := <-answered:
		return a.line, a.err
	}
}

// errNo ends a command whose answer is "no"; it has said so itself.
var errNo = errors.New("no")

type exit int

// Main runs the program until it is done or told to stop, and gives its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, args, stdin, stdout, stderr)
}

// Run is Main until ctx ends.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			early, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(early)
		}
	}()
	cat, err := i18n.Load()
	if err != nil {
		return fail(stderr, err)
	}
	var c commands
	parser, err := kong.New(&c, kong.Name("ustaz"),
		kong.Description("Smart Ustaz: an online learning platform for teachers that shows each of them who read their data.\n\nThe site: ustaz serve"),
		kong.DefaultEnvars("USTAZ"), kong.Configuration(config.Loader, config.FileName), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(stdout, stderr),
		kong.Exit(func(n int) { panic(exit(n)) })) // kong's help ends the program from within; here it must not end a test
	if err != nil {
		return fail(stderr, err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "ustaz: %v\nustaz --help says more.\n", err)
		return exitUsage
	}
	r := &run{ctx: ctx, storage: c.Storage, lang: cat.Lang(c.Lang), cat: cat, in: stdin, out: stdout, err: stderr, now: time.Now}
	if err := parsed.Run(r); err != nil {
		if errors.Is(err, errNo) {
			return exitNo
		}
		return r.fail(err)
	}
	return exitDone
}

func fail(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintf(stderr, "ustaz: %v\n", err)
	return exitFailed
}

// fail says what went wrong in the caller's language and, since an operator reads it, why.
func (r *run) fail(err error) int {
	var e *errs.Error
	if !errors.As(err, &e) {
		return fail(r.err, err)
	}
	r.say("ustaz: %s\n", r.lang.Error(err))
	for _, f := range e.Fields {
		r.say("  %s: %s\n", f.Name, r.lang.T(f.Key, i18n.Args(f.Args)...))
	}
	if cause := errors.Unwrap(e); cause != nil {
		r.say("  %v\n", cause)
	}
	if e.Kind == errs.Invalid {
		return exitUsage
	}
	return exitFailed
}
