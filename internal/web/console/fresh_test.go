package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ustaz/internal/account"
	"ustaz/internal/db"
	"ustaz/internal/policy"
	"ustaz/internal/web"
)

// sharedSecret is the second factor of who has a real one in these tests.
const sharedSecret = "JBSWY3DPEHPK3PXP"

// real makes one of the cast a person whom the door knows, with a second factor.
func (w *world) real(who string) {
	w.Helper()
	v := w.viewers[who]
	old := v.Subject
	v.Subject = w.People(w, 1)[0]
	w.TOTP(w, v.Subject, sharedSecret)
	w.must(w.DB.Write(w.Context(), func(t *db.Tx) error {
		for _, table := range []string{"staff", "account", "session"} {
			if _, err := t.Exec("UPDATE "+table+" SET subject = $1 WHERE subject = $2", v.Subject, old); err != nil {
				return err
			}
		}
		return nil
	}))
	w.viewers[who] = v
}

// code is what the app shows now.
func (w *world) code() string {
	w.Helper()
	code, err := totp.GenerateCode(sharedSecret, w.Clock.Now())
	w.must(err)
	return code
}

// hidden lists what a page's form carries along.
func (p page) hidden() url.Values {
	out := url.Values{}
	for _, part := range strings.Split(p.main(), `<input type="hidden" name="`)[1:] {
		name, rest, _ := strings.Cut(part, `" value="`)
		value, _, _ := strings.Cut(rest, `">`)
		out.Add(name, value)
	}
	return out
}

// TestPowerNeedsAFreshCode: ten minutes after the last one nothing of the administrator's is done without a code, and what was typed is not
// lost.
func TestPowerNeedsAFreshCode(t *testing.T) {
	w := newWorld(t)
	w.real("admin")
	invite := "/kk/console/staff/invite"
	w.Clock.Move(account.RecentProof)
	w.post("admin", invite, "roles", "support").is(http.StatusOK).secretOf()
	w.Clock.Move(time.Second)
	before := len(w.entries())
	ask := w.post("admin", invite, "roles", "support", "roles", "officer").is(http.StatusOK).
		has("Өзіңіз екеніңізді растаңыз", "маңызды әрекет", `name="code"`, `action="`+invite+`"`, `autocomplete="one-time-code"`).lacks(`id="once"`)
	sent := ask.hidden()
	if !slices.Equal(sent["roles"], []string{"support", "officer"}) || len(sent) != 1 {
		t.Errorf("carried along: %v", sent)
	}
	if n := len(w.entries()); n != before {
		t.Errorf("%d entries were made by asking", n-before)
	}
	with := func(code string) url.Values {
		form := url.Values{"code": {code}}
		for name, values := range sent {
			form[name] = values
		}
		return form
	}
	old := w.cookies["admin"].Value
	w.do("admin", http.MethodPost, invite, with("000000")).is(http.StatusUnprocessableEntity).has("Өзіңіз екеніңізді растаңыз", `value="officer"`).lacks(`id="once"`, "000000")
	w.do("admin", http.MethodPost, invite, with("")).is(http.StatusUnprocessableEntity).lacks(`id="once"`)
	code := w.code()
	done := w.do("admin", http.MethodPost, invite, with(code)).is(http.StatusOK)
	done.has("Қолдау қызметі, Дербес деректерге жауапты тұлға").secretOf()
	if now := w.cookies["admin"].Value; now == old {
		t.Error("the session goes on under the token that it had")
	}
	links, err := w.c.Staff.Invitations(t.Context())
	if w.must(err); len(links) != 2 {
		t.Errorf("%d links, want 2", len(links))
	}
	// It is good for ten minutes; a form that was filled in wrongly comes back as it was; the same code is good once.
	w.post("admin", invite).is(http.StatusUnprocessableEntity).has("Кемінде бір рөлді таңдаңыз")
	w.Clock.Move(account.RecentProof + time.Second)
	w.post("admin", invite, "roles", "support", "code", code).is(http.StatusUnprocessableEntity).lacks(`id="once"`)
	w.post("admin", "/kk/console/systems/add", "name", "Журнал <1>", "roles", "support", "code", w.code()).is(http.StatusUnprocessableEntity).
		has(`value="Журнал <1>"`).lacks("Өзіңіз екеніңізді растаңыз")
	if strings.Contains(w.log.String(), code) {
		t.Error("the log holds a code")
	}
}

