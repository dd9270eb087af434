package task

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"ustaz/internal/attachment"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/study"
)

// maxQueue bounds a list of submissions.
const maxQueue = 500

// judge is the one place that says who may judge a submission: any editor, a tutor what the people of their groups handed in, and nobody their own. None
// is told whose it is. It is asked before each page and each act.
func (s *Service) judge(ctx context.Context, by keeper.Actor) (may func(sub *Submission) error, err error) {
	all := !slices.Contains(by.Roles, policy.Tutor) || slices.Contains(by.Roles, policy.Editor) // who is neither is stopped at the door
	led := func(person.ID, string) bool { return true }
	if !all {
		led, err = s.c.Led(ctx, by.ID)
	}
	return func(sub *Submission) error {
		switch {
		case sub.subject == by.ID:
			return errs.New(errs.Forbidden, "task.own")
		case !led(sub.subject, sub.Course):
			return errUnknown
		}
		return nil
	}, err
}

func (s *Service) mayGrade(ctx context.Context, by keeper.Actor, sub *Submission) error {
	may, err := s.judge(ctx, by)
	if err != nil {
		return err
	}
	return may(sub)
}

// Queue lists what waits to be judged, the longest waiting first, unopened: whose it is is not told. One's own is not among it.
func (s *Service) Queue(ctx context.Context, by keeper.Actor) ([]*Submission, error) {
	may, err := s.judge(ctx, by)
	if err != nil {
		return nil, err
	}
	var out []*Submission
	handed, last := int64(0), person.ID(0)
	for len(out) < maxQueue {
		rows, err := s.c.DB.Query(ctx, selectWaiting, handed, last, maxQueue)
		if err != nil {
			return nil, err
		}
		n := 0
		err = db.Each(rows, func(into func(...any) error) error {
			sub, err := scan(into, new([]byte))
			if err != nil {
				return err
			}
			n++
			handed, last = db.Micros(sub.Handed), sub.ID
			if may(sub) == nil && len(out) < maxQueue {
				out = append(out, sub)
			}
			return nil
		})
		if err != nil || n < maxQueue {
			return out, err
		}
	}
	return out, nil
}

// grading is the way to what somebody else handed in.
func grading(by keeper.Actor, sub *Submission, op policy.Operation) keeper.Passage {
	p := study.Passage(sub.subject, op, "")
	p.Actor, p.Case = by, Code(sub.Course)
	return p
}

// ToGrade opens what was handed in, with the tries before it, the first one first, for who judges it; its author sees that they did. NotFound for what is
// not handed in.
func (s *Service) ToGrade(ctx context.Context, by keeper.Actor, id person.ID) (sub *Submission, before []*Submission, err error) {
	rows, err := s.c.DB.Query(ctx, selectToGrade, id)
	list, closed, err := s.sealed(ctx, rows, err)
	if err == nil && len(list) == 0 {
		err = errUnknown
	}
	if err != nil {
		return nil, nil, err
	}
	sub = list[0]
	if err := s.mayGrade(ctx, by, sub); err != nil {
		return nil, nil, err
	}
	rows, err = s.c.DB.Query(ctx, selectBefore, sub.subject, sub.Lesson, sub.N)
	before, earlier, err := s.sealed(ctx, rows, err)
	if err != nil {
		return nil, nil, err
	}
	values, err := s.c.Door.ReadAside(ctx, grading(by, sub, policy.Retrieval), append(closed, earlier...))
	if err != nil {
		return nil, nil, err
	}
	if err := fill(list, values[:len(closed)]); err != nil {
		return nil, nil, err
	}
	if err := fill(before, values[len(closed):]); err != nil {
		return nil, nil, err
	}
	if sub.State == HandedIn && sub.Seen.IsZero() {
		err = s.c.DB.Write(ctx, func(t *db.Tx) error {
			_, err := t.Exec(seen, db.Micros(t.Now()), id)
			return err
		})
	}
	return sub, before, err
}

// FileToGrade opens a file of what was handed in; its author sees that it was opened.
func (s *Service) FileToGrade(ctx context.Context, by keeper.Actor, id, file person.ID) (attachment.File, []byte, error) {
	sub, err := s.plain(ctx, selectToGrade, id)
	if err == nil {
		err = s.mayGrade(ctx, by, sub)
	}
	if err != nil {
		return attachment.File{}, nil, err
	}
	return s.c.Files.Open(ctx, id, file, func(closed []keeper.Aside) ([]person.Value, error) {
		return s.c.Door.ReadAside(ctx, grading(by, sub, policy.Retrieval), closed)
	})
}

