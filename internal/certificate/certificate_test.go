package certificate_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/certificate"
	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/jobs"
	"ustaz/internal/keeper"
	"ustaz/internal/learning"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/notify"
	"ustaz/internal/paper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

var catalog = sync.OnceValues(i18n.Load)

type world struct {
	*testdoor.Env
	t       *testing.T
	s       *certificate.Service
	queue   *jobs.Queue
	aya     person.ID
	course  learning.Course
	letters []notify.Message
}

func (w *world) Send(_ context.Context, m notify.Message) error {
	w.letters = append(w.letters, m)
	return nil
}

func forBoth(t *testing.T, fn func(t *testing.T, w *world)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		w := &world{Env: e, t: t, queue: jobs.New(e.DB, slog.New(slog.DiscardHandler))}
		words, err := catalog()
		w.must(err)
		w.s = certificate.New(certificate.Config{DB: e.DB, Door: e.Keeper, Log: e.Ledger, Limiter: limit.New(e.DB, e.Keeper.Mac), Queue: w.queue,
			Notifier: notify.New(e.Keeper, words, w, "noreply@ustaz.example", i18n.Text{KK: "«Мысал» қоры"}, e.Clock.Now),
			Lang:     func(context.Context, person.ID) (string, error) { return "", nil },
			Page:     func(lang string) string { return "https://ustaz.example/" + lang + "/my/certificates" }})
		w.aya = e.Subject(t, testdoor.AyaFields)
		w.course, err = learning.Sample()
		w.must(err)
		fn(t, w)
	})
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

// passed is the change in which somebody passes the final test.
func (w *world) passed(own person.ID, fields person.Fields) (number string, err error) {
	p := keeper.Passage{Actor: keeper.Own(own), Subject: own, Operation: policy.Recording, Purpose: policy.Personalise, Fields: fields, Case: "course:" + w.course.Slug}
	_, err = w.Keeper.Change(ctx, p, func(t *keeper.Tx) error {
		number, err = w.s.Issue(t, own, w.course)
		return err
	})
	return number, err
}

func (w *world) issued() string {
	w.t.Helper()
	number, err := w.passed(w.aya, certificate.Fields)
	w.must(err)
	return number
}

func (w *world) open(number string) *certificate.Own {
	w.t.Helper()
	o, err := w.s.Open(ctx, w.aya, number, "")
	w.must(err)
	return o
}

func (w *world) check(number string) *certificate.Checked {
	w.t.Helper()
	c, err := w.s.Check(ctx, []byte("n"), number)
	w.must(err)
	return c
}

func (w *world) change(actor keeper.Actor, op policy.Operation, why policy.Purpose, fields person.Fields, fn func(t *keeper.Tx) error) {
	w.t.Helper()
	_, err := w.Keeper.Change(ctx, keeper.Passage{Actor: actor, Subject: w.aya, Operation: op, Purpose: why, Fields: fields}, fn)
	w.must(err)
}

func (w *world) block(on bool) {
	w.t.Helper()
	w.change(keeper.Program(), policy.Blocking, policy.Restriction, 0, func(t *keeper.Tx) error { t.Restrict(on); return nil })
}

func (w *world) rename(surname string) {
	w.t.Helper()
	w.change(keeper.Own(w.aya), policy.Refinement, policy.Verify, person.Set(person.Surname), func(t *keeper.Tx) error { return t.Set(person.Stored(person.Surname, surname)) })
}

func (w *world) acts(number string) string {
	w.t.Helper()
	c, err := w.s.Find(ctx, number)
	w.must(err)
	steps, err := w.s.Steps(ctx, c)
	w.must(err)
	var out []string
	for _, x := range steps {
		out = append(out, x.Act.String())
	}
	return strings.Join(out, " ")
}

// entries are those of the log about a certificate: what was done, newest first.
func (w *world) entries(number string) (ops []policy.Operation) {
	w.t.Helper()
	list, _, err := w.Ledger.BySubject(ctx, w.aya, 1<<62, 1000, func(e *ledger.Entry) bool { return e.Case == certificate.Code(number) && e.Outcome == ledger.Allowed })
	w.must(err)
	for _, x := range list {
		ops = append(ops, x.Operation)
	}
	return ops
}

