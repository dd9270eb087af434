package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ustaz/internal/keeper"
	"ustaz/internal/person"
	"ustaz/internal/policy"
)

func TestWorkBeginsWithPurposeAndCase(t *testing.T) {
	w := newWorld(t)
	w.get("support", "/kk/console/find").leads("/kk/console/work")
	w.get("support", "/kk/console/person/"+w.aya.String()).leads("/kk/console/work")
	w.post("support", "/kk/console/find", "by", "email", "value", canaries[person.Email]).leads("/kk/console/work")
	start := w.get("support", "/kk/console/work").is(http.StatusOK).has(`value="4.1.1"`, `value="4.1.3"`, `value="4.1.7"`)
	start.lacks(`value="4.1.5"`, `value="5.1"`, `value="5.3"`) // no purposes of support
	w.get("officer", "/kk/console/work").is(http.StatusOK).has(`value="4.1.5"`, `value="5.1"`).lacks(`value="4.1.7"`)
	w.post("support", "/kk/console/work", "purpose", "4.1.7", "kind", "ticket", "number", " 214 ").leads(findPath)
	for name, sent := range map[string][]string{
		"no purpose":    {"kind", "ticket", "number", "214"},
		"no kind":       {"purpose", "4.1.7", "number", "214"},
		"no number":     {"purpose", "4.1.7", "kind", "ticket", "number", ""},
		"a name":        {"purpose", "4.1.7", "kind", "ticket", "number", "Жұпаркүл К."},
		"two words":     {"purpose", "4.1.7", "kind", "ticket", "number", "a b"},
		"what is not a": {"purpose", "9.9", "kind", "ticket", "number", "1"},
	} {
		if p := w.post("support", "/kk/console/work", sent...).is(http.StatusUnprocessableEntity); !strings.Contains(p.body, `class="faults"`) {
			t.Errorf("%s: no list of faults", name)
		}
	}
	for _, kind := range caseKinds {
		if _, err := keeper.ParseCase(kind + ":1"); err != nil {
			t.Errorf("a case of kind %s can't be named", kind)
		}
	}
	for _, bad := range []string{"?purpose=4.1.7", "?case=ticket%3A1", "?purpose=9.9&case=ticket%3A1", "?purpose=4.1.7&case=Aya", "?purpose=4.1.7&case=ticket%3A1&x=1",
		"?purpose=4.1.7&purpose=4.1.3&case=ticket%3A1"} {
		w.get("support", "/kk/console/find"+bad).is(http.StatusUnprocessableEntity)
	}
	// Purpose and case stand on top of every page from then on, and go with every link of the console.
	bar := w.get("support", findPath).is(http.StatusOK).has(`class="purpose"`, "№ 214 өтініш", "4.1.7-тармақ")
	for _, to := range addresses(bar.main()) {
		u, err := url.Parse(to)
		w.must(err)
		leaves := u.Path == "/kk/console" && to == "/kk/console" // ends the work
		if strings.HasPrefix(u.Path, "/kk/console") && !leaves && u.RawQuery != strings.TrimPrefix(inTicket, "?") {
			t.Errorf("%s forgets the work", to)
		}
	}
}

