package draft_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/draft"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

// The people of the tests: two officers, a third, and a member of support.
const (
	first  person.ID = 101
	second person.ID = 102
	third  person.ID = 103
	helper person.ID = 104
)

type office struct {
	*testing.T
	*testdoor.Env
	*draft.Drafts
	id person.ID
}

func forBoth(t *testing.T, fn func(o *office)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		o := &office{T: t, Env: e, Drafts: draft.New(e.DB, e.Ledger, e.Editions)}
		o.Hire(o, first, "officer", "А. А.")
		o.Hire(o, second, "officer", "Б. Б.")
		o.Hire(o, third, "officer", "В. В.")
		o.Hire(o, helper, "support", "Г. Г.")
		id, err := o.Begin(ctx, first)
		o.must(err)
		o.id = id
		fn(o)
	})
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// refused holds kind and key of an error.
func (o *office) refused(err error, kind errs.Kind, key string) {
	o.Helper()
	if e := errs.As(err); err == nil || e.Kind != kind || e.Key != key {
		o.Errorf("got %v, want %s: %s", err, kind, key)
	}
}

func (o *office) now() *draft.Draft {
	o.Helper()
	d, err := o.Draft(ctx, o.id)
	o.must(err)
	return d
}

func (o *office) at() draft.At { o.Helper(); return o.now().At() }

func (o *office) order(from time.Duration) draft.Order {
	return draft.Order{Number: "12п", Date: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC), InForce: o.Clock.Now().Add(from)}
}

func text(no, words string) policy.Clause { return policy.Clause{No: no, Text: words} }

// ready is the draft with a change by first, an order in force an hour from now, submitted by second.
func (o *office) ready() {
	o.Helper()
	for _, lang := range policy.Languages {
		o.must(o.Put(ctx, first, o.at(), lang, "", text("9.5", "New clause.")))
	}
	o.must(o.SetOrder(ctx, first, o.at(), o.order(time.Hour)))
	o.must(o.Submit(ctx, second, o.at()))
}

func TestFromUploadToPublication(t *testing.T) {
	forBoth(t, func(o *office) {
		base, err := o.Editions.InForce(o.Clock.Now())
		o.must(err)
		if d := o.now(); d.State != draft.Open || d.Base != 1 || len(d.Docs) != 3 || d.RulesText != base.RulesText || d.BegunBy != first {
			t.Fatalf("begun as %+v", d.Head)
		}
		lang, err := o.Import(ctx, first, o.at(), strings.NewReader(strings.Replace(base.Doc("ru").Text(), "9.4. ", "9.4.  ", 1)), "policy.txt", "")
		if err != nil || lang != "ru" {
			t.Fatal(lang, err)
		}
		if f := o.now().Found["ru"]; f == nil || f.Format != policy.PlainText || len(f.Repairs) == 0 || f.Document != nil {
			t.Errorf("found %+v", f)
		}
		for _, lang := range policy.Languages {
			o.must(o.Put(ctx, first, o.at(), lang, "", text("9.5", "Жаңа тармақ. New.")))
			o.must(o.Put(ctx, first, o.at(), lang, "9.5", text("9.5", "Жаңа тармақ.")))
		}
		rules := strings.Replace(base.RulesText, "Field::\"phone\"", "Field::\"email\"", 1)
		o.must(o.SetRules(ctx, first, o.at(), rules))
		o.must(o.SetOrder(ctx, first, o.at(), o.order(48*time.Hour)))
		o.must(o.Submit(ctx, first, o.at()))
		p, err := o.Approve(ctx, second, o.at())
		o.must(err)
		if p.Seq != 2 || p.Order != "12п" || !p.InForce.Equal(o.Clock.Now().Add(48*time.Hour)) || p.RulesText != rules {
			t.Errorf("published %+v", p)
		}
		if c, ok := p.Docs["kk"].Clause("9.5"); !ok || c.Text != "Жаңа тармақ." {
			t.Errorf("9.5 is %+v", c)
		}
		if d := o.now(); d.State != draft.Published || d.Edition != 2 || d.Steps[len(d.Steps)-1].By != second {
			t.Errorf("the draft is %+v", d.Head)
		}
		if now, err := o.Editions.InForce(o.Clock.Now()); err != nil || now.Seq != 1 {
			t.Errorf("before its day %d rules, %v", now.Seq, err)
		}
		o.Clock.Move(48*time.Hour + time.Minute)
		if now, err := o.Editions.InForce(o.Clock.Now()); err != nil || now.Seq != 2 {
			t.Errorf("from its day %d rules, %v", now.Seq, err)
		}
		all, err := o.List(ctx)
		if err != nil || len(all) != 1 || all[0].State != draft.Published || all[0].LastBy != second {
			t.Errorf("listed %+v, %v", all, err)
		}
		o.refused(o.Undo(ctx, first, o.at()), errs.Conflict, "draft.not.published")
	})
}

