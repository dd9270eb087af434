package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"ustaz/internal/db"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/testdoor"
)

// good are requests that succeed, one for each route, about Aya as she was registered.
func (w *world) good(aya receipt) map[string]request {
	consented := map[string]string{"edition": w.edition(), "lang": "kk", "channel": "system"}
	answered := map[string]string{"edition": w.edition(), "lang": "kk", "channel": "system", "act": "agreed"}
	path := "subjects/" + aya.Subject
	return map[string]request{
		"POST subjects": {as: w.clerk, path: "subjects", body: w.document(map[string]any{"purpose": "4.1.5", "case": "api:1", "consent": consented,
			"fields": map[string]string{"surname": "Оспан", "given_name": "Ілияс"}})},
		"PATCH subjects/{id}":        {as: w.clerk, path: path, body: `{"fields":{"workplace":"college"},"purpose":"4.1.5","case":"api:1"}`},
		"POST subjects/{id}/read":    {as: w.reader, path: path + "/read", body: `{"fields":["surname","iin"],"purpose":"4.1.5","case":"api:1"}`},
		"POST subjects/read":         {as: w.reader, path: "subjects/read", body: `{"subjects":["` + aya.Subject + `"],"fields":["surname"],"purpose":"4.1.5","case":"api:1"}`},
		"POST subjects/find":         {as: w.reader, path: "subjects/find", body: `{"iin":"990101100010","purpose":"4.1.1","case":"api:1"}`},
		"POST subjects/{id}/consent": {as: w.clerk, path: path + "/consent", body: w.document(map[string]any{"purpose": "4.1.1", "case": "api:1", "consent": answered})},
		"GET subjects/{id}/consents": {as: w.reader, path: path + "/consents?purpose=4.1.1&case=api:1"},
		"POST subjects/{id}/entries": {as: w.reader, path: path + "/entries", body: `{"purpose":"4.1.1","case":"api:1"}`},
		"GET entries/{index}/proof":  {as: w.reader, path: "entries/" + strconv.FormatInt(aya.Entry, 10) + "/proof?purpose=4.1.1&case=api:1"},
		"GET checkpoint":             {as: w.reader, path: "checkpoint"},
		"GET policy":                 {as: w.reader, path: "policy"},
		"GET openapi.json":           {as: w.reader, path: "openapi.json"},
	}
}

// onEvery runs a test for each route with a request that would succeed.
func (w *world) onEvery(outer *testing.T, fn func(t *testing.T, route string, q request)) {
	aya := w.aya()
	for route, q := range w.good(aya) {
		q.method, _, _ = strings.Cut(route, " ")
		outer.Run(route, func(t *testing.T) {
			w.t = t
			fn(t, route, q)
		})
	}
	w.t = outer
}

func public(route string) bool { return route == "GET openapi.json" }

// personal tells whether a route passes the door.
func personal(route string) bool {
	return strings.Contains(route, "subjects") || strings.Contains(route, "proof")
}

