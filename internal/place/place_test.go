package place

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

var update = flag.Bool("update", false, "write places.tsv anew from the classifier in ../shared")

const classifier = "../../../shared/data/kato/kato_2026-07-17.csv"

// sample is our own small classifier with every oddity of the real one.
func sample(t testing.TB) (*Tree, Report) {
	t.Helper()
	tree, rep, err := read(filepath.Join("testdata", "sample.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return tree, rep
}

// whole is the real classifier, where it is at hand.
func whole(t testing.TB) (*Tree, Report) {
	t.Helper()
	if _, err := os.Stat(classifier); err != nil {
		t.Skipf("the national classifier is not at hand: %v", err)
	}
	w := wholeFile()
	if w.err != nil {
		t.Fatal(w.err)
	}
	return w.tree, w.rep
}

// wholeFile is read once: a Tree does not change.
var wholeFile = sync.OnceValue(func() (r struct {
	tree *Tree
	rep  Report
	err  error
}) {
	r.tree, r.rep, r.err = read(classifier)
	return r
})

func read(name string) (*Tree, Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, Report{}, err
	}
	defer f.Close()
	return ReadKATO(f, Limits{})
}

func TestSample(t *testing.T) {
	tree, rep := sample(t)
	if rep.Rows != 28 || rep.Regions != 5 || rep.Districts != 6 || rep.Climbed != 2 || rep.Letters != 4 || rep.Skipped != 0 {
		t.Errorf("report %+v", rep)
	}
	for _, c := range []struct {
		code       string
		kind       Kind
		kk, ru, en string
	}{
		{"100000000", Region, "Абай облысы", "область Абай", "Abai region"},
		{"101000000", CityArea, "Семей қаласы", "город Семей", "Semei city"},
		{"101010000", City, "Семей қаласы", "город Семей", "Semei city"},
		{"103200000", District, "Абай ауданы", "Абайский район", "Abai district"},
		{"103230000", Okrug, "Қараауыл ауылдық округі", "Карааульский сельский округ", "Karaauyl rural district"},
		{"103230100", Village, "Қараауыл ауылы", "село Карааул", "Karaauyl village"},
		{"103230104", Site, "«Арай» шаруа қожалығы", "крестьянское хозяйство «Арай»", "“Arai” farm"},
		{"103230105", Site, "41-разъезд", "разъезд 41", "41 siding"},
		{"103230106", Site, "Шопан үйі", "Дом чабана", "Shopan uii"},
		{"103299100", Site, "Жайма жайылымы", "отгон Жайма", "Zhaima pasture"},
		{"270000000", Region, "Батыс Қазақстан облысы", "Западно-Казахстанская область", "West Kazakhstan region"},
		{"275200000", District, "Қарасай ауданы", "район Қарасай", "Karasai district"},
		{"275220000", CityArea, "Форт қаласы", "Фортовская городская администрация", "Fort city"},
		{"275220100", City, "Форт қаласы", "город Форт", "Fort city"},
		{"275230000", Okrug, "Ш. Берсиев атындағы ауылдық округ", "сельский округ имени Ш. Берсиева", "Sh. Bersiev rural district"},
		{"275230100", Village, "Жұмба атындағы ауыл", "село имени Жұмбы", "Zhumba village"},
		{"275231000", Okrug, "Шаған кенті", "Чаганская поселковая администрация", "Shagan township"},
		{"275231100", Township, "Шаған кенті", "посёлок Чаган", "Shagan township"},
		{"596600000", District, "Ғабит Мүсірепов атындағы аудан", "район имени Габита Мусрепова", "Gabit Musirepov district"},
		{"710000000", RegionCity, "Астана қаласы", "город Астана", "Astana city"},
		{"711210000", Borough, "Есіл ауданы", "район Есиль", "Esil district"},
		{"351013000", Borough, "Қазыбек би атындағы аудан", "район имени Казыбек би", "Kazybek bi district"},
	} {
		p, ok := tree.Place(c.code)
		if !ok || p.Kind != c.kind || p.KK != c.kk || p.RU != c.ru || p.EN != c.en {
			t.Errorf("%s is %v %q %q %q, want %v %q %q %q", c.code, p.Kind, p.KK, p.RU, p.EN, c.kind, c.kk, c.ru, c.en)
		}
	}
}

func TestPaths(t *testing.T) {
	tree, _ := sample(t)
	for _, c := range []struct{ code, lang, path, district string }{
		{"103230100", "kk", "Абай облысы, Абай ауданы, Қараауыл ауылдық округі, Қараауыл ауылы", "103200000"},
		{"103230100", "ru", "область Абай, Абайский район, Карааульский сельский округ, село Карааул", "103200000"},
		{"103230100", "en", "Abai region, Abai district, Karaauyl rural district, Karaauyl village", "103200000"},
		{"101010000", "kk", "Абай облысы, Семей қаласы", "101000000"},
		{"101039100", "ru", "область Абай, город Семей, Озерский сельский округ, село Озерки", "101000000"},
		{"103299100", "kk", "Абай облысы, Абай ауданы, Жайма жайылымы", "103200000"},
		{"711210000", "kk", "Астана қаласы, Есіл ауданы", "711210000"},
		{"710000000", "ru", "город Астана", ""},
		{"999999999", "kk", "", ""},
		{"", "kk", "", ""},
	} {
		if got := tree.PathName(c.code, c.lang); got != c.path {
			t.Errorf("path of %s in %s: %q, want %q", c.code, c.lang, got, c.path)
		}
		if d, ok := tree.District(c.code); d.Code != c.district || ok != (c.district != "") {
			t.Errorf("district of %s: %q", c.code, d.Code)
		}
		r, ok := tree.Region(c.code)
		if ok != (c.path != "") || ok && r.Code[:2] != c.code[:2] {
			t.Errorf("region of %s: %q", c.code, r.Code)
		}
	}
	if got := tree.Path("999999999"); got != nil {
		t.Errorf("path to nowhere: %v", got)
	}
}

func TestChildrenInKazakhOrder(t *testing.T) {
	var rows []Place
	names := []string{"Әйтеке", "Абай", "Ұлан", "Іле", "Ырғыз", "Жаңа 10", "Жаңа 2", "Үржар", "Қарасу", "Карл", "Ұзын", "Ертіс", "Ёлкино"}
	rows = append(rows, Place{Code: "100000000", Kind: Region, KK: "О", RU: "О", EN: "O"})
	for i, n := range names {
		rows = append(rows, Place{Code: "10" + string(rune('1'+i/9)) + string(rune('1'+i%9)) + "00000", Parent: "100000000", Kind: District, KK: n, RU: n, EN: n})
	}
	tree, err := build(rows)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range tree.Children("100000000") {
		got = append(got, p.KK)
	}
	want := "Абай Әйтеке Ертіс Ёлкино Жаңа 2 Жаңа 10 Карл Қарасу Ұзын Ұлан Үржар Ырғыз Іле"
	if strings.Join(got, " ") != want {
		t.Errorf("order %v, want %s", got, want)
	}
	if tree.Children("999999999") != nil || len(tree.Children("")) != 1 {
		t.Error("children of nowhere, or of the country")
	}
}

func TestSearch(t *testing.T) {
	tree, _ := sample(t)
	for _, c := range []struct{ query, want string }{
		{"абай", "100000000 103200000"},
		{"Абай обл", "100000000 103200000"},
		{"абай ауд", "103200000"},
		{"абай семей", "101010000"},
		{"семей абай", "101010000"},
		{"семей", "101010000"}, // the city, not its area of the same name
		{"озер", "101039100 101039000"},
		{"Озерки село", "101039100"},
		{"карааул", "103230100 103230000"},
		{"Қараауыл", "103230100 103230000"},
		{"караганды", "350000000 351010000"},
		{"karagandy", "350000000 351010000"},
		{"Караганда", "351010000"},
		{"есиль", "711210000"},
		{"есил", "711210000"},
		{"esil astana", "711210000"},
		{"жумба", "275230100"},
		{"берсиев", "275230000"},
		{"сиев", "275230000"}, // inside a word
		{"иев", "275230000"},
		{"ев", ""},
		{"мусрепова", "596600000"},
		{"нет такого", ""},
		{"", ""},
		{" -.,", ""},
		{"\xff\xfe", ""},
	} {
		var got []string
		for _, m := range tree.Search(c.query, "kk", 10) {
			got = append(got, m.Place.Code)
			if m.Path != tree.PathName(m.Place.Code, "kk") {
				t.Errorf("%q shows %q", c.query, m.Path)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("Search(%q) = %s, want %s", c.query, s, c.want)
		}
	}
	if got := tree.Search("абай", "kk", 1); len(got) != 1 || got[0].Place.Code != "100000000" {
		t.Errorf("one of two: %v", got)
	}
	if got := tree.Search("абай", "kk", 0); got != nil {
		t.Errorf("none of two: %v", got)
	}
	if got := tree.Search(strings.Repeat("абай ", 10000), "kk", 5); len(got) != 2 {
		t.Errorf("a long query found %d", len(got))
	}
}

func TestTableRoundTrip(t *testing.T) {
	tree, _ := sample(t)
	var first, second bytes.Buffer
	if err := tree.Encode(&first); err != nil {
		t.Fatal(err)
	}
	again, err := Decode(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Encode(&second); err != nil || first.String() != second.String() {
		t.Errorf("the table changed on its way: %v", err)
	}
	if got := again.Search("карааул", "ru", 1); len(got) != 1 || got[0].Path != "область Абай, Абайский район, Карааульский сельский округ, село Карааул" {
		t.Errorf("search after the way: %v", got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const row = "100000000\t\tregion\tА\tА\tA\n"
	for _, c := range []struct{ in, key, arg string }{
		{"", "place.import.empty", ""},
		{tableHeader + "\n", "place.import.empty", ""},
		{"code,parent\n", "place.table.line", "1"},
		{tableHeader + "\n" + row + "x\n", "place.table.line", "3"},
		{tableHeader + "\n100000000\t\tplanet\tА\tА\tA\n", "place.table.line", "2"},
		{tableHeader + "\n100000000\t\t\tА\tА\tA\n", "place.table.line", "2"},
		{tableHeader + "\n100000000\t\tregion\t\tА\tA\n", "place.table.line", "2"},
		{tableHeader + "\n100000000\t\tregion\t\xff\tА\tA\n", "place.table.line", "2"},
		{tableHeader + "\n" + row + row, "place.table.twice", "100000000"},
		{tableHeader + "\n" + row + "101000000\t102000000\tdistrict\tА\tА\tA\n", "place.table.parent", "101000000"},
		{tableHeader + "\n101000000\t101000000\tdistrict\tА\tА\tA\n", "place.table.parent", "101000000"},
		{tableHeader + "\n" + strings.Repeat("x", 10000), "place.table.line", "2"},
	} {
		_, err := Decode(strings.NewReader(c.in))
		e := errs.As(err)
		if err == nil || e.Kind != errs.Invalid || e.Key != c.key || e.Args["line"]+e.Args["code"] != c.arg {
			t.Errorf("Decode(%.60q) = %v, args %v; want %s %s", c.in, err, e.Args, c.key, c.arg)
		}
	}
}

func TestDefault(t *testing.T) {
	tree := Default()
	kinds := map[Kind]int{}
	for _, p := range tree.places {
		kinds[p.Kind]++
		if p.KK == "" || p.RU == "" || p.EN == "" || len(p.Code) != 9 {
			t.Errorf("a hole in %+v", p)
		}
		if m := regexp.MustCompile(`[\p{L}]\.|[ЌќЎўЇїЈј"]`).FindString(p.KK + " " + p.RU); m != "" {
			t.Errorf("%s still has %q: %s, %s", p.Code, m, p.KK, p.RU)
		}
		if regexp.MustCompile(`\p{Cyrillic}`).MatchString(p.EN) {
			t.Errorf("%s in English: %s", p.Code, p.EN)
		}
	}
	want := map[Kind]int{Region: 17, RegionCity: 3, District: 170, CityArea: 39, Borough: 19}
	for k, n := range want {
		if kinds[k] != n {
			t.Errorf("%d of %v, want %d", kinds[k], k, n)
		}
	}
	if len(tree.Regions()) != 20 || tree.Len() != 248 {
		t.Errorf("%d regions, %d places", len(tree.Regions()), tree.Len())
	}
	for _, c := range []struct{ query, path string }{
		{"наурызбай", "Алматы қаласы, Наурызбай ауданы"},
		{"байконур", ""},
		{"байконыр", "Астана қаласы, Байқоңыр ауданы"},
		{"Шымкент Тұран", "Шымкент қаласы, Тұран ауданы"},
		{"семей", "Абай облысы, Семей қаласы"},
	} {
		got := tree.Search(c.query, "kk", 1)
		if c.path == "" != (len(got) == 0) || len(got) == 1 && got[0].Path != c.path {
			t.Errorf("%s: %v, want %s", c.query, got, c.path)
		}
	}
}

// The product's table is what the reader makes of the classifier's regions and districts.
func TestDefaultFollowsTheClassifier(t *testing.T) {
	tree, _ := whole(t)
	var top []Place
	for _, r := range tree.Regions() {
		top = append(append(top, r), tree.Children(r.Code)...)
	}
	small, err := build(top)
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := small.Encode(&table); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("places.tsv", table.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(table.Bytes(), ownTable) {
		t.Error("places.tsv differs from the classifier; look at what changed, then go test ./internal/place -run Follows -update")
	}
}

func TestWholeClassifier(t *testing.T) {
	tree, rep := whole(t)
	t.Logf("%+v", rep)
	if rep.Rows != 15594 || rep.Regions != 20 || rep.Skipped != 0 {
		t.Errorf("report %+v", rep)
	}
	if rep.Districts != 228 {
		t.Errorf("%d districts", rep.Districts)
	}
	collator := collate.New(language.Kazakh, collate.Numeric)
	short := regexp.MustCompile(`(?i)(^|\s)(атын|ат|а\.о|қ\.ә|к\.ә|а\.ә|рзд|отг|уч|ст|с\.о|п\.а|с\.а|г\.а|кр\.хоз)\.`)
	left := 0 // names that the source shortens twice, as "отг.ст.Сарыадыр"
	for _, p := range tree.places {
		if p.KK == "" || p.RU == "" || p.EN == "" || tree.PathName(p.Code, "kk") == "" {
			t.Errorf("a hole in %+v", p)
		}
		if _, ok := tree.District(p.Code); !ok && p.Parent != "" {
			t.Errorf("%s lies in no district", p.Code)
		}
		for _, n := range []string{p.KK, p.RU} {
			if strings.ContainsAny(n, "ЌќЎўЇїЈј\"\t") {
				t.Errorf("%s is still %q", p.Code, n)
			}
			if strings.Contains(n, ".") && short.MatchString(n) {
				left++
				t.Logf("%s is still %q", p.Code, n)
			}
		}
		children := tree.Children(p.Code)
		for i := 1; i < len(children); i++ {
			if collator.CompareString(children[i-1].KK, children[i].KK) > 0 {
				t.Errorf("%q stands before %q", children[i-1].KK, children[i].KK)
			}
		}
	}
	if left > 5 {
		t.Errorf("%d names are still short", left)
	}
	if got := tree.Search("карааул", "kk", 3); len(got) == 0 || got[0].Place.KK != "Қараауыл ауылдық округі" && got[0].Place.KK != "Қараауыл ауылы" {
		t.Errorf("карааул: %v", got)
	}
}

func TestMessagesExist(t *testing.T) {
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`"(place\.[a-z]+\.[a-z]+)"`).FindAllSubmatch(src, -1) {
			if n++; !catalog.Has(string(m[1])) {
				t.Errorf("no words for %s", m[1])
			}
		}
	}
	if n < 12 {
		t.Errorf("only %d keys in the sources", n)
	}
}

func benchmarkSearch(b *testing.B, query string) {
	tree, _ := whole(b)
	b.ReportAllocs()
	for b.Loop() {
		tree.Search(query, "kk", 20)
	}
}

func BenchmarkSearchOneLetter(b *testing.B) { benchmarkSearch(b, "к") }
func BenchmarkSearchWord(b *testing.B)      { benchmarkSearch(b, "караганды") }
func BenchmarkSearchPath(b *testing.B)      { benchmarkSearch(b, "абай семей") }
func BenchmarkSearchKind(b *testing.B)      { benchmarkSearch(b, "кар село") }
func BenchmarkSearchInside(b *testing.B)    { benchmarkSearch(b, "булак кара") }
func BenchmarkSearchNothing(b *testing.B)   { benchmarkSearch(b, "ъъъъ щщщщ") }
func BenchmarkReadWhole(b *testing.B) {
	data, err := os.ReadFile(classifier)
	if err != nil {
		b.Skipf("the national classifier is not at hand: %v", err)
	}
	for b.Loop() {
		if _, _, err := ReadKATO(bytes.NewReader(data), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
