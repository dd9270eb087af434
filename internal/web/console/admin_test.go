package console

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/policy"
	"ustaz/internal/secret"
)

var once = regexp.MustCompile(`id="once"[^>]* value="([^"]+)"`)

// secretOf is what a page shows once.
func (p page) secretOf() string {
	p.Helper()
	m := once.FindStringSubmatch(p.main())
	if m == nil {
		p.Fatalf("no secret on the page\n%s", p.main())
	}
	return m[1]
}

func TestInvitation(t *testing.T) {
	w := newWorld(t)
	w.get("admin", "/kk/console/staff/invite").is(http.StatusOK).has(`value="support"`, `value="admin"`).lacks(`value="job"`, `value="subject"`)
	w.post("admin", "/kk/console/staff/invite").is(http.StatusUnprocessableEntity).has("Кемінде бір рөлді таңдаңыз")
	for _, bad := range []string{"job", "subject", "x"} {
		w.post("admin", "/kk/console/staff/invite", "roles", bad).is(http.StatusUnprocessableEntity)
	}
	p := w.post("admin", "/kk/console/staff/invite", "roles", "support", "roles", "officer").is(http.StatusOK)
	p.has("Бір-ақ рет көрсетіледі", "2026 жылғы 6 қараша", "Қолдау қызметі, Дербес деректерге жауапты тұлға")
	link := p.secretOf()
	token, ok := strings.CutPrefix(link, home+"/kk/invite/")
	if !ok {
		t.Fatalf("the link is %q", link)
	}
	roles, err := w.c.Staff.Invited(context.Background(), secret.New(token))
	if err != nil || len(roles) != 2 || roles[0] != policy.SupportR || roles[1] != policy.Officer {
		t.Errorf("the link gives %v: %v", roles, err)
	}
	w.get("admin", "/kk/console/staff").lacks(token)
	if strings.Contains(w.log.String(), token) {
		t.Error("the log holds the token")
	}
}

func TestRolesAndSwitchingOff(t *testing.T) {
	w := newWorld(t)
	member := func(who string) string { return "/kk/console/staff/" + w.viewers[who].Subject.String() }
	w.get("admin", "/kk/console/staff").is(http.StatusOK).has("А. К.", "Қолдау қызметі", "2026 жылғы 3 қараша", "жұмыс істейді", member("support")).lacks(shapes...)
	w.get("admin", member("support")).is(http.StatusOK).has(`value="support" checked`)
	w.post("admin", member("support")).is(http.StatusUnprocessableEntity).has("Кемінде бір рөлді таңдаңыз")
	w.post("admin", member("support"), "roles", "support", "roles", "editor").leads("/kk/console/staff?done=console_roles_wait")
	w.get("admin", "/kk/console/staff?done=console_roles_wait").has("Қосылғандары екінші әкімшінің мақұлдауын күтеді.")
	w.post("all", "/kk/console/staff/grants/"+w.grant()+"/approve").is(http.StatusSeeOther)
	w.get("admin", "/kk/console/staff?done=console_roles").has("Рөлдер өзгертілді.", "Қолдау қызметі, Редактор")

	w.get("admin", member("support")+"/disable").is(http.StatusOK).has("Не болады", "барлық сеансы аяқталады", "Қолдау қызметі, Редактор", "Қызметкердің құқығын тоқтату")
	w.post("admin", member("support")+"/disable").leads("/kk/console/staff?done=console_disabled")
	m, _, err := w.c.Staff.Member(context.Background(), w.viewers["support"].Subject)
	if w.must(err); !m.Disabled || len(m.Roles) != 2 {
		t.Errorf("after switching off: %+v", m)
	}
	w.get("admin", "/kk/console/staff").has("тоқтатылған", member("support")+"/enable")
	w.post("admin", member("support"), "roles", "support").leads("/kk/console/staff?done=console_roles")
	if m, _, err = w.c.Staff.Member(context.Background(), w.viewers["support"].Subject); err != nil || !m.Disabled {
		t.Errorf("a change of roles lets a member in again: %+v %v", m, err)
	}
	w.get("admin", member("support")+"/enable").is(http.StatusOK).has("бұрынғы рөлдері қайта күшіне енеді")
	w.post("admin", member("support")+"/enable").leads("/kk/console/staff?done=console_enabled")

	// The last who manages staff stays. Half is an administrator as well: first they go.
	w.post("admin", member("half")+"/disable").leads("/kk/console/staff?done=console_disabled")
	w.post("admin", member("admin")+"/disable").is(http.StatusConflict).has("Бұл — соңғы әкімші")
	w.post("admin", member("admin"), "roles", "admin", "roles", "editor").is(http.StatusForbidden).has("Ешкім өзіне рөл бере алмайды")
	w.post("admin", member("half")+"/enable").is(http.StatusSeeOther)
	w.session("half") // the one before ended with their right
	w.post("all", member("half"), "roles", "editor").leads("/kk/console?done=console_roles")
	for _, none := range []string{"0000000000001", "x", w.aya.String()} {
		for _, path := range []string{"", "/disable", "/enable"} {
			w.get("admin", "/kk/console/staff/"+none+path).is(http.StatusNotFound)
			w.post("admin", "/kk/console/staff/"+none+path, "roles", "support").is(http.StatusNotFound)
		}
	}
}