// TestEveryRouteIsTried: the good requests are good, and they are all that there are.
func TestEveryRouteIsTried(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		for _, rt := range w.handler.(*api).routes {
			if _, ok := w.good(receipt{})[rt.method+" "+strings.TrimPrefix(rt.path, Prefix)]; !ok {
				t.Errorf("no request for %s", rt.pattern())
			}
		}
		w.onEvery(t, func(t *testing.T, route string, q request) {
			if a := w.do(q); a.status/100 != 2 {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	})
}

func TestNobodyComesInWithoutAGoodToken(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		soon := w.env.Clock.Now().Add(time.Minute)
		expired := w.add("Expired", soon, ourPurposes, policy.Reader, policy.Registrar)
		revoked := w.add("Revoked", soon.Add(time.Hour), ourPurposes, policy.Reader, policy.Registrar)
		replaced := w.add("Replaced", soon.Add(time.Hour), ourPurposes, policy.Reader, policy.Registrar)
		if err := w.systems.Revoke(context.Background(), 0, revoked.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.systems.Rotate(context.Background(), 0, replaced.ID, soon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.env.Clock.Move(time.Minute)
		w.onEvery(t, func(t *testing.T, route string, q request) {
			if public(route) {
				q.header = map[string]string{"Authorization": ""}
				w.do(q).want(200)
				return
			}
			size, err := w.env.Ledger.Size(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			good := q.as.token
			for name, header := range map[string]map[string]string{
				"none":             {"Authorization": ""},
				"another scheme":   {"Authorization": "Basic " + good},
				"no scheme":        {"Authorization": good},
				"a cookie":         {"Authorization": "", "Cookie": "token=" + good + "; Authorization=Bearer " + good},
				"cut short":        {"Authorization": "Bearer " + good[:len(good)-1]},
				"nothing":          {"Authorization": "Bearer "},
				"mistyped":         {"Authorization": "Bearer " + good[:20] + map[bool]string{true: "1", false: "0"}[good[20] == '0'] + good[21:]},
				"more behind it":   {"Authorization": "Bearer " + good + " " + good},
				"upper case":       {"Authorization": "Bearer " + strings.ToUpper(good)},
				"expired":          {"Authorization": "Bearer " + expired.token},
				"revoked":          {"Authorization": "Bearer " + revoked.token},
				"replaced by next": {"Authorization": "Bearer " + replaced.token},
			} {
				q.header = header
				a := w.do(q)
				a.refused(401, "", "")
				if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), `Bearer realm="Smart Ustaz"`) {
					t.Errorf("%s: no challenge", name)
				}
			}
			r := w.build(request{as: q.as, method: q.method, path: q.path, body: q.body})
			r.Header.Add("Authorization", "Bearer "+good)
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			if rec.Code != 401 {
				t.Errorf("two tokens: %d", rec.Code)
			}
			if after, err := w.env.Ledger.Size(context.Background()); err != nil || after != size {
				t.Errorf("nobody came in, but the log went from %d to %d", size, after)
			}
		})
	})
}

// TestASystemPassesForItsOwnPurposesOnly: clause 6.2.1, and the refusal is an entry.
func TestASystemPassesForItsOwnPurposesOnly(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.onEvery(t, func(t *testing.T, route string, q request) {
			if !personal(route) {
				return
			}
			for _, purpose := range []string{"4.1.7", "5.2"} {
				q := q
				for _, old := range []string{"4.1.1", "4.1.5"} {
					q.body = strings.Replace(q.body, `"purpose":"`+old, `"purpose":"`+purpose, 1)
					q.path = strings.Replace(q.path, "purpose="+old, "purpose="+purpose, 1)
				}
				w.do(q).refused(403, "6.2.1", "")
				refused, _, err := w.env.Ledger.Refusals(context.Background(), 1<<60, 1)
				if err != nil || len(refused) == 0 {
					t.Fatalf("no refusal: %v", err)
				}
				if x := refused[0]; x.Purpose.Clause() != purpose || x.Actor != q.as.ID || x.Kind != ledger.BySystem || x.Clauses[0] != "6.2.1" || x.Case != "api:1" {
					t.Errorf("the refusal's entry: %+v", x)
				}
			}
		})
	})
}

// TestAReaderChangesNothing: a role that the rules give no such operation.
func TestAReaderChangesNothing(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.onEvery(t, func(t *testing.T, route string, q request) {
			if q.as.ID != w.clerk.ID {
				return
			}
			before, err := w.env.Keeper.Subjects(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			q.as = w.reader
			p := w.do(q).refused(403, map[string]string{"POST subjects/{id}/consent": "4.1.1"}[route]+map[bool]string{true: "4.1.5"}[!strings.HasSuffix(route, "consent")], "")
			if p.Detail == "" {
				t.Error("no word of why")
			}
			if after, err := w.env.Keeper.Subjects(context.Background()); err != nil || after != before {
				t.Errorf("%d subjects, before %d", after, before)
			}
		})
	})
}

