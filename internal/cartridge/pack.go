package cartridge

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
)

const (
	manifestName = "imsmanifest.xml"
	courseName   = "course.json"

	maxDirectory = 8 << 20 // bytes that are read to find out what a ZIP holds
	maxName      = 1024
	smallEntry   = 1 << 20 // up to which nobody asks how well it was packed
)

// pack is a ZIP that keeps the rules. Paths are below the folder of its manifest, and case makes no difference in them.
type pack struct {
	entries  map[string]packed // by folded path
	order    []string          // paths, as they stand in the ZIP
	outside  []string          // beside that folder
	manifest string            // path of the manifest, "" for an archive of our own
	texts    int64             // bytes of text that may still be read
}

// packed is an entry and its path.
type packed struct {
	*zip.File
	path string
}

func invalid(key, name string) error {
	return errs.New(errs.Invalid, "cartridge.invalid."+key).With("name", shown(name))
}

func tooMuch(key, name string, most int64) error {
	return errs.As(invalid(key, name)).With("max", strconv.FormatInt(most, 10))
}

// shown is a name as a message can have it.
func shown(name string) string {
	return cut(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, strings.ToValidUTF8(name, "�")), 120)
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

// line is s on one line of up to n characters.
func line(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	return cut(strings.Join(strings.Fields(s), " "), n)
}

// fold makes paths equal that some file system takes for one.
func fold(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// meter lets a ZIP's directory be read up to a number of bytes, and everything once it is open.
type meter struct {
	io.ReaderAt
	left int64
	open bool
}

var errDirectory = errors.New("the directory is too long")

func (m *meter) ReadAt(b []byte, at int64) (int, error) {
	if !m.open {
		if m.left -= int64(len(b)); m.left < 0 {
			return 0, errDirectory
		}
	}
	return m.ReaderAt.ReadAt(b, at)
}

func unpack(r io.ReaderAt, size int64) (*pack, error) {
	m := &meter{ReaderAt: r, left: maxDirectory}
	z, err := zip.NewReader(m, size)
	m.open = true
	if errors.Is(err, errDirectory) || err == nil && len(z.File) > MaxEntries {
		return nil, tooMuch("entries", "", MaxEntries)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "cartridge.invalid.zip", err)
	}
	var total uint64
	var files []*zip.File
	seen := map[string]bool{}
	for _, f := range z.File {
		if f.Name, err = pathOf(f); err != nil {
			return nil, err
		}
		if f.Mode().IsDir() {
			continue
		}
		if err := fits(f); err != nil {
			return nil, err
		}
		if total += f.UncompressedSize64; total > MaxTotal {
			return nil, tooMuch("total", "", MaxTotal>>20)
		}
		if seen[fold(f.Name)] {
			return nil, invalid("twice", f.Name)
		}
		seen[fold(f.Name)] = true
		files = append(files, f)
	}
	for _, f := range files {
		for dir := path.Dir(f.Name); dir != "."; dir = path.Dir(dir) {
			if seen[fold(dir)] {
				return nil, invalid("twice", dir)
			}
		}
	}
	return rooted(files)
}

