// Package media keeps the files of courses: pictures, video, sound, captions, documents. They lie in the database in pieces, so that several
// servers on one PostgreSQL give out the same, and a copy of the database is a copy of everything.
//
// It guarantees: a file is there whole or not at all; one of which the upload broke off is never seen, and Sweep removes what came of it. What
// a file is, is told by its contents, and its name must say the same. Pictures are decoded within limits and written anew, without where and
// when they were taken; captions are written anew as plain text; documents with macros, programs and pages are refused. No upload takes more
// memory than one picture, nor more room than its kind, its course and the disk have. The address of a file can't be guessed, and what is at
// it never changes. Nothing in a file is about a person.
package media

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/person"
)

// Limits of what is kept, in bytes.
const (
	MaxPicture  = 20 << 20
	MaxCaptions = 1 << 20
	MaxDocument = 50 << 20
	MaxFiles    = 1000 // of a course

	pieceSize    = 256 << 10
	piecesAtOnce = 32 // removed in one commit: SQLite overwrites what it removes
	sweptAtOnce  = 100
)

// Limits are those that the operator sets, in bytes.
type Limits struct {
	File   int64 // of one video or sound
	Course int64 // of all files of a course
}

// DefaultLimits are half a gigabyte for a file and two for a course.
func DefaultLimits() Limits { return Limits{File: 512 << 20, Course: 2 << 30} }

// File is one that is there.
type File struct {
	ID            int64
	Token         string // its address: 26 letters and digits that nobody can guess
	Course        string // slug
	Name          string // one of a name in a course
	Type          string // media type; of a picture that of what was written anew, which its name need not say
	Size          int64  // bytes
	Width, Height int    // pixels of a picture; 0 of others
	SHA256        string // in hexadecimal
	By            person.ID
	At            time.Time
}

// Class is which sort of file f is.
func (f File) Class() Class { return kinds[ending(f.Name)].class }

// SaveAs is the name under which f is offered: its own, with the ending that fits its contents.
func (f File) SaveAs() string {
	if own, is := pictureEndings[f.Type]; is && kinds[ending(f.Name)].types[0] != f.Type {
		return strings.TrimSuffix(f.Name, ending(f.Name)) + own
	}
	return f.Name
}

// Stem is the name without its ending, and without the language of captions: "film" of film.mp4 and film.kk.vtt, which belong together.
func (f File) Stem() string {
	stem := strings.TrimSuffix(f.Name, ending(f.Name))
	if f.Class() == Captions {
		stem = strings.TrimSuffix(stem, path.Ext(stem))
	}
	return stem
}

// Lang is the language of captions, kk, ru or en; "" of other files.
func (f File) Lang() string {
	if f.Class() != Captions {
		return ""
	}
	return captionLang(f.Name)
}

// Store keeps files. It is safe for concurrent use.
type Store struct {
	d        *db.DB
	limits   Limits
	decoding chan struct{} // one picture at a time: each may take a few hundred megabytes while it is decoded
}

// New makes a store.
func New(d *db.DB, limits Limits) *Store {
	return &Store{d: d, limits: limits, decoding: make(chan struct{}, 1)}
}

// Limits are those that were set.
func (s *Store) Limits() Limits { return s.limits }

// Largest is how many bytes the largest file of any kind may have: what an upload must let through, and one byte more.
func (s *Store) Largest() int64 { return max(s.limits.File, MaxDocument) }

// TooLarge is the error for an upload that was refused before it was read: it names the limits.
func (s *Store) TooLarge() error {
	return fault(errs.TooLarge, "media.large.any", "limit", megabytes(s.limits.File), "document", megabytes(MaxDocument))
}

func megabytes(n int64) string { return strconv.FormatInt(n>>20, 10) }

// fault is an error of the input called file.
func fault(kind errs.Kind, key string, args ...string) error {
	f := errs.Field{Name: "file", Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if f.Args == nil {
			f.Args = map[string]string{}
		}
		f.Args[args[i]] = args[i+1]
	}
	return &errs.Error{Kind: kind, Key: "error.fields", Fields: []errs.Field{f}}
}

