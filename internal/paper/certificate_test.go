package paper

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ustaz/internal/errs"
	"ustaz/internal/secret"
)

func aCertificate(t testing.TB, code string) Certificate {
	return Certificate{Lang: lang(t, code), Operator: receipt(t, code).Operator, Title: "Сертификат", Lead: "берілді", Name: secret.New("Әбдіғалиева Ұлжан"),
		Said: "мына курсты аяқтағаны үшін", Course: "Сабақта жасанды интеллектіні қауіпсіз қолдану", Extent: "72 академиялық сағат", Number: "SU-26-7K3M-9XRT-4", Date: day,
		Facts: []Fact{{"Берілген күні", Words("2026 жылғы 3 қараша")}, {"Нөмірі", Words("SU-26-7K3M-9XRT-4")}, {"Құпия коды", secret.New("K7M3X-2RTPA")}},
		Check: Check{"https://ustaz.example/kk/check/SU-26-7K3M-9XRT-4", "Сертификатты осы мекенжайда кез келген адам тексере алады."}}
}

func certificatePDF(t testing.TB, c Certificate) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.PDF(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCertificateIsReadBack(t *testing.T) {
	for _, code := range []string{"kk", "ru", "en"} {
		made := certificatePDF(t, aCertificate(t, code))
		if !bytes.Equal(made, certificatePDF(t, aCertificate(t, code))) {
			t.Error("the same certificate gives other bytes")
		}
		file := extract(t, made)
		pages := file.pages()
		if len(pages) != 1 {
			t.Fatalf("%d pages", len(pages))
		}
		contains(t, pages[0], lang(t, code).Of(receipt(t, code).Operator.Name)+"\nСертификат\nберілді\nӘбдіғалиева Ұлжан\nмына курсты аяқтағаны үшін\nСабақта жасанды интеллектіні қауіпсіз қолдану\n72 академиялық сағат\n",
			"Берілген күні\n2026 жылғы 3 қараша\nНөмірі\nSU-26-7K3M-9XRT-4\nҚұпия коды\nK7M3X-2RTPA\n", "осы мекенжайда", "https://ustaz.example/kk/check/SU-26-7K3M-9XRT-4\n")
		if !bytes.Contains(made, []byte("/MediaBox [0 0 841.89 595.28]")) {
			t.Error("the page does not lie on its long side")
		}
		if title := file.info("Title"); strings.Contains(title, "Ұлжан") || !strings.Contains(title, "SU-26-7K3M-9XRT-4") {
			t.Errorf("title %q", title)
		}
	}
}

// inside fails for text that runs over the line around the page, or over other text.
func inside(t interface {
	Helper()
	Fatalf(string, ...any)
}, l *layout) {
	t.Helper()
	if len(l.pages) != 1 {
		t.Fatalf("%d pages", len(l.pages))
	}
	runs := l.pages[0].runs
	for i, r := range runs {
		end := r.x + l.pen.widthOf(r.style, r.text)
		if r.x < frame || end > acrossWidth-frame+0.01 || r.y-r.size < frame || r.y > acrossHeight-frame {
			t.Fatalf("%q stands at %v to %v, %v", r.text, r.x, end, r.y)
		}
		for _, o := range runs[:i] {
			if r.x < o.x+l.pen.widthOf(o.style, o.text) && o.x < end && r.y-r.size*0.7 < o.y && o.y-o.size*0.7 < r.y {
				t.Fatalf("%q stands on %q", r.text, o.text)
			}
		}
	}
}

func TestLongCertificatesStayOnThePage(t *testing.T) {
	long := aCertificate(t, "kk")
	long.Name = secret.New(strings.Repeat("Ш", 60) + " " + strings.Repeat("Щ", 60))
	long.Course = strings.Repeat("Ұ", 120)
	long.Operator.Name.KK = strings.Repeat("Республикалық ғылыми-әдістемелік ", 9)
	long.Facts = append(long.Facts, long.Facts...)
	l, err := long.laid()
	if err != nil {
		t.Fatal(err)
	}
	inside(t, l)
	rapid.Check(t, func(rt *rapid.T) {
		c := aCertificate(t, "kk")
		c.Name, c.Course = secret.New(rapid.StringN(0, 121, 400).Draw(rt, "name")), rapid.StringN(0, 120, 400).Draw(rt, "course")
		c.Operator.Name.KK = rapid.StringOfN(rapid.RuneFrom([]rune("Әлем қоры-Шщ ")), 0, 200, -1).Draw(rt, "operator")
		l, err := c.laid()
		if err != nil {
			rt.Fatal(err)
		}
		inside(rt, l)
	})
	long.Course = strings.Repeat("Ұ", 2000)
	if err := long.PDF(&bytes.Buffer{}); !errs.Is(err, errs.TooLarge) {
		t.Errorf("too much: %v", err)
	}
}
