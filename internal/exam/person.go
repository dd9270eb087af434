package exam

import (
	"context"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/quiz"
)

// maxQueue bounds a list of attempts.
const maxQueue = 200

// Queue lists attempts that wait for a person's grade, the longest waiting first, unopened: whose they are is not told.
func (s *Service) Queue(ctx context.Context) ([]*Attempt, error) {
	rows, err := s.d.Query(ctx, selectWaiting, maxQueue)
	if err != nil {
		return nil, err
	}
	var out []*Attempt
	err = db.Each(rows, func(scan func(...any) error) error {
		a, err := scanAttempt(scan, new([]byte))
		out = append(out, a)
		return err
	})
	return out, err
}

// Graded is a question that a person grades.
type Graded struct {
	Place int
	Asked
	File *attachment.File // of a question that asks for one
}

func grading(by keeper.Actor, a *Attempt, op policy.Operation) keeper.Passage {
	return keeper.Passage{Actor: by, Subject: a.subject, Operation: op, Purpose: policy.Personalise, Fields: person.Set(person.Study), Case: Code(a.Course)}
}

// ToGrade opens an attempt that waits for a grade, and of its questions those that a person grades, in a language. Nobody grades their own. NotFound
// where it does not wait.
func (s *Service) ToGrade(ctx context.Context, by keeper.Actor, id person.ID, lang string) (*Attempt, []Graded, error) {
	var sealed []byte
	a, err := scanAttempt(func(dest ...any) error { return must(s.d.Get(ctx, dest, selectToGrade, id)) }, &sealed)
	if err != nil {
		return nil, nil, err
	}
	if a.subject == by.ID {
		return nil, nil, errOwn
	}
	rows, err := answers(s.d.Query(ctx, selectAnswers, id))
	if err != nil {
		return nil, nil, err
	}
	closed := []keeper.Aside{aside(attemptTable, int64(id), sealed)}
	places := map[int]int{} // in closed
	for place := 0; ; place++ {
		r, there := rows[place]
		if !there {
			break
		}
		if len(r.sealed) > 0 {
			places[place] = len(closed)
			closed = append(closed, aside(answerAt(place), int64(id), r.sealed))
		}
	}
	files, names, err := s.files.List(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	values, err := s.door.ReadAside(ctx, grading(by, a, policy.Retrieval), append(closed, names...))
	if err != nil {
		return nil, nil, err
	}
	attachment.Named(files, values[len(closed):])
	brought := byPlace(files)
	if err := unseal(values[0], &a.Plan); err != nil {
		return nil, nil, err
	}
	get := s.getter(ctx)
	var out []Graded
	for place, share := range a.Plan.Result.Shares {
		at, given := places[place]
		if share != byPerson || !given {
			continue
		}
		q, err := s.ask(get, a, place, lang)
		if err == nil {
			err = s.answered(get, &q, values[at])
		}
		if err != nil {
			return nil, nil, err
		}
		graded := Graded{Place: place, Asked: q}
		if f, there := brought[place]; there {
			graded.File = &f
		}
		out = append(out, graded)
	}
	return a, out, nil
}

var errOwn = errs.New(errs.Forbidden, "exam.own")

// Settle writes a person's grades, in thousandths by place, one for each question that waits for one: then the attempt is over, and passed or not.
// Conflict where somebody else was first; Invalid for grades that are missing or none.
func (s *Service) Settle(ctx context.Context, by keeper.Actor, id person.ID, shares map[int]int) error {
	a, err := scanAttempt(func(dest ...any) error { return must(s.d.Get(ctx, dest, selectToGrade, id)) }, new([]byte))
	if err != nil {
		return err
	}
	if a.subject == by.ID {
		return errOwn
	}
	c, err := learning.Get(ctx, s.d, a.Course)
	if err != nil {
		return err
	}
	_, err = s.door.Change(ctx, grading(by, a, policy.Recording), func(t *keeper.Tx) error {
		a, err := s.inside(t, a.subject, id)
		if err != nil {
			return err
		}
		if a.State != Waiting {
			return errOver
		}
		for place, share := range a.Plan.Result.Shares {
			if share != byPerson {
				continue
			}
			given, graded := shares[place]
			if !graded || given < 0 || given > quiz.Full {
				return errs.New(errs.Invalid, "exam.grades")
			}
			a.Plan.Result.Shares[place] = given
		}
		a.State = Over
		asked, err := s.given(t, a)
		if err != nil {
			return err
		}
		if err := s.end(t, a.subject, c, a, asked); err != nil {
			return err
		}
		for _, fn := range s.graded {
			if err := fn(t, a.subject, c, id); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}
