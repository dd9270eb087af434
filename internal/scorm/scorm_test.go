package scorm_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/scorm"
	"ustaz/internal/study"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

const (
	slug = "oiyn"
	game = 12 // the lesson
)

type world struct {
	*testing.T
	*testdoor.Env
	*scorm.Service
	study *study.Service
	aya   person.ID
}

func forBoth(t *testing.T, fn func(w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := &world{T: t, Env: e, study: study.New(e.DB, e.Keeper), aya: e.Subject(t, testdoor.AyaFields)}
		w.Service = scorm.New(e.DB, e.Keeper, w.study)
		w.put(&learning.Package{ID: 7, Token: strings.Repeat("a", 26), Version: learning.SCORM12, Launch: "index.html"})
		w.must(w.study.Begin(ctx, w.aya, slug))
		fn(w)
	})
}

func (w *world) put(p *learning.Package) {
	w.Helper()
	c := learning.Course{Slug: slug, About: learning.About{Hours: 2, Words: map[string]learning.Words{"kk": {Title: "Ойын", Summary: "Ойын."}}}, Lessons: []learning.Lesson{
		{ID: 11, Kind: learning.Reading, Minutes: 5, Words: map[string]string{"kk": "Оқу"}, Body: map[string]string{"kk": "Мәтін"}}}}
	if p != nil {
		c.Lessons = append(c.Lessons, learning.Lesson{ID: game, Kind: learning.Packaged, Minutes: 5, Words: map[string]string{"kk": "Ойын"}, Package: p})
	}
	w.must(w.DB.Write(ctx, func(t *db.Tx) error { return learning.Put(t, c) }))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(err error, kind errs.Kind, key string) {
	w.Helper()
	if e := errs.As(err); err == nil || e.Kind != kind || key != "" && e.Key != key {
		w.Errorf("got %v, want %s: %s", err, kind, key)
	}
}

func (w *world) open(anew bool) person.ID {
	w.Helper()
	id, err := w.Open(ctx, w.aya, slug, game, anew)
	w.must(err)
	return id
}

// view is when a window was opened, so many seconds after the clock began.
func (w *world) view(seconds int) time.Time {
	return testdoor.Start.Add(time.Duration(seconds) * time.Second)
}

func body(ticket string, seq int64, cmi string) []byte {
	return fmt.Appendf(nil, `{"ticket":%q,"seq":%d,"cmi":%s}`, ticket, seq, cmi)
}

func (w *world) tell(id person.ID, view time.Time, seq int64, cmi string) error {
	w.Helper()
	_, err := w.Commit(ctx, w.aya, id, body(w.Ticket(id, view), seq, cmi))
	return err
}

func (w *world) list() []*scorm.Attempt {
	w.Helper()
	list, err := w.List(ctx, w.aya, game, "")
	w.must(err)
	return list
}

func (w *world) done() bool {
	w.Helper()
	p, found, err := w.study.Of(ctx, w.aya, slug, "")
	w.must(err)
	return found && !p.Read[game].IsZero()
}

func TestAPackageIsPlayedFailedAndPassed(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.open(false)
		if w.open(false) != id || w.open(true) != id {
			w.Error("an attempt of which nothing came was not gone on with")
		}
		v := w.view(0)
		w.Clock.Move(time.Minute)
		w.must(w.tell(id, v, 1, `{"status":"incomplete","location":"3","suspend":"қайда қалдым"}`))
		w.must(w.tell(id, v, 2, `{"status":"failed","score":{"raw":"40"},"location":"9","suspend":"бәрі"}`))
		if a := w.list()[0]; a.State != scorm.Begun || *a.Kept.Best != 40 || a.Kept.CMI.Suspend != "бәрі" || !a.Changed.Equal(w.Clock.Now()) || w.done() {
			w.Errorf("%+v", a)
		}
		if w.open(false) != id {
			w.Error("what failed is not open")
		}
		again := w.open(true)
		if again == id {
			w.Error("it did not begin anew")
		}
		w.refused(w.tell(id, v, 3, `{"status":"passed"}`), errs.Conflict, "scorm.elsewhere")
		w.must(w.tell(again, v, 3, `{"status":"passed","score":{"raw":"90"}}`))
		if !w.done() {
			w.Error("the lesson is not done")
		}
		w.must(w.tell(again, v, 4, `{"status":"incomplete","score":{"raw":"10"},"suspend":"x"}`)) // looked at once more
		list := w.list()
		if a := list[1]; len(list) != 2 || a.N != 2 || a.State != scorm.Done || *a.Kept.Best != 90 || a.Kept.CMI.Score.Raw != "10" || list[0].Kept.CMI.Status != "failed" {
			w.Errorf("%+v", a)
		}
	})
}