// States of a row. The queries have them as digits, since SQLite finds the index of what is ready by them alone: 0 arriving, 1 ready, 2 dropped.
const (
	columns = "id, token, course, name, type, size, width, height, sha256, made_by, made_at"

	selectReady  = "SELECT " + columns + " FROM media WHERE course = $1 AND state = 1 ORDER BY made_at DESC, id DESC"
	selectToken  = "SELECT " + columns + " FROM media WHERE token = $1 AND state = 1"
	selectOthers = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM media WHERE course = $1 AND state < 2 AND name <> $2"
	selectSame   = "SELECT id FROM media WHERE course = $1 AND name = $2 AND state < 2 ORDER BY id"
	insertMedia  = `INSERT INTO media (id, token, course, name, type, size, width, height, sha256, made_by, made_at, state)
		VALUES ($1, $2, $3, $4, '', 0, 0, 0, '', $5, $6, 0)`
	updateArrived = "UPDATE media SET size = $1, made_at = $2 WHERE id = $3 AND state = 0"
	updateReady   = "UPDATE media SET state = 1, type = $1, width = $2, height = $3, sha256 = $4, made_at = $5 WHERE id = $6 AND state = 0"
	dropName      = "UPDATE media SET state = 2 WHERE course = $1 AND name = $2 AND state = 1"
	dropCourse    = "UPDATE media SET state = 2 WHERE course = $1 AND state < 2"
	dropArriving  = "UPDATE media SET state = 2 WHERE id = $1 AND state = 0"
	dropBroken    = "UPDATE media SET state = 2 WHERE state = 0 AND made_at < $1"
	selectDropped = "SELECT id FROM media WHERE state = 2 ORDER BY id LIMIT $1"
	deleteMedia   = "DELETE FROM media WHERE id = $1 AND state = 2"

	insertPiece  = "INSERT INTO media_piece (media, n, bytes) VALUES ($1, $2, $3)"
	selectPiece  = "SELECT bytes FROM media_piece WHERE media = $1 AND n = $2"
	deletePieces = "DELETE FROM media_piece WHERE media = $1 AND n IN (SELECT n FROM media_piece WHERE media = $1 ORDER BY n LIMIT $2)"
)

// tokenForm is that of rand.Text in small letters.
var tokenForm = regexp.MustCompile(`^[a-z2-7]{26}$`)

var (
	errUnknown = errs.New(errs.NotFound, "media.unknown")
	errCut     = fault(errs.Invalid, "media.cut")
)

func scanFile(scan func(...any) error) (File, error) {
	var f File
	var by, at int64
	err := scan(&f.ID, &f.Token, &f.Course, &f.Name, &f.Type, &f.Size, &f.Width, &f.Height, &f.SHA256, &by, &at)
	f.By, f.At = person.ID(by), db.Time(at)
	return f, err
}

// List gives the files of a course, the newest first.
func (s *Store) List(ctx context.Context, course string) (out []File, err error) {
	return files(s.d.Query(ctx, selectReady, course))
}

// ListIn is List within a transaction.
func ListIn(t *db.Tx, course string) ([]File, error) { return files(t.Query(selectReady, course)) }

func files(rows *sql.Rows, err error) (out []File, _ error) {
	if err != nil {
		return nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		f, err := scanFile(scan)
		out = append(out, f)
		return err
	})
	return out, err
}

// Get gives the file at an address, or NotFound.
func (s *Store) Get(ctx context.Context, token string) (f File, err error) {
	if !tokenForm.MatchString(token) {
		return File{}, errUnknown
	}
	rows, err := s.d.Query(ctx, selectToken, token)
	if err != nil {
		return File{}, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		f, err = scanFile(scan)
		return err
	})
	if err == nil && f.ID == 0 {
		err = errUnknown
	}
	return f, err
}

// Put takes a file for a course as it arrives; whether there is such a course is for the caller to know. One of the same name gives its place
// up in the same moment in which the new one is there, and replaced tells so; its address is good no more. Errors of the file itself name the
// input file: Invalid, TooLarge. Unavailable where the disk is full. An error of content's own comes back, if it is of package errs.
func (s *Store) Put(ctx context.Context, course string, by person.ID, name string, content io.Reader) (f File, replaced bool, err error) {
	if name, err = CleanName(name); err != nil {
		return File{}, false, err
	}
	ready, err := s.prepare(ctx, name, content)
	if err != nil {
		return File{}, false, err
	}
	f = File{Token: strings.ToLower(rand.Text()), Course: course, Name: name, Type: ready.kind, Width: ready.width, Height: ready.height, By: by}
	if f, err = s.begin(ctx, f); err != nil {
		return File{}, false, full(err)
	}
	if f, replaced, err = s.take(ctx, f, ready); err != nil {
		// What came of it is of no use; where it can't be removed now, Sweep does it.
		_ = s.abandon(context.WithoutCancel(ctx), f.ID)
		return File{}, false, full(err)
	}
	return f, replaced, nil
}

// full says of a disk without room that it is the disk.
func full(err error) error {
	if db.Full(err) {
		return errs.Wrap(errs.Unavailable, "media.disk", err)
	}
	return err
}

