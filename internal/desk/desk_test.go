package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ustaz/internal/consent"
	"ustaz/internal/db"
	"ustaz/internal/desk"
	"ustaz/internal/errs"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/worktime"
)

// 6.2.4: from the commit of the application nothing is used but what checks it.
func TestOwnApplicationBlocksAtOnceAndEndsInWords(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		w.must(w.read(aya))
		c := w.file(aya, desk.Block)
		if !w.restricted(aya) {
			t.Fatal("the application does not block")
		}
		w.mustBe(w.read(aya), errs.Forbidden, "policy.refused.restricted")
		v := w.partySees(aya, c.Number)
		if acts(v) != "filed blocked" || said(v) != "Мекенжайым қате жазылған." || !v.Blocks {
			t.Errorf("own view: %s, %q", acts(v), said(v))
		}
		w.drain()
		if keys, link := w.box.to("aya@mysal.kz"); strings.Join(keys, " ") != "filed" || link != "https://ustaz.example/kk/case/"+c.Number {
			t.Errorf("letters %v, link %s", keys, link)
		}
		if keys, _ := w.box.to(officerMail); strings.Join(keys, " ") != "new" {
			t.Errorf("officer's letters %v", keys)
		}
		// The subject sees the data in question and writes; the officer checks, corrects, answers.
		w.must(w.desk.Reply(ctx, aya, c.Number, text("Дұрысы — Арқалық.")))
		w.must(w.desk.Found(ctx, w.officer, c.Number, text("Паспорттық стол растады.")))
		w.must(w.desk.Correct(ctx, w.officer, c.Number, []person.Value{person.Stored(person.Place, "391610000")}))
		w.mustBe(w.desk.Correct(ctx, w.officer, c.Number, []person.Value{person.Stored(person.Phone, "+77010000000")}), errs.Invalid, "desk.doubted")
		w.mustBe(w.desk.Answer(ctx, w.officer, c.Number, desk.Refused, "L 25", text("жоқ")), errs.Invalid, "desk.outcome")
		w.mustBe(w.desk.Answer(ctx, w.officer, c.Number, desk.Corrected, "", person.Value{}), errs.Invalid, "person.required")
		w.must(w.desk.Answer(ctx, w.officer, c.Number, desk.Corrected, "", text("Түзетілді.")))
		if w.restricted(aya) {
			t.Error("blocked after the end")
		}
		w.must(w.read(aya))
		v = w.partySees(aya, c.Number)
		if v.Status != desk.Closed || v.Outcome != desk.Corrected || acts(v) != "filed blocked wrote checked corrected answered unblocked" {
			t.Errorf("end: %v %v, %s", v.Status, v.Outcome, acts(v))
		}
		if want := "Мекенжайым қате жазылған. | Дұрысы — Арқалық. | Паспорттық стол растады. | Түзетілді."; said(v) != want || said(w.officerSees(c.Number)) != want {
			t.Errorf("words %q", said(v))
		}
		w.mustBe(w.desk.Reply(ctx, aya, c.Number, text("тағы")), errs.Conflict, "desk.closed")
	})
}

// Two apply to block the same person: the data are free only when both cases have ended.
func TestTwoApplicationsHoldUntilBothEnd(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		own := w.file(aya, desk.Block)
		other, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.IIN, "990101100010"), filing(desk.Block))
		w.must(err)
		w.must(w.desk.Answer(ctx, w.officer, own.Number, desk.Lifted, "", text("Қате табылмады.")))
		if !w.restricted(aya) {
			t.Fatal("the second application does not hold")
		}
		w.must(w.desk.AcceptProof(ctx, w.officer, other.Number))
		w.must(w.desk.Answer(ctx, w.officer, other.Number, desk.Lifted, "", text("Қате табылмады.")))
		if w.restricted(aya) {
			t.Error("blocked after both ended")
		}
	})
}