func (w *world) size() int64 {
	w.t.Helper()
	n, err := w.Ledger.Size(ctx)
	w.must(err)
	return n
}

var officer = keeper.Staff(7, policy.Officer)

const ayaName = "Әбдіғалиева Ая"

// A certificate is issued once, is its owner's alone to open, and lies sealed.
func TestCertificateIsIssuedAndOpened(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		if again := w.issued(); again != number {
			t.Errorf("issued again: %s, then %s", number, again)
		}
		w.Clock.Move(time.Hour)
		o := w.open(strings.ToLower(number))
		if o.Whole().Reveal() != ayaName || o.Code.Empty() || !o.Good() || o.Hours != w.course.Hours || o.Title("ru") != w.course.Words["ru"].Title || o.Title("de") != w.course.Words["kk"].Title {
			t.Errorf("%+v", o)
		}
		o, err := w.s.Print(ctx, w.aya, number)
		w.must(err)
		if o.Whole().Reveal() != ayaName || len(w.entries(number)) != 2 {
			t.Errorf("%s, entries %v", o.Whole().Reveal(), w.entries(number))
		}
		bota := w.Subject(t, map[person.Field]string{person.Surname: "Б", person.GivenName: "Б", person.Email: "b@mysal.kz"})
		for _, err := range []error{
			second(w.s.Open(ctx, bota, number, "")), second(w.s.Print(ctx, bota, number)), second(w.s.Renew(ctx, bota, number)),
			w.s.Publish(ctx, bota, number), w.s.Hide(ctx, bota, number), second(w.s.Open(ctx, w.aya, certificate.ExampleNumber, "")),
		} {
			w.mustBe(err, errs.NotFound, "certificate.none")
		}
		theirs, err := w.passed(bota, certificate.Fields)
		w.must(err)
		if list, err := w.s.Mine(ctx, bota); err != nil || len(list) != 1 || list[0].Number != theirs || theirs == number {
			t.Errorf("%v, %v", list, err)
		}
		var surname, code, hash []byte
		_, err = w.DB.Get(ctx, []any{&surname, &code, &hash}, "SELECT surname, code, code_hash FROM certificate WHERE number = $1", number)
		w.must(err)
		for _, lies := range [][]byte{surname, code, hash} {
			if len(lies) < 16 || strings.Contains(string(lies), "Әбді") || strings.Contains(string(lies), o.Code.Reveal()) {
				t.Error("something lies open")
			}
		}
		// Cells moved to another row do not open.
		w.must(w.DB.Write(ctx, func(x *db.Tx) error {
			_, err := x.Exec("UPDATE certificate SET surname = $1 WHERE number = $2", surname, theirs)
			return err
		}))
		if _, err := w.s.Open(ctx, bota, theirs, ""); errs.As(err).Key != "door.damaged" {
			t.Errorf("a name of another's: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// Two who pass in one moment, and one who passes twice, get what is theirs.
func TestIssuedInOneMoment(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		numbers, failed := make([]string, 8), make([]error, 8)
		var all sync.WaitGroup
		for i := range numbers {
			all.Go(func() { numbers[i], failed[i] = w.passed(w.aya, certificate.Fields) })
		}
		all.Wait()
		for i := range numbers {
			if failed[i] != nil || numbers[i] != numbers[0] || numbers[i] == "" {
				t.Errorf("%v, %v", numbers, failed)
			}
		}
		if list, err := w.s.Mine(ctx, w.aya); err != nil || len(list) != 1 {
			t.Errorf("%d certificates, %v", len(list), err)
		}
	})
}

// Without a name in the profile, or where the change names none, the certificate waits, and takes the name when its owner opens it.
func TestCertificateWaitsForAName(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		nameless := w.Subject(t, map[person.Field]string{person.Email: "n@mysal.kz"})
		number, err := w.passed(nameless, certificate.Fields)
		w.must(err)
		for range 2 {
			o, err := w.s.Open(ctx, nameless, number, "")
			w.must(err)
			if o.Named || !o.Whole().Empty() || o.Code.Empty() {
				t.Errorf("%+v", o)
			}
		}
		w.mustBe(second(w.s.Print(ctx, nameless, number)), errs.Conflict, "certificate.waits")
		w.mustBe(w.s.Publish(ctx, nameless, number), errs.Conflict, "certificate.over")

		number, err = w.passed(w.aya, person.Set(person.Study))
		w.must(err)
		if c := w.check(number); c.Named || !c.Good() {
			t.Errorf("%+v", c.Certificate)
		}
		w.block(true)
		if o := w.open(number); o.Named || o.Code.Empty() {
			t.Errorf("taken while blocked: %+v", o)
		}
		w.block(false)
		if o := w.open(number); o.Whole().Reveal() != ayaName {
			t.Errorf("%+v", o)
		}
		w.rename("Басқа")
		if o := w.open(number); o.Whole().Reveal() != ayaName || w.acts(number) != "issued named" {
			t.Errorf("a name that was taken has changed: %s; %s", o.Whole().Reveal(), w.acts(number))
		}
	})
}