// check completes a verdict under the rules of the submission. Errors are Invalid: points.0, points.1 … words.0 … of criteria, points of the whole, said.
func (v *Verdict) check(w Work) error {
	criteria, err := w.Task.Criteria(w.Lang)
	if err != nil {
		return err
	}
	var faults []errs.Field
	add := func(name string, err error) {
		if err != nil {
			faults = append(faults, errs.Field{Name: name, Key: "task.text.long"})
		}
	}
	v.Of = w.Task.Most()
	if len(criteria) > 0 {
		if len(v.Points) != len(criteria) || len(v.Words) != len(criteria) {
			return errs.New(errs.Invalid, "error.form")
		}
		v.Won = 0
		for i, c := range criteria {
			if !slices.ContainsFunc(c.Levels, func(l learning.RubricLevel) bool { return l.Points == v.Points[i] }) {
				faults = append(faults, errs.Field{Name: "points." + strconv.Itoa(i), Key: "task.points.choose"})
			}
			add("words."+strconv.Itoa(i), bounded("words", v.Words[i], MaxSaid))
			v.Won += v.Points[i]
		}
	} else if v.Won < 0 || v.Won > v.Of {
		faults = append(faults, errs.Field{Name: "points", Key: "task.points.wrong", Args: map[string]string{"n": strconv.Itoa(v.Of)}})
	}
	add("said", bounded("said", v.Said, MaxSaid))
	if len(faults) == 0 && v.Passed && v.Won < w.Task.Enough() {
		faults = append(faults, errs.Field{Name: "verdict", Key: "task.points.too_few", Args: map[string]string{"n": strconv.Itoa(v.Won), "pass": strconv.Itoa(w.Task.Enough())}})
	}
	if len(faults) == 0 && !v.Passed && v.silent() {
		faults = append(faults, errs.Field{Name: "said", Key: "task.said.missing"})
	}
	return errs.InvalidFields(faults)
}

// silent tells whether nothing was said in words.
func (v *Verdict) silent() bool {
	all := v.Said
	for _, w := range v.Words {
		all += w
	}
	return all == ""
}

// Settle writes what a person says of a submission that they saw at rev: it is passed, and with it the lesson done, or returned. Conflict where somebody
// else was first; Invalid for points that are missing, too few to pass, or a return without a word.
func (s *Service) Settle(ctx context.Context, by keeper.Actor, id person.ID, rev int64, v Verdict) error {
	got, err := s.plain(ctx, selectToGrade, id)
	if err == nil {
		err = s.mayGrade(ctx, by, got)
	}
	if err != nil {
		return err
	}
	c, err := learning.Get(ctx, s.c.DB, got.Course)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	_, err = s.c.Door.Change(ctx, grading(by, got, policy.Recording), func(t *keeper.Tx) error {
		sub, err := s.inside(t, got.subject, id, got.Course)
		switch {
		case err != nil:
			return err
		case sub.State != HandedIn || sub.Rev != rev:
			return errs.New(errs.Conflict, "task.graded")
		}
		said := v
		if err := said.check(sub.Work); err != nil {
			return err
		}
		sub.State, sub.Ended, sub.Work.Verdict = Returned, t.Now(), &said
		if said.Passed {
			sub.State = Passed
		}
		if err := sub.store(t); err != nil {
			return err
		}
		if _, l, still := c.Lesson(sub.Lesson); said.Passed && still && l.Task != nil {
			if err := s.c.Study.Mark(t, sub.subject, c, sub.Lesson); err != nil {
				return err
			}
		}
		return s.c.Queue.Enqueue(t.Tx, jobLetter, letter{id}, t.Now())
	})
	return err
}

const jobLetter = "task.letter"

// letter is what the job writes about.
type letter struct {
	Submission person.ID `json:"submission"`
}

// sendLetter tells the author that their work was looked at; of what was said there stands nothing in it. Who is blocked, erased or has withdrawn is
// refused by the door, and sees it with the assignment.
func (s *Service) sendLetter(ctx context.Context, payload []byte) error {
	var l letter
	if err := json.Unmarshal(payload, &l); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	sub, err := s.plain(ctx, selectToGrade, l.Submission)
	if errs.Is(err, errs.NotFound) { // they left the course
		return nil
	}
	if err != nil {
		return err
	}
	lang, err := s.c.Lang(ctx, sub.subject)
	if err != nil {
		return err
	}
	if lang == "" {
		lang = i18n.Codes()[0]
	}
	c, err := learning.Get(ctx, s.c.DB, sub.Course)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	title := sub.Course
	if words, there := c.Words[c.Lang(lang)]; there {
		title = words.Title
	}
	key := "task.letter.returned"
	if sub.State == Passed {
		key = "task.letter.passed"
	}
	return s.c.Notifier.Send(ctx, sub.subject, policy.Notify, notify.Letter{Key: key, Lang: lang, Link: s.c.Page(lang, sub.Course, sub.Lesson), Case: Code(sub.Course),
		Args: []i18n.Arg{i18n.Str("course", title)}})
}