func TestRepresentativesApplication(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.Email, "aya@mysal.kz"), filing(desk.Block))
		w.must(err)
		if !w.restricted(aya) || c.ProofDue.IsZero() {
			t.Fatalf("blocked %v, proof due %v", w.restricted(aya), c.ProofDue)
		}
		w.drain()
		// Each side is told, and sees the application; the representative by a link.
		if keys, _ := w.box.to("aya@mysal.kz"); strings.Join(keys, " ") != "blocked" {
			t.Errorf("letters to the person %v", keys)
		}
		keys, link := w.box.to(danaMail)
		if strings.Join(keys, " ") != "filed" {
			t.Errorf("letters to the representative %v", keys)
		}
		own, number, err := w.desk.Linked(ctx, tokenOf(t, link))
		w.must(err)
		if number != c.Number || own == aya || own != c.Applicant {
			t.Errorf("the link leads to %v, %s", own, number)
		}
		for _, id := range []person.ID{aya, own} {
			if v := w.partySees(id, number); said(v) != "Мекенжайым қате жазылған." {
				t.Errorf("%v sees %q", id, said(v))
			}
		}
		// Until the proof is seen the officer writes to the representative alone, and what is found is for the person concerned alone.
		w.must(w.desk.Write(ctx, w.officer, number, text("Құжатты көрсетіңіз.")))
		w.must(w.desk.Found(ctx, w.officer, number, text("Тегі дұрыс.")))
		w.must(w.desk.Reply(ctx, aya, number, text("Мен мұны сұраған жоқпын.")))
		w.drain()
		if v := w.partySees(own, number); said(v) != "Мекенжайым қате жазылған. | Құжатты көрсетіңіз." || acts(v) != "filed wrote" {
			t.Errorf("the representative sees %q, %s", said(v), acts(v))
		}
		if v := w.partySees(aya, number); said(v) != "Мекенжайым қате жазылған. | Тегі дұрыс. | Мен мұны сұраған жоқпын." {
			t.Errorf("the person sees %q", said(v))
		}
		// What the representative writes is not for the person's eyes, nor the reverse.
		w.must(w.desk.Reply(ctx, own, number, text("Міне, сенімхат.")))
		if v := w.partySees(aya, number); strings.Contains(said(v), "сенімхат") {
			t.Error("the person reads the representative's letter")
		}
		if v := w.officerSees(number); !strings.Contains(said(v), "сенімхат") || v.Names[own].Surname.Reveal() != "Данаева" || v.Names[aya].GivenName.Reveal() != "Ая" {
			t.Errorf("the officer sees %q, %v", said(v), v.Names)
		}
		// No proof comes: it is lifted the moment the term is over, and not before.
		w.tick(c.ProofDue.Sub(w.Clock.Now()))
		if !w.restricted(aya) {
			t.Error("lifted on the last day")
		}
		w.tick(time.Second + time.Microsecond)
		if w.restricted(aya) {
			t.Error("not lifted after the term")
		}
		if v := w.partySees(aya, number); v.Outcome != desk.Unproven {
			t.Errorf("outcome %v", v.Outcome)
		}
		// The next of somebody else does not block before its proof is seen: blocking out of spite has an end.
		again := dana
		again.Email = person.Stored(person.Email, "era@mysal.kz")
		next, err := w.desk.FileForAnother(ctx, again, person.Stored(person.Email, "aya@mysal.kz"), filing(desk.Block))
		w.must(err)
		if w.restricted(aya) || next.Blocks {
			t.Fatal("blocked again without proof")
		}
		w.must(w.desk.AcceptProof(ctx, w.officer, next.Number))
		if !w.restricted(aya) {
			t.Error("a proven application does not block")
		}
		// Once proven, what the officer writes reaches both, each under their own key.
		w.must(w.desk.Write(ctx, w.officer, next.Number, text("Тексеріп жатырмыз.")))
		w.drain()
		for _, id := range []person.ID{aya, next.Applicant} {
			if v := w.partySees(id, next.Number); !strings.HasSuffix(said(v), "Тексеріп жатырмыз.") {
				t.Errorf("%v sees %q", id, said(v))
			}
		}
		w.mustBe(w.desk.AcceptProof(ctx, w.officer, next.Number), errs.Conflict, "desk.proved")
		w.must(w.desk.Retract(ctx, next.Applicant, next.Number))
		if w.restricted(aya) {
			t.Error("blocked after the representative took it back")
		}
	})
}