// pathOf is the name of an entry, if it leads to a place in the package.
func pathOf(f *zip.File) (string, error) {
	name := f.Name
	if f.NonUTF8 {
		name = decodedName(name)
	}
	clean := norm.NFC.String(strings.TrimSuffix(name, "/"))
	drive := len(clean) > 1 && clean[1] == ':'
	if len(clean) > maxName || !fs.ValidPath(clean) || clean == "." || drive || strings.Contains(clean, `\`) || strings.ContainsFunc(clean, unicode.IsControl) {
		return "", invalid("path", name)
	}
	if clean != name && strings.HasSuffix(name, "/") {
		clean += "/"
	}
	return clean, nil
}

// decodedName reads a name of which the ZIP does not say that it is UTF-8: many are all the same; Windows writes the old letters of its console, in
// Russian 866, where box-drawing signs stand between the letters that no name has, and some programs those of its windows, 1251. A letter beyond
// ASCII that stands among Latin ones is of the West, 437.
func decodedName(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	table, runs := charmap.CodePage437, 0
	for i := range len(name) {
		switch c := name[i]; {
		case c < 0x80:
			runs = 0
		case c >= 0xB0 && c < 0xE0:
			table = charmap.Windows1251
		default:
			if runs++; runs > 1 && table == charmap.CodePage437 {
				table = charmap.CodePage866
			}
		}
	}
	out, err := table.NewDecoder().String(name)
	if err != nil {
		return strings.ToValidUTF8(name, "_")
	}
	return out
}

// fits holds an entry against the limits, by what it says of itself; that it is no longer than it says is held when it is read.
func fits(f *zip.File) error {
	const locked = 1
	switch packed := max(f.CompressedSize64, 1); {
	case !f.Mode().IsRegular():
		return invalid("link", f.Name)
	case f.Flags&locked != 0:
		return invalid("locked", f.Name)
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return invalid("method", f.Name)
	case f.UncompressedSize64 > MaxEntry:
		return tooMuch("entry", f.Name, MaxEntry>>20)
	case f.UncompressedSize64 > smallEntry && f.UncompressedSize64/packed > MaxRatio:
		return tooMuch("ratio", f.Name, MaxRatio)
	}
	return nil
}

// junk is what operating systems leave in a ZIP, and nobody wrote.
func junk(name string) bool {
	base := fold(path.Base(name))
	return strings.HasPrefix(name, "__MACOSX/") || base == ".ds_store" || base == "thumbs.db" || base == "desktop.ini"
}

// rooted finds the manifest: at the top, or in the one folder there that has one.
func rooted(files []*zip.File) (*pack, error) {
	p := &pack{entries: map[string]packed{}, texts: MaxTexts}
	for _, want := range []string{manifestName, courseName} {
		var at []string
		for _, f := range files {
			if dir, base := path.Split(f.Name); fold(base) == want && !junk(f.Name) && strings.Count(dir, "/") <= 1 {
				at = append(at, dir)
				if dir == "" {
					at = []string{""}
					break
				}
			}
		}
		if len(at) != 1 {
			continue
		}
		for _, f := range files {
			name, inside := strings.CutPrefix(f.Name, at[0])
			switch {
			case junk(f.Name):
			case !inside:
				p.outside = append(p.outside, f.Name)
			default:
				p.entries[fold(name)] = packed{f, name}
				p.order = append(p.order, name)
				if want == manifestName && fold(name) == want {
					p.manifest = name
				}
			}
		}
		return p, nil
	}
	return nil, errs.New(errs.Invalid, "cartridge.invalid.none")
}

// has gives the path of an entry as the ZIP has it; "" if there is none.
func (p *pack) has(name string) string { return p.entries[fold(name)].path }

func (p *pack) file(place, name string) File {
	f := p.entries[fold(place)]
	return File{Name: name, Place: place, Size: int64(f.UncompressedSize64), Open: func() (io.ReadCloser, error) {
		rc, err := f.Open()
		if err != nil {
			return nil, errs.Wrap(errs.Invalid, "cartridge.invalid.damaged", err).With("name", shown(place))
		}
		return &entry{rc, place}, nil
	}}
}

// entry is an open entry, whose faults are told in our way.
type entry struct {
	io.ReadCloser
	name string
}

func (e *entry) Read(b []byte) (int, error) {
	n, err := e.ReadCloser.Read(b)
	if err != nil && err != io.EOF {
		err = errs.Wrap(errs.Invalid, "cartridge.invalid.damaged", err).With("name", shown(e.name))
	}
	return n, err
}

// text reads an entry that is a page or a document, in UTF-8.
func (p *pack) text(name string) (string, error) {
	f, found := p.entries[fold(name)]
	if !found {
		return "", invalid("missing", name)
	}
	if f.UncompressedSize64 > MaxText {
		return "", tooMuch("text", name, MaxText>>20)
	}
	if p.texts -= int64(f.UncompressedSize64); p.texts < 0 {
		return "", tooMuch("texts", name, MaxTexts>>20)
	}
	rc, err := p.file(name, name).Open()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(rc)
	if err = errors.Join(err, rc.Close()); err != nil {
		return "", errs.As(err)
	}
	return toUTF8(b.Bytes()), nil
}
