package suggest_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/enrol"
	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/profile"
	"ustaz/internal/study"
	"ustaz/internal/suggest"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

// world has courses for different people and Aya: a teacher in the region 10, who has served for eleven years.
type world struct {
	*testdoor.Env
	t        *testing.T
	s        *suggest.Service
	study    *study.Service
	profiles *profile.Service
	aya      person.ID
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) put(c learning.Course) {
	w.t.Helper()
	c.Hours, c.Words, c.Body = 1, map[string]learning.Words{"kk": {Title: c.Slug, Summary: c.Slug}}, map[string]string{}
	c.Lessons = []learning.Lesson{{ID: int64(len(c.Slug)), Kind: learning.Reading, Minutes: 5, Words: map[string]string{"kk": "1"}, Body: map[string]string{"kk": "1"}}}
	w.must(w.DB.Write(ctx, func(t *db.Tx) error { return learning.Put(t, c) }))
}

// finds gives the slugs that are suggested, and how many entries it left.
func (w *world) finds(own person.ID) (slugs []string, found suggest.Found, entries int64) {
	w.t.Helper()
	before, err := w.Ledger.Size(ctx)
	w.must(err)
	found, err = w.s.Find(ctx, own, "session")
	w.must(err)
	after, err := w.Ledger.Size(ctx)
	w.must(err)
	for _, c := range found.Courses {
		slugs = append(slugs, c.Slug)
	}
	return slugs, found, after - before
}

func (w *world) wants(own person.ID, entries int64, slugs ...string) suggest.Found {
	w.t.Helper()
	got, found, n := w.finds(own)
	if !slices.Equal(got, slugs) || n != entries {
		w.t.Fatalf("%v with %d entries, want %v with %d", got, n, slugs, entries)
	}
	return found
}

