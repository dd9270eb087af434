package site

import (
	"image"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"

	"ustaz/internal/account"
	"ustaz/internal/certificate"
	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/keeper"
	"ustaz/internal/ledger"
	"ustaz/internal/person"
	"ustaz/internal/policy"
	"ustaz/internal/quiz"
	"ustaz/internal/secret"
	"ustaz/internal/staff"
	"ustaz/internal/web"
	"ustaz/internal/web/webtest"
)

// TestViewsOfOwnPages executes every template with all that its page may hold.
func TestViewsOfOwnPages(t *testing.T) {
	_, set, err := newAccount(AccountDeps{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	webtest.Views(t, set, func(l i18n.Lang) []any {
		said := web.Plain("…")
		sheet := func() *web.Sheet {
			s := web.NewSheet(l, "/x", "…", web.NewField(l, web.TextField, "surname", "…"), web.NewField(l, web.Password, "password", "…"), web.NewField(l, web.Tick, "agreed", "…")).Carry("next", "/y")
			s.Show(errs.InvalidFields([]errs.Field{{Name: "surname", Key: "profile.required"}}), web.Form{})
			return s
		}
		button := web.Button{Text: "…", Href: "/x"}
		post := web.Post{Action: "/x", Button: web.Button{Text: "…"}}
		link := web.Link{Text: "…", Href: "/x"}
		notice := web.NewNotice(l, web.Warn, "…", said)
		passage := web.NewPassage(l, said, "4.1.7", at)
		held := []heldLine{{Name: "a", Value: "b", Hidden: "•", Why: "c", Clause: web.NewClause(l, "3.2.3"), Since: "d", Before: &link}, {Name: "a", Value: "b", Why: "c", Clause: web.NewClause(l, "3.2.4")}}
		table := web.Table{Caption: "…", Columns: []web.Column{{Label: "…"}}, Rows: [][]web.Cell{{{Text: said}}}}
		clock := web.NewClock(l, "…", at, at.AddDate(0, 0, 3), at)
		ask := web.NewConfirm(l, sheet(), said, said, []string{"a"}, said)
		return append(append(outwardSamples(l), awardSamples(l)...), []any{
			formPage{Title: "…", Lead: said, Notes: []web.Text{said}, Sheet: sheet(), After: []web.Link{link}},
			messagePage{Title: "…", Lead: said, Notes: []web.Text{said}, Acts: []web.Button{button}},
			registerPage{Sheet: sheet(), Phrase: button, Shown: agreedText{Said: said, Hash: "0"}, Decline: button, Have: said},
			consentPage{Notice: &notice, Why: "…", Shown: agreedText{Said: said}, TextLang: "kk", More: true, Whole: &link, Agree: post, Decline: &post, Remains: []web.Link{link}, SignOut: post,
				Changes: []changedPart{{Name: "…", Href: "/x", Tag: web.Tag{Text: "…"}, Words: []wordsView{{Text: "a", Gone: true}, {Text: "b", Brought: true}, {Text: "c"}}}, {Name: "…"}}},
			consentPage{Shown: agreedText{Said: said}, Agree: post, Offer: true, SignOut: post},
			myPage{Hello: "…", Notices: []web.Notice{notice}, Meter: &web.Meter{Label: "…", Said: "…", Done: 1, Of: 2}, Cards: []web.Card{{Title: "…", Href: "/x", Text: said}}, Staff: &link, SignOut: post, End: []web.Link{link}},
			forYouPage{Notices: []web.Notice{notice}, Courses: &web.Suggestions{Title: "…", Lead: "…", Cards: []web.Suggestion{{Card: web.Card{Title: "…", Href: "/x", Text: said, Facts: []string{"…"}, Cover: &web.Cover{Src: "/x", Srcset: "/x 480w", Alt: "…", Lang: "kk"}}, Asks: "…", About: "…", Why: []string{"…"}, Away: post}}, Ways: []web.Link{link}}, How: []web.Text{said}, Posts: []web.Post{post}},
			questionPage{Title: "…", Lang: "kk", Which: "…", Clock: &clockLine{Until: "…", Left: 3}, Notices: []web.Notice{notice}, Action: "/x", Asked: askedSample(t, l, false), Points: "…", Before: true,
				Places: []placeLink{{Number: "1", Href: "/x", Current: true, Answered: true, Says: "…"}, {Number: "2", Href: "/y", Says: "…"}}},
			questionPage{Title: "…", Lang: "kk", Which: "…", Action: "/x", Asked: askedSample(t, l, false), Points: "…", Last: true},
			handInPage{Title: "…", Test: "…", Lang: "kk", Notices: []web.Notice{notice}, Meter: web.Meter{Label: "…", Said: "…", Done: 1, Of: 2}, Open: []web.Link{link}, Until: "…", Sheet: sheet()},
			attemptPage{Title: "…", Lang: "kk", Notices: []web.Notice{notice}, Meter: &web.Meter{Label: "…", Said: "…", Done: 1, Of: 2}, Facts: []string{"…"}, Acts: []web.Button{button}, Again: &post, Object: said,
				Review: []reviewed{{Title: "…", Points: "…", Asked: askedSample(t, l, true)}}, NoSight: "…"},
			taskPage{Title: "…", Lang: "kk", Steps: web.NewSteps(l, 0, "a", "b"), Notices: []web.Notice{notice}, Files: &table, Sheet: sheet(), Theirs: "…", Text: "…", Acts: []web.Button{button}},
			taskResultPage{Title: "…", Lang: "kk", Facts: []string{"…"}, Notices: []web.Notice{notice}, Meter: &web.Meter{Label: "…", Said: "…", Done: 1, Of: 2}, Judged: &table, Said: "…", Text: "…", Files: &table, Again: &post, Acts: []web.Button{button}},
			securityPage{Sessions: table, Others: &post, Codes: &post, CodesSay: "…", Ways: web.Summary{Rows: []web.Row{{Key: "a", Value: said}}}},
			factorPage{Staff: true, Begin: post, Sheet: sheet()},
			factorPage{Begin: post},
			factorPage{Shown: true, Picture: qrCode{Size: 29, Path: "M1 1h1v1h-1z"}, Typed: "AAAA", Codes: []string{"A"}, Sheet: sheet()},
			codesPage{Codes: []string{"A"}, Done: button},
			casesPage{Begin: button, Cases: table},
			casesPage{Begin: button, Cases: web.Table{Empty: &web.Empty{Title: "…", Text: said}}},
			requestsPage{Groups: []requestGroup{{Title: "…", Cards: []web.Card{{Title: "…", Href: "/x", Text: said, Facts: []string{"a"}}}}}},
			filingPage{Title: "…", Lead: said, Notices: []web.Notice{notice}, Facts: web.Summary{Rows: []web.Row{{Key: "a", Value: said}}},
				First: &firstChoice{Title: "…", Text: "…", Acts: []web.Button{button}}, Notes: []web.Text{said}, Sheet: sheet()},
			filingPage{Title: "…", Ask: &ask},
			endingPage{Title: "…", Asked: &notice, Copy: said},
			endingPage{Title: "…", Lead: said, Holds: []string{"a"}, Stays: []string{"b"}, Copy: said, Ask: &ask},
			casePage{Title: "…", Tag: web.Tag{Text: "…"}, Notices: []web.Notice{notice}, Clock: &clock, Facts: web.Summary{Rows: []web.Row{{Key: "a", Value: said}}},
				Papers: []web.Button{button}, Reply: sheet(), Retract: &link, Steps: []stepView{{Who: "a", When: "b", Did: "c", Own: true, Words: "d",
					Files: []fileView{{Name: "e", Href: "/x", Size: "1"}}}, {Who: "a", When: "b", Did: "c", Answer: true}}},
			casePage{Title: "…"},
			certificatePage{Facts: web.Summary{Rows: []web.Row{{Key: "a", Value: said}}}, Proof: web.NewProof(l, true, said), Command: "x", Acts: []web.Button{button}},
			messagePage{Title: "…", Post: &post},
			helpPage{Answers: []helpAnswer{{Title: "…", Text: "…"}}, Note: "…", Acts: []web.Button{button}},
			ticketsPage{Ask: button, Tickets: table},
			ticketPage{Title: "…", Tag: web.Tag{Text: "…"}, Lead: "…", Reply: sheet(), Acts: []web.Post{post}, NoMore: "…", Steps: []stepView{{Who: "a", When: "b", Did: "c", Own: true, Answer: true, Words: "d", Links: []web.Link{link},
				Files: []fileView{{Name: "e", Href: "/x", Size: "1"}}}}},
			profilePage{Notices: []web.Notice{notice}, Confirm: &post, Sheet: sheet(), Email: web.Summary{Rows: []web.Row{{Key: "a", Value: said, Note: said}}}},
			dataPage{Contents: []web.Link{link}, Held: held, Closed: &notice, Others: said, Consents: table, Filter: []web.Link{link, {Text: "…", Current: true}},
				Block: blockPart{Text: said, State: web.Summary{Rows: []web.Row{{Key: "a", Value: said}}}, Acts: []web.Button{button}},
				Lines: []web.Passage{passage}, Newest: &link, Older: &link, Take: []web.Button{button}},
			dataPage{None: web.Empty{Title: "…", Text: said}},
			earlierPage{Fields: []earlierField{{ID: "a", Name: "b", Now: said, Hidden: "•", Table: table}, {ID: "c", Name: "d", Now: said, Table: table, Forget: &button}}},
			earlierPage{Closed: &notice},
			earlierPage{None: &web.Empty{Title: "…", Text: said}},
			forgetPage{Title: "…", Ask: ask, Clause: "6.1.2"},
			myCoursesPage{Cards: []web.Card{{Title: "…", Href: "/x", Text: said, Facts: []string{"a"}}}, All: button},
			myCoursesPage{Empty: web.Empty{Title: "…", Text: said, Act: &button}},
			proofPage{Line: &passage, Proof: web.NewProof(l, true, said, web.Row{Key: "a", Value: said}), Meaning: []web.Text{said}, Command: "x", Where: said},
			proofPage{Proof: web.NewProof(l, false, said)},
			inboxPage{Undo: &post, ReadAll: &post, Settings: link, Days: []inboxDay{{Day: "…", List: []inboxLine{{Title: "…", Kind: "…", At: "…", Text: []string{"…"}, Unread: true, Open: &post, Delete: post},
				{Title: "…", Kind: "…", At: "…", Delete: post}}}}, Pages: web.NewPages(l, 1, 2, func(int) string { return "/x" })},
			inboxPage{Settings: link, Empty: web.Empty{Title: "…", Text: said}, Pages: web.NewPages(l, 1, 1, func(int) string { return "/x" })},
			notingPage{Sheet: sheet(), Always: []alwaysTold{{"…", "…", web.NewClause(l, "5.5")}}},
			stopPage{Title: "…", Text: said, Act: post},
			paperPage{Lead: said, Held: held, Earlier: table, Sessions: table, Consents: table, Public: table, Permits: table, Cases: table, Courses: table, Tests: table, Works: table, Awards: table, Notices: table, Tickets: table, Lines: []web.Passage{passage}, More: true},
		}...)
	})
}

func TestTemplatesOfOwnPagesHoldNoWords(t *testing.T) {
	webtest.Words(t, ownFiles, "own/*.html", "SHA") // with a number, the name of a hash
}

// TestWordsOfEveryEntry: whatever the log may hold of a subject reads as a sentence in each language. The catalogue fails the test for a
// message or an argument that is missing.
func TestWordsOfEveryEntry(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("kk", ayaEmail)
	entries := everyEntry()
	for _, l := range webtest.Catalog(t).Langs() {
		names := &actorNames{a: &accountPages{AccountDeps: w.deps}, r: &web.Request{Request: b.request(), Lang: l}, members: map[person.ID]staff.Member{}}
		for _, e := range entries {
			said, err := names.said(&e)
			if err != nil || said == "" || strings.ContainsAny(said, "{}") {
				t.Errorf("%s: %+v: %q %v", l.Code(), e, said, err)
			}
		}
	}
}

// everyEntry is one entry of every sort.
func everyEntry() []ledger.Entry {
	var out []ledger.Entry
	kinds := map[ledger.ActorKind][]policy.Role{ledger.BySubject: {policy.Self}, ledger.ByStaff: {policy.SupportR, policy.Editor, policy.Tutor, policy.Officer, policy.Admin, policy.Self},
		ledger.BySystem: {policy.Reader, policy.Registrar}, ledger.ByJob: {policy.Job}, ledger.ByNobody: {0}}
	fields := []person.Fields{0, person.Set(person.All...), person.Set(person.Profile...), person.Set(person.Email), person.Set(person.TOTP)}
	fields = append(fields, certificate.Name, certificate.Fields)
	for _, act := range acts {
		if !slices.Contains(fields, act.fields) {
			fields = append(fields, act.fields)
		}
	}
	cases := []string{keeper.LetterCase("letter.edition")}
	for _, kind := range keeper.CaseKinds() {
		cases = append(cases, kind+":214")
	}
	for _, act := range ownActs {
		cases = append(cases, keeper.ActCase(act))
	}
	for kind, roles := range kinds {
		for _, role := range roles {
			for _, operation := range policy.Operations {
				for _, purpose := range policy.Purposes {
					for i, f := range fields {
						for _, outcome := range []ledger.Outcome{ledger.Allowed, ledger.Refused} {
							e := ledger.Entry{Kind: kind, Actor: 5, Role: role, Operation: operation, Purpose: purpose, Fields: f, Outcome: outcome}
							out = append(out, e)
							for _, name := range cases {
								if e.Case = name; i < 2 { // the words of a case hang on there being fields, not on which
									out = append(out, e)
								}
							}
						}
					}
				}
			}
		}
	}
	return append(out, ledger.Entry{Kind: ledger.ByStaff, Role: policy.Admin, Operation: policy.Recording, Purpose: policy.Identify, Outcome: ledger.Allowed, Clauses: []string{"1.1.1"}})
}

// TestOwnActsAreToldApart: what people did with their accounts is not lumped together.
func TestOwnActsAreToldApart(t *testing.T) {
	w := openWorld(t, testHome)
	b := w.signUp("en", ayaEmail)
	b.open("/en/my/security/password").fill("/password", "current_password", ayaPassword, "password", "river birch clock kettle mirror").is(200, "/en/my/security")
	b.open("/en/my/deletion").fill("/deletion", "words", "Enough.")
	w.must(w.queue.Drain(t.Context()))
	b.open("/en/my/data").says("You changed your password", "You recorded the text of your case to end the processing of the data (request No 2026-1)", "to send you the letter “Your password was changed”",
		"to send you the letter “Confirm your e-mail address”")
	if strings.Contains(b.words(), "or changed your password") {
		t.Error("told in the words of several acts")
	}
	w.secrets = append(w.secrets, "river birch clock kettle mirror")
}

func TestDeviceWords(t *testing.T) {
	for agent, want := range map[string]string{
		ayaAgent: "Firefox, Linux",
		"Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36": "Samsung Internet, Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0":              "Edge, Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 YaBrowser/25.9.0.0 Safari/537.36":         "Yandex, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":    "Safari, iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                      "Safari, macOS",
		"curl/8.5.0":             "",
		"<script>alert</script>": "",
		"":                       "",
	} {
		if got := deviceWords(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func TestLinksOfLetters(t *testing.T) {
	token := secret.New(strings.Repeat("A", 43))
	for _, kind := range []account.LinkKind{account.ConfirmLink, account.RecoverLink, account.NewEmailLink} {
		if to := LetterPath(kind, "ru", token); !strings.HasPrefix(to, "/ru/") || !strings.HasSuffix(to, token.Reveal()) {
			t.Error(kind, to)
		}
	}
	w := openWorld(t, testHome)
	for _, page := range []account.Page{account.SignInPage, account.RecoverPage, account.SessionsPage, account.AccountPage, account.ContactPage} {
		if b := w.walker().open(LetterPage(page, "ru")); b.code != http.StatusOK {
			t.Errorf("%d: %s gives %d", page, b.at, b.code)
		}
	}
}

// TestPictureOfTheSecret reads the QR code back module by module.
func TestPictureOfTheSecret(t *testing.T) {
	const content = "otpauth://totp/Smart%20Ustaz:0000000000001?secret=JBSWY3DPEHPK3PXP&issuer=Smart%20Ustaz"
	drawn, err := qrOf(content)
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[image.Point]bool{}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(drawn.Path, -1) {
		n := make([]int, 4)
		for i := range n {
			if n[i], err = strconv.Atoi(run[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		for x := range n[2] {
			dark[image.Pt(n[0]+x-quietZone, n[1]-quietZone)] = true
		}
	}
	size := code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); (r == 0) != dark[image.Pt(x, y)] {
				t.Fatalf("the module at %d, %d is wrong", x, y)
			}
		}
	}
	if drawn.Size != size+2*quietZone {
		t.Error("no quiet zone")
	}
}

// askedSample is a question with gaps, to be answered or graded.
func askedSample(t *testing.T, l i18n.Lang, graded bool) *web.Asked {
	t.Helper()
	q, err := quiz.Parse("Елорда — {{Астана}}, айы {{*қыркүйек|мамыр}}.\n\n! Түсіндірме")
	if err != nil {
		t.Fatal(err)
	}
	answer := quiz.Answer{Gaps: []string{"Алматы", "0"}}
	var shown *web.Shown
	if graded {
		shown = &web.Shown{Grade: q.Grade(answer), Answers: true}
	}
	asked, err := web.NewAsked(l, "kk", 1, q, q.Layout([]byte("seed"), "1", true), answer, shown, nil)
	if err != nil {
		t.Fatal(err)
	}
	return asked
}
