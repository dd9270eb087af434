package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ustaz/internal/errs"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

// TestRegisteredFoundReadChanged follows one teacher through the API as two systems use it.
func TestRegisteredFoundReadChanged(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		made := w.aya()
		var unconfirmed struct{ Subjects []record }
		w.post(w.reader, "subjects/find", `{"email":"aya@mysal.kz","purpose":"4.1.1","case":"api:1"}`).want(200).into(&unconfirmed)
		if len(unconfirmed.Subjects) != 0 {
			t.Error("an address finds before its owner confirmed it")
		}
		w.confirm()
		x, err := w.env.Ledger.Entry(ctx, made.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if x.Subject.String() != made.Subject || x.Kind != ledger.BySystem || x.Actor != w.clerk.ID || x.Role != policy.Registrar ||
			x.Operation != policy.Collection || x.Fields != person.Set(person.Profile...) {
			t.Errorf("the entry of the registration: %+v", x)
		}

		var rec record
		w.post(w.reader, "subjects/"+made.Subject+"/read", `{"fields":["surname","iin","workplace"],"purpose":"4.1.5","case":"check:7"}`).want(200).into(&rec)
		if rec.Subject != made.Subject || len(rec.Fields) != 3 || rec.Fields["surname"].Value != values[person.Surname] ||
			rec.Fields["iin"].Value != values[person.IIN] || rec.Fields["iin"].SetBy != "system" || !rec.Fields["iin"].SetAt.Equal(w.env.Clock.Now()) {
			t.Errorf("read %+v", rec)
		}
		x, err = w.env.Ledger.Entry(ctx, *rec.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if x.Actor != w.reader.ID || x.Fields != person.Set(person.Surname, person.IIN, person.Workplace) || x.Case != "check:7" || x.Purpose != policy.Verify {
			t.Errorf("the entry of the reading: %+v", x)
		}

		for _, by := range []string{`"email":"AYA@mysal.kz"`, `"phone":"8 701 234 56 78"`, `"iin":"990101100010"`} {
			var found struct{ Subjects []record }
			w.post(w.reader, "subjects/find", `{`+by+`,"purpose":"4.1.1","case":"api:1"}`).want(200).into(&found)
			if len(found.Subjects) != 1 || found.Subjects[0].Subject != made.Subject {
				t.Fatalf("by %s: %+v", by, found)
			}
			if x, err := w.env.Ledger.Entry(ctx, *found.Subjects[0].Entry); err != nil || x.Subject.String() != made.Subject || x.Fields != 0 {
				t.Errorf("the entry of the look-up: %+v %v", x, err)
			}
		}
		var nobody struct {
			Subjects []record
			Entry    *int64
		}
		w.post(w.reader, "subjects/find", `{"iin":"990101100111","purpose":"4.1.1","case":"api:1"}`).want(200).into(&nobody)
		if len(nobody.Subjects) != 0 || nobody.Entry == nil {
			t.Errorf("nobody: %+v", nobody)
		}

		other := w.somebody()
		var batch struct{ Records []record }
		w.post(w.reader, "subjects/read", `{"subjects":["`+other.Subject+`","0000000000000","`+made.Subject+`","nobody"],"fields":["surname","position"],"purpose":"4.1.2","case":"course:3"}`).
			want(200).into(&batch)
		if r := batch.Records; len(r) != 4 || r[0].Subject != other.Subject || r[0].Fields["surname"].Value != "Сейітқали" || r[0].Fields["position"] != nil ||
			!r[1].Unknown || r[2].Subject != made.Subject || r[2].Fields["position"].Value != values[person.Position] || !r[3].Unknown || *r[0].Entry == *r[2].Entry {
			t.Errorf("batch %+v", batch)
		}

		var changed receipt
		w.do(request{as: w.clerk, method: "PATCH", path: "subjects/" + made.Subject, body: `{"fields":{"surname":"Жүнісова","phone":null},"purpose":"4.1.5"}`}).
			want(200).into(&changed)
		if changed.Subject != made.Subject || changed.Entry <= made.Entry {
			t.Errorf("changed %+v", changed)
		}
		w.post(w.clerk, "subjects/"+made.Subject+"/read", `{"fields":["surname","place"],"purpose":"4.1.5","case":"check:7"}`).want(200).into(&rec)
		if rec.Fields["surname"].Value != "Жүнісова" || rec.Fields["place"].Value != values[person.Place] {
			t.Errorf("after the change %+v", rec)
		}
		w.post(w.reader, "subjects/find", `{"phone":"+77012345678","purpose":"4.1.1","case":"api:1"}`).want(200).into(&nobody)
		if len(nobody.Subjects) != 0 {
			t.Error("a number that was removed still finds")
		}
	})
}