// 7.2: the name is shown to everybody from when its owner makes it public until they take it back, each showing an entry.
func TestNameIsPublicByItsOwnersWill(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		if c := w.check(number); !c.Surname.IsZero() || !c.GivenName.IsZero() || !c.Good() || len(w.entries(number)) != 0 {
			t.Errorf("shown unasked: %+v, %v", c, w.entries(number))
		}
		w.mustBe(w.s.Hide(ctx, w.aya, number), errs.Conflict, "certificate.over")
		w.must(w.s.Publish(ctx, w.aya, number))
		w.mustBe(w.s.Publish(ctx, w.aya, number), errs.Conflict, "certificate.over")
		if c := w.check(number); c.Surname.Reveal() != "Әбдіғалиева" || c.GivenName.Reveal() != "Ая" || !c.Public.Equal(w.Clock.Now()) {
			t.Errorf("%+v", c)
		}
		// 6.2.4: a block closes the name by its own commit, and nothing else of the certificate.
		w.block(true)
		if c := w.check(number); !c.Surname.IsZero() || !c.Good() {
			t.Errorf("shown while blocked: %+v", c)
		}
		w.must(w.s.Hide(ctx, w.aya, number))
		w.mustBe(w.s.Publish(ctx, w.aya, number), errs.Forbidden, "policy.refused.restricted")
		w.block(false)
		if c := w.check(number); !c.Surname.IsZero() {
			t.Error("shown after it was taken back")
		}
		if w.acts(number) != "issued public closed" {
			t.Errorf("steps %s", w.acts(number))
		}
		if got := w.entries(number); len(got) != 3 || got[1] != policy.Distribution || got[2] != policy.Distribution {
			t.Errorf("entries %v", got)
		}
	})
}

// Who has the code sees the name, as often as the limits let them; every other code has one answer, and so has a name that may not be shown.
func TestCodeOpensTheName(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		code := w.open(number).Code.Reveal()
		before := len(w.entries(number))
		for _, typed := range []string{code, " " + strings.ToLower(strings.ReplaceAll(code, "-", ""))} {
			c, err := w.s.CheckCode(ctx, []byte("n"), number, typed)
			w.must(err)
			if c.Surname.Reveal() != "Әбдіғалиева" || c.GivenName.Reveal() != "Ая" {
				t.Errorf("%+v", c)
			}
		}
		if got := w.entries(number); len(got) != before+2 || got[0] != policy.Access {
			t.Errorf("entries %v", got)
		}
		w.mustBe(second(w.s.CheckCode(ctx, []byte("n"), "SU-26-2222-2222-2", code)), errs.NotFound, "certificate.none")
		for _, wrong := range []string{"", certificate.ExampleCode, code[:9], code + "2", strings.Repeat("A", 1<<16), "\xff", "' OR ''='"} {
			w.mustBe(second(w.s.CheckCode(ctx, []byte("n"), number, wrong)), errs.Invalid, "certificate.code.wrong")
		}
		w.block(true)
		w.mustBe(second(w.s.CheckCode(ctx, []byte("n"), number, code)), errs.Invalid, "certificate.code.wrong")
		w.block(false)
		// Ten tries of a number from anywhere; a while later there is one more.
		w.mustBe(second(w.s.CheckCode(ctx, []byte("elsewhere"), number, code)), errs.TooMany, "error.toomany")
		w.Clock.Move(11 * time.Minute)
		w.must(second(w.s.CheckCode(ctx, []byte("elsewhere"), number, code)))
		// Twenty of a network, whichever numbers they are of.
		var err error
		for i := 0; i < 30 && err == nil; i++ {
			_, err = w.s.CheckCode(ctx, []byte("guesser"), "SU-"+string(rune('A'+i)), code)
			if errs.Is(err, errs.NotFound) {
				err = nil
			}
			w.Clock.Move(time.Second)
		}
		if !errs.Is(err, errs.TooMany) {
			t.Errorf("a network that guesses: %v", err)
		}
	})
}

