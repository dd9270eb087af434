package breach_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"ustaz/internal/breach"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

var catalog = sync.OnceValues(i18n.Load)

// box keeps to whom which letter went.
type box struct {
	mu   sync.Mutex
	sent map[string]string
}

func (b *box) Send(_ context.Context, m notify.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent[m.To.Reveal()] += m.Key + ";"
	return nil
}

type world struct {
	*testdoor.Env
	t       *testing.T
	queue   *jobs.Queue
	box     *box
	breach  *breach.Register
	officer person.ID
	spy     keeper.Actor
	people  []person.ID
}

const officerMail = "officer@mysal.kz"

func mail(n int) string { return fmt.Sprintf("p%d@mysal.kz", n) }

func newWorld(t *testing.T, e *testdoor.Env) *world {
	t.Helper()
	words, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	e.Brake[policy.SupportR] = 0
	w := &world{Env: e, t: t, box: &box{sent: map[string]string{}}, queue: jobs.New(e.DB, slog.New(slog.DiscardHandler))}
	w.officer = w.person(officerMail)
	w.spy = keeper.Staff(w.person("spy@mysal.kz"), policy.SupportR)
	for n := range 5 {
		w.people = append(w.people, w.person(mail(n)))
	}
	w.breach = breach.New(breach.Config{DB: e.DB, Door: e.Keeper, Log: e.Ledger, Queue: w.queue,
		Notifier: notify.New(e.Keeper, words, w.box, "noreply@ustaz.example", i18n.Text{KK: "«Мысал» қоры"}, e.Clock.Now),
		Officers: func(context.Context) ([]person.ID, error) { return []person.ID{w.officer}, nil },
		Lang:     func(context.Context, person.ID) (string, error) { return "", nil },
		DataPage: func(lang string) string { return "https://ustaz.example/" + lang + "/my/data" }})
	return w
}

func (w *world) person(mail string) person.ID {
	return w.Subject(w.t, map[person.Field]string{person.Surname: "Ә", person.GivenName: "Б", person.Email: mail})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) mustBe(err error, kind errs.Kind, key string) {
	w.t.Helper()
	e := errs.As(err)
	if err == nil || e.Kind != kind || e.Key != key && (len(e.Fields) == 0 || e.Fields[0].Key != key) {
		w.t.Errorf("answer %v, want %v %s", err, kind, key)
	}
}

// spies lets the member of staff open somebody's fields.
func (w *world) spies(n int, f ...person.Field) {
	w.t.Helper()
	_, err := w.Keeper.Read(ctx, keeper.Passage{Actor: w.spy, Subject: w.people[n], Operation: policy.Retrieval, Purpose: policy.Support, Fields: person.Set(f...), Case: "ticket:1"})
	w.must(err)
}

func (w *world) open(drill bool, window breach.Window) *breach.Breach {
	w.t.Helper()
	b, err := w.breach.Open(ctx, w.officer, breach.Breach{Drill: drill, Kind: breach.Read, Detected: w.Clock.Now(), About: "Қызметкер себепсіз оқыған.", Window: window})
	w.must(err)
	w.must(w.queue.Drain(ctx))
	b, err = w.breach.ByNumber(ctx, b.Number)
	w.must(err)
	return b
}

// window is what the spy did from a minute after the start to another.
func (w *world) window(from, until int) breach.Window {
	return breach.Window{Kind: ledger.ByStaff, Actor: w.spy.ID, From: testdoor.Start.Add(time.Duration(from) * time.Minute), Until: testdoor.Start.Add(time.Duration(until) * time.Minute)}
}

func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) { fn(t, newWorld(t, e)) })
}

