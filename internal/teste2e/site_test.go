package teste2e

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"ustaz/internal/cli"
)

// site is the program serving, with its demonstration.
type site struct {
	url, first, data string
	log              *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var (
	address = regexp.MustCompile(`http://localhost:\d+$`)
	invite  = regexp.MustCompile(`http://localhost:\d+/kk/invite/\S+`)
)

// serve starts the site as `ustaz serve` does and stops it with the test.
func serve(t *testing.T, args ...string) *site {
	t.Helper()
	s := &site{data: filepath.Join(t.TempDir(), "data"), log: &safeBuffer{}}
	ctx, stop := context.WithCancel(context.Background())
	said, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, append([]string{"serve", "--data", s.data, "--listen", "127.0.0.1:0"}, args...), strings.NewReader(""), out, s.log)
		_ = out.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("the site ended with %d:\n%s", code, s.log)
		}
	})
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if s.url == "" {
			s.url = address.FindString(lines.Text())
		}
		if s.first = invite.FindString(lines.Text()); s.first != "" {
			break
		}
	}
	if s.url == "" || s.first == "" {
		t.Fatalf("the site did not say where to look:\n%s", s.log)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	return s
}

// password of somebody of the demonstration, from the note that the operator reads.
func (s *site) password(t *testing.T, address string) string {
	t.Helper()
	note, err := os.ReadFile(filepath.Join(s.data, "demo.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(note), address+"\n  ")
	if !found {
		t.Fatalf("%s is not in the note", address)
	}
	line, _, _ := strings.Cut(after, "\n")
	return line
}

// lettersTo counts the letters in the folder that are to an address.
func (s *site) lettersTo(t *testing.T, address string) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.data, "mail", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		letter, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(letter, []byte(address)) {
			n++
		}
	}
	return n
}