func TestNumbersCantBeWalkedThrough(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		for i := range 60 {
			typed := []string{certificate.ExampleNumber, "x", "", strings.Repeat("7", 5000), "\x00"}[i%5]
			w.mustBe(second(w.s.Check(ctx, []byte("n"), typed)), errs.NotFound, "certificate.none")
		}
		w.mustBe(second(w.s.Check(ctx, []byte("n"), number)), errs.TooMany, "error.toomany")
		w.must(second(w.s.Check(ctx, []byte("another"), number)))
	})
}

// After a change of name the certificate is made anew: the old one is replaced, nothing of its name or code is left, and the new one holds.
func TestMadeAnew(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		old := w.issued()
		earned := w.Clock.Now()
		code := w.open(old).Code.Reveal()
		w.mustBe(second(w.s.Renew(ctx, w.aya, old)), errs.Conflict, "certificate.same")
		w.must(w.s.Publish(ctx, w.aya, old))
		w.Clock.Move(48 * time.Hour)
		w.rename("Сәдуақасова")
		w.block(true)
		if _, err := w.s.Renew(ctx, w.aya, old); !errs.Is(err, errs.Forbidden) {
			t.Errorf("while blocked: %v", err)
		}
		w.block(false)
		number, err := w.s.Renew(ctx, w.aya, old)
		w.must(err)
		o := w.open(number)
		if o.Whole().Reveal() != "Сәдуақасова Ая" || o.Code.Reveal() == code || !o.Earned.Equal(earned) || !o.Issued.Equal(w.Clock.Now()) || !o.Anew() || !o.Public.IsZero() || o.Hours != w.course.Hours {
			t.Errorf("%+v", o)
		}
		before := w.open(old)
		if !before.Replaced || before.Good() || !before.Whole().Empty() || !before.Code.Empty() || w.acts(old) != "issued public closed replaced" {
			t.Errorf("%+v; %s", before, w.acts(old))
		}
		if c := w.check(old); !c.Surname.IsZero() || !c.Replaced {
			t.Errorf("%+v", c)
		}
		w.mustBe(second(w.s.CheckCode(ctx, []byte("n"), old, code)), errs.Invalid, "certificate.code.wrong")
		for _, err := range []error{second(w.s.Renew(ctx, w.aya, old)), second(w.s.Print(ctx, w.aya, old)), w.s.Publish(ctx, w.aya, old),
			w.s.Revoke(ctx, officer, old, "mistake"), w.s.Restore(ctx, officer, old, "claim")} {
			w.mustBe(err, errs.Conflict, "certificate.over")
		}
		if w.issued() != number {
			t.Error("passing again gave another than the one that holds")
		}
		var left int
		_, err = w.DB.Get(ctx, []any{&left}, "SELECT length(surname) + length(given_name) + length(code) + length(code_hash) FROM certificate WHERE number = $1", old)
		w.must(err)
		if left != 0 {
			t.Errorf("%d bytes of the old one are left", left)
		}
	})
}

