package permission_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/permission"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

var (
	ctx  = context.Background()
	text = person.Stored(person.Words, "Атымды жинақта жариялауға рұқсат беремін.")
	name = person.Set(person.Surname, person.GivenName)
)

const receiver = "«Ұстаз» журналы"

func mustBe(t *testing.T, err error, kind errs.Kind, key string) {
	t.Helper()
	e := errs.As(err)
	if err == nil || e.Kind != kind || e.Key != key && (len(e.Fields) == 0 || e.Fields[0].Key != key) {
		t.Errorf("answer %v, want %v %s", err, kind, key)
	}
}

func forBoth(t *testing.T, fn func(t *testing.T, e *testdoor.Env, s *permission.Service, aya person.ID)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		fn(t, e, permission.New(e.DB, e.Keeper), e.Subject(t, testdoor.AyaFields))
	})
}

func give(t *testing.T, e *testdoor.Env, s *permission.Service, by keeper.Actor, aya person.ID) *permission.Permission {
	t.Helper()
	p, err := s.Give(ctx, by, permission.Permission{Subject: aya, Receiver: receiver, Fields: name, Until: e.Clock.Now().AddDate(1, 0, 0)}, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// 6.2.2: it says to whom, what, in which words, and until when; whoever gave it takes it back.
func TestPermissionFromBeginningToEnd(t *testing.T) {
	forBoth(t, func(t *testing.T, e *testdoor.Env, s *permission.Service, aya person.ID) {
		good := func(n int) *permission.Permission {
			t.Helper()
			list, err := s.Mine(ctx, aya)
			if err != nil || len(list) <= n {
				t.Fatalf("%d permissions, %v", len(list), err)
			}
			if !list[n].Good(e.Clock.Now()) {
				return nil
			}
			return list[n]
		}
		p := give(t, e, s, keeper.Own(aya), aya)
		if got := good(0); got == nil || got.Receiver != receiver || got.Fields != name {
			t.Errorf("given: %+v", got)
		}
		officer := keeper.Staff(7, policy.Officer)
		for _, by := range []keeper.Actor{keeper.Own(aya), officer} {
			if got, err := s.Text(ctx, by, p.ID); err != nil || got.Reveal() != text.Reveal() {
				t.Errorf("text %v, %v", got, err)
			}
		}
		if _, err := s.Text(ctx, keeper.Staff(8, policy.SupportR), p.ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("support reads it: %v", err)
		}
		if err := s.TakeBack(ctx, aya+1, p.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("another takes it back: %v", err)
		}
		if err := s.TakeBack(ctx, aya, p.ID); err != nil {
			t.Fatal(err)
		}
		mustBe(t, s.TakeBack(ctx, aya, p.ID), errs.Conflict, "permission.over")
		if good(0) != nil {
			t.Error("taken back, it is good")
		}

		paper := give(t, e, s, officer, aya)
		if p.Signed != permission.OnSite || paper.Signed != permission.OnPaper {
			t.Errorf("signed %v, %v", p.Signed, paper.Signed)
		}
		if all, good, err := s.Count(ctx); err != nil || all != 2 || good != 1 {
			t.Errorf("%d permissions, %d good; %v", all, good, err)
		}
		// Both were given in one moment; a page of the register that ends between them loses neither.
		register, err := s.Register(ctx, db.Place{At: e.Clock.Now().Add(time.Hour)}, 10)
		if err != nil || len(register) != 2 {
			t.Fatalf("register %v, %v", register, err)
		}
		if rest, err := s.Register(ctx, register[0].Place(), 10); err != nil || len(rest) != 1 || rest[0].ID != register[1].ID || !rest[0].Given.Equal(register[0].Given) {
			t.Errorf("the next page: %v, %v", rest, err)
		}
		now := e.Clock.Now()
		if !paper.Good(paper.Until) || paper.Good(paper.Until.Add(time.Second)) || !paper.Good(now) {
			t.Errorf("it is good until %v, and that is the end of its last day", paper.Until)
		}
	})
}

func TestErasureEndsPermissions(t *testing.T) {
	forBoth(t, func(t *testing.T, e *testdoor.Env, s *permission.Service, aya person.ID) {
		p := give(t, e, s, keeper.Own(aya), aya)
		pass := keeper.Passage{Actor: keeper.Program(), Subject: aya, Operation: policy.Destruction, Purpose: policy.EndOfUse}
		if _, err := e.Keeper.Change(ctx, pass, func(x *keeper.Tx) error { return x.Erase() }); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Register(ctx, db.Place{At: e.Clock.Now().Add(time.Hour)}, 10); err != nil || len(list) != 1 || list[0].Good(e.Clock.Now()) || list[0].ID != p.ID {
			t.Errorf("register %v, %v", list, err)
		}
		var left int
		if _, err := e.DB.Get(ctx, []any{&left}, "SELECT count(*) FROM permission WHERE length(text) > 0"); err != nil || left != 0 {
			t.Errorf("%d texts left, %v", left, err)
		}
	})
}

func TestBadPermissions(t *testing.T) {
	e := testdoor.SQLite(t)
	s := permission.New(e.DB, e.Keeper)
	aya := e.Subject(t, testdoor.AyaFields)
	good := permission.Permission{Subject: aya, Receiver: receiver, Fields: name, Until: e.Clock.Now().AddDate(1, 0, 0)}
	for key, spoil := range map[string]func(p *permission.Permission, v *person.Value){
		"permission.receiver": func(p *permission.Permission, _ *person.Value) {
			p.Receiver = strings.Repeat("ә", permission.MaxReceiver+1)
		},
		"permission.fields": func(p *permission.Permission, _ *person.Value) { p.Fields = person.Set(person.TOTP) },
		"permission.until":  func(p *permission.Permission, _ *person.Value) { p.Until = e.Clock.Now().AddDate(5, 0, 1) },
		"person.required":   func(_ *permission.Permission, v *person.Value) { *v = person.Value{} },
	} {
		p, v := good, text
		spoil(&p, &v)
		_, err := s.Give(ctx, keeper.Own(aya), p, v)
		mustBe(t, err, errs.Invalid, key)
	}
	long := good
	long.Receiver = strings.Repeat("ә", permission.MaxReceiver)
	if _, err := s.Give(ctx, keeper.Own(aya), long, text); err != nil {
		t.Errorf("a name as long as may be: %v", err)
	}
	other := e.Subject(t, map[person.Field]string{person.Surname: "Ә", person.GivenName: "Б", person.Email: "b@mysal.kz"})
	if _, err := s.Give(ctx, keeper.Own(other), good, text); !errs.Is(err, errs.Forbidden) {
		t.Errorf("another permits for her: %v", err)
	}
}
