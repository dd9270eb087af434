package testcrash

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"ustaz/internal/db"
	"ustaz/internal/errs"
)

// The file system has turned read-only, as it does after an error of the disk: the program says so and shows nothing, and serves again once
// it is writable. (A file system with open files can't be turned from outside, so the program is started on it; a disk that fails under the
// running program is the full one of TestFullDisk.)
func TestReadOnlyDatabaseFailsClosedAndResumes(t *testing.T) {
	needRoot(t)
	ctx := context.Background()
	disk, _ := mount(t, "-t", "tmpfs", "-o", "size=32m", "tmpfs")
	url, keys := db.SQLiteURL(filepath.Join(disk, "ustaz.db")), t.TempDir()
	a := newAnswers()
	out := &lineSink{a: a}
	o, err := open(ctx, url, keys)
	if err != nil {
		t.Fatal(err)
	}
	id := one(t, o, out)
	if err := o.d.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, "mount", "-o", "remount,ro", disk)
	if _, err := open(ctx, url, keys); !errs.Is(err, errs.Unavailable) {
		t.Errorf("on a read-only disk: %v", err)
	}
	run(t, "mount", "-o", "remount,rw", disk)
	if o, err = open(ctx, url, keys); err != nil {
		t.Fatal(err)
	}
	defer o.d.Close()
	r, err := o.write(ctx, id, 2)
	if err != nil {
		t.Fatalf("writable again: %v", err)
	}
	fmt.Fprintf(out, "w %d 2 %d\n", int64(id), r.Entry)
	check(t, o, a)
}