func TestFormIsStrict(t *testing.T) {
	testForm := func(t *testing.T, w *world) {
		w.onEvery(t, func(t *testing.T, route string, q request) {
			send := func(change func(*request)) answer {
				q := q
				q.header = map[string]string{}
				change(&q)
				return w.do(q)
			}
			send(func(q *request) {
				q.path += map[bool]string{true: "&", false: "?"}[strings.Contains(q.path, "?")] + "surname=%D3%98"
			}).refused(400, "", "?")
			send(func(q *request) {
				q.path += map[bool]string{true: "&", false: "?"}[strings.Contains(q.path, "?")] + "%zz"
			}).refused(400, "", "?")
			// HEAD goes where GET does; PATCH may take "read" and "find" for ids, which they are not.
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
				if a := send(func(q *request) { q.method = method }); method != q.method && method != "HEAD" && a.status != 405 && !(method == "PATCH" && a.status == 404) {
					t.Errorf("%s: %d", method, a.status)
				}
			}
			if q.method == "GET" {
				return
			}
			for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/jsonx", "application/json, text/plain", "application/problem+json"} {
				send(func(q *request) { q.header["Content-Type"] = kind }).refused(415, "", "")
			}
			send(func(q *request) { q.header["Content-Encoding"] = "gzip" }).refused(415, "", "")
			if a := send(func(q *request) { q.header["Content-Type"] = "Application/JSON; Charset=UTF-8" }); a.status >= 300 {
				t.Errorf("a declared charset: %d %s", a.status, a.body)
			}
			large := strings.Repeat(" ", maxBody)
			send(func(q *request) { q.body += large }).refused(413, "", "")
			r := w.build(q)
			r.Body, r.ContentLength = http.NoBody, -1
			r.Body = readCloser{strings.NewReader(q.body + large)}
			rec := httptest.NewRecorder()
			w.handler.ServeHTTP(rec, r)
			if rec.Code != 413 {
				t.Errorf("oversized without a length: %d", rec.Code)
			}
			for body, place := range map[string]string{
				"":                      "",
				"{":                     "",
				q.body[:len(q.body)-1]:  "",
				q.body + "{}":           "",
				q.body + "x":            "",
				"[" + q.body + "]":      "",
				"null":                  "",
				`"x"`:                   "",
				"\xef\xbb\xbf" + q.body: "",
				strings.Replace(q.body, `"purpose"`, "\"purpos\xff\"", 1):   "",
				strings.Replace(q.body, `{`, `{"shoe_size":"43",`, 1):       "/shoe_size",
				strings.Replace(q.body, `{`, `{"990101100010":"x",`, 1):     "/…",
				strings.Replace(q.body, `{`, `{"Purpose":"4.1.5",`, 1):      "/…",
				strings.Replace(q.body, `{`, `{"purpose":"4.1.5",`, 1):      "/purpose",
				strings.Replace(q.body, `{`, `{"\u0070urpose":"4.1.5",`, 1): "/purpose",
				`{"purpose":4}`:                "/purpose",
				`{"purpose":null}`:             "/purpose",
				`{"purpose":["4.1.5"]}`:        "/purpose",
				`{"case":{"a":1}}`:             "/case",
				`{"purpose":"4.1.5",}`:         "",
				`{"purpose":"4.` + "\n" + `"}`: "/purpose",
			} {
				a := send(func(q *request) { q.body = body; q.header["Content-Type"] = "application/json" })
				if a.status != 400 {
					t.Fatalf("%q: %d %s", body, a.status, a.body)
				}
				a.refused(400, "", place)
			}
			send(func(q *request) {
				q.body = strings.Replace(q.body, `"api:1"`, `"api:Айжанар Әбдіғалиева"`, 1)
			}).refused(422, "", "/case")
			send(func(q *request) {
				q.body = strings.NewReplacer(`"purpose":"4.1.5"`, `"purpose":"4.1.9"`, `"purpose":"4.1.1"`, `"purpose":"4.1.9"`).Replace(q.body)
			}).refused(422, "6.2.1", "/purpose")
		})
	}
	forBoth(t, testForm)
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestReadingsNameFieldsAndPeople(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		ids := strings.Repeat(`"0000000000000",`, 101)
		for i := range 101 {
			ids = strings.Replace(ids, `"0000000000000"`, `"`+strconv.Itoa(i)+`"`, 1)
		}
		for _, c := range []struct {
			path, body, clause, bad string
			status                  int
		}{
			{aya.Subject + "/read", `{"purpose":"4.1.5","case":"api:1"}`, "", "/fields", 422},
			{aya.Subject + "/read", `{"fields":[],"purpose":"4.1.5","case":"api:1"}`, "", "/fields", 422},
			{aya.Subject + "/read", `{"fields":["surname"],"case":"api:1"}`, "", "/purpose", 422},
			{aya.Subject + "/read", `{"fields":["surname"],"purpose":"4.1.5"}`, "1.1.4", "", 403},
			{aya.Subject + "/read", `{"fields":["surname","phone"],"purpose":"4.1.5","case":"api:1"}`, "4.1.5", "", 403},
			{aya.Subject + "/read", `{"fields":["totp"],"purpose":"4.1.1","case":"api:1"}`, "4.1.1", "", 403},
			{aya.Subject + "/read", `{"fields":["surname","patronymic"],"purpose":"4.1.5"}`, "3.2", "/fields/1", 400},
			{aya.Subject + "/read", `{"fields":["surname","surname"],"purpose":"4.1.5"}`, "", "/fields/1", 400},
			{aya.Subject + "/read", `{"fields":"surname","purpose":"4.1.5"}`, "", "/fields", 400},
			{aya.Subject + "/read", `{"fields":{"surname":1},"purpose":"4.1.5"}`, "", "/fields", 400},
			{aya.Subject + "/read", `{"fields":[["surname"]],"purpose":"4.1.5"}`, "", "/fields/0", 400},
			{"read", `{"subjects":[],"fields":["surname"],"purpose":"4.1.5","case":"api:1"}`, "", "/subjects", 422},
			{"read", `{"fields":["surname"],"purpose":"4.1.5","case":"api:1"}`, "", "/subjects", 422},
			{"read", `{"subjects":["a","a"],"fields":["surname"],"purpose":"4.1.5","case":"api:1"}`, "", "/subjects/1", 400},
			{"read", `{"subjects":[` + ids + `"x"],"fields":["surname"],"purpose":"4.1.5","case":"api:1"}`, "", "/subjects", 400},
			{"read", `{"subjects":["` + aya.Subject + `"],"fields":["phone"],"purpose":"4.1.5","case":"api:1"}`, "4.1.5", "", 403},
			{"find", `{"purpose":"4.1.1","case":"api:1"}`, "", "/", 422},
			{"find", `{"iin":"990101100010","email":"aya@mysal.kz","purpose":"4.1.1","case":"api:1"}`, "", "/", 422},
			{"find", `{"iin":"990101100011","purpose":"4.1.1","case":"api:1"}`, "", "/iin", 422},
			{"find", `{"surname":"Әбдіғалиева","purpose":"4.1.1","case":"api:1"}`, "", "/surname", 400},
			{"find", `{"iin":"990101100010","purpose":"4.1.1"}`, "1.1.4", "", 403},
			{"find", `{"iin":"990101100111","purpose":"4.1.1"}`, "1.1.4", "", 403}, // "nobody" needs the same right
			{aya.Subject + "/entries", `{"purpose":"4.1.1","case":"api:1","limit":0}`, "", "/limit", 400},
			{aya.Subject + "/entries", `{"purpose":"4.1.1","case":"api:1","limit":101}`, "", "/limit", 400},
			{aya.Subject + "/entries", `{"purpose":"4.1.1","case":"api:1","limit":1e1}`, "", "/limit", 400},
			{aya.Subject + "/entries", `{"purpose":"4.1.1","case":"api:1","before":-1}`, "", "/before", 400},
			{aya.Subject + "/entries", `{"purpose":"4.1.1","case":"api:1","before":99999999999999999999}`, "", "/before", 400},
			{aya.Subject + "/entries", `{"purpose":"4.1.1","case":"api:1","before":"7"}`, "", "/before", 400},
		} {
			t.Log(c.path, c.body)
			a := w.post(w.reader, "subjects/"+c.path, c.body)
			a.refused(c.status, c.clause, c.bad)
		}
	})
}

