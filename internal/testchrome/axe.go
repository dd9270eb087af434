package testchrome

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ustaz/internal/testneed"
)

// AxeVariable names the environment variable with the path of axe-core's script; make test sets it. Without it the copy
// that make test fetched before is taken.
const AxeVariable = "USTAZ_TEST_AXE"

const axeFetched = ".cache/axe-core-*/package/axe.min.js" // in the root of the checkout

// Violation is a rule of accessibility that a page breaks.
type Violation struct {
	ID     string // of axe's rule, such as "image-alt"
	Impact string // minor, moderate, serious or critical
	Help   string
	Nodes  []string // selector and markup of each place
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n\t%s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n\t"))
}

// axeRun asks for every rule of WCAG 2.2 up to AA and for axe's good practices.
const axeRun = `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
	.then(r => r.violations.map(v => ({ID: v.id, Impact: v.impact || "", Help: v.help, Nodes: v.nodes.map(n => n.target.join(" ") + "  " + n.html)})))`

// Axe checks the page that is shown and gives what is wrong with it. The content security policy of the page does not
// hinder it. Where axe-core is not there, testneed.Missing ends the test.
func Axe(t testing.TB, ctx context.Context) []Violation {
	t.Helper()
	path := os.Getenv(AxeVariable)
	if path == "" {
		path = fetchedAxe()
	}
	if path == "" {
		testneed.Missing(t, "no axe-core in "+AxeVariable)
	}
	var found []Violation
	err := chromedp.Run(ctx,
		chromedp.ActionFunc(func(ctx context.Context) error { return loadAxe(ctx, path) }),
		chromedp.Evaluate(axeRun, &found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if err != nil {
		t.Fatalf("axe: %v", err)
	}
	return found
}

// loadAxe runs axe-core's script in the page that is shown, and lets the window run it by itself in those that come: to send it takes as long as to
// check a page.
func loadAxe(ctx context.Context, path string) error {
	var loaded bool
	if err := chromedp.Evaluate(`typeof axe === "object"`, &loaded).Do(ctx); err != nil || loaded {
		return err
	}
	script, err := os.ReadFile(path)
	if err == nil {
		_, err = page.AddScriptToEvaluateOnNewDocument(string(script)).Do(ctx)
	}
	if err == nil {
		err = chromedp.Evaluate(string(script)+"\n;true", nil).Do(ctx)
	}
	return err
}

// fetchedAxe looks for axe-core from the test's folder upwards to the root of the checkout; empty if it is not there.
func fetchedAxe() string {
	dir, err := filepath.Abs(".")
	if err != nil {
		return ""
	}
	for {
		if found, _ := filepath.Glob(filepath.Join(dir, axeFetched)); len(found) > 0 { // the pattern is right, so Glob has no error
			return found[len(found)-1]
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}
