package learning

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ustaz/internal/errs"
	"ustaz/internal/i18n"
)

const leavesSite = ` class="away" rel="noopener noreferrer external"`

func TestRender(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"headings begin under the page's own": {"# Сабақ\n\n## Бөлім", "<h2 id=\"part-сабақ\">Сабақ</h2>\n<h3>Бөлім</h3>\n"},
		"a level left out moves up":           {"# A\n\n#### B\n\n## C", "<h2 id=\"part-a\">A</h2>\n<h3>B</h3>\n<h3>C</h3>\n"},
		"the highest level is the first":      {"### A\n\n#### B\n\n### C", "<h2 id=\"part-a\">A</h2>\n<h3>B</h3>\n<h2 id=\"part-c\">C</h2>\n"},
		"no lower than six":                   {"# A\n## B\n### C\n#### D\n##### E\n###### F", "<h2 id=\"part-a\">A</h2>\n<h3>B</h3>\n<h4>C</h4>\n<h5>D</h5>\n<h6>E</h6>\n<h6>F</h6>\n"},
		"raw HTML is left out":                {"a <b onclick=x>b</b>\n\n<script>x</script>", "<p>a b</p>\n"},
		"a link that leaves":                  {"[a](https://e.example/?x=1&y)", "<p><a href=\"https://e.example/?x=1&amp;y\"" + leavesSite + ">a</a></p>\n"},
		"an address that leaves":              {"<https://e.example/>", "<p><a href=\"https://e.example/\"" + leavesSite + ">https://e.example/</a></p>\n"},
		"a link of our own":                   {"[a](/kk/policy#c4.1.7) [b](#part-b)", "<p><a href=\"/kk/policy#c4.1.7\">a</a> <a href=\"#part-b\">b</a></p>\n"},
		"a letter":                            {"<a@e.example> [b](mailto:b@e.example)", "<p><a href=\"mailto:a@e.example\">a@e.example</a> <a href=\"mailto:b@e.example\">b</a></p>\n"},
		"a script":                            {"[a](javascript:alert(1))", "<p>a</p>\n"},
		"a script in entities":                {"[a](javascript&colon;alert(1)) [b](&#106;avascript:x)", "<p>a b</p>\n"},
		"a script in entities of entities":    {"[a](/javascript&amp;#58;x)", "<p><a href=\"/javascript&amp;#58;x\">a</a></p>\n"},
		"a script as an address":              {"<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"},
		"data":                                {"[a](data:text/html,x) ![b](data:image/png;base64,AA)", "<p>a b</p>\n"},
		"another host without a scheme":       {"[a](//e.example) [b](/\\e.example)", "<p>a <a href=\"/%5Ce.example\">b</a></p>\n"}, // the second is a path of ours
		"a picture from elsewhere":            {"![what it *shows*](https://e.example/p.png)", "<p>what it <em>shows</em></p>\n"},
		"a picture of our own":                {"![шешім](/pictures/1.png)", "<p><img src=\"/pictures/1.png\" alt=\"шешім\" loading=\"lazy\" decoding=\"async\"></p>\n"},
		"a picture inside a script":           {"[![x](https://e.example/p.png)](javascript:y)", "<p>x</p>\n"},
		"attributes are text":                 {"# A {onclick=x}", "<h2 id=\"part-a-onclick-x\">A {onclick=x}</h2>\n"},
		"struck out":                          {"~~a~~", "<p><del>a</del></p>\n"},
		"terms":                               {"A\n: B", "<dl>\n<dt>A</dt>\n<dd>B</dd>\n</dl>\n"},
		"tasks":                               {"- [x] a\n- [ ] b", "<ul>\n<li><span class=\"tick\">☑ </span>a</li>\n<li><span class=\"tick\">☐ </span>b</li>\n</ul>\n"},
		"a table": {"a|b|c\n:-|-:|:-:\n1|2|3", "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"1-кесте\">\n<table>\n<thead>\n<tr>\n<th scope=\"col\">a</th>\n<th scope=\"col\" class=\"number\">b</th>\n" +
			"<th scope=\"col\" class=\"centre\">c</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td class=\"number\">2</td>\n<td class=\"centre\">3</td>\n</tr>\n</tbody>\n</table>\n</div>\n"},
		"an empty cell is no heading":  {"||a|\n|-|-|", "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"1-кесте\">\n<table>\n<thead>\n<tr>\n<td></td>\n<th scope=\"col\">a</th>\n</tr>\n</thead>\n</table>\n</div>\n"},
		"a note":                       {"> [!NOTE]\n> *a*\n> b", "<aside class=\"callout note\" role=\"note\"><p class=\"callout-head\">Ескертпе</p>\n<p><em>a</em>\nb</p>\n</aside>\n"},
		"a tip":                        {"> [!tip]\n>\n> a", "<aside class=\"callout tip\" role=\"note\"><p class=\"callout-head\">Кеңес</p>\n<p>a</p>\n</aside>\n"},
		"a task":                       {"> [!TASK]\n> - a", "<aside class=\"callout task\" role=\"note\"><p class=\"callout-head\">Тапсырма</p>\n<ul>\n<li>a</li>\n</ul>\n</aside>\n"},
		"a callout of no kind of ours": {"> [!BEWARE]\n> a", "<blockquote>\n<p>[!BEWARE]\na</p>\n</blockquote>\n"},
		"a callout has a line":         {"> [!NOTE] a", "<blockquote>\n<p>[!NOTE] a</p>\n</blockquote>\n"},
		"code in a callout's place":    {"> `[!NOTE]`", "<blockquote>\n<p><code>[!NOTE]</code></p>\n</blockquote>\n"},
	} {
		page, err := Render(tc.in, "kk", nil)
		if err != nil || string(page.HTML) != tc.want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", name, err, page.HTML, tc.want)
		}
	}
	if _, err := Render(strings.Repeat("a", MaxBody+1), "kk", nil); !errs.Is(err, errs.Invalid) {
		t.Errorf("a text that is too long: %v", err)
	}
}

