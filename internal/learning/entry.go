package learning

import (
	"slices"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/person"
	"ustaz/internal/worktime"
)

// Way is how people come to take part in a course: the end of message keys, "course.way." + it, or "course.way.open" for the empty one.
type Way string

// The ways.
const (
	Open     Way = ""        // whoever likes
	OnAsking Way = "apply"   // on application, which somebody decides
	ByCode   Way = "code"    // who knows its code
	Chosen   Way = "invited" // who was invited, and nobody else
)

// Ways are all there are.
var Ways = []Way{Open, OnAsking, ByCode, Chosen}

// Entry is how people come to take part in a course, published with it. The zero value lets everybody begin at any time.
type Entry struct {
	Way    Way                          `json:"way,omitempty"`
	Seats  int                          `json:"seats,omitempty"`  // up to 100 000; 0: no limit
	From   string                       `json:"from,omitempty"`   // the day it begins, "2026-11-03"; empty: at one's own pace
	Until  string                       `json:"until,omitempty"`  // its last day: nobody begins after it
	Needs  []string                     `json:"needs,omitempty"`  // courses to be finished first, by slug, up to 10
	Fields map[string]map[string]string `json:"fields,omitempty"` // what a profile must hold, by field and language the author's reason, up to 200 characters
}

// Bounds of an entry.
const (
	MaxSeats  = 100_000
	MaxNeeds  = 10
	MaxReason = 200 // characters
)

// PartEntry is the part of a course that says how people come to take part.
const PartEntry = "entry"

// Asked are the fields that a profile must hold, in their order.
func (e Entry) Asked() []person.Field {
	return slices.DeleteFunc(slices.Clone(person.Profile), func(f person.Field) bool { return len(e.Fields[f.String()]) == 0 })
}

// Begins is the moment the course begins in Kazakhstan; zero where each learns at their own pace.
func (e Entry) Begins() time.Time { return dayOf(e.From) }

// Closes is the moment after which nobody begins; zero where there is none.
func (e Entry) Closes() time.Time {
	d, err := worktime.ParseDate(e.Until)
	if err != nil {
		return time.Time{}
	}
	return d.End().Add(time.Second)
}

// Over tells whether nobody begins any more.
func (e Entry) Over(now time.Time) bool { return !e.Closes().IsZero() && !now.Before(e.Closes()) }

// dayOf is the first second of a day in Kazakhstan.
func dayOf(s string) time.Time {
	d, err := worktime.ParseDate(s)
	if err != nil {
		return time.Time{}
	}
	return d.AddDays(-1).End().Add(time.Second)
}

func (e Entry) check(b *faults, slug string, written []string) {
	b.part = PartEntry
	b.in("")
	b.check(slices.Contains(Ways, e.Way), "way", "course.invalid.way")
	b.check(e.Seats >= 0 && e.Seats <= MaxSeats, "seats", "course.invalid.seats")
	b.check(e.From == "" || !e.Begins().IsZero(), "from", "course.invalid.day")
	b.check(e.Until == "" || !e.Closes().IsZero() && e.Closes().After(e.Begins()), "until", "course.invalid.until")
	b.check(len(e.Needs) <= MaxNeeds && !slices.Contains(e.Needs, slug) && !slices.ContainsFunc(e.Needs, func(s string) bool { return !IsSlug(s) }), "needs", "course.invalid.needs")
	for name, reasons := range e.Fields {
		f, known := person.FieldByName(name)
		b.in("")
		b.check(known && slices.Contains(person.Profile, f), "reason."+name, "course.invalid.field")
		for _, code := range written {
			b.in(code)
			b.check(line(reasons[code], MaxReason), "reason."+name, "course.invalid.reason")
		}
	}
}

// EntryFaults are those of the entry alone, without its reasons, which may be written later.
func (c Course) EntryFaults() []errs.Field {
	b := &faults{}
	c.Entry.check(b, c.Slug, nil)
	var out []errs.Field
	for _, f := range b.found {
		out = append(out, f.Field)
	}
	return out
}
