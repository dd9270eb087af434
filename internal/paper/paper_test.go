package paper

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/secret"
)

var catalogue = sync.OnceValues(i18n.Load)

func lang(t testing.TB, code string) i18n.Lang {
	t.Helper()
	cat, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return cat.Lang(code)
}

var day = time.Date(2026, 11, 3, 9, 2, 0, 0, time.UTC)

// receipt is a paper with one block of each kind.
func receipt(t testing.TB, code string) Document {
	return Document{
		Lang: lang(t, code),
		Operator: Operator{Name: i18n.Text{KK: "«Мысал» білім беру қоры", RU: "Образовательный фонд «Мысал»", EN: "Mysal Education Foundation"}, BIN: "000000000000",
			Address: i18n.Text{KK: "010000, Астана қ., Мысал көшесі, 1", RU: "010000, г. Астана, ул. Мысал, 1", EN: "1 Mysal Street, Astana 010000"},
			Email:   "kense@mysal.example", Phone: "+7 700 000 00 00"},
		Title:  map[string]string{"kk": "Өтініштің қабылданғаны туралы қолхат", "ru": "Расписка о приёме заявления", "en": "Receipt of a request"}[code],
		Number: "Ө-2026-000214", Date: day, To: secret.New("Әбдіғалиева Ұлжан Һәкімқызы\nАқтөбе қ., № 51 мектеп"),
		Blocks: []Block{
			Paragraph{secret.New("Құрметті Ұлжан Һәкімқызы, сіздің өтінішіңіз қабылданды және тіркелді.\n\nқ ғ ң ө ұ ү һ і Қ Ғ Ң Ө Ұ Ү Һ І ә Ә ₸")},
			Facts{{"Өтініш түрі", Words("Дербес деректерді түзету")}, {"Тіркелген уақыты", Words("2026 жылғы 3 қараша, 14:02")}},
			Heading("Өтініштің мәтіні"),
			Quote{"2026 жылғы 3 қараша", secret.New("Менің тегім қате жазылған: «Абдигалиева» емес, «Әбдіғалиева».")},
			Table{Columns: []Column{{Title: "Дерек", Share: 2}, {Title: "Тармақ"}, {Title: "Саны", Right: true}},
				Rows: [][]secret.Text{{Words("Тегі"), Words("3.1"), Words("1")}, {Words("Жұмыс орны"), Words("3.2.4"), Words("12 500,50 ₸")}}},
		},
		Signed: []Signature{{"Дербес деректерге жауапты тұлға", Words("А. Қ. Мысалов")}},
		Check:  Check{"https://ustaz.example/kk/check/Ab3dE", "Қолхатты осы мекенжайда тексеруге болады."},
	}
}

func pdf(t testing.TB, d Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.PDF(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in\n%s", p, text)
		}
	}
}

func TestAllThatIsOnThePaperCanBeCopiedFromIt(t *testing.T) {
	heads := map[string][]string{
		"kk": {"«Мысал» білім беру қоры", "БСН 000000000000", "010000, Астана қ., Мысал көшесі, 1", "2026\u00a0жылғы 3\u00a0қараша", "№ Ө-2026-000214", "Өтініштің қабылданғаны туралы қолхат", "1 беттің 1-беті", "қолы"},
		"ru": {"Образовательный фонд «Мысал»", "БИН 000000000000", "010000, г. Астана, ул. Мысал, 1", "3\u00a0ноября 2026\u00a0г.", "№ Ө-2026-000214", "Расписка о приёме заявления", "страница 1 из 1", "подпись"},
		"en": {"Mysal Education Foundation", "BIN 000000000000", "1 Mysal Street, Astana 010000", "3\u00a0November 2026", "No Ө-2026-000214", "Receipt of a request", "page 1 of 1", "signature"},
	}
	for code, head := range heads {
		t.Run(code, func(t *testing.T) {
			file := extract(t, pdf(t, receipt(t, code)))
			pages := file.pages()
			if len(pages) != 1 {
				t.Fatalf("%d pages", len(pages))
			}
			contains(t, pages[0], head...)
			contains(t, pages[0], "Smart \nU\nstaz\n", "+7 700 000 00 00 · kense@mysal.example", "Әбдіғалиева Ұлжан Һәкімқызы\nАқтөбе қ., № 51 мектеп\n",
				"қ ғ ң ө ұ ү һ і Қ Ғ Ң Ө Ұ Ү Һ І ә Ә ₸", "Өтініш түрі\n", "Дербес деректерді түзету\n", "«Абдигалиева» емес, «Әбдіғалиева».", "Саны\n", "12 500,50 ₸\n",
				"А. Қ. Мысалов", "https://ustaz.example/kk/check/Ab3dE")
			if got, want := file.info("Title"), receipt(t, code).name(); got != want {
				t.Errorf("title %q, want %q", got, want)
			}
			if got := file.info("Lang"); got != code {
				t.Errorf("language %q", got)
			}
			if got := file.info("Author"); got != head[0] {
				t.Errorf("author %q", got)
			}
			if got := file.info("CreationDate"); got != "D:20261103090200" {
				t.Errorf("made at %q", got)
			}
		})
	}
}