func TestSystems(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	w.get("admin", "/ru/console/systems").is(http.StatusOK).has("Внешних систем ещё нет")
	empty := w.post("admin", "/ru/console/systems/add").is(http.StatusUnprocessableEntity)
	empty.has("Укажите название системы", "Внешней системе даются только роли", "Выберите хотя бы одну цель", "Срок токена должен быть")
	w.post("admin", "/ru/console/systems/add", "name", "Журнал", "roles", "support", "purposes", "4.1.5", "expires", "90").is(http.StatusUnprocessableEntity)
	w.post("admin", "/ru/console/systems/add", "name", "Журнал", "roles", "reader", "purposes", "4.1.5", "expires", "91").is(http.StatusUnprocessableEntity)
	added := w.post("admin", "/ru/console/systems/add", "name", "Журнал", "roles", "reader", "purposes", "4.1.2", "purposes", "4.1.5", "expires", "90").is(http.StatusOK)
	token := added.has("Показывается один раз", "1 февраля 2027", "4.1.2, 4.1.5").secretOf()
	s, err := w.c.Systems.Authenticate(ctx, token)
	if w.must(err); s.Name != "Журнал" || !s.ExpiresAt.Equal(w.Clock.Now().Add(90*24*time.Hour)) {
		t.Errorf("the token is of %+v", s)
	}
	w.post("admin", "/ru/console/systems/add", "name", "Журнал", "roles", "reader", "purposes", "4.1.5", "expires", "30").is(http.StatusConflict).has("Система с таким названием уже есть")
	w.get("admin", "/ru/console/systems").is(http.StatusOK).has("Журнал", "действует", "пункт 4.1.5", "1 февраля 2027").lacks(token)

	one := "/ru/console/systems/" + s.ID.String()
	w.get("admin", one+"/rotate").is(http.StatusOK).has("Старый токен перестанет действовать")
	w.post("admin", one+"/rotate").is(http.StatusUnprocessableEntity).has("Срок токена должен быть")
	second := w.post("admin", one+"/rotate", "expires", "30").is(http.StatusOK).secretOf()
	if _, err := w.c.Systems.Authenticate(ctx, token); !errs.Is(err, errs.Unauthenticated) {
		t.Errorf("the old token: %v", err)
	}
	if _, err := w.c.Systems.Authenticate(ctx, second); err != nil {
		t.Errorf("the new token: %v", err)
	}
	w.get("admin", one+"/revoke").is(http.StatusOK).has("Система больше не получит никаких данных", "Отозвать токен")
	w.post("admin", one+"/revoke").leads("/ru/console/systems?done=console_revoked")
	if _, err := w.c.Systems.Authenticate(ctx, second); !errs.Is(err, errs.Unauthenticated) {
		t.Errorf("the revoked token: %v", err)
	}
	w.get("admin", "/ru/console/systems").has("отозван").lacks("Заменить токен")
	for _, path := range []string{one, "/ru/console/systems/0000000000001", "/ru/console/systems/x"} {
		for _, act := range []string{"/revoke", "/rotate"} {
			w.get("admin", path+act).is(http.StatusNotFound)
			w.post("admin", path+act, "expires", "30").is(http.StatusNotFound)
		}
	}
	if log := w.log.String(); strings.Contains(log, token) || strings.Contains(log, second) {
		t.Error("the log holds a token")
	}
}

