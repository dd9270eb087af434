package exam

import (
	"context"
	"io"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/quiz"
)

// FileEndings are what the answer to a question may be that asks for a file.
func FileEndings() []string { return attachment.Endings(learning.FileKinds...) }

// asksFile gives within a change an attempt that runs, if the question at a place asks for a file.
func (s *Service) asksFile(t *keeper.Tx, own, id person.ID, course string, place int) error {
	a, err := s.inside(t, own, id)
	switch {
	case err != nil:
		return err
	case a.State != Running:
		return errOver
	case a.Late(t.Now()):
		return errLate
	case place < 0 || place >= len(a.Plan.Asked) || a.Course != course:
		return errUnknown
	}
	q, err := s.parsed.get(t.Get, a.Plan.Asked[place], learning.First())
	if err == nil && q.Kind != quiz.File {
		err = errUnknown
	}
	return err
}

// SaveFile takes a file as the answer to the question at a place, as it arrives; one that was there gives its place up. Errors of the file itself name the
// input file, the others are those of Save.
func (s *Service) SaveFile(ctx context.Context, own, id person.ID, course string, place int, lang, name string, content io.Reader) error {
	take := attachment.Take{Endings: FileEndings(), Most: 1, Size: learning.MaxTaskSize << 20,
		May: func(t *keeper.Tx) error { return s.asksFile(t, own, id, course, place) },
		Then: func(t *keeper.Tx, f person.ID) error {
			sealed, err := seal(t, answerAt(place), int64(id), given{lang, quiz.Answer{File: f.String()}})
			if err == nil {
				_, err = t.Exec(saveAnswer, db.Micros(t.Now()), sealed, id, place)
			}
			return err
		}}
	_, err := s.files.Put(ctx, passage(own, policy.Recording, course), attachment.At{Course: course, Work: id, Place: place}, take, name, content)
	return err
}

// RemoveFile takes the file that answers a question away: it is not answered then.
func (s *Service) RemoveFile(ctx context.Context, own, id person.ID, course string, place int) error {
	files, _, err := s.files.List(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.door.Change(ctx, passage(own, policy.Deletion, course), func(t *keeper.Tx) error {
		if err := s.asksFile(t, own, id, course, place); err != nil {
			return err
		}
		for _, f := range files {
			if f.At.Place != place {
				continue
			}
			if err := s.files.Remove(t, f.At, f.ID); err != nil {
				return err
			}
		}
		_, err := t.Exec(saveAnswer, 0, []byte{}, id, place)
		return err
	})
	return err
}

// Files gives the files that answer questions of an attempt of somebody's own, by place. once names the session and page.
func (s *Service) Files(ctx context.Context, a *Attempt, once string) (map[int]attachment.File, error) {
	files, closed, err := s.files.List(ctx, a.ID)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	values, may, err := s.study.Read(ctx, a.subject, once, closed)
	if err != nil || !may {
		return nil, err
	}
	attachment.Named(files, values)
	return byPlace(files), nil
}

func byPlace(files []attachment.File) map[int]attachment.File {
	out := map[int]attachment.File{}
	for _, f := range files {
		out[f.At.Place] = f
	}
	return out
}

// File opens the file that answers the question at a place of an attempt of somebody's own.
func (s *Service) File(ctx context.Context, own, id person.ID, place int, once string) (attachment.File, []byte, error) {
	if _, err := scanAttempt(func(dest ...any) error { return must(s.d.Get(ctx, dest, selectAttempt, id, own)) }, new([]byte)); err != nil {
		return attachment.File{}, nil, err
	}
	files, _, err := s.files.List(ctx, id)
	if err != nil {
		return attachment.File{}, nil, err
	}
	return s.files.Open(ctx, id, byPlace(files)[place].ID, func(closed []keeper.Aside) ([]person.Value, error) {
		values, may, err := s.study.Read(ctx, own, once, closed)
		if err == nil && !may {
			err = errUnknown
		}
		return values, err
	})
}

// FileToGrade opens a file that waits for a person's grade; its author sees that it was opened.
func (s *Service) FileToGrade(ctx context.Context, by keeper.Actor, id, file person.ID) (attachment.File, []byte, error) {
	a, err := scanAttempt(func(dest ...any) error { return must(s.d.Get(ctx, dest, selectToGrade, id)) }, new([]byte))
	if err == nil && a.subject == by.ID {
		err = errOwn
	}
	if err != nil {
		return attachment.File{}, nil, err
	}
	return s.files.Open(ctx, id, file, func(closed []keeper.Aside) ([]person.Value, error) {
		return s.door.ReadAside(ctx, grading(by, a, policy.Retrieval), closed)
	})
}