func TestPartsKeepTheirIDs(t *testing.T) {
	page, err := Render("# Бір &amp; *екі* `үш`\n\n## Бөлім\n\n# Төрт\\*\n\n# Төрт\n\n# Төрт 2\n\n# $x^2$ туралы\n\n# !\n\n# "+strings.Repeat("ұзын ", 20), "kk", nil)
	want := []Part{{"part-бір-екі-үш", "Бір & екі үш"}, {"part-төрт", "Төрт*"}, {"part-төрт-2", "Төрт"}, {"part-төрт-2-2", "Төрт 2"}, {"part-x-2-туралы", "x^2 туралы"}, {"part", "!"},
		{"part-ұзын-ұзын-ұзын-ұзын-ұзын-ұзын-ұзын", strings.TrimSpace(strings.Repeat("ұзын ", 20))}}
	if err != nil || !slices.Equal(page.Parts, want) {
		t.Errorf("%v, parts %q", err, page.Parts)
	}
	after, err := Render("# Жаңа\n\n# Төрт", "kk", nil)
	if err != nil || after.Parts[1].ID != "part-төрт" {
		t.Errorf("%v, with another part before it %q", err, after.Parts)
	}
}

func TestFootnotes(t *testing.T) {
	const text = "a[^1] b[^x] c[^1] [d[^x]](/e)\n\n[^1]: *f*\n[^x]: g\n[^unused]: h"
	page, err := Render(text, "ru", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := string(page.HTML)
	id := page.HTML[strings.Index(got, "noted-")+6:][:8]
	want := strings.ReplaceAll(`<p>a<sup id="noted-ID-1"><a class="noted" role="doc-noteref" href="#note-ID-1" aria-label="Сноска 1">1</a></sup> b<sup id="noted-ID-2"><a class="noted" role="doc-noteref" href="#note-ID-2" aria-label="Сноска 2">2</a></sup> `+
		`c<sup id="noted-ID-1-2"><a class="noted" role="doc-noteref" href="#note-ID-1" aria-label="Сноска 1">1</a></sup> <a href="/e">d<sup>2</sup></a></p>
<section class="notes" role="doc-endnotes" aria-label="Сноски"><ol>
<li id="note-ID-1"><p><em>f</em> <a class="note-back" role="doc-backlink" href="#noted-ID-1" aria-label="Вернуться от сноски 1 к тексту">↩&#xfe0e;</a></p>
</li>
<li id="note-ID-2"><p>g <a class="note-back" role="doc-backlink" href="#noted-ID-2" aria-label="Вернуться от сноски 2 к тексту">↩&#xfe0e;</a></p>
</li>
</ol></section>
`, "ID", string(id))
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	other, err := Render(text+"!", "ru", nil)
	if err != nil || strings.Contains(string(other.HTML), string(id)) {
		t.Errorf("%v, two texts on a page have the same ids: %s", err, other.HTML)
	}
}

// plainText is a page as it is read, with formulas in brackets.
func plainText(t *testing.T, markup string) string {
	t.Helper()
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(markup))
	for in := ""; ; {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			if in == "annotation" {
				b.WriteString("«" + string(z.Text()) + "»")
			} else if in == "" {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			if name, _ := z.TagName(); string(name) == "math" || string(name) == "annotation" {
				in = string(name)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "math" {
				in = ""
			}
		}
	}
}

func TestDollars(t *testing.T) {
	for in, want := range map[string]string{
		"$x$":                                 "«x»",
		"a $x$, b":                            "a «x», b",
		"($x$)":                               "(«x»)",
		"$x$-ті":                              "«x»-ті",
		"5 $ и 10 $":                          "5 $ и 10 $",
		"$5":                                  "$5",
		"$5 и $10":                            "$5 и $10",
		"5$ и 10$":                            "5$ и 10$",
		"от $5 до 10$ за урок":                "от $5 до 10$ за урок",
		"$5 және 10$":                         "$5 және 10$",
		"$2 кг$":                              "«2 кг»",
		"$20,$30":                             "$20,$30",
		"$ x$":                                "$ x$",
		"$x $":                                "$x $",
		"US$x$":                               "US$x$",
		`\$x$`:                                "$x$",
		`$x\$y$`:                              "«x\\$y»",
		"`$x$`":                               "$x$",
		"*a $x*y$ b*":                         "a «x*y» b",
		"$a_b$ and $c_d$":                     "«a_b» and «c_d»",
		"$x\n+y$":                             "«x\n+y»",
		"$x\n\ny$":                            "$x\ny$",
		"$$x$$":                               "«x»",
		"$$\nx\n= y\n$$":                      "«x\n= y»",
		"$$x\n=y$$.":                          "«x\n=y.»",
		"a $$x$$ b":                           "a «x» b",
		"$$x$$ b":                             "«x» b",
		"> $$\n> x\n> $$":                     "«x»",
		"- a\n  $$\n  x\n  $$":                "a\n«x»",
		"a\n$$x$$\nb":                         "a\n«x»b",
		"```math\nx\n```":                     "«x»",
		"```\n$x$\n```":                       "$x$",
		"|a|\n|-|\n|$\\|x\\|$|":               "a\n\n\n\n\n«|x|»",
		"[$x$](/a)":                           "«x»",
		"$" + strings.Repeat("x", 2001) + "$": "$" + strings.Repeat("x", 2001) + "$",
	} {
		page, err := Render(in, "ru", nil)
		if got := plainText(t, string(page.HTML)); err != nil || got != want || len(page.Problems) > 0 {
			t.Errorf("%q: %v, %v\ngot  %q\nwant %q\n%s", in, err, page.Problems, got, want, page.HTML)
		}
	}
}

func TestFormulasWiderThanAPhoneScroll(t *testing.T) {
	for in, want := range map[string]string{
		"$x$":                         `<p><span class="math"><math>`,
		"$$x$$":                       `<div class="math display"><math display="block">`,
		"$a+b+c+d+e+f+g+h+i=0$":       `<p><span class="math long" role="group" tabindex="0" aria-label="1-формула"><math>`,
		"$$a+b+c+d+e+f+g+h+i=0$$":     `<div class="math display long" role="group" tabindex="0" aria-label="1-формула"><math display="block">`,
		"[$a+b+c+d+e+f+g+h+i=0$](/a)": `<p><a href="/a"><span class="math"><math>`, // a link is reached by itself
	} {
		page, err := Render(in, "kk", nil)
		if err != nil || !strings.HasPrefix(string(page.HTML), want) {
			t.Errorf("%s: %v, %s", in, err, page.HTML)
		}
	}
}

func TestFiles(t *testing.T) {
	files := func(name string) (File, bool) {
		f, ok := map[string]File{
			"фото.jpg":   {Href: "/f/1", Type: "image/jpeg", Width: 800, Height: 600, Size: 1},
			"a b(1).png": {Href: "/f/5?x=1&y", Type: "image/png"},
			"film.mp4":   {Href: "/f/2", Type: "video/mp4", Size: 45_000_000, Width: 640, Height: 360, Captions: []Track{{"kk", "/f/2.kk"}, {"zz", "/f/2.zz"}, {"ru", "https://e.example/x"}}},
			"voice.mp3":  {Href: "/f/3", Type: "audio/mpeg", Size: 5_000},
			"план.docx":  {Href: "/f/4", Type: "application/x", Size: 34_000},
			"50%.pdf":    {Href: "/f/6", Type: "application/pdf"},
			"abroad.png": {Href: "https://e.example/p.png", Type: "image/png"},
			"run.png":    {Href: "javascript:x", Type: "image/png"},
		}[name]
		f.Name = name
		return f, ok
	}
	const video = `<video controls preload="metadata" src="/f/2" width="640" height="360" aria-label="Фильм"><track kind="captions" src="/f/2.kk" srclang="kk" label="казахский"><track kind="captions" src="/f/2.zz" srclang="zz" label="zz"></video>`
	const missing = ` <span class="missing">(нет такого файла: `
	for in, want := range map[string]string{
		"![Доска](фото.jpg)":                              `<p><img src="/f/1" alt="Доска" width="800" height="600" loading="lazy" decoding="async"></p>`,
		"![Доска *и* мел](./фото.jpg \"Рис. \\\"1\\\"\")": `<figure><img src="/f/1" alt="Доска и мел" width="800" height="600" loading="lazy" decoding="async"><figcaption>Рис. &#34;1&#34;</figcaption></figure>`,
		"a ![b](фото.jpg \"c\")":                          `<p>a <img src="/f/1" alt="b" title="c" width="800" height="600" loading="lazy" decoding="async"></p>`,
		"![a](%D1%84%D0%BE%D1%82%D0%BE.jpg)":              `<p><img src="/f/1" alt="a" width="800" height="600" loading="lazy" decoding="async"></p>`,
		"![a](<a b(1).png>)":                              `<p><img src="/f/5?x=1&amp;y" alt="a" loading="lazy" decoding="async"></p>`,
		"![Фильм](film.mp4)":                              `<figure>` + video + `<figcaption>Фильм <span class="file">(MP4,` + "\u00a0" + `42,9 МБ)</span></figcaption></figure>`,
		"a ![Фильм](film.mp4)":                            `<p>a ` + video + `</p>`,
		"![Голос](voice.mp3 \"Запись\")":                  `<figure><audio controls preload="none" src="/f/3" aria-label="Голос"></audio><figcaption>Запись <span class="file">(MP3,` + "\u00a0" + `5 КБ)</span></figcaption></figure>`,
		"[План *урока*](план.docx)":                       `<p><a href="/f/4" download="план.docx">План <em>урока</em> <span class="file">(DOCX,` + "\u00a0" + `34 КБ)</span></a></p>`,
		"![План](план.docx)":                              `<p><a href="/f/4" download="план.docx">План <span class="file">(DOCX,` + "\u00a0" + `34 КБ)</span></a></p>`,
		"[a](50%.pdf)":                                    `<p><a href="/f/6" download="50%.pdf">a <span class="file">(PDF)</span></a></p>`,
		"[![a](фото.jpg)](/b)":                            `<p><a href="/b"><img src="/f/1" alt="a" width="800" height="600" loading="lazy" decoding="async"></a></p>`,
		"![a *b*](нет.png)":                               `<p>a <em>b</em>` + missing + `нет.png)</span></p>`,
		"[a](нет.pdf)":                                    `<p>a` + missing + `нет.pdf)</span></p>`,
		"[a](%D0%BD.pdf)":                                 `<p>a` + missing + `н.pdf)</span></p>`,
		"![a](dir/нет.png)":                               `<p>a` + missing + `dir/нет.png)</span></p>`,
		"![a](abroad.png)":                                `<p>a` + missing + `abroad.png)</span></p>`,
		"![a](run.png)":                                   `<p>a` + missing + `run.png)</span></p>`,
		"![a]()":                                          `<p>a</p>`,
		"[a ![b](film.mp4)](/c)":                          `<p><a href="/c">a b</a></p>`,
	} {
		page, err := Render(in, "ru", files)
		if got := strings.TrimSpace(string(page.HTML)); err != nil || got != want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", in, err, got, want)
		}
	}
	page, err := Render("![a](фото.jpg) ![a](фотй.jpg)", "ru", func(name string) (File, bool) { return File{Href: "/1", Type: "image/png"}, name == "фотй.jpg" })
	if err != nil || strings.Count(string(page.HTML), "<img") != 1 {
		t.Errorf("%v, a name in NFD: %s", err, page.HTML)
	}
}