// TestLastWordsAreNotLost, and none that came late goes over them.
func TestOrder(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.open(false)
		w.Clock.Move(time.Minute)
		old, now := w.view(0), w.view(30)
		w.must(w.tell(id, old, 1, `{"suspend":"1"}`))
		_, err := w.Close(ctx, body(w.Ticket(id, old), 3, `{"suspend":"3","status":"completed"}`)) // the beacon was faster
		w.must(err)
		w.must(w.tell(id, old, 2, `{"suspend":"2"}`))
		w.must(w.tell(id, old, 3, `{"suspend":"3 again"}`))
		if a := w.list()[0]; a.Kept.CMI.Suspend != "3" || a.State != scorm.Done || !w.done() {
			w.Errorf("%+v", a)
		}
		w.must(w.tell(id, now, 1, `{"suspend":"in another window"}`))
		w.refused(w.tell(id, old, 9, `{"suspend":"4"}`), errs.Conflict, "scorm.elsewhere")
		_, err = w.Close(ctx, body(w.Ticket(id, old), 10, `{"suspend":"found later"}`))
		w.refused(err, errs.Conflict, "scorm.elsewhere")
		if a := w.list()[0]; a.Kept.CMI.Suspend != "in another window" {
			w.Errorf("%+v", a)
		}
	})
}

func TestTickets(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.open(false)
		v := w.view(0)
		ticket := w.Ticket(id, v)
		bota := w.Subject(w.T, map[person.Field]string{person.Email: "bota@mysal.kz"})
		_, err := w.Commit(ctx, bota, id, body(ticket, 1, `{}`))
		w.refused(err, errs.NotFound, "scorm.unknown")
		w.must(w.study.Begin(ctx, bota, slug))
		other, err := w.Open(ctx, bota, slug, game, false)
		w.must(err)
		_, err = w.Commit(ctx, w.aya, id, body(w.Ticket(other, v), 1, `{}`))
		w.refused(err, errs.NotFound, "scorm.unknown")
		for i := range ticket {
			forged := []byte(ticket)
			forged[i] = map[bool]byte{true: '1', false: '0'}[forged[i] == '0']
			for _, bad := range []string{string(forged), ticket[:i], ticket[:i] + "\n" + ticket[i:]} {
				if _, err := w.Close(ctx, body(bad, 1, `{"suspend":"forged"}`)); !errs.Is(err, errs.Gone) {
					w.Errorf("%q: %v", bad, err)
				}
			}
		}
		w.Clock.Move(scorm.TicketLife)
		_, err = w.Close(ctx, body(ticket, 1, `{}`))
		w.must(err)
		w.Clock.Move(time.Second)
		_, err = w.Close(ctx, body(ticket, 2, `{}`))
		w.refused(err, errs.Gone, "scorm.ticket")
		_, err = w.Commit(ctx, w.aya, id, body(ticket, 2, `{}`))
		w.refused(err, errs.Gone, "scorm.ticket")
		v = w.Clock.Now()
		w.must(w.tell(id, v, 1, `{}`))
		w.refused(w.tell(id, v, 3, `{"name":"Ая"}`), errs.Invalid, "scorm.invalid")
		w.must(w.study.Leave(ctx, w.aya, slug))
		_, err = w.Close(ctx, body(w.Ticket(id, v), 3, `{}`))
		w.refused(err, errs.NotFound, "scorm.unknown")
	})
}