func TestSuggestions(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		queue, limits := jobs.New(e.DB, slog.New(slog.DiscardHandler)), limit.New(e.DB, e.Keeper.Mac)
		places, err := profile.OpenPlaces(ctx, e.DB)
		w := &world{Env: e, t: t, study: study.New(e.DB, e.Keeper), profiles: profile.New(e.DB, e.Keeper, places), aya: e.Subject(t, testdoor.AyaFields)}
		w.must(err)
		entries := enrol.New(enrol.Config{DB: e.DB, Door: e.Keeper, Study: w.study, Limiter: limits, Queue: queue})
		w.s = suggest.New(e.DB, e.Keeper, w.study, entries, w.profiles, places)
		region, known := places.Tree().Region(testdoor.AyaFields[person.Place])
		if !known {
			t.Fatal("Aya lives nowhere")
		}
		w.put(learning.Course{Slug: "all"}) // for everybody: nothing speaks for it
		w.put(learning.Course{Slug: "teachers", Front: learning.Front{Positions: []string{"teacher", "head"}}})
		w.put(learning.Course{Slug: "here", Front: learning.Front{Regions: []string{region.Code}, Bands: []learning.Band{"settled"}}})
		w.put(learning.Course{Slug: "heads", Front: learning.Front{Positions: []string{"head"}, Regions: []string{region.Code}}})
		w.put(learning.Course{Slug: "onwards", About: learning.About{Subject: "law", Level: "moderator"}, Entry: learning.Entry{Needs: []string{"begins"}}})
		w.put(learning.Course{Slug: "begins", About: learning.About{Subject: "law", Level: "teacher"}, Front: learning.Front{Bands: []learning.Band{"settled"}}})
		w.put(learning.Course{Slug: "nobody-else", Entry: learning.Entry{Way: learning.Chosen}, Front: learning.Front{Positions: []string{"teacher"}}})

		// One passage by its own rule serves a day; what is shown after it opens only what it left.
		found := w.wants(w.aya, 1, "teachers", "here", "begins")
		if got := found.Courses[1].Reasons; !slices.Equal(got, []suggest.Reason{{Ground: suggest.ForRegion, Of: region.Code}, {Ground: suggest.ForService, Of: "settled"}}) {
			t.Errorf("because %v", got)
		}
		size, err := e.Ledger.Size(ctx)
		w.must(err)
		entry, err := e.Ledger.Entry(ctx, size-1)
		w.must(err)
		if entry.Purpose != policy.Personalise || entry.Operation != policy.Use || entry.Fields != person.Set(person.Place, person.Position, person.ServiceSince, person.Study) || !slices.Contains(entry.Clauses, "4.1.2") {
			t.Errorf("entered as %+v", entry)
		}
		w.wants(w.aya, 1, "teachers", "here", "begins")
		w.wants(w.aya, 0, "teachers", "here", "begins")

		// People differ; who says nothing is told what would help.
		head := e.Subject(t, map[person.Field]string{person.Surname: "Серік", person.GivenName: "Асан", person.Position: "head", person.Place: testdoor.AyaFields[person.Place]})
		w.wants(head, 1, "heads", "teachers", "here")
		if found := w.wants(e.Subject(t, map[person.Field]string{person.GivenName: "Бота"}), 1); !slices.Equal(found.Lacks, suggest.Used) || !found.May {
			t.Errorf("lacks %v", found.Lacks)
		}

		// What is begun goes at once; what is finished opens the next step.
		w.must(w.study.Begin(ctx, w.aya, "begins"))
		w.wants(w.aya, 0, "teachers", "here")
		_, err = w.study.Finish(ctx, w.aya, "begins", int64(len("begins")))
		w.must(err)
		found = w.wants(w.aya, 1, "onwards", "teachers", "here")
		if got := found.Courses[0].Reasons; len(got) != 3 || got[0] != (suggest.Reason{Ground: suggest.AfterCourse, Of: "begins"}) || got[1].Ground != suggest.NextStep || got[2].Ground != suggest.SameSubject {
			t.Errorf("because %v", got)
		}
		// The profile, the courses and the day make it anew.
		_, err = w.profiles.Save(ctx, w.aya, map[person.Field]string{person.Position: "head"}, true)
		w.must(err)
		w.wants(w.aya, 1, "onwards", "heads", "teachers", "here")
		w.put(learning.Course{Slug: "all", Front: learning.Front{Positions: []string{"head"}, Bands: []learning.Band{"settled"}}})
		w.wants(w.aya, 1, "onwards", "heads", "all", "teachers")
		e.Clock.Move(25 * time.Hour)
		w.wants(w.aya, 1, "onwards", "heads", "all", "teachers")

		// Put away, and back.
		w.must(w.s.Hide(ctx, w.aya, "heads"))
		w.finds(w.aya)
		if found := w.wants(w.aya, 0, "onwards", "all", "teachers", "here"); found.Away != 1 {
			t.Error("nothing is put away")
		}
		if _, away, err := w.s.Mine(ctx, w.aya); err != nil || !slices.Equal(away, []string{"heads"}) {
			t.Errorf("the copy has %v %v", away, err)
		}
		w.must(w.s.Unhide(ctx, w.aya))
		w.wants(w.aya, 0, "onwards", "heads", "all", "teachers")
		if err := w.s.Hide(ctx, w.aya, "Not a course"); !errs.Is(err, errs.NotFound) {
			t.Error(err)
		}

		// Off: no passage at all, and nothing of it is kept. On again it is found anew.
		w.must(w.s.Turn(ctx, w.aya, false))
		if found := w.wants(w.aya, 0); !found.Off {
			t.Error("it is on")
		}
		var kept int
		_, err = e.DB.Get(ctx, []any{&kept}, "SELECT length(list) FROM suggestion WHERE subject = $1", w.aya)
		w.must(err)
		if kept != 0 {
			t.Error("what was found is still there")
		}
		w.must(w.s.Turn(ctx, w.aya, true))
		w.wants(w.aya, 1, "onwards", "heads", "all", "teachers")

		// Blocked, without consent, erased: nothing is used.
		state := func(own person.ID, fn func(tx *keeper.Tx) error) {
			_, err := e.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Blocking, Purpose: policy.Restriction}, fn)
			w.must(err)
		}
		state(w.aya, func(tx *keeper.Tx) error { tx.Restrict(true); return nil })
		if found := w.wants(w.aya, 0); found.May {
			t.Error("a blocked person is suggested courses")
		}
		_, err = e.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Program(), Subject: w.aya, Operation: policy.Blocking, Purpose: policy.Restriction},
			func(tx *keeper.Tx) error { tx.Restrict(false); return nil })
		w.must(err)
		state(head, func(tx *keeper.Tx) error { tx.SetConsent(policy.ConsentWithdrawn); return nil })
		if found := w.wants(head, 0); found.May {
			t.Error("who agrees no more is suggested courses")
		}
		e.Erase(t, w.aya)
		var rows int
		_, err = e.DB.Get(ctx, []any{&rows}, "SELECT count(*) FROM suggestion WHERE subject = $1", w.aya)
		w.must(err)
		if rows != 0 {
			t.Error("an erasure leaves suggestions")
		}
	})
}
