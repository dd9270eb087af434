package api

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

func withKey(key string) map[string]string { return map[string]string{keyHeader: key} }

func TestAChangeHappensOnceForEachKey(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		body := w.registration(map[string]string{"surname": "Оспан", "given_name": "Ілияс"})
		create := func(as credentials, key, body string) answer {
			return w.do(request{as: as, method: "POST", path: "subjects", body: body, header: withKey(key)})
		}
		first := create(w.clerk, "k1", body).want(201)
		again := create(w.clerk, "k1", body).want(201)
		if again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
			t.Errorf("%s, then %s %v", first.body, again.body, again.header)
		}
		create(w.clerk, "k1", strings.Replace(body, "Оспан", "Оспанова", 1)).refused(422, "", keyHeader)
		if other := create(w.clerk, "k2", body).want(201); other.body == first.body {
			t.Error("another key, the same subject")
		}
		second := w.add("Second register", testdoor.Start.Add(time.Hour*99), ourPurposes, policy.Registrar)
		if other := create(second, "k1", body).want(201); other.body == first.body {
			t.Error("another system's key gave this system's answer")
		}
		if n, err := w.env.Keeper.Subjects(ctx); err != nil || n != 3 {
			t.Errorf("%d subjects, not 3: %v", n, err)
		}
		for _, key := range []string{"", " ", "a b", "кілт", strings.Repeat("k", maxKey+1)} {
			create(w.clerk, key, body).refused(400, "", keyHeader)
		}
		w.env.Clock.Move(keptFor)
		if next := create(w.clerk, "k1", body).want(201); next.body == first.body {
			t.Error("a key is remembered longer than it says")
		}
	})
}

// TestEachChangeKeepsItsEntry: the clock of the tests stands still, so all changes have one moment.
func TestEachChangeKeepsItsEntry(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		made := w.somebody()
		send := func(key, place string) answer {
			return w.do(request{as: w.clerk, method: "PATCH", path: "subjects/" + made.Subject, header: withKey(key),
				body: `{"fields":{"service_since":"` + place + `"},"purpose":"4.1.5"}`}).want(200)
		}
		places := []string{"2015-09", "2016-09", "2017-09"}
		var first []string
		for _, p := range places {
			first = append(first, send("change-of-"+p, p).body)
		}
		for i, p := range places {
			if got := send("change-of-"+p, p).body; got != first[i] {
				t.Errorf("%s, then %s", first[i], got)
			}
		}
		var rec record
		w.post(w.clerk, "subjects/"+made.Subject+"/entries", `{"purpose":"4.1.1","case":"api:1"}`).want(200).into(&rec)
	})
}

func TestARefusedOrInvalidChangeLeavesItsKeyFree(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		taken := w.aya()
		fields := map[string]string{"surname": "Оспан", "given_name": "Ілияс", "iin": "990101100010"}
		create := func() answer {
			return w.do(request{as: w.clerk, method: "POST", path: "subjects", body: w.registration(fields), header: withKey("k")})
		}
		create().refused(422, "", "/fields/iin")
		fields["iin"] = "990101100111"
		var r receipt
		create().want(201).into(&r)
		if r.Subject == taken.Subject {
			t.Error("somebody else")
		}
	})
}

func TestManyAtOnceWithOneKey(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		body := w.registration(map[string]string{"surname": "Оспан", "given_name": "Ілияс"})
		var mu sync.Mutex
		var wg sync.WaitGroup
		seen := map[string]int{}
		for range 16 {
			r := w.build(request{as: w.clerk, method: "POST", path: "subjects", body: body, header: withKey("same")})
			wg.Go(func() {
				rec := httptest.NewRecorder()
				w.handler.ServeHTTP(rec, r)
				mu.Lock()
				defer mu.Unlock()
				seen[rec.Body.String()]++
				if rec.Code != 201 {
					t.Errorf("%d %s", rec.Code, rec.Body)
				}
			})
		}
		wg.Wait()
		if n, err := w.env.Keeper.Subjects(context.Background()); err != nil || n != 1 || len(seen) != 1 {
			t.Errorf("%d subjects, answers %v, %v", n, seen, err)
		}
	})
}

// TestWhatIsKeptOfAChange: ids and keyed hashes, and not for longer than a day once other changes come.
func TestWhatIsKeptOfAChange(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		for range 6 {
			w.somebody()
		}
		count := func() (n int) {
			t.Helper()
			if _, err := w.env.DB.Get(context.Background(), []any{&n}, "SELECT count(*) FROM api_done"); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count(); n != 6 {
			t.Fatalf("%d rows", n)
		}
		w.env.Clock.Move(keptFor)
		w.somebody()
		w.somebody()
		if n := count(); n != 2 {
			t.Errorf("%d rows, 2 of them of today", n)
		}
	})
}

func TestAllowance(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.handler = w.serve(10) // so a hundred at once, then ten a second
		aya := w.aya()
		read := func(as credentials, n int) answer {
			ids := []string{aya.Subject}
			for i := range n - 1 {
				ids = append(ids, "nobody-"+string(rune('a'+i%26))+string(rune('a'+i/26)))
			}
			b, err := json.Marshal(map[string]any{"subjects": ids, "fields": []string{"surname"}, "purpose": "4.1.2", "case": "api:1"})
			if err != nil {
				t.Fatal(err)
			}
			return w.post(as, "subjects/read", string(b))
		}
		read(w.reader, 100).want(200)
		a := read(w.reader, 1)
		a.refused(429, "", "")
		if got := a.header.Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q", got)
		}
		read(w.clerk, 50).want(200) // another system has its own
		w.env.Clock.Move(time.Second)
		read(w.reader, 10).want(200)
		read(w.reader, 1).refused(429, "", "")
	})
}
