// Package suggest finds courses for somebody by their position, region and length of service, and by what they have finished (4.1.2).
//
// It guarantees: nothing of a person is read for it while they want no suggestions, are blocked or have not agreed, and then nothing is shown either; of the
// profile three fields are asked for and no others; one passage serves a day, unless courses, or the profile by its owner's hand, become others; what was
// found is sealed under the person's key with a reason for each course, and goes with it. The order follows from the reasons alone, so who asks twice
// gets the same. It decides nothing: every course stays as open to everybody as it was.
package suggest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/profile"
	"ustaz/internal/study"
)

// Bounds.
const (
	Shown  = 4              // courses at once
	kept   = 24             // of them in store, for when some are begun or put away
	asked  = 2000           // courses that are looked through, the newest first
	lasts  = 24 * time.Hour // after which it is found anew
	hidden = 500            // courses that somebody may put away
)

// Used are the fields of the profile that are asked for.
var Used = []person.Field{person.Place, person.Position, person.ServiceSince}

// Ground is why a course is suggested: the end of message keys, "suggest.why." + ground.
type Ground string

// The grounds, and what a Reason says with each.
const (
	AfterCourse Ground = "next"     // it needs a course first that they finished: its slug
	ForPosition Ground = "position" // it is for theirs: the code
	NextStep    Ground = "step"     // the next step of the ladder after a course they finished: the step
	ForRegion   Ground = "region"   // it is for theirs: the code
	ForService  Ground = "service"  // it is for who has served as long: the band
	SameSubject Ground = "subject"  // they finished one about the same: the subject
)

var weights = map[Ground]int{AfterCourse: 8, ForPosition: 6, NextStep: 4, ForRegion: 3, ForService: 2, SameSubject: 1}

// Reason is one ground with what it is about.
type Reason struct {
	Ground Ground `json:"ground"`
	Of     string `json:"of"`
}

// Course is one that is suggested, with its reasons, the weightiest first.
type Course struct {
	Slug    string   `json:"course"`
	Reasons []Reason `json:"reasons"`
}

// Found is what is suggested to somebody.
type Found struct {
	Off     bool // they want none
	May     bool // the rules in force and how they stand allow it; without it the rest is empty
	Courses []Course
	Lacks   []person.Field // of Used: what the profile does not say
	Away    int            // courses that they put away
	At      time.Time      // when it was found
}

// Service is the capability. It is safe for concurrent use.
type Service struct {
	d     *db.DB
	door  *keeper.Keeper
	study *study.Service
	enrol *enrol.Service
	tree  *profile.Places
}

// New makes it, with its share in erasure and in the saving of profiles.
func New(d *db.DB, door *keeper.Keeper, studies *study.Service, entries *enrol.Service, profiles *profile.Service, places *profile.Places) *Service {
	door.OnErase(func(t *db.Tx, subject person.ID) error {
		_, err := t.Exec(forget, subject)
		return err
	})
	profiles.OnSave(func(t *keeper.Tx, changed person.Fields) error {
		if changed&person.Set(Used...) == 0 {
			return nil
		}
		_, err := t.Exec(lapse, t.Subject())
		return err
	})
	return &Service{d: d, door: door, study: studies, enrol: entries, tree: places}
}

// list is what is sealed.
type list struct {
	Courses []Course       `json:"courses"`
	Lacks   []person.Field `json:"lacks"`
}

// flag is a column that is 0 or 1.
type flag int64

func (f flag) on() bool { return f != 0 }

// row is what the table keeps of somebody.
type row struct {
	off          flag
	made         int64
	basis        string
	list, hidden []byte
}

const (
	listRow   = 1 // numbers under which the two blobs of a row are sealed
	hiddenRow = 2
)

func (s *Service) row(ctx context.Context, own person.ID) (r row, err error) {
	_, err = s.d.Get(ctx, r.into(), selectRow, own)
	return r, err
}

func (r *row) into() []any { return []any{&r.off, &r.made, &r.basis, &r.list, &r.hidden} }

// held is the row within a change.
func held(t *keeper.Tx, own person.ID, lock string) (r row, err error) {
	_, err = t.Get(r.into(), selectRow+lock, own)
	return r, err
}