func TestProblemsNameTheirLines(t *testing.T) {
	const text = "# A\n\n" + // 1
		"a $\\foo$ b\nc $x^$ d\n\n" + // 3, 4
		"> q\n> ![x](нет.png)\n\n" + // 6, 7
		"[a](javascript:x)\n![b](https://e.example/x.png)\n\n" + // 9, 10
		"$$\nx\n\n" + // 12
		"a <b>c</b>\n\n" + // 15
		"<div>\n\n" + // 17
		"|a|\n|-|\n|$\\bar$|\n\n" // 21
	page, err := Render(text, "ru", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range page.Problems {
		got = append(got, fmt.Sprint(p.Line, " ", p.Key, slices.Sorted(maps.Values(p.Args))))
	}
	want := []string{`3 formula.unknown[\foo]`, "4 formula.end[]", "7 course.text.problem.file[нет.png]", "9 course.text.problem.link[]", "10 course.text.problem.picture[]", "12 formula.open[]",
		"15 course.text.problem.html[]", "15 course.text.problem.html[]", "17 course.text.problem.html[]", "21 formula.end[]"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, shown := range []string{`<code class="unread"><span class="unseen">Непрочитанная формула: </span>$\foo$</code>`, `<p><code class="unread"><span class="unseen">Непрочитанная формула: </span>$$` + "\nx</code></p>"} {
		if !strings.Contains(string(page.HTML), shown) {
			t.Errorf("%s is not in %s", shown, page.HTML)
		}
	}
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields("empty long too_many deep end open wrong unknown") {
		if !catalog.Has("formula." + key) {
			t.Errorf("formula.%s has no words", key)
		}
	}
	heard := catalog.Watched(func(key, what string) { t.Errorf("%s: %s", key, what) })
	for _, p := range page.Problems {
		for _, code := range i18n.Codes() {
			heard.Lang(code).T(p.Key, i18n.Args(p.Args)...)
		}
	}
}

// TestLimits holds that what could grow faster than its text is cut, and its author told.
func TestLimits(t *testing.T) {
	row := func(cell string, n int) string { return strings.Repeat("|"+cell, n) + "|\n" }
	for name, tc := range map[string]struct {
		in, key string
		count   string // that may be there so often
		most    int
	}{
		"wide tables":    {row("a", 40) + row("-", 40) + row("b", 40), "course.text.problem.table", "<table", 0},
		"long tables":    {row("a", 30) + row("-", 30) + strings.Repeat("b\n", 300), "course.text.problem.table", "<table", 0},
		"many formulas":  {strings.Repeat("$x$ ", 600), "formula.too_many", "<math", 500},
		"large formulas": {strings.Repeat("$$"+strings.Repeat("x^", 900)+"y$$\n\n", 100), "formula.wrong", "<math", 0},
		"much markup":    {strings.Repeat("$$"+strings.Repeat("|", 1900)+"$$\n\n", 100), "formula.too_many", "<math", 30},
		"long formulas":  {"$$" + strings.Repeat("x", 2001) + "$$", "formula.long", "<math", 0},
		"footnotes":      {strings.Repeat("[^a] ", 5) + "\n\n" + notes(400), "", "<li", 300},
		"quotations":     {strings.Repeat(">", 1000) + "a", "", "<blockquote", 24},
		"lists":          {strings.Repeat("- ", 1000) + "a", "", "<ul", 24},
		"emphasis":       {strings.Repeat("*a ", 1000) + strings.Repeat("b* ", 1000), "", "<em", maxInline},
		"links":          {strings.Repeat("[a](/b) ", 1000), "", "<a", 500},
		"problems":       {strings.Repeat("<b>", 1000), "course.text.problem.html", "<b>", 0},
	} {
		page, err := Render(tc.in, "kk", nil)
		if n := strings.Count(string(page.HTML), tc.count); err != nil || n > tc.most || tc.most > 0 && n < tc.most/2 {
			t.Errorf("%s: %v, %s is there %d times", name, err, tc.count, n)
		}
		if tc.key == "" && len(page.Problems) > 0 || tc.key != "" && (len(page.Problems) == 0 || len(page.Problems) > maxProblems || page.Problems[0].Key != tc.key) {
			t.Errorf("%s: %d problems, %v", name, len(page.Problems), page.Problems[:min(1, len(page.Problems))])
		}
		if err := tame(string(page.HTML)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// notes are footnotes, all called in the first.
func notes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("\n[^" + strconv.Itoa(i) + "] ")
	}
	for i := range n {
		b.WriteString("\n\n[^" + strconv.Itoa(i) + "]: /x")
	}
	return b.String()
}

// TestPatternsStepByStep renders texts of the greatest length that make parsers go back again and again; with time that grew as the square of the length,
// each of them would take minutes.
func TestPatternsStepByStep(t *testing.T) {
	for _, pattern := range []string{"[", "![", "[a](", "[a](<", "[a][", "*a ", "**a _b ", "a*b_c ", "~a~b ", ">", "> ", "- ", "1. ", "`", "$", "$a", "$$a", "$a$", "$$\n", "<", "<a ", "<!--", "&", "[^a]", "[^a]: b\n\n", "|", "|-", "a|\n-|\n",
		"a\n: b\n", ": ", "# a\n", "a\n", "\\", "[a]: b\n", "\t", "(", "]", "![a](b \"", "[[a]", "$\\frac", "> [!NOTE]\n", "| a $x$ ", "<https://a", "_a_b", "*_", "[a](b) ", "``a` ", "a\n\n", "- a\n\n", "~~a "} {
		in := strings.Repeat(pattern, MaxBody/len(pattern))
		page, err := Render(in, "kk", nil)
		if err != nil || len(page.HTML) > 30*MaxBody {
			t.Errorf("%q: %v, %d bytes", pattern, err, len(page.HTML))
		}
		half := len(in) / 2
		if page, err = Render(in[:half]+strings.Repeat("]", half/2)+strings.Repeat("*)", half/4), "kk", nil); err != nil || len(page.HTML) > 30*MaxBody {
			t.Errorf("%q and what closes: %v, %d bytes", pattern, err, len(page.HTML))
		}
	}
}

func TestTheSampleHasThreeLessonsInEachLanguage(t *testing.T) {
	c, err := Sample()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Lessons) != 3 || c.Minutes() != 30 {
		t.Fatalf("%d lessons of %d minutes", len(c.Lessons), c.Minutes())
	}
	for _, code := range i18n.Codes() {
		for i, l := range c.Lessons {
			page, err := Render(l.Body[code], code, nil)
			if err != nil || len(page.Parts) != []int{0, 3, 0}[i] || l.Words[code] == "" {
				t.Errorf("%s: %v, %q, parts %q", code, err, l.Words[code], page.Parts)
			}
			if err := tame(string(page.HTML)); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}

// FuzzRender holds that whatever an author writes, the page gets only what tame allows.
func FuzzRender(f *testing.F) {
	lesson, err := os.ReadFile("testdata/lesson.md")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"# A\n\n[a](javascript&colon;x)", "<javascript&#58;x>", "![a](//e.example \"t\\\"onload=x\")", "[a]: data:x\n\n[a]", "<svg onload=x>",
		"```html\n<b>\n```", "[a](<java\nscript:x>)", "[\x00](\x01javascript:x)", "<a@b.c>", "[![a](x)](https://e.example)", string(lesson), "![\"](film.mp4 '\"')", "[a](</etc/passwd\" onload=x>)",
		"$\\text{<img src=x>}$", "$$\n</annotation><script>\n$$", "a[^<b>]\n\n[^<b>]: c", "|<b>|\n|:-|\n|`\\|`|", "> [!NOTE]\n> [!TIP]", "[a[^1] ![b](film.mp4)](/c)\n\n[^1]: [^1]", "- [x] <b>\n: a", "\xff$\xff$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		page, err := Render(in, "kk", courseFile)
		if err != nil {
			if !errs.Is(err, errs.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if err := tame(string(page.HTML)); err != nil {
			t.Errorf("%v in %q", err, page.HTML)
		}
		for _, p := range page.Problems {
			if p.Line < 1 || p.Line > 1+strings.Count(in, "\n") {
				t.Errorf("a problem in line %d of %q", p.Line, in)
			}
		}
	})
}

// allowed are the elements that a course may become, with their attributes.
var allowed = map[string][]string{
	"p": {"class"}, "h2": {"id"}, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "ul": nil, "ol": {"start"}, "li": {"id"}, "blockquote": nil, "pre": nil,
	"code": {"class"}, "em": nil, "strong": nil, "del": nil, "br": nil, "hr": nil, "a": {"href", "title", "class", "rel", "role", "aria-label", "download"},
	"img": {"src", "alt", "title", "width", "height", "loading", "decoding"}, "figure": nil, "figcaption": nil,
	"video": {"controls", "preload", "src", "width", "height", "aria-label"}, "audio": {"controls", "preload", "src", "aria-label"}, "track": {"kind", "src", "srclang", "label", "default"},
	"span": {"class", "role", "tabindex", "aria-label"}, "div": {"class", "role", "tabindex", "aria-label"}, "aside": {"class", "role"}, "section": {"class", "role", "aria-label"}, "sup": {"id"},
	"dl": nil, "dt": nil, "dd": nil, "table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"class", "scope"}, "td": {"class"},
}

// allowedMath are those of formulas; package formula holds their attributes and contents.
var allowedMath = strings.Fields("math semantics annotation mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle mphantom")

// tame reads HTML as a browser does, and tells what should not be in it: also what the browser would move elsewhere.
func tame(text string) error {
	nodes, err := html.ParseFragment(strings.NewReader(text), &html.Node{Type: html.ElementNode, Data: "article", DataAtom: atom.Article})
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	elements := 0
	for _, n := range nodes {
		for d := range within(n) {
			if d.Type == html.ElementNode {
				elements++
			}
			if err := tameNode(d, ids); err != nil {
				return err
			}
		}
	}
	z := html.NewTokenizer(strings.NewReader(text))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			elements--
		}
	}
	if elements != 0 {
		return fmt.Errorf("a browser sees %d elements more than are written", elements)
	}
	return nil
}

// within gives n and all in it.
func within(n *html.Node) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		if yield(n) {
			n.Descendants()(yield)
		}
	}
}