// TestWhoseDataTheyAre: ids of nobody, of the blocked, the erased and those who declined (ASVS 8.2.2).
func TestWhoseDataTheyAre(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		free, blocked, erased := w.somebody(), w.somebody(), w.aya()
		id := func(r receipt) person.ID {
			id, err := person.ParseID(r.Subject)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		if _, err := w.env.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Own(id(blocked)), Subject: id(blocked), Operation: policy.Blocking, Purpose: policy.Restriction},
			func(tx *keeper.Tx) error { tx.Restrict(true); return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := w.env.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Program(), Subject: id(erased), Operation: policy.Destruction, Purpose: policy.EndOfUse,
			Fields: person.Set(person.Profile...)}, func(tx *keeper.Tx) error { return tx.Erase() }); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name    string
			subject string
			status  int
			clause  string
		}{
			{"nobody's id", person.NewID(w.env.Clock.Now()).String(), 404, ""},
			{"no id", "x", 404, ""},
			{"an id in capitals", strings.ToUpper(free.Subject), 404, ""},
			{"an id of a negative number", "zzzzzzzzzzzzz", 404, ""},
			{"a number", "17", 404, ""},
			{"the blocked", blocked.Subject, 403, "6.2.4"},
			{"the erased", erased.Subject, 403, "5.1"},
		} {
			for route, q := range w.good(receipt{Subject: c.subject, Entry: free.Entry}) {
				if !strings.Contains(route, "{id}") {
					continue
				}
				q.method, _, _ = strings.Cut(route, " ")
				t.Log(c.name, route)
				w.do(q).refused(c.status, c.clause, "")
			}
		}
		batch := func(subjects ...string) string {
			return w.document(map[string]any{"subjects": subjects, "fields": []string{"surname"}, "purpose": "4.1.5", "case": "api:1"})
		}
		if a := w.post(w.reader, "subjects/read", batch(free.Subject, blocked.Subject)); strings.Contains(a.body, "Сейітқали") {
			t.Error("one of two was refused, and the other shown")
		} else {
			a.refused(403, "6.2.4", "")
		}
		w.post(w.reader, "subjects/read", batch(free.Subject, erased.Subject)).refused(403, "5.1", "")
		// Of the erased no look-up is left.
		var found struct{ Subjects []record }
		w.post(w.reader, "subjects/find", `{"iin":"990101100010","purpose":"4.1.1","case":"api:1"}`).want(200).into(&found)
		if len(found.Subjects) != 0 {
			t.Errorf("found %+v", found)
		}
		prove := func(index int64) answer {
			return w.get(w.reader, "entries/"+strconv.FormatInt(index, 10)+"/proof?purpose=4.1.1&case=api:1")
		}
		prove(blocked.Entry).refused(403, "6.2.4", "")
		prove(erased.Entry).refused(403, "5.1", "")
		prove(1<<40).refused(404, "", "")
		prove(-1).refused(404, "", "")
		size, err := w.env.Ledger.Size(ctx)
		if err != nil {
			t.Fatal(err)
		}
		prove(size-1).refused(403, "5.1", "") // the refusal just made is the erased person's too
		w.post(w.reader, "subjects/find", `{"iin":"990101100111","purpose":"4.1.1","case":"api:1"}`).want(200)
		if size, err = w.env.Ledger.Size(ctx); err != nil {
			t.Fatal(err)
		}
		prove(size-1).refused(404, "", "") // concerns nobody
		w.get(w.reader, "entries/0"+strconv.FormatInt(free.Entry, 10)+"/proof?purpose=4.1.1&case=api:1").refused(404, "", "")
		w.get(w.reader, "entries/"+strconv.FormatInt(free.Entry, 10)+"/proof?purpose=4.1.1").refused(403, "1.1.4", "")
		w.get(w.reader, "entries/"+strconv.FormatInt(free.Entry, 10)+"/proof?purpose=4.1.1&purpose=4.1.5").refused(400, "", "?purpose")
		w.get(w.reader, "entries/"+strconv.FormatInt(free.Entry, 10)+"/proof").refused(422, "", "?purpose")
	})
}

