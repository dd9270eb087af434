package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
	"ustaz/internal/policy"
)

// Times of the tests.
var (
	noon    = time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	inForce = time.Date(2023, 9, 7, 7, 0, 0, 0, time.UTC)
)

func loaded(t testing.TB) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c.Watched(func(key, what string) { t.Errorf("message %q: %s", key, what) })
}

// SampleConfig is a site with the frame's own pages; who asks is told by the header Test-Viewer.
func SampleConfig(t testing.TB, routes ...Route) Config {
	public, err := url.Parse("https://ustaz.example")
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Public: public, Catalog: loaded(t), Routes: routes,
		Operator: Operator{
			Name:        i18n.Text{KK: "«Білім» қоры", RU: "Фонд «Білім»", EN: "Bilim Foundation"},
			BIN:         "990140000010",
			Address:     i18n.Text{KK: "Астана қаласы, Мәңгілік Ел даңғылы, 1", RU: "г. Астана, проспект Мангилик Ел, 1", EN: "1 Mangilik El Avenue, Astana"},
			Email:       "ustaz@bilim.example",
			Phone:       "+7 7172 00 00 00",
			Responsible: i18n.Text{KK: "Әсем Қайратова, 12-бұйрық, 07.09.2023", RU: "Асем Кайратова, приказ № 12 от 07.09.2023", EN: "Assem Kairatova, order No 12 of 07.09.2023"},
		},
		Authenticate: func(r *http.Request) (Viewer, error) {
			switch r.Header.Get("Test-Viewer") {
			case "":
				return Viewer{}, nil
			case "teacher":
				return Viewer{Subject: 7, Session: "s"}, nil
			case "declined":
				return Viewer{Subject: 7, MustConsent: true}, nil
			case "support":
				return Viewer{Subject: 8, Roles: []policy.Role{policy.SupportR}, SecondFactor: true}, nil
			case "support without a second factor":
				return Viewer{Subject: 8, Roles: []policy.Role{policy.SupportR}}, nil
			}
			return Viewer{}, errs.New(errs.Unavailable, "error.unavailable")
		},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }, InForce: func() time.Time { return inForce },
	}
}

type galleryPage struct {
	Steps    Steps
	Notices  []Notice
	Sheet    *Sheet
	Summary  Summary
	Meter    Meter
	Clocks   []Clock
	Passages []Passage
	Proofs   []Proof
	Table    Table
	None     Table
	Confirm  Confirm
	Pages    Pages
	Side     Side
	Plot     Plot
	Cards    []Card
	Buttons  []Button
	Tags     []Tag
}