// away opens what was put away.
func (r row) away(t *keeper.Tx) (out []string, err error) {
	if len(r.hidden) == 0 {
		return nil, nil
	}
	v, err := t.OpenAside(aside(hiddenRow, r.hidden))
	if err == nil {
		err = opened(v, &out)
	}
	return out, err
}

func aside(n int64, sealed []byte) keeper.Aside {
	return keeper.Aside{Table: table, Field: person.Study, Row: n, Sealed: sealed}
}

// using is the passage by which suggestions are found.
func using(own person.ID) keeper.Passage {
	p := study.Passage(own, policy.Use, "")
	p.Fields |= person.Set(Used...)
	p.Case = keeper.ActCase("suggest_found")
	return p
}

// Find gives what is suggested to somebody: what was found before while it holds, or else found now. once names the session.
func (s *Service) Find(ctx context.Context, own person.ID, once string) (f Found, err error) {
	r, err := s.row(ctx, own)
	if err != nil || r.off.on() {
		return Found{Off: r.off.on()}, err
	}
	may, err := s.may(ctx, own)
	if err != nil || !may {
		return Found{}, err
	}
	now := s.d.Now()
	open, basis, err := s.offered(ctx, now)
	if err != nil {
		return f, err
	}
	taken, err := s.study.Taken(ctx, own)
	if err != nil {
		return f, err
	}
	basis += " " + strconv.Itoa(done(taken))
	var l list
	var away []string
	if r.basis == basis && now.Sub(db.Time(r.made)) < lasts {
		l, away, err = s.read(ctx, own, once, r)
		f.At = db.Time(r.made)
	} else {
		l, away, err = s.make(ctx, own, open, taken, basis)
		f.At = now
	}
	if errs.Is(err, errs.Gone) {
		return Found{Off: true}, nil
	}
	if err != nil {
		return Found{}, err
	}
	f.May, f.Lacks, f.Away = true, l.Lacks, len(away)
	f.Courses, err = s.left(ctx, own, l.Courses, taken, away)
	return f, err
}

// Course is a course with the titles of its lessons, or NotFound. It is shared, see learning.Shelf.
func (s *Service) Course(ctx context.Context, slug string) (learning.Course, error) {
	return s.study.Course(ctx, slug)
}

// Region names a region of the classifier; one that has left it by its code.
func (s *Service) Region(code, lang string) string {
	p, known := s.tree.Tree().Place(code)
	if !known {
		return code
	}
	return p.Name(lang)
}

// may tells whether the rules in force open every field that is asked for, of somebody who stands so. It opens nothing.
func (s *Service) may(ctx context.Context, own person.ID) (bool, error) {
	stands, err := s.door.Standing(ctx, own)
	if err != nil || stands.Restricted {
		return false, err
	}
	fields, err := stands.May(using(own))
	return using(own).Fields.Within(fields), err
}

// offered are the courses that somebody may begin now, and what stands for them all. Courses open and close at full hours.
func (s *Service) offered(ctx context.Context, now time.Time) ([]learning.Course, string, error) {
	look, err := s.study.Shelf().Look(ctx)
	if err != nil {
		return nil, "", err
	}
	hour := now.Truncate(time.Hour)
	open, _, err := look.Find(ctx, learning.Filter{Open: hour}, 0, asked)
	if err != nil {
		return nil, "", err
	}
	basis, err := look.Basis(open, hour)
	return open, basis, err
}

// read opens what was found before.
func (s *Service) read(ctx context.Context, own person.ID, once string, r row) (l list, away []string, err error) {
	closed := []keeper.Aside{aside(listRow, r.list)}
	if len(r.hidden) > 0 {
		closed = append(closed, aside(hiddenRow, r.hidden))
	}
	pass := study.Passage(own, policy.Access, "")
	pass.Once = once
	values, err := s.door.ReadAside(ctx, pass, closed)
	if err != nil {
		return l, nil, err
	}
	if err = opened(values[0], &l); err == nil && len(values) > 1 {
		err = opened(values[1], &away)
	}
	return l, away, err
}

