package policy

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ustaz/internal/errs"
)

func importString(t *testing.T, text, name string) *Imported {
	t.Helper()
	imported, err := Import(strings.NewReader(text), name, MaxImport)
	if err != nil {
		t.Fatalf("Import: %v", err)
	}
	return imported
}

func importFile(t *testing.T, path string) *Imported {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && strings.HasPrefix(path, "..") {
		t.Skipf("%s is not there; TestPDFLayer holds the same with our own file", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return importString(t, string(data), filepath.Base(path))
}

func clauseText(t *testing.T, d *Document, no string) string {
	t.Helper()
	c, ok := d.Clause(no)
	if !ok {
		t.Fatalf("no clause %s; there are %v", no, d.Numbers())
	}
	return c.Text
}

func repaired(im *Imported, kind RepairKind) int {
	n := 0
	for _, r := range im.Repairs {
		if r.Kind == kind {
			n += r.Count
		}
	}
	return n
}

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// The real document, with the faults of a real PDF layer.
func TestRealDocument(t *testing.T) {
	im := importFile(t, "../../../shared/policy/2023-09-07.kk.pdf.txt")
	d := im.Document
	if sections, clauses := d.Counts(); sections != 9 || clauses != 57 {
		t.Errorf("%d sections, %d clauses", sections, clauses)
	}
	if !slices.Equal(d.Numbers(), allNumbers) {
		t.Errorf("numbers: %v", d.Numbers())
	}
	if im.Order != "97п" || !im.OrderDate.Equal(day(2023, time.September, 7)) || d.Lang != "kk" || im.Format != PlainText {
		t.Errorf("order %q of %v, %s, %s", im.Order, im.OrderDate, d.Lang, im.Format)
	}
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
	if c, _ := d.Clause("3.3"); len(c.Items) != 3 || !strings.HasSuffix(c.Items[1], "көрсетуге қол жеткізетін басқа бағдарлама);") {
		t.Errorf("items of 3.3: %q", c.Items)
	}
	if text := clauseText(t, d, "3.4"); !strings.Contains(text, "5.2., 5.3. және 7.2. тармақтарында") {
		t.Errorf("3.4: %q", text)
	}
	if text := clauseText(t, d, "1.1.1"); !strings.HasPrefix(text, "«Әкімшілік» - «El Umiti» қоры»") || !strings.Contains(text, "әрекет ететін, дербес") {
		t.Errorf("1.1.1: %q", text)
	}
	if !strings.HasSuffix(d.Title, "ЖЕКЕ ДЕРЕКТЕРІНІҢ ҚҰПИЯЛЫЛЫҚ САЯСАТЫ") || len(d.Preamble) != 2 {
		t.Errorf("title %q, preamble %q", d.Title, d.Preamble)
	}
	if repaired(im, RepairLetters) != 66 || repaired(im, RepairSpaces) == 0 || repaired(im, RepairLines) == 0 {
		t.Errorf("repairs: %+v", im.Repairs)
	}
	if len(im.Warnings) != 1 || im.Warnings[0].Line != 107 || im.Warnings[0].Args["number"] != "7.2" {
		t.Errorf("warnings: %+v", im.Warnings)
	}
}

// Our own sample has the same faults, and a page number, divided words and a letter of another alphabet too.
func TestPDFLayer(t *testing.T) {
	im := importFile(t, "testdata/layer.kk.txt")
	want := &Document{
		Lang:     "kk",
		Title:    "КІТАПХАНА САЙТЫНЫҢ ДЕРЕКТЕР САЯСАТЫ",
		Preamble: []string{"Бұл саясат кітапхана сайтына келген әр оқырманға арналған. Заң (2013 жылғы 21 мамырдағы N 94-V) осы құжаттан жоғары тұр."},
		Sections: []Section{
			{"1", "СӨЗДЕР", []Clause{
				{"1.1", "Осы құжатта:", nil},
				{"1.1.1", "«Әкімші» - сайтты жүргізетін және оқырман сұрағына жауап беретін қызметкер;", nil},
				{"1.1.2", "«Оқырман» - кітап сұраған адам, сондай-ақ оның өкілі.", nil},
			}},
			{"2", "НЕ САҚТАЛАДЫ", []Clause{
				{"2.1", "Оқырман мынаны өзі жазады:", nil},
				{"2.1.1", "аты;", nil},
				{"2.1.2", "телефоны.", nil},
				{"2.2", "Сайт өздігінен мыналарды сақтайды:", []string{"кірген уақыт;", "браузердің түрі (немесе оны ауыстырған басқа бағдарлама)."}},
				{"2.2.1", "Бұл деректер бір жылдан кейін жойылады.", nil},
				{"2.3", "Қалған ақпараттың бәрі осы құжаттың 3.1. және 3.3. тармақтарында аталған жағдайлардан басқа кезде ешкімге берілмейді. Бұл ереже ешкімге берілмейді деген сөз.", nil},
				{"2.4", "Сайт дерегін тек оқырманның өзі өзгертеді.", nil},
			}},
			{"3", "КІМ ЖАУАП БЕРЕДІ", []Clause{
				{"3.1", "Әкімші заңға сәйкес жауап береді.", nil},
				{"3.2", "Сұрақтар № 1 нысан арқылы қойылады", nil},
				{"3.3", "Жауап он күнде келеді.", nil},
			}},
		},
	}
	if got := im.Document.Markdown(); got != want.Markdown() {
		t.Errorf("got\n%s\nwant\n%s", got, want.Markdown())
	}
	if im.Document.Lang != "kk" || im.Order != "12-п" || !im.OrderDate.Equal(day(2024, time.May, 3)) {
		t.Errorf("%s, order %q of %v", im.Document.Lang, im.Order, im.OrderDate)
	}
	if len(im.Warnings) != 1 || im.Warnings[0].Key != "policy.import.warn.reference" || im.Warnings[0].Args["number"] != "3.3" {
		t.Errorf("warnings: %+v", im.Warnings)
	}
	for kind, count := range map[RepairKind]int{RepairLetters: 7, RepairHomoglyphs: 1, RepairHyphens: 2} {
		if repaired(im, kind) != count {
			t.Errorf("%s: %d repairs, want %d: %+v", kind, repaired(im, kind), count, im.Repairs)
		}
	}
	for _, r := range im.Repairs {
		if r.Count < 1 || r.Line < 1 {
			t.Errorf("repair without place or count: %+v", r)
		}
	}
}

// What counts as a clause is decided by the order of the numbers over the whole text.
func TestNumbering(t *testing.T) {
	head := "Policy of a library\n\n"
	for _, test := range []struct {
		name, text string
		numbers    string
		warnings   string
	}{
		{"successors", "1. A\n1.1. a.\n1.1.1. b.\n1.2. c.\n2. B\n2.1. d.", "1 1.1 1.1.1 1.2 2 2.1", ""},
		{"no point after long numbers", "1. A\n1.1 a.\n1.2 b.", "1 1.1 1.2", ""},
		{"a number alone on its line", "1.\nA\n1.1.\na.", "1 1.1", ""},
		{"years and counts are no numbers", "1. A\n1.1. within\n30 days, since\n2013 it is so, from\n07.09.2023 on\n1.2. b.", "1 1.1 1.2", ""},
		{"a reference forward", "1. A\n1.1. see\n2.1. below.\n1.2. b.\n2. B\n2.1. c.", "1 1.1 1.2 2 2.1", "reference 2.1"},
		{"a reference back", "1. A\n1.1. a.\n1.2. see\n1.1. above.\n1.3. c.", "1 1.1 1.2 1.3", "reference 1.1"},
		{"a reference to the next clause", "1. A\n1.1. as in\n1.2. below.\n1.2. b.", "1 1.1 1.2", "reference 1.2"},
		{"a reference at the end", "1. A\n1.1. see\n7.2. of the law.", "1 1.1", "reference 7.2"},
		{"a reference after a blank line", "1. A\n1.1. see 5.1 and\n\n7.2. of it.\n2. B\n2.1. b.\n7. C\n7.2. c.", "1 1.1 2 2.1 7 7.2", "reference 7.2 gap 7 gap 7.2"},
		{"a gap", "1. A\n1.1. a.\n1.3. c.\n2. B", "1 1.1 1.3 2", "gap 1.3"},
		{"a start in the middle", "3. A\n3.1. a.", "3 3.1", "start 3"},
		{"contents", "1. A ........ 1\n2. B ........ 2\n\n1. A\n1.1. a.\n2. B\n2.1. b.", "1 1.1 2 2.1", ""},
		{"text without a number", "1. A\n\nOf its own.\n\n1.1. a.\n* b.\n\nAnd more.", "1 1.1", "unnumbered 1 unnumbered 1.1"},
		{"nothing after a number", "1. A\n1.1.\n1.2. b.", "1 1.1 1.2", "empty 1.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			im := importString(t, head+test.text, "")
			if got := strings.Join(im.Document.Numbers(), " "); got != test.numbers {
				t.Errorf("numbers %s, want %s", got, test.numbers)
			}
			var warnings []string
			for _, w := range im.Warnings {
				if w.Line > 0 {
					warnings = append(warnings, strings.TrimPrefix(w.Key, "policy.import.warn."), w.Args["number"])
				}
			}
			if got := strings.Join(warnings, " "); got != test.warnings {
				t.Errorf("warnings %q, want %q", got, test.warnings)
			}
		})
	}
}

func TestTextLists(t *testing.T) {
	im := importString(t, "T\n\n1. A\n1.1. These:\n• one\nof two lines;\n– two,\n– three.\n1.2. A dash\n– in a sentence.\n1.3. Typed:\n1) one;\n2) two.", "")
	for no, want := range map[string][]string{
		"1.1": {"one of two lines;", "two,", "three."},
		"1.2": nil,
		"1.3": {"1) one;", "2) two."},
	} {
		if c, _ := im.Document.Clause(no); !slices.Equal(c.Items, want) {
			t.Errorf("%s: items %q, want %q", no, c.Items, want)
		}
	}
	if got := clauseText(t, im.Document, "1.2"); got != "A dash – in a sentence." {
		t.Errorf("1.2: %q", got)
	}
}

func TestDividedWords(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"про-\nверка проверка", "проверка проверка"},
		{"про-\nверка", "проверка"},
		{"онлайн-\nкурс и онлайн-курс", "онлайн-курс и онлайн-курс"},
		{"что-\nлибо", "что-либо"},
		{"сондай-\nақ", "сондай-ақ"},
		{"IP-\nАдрес", "IP- Адрес"},
		{"2020 -\nгод", "2020 - год"},
		{"сло\u00AD\nво", "слово"},
	} {
		im := importString(t, "T\n\n1. A\n1.1. "+test.text, "")
		if got := clauseText(t, im.Document, "1.1"); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"ԥрі жԥне Ԥкімші", "әрі және Әкімші"},
		{"\u018Fлем, \u0259лі", "Әлем, әлі"},
		{"Cайт пен cайт", "Сайт пен сайт"}, // Latin C and c
		{"кiтап hәм", "кітап һәм"},         // Latin i and h
		{"Сookies", "Cookies"},             // Cyrillic С
		{"e-mail, IP-адрес, ЖСН-і, 97п, Wi-Fi", "e-mail, IP-адрес, ЖСН-і, 97п, Wi-Fi"},
		{"zвезда", "zвезда"}, // z has no twin
		{"и\u0306од", "йод"},
		{"a\u00A0b\u2003c  d\te", "a b c d e"},
		{"a\u200Bb\u202Ec\uFEFF\x07", "abc"},
		{"«№ 97п» – 5 ₸", "«№ 97п» – 5 ₸"},
	} {
		if got := clean(test.in); got != test.want {
			t.Errorf("%q: %q, want %q", test.in, got, test.want)
		}
	}
}