// Gallery shows every component with words of a made-up page. It is Kazakh whatever the language of the frame, since
// only the frame's own words are in the catalogue.
func Gallery(l i18n.Lang) galleryPage {
	sheet := NewSheet(l, "/kk/gallery", "Тіркелу",
		NewField(l, TextField, "surname", "Тегі").Must().Hinted("Жеке куәліктегідей жазыңыз.").Because("3.2.1", "Сізге атыңызбен жүгіну және сертификатты дұрыс толтыру үшін.").Fills("family-name").Holding("Қайратова"),
		NewField(l, EmailField, "email", "Электрондық пошта").Must().Hinted("Осы мекенжайға растау сілтемесін жібереміз.").Because("3.2.2", "Сайтқа кіру және сізге хабар жіберу үшін.").Fills("email"),
		NewField(l, Password, "password", "Құпиясөз").Must().Hinted("Кемінде 15 таңба. Бірнеше сөзден құралған тіркес есте жақсы қалады.").Fills("new-password"),
		NewField(l, TelField, "phone", "Байланыс телефоны").Because("3.2.4", "Шұғыл жағдайда хабарласу үшін.").Fills("tel"),
		NewField(l, Digits, "iin", "ЖСН").Because("3.2.3", "Сертификатты мемлекеттік тізілімге енгізу үшін. Көрсетілгенде жасырын тұрады.").UpTo(12),
		NewField(l, Lookup, "place", "Аудан немесе елді мекен").Hinted("Атауын тере бастаңыз.").From("/kk/places").Fills("off").Because("3.2.5", "Өңіріңіздегі курстарды ұсыну үшін."),
		NewField(l, Select, "workplace", "Жұмыс орны").Of(Option{Value: "school", Text: "Жалпы білім беретін мектеп"}, Option{Value: "college", Text: "Колледж"}),
		NewField(l, Radios, "language", "Оқыту тілі").Must().Of(Option{Value: "kk", Text: "Қазақ тілі"}, Option{Value: "ru", Text: "Орыс тілі", Hint: "Аралас мектептер де осыны таңдайды."}),
		NewField(l, Ticks, "news", "Не туралы хабарлайық?").Of(Option{Value: "courses", Text: "Жаңа курстар"}, Option{Value: "contests", Text: "Байқаулар"}).Holding("courses"),
		NewField(l, Area, "about", "Сұрағыңыз").UpTo(4000),
		NewField(l, Tick, "agree", "").Labelled(Text{{Text: "Мен "}, {Text: "Құпиялылық саясатымен", Href: "/kk/policy"}, {Text: " таныстым және дербес деректерімді өңдеуге келісім беремін"}}).Must(),
	).Carry("edition", "2023-09-07")
	sheet.Cancel = &Link{Text: "Бас тарту", Href: "/kk/"}
	sheet.Show(errs.InvalidFields([]errs.Field{{Name: "email", Key: "error.long", Args: map[string]string{"max": "254"}}, {Name: "agree", Key: "error.consent"}}), Form{})
	block := NewSheet(l, "/kk/block", "Деректерімді бұғаттау", NewField(l, Password, "again", "Құпиясөзіңіз").Must().Fills("current-password"))
	said := Text{{Text: "Қолдау қызметі (А. К.) № 214 өтінішке жауап беру үшін сіздің "}, {Text: "атыңыз бен поштаңызды", Strong: true}, {Text: " көрді"}}
	passage := NewPassage(l, said, "4.1.7", noon)
	passage.Proof = &Link{Text: "Тексеру", Href: "/kk/my/passages/1"}
	refused := NewPassage(l, Plain("Қолдау қызметі (А. К.) хабарлама жіберу үшін ЖСН-іңізді сұрады"), "4.1.3", noon)
	refused.Refused = true
	proof := NewProof(l, true, Plain("Бұл жол — 3 қарашада сағат 14:05-те қол қойылған, 214 003 жазбадан тұратын журналдың 10 482-жазбасы. Оны біреу өзгерткен болса, бұл тексеріс өтпес еді."),
		Row{Key: "Жапырақ хеші", Value: Plain("9f2c61d0a3b54e7788c0d1e2f30415263748596a7b8c9daebfc0d1e2f3041526")})
	proof.File = &Link{Text: "Тексеру файлын жүктеу", Href: "/kk/my/passages/1/proof"}
	var bars []Bar
	for i, n := range []int64{312, 280, 341, 120, 96, 402, 388, 365, 371, 290, 101, 88, 415, 430} {
		bars = append(bars, Bar{Label: l.DateShort(noon.AddDate(0, 0, i-13)), Value: n})
	}
	return galleryPage{
		Steps:   NewSteps(l, 1, "Келісім", "Аты-жөні", "Пошта", "Тексеру"),
		Notices: []Notice{NewNotice(l, Info, "", Plain("Сайт 30 қарашада 22:00-ден 23:00-ге дейін жұмыс істемейді.")), NewNotice(l, Good, "Сақталды", Plain("Өзгерістер күшіне енді.")), NewNotice(l, Warn, "Мерзімі жақын", Plain("Талапқа үш күн ішінде жауап беру керек.")), NewNotice(l, Bad, "Хат жіберілмеді", Plain("Пошта сервері жауап бермейді."))},
		Sheet:   sheet,
		Summary: Summary{Rows: []Row{
			{Key: "Аты-жөні", Value: Plain("Қайратова Әсем"), Note: Plain("2026 жылғы 3 қарашадан бері, өзіңіз енгіздіңіз"), Act: &RowAct{Text: "Өзгерту", About: "аты-жөні", Href: "/kk/my/name"}},
			{Key: "ЖСН", Value: Plain("•••• •••• 0010"), Act: &RowAct{Text: "Өзгерту", About: "ЖСН", Href: "/kk/my/iin"}},
			{Key: "Елді мекен", Value: Plain("Қызылорда облысы, Арал ауданы, Ақсуат ауылы"), Act: &RowAct{Text: "Өзгерту", About: "елді мекен", Href: "/kk/my/place"}},
		}},
		Meter:    Meter{Label: "Профиль толық", Said: "7 / 9", Done: 7, Of: 9},
		Clocks:   []Clock{NewClock(l, "№ 31 талап", noon.AddDate(0, 0, -12), noon.AddDate(0, 0, 18), noon), NewClock(l, "№ 30 талап", noon.AddDate(0, 0, -28), noon.AddDate(0, 0, 2), noon), NewClock(l, "№ 29 талап", noon.AddDate(0, 0, -34), noon.AddDate(0, 0, -4), noon)},
		Passages: []Passage{passage, refused},
		Proofs:   []Proof{proof, NewProof(l, false, Plain("Жазба қол қойылған журналмен сәйкес келмейді."))},
		Table: Table{Caption: "Курстар", Columns: []Column{{Label: "Курс"}, {Label: "Күйі"}, {Label: "Сағат", Number: true}}, Rows: [][]Cell{
			{{Text: Plain("Сандық сауаттылық")}, {Tag: &Tag{Text: "Аяқталды", Style: Good}}, {Text: Plain("72")}},
			{{Text: Plain("Инклюзивті білім беру негіздері")}, {Tag: &Tag{Text: "Оқып жүрсіз", Style: Info}}, {Text: Plain("120")}},
			{{Text: Plain("Қазақ тілін оқыту әдістемесі")}, {Tag: &Tag{Text: "Мерзімі өтті", Style: Bad}}, {Text: Plain("36")}},
		}},
		None:    Table{Empty: &Empty{Title: "Әзірге ешкім көрмеген", Text: Plain("Деректеріңізді біреу ашса, ол осында сол сәтте көрінеді."), Act: &Button{Text: "Деректерімді көру", Href: "/kk/my", Style: Secondary}}},
		Confirm: NewConfirm(l, block, Plain("Иә. Тексеріс аяқталғанда бұғаттау алынады."), Plain("Батырманы басқан сәттен бастап"), []string{"аты-жөні", "пошта", "ЖСН", "телефон"}, Plain("Деректеріңізді тексеретін қызметкерден басқа ешкім аша алмайды."), Plain("Курстар мен сертификаттар уақытша жабылады.")),
		Pages:   NewPages(l, 2, 9, func(n int) string { return "?page=" + l.Number(int64(n)) }),
		Side:    Side{Title: "Не үшін көрсетеміз?", Text: Plain("Деректеріңізді кім, не үшін ашқанын білуге құқылысыз."), Clause: &[]Clause{NewClause(l, "6.2.1")}[0]},
		Plot:    NewPlot(l, "Келушілер саны, соңғы екі апта", "Күні", "Келуші", bars...),
		Cards: []Card{
			{Title: "Сандық сауаттылық", Href: "/kk/courses/1", Text: Plain("Сабақта электрондық құралдарды қауіпсіз қолдану."), Facts: []string{"72 сағат", "қазақ тілінде"}, Mine: true, MineText: "Сіз оқып жүрсіз"},
			{Title: "Инклюзивті білім беру негіздері", Href: "/kk/courses/2", Text: Plain("Әр баланың қажеттілігін ескеретін сабақ."), Facts: []string{"120 сағат"}},
			{Title: "Формативті бағалау", Href: "/kk/courses/3", Text: Plain("Кері байланыс беру және критерий құру."), Facts: []string{"36 сағат"}},
		},
		Buttons: []Button{{Text: "Негізгі әрекет", Style: Primary}, {Text: "Қосымша", Style: Secondary}, {Text: "Деректерімді жою", Style: Danger}},
		Tags:    []Tag{{Text: "Жаңа", Style: Info}, {Text: "Аяқталды", Style: Good}, {Text: "Мерзімі жақын", Style: Warn}, {Text: "Мерзімі өтті", Style: Bad}},
	}
}

