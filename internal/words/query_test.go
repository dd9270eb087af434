package words_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ustaz/internal/words"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Мұғалім", "мугалим|мугалим"},
		{"тіл үйрету", "тил| уирету|уирету"}, // a short word before the last is no beginning
		{"сабақ жоспары", "сабак|сабак жоспары|жоспары"},
		{"м", "м|"},
		{"оценивание в школе", "оценивание|оценивание школе|школе"},
		{"сабақ және", "сабак|сабак"},
		{"для", "для|для"}, // nothing else to look for
		{"онлайн-сабақ", "онлаин|онлаин сабак|сабак"},
		{"сабақ САБАҚ cабақ", "сабак|сабак"}, // the third with a Latin c
		{"5 сынып", "5| сынып|сынып"},
		{"\"…\"", ""},
		{"1 2 3 4 5 6 7 8 9 10", "1| 2| 3| 4| 5| 6| 7| 8|"},
		{strings.Repeat("а", 150) + " " + strings.Repeat("б", 60) + " в", strings.Repeat("а", 40) + "|" + strings.Repeat("а", 40) + " " + strings.Repeat("б", 40) + "|" + strings.Repeat("б", 40)},
	} {
		var got []string
		for _, w := range words.Parse(c.text).Words {
			got = append(got, w.Exact+"|"+w.Prefix)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: %q, want %q", c.text, s, c.want)
		}
	}
}

func TestAWordIsTriedInEveryLanguageOfItsLetters(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"мугалимдер", "/kk/мугалим /kk/мугалимдер /ru/мугалимдер мугалимдер"},
		{"мұғалімдер", "/kk/мугалим /kk/мугалимдер мугалимдер"},
		{"учителей", "/kk/учителеи /ru/учител учителеи"},
		{"teachers", "/en/teacher teachers"},
		{"2026", "2026"},
	} {
		if got := strings.Join(words.Parse(c.text).Words[0].Terms(), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestRangeBoundsTheBeginnings(t *testing.T) {
	from, below, ok := words.Parse("сабак").Words[0].Range()
	for term, want := range map[string]bool{"сабак": true, "сабактар": true, "сабак\U0010FFFE": true, "саба": false, "сабал": false, "/kk/сабак": false} {
		if (from <= term && term < below) != want || !ok {
			t.Errorf("%q within %q and %q: want %v", term, from, below, want)
		}
	}
	if _, _, ok := words.Parse("с").Words[0].Range(); ok {
		t.Error("one letter is a beginning")
	}
}

func TestSlips(t *testing.T) {
	vocabulary := []string{"мугалим", "мугалимдер", "сабак", "сабан", "бала", "балык", "бас", "багалау", "багдарлама", "мугалим"}
	for _, c := range []struct{ typed, want string }{
		{"мугалмим", "мугалим"},
		{"мугаилм", "мугалим"}, // neighbours
		{"муалим", "мугалим"},
		{"бабак", "сабак"},
		{"сабак", "сабан"}, // itself is no guess
		{"багдралмаа", "багдарлама"},
		{"боло", ""},
		{"бсс", ""}, // too short
		{"балыкк", "балык"},
		{"", ""},
	} {
		var got []string
		for _, g := range words.Near(c.typed, vocabulary) {
			got = append(got, g.Word)
			if g.Like < 1 || g.Like > 999 {
				t.Errorf("%s is like %s by %d", c.typed, g.Word, g.Like)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.typed, s, c.want)
		}
	}
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("сабак%d", i%10))
	}
	if got := words.Near("сабак", many); len(got) != 8 || got[0].Word != "сабак0" {
		t.Errorf("%d guesses, %v", len(got), got)
	}
}

