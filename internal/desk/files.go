package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Limits of files, for a case.
const (
	MaxFiles    = 10
	MaxFile     = 20 << 20 // bytes of one
	MaxAllFiles = 50 << 20 // bytes of all
	maxFileName = 120      // code points
	chunkBytes  = 256 << 10
)

const (
	filesTable  = "desk_file"
	chunksTable = "desk_chunk"
)

// fileTypes are what may be attached, by how its contents begin, with the endings that go with it. Archives, programs and pages are none of
// them: what can't be looked at safely is not taken.
var fileTypes = map[string][]string{
	"application/pdf": {".pdf"},
	"image/jpeg":      {".jpg", ".jpeg"},
	"image/png":       {".png"},
	"text/plain":      {".txt"},
	docx:              {".docx"},
}

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// File is one that is attached to a step.
type File struct {
	ID     int64
	Case   int64
	Owner  person.ID // under whose key it is sealed; 0 once they are erased
	Step   int64
	Type   string
	Size   int64
	At     time.Time
	Name   person.Value
	chunks int64
	sealed []byte
}

// Attachment is a file from outside.
type Attachment struct {
	Name     string
	Contents []byte
}

// Check tells what is wrong with what somebody wants to attach, all of it at once, before anything is filed.
func Check(files []Attachment) error {
	var all int
	var bad []errs.Field
	add := func(key string) { bad = append(bad, errs.Field{Name: person.File.String(), Key: key}) }
	if len(files) > MaxFiles {
		add("desk.file.count")
	}
	for _, f := range files {
		all += len(f.Contents)
		if key := f.fault(); key != "" {
			add(key)
		}
	}
	if all > MaxAllFiles {
		add("desk.file.all")
	}
	if len(bad) > 0 {
		return errs.InvalidFields(bad)
	}
	return nil
}

func (f *Attachment) fault() string {
	switch name := f.name(); {
	case len(f.Contents) == 0:
		return "desk.file.empty"
	case len(f.Contents) > MaxFile:
		return "desk.file.big"
	case name == "" || utf8.RuneCountInString(name) > maxFileName:
		return "desk.file.name"
	case f.kind() == "":
		return "desk.file.type"
	}
	return ""
}

