package notice_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/notice"
	"ustaz/internal/notify"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

var catalog = sync.OnceValues(i18n.Load)

const home = "https://ustaz.example"

type world struct {
	*testdoor.Env
	t       *testing.T
	s       *notice.Service
	queue   *jobs.Queue
	aya     person.ID
	mu      sync.Mutex
	down    error // of the mail server
	noone   bool  // nobody has an account
	letters []notify.Message
}

func (w *world) Send(_ context.Context, m notify.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down != nil {
		return w.down
	}
	w.letters = append(w.letters, m)
	return nil
}

// sent gives the keys of the letters that went since it was last asked.
func (w *world) sent() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var keys []string
	for _, m := range w.letters {
		keys = append(keys, m.Key)
	}
	w.letters = nil
	return strings.Join(keys, " ")
}

// serve makes a service as a server has it, with a queue of its own.
func (w *world) serve() (*notice.Service, *jobs.Queue) {
	words, err := catalog()
	w.must(err)
	public, err := url.Parse(home)
	w.must(err)
	queue := jobs.New(w.DB, slog.New(slog.DiscardHandler))
	return notice.New(notice.Config{DB: w.DB, Door: w.Keeper, Queue: queue, Catalog: words, Public: public,
		Notifier: notify.New(w.Keeper, words, w, "noreply@ustaz.example", i18n.Text{KK: "«Мысал» қоры"}, w.Clock.Now),
		Lang: func(context.Context, person.ID) (string, error) {
			if w.noone {
				return "", nil
			}
			return "kk", nil
		},
		Inbox: func(lang string) string { return "/" + lang + "/inbox" },
		Stop:  func(lang string, token secret.Text) string { return "/" + lang + "/mail/off/" + token.Reveal() }}), queue
}

func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := &world{Env: e, t: t}
		w.s, w.queue = w.serve()
		w.aya = e.Subject(t, testdoor.AyaFields)
		fn(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) drain() { w.t.Helper(); w.must(w.queue.Drain(ctx)) }

const graded, password = "notice.letter.graded", "letter.password-changed"

// tell tells what a kind is for and works off what is due.
func (w *world) tell(k notice.Kind) {
	w.t.Helper()
	n := notice.Notice{Kind: k, Key: graded, Path: "/my/tests/1", Args: []i18n.Arg{i18n.In("course", i18n.Text{KK: "Бағалау", RU: "Оценивание", EN: "Assessment"})}}
	if k.Must() {
		n = notice.Notice{Kind: k, Key: password, Path: "/my/security", Purpose: policy.Identify}
	}
	w.must(w.DB.Write(ctx, func(t *db.Tx) error { return w.s.Tell(t, w.aya, n) }))
	w.drain()
}

func (w *world) choose(m notice.Mail, h notice.Hours) {
	w.t.Helper()
	w.must(w.s.Choose(ctx, w.aya, notice.Settings{Mail: map[notice.Kind]notice.Mail{notice.Course: m}, Hours: h}))
}

func (w *world) inbox() []*notice.Told {
	w.t.Helper()
	list, all, err := w.s.Inbox(ctx, w.aya, 1, "")
	w.must(err)
	if all != len(list) {
		w.t.Errorf("%d of %d", len(list), all)
	}
	return list
}

func (w *world) block(on bool) {
	w.t.Helper()
	_, err := w.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Program(), Subject: w.aya, Operation: policy.Blocking, Purpose: policy.Restriction},
		func(t *keeper.Tx) error { t.Restrict(on); return nil })
	w.must(err)
}

var noQuiet = notice.Hours{Digest: 9 * 60}

