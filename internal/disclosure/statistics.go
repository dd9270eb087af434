package disclosure

import (
	"context"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/place"
	"ustaz/internal/policy"
)

// Release is a set of counts for an authority, depersonalised: from it, and from the difference of any two, no number can be had of fewer
// than Least people (see publish). Everybody counted passed the door for it under 5.2, and sees that.
type Release struct {
	ID        int64
	MadeBy    person.ID
	MadeAt    time.Time
	Looked    int64 // people passed, of
	LookTotal int64
	DoneAt    time.Time // zero while it is counted
	Tables    []Table
	to        person.ID
	work      string
}

// Code is the release as a case of the door's.
func (r *Release) Code() string { return "statistics:" + strconv.FormatInt(r.ID, 10) }

// Table gives a block; nil where it has none.
func (r *Release) Table(block string) *Table {
	for i := range r.Tables {
		if r.Tables[i].Block == block {
			return &r.Tables[i]
		}
	}
	return nil
}

// Bands are lengths of service in whole years, each from its number to the next; the last is open.
var Bands = []int{0, 3, 5, 10, 20, 30}

// Elsewhere is the cell of those who named a region and no district of it.
const Elsewhere = "elsewhere"

// OtherPosition is the cell of positions outside of the list.
const OtherPosition = "other"

var counted = person.Set(person.Place, person.Position, person.ServiceSince)

// Order has counts made. Conflict while others are being made.
func (s *Service) Order(ctx context.Context, by person.ID) (int64, error) {
	everybody, err := s.cfg.Door.Subjects(ctx)
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		var open int64
		if busy, err := t.Get([]any{&open}, openRelease); err != nil || busy {
			if err == nil {
				err = errs.New(errs.Conflict, "statistics.busy")
			}
			return err
		}
		if _, err := t.Get([]any{&id}, insertRelease, by, db.Micros(t.Now()), everybody); err != nil {
			return err
		}
		if err := s.enter(t, by, entry(by, policy.Transfer, policy.Recording, (&Release{ID: id}).Code())); err != nil {
			return err
		}
		return s.cfg.Queue.Enqueue(t, jobCount, named{id}, t.Now())
	})
	return id, err
}

func scanRelease(scan func(...any) error) (r Release, err error) {
	var made, done int64
	var body string
	if err := scan(&r.ID, &r.MadeBy, &made, &r.Looked, &r.to, &r.LookTotal, &r.work, &done, &body); err != nil {
		return r, err
	}
	r.MadeAt, r.DoneAt = db.Time(made), db.Time(done)
	if body != "" {
		err = json.Unmarshal([]byte(body), &r.Tables)
	}
	return r, err
}

func (s *Service) releases(ctx context.Context, query string, args ...any) ([]Release, error) {
	rows, err := s.cfg.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []Release
	err = db.Each(rows, func(scan func(...any) error) error {
		r, err := scanRelease(scan)
		out = append(out, r)
		return err
	})
	return out, err
}

// maxReleases bounds what is listed.
const maxReleases = 100

// Releases lists them, the newest first.
func (s *Service) Releases(ctx context.Context) ([]Release, error) {
	return s.releases(ctx, selectReleases, maxReleases)
}

// Release gives one. NotFound where there is none.
func (s *Service) Release(ctx context.Context, id int64) (*Release, error) {
	list, err := s.releases(ctx, selectRelease, id)
	if err == nil && len(list) == 0 {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// countPeople is the job that counts. How far it came and what it counted so far are one row, so it may be killed at any moment.
func (s *Service) countPeople(ctx context.Context, payload []byte) error {
	var p named
	if err := json.Unmarshal(payload, &p); err != nil {
		return errs.Wrap(errs.Invalid, "error.internal", err)
	}
	for began := s.cfg.DB.Now(); ; {
		r, err := s.Release(ctx, p.ID)
		if err != nil || !r.DoneAt.IsZero() {
			return err
		}
		done, err := s.countSome(ctx, r)
		if err != nil || done {
			return err
		}
		if s.cfg.DB.Now().Sub(began) > shift {
			return s.cfg.DB.Write(ctx, func(t *db.Tx) error { return s.cfg.Queue.Enqueue(t, jobCount, p, t.Now()) })
		}
	}
}

func (s *Service) countSome(ctx context.Context, r *Release) (done bool, err error) {
	work := map[string]counts{}
	if r.work != "" {
		if err := json.Unmarshal([]byte(r.work), &work); err != nil {
			return false, errs.Wrap(errs.Internal, "error.internal", err)
		}
	}
	ids, err := s.cfg.Door.Everyone(ctx, r.to, together)
	if err != nil {
		return false, err
	}
	if len(ids) == 0 {
		return true, s.endCount(ctx, r, work)
	}
	opened, _, err := s.cfg.Door.ReadEach(ctx, keeper.Passage{Actor: keeper.Staff(r.MadeBy, policy.Officer), Operation: policy.Depersonalisation,
		Purpose: policy.Transfer, Fields: counted, Case: r.Code()}, ids)
	if err != nil {
		return false, err
	}
	tree, now := s.cfg.Places(), s.cfg.DB.Now()
	for _, rec := range opened {
		for block, cell := range cellsOf(rec, tree, now) {
			if work[block] == nil {
				work[block] = counts{}
			}
			work[block][cell]++
		}
	}
	text, err := json.Marshal(work)
	if err != nil {
		return false, err
	}
	return false, s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		// Where another process was faster nothing is changed; the next look goes on from there.
		_, err := t.Exec(moveRelease, r.Looked+int64(len(ids)), ids[len(ids)-1], string(text), r.ID, r.to)
		return err
	})
}