// begin makes the row that the pieces belong to.
func (s *Store) begin(ctx context.Context, f File) (File, error) {
	err := s.d.Write(ctx, func(t *db.Tx) error {
		if err := s.room(t, f.Course, f.Name, 0, 1); err != nil {
			return err
		}
		f.ID = int64(person.NewID(t.Now()))
		_, err := t.Exec(insertMedia, f.ID, f.Token, f.Course, f.Name, int64(f.By), db.Micros(t.Now()))
		return err
	})
	return f, err
}

// room tells whether a file or a bundle may have so many bytes beside the others of its course. The one whose place it takes does not count.
func (s *Store) room(t *db.Tx, course, name string, bundle, size int64) error {
	var others, taken, bundled int64
	if _, err := t.Get([]any{&others, &taken}, selectOthers, course, name); err != nil {
		return err
	}
	if _, err := t.Get([]any{&bundled}, selectBundled, course, bundle); err != nil {
		return err
	}
	switch {
	case bundle == 0 && others >= MaxFiles:
		return fault(errs.TooLarge, "media.count", "limit", strconv.Itoa(MaxFiles))
	case taken+bundled+size > s.limits.Course:
		return fault(errs.TooLarge, "media.course", "limit", megabytes(s.limits.Course))
	}
	return nil
}

// take stores what arrives and makes the file visible once it is whole. With an error f is what there was before.
func (s *Store) take(ctx context.Context, f File, ready *prepared) (File, bool, error) {
	hash := sha256.New()
	for n := int64(0); ; n++ {
		piece := make([]byte, pieceSize) // of its own: a write that was given up may still look at it
		filled, ended, err := fill(ready.content, piece)
		piece = piece[:filled]
		switch {
		case err != nil:
			return f, false, err
		case f.Size+int64(filled) > ready.max:
			return f, false, ready.tooLarge()
		}
		if filled > 0 {
			f.Size += int64(filled)
			_, _ = hash.Write(piece) // a hash.Hash never fails
			if err := s.store(ctx, f, n, piece); err != nil {
				return f, false, err
			}
		}
		if ended {
			break
		}
	}
	f.SHA256 = hex.EncodeToString(hash.Sum(nil))
	if ready.check != nil {
		if err := ready.check(s.open(ctx, f), f); err != nil {
			return f, false, err
		}
	}
	return s.finish(ctx, f)
}

// fill reads until piece is full or content ends. Content that breaks off is an error, never an end.
func fill(content io.Reader, piece []byte) (n int, ended bool, err error) {
	for idle := 0; n < len(piece) && idle < 100; idle++ {
		got, err := content.Read(piece[n:])
		if n += got; got > 0 {
			idle = 0
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return n, true, nil
		}
		if err != nil {
			return n, false, broken(err)
		}
	}
	if n < len(piece) {
		return n, false, broken(io.ErrNoProgress)
	}
	return n, false, nil
}

// broken is the error of content that can't be read.
func broken(err error) error {
	if known := (*errs.Error)(nil); errors.As(err, &known) {
		return err
	}
	return errCut
}

// store writes one piece. f.Size is what there is with it.
func (s *Store) store(ctx context.Context, f File, n int64, piece []byte) error {
	return s.d.Write(ctx, func(t *db.Tx) error {
		if err := s.room(t, f.Course, f.Name, 0, f.Size); err != nil {
			return err
		}
		arriving, err := t.Exec(updateArrived, f.Size, db.Micros(t.Now()), f.ID)
		if err == nil && arriving == 0 {
			err = errCut // swept, or the course was removed
		}
		if err == nil {
			_, err = t.Exec(insertPiece, f.ID, n, piece)
		}
		return err
	})
}

// finish shows the file, and takes away the one whose place it takes.
func (s *Store) finish(ctx context.Context, f File) (File, bool, error) {
	var replaced int64
	done := f
	err := s.d.Write(ctx, func(t *db.Tx) error {
		// Two uploads of one name end one after the other, on whichever servers.
		rows, err := t.Query(selectSame+s.d.ForUpdate(), f.Course, f.Name)
		if err == nil {
			err = db.Each(rows, func(scan func(...any) error) error { var id int64; return scan(&id) })
		}
		if err != nil {
			return err
		}
		if replaced, err = t.Exec(dropName, f.Course, f.Name); err != nil {
			return err
		}
		done.At = t.Now()
		shown, err := t.Exec(updateReady, f.Type, f.Width, f.Height, f.SHA256, db.Micros(t.Now()), f.ID)
		switch {
		case err != nil:
			return err
		case shown == 0:
			return errCut
		}
		return t.Changed(db.Courses)
	})
	if err != nil {
		return f, false, err
	}
	return done, replaced > 0, nil
}