func TestConsentsAreRecordedAndListed(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		made := w.somebody()
		path := "subjects/" + made.Subject
		say := func(act, purpose string) string {
			return w.document(map[string]any{"purpose": purpose, "consent": map[string]string{"edition": w.edition(), "lang": "ru", "channel": "paper", "act": act}})
		}
		read := `{"fields":["surname"],"purpose":"4.1.2","case":"course:3"}`
		w.post(w.clerk, path+"/consent", say("agreed", "4.1.1")).want(http.StatusCreated)
		w.post(w.reader, path+"/read", read).want(200)

		var list struct {
			Entry    int64
			Consents []consentShown
		}
		w.get(w.reader, path+"/consents?purpose=4.1.1&case=check:1").want(200).into(&list)
		var acts []string
		for _, one := range list.Consents {
			acts = append(acts, one.Act+" "+one.Lang+" "+one.Channel)
			if one.Edition != w.edition() {
				t.Errorf("edition %q", one.Edition)
			}
		}
		if got, want := strings.Join(acts, ", "), "agreed ru paper, agreed kk system"; got != want {
			t.Errorf("%s, not %s", got, want)
		}

		w.post(w.clerk, path+"/consent", say("declined", "4.1.1")).want(http.StatusCreated)
		w.post(w.reader, path+"/read", read).refused(403, "2.2", "")
		w.post(w.clerk, path+"/consent", say("withdrawn", "5.1")).want(http.StatusCreated)
		w.post(w.reader, path+"/read", read).refused(403, "2.2", "")
	})
}

// Clauses 2.1, 2.2: nobody agrees through a system who has an account to agree with, and nobody after they declined or withdrew.
func TestNoSystemAgreesForSomebody(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		say := func(act, purpose string) string {
			return w.document(map[string]any{"purpose": purpose, "consent": map[string]string{"edition": w.edition(), "lang": "ru", "channel": "paper", "act": act}})
		}
		refused := func(subject, clause string) {
			t.Helper()
			w.post(w.clerk, "subjects/"+subject+"/consent", say("agreed", "4.1.1")).refused(403, clause, "")
			list, _, err := w.env.Ledger.Refusals(ctx, 1<<60, 1)
			if err != nil || len(list) != 1 || list[0].Subject.String() != subject || list[0].Clauses[0] != clause || list[0].Actor != w.clerk.ID ||
				list[0].Operation != policy.Recording {
				t.Errorf("refusals %+v %v", list, err)
			}
		}
		own := w.aya()
		w.post(w.clerk, "subjects/"+own.Subject+"/consent", say("agreed", "4.1.1")).want(http.StatusCreated) // invited, no more
		w.confirm()
		refused(own.Subject, "2.1")
		w.post(w.clerk, "subjects/"+own.Subject+"/consent", say("withdrawn", "5.1")).want(http.StatusCreated)
		refused(own.Subject, "2.1")
		for _, act := range []string{"declined", "withdrawn"} {
			other := w.somebody()
			w.post(w.clerk, "subjects/"+other.Subject+"/consent", say(act, map[string]string{"declined": "4.1.1", "withdrawn": "5.1"}[act])).want(http.StatusCreated)
			refused(other.Subject, "2.2")
			id, err := person.ParseID(other.Subject)
			if err != nil {
				t.Fatal(err)
			}
			if state, err := w.env.Keeper.State(ctx, id); err != nil || state.Consent == policy.ConsentGiven {
				t.Errorf("%s, and then %v, %v", act, state, err)
			}
		}
	})
}

