package media

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/testpg"
)

// tight are limits that tests can reach.
var tight = Limits{File: 2 << 20, Course: 5 << 20}

// onBoth runs a test on SQLite and on PostgreSQL. move sets the clock on.
func onBoth(t *testing.T, fn func(t *testing.T, s *Store, move func(time.Duration))) {
	run := func(t *testing.T, url string) {
		now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
		d, err := db.Open(context.Background(), url, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		fn(t, New(d, tight), func(by time.Duration) { now = now.Add(by) })
	}
	t.Run("sqlite", func(t *testing.T) { run(t, db.SQLiteURL(filepath.Join(t.TempDir(), "ustaz.db"))) })
	t.Run("postgres", func(t *testing.T) { run(t, testpg.Database(t)) })
}

// film is n bytes that begin as an MP4 does; each differs from those around it.
func film(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7 + i>>8 + i>>16)
	}
	copy(out, "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2")
	return out
}

func mustPut(t *testing.T, s *Store, name string, body []byte) File {
	t.Helper()
	f, _, err := s.Put(t.Context(), "a", 7, name, bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return f
}

func write(t *testing.T, s *Store, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := s.d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func readAll(t *testing.T, s *Store, f File) []byte {
	t.Helper()
	body, err := io.ReadAll(s.Open(t.Context(), f))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// rows counts the rows of both tables.
func rows(t *testing.T, s *Store) string {
	t.Helper()
	var files, pieces int
	if _, err := s.d.Get(t.Context(), []any{&files, &pieces}, "SELECT (SELECT count(*) FROM media), (SELECT count(*) FROM media_piece)"); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d files, %d pieces", files, pieces)
}

func names(t *testing.T, s *Store) string {
	t.Helper()
	files, err := s.List(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		out = append(out, f.Name)
	}
	return strings.Join(out, " ")
}

// said is the key of an error's one field, and its arguments.
func said(err error) string {
	if err == nil {
		return ""
	}
	e := errs.As(err)
	if len(e.Fields) != 1 || e.Fields[0].Name != "file" {
		return e.Kind.String() + " " + e.Key
	}
	out := e.Kind.String() + " " + e.Fields[0].Key
	for _, name := range []string{"limit", "line", "ending"} {
		if v, has := e.Fields[0].Args[name]; has {
			out += " " + v
		}
	}
	return out
}

func TestAFileComesOutAsItWentIn(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		for _, size := range []int{30, headSize, headSize + 1, pieceSize - 1, pieceSize, pieceSize + 1, 3*pieceSize + 5, int(tight.File)} {
			body := film(size)
			f, replaced, err := s.Put(t.Context(), "a", 7, "Сабақ  фильмі.MP4", iotest.HalfReader(bytes.NewReader(body)))
			if err != nil || replaced != (size != 30) {
				t.Fatalf("%d: %v %v", size, replaced, err)
			}
			sum := sha256.Sum256(body)
			want := File{ID: f.ID, Token: f.Token, Course: "a", Name: "Сабақ  фильмі.mp4", Type: "video/mp4", Size: int64(size), SHA256: hex.EncodeToString(sum[:]), By: 7, At: s.d.Now()}
			if f != want || len(f.Token) != 26 || f.Class() != Video {
				t.Errorf("%d: %+v", size, f)
			}
			got, err := s.Get(t.Context(), f.Token)
			if err != nil || got != f {
				t.Errorf("%d: got %+v, %v", size, got, err)
			}
			if !bytes.Equal(readAll(t, s, got), body) {
				t.Errorf("%d: other bytes", size)
			}
			if listed, err := s.List(t.Context(), "a"); err != nil || len(listed) != 1 || listed[0] != f {
				t.Errorf("%d: listed %v, %v", size, listed, err)
			}
			if size > headSize {
				continue
			}
			if err := iotest.TestReader(s.Open(t.Context(), f), body); err != nil {
				t.Error(err)
			}
		}
		if err := s.Sweep(t.Context(), time.Hour); err != nil || rows(t, s) != "1 files, 8 pieces" {
			t.Errorf("after replacing: %s, %v", rows(t, s), err)
		}
		if other, err := s.List(t.Context(), "b"); err != nil || len(other) != 0 {
			t.Errorf("of another course: %v, %v", other, err)
		}
	})
}

func TestReplacingEndsTheOldAddress(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		old := mustPut(t, s, "a.mp4", film(100))
		f, replaced, err := s.Put(t.Context(), "a", 8, "a.mp4", bytes.NewReader(film(200)))
		if err != nil || !replaced || f.Token == old.Token || f.By != 8 {
			t.Fatalf("%+v %v %v", f, replaced, err)
		}
		if _, err := s.Get(t.Context(), old.Token); !errs.Is(err, errs.NotFound) {
			t.Errorf("the old address: %v", err)
		}
		if _, replaced, err := s.Put(t.Context(), "b", 8, "a.mp4", bytes.NewReader(film(200))); err != nil || replaced {
			t.Errorf("in another course: %v, %v", replaced, err)
		}
	})
}