// GalleryRoute is a page that shows every component.
func GalleryRoute(t testing.TB) (Route, *Set) {
	set := NewSet(os.DirFS("testdata"), "*.html")
	view := AddView[galleryPage](set, "gallery.html")
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	return Route{Method: http.MethodGet, Pattern: "/{lang}/gallery", Access: Public(), Handle: func(w http.ResponseWriter, r *Request) error {
		return view.Send(w, r, Head{Title: "Көрме", Describe: "Барлық бөлшек", Back: &Link{Text: "Артқа", Href: "/kk/"}}, Gallery(r.Lang))
	}}, set
}

// TestGallery renders all components in all languages. With USTAZ_GALLERY=DIR the pages and their assets are written
// there too, to be looked at in a browser.
func TestGallery(t *testing.T) {
	route, _ := GalleryRoute(t)
	c := SampleConfig(t, route)
	c.Menu = []MenuItem{{Key: "frame.home", Pattern: PathHome, Access: Public()}, {Key: "frame.my", Pattern: PathMy, Access: SignedIn()}}
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("USTAZ_GALLERY")
	for _, code := range i18n.Codes() {
		for name, path := range map[string]string{"gallery": "/gallery", "cookies": "/cookies", "missing": "/missing"} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, "/"+code+path, nil)
			if name == "cookies" {
				r.Header.Set("Test-Viewer", "teacher")
			}
			f.ServeHTTP(w, r)
			page := w.Body.Bytes()
			if !bytes.Contains(page, []byte("</html>")) {
				t.Errorf("%s %s: %s", code, name, page)
			}
			if dir != "" {
				write(t, filepath.Join(dir, code+"-"+name+".html"), bytes.ReplaceAll(page, []byte(`"/assets/`), []byte(`"assets/`)))
			}
		}
	}
	if dir != "" {
		for name, a := range f.assets.files {
			write(t, filepath.Join(dir, "assets", name), bytes.ReplaceAll(a.body, []byte("url(/assets/"), []byte("url(")))
		}
	}
}

func write(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, body, 0o644); err != nil {
		t.Fatal(err)
	}
}