// Cyrillic і and Latin i look alike; whoever copies a name must get the letters it was written with.
func TestLettersThatLookAlikeStayWhatTheyAre(t *testing.T) {
	d := receipt(t, "kk")
	d.Blocks = []Block{Paragraph{secret.New("iі аa сc Һh ҺH")}}
	contains(t, extract(t, pdf(t, d)).pages()[0], "iі аa сc Һh ҺH\n")
}

func TestTypefaceHasEveryLetter(t *testing.T) {
	const all = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯаәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя" +
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \u00a0\u202f.,;:!?…-–—‑()[]{}/\\|@#%&*+=<>«»“”„‘’'\"№₸€$§°·•→−_~^`"
	for name, ttf := range map[string][]byte{"regular": regularTTF, "bold": boldTTF} {
		ls, err := lettersOf(ttf)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if !ls[r] {
				t.Errorf("%s has no %q", name, r)
			}
		}
	}
	regular, _ := lettersOf(regularTTF)
	bold, _ := lettersOf(boldTTF)
	if !slices.Equal(sorted(regular), sorted(bold)) {
		t.Error("what is clean for one face is not for the other")
	}
	for i := range 400 {
		if ls, err := lettersOf(regularTTF[:i]); err == nil && len(ls) > 0 {
			t.Errorf("a typeface of %d bytes has %d letters", i, len(ls))
		}
	}
}

func sorted(ls letters) []rune {
	var out []rune
	for r := range ls {
		out = append(out, r)
	}
	slices.Sort(out)
	return out
}

