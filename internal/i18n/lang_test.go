package i18n

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// sample is a catalogue of our own, apart from the product's words.
func sample(t *testing.T, files map[string]string) (*Catalog, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys["catalog/"+name+".toml"] = &fstest.MapFile{Data: []byte(text)}
	}
	entries, err := read(fsys)
	if err != nil {
		return nil, err
	}
	return compile(entries)
}

const doors = `
["door.opened"]
kk = "{who} {day:loc} {field} көрді"
ru = "{who} видел {field} {day}"
en = "{who} saw {field} on {day}"
["door.term"]
kk = "{from:abl} бастап {to:dat} дейін"
ru = "с {from} до {to}"
en = "from {from} to {to}"
["field.name"]
kk = "аты"
ru = "имя"
en = "the name"
["course.one"]
ru = "{n} курс"
en = "one course"
["course.few"]
ru = "{n} курса"
["course.many"]
ru = "{n} курсов"
["course.other"]
kk = "{n} курс"
en = "{n} courses"
["work.other"]
kk = "басқа"
ru = "другое"
en = "other"
`

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

// plain shows spaces that don't break as ordinary ones.
func plain(s string) string { return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(s) }

func TestMessages(t *testing.T) {
	c, err := sample(t, map[string]string{"a": doors})
	if err != nil {
		t.Fatal(err)
	}
	day := Day("day", at("2023-09-07 08:00"))
	for _, tc := range []struct {
		lang, key string
		args      []Arg
		want      string
	}{
		{"kk", "door.opened", []Arg{Str("who", "А. К."), day, Msg("field", "field.name")}, "А. К. 2023 жылғы 7 қыркүйекте аты көрді"},
		{"ru", "door.opened", []Arg{Str("who", "А. К."), day, Msg("field", "field.name")}, "А. К. видел имя 7 сентября 2023 г."},
		{"en", "door.opened", []Arg{Str("who", "A. K."), day, Msg("field", "field.name")}, "A. K. saw the name on 7 September 2023"},
		{"kk", "door.term", []Arg{Day("from", at("2026-10-07 08:00")), Day("to", at("2026-09-30 08:00"))}, "2026 жылғы 7 қазаннан бастап 2026 жылғы 30 қыркүйекке дейін"},
		{"kk", "course", []Arg{Num("n", 21)}, "21 курс"},
		{"ru", "course", []Arg{Num("n", 1)}, "1 курс"},
		{"ru", "course", []Arg{Num("n", 2)}, "2 курса"},
		{"ru", "course", []Arg{Num("n", 11)}, "11 курсов"},
		{"ru", "course", []Arg{Num("n", 12)}, "12 курсов"},
		{"ru", "course", []Arg{Num("n", 21)}, "21 курс"},
		{"ru", "course", []Arg{Num("n", 1000)}, "1 000 курсов"},
		{"en", "course", []Arg{Num("n", 1)}, "one course"},
		{"en", "course", []Arg{Num("n", 0)}, "0 courses"},
		{"en", "course", Args(map[string]string{"n": "7"}), "7 courses"},
		{"ru", "work.other", nil, "другое"},
		{"xx", "field.name", nil, "аты"},
	} {
		if got := plain(c.Lang(tc.lang).T(tc.key, tc.args...)); got != tc.want {
			t.Errorf("%s %s: %q, want %q", tc.lang, tc.key, got, tc.want)
		}
	}
	if got, want := strings.Join(c.Keys(), " "), "course door.opened door.term field.name work.other"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
	if !c.Has("course") || c.Has("course.one") {
		t.Error("a counted message is known by its base alone")
	}
}

func TestFaultsAreReported(t *testing.T) {
	c, err := sample(t, map[string]string{"a": doors})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		call func(Lang) string
		want string
		told string
	}{
		{"missing key", func(l Lang) string { return l.T("no.such") }, "no.such", "no.such kk: no message"},
		{"missing argument", func(l Lang) string { return l.T("course", Num("m", 2)) }, "{n} курс", "course kk: no argument n"},
		{"surplus argument", func(l Lang) string { return l.T("field.name", Str("x", "y")) }, "аты", "field.name kk: argument x has no place"},
		{"count without a number", func(l Lang) string { return l.T("course", Str("n", "2")) }, "course", "course kk: no message"},
		{"as it should be", func(l Lang) string { return l.T("field.name") }, "аты", ""},
	} {
		var told string
		l := c.Watched(func(key, what string) { told = key + " " + what }).Lang("kk")
		if got := tc.call(l); got != tc.want || told != tc.told {
			t.Errorf("%s: %q, told %q; want %q, told %q", tc.name, got, told, tc.want, tc.told)
		}
	}
}

func TestBadCataloguesAreRefused(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"key in two files":   {"a": "[\"x\"]\nkk = \"а\"", "b": "[\"x\"]\nkk = \"б\""},
		"key twice in one":   {"a": "[\"x\"]\nkk = \"а\"\n[\"x\"]\nkk = \"б\""},
		"unknown language":   {"a": "[\"x\"]\nkz = \"а\""},
		"open brace":         {"a": "[\"x\"]\nkk = \"а {b\""},
		"closed brace":       {"a": "[\"x\"]\nkk = \"а} b\""},
		"empty name":         {"a": "[\"x\"]\nkk = \"а {}\""},
		"bad name":           {"a": "[\"x\"]\nkk = \"а {Кім}\""},
		"unknown case":       {"a": "[\"x\"]\nkk = \"а {b:gen}\""},
		"empty case":         {"a": "[\"x\"]\nkk = \"а {b:}\""},
		"case in Russian":    {"a": "[\"x\"]\nru = \"а {b:loc}\""},
		"form not in Kazakh": {"a": "[\"x.one\"]\nkk = \"а\""},
		"counted and plain":  {"a": "[\"x\"]\nru = \"а\"\n[\"x.one\"]\nru = \"б\""},
	} {
		if _, err := sample(t, files); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}

