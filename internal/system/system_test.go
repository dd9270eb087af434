package system_test

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
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
	"ustaz/internal/system"
	"ustaz/internal/testdoor"
)

// registry opens the systems of a door, whose administrator is admin.
func registry(t testing.TB, e *testdoor.Env) *system.Registry {
	t.Helper()
	setStaff(t, e, "admin", 0)
	return system.New(e.DB, e.Keeper, e.Ledger, e.Editions)
}

// setStaff makes admin a member of staff with roles, let in or sent away.
func setStaff(t testing.TB, e *testdoor.Env, roles string, disabled int) {
	t.Helper()
	if err := e.DB.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`INSERT INTO staff (subject, roles, initials, disabled, since) VALUES ($1, $2, 'А. К.', $3, 0)
			ON CONFLICT (subject) DO UPDATE SET roles = $2, disabled = $3`, admin, roles, disabled)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func spec(name string) system.Spec {
	return system.Spec{Name: name, Roles: []policy.Role{policy.Reader}, Purposes: []policy.Purpose{policy.Identify, policy.Verify}, Expires: testdoor.Start.Add(30 * 24 * time.Hour)}
}

func add(t *testing.T, r *system.Registry, name string) (system.System, secret.Text) {
	t.Helper()
	s, token, err := r.Add(context.Background(), admin, spec(name))
	if err != nil {
		t.Fatal(err)
	}
	return s, token
}

// admin is the member of staff who manages systems in these tests.
const admin person.ID = 42

func wantKey(t *testing.T, err error, kind errs.Kind, key string) {
	t.Helper()
	if !errs.Is(err, kind) || errs.As(err).Key != key {
		t.Errorf("%v, not %s %s", err, kind, key)
	}
}

func TestASystemComesInByItsToken(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		r := registry(t, e)
		made, token := add(t, r, " Электрондық журнал ")
		_, other := add(t, r, "Other")
		if token.Equal(other) || len(token.Reveal()) != 61 || !strings.HasPrefix(token.Reveal(), "ustz_") {
			t.Fatalf("token %q", token.Reveal())
		}
		for range 2 { // looked up, then remembered
			s, err := r.Authenticate(ctx, token.Reveal())
			if err != nil {
				t.Fatal(err)
			}
			if s.ID != made.ID || s.Name != "Электрондық журнал" || !slices.Equal(s.Roles, []policy.Role{policy.Reader}) ||
				!slices.Equal(s.Purposes, []policy.Purpose{policy.Identify, policy.Verify}) || s.Actor().Kind != ledger.BySystem {
				t.Errorf("%+v", s)
			}
		}
		list, err := r.List(ctx)
		if err != nil || len(list) != 2 || list[0].Name != "Other" || !list[0].LastUsed.IsZero() || list[1].LastUsed != testdoor.Start.Truncate(24*time.Hour) {
			t.Errorf("%+v %v", list, err)
		}
		var stored []byte
		if _, err := e.DB.Get(ctx, []any{&stored}, "SELECT token FROM outside_system WHERE id = $1", made.ID); err != nil || len(stored) != 32 || strings.Contains(token.Reveal(), string(stored)) {
			t.Errorf("stored %x %v", stored, err)
		}
		if printed := fmt.Sprintf("%v %+v %#v %s", token, token, token, token); strings.Contains(printed, token.Reveal()) {
			t.Error("the token prints")
		}
	})
}

func TestLastUsedMovesOnceADay(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		r := registry(t, e)
		_, token := add(t, r, "Journal")
		for range 3 {
			for range 5 {
				if _, err := r.Authenticate(context.Background(), token.Reveal()); err != nil {
					t.Fatal(err)
				}
			}
			list, err := r.List(context.Background())
			if err != nil || list[0].LastUsed != e.Clock.Now().Truncate(24*time.Hour) {
				t.Errorf("%v %v", list[0].LastUsed, err)
			}
			e.Clock.Move(24 * time.Hour)
		}
	})
}