// abandon removes a file that is not there yet.
func (s *Store) abandon(ctx context.Context, id int64) error {
	if err := s.d.Write(ctx, func(t *db.Tx) error {
		_, err := t.Exec(dropArriving, id)
		return err
	}); err != nil {
		return err
	}
	var dropped int64
	found, err := s.d.Get(ctx, []any{&dropped}, "SELECT id FROM media WHERE id = $1 AND state = 2", id)
	if err != nil || !found {
		return err // what it became is not known to have failed: the commit of the end may have come through
	}
	return s.clear(ctx, id)
}

// clear removes the pieces of what was dropped, some in a commit: one for all of a film would hold everybody up. At the end the row goes.
func (s *Store) clear(ctx context.Context, id int64) error {
	for more := true; more; {
		if err := s.d.Write(ctx, func(t *db.Tx) error {
			n, err := t.Exec(deletePieces, id, piecesAtOnce)
			if more = n == piecesAtOnce; err == nil && !more {
				_, err = t.Exec(deleteMedia, id)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// Remove takes a file away; from the commit on it is not there. Its bytes go with the next Sweep. NotFound where there is none.
func Remove(t *db.Tx, course, name string) error {
	n, err := t.Exec(dropName, course, name)
	switch {
	case err != nil:
		return err
	case n == 0:
		return errUnknown
	}
	return t.Changed(db.Courses)
}

// RemoveCourse takes all files and bundles of a course away, as Remove does, and those that arrive.
func RemoveCourse(t *db.Tx, course string) error {
	for _, drop := range []string{dropCourse, dropBundles} {
		if _, err := t.Exec(drop, course); err != nil {
			return err
		}
	}
	return t.Changed(db.Courses)
}

// Sweep removes the bytes of what was taken away or replaced, and of uploads of which nothing came for so long.
func (s *Store) Sweep(ctx context.Context, olderThan time.Duration) error {
	if err := s.d.Write(ctx, func(t *db.Tx) error {
		before := db.Micros(t.Now().Add(-olderThan))
		_, err := t.Exec(dropBroken, before)
		if err == nil {
			_, err = t.Exec(dropBrokenOff, before)
		}
		return err
	}); err != nil {
		return err
	}
	for {
		dropped, err := ids(s.d.Query(ctx, selectDropped, sweptAtOnce))
		if err != nil {
			return err
		}
		if len(dropped) == 0 {
			return s.sweepBundles(ctx)
		}
		for _, id := range dropped {
			if err := s.clear(ctx, id); err != nil {
				return err
			}
		}
	}
}

func ids(rows *sql.Rows, err error) (ids []int64, _ error) {
	if err != nil {
		return nil, err
	}
	err = db.Each(rows, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// Open gives the bytes of a file, read as they are asked for, a piece at a time. It is for one goroutine. Where the file goes meanwhile, reading
// fails.
func (s *Store) Open(ctx context.Context, f File) io.ReadSeeker { return s.open(ctx, f) }

func (s *Store) open(ctx context.Context, f File) *reader { return &reader{ctx: ctx, d: s.d, file: f} }

// reader reads a file from its pieces and remembers the last one.
type reader struct {
	ctx   context.Context
	d     *db.DB
	file  File
	at    int64
	n     int64 // of piece
	piece []byte
}

func (r *reader) Read(b []byte) (int, error) {
	if r.at >= r.file.Size {
		return 0, io.EOF
	}
	n, err := r.some(b, r.at)
	r.at += int64(n)
	return n, err
}

// ReadAt is for a directory that stands at a file's end.
func (r *reader) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		if at+int64(n) >= r.file.Size {
			return n, io.EOF
		}
		got, err := r.some(b[n:], at+int64(n))
		if n += got; err != nil {
			return n, err
		}
	}
	return n, nil
}

// some copies what one piece has from a place on, which is within the file.
func (r *reader) some(b []byte, at int64) (int, error) {
	n, within := at/pieceSize, at%pieceSize
	if r.piece == nil || r.n != n {
		var piece []byte
		found, err := r.d.Get(r.ctx, []any{&piece}, selectPiece, r.file.ID, n)
		if err != nil {
			return 0, err
		}
		if !found || int64(len(piece)) != min(pieceSize, r.file.Size-n*pieceSize) {
			return 0, errs.New(errs.Gone, "media.unknown")
		}
		r.n, r.piece = n, piece
	}
	return copy(b, r.piece[within:]), nil
}

var errSeek = errors.New("media: a place before the beginning")

// Seek is that of io.Seeker.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.file.Size
	}
	if offset < 0 {
		return 0, errSeek
	}
	r.at = offset
	return offset, nil
}

func captionLang(name string) string {
	lang := strings.TrimPrefix(path.Ext(strings.TrimSuffix(name, ending(name))), ".")
	if !i18n.Known(lang) {
		return ""
	}
	return lang
}
