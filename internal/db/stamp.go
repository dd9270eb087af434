package db

import "context"

// Courses names the Stamp of courses, their lessons and their files.
const Courses = "courses"

// Stamp tells how often what has a name was changed: while it stays the same, what was read after asking for it holds, whichever server changes it.
func (d *DB) Stamp(ctx context.Context, name string) (n int64, err error) {
	_, err = d.Get(ctx, []any{&n}, "SELECT n FROM stamp WHERE name = $1", name)
	return n, err
}

// Changed makes the Stamp of a name another, with the change itself.
func (t *Tx) Changed(name string) error {
	_, err := t.Exec("INSERT INTO stamp (name, n) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET n = stamp.n + 1", name)
	return err
}