func TestUnknownAddresses(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		f := mustPut(t, s, "a.mp4", film(100))
		for _, token := range []string{"", "x", "\x00", "\xff", strings.ToUpper(f.Token), f.Token + "a", f.Token[1:] + "\x00", strings.Repeat("a", 26)} {
			if _, err := s.Get(t.Context(), token); !errs.Is(err, errs.NotFound) {
				t.Errorf("%q: %v", token, err)
			}
		}
	})
}

func TestTwoAtOnceLeaveOne(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, _, err := s.Put(t.Context(), "a", 7, "a.mp4", bytes.NewReader(film(pieceSize+9))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if err := s.Sweep(t.Context(), time.Hour); err != nil || rows(t, s) != "1 files, 2 pieces" || names(t, s) != "a.mp4" {
			t.Errorf("%s, %q, %v", rows(t, s), names(t, s), err)
		}
	})
}

// Two programs on one PostgreSQL: what one takes, the other gives out, and neither is in the other's way.
func TestSeveralServers(t *testing.T) {
	url := testpg.Database(t)
	var stores [2]*Store
	for i := range stores {
		d, err := db.Open(t.Context(), url, func() time.Time { return time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC) })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		stores[i] = New(d, tight)
	}
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			if _, _, err := stores[n%2].Put(t.Context(), "a", 7, "a.mp4", bytes.NewReader(film(2*pieceSize))); err != nil {
				t.Error(err)
			}
			if err := stores[n%2].Sweep(t.Context(), time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f := mustPut(t, stores[0], "b.mp4", film(2*pieceSize))
	if !bytes.Equal(readAll(t, stores[1], f), film(2*pieceSize)) || names(t, stores[1]) != "b.mp4 a.mp4" && names(t, stores[1]) != "a.mp4 b.mp4" {
		t.Errorf("%q", names(t, stores[1]))
	}
	if rows(t, stores[0]) != "2 files, 4 pieces" {
		t.Error(rows(t, stores[0]))
	}
}

// endless gives zeros behind a head without end, and counts what was taken.
type endless struct {
	head io.Reader
	read int64
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.head.Read(p)
	if errors.Is(err, io.EOF) {
		clear(p)
		n = len(p)
	}
	e.read += int64(n)
	return n, nil
}

func TestNothingIsLeftOfWhatIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		mustPut(t, s, "a.mp4", film(int(tight.File)))
		mustPut(t, s, "b.mp4", film(int(tight.File)))
		before := rows(t, s)
		for name, tc := range map[string]struct {
			name    string
			content io.Reader
			want    string
		}{
			"without end":         {"a.mp4", nil, "too_large media.large.video 2"},
			"one byte too many":   {"a.mp4", bytes.NewReader(film(int(tight.File) + 1)), "too_large media.large.video 2"},
			"a full course":       {"c.mp4", bytes.NewReader(film(int(tight.File))), "too_large media.course 5"},
			"broken off at once":  {"c.mp4", iotest.ErrReader(io.ErrUnexpectedEOF), "invalid media.cut"},
			"broken off":          {"c.mp4", io.MultiReader(bytes.NewReader(film(pieceSize+1)), iotest.ErrReader(io.ErrUnexpectedEOF)), "invalid media.cut"},
			"an error of errs":    {"c.mp4", io.MultiReader(bytes.NewReader(film(pieceSize+1)), iotest.ErrReader(errs.New(errs.TooLarge, "error.toolarge"))), "too_large error.toolarge"},
			"no progress":         {"c.mp4", io.MultiReader(bytes.NewReader(film(pieceSize+1)), stuck{}), "invalid media.cut"},
			"nothing":             {"c.mp4", bytes.NewReader(nil), "invalid media.empty"},
			"another thing":       {"c.mp4", strings.NewReader("<html><body>"), "invalid media.kind.differs MP4"},
			"a large document":    {"c.zip", io.MultiReader(bytes.NewReader(zipped(t, "a.txt", "a")), &zeros{MaxDocument}), "too_large media.course 5"},
			"a document cut":      {"c.docx", bytes.NewReader(document(t, "word/document.xml")[:300]), "invalid media.broken"},
			"a document's macros": {"c.docx", bytes.NewReader(document(t, "word/document.xml", "word/vbaProject.bin")), "invalid media.kind.macro"},
		} {
			flow := &endless{head: bytes.NewReader(film(100))}
			if tc.content == nil {
				tc.content = flow
			}
			_, _, err := s.Put(t.Context(), "a", 7, tc.name, tc.content)
			if said(err) != tc.want {
				t.Errorf("%s: %q, want %q", name, said(err), tc.want)
			}
			if got := rows(t, s); got != before {
				t.Errorf("%s: %s are left of %s", name, got, before)
			}
			if flow.read > tight.File+2*pieceSize {
				t.Errorf("%s: %d bytes were read", name, flow.read)
			}
		}
		if names(t, s) != "b.mp4 a.mp4" && names(t, s) != "a.mp4 b.mp4" {
			t.Errorf("there is %q", names(t, s))
		}
		// The file whose place is taken does not count.
		if _, replaced, err := s.Put(t.Context(), "a", 7, "a.mp4", bytes.NewReader(film(int(tight.File)))); err != nil || !replaced {
			t.Errorf("replacing in a course that is nearly full: %v, %v", replaced, err)
		}
	})
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

