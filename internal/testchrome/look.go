package testchrome

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// PicturesVariable names a folder in which Look leaves a picture of each page, to be looked at by people.
const PicturesVariable = "USTAZ_SHOTS"

// Screen is on what somebody looks at pages.
type Screen struct {
	Name  string // of its pictures
	Size  Option
	Width int // what window.innerWidth says can't be held against a page: on a phone a page that is too wide makes it wider
	Dark  bool
}

// Screens are a desk in the light and a phone in the dark.
var Screens = []Screen{{"desk", Desktop(), deskWidth, false}, {"phone", Phone(), phoneWidth, true}}

// Pictured tells whether pictures are made: then tests show every page on each screen, in Kazakh.
func Pictured() bool { return os.Getenv(PicturesVariable) != "" }

// Turn tells whether a page is looked at on a screen of Screens: on every other one, for axe takes its time; on each where pictures are made.
func Turn(page, screen int) bool { return Pictured() || (page+screen)%2 == 0 }

// Viewer looks at the pages of a site, one after the other, in one browser.
type Viewer struct {
	Ctx    context.Context // of New
	t      testing.TB
	home   string
	screen Screen
	looks  int
}

// NewViewer starts a browser. home is the site's URL without a path.
func NewViewer(t testing.TB, home string, s Screen) *Viewer {
	t.Helper()
	v := &Viewer{Ctx: New(t, s.Size), t: t, home: home, screen: s}
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	v.must(chromedp.Run(v.Ctx, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}})))
	return v
}

func (v *Viewer) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// Look opens a page with headers of its own, and does then what is to be done there. The page may not be wider than its screen, and axe finds
// nothing.
func (v *Viewer) Look(name, path string, headers network.Headers, then ...chromedp.Action) {
	v.t.Helper()
	if headers == nil {
		headers = network.Headers{}
	}
	var width int
	actions := append([]chromedp.Action{network.SetExtraHTTPHeaders(headers), chromedp.Navigate(v.home + path)}, then...)
	actions = append(actions, chromedp.WaitReady("footer.foot"), chromedp.Evaluate("document.documentElement.scrollWidth", &width))
	if err := chromedp.Run(v.Ctx, actions...); err != nil {
		v.t.Fatalf("%s: %v", path, err)
	}
	if width > v.screen.Width {
		v.t.Errorf("%s is %d wide on a %s of %d", path, width, v.screen.Name, v.screen.Width)
	}
	if Pictured() {
		v.must(Screenshot(v.Ctx, filepath.Join(os.Getenv(PicturesVariable), fmt.Sprintf("%s-%02d-%s.png", v.screen.Name, v.looks, name))))
	}
	v.looks++
	for _, broken := range Axe(v.t, v.Ctx) {
		v.t.Errorf("%s on a %s: %s", path, v.screen.Name, broken)
	}
}

// Quiet fails the test if a request so far left the site, or the browser complained of anything but what holds one of the texts given.
func (v *Viewer) Quiet(but ...string) {
	v.t.Helper()
	for _, r := range Abroad(v.Ctx, v.home) {
		v.t.Errorf("a request left the host: %s", r)
	}
	for _, c := range Complaints(v.Ctx) {
		if !slices.ContainsFunc(but, func(text string) bool { return strings.Contains(c, text) }) {
			v.t.Errorf("the browser complains: %s", c)
		}
	}
}