// Clause 9.1: each step is an entry of whoever made it.
func TestEveryStepIsEntered(t *testing.T) {
	forBoth(t, func(o *office) {
		o.ready()
		o.must(o.SendBack(ctx, third, o.at(), "Күні ерте"))
		o.must(o.Undo(ctx, first, o.at()))
		o.must(o.Withdraw(ctx, second, o.at(), "Керек емес"))
		steps := o.now().Steps
		all, _, err := o.Ledger.Latest(ctx, 1<<62, len(steps), 1000, nil)
		o.must(err)
		slices.Reverse(all)
		for i, st := range steps {
			e := all[i]
			act, number, ok := draft.ReadCase(e.Case)
			if e.Kind != ledger.ByStaff || e.Actor != st.By || e.Role != policy.Officer || e.Subject != 0 || !slices.Equal(e.Clauses, []string{"9.1"}) ||
				!ok || act != st.Act || number != o.id.String() || e.Outcome != ledger.Allowed {
				t.Errorf("step %+v is entered as %+v", st, e)
			}
		}
		if _, _, ok := draft.ReadCase("ticket:214"); ok {
			t.Error("a ticket is no draft")
		}
		if _, _, ok := draft.ReadCase("draft.eaten:214"); ok {
			t.Error("there is no such act")
		}
	})
}

func TestNobodyPublishesAlone(t *testing.T) {
	forBoth(t, func(o *office) {
		o.must(o.SetHead(ctx, third, o.at(), "kk", "Басқа", nil))
		o.must(o.Undo(ctx, third, o.at())) // who had a hand in it stays an author
		o.ready()
		before, err := o.Ledger.Size(ctx)
		o.must(err)
		for i, who := range []person.ID{first, second, third} {
			_, err := o.Approve(ctx, who, o.at())
			o.refused(err, errs.Forbidden, "draft.own")
			if !slices.Equal(errs.As(err).Clauses, []string{"9.1"}) {
				t.Errorf("refused by %v", errs.As(err).Clauses)
			}
			e, err := o.Ledger.Entry(ctx, before+int64(i))
			if err != nil || e.Outcome != ledger.Refused || e.Actor != who || e.Case != "draft.approved:"+o.id.String() {
				t.Errorf("the refusal is entered as %+v, %v", e, err)
			}
		}
		_, err = o.Approve(ctx, helper, o.at())
		o.refused(err, errs.Forbidden, "error.forbidden")
		const fourth person.ID = 105
		o.Hire(o, fourth, "officer,support", "Д. Д.")
		o.must(o.DB.Write(ctx, func(t *db.Tx) error {
			_, err := t.Exec("UPDATE staff SET disabled = 1 WHERE subject = $1", fourth)
			return err
		}))
		_, err = o.Approve(ctx, fourth, o.at())
		o.refused(err, errs.Forbidden, "error.forbidden")
		if all, err := o.Editions.All(); err != nil || len(all) != 1 {
			t.Errorf("%d editions, %v", len(all), err)
		}
	})
}