// make finds anew, in one passage, and keeps it.
func (s *Service) make(ctx context.Context, own person.ID, open []learning.Course, taken map[string]bool, basis string) (l list, away []string, err error) {
	finished, err := s.finished(ctx, taken)
	if err != nil {
		return l, nil, err
	}
	_, err = s.door.Change(ctx, using(own), func(t *keeper.Tx) error {
		w := who{finished: finished}
		l.Lacks, away = nil, nil
		r, err := held(t, own, s.d.ForUpdate())
		if err != nil {
			return err
		}
		if r.off.on() { // meanwhile
			return errs.New(errs.Gone, "suggest.off.now")
		}
		for _, f := range Used {
			v, err := t.Value(f)
			if err != nil {
				return err
			}
			if v.IsZero() {
				l.Lacks = append(l.Lacks, f)
				continue
			}
			switch f {
			case person.Position:
				w.position = v.Reveal()
			case person.Place:
				if region, known := s.tree.Tree().Region(v.Reveal()); known {
					w.region = region.Code
				}
			case person.ServiceSince:
				years, _ := person.Service(v, t.Now())
				w.band = learning.BandOf(years)
			}
		}
		l.Courses = w.choose(open)
		if away, err = r.away(t); err != nil {
			return err
		}
		sealed, err := seal(t, listRow, l)
		if err == nil {
			_, err = t.Exec(keep, own, db.Micros(t.Now()), basis, sealed, []byte{})
		}
		return err
	})
	return l, away, err
}

func done(taken map[string]bool) (n int) {
	for _, finished := range taken {
		if finished {
			n++
		}
	}
	return n
}

// finished are the courses that were done, as they are now; those that were taken away are left out.
func (s *Service) finished(ctx context.Context, taken map[string]bool) (out []learning.Course, err error) {
	for slug, done := range taken {
		if !done {
			continue
		}
		c, err := s.study.Course(ctx, slug)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// left are those that are neither begun nor asked for nor put away since, as many as are shown.
func (s *Service) left(ctx context.Context, own person.ID, found []Course, taken map[string]bool, away []string) (out []Course, err error) {
	if len(found) == 0 {
		return nil, nil
	}
	stands, err := s.enrol.Mine(ctx, own)
	if err != nil {
		return nil, err
	}
	for _, st := range stands {
		away = append(away, st.Course)
	}
	for _, c := range found {
		if _, begun := taken[c.Slug]; !begun && !slices.Contains(away, c.Slug) && len(out) < Shown {
			out = append(out, c)
		}
	}
	return out, nil
}

// Mine is Find without finding anything anew, and what was put away: for the copy of what is held. It makes an entry of its own where anything is held.
func (s *Service) Mine(ctx context.Context, own person.ID) (f Found, away []string, err error) {
	r, err := s.row(ctx, own)
	f.Off = r.off.on()
	if err != nil || len(r.list) == 0 && len(r.hidden) == 0 {
		return f, nil, err
	}
	var closed []keeper.Aside
	into := []any{}
	var l list
	if len(r.list) > 0 {
		closed, into = append(closed, aside(listRow, r.list)), append(into, &l)
		f.At = db.Time(r.made)
	}
	if len(r.hidden) > 0 {
		closed, into = append(closed, aside(hiddenRow, r.hidden)), append(into, &away)
	}
	values, may, err := s.study.Read(ctx, own, "", closed)
	if err != nil || !may {
		return f, nil, err
	}
	for i, v := range values {
		if err := opened(v, into[i]); err != nil {
			return f, nil, err
		}
	}
	f.May, f.Courses, f.Lacks = true, l.Courses, l.Lacks
	return f, away, nil
}

// Hide puts a course away: it is suggested no more until everything that was put away is brought back by Unhide.
func (s *Service) Hide(ctx context.Context, own person.ID, course string) error {
	if !learning.IsSlug(course) {
		return errs.New(errs.NotFound, "course.unknown")
	}
	return s.putAway(ctx, own, "suggest_away", func(away []string) []string {
		if slices.Contains(away, course) || len(away) >= hidden {
			return away
		}
		return append(away, course)
	})
}

// Unhide brings back what was put away.
func (s *Service) Unhide(ctx context.Context, own person.ID) error {
	return s.putAway(ctx, own, "suggest_back", func([]string) []string { return nil })
}

func (s *Service) putAway(ctx context.Context, own person.ID, act string, change func([]string) []string) error {
	p := study.Passage(own, policy.Recording, "")
	p.Case = keeper.ActCase(act)
	_, err := s.door.Change(ctx, p, func(t *keeper.Tx) error {
		r, err := held(t, own, s.d.ForUpdate())
		if err != nil {
			return err
		}
		away, err := r.away(t)
		if err != nil {
			return err
		}
		sealed := []byte{}
		if away = change(away); len(away) > 0 {
			if sealed, err = seal(t, hiddenRow, away); err != nil {
				return err
			}
		}
		_, err = t.Exec(hide, own, []byte{}, sealed)
		return err
	})
	return err
}

// Turn switches suggestions off, which forgets what was found, or on.
func (s *Service) Turn(ctx context.Context, own person.ID, on bool) error {
	off, act := int64(1), "suggest_off"
	if on {
		off, act = 0, "suggest_on"
	}
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Recording, Purpose: policy.Personalise, Case: keeper.ActCase(act)}
	_, err := s.door.Change(ctx, p, func(t *keeper.Tx) error {
		_, err := t.Exec(turn, own, off, []byte{})
		return err
	})
	return err
}

func seal(t *keeper.Tx, n int64, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, errs.New(errs.Internal, "error.internal") // the cause could hold a value
	}
	return t.SealAside(table, n, person.Stored(person.Study, string(text)))
}