func TestWhatCanNotBePlayed(t *testing.T) {
	forBoth(t, func(w *world) {
		bota := w.Subject(w.T, map[person.Field]string{person.Email: "bota@mysal.kz"})
		_, err := w.Open(ctx, bota, slug, game, false)
		w.refused(err, errs.NotFound, "study.none")
		for _, lesson := range []int64{11, 13} {
			_, err = w.Open(ctx, w.aya, slug, lesson, false)
			w.refused(err, errs.NotFound, "course.lesson.unknown")
		}
		_, err = w.study.Finish(ctx, w.aya, slug, game)
		w.refused(err, errs.NotFound, "course.lesson.unknown") // it tells by itself
		w.put(&learning.Package{ID: 7, Token: strings.Repeat("a", 26), Version: learning.SCORM12, Launch: "index.html", Silent: true})
		_, err = w.study.Finish(ctx, w.aya, slug, game)
		w.must(err)
		id := w.open(false)
		w.put(nil) // taken away while it is played
		w.must(w.tell(id, w.view(0), 1, `{"status":"completed"}`))
	})
}

func TestNoMoreBeginningsThanThereAre(t *testing.T) {
	forBoth(t, func(w *world) {
		for i := range 100 {
			w.Clock.Move(time.Second)
			id := w.open(true)
			w.Clock.Move(time.Second)
			w.must(w.tell(id, w.view(0), int64(i+1), `{}`))
		}
		_, err := w.Open(ctx, w.aya, slug, game, true)
		w.refused(err, errs.Conflict, "scorm.often")
	})
}

// TestAtTheSameMoment: of many presses one attempt comes, and of many words the last stays.
func TestAtTheSameMoment(t *testing.T) {
	forBoth(t, func(w *world) {
		ids := make([]person.ID, 8)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() { ids[i] = w.open(true) })
		}
		wg.Wait()
		if slices.ContainsFunc(ids, func(id person.ID) bool { return id != ids[0] }) {
			w.Errorf("attempts %v", ids)
		}
		for seq := range int64(8) {
			wg.Go(func() {
				if err := w.tell(ids[0], w.view(0), seq+1, fmt.Sprintf(`{"suspend":"%d"}`, seq+1)); err != nil {
					w.Error(err)
				}
			})
		}
		wg.Wait()
		if a := w.list()[0]; a.Kept.CMI.Suspend != "8" || a.Kept.Seq != 8 {
			w.Errorf("%+v", a.Kept)
		}
	})
}

func TestEachActIsAnEntryAndNothingIsInTheClear(t *testing.T) {
	forBoth(t, func(w *world) {
		id := w.open(false)
		w.must(w.tell(id, w.view(0), 1, `{"suspend":"kanareika"}`))
		w.must(w.tell(id, w.view(0), 2, `{"suspend":"kanareika","status":"completed"}`))
		list, _, err := w.Ledger.BySubject(ctx, w.aya, 1<<62, 1000, func(e *ledger.Entry) bool { return e.Case == scorm.Code(slug) })
		w.must(err)
		var ops []policy.Operation
		for _, e := range list {
			ops = append(ops, e.Operation)
		}
		slices.Sort(ops)
		if !slices.Equal(ops, []policy.Operation{policy.Collection, policy.Recording, policy.Recording}) {
			w.Errorf("entries %v", ops)
		}
		var sealed []byte
		_, err = w.DB.Get(ctx, []any{&sealed}, "SELECT sealed FROM scorm_attempt")
		w.must(err)
		if len(sealed) == 0 || strings.Contains(string(sealed), "kanareika") {
			w.Error("notes lie in the clear")
		}
		w.Erase(w.T, w.aya)
		var n int
		_, err = w.DB.Get(ctx, []any{&n}, "SELECT count(*) FROM scorm_attempt")
		w.must(err)
		if n != 0 {
			w.Errorf("%d attempts outlive their owner", n)
		}
	})
}