// Every kind under every choice, by day (14:02 in Kazakhstan) and in quiet hours: when its letter goes. All stand in the inbox at once.
func TestMatrix(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		day, night := notice.Hours{Digest: 9 * 60, QuietFrom: 22 * 60, QuietUntil: 8 * 60}, notice.Hours{Digest: 9 * 60, QuietFrom: 14 * 60, QuietUntil: 15 * 60}
		for _, tc := range []struct {
			name  string
			kind  notice.Kind
			mail  notice.Mail
			hours notice.Hours
			after time.Duration // -1: never
			key   string
		}{
			{"at once", notice.Course, notice.AtOnce, day, 0, graded},
			{"at once, quiet", notice.Course, notice.AtOnce, night, 58 * time.Minute, graded},
			{"digest", notice.Course, notice.Digest, day, 18*time.Hour + 58*time.Minute, "notice.digest"},
			{"digest in quiet hours", notice.Course, notice.Digest, notice.Hours{Digest: 14*60 + 30, QuietFrom: 14 * 60, QuietUntil: 15 * 60}, 58 * time.Minute, "notice.digest"},
			{"off", notice.Course, notice.Off, day, -1, ""},
			{"safety, quiet", notice.Security, notice.Off, night, 0, password},
			{"data, quiet", notice.Data, notice.Off, night, 0, password},
			{"edition, quiet", notice.Edition, notice.Off, night, 58 * time.Minute, password},
		} {
			before := len(w.inbox())
			w.choose(tc.mail, tc.hours)
			start := w.Clock.Now()
			w.tell(tc.kind)
			if len(w.inbox()) != before+1 {
				t.Errorf("%s: not in the inbox", tc.name)
			}
			if tc.after > 0 {
				w.Clock.Move(tc.after - time.Minute)
				w.drain()
				if got := w.sent(); got != "" {
					t.Errorf("%s: %q too early", tc.name, got)
				}
				w.Clock.Move(time.Minute)
				w.drain()
			}
			if got := w.sent(); got != tc.key {
				t.Errorf("%s: sent %q, want %q", tc.name, got, tc.key)
			}
			w.Clock.Move(start.Add(48 * time.Hour).Sub(w.Clock.Now()))
			w.drain()
			if got := w.sent(); got != "" {
				t.Errorf("%s: again %q", tc.name, got)
			}
		}
		if err := w.s.Choose(ctx, w.aya, notice.Settings{Mail: map[notice.Kind]notice.Mail{notice.Security: notice.Off}}); !errs.Is(err, errs.Invalid) {
			t.Errorf("safety off: %v", err)
		}
	})
}

// A digest is one letter of what was not read, though two servers run its jobs and each notice queued one; what was read, deleted or switched off is not in it.
func TestOneDigest(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.choose(notice.Digest, noQuiet)
		for range 5 {
			w.tell(notice.Course)
		}
		list := w.inbox()
		if _, err := w.s.Open(ctx, w.aya, list[0].ID, ""); err != nil {
			t.Fatal(err)
		}
		w.must(w.s.Drop(ctx, w.aya, list[1].ID))
		w.Clock.Move(24 * time.Hour)
		_, other := w.serve()
		var both sync.WaitGroup
		for _, q := range []*jobs.Queue{w.queue, other} {
			both.Go(func() {
				if err := q.Drain(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if len(w.letters) != 1 || w.letters[0].Key != "notice.digest" || w.letters[0].Link.Reveal() != home+"/kk/inbox" {
			t.Fatalf("letters %+v", w.letters)
		}
		if text := w.letters[0].Text.Reveal(); strings.Count(text, home+"/kk/my/tests/1") != 3 || strings.Contains(text, "Бағалау") {
			t.Errorf("digest: %s", text)
		}
		w.sent()
		w.Clock.Move(48 * time.Hour)
		w.drain()
		if got := w.sent(); got != "" {
			t.Errorf("again %q", got)
		}
	})
}

// A letter that the mail server does not take goes when it does, once; one that can't be sent at all is not tried for ever, and the inbox has both.
func TestMailServerDownAndBack(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.choose(notice.AtOnce, noQuiet)
		w.down = errs.Wrap(errs.Unavailable, "letter.unsent", errors.New("down"))
		w.tell(notice.Course)
		w.Clock.Move(11 * time.Second)
		w.drain()
		w.down = nil
		w.Clock.Move(time.Minute)
		w.drain()
		if got := w.sent(); got != graded {
			t.Errorf("sent %q", got)
		}
		w.down = errs.New(errs.Invalid, "letter.refused")
		w.tell(notice.Course)
		w.down = nil
		w.Clock.Move(72 * time.Hour)
		w.drain()
		if got := w.sent(); got != "" || len(w.inbox()) != 2 {
			t.Errorf("sent %q", got)
		}
	})
}

// A clock that jumps back sends nothing twice and nothing early; quiet hours that were chosen since count.
func TestClockJumps(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.choose(notice.Digest, noQuiet)
		w.tell(notice.Course)
		w.Clock.Move(20 * time.Hour) // 10:02
		w.drain()
		if got := w.sent(); got != "notice.digest" {
			t.Errorf("sent %q", got)
		}
		w.Clock.Move(-20 * time.Hour)
		w.tell(notice.Course)
		if got := w.sent(); got != "" {
			t.Errorf("early %q", got)
		}
		w.choose(notice.AtOnce, notice.Hours{QuietFrom: 9 * 60, QuietUntil: 12 * 60})
		w.Clock.Move(20 * time.Hour)
		w.drain()
		if got := w.sent(); got != "" {
			t.Errorf("in quiet hours %q", got)
		}
		w.Clock.Move(2 * time.Hour)
		w.drain()
		if got := w.sent(); got != graded {
			t.Errorf("after them %q", got)
		}
	})
}