func opened(v person.Value, into any) error {
	if json.Unmarshal([]byte(v.Reveal()), into) != nil {
		return errs.New(errs.Internal, "error.internal")
	}
	return nil
}

// who is what is asked about somebody; what is not known is empty.
type who struct {
	position, region string
	band             learning.Band
	finished         []learning.Course
}

// choose gives the courses that something speaks for, the weightiest first, then the newest. One that is for others than them is left out, and so is one
// that they can't begin yet.
func (w who) choose(open []learning.Course) []Course {
	type weighed struct {
		Course
		weight int
		at     time.Time
	}
	var out []weighed
	for _, c := range open {
		if reasons, fits := w.reasons(c); fits && len(reasons) > 0 {
			n := weighed{Course: Course{c.Slug, reasons}, at: c.CreatedAt}
			for _, r := range reasons {
				n.weight += weights[r.Ground]
			}
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b weighed) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), b.at.Compare(a.at), cmp.Compare(a.Slug, b.Slug))
	})
	found := []Course{}
	for _, c := range out[:min(kept, len(out))] {
		found = append(found, c.Course)
	}
	return found
}

// reasons are what speaks for a course; fits is false where it is not for them.
func (w who) reasons(c learning.Course) (out []Reason, fits bool) {
	add := func(g Ground, of string) { out = append(out, Reason{g, of}) }
	for _, slug := range c.Entry.Needs {
		if !slices.ContainsFunc(w.finished, func(f learning.Course) bool { return f.Slug == slug }) {
			return nil, false
		}
		add(AfterCourse, slug)
	}
	for _, of := range []struct {
		ground Ground
		mine   string
		theirs []string
	}{{ForPosition, w.position, c.Front.Positions}, {ForRegion, w.region, c.Front.Regions}, {ForService, string(w.band), bands(c.Front.Bands)}} {
		switch {
		case of.mine == "" || len(of.theirs) == 0:
		case slices.Contains(of.theirs, of.mine):
			add(of.ground, of.mine)
		default:
			return nil, false
		}
	}
	if at := w.ladder(); at >= 0 && at+1 < len(learning.Levels) && c.Level == learning.Levels[at+1] {
		add(NextStep, string(c.Level))
	}
	if c.Subject != "" && slices.ContainsFunc(w.finished, func(f learning.Course) bool { return f.Subject == c.Subject }) {
		add(SameSubject, string(c.Subject))
	}
	slices.SortStableFunc(out, func(a, b Reason) int { return cmp.Compare(weights[b.Ground], weights[a.Ground]) })
	return out, true
}

// ladder is the highest step of which they finished a course, -1 for none.
func (w who) ladder() int {
	at := -1
	for _, c := range w.finished {
		at = max(at, slices.Index(learning.Levels, c.Level))
	}
	return at
}

func bands(list []learning.Band) (out []string) {
	for _, b := range list {
		out = append(out, string(b))
	}
	return out
}