// Whether somebody is known here, the form of representatives does not tell.
func TestRepresentativeLearnsNothing(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		w.aya()
		known, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.IIN, "990101100010"), filing(desk.Block))
		w.must(err)
		unknown, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.IIN, "990101100111"), filing(desk.Block))
		w.must(err)
		w.drain()
		if unknown.Concerned != 0 {
			t.Errorf("%v was found", unknown.Concerned)
		}
		a, b := w.partySees(known.Applicant, known.Number), w.partySees(unknown.Applicant, unknown.Number)
		if said(a) != said(b) || acts(a) != acts(b) || acts(a) != "filed" || a.Blocks || !a.Running.Due.Equal(b.Running.Due) || !a.ProofDue.Equal(b.ProofDue) {
			t.Errorf("they differ: %+v, %+v", a.Case, b.Case)
		}
		if keys, _ := w.box.to(danaMail); strings.Join(keys, " ") != "filed filed" {
			t.Errorf("letters %v", keys)
		}
		w.mustBe(w.desk.AcceptProof(ctx, w.officer, unknown.Number), errs.Conflict, "desk.noproof")
		w.must(w.desk.Answer(ctx, w.officer, unknown.Number, desk.Refused, "L 8", text("Ондай адам табылмады.")))
	})
}

func TestOrderOfTheAuthority(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		good := desk.Order{Of: "Дербес деректерді қорғау уәкілетті органы", Number: "12-3/45", Date: worktime.Date{Year: 2026, Month: time.November, Day: 2}}
		for name, spoil := range map[string]func(o *desk.Order){
			"desk.order.of":     func(o *desk.Order) { o.Of = "" },
			"desk.order.number": func(o *desk.Order) { o.Number = strings.Repeat("1", 41) },
			"desk.order.date":   func(o *desk.Order) { o.Date.Day = 4 },
		} {
			o := good
			spoil(&o)
			_, err := w.desk.FileOrder(ctx, w.officer, aya, o, filing(desk.Block))
			w.mustBe(err, errs.Invalid, name)
		}
		if w.restricted(aya) {
			t.Fatal("a bad order blocked")
		}
		c, err := w.desk.FileOrder(ctx, w.officer, aya, good, filing(desk.Block))
		w.must(err)
		w.drain()
		if v := w.partySees(aya, c.Number); !w.restricted(aya) || v.Order != good || v.Source != desk.ByAuthority {
			t.Errorf("%+v", v.Case)
		}
		if keys, _ := w.box.to("aya@mysal.kz"); strings.Join(keys, " ") != "blocked" {
			t.Errorf("letters %v", keys)
		}
		// The person can't lift what the authority ordered.
		lift := w.file(aya, desk.Lifting)
		w.mustBe(w.desk.Answer(ctx, w.officer, lift.Number, desk.Lifted, "", text("Бос.")), errs.Conflict, "desk.heldbyothers")
		w.mustBe(w.desk.Retract(ctx, aya, c.Number), errs.Forbidden, "desk.notyours")
	})
}

// Every kind has its clock and its answers; a refusal names an article.
func TestEveryKindHasItsClock(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		due := map[desk.Kind]string{desk.Information: "2026-11-06", desk.Copy: "2026-11-06", desk.Correction: "2026-11-04", desk.Objection: "2026-11-06",
			desk.Unpublish: "2026-11-04", desk.Claim: "2026-12-03", desk.Question: "2026-11-24", desk.Deletion: "2026-11-18", desk.Withdrawal: "2026-11-24"}
		for k, want := range due {
			id := w.Subject(t, map[person.Field]string{person.Surname: "Ә", person.GivenName: "Б", person.Email: k.String() + "@mysal.kz"})
			c := w.file(id, k)
			if got := worktime.DateOf(c.Running.Due).String(); got != want {
				t.Errorf("%v is due %s, want %s", k, got, want)
			}
			w.mustBe(w.desk.Answer(ctx, w.officer, c.Number, desk.Refused, "", text("Жоқ.")), errs.Invalid, "desk.article")
			w.must(w.desk.Answer(ctx, w.officer, c.Number, desk.Refused, "L 8-2", text("Жоқ.")))
			if v := w.partySees(id, c.Number); v.Outcome != desk.Refused || v.Article != "L 8-2" || v.Status != desk.Closed {
				t.Errorf("%v: %+v", k, v.Case)
			}
		}
	})
}

