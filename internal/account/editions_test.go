package account_test

import (
	"slices"
	"testing"
	"time"

	"ustaz/internal/account"
	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/secret"
	"ustaz/internal/testdoor"
)

const letterEdition = "letter.edition"

// memberIn registers and confirms in a language.
func (e *env) memberIn(t testing.TB, lang, email string) account.SignedIn {
	t.Helper()
	form := e.form(t, email)
	form.Lang = lang
	if err := e.Register(t.Context(), form, visitor(1)); err != nil {
		t.Fatal(err)
	}
	in, err := e.Confirm(t.Context(), e.link(t, account.ConfirmLink), secret.New(phrase), visitor(1))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// publish puts a second edition on the site, in force in an hour.
func (e *env) publish(t testing.TB) {
	t.Helper()
	first, err := e.Editions.InForce(e.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	ed := *first.Edition
	ed.Order, ed.InForce = ed.Order+"-2", e.Clock.Now().Add(time.Hour)
	if _, err := e.Keeper.Publish(t.Context(), &ed); err != nil {
		t.Fatal(err)
	}
}

func (e *env) given(t testing.TB, act consent.Act) consent.Given {
	t.Helper()
	ed, err := e.Editions.InForce(e.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	g, err := e.consents.Shown(ed.Hash, "kk", consent.OnSite, act)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// entered are the outcomes of entries about a subject in the case of the letter about an edition.
func (e *env) entered(t testing.TB, subject person.ID) []ledger.Outcome {
	t.Helper()
	var out []ledger.Outcome
	found, _, err := e.Ledger.BySubject(t.Context(), subject, 1<<60, 100, func(x *ledger.Entry) bool { return x.Case == "letter:"+letterEdition })
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range found {
		out = append(out, x.Outcome)
	}
	return out
}

// Once an edition is in force each person with an account is told of it once, in their language (9.1, 9.2); not those who are blocked, who
// do not agree, or who have answered to it.
func TestEditionIsTold(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		kk, ru := e.memberIn(t, "kk", "aya@mysal.kz"), e.memberIn(t, "ru", "bek@mysal.kz")
		blocked, declined := e.member(t, "blocked@mysal.kz"), e.member(t, "declined@mysal.kz")
		e.restrict(t, blocked.Subject)
		no := e.given(t, consent.Declined)
		if err := e.consents.Answer(t.Context(), declined.Subject, no); err != nil {
			t.Fatal(err)
		}
		told := func() []letter {
			t.Helper()
			e.drain(t)
			return slices.DeleteFunc(e.letters(), func(l letter) bool { return l.key != letterEdition })
		}
		e.publish(t)
		e.Clock.Move(59 * time.Minute)
		if got := told(); len(got) != 0 {
			t.Fatalf("before it is in force: %v", got)
		}
		e.Clock.Move(2 * time.Minute)
		got := told()
		slices.SortFunc(got, func(a, b letter) int { return int(a.to[0]) - int(b.to[0]) })
		want := []letter{{"aya@mysal.kz", letterEdition, "kk", "https://example.kz/kk/page/6"}, {"bek@mysal.kz", letterEdition, "ru", "https://example.kz/ru/page/6"}}
		if !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		e.memberIn(t, "kk", "later@mysal.kz")
		e.Clock.Move(2 * time.Hour)
		if got := told(); len(got) != 2 {
			t.Errorf("told again: %v", got)
		}
		for in, want := range map[person.ID][]ledger.Outcome{kk.Subject: {ledger.Allowed}, ru.Subject: {ledger.Allowed}, blocked.Subject: nil, declined.Subject: nil} {
			if got := e.entered(t, in); !slices.Equal(got, want) {
				t.Errorf("entered %v, want %v", got, want)
			}
		}
	})
}

// Who answered before their letter was written is not told any more, and no letter about an edition goes out once another rules.
func TestEditionThatIsNoNews(t *testing.T) {
	e := newEnv(t, testdoor.SQLite(t))
	aya := e.member(t, "aya@mysal.kz")
	e.member(t, "bek@mysal.kz")
	e.publish(t)
	e.Clock.Move(time.Hour)
	if err := e.TellEdition(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.consents.Answer(t.Context(), aya.Subject, e.given(t, consent.Agreed)); err != nil {
		t.Fatal(err)
	}
	e.publish(t)
	e.Clock.Move(time.Hour)
	e.drain(t)
	if got := e.keysTo("bek@mysal.kz"); len(got) != 2 {
		t.Errorf("to Bek: %v, want one letter, about the edition that rules", got)
	}
	if got := e.keysTo("aya@mysal.kz"); len(got) != 2 {
		t.Errorf("to Aya, who answered to the one before: %v", got)
	}
}

// All accounts are reached, in steps, and after a stop it goes on from where it was.
func TestEditionIsToldInSteps(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		const accounts = 1203
		err := e.DB.Write(t.Context(), func(tx *db.Tx) error {
			for i := range accounts {
				if _, err := tx.Exec(`INSERT INTO account (subject, status, staff, lang, phc, factor, step, created_at, confirmed_at, recovered_at)
					VALUES ($1, 2, 0, 'kk', '', 0, 0, 0, 0, 0)`, i+1); err != nil {
					return err
				}
			}
			_, err := tx.Exec("INSERT INTO edition_letter (edition, reached, done_at) VALUES (1, 200, 0)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := e.TellEdition(t.Context()); err != nil {
				t.Fatal(err)
			}
			var queued int64
			if _, err := e.DB.Get(t.Context(), []any{&queued}, "SELECT count(*) FROM job WHERE kind = 'account.edition'"); err != nil || queued != accounts-200 {
				t.Fatalf("%d letters queued, want %d; %v", queued, accounts-200, err)
			}
		}
	})
}

// Erasing somebody has the letters go that the program keeps of them; one that was being written meanwhile goes a while later.
func TestErasureForgetsLetters(t *testing.T) {
	forBoth(t, func(t *testing.T, e *env) {
		aya := e.member(t, "aya@mysal.kz")
		e.member(t, "bek@mysal.kz")
		late := e.kept()[0]
		e.erase(t, aya.Subject)
		e.drain(t)
		if got := e.kept(); len(got) != 1 || got[0].to != "bek@mysal.kz" {
			t.Errorf("kept %v", got)
		}
		e.keep(late)
		e.Clock.Move(time.Hour)
		e.drain(t)
		if got := e.kept(); len(got) != 1 || got[0].to != "bek@mysal.kz" {
			t.Errorf("kept %v a while later", got)
		}
	})
}
