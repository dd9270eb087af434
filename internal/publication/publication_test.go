package publication_test

import (
	"context"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/limit"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/publication"
	"ustaz/internal/testdoor"
)

var ctx = context.Background()

func forBoth(t *testing.T, fn func(t *testing.T, e *testdoor.Env, s *publication.Service, aya person.ID)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		fn(t, e, publication.New(e.DB, e.Keeper, limit.New(e.DB, e.Keeper.Mac)), e.Subject(t, testdoor.AyaFields))
	})
}

func mustBe(t *testing.T, err error, kind errs.Kind, key string) {
	t.Helper()
	e := errs.As(err)
	if err == nil || e.Kind != kind || e.Key != key && (len(e.Fields) == 0 || e.Fields[0].Key != key) {
		t.Errorf("answer %v, want %v %s", err, kind, key)
	}
}

var names = person.Set(person.Surname, person.GivenName)

// 7.2: what is public is what was chosen, from then until it is ended, with a record of both.
func TestPublicPageShowsWhatWasChosen(t *testing.T) {
	forBoth(t, func(t *testing.T, e *testdoor.Env, s *publication.Service, aya person.ID) {
		for _, f := range []person.Fields{0, person.Set(person.IIN), person.Set(person.Surname, person.Phone)} {
			_, err := s.Publish(ctx, aya, f)
			mustBe(t, err, errs.Invalid, "publication.fields")
		}
		first, err := s.Publish(ctx, aya, names)
		if err != nil {
			t.Fatal(err)
		}
		_, rec, err := s.Show(ctx, []byte("n"), first.Slug)
		if err != nil {
			t.Fatal(err)
		}
		if all := rec.All(); len(all) != 2 || rec.Value(person.Surname).Reveal() != "Әбдіғалиева" {
			t.Errorf("shown %v", all)
		}
		// Another choice is another publication; the old address is gone.
		second, err := s.Publish(ctx, aya, names|person.Set(person.Place))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = s.Show(ctx, []byte("n"), first.Slug)
		mustBe(t, err, errs.NotFound, "publication.none")
		if err := s.End(ctx, aya); err != nil {
			t.Fatal(err)
		}
		mustBe(t, s.End(ctx, aya), errs.NotFound, "publication.none")
		history, err := s.History(ctx, aya)
		if err != nil || len(history) != 2 {
			t.Fatalf("history %v, %v", history, err)
		}
		for _, p := range history {
			if p.Ended.IsZero() || p.EndedBy != ledger.BySubject {
				t.Errorf("%+v", p)
			}
		}
		entries, _, err := e.Ledger.BySubject(ctx, aya, 1<<62, 10, func(x *ledger.Entry) bool { return x.Case == second.Code() })
		if err != nil || len(entries) != 2 {
			t.Errorf("%d entries of the second, %v", len(entries), err)
		}
	})
}

// 6.2.4, 2.2, 5.1: a page comes down with the commit that blocks, and for good with the key.
func TestPublicPageComesDown(t *testing.T) {
	forBoth(t, func(t *testing.T, e *testdoor.Env, s *publication.Service, aya person.ID) {
		p, err := s.Publish(ctx, aya, names)
		if err != nil {
			t.Fatal(err)
		}
		restrict := func(on bool) {
			pass := keeper.Passage{Actor: keeper.Program(), Subject: aya, Operation: policy.Blocking, Purpose: policy.Restriction}
			if _, err := e.Keeper.Change(ctx, pass, func(x *keeper.Tx) error { x.Restrict(on); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		restrict(true)
		_, rec, err := s.Show(ctx, []byte("n"), p.Slug)
		mustBe(t, err, errs.NotFound, "publication.none")
		if rec != nil {
			t.Error("blocked, and something was opened")
		}
		restrict(false)
		if _, _, err := s.Show(ctx, []byte("n"), p.Slug); err != nil {
			t.Errorf("after the block: %v", err)
		}
		officer := keeper.Staff(7, policy.Officer)
		if err := s.TakeDown(ctx, officer, p.Slug); err != nil {
			t.Fatal(err)
		}
		if history, err := s.History(ctx, aya); err != nil || history[0].EndedBy != ledger.ByStaff {
			t.Errorf("%v, %v", history, err)
		}
		if p, err = s.Publish(ctx, aya, names); err != nil {
			t.Fatal(err)
		}
		pass := keeper.Passage{Actor: keeper.Program(), Subject: aya, Operation: policy.Destruction, Purpose: policy.EndOfUse}
		if _, err := e.Keeper.Change(ctx, pass, func(x *keeper.Tx) error { return x.Erase() }); err != nil {
			t.Fatal(err)
		}
		if all, public, err := s.Count(ctx); err != nil || all != 2 || public != 0 {
			t.Errorf("%d publications, %d public; %v", all, public, err)
		}
		register, err := s.Register(ctx, db.Place{At: e.Clock.Now().Add(time.Hour)}, 10)
		if err != nil || len(register) != 2 || register[0].Ended.IsZero() {
			t.Fatalf("register %v, %v", register, err)
		}
		// Both began in one moment; a page that ends between them loses neither.
		if rest, err := s.Register(ctx, register[0].Place(), 10); err != nil || len(rest) != 1 || rest[0].ID != register[1].ID || !rest[0].Started.Equal(register[0].Started) {
			t.Errorf("the next page: %v, %v", rest, err)
		}
		_, _, err = s.Show(ctx, []byte("n"), p.Slug)
		mustBe(t, err, errs.NotFound, "publication.none")
	})
}

func TestOneNetworkCantFillTheLog(t *testing.T) {
	e := testdoor.SQLite(t)
	s := publication.New(e.DB, e.Keeper, limit.New(e.DB, e.Keeper.Mac))
	p, err := s.Publish(ctx, e.Subject(t, testdoor.AyaFields), names)
	if err != nil {
		t.Fatal(err)
	}
	for range 60 {
		if _, _, err := s.Show(ctx, []byte("n"), p.Slug); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Show(ctx, []byte("n"), p.Slug); !errs.Is(err, errs.TooMany) {
		t.Errorf("the 61st: %v", err)
	}
	if _, _, err := s.Show(ctx, []byte("another"), p.Slug); err != nil {
		t.Errorf("another network: %v", err)
	}
}