func TestApproval(t *testing.T) {
	for _, test := range []struct {
		head  string
		order string
		date  time.Time
		title string
	}{
		{"Директордың 2023 жылғы 7 қыркүйектегі\n№ 97п бұйрығымен бекітілген\n\nСАЯСАТ", "97п", day(2023, time.September, 7), "САЯСАТ"},
		{"УТВЕРЖДЕНО\nприказом директора от 7 сентября 2023 года № 97-п\n\nПОЛИТИКА", "97-п", day(2023, time.September, 7), "ПОЛИТИКА"},
		{"Утверждено приказом\nот 07.09.2023 г. № 97\n\nПолитика", "97", day(2023, time.September, 7), "Политика"},
		{"Фонд «Луч»\n\nУтверждено приказом № 5/1\n\nот «01» мая 2024 г.\n\nПОЛИТИКА", "5/1", day(2024, time.May, 1), "ПОЛИТИКА"},
		{"Approved by order of the director\nof September 7, 2023\n\n№ 97\n\nPOLICY", "97", day(2023, time.September, 7), "POLICY"},
		{"Policy\n\nApproved by order No. 4 of 3 March 2025", "4", day(2025, time.March, 3), "Policy"},
		{"Политика\n\nУтверждена приказом от 2025-03-03 № 7, а Закон от 21 мая 2013 года № 94-V выше её.", "7", day(2025, time.March, 3), "Политика"},
		{"Политика\n\nЗакон Республики Казахстан от 21 мая 2013 года № 94-V выше её.", "", time.Time{}, "Политика"},
		{"Утверждено приказом от 31 февраля 2023 года № 9\n\nПолитика", "", time.Time{}, "Утверждено приказом от 31 февраля 2023 года № 9"},
	} {
		im := importString(t, test.head+"\n\n1. A\n1.1. a.", "")
		if test.head[0] == 'P' && !im.OrderDate.IsZero() && len(im.Document.Preamble) != 0 {
			t.Errorf("%q: the stamp stayed in the preamble", test.head)
		}
		if im.Order != test.order || !im.OrderDate.Equal(test.date) || im.Document.Title != test.title {
			t.Errorf("%q:\n%q of %v, title %q", test.head, im.Order, im.OrderDate, im.Document.Title)
		}
	}
}