// While somebody is blocked nothing goes out and nothing is written down, but what their safety needs; afterwards all of it does. Erased, all is gone.
func TestBlockedAndErased(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.choose(notice.Digest, noQuiet)
		w.tell(notice.Course)
		w.block(true)
		w.choose(notice.AtOnce, noQuiet)
		w.tell(notice.Course)
		w.Clock.Move(24 * time.Hour)
		w.drain()
		if got := w.sent(); got != "" || len(w.inbox()) != 1 {
			t.Errorf("blocked: %q", got)
		}
		w.tell(notice.Security)
		if got := w.sent(); got != password {
			t.Errorf("safety while blocked: %q", got)
		}
		w.block(false)
		w.Clock.Move(2 * time.Hour)
		w.drain()
		if got := w.sent(); got != graded+" "+graded || len(w.inbox()) != 2 {
			t.Errorf("afterwards: %q, %d notices", got, len(w.inbox()))
		}
		w.choose(notice.Digest, noQuiet)
		w.tell(notice.Course)
		w.Erase(t, w.aya)
		w.Clock.Move(48 * time.Hour)
		w.drain()
		for _, table := range []string{"notice", "notice_choice", "notice_hours"} {
			var n int
			if _, err := w.DB.Get(ctx, []any{&n}, "SELECT count(*) FROM "+table); err != nil || n != 0 {
				t.Errorf("%s: %d rows, %v", table, n, err)
			}
		}
		if got := w.sent(); got != "" {
			t.Errorf("erased: %q", got)
		}
	})
}