// 7.1: whom a breach concerns follows from the log; 5.5: they are told, in time, once.
func TestBreachFromDetectionToItsEnd(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.spies(0, person.Email)
		w.Clock.Move(10 * time.Minute)
		w.spies(1, person.Email)
		w.spies(2, person.Surname)
		w.Clock.Move(time.Minute)
		w.spies(2, person.Email)
		if _, err := w.Keeper.Read(ctx, keeper.Passage{Actor: w.spy, Subject: w.people[3], Operation: policy.Retrieval, Purpose: policy.Support, Fields: person.Set(person.IIN), Case: "ticket:1"}); !errs.Is(err, errs.Forbidden) {
			t.Fatalf("the refusal that is to be left out: %v", err)
		}
		w.Clock.Move(10 * time.Minute)
		w.spies(4, person.Email)

		b := w.open(false, w.window(5, 15))
		if b.Due.Format("2006-01-02") != "2026-11-04" || b.Counted.IsZero() || b.Number != "2026-1" {
			t.Errorf("%+v", b)
		}
		people, err := w.breach.People(ctx, b, 0, 10)
		w.must(err)
		got := map[person.ID]string{}
		for _, p := range people {
			got[p.Subject] = p.Fields.String()
		}
		if want := map[person.ID]string{w.people[1]: "email", w.people[2]: "surname,email"}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("concerned %v, want %v", got, want)
		}
		fields, err := w.breach.Fields(ctx, b)
		w.must(err)
		if got := fmt.Sprint(fields); got != "[{surname 1} {email 2}]" {
			t.Errorf("fields %s", got)
		}
		if first, err := w.breach.Concerned(ctx, b.Number, 0, 1); err != nil || len(first) != 1 || first[0] != people[0].Subject {
			t.Errorf("first of them %v, %v", first, err)
		}
		w.mustBe(w.breach.Close(ctx, w.officer, b.Number), errs.Conflict, "breach.open")
		w.must(w.breach.Tell(ctx, w.officer, b.Number))
		w.mustBe(w.breach.Tell(ctx, w.officer, b.Number), errs.Conflict, "breach.done")
		w.must(w.queue.Drain(ctx))
		for n, want := range []string{"", "breach.letter.people;", "breach.letter.people;", "", ""} {
			if w.box.sent[mail(n)] != want {
				t.Errorf("%s got %q, want %q", mail(n), w.box.sent[mail(n)], want)
			}
		}
		if all, told, err := w.breach.Count(ctx, b); err != nil || all != 2 || told != 2 {
			t.Errorf("%d of %d told, %v", told, all, err)
		}
		w.must(w.breach.AuthorityTold(ctx, w.officer, b.Number))
		w.must(w.breach.Measure(ctx, w.officer, b.Number, "Рөлі алынды."))
		w.must(w.breach.Close(ctx, w.officer, b.Number))
		w.mustBe(w.breach.Measure(ctx, w.officer, b.Number, "тағы"), errs.Conflict, "breach.closed")
		// Each act is in the log.
		entries, _, err := w.Ledger.Latest(ctx, 1<<62, 20, 100, func(e *ledger.Entry) bool { return e.Case == b.Code() && e.Kind == ledger.ByStaff })
		w.must(err)
		if len(entries) != 5 {
			t.Errorf("%d entries of officer's acts, want 5", len(entries))
		}
		all, err := w.breach.All(ctx)
		w.must(err)
		if len(all) != 1 || all[0].Closed.IsZero() || all[0].Measures != "Рөлі алынды." || all[0].Authority.IsZero() {
			t.Errorf("register %+v", all[0])
		}
	})
}

// A drill goes the whole way, and nobody concerned hears of it.
func TestDrillWritesToOfficersAlone(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.spies(0, person.Email)
		b := w.open(true, w.window(-5, 5)) // as "today until midnight", entered in the morning
		if !b.Window.Until.Equal(w.Clock.Now()) {
			t.Errorf("the people of %v are counted at %v", b.Window, w.Clock.Now())
		}
		if n, _, err := w.breach.Count(ctx, b); err != nil || n != 1 || !b.Drill {
			t.Errorf("%d concerned, %v", n, err)
		}
		_, err := w.breach.Concerned(ctx, b.Number, 0, 10)
		w.mustBe(err, errs.NotFound, "breach.none")
		w.must(w.breach.Tell(ctx, w.officer, b.Number))
		w.must(w.queue.Drain(ctx))
		if w.box.sent[mail(0)] != "" || w.box.sent[officerMail] != "breach.letter.drill;" {
			t.Errorf("letters %v", w.box.sent)
		}
	})
}

func TestBadBreaches(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	good := breach.Breach{Kind: breach.Copied, Detected: w.Clock.Now(), About: "x", Window: w.window(-2, -1)}
	for key, spoil := range map[string]func(b *breach.Breach){
		"breach.about":    func(b *breach.Breach) { b.About = " " },
		"error.form":      func(b *breach.Breach) { b.Kind = 9 },
		"breach.detected": func(b *breach.Breach) { b.Detected = w.Clock.Now().Add(time.Second) },
		"breach.window": func(b *breach.Breach) {
			b.Window.From, b.Window.Until = w.Clock.Now().Add(time.Second), w.Clock.Now().Add(time.Hour)
		},
	} {
		b := good
		spoil(&b)
		_, err := w.breach.Open(ctx, w.officer, b)
		w.mustBe(err, errs.Invalid, key)
	}
	b, err := w.breach.Open(ctx, w.officer, good)
	w.must(err)
	w.mustBe(w.breach.Tell(ctx, w.officer, b.Number), errs.Conflict, "breach.uncounted")
	w.mustBe(w.breach.AuthorityTold(ctx, w.officer, "2026-9"), errs.NotFound, "breach.none")
}