func TestMarkdownImport(t *testing.T) {
	im := importString(t, strings.Join([]string{
		"---", "layout: page", "---",
		"Approved by order № 3 of 2 May 2024", "",
		"Policy of the library", "=====", "",
		"It holds for <https://example.org> and [the shop](https://example.net/shop).", "",
		"## 1 Words ##", "",
		"**1.1** In *this* policy `words` are", "7.2. wrapped &amp; \\*kept\\*:", "",
		"* one", "+ two", "", "***", "",
		"> ### 2\\. Data", "", "__2.1.__ a snake_case <br>word.", "<!-- not shown -->",
	}, "\n"), "policy")
	want := &Document{Lang: "en", Title: "Policy of the library",
		Preamble: []string{"It holds for https://example.org and the shop (https://example.net/shop)."},
		Sections: []Section{
			{"1", "Words", []Clause{{"1.1", "In this policy words are 7.2. wrapped & *kept*:", []string{"one", "two"}}}},
			{"2", "Data", []Clause{{"2.1", "a snake_case word.", nil}}},
		}}
	if im.Format != Markdown || im.Document.Markdown() != want.Markdown() {
		t.Errorf("%s\n%s", im.Format, im.Document.Markdown())
	}
	if im.Order != "3" || !im.OrderDate.Equal(day(2024, time.May, 2)) {
		t.Errorf("order %q of %v", im.Order, im.OrderDate)
	}
}