func tameNode(n *html.Node, ids map[string]bool) error {
	switch n.Type {
	case html.TextNode:
		return nil
	case html.ElementNode:
	default:
		return fmt.Errorf("a node of type %d: %q", n.Type, n.Data)
	}
	if n.Namespace == "math" {
		if !slices.Contains(allowedMath, n.Data) {
			return fmt.Errorf("an element %s of a formula", n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" || a.Key == "id" {
				return fmt.Errorf("an attribute %s of a formula", a.Key)
			}
		}
		return nil
	}
	attributes, ok := allowed[n.Data]
	if !ok || n.Namespace != "" {
		return fmt.Errorf("an element %s", n.Data)
	}
	rel := ""
	for _, a := range n.Attr {
		if a.Key == "rel" {
			rel = a.Val
		}
	}
	for _, a := range n.Attr {
		address := strings.ToLower(strings.TrimLeft(a.Val, "\x00\t\n\f\r "))
		outside := strings.HasPrefix(address, "http:") || strings.HasPrefix(address, "https:")
		switch {
		case !slices.Contains(attributes, a.Key):
			return fmt.Errorf("an attribute %s of %s", a.Key, n.Data)
		case a.Key == "id" && (ids[a.Val] || a.Val == ""):
			return fmt.Errorf("the id %q twice", a.Val)
		case a.Key == "href" && outside && !strings.Contains(rel, "noreferrer"):
			return fmt.Errorf("a link that leaves with a referrer: %q", a.Val)
		case a.Key == "src" && (outside || strings.HasPrefix(address, "//")), a.Key == "href" && strings.HasPrefix(address, "//"):
			return fmt.Errorf("an address of another host: %q", a.Val)
		}
		ids[a.Val] = ids[a.Val] || a.Key == "id"
		for _, scheme := range []string{"javascript:", "data:", "vbscript:", "file:", "blob:"} {
			if (a.Key == "href" || a.Key == "src") && strings.HasPrefix(address, scheme) {
				return fmt.Errorf("an address that runs: %q", a.Val)
			}
		}
	}
	return nil
}
