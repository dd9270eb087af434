package learning

import (
	"context"
	"html/template"
	"strconv"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

// drawer is a file's name, and how often the files were asked for.
type drawer struct {
	href  string
	err   error
	asked int
}

func (d *drawer) File(string) (File, bool) {
	d.asked++
	return File{Href: d.href, Type: "image/png"}, d.err == nil
}

func (d *drawer) Err() error { return d.err }

// TestShelf: what was read is remembered until something changes, by whomever; what went wrong is not.
func TestShelf(t *testing.T) {
	onBoth(t, func(t *testing.T, d *db.DB, _ func(time.Duration)) {
		ctx := context.Background()
		c := course("a")
		c.Body["kk"] = "![Сурет](a.png)"
		c.Lessons = []Lesson{{ID: 7, Kind: Reading, Minutes: 5, Words: map[string]string{"kk": "Сабақ"}, Body: map[string]string{"kk": "![Сурет](b.png)"}}}
		mustPut := func() {
			t.Helper()
			if err := put(t, d, c); err != nil {
				t.Fatal(err)
			}
		}
		mustPut()
		s, another := NewShelf(d), NewShelf(d) // of another server
		look := func(s *Shelf) *Look {
			t.Helper()
			l, err := s.Look(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		files := &drawer{href: "/media/1"}
		page := func(s *Shelf, want string) {
			t.Helper()
			l := look(s)
			got, err := l.Course(ctx, "a")
			if err != nil {
				t.Fatal(err)
			}
			about, err := l.About(got, "kk", files)
			if err != nil || !strings.Contains(string(about.HTML), want) {
				t.Errorf("about: %s, %v", about.HTML, err)
			}
			lesson, err := l.Lesson(ctx, got, 7, "kk", files)
			if err != nil || !strings.Contains(string(lesson.HTML), want) {
				t.Errorf("lesson: %s, %v", lesson.HTML, err)
			}
			list, all, err := l.Find(ctx, Filter{}, 0, 10)
			if err != nil || all != 1 || list[0].Words["kk"] != c.Words["kk"] {
				t.Errorf("list: %+v, %d, %v", list, all, err)
			}
		}

		files.err = errs.New(errs.Unavailable, "error.unavailable")
		got, err := look(s).Course(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := look(s).About(got, "kk", files); err == nil {
			t.Error("files that could not be read pass for none")
		}
		files.err, files.asked = nil, 0
		page(s, "/media/1")
		asked := files.asked
		page(s, "/media/1")
		if files.asked != asked {
			t.Error("rendered once more")
		}
		page(another, "/media/1")

		c.Words["kk"] = Words{"Басқа тақырып", "Бір сөйлем."}
		mustPut()
		files.href = "/media/2"
		page(s, "/media/2")
		page(another, "/media/2")
		if err := d.Write(ctx, func(x *db.Tx) error { return x.Changed(db.Courses) }); err != nil { // as a file does
			t.Fatal(err)
		}
		files.href = "/media/3"
		page(s, "/media/3")

		made := 0
		list := func(s *Shelf, want int) {
			t.Helper()
			for range 2 {
				if got, err := look(s).Made("kk", func() (template.HTML, error) { made++; return "<p>", nil }); err != nil || got != "<p>" || made != want {
					t.Errorf("%q, %v, made %d times, not %d", got, err, made, want)
				}
			}
		}
		list(s, 1)
		if err := d.Write(ctx, func(x *db.Tx) error { return Hide(x, "a", true) }); err != nil {
			t.Fatal(err)
		}
		list(s, 2)
		if _, all, err := look(s).Find(ctx, Filter{}, 0, 10); err != nil || all != 0 {
			t.Errorf("a hidden course is listed: %d, %v", all, err)
		}
		if _, err := look(s).Course(ctx, "b"); !errs.Is(err, errs.NotFound) {
			t.Error(err)
		}
		b := course("b")
		if err := put(t, d, b); err != nil {
			t.Fatal(err)
		}
		if _, err := look(s).Course(ctx, "b"); err != nil {
			t.Errorf("that it was not there is remembered: %v", err)
		}
	})
}

// TestMemoryBeginsAnew when it is full, and holds what is asked for most lately.
func TestMemoryBeginsAnew(t *testing.T) {
	loads := 0
	m := memory[int, string]{most: 10, size: func(s string) int { return len(s) }}
	get := func(key int, size int) {
		t.Helper()
		want := strings.Repeat(strconv.Itoa(key), size)
		if v, err := m.get(key, func() (string, error) { loads++; return want, nil }); err != nil || v != want {
			t.Errorf("%d: %q, %v", key, v, err)
		}
	}
	for range 2 {
		get(1, 4)
		get(2, 5)
	}
	if loads != 2 {
		t.Errorf("%d loads of two", loads)
	}
	get(3, 2)
	if loads != 3 || len(m.known) != 1 || m.held != 2 {
		t.Errorf("%d loads, %d known, %d held", loads, len(m.known), m.held)
	}
	get(4, 20)
	get(4, 20)
	if loads != 4 || len(m.known) != 1 {
		t.Errorf("%d loads, %d known", loads, len(m.known))
	}
}