// TestWithoutADatabaseNothingIsShown: no entry, no data; and nobody is told that a change happened.
func TestWithoutADatabaseNothingIsShown(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.onEvery(t, func(t *testing.T, route string, q request) {
			if !public(route) && w.env.DB != nil {
				w.do(q) // what can be remembered is
			}
		})
		good := w.good(receipt{Subject: "0bh2y7zk4m8q0", Entry: 0})
		if err := w.env.DB.Close(); err != nil {
			t.Fatal(err)
		}
		for route, q := range good {
			q.method, _, _ = strings.Cut(route, " ")
			if public(route) {
				w.do(q).want(200)
				continue
			}
			if route == "GET policy" { // from memory, and not personal, for a moment
				continue
			}
			t.Log(route)
			w.do(q).refused(503, "", "")
		}
		w.env.Clock.Move(3 * time.Second)
		w.get(w.reader, "policy").refused(503, "", "")
	})
}

// TestNoEntryNoData: the database reads, but the log can't be written.
func TestNoEntryNoData(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		if err := w.env.DB.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec("ALTER TABLE ledger_segment RENAME TO ledger_segment_away")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for route, q := range w.good(aya) {
			q.method, _, _ = strings.Cut(route, " ")
			if !personal(route) {
				continue
			}
			a := w.do(q)
			if a.status < 500 {
				t.Errorf("%s: %d %s", route, a.status, a.body)
			}
			a.refused(a.status, "", "")
		}
	})
}

