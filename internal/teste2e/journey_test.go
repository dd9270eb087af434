package teste2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ustaz/internal/testchrome"
)

// untranslated finds what the catalogue shows in place of words that it lacks: a key.
var untranslated = regexp.MustCompile(`\b(?:register|signin|my|mydata|profile|passage|proof|security|consentpage|invite|console|frame|home|policypage|contact|course|demo|error|account|password|person|field|role|purpose|operation|letter|done|cases|desk|casework|coursework|exam|asked|quiz|grading|media|certificate)\.[a-z_]+[a-z_.0-9]*\b`)

const (
	surname = "Тілеуқызы"
	phrase  = "тау бұлағы таза суық сылдыр"
)

// A teacher registers, agrees, fills in the profile and sees it in "My data": in each language, with scripts and without.
func TestTeacher(t *testing.T) {
	t.Parallel()
	s := serve(t)
	canaries := []string{surname, phrase, "+77015557788", "7015557788", "701 555 77 88"}
	for _, lang := range []string{"kk", "ru", "en"} {
		for _, scripts := range []bool{true, false} {
			name, options := lang, []testchrome.Option{testchrome.Desktop()}
			if !scripts {
				name, options = lang+"-noscript", []testchrome.Option{testchrome.Phone(), testchrome.NoJavaScript()}
			}
			t.Run(name, func(t *testing.T) {
				w := &walk{t: t, s: s, ctx: testchrome.New(t, options...), lang: lang, name: name, axe: scripts && lang == "kk"}
				mailbox := "asem-" + name + "@demo.example"
				canaries = append(canaries, mailbox)
				w.register(mailbox, phrase)
				w.visit("profile", "/my/profile")
				w.fill(map[string]string{"phone": "8 (701) 555-77-88"})
				w.tick(`main [name="declared"]`)
				w.press("profile saved", submit)
				w.visit("my data", "/my/data")
				w.sees("my data", surname, "Әсем", mailbox, "+7 701 555 77 88")
				w.visit("security", "/my/security")
				w.visit("printed copy", "/my/data/print")
				w.visit("policy", "/policy")
				w.visit("clause", "/policy/4.1.7")
				w.visit("editions", "/policy/editions")
				w.visit("who may read what", "/policy/rules")
				w.visit("cookies", "/cookies")
				w.visit("contact", "/contact")
				w.visit("courses", "/courses")
				w.press("course", `main .card a[href*="/courses/"]`)
				w.press("course begun", `main form[action$="/begin"] button`)
				w.press("lesson", `main .lessons a`)
				w.press("lesson read", `main form[action$="/read"] button`)
				w.visit("my courses", "/my/courses")
				w.visit("deletion", "/my/deletion")
				testchrome.Quiet(t, w.ctx, s.url)
			})
		}
	}
	log := s.log.String()
	for _, c := range canaries {
		if strings.Contains(log, c) {
			t.Errorf("the log of the program holds %q", c)
		}
	}
	if !strings.Contains(log, `"route"`) {
		t.Error("the log holds no requests: the search shows nothing")
	}
}

// Support reads two fields for a stated purpose and is refused a third; the teacher sees both, with clause and proof.
func TestWhoHasReadMyData(t *testing.T) {
	t.Parallel()
	s := serve(t)
	teacher := &walk{t: t, s: s, ctx: testchrome.New(t, testchrome.Phone()), lang: "kk", name: "teacher", axe: true}
	const mailbox = "asem@demo.example"
	teacher.register(mailbox, phrase)

	helper := &walk{t: t, s: s, ctx: testchrome.New(t, testchrome.Desktop()), lang: "ru", name: "support", axe: true}
	const staff = "aidos@demo.example"
	helper.signIn(staff, s.password(t, staff))
	helper.factor()
	helper.visit("console", "/console")
	helper.visit("start of work", "/console/work")
	helper.tick(`main [name="purpose"][value="4.1.7"]`)
	helper.do("case", chromedp.SetValue(`main [name="kind"]`, "ticket", chromedp.ByQuery))
	helper.fill(map[string]string{"number": "4815"})
	helper.press("find", submit)
	helper.tick(`main [name="by"][value="email"]`)
	helper.fill(map[string]string{"value": mailbox})
	helper.press("found", submit)
	helper.press("person", `main a[href*="/console/person/"]`)
	helper.tick(`main [name="fields"][value="given_name"]`, `main [name="fields"][value="email"]`)
	helper.press("opened", `main form.open button.button`)
	helper.sees("opened", "Әсем", mailbox)
	helper.tick(`main [name="fields"][value="iin"]`)
	helper.press("refused", `main form.open button.button`)
	var at string
	helper.do("address", chromedp.Location(&at))
	if strings.Contains(at, "asem") {
		t.Errorf("the address holds a personal value: %s", at)
	}

	teacher.visit("my data", "/my/data")
	teacher.sees("my data", "А. К.", "4815", "4.1.7", "атыңыз", "пошта")
	teacher.press("proof", `main a[href*="/my/data/proof/"]`)
	testchrome.Quiet(t, teacher.ctx, s.url)
	for _, c := range testchrome.Complaints(helper.ctx) {
		if !strings.Contains(c, "403 (Forbidden)") || !strings.Contains(c, "/console/person/") { // the refusal that was asked for
			t.Errorf("the browser complains: %s", c)
		}
	}
	if abroad := testchrome.Abroad(helper.ctx, s.url); len(abroad) > 0 {
		t.Errorf("requests left the host: %v", abroad)
	}
	for _, c := range []string{surname, mailbox, phrase} {
		if strings.Contains(s.log.String(), c) {
			t.Errorf("the log of the program holds %q", c)
		}
	}
}

// The first member of staff comes in by the link of the terminal and sees the officer's and the administrator's screens.
func TestFirstMemberOfStaff(t *testing.T) {
	t.Parallel()
	s := serve(t)
	w := &walk{t: t, s: s, ctx: testchrome.New(t, testchrome.Desktop()), lang: "kk", name: "officer", axe: true}
	w.visit("invitation", s.first)
	w.register("bastyq@demo.example", phrase)
	w.visit("invitation again", s.first)
	w.press("accepted", submit)
	w.factor()
	for what, path := range map[string]string{"desk": "", "work": "/work", "log": "/log", "refusals": "/refusals", "brake": "/brake", "verify": "/verify",
		"cases": "/cases", "staff": "/staff", "systems": "/systems", "settings": "/settings", "rules": "/rules"} {
		w.visit(what, "/console"+path)
	}
	w.visit("log", "/console/log")
	w.sees("log", "214")
	w.visit("verify", "/console/verify")
	w.press("verifying", submit)
	testchrome.Quiet(t, w.ctx, s.url)
}