// TestEveryActOfAdministratorsIsBehindTheCode holds each route that changes something, also those to come.
func TestEveryActOfAdministratorsIsBehindTheCode(t *testing.T) {
	w := newWorld(t)
	w.waiting()
	grant := w.grant()
	w.Clock.Move(account.RecentProof + time.Second)
	before, n := len(w.entries()), 0
	for _, r := range w.c.routes() {
		if r.Method != http.MethodPost || !slices.Equal(r.Access.Roles(), []policy.Role{policy.Admin}) {
			continue
		}
		n++
		to := web.Path("kk", r.Pattern, "job", "1", "subject", w.viewers["editor"].Subject.String(), "system", w.aya.String(), "grant", grant, "invitation", w.aya.String())
		w.post("all", to, "roles", "support").is(http.StatusOK).has("Өзіңіз екеніңізді растаңыз", `name="code"`)
	}
	if n < 11 || len(w.entries()) != before {
		t.Errorf("%d routes; %d entries were made", n, len(w.entries())-before)
	}
	// A session that is over is over here too, whatever is sent with it.
	w.cookies["all"] = &http.Cookie{Name: w.cookies["all"].Name, Value: w.cookies["admin"].Value[1:] + "A"}
	w.post("all", "/kk/console/staff/invite", "roles", "support", "code", "123456").is(http.StatusUnauthorized)
}

// waiting has roles wait for the cast's editor, given by the administrator called admin, and a link that nobody has used.
func (w *world) waiting() {
	w.Helper()
	w.post("admin", "/kk/console/staff/"+w.viewers["editor"].Subject.String(), "roles", "editor", "roles", "officer").leads("/kk/console/staff?done=console_roles_wait")
	w.post("admin", "/kk/console/staff/invite", "roles", "support").is(http.StatusOK)
}

// grant names what waits.
func (w *world) grant() string {
	w.Helper()
	all, err := w.c.Staff.Grants(w.Context())
	w.must(err)
	if len(all) == 0 {
		w.Fatal("nothing waits")
	}
	return all[0].ID.String()
}

func TestRolesWaitForASecondAdministrator(t *testing.T) {
	w := newWorld(t)
	list := "/kk/console/staff"
	w.get("admin", list).is(http.StatusOK).lacks("Екінші әкімшінің мақұлдауын күтетін рөлдер", "Әзірге әкімші — жалғыз сіз")
	w.waiting()
	grant := w.grant()
	approve := list + "/grants/" + grant + "/approve"
	w.get("admin", list+"?done=console_roles_wait").is(http.StatusOK).
		has("Екінші әкімшінің мақұлдауын күтетін рөлдер", "Р. Е.", "Әкімші (Б. Ә.)", "Басқа әкімші мақұлдайды", "2026 жылғы 10 қараша", "Әлі ешкім қолданбаған шақырулар", "2026 жылғы 6 қараша").
		lacks(approve)
	w.get("admin", "/kk/console").has("Екінші әкімшінің мақұлдауын күтетін рөлдер")
	w.get("admin", approve).is(http.StatusForbidden)
	w.post("admin", approve).is(http.StatusForbidden)
	w.get("all", list).has(approve)
	w.get("all", approve).is(http.StatusOK).has("Р. Е. мына рөлдерді алады: Дербес деректерге жауапты тұлға.", "Әкімші (Б. Ә.)", "Рөлдерді мақұлдау")
	w.post("all", approve, "x", "1").is(http.StatusUnprocessableEntity)
	w.post("all", approve).leads(list + "?done=console_approved")
	m, _, err := w.c.Staff.Member(t.Context(), w.viewers["editor"].Subject)
	if w.must(err); !slices.Equal(m.Roles, []policy.Role{policy.Editor, policy.Officer}) {
		t.Errorf("after approval: %v", m.Roles)
	}
	w.get("officer", "/kk/console/log").has("мақұлданған рөлдер: Дербес деректерге жауапты тұлға", "екінші әкімшіні күтетін рөлдер: Дербес деректерге жауапты тұлға", "шақыру сілтемесі: Қолдау қызметі")
	w.get("all", approve).is(http.StatusGone)
	w.post("all", approve).is(http.StatusGone).has("енді мақұлдауды күтіп тұрған жоқ")

	// Every administrator takes back what waits, and links.
	w.post("admin", list+"/"+w.viewers["support"].Subject.String(), "roles", "support", "roles", "officer").leads(list + "?done=console_roles_wait")
	w.post("admin", list+"/"+w.viewers["support"].Subject.String(), "roles", "support", "roles", "admin").is(http.StatusConflict).has("Бұл адамға берілген басқа рөлдер")
	w.post("all", list+"/grants/"+w.grant()+"/withdraw").leads(list + "?done=console_withdrawn")
	links, err := w.c.Staff.Invitations(t.Context())
	w.must(err)
	uninvite := list + "/invitations/" + links[0].ID.String() + "/withdraw"
	w.get("admin", list).has(uninvite)
	w.post("all", uninvite).leads(list + "?done=console_uninvited")
	w.post("all", uninvite).is(http.StatusGone)
	w.get("admin", list).lacks(uninvite)
	for _, none := range []string{"0000000000001", "x"} {
		for _, path := range []string{"/grants/" + none + "/approve", "/grants/" + none + "/withdraw", "/invitations/" + none + "/withdraw"} {
			if p := w.post("admin", list+path); p.code != http.StatusGone && p.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, p.code)
			}
		}
	}
}

