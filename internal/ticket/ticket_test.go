package ticket_test

import (
	"bytes"
	"cmp"
	"context"
	"image"
	"image/png"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/media"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
	"ustaz/internal/ticket"
	"ustaz/internal/worktime"
)

var ctx = context.Background()

type world struct {
	*testdoor.Env
	t             *testing.T
	s             *ticket.Service
	queue         *jobs.Queue
	aya, nurlan   person.ID
	aidos, dana   keeper.Actor // support
	erke, officer keeper.Actor
	down          error // of the mail server
	letters       []notify.Letter
}

// Send takes letters in place of package notice.
func (w *world) Send(_ context.Context, to person.ID, purpose policy.Purpose, l notify.Letter) error {
	if w.down != nil {
		return w.down
	}
	if to != w.aya || purpose != policy.Support {
		w.t.Errorf("a letter to %v for %v", to, purpose)
	}
	w.letters = append(w.letters, l)
	return nil
}

func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := &world{Env: e, t: t, queue: jobs.New(e.DB, slog.New(slog.DiscardHandler))}
		w.s = ticket.New(ticket.Config{DB: e.DB, Door: e.Keeper, Media: media.New(e.DB, media.DefaultLimits()), Limiter: limit.New(e.DB, e.Keeper.Mac), Queue: w.queue, Notifier: w,
			Lang: func(context.Context, person.ID) (string, error) { return "kk", nil },
			Page: func(lang string, t *ticket.Ticket) string {
				return "https://ustaz.example/" + lang + "/" + t.ID.String()
			}})
		w.aya = e.Subject(t, testdoor.AyaFields)
		ids := e.People(t, 5)
		w.nurlan = ids[0]
		w.aidos, w.dana = keeper.Staff(ids[1], policy.SupportR), keeper.Staff(ids[2], policy.SupportR)
		w.erke, w.officer = keeper.Staff(ids[3], policy.Editor), keeper.Staff(ids[4], policy.Officer)
		fn(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// is holds that an error is of a kind, by a message.
func (w *world) is(err error, kind errs.Kind, key string) {
	w.t.Helper()
	if !errs.Is(err, kind) || errs.As(err).Key != key {
		w.t.Errorf("got %v, want %v %s", err, kind, key)
	}
}

func words(s string) person.Value { return person.Stored(person.Words, s) }

const asked = "Тест ашылмайды, ескерту шығады."

func (w *world) ask(files ...desk.Attachment) person.ID {
	w.t.Helper()
	id := person.NewID(w.Clock.Now())
	_, err := w.s.Ask(ctx, w.aya, id, "kk", ticket.Test, words(asked), files)
	w.must(err)
	return id
}

func (w *world) status(id person.ID) ticket.Status {
	w.t.Helper()
	list, err := w.s.Mine(ctx, w.aya)
	w.must(err)
	for _, t := range list {
		if t.ID == id {
			return t.Status
		}
	}
	w.t.Fatal("no such ticket")
	return 0
}

// said are the acts of a thread.
func said(v *ticket.View) string {
	var out []string
	for _, x := range v.Steps {
		out = append(out, x.Act.String())
	}
	return strings.Join(out, " ")
}

func picture() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// A ticket (4.1.7) goes its way: asked with files, taken, noted, answered, written to, solved, opened again. A stranger finds none of it, whatever they call.
func TestTicket(t *testing.T) {
	t.Parallel()
	forBoth(t, func(t *testing.T, w *world) {
		long := bytes.Repeat([]byte("%PDF-1.4 "), 60<<10) // of several pieces
		id := w.ask(desk.Attachment{Name: "бет.pdf", Contents: long}, desk.Attachment{Name: "экран.png", Contents: picture()})
		var wg sync.WaitGroup
		for range 4 { // the form that is sent again, also at once
			wg.Go(func() {
				if again, err := w.s.Ask(ctx, w.aya, id, "kk", ticket.Test, words(asked), nil); err != nil || again.ID != id {
					t.Error(err)
				}
			})
		}
		other := person.NewID(w.Clock.Now())
		for range 4 {
			wg.Go(func() {
				if _, err := w.s.Ask(ctx, w.aya, other, "ru", ticket.Other, words("Тағы бір сұрақ"), nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if list, err := w.s.Mine(ctx, w.aya); err != nil || len(list) != 2 {
			t.Fatal(len(list), err)
		}
		v, err := w.s.ForOwner(ctx, w.aya, id, false, "")
		w.must(err)
		if said(v) != "asked" || v.Steps[0].Words.Reveal() != asked || len(v.Steps[0].Files) != 2 || v.Steps[0].Files[0].Name.Reveal() != "бет.pdf" {
			t.Fatalf("%s %+v", said(v), v.Steps[0].Files)
		}
		pdf := v.Steps[0].Files[0].ID
		if f, contents, err := w.s.FileForOwner(ctx, w.aya, id, pdf); err != nil || !bytes.Equal(contents, long) || f.Type != "application/pdf" {
			t.Error(f.Type, len(contents), err)
		}

		none := "ticket.none"
		_, err = w.s.ForOwner(ctx, w.nurlan, id, true, "")
		w.is(err, errs.NotFound, none)
		_, _, err = w.s.FileForOwner(ctx, w.nurlan, id, pdf)
		w.is(err, errs.NotFound, none)
		_, _, err = w.s.FileForOwner(ctx, w.aya, other, pdf) // of another ticket
		w.is(err, errs.NotFound, none)
		w.is(w.s.Write(ctx, w.nurlan, id, words("Менікі"), nil), errs.NotFound, none)
		w.is(w.s.Settle(ctx, w.nurlan, id), errs.NotFound, none)
		_, err = w.s.Ask(ctx, w.nurlan, id, "kk", ticket.Test, words("Менікі"), nil)
		w.is(err, errs.NotFound, none)

		w.must(w.s.Take(ctx, w.aidos, id))
		w.must(w.s.Note(ctx, w.aidos, id, words("Қайта тексеру керек")))
		w.must(w.s.Answer(ctx, w.aidos, id, 3, words("Бетті жаңартыңыз")))
		w.must(w.queue.Drain(ctx))
		if len(w.letters) != 1 || w.letters[0].Key != "ticket.letter.answered" || !strings.HasSuffix(w.letters[0].Link, id.String()) {
			t.Errorf("%+v", w.letters)
		}
		if w.status(id) != ticket.Theirs {
			t.Error(w.status(id))
		}
		w.must(w.s.Write(ctx, w.aya, id, words("Көмектеспеді"), nil))
		if w.status(id) != ticket.Ours {
			t.Error(w.status(id))
		}
		w.is(w.s.Answer(ctx, w.aidos, id, 4, words("Ескі бетке жауап")), errs.Conflict, "ticket.moved") // written past what came meanwhile
		w.must(w.s.Close(ctx, w.aidos, id))
		w.is(w.s.Write(ctx, w.aya, id, words("Жабық па?"), nil), errs.Conflict, "ticket.solved")
		w.must(w.s.Reopen(ctx, w.aya, id))
		w.must(w.s.Settle(ctx, w.aya, id))
		w.Clock.Move(14 * 24 * time.Hour)
		w.is(w.s.Reopen(ctx, w.aya, id), errs.Conflict, "ticket.toolate")

		v, err = w.s.ForOwner(ctx, w.aya, id, false, "")
		w.must(err)
		if said(v) != "asked answered wrote closed reopened closed" {
			t.Error(said(v))
		}
		v, err = w.s.ForOwner(ctx, w.aya, id, true, "") // their copy has what was said of them too
		w.must(err)
		if said(v) != "asked taken noted answered wrote closed reopened closed" || v.Steps[2].Words.Reveal() != "Қайта тексеру керек" {
			t.Error(said(v))
		}
		// What a database holds is closed.
		var sealed int
		rows, err := w.DB.Query(ctx, "SELECT words FROM ticket_step UNION ALL SELECT name FROM ticket_file UNION ALL SELECT sealed FROM ticket_chunk")
		w.must(err)
		for rows.Next() {
			var b []byte
			w.must(rows.Scan(&b))
			if sealed++; bytes.Contains(b, []byte("ашылмайды")) || bytes.Contains(b, []byte("%PDF")) || bytes.Contains(b, []byte("бет")) {
				t.Error("a value lies open")
			}
		}
		w.must(rows.Err())
		w.must(rows.Close())

		w.Erase(t, w.aya)
		for _, table := range []string{"ticket", "ticket_step", "ticket_file", "ticket_chunk"} {
			var n int
			if _, err := w.DB.Get(ctx, []any{&n}, "SELECT count(*) FROM "+table); err != nil || n != 0 || sealed == 0 {
				t.Errorf("%s: %d rows are left, %v", table, n, err)
			}
		}
	})
}

// Two answer at once (4.1.7): one of them does, the other is told, and nothing of theirs is sent. Whoever does not have a ticket does nothing to it.
func TestTwoAnswerAtOnce(t *testing.T) {
	t.Parallel()
	forBoth(t, func(t *testing.T, w *world) {
		id := w.ask()
		faults := make([]error, 2)
		var wg sync.WaitGroup
		for i, by := range []keeper.Actor{w.aidos, w.dana} {
			wg.Go(func() { faults[i] = w.s.Answer(ctx, by, id, 1, words("Жауап")) })
		}
		wg.Wait()
		if (faults[0] == nil) == (faults[1] == nil) {
			t.Fatal(faults)
		}
		winner, loser := w.aidos, w.dana
		if faults[0] != nil {
			winner, loser = loser, winner
		}
		w.is(cmp.Or(faults[0], faults[1]), errs.Conflict, "ticket.taken")
		w.is(w.s.Answer(ctx, winner, id, 1, words("Жауап")), errs.Conflict, "ticket.moved") // the button pressed twice
		w.is(w.s.Take(ctx, loser, id), errs.Conflict, "ticket.taken")
		w.is(w.s.Close(ctx, loser, id), errs.Conflict, "ticket.taken")
		w.is(w.s.HandOver(ctx, loser, id, policy.Officer), errs.Conflict, "ticket.taken")
		w.must(w.s.GiveBack(ctx, winner, id))
		w.must(w.s.Take(ctx, loser, id))

		// Handed over, it is found by those whom it was given to alone, and a legal request gets the forms.
		w.is(w.s.Take(ctx, w.officer, id), errs.NotFound, "ticket.none")
		w.must(w.s.HandOver(ctx, loser, id, policy.Officer))
		_, err := w.s.ForStaff(ctx, loser, id)
		w.is(err, errs.NotFound, "ticket.none")
		_, err = w.s.ForStaff(ctx, w.erke, id)
		w.is(err, errs.NotFound, "ticket.none")
		v, err := w.s.ForStaff(ctx, w.officer, id)
		w.must(err)
		if v.Steps[0].Words.Reveal() != asked || v.Staff != 0 {
			t.Errorf("%+v", v)
		}
		w.must(w.s.Direct(ctx, w.officer, id, len(v.Steps)))
		if list, err := w.s.Waiting(ctx, policy.Officer, ticket.Theirs, ticket.Test, db.Place{}, 10); err != nil || len(list) != 1 {
			t.Error(len(list), err)
		}
		w.must(w.s.HandOver(ctx, w.officer, id, policy.Editor))
		v, err = w.s.ForStaff(ctx, w.erke, id)
		w.must(err)
		if said(v) != "asked answered given_back taken to_officer directed to_editor" || v.Steps[5].Role != policy.Officer || v.Steps[4].Role != policy.SupportR {
			t.Error(said(v))
		}
		w.must(w.queue.Drain(ctx))
		if len(w.letters) != 2 { // of the answer and of the forms
			t.Errorf("%+v", w.letters)
		}

		// The person finds every look of staff in the log, by its clause.
		list, _, err := w.Ledger.BySubject(ctx, w.aya, 1<<62, 100, func(e *ledger.Entry) bool {
			return e.Kind == ledger.ByStaff && e.Case == "ticket:"+id.String() && e.Operation == policy.Retrieval
		})
		w.must(err)
		var roles []policy.Role
		for _, e := range list {
			roles = append(roles, e.Role)
			if e.Purpose != policy.Support || e.Outcome != ledger.Allowed || e.Fields != person.Set(person.Words, person.File) {
				t.Errorf("%+v", e)
			}
		}
		if !slices.Equal(roles, []policy.Role{policy.Editor, policy.Officer}) {
			t.Error(roles)
		}
	})
}

// Without mail the answer stands at once and its letter goes later. Who is blocked is neither read nor written to.
func TestMailDownAndBlocked(t *testing.T) {
	t.Parallel()
	forBoth(t, func(t *testing.T, w *world) {
		id := w.ask()
		w.down = errs.New(errs.Unavailable, "letter.unsent")
		w.must(w.s.Answer(ctx, w.aidos, id, 1, words("Жауап")))
		w.must(w.queue.Drain(ctx))
		if w.status(id) != ticket.Theirs || len(w.letters) != 0 {
			t.Error(w.status(id), w.letters)
		}
		w.down = nil
		w.Clock.Move(time.Hour)
		w.must(w.queue.Drain(ctx))
		if len(w.letters) != 1 {
			t.Error(len(w.letters))
		}
		block := func(on bool) {
			_, err := w.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Program(), Subject: w.aya, Operation: policy.Blocking, Purpose: policy.Restriction},
				func(t *keeper.Tx) error { t.Restrict(on); return nil })
			w.must(err)
		}
		block(true)
		_, err := w.s.Ask(ctx, w.aya, person.NewID(w.Clock.Now()), "kk", ticket.Other, words("Сұрақ"), nil)
		if err == nil || errs.Is(err, errs.Internal) {
			t.Error(err)
		}
		if err := w.s.Write(ctx, w.aya, id, words("Тағы"), nil); err == nil {
			t.Error("written under a block")
		}
		if _, err := w.s.ForStaff(ctx, w.aidos, id); !errs.Is(err, errs.Forbidden) {
			t.Error(err)
		}
		if err := w.s.Answer(ctx, w.aidos, id, 2, words("Тағы жауап")); err == nil {
			t.Error("answered under a block")
		}
		block(false)
		v, err := w.s.ForStaff(ctx, w.aidos, id)
		w.must(err)
		if said(v) != "asked answered" {
			t.Error(said(v))
		}
	})
}

// What is refused of files, of words and of how many.
func TestLimits(t *testing.T) {
	t.Parallel()
	forBoth(t, func(t *testing.T, w *world) {
		id := w.ask()
		pdf := desk.Attachment{Name: "a.pdf", Contents: []byte("%PDF-1.4")}
		for name, files := range map[string][]desk.Attachment{
			"text": {{Name: "a.txt", Contents: []byte("hello")}}, "a picture that is none": {{Name: "a.png", Contents: []byte("\x89PNG\r\n\x1a\nno more")}}, "a program by another name": {{Name: "a.pdf", Contents: []byte("MZ\x90")}},
			"too large": {{Name: "a.pdf", Contents: append([]byte("%PDF-1.4"), make([]byte, ticket.MaxFile)...)}}, "too many": slices.Repeat([]desk.Attachment{pdf}, ticket.MaxFiles+1),
		} {
			if err := w.s.Write(ctx, w.aya, id, person.Value{}, files); !errs.Is(err, errs.Invalid) || errs.As(err).Fields[0].Name != "file" {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range 4 {
			w.must(w.s.Write(ctx, w.aya, id, person.Value{}, slices.Repeat([]desk.Attachment{pdf}, ticket.MaxFiles)))
		}
		w.is(w.s.Write(ctx, w.aya, id, person.Value{}, []desk.Attachment{pdf}), errs.Invalid, "error.fields")
		w.is(w.s.Write(ctx, w.aya, id, person.Value{}, nil), errs.Invalid, "error.fields")
		for range 9 {
			w.ask()
		}
		_, err := w.s.Ask(ctx, w.aya, person.NewID(w.Clock.Now()), "kk", ticket.Other, words("Он бірінші"), nil)
		w.is(err, errs.Conflict, "ticket.toomany")

		// Ready answers: all three languages, and nobody's change is lost.
		ready := ticket.Canned{Topic: ticket.SignIn, Title: "Код", Words: i18n.Text{KK: "Код", RU: "Код", EN: "Code"}}
		w.must(w.s.KeepCanned(ctx, w.aidos.ID, ready))
		if err := w.s.KeepCanned(ctx, w.aidos.ID, ticket.Canned{Title: "x", Words: i18n.Text{KK: "x"}}); !errs.Is(err, errs.Invalid) || len(errs.As(err).Fields) != 2 {
			t.Error(err)
		}
		list, err := w.s.Canned(ctx)
		w.must(err)
		if len(list) != 1 || list[0].In("en") != "Code" || list[0].Topic != ticket.SignIn {
			t.Fatalf("%+v", list)
		}
		changed := list[0]
		changed.Words.EN = "The code"
		w.must(w.s.KeepCanned(ctx, w.dana.ID, changed))
		w.is(w.s.KeepCanned(ctx, w.aidos.ID, list[0]), errs.Conflict, "ticket.canned.moved")
		w.is(w.s.RemoveCanned(ctx, changed.ID, changed.Rev), errs.Conflict, "ticket.canned.moved")
		w.must(w.s.RemoveCanned(ctx, changed.ID, changed.Rev+1))
	})
}

// TestTimes (4.1.7): hours of work alone count; the target is the next working day.
func TestTimes(t *testing.T) {
	t.Parallel()
	forBoth(t, func(t *testing.T, w *world) {
		calendar, err := worktime.NewCalendar(worktime.DefaultDays())
		w.must(err)
		almaty := time.FixedZone("", 5*3600)
		at := func(day, hour int) { // of November 2026: the 6th is a Friday
			w.Clock.Move(time.Date(2026, 11, day, hour, 0, 0, 0, almaty).Sub(w.Clock.Now()))
		}
		at(6, 15)
		first, second := w.ask(), w.ask()
		list, err := w.s.Mine(ctx, w.aya)
		w.must(err)
		if due := list[0].Due.In(almaty); due.Day() != 9 || list[0].Late(due) || !list[0].Late(due.Add(time.Second)) {
			t.Error(due)
		}
		at(9, 10) // 2 hours of Friday and 1 of Monday
		w.must(w.s.Answer(ctx, w.aidos, first, 1, words("Жауап")))
		at(9, 20) // after work: the day counts whole
		w.must(w.s.Answer(ctx, w.aidos, second, 1, words("Жауап")))
		at(10, 9)
		w.must(w.s.Settle(ctx, w.aya, first))
		lines, err := w.s.Times(ctx, calendar)
		w.must(err)
		if len(lines) != 1 {
			t.Fatalf("%+v", lines)
		}
		want := ticket.Line{Week: worktime.DateOf(time.Date(2026, 11, 2, 12, 0, 0, 0, almaty)), Topic: ticket.Test, N: 2,
			First: ticket.Spread{N: 2, Median: 3 * time.Hour, Most: 10 * time.Hour}, Solution: ticket.Spread{N: 1, Median: 10 * time.Hour, Most: 10 * time.Hour}}
		if lines[0] != want {
			t.Errorf("got %+v\nwant %+v", lines[0], want)
		}
	})
}
