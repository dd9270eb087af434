package disclosure

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"

	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
)

// partWriter writes the people of one part as CSV, JSON and a sheet, in memory, and gives them encrypted to the recipient. Nothing of it is ever
// in a file: that is why the sheet is written here. Libraries for XLSX keep long sheets in temporary files, in the clear.
type partWriter struct {
	d      *Disclosure
	n      int64
	fields []person.Field
	to     age.Recipient
	people int64

	csv, json, sheet bytes.Buffer
	rows             *csv.Writer
}

func newPartWriter(d *Disclosure, n int64) (*partWriter, error) {
	to, err := age.ParseX25519Recipient(d.Recipient.Key)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "disclosure.recipient.key.wrong", err)
	}
	w := &partWriter{d: d, n: n, to: to}
	for _, f := range person.Profile {
		if d.Fields.Has(f) {
			w.fields = append(w.fields, f)
		}
	}
	w.csv.WriteString("\uFEFF") // or spreadsheets take UTF-8 for something else
	w.rows = csv.NewWriter(&w.csv)
	w.rows.UseCRLF = true // RFC 4180
	w.json.WriteString("[\n")
	w.sheet.WriteString(sheetHead)
	names := make([]string, len(w.fields))
	for i, f := range w.fields {
		names[i] = f.String()
	}
	return w, w.row(names)
}

// Harmless keeps a spreadsheet from taking a cell of CSV for a formula (OWASP, CSV injection).
func Harmless(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r") == 0 {
		return "'" + cell
	}
	return cell
}

func (w *partWriter) row(cells []string) error {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = Harmless(c)
	}
	w.sheet.WriteString("<row>")
	for _, c := range cells { // inline strings: never a formula
		w.sheet.WriteString(`<c t="inlineStr"><is><t xml:space="preserve">`)
		if err := xml.EscapeText(&w.sheet, []byte(c)); err != nil {
			return err
		}
		w.sheet.WriteString("</t></is></c>")
	}
	w.sheet.WriteString("</row>\n")
	return w.rows.Write(safe)
}

func (w *partWriter) add(rec *keeper.Record) error {
	cells := make([]string, len(w.fields))
	open := byte('{')
	if w.people > 0 {
		w.json.WriteString(",\n")
	}
	for i, f := range w.fields {
		v := rec.Value(f)
		if v.IsZero() {
			continue
		}
		cells[i] = v.Reveal()
		text, err := json.Marshal(cells[i])
		if err != nil {
			return errs.New(errs.Internal, "error.internal") // the cause could hold the value
		}
		w.json.WriteByte(open)
		fmt.Fprintf(&w.json, "%q:%s", f.String(), text)
		open = ','
	}
	if open == '{' {
		w.json.WriteByte(open)
	}
	w.json.WriteByte('}')
	w.people++
	return w.row(cells)
}

// partManifest lies beside the files of a part.
type partManifest struct {
	Disclosure int64             `json:"disclosure"`
	Part       int64             `json:"part"`
	People     int64             `json:"people"`
	SHA256     map[string]string `json:"sha256"`
}

// seal gives the part, encrypted, and the SHA-256 of that. A part that nobody is in has no bytes.
func (w *partWriter) seal() (body []byte, sum string, err error) {
	if w.people == 0 {
		return []byte{}, "", nil
	}
	if w.rows.Flush(); w.rows.Error() != nil {
		return nil, "", w.rows.Error()
	}
	w.json.WriteString("\n]\n")
	w.sheet.WriteString(sheetTail)
	var out bytes.Buffer
	closed, err := age.Encrypt(&out, w.to)
	if err != nil {
		return nil, "", err
	}
	z := zip.NewWriter(closed)
	m := partManifest{Disclosure: w.d.ID, Part: w.n + 1, People: w.people, SHA256: map[string]string{}}
	files := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"people.csv", func(to io.Writer) error { _, err := to.Write(w.csv.Bytes()); return err }},
		{"people.json", func(to io.Writer) error { _, err := to.Write(w.json.Bytes()); return err }},
		{"people.xlsx", w.workbook},
	}
	for _, f := range files {
		to, err := z.Create(f.name)
		if err != nil {
			return nil, "", err
		}
		h := sha256.New()
		if err := f.write(io.MultiWriter(to, h)); err != nil {
			return nil, "", err
		}
		m.SHA256[f.name] = hex.EncodeToString(h.Sum(nil))
	}
	to, err := z.Create("manifest.json")
	if err != nil {
		return nil, "", err
	}
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, "", err
	}
	if err := z.Close(); err != nil {
		return nil, "", err
	}
	if err := closed.Close(); err != nil {
		return nil, "", err
	}
	return out.Bytes(), digest(out.Bytes()), nil
}

// The least that a workbook is made of (ISO/IEC 29500-1, 12.3).
const (
	sheetHead = xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + "\n"
	sheetTail = `</sheetData></worksheet>`
)

var workbookParts = []struct{ name, content string }{
	{"[Content_Types].xml", xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" ` +
		`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
	{"xl/workbook.xml", xml.Header + `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ` +
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="people" sheetId="1" r:id="rId1"/></sheets></workbook>`},
}

func (w *partWriter) workbook(to io.Writer) error {
	z := zip.NewWriter(to)
	for _, p := range workbookParts {
		f, err := z.Create(p.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, p.content); err != nil {
			return err
		}
	}
	f, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	if _, err := f.Write(w.sheet.Bytes()); err != nil {
		return err
	}
	return z.Close()
}

// partName is the file of part n, counted from 0, in a package.
func partName(n int64) string {
	return "people-" + fmt.Sprintf("%03s", strconv.FormatInt(n+1, 10)) + ".zip.age"
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