func TestGrams(t *testing.T) {
	if got := strings.Join(words.Grams("баба"), " "); got != "__б _ба аба ба_ баб" {
		t.Errorf("%q", got)
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"сабак", "сабак", 1000}, {"сабак", "сабан", 666}, {"сабак", "урок", 0}, {"", "", 0}, {"", "а", 0}} {
		if got := words.Like(c.a, c.b); got != c.want || words.Like(c.b, c.a) != got {
			t.Errorf("%s, %s: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestKazakhInLatinLetters(t *testing.T) {
	for _, c := range []struct{ latin, cyrillic string }{
		{"qazaq tili", "қазақ тілі"},
		{"muǵalim", "мұғалім"}, {"mūğalim", "мұғалім"}, {"mugalim", "мұғалім"},
		{"oqýshy", "оқушы"}, {"oquşy", "оқушы"}, {"oqushy", "оқушы"},
		{"bilim berý", "білім беру"},
		{"tárbıe", "тәрбие"}, {"tärbie", "тәрбие"},
		{"ádisteme", "әдістеме"},
		{"bağdarlama", "бағдарлама"},
		{"sabaq josparу", ""}, // the last letter is Cyrillic
		{"Abaı", "Абай"}, {"Abay", "Абай"},
		{"aýyl", "ауыл"}, {"auyl", "ауыл"},
		{"teńge", "теңге"}, {"teñge", "теңге"}, {"teŋge", "теңге"},
		{"tehnologııa", "технология"}, {"tehnologia", "технология"},
		{"chempion", "чемпион"}, {"İslam", "іслам"},
		{"5-synyp", "5-сынып"},
		{"access", ""}, {"сабақ", ""}, {"2026", ""}, {"", ""}, {strings.Repeat("a", 201), ""},
	} {
		got, ok := words.FromLatin(c.latin)
		if ok != (c.cyrillic != "") || !found(got, c.cyrillic) {
			t.Errorf("%s: %q %v, want %q", c.latin, got, ok, c.cyrillic)
		}
	}
}

// found tells whether the words typed are those of the text, in any of their forms.
func found(typed, text string) bool {
	for _, w := range words.Parse(typed).Words {
		if !slices.ContainsFunc(words.Terms(words.Kazakh, text), func(x words.Term) bool { return slices.Contains(w.Terms(), x.Text) }) {
			return false
		}
	}
	return true
}

func TestRank(t *testing.T) {
	rows := func(doc string, field words.Field, lang, text string) (out []words.Hit) {
		for _, x := range words.Terms(lang, text) {
			out = append(out, words.Hit{Doc: doc, Field: field, Term: x.Text, Count: x.Count})
		}
		return out
	}
	hits := slices.Concat(
		rows("title", words.Title, words.Kazakh, "Сабақ жоспары"),
		rows("form", words.Title, words.Kazakh, "Сабағын жоспарлаушы: жоспардың түрі"),
		rows("beginning", words.Title, words.Kazakh, "Сабақтастыққа жоспарының"),
		rows("summary", words.Summary, words.Kazakh, "Сабақ жоспары"),
		rows("heading", words.Heading, words.Kazakh, "Сабақ жоспары"),
		rows("often", words.Body, words.Kazakh, strings.Repeat("сабақ жоспары ", 9)),
		rows("body", words.Body, words.Kazakh, "жоспары сабақ"),
		rows("body2", words.Body, words.Kazakh, "сабақ жоспары"),
		rows("half", words.Title, words.Kazakh, "Сабақ сабақ сабақ"),
		rows("other", words.Title, words.Russian, "Планирование урока"),
	)
	order := func(q words.Query, hits []words.Hit) string {
		var got []string
		for _, f := range words.Rank(q, hits) {
			got = append(got, f.Doc)
		}
		return strings.Join(got, " ")
	}
	q := words.Parse("сабақ жоспары")
	const want = "title form beginning summary heading often body body2"
	if got := order(q, hits); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	slices.Reverse(hits)
	if got := order(q, hits); got != want {
		t.Errorf("rows in another order: %s", got)
	}
	q = words.Parse("собақ")
	if got := order(q, hits); got != "" {
		t.Errorf("a slip without a guess finds %s", got)
	}
	q.Words[0].Guess([]string{"сабак", "урок"})
	if got := order(q, hits); got != "half title form summary heading often body body2" {
		t.Errorf("a slip finds %s", got)
	}
	if got := words.Rank(words.Query{}, hits); len(got) != 0 {
		t.Errorf("nothing asked for finds %v", got)
	}
	if got := words.Rank(words.Parse("тест"), []words.Hit{{Doc: "x", Field: words.Title, Term: "тест", Count: -5}, {Doc: "y", Field: words.Title, Term: "тест", Count: 1 << 60}}); len(got) != 2 || got[0].Doc != "y" {
		t.Errorf("strange counts: %v", got)
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"мұғалімдердің сабағы", "teacher's e-learning", "учёный и ученик", "qazaq tili", "a\xff\x00-'", "Ќазаќ бiлiм", "ьъ ыыыыы", strings.Repeat("и\u0306", 99), "ﷺ\u1d160가\u0306나"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := words.Parse(s)
		vocabulary := []string{"сабак"}
		for _, w := range words.Split(s) {
			vocabulary = append(vocabulary, words.Fold(w))
		}
		if len(q.Words) > 8 {
			t.Fatalf("%d words", len(q.Words))
		}
		for i := range q.Words {
			w := &q.Words[i]
			w.Guess(vocabulary)
			for _, term := range w.Terms() {
				if term == "" || len(term) > words.MaxTerm || !utf8.ValidString(term) || strings.ContainsAny(term, " \x00") {
					t.Fatalf("term %q", term)
				}
			}
			w.Range()
		}
		if c, ok := words.FromLatin(s); ok && utf8.RuneCountInString(c) > 400 {
			t.Fatalf("%q", c)
		}
		for _, lang := range []string{words.Kazakh, words.Russian, words.English, ""} {
			for _, x := range words.Terms(lang, s) {
				if x.Text == "" || x.Count < 1 || len(x.Text) > words.MaxTerm || !utf8.ValidString(x.Text) || strings.ContainsRune(x.Text, 0) {
					t.Fatalf("term %q", x.Text)
				}
			}
		}
		words.Rank(q, []words.Hit{{Doc: s, Field: words.Title, Term: s, Count: len(s)}})
	})
}
