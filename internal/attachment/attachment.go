// Package attachment keeps the files that people hand in: with an assignment, or as the answer to a question of a test (4.1.2).
//
// It guarantees: name and contents are sealed under the person's key, each piece bound to its place, and come out through the door alone; a file is there
// whole or not at all; it has been vetted as files of courses are: what it is, is told by its contents, pictures are drawn anew, documents with macros
// refused; whoever is erased or leaves the course takes their files along in the same commit. No file holds the committer up for longer than a few
// pieces, and only a few are in memory at once.
package attachment

import (
	"context"
	"io"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/media"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/study"
)

const (
	pieceBytes   = 256 << 10
	piecesAtOnce = 8 // written, or removed, in one commit
	inMemory     = 4 // files at a time
)

// endings are what each kind of files may be.
var endings = map[learning.FileKind][]string{
	learning.Pictures:  media.Endings(media.Picture),
	learning.Documents: {".docx", ".odt", ".pdf", ".txt"},
	learning.Slides:    {".odp", ".pdf", ".pptx"},
	learning.Sheets:    {".csv", ".ods", ".xlsx"},
}

// Endings lists what files of some kinds end in, in order of the alphabet.
func Endings(kinds ...learning.FileKind) (out []string) {
	for _, k := range kinds {
		out = append(out, endings[k]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// At is where a file belongs.
type At struct {
	Course string
	Work   person.ID // a submission, or an attempt at a test
	Place  int       // of a question of the test
}

// File is one that is there.
type File struct {
	ID   person.ID
	At   At
	Name person.Value
	Type string
	Size int64 // bytes
	Came time.Time

	pieces int64
	sealed []byte
}

// Take is what may come in, and what happens with it in the commits.
type Take struct {
	Endings []string
	Most    int   // files of the same place; of one more the first gives its place up where Most is 1
	Size    int64 // bytes
	// May is asked before a file is taken, Then once all of it is there: within changes of its owner's data. An error of either keeps it out.
	May  func(t *keeper.Tx) error
	Then func(t *keeper.Tx, f person.ID) error
}

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d    *db.DB
	door *keeper.Keeper
	vet  *media.Store
	room chan struct{}
}

// New makes it, with its share in erasure and in leaving a course.
func New(d *db.DB, door *keeper.Keeper, st *study.Service, vet *media.Store) *Service {
	door.OnErase(func(t *db.Tx, subject person.ID) error { return drop(t, dropSubject, subject) })
	st.OnLeave(func(t *keeper.Tx, own person.ID, course string) error { return drop(t.Tx, dropCourse, own, course) })
	return &Service{d: d, door: door, vet: vet, room: make(chan struct{}, inMemory)}
}

// drop takes files away; whose they were stands nowhere from then on. Their pieces go with the next Sweep.
func drop(t *db.Tx, query string, args ...any) error {
	_, err := t.Exec(query, append([]any{[]byte{}}, args...)...)
	return err
}

const (
	filesTable  = "attached"
	piecesTable = "attached_piece"
)

func nameAside(id person.ID, sealed []byte) keeper.Aside {
	return keeper.Aside{Table: filesTable, Field: person.Study, Row: int64(id), Sealed: sealed}
}

// pieceAt names a piece's place to its seal, so that it opens at no other.
func pieceAt(n int64) string { return piecesTable + "/" + strconv.FormatInt(n, 10) }

// enter waits for room in memory.
func (s *Service) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.room <- struct{}{}:
		return func() { <-s.room }, nil
	case <-ctx.Done():
		return nil, errs.Wrap(errs.Unavailable, "error.unavailable", ctx.Err())
	}
}

// Put takes a file of somebody's as it arrives; pass is the way of its coming in, the operation is set here. Errors of the file itself name the input file:
// Invalid, TooLarge; with as many as may be it is a Conflict. Unavailable where the disk is full.
func (s *Service) Put(ctx context.Context, pass keeper.Passage, at At, take Take, name string, content io.Reader) (person.ID, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	f, err := s.vet.Vet(ctx, name, content, take.Endings, take.Size)
	if err != nil {
		return 0, err
	}
	var id person.ID
	var sealed [][]byte
	pass.Operation = policy.Collection
	_, err = s.door.Change(ctx, pass, func(t *keeper.Tx) error {
		if err := take.May(t); err != nil {
			return err
		}
		var there int64
		if _, err := t.Get([]any{&there}, countThere, at.Work, at.Place); err != nil {
			return err
		}
		if int(there) >= take.Most && take.Most > 1 {
			return errs.New(errs.Conflict, "attachment.count").With("n", strconv.Itoa(take.Most))
		}
		id, sealed = person.NewID(t.Now()), sealed[:0]
		called, err := t.SealAside(filesTable, int64(id), person.Stored(person.Study, f.Name))
		if err != nil {
			return err
		}
		for piece := range slices.Chunk(f.Content, pieceBytes) {
			closed, err := t.SealAside(pieceAt(int64(len(sealed))), int64(id), person.Stored(person.Study, string(piece)))
			if err != nil {
				return err
			}
			sealed = append(sealed, closed)
		}
		_, err = t.Exec(insertFile, id, pass.Subject, at.Course, at.Work, at.Place, f.Type, int64(len(f.Content)), len(sealed), db.Micros(t.Now()), called)
		return err
	})
	if err != nil {
		return 0, full(err)
	}
	if err := s.finish(ctx, pass, at, take, id, sealed); err != nil {
		// What came of it is of no use; where it can't be removed now, Sweep does it.
		_ = s.d.Write(context.WithoutCancel(ctx), func(t *db.Tx) error { return drop(t, dropArriving, id) })
		return 0, full(err)
	}
	return id, nil
}

