package media

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/text/unicode/norm"

	"ustaz/internal/errs"
)

// Class is a sort of files that pages treat alike.
type Class uint8

// The classes. All but documents are shown on pages; documents are only ever saved.
const (
	Picture Class = iota + 1
	Video
	Audio
	Captions
	Document
)

// kind is what an ending stands for.
type kind struct {
	class  Class
	types  []string // the first is what the file is given out as; any may be found in it
	folder string   // of an office document: where its main part lies
}

const (
	typeText = "text/plain"
	typeZip  = "application/zip"
	office   = "application/vnd.openxmlformats-officedocument."
	open     = "application/vnd.oasis.opendocument."
)

// kinds are the files that are taken, by ending. Recorders and telephones write M4A and MP4 under several brands; some programs write an office
// document in an order in which it is only known for a ZIP at first: its directory is looked at in any case.
var kinds = map[string]kind{
	".jpg":  {class: Picture, types: []string{typeJPEG}},
	".jpeg": {class: Picture, types: []string{typeJPEG}},
	".png":  {class: Picture, types: []string{typePNG, "image/apng"}},
	".gif":  {class: Picture, types: []string{"image/gif"}},
	".webp": {class: Picture, types: []string{"image/webp"}},
	".mp4":  {class: Video, types: []string{"video/mp4", "video/x-m4v", "video/3gpp"}},
	".webm": {class: Video, types: []string{"video/webm"}},
	".mp3":  {class: Audio, types: []string{"audio/mpeg"}},
	".m4a":  {class: Audio, types: []string{"audio/mp4", "audio/x-m4a", "video/mp4"}},
	".ogg":  {class: Audio, types: []string{"audio/ogg"}},
	".opus": {class: Audio, types: []string{"audio/ogg"}},
	".wav":  {class: Audio, types: []string{"audio/wav"}},
	".vtt":  {class: Captions, types: []string{"text/vtt"}},
	".pdf":  {class: Document, types: []string{"application/pdf"}},
	".docx": {class: Document, types: []string{office + "wordprocessingml.document", typeZip}, folder: "word/"},
	".xlsx": {class: Document, types: []string{office + "spreadsheetml.sheet", typeZip}, folder: "xl/"},
	".pptx": {class: Document, types: []string{office + "presentationml.presentation", typeZip}, folder: "ppt/"},
	".odt":  {class: Document, types: []string{open + "text"}},
	".ods":  {class: Document, types: []string{open + "spreadsheet"}},
	".odp":  {class: Document, types: []string{open + "presentation"}},
	".txt":  {class: Document, types: []string{typeText}},
	".csv":  {class: Document, types: []string{"text/csv", typeText}},
	".zip":  {class: Document, types: []string{typeZip}},
}

// Endings lists the endings of a class, for a page that asks for a file; ".jpeg" is among them. In order of the alphabet.
func Endings(c Class) (out []string) {
	for e, k := range kinds {
		if k.class == c {
			out = append(out, e)
		}
	}
	slices.Sort(out)
	return out
}

// advice says what to do with what is not taken, by ending.
var advice = map[string]string{}

// adviceByType says it by contents, where the ending says something else: telephones often call HEIC ".jpg".
var adviceByType = map[string]string{"image/svg+xml": "media.kind.svg", "image/heic": "media.kind.picture", "image/heif": "media.kind.picture",
	"image/heic-sequence": "media.kind.picture", "image/heif-sequence": "media.kind.picture", "image/avif": "media.kind.picture", "image/tiff": "media.kind.picture",
	"video/quicktime": "media.kind.video", "video/matroska": "media.kind.video", "application/x-subrip": "media.kind.captions"}

func init() {
	for key, endings := range map[string]string{
		"media.kind.svg":      ".svg .svgz",
		"media.kind.picture":  ".heic .heif .avif .tif .tiff .bmp .psd .ai .cdr",
		"media.kind.video":    ".mov .avi .mkv .wmv .flv .mpg .mpeg .m4v .3gp .ts",
		"media.kind.audio":    ".aac .flac .wma .amr .aiff .mid",
		"media.kind.captions": ".srt .ass .ssa .sub",
		"media.kind.macro":    ".docm .dotm .xlsm .xltm .xlsb .xlam .pptm .potm .ppsm .ppam",
		"media.kind.office":   ".doc .xls .ppt .pps .rtf .pages .numbers .key",
		"media.kind.archive":  ".rar .7z .tar .gz .tgz .bz2",
	} {
		for _, e := range strings.Fields(endings) {
			advice[e] = key
		}
	}
}

const maxName = 100 // code points

// CleanName makes the name under which a file is kept: composed letters (NFC), no spaces around, its ending in small letters. Invalid, of the
// input file, where it is longer than 100 code points, begins with a point, or has what no system lets stand in a name; and where it ends in
// nothing that is taken.
func CleanName(raw string) (string, error) {
	name := norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(raw, "\uFFFD")))
	stem, end := strings.TrimSpace(strings.TrimSuffix(name, path.Ext(name))), strings.TrimSpace(ending(name))
	name = stem + end
	if stem == "" || utf8.RuneCountInString(name) > maxName || strings.HasPrefix(name, ".") || strings.ContainsFunc(name, unfit) {
		return "", fault(errs.Invalid, "media.name")
	}
	if _, taken := kinds[end]; !taken {
		key := advice[end]
		if key == "" {
			key = "media.kind.other"
		}
		return "", fault(errs.Invalid, key)
	}
	if kinds[end].class == Captions && captionLang(name) == "" {
		return "", fault(errs.Invalid, "media.captions.name")
	}
	return name, nil
}

