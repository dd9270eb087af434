package archive

import (
	"archive/zip"
	stdcontext "context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/ledger"
)

// Writer writes an archive. It is for one goroutine. After an error it stays broken: what was written has no signature, and is no archive.
type Writer struct {
	ctx      stdcontext.Context
	zip      *zip.Writer
	log      *ledger.Ledger
	snapshot *ledger.Snapshot
	manifest manifest
	names    map[string]bool
	bytes    int64
	err      error
}

// NewWriter begins an archive on w that log signs. now is the moment that it bears. Entries that it is to hold must be in the log already.
// ctx is for the log's database, until Close.
func NewWriter(ctx stdcontext.Context, w io.Writer, log *ledger.Ledger, now time.Time) (*Writer, error) {
	s, err := log.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return &Writer{ctx: ctx, zip: zip.NewWriter(w), log: log, snapshot: s, names: map[string]bool{},
		manifest: manifest{Format: format, Origin: log.Origin(), MadeAt: now.UTC().Truncate(time.Second), Checkpoint: s.Checkpoint(), Files: []File{}}}, nil
}

// Add streams a file into the archive. The name is the program's own, such as "claim.json" or "files/2.pdf": small Latin letters, digits,
// "-", "_", up to three folders; never what somebody uploaded calls itself. Errors: Internal for a name that is not clean, is taken or is
// the archive's own; TooLarge beyond the limits; what r fails with, if it is an *errs.Error; else Unavailable.
func (a *Writer) Add(name string, r io.Reader) error {
	if strings.HasPrefix(name, entryFolder) || name == manifestName || name == signatureName {
		return a.fail(errs.Wrap(errs.Internal, "error.internal", fmt.Errorf("archive: %q is a name of its own", name)))
	}
	return a.add(name, r)
}

// AddEntry adds an entry of the log with its proof. The entry is NotFound if it came into the log after the archive was begun.
func (a *Writer) AddEntry(index int64) error {
	if a.err != nil {
		return a.err
	}
	p, err := a.snapshot.Prove(a.ctx, index)
	if err != nil {
		return a.fail(err)
	}
	return a.add(entryName(index), strings.NewReader(p.Text))
}

// Close writes the signed list and ends the archive; it does not close what it was written to.
func (a *Writer) Close() error {
	if a.err != nil {
		return a.err
	}
	list, err := a.manifest.encode()
	if err != nil {
		return a.fail(errs.Wrap(errs.Internal, "error.internal", err))
	}
	signed, err := a.log.SignStatement(context, statement(list))
	if err != nil {
		return a.fail(err)
	}
	if _, _, err := a.write(manifestName, strings.NewReader(string(list))); err != nil {
		return a.fail(err)
	}
	if _, _, err := a.write(signatureName, strings.NewReader(signed)); err != nil {
		return a.fail(err)
	}
	if err := a.zip.Close(); err != nil {
		return a.fail(unavailable(err))
	}
	a.err = errs.Wrap(errs.Internal, "error.internal", errors.New("archive: closed"))
	return nil
}

func (a *Writer) add(name string, r io.Reader) error {
	switch {
	case a.err != nil:
		return a.err
	case !nameOK(name) || a.names[name]:
		return a.fail(errs.Wrap(errs.Internal, "error.internal", fmt.Errorf("archive: %q is no name, or is taken", name)))
	case len(a.manifest.Files) == MaxFiles:
		return a.fail(errs.New(errs.TooLarge, "archive.toolarge"))
	}
	room := min(MaxFile, MaxBytes-a.bytes)
	sum, n, err := a.write(name, io.LimitReader(r, room+1))
	if err == nil && n > room {
		err = errs.New(errs.TooLarge, "archive.toolarge")
	}
	if err != nil {
		return a.fail(err)
	}
	a.bytes += n
	a.names[name] = true
	a.manifest.Files = append(a.manifest.Files, File{name, n, hex.EncodeToString(sum)})
	return nil
}

// fail breaks the archive for good.
func (a *Writer) fail(err error) error {
	a.err = err
	return err
}

func unavailable(err error) error {
	var e *errs.Error
	if errors.As(err, &e) {
		return err
	}
	return errs.Wrap(errs.Unavailable, "error.unavailable", err)
}

func (a *Writer) write(name string, r io.Reader) (sum []byte, n int64, err error) {
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method(name), Modified: a.manifest.MadeAt})
	if err != nil {
		return nil, 0, unavailable(err)
	}
	h := sha256.New()
	if n, err = io.Copy(io.MultiWriter(w, h), r); err != nil {
		return nil, 0, unavailable(err)
	}
	return h.Sum(nil), n, nil
}

// method packs texts; papers, pictures and what is encrypted would only grow.
func method(name string) uint16 {
	switch path.Ext(name) {
	case ".json", ".csv", ".txt", ".md", entryEnd, path.Ext(signatureName):
		return zip.Deflate
	}
	return zip.Store
}