// full says of a disk without room that it is the disk.
func full(err error) error {
	if db.Full(err) {
		return errs.Wrap(errs.Unavailable, "media.disk", err)
	}
	return err
}

// finish writes the pieces, some a commit, and then shows the file.
func (s *Service) finish(ctx context.Context, pass keeper.Passage, at At, take Take, id person.ID, sealed [][]byte) error {
	n := 0
	for some := range slices.Chunk(sealed, piecesAtOnce) {
		if err := s.d.Write(ctx, func(t *db.Tx) error {
			if arriving, err := t.Exec(touchFile, db.Micros(t.Now()), id); err != nil {
				return err
			} else if arriving == 0 { // its owner was erased meanwhile, or left the course
				return errGone
			}
			for i, piece := range some {
				if _, err := t.Exec(insertPiece, id, n+i, piece); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		n += len(some)
	}
	pass.Operation = policy.Recording
	_, err := s.door.Change(ctx, pass, func(t *keeper.Tx) error {
		if err := take.May(t); err != nil {
			return err
		}
		var there int64
		if _, err := t.Get([]any{&there}, countThere, at.Work, at.Place); err != nil {
			return err
		}
		switch {
		case take.Most == 1:
			if err := drop(t.Tx, dropOthers, at.Work, at.Place); err != nil {
				return err
			}
		case int(there) >= take.Most: // two came at once
			return errs.New(errs.Conflict, "attachment.count").With("n", strconv.Itoa(take.Most))
		}
		if shown, err := t.Exec(showFile, db.Micros(t.Now()), id); err != nil {
			return err
		} else if shown == 0 {
			return errGone
		}
		return take.Then(t, id)
	})
	return err
}

var (
	errGone    = errs.New(errs.Gone, "attachment.gone")
	errUnknown = errs.New(errs.NotFound, "attachment.unknown")
)

// Remove takes a file away within a change. NotFound where it is not at that place.
func (s *Service) Remove(t *keeper.Tx, at At, id person.ID) error {
	n, err := t.Exec(dropOne, []byte{}, id, at.Work, at.Place)
	if err == nil && n == 0 {
		err = errUnknown
	}
	return err
}

// List gives the files of a work in the order in which they came, and what Named wants opened.
func (s *Service) List(ctx context.Context, work person.ID) (files []File, closed []keeper.Aside, err error) {
	return list(s.d.Query(ctx, selectWork, work))
}

// Named gives files their names, from what was opened of what List gave beside them.
func Named(files []File, opened []person.Value) {
	for i := range files {
		files[i].Name = opened[i]
	}
}

// Has tells within a change how many files are at each place of a work.
func (s *Service) Has(t *db.Tx, work person.ID) (map[int]int, error) {
	files, _, err := list(t.Query(selectWork, work))
	out := map[int]int{}
	for _, f := range files {
		out[f.At.Place]++
	}
	return out, err
}

// Open gives a file of a work with its contents; read passes the door for all of it at once. NotFound where there is none.
func (s *Service) Open(ctx context.Context, work, id person.ID, read func(closed []keeper.Aside) ([]person.Value, error)) (File, []byte, error) {
	files, _, err := s.List(ctx, work)
	if err != nil {
		return File{}, nil, err
	}
	at := slices.IndexFunc(files, func(f File) bool { return f.ID == id })
	if at < 0 {
		return File{}, nil, errUnknown
	}
	f := files[at]
	leave, err := s.enter(ctx)
	if err != nil {
		return File{}, nil, err
	}
	defer leave()
	rows, err := s.d.Query(ctx, selectPieces, f.ID)
	if err != nil {
		return File{}, nil, err
	}
	closed := []keeper.Aside{nameAside(f.ID, f.sealed)}
	if err := db.Each(rows, func(scan func(...any) error) error {
		var n int64
		a := keeper.Aside{Field: person.Study, Row: int64(f.ID)}
		err := scan(&n, &a.Sealed)
		a.Table = pieceAt(n)
		closed = append(closed, a)
		return err
	}); err != nil {
		return File{}, nil, err
	}
	if int64(len(closed)) != f.pieces+1 {
		return File{}, nil, errs.New(errs.Internal, "door.damaged")
	}
	plain, err := read(closed)
	if err != nil {
		return File{}, nil, err
	}
	f.Name = plain[0]
	contents := make([]byte, 0, f.Size)
	for _, piece := range plain[1:] {
		contents = append(contents, piece.Reveal()...)
	}
	if int64(len(contents)) != f.Size {
		return File{}, nil, errs.New(errs.Internal, "door.damaged")
	}
	return f, contents, nil
}

// Sweep removes the pieces of what was taken away, and of uploads of which nothing came for so long.
func (s *Service) Sweep(ctx context.Context, olderThan time.Duration) error {
	if err := s.d.Write(ctx, func(t *db.Tx) error { return drop(t, dropBroken, db.Micros(t.Now().Add(-olderThan))) }); err != nil {
		return err
	}
	for {
		var id int64
		found, err := s.d.Get(ctx, []any{&id}, selectDropped)
		if err != nil || !found {
			return err
		}
		for more := true; more; {
			if err := s.d.Write(ctx, func(t *db.Tx) error {
				n, err := t.Exec(deletePieces, id, piecesAtOnce)
				if more = n == piecesAtOnce; err == nil && !more {
					_, err = t.Exec(deleteFile, id)
				}
				return err
			}); err != nil {
				return err
			}
		}
	}
}
