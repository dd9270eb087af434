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
	"time"

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
			umount(t, dir)
		}
	}
	t.Cleanup(unmount)
	return dir, unmount
}

// umount waits for the last user of the file system: PostgreSQL's own processes end a moment after the one that was told to.
func umount(t *testing.T, dir string) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := syscall.Unmount(dir, 0)
		if err == nil {
			return
		}
		if !errors.Is(err, syscall.EBUSY) || time.Now().After(until) {
			t.Errorf("umount %s: %v", dir, err)
			return
		}
	}
}

// TestUmountWaitsForWhoeverIsStillThere: a process whose end was asked for while it stands in the folder.
func TestUmountWaitsForWhoeverIsStillThere(t *testing.T) {
	needRoot(t)
	dir, unmount := mount(t, "-t", "tmpfs", "-o", "size=1m", "tmpfs")
	holder := exec.Command("cat")
	holder.Dir = dir
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Unmount(dir, 0); !errors.Is(err, syscall.EBUSY) {
		t.Errorf("nobody holds it: %v", err)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	unmount()
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
}

// power is a disk that can be frozen as it stands and looked at as after a cut of power.
type power struct {
	t             *testing.T
	ram           string
	image, copied string
}

func newPower(t *testing.T) *power {
	t.Helper()
	needRoot(t)
	p := &power{t: t, ram: t.TempDir()}
	run(t, "mount", "-t", "tmpfs", "-o", "size=700m", "tmpfs", p.ram)
	t.Cleanup(func() { umount(t, p.ram) })
	p.image, p.copied = filepath.Join(p.ram, "disk"), filepath.Join(p.ram, "copy")
	return p
}

func (p *power) disk(size string) (dir string, unmount func()) {
	p.t.Helper()
	run(p.t, "truncate", "-s", size, p.image)
	run(p.t, "mkfs.ext4", "-q", "-F", p.image)
	return mount(p.t, "-o", "loop", p.image)
}

// A cut of power, as the disk sees it: the programs that write are frozen, the file system is copied as it stands on the disk, and mounted
// elsewhere. What had been answered must be in the copy. (Killing the process alone would not show a missing fsync: the kernel still has
// the pages.)
func TestPowerCut(t *testing.T) {
	p := newPower(t)
	keys := t.TempDir()
	for cut := range 6 {
		disk, unmount := p.disk("96m")
		a := newAnswers()
		c := start(t, db.SQLiteURL(filepath.Join(disk, "ustaz.db")), keys, a)
		a.until(t, c, answersBeforeTheEnd+17*cut)
		if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		still(t, p.image, p.copied)
		c.kill(t)
		unmount()
		after, unmountCopy := mount(t, "-o", "loop", p.copied)
		o, err := open(context.Background(), db.SQLiteURL(filepath.Join(after, "ustaz.db")), keys)
		if err != nil {
			t.Fatal(err)
		}
		check(t, o, a)
		if err := o.d.Close(); err != nil {
			t.Fatal(err)
		}
		unmountCopy()
		run(t, "rm", p.image, p.copied)
		if t.Failed() {
			return
		}
	}
}

// The same with PostgreSQL on the disk: its processes are frozen with the program, and another server starts on the copy.
func TestPowerCutUnderPostgres(t *testing.T) {
	p := newPower(t)
	disk, unmount := p.disk("300m")
	pg := startCluster(t, filepath.Join(disk, "pg"))
	run(t, "sync", "-f", disk) // a cluster is made for tests without waiting for the disk
	keys, a := t.TempDir(), newAnswers()
	c := start(t, pg.url, keys, a)
	a.until(t, c, 5*answersBeforeTheEnd)
	if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	pg.signal(t, "STOP")
	still(t, p.image, p.copied)
	pg.signal(t, "CONT")
	c.kill(t)
	pg.stop(t)
	unmount()
	after, unmountCopy := mount(t, "-o", "loop", p.copied)
	t.Cleanup(unmountCopy)
	again := startOn(t, filepath.Join(after, "pg"))
	o, err := open(context.Background(), again.url, keys)
	if err != nil {
		t.Fatal(err)
	}
	check(t, o, a)
	if err := o.d.Close(); err != nil {
		t.Fatal(err)
	}
	again.stop(t)
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
