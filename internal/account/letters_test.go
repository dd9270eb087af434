package account

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

// Every letter that has words has a purpose and a case with which the rules let it pass to somebody who agrees; those of 4.1.1 pass whatever
// the state of the person, who must be able to keep the account safe. Nothing is written that has no words.
func TestEveryLetterMayGo(t *testing.T) {
	words, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	ed, err := policy.Default()
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, key := range words.Keys() {
		name, is := strings.CutSuffix(key, ".subject")
		if is && (strings.HasPrefix(name, "letter.") || strings.HasPrefix(name, "account.letter.")) {
			named = append(named, name)
		}
	}
	slices.Sort(named)
	if known := slices.Sorted(maps.Keys(kinds)); !slices.Equal(named, known) {
		t.Fatalf("letters with words %v, letters with a purpose %v", named, known)
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			if _, err := keeper.ParseCase(keeper.LetterCase(name)); err != nil {
				t.Error(err)
			}
			request := policy.Request{Role: policy.Job, Operation: policy.Use, Purpose: kind.purpose, Fields: person.Set(person.Email, person.GivenName), Case: true}
			for consent := policy.ConsentNone; consent <= policy.ConsentWithdrawn; consent++ {
				for _, restricted := range []bool{false, true} {
					request.State = policy.State{Consent: consent, Restricted: restricted}
					want := kind.purpose == policy.Identify || consent == policy.ConsentGiven && !restricted
					if d := ed.Rules.Decide(request); d.Allowed != want {
						t.Errorf("for %v in the state %+v: %v by %v, want %v", kind.purpose, request.State, d.Allowed, d.Clauses, want)
					}
				}
			}
		})
	}
}
