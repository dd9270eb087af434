package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"ustaz/internal/errs"
	"ustaz/internal/ledger"
)

// Verify checks an archive with the log's public key (ledger.ParseKey) alone: its form, its signature, each file, each proof. The report
// says what was found, also beside an error. Errors are *errs.Error: Invalid with Faults as their cause where the archive does not hold,
// Invalid "archive.key" for a key that is none, Unavailable where r can't be read.
func Verify(r io.ReaderAt, size int64, key string) (*Report, error) {
	log, err := ledger.ParseKey(key)
	if err != nil {
		return &Report{}, errs.Wrap(errs.Invalid, "archive.key", err)
	}
	v := verification{r: &source{ReaderAt: r}, key: key, log: log, report: &Report{Origin: log.Name()}}
	err = v.check(size)
	if v.r.err != nil {
		return v.report, errs.Wrap(errs.Unavailable, "error.unavailable", v.r.err)
	}
	if err == nil && len(v.faults) > 0 {
		err = v.faults
	}
	var faults Faults
	if errors.As(err, &faults) {
		return v.report, errs.Wrap(errs.Invalid, "archive.refused", faults)
	}
	return v.report, err
}

// source remembers that the archive could not be read, which says nothing of what is in it.
type source struct {
	io.ReaderAt
	err error
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) && s.err == nil {
		s.err = err
	}
	return n, err
}

type verification struct {
	r      *source
	key    string
	log    note.Verifier
	report *Report
	faults Faults
}

// stop gives a fault after which nothing more can be said.
func stop(kind FaultKind, name string) error { return Faults{{kind, shown(name)}} }

func (v *verification) fault(kind FaultKind, name string) {
	if len(v.faults) < maxFaults {
		v.faults = append(v.faults, Fault{kind, shown(name)})
	}
}

// shown is a name as it can be printed: of a strange archive it may be anything.
func shown(name string) string {
	if name == "" || nameOK(name) {
		return name
	}
	if len(name) > MaxName {
		name = name[:MaxName]
	}
	return strconv.QuoteToASCII(name)
}

func (v *verification) check(size int64) error {
	files, err := v.form(size)
	if err != nil {
		return err
	}
	m, err := v.signed(files)
	if err != nil {
		return err
	}
	listed := make(map[string]File, len(m.Files))
	for _, f := range m.Files {
		listed[f.Name] = f
	}
	for _, f := range files[:len(files)-2] {
		want, known := listed[f.Name]
		if !known {
			v.fault(FaultExtra, f.Name)
			continue
		}
		delete(listed, f.Name)
		v.report.Files = append(v.report.Files, want)
		v.report.Bytes += want.Size
		v.file(f, want, m.Checkpoint)
	}
	for _, f := range m.Files {
		if _, missing := listed[f.Name]; missing {
			v.fault(FaultMissing, f.Name)
		}
	}
	return nil
}

// file compares a file with what was signed for, and checks the proof if it is one.
func (v *verification) file(f *zip.File, want File, checkpoint string) {
	sum := sha256.New()
	n, proof := int64(0), &head{}
	r, err := f.Open()
	if err == nil {
		n, err = io.Copy(io.MultiWriter(sum, proof), io.LimitReader(r, want.Size+1))
		err = errors.Join(err, r.Close())
	}
	if err != nil || n != want.Size || hex.EncodeToString(sum.Sum(nil)) != want.SHA256 {
		v.fault(FaultChanged, f.Name)
		return
	}
	if !strings.HasPrefix(f.Name, entryFolder) {
		return
	}
	p, err := ledger.CheckProof(string(proof.text), v.log)
	if err != nil || p.Checkpoint != checkpoint || f.Name != entryName(p.Entry.Index) {
		v.fault(FaultProof, f.Name)
		return
	}
	v.report.Entries = append(v.report.Entries, p.Entry)
}

// head keeps as much as a proof may have, and a byte more, so that what is longer is none.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), ledger.MaxProof+1-len(h.text))]...)
	return len(p), nil
}

// Sizes of ZIP's records (APPNOTE 6.3.10, 4.3), and what ours look like.
const (
	localHead  = 30
	descriptor = 16
	endRecord  = 22
	timeExtra  = 9 // the moment of the file, as archive/zip writes it: "UT", length 5, one flag, four bytes

	maxDirectory = 8 << 20
	maxPacked    = MaxBytes + MaxBytes>>10 + 64<<20 // stored blocks and heads on top

	streamed = 0x8 // the flag of a file whose size stands behind it
)

