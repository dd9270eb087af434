package web

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

// shown renders a component by its template.
func shown(t *testing.T, name string, data any) string {
	t.Helper()
	set := NewSet(templateFiles, "templates/frame/*.html")
	var b strings.Builder
	if err := set.t.ExecuteTemplate(&b, name, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSheetShowsFaultsAndKeepsInput(t *testing.T) {
	l := loaded(t).Lang("en")
	sheet := func() *Sheet {
		return NewSheet(l, "/en/x", "Register",
			NewField(l, EmailField, "email", "E-mail").Must().Because("3.2.2", "To sign in."),
			NewField(l, Password, "password", "Password").Must(),
			NewField(l, Lookup, "place", "Place").From("/en/places"),
			NewField(l, Ticks, "news", "News").Of(Option{Value: "a", Text: "A"}, Option{Value: "b", Text: "B"}))
	}
	sent, err := strict(url.Values{"email": {"teacher@school"}, "password": {"opensesame-words"}, "place": {"Aral"}, "place_code": {"431010000"}, "news": {"b"}},
		[]Input{Line("email"), Line("password"), Line("place"), Line("place" + CodeEnding), Many("news")})
	if err != nil {
		t.Fatal(err)
	}
	s := sheet()
	if !s.Show(errs.InvalidFields([]errs.Field{{Name: "email", Key: "error.long", Args: map[string]string{"max": "254"}}}), sent) {
		t.Fatal("an invalid field is no matter of the form")
	}
	page := shown(t, "sheet", s)
	for _, want := range []string{
		`value="teacher@school"`, `value="Aral"`, `name="place_code" value="431010000"`, `value="b" checked`, `aria-invalid="true"`,
		`href="#f-email"`, `id="f-email-error"`, `aria-describedby="f-email-why f-email-error"`, `/en/policy#c3.2.2`, "no more than 254 characters",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	if strings.Contains(page, "opensesame") {
		t.Error("a password is sent back")
	}
	// The same fault of two fields is told with their names; one alone needs none.
	s = sheet()
	s.Show(errs.InvalidFields([]errs.Field{{Name: "email", Key: "person.required"}, {Name: "password", Key: "person.required"}, {Name: "place", Key: "error.notfound"}}), Form{})
	if got := []string{s.Faults.Items[0].Text, s.Faults.Items[1].Text, s.Faults.Items[2].Text}; got[0] != "E-mail: "+l.T("person.required") ||
		got[1] != "Password: "+l.T("person.required") || got[2] != l.T("error.notfound") {
		t.Errorf("faults %q", got)
	}
	for kind, want := range map[errs.Kind]bool{errs.Conflict: true, errs.TooMany: true, errs.Forbidden: true, errs.Internal: false, errs.Unavailable: false, errs.NotFound: false} {
		if got := sheet().Show(errs.New(kind, "error.notfound"), sent); got != want {
			t.Errorf("%v: %v", kind, got)
		}
	}
	if sheet().Show(errors.New("unknown"), sent) {
		t.Error("an error of another type is shown on the form")
	}
}

func TestAnAskingSheetIsSentByGet(t *testing.T) {
	l := loaded(t).Lang("kk")
	if page := shown(t, "sheet", NewSheet(l, "/kk/x", "Сүзу").Ask()); !strings.Contains(page, `method="get"`) {
		t.Error(page)
	}
}

func TestWhatIsTypedStaysText(t *testing.T) {
	l := loaded(t).Lang("ru")
	f := NewField(l, Area, "about", "О вас").Holding(`</textarea><script>alert(1)</script>" onfocus="x`)
	if page := shown(t, "field", f); strings.Contains(page, "<script>") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error(page)
	}
	if page := shown(t, "text", Text{{Text: "x", Href: "javascript:alert(1)"}}); strings.Contains(page, "javascript:") {
		t.Error(page)
	}
}

func TestLinksThatLeaveAreMarked(t *testing.T) {
	page := shown(t, "text", Text{{Text: "a", Href: "https://adilet.zan.kz/"}, {Text: "b", Href: "/kk/policy"}})
	if !strings.Contains(page, `class="away" href="https://adilet.zan.kz/" rel="noopener noreferrer external"`) || strings.Count(page, "noreferrer") != 1 {
		t.Error(page)
	}
}

func TestClockCountsDaysOfTheCalendar(t *testing.T) {
	l := loaded(t).Lang("en")
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	start, due := at("2026-11-01 06:00"), at("2026-12-01 06:00")
	for _, tc := range []struct {
		now, left string
		state     Style
		used      int
	}{
		{"2026-11-01 06:00", "30 days left", Info, 0},
		{"2026-11-16 06:00", "15 days left", Info, 50},
		{"2026-11-28 06:00", "3 days left", Warn, 90},
		{"2026-11-29 20:00", "1 day left", Warn, 96}, // already the 30th in Almaty
		{"2026-12-01 18:59", "The term ends today", Warn, 100},
		{"2026-12-01 19:01", "1 day overdue", Bad, 100}, // midnight passed in Almaty
		{"2027-01-01 06:00", "31 days overdue", Bad, 100},
	} {
		c := NewClock(l, "x", start, due, at(tc.now))
		if c.Left != tc.left || c.State != tc.state || c.Used != tc.used || !strings.Contains(c.Due, "1\u00a0December 2026") {
			t.Errorf("%s: %+v", tc.now, c)
		}
	}
}

func TestPages(t *testing.T) {
	l := loaded(t).Lang("en")
	address := func(n int) string { return "?page=" + l.Number(int64(n)) }
	for _, tc := range []struct {
		current, last int
		before, after string
	}{{1, 1, "", ""}, {1, 3, "", "?page=2"}, {2, 3, "?page=1", "?page=3"}, {3, 3, "?page=2", ""}} {
		if p := NewPages(l, tc.current, tc.last, address); p.Before != tc.before || p.After != tc.after {
			t.Errorf("%+v", p)
		}
	}
	if got := shown(t, "pages", NewPages(l, 1, 1, address)); got != "" {
		t.Errorf("one page has links: %s", got)
	}
}

func TestPlotKeepsItsBox(t *testing.T) {
	l := loaded(t).Lang("en")
	for _, bars := range [][]Bar{nil, {{"a", 0}}, {{"a", -5}, {"b", 10}}, make([]Bar, 366)} {
		for _, c := range NewPlot(l, "t", "o", "u", bars...).Columns() {
			if c.X < 0 || c.X+c.Width > 100.001 || c.Y < 0 || c.Y+c.Height > 100.001 || c.Height < 0 {
				t.Errorf("%d bars: %+v", len(bars), c)
			}
		}
	}
}

func TestMeter(t *testing.T) {
	for m, want := range map[Meter]int{{Done: 7, Of: 9}: 77, {Done: 0, Of: 0}: 0, {Done: 12, Of: 9}: 100} {
		if m.Percent() != want {
			t.Errorf("%+v: %d", m, m.Percent())
		}
	}
}

func TestRich(t *testing.T) {
	text := Rich(loaded(t).Lang("en"), "cookies.without", i18n.Msg("policy", "frame.policy")).Link("policy", "/en/policy")
	if page := shown(t, "text", text); !strings.Contains(page, `<a href="/en/policy">`) {
		t.Error(page)
	}
}

// A question with a hint whose choices have hints: each is described by its own.
func TestHintsOfChoices(t *testing.T) {
	l := loaded(t).Lang("en")
	page := shown(t, "field", NewField(l, Ticks, "news", "News").Hinted("Which?").Of(Option{Value: "a", Text: "A", Hint: "daily"}, Option{Value: "b", Text: "B", Hint: "weekly"}))
	for _, id := range []string{"f-news-hint", "f-news-about", "f-news-1-about"} {
		if strings.Count(page, `id="`+id+`"`) != 1 || !strings.Contains(page, `aria-describedby="`+id+`"`) {
			t.Errorf("%s in %s", id, page)
		}
	}
}