func TestClean(t *testing.T) {
	ls, err := lettersOf(regularTTF)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"Әбдіғалиева":                "Әбдіғалиева",
		"и\u0306 е\u0308":            "й ё",
		"a\tb\r\nc\rd\u2028e\fg":     "a b\nc\nd\ne\ng",
		"Рахмет 😀!":                  "Рахмет [U+1F600]!",
		"👩\u200d🏫":                   "[U+1F469][U+1F3EB]",
		"❤\ufe0f":                    "[U+2764]",
		"өші\u00adрілді\u200b\ufeff": "өшірілді",
		"214\u202f003\u2007x\u3000y": "214\u202f003\u00a0x y",
		"\u202egnp.exe":              "[U+202E]gnp.exe",
		"\x00\x07\x7f\u0080":         "[U+0000][U+0007][U+007F][U+0080]",
		"a\xff\xfeb":                 "a[U+FFFD]b",
		"汉字":                         "[U+6C49][U+5B57]",
		"\U00010000\uffff\U0010ffff": "[U+10000][U+FFFF][U+10FFFF]",
		"(скобка) \\ обратная \\( )": "(скобка) \\ обратная \\( )",
	} {
		if got := ls.clean(in); got != want {
			t.Errorf("%q is printed as %q, want %q", in, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	one := func(rune) float64 { return 1 }
	for _, test := range []struct {
		text  string
		width float64
		want  []string
	}{
		{"", 5, []string{""}},
		{"бір екі үш", 8, []string{"бір екі", "үш"}},
		{"бір екі үш", 7, []string{"бір екі", "үш"}},
		{"бір екі үш", 6, []string{"бір", "екі үш"}},
		{"бір   екі", 4, []string{"бір", "екі"}},
		{"бір\n\nекі", 9, []string{"бір", "", "екі"}},
		{"тағдырсыздандыру", 5, []string{"тағды", "рсызд", "андыр", "у"}},
		{"а тағдырсыздандыру", 5, []string{"а", "тағды", "рсызд", "андыр", "у"}},
		{"онлайн-курс", 8, []string{"онлайн-", "курс"}},
		{"4.1.7-тармақ", 8, []string{"4.1.7-та", "рмақ"}}, // no word of its own before the hyphen
		{"2026\u00a0жылғы 3\u00a0қараша", 12, []string{"2026\u00a0жылғы", "3\u00a0қараша"}},
		{"    шегініс бар", 9, []string{"    шегін", "іс бар"}},
		{"бір" + strings.Repeat(" ", 9000) + "екі", 4, []string{"бір", "екі"}},
		{"абв", 0.5, []string{"а", "б", "в"}},
	} {
		if got := breakLines(test.text, test.width, one); !slices.Equal(got, test.want) {
			t.Errorf("%.40q at %v: %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestSameDocumentSameBytes(t *testing.T) {
	want := pdf(t, receipt(t, "kk"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { // side by side: papers share the typeface
			if got := pdf(t, receipt(t, "kk")); !bytes.Equal(got, want) {
				t.Error("another file of the same document")
			}
		})
	}
	wg.Wait()
	d := receipt(t, "kk")
	d.Date = d.Date.In(time.FixedZone("UTC+5", 5*60*60))
	if !bytes.Equal(pdf(t, d), want) {
		t.Error("the zone of the clock changes the file")
	}
}

// set lays a document out and gives its pages, having checked that nothing stands outside of the margins.
func set(t interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}, d Document) []*page {
	t.Helper()
	p, err := newPen(d.cover())
	if err != nil {
		t.Fatal(err)
	}
	l := newLayout(d.Lang, p)
	if err := d.place(l); err != nil {
		t.Fatal(err)
	}
	for i, pg := range l.pages {
		for _, r := range pg.runs {
			if r.x < left-0.01 || r.x+p.widthOf(r.style, r.text) > right+0.01 && len([]rune(r.text)) > 1 || r.y < top || r.y > bottom+0.01 {
				t.Fatalf("page %d: %.60q stands at %v, %v", i+1, r.text, r.x, r.y)
			}
			for _, c := range r.text {
				if !p.letters[c] {
					t.Fatalf("page %d: %q can't be printed", i+1, c)
				}
			}
		}
		for _, r := range pg.rules {
			if r.from.y > bottom+4 || r.to.y > bottom+4 {
				t.Fatalf("page %d: a rule at %v", i+1, r)
			}
		}
	}
	return l.pages
}

// ofStyle joins what stands in a style, without spaces.
func ofStyle(pages []*page, s style) string {
	var b strings.Builder
	for _, p := range pages {
		for _, r := range p.runs {
			if r.style == s {
				b.WriteString(dense(r.text))
			}
		}
	}
	return b.String()
}

func dense(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func TestNothingIsLostAndNothingRunsOff(t *testing.T) {
	long := strings.Repeat("Ұзақ мәтін, оның ішінде әртүрлі сөздер бар. ", 20000/44)
	for name, text := range map[string]string{
		"20 000 signs":    long,
		"one long word":   strings.Repeat("қ", 20000),
		"3 000 lines":     strings.Repeat("а\n", 3000),
		"5 000 spaces":    "а" + strings.Repeat(" ", 5000) + "б",
		"emoji":           strings.Repeat("😀", 500),
		"marks":           "а" + strings.Repeat("\u0301", 1000) + strings.Repeat("\u0489", 500),
		"turned about":    "\u202e" + strings.Repeat("мәтін \u2066", 300),
		"hyphens":         strings.Repeat("а-", 1500),
		"no-break spaces": strings.Repeat("а\u00a0", 1500),
		"bytes":           strings.Repeat("\xff\x00", 300),
	} {
		t.Run(name, func(t *testing.T) {
			ls, err := lettersOf(regularTTF)
			if err != nil {
				t.Fatal(err)
			}
			for place, block := range map[string]Block{
				"paragraph": Paragraph{secret.New(text)}, "quote": Quote{"", secret.New(text)}, "fact": Facts{{"", secret.New(text)}},
				"cell": Table{Columns: []Column{{}, {Share: 40}, {Right: true}}, Rows: [][]secret.Text{{{}, secret.New(text), {}}}},
			} {
				pages := set(t, Document{Lang: lang(t, "kk"), Blocks: []Block{block}})
				if got, want := ofStyle(pages, body), dense(lang(t, "kk").Date(time.Time{}))+dense(ls.clean(text)); got != want {
					t.Errorf("%s: %d bytes are printed of %d", place, len(got), len(want))
				}
			}
			pdf(t, Document{Lang: lang(t, "kk"), Title: text[:min(len(text), 3000)], Number: text[:min(len(text), 300)], To: secret.New(text), Date: day,
				Operator: Operator{Name: i18n.Text{KK: text}, BIN: text[:min(len(text), 100)], Address: i18n.Text{KK: text}, Email: text[:min(len(text), 100)]},
				Blocks:   []Block{Heading(text), Facts{{text, secret.Text{}}}, Quote{text, secret.Text{}}}, Signed: []Signature{{text, secret.New(text)}}, Check: Check{"x", text}})
		})
	}
}

func TestAnyDocumentCanBeMade(t *testing.T) {
	l := lang(t, "ru")
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringN(0, 40, 200)
		text := rapid.Custom(func(t *rapid.T) secret.Text {
			return secret.New(strings.Repeat(word.Draw(t, "text"), rapid.IntRange(1, 15).Draw(t, "times")))
		})
		block := rapid.Custom(func(t *rapid.T) Block {
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				return Heading(word.Draw(t, "heading"))
			case 1:
				return Quote{word.Draw(t, "from"), text.Draw(t, "quote")}
			case 2:
				return Facts{{word.Draw(t, "label"), text.Draw(t, "value")}, {word.Draw(t, "label"), text.Draw(t, "value")}}
			case 3:
				table := Table{Columns: make([]Column, rapid.IntRange(0, 12).Draw(t, "columns"))}
				for i := range table.Columns {
					table.Columns[i] = Column{word.Draw(t, "title"), rapid.Float64Range(-1, 50).Draw(t, "share"), rapid.Bool().Draw(t, "right")}
				}
				for range rapid.IntRange(0, 5).Draw(t, "rows") {
					table.Rows = append(table.Rows, rapid.SliceOfN(text, len(table.Columns), len(table.Columns)).Draw(t, "row"))
				}
				return table
			}
			return Paragraph{text.Draw(t, "paragraph")}
		})
		d := Document{Lang: l, Title: word.Draw(t, "title"), Number: word.Draw(t, "number"), To: text.Draw(t, "to"), Date: day,
			Blocks: rapid.SliceOfN(block, 0, 6).Draw(t, "blocks"), Signed: []Signature{{word.Draw(t, "post"), text.Draw(t, "name")}}}
		set(t, d)
		if err := d.PDF(&bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPages(t *testing.T) {
	d := receipt(t, "ru")
	rows := make([][]secret.Text, 120)
	for i := range rows {
		rows[i] = []secret.Text{Words(fmt.Sprintf("Строка %d", i)), Words("3.1"), Words("1")}
	}
	d.Blocks = []Block{Table{Columns: []Column{{Title: "Поле"}, {Title: "Пункт"}, {Title: "Число", Right: true}}, Rows: rows}, Paragraph{Words("После таблицы.")}}
	d.Title = strings.TrimSpace(strings.Repeat("Очень длинное название ", 12))
	pages := extract(t, pdf(t, d)).pages()
	if len(pages) < 4 {
		t.Fatalf("%d pages", len(pages))
	}
	last := len(pages) - 1
	for i, p := range pages {
		contains(t, p, fmt.Sprintf("страница %d из %d\n", i+1, len(pages)), "Очень длинное название")
		if i < last && strings.Count(p, "Поле\n") != 1 {
			t.Errorf("page %d repeats the head of the table %d times", i+1, strings.Count(p, "Поле\n"))
		}
		if strings.Contains(p, "Smart") != (i == 0) {
			t.Errorf("page %d: the wordmark stands on the first alone", i+1)
		}
		contains(t, p, "…\n") // the name at the foot is cut
	}
	if all := strings.Join(pages, ""); strings.Count(all, "Строка ") != 120 {
		t.Errorf("%d rows", strings.Count(all, "Строка "))
	}
	if strings.Contains(pages[last][strings.Index(pages[last], "После"):], "Поле\n") {
		t.Error("the head of the table follows the table")
	}
}

func TestHeadingStaysWithWhatFollows(t *testing.T) {
	for n := range 45 {
		pages := set(t, Document{Lang: lang(t, "kk"), Title: "x", Date: day, Blocks: []Block{Paragraph{Words(strings.Repeat("а\n", n))}, Heading("Бөлім"), Paragraph{Words("мәтін\nмәтін")}}})
		for _, p := range pages {
			for i, r := range p.runs {
				if r.text == "Бөлім" && i == len(p.runs)-1 {
					t.Errorf("after %d lines the heading stands alone at the end of a page", n)
				}
			}
		}
	}
}

func TestWhatIsEmptyIsLeftOut(t *testing.T) {
	text := extract(t, pdf(t, Document{Lang: lang(t, "en"), Title: "Note", Date: day})).pages()[0]
	if want := "Smart \nU\nstaz\n3\u00a0November 2026\nNote\nNote\npage 1 of 1\n"; text != want {
		t.Errorf("%q", text)
	}
}

func TestRefusals(t *testing.T) {
	l := lang(t, "en")
	for name, test := range map[string]struct {
		d    Document
		kind errs.Kind
	}{
		"too long":     {Document{Lang: l, Blocks: []Block{Facts{{"", secret.New(strings.Repeat("x", maxText+1))}}}}, errs.TooLarge},
		"wide table":   {Document{Lang: l, Blocks: []Block{Table{Columns: make([]Column, maxColumns+1)}}}, errs.Internal},
		"ragged table": {Document{Lang: l, Blocks: []Block{Table{Columns: []Column{{}, {}}, Rows: [][]secret.Text{{Words("x")}}}}}, errs.Internal},
		"address":      {Document{Lang: l, Check: Check{Address: strings.Repeat("x", maxAddress+1)}}, errs.Internal},
	} {
		if err := test.d.PDF(&bytes.Buffer{}); !errs.Is(err, test.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := receipt(t, "en").PDF(full0{}); !errs.Is(err, errs.Unavailable) || !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}

var errFull = errors.New("full")

type full0 struct{}

func (full0) Write([]byte) (int, error) { return 0, errFull }

func TestNoValueShowsWhereADocumentIsPrinted(t *testing.T) {
	d := receipt(t, "kk")
	for _, form := range []string{"%v", "%+v", "%#v"} {
		if s := fmt.Sprintf(form, d); strings.Contains(s, "Ұлжан") || strings.Contains(s, "Абдигалиева") {
			t.Errorf("%s shows a value", form)
		}
	}
	file := extract(t, pdf(t, d))
	for _, name := range []string{"Title", "Author", "Producer"} {
		if s := file.info(name); strings.Contains(s, "Ұлжан") {
			t.Errorf("property %s shows a value: %q", name, s)
		}
	}
}

func FuzzPaper(f *testing.F) {
	f.Add("Әбдіғалиева Ұлжан", "Мәтін\n\nтағы")
	f.Add("😀", "\u202e\x00\xff")
	l := lang(f, "kk")
	f.Fuzz(func(t *testing.T, to, text string) {
		d := Document{Lang: l, Title: to, Date: day, To: secret.New(to), Blocks: []Block{Paragraph{secret.New(text)},
			Table{Columns: []Column{{Title: to}, {Share: 9}}, Rows: [][]secret.Text{{secret.New(text), secret.New(to)}}}}}
		if d.size() > maxText {
			if err := d.PDF(io.Discard); !errs.Is(err, errs.TooLarge) {
				t.Errorf("a document too long: %v", err)
			}
			return
		}
		set(t, d)
		file := pdf(t, d)
		if !bytes.HasPrefix(file, []byte("%PDF-")) || !bytes.HasSuffix(file, []byte("%%EOF\n")) {
			t.Error("not a whole file")
		}
	})
}

func BenchmarkReceipt(b *testing.B) {
	d := receipt(b, "kk")
	for b.Loop() {
		pdf(b, d)
	}
}
