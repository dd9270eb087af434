package consent_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/edition"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

type env struct {
	*testdoor.Env
	c *consent.Consents
}

func forBoth(t *testing.T, fn func(t *testing.T, e env)) {
	testdoor.ForBoth(t, func(t *testing.T, e *testdoor.Env) { fn(t, env{e, consent.New(e.DB, e.Keeper, e.Editions)}) })
}

// subject makes somebody who has answered nothing yet.
func (e env) subject(t *testing.T) person.ID {
	t.Helper()
	p := keeper.Passage{Actor: keeper.Own(0), Operation: policy.Collection, Purpose: policy.Verify}
	r, err := e.Keeper.Create(t.Context(), p, func(*keeper.Tx) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return r.Subject
}

func (e env) inForce(t *testing.T) *edition.Published {
	t.Helper()
	ed, err := e.Editions.InForce(e.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return ed
}

// publish puts a new edition in force after a time.
func (e env) publish(t *testing.T, in time.Duration) *edition.Published {
	t.Helper()
	ed, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	ed.Order, ed.InForce = "2", e.Clock.Now().Add(in)
	p, err := e.Keeper.Publish(t.Context(), ed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (e env) given(t *testing.T, lang string, act consent.Act) consent.Given {
	t.Helper()
	g, err := e.c.Shown(e.inForce(t).Hash, lang, consent.OnSite, act)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (e env) state(t *testing.T, id person.ID) policy.Consent {
	t.Helper()
	s, err := e.Keeper.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s.Consent
}

func (e env) must(t *testing.T, id person.ID) bool {
	t.Helper()
	must, err := e.c.Must(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return must
}

func TestAnswersAreAddedAndMoveTheState(t *testing.T) {
	forBoth(t, func(t *testing.T, e env) {
		ctx := context.Background()
		id := e.subject(t)
		if !e.must(t, id) {
			t.Error("who never answered need not be asked")
		}
		steps := []struct {
			act  consent.Act
			lang string
			want policy.Consent
		}{{consent.Agreed, "kk", policy.ConsentGiven}, {consent.Declined, "ru", policy.ConsentDeclined},
			{consent.Agreed, "en", policy.ConsentGiven}, {consent.Withdrawn, "kk", policy.ConsentWithdrawn}}
		for i, s := range steps {
			e.Clock.Move(time.Minute)
			if err := e.c.Answer(ctx, id, e.given(t, s.lang, s.act)); err != nil {
				t.Fatalf("%v: %v", s.act, err)
			}
			if got := e.state(t, id); got != s.want {
				t.Errorf("after %v the state is %v, want %v", s.act, got, s.want)
			}
			if e.must(t, id) {
				t.Errorf("asked again after %v of the edition in force", s.act)
			}
			list, err := e.c.List(ctx, id)
			if err != nil || len(list) != i+1 {
				t.Fatalf("%d answers are kept after %d: %v", len(list), i+1, err)
			}
			newest := list[0]
			if newest.Act != s.act || newest.Lang != s.lang || newest.Edition != 1 || newest.Hash != e.inForce(t).Hash ||
				newest.Channel != consent.OnSite || !newest.At.Equal(e.Clock.Now()) {
				t.Errorf("kept %+v", newest)
			}
			for j, older := range list[1:] {
				if want := steps[i-1-j].act; older.Act != want {
					t.Errorf("answer %d became %v", j, older.Act)
				}
			}
		}
	})
}

func TestANewEditionAsksAgain(t *testing.T) {
	forBoth(t, func(t *testing.T, e env) {
		ctx := context.Background()
		id := e.subject(t)
		old := e.given(t, "kk", consent.Agreed)
		if err := e.c.Answer(ctx, id, old); err != nil {
			t.Fatal(err)
		}
		e.publish(t, time.Hour)
		if e.must(t, id) {
			t.Error("asked about an edition that is not in force yet")
		}
		e.Clock.Move(time.Hour)
		if !e.must(t, id) {
			t.Error("not asked about the edition that came into force")
		}
		if _, err := e.c.Shown(old.Hash, "kk", consent.OnSite, consent.Agreed); !errs.Is(err, errs.Conflict) {
			t.Errorf("agreed to an edition no longer in force: %v", err)
		}
		if err := e.c.Answer(ctx, id, old); !errs.Is(err, errs.Conflict) {
			t.Errorf("recorded an agreement to an edition no longer in force: %v", err)
		}
		if err := e.c.Answer(ctx, id, e.given(t, "kk", consent.Declined)); err != nil {
			t.Fatal(err)
		}
		if e.must(t, id) || e.state(t, id) != policy.ConsentDeclined {
			t.Errorf("after declining: must %v, state %v", e.must(t, id), e.state(t, id))
		}
		// A withdrawal names what was agreed to, though another edition rules now.
		old.Act = consent.Withdrawn
		if err := e.c.Answer(ctx, id, old); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhatWasNotShownIsNotAgreedTo(t *testing.T) {
	forBoth(t, func(t *testing.T, e env) {
		good := e.given(t, "kk", consent.Agreed)
		for name, change := range map[string]func(*consent.Given){
			"another hash":       func(g *consent.Given) { g.Hash = strings.Repeat("0", 64) },
			"no hash":            func(g *consent.Given) { g.Hash = "" },
			"unknown edition":    func(g *consent.Given) { g.Edition = 7 },
			"language not there": func(g *consent.Given) { g.Lang = "de" },
			"no act":             func(g *consent.Given) { g.Act = 0 },
			"unknown act":        func(g *consent.Given) { g.Act = 9 },
			"no channel":         func(g *consent.Given) { g.Channel = 0 },
		} {
			id := e.subject(t)
			g := good
			change(&g)
			if err := e.c.Answer(t.Context(), id, g); !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
			if e.state(t, id) != policy.ConsentNone {
				t.Errorf("%s: the state moved", name)
			}
			if list, err := e.c.List(t.Context(), id); err != nil || len(list) != 0 {
				t.Errorf("%s: kept %v, %v", name, list, err)
			}
		}
		doc, err := e.c.Text(good)
		if err != nil || doc != e.inForce(t).Docs["kk"] {
			t.Errorf("the text agreed to: %v", err)
		}
		if _, _, err := e.c.Last(t.Context(), 5); err != nil {
			t.Error(err)
		}
	})
}

// TestProofOutlivesTheAccount holds 25-2(5) of the law: after erasure the answers stand, and nothing in them tells who it was.
func TestProofOutlivesTheAccount(t *testing.T) {
	forBoth(t, func(t *testing.T, e env) {
		ctx := context.Background()
		id := e.subject(t)
		if err := e.c.Answer(ctx, id, e.given(t, "ru", consent.Agreed)); err != nil {
			t.Fatal(err)
		}
		p := keeper.Passage{Actor: keeper.Program(), Subject: id, Operation: policy.Destruction, Purpose: policy.EndOfUse}
		if _, err := e.Keeper.Change(ctx, p, func(t *keeper.Tx) error { return t.Erase() }); err != nil {
			t.Fatal(err)
		}
		list, err := e.c.List(ctx, id)
		if err != nil || len(list) != 1 || list[0].Act != consent.Agreed || list[0].Lang != "ru" {
			t.Errorf("after erasure: %+v %v", list, err)
		}
		if err := e.c.Answer(ctx, id, e.given(t, "ru", consent.Agreed)); !errs.Is(err, errs.Forbidden) {
			t.Errorf("an erased person agreed: %v", err)
		}
	})
}

func TestNoStatementChangesAConsent(t *testing.T) {
	text, err := os.ReadFile("sql.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"UPDATE", "DELETE", "REPLACE", "ON CONFLICT"} {
		if strings.Contains(string(text), word) {
			t.Errorf("sql.go has %s", word)
		}
	}
	for _, name := range []string{"consent.go"} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), "FROM consent") || strings.Contains(string(source), "INTO consent") {
			t.Errorf("%s has a statement of its own", name)
		}
	}
}