// 8.2: warnings at ten, five and one day, and a word to the head when a clock ran out; each once.
func TestWarnings(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c := w.file(aya, desk.Claim)
		w.drain()
		var got []string
		for day := range 40 {
			w.tick(24 * time.Hour)
			w.tick(0)
			keys, _ := w.box.to(officerMail)
			heads, _ := w.box.to(headMail)
			if now := fmt.Sprint(strings.Join(keys, " "), "; ", strings.Join(heads, " ")); len(got) == 0 || !strings.HasSuffix(got[len(got)-1], now) {
				got = append(got, fmt.Sprintf("%d: %s", day+1, now))
			}
		}
		want := "1: new; \n20: new warning; \n25: new warning warning; \n29: new warning warning warning; \n31: new warning warning warning late; late"
		if strings.Join(got, "\n") != want {
			t.Errorf("by day:\n%s\nwant\n%s", strings.Join(got, "\n"), want)
		}
		list, err := w.desk.Running(ctx, 0, db.Place{}, 10)
		w.must(err)
		if days, late := list[0].Left(w.Clock.Now()); len(list) != 1 || list[0].Number != c.Number || !late || days != 10 {
			t.Errorf("%d days, late %v", days, late)
		}
	})
}

// Deletion waits, can be called off, is held back by what is unfulfilled, and leaves a certificate.
func TestDeletion(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		first := w.file(aya, desk.Deletion)
		w.must(w.desk.Retract(ctx, aya, first.Number))
		w.tick(10 * 24 * time.Hour)
		w.must(w.read(aya))

		c := w.file(aya, desk.Deletion)
		w.must(w.desk.Attach(ctx, aya, c.Number, []desk.Attachment{{Name: "өтініш.txt", Contents: []byte("жойыңыз")}}))
		if _, err := w.desk.File(ctx, aya, filing(desk.Deletion)); err == nil {
			t.Error("a second one")
		}
		w.holds[aya] = []string{"desk.blocker.staff"}
		if b, err := w.desk.Blockers(ctx, aya); err != nil || fmt.Sprint(b) != "[desk.blocker.staff]" {
			t.Errorf("blockers %v, %v", b, err)
		}
		w.mustBe(w.desk.Destroy(ctx, w.officer, c.Number, text("Жойылды.")), errs.Conflict, "desk.held")
		w.tick(c.EraseAt.Sub(w.Clock.Now()) - time.Second)
		if v := w.partySees(aya, c.Number); acts(v) != "filed erasure_planned attached" {
			t.Errorf("before its time: %s", acts(v))
		}
		w.tick(time.Minute)
		w.tick(25 * time.Hour)
		if v := w.partySees(aya, c.Number); acts(v) != "filed erasure_planned attached held_back" {
			t.Errorf("held for two days: %s", acts(v))
		}
		w.holds[aya] = nil
		w.tick(25 * time.Hour)
		state, err := w.Keeper.State(ctx, aya)
		w.must(err)
		if !state.Erased {
			t.Fatal("not erased")
		}
		for _, q := range []string{"SELECT count(*) FROM desk_words WHERE reader = $1", "SELECT count(*) FROM desk_party WHERE subject = $1",
			"SELECT count(*) FROM desk_file WHERE owner = $1", "SELECT count(*) FROM desk_link WHERE subject = $1", "SELECT count(*) FROM blind_index WHERE subject = $1"} {
			if n := w.count(q, aya); n != 0 {
				t.Errorf("%d left of %s", n, q)
			}
		}
		if n := w.count("SELECT count(*) FROM desk_chunk"); n != 0 {
			t.Errorf("%d pieces of files left", n)
		}
		code := w.desk.CertificateCode(c).Reveal()
		cert, err := w.desk.Certificate(ctx, " "+strings.ToLower(code[:8])+"-"+code[8:])
		w.must(err)
		if cert.Number != c.Number || cert.Entry.Subject != aya || cert.Entry.Operation != policy.Destruction || cert.Entry.Case != c.Code() {
			t.Errorf("certificate %+v", cert)
		}
		if _, err := w.desk.Certificate(ctx, "AAAA"); !errs.Is(err, errs.NotFound) {
			t.Errorf("a wrong code: %v", err)
		}
		if v := w.officerSees(c.Number); v.Outcome != desk.Destroyed || said(v) != "" || len(v.Names) != 0 {
			t.Errorf("officer sees %+v", v)
		}
		if list, err := w.desk.Erasures(ctx, db.Place{At: w.Clock.Now().Add(time.Hour)}, 10); err != nil || len(list) != 1 || list[0].Number != c.Number {
			t.Errorf("register %v, %v", list, err)
		}
	})
}

