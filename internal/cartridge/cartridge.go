// Package cartridge reads courses out of packages of other systems, and writes and reads our own archive of a course (docs/course-archive.md).
//
// It guarantees:
//   - Whatever a package holds, nothing is unpacked beyond the limits, no entry's name leads anywhere, and what breaks a rule is refused whole, with
//     a message that names the place (Invalid).
//   - Nothing is dropped in silence: each resource of a manifest, and each file of the package, is taken over, or a line of the report says
//     what became of it.
//   - What is taken over holds no markup: pages become Markdown; scripts, styles, forms and frames do not come along.
//   - An archive of our own gives the course that it was made of, and the same course always gives the same bytes.
//
// It does no I/O but on what it is given, and reads no clock.
package cartridge

import (
	"io"

	"ustaz/internal/learning"
)

// Kind is what a package is.
type Kind string

// The kinds. Packages of SCORM are played as they are: of them there is a Manifest and the files, and no lessons.
const (
	Own       Kind = "archive"   // of our own format
	Common    Kind = "cc"        // Common Cartridge 1.1, 1.2 or 1.3
	SCORM12   Kind = "scorm12"   // SCORM 1.2
	SCORM2004 Kind = "scorm2004" // SCORM 2004, any edition
)

// Found is what was made out of a package.
type Found struct {
	Kind     Kind
	Version  string          // of the format, in the package's words
	Course   learning.Course // as far as it could be taken over; it may lack what has to be filled in before it is published
	Files    []File          // that lessons refer to; of SCORM everything, under its path
	Manifest Manifest        // not of an archive of our own
	Report   []Line          // in the order in which things were met
}

// File is a file of a package. It can be opened while the package's reader can.
type File struct {
	Name  string // as lessons refer to it: no path, NFC, no two alike but for case; of SCORM the path below the manifest
	Place string // in the package
	Size  int64
	Open  func() (io.ReadCloser, error)
}

// Fate is what became of something: the end of message keys, "cartridge.fate." + fate.
type Fate string

// The fates.
const (
	Left    Fate = "left"    // it was not taken over
	Changed Fate = "changed" // it was, but not as it was
	Taken   Fate = "taken"
)

// Fates are all there are, what needs a look first.
var Fates = []Fate{Left, Changed, Taken}

// Line is a line of a report.
type Line struct {
	Fate     Fate              `json:"fate"`
	Title    string            `json:"title,omitempty"`    // what the package calls it
	Place    string            `json:"place"`              // in the package
	Resource string            `json:"resource,omitempty"` // identifier of the manifest's resource that it is about
	Key      string            `json:"key"`                // message key
	Args     map[string]string `json:"args,omitempty"`
}

// Limits of a package.
const (
	MaxEntries = 10_000
	MaxTotal   = 1 << 30   // bytes of all entries unpacked
	MaxEntry   = 512 << 20 // bytes of an entry unpacked
	MaxText    = 4 << 20   // bytes of a page or an XML document
	MaxTexts   = 64 << 20  // bytes of all that are read
	MaxRatio   = 200       // how many times its packed size an entry of more than a megabyte may have
)

// Read makes out a package of size bytes. lang is the language in which it is written, as far as it does not say. Errors are Invalid.
func Read(r io.ReaderAt, size int64, lang string) (Found, error) {
	p, err := unpack(r, size)
	if err != nil {
		return Found{}, err
	}
	if p.manifest == "" {
		return readOwn(p)
	}
	root, err := p.xml(p.manifest)
	if err != nil {
		return Found{}, err
	}
	m, err := readManifest(root)
	if err != nil {
		return Found{}, err
	}
	kind, err := m.kind()
	if err != nil {
		return Found{}, err
	}
	if kind == Common {
		return convert(p, m, lang), nil
	}
	f := Found{Kind: kind, Version: m.Version, Manifest: m}
	f.Course.Words = map[string]learning.Words{lang: {Title: line(m.Title, learning.MaxTitle)}}
	for _, name := range p.order {
		f.Files = append(f.Files, p.file(name, name))
	}
	f.Report = []Line{{Fate: Left, Title: m.Title, Place: p.manifest, Key: "cartridge.scorm"}}
	return f, nil
}
