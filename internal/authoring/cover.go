package authoring

import (
	"bytes"
	"context"
	"io"
	"slices"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
)

// PutCover stores a picture of a course in both widths, under names that no other has, so that an earlier one can be brought back. It becomes the course's
// with SaveFront. Errors are those of media.Store.Covers and Put.
func (s *Service) PutCover(ctx context.Context, by person.ID, course, name string, content io.Reader) (p learning.Picture, err error) {
	var id person.ID
	if err := s.write(ctx, by, func(t *db.Tx) error {
		id = person.NewID(t.Now())
		_, err := load(t, course)
		return err
	}); err != nil {
		return p, err
	}
	large, small, ends, err := s.files.Covers(ctx, name, content)
	if err != nil {
		return p, err
	}
	for _, of := range []struct {
		into *learning.Drawn
		name string
		body []byte
	}{{&p.Large, learning.CoverName(id, "large") + ends[0], large}, {&p.Small, learning.CoverName(id, "small") + ends[1], small}} {
		f, _, err := s.files.Put(ctx, course, by, of.name, bytes.NewReader(of.body))
		if err != nil {
			return p, err
		}
		*of.into = learning.Drawn{Name: f.Name, Token: f.Token, Width: f.Width, Height: f.Height}
	}
	return p, nil
}

func (s *Service) there(ctx context.Context, course, name string) (bool, error) {
	all, err := s.files.List(ctx, course)
	return slices.ContainsFunc(all, func(f media.File) bool { return f.Name == name }), err
}

// shown is a Conflict where a file is the picture of a course, as it is written or as it was published: it is not taken away under its readers.
func shown(t *db.Tx, course, name string) error {
	d, err := load(t, course)
	if err != nil {
		return err
	}
	published, err := learning.FrontIn(t, course)
	if err != nil {
		return err
	}
	for _, p := range []*learning.Picture{d.Course.Front.Picture, published.Picture} {
		if p != nil && (p.Large.Name == name || p.Small.Name == name) {
			return errs.New(errs.Conflict, "front.in_use")
		}
	}
	return nil
}

// atHome gives what an archive says of a course's picture the addresses under which its files were stored here; a picture whose files did not come is left out.
func atHome(files []media.File, f learning.Front) learning.Front {
	if f.Picture == nil {
		return f
	}
	p := *f.Picture
	found := 0
	for _, d := range []*learning.Drawn{&p.Large, &p.Small} {
		for _, file := range files {
			if file.Name == d.Name && file.Class() == media.Picture {
				*d = learning.Drawn{Name: file.Name, Token: file.Token, Width: file.Width, Height: file.Height}
				found++
			}
		}
	}
	if f.Picture = nil; found == 2 {
		f.Picture = &p
	}
	return f
}