func TestSettingsWarnOfTheOperatorsSize(t *testing.T) {
	w := newWorld(t)
	p := w.get("admin", "/kk/console/settings").is(http.StatusOK)
	p.has("«Білім» қоры", home, "noreply@ustaz.example", "1-редакция", "Қолдау қызметі — 30", "деректер қалтасына", "500", "шектен төмен").lacks(shapes...).lacks("class=\"notice")
	w.People(t, 8)
	for name, try := range map[string]struct {
		most int64
		says string
		tag  string
	}{
		"well below": {12, "", "шектен төмен"}, // 9 of 12 are 75 %
		"at 80 %":    {11, "9 адамның дерегі сақталған, келесі шек — 11", "шекке жақын"},
		"at it":      {9, "келесі шек — 9", "шекке жақын"},
		"over":       {8, "Шағын оператордың шегінен асты", "шектен асты"},
	} {
		t.Run(name, func(t *testing.T) {
			w.c.Sizes = []Size{{"small", try.most, "L 25-1"}}
			w.get("admin", "/kk/console/settings").is(http.StatusOK).has(try.says, try.tag)
		})
	}
}

func TestRulesAnswerByField(t *testing.T) {
	w := newWorld(t)
	for _, who := range []string{"support", "editor", "officer", "admin"} {
		w.get(who, "/kk/console/rules").is(http.StatusOK).has("Кім нені біле алады", "Қолдау қызметі", "4.1.7-тармақ")
	}
	before := len(w.entries())
	p := w.get("editor", "/kk/console/rules?role=support&for=4.1.3&operation=retrieval&situation=ordinary&fields=email&fields=iin").is(http.StatusOK)
	p.has("Электрондық пошта", "ашық", "ЖСН", "жабық", "Ереже", "6.2.1-тармақ", "мына деректер ашылмайды")
	w.get("admin", "/en/console/rules?role=support&for=4.1.7&operation=retrieval&situation=blocked&fields=phone").is(http.StatusOK).has("denied", "clause 6.2.4")
	w.get("admin", "/en/console/rules?role=subject&for=4.1.2&operation=access&situation=crossed&fields=phone").is(http.StatusOK).has("denied", "clause 1.1.4")
	w.get("admin", "/en/console/rules?role=support&for=4.1.7&operation=retrieval").is(http.StatusOK).has("The person's record", "allowed")
	w.get("admin", "/en/console/rules?role=admin&for=4.1.7&operation=retrieval&fields=phone").is(http.StatusOK).has("The role “Administrator” opens no personal data")
	w.get("admin", "/en/console/rules?role=&for=&operation=").is(http.StatusUnprocessableEntity).has("Choose one.")
	for _, bad := range []string{"role=x&for=4.1.7&operation=retrieval", "role=support&for=x&operation=retrieval", "role=support&for=4.1.7&operation=x",
		"role=support&for=4.1.7&operation=retrieval&fields=x", "role=support&for=4.1.7&operation=retrieval&situation=x", "role=support&y=1"} {
		w.get("admin", "/en/console/rules?"+bad).is(http.StatusUnprocessableEntity)
	}
	if len(w.entries()) != before {
		t.Error("a question to the rules was entered in the log")
	}
}