// name is the last part of the file's name, cleaned as every value is. It is shown and offered for saving, and is never a path of ours.
func (f *Attachment) name() string {
	base := path.Base(strings.ReplaceAll(strings.ToValidUTF8(f.Name, ""), `\`, "/"))
	clean, err := person.Parse(person.Words, base, time.Time{})
	if err != nil || base == "." || base == "/" || base == ".." {
		return ""
	}
	return strings.ReplaceAll(clean.Reveal(), "\n", " ")
}

// kind is the type of what the file holds, if its name says the same and it may be attached.
func (f *Attachment) kind() string {
	found, _, _ := strings.Cut(http.DetectContentType(f.Contents), ";")
	ending := strings.ToLower(path.Ext(f.name()))
	if found == "application/zip" && ending == ".docx" && bytes.Contains(f.Contents[:min(len(f.Contents), 4<<10)], []byte("[Content_Types].xml")) {
		found = docx
	}
	if slices.Contains(fileTypes[found], ending) {
		return found
	}
	return ""
}

// Attach adds files to a case for one of its parties, as a step.
func (s *Service) Attach(ctx context.Context, own person.ID, number string, files []Attachment) error {
	if len(files) == 0 {
		return nil
	}
	if err := Check(files); err != nil {
		return err
	}
	c, err := s.ofParty(ctx, own, number)
	if err != nil {
		return err
	}
	return s.attach(ctx, keeper.Own(own), own, c, files)
}

// AttachFor adds files for the officer: what came on paper, an answer's enclosure.
func (s *Service) AttachFor(ctx context.Context, officer keeper.Actor, number string, files []Attachment) error {
	if len(files) == 0 {
		return nil
	}
	if err := Check(files); err != nil {
		return err
	}
	c, err := s.Case(ctx, number)
	if err != nil {
		return err
	}
	parties := c.Parties()
	if len(parties) == 0 {
		return errNoCase
	}
	return s.attach(ctx, officer, parties[0], c, files)
}

func (s *Service) attach(ctx context.Context, by keeper.Actor, owner person.ID, c *Case, files []Attachment) error {
	state, err := s.c.Door.State(ctx, owner)
	if err != nil {
		return err
	}
	p := keeper.Passage{Actor: by, Subject: owner, Operation: policy.Recording, Purpose: c.purpose(state), Fields: person.Set(person.File), Case: c.Code()}
	_, err = s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if err := s.mustBeOpen(t.Tx, c); err != nil {
			return err
		}
		var count, size int64
		if _, err := t.Get([]any{&count, &size}, sumFiles, c.ID); err != nil {
			return err
		}
		step, err := s.step(t.Tx, c, Attached, by)
		if err != nil {
			return err
		}
		for _, f := range files {
			count, size = count+1, size+int64(len(f.Contents))
			if count > MaxFiles || size > MaxAllFiles {
				return errs.InvalidFields([]errs.Field{{Name: person.File.String(), Key: "desk.file.all"}})
			}
			if err := s.store(t, c, step, count, f); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// store seals a file in pieces, each bound to its place, under the key of the person of the transaction.
func (s *Service) store(t *keeper.Tx, c *Case, step, nth int64, f Attachment) error {
	id := c.ID<<8 | nth
	name, err := t.SealAside(filesTable, id, person.Stored(person.File, f.name()))
	if err != nil {
		return err
	}
	chunks := int64(0)
	for part := range slices.Chunk(f.Contents, chunkBytes) {
		sealed, err := t.SealAside(chunksTable, id<<8|chunks, person.Stored(person.File, string(part)))
		if err != nil {
			return err
		}
		if _, err := t.Exec(insertChunk, id, chunks, sealed); err != nil {
			return err
		}
		chunks++
	}
	_, err = t.Exec(insertFile, id, c.ID, t.Subject(), step, f.kind(), int64(len(f.Contents)), chunks, name, db.Micros(t.Now()))
	return err
}

func scanFile(scan func(...any) error) (f File, err error) {
	var at int64
	err = scan(&f.ID, &f.Case, &f.Owner, &f.Step, &f.Type, &f.Size, &f.chunks, &f.sealed, &at)
	f.At = db.Time(at)
	return f, err
}

// files lists those of a case that are sealed for a person.
func (s *Service) files(ctx context.Context, c *Case, owner person.ID) ([]File, error) {
	rows, err := s.c.DB.Query(ctx, selectFiles, c.ID)
	if err != nil {
		return nil, err
	}
	var out []File
	err = db.Each(rows, func(scan func(...any) error) error {
		f, err := scanFile(scan)
		if err == nil && f.Owner == owner {
			out = append(out, f)
		}
		return err
	})
	return out, err
}

// FileForParty opens a file for the party who attached it, or for whom the officer did.
func (s *Service) FileForParty(ctx context.Context, own person.ID, number string, id int64) (File, []byte, error) {
	c, err := s.ofParty(ctx, own, number)
	if err != nil {
		return File{}, nil, err
	}
	return s.openFile(ctx, keeper.Own(own), policy.Access, c, own, id)
}

// FileForOfficer opens a file of a case.
func (s *Service) FileForOfficer(ctx context.Context, officer keeper.Actor, number string, id int64) (File, []byte, error) {
	c, err := s.Case(ctx, number)
	if err != nil {
		return File{}, nil, err
	}
	return s.openFile(ctx, officer, policy.Retrieval, c, 0, id)
}

func (s *Service) openFile(ctx context.Context, by keeper.Actor, op policy.Operation, c *Case, only person.ID, id int64) (File, []byte, error) {
	rows, err := s.c.DB.Query(ctx, selectFile, id)
	if err != nil {
		return File{}, nil, err
	}
	var f File
	if err := db.Each(rows, func(scan func(...any) error) (err error) {
		f, err = scanFile(scan)
		return err
	}); err != nil {
		return File{}, nil, err
	}
	if f.ID == 0 || f.Case != c.ID || f.Owner == 0 || only != 0 && f.Owner != only {
		return File{}, nil, errNoCase
	}
	state, err := s.c.Door.State(ctx, f.Owner)
	if err != nil {
		return File{}, nil, err
	}
	asides := []keeper.Aside{{Table: filesTable, Field: person.File, Row: f.ID, Sealed: f.sealed}}
	if rows, err = s.c.DB.Query(ctx, selectChunks, f.ID); err != nil {
		return File{}, nil, err
	}
	if err := db.Each(rows, func(scan func(...any) error) error {
		var n int64
		a := keeper.Aside{Table: chunksTable, Field: person.File}
		err := scan(&n, &a.Sealed)
		a.Row = f.ID<<8 | n
		asides = append(asides, a)
		return err
	}); err != nil {
		return File{}, nil, err
	}
	if int64(len(asides)) != f.chunks+1 {
		return File{}, nil, errs.New(errs.Internal, "door.damaged")
	}
	plain, err := s.c.Door.ReadAside(ctx, keeper.Passage{Actor: by, Subject: f.Owner, Operation: op, Purpose: c.purpose(state),
		Fields: person.Set(person.File), Case: c.Code()}, asides)
	if err != nil {
		return File{}, nil, err
	}
	f.Name = plain[0]
	var contents bytes.Buffer
	for _, part := range plain[1:] {
		contents.WriteString(part.Reveal())
	}
	if int64(contents.Len()) != f.Size {
		return File{}, nil, errs.New(errs.Internal, "door.damaged")
	}
	return f, contents.Bytes(), nil
}

// dropStep is how many files one run of the job removes.
const dropStep = 50

// dropFiles removes what is left of the files of people who were erased: their keys are gone already, so nothing of it can be read.
func (s *Service) dropFiles(ctx context.Context) error {
	for {
		rows, err := s.c.DB.Query(ctx, selectOrphan, dropStep)
		if err != nil {
			return err
		}
		var ids []int64
		if err := db.Each(rows, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			ids = append(ids, id)
			return err
		}); err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := s.c.DB.Write(ctx, func(t *db.Tx) error {
				if _, err := t.Exec(deleteChunks, id); err != nil {
					return err
				}
				_, err := t.Exec(deleteFile, id)
				return err
			}); err != nil {
				return err
			}
		}
	}
}

// decode reads a job's payload.
func decode(payload []byte, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	return nil
}