func TestRefusals(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	many := "T\n\n1. A\n" + strings.Repeat("1.1. a\n", maxNumbered)
	for _, test := range []struct{ name, data, key string }{
		{"empty", "", "policy.import.empty"},
		{"blank", " \n\t\n", "policy.import.empty"},
		{"binary", png, "policy.import.binary"},
		{"binary without NUL", "\xff\xd8\x01\x02\x03\x04\x05\x06", "policy.import.binary"},
		{"PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3", "policy.import.pdf"},
		{"DOC", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "policy.import.old_word"},
		{"RTF", `{\rtf1\ansi`, "policy.import.old_word"},
		{"Windows-1251", "1. \xcf\xee\xeb\xe8\xf2\xe8\xea\xe0", "policy.import.encoding"},
		{"UTF-16", "\xff\xfe1\x00.\x00", "policy.import.encoding"},
		{"not numbered", "A policy\n\nof words only.", "policy.import.not_numbered"},
		{"duplicate", "T\n\n1. A\n1.1. a.\n1.2. b.\n1.2. c.\n1.3. d.", "policy.import.duplicate"},
		{"duplicate section", "T\n\n1. A\n1.1. a.\n2. B\n2.1. b.\n2. C\n2.2. c.", "policy.import.duplicate"},
		{"no section", "T\n\n1. A\n1.1. a.\nIV PURPOSES\n4.1. b.\n4.2. c.", "policy.import.no_section"},
		{"only clauses", "T\n\n1.1. a.\n1.2. b.", "policy.import.no_section"},
		{"too many", many, "policy.import.too_many"},
		{"damaged archive", "PK\x03\x04rest", "policy.import.docx_damaged"},
	} {
		_, err := Import(strings.NewReader(test.data), "", MaxImport)
		if !errs.Is(err, errs.Invalid) || errs.As(err).Key != test.key {
			t.Errorf("%s: %v, want %s", test.name, err, test.key)
		}
	}
}

func TestDuplicateNamesBothLines(t *testing.T) {
	_, err := Import(strings.NewReader("T\n\n1. A\n1.1. a.\n1.2. b.\n1.2. c.\n1.3. d."), "", MaxImport)
	if args := errs.As(err).Args; args["number"] != "1.2" || args["first"] != "5" || args["second"] != "6" {
		t.Errorf("args %v", args)
	}
}