// TestSupportOpensTwoFields is the way of a ticket: find, open, and be refused what the purpose does not cover.
func TestSupportOpensTwoFields(t *testing.T) {
	w := newWorld(t)
	before := len(w.entries())
	w.get("support", findPath).is(http.StatusOK).has("Осы істе сіз сұрағандар", "Бұл істе сіз әлі ештеңе сұраған жоқсыз.")

	nobody := w.post("support", findPath, "by", "email", "value", "nobody@mysal.kz").is(http.StatusOK).has("Ешкім табылмады")
	found := w.post("support", findPath, "by", "email", "value", " Kanareika@mysal.kz").is(http.StatusOK).has(w.aya.String(), "1 адам табылды")
	found.lacks(shapes...)
	// Found or not, the page has the same parts.
	if a, b := skeleton(nobody.main()), skeleton(found.main()); a != b {
		t.Errorf("the page of nobody is laid out otherwise:\n%s\n%s", a, b)
	}
	w.post("support", findPath, "by", "phone", "value", "8 701 987 65 43").is(http.StatusOK).has(w.aya.String())
	w.post("support", findPath, "by", "iin", "value", "990101100010").is(http.StatusOK).has(w.aya.String()).lacks(shapes...)
	w.post("support", findPath, "by", "iin", "value", "990101100011").is(http.StatusUnprocessableEntity).has("ЖСН цифрларының бірі қате", `aria-invalid="true"`)

	masked := w.get("support", w.personPath()).is(http.StatusOK).has(w.aya.String(), "•••", ">ашылады<", "осы мақсатқа жабық")
	masked.lacks(shapes...)
	for _, f := range person.Profile { // all are offered
		masked.has(`value="` + f.String() + `"`)
	}
	w.post("support", w.personPath()).is(http.StatusUnprocessableEntity).has("Кемінде бір өрісті таңдаңыз.")

	w.Clock.Move(1e9)
	opened := w.post("support", w.personPath(), "fields", "given_name", "fields", "phone").is(http.StatusOK)
	opened.has("Жұпаркүл", "+7 701 987 65 43", "енгізген: адамның өзі", "2026 жылғы 3 қараша", "Қолдау қызметі, А. К.", "аты, телефон нөмірі")
	opened.lacks("Кәнерейқызы", "kanareika", "990101100010", "қобызшы")

	refused := w.post("support", w.personPath(), "fields", "iin").is(http.StatusForbidden)
	refused.has("Рұқсат берілмеді", "4.1.7-тармақ", "Басқа мақсатты не істі таңдау", "ЖСН").lacks("990101100010", "Жұпаркүл")

	got := w.entries()
	slices.Reverse(got)
	got = got[before:]
	find := "support|retrieval|4.1.7||ticket:214|allowed|4.1.7"
	want := []string{find, find, find, find,
		"support|retrieval|4.1.7|given_name,phone|ticket:214|allowed|4.1.7",
		"support|retrieval|4.1.7|iin|ticket:214|refused|4.1.7 6.2.1"}
	if !slices.Equal(got, want) {
		t.Errorf("entries:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// What this member asked for in this case stands beside; a colleague's case is their own, and another case is another.
	w.get("support", w.personPath()).has("аты, телефон нөмірі", "ЖСН", `<code>`+w.aya.String()+`</code>`)
	w.get("another", findPath).is(http.StatusOK).lacks("аты, телефон нөмірі", w.aya.String()).has("Бұл істе сіз әлі ештеңе сұраған жоқсыз.")
	w.get("support", strings.Replace(findPath, "214", "215", 1)).lacks("аты, телефон нөмірі", w.aya.String())
}

// skeleton is the order of the parts of a page.
func skeleton(main string) string {
	var out []string
	for _, part := range strings.Split(main, `class="`)[1:] {
		class, _, _ := strings.Cut(part, `"`)
		if slices.Contains([]string{"desk", "middle", "queue", "opened", "sheet", "watermark", "purpose", "sections"}, class) {
			out = append(out, class)
		}
	}
	return strings.Join(out, " ")
}

func TestOfficerSeesWholeProfileToVerify(t *testing.T) {
	w := newWorld(t)
	check := "/ru/console/person/" + w.aya.String() + "?purpose=4.1.5&case=check:7"
	var all []string
	for _, f := range person.Profile {
		all = append(all, "fields", f.String())
	}
	p := w.post("officer", check, all...).is(http.StatusOK)
	p.has("Кәнерейқызы", "990101100010", "kanareika@mysal.kz", "қобызшы", "Лицей или гимназия", "сентябрь 2015", "Ответственный за персональные данные, С. О.")
	if path := w.c.Places.Tree().PathName("103200000", "ru"); path == "" || !strings.Contains(p.main(), path) {
		t.Errorf("the place is not shown with its path %q", path)
	}
	p.lacks("103200000", "other:")
}

func TestRestrictedPersonIsClosedAndSaysWhy(t *testing.T) {
	w := newWorld(t)
	own := keeper.Passage{Actor: keeper.Own(w.aya), Subject: w.aya, Operation: policy.Recording, Purpose: policy.Restriction}
	_, err := w.Keeper.Change(context.Background(), own, func(tx *keeper.Tx) error { tx.Restrict(true); return nil })
	w.must(err)
	w.get("support", w.personPath()).is(http.StatusOK).lacks("бұғатталған") // how somebody stands is told by the door alone
	w.post("support", w.personPath(), "fields", "given_name").is(http.StatusForbidden).has("6.2.4-тармақ").lacks(append(shapes, ">ашылады<")...)
	w.post("officer", "/kk/console/person/"+w.aya.String()+"?purpose=4.1.5&case=check:7", "fields", "given_name").is(http.StatusOK).has("Жұпаркүл", `class="tag bad"`)
}

func TestNobodyThere(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"0000000000001", "x", "АЯ", w.aya.String() + "0"} {
		w.get("support", "/kk/console/person/"+url.PathEscape(id)+inTicket).is(http.StatusNotFound)
		w.post("support", "/kk/console/person/"+url.PathEscape(id)+inTicket, "fields", "phone").is(http.StatusNotFound)
	}
}

func TestBrakeStopsAndSaysSo(t *testing.T) {
	w := newWorld(t)
	for _, id := range w.People(t, 30) {
		w.post("support", "/kk/console/person/"+id.String()+inTicket, "fields", "given_name").is(http.StatusOK)
	}
	stopped := w.post("support", w.personPath(), "fields", "given_name").is(http.StatusTooManyRequests)
	stopped.has("Сіз осы сағатта рөліңізге белгіленген шекке жеттіңіз", "5.4-тармақ").lacks(shapes...)
	w.post("support", findPath, "by", "email", "value", "kanareika@mysal.kz").is(http.StatusTooManyRequests).has("5.4-тармақ").lacks("адам табылды")
	w.post("another", w.personPath(), "fields", "given_name").is(http.StatusOK).has("Жұпаркүл")

	brake := w.get("officer", "/kk/console/brake").is(http.StatusOK).has("А. К.", "шекке жетті", "Д. Н.", "шектен төмен", `class="plot"`, ">31<")
	brake.lacks(shapes...)
	one := w.get("officer", "/kk/console/brake?member="+w.viewers["another"].Subject.String()).is(http.StatusOK).has("Д. Н.: бір сағатта дерегі көрілген адамдар")
	one.lacks(`<td class="number">31</td>`)
	w.get("officer", "/kk/console/brake?member="+w.aya.String()).is(http.StatusNotFound)
	w.get("officer", "/kk/console/brake?member=x").is(http.StatusUnprocessableEntity)
	w.get("officer", "/kk/console").is(http.StatusOK).has("Бүгін рұқсат берілмеген сұраулар: 2", "шекке жетті")

	w.Clock.Move(3600e9)
	w.post("support", w.personPath(), "fields", "given_name").is(http.StatusOK).has("Жұпаркүл")
}

// changedPhone lets Aya have another telephone than before.
func (w *world) changedPhone() {
	w.Helper()
	p := keeper.Passage{Actor: keeper.Own(w.aya), Subject: w.aya, Operation: policy.Refinement, Purpose: policy.Verify, Fields: person.Set(person.Phone)}
	_, err := w.c.Keeper.Change(w.Context(), p, func(tx *keeper.Tx) error { return tx.Set(person.Stored(person.Phone, "+77027654321")) })
	w.must(err)
}

// TestEarlierValuesAreForTheOfficerWhoChecks: nobody else is offered them, and nobody else gets them (4.1.5, 6.1.2).
func TestEarlierValuesAreForTheOfficerWhoChecks(t *testing.T) {
	w := newWorld(t)
	w.changedPhone()
	const box = `value="past"`
	w.get("support", w.personPath()).is(http.StatusOK).lacks(box)
	w.post("support", w.personPath(), "fields", "phone", "fields", "past").is(http.StatusForbidden).lacks("702 765 43 21")
	check := "/kk/console/person/" + w.aya.String() + "?purpose=4.1.5&case=check:7"
	w.get("officer", check).is(http.StatusOK).has(box)
	w.post("officer", check, "fields", "past").is(http.StatusUnprocessableEntity).has("Кемінде бір өрісті таңдаңыз.")
	w.post("officer", check, "fields", "phone").is(http.StatusOK).has("+7 702 765 43 21").lacks("Бұрын:")
	w.post("officer", check, "fields", "phone", "fields", "past").is(http.StatusOK).has("Бұрын: +7 701 987 65 43 (өзгерткен: ")
}
