package cartridge

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"ustaz/internal/errs"
)

// pair is an entry of a package made in a test.
type pair struct{ name, body string }

// zipped makes a ZIP.
func zipped(t testing.TB, entries ...pair) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.body == "" {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err == nil && !strings.HasSuffix(e.name, "/") {
			_, err = io.WriteString(w, e.body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(body []byte) (Found, error) {
	return Read(bytes.NewReader(body), int64(len(body)), "ru")
}

func refused(t *testing.T, err error, key string) *errs.Error {
	t.Helper()
	e := errs.As(err)
	if err == nil || e.Kind != errs.Invalid || e.Key != "cartridge.invalid."+key {
		t.Errorf("got %v, want %s", err, key)
	}
	return e
}

const nothing = `<manifest identifier="m" xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"><metadata><schema>IMS Common Cartridge</schema><schemaversion>1.1.0</schemaversion></metadata></manifest>`

// header writes a manifest, and an entry with whatever its header says.
func header(t *testing.T, manifest string, h *zip.FileHeader, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(manifestName)
	if err == nil {
		_, err = io.WriteString(w, manifest)
	}
	if err == nil {
		w, err = z.CreateRaw(h)
	}
	if err == nil {
		_, err = io.WriteString(w, body)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNamesThatLeadElsewhere(t *testing.T) {
	for _, name := range []string{"../evil.html", "a/../../evil.html", "/etc/passwd", `C:\evil.html`, "C:/evil.html", `a\b.html`, `..\evil.html`, "a//b.html", "./a.html", "a/./b.html", "a\x00b.html", "a\nb.html",
		"..", "a/..", "../", strings.Repeat("a", maxName+1)} {
		_, err := read(zipped(t, pair{manifestName, nothing}, pair{name, "x"}))
		refused(t, err, "path")
	}
}

func TestNamesThatFallTogether(t *testing.T) {
	for _, names := range [][2]string{{"a.html", "a.html"}, {"a.html", "A.HTML"}, {"сабақ.html", "САБАҚ.html"}, {"й.html", "й.html"}, {"a", "a/b"}, {"a/b", "A"}} {
		_, err := read(zipped(t, pair{manifestName, nothing}, pair{names[0], "x"}, pair{names[1], "y"}))
		refused(t, err, "twice")
	}
}

func TestEntriesThatAreNoFiles(t *testing.T) {
	link := &zip.FileHeader{Name: "link", UncompressedSize64: 11, CompressedSize64: 11, CRC32: crc32.ChecksumIEEE([]byte("/etc/passwd"))}
	link.SetMode(fs.ModeSymlink | 0o777)
	device := &zip.FileHeader{Name: "device"}
	device.SetMode(fs.ModeDevice | 0o600)
	for key, h := range map[string]*zip.FileHeader{"link": link, "locked": {Name: "a", Flags: 1}, "method": {Name: "a", Method: 99}} {
		_, err := read(header(t, nothing, h, "/etc/passwd"))
		refused(t, err, key)
	}
	_, err := read(header(t, nothing, device, ""))
	refused(t, err, "link")
}

// TestBombs: what a directory says is enough to refuse it, and what it hides comes out when it is read.
func TestBombs(t *testing.T) {
	for key, h := range map[string]*zip.FileHeader{
		"entry": {Name: "film.mp4", UncompressedSize64: MaxEntry + 1, CompressedSize64: MaxEntry},
		"ratio": {Name: "zeros.bin", UncompressedSize64: 400 << 20, CompressedSize64: 400 << 10},
	} {
		_, err := read(header(t, nothing, h, ""))
		if e := refused(t, err, key); e.Args["name"] != h.Name {
			t.Errorf("%s: args %v", key, e.Args)
		}
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{manifestName, "a", "b", "c"} {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: name, UncompressedSize64: 400 << 20, CompressedSize64: 400 << 20}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := read(b.Bytes())
	refused(t, err, "total")

	many := []pair{{manifestName, nothing}}
	for i := range MaxEntries {
		many = append(many, pair{"f/" + string(rune('a'+i%26)) + strings.Repeat("b", i/26%50) + strings.Repeat("c", i/1300), ""})
	}
	_, err = read(zipped(t, many...))
	refused(t, err, "entries")

	lying := zipped(t, pair{manifestName, nothing + strings.Repeat(" ", 5000)})
	at := bytes.LastIndex(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[at+24:], 100) // it says that it unpacks to a hundred bytes
	_, err = read(lying)
	refused(t, err, "damaged")
}

func TestDirectoriesOfAnEndlessZIP(t *testing.T) {
	body := zipped(t, pair{manifestName, nothing})
	m := &meter{ReaderAt: bytes.NewReader(body), left: 10}
	if _, err := m.ReadAt(make([]byte, 8), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := m.ReadAt(make([]byte, 8), 0); err != errDirectory {
		t.Errorf("read on: %v", err)
	}
	m.open = true
	if _, err := m.ReadAt(make([]byte, 8), 0); err != nil {
		t.Error(err)
	}
	var long []pair
	for i := range 3000 {
		long = append(long, pair{strings.Repeat("a", 60_000)[:3000-i%7] + strings.Repeat("b", i), ""})
	}
	_, err := read(zipped(t, append(long, pair{manifestName, nothing})...))
	refused(t, err, "entries")
}

func TestWhatIsNoPackage(t *testing.T) {
	for _, body := range []string{"", "text", "PK\x03\x04", strings.Repeat("\x00", 3000), "\x00asm"} {
		_, err := read([]byte(body))
		refused(t, err, "zip")
	}
	for _, entries := range [][]pair{{}, {{"readme.txt", "x"}}, {{"a/imsmanifest.xml", nothing}, {"b/imsmanifest.xml", nothing}}, {{"a/b/imsmanifest.xml", nothing}}, {{"course.zip", "PK"}}, {{"course.json", "{}"}},
		{{"__MACOSX/imsmanifest.xml", nothing}}} {
		_, err := read(zipped(t, entries...))
		refused(t, err, "none")
	}
	whole := zipped(t, pair{manifestName, nothing})
	_, err := read(whole[:len(whole)-30])
	refused(t, err, "zip")
	at := bytes.Index(whole, []byte("imsmanifest.xml")) + len(manifestName) + 3
	whole[at] ^= 0x55
	_, err = read(whole)
	refused(t, err, "damaged")
}

func TestWhereTheManifestStands(t *testing.T) {
	for _, entries := range [][]pair{
		{{"imsmanifest.xml", nothing}}, {{"IMSManifest.XML", nothing}}, {{"курс/imsmanifest.xml", nothing}, {"курс/a.css", "x"}},
		{{"курс/", ""}, {"курс/imsmanifest.xml", nothing}, {"__MACOSX/курс/._imsmanifest.xml", "x"}, {".DS_Store", "x"}},
		{{"imsmanifest.xml", nothing}, {"other/imsmanifest.xml", nothing}},
	} {
		f, err := read(zipped(t, entries...))
		if err != nil || f.Kind != Common {
			t.Errorf("%v: %v %v", entries, f.Kind, err)
		}
	}
	f, err := read(zipped(t, pair{"c/imsmanifest.xml", nothing}, pair{"beside.txt", "x"}))
	if err != nil || len(f.Report) != 2 || f.Report[1].Key != "cartridge.file.outside" || f.Report[1].Place != "beside.txt" {
		t.Errorf("%v %+v", err, f.Report)
	}
}

func TestOldNames(t *testing.T) {
	encode := func(m *charmap.Charmap, s string) string {
		out, err := m.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct{ stored, want string }{
		{encode(charmap.CodePage866, "Урок первый.html"), "Урок первый.html"}, {encode(charmap.Windows1251, "Урок первый.html"), "Урок первый.html"},
		{encode(charmap.CodePage437, "für München.html"), "für München.html"}, {"Сабақ.html", "Сабақ.html"}, {"plain.html", "plain.html"},
	} {
		if got := decodedName(c.stored); got != c.want {
			t.Errorf("%q became %q, want %q", c.stored, got, c.want)
		}
	}
	// The ZIP says nothing of its letters; the manifest names the file in its own.
	name, body := "Урок первый.html", "<p>Да</p>"
	h := &zip.FileHeader{Name: encode(charmap.CodePage866, name), NonUTF8: true, UncompressedSize64: uint64(len(body)), CompressedSize64: uint64(len(body)), CRC32: crc32.ChecksumIEEE([]byte(body))}
	f, err := read(header(t, cartridgeOf("1p2", "", webcontent("r", name)), h, body))
	if err != nil || len(f.Course.Lessons) != 1 || f.Course.Lessons[0].Body["ru"] != "Да" {
		t.Errorf("%v %+v", err, f)
	}
}

func TestDocumentsThatAreRefused(t *testing.T) {
	laughs := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	for _, c := range []struct{ key, manifest string }{
		{"doctype", laughs + nothing}, {"doctype", `<!DOCTYPE manifest SYSTEM "http://example.kz/x.dtd">` + nothing}, {"xml", strings.Replace(nothing, "Common", "&b;", 1)}, {"xml", ""}, {"xml", "<manifest>"},
		{"xml", nothing + nothing}, {"xml", "text"}, {"deep", strings.Repeat("<a>", maxDepth+1)}, {"deep", "<a>" + strings.Repeat("<b/>", maxNodes) + "</a>"}, {"text", nothing + strings.Repeat(" ", MaxText)},
		{"manifest", "<course/>"}, {"unknown", "<manifest/>"}, {"version", strings.NewReplacer("imsccv1p1", "imsccv1p4", "1.1.0", "1.4.0").Replace(nothing)},
		{"version", `<manifest xmlns="http://www.imsglobal.org/xsd/imscc/imscp_v1p1"><metadata><schema>IMS Common Cartridge</schema><schemaversion>1.0.0</schemaversion></metadata></manifest>`},
		{"items", cartridgeOf("1p1", "", strings.Repeat(`<resource identifier="r" type="webcontent"/>`, MaxEntries+1))},
	} {
		_, err := read(zipped(t, pair{manifestName, c.manifest}, pair{"x.bin", "x"}))
		if errs.As(err).Key == "cartridge.invalid.ratio" { // of blanks: that it is refused is what counts
			continue
		}
		refused(t, err, c.key)
	}
	p, err := unpack(bytes.NewReader(zipped(t, pair{manifestName, nothing})), int64(len(zipped(t, pair{manifestName, nothing}))))
	if err != nil {
		t.Fatal(err)
	}
	p.texts = 10
	_, err = p.text(manifestName)
	refused(t, err, "texts")
}

// TestOldLetters: manifests and pages in every encoding that packages from here come in.
func TestOldLetters(t *testing.T) {
	const title = "Бағалау және кері байланыс"
	manifest := strings.Replace(cartridgeOf("1p3", "", webcontent("r", "a.html")), "Тақырып", "Оценка", 1)
	in := func(e encoding.Encoding, declared, text string) string {
		text = strings.Replace(text, "?>", ` encoding="`+declared+`"?>`, 1)
		out, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, c := range map[string]struct{ manifest, page, want string }{
		"utf-8":           {manifest, "<meta charset=utf-8><p>" + title, title},
		"utf-8 with mark": {"\uFEFF" + manifest, "\uFEFF<p>" + title, title},
		"utf-16 le":       {in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16", manifest), in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "", "<p>"+title), title},
		"utf-16 be":       {in(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-16", manifest), in(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "", "<p>"+title), title},
		"windows-1251":    {in(charmap.Windows1251, "windows-1251", manifest), in(charmap.Windows1251, "", `<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>Оценка`), "Оценка"},
		"undeclared":      {in(charmap.Windows1251, "utf-8", manifest), in(charmap.Windows1251, "", `<p>Оценка`), "Оценка"},
		"koi8-r":          {in(charmap.KOI8R, "KOI8-R", manifest), in(charmap.KOI8R, "", `<meta charset="koi8-r"><p>Оценка`), "Оценка"},
	} {
		f, err := read(zipped(t, pair{manifestName, c.manifest}, pair{"a.html", c.page}))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := f.Course.Words["ru"].Title; got != "Оценка" || len(f.Course.Lessons) != 1 || f.Course.Lessons[0].Body["ru"] != c.want {
			t.Errorf("%s: %q %+v", name, got, f.Course.Lessons)
		}
	}
}
