package enrol

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/staff"
	"ustaz/internal/study"
)

// Group is one of a course's: people who are led together.
type Group struct {
	ID          int64
	Course      string
	Name        string // up to 80 characters; not about a person
	Tutor       person.ID
	From, Until time.Time // zero: no such day
	Seats       int       // 0: no limit
}

// Code is a group's name at the door and in the log.
func (g Group) Code() string { return "group:" + person.ID(g.ID).String() }

// MaxGroupName is in characters.
const MaxGroupName = 80

var errNoGroup = errs.New(errs.NotFound, "enrol.group.unknown")

// Groups lists those of a course.
func (s *Service) Groups(ctx context.Context, course string) ([]Group, error) {
	return groups(s.c.DB.Query(ctx, selectGroups, course))
}

// Led lists the groups that somebody leads, the newest first.
func (s *Service) Led(ctx context.Context, tutor person.ID) ([]Group, error) {
	return groups(s.c.DB.Query(ctx, selectGroupsLed, tutor))
}

// Group gives one; NotFound where there is none.
func (s *Service) Group(ctx context.Context, id int64) (Group, error) {
	list, err := groups(s.c.DB.Query(ctx, selectGroup, id))
	if err != nil || len(list) == 0 {
		return Group{}, orElse(err, errNoGroup)
	}
	return list[0], nil
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// SaveGroup makes a group, where its ID is 0, or changes it. Errors: Invalid of fields name, tutor, seats, until; Forbidden for who is no editor.
func (s *Service) SaveGroup(ctx context.Context, by person.ID, g Group) (id int64, err error) {
	g.Name = strings.Join(strings.Fields(g.Name), " ")
	var faults []errs.Field
	if g.Name == "" || utf8.RuneCountInString(g.Name) > MaxGroupName || strings.ContainsFunc(g.Name, unicode.IsControl) {
		faults = append(faults, errs.Field{Name: "name", Key: "enrol.group.name.wrong"})
	}
	if g.Seats < 0 || g.Seats > learning.MaxSeats {
		faults = append(faults, errs.Field{Name: "seats", Key: "course.invalid.seats"})
	}
	if !g.Until.IsZero() && !g.Until.After(g.From) {
		faults = append(faults, errs.Field{Name: "until", Key: "course.invalid.until"})
	}
	if err := errs.InvalidFields(faults); err != nil {
		return 0, err
	}
	err = s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := staff.MustHold(t, by, policy.Editor); err != nil {
			return err
		}
		if staff.MustHold(t, g.Tutor, policy.Tutor) != nil {
			return errs.InvalidFields([]errs.Field{{Name: "tutor", Key: "enrol.group.tutor.wrong"}})
		}
		if _, _, err := learning.EntryIn(t, g.Course, ""); err != nil {
			return err
		}
		if g.ID == 0 {
			g.ID = int64(person.NewID(t.Now()))
		} else if old, err := groups(t.Query(selectGroup, g.ID)); err != nil || len(old) == 0 || old[0].Course != g.Course {
			return orElse(err, errNoGroup)
		}
		_, err := t.Exec(putGroup, g.ID, g.Course, g.Name, g.Tutor, db.Micros(g.From), db.Micros(g.Until), g.Seats)
		return err
	})
	return g.ID, err
}

// RemoveGroup ends a group; who is in it stays in the course.
func (s *Service) RemoveGroup(ctx context.Context, by person.ID, id int64) error {
	return s.c.DB.Write(ctx, func(t *db.Tx) error {
		if err := staff.MustHold(t, by, policy.Editor); err != nil {
			return err
		}
		if n, err := t.Exec(removeGroup, id); err != nil || n == 0 {
			return orElse(err, errNoGroup)
		}
		_, err := t.Exec(leaveNone, id)
		return err
	})
}

// roomIn refuses a group that is another course's, over or full. The course is held.
func (s *Service) roomIn(t *db.Tx, id int64, course string) error {
	list, err := groups(t.Query(selectGroup, id))
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].Course != course {
		return errNoGroup
	}
	if g := list[0]; !g.Until.IsZero() && t.Now().After(g.Until) {
		return errs.InvalidFields([]errs.Field{{Name: "group", Key: "enrol.group.over"}})
	} else if g.Seats > 0 {
		var taken int
		if _, err := t.Get([]any{&taken}, countGroup, id); err != nil {
			return err
		}
		if taken >= g.Seats {
			return errs.InvalidFields([]errs.Field{{Name: "group", Key: "enrol.group.full"}})
		}
	}
	return nil
}

