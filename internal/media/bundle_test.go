package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

func member(name string, body []byte) Member {
	return Member{Path: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }}
}

// left counts what is kept of bundles.
func left(t *testing.T, s *Store) string {
	t.Helper()
	var bundles, files, pieces int
	if _, err := s.d.Get(t.Context(), []any{&bundles, &files, &pieces}, "SELECT (SELECT count(*) FROM bundle), (SELECT count(*) FROM bundle_file), (SELECT count(*) FROM media_piece)"); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d bundles, %d files, %d pieces", bundles, files, pieces)
}

func TestABundleIsKeptByPath(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		long := film(3*pieceSize + 17)
		members := []Member{member("index.html", []byte("<p>Сәлем")), member("Sub/Дәріс.MP4", long), member("empty.js", nil), member("odd.exe", []byte("MZ"))}
		for i := range 450 { // more than one commit takes
			members = append(members, member(fmt.Sprintf("p/%d.css", i), []byte{byte(i)}))
		}
		b, err := s.PutBundle(t.Context(), "a", 7, "Гольф", members)
		if err != nil || b.Files != 454 || b.Size != int64(len(long))+450+13+2 {
			t.Fatalf("%v, %+v", err, b)
		}
		list, err := s.Bundles(t.Context(), "a")
		if err != nil || len(list) != 1 || list[0] != b {
			t.Errorf("%v, %+v, want %+v", err, list, b)
		}
		for name, want := range map[string]struct {
			kind string
			body []byte
		}{"index.html": {"text/html", []byte("<p>Сәлем")}, "sub/ДӘРІС.mp4": {"video/mp4", long}, "Sub/Дәріс.MP4": {"video/mp4", long}, "empty.js": {"text/javascript", nil}, "odd.exe": {bytesAlone, []byte("MZ")}, "p/449.css": {"text/css", []byte{193}}} {
			f, err := s.Member(t.Context(), b.Token, name)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := readAll(t, s, f); f.Type != want.kind || !bytes.Equal(got, want.body) || f.Size != int64(len(want.body)) || len(f.SHA256) != 64 {
				t.Errorf("%s: %+v, %d bytes", name, f, len(got))
			}
		}
		for _, at := range [][2]string{{b.Token, "nothing"}, {b.Token, ""}, {b.Token, "p"}, {b.Token, "a\x00b"}, {b.Token, "\xff"}, {strings.Repeat("a", 26), "index.html"}, {"x", "index.html"}} {
			if _, err := s.Member(t.Context(), at[0], at[1]); !errs.Is(err, errs.NotFound) {
				t.Errorf("%q: %v", at, err)
			}
		}
	})
}

// TestABundleStandsUnderTheLimitOfItsCourse, together with other files, and a broken one is never seen.
func TestABundleThatDoesNotCome(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, move func(time.Duration)) {
		mustPut(t, s, "film.mp4", film(1<<20))
		for name, tc := range map[string]struct {
			member Member
			kind   errs.Kind
		}{
			"more than the course has room for": {member("a.bin", make([]byte, 4<<20+1)), errs.TooLarge},
			"one that breaks off": {Member{"a.bin", func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, pieceSize)), failing{})), nil
			}}, errs.Invalid},
			"one that says why":  {Member{"a.bin", func() (io.ReadCloser, error) { return nil, errs.New(errs.Invalid, "media.cut") }}, errs.Invalid},
			"one that leads out": {member("../a.bin", nil), errs.Invalid},
			"one from the root":  {member("/a.bin", nil), errs.Invalid},
			"one of dots":        {member("a/../b", nil), errs.Invalid},
		} {
			b, err := s.PutBundle(t.Context(), "a", 7, "", []Member{member("first.html", []byte("x")), tc.member})
			if !errs.Is(err, tc.kind) {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := s.Member(t.Context(), b.Token, "first.html"); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s is seen: %v", name, err)
			}
		}
		if _, err := s.PutBundle(t.Context(), "a", 7, "", nil); !errs.Is(err, errs.TooLarge) {
			t.Errorf("an empty bundle: %v", err)
		}
		if list, err := s.Bundles(t.Context(), "a"); err != nil || len(list) != 0 {
			t.Errorf("%v, %+v", err, list)
		}
		if err := s.Sweep(t.Context(), time.Hour); err != nil || left(t, s) != "0 bundles, 0 files, 4 pieces" {
			t.Errorf("%v: %s", err, left(t, s))
		}
		if _, err := s.PutBundle(t.Context(), "a", 7, "", []Member{member("a.bin", make([]byte, 4<<20))}); err != nil {
			t.Errorf("one that fits: %v", err)
		}
		if _, _, err := s.Put(t.Context(), "a", 7, "more.mp4", bytes.NewReader(film(64))); !errs.Is(err, errs.TooLarge) {
			t.Errorf("a file beside a bundle that takes all the room: %v", err)
		}
	})
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestABundleGoes(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, move func(time.Duration)) {
		var all []Member
		for i := range 230 {
			all = append(all, member(fmt.Sprintf("%d.html", i), []byte("x")))
		}
		all = append(all, member("long.bin", make([]byte, 40*pieceSize/10)))
		keep, err := s.PutBundle(t.Context(), "b", 7, "", all[:1])
		if err != nil {
			t.Fatal(err)
		}
		one, err := s.PutBundle(t.Context(), "a", 7, "", all)
		if err != nil {
			t.Fatal(err)
		}
		for _, course := range []string{"b", "a", "a"} {
			err = s.d.Write(t.Context(), func(x *db.Tx) error { return RemoveBundle(x, course, one.ID) })
			if _, seen := s.Member(t.Context(), one.Token, "1.html"); (course == "b") != (seen == nil) {
				t.Errorf("removed from %s: %v", course, seen)
			}
		}
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
		two, err := s.PutBundle(t.Context(), "a", 7, "", all)
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, func(x *db.Tx) error { return RemoveCourse(x, "a") })
		if _, err := s.Member(t.Context(), two.Token, "1.html"); !errs.Is(err, errs.NotFound) {
			t.Error("a bundle outlives its course")
		}
		if err := s.Sweep(t.Context(), time.Hour); err != nil || left(t, s) != "1 bundles, 1 files, 1 pieces" {
			t.Errorf("%v: %s", err, left(t, s))
		}
		if _, err := s.Member(t.Context(), keep.Token, "0.html"); err != nil {
			t.Error(err)
		}
	})
}