// The inbox is its owner's: read in their language, marked, deleted, brought back; another's notice does not exist.
func TestInbox(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		words, err := catalog()
		w.must(err)
		w.choose(notice.Off, noQuiet)
		w.tell(notice.Course)
		w.Clock.Move(time.Hour)
		w.tell(notice.Security)
		list := w.inbox()
		if len(list) != 2 || list[0].Kind != notice.Security || !list[1].Unread() || !strings.Contains(strings.Join(list[1].Text(words.Lang("ru")), " "), "«Оценивание»") ||
			list[1].Title(words.Lang("en")) != "Your test was graded" {
			t.Fatalf("%+v", list)
		}
		unread := func() int64 {
			n, err := w.s.Unread(ctx, w.aya)
			w.must(err)
			return n
		}
		id := list[1].ID
		bek := w.Subject(t, map[person.Field]string{person.GivenName: "Бек", person.Email: "bek@mysal.kz"})
		for name, err := range map[string]error{"open": second(w.s.Open(ctx, bek, id, "")), "drop": w.s.Drop(ctx, bek, id), "restore": w.s.Restore(ctx, bek, id),
			"dropped": w.s.Dropped(ctx, bek, id)} {
			if !errs.Is(err, errs.NotFound) {
				t.Errorf("%s by another: %v", name, err)
			}
		}
		w.must(w.s.ReadAll(ctx, bek))
		if unread() != 2 {
			t.Errorf("%d unread", unread())
		}
		x, err := w.s.Open(ctx, w.aya, id, "")
		w.must(err)
		if x.Path != "/my/tests/1" || unread() != 1 {
			t.Errorf("leads to %s, %d unread", x.Path, unread())
		}
		w.must(w.s.Drop(ctx, w.aya, list[0].ID))
		if unread() != 0 || len(w.inbox()) != 1 || !errs.Is(second(w.s.Open(ctx, w.aya, list[0].ID, "")), errs.NotFound) {
			t.Error("it was not deleted")
		}
		w.must(w.s.Restore(ctx, w.aya, list[0].ID))
		w.must(w.s.ReadAll(ctx, w.aya))
		w.must(w.s.Drop(ctx, w.aya, list[0].ID))
		w.Clock.Move(25 * time.Hour)
		w.must(w.s.Sweep(ctx))
		if all, err := w.s.All(ctx, w.aya); err != nil || len(all) != 1 {
			t.Errorf("%d kept, %v", len(all), err)
		}
		w.Clock.Move(366 * 24 * time.Hour)
		w.must(w.s.Sweep(ctx))
		if all, err := w.s.All(ctx, w.aya); err != nil || len(all) != 0 {
			t.Errorf("%d kept after a year, %v", len(all), err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// A letter's token switches its kind off and on, twice as once; forged, cut, old, or of somebody erased it does nothing. Letters that must come have none.
func TestStop(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.choose(notice.AtOnce, noQuiet)
		w.tell(notice.Security)
		w.tell(notice.Course)
		if len(w.letters) != 2 || !w.letters[0].Stop.Empty() || !strings.Contains(w.letters[1].Text.Reveal(), w.letters[1].Stop.Reveal()) {
			t.Fatalf("letters %+v", w.letters)
		}
		token := path.Base(w.letters[1].Stop.Reveal())
		w.sent()
		now := func() notice.Mail {
			set, err := w.s.Settings(ctx, w.aya)
			w.must(err)
			return set.Of(notice.Course)
		}
		for range 2 {
			if st, err := w.s.Stop(ctx, secret.New(token), false); err != nil || st.Kind != notice.Course || now() != notice.Off {
				t.Errorf("%v, %v", st.Kind, err)
			}
		}
		w.tell(notice.Course)
		if got := w.sent(); got != "" || len(w.inbox()) != 3 {
			t.Errorf("stopped: %q", got)
		}
		if _, err := w.s.Stop(ctx, secret.New(token), true); err != nil || now() != notice.AtOnce {
			t.Errorf("on again: %v", err)
		}
		raw, err := base64.RawURLEncoding.DecodeString(token)
		w.must(err)
		bent := slices.Clone(raw)
		bent[len(bent)/2] ^= 1
		for name, bad := range map[string]string{"empty": "", "no base64": "?", "cut": token[:len(token)-4], "bent": base64.RawURLEncoding.EncodeToString(bent), "plain": "AAAAAAAAAAAAAAAAAAAAAAA"} {
			if _, err := w.s.Stop(ctx, secret.New(bad), false); !errs.Is(err, errs.Gone) || now() != notice.AtOnce {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.Clock.Move(91 * 24 * time.Hour)
		if _, err := w.s.Stop(ctx, secret.New(token), false); !errs.Is(err, errs.Gone) {
			t.Errorf("old: %v", err)
		}
		w.Clock.Move(-91 * 24 * time.Hour)
		w.Erase(t, w.aya)
		if _, err := w.s.Stop(ctx, secret.New(token), false); !errs.Is(err, errs.Gone) {
			t.Errorf("erased: %v", err)
		}
	})
}

// What leads elsewhere than to this site, or has no account, goes as a letter alone.
func TestWriter(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.queue.Handle("test.letter", func(ctx context.Context, payload []byte) error {
			return w.s.As(notice.Answer).Send(ctx, w.aya, policy.Notify, notify.Letter{Key: password, Lang: "ru", Link: strings.Trim(string(payload), `"`)})
		})
		for _, link := range []string{home + "/ru/my/cases/1", "https://elsewhere.example/ru/my", home + "/ru/my/cases/1"} {
			w.must(w.DB.Write(ctx, func(t *db.Tx) error { return w.queue.Enqueue(t, "test.letter", link, t.Now()) }))
			w.drain()
		}
		list := w.inbox()
		if got := w.sent(); got != strings.TrimSpace(strings.Repeat(password+" ", 3)) || len(list) != 2 || list[0].Path != "/my/cases/1" {
			t.Errorf("sent %q, %d notices", got, len(list))
		}
		w.noone = true
		link := home + "/ru/case/token"
		w.must(w.DB.Write(ctx, func(t *db.Tx) error { return w.queue.Enqueue(t, "test.letter", link, t.Now()) }))
		w.drain()
		if len(w.letters) != 1 || w.letters[0].Lang != "ru" || w.letters[0].Link.Reveal() != link || len(w.inbox()) != 2 {
			t.Errorf("without an account: %+v", w.letters)
		}
	})
}

// No token that was made elsewhere is good, whatever it holds, and each has the one answer.
func FuzzStopping(f *testing.F) {
	w := &world{Env: testdoor.SQLite(f)}
	words, err := catalog()
	if err != nil {
		f.Fatal(err)
	}
	s := notice.New(notice.Config{DB: w.DB, Door: w.Keeper, Queue: jobs.New(w.DB, slog.New(slog.DiscardHandler)), Catalog: words})
	for _, seed := range []string{"", "?", "AAAA", strings.Repeat("A", 76)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := s.Stopping(ctx, secret.New(token)); !errors.Is(err, notice.ErrStop) {
			t.Errorf("%q: %v", token, err)
		}
	})
}