// The officer revokes and restores; the owner is told; the reason stands where the owner sees it, and nowhere else.
func TestRevokedAndRestored(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		code := w.open(number).Code.Reveal()
		w.must(w.s.Publish(ctx, w.aya, number))
		w.mustBe(w.s.Revoke(ctx, officer, number, "because"), errs.Invalid, "certificate.reason.choose")
		w.mustBe(w.s.Restore(ctx, officer, number, "claim"), errs.Conflict, "certificate.over")
		if err := w.s.Revoke(ctx, keeper.Staff(8, policy.SupportR), number, "rules"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by support: %v", err)
		}
		w.must(w.s.Revoke(ctx, officer, number, "rules"))
		w.mustBe(w.s.Revoke(ctx, officer, number, "rules"), errs.Conflict, "certificate.over")
		c := w.check(number)
		if c.Good() || !c.Revoked.Equal(w.Clock.Now()) || c.Reason != "rules" || !c.Surname.IsZero() {
			t.Errorf("%+v", c)
		}
		w.mustBe(second(w.s.CheckCode(ctx, []byte("n"), number, code)), errs.Invalid, "certificate.code.wrong")
		w.mustBe(second(w.s.Print(ctx, w.aya, number)), errs.Conflict, "certificate.over")
		w.mustBe(w.s.Publish(ctx, w.aya, number), errs.Conflict, "certificate.over")
		w.must(w.queue.Drain(ctx))
		if len(w.letters) != 2 || w.letters[0].Key != "certificate.letter.issued" || w.letters[1].Key != "certificate.letter.revoked" || !strings.Contains(w.letters[1].Text.Reveal(), number) || w.letters[1].Lang != "kk" {
			t.Errorf("letters %+v", w.letters)
		}
		w.must(w.s.Restore(ctx, officer, number, "unfounded"))
		w.must(w.queue.Drain(ctx))
		if c := w.check(number); !c.Good() || !c.Public.IsZero() || len(w.letters) != 3 {
			t.Errorf("%+v, %d letters", c, len(w.letters))
		}
		if w.acts(number) != "issued public closed revoked restored" {
			t.Errorf("steps %s", w.acts(number))
		}
		// Who passes again after a revocation has another, and the first can't come back beside it.
		w.must(w.s.Revoke(ctx, officer, number, "rules"))
		if again := w.issued(); again == number {
			t.Error("the revoked one was given again")
		}
		w.mustBe(w.s.Restore(ctx, officer, number, "claim"), errs.Conflict, "certificate.another")
	})
}

// 5.1: after an erasure number, course, hours and dates are left, and the officer can still revoke.
func TestErasureLeavesWhatMayBeChecked(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		code := w.open(number).Code.Reveal()
		w.must(w.s.Publish(ctx, w.aya, number))
		w.Erase(t, w.aya)
		c := w.check(number)
		if !c.Good() || c.Kept || c.Named || !c.Public.IsZero() || !c.Surname.IsZero() || c.Hours != w.course.Hours || c.Title("kk") == "" || c.Earned.IsZero() {
			t.Errorf("%+v", c.Certificate)
		}
		if w.acts(number) != "issued public closed" {
			t.Errorf("steps %s", w.acts(number))
		}
		var left int
		_, err := w.DB.Get(ctx, []any{&left}, "SELECT length(surname) + length(given_name) + length(code) + length(code_hash) + CASE WHEN subject = 0 THEN 0 ELSE 1 END FROM certificate WHERE number = $1", number)
		w.must(err)
		if left != 0 {
			t.Errorf("%d bytes of its owner are left", left)
		}
		w.mustBe(second(w.s.CheckCode(ctx, []byte("n"), number, code)), errs.Invalid, "certificate.code.wrong")
		w.mustBe(second(w.s.Open(ctx, w.aya, number, "")), errs.NotFound, "certificate.none")
		if list, err := w.s.All(ctx, w.aya); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		size := w.size()
		w.must(w.s.Revoke(ctx, officer, number, "course"))
		w.must(w.s.Restore(ctx, officer, number, "unfounded"))
		w.must(w.queue.Drain(ctx))
		if c := w.check(number); !c.Good() || w.size() != size+2 || len(w.letters) != 0 {
			t.Errorf("%+v, %d entries, %d letters", c.Certificate, w.size()-size, len(w.letters))
		}
	})
}