// Whoever asked in two cases to have everything erased has two receipts: the code of each opens the certificate, and the register has one line.
func TestTwoReceiptsOfOneErasure(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		cases := []*desk.Case{w.file(aya, desk.Deletion), w.file(aya, desk.Withdrawal)}
		w.must(w.desk.Destroy(ctx, w.officer, cases[0].Number, text("Жойылды.")))
		for _, c := range cases {
			cert, err := w.desk.Certificate(ctx, w.desk.CertificateCode(c).Reveal())
			if w.must(err); cert.Number != c.Number || cert.Entry.Subject != aya || cert.Entry.Operation != policy.Destruction {
				t.Errorf("%s: %+v", c.Number, cert)
			}
		}
		list, err := w.desk.Erasures(ctx, db.Place{At: w.Clock.Now().Add(time.Second)}, 10)
		if w.must(err); len(list) != 1 {
			t.Errorf("register: %v", list)
		}
	})
}

// 2.2: from the withdrawal on nothing is done with the data; then they are erased.
func TestWithdrawal(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		given, err := w.consents.InForce()
		w.must(err)
		shown, err := w.consents.Shown(given.Hash, "kk", 1, 1)
		w.must(err)
		w.must(w.consents.Answer(ctx, aya, shown))
		c := w.file(aya, desk.Withdrawal)
		w.mustBe(w.read(aya), errs.Forbidden, "policy.refused.consent")
		if last, found, err := w.consents.Last(ctx, aya); err != nil || !found || last.Act.String() != "withdrawn" {
			t.Errorf("consent %+v, %v, %v", last, found, err)
		}
		if v := w.partySees(aya, c.Number); said(v) == "" {
			t.Error("the person can't read their own case")
		}
		w.drain()
		if keys, _ := w.box.to("aya@mysal.kz"); strings.Join(keys, " ") != "filed" {
			t.Errorf("letters %v", keys)
		}
		w.tick(5 * 24 * time.Hour)
		if state, err := w.Keeper.State(ctx, aya); err != nil || !state.Erased {
			t.Errorf("%+v, %v", state, err)
		}
	})
}

// 6.2.4: who is blocked is not erased, whoever asked first.
func TestABlockHoldsAnErasureBack(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		del := w.file(aya, desk.Deletion)
		w.file(aya, desk.Block)
		w.tick(5 * 24 * time.Hour)
		if v := w.partySees(aya, del.Number); v.Status != desk.Open || v.State.Erased {
			t.Errorf("%+v", v.Case)
		}
		w.mustBe(w.desk.Destroy(ctx, w.officer, del.Number, text("x")), errs.Conflict, "desk.held")
	})
}

// 6.2.4: the officer finds the use of the data unlawful and destroys them; the representative gets the answer.
func TestDestroyedOnApplication(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.Email, "aya@mysal.kz"), filing(desk.Block))
		w.must(err)
		w.must(w.desk.AcceptProof(ctx, w.officer, c.Number))
		w.drain()
		claim := w.file(aya, desk.Claim)
		w.mustBe(w.desk.Destroy(ctx, w.officer, c.Number, text("Деректер жойылды.")), errs.Conflict, "desk.held")
		w.must(w.desk.Answer(ctx, w.officer, claim.Number, desk.Granted, "", text("Иә.")))
		w.must(w.desk.Destroy(ctx, w.officer, c.Number, text("Деректер жойылды.")))
		w.drain()
		if v := w.partySees(c.Applicant, c.Number); v.Outcome != desk.Destroyed || !v.State.Erased || !strings.HasSuffix(said(v), "Деректер жойылды.") {
			t.Errorf("%+v: %q", v.Case, said(v))
		}
		if keys, _ := w.box.to(danaMail); strings.Join(keys, " ") != "filed step answered" {
			t.Errorf("letters %v", keys)
		}
	})
}

