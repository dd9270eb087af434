package testcrash

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/testpg"
)

const answersBeforeTheEnd = 60

func TestKilledProcess(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return db.SQLiteURL(filepath.Join(t.TempDir(), "ustaz.db")) },
		"postgres": func(t *testing.T) string { return testpg.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			at, keys, a := url(t), t.TempDir(), newAnswers()
			for range 10 {
				c := start(t, at, keys, a)
				a.until(t, c, answersBeforeTheEnd)
				c.kill(t)
			}
			o, err := open(context.Background(), at, keys)
			if err != nil {
				t.Fatal(err)
			}
			defer o.d.Close()
			check(t, o, a)
		})
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// needRoot skips, in words that are seen, what only root can try.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("NOT TRIED: mounting a file system needs root")
	}
	if out, err := exec.Command("sh", "-c", "d=$(mktemp -d) && mount -t tmpfs -o size=1m tmpfs $d && umount $d && rmdir $d").CombinedOutput(); err != nil {
		t.Skipf("NOT TRIED: this machine lets nobody mount: %s", out)
	}
}

func mount(t *testing.T, args ...string) (dir string, unmount func()) {
	t.Helper()
	dir = t.TempDir()
	run(t, "mount", append(args, dir)...)
	mounted := true
	unmount = func() {
		if mounted {
			mounted = false
			run(t, "umount", dir)
		}
	}
	t.Cleanup(unmount)
	return dir, unmount
}

// A cut of power, as the disk sees it: the file system of a running program is frozen, copied as it stands on the disk, and mounted
// elsewhere. What the program had been told was written must be in the copy. (Killing the process alone would not show a missing fsync:
// the kernel still has the pages.)
func TestPowerCut(t *testing.T) {
	needRoot(t)
	ram := t.TempDir()
	run(t, "mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", ram)
	t.Cleanup(func() { run(t, "umount", ram) })
	keys := t.TempDir()
	for cut := range 6 {
		image, copied := filepath.Join(ram, "disk"), filepath.Join(ram, "copy")
		run(t, "truncate", "-s", "96m", image)
		run(t, "mkfs.ext4", "-q", "-F", image)
		disk, unmount := mount(t, "-o", "loop", image)
		a := newAnswers()
		c := start(t, db.SQLiteURL(filepath.Join(disk, "ustaz.db")), keys, a)
		a.until(t, c, answersBeforeTheEnd+17*cut)
		if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		still(t, image, copied)
		c.kill(t)
		unmount()
		after, unmountCopy := mount(t, "-o", "loop", copied)
		o, err := open(context.Background(), db.SQLiteURL(filepath.Join(after, "ustaz.db")), keys)
		if err != nil {
			t.Fatal(err)
		}
		check(t, o, a)
		if err := o.d.Close(); err != nil {
			t.Fatal(err)
		}
		unmountCopy()
		run(t, "rm", image, copied)
		if t.Failed() {
			return
		}
	}
}

// still copies an image until two copies agree: writes that the kernel had taken before the stop may still be on their way.
func still(t *testing.T, image, copied string) {
	t.Helper()
	var last []byte
	for range 50 {
		in, err := os.Open(image)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.Create(copied)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		_, err = io.Copy(io.MultiWriter(out, sum), in)
		if err := errors.Join(err, in.Close(), out.Close()); err != nil {
			t.Fatal(err)
		}
		if now := sum.Sum(nil); bytes.Equal(now, last) {
			return
		} else {
			last = now
		}
	}
	t.Fatal("the image does not come to rest")
}

func TestFullDiskFailsClosedAndResumes(t *testing.T) {
	needRoot(t)
	ctx := context.Background()
	disk, _ := mount(t, "-t", "tmpfs", "-o", "size=6m", "tmpfs")
	keys := t.TempDir()
	o, err := open(ctx, db.SQLiteURL(filepath.Join(disk, "ustaz.db")), keys)
	if err != nil {
		t.Fatal(err)
	}
	defer o.d.Close()
	a := newAnswers()
	out := &lineSink{a: a}
	id := one(t, o, out)
	ballast := filepath.Join(disk, "ballast")
	if err := fillUp(ballast); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for n := 1; n < 400; n++ {
		if r, err := o.write(ctx, id, n); err == nil {
			fmt.Fprintf(out, "w %d %d %d\n", int64(id), n, r.Entry)
		} else if !errs.Is(err, errs.Unavailable) {
			t.Fatalf("on a full disk: %v", err)
		} else {
			refused++
		}
		if rec, err := o.read(ctx, id); err == nil {
			fmt.Fprintf(out, "r %d %d\n", int64(id), rec.Entry)
		} else if rec != nil || !errs.Is(err, errs.Unavailable) {
			t.Fatalf("on a full disk: %v, %v", rec, err)
		}
	}
	if refused == 0 {
		t.Error("the disk never was full: the test shows nothing")
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if r, err := o.write(ctx, id, 1000); err != nil {
		t.Errorf("with room again: %v", err)
	} else {
		fmt.Fprintf(out, "w %d 1000 %d\n", int64(id), r.Entry)
	}
	check(t, o, a)
}

type lineSink struct{ a *answers }

func (s *lineSink) Write(b []byte) (int, error) {
	s.a.take(strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}

func fillUp(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	block := make([]byte, 4096)
	for {
		if _, err := f.Write(block); err != nil {
			return errors.Join(f.Close(), ignoreFull(err))
		}
	}
}

func ignoreFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return nil
	}
	return err
}