// 2.2: what the site vouches for can be revoked also of who has withdrawn; they are not written to, and still see and hold it.
func TestOfWhoHasWithdrawn(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		w.must(w.s.Publish(ctx, w.aya, number))
		w.change(keeper.Own(w.aya), policy.Recording, policy.Identify, 0, func(t *keeper.Tx) error { t.SetConsent(policy.ConsentWithdrawn); return nil })
		if c := w.check(number); !c.Surname.IsZero() {
			t.Error("a name of who has withdrawn is shown")
		}
		if o := w.open(number); o.Whole().Reveal() != ayaName {
			t.Errorf("%+v", o)
		}
		w.must(w.s.Revoke(ctx, officer, number, "rules"))
		w.must(w.queue.Drain(ctx))
		if c := w.check(number); c.Good() || len(w.letters) != 0 {
			t.Errorf("%+v, %d letters", c.Certificate, len(w.letters))
		}
	})
}

// Under an edition whose rules know nothing of it nothing is opened, and the page still stands.
func TestUnderRulesThatDoNotKnowIt(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		code := w.open(number).Code.Reveal()
		older, err := policy.Default()
		w.must(err)
		older.Order, older.InForce = "older", w.Clock.Now()
		older.RulesText = strings.NewReplacer(`Field::"study"`, `Field::"none"`, `(principal == Role::"job", action == Action::"access", resource)`, `(principal == Role::"job", action == Action::"storage", resource)`).Replace(older.RulesText)
		older.Rules, err = policy.ParseRules(older.RulesText)
		w.must(err)
		_, err = w.Keeper.Publish(ctx, older)
		w.must(err)
		w.Clock.Move(time.Minute)
		if o := w.open(number); !o.Closed || !o.Whole().Empty() || !o.Code.Empty() {
			t.Errorf("%+v", o)
		}
		w.mustBe(second(w.s.Print(ctx, w.aya, number)), errs.Conflict, "certificate.closed")
		w.mustBe(second(w.s.CheckCode(ctx, []byte("n"), number, code)), errs.Invalid, "certificate.code.wrong")
		if !w.check(number).Good() {
			t.Error("it does not hold")
		}
	})
}

// A copy opens everything in one passage.
func TestCopyOfAll(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.issued()
		w.course.Slug = "another"
		w.issued()
		size := w.size()
		list, err := w.s.All(ctx, w.aya)
		w.must(err)
		if len(list) != 2 || list[0].Whole().Reveal() != ayaName || list[1].Code.Empty() || w.size() != size+1 {
			t.Errorf("%d, %d entries", len(list), w.size()-size)
		}
	})
}

// The document says what the certificate is, in each language, and no more of its owner than the name and the code.
func TestDocument(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		number := w.issued()
		words, err := catalog()
		w.must(err)
		w.Clock.Move(48 * time.Hour)
		w.rename("Сәдуақасова")
		renewed, err := w.s.Renew(ctx, w.aya, number)
		w.must(err)
		o := w.open(renewed)
		for _, l := range words.Langs() {
			p := o.Paper(l, paper.Operator{Name: i18n.Text{KK: "«Мысал» қоры"}}, "https://ustaz.example/"+l.Code()+"/check/"+renewed)
			var said []string
			for _, f := range p.Facts {
				said = append(said, f.Value.Reveal())
			}
			if got, want := strings.Join(said, "; "), strings.Join([]string{l.Date(o.Earned), l.Date(o.Issued), renewed, o.Code.Reveal()}, "; "); got != want {
				t.Errorf("%s: facts %s, want %s", l.Code(), got, want)
			}
			if p.Name.Reveal() != "Сәдуақасова Ая" || !strings.Contains(p.Course, w.course.Words[l.Code()].Title) || p.Extent != l.T("course.hours", i18n.Num("n", int64(w.course.Hours))) || p.Number != renewed {
				t.Errorf("%s: %+v", l.Code(), p)
			}
			w.must(p.PDF(&bytes.Buffer{}))
		}
	})
}