func TestClaimOfAVisitor(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		c, err := w.desk.FileAsVisitor(ctx, dana, filing(desk.Claim))
		w.must(err)
		w.drain()
		_, link := w.box.to(danaMail)
		own, number, err := w.desk.Linked(ctx, tokenOf(t, link))
		w.must(err)
		w.must(w.desk.Attach(ctx, own, number, []desk.Attachment{{Name: `C:\fakepath\талап.pdf`, Contents: append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("x"), 600<<10)...)}}))
		v := w.officerSees(number)
		if v.Names[own].Email.Reveal() != danaMail || acts(v) != "filed attached" || len(v.Steps[1].Files) != 1 || v.Steps[1].Files[0].Name.Reveal() != "талап.pdf" {
			t.Fatalf("%s %+v", acts(v), v.Steps)
		}
		id := v.Steps[1].Files[0].ID
		f, contents, err := w.desk.FileForOfficer(ctx, w.officer, number, id)
		w.must(err)
		if f.Type != "application/pdf" || len(contents) != 9+600<<10 || !bytes.HasPrefix(contents, []byte("%PDF")) {
			t.Errorf("%+v, %d bytes", f, len(contents))
		}
		w.must(w.desk.Answer(ctx, w.officer, number, desk.Granted, "", text("Қанағаттандырылды.")))
		w.drain()
		if keys, _ := w.box.to(danaMail); strings.Join(keys, " ") != "filed answered" {
			t.Errorf("letters %v", keys)
		}
		// Another's case is not there.
		aya := w.aya()
		if _, err := w.desk.ForParty(ctx, aya, number, ""); !errs.Is(err, errs.NotFound) {
			t.Errorf("another sees it: %v", err)
		}
		if _, _, err := w.desk.FileForParty(ctx, aya, number, id); !errs.Is(err, errs.NotFound) {
			t.Errorf("another opens the file: %v", err)
		}
		if _, err := w.desk.FileAsVisitor(ctx, dana, filing(desk.Deletion)); !errs.Is(err, errs.Invalid) {
			t.Errorf("a visitor deletes: %v", err)
		}
		w.Clock.Move(31 * 24 * time.Hour)
		if _, _, err := w.desk.Linked(ctx, tokenOf(t, link)); !errs.Is(err, errs.Gone) {
			t.Errorf("an old link: %v", err)
		}
		_ = c
	})
}

// The words of a case are read by nobody else, and each reading of them is in the log.
func TestWordsPassTheDoor(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c := w.file(aya, desk.Information)
		support := keeper.Staff(w.officer.ID, policy.SupportR)
		if _, err := w.desk.ForOfficer(ctx, support, c.Number); !errs.Is(err, errs.Forbidden) {
			t.Errorf("support reads: %v", err)
		}
		w.officerSees(c.Number)
		entries, _, err := w.Ledger.BySubject(ctx, aya, 1<<62, 10, func(e *ledger.Entry) bool { return e.Kind == ledger.ByStaff })
		w.must(err)
		var got []string
		for _, e := range entries {
			got = append(got, fmt.Sprintf("%v %s %s %d", e.Role, e.Fields, e.Case, e.Outcome))
		}
		want := fmt.Sprintf("[officer surname,given_name,email request:%[1]s 1 officer words,file request:%[1]s 1 support words,file request:%[1]s 2]", c.Number)
		if fmt.Sprint(got) != want {
			t.Errorf("log:\n%v\nwant\n%v", got, want)
		}
	})
}

func TestBadFilings(t *testing.T) {
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	for name, c := range map[string]struct {
		f   desk.Filing
		key string
	}{
		"no words":        {desk.Filing{Kind: desk.Claim, Lang: "kk"}, "person.required"},
		"no kind":         {desk.Filing{Kind: 99, Words: text("x"), Lang: "kk"}, "error.form"},
		"nothing doubted": {desk.Filing{Kind: desk.Correction, Words: text("x"), Lang: "kk"}, "desk.doubted"},
		"a field of none": {desk.Filing{Kind: desk.Correction, Words: text("x"), Lang: "kk", Doubted: person.Set(person.TOTP)}, "error.form"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.desk.File(ctx, aya, c.f)
			w.mustBe(err, errs.Invalid, c.key)
		})
	}
	for range 10 {
		w.file(aya, desk.Question)
	}
	_, err := w.desk.File(ctx, aya, filing(desk.Question))
	w.mustBe(err, errs.Conflict, "desk.already")
	if n := w.count("SELECT count(*) FROM desk_case"); n != 10 {
		t.Errorf("%d cases", n)
	}
}