// form reads the directory of the ZIP file, and holds it to what Writer writes: files follow each other without a gap from the first byte to
// the directory, which ends the file; the head of each says what the directory says. So every program that unpacks it finds the same files.
func (v *verification) form(size int64) ([]*zip.File, error) {
	if size > maxPacked {
		return nil, stop(FaultLarge, "")
	}
	var end [endRecord]byte
	if size < endRecord || !v.read(end[:], size-endRecord) {
		return nil, stop(FaultFormat, "")
	}
	le := binary.LittleEndian
	count, length, start := le.Uint16(end[10:]), int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if string(end[:4]) != "PK\x05\x06" || le.Uint32(end[4:]) != 0 || le.Uint16(end[8:]) != count || start+length+endRecord != size {
		return nil, stop(FaultFormat, "")
	}
	if count > MaxFiles+2 || length > maxDirectory { // before memory is taken for it
		return nil, stop(FaultLarge, "")
	}
	z, err := zip.NewReader(v.r, size)
	if err != nil || len(z.File) != int(count) {
		return nil, stop(FaultFormat, "")
	}
	names := make(map[string]bool, len(z.File))
	var at int64
	var total uint64
	for _, f := range z.File {
		if !nameOK(f.Name) {
			return nil, stop(FaultName, f.Name)
		}
		if names[f.Name] {
			return nil, stop(FaultDoubled, f.Name)
		}
		names[f.Name] = true
		if f.UncompressedSize64 > MaxFile {
			return nil, stop(FaultLarge, f.Name)
		}
		if total += f.UncompressedSize64; total > MaxBytes+maxManifest+maxSignature {
			return nil, stop(FaultLarge, "")
		}
		if at = v.fileEnd(f, at); at < 0 || at > start {
			return nil, stop(FaultFormat, f.Name)
		}
	}
	if at != start {
		return nil, stop(FaultFormat, "")
	}
	return z.File, nil
}

// fileEnd gives where a file that begins at a place ends; -1 where it is not as Writer writes it.
func (v *verification) fileEnd(f *zip.File, at int64) int64 {
	var head [localHead + MaxName + timeExtra]byte
	n := localHead + len(f.Name) + timeExtra
	le := binary.LittleEndian
	data, err := f.DataOffset()
	plain := f.Flags == streamed && (f.Method == zip.Store || f.Method == zip.Deflate) &&
		f.Mode().IsRegular() && f.Comment == "" && len(f.Extra) == timeExtra && string(f.Extra[:4]) == "UT\x05\x00"
	if err != nil || !plain || data != at+int64(n) || !v.read(head[:n], at) {
		return -1
	}
	rest := head[localHead:n]
	if string(head[:4]) != "PK\x03\x04" || le.Uint16(head[6:]) != f.Flags || le.Uint16(head[8:]) != f.Method || !bytes.Equal(head[14:26], make([]byte, 12)) ||
		int(le.Uint16(head[26:])) != len(f.Name) || le.Uint16(head[28:]) != timeExtra || string(rest[:len(f.Name)]) != f.Name || !bytes.Equal(rest[len(f.Name):], f.Extra) {
		return -1
	}
	end := data + int64(f.CompressedSize64)
	var after [descriptor]byte
	if end < data || !v.read(after[:], end) || string(after[:4]) != "PK\x07\x08" || le.Uint32(after[4:]) != f.CRC32 ||
		uint64(le.Uint32(after[8:])) != f.CompressedSize64 || uint64(le.Uint32(after[12:])) != f.UncompressedSize64 {
		return -1
	}
	return end + descriptor
}

func (v *verification) read(p []byte, at int64) bool {
	n, err := v.r.ReadAt(p, at)
	return n == len(p) && (err == nil || errors.Is(err, io.EOF))
}

// signed gives the list that the log signed. It is all that is unpacked before the signature is known to hold.
func (v *verification) signed(files []*zip.File) (*manifest, error) {
	n := len(files)
	if n < 2 || files[n-2].Name != manifestName || files[n-1].Name != signatureName {
		return nil, stop(FaultUnsigned, "")
	}
	list, ok := unpack(files[n-2], maxManifest)
	signature, ok2 := unpack(files[n-1], maxSignature)
	if !ok || !ok2 {
		return nil, stop(FaultUnsigned, "")
	}
	text, err := ledger.OpenStatement(context, string(signature), v.key)
	if err != nil || text != statement(list) {
		return nil, stop(FaultSignature, "")
	}
	m, ok := decode(list)
	if !ok || m.Origin != v.report.Origin {
		return nil, stop(FaultManifest, "")
	}
	v.report.MadeAt = m.MadeAt
	if m.Checkpoint == "" { // the log had no entry
		return m, nil
	}
	size, root, err := ledger.OpenCheckpoint(m.Checkpoint, v.log)
	if err != nil {
		return nil, stop(FaultCheckpoint, "")
	}
	v.report.Log, v.report.Root = size, root.String()
	return m, nil
}

// decode reads a list. Ours has one form: what is read and written again must be the same bytes.
func decode(list []byte) (*manifest, bool) {
	var m manifest
	if json.Unmarshal(list, &m) != nil || m.Format != format || len(m.Files) > MaxFiles {
		return nil, false
	}
	if again, err := m.encode(); err != nil || !bytes.Equal(again, list) {
		return nil, false
	}
	names := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		if !nameOK(f.Name) || names[f.Name] || f.Size < 0 || f.Size > MaxFile {
			return nil, false
		}
		names[f.Name] = true
	}
	return &m, true
}

// unpack reads a small file whole.
func unpack(f *zip.File, most int64) ([]byte, bool) {
	r, err := f.Open()
	if err != nil {
		return nil, false
	}
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	return b, errors.Join(err, r.Close()) == nil && int64(len(b)) <= most
}
