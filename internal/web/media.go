package web

import (
	"context"

	"golang.org/x/text/unicode/norm"

	"ustaz/internal/learning"
	"ustaz/internal/media"
)

// PathMedia is a file of a course: in no language of the site's.
const PathMedia = "/media/{token}/{name}"

// MediaPath is the address of a file of a course. What is there never changes.
func MediaPath(f media.File) string { return Path("", PathMedia, "token", f.Token, "name", f.Name) }

// CourseFiles finds the files of a course for its texts. They are read when the first one is named; what went wrong then comes out of Err.
type CourseFiles struct {
	list func() ([]media.File, error)
	held map[string]learning.File
	err  error
}

// NewCourseFiles makes it; store nil has none.
func NewCourseFiles(ctx context.Context, store *media.Store, course string) *CourseFiles {
	return &CourseFiles{list: func() ([]media.File, error) {
		if store == nil {
			return nil, nil
		}
		return store.List(ctx, course)
	}}
}

// Err tells why files could not be read; nil where none was named.
func (c *CourseFiles) Err() error { return c.err }

// File is a learning.Files.
func (c *CourseFiles) File(name string) (learning.File, bool) {
	if c.held == nil {
		c.held = map[string]learning.File{}
		var all []media.File
		all, c.err = c.list()
		for _, f := range all {
			file := learning.File{Href: MediaPath(f), Type: f.Type, Name: f.Name, Size: f.Size, Width: f.Width, Height: f.Height}
			for _, track := range all {
				if track.Lang() != "" && track.Stem() == f.Stem() {
					file.Captions = append(file.Captions, learning.Track{Lang: track.Lang(), Href: MediaPath(track)})
				}
			}
			c.held[norm.NFC.String(f.Name)] = file
		}
	}
	f, found := c.held[name]
	return f, found
}
