package teste2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/chromedp/chromedp"

	"ustaz/internal/testchrome"
)

var languages = []string{"kk", "ru", "en"}

// set gives the fields of the form on the page their values, by name; a tick or a choice is set by its value.
func (w *walk) set(values ...string) {
	w.t.Helper()
	for i := 0; i < len(values); i += 2 {
		var found bool
		w.do("set "+values[i], chromedp.Evaluate(fmt.Sprintf(`(([name, value]) => {
			const all = [...document.querySelectorAll("main [name='" + name + "']")];
			for (const e of all) {
				if (e.type === "radio" || e.type === "checkbox") e.checked ||= e.value === value;
				else e.value = value;
			}
			return all.some(e => e.checked || e.value === value);
		})([%q, %q])`, values[i], values[i+1]), &found))
		if !found {
			w.t.Fatalf("no field %s that takes %q:\n%s", values[i], values[i+1], w.text())
		}
	}
}

func person(t *testing.T, s *site, name string, screen testchrome.Option) *walk {
	t.Helper()
	return &walk{t: t, s: s, ctx: testchrome.New(t, screen), lang: "kk", name: name}
}

// officers are the first member of staff, and a second officer whom that one invited.
func officers(t *testing.T, s *site) (first, second *walk) {
	t.Helper()
	first, second = person(t, s, "first", testchrome.Desktop()), person(t, s, "second", testchrome.Desktop())
	join := func(w *walk, link, mailbox string) {
		w.visit("invitation", link)
		w.register(mailbox, phrase)
		w.visit("invitation again", link)
		w.press("accepted", submit)
		w.factor()
	}
	join(first, s.first, "bastyq@demo.example")
	first.visit("invite", "/console/staff/invite")
	first.set("roles", "officer")
	first.press("invited", submit)
	var page string
	first.do("link", chromedp.OuterHTML("main", &page, chromedp.ByQuery))
	link := regexp.MustCompile(`http[^"<>\s]+/invite/[^"<>\s]+`).FindString(page)
	if link == "" {
		t.Fatalf("no link for the second officer:\n%s", page)
	}
	join(second, link, "berik@demo.example")
	return first, second
}