// Clause 3.2.2: an address is nobody's until a letter to it was followed; whoever holds the box decides whose.
func TestAnAddressIsNotTheSystemsToGive(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		first, second := w.aya(), w.register(map[string]string{"surname": "Оспан", "given_name": "Ілияс", "email": values[person.Email]})
		find := func() []record {
			t.Helper()
			var found struct{ Subjects []record }
			w.post(w.reader, "subjects/find", `{"email":"aya@mysal.kz","purpose":"4.1.1","case":"api:1"}`).want(200).into(&found)
			return found.Subjects
		}
		if got := find(); len(got) != 0 {
			t.Errorf("nobody has confirmed, and %v is found", got)
		}
		w.deliver()
		if !slices.Equal(w.letters.keys, []string{"account.letter.invited", "account.letter.invited"}) || w.letters.to[0] != values[person.Email] {
			t.Errorf("letters %v", w.letters.keys)
		}
		w.confirm() // the second's
		if got := find(); len(got) != 1 || got[0].Subject != second.Subject {
			t.Errorf("found %v", got)
		}
		if err := w.own.Recover(context.Background(), secret.New(w.letters.tokens[0]), secret.New("кітап жел айна көпір")); !errs.Is(err, errs.Conflict) {
			t.Errorf("confirmed twice: %v", err)
		}
		patch := func(subject, email string) answer {
			return w.do(request{as: w.clerk, method: "PATCH", path: "subjects/" + subject, body: `{"fields":{"email":` + email + `},"purpose":"4.1.5"}`})
		}
		patch(second.Subject, `"new@mysal.kz"`).refused(422, "3.2.2", "/fields/email")
		patch(first.Subject, `"right@mysal.kz"`).want(200) // a slip of the system's
		w.confirm()
		if to := w.letters.to[len(w.letters.to)-1]; to != "right@mysal.kz" {
			t.Errorf("the letter went to %s", to)
		}
		patch(first.Subject, `null`).refused(422, "3.2.2", "/fields/email")
	})
}

func TestConsentThatCantBeIsRefused(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		made := w.somebody()
		good := map[string]string{"edition": w.edition(), "lang": "kk", "channel": "system", "act": "agreed"}
		for _, c := range []struct {
			member, value string
			status        int
			clause, name  string
		}{
			{"edition", strings.Repeat("0", 64), 409, "9.2", ""},
			{"lang", "de", 422, "", ""},
			{"channel", "site", 422, "", "/consent/channel"},
			{"channel", "", 422, "", "/consent/channel"},
			{"act", "perhaps", 422, "", "/consent/act"},
			{"act", "", 422, "", "/consent/act"},
		} {
			said := map[string]string{}
			for k, v := range good {
				said[k] = v
			}
			said[c.member] = c.value
			w.post(w.clerk, "subjects/"+made.Subject+"/consent", w.document(map[string]any{"purpose": "4.1.1", "consent": said})).refused(c.status, c.clause, c.name)
		}
		w.post(w.clerk, "subjects/"+made.Subject+"/consent", `{"purpose":"4.1.1"}`).refused(422, "", "/consent")
		w.post(w.clerk, "subjects/"+made.Subject+"/consent", w.document(map[string]any{"purpose": "5.1",
			"consent": map[string]string{"edition": "x", "lang": "kk", "channel": "system", "act": "withdrawn"}})).refused(422, "", "/consent/edition")
	})
}

// TestNothingIsKeptWithoutConsent: clause 2.1.
func TestNothingIsKeptWithoutConsent(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		before, err := w.env.Keeper.Subjects(ctx)
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]string{"surname": values[person.Surname], "given_name": values[person.GivenName], "iin": values[person.IIN]}
		w.post(w.clerk, "subjects", w.document(map[string]any{"fields": fields, "purpose": "4.1.5"})).refused(403, "2.1", "")
		old := map[string]string{"edition": strings.Repeat("0", 64), "lang": "kk", "channel": "system"}
		w.post(w.clerk, "subjects", w.document(map[string]any{"fields": fields, "purpose": "4.1.5", "consent": old})).refused(409, "9.2", "")
		if after, err := w.env.Keeper.Subjects(ctx); err != nil || after != before {
			t.Errorf("%d subjects, before %d: %v", after, before, err)
		}
		refused, _, err := w.env.Ledger.Refusals(ctx, 1<<60, 10)
		if err != nil || len(refused) != 1 || refused[0].Clauses[0] != "2.1" || refused[0].Actor != w.clerk.ID {
			t.Errorf("refusals %+v %v", refused, err)
		}
		w.post(w.reader, "subjects/find", `{"iin":"990101100010","purpose":"4.1.1","case":"api:1"}`).want(200)
	})
}