// unfit are separators of paths, what Windows keeps for itself, and signs that can't be seen, among them those that turn a name round.
func unfit(r rune) bool {
	return strings.ContainsRune(`/\:*?"<>|`, r) || !unicode.IsGraphic(r) || r == utf8.RuneError
}

func ending(name string) string { return strings.ToLower(path.Ext(name)) }

// prepared is a file about to be stored.
type prepared struct {
	content       io.Reader
	kind          string
	width, height int
	max           int64
	class         Class
	check         func(io.ReaderAt, File) error // of what was stored, before it can be seen; may be nil
}

// tooLarge says what a file of this class may have, and what to do.
func (p *prepared) tooLarge() error {
	key := map[Class]string{Picture: "media.large.picture", Video: "media.large.video", Audio: "media.large.audio", Captions: "media.large.captions",
		Document: "media.large.document"}[p.class]
	return fault(errs.TooLarge, key, "limit", megabytes(p.max))
}

// headSize is how much of a file tells what it is.
const headSize = 3072

// prepare looks at what begins to arrive. Of a picture and of captions it reads all, and gives what they become.
func (s *Store) prepare(ctx context.Context, name string, content io.Reader) (*prepared, error) {
	k := kinds[ending(name)]
	p := &prepared{kind: k.types[0], class: k.class, max: map[Class]int64{Picture: MaxPicture, Video: s.limits.File, Audio: s.limits.File,
		Captions: MaxCaptions, Document: MaxDocument}[k.class]}
	head := make([]byte, headSize)
	n, ended, err := fill(content, head)
	switch {
	case err != nil:
		return nil, err
	case n == 0 && ended:
		return nil, fault(errs.Invalid, "media.empty")
	}
	if err := k.agrees(head[:n], name); err != nil {
		return nil, err
	}
	p.content = io.MultiReader(bytes.NewReader(head[:n]), content)
	if ended {
		p.content = bytes.NewReader(head[:n])
	}
	switch {
	case k.class == Picture:
		return p, s.redraw(ctx, p)
	case k.class == Captions:
		return p, rewrite(p)
	case strings.HasPrefix(k.types[0], office), strings.HasPrefix(k.types[0], open), k.types[0] == typeZip:
		p.check = k.checkZIP
	}
	return p, nil
}

// whole reads all of what is not larger than its class may be.
func (p *prepared) whole() ([]byte, error) {
	var all bytes.Buffer
	switch n, err := io.Copy(&all, io.LimitReader(p.content, p.max+1)); {
	case err != nil:
		return nil, broken(err)
	case n > p.max:
		return nil, p.tooLarge()
	}
	return all.Bytes(), nil
}

// agrees holds what a file begins with against its ending.
func (k kind) agrees(head []byte, name string) error {
	found := mimetype.Detect(head)
	is, _, _ := strings.Cut(found.String(), ";")
	switch {
	case slices.Contains(k.types, is):
		return nil
	case slices.Contains(k.types, typeText) && plain(found):
		return nil
	case k.class == Captions && plain(found) && is != "application/x-subrip":
		return nil // what is wrong with them is said by line
	}
	key := adviceByType[is]
	if key == "" {
		key = "media.kind.differs"
	}
	return fault(errs.Invalid, key, "ending", strings.ToUpper(strings.TrimPrefix(ending(name), ".")))
}

// plain tells whether it is text that no browser takes for a page.
func plain(m *mimetype.MIME) bool {
	for ; m != nil; m = m.Parent() {
		switch {
		case m.Is("text/html"), m.Is("text/xml"), m.Is("image/svg+xml"):
			return false
		case m.Is(typeText):
			return true
		}
	}
	return false
}

const (
	maxDirectory = 4 << 20 // bytes of a ZIP's own list that are read
	maxTypesPart = 1 << 20
)

// checkZIP looks at the list of what an archive or a document holds: it must be whole, and hold no macros.
func (k kind) checkZIP(stored io.ReaderAt, file File) error {
	limited := &limitedAt{from: stored, left: maxDirectory}
	z, err := zip.NewReader(limited, file.Size)
	switch {
	case limited.failed != nil:
		return limited.failed
	case err != nil || len(z.File) == 0:
		return fault(errs.Invalid, "media.broken")
	case k.types[0] == typeZip:
		return nil
	}
	main := k.folder == ""
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		main = main || strings.HasPrefix(name, k.folder)
		if path.Base(name) == "vbaproject.bin" || strings.HasPrefix(name, "xl/macrosheets/") || strings.HasPrefix(name, "basic/") || strings.HasPrefix(name, "scripts/") {
			return fault(errs.Invalid, "media.kind.macro")
		}
	}
	if !main {
		return fault(errs.Invalid, "media.kind.differs", "ending", strings.ToUpper(strings.Trim(path.Ext(file.Name), ".")))
	}
	if k.folder == "" {
		return nil
	}
	limited.left = maxDirectory
	part, err := z.Open("[Content_Types].xml")
	if err != nil {
		return fault(errs.Invalid, "media.broken")
	}
	types, err := io.ReadAll(io.LimitReader(part, maxTypesPart))
	switch {
	case limited.failed != nil:
		return limited.failed
	case errors.Join(err, part.Close()) != nil:
		return fault(errs.Invalid, "media.broken")
	case bytes.Contains(bytes.ToLower(types), []byte("macroenabled")):
		return fault(errs.Invalid, "media.kind.macro")
	}
	return nil
}

// limitedAt bounds how much of an archive is read, and so what its list takes in memory. It remembers a failure of the database.
type limitedAt struct {
	from   io.ReaderAt
	left   int
	failed error
}

func (l *limitedAt) ReadAt(b []byte, at int64) (int, error) {
	if l.left -= len(b); l.left < 0 {
		return 0, zip.ErrFormat
	}
	n, err := l.from.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) {
		l.failed = err
	}
	return n, err
}