// Everything is erased on request, and the code of the receipt opens the certificate, in each language.
func TestErasureAndItsCertificate(t *testing.T) {
	t.Parallel()
	s := serve(t)
	officer := person(t, s, "officer", testchrome.Desktop())
	officer.visit("invitation", s.first)
	officer.register("bastyq@demo.example", phrase)
	officer.visit("invitation again", s.first)
	officer.press("accepted", submit)
	officer.factor()
	for _, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			officer.t, officer.lang = t, lang
			teacher := person(t, s, "erased-"+lang, testchrome.Phone())
			teacher.lang = lang
			mailbox := "oshiru-" + lang + "@demo.example"
			teacher.register(mailbox, phrase)
			teacher.visit("deletion", "/my/deletion")
			teacher.set("words", "…")
			teacher.press("asked", submit)
			number := teacher.number()
			code := regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){3}`).FindString(teacher.text())
			if code == "" {
				t.Fatalf("no code:\n%s", teacher.text())
			}
			officer.visit("destroy", "/console/cases/"+number+"/destroy")
			officer.set("number", number)
			officer.press("destroyed", submit)
			teacher.visit("after", "/my")
			if strings.Contains(teacher.text(), "Әсем") {
				t.Error("the erased are still shown their names")
			}
			anybody := person(t, s, "certificate-"+lang, testchrome.Phone())
			anybody.lang = lang
			anybody.visit("certificate", "/certificate")
			anybody.set("code", code)
			anybody.press("opened", submit)
			anybody.sees("opened", number)
			if strings.Contains(s.log.String(), mailbox) || strings.Contains(s.log.String(), code) {
				t.Error("the log of the program holds who was erased, or the code")
			}
		})
	}
}

// Somebody makes a page public and takes it down, permits a use in writing and takes that back, in each language.
func TestPublicPageAndPermission(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			teacher := person(t, s, "public-"+lang, testchrome.Phone())
			teacher.lang = lang
			teacher.register("ashyq-"+lang+"@demo.example", phrase)
			teacher.visit("choose", "/my/data/public")
			teacher.set("fields", "given_name")
			teacher.press("preview", submit)
			teacher.press("public", submit)
			at := regexp.MustCompile(`http\S+/p/\S+`).FindString(teacher.text())
			guest := person(t, s, "guest-"+lang, testchrome.Phone())
			guest.lang = lang
			guest.visit("page", strings.Replace(at, "/kk/p/", "/"+lang+"/p/", 1))
			guest.sees("page", "Әсем")
			if strings.Contains(guest.text(), surname) {
				t.Error("more is public than was chosen")
			}
			teacher.press("taken down", `main form[action$="/public/end"] button`)
			answer, _ := ask(t, request(t, http.MethodGet, at, nil))
			if answer.StatusCode != http.StatusNotFound {
				t.Errorf("the page is still there: %d", answer.StatusCode)
			}
			teacher.visit("permission", "/my/data/permissions/new")
			teacher.set("receiver", "«Мысал» журналы", "fields", "surname", "until", time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "words", "Рұқсат беремін.")
			teacher.press("given", submit)
			teacher.press("permission", `main table a[href*="/permissions/"]`)
			teacher.sees("permission", "Рұқсат беремін.")
			teacher.press("taken back", `main form[action$="/end"] button`)
			testchrome.Quiet(t, teacher.ctx, s.url)
		})
	}
}

// Data go to a state body: two officers, a package that is fetched once, and the teacher who sees to whom, in each language.
func TestDisclosureByTwoOfficers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	first, second := officers(t, s)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	first.visit("recipient", "/console/recipients/add")
	first.set("kind", "education", "name_kk", "Оқу-ағарту басқармасы", "name_ru", "Управление просвещения", "bin", "990140000017", "email", "kense@demo.example",
		"key", key.Recipient().String())
	first.press("added", submit)
	letter := filepath.Join(t.TempDir(), "хат.pdf")
	if err := os.WriteFile(letter, []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for n, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			first.t, second.t, first.lang, second.lang = t, t, lang, lang
			teacher := person(t, s, "disclosed-"+lang, testchrome.Phone())
			teacher.lang = lang
			mailbox := "berilgen-" + lang + "@demo.example"
			teacher.register(mailbox, phrase)
			were := teacher.inBox("/package/")

			at := fmt.Sprintf("/console/disclosures/%d", n+1)
			first.visit("new", "/console/disclosures/new")
			first.set("recipient", "1", "purpose", "5.3", "act", "Заң", "article", "5-бап", "letter_number", "77", "letter_date", time.Now().AddDate(0, 0, -1).Format(time.DateOnly),
				"list", mailbox, "fields", "surname", "keep", "5")
			first.press("drafted", submit)
			first.at("drafted", at)
			first.do("letter", chromedp.SetUploadFiles(`main input[type="file"]`, []string{letter}, chromedp.ByQuery))
			first.press("letter", `main form[action$="/letter"] button`)
			first.press("sent", `main form[action$="/submit"] button`)
			second.visit("waits", at)
			second.press("approval", `main a[href$="/approve"]`)
			second.sees("approval", "kense@demo.example", key.Recipient().String())
			second.press("approved", submit)

			teacher.lang = "kk" // the letter to the authority is in the language of the state
			teacher.next("package", "/package/", were)
			link := teacher.here()
			teacher.sees("package", "Оқу-ағарту басқармасы")
			answer, tar := ask(t, request(t, http.MethodPost, link, nil))
			if answer.StatusCode != http.StatusOK || !strings.Contains(tar, "people-001.zip.age") || strings.Contains(tar, surname) {
				t.Errorf("the package: %d, %d bytes", answer.StatusCode, len(tar))
			}
			if answer, _ := ask(t, request(t, http.MethodPost, link, nil)); answer.StatusCode != http.StatusGone {
				t.Errorf("fetched twice: %d", answer.StatusCode)
			}
			teacher.lang = lang
			teacher.visit("my data", "/my/data")
			name := "Оқу-ағарту басқармасы"
			if lang == "ru" {
				name = "Управление просвещения"
			}
			teacher.sees("my data", name)
			for _, secret := range []string{mailbox, surname, letter, link[strings.LastIndexByte(link, '/')+1:]} {
				if strings.Contains(s.log.String(), secret) {
					t.Errorf("the log of the program holds %q", secret)
				}
			}
			testchrome.Quiet(t, teacher.ctx, s.url)
		})
	}
}

// A breach is entered, measured and told; a draft of the policy is changed and approved by a second officer: in each language.
func TestBreachAndDraft(t *testing.T) {
	t.Parallel()
	s := serve(t)
	first, second := officers(t, s)
	today := time.Now().UTC().Add(5 * time.Hour).Format(time.DateOnly) // as clocks in Kazakhstan show it
	for n, lang := range languages {
		t.Run(lang, func(t *testing.T) {
			first.t, second.t, first.lang, second.lang = t, t, lang, lang
			at := fmt.Sprintf("/console/breaches/%s-%d", today[:4], n+1)
			first.visit("new breach", "/console/breaches/new")
			first.set("kind", "read", "day", today, "hour", "00:00", "about", "Қызметкер себепсіз қараған.", "who", "nobody", "drill", "1")
			first.press("entered", submit)
			first.at("entered", at)
			first.set("measures", "Рөлі алынды.")
			first.press("measured", `main form[action$="/measures"] button`)
			for _, step := range []string{"authority", "tell", "close"} {
				first.visit(step, at+"/"+step)
				first.press(step, submit)
			}
			first.sees("closed", "Рөлі алынды.")

			first.visit("drafts", "/console/drafts")
			first.press("draft", `main form[action$="/console/drafts"] button`)
			draft := strings.TrimPrefix(first.here(), s.url+"/"+lang)
			draft, _, _ = strings.Cut(draft, "?")
			for _, doc := range languages {
				first.visit("add", draft+"/text/"+doc+"/add")
				first.set("number", fmt.Sprintf("9.%d", 5+n), "text", "Саясат туралы сұраққа бес жұмыс күні ішінде жауап беріледі.")
				first.press("added", submit)
			}
			first.visit("order", draft+"/order")
			first.set("number", fmt.Sprintf("%d-п", n+1), "date", today, "day", time.Now().AddDate(0, 0, 3+n).Format(time.DateOnly), "hour", "09:00")
			first.press("ordered", submit)
			first.visit("changes", draft+"/changes")
			first.sees("changes", "бес жұмыс күні")
			first.visit("submit", draft+"/submit")
			first.press("submitted", submit)
			second.visit("approve", draft+"/approve")
			second.press("approved", submit)
			second.visit("editions", "/policy/editions")
			second.sees("editions", fmt.Sprintf("%d-п", n+1))
			testchrome.Quiet(t, first.ctx, s.url)
			testchrome.Quiet(t, second.ctx, s.url)
		})
	}
}
