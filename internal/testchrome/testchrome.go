// Package testchrome gives tests a headless Chromium of their own and remembers what the pages asked for and complained
// about, so that a test can hold that no request leaves the host and that the browser has nothing to say.
// Only tests import it.
package testchrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ustaz/internal/testneed"
)

// patience is how long one window may be used: a page that never answers fails its test and not the whole run.
const patience = 6 * time.Minute

// names of the browser, first come first taken: one that opens no windows works in half the time.
var names = []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}

// Option says how the browser shows pages.
type Option func(*options)

type options struct {
	actions []chromedp.Action
}

const deskWidth, phoneWidth = 1280, 360

// Phone is a screen of 360 by 740 at two dots a pixel, used by finger.
func Phone() Option {
	return viewport(phoneWidth, 740, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch)
}

// Desktop is a window of 1280 by 900; so is a browser without an option.
func Desktop() Option { return viewport(deskWidth, 900) }

func viewport(width, height int64, more ...chromedp.EmulateViewportOption) Option {
	return func(o *options) { o.actions = append(o.actions, chromedp.EmulateViewport(width, height, more...)) }
}

// NoJavaScript lets no page run a script. Axe needs scripts and does not work then.
func NoJavaScript() Option {
	return func(o *options) { o.actions = append(o.actions, emulation.SetScriptExecutionDisabled(true)) }
}

// Language sends an Accept-Language header, such as "kk-KZ,kk;q=0.9".
func Language(header string) Option {
	return func(o *options) {
		o.actions = append(o.actions, network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": header}))
	}
}

// browser is the one of a test program. Each test has a window of its own in it, with cookies and stores of its own, as if it were another browser: to
// start one takes longer than most tests.
type browser struct {
	mu      sync.Mutex
	ctx     context.Context
	end     func()
	profile string
	ends    bool // Main will end it
}

var running browser

// Main runs the tests of a package that uses New, and ends the browser after them: func TestMain(m *testing.M) { testchrome.Main(m) }.
func Main(m *testing.M) {
	running.ends = true
	code := m.Run()
	if err := running.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "Chromium does not end:", err)
		code = 1
	}
	os.Exit(code)
}

// start gives the context of the running browser, which goes with Main, or with the program if that is killed.
func (b *browser) start() (context.Context, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx != nil {
		return b.ctx, nil
	}
	program, ok := find()
	if !ok {
		return nil, errNone
	}
	profile, err := os.MkdirTemp("", "chromium")
	if err != nil {
		return nil, err
	}
	ctx, endProcess := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(program), chromedp.UserDataDir(profile),
		chromedp.Flag("headless", true), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-default-browser-check", true), chromedp.Flag("password-store", "basic"),
		chromedp.Flag("disable-features", "RenderDocument,ProactivelySwapBrowsingInstance,SpareRendererForSitePerProcess,BackForwardCache"), // one process a window
		chromedp.Flag("hide-scrollbars", true)) // so that a page is as wide as its viewport
	// Errorf hears only of events that a newer browser has and the library does not know.
	ctx, endTab := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	b.ctx, b.profile, b.end = ctx, profile, func() { endTab(); endProcess() }
	return ctx, chromedp.Run(ctx)
}

// stop ends the browser, if it runs, and removes its profile.
func (b *browser) stop() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil {
		return nil
	}
	err := chromedp.Cancel(b.ctx)
	b.end()
	b.ctx = nil
	return errors.Join(err, os.RemoveAll(b.profile))
}

var errNone = errors.New("no Chromium among the programs")

// New opens an empty window and gives the context for chromedp.Run. It goes when the test ends. Where there is no browser, testneed.Missing ends
// the test.
func New(t testing.TB, opts ...Option) context.Context {
	t.Helper()
	if !running.ends {
		t.Fatal("the tests of a package that uses Chromium run under testchrome.Main")
	}
	ctx, err := running.start()
	if errors.Is(err, errNone) {
		testneed.Missing(t, err.Error())
	}
	if err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	ctx, endTime := context.WithTimeout(ctx, patience)
	ctx, endTab := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("the window does not close: %v", err)
		}
		endTab()
		endTime()
	})

	w := &watch{worlds: map[cdp.FrameID]runtime.ExecutionContextID{}}
	ctx = context.WithValue(ctx, watchKey{}, w)
	chromedp.ListenTarget(ctx, w.hear)
	o := options{}
	Desktop()(&o)
	for _, opt := range opts {
		opt(&o)
	}
	if err := chromedp.Run(ctx, o.actions...); err != nil {
		t.Fatalf("no window opens: %v", err)
	}
	return ctx
}

func find() (path string, ok bool) {
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p, true
		}
	}
	return "", false
}

type watchKey struct{}