type zeros struct{ left int }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), z.left)
	clear(p[:n])
	z.left -= n
	return n, nil
}

// A program that dies in the middle leaves pieces that nobody sees. What still arrives, however slowly, is left alone.
func TestSweep(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, move func(time.Duration)) {
		half := func(name string) File {
			f, err := s.begin(t.Context(), File{Token: strings.Repeat(name[:1], 26), Course: "a", Name: name})
			if err != nil {
				t.Fatal(err)
			}
			f.Size = pieceSize
			if err := s.store(t.Context(), f, 0, film(pieceSize)); err != nil {
				t.Fatal(err)
			}
			return f
		}
		dead, slow := half("dead.mp4"), half("slow.mp4")
		if names(t, s) != "" {
			t.Errorf("%q can be seen", names(t, s))
		}
		if _, err := s.Get(t.Context(), dead.Token); !errs.Is(err, errs.NotFound) {
			t.Errorf("what arrives is at its address: %v", err)
		}
		move(50 * time.Minute)
		slow.Size += pieceSize
		if err := s.store(t.Context(), slow, 1, film(pieceSize)); err != nil {
			t.Fatal(err)
		}
		move(20 * time.Minute)
		if err := s.Sweep(t.Context(), time.Hour); err != nil || rows(t, s) != "1 files, 2 pieces" {
			t.Errorf("%s, %v", rows(t, s), err)
		}
		dead.Size += pieceSize
		if err := s.store(t.Context(), dead, 1, film(pieceSize)); said(err) != "invalid media.cut" {
			t.Errorf("the dead one goes on: %v", err)
		}
		if _, _, err := s.finish(t.Context(), dead); said(err) != "invalid media.cut" {
			t.Errorf("the dead one ends: %v", err)
		}
		if _, _, err := s.finish(t.Context(), slow); err != nil || names(t, s) != "slow.mp4" {
			t.Errorf("%q, %v", names(t, s), err)
		}
		long := mustPut(t, s, "long.mp4", film(int(tight.File)))
		write(t, s, func(tx *db.Tx) error { return Remove(tx, "a", "long.mp4") })
		if _, err := s.Get(t.Context(), long.Token); !errs.Is(err, errs.NotFound) {
			t.Errorf("removed: %v", err)
		}
		if _, err := io.ReadAll(s.Open(t.Context(), long)); err != nil {
			t.Errorf("before the sweep: %v", err)
		}
		if err := s.Sweep(t.Context(), time.Hour); err != nil || rows(t, s) != "1 files, 2 pieces" {
			t.Errorf("%s, %v", rows(t, s), err)
		}
		if _, err := io.ReadAll(s.Open(t.Context(), long)); !errs.Is(err, errs.Gone) {
			t.Errorf("after the sweep: %v", err)
		}
	})
}