// Files that are large by one thing only are read or refused without work that grows faster than they do: each of these
// took minutes or gigabytes without the bounds.
func TestHostileSizes(t *testing.T) {
	const size = 1 << 20
	fill := func(part string) string { return strings.Repeat(part, size/len(part)) }
	for _, test := range []struct{ name, text, key string }{
		{"lines", "T\n\n1. A\n1.1. " + fill("abcd\n"), "policy.import.too_long"},
		{"one line", "T\n\n1. A\n1.1. " + fill("ab c"), ""},
		{"long lines", "T\n\n1. A\n1.1. " + fill(strings.Repeat("ab-", 30)+"\n"), ""},
		{"head", fill(strings.Repeat("b", 99)+"\n") + "\n1. A\n1.1. a", ""},
		{"brackets", "# T\n\n## 1. A\n\n1.1. a" + fill("[<&"), ""},
		{"links", "# T\n\n## 1. A\n\n1.1. a" + fill("[a]("), ""},
		{"paragraphs", "# T\n\n## 1. A\n\n1.1. a\n\n- b\n\n" + fill(strings.Repeat("c", 99)+"\n\n"), ""},
	} {
		im, err := Import(strings.NewReader(test.text), "", MaxImport)
		switch {
		case test.key != "" && !errs.Is(err, errs.TooLarge):
			t.Errorf("%s: %v, want %s", test.name, err, test.key)
		case test.key == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case im != nil && len(im.Warnings) > 10:
			t.Errorf("%s: %d warnings", test.name, len(im.Warnings))
		}
	}
}

// endless gives bytes for ever and counts them.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte("a"), len(p)))
	e.read += int64(len(p))
	return len(p), nil
}

func TestTooLarge(t *testing.T) {
	const limit = 1 << 20
	source := &endless{}
	_, err := Import(io.LimitReader(source, 200<<20), "policy.txt", limit)
	if !errs.Is(err, errs.TooLarge) || errs.As(err).Args["limit"] != "1" {
		t.Errorf("error %v", err)
	}
	if source.read > limit+1 {
		t.Errorf("read %d bytes of a file that is too large", source.read)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("gone") }

func TestUnreadable(t *testing.T) {
	if _, err := Import(failing{}, "", MaxImport); errs.As(err).Key != "policy.import.unreadable" {
		t.Errorf("error %v", err)
	}
}

func TestRepairsAreBounded(t *testing.T) {
	var log repairs
	for i := range 3 * maxRepairs {
		log.add(RepairHomoglyphs, i+1, strings.Repeat("a", i+1), "b")
	}
	list := log.list()
	if len(list) != maxRepairs+1 || list[maxRepairs].Count != 2*maxRepairs || list[maxRepairs].Before != "" {
		t.Errorf("%d repairs, last %+v", len(list), list[len(list)-1])
	}
}

// FuzzImport: no input makes the importer panic, read or keep more than the limit, or give numbers out of order.
func FuzzImport(f *testing.F) {
	for _, name := range []string{"testdata/layer.kk.txt", "default/policy.en.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 3000)], false)
	}
	f.Add([]byte("1. A\n1.1. сло-\nво\n* b\n1) c\f\n 2\n1.3. [x](y) &amp; \\*"), true)
	f.Add(docx(f, docxBody(typedParagraphs), nil), false)
	f.Add([]byte("1. A\r\n1.1. B ..... 7\r1.1. B\x00"), true)
	f.Fuzz(func(t *testing.T, data []byte, markdown bool) {
		const limit = 1 << 16
		name := "a.txt"
		if markdown {
			name = "a.md"
		}
		source := bytes.NewReader(data)
		im, err := Import(source, name, limit)
		if read := len(data) - source.Len(); read > limit+1 {
			t.Fatalf("read %d bytes", read)
		}
		if err != nil {
			if k := errs.KindOf(err); k != errs.Invalid && k != errs.TooLarge {
				t.Fatalf("kind %v: %v", k, err)
			}
			return
		}
		var last number
		for _, no := range im.Document.Numbers() {
			n, ok := parseNumber(no)
			if !ok || n.compare(last) <= 0 {
				t.Fatalf("%s after %s", no, last)
			}
			last = n
		}
		if im.Format != DOCX {
			if n := len(im.Document.Text()); n > 8*len(data)+1024 {
				t.Fatalf("%d bytes of text from %d", n, len(data))
			}
		}
		if im.Document.Validate() == nil {
			again, err := Import(strings.NewReader(im.Document.Markdown()), "a.md", MaxImport)
			if err != nil || again.Document.Markdown() != im.Document.Markdown() {
				t.Fatalf("%v: Markdown does not come back:\n%s", err, im.Document.Markdown())
			}
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("ԥ  Cайт и\u0306 \u00AD y\u0306ж")
	f.Fuzz(func(t *testing.T, s string) {
		once := clean(s)
		if twice := clean(once); twice != once {
			t.Errorf("%q, then %q", once, twice)
		}
	})
}