func TestFilesThatAreNotTaken(t *testing.T) {
	pdf := []byte("%PDF-1.4\n")
	many := func(n, size int) (out []desk.Attachment) {
		for i := range n {
			out = append(out, desk.Attachment{Name: fmt.Sprint(i, ".pdf"), Contents: append(bytes.Clone(pdf), make([]byte, size)...)})
		}
		return out
	}
	for name, c := range map[string]struct {
		files []desk.Attachment
		key   string
	}{
		"fifty of 20 MB":        {many(50, 20), "desk.file.count"},
		"one of over 20 MB":     {many(1, desk.MaxFile), "desk.file.big"},
		"three of 17 MB":        {many(3, 17<<20), "desk.file.all"},
		"empty":                 {[]desk.Attachment{{Name: "a.pdf"}}, "desk.file.empty"},
		"only a path":           {[]desk.Attachment{{Name: "../..", Contents: pdf}}, "desk.file.name"},
		"no name":               {[]desk.Attachment{{Name: "", Contents: pdf}}, "desk.file.name"},
		"a reordering name":     {[]desk.Attachment{{Name: "fdp.\u202eexe.pdf", Contents: pdf}}, "desk.file.name"},
		"an archive":            {[]desk.Attachment{{Name: "a.zip", Contents: []byte("PK\x03\x04eicar")}}, "desk.file.type"},
		"an archive as a paper": {[]desk.Attachment{{Name: "a.docx", Contents: []byte("PK\x03\x04eicar")}}, "desk.file.type"},
		"a program as a paper":  {[]desk.Attachment{{Name: "a.pdf", Contents: []byte("MZ\x90\x00\x03")}}, "desk.file.type"},
		"a page as a text":      {[]desk.Attachment{{Name: "a.txt", Contents: []byte("<html><script>")}}, "desk.file.type"},
		"a paper as a picture":  {[]desk.Attachment{{Name: "a.png", Contents: pdf}}, "desk.file.type"},
	} {
		t.Run(name, func(t *testing.T) {
			err := desk.Check(c.files)
			if err == nil {
				t.Fatal("taken")
			}
			if e := errs.As(err); len(e.Fields) == 0 || e.Fields[0].Key != c.key {
				t.Errorf("%v, want %s", e.Fields, c.key)
			}
		})
	}
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	c := w.file(aya, desk.Claim)
	w.must(w.desk.Attach(ctx, aya, c.Number, []desk.Attachment{{Name: "../../x.pdf", Contents: pdf}}))
	if v := w.partySees(aya, c.Number); v.Steps[1].Files[0].Name.Reveal() != "x.pdf" {
		t.Errorf("name %q", v.Steps[1].Files[0].Name.Reveal())
	}
	w.must(w.desk.Attach(ctx, aya, c.Number, many(9, 10)))
	w.mustBe(w.desk.Attach(ctx, aya, c.Number, many(1, 10)), errs.Invalid, "desk.file.all")
}

// 6.2.4: no answer that began after the application's commit, on any of two servers of one database, shows anything.
func TestBlockHoldsOnEveryServer(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		doors := []*keeper.Keeper{w.Keeper, w.second(t)}
		var mu sync.Mutex
		blockedAt, began, shown := false, 0, 0
		stop, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		for n := range 64 {
			wg.Go(func() {
				for stop.Err() == nil {
					mu.Lock()
					after := blockedAt
					mu.Unlock()
					_, err := doors[n%2].Read(ctx, keeper.Passage{Actor: keeper.Program(), Subject: aya, Operation: policy.Use, Purpose: policy.Notify, Fields: person.Set(person.Email)})
					mu.Lock()
					if after {
						began++
						if err == nil {
							shown++
						}
					}
					enough := began > 500
					mu.Unlock()
					if enough {
						cancel()
					}
				}
			})
		}
		_, err := w.desk.File(ctx, aya, filing(desk.Block))
		mu.Lock()
		blockedAt = true
		mu.Unlock()
		wg.Wait()
		cancel()
		w.must(err)
		if shown != 0 || began <= 500 {
			t.Errorf("of %d reads that began after the commit %d showed something", began, shown)
		}
	})
}

// A claim that comes between the look at what holds an erasure back and the erasure itself holds it as well (8.2).
func TestAClaimFiledMeanwhileHoldsAnErasure(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c := w.file(aya, desk.Deletion)
		w.meanwhile = func() {
			w.meanwhile = nil
			w.file(aya, desk.Claim)
		}
		w.mustBe(w.desk.Destroy(ctx, w.officer, c.Number, text("Жойылды.")), errs.Conflict, "desk.held")
		if state, err := w.Keeper.State(ctx, aya); err != nil || state.Erased {
			t.Errorf("%+v, %v", state, err)
		}
	})
}