func TestRemove(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		mustPut(t, s, "a.mp4", film(100))
		mustPut(t, s, "b.mp4", film(100))
		if _, _, err := s.Put(t.Context(), "b", 7, "c.mp4", bytes.NewReader(film(100))); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"c.mp4", "x.mp4", ""} {
			if err := s.d.Write(t.Context(), func(tx *db.Tx) error { return Remove(tx, "a", name) }); !errs.Is(err, errs.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		arriving, err := s.begin(t.Context(), File{Token: "t", Course: "a", Name: "d.mp4"})
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, func(tx *db.Tx) error { return RemoveCourse(tx, "a") })
		if err := s.store(t.Context(), arriving, 0, film(10)); said(err) != "invalid media.cut" {
			t.Errorf("into a course that went: %v", err)
		}
		if err := s.Sweep(t.Context(), time.Hour); err != nil || rows(t, s) != "1 files, 1 pieces" || names(t, s) != "" {
			t.Errorf("%s, %v", rows(t, s), err)
		}
	})
}

func TestTooManyFiles(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		write(t, s, func(tx *db.Tx) error {
			var args []any
			for n := range MaxFiles {
				args = append(args, n+1, fmt.Sprint("t", n), "a", fmt.Sprint(n, ".txt"), "text/plain", 1, 0, 0, "", 7, 0, 1)
			}
			return tx.InsertAll("INSERT INTO media (id, token, course, name, type, size, width, height, sha256, made_by, made_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", args)
		})
		if _, _, err := s.Put(t.Context(), "a", 7, "one more.txt", strings.NewReader("a")); said(err) != "too_large media.count 1000" {
			t.Errorf("%v", err)
		}
		if _, replaced, err := s.Put(t.Context(), "a", 7, "7.txt", strings.NewReader("a")); err != nil || !replaced {
			t.Errorf("in place of another: %v, %v", replaced, err)
		}
	})
}

// A full disk is said to be one, and nothing is kept of what was on its way.
func TestFullDisk(t *testing.T) {
	d, err := db.Open(t.Context(), db.SQLiteURL(filepath.Join(t.TempDir(), "ustaz.db")), func() time.Time { return time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	s := New(d, tight)
	write(t, s, func(tx *db.Tx) error { // of the committer's connection, until that fails
		var pages, most int
		if _, err := tx.Get([]any{&pages}, "PRAGMA page_count"); err != nil {
			return err
		}
		_, err := tx.Get([]any{&most}, fmt.Sprint("PRAGMA max_page_count = ", pages+200))
		return err
	})
	_, _, err = s.Put(t.Context(), "a", 7, "a.mp4", bytes.NewReader(film(int(tight.File))))
	if said(err) != "unavailable media.disk" || !db.Full(err) {
		t.Errorf("%v", err)
	}
	if rows(t, s) != "0 files, 0 pieces" {
		t.Error(rows(t, s))
	}
	mustPut(t, s, "a.mp4", film(int(tight.File)))
}

func TestAnUploadThatIsGivenUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		ctx, leave := context.WithCancel(t.Context())
		content := io.MultiReader(bytes.NewReader(film(pieceSize)), readerFunc(func(p []byte) (int, error) {
			leave()
			clear(p)
			return len(p), nil
		}))
		if _, _, err := s.Put(ctx, "a", 7, "a.mp4", content); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%v", err)
		}
		if err := s.Sweep(t.Context(), time.Hour); err != nil || rows(t, s) != "0 files, 0 pieces" {
			t.Errorf("%s, %v", rows(t, s), err)
		}
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestRanges(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		body := film(3*pieceSize + 100)
		f := mustPut(t, s, "a.mp4", body)
		for ask, want := range map[string]struct{ from, to int }{
			"bytes=0-0":             {0, 1},
			"bytes=0-99":            {0, 100},
			"bytes=262140-262150":   {pieceSize - 4, pieceSize + 7},
			"bytes=300000-":         {300000, len(body)},
			"bytes=-5":              {len(body) - 5, len(body)},
			"bytes=-99999999":       {0, len(body)},
			"bytes=786432-99999999": {3 * pieceSize, len(body)},
		} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Range", ask)
			http.ServeContent(w, r, "", f.At, s.Open(t.Context(), f))
			if w.Code != http.StatusPartialContent || !bytes.Equal(w.Body.Bytes(), body[want.from:want.to]) {
				t.Errorf("%s: %d, %d bytes", ask, w.Code, w.Body.Len())
			}
		}
		at := s.open(t.Context(), f)
		if _, err := at.Seek(-1, io.SeekStart); err == nil {
			t.Error("before the beginning")
		}
		if n, err := at.Seek(10, io.SeekEnd); err != nil || n != f.Size+10 {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := at.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("behind the end: %d, %v", n, err)
		}
		got := make([]byte, pieceSize+50)
		if n, err := at.ReadAt(got, pieceSize-20); err != nil || !bytes.Equal(got[:n], body[pieceSize-20:][:len(got)]) {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := at.ReadAt(got, f.Size-3); n != 3 || !errors.Is(err, io.EOF) {
			t.Errorf("%d, %v", n, err)
		}
	})
}