func TestEntriesArePaged(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		made := w.somebody()
		path := "subjects/" + made.Subject
		for i := range 5 {
			w.post(w.reader, path+"/read", `{"fields":["surname"],"purpose":"4.1.2","case":"course:`+strconv.Itoa(i)+`"}`).want(200)
		}
		w.post(w.reader, path+"/read", `{"fields":["iin"],"purpose":"4.1.2","case":"course:9"}`).refused(403, "4.1.2", "")
		var seen []entryShown
		body := `{"purpose":"4.1.1","case":"check:1","limit":3`
		for next := ""; ; {
			var page struct {
				Entry   int64
				Entries []entryShown
				Next    *int64
			}
			w.post(w.reader, path+"/entries", body+next+`}`).want(200).into(&page)
			if len(seen) == 0 && page.Entries[0].Index != page.Entry {
				t.Errorf("the first entry is %d, not this passage's, %d", page.Entries[0].Index, page.Entry)
			}
			seen = append(seen, page.Entries...)
			if page.Next == nil {
				break
			}
			if len(page.Entries) != 3 {
				t.Fatalf("%d entries on a page of 3", len(page.Entries))
			}
			next = `,"before":` + strconv.FormatInt(*page.Next, 10)
		}
		if len(seen) != 8 || !slices.IsSortedFunc(seen, func(a, b entryShown) int { return int(b.Index - a.Index) }) {
			t.Fatalf("%d entries: %+v", len(seen), seen)
		}
		refused, first, last := seen[1], seen[2], seen[7]
		if refused.Outcome != "refused" || refused.Clauses[0] != "4.1.2" || refused.Fields[0] != "iin" || refused.Case != "course:9" {
			t.Errorf("%+v", refused)
		}
		if first.Outcome != "allowed" || first.Actor != "system" || first.Role != "reader" || first.Operation != "retrieval" || first.Purpose != "4.1.2" ||
			!slices.Equal(first.Fields, []string{"surname"}) || first.Case != "course:4" || !first.Time.Equal(w.env.Clock.Now()) {
			t.Errorf("%+v", first)
		}
		if last.Index != made.Entry || last.Operation != "collection" {
			t.Errorf("%+v", last)
		}
	})
}

func TestProofAndCheckpoint(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		made := w.somebody()
		path := "entries/" + strconv.FormatInt(made.Entry, 10) + "/proof?purpose=4.1.1&case=check:1"
		var p struct {
			Subject, Root, Proof string
			Entry, Size          int64
			Proven               entryShown
		}
		w.get(w.reader, path).want(200).into(&p)
		checked, err := ledger.CheckProof(p.Proof, w.env.Ledger.Verifier())
		if err != nil || checked.Entry.Index != made.Entry || checked.Root != p.Root || p.Subject != made.Subject || p.Proven.Index != made.Entry || p.Entry < made.Entry {
			t.Errorf("%+v %v", p, err)
		}
		text := w.do(request{as: w.reader, method: "GET", path: path, header: map[string]string{"Accept": "text/plain"}}).want(200)
		if _, err := ledger.CheckProof(text.body, w.env.Ledger.Verifier()); err != nil || text.header.Get("Content-Type") != utf8Text {
			t.Errorf("%v %v", err, text.header)
		}
		if text.header.Get("Ustaz-Entry") == "" {
			t.Error("the proof does not name the entry that it left")
		}

		var c struct {
			Origin, Root, Checkpoint string
			Size                     int64
		}
		w.get(w.reader, "checkpoint").want(200).into(&c)
		size, root, err := ledger.OpenCheckpoint(c.Checkpoint, w.env.Ledger.Verifier())
		if err != nil || size != c.Size || root.String() != c.Root || c.Origin != w.env.Ledger.Origin() {
			t.Errorf("%+v %v", c, err)
		}
		note := w.do(request{as: w.reader, method: "GET", path: "checkpoint", header: map[string]string{"Accept": "application/x, text/plain;q=1"}}).want(200)
		if note.body != c.Checkpoint {
			t.Errorf("%q", note.body)
		}
	})
}

