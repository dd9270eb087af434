package learning

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
)

func packaged() Package {
	return Package{ID: 7, Token: strings.Repeat("a2", 13), Item: "item_1", Version: SCORM12, Launch: "shared/l%D3%99.html?a=1&b=2#x", Mastery: "70", Data: "a\nb", Frames: true}
}

func withPackage(p *Package) Course {
	c := course("oiyn")
	c.Lessons = []Lesson{{ID: 5, Kind: Packaged, Minutes: 5, Words: map[string]string{"kk": "Ойын"}, Package: p}}
	return c
}

func TestAPackageIsALesson(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, _ func(time.Duration)) {
		want := packaged()
		if err := put(t, d, withPackage(&want)); err != nil {
			t.Fatal(err)
		}
		for _, get := range []func(context.Context, *db.DB, string) (Course, error){Get, Whole} {
			c, err := get(context.Background(), d, "oiyn")
			if err != nil || c.Lessons[0].Kind != Packaged || c.Lessons[0].Test != nil || !reflect.DeepEqual(c.Lessons[0].Package, &want) {
				t.Errorf("%v, %+v", err, c.Lessons)
			}
		}
	})
}

func TestAPackageHasFaults(t *testing.T) {
	for name, change := range map[string]func(*Lesson){
		"none":                func(l *Lesson) { l.Package = nil },
		"one of a text":       func(l *Lesson) { l.Kind, l.Body = Reading, map[string]string{"kk": "Мәтін"} },
		"no bundle":           func(l *Lesson) { l.Package.ID = 0 },
		"no address":          func(l *Lesson) { l.Package.Token = "a" },
		"no version":          func(l *Lesson) { l.Package.Version = "1.3" },
		"no first page":       func(l *Lesson) { l.Package.Launch = "" },
		"a page elsewhere":    func(l *Lesson) { l.Package.Launch = "https://evil.example/" },
		"a page of none":      func(l *Lesson) { l.Package.Launch = "//evil.example/" },
		"a script":            func(l *Lesson) { l.Package.Launch = "javascript:alert(1)" },
		"a page of the root":  func(l *Lesson) { l.Package.Launch = "/kk/my" },
		"a page above":        func(l *Lesson) { l.Package.Launch = "a/../../b.html" },
		"a page above, coded": func(l *Lesson) { l.Package.Launch = "%2e%2e/b.html" },
		"a query alone":       func(l *Lesson) { l.Package.Launch = "?a=b" },
		"a long one":          func(l *Lesson) { l.Package.Launch = strings.Repeat("a", 2001) },
		"a score beyond":      func(l *Lesson) { l.Package.Mastery = "101" },
		"a score of words":    func(l *Lesson) { l.Package.Mastery = "all" },
		"much to be told":     func(l *Lesson) { l.Package.Data = strings.Repeat("ә", 4097) },
	} {
		p := packaged()
		c := withPackage(&p)
		change(&c.Lessons[0])
		if faults := c.Faults(); len(faults) != 1 || faults[0].Name != "package" {
			t.Errorf("%s: %+v", name, faults)
		}
	}
	p := packaged()
	if faults := withPackage(&p).Faults(); len(faults) > 0 {
		t.Errorf("a good one: %+v", faults)
	}
}
