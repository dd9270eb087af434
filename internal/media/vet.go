package media

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"

	"ustaz/internal/errs"
)

// Vetted is a file that may be kept, as it is kept.
type Vetted struct {
	Name    string // clean; its ending fits Content
	Type    string // media type
	Content []byte
}

// Vet reads a file for a keeper of its own, under the rules by which files of courses are taken: its contents tell what it is, a picture is drawn anew,
// a document with macros is refused. endings are those that are taken, as Endings gives them; it has most bytes at most. Errors name the input
// file: Invalid, TooLarge. All of it is held in memory.
func (s *Store) Vet(ctx context.Context, raw string, content io.Reader, endings []string, most int64) (Vetted, error) {
	if !slices.Contains(endings, ending(raw)) {
		return Vetted{}, fault(errs.Invalid, "media.kind.untaken")
	}
	name, err := CleanName(raw)
	if err != nil {
		return Vetted{}, err
	}
	ready, err := s.prepare(ctx, name, &atMost{from: content, left: most, limit: most})
	if err != nil {
		return Vetted{}, err
	}
	var all bytes.Buffer
	if _, err := io.Copy(&all, ready.content); err != nil {
		return Vetted{}, broken(err)
	}
	f := File{Name: name, Type: ready.kind, Size: int64(all.Len())}
	if ready.check != nil {
		if err := ready.check(bytes.NewReader(all.Bytes()), f); err != nil {
			return Vetted{}, err
		}
	}
	return Vetted{f.SaveAs(), f.Type, all.Bytes()}, nil
}

// atMost fails with TooLarge where there is more than may be.
type atMost struct {
	from        io.Reader
	left, limit int64
}

func (a *atMost) Read(b []byte) (int, error) {
	n, err := a.from.Read(b)
	if a.left -= int64(n); a.left < 0 {
		return 0, fault(errs.TooLarge, "media.large.file", "limit", strconv.FormatInt(a.limit>>20, 10))
	}
	return n, err
}
