package testchrome

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ustaz/internal/testneed"
)

func TestMain(m *testing.M) { Main(m) }

const goodPage = `<!doctype html><html lang="kk"><head><meta charset="utf-8"><title>Таза бет</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>Таза бет</h1><p id="said">Accept-Language: %s</p><p id="js">жоқ</p><div class="tall"></div></main><script src="/script.js"></script></body></html>`

// badPage breaks the policy with an inline script and a stranger's image, throws, complains, and has faults of accessibility.
const badPage = `<!doctype html><html><head><meta charset="utf-8"><title>Нашар бет</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head>
<body><h1>Нашар бет</h1><p class="pale">көрінбейді</p><img src="/missing.png"><img src="%s/stranger.png" alt="">
<form><input type="text" name="n"></form><button></button>
<script>document.title = "inline"</script><script src="/faults.js"></script></body></html>`

// site serves the pages under a strict policy; stranger is another host.
func site(t *testing.T) (home, stranger string) {
	t.Helper()
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	mux := http.NewServeMux()
	page := func(path, contentType, body string, args func(*http.Request) []any) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: "+other.URL)
			text := body
			if args != nil {
				text = fmt.Sprintf(body, args(r)...)
			}
			if _, err := w.Write([]byte(text)); err != nil {
				t.Error(err)
			}
		})
	}
	page("/good", "text/html; charset=utf-8", goodPage, func(r *http.Request) []any { return []any{r.Header.Get("Accept-Language")} })
	page("/bad", "text/html; charset=utf-8", badPage, func(*http.Request) []any { return []any{other.URL} })
	page("/style.css", "text/css", "body{color:#111;background:#fff}.pale{color:#ccc}.tall{height:2000px}", nil)
	page("/script.js", "text/javascript", `document.getElementById("js").textContent = "бар"`, nil)
	page("/faults.js", "text/javascript", `console.error("айтылған қате"); throw new Error("лақтырылған қате")`, nil)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL, other.URL
}

func visit(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

func TestAGoodPageIsQuiet(t *testing.T) {
	home, _ := site(t)
	ctx := New(t)
	var script string
	visit(t, ctx, chromedp.Navigate(home+"/good"), chromedp.Text("#js", &script, chromedp.ByQuery))
	if script != "бар" {
		t.Errorf("the script did not run: %q", script)
	}
	Quiet(t, ctx, home)
	for _, want := range []string{"/good", "/style.css", "/script.js"} {
		if !slices.Contains(Requests(ctx), home+want) {
			t.Errorf("%s is not among the requests %q", want, Requests(ctx))
		}
	}
	for _, v := range Axe(t, ctx) {
		t.Errorf("axe: %s", v)
	}
}

func TestABadPageIsHeard(t *testing.T) {
	home, stranger := site(t)
	ctx := New(t)
	visit(t, ctx, chromedp.Navigate(home+"/bad"))
	heard := strings.Join(Complaints(ctx), "\n")
	for _, want := range []string{"Content Security Policy", "айтылған қате", "лақтырылған қате", "404"} {
		if !strings.Contains(heard, want) {
			t.Errorf("nothing of %q in\n%s", want, heard)
		}
	}
	if abroad := Abroad(ctx, home); !slices.Equal(abroad, []string{stranger + "/stranger.png"}) {
		t.Errorf("abroad: %q", abroad)
	}
	var ids []string
	for _, v := range Axe(t, ctx) {
		ids = append(ids, v.ID)
		if v.Help == "" || len(v.Nodes) == 0 {
			t.Errorf("a violation without its place: %+v", v)
		}
	}
	for _, want := range []string{"html-has-lang", "color-contrast", "image-alt", "label", "button-name", "region"} {
		if !slices.Contains(ids, want) {
			t.Errorf("axe did not find %s, only %q", want, ids)
		}
	}
}

func TestOptions(t *testing.T) {
	home, _ := site(t)
	tests := []struct {
		name          string
		opts          []Option
		width, pixels int // of the page and of its picture
		script, said  string
	}{
		{"phone", []Option{Phone(), Language("kk-KZ,kk;q=0.9")}, 360, 720, "бар", "kk-KZ,kk;q=0.9"},
		{"desktop without scripts", []Option{Desktop(), NoJavaScript(), Language("ru")}, 1280, 1280, "жоқ", "ru"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := New(t, tt.opts...)
			var width int
			var script, said string
			visit(t, ctx, chromedp.Navigate(home+"/good"), chromedp.WaitVisible("#js", chromedp.ByQuery), chromedp.Evaluate("document.documentElement.clientWidth", &width),
				chromedp.Text("#js", &script, chromedp.ByQuery), chromedp.Text("#said", &said, chromedp.ByQuery))
			if width != tt.width || script != tt.script || said != "Accept-Language: "+tt.said {
				t.Errorf("width %d, script %q, said %q", width, script, said)
			}
			path := filepath.Join(t.TempDir(), "page.png")
			if err := Screenshot(ctx, path); err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			picture, err := png.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if size := picture.Bounds().Size(); size.X != tt.pixels || size.Y < 2000 {
				t.Errorf("the picture is %v", size)
			}
		})
	}
}

func TestWindowsKnowNothingOfEachOther(t *testing.T) {
	home, _ := site(t)
	var ctx context.Context
	t.Run("a test", func(t *testing.T) {
		ctx = New(t)
		visit(t, ctx, chromedp.Navigate(home+"/good"), chromedp.Evaluate(`document.cookie = "known=1"; localStorage.setItem("known", "1")`, nil))
	})
	if ctx.Err() == nil {
		t.Error("the window outlives its test")
	}
	var found string
	visit(t, New(t), chromedp.Navigate(home+"/good"), chromedp.Evaluate(`document.cookie + (localStorage.getItem("known") ?? "")`, &found))
	if found != "" {
		t.Errorf("another test's window left %q", found)
	}
}

func TestTheBrowserIsEnded(t *testing.T) {
	var b browser
	ctx, err := b.start()
	if errors.Is(err, errNone) {
		testneed.Missing(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	pid, profile := chromedp.FromContext(ctx).Browser.Process().Pid, b.profile
	if err := b.stop(); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.HasPrefix(string(raw), "chrom") {
		t.Errorf("process %d lives on", pid)
	}
	if _, err := os.Stat(profile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its profile stays: %v", err)
	}
	if err := b.stop(); err != nil {
		t.Errorf("ended twice: %v", err)
	}
}