func TestAddressesHaveOneSpelling(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	for _, path := range []string{"", "nothing", "subjects/", "subjects//read", "./policy", "policy/", "subjects/../policy", "Policy", "policy.json", "entries/1", "openapi.json/x"} {
		w.get(w.reader, path).refused(404, "", "")
	}
	a := w.get(w.reader, "subjects/find")
	a.refused(405, "", "")
	if got := a.header.Get("Allow"); got != "PATCH, POST" && got != "POST, PATCH" {
		t.Errorf("Allow %q", got) // PATCH, since "find" could be an id
	}
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	aya := w.aya()
	details := map[string]string{}
	for header, lang := range map[string]string{"": "kk", "kk-KZ": "kk", "ru-RU,ru;q=0.9": "ru", "en": "en", "de": "en", "xx-\x7f": "kk"} {
		for _, body := range []string{`{"fields":["phone"],"purpose":"4.1.5","case":"api:1"}`, `{`, `{"fields":["phone"],"purpose":"4.1.7","case":"api:1"}`} {
			a := w.do(request{as: w.reader, method: "POST", path: "subjects/" + aya.Subject + "/read", body: body, header: map[string]string{"Accept-Language": header}})
			var p problem
			a.into(&p)
			if got := a.header.Get("Content-Language"); got != lang {
				t.Errorf("%q: language %s", header, got)
			}
			if old, seen := details[lang+body]; seen && old != p.Title+p.Detail {
				t.Errorf("%q says %q, and %q", header, p.Detail, old)
			}
			details[lang+body] = p.Title + p.Detail
		}
	}
	all := map[string]bool{}
	for _, d := range details {
		all[d] = true
	}
	if len(all) != 9 {
		t.Errorf("%d different answers in three languages to three mistakes", len(all))
	}
}

// TestLogLines: the pattern of the route, never the address; the status, the system, the kind and key of an error.
func TestLogLines(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	aya := w.aya()
	w.post(w.reader, "subjects/"+aya.Subject+"/read", `{"fields":["phone"],"purpose":"4.1.5","case":"api:1"}`).refused(403, "4.1.5", "")
	lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
	for _, want := range []string{`"route":"POST /api/v1/subjects/{id}/read"`, `"status":403`, `"kind":"forbidden"`, `"system":"` + w.reader.ID.String(), `"took":`, `"key":"policy.refused.`} {
		if last := lines[len(lines)-1]; !strings.Contains(last, want) || strings.Contains(last, aya.Subject) {
			t.Errorf("no %s, or the subject, in %s", want, last)
		}
	}
	if len(lines) != 2 {
		t.Errorf("%d lines of two requests", len(lines))
	}
}

// TestRequestsEnd: nobody waits for ever.
func TestRequestsEnd(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	rt := &route{method: "POST", path: Prefix + "subjects/find", public: true, handle: func(c *call) error {
		if left, ok := c.ctx.Deadline(); !ok || time.Until(left) > timeout {
			t.Error("a request without an end")
		}
		return c.ctx.Err()
	}}
	r := w.build(request{as: w.reader, method: "POST", path: "subjects/find"})
	w.handler.(*api).serve(rt, httptest.NewRecorder(), r)
}

// TestAFaultOfOursSaysNothing: a panic in a handler.
func TestAFaultOfOursSaysNothing(t *testing.T) {
	w := newWorld(t, testdoor.SQLite(t))
	a := w.handler.(*api)
	rt := &route{method: "POST", path: Prefix + "subjects/find", public: true, handle: func(*call) error { panic("тек бізге") }}
	rec := httptest.NewRecorder()
	a.serve(rt, rec, w.build(request{as: w.reader, method: "POST", path: "subjects/find"}))
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "бізге") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	var p problem
	answer{w: w, body: rec.Body.String()}.into(&p)
	log := w.log.String()
	if !strings.Contains(log, "panic (string)") || !strings.Contains(log, "negative_test.go") || !strings.Contains(log, p.Reference) {
		t.Errorf("the log does not tell what happened: %s", log)
	}
	if strings.Contains(log, "бізге") {
		t.Error("the words of a panic, which may hold anything, are logged")
	}
}