// TestTheFirstAdministratorIsAlone and is told so, in the page and in the log.
func TestTheFirstAdministratorIsAlone(t *testing.T) {
	w := newWorld(t)
	w.must(w.DB.Write(t.Context(), func(x *db.Tx) error {
		_, err := x.Exec("DELETE FROM staff WHERE subject = $1", w.viewers["half"].Subject)
		return err
	}))
	w.get("admin", "/kk/console/staff").is(http.StatusOK).has("Әзірге әкімші — жалғыз сіз")
	w.post("admin", "/kk/console/staff/invite", "roles", "admin").is(http.StatusOK).has("сізден басқа әкімші болған емес")
	w.post("admin", "/kk/console/staff/"+w.viewers["support"].Subject.String(), "roles", "admin").leads("/kk/console/staff?done=console_roles")
	w.get("officer", "/kk/console/log").has("екінші әкімшісіз берілген рөлдер: Әкімші", "алынған рөлдер: Қолдау қызметі")
	w.get("admin", "/kk/console/staff").lacks("Әзірге әкімші — жалғыз сіз")
	w.post("admin", "/kk/console/staff/invite", "roles", "admin").is(http.StatusOK).has("екінші әкімші мақұлдауы керек")
}

func TestLostFactor(t *testing.T) {
	w := newWorld(t)
	w.real("support")
	member := "/kk/console/staff/" + w.viewers["support"].Subject.String() + "/factor"
	self := "/kk/console/staff/" + w.viewers["admin"].Subject.String() + "/factor"
	w.get("admin", "/kk/console/staff").has(member).lacks(self)
	w.get("admin", member).is(http.StatusOK).has("А. К.", "барлық сеансы аяқталады", "сол адамның өзі сұрап тұрғанына", "Екінші факторды алып тастау")
	w.post("admin", member, "x", "1").is(http.StatusUnprocessableEntity)
	w.post("admin", self).is(http.StatusForbidden).has("Өз екінші факторыңызды")
	w.post("admin", member).leads("/kk/console/staff?done=console_factor")
	var factor, sessions int64
	_, err := w.DB.Get(t.Context(), []any{&factor, &sessions}, "SELECT factor, (SELECT count(*) FROM session s WHERE s.subject = a.subject) FROM account a WHERE subject = $1",
		w.viewers["support"].Subject)
	if w.must(err); factor != 0 || sessions != 0 {
		t.Errorf("factor %d, %d sessions", factor, sessions)
	}
	w.post("admin", member).is(http.StatusConflict)
	for _, none := range []string{"0000000000001", "x", w.aya.String()} {
		w.get("admin", "/kk/console/staff/"+none+"/factor").is(http.StatusNotFound)
		w.post("admin", "/kk/console/staff/"+none+"/factor").is(http.StatusNotFound)
	}
	w.get("officer", "/kk/console/log?subject="+w.viewers["support"].Subject.String()).has("Әкімші (Б. Ә.)", "Өшіру: екінші фактор кілті")
}