func TestWhatIsNoToken(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		r := registry(t, e)
		_, text := add(t, r, "Journal")
		token := text.Reveal()
		elsewhere := testdoor.SQLite(t)
		_, foreign := add(t, registry(t, elsewhere), "Journal")
		for _, c := range []struct{ token, key string }{
			{"", "api.token.damaged"},
			{"ustz_", "api.token.damaged"},
			{token[:len(token)-1], "api.token.damaged"},
			{token[1:], "api.token.damaged"},
			{token + "0", "api.token.damaged"},
			{token + "\n", "api.token.damaged"},
			{token[:30] + "\n" + token[31:], "api.token.damaged"},
			{strings.ToUpper(token), "api.token.damaged"},
			{"ustx_" + token[5:], "api.token.damaged"},
			{strings.Repeat("0", 61), "api.token.damaged"},
			{foreign.Reveal(), "api.token.unknown"},
		} {
			_, err := r.Authenticate(context.Background(), c.token)
			wantKey(t, err, errs.Unauthenticated, c.key)
		}
		for i := 5; i < len(token); i++ { // one letter mistyped, anywhere
			wrong := byte('0')
			if token[i] == '0' {
				wrong = '1'
			}
			_, err := r.Authenticate(context.Background(), token[:i]+string(wrong)+token[i+1:])
			wantKey(t, err, errs.Unauthenticated, "api.token.damaged")
		}
	})
}

// TestEndsAtOnce: revocation, replacement and expiry, in this process and, within a second, in another.
func TestEndsAtOnce(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		here, there := registry(t, e), registry(t, e)
		revoked, first := add(t, here, "Revoked")
		replaced, second := add(t, here, "Replaced")
		_, third := add(t, here, "Expires")
		in := func(r *system.Registry, token secret.Text) error {
			_, err := r.Authenticate(ctx, token.Reveal())
			return err
		}
		for _, r := range []*system.Registry{here, there} {
			for _, token := range []secret.Text{first, second, third} {
				if err := in(r, token); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := here.Revoke(ctx, admin, revoked.ID); err != nil {
			t.Fatal(err)
		}
		next, err := here.Rotate(ctx, admin, replaced.ID, testdoor.Start.Add(24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		wantKey(t, in(here, first), errs.Unauthenticated, "api.token.revoked")
		wantKey(t, in(here, second), errs.Unauthenticated, "api.token.unknown")
		e.Clock.Move(time.Second)
		wantKey(t, in(there, first), errs.Unauthenticated, "api.token.revoked")
		wantKey(t, in(there, second), errs.Unauthenticated, "api.token.unknown")
		for _, r := range []*system.Registry{here, there} {
			if err := in(r, next); err != nil {
				t.Error(err)
			}
		}
		e.Clock.Move(24*time.Hour - time.Second) // to the moment itself
		wantKey(t, in(here, next), errs.Unauthenticated, "api.token.expired")
		if err := in(here, third); err != nil {
			t.Error(err)
		}
		wantKey(t, here.Revoke(ctx, admin, revoked.ID), errs.NotFound, "api.system.unknown")
		_, err = here.Rotate(ctx, admin, revoked.ID, e.Clock.Now().Add(time.Hour))
		wantKey(t, err, errs.NotFound, "api.system.unknown")
		wantKey(t, here.Revoke(ctx, admin, 1), errs.NotFound, "api.system.unknown")
		add(t, here, "Revoked") // the name is free again
	})
}

// TestNothingOldIsRemembered: a look-up under way while a token is revoked may not bring the token back.
func TestNothingOldIsRemembered(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		r := registry(t, e)
		for i := range 20 {
			s, token := add(t, r, fmt.Sprintf("System %d", i))
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 20 {
						if _, err := r.Authenticate(ctx, token.Reveal()); err != nil && !errs.Is(err, errs.Unauthenticated) {
							t.Error(err)
						}
					}
				})
			}
			if err := r.Revoke(ctx, admin, s.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Authenticate(ctx, token.Reveal()); !errs.Is(err, errs.Unauthenticated) {
				t.Fatalf("revoked, and still in: %v", err)
			}
			wg.Wait()
			if _, err := r.Authenticate(ctx, token.Reveal()); !errs.Is(err, errs.Unauthenticated) {
				t.Fatalf("revoked, and back in: %v", err)
			}
		}
	})
}

