package retention_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/retention"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

const officer = person.ID(7)

type world struct {
	*testdoor.Env
	t      *testing.T
	s      *retention.Service
	people []person.ID
	idle   []time.Time // since when nothing has happened, by people
	held   map[person.ID]bool
}

func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) { fn(t, newWorld(t, e)) })
}

func newWorld(t *testing.T, e *testdoor.Env) *world {
	t.Helper()
	w := &world{Env: e, t: t, held: map[person.ID]bool{}}
	for n := range 4 {
		w.people = append(w.people, e.Subject(t, map[person.Field]string{person.Surname: "Ә", person.GivenName: "Б", person.Email: fmt.Sprintf("p%d@mysal.kz", n)}))
		w.idle = append(w.idle, testdoor.Start.AddDate(0, -n*12, 0))
		e.Clock.Move(time.Millisecond)
	}
	w.s = retention.New(retention.Config{DB: e.DB, Door: e.Keeper, Log: e.Ledger, Queue: jobs.New(e.DB, slog.New(slog.DiscardHandler)),
		Categories: []retention.Category{{Code: "account", Idle: w.since}},
		Holds: func(_ context.Context, id person.ID) ([]string, error) {
			if w.held[id] {
				return []string{"desk.blocker.claim"}, nil
			}
			return nil, nil
		}})
	return w
}

func (w *world) since(_ context.Context, since time.Time, after person.ID, _ int) (out []person.ID, err error) {
	for n, id := range w.people {
		state, err := w.Keeper.State(ctx, id)
		if err != nil {
			return nil, err
		}
		if id > after && !state.Erased && w.idle[n].Before(since) {
			return []person.ID{id}, nil
		}
	}
	return nil, nil
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) erased() (out []int) {
	w.t.Helper()
	for n, id := range w.people {
		state, err := w.Keeper.State(ctx, id)
		w.must(err)
		if state.Erased {
			out = append(out, n)
		}
	}
	return out
}

// 5.1: nothing ends by itself until a term was set; then what fell due is erased, but what is held back.
func TestWhatFallsDueIsErased(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.must(w.s.Run(ctx))
		if got := w.erased(); got != nil {
			t.Fatalf("erased without a term: %v", got)
		}
		w.must(w.s.Set(ctx, officer, retention.Rule{Category: "account", Months: 18, Basis: "Бұйрық № 5"}))
		w.held[w.people[3]] = true
		for months, want := range map[int]int{0: 0, 6: 2, 18: 1, 30: 0} { // the fourth is held back
			if n, err := w.s.Due(ctx, "account", months, 10); err != nil || n != want {
				t.Errorf("after %d months %d people would fall due, want %d; %v", months, n, want, err)
			}
		}
		if n, err := w.s.Due(ctx, "account", 6, 1); err != nil || n != 1 {
			t.Errorf("counted up to one: %d, %v", n, err)
		}
		w.must(w.s.Run(ctx))
		if got := w.erased(); fmt.Sprint(got) != "[2]" {
			t.Errorf("erased %v, want [2]", got)
		}
		// Who is blocked comes again when the block is off.
		restrict := func(on bool) {
			p := keeper.Passage{Actor: keeper.Program(), Subject: w.people[3], Operation: policy.Blocking, Purpose: policy.Restriction}
			_, err := w.Keeper.Change(ctx, p, func(x *keeper.Tx) error { x.Restrict(on); return nil })
			w.must(err)
		}
		w.held[w.people[3]] = false
		restrict(true)
		w.must(w.s.Run(ctx))
		if got := w.erased(); fmt.Sprint(got) != "[2]" {
			t.Errorf("with a block: erased %v", got)
		}
		restrict(false)
		w.Clock.Move(time.Hour)
		w.must(w.s.Run(ctx))
		acts, err := w.s.Acts(ctx, 10)
		w.must(err)
		if got := w.erased(); fmt.Sprint(got) != "[2 3]" || len(acts) != 2 || acts[0].People != 1 || acts[0].Months != 18 {
			t.Errorf("erased %v, acts %+v", got, acts)
		}
		entries, _, err := w.Ledger.BySubject(ctx, w.people[3], 1<<62, 1, func(e *ledger.Entry) bool { return e.Operation == policy.Destruction && e.Outcome == ledger.Allowed })
		w.must(err)
		if len(entries) != 1 || entries[0].Case != acts[0].Code() {
			t.Errorf("entries %v", entries)
		}
	})
}

func TestScheduleAndItsBadLines(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		rules, err := w.s.Rules(ctx)
		w.must(err)
		if len(rules) != 1 || rules[0].Months != 0 || !rules[0].Edited.IsZero() {
			t.Errorf("by itself %+v", rules)
		}
		for key, r := range map[string]retention.Rule{
			"error.form":       {Category: "nothing", Months: 12, Basis: "x"},
			"retention.months": {Category: "account", Months: 5, Basis: "x"},
			"retention.basis":  {Category: "account", Months: 12, Basis: " "},
		} {
			if e := errs.As(w.s.Set(ctx, officer, r)); e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Key != key {
				t.Errorf("%+v: %v", r, e.Fields)
			}
		}
		w.must(w.s.Set(ctx, officer, retention.Rule{Category: "account", Months: 60, Basis: "L 18"}))
		w.must(w.s.Set(ctx, officer, retention.Rule{Category: "account", Months: 0, Basis: "policy 5.1"}))
		rules, err = w.s.Rules(ctx)
		w.must(err)
		if rules[0].Months != 0 || rules[0].By != officer || rules[0].Basis != "policy 5.1" {
			t.Errorf("edited %+v", rules)
		}
	})
}

func TestCarriers(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		good := retention.Carrier{What: "Қағаз келісімдер, 2024", Place: "3-сейф", Sheets: 120}
		for key, spoil := range map[string]func(c *retention.Carrier){
			"retention.carrier.text":   func(c *retention.Carrier) { c.What = "" },
			"retention.carrier.sheets": func(c *retention.Carrier) { c.Sheets = 0 },
		} {
			c := good
			spoil(&c)
			if e := errs.As(w.s.AddCarrier(ctx, officer, c)); e.Kind != errs.Invalid || e.Fields[0].Key != key {
				t.Errorf("%s: %v", key, e)
			}
		}
		w.must(w.s.AddCarrier(ctx, officer, good))
		list, err := w.s.Carriers(ctx)
		w.must(err)
		if len(list) != 1 || list[0].What != good.What || list[0].Sheets != 120 || !list[0].Ended.IsZero() {
			t.Fatalf("%+v", list)
		}
		w.must(w.s.EndCarrier(ctx, officer, list[0].ID, "Ұсақтағышта жойылды, акт № 2"))
		if err := w.s.EndCarrier(ctx, officer, list[0].ID, "тағы"); !errs.Is(err, errs.Conflict) {
			t.Errorf("ended twice: %v", err)
		}
		if list, err = w.s.Carriers(ctx); err != nil || list[0].Ended.IsZero() || list[0].EndedHow == "" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
