package words_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ustaz/internal/words"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ s, want string }{
		{"Қарағанды", "караганды"},
		{"ӘҒҚҢӨҰҮҺІЁЙ", "агкноуухиеи"},
		{"әғқңөұүһіёй", "агкноуухиеи"},
		{"и\u0306 е\u0308 И\u0306", "и е и"}, // й, ё in two code points
		{"за\u0301мок", "замок"},
		{"объём, мель", "объем, мель"},
		{"Café Zürich Łódź Straße Ørsted İstanbul ılık", "cafe zurich lodz strasse orsted istanbul ilik"},
		{"á ǵ ń ó ú ý ä ö ü ū ğ ş", "a g n o u y a o u u g s"},
		{"Ќараѓанды ўлт їлгі јдіс", "караганды улт улги адис"},           // KZ-1048 read as Windows-1251
		{"Ґнер Єылым Ћ Ѕ ґ є ћ ѕ", "онер гылым х н о г х н"},             // the rest of that code page
		{"бiлiм Kітап мeктeп hал", "билим китап мектеп хал"},             // Latin i, K, e, h
		{"ТECТ əдіс", "тест адис"},                                       // Latin E, C and schwa
		{"iPadты e-learning STEM-білім", "ipadты e-learning stem-билим"}, // no mending by guess
		{"бі\u00adлім\u200b", "билим"},
		{"a\xffb\x00", "a\uFFFDb"},
		{"", ""},
	} {
		if got := words.Fold(c.s); got != c.want {
			t.Errorf("%q: %q, want %q", c.s, got, c.want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct{ s, want string }{
		{"Сабақ жоспары: 5-сынып, 2026 ж.", "Сабақ жоспары 5 сынып 5сынып 2026 ж"},
		{"онлайн-сабақ", "онлайн сабақ онлайнсабақ"},
		{"a‑b‐c", "a b c abc"},
		{"— сабақ - тест -", "сабақ тест"},
		{"-a- --b b--c", "a b b c"},
		{"teacher's don’t o'zbek ‘so’ 'x'", "teachers dont ozbek so x"},
		{"бі\u00adлім", "білім"},
		{"2,5 1.000 №7 50%", "2 5 1 000 7 50"},
		{"за\u0301мок", "за\u0301мок"},
		{"日本語 ٣", "日本語 ٣"},
		{" \t\n…", ""},
	} {
		if got := strings.Join(words.Split(c.s), " "); got != c.want {
			t.Errorf("%q: %q, want %q", c.s, got, c.want)
		}
	}
	if got := words.Split(strings.Repeat("ә", 50) + " " + strings.Repeat("б-", 50)); utf8.RuneCountInString(got[0]) != 40 || utf8.RuneCountInString(got[len(got)-1]) != 40 {
		t.Errorf("long words are %q", got)
	}
	if got := words.Split(strings.Repeat("сабақ ", 200_000)); len(got) > 100_000 {
		t.Errorf("%d words of a text that is too long", len(got))
	}
}

func TestRussianAndEnglishForms(t *testing.T) {
	for _, c := range []struct{ lang, forms string }{
		{words.Russian, "учитель учителя учителей учителями учителю"},
		{words.Russian, "учёный ученый учёного УЧЁНЫМ"},
		{words.Russian, "оценивание оценивания оцениванием"},
		{words.Russian, "педагогический педагогическая педагогические педагогическому"},
		{words.Russian, "урок уроки уроков уроках"},
		{words.Russian, "класс класса классе классы"},
		{words.Russian, "методика методики методике методикой"},
		{words.English, "teacher teachers Teacher's"},
		{words.English, "assessment assessments assess assessing"},
		{words.English, "lesson lessons"},
	} {
		forms := strings.Fields(c.forms)
		for _, f := range forms[1:] {
			if !slices.Equal(words.Stems(c.lang, forms[0]), words.Stems(c.lang, f)) {
				t.Errorf("%s %q, %s %q", forms[0], words.Stems(c.lang, forms[0]), f, words.Stems(c.lang, f))
			}
		}
	}
	for _, c := range [][3]string{{words.Russian, "урок", "уровень"}, {words.Russian, "оценка", "оценивание"}, {words.Russian, "злейший", "злой"}, {words.English, "teacher", "tea"}} {
		if meet(c[0], c[1], c[2]) {
			t.Errorf("%v meet", c[1:])
		}
	}
	if got := slices.Concat(words.Stems("de", "Lehrer"), words.Stems(words.English, "урок"), words.Stems(words.Russian, "lesson"), words.Stems(words.Russian, "2026")); len(got) != 0 {
		t.Errorf("stems of no language: %q", got)
	}
}

func TestTerms(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{words.Kazakh, "Сабақтар, сабақтар!", "/kk/сабак:2 /kk/сабактар:2 сабактар:2"},
		{words.Russian, "Уроки Қарағанды", "/kk/караган:1 /kk/караганд:1 /kk/караганды:1 /ru/урок:1 караганды:1 уроки:1"}, // қ says that it is Kazakh
		{words.Kazakh, "PISA tests", "/en/pisa:1 /en/test:1 pisa:1 tests:1"},
		{"", "уроки", "/kk/уроки:1 /ru/урок:1 уроки:1"},
		{words.Kazakh, "5-6", "5:1 56:1 6:1"},
		{words.Kazakh, "", ""},
	} {
		var got []string
		for _, x := range words.Terms(c.lang, c.text) {
			got = append(got, x.Text+":"+string(rune('0'+x.Count)))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s %q: %q, want %q", c.lang, c.text, s, c.want)
		}
	}
}

var letters = []rune("абвгғдезийіклмнңоөпқрстуұүһшыьъяюәёіүaeiohpxyKTʼé'- 1ЌїΩ\u0306\u0301")

func anyWord(t *rapid.T) string {
	return rapid.OneOf(
		rapid.StringOfN(rapid.SampledFrom(letters), 0, 30, -1),
		rapid.SampledFrom(strings.Fields(kazakhForms)),
		rapid.String(),
	).Draw(t, "word")
}

func TestFoldIsDoneOnceAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyWord(t)
		once := words.Fold(s)
		if again := words.Fold(once); again != once {
			t.Fatalf("%q: %q, then %q", s, once, again)
		}
		if n := utf8.RuneCountInString(once); n > 3*utf8.RuneCountInString(s) || !utf8.ValidString(once) {
			t.Fatalf("%q: %d code points, %q", s, n, once)
		}
	})
}

func TestAKazakhRootMeetsItsWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWord(t)
		stems := words.Stems(words.Kazakh, w)
		for _, s := range stems {
			if again := words.Stems(words.Kazakh, s); !slices.Contains(again, s) {
				t.Fatalf("%q has the root %q, which has %q", w, s, again)
			}
		}
		if folded := words.Stems(words.Kazakh, words.Fold(w)); !slices.Equal(folded, stems) {
			t.Fatalf("%q has the roots %q, without Kazakh letters %q", w, stems, folded)
		}
	})
}

func TestEveryWordFindsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyWord(t)
		if utf8.RuneCountInString(text) > 200 {
			return
		}
		terms := map[string]bool{}
		for _, x := range words.Terms(rapid.SampledFrom([]string{words.Kazakh, words.Russian, words.English}).Draw(t, "lang"), text) {
			terms[x.Text] = true
		}
		for _, w := range words.Parse(text).Words {
			if !terms[w.Exact] {
				t.Fatalf("%q is typed %q, and has the terms %q", text, w.Exact, slices.Sorted(maps.Keys(terms)))
			}
		}
		for _, x := range words.Split(text) {
			if strings.ContainsFunc(x, unicode.IsSpace) || utf8.RuneCountInString(x) > 40 || x == "" {
				t.Fatalf("word %q", x)
			}
		}
	})
}