// watch remembers what a browser's page does.
type watch struct {
	mu         sync.Mutex
	requests   []string
	complaints []string
	worlds     map[cdp.FrameID]runtime.ExecutionContextID // in which the scripts of each frame's page run
}

func (w *watch) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.requests = append(w.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		w.requests = append(w.requests, e.URL)
	case *cdplog.EventEntryAdded: // violations of the content security policy, failed requests, interventions
		if e.Entry.Level == cdplog.LevelError || e.Entry.Level == cdplog.LevelWarning {
			w.complaints = append(w.complaints, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)))
		}
	case *runtime.EventExecutionContextCreated:
		var of struct {
			Frame   cdp.FrameID `json:"frameId"`
			Default bool        `json:"isDefault"`
		}
		if json.Unmarshal(e.Context.AuxData, &of) == nil && of.Default {
			w.worlds[of.Frame] = e.Context.ID
		}
	case *runtime.EventExceptionThrown:
		w.complaints = append(w.complaints, "exception: "+e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeAssert || e.Type == runtime.APITypeWarning {
			var words []string
			for _, a := range e.Args {
				words = append(words, spoken(a))
			}
			w.complaints = append(w.complaints, fmt.Sprintf("console %s: %s", e.Type, strings.Join(words, " ")))
		}
	}
}

// spoken gives an argument of console.error as the console shows it.
func spoken(a *runtime.RemoteObject) string {
	var s string
	if json.Unmarshal(a.Value, &s) == nil {
		return s
	}
	return string(a.Value) + a.Description // a number or the like, or an object
}

func watchOf(ctx context.Context) *watch {
	w, ok := ctx.Value(watchKey{}).(*watch)
	if !ok {
		panic("testchrome: this context is not from New")
	}
	return w
}

// Requests gives the URL of every request of the pages so far, redirects and blocked ones included.
func Requests(ctx context.Context) []string {
	w := watchOf(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.requests)
}

// Complaints gives what the browser wrote to its console so far: errors, warnings, exceptions, failed requests and
// violations of the content security policy.
func Complaints(ctx context.Context) []string {
	w := watchOf(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.complaints)
}

// Abroad gives the requests so far that went elsewhere than to the origin of home, a URL of the site under test.
// What stands in the address itself (data:, blob:, about:) goes nowhere.
func Abroad(ctx context.Context, home string) []string {
	var out []string
	at, err := url.Parse(home)
	for _, r := range Requests(ctx) {
		u, errRequest := url.Parse(r)
		if errRequest == nil && slices.Contains([]string{"data", "blob", "about"}, u.Scheme) {
			continue
		}
		if err != nil || errRequest != nil || u.Host != at.Host {
			out = append(out, r)
		}
	}
	return out
}

// Quiet fails the test if a request so far left the origin of home or the browser complained.
func Quiet(t testing.TB, ctx context.Context, home string) {
	t.Helper()
	for _, r := range Abroad(ctx, home) {
		t.Errorf("a request left the host: %s", r)
	}
	for _, c := range Complaints(ctx) {
		t.Errorf("the browser complains: %s", c)
	}
}

// Within evaluates an expression as a script of the page in a frame, at any depth, whose address has part in it, and waits for what it promises. result
// may be nil. An error tells which frames there are.
func Within(ctx context.Context, part, expression string, result any) error {
	return chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		tree, err := page.GetFrameTree().Do(ctx)
		if err != nil {
			return err
		}
		var all []string
		var found cdp.FrameID
		var walk func(t *page.FrameTree)
		walk = func(t *page.FrameTree) {
			for _, below := range t.ChildFrames {
				if all = append(all, below.Frame.URL); found == "" && strings.Contains(below.Frame.URL, part) {
					found = below.Frame.ID
				}
				walk(below)
			}
		}
		walk(tree)
		w := watchOf(ctx)
		w.mu.Lock()
		world, known := w.worlds[found]
		w.mu.Unlock()
		if !known {
			return fmt.Errorf("no page with %s among the frames %q", part, all)
		}
		got, thrown, err := runtime.Evaluate(expression).WithContextID(world).WithAwaitPromise(true).WithReturnByValue(true).Do(ctx)
		if err == nil && thrown != nil {
			err = thrown
		}
		if err != nil || result == nil {
			return err
		}
		return json.Unmarshal(got.Value, result)
	}))
}

// Screenshot writes the whole page, as far down as it goes, as a PNG file.
func Screenshot(ctx context.Context, path string) error {
	const png = 100 // the quality that asks for PNG
	var image []byte
	if err := chromedp.Run(ctx, chromedp.FullScreenshot(&image, png)); err != nil {
		return err
	}
	return os.WriteFile(path, image, 0o600)
}