func TestDatesAndNumbers(t *testing.T) {
	c, err := sample(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	kk, ru, en := c.Lang("kk"), c.Lang("ru"), c.Lang("en")
	moment := at("2026-11-03 09:02") // UTC
	for _, tc := range []struct{ got, want string }{
		{kk.Date(moment), "2026 жылғы 3 қараша"},
		{kk.DateTime(moment), "2026 жылғы 3 қараша, 14:02"},
		{ru.DateTime(moment), "3 ноября 2026 г., 14:02"},
		{en.DateTime(moment), "3 November 2026, 14:02"},
		{kk.DateTimeIn(moment, Locative), "2026 жылғы 3 қарашада (14:02)"},
		{kk.DateTimeIn(moment, Ablative), "2026 жылғы 3 қарашадан (14:02)"},
		{ru.DateTimeIn(moment, Locative), "3 ноября 2026 г., 14:02"},
		{kk.DateIn(moment, Attributive), "2026 жылғы 3 қарашадағы"},
		{kk.DateIn(at("2023-09-07 00:00"), Attributive), "2023 жылғы 7 қыркүйектегі"},
		{kk.DateIn(at("2023-04-07 00:00"), Attributive), "2023 жылғы 7 сәуірдегі"},
		{kk.DateShort(at("2023-09-07 00:00")), "07.09.2023"},
		{kk.DateShort(at("2026-01-01 20:00")), "02.01.2026"},                // already the next day in Almaty
		{kk.Clock(at("2024-02-29 17:59")), "23:59"},                         // UTC+6, its last minute
		{kk.DateTime(at("2024-02-29 18:30")), "2024 жылғы 29 ақпан, 23:30"}, // UTC+5 since
		{kk.MonthOf(2015, time.September), "2015 жылғы қыркүйек"},
		{ru.MonthOf(2015, time.September), "сентябрь 2015 г."},
		{en.MonthOf(2015, time.September), "September 2015"},
		{ru.Month(time.May), "май"},
		{kk.Number(214003), "214 003"},
		{en.Number(-1234567), "−1 234 567"},
		{ru.Number(999), "999"},
		{ru.Decimal(12500.5, 2), "12 500,50"},
		{en.Decimal(-0.25, 1), "−0.2"},
		{kk.Percent(76), "76%"},
		{ru.Percent(76), "76 %"},
		{kk.List([]string{"аты", "поштасы", "телефоны"}), "аты, поштасы және телефоны"},
		{ru.List([]string{"имя", "почта"}), "имя и почта"},
		{en.List([]string{"name"}), "name"},
		{en.List(nil), ""},
		{ru.Of(Text{KK: "Қор", RU: "Фонд"}) + en.Of(Text{KK: "Қор", RU: "Фонд"}), "ФондҚор"},
		{kk.Name() + ru.Name() + en.Name(), "ҚазақшаРусскийEnglish"},
	} {
		if plain(tc.got) != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestKazakhCases(t *testing.T) {
	c, err := sample(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	kk := c.Lang("kk")
	want := []string{
		"қаңтарда қаңтардан қаңтарға", "ақпанда ақпаннан ақпанға", "наурызда наурыздан наурызға", "сәуірде сәуірден сәуірге",
		"мамырда мамырдан мамырға", "маусымда маусымнан маусымға", "шілдеде шілдеден шілдеге", "тамызда тамыздан тамызға",
		"қыркүйекте қыркүйектен қыркүйекке", "қазанда қазаннан қазанға", "қарашада қарашадан қарашаға", "желтоқсанда желтоқсаннан желтоқсанға",
	}
	for i, w := range want {
		var got []string
		for _, in := range []Case{Locative, Ablative, Dative} {
			got = append(got, strings.Fields(plain(kk.DateIn(time.Date(2026, time.Month(i+1), 5, 12, 0, 0, 0, time.UTC), in)))[3])
		}
		if strings.Join(got, " ") != w {
			t.Errorf("%q, want %q", got, w)
		}
	}
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]string{
		"": "kk", "*": "kk", "kk-KZ,kk;q=0.9,ru": "kk", "kk-Latn": "kk", "kk-Arab-CN": "kk", "kz": "kk", "!!": "kk",
		"ru-KZ": "ru", "ky-KG": "ru", "uz-UZ": "ru", "be": "ru", "de,ru;q=0.3": "ru",
		"en-GB": "en", "de": "en", "tr-TR,tr": "en", "de,*": "en", "ru;q=0,en": "en",
		strings.Repeat("en,", 200): "kk",
	} {
		if got := Match(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"", "kk-KZ,kk;q=0.9,ru", "zz-u-rg-kzzzzz;q=0.0001", "en-" + strings.Repeat("a", 300), "\x00", "x-" + strings.Repeat("-", 9)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := Match(s); !Known(got) {
			t.Errorf("%q: %q", s, got)
		}
	})
}