// Move has the tutor of a group put somebody of it into another group of the same course. NotFound where they do not lead them; Invalid of field group.
func (s *Service) Move(ctx context.Context, by keeper.Actor, from Group, who person.ID, to int64) error {
	if from.Tutor != by.ID {
		return errNoGroup
	}
	p := keeper.Passage{Actor: by, Subject: who, Operation: policy.Recording, Purpose: policy.Personalise, Case: from.Code()}
	_, err := s.c.Door.Change(ctx, p, func(t *keeper.Tx) error {
		if _, _, err := learning.EntryIn(t.Tx, from.Course, s.c.DB.ForUpdate()); err != nil {
			return err
		}
		leads, err := leads(t.Get, by.ID, who, from.Course)
		if err != nil || !leads {
			return orElse(err, errNone)
		}
		if err := s.roomIn(t.Tx, to, from.Course); err != nil {
			return err
		}
		_, err = t.Exec(setGroup, to, who, from.Course)
		return err
	})
	return err
}

// Leading tells of each whether a tutor leads them in a course, all asked at once.
func (s *Service) Leading(ctx context.Context, tutor person.ID) (func(who person.ID, course string) bool, error) {
	type in struct {
		who    person.ID
		course string
	}
	led := map[in]bool{}
	rows, err := s.c.DB.Query(ctx, selectLedBy, tutor)
	if err == nil {
		err = db.Each(rows, func(scan func(...any) error) error {
			var one in
			err := scan(&one.who, &one.course)
			led[one] = true
			return err
		})
	}
	return func(who person.ID, course string) bool { return led[in{who, course}] }, err
}

func leads(get getter, tutor, who person.ID, course string) (bool, error) {
	return get([]any{new(int64)}, selectLed, who, course, tutor)
}

// Member is somebody in a group, as their tutor sees them.
type Member struct {
	Subject            person.ID
	Surname, GivenName person.Value
	Part               *study.Part // nil where the rules refuse it: their data are blocked, or they agree no more
}

// Members opens who is in a group, for its tutor: each person a passage, counted by the brake; who is blocked or agrees no more is there without a name.
// NotFound for a group of somebody else's.
func (s *Service) Members(ctx context.Context, by keeper.Actor, id int64) (Group, []Member, error) {
	g, err := s.Group(ctx, id)
	if err != nil {
		return g, nil, err
	}
	if g.Tutor != by.ID {
		return g, nil, errNoGroup
	}
	list, err := s.c.DB.Query(ctx, selectMembers, id)
	if err != nil {
		return g, nil, err
	}
	var ids []person.ID
	err = db.Each(list, func(scan func(...any) error) error {
		var id person.ID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return g, nil, err
	}
	parts, err := s.c.Study.OfOthers(ctx, by, ids, g.Course, g.Code())
	if err != nil {
		return g, nil, err
	}
	out := make([]Member, len(ids))
	for i, who := range ids {
		out[i] = Member{Subject: who, Part: parts[who]}
		if parts[who] == nil {
			continue
		}
		rec, err := s.c.Door.Read(ctx, keeper.Passage{Actor: by, Subject: who, Operation: policy.Retrieval, Purpose: policy.Personalise, Fields: person.Set(person.Surname, person.GivenName), Case: g.Code()})
		if errs.Is(err, errs.Forbidden) {
			continue
		}
		if err != nil {
			return g, nil, err
		}
		out[i].Surname, out[i].GivenName = rec.Value(person.Surname), rec.Value(person.GivenName)
	}
	return g, out, nil
}

// letterArgs are what letters say of a course.
func letterArgs(c learning.Course, lang string, until time.Time) []i18n.Arg {
	args := []i18n.Arg{i18n.Str("course", c.Words[c.Lang(lang)].Title)}
	if !until.IsZero() {
		args = append(args, i18n.Day("day", until))
	}
	return args
}