func TestWhatASystemCantBe(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		r := registry(t, e)
		add(t, r, "Journal")
		for _, c := range []struct {
			name   string
			change func(*system.Spec)
			at     string
		}{
			{"no name", func(s *system.Spec) { s.Name = " " }, "name"},
			{"a long name", func(s *system.Spec) { s.Name = strings.Repeat("ә", 81) }, "name"},
			{"a name with a line break", func(s *system.Spec) { s.Name = "a\nb" }, "name"},
			{"a name that is no text", func(s *system.Spec) { s.Name = "a\xff" }, "name"},
			{"no role", func(s *system.Spec) { s.Roles = nil }, "roles"},
			{"a role of staff", func(s *system.Spec) { s.Roles = []policy.Role{policy.Reader, policy.Officer} }, "roles"},
			{"the subject's role", func(s *system.Spec) { s.Roles = []policy.Role{policy.Self} }, "roles"},
			{"no purpose", func(s *system.Spec) { s.Purposes = nil }, "purposes"},
			{"a purpose outside of the set", func(s *system.Spec) { s.Purposes = []policy.Purpose{policy.Verify, 99} }, "purposes"},
			{"no end", func(s *system.Spec) { s.Expires = time.Time{} }, "expires"},
			{"an end that is now", func(s *system.Spec) { s.Expires = testdoor.Start }, "expires"},
			{"an end too far", func(s *system.Spec) { s.Expires = testdoor.Start.Add(system.MaxLife + time.Second) }, "expires"},
		} {
			s := spec("Another")
			c.change(&s)
			_, token, err := r.Add(context.Background(), admin, s)
			if !errs.Is(err, errs.Invalid) || len(errs.As(err).Fields) != 1 || errs.As(err).Fields[0].Name != c.at || !token.Empty() {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		_, token, err := r.Add(context.Background(), admin, spec("Journal"))
		wantKey(t, err, errs.Conflict, "api.system.name.taken")
		if !token.Empty() {
			t.Error("a token of nobody")
		}
		if list, err := r.List(context.Background()); err != nil || len(list) != 1 {
			t.Errorf("%v %v", list, err)
		}
	})
}

// TestWhoLetsSystemsInIsEntered: clause 1.1.1.
func TestWhoLetsSystemsInIsEntered(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		r := registry(t, e)
		var s system.System
		for _, act := range []struct {
			what string
			by   person.ID
			op   policy.Operation
			do   func(by person.ID) error
		}{
			{"let in", admin, policy.Recording, func(by person.ID) (err error) { s, _, err = r.Add(ctx, by, spec("Journal")); return err }},
			{"a new token", admin, policy.Refinement, func(by person.ID) error { _, err := r.Rotate(ctx, by, s.ID, e.Clock.Now().Add(time.Hour)); return err }},
			{"sent away", 0, policy.Blocking, func(by person.ID) error { return r.Revoke(ctx, by, s.ID) }},
		} {
			if err := act.do(act.by); err != nil {
				t.Fatal(err)
			}
			size, err := e.Ledger.Size(ctx)
			if err != nil {
				t.Fatal(err)
			}
			x, err := e.Ledger.Entry(ctx, size-1)
			if err != nil || x.Actor != act.by || (x.Kind == ledger.ByStaff) != (act.by == admin) || x.Operation != act.op || x.Case != "api:"+s.ID.String() ||
				x.Subject != 0 || x.Outcome != ledger.Allowed || !slices.Equal(x.Clauses, []string{"1.1.1"}) {
				t.Errorf("%s: %+v %v", act.what, x, err)
			}
			if _, err := keeper.ParseCase(x.Case); err != nil {
				t.Error(err)
			}
		}
		size, _ := e.Ledger.Size(ctx)
		if err := r.Revoke(ctx, admin, s.ID); err == nil {
			t.Error("sent away twice")
		}
		if now, err := e.Ledger.Size(ctx); err != nil || now != size {
			t.Errorf("what did not happen is entered: %d, then %d entries, %v", size, now, err)
		}
	})
}