// cellsOf are the cells that somebody is counted in: one of a block, none where the value is not known.
func cellsOf(rec *keeper.Record, tree *place.Tree, now time.Time) map[string]string {
	out := map[string]string{}
	at := rec.Value(person.Place).Reveal()
	if region, ok := tree.Region(at); ok {
		out[BlockDistricts+region.Code] = Elsewhere
		if district, ok := tree.District(at); ok {
			out[BlockDistricts+region.Code] = district.Code
		}
	}
	if p := rec.Value(person.Position); !p.IsZero() {
		if out[BlockPositions] = p.Reveal(); strings.HasPrefix(p.Reveal(), person.OtherPosition) {
			out[BlockPositions] = OtherPosition
		}
	}
	if since := rec.Value(person.ServiceSince); !since.IsZero() {
		years, _ := person.Service(since, now)
		for _, from := range Bands {
			if years >= from {
				out[BlockService] = strconv.Itoa(from)
			}
		}
	}
	return out
}

// endCount publishes.
func (s *Service) endCount(ctx context.Context, r *Release, work map[string]counts) error {
	return s.cfg.DB.Write(ctx, func(t *db.Tx) error {
		bases, err := countedBefore(t)
		if err != nil {
			return err
		}
		tables, next := publishAll(s.cfg.Places(), bases, work)
		body, err := json.Marshal(tables)
		if err != nil {
			return err
		}
		if n, err := t.Exec(endRelease, db.Micros(t.Now()), string(body), r.ID); err != nil || n == 0 {
			return err // another process was faster
		}
		for block, c := range next {
			text, err := json.Marshal(c)
			if err != nil {
				return err
			}
			if _, err := t.Exec(upsertBase, block, string(text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// countedBefore gives what the cells of each block were counted as when they were last counted anew.
func countedBefore(t *db.Tx) (map[string]counts, error) {
	rows, err := t.Query(selectBases)
	if err != nil {
		return nil, err
	}
	bases := map[string]counts{}
	err = db.Each(rows, func(scan func(...any) error) error {
		var block, text string
		if err := scan(&block, &text); err != nil {
			return err
		}
		var c counts
		err := json.Unmarshal([]byte(text), &c)
		bases[block] = c
		return err
	})
	return bases, err
}

// publishAll publishes every block: the districts of each region, and regions by them; positions; lengths of service.
func publishAll(tree *place.Tree, bases, now map[string]counts) (tables []Table, next map[string]counts) {
	next = maps.Clone(bases)
	add := func(block string, cells []string) Table {
		var t Table
		t, next[block] = publish(block, bases[block], now[block], cells)
		tables = append(tables, t)
		return t
	}
	byRegion := Table{Block: BlockRegions}
	for _, region := range tree.Regions() {
		var districts []string
		for _, d := range tree.Children(region.Code) {
			districts = append(districts, d.Code)
		}
		t := add(BlockDistricts+region.Code, append(districts, Elsewhere))
		byRegion.Cells = append(byRegion.Cells, t.sum(region.Code))
	}
	tables = append(tables, byRegion)
	var positions []string
	for _, p := range person.Positions() {
		positions = append(positions, p.Code)
	}
	add(BlockPositions, append(positions, OtherPosition))
	var bands []string
	for _, from := range Bands {
		bands = append(bands, strconv.Itoa(from))
	}
	add(BlockService, bands)
	return tables, next
}