// Who sent a draft back is no author of it.
func TestSentBackThenApprovedByTheSame(t *testing.T) {
	forBoth(t, func(o *office) {
		o.ready()
		o.refused(o.SendBack(ctx, third, o.at(), "  "), errs.Invalid, "error.fields")
		o.refused(o.SendBack(ctx, third, o.at(), strings.Repeat("ж", 1001)), errs.Invalid, "error.fields")
		o.must(o.SendBack(ctx, third, o.at(), "9.5-тармақ түсініксіз"))
		if d := o.now(); d.State != draft.Open || d.Steps[len(d.Steps)-1].Reason != "9.5-тармақ түсініксіз" {
			t.Errorf("sent back as %+v", d.Steps[len(d.Steps)-1])
		}
		_, err := o.Approve(ctx, third, o.at())
		o.refused(err, errs.Conflict, "draft.not.open")
		o.must(o.Submit(ctx, first, o.at()))
		if _, err := o.Approve(ctx, third, o.at()); err != nil {
			t.Error(err)
		}
		o.refused(o.Withdraw(ctx, third, o.at(), "кеш"), errs.Conflict, "draft.not.published")
	})
}

func TestOnlyOfficersWork(t *testing.T) {
	forBoth(t, func(o *office) {
		if _, err := o.Begin(ctx, helper); !errs.Is(err, errs.Forbidden) {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"put": o.Put(ctx, helper, o.at(), "kk", "", text("9.5", "x")), "rules": o.SetRules(ctx, helper, o.at(), policy.DefaultRules()+"\n"),
			"order": o.SetOrder(ctx, helper, o.at(), o.order(time.Hour)), "withdraw": o.Withdraw(ctx, helper, o.at(), "x"),
		} {
			if !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if d := o.now(); len(d.Steps) != 1 || d.State != draft.Open {
			t.Errorf("left %+v", d.Steps)
		}
	})
}

func TestUndo(t *testing.T) {
	forBoth(t, func(o *office) {
		clause := func() string { c, _ := o.now().Docs["kk"].Clause("9.4"); return c.Text }
		was := clause()
		o.refused(o.Undo(ctx, first, o.at()), errs.Conflict, "draft.nothing")
		o.must(o.Put(ctx, first, o.at(), "kk", "9.4", text("9.4", "Бір")))
		o.must(o.SetRules(ctx, first, o.at(), policy.DefaultRules()+"\n// note\n"))
		o.must(o.Put(ctx, second, o.at(), "kk", "9.4", text("9.4", "Екі")))
		o.must(o.Put(ctx, second, o.at(), "kk", "9.4", text("9.4", "Екі"))) // nothing changes: no step
		if n := len(o.now().Steps); n != 4 {
			t.Errorf("%d steps", n)
		}
		o.must(o.Undo(ctx, first, o.at()))
		if got := clause(); got != "Бір" {
			t.Errorf("after one %q", got)
		}
		o.must(o.LeaveOut(ctx, first, o.at(), "en"))
		if o.now().Docs["en"] != nil {
			t.Error("English is still there")
		}
		o.must(o.Undo(ctx, first, o.at()))
		if o.now().Docs["en"] == nil {
			t.Error("English did not come back")
		}
		o.must(o.Undo(ctx, first, o.at()))
		if o.now().RulesText != policy.DefaultRules() {
			t.Error("the rules did not come back")
		}
		o.must(o.Undo(ctx, first, o.at()))
		if got := clause(); got != was {
			t.Errorf("after all %q", got)
		}
		o.refused(o.Undo(ctx, first, o.at()), errs.Conflict, "draft.nothing")
		d := o.now()
		if last := d.Steps[len(d.Steps)-1]; len(d.Steps) != 9 || last.Act != draft.Undone || last.Place != "2" || d.Steps[1].Undone != 9 {
			t.Errorf("the history is %+v", d.Steps)
		}
	})
}

func TestUploadsFollowOneAnother(t *testing.T) {
	forBoth(t, func(o *office) {
		doc := func(words string) io.Reader {
			return strings.NewReader("Ереже\n\n1. Ұғымдар\n\n1.1. " + words + "\n")
		}
		for _, words := range []string{"Әліпби", "Өлең"} {
			if _, err := o.Import(ctx, first, o.at(), doc(words), "a.txt", ""); err != nil {
				t.Fatal(err)
			}
		}
		if lang, err := o.Import(ctx, first, o.at(), doc("Үй"), "a.txt", "ru"); err != nil || lang != "ru" {
			t.Fatal(lang, err)
		}
		d := o.now()
		if w := d.Found["ru"].Warnings; len(w) == 0 || w[0].Key != "draft.warn.language.kk" || d.Docs["ru"].Lang != "ru" {
			t.Errorf("warned %+v", w)
		}
		o.must(o.Undo(ctx, first, o.at()))
		if d = o.now(); d.Found["ru"] != nil || d.Docs["ru"].Title == "Ереже" {
			t.Error("the Russian text is not the old one")
		}
		o.must(o.Undo(ctx, first, o.at()))
		if c, _ := o.now().Docs["kk"].Clause("1.1"); c.Text != "Әліпби" {
			t.Errorf("%+v", c)
		}
		o.must(o.LeaveOut(ctx, first, o.at(), "ru"))
		o.must(o.LeaveOut(ctx, first, o.at(), "en"))
		o.refused(o.LeaveOut(ctx, first, o.at(), "kk"), errs.Conflict, "policy.edition.no_document")
		o.refused(o.LeaveOut(ctx, first, o.at(), "ru"), errs.NotFound, "draft.unknown")
		o.refused(o.Put(ctx, first, o.at(), "ru", "", text("1.2", "x")), errs.NotFound, "draft.unknown")
		if _, err := o.Import(ctx, first, o.at(), doc("Ән"), "a.txt", "de"); !errs.Is(err, errs.Invalid) {
			t.Error(err)
		}
	})
}

// zeros is a file as large as one likes that takes no room.
type zeros struct{ left int64 }

func (z *zeros) Read(b []byte) (int, error) {
	n := min(int64(len(b)), z.left)
	z.left -= n
	if n == 0 {
		return 0, io.EOF
	}
	return int(n), nil
}

func TestHostileFiles(t *testing.T) {
	forBoth(t, func(o *office) {
		for name, c := range map[string]struct {
			file io.Reader
			kind errs.Kind
			key  string
		}{
			"200 MB":       {&zeros{200 << 20}, errs.TooLarge, "policy.import.too_large"},
			"binary":       {bytes.NewReader([]byte("\x89PNG\r\n\x1a\n\x00\x00")), errs.Invalid, "policy.import.binary"},
			"empty":        {strings.NewReader(" \n"), errs.Invalid, "policy.import.empty"},
			"unnumbered":   {strings.NewReader("Ереже\n\nМәтін\n"), errs.Invalid, "policy.import.not_numbered"},
			"a PDF":        {strings.NewReader("%PDF-1.7\n"), errs.Invalid, "policy.import.pdf"},
			"a broken one": {io.MultiReader(strings.NewReader("1. A\n"), broken{}), errs.Invalid, "policy.import.unreadable"},
		} {
			_, err := o.Import(ctx, first, o.at(), c.file, "policy.pdf", "")
			if e := errs.As(err); e.Kind != c.kind || e.Key != c.key {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(o.now().Steps); n != 1 {
			t.Errorf("%d steps are left", n)
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("line lost") }

func TestHostileRules(t *testing.T) {
	forBoth(t, func(o *office) {
		const bad = "@id(\"a\") @clause(\"4.1.7\")\npermit (principal, action, resource == Field::\"patronymic\");"
		err := o.SetRules(ctx, first, o.at(), bad)
		o.refused(err, errs.Invalid, "policy.rules.invalid")
		if f := errs.As(err).Fields; len(f) != 1 || f[0].Key != "policy.rules.unknown" || f[0].Args["line"] != "1" || f[0].Args["rule"] != "a" {
			t.Errorf("faults %+v", f)
		}
		err = o.SetRules(ctx, first, o.at(), "permit (\n\nоо")
		o.refused(err, errs.Invalid, "policy.rules.syntax")
		if line := errs.As(err).Args["line"]; line != "3" {
			t.Errorf("at line %q", line)
		}
		o.refused(o.SetRules(ctx, first, o.at(), strings.Repeat("/", policy.MaxRules+1)), errs.TooLarge, "policy.rules.too_large")
	})
}

func TestOrder(t *testing.T) {
	forBoth(t, func(o *office) {
		good := o.order(time.Minute)
		for name, c := range map[string]struct {
			change func(*draft.Order)
			want   string
		}{
			"no number":         {func(r *draft.Order) { r.Number = "" }, "number policy.edition.order"},
			"a number of lines": {func(r *draft.Order) { r.Number = "1\n2" }, "number policy.edition.order"},
			"a long number":     {func(r *draft.Order) { r.Number = strings.Repeat("1", 61) }, "number policy.edition.order"},
			"no date":           {func(r *draft.Order) { r.Date = time.Time{} }, "date policy.edition.order_date"},
			"a date to come":    {func(r *draft.Order) { r.Date = time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC) }, "date draft.order.future"},
			"today":             {func(r *draft.Order) { r.Date = time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC) }, ""},
			"no day":            {func(r *draft.Order) { r.InForce = time.Time{} }, "day policy.edition.in_force"},
			"now":               {func(r *draft.Order) { r.InForce = o.Clock.Now() }, "day draft.past"},
			"yesterday":         {func(r *draft.Order) { r.InForce = o.Clock.Now().Add(-24 * time.Hour) }, "day draft.past"},
		} {
			order := good
			c.change(&order)
			got := ""
			if err := o.SetOrder(ctx, first, o.at(), order); err != nil {
				for _, f := range errs.As(err).Fields {
					got += f.Name + " " + f.Key
				}
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}

func TestWhatIsNotReadyIsNotSubmitted(t *testing.T) {
	forBoth(t, func(o *office) {
		o.refused(o.Submit(ctx, first, o.at()), errs.Invalid, "policy.edition.order")
		o.must(o.SetOrder(ctx, first, o.at(), o.order(time.Hour)))
		o.must(o.Put(ctx, first, o.at(), "kk", "", text("9.5", "Жаңа")))
		o.refused(o.Submit(ctx, first, o.at()), errs.Invalid, "policy.edition.numbers")
		o.must(o.Undo(ctx, first, o.at()))
		o.Clock.Move(time.Hour)
		o.refused(o.Submit(ctx, first, o.at()), errs.Invalid, "draft.past")
		base, err := o.Editions.BySeq(1)
		o.must(err)
		o.must(o.SetOrder(ctx, first, o.at(), draft.Order{Number: base.Order, Date: base.OrderDate, InForce: o.Clock.Now().Add(time.Hour)}))
		o.refused(o.Submit(ctx, first, o.at()), errs.Conflict, "edition.same")
		if d := o.now(); d.State != draft.Open {
			t.Errorf("it is %s", d.State)
		}
	})
}

// Clause 9.2: the day came before anybody approved.
func TestDayPassedBeforeTheApproval(t *testing.T) {
	forBoth(t, func(o *office) {
		o.ready()
		o.Clock.Move(time.Hour)
		_, err := o.Approve(ctx, third, o.at())
		o.refused(err, errs.Conflict, "draft.late")
		if all, err := o.Editions.All(); err != nil || len(all) != 1 || o.now().State != draft.Submitted {
			t.Errorf("%d editions, %s, %v", len(all), o.now().State, err)
		}
		o.must(o.SendBack(ctx, third, o.at(), "Күні өтті"))
		o.must(o.SetOrder(ctx, first, o.at(), o.order(time.Hour)))
		o.must(o.Submit(ctx, first, o.at()))
		if _, err := o.Approve(ctx, third, o.at()); err != nil {
			t.Error(err)
		}
	})
}

// Of any number of approvals, withdrawals and returns that meet, on several servers, one is done.
func TestOneSettlesIt(t *testing.T) {
	forBoth(t, func(o *office) {
		const racers = 8
		for i := range racers {
			o.Hire(o, person.ID(200+i), "officer", fmt.Sprint(i))
		}
		o.ready()
		at := o.at()
		var wg sync.WaitGroup
		var mu sync.Mutex
		done, published := 0, 0
		for i := range racers {
			editions, err := edition.Open(ctx, o.DB)
			o.must(err)
			s := draft.New(o.DB, o.Ledger, editions)
			wg.Go(func() {
				var err error
				if i%4 == 3 {
					err = s.Withdraw(ctx, person.ID(200+i), at, "жоқ")
				} else if _, err = s.Approve(ctx, person.ID(200+i), at); err == nil {
					mu.Lock()
					published++
					mu.Unlock()
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if e := errs.As(err); e.Kind != errs.Conflict || !strings.HasPrefix(e.Key, "draft.") {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		o.must(o.Editions.Refresh(ctx))
		all, err := o.Editions.All()
		if err != nil || done != 1 || len(all) != 1+published {
			t.Errorf("done %d times, %d published, %d editions, %v", done, published, len(all), err)
		}
		if d := o.now(); (d.State == draft.Published) != (published == 1) || d.Last != at.Step+1 {
			t.Errorf("the draft is %+v", d.Head)
		}
	})
}

// Two officers change the same draft: the second is told, and nothing is lost.
func TestWhoComesSecondIsTold(t *testing.T) {
	forBoth(t, func(o *office) {
		at := o.at()
		o.must(o.Put(ctx, first, at, "kk", "9.4", text("9.4", "Бір")))
		o.refused(o.Put(ctx, second, at, "kk", "9.3", text("9.3", "Екі")), errs.Conflict, "draft.moved")
		o.refused(o.Undo(ctx, second, at), errs.Conflict, "draft.moved")
		o.must(o.SetOrder(ctx, first, o.at(), o.order(time.Hour)))
		seen := o.at()
		o.must(o.Submit(ctx, first, seen))
		submitted := o.at()
		o.must(o.SendBack(ctx, first, submitted, "қате"))
		o.must(o.Put(ctx, first, o.at(), "kk", "9.4", text("9.4", "Үш")))
		o.must(o.Submit(ctx, first, o.at()))
		_, err := o.Approve(ctx, second, submitted) // what second saw was another text
		o.refused(err, errs.Conflict, "draft.moved")
		if _, err := o.Draft(ctx, 1); !errs.Is(err, errs.NotFound) {
			t.Error(err)
		}
	})
}

// Without a log nothing is published and the draft stays.
func TestNoEntryNoPublication(t *testing.T) {
	forBoth(t, func(o *office) {
		o.ready()
		rename := func(from, to string) {
			o.must(o.DB.Write(ctx, func(t *db.Tx) error { _, err := t.Exec("ALTER TABLE " + from + " RENAME TO " + to); return err }))
		}
		at := o.at()
		rename("ledger_segment", "hidden")
		if _, err := o.Approve(ctx, third, at); err == nil {
			t.Error("approved without a log")
		}
		rename("hidden", "ledger_segment")
		if d := o.now(); d.State != draft.Submitted || d.Edition != 0 {
			t.Errorf("the draft is %+v", d.Head)
		}
		if _, err := o.Approve(ctx, third, at); err != nil {
			t.Error(err)
		}
	})
}

// The operator's real document, where it is at hand.
func TestRealDocument(t *testing.T) {
	file, err := os.ReadFile("../../../shared/policy/2023-09-07.kk.pdf.txt")
	if err != nil {
		t.Skip("the real document is not here; TestUploadsFollowOneAnother has one of ours")
	}
	forBoth(t, func(o *office) {
		if lang, err := o.Import(ctx, first, o.at(), bytes.NewReader(file), "policy.txt", ""); err != nil || lang != "kk" {
			t.Fatal(lang, err)
		}
		d := o.now()
		if s, c := d.Docs["kk"].Counts(); s != 9 || c != 57 || d.Found["kk"].Order != "97п" {
			t.Errorf("%d sections, %d clauses, order %q", s, c, d.Found["kk"].Order)
		}
		if err := d.Docs["kk"].Validate(); err != nil {
			t.Error(err)
		}
	})
}

func TestEveryActAndStateHasWords(t *testing.T) {
	cat, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range draft.Acts {
		if !cat.Has("draft.act." + string(act)) {
			t.Errorf("no words for %s", act)
		}
	}
	for _, s := range []draft.State{draft.Open, draft.Submitted, draft.Published, draft.Withdrawn} {
		if !cat.Has("draft.state."+string(s)) || !cat.Has("draft.not."+string(s)) {
			t.Errorf("no words for %s", s)
		}
	}
}