// Who was sent away, or has other work now, manages no system with a request that was on its way: the right is read where it is used.
func TestOnlyWhoManagesNowLetsSystemsIn(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		r := registry(t, e)
		s, token := add(t, r, "Journal")
		size, err := e.Ledger.Size(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, now := range []struct {
			roles    string
			disabled int
			by       person.ID
		}{{"admin", 1, admin}, {"support,officer", 0, admin}, {"admin", 0, admin + 1}} {
			setStaff(t, e, now.roles, now.disabled)
			_, none, err := r.Add(ctx, now.by, spec("Register"))
			wantKey(t, err, errs.Forbidden, "error.forbidden")
			next, err := r.Rotate(ctx, now.by, s.ID, e.Clock.Now().Add(time.Hour))
			wantKey(t, err, errs.Forbidden, "error.forbidden")
			wantKey(t, r.Revoke(ctx, now.by, s.ID), errs.Forbidden, "error.forbidden")
			if !none.Empty() || !next.Empty() {
				t.Error("a token was given")
			}
		}
		if _, err := r.Authenticate(ctx, token.Reveal()); err != nil {
			t.Errorf("the system's token: %v", err)
		}
		if list, err := r.List(ctx); err != nil || len(list) != 1 {
			t.Errorf("%d systems, %v", len(list), err)
		}
		if now, err := e.Ledger.Size(ctx); err != nil || now != size {
			t.Errorf("%d entries of what did not happen, %v", now-size, err)
		}
		if err := r.Revoke(ctx, 0, s.ID); err != nil {
			t.Errorf("the operator at the machine: %v", err)
		}
	})
}

// TestAnotherPurposeIsRefusedAndEntered: clause 6.2.1.
func TestAnotherPurposeIsRefusedAndEntered(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		r := registry(t, e)
		s, _ := add(t, r, "Journal")
		aya := e.Subject(t, testdoor.AyaFields)
		size, err := e.Ledger.Size(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, purpose := range policy.Purposes {
			p := keeper.Passage{Actor: s.Actor(), Subject: aya, Operation: policy.Retrieval, Purpose: purpose, Fields: person.Set(person.Surname), Case: "api:7"}
			err := r.Allow(ctx, &s, &p)
			if slices.Contains(s.Purposes, purpose) {
				if err != nil {
					t.Errorf("%s: %v", purpose, err)
				}
				continue
			}
			wantKey(t, err, errs.Forbidden, "api.purpose.foreign")
			x, err := e.Ledger.Entry(ctx, size)
			if err != nil {
				t.Fatal(err)
			}
			size++
			if x.Outcome != ledger.Refused || x.Subject != aya || x.Actor != s.ID || x.Kind != ledger.BySystem || x.Role != policy.Reader || x.Purpose != purpose ||
				x.Fields != p.Fields || x.Case != "api:7" || !slices.Equal(x.Clauses, []string{"6.2.1"}) || x.Edition != 1 {
				t.Errorf("%+v", x)
			}
		}
	})
}

func TestWithoutADatabaseNobodyComesIn(t *testing.T) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) {
		ctx := context.Background()
		r := registry(t, e)
		s, token := add(t, r, "Journal")
		_, unseen := add(t, r, "Unseen")
		if _, err := r.Authenticate(ctx, token.Reveal()); err != nil {
			t.Fatal(err)
		}
		if err := e.DB.Close(); err != nil {
			t.Fatal(err)
		}
		e.Clock.Move(time.Second)
		for _, one := range []secret.Text{token, unseen} {
			if _, err := r.Authenticate(ctx, one.Reveal()); !errs.Is(err, errs.Unavailable) {
				t.Errorf("%v", err)
			}
		}
		p := keeper.Passage{Actor: s.Actor(), Operation: policy.Retrieval, Purpose: policy.Support}
		if err := r.Allow(ctx, &s, &p); !errs.Is(err, errs.Unavailable) {
			t.Errorf("a refusal that can't be entered: %v", err)
		}
		if err := r.Revoke(ctx, admin, s.ID); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%v", err)
		}
	})
}