func TestNames(t *testing.T) {
	for raw, want := range map[string]string{
		"a.mp4": "a.mp4", " Қазақ тілі, 5-сынып.PDF ": "Қазақ тілі, 5-сынып.pdf", "Іні .Mp3": "Іні.mp3", "и\u0306.pdf": "й.pdf",
		"a\u00a0b.pdf": "a b.pdf", "film.kk.VTT": "film.kk.vtt", "a.tar.zip": "a.tar.zip", strings.Repeat("ә", 96) + ".pdf": strings.Repeat("ә", 96) + ".pdf",
		strings.Repeat("ә", 97) + ".pdf": "invalid media.name", "": "invalid media.name", ".pdf": "invalid media.name", " .pdf": "invalid media.name", ".a.pdf": "invalid media.name",
		"../a.pdf": "invalid media.name", `c:\a.pdf`: "invalid media.name", "a\x00.pdf": "invalid media.name", "a\nb.pdf": "invalid media.name", "a\u202efdp.pdf": "invalid media.name",
		"a\xff.pdf": "invalid media.name", "a?.pdf": "invalid media.name", "a": "invalid media.kind.other", "a.": "invalid media.kind.other",
		"a.svg": "invalid media.kind.svg", "a.HEIC": "invalid media.kind.picture", "a.mov": "invalid media.kind.video", "a.docm": "invalid media.kind.macro", "a.doc": "invalid media.kind.office",
		"a.exe": "invalid media.kind.other", "a.html": "invalid media.kind.other", "a.js": "invalid media.kind.other", "a.rar": "invalid media.kind.archive", "a.srt": "invalid media.kind.captions",
		"a.flac": "invalid media.kind.audio", "a.vtt": "invalid media.captions.name", "a.de.vtt": "invalid media.captions.name", "kk.vtt": "invalid media.captions.name",
	} {
		got, err := CleanName(raw)
		if err != nil {
			got = said(err)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
		if again, err2 := CleanName(got); err == nil && (err2 != nil || again != got) {
			t.Errorf("%q becomes %q, and that %q", raw, got, again)
		}
	}
}

func TestWhatBelongsTogether(t *testing.T) {
	for name, want := range map[string]string{"film.mp4": "film ", "film.kk.vtt": "film kk", "film.ru.vtt": "film ru", "a.b.mp4": "a.b ", "a.kk.mp4": "a.kk "} {
		f := File{Name: name}
		if got := f.Stem() + " " + f.Lang(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"a.webp image/jpeg": "a.jpg", "a.png image/png": "a.png", "a.png image/jpeg": "a.jpg", "a.jpeg image/jpeg": "a.jpeg", "a.gif image/png": "a.png",
		"a.mp4 video/mp4": "a.mp4", "a.kk.vtt " + typeVTT: "a.kk.vtt", "a.pdf application/pdf": "a.pdf"} {
		own, kind, _ := strings.Cut(name, " ")
		if got := (File{Name: own, Type: kind}).SaveAs(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := strings.Join(Endings(Audio), " "); got != ".m4a .mp3 .ogg .opus .wav" {
		t.Error(got)
	}
}

// zipped is an archive of files, name and contents.
func zipped(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: pairs[i], Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// document is an office document with these parts.
func document(t testing.TB, parts ...string) []byte {
	pairs := []string{"[Content_Types].xml", `<Types><Override ContentType="application/vnd.openxmlformats-officedocument"/></Types>`, "_rels/.rels", "<Relationships/>"}
	for _, p := range parts {
		pairs = append(pairs, p, strings.Repeat("<x/>", 100))
	}
	return zipped(t, pairs...)
}

func TestKinds(t *testing.T) {
	odt := func(more ...string) string {
		return string(zipped(t, append([]string{"mimetype", open + "text", "content.xml", "<x/>"}, more...)...))
	}
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		if s.d.Dialect != db.SQLite {
			return // what a file is does not depend on where it is kept
		}
		for _, tc := range []struct{ name, body, want string }{
			{"a.webm", "\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "video/webm"},
			{"a.webm", "\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska", "invalid media.kind.video WEBM"},
			{"a.mp4", "\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "invalid media.kind.video MP4"},
			{"a.mp4", "\x00\x00\x00\x18ftypM4V \x00\x00\x00\x01M4V mp42", "video/mp4"},
			{"a.mp4", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "invalid media.kind.picture MP4"},
			{"a.m4a", "\x00\x00\x00\x18ftypM4A \x00\x00\x02\x00M4A mp42", "audio/mp4"},
			{"a.m4a", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "audio/mp4"},
			{"a.mp3", "ID3\x04\x00\x00\x00\x00\x00\x40" + strings.Repeat("\x00", 100), "audio/mpeg"},
			{"a.mp3", "RIFF\x24\x00\x00\x00WAVEfmt ", "invalid media.kind.differs MP3"},
			{"a.wav", "RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"},
			{"a.opus", "OggS\x00\x02" + strings.Repeat("\x00", 22) + "OpusHead\x01\x02", "audio/ogg"},
			{"a.ogg", "OggS\x00\x02" + strings.Repeat("\x00", 22) + "\x80theora", "invalid media.kind.differs OGG"},
			{"a.pdf", "%PDF-1.7\n1 0 obj", "application/pdf"},
			{"a.pdf", "MZ\x90\x00\x03\x00\x00\x00", "invalid media.kind.differs PDF"},
			{"a.txt", "Сәлем", "text/plain"},
			{"a.txt", "\xd1\xe0\xeb\xe5\xec, 1251", "text/plain"},
			{"a.txt", "{\"a\": 1}", "text/plain"},
			{"a.txt", "<!DOCTYPE html><script>alert(1)</script>", "invalid media.kind.differs TXT"},
			{"a.txt", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "invalid media.kind.svg TXT"},
			{"a.txt", "\x7fELF\x02\x01\x01", "invalid media.kind.differs TXT"},
			{"a.csv", "a,b\n1,2\n3,4\n", "text/csv"},
			{"a.csv", "аты;саны\nҚалам;2\n", "text/csv"},
			{"a.zip", string(zipped(t, "a.txt", "a")), typeZip},
			{"a.zip", string(zipped(t)), "invalid media.broken"},
			{"a.zip", string(zipped(t, "META-INF/MANIFEST.MF", "a", "A.class", "a")), "invalid media.kind.differs ZIP"},
			{"a.docx", string(document(t, "word/document.xml")), office + "wordprocessingml.document"},
			{"a.xlsx", string(document(t, "xl/workbook.xml")), office + "spreadsheetml.sheet"},
			{"a.pptx", string(document(t, "docProps/app.xml", "ppt/presentation.xml")), office + "presentationml.presentation"},
			{"a.docx", string(document(t, "xl/workbook.xml")), "invalid media.kind.differs DOCX"},
			{"a.docx", string(zipped(t, "a.txt", "a")), "invalid media.kind.differs DOCX"},
			{"a.xlsx", string(document(t, "xl/workbook.xml", "xl/macrosheets/sheet1.xml")), "invalid media.kind.macro"},
			{"a.docx", string(document(t, "word/document.xml", "word/VBAPROJECT.bin")), "invalid media.kind.macro"},
			{"a.docx", string(zipped(t, "[Content_Types].xml", `<Types ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>`, "word/document.xml", "a")), "invalid media.kind.macro"},
			{"a.docx", string(zipped(t, "word/document.xml", "a", "docProps/a", "b")), "invalid media.broken"},
			{"a.odt", odt(), open + "text"},
			{"a.odt", odt("Basic/Standard/Module1.xml", "x"), "invalid media.kind.macro"},
			{"a.ods", odt(), "invalid media.kind.differs ODS"},
		} {
			f, _, err := s.Put(t.Context(), "a", 7, tc.name, strings.NewReader(tc.body))
			got := f.Type
			if err != nil {
				got = said(err)
			}
			if got != tc.want {
				t.Errorf("%s %.40q: %q, want %q", tc.name, tc.body, got, tc.want)
			}
		}
	})
}

// The list of an archive is not read beyond what it may take in memory.
func TestAnArchiveOfVeryManyNames(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store, _ func(time.Duration)) {
		s.limits.Course = 100 << 20
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for n := range 45_000 {
			if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%s/%d", strings.Repeat("x", 50), n)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Put(t.Context(), "a", 7, "a.zip", &out); said(err) != "invalid media.broken" {
			t.Errorf("%v", err)
		}
	})
}