// An application for somebody who is not known, whose filing broke off before its applicant was: it ends with its term, and hinders no tick.
func TestAnApplicationOfNobodyAboutNobodyEnds(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		c, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.IIN, "990101100111"), filing(desk.Block))
		w.must(err)
		w.must(w.DB.Write(ctx, func(x *db.Tx) error {
			if _, err := x.Exec("DELETE FROM desk_party WHERE case_id = $1", c.ID); err != nil {
				return err
			}
			_, err := x.Exec("UPDATE desk_case SET applicant = 0 WHERE id = $1", c.ID)
			return err
		}))
		w.Clock.Move(c.ProofDue.Sub(w.Clock.Now()) + 2*time.Second)
		w.must(w.desk.Tick(ctx))
		if v := w.officerSees(c.Number); v.Status != desk.Closed || v.Outcome != desk.Unproven {
			t.Errorf("%+v", v.Case)
		}
	})
}

// However much a party writes, the case can still be answered, and the block with it lifted.
func TestAFullCaseStillEnds(t *testing.T) {
	w := newWorld(t, sqlite(t))
	aya := w.aya()
	c := w.file(aya, desk.Block)
	var err error
	for n := 0; err == nil; n++ {
		if n > 300 {
			t.Fatal("a party writes without end")
		}
		err = w.desk.Reply(ctx, aya, c.Number, text("тағы"))
	}
	w.mustBe(err, errs.TooLarge, "desk.full")
	w.mustBe(w.desk.Attach(ctx, aya, c.Number, []desk.Attachment{{Name: "a.txt", Contents: []byte("a")}}), errs.TooLarge, "desk.full")
	w.must(w.desk.Answer(ctx, w.officer, c.Number, desk.Lifted, "", text("Қате табылмады.")))
	if w.restricted(aya) {
		t.Error("blocked")
	}
}

// A representative who is erased leaves nobody blocked for good: the case goes on without them.
func TestAnErasedRepresentativeLeavesTheCase(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.Email, "aya@mysal.kz"), filing(desk.Block))
		w.must(err)
		_, err = w.Keeper.Change(ctx, keeper.Passage{Actor: keeper.Program(), Subject: c.Applicant, Operation: policy.Destruction, Purpose: policy.EndOfUse},
			func(x *keeper.Tx) error { return x.Erase() })
		w.must(err)
		if v := w.partySees(aya, c.Number); v.Status != desk.Open || !v.Blocks || v.Applicant != 0 {
			t.Errorf("%+v", v.Case)
		}
		w.tick(c.ProofDue.Sub(w.Clock.Now()) + 2*time.Second)
		if w.restricted(aya) {
			t.Error("blocked for good")
		}
	})
}

// 6.2.4: who takes an unproven application back and files another has blocked once, and no more.
func TestTakingBackIsNoWayRoundTheLimitOfSpite(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		c, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.Email, "aya@mysal.kz"), filing(desk.Block))
		w.must(err)
		w.must(w.desk.Retract(ctx, c.Applicant, c.Number))
		if w.restricted(aya) {
			t.Fatal("blocked after it was taken back")
		}
		next, err := w.desk.FileForAnother(ctx, dana, person.Stored(person.Email, "aya@mysal.kz"), filing(desk.Block))
		w.must(err)
		if next.Blocks || w.restricted(aya) {
			t.Error("blocked again")
		}
		w.drain()
		if keys, _ := w.box.to("aya@mysal.kz"); strings.Join(keys, " ") != "blocked step step" {
			t.Errorf("letters %v", keys)
		}
	})
}

// 2.1, 5.1: who withdrew and agrees again before the day is not erased.
func TestAgreeingAgainStopsTheErasure(t *testing.T) {
	forBoth(t, func(t *testing.T, w *world) {
		aya := w.aya()
		ed, err := w.consents.InForce()
		w.must(err)
		agree := func() {
			g, err := w.consents.Shown(ed.Hash, "kk", consent.OnSite, consent.Agreed)
			w.must(err)
			w.must(w.consents.Answer(ctx, aya, g))
		}
		agree()
		c := w.file(aya, desk.Withdrawal)
		agree()
		w.mustBe(w.desk.Destroy(ctx, w.officer, c.Number, text("Жойылды.")), errs.Conflict, "desk.held")
		w.tick(5 * 24 * time.Hour)
		v := w.partySees(aya, c.Number)
		if v.State.Erased || v.Status != desk.Closed || !strings.HasSuffix(acts(v), "erasure_stopped") {
			t.Errorf("%+v, %s", v.Case, acts(v))
		}
	})
}