func TestPolicyTellsWhatTheSystemMay(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		var p struct {
			Hash, Lang, Text, Order string
			Purposes                []purposeShown
			Fields                  []fieldShown
		}
		for _, lang := range []string{"kk", "ru", "en"} {
			a := w.do(request{as: w.reader, method: "GET", path: "policy", header: map[string]string{"Accept-Language": lang}}).want(200)
			a.into(&p)
			if p.Lang != lang || a.header.Get("Content-Language") != lang || p.Hash != w.edition() || len(p.Text) < 1000 || len(p.Fields) != 9 {
				t.Errorf("%s: %+v", lang, p)
			}
		}
		for _, one := range p.Purposes {
			want := map[string]string{"4.1.1": "iin", "4.1.2": "surname given_name place workplace position", "4.1.5": "surname given_name iin place workplace position"}[one.Clause]
			if got := strings.Join(one.Readable, " "); got != want {
				t.Errorf("%s: %q, not %q", one.Clause, got, want)
			}
			if mine := slices.ContainsFunc(ourPurposes, func(p policy.Purpose) bool { return p.Clause() == one.Clause }); one.Yours != mine || one.Text == "" {
				t.Errorf("%+v", one)
			}
		}
	})
}

// TestWhatMayNotBeStored: clauses 3.2 and 3.2.2, uniqueness, places.
func TestWhatMayNotBeStored(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		made := w.aya()
		w.confirm()
		other := w.somebody()
		named := map[string]string{"surname": "Оспан", "given_name": "Ілияс"}
		with := func(name, value string) string {
			f := map[string]string{name: value}
			for k, v := range named {
				if _, has := f[k]; !has {
					f[k] = v
				}
			}
			return w.registration(f)
		}
		for _, c := range []struct {
			name, body  string
			status      int
			clause, bad string
			patch       bool
		}{
			{name: "a patronymic", body: with("patronymic", "x"), status: 400, clause: "3.2", bad: "/fields/patronymic"},
			{name: "a second factor", body: with("totp", "JBSWY3DPEHPK3PXPJBSW"), status: 400, clause: "3.2", bad: "/fields/totp"},
			{name: "an IIN with a wrong digit", body: with("iin", "990101100011"), status: 422, bad: "/fields/iin"},
			{name: "an IIN that is taken", body: with("iin", values[person.IIN]), status: 422, bad: "/fields/iin"},
			{name: "a place that does not exist", body: with("place", "999999999"), status: 422, bad: "/fields/place"},
			{name: "a control character", body: with("surname", "Ос\u0007пан"), status: 422, bad: "/fields/surname"},
			{name: "nothing for a name", body: with("given_name", " "), status: 422, bad: "/fields/given_name"},
			{name: "no name", body: w.registration(map[string]string{"given_name": "Ілияс"}), status: 422, bad: "/fields/surname"},
			{name: "null at registration", body: strings.Replace(with("phone", "x"), `"x"`, `null`, 1), status: 400, bad: "/fields/phone"},
			{name: "another address for somebody who has one", body: `{"fields":{"email":"new@mysal.kz"},"purpose":"4.1.5"}`, status: 422, clause: "3.2.2", bad: "/fields/email", patch: true},
			{name: "no address for somebody who has one", body: `{"fields":{"email":null},"purpose":"4.1.5"}`, status: 422, clause: "3.2.2", bad: "/fields/email", patch: true},
			{name: "no change", body: `{"fields":{},"purpose":"4.1.5"}`, status: 422, bad: "/fields", patch: true},
		} {
			q := request{as: w.clerk, method: "POST", path: "subjects", body: c.body}
			if c.patch {
				q.method, q.path = "PATCH", "subjects/"+made.Subject
			}
			t.Log(c.name)
			w.do(q).refused(c.status, c.clause, c.bad)
		}
		w.do(request{as: w.clerk, method: "PATCH", path: "subjects/" + other.Subject, body: `{"fields":{"email":"dauren@mysal.kz"},"purpose":"4.1.5"}`}).want(200)
		w.confirm()
		var found struct{ Subjects []record }
		w.post(w.reader, "subjects/find", `{"email":"dauren@mysal.kz","purpose":"4.1.1","case":"api:1"}`).want(200).into(&found)
		if len(found.Subjects) != 1 || found.Subjects[0].Subject != other.Subject {
			t.Errorf("%+v", found)
		}
		if n, err := w.env.Keeper.Subjects(context.Background()); err != nil || n != 2 {
			t.Errorf("%d subjects, not 2: %v", n, err)
		}
	})
}
